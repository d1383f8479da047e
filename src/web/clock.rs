//! The page's clock, and the device's beside it.
//!
//! **Law:** deadlines are measured by the page's clock, which is never set. It stands still while the device sleeps, on
//! some systems and not on others, so what the device's clock shows at a moment of the page is another sum after each
//! sleep, and after each time that somebody sets it.

use std::cell::Cell;
use std::collections::VecDeque;
use std::time::Duration;

use web_sys::Performance;

use super::global;
use crate::time::{Instant, Timestamp};

/// The one reading of the page's clock.
pub fn clock() -> Instant {
    Instant::from_origin(Duration::from_secs_f64(now_millis().max(0.0) / 1000.0))
}

/// `performance.now()`: monotonic, in milliseconds since the page, or the worker, was opened.
pub fn now_millis() -> f64 {
    // Asked for each event, and to find it by its name takes longer than to read it.
    thread_local!(static PERFORMANCE: Option<Performance> = global("performance"));
    PERFORMANCE.with(|performance| performance.as_ref().map_or(0.0, Performance::now))
}

/// By how many milliseconds the wall clock is ahead of the page's.
pub fn ahead() -> f64 {
    js_sys::Date::now() - now_millis()
}

/// By how much the wall clock must have run away from the page's since its last turn for another one. Clocks are
/// corrected by less at a time; that what is little adds up keeps the times right, and a sleep that was none costs one
/// look at the server.
const TURN_MILLIS: f64 = 5_000.0;

/// Turns that are remembered: more than a page that is left open for a month sees.
const MAX_TURNS: usize = 100;

/// What the wall clock shows at a moment of the page.
#[derive(Default)]
pub struct WallClock {
    /// By how much it is ahead from when on: from the first look, and from each turn.
    turns: VecDeque<(Instant, f64)>,
}

impl WallClock {
    /// Takes in that the wall clock is so many milliseconds ahead now. Whether the device has slept since the last
    /// look.
    pub fn look(&mut self, now: Instant, ahead: f64) -> bool {
        let before = self.turns.back().map(|(_, ahead)| *ahead);
        let turn = turn(before, ahead);
        if turn.is_some() {
            if self.turns.len() >= MAX_TURNS {
                self.turns.pop_front();
            }
            self.turns.push_back((now, ahead));
        }
        turn == Some(Turn::Slept)
    }

    /// What it showed at a moment: 1970 before the first look.
    pub fn at(&self, at: Instant) -> Timestamp {
        let valid = self.turns.iter().rev().find(|(since, _)| *since <= at);
        let Some((_, ahead)) = valid.or_else(|| self.turns.front()) else {
            return Timestamp::UNIX_EPOCH;
        };
        let millis = at.since_origin().as_secs_f64() * 1000.0 + ahead;
        Timestamp::from_unix_millis(millis).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// Notices that the device slept, for whoever shows no times.
#[derive(Default)]
pub struct Sleep {
    /// By how much the wall clock was ahead at its last turn.
    ahead: Cell<Option<f64>>,
}

impl Sleep {
    /// Whether it slept since this was last asked.
    pub fn has_slept(&self) -> bool {
        let ahead = ahead();
        let turn = turn(self.ahead.get(), ahead);
        if turn.is_some() {
            self.ahead.set(Some(ahead));
        }
        turn == Some(Turn::Slept)
    }
}

/// Why the wall clock is ahead by another amount than before.
#[derive(PartialEq, Eq)]
enum Turn {
    /// It was never looked at.
    First,
    /// It went on while the page's clock stood still; or somebody set it forward, which looks the same.
    Slept,
    /// Somebody set it back.
    SetBack,
}

fn turn(before: Option<f64>, ahead: f64) -> Option<Turn> {
    let Some(before) = before else {
        return Some(Turn::First);
    };
    if ahead - before > TURN_MILLIS {
        Some(Turn::Slept)
    } else if before - ahead > TURN_MILLIS {
        Some(Turn::SetBack)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_by_the_turn_before_it() {
        const SLEPT: bool = true;
        const HOUR: f64 = 3_600_000.0;
        // Seconds of the page, by how much the wall clock is ahead then, and whether that is a sleep.
        let first = (10, 0.0, !SLEPT);
        let night = (20, 8.0 * HOUR, SLEPT);
        let noon = (30, 9.0 * HOUR, SLEPT);
        let set_back = (40, 2.0 * HOUR, !SLEPT);
        for (looks, at_second, ahead) in [
            (&[first][..], 10, 0.0),
            // Before the first look the clock was no other.
            (&[first], 5, 0.0),
            (&[first, night], 5, 0.0),
            (&[first, night], 19, 0.0),
            (&[first, night], 20, 8.0 * HOUR),
            (&[first, night, noon], 29, 8.0 * HOUR),
            (&[first, night, noon], 30, 9.0 * HOUR),
            (&[first, night, noon, set_back], 39, 9.0 * HOUR),
            (&[first, night, noon, set_back], 40, 2.0 * HOUR),
            // After which a sleep is one again.
            (
                &[first, night, set_back, (50, 8.0 * HOUR, SLEPT)],
                50,
                8.0 * HOUR,
            ),
            // Clocks are corrected by as much as this.
            (&[first, (20, 5_000.0, !SLEPT)], 20, 0.0),
            (&[first, (20, -5_000.0, !SLEPT)], 20, 0.0),
            (&[first, (20, 5_001.0, SLEPT)], 20, 5_001.0),
            (&[first, (20, -5_001.0, !SLEPT)], 20, -5_001.0),
            // Little by little it is as much.
            (
                &[first, (20, 4_000.0, !SLEPT), (30, 8_000.0, SLEPT)],
                30,
                8_000.0,
            ),
        ] {
            let mut clock = WallClock::default();
            for (second, ahead, slept) in looks {
                assert_eq!(clock.look(at(*second), *ahead), *slept, "{looks:?}");
            }

            let shown = f64::from(at_second) * 1000.0 + ahead;
            let expected = Timestamp::from_unix_millis(shown);
            assert_eq!(
                Some(clock.at(at(at_second))),
                expected,
                "{looks:?} {at_second}"
            );
        }
    }

    #[test]
    fn a_clock_that_was_never_looked_at_shows_its_origin() {
        assert_eq!(WallClock::default().at(at(5)), Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn of_more_turns_than_are_remembered_the_oldest_is_forgotten() {
        let mut clock = WallClock::default();
        let hours = |index: u32| f64::from(index) * 3_600_000.0;
        for index in 0..=100 {
            clock.look(at(index), hours(index));
        }

        assert_eq!(clock.turns.len(), MAX_TURNS);
        for (second, ahead) in [
            (0, hours(1)),
            (1, hours(1)),
            (2, hours(2)),
            (100, hours(100)),
        ] {
            let expected = Timestamp::from_unix_millis(f64::from(second) * 1000.0 + ahead);
            assert_eq!(Some(clock.at(at(second))), expected, "{second}");
        }
    }

    fn at(second: u32) -> Instant {
        Instant::from_millis(1000 * u64::from(second))
    }
}
