//! One socket as the connection sees it: where it stands, and what it waits for.

use crate::protocol::backoff::Backoff;
use crate::protocol::config::Config;
use crate::protocol::io::State;
use crate::protocol::socket::{Auth, AuthId, Socket};
use crate::time::Instant;

/// See the module.
pub(super) struct Member {
    pub socket: Socket,
    pub state: State,
    /// A wait of its own, while the connection may well be up: the server threw this socket out, or its auth could not
    /// be had. The state says the same.
    pub pause: Option<Instant>,
    /// How long such waits are.
    pub rejoin: Backoff,
    /// The number of its CONNECT, so that an answer to an event goes to the session it came in. Numbers are the
    /// client's: no two sessions share one.
    pub session: u64,
    /// Its CONNECT was not answered in time, which is told, while others on the connection are well. An answer is
    /// still welcome: a second CONNECT would make the server close the whole connection.
    pub is_late: bool,
    /// It was connected when the page was left, which is not told yet.
    pub is_left: bool,
    /// The auth that is asked for. Its CONNECT is not sent yet.
    pub asked: Option<AuthId>,
    /// Whether the auth was asked for a second time because the server refused the first.
    pub was_renewed: bool,
}

impl Member {
    pub fn new(namespace: &str, config: &Config, seed: u64) -> Self {
        Self {
            socket: Socket::new(namespace, Auth::None, config.limits),
            state: State::Idle,
            pause: None,
            rejoin: Backoff::new(config.reconnection, seed),
            session: 0,
            is_late: false,
            is_left: false,
            asked: None,
            was_renewed: false,
        }
    }

    /// Whether it wants to be connected: is, will be, or waits for it.
    pub fn is_active(&self) -> bool {
        match &self.state {
            State::Idle | State::Refused(_) | State::Ended(_) | State::Closed => false,
            State::Opening { .. }
            | State::Connecting { .. }
            | State::Connected { .. }
            | State::Waiting { .. }
            | State::Offline { .. }
            | State::Breaker { .. }
            | State::Suspended => true,
        }
    }

    /// Whether it shares the connection's fate: is active, and has no wait of its own.
    pub fn needs_link(&self) -> bool {
        self.is_active() && self.pause.is_none()
    }

    pub fn is_connected(&self) -> bool {
        matches!(self.state, State::Connected { .. })
    }

    /// Whether it is on its way up.
    pub fn is_joining(&self) -> bool {
        matches!(self.state, State::Opening { .. } | State::Connecting { .. })
    }

    /// Since when it is connected.
    pub fn connected_since(&self) -> Option<Instant> {
        match self.state {
            State::Connected { since, .. } => Some(since),
            _ => None,
        }
    }

    /// Whether its CONNECT is sent: only then is there anything to hear.
    pub fn hears(&self) -> bool {
        let has_joined = matches!(
            self.state,
            State::Connecting { .. } | State::Connected { .. }
        );
        has_joined && self.asked.is_none()
    }

    /// By when its auth, or the answer to its CONNECT, is due.
    pub fn joining_until(&self) -> Option<Instant> {
        match self.state {
            State::Connecting { until, .. } if !self.is_late => Some(until),
            _ => None,
        }
    }

    /// When something of it is due, its pause aside.
    pub fn deadline(&self) -> Option<Instant> {
        let socket = self.socket.deadline();
        socket.into_iter().chain(self.joining_until()).min()
    }
}

/// When the attempt begins that this state waits for.
pub(super) fn wait_until(state: &State) -> Option<Instant> {
    match state {
        State::Waiting { until, .. } | State::Offline { until } | State::Breaker { until, .. } => {
            Some(*until)
        }
        _ => None,
    }
}
