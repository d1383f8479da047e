//! The kept-alive connection; Socket.IO calls it the Manager.
//!
//! One [`State`] says where it stands, and each state that waits for something holds the time by which it ends. All
//! deadlines are compared with `now` at every input, so a timer that is throttled, late or lost only makes us late,
//! and an hour asleep is noticed by whatever comes first.
//!
//! A loss has one way: the transport is closed without waiting for it, the application is told, and the reason says
//! what comes next. What differs from the reference client: an answer to CONNECT is waited for only so long; a server
//! that disconnects us is tried once more and then rarely; the page's own news cut a wait; and a connection is
//! believed dead by its silence, not by the browser's word.

mod page;
mod transport;

use crate::json::Value;
use crate::protocol::backoff::{Backoff, Fault, Next};
use crate::protocol::config::Config;
use crate::protocol::engine::packet::Data;
use crate::protocol::engine::{Engine, News};
use crate::protocol::error::{
    AckError, DisconnectReason, EmitError, ProtocolError, TransportError,
};
use crate::protocol::io::{Counters, Emit, Event, Frame, Input, Output, State};
use crate::protocol::outbox::Outbox;
use crate::protocol::socket::decoder::Decoder;
use crate::protocol::socket::packet::{Body, Packet};
use crate::protocol::socket::{AckId, AckToken, Incoming, Outgoing, Socket};
use crate::time::Instant;

/// A Socket.IO client.
///
/// **After each input and each command, drain [`poll_output`](Self::poll_output)**, then look at
/// [`state`](Self::state) and [`poll_timeout`](Self::poll_timeout).
pub struct Client {
    config: Config,
    state: State,
    /// There is one exactly while the state is `Opening`, `Connecting` or `Connected`.
    engine: Option<Engine>,
    /// A session that was ended in order and still has something to send; nothing of it is heard any more.
    leaving: Option<Engine>,
    decoder: Decoder,
    socket: Socket,
    backoff: Backoff,
    outbox: Outbox,
    counters: Counters,
    /// Whether something came since `Connected` that only a working server sends.
    was_useful: bool,
    /// What the last server said it accepts, in bytes of a frame.
    max_payload: usize,
    hidden: bool,
    offline: bool,
    last_hurry: Option<Instant>,
}

impl Client {
    /// A client that is not connected. `seed` decides all that is left to chance: the delays.
    #[must_use]
    pub fn new(mut config: Config, seed: u64) -> Self {
        let auth = config.auth.take(); // kept in one place, so that `set_auth` leaves no old token behind
        Self {
            state: State::Idle,
            engine: None,
            leaving: None,
            decoder: Decoder::new(config.limits),
            socket: Socket::new(config.endpoint.namespace(), auth, config.limits),
            backoff: Backoff::new(config.reconnection, seed),
            outbox: Outbox::default(),
            counters: Counters::default(),
            was_useful: false,
            max_payload: config.limits.payload,
            hidden: false,
            offline: false,
            last_hurry: None,
            config,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What was dropped or went wrong so far.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How many emits wait for a connection.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.socket.waiting()
    }

    /// What the next CONNECT says, such as `{"token": …}`; a connection that is up is left alone. A new token of the
    /// same person: for another person make another client, or what waits here would be sent in their name.
    pub fn set_auth(&mut self, auth: Option<Value>) {
        self.socket.set_auth(auth);
    }

    /// Takes in what happened.
    pub fn handle_input(&mut self, input: Input, now: Instant) {
        match input {
            Input::Opened(_) | Input::Closed(..) | Input::Received(..) | Input::Responded(..) => {
                self.handle_transport(input, now);
            }
            Input::Connect => {
                self.check_liveness(now);
                self.handle_connect(now);
            }
            Input::Disconnect => self.handle_disconnect(now),
            Input::RetryNow => {
                self.check_liveness(now);
                if self.wait_until().is_some() {
                    self.open(now);
                }
            }
            Input::Page(page) => {
                self.check_liveness(now);
                self.handle_page(page, now);
            }
            Input::Timeout => self.check_liveness(now),
        }
        self.check_waits(now);
    }

    /// Sends an event, or keeps it for a connection to come: at most 100 events, 256 KiB, 30 s by default, the oldest
    /// going first, which [`Event::EmitDropped`] tells. Gives the id of the answer, if one was asked for.
    ///
    /// # Errors
    /// [`EmitError`], if it cannot be sent at all. Then nothing was sent or kept.
    pub fn emit(&mut self, emit: Emit, now: Instant) -> Result<Option<AckId>, EmitError> {
        // What is written to a connection that died in the page's sleep is lost without a trace.
        self.check_liveness(now);
        let connected = self.is_connected();
        if emit.volatile && !connected {
            self.counters.emits_dropped += 1;
            return Err(EmitError::NotConnected);
        }
        let outgoing = self
            .socket
            .prepare(emit, self.max_payload, !connected, now)?;
        let ack = outgoing.ack;
        if connected {
            self.send(outgoing);
        } else {
            for dropped in self.socket.keep(outgoing, now) {
                self.drop_emit(dropped);
            }
        }
        self.check_waits(now);
        Ok(ack)
    }

    /// Answers an event of the server. On another connection than it came on this does nothing: there, nobody waits
    /// for it.
    ///
    /// # Errors
    /// [`EmitError`], if the answer cannot be sent at all.
    pub fn answer(
        &mut self,
        token: AckToken,
        args: Vec<Value>,
        now: Instant,
    ) -> Result<(), EmitError> {
        self.check_liveness(now);
        if self.is_present(token.generation) && self.is_connected() {
            let frames = self.socket.frames(Body::Ack(args), Some(token.id))?;
            let size = frames.iter().map(Frame::size).max().unwrap_or(0);
            if size > self.max_payload {
                return Err(EmitError::TooLarge {
                    size,
                    limit: self.max_payload,
                });
            }
            self.send_frames(frames);
        }
        Ok(())
    }

    /// What to do next; `None` once there is nothing left.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outbox.pop()
    }

    /// When to hand in [`Input::Timeout`] if nothing else comes before.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let attempt = match self.state {
            State::Connecting { until, .. } => Some(until),
            _ => self.wait_until(),
        };
        [
            attempt,
            self.engine.as_ref().and_then(Engine::deadline),
            self.leaving.as_ref().and_then(Engine::deadline),
            self.decoder.deadline(),
            self.socket.deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn is_connected(&self) -> bool {
        matches!(self.state, State::Connected { .. })
    }

    fn is_present(&self, generation: u64) -> bool {
        self.engine
            .as_ref()
            .is_some_and(|engine| engine.generation() == generation)
    }

    /// When the next attempt begins, if one is waited for.
    fn wait_until(&self) -> Option<Instant> {
        match self.state {
            State::Waiting { until, .. }
            | State::Offline { until }
            | State::Breaker { until, .. } => Some(until),
            _ => None,
        }
    }

    // Deadlines.

    /// Ends what has lasted too long.
    fn check_liveness(&mut self, now: Instant) {
        self.check_transports(now);
        self.check_attempt(now);
    }

    /// The same, without the transports.
    fn check_attempt(&mut self, now: Instant) {
        if matches!(self.state, State::Connecting { until, .. } if now >= until) {
            self.lose(DisconnectReason::ConnectTimeout, now);
        }
        if self
            .decoder
            .deadline()
            .is_some_and(|deadline| now >= deadline)
        {
            self.fail(ProtocolError::AttachmentsOverdue, now);
        }
    }

    /// Begins the attempt that is due, and gives up what was waited for too long.
    fn check_waits(&mut self, now: Instant) {
        if self.wait_until().is_some_and(|until| now >= until) {
            self.open(now);
        }
        while let Some(ack) = self.socket.next_overdue_ack(now) {
            self.tell(Event::AckFailed {
                ack,
                error: AckError::Timeout,
            });
        }
        while let Some(outgoing) = self.socket.next_aged(now) {
            self.drop_emit(outgoing);
        }
    }

    // The way up.

    fn handle_connect(&mut self, now: Instant) {
        match self.state {
            State::Idle
            | State::Closed
            | State::Refused(_)
            | State::Ended(_)
            | State::Suspended => {
                self.open(now);
            }
            _ => {}
        }
    }

    fn open(&mut self, now: Instant) {
        self.counters.opens += 1;
        let engine = Engine::open(&self.config, self.counters.opens, now, &mut self.outbox);
        self.state = State::Opening {
            attempt: self.backoff.attempt(),
            until: engine.opening_until().unwrap_or(now),
        };
        self.engine = Some(engine);
    }

    /// The Engine.IO handshake has come.
    fn handle_opened(&mut self, now: Instant) {
        let handshake = self.engine.as_ref().and_then(Engine::handshake);
        self.max_payload = handshake
            .and_then(|handshake| handshake.max_payload)
            .unwrap_or(self.config.limits.payload);
        self.state = State::Connecting {
            attempt: self.backoff.attempt(),
            until: now + self.config.timeouts.connect,
        };
        let frames = self.socket.connect_frames();
        self.send_frames(frames);
    }

    /// CONNECT is answered: what came early, then what waited, then the news. See [`Event`].
    fn handle_connected(&mut self, id: String, now: Instant) {
        self.counters.connects += 1;
        self.was_useful = false;
        self.offline = false; // whatever the browser says
        self.state = State::Connected {
            id: id.clone(),
            since: now,
        };
        while let Some(incoming) = self.socket.next_early() {
            self.deliver(incoming);
        }
        while let Some(outgoing) = self.socket.next_aged(now) {
            self.drop_emit(outgoing);
        }
        while let Some(outgoing) = self.socket.next_waiting() {
            // It was kept when another server's limit was known.
            if outgoing.largest_frame() > self.max_payload {
                self.drop_emit(outgoing);
            } else {
                self.send(outgoing);
            }
        }
        self.tell(Event::Connected { id });
    }

    // What the server says.

    fn handle_news(&mut self, news: News, now: Instant) {
        match news {
            News::Opened => self.handle_opened(now),
            News::Ping => self.was_useful = true,
            News::Message(message) => match self.decoder.decode(Data::from(&message), now) {
                Ok(Some(packet)) => self.handle_packet(packet, now),
                Ok(None) => {}
                Err(error) => self.fail(error, now),
            },
            News::Oversized { size, message } => {
                self.counters.frames_dropped += 1;
                self.counters.protocol_errors += 1;
                self.tell(Event::ProtocolError(ProtocolError::FrameTooLarge(size)));
                // The count of the attachments it is one of, or announces, must be kept.
                let skipped = message.map_or(Ok(()), |message| {
                    self.decoder.skip(&Data::from(&message), now)
                });
                if let Err(error) = skipped {
                    self.fail(error, now);
                }
            }
            News::Lost(reason) => {
                if let DisconnectReason::ParseError(error)
                | DisconnectReason::TransportError(TransportError::Packet(error)) = &reason
                {
                    self.counters.protocol_errors += 1;
                    let too_large = matches!(error, ProtocolError::FrameTooLarge(_));
                    self.counters.frames_dropped += u64::from(too_large);
                    self.tell(Event::ProtocolError(error.clone()));
                }
                self.lose(reason, now);
            }
        }
    }

    fn handle_packet(&mut self, packet: Packet, now: Instant) {
        if packet.namespace != self.socket.namespace() {
            self.counters.packets_ignored += 1;
            return;
        }
        match packet.body {
            Body::Connect(_) if self.is_connected() => self.counters.packets_ignored += 1,
            Body::Connect(payload) => {
                let id = payload
                    .as_ref()
                    .and_then(|payload| payload.get("sid").as_str());
                match id {
                    Some(id) if !id.is_empty() => self.handle_connected(id.to_owned(), now),
                    _ => self.fail(ProtocolError::NoSessionId, now),
                }
            }
            Body::Disconnect => self.lose(DisconnectReason::ServerDisconnect, now),
            Body::ConnectError(refusal) => self.lose(DisconnectReason::Refused(refusal), now),
            Body::Event { event, args } => {
                let incoming = Incoming {
                    event,
                    args,
                    ack: packet.ack,
                };
                if self.is_connected() {
                    self.was_useful = true;
                    self.deliver(incoming);
                } else {
                    let dropped = self.socket.keep_early(incoming, now);
                    self.counters.messages_dropped += dropped as u64;
                }
            }
            Body::Ack(args) => match packet.ack.and_then(|id| self.socket.handle_ack(id)) {
                Some(ack) => {
                    self.was_useful = true;
                    self.tell(Event::Acked { ack, args });
                }
                None => self.counters.packets_ignored += 1,
            },
        }
    }

    fn deliver(&mut self, incoming: Incoming) {
        let generation = self.engine.as_ref().map(Engine::generation);
        let ack = generation
            .zip(incoming.ack)
            .map(|(generation, id)| AckToken { generation, id });
        self.tell(Event::Message {
            event: incoming.event,
            args: incoming.args,
            ack,
        });
    }

    // The way down.

    fn handle_disconnect(&mut self, now: Instant) {
        if self.is_connected() {
            let frames = self
                .socket
                .frames(Body::Disconnect, None)
                .unwrap_or_default();
            self.send_frames(frames);
        }
        if self.engine.is_some() {
            self.lose(DisconnectReason::ClientDisconnect, now);
        } else {
            self.settle(DisconnectReason::ClientDisconnect, now);
        }
    }

    /// A frame broke the protocol: counted once, and the connection is over.
    fn fail(&mut self, error: ProtocolError, now: Instant) {
        self.counters.protocol_errors += 1;
        self.tell(Event::ProtocolError(error.clone()));
        self.lose(DisconnectReason::ParseError(error), now);
    }

    /// The present connection is over, for this reason.
    fn lose(&mut self, reason: DisconnectReason, now: Instant) {
        let Some(engine) = self.engine.take() else {
            return;
        };
        let was_opened = engine.was_opened();
        self.let_go(engine, &reason);
        self.decoder.reset();
        let lost_acks = self.socket.handle_close();
        if let State::Connected { since, .. } = self.state {
            let lasted = now.saturating_since(since);
            if lasted >= self.config.reconnection.stable_after && self.was_useful {
                self.backoff.reset();
            }
            self.tell(Event::Disconnected(reason.clone()));
            if matches!(reason, DisconnectReason::Refused(_)) {
                self.tell(Event::ConnectError(reason.clone()));
            }
        } else if !is_ours(&reason) {
            self.tell(Event::ConnectError(reason.clone()));
        }
        for ack in lost_acks {
            self.tell(Event::AckFailed {
                ack,
                error: AckError::Disconnected,
            });
        }
        let fault = match &reason {
            DisconnectReason::ServerDisconnect => Fault::ServerDisconnect,
            DisconnectReason::ParseError(_)
            | DisconnectReason::TransportError(TransportError::Packet(_))
            | DisconnectReason::ConnectTimeout => Fault::Server,
            DisconnectReason::TransportClose(_) if was_opened => Fault::Server,
            _ => Fault::Network,
        };
        self.settle_after(reason, fault, now);
    }

    /// The state that follows from a reason that is nobody's fault.
    fn settle(&mut self, reason: DisconnectReason, now: Instant) {
        self.settle_after(reason, Fault::Network, now);
    }

    fn settle_after(&mut self, reason: DisconnectReason, fault: Fault, now: Instant) {
        self.state = match reason {
            DisconnectReason::ClientDisconnect => State::Closed,
            DisconnectReason::Leaving => State::Suspended,
            DisconnectReason::Refused(refusal) => State::Refused(refusal),
            reason if !self.config.reconnection.enabled => State::Ended(reason),
            cause => {
                let next = match cause {
                    DisconnectReason::Offline => None,
                    _ => Some(self.backoff.fail(fault, self.hidden)),
                };
                match next {
                    Some(Next::Break(pause)) => State::Breaker {
                        until: now + pause,
                        cause,
                    },
                    Some(Next::Retry(delay)) if !self.offline => State::Waiting {
                        attempt: self.backoff.attempt(),
                        until: now + delay,
                        cause,
                    },
                    _ => State::Offline {
                        until: now + self.backoff.offline(),
                    },
                }
            }
        };
        self.tell_wait();
    }

    // Outputs.

    fn send(&mut self, outgoing: Outgoing) {
        if let Some(ack) = outgoing.ack {
            self.socket.handle_sent(ack);
        }
        self.send_frames(outgoing.frames);
    }

    fn send_frames(&mut self, frames: Vec<Frame>) {
        if let Some(engine) = &mut self.engine {
            engine.send(frames, &mut self.outbox);
        }
    }

    fn drop_emit(&mut self, outgoing: Outgoing) {
        self.counters.emits_dropped += 1;
        self.tell(Event::EmitDropped {
            event: outgoing.event,
        });
        if let Some(ack) = outgoing.ack.filter(|ack| self.socket.forget_ack(*ack)) {
            self.tell(Event::AckFailed {
                ack,
                error: AckError::Dropped,
            });
        }
    }

    fn tell_wait(&mut self) {
        if let Some(at) = self.wait_until() {
            self.tell(Event::Reconnecting {
                attempt: self.backoff.attempt(),
                at,
            });
        }
    }

    fn tell(&mut self, event: Event) {
        self.outbox.tell(event);
    }
}

/// Whether we ended it ourselves: then an attempt that was under way has not failed.
fn is_ours(reason: &DisconnectReason) -> bool {
    matches!(
        reason,
        DisconnectReason::ClientDisconnect | DisconnectReason::Leaving
    )
}

#[cfg(test)]
mod tests;
