//! Socket.IO packets: `<type>[<attachments>-][<namespace>,][<ack id>][<JSON>]`, read strictly and written exactly.
//!
//! A packet is parsed once into a type that cannot be wrong. The binary kinds 5 and 6 are no kinds of their own here:
//! an event or ack whose arguments hold [`Value::Bytes`] is written as one. Stricter than the reference client where it
//! follows JavaScript's idea of a number: no blanks, ASCII digits only, ack ids that can be counted.

#[cfg(test)]
mod tests;

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
