//! Any frame is an Engine.IO packet or an error, and a packet survives being written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use telltale::protocol::engine::packet::{Data, Packet};
use telltale::protocol::Frame;

fuzz_target!(|text: &str| {
    let frame = Frame::Text(text.to_owned());
    let Ok(packet) = Packet::decode(&frame) else {
        return;
    };
    if let Packet::Message(Data::Binary(bytes)) = &packet {
        assert!(bytes.len() <= text.len() / 4 * 3 + 2);
    }
    assert_eq!(Packet::decode(&packet.encode()), Ok(packet));
});
