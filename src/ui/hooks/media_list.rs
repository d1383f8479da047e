//! The media of all servers, and whether the list of them says what there is.

use std::time::Duration;

use leptos::prelude::*;

use super::connection::is_stale;
use super::{use_telltale, Telltale};
use crate::session::state::{Connection, SourceState};
use crate::ui::store::MediaEntry;

/// The media of all servers.
#[must_use]
pub fn use_media_list() -> MediaList {
    let telltale = use_telltale();
    MediaList {
        entries: telltale.signals.list.into(),
        telltale,
    }
}

/// The media of all servers.
#[derive(Clone, Copy)]
pub struct MediaList {
    /// Newest first.
    pub entries: Signal<Vec<MediaEntry>>,
    telltale: Telltale,
}

/// Whether the list says what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loading {
    /// It is being fetched for the first time.
    Under,
    /// A server's part of it never came.
    Failed,
    /// It was fetched.
    Done,
}

impl MediaList {
    /// How many media the servers have beyond those that they list. Tracks.
    #[must_use]
    pub fn beyond(self) -> usize {
        let sources = self.telltale.signals.sources;
        sources.with(|sources| sources.iter().map(|state| state.beyond as usize).sum())
    }

    /// For how long nothing was heard of a server whose media are listed and may be out of date; of several, the
    /// longest. Where nothing is listed, of any that keeps media. Tracks.
    #[must_use]
    pub fn stale_for(self) -> Option<Duration> {
        let signals = self.telltale.signals;
        let now = signals.now.get();
        signals.sources.with(|sources| {
            let stale = sources
                .iter()
                .filter(|state| self.keeps_media(state) && is_stale(&state.connection, now))
                .filter(|state| self.is_listed(state));
            let since = stale.filter_map(|state| match state.connection {
                Connection::Reconnecting { since, .. }
                | Connection::Offline { since }
                | Connection::CatchingUp { since } => Some(since),
                _ => state.fetched_at,
            });
            Some(now.saturating_since(since.min()?))
        })
    }

    fn is_listed(self, state: &SourceState) -> bool {
        self.telltale.signals.list.with(|list| {
            let mut entries = list.iter();
            list.is_empty() || entries.any(|entry| entry.key.source == state.source)
        })
    }

    fn keeps_media(self, state: &SourceState) -> bool {
        let profile = self.telltale.profile(state.source);
        profile.is_none_or(|profile| !profile.has_meetings)
    }

    /// A server that keeps no list has none to wait for.
    fn keeps_list(self, state: &SourceState) -> bool {
        let profile = self.telltale.profile(state.source);
        profile.is_none_or(|profile| profile.has_list)
    }

    /// Whether it was fetched. Tracks.
    #[must_use]
    pub fn loading(self) -> Loading {
        let now = self.telltale.signals.now.get();
        let missing = self.missing();
        match missing.is_empty() {
            true => Loading::Done,
            false if (missing.iter()).all(|state| state.connection.is_worth_a_word(now)) => {
                Loading::Failed
            }
            false => Loading::Under,
        }
    }

    /// The servers whose part of it never came. Tracks.
    #[must_use]
    pub fn missing(self) -> Vec<SourceState> {
        self.telltale.signals.sources.with(|sources| {
            let missing = sources
                .iter()
                .filter(|state| self.keeps_media(state))
                .filter(|state| self.keeps_list(state))
                .filter(|state| state.fetched_at.is_none());
            missing.cloned().collect()
        })
    }
}
