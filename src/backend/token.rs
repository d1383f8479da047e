//! What can be read of a token without its key: when it ends (RFC 7519 §4.1.4, `exp`).
//!
//! A JSON Web Token is read here only to ask for a new one in time; whether it is valid is for the server to say. One
//! that cannot be read is a token without a known end.

use crate::json;
use crate::time::Timestamp;

/// When the token ends, by the server's clock; `None` if it does not say or is no JSON Web Token.
pub(super) fn expires(token: &str) -> Option<Timestamp> {
    let claims = token.split('.').nth(1)?;
    let claims = String::from_utf8(base64url(claims)?).ok()?;
    let seconds = json::parse(&claims).ok()?.get("exp").as_f64()?;
    Timestamp::from_unix_millis(seconds * 1000.0)
}

/// Base 64 with the URL alphabet, padded or not (RFC 4648 §5).
fn base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_token_is_read_and_anything_else_has_none() {
        for (token, end) in [
            // {"userId":"u","exp":1771583412} in the middle.
            (
                "e30.eyJ1c2VySWQiOiJ1IiwiZXhwIjoxNzcxNTgzNDEyfQ.sig",
                Some(1_771_583_412_000),
            ),
            ("e30.eyJ1c2VySWQiOiJ1In0.sig", None),
            ("e30.e30=.sig", None),
            ("e30.!!!.sig", None),
            ("e30._w.sig", None),
            ("opaque", None),
            ("", None),
        ] {
            assert_eq!(expires(token).map(Timestamp::unix_millis), end, "{token}");
        }
    }

    #[test]
    fn the_url_alphabet_is_read_with_and_without_padding() {
        for (text, bytes) in [
            ("", Some(&b""[..])),
            ("Zg", Some(b"f")),
            ("Zg==", Some(b"f")),
            ("Zm9vYmE", Some(b"fooba")),
            ("-_-_", Some(&[0xfb, 0xff, 0xbf])),
            ("+/+/", None),
        ] {
            assert_eq!(base64url(text).as_deref(), bytes, "{text}");
        }
    }
}
