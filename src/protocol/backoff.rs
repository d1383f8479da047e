//! When to try again.
//!
//! The first attempt after a loss comes after 0.1 to 2 s; the n-th after 0.5 s and a share, drawn by lot, of
//! `0.5 s · 2ⁿ`, never more than the cap in all. The lot is never small against the delay, so clients that lost a
//! server together do not come back together; the reference client's jitter vanishes at its cap.
//!
//! Failures that are the server's (it breaks the protocol, it closes what it accepted) count separately: after ten in
//! a row a breaker pauses for a minute, then two, then four, then five. Only a connection that was stable resets any of
//! this. The reference client resets at every open, and so loops on a server that accepts and closes.

use std::time::Duration;

use crate::protocol::config::Reconnection;

/// Whose failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nobody was reached, or somebody fell silent.
    Network,
    /// The server was reached, and broke the protocol or closed.
    Server,
    /// The server said DISCONNECT. It meant it, so there is one attempt and then the breaker; the reference client
    /// never tries again, and so shows nothing for ever after a server's `disconnectSockets()`.
    ServerDisconnect,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Try again after so long.
    Retry(Duration),
    /// The breaker opened; try again after so long.
    Break(Duration),
}

/// How often it failed, and the jitter of what follows.
pub struct Backoff {
    options: Reconnection,
    jitter: Jitter,
    attempt: u32,
    server_faults: u32,
    server_disconnects: u32,
    breaks: u32,
}

impl Backoff {
    /// No failures yet. `seed` is all the chance there will be.
    #[must_use]
    pub fn new(options: Reconnection, seed: u64) -> Self {
        Self {
            options,
            jitter: Jitter::new(seed),
            attempt: 0,
            server_faults: 0,
            server_disconnects: 0,
            breaks: 0,
        }
    }

    /// The number of the attempt that is next or under way; 0 until something failed.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Counts a failure and says when to try again.
    #[must_use]
    pub fn fail(&mut self, fault: Fault, hidden: bool) -> Next {
        let options = self.options;
        self.attempt = self.attempt.saturating_add(1);
        match fault {
            Fault::Network => {}
            Fault::Server => self.server_faults = self.server_faults.saturating_add(1),
            Fault::ServerDisconnect => {
                self.server_faults = self.server_faults.saturating_add(1);
                self.server_disconnects = self.server_disconnects.saturating_add(1);
            }
        }
        let tripped = self.server_faults >= options.breaker_after || self.server_disconnects > 1;
        if fault != Fault::Network && tripped {
            let (shortest, longest) = options.breaker;
            let pause = shortest.saturating_mul(doubled(self.breaks)).min(longest);
            self.breaks = self.breaks.saturating_add(1);
            return Next::Break(pause);
        }
        if let (Fault::ServerDisconnect, Some(bounds)) = (fault, options.after_server_disconnect) {
            return Next::Retry(self.jitter.between(bounds));
        }
        if let Some(exponential) = options.exponential {
            let doubled = exponential.delay.saturating_mul(doubled(self.attempt - 1));
            let delay = doubled.min(exponential.max);
            let most = delay * u32::from(exponential.randomization.min(100)) / 100;
            return Next::Retry(
                self.jitter
                    .between((delay - most, delay.saturating_add(most))),
            );
        }
        if self.attempt == 1 {
            return Next::Retry(self.jitter.between(options.first));
        }
        let cap = if hidden {
            options.hidden_cap
        } else {
            options.cap
        };
        let share = options.base.saturating_mul(doubled(self.attempt - 1));
        let most = options.base.saturating_add(share).min(cap);
        Next::Retry(self.jitter.between((options.base.min(cap), most)))
    }

    /// How long to wait while the browser says there is no network.
    #[must_use]
    pub fn offline(&mut self) -> Duration {
        self.jitter.between(self.options.offline)
    }

    /// A connection was stable: all is forgiven.
    pub fn reset(&mut self) {
        self.attempt = 0;
        self.server_faults = 0;
        self.server_disconnects = 0;
        self.breaks = 0;
    }
}

/// Times drawn by lot, so that pages which lost a server together do not do the same thing at the same moment.
/// SplitMix64 (Steele, Lea, Flood 2014): one word of state, enough for jitter, which is no secret.
#[derive(Clone, Debug)]
pub struct Jitter(u64);

impl Jitter {
    /// `seed` is all the chance there will be.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A time between these two, each millisecond as likely as the other.
    pub fn between(&mut self, (least, most): (Duration, Duration)) -> Duration {
        let lot = self.draw();
        let span = u32::try_from(most.saturating_sub(least).as_millis()).unwrap_or(u32::MAX);
        let share = ((lot >> 32) * (u64::from(span) + 1)) >> 32;
        least.saturating_add(Duration::from_millis(share))
    }

    /// The next lot itself: 64 bits, each as likely set as not. The same seed draws the same lots, so that whoever
    /// plays a network by lot can play it again.
    ///
    /// ```
    /// use telltale::protocol::backoff::Jitter;
    ///
    /// let (mut one, mut other) = (Jitter::new(7), Jitter::new(7));
    /// assert_eq!(one.draw(), other.draw());
    /// assert_ne!(one.draw(), Jitter::new(8).draw());
    /// ```
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut lot = self.0;
        lot = (lot ^ (lot >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        lot = (lot ^ (lot >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        lot ^ (lot >> 31)
    }
}

/// 2ⁿ, as far as it goes.
fn doubled(times: u32) -> u32 {
    1_u32.checked_shl(times).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::config::Exponential;

    #[test]
    fn each_delay_lies_between_its_bounds_and_reaches_both() {
        for (attempt, hidden, least, most) in [
            (1, false, 100, 2_000),
            (2, false, 500, 1_500),
            (3, false, 500, 2_500),
            (4, false, 500, 4_500),
            (5, false, 500, 8_500),
            (6, false, 500, 10_000),
            (40, false, 500, 10_000),
            (6, true, 500, 16_500),
            (7, true, 500, 30_000),
            (100, true, 500, 30_000),
        ] {
            let delays: Vec<_> = (0..4_000).map(|seed| nth(seed, attempt, hidden)).collect();
            let (min, max) = (delays.iter().min().unwrap(), delays.iter().max().unwrap());

            let edge = (most - least) / 50;
            assert!(
                (least..=least + edge).contains(min),
                "attempt {attempt}: {min}"
            );
            assert!(
                (most - edge..=most).contains(max),
                "attempt {attempt}: {max}"
            );
        }
    }

    // X06
    #[test]
    fn without_jitter_the_reference_clients_delays_double_up_to_their_cap() {
        for (delay, max, expected) in [
            (1_000, 5_000, [1_000, 2_000, 4_000, 5_000, 5_000]),
            (0, 5_000, [0; 5]),
            (1_000, 0, [0; 5]),
        ] {
            let exponential = Exponential {
                delay: Duration::from_millis(delay),
                max: Duration::from_millis(max),
                randomization: 0,
            };

            let delays = [1, 2, 3, 4, 5].map(|attempt| exponential_nth(exponential, 1, attempt));

            assert_eq!(delays, expected);
        }
    }

    // X07
    #[test]
    fn the_jitter_of_the_reference_clients_delays_outlives_their_cap() {
        for (attempt, least, most) in [
            (1, 500, 1_500),
            (2, 1_000, 3_000),
            (4, 2_500, 7_500),
            (1_000, 2_500, 7_500),
        ] {
            let delays: Vec<_> = (0..2_000)
                .map(|seed| exponential_nth(Exponential::default(), seed, attempt))
                .collect();

            let (min, max) = (*delays.iter().min().unwrap(), *delays.iter().max().unwrap());
            let edge = (most - least) / 50;
            assert!((least..=least + edge).contains(&min), "{attempt}: {min}");
            assert!((most - edge..=most).contains(&max), "{attempt}: {max}");
        }
    }

    #[test]
    fn one_seed_gives_one_sequence() {
        for seed in [0, 1, u64::MAX] {
            assert_eq!(nth(seed, 7, false), nth(seed, 7, false));
        }
        assert_ne!(nth(1, 7, false), nth(2, 7, false));
    }

    #[test]
    fn the_breaker_opens_at_the_tenth_server_fault_and_doubles_to_its_longest() {
        let mut backoff = Backoff::new(Reconnection::default(), 1);
        for fault in 1..10 {
            assert!(
                matches!(backoff.fail(Fault::Server, false), Next::Retry(_)),
                "{fault}"
            );
        }

        for seconds in [60, 120, 240, 300, 300] {
            assert_eq!(
                backoff.fail(Fault::Server, false),
                Next::Break(Duration::from_secs(seconds))
            );
        }
        assert!(matches!(
            backoff.fail(Fault::Network, false),
            Next::Retry(_)
        ));
    }

    #[test]
    fn a_missing_network_never_opens_the_breaker() {
        let mut backoff = Backoff::new(Reconnection::default(), 1);

        for _ in 0..1_000 {
            assert!(matches!(
                backoff.fail(Fault::Network, false),
                Next::Retry(_)
            ));
        }
    }

    #[test]
    fn a_server_that_disconnects_us_twice_opens_the_breaker() {
        for seed in 0..100 {
            let mut backoff = Backoff::new(Reconnection::default(), seed);

            let Next::Retry(delay) = backoff.fail(Fault::ServerDisconnect, false) else {
                panic!("the first is tried again");
            };
            assert!((1_000..=5_000).contains(&delay.as_millis()));
            assert_eq!(
                backoff.fail(Fault::ServerDisconnect, false),
                Next::Break(Duration::from_secs(60))
            );

            backoff.reset();
            assert!(matches!(
                backoff.fail(Fault::ServerDisconnect, false),
                Next::Retry(_)
            ));
        }
    }

    fn exponential_nth(exponential: Exponential, seed: u64, attempt: u32) -> u64 {
        let options = Reconnection {
            exponential: Some(exponential),
            ..Reconnection::default()
        };
        nth_of(options, seed, attempt, false)
    }

    fn nth(seed: u64, attempt: u32, hidden: bool) -> u64 {
        nth_of(Reconnection::default(), seed, attempt, hidden)
    }

    fn nth_of(options: Reconnection, seed: u64, attempt: u32, hidden: bool) -> u64 {
        let mut backoff = Backoff::new(options, seed);
        let mut delay = Duration::ZERO;
        for _ in 0..attempt {
            let Next::Retry(next) = backoff.fail(Fault::Network, hidden) else {
                panic!("the network opened the breaker");
            };
            delay = next;
        }
        u64::try_from(delay.as_millis()).unwrap()
    }
}
