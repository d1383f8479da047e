//! What a person chose for this page: the only things that it ever stores. Never who they are.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::hooks::Telltale;
use super::icon::{icon, Icon};
use super::language::{self, use_language, Language, Spoken};
use super::live::{flag, part, say};
use super::words::{self, Key};
use crate::session::state::Command;
use crate::toast::Level;

/// Under which name the theme is stored; `boot.js` reads it before the first paint.
const THEME: &str = "telltale.theme";
/// Under which name it is stored how much is announced.
const ANNOUNCE: &str = "telltale.announce";

/// Under which name the language is stored; `boot.js` reads it for its own few words.
const LANGUAGE: &str = "telltale.lang";
/// What is stored when somebody chose no language but what the browser speaks.
const BROWSER: &str = "browser";

/// How the page looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Theme {
    /// As the system has it.
    #[default]
    System,
    Light,
    Dark,
}

/// One of a few, each with the name that is stored and its word.
trait Choice: Copy + PartialEq + Default + 'static {
    const ALL: [Self; 3];
    fn name(self) -> &'static str;
    fn word(self) -> Key;
}

impl Choice for Theme {
    const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn word(self) -> Key {
        match self {
            Self::System => Key::AsTheSystem,
            Self::Light => Key::ThemeLight,
            Self::Dark => Key::ThemeDark,
        }
    }
}

impl Choice for Level {
    const ALL: [Self; 3] = [Self::All, Self::Important, Self::Off];

    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Important => "important",
            Self::Off => "off",
        }
    }

    fn word(self) -> Key {
        match self {
            Self::All => Key::AnnounceAll,
            Self::Important => Key::AnnounceImportant,
            Self::Off => Key::AnnounceOff,
        }
    }
}

/// The theme, as radio buttons.
pub fn theme_choice() -> impl IntoView {
    choice(Key::Theme, THEME, |theme: Theme| {
        if let Some(root) = document().document_element() {
            let _ = match theme {
                Theme::System => root.remove_attribute("data-theme"),
                theme => root.set_attribute("data-theme", theme.name()),
            };
        }
    })
}

/// How much a screen reader is told, as radio buttons. What was chosen holds from the start.
pub fn announce_choice(telltale: Telltale) -> impl IntoView {
    telltale.command(Command::Announce(stored(ANNOUNCE)));
    choice(Key::Announcements, ANNOUNCE, move |level: Level| {
        telltale.command(Command::Announce(level));
    })
}

/// The language that the page begins with ([`language::wanted`]): English, if it cannot be loaded. `configured` is what
/// the configuration says.
pub async fn first_language(configured: Option<&str>) -> Arc<Language> {
    let loaded = language::load(wanted(configured)).await;
    loaded.unwrap_or_else(Language::english)
}

/// The language that the page would begin with now.
fn wanted(configured: Option<&str>) -> &'static str {
    let search = window().location().search().unwrap_or_default();
    let mut asked = search.trim_start_matches('?').split('&');
    let address = asked.find_map(|asked| asked.strip_prefix("lang="));
    let chosen = stored_name(LANGUAGE);
    let browser = language::of_browser();
    language::wanted(address, chosen.as_deref(), configured, &browser)
}

/// Speaks what the page would begin with whenever the browser's language changes: for whoever wants the browser's, that
/// is another. One that cannot be loaded changes nothing. As long as the current component lives.
pub fn follow_browser(spoken: Spoken, configured: Option<String>) {
    let wanted = StoredValue::new(wanted(configured.as_deref()));
    let follow = window_event_listener_untyped("languagechange", move |_| {
        let before = wanted.get_value();
        let now = self::wanted(configured.as_deref());
        wanted.set_value(now);
        // A choice that could not be stored is a choice all the same.
        if spoken.tag().as_deref() != Some(before) {
            return;
        }
        spawn_local(async move {
            let language = language::load(now).await;
            // Of two changes shortly after one another the later counts, whichever arrives first; and what somebody
            // chose meanwhile goes before both.
            let is_wanted = wanted.try_get_value() == Some(now);
            if let Some(language) = language.filter(|_| is_wanted) {
                if spoken.tag().as_deref() == Some(before) {
                    spoken.set(language);
                }
            }
        });
    });
    on_cleanup(move || follow.remove());
}

/// The languages there are, each by its own name. If one cannot be loaded, the page goes on in the one it has.
pub fn language_choice() -> impl IntoView {
    /// Their own names, in the order of [`language::LANGUAGES`].
    const NAMES: [&str; language::LANGUAGES.len()] = ["English", "Deutsch", "العربية"];
    let spoken = use_context::<Spoken>();
    let of_browser = || language::wanted(None, Some(BROWSER), None, &language::of_browser());
    let tag = untrack(use_language).tag().to_owned();
    // What the address asks for goes before what is stored.
    let holds = |stored: &String| {
        language::wanted(None, Some(stored), None, &language::of_browser()) == tag
    };
    let first = stored_name(LANGUAGE)
        .filter(holds)
        .unwrap_or_else(|| match tag == of_browser() {
            true => BROWSER.to_owned(),
            false => tag,
        });
    let spoken_choice = StoredValue::new(first.clone());
    let chosen = RwSignal::new(first);
    let has_failed = RwSignal::new(false);
    let change = move |event: web_sys::Event| {
        let choice = event_target_value(&event);
        chosen.set(choice.clone());
        has_failed.set(false);
        spawn_local(async move {
            let wanted = language::wanted(None, Some(&choice), None, &language::of_browser());
            let language = language::load(wanted).await;
            // Of two choices shortly after one another the later counts, whichever arrives first.
            if chosen.try_get_untracked().as_ref() != Some(&choice) {
                return;
            }
            match (language, spoken) {
                (Some(language), Some(spoken)) => {
                    store_name(LANGUAGE, Some(&choice));
                    spoken.set(language);
                    spoken_choice.set_value(choice);
                }
                _ => {
                    chosen.set(spoken_choice.get_value());
                    has_failed.set(true);
                }
            }
        });
    };
    let option = move |name: &'static str, word: AnyView| {
        let is_chosen = flag(move || chosen.with(|chosen| chosen == name));
        view! {
            <option value=name prop:selected=is_chosen>
                {word}
            </option>
        }
    };
    let known = language::LANGUAGES.into_iter().zip(NAMES);
    view! {
        <label>
            {say(Key::Language)}
            <select on:change=change>
                {option(BROWSER, say(Key::AsTheBrowser).into_any())}
                {known.map(|(tag, name)| option(tag, name.into_any())).collect_view()}
            </select>
        </label>
        <div class="alarm" role="alert">
            {part(move || {
                has_failed.get().then(|| view! { <p class="fault">{icon(Icon::Bad)} <span>{words::say(Key::LanguageNotLoaded)}</span></p> })
            })}
        </div>
    }
}

/// The level of this name; `None` if there is none.
#[cfg(feature = "widget")]
pub(crate) fn level(name: &str) -> Option<Level> {
    Level::ALL.into_iter().find(|level| level.name() == name)
}

fn choice<T: Choice>(
    legend: Key,
    key: &'static str,
    chosen: impl Fn(T) + Clone + 'static,
) -> impl IntoView {
    let current: T = stored(key);
    let options = T::ALL.map(|option| {
        let chosen = chosen.clone();
        view! {
            <label class="row">
                <input
                    type="radio"
                    name=key
                    value=option.name()
                    checked=option == current
                    on:change=move |_| {
                        chosen(option);
                        store(key, option);
                    }
                />
                {say(option.word())}
            </label>
        }
    });
    view! {
        <fieldset>
            <legend>{say(legend)}</legend>
            {options.into_iter().collect_view()}
        </fieldset>
    }
}

/// Whether something is switched on that a person may have switched off or on.
pub fn is_on(key: &str, by_default: bool) -> bool {
    match stored_name(key).as_deref() {
        Some("on") => true,
        Some("off") => false,
        _ => by_default,
    }
}

/// Remembers that it is switched on or off.
pub fn set_on(key: &str, by_default: bool, is_on: bool) {
    let name = if is_on { "on" } else { "off" };
    store_name(key, (is_on != by_default).then_some(name));
}

fn stored<T: Choice>(key: &str) -> T {
    let name = stored_name(key);
    let mut all = T::ALL.into_iter();
    let found = all.find(|option| name.as_deref() == Some(option.name()));
    found.unwrap_or_default()
}

fn store<T: Choice>(key: &str, option: T) {
    store_name(key, (option != T::default()).then(|| option.name()));
}

fn stored_name(key: &str) -> Option<String> {
    storage().and_then(|storage| storage.get_item(key).ok().flatten())
}

/// What is chosen by default is not stored.
fn store_name(key: &str, name: Option<&str>) {
    // Storage may be full or forbidden; the choice then lasts as long as the page.
    if let Some(storage) = storage() {
        let _ = match name {
            Some(name) => storage.set_item(key, name),
            None => storage.remove_item(key),
        };
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
