//! What can go wrong, by whose fault it is.
//!
//! [`ProtocolError`]: the peer sent what no server may send. [`DisconnectReason`]: why a connection ended, or an
//! attempt at one came to nothing. [`EmitError`] and [`AckError`]: what the application asked for and cannot have.
//! No message quotes more than one character of what came in: frames may hold secrets.

use std::fmt;
use std::time::Duration;

use crate::json::{self, Value};
use crate::protocol::io::{Closed, Response};

/// A frame that breaks the protocol. Each one is counted; all but [`FrameTooLarge`](Self::FrameTooLarge) below the
/// closing limit end the connection, because what follows a packet that was not understood cannot be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProtocolError {
    /// A text frame without a single character.
    EmptyFrame,
    /// The first character of a frame is no Engine.IO packet type.
    UnknownEnginePacket(char),
    /// What follows `b` is not base64.
    Base64,
    /// The handshake is not what Engine.IO says; the field that is wrong.
    Handshake(&'static str),
    /// The first packet of a session on polling is not the handshake.
    NoHandshake,
    /// A second handshake on one connection (the reference client rebinds silently).
    SecondHandshake,
    /// An Engine.IO message without a Socket.IO packet in it.
    EmptyPacket,
    /// The first character of a message is no Socket.IO packet type.
    UnknownPacket(char),
    /// The number of attachments is missing, zero, not in ASCII digits, or above the limit.
    AttachmentCount,
    /// The attachments of one packet are larger than the limit; the bytes so far.
    AttachmentsTooLarge(usize),
    /// The attachments of a packet did not all come in time.
    AttachmentsOverdue,
    /// A text message where an attachment was due.
    TextAmongAttachments,
    /// A binary message that no packet announced.
    UnexpectedAttachment,
    /// A placeholder whose number is not that of an attachment.
    Placeholder,
    /// An ack id above 2⁵³ − 1, which no JavaScript peer can count.
    AckId,
    /// The payload is not JSON, or too deep.
    Json(json::Error),
    /// The payload is JSON, but not of the shape that this kind of packet has; the kind.
    Payload(&'static str),
    /// An event of a name that only the client itself may use.
    ReservedEvent,
    /// CONNECT was answered without a session id, as a server of Socket.IO 2 does.
    NoSessionId,
    /// A frame above a size limit; its bytes.
    FrameTooLarge(usize),
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyFrame => f.write_str("a text frame is empty"),
            Self::UnknownEnginePacket(found) => {
                write!(
                    f,
                    "'{}' is no Engine.IO packet type",
                    found.escape_default()
                )
            }
            Self::Base64 => f.write_str("a binary packet in text is not base64"),
            Self::Handshake(field) => write!(f, "the handshake has a wrong {field}"),
            Self::NoHandshake => f.write_str("the first packet is no handshake"),
            Self::SecondHandshake => f.write_str("a second handshake on one connection"),
            Self::EmptyPacket => f.write_str("a message is empty"),
            Self::UnknownPacket(found) => {
                write!(
                    f,
                    "'{}' is no Socket.IO packet type",
                    found.escape_default()
                )
            }
            Self::AttachmentCount => f.write_str("the number of attachments is illegal"),
            Self::AttachmentsTooLarge(bytes) => {
                write!(f, "the attachments of a packet have {bytes} bytes or more")
            }
            Self::AttachmentsOverdue => f.write_str("the attachments of a packet did not come"),
            Self::TextAmongAttachments => f.write_str("text came where an attachment was due"),
            Self::UnexpectedAttachment => f.write_str("an attachment came that was not announced"),
            Self::Placeholder => f.write_str("a placeholder names no attachment"),
            Self::AckId => f.write_str("an ack id is too large"),
            Self::Json(error) => write!(f, "the payload of a packet: {error}"),
            Self::Payload(kind) => write!(f, "the payload of {kind} has a wrong shape"),
            Self::ReservedEvent => f.write_str("an event has a reserved name"),
            Self::NoSessionId => {
                f.write_str("CONNECT was answered without sid; the server may speak Socket.IO 2")
            }
            Self::FrameTooLarge(bytes) => write!(f, "a frame has {bytes} bytes"),
        }
    }
}

impl std::error::Error for ProtocolError {}

impl From<json::Error> for ProtocolError {
    fn from(error: json::Error) -> Self {
        Self::Json(error)
    }
}

/// What a server said when it refused a CONNECT (packet type 4).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refusal {
    /// Its words; empty if it gave none.
    pub message: String,
    /// What it attached to them; `Null` if nothing.
    pub data: Value,
}

/// Why a connection ended, or an attempt at one came to nothing.
///
/// All are tried again, unless reconnection is off, but these: `ClientDisconnect` and `Refused` never, which is for the
/// application to mend; `Leaving` when the page is back; and `ServerDisconnect` once and then rarely, or not at all
/// where [`Reconnection::after_server_disconnect`](crate::protocol::Reconnection::after_server_disconnect) says so, as
/// in the reference client.
#[derive(Clone, Debug, PartialEq)]
pub enum DisconnectReason {
    /// We were told to.
    ClientDisconnect,
    /// The server sent DISCONNECT.
    ServerDisconnect,
    /// The server refused the CONNECT. Not tried again by itself: the same token would be refused again.
    Refused(Refusal),
    /// Nothing came for longer than the heartbeat allows.
    PingTimeout,
    /// The transport closed or never opened.
    TransportClose(Closed),
    /// The transport failed, or carried what is not Engine.IO.
    TransportError(TransportError),
    /// The peer broke the protocol.
    ParseError(ProtocolError),
    /// No Engine.IO handshake in time.
    OpenTimeout,
    /// CONNECT was not answered in time (the reference client waits for ever).
    ConnectTimeout,
    /// The application could not say who it is; its words. (A provider that throws hangs the reference client.)
    AuthFailed(String),
    /// The application did not say in time who it is.
    AuthTimeout,
    /// The page was told that the network is gone.
    Offline,
    /// The page was left. Told when it is back, if it comes back.
    Leaving,
    /// We gave up the connection, or no socket needed it any more.
    ForcedClose,
}

impl DisconnectReason {
    /// The reason in Socket.IO's words, for a log; words of our own where it has none.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::ClientDisconnect => "io client disconnect",
            Self::ServerDisconnect => "io server disconnect",
            Self::Refused(_) => "connect error",
            Self::PingTimeout => "ping timeout",
            Self::TransportClose(_) | Self::Offline => "transport close",
            Self::TransportError(_) => "transport error",
            Self::ParseError(_) => "parse error",
            Self::OpenTimeout => "timeout",
            Self::ConnectTimeout => "namespace connect timeout",
            Self::AuthFailed(_) => "auth provider failed",
            Self::AuthTimeout => "auth provider timeout",
            Self::Leaving => "page left",
            Self::ForcedClose => "forced close",
        }
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())?;
        match self {
            Self::Refused(refusal) if !refusal.message.is_empty() => {
                write!(f, ": {}", refusal.message)
            }
            Self::TransportClose(Closed {
                code: Some(code), ..
            }) => write!(f, ": code {code}"),
            Self::TransportError(error) => write!(f, ": {error}"),
            Self::ParseError(error) => write!(f, ": {error}"),
            Self::AuthFailed(why) if !why.is_empty() => write!(f, ": {why}"),
            Self::Offline => f.write_str(": network connection lost"),
            _ => Ok(()),
        }
    }
}

/// What went wrong with a transport that did not simply close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// What came is no Engine.IO packet, or not one that may come now. The reference client calls it *server error*.
    Packet(ProtocolError),
    /// A request was answered with something else than 200.
    Status {
        /// The HTTP status.
        status: u16,
        /// Engine.IO's own number of what is wrong, if the answer has one: 1 is a session that the server does not
        /// know.
        code: Option<u64>,
        /// How long the server asks us to wait.
        retry_after: Option<Duration>,
    },
    /// A request failed, or its answer broke off.
    Network,
    /// The answer to a request is larger than [`Limits::poll`](crate::protocol::Limits::poll).
    TooLarge,
}

impl TransportError {
    /// What there is to say of an answer that is not 200.
    #[must_use]
    pub fn of_response(response: &Response) -> Self {
        // Engine.IO's own answers are short objects; a proxy's page is none of our business.
        let code = Some(&response.body).filter(|body| body.starts_with('{') && body.len() < 1000);
        Self::Status {
            status: response.status,
            code: code
                .and_then(|body| json::parse(body).ok())
                .and_then(|error| error.get("code").as_u64()),
            retry_after: response.retry_after,
        }
    }

    /// How long the server asks us to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether the server does not know the session.
    #[must_use]
    pub fn is_unknown_session(&self) -> bool {
        matches!(self, Self::Status { code: Some(1), .. })
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (status, code) = match self {
            Self::Packet(error) => return error.fmt(f),
            Self::Network => return f.write_str("a request failed"),
            Self::TooLarge => return f.write_str("the answer to a request is too large"),
            Self::Status { status, code, .. } => (status, code),
        };
        let meaning = match (status, code) {
            (_, Some(0)) => ": the server does not offer this transport",
            (_, Some(1)) => {
                ": the server does not know the session; several servers behind one address need sticky sessions"
            }
            (_, Some(4)) => ": the server does not admit us",
            (_, Some(5)) => ": the server does not speak Engine.IO 4",
            (413, _) => ": what was sent is too large",
            _ => "",
        };
        write!(f, "the server answered {status}{meaning}")
    }
}

impl std::error::Error for TransportError {}

/// Why an emit was refused, at once and without a trace on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmitError {
    /// The name belongs to the client itself (`connect`, `disconnect`, …).
    ReservedEvent,
    /// More than ten attachments: a server closes on the eleventh.
    TooManyAttachments(usize),
    /// A frame or message of this many bytes is above what the server or our buffer accepts.
    TooLarge {
        /// Bytes it has.
        size: usize,
        /// Bytes it may have.
        limit: usize,
    },
    /// Nested deeper than [`json::MAX_DEPTH`].
    TooDeep,
    /// Data with a member `_placeholder: true` beside real attachments, which the server would take for one.
    ReservedShape,
    /// Volatile, and there is no connection.
    NotConnected,
    /// Volatile, and what was sent before has not gone out yet.
    NotWritable,
    /// So many emits wait to be answered that one more has no place among those that are sent again until they are.
    QueueFull,
    /// The socket is not one of this client.
    UnknownSocket,
    /// So many answers are waited for that one more would be a leak.
    TooManyAcks,
}

impl fmt::Display for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReservedEvent => f.write_str("the event has a reserved name"),
            Self::TooManyAttachments(count) => write!(f, "{count} attachments are too many"),
            Self::TooLarge { size, limit } => write!(f, "{size} bytes, and {limit} are allowed"),
            Self::TooDeep => f.write_str("the arguments are nested too deep"),
            Self::ReservedShape => f.write_str("the arguments hold a placeholder of their own"),
            Self::NotConnected => f.write_str("volatile, and there is no connection"),
            Self::NotWritable => f.write_str("volatile, and the transport is busy"),
            Self::QueueFull => f.write_str("the queue of emits to be answered is full"),
            Self::UnknownSocket => f.write_str("the socket is another client's"),
            Self::TooManyAcks => f.write_str("too many answers are waited for"),
        }
    }
}

impl std::error::Error for EmitError {}

/// Why no answer will come to an emit that asked for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AckError {
    /// Not in time; the server may have got the event all the same.
    Timeout,
    /// The connection on which the event went out is gone; the server may have got it.
    Disconnected,
    /// The event was dropped from a full or aged buffer; the server has not got it.
    Dropped,
}

impl fmt::Display for AckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "operation has timed out",
            Self::Disconnected => "socket has been disconnected",
            Self::Dropped => "the event was never sent",
        })
    }
}

impl std::error::Error for AckError {}
