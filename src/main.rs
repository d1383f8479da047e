//! The single-page application: reads the configuration, provides the session, mounts the page.
//!
//! `boot.js` loads this, fetches `config.json` meanwhile, and calls [`start`] with its text. Natively there is no page
//! and nothing to do.

#[cfg(target_arch = "wasm32")]
mod page {
    use std::cell::RefCell;

    use leptos::prelude::*;
    use telltale::session::Config;
    use telltale::ui;
    use wasm_bindgen::prelude::*;
    use wasm_bindgen::JsCast;

    thread_local! {
        /// What is mounted, for as long as the page is there; leaving the page is the driver's business.
        static PAGE: RefCell<Option<Box<dyn std::any::Any>>> = const { RefCell::new(None) };
    }

    /// Mounts the application into `#app` with this configuration. `fault` tells why there is no text.
    #[wasm_bindgen]
    pub fn start(config: &str, fault: Option<String>) {
        let Some(root) = document().get_element_by_id("app") else {
            return;
        };
        let root: web_sys::HtmlElement = root.unchecked_into();
        let origin = window().location().origin().unwrap_or_default();
        let config = match fault {
            Some(fault) => Err(fault),
            None => Config::parse(config, &origin).map_err(|error| error.to_string()),
        };
        let handle = leptos::mount::mount_to(root, move || match config {
            Ok(config) => {
                ui::hooks::provide_telltale(config);
                ui::app().into_any()
            }
            Err(fault) => ui::config_page(fault).into_any(),
        });
        PAGE.with(|page| *page.borrow_mut() = Some(Box::new(handle)));
    }
}

fn main() {}
