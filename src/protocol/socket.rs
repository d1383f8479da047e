//! The Socket.IO half: one namespace, with what waits to go out, what came too early, and whose answer is due.
//!
//! A [`Socket`] outlives connections: what was not sent survives a loss, what was sent and not answered does not.
//! It neither knows the transport nor when to connect. A client has one for each namespace it is in.

pub mod ack;
pub mod auth;
pub mod decoder;
pub mod packet;
pub mod queue;
pub mod recovery;

use std::borrow::Cow;

use crate::json::Value;
use crate::protocol::bounded::Bounded;
use crate::protocol::config::{Limits, Retries};
use crate::protocol::engine::packet::Data;
use crate::protocol::engine::{self, Limit};
use crate::protocol::error::EmitError;
use crate::protocol::io::{Emit, Frame};
use crate::protocol::socket::ack::Acks;
pub use crate::protocol::socket::ack::{AckId, AckToken};
pub use crate::protocol::socket::auth::{Auth, AuthId};
use crate::protocol::socket::packet::{Body, Encoded, Packet, RESERVED_EVENTS};
use crate::protocol::socket::queue::Queue;
use crate::protocol::socket::recovery::Recovery;
use crate::time::Instant;

/// One of a client's sockets. Good for as long as the client, and for no other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(usize);

impl SocketId {
    /// The socket of the configured namespace, which each client has from the beginning.
    pub const MAIN: Self = Self(0);

    pub(super) fn at(index: usize) -> Self {
        Self(index)
    }

    pub(super) fn index(self) -> usize {
        self.0
    }
}

/// How much one socket holds back. Each has its bound in [`Limits`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buffers {
    /// Emits that wait for a connection (the reference client's `sendBuffer`).
    pub waiting: usize,
    /// The same, in bytes.
    pub waiting_bytes: usize,
    /// Messages that came before CONNECT was answered (`receiveBuffer`).
    pub early: usize,
    /// The same, in bytes.
    pub early_bytes: usize,
    /// Answers that are waited for (`acks`).
    pub acks: usize,
    /// Emits that are [sent again](crate::protocol::Retries) until they are answered (`_queue`).
    pub queued: usize,
    /// The same, in bytes.
    pub queued_bytes: usize,
}

/// An event of the server, as it came.
pub struct Incoming {
    /// Its name.
    pub event: String,
    /// Its arguments.
    pub args: Vec<Value>,
    /// The id under which an answer is asked for.
    pub ack: Option<u64>,
}

/// An event of ours, as it goes out; the ack id is still missing.
pub struct Outgoing {
    /// Whose it is.
    pub socket: SocketId,
    /// Its name.
    pub event: String,
    /// The answer that the application asks for.
    pub ack: Option<AckId>,
    /// Whether the server is asked for an answer, on whosever behalf.
    is_answered: bool,
    packet: Encoded,
}

impl Outgoing {
    /// One without a packet, for tests of what only carries it.
    #[cfg(test)]
    pub(super) fn unwritten(socket: SocketId, event: &str) -> Self {
        Self {
            socket,
            event: event.to_owned(),
            ack: None,
            is_answered: false,
            packet: Encoded {
                text: String::new(),
                ack_at: 0,
                attachments: Vec::new(),
            },
        }
    }

    /// Bytes of all its frames, about.
    #[must_use]
    pub fn size(&self) -> usize {
        self.packet.size()
    }

    /// Its arguments as the server will read them. Read back from what is sent: that is rarely asked for, and so costs
    /// nothing otherwise.
    #[must_use]
    pub fn args(&self) -> Vec<Value> {
        let attachments = &self.packet.attachments;
        let Ok((mut packet, _)) = Packet::decode(&self.packet.text, attachments.len()) else {
            return Vec::new();
        };
        match packet.fill_in(attachments).map(|()| packet.body) {
            Ok(Body::Event { args, .. }) => args,
            _ => Vec::new(),
        }
    }
}

/// One namespace.
pub struct Socket {
    namespace: Cow<'static, str>,
    /// What the next CONNECT says of us.
    pub auth: Auth,
    limits: Limits,
    early: Bounded<Incoming>,
    waiting: Bounded<Outgoing>,
    acks: Acks,
    /// Whether emits are queued until they are answered.
    pub retries: Option<Retries>,
    /// Those emits.
    pub queue: Queue,
    /// What the next CONNECT says of the session before it.
    pub recovery: Recovery,
}

impl Socket {
    /// The socket of `namespace`.
    #[must_use]
    pub fn new(namespace: &str, auth: Auth, limits: Limits) -> Self {
        Self {
            namespace: match namespace {
                "/" => packet::MAIN,
                other => Cow::Owned(other.to_owned()),
            },
            auth,
            limits,
            early: Bounded::new(limits.early_messages, limits.early_bytes),
            waiting: Bounded::new(limits.buffered_emits, limits.buffered_bytes),
            acks: Acks::default(),
            retries: None,
            queue: Queue::new(limits.queued_emits, limits.queued_bytes),
            recovery: Recovery::default(),
        }
    }

    /// The namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// How much is held back.
    #[must_use]
    pub fn buffers(&self) -> Buffers {
        Buffers {
            waiting: self.waiting.len(),
            waiting_bytes: self.waiting.bytes(),
            early: self.early.len(),
            early_bytes: self.early.bytes(),
            acks: self.acks.len(),
            queued: self.queue.len(),
            queued_bytes: self.queue.bytes(),
        }
    }

    /// The frames of a packet of this namespace.
    ///
    /// # Errors
    /// As [`Packet::encode`].
    pub fn frames(&self, body: Body, ack: Option<u64>) -> Result<Vec<Frame>, EmitError> {
        Ok(frames(&self.encode(body)?, ack))
    }

    /// The frames of CONNECT, with this auth and what recovery needs. Attachments have no place there and are left out,
    /// as is all of an auth that cannot be written; the server then refuses us, with its own words.
    #[must_use]
    pub fn connect_frames(&self, auth: Option<Value>) -> Vec<Frame> {
        let written = |auth| self.frames(Body::Connect(self.recovery.payload(auth)), None);
        let frames = written(auth).or_else(|_| written(None));
        let mut frames = frames.unwrap_or_default();
        frames.truncate(1);
        frames
    }

    /// Makes an emit ready to be sent, and enters the answer it asks for as `id`. `limit` is what the server
    /// accepts, and `buffer` says that it must fit the buffer, too.
    ///
    /// # Errors
    /// [`EmitError`]; then nothing has changed.
    pub fn prepare(
        &mut self,
        emit: Emit,
        id: AckId,
        limit: Limit,
        buffer: bool,
        now: Instant,
    ) -> Result<Outgoing, EmitError> {
        let timeout = emit.ack_timeout;
        if timeout.is_some() && self.acks.len() >= self.limits.acks {
            return Err(EmitError::TooManyAcks);
        }
        let outgoing = self.write(emit, timeout.is_some(), id, limit)?;
        let size = outgoing.size();
        if buffer && !self.waiting.can_hold(size) {
            let limit = self.limits.buffered_bytes;
            return Err(EmitError::TooLarge { size, limit });
        }
        if let Some(timeout) = timeout {
            self.acks.insert(id, now + timeout);
        }
        Ok(outgoing)
    }

    /// Queues an emit that is sent until it is answered. Gives the id of the answer, if the application wants it.
    ///
    /// # Errors
    /// [`EmitError`]; then nothing has changed.
    pub fn enqueue(
        &mut self,
        emit: Emit,
        id: AckId,
        limit: Limit,
        mut retries: Retries,
    ) -> Result<Option<AckId>, EmitError> {
        retries.ack_timeout = emit.ack_timeout.unwrap_or(retries.ack_timeout);
        let outgoing = self.write(emit, true, id, limit)?;
        let ack = outgoing.ack;
        self.queue.push(outgoing, retries)?;
        Ok(ack)
    }

    /// The frames of the next try of the first queued emit.
    pub fn dispatch_queued(&mut self, now: Instant) -> Vec<Frame> {
        let Some(outgoing) = self.queue.next() else {
            return Vec::new();
        };
        let id = self.acks.take_id();
        let frames = frames(&outgoing.packet, Some(id));
        self.queue.handle_sent(id, now);
        frames
    }

    fn write(
        &self,
        emit: Emit,
        is_answered: bool,
        id: AckId,
        limit: Limit,
    ) -> Result<Outgoing, EmitError> {
        let event = emit.event.to_text();
        if RESERVED_EVENTS.contains(&event.as_str()) {
            return Err(EmitError::ReservedEvent);
        }
        let (name, args) = (emit.event.0, emit.args);
        let outgoing = Outgoing {
            socket: emit.socket,
            packet: packet::encode_event(&self.namespace, name, args, self.limits.attachments)?,
            event,
            is_answered,
            ack: emit.ack_timeout.map(|_| id),
        };
        self.check_size(&outgoing, limit)?;
        Ok(outgoing)
    }

    /// Whether an event may be sent to a server with this limit.
    ///
    /// # Errors
    /// [`EmitError::TooLarge`] if a frame of it is too large.
    pub fn check_size(&self, outgoing: &Outgoing, limit: Limit) -> Result<(), EmitError> {
        let id = match outgoing.is_answered {
            true => self.acks.next_id().to_string().len(),
            false => 0,
        };
        let text = outgoing.packet.text.len() + 1 + id; // with Engine.IO's `4`
        let attachments = outgoing.packet.attachments.iter();
        limit.check(text, attachments.map(|bytes| bytes.len()))
    }

    /// Keeps an event that was sent and has certainly not arrived; hands back what had to go for it.
    #[must_use]
    pub fn take_back(&mut self, outgoing: Outgoing, now: Instant) -> Vec<Outgoing> {
        if outgoing.ack.is_some_and(|ack| !self.acks.take_back(ack)) {
            // Its answer is overdue, or nobody wants it any more: the event goes with it.
            return Vec::new();
        }
        self.keep(outgoing, now)
    }

    /// Keeps an event until there is a connection; hands back what had to go for it.
    #[must_use]
    pub fn keep(&mut self, outgoing: Outgoing, now: Instant) -> Vec<Outgoing> {
        let size = outgoing.size();
        self.waiting.push(outgoing, size, now)
    }

    /// The oldest event that waits to be sent.
    pub fn next_waiting(&mut self) -> Option<Outgoing> {
        self.waiting.pop()
    }

    /// The oldest event that waits to be sent, if it has waited too long.
    pub fn next_aged(&mut self, now: Instant) -> Option<Outgoing> {
        self.waiting.pop_older(self.limits.buffered_time, now)
    }

    /// The frames of an event that goes out now: its answer will not survive the connection.
    pub fn dispatch(&mut self, outgoing: &Outgoing) -> Vec<Frame> {
        let id = outgoing.ack.map(|ack| self.acks.send(ack));
        frames(&outgoing.packet, id)
    }

    /// Keeps a message that came before CONNECT was answered; says how many had to go for it.
    #[must_use]
    pub fn keep_early(&mut self, incoming: Incoming, now: Instant) -> usize {
        let bytes = incoming.event.len() + incoming.args.iter().map(Value::weight).sum::<usize>();
        self.early.push(incoming, bytes, now).len()
    }

    /// The oldest message that came too early.
    pub fn next_early(&mut self) -> Option<Incoming> {
        self.early.pop()
    }

    /// An answer came; says which emit it is for, if that still waits.
    pub fn handle_ack(&mut self, id: u64) -> Option<AckId> {
        self.acks.answer(id)
    }

    /// Takes back an event that waits to be sent and forgets its answer; says whether one was waited for.
    pub fn cancel(&mut self, ack: AckId) -> bool {
        self.waiting.remove(|outgoing| outgoing.ack == Some(ack));
        self.queue.cancel(ack).is_some() || self.acks.remove(ack)
    }

    /// No answer will come; says whether one was waited for.
    pub fn forget_ack(&mut self, ack: AckId) -> bool {
        self.acks.remove(ack)
    }

    /// One answer that is overdue. An event that still waits to be sent goes with it.
    pub fn next_overdue_ack(&mut self, now: Instant) -> Option<AckId> {
        let ack = self.acks.next_overdue(now)?;
        self.waiting.remove(|outgoing| outgoing.ack == Some(ack));
        Some(ack)
    }

    /// The connection is gone: forgets what came too early, which would be stale after the next CONNECT, and hands
    /// back the answers that will not come any more.
    #[must_use]
    pub fn handle_close(&mut self) -> Vec<AckId> {
        self.early.clear();
        self.acks.take_sent()
    }

    /// When an answer is overdue, or a try, or an event has waited too long.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let aged = self
            .waiting
            .oldest()
            .map(|since| since + self.limits.buffered_time);
        let deadlines = [self.acks.deadline(), self.queue.deadline(), aged];
        deadlines.into_iter().flatten().min()
    }

    fn encode(&self, body: Body) -> Result<Encoded, EmitError> {
        let packet = Packet {
            namespace: self.namespace.clone(),
            ack: None,
            body,
        };
        packet.encode(self.limits.attachments)
    }
}

/// The text, with this ack id, then the attachments: nothing may come between them.
fn frames(packet: &Encoded, ack: Option<u64>) -> Vec<Frame> {
    let text = packet.with_ack(ack);
    let text = engine::packet::Packet::Message(Data::Text(&text)).encode();
    let attachments = packet.attachments.iter();
    let attachments = attachments.map(|bytes| Frame::Binary(bytes.to_vec()));
    std::iter::once(text).chain(attachments).collect()
}

#[cfg(test)]
mod tests;
