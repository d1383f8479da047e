//! The widget's face: a panel mounted into an element of a page that exists already.
//!
//! Thin on purpose. `www/widget/index.js` makes the shadow root, loads the stylesheet and reads the options; here is
//! only what needs the program. Two panels of one page share nothing: each has its own session.

use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{CustomEvent, CustomEventInit, HtmlElement};

use crate::domain::{MediaId, MediaKey, Source};
use crate::session::state::{Command, Secret};
use crate::session::Config;
use crate::ui::hooks::{provide_telltale, Telltale};

/// A mounted panel.
#[wasm_bindgen]
pub struct Panel {
    telltale: Option<Telltale>,
    /// Unmounts when dropped; its type names the whole view.
    mounted: Option<Box<dyn Any>>,
}

/// Mounts the progress panel of `media_id` into `place`. `server` is the JSON of one entry of `config.json`'s `servers`,
/// one that analyses media.
///
/// # Errors
/// A `TypeError` that names the option which is wrong.
#[wasm_bindgen]
pub fn mount(
    place: HtmlElement,
    server: &str,
    media_id: &str,
    token: Option<String>,
) -> Result<Panel, JsValue> {
    let origin = web_sys::window().and_then(|window| window.location().origin().ok());
    let config = ["{\"servers\":[", server, "]}"].concat();
    let config = Config::parse(&config, &origin.unwrap_or_default())
        .map_err(|error| type_error(&error.to_string()))?;
    if (config.servers.iter()).any(|server| server.backend.profile().has_meetings) {
        return Err(type_error(
            "`kind` must be of a server that analyses media; of a meeting there is no panel",
        ));
    }
    let id =
        MediaId::new(media_id).ok_or_else(|| type_error("`mediaId` must have 1 to 128 bytes"))?;
    let media = MediaKey {
        source: Source(0),
        id,
    };

    let provided = Rc::new(Cell::new(None));
    let provide = provided.clone();
    let target = place.clone();
    let mounted = leptos::mount::mount_to(place, move || {
        let telltale = provide_telltale(config);
        provide.set(Some(telltale));
        if let Some(token) = token {
            telltale.command(Command::Token(media.source, Some(Secret(token))));
        }
        let target = StoredValue::new_local(target);
        crate::ui::embedded(media, move || target.with_value(ask_to_sign_in))
    });
    Ok(Panel {
        telltale: provided.get(),
        mounted: Some(Box::new(mounted)),
    })
}

#[wasm_bindgen]
impl Panel {
    /// Uses another token from now on.
    #[wasm_bindgen(js_name = setToken)]
    pub fn set_token(&self, token: String) {
        if let Some(telltale) = self.telltale {
            telltale.command(Command::Token(Source(0), Some(Secret(token))));
        }
    }

    /// Closes the connection and takes the view away. A second call does nothing.
    pub fn unmount(&mut self) {
        self.telltale = None;
        self.mounted = None;
    }
}

/// The page knows how its people sign in: it hears that one wants to.
fn ask_to_sign_in(place: &HtmlElement) {
    let init = CustomEventInit::new();
    init.set_bubbles(true);
    init.set_composed(true);
    if let Ok(event) = CustomEvent::new_with_event_init_dict("telltale-sign-in", &init) {
        // A listener that throws is the page's own fault, and reported by the browser.
        let _ = place.dispatch_event(&event);
    }
}

fn type_error(message: &str) -> JsValue {
    js_sys::TypeError::new(&["telltale: ", message].concat()).into()
}
