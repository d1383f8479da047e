//! The words of the activity page.

use crate::domain::fact::Severity;
use crate::toast::activity::Kind;
use crate::ui::format;

/// The page's name.
#[must_use]
pub fn page() -> &'static str {
    "Activity"
}

/// What is new, for those who do not see the number in the navigation.
#[must_use]
pub fn unseen(number: u32) -> String {
    if number == 0 {
        return String::new();
    }
    [&format::count(number.into()), " new"].concat()
}

/// The button that lets in what came since the page was opened.
#[must_use]
pub fn show_new(number: usize) -> String {
    ["Show ", &format::count(number as u64), " new"].concat()
}

/// The button below the last line that is drawn.
#[must_use]
pub fn show_older(number: usize) -> String {
    ["Show ", &format::count(number as u64), " older"].concat()
}

/// The name of the tools over the list.
#[must_use]
pub fn tools() -> &'static str {
    "Filter activity"
}

/// Over the kinds.
#[must_use]
pub fn kind_label() -> &'static str {
    "Type"
}

/// What a line is about; all of it.
#[must_use]
pub fn kind(kind: Option<Kind>) -> &'static str {
    match kind {
        None => "All",
        Some(Kind::Analysis) => "Analysis",
        Some(Kind::Alert) => "Alert",
        Some(Kind::Trust) => "Trust",
        Some(Kind::Upload) => "Upload",
        Some(Kind::Server) => "Server",
        Some(Kind::Connection) => "Connection",
    }
}

/// Over the severities.
#[must_use]
pub fn severity_label() -> &'static str {
    "Severity"
}

/// Alerts at least as bad as this; all of it.
#[must_use]
pub fn least(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Critical) => "Critical",
        Some(Severity::High) => "High and above",
        Some(Severity::Medium) => "Medium and above",
        Some(Severity::Low) => "Low and above",
        Some(Severity::Unknown) | None => "Any",
    }
}

/// The search field.
#[must_use]
pub fn search() -> &'static str {
    "File or meeting"
}

/// The buttons that make a file.
#[must_use]
pub fn export(extension: &str) -> &'static str {
    match extension {
        "csv" => "Export CSV",
        _ => "Export JSON",
    }
}

/// Before anything was told.
#[must_use]
pub fn empty() -> &'static str {
    "Nothing has happened yet."
}

/// What will stand there.
#[must_use]
pub fn empty_means() -> &'static str {
    "What is announced or shown on a card stands here until you sign out or close this page."
}

/// Where filters leave nothing.
#[must_use]
pub fn no_match() -> &'static str {
    "Nothing matches these filters."
}

/// `12 entries`, `3 of 12 entries`, `… 40 older ones made room.`
#[must_use]
pub fn count(shown: usize, of: usize, dropped: u64) -> String {
    let all = format::count(of as u64);
    let noun = if of == 1 { " entry" } else { " entries" };
    let mut text = match shown == of {
        true => [&all, noun].concat(),
        false => [&format::count(shown as u64), " of ", &all, noun].concat(),
    };
    if dropped > 0 {
        let noun = if dropped == 1 {
            " older one made room."
        } else {
            " older ones made room."
        };
        text.push_str(". ");
        text.push_str(&format::count(dropped));
        text.push_str(noun);
    }
    text
}

/// An analysis that waits or runs; `name` is its file's.
#[must_use]
pub fn under_way(name: Option<&str>, is_queued: bool) -> String {
    let before = if is_queued {
        "Queued: "
    } else {
        "Analysis running: "
    };
    [before, name.unwrap_or("a file"), "."].concat()
}

/// The end of an analysis is another than was told.
#[must_use]
pub fn corrected(end: &str) -> String {
    ["Corrected. ", end].concat()
}

/// How often something was told, and when last.
#[must_use]
pub fn times(count: u32, last: &str) -> String {
    [&format::count(count.into()), " times, last ", last].concat()
}

/// In which meeting, before its id.
#[must_use]
pub fn meeting() -> &'static str {
    "Meeting "
}

/// Beside a line that came since the page was looked at last.
#[must_use]
pub fn new() -> &'static str {
    "New"
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
}
