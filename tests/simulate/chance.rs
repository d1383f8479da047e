//! All the chance there is in a schedule, from one number.

use telltale::protocol::backoff::Jitter;

/// One seed, and all that is drawn from it; every seed is a good one.
#[derive(Clone)]
pub struct Chance(Jitter);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(Jitter::new(seed))
    }

    /// At least `from`, at most `to`.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.0.draw() % (to - from + 1)
    }

    /// True in so many of a thousand cases.
    pub fn in_thousand(&mut self, cases: u64) -> bool {
        self.0.draw() % 1000 < cases
    }

    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        let last = choices.len() as u64 - 1;
        choices[self.between(0, last) as usize]
    }
}
