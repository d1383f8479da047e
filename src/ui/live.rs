//! The few types that all moving parts of the views share.
//!
//! Each closure in a view is a type of its own, and the framework's code is built once for each: some two kilobytes
//! apiece. Boxed, they share one. A view is built of plain values by plain functions; these closures are the only
//! places where it moves. What they return is compared with what is on the page: texts and elements one by one, while
//! the attributes of an element that is built anew are all set anew (the crate is built with `erase_components`), so
//! that a part that changes often is as small as what moves.

use std::sync::Arc;

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::words::{self, Key};

/// A closure that the page runs again whenever a signal that it read has changed.
pub type Live<T> = Box<dyn FnMut() -> T + Send>;

/// A moving text.
pub fn text(of: impl Fn() -> String + Send + 'static) -> Live<String> {
    Box::new(of)
}

/// A text of the catalogue, which moves only with the language.
pub fn say(key: Key) -> Live<String> {
    Box::new(move || words::say(key))
}

/// A moving word of ours, for `data-` attributes.
pub fn word(of: impl Fn() -> &'static str + Send + 'static) -> Live<&'static str> {
    Box::new(of)
}

/// An attribute that is there or not.
pub fn flag(of: impl Fn() -> bool + Send + 'static) -> Live<bool> {
    Box::new(of)
}

/// A moving part of the page. Elements stay as they are while the shape stays the same: focus and open details survive.
///
/// What is there or not, and lists, are of [`AnyView`]: the framework's code is built once for each type of option and
/// list.
pub fn part<V: IntoView + 'static>(of: impl Fn() -> V + Send + 'static) -> Live<AnyView> {
    Box::new(move || of().into_any())
}

/// A row for each of these numbers, none of them twice. A row is drawn once, and stays the same elements for as long as
/// its number is there: focus and open details survive what comes and goes around it.
pub fn rows(
    numbers: impl Fn() -> Vec<u64> + Send + Sync + 'static,
    row: impl Fn(u64) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    type Numbers = Arc<dyn Fn() -> Vec<u64> + Send + Sync>;
    type Row = Arc<dyn Fn(u64) -> AnyView + Send + Sync>;
    fn listed(numbers: Numbers, row: Row) -> AnyView {
        view! { <For each=move || numbers() key=|number| *number children=move |number| row(number) /> }
            .into_any()
    }
    listed(Arc::new(numbers), Arc::new(row))
}

/// What a click does.
pub fn click(does: impl Fn() + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(move |_| does())
}
