//! One thing that went in or out of a session, as much as is kept of it.

use std::time::Duration;

use crate::domain::Source;
use crate::json::Value;
use crate::protocol::{Page, RequestError, TransportId, TransportKind};
use crate::session::state::UploadId;
use crate::session::FetchError;
use crate::time::Instant;

/// Bytes that are kept of one text: as much as a session reads of an answer. Of a frame it reads less, so one that is
/// cut off here is one that the session did not read either.
pub(super) const MAX_TEXT: usize = 4 * 1024 * 1024;

/// Bytes that are kept of a binary frame: enough to see what kind of file it is.
pub(super) const HEAD: usize = 16;

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From a server, or from the person or the page.
    In,
    /// To a server.
    Out,
}

/// One thing that went in or out.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Counts up without gaps.
    pub number: u64,
    /// When.
    pub at: Instant,
    /// Of which server; `None` for what is the page's.
    pub source: Option<Source>,
    /// What.
    pub what: What,
    /// How many things looked different because of it.
    pub changes: u32,
}

/// What went in or out.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// The session began.
    Start,
    /// The page's life took a turn.
    Page(Page),
    /// What a person or the page asked for: its name, and what it is about.
    Command(Value),
    /// A WebSocket is to be opened.
    Open {
        /// Its generation.
        transport: TransportId,
        /// Where.
        url: String,
    },
    /// It is open.
    Opened(TransportId),
    /// A transport is closed, by us (out) or not (in).
    Closed {
        /// Which way.
        direction: Direction,
        /// Which.
        transport: TransportId,
        /// The close code, if there is one.
        code: Option<u16>,
        /// The reason given.
        reason: String,
    },
    /// A frame.
    Frame {
        /// Which way.
        direction: Direction,
        /// On which transport.
        transport: TransportId,
        /// What carried it.
        over: TransportKind,
        /// The number of the request or of the answer that it was a part of, on polling.
        part_of: Option<u64>,
        /// Itself.
        body: Body,
    },
    /// A request of polling; its packets follow as frames.
    Poll {
        /// Of which transport.
        transport: TransportId,
        /// `GET` or `POST`.
        method: &'static str,
        /// Where to.
        url: String,
    },
    /// The answer to a request of polling; its packets follow as frames.
    Polled {
        /// Of which transport.
        transport: TransportId,
        /// The number of the request, if it is known.
        to: Option<u64>,
        /// The HTTP status and what was no packets, or why there is none.
        answer: Result<(u16, Option<Body>), RequestError>,
        /// How long the server asked to wait: it decides when the next try is.
        retry_after: Option<Duration>,
    },
    /// A request for the server's state, or for something that a person wants.
    Fetch {
        /// `GET` or `POST`.
        method: &'static str,
        /// Where to, below the server's address.
        path: String,
    },
    /// Its answer.
    Answer {
        /// The number of the request, if it is known.
        to: Option<u64>,
        /// The HTTP status and the body, or why there is none.
        answer: Result<(u16, Body), FetchError>,
        /// How long the server asked to wait: it decides when the next try is.
        retry_after: Option<Duration>,
    },
    /// A file is handed over.
    Upload {
        /// Which.
        id: UploadId,
        /// Its name.
        name: String,
        /// Its size.
        bytes: u64,
    },
    /// The answer to it.
    Uploaded {
        /// Which.
        id: UploadId,
        /// The HTTP status and the body, or why there is none.
        answer: Result<(u16, Body), FetchError>,
    },
}

/// What a frame or an answer holds, as much as is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Text.
    Text {
        /// Without secrets; the first megabytes.
        text: String,
        /// Bytes that are left out at its end.
        cut: usize,
    },
    /// Bytes.
    Binary {
        /// How many there were.
        bytes: usize,
        /// The first of them; none if there is a secret among all of them.
        head: Vec<u8>,
    },
}

impl Body {
    /// As much of a text as is kept.
    pub(super) fn text(mut text: String) -> Self {
        let mut kept = text.len().min(MAX_TEXT);
        while !text.is_char_boundary(kept) {
            kept -= 1;
        }
        let cut = text.len() - kept;
        text.truncate(kept);
        Self::Text { text, cut }
    }

    /// As much of bytes as is kept.
    pub(super) fn binary(bytes: &[u8]) -> Self {
        Self::Binary {
            bytes: bytes.len(),
            head: bytes[..bytes.len().min(HEAD)].to_vec(),
        }
    }

    /// Bytes there were.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Body::Text { text, cut } => text.len() + cut,
            Body::Binary { bytes, .. } => *bytes,
        }
    }

    fn weight(&self) -> usize {
        match self {
            Body::Text { text, .. } => text.len(),
            Body::Binary { head, .. } => head.len(),
        }
    }
}

impl Entry {
    /// Which way it went; what a person asked for came in.
    #[must_use]
    pub fn direction(&self) -> Direction {
        match &self.what {
            What::Open { .. } | What::Poll { .. } | What::Fetch { .. } | What::Upload { .. } => {
                Direction::Out
            }
            What::Closed { direction, .. } | What::Frame { direction, .. } => *direction,
            _ => Direction::In,
        }
    }

    /// What it holds, if it is something that has a body.
    #[must_use]
    pub fn body(&self) -> Option<&Body> {
        match &self.what {
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
            } => Some(body),
            _ => None,
        }
    }

    /// Bytes of memory.
    pub(super) fn weight(&self) -> usize {
        let text = match &self.what {
            What::Open { url, .. } | What::Poll { url, .. } => url.len(),
            What::Closed { reason, .. } => reason.len(),
            What::Fetch { path, .. } => path.len(),
            What::Upload { name, .. } => name.len(),
            What::Command(command) => command.weight(),
            _ => self.body().map_or(0, Body::weight),
        };
        size_of::<Self>() + text
    }
}
