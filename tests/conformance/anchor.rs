//! Keeps `anchor.md` true: every test of the reference client has its row once, and every case that a row names exists.

use std::collections::{BTreeMap, BTreeSet};

use crate::runner::Case;

/// The reference client's tests that say something about a client for the browser.
const PORTABLE: usize = 257;

/// What is wrong with the table.
pub fn check(cases: &BTreeMap<&str, &Case>) -> Result<(), String> {
    let mut theirs = BTreeSet::new();
    for line in include_str!("anchor.md").lines() {
        let columns: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, tests, _, ours, _] = columns[..] else {
            continue;
        };
        if tests == "theirs" || tests.starts_with('-') {
            continue;
        }
        for test in tests.split(' ') {
            if !theirs.insert(test) {
                return Err(format!("{test} has two rows"));
            }
        }
        // A reason or a remark is words; the ids come first.
        let ids: Vec<_> = ours
            .split([' ', ':'])
            .take_while(|word| is_id(word))
            .collect();
        if let Some(unknown) = ids.iter().find(|id| !cases.contains_key(**id)) {
            return Err(format!(
                "{tests} names {unknown}, and there is no such case"
            ));
        }
        if ids.is_empty() && !ours.starts_with("**none**: ") && !ours.starts_with("every script") {
            return Err(format!("{tests} has neither a case nor a reason"));
        }
    }
    match theirs.len() {
        PORTABLE => Ok(()),
        count => Err(format!("it has {count} of {PORTABLE} tests")),
    }
}

fn is_id(word: &str) -> bool {
    let (letter, number) = word.split_at_checked(1).unwrap_or_default();
    letter.chars().all(char::is_uppercase) && number.len() == 2 && number.parse::<u8>().is_ok()
}
