//! The demonstration: the whole page, with its servers inside of it, and a gallery of what each part of it can look like.
//!
//! Everything between the frames and the pixels is the library itself: session, stores and views. Only the world around
//! it is made up: `servers` keep a state and say what happens to it, `world` carries frames and answers between them and
//! the session, and `chaos` loses, delays, doubles and disorders them. No request leaves the page, and every view says
//! that it shows nothing real.
//!
//! | file | what it holds |
//! |---|---|
//! | `chance`, `chaos` | what goes wrong on the way, from one seed |
//! | `hostile` | what servers send that mean harm |
//! | `servers` | four servers that work, and one that plays a fixture |
//! | `world` | the session and the servers, in a time that is an argument |
//! | `day` | what the servers hold when the page is opened |
//! | `stage` | a world behind signals, for the views |
//! | `live` | the page of a world whose time passes, and its switches |
//! | `gallery` | each component in each state, in a time that stands still |

mod chance;
mod chaos;
mod day;
mod gallery;
mod hostile;
mod live;
mod servers;
mod stage;
mod world;

use std::any::Any;
use std::cell::RefCell;

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen::JsCast;

use gallery::{Address, Tongues};
use telltale::ui::{self, debug, language};

thread_local! {
    /// What is mounted, for as long as the page is there.
    static PAGE: RefCell<Option<Box<dyn Any>>> = const { RefCell::new(None) };
}

/// Mounts the demonstration into `#app`, and its switches beside the sentence that says what this is.
#[wasm_bindgen]
pub async fn start() {
    let first = ui::first_language(None).await;
    let arabic = language::load("ar").await;
    let [root, beside] = ["app", "demo-controls"].map(|id| {
        let element = document().get_element_by_id(id);
        element.map(JsCast::unchecked_into::<web_sys::HtmlElement>)
    });
    let (Some(root), Some(beside)) = (root, beside) else {
        return;
    };
    let handle = leptos::mount::mount_to(root, move || {
        let spoken = language::provide_language(first.clone());
        language::name_in_document();
        debug::provide_panel(panel, None);
        let tongues = Tongues::new(spoken, first, arabic);
        let stage = live::provide();
        let address = RwSignal::new(address());
        let follow =
            window_event_listener_untyped("hashchange", move |_| address.set(self::address()));
        on_cleanup(move || follow.remove());
        let switches = leptos::mount::mount_to(beside, move || live::switches(stage));
        let _ = StoredValue::new_local(switches);
        // Where one is in the page is the page's own business, so all of its places are one. What is drawn for one place
        // is never made into what is drawn for another: a cell begins without the focus and the open parts of the last.
        let place = Memo::new(move |_| address.get());
        view! {
            <For
                each=move || [place.get()]
                key=Clone::clone
                children=move |place| match place {
                    Some(address) => gallery::gallery(address, &tongues),
                    None => {
                        tongues.speak(false);
                        live::page()
                    }
                }
            />
        }
    });
    PAGE.with(|page| *page.borrow_mut() = Some(Box::new(handle)));
}

/// The debug panel, which is in this program already.
fn panel() -> debug::Loading {
    Box::pin(async { Some(debug::Panel::new()) })
}

fn address() -> Option<Address> {
    Address::parse(&window().location().hash().unwrap_or_default())
}

fn main() {}
