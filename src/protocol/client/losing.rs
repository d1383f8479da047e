//! The way down: of one socket, and of the connection with all its sockets.

use std::time::Duration;

use crate::protocol::backoff::{Fault, Next};
use crate::protocol::client::{Client, Link};
use crate::protocol::error::{AckError, DisconnectReason, TransportError};
use crate::protocol::event::{Event, ManagerEvent};
use crate::protocol::io::State;
use crate::protocol::socket::packet::Body;
use crate::protocol::socket::SocketId;
use crate::time::Instant;

impl Client {
    /// Be disconnected from now on, with this socket. The others stay; the last one that leaves closes the connection.
    /// What the socket has not sent is kept for when it connects again.
    pub fn disconnect(&mut self, socket: SocketId, now: Instant) {
        self.tell_left();
        let index = socket.index();
        let Some(member) = self.members.get(index) else {
            return;
        };
        if member.is_connected() {
            let frames = member.socket.frames(Body::Disconnect, None);
            self.send_frames(frames.unwrap_or_default(), now);
        }
        let reason = DisconnectReason::ClientDisconnect;
        self.leave(index, State::Closed, reason, now);
    }

    /// Gives up the present connection and makes a new one, as after any loss; the reference client's
    /// `manager.engine.close()`. Changes nothing while there is none.
    pub fn force_close(&mut self, now: Instant) {
        self.lose(DisconnectReason::ForcedClose, now);
        self.check_waits(now);
    }

    /// One socket is out for this reason and waits by itself, whatever the connection does.
    pub(super) fn set_aside(
        &mut self,
        index: usize,
        reason: DisconnectReason,
        fault: Fault,
        now: Instant,
    ) {
        let reconnection = &self.config.reconnection;
        let thrown_out = fault == Fault::ServerDisconnect;
        let is_given_up = !reconnection.enabled || reconnection.attempts == Some(0);
        if is_given_up || thrown_out && reconnection.after_server_disconnect.is_none() {
            self.leave(index, State::Ended(reason.clone()), reason, now);
            return;
        }
        let member = &mut self.members[index];
        let lasted = (member.connected_since()).map(|since| now.saturating_since(since));
        if lasted.is_some_and(|lasted| lasted >= reconnection.stable_after) && self.was_useful {
            member.rejoin.reset();
        }
        let cause = reason.clone();
        let (until, state) = match member.rejoin.fail(fault, self.hidden) {
            Next::Break(pause) => {
                let until = now + pause;
                (until, State::Breaker { until, cause })
            }
            Next::Retry(delay) => {
                let (attempt, until) = (member.rejoin.attempt(), now + delay);
                let waiting = State::Waiting {
                    attempt,
                    until,
                    cause,
                };
                (until, waiting)
            }
        };
        member.pause = Some(until);
        self.leave(index, state, reason, now);
        self.tell_wait(index, self.members[index].rejoin.attempt());
    }

    /// One socket leaves the connection, which ends if it was the last.
    pub(super) fn leave(
        &mut self,
        index: usize,
        state: State,
        reason: DisconnectReason,
        now: Instant,
    ) {
        let member = &mut self.members[index];
        let (was_connected, was_joining) = (member.is_connected(), member.is_joining());
        if !matches!(state, State::Waiting { .. } | State::Breaker { .. }) {
            member.pause = None;
        }
        member.state = state;
        if matches!(
            reason,
            DisconnectReason::ClientDisconnect
                | DisconnectReason::ServerDisconnect
                | DisconnectReason::Refused(_)
        ) {
            member.socket.recovery.reset();
        }
        if !self.is_needed() {
            self.take_down(&reason, now);
        } else if reason != DisconnectReason::ClientDisconnect {
            // A server closes the whole connection on a packet of a namespace that we are not in.
            let socket = SocketId::at(index);
            let unsent = (self.engine.as_mut()).map(|engine| engine.take_unsent_of(socket));
            self.take_back(unsent.unwrap_or_default(), now);
        }
        self.tell_end(index, was_connected, was_joining, &reason);
        self.check_joining(now);
    }

    /// The connection is not needed any more.
    fn take_down(&mut self, reason: &DisconnectReason, now: Instant) {
        let was_open = matches!(self.link, Link::Open);
        self.link = Link::Down;
        self.is_reconnecting = false;
        self.attempts = 0;
        let Some(engine) = self.engine.take() else {
            return;
        };
        self.let_go(engine, reason, now);
        self.forget_link(now);
        if was_open {
            self.tell_manager(ManagerEvent::Close(DisconnectReason::ForcedClose));
        }
    }

    /// The present connection is over, for this reason, and with it each socket that is or will be connected by it.
    pub(super) fn lose(&mut self, reason: DisconnectReason, now: Instant) {
        let Some(engine) = self.engine.take() else {
            return;
        };
        let was_open = matches!(self.link, Link::Open);
        let was_opened = engine.was_opened();
        self.let_go(engine, &reason, now);
        self.forget_link(now);
        for index in 0..self.members.len() {
            let member = &self.members[index];
            if member.needs_link() {
                let (was_connected, was_joining) = (member.is_connected(), member.is_joining());
                self.tell_end(index, was_connected, was_joining, &reason);
            }
        }
        if was_open {
            self.tell_manager(ManagerEvent::Close(reason.clone()));
        } else if !is_ours(&reason) {
            self.tell_manager(ManagerEvent::Error(reason.clone()));
        }
        let fault = match &reason {
            DisconnectReason::TransportError(TransportError::Network) => Fault::Network,
            DisconnectReason::ParseError(_)
            | DisconnectReason::TransportError(_)
            | DisconnectReason::ConnectTimeout => Fault::Server,
            DisconnectReason::TransportClose(_) if was_opened => Fault::Server,
            _ => Fault::Network,
        };
        self.settle(reason, fault, now);
    }

    /// What was known of a connection that is over.
    fn forget_link(&mut self, now: Instant) {
        self.decoder.reset();
        let lasted = (self.connected_at.take()).map(|since| now.saturating_since(since));
        let stable_after = self.config.reconnection.stable_after;
        if lasted.is_some_and(|lasted| lasted >= stable_after) && self.was_useful {
            self.backoff.reset();
        }
    }

    /// Tells that a socket is not, or will not now be, connected, and what is lost with that.
    fn tell_end(
        &mut self,
        index: usize,
        was_connected: bool,
        was_joining: bool,
        reason: &DisconnectReason,
    ) {
        let member = &mut self.members[index];
        // What was told when the answer to CONNECT was late is not told again.
        let is_news = was_joining && !member.is_late && !is_ours(reason);
        member.is_late = false;
        member.asked = None;
        let lost_acks = member.socket.handle_close();
        let lost_queued = member.socket.queue.handle_close();
        if was_connected && *reason == DisconnectReason::Leaving {
            // Nobody is there to hear it, unless the page comes back.
            member.is_left = true;
        } else if was_connected {
            self.tell(index, Event::Disconnected(reason.clone()));
        }
        if is_news || was_connected && matches!(reason, DisconnectReason::Refused(_)) {
            self.tell(index, Event::ConnectError(reason.clone()));
        }
        let error = AckError::Disconnected;
        for ack in lost_acks {
            self.tell(index, Event::AckFailed { ack, error });
        }
        if let Some(outgoing) = lost_queued {
            self.fail_queued(index, outgoing, error);
        }
    }

    /// The page that was left is here again, or somebody acts on it: what was not told then is told now.
    pub(super) fn tell_left(&mut self) {
        for index in 0..self.members.len() {
            if std::mem::take(&mut self.members[index].is_left) {
                self.tell(index, Event::Disconnected(DisconnectReason::Leaving));
            }
        }
    }

    /// What the sockets of a connection that is over do next.
    pub(super) fn settle(&mut self, reason: DisconnectReason, fault: Fault, now: Instant) {
        // An attempt at a new connection has failed if it never was open; once it was, this is a new loss.
        let failed_again = self.is_reconnecting;
        if reason == DisconnectReason::Leaving {
            self.rest(State::Suspended);
            return;
        }
        if !self.is_needed() {
            self.link = Link::Down;
            return;
        }
        let reconnection = self.config.reconnection;
        let is_last = reconnection
            .attempts
            .is_some_and(|most| self.attempts >= most);
        if !reconnection.enabled || is_last {
            if failed_again {
                self.tell_manager(ManagerEvent::ReconnectError(reason.clone()));
            }
            if reconnection.enabled {
                self.tell_manager(ManagerEvent::ReconnectFailed);
            }
            self.end(reason);
            return;
        }
        let next = match reason {
            DisconnectReason::Offline => None,
            _ => Some(self.backoff.fail(fault, self.hidden)),
        };
        // A server that asks for patience gets it, but not for ever.
        let asked = match &reason {
            DisconnectReason::TransportError(error) => error.retry_after().unwrap_or_default(),
            _ => Duration::ZERO,
        };
        let cause = reason.clone();
        let state = match next {
            Some(Next::Break(pause)) => State::Breaker {
                until: now + pause,
                cause,
            },
            Some(Next::Retry(delay)) if !self.offline => State::Waiting {
                attempt: self.backoff.attempt(),
                until: now + delay.max(asked.min(reconnection.breaker.1)),
                cause,
            },
            _ => State::Offline {
                until: now + self.backoff.offline(),
            },
        };
        self.rest(state);
        if failed_again {
            self.tell_manager(ManagerEvent::ReconnectError(reason));
        }
    }

    /// The connection will be opened again, as this state says.
    pub(super) fn rest(&mut self, state: State) {
        self.is_reconnecting = state != State::Suspended;
        if state == State::Suspended {
            for member in &mut self.members {
                member.pause = None;
            }
        }
        self.spread(&state);
        self.link = Link::Resting(state);
        self.tell_waits();
    }

    /// There will be no further attempt.
    fn end(&mut self, reason: DisconnectReason) {
        self.link = Link::Down;
        self.is_reconnecting = false;
        self.attempts = 0;
        for member in &mut self.members {
            if member.is_active() {
                member.pause = None;
                member.state = State::Ended(reason.clone());
            }
        }
    }

    /// Reconnection is switched off: nothing waits any more.
    pub(super) fn end_waits(&mut self) {
        for member in &mut self.members {
            if member.pause.take().is_some() {
                if let State::Waiting { cause, .. } | State::Breaker { cause, .. } = &member.state {
                    member.state = State::Ended(cause.clone());
                }
            }
        }
        match &self.link {
            Link::Resting(State::Waiting { cause, .. } | State::Breaker { cause, .. }) => {
                self.end(cause.clone());
            }
            Link::Resting(State::Offline { .. }) => self.end(DisconnectReason::Offline),
            _ => {}
        }
    }

    /// Tells each socket that waits for the connection when the next attempt comes.
    pub(super) fn tell_waits(&mut self) {
        for index in 0..self.members.len() {
            if self.members[index].needs_link() {
                self.tell_wait(index, self.backoff.attempt());
            }
        }
    }

    pub(super) fn tell_wait(&mut self, index: usize, attempt: u32) {
        if let Some(at) = super::member::wait_until(&self.members[index].state) {
            self.tell(index, Event::Reconnecting { attempt, at });
        }
    }
}

/// Whether we ended it ourselves: then an attempt that was under way has not failed.
fn is_ours(reason: &DisconnectReason) -> bool {
    matches!(
        reason,
        DisconnectReason::ClientDisconnect | DisconnectReason::Leaving
    )
}
