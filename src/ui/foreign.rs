//! Servers' texts on the page: set apart, bounded, and never markup.
//!
//! A name or a message from outside stands in a `bdi` of its own direction, so that it cannot reorder what is around
//! it. Of a message, the first line is shown, 160 characters of it; the rest waits behind *Show details*.

use leptos::prelude::*;

use super::words::{self, Key, Sentence};
use crate::domain::Text;

/// The most of a message that is shown at once: two lines of a panel.
const SHOWN: usize = 160;

/// A name, on one line. Where there is no room, the stylesheet cuts it.
pub fn name(text: Option<Text>, otherwise: String) -> impl IntoView {
    let text = text.map_or(otherwise, |text| text.as_str().to_owned());
    view! { <bdi dir="auto">{text}</bdi> }
}

/// Our words with a server's among them, and the rest of the server's behind a button if there is more.
pub fn sentence(of: Sentence) -> impl IntoView {
    let (shown, rest) = match &of.foreign {
        Some(text) => shorten(text),
        None => (String::new(), None),
    };
    let rest = rest.map(|rest| {
        view! {
            <details class="more">
                <summary>{words::say(Key::ShowDetails)}</summary>
                <pre><bdi dir="auto">{rest}</bdi></pre>
            </details>
        }
        .into_any()
    });
    view! {
        {of.before}
        <bdi dir="auto">{shown}</bdi>
        {of.after}
        {rest}
    }
}

/// The first line, at most [`SHOWN`] characters of it; and all of it, if that was not all.
fn shorten(text: &Text) -> (String, Option<String>) {
    let (line, has_more) = text.first_line();
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => {
            let mut shown = line[..end].trim_end().to_owned();
            shown.push('…');
            (shown, Some(text.as_str().to_owned()))
        }
        None => (line.to_owned(), has_more.then(|| text.as_str().to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_message_the_first_line_is_shown_up_to_160_characters() {
        let long = "ä".repeat(161);
        for (message, shown, has_more) in [
            ("short", "short".to_owned(), false),
            ("first\nsecond", "first".to_owned(), true),
            (&"ä".repeat(160), "ä".repeat(160), false),
            (&long, "ä".repeat(160) + "…", true),
        ] {
            let text = Text::message(message).unwrap();

            let (line, rest) = shorten(&text);

            assert_eq!(line, shown);
            assert_eq!(rest, has_more.then(|| message.to_owned()));
        }
    }
}
