//! The way to the debug panel: what goes in and out of the session, for whoever looks for a fault.
//!
//! Nobody pays for it who does not open it. The page meets the panel in one place, [`load`], which may have to fetch its
//! code first; recording is on while it is open, or from the beginning if the address asks for that (`?debug`).

mod filter;
mod panel;

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::hooks::{self, Telltale};
use super::live::{part, say};
use super::route::Route;
use super::set_title;
use super::words::{self, Key};
use crate::session::record::Tap;
use crate::session::{Config, Session};
use crate::time::Instant;
use crate::web::driver::MakeTap;

/// What there is behind [`load`].
#[derive(Clone, Copy)]
pub struct Panel {
    /// The page's content below its heading; of this recording, or of one that begins and ends with it.
    page: fn(Option<Rc<dyn Any>>) -> AnyView,
    /// Begins a recording with the session.
    record: fn(&Session, Instant) -> Recording,
}

/// A record, as the driver knows it and as the panel does.
struct Recording {
    tap: Rc<dyn Tap>,
    record: Rc<dyn Any>,
}

/// Fetches the panel: the one place where the rest of the page meets its code.
#[allow(clippy::unused_async)] // whoever opens the panel waits for it, whether or not it is a part of its own
pub async fn load() -> Panel {
    Panel {
        page: panel::page,
        record: panel::record,
    }
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

/// As [`hooks::provide_telltale`], recorded from the beginning if there is a panel to read the record.
pub fn provide_telltale(config: Config, panel: Option<&Panel>) -> Telltale {
    let kept = RefCell::new(None);
    let make = |session: &Session, now: Instant| {
        let recording = panel.map(|panel| (panel.record)(session, now));
        let recording = recording.expect("it is only called with a panel");
        kept.replace(Some(recording.record));
        recording.tap
    };
    let telltale = hooks::provide_telltale_tapped(config, panel.map(|_| &make as MakeTap<'_>));
    provide_context(Kept(StoredValue::new_local(kept.take())));
    telltale
}

/// The record of everything, if there is one.
#[derive(Clone, Copy)]
struct Kept(StoredValue<Option<Rc<dyn Any>>, LocalStorage>);

/// The link to the panel.
pub(super) fn link() -> AnyView {
    view! { <a class="meta" href=Route::Debug.href()>{say(Key::Debug)}</a> }.into_any()
}

/// The page: its heading is there at once, the rest when it is loaded.
pub(super) fn debug_page() -> AnyView {
    set_title(|| words::title(&words::say(Key::Debug)));
    let panel = RwSignal::new(None::<Panel>);
    spawn_local(async move {
        let loaded = load().await;
        // The page may have been left meanwhile.
        let _ = panel.try_set(Some(loaded));
    });
    let kept = use_context::<Kept>();
    view! {
        <h1 tabindex="-1">{say(Key::Debug)}</h1>
        {part(move || match panel.get() {
            Some(panel) => (panel.page)(kept.and_then(|kept| kept.0.get_value())),
            None => view! { <p class="quiet" role="status">{say(Key::DebugLoading)}</p> }.into_any(),
        })}
    }
    .into_any()
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
