//! What one HTTP body of the polling transport holds: packets, with a record separator (U+001E) between them.
//!
//! JSON escapes that character, so it never stands inside a packet. Bytes travel as base64 behind a `b`, never raw: a
//! server that gets them raw leaves its answer open for ever (CVE-2026-59725).

use crate::protocol::io::Frame;

/// Stands between two packets.
const SEPARATOR: char = '\u{1e}';

/// A body that has come, read packet by packet: what is done about one may make an end of the rest.
pub struct Payload {
    body: String,
    /// Where the next packet begins; `None` after the last one.
    at: Option<usize>,
}

impl Payload {
    /// The packets of `body`. There is always one, if only an empty one, which is an error further up.
    #[must_use]
    pub fn new(body: String) -> Self {
        Self { body, at: Some(0) }
    }
}

impl Iterator for Payload {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        let rest = self.body.get(self.at?..)?;
        let packet = match rest.split_once(SEPARATOR) {
            Some((packet, rest)) => {
                self.at = Some(self.body.len() - rest.len());
                packet
            }
            None => {
                self.at = None;
                rest
            }
        };
        Some(Frame::Text(packet.to_owned()))
    }
}

/// Bytes of a packet inside a body. The reference client takes 4/3 of a binary one, which is too little for short
/// ones, so that its bodies can be larger than the server allows.
#[must_use]
pub fn size(packet: &Frame) -> usize {
    match packet {
        Frame::Text(text) => text.len(),
        Frame::Binary(bytes) => base64_size(bytes.len()),
    }
}

/// Bytes of so many bytes as a packet in text.
#[must_use]
pub fn base64_size(bytes: usize) -> usize {
    1 + bytes.div_ceil(3) * 4
}

/// The body of as many packets from the front as `limit` bytes hold, and how many these are: at least one, if there is
/// one, however large. A server may still refuse that, and says so.
#[must_use]
pub fn encode<'a>(packets: impl Iterator<Item = &'a Frame>, limit: usize) -> (String, usize) {
    let mut body = String::new();
    let mut count = 0;
    for packet in packets {
        let separator = usize::from(count > 0);
        if count > 0 && body.len() + separator + size(packet) > limit {
            break;
        }
        if count > 0 {
            body.push(SEPARATOR);
        }
        write(packet, &mut body);
        count += 1;
    }
    (body, count)
}

/// A packet as text: as it stands in a body, or on a WebSocket that carries no bytes.
#[must_use]
pub fn as_text(packet: &Frame) -> String {
    let mut text = String::with_capacity(size(packet));
    write(packet, &mut text);
    text
}

fn write(packet: &Frame, into: &mut String) {
    match packet {
        Frame::Text(text) => into.push_str(text),
        Frame::Binary(bytes) => {
            into.push('b');
            encode_base64(bytes, into);
        }
    }
}

/// RFC 4648 §4, with padding.
fn encode_base64(bytes: &[u8], into: &mut String) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            if digit <= chunk.len() {
                let index = bits >> (18 - 6 * digit) & 63;
                into.push(char::from(DIGITS[index as usize]));
            } else {
                into.push('=');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::engine::packet::{Data, Packet};
    use proptest::prelude::*;

    #[test]
    fn a_body_is_read_packet_by_packet() {
        for (body, packets) in [
            (
                "0\u{1e}1\u{1e}2probe\u{1e}3probe\u{1e}4test",
                &["0", "1", "2probe", "3probe", "4test"][..],
            ),
            ("4€\u{1e}bAQI=", &["4€", "bAQI="]),
            ("", &[""]),
            ("4a\u{1e}", &["4a", ""]),
            ("\u{1e}\u{1e}", &["", "", ""]),
            (r#"42["\u001e"]"#, &[r#"42["\u001e"]"#]),
        ] {
            let read: Vec<_> = Payload::new(body.into()).collect();

            let expected: Vec<_> = packets.iter().map(|text| self::text(text)).collect();
            assert_eq!(read, expected, "{body:?}");
        }
    }

    #[test]
    fn a_body_is_written_with_bytes_as_base64() {
        for (packets, body) in [
            (vec![text("4test")], "4test"),
            (
                vec![text("4test"), bytes(&[1, 2, 3, 4])],
                "4test\u{1e}bAQIDBA==",
            ),
            (vec![text("4test"), bytes(&[])], "4test\u{1e}b"),
            (vec![bytes(&[255, 255, 255]), text("3")], "b////\u{1e}3"),
            (vec![bytes(&[1, 2])], "bAQI="),
            (vec![], ""),
        ] {
            assert_eq!(
                encode(packets.iter(), 1_000),
                (body.to_owned(), packets.len())
            );
        }
    }

    // P15: every group is as large as the limit allows, counted in bytes and with the separators.
    #[test]
    fn packets_are_grouped_up_to_the_limit() {
        let packets = [
            text(&"a".repeat(99)),
            text(&"b".repeat(30)),
            text(&"c".repeat(30)),
            text(&"d".repeat(38)),
            text(&"€".repeat(33)),
            text(&"f".repeat(101)),
            text("g"),
        ];

        let mut groups = Vec::new();
        let mut rest = &packets[..];
        while !rest.is_empty() {
            let (body, count) = encode(rest.iter(), 100);
            assert!(body.len() <= 100 || count == 1, "{body}");
            groups.push(count);
            rest = &rest[count..];
        }

        assert_eq!(groups, [1, 3, 1, 1, 1]);
    }

    // P16: short binary packets are counted as large as they are.
    #[test]
    fn no_body_of_short_binary_packets_is_above_the_limit() {
        let packets: Vec<_> = (0..40).map(|n| bytes(&vec![7; n % 3 + 1])).collect();

        let mut rest = &packets[..];
        while !rest.is_empty() {
            let (body, count) = encode(rest.iter(), 100);
            assert!(body.len() <= 100, "{} bytes", body.len());
            rest = &rest[count..];
        }
    }

    proptest! {
        #![proptest_config(crate::protocol::reproducible())]

        #[test]
        fn bytes_survive_and_have_the_size_they_were_said_to_have(sent in any::<Vec<u8>>()) {
            let packet = bytes(&sent);
            let (body, _) = encode(std::iter::once(&packet), 0);

            prop_assert_eq!(body.len(), size(&packet));
            let frame = Frame::Text(body);
            prop_assert_eq!(Packet::decode(&frame), Ok(Packet::Message(Data::Binary(sent.into()))));
        }

        #[test]
        fn what_is_written_is_read(packets in proptest::collection::vec("[0-6][^\u{1e}]{0,20}", 1..8)) {
            let packets: Vec<_> = packets.into_iter().map(Frame::Text).collect();
            let (body, count) = encode(packets.iter(), usize::MAX);

            prop_assert_eq!(count, packets.len());
            prop_assert_eq!(Payload::new(body).collect::<Vec<_>>(), packets);
        }
    }

    fn text(text: &str) -> Frame {
        Frame::Text(text.into())
    }

    fn bytes(bytes: &[u8]) -> Frame {
        Frame::Binary(bytes.into())
    }
}
