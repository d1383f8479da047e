//! The Engine.IO half: one session with a server, over whatever transports it takes.
//!
//! An [`Engine`] owns everything of one connection up to the messages: which transport is tried first and which next,
//! handshake, heartbeat, upgrade, what waits to be sent, closing. It lives as long as one session and is never used
//! again; what it learnt of the server's transports is handed on as its [`Memory`].
//!
//! # The border
//!
//! The layer above (today [`Client`](crate::protocol::Client)) hands over what the driver reports, **then takes all
//! [`News`]** with [`poll_news`](Engine::poll_news), one at a time, because what it does about one may make an end of
//! the rest. It sees no transport:
//!
//! | it hears | and does |
//! |---|---|
//! | [`News::Opened`] | sends CONNECT; reads [`handshake`](Engine::handshake) |
//! | [`News::Ping`] | nothing: it is answered |
//! | [`News::Message`] | decodes it |
//! | [`News::Oversized`] | keeps count of what it would have been a part of |
//! | [`News::Drained`], [`News::Upgraded`], [`News::UpgradeFailed`] | nothing, or tells |
//! | [`News::Lost`] | takes back what was [not sent](Engine::take_unsent), and drops the engine with [`abort`](Engine::abort) |
//!
//! It calls [`send`](Engine::send) for events and [`send_control`](Engine::send_control) for other packets,
//! [`close`](Engine::close) to end a session in order, [`leave`](Engine::leave) to end it with a word in passing and
//! [`abort`](Engine::abort) to end it without one, and sees to it that [`handle_timeout`](Engine::handle_timeout) is
//! called at [`deadline`](Engine::deadline). An engine that is closed in order may need a while: it is kept, and fed,
//! until [`is_over`](Engine::is_over).

pub mod handshake;
pub mod heartbeat;
mod opening;
pub mod packet;
pub mod payload;
pub mod polling;
pub mod queue;
mod speaking;
pub mod upgrade;

pub use handshake::Handshake;
pub use opening::Memory;

use std::collections::VecDeque;

use crate::protocol::config::Config;
use crate::protocol::engine::heartbeat::Heartbeat;
use crate::protocol::engine::opening::Fault;
use crate::protocol::engine::packet::{Data, Packet};
use crate::protocol::engine::payload::Payload;
use crate::protocol::engine::polling::{Polling, Purpose};
use crate::protocol::engine::queue::Queue;
use crate::protocol::engine::upgrade::Upgrade;
use crate::protocol::error::{DisconnectReason, EmitError, ProtocolError, TransportError};
use crate::protocol::io::{
    Closed, Frame, RequestError, RequestId, Response, TransportId, TransportKind,
};
use crate::protocol::outbox::Outbox;
use crate::protocol::socket::{Outgoing, SocketId};
use crate::time::Instant;

/// What the layer above hears.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// The handshake has come: packets may be sent.
    Opened,
    /// The server's heartbeat. It is answered already.
    Ping,
    /// A message: Socket.IO's text, or one attachment.
    Message(Frame),
    /// A message that is too large to be looked at, but not yet so large that the connection ends.
    Oversized {
        /// Its bytes.
        size: usize,
        /// The message, if it is one: its text, or nothing of an attachment.
        message: Option<Frame>,
    },
    /// All that waited is out: what is sent now goes out now.
    Drained,
    /// The session is on a WebSocket now.
    Upgraded,
    /// A WebSocket was tried and is none; the session stays on polling.
    UpgradeFailed,
    /// The session is over, for this reason. Nothing follows.
    Lost(DisconnectReason),
}

/// How large a frame may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Its bytes, Engine.IO's packet type included.
    bytes: usize,
    /// Whether attachments travel as base64.
    is_text_only: bool,
}

impl Limit {
    /// So many bytes of any frame.
    #[must_use]
    pub fn of(bytes: usize) -> Self {
        Self {
            bytes,
            is_text_only: false,
        }
    }

    /// Whether a packet of a text and attachments of these sizes may be sent.
    ///
    /// # Errors
    /// [`EmitError::TooLarge`] for the first frame that is too large.
    pub fn check(
        &self,
        text: usize,
        attachments: impl Iterator<Item = usize>,
    ) -> Result<(), EmitError> {
        let sizes = attachments.map(|bytes| match self.is_text_only {
            true => payload::base64_size(bytes),
            false => bytes,
        });
        let limit = self.bytes;
        match std::iter::once(text)
            .chain(sizes)
            .find(|size| *size > limit)
        {
            Some(size) => Err(EmitError::TooLarge { size, limit }),
            None => Ok(()),
        }
    }
}

/// One session. See the module.
pub struct Engine {
    config: Config,
    memory: Memory,
    stage: Stage,
    /// The one in use; `None` once it closed by itself.
    transport: Option<Transport>,
    /// Its kind, also when it is gone.
    tried: TransportKind,
    /// What to try if that does not open, in this order.
    untried: VecDeque<TransportKind>,
    /// How a WebSocket failed before another transport was tried.
    websocket_fault: Option<Fault>,
    upgrade: Upgrade,
    /// Whether a transport ever opened.
    was_opened: bool,
    /// The session, once the handshake has come.
    session: Option<Session>,
    /// What has come and is not yet looked at.
    inbox: Inbox,
    queue: Queue,
    news: VecDeque<News>,
    /// The end, until it is told.
    lost: Option<DisconnectReason>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Up to the handshake, and when we give up on it.
    Opening(Instant),
    Open,
    /// What was sent goes out, but not for ever.
    Closing(Instant),
    Over,
}

enum Transport {
    Polling(Polling),
    WebSocket(TransportId),
}

struct Session {
    handshake: Handshake,
    heartbeat: Heartbeat,
}

enum Inbox {
    Empty,
    Frame(Frame),
    Payload(Payload),
}

impl Engine {
    /// Begins a session.
    #[must_use]
    pub fn open(config: &Config, memory: Memory, now: Instant, outbox: &mut Outbox) -> Self {
        let mut engine = Self {
            config: config.clone(),
            memory,
            stage: Stage::Over,
            transport: None,
            tried: TransportKind::WebSocket,
            untried: VecDeque::new(),
            websocket_fault: None,
            upgrade: Upgrade::default(),
            was_opened: false,
            session: None,
            inbox: Inbox::Empty,
            queue: Queue::default(),
            news: VecDeque::new(),
            lost: None,
        };
        engine.untried = engine.order(now);
        engine.open_next(now, outbox);
        engine
    }

    /// What the next session should know.
    #[must_use]
    pub fn memory(&self) -> Memory {
        self.memory
    }

    /// The handshake, once it has come.
    #[must_use]
    pub fn handshake(&self) -> Option<&Handshake> {
        self.session.as_ref().map(|session| &session.handshake)
    }

    /// The kind of transport that is in use or being opened.
    #[must_use]
    pub fn transport(&self) -> Option<TransportKind> {
        Some(match self.transport.as_ref()? {
            Transport::Polling(_) => TransportKind::Polling,
            Transport::WebSocket(_) => TransportKind::WebSocket,
        })
    }

    /// Whether input of this transport is this engine's.
    #[must_use]
    pub fn owns(&self, transport: TransportId) -> bool {
        self.transport_id() == Some(transport) || self.upgrade.transport() == Some(transport)
    }

    /// Whether somebody was there: a transport opened. If it closes now, that was the server's doing or a proxy's, not
    /// a missing network.
    #[must_use]
    pub fn was_opened(&self) -> bool {
        self.was_opened
    }

    /// Whether a packet that is sent now goes out now. What is volatile should not be sent otherwise.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        let is_free = match &self.transport {
            Some(Transport::Polling(polling)) => !polling.is_posting(),
            Some(Transport::WebSocket(_)) => true,
            None => false,
        };
        self.stage == Stage::Open
            && is_free
            && self.queue.is_empty()
            && !self.upgrade.is_switching()
    }

    /// Whether there is nothing left to do.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    /// When we give up on the handshake, while it is waited for.
    #[must_use]
    pub fn opening_until(&self) -> Option<Instant> {
        match self.stage {
            Stage::Opening(until) => Some(until),
            _ => None,
        }
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) next.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Opening(until) | Stage::Closing(until) => Some(until),
            Stage::Open => {
                let heartbeat = self
                    .session
                    .as_ref()
                    .map(|session| session.heartbeat.deadline());
                heartbeat.into_iter().chain(self.upgrade.deadline()).min()
            }
            Stage::Over => None,
        }
    }

    /// What the server would take, on the transport of now: bytes are longer on polling.
    #[must_use]
    pub fn limit(&self) -> Limit {
        Limit {
            bytes: self.max_payload(),
            is_text_only: match self.transport {
                Some(Transport::Polling(_)) => true,
                _ => self.config.transports.force_base64,
            },
        }
    }

    // What the driver reports.

    /// A transport is open; the handshake is still to come.
    pub fn handle_opened(&mut self, transport: TransportId, outbox: &mut Outbox) {
        if self.upgrade.transport() == Some(transport) {
            self.handle_probe_opened(outbox);
        } else if self.owns(transport) {
            self.was_opened = true;
        }
    }

    /// A transport got a frame.
    pub fn handle_frame(
        &mut self,
        transport: TransportId,
        frame: Frame,
        now: Instant,
        outbox: &mut Outbox,
    ) {
        if self.upgrade.transport() == Some(transport) {
            self.handle_probe_frame(&frame, now, outbox);
        } else if self.owns(transport) {
            self.take_in(Inbox::Frame(frame), now);
        }
    }

    /// A request was answered, or failed.
    pub fn handle_response(
        &mut self,
        transport: TransportId,
        request: RequestId,
        response: Result<Response, RequestError>,
        now: Instant,
    ) {
        let Some(Transport::Polling(polling)) = &mut self.transport else {
            return;
        };
        if polling.id != transport {
            return;
        }
        let Some(purpose) = polling.finish(request) else {
            return;
        };
        match response {
            Ok(Response {
                status: 200, body, ..
            }) => match purpose {
                Purpose::Get => self.take_in(Inbox::Payload(Payload::new(body)), now),
                // Whatever it says: servers say `ok`, and some proxies say more.
                Purpose::Post => {
                    if self.queue.is_empty() && !polling.has_said_goodbye() {
                        self.news.push_back(News::Drained);
                    }
                }
            },
            Ok(response) => {
                self.was_opened = true;
                self.fail(TransportError::of_response(&response));
            }
            Err(RequestError::Network) => self.fail(TransportError::Network),
            Err(RequestError::TooLarge) => self.fail(TransportError::TooLarge),
        }
    }

    /// A transport closed, or could not be opened.
    pub fn handle_closed(
        &mut self,
        transport: TransportId,
        closed: Closed,
        now: Instant,
        outbox: &mut Outbox,
    ) {
        if self.upgrade.transport() == Some(transport) {
            self.handle_probe_closed(now, outbox);
        } else if self.owns(transport) {
            self.transport = None;
            self.lose(DisconnectReason::TransportClose(closed));
        }
    }

    /// Ends what has lasted too long.
    pub fn handle_timeout(&mut self, now: Instant, outbox: &mut Outbox) {
        match self.stage {
            Stage::Opening(until) if now >= until => self.lose(DisconnectReason::OpenTimeout),
            Stage::Closing(until) if now >= until => self.abort(outbox),
            Stage::Open => {
                let session = self.session.as_ref();
                if session.is_some_and(|session| now >= session.heartbeat.deadline()) {
                    self.lose(DisconnectReason::PingTimeout);
                }
            }
            _ => {}
        }
        self.check_probe(now, outbox);
    }

    /// The page is looked at again: a connection on which a ping is missing is not trusted.
    pub fn doubt(&mut self, now: Instant) {
        let session = self.session.as_ref();
        if session.is_some_and(|session| session.heartbeat.is_doubtful(now)) {
            self.lose(DisconnectReason::PingTimeout);
        }
    }

    /// What there is to hear; `None` once there is nothing left.
    pub fn poll_news(&mut self, now: Instant, outbox: &mut Outbox) -> Option<News> {
        loop {
            if self.stage == Stage::Over {
                return None;
            }
            if let Some(reason) = self.lost.take() {
                self.inbox = Inbox::Empty;
                if matches!(self.stage, Stage::Opening(_)) && !self.untried.is_empty() {
                    self.try_another(&reason, now, outbox);
                    continue;
                }
                self.memory.websocket_worked = false;
                if matches!(self.stage, Stage::Closing(_)) {
                    self.abort(outbox);
                    return None;
                }
                return Some(News::Lost(reason));
            }
            if let Some(news) = self.news.pop_front() {
                return Some(news);
            }
            match self.next_frame() {
                Some(frame) => match self.read(frame, now, outbox) {
                    Ok(Some(news)) => return Some(news),
                    Ok(None) => {}
                    Err(reason) => self.lose(reason),
                },
                None => {
                    self.pump(now, outbox);
                    if self.news.is_empty() && self.lost.is_none() {
                        return None;
                    }
                }
            }
        }
    }

    // What the layer above wants.

    /// Sends an event in these frames. It is out, or waits its turn and can be [taken back](Self::take_unsent).
    pub fn send(
        &mut self,
        outgoing: Outgoing,
        frames: Vec<Frame>,
        now: Instant,
        outbox: &mut Outbox,
    ) {
        self.queue.push(outgoing, frames);
        self.pump(now, outbox);
    }

    /// Sends the frames of any other packet.
    pub fn send_control(&mut self, frames: Vec<Frame>, now: Instant, outbox: &mut Outbox) {
        self.queue.push_control(frames);
        self.pump(now, outbox);
    }

    /// The events that no transport was given, oldest first. They have certainly not arrived, so they may be sent in
    /// another session. Nothing else is sent in this one.
    #[must_use]
    pub fn take_unsent(&mut self) -> Vec<Outgoing> {
        self.queue.take_unsent()
    }

    /// The same of one socket, which has left; the others go on.
    #[must_use]
    pub fn take_unsent_of(&mut self, socket: SocketId) -> Vec<Outgoing> {
        self.queue.take_unsent_of(socket)
    }

    /// Ends the session in order: what was sent goes out first, and an upgrade that has begun is completed.
    pub fn close(&mut self, now: Instant, outbox: &mut Outbox) {
        if self.stage != Stage::Open {
            return self.abort(outbox);
        }
        if !self.upgrade.is_switching() {
            self.close_probe(outbox);
        }
        self.stage = Stage::Closing(now + self.config.timeouts.close);
        self.pump(now, outbox);
    }

    /// Ends the session at once, with a word to the server, which would otherwise keep it for a while.
    pub fn leave(&mut self, outbox: &mut Outbox) {
        if let (Some(Transport::Polling(polling)), Some(session)) =
            (&mut self.transport, &self.session)
        {
            // On a WebSocket the close itself is that word.
            polling.call_goodbye(&self.config, &session.handshake.sid, outbox);
        }
        self.abort(outbox);
    }

    /// Ends the session at once.
    pub fn abort(&mut self, outbox: &mut Outbox) {
        self.stage = Stage::Over;
        self.close_probe(outbox);
        self.close_transport(outbox);
    }

    fn close_transport(&mut self, outbox: &mut Outbox) {
        match self.transport.take() {
            Some(Transport::Polling(polling)) => outbox.close(polling.id),
            Some(Transport::WebSocket(id)) => outbox.close(id),
            None => {}
        }
    }

    // Hearing.

    fn take_in(&mut self, inbox: Inbox, now: Instant) {
        self.was_opened = true;
        match (&self.session, self.stage) {
            (_, Stage::Opening(until)) if now >= until => self.lose(DisconnectReason::OpenTimeout),
            (Some(session), _) if session.heartbeat.has_slept(now) => {
                self.lose(DisconnectReason::PingTimeout);
            }
            _ => self.inbox = inbox,
        }
    }

    fn next_frame(&mut self) -> Option<Frame> {
        match std::mem::replace(&mut self.inbox, Inbox::Empty) {
            Inbox::Empty => None,
            Inbox::Frame(frame) => Some(frame),
            Inbox::Payload(mut payload) => {
                let frame = payload.next()?;
                self.inbox = Inbox::Payload(payload);
                Some(frame)
            }
        }
    }

    fn read(
        &mut self,
        frame: Frame,
        now: Instant,
        outbox: &mut Outbox,
    ) -> Result<Option<News>, DisconnectReason> {
        if let Some(session) = &mut self.session {
            session.heartbeat.handle_packet(now);
        }
        let size = frame.size();
        let limits = &self.config.limits;
        if size > limits.frame_closing {
            let error = ProtocolError::FrameTooLarge(size);
            return Err(DisconnectReason::ParseError(error));
        }
        if size > limits.frame {
            let message = self.session.as_ref().and_then(|_| message_of(frame));
            return Ok(Some(News::Oversized { size, message }));
        }
        if matches!(frame, Frame::Binary(_)) {
            return Ok(self.session.as_ref().map(|_| News::Message(frame)));
        }
        let packet = Packet::decode(&frame).map_err(|error| match error {
            ProtocolError::Base64 => DisconnectReason::ParseError(error),
            _ => broken(error),
        })?;
        let is_polling = matches!(self.transport, Some(Transport::Polling(_)));
        match (packet, &self.session) {
            (Packet::Open(_), Some(_)) => Err(broken(ProtocolError::SecondHandshake)),
            (Packet::Open(text), None) => {
                let handshake = Handshake::parse(text).map_err(broken)?;
                self.begin(handshake, is_polling, now);
                Ok(Some(News::Opened))
            }
            (_, None) if is_polling => Err(broken(ProtocolError::NoHandshake)),
            (Packet::Ping(_), Some(_)) => {
                if let Some(session) = &mut self.session {
                    session.heartbeat.handle_ping(now);
                }
                self.queue.push_control(vec![Packet::Pong("").encode()]);
                self.pump(now, outbox);
                Ok(Some(News::Ping))
            }
            // On a WebSocket, messages before the handshake have no meaning and are passed over.
            (Packet::Message(data), Some(_)) => {
                let message = match data {
                    Data::Text(text) => Frame::Text(text.to_owned()),
                    Data::Binary(bytes) => Frame::Binary(bytes.into_owned()),
                };
                Ok(Some(News::Message(message)))
            }
            (Packet::Close, Some(_)) if is_polling => {
                Err(DisconnectReason::TransportClose(Closed {
                    code: None,
                    reason: "closed by the server".to_owned(),
                }))
            }
            // A close packet on a WebSocket too: there the server closes the socket itself.
            _ => Ok(None),
        }
    }

    // What is agreed.

    /// The most bytes that the server takes at once.
    fn max_payload(&self) -> usize {
        let handshake = self.handshake();
        handshake
            .and_then(|handshake| handshake.max_payload)
            .unwrap_or(self.config.limits.payload)
    }

    // What it is made of.

    fn transport_id(&self) -> Option<TransportId> {
        Some(match self.transport.as_ref()? {
            Transport::Polling(polling) => polling.id,
            Transport::WebSocket(id) => *id,
        })
    }

    /// Where a WebSocket is: of this session, where there is one.
    fn websocket_url(&self) -> String {
        let mut parameters = Vec::new();
        if self.config.transports.force_base64 {
            parameters.push(("b64", "1"));
        }
        if let Some(handshake) = self.handshake() {
            parameters.push(("sid", handshake.sid.as_str()));
        }
        let endpoint = &self.config.endpoint;
        endpoint.url(TransportKind::WebSocket, &parameters)
    }

    fn fail(&mut self, error: TransportError) {
        if error.is_unknown_session() {
            // Without sticky sessions a WebSocket is the only transport that works: the next session begins with it.
            self.memory.websocket_failed = None;
        }
        self.lose(DisconnectReason::TransportError(error));
    }

    fn lose(&mut self, reason: DisconnectReason) {
        self.lost.get_or_insert(reason);
    }
}

/// The message in a frame that is too large to be looked at, as far as it is needed.
fn message_of(frame: Frame) -> Option<Frame> {
    match frame {
        Frame::Text(mut text) if text.starts_with('4') => {
            text.remove(0);
            Some(Frame::Text(text))
        }
        Frame::Text(text) if !text.starts_with('b') => None,
        _ => Some(Frame::Binary(Vec::new())),
    }
}

fn broken(error: ProtocolError) -> DisconnectReason {
    DisconnectReason::TransportError(TransportError::Packet(error))
}

#[cfg(test)]
mod tests;
