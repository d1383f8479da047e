//! The words of the activity page.

use super::{many, plural, say, with, Key};
use crate::domain::fact::Severity;
use crate::toast::activity::Kind;
use crate::ui::activity::filter::Since;
use crate::ui::format;

/// What is new, for those who do not see the number in the navigation.
#[must_use]
pub fn unseen(number: u32) -> String {
    match number {
        0 => String::new(),
        number => plural(Key::ActivityNew, number.into(), &[]),
    }
}

/// The button that lets in what came since the page was opened.
#[must_use]
pub fn show_new(number: usize) -> String {
    plural(Key::ActivityShowNew, many(number), &[])
}

/// The button below the last line that is drawn.
#[must_use]
pub fn show_older(number: usize) -> String {
    plural(Key::ActivityShowOlder, many(number), &[])
}

/// Leads to all lines of what only the newest are shown of.
#[must_use]
pub fn show_all(number: usize) -> String {
    plural(Key::ActivityShowAll, many(number), &[])
}

/// What a line is about; all of it.
#[must_use]
pub fn kind(kind: Option<Kind>) -> Key {
    match kind {
        None => Key::KindAll,
        Some(Kind::Analysis) => Key::KindAnalysis,
        Some(Kind::Alert) => Key::KindAlert,
        Some(Kind::Trust) => Key::KindTrust,
        Some(Kind::Upload) => Key::KindUpload,
        Some(Kind::Server) => Key::KindServer,
        Some(Kind::Connection) => Key::KindConnection,
    }
}

/// How far back to look; all of it.
#[must_use]
pub fn since(since: Option<Since>) -> Key {
    match since {
        None => Key::SinceAny,
        Some(Since::QuarterHour) => Key::SinceQuarterHour,
        Some(Since::Hour) => Key::SinceHour,
        Some(Since::Today) => Key::SinceToday,
    }
}

/// Alerts at least as bad as this; all of it.
#[must_use]
pub fn least(severity: Option<Severity>) -> Key {
    match severity {
        Some(Severity::Critical) => Key::SeverityCritical,
        Some(Severity::High) => Key::SeverityHighUp,
        Some(Severity::Medium) => Key::SeverityMediumUp,
        Some(Severity::Low) => Key::SeverityLowUp,
        Some(Severity::Unknown) | None => Key::SeverityAny,
    }
}

/// `12 entries`, `3 of 12 entries`, `… 40 older ones made room.`
#[must_use]
pub fn count(shown: usize, of: usize, dropped: u64) -> String {
    let mut text = match shown == of {
        true => plural(Key::Entries, many(of), &[]),
        false => {
            let done = format::count(many(shown));
            plural(Key::EntriesOf, many(of), &[("done", &done)])
        }
    };
    if dropped > 0 {
        text.push_str(". ");
        text.push_str(&plural(Key::OlderMadeRoom, dropped, &[]));
    }
    text
}

/// An analysis that waits or runs; `name` is its file's.
#[must_use]
pub fn under_way(name: &str, is_queued: bool) -> String {
    let key = match is_queued {
        true => Key::QueuedNamed,
        false => Key::AnalysisRunningNamed,
    };
    with(key, &[("name", name)])
}

/// The end of an analysis is another than was told.
#[must_use]
pub fn corrected(end: &str) -> String {
    with(Key::Corrected, &[("end", end)])
}

/// What a line is about, how often it was told, and when last.
#[must_use]
pub fn about(of: Kind, count: u32, last: &str) -> String {
    let times = match count {
        0 | 1 => String::new(),
        count => plural(Key::TimesLast, count.into(), &[("at", last)]),
    };
    super::join_all(&[say(kind(Some(of))), times])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_says_what_is_left_out_and_what_is_gone() {
        for (shown, of, dropped, words) in [
            (1, 1, 0, "1 entry"),
            (12, 12, 0, "12 entries"),
            (3, 12, 0, "3 of 12 entries"),
            (12, 12, 1, "12 entries. 1 older one made room."),
            (3, 12, 40, "3 of 12 entries. 40 older ones made room."),
        ] {
            assert_eq!(count(shown, of, dropped), words);
        }
    }

    #[test]
    fn a_line_says_how_often_it_was_told_if_that_was_more_than_once() {
        for (count, words) in [
            (1, "Connection"),
            (2, "Connection · 2 times, last 10:29"),
            (12, "Connection · 12 times, last 10:29"),
        ] {
            assert_eq!(about(Kind::Connection, count, "10:29"), words);
        }
    }
}
