//! What the browser's tests came to, read from the TAP that their runner prints: `ok 1 - …`.
//!
//! A test carries the ids of its cases before a colon: `X16, X17: offline and online`.

use std::collections::BTreeMap;
use std::fs;

/// Whether all tests that carry an id passed, by id.
pub type Report = BTreeMap<String, bool>;

/// Adds what a report says.
pub fn read(path: &str, report: &mut Report) -> Result<(), String> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!("the browser's report {path} cannot be read: {error}"))?;
    for line in text.lines() {
        for (id, passed) in results(line) {
            let all = report.entry(id).or_insert(true);
            *all = *all && passed;
        }
    }
    Ok(())
}

fn results(line: &str) -> Vec<(String, bool)> {
    let line = line.trim();
    let (passed, rest) = match (line.strip_prefix("ok "), line.strip_prefix("not ok ")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return Vec::new(),
    };
    let Some((_, name)) = rest.split_once(" - ") else {
        return Vec::new();
    };
    // What was not run, or may fail without anybody hearing of it, proves nothing.
    let passed = passed && !name.contains("# SKIP") && !name.contains("# TODO");
    let Some((ids, _)) = name.split_once(':') else {
        return Vec::new();
    };
    let ids = ids.split(',').map_while(|word| id(word.trim()));
    ids.map(|id| (id, passed)).collect()
}

fn id(word: &str) -> Option<String> {
    let mut letters = word.chars();
    let is_id = word.len() == 3
        && letters
            .next()
            .is_some_and(|first| first.is_ascii_uppercase())
        && letters.all(|digit| digit.is_ascii_digit());
    is_id.then(|| word.to_owned())
}
