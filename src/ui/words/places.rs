//! The words around the page that say something of a number: in its title and while it is paused.

use super::{many, plural, say, Key};
use crate::ui::format;

/// A title that begins with how much ended or alerted while nobody saw the page.
#[must_use]
pub fn badged(away: u32, title: &str) -> String {
    ["(", &format::count(away.into()), ") ", title].concat()
}

/// While nothing moves: how many items have changed.
#[must_use]
pub fn paused(waiting: usize) -> String {
    match waiting {
        0 => say(Key::PausedNothing),
        waiting => plural(Key::PausedChanged, many(waiting), &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_says_how_many_items_have_changed() {
        for (waiting, words) in [
            (
                0,
                "Updates paused. Nothing has changed since. Alerts still come.",
            ),
            (
                1,
                "Updates paused. 1 item has changed since. Alerts still come.",
            ),
            (
                14,
                "Updates paused. 14 items have changed since. Alerts still come.",
            ),
        ] {
            assert_eq!(paused(waiting), words);
        }
        assert_eq!(badged(3, "Media · Telltale"), "(3) Media · Telltale");
    }
}
