//! What is known: media and their analyses, meetings and their people, as a join of facts.
//!
//! A server's events and snapshots become [`Fact`]s (in `backend`). A store joins them, so that duplicates,
//! reordering, late events and retries cannot corrupt what is shown: only a snapshot the page fetched may lower
//! anything. What a person sees is derived from the joined facts, and a [`Change`] says what in it is different now.
//!
//! Nothing here knows a JSON field, a clock or a page.

use std::fmt;
use std::sync::Arc;

#[cfg(test)]
mod asks;
pub mod fact;
#[cfg(test)]
pub(crate) mod laws;
mod marks;
mod media;
mod meeting;
mod progress;
mod register;
#[cfg(test)]
mod rules;
mod run;
#[cfg(test)]
pub(crate) mod scene;
#[cfg(test)]
mod schedules;
pub mod store;
pub mod table;
pub mod trail;
pub mod view;

pub use fact::{Fact, Rules};
pub use store::{Counters, Store};
pub use view::{Change, Summary};

/// Which configured server something came from: an index into the page's configuration. Ids of two servers may be
/// equal, so every key carries it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source(pub u8);

/// The longest id, event name or model name that is taken, in bytes. Real ones are UUIDs and short names; a longer one
/// is dropped, because a shortened id could be another's.
pub const MAX_ID: usize = 128;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// `None` if it is empty or longer than [`MAX_ID`] bytes.
            #[must_use]
            pub fn new(id: &str) -> Option<Self> {
                (!id.is_empty() && id.len() <= MAX_ID).then(|| Self(id.into()))
            }

            /// As the server wrote it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A media, video or interview of one server.
    MediaId
    /// One analysis of a media. A repeated analysis is a new run of the same media.
    RunId
    /// A model, or whatever the server calls the parts of an analysis.
    ModelId
    /// A meeting of one server.
    MeetingId
    /// A person in a meeting, by id: servers send no names.
    ParticipantId
}

/// What to call someone in a meeting: their name where the server knows one, else their id.
pub(crate) fn called(name: Option<&Text>, participant: Option<&ParticipantId>) -> Option<Text> {
    let id = || participant.map(|id| Text::of_id(id.as_str()));
    name.cloned().or_else(id)
}

/// A media of a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaKey {
    /// The server.
    pub source: Source,
    /// Its id there.
    pub id: MediaId,
}

/// A meeting of a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeetingKey {
    /// The server.
    pub source: Source,
    /// Its id there.
    pub id: MeetingId,
}

/// A text from a server that is fit to be shown: one that cannot reorder, hide or flood what stands around it.
///
/// Control characters and the bidirectional overrides and isolates (U+202A–202E, U+2066–2069) are taken out, and all
/// but the first eight marks of a letter; white space is folded, and it ends after a bounded number of characters with
/// `…`. What would leave no trace on a page is no text at all: a name that nobody sees would stand before what is said
/// of somebody. It is still foreign text: views put it in `<bdi dir="auto">` and never into markup.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Arc<str>);

impl Text {
    /// Characters kept of a name (a file's, a model's, a person's).
    pub const NAME: usize = 1024;
    /// Characters kept of a message (an error may be a whole dump of another program).
    pub const MESSAGE: usize = 2048;

    /// The first `limit` characters, made fit. Line breaks stay only as `\n`.
    #[must_use]
    pub fn new(raw: &str, limit: usize) -> Self {
        let mut text = String::with_capacity(raw.len().min(limit));
        let mut kept = 0;
        let mut gap = None;
        let mut n_marks = 0;
        let mut is_seen = false;
        for letter in raw.trim().chars() {
            if letter.is_whitespace() {
                // One gap for a run of white space; a line break in it wins.
                gap = if letter == '\n' {
                    Some('\n')
                } else {
                    gap.or(Some(' '))
                };
                n_marks = 0;
                continue;
            }
            if letter.is_control()
                || matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
            {
                continue;
            }
            n_marks = if marks::is_mark(letter) {
                n_marks + 1
            } else {
                0
            };
            if n_marks > marks::MOST {
                continue;
            }
            if kept + usize::from(gap.is_some()) >= limit {
                text.push('…');
                break;
            }
            if let Some(gap) = gap.take() {
                text.push(gap);
                kept += 1;
            }
            text.push(letter);
            kept += 1;
            is_seen |= !marks::is_unseen(letter);
        }
        Self(if is_seen { text.into() } else { "".into() })
    }

    /// A name: one line, at most [`Text::NAME`] characters; `None` if nothing is left of it.
    #[must_use]
    pub fn name(raw: &str) -> Option<Self> {
        let text = Self::new(&raw.replace(['\n', '\r'], " "), Self::NAME);
        (!text.is_empty()).then_some(text)
    }

    /// An id as a name: a server writes it, and it may hold whatever a text may not.
    #[must_use]
    pub fn of_id(id: &str) -> Self {
        Self::name(id).unwrap_or_else(|| Self::new("\u{FFFD}", 1))
    }

    /// A message: at most [`Text::MESSAGE`] characters; `None` if nothing is left of it.
    #[must_use]
    pub fn message(raw: &str) -> Option<Self> {
        let text = Self::new(raw, Self::MESSAGE);
        (!text.is_empty()).then_some(text)
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first line, and whether there is more behind it.
    #[must_use]
    pub fn first_line(&self) -> (&str, bool) {
        match self.0.split_once('\n') {
            Some((line, _)) => (line, true),
            None => (&self.0, false),
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_name_without_what_no_text_may_hold() {
        for (raw, shown) in [
            ("user-joe", "user-joe"),
            ("a\u{202E}b\u{7}\nc", "ab c"),
            ("\u{202E}\u{0}", "\u{FFFD}"),
        ] {
            assert_eq!(Text::of_id(raw).as_str(), shown);
        }
    }

    #[test]
    fn a_text_of_which_nobody_sees_anything_is_none() {
        for unseen in [
            "\u{200B}",
            "\u{AD}\u{200E} \u{2060}\u{FEFF}",
            "\u{3164}",
            "\u{FFA0}\u{115F}",
            "\u{2800}",
            "\u{FE0F}\u{E0020}",
        ] {
            assert_eq!(Text::name(unseen), None, "{unseen:?}");
            assert_eq!(Text::message(unseen), None, "{unseen:?}");
            assert_eq!(Text::of_id(unseen).as_str(), "\u{FFFD}");
            let seen = ["a", unseen, "b"].concat();
            assert_eq!(Text::name(&seen).unwrap().as_str(), seen);
        }
    }

    #[test]
    fn what_people_write_keeps_all_its_marks() {
        for written in [
            "Vie\u{302}\u{323}t Nam, ngu\u{31B}\u{1A1}\u{300}i",
            "\u{5E9}\u{5C1}\u{5BC}\u{5B8}\u{5A8}\u{34F}\u{5BD}\u{5DD}",
            "\u{639}\u{651}\u{64E}\u{670}\u{6E1}",
            "\u{E17}\u{E35}\u{E48} \u{E19}\u{E49}\u{E33}",
            "\u{F67}\u{F90}\u{FB5}\u{FA8}\u{FB3}\u{FBA}\u{FBC}\u{FBB}\u{F82}",
            "\u{915}\u{94D}\u{937}\u{94D}\u{930}\u{93F}\u{902}",
            "\u{1F469}\u{1F3FD}\u{200D}\u{2764}\u{FE0F}\u{200D}\u{1F48B}\u{200D}\u{1F468}\u{1F3FB}",
            "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}\u{200D}\u{1F466}",
            "\u{1F1E9}\u{1F1EA}\u{1F1F9}\u{1F1F3}",
            "\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
            "#\u{FE0F}\u{20E3}",
        ] {
            assert_eq!(Text::new(written, Text::NAME).as_str(), written);
        }
    }

    #[test]
    fn of_a_flood_of_marks_the_first_eight_of_each_letter_are_kept() {
        let mark = "\u{301}";
        let (flood, most) = (mark.repeat(80), mark.repeat(8));
        for (raw, kept) in [
            (["a", &flood].concat(), ["a", &most].concat()),
            (
                ["a", &flood, "b", &flood, "c"].concat(),
                ["a", &most, "b", &most, "c"].concat(),
            ),
            (
                ["a", &flood, " ", mark, "b"].concat(),
                ["a", &most, " ", mark, "b"].concat(),
            ),
            // What is taken out is no letter.
            (
                ["a", &most, "\u{7}", &flood].concat(),
                ["a", &most].concat(),
            ),
            ([&*flood, "a"].concat(), [&*most, "a"].concat()),
        ] {
            assert_eq!(Text::new(&raw, Text::NAME).as_str(), kept);
        }
    }

    #[test]
    fn marks_that_are_left_out_take_no_room_from_the_rest() {
        let raw = ["a", &"\u{301}".repeat(2000), " rest"].concat();

        assert!(Text::new(&raw, 14).as_str().ends_with(" rest"));
    }
}
