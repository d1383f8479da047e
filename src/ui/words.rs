//! Every text of the interface, by what it is about. The texts themselves are in the catalogue of a language.
//!
//! A view asks for a fixed text by its [`Key`] and for one that says something of a value by a function here; both
//! answer in the language of the view ([`use_language`]). Servers' own texts never pass through the catalogue: they are
//! not translated, and have to be set apart where they are shown. A [`Sentence`] keeps them apart; in a text without
//! markup, which is spoken or a title, [`isolated`] does.

pub mod activity;
mod analysis;
mod catalogue;
mod connection;
mod english;
mod errors;
mod list;
mod meeting;
pub mod places;
mod pseudo;
mod trail;

pub use analysis::{
    cancelled, complete, earlier_line, earlier_run, earlier_status, failed, kind, label_word, left,
    model, more_parts, none_finished, none_finished_here, not_proof, overall_value, parts_title,
    progress_count, run_empty, run_line, run_title, some, status, status_or_word, untitled,
    untitled_here, verdict, verdict_sentence,
};
pub use catalogue::{is_learnt, learn, Catalogue};
pub use connection::{awaited, banner, connection, connection_means, missing, retrying_in};
pub use english::Key;
pub use errors::{sign_in_error, upload_fault};
pub use list::{
    filters, found, list_count, list_part, list_updated, news, outcome, row_line, sort,
};
pub use meeting::{
    alert_line, alert_of, alert_text, alert_title, alerts_milder, alerts_removed, band,
    detector_confidence, gap, last_updated, metric, metric_value, people_order, raised, seen,
    severity, severity_or_word, spark, trust_changed, trust_value, video, you_left,
};
pub use pseudo::pseudo;
pub use trail::{trail_count, trail_entry};

use std::time::Duration;

use super::format;
use super::language::{use_language, Language};
use crate::backend::{Noun, Parts};
use crate::domain::store::MAX_MEETINGS;
use crate::domain::Text;
use crate::session::SourceProfile;
use crate::toast::About;

/// The product's name, in every language.
pub const PRODUCT: &str = "Telltale";

/// Between what stands on one line. In Arabic it is no dot, which its digit of nothing looks like.
#[must_use]
pub fn separator() -> String {
    say(Key::PartSeparator)
}

/// What a server's things and the parts of their analyses are called.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// A thing.
    pub noun: Noun,
    /// The parts of its analysis.
    pub parts: Parts,
}

impl From<Option<SourceProfile>> for Terms {
    /// Of a server that is not there nothing is known but that it had media.
    fn from(profile: Option<SourceProfile>) -> Self {
        profile.map_or(
            Self {
                noun: Noun::Media,
                parts: Parts::Models,
            },
            |SourceProfile { noun, parts, .. }| Self { noun, parts },
        )
    }
}

/// A sentence with a server's text in it. The views set the text apart from what is around it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sentence {
    /// Our words before it.
    pub before: String,
    /// The server's words.
    pub foreign: Option<Text>,
    /// Our words after it.
    pub after: String,
}

impl Sentence {
    /// A server's text by itself.
    #[must_use]
    pub fn foreign(text: Option<Text>) -> Self {
        Self {
            foreign: text,
            ..Self::default()
        }
    }
}

impl From<String> for Sentence {
    fn from(before: String) -> Self {
        Self {
            before,
            ..Self::default()
        }
    }
}

/// A fixed text.
#[must_use]
pub fn say(key: Key) -> String {
    with(key, &[])
}

/// A text with these values in the places of their names.
#[must_use]
pub fn with(key: Key, values: &[(&str, &str)]) -> String {
    filled(&use_language(), key, "other", values)
}

/// A text about so many things, in its form for that number, which is `{n}` in it.
#[must_use]
pub fn plural(key: Key, number: u64, values: &[(&str, &str)]) -> String {
    let language = use_language();
    let category = language.category(number);
    let number = format::count(number);
    let values = [&[("n", &*number)], values].concat();
    filled(&language, key, &category, &values)
}

/// A text with a server's in the place of `{text}`, which the views set apart.
#[must_use]
pub fn sentence(key: Key, values: &[(&str, &str)], foreign: Option<Text>) -> Sentence {
    around(with(key, values), foreign)
}

/// A text that was filled in but for `{text}`, as a sentence around it.
fn around(text: String, foreign: Option<Text>) -> Sentence {
    match text.split_once("{text}") {
        Some((before, after)) => {
            // Whoever wrote the text may have ended it already.
            let has_ended = |text: &Text| text.first_line().0.ends_with('.');
            let after = match foreign.as_ref().is_some_and(has_ended) {
                true => after.strip_prefix('.').unwrap_or(after),
                false => after,
            };
            Sentence {
                before: before.to_owned(),
                foreign,
                after: after.to_owned(),
            }
        }
        None => text.into(),
    }
}

fn filled(language: &Language, key: Key, category: &str, values: &[(&str, &str)]) -> String {
    match language.catalogue().get(key, category) {
        Some(text) => catalogue::fill(text, values),
        // English has two forms only, and the general one is right for more numbers.
        None => {
            let english = Language::english();
            let text = english.catalogue().get(key, category);
            text.map_or_else(String::new, |text| catalogue::fill(text, values))
        }
    }
}

/// A server's text within ours where there is no markup to set it apart: between U+2068 and U+2069, if one of the two
/// is read from the right.
#[must_use]
pub fn isolated(text: &str) -> String {
    let is_mixed = use_language().is_from_the_right() || text.chars().any(is_from_the_right);
    match is_mixed {
        true => ["\u{2068}", text, "\u{2069}"].concat(),
        false => text.to_owned(),
    }
}

/// As much of a server's text as a tab's title has room for.
#[must_use]
pub fn in_title(text: &str) -> String {
    const ROOM: usize = 80;
    match text.char_indices().nth(ROOM) {
        Some((end, _)) => isolated(&[text[..end].trim_end(), "…"].concat()),
        None => isolated(text),
    }
}

/// The blocks of Unicode whose letters are read from the right, and the mark that is none of them but acts as one.
fn is_from_the_right(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8FF}' | '\u{200F}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// `53%`.
#[must_use]
pub fn percent(percent: u8) -> String {
    format::whole_percent(percent)
}

/// How long something took: a time under a second is no zero.
fn taken(span: Duration) -> String {
    match span.as_secs() {
        0 => say(Key::UnderOneSecond),
        _ => format::span(span),
    }
}

/// `40 s ago`; under a second `just now`.
#[must_use]
pub fn ago(span: Duration) -> String {
    if span < Duration::from_secs(1) {
        return say(Key::JustNow);
    }
    with(Key::Ago, &[("span", &format::span(span))])
}

/// What a notice is about.
#[must_use]
pub fn about(about: &About) -> String {
    match about {
        About::Server(name) => name.as_str().to_owned(),
        About::AnalyzeAgain(_, name) => {
            of_media(Key::NotAnalyzedAgain, Key::NotAnalyzedAgainNamed, name)
        }
        About::NoAnswer(_, name) => of_media(Key::NoAnswer, Key::NoAnswerNamed, name),
        About::Scenario => say(Key::SimulationNotStarted),
        About::TooManyMeetings => plural(Key::TooManyMeetings, MAX_MEETINGS as u64, &[]),
    }
}

fn of_media(nameless: Key, named: Key, name: &Option<Text>) -> String {
    match name {
        Some(name) => with(named, &[("name", &isolated(name.as_str()))]),
        None => say(nameless),
    }
}

/// A page's title: the name goes first, the product last.
#[must_use]
pub fn title(page: &str) -> String {
    [page, " · ", PRODUCT].concat()
}

/// The parts that say something, as they stand on one line.
#[must_use]
pub fn join_all(words: &[String]) -> String {
    joined(words, &separator())
}

/// The parts that say something, as a list in a sentence.
#[must_use]
pub fn list_of(words: &[String]) -> String {
    joined(words, &say(Key::ListSeparator))
}

fn joined(words: &[String], separator: &str) -> String {
    let words: Vec<&str> = (words.iter().map(String::as_str))
        .filter(|word| !word.is_empty())
        .collect();
    words.join(separator)
}

/// With a large letter where the line begins with a small one. A language whose letters are no Latin ones has none.
pub(super) fn capitalized(text: String) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if first.is_ascii_lowercase() => {
            let mut text = String::from(first.to_ascii_uppercase());
            text.push_str(letters.as_str());
            text
        }
        _ => text,
    }
}

/// `averageTrust` and `average_trust` as words.
fn spaced(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut was_small = false;
    for letter in name.chars() {
        if matches!(letter, '_' | '-' | '.') {
            words.push(' ');
        } else if letter.is_ascii_uppercase() && was_small {
            words.push(' ');
            words.push(letter.to_ascii_lowercase());
        } else if words.is_empty() {
            words.push(letter.to_ascii_uppercase());
        } else {
            words.push(letter);
        }
        was_small = letter.is_ascii_lowercase() || letter.is_ascii_digit();
    }
    words
}

/// So many, as far as a screen can show them.
fn many(number: usize) -> u64 {
    number as u64
}

#[cfg(test)]
mod languages;
#[cfg(test)]
mod tests;
