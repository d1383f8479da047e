//! The words around the page.

use crate::ui::format;

/// Holds what moves.
#[must_use]
pub fn pause() -> &'static str {
    "Pause updates"
}

/// Lets it move again.
#[must_use]
pub fn resume() -> &'static str {
    "Resume"
}

/// While nothing moves: how many items have changed.
#[must_use]
pub fn paused(waiting: usize) -> String {
    let number = format::count(waiting as u64);
    let changed = match waiting {
        0 => return "Updates paused. Nothing has changed since. Alerts still come.".to_owned(),
        1 => " item has changed since.",
        _ => " items have changed since.",
    };
    ["Updates paused. ", &number, changed, " Alerts still come."].concat()
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
    }
}
