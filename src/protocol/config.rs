//! What a client may be told beforehand: where to, as whom, how patiently, how much.

use std::time::Duration;

use crate::protocol::endpoint::{Endpoint, UrlError};
use crate::protocol::io::TransportKind;
use crate::protocol::socket::Auth;

/// The settings of one client. Not `Debug`: it holds the token.
#[derive(Clone)]
pub struct Config {
    /// Where the server is.
    pub endpoint: Endpoint,
    /// What is sent in the CONNECT packet of the configured namespace, and nowhere else.
    pub auth: Auth,
    /// Whether, and how, what is emitted in the configured namespace is sent again until it is answered.
    pub retries: Option<Retries>,
    /// Over what to travel.
    pub transports: Transports,
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
            auth: Auth::None,
            retries: None,
            transports: Transports::default(),
            reconnection: Reconnection::default(),
            timeouts: Timeouts::default(),
            limits: Limits::default(),
        })
    }
}

/// Over what to travel.
///
/// By default a WebSocket comes first, and polling is the way out where it is refused, swallowed or hangs. The
/// reference client does it the other way round: polling first, then an upgrade. That serves a person behind a bad
/// proxy some seconds earlier, but everyone else pays for it with four requests and a change of transport for each
/// connection, and behind a load balancer without sticky sessions it never connects at all. A WebSocket needs none:
/// it *is* one connection. Those seconds are paid once: what failed is remembered for
/// [`websocket_retry`](Self::websocket_retry), and meanwhile polling comes first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transports {
    /// In which order. One that does not stand here is never used; none at all counts as a WebSocket alone.
    pub order: Vec<TransportKind>,
    /// Whether the next one is tried where one does not open. (Off in the reference client.)
    pub try_all: bool,
    /// Whether a session on polling changes to a WebSocket, where both sides know it.
    pub upgrade: bool,
    /// Whether a client on which a WebSocket worked begins with one next time, whatever the order. The next error
    /// makes it forget. (The reference client remembers for all clients of a page at once.)
    pub remember_upgrade: bool,
    /// After a WebSocket failed, the next one is tried no earlier than this.
    pub websocket_retry: Duration,
    /// Whether cookies go along with the requests of polling: sticky sessions of some load balancers need them.
    pub credentials: Credentials,
    /// Whether bytes travel as base64 on a WebSocket, too; for servers behind a proxy that spoils binary frames.
    pub force_base64: bool,
}

impl Default for Transports {
    fn default() -> Self {
        Self {
            order: vec![TransportKind::WebSocket, TransportKind::Polling],
            try_all: true,
            upgrade: true,
            remember_upgrade: false,
            websocket_retry: Duration::from_secs(300),
            credentials: Credentials::SameOrigin,
            force_base64: false,
        }
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

/// Sending an emit until the server answers it. Such emits go one at a time and in order, and are kept without an age
/// limit; volatile ones are not among them. An emit that still has no answer after its last try is told as
/// [`AckFailed`](crate::protocol::Event::AckFailed) if it asked for one, and else as
/// [`EmitDropped`](crate::protocol::Event::EmitDropped).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// Tries after the first one. A try that ends with its connection counts; time without a connection does not.
    pub count: u32,
    /// How long each try waits for its answer, where the emit does not say. There is no waiting without an end.
    pub ack_timeout: Duration,
}

/// When to try again; see [`backoff`](crate::protocol::backoff) for how these are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reconnection {
    /// Whether at all.
    pub enabled: bool,
    /// Attempts in a row, since a connection was last open, after which it is given up; `None` for no end, and 0 means
    /// none at all. The first connection is not counted: it is no attempt at a new one.
    pub attempts: Option<u32>,
    /// The reference client's delays instead of `first`, `base`, `cap` and `hidden_cap`.
    pub exponential: Option<Exponential>,
    /// The first attempt after a loss comes between these: a blip heals at once, a crowd is spread.
    pub first: (Duration, Duration),
    /// The part of each later delay that is not drawn by lot; doubled for each attempt, it bounds the part that is.
    pub base: Duration,
    /// No delay is longer.
    pub cap: Duration,
    /// No delay is longer while nobody sees the page.
    pub hidden_cap: Duration,
    /// After the server sent DISCONNECT, the one attempt comes between these. `None` for none: the socket stays out
    /// until it is told to connect, as in the reference client.
    pub after_server_disconnect: Option<(Duration, Duration)>,
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

/// Delays that double: the options `reconnectionDelay`, `reconnectionDelayMax` and `randomizationFactor` of the
/// reference client. Unlike there the lot is drawn after the cap, so that a crowd that has waited long is spread too,
/// and 0 means 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exponential {
    /// The first delay, before the lot.
    pub delay: Duration,
    /// The longest, before the lot.
    pub max: Duration,
    /// Each delay is up to this many per cent shorter or longer: 50 there by default, and 0 is no lot at all. More than
    /// 100 counts as 100.
    pub randomization: u8,
}

impl Default for Exponential {
    fn default() -> Self {
        Self {
            delay: Duration::from_secs(1),
            max: Duration::from_secs(5),
            randomization: 50,
        }
    }
}

impl Default for Reconnection {
    fn default() -> Self {
        Self {
            enabled: true,
            attempts: None,
            exponential: None,
            first: (Duration::from_millis(100), Duration::from_secs(2)),
            base: Duration::from_millis(500),
            cap: Duration::from_secs(10),
            hidden_cap: Duration::from_secs(30),
            after_server_disconnect: Some((Duration::from_secs(1), Duration::from_secs(5))),
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
    /// From opening a transport to the Engine.IO handshake, for each transport that is tried. A hung upgrade blocks
    /// every other WebSocket to that address in the browser, so it must be aborted.
    pub open: Duration,
    /// From opening a WebSocket beside a polling session to the change-over. Polling goes on meanwhile.
    pub probe: Duration,
    /// What is left to be sent when we disconnect must be out within this, or is lost.
    pub close: Duration,
    /// From CONNECT to its answer: a middleware that never calls `next` would otherwise hang us for ever.
    pub connect: Duration,
    /// From asking the application for its auth to its answer: a promise that never settles would otherwise hang us
    /// for ever.
    pub auth: Duration,
    /// The most that is granted of the server's `pingTimeout` when waiting for its next packet. Servers in the field
    /// set it to 60 s, which would show a dead connection as live for 85 s.
    pub heartbeat_grace: Duration,
    /// Whether only the server's pings prove that it lives, as in the reference client, and not every packet.
    pub pings_only: bool,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            open: Duration::from_secs(10),
            probe: Duration::from_secs(10),
            close: Duration::from_secs(5),
            connect: Duration::from_secs(10),
            auth: Duration::from_secs(10),
            heartbeat_grace: Duration::from_secs(10),
            pings_only: false,
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
    /// The largest body of an HTTP answer: several packets. More is cut off and ends the connection.
    pub poll: usize,
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
    /// Emits kept that are [sent again](Retries) until they are answered.
    pub queued_emits: usize,
    /// The same, in bytes.
    pub queued_bytes: usize,
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
            poll: 4 * 1024 * 1024,
            attachments: 10,
            attachment_bytes: 8 * 1024 * 1024,
            attachment_time: Duration::from_secs(10),
            early_messages: 1000,
            early_bytes: 8 * 1024 * 1024,
            buffered_emits: 100,
            buffered_bytes: 256 * 1024,
            buffered_time: Duration::from_secs(30),
            queued_emits: 1000,
            queued_bytes: 1024 * 1024,
            payload: 1_000_000,
            acks: 1000,
        }
    }
}
