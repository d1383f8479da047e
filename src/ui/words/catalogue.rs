//! The texts of one language by their keys, and what is filled into them.
//!
//! Other languages than English are data (`www/lang/*.json`, or what a host passes to its widget): an object from a
//! key's name to a text, or to its forms by the plural categories of Unicode. Foreign data lack what they like: a text
//! that is not there, or is none, is said in English.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::english::{Key, FRONT, NAMES, REST};
use crate::json::Value;

/// Between the forms of a text that has several.
const FORM: char = '\u{1}';

/// In which order they stand: English has the first two, so its texts need no marks.
pub(super) const FORMS: [&str; 6] = ["one", "other", "zero", "two", "few", "many"];

/// The English texts that are not the front's, once there is something that says them.
static LEARNT: OnceLock<&str> = OnceLock::new();

/// Has all the English texts from now on. Whatever says more than the front calls this, and the front does not: so a
/// page that loads in parts has the texts where they are said.
pub fn learn() {
    LEARNT.get_or_init(|| REST);
}

/// Whether all the English texts are there.
pub fn is_learnt() -> bool {
    !rest().is_empty()
}

/// The tests of this crate begin nowhere in particular.
fn rest() -> &'static str {
    if cfg!(test) {
        return REST;
    }
    LEARNT.get().copied().unwrap_or_default()
}

/// The texts of a language.
#[derive(Debug)]
pub struct Catalogue(Vec<Cow<'static, str>>);

impl Catalogue {
    /// The texts that are in the program, as far as it is loaded.
    pub fn english() -> Self {
        let texts = FRONT.split_terminator('\0');
        let texts = texts.chain(rest().split_terminator('\0'));
        Self(texts.map(Cow::Borrowed).collect())
    }

    /// What these data have of the texts.
    pub fn of(data: &Value) -> Self {
        let mut texts = vec![Cow::Borrowed(""); NAMES.len()];
        for (name, text) in data.as_object() {
            let hash = hash(name);
            let place = NAMES.iter().position(|known| *known == hash);
            if let Some(place) = place.and_then(|place| texts.get_mut(place)) {
                *place = Cow::Owned(forms(text));
            }
        }
        Self(texts)
    }

    /// The same with every text made into another.
    pub fn map(&self, of: impl Fn(&str) -> String) -> Self {
        let made = self.0.iter().map(|text| {
            let forms = text.split(FORM).map(&of).collect::<Vec<_>>();
            Cow::Owned(forms.join("\u{1}"))
        });
        Self(made.collect())
    }

    /// The text of this key in the form of this plural category, or in its general form; `None` if there is none.
    pub fn get(&self, key: Key, category: &str) -> Option<&str> {
        let text = self.0.get(key as usize)?;
        if !text.contains(FORM) {
            return Some(&**text).filter(|text| !text.is_empty());
        }
        let at = FORMS.iter().position(|form| *form == category);
        let form = at.and_then(|at| text.split(FORM).nth(at));
        let form = form.filter(|form| !form.is_empty());
        form.or_else(|| text.split(FORM).nth(1))
            .filter(|form| !form.is_empty())
    }
}

/// One text, or its forms; nothing of what is neither.
fn forms(text: &Value) -> String {
    match text {
        Value::String(text) => text.clone(),
        Value::Object(_) => {
            let forms = FORMS.map(|form| text.get(form).as_str().unwrap_or_default());
            forms.join("\u{1}")
        }
        _ => String::new(),
    }
}

/// The text with what stands in braces filled in. What nobody fills in stays as it is.
pub fn fill(text: &str, with: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after.split_once('}').and_then(|(name, after)| {
            let value = with.iter().find(|(of, _)| *of == name);
            value.map(|(_, value)| (*value, after))
        });
        match value {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// A key's name as a number (FNV-1a, 32 bits). That no two names have the same is a test's to see.
pub(super) const fn hash(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let mut hash = 0x811c_9dc5_u32;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use crate::ui::words::english::WRITTEN;

    #[test]
    fn no_two_keys_are_the_same_number() {
        for (at, name) in WRITTEN.iter().enumerate() {
            assert_eq!(NAMES[at], hash(name));
            let first = NAMES.iter().position(|number| *number == NAMES[at]);
            assert_eq!(first, Some(at), "{name}");
        }
    }

    #[test]
    fn data_that_are_no_texts_are_as_good_as_none() {
        let data = r#"{"Media": "Medien", "Items": {"other": "{n} Einträge", "one": 1}, "Nobody": "x",
            "SignIn": 7, "SignOut": ["x"], "Seen": {"many": "oft"}, "Search": {}}"#;
        let catalogue = Catalogue::of(&json::parse(data).unwrap());

        for (key, category, text) in [
            (Key::Media, "other", Some("Medien")),
            (Key::Media, "few", Some("Medien")),
            (Key::Items, "one", Some("{n} Einträge")),
            (Key::Items, "other", Some("{n} Einträge")),
            (Key::Seen, "many", Some("oft")),
            (Key::Seen, "other", None),
            (Key::Search, "other", None),
            (Key::SignIn, "other", None),
            (Key::SignOut, "other", None),
            (Key::Meetings, "other", None),
        ] {
            assert_eq!(catalogue.get(key, category), text, "{key:?} {category}");
        }
    }

    #[test]
    fn what_is_filled_in_is_not_filled_again() {
        for (text, filled) in [
            ("{n} of {total}", "{total} of 5"),
            ("{n", "{n"),
            ("}{n}{", "}{total}{"),
            ("{nobody} {n}", "{nobody} {total}"),
            ("", ""),
        ] {
            assert_eq!(fill(text, &[("n", "{total}"), ("total", "5")]), filled);
        }
    }
}
