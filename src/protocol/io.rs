//! All that can go into a [`Client`](crate::protocol::Client), all that can come out, and the state it is in.

use std::fmt;
use std::time::Duration;

use crate::json::{self, Value};
use crate::protocol::config::Credentials;
use crate::protocol::error::{DisconnectReason, Refusal};
use crate::protocol::event::{Event, ManagerEvent};
use crate::protocol::socket::{AuthId, SocketId};
use crate::time::Instant;

/// A generation of the connection: no two transports of one client have the same.
///
/// Browsers report on sockets that nobody wants any more (a late `onmessage`, an `onclose` seconds after `close()`).
/// The client drops input that names any but its present transport, so a driver needs no guards of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransportId(pub(super) u64);

impl TransportId {
    /// Counts the transports of a client up, in the order in which they were made.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

/// The number of an HTTP request; no two requests of one client have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub(super) u64);

/// How packets travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportKind {
    /// HTTP long-polling: one GET waits for packets, POSTs carry ours.
    Polling,
    /// A WebSocket: one frame is one message; binary messages arrive as `ArrayBuffer`.
    WebSocket,
}

/// An HTTP request that a polling transport needs. It has no headers but those that the browser sets, so none of them
/// asks another origin for permission first.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Its number.
    pub id: RequestId,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Where to. Holds the session id, which is a secret: who has it can speak in our name.
    pub url: String,
    /// What to send, as `text/plain;charset=UTF-8`.
    pub body: Option<String>,
    /// Whether cookies go along.
    pub credentials: Credentials,
    /// The most bytes that are read of the answer; cut off *while* it is read, not after.
    pub max_body: usize,
    /// Send it although its transport is closed and the page is left, and report nothing: the last words of a session.
    pub keepalive: bool,
}

impl fmt::Debug for Request {
    /// Without the URL and the body, which hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("id", &self.id)
            .field("method", &self.method)
            .field("body", &self.body.as_ref().map(String::len))
            .field("keepalive", &self.keepalive)
            .finish_non_exhaustive()
    }
}

/// What was answered to a [`Request`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body, read to its end; what is no UTF-8 as U+FFFD.
    pub body: String,
    /// How long the server asks us to wait (`Retry-After`, in seconds).
    pub retry_after: Option<Duration>,
}

/// Why a [`Request`] has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// The network, or the browser, let it fail; or the answer broke off.
    Network,
    /// The answer is larger than [`Request::max_body`].
    TooLarge,
}

/// One message of a transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Text, already decoded.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
}

impl Frame {
    /// Bytes of the payload.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }
}

/// How a transport closed, as far as it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closed {
    /// The close code: 1006 where the network broke; `None` where the transport has none.
    pub code: Option<u16>,
    /// The reason given by the peer; at most 123 bytes on a WebSocket.
    pub reason: String,
}

/// What a page learns about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// It can be seen again.
    Visible,
    /// It cannot be seen: waits may be longer.
    Hidden,
    /// The browser believes there is a network (event `online`).
    Online,
    /// The browser believes there is none. It is sometimes wrong, so a slow retry goes on.
    Offline,
    /// It is being left (`pagehide`): close, so that it may go into the back/forward cache.
    Leaving,
    /// It came back (`pageshow` with `persisted`, or `resume` after a freeze). Whether it can be seen is told after it.
    Restored,
    /// The wall clock ran ahead of the monotonic one: the device slept, and a heartbeat's deadline may have slept with
    /// it. Or somebody set the clock, so this is a reason to look again and no proof of a loss: waits are cut short,
    /// and a connection is only given up if a ping is missing by the monotonic clock.
    Woke,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Be connected from now on, with the socket of the configured namespace; for others there is
    /// [`Client::connect`](crate::protocol::Client::connect). Also the way back from [`State::Refused`],
    /// [`State::Ended`] and [`State::Closed`]; while a connection is up or being made, or waited for, it changes
    /// nothing.
    Connect,
    /// Be disconnected from now on, with the socket of the configured namespace; for others there is
    /// [`Client::disconnect`](crate::protocol::Client::disconnect). The last socket that leaves closes the connection.
    Disconnect,
    /// A person asked to try now: cuts any wait, the breaker's too.
    RetryNow,
    /// A transport is open.
    Opened(TransportId),
    /// A transport got a frame.
    Received(TransportId, Frame),
    /// A transport closed or could not be opened.
    Closed(TransportId, Closed),
    /// A request of a transport was answered, or failed.
    Responded(TransportId, RequestId, Result<Response, RequestError>),
    /// The answer to [`Output::Auth`]: an object, nothing at all, or why it cannot be had, in words for a log.
    Auth(AuthId, Result<Option<Value>, String>),
    /// The page changed.
    Page(Page),
    /// The time of [`poll_timeout`](crate::protocol::Client::poll_timeout) has come. Too early or too late is no harm:
    /// deadlines are compared with `now` at every input. Where frames and the timer are due at once, as after the
    /// page was busy, **hand in the frames first**: a frame that was in the queue proves that the connection lives.
    Timeout,
}

/// What to do, in this order.
#[derive(Debug, PartialEq)]
pub enum Output {
    /// Open a WebSocket, and report on it under this id.
    Open {
        /// Its id.
        transport: TransportId,
        /// Where to. Beside a session on polling it holds the session id, which is a secret.
        url: String,
    },
    /// Make an HTTP request, and report with [`Input::Responded`]. A polling transport is nothing but its requests:
    /// it has no `Open` and no `Send`, and the driver knows nothing of polling. At most one GET and one POST of a
    /// transport are under way at a time.
    Request {
        /// Of which transport.
        transport: TransportId,
        /// What.
        request: Request,
    },
    /// Send a frame. A transport that cannot, reports `Closed`.
    Send {
        /// On which transport.
        transport: TransportId,
        /// What.
        frame: Frame,
    },
    /// Close a transport, frames sent before being flushed, and forget it; abort those of its requests that are not
    /// `keepalive`. Nothing is waited for: the close event of a half-open WebSocket may never come.
    Close {
        /// Which.
        transport: TransportId,
    },
    /// Ask the application who it is: [`Auth::Ask`](crate::protocol::Auth::Ask). The answer is [`Input::Auth`], within
    /// [`Timeouts::auth`](crate::protocol::Timeouts::auth); no answer is a failure, after which it is asked again
    /// later.
    Auth {
        /// The socket that is to join.
        socket: SocketId,
        /// The question.
        request: AuthId,
        /// What the server said, if it has just refused the answer before. It does so once: the next refusal is
        /// [`State::Refused`].
        refusal: Option<Refusal>,
    },
    /// Something to tell the application of one of its sockets.
    Event(SocketId, Event),
    /// Something to tell the application of the connection.
    Manager(ManagerEvent),
}

/// Where a socket stands; enough for a person to be told the truth.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum State {
    /// Never asked to connect.
    #[default]
    Idle,
    /// A transport is being opened, up to the Engine.IO handshake.
    Opening {
        /// Attempts since the last stable connection; 0 for the first one ever.
        attempt: u32,
        /// When we give up on it.
        until: Instant,
    },
    /// CONNECT is sent, with the token, or the token is asked for; the server has not answered.
    Connecting {
        /// As in `Opening`.
        attempt: u32,
        /// When we give up on it.
        until: Instant,
    },
    /// Events flow.
    Connected {
        /// The socket's id.
        id: String,
        /// Since when.
        since: Instant,
    },
    /// The connection is lost; the next attempt has a time.
    Waiting {
        /// Number of that attempt, from 1.
        attempt: u32,
        /// Its time.
        until: Instant,
        /// What went wrong last.
        cause: DisconnectReason,
    },
    /// The browser says there is no network; we try all the same, slowly.
    Offline {
        /// When.
        until: Instant,
    },
    /// The server refused us: sign in again, then [`Client::set_auth`](crate::protocol::Client::set_auth) and
    /// [`Input::Connect`].
    Refused(Refusal),
    /// Too many failures that were the server's: a long pause, which [`Input::RetryNow`] cuts.
    Breaker {
        /// Its end.
        until: Instant,
        /// What went wrong last.
        cause: DisconnectReason,
    },
    /// It ended and reconnection is switched off.
    Ended(DisconnectReason),
    /// Closed by us.
    Closed,
    /// Closed because the page was left; opened again when it is restored.
    Suspended,
}

/// What is told only on demand, because it costs a copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    /// Each event that goes out, as [`Event::Sent`].
    pub sent: bool,
    /// Each packet that comes, as [`ManagerEvent::Packet`].
    pub packets: bool,
}

/// What was dropped or went wrong, since the client was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Sessions begun, whatever transports they tried.
    pub opens: u64,
    /// Times `Connected`.
    pub connects: u64,
    /// Sessions that changed from polling to a WebSocket.
    pub upgrades: u64,
    /// WebSockets that were tried beside a session on polling and came to nothing.
    pub upgrade_failures: u64,
    /// Inputs that named a transport that is no longer ours.
    pub stale_inputs: u64,
    /// Frames that broke the protocol.
    pub protocol_errors: u64,
    /// Frames dropped because they are too large.
    pub frames_dropped: u64,
    /// Packets that mean nothing here: other namespaces, unknown acks, a second answer to CONNECT.
    pub packets_ignored: u64,
    /// Messages dropped because too many came before CONNECT was answered.
    pub messages_dropped: u64,
    /// Emits dropped unsent, volatile ones included.
    pub emits_dropped: u64,
}

/// What an event is called: a text, or a number, which JavaScript's listeners hear under its text.
#[derive(Clone, Debug, PartialEq)]
pub struct EventName(pub(super) Value);

impl EventName {
    /// The name as a listener knows it.
    #[must_use]
    pub fn to_text(&self) -> String {
        match &self.0 {
            Value::String(name) => name.clone(),
            number => json::write(number),
        }
    }
}

impl From<&str> for EventName {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl From<String> for EventName {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl From<i32> for EventName {
    fn from(number: i32) -> Self {
        Self(f64::from(number).into())
    }
}

impl From<u32> for EventName {
    fn from(number: u32) -> Self {
        Self(f64::from(number).into())
    }
}

/// An event to send.
#[derive(Clone, Debug, PartialEq)]
pub struct Emit {
    pub(super) socket: SocketId,
    pub(super) event: EventName,
    pub(super) args: Vec<Value>,
    pub(super) volatile: bool,
    pub(super) ack_timeout: Option<Duration>,
}

impl Emit {
    /// The event `event` with these arguments; buffered for a while where there is no connection.
    #[must_use]
    pub fn new(event: impl Into<EventName>, args: Vec<Value>) -> Self {
        Self {
            socket: SocketId::MAIN,
            event: event.into(),
            args,
            volatile: false,
            ack_timeout: None,
        }
    }

    /// Send it on this socket; otherwise it goes out on the one of the configured namespace.
    #[must_use]
    pub fn on(mut self, socket: SocketId) -> Self {
        self.socket = socket;
        self
    }

    /// Send it now or not at all. (The reference client may send it after reconnecting.)
    #[must_use]
    pub fn volatile(mut self) -> Self {
        self.volatile = true;
        self
    }

    /// Ask for an answer, and stop waiting after `timeout`, which runs from the emit on. There is no waiting without
    /// an end: it would be a leak.
    #[must_use]
    pub fn with_ack(mut self, timeout: Duration) -> Self {
        self.ack_timeout = Some(timeout);
        self
    }
}
