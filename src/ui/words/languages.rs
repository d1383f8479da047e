//! That the languages beside English say everything, fill in the same things, and have the forms that their numbers
//! need.

use super::catalogue::FORMS;
use super::english::{FRONT, REST, WRITTEN};
use crate::json::{self, Value};

/// Each language with the plural categories of whole numbers that Unicode gives it.
const LANGUAGES: [(&str, &str, &[&str]); 2] = [
    (
        "de",
        include_str!("../../../www/lang/de.json"),
        &["one", "other"],
    ),
    (
        "ar",
        include_str!("../../../www/lang/ar.json"),
        &["zero", "one", "two", "few", "many", "other"],
    ),
];

/// What `boot.js` says before there is a program; it has the English itself.
const BOOT: [&str; 3] = ["BootLoading", "BootBlocked", "BootFailed"];

#[test]
fn the_page_before_the_program_says_what_is_in_the_catalogue() {
    let boot = include_str!("../../../www/boot.js");
    let said = boot.split(|letter: char| !letter.is_ascii_alphanumeric());
    let mut said: Vec<_> = said.filter(|word| word.starts_with("Boot")).collect();
    said.sort_unstable();
    said.dedup();
    let mut known = BOOT.to_vec();
    known.sort_unstable();
    assert_eq!(said, known);
}

#[test]
fn a_language_is_known_wherever_one_must_know_it() {
    use crate::ui::language;
    let beside: Vec<_> = LANGUAGES.iter().map(|(tag, ..)| *tag).collect();
    assert_eq!(language::LANGUAGES[1..], beside, "this file");
    let list = |tags: &[&str]| ["[\"", &tags.join("\", \""), "\"]"].concat();
    let boot = include_str!("../../../www/boot.js");
    assert!(boot.contains(&list(&language::LANGUAGES)), "boot.js");
    let widget = include_str!("../../../www/widget/index.js");
    assert!(widget.contains(&list(&beside)), "widget/index.js");
}

#[test]
fn what_the_front_says_is_with_the_front() {
    let (_, sign_in) = include_str!("errors.rs")
        .split_once("fn sign_in_error")
        .unwrap();
    let (_, language) = include_str!("../preferences.rs")
        .split_once("fn language_choice")
        .unwrap();
    let known: Vec<_> = WRITTEN[..FRONT.split_terminator('\0').count()].into();
    for (file, source) in [
        ("front.rs", include_str!("../front.rs")),
        ("login.rs", include_str!("../login.rs")),
        ("foreign.rs", include_str!("../foreign.rs")),
        ("preferences.rs", language.split_once("\n}\n").unwrap().0),
        ("errors.rs", sign_in.split_once("\n}\n").unwrap().0),
    ] {
        for key in source.split("Key::").skip(1) {
            let end = key
                .find(|letter: char| !letter.is_ascii_alphanumeric())
                .unwrap();
            assert!(known.contains(&&key[..end]), "{file} says {}", &key[..end]);
        }
    }
    for key in [
        "Theme",
        "AsTheSystem",
        "ThemeLight",
        "ThemeDark",
        "ListSeparator",
        "PartSeparator",
    ] {
        assert!(known.contains(&key), "{key}");
    }
}

fn each(check: impl Fn(&str, &Value, &[&str])) {
    for (language, texts, categories) in LANGUAGES {
        check(language, &json::parse(texts).unwrap(), categories);
    }
}

/// The English forms of a key: one, or two of which the second is the general one.
fn english(name: &str) -> Vec<&'static str> {
    let at = WRITTEN.iter().position(|key| *key == name);
    let texts = FRONT
        .split_terminator('\0')
        .chain(REST.split_terminator('\0'));
    let texts: Vec<_> = texts.collect();
    at.map_or_else(Vec::new, |at| texts[at].split('\u{1}').collect())
}

fn places(text: &str) -> Vec<&str> {
    let after = text.split('{').skip(1);
    let mut places: Vec<_> = after.filter_map(|after| after.split('}').next()).collect();
    places.sort_unstable();
    places.dedup();
    places
}

#[test]
fn every_language_has_every_text_and_no_other() {
    each(|language, texts, _| {
        let there: Vec<_> = texts.as_object().iter().map(|(name, _)| &**name).collect();
        let wanted: Vec<_> = WRITTEN.iter().chain(&BOOT).copied().collect();
        // In the same order, too, so that two languages can be read side by side.
        for (at, name) in wanted.iter().enumerate() {
            assert_eq!(there.get(at), Some(name), "{language}");
        }
        assert_eq!(there.len(), wanted.len(), "{language}");
    });
}

#[test]
fn what_is_counted_has_a_form_for_every_number_and_the_rest_has_one() {
    each(|language, texts, categories| {
        for name in WRITTEN {
            let is_counted = english(name).len() > 1;
            match texts.get(name) {
                Value::String(text) => {
                    assert!(!is_counted && !text.is_empty(), "{language} {name}");
                }
                Value::Object(forms) => {
                    let forms: Vec<_> = forms.iter().map(|(form, _)| &**form).collect();
                    assert!(is_counted, "{language} {name}");
                    assert_eq!(forms, categories, "{language} {name}");
                    assert!(forms.iter().all(|form| FORMS.contains(form)));
                }
                other => panic!("{language} {name}: {other:?}"),
            }
        }
    });
}

#[test]
fn every_language_fills_in_what_english_fills_in() {
    each(|language, texts, _| {
        for name in WRITTEN {
            let english = english(name);
            let general = places(english[english.len() - 1]);
            let check = |form: &str, text: &str| {
                let found = places(text);
                // One thing, two things and none may be said without their number.
                let is_word = matches!(form, "zero" | "one" | "two");
                let wanted: Vec<_> = (general.iter().copied())
                    .filter(|place| !is_word || *place != "n" || found.contains(place))
                    .collect();
                assert_eq!(found, wanted, "{language} {name} {form}");
            };
            match texts.get(name) {
                Value::Object(forms) => {
                    for (form, text) in forms {
                        check(form, text.as_str().unwrap());
                    }
                }
                text => check("other", text.as_str().unwrap()),
            }
        }
    });
}

#[test]
fn a_text_has_no_line_break_no_space_at_its_ends_and_no_exclamation_mark() {
    let is_separator = |name: &str| name.ends_with("Separator");
    let check = |language: &str, name: &str, text: &str| {
        assert!(!text.contains(['\n', '!', '\t']), "{language} {name}");
        assert!(
            text.trim() == text || is_separator(name),
            "{language} {name}"
        );
        assert_eq!(text.matches('{').count(), text.matches('}').count());
    };
    for name in WRITTEN {
        for text in english(name) {
            check("en", name, text);
        }
    }
    each(|language, texts, _| {
        for (name, text) in texts.as_object() {
            match text {
                Value::Object(forms) => {
                    for (_, text) in forms {
                        check(language, name, text.as_str().unwrap());
                    }
                }
                text => check(language, name, text.as_str().unwrap()),
            }
        }
    });
}

/// Arabic writes nothing as a dot, and its numbers as the browser has it.
#[test]
fn no_arabic_text_has_a_dot_or_digits_of_its_own() {
    let is_wrong = |letter: char| letter == '·' || letter.is_numeric();
    each(|language, texts, _| {
        for (name, text) in texts.as_object().iter().filter(|_| language == "ar") {
            let of = |text: &Value| text.as_str().is_some_and(|text| text.contains(is_wrong));
            let forms = text.as_object().iter().any(|(_, form)| of(form));
            assert!(!of(text) && !forms, "{name}");
        }
    });
}

/// *Aktualisiert vor 2 Min..*
#[test]
fn no_unit_ends_with_the_full_stop_of_a_sentence() {
    each(|language, texts, _| {
        for name in ["Seconds", "Minutes", "Hours"] {
            for (form, text) in texts.get(name).as_object() {
                let ends = text.as_str().is_some_and(|text| text.ends_with('.'));
                assert!(!ends, "{language} {name} {form}");
            }
        }
    });
}

/// WCAG 2.5.3: who speaks to a control says what stands on it.
#[test]
fn the_name_of_a_button_has_what_stands_on_it() {
    for (visible, name) in [
        ("Acknowledge", "AcknowledgeNamed"),
        ("Cancel", "CancelNamed"),
        ("Dismiss", "DismissNamed"),
        ("ShowDetails", "ShowDetailsNamed"),
        ("Undo", "UndoNamed"),
    ] {
        let check = |language: &str, visible: &str, name: &str| {
            let words = |text: &str| {
                let words = text.split(|letter: char| !letter.is_alphanumeric());
                words.map(str::to_lowercase).collect::<Vec<_>>()
            };
            let (visible, name) = (words(visible), words(name));
            let mut parts = name.windows(visible.len());
            assert!(parts.any(|part| part == visible), "{language}: {name:?}");
        };
        check("en", english(visible)[0], english(name)[0]);
        each(|language, texts, _| {
            let [visible, name] = [visible, name].map(|name| texts.get(name).as_str().unwrap());
            check(language, visible, name);
        });
    }
}
