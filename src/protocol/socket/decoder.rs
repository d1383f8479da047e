//! Puts binary packets together: a text message that announces attachments, then the attachments.
//!
//! `Ok(None)` means that more has to come. Three limits keep a server from making us wait with full hands: the number
//! of attachments, their bytes, and the time they may take. After an error the decoder is empty again.

use std::sync::Arc;

use crate::protocol::config::Limits;
use crate::protocol::engine::packet::Data;
use crate::protocol::error::ProtocolError;
use crate::protocol::socket::packet::{self, Packet};
use crate::time::Instant;

/// At most one packet that waits for its attachments.
pub struct Decoder {
    limits: Limits,
    pending: Option<Pending>,
}

struct Pending {
    /// `None` if a part of it was too large: what follows belongs to it, and is passed over with it.
    packet: Option<Packet>,
    missing: usize,
    attachments: Vec<Arc<[u8]>>,
    bytes: usize,
    since: Instant,
}

impl Decoder {
    /// A decoder that waits for nothing.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            pending: None,
        }
    }

    /// Takes the next message; gives a packet once it is whole.
    ///
    /// # Errors
    /// As [`Packet::decode`] and [`Packet::fill_in`]; [`ProtocolError::TextAmongAttachments`],
    /// [`ProtocolError::UnexpectedAttachment`], [`ProtocolError::AttachmentsTooLarge`].
    pub fn decode(
        &mut self,
        data: Data<'_>,
        now: Instant,
    ) -> Result<Option<Packet>, ProtocolError> {
        match (data, self.pending.take()) {
            (Data::Text(text), None) => {
                let (packet, missing) = Packet::decode(text, self.limits.attachments)?;
                if missing == 0 {
                    return Ok(Some(packet));
                }
                self.wait_for(missing, Some(packet), now);
                Ok(None)
            }
            (Data::Text(_), Some(_)) => Err(ProtocolError::TextAmongAttachments),
            (Data::Binary(_), None) => Err(ProtocolError::UnexpectedAttachment),
            (Data::Binary(bytes), Some(mut pending)) => {
                if pending.packet.is_some() {
                    pending.bytes = pending.bytes.saturating_add(bytes.len());
                    if pending.bytes > self.limits.attachment_bytes {
                        return Err(ProtocolError::AttachmentsTooLarge(pending.bytes));
                    }
                    pending.attachments.push(Arc::from(bytes));
                }
                self.count_down(pending)
            }
        }
    }

    /// Passes over a message that is too large to be looked at, and over the packet it is a part of.
    ///
    /// # Errors
    /// [`ProtocolError::TextAmongAttachments`], [`ProtocolError::UnexpectedAttachment`].
    pub fn skip(&mut self, data: &Data<'_>, now: Instant) -> Result<(), ProtocolError> {
        match (data, self.pending.take()) {
            (Data::Text(text), None) => {
                let missing = packet::announced_attachments(text, self.limits.attachments);
                if missing > 0 {
                    self.wait_for(missing, None, now);
                }
                Ok(())
            }
            (Data::Text(_), Some(_)) => Err(ProtocolError::TextAmongAttachments),
            (Data::Binary(_), None) => Err(ProtocolError::UnexpectedAttachment),
            (Data::Binary(_), Some(mut pending)) => {
                pending.packet = None;
                pending.attachments.clear();
                self.count_down(pending).map(|_| ())
            }
        }
    }

    /// By when the attachments that are missing must have come.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let pending = self.pending.as_ref()?;
        Some(pending.since + self.limits.attachment_time)
    }

    /// Forgets what it waits for.
    pub fn reset(&mut self) {
        self.pending = None;
    }

    fn wait_for(&mut self, missing: usize, packet: Option<Packet>, now: Instant) {
        self.pending = Some(Pending {
            packet,
            missing,
            attachments: Vec::new(),
            bytes: 0,
            since: now,
        });
    }

    fn count_down(&mut self, mut pending: Pending) -> Result<Option<Packet>, ProtocolError> {
        pending.missing -= 1; // at least one was missing, or it would not be pending
        if pending.missing > 0 {
            self.pending = Some(pending);
            return Ok(None);
        }
        let Some(mut packet) = pending.packet else {
            return Ok(None);
        };
        packet.fill_in(&pending.attachments)?;
        Ok(Some(packet))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Value;
    use crate::protocol::socket::packet::Body;
    use proptest::prelude::*;
    use std::borrow::Cow;

    const NOW: Instant = Instant::from_millis(0);
    const HEADER: &str = r#"52-["e",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#;

    #[test]
    fn a_packet_is_whole_with_its_last_attachment() {
        let mut decoder = Decoder::new(Limits::default());

        assert_eq!(decoder.decode(Data::Text(HEADER), NOW), Ok(None));
        assert_eq!(decoder.decode(binary(&[1]), NOW), Ok(None));
        let packet = decoder.decode(binary(&[2]), NOW).unwrap().unwrap();

        let args = vec![bytes(&[2]), bytes(&[1])];
        assert_eq!(
            packet.body,
            Body::Event {
                event: "e".into(),
                args
            }
        );
        assert_eq!(decoder.deadline(), None);
    }

    #[test]
    fn an_attachment_named_twice_stands_twice_and_one_not_named_is_dropped() {
        let mut decoder = Decoder::new(Limits::default());
        let twice = r#"52-["e",{"_placeholder":true,"num":1},{"_placeholder":true,"num":1}]"#;

        decoder.decode(Data::Text(twice), NOW).unwrap();
        decoder.decode(binary(&[1]), NOW).unwrap();
        let packet = decoder.decode(binary(&[]), NOW).unwrap().unwrap();

        let args = vec![bytes(&[]), bytes(&[])];
        assert_eq!(
            packet.body,
            Body::Event {
                event: "e".into(),
                args
            }
        );
    }

    #[test]
    fn what_comes_out_of_turn_is_an_error_and_leaves_nothing_behind() {
        let mut decoder = Decoder::new(Limits::default());

        assert_eq!(
            decoder.decode(binary(&[1]), NOW),
            Err(ProtocolError::UnexpectedAttachment)
        );
        decoder.decode(Data::Text(HEADER), NOW).unwrap();
        assert_eq!(
            decoder.decode(Data::Text(r#"2["x"]"#), NOW),
            Err(ProtocolError::TextAmongAttachments)
        );
        assert!(decoder
            .decode(Data::Text(r#"2["x"]"#), NOW)
            .unwrap()
            .is_some());
    }

    #[test]
    fn attachments_are_bounded_in_bytes() {
        for (sizes, ok) in [
            ([4, 3], true),
            ([4, 4], true),
            ([4, 5], false),
            ([9, 0], false),
        ] {
            let limits = Limits {
                attachment_bytes: 8,
                ..Limits::default()
            };
            let mut decoder = Decoder::new(limits);
            decoder.decode(Data::Text(HEADER), NOW).unwrap();

            let results = sizes.map(|size| decoder.decode(binary(&vec![0; size]), NOW).is_ok());

            assert_eq!(results.iter().all(|ok| *ok), ok, "{sizes:?}");
        }
    }

    #[test]
    fn attachments_have_a_deadline_that_their_arrival_does_not_move() {
        let mut decoder = Decoder::new(Limits::default());
        decoder.decode(Data::Text(HEADER), NOW).unwrap();
        decoder
            .decode(binary(&[1]), Instant::from_millis(9_000))
            .unwrap();

        assert_eq!(decoder.deadline(), Some(Instant::from_millis(10_000)));
        decoder.reset();
        assert_eq!(decoder.deadline(), None);
    }

    #[test]
    fn a_packet_of_which_a_part_was_too_large_is_passed_over_whole() {
        let mut decoder = Decoder::new(Limits::default());
        decoder.skip(&Data::Text(HEADER), NOW).unwrap();
        assert_eq!(decoder.decode(binary(&[1]), NOW), Ok(None));
        assert_eq!(decoder.decode(binary(&[2]), NOW), Ok(None));
        assert_eq!(decoder.deadline(), None);

        decoder.decode(Data::Text(HEADER), NOW).unwrap();
        decoder.decode(binary(&[1]), NOW).unwrap();
        decoder.skip(&binary(&[]), NOW).unwrap();
        assert!(decoder
            .decode(Data::Text(r#"2["x"]"#), NOW)
            .unwrap()
            .is_some());
    }

    proptest! {
        #![proptest_config(crate::protocol::reproducible())]

        #[test]
        fn any_sequence_of_messages_is_read_without_panic_and_kept_within_bounds(
            messages in proptest::collection::vec(message(), 0..40),
        ) {
            let limits = Limits { attachment_bytes: 16, ..Limits::default() };
            let mut decoder = Decoder::new(limits);
            for message in messages {
                let data = match &message {
                    Ok(text) => Data::Text(text),
                    Err(bytes) => binary(bytes),
                };
                let failed = decoder.decode(data, NOW).is_err();

                let kept = decoder.pending.as_ref();
                prop_assert!(kept.is_none_or(|pending| pending.attachments.len() < 10 && pending.bytes <= 16));
                prop_assert!(!failed || kept.is_none());
            }
        }
    }

    fn message() -> impl Strategy<Value = Result<String, Vec<u8>>> {
        prop_oneof![
            "5[0-9]{1,2}-\\[\"e\",\\{\"_placeholder\":true,\"num\":[0-9]\\}\\]".prop_map(Ok),
            "[0-7]\\PC{0,12}".prop_map(Ok),
            proptest::collection::vec(any::<u8>(), 0..6).prop_map(Err),
            proptest::collection::vec(any::<u8>(), 0..6).prop_map(Err),
        ]
    }

    fn binary(bytes: &[u8]) -> Data<'_> {
        Data::Binary(Cow::Borrowed(bytes))
    }

    fn bytes(bytes: &[u8]) -> Value {
        Value::Bytes(Arc::from(bytes))
    }
}
