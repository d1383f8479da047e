//! What an application is told: of one socket ([`Event`]), and of the connection that all of them share
//! ([`ManagerEvent`]).

use crate::json::Value;
use crate::protocol::error::{AckError, DisconnectReason, ProtocolError};
use crate::protocol::socket::packet::Packet;
use crate::protocol::socket::{AckId, AckToken};
use crate::time::Instant;

/// What the application is told of one socket.
///
/// When a CONNECT is answered, the events come in the reference client's order: first the messages that arrived
/// before the answer, then (as frames) what was waiting to be sent, then [`Event::Connected`]. So whatever the
/// application sends on hearing `Connected` follows everything older. [`State`](crate::protocol::State) is
/// `Connected` from the first of these.
#[derive(Debug, PartialEq)]
pub enum Event {
    /// The server accepted us.
    Connected {
        /// The socket's id, new with each connection unless it was recovered.
        id: String,
        /// Whether the server took up the session of before and says it sent what was missed. **No proof that nothing
        /// is missing**; see [`recovery`](crate::protocol::socket::recovery).
        recovered: bool,
    },
    /// An event of the server.
    Message {
        /// Its name.
        event: String,
        /// Its arguments.
        args: Vec<Value>,
        /// What to answer with, if the server asked for an answer.
        ack: Option<AckToken>,
    },
    /// An answer to an emit that asked for one.
    Acked {
        /// Which emit.
        ack: AckId,
        /// The answer.
        args: Vec<Value>,
    },
    /// No answer will come.
    AckFailed {
        /// Which emit.
        ack: AckId,
        /// Why.
        error: AckError,
    },
    /// An emit that had been accepted was dropped: unsent, because the buffer was full or it had waited too long; or
    /// after the last of its [`Retries`](crate::protocol::Retries), if it had not asked for an answer.
    EmitDropped {
        /// The event's name.
        event: String,
    },
    /// An event of ours went out: at once, or when there was a connection, or once more. Told only where it is
    /// [watched](crate::protocol::Watch::sent), just before its frames.
    Sent {
        /// Its name.
        event: String,
        /// Its arguments as the server will read them, attachments in their places.
        args: Vec<Value>,
    },
    /// A socket that had been [`Connected`](Event::Connected) no longer is. [`DisconnectReason`] says which reasons
    /// are tried again.
    Disconnected(DisconnectReason),
    /// An attempt came to nothing before it was `Connected`; or the server refused us afterwards, which is told
    /// after `Disconnected`.
    ConnectError(DisconnectReason),
    /// The next attempt has a time, or a new one. [`State`](crate::protocol::State) says what it waits for.
    Reconnecting {
        /// Attempts so far since the last stable connection, this one included.
        attempt: u32,
        /// When it begins, at the latest.
        at: Instant,
    },
}

/// What the application is told of the connection: the events of the reference client's Manager.
///
/// A loss comes in this order: each socket's [`Event::Disconnected`] or [`Event::ConnectError`], then `Close` or
/// `Error`, then the time of the next attempt. Where no socket needs the connection any more, `Close` comes before the
/// socket's own event, as in the reference client.
#[derive(Debug, PartialEq)]
pub enum ManagerEvent {
    /// The Engine.IO handshake has come. The sockets join next, in the order in which they were made; **none of them
    /// is connected yet**.
    Open,
    /// A connection that was `Open` is over.
    Close(DisconnectReason),
    /// An attempt came to nothing before it was `Open`.
    Error(DisconnectReason),
    /// The server's heartbeat came, and is answered.
    Ping,
    /// The connection changed from polling to a WebSocket.
    Upgraded,
    /// A WebSocket was tried beside polling and came to nothing; the connection goes on as it was.
    UpgradeFailed,
    /// An attempt at a new connection begins: its number since a connection was last `Open`, from 1.
    ReconnectAttempt(u32),
    /// That attempt came to nothing. Follows `Error`.
    ReconnectError(DisconnectReason),
    /// The last attempt that [`Reconnection::attempts`](crate::protocol::Reconnection::attempts) allows came to
    /// nothing. Follows the last `ReconnectError`; in the reference client it comes before it.
    ReconnectFailed,
    /// A new connection is open, after so many attempts. Follows `Open`.
    Reconnect(u32),
    /// A packet came, of whichever namespace. Told only where it is [watched](crate::protocol::Watch::packets), before
    /// anything that follows from it.
    Packet(Packet),
    /// A frame broke the protocol. Where that ends the connection, each socket is told next.
    ProtocolError(ProtocolError),
}
