//! What went in and out of a session, as a bounded recording: for whoever looks for what a server really said.
//!
//! A [`Tap`] is told each input and output by the driver; [`Record`] is the one that keeps them. Nobody records unless
//! somebody looks: a session knows nothing of it, and a driver without a tap asks one question for each frame.
//!
//! Its laws: what is kept never held a secret ([`redact`]); it is bounded, in entries and in bytes, and says how much
//! made room; and it reads nothing, so that what a server got wrong is kept as it was sent. [`inspect`] reads it, with
//! the session's own decoders, when somebody looks at it; [`mod@file`] writes it as a file that a session can be played
//! from.

mod command;
mod entry;
pub mod file;
pub mod inspect;
pub mod redact;

use std::cell::RefCell;
use std::collections::VecDeque;

use super::config::Server;
use super::state::{Command, UploadId};
use super::{Answer, FetchError, Input, Output, Ticket};
use crate::domain::Source;
use crate::protocol::engine::packet::{Data, Packet};
use crate::protocol::engine::payload::Payload;
use crate::protocol::{Frame, RequestError, RequestId, TransportId, TransportKind};
use crate::time::Instant;
pub use entry::{Body, Direction, Entry, What};
use redact::{Place, Redactor, Secrets};

/// Entries that are kept: a quarter of an hour of ten events a second, or two seconds of a flood.
pub const MAX_ENTRIES: usize = 10_000;

/// Bytes that are kept. Room for the list of a full server, which may be 4 MB, and thousands of events; and as much as
/// a person sends to whoever is to look at it.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Requests that wait for their answers and are known. One that is forgotten here has an answer that says not to what.
const MAX_UNDER_WAY: usize = 64;

/// Is told what goes in and out of a session, before it does.
pub trait Tap {
    /// Something happened.
    fn input(&self, input: &Input, now: Instant);
    /// Something is to be done.
    fn output(&self, output: &Output, now: Instant);
    /// A file of so many bytes is handed over; [`Input::UploadAnswered`] tells what became of it.
    fn upload(&self, id: UploadId, source: Source, name: &str, bytes: u64, now: Instant);
}

/// See the module.
pub struct Record {
    servers: Vec<Server>,
    seed: u64,
    began_with_session: bool,
    began: Instant,
    redactor: Redactor,
    entries: VecDeque<Entry>,
    next: u64,
    bytes: usize,
    /// What has gone in and out since it began, made room for or not: frames and their bytes, by direction.
    traffic: [Traffic; 2],
    dropped: u64,
    /// The last input, to which what looks different belongs.
    input: Option<u64>,
    fetches: Vec<(Ticket, u64)>,
    polls: Vec<((Source, TransportId, RequestId), u64, bool)>,
}

/// How much went one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Frames.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Record {
    /// An empty record of a session with these servers and this seed, from `now` on; `began_with_session` if that has
    /// not begun.
    #[must_use]
    pub fn new<'a>(
        servers: impl Iterator<Item = &'a Server>,
        seed: u64,
        began_with_session: bool,
        now: Instant,
    ) -> Self {
        Self {
            servers: servers.cloned().collect(),
            seed,
            began_with_session,
            began: now,
            redactor: Redactor::default(),
            entries: VecDeque::new(),
            next: 0,
            bytes: 0,
            traffic: [Traffic::default(); 2],
            dropped: 0,
            input: None,
            fetches: Vec::new(),
            polls: Vec::new(),
        }
    }

    /// Takes this text out wherever it stands, also of what is kept already.
    pub fn hide(&mut self, secret: &str) {
        let new = self.redactor.learn(secret);
        self.clean(&new);
    }

    /// The oldest first.
    #[must_use]
    pub fn entries(&self) -> &VecDeque<Entry> {
        &self.entries
    }

    /// The entry of this number, if it is still there.
    #[must_use]
    pub fn entry(&self, number: u64) -> Option<&Entry> {
        let first = self.entries.front()?.number;
        let at = usize::try_from(number.checked_sub(first)?).ok()?;
        self.entries.get(at)
    }

    /// The number of the next entry.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Entries that made room for others, or were put away.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Whether it began with the session, whatever has been put away since.
    #[must_use]
    pub fn began_with_session(&self) -> bool {
        self.began_with_session
    }

    /// Whether it began with the session and nothing is missing: then a session that is given all of it comes to the
    /// same view.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.began_with_session && self.dropped == 0
    }

    /// When it began.
    #[must_use]
    pub fn began(&self) -> Instant {
        self.began
    }

    /// The configured servers.
    #[must_use]
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// What has gone this way since it began.
    #[must_use]
    pub fn traffic(&self, direction: Direction) -> Traffic {
        self.traffic[direction as usize]
    }

    /// Puts all entries away.
    pub fn clear(&mut self) {
        self.dropped += self.entries.len() as u64;
        self.entries.clear();
        self.bytes = 0;
    }

    /// A text that was made of what is kept, without the secrets that are known: one that a decoder took out of its
    /// escapes is one again.
    #[must_use]
    pub fn without_secrets(&self, text: String) -> String {
        self.redactor.secrets().out_of(text)
    }

    // ── what is told ───────────────────────────────────────────────────────────────────────────────────────────

    fn input(&mut self, input: &Input, now: Instant) {
        self.input = None;
        let first = self.next;
        match input {
            Input::Start => self.push(None, What::Start, now),
            Input::Page(page) => self.push(None, What::Page(*page), now),
            Input::Opened(source, transport) => {
                self.push(Some(*source), What::Opened(*transport), now);
            }
            Input::Received(source, transport, frame) => {
                let over = TransportKind::WebSocket;
                self.frame(Direction::In, *source, *transport, over, None, frame, now);
            }
            Input::Closed(source, transport, closed) => {
                let what = What::Closed {
                    direction: Direction::In,
                    transport: *transport,
                    code: closed.code,
                    reason: self.clean_text(&closed.reason, Place::Text),
                };
                self.push(Some(*source), what, now);
            }
            Input::Responded(source, transport, request, response) => {
                self.polled(*source, *transport, *request, response, now);
            }
            Input::Answered(ticket, answer) => {
                let known = self.fetches.iter().position(|(known, _)| known == ticket);
                let what = What::Answer {
                    to: known.map(|at| self.fetches.remove(at).1),
                    answer: self.answer(answer),
                    retry_after: answer.as_ref().ok().and_then(|answer| answer.retry_after),
                };
                self.push(Some(source_of(ticket)), what, now);
            }
            Input::UploadAnswered(id, answer) => {
                let what = What::Uploaded {
                    id: *id,
                    answer: self.answer(answer),
                };
                self.push(None, what, now);
            }
            Input::Command(command) => {
                if let Command::Token(_, Some(token)) = command {
                    self.hide(&token.0);
                }
                if let Some((source, command)) = command::written(command) {
                    let command = self.redactor.secrets().out_of_value(command);
                    self.push(source, What::Command(command), now);
                }
            }
            // How much of a file is sent is seen in its row; the timer is the driver's own.
            Input::UploadSent(..) | Input::Timeout => {}
        }
        self.input = (self.next > first).then_some(first);
    }

    fn output(&mut self, output: &Output, now: Instant) {
        match output {
            Output::Open {
                source,
                transport,
                url,
            } => {
                let what = What::Open {
                    transport: *transport,
                    url: self.clean_text(url, Place::Session),
                };
                self.push(Some(*source), what, now);
            }
            Output::Request {
                source,
                transport,
                request,
            } => {
                let number = self.next;
                let what = What::Poll {
                    transport: *transport,
                    method: request.method,
                    url: self.clean_text(&request.url, Place::Session),
                };
                self.push(Some(*source), what, now);
                for packet in request.body.iter().cloned().flat_map(Payload::new) {
                    let over = TransportKind::Polling;
                    let part_of = Some(number);
                    self.frame(
                        Direction::Out,
                        *source,
                        *transport,
                        over,
                        part_of,
                        &packet,
                        now,
                    );
                }
                if !request.keepalive {
                    forget_oldest(&mut self.polls);
                    let key = (*source, *transport, request.id);
                    self.polls.push((key, number, request.method == "GET"));
                }
            }
            Output::Send {
                source,
                transport,
                frame,
            } => {
                let over = TransportKind::WebSocket;
                self.frame(Direction::Out, *source, *transport, over, None, frame, now);
            }
            Output::Close { source, transport } => {
                let what = What::Closed {
                    direction: Direction::Out,
                    transport: *transport,
                    code: None,
                    reason: String::new(),
                };
                self.push(Some(*source), what, now);
            }
            Output::Fetch { ticket, request } => {
                // Where the token stands in every request, whatever the vocabulary: by itself or behind a scheme.
                let is_proof = |name: &str| name.eq_ignore_ascii_case("authorization");
                for (_, value) in request.headers.iter().filter(|(name, _)| is_proof(name)) {
                    let token = value.rsplit(' ').next().unwrap_or_default();
                    self.hide(token);
                }
                let source = source_of(ticket);
                let base = self.servers.get(usize::from(source.0));
                let path = base.and_then(|server| request.url.strip_prefix(&server.url));
                let path = path.unwrap_or(&request.url).to_owned();
                // Another request for the same takes the place of the one before, which has no answer any more.
                self.fetches.retain(|(known, _)| known != ticket);
                forget_oldest(&mut self.fetches);
                self.fetches.push((ticket.clone(), self.next));
                let what = What::Fetch {
                    method: request.method,
                    path: self.clean_text(&path, Place::Text),
                };
                self.push(Some(source), what, now);
            }
            Output::Changed(_) => {
                let first = self.entries.front().map(|first| first.number);
                let at = self.input.zip(first).and_then(|(input, first)| {
                    let at = input.checked_sub(first)?;
                    usize::try_from(at).ok()
                });
                if let Some(entry) = at.and_then(|at| self.entries.get_mut(at)) {
                    entry.changes = entry.changes.saturating_add(1);
                }
            }
            // That nobody waits for an answer any more is seen by that none came.
            Output::AbortAll | Output::AbortUploads | Output::Abort(_) => {}
            // Its entry was made when it was chosen.
            Output::Upload { .. } => {}
        }
    }

    fn upload(&mut self, id: UploadId, source: Source, name: &str, bytes: u64, now: Instant) {
        let name = self.clean_text(name, Place::Text);
        self.push(Some(source), What::Upload { id, name, bytes }, now);
    }

    fn polled(
        &mut self,
        source: Source,
        transport: TransportId,
        request: RequestId,
        response: &Result<crate::protocol::Response, RequestError>,
        now: Instant,
    ) {
        let key = (source, transport, request);
        let known = self.polls.iter().position(|(known, ..)| *known == key);
        let known = known.map(|at| self.polls.remove(at));
        let is_get = known.as_ref().is_some_and(|(_, _, is_get)| *is_get);
        let has_packets = |status: u16| is_get && status == 200;
        let answer = match response {
            Ok(response) if has_packets(response.status) => Ok((response.status, None)),
            Ok(response) => {
                let text = self.clean_text(&response.body, Place::Text);
                Ok((response.status, Some(Body::text(text))))
            }
            Err(error) => Err(*error),
        };
        let number = self.next;
        let what = What::Polled {
            transport,
            to: known.map(|(_, number, _)| number),
            answer,
            retry_after: (response.as_ref().ok()).and_then(|response| response.retry_after),
        };
        self.push(Some(source), what, now);
        if let Ok(response) = response {
            if has_packets(response.status) {
                for packet in Payload::new(response.body.clone()) {
                    let over = TransportKind::Polling;
                    let part_of = Some(number);
                    self.frame(
                        Direction::In,
                        source,
                        transport,
                        over,
                        part_of,
                        &packet,
                        now,
                    );
                }
            }
        }
    }

    #[allow(clippy::too_many_arguments)] // all that is known of a frame, once
    fn frame(
        &mut self,
        direction: Direction,
        source: Source,
        transport: TransportId,
        over: TransportKind,
        part_of: Option<u64>,
        frame: &Frame,
        now: Instant,
    ) {
        let traffic = &mut self.traffic[direction as usize];
        traffic.frames += 1;
        traffic.bytes += frame.size() as u64;
        let body = match frame {
            Frame::Binary(bytes) => self.binary(bytes),
            // Bytes in text are bytes.
            Frame::Text(text) if text.starts_with('b') => match Packet::decode(frame) {
                Ok(Packet::Message(Data::Binary(bytes))) => self.binary(&bytes),
                _ => Body::text(self.clean_text(text, Place::Text)),
            },
            Frame::Text(text) => {
                // The handshake and the answer to CONNECT.
                let names_session = text.starts_with('0') || text.starts_with("40");
                let place = match names_session {
                    true => Place::Session,
                    false => Place::Text,
                };
                Body::text(self.clean_text(text, place))
            }
        };
        let what = What::Frame {
            direction,
            transport,
            over,
            part_of,
            body,
        };
        self.push(Some(source), what, now);
    }

    fn binary(&self, bytes: &[u8]) -> Body {
        let mut body = Body::binary(bytes);
        if let (Body::Binary { head, .. }, true) =
            (&mut body, self.redactor.secrets().are_in(bytes))
        {
            head.clear();
        }
        body
    }

    fn answer(&mut self, answer: &Result<Answer, FetchError>) -> Result<(u16, Body), FetchError> {
        let answer = answer.as_ref().map_err(|error| *error)?;
        let text = self.clean_text(&answer.body, Place::Text);
        Ok((answer.status, Body::text(text)))
    }

    fn clean_text(&mut self, text: &str, place: Place) -> String {
        let (text, new) = self.redactor.text(text, place);
        self.clean(&new);
        text
    }

    /// Secrets are known that were not before: they may stand in what is kept. Those that were known do not.
    fn clean(&mut self, new: &Secrets) {
        if new.is_empty() {
            return;
        }
        let clean = |text: &mut String| *text = new.out_of(std::mem::take(text));
        let clean_body = |body: &mut Body| match body {
            Body::Text { text, .. } => clean(text),
            Body::Binary { head, .. } if new.may_be_in_head(head) => head.clear(),
            Body::Binary { .. } => {}
        };
        for entry in &mut self.entries {
            self.bytes -= entry.weight();
            match &mut entry.what {
                What::Open { url, .. } | What::Poll { url, .. } => clean(url),
                What::Closed { reason, .. } => clean(reason),
                What::Frame { body, .. }
                | What::Polled {
                    answer: Ok((_, Some(body))),
                    ..
                }
                | What::Answer {
                    answer: Ok((_, body)),
                    ..
                }
                | What::Uploaded {
                    answer: Ok((_, body)),
                    ..
                } => clean_body(body),
                What::Fetch { path, .. } => clean(path),
                What::Upload { name, .. } => clean(name),
                What::Command(command) => {
                    *command = new.out_of_value(std::mem::take(command));
                }
                What::Start
                | What::Page(_)
                | What::Opened(_)
                | What::Polled { .. }
                | What::Answer { .. }
                | What::Uploaded { .. } => {}
            }
            self.bytes += entry.weight();
        }
    }

    fn push(&mut self, source: Option<Source>, what: What, now: Instant) {
        let entry = Entry {
            number: self.next,
            at: now,
            source,
            what,
            changes: 0,
        };
        self.next += 1;
        self.bytes += entry.weight();
        self.entries.push_back(entry);
        while self.entries.len() > MAX_ENTRIES || self.bytes > MAX_BYTES {
            let Some(oldest) = self.entries.pop_front() else {
                break;
            };
            self.bytes -= oldest.weight();
            self.dropped += 1;
        }
    }
}

impl Tap for RefCell<Record> {
    fn input(&self, input: &Input, now: Instant) {
        self.borrow_mut().input(input, now);
    }

    fn output(&self, output: &Output, now: Instant) {
        self.borrow_mut().output(output, now);
    }

    fn upload(&self, id: UploadId, source: Source, name: &str, bytes: u64, now: Instant) {
        self.borrow_mut().upload(id, source, name, bytes, now);
    }
}

fn source_of(ticket: &Ticket) -> Source {
    match ticket {
        Ticket::Snapshot(source, _) | Ticket::SignIn(source, _) => *source,
        Ticket::AnalyzeAgain(key) => key.source,
        Ticket::Scenario(key) => key.source,
    }
}

fn forget_oldest<T>(under_way: &mut Vec<T>) {
    if under_way.len() >= MAX_UNDER_WAY {
        under_way.remove(0);
    }
}

#[cfg(test)]
mod tests;
