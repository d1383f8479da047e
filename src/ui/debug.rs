//! The way to the debug panel: what goes in and out of the session, for whoever looks for a fault.
//!
//! Nobody pays for it who does not open it. The page meets the panel in one place, [`Panel::new`], whose code may have
//! to be fetched first; recording is on while it is open, or from the beginning if the address asks for that
//! (`?debug`).

mod filter;
mod panel;

use std::any::Any;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::hooks::{self, Telltale};
use super::icon::{icon, Icon};
use super::live::{click, part, say};
use super::route::Route;
use super::set_title;
use super::words::{self, Key};
use crate::session::record::Tap;
use crate::session::{Config, Session};
use crate::time::Instant;
use crate::web::driver::MakeTap;

/// The panel, as the page knows it.
#[derive(Clone, Copy)]
pub struct Panel {
    /// The page's content below its heading; of this recording, or of one that begins and ends with it.
    page: fn(Option<Rc<dyn Any>>) -> AnyView,
    /// Begins a recording with the session.
    record: fn(&Session, Instant) -> Recording,
}

/// A record, as the driver knows it and as the panel does.
#[derive(Clone)]
pub struct Recording {
    tap: Rc<dyn Tap>,
    record: Rc<dyn Any>,
}

impl Recording {
    /// What is to be told all that goes in and out.
    #[must_use]
    pub fn tap(&self) -> Rc<dyn Tap> {
        Rc::clone(&self.tap)
    }

    /// The record itself.
    #[must_use]
    pub fn record(&self) -> Rc<dyn Any> {
        Rc::clone(&self.record)
    }

    /// Has the panel below show this record of everything.
    pub fn provide(self) {
        provide_context(Kept(StoredValue::new_local(Some(self.record))));
    }
}

impl Panel {
    /// The panel: a page that loads in parts calls this from the part that is loaded for it.
    #[must_use]
    pub fn new() -> Self {
        Self {
            page: panel::page,
            record: panel::record,
        }
    }

    /// Begins a recording with a session, before anything is handed to it.
    #[must_use]
    pub fn record(&self, session: &Session, now: Instant) -> Recording {
        (self.record)(session, now)
    }
}

impl Default for Panel {
    fn default() -> Self {
        Self::new()
    }
}

/// The panel on its way; `None` if it could not be loaded, in which case it may be tried again.
pub type Loading = Pin<Box<dyn Future<Output = Option<Panel>>>>;

/// How the page below comes to the panel.
#[derive(Clone, Copy)]
struct Way {
    load: fn() -> Loading,
    /// It records from the beginning.
    asked: Option<Panel>,
}

/// Opens the way to the panel for the page below; with one that is there already, everything is recorded.
pub fn provide_panel(load: fn() -> Loading, asked: Option<Panel>) {
    provide_context(Way { load, asked });
}

/// Whether the address asks for a record of everything (`?debug`).
#[must_use]
pub fn is_asked_for() -> bool {
    let search = window().location().search().unwrap_or_default();
    is_in(&search)
}

fn is_in(search: &str) -> bool {
    let parts = search.trim_start_matches('?').split('&');
    parts
        .map(|part| part.split('=').next())
        .any(|name| name == Some("debug"))
}

/// As [`hooks::provide_telltale`], recorded from the beginning if that was asked for.
pub fn provide_telltale(config: Config) -> Telltale {
    let panel = use_context::<Way>().and_then(|way| way.asked);
    let panel = panel.as_ref();
    let kept = RefCell::new(None);
    let make = |session: &Session, now: Instant| {
        let recording = panel.map(|panel| panel.record(session, now));
        let recording = recording.expect("it is only called with a panel");
        let tap = recording.tap();
        kept.replace(Some(recording));
        tap
    };
    let telltale = hooks::provide_telltale_tapped(config, panel.map(|_| &make as MakeTap<'_>));
    if let Some(recording) = kept.take() {
        recording.provide();
    }
    telltale
}

/// The record of everything, if there is one.
#[derive(Clone, Copy)]
struct Kept(StoredValue<Option<Rc<dyn Any>>, LocalStorage>);

/// The link to the panel, where there is a way to it.
pub(super) fn link() -> Option<AnyView> {
    use_context::<Way>()?;
    let href = Route::Debug.href();
    Some(view! { <a class="meta" href=href>{say(Key::Debug)}</a> }.into_any())
}

/// The page: its heading is there at once, the rest when it is loaded. `None` where there is no way to it.
pub(super) fn debug_page() -> Option<AnyView> {
    let way = use_context::<Way>()?;
    set_title(|| words::title(&words::say(Key::Debug)));
    let stage = RwSignal::new(Stage::Loading);
    let fetch = move || {
        stage.set(Stage::Loading);
        spawn_local(async move {
            let loaded = (way.load)().await;
            // The page may have been left meanwhile.
            let _ = stage.try_set(loaded.map_or(Stage::Failed, Stage::Loaded));
        });
    };
    fetch();
    let kept = use_context::<Kept>();
    let page = view! {
        <h1 tabindex="-1">{say(Key::Debug)}</h1>
        {part(move || match stage.get() {
            Stage::Loaded(panel) => (panel.page)(kept.and_then(|kept| kept.0.get_value())),
            Stage::Loading => view! { <p class="quiet" role="status">{say(Key::DebugLoading)}</p> }.into_any(),
            Stage::Failed => view! {
                <p class="fault" role="alert">{icon(Icon::Bad)} <span>{say(Key::DebugNotLoaded)}</span></p>
                <button on:click=click(fetch)>{say(Key::TryAgain)}</button>
            }
            .into_any(),
        })}
    };
    Some(page.into_any())
}

/// How far the panel is.
#[derive(Clone, Copy)]
enum Stage {
    Loading,
    Loaded(Panel),
    Failed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_everything_is_asked_for_by_a_parameter_of_that_name() {
        for (search, is_asked) in [
            ("", false),
            ("?debug", true),
            ("?lang=de&debug", true),
            ("?debug=1&x", true),
            ("?debugger", false),
            ("?x=debug", false),
        ] {
            assert_eq!(is_in(search), is_asked, "{search}");
        }
    }
}
