//! Maps, sets and sorting for few entries, in little code.
//!
//! **Law:** entries stand in the order of their keys, each key once. What is here behaves like `std`'s `BTreeMap`,
//! `BTreeSet` and stable sort, and a test holds it to them.
//!
//! `std` compiles a tree and a sort of its own for each type, five to ten kilobytes each. Ours hold a handful of
//! entries (servers, models, sockets) or at most 5,000 (media), where moving the entries behind a new one in a vector
//! costs no more than the way through a tree: 5,000 in random order, one by one, take 8 ms natively and `std`'s tree 6
//! ms. That holds for small entries; values of 600 bytes took 200 ms until they were boxed, so whoever keeps thousands
//! of large values boxes them. Searching and ordering see indices only, and so exist once for all types.
//!
//! The crate `litemap` is the same idea, but has no sets, ranges or `pop_first`, lends no values for change, and builds
//! itself with `std`'s sort, one more of them for each type.
//!
//! Left out: borrowed forms of a key, and what nobody calls.

use std::cmp::Ordering;
use std::{mem, slice, vec};

/// Values by key, in the order of the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map<K, V>(Vec<(K, V)>);

/// Keys in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set<K>(Map<K, ()>);

impl<K, V> Map<K, V> {
    /// Without entries.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// All entries.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter(self.0.iter())
    }

    /// The entry at this place.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<(&K, &V)> {
        self.0.get(place).map(|(key, value)| (key, value))
    }

    /// The value at this place, to be changed.
    pub fn at_mut(&mut self, place: usize) -> Option<&mut V> {
        self.0.get_mut(place).map(|(_, value)| value)
    }

    /// All entries; the values may be changed.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&K, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// All keys.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.0.iter().map(|(key, _)| key)
    }

    /// All values, in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.0.iter().map(|(_, value)| value)
    }

    /// All values, to be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    /// Keeps the entries of which this is true.
    pub fn retain(&mut self, mut keeps: impl FnMut(&K, &mut V) -> bool) {
        self.0.retain_mut(|(key, value)| keeps(key, value));
    }

    /// The entry with the least key.
    #[must_use]
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.iter().next()
    }

    /// Removes the entry with the least key.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        (!self.is_empty()).then(|| self.0.remove(0))
    }

    /// Adds an entry where it belongs. Most of the thousands of maps have one to five entries, some of them large; a
    /// vector would begin with room for four and double it.
    fn put(&mut self, at: usize, key: K, value: V) {
        if self.0.len() < 8 {
            self.0.reserve_exact(1);
        }
        self.0.insert(at, (key, value));
    }
}

impl<K: Ord, V> Map<K, V> {
    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<&V> {
        let at = self.place(key).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let at = self.place(key).ok()?;
        self.0.get_mut(at).map(|(_, value)| value)
    }

    /// Where the entry with this key stands, for as long as none is added or removed. Saves a second search where a
    /// loan of the value would be in the way.
    #[must_use]
    pub fn position(&self, key: &K) -> Option<usize> {
        self.place(key).ok()
    }

    /// Whether there is an entry with this key.
    #[must_use]
    pub fn contains_key(&self, key: &K) -> bool {
        self.place(key).is_ok()
    }

    /// Sets the value of a key, and returns the one before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(at) => {
                let (_, known) = self.0.get_mut(at)?;
                Some(mem::replace(known, value))
            }
            Err(at) => {
                self.put(at, key, value);
                None
            }
        }
    }

    /// Removes the entry with this key.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.remove_entry(key).map(|(_, value)| value)
    }

    /// Removes the entry with this key, and returns the key too.
    pub fn remove_entry(&mut self, key: &K) -> Option<(K, V)> {
        let at = self.place(key).ok()?;
        Some(self.0.remove(at))
    }

    /// The entry of a key, there or not.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        let place = self.place(&key);
        Entry {
            map: self,
            key,
            place,
        }
    }

    /// The entries whose key is at least `from`.
    #[must_use]
    pub fn since(&self, from: &K) -> Iter<'_, K, V> {
        // Mostly all of them are asked for, or there are none.
        let at = match self.0.first() {
            Some((first, _)) if first < from => self.place(from).unwrap_or_else(|at| at),
            _ => 0,
        };
        Iter(self.0.get(at..).unwrap_or_default().iter())
    }

    /// Where the key is, or where it belongs.
    fn place(&self, key: &K) -> Result<usize, usize> {
        search(self.0.len(), &|at| {
            let entry = self.0.get(at);
            entry.map_or(Ordering::Greater, |(known, _)| known.cmp(key))
        })
    }
}

/// The entry of one key, there or not.
#[derive(Debug)]
pub struct Entry<'a, K, V> {
    map: &'a mut Map<K, V>,
    key: K,
    place: Result<usize, usize>,
}

impl<'a, K, V> Entry<'a, K, V> {
    /// The value, which is this if there was none.
    pub fn or_insert(self, value: V) -> &'a mut V {
        let at = match self.place {
            Ok(at) => at,
            Err(at) => {
                self.map.put(at, self.key, value);
                at
            }
        };
        &mut self.map.0[at].1
    }

    /// The value, which is the default one if there was none.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert(V::default())
    }
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

/// Of two entries with one key the last stays.
impl<K: Ord, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut entries: Vec<_> = entries.into_iter().collect();
        sort_by(&mut entries, |(a, _), (b, _)| a.cmp(b));
        let mut map = Self::new();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

impl<K, V> IntoIterator for Map<K, V> {
    type Item = (K, V);
    type IntoIter = vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, K, V> IntoIterator for &'a Map<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Entries of a map, in the order of their keys.
#[derive(Debug)]
pub struct Iter<'a, K, V>(slice::Iter<'a, (K, V)>);

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K, V> DoubleEndedIterator for Iter<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(key, value)| (key, value))
    }
}

impl<K, V> ExactSizeIterator for Iter<'_, K, V> {}

impl<K> Set<K> {
    /// Without keys.
    #[must_use]
    pub const fn new() -> Self {
        Self(Map::new())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes all keys.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// All keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.0.keys()
    }

    /// Keeps the keys of which this is true.
    pub fn retain(&mut self, mut keeps: impl FnMut(&K) -> bool) {
        self.0.retain(|key, ()| keeps(key));
    }

    /// The least key.
    #[must_use]
    pub fn first(&self) -> Option<&K> {
        self.iter().next()
    }

    /// Removes the least key.
    pub fn pop_first(&mut self) -> Option<K> {
        self.0.pop_first().map(|(key, ())| key)
    }
}

impl<K: Ord> Set<K> {
    /// Whether the key is there.
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        self.0.contains_key(key)
    }

    /// Adds a key. Whether it was not there.
    pub fn insert(&mut self, key: K) -> bool {
        self.0.insert(key, ()).is_none()
    }

    /// Removes a key. Whether it was there.
    pub fn remove(&mut self, key: &K) -> bool {
        self.0.remove(key).is_some()
    }
}

impl<K> Default for Set<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord> FromIterator<K> for Set<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        Self(keys.into_iter().map(|key| (key, ())).collect())
    }
}

impl<K: Ord> Extend<K> for Set<K> {
    fn extend<I: IntoIterator<Item = K>>(&mut self, keys: I) {
        for key in keys {
            self.insert(key);
        }
    }
}

impl<K> IntoIterator for Set<K> {
    type Item = K;
    type IntoIter = Keys<K>;

    fn into_iter(self) -> Self::IntoIter {
        Keys(self.0.into_iter())
    }
}

/// The keys of a set, in order.
#[derive(Debug)]
pub struct Keys<K>(vec::IntoIter<(K, ())>);

impl<K> Iterator for Keys<K> {
    type Item = K;

    fn next(&mut self) -> Option<K> {
        self.0.next().map(|(key, ())| key)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

/// Sorts; what is equal stays in its order.
pub fn sort_by<T>(items: &mut Vec<T>, mut compare: impl FnMut(&T, &T) -> Ordering) {
    let order = order(
        items.len(),
        &mut |a, b| match (items.get(a), items.get(b)) {
            (Some(a), Some(b)) => compare(a, b),
            _ => Ordering::Equal,
        },
    );
    let mut slots: Vec<_> = items.drain(..).map(Some).collect();
    items.extend(order.into_iter().filter_map(|at| slots.get_mut(at)?.take()));
}

/// The indices below `len` in the order that `compare` gives to what they stand for; of equal ones the lesser first.
pub fn order(len: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    let mut merged = Vec::with_capacity(len);
    let mut width = 1;
    while width < len {
        merged.clear();
        for pair in order.chunks(2 * width) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            while let ([a, rest_left @ ..], [b, rest_right @ ..]) = (left, right) {
                if compare(*b, *a).is_lt() {
                    merged.push(*b);
                    right = rest_right;
                } else {
                    merged.push(*a);
                    left = rest_left;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        mem::swap(&mut order, &mut merged);
        width *= 2;
    }
    order
}

/// The index below `len` for which `compare` says equal, or the one at which that would belong.
#[inline(never)]
fn search(len: usize, compare: &dyn Fn(usize) -> Ordering) -> Result<usize, usize> {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        match compare(middle) {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return Ok(middle),
        }
    }
    Err(low)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u8, u16),
        Remove(u8),
        Change(u8, u16),
        ChangeAt(usize, u16),
        Entry(u8, u16),
        Default(u8),
        PopFirst,
        Retain(u8),
        Clear,
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

        #[test]
        fn a_map_is_what_the_tree_of_std_is(
            start in proptest::collection::vec((0..20_u8, 0..9_u16), 0..20),
            steps in proptest::collection::vec(steps(), 0..40),
            asked in 0..22_u8,
        ) {
            let mut ours: Map<_, _> = start.iter().copied().collect();
            let mut tree: BTreeMap<_, _> = start.into_iter().collect();
            for step in steps {
                match step {
                    Step::Insert(key, value) => prop_assert_eq!(ours.insert(key, value), tree.insert(key, value)),
                    Step::Remove(key) => prop_assert_eq!(ours.remove_entry(&key), tree.remove_entry(&key)),
                    Step::Change(key, value) => {
                        prop_assert_eq!(ours.get_mut(&key).map(|known| *known = value), tree.get_mut(&key).map(|known| *known = value));
                    }
                    Step::ChangeAt(place, value) => {
                        prop_assert_eq!(
                            ours.at_mut(place).map(|known| mem::replace(known, value)),
                            tree.values_mut().nth(place).map(|known| mem::replace(known, value))
                        );
                    }
                    Step::Entry(key, value) => {
                        prop_assert_eq!(ours.entry(key).or_insert(value), tree.entry(key).or_insert(value));
                    }
                    Step::Default(key) => prop_assert_eq!(ours.entry(key).or_default(), tree.entry(key).or_default()),
                    Step::PopFirst => prop_assert_eq!(ours.pop_first(), tree.pop_first()),
                    Step::Retain(odd) => {
                        let keeps = |key: &u8, value: &mut u16| { *value += 1; key % 3 != odd };
                        ours.retain(keeps);
                        tree.retain(keeps);
                    }
                    Step::Clear => { ours.clear(); tree.clear(); }
                }
                prop_assert_eq!(ours.len(), tree.len());
                prop_assert_eq!(ours.is_empty(), tree.is_empty());
            }

            prop_assert_eq!(ours.get(&asked), tree.get(&asked));
            prop_assert_eq!(ours.contains_key(&asked), tree.contains_key(&asked));
            prop_assert_eq!(ours.position(&asked), tree.keys().position(|key| *key == asked));
            prop_assert_eq!(ours.at(asked.into()), tree.iter().nth(asked.into()));
            prop_assert_eq!(ours.first_key_value(), tree.first_key_value());
            prop_assert!(ours.since(&asked).eq(tree.range(asked..)));
            prop_assert!(ours.since(&asked).rev().eq(tree.range(asked..).rev()));
            prop_assert!(ours.iter_mut().eq(tree.iter_mut()));
            prop_assert!(ours.values_mut().eq(tree.values_mut()));
            prop_assert!(ours.keys().eq(tree.keys()) && ours.values().eq(tree.values()));
            prop_assert!(ours.iter().rev().eq(tree.iter().rev()) && (&ours).into_iter().eq(&tree));
            prop_assert!(ours.into_iter().eq(tree));
        }

        #[test]
        fn a_set_is_what_the_tree_of_std_is(
            start in proptest::collection::vec(0..20_u8, 0..20),
            more in proptest::collection::vec(0..20_u8, 0..20),
            gone in proptest::collection::vec(0..20_u8, 0..20),
            pops in 0..3,
        ) {
            let mut ours: Set<_> = start.iter().copied().collect();
            let mut tree: BTreeSet<_> = start.into_iter().collect();
            ours.extend(more.iter().copied());
            tree.extend(more);
            for key in gone {
                prop_assert_eq!(ours.remove(&key), tree.remove(&key));
                prop_assert_eq!(ours.contains(&(key + 1)), tree.contains(&(key + 1)));
                prop_assert_eq!(ours.insert(key / 2), tree.insert(key / 2));
            }
            for _ in 0..pops {
                prop_assert_eq!(ours.pop_first(), tree.pop_first());
            }
            ours.retain(|key| key % 3 != 0);
            tree.retain(|key| key % 3 != 0);

            prop_assert_eq!(ours.first(), tree.first());
            prop_assert_eq!(ours.is_empty(), tree.is_empty());
            prop_assert!(ours.iter().rev().eq(tree.iter().rev()));
            prop_assert!(ours.into_iter().eq(tree));
        }

        #[test]
        fn what_is_equal_stays_in_its_order(
            mut items in proptest::collection::vec((0..5_u8, any::<u16>()), 0..70),
        ) {
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_by(&mut items, |a, b| a.0.cmp(&b.0));

            prop_assert_eq!(items, expected);
        }
    }

    #[test]
    fn thousands_of_keys_in_any_order_are_found_again() {
        // 7919 is prime to 5,000, so each number comes once.
        let keys = || (0..5_000_u32).map(|index| index * 7_919 % 5_000);
        let mut one_by_one = Map::new();
        for key in keys() {
            assert_eq!(one_by_one.insert(key, key), None);
        }
        let at_once: Map<_, _> = keys().map(|key| (key, key)).collect();

        assert_eq!(one_by_one, at_once);
        assert!(at_once.keys().copied().eq(0..5_000));
        assert!(keys().all(|key| at_once.get(&key) == Some(&key)));
    }

    fn steps() -> impl Strategy<Value = Step> {
        let key = || 0..20_u8;
        prop_oneof![
            8 => (key(), 0..9_u16).prop_map(|(key, value)| Step::Insert(key, value)),
            4 => key().prop_map(Step::Remove),
            2 => (key(), 0..9_u16).prop_map(|(key, value)| Step::Change(key, value)),
            2 => (0..20_usize, 0..9_u16).prop_map(|(place, value)| Step::ChangeAt(place, value)),
            2 => (key(), 0..9_u16).prop_map(|(key, value)| Step::Entry(key, value)),
            1 => key().prop_map(Step::Default),
            1 => Just(Step::PopFirst),
            1 => (0..3_u8).prop_map(Step::Retain),
            1 => Just(Step::Clear),
        ]
    }
}
