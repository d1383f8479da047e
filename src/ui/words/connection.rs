//! Whether what is shown is live, and what that means.

use std::time::Duration;

use super::{say, sentence, with, Key, Sentence};
use crate::domain::Text;
use crate::session::state::Connection;
use crate::ui::format;

/// The pill: how it stands with the connection, in as few words as there are. To what never was, nothing comes again:
/// `was_heard` as in [`SourceState`](crate::session::state::SourceState::was_heard).
#[must_use]
pub fn connection(connection: &Connection, was_heard: bool) -> String {
    say(match connection {
        Connection::Reconnecting { .. } if !was_heard => Key::Connecting,
        Connection::SignInAgain { .. } if !was_heard => Key::SignIn,
        Connection::Idle => Key::Idle,
        Connection::Connecting => Key::Connecting,
        Connection::CatchingUp { .. } => Key::CatchingUp,
        Connection::NotFetched { .. } => Key::NotUpToDate,
        Connection::Delayed => Key::Delayed,
        Connection::Live | Connection::LiveUnverified => Key::Live,
        Connection::Reconnecting { .. } | Connection::Renewing { .. } => Key::Reconnecting,
        Connection::Offline { .. } => Key::Offline,
        Connection::SignInAgain { .. } => Key::SignInAgain,
        Connection::Stopped { .. } => Key::Stopped,
    })
}

/// What a server's connection means for what is shown.
#[must_use]
pub fn connection_means(connection: &Connection, was_heard: bool) -> String {
    say(match connection {
        Connection::Reconnecting { .. } if !was_heard => Key::NotReached,
        Connection::Idle => Key::IdleMeans,
        Connection::Connecting => Key::ConnectingMeans,
        Connection::CatchingUp { .. } => Key::CatchingUpMeans,
        Connection::NotFetched { .. } => Key::NotUpToDateMeans,
        Connection::Delayed => Key::DelayedMeans,
        Connection::Live => Key::LiveMeans,
        Connection::LiveUnverified => Key::LiveUnverifiedMeans,
        Connection::Reconnecting { .. } | Connection::Renewing { .. } => Key::ReconnectingMeans,
        Connection::Offline { .. } => Key::OfflineMeans,
        Connection::SignInAgain { .. } => Key::SignInAgainMeans,
        Connection::Stopped { .. } => Key::StoppedMeans,
    })
}

/// Why the list of a server never came that is connected so.
#[must_use]
pub fn missing(connection: &Connection, was_heard: bool) -> String {
    match connection {
        Connection::Reconnecting { .. } if !was_heard => say(Key::NotReached),
        Connection::Offline { .. }
        | Connection::SignInAgain { .. }
        | Connection::Stopped { .. } => connection_means(connection, was_heard),
        _ => say(Key::NotUpToDateMeans),
    }
}

/// What is said where a media will be that its server is asked for.
#[must_use]
pub fn awaited(connection: &Connection, was_heard: bool) -> String {
    match connection {
        Connection::Connecting => say(Key::ConnectingMeans),
        connection if connection.is_up_to_date() => say(Key::CatchingUpMeans),
        Connection::CatchingUp { .. } => say(Key::CatchingUpMeans),
        // A loss that has not lasted yet means nothing.
        connection => self::connection(connection, was_heard),
    }
}

/// The banner's sentence; `server` is named only where there are several. As long as it was not heard, there was no
/// session that could have ended and no connection that could be lost.
#[must_use]
pub fn banner(connection: &Connection, was_heard: bool, server: Option<&Text>) -> Sentence {
    let (nameless, named) = match connection {
        Connection::Offline { .. } => return say(Key::OfflineNow).into(),
        Connection::NotFetched { .. } => return say(Key::NotFetched).into(),
        Connection::SignInAgain { .. } if was_heard => (Key::SessionEnded, Key::NotSignedInTo),
        Connection::SignInAgain { .. } | Connection::Idle => (Key::NotSignedIn, Key::NotSignedInTo),
        Connection::Delayed => (Key::DelayedNow, Key::DelayedNamed),
        Connection::Stopped { .. } => (Key::ConnectionStopped, Key::ConnectionToStopped),
        Connection::Reconnecting { .. } if !was_heard => (Key::NotReached, Key::NotReachedNamed),
        _ => (Key::ConnectionLost, Key::ConnectionToLost),
    };
    match server {
        Some(server) => sentence(named, &[], Some(server.clone())),
        None => say(nameless).into(),
    }
}

/// The countdown beside it; above ten seconds to five seconds.
#[must_use]
pub fn retrying_in(wait: Duration) -> String {
    let seconds = wait.as_secs() + u64::from(wait.subsec_millis() > 0);
    let seconds = if seconds > 10 {
        seconds.div_ceil(5) * 5
    } else {
        seconds
    };
    let span = format::span(Duration::from_secs(seconds));
    with(Key::RetryingIn, &[("span", &span)])
}
