//! The interface: signals, hooks, and the views that read them.
//!
//! ```text
//! store     the session as signals; the only writer of them
//! hooks     the library's face: what an application uses, and all that the views here use
//! language words format foreign    which language · every text · figures and times · servers' texts, set apart
//! pause     the switch that holds what moves by itself
//! places    what a tab, the system and a tone tell of what nobody is looking at
//! icon live route   shapes · the shared types of moving parts · the address
//! preferences       what a person chose, kept in the browser: light and dark, language, announcements, sound
//! embedded          one media or one meeting inside of another page
//! steady    lists whose rows change places only when no hand is in them
//! cancelling        the question whether to cancel an analysis, where another page can
//! app       header, banner, pages, dock, announcer
//! front     what is there before somebody signs in and the rest is loaded
//! debug     what goes in and out of the session, for whoever looks for a fault (feature `debug`)
//! login media_list upload media_page progress_panel meeting activity toasts connection announcer
//! ```
//!
//! Its law: **a view is a function of signals.** It owns no timer, parses nothing and fetches nothing. What a state
//! looks like is the stylesheet's: a view sets `data-` attributes and, for what moves, custom properties. There is no
//! `style` attribute, because a strict policy forbids it.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::prelude::*;

use self::hooks::use_telltale;
use crate::domain::table::Format;
use crate::time::Instant;
use crate::web::is_visible;

mod activity;
mod announcer;
mod app;
mod cancelling;
mod connection;
#[cfg(feature = "debug")]
pub mod debug;
mod embedded;
mod focus;
mod foreign;
mod format;
pub mod front;
pub mod hooks;
mod icon;
pub mod language;
mod live;
mod login;
mod media_list;
mod media_page;
mod meeting;
mod paper;
mod pause;
mod places;
pub(crate) mod preferences;
mod progress_panel;
pub mod route;
mod steady;
pub mod store;
mod toasts;
mod upload;
mod words;

pub use announcer::LiveRegions;
pub use app::{app, config_page};
pub use cancelling::Cancel;
pub use embedded::{embedded, embedded_meeting};
pub use preferences::{first_language, follow_browser};
pub use progress_panel::progress_panel;

/// The views one by one, for a gallery of what each can look like.
#[cfg(feature = "demo")]
pub mod parts {
    pub use super::activity::activity_page;
    pub use super::app::settings;
    pub use super::connection::{banner, connection_pill};
    pub use super::media_list::media_list;
    pub use super::media_page::media_page;
    pub use super::meeting::{meeting_page, meetings_page};
    pub use super::pause::{pause_button, paused};
    pub use super::places::Places;
    pub use super::toasts::toasts;
    pub use crate::web::Permission;

    /// The debug panel: of the record that is provided, or of one that begins with it.
    #[must_use]
    pub fn debug_page() -> Option<leptos::prelude::AnyView> {
        super::debug::debug_page()
    }

    /// The page that asks to sign in.
    #[must_use]
    pub fn login_page() -> leptos::prelude::AnyView {
        super::login::login_page(super::login::Door::of_session())
    }

    /// The form of it, as the dialog that asks again has it.
    #[must_use]
    pub fn login_form() -> impl leptos::prelude::IntoView {
        super::login::login_form(super::login::Door::of_session())
    }
}

/// An id that no other element on the page has, for `aria-labelledby` and the like.
fn unique(what: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
    ["telltale-", what, "-", &number].concat()
}

/// How much ended or alerted while nobody saw it, where titles begin with it.
#[derive(Clone, Copy)]
struct Away {
    count: Memo<u32>,
    badged: fn(u32, &str) -> String,
}

/// Offers a text as a file of this name.
fn offer(name: &str, format: Format, text: &str) {
    // There is no room in memory for a megabyte: then nothing else goes on here either.
    let _ = crate::web::download(name, format.media_type(), text);
}

/// Keeps the document's title, as long as the current component lives. The browser tells others of each setting, also
/// of the same title.
fn set_title(of: impl Fn() -> String + 'static) {
    let title = badged(of);
    Effect::new(move |before: Option<String>| {
        let title = title();
        if before.as_ref() != Some(&title) {
            document().set_title(&title);
        }
        title
    });
}

/// The same of a title that tells how far something is: the browser draws its own window anew for each, and while
/// somebody sees the page that is once a second.
fn set_moving_title(of: impl Fn() -> String + 'static) {
    let title = badged(of);
    let clock = use_telltale().now();
    Effect::new(move |before: Option<(String, Instant)>| {
        let (title, second) = (title(), clock.get_untracked());
        match before {
            Some((shown, since)) if shown == title => return (shown, since),
            Some((shown, since)) if since == second && is_visible() => {
                // The clock's next second asks again.
                clock.track();
                return (shown, since);
            }
            _ => document().set_title(&title),
        }
        (title, second)
    });
}

/// That title with the number of what ended or alerted while nobody saw it.
fn badged(of: impl Fn() -> String + 'static) -> impl Fn() -> String + 'static {
    let away = use_context::<Away>();
    move || match away.map(|away| (away.count.get(), away.badged)) {
        None | Some((0, _)) => of(),
        Some((count, badged)) => badged(count, &of()),
    }
}
