//! The audit trail of a meeting: what was told of it since it was opened here, in the order in which it happened.
//!
//! What the server stamped stands in the order of its times, whenever it came; of the same time, and without a time, in
//! the order in which it was heard. A server's clock and this device's are not compared.
//!
//! **Law:** what is written stays as it was. Where there is too much, something goes and is counted: first the oldest
//! of scores, comings and goings, so that a thousand people whose scores waver cannot push out an alert; then the
//! oldest.
//!
//! Left out: scores and measurements one by one, of which there are thousands; a score is told when it changes its
//! band.

pub mod export;

use std::collections::VecDeque;

use super::fact::Severity;
use super::view::Band;
use super::{called, ParticipantId, Text};
use crate::time::{Instant, Timestamp};

/// Entries that are kept: an afternoon of a lively meeting.
pub const MAX_ENTRIES: usize = 2_000;
/// Bytes of text that are kept in them all. Two thousand of the longest messages would be 16 MB.
pub const MAX_TEXT: usize = 1024 * 1024;
/// How long a score must stay in another band for the change to be told.
pub const BAND_HELD: std::time::Duration = std::time::Duration::from_secs(3);

/// See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trail {
    entries: VecDeque<Entry>,
    text: usize,
    dropped: u64,
    /// Since when nothing is heard of the meeting, if that goes on.
    pub(super) unheard_since: Option<Instant>,
}

/// One thing that was told.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When it was heard or done here.
    pub heard: Instant,
    /// When the server says that it was, where it says so.
    pub at: Option<Timestamp>,
    /// About whom.
    pub participant: Option<ParticipantId>,
    /// Their name, where the server knows one.
    pub name: Option<Text>,
    /// What.
    pub what: What,
}

impl Entry {
    /// What to call who it is about: their name, or else their id.
    #[must_use]
    pub fn who(&self) -> Option<Text> {
        called(self.name.as_ref(), self.participant.as_ref())
    }
}

/// What was told.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Someone came.
    Joined,
    /// Someone went.
    Left,
    /// Someone was found to be there when we came: since when is not known.
    There,
    /// Someone was found to be gone when we came back: since when is not known.
    Gone,
    /// An alert. Each one stands here, also those that only count in the list.
    Alert {
        /// How bad it is.
        severity: Severity,
        /// What was the worst of its participant and type that had been heard before, if this one is worse.
        raised_from: Option<Severity>,
        /// Of what type, in the server's word.
        kind: Option<Text>,
        /// Its message.
        message: Option<Text>,
        /// How sure the detector is, 0 to 1.
        confidence: Option<f64>,
    },
    /// A person here has seen the alerts of one participant and type, or takes that back.
    Acknowledged {
        /// Whether they have; `false` if it was taken back.
        is_acknowledged: bool,
        /// The worst of them.
        severity: Severity,
        /// Of what type.
        kind: Option<Text>,
    },
    /// A score is in another band, and has stayed there for [`BAND_HELD`].
    Trust {
        /// Before; `None` is *no data*.
        from: Option<Band>,
        /// Now.
        to: Option<Band>,
        /// The score now, 0 to 100.
        score: Option<u8>,
    },
    /// The person here left: nothing is heard from now on.
    YouLeft,
    /// The connection was lost: nothing is heard from now on.
    ConnectionLost,
    /// The connection is back. Alerts are heard again when the meeting is joined again.
    ConnectionBack,
    /// The meeting is heard again; alerts between these two may be missing.
    Gap {
        /// From the last that was heard of it.
        began: Instant,
        /// Until it was joined again.
        ended: Instant,
    },
}

impl Trail {
    /// What was told, in the order in which it happened.
    #[must_use]
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        self.entries.iter()
    }

    /// How many made room.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.text += text_of(&entry);
        self.entries.insert(self.place_of(&entry), entry);
        while self.entries.len() > MAX_ENTRIES || self.text > MAX_TEXT {
            let minor = self.entries.iter().position(is_minor);
            self.drop_at(minor.unwrap_or(0));
        }
    }

    /// Before the first that the server says came later; at the end if there is none. What is heard after a gap stays
    /// after it: the server may have another clock by then.
    fn place_of(&self, entry: &Entry) -> usize {
        let mut place = self.entries.len();
        let Some(at) = entry.at else { return place };
        let entries = self.entries.iter().enumerate().rev();
        let is_gap = |entry: &Entry| matches!(entry.what, What::Gap { .. });
        for (index, earlier) in entries.take_while(|(_, entry)| !is_gap(entry)) {
            match earlier.at {
                Some(known) if known > at => place = index,
                Some(_) => break,
                None => {}
            }
        }
        place
    }

    fn drop_at(&mut self, place: usize) {
        if let Some(entry) = self.entries.remove(place) {
            self.text = self.text.saturating_sub(text_of(&entry));
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// The same, with the names that are known by now.
    pub(super) fn named(&self, mut name: impl FnMut(&ParticipantId) -> Option<Text>) -> Self {
        let mut trail = self.clone();
        for entry in &mut trail.entries {
            entry.name = entry.participant.as_ref().and_then(&mut name);
        }
        trail
    }
}

fn is_minor(entry: &Entry) -> bool {
    matches!(
        entry.what,
        What::Joined | What::Left | What::There | What::Gone | What::Trust { .. }
    )
}

/// Bytes of a server's text in an entry.
fn text_of(entry: &Entry) -> usize {
    let len = |text: &Option<Text>| text.as_ref().map_or(0, |text| text.as_str().len());
    let said = match &entry.what {
        What::Alert { kind, message, .. } => len(kind) + len(message),
        What::Acknowledged { kind, .. } => len(kind),
        _ => 0,
    };
    let id = entry.participant.as_ref();
    said + id.map_or(0, |id| id.as_str().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_thousand_entries_are_kept_and_what_made_room_is_counted() {
        for (count, kept, dropped) in [(1_999, 1_999, 0), (2_000, 2_000, 0), (2_001, 2_000, 1)] {
            let mut trail = Trail::default();
            for at in 0..count {
                trail.push(entry(at, What::ConnectionLost));
            }

            assert_eq!(trail.entries().len(), kept);
            assert_eq!(trail.dropped(), dropped);
            let first = trail.entries().next().map(|entry| entry.heard);
            assert_eq!(first, Some(Instant::from_millis(dropped)));
        }
    }

    #[test]
    fn scores_comings_and_goings_make_room_before_what_must_be_known() {
        let mut trail = Trail::default();
        trail.push(entry(0, What::ConnectionLost));
        for at in 1..=5_000 {
            trail.push(entry(at, What::Joined));
        }

        let heard: Vec<_> = trail.entries().take(2).map(|entry| entry.heard).collect();
        assert_eq!(heard, [0, 3_002].map(Instant::from_millis));
        assert_eq!((trail.entries().len(), trail.dropped()), (2_000, 3_001));
    }

    #[test]
    fn a_megabyte_of_text_is_kept() {
        let message = Text::message(&"x".repeat(1024)).expect("it is not empty");
        for (count, kept, dropped) in [(1_023, 1_023, 0), (1_024, 1_024, 0), (1_025, 1_024, 1)] {
            let mut trail = Trail::default();
            for at in 0..count {
                let what = What::Alert {
                    severity: Severity::Low,
                    raised_from: None,
                    kind: None,
                    message: Some(message.clone()),
                    confidence: None,
                };
                trail.push(entry(at, what));
            }

            assert_eq!(trail.entries().len(), kept);
            assert_eq!(trail.dropped(), dropped);
        }
    }

    #[test]
    fn what_must_be_known_is_kept_also_where_the_text_is_too_much() {
        let alert = What::Alert {
            severity: Severity::High,
            raised_from: None,
            kind: None,
            message: Text::message(&"x".repeat(1024)),
            confidence: None,
        };
        let mut trail = Trail::default();
        for at in 0..1_023 {
            trail.push(entry(at, alert.clone()));
        }
        for at in 1_023..1_030 {
            let participant = ParticipantId::new(&"p".repeat(128));
            let entry = entry(at, What::Joined);
            trail.push(Entry {
                participant,
                ..entry
            });
        }

        trail.push(entry(1_030, alert));

        let heard: Vec<_> = trail.entries().map(|entry| entry.heard).collect();
        let kept = (0..1_023).chain([1_030]).map(Instant::from_millis);
        assert_eq!(heard, kept.collect::<Vec<_>>());
        assert_eq!(trail.dropped(), 7);
    }

    #[test]
    fn what_the_server_stamped_stands_in_the_order_of_its_times_and_of_its_arrival_where_they_are_the_same(
    ) {
        for (arrived, order) in [
            (vec![Some(1), Some(2), Some(3)], [0, 1, 2]),
            (vec![Some(3), Some(1), Some(2)], [1, 2, 0]),
            (vec![Some(2), Some(1), Some(1)], [1, 2, 0]),
            (vec![Some(1), Some(1), Some(1)], [0, 1, 2]),
            // Two clocks are not compared: what has no stamp stays after what came before it.
            (vec![None, Some(1), None], [0, 1, 2]),
            (vec![Some(2), None, Some(1)], [2, 0, 1]),
            (vec![Some(1), None, Some(2)], [0, 1, 2]),
            (vec![None, Some(2), Some(1)], [0, 2, 1]),
        ] {
            let mut trail = Trail::default();
            for (place, at) in (0..).zip(&arrived) {
                let at = at.and_then(|at| Timestamp::from_unix_millis(f64::from(at)));
                let what = What::ConnectionLost;
                trail.push(Entry {
                    at,
                    ..entry(place, what)
                });
            }

            let found: Vec<_> = trail.entries().map(|entry| entry.heard).collect();
            assert_eq!(found, order.map(Instant::from_millis), "{arrived:?}");
        }
    }

    #[test]
    fn what_is_heard_after_a_gap_stays_after_it_whatever_its_server_says_of_the_time() {
        let mut trail = Trail::default();
        let gap = What::Gap {
            began: Instant::from_millis(1),
            ended: Instant::from_millis(2),
        };
        for (heard, at, what) in [
            (1, Some(900.), What::Left),
            (2, None, gap),
            (3, Some(500.), What::Left),
            (4, Some(400.), What::Left),
        ] {
            let at = at.and_then(Timestamp::from_unix_millis);
            trail.push(Entry {
                at,
                ..entry(heard, what)
            });
        }

        let found: Vec<_> = trail.entries().map(|entry| entry.heard).collect();
        assert_eq!(found, [1, 2, 4, 3].map(Instant::from_millis));
    }

    fn entry(millis: u64, what: What) -> Entry {
        Entry {
            heard: Instant::from_millis(millis),
            at: None,
            participant: None,
            name: None,
            what,
        }
    }
}
