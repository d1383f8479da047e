//! Any sequence of messages: after an error the decoder is empty, and it waits for a packet no longer than it may.
//!
//! A step that begins with `*` is a binary message, `>` lets time pass, `~` passes over the rest as too large, and
//! anything else is a text message.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use telltale::protocol::engine::packet::Data;
use telltale::protocol::socket::decoder::Decoder;
use telltale::protocol::Limits;
use telltale::time::Instant;
use telltale_fuzz::steps;

fuzz_target!(|data: &[u8]| {
    let limits = Limits {
        attachment_bytes: 64,
        ..Limits::default()
    };
    let mut decoder = Decoder::new(limits);
    let mut now = Instant::from_millis(0);
    for step in steps(data) {
        let waited = decoder.deadline();
        let failed = match step.split_first() {
            Some((b'>', rest)) => {
                now = now + Duration::from_millis(rest.len() as u64 * 100);
                continue;
            }
            Some((b'*', rest)) => decoder.decode(Data::Binary(rest.into()), now).is_err(),
            Some((b'~', rest)) => {
                let text = String::from_utf8_lossy(rest);
                decoder.skip(&Data::Text(&text), now).is_err()
            }
            _ => {
                let text = String::from_utf8_lossy(step);
                decoder.decode(Data::Text(&text), now).is_err()
            }
        };
        let waits = decoder.deadline();
        assert!(!failed || waits.is_none(), "an error leaves nothing behind");
        // The deadline runs from the packet's first message and is not moved by what follows.
        assert!(waits.is_none() || waits == waited.or(Some(now + limits.attachment_time)));
    }
    decoder.reset();
    assert_eq!(decoder.deadline(), None);
});
