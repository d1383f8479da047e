//! Lists that stand still under a hand: whoever points at a row or is about to press its button must not find another one
//! there, and a row that is moved in the page loses the focus.

use std::time::Duration;

use leptos::ev::{FocusEvent, KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget};

use super::hooks::use_telltale;
use crate::time::Instant;

/// A hand that has done nothing for so long is about to press nothing: what is newest is on top again.
const RESTS: Duration = Duration::from_secs(10);

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

    /// The rows in the order that `fresh` wants, as soon as no hand is in the list.
    pub fn order<K: Clone + PartialEq + Send + Sync + 'static>(
        self,
        fresh: impl Fn() -> Vec<K> + Send + Sync + 'static,
    ) -> Memo<Vec<K>> {
        Memo::new(move |shown: Option<&Vec<K>>| {
            self.left.track();
            let fresh = fresh();
            match (shown, self.hand()) {
                (None, _) | (_, Hand::None) => fresh,
                (Some(shown), hand) => held(shown, fresh, hand),
            }
        })
    }

    /// Asked of the browser: that the focus went with the row that had it, no event tells. Whoever clicked has the focus,
    /// too, but goes on with the pointer.
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
    /// It left the keyboard's focus on a row, which a browser takes from a row that is moved.
    Rests,
}

impl Default for Steady {
    fn default() -> Self {
        Self::new()
    }
}

/// The rows of `fresh` in the order in which they are shown. What has come is behind them: before them, it would move them
/// all under a hand. To one that rests it is shown where the newest belongs.
fn held<K: Clone + PartialEq>(shown: &[K], fresh: Vec<K>, hand: Hand) -> Vec<K> {
    let stay = shown.iter().filter(|key| fresh.contains(key)).cloned();
    let came = fresh.iter().filter(|key| !shown.contains(key)).cloned();
    match hand {
        Hand::Rests => came.chain(stay).collect(),
        _ => stay.chain(came).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{held, Hand};

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
            let shown: Vec<_> = shown.chars().collect();
            for (hand, rows) in [(Hand::AtWork, at_work), (Hand::Rests, at_rest)] {
                let held = held(&shown, fresh.chars().collect(), hand);

                assert_eq!(String::from_iter(held), rows, "{shown:?} {fresh} {hand:?}");
            }
        }
    }
}
