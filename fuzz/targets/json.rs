//! Any text is a value or an error; a value is linear in its text, and writing it is where reading it ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use telltale::json;
use telltale_fuzz::assert_linear;

fuzz_target!(|text: &str| {
    let Ok(value) = json::parse(text) else { return };
    assert_linear(&value, text);
    let written = json::write(&value);
    let again = json::parse(&written).expect("what is written can be read");
    assert_eq!(json::write(&again), written);
});
