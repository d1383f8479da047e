//! Light, dark, or as the system has it. The choice is the only thing that this page ever stores.

use leptos::prelude::*;

/// Under which name it is stored; `boot.js` reads it before the first paint.
const KEY: &str = "telltale.theme";

/// How the page looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Theme {
    /// As the system has it.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
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

/// The choice, as radio buttons.
pub fn theme_choice() -> impl IntoView {
    let current = stored();
    let options = Theme::ALL.map(|theme| {
        view! {
            <label class="row">
                <input
                    type="radio"
                    name="theme"
                    value=theme.name()
                    checked=theme == current
                    on:change=move |_| choose(theme)
                />
                {theme.word()}
            </label>
        }
    });
    view! {
        <fieldset>
            <legend>"Theme"</legend>
            {options.into_iter().collect_view()}
        </fieldset>
    }
}

fn stored() -> Theme {
    let name = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    let found = Theme::ALL
        .into_iter()
        .find(|theme| name.as_deref() == Some(theme.name()));
    found.unwrap_or_default()
}

fn choose(theme: Theme) {
    if let Some(root) = document().document_element() {
        let _ = match theme {
            Theme::System => root.remove_attribute("data-theme"),
            theme => root.set_attribute("data-theme", theme.name()),
        };
    }
    // Storage may be full or forbidden; the choice then lasts as long as the page.
    if let Some(storage) = storage() {
        let _ = match theme {
            Theme::System => storage.remove_item(KEY),
            theme => storage.set_item(KEY, theme.name()),
        };
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
