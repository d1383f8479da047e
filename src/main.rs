//! The single-page application: reads the configuration, provides the session, mounts the page.
//!
//! `boot.js` loads this and calls `start`. Natively there is no page and nothing to do.

#[cfg(target_arch = "wasm32")]
mod page {
    use std::any::Any;
    use std::cell::RefCell;

    use leptos::prelude::*;
    use telltale::{ui, web};
    use wasm_bindgen::prelude::*;
    use wasm_bindgen::JsCast;

    thread_local! {
        /// What is mounted, for as long as the page is there; leaving the page is the driver's business.
        static PAGE: RefCell<Option<Box<dyn Any>>> = const { RefCell::new(None) };
    }

    /// Reads `config.json` and mounts the application into `#app`.
    #[wasm_bindgen]
    pub async fn start() {
        let config = web::load_config("config.json").await;
        let configured = config.as_ref().ok();
        let configured = configured.and_then(|config| config.language.as_deref());
        let language = ui::first_language(configured).await;
        // Whoever asks for a record of everything waits until it can be made.
        #[cfg(feature = "debug")]
        let panel = match ui::debug::is_asked_for() {
            true => Some(ui::debug::load().await),
            false => None,
        };
        let Some(root) = document().get_element_by_id("app") else {
            return;
        };
        let handle = leptos::mount::mount_to(root.unchecked_into(), move || {
            ui::language::provide_language(language);
            match config {
                Ok(config) => {
                    #[cfg(feature = "debug")]
                    ui::debug::provide_telltale(config, panel.as_ref());
                    #[cfg(not(feature = "debug"))]
                    ui::hooks::provide_telltale(config);
                    ui::app().into_any()
                }
                Err(fault) => ui::config_page(&fault).into_any(),
            }
        });
        PAGE.with(|page| *page.borrow_mut() = Some(Box::new(handle)));
    }
}

fn main() {}
