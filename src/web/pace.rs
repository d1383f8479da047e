//! How much of the time is spent on drawing.
//!
//! On a slow machine a frame in which much is different takes longer than a frame is long. If the next one followed at
//! once, there would be no time for anything else: a key that is pressed would wait for all that is drawn before it, and
//! so would the messages that come.

use std::cell::Cell;
use std::time::Duration;

use crate::time::Instant;

/// For so long at most nothing is drawn that is different: ten times a second, numbers still run.
const LONGEST: Duration = Duration::from_millis(100);

/// Leaves as long for all else after each drawing as that has taken, with what the browser does for it and what came
/// between: half of the time at least. A drawing that is done within half a frame is followed by the next frame.
#[derive(Default)]
pub struct Pace(Cell<Stage>);

#[derive(Clone, Copy, Default)]
enum Stage {
    #[default]
    Ready,
    /// Since when; the browser has not painted it yet.
    Drawing(Instant),
    /// Until when.
    Resting(Instant),
}

impl Pace {
    /// Something is drawn.
    pub fn begin(&self, now: Instant) {
        self.0.set(Stage::Drawing(now));
    }

    /// The browser is through with it.
    pub fn end(&self, now: Instant) {
        if let Stage::Drawing(since) = self.0.get() {
            let took = now.saturating_since(since);
            self.0.set(Stage::Resting(now + took.min(LONGEST)));
        }
    }

    /// Whether nothing should be drawn yet.
    pub fn rests(&self, now: Instant) -> bool {
        let until = match self.0.get() {
            Stage::Ready => return false,
            Stage::Drawing(since) => since + LONGEST,
            Stage::Resting(until) => until,
        };
        now < until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn as_long_as_a_drawing_took_is_left_for_all_else_and_never_more_than_a_tenth_of_a_second() {
        for (took, rests_until) in [
            (0, 1_000),
            (8, 1_016),
            (9, 1_018),
            (40, 1_080),
            (100, 1_200),
            (101, 1_201),
            (5_000, 6_100),
        ] {
            let pace = Pace::default();
            pace.begin(at(1_000));
            pace.end(at(1_000 + took));

            let rests = |millis| pace.rests(at(millis));
            assert!(!rests(rests_until), "{took}");
            assert!(took == 0 || rests(rests_until - 1), "{took}");
        }
    }

    #[test]
    fn the_first_drawing_waits_for_nothing_and_one_that_never_ends_holds_up_the_next_for_a_tenth_of_a_second(
    ) {
        let pace = Pace::default();
        assert!(!pace.rests(at(0)));
        // That none was begun ends none.
        pace.end(at(5));
        assert!(!pace.rests(at(5)));

        pace.begin(at(10));

        assert!(pace.rests(at(109)));
        assert!(!pace.rests(at(110)));
    }
}
