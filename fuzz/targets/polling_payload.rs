//! Any body is a sequence of packets, and the packets of a body fill bodies that are no larger than allowed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use telltale::protocol::engine::packet::Packet;
use telltale::protocol::engine::payload::{self, Payload};
use telltale::protocol::Frame;

fuzz_target!(|input: (u16, &str)| {
    let (limit, body) = (usize::from(input.0), input.1);
    let texts: Vec<Frame> = Payload::new(body.to_owned()).collect();
    assert_eq!(texts.len(), body.split('\u{1e}').count());
    assert_eq!(
        texts.iter().map(Frame::size).sum::<usize>() + texts.len() - 1,
        body.len()
    );

    // What can be read is written again, bytes as bytes.
    let frames: Vec<Frame> = texts
        .iter()
        .filter_map(|frame| Packet::decode(frame).ok().map(|packet| packet.encode()))
        .collect();
    let mut rest = &frames[..];
    while !rest.is_empty() {
        let (written, count) = payload::encode(rest.iter(), limit);
        assert!(count == 1 || count > 1 && written.len() <= limit);
        for (frame, text) in rest.iter().zip(Payload::new(written)) {
            assert_eq!(payload::size(frame), text.size());
            assert_eq!(Packet::decode(&text), Packet::decode(frame));
        }
        rest = &rest[count..];
    }
});
