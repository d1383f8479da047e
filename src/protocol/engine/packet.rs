//! Engine.IO packets: one character that says what it is, and the rest.
//!
//! On a WebSocket a binary message is a message packet without that character; `b` and base64 say the same in text.

use std::borrow::Cow;

use crate::protocol::error::ProtocolError;
use crate::protocol::io::Frame;

/// An Engine.IO 4 packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// `0`: the server's handshake, in JSON.
    Open(&'a str),
    /// `1`: the end of a session. Says something on polling only; on a WebSocket the socket itself closes.
    Close,
    /// `2`: the server's heartbeat, or `2probe` of a transport that is tried.
    Ping(&'a str),
    /// `3`: the answer to a ping.
    Pong(&'a str),
    /// `4`, a binary message, or `b`: a message for the layer above.
    Message(Data<'a>),
    /// `5`: the transport is now the one that was tried.
    Upgrade,
    /// `6`: nothing; it ends a poll.
    Noop,
}

/// What a message holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data<'a> {
    /// A Socket.IO packet.
    Text(&'a str),
    /// An attachment of one.
    Binary(Cow<'a, [u8]>),
}

impl<'a> From<&'a Frame> for Data<'a> {
    /// A frame that is nothing but a message.
    fn from(frame: &'a Frame) -> Self {
        match frame {
            Frame::Text(text) => Self::Text(text),
            Frame::Binary(bytes) => Self::Binary(Cow::Borrowed(bytes)),
        }
    }
}

impl<'a> Packet<'a> {
    /// Reads a frame.
    ///
    /// # Errors
    /// [`ProtocolError::EmptyFrame`], [`ProtocolError::UnknownEnginePacket`], [`ProtocolError::Base64`].
    pub fn decode(frame: &'a Frame) -> Result<Self, ProtocolError> {
        let text = match frame {
            Frame::Binary(bytes) => return Ok(Self::Message(Data::Binary(Cow::Borrowed(bytes)))),
            Frame::Text(text) => text,
        };
        let mut letters = text.chars();
        let kind = letters.next().ok_or(ProtocolError::EmptyFrame)?;
        let rest = letters.as_str();
        Ok(match kind {
            '0' => Self::Open(rest),
            '1' => Self::Close,
            '2' => Self::Ping(rest),
            '3' => Self::Pong(rest),
            '4' => Self::Message(Data::Text(rest)),
            '5' => Self::Upgrade,
            '6' => Self::Noop,
            'b' => {
                let bytes = decode_base64(rest).ok_or(ProtocolError::Base64)?;
                Self::Message(Data::Binary(Cow::Owned(bytes)))
            }
            other => return Err(ProtocolError::UnknownEnginePacket(other)),
        })
    }

    /// Writes it as one WebSocket message.
    #[must_use]
    pub fn encode(&self) -> Frame {
        let (kind, rest) = match self {
            Self::Open(handshake) => ("0", *handshake),
            Self::Close => ("1", ""),
            Self::Ping(data) => ("2", *data),
            Self::Pong(data) => ("3", *data),
            Self::Message(Data::Text(text)) => ("4", *text),
            Self::Message(Data::Binary(bytes)) => return Frame::Binary(bytes.to_vec()),
            Self::Upgrade => ("5", ""),
            Self::Noop => ("6", ""),
        };
        Frame::Text([kind, rest].concat())
    }
}

/// RFC 4648 §4, with or without padding. Anything else is `None`; the reference client decodes it to garbage.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    if padding > 2 || (padding > 0 && !text.len().is_multiple_of(4)) || digits.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            #[allow(clippy::cast_possible_truncation)] // the bits above are those already written
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    (bits == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn packets_are_read_as_the_protocol_says() {
        for (text, packet) in [
            (r#"0{"sid":"x"}"#, Ok(Packet::Open(r#"{"sid":"x"}"#))),
            ("1", Ok(Packet::Close)),
            ("2", Ok(Packet::Ping(""))),
            ("2probe", Ok(Packet::Ping("probe"))),
            ("3", Ok(Packet::Pong(""))),
            ("3probe", Ok(Packet::Pong("probe"))),
            ("4€", Ok(Packet::Message(Data::Text("€")))),
            ("4", Ok(Packet::Message(Data::Text("")))),
            ("5", Ok(Packet::Upgrade)),
            ("6", Ok(Packet::Noop)),
            ("b", Ok(binary(&[]))),
            ("bAQIDBA==", Ok(binary(&[1, 2, 3, 4]))),
            ("bAQI=", Ok(binary(&[1, 2]))),
            ("bAQI", Ok(binary(&[1, 2]))),
            ("b!!!!", Err(ProtocolError::Base64)),
            ("bA", Err(ProtocolError::Base64)),
            ("bAQ=", Err(ProtocolError::Base64)),
            ("bA===", Err(ProtocolError::Base64)),
            ("bAR==", Err(ProtocolError::Base64)),
            ("bAQI=AQI=", Err(ProtocolError::Base64)),
            ("", Err(ProtocolError::EmptyFrame)),
            ("7", Err(ProtocolError::UnknownEnginePacket('7'))),
            ("a123", Err(ProtocolError::UnknownEnginePacket('a'))),
            ("€", Err(ProtocolError::UnknownEnginePacket('€'))),
        ] {
            assert_eq!(
                Packet::decode(&Frame::Text(text.to_owned())),
                packet,
                "{text}"
            );
        }
        assert_eq!(
            Packet::decode(&Frame::Binary(vec![4, 2])),
            Ok(binary(&[4, 2]))
        );
    }

    proptest! {
        #![proptest_config(crate::protocol::reproducible())]

        #[test]
        fn any_text_is_a_packet_or_an_error(text in any::<String>()) {
            let frame = Frame::Text(text);

            if let Ok(packet) = Packet::decode(&frame) {
                let written = packet.encode();
                prop_assert_eq!(Packet::decode(&written), Ok(packet));
            }
        }
    }

    fn binary(bytes: &[u8]) -> Packet<'_> {
        Packet::Message(Data::Binary(Cow::Borrowed(bytes)))
    }
}
