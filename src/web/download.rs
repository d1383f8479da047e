//! A file for the person, made of a text in the page.

use js_sys::Error;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Offers `text` as a file of this name and MIME type, as if a link to it had been pressed. A strict policy allows it:
/// nothing is loaded.
///
/// # Errors
/// What the browser says if it has no room for it, and an `Error` where there is no document, as in a worker.
pub fn download(name: &str, mime: &str, text: &str) -> Result<(), JsValue> {
    let document = web_sys::window().and_then(|window| window.document());
    let document = document.ok_or_else(|| Error::new("there is no document to offer a file in"))?;
    let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    let parts = js_sys::Array::of1(&text.into());
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The download has its own hold on the bytes from the click on.
    Url::revoke_object_url(&url)
}
