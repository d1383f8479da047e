//! What a person does in a cell once it is drawn, as a person would: by its elements.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement, HtmlInputElement};

use super::cells::Gesture;

/// Tasks in which an element may appear that a gesture needs.
const PATIENCE: u16 = 200;

/// Has these gestures made when the cell is drawn; the signal is true until they are.
pub fn after_drawing(gestures: &'static [Gesture]) -> RwSignal<bool> {
    let is_busy = RwSignal::new(!gestures.is_empty());
    if !gestures.is_empty() {
        go_on(gestures, PATIENCE, is_busy);
    }
    is_busy
}

/// One gesture in a task: what follows from the last one is drawn by then. Without a window there is nobody who makes any.
fn go_on(gestures: &'static [Gesture], patience: u16, is_busy: RwSignal<bool>) {
    let _ = set_timeout(
        move || {
            // Whoever looks may have gone on to the next cell.
            if is_busy.is_disposed() {
                return;
            }
            match gestures {
                [] => is_busy.set(false),
                [gesture, rest @ ..] => match make(gesture) {
                    Some(()) => go_on(rest, PATIENCE, is_busy),
                    None if patience > 0 => go_on(gestures, patience - 1, is_busy),
                    None => {
                        leptos::logging::error!("a gesture of this cell has nothing to be made on")
                    }
                },
            }
        },
        Duration::ZERO,
    );
}

/// `None` if its element is not there yet.
fn make(gesture: &Gesture) -> Option<()> {
    match gesture {
        Gesture::Press(selector) => find::<HtmlElement>(selector)?.click(),
        Gesture::Search(text) => {
            let search = find::<HtmlInputElement>("input[type=search]")?;
            search.set_value(text);
            search.dispatch_event(&Event::new("input").ok()?).ok()?;
        }
        Gesture::Choose(place) => {
            let rows = document().query_selector_all("#cell [role=option]").ok()?;
            let row = rows.item(*place)?.dyn_into::<HtmlElement>().ok()?;
            row.click();
        }
    }
    Some(())
}

fn find<T: JsCast>(selector: &str) -> Option<T> {
    let cell = document().get_element_by_id("cell")?;
    cell.query_selector(selector).ok()??.dyn_into().ok()
}
