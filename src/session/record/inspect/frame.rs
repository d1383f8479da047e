//! A frame of a record, read with the protocol's own decoders.

use super::super::{Body, Entry, Record, What};
use super::Kind;
use crate::protocol::config::Limits;
use crate::protocol::engine::packet::{Data, Packet as Engine};
use crate::protocol::error::ProtocolError;
use crate::protocol::socket::decoder::Decoder;
use crate::protocol::socket::packet::{self, Packet};
use crate::protocol::Frame;

/// Entries that are looked at for the attachments of an event: between them there is hardly anything.
const LOOK_AHEAD: usize = 1000;

/// A frame as far as it can be read.
pub enum Read {
    /// Engine.IO's own: the name of the packet, and what stands behind it.
    Engine(String),
    /// The handshake, in JSON.
    Handshake(String),
    /// A whole packet of Socket.IO.
    Packet(Packet),
    /// One without all of its attachments: how many are missing.
    Waiting(Packet, usize),
    /// An attachment of the packet before it, of so many bytes.
    Attachment(usize),
    /// It breaks the protocol.
    Broken(ProtocolError),
}

impl Read {
    /// What it is.
    pub fn kind(&self) -> Kind {
        match self {
            Read::Packet(packet) | Read::Waiting(packet, _) => match packet.body {
                packet::Body::Event { .. } => Kind::Event,
                _ => Kind::Socket,
            },
            Read::Attachment(_) => Kind::Event,
            Read::Engine(_) | Read::Handshake(_) | Read::Broken(_) => Kind::Engine,
        }
    }

    /// What it is called.
    pub fn name(&self) -> String {
        match self {
            Read::Engine(name) => name.clone(),
            Read::Handshake(_) => "open".to_owned(),
            Read::Packet(packet) | Read::Waiting(packet, _) => match &packet.body {
                packet::Body::Event { event, .. } => event.clone(),
                body => socket_name(body).to_owned(),
            },
            Read::Attachment(bytes) => ["attachment ", &bytes.to_string(), " B"].concat(),
            Read::Broken(error) => error.to_string(),
        }
    }

    /// The packet, from the outside in.
    pub fn layers(&self) -> impl Iterator<Item = String> {
        let mut layers = Vec::new();
        match self {
            Read::Engine(name) => layers.push(["Engine.IO ", name].concat()),
            Read::Handshake(_) => layers.push("Engine.IO open".to_owned()),
            Read::Attachment(_) => layers.push("Engine.IO message, binary".to_owned()),
            Read::Broken(_) => {}
            Read::Packet(packet) | Read::Waiting(packet, _) => {
                layers.push("Engine.IO message".to_owned());
                let mut text = [
                    "Socket.IO ",
                    socket_name(&packet.body),
                    " ",
                    &packet.namespace,
                ]
                .concat();
                if let Some(ack) = packet.ack {
                    text.push_str(", ack ");
                    text.push_str(&ack.to_string());
                }
                if let Read::Waiting(_, missing) = self {
                    text.push_str(", attachments missing: ");
                    text.push_str(&missing.to_string());
                }
                layers.push(text);
            }
        }
        layers.into_iter()
    }
}

fn socket_name(body: &packet::Body) -> &'static str {
    match body {
        packet::Body::Connect(_) => "CONNECT",
        packet::Body::Disconnect => "DISCONNECT",
        packet::Body::Event { .. } => "EVENT",
        packet::Body::Ack(_) => "ACK",
        packet::Body::ConnectError(_) => "CONNECT_ERROR",
    }
}

/// Reads the frame of an entry, with those that belong to it.
pub fn read(record: &Record, entry: &Entry, body: &Body) -> Read {
    let limits = Limits::default();
    let frame = match body {
        Body::Binary { bytes, .. } => return Read::Attachment(*bytes),
        Body::Text { cut, .. } if *cut > 0 => {
            return Read::Broken(ProtocolError::FrameTooLarge(body.size()));
        }
        Body::Text { text, .. } => Frame::Text(text.clone()),
    };
    let named = |name: &str, said: &str| {
        let space = if said.is_empty() { "" } else { " " };
        Read::Engine([name, space, said].concat())
    };
    let data = match Engine::decode(&frame) {
        Ok(Engine::Message(data)) => data,
        Ok(Engine::Open(text)) => return Read::Handshake(text.to_owned()),
        Ok(Engine::Close) => return named("close", ""),
        Ok(Engine::Ping(said)) => return named("ping", said),
        Ok(Engine::Pong(said)) => return named("pong", said),
        Ok(Engine::Upgrade) => return named("upgrade", ""),
        Ok(Engine::Noop) => return named("noop", ""),
        Err(error) => return Read::Broken(error),
    };
    let partial = match &data {
        Data::Text(text) => Packet::decode(text, limits.attachments),
        Data::Binary(bytes) => return Read::Attachment(bytes.len()),
    };
    let mut decoder = Decoder::new(limits);
    match decoder.decode(data, entry.at) {
        Ok(Some(packet)) => return Read::Packet(packet),
        Ok(None) => {}
        Err(error) => return Read::Broken(error),
    }
    let (partial, mut missing) = match partial {
        Ok(partial) => partial,
        Err(error) => return Read::Broken(error),
    };
    for bytes in attachments(record, entry, limits.attachment_bytes) {
        let data = Data::Binary(bytes.into());
        match decoder.decode(data, entry.at) {
            Ok(Some(packet)) => return Read::Packet(packet),
            Ok(None) => missing = missing.saturating_sub(1),
            Err(error) => return Read::Broken(error),
        }
    }
    Read::Waiting(partial, missing)
}

/// The binary frames that follow on the same way, up to the next text.
fn attachments<'a>(
    record: &'a Record,
    entry: &'a Entry,
    most: usize,
) -> impl Iterator<Item = Vec<u8>> + 'a {
    let first = record.entries().front().map_or(0, |first| first.number);
    let after = usize::try_from(entry.number + 1 - first.min(entry.number)).unwrap_or(usize::MAX);
    let frames = record.entries().iter().skip(after).take(LOOK_AHEAD);
    let same_way = frames.filter_map(move |later| {
        let way = |entry: &Entry| match &entry.what {
            What::Frame {
                direction,
                transport,
                ..
            } => Some((entry.source, *direction, *transport)),
            _ => None,
        };
        (way(later) == way(entry)).then(|| later.body()).flatten()
    });
    same_way.map_while(move |body| match body {
        Body::Binary { bytes, head } => {
            let mut all = head.clone();
            all.resize((*bytes).min(most + 1), 0);
            Some(all)
        }
        Body::Text { .. } => None,
    })
}
