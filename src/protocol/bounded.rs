//! A queue that cannot grow without bound: by number, by bytes and by age.
//!
//! What does not fit pushes out the oldest, because the newest is nearest to the truth; what was pushed out is handed
//! back, because a loss must be told.

use std::collections::VecDeque;
use std::time::Duration;

use crate::time::Instant;

/// A queue of at most `max_items` items of at most `max_bytes` bytes together.
pub struct Bounded<T> {
    items: VecDeque<Entry<T>>,
    bytes: usize,
    max_items: usize,
    max_bytes: usize,
}

struct Entry<T> {
    item: T,
    bytes: usize,
    since: Instant,
}

impl<T> Bounded<T> {
    /// An empty queue with these bounds.
    #[must_use]
    pub fn new(max_items: usize, max_bytes: usize) -> Self {
        Self {
            items: VecDeque::new(),
            bytes: 0,
            max_items,
            max_bytes,
        }
    }

    /// Whether an item of so many bytes has room at all, if need be alone.
    #[must_use]
    pub fn can_hold(&self, bytes: usize) -> bool {
        bytes <= self.max_bytes && self.max_items > 0
    }

    /// Appends an item and hands back what had to go for it, oldest first. An item that could never fit comes back
    /// itself.
    #[must_use]
    pub fn push(&mut self, item: T, bytes: usize, now: Instant) -> Vec<T> {
        if !self.can_hold(bytes) {
            return vec![item];
        }
        let mut dropped = Vec::new();
        while self.items.len() >= self.max_items || self.bytes > self.max_bytes - bytes {
            let Some(oldest) = self.pop() else { break };
            dropped.push(oldest);
        }
        self.bytes += bytes;
        self.items.push_back(Entry {
            item,
            bytes,
            since: now,
        });
        dropped
    }

    /// The oldest item.
    pub fn pop(&mut self) -> Option<T> {
        let entry = self.items.pop_front()?;
        self.bytes -= entry.bytes;
        Some(entry.item)
    }

    /// The oldest item, if it has been here for `age` or longer.
    pub fn pop_older(&mut self, age: Duration, now: Instant) -> Option<T> {
        if now < self.oldest()? + age {
            return None;
        }
        self.pop()
    }

    /// Since when the oldest item has been here.
    #[must_use]
    pub fn oldest(&self) -> Option<Instant> {
        self.items.front().map(|entry| entry.since)
    }

    /// Removes the first item of which this is true.
    pub fn remove(&mut self, is_it: impl Fn(&T) -> bool) -> Option<T> {
        let at = self.items.iter().position(|entry| is_it(&entry.item))?;
        let entry = self.items.remove(at)?;
        self.bytes -= entry.bytes;
        Some(entry.item)
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.items.clear();
        self.bytes = 0;
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// How many bytes they have together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(0);

    #[test]
    fn the_oldest_goes_where_there_is_no_room() {
        for (sizes, last, dropped) in [
            (vec![1, 1], 1, vec![]),
            (vec![1, 1, 1], 1, vec![0]),
            (vec![4, 6], 1, vec![0]),
            (vec![4, 6], 10, vec![0, 1]),
            (vec![4], 6, vec![]),
            (vec![4], 7, vec![0]),
            (vec![4], 11, vec![99]),
        ] {
            let mut queue = Bounded::new(3, 10);
            for (item, bytes) in sizes.iter().enumerate() {
                assert!(queue.push(item, *bytes, NOW).is_empty());
            }

            assert_eq!(queue.push(99, last, NOW), dropped, "{sizes:?} {last}");
        }
    }

    #[test]
    fn what_left_makes_room() {
        let mut queue = Bounded::new(3, 10);
        for item in 0..3 {
            assert!(queue.push(item, 3, NOW).is_empty());
        }

        assert_eq!(queue.remove(|item| *item == 1), Some(1));
        assert_eq!(queue.remove(|item| *item == 1), None);

        assert!(queue.push(3, 4, NOW).is_empty());
        assert_eq!(
            (queue.pop(), queue.pop(), queue.pop(), queue.pop()),
            (Some(0), Some(2), Some(3), None)
        );
        assert!(queue.push(4, 10, NOW).is_empty());
    }

    #[test]
    fn an_item_is_old_at_its_age_and_not_before() {
        let mut queue = Bounded::new(3, 10);
        assert!(queue.push("a", 1, NOW).is_empty());
        let age = Duration::from_millis(10);

        assert_eq!(queue.pop_older(age, Instant::from_millis(9)), None);
        assert_eq!(queue.pop_older(age, Instant::from_millis(10)), Some("a"));
        assert_eq!(queue.pop_older(age, Instant::from_millis(10)), None);
    }
}
