//! What the page's life tells: seen or hidden, with or without a network, leaving and coming back.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, EventTarget, PageTransitionEvent, VisibilityState, Window};

use super::handle::EventListener;
use crate::protocol::Page;

/// Listens until dropped.
pub struct PageListener {
    _listeners: Vec<EventListener>,
}

impl PageListener {
    /// Calls `tell` for each turn of the page's life. A worker has a network, but is neither seen nor left.
    pub fn new(tell: impl Fn(Page) + Clone + 'static) -> Self {
        let on = |target: &EventTarget, event, page| {
            let tell = tell.clone();
            EventListener::new(target, event, move |_| tell(page))
        };
        let Some((window, document)) = places() else {
            let scope: EventTarget = js_sys::global().unchecked_into();
            let listeners = [
                on(&scope, "online", Page::Online),
                on(&scope, "offline", Page::Offline),
            ];
            return Self {
                _listeners: listeners.into_iter().flatten().collect(),
            };
        };
        let look = {
            let tell = tell.clone();
            move || {
                tell(match is_visible() {
                    true => Page::Visible,
                    false => Page::Hidden,
                });
            }
        };
        // Not every browser tells whether a page that comes back can be seen.
        let back = {
            let look = look.clone();
            let tell = tell.clone();
            move || {
                tell(Page::Restored);
                look();
            }
        };
        let resumed = back.clone();
        let listeners = [
            EventListener::new(&document, "visibilitychange", move |_| look()),
            on(&window, "online", Page::Online),
            on(&window, "offline", Page::Offline),
            // `pagehide`, not `beforeunload`: it also comes before the back/forward cache, which an open socket
            // would keep the page out of.
            on(&window, "pagehide", Page::Leaving),
            // After a freeze: until then nothing here ran, and what the browser held open may be dead.
            EventListener::new(&document, "resume", move |_| resumed()),
            EventListener::new(&window, "pageshow", move |event| {
                let persisted = event.dyn_ref::<PageTransitionEvent>();
                if persisted.is_some_and(PageTransitionEvent::persisted) {
                    back();
                }
            }),
        ];
        Self {
            _listeners: listeners.into_iter().flatten().collect(),
        }
    }
}

/// Whether a person can see the page now.
pub fn is_visible() -> bool {
    places().is_none_or(|(_, document)| document.visibility_state() != VisibilityState::Hidden)
}

/// Whether the browser believes that it has a network.
pub fn is_online() -> bool {
    let navigator = super::global::<JsValue>("navigator");
    let on_line = navigator.and_then(|navigator| Reflect::get(&navigator, &"onLine".into()).ok());
    on_line.is_none_or(|on_line| on_line.as_bool() != Some(false))
}

fn places() -> Option<(Window, Document)> {
    let window = web_sys::window()?;
    let document = window.document()?;
    Some((window, document))
}
