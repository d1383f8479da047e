//! What comes into a session and what goes out of it, as values: the driver makes the one and does the other.

use std::fmt;
use std::time::Duration;

use super::snapshots::RequestId;
use super::state::{Command, UploadId};
use crate::backend::{Body, Request};
use crate::domain::{Change, MediaKey, MeetingKey, Source};
use crate::json::{self, Value};
use crate::protocol::{self, Closed, Frame, Page, TransportId};

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// The page is there: servers that nobody signs in to are connected.
    Start,
    /// A socket of this server is open.
    Opened(Source, TransportId),
    /// A frame came on it.
    Received(Source, TransportId, Frame),
    /// It is closed.
    Closed(Source, TransportId, Closed),
    /// A request of this server's polling was answered, or not.
    Responded(
        Source,
        TransportId,
        protocol::RequestId,
        Result<protocol::Response, protocol::RequestError>,
    ),
    /// The page's life took a turn.
    Page(Page),
    /// A request was answered, or not.
    Answered(Ticket, Result<Answer, FetchError>),
    /// So many bytes of an upload are handed over.
    UploadSent(UploadId, u64),
    /// The server answered an upload; `Err` if the network failed.
    UploadAnswered(UploadId, Result<Answer, FetchError>),
    /// A person did something.
    Command(Command),
    /// The moment of `poll_timeout` has come. Earlier or later does no harm: deadlines are compared, not trusted.
    Timeout,
}

/// What must be done.
#[derive(Debug)]
pub enum Output {
    /// Open a socket.
    Open {
        /// Of which server.
        source: Source,
        /// The generation that its frames must carry.
        transport: TransportId,
        /// Where.
        url: String,
    },
    /// Make a request of a server's polling; as [`protocol::Output::Request`].
    Request {
        /// Of which server.
        source: Source,
        /// The generation that its answer must carry.
        transport: TransportId,
        /// What to ask. Holds secrets: never shown, logged or stored.
        request: protocol::Request,
    },
    /// Send a frame.
    Send {
        /// To which server.
        source: Source,
        /// On which socket.
        transport: TransportId,
        /// What.
        frame: Frame,
    },
    /// Close a transport; as [`protocol::Output::Close`].
    Close {
        /// Of which server.
        source: Source,
        /// Which.
        transport: TransportId,
    },
    /// Make a request.
    Fetch {
        /// Comes back with the answer.
        ticket: Ticket,
        /// What to ask. Holds secrets: never shown, logged or stored.
        request: HttpRequest,
    },
    /// Send a file that [`Session::begin_upload`] was told of.
    ///
    /// [`Session::begin_upload`]: super::Session::begin_upload
    Upload {
        /// Which.
        id: UploadId,
        /// The form around it. Holds secrets: never shown, logged or stored.
        request: UploadRequest,
    },
    /// Abort every request and upload: whoever made them is signed out.
    AbortAll,
    /// Abort every upload, also those that wait: whoever made them is not the one who is signed in now.
    AbortUploads,
    /// Abort this request: its answer would come too late.
    Abort(Ticket),
    /// Something looks different.
    Changed(Change),
}

/// What a request was made for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ticket {
    /// A server's state.
    Snapshot(Source, RequestId),
    /// Signing in; the number tells tries apart.
    SignIn(Source, u32),
    /// Another analysis.
    AnalyzeAgain(MediaKey),
    /// A simulated meeting.
    Scenario(MeetingKey),
}

/// A request as the driver makes it.
pub struct HttpRequest {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Absolute.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body, if there is one.
    pub body: Option<String>,
}

/// An upload as the driver makes it: a multipart form with one file.
pub struct UploadRequest {
    /// `POST`.
    pub method: &'static str,
    /// Absolute.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The field that holds the file.
    pub file_field: &'static str,
    /// The other fields.
    pub fields: Vec<(&'static str, String)>,
}

/// Headers hold the token and bodies a password: neither is ever written for a programmer.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

impl fmt::Debug for UploadRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

/// What a server answered.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The whole body, as text.
    pub body: String,
    /// What `Retry-After` asks for.
    pub retry_after: Option<Duration>,
}

/// An answer to signing in holds a token.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}, {} bytes", self.status, self.body.len())
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchError {
    /// The server could not be reached, or its answer broke off.
    Network,
    /// Its answer was too large to be read.
    TooLarge,
}

impl HttpRequest {
    /// A request of a vocabulary, to the server at `base`.
    pub(super) fn to(base: &str, request: Request) -> Self {
        Self {
            method: request.method.as_str(),
            url: format!("{base}{}", request.path),
            headers: request.headers,
            body: match request.body {
                Body::None => None,
                Body::Json(text) => Some(text),
            },
        }
    }
}

impl Answer {
    /// The parsed body; an answer that is no JSON has none, and the backend says what that means.
    pub(super) fn json(&self) -> Value {
        json::parse(&self.body).unwrap_or_default()
    }
}
