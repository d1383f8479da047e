//! Which media the list shows, and in which order.
//!
//! **Law:** what one reads does not move. Rows are put in order when the list is loaded, when a person chooses, and
//! when a person asks for what is new; in between a row changes in place, and only a media that is gone takes its row
//! with it. One that is new, or that a filter would let in now, waits until it is asked for, unless the list stands at
//! its top: then it goes to its place. One that the filter would leave out now stays.
//!
//! Names are compared as `fold` writes them, which knows the alphabets; here nobody does.

use std::cmp::Ordering;

use super::choice::{Choice, Outcome, Sort, STATUSES};
use crate::domain::view::Status;
use crate::domain::{MediaKey, Text};
use crate::sorted::{self, Map};
use crate::ui::store::MediaEntry;

/// The rows of the list.
#[derive(Debug, Default)]
pub struct Rows {
    /// What the list held at the last step.
    known: Vec<Known>,
    /// Indices into it, in the order in which they are shown.
    shown: Vec<usize>,
    /// Of each that is known, whether it is shown.
    is_shown: Vec<bool>,
    choice: Choice,
    was_loading: bool,
    asked: u32,
    arrangement: u32,
}

/// What the list stands among.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// What a person wants to see.
    pub choice: &'a Choice,
    /// Whether the list's start is in sight.
    pub is_at_top: bool,
    /// Whether the list is being fetched for the first time, or a part of it.
    pub is_loading: bool,
    /// How often a person has asked for what is new.
    pub asked: u32,
}

/// What there is to say of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Differs whenever the rows, or their order, may differ.
    pub arrangement: u32,
    /// How many rows there are.
    pub rows: usize,
    /// How many media wait to be shown.
    pub waiting: usize,
    /// How many are shown and match no more.
    pub left: usize,
    /// How many media there are.
    pub all: usize,
    /// Of all, how many run.
    pub running: usize,
    /// Of all, how many wait for the server.
    pub queued: usize,
    /// Of those that match all that is chosen but the status, how many have each of [`STATUSES`].
    pub of_status: [usize; STATUSES.len()],
    /// Which outcomes occur, a bit for each of [`super::choice::OUTCOMES`] in their order.
    pub outcomes: u8,
}

impl Tally {
    /// Whether this outcome occurs.
    #[must_use]
    pub fn has(&self, outcome: Outcome) -> bool {
        self.outcomes & bit(outcome) != 0
    }
}

#[derive(Debug)]
struct Known {
    key: MediaKey,
    name: Option<Text>,
    /// The name as it is searched and sorted by; `None` until somebody does.
    folded: Option<String>,
}

impl Rows {
    /// Takes the list in as it is now, newest first. One whose rows stay as they are costs a walk through the list.
    pub fn step(
        &mut self,
        entries: &[MediaEntry],
        scene: Scene,
        fold: &dyn Fn(&str) -> String,
    ) -> Tally {
        let is_moved = self.sync(entries);
        let query = fold(scene.choice.query.trim());
        if !query.is_empty() || scene.choice.sort == Sort::Name {
            for known in &mut self.known {
                if let (None, Some(name)) = (&known.folded, &known.name) {
                    known.folded = Some(fold(name.as_str()));
                }
            }
        }
        let is_anew = self.shown.is_empty()
            || *scene.choice != self.choice
            || scene.asked != self.asked
            || (scene.is_at_top && (scene.is_loading || self.was_loading));
        let mut tally = Tally {
            all: entries.len(),
            ..Tally::default()
        };
        // All that match, or those of them that are not shown.
        let mut joining = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let is_shown = self.is_shown.get(at).copied().unwrap_or_default();
            let matches = self.count(at, entry, scene.choice, &query, &mut tally);
            if matches && (is_anew || !is_shown) {
                joining.push(at);
            }
            tally.left += usize::from(is_shown && !matches);
        }
        if self.choice != *scene.choice {
            self.choice = scene.choice.clone();
        }
        self.asked = scene.asked;
        self.was_loading = scene.is_loading;
        if is_anew {
            self.arrange(entries, &joining);
            tally.left = 0;
        } else if scene.is_at_top && !joining.is_empty() {
            self.join(entries, &joining);
        } else {
            self.arrangement += u32::from(is_moved);
            tally.waiting = joining.len();
        }
        tally.rows = self.shown.len();
        tally.arrangement = self.arrangement;
        tally
    }

    /// The media in this row.
    #[must_use]
    pub fn at(&self, row: usize) -> Option<&MediaKey> {
        Some(&self.known.get(*self.shown.get(row)?)?.key)
    }

    /// The row of this media.
    #[must_use]
    pub fn position(&self, key: &MediaKey) -> Option<usize> {
        let known = self.known.iter().position(|known| known.key == *key)?;
        self.shown.iter().position(|shown| *shown == known)
    }

    /// Makes the known ones those of the list. Whether any came, went or moved.
    fn sync(&mut self, entries: &[MediaEntry]) -> bool {
        let pairs = || self.known.iter().zip(entries);
        let is_same = self.known.len() == entries.len()
            && pairs().all(|(known, entry)| known.key == entry.key);
        if is_same {
            for (known, entry) in self.known.iter_mut().zip(entries) {
                if known.name != entry.name {
                    known.name.clone_from(&entry.name);
                    known.folded = None;
                }
            }
            return false;
        }
        let mut before: Vec<Option<Known>> = self.known.drain(..).map(Some).collect();
        let places: Map<&MediaKey, usize> = entries
            .iter()
            .enumerate()
            .map(|(at, entry)| (&entry.key, at))
            .collect();
        let moved: Vec<Option<usize>> = (before.iter())
            .map(|known| places.get(&&known.as_ref()?.key).copied())
            .collect();
        let mut folded: Vec<Option<Known>> = entries.iter().map(|_| None).collect();
        for (known, to) in before.iter_mut().zip(&moved) {
            if let Some(slot) = to.and_then(|to| folded.get_mut(to)) {
                *slot = known.take();
            }
        }
        self.known = (entries.iter().zip(folded))
            .map(|(entry, known)| Known {
                key: entry.key.clone(),
                name: entry.name.clone(),
                folded: known
                    .filter(|known| known.name == entry.name)
                    .and_then(|known| known.folded),
            })
            .collect();
        let new_place = |at: usize| moved.get(at).copied().flatten();
        let shown: Vec<_> = self.shown.iter().filter_map(|at| new_place(*at)).collect();
        self.show(shown);
        true
    }

    /// Whether it matches; and counts it.
    fn count(
        &self,
        at: usize,
        entry: &MediaEntry,
        choice: &Choice,
        query: &str,
        tally: &mut Tally,
    ) -> bool {
        let outcome = Outcome::of(entry.status, &entry.verdict);
        tally.running += usize::from(entry.status == Status::Running);
        tally.queued += usize::from(entry.status == Status::Queued);
        tally.outcomes |= bit(outcome);
        let has_query = query.is_empty() || self.folded(at).contains(query);
        if !has_query || choice.outcome.is_some_and(|wanted| wanted != outcome) {
            return false;
        }
        let status = STATUSES.iter().position(|status| *status == entry.status);
        if let Some(count) = status.and_then(|status| tally.of_status.get_mut(status)) {
            *count += 1;
        }
        choice.status.is_none_or(|wanted| wanted == entry.status)
    }

    /// Shows what matches, in order.
    fn arrange(&mut self, entries: &[MediaEntry], matching: &[usize]) {
        let shown = self.in_order(entries, matching);
        self.show(shown);
        self.arrangement += 1;
    }

    /// Puts in what was not shown: before the first row that comes after it. The rows keep their order, whatever became
    /// of them since.
    fn join(&mut self, entries: &[MediaEntry], joining: &[usize]) {
        let mut joining = self.in_order(entries, joining).into_iter().peekable();
        let mut shown = Vec::with_capacity(self.shown.len() + joining.len());
        for row in &self.shown {
            while let Some(new) = joining.next_if(|new| self.compare(entries, *new, *row).is_lt()) {
                shown.push(new);
            }
            shown.push(*row);
        }
        shown.extend(joining);
        self.show(shown);
        self.arrangement += 1;
    }

    fn in_order(&self, entries: &[MediaEntry], places: &[usize]) -> Vec<usize> {
        if self.choice.sort == Sort::Newest {
            return places.to_vec();
        }
        let place = |at: usize| places.get(at).copied().unwrap_or_default();
        let order = sorted::order(places.len(), &mut |a, b| {
            self.compare(entries, place(a), place(b))
        });
        order.into_iter().map(place).collect()
    }

    fn compare(&self, entries: &[MediaEntry], a: usize, b: usize) -> Ordering {
        let (Some(one), Some(other)) = (entries.get(a), entries.get(b)) else {
            return Ordering::Equal;
        };
        let order = match self.choice.sort {
            Sort::Newest => Ordering::Equal,
            Sort::Name => (one.name.is_none().cmp(&other.name.is_none()))
                .then_with(|| compare_names(self.folded(a), self.folded(b))),
            Sort::Status => {
                let rank = |of: Status| STATUSES.iter().position(|status| *status == of);
                rank(one.status).cmp(&rank(other.status))
            }
            Sort::Progress => {
                let rank = |entry: &MediaEntry| match entry.status {
                    // One that shows no number is behind those that do.
                    Status::Running => (0, entry.percent.map_or(101, |it| 100 - it.min(100))),
                    Status::Queued | Status::Unknown => (1, 0),
                    _ => (2, 0),
                };
                rank(one).cmp(&rank(other))
            }
        };
        order.then(a.cmp(&b))
    }

    fn folded(&self, at: usize) -> &str {
        let known = self.known.get(at);
        known
            .and_then(|known| known.folded.as_deref())
            .unwrap_or_default()
    }

    fn show(&mut self, shown: Vec<usize>) {
        self.is_shown.clear();
        self.is_shown.resize(self.known.len(), false);
        for at in &shown {
            if let Some(is_shown) = self.is_shown.get_mut(*at) {
                *is_shown = true;
            }
        }
        self.shown = shown;
    }
}

fn bit(outcome: Outcome) -> u8 {
    1 << outcome as u8
}

/// As people count: `clip 9` before `clip 88`. Everything but digits goes by its code points.
fn compare_names(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one, other);
    loop {
        let (number, number_other) = (digits(one), digits(other));
        if !number.is_empty() && !number_other.is_empty() {
            let a = number.trim_start_matches('0');
            let b = number_other.trim_start_matches('0');
            let order = a.len().cmp(&b.len()).then_with(|| a.cmp(b));
            if order.is_ne() {
                return order;
            }
            one = &one[number.len()..];
            other = &other[number_other.len()..];
            continue;
        }
        let (mut letters, mut letters_other) = (one.chars(), other.chars());
        match (letters.next(), letters_other.next()) {
            (Some(a), Some(b)) if a == b => {
                one = letters.as_str();
                other = letters_other.as_str();
            }
            (a, b) => return a.cmp(&b),
        }
    }
}

/// The digits at the start.
fn digits(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_ascii_digit());
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests;
