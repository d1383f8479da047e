//! What goes out: events, answers, and what waits until they can.

use crate::json::Value;
use crate::protocol::client::Client;
use crate::protocol::engine::Engine;
use crate::protocol::error::{AckError, EmitError};
use crate::protocol::event::Event;
use crate::protocol::io::{Emit, Frame, State};
use crate::protocol::socket::packet::Body;
use crate::protocol::socket::queue::Unanswered;
use crate::protocol::socket::{AckId, AckToken, Outgoing, SocketId};
use crate::time::Instant;

impl Client {
    /// Sends an event, or keeps it for a connection to come: at most 100 events, 256 KiB, 30 s by default, the oldest
    /// going first, which [`Event::EmitDropped`] tells. Gives the id of the answer, if one was asked for.
    ///
    /// Events of one socket go out in the order in which they were emitted. Where the socket has
    /// [`Retries`](crate::protocol::Retries), an event that is not volatile waits for the answer to the one before.
    ///
    /// # Errors
    /// [`EmitError`], if it cannot be sent at all. Then nothing was sent or kept.
    pub fn emit(&mut self, emit: Emit, now: Instant) -> Result<Option<AckId>, EmitError> {
        // What is written to a connection that died in the page's sleep is lost without a trace.
        self.check_liveness(now);
        let (index, limit) = (emit.socket.index(), self.limit());
        let Some(member) = self.members.get_mut(index) else {
            return Err(EmitError::UnknownSocket);
        };
        let connected = member.is_connected();
        if emit.volatile {
            let engine = self.engine.as_ref();
            let is_idle = engine.is_some_and(Engine::is_writable) && !self.outbox.holds_frames();
            if !connected || !is_idle {
                self.counters.emits_dropped += 1;
                return Err(match connected {
                    true => EmitError::NotWritable,
                    false => EmitError::NotConnected,
                });
            }
        }
        let id = AckId(self.next_ack);
        if let (Some(retries), false) = (member.socket.retries, emit.volatile) {
            let ack = (member.socket).enqueue(emit, id, limit, retries)?;
            self.next_ack += u64::from(ack.is_some());
            self.pump(index, now);
            self.check_waits(now);
            return Ok(ack);
        }
        let outgoing = (member.socket).prepare(emit, id, limit, !connected, now)?;
        let ack = outgoing.ack;
        self.next_ack += u64::from(ack.is_some()); // 2⁵³ emits take longer than any page lives
        if connected {
            self.send(index, outgoing, now);
        } else {
            for dropped in member.socket.keep(outgoing, now) {
                self.drop_emit(index, dropped);
            }
        }
        self.check_waits(now);
        Ok(ack)
    }

    /// Answers an event of the server. Once the socket is no longer connected as it was when the event came, this does
    /// nothing: there, nobody waits for it.
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
        let Some(member) = self.members.get(token.socket.index()) else {
            return Ok(());
        };
        if member.is_connected() && member.session == token.session {
            let frames = member.socket.frames(Body::Ack(args), Some(token.id))?;
            let mut sizes = frames.iter().map(Frame::size);
            let text = sizes.next().unwrap_or_default();
            self.limit().check(text, sizes)?;
            self.send_frames(frames, now);
        }
        Ok(())
    }

    /// No longer waits for an answer. An event that is not sent yet is taken back with it, and one that is sent until
    /// it is answered is not sent again. Nothing is told. Says whether the answer was still waited for.
    pub fn cancel_ack(&mut self, ack: AckId, now: Instant) -> bool {
        let was_pending = (self.members.iter_mut()).any(|member| member.socket.cancel(ack));
        for index in 0..self.members.len() {
            self.pump(index, now);
        }
        was_pending
    }

    /// Drops what a socket has not sent, and what it waits for.
    pub fn clear(&mut self, socket: SocketId) {
        let index = socket.index();
        while let Some(member) = self.members.get_mut(index) {
            if let Some(outgoing) = member.socket.next_waiting() {
                self.drop_emit(index, outgoing);
            } else if let Some((outgoing, error)) = member.socket.queue.give_up() {
                self.fail_queued(index, outgoing, error);
            } else {
                break;
            }
        }
        let Some(member) = self.members.get_mut(index) else {
            return;
        };
        for ack in member.socket.handle_close() {
            let error = AckError::Disconnected;
            self.tell(index, Event::AckFailed { ack, error });
        }
    }

    /// Sends what waited for a connection, then the first of what is sent until it is answered.
    pub(super) fn flush(&mut self, index: usize, now: Instant) {
        while let Some(outgoing) = self.members[index].socket.next_aged(now) {
            self.drop_emit(index, outgoing);
        }
        while let Some(outgoing) = self.members[index].socket.next_waiting() {
            // It was kept when another server's limit was known.
            let socket = &self.members[index].socket;
            if socket.check_size(&outgoing, self.limit()).is_ok() {
                self.send(index, outgoing, now);
            } else {
                self.drop_emit(index, outgoing);
            }
        }
        self.pump(index, now);
    }

    /// Sends the first of what is sent until it is answered, unless it is under way.
    pub(super) fn pump(&mut self, index: usize, now: Instant) {
        let limit = self.limit();
        while let Some(member) = self.members.get_mut(index) {
            let socket = &mut member.socket;
            let Some(first) = socket
                .queue
                .next()
                .filter(|_| matches!(member.state, State::Connected { .. }))
            else {
                return;
            };
            if socket.check_size(first, limit).is_ok() {
                let sent = self.watch.sent.then(|| (first.event.clone(), first.args()));
                let frames = socket.dispatch_queued(now);
                if let Some((event, args)) = sent {
                    self.tell(index, Event::Sent { event, args });
                }
                self.send_frames(frames, now);
            } else if let Some((outgoing, error)) = socket.queue.give_up() {
                self.fail_queued(index, outgoing, error);
            }
        }
    }

    /// Tells that an emit of the queue has come to nothing.
    pub(super) fn fail_queued(&mut self, index: usize, outgoing: Outgoing, error: AckError) {
        self.counters.emits_dropped += 1;
        let event = outgoing.event;
        self.tell(
            index,
            match outgoing.ack {
                Some(ack) => Event::AckFailed { ack, error },
                None => Event::EmitDropped { event },
            },
        );
    }

    /// Gives up what waited too long to be sent or answered.
    pub(super) fn check_emits(&mut self, index: usize, now: Instant) {
        while let Some(ack) = self.members[index].socket.next_overdue_ack(now) {
            let error = AckError::Timeout;
            self.tell(index, Event::AckFailed { ack, error });
        }
        while let Some(outgoing) = self.members[index].socket.next_aged(now) {
            self.drop_emit(index, outgoing);
        }
        match self.members[index].socket.queue.handle_timeout(now) {
            None => return,
            Some(Unanswered::Again) => {}
            Some(Unanswered::Failed(outgoing)) => {
                self.fail_queued(index, outgoing, AckError::Timeout);
            }
        }
        self.pump(index, now);
    }

    fn send(&mut self, index: usize, outgoing: Outgoing, now: Instant) {
        if self.watch.sent {
            let (event, args) = (outgoing.event.clone(), outgoing.args());
            self.tell(index, Event::Sent { event, args });
        }
        let frames = self.members[index].socket.dispatch(&outgoing);
        if let Some(engine) = &mut self.engine {
            engine.send(outgoing, frames, now, &mut self.outbox);
        }
    }

    pub(super) fn drop_emit(&mut self, index: usize, outgoing: Outgoing) {
        self.counters.emits_dropped += 1;
        let event = outgoing.event;
        self.tell(index, Event::EmitDropped { event });
        let socket = &mut self.members[index].socket;
        if let Some(ack) = outgoing.ack.filter(|ack| socket.forget_ack(*ack)) {
            let error = AckError::Dropped;
            self.tell(index, Event::AckFailed { ack, error });
        }
    }
}
