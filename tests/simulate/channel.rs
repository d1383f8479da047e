//! What stands between the server and the page: instances that all relay everything, and a network that loses, copies,
//! delays and breaks. Drawn once for a schedule; every fate is drawn from it.

use crate::chance::Chance;
use crate::server::{stamp, Millis};

#[derive(Clone, Debug)]
pub struct Channel {
    /// The clocks of the instances, against the server's: milliseconds ahead, in tenths of a second around 500.
    skews: Vec<Millis>,
    /// How often each instance subscribes, and so relays.
    copies: u64,
    /// In a thousand copies.
    losses: u64,
    delayed: u64,
    longest: Millis,
    /// Mean time between two breaks of the connection; `None` is never.
    pub breaks: Option<Millis>,
    /// A replica answers with what was stored this long ago, at most.
    lag: Millis,
    /// In a thousand requests.
    failures: u64,
}

/// What becomes of a request.
pub enum Answered {
    /// It reaches the server after this time, which answers as of `lag` before, and the answer arrives later.
    Well {
        reaches: Millis,
        lag: Millis,
        arrives: Millis,
    },
    /// It fails after this time: with a status, or without any answer.
    Badly { after: Millis, status: Option<u16> },
    /// Nothing ever comes back.
    Never,
}

impl Channel {
    /// Most copies of one event that reach a page.
    const COPIES: u64 = 6;

    pub fn draw(chance: &mut Chance) -> Self {
        let instances = chance.between(1, 3);
        Self {
            skews: (0..instances).map(|_| chance.between(0, 1000)).collect(),
            copies: chance.between(1, Self::COPIES / instances),
            losses: chance.pick(&[0, 20, 20, 100, 300, 700]),
            delayed: chance.pick(&[0, 20, 100, 300]),
            longest: chance.pick(&[2_000, 20_000, 120_000]),
            breaks: chance.pick(&[None, Some(8_000), Some(30_000), Some(60_000)]),
            lag: chance.pick(&[0, 0, 500, 2_000]),
            failures: chance.pick(&[0, 50, 200]),
        }
    }

    /// From now on nothing goes wrong; what is under way stays so.
    pub fn heal(&mut self) {
        self.losses = 0;
        self.delayed = 0;
        self.breaks = None;
        self.lag = 0;
        self.failures = 0;
    }

    /// The copies of an event published `now` that arrive: when, and with which relay's time.
    pub fn relay(&self, now: Millis, chance: &mut Chance) -> Vec<(Millis, String)> {
        let mut arrivals = Vec::new();
        for skew in &self.skews {
            for _ in 0..self.copies {
                if chance.in_thousand(self.losses) {
                    continue;
                }
                let relayed = now + chance.between(0, 50);
                let delay = match chance.in_thousand(self.delayed) {
                    true => chance.between(100, self.longest),
                    false => chance.between(1, 80),
                };
                let relays_time = (relayed + skew).saturating_sub(500);
                arrivals.push((relayed + delay, stamp(relays_time)));
            }
        }
        arrivals
    }

    pub fn request(&self, chance: &mut Chance) -> Answered {
        if chance.in_thousand(self.failures) {
            return match chance.between(0, 3) {
                0 => Answered::Never,
                1 => Answered::Badly {
                    after: chance.between(1, 500),
                    status: None,
                },
                2 => Answered::Badly {
                    after: chance.between(1, 500),
                    status: Some(500),
                },
                _ => Answered::Badly {
                    after: chance.between(1, 500),
                    status: Some(429),
                },
            };
        }
        let slow = chance.in_thousand(50) && self.failures > 0;
        let reaches = chance.between(1, if slow { 6_000 } else { 150 });
        Answered::Well {
            reaches,
            lag: chance.between(0, self.lag),
            arrives: reaches + chance.between(1, if slow { 6_000 } else { 150 }),
        }
    }
}
