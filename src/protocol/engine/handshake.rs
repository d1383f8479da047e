//! What a server says when it opens a session: one JSON object, checked field by field.

use std::fmt;
use std::time::Duration;

use crate::json::{self, Value};
use crate::protocol::error::ProtocolError;

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

#[cfg(test)]
mod tests {
    use super::*;

    // H08
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
}
