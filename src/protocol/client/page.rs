//! What the page learns about itself, and what a connection makes of it.
//!
//! The page's news cut waits and raise doubts; they are never proof. A network that is back is an attempt, not a
//! connection, and *offline* is a reason to close that the next success disproves.

use crate::protocol::client::Client;
use crate::protocol::error::DisconnectReason;
use crate::protocol::io::{Page, State};
use crate::time::Instant;

impl Client {
    pub(super) fn handle_page(&mut self, page: Page, now: Instant) {
        match page {
            Page::Hidden => self.hidden = true,
            Page::Visible => {
                self.hidden = false;
                self.doubt(now);
                self.hurry(now);
            }
            Page::Online => {
                self.offline = false;
                self.doubt(now);
                self.hurry(now);
            }
            Page::Offline => self.handle_offline(now),
            Page::Leaving => self.handle_leaving(now),
            Page::Restored if self.state == State::Suspended => self.open(now),
            Page::Restored => {
                self.doubt(now);
                self.hurry(now);
            }
        }
    }

    /// Something changed that makes an attempt worth while: at once, or as soon as the last hurry is 5 s old, for a
    /// network that flaps tells us ten times. The breaker stays: what it waits for is not the page's doing.
    fn hurry(&mut self, now: Instant) {
        if !matches!(self.state, State::Waiting { .. } | State::Offline { .. }) {
            return;
        }
        let interval = self.config.reconnection.hurry_interval;
        let earliest = self.last_hurry.map_or(now, |last| last + interval).max(now);
        if earliest == now {
            self.last_hurry = Some(now);
            self.open(now);
            return;
        }
        match &mut self.state {
            State::Waiting { until, .. } if earliest < *until => *until = earliest,
            State::Offline { until } if !self.offline => {
                let until = earliest.min(*until);
                let cause = DisconnectReason::Offline;
                self.state = State::Waiting {
                    attempt: self.backoff.attempt(),
                    until,
                    cause,
                };
            }
            _ => return,
        }
        self.tell_wait();
    }

    fn handle_offline(&mut self, now: Instant) {
        self.offline = true;
        if self.engine.is_some() {
            self.lose(DisconnectReason::Offline, now);
        } else if matches!(self.state, State::Waiting { .. }) {
            self.settle(DisconnectReason::Offline, now);
        }
    }

    /// Without a DISCONNECT packet, after which a server would not keep anything for our return.
    fn handle_leaving(&mut self, now: Instant) {
        if self.engine.is_some() {
            self.lose(DisconnectReason::Leaving, now);
        } else if self.wait_until().is_some() {
            self.settle(DisconnectReason::Leaving, now);
        }
    }
}
