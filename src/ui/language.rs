//! Which language the page speaks: its texts, its numbers, and the direction in which it is read.
//!
//! A language belongs to a session's views, not to the program: two widgets of one page may speak two. It is a signal
//! in the context, which every text and every number reads, so a change is on the page at once and nothing is lost.
//! Where nothing provides a language, it is English.

use std::sync::{Arc, OnceLock};

use js_sys::{Array, Function, Intl, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use super::words::{self, pseudo, Catalogue};
use crate::json::{self, Value};

/// The languages that come with the program, English first: it is in the program, the others are fetched.
pub const LANGUAGES: [&str; 3] = ["en", "de", "ar"];

/// English made strange, to find what is not in the catalogue. It is not offered; an address may ask for it.
pub const PSEUDO: &str = "en-XA";

/// Languages that are read from the right.
const FROM_THE_RIGHT: [&str; 11] = [
    "ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi",
];

/// A language that the page can speak.
#[derive(Debug)]
pub struct Language {
    /// What `lang` says: `de`.
    tag: String,
    /// In which numbers and times are written: `de-AT`, if that is what the browser speaks.
    locale: String,
    catalogue: Catalogue,
}

impl Language {
    /// English, as the program has it.
    #[must_use]
    pub fn english() -> Arc<Self> {
        static OF_THE_FRONT: OnceLock<Arc<Language>> = OnceLock::new();
        static ENGLISH: OnceLock<Arc<Language>> = OnceLock::new();
        let english = if words::is_learnt() {
            &ENGLISH
        } else {
            &OF_THE_FRONT
        };
        let english = english.get_or_init(|| {
            Arc::new(Self {
                tag: "en".to_owned(),
                locale: locale_of("en"),
                catalogue: Catalogue::english(),
            })
        });
        Arc::clone(english)
    }

    /// The language `tag` (BCP 47) with these texts, a JSON object from a key to its text or its plural forms. What
    /// they lack is said in English. `None` if the tag is none, or the texts no object.
    #[must_use]
    pub fn new(tag: &str, texts: &str) -> Option<Arc<Self>> {
        let tag = canonical(tag)?;
        let data = json::parse(texts).ok()?;
        if !matches!(data, Value::Object(_)) {
            return None;
        }
        Some(Arc::new(Self {
            locale: locale_of(&tag),
            catalogue: Catalogue::of(&data),
            tag,
        }))
    }

    /// English made strange.
    pub(super) fn pseudo() -> Arc<Self> {
        Arc::new(Self {
            tag: PSEUDO.to_owned(),
            locale: "en".to_owned(),
            catalogue: Catalogue::english().map(pseudo),
        })
    }

    /// What `lang` says.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// What `dir` says.
    #[must_use]
    pub fn direction(&self) -> &'static str {
        if self.is_from_the_right() {
            "rtl"
        } else {
            "ltr"
        }
    }

    pub(super) fn is_from_the_right(&self) -> bool {
        FROM_THE_RIGHT.contains(&primary(&self.tag))
    }

    /// Whether numbers are written as in English, which the program does without the browser where they are small.
    pub(super) fn is_english(&self) -> bool {
        primary(&self.tag) == "en"
    }

    /// In which language the browser is to write.
    pub(super) fn locale(&self) -> &str {
        &self.locale
    }

    pub(super) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The plural category of so many things.
    pub(super) fn category(&self, number: u64) -> String {
        if self.is_english() {
            return if number == 1 { "one" } else { "other" }.to_owned();
        }
        let locales = Array::of1(&JsValue::from_str(&self.locale));
        #[allow(clippy::cast_precision_loss)] // nothing counts beyond 2⁵³
        let number = number as f64;
        let rules = Intl::PluralRules::new(&locales, &Object::new());
        rules.select(number).into()
    }
}

/// Has all that is said in English from now on, and says it where only the front's texts were known.
pub(super) fn learn() {
    if words::is_learnt() {
        return;
    }
    let front = Language::english();
    words::learn();
    if let Some(Spoken(spoken)) = use_context::<Spoken>() {
        let current = spoken.get_untracked();
        if Arc::ptr_eq(&current, &front) {
            spoken.set(Language::english());
        } else if current.tag == PSEUDO {
            spoken.set(Language::pseudo());
        }
    }
}

/// The language of the views below.
#[derive(Clone, Copy)]
pub struct Spoken(RwSignal<Arc<Language>>);

impl Spoken {
    /// Which language that is, without tracking; `None` once the views are gone.
    pub(super) fn tag(self) -> Option<String> {
        let language = self.0.try_get_untracked();
        language.map(|language| language.tag.clone())
    }

    /// Speaks another language from now on.
    pub fn set(self, language: Arc<Language>) {
        self.0.set(language);
    }
}

/// Lets everything below the current component speak this language.
pub fn provide_language(language: Arc<Language>) -> Spoken {
    let spoken = Spoken(RwSignal::new(language));
    provide_context(spoken);
    spoken
}

/// The language here. Whoever asks is asked again when it changes.
#[must_use]
pub fn use_language() -> Arc<Language> {
    use_context::<Spoken>().map_or_else(Language::english, |spoken| spoken.0.get())
}

/// One of [`LANGUAGES`], or [`PSEUDO`]; `None` if its texts cannot be had.
pub async fn load(tag: &str) -> Option<Arc<Language>> {
    match tag {
        "en" => Some(Language::english()),
        PSEUDO => Some(Language::pseudo()),
        _ => {
            let texts = crate::web::load_file(&["lang/", tag, ".json"].concat()).await;
            Language::new(tag, &texts.ok()?)
        }
    }
}

/// Says in the document which language it is in, and from where it is read, as long as the current component lives.
pub fn name_in_document() {
    Effect::new(move |_| {
        let language = use_language();
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", language.tag());
            let _ = root.set_attribute("dir", language.direction());
        }
    });
}

/// The language among [`LANGUAGES`] that a page begins with, or [`PSEUDO`]: what its address asks for, else what the
/// person chose, else what its configuration says, else the first of the browser's that there is. A choice that is no
/// language is the browser's.
#[must_use]
pub fn wanted(
    address: Option<&str>,
    chosen: Option<&str>,
    configured: Option<&str>,
    browser: &[String],
) -> &'static str {
    let known = |tag: &str| {
        let tag = primary(tag);
        LANGUAGES
            .into_iter()
            .find(|known| tag.eq_ignore_ascii_case(known))
    };
    if address.is_some_and(|tag| tag.eq_ignore_ascii_case(PSEUDO)) {
        return PSEUDO;
    }
    let first = address.and_then(known);
    let first = first.or_else(|| match chosen {
        Some(chosen) => known(chosen),
        None => configured.and_then(known),
    });
    let first = first.or_else(|| browser.iter().find_map(|tag| known(tag)));
    first.unwrap_or("en")
}

/// `de` of `de-AT`.
fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}

/// What the browser speaks, the dearest first.
#[must_use]
pub fn of_browser() -> Vec<String> {
    let Some(window) = web_sys::window() else {
        return Vec::new();
    };
    let tags = window.navigator().languages();
    tags.iter().filter_map(|tag| tag.as_string()).collect()
}

/// The browser's own variety of a language: whoever reads British English reads British dates.
fn locale_of(tag: &str) -> String {
    if cfg!(not(target_arch = "wasm32")) {
        return tag.to_owned();
    }
    let mut varieties = of_browser().into_iter();
    let found = varieties.find(|variety| primary(variety) == tag);
    found
        .and_then(|variety| canonical(&variety))
        .unwrap_or_else(|| tag.to_owned())
}

/// The tag as the browser writes it; `None` if it is no language tag, which its formatters would throw at.
fn canonical(tag: &str) -> Option<String> {
    if cfg!(not(target_arch = "wasm32")) {
        return Some(tag.to_owned());
    }
    let intl = Reflect::get(&js_sys::global(), &JsValue::from_str("Intl")).ok()?;
    let function = Reflect::get(&intl, &JsValue::from_str("getCanonicalLocales")).ok()?;
    let function = function.dyn_into::<Function>().ok()?;
    let tags = function
        .call1(&JsValue::UNDEFINED, &JsValue::from_str(tag))
        .ok()?;
    tags.dyn_into::<Array>().ok()?.get(0).as_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_goes_before_the_choice_and_that_before_the_configuration_and_the_browser() {
        let browser = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
        for (address, chosen, configured, tags, language) in [
            (None, None, None, &["fr", "de-AT", "ar"][..], "de"),
            (None, None, None, &["fr"][..], "en"),
            (None, None, Some("ar"), &["de"][..], "ar"),
            (None, Some("de"), Some("ar"), &["en"][..], "de"),
            (None, Some("browser"), Some("ar"), &["de"][..], "de"),
            (Some("AR-eg"), Some("de"), None, &["en"][..], "ar"),
            (Some("fr"), None, None, &["de"][..], "de"),
            (Some("en-xa"), Some("de"), None, &["de"][..], PSEUDO),
            (None, Some("en-XA"), None, &["de"][..], "en"),
            (None, None, None, &["en-XA"][..], "en"),
        ] {
            let found = wanted(address, chosen, configured, &browser(tags));
            assert_eq!(
                found, language,
                "{address:?} {chosen:?} {configured:?} {tags:?}"
            );
        }
    }
}
