//! What the page learns about itself, and what a connection makes of it.
//!
//! The page's news cut waits and raise doubts; they are never proof. A network that is back is an attempt, not a
//! connection, and *offline* is a reason to close that the next success disproves.

use crate::protocol::client::member::wait_until;
use crate::protocol::client::{Client, Link};
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
            Page::Restored if matches!(self.link, Link::Resting(State::Suspended)) => {
                self.tell_left();
                self.open(now);
            }
            Page::Restored | Page::Woke => {
                self.doubt(now);
                self.hurry(now);
            }
        }
    }

    /// A person asked to try now: ends every wait.
    pub(super) fn cut_waits(&mut self, now: Instant) {
        for member in &mut self.members {
            member.pause = member.pause.map(|_| now);
        }
        if matches!(&self.link, Link::Resting(state) if wait_until(state).is_some()) {
            self.open(now);
        }
    }

    /// Something changed that makes an attempt worth while: at once, or as soon as the last hurry is 5 s old, for a
    /// network that flaps tells us ten times. The breaker stays: what it waits for is not the page's doing.
    fn hurry(&mut self, now: Instant) {
        let link_waits = matches!(
            self.link,
            Link::Resting(State::Waiting { .. } | State::Offline { .. })
        );
        let waits = |state: &State| matches!(state, State::Waiting { .. });
        if !link_waits && !(self.members.iter()).any(|member| waits(&member.state)) {
            return;
        }
        let interval = self.config.reconnection.hurry_interval;
        let earliest = self.last_hurry.map_or(now, |last| last + interval).max(now);
        for index in 0..self.members.len() {
            let member = &mut self.members[index];
            if let (State::Waiting { until, .. }, Some(pause)) =
                (&mut member.state, &mut member.pause)
            {
                if earliest < *pause {
                    (*until, *pause) = (earliest, earliest);
                    if earliest > now {
                        self.tell_wait(index, self.members[index].rejoin.attempt());
                    }
                }
            }
        }
        if earliest == now {
            self.last_hurry = Some(now);
            if link_waits {
                self.open(now);
            }
            return;
        }
        let attempt = self.backoff.attempt();
        let sooner = match &self.link {
            Link::Resting(State::Waiting { until, cause, .. }) if earliest < *until => {
                State::Waiting {
                    attempt,
                    until: earliest,
                    cause: cause.clone(),
                }
            }
            Link::Resting(State::Offline { until }) if !self.offline => State::Waiting {
                attempt,
                until: earliest.min(*until),
                cause: DisconnectReason::Offline,
            },
            _ => return,
        };
        self.rest(sooner);
    }

    fn handle_offline(&mut self, now: Instant) {
        self.offline = true;
        let mut waits = matches!(self.link, Link::Resting(State::Waiting { .. }));
        if !matches!(self.link, Link::Resting(State::Breaker { .. })) {
            // Without a network there is one wait, for it.
            for member in &mut self.members {
                let is_cut = matches!(member.state, State::Waiting { .. });
                waits |= is_cut && member.pause.take().is_some();
            }
        }
        if self.engine.is_some() {
            self.lose(DisconnectReason::Offline, now);
        } else if waits {
            let until = now + self.backoff.offline();
            self.rest(State::Offline { until });
        }
    }

    /// Without a DISCONNECT packet, after which a server would not keep anything for our return.
    fn handle_leaving(&mut self, now: Instant) {
        if let Some(mut engine) = self.leaving.take() {
            engine.leave(&mut self.outbox);
        }
        if self.engine.is_some() {
            self.lose(DisconnectReason::Leaving, now);
        } else if self.wait_until().is_some() {
            self.rest(State::Suspended);
        }
    }
}
