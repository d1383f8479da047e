//! The person's clipboard.

use std::future::Future;

use wasm_bindgen_futures::JsFuture;
use web_sys::Clipboard;

/// Whether there is one: no browser gives it to a page that did not come over HTTPS or from the device itself.
#[must_use]
pub fn has_clipboard() -> bool {
    clipboard().is_some()
}

/// Puts a text there, at once: browsers allow it only while they handle what a person pressed. What comes later is
/// whether it is there; the browser, or the person whom it asked, may say no.
pub fn copy(text: &str) -> impl Future<Output = bool> {
    let written = clipboard().map(|clipboard| clipboard.write_text(text));
    async move {
        match written {
            Some(written) => JsFuture::from(written).await.is_ok(),
            None => false,
        }
    }
}

fn clipboard() -> Option<Clipboard> {
    let clipboard = web_sys::window()?.navigator().clipboard();
    (!clipboard.is_undefined()).then_some(clipboard)
}
