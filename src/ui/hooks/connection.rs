//! How the servers are connected.

use leptos::prelude::*;

use super::{use_telltale, Telltale};
use crate::domain::{MediaId, Text};
use crate::session::state::{Command, Connection, SourceState, GRACE};
use crate::time::Instant;

/// How the servers are connected.
#[must_use]
pub fn use_connection() -> ConnectionStatus {
    let telltale = use_telltale();
    ConnectionStatus {
        telltale,
        sources: telltale.signals.sources.into(),
        now: telltale.signals.now.into(),
    }
}

/// How the servers are connected.
#[derive(Clone, Copy)]
pub struct ConnectionStatus {
    telltale: Telltale,
    /// Each configured server.
    pub sources: Signal<Vec<SourceState>>,
    /// Against which ages and countdowns are read.
    pub now: Signal<Instant>,
}

impl ConnectionStatus {
    /// The server that is worst off. A loss shorter than the grace weighs no more than [`Connection::Connecting`], but
    /// is called by its name at once; whether it is worth a banner is for [`Connection::is_worth_a_word`] to say. Tracks.
    #[must_use]
    pub fn worst(self) -> Option<SourceState> {
        let now = self.now.get();
        self.sources.with(|sources| {
            let worst = sources
                .iter()
                .max_by_key(|state| badness(&state.connection, now))?;
            Some(worst.clone())
        })
    }

    /// Cuts the wait for the next attempt.
    pub fn retry_now(self) {
        self.telltale.command(Command::RetryNow);
    }
}

/// Whether what is shown of a server is to be marked as old. A short gap is none, whatever ends it.
pub(super) fn is_stale(connection: &Connection, now: Instant) -> bool {
    match connection {
        Connection::CatchingUp { since } => now.saturating_since(*since) >= GRACE,
        other => other.is_worth_a_word(now),
    }
}

/// Why there is nothing of a media, as long as there is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// Its server knows nothing of it, as of now.
    Unknown,
    /// Its server did not answer, and is asked again.
    NotLoaded,
    /// Its server is being asked, or connected to.
    Awaited,
    /// Nobody has signed in to it: nothing is asked.
    NotSignedIn,
}

impl Absence {
    /// As of `now`, by how it stands with the server.
    pub(super) fn of(media: &MediaId, state: &SourceState, now: Instant) -> Self {
        let mut unanswered = state.unanswered.iter();
        let unanswered = unanswered.find(|it| it.media == *media);
        match &state.connection {
            Connection::Idle | Connection::SignInAgain { .. } => Absence::NotSignedIn,
            connection if connection.is_up_to_date() => match unanswered {
                None => Absence::Unknown,
                Some(it) if it.has_failed => Absence::NotLoaded,
                Some(_) => Absence::Awaited,
            },
            // Nothing is there because it was not asked for yet, however long that lasts.
            Connection::CatchingUp { .. } => match unanswered {
                Some(it) if it.has_failed => Absence::NotLoaded,
                _ => Absence::Awaited,
            },
            connection if is_stale(connection, now) => Absence::NotLoaded,
            _ => Absence::Awaited,
        }
    }

    /// What the server said instead, when it was asked for the media or for its list.
    pub(super) fn words(media: &MediaId, state: &SourceState) -> Option<Text> {
        let mut unanswered = state.unanswered.iter();
        let unanswered = unanswered.find(|it| it.media == *media);
        let of_list = match &state.connection {
            Connection::NotFetched { message, .. } => message.clone(),
            _ => None,
        };
        unanswered.and_then(|it| it.message.clone()).or(of_list)
    }
}

fn badness(connection: &Connection, now: Instant) -> u8 {
    match connection {
        lost if lost.is_lost() && !lost.is_worth_a_word(now) => 3,
        Connection::Live | Connection::LiveUnverified => 1,
        // Also of one among many: where not all is live, nothing says so.
        Connection::Idle | Connection::CatchingUp { .. } => 2,
        Connection::NotFetched { .. } | Connection::Delayed => 3,
        Connection::Connecting => 3,
        Connection::Reconnecting { .. } | Connection::Renewing { .. } => 4,
        Connection::Stopped { .. } => 5,
        Connection::Offline { .. } => 6,
        Connection::SignInAgain { .. } => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Source;
    use crate::session::state::{Counters, Unanswered};

    #[test]
    fn no_server_is_better_than_one_that_is_live() {
        let since = Instant::from_millis(0);
        let reconnecting = Connection::Reconnecting {
            attempt: 1,
            retry_at: None,
            since,
        };
        let now = Instant::from_millis(60_000);
        for other in [
            Connection::Idle,
            Connection::Connecting,
            Connection::CatchingUp { since },
            Connection::NotFetched {
                message: None,
                retry_at: None,
            },
            Connection::Delayed,
            reconnecting,
            Connection::Offline { since },
            Connection::Renewing { since },
            Connection::SignInAgain { message: None },
            Connection::Stopped {
                retry_at: None,
                message: None,
            },
        ] {
            let live = badness(&Connection::Live, now);
            assert!(badness(&other, now) > live, "{other:?}");
        }
    }

    #[test]
    fn of_a_media_nothing_is_known_only_when_its_server_has_answered_for_it() {
        let media = |id: &str| MediaId::new(id).expect("a short name");
        let since = Instant::from_millis(10_000);
        let lost = Connection::Reconnecting {
            attempt: 1,
            retry_at: None,
            since,
        };
        let catching_up = Connection::CatchingUp { since };
        let asked = |id, has_failed| {
            vec![Unanswered {
                media: media(id),
                has_failed,
                message: None,
            }]
        };
        for (connection, unanswered, at, absence) in [
            (Connection::Live, vec![], 0, Absence::Unknown),
            (Connection::LiveUnverified, vec![], 0, Absence::Unknown),
            (Connection::Delayed, vec![], 0, Absence::Unknown),
            (Connection::Delayed, asked("m1", false), 0, Absence::Awaited),
            (Connection::Live, asked("other", true), 0, Absence::Unknown),
            (Connection::Live, asked("m1", false), 0, Absence::Awaited),
            (
                Connection::LiveUnverified,
                asked("m1", false),
                0,
                Absence::Awaited,
            ),
            (Connection::Live, asked("m1", true), 0, Absence::NotLoaded),
            (Connection::Connecting, vec![], 99_000, Absence::Awaited),
            (
                Connection::NotFetched {
                    message: None,
                    retry_at: None,
                },
                vec![],
                0,
                Absence::NotLoaded,
            ),
            (catching_up.clone(), vec![], 99_000, Absence::Awaited),
            (
                catching_up.clone(),
                asked("m1", false),
                99_000,
                Absence::Awaited,
            ),
            (catching_up, asked("m1", true), 0, Absence::NotLoaded),
            (lost.clone(), vec![], 11_499, Absence::Awaited),
            (lost, vec![], 11_500, Absence::NotLoaded),
            (Connection::Idle, vec![], 0, Absence::NotSignedIn),
            (
                Connection::SignInAgain { message: None },
                vec![],
                0,
                Absence::NotSignedIn,
            ),
        ] {
            let state = SourceState {
                source: Source(0),
                name: Text::default(),
                connection,
                was_heard: true,
                fetched_at: None,
                unanswered,
                beyond: 0,
                counters: Counters::default(),
            };

            let found = Absence::of(&media("m1"), &state, Instant::from_millis(at));

            assert_eq!(found, absence, "{state:?} {at}");
        }
    }
}
