//! What the conformance cases take from the browser's report.
//!
//! The cases are a program of their own, without the harness that would run this.
#![cfg(not(target_arch = "wasm32"))]

#[path = "conformance/report.rs"]
mod report;

use std::fs;
use std::path::Path;

use report::Report;

#[test]
fn a_case_passed_if_all_tests_that_carry_its_id_passed() {
    for (lines, expected) in [
        ("ok 1 - X16: offline", &[("X16", true)][..]),
        ("not ok 1 - X16: offline", &[("X16", false)]),
        (
            "    ok 2 - X16, X17: in a suite",
            &[("X16", true), ("X17", true)],
        ),
        (
            "ok 1 - X16: one\nnot ok 2 - X16: two\nok 3 - X16: three",
            &[("X16", false)],
        ),
        ("ok 1 - X16: one # SKIP no browser", &[("X16", false)]),
        ("ok 1 - X16: one # TODO", &[("X16", false)]),
        ("not ok 1 - X16: one # TODO", &[("X16", false)]),
        ("ok 1 - X16, and more: one", &[("X16", true)]),
        ("ok 1 - offline, X16: one", &[]),
        ("ok 1 - X16 without a colon", &[]),
        ("ok 1 - x16: a small letter", &[]),
        ("ok 1 - X1: too short", &[]),
        ("ok 1 - X161: too long", &[]),
        ("ok 1 - Ü1: a letter of two bytes", &[]),
        ("# X16: a comment\nTAP version 13\n1..3\nok 1\n", &[]),
    ] {
        let report = read(lines).unwrap();

        let found: Vec<_> = (report.iter())
            .map(|(id, passed)| (id.as_str(), *passed))
            .collect();
        assert_eq!(found, expected, "{lines}");
    }
}

#[test]
fn a_report_that_is_not_there_is_named() {
    let error = report::read("no/such.tap", &mut Report::new()).unwrap_err();

    assert!(error.contains("no/such.tap"), "{error}");
}

fn read(lines: &str) -> Result<Report, String> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report.tap");
    fs::write(&path, lines).map_err(|error| error.to_string())?;
    let mut report = Report::new();
    report::read(&path.to_string_lossy(), &mut report)?;
    Ok(report)
}
