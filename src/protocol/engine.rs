//! The Engine.IO half: one transport, its handshake and its heartbeat.
//!
//! An [`Engine`] lives as long as one transport and is never used again. It says what a frame means and when the
//! silence has lasted too long; it neither sends nor closes.

pub mod packet;

use std::fmt;
use std::time::Duration;

use crate::json::{self, Value};
use crate::protocol::engine::packet::{Data, Packet};
use crate::protocol::error::ProtocolError;
use crate::protocol::io::{Frame, TransportId};
use crate::time::Instant;

/// A frame that comes later than this after the deadline no longer proves that the connection lives: the page has
/// slept, and the frame is from before. Up to then it was waiting in the queue of a busy or throttled page.
const SLEPT: Duration = Duration::from_secs(10);

/// When a page is looked at again, silence this much longer than the ping interval is enough to give up.
const WAKE_GRACE: Duration = Duration::from_secs(2);

/// What the server says about a session when it opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct Handshake {
    /// The Engine.IO session id. A secret: who has it can join the session. Not the socket's id.
    pub sid: String,
    /// Transports that could be upgraded to; names that nobody knows may be among them.
    pub upgrades: Vec<String>,
    /// The server pings this often.
    pub ping_interval: Duration,
    /// The server gives up on us this long after a ping.
    pub ping_timeout: Duration,
    /// The largest message the server accepts, in bytes.
    pub max_payload: Option<usize>,
}

impl Handshake {
    /// Reads the JSON of an open packet. Missing `upgrades` are none.
    ///
    /// # Errors
    /// [`ProtocolError::Json`], or [`ProtocolError::Handshake`] with the first wrong field: `sid` is a string that is
    /// not empty; the two ping times are milliseconds above 0 and below 2³¹, the longest a browser's timer can wait.
    pub fn parse(text: &str) -> Result<Self, ProtocolError> {
        let value = json::parse(text)?;
        let millis = |field: &'static str| match value.get(field) {
            Value::Number(number) if *number > 0.0 && *number < 2_147_483_648.0 => {
                Ok(Duration::from_secs_f64(*number / 1000.0))
            }
            _ => Err(ProtocolError::Handshake(field)),
        };
        Ok(Self {
            sid: match value.get("sid").as_str() {
                Some(sid) if !sid.is_empty() => sid.to_owned(),
                _ => return Err(ProtocolError::Handshake("sid")),
            },
            // There are three transports in all.
            upgrades: value
                .get("upgrades")
                .as_array()
                .iter()
                .filter_map(|name| name.as_str().map(str::to_owned))
                .take(8)
                .collect(),
            ping_interval: millis("pingInterval")?,
            ping_timeout: millis("pingTimeout")?,
            max_payload: value
                .get("maxPayload")
                .as_u64()
                .and_then(|bytes| usize::try_from(bytes).ok())
                .filter(|bytes| *bytes > 0),
        })
    }
}

impl fmt::Debug for Handshake {
    /// Without the sid.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake")
            .field("upgrades", &self.upgrades)
            .field("ping_interval", &self.ping_interval)
            .field("ping_timeout", &self.ping_timeout)
            .field("max_payload", &self.max_payload)
            .finish_non_exhaustive()
    }
}

/// What a frame means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard<'a> {
    /// The handshake: the layer above may speak.
    Opened,
    /// A heartbeat: answer with a pong.
    Ping,
    /// A message for the layer above.
    Message(Data<'a>),
    /// Nothing that asks for anything.
    Nothing,
}

/// One transport and what is known of it.
pub struct Engine {
    transport: TransportId,
    opened: bool,
    handshake: Option<Handshake>,
    last_packet: Instant,
    heartbeat_grace: Duration,
}

impl Engine {
    /// The engine of a transport that is being opened.
    #[must_use]
    pub fn new(transport: TransportId, heartbeat_grace: Duration, now: Instant) -> Self {
        Self {
            transport,
            opened: false,
            handshake: None,
            last_packet: now,
            heartbeat_grace,
        }
    }

    /// The transport.
    #[must_use]
    pub fn transport(&self) -> TransportId {
        self.transport
    }

    /// The handshake, once it has come.
    #[must_use]
    pub fn handshake(&self) -> Option<&Handshake> {
        self.handshake.as_ref()
    }

    /// Whether somebody was there: the transport opened. If it closes now, that was the server's doing or a
    /// proxy's, not a missing network.
    #[must_use]
    pub fn was_opened(&self) -> bool {
        self.opened
    }

    /// The transport is open; the handshake is still to come.
    pub fn handle_opened(&mut self) {
        self.opened = true;
    }

    /// Something came, whatever it was.
    pub fn handle_life(&mut self, now: Instant) {
        self.opened = true;
        self.last_packet = now;
    }

    /// Reads a frame.
    ///
    /// Messages before the handshake have no meaning and are passed over, as is a close packet: on a WebSocket the
    /// server closes the socket itself.
    ///
    /// # Errors
    /// As [`Packet::decode`] and [`Handshake::parse`]; [`ProtocolError::SecondHandshake`].
    pub fn handle_frame<'a>(
        &mut self,
        frame: &'a Frame,
        now: Instant,
    ) -> Result<Heard<'a>, ProtocolError> {
        self.handle_life(now);
        match (Packet::decode(frame)?, &self.handshake) {
            (Packet::Open(_), Some(_)) => Err(ProtocolError::SecondHandshake),
            (Packet::Open(handshake), None) => {
                self.handshake = Some(Handshake::parse(handshake)?);
                Ok(Heard::Opened)
            }
            (Packet::Ping(_), Some(_)) => Ok(Heard::Ping),
            (Packet::Message(data), Some(_)) => Ok(Heard::Message(data)),
            _ => Ok(Heard::Nothing),
        }
    }

    /// When silence means that the connection is dead; `None` before the handshake.
    ///
    /// It runs from the last packet *of any kind*, for `pingInterval` and the smaller of `pingTimeout` and the grace.
    /// The reference client counts from the last ping only, and grants the whole `pingTimeout`: it gives up on a
    /// connection that delivers events, and takes up to 85 s over a dead one.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let handshake = self.handshake.as_ref()?;
        let grace = handshake.ping_timeout.min(self.heartbeat_grace);
        Some(self.last_packet + handshake.ping_interval + grace)
    }

    /// Whether the silence has lasted too long.
    #[must_use]
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.deadline().is_some_and(|deadline| now >= deadline)
    }

    /// Whether it has lasted so long that even a frame proves nothing: the page has slept.
    #[must_use]
    pub fn has_slept(&self, now: Instant) -> bool {
        self.deadline()
            .is_some_and(|deadline| now >= deadline + SLEPT)
    }

    /// Whether a page that is looked at again should rather not trust this connection: a ping is missing.
    #[must_use]
    pub fn is_doubtful(&self, now: Instant) -> bool {
        self.handshake
            .as_ref()
            .is_some_and(|handshake| now >= self.last_packet + handshake.ping_interval + WAKE_GRACE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_is_checked_field_by_field() {
        for (text, wrong) in [
            (
                r#"{"sid":"e","upgrades":["websocket",1],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#,
                None,
            ),
            (
                r#"{"sid":"e","pingInterval":0.5,"pingTimeout":2147483647}"#,
                None,
            ),
            (
                r#"{"sid":"e","pingInterval":1,"pingTimeout":1,"maxPayload":"many"}"#,
                None,
            ),
            (
                r#"{"sid":"","pingInterval":1,"pingTimeout":1}"#,
                Some("sid"),
            ),
            (r#"{"sid":7,"pingInterval":1,"pingTimeout":1}"#, Some("sid")),
            (r#"{"pingInterval":1,"pingTimeout":1}"#, Some("sid")),
            (r#"{"sid":"e","pingTimeout":1}"#, Some("pingInterval")),
            (
                r#"{"sid":"e","pingInterval":0,"pingTimeout":1}"#,
                Some("pingInterval"),
            ),
            (
                r#"{"sid":"e","pingInterval":-1,"pingTimeout":1}"#,
                Some("pingInterval"),
            ),
            (
                r#"{"sid":"e","pingInterval":2147483648,"pingTimeout":1}"#,
                Some("pingInterval"),
            ),
            (
                r#"{"sid":"e","pingInterval":"1","pingTimeout":1}"#,
                Some("pingInterval"),
            ),
            (r#"{"sid":"e","pingInterval":1}"#, Some("pingTimeout")),
            (
                r#"{"sid":"e","pingInterval":1,"pingTimeout":null}"#,
                Some("pingTimeout"),
            ),
            ("[]", Some("sid")),
        ] {
            let error = Handshake::parse(text).err();

            assert_eq!(error, wrong.map(ProtocolError::Handshake), "{text}");
        }
        assert!(matches!(
            Handshake::parse("{bad"),
            Err(ProtocolError::Json(_))
        ));
    }

    #[test]
    fn a_handshake_says_what_the_server_accepts() {
        let handshake = Handshake::parse(
            r#"{"sid":"secret","upgrades":["websocket",1],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#,
        )
        .unwrap();

        assert_eq!(handshake.max_payload, Some(1_000_000));
        assert_eq!(handshake.upgrades, ["websocket"]);
        assert!(!format!("{handshake:?}").contains("secret"));
    }

    #[test]
    fn the_deadline_runs_from_the_last_packet_with_a_bounded_grace() {
        for (interval, timeout, deadline) in [
            (25_000, 20_000, 35_000),
            (25_000, 60_000, 35_000),
            (25_000, 5_000, 30_000),
            (100, 100, 200),
        ] {
            let mut engine = engine(interval, timeout);
            for frame in ["2", "3", "4x", "6"] {
                engine
                    .handle_frame(&Frame::Text(frame.into()), at(1_000))
                    .unwrap();

                assert!(!engine.is_overdue(at(1_000 + deadline - 1)), "{frame}");
                assert!(engine.is_overdue(at(1_000 + deadline)), "{frame}");
                assert!(!engine.has_slept(at(1_000 + deadline + 9_999)), "{frame}");
                assert!(engine.has_slept(at(1_000 + deadline + 10_000)), "{frame}");
            }
        }
    }

    #[test]
    fn frames_mean_what_the_protocol_says() {
        for (frame, heard) in [
            ("2", Ok(Heard::Ping)),
            ("2probe", Ok(Heard::Ping)),
            ("3", Ok(Heard::Nothing)),
            ("3probe", Ok(Heard::Nothing)),
            ("5", Ok(Heard::Nothing)),
            ("6", Ok(Heard::Nothing)),
            ("1", Ok(Heard::Nothing)),
            ("4x", Ok(Heard::Message(Data::Text("x")))),
            ("0{}", Err(ProtocolError::SecondHandshake)),
            ("9", Err(ProtocolError::UnknownEnginePacket('9'))),
        ] {
            let frame = Frame::Text(frame.into());

            assert_eq!(
                engine(25_000, 20_000).handle_frame(&frame, at(1)),
                heard,
                "{frame:?}"
            );
        }
    }

    #[test]
    fn before_the_handshake_there_is_no_message_and_no_heartbeat() {
        let mut engine = Engine::new(TransportId(1), Duration::from_secs(10), at(0));

        for frame in [r#"42["pre"]"#, "2"] {
            let frame = Frame::Text(frame.into());
            assert_eq!(engine.handle_frame(&frame, at(1)), Ok(Heard::Nothing));
        }
        assert_eq!(engine.deadline(), None);
    }

    fn engine(interval: u64, timeout: u64) -> Engine {
        let mut engine = Engine::new(TransportId(1), Duration::from_secs(10), at(0));
        let open = format!(r#"0{{"sid":"e","pingInterval":{interval},"pingTimeout":{timeout}}}"#);
        let open = Frame::Text(open);
        assert_eq!(engine.handle_frame(&open, at(0)), Ok(Heard::Opened));
        engine
    }

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }
}
