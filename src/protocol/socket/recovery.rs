//! Connection state recovery: what a server needs to send what was missed.
//!
//! A server that has it switched on gives a private id (`pid`) with its answer to CONNECT and appends an offset, a
//! string, to the arguments of each event that it keeps. The next CONNECT names both; a server that still has the
//! session sends what was missed *before* its answer, which then bears the same `pid`. Servers keep nothing after a
//! DISCONNECT of either side, nor packets with an ack, nor volatile ones.
//!
//! **`recovered` is no proof that nothing is missing.** Socket.IO's in-memory adapter lets a session be recovered a
//! second time and then takes it out of its rooms when the half-open first connection times out: the client is
//! connected, recovered, and hears nothing more. Whoever must know asks the server for its state.
//!
//! The `pid` is a secret: who has it can take over the session.

use std::time::Duration;

use crate::json::Value;
use crate::time::Instant;

/// A longer `pid` or offset is none of any adapter's. Socket.IO's `pid` has 20 characters, the longest offset of a
/// known adapter about 25.
const MAX_LENGTH: usize = 128;

/// How much later than the page's clock says an offset may be from the one before. The clocks run at the same speed;
/// this is for events that waited somewhere on the way.
const SLACK: Duration = Duration::from_secs(3600);

/// What one socket needs for its next CONNECT.
#[derive(Default)]
pub struct Recovery {
    pid: Option<String>,
    offset: Option<Offset>,
}

struct Offset {
    text: String,
    /// When it came.
    at: Instant,
}

impl Recovery {
    /// The server accepted us with this `pid`. Says whether it is the session that we had.
    pub fn handle_connected(&mut self, pid: Option<&str>) -> bool {
        let pid = pid.filter(|pid| !pid.is_empty() && pid.len() <= MAX_LENGTH);
        let recovered = pid.is_some() && self.pid.as_deref() == pid;
        if !recovered {
            self.pid = pid.map(str::to_owned);
            self.offset = None;
        }
        recovered
    }

    /// An event that asks for no answer came. If its last argument may be an offset, it is the new one.
    ///
    /// The reference client takes any string there, so that a volatile event that ends in a text, which bears no
    /// offset, spoils the next recovery. Here what looks like no adapter's id never replaces what does, and an id that
    /// is made of the time must be of the time.
    pub fn handle_event(&mut self, args: &[Value], now: Instant) {
        let Some(Value::String(text)) = args.last().filter(|_| self.pid.is_some()) else {
            return;
        };
        if !is_token(text) {
            return;
        }
        let follows = match &self.offset {
            None => true,
            Some(known) => match (millis_of(&known.text), millis_of(text)) {
                (Some(before), Some(millis)) => {
                    let most = now.saturating_since(known.at) + SLACK;
                    millis >= before && u128::from(millis - before) <= most.as_millis()
                }
                (Some(_), None) => false,
                (None, Some(_)) => true,
                (None, None) => is_object_id(text) || !is_object_id(&known.text),
            },
        };
        if follows {
            let (text, at) = (text.clone(), now);
            self.offset = Some(Offset { text, at });
        }
    }

    /// The session is over for the server, too.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// What CONNECT says: `pid` and offset, where there are any, before the members of the auth. Its own members of
    /// these names give way: the server would take them for ours. (In the reference client ours give way.)
    #[must_use]
    pub fn payload(&self, auth: Option<Value>) -> Option<Value> {
        let (Some(pid), None | Some(Value::Object(_))) = (&self.pid, &auth) else {
            return auth;
        };
        let mut members = vec![("pid".to_owned(), Value::from(pid.as_str()))];
        let offset = self.offset.as_ref();
        members.extend(offset.map(|offset| ("offset".to_owned(), offset.text.as_str().into())));
        if let Some(Value::Object(own)) = auth {
            let own = own.into_iter();
            members.extend(own.filter(|(name, _)| name != "pid" && name != "offset"));
        }
        Some(Value::Object(members))
    }
}

/// Whether this may be an id at all.
fn is_token(text: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(is_token)
}

/// MongoDB's: 24 hexadecimal digits.
fn is_object_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The time in an offset that is made of it, in milliseconds since 1970: that of the in-memory adapter (yeast: the
/// milliseconds in base 64, seven digits from 1972 to 2109, and `.` and a counter where two fall into one millisecond)
/// or of Redis streams (`1700000000000-0`).
fn millis_of(text: &str) -> Option<u64> {
    if let Some((millis, sequence)) = text.split_once('-') {
        let is_number = |part: &str| {
            (1..=16).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if is_number(millis) && is_number(sequence) && millis.len() >= 13 {
            return millis.parse().ok();
        }
    }
    let digits = text.split_once('.').map_or(text, |(millis, _)| millis);
    if digits.len() != 7 {
        return None;
    }
    digits.bytes().try_fold(0_u64, |millis, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            b'a'..=b'z' => byte - b'a' + 36,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        Some(millis * 64 + u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    // S05
    #[test]
    fn the_offset_is_the_last_argument_if_it_is_a_string_and_there_is_a_pid() {
        for (pid, events, payload) in [
            (
                Some("P"),
                &[r#"[1,"off1"]"#, "[2]"][..],
                r#"{"pid":"P","offset":"off1"}"#,
            ),
            (
                Some("P"),
                &[r#"["a","off1"]"#, r#"["off2"]"#],
                r#"{"pid":"P","offset":"off2"}"#,
            ),
            (
                Some("P"),
                &["[]", "[null]", r#"["off1",{}]"#],
                r#"{"pid":"P"}"#,
            ),
            (
                Some("P"),
                &[r#"[""]"#, r#"["two words"]"#, r#"["ü"]"#],
                r#"{"pid":"P"}"#,
            ),
            (None, &[r#"["off1"]"#], "null"),
        ] {
            let mut recovery = Recovery::default();
            recovery.handle_connected(pid);
            for args in events {
                recovery.handle_event(json::parse(args).unwrap().as_array(), at(0));
            }

            assert_eq!(written(&recovery, None), payload, "{events:?}");
        }
    }

    // S03
    #[test]
    fn a_text_does_not_replace_what_an_adapter_made() {
        const HOUR: u64 = 3_600_000;
        for (known, later, text, replaced) in [
            ("Q2gLgpd", 0, "hello", false),
            ("Q2gLgpd", 0, "Success", false),
            ("Q2gLgpd", 0, "Message", false),
            ("Q2gLgpd", 0, "Q2gLgpc", false),
            ("Q2gLgpd", 0, "Q2gLgpd.0", true),
            ("Q2gLgpd", 0, "Q2gLgpe", true),
            ("Q2gLgpd", 0, "Q2gZPjd", true), // an hour later
            ("Q2gLgpd", 0, "Q2gZPje", false),
            ("Q2gLgpd", HOUR, "Q2gn8dd", true), // two hours later
            ("Q2gLgpd", HOUR, "Q2gn8de", false),
            ("1700000000000-0", 0, "1700000000000-1", true),
            ("1700000000000-0", 0, "1600000000000-1", false),
            ("1700000000000-0", 0, "on-2", false),
            ("507f1f77bcf86cd799439011", 0, "done", false),
            (
                "507f1f77bcf86cd799439011",
                0,
                "507f191e810c19729de860ea",
                true,
            ),
            ("done", 0, "Q2gLgpd", true),
            ("done", 0, "507f1f77bcf86cd799439011", true),
            ("off1", 0, "off2", true),
        ] {
            let mut recovery = Recovery::default();
            recovery.handle_connected(Some("P"));
            recovery.handle_event(&[known.into()], at(0));

            recovery.handle_event(&[text.into()], at(later));

            let expected = if replaced { text } else { known };
            let payload = recovery.payload(None).unwrap();
            assert_eq!(
                payload.get("offset").as_str(),
                Some(expected),
                "{known} {text}"
            );
        }
    }

    // S06
    #[test]
    fn a_session_is_recovered_if_it_is_the_same_and_another_one_begins_without_an_offset() {
        let mut recovery = Recovery::default();

        assert!(!recovery.handle_connected(Some("P")));
        recovery.handle_event(&["off1".into()], at(0));
        assert!(recovery.handle_connected(Some("P")));
        assert_eq!(written(&recovery, None), r#"{"pid":"P","offset":"off1"}"#);
        assert!(!recovery.handle_connected(Some("Q")));
        assert_eq!(written(&recovery, None), r#"{"pid":"Q"}"#);
        for none in [None, Some(""), Some("x".repeat(129).as_str())] {
            recovery.handle_connected(Some("Q"));
            assert!(!recovery.handle_connected(none));
            assert_eq!(recovery.payload(None), None);
        }
    }

    // S04
    #[test]
    fn what_is_ours_goes_before_what_is_the_applications() {
        let mut recovery = Recovery::default();
        let auth = json::parse(r#"{"pid":"mine","token":"t","offset":"mine"}"#).unwrap();
        assert_eq!(recovery.payload(Some(auth.clone())), Some(auth.clone()));

        recovery.handle_connected(Some("P"));

        assert_eq!(written(&recovery, Some(auth)), r#"{"pid":"P","token":"t"}"#);
        let text = Value::from("no object");
        assert_eq!(recovery.payload(Some(text.clone())), Some(text));
    }

    fn written(recovery: &Recovery, auth: Option<Value>) -> String {
        json::write(&recovery.payload(auth).unwrap_or_default())
    }

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }
}
