//! What a client may be told beforehand: where to, as whom, how patiently, how much.

use std::time::Duration;

use crate::json::Value;
use crate::protocol::endpoint::{Endpoint, UrlError};

/// The settings of one client. Not `Debug`: it holds the token.
#[derive(Clone)]
pub struct Config {
    /// Where the server is.
    pub endpoint: Endpoint,
    /// What is sent in the CONNECT packet, and nowhere else: an object, such as `{"token": …}`.
    pub auth: Option<Value>,
    /// When to try again.
    pub reconnection: Reconnection,
    /// How long to wait for the server.
    pub timeouts: Timeouts,
    /// How much to accept and to keep.
    pub limits: Limits,
}

impl Config {
    /// The server at `url`, with everything else as it is by default. The URL's path is the namespace and its query
    /// goes along, as in `io(url)`; the HTTP path is [`Endpoint::with_path`]'s.
    ///
    /// # Errors
    /// [`UrlError`] if it is no absolute `http`, `https`, `ws` or `wss` URL, or holds what must not be in one.
    pub fn new(url: &str) -> Result<Self, UrlError> {
        Ok(Self {
            endpoint: Endpoint::parse(url)?,
            auth: None,
            reconnection: Reconnection::default(),
            timeouts: Timeouts::default(),
            limits: Limits::default(),
        })
    }
}

/// Whether cookies go along with requests. WebSockets send those of their own host anyway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Never.
    Omit,
    /// To the page's own origin only.
    #[default]
    SameOrigin,
    /// Also to other origins, which must allow it by name. Socket.IO's `withCredentials`.
    Include,
}

/// When to try again; see [`backoff`](crate::protocol::backoff) for how these are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reconnection {
    /// Whether at all.
    pub enabled: bool,
    /// The first attempt after a loss comes between these: a blip heals at once, a crowd is spread.
    pub first: (Duration, Duration),
    /// The part of each later delay that is not drawn by lot; doubled for each attempt, it bounds the part that is.
    pub base: Duration,
    /// No delay is longer.
    pub cap: Duration,
    /// No delay is longer while nobody sees the page.
    pub hidden_cap: Duration,
    /// After the server sent DISCONNECT, the one attempt comes between these.
    pub after_server_disconnect: (Duration, Duration),
    /// Failures in a row that were the server's, until the breaker opens.
    pub breaker_after: u32,
    /// The breaker's first pause and the longest, between which it doubles.
    pub breaker: (Duration, Duration),
    /// A connection counts as stable after so long, if something came on it.
    pub stable_after: Duration,
    /// While the browser says *offline*, an attempt each time between these: it is sometimes wrong.
    pub offline: (Duration, Duration),
    /// The page's own events (visible, online, restored) cut a wait at most once in so long.
    pub hurry_interval: Duration,
}

impl Default for Reconnection {
    fn default() -> Self {
        Self {
            enabled: true,
            first: (Duration::from_millis(100), Duration::from_secs(2)),
            base: Duration::from_millis(500),
            cap: Duration::from_secs(10),
            hidden_cap: Duration::from_secs(30),
            after_server_disconnect: (Duration::from_secs(1), Duration::from_secs(5)),
            breaker_after: 10,
            breaker: (Duration::from_secs(60), Duration::from_secs(300)),
            stable_after: Duration::from_secs(10),
            offline: (Duration::from_secs(20), Duration::from_secs(40)),
            hurry_interval: Duration::from_secs(5),
        }
    }
}

/// How long to wait for the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// From opening a transport to the Engine.IO handshake. A hung upgrade blocks every other WebSocket to that
    /// address in the browser, so it must be aborted.
    pub open: Duration,
    /// From CONNECT to its answer: a middleware that never calls `next` would otherwise hang us for ever.
    pub connect: Duration,
    /// The most that is granted of the server's `pingTimeout` when waiting for its next packet. Servers in the field
    /// set it to 60 s, which would show a dead connection as live for 85 s.
    pub heartbeat_grace: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            open: Duration::from_secs(10),
            connect: Duration::from_secs(10),
            heartbeat_grace: Duration::from_secs(10),
        }
    }
}

/// How much to accept and to keep. Sizes are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A larger frame is dropped and counted; servers themselves accept 1 MB by default.
    pub frame: usize,
    /// A larger frame also ends the connection: whoever sends it will send more.
    pub frame_closing: usize,
    /// Attachments of one packet, as in `socket.io-parser` 4.2.6 and later.
    pub attachments: usize,
    /// All attachments of one packet together.
    pub attachment_bytes: usize,
    /// All attachments must have come within this.
    pub attachment_time: Duration,
    /// Messages kept that came before CONNECT was answered (state recovery sends what was missed there).
    pub early_messages: usize,
    /// The same, in bytes of memory, attachments included.
    pub early_bytes: usize,
    /// Emits kept while there is no connection.
    pub buffered_emits: usize,
    /// The same, in bytes.
    pub buffered_bytes: usize,
    /// The same, in time: what a person asked for half a minute ago is no longer what they want.
    pub buffered_time: Duration,
    /// The largest frame sent to a server that did not say what it accepts: Socket.IO's default.
    pub payload: usize,
    /// Answers waited for at once.
    pub acks: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame: 1024 * 1024,
            frame_closing: 16 * 1024 * 1024,
            attachments: 10,
            attachment_bytes: 8 * 1024 * 1024,
            attachment_time: Duration::from_secs(10),
            early_messages: 1000,
            early_bytes: 8 * 1024 * 1024,
            buffered_emits: 100,
            buffered_bytes: 256 * 1024,
            buffered_time: Duration::from_secs(30),
            payload: 1_000_000,
            acks: 1000,
        }
    }
}
