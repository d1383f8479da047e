//! The Engine.IO half: one session with a server, over whatever transports it takes.
//!
//! An [`Engine`] owns everything of one connection up to the messages: opening, handshake, heartbeat, what waits to be
//! sent, closing. It lives as long as one session and is never used again.
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
//! | [`News::Lost`] | drops the engine with [`abort`](Engine::abort) |
//!
//! It calls [`send`](Engine::send) for packets, [`close`](Engine::close) to end a session in order and
//! [`abort`](Engine::abort) to end it at once, and sees to it that [`handle_timeout`](Engine::handle_timeout) is called
//! at [`deadline`](Engine::deadline). An engine that is closed in order may need a while: it is kept, and fed, until
//! [`is_over`](Engine::is_over).

pub mod handshake;
pub mod heartbeat;
pub mod packet;
pub mod payload;

pub use handshake::Handshake;

use crate::protocol::config::Config;
use crate::protocol::engine::heartbeat::Heartbeat;
use crate::protocol::engine::packet::{Data, Packet};
use crate::protocol::error::{DisconnectReason, ProtocolError, TransportError};
use crate::protocol::io::{Closed, Frame, TransportId};
use crate::protocol::outbox::Outbox;
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
    /// The session is over, for this reason. Nothing follows.
    Lost(DisconnectReason),
}

/// One session. See the module.
pub struct Engine {
    generation: u64,
    config: Config,
    transport: TransportId,
    stage: Stage,
    /// Whether a transport ever opened.
    was_opened: bool,
    /// The session, once the handshake has come.
    session: Option<Session>,
    /// A frame that has come and is not yet looked at.
    inbox: Option<Frame>,
    /// The end, until it is told.
    lost: Option<DisconnectReason>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Up to the handshake, and when we give up on it.
    Opening(Instant),
    Open,
    Over,
}

struct Session {
    handshake: Handshake,
    heartbeat: Heartbeat,
}

impl Engine {
    /// Begins a session. `generation` is the caller's number of it.
    #[must_use]
    pub fn open(config: &Config, generation: u64, now: Instant, outbox: &mut Outbox) -> Self {
        Self {
            generation,
            config: config.clone(),
            transport: outbox.open(config.endpoint.websocket_url()),
            stage: Stage::Opening(now + config.timeouts.open),
            was_opened: false,
            session: None,
            inbox: None,
            lost: None,
        }
    }

    /// The caller's number of this session.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The handshake, once it has come.
    #[must_use]
    pub fn handshake(&self) -> Option<&Handshake> {
        self.session.as_ref().map(|session| &session.handshake)
    }

    /// Whether input of this transport is this engine's.
    #[must_use]
    pub fn owns(&self, transport: TransportId) -> bool {
        self.stage != Stage::Over && self.transport == transport
    }

    /// Whether somebody was there: a transport opened. If it closes now, that was the server's doing or a proxy's, not
    /// a missing network.
    #[must_use]
    pub fn was_opened(&self) -> bool {
        self.was_opened
    }

    /// Whether a packet that is sent now goes out now.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.stage == Stage::Open
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
            Stage::Opening(until) => Some(until),
            Stage::Open => self
                .session
                .as_ref()
                .map(|session| session.heartbeat.deadline()),
            Stage::Over => None,
        }
    }

    // What the driver reports.

    /// A transport is open; the handshake is still to come.
    pub fn handle_opened(&mut self, transport: TransportId) {
        if self.owns(transport) {
            self.was_opened = true;
        }
    }

    /// A transport got a frame.
    pub fn handle_frame(&mut self, transport: TransportId, frame: Frame, now: Instant) {
        if !self.owns(transport) {
            return;
        }
        match &self.session {
            None if self.deadline().is_some_and(|until| now >= until) => {
                self.lose(DisconnectReason::OpenTimeout);
            }
            Some(session) if session.heartbeat.has_slept(now) => {
                self.lose(DisconnectReason::PingTimeout);
            }
            _ => {
                self.was_opened = true;
                self.inbox = Some(frame);
            }
        }
    }

    /// A transport closed, or could not be opened.
    pub fn handle_closed(&mut self, transport: TransportId, closed: Closed) {
        if self.owns(transport) {
            self.stage = Stage::Over;
            self.lose(DisconnectReason::TransportClose(closed));
        }
    }

    /// Ends what has lasted too long.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return;
        }
        self.lose(match self.stage {
            Stage::Opening(_) => DisconnectReason::OpenTimeout,
            _ => DisconnectReason::PingTimeout,
        });
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
        if let Some(reason) = self.lost.take() {
            self.inbox = None;
            return Some(News::Lost(reason));
        }
        let frame = self.inbox.take()?;
        match self.read(frame, now, outbox) {
            Ok(news) => news,
            Err(reason) => {
                self.inbox = None;
                Some(News::Lost(reason))
            }
        }
    }

    // What the layer above wants.

    /// Sends the frames of one packet: its text and then its attachments.
    pub fn send(&mut self, frames: Vec<Frame>, outbox: &mut Outbox) {
        for frame in frames {
            outbox.send(self.transport, frame);
        }
    }

    /// Ends the session in order: what was sent goes out first.
    pub fn close(&mut self, outbox: &mut Outbox) {
        // A WebSocket that is closed flushes by itself.
        self.abort(outbox);
    }

    /// Ends the session at once.
    pub fn abort(&mut self, outbox: &mut Outbox) {
        if self.stage != Stage::Over {
            self.stage = Stage::Over;
            outbox.close(self.transport);
        }
    }

    fn lose(&mut self, reason: DisconnectReason) {
        self.lost.get_or_insert(reason);
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
        match (packet, &self.session) {
            (Packet::Open(_), Some(_)) => Err(broken(ProtocolError::SecondHandshake)),
            (Packet::Open(text), None) => {
                let handshake = Handshake::parse(text).map_err(broken)?;
                let grace = self.config.timeouts.heartbeat_grace;
                let heartbeat = Heartbeat::new(&handshake, grace, now);
                self.session = Some(Session {
                    handshake,
                    heartbeat,
                });
                self.stage = Stage::Open;
                Ok(Some(News::Opened))
            }
            (Packet::Ping(_), Some(_)) => {
                outbox.send(self.transport, Packet::Pong("").encode());
                Ok(Some(News::Ping))
            }
            // Messages before the handshake have no meaning and are passed over.
            (Packet::Message(data), Some(_)) => {
                let message = match data {
                    Data::Text(text) => Frame::Text(text.to_owned()),
                    Data::Binary(bytes) => Frame::Binary(bytes.into_owned()),
                };
                Ok(Some(News::Message(message)))
            }
            // A close packet too: on a WebSocket the server closes the socket itself.
            _ => Ok(None),
        }
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
