//! What an entry of a record means: the packet, the event, and what the server's vocabulary makes of it.
//!
//! Read with the decoders and the vocabulary of the session itself, so that what is shown is what happened; and only
//! when somebody looks, so that recording stays cheap. An event *had no handler* if the vocabulary does not know its
//! name, or could make nothing of what it said.
//!
//! What a record does not have, it does not say: of an attachment only the first bytes were kept, and the rest is taken
//! for zeros here, so that its size is right.

mod frame;
mod pretty;

use std::collections::VecDeque;

use super::file::{over, page_name};
use super::{Body, Direction, Entry, Record, What};
use crate::backend::{DecodeError, Decoded};
use crate::domain::{Source, Text, MAX_ID};
use crate::json::{self, Value};
use crate::protocol::socket::packet::{self, Packet};
use crate::sorted::Map;
use frame::{read, Read};
use pretty::written;

/// Names that had no handler and are kept apart; a server may put an id into its names.
const NAMES: usize = 64;

/// Events that wait for attachments at once: one for each connection. The oldest is given up first.
const MAX_WAITING: usize = 16;

/// Facts of one event that are written out, and characters of each.
const MAX_FACTS: usize = 100;
/// See [`MAX_FACTS`].
const MAX_FACT: usize = 2_000;

/// What kind of thing an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An event of Socket.IO, or a part of one.
    Event,
    /// The rest of Socket.IO: who joins, leaves, is refused, and answers to events.
    Socket,
    /// Engine.IO: the handshake, heartbeats, the change of transport, connections that open and close.
    Engine,
    /// A request and its answer.
    Http,
    /// What the person or the page did.
    Page,
}

impl Kind {
    /// All of them, the most telling first.
    pub const ALL: [Kind; 5] = [
        Kind::Event,
        Kind::Socket,
        Kind::Engine,
        Kind::Http,
        Kind::Page,
    ];
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is nothing that a vocabulary is asked about.
    None,
    /// So many facts were made of it.
    Facts(usize),
    /// It is known and says nothing to us.
    Nothing,
    /// It is about somebody else's media.
    Foreign,
    /// No event of this server has that name.
    Unknown,
    /// What it is about cannot be read.
    Malformed,
    /// It breaks the protocol.
    Broken,
    /// Its attachments have not come.
    Waiting,
}

impl Outcome {
    /// Whether it was an event of which nothing was made although it should have been.
    #[must_use]
    pub fn had_no_handler(self) -> bool {
        matches!(self, Outcome::Unknown | Outcome::Malformed)
    }
}

/// An entry in one line.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The entry's.
    pub number: u64,
    /// Which way it went.
    pub direction: Direction,
    /// What it is.
    pub kind: Kind,
    /// What it is called: an event by its name, a request by its path.
    pub name: Text,
    /// What became of it.
    pub outcome: Outcome,
}

/// All rows of a record, read as it grows.
#[derive(Default)]
pub struct Rows {
    rows: VecDeque<Row>,
    next: u64,
    waiting: Vec<u64>,
    unhandled: Map<(Source, Text), u64>,
    unhandled_total: u64,
}

impl Rows {
    /// Reads what has come since. `me` is who is signed in at a server. `true` if anything has.
    pub fn read(&mut self, record: &Record, me: &dyn Fn(Source) -> Option<String>) -> bool {
        let first = record
            .entries()
            .front()
            .map_or(record.next(), |entry| entry.number);
        let had = self.rows.len();
        while self.rows.front().is_some_and(|row| row.number < first) {
            self.rows.pop_front();
        }
        let mut is_new = self.rows.len() != had;
        for number in std::mem::take(&mut self.waiting) {
            let entry = record.entry(number);
            let row = entry.map(|entry| self.row(record, entry, me));
            let known = self.rows.iter_mut().rev().find(|row| row.number == number);
            if let (Some(known), Some(row)) = (known, row) {
                is_new |= *known != row;
                *known = row;
            }
        }
        self.next = self.next.max(first);
        while let Some(entry) = record.entry(self.next) {
            let row = self.row(record, entry, me);
            self.rows.push_back(row);
            self.next += 1;
            is_new = true;
        }
        is_new
    }

    /// The oldest first.
    #[must_use]
    pub fn rows(&self) -> &VecDeque<Row> {
        &self.rows
    }

    /// Events that had no handler, by server and name, with how often they came. The first 64 names are told apart.
    pub fn unhandled(&self) -> impl Iterator<Item = (Source, &Text, u64)> {
        (self.unhandled.iter()).map(|((source, name), count)| (*source, name, *count))
    }

    /// All of them.
    #[must_use]
    pub fn unhandled_total(&self) -> u64 {
        self.unhandled_total
    }

    fn row(
        &mut self,
        record: &Record,
        entry: &Entry,
        me: &dyn Fn(Source) -> Option<String>,
    ) -> Row {
        let (kind, name, outcome) = match &entry.what {
            What::Frame { body, .. } => {
                let read = read(record, entry, body);
                let outcome = match (&read, entry.source) {
                    (Read::Packet(packet), Some(source)) => {
                        let me = me(source);
                        said(record, entry, packet, me.as_deref())
                            .map_or(Outcome::None, |said| of(&said))
                    }
                    (Read::Waiting(..), _) => Outcome::Waiting,
                    (Read::Broken(_), _) => Outcome::Broken,
                    _ => Outcome::None,
                };
                (read.kind(), read.name(), outcome)
            }
            What::Start => (Kind::Page, "start".to_owned(), Outcome::None),
            What::Page(page) => (Kind::Page, page_name(*page).to_owned(), Outcome::None),
            What::Command(command) => {
                let words = command.as_array().iter();
                let words = words.map(|word| {
                    word.as_str()
                        .map_or_else(|| json::write(word), str::to_owned)
                });
                (
                    Kind::Page,
                    words.collect::<Vec<_>>().join(" "),
                    Outcome::None,
                )
            }
            What::Open { .. } => (Kind::Engine, "open".to_owned(), Outcome::None),
            What::Opened(_) => (Kind::Engine, "opened".to_owned(), Outcome::None),
            What::Closed { code, .. } => {
                let code = code.map_or_else(String::new, |code| [" ", &code.to_string()].concat());
                (Kind::Engine, ["closed", &code].concat(), Outcome::None)
            }
            What::Poll { method, .. } => (Kind::Http, [method, " polling"].concat(), Outcome::None),
            What::Polled { answer, .. } => {
                let status = answer.as_ref().map(|(status, _)| *status).ok();
                (Kind::Http, answered(status, "polling"), Outcome::None)
            }
            What::Fetch { method, path } => {
                (Kind::Http, [method, " ", path].concat(), Outcome::None)
            }
            What::Answer { to, answer, .. } => {
                let asked = to.and_then(|to| record.entry(to));
                let path = match asked.map(|asked| &asked.what) {
                    Some(What::Fetch { path, .. }) => path,
                    _ => "",
                };
                let status = answer.as_ref().map(|(status, _)| *status).ok();
                (Kind::Http, answered(status, path), Outcome::None)
            }
            What::Upload { name, .. } => (Kind::Http, ["upload ", name].concat(), Outcome::None),
            What::Uploaded { answer, .. } => {
                let status = answer.as_ref().map(|(status, _)| *status).ok();
                (Kind::Http, answered(status, "upload"), Outcome::None)
            }
        };
        let name = Text::new(&record.without_secrets(name), MAX_ID);
        if outcome == Outcome::Waiting {
            if self.waiting.len() >= MAX_WAITING {
                self.waiting.remove(0);
            }
            self.waiting.push(entry.number);
        }
        if outcome.had_no_handler() {
            self.unhandled_total += 1;
            let key = (entry.source.unwrap_or_default(), name.clone());
            if self.unhandled.len() < NAMES || self.unhandled.contains_key(&key) {
                *self.unhandled.entry(key).or_default() += 1;
            }
        }
        Row {
            number: entry.number,
            direction: entry.direction(),
            kind,
            name,
            outcome,
        }
    }
}

/// All that is known of an entry, as texts to be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    /// What carried it, by the names of the protocols.
    pub layers: Vec<String>,
    /// What was wrong with it.
    pub fault: Option<String>,
    /// The arguments of the event, or the JSON of the body, each on lines of its own.
    pub values: Vec<Written>,
    /// What the vocabulary made of it, and what it had the session ask for.
    pub facts: Vec<String>,
    /// Facts that are not written out.
    pub more_facts: usize,
    /// What came, to the letter; bytes in hexadecimal digits, as many as were kept.
    pub raw: Option<String>,
    /// Bytes that came beyond that.
    pub cut: usize,
}

/// A value as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// Whether there is more of it.
    pub is_cut: bool,
}

/// Reads one entry; `me` is who is signed in at its server.
#[must_use]
pub fn detail(record: &Record, entry: &Entry, me: Option<&str>) -> Detail {
    let mut detail = Detail::default();
    let clean = |text: String| record.without_secrets(text);
    match &entry.what {
        What::Frame {
            transport,
            over: carrier,
            body,
            ..
        } => {
            let number = transport.number().to_string();
            detail.layers.push([over(*carrier), " ", &number].concat());
            let read = read(record, entry, body);
            detail.layers.extend(read.layers().map(clean));
            match &read {
                Read::Broken(error) => detail.fault = Some(error.to_string()),
                Read::Packet(packet) | Read::Waiting(packet, _) => {
                    detail.values = values(packet)
                        .iter()
                        .map(|value| written(value, &clean))
                        .collect();
                    match said(record, entry, packet, me) {
                        Some(Ok(decoded)) => facts(&decoded, &clean, &mut detail),
                        Some(Err(error)) => detail.fault = Some(error.to_string()),
                        None => {}
                    }
                }
                Read::Handshake(text) => {
                    detail
                        .values
                        .extend(json::parse(text).ok().map(|value| written(&value, &clean)));
                }
                Read::Engine(_) | Read::Attachment(_) => {}
            }
        }
        What::Open { url, .. } => detail.layers.push(url.clone()),
        What::Poll { method, url, .. } => detail.layers.push([method, " ", url].concat()),
        What::Closed { reason, .. } if !reason.is_empty() => detail.layers.push(reason.clone()),
        What::Command(command) => detail.values.push(written(command, &clean)),
        What::Answer {
            answer: Err(error), ..
        }
        | What::Uploaded {
            answer: Err(error), ..
        } => {
            detail.fault = Some(format!("{error:?}"));
        }
        What::Polled {
            answer: Err(error), ..
        } => detail.fault = Some(format!("{error:?}")),
        What::Answer {
            answer: Ok((_, Body::Text { text, .. })),
            ..
        }
        | What::Uploaded {
            answer: Ok((_, Body::Text { text, .. })),
            ..
        } => {
            detail
                .values
                .extend(json::parse(text).ok().map(|value| written(&value, &clean)));
        }
        _ => {}
    }
    match entry.body() {
        Some(Body::Text { text, cut }) => {
            detail.raw = Some(text.clone());
            detail.cut = *cut;
        }
        Some(Body::Binary { bytes, head }) => {
            detail.raw = Some(hex(head));
            detail.cut = bytes - head.len();
        }
        None => {}
    }
    detail
}

/// Bytes in hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

/// What the vocabulary makes of it; `None` if it is not asked: it is no event, it is ours, or it is of a namespace that
/// nobody here listens to.
fn said(
    record: &Record,
    entry: &Entry,
    packet: &Packet,
    me: Option<&str>,
) -> Option<Result<Decoded, DecodeError>> {
    let packet::Body::Event { event, args } = &packet.body else {
        return None;
    };
    let source = entry
        .source
        .filter(|_| entry.direction() == Direction::In)?;
    let server = record.servers().get(usize::from(source.0))?;
    if packet.namespace != server.socket.endpoint.namespace() {
        return None;
    }
    Some(server.backend().decode(event, args, me))
}

fn of(said: &Result<Decoded, DecodeError>) -> Outcome {
    match said {
        Ok(decoded) if !decoded.facts.is_empty() => Outcome::Facts(decoded.facts.len()),
        Ok(decoded) if decoded.dropped > 0 => Outcome::Malformed,
        Ok(decoded) if decoded.foreign > 0 => Outcome::Foreign,
        Ok(_) => Outcome::Nothing,
        Err(DecodeError::Foreign) => Outcome::Foreign,
        Err(DecodeError::UnknownEvent) => Outcome::Unknown,
        Err(DecodeError::Malformed { .. }) => Outcome::Malformed,
    }
}

fn values(packet: &Packet) -> Vec<Value> {
    match &packet.body {
        packet::Body::Event { args, .. } | packet::Body::Ack(args) => args.clone(),
        packet::Body::Connect(auth) => auth.clone().into_iter().collect(),
        packet::Body::ConnectError(refusal) => vec![Value::object([
            ("message", refusal.message.as_str().into()),
            ("data", refusal.data.clone()),
        ])],
        packet::Body::Disconnect => Vec::new(),
    }
}

fn facts(decoded: &Decoded, clean: &dyn Fn(String) -> String, detail: &mut Detail) {
    let shown = |text: String| Text::new(&clean(text), MAX_FACT).to_string();
    let facts = decoded.facts.iter().take(MAX_FACTS);
    detail.facts = facts.map(|fact| shown(format!("{fact:?}"))).collect();
    detail.more_facts = decoded.facts.len().saturating_sub(MAX_FACTS);
    if let Some(scope) = &decoded.ask {
        detail.facts.push(shown(format!("Ask({scope:?})")));
    }
    if let Some(notice) = &decoded.notice {
        detail
            .facts
            .push(shown(format!("Notice({:?})", notice.as_str())));
    }
    for (name, number) in [("Foreign", decoded.foreign), ("Dropped", decoded.dropped)] {
        if number > 0 {
            detail.facts.push(format!("{name}({number})"));
        }
    }
}

fn answered(status: Option<u16>, to: &str) -> String {
    let status = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    [&status, " ", to].concat().trim_end().to_owned()
}

#[cfg(test)]
mod tests;
