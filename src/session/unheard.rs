//! Whether a server tells what happens, or only answers when it is asked.
//!
//! A server of several instances whose bus is down goes on storing what its workers do, keeps its connections and sends
//! nothing. A comparison then finds what no event has told. Once that may be an event that was lost, or is on its way;
//! twice in a row, what is shown is not live, however well it can be fetched.

use std::time::Duration;

use crate::domain::view::{Status, Summary};
use crate::domain::MediaId;
use crate::sorted::Map;
use crate::time::Instant;

/// Comparisons in a row that find what no event has told, until it is said.
const TWICE: u32 = 2;
/// Comparisons that come closer are one: what they find may all be on its way.
const APART: Duration = Duration::from_secs(20);
/// Media that are kept apart.
const MAX_MEDIA: usize = 64;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Unheard {
    /// What was found of any media, with no event of one since.
    any: Found,
    /// What was found of each, with no event of it since.
    of: Map<MediaId, Found>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Found {
    times: u32,
    last: Option<Instant>,
}

impl Found {
    fn count(&mut self, now: Instant) {
        if self.last.is_none_or(|last| last + APART <= now) {
            self.times = self.times.saturating_add(1);
            self.last = Some(now);
        }
    }
}

impl Unheard {
    /// A comparison found that these media have moved on.
    pub(super) fn found<'a>(&mut self, moved: impl Iterator<Item = &'a MediaId>, now: Instant) {
        for media in moved {
            self.any.count(now);
            if self.of.len() < MAX_MEDIA || self.of.contains_key(media) {
                self.of.entry(media.clone()).or_default().count(now);
            }
        }
    }

    /// An event told something of a media. Of those that no longer run nothing else will come.
    pub(super) fn heard(&mut self, media: &MediaId, runs: impl Fn(&MediaId) -> bool) {
        if self.any.times > 0 || !self.of.is_empty() {
            self.any = Found::default();
            self.of.retain(|found, _| found != media && runs(found));
        }
    }

    /// Whether what happens is known by asking alone.
    pub(super) fn is_delayed(&self) -> bool {
        let mut all = self.of.values().chain([&self.any]);
        all.any(|found| found.times >= TWICE)
    }
}

/// Whether an analysis that was at work has moved on so far that an event should have told it: a model has ended, or
/// the run. How far a model is may be stored oftener than it is told.
pub(super) fn has_moved_on(before: &Summary, after: &Summary) -> bool {
    let ended = |summary: &Summary| u64::from(summary.completed) + summary.failed.len() as u64;
    before.status == Status::Running
        && before.run == after.run
        && (after.status.is_ended() || ended(after) > ended(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_twice_without_a_word_is_delayed_until_it_is_told() {
        // When what is found of media a or b, or heard of A or B, and whether updates are delayed after that.
        for (story, delayed) in [
            ("", ""),
            ("0a", "n"),
            ("0a 60a", "ny"),
            // Another media, all the same: nothing was heard in between.
            ("0a 60b", "ny"),
            ("0a 30A 60a", "nnn"),
            ("0a 30A 60a 120a", "nnny"),
            // Too close to be two.
            ("0a 19b 20a", "nny"),
            ("0a 5a 10a 15a", "nnnn"),
            ("0a 60a 61A 62b", "nynn"),
            // Of b is told, of a not.
            ("0a 30B 60a", "nny"),
            ("0a 30B 60a 61B", "nnyy"),
            ("0a 30B 60a 61A", "nnyn"),
        ] {
            let mut unheard = Unheard::default();
            let found = story.split_whitespace().map(|step| {
                let (at, media) = step.split_at(step.len() - 1);
                let now = Instant::from_millis(1000 * at.parse::<u64>().unwrap());
                let id = MediaId::new(&media.to_lowercase()).unwrap();
                match media.chars().all(char::is_lowercase) {
                    true => unheard.found([&id].into_iter(), now),
                    false => unheard.heard(&id, |_| true),
                }
                if unheard.is_delayed() {
                    'y'
                } else {
                    'n'
                }
            });
            assert_eq!(found.collect::<String>(), delayed, "{story}");
        }
    }

    #[test]
    fn what_has_ended_unheard_is_forgotten_when_anything_is_told() {
        let (a, b) = (MediaId::new("a").unwrap(), MediaId::new("b").unwrap());
        let mut unheard = Unheard::default();
        unheard.found([&a].into_iter(), Instant::from_millis(0));
        unheard.found([&a].into_iter(), Instant::from_millis(60_000));
        assert!(unheard.is_delayed());

        unheard.heard(&b, |_| false);

        assert!(!unheard.is_delayed());
    }

    #[test]
    fn an_end_is_what_an_event_should_have_told() {
        let summary = |status, completed, run| Summary {
            status,
            completed,
            run,
            ..Summary::default()
        };
        use Status::{Complete, Failed, Queued, Running};
        for (before, after, has) in [
            ((Running, 1, 1), (Running, 1, 1), false),
            ((Running, 1, 1), (Running, 2, 1), true),
            ((Running, 1, 1), (Complete, 1, 1), true),
            ((Running, 1, 1), (Failed, 0, 1), true),
            // A run that a snapshot lowers, another run, and one of which nothing was heard yet.
            ((Running, 2, 1), (Running, 1, 1), false),
            ((Running, 1, 1), (Running, 3, 2), false),
            ((Queued, 0, 1), (Complete, 3, 1), false),
            ((Complete, 2, 1), (Complete, 3, 1), false),
        ] {
            let of = |(status, completed, run)| summary(status, completed, run);
            assert_eq!(
                has_moved_on(&of(before), &of(after)),
                has,
                "{before:?} {after:?}"
            );
        }
    }
}
