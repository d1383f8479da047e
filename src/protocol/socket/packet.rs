//! Socket.IO packets: `<type>[<attachments>-][<namespace>,][<ack id>][<JSON>]`, read strictly and written exactly.
//!
//! A packet is parsed once into a type that cannot be wrong. The binary kinds 5 and 6 are no kinds of their own here:
//! an event or ack whose arguments hold [`Value::Bytes`] is written as one. Stricter than the reference client where it
//! follows JavaScript's idea of a number: no blanks, ASCII digits only, ack ids that can be counted.

use std::borrow::Cow;
use std::sync::Arc;

use crate::json::{self, Value};
use crate::protocol::error::{EmitError, ProtocolError, Refusal};

/// Event names that only the client itself may use, received or sent.
pub const RESERVED_EVENTS: [&str; 6] = [
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
];

/// 2⁵³ − 1: the largest integer that JavaScript can count to.
const MAX_ACK_ID: u64 = 9_007_199_254_740_991;

/// The main namespace, which is not written.
pub const MAIN: Cow<'static, str> = Cow::Borrowed("/");

/// A Socket.IO 5 packet.
#[derive(Clone, Debug, PartialEq)]
pub struct Packet {
    /// The namespace it belongs to; `/` is the main one.
    pub namespace: Cow<'static, str>,
    /// With an event, that an answer is asked for; with an ack, which event it answers. At most 2⁵³ − 1.
    pub ack: Option<u64>,
    /// What it says.
    pub body: Body,
}

/// What a packet says.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// 0: a client joins, with what proves who it is; a server accepts it, with the id.
    Connect(Option<Value>),
    /// 1: either leaves.
    Disconnect,
    /// 2 or 5.
    Event {
        /// Its name; a number was made a string.
        event: String,
        /// Its arguments.
        args: Vec<Value>,
    },
    /// 3 or 6.
    Ack(Vec<Value>),
    /// 4: a server refuses.
    ConnectError(Refusal),
}

/// A packet as it is sent: one text message, then its attachments.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded {
    /// The text, without Engine.IO's `4`.
    pub text: String,
    /// Where in the text an ack id belongs.
    pub ack_at: usize,
    /// The attachments, in the order of their placeholders.
    pub attachments: Vec<Arc<[u8]>>,
}

impl Encoded {
    /// The text with this ack id, where it was written without.
    #[must_use]
    pub fn with_ack(&self, ack: Option<u64>) -> Cow<'_, str> {
        let Some(ack) = ack else {
            return Cow::Borrowed(&self.text);
        };
        let (before, after) = self.text.split_at(self.ack_at);
        Cow::Owned([before, &ack.to_string(), after].concat())
    }

    /// Bytes of all of it.
    #[must_use]
    pub fn size(&self) -> usize {
        let attachments = self.attachments.iter().map(|bytes| bytes.len());
        self.text.len() + attachments.sum::<usize>()
    }
}

impl Packet {
    /// Writes it. The same attachment in two places is sent twice, as the reference client does.
    ///
    /// # Errors
    /// [`EmitError::TooManyAttachments`], [`EmitError::TooDeep`], [`EmitError::ReservedShape`].
    pub fn encode(self, max_attachments: usize) -> Result<Encoded, EmitError> {
        let (kind, payload) = match self.body {
            Body::Connect(auth) => (0, auth),
            Body::Disconnect => (1, None),
            Body::Event { event, args } => (2, Some(event_payload(event.into(), args))),
            Body::Ack(args) => (3, Some(Value::Array(args))),
            Body::ConnectError(refusal) => {
                let members = [("message", refusal.message.into()), ("data", refusal.data)];
                (4, Some(Value::object(members)))
            }
        };
        write(kind, &self.namespace, self.ack, payload, max_attachments)
    }

    /// Reads a text message. Also says how many attachments are to follow; until they are
    /// [filled in](Packet::fill_in) the arguments hold placeholders.
    ///
    /// # Errors
    /// By what is wrong: [`ProtocolError::EmptyPacket`], [`UnknownPacket`](ProtocolError::UnknownPacket),
    /// [`AttachmentCount`](ProtocolError::AttachmentCount), [`AckId`](ProtocolError::AckId),
    /// [`Json`](ProtocolError::Json), [`Payload`](ProtocolError::Payload),
    /// [`ReservedEvent`](ProtocolError::ReservedEvent).
    pub fn decode(text: &str, max_attachments: usize) -> Result<(Self, usize), ProtocolError> {
        let header = Header::read(text, max_attachments)?;
        let payload = match header.rest.as_bytes().first() {
            None => None,
            // `JSON.parse` would pass over blanks, and a bare number would have been read as the ack id.
            Some(b'[' | b'{' | b'"') => Some(json::parse(header.rest)?),
            Some(_) => return Err(ProtocolError::Payload("a packet")),
        };
        let body = match (header.kind, payload) {
            (b'0', payload @ (None | Some(Value::Object(_)))) => Body::Connect(payload),
            (b'0', Some(_)) => return Err(ProtocolError::Payload("CONNECT")),
            (b'1', None) => Body::Disconnect,
            (b'1', Some(_)) => return Err(ProtocolError::Payload("DISCONNECT")),
            (b'3' | b'6', Some(Value::Array(args))) => Body::Ack(args),
            (b'3' | b'6', _) => return Err(ProtocolError::Payload("ACK")),
            (b'4', payload) => Body::ConnectError(refusal(payload)?),
            (_, Some(Value::Array(args))) => event(args)?,
            (_, _) => return Err(ProtocolError::Payload("EVENT")),
        };
        let packet = Self {
            namespace: match header.namespace {
                "/" => MAIN,
                other => Cow::Owned(other.to_owned()),
            },
            ack: header.ack,
            body,
        };
        Ok((packet, header.attachments))
    }

    /// Puts the attachments in the places of their placeholders. One that is named twice stands twice; one that is
    /// not named is dropped.
    ///
    /// # Errors
    /// [`ProtocolError::Placeholder`] if one names no attachment (CVE-2022-2421).
    pub fn fill_in(&mut self, attachments: &[Arc<[u8]>]) -> Result<(), ProtocolError> {
        if let Body::Event { args, .. } | Body::Ack(args) = &mut self.body {
            for value in args {
                fill_in(value, attachments)?;
            }
        }
        Ok(())
    }
}

/// Writes an event whose name may be a number.
///
/// # Errors
/// As [`Packet::encode`].
pub fn encode_event(
    namespace: &str,
    name: Value,
    args: Vec<Value>,
    max_attachments: usize,
) -> Result<Encoded, EmitError> {
    let payload = event_payload(name, args);
    write(2, namespace, None, Some(payload), max_attachments)
}

fn event_payload(name: Value, args: Vec<Value>) -> Value {
    let mut payload = Vec::with_capacity(args.len() + 1);
    payload.push(name);
    payload.extend(args);
    Value::Array(payload)
}

fn write(
    kind: u64,
    namespace: &str,
    ack: Option<u64>,
    mut payload: Option<Value>,
    max_attachments: usize,
) -> Result<Encoded, EmitError> {
    let mut taken = Taken::default();
    if let Some(payload) = &mut payload {
        taken.take(payload, 1)?;
    }
    let count = taken.attachments.len();
    if count > max_attachments {
        return Err(EmitError::TooManyAttachments(count));
    }
    if count > 0 && taken.saw_placeholder {
        return Err(EmitError::ReservedShape);
    }
    let binary = count > 0 && (kind == 2 || kind == 3);
    let mut text = String::new();
    push_number(if binary { kind + 3 } else { kind }, &mut text);
    if binary {
        push_number(count as u64, &mut text);
        text.push('-');
    }
    if namespace != "/" {
        text.push_str(namespace);
        text.push(',');
    }
    let ack_at = text.len();
    if let Some(ack) = ack {
        push_number(ack, &mut text);
    }
    if let Some(payload) = payload {
        text.push_str(&json::write(&payload));
    }
    Ok(Encoded {
        text,
        ack_at,
        attachments: taken.attachments,
    })
}

/// How many attachments a message announces, without reading its payload; 0 for anything that is no binary packet.
#[must_use]
pub fn announced_attachments(text: &str, max_attachments: usize) -> usize {
    Header::read(text, max_attachments).map_or(0, |header| header.attachments)
}

/// What stands before the JSON.
struct Header<'a> {
    kind: u8,
    attachments: usize,
    namespace: &'a str,
    ack: Option<u64>,
    rest: &'a str,
}

impl<'a> Header<'a> {
    fn read(text: &'a str, max_attachments: usize) -> Result<Self, ProtocolError> {
        let mut letters = text.chars();
        let first = letters.next().ok_or(ProtocolError::EmptyPacket)?;
        let mut rest = letters.as_str();
        let kind = match first {
            '0'..='6' => first as u8,
            other => return Err(ProtocolError::UnknownPacket(other)),
        };
        let mut attachments = 0;
        if kind == b'5' || kind == b'6' {
            let (digits, after) = split_digits(rest);
            let count = number(digits, max_attachments as u64);
            attachments = match count {
                // Zero would leave every later binary message waiting for a packet (GHSA-2m8v-j782-fhvr), and many
                // would make us keep them for ever (CVE-2026-33151).
                Some(count @ 1..) => usize::try_from(count).unwrap_or(usize::MAX),
                _ => return Err(ProtocolError::AttachmentCount),
            };
            rest = after
                .strip_prefix('-')
                .ok_or(ProtocolError::AttachmentCount)?;
        }
        let mut namespace = "/";
        if rest.starts_with('/') {
            (namespace, rest) = rest.split_once(',').unwrap_or((rest, ""));
        }
        let (digits, rest) = split_digits(rest);
        let ack = match digits {
            "" => None,
            digits => Some(number(digits, MAX_ACK_ID).ok_or(ProtocolError::AckId)?),
        };
        Ok(Self {
            kind,
            attachments,
            namespace,
            ack,
            rest,
        })
    }
}

fn event(args: Vec<Value>) -> Result<Body, ProtocolError> {
    let mut args = args.into_iter();
    let event = match args.next() {
        Some(Value::String(name)) => name,
        // One that JSON cannot write would become the name `null`.
        Some(Value::Number(number)) if number.is_finite() => json::write(&Value::Number(number)),
        _ => return Err(ProtocolError::Payload("EVENT")),
    };
    if RESERVED_EVENTS.contains(&event.as_str()) {
        return Err(ProtocolError::ReservedEvent);
    }
    Ok(Body::Event {
        event,
        args: args.collect(),
    })
}

/// A refusal without a payload, or with a bare string, is a refusal all the same.
fn refusal(payload: Option<Value>) -> Result<Refusal, ProtocolError> {
    match payload {
        None => Ok(Refusal::default()),
        Some(Value::String(message)) => Ok(Refusal {
            message,
            data: Value::Null,
        }),
        Some(object @ Value::Object(_)) => Ok(Refusal {
            message: object
                .get("message")
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            data: object.get("data").clone(),
        }),
        Some(_) => Err(ProtocolError::Payload("CONNECT_ERROR")),
    }
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// ASCII digits as a number that is not above `max`.
fn number(digits: &str, max: u64) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    let mut value = 0_u64;
    for digit in digits.bytes() {
        value = value
            .checked_mul(10)?
            .checked_add(u64::from(digit.wrapping_sub(b'0')))?;
        if value > max {
            return None;
        }
    }
    Some(value)
}

fn push_number(number: u64, into: &mut String) {
    into.push_str(&number.to_string());
}

/// Recursion is as deep as the JSON, which [`json::parse`] bounds.
fn fill_in(value: &mut Value, attachments: &[Arc<[u8]>]) -> Result<(), ProtocolError> {
    if is_placeholder(value) {
        let bytes = match value.get("num") {
            Value::Number(number) => attachments
                .iter()
                .enumerate()
                .find(|(index, _)| *index as f64 == *number)
                .map(|(_, bytes)| bytes),
            _ => None,
        };
        *value = Value::Bytes(bytes.ok_or(ProtocolError::Placeholder)?.clone());
        return Ok(());
    }
    match value {
        Value::Array(elements) => elements
            .iter_mut()
            .try_for_each(|element| fill_in(element, attachments)),
        Value::Object(members) => members
            .iter_mut()
            .try_for_each(|(_, member)| fill_in(member, attachments)),
        _ => Ok(()),
    }
}

fn is_placeholder(value: &Value) -> bool {
    matches!(value.get("_placeholder"), Value::Bool(true))
}

/// Attachments taken out of a payload.
#[derive(Default)]
struct Taken {
    attachments: Vec<Arc<[u8]>>,
    saw_placeholder: bool,
}

impl Taken {
    fn take(&mut self, value: &mut Value, depth: usize) -> Result<(), EmitError> {
        if depth > json::MAX_DEPTH {
            return Err(EmitError::TooDeep);
        }
        self.saw_placeholder |= is_placeholder(value);
        match value {
            Value::Bytes(bytes) => {
                #[allow(clippy::cast_precision_loss)] // there are ten
                let number = Value::Number(self.attachments.len() as f64);
                self.attachments.push(bytes.clone());
                *value = Value::object([("_placeholder", true.into()), ("num", number)]);
                Ok(())
            }
            Value::Array(elements) => elements
                .iter_mut()
                .try_for_each(|element| self.take(element, depth + 1)),
            Value::Object(members) => members
                .iter_mut()
                .try_for_each(|(_, member)| self.take(member, depth + 1)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn packets_are_read_and_written_as_the_protocol_says() {
        for (text, packet) in [
            ("0", packet(Body::Connect(None))),
            (
                r#"0{"token":"123"}"#,
                packet(Body::Connect(Some(
                    json::parse(r#"{"token":"123"}"#).unwrap(),
                ))),
            ),
            (
                "0/a,",
                Packet {
                    namespace: "/a".into(),
                    ..packet(Body::Connect(None))
                },
            ),
            ("1", packet(Body::Disconnect)),
            (
                "1/a,",
                Packet {
                    namespace: "/a".into(),
                    ..packet(Body::Disconnect)
                },
            ),
            (
                r#"2["x",1,"2",{"3":[true]}]"#,
                event("x", r#"[1,"2",{"3":[true]}]"#),
            ),
            (
                r#"213["ev"]"#,
                Packet {
                    ack: Some(13),
                    ..event("ev", "[]")
                },
            ),
            (
                r#"2/é,7["x"]"#,
                Packet {
                    namespace: "/é".into(),
                    ack: Some(7),
                    ..event("x", "[]")
                },
            ),
            (
                r#"29007199254740991["x"]"#,
                Packet {
                    ack: Some(MAX_ACK_ID),
                    ..event("x", "[]")
                },
            ),
            (r#"2[""]"#, event("", "[]")),
            (r#"2["error"]"#, event("error", "[]")),
            (r#"2["ping"]"#, event("ping", "[]")),
            (
                r#"2["p",{"_placeholder":true,"num":0}]"#,
                event("p", r#"[{"_placeholder":true,"num":0}]"#),
            ),
            (
                "313[]",
                Packet {
                    ack: Some(13),
                    ..packet(Body::Ack(vec![]))
                },
            ),
            ("3[]", packet(Body::Ack(vec![]))),
            (
                r#"4/nope,{"message":"Invalid namespace","data":null}"#,
                Packet {
                    namespace: "/nope".into(),
                    ..packet(Body::ConnectError(Refusal {
                        message: "Invalid namespace".into(),
                        data: Value::Null,
                    }))
                },
            ),
        ] {
            assert_eq!(Packet::decode(text, 10), Ok((packet.clone(), 0)), "{text}");
            assert_eq!(packet.encode(10).unwrap().text, text);
        }
    }

    #[test]
    fn what_can_be_read_more_than_one_way_is_read_leniently() {
        for (text, packet) in [
            (
                "1/a",
                Packet {
                    namespace: "/a".into(),
                    ..packet(Body::Disconnect)
                },
            ),
            ("0/", packet(Body::Connect(None))),
            (r#"2[5,"n"]"#, event("5", r#"["n"]"#)),
            (r#"2["a"] "#, event("a", "[]")),
            ("4", packet(Body::ConnectError(Refusal::default()))),
            (
                r#"4"plain""#,
                packet(Body::ConnectError(Refusal {
                    message: "plain".into(),
                    data: Value::Null,
                })),
            ),
            (
                r#"4{"message":7,"data":{"content":"retry"}}"#,
                packet(Body::ConnectError(Refusal {
                    message: String::new(),
                    data: json::parse(r#"{"content":"retry"}"#).unwrap(),
                })),
            ),
        ] {
            assert_eq!(Packet::decode(text, 10), Ok((packet, 0)), "{text}");
        }
    }

    #[test]
    fn what_is_no_packet_is_an_error() {
        use ProtocolError::{
            AckId, AttachmentCount, EmptyPacket, Payload, ReservedEvent, UnknownPacket,
        };
        for (text, error) in [
            ("", EmptyPacket),
            (r#"7["a"]"#, UnknownPacket('7')),
            (r#"/nsp,["a"]"#, UnknownPacket('/')),
            ("2", Payload("EVENT")),
            ("2[]", Payload("EVENT")),
            ("2{}", Payload("EVENT")),
            (r#"2"a""#, Payload("EVENT")),
            ("2[null]", Payload("EVENT")),
            ("2[true]", Payload("EVENT")),
            ("2[1e400]", Payload("EVENT")),
            (r#"2[{"toString":"foo"}]"#, Payload("EVENT")),
            (r#"2["connect"]"#, ReservedEvent),
            (r#"2["disconnecting"]"#, ReservedEvent),
            (r#"2 ["sp"]"#, Payload("a packet")),
            ("2\n[\"x\"]", Payload("a packet")),
            (r#"2-1["n"]"#, Payload("a packet")),
            (r#"21.5["f"]"#, Payload("a packet")),
            (r#"20x["a"]"#, Payload("a packet")),
            (r#"2٣["a"]"#, Payload("a packet")),
            (r#"29007199254740992["a"]"#, AckId),
            (r#"299999999999999999999["a"]"#, AckId),
            (r#"0"x""#, Payload("CONNECT")),
            ("0[]", Payload("CONNECT")),
            ("1{}", Payload("DISCONNECT")),
            ("31", Payload("ACK")),
            ("31{}", Payload("ACK")),
            ("4[]", Payload("CONNECT_ERROR")),
            ("5", AttachmentCount),
            (r#"5["a"]"#, AttachmentCount),
            (r#"5-["a"]"#, AttachmentCount),
            (r#"50-["a"]"#, AttachmentCount),
            (r#"511-["a"]"#, AttachmentCount),
            (r#"599999999999999999999-["a"]"#, AttachmentCount),
            ("5a-", AttachmentCount),
            ("51.23-", AttachmentCount),
            (r#"5+1-["a"]"#, AttachmentCount),
            (r#"51e0-["a"]"#, AttachmentCount),
            (r#"5 1-["a"]"#, AttachmentCount),
        ] {
            assert_eq!(Packet::decode(text, 10).map(|_| ()), Err(error), "{text}");
        }
        for text in [r#"2["a"]x"#, r#"2["a""#, "2[abc]", "2{not json}"] {
            assert!(
                matches!(Packet::decode(text, 10), Err(ProtocolError::Json(_))),
                "{text}"
            );
        }
        let deep = ["2[\"a\",", &"[".repeat(100_000)].concat();
        assert_eq!(
            Packet::decode(&deep, 10).map(|_| ()),
            Err(ProtocolError::Json(json::Error::TooDeep))
        );
    }

    #[test]
    fn attachments_are_taken_out_in_order() {
        let (one, two) = (bytes(&[1]), bytes(&[2]));
        let args = vec![Value::object([
            ("a", one.clone()),
            ("b", Value::Array(vec![one, Value::object([("c", two)])])),
        ])];

        let encoded = Packet {
            ack: Some(0),
            ..packet(Body::Event {
                event: "bin".into(),
                args,
            })
        }
        .encode(10)
        .unwrap();

        assert_eq!(
            encoded.text,
            r#"53-0["bin",{"a":{"_placeholder":true,"num":0},"b":[{"_placeholder":true,"num":1},{"c":{"_placeholder":true,"num":2}}]}]"#
        );
        let sent: Vec<_> = encoded.attachments.iter().map(|bytes| bytes[0]).collect();
        assert_eq!(sent, [1, 1, 2]);
    }

    #[test]
    fn what_a_server_would_close_on_is_refused_before_it_is_sent() {
        let placeholder = json::parse(r#"{"_placeholder":true}"#).unwrap();
        let mut deep = Value::Null;
        for _ in 0..=json::MAX_DEPTH {
            deep = Value::Array(vec![deep]);
        }
        for (args, error) in [
            (vec![bytes(&[]); 10], None),
            (
                vec![bytes(&[]); 11],
                Some(EmitError::TooManyAttachments(11)),
            ),
            (vec![placeholder.clone()], None),
            (
                vec![bytes(&[]), placeholder],
                Some(EmitError::ReservedShape),
            ),
            (vec![deep], Some(EmitError::TooDeep)),
        ] {
            let packet = packet(Body::Event {
                event: "e".into(),
                args,
            });

            assert_eq!(packet.encode(10).err(), error);
        }
    }

    #[test]
    fn a_placeholder_names_an_attachment_or_is_an_error() {
        for (num, ok) in [
            (r#","num":0"#, true),
            (r#","num":1"#, true),
            (r#","num":2"#, false),
            (r#","num":-1"#, false),
            (r#","num":0.5"#, false),
            (r#","num":"0""#, false),
            (r#","num":"splice""#, false),
            ("", false),
        ] {
            let text = ["52-[\"e\",[{\"_placeholder\":true", num, "}]]"].concat();
            let (mut packet, count) = Packet::decode(&text, 10).unwrap();

            let filled = packet.fill_in(&[Arc::from([7]), Arc::from([8])]);

            assert_eq!((count, filled.is_ok()), (2, ok), "{num}");
        }
    }

    proptest! {
        #![proptest_config(crate::protocol::reproducible())]

        #[test]
        fn any_text_is_a_packet_or_an_error(text in "[0-6][0-9]{0,3}-?(/[a-z]{0,3},)?[0-9]{0,20}\\PC{0,40}") {
            if let Ok((packet, 0)) = Packet::decode(&text, 10) {
                let written = packet.clone().encode(10).unwrap();
                prop_assert_eq!(Packet::decode(&written.text, 10), Ok((packet, 0)));
            }
        }

        #[test]
        fn a_packet_survives_being_written_and_read(
            namespace in "/[a-zé]{0,4}",
            ack in proptest::option::of(0..=MAX_ACK_ID),
            event in "[a-z:€\"]{1,8}x",
            args in proptest::collection::vec(value(), 0..4),
        ) {
            let packet = Packet { namespace: namespace.into(), ack, body: Body::Event { event, args } };

            let Ok(written) = packet.clone().encode(10) else { return Ok(()) };
            let (mut read, count) = Packet::decode(&written.text, 10).unwrap();
            read.fill_in(&written.attachments).unwrap();

            prop_assert_eq!(count, written.attachments.len());
            prop_assert_eq!(read, packet);
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i32>().prop_map(|number| Value::Number(f64::from(number))),
            any::<String>().prop_map(Value::String),
            proptest::collection::vec(any::<u8>(), 0..8)
                .prop_map(|bytes| Value::Bytes(bytes.into())),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                proptest::collection::btree_map("[a-z]{1,4}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn packet(body: Body) -> Packet {
        Packet {
            namespace: MAIN,
            ack: None,
            body,
        }
    }

    fn event(event: &str, args: &str) -> Packet {
        let args = json::parse(args).unwrap().as_array().to_vec();
        packet(Body::Event {
            event: event.to_owned(),
            args,
        })
    }

    fn bytes(bytes: &[u8]) -> Value {
        Value::Bytes(Arc::from(bytes))
    }
}
