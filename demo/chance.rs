//! All the chance there is in the demonstration, from one number: the same seed plays the same day.

use telltale::protocol::backoff::Jitter;

/// One seed, and all that is drawn from it; every seed is a good one.
pub struct Chance(Jitter);

impl Chance {
    /// The same numbers for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(Jitter::new(seed))
    }

    /// Less than `end`; 0 if that is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0.draw() % end.max(1)
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, cases: u8) -> bool {
        self.below(100) < u64::from(cases)
    }
}
