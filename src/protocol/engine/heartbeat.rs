//! How long a silence may last.
//!
//! The server pings; we answer and never ask. So the only sign of death is silence, and three thresholds say how much
//! of it means what.

use std::time::Duration;

use crate::protocol::config::Timeouts;
use crate::protocol::engine::handshake::Handshake;
use crate::time::Instant;

/// A frame that comes later than this after the deadline no longer proves that the connection lives: the page has
/// slept, and the frame is from before. Up to then it was waiting in the queue of a busy or throttled page.
const SLEPT: Duration = Duration::from_secs(10);

/// When a page is looked at again, silence this much longer than the ping interval is enough to give up.
const WAKE_GRACE: Duration = Duration::from_secs(2);

/// The silence of one session.
///
/// It runs on the page's monotonic clock alone. Where that clock stands still while a computer sleeps, the silence does
/// not grow, and a dead connection is found out when what was left of the deadline has passed after waking. That the
/// wall clock ran ahead ([`Page::Woke`](crate::protocol::Page::Woke)) adds nothing to the silence: it also jumps when
/// it is set, and a connection that is well must not die of that.
pub struct Heartbeat {
    interval: Duration,
    grace: Duration,
    pings_only: bool,
    last_packet: Instant,
}

impl Heartbeat {
    /// Begins with the handshake.
    #[must_use]
    pub fn new(handshake: &Handshake, timeouts: &Timeouts, now: Instant) -> Self {
        Self {
            interval: handshake.ping_interval,
            grace: handshake.ping_timeout.min(timeouts.heartbeat_grace),
            pings_only: timeouts.pings_only,
            last_packet: now,
        }
    }

    /// Something came.
    pub fn handle_packet(&mut self, now: Instant) {
        if !self.pings_only {
            self.last_packet = now;
        }
    }

    /// A ping came.
    pub fn handle_ping(&mut self, now: Instant) {
        self.last_packet = now;
    }

    /// When silence means that the connection is dead.
    ///
    /// It runs from the last packet *of any kind*, for `pingInterval` and the grace. The reference client counts from
    /// the last ping only, and grants the whole `pingTimeout`: it gives up on a connection that delivers events, and
    /// takes up to 85 s over a dead one. [`Timeouts`] can have it so.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.last_packet + self.interval + self.grace
    }

    /// Whether the silence has lasted so long that even a frame proves nothing: the page has slept.
    #[must_use]
    pub fn has_slept(&self, now: Instant) -> bool {
        now >= self.deadline() + SLEPT
    }

    /// Whether a page that is looked at again should rather not trust this connection: a ping is missing.
    #[must_use]
    pub fn is_doubtful(&self, now: Instant) -> bool {
        now >= self.last_packet + self.interval + WAKE_GRACE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deadline_runs_from_the_last_packet_with_a_bounded_grace() {
        for (interval, timeout, deadline) in [
            (25_000, 20_000, 35_000),
            (25_000, 60_000, 35_000),
            (25_000, 5_000, 30_000),
            (100, 100, 200),
        ] {
            let open =
                format!(r#"{{"sid":"e","pingInterval":{interval},"pingTimeout":{timeout}}}"#);
            let handshake = Handshake::parse(&open).unwrap();
            let mut heartbeat = Heartbeat::new(&handshake, &Timeouts::default(), at(0));
            assert_eq!(heartbeat.deadline(), at(deadline));

            heartbeat.handle_packet(at(1_000));

            assert_eq!(heartbeat.deadline(), at(1_000 + deadline));
            assert!(!heartbeat.has_slept(at(1_000 + deadline + 9_999)));
            assert!(heartbeat.has_slept(at(1_000 + deadline + 10_000)));
            assert!(!heartbeat.is_doubtful(at(1_000 + interval + 1_999)));
            assert!(heartbeat.is_doubtful(at(1_000 + interval + 2_000)));
        }
    }

    // G08, as the reference client has it
    #[test]
    fn only_pings_count_where_that_is_asked_for() {
        let handshake =
            Handshake::parse(r#"{"sid":"e","pingInterval":100,"pingTimeout":100}"#).unwrap();
        let timeouts = Timeouts {
            pings_only: true,
            ..Timeouts::default()
        };
        let mut heartbeat = Heartbeat::new(&handshake, &timeouts, at(0));

        heartbeat.handle_packet(at(60));
        assert_eq!(heartbeat.deadline(), at(200));
        heartbeat.handle_ping(at(60));
        assert_eq!(heartbeat.deadline(), at(260));
    }

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }
}
