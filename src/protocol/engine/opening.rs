//! Which transport is tried first, and which next.
//!
//! One after the other, each with its own time. What is learnt of a WebSocket goes into the [`Memory`]: one that hangs
//! costs a person ten seconds, and they should not pay that twice.

use std::collections::VecDeque;

use super::{Engine, Session, Stage, Transport};
use crate::protocol::engine::handshake::Handshake;
use crate::protocol::engine::heartbeat::Heartbeat;
use crate::protocol::engine::polling::Polling;
use crate::protocol::error::DisconnectReason;
use crate::protocol::io::TransportKind;
use crate::protocol::outbox::Outbox;
use crate::time::Instant;

/// What one session learns of a server's transports and the next one begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// When a WebSocket failed although polling did not.
    pub(super) websocket_failed: Option<Instant>,
    /// Whether the last session had a WebSocket and ended without an error.
    pub(super) websocket_worked: bool,
}

/// How a WebSocket did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It costs nothing to ask again, and a server that is just starting says yes a second later.
    Refused,
    /// While one hangs, a browser opens no other to that server.
    Hung,
}

impl Engine {
    /// In which order the transports are tried this time.
    pub(super) fn order(&self, now: Instant) -> VecDeque<TransportKind> {
        use TransportKind::{Polling, WebSocket};
        let options = &self.config.transports;
        let mut order: VecDeque<_> = options.order.iter().copied().collect();
        let failed = self.memory.websocket_failed;
        let first = if options.remember_upgrade && self.memory.websocket_worked {
            Some(WebSocket)
        } else if failed.is_some_and(|failed| now < failed + options.websocket_retry) {
            Some(Polling)
        } else {
            None
        };
        if let Some(at) = order.iter().position(|kind| Some(*kind) == first) {
            order.rotate_left(at);
        }
        if order.is_empty() {
            order.push_back(WebSocket);
        }
        if !options.try_all {
            order.truncate(1);
        }
        order
    }

    pub(super) fn open_next(&mut self, now: Instant, outbox: &mut Outbox) {
        let Some(kind) = self.untried.pop_front() else {
            return;
        };
        self.stage = Stage::Opening(now + self.config.timeouts.open);
        self.tried = kind;
        self.transport = Some(match kind {
            TransportKind::Polling => Transport::Polling(Polling::open(&self.config, outbox)),
            TransportKind::WebSocket => Transport::WebSocket(outbox.open(self.websocket_url())),
        });
    }

    /// The present transport did not open; the next one may.
    pub(super) fn try_another(
        &mut self,
        reason: &DisconnectReason,
        now: Instant,
        outbox: &mut Outbox,
    ) {
        if self.tried == TransportKind::WebSocket {
            self.websocket_fault = Some(match reason {
                DisconnectReason::OpenTimeout => Fault::Hung,
                _ => Fault::Refused,
            });
        }
        self.close_transport(outbox);
        self.open_next(now, outbox);
    }

    /// The handshake has come.
    pub(super) fn begin(&mut self, handshake: Handshake, is_polling: bool, now: Instant) {
        self.session = Some(Session {
            heartbeat: Heartbeat::new(&handshake, &self.config.timeouts, now),
            handshake,
        });
        self.stage = Stage::Open;
        if !is_polling {
            self.memory.websocket_failed = None;
            self.memory.websocket_worked = true;
            return;
        }
        // A WebSocket that was refused a moment ago is asked once more; one that hung is let alone.
        match self.websocket_fault {
            Some(Fault::Refused) => self.memory.websocket_failed = None,
            Some(Fault::Hung) => self.memory.websocket_failed = Some(now),
            None => {}
        }
        self.plan_upgrade(now);
    }
}
