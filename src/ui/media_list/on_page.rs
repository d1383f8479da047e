//! The rows that are on the page.
//!
//! While one scrolls, rows come and go at both ends, several at once. The framework's own list then moves elements that
//! could stay where they are, and an element that is moved loses the focus. Here what stays is not touched.

use leptos::prelude::*;
use leptos::tachys::view::{Mountable, Render};
use web_sys::Element;

use crate::domain::MediaKey;

/// The rows, in order.
pub struct OnPage {
    /// A child of the component's. The component holds these rows; if they held the component, neither would ever be
    /// dropped.
    owner: Owner,
    rows: Vec<RowOnPage>,
}

struct RowOnPage {
    key: MediaKey,
    /// Ends the row's signals with it. Kept after the view: fields are dropped in their order.
    view: <AnyView as Render>::State,
    _owner: Owner,
}

impl OnPage {
    /// None yet. The rows' signals belong to the current component, not to the effect that makes them.
    pub fn new() -> Self {
        Self {
            owner: Owner::new(),
            rows: Vec::new(),
        }
    }

    /// Makes the list's rows these: those that are not there are made, those that are no longer wanted leave.
    pub fn set(&mut self, list: &Element, keys: &[MediaKey], make: &dyn Fn(MediaKey) -> AnyView) {
        let mut before: Vec<_> = self.rows.drain(..).map(Some).collect();
        for slot in &mut before {
            if slot.as_ref().is_some_and(|row| !keys.contains(&row.key)) {
                if let Some(mut row) = slot.take() {
                    row.view.unmount();
                }
            }
        }
        // From the end on, so that the place of each is known: before the one that was last put in its own.
        let mut lowest = before.len();
        for key in keys.iter().rev() {
            let place = before
                .iter()
                .position(|row| row.as_ref().is_some_and(|row| row.key == *key));
            let kept = place.and_then(|place| before.get_mut(place)?.take());
            let is_in_place = place.is_some_and(|place| place < lowest);
            lowest = place.filter(|_| is_in_place).unwrap_or(lowest);
            let mut row = kept.unwrap_or_else(|| self.made(key, make));
            if !is_in_place {
                let next = self.rows.last();
                if !next.is_some_and(|next| next.view.insert_before_this(&mut row.view)) {
                    row.view.mount(list, None);
                }
            }
            self.rows.push(row);
        }
        self.rows.reverse();
    }

    fn made(&self, key: &MediaKey, make: &dyn Fn(MediaKey) -> AnyView) -> RowOnPage {
        let owner = self.owner.child();
        let view = owner.with(|| untrack(|| make(key.clone()).build()));
        RowOnPage {
            key: key.clone(),
            view,
            _owner: owner,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_list_that_is_gone_keeps_nothing_of_what_it_stood_in() {
        let is_cleaned_up = Arc::new(AtomicBool::new(false));
        let component = Owner::new();
        component.with(|| {
            let told = Arc::clone(&is_cleaned_up);
            on_cleanup(move || told.store(true, Ordering::Relaxed));
            StoredValue::new_local(OnPage::new())
        });

        drop(component);

        assert!(is_cleaned_up.load(Ordering::Relaxed));
    }
}
