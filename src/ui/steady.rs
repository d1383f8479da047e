//! Lists that stand still under a hand: whoever points at a row or is about to press its button must not find another
//! one there, and a row that is moved in the page loses the focus.

use std::time::Duration;

use leptos::ev::{FocusEvent, KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget};

use super::focus::{focus_in_place, is_nowhere, once_drawn};
use super::hooks::use_telltale;
use crate::time::Instant;

/// A hand that has done nothing for so long is about to press nothing: what is newest is on top again. Whoever reads an
/// alert before pressing takes less.
const RESTS: Duration = Duration::from_secs(30);

/// Whether a hand is in a list.
#[derive(Clone, Copy)]
pub struct Steady {
    /// The list, once a hand was in it.
    list: StoredValue<Option<Element>, LocalStorage>,
    /// When a pointer moved in it, or a key was pressed, last.
    moved: StoredValue<Instant>,
    left: RwSignal<()>,
    now: Signal<Instant>,
}

impl Steady {
    /// Of a list whose rows are in nobody's hands yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            list: StoredValue::new_local(None),
            moved: StoredValue::new(Instant::default()),
            left: RwSignal::new(()),
            now: use_telltale().now(),
        }
    }

    /// What the list does when a pointer moves in it.
    pub fn points(self) -> impl FnMut(PointerEvent) + 'static {
        move |event| self.hold(event.current_target())
    }

    /// What it does when the focus comes in.
    pub fn focuses(self) -> impl FnMut(FocusEvent) + 'static {
        move |event| self.hold(event.current_target())
    }

    /// What it does when a key is pressed in it.
    pub fn types(self) -> impl FnMut(KeyboardEvent) + 'static {
        move |event| self.hold(event.current_target())
    }

    fn hold(self, list: Option<EventTarget>) {
        self.moved.set_value(self.now.get_untracked());
        let list = list.and_then(|list| list.dyn_into().ok());
        self.list.set_value(list);
    }

    /// What it does when a pointer or the focus goes.
    pub fn leaves(self) {
        // The focus may be on its way from one row to the next.
        let _ = request_animation_frame(move || {
            // The list may be gone by then.
            let _ = self.left.try_set(());
        });
    }

    /// The rows, by their numbers, in the order that `fresh` wants, as soon as no hand is in the list.
    pub fn order(self, fresh: impl Fn() -> Vec<u64> + Send + Sync + 'static) -> Memo<Vec<u64>> {
        let shown = Memo::new(move |shown: Option<&Shown<u64>>| {
            self.left.track();
            let fresh = fresh();
            let next = match (shown, self.hand()) {
                (None, _) | (_, Hand::None) => Shown {
                    rows: fresh,
                    waiting: 0,
                },
                (Some(shown), hand) => held(shown, fresh, hand),
            };
            if shown.is_some_and(|shown| shown.rows != next.rows) {
                self.keep_focus();
            }
            next
        });
        Memo::new(move |_| shown.with(|shown| shown.rows.clone()))
    }

    /// A browser takes the focus from a row that is moved: it is given back once the rows are drawn, if it went
    /// nowhere.
    fn keep_focus(self) {
        let focused = self.list.with_value(|list| {
            let list = list.as_ref()?;
            list.query_selector(":focus").ok().flatten()
        });
        let Some(focused) = focused else { return };
        once_drawn(move || {
            if is_nowhere() && focused.is_connected() {
                focus_in_place(&focused);
            }
        });
    }

    /// Asked of the browser: that the focus went with the row that had it, no event tells. Whoever clicked has the
    /// focus, too, but goes on with the pointer.
    fn hand(self) -> Hand {
        self.list.with_value(|list| {
            let Some(list) = list else { return Hand::None };
            let focused = list.query_selector(":focus-visible");
            let has_focus = focused.is_ok_and(|it| it.is_some());
            if !has_focus && !list.matches(":hover").unwrap_or(false) {
                return Hand::None;
            }
            let rests = self.now.get().saturating_since(self.moved.get_value()) >= RESTS;
            match (rests, has_focus) {
                (false, _) => Hand::AtWork,
                (true, true) => Hand::Rests,
                (true, false) => Hand::None,
            }
        })
    }
}

/// What a hand does in a list.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Hand {
    /// Nothing: there is none, or a pointer was left lying.
    None,
    /// It is about to press something.
    AtWork,
    /// It left the keyboard's focus on a row, whose place it knows.
    Rests,
}

impl Default for Steady {
    fn default() -> Self {
        Self::new()
    }
}

/// What a list shows.
#[derive(Clone, Debug, PartialEq)]
struct Shown<K> {
    rows: Vec<K>,
    /// So many at the end came under a hand that was at work.
    waiting: usize,
}

/// The rows of `fresh` in the order in which they are shown. What has come is behind them: before them, it would move
/// them all under a hand. To one that rests it is shown where the newest belongs, and so is what waited until then.
fn held<K: Clone + PartialEq>(shown: &Shown<K>, fresh: Vec<K>, hand: Hand) -> Shown<K> {
    let (placed, waiting) = shown.rows.split_at(shown.rows.len() - shown.waiting);
    let stays = |rows: &[K]| -> Vec<K> {
        let rows = rows.iter().filter(|key| fresh.contains(key));
        rows.cloned().collect()
    };
    let (mut rows, waiting) = (stays(placed), stays(waiting));
    let is_new = |key: &&K| !rows.contains(key);
    match hand {
        Hand::Rests => {
            let new: Vec<_> = fresh.iter().filter(is_new).cloned().collect();
            rows.splice(..0, new);
            Shown { rows, waiting: 0 }
        }
        _ => {
            let came = fresh.iter().filter(is_new);
            let came = came.filter(|key| !waiting.contains(key)).cloned();
            let behind: Vec<_> = waiting.iter().cloned().chain(came).collect();
            let waiting = behind.len();
            rows.extend(behind);
            Shown { rows, waiting }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{held, Hand, Shown};

    #[test]
    fn under_a_hand_rows_go_and_come_but_none_changes_places() {
        for (shown, fresh, at_work, at_rest) in [
            ("abc", "cba", "abc", "abc"),
            ("abc", "dcba", "abcd", "dabc"),
            ("abc", "eca", "ace", "eac"),
            ("abc", "xay", "axy", "xya"),
            ("", "ab", "ab", "ab"),
            ("ab", "", "", ""),
        ] {
            let shown = Shown {
                rows: shown.chars().collect(),
                waiting: 0,
            };
            for (hand, rows) in [(Hand::AtWork, at_work), (Hand::Rests, at_rest)] {
                let held = held(&shown, fresh.chars().collect(), hand);

                assert_eq!(
                    String::from_iter(held.rows),
                    rows,
                    "{shown:?} {fresh} {hand:?}"
                );
            }
        }
    }

    #[test]
    fn what_came_under_a_hand_is_on_top_once_that_rests() {
        let mut shown = Shown {
            rows: vec!['a', 'b'],
            waiting: 0,
        };
        for (fresh, hand, rows, waiting) in [
            ("cab", Hand::AtWork, "abc", 1),
            ("dcab", Hand::AtWork, "abcd", 2),
            ("dcb", Hand::AtWork, "bcd", 2),
            ("db", Hand::AtWork, "bd", 1),
            ("edb", Hand::Rests, "edb", 0),
            ("fedb", Hand::AtWork, "edbf", 1),
        ] {
            shown = held(&shown, fresh.chars().collect(), hand);

            assert_eq!(String::from_iter(&shown.rows), rows, "{fresh} {hand:?}");
            assert_eq!(shown.waiting, waiting, "{fresh} {hand:?}");
        }
    }
}
