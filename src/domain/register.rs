//! The lattices that everything known is made of.
//!
//! **Law:** [`Join::join`] is associative, commutative and idempotent, so what is known does not depend on the order
//! or the number of times in which it was said. A register forgets only by a bound, and then the oldest.

use crate::sorted::Map;
use crate::time::Timestamp;

/// Something that two sources may know parts of.
pub(super) trait Join: Sized {
    /// Takes in all that `other` knows. Whether anything is different now.
    fn join(&mut self, other: Self) -> bool;
}

/// Once true, true.
impl Join for bool {
    fn join(&mut self, other: Self) -> bool {
        let before = *self;
        *self |= other;
        *self != before
    }
}

impl Join for () {
    fn join(&mut self, (): Self) -> bool {
        false
    }
}

/// The greatest that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Max<T>(pub Option<T>);

impl<T> Default for Max<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Ord> Join for Max<T> {
    fn join(&mut self, other: Self) -> bool {
        let is_greater = other.0 > self.0;
        if is_greater {
            self.0 = other.0;
        }
        is_greater
    }
}

/// What was said last by the server's clock; of two said at the same time, the greater. Nothing said never replaces
/// something said, and something without a time is older than anything with one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lww<T>(Option<(Option<Timestamp>, T)>);

impl<T> Default for Lww<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Ord> Lww<T> {
    /// `value`, said `at`; nothing if there is no value.
    pub(super) fn new(at: Option<Timestamp>, value: Option<T>) -> Self {
        Self(value.map(|value| (at, value)))
    }

    /// The value, if one was said.
    pub(super) fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }

    /// Takes what the other has if nothing was said here.
    pub(super) fn fill(&mut self, other: &Self)
    where
        T: Clone,
    {
        if self.0.is_none() {
            self.0.clone_from(&other.0);
        }
    }

    /// When it was said.
    pub(super) fn at(&self) -> Option<Timestamp> {
        self.0.as_ref().and_then(|(at, _)| *at)
    }
}

impl<T: Ord> Join for Lww<T> {
    fn join(&mut self, other: Self) -> bool {
        let is_later = other.0 > self.0;
        if is_later {
            self.0 = other.0;
        }
        is_later
    }
}

/// A number with a total order, so that registers of it converge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scalar(pub f64);

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Scalar {}

impl PartialOrd for Scalar {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scalar {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// A grow-only map that keeps the entries with the `N` greatest keys. The greatest of a union are the greatest of the
/// greatest, so the bound keeps the laws.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Newest<K, V, const N: usize>(Map<K, V>);

impl<K, V, const N: usize> Default for Newest<K, V, N> {
    fn default() -> Self {
        Self(Map::new())
    }
}

impl<K: Ord, V: Join, const N: usize> Newest<K, V, N> {
    /// Adds one entry, or joins it to the one with its key.
    pub(super) fn insert(&mut self, key: K, value: V) -> bool {
        if let Some(known) = self.0.get_mut(&key) {
            return known.join(value);
        }
        if self.0.len() >= N {
            if self
                .0
                .first_key_value()
                .is_some_and(|(least, _)| key < *least)
            {
                return false;
            }
            self.0.pop_first();
        }
        self.0.insert(key, value);
        true
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Forgets the entries whose key is not less than `end`.
    pub(super) fn cut_off(&mut self, end: &K) {
        self.0.retain(|key, _| key < end);
    }

    /// The entries whose key is at least `from`, in order.
    pub(super) fn since<'a>(
        &'a self,
        from: &'a K,
    ) -> impl DoubleEndedIterator<Item = (&'a K, &'a V)> + Clone {
        self.0.since(from)
    }
}

impl<K: Ord, V: Join, const N: usize> Join for Newest<K, V, N> {
    fn join(&mut self, other: Self) -> bool {
        let mut is_changed = false;
        for (key, value) in other.0 {
            is_changed |= self.insert(key, value);
        }
        is_changed
    }
}

/// One report of progress.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    /// When it was relayed.
    pub at: Option<Timestamp>,
    /// Items done.
    pub done: f64,
    /// Items in all, more than zero; `None` if nobody knows.
    pub total: Option<f64>,
}

impl Step {
    /// How far, 0 to 1.
    pub(super) fn fraction(self) -> Option<f64> {
        self.total.map(|total| (self.done / total).clamp(0.0, 1.0))
    }

    fn far(self) -> (Option<Scalar>, Scalar, Option<Scalar>) {
        (
            self.fraction().map(Scalar),
            Scalar(self.done),
            self.total.map(Scalar),
        )
    }
}

/// Progress over several attempts, without knowing which report belongs to which: a report is forgotten once another is
/// as late and as far. What remains falls with time like a staircase, one step for each time the work began again, and
/// the farthest step since a given start is exact whatever the order of arrival.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Staircase(Vec<Step>);

impl Staircase {
    /// More steps than a model has attempts and phases; beyond it the oldest are forgotten.
    const STEPS: usize = 16;

    /// Adds one report.
    pub(super) fn insert(&mut self, step: Step) -> bool {
        let covers = |a: Step, b: Step| a.at >= b.at && a.far() >= b.far();
        if self.0.iter().any(|known| covers(*known, step)) {
            return false;
        }
        self.0.retain(|known| !covers(step, *known));
        let place = self.0.partition_point(|known| known.at < step.at);
        if self.0.len() >= Self::STEPS {
            if place == 0 {
                return false;
            }
            self.0.remove(0);
            self.0.insert(place - 1, step);
        } else {
            // Mostly there is one, in each of thousands of models.
            self.0.reserve_exact(1);
            self.0.insert(place, step);
        }
        true
    }

    /// The farthest report that is not older than `from`.
    pub(super) fn farthest(&self, from: Option<Timestamp>) -> Option<Step> {
        // The farther, the older: the first that is young enough.
        self.0.iter().find(|step| step.at >= from).copied()
    }
}

impl Join for Staircase {
    fn join(&mut self, other: Self) -> bool {
        let mut is_changed = false;
        for step in other.0 {
            is_changed |= self.insert(step);
        }
        is_changed
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(crate::domain::laws::lawful())]

        // L1 to L4, of the parts that everything is made of.
        #[test]
        fn every_register_keeps_the_laws(parts in [facts(), facts(), facts()]) {
            let [a, b, c] = parts.map(|facts| knowing(&facts));

            let left = joined(joined(a.clone(), b.clone()), c.clone());
            let right = joined(a.clone(), joined(b.clone(), c));
            prop_assert_eq!(&left, &right, "associative");
            prop_assert_eq!(joined(a.clone(), b.clone()), joined(b, a.clone()), "commutative");
            prop_assert_eq!(joined(a.clone(), a.clone()), a.clone(), "idempotent");
            prop_assert!(!left.clone().join(a), "what is known already is no news");
        }
    }

    #[test]
    fn a_bounded_map_keeps_the_newest_in_any_order() {
        for (keys, kept) in [
            (vec![1], vec![1]),
            (vec![2, 1], vec![1, 2]),
            (vec![1, 2, 3], vec![1, 2, 3]),
            (vec![4, 3, 2, 1], vec![2, 3, 4]),
            (vec![1, 2, 3, 4, 1], vec![2, 3, 4]),
        ] {
            let mut newest = Newest::<i32, (), 3>::default();
            for key in &keys {
                newest.insert(*key, ());
            }

            let found: Vec<_> = newest.since(&0).map(|(key, ())| *key).collect();
            assert_eq!(found, kept, "{keys:?}");
        }
    }

    #[test]
    fn the_farthest_step_since_a_start_is_found_in_any_order_of_arrival() {
        // First attempt to 80 %, second to 30 %, third to 10 %.
        let steps = [(1, 20.), (2, 80.), (5, 10.), (6, 30.), (9, 5.), (10, 10.)];
        for turn in 0..steps.len() {
            let mut staircase = Staircase::default();
            for (at, done) in steps.iter().cycle().skip(turn).take(steps.len()) {
                staircase.insert(step(*at, *done));
            }

            for (from, far) in [(0, Some(0.8)), (5, Some(0.3)), (9, Some(0.1)), (11, None)] {
                let found = staircase.farthest(stamp(from)).and_then(Step::fraction);
                assert_eq!(found, far, "turn {turn}, since {from}");
            }
        }
    }

    #[test]
    fn a_staircase_stays_within_its_bound() {
        for (count, kept) in [(15, 15), (16, 16), (17, 16), (500, 16)] {
            let mut staircase = Staircase::default();
            for at in 0..count {
                staircase.insert(step(at, 1000. - f64::from(at)));
            }

            assert_eq!(staircase.0.len(), kept, "{count}");
            assert_eq!(
                staircase.farthest(stamp(count - 1)).map(|step| step.done),
                Some(1001. - f64::from(count))
            );
        }
    }

    type Known = (
        Max<u8>,
        Lww<u8>,
        bool,
        Newest<Option<Timestamp>, Max<u8>, 4>,
        Staircase,
    );

    impl Join for Known {
        fn join(&mut self, other: Self) -> bool {
            self.0.join(other.0)
                | self.1.join(other.1)
                | self.2.join(other.2)
                | self.3.join(other.3)
                | self.4.join(other.4)
        }
    }

    fn facts() -> impl Strategy<Value = Vec<(i32, u8)>> {
        // Three parts of five stay below the staircase's bound: beyond it the oldest steps may depend on the order.
        proptest::collection::vec((0..9, 0..5u8), 0..5)
    }

    fn knowing(facts: &[(i32, u8)]) -> Known {
        let mut known = Known::default();
        for (at, value) in facts {
            known.0.join(Max(Some(*value)));
            known.1.join(Lww::new(stamp(*at), Some(*value)));
            known.2.join(*value == 4);
            known.3.insert(stamp(*at), Max(Some(*value)));
            known.4.insert(step(*at, f64::from(*value)));
        }
        known
    }

    fn joined(mut a: Known, b: Known) -> Known {
        a.join(b);
        a
    }

    fn step(at: i32, done: f64) -> Step {
        Step {
            at: stamp(at),
            done,
            total: Some(100.),
        }
    }

    fn stamp(at: i32) -> Option<Timestamp> {
        (at > 0)
            .then(|| Timestamp::from_unix_millis(f64::from(at)))
            .flatten()
    }
}
