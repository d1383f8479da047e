//! Any text is a Socket.IO packet or an error, linear in size, and a packet survives being written.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use telltale::protocol::socket::packet::{announced_attachments, Body, Packet};
use telltale_fuzz::assert_linear;

const MAX_ATTACHMENTS: usize = 10;

fuzz_target!(|text: &str| {
    let Ok((mut packet, count)) = Packet::decode(text, MAX_ATTACHMENTS) else {
        return;
    };
    assert!(count <= MAX_ATTACHMENTS);
    assert_eq!(announced_attachments(text, MAX_ATTACHMENTS), count);
    if let Body::Event { args, .. } | Body::Ack(args) = &packet.body {
        for value in args {
            assert_linear(value, text);
        }
    }
    let attachments: Vec<Arc<[u8]>> = (0..count).map(|index| vec![0; index].into()).collect();
    if count > 0 && packet.fill_in(&attachments).is_err() {
        return;
    }
    // One attachment may stand in many places, and is sent once for each.
    let Ok(encoded) = packet.encode(MAX_ATTACHMENTS) else {
        return;
    };
    let (mut again, count) =
        Packet::decode(&encoded.text, MAX_ATTACHMENTS).expect("what is written can be read");
    assert_eq!(count, encoded.attachments.len());
    if count > 0 {
        again
            .fill_in(&encoded.attachments)
            .expect("every placeholder has its attachment");
    }
    // Compared as texts: a number that is too large to be written has become `null`.
    let written_again = again
        .encode(MAX_ATTACHMENTS)
        .expect("what was written can be written");
    assert_eq!(written_again, encoded);
});
