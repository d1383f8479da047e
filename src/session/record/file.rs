//! A record as a file: one JSON object, from which a session can be played again.
//!
//! Beside the entries it says what a session needs to begin in the same way: the servers' kinds and transports, and the
//! seed. `tests/replay.rs` plays such a file. What is no text is written by its size and its first bytes.
//!
//! | member | what it says |
//! |---|---|
//! | `format`, `version` | `telltale-record`, and [`VERSION`] |
//! | `app` | the version of this program |
//! | `exported` | when the file was made, by the device's clock |
//! | `exportedAt`, `began`, `at` of an entry | milliseconds since the page was opened |
//! | `whole` | whether it began with the session and nothing is missing: only such a file can be played |
//! | `dropped` | entries that made room for others, or that a person cleared away |
//! | `seed` | what the session drew its lots from, in decimal digits: too large for a JSON number |
//! | `servers` | `kind`, `name` and `transports` of each; an entry's `server` is the index |
//! | `entries` | the record, oldest first, with [`COLUMNS`] as members; what an entry does not have is left out |

use std::time::Duration;

use super::{Body, Direction, Entry, Record, What};
use crate::domain::table::{self, iso};
use crate::json::Value;
use crate::protocol::{Page, RequestError, TransportKind};
use crate::session::FetchError;
use crate::time::{Instant, Timestamp};

/// What a reader has to know; it changes with what the columns mean.
pub const VERSION: u32 = 1;

/// The members of an entry. `part` is the number of the request or answer that a packet came in, `to` of the request
/// that an answer is for; `retryAfter` is in seconds, `cut` are the bytes left out at the end of `text`, and `head` is
/// in hexadecimal digits.
pub const COLUMNS: [&str; 22] = [
    "n",
    "at",
    "server",
    "direction",
    "what",
    "transport",
    "over",
    "part",
    "to",
    "method",
    "url",
    "status",
    "retryAfter",
    "error",
    "text",
    "cut",
    "bytes",
    "head",
    "code",
    "command",
    "upload",
    "name",
];

impl Record {
    /// The file, made at `now`, which is `exported` by the device's clock.
    #[must_use]
    pub fn to_json(&self, exported: Timestamp, now: Instant) -> String {
        let servers = self.servers.iter().map(|server| {
            let order = server.socket.transports.order.iter();
            let order = order.map(|kind| over(*kind).into()).collect();
            Value::object([
                ("kind", server.kind.name().into()),
                ("name", server.name.as_str().into()),
                ("transports", Value::Array(order)),
            ])
        });
        let members = [
            ("format", "telltale-record".into()),
            ("version", f64::from(VERSION).into()),
            ("app", env!("CARGO_PKG_VERSION").into()),
            ("exported", iso(exported)),
            ("exportedAt", millis(now)),
            ("began", millis(self.began)),
            ("whole", self.is_whole().into()),
            ("dropped", count(self.dropped)),
            ("seed", self.seed.to_string().into()),
            ("servers", Value::Array(servers.collect())),
        ];
        let mut rows = self.entries.iter().map(row);
        table::json(&members, &COLUMNS, &mut rows)
    }
}

/// One entry's members, by their columns.
#[derive(Default)]
struct Cells([Value; COLUMNS.len()]);

impl Cells {
    fn set(&mut self, column: &str, value: impl Into<Value>) {
        let place = COLUMNS.iter().position(|known| *known == column);
        if let Some(cell) = place.and_then(|place| self.0.get_mut(place)) {
            *cell = value.into();
        }
    }

    fn body(&mut self, body: &Body) {
        match body {
            Body::Text { text, cut } => {
                self.set("text", text.as_str());
                if *cut > 0 {
                    self.set("cut", count(*cut as u64));
                }
            }
            Body::Binary { bytes, head } => {
                self.set("bytes", count(*bytes as u64));
                self.set("head", super::inspect::hex(head));
            }
        }
    }

    fn retry_after(&mut self, wait: Option<Duration>) {
        if let Some(wait) = wait {
            self.set("retryAfter", wait.as_secs_f64());
        }
    }

    fn answer(&mut self, answer: &Result<(u16, Body), FetchError>) {
        match answer {
            Ok((status, body)) => {
                self.set("status", f64::from(*status));
                self.body(body);
            }
            Err(FetchError::Network) => self.set("error", "network"),
            Err(FetchError::TooLarge) => self.set("error", "too-large"),
        }
    }
}

fn row(entry: &Entry) -> Vec<Value> {
    let mut cells = Cells::default();
    cells.set("n", count(entry.number));
    cells.set("at", millis(entry.at));
    if let Some(source) = entry.source {
        cells.set("server", f64::from(source.0));
    }
    cells.set("direction", direction(entry.direction()));
    cells.set("what", name(&entry.what));
    match &entry.what {
        What::Start => {}
        What::Page(page) => cells.set("name", page_name(*page)),
        What::Command(command) => cells.set("command", command.clone()),
        What::Open { transport, url } => {
            cells.set("transport", count(transport.number()));
            cells.set("url", url.as_str());
        }
        What::Opened(transport) => cells.set("transport", count(transport.number())),
        What::Closed {
            transport,
            code,
            reason,
            ..
        } => {
            cells.set("transport", count(transport.number()));
            if let Some(code) = code {
                cells.set("code", f64::from(*code));
            }
            if !reason.is_empty() {
                cells.set("text", reason.as_str());
            }
        }
        What::Frame {
            transport,
            over: carrier,
            part_of,
            body,
            ..
        } => {
            cells.set("transport", count(transport.number()));
            cells.set("over", over(*carrier));
            if let Some(part_of) = part_of {
                cells.set("part", count(*part_of));
            }
            cells.body(body);
        }
        What::Poll {
            transport,
            method,
            url,
        } => {
            cells.set("transport", count(transport.number()));
            cells.set("method", *method);
            cells.set("url", url.as_str());
        }
        What::Polled {
            transport,
            to,
            answer,
            retry_after,
        } => {
            cells.set("transport", count(transport.number()));
            cells.retry_after(*retry_after);
            if let Some(to) = to {
                cells.set("to", count(*to));
            }
            match answer {
                Ok((status, body)) => {
                    cells.set("status", f64::from(*status));
                    if let Some(body) = body {
                        cells.body(body);
                    }
                }
                Err(RequestError::Network) => cells.set("error", "network"),
                Err(RequestError::TooLarge) => cells.set("error", "too-large"),
            }
        }
        What::Fetch { method, path } => {
            cells.set("method", *method);
            cells.set("url", path.as_str());
        }
        What::Answer {
            to,
            answer,
            retry_after,
        } => {
            cells.retry_after(*retry_after);
            if let Some(to) = to {
                cells.set("to", count(*to));
            }
            cells.answer(answer);
        }
        What::Upload { id, name, bytes } => {
            cells.set("upload", f64::from(id.0));
            cells.set("name", name.as_str());
            cells.set("bytes", count(*bytes));
        }
        What::Uploaded { id, answer } => {
            cells.set("upload", f64::from(id.0));
            cells.answer(answer);
        }
    }
    cells.0.to_vec()
}

/// What an entry is called in a file.
fn name(what: &What) -> &'static str {
    match what {
        What::Start => "start",
        What::Page(_) => "page",
        What::Command(_) => "command",
        What::Open { .. } => "open",
        What::Opened(_) => "opened",
        What::Closed { .. } => "closed",
        What::Frame { .. } => "frame",
        What::Poll { .. } => "poll",
        What::Polled { .. } => "polled",
        What::Fetch { .. } => "fetch",
        What::Answer { .. } => "answer",
        What::Upload { .. } => "upload",
        What::Uploaded { .. } => "uploaded",
    }
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "in",
        Direction::Out => "out",
    }
}

pub(super) fn over(kind: TransportKind) -> &'static str {
    match kind {
        TransportKind::Polling => "polling",
        TransportKind::WebSocket => "websocket",
    }
}

pub(super) fn page_name(page: Page) -> &'static str {
    match page {
        Page::Visible => "visible",
        Page::Hidden => "hidden",
        Page::Online => "online",
        Page::Offline => "offline",
        Page::Leaving => "leaving",
        Page::Restored => "restored",
        Page::Woke => "woke",
    }
}

fn millis(at: Instant) -> Value {
    // To the microsecond: what is finer, no browser says.
    let millis = at.since_origin().as_secs_f64() * 1e3;
    ((millis * 1e3).round() / 1e3).into()
}

#[allow(clippy::cast_precision_loss)] // nobody counts to 2⁵³
fn count(number: u64) -> Value {
    (number as f64).into()
}
