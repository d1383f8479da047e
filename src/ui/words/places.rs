//! The words around the page: in its title, in notifications of the system, in the settings for them.

use crate::ui::format;

/// A title that begins with how much ended or alerted while nobody saw the page.
#[must_use]
pub fn badged(away: u32, title: &str) -> String {
    ["(", &format::count(away.into()), ") ", title].concat()
}

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

/// Over the settings for what reaches a person elsewhere.
#[must_use]
pub fn elsewhere() -> &'static str {
    "When this tab is hidden"
}

/// The switch for notifications of the system.
#[must_use]
pub fn desktop() -> &'static str {
    "Notify me of ends and high alerts"
}

/// The browser does not let us.
#[must_use]
pub fn blocked() -> &'static str {
    "Notifications are blocked in your browser settings."
}

/// The browser cannot.
#[must_use]
pub fn unsupported() -> &'static str {
    "This browser has no notifications."
}

/// The switch at an analysis that runs.
#[must_use]
pub fn when_it_ends() -> &'static str {
    "Notify me when it ends"
}

/// The switch for sound.
#[must_use]
pub fn sound() -> &'static str {
    "Sound for high alerts"
}

/// Over the switch for sound.
#[must_use]
pub fn sound_title() -> &'static str {
    "Sound"
}

/// Prints a result.
#[must_use]
pub fn print() -> &'static str {
    "Print"
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
