//! The way up: a connection, a CONNECT for each socket, and its answer.

use crate::json::Value;
use crate::protocol::backoff::Fault;
use crate::protocol::client::member::Member;
use crate::protocol::client::{Client, Link};
use crate::protocol::engine::Engine;
use crate::protocol::error::{DisconnectReason, Refusal};
use crate::protocol::event::{Event, ManagerEvent};
use crate::protocol::io::State;
use crate::protocol::socket::{Auth, AuthId, SocketId};
use crate::time::Instant;

impl Client {
    /// Be connected from now on, with this socket. Opens the connection if there is none; where one is up the socket
    /// joins it, and where one is waited for the socket waits along. Changes nothing for a socket that
    /// [wants to be connected](State) already.
    pub fn connect(&mut self, socket: SocketId, now: Instant) {
        self.check_liveness(now);
        self.tell_left();
        let index = socket.index();
        let opening = self.opening(now);
        let Some(member) = self.members.get_mut(index) else {
            return;
        };
        if member.is_active() && member.state != State::Suspended {
            return;
        }
        member.state = opening;
        member.was_renewed = false;
        match &self.link {
            Link::Resting(State::Suspended) | Link::Down => self.open(now),
            Link::Opening => {}
            Link::Open => self.join(index, now),
            Link::Resting(state) => member.state = state.clone(),
        }
    }

    pub(super) fn open(&mut self, now: Instant) {
        self.counters.opens += 1;
        if self.is_reconnecting {
            self.attempts = self.attempts.saturating_add(1);
            self.tell_manager(ManagerEvent::ReconnectAttempt(self.attempts));
        }
        let engine = Engine::open(&self.config, self.memory, now, &mut self.outbox);
        self.engine = Some(engine);
        self.link = Link::Opening;
        let opening = self.opening(now);
        self.spread(&opening);
    }

    fn opening(&self, now: Instant) -> State {
        let until = self.engine.as_ref().and_then(Engine::opening_until);
        State::Opening {
            attempt: self.backoff.attempt(),
            until: until.unwrap_or(now),
        }
    }

    /// The Engine.IO handshake has come.
    pub(super) fn handle_opened(&mut self, now: Instant) {
        let handshake = self.engine.as_ref().and_then(Engine::handshake);
        self.max_payload = handshake
            .and_then(|handshake| handshake.max_payload)
            .unwrap_or(self.config.limits.payload);
        self.link = Link::Open;
        self.connected_at = None;
        self.tell_manager(ManagerEvent::Open);
        if self.is_reconnecting {
            self.tell_manager(ManagerEvent::Reconnect(self.attempts));
        }
        self.is_reconnecting = false;
        self.attempts = 0;
        for index in 0..self.members.len() {
            if self.members[index].needs_link() {
                self.join(index, now);
            }
        }
    }

    /// Begins a socket's CONNECT.
    pub(super) fn join(&mut self, index: usize, now: Instant) {
        match &self.members[index].socket.auth {
            Auth::Ask => self.ask(index, None, now),
            known => {
                let auth = known.value();
                self.send_connect(index, auth, now);
            }
        }
    }

    /// Asks for a socket's auth.
    fn ask(&mut self, index: usize, refusal: Option<Refusal>, now: Instant) {
        let request = AuthId(self.next_auth);
        self.next_auth += 1;
        let member = &mut self.members[index];
        member.asked = Some(request);
        member.is_late = false;
        member.state = State::Connecting {
            attempt: self.backoff.attempt(),
            until: now + self.config.timeouts.auth,
        };
        self.outbox.ask(SocketId::at(index), request, refusal);
    }

    /// The application has said what the auth is, or that it cannot.
    pub(super) fn handle_auth(
        &mut self,
        request: AuthId,
        auth: Result<Option<Value>, String>,
        now: Instant,
    ) {
        let is_it = |member: &Member| member.asked == Some(request);
        let Some(index) = self.members.iter().position(is_it) else {
            self.counters.stale_inputs += 1;
            return;
        };
        match auth {
            Ok(auth) => self.send_connect(index, auth, now),
            Err(why) => {
                let reason = DisconnectReason::AuthFailed(why);
                self.set_aside(index, reason, Fault::Network, now);
            }
        }
    }

    fn send_connect(&mut self, index: usize, auth: Option<Value>, now: Instant) {
        self.next_session += 1;
        let member = &mut self.members[index];
        member.session = self.next_session;
        member.asked = None;
        member.is_late = false;
        member.state = State::Connecting {
            attempt: self.backoff.attempt(),
            until: now + self.config.timeouts.connect,
        };
        let frames = member.socket.connect_frames(auth);
        self.send_frames(frames, now);
    }

    /// The server refused a CONNECT. Where the auth is asked for, it is asked for once more: what was refused may have
    /// run out a moment ago. Until then the connection stays.
    pub(super) fn handle_refusal(&mut self, index: usize, refusal: Refusal, now: Instant) {
        let member = &mut self.members[index];
        let may_renew = !member.was_renewed && !member.is_connected();
        if member.socket.auth == Auth::Ask && may_renew {
            member.was_renewed = true;
            self.ask(index, Some(refusal), now);
            return;
        }
        let reason = DisconnectReason::Refused(refusal.clone());
        self.leave(index, State::Refused(refusal), reason, now);
    }

    /// CONNECT is answered: what came early, then what waited, then the news. See [`Event`].
    pub(super) fn handle_connected(
        &mut self,
        index: usize,
        id: String,
        pid: Option<&str>,
        now: Instant,
    ) {
        self.counters.connects += 1;
        self.offline = false; // whatever the browser says
        if self.connected_at.is_none() {
            self.connected_at = Some(now);
            self.was_useful = false;
        }
        let member = &mut self.members[index];
        let recovered = member.socket.recovery.handle_connected(pid);
        member.was_renewed = false;
        member.state = State::Connected {
            id: id.clone(),
            since: now,
        };
        while let Some(incoming) = self.members[index].socket.next_early() {
            self.deliver(index, incoming, now);
        }
        self.flush(index, now);
        self.tell(index, Event::Connected { id, recovered });
    }

    /// Gives up an auth that does not come; and a CONNECT that is not answered: the socket's, while others on the
    /// connection are well, and else the connection.
    pub(super) fn check_joining(&mut self, now: Instant) {
        for index in 0..self.members.len() {
            let member = &self.members[index];
            let is_due = member.joining_until().is_some_and(|until| now >= until);
            if is_due && member.asked.is_some() {
                self.set_aside(index, DisconnectReason::AuthTimeout, Fault::Network, now);
            }
        }
        if !matches!(self.link, Link::Open) {
            return;
        }
        let (mut is_used, mut overdue) = (false, Vec::new());
        for (index, member) in self.members.iter().enumerate() {
            match member.joining_until() {
                Some(until) if now >= until => overdue.push(index),
                until => is_used |= until.is_some() || member.is_connected(),
            }
        }
        if !is_used && self.is_needed() {
            self.lose(DisconnectReason::ConnectTimeout, now);
            return;
        }
        for index in overdue {
            self.members[index].is_late = true;
            let event = Event::ConnectError(DisconnectReason::ConnectTimeout);
            self.tell(index, event);
        }
    }

    /// Begins the attempt of a socket whose own wait is over.
    pub(super) fn check_pause(&mut self, index: usize, now: Instant) {
        let member = &mut self.members[index];
        if member.pause.is_none_or(|until| now < until) {
            return;
        }
        member.pause = None;
        match &self.link {
            Link::Open => self.join(index, now),
            Link::Opening => self.members[index].state = self.opening(now),
            Link::Down => {
                self.is_reconnecting = true;
                self.open(now);
            }
            Link::Resting(state) => {
                self.members[index].state = state.clone();
                self.tell_wait(index, self.backoff.attempt());
            }
        }
    }

    /// The state of each socket that shares the connection's fate.
    pub(super) fn spread(&mut self, state: &State) {
        for member in &mut self.members {
            if member.needs_link() {
                member.state.clone_from(state);
            }
        }
    }
}
