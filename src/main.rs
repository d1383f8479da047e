//! The single-page application: reads the configuration, provides the session, mounts the page.
//!
//! `boot.js` loads this and calls `start`. Natively there is no page and nothing to do. The build cuts the program
//! into parts (`.ci/page`): what `program` reaches and `start` does not is loaded when that is called, and so with
//! `panel`.

#[cfg(target_arch = "wasm32")]
mod page {
    use std::any::Any;
    use std::cell::RefCell;

    use leptos::prelude::*;
    use leptos::wasm_split::{wasm_split, SplitLoaderError};
    #[cfg(feature = "debug")]
    use telltale::ui::debug;
    use telltale::ui::front::{front, has_front, Loading, Program};
    use telltale::{ui, web};
    use wasm_bindgen::prelude::*;
    use wasm_bindgen::JsCast;

    thread_local! {
        /// What is mounted, for as long as the page is there; leaving the page is the driver's business.
        static PAGE: RefCell<Option<Box<dyn Any>>> = const { RefCell::new(None) };
    }

    /// The session, the vocabularies and the views.
    #[wasm_split(session, wasm_split_path = leptos::wasm_split, fallible)]
    fn program() -> Result<Program, SplitLoaderError> {
        Ok(Program::new())
    }

    fn load() -> Loading {
        Box::pin(async { program().await.ok() })
    }

    /// The panel that shows what goes in and out of the session.
    #[cfg(feature = "debug")]
    #[wasm_split(debug, wasm_split_path = leptos::wasm_split, fallible)]
    fn panel() -> Result<debug::Panel, SplitLoaderError> {
        Ok(debug::Panel::new())
    }

    #[cfg(feature = "debug")]
    fn load_panel() -> debug::Loading {
        Box::pin(async { panel().await.ok() })
    }

    /// Reads `config.json` and mounts the application into `#app`.
    ///
    /// # Errors
    /// If a part of the program could not be loaded.
    #[wasm_bindgen]
    pub async fn start() -> Result<(), JsValue> {
        let config = web::load_config("config.json").await;
        let configured = config.as_ref().ok();
        let configured = configured.and_then(|config| config.language.as_deref());
        let language = ui::first_language(configured).await;
        let configured = configured.map(str::to_owned);
        // Whoever asks for a record of everything waits until it can be made.
        #[cfg(feature = "debug")]
        let asked = match debug::is_asked_for() {
            true => load_panel().await,
            false => None,
        };
        let Some(root) = document().get_element_by_id("app") else {
            return Ok(());
        };
        let view: Box<dyn FnOnce() -> AnyView> = match config {
            Ok(config) if has_front(&config) => Box::new(move || front(config, load)),
            config => {
                let program = program().await;
                let program = program.map_err(|error| JsValue::from_str(&error.to_string()))?;
                Box::new(move || match config {
                    Ok(config) => program.whole(config),
                    Err(fault) => program.fault(&fault),
                })
            }
        };
        let handle = leptos::mount::mount_to(root.unchecked_into(), move || {
            let spoken = ui::language::provide_language(language);
            ui::follow_browser(spoken, configured);
            #[cfg(feature = "debug")]
            debug::provide_panel(load_panel, asked);
            view()
        });
        PAGE.with(|page| *page.borrow_mut() = Some(Box::new(handle)));
        Ok(())
    }
}

fn main() {}
