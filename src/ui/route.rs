//! Which page is shown: the address's fragment, as state.
//!
//! The fragment needs no server's help, so the same files can be served from anywhere, and a link can be kept or sent.
//! Servers are named as the configuration names them, never by number: a number would change with the configuration.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::backend::request::percent_encoded;
use crate::domain::{MediaId, MediaKey, MeetingId, MeetingKey, Source};
use crate::session::state::SourceState;
use crate::time::Instant;

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// `#/media`: the list. Also what an empty or unknown fragment shows.
    #[default]
    List,
    /// `#/media/<server>/<id>`: one media.
    Media {
        /// The server's configured name.
        server: String,
        /// The media's id there.
        id: String,
    },
    /// `#/meetings`: join one.
    Meetings,
    /// `#/meeting/<server>/<id>`: one meeting.
    Meeting {
        /// The server's configured name.
        server: String,
        /// The meeting's id there.
        id: String,
    },
    /// `#/activity`: everything that was told.
    Activity,
    /// `#/debug`: what goes in and out of the session.
    #[cfg(feature = "debug")]
    Debug,
}

impl Route {
    /// Reads a fragment, with or without its `#`.
    #[must_use]
    pub fn parse(fragment: &str) -> Self {
        let path = fragment.trim_start_matches('#').trim_start_matches('/');
        let path = path.split('?').next().unwrap_or_default();
        let mut parts = path.splitn(3, '/').map(decode);
        let (page, server, id) = (parts.next(), parts.next(), parts.next());
        let named = |server: Option<String>, id: Option<String>| {
            Some((server?, id?)).filter(|(server, id)| !server.is_empty() && !id.is_empty())
        };
        match page.as_deref() {
            Some("media") => {
                named(server, id).map_or(Self::List, |(server, id)| Self::Media { server, id })
            }
            Some("activity") => Self::Activity,
            #[cfg(feature = "debug")]
            Some("debug") => Self::Debug,
            Some("meetings") => Self::Meetings,
            Some("meeting") => named(server, id)
                .map_or(Self::Meetings, |(server, id)| Self::Meeting { server, id }),
            _ => Self::List,
        }
    }

    /// The fragment, with its `#`.
    #[must_use]
    pub fn href(&self) -> String {
        let of = |page: &str, server: &str, id: &str| {
            [page, &percent_encoded(server), "/", &percent_encoded(id)].concat()
        };
        match self {
            Self::List => "#/media".to_owned(),
            Self::Media { server, id } => of("#/media/", server, id),
            Self::Activity => "#/activity".to_owned(),
            #[cfg(feature = "debug")]
            Self::Debug => "#/debug".to_owned(),
            Self::Meetings => "#/meetings".to_owned(),
            Self::Meeting { server, id } => of("#/meeting/", server, id),
        }
    }

    /// The page of a media.
    #[must_use]
    pub fn of_media(key: &MediaKey, sources: &[SourceState]) -> Self {
        Self::Media {
            server: name_of(key.source, sources),
            id: key.id.as_str().to_owned(),
        }
    }

    /// The page of a meeting.
    #[must_use]
    pub fn of_meeting(key: &MeetingKey, sources: &[SourceState]) -> Self {
        Self::Meeting {
            server: name_of(key.source, sources),
            id: key.id.as_str().to_owned(),
        }
    }

    /// The media this is the page of, if its server is configured.
    #[must_use]
    pub fn media(&self, sources: &[SourceState]) -> Option<MediaKey> {
        let Self::Media { server, id } = self else {
            return None;
        };
        Some(MediaKey {
            source: source_of(server, sources)?,
            id: MediaId::new(id)?,
        })
    }

    /// The meeting this is the page of, if its server is configured.
    #[must_use]
    pub fn meeting(&self, sources: &[SourceState]) -> Option<MeetingKey> {
        let Self::Meeting { server, id } = self else {
            return None;
        };
        Some(MeetingKey {
            source: source_of(server, sources)?,
            id: MeetingId::new(id)?,
        })
    }
}

fn name_of(source: Source, sources: &[SourceState]) -> String {
    let found = sources.iter().find(|state| state.source == source);
    found.map_or_else(String::new, |state| state.name.as_str().to_owned())
}

fn source_of(name: &str, sources: &[SourceState]) -> Option<Source> {
    let found = sources.iter().find(|state| state.name.as_str() == name);
    found.map(|state| state.source)
}

/// What stands behind the `?` of a fragment: names, each with its value.
pub fn wishes(fragment: &str) -> impl Iterator<Item = (&str, String)> {
    let (_, wishes) = fragment.split_once('?').unwrap_or_default();
    wishes.split('&').map(|wish| {
        let (name, value) = wish.split_once('=').unwrap_or_default();
        (name, decode(value))
    })
}

/// The fragment of a page with these behind its `?`. A wish without a value is none.
#[must_use]
pub fn with_wishes<const N: usize>(page: &str, wishes: [(&str, &str); N]) -> String {
    let mut href = page.to_owned();
    for (name, value) in wishes {
        if !value.is_empty() {
            href.push(if href.contains('?') { '&' } else { '?' });
            href.push_str(name);
            href.push('=');
            href.push_str(&percent_encoded(value));
        }
    }
    href
}

/// As much of a search as an address keeps: it has its limits, and no name is longer.
#[must_use]
pub fn search(query: &str) -> String {
    const MAX_CHARACTERS: usize = 200;
    query.chars().take(MAX_CHARACTERS).collect()
}

/// The fragment that stands in the address now, with its `#` unless it is empty.
#[must_use]
pub fn address() -> String {
    window().location().hash().unwrap_or_default()
}

/// Has the address say it, as a step that *Back* undoes.
pub fn push_address(href: &str) {
    if let Ok(history) = window().history() {
        // A browser that takes no more steps in so short a time leaves the address as it was.
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(href));
    }
}

/// Has the address say it instead of what it says.
pub fn replace_address(href: &str) {
    if let Ok(history) = window().history() {
        // As above.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(href));
    }
}

/// The address of a view in which somebody types, as long as the current component lives.
///
/// It follows once a second: for each address a browser draws its own window anew, and some take no more than a hundred
/// in half a minute.
#[derive(Clone, Copy)]
pub struct Typed {
    /// The page's clock, once a second.
    clock: Signal<Instant>,
    /// In which second the address last followed.
    second: StoredValue<Option<Instant>>,
    waiting: StoredValue<Option<String>>,
}

impl Typed {
    /// Follows with the next second of the clock.
    #[must_use]
    pub fn new(clock: Signal<Instant>) -> Self {
        let typed = Self {
            clock,
            second: StoredValue::new(None),
            waiting: StoredValue::new(None),
        };
        Effect::new(move |_| {
            clock.track();
            typed.settle();
        });
        typed
    }

    /// Has the address say it instead of what it says, now or with the next second.
    pub fn replace(self, href: &str) {
        self.waiting.set_value(Some(href.to_owned()));
        if self.second.get_value() != Some(self.clock.get_untracked()) {
            self.settle();
        }
    }

    /// Has the address say what waits: what comes next is another step.
    pub fn settle(self) {
        let waiting = self.waiting.try_update_value(Option::take).flatten();
        if let Some(href) = waiting {
            self.second.set_value(Some(self.clock.get_untracked()));
            replace_address(&href);
        }
    }

    /// Another address stands there, and is to stay.
    pub fn forget(self) {
        self.waiting.set_value(None);
    }
}

/// Undoes percent-encoding; a `%` that begins no pair of digits stands for itself, and what is no UTF-8 becomes U+FFFD.
#[must_use]
pub fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |at: usize| (*bytes.get(at)? as char).to_digit(16);
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            #[allow(clippy::cast_possible_truncation)]
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_names_a_page() {
        for (fragment, route) in [
            ("", Route::List),
            ("#", Route::List),
            ("#/", Route::List),
            ("#/nowhere", Route::List),
            ("#/media", Route::List),
            ("#/media/", Route::List),
            ("#/media/analysis", Route::List),
            ("#/media//m1", Route::List),
            ("#/media?status=failed", Route::List),
            ("#/media/analysis/m1", media("analysis", "m1")),
            ("#/media/analysis/m1?run=2", media("analysis", "m1")),
            ("/media/My%20server/a%2Fb%25", media("My server", "a/b%")),
            ("#/media/s/100%", media("s", "100%")),
            ("#/media/s/%ff", media("s", "\u{FFFD}")),
            ("#/meetings", Route::Meetings),
            ("#/activity?type=alert", Route::Activity),
            ("#/meeting/rt", Route::Meetings),
            ("#/meeting/rt/123", meeting("rt", "123")),
        ] {
            assert_eq!(Route::parse(fragment), route, "{fragment}");
        }
    }

    #[test]
    fn a_link_leads_back_to_its_page() {
        for route in [
            Route::List,
            Route::Meetings,
            Route::Activity,
            media("analysis", "m1"),
            media("Größe & Co", "../a?b#c%20"),
            meeting("日本", "\"<script>\""),
        ] {
            assert_eq!(Route::parse(&route.href()), route);
            assert!(route.href().is_ascii());
        }
    }

    #[test]
    fn an_unknown_server_has_no_media() {
        assert_eq!(media("gone", "m1").media(&[]), None);
        assert_eq!(meeting("gone", "m1").meeting(&[]), None);
    }

    fn media(server: &str, id: &str) -> Route {
        Route::Media {
            server: server.to_owned(),
            id: id.to_owned(),
        }
    }

    fn meeting(server: &str, id: &str) -> Route {
        Route::Meeting {
            server: server.to_owned(),
            id: id.to_owned(),
        }
    }
}
