//! Lists that stand still under a hand: whoever points at a row or is about to press its button must not find another one
//! there, and a row that is moved in the page loses the focus.

use std::time::Duration;

use leptos::ev::{FocusEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget};

use super::hooks::use_telltale;
use crate::time::Instant;

/// A pointer that has lain still for so long is about to press nothing: what is newest is on top again.
const RESTS: Duration = Duration::from_secs(10);

/// Whether a hand is in a list.
#[derive(Clone, Copy)]
pub struct Steady {
    /// The list, once a hand was in it.
    list: StoredValue<Option<Element>, LocalStorage>,
    /// When a pointer moved in it last.
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
        move |event| {
            self.moved.set_value(self.now.get_untracked());
            self.hold(event.current_target());
        }
    }

    /// What it does when the focus comes in.
    pub fn focuses(self) -> impl FnMut(FocusEvent) + 'static {
        move |event| self.hold(event.current_target())
    }

    fn hold(self, list: Option<EventTarget>) {
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
            match shown.filter(|_| self.is_held()) {
                Some(shown) => held(shown, fresh),
                None => fresh,
            }
        })
    }

    /// Asked of the browser: that the focus went with the row that had it, no event tells. Whoever clicked has the focus,
    /// too, but goes on with the pointer.
    fn is_held(self) -> bool {
        self.list.with_value(|list| {
            let Some(list) = list else { return false };
            let has_focus = list.query_selector(":focus-visible");
            let is_pointed_at = list.matches(":hover").unwrap_or(false);
            has_focus.is_ok_and(|it| it.is_some())
                || (is_pointed_at
                    && self.now.get().saturating_since(self.moved.get_value()) < RESTS)
        })
    }
}

impl Default for Steady {
    fn default() -> Self {
        Self::new()
    }
}

/// The rows of `fresh` in the order in which they are shown. What has come is behind them: before them, it would move them
/// all.
fn held<K: Clone + PartialEq>(shown: &[K], fresh: Vec<K>) -> Vec<K> {
    let stay = shown.iter().filter(|key| fresh.contains(key)).cloned();
    let mut rows: Vec<_> = stay.collect();
    let came = fresh.into_iter().filter(|key| !shown.contains(key));
    rows.extend(came);
    rows
}

#[cfg(test)]
mod tests {
    #[test]
    fn under_a_hand_rows_go_and_come_but_none_changes_places() {
        for (shown, fresh, rows) in [
            ("abc", "cba", "abc"),
            ("abc", "dcba", "abcd"),
            ("abc", "eca", "ace"),
            ("abc", "xay", "axy"),
            ("", "ab", "ab"),
            ("ab", "", ""),
        ] {
            let shown: Vec<_> = shown.chars().collect();
            let held = super::held(&shown, fresh.chars().collect());

            assert_eq!(String::from_iter(held), rows, "{shown:?} {fresh}");
        }
    }
}
