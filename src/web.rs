//! The browser: the only room with a clock, a timer, a seed, sockets, requests and the page's life.
//!
//! [`Driver`] is the loop around a [`Session`](crate::session::Session): an event of the browser comes, it reads the
//! clock, hands the input over, carries out the outputs and sets its one timer. Nothing else runs. Code that draws with
//! something else than Leptos hears from it by [`watch`]. [`socket_io`] has such a loop of its own, around a client
//! alone.

mod clipboard;
mod clock;
mod dirty;
mod download;
pub mod driver;
pub mod handle;
mod http;
mod notification;
mod pace;
mod page;
mod press;
pub mod socket_io;
mod timer;
mod tone;
mod transports;
pub mod watch;
mod websocket;

pub use clipboard::{copy, has_clipboard};
pub use dirty::Dirty;
pub use download::download;
pub use driver::{Driver, Listener, OnChange};
pub use notification::{ask, permission, Permission, Shown};
#[cfg(feature = "ui")]
pub(crate) use page::is_visible;
pub use tone::{has_been_active, Tone, Urgency};
pub use watch::Watch;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::Crypto;

/// Fetches the page's configuration and reads it: `config.json` beside the page.
///
/// # Errors
/// A sentence for the person who can mend it: what is missing or which key is wrong.
pub async fn load_config(url: &str) -> Result<crate::session::Config, String> {
    let window = web_sys::window().ok_or("there is no window")?;
    let origin = window
        .location()
        .origin()
        .map_err(|_| "the page has no origin")?;
    let text = load_file(url).await?;
    crate::session::Config::parse(&text, &origin).map_err(|error| error.to_string())
}

/// Fetches a text that lies beside the page.
///
/// # Errors
/// Why there is none, in words for whoever set the page up.
pub async fn load_file(url: &str) -> Result<String, String> {
    let request = crate::session::HttpRequest {
        method: "GET",
        url: url.to_owned(),
        headers: Vec::new(),
        body: None,
    };
    let answer = http::own_file(request)
        .await
        .map_err(|_| format!("{url} could not be fetched"))?;
    if answer.status != 200 {
        return Err(format!(
            "{url} could not be fetched: the server answered {}",
            answer.status
        ));
    }
    Ok(answer.body)
}

/// A seed from the browser's own source of randomness; it feeds jitter, not secrets.
fn seed() -> u64 {
    let mut bytes = [0_u8; 8];
    let crypto = global::<Crypto>("crypto");
    let filled = crypto.and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).ok());
    match filled {
        Some(_) => u64::from_le_bytes(bytes),
        // Jitter from the clock is better than none.
        None => clock::now_millis().to_bits(),
    }
}

/// What the global scope calls `name`, be it a page's or a worker's, which has no window.
fn global<T: JsCast>(name: &str) -> Option<T> {
    let found = js_sys::Reflect::get(&js_sys::global(), &name.into()).ok()?;
    found.is_truthy().then(|| found.unchecked_into())
}

/// The message of a JavaScript error.
fn message_of(error: &JsValue) -> String {
    let message = js_sys::Reflect::get(error, &"message".into()).ok();
    message
        .and_then(|message| message.as_string())
        .unwrap_or_default()
}
