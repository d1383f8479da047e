//! The list of media: how many there are, what was found, what is new.

use std::time::Duration;

use super::analysis::{cancelled, progress_count, verdict};
use super::{ago, join_all, many, percent, plural, say, with, Key};
use crate::backend::Parts;
use crate::domain::view::Status;
use crate::domain::Summary;
use crate::ui::format;
use crate::ui::media_list::{Outcome, Sort};

/// What a list's row says of a media beside its status.
#[must_use]
pub fn row_line(summary: &Summary, of_parts: Parts) -> String {
    match summary.status {
        Status::Unknown | Status::Queued => String::new(),
        Status::Running => summary.percent.map_or_else(String::new, |share| {
            join_all(&[percent(share), progress_count(summary, of_parts)])
        }),
        Status::Failed => say(Key::NoResult),
        Status::Cancelled => cancelled(summary, of_parts),
        Status::Complete | Status::PartlyComplete => join_all(&[
            verdict(&summary.verdict, true),
            // Before what may be cut off for want of room: it takes the verdict back.
            match summary.is_simulated {
                true => say(Key::Simulated),
                false => String::new(),
            },
            progress_count(summary, of_parts),
        ]),
    }
}

/// The list's count: `12 items · 1 analyzing · 1 queued · 240 older ones are not listed`.
#[must_use]
pub fn list_count(shown: usize, running: usize, queued: usize, beyond: usize) -> String {
    let some = |key: Key, number: usize| match number {
        0 => String::new(),
        _ => plural(key, many(number), &[]),
    };
    join_all(&[
        plural(Key::Items, many(shown), &[]),
        some(Key::NumberAnalyzing, running),
        some(Key::NumberQueued, queued),
        not_listed(beyond),
    ])
}

/// The list's count where something is left out: `3 of 12 items`.
#[must_use]
pub fn list_part(shown: usize, of: usize, beyond: usize) -> String {
    let shown = format::count(many(shown));
    let part = plural(Key::ItemsOf, many(of), &[("done", &shown)]);
    join_all(&[part, not_listed(beyond)])
}

/// What the server has and the page does not: a search does not find it.
fn not_listed(beyond: usize) -> String {
    match beyond {
        0 => String::new(),
        _ => plural(Key::NotListed, many(beyond), &[]),
    }
}

/// What is spoken when a filter has done its work.
#[must_use]
pub fn found(rows: usize, beyond: usize) -> String {
    match rows {
        0 if beyond == 0 => say(Key::NoMatch),
        0 => [say(Key::NoMatch), not_listed(beyond)].join(" "),
        _ => join_all(&[plural(Key::Items, many(rows), &[]), not_listed(beyond)]),
    }
}

/// The button over a list that does not move by itself: what waits to be shown, and what no longer belongs there.
#[must_use]
pub fn news(waiting: usize, left: usize) -> String {
    let new = match (waiting, left) {
        (0, _) => String::new(),
        (_, 0) => plural(Key::NewItems, many(waiting), &[]),
        _ => plural(Key::NumberNew, many(waiting), &[]),
    };
    let left = match left {
        0 => String::new(),
        _ => plural(Key::NoLongerMatch, many(left), &[]),
    };
    join_all(&[new, left])
}

/// Beside the count of a list that may be out of date: from a minute on in whole minutes, so that it stands still.
#[must_use]
pub fn list_updated(span: Duration) -> String {
    let seconds = match span.as_secs() {
        seconds @ ..60 => seconds,
        seconds => seconds - seconds % 60,
    };
    let ago = ago(Duration::from_secs(seconds));
    with(Key::LastUpdated, &[("ago", &ago)])
}

/// The button that unfolds the filters, with how many are set: `Filters (1)`.
#[must_use]
pub fn filters(set: usize) -> String {
    match set {
        0 => say(Key::Filters),
        _ => with(Key::FiltersSet, &[("n", &format::count(many(set)))]),
    }
}

/// An outcome, as the filter offers it.
#[must_use]
pub fn outcome(outcome: Outcome) -> Key {
    match outcome {
        Outcome::Fake => Key::LikelyFake,
        Outcome::Real => Key::LikelyReal,
        Outcome::Disagree => Key::ModelsDisagree,
        Outcome::Flagged => Key::LabelFlagged,
        Outcome::Safe => Key::LabelSafe,
        Outcome::Other => Key::OtherResult,
        Outcome::None => Key::NoResult,
        Outcome::Pending => Key::NoResultYet,
    }
}

/// An order of the list.
#[must_use]
pub fn sort(sort: Sort) -> Key {
    match sort {
        Sort::Newest => Key::SortNewest,
        Sort::Name => Key::SortName,
        Sort::Status => Key::Status,
        Sort::Progress => Key::SortProgress,
    }
}
