//! The Socket.IO half: one namespace, with what waits to go out, what came too early, and whose answer is due.
//!
//! A [`Socket`] outlives connections: what was not sent survives a loss, what was sent and not answered does not.
//! It neither knows the transport nor when to reconnect. A client has one; there can be more.

pub mod decoder;
pub mod packet;

use std::borrow::Cow;

use crate::json::Value;
use crate::protocol::bounded::Bounded;
use crate::protocol::config::Limits;
use crate::protocol::engine;
use crate::protocol::engine::packet::Data;
use crate::protocol::error::EmitError;
use crate::protocol::io::{Emit, Frame};
use crate::protocol::socket::packet::{Body, Packet, RESERVED_EVENTS};
use crate::sorted::Map;
use crate::time::Instant;

/// Which of our emits an answer belongs to. Never used again, not even on another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AckId(u64);

/// The right to answer one event of the server once, on the connection it came on. It cannot be copied, so an event
/// cannot be answered twice.
#[derive(Debug, PartialEq, Eq)]
pub struct AckToken {
    /// The number of the connection.
    pub(super) generation: u64,
    pub(super) id: u64,
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

/// An event of ours, as it goes out.
pub struct Outgoing {
    /// Its name.
    pub event: String,
    /// The text, then the attachments: nothing may come between them.
    pub frames: Vec<Frame>,
    /// The answer that is asked for.
    pub ack: Option<AckId>,
}

struct PendingAck {
    deadline: Instant,
    /// Whether the event is out. One that still waits to be sent survives the end of a connection.
    sent: bool,
}

/// One namespace.
pub struct Socket {
    namespace: Cow<'static, str>,
    auth: Option<Value>,
    limits: Limits,
    early: Bounded<Incoming>,
    waiting: Bounded<Outgoing>,
    acks: Map<AckId, PendingAck>,
    next_ack: u64,
}

impl Socket {
    /// The socket of `namespace`.
    #[must_use]
    pub fn new(namespace: &str, auth: Option<Value>, limits: Limits) -> Self {
        Self {
            namespace: match namespace {
                "/" => packet::MAIN,
                other => Cow::Owned(other.to_owned()),
            },
            auth,
            limits,
            early: Bounded::new(limits.early_messages, limits.early_bytes),
            waiting: Bounded::new(limits.buffered_emits, limits.buffered_bytes),
            acks: Map::new(),
            next_ack: 0,
        }
    }

    /// The namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// What the next CONNECT says.
    pub fn set_auth(&mut self, auth: Option<Value>) {
        self.auth = auth;
    }

    /// The frames of a packet of this namespace.
    ///
    /// # Errors
    /// As [`Packet::encode`].
    pub fn frames(&self, body: Body, ack: Option<u64>) -> Result<Vec<Frame>, EmitError> {
        let packet = Packet {
            namespace: self.namespace.clone(),
            ack,
            body,
        };
        let encoded = packet.encode(self.limits.attachments)?;
        let mut frames = vec![engine::packet::Packet::Message(Data::Text(&encoded.text)).encode()];
        frames.extend(
            encoded
                .attachments
                .iter()
                .map(|bytes| Frame::Binary(bytes.to_vec())),
        );
        Ok(frames)
    }

    /// The frames of CONNECT, with the auth. Attachments have no place there and are left out, as is all of an auth
    /// that cannot be written; the server then refuses us, with its own words.
    #[must_use]
    pub fn connect_frames(&self) -> Vec<Frame> {
        self.frames(Body::Connect(self.auth.clone()), None)
            .map_or_else(
                |_| Vec::new(),
                |frames| frames.into_iter().take(1).collect(),
            )
    }

    /// Turns an emit into frames and enters the answer it asks for. `max_frame` is what the server accepts, and
    /// `buffer` says that it must fit the buffer, too.
    ///
    /// # Errors
    /// [`EmitError`]; then nothing has changed.
    pub fn prepare(
        &mut self,
        emit: Emit,
        max_frame: usize,
        buffer: bool,
        now: Instant,
    ) -> Result<Outgoing, EmitError> {
        if RESERVED_EVENTS.contains(&emit.event.as_str()) {
            return Err(EmitError::ReservedEvent);
        }
        if emit.ack_timeout.is_some() && self.acks.len() >= self.limits.acks {
            return Err(EmitError::TooManyAcks);
        }
        let ack = emit.ack_timeout.map(|_| AckId(self.next_ack));
        let body = Body::Event {
            event: emit.event.clone(),
            args: emit.args,
        };
        let outgoing = Outgoing {
            frames: self.frames(body, ack.map(|ack| ack.0))?,
            event: emit.event,
            ack,
        };
        let largest = outgoing.largest_frame();
        if largest > max_frame {
            return Err(EmitError::TooLarge {
                size: largest,
                limit: max_frame,
            });
        }
        let size = outgoing.size();
        if buffer && !self.waiting.can_hold(size) {
            let limit = self.limits.buffered_bytes;
            return Err(EmitError::TooLarge { size, limit });
        }
        if let (Some(ack), Some(timeout)) = (ack, emit.ack_timeout) {
            self.next_ack += 1; // 2⁵³ emits take longer than any page lives
            let deadline = now + timeout;
            self.acks.insert(
                ack,
                PendingAck {
                    deadline,
                    sent: false,
                },
            );
        }
        Ok(outgoing)
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

    /// The event is out: its answer will not survive the connection.
    pub fn handle_sent(&mut self, ack: AckId) {
        if let Some(pending) = self.acks.get_mut(&ack) {
            pending.sent = true;
        }
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
        self.acks.remove_entry(&AckId(id)).map(|(ack, _)| ack)
    }

    /// No answer will come; says whether one was waited for.
    pub fn forget_ack(&mut self, ack: AckId) -> bool {
        self.acks.remove(&ack).is_some()
    }

    /// One answer that is overdue. An event that still waits to be sent goes with it.
    pub fn next_overdue_ack(&mut self, now: Instant) -> Option<AckId> {
        let overdue = |(_, pending): &(&AckId, &PendingAck)| now >= pending.deadline;
        let ack = *self.acks.iter().find(overdue)?.0;
        self.acks.remove(&ack);
        self.waiting.remove(|outgoing| outgoing.ack == Some(ack));
        Some(ack)
    }

    /// The connection is gone: forgets what came too early, which would be stale after the next CONNECT, and hands
    /// back the answers that will not come any more.
    #[must_use]
    pub fn handle_close(&mut self) -> Vec<AckId> {
        self.early.clear();
        let sent = self.acks.iter().filter(|(_, pending)| pending.sent);
        let lost: Vec<_> = sent.map(|(ack, _)| *ack).collect();
        for ack in &lost {
            self.acks.remove(ack);
        }
        lost
    }

    /// When an answer is overdue, or an event has waited too long.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let ack = self.acks.values().map(|pending| pending.deadline).min();
        let aged = self
            .waiting
            .oldest()
            .map(|since| since + self.limits.buffered_time);
        ack.into_iter().chain(aged).min()
    }

    /// How many events wait to be sent.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

impl Outgoing {
    /// Bytes of the largest frame.
    #[must_use]
    pub fn largest_frame(&self) -> usize {
        self.frames.iter().map(Frame::size).max().unwrap_or(0)
    }

    fn size(&self) -> usize {
        self.frames.iter().map(Frame::size).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const NOW: Instant = Instant::from_millis(0);

    #[test]
    fn ack_ids_count_up_and_only_where_an_answer_is_asked_for() {
        let mut socket = Socket::new("/a", None, Limits::default());

        let texts: Vec<_> = [ask("x"), Emit::new("y", vec![]), ask("z")]
            .map(|emit| socket.prepare(emit, 1000, false, NOW).unwrap().frames)
            .into();

        let expected = [r#"42/a,0["x"]"#, r#"42/a,["y"]"#, r#"42/a,1["z"]"#];
        assert_eq!(texts, expected.map(|text| vec![Frame::Text(text.into())]));
    }

    #[test]
    fn an_emit_that_is_refused_leaves_no_ack_behind() {
        let mut socket = Socket::new(
            "/",
            None,
            Limits {
                acks: 1,
                ..Limits::default()
            },
        );

        for (emit, max, error) in [
            (ask("connect"), 1000, EmitError::ReservedEvent),
            (ask("long"), 5, EmitError::TooLarge { size: 11, limit: 5 }),
        ] {
            assert_eq!(socket.prepare(emit, max, false, NOW).err(), Some(error));
        }
        assert_eq!(socket.deadline(), None);

        assert!(socket.prepare(ask("x"), 1000, false, NOW).is_ok());
        assert_eq!(
            socket.prepare(ask("x"), 1000, false, NOW).err(),
            Some(EmitError::TooManyAcks)
        );
    }

    #[test]
    fn an_answer_counts_once() {
        let mut socket = Socket::new("/", None, Limits::default());
        let ack = socket.prepare(ask("x"), 1000, false, NOW).unwrap().ack;

        assert_eq!(socket.handle_ack(99), None);
        assert_eq!(socket.handle_ack(0), ack);
        assert_eq!(socket.handle_ack(0), None);
    }

    #[test]
    fn an_overdue_answer_takes_its_unsent_event_along() {
        let mut socket = Socket::new("/", None, Limits::default());
        let outgoing = socket.prepare(ask("x"), 1000, true, NOW).unwrap();
        let ack = outgoing.ack;
        assert!(socket.keep(outgoing, NOW).is_empty());

        assert_eq!(socket.next_overdue_ack(Instant::from_millis(999)), None);
        assert_eq!(socket.next_overdue_ack(Instant::from_millis(1000)), ack);
        assert!(socket.next_waiting().is_none());
    }

    #[test]
    fn a_lost_connection_takes_the_answers_to_what_was_sent_and_no_others() {
        let mut socket = Socket::new("/", None, Limits::default());
        let sent = socket
            .prepare(ask("sent"), 1000, false, NOW)
            .unwrap()
            .ack
            .unwrap();
        socket.handle_sent(sent);
        let kept = socket.prepare(ask("kept"), 1000, true, NOW).unwrap();
        let id = kept.ack.unwrap();
        assert!(socket.keep(kept, NOW).is_empty());

        assert_eq!(socket.handle_close(), [sent]);
        assert_eq!(socket.waiting(), 1);
        assert!(socket.forget_ack(id));
    }

    #[test]
    fn connect_carries_the_auth() {
        for (namespace, auth, text) in [
            ("/", None, "40"),
            ("/a", None, "40/a,"),
            ("/", Some(Value::Object(vec![])), "40{}"),
            (
                "/a",
                Some(Value::object([("token", "t".into())])),
                r#"40/a,{"token":"t"}"#,
            ),
        ] {
            let socket = Socket::new(namespace, auth, Limits::default());

            assert_eq!(socket.connect_frames(), [Frame::Text(text.into())]);
        }
    }

    fn ask(event: &str) -> Emit {
        Emit::new(event, vec![]).with_ack(Duration::from_secs(1))
    }
}
