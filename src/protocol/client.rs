//! The kept-alive connection and the sockets on it; Socket.IO calls it the Manager.
//!
//! One [`State`] for each socket says where it stands, and each state that waits for something holds the time by which
//! it ends. All deadlines are compared with `now` at every input, so a timer that is throttled, late or lost only makes
//! us late, and an hour asleep is noticed by whatever comes first. Where the clock of `now` slept too, it is noticed by
//! no deadline; of that hour only [`Page::Woke`](crate::protocol::Page::Woke) tells.
//!
//! The connection is there for its sockets: the first one that wants it opens it, the last one that leaves closes it,
//! and what happens to one of them (refused, thrown out, not answered) leaves the others alone. The modules below:
//! `joining` is the way up, `hearing` what comes in, `talking` what goes out, `losing` the way down, `page` and
//! `transport` where news comes from.
//!
//! What differs from the reference client: an answer to CONNECT is waited for only so long; a server that disconnects
//! us is tried once more and then rarely; the page's own news cut a wait; and a connection is believed dead by its
//! silence, not by the browser's word.

mod hearing;
mod joining;
mod losing;
mod member;
mod page;
mod talking;
mod transport;

use std::time::Duration;

use crate::protocol::backoff::Backoff;
use crate::protocol::client::member::Member;
use crate::protocol::config::{Config, Retries};
use crate::protocol::endpoint::{check_namespace, UrlError};
use crate::protocol::engine::{Engine, Limit, Memory};
use crate::protocol::error::{DisconnectReason, ProtocolError};
use crate::protocol::event::{Event, ManagerEvent};
use crate::protocol::io::{Counters, Frame, Input, Output, State, TransportKind, Watch};
use crate::protocol::outbox::Outbox;
use crate::protocol::socket::decoder::Decoder;
use crate::protocol::socket::{Auth, Buffers, SocketId};
use crate::time::Instant;

/// A Socket.IO client: one connection and one or more sockets, each in a namespace of its own.
///
/// It begins with one socket, [`SocketId::MAIN`], in the namespace of [`Config::endpoint`]; who needs no other may
/// forget that there can be more. [`socket`](Self::socket) makes them.
///
/// **After each input and each command, drain [`poll_output`](Self::poll_output)**, then look at
/// [`state`](Self::state) and [`poll_timeout`](Self::poll_timeout).
///
/// ```
/// use telltale::protocol::{Client, Config, Event, Frame, Input, Output, SocketId};
/// use telltale::time::Instant;
///
/// let now = Instant::from_millis(0);
/// let mut client = Client::new(Config::new("http://example.org").unwrap(), 1);
/// let chat = client.socket("/chat").unwrap();
/// client.connect(SocketId::MAIN, now);
/// client.connect(chat, now);
/// let Some(Output::Open { transport, .. }) = client.poll_output() else { panic!() };
///
/// let open = r#"0{"sid":"e1","pingInterval":25000,"pingTimeout":20000}"#;
/// for frame in [open, r#"40/chat,{"sid":"S2"}"#, r#"42/chat,["hello"]"#] {
///     client.handle_input(Input::Received(transport, Frame::Text(frame.into())), now);
/// }
/// let heard: Vec<_> = std::iter::from_fn(|| client.poll_output())
///     .filter_map(|output| match output {
///         Output::Event(socket, Event::Message { event, .. }) => Some((socket, event)),
///         _ => None,
///     })
///     .collect();
/// assert_eq!(heard, [(chat, "hello".to_owned())]);
/// ```
pub struct Client {
    config: Config,
    link: Link,
    /// There is one exactly while the link is `Opening` or `Open`.
    engine: Option<Engine>,
    /// A session that was ended in order and still has something to send; nothing of it is heard any more.
    leaving: Option<Engine>,
    /// What the engines so far learnt of the server's transports.
    memory: Memory,
    decoder: Decoder,
    /// In the order in which they were made, in which they join. None is ever removed: an id stays good.
    members: Vec<Member>,
    backoff: Backoff,
    seed: u64,
    /// Whether what is being opened, or waited for, is a connection that we had or tried before.
    is_reconnecting: bool,
    /// Attempts since a connection was last open.
    attempts: u32,
    /// When the first socket was accepted on this connection.
    connected_at: Option<Instant>,
    /// Whether something came since then that only a working server sends.
    was_useful: bool,
    outbox: Outbox,
    counters: Counters,
    watch: Watch,
    /// What the last server said it accepts, in bytes of a frame.
    max_payload: usize,
    next_ack: u64,
    next_session: u64,
    next_auth: u64,
    hidden: bool,
    offline: bool,
    last_hurry: Option<Instant>,
}

/// Where the connection stands that the sockets share.
enum Link {
    /// No socket needs it now.
    Down,
    /// Up to the handshake.
    Opening,
    /// Sockets join and speak.
    Open,
    /// It will be opened again. This is the state of each socket that has no wait of its own.
    Resting(State),
}

impl Client {
    /// A client that is not connected. `seed` decides all that is left to chance: the delays.
    #[must_use]
    pub fn new(mut config: Config, seed: u64) -> Self {
        let auth = std::mem::take(&mut config.auth); // kept in one place, so that `set_auth` leaves no old token behind
        let mut client = Self {
            link: Link::Down,
            engine: None,
            leaving: None,
            memory: Memory::default(),
            decoder: Decoder::new(config.limits),
            members: Vec::new(),
            backoff: Backoff::new(config.reconnection, seed),
            seed,
            is_reconnecting: false,
            attempts: 0,
            connected_at: None,
            was_useful: false,
            outbox: Outbox::new(seed),
            counters: Counters::default(),
            watch: Watch::default(),
            max_payload: config.limits.payload,
            next_ack: 0,
            next_session: 0,
            next_auth: 0,
            hidden: false,
            offline: false,
            last_hurry: None,
            config,
        };
        let namespace = client.config.endpoint.namespace().to_owned();
        client.add_member(&namespace);
        client.set_auth(SocketId::MAIN, auth);
        client.set_retries(SocketId::MAIN, client.config.retries);
        client
    }

    /// The socket of a namespace: the one there is, or a new one that is not connected and has no auth.
    ///
    /// # Errors
    /// [`UrlError::Namespace`] if it does not begin with `/`, or holds a comma, which ends it on the wire, a blank or a
    /// control character.
    pub fn socket(&mut self, namespace: &str) -> Result<SocketId, UrlError> {
        check_namespace(namespace)?;
        let known = (self.members.iter()).position(|member| member.socket.namespace() == namespace);
        Ok(match known {
            Some(index) => SocketId::at(index),
            None => self.add_member(namespace),
        })
    }

    /// All sockets, in the order in which they were made, which is the order in which they join.
    pub fn sockets(&self) -> impl Iterator<Item = SocketId> + use<> {
        (0..self.members.len()).map(SocketId::at)
    }

    /// Where the socket of the configured namespace stands.
    #[must_use]
    pub fn state(&self) -> &State {
        self.state_of(SocketId::MAIN)
    }

    /// Where a socket stands; `Idle` for one that is not of this client.
    #[must_use]
    pub fn state_of(&self, socket: SocketId) -> &State {
        const IDLE: State = State::Idle;
        (self.members.get(socket.index())).map_or(&IDLE, |member| &member.state)
    }

    /// The namespace of a socket; `None` for one that is not of this client.
    #[must_use]
    pub fn namespace_of(&self, socket: SocketId) -> Option<&str> {
        let member = self.members.get(socket.index())?;
        Some(member.socket.namespace())
    }

    /// How much a socket holds back; nothing for one that is not of this client.
    #[must_use]
    pub fn buffers(&self, socket: SocketId) -> Buffers {
        let member = self.members.get(socket.index());
        member.map_or(Buffers::default(), |member| member.socket.buffers())
    }

    /// What was dropped or went wrong so far.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// What a socket's next CONNECT says; a connection that is up is left alone. A new token of the same person: for
    /// another person make another client, or what waits here would be sent in their name.
    pub fn set_auth(&mut self, socket: SocketId, auth: Auth) {
        if let Some(member) = self.members.get_mut(socket.index()) {
            member.socket.auth = auth;
        }
    }

    /// Whether, and how, what is emitted on a socket from now on is sent again until it is answered. What is queued
    /// already stays so.
    pub fn set_retries(&mut self, socket: SocketId, retries: Option<Retries>) {
        if let Some(member) = self.members.get_mut(socket.index()) {
            member.socket.retries = retries;
        }
    }

    /// What is told from now on beyond what is always told.
    pub fn watch(&mut self, watch: Watch) {
        self.watch = watch;
    }

    /// Switches reconnection on or off. Off, whatever waits for an attempt [ends](State::Ended); an attempt that is
    /// under way is the last one.
    pub fn set_reconnection(&mut self, enabled: bool, now: Instant) {
        self.check_liveness(now);
        self.config.reconnection.enabled = enabled;
        if !enabled {
            self.end_waits();
        }
    }

    /// Takes in what happened.
    pub fn handle_input(&mut self, input: Input, now: Instant) {
        match input {
            Input::Opened(_) | Input::Closed(..) | Input::Received(..) | Input::Responded(..) => {
                self.handle_transport(input, now);
            }
            Input::Connect => self.connect(SocketId::MAIN, now),
            Input::Disconnect => self.disconnect(SocketId::MAIN, now),
            Input::RetryNow => {
                self.check_liveness(now);
                self.cut_waits(now);
            }
            Input::Page(page) => {
                self.check_liveness(now);
                self.handle_page(page, now);
            }
            Input::Auth(request, auth) => {
                self.check_liveness(now);
                self.handle_auth(request, auth, now);
            }
            Input::Timeout => self.check_liveness(now),
        }
        self.check_waits(now);
    }

    /// What to do next; `None` once there is nothing left.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outbox.pop()
    }

    /// When to hand in [`Input::Timeout`] if nothing else comes before.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let sockets = self.members.iter().filter_map(Member::deadline).min();
        [
            sockets,
            self.wait_until(),
            self.engine.as_ref().and_then(Engine::deadline),
            self.leaving.as_ref().and_then(Engine::deadline),
            self.decoder.deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// The transport that is in use or being opened.
    #[must_use]
    pub fn transport(&self) -> Option<TransportKind> {
        self.engine.as_ref().and_then(Engine::transport)
    }

    /// How long after it was heard last the server gives up a connection: the handshake's `pingInterval` and
    /// `pingTimeout` (Engine.IO protocol, heartbeat). `None` before there is a handshake.
    #[must_use]
    pub fn server_timeout(&self) -> Option<Duration> {
        let handshake = self.engine.as_ref().and_then(Engine::handshake)?;
        Some(
            handshake
                .ping_interval
                .saturating_add(handshake.ping_timeout),
        )
    }

    fn add_member(&mut self, namespace: &str) -> SocketId {
        let socket = SocketId::at(self.members.len());
        // Sockets that a server throws out together must not come back together either.
        let seed = self.seed.wrapping_add(socket.index() as u64 + 1);
        self.members
            .push(Member::new(namespace, &self.config, seed));
        socket
    }

    /// What the server would take now, as far as there is one.
    fn limit(&self) -> Limit {
        let engine = self.engine.as_ref();
        engine.map_or(Limit::of(self.max_payload), Engine::limit)
    }

    /// When the next attempt begins, if one is waited for: the connection's, or one socket's.
    fn wait_until(&self) -> Option<Instant> {
        let link = match &self.link {
            Link::Resting(state) => member::wait_until(state),
            _ => None,
        };
        let pauses = self.members.iter().filter_map(|member| member.pause);
        pauses.chain(link).min()
    }

    /// Whether a socket has use for a connection now.
    fn is_needed(&self) -> bool {
        self.members.iter().any(Member::needs_link)
    }

    // Deadlines.

    /// Ends what has lasted too long.
    fn check_liveness(&mut self, now: Instant) {
        self.check_transports(now);
        self.check_attempt(now);
    }

    /// The same, without the transports.
    fn check_attempt(&mut self, now: Instant) {
        self.check_joining(now);
        if self
            .decoder
            .deadline()
            .is_some_and(|deadline| now >= deadline)
        {
            self.fail(ProtocolError::AttachmentsOverdue, now);
        }
    }

    /// Begins the attempts that are due, and gives up what was waited for too long.
    fn check_waits(&mut self, now: Instant) {
        if matches!(&self.link, Link::Resting(state) if member::wait_until(state).is_some_and(|until| now >= until))
        {
            self.open(now);
        }
        for index in 0..self.members.len() {
            self.check_pause(index, now);
            self.check_emits(index, now);
        }
    }

    // Outputs.

    fn send_frames(&mut self, frames: Vec<Frame>, now: Instant) {
        if let Some(engine) = &mut self.engine {
            engine.send_control(frames, now, &mut self.outbox);
        }
    }

    fn tell(&mut self, index: usize, event: Event) {
        self.outbox.tell(SocketId::at(index), event);
    }

    fn tell_manager(&mut self, event: ManagerEvent) {
        self.outbox.tell_manager(event);
    }

    /// A frame broke the protocol: counted once, and the connection is over.
    fn fail(&mut self, error: ProtocolError, now: Instant) {
        self.counters.protocol_errors += 1;
        self.tell_manager(ManagerEvent::ProtocolError(error.clone()));
        self.lose(DisconnectReason::ParseError(error), now);
    }
}

#[cfg(test)]
mod tests;
