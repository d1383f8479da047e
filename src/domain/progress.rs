//! How far, how long, how long still: the rules by which times and numbers are shown.
//!
//! **Law:** a number is shown only if it is known. Percent does not fall but for a retry or a new run; 100 means ended;
//! an estimate appears only once there is enough to say.
//!
//! Left out: the words. The views round no further and format.

use std::time::Duration;

use super::run::RunState;
use super::view::{ModelState, Status};
use crate::sorted::order;
use crate::time::{Instant, Timestamp};

/// A server's clock as the page sees it: the smallest delay with which anything arrived tells the offset best.
///
/// It compares clocks only to show durations; nothing is decided by it. One stamp that is far off (a worker whose clock
/// is wrong) does not move it: that takes a second one that agrees. A stamp that is merely late moves nothing anyway.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    known: Option<Offset>,
    /// Far from what is known, and believed as soon as another stamp agrees.
    doubted: Option<Offset>,
}

/// Page time less server time.
#[derive(Clone, Copy, Debug)]
struct Offset {
    /// As small as was ever seen.
    millis: i64,
    /// The stamp that said so first. The same event once more is no second witness.
    witness: Timestamp,
    is_confirmed: bool,
}

impl Clock {
    /// Something stamped `at` arrived.
    pub(super) fn hear(&mut self, at: Timestamp, now: Instant) {
        let heard = Offset {
            millis: millis(now).saturating_sub(at.unix_millis()),
            witness: at,
            is_confirmed: false,
        };
        match &mut self.known {
            None => self.known = Some(heard),
            Some(known) if known.agrees(&heard) => known.join(&heard),
            // Late: a delay tells nothing of the clock.
            Some(known) if known.is_confirmed && heard.millis > known.millis => {}
            Some(known) => match &mut self.doubted {
                Some(doubted) if doubted.agrees(&heard) => {
                    doubted.join(&heard);
                    if doubted.is_confirmed {
                        *known = *doubted;
                        self.doubted = None;
                    }
                }
                _ => self.doubted = Some(heard),
            },
        }
    }

    /// How long ago `at` was; `None` before anything was heard of this clock.
    pub(super) fn since(self, at: Timestamp, now: Instant) -> Option<Duration> {
        let offset = self.known?.millis;
        let elapsed = millis(now).saturating_sub(at.unix_millis().saturating_add(offset));
        Some(Duration::from_millis(u64::try_from(elapsed).unwrap_or(0)))
    }
}

impl Offset {
    fn agrees(&self, other: &Self) -> bool {
        u128::from(self.millis.abs_diff(other.millis)) <= MAX_SKEW.as_millis()
    }

    fn join(&mut self, other: &Self) {
        self.millis = self.millis.min(other.millis);
        self.is_confirmed |= self.witness != other.witness;
    }
}

/// Beyond this difference between a server's clock and the arrival of what it says, the arrival counts.
pub(super) const MAX_SKEW: Duration = Duration::from_secs(120);

/// How long it has been since something that was stamped `at` and, if it was heard live, arrived at `heard`.
pub(super) fn elapsed(
    clock: Clock,
    at: Option<Timestamp>,
    heard: Option<Instant>,
    now: Instant,
) -> Option<Duration> {
    let by_stamp = at.and_then(|at| clock.since(at, now));
    let by_arrival = heard.map(|heard| now.saturating_since(heard));
    match (by_stamp, by_arrival) {
        (Some(stamp), Some(arrival)) if stamp.abs_diff(arrival) > MAX_SKEW => Some(arrival),
        (stamp, arrival) => stamp.or(arrival),
    }
}

/// The mean over the models expected, 0 to 99; 100 once all has ended by itself. What was cancelled was not done.
pub(super) fn percent(run: &RunState) -> u8 {
    if run.status.is_ended() && run.status != Status::Cancelled {
        return 100;
    }
    let sum: f64 = run
        .models
        .iter()
        .map(|model| match &model.state {
            ModelState::Cancelled => 0.0,
            state if state.is_ended() => 1.0,
            ModelState::Running { fraction, .. } => fraction.unwrap_or(0.0),
            _ => 0.0,
        })
        .sum();
    // The small addend keeps a mean such as 0.29 from being floored to 28.
    let mean = (sum / f64::from(run.expected.max(1)) * 100.0 + 1e-9).clamp(0.0, 99.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    {
        mean as u8
    }
}

/// How fast one attempt of a model goes, as an exponential mean with a half-life of two seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    first: Option<Instant>,
    last: Instant,
    fraction: f64,
    points: u32,
    /// Fractions a second.
    rate: f64,
    /// When it will be done, as told before.
    end: Option<Instant>,
}

impl Pace {
    /// The half-life of the mean, in seconds.
    const HALF_LIFE: f64 = 2.0;
    /// What must be known before an estimate is shown.
    const MIN_POINTS: u32 = 3;
    const MIN_TIME: Duration = Duration::from_secs(5);
    /// An estimate is not shown when nothing moved for so long, nor when it is longer than a day.
    const MAX_PAUSE: Duration = Duration::from_secs(10);
    const MAX_LEFT: f64 = 86_400.0;
    /// A longer estimate than the one told before replaces it only if it is longer by a fifth.
    const MIN_JUMP: f64 = 1.2;

    /// It has come this far.
    pub(super) fn observe(&mut self, fraction: f64, now: Instant) {
        let Some(_) = self.first else {
            *self = Self {
                first: Some(now),
                last: now,
                fraction,
                points: 1,
                ..Self::default()
            };
            return;
        };
        if fraction < self.fraction {
            // A new attempt begins anew.
            *self = Self::default();
            return self.observe(fraction, now);
        }
        let passed = now.saturating_since(self.last).as_secs_f64();
        if fraction == self.fraction || passed <= 0.0 {
            return;
        }
        let rate = (fraction - self.fraction) / passed;
        let weight = if self.points == 1 {
            1.0
        } else {
            passed / (passed + Self::HALF_LIFE)
        };
        self.rate += weight * (rate - self.rate);
        self.points = self.points.saturating_add(1);
        self.fraction = fraction;
        self.last = now;
        let left = (1.0 - fraction).max(0.0) / self.rate;
        if !(left.is_finite() && left <= Self::MAX_LEFT) {
            self.end = None;
            return;
        }
        let told = self.end.map(|end| end.saturating_since(now).as_secs_f64());
        if told.is_none_or(|told| left < told || left > told * Self::MIN_JUMP) {
            self.end = Some(now + Duration::from_secs_f64(left));
        }
    }

    /// How long it will still take, rounded; `None` while nobody can say.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        let is_known = self.points >= Self::MIN_POINTS
            && now.saturating_since(self.first?) >= Self::MIN_TIME
            && now.saturating_since(self.last) < Self::MAX_PAUSE;
        is_known.then(|| self.end.map(|end| end.saturating_since(now)))?
    }
}

/// A remaining time as it may be told: whole seconds below ten, then steps of five seconds, minutes, five minutes.
pub(super) fn rounded(left: Duration) -> Duration {
    let seconds = left.as_secs();
    let step = match seconds {
        0..=9 => 1,
        10..=59 => 5,
        60..=599 => 60,
        _ => 300,
    };
    Duration::from_secs((seconds + step / 2) / step * step)
}

/// How long a run will still take: what is left of the running models, and the waiting ones by the median of those that
/// ended. `None` until one has ended, and while one that nothing else tells of runs longer than they did.
///
/// `models` are, of each that runs, what is left if known and how long it has run; `took` how long each that ended
/// took.
pub(super) fn left(
    models: &[(Option<Duration>, Option<Duration>)],
    took: &[Duration],
    waiting: u32,
    concurrency: u32,
) -> Option<Duration> {
    let order = order(took.len(), &mut |a, b| took.get(a).cmp(&took.get(b)));
    let median = *took.get(*order.get(took.len() / 2)?)?;
    let mut longest = Duration::ZERO;
    for (left, elapsed) in models {
        let left = match left {
            Some(left) => *left,
            // Of one whose beginning nobody heard, nothing is known.
            None => median.checked_sub((*elapsed)?)?,
        };
        longest = longest.max(left);
    }
    let rounds = waiting.div_ceil(concurrency.max(1));
    Some(longest + median.saturating_mul(rounds))
}

fn millis(now: Instant) -> i64 {
    i64::try_from(now.since_origin().as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_appears_after_three_points_and_five_seconds() {
        for (points, left) in [
            (vec![(0, 0.1), (6, 0.2)], None),
            (vec![(0, 0.1), (1, 0.2), (2, 0.3)], None),
            (vec![(0, 0.1), (3, 0.2), (6, 0.3)], Some(21)),
            (vec![(0, 0.0), (2, 0.2), (4, 0.4), (5, 0.5)], Some(5)),
            // The same number again is no point.
            (vec![(0, 0.1), (3, 0.2), (6, 0.2), (7, 0.2)], None),
            // It began anew.
            (vec![(0, 0.1), (3, 0.2), (6, 0.3), (7, 0.1)], None),
            // Longer than a day.
            (vec![(0, 0.0), (3, 1e-6), (6, 2e-6)], None),
        ] {
            let mut pace = Pace::default();
            for (second, fraction) in &points {
                pace.observe(*fraction, at(*second));
            }
            let now = at(points.last().map_or(0, |point| point.0));

            let found = pace.left(now).map(|left| rounded(left).as_secs());
            let wanted = left.map(|left| rounded(Duration::from_secs(left)).as_secs());
            assert_eq!(found, wanted, "{points:?}");
        }
    }

    #[test]
    fn an_estimate_counts_down_and_vanishes_when_nothing_moves() {
        let pace = steady(0.02, 20);

        assert_eq!(seconds(pace.left(at(20))), Some(30));
        assert_eq!(seconds(pace.left(at(25))), Some(25));
        assert_eq!(seconds(pace.left(at(29))), Some(21));
        assert_eq!(pace.left(at(30)), None);
    }

    #[test]
    fn an_estimate_does_not_jump_up_by_a_little() {
        let mut pace = steady(0.02, 20);
        pace.observe(0.419, at(21));
        assert_eq!(seconds(pace.left(at(21))), Some(29));

        pace.observe(0.420, at(24));
        assert!(seconds(pace.left(at(24))).is_some_and(|left| left > 40));
    }

    #[test]
    fn remaining_times_are_rounded_for_people() {
        for (exact, told) in [
            (0, 0),
            (9, 9),
            (12, 10),
            (13, 15),
            (59, 60),
            (89, 60),
            (90, 120),
            (599, 600),
            (800, 900),
        ] {
            assert_eq!(rounded(Duration::from_secs(exact)).as_secs(), told);
        }
    }

    #[test]
    fn the_rest_of_a_run_is_told_once_a_model_has_ended() {
        let second = Duration::from_secs;
        for (running, took, waiting, concurrency, left_) in [
            (vec![], vec![], 2, 1, None),
            (vec![(Some(second(7)), None)], vec![], 2, 1, None),
            (vec![], vec![10], 3, 1, Some(30)),
            (vec![], vec![10], 3, 2, Some(20)),
            (
                vec![(None, Some(second(4)))],
                vec![5, 10, 60],
                1,
                1,
                Some(16),
            ),
            (vec![(None, Some(second(10)))], vec![10], 0, 1, Some(0)),
            // When it began, nobody heard.
            (vec![(None, None)], vec![10], 0, 1, None),
            // It takes longer than the others did, and nobody knows how much.
            (vec![(None, Some(second(11)))], vec![10], 0, 1, None),
            (
                vec![(Some(second(3)), None), (Some(second(8)), None)],
                vec![10],
                0,
                2,
                Some(8),
            ),
        ] {
            let took: Vec<_> = took.into_iter().map(second).collect();

            assert_eq!(
                left(&running, &took, waiting, concurrency),
                left_.map(second)
            );
        }
    }

    #[test]
    fn one_stamp_that_is_far_off_does_not_move_a_servers_clock() {
        // Stamps and when they arrive; then how long ago second 1000 of the server was, at second 2000 of the page.
        for (heard, ago) in [
            (vec![(1000, 1000)], 1000),
            (vec![(1000, 1000), (1010, 1010)], 1000),
            // Two minutes off is near, more is far.
            (vec![(1000, 1000), (1010, 1010), (1140, 1020)], 1120),
            (vec![(1000, 1000), (1010, 1010), (1141, 1020)], 1000),
            // An hour ahead: first, among others, last; alone, it is all there is.
            (vec![(4600, 1000)], 4600),
            (vec![(4600, 1000), (1010, 1010), (1020, 1020)], 1000),
            (vec![(1000, 1000), (4610, 1010), (1020, 1020)], 1000),
            (vec![(1000, 1000), (1010, 1010), (4620, 1020)], 1000),
            // The same event a second time.
            (vec![(1000, 1000), (4610, 1010), (4610, 1011)], 1000),
            // Two different liars.
            (vec![(1000, 1000), (4610, 1010), (9000, 1011)], 1000),
            // The clock was set.
            (
                vec![(1000, 1000), (1010, 1010), (4620, 1020), (4630, 1030)],
                4600,
            ),
            // An hour late: what was kept for us comes first, then what is said now.
            (vec![(1000, 4600), (1001, 4600), (4700, 4700)], 0),
            (
                vec![(1000, 4600), (1001, 4600), (4700, 4700), (4701, 4701)],
                1000,
            ),
            (
                vec![(4600, 4600), (4601, 4601), (1000, 4610), (1001, 4610)],
                1000,
            ),
        ] {
            let mut clock = Clock::default();
            for (at_server, arrived) in &heard {
                clock.hear(stamp(*at_server), at(*arrived));
            }

            let found = clock.since(stamp(1000), at(2000));

            assert_eq!(seconds(found), Some(ago), "{heard:?}");
        }
    }

    #[test]
    fn the_smallest_delay_tells_a_servers_clock() {
        let mut clock = Clock::default();
        assert_eq!(clock.since(stamp(0), at(9)), None);
        clock.hear(stamp(10), at(110));
        clock.hear(stamp(20), at(119));
        clock.hear(stamp(25), at(130));

        assert_eq!(
            clock.since(stamp(20), at(129)),
            Some(Duration::from_secs(10))
        );
        assert_eq!(clock.since(stamp(60), at(129)), Some(Duration::ZERO));
        // A stamp two minutes off what was heard is not believed.
        for (heard, told) in [(None, 10), (Some(at(138)), 10), (Some(at(5)), 134)] {
            let found = elapsed(clock, Some(stamp(30)), heard, at(139));
            assert_eq!(seconds(found), Some(told), "{heard:?}");
        }
    }

    fn steady(rate: f64, until: u32) -> Pace {
        let mut pace = Pace::default();
        for second in 0..=until {
            pace.observe(f64::from(second) * rate, at(second));
        }
        pace
    }

    fn stamp(second: u32) -> Timestamp {
        Timestamp::from_unix_millis(1e12 + f64::from(second) * 1e3).expect("a year of this age")
    }

    fn seconds(left: Option<Duration>) -> Option<u64> {
        left.map(|left| (left.as_secs_f64() + 0.5) as u64)
    }

    fn at(second: u32) -> Instant {
        Instant::from_millis(u64::from(second) * 1000)
    }
}
