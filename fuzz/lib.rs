//! What the fuzz targets share: how a file is a sequence, and how much a value may weigh.
//!
//! A target reads its file as text where a person can write one: the corpora are seeds to look at, not opaque bytes.
#![forbid(unsafe_code)]

use std::mem::size_of;

use telltale::json::Value;

/// Stands between two steps of a sequence: no byte of UTF-8.
const SEPARATOR: u8 = 0xFF;

/// The steps of a sequence: at most 200, which is more than any state needs to be reached.
pub fn steps(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(|byte| *byte == SEPARATOR).take(200)
}

/// Checks that a value is of a size that follows from its text: two bytes make a number in an array, five a member.
pub fn assert_linear(value: &Value, text: &str) {
    let bytes = value.weight();
    let limit = 16 * text.len() + size_of::<Value>();
    assert!(
        bytes <= limit,
        "{bytes} bytes are kept of {} bytes of text",
        text.len()
    );
}
