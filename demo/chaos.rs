//! What goes wrong between the servers and the page, on purpose: events are lost, late, out of order and doubled.
//!
//! It acts where frames pass. Only events can be lost, overtake each other or come twice: a connection without its
//! handshake or its heartbeat is merely none, and that is what stopping the servers shows. Whatever is under way is late.

use std::time::Duration;

use crate::chance::Chance;

/// How long a frame is under way when nothing is wrong.
const WAY: Duration = Duration::from_millis(20);
/// Events that overtake each other come within this time.
const DISORDER_MILLIS: u64 = 2_000;

/// What goes wrong; by default nothing does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chaos {
    /// How many of a hundred events never arrive.
    pub lost: u8,
    /// How many of a hundred events arrive twice.
    pub doubled: u8,
    /// By how much everything is late.
    pub delay: Duration,
    /// Whether events overtake each other.
    pub is_disordered: bool,
}

impl Chaos {
    /// How long anything is under way.
    pub fn way(self) -> Duration {
        WAY + self.delay
    }

    /// When each copy of an event arrives, from now; none if it is lost.
    pub fn copies(self, chance: &mut Chance) -> Vec<Duration> {
        if chance.percent(self.lost) {
            return Vec::new();
        }
        let count = 1 + usize::from(chance.percent(self.doubled));
        let copy = |_| match self.is_disordered {
            true => self.way() + Duration::from_millis(chance.below(DISORDER_MILLIS)),
            false => self.way(),
        };
        (0..count).map(copy).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_thousand_events_as_many_are_lost_and_doubled_as_was_asked_for() {
        for (lost, doubled, least, most) in [
            (0, 0, 1000, 1000),
            (100, 100, 0, 0),
            (0, 100, 2000, 2000),
            (30, 0, 650, 750),
            (0, 20, 1150, 1250),
        ] {
            let mut chance = Chance::new(1);
            let chaos = Chaos {
                lost,
                doubled,
                ..Chaos::default()
            };

            let copies: usize = (0..1000).map(|_| chaos.copies(&mut chance).len()).sum();

            assert!(
                (least..=most).contains(&copies),
                "{lost} % {doubled} %: {copies}"
            );
        }
    }

    #[test]
    fn events_overtake_each_other_only_if_they_are_to() {
        for (is_disordered, differ) in [(false, false), (true, true)] {
            let mut chance = Chance::new(2);
            let chaos = Chaos {
                is_disordered,
                delay: Duration::from_secs(1),
                ..Chaos::default()
            };

            let ways: Vec<_> = (0..50).flat_map(|_| chaos.copies(&mut chance)).collect();

            assert!(ways.iter().all(|way| *way >= chaos.way()));
            assert_eq!(ways.windows(2).any(|two| two[0] > two[1]), differ);
        }
    }
}
