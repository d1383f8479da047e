//! Whether somebody presses something right now.
//!
//! A browser tells of a click only if what is under the pointer when it is let go is what was pressed. A row that moves
//! in between, or is drawn anew, takes the click with it: what was pressed seems to do nothing.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use super::clock::clock;
use super::handle::EventListener;
use crate::time::Instant;

/// Whoever holds on for longer drags or marks text, or has let go where no page is told of it (a menu, a scroll bar).
/// A click takes a tenth of it, with a hand that trembles half.
const LONGEST: Duration = Duration::from_secs(1);

/// Listens until dropped.
#[derive(Default)]
pub struct Press {
    since: Rc<Cell<Option<Instant>>>,
    _listeners: Vec<EventListener>,
}

impl Press {
    /// Nothing is pressed where there is no window.
    pub fn new() -> Self {
        let Some(window) = web_sys::window() else {
            return Self::default();
        };
        let since = Rc::new(Cell::new(None));
        let on = |event, is_down: bool| {
            let since = since.clone();
            EventListener::new(&window, event, move |_| {
                since.set(is_down.then(clock));
            })
        };
        let listeners = [
            on("pointerdown", true),
            on("pointerup", false),
            on("pointercancel", false),
        ];
        Self {
            _listeners: listeners.into_iter().flatten().collect(),
            since,
        }
    }

    /// Whether that may still become a click.
    pub fn is_held(&self) -> bool {
        let since = self.since.get();
        since.is_some_and(|since| clock().saturating_since(since) < LONGEST)
    }
}
