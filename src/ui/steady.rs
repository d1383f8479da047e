//! Lists that stand still under a hand: whoever points at a row or is about to press its button must not find another one
//! there, and a row that is moved in the page loses the focus.

use leptos::ev::{FocusEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Where rows stand that come while the others must not move.
#[derive(Clone, Copy)]
pub enum Newcomers {
    /// What is newest is looked for at the top.
    First,
    /// After all others.
    Last,
}

/// Whether a hand is in a list.
#[derive(Clone, Copy)]
pub struct Steady {
    /// The list, once a pointer or the focus was in it.
    list: StoredValue<Option<Element>, LocalStorage>,
    left: RwSignal<()>,
}

impl Steady {
    /// Of a list whose rows are in nobody's hands yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            list: StoredValue::new_local(None),
            left: RwSignal::new(()),
        }
    }

    /// What the list does when a pointer comes in.
    pub fn points(self) -> impl FnMut(PointerEvent) + 'static {
        move |event| self.hold(event.current_target())
    }

    /// What it does when the focus comes in.
    pub fn focuses(self) -> impl FnMut(FocusEvent) + 'static {
        move |event| self.hold(event.current_target())
    }

    fn hold(self, list: Option<web_sys::EventTarget>) {
        self.list
            .set_value(list.and_then(|list| list.dyn_into().ok()));
    }

    /// What it does when one of the two goes.
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
        newcomers: Newcomers,
        fresh: impl Fn() -> Vec<K> + Send + Sync + 'static,
    ) -> Memo<Vec<K>> {
        Memo::new(move |shown: Option<&Vec<K>>| {
            self.left.track();
            let fresh = fresh();
            match shown.filter(|_| self.is_held()) {
                Some(shown) => held(shown, fresh, newcomers),
                None => fresh,
            }
        })
    }

    /// Asked of the browser: that the focus went with the row that had it, no event tells.
    fn is_held(self) -> bool {
        self.list.with_value(|list| {
            let list = list.as_ref();
            list.is_some_and(|list| list.matches(":hover, :focus-within").unwrap_or(false))
        })
    }
}

impl Default for Steady {
    fn default() -> Self {
        Self::new()
    }
}

/// The rows of `fresh` in the order in which they are shown.
fn held<K: Clone + PartialEq>(shown: &[K], fresh: Vec<K>, newcomers: Newcomers) -> Vec<K> {
    let stay = shown.iter().filter(|key| fresh.contains(key)).cloned();
    let stay: Vec<_> = stay.collect();
    let came = fresh.into_iter().filter(|key| !stay.contains(key));
    let came: Vec<_> = came.collect();
    match newcomers {
        Newcomers::First => [came, stay].concat(),
        Newcomers::Last => [stay, came].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn under_a_hand_rows_go_and_come_but_none_changes_places() {
        for (shown, fresh, first, last) in [
            ("abc", "cba", "abc", "abc"),
            ("abc", "dcba", "dabc", "abcd"),
            ("abc", "eca", "eac", "ace"),
            ("abc", "xay", "xya", "axy"),
            ("", "ab", "ab", "ab"),
            ("ab", "", "", ""),
        ] {
            let held = |newcomers| {
                let shown: Vec<_> = shown.chars().collect();
                let rows = super::held(&shown, fresh.chars().collect(), newcomers);
                rows.into_iter().collect::<String>()
            };

            assert_eq!(held(Newcomers::First), first, "{shown} {fresh}");
            assert_eq!(held(Newcomers::Last), last, "{shown} {fresh}");
        }
    }
}
