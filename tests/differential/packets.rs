//! Our side of `make differential`: reads a case from each line of its input and writes what we make of it.
//!
//! A case is `{"json": text}`, `{"engine": text}`, `{"payload": text}`, `{"post": [text or attachment, …]}`,
//! `{"socket": [text or attachment, …]}` or `{"encode": packet}`. In what goes in and out, a number is `{"#": its 64
//! bits in hexadecimal}`, bytes are `{"@": hexadecimal}` and an object is `{"{": [[key, value], …]}`, so that nothing
//! is lost or moved on the way.

use std::io::{self, BufRead, Write};
use std::sync::Arc;

use telltale::json::{self, Value};
use telltale::protocol::engine::packet::{Data, Packet as EnginePacket};
use telltale::protocol::engine::payload::{self, Payload};
use telltale::protocol::socket::decoder::Decoder;
use telltale::protocol::socket::packet::{Body, Packet};
use telltale::protocol::{Frame, Limits};
use telltale::time::Instant;

fn main() -> io::Result<()> {
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let case = json::parse(&line?).expect("a case is JSON");
        let answer = answer(&case);
        writeln!(output, "{}", json::write(&answer))?;
    }
    output.flush()
}

fn answer(case: &Value) -> Value {
    let [(kind, what)] = case.as_object() else {
        panic!("a case has one member");
    };
    match kind.as_str() {
        "json" => {
            json::parse(text(what)).map_or_else(|error| failed(&error), |value| plain(&value))
        }
        "engine" => engine(&Frame::Text(text(what).to_owned())),
        "payload" => body(text(what)),
        "post" => post(what.as_array()),
        "socket" => socket(what.as_array()),
        "encode" => encode(what),
        other => panic!("no kind of case: {other}"),
    }
}

/// The packets of a polling body, up to the first that is none.
fn body(text: &str) -> Value {
    let mut packets = Vec::new();
    for frame in Payload::new(text.to_owned()) {
        packets.push(engine(&frame));
        if EnginePacket::decode(&frame).is_err() {
            break;
        }
    }
    Value::Array(packets)
}

/// Messages as one polling body.
fn post(messages: &[Value]) -> Value {
    let frames: Vec<Frame> = messages
        .iter()
        .map(|message| match message.get("@").as_str() {
            Some(digits) => Frame::Binary(bytes(digits)),
            None => EnginePacket::Message(Data::Text(text(message))).encode(),
        })
        .collect();
    let (body, count) = payload::encode(frames.iter(), usize::MAX);
    assert_eq!(count, frames.len());
    body.into()
}

fn engine(frame: &Frame) -> Value {
    match EnginePacket::decode(frame) {
        Ok(packet) => {
            let (kind, data) = match &packet {
                EnginePacket::Open(data) => ("open", text_data(data)),
                EnginePacket::Close => ("close", text_data("")),
                EnginePacket::Ping(data) => ("ping", text_data(data)),
                EnginePacket::Pong(data) => ("pong", text_data(data)),
                EnginePacket::Message(Data::Text(data)) => ("message", text_data(data)),
                EnginePacket::Message(Data::Binary(bytes)) => ("message", hexadecimal(bytes)),
                EnginePacket::Upgrade => ("upgrade", text_data("")),
                EnginePacket::Noop => ("noop", text_data("")),
            };
            let again = match packet.encode() {
                Frame::Text(text) => Value::String(text),
                Frame::Binary(bytes) => hexadecimal(&bytes),
            };
            Value::object([("type", kind.into()), ("data", data), ("encoded", again)])
        }
        Err(error) => failed(&error),
    }
}

fn socket(frames: &[Value]) -> Value {
    let mut decoder = Decoder::new(Limits::default());
    let outcomes = frames.iter().map(|frame| {
        let bytes = frame.get("@").as_str().map(bytes);
        let data = match &bytes {
            Some(bytes) => Data::Binary(bytes.as_slice().into()),
            None => Data::Text(text(frame)),
        };
        match decoder.decode(data, Instant::from_millis(0)) {
            Ok(packet) => packet.map_or(Value::Null, |packet| described(&packet)),
            Err(error) => failed(&error),
        }
    });
    Value::Array(outcomes.collect())
}

fn described(packet: &Packet) -> Value {
    let (kind, data) = match &packet.body {
        Body::Connect(auth) => ("CONNECT", auth.as_ref().map_or(Value::Null, plain)),
        Body::Disconnect => ("DISCONNECT", Value::Null),
        Body::Event { event, args } => {
            let event = Value::from(event.as_str());
            let all = std::iter::once(event).chain(args.iter().map(plain));
            ("EVENT", Value::Array(all.collect()))
        }
        Body::Ack(args) => ("ACK", Value::Array(args.iter().map(plain).collect())),
        Body::ConnectError(refusal) => {
            let message = Value::from(refusal.message.as_str());
            (
                "CONNECT_ERROR",
                Value::Array(vec![message, plain(&refusal.data)]),
            )
        }
    };
    let ack = packet
        .ack
        .map_or(Value::Null, |ack| Value::from(ack.to_string()));
    Value::object([
        ("type", kind.into()),
        ("nsp", Value::from(&*packet.namespace)),
        ("id", ack),
        ("data", data),
    ])
}

fn encode(case: &Value) -> Value {
    let data = original(case.get("data"));
    let body = match text(case.get("type")) {
        "CONNECT" => Body::Connect((!data.is_null()).then_some(data)),
        "DISCONNECT" => Body::Disconnect,
        "EVENT" => Body::Event {
            event: text(&data.as_array()[0]).to_owned(),
            args: data.as_array()[1..].to_vec(),
        },
        "ACK" => Body::Ack(data.as_array().to_vec()),
        other => panic!("no packet that we send: {other}"),
    };
    let packet = Packet {
        namespace: text(case.get("nsp")).to_owned().into(),
        ack: case.get("id").as_u64(),
        body,
    };
    match packet.encode(Limits::default().attachments) {
        Ok(encoded) => {
            let attachments = encoded.attachments.iter().map(|bytes| hexadecimal(bytes));
            let frames = std::iter::once(Value::String(encoded.text)).chain(attachments);
            Value::Array(frames.collect())
        }
        Err(error) => failed(&error),
    }
}

/// A value as the other side can compare it. JavaScript keeps keys that are array indices in front, in their order.
fn plain(value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
        Value::Number(number) => {
            Value::object([("#", format!("{:016x}", number.to_bits()).into())])
        }
        Value::Bytes(bytes) => hexadecimal(bytes),
        Value::Array(elements) => Value::Array(elements.iter().map(plain).collect()),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(key, _)| index(key).unwrap_or(u32::MAX));
            let members = members
                .into_iter()
                .map(|(key, value)| Value::Array(vec![key.as_str().into(), plain(value)]));
            Value::object([("{", Value::Array(members.collect()))])
        }
    }
}

fn index(key: &str) -> Option<u32> {
    let index: u32 = key.parse().ok()?;
    (index.to_string() == key && index < u32::MAX).then_some(index)
}

/// The inverse of [`plain`].
fn original(value: &Value) -> Value {
    match value {
        Value::Array(elements) => Value::Array(elements.iter().map(original).collect()),
        Value::Object(members) => match &members[..] {
            [(tag, Value::String(bits))] if tag == "#" => {
                let bits = u64::from_str_radix(bits, 16).expect("64 bits");
                Value::Number(f64::from_bits(bits))
            }
            [(tag, Value::String(digits))] if tag == "@" => Value::Bytes(Arc::from(bytes(digits))),
            [(tag, Value::Array(members))] if tag == "{" => {
                let member = |pair: &Value| {
                    let pair = pair.as_array();
                    (text(&pair[0]).to_owned(), original(&pair[1]))
                };
                Value::Object(members.iter().map(member).collect())
            }
            _ => panic!("an object has one tag"),
        },
        other => other.clone(),
    }
}

fn failed(error: &dyn std::fmt::Display) -> Value {
    Value::object([("error", error.to_string().into())])
}

fn text_data(data: &str) -> Value {
    data.into()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn hexadecimal(bytes: &[u8]) -> Value {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Value::object([("@", digits.into())])
}

fn bytes(digits: &str) -> Vec<u8> {
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits"))
        .collect()
}
