//! Giving the focus, and asking whether it is anywhere.

use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, FocusOptions, HtmlElement};

use super::hooks::Telltale;

/// Gives it to this element, and brings that into sight.
pub(super) fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// Gives it to this element and leaves the page scrolled as it is; whether that could be done.
pub(super) fn focus_in_place(element: &Element) -> bool {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    let element = element.dyn_ref::<HtmlElement>();
    element.is_some_and(|element| element.focus_with_options(&options).is_ok())
}

/// Whether nothing of the page has it: what had it is gone. What is in a shadow counts as the element around that.
pub(super) fn is_nowhere() -> bool {
    let active = document().active_element();
    active.is_none_or(|active| active.tag_name() == "BODY")
}

/// Does it in the next frame, whatever becomes of the effect or memo that asks for it: what Leptos is asked for within
/// one is cancelled when that runs again.
pub(super) fn once_drawn(act: impl FnOnce() + 'static) {
    let act = Closure::once_into_js(act);
    let _ = window().request_animation_frame(act.unchecked_ref());
}

/// Whoever pressed what is gone then stands at a heading, not nowhere (WCAG 2.4.3). Looked at after each press and once
/// a second, because nothing tells that what has the focus has gone; it may be there again by then, and has lost the
/// focus all the same.
#[derive(Clone, Copy)]
pub(super) struct Keeper {
    last: StoredValue<Option<HtmlElement>, LocalStorage>,
    heading: StoredValue<Box<dyn Fn() -> Option<HtmlElement>>, LocalStorage>,
}

impl Keeper {
    /// For as long as the current component lives.
    pub(super) fn new(
        telltale: Telltale,
        heading: impl Fn() -> Option<HtmlElement> + 'static,
    ) -> Self {
        let keeper = Self {
            last: StoredValue::new_local(None),
            heading: StoredValue::new_local(Box::new(heading)),
        };
        Effect::new(move |_| {
            telltale.now().track();
            keeper.look();
        });
        keeper
    }

    /// Something has got the focus (`focusin`).
    pub(super) fn came(self, event: &Event) {
        let target = event.target().and_then(|target| target.dyn_into().ok());
        self.last.set_value(target);
    }

    /// Something has lost it (`focusout`). Nobody lost it who went away from what is still there; what is removed says
    /// so while it still is, in the effect that removes it, and what is moved has it again.
    pub(super) fn went(self) {
        let went = self.last.get_value();
        once_drawn(move || {
            let is_still = self.last.try_with_value(|last| *last == went) == Some(true);
            let has_left =
                |went: &HtmlElement| is_drawn(went) && !went.matches(":focus").unwrap_or(false);
            if is_still && went.as_ref().is_none_or(has_left) {
                self.last.set_value(None);
            }
        });
    }

    /// Something was pressed: it goes in the next frame, and in the one after that it is gone.
    pub(super) fn pressed(self) {
        let _ = request_animation_frame(move || {
            let _ = request_animation_frame(move || self.look());
        });
    }

    /// Decides in the next frame: a list that has moved a row gives it its focus back by then.
    fn look(self) {
        if self.has_lost() {
            once_drawn(move || {
                if self.has_lost() {
                    self.give();
                }
            });
        }
    }

    fn has_lost(self) -> bool {
        // Without one, who had it went away by themselves.
        if self.last.try_with_value(Option::is_some) != Some(true) {
            return false;
        }
        let active = document().active_element();
        let holder = active.and_then(|active| active.dyn_into::<HtmlElement>().ok());
        !holder.is_some_and(|holder| holder.tag_name() != "BODY" && is_drawn(&holder))
    }

    fn give(self) {
        self.last.set_value(None);
        if let Some(heading) = self.heading.with_value(|heading| heading()) {
            // Whoever reads further down has lost nothing: the page stays where it is scrolled to.
            focus_in_place(&heading);
        }
    }
}

fn is_drawn(element: &HtmlElement) -> bool {
    let place = element.get_bounding_client_rect();
    place.width() > 0.0 || place.height() > 0.0
}
