//! What a person chose for this page: the only things that it ever stores. Never who they are.

use leptos::prelude::*;

use super::hooks::Telltale;
use crate::session::state::Command;
use crate::toast::Level;

/// Under which name the theme is stored; `boot.js` reads it before the first paint.
const THEME: &str = "telltale.theme";
/// Under which name it is stored how much is announced.
const ANNOUNCE: &str = "telltale.announce";

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
    fn word(self) -> &'static str;
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

    fn word(self) -> &'static str {
        match self {
            Self::System => "As the system",
            Self::Light => "Light",
            Self::Dark => "Dark",
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

    fn word(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Important => "Important",
            Self::Off => "Off",
        }
    }
}

/// The theme, as radio buttons.
pub fn theme_choice() -> impl IntoView {
    choice("Theme", THEME, |theme: Theme| {
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
    choice("Announcements", ANNOUNCE, move |level: Level| {
        telltale.command(Command::Announce(level));
    })
}

/// The level of this name; `None` if there is none.
#[cfg(feature = "widget")]
pub(crate) fn level(name: &str) -> Option<Level> {
    Level::ALL.into_iter().find(|level| level.name() == name)
}

fn choice<T: Choice>(
    legend: &'static str,
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
                {option.word()}
            </label>
        }
    });
    view! {
        <fieldset>
            <legend>{legend}</legend>
            {options.into_iter().collect_view()}
        </fieldset>
    }
}

/// Whether something is switched on that a person may have switched off or on.
pub fn is_on(key: &str, by_default: bool) -> bool {
    let name = storage().and_then(|storage| storage.get_item(key).ok().flatten());
    match name.as_deref() {
        Some("on") => true,
        Some("off") => false,
        _ => by_default,
    }
}

/// Remembers that it is switched on or off.
pub fn set_on(key: &str, by_default: bool, is_on: bool) {
    // As below: without storage the choice lasts as long as the page.
    if let Some(storage) = storage() {
        let _ = match is_on == by_default {
            true => storage.remove_item(key),
            false => storage.set_item(key, if is_on { "on" } else { "off" }),
        };
    }
}

fn stored<T: Choice>(key: &str) -> T {
    let name = storage().and_then(|storage| storage.get_item(key).ok().flatten());
    let mut all = T::ALL.into_iter();
    let found = all.find(|option| name.as_deref() == Some(option.name()));
    found.unwrap_or_default()
}

fn store<T: Choice>(key: &str, option: T) {
    // Storage may be full or forbidden; the choice then lasts as long as the page.
    if let Some(storage) = storage() {
        let _ = match option == T::default() {
            true => storage.remove_item(key),
            false => storage.set_item(key, option.name()),
        };
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
