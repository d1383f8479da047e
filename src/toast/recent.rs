//! A memory with a bound: it forgets what was last remembered longest ago.

use crate::sorted::Map;

/// Keys and what is remembered of each, at most as many as its limit.
#[derive(Clone, Debug)]
pub(super) struct Recent<K, V> {
    values: Map<K, (u64, V)>,
    /// The same keys by the turn in which each was last remembered.
    turns: Map<u64, K>,
    turn: u64,
    limit: usize,
}

impl<K: Ord + Clone, V> Recent<K, V> {
    /// An empty memory of at most `limit` keys.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            values: Map::new(),
            turns: Map::new(),
            turn: 0,
            limit,
        }
    }

    /// What is remembered of `key`.
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.values.get(key).map(|(_, value)| value)
    }

    /// Remembers `value`, and returns what it takes the place of.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.turn += 1;
        self.turns.insert(self.turn, key.clone());
        let before = self.values.insert(key, (self.turn, value));
        if let Some((turn, _)) = &before {
            self.turns.remove(turn);
        }
        while self.values.len() > self.limit {
            let Some((_, oldest)) = self.turns.pop_first() else {
                break;
            };
            self.values.remove(&oldest);
        }
        before.map(|(_, value)| value)
    }

    /// Forgets `key`, and returns what was remembered of it.
    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let (turn, value) = self.values.remove(key)?;
        self.turns.remove(&turn);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_remembered_longest_ago_is_forgotten_first() {
        let mut recent = Recent::new(2);
        recent.insert("a", 1);
        recent.insert("b", 2);
        assert_eq!(recent.insert("a", 3), Some(1));

        recent.insert("c", 4);

        assert_eq!(
            (recent.get(&"a"), recent.get(&"b"), recent.get(&"c")),
            (Some(&3), None, Some(&4))
        );
    }

    #[test]
    fn a_forgotten_key_leaves_room_for_another() {
        let mut recent = Recent::new(2);
        recent.insert("a", 1);
        recent.insert("b", 2);
        assert_eq!(recent.remove(&"a"), Some(1));

        recent.insert("c", 3);

        assert_eq!(recent.get(&"b"), Some(&2));
        assert_eq!(recent.turns.len(), recent.values.len());
    }
}
