//! From polling to a WebSocket, without losing a packet or sending one twice.
//!
//! ```text
//! polling goes on:   WebSocket opens     > 2probe    < 3probe
//! polling is paused: its GET and its POST come to their ends; what is sent waits
//! the WebSocket is:  > 5    > what waited
//! ```
//!
//! The server ends the GET by itself once it was probed. Whatever goes wrong before `5`, polling simply goes on, and
//! what waited goes out on it. A WebSocket that failed is not tried again for a while: one that hangs keeps a browser
//! from opening any other to that server.

use std::time::Duration;

use super::{Engine, Inbox, News, Stage, Transport};
use crate::protocol::engine::packet::Packet;
use crate::protocol::io::{Frame, TransportId, TransportKind};
use crate::protocol::outbox::Outbox;
use crate::time::Instant;

/// Where a session stands with its upgrade.
#[derive(Default)]
pub struct Upgrade {
    probe: Option<Probe>,
    /// When to try.
    next: Option<Instant>,
}

/// A WebSocket that is tried.
struct Probe {
    transport: TransportId,
    step: Step,
    /// When we give up on it.
    until: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Opening,
    Asked,
    /// The server has answered: polling is paused.
    Answered,
}

/// So long at least between two probes, whatever is configured: a timer that is due at once would never rest.
const SHORTEST_RETRY: Duration = Duration::from_secs(1);

impl Upgrade {
    /// The WebSocket that is tried.
    #[must_use]
    pub fn transport(&self) -> Option<TransportId> {
        self.probe.as_ref().map(|probe| probe.transport)
    }

    /// Whether polling is paused for the sake of the other.
    #[must_use]
    pub fn is_switching(&self) -> bool {
        (self.probe.as_ref()).is_some_and(|probe| probe.step == Step::Answered)
    }

    /// When something is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        match &self.probe {
            Some(probe) => Some(probe.until),
            None => self.next,
        }
    }
}

impl Engine {
    /// The session has begun on polling: when, if ever, to try a WebSocket.
    pub(super) fn plan_upgrade(&mut self, now: Instant) {
        let options = &self.config.transports;
        let offered = self.handshake().is_some_and(|handshake| {
            // Names that nobody knows may be among them.
            (handshake.upgrades.iter()).any(|name| name == "websocket")
        });
        if !offered || !options.upgrade || !options.order.contains(&TransportKind::WebSocket) {
            return;
        }
        let retry = options.websocket_retry;
        self.upgrade.next = Some(match self.memory.websocket_failed {
            Some(failed) => (failed + retry).max(now),
            None => now,
        });
    }

    /// Begins a probe that is due.
    pub(super) fn begin_probe(&mut self, now: Instant, outbox: &mut Outbox) {
        if self.stage != Stage::Open || self.upgrade.next.is_none_or(|next| now < next) {
            return;
        }
        let url = self.websocket_url();
        self.upgrade.next = None;
        self.upgrade.probe = Some(Probe {
            transport: outbox.open(url),
            step: Step::Opening,
            until: now + self.config.timeouts.probe,
        });
    }

    /// The WebSocket that is tried is open.
    pub(super) fn handle_probe_opened(&mut self, outbox: &mut Outbox) {
        if let Some(probe) = &mut self.upgrade.probe {
            if probe.step == Step::Opening {
                probe.step = Step::Asked;
                outbox.send(probe.transport, Packet::Ping("probe").encode());
            }
        }
    }

    /// It says something: the right word, or it is not what we think it is.
    pub(super) fn handle_probe_frame(&mut self, frame: &Frame, now: Instant, outbox: &mut Outbox) {
        let answered = Packet::decode(frame) == Ok(Packet::Pong("probe"));
        match &mut self.upgrade.probe {
            Some(probe) if probe.step == Step::Asked && answered => {
                probe.step = Step::Answered;
                if let Some(session) = &mut self.session {
                    session.heartbeat.handle_packet(now);
                }
            }
            _ => self.fail_probe(now, outbox),
        }
    }

    /// Gives up on a probe that takes too long.
    pub(super) fn check_probe(&mut self, now: Instant, outbox: &mut Outbox) {
        if (self.upgrade.probe.as_ref()).is_some_and(|probe| now >= probe.until) {
            self.fail_probe(now, outbox);
        }
    }

    /// Polling stays.
    pub(super) fn fail_probe(&mut self, now: Instant, outbox: &mut Outbox) {
        self.close_probe(outbox);
        self.memory.websocket_failed = Some(now);
        self.memory.websocket_worked = false;
        let retry = self.config.transports.websocket_retry.max(SHORTEST_RETRY);
        self.upgrade.next = Some(now + retry);
        self.news.push_back(News::UpgradeFailed);
    }

    /// The probe closed by itself.
    pub(super) fn handle_probe_closed(&mut self, now: Instant, outbox: &mut Outbox) {
        self.upgrade.probe = None;
        self.fail_probe(now, outbox);
    }

    /// Closes a WebSocket that is tried.
    pub(super) fn close_probe(&mut self, outbox: &mut Outbox) {
        if let Some(probe) = self.upgrade.probe.take() {
            outbox.close(probe.transport);
        }
    }

    /// Switches over, once polling has come to rest.
    pub(super) fn complete_upgrade(&mut self, outbox: &mut Outbox) {
        let rests = match &self.transport {
            Some(Transport::Polling(polling)) => !polling.is_getting() && !polling.is_posting(),
            _ => false,
        };
        // What came with the last poll belongs to polling, to its last packet.
        let has_read_all = matches!(self.inbox, Inbox::Empty);
        if !rests || !has_read_all || !self.upgrade.is_switching() {
            return;
        }
        if let Some(probe) = self.upgrade.probe.take() {
            outbox.send(probe.transport, Packet::Upgrade.encode());
            self.transport = Some(Transport::WebSocket(probe.transport));
            self.memory.websocket_failed = None;
            self.memory.websocket_worked = true;
            self.news.push_back(News::Upgraded);
        }
    }
}
