//! Requests and emits as data, and what their answers can mean.
//!
//! Nothing here sends anything. Paths are relative to the configured base, and every id in a path is escaped, because
//! an id is what a server once wrote into an event.

use std::fmt;

use super::field;
use crate::domain::{Fact, MediaId, Text};
use crate::json::{self, Value};

/// The methods in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Asks.
    Get,
    /// Changes something.
    Post,
}

impl Method {
    /// As HTTP writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// One HTTP request.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Where, relative to the configured base; begins with `/`.
    pub path: String,
    /// Names and values. They may hold a token.
    pub headers: Vec<(&'static str, String)>,
    /// What is sent.
    pub body: Body,
}

/// What a request sends.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    None,
    /// A JSON text. It may hold a password.
    Json(String),
}

/// A multipart form with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Where to send it; its body is [`Body::None`], for the form is the body.
    pub request: Request,
    /// The name of the field that holds the file.
    pub file_field: &'static str,
    /// The other fields, by name.
    pub fields: Vec<(&'static str, String)>,
}

/// An event to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Emit {
    /// Its name.
    pub event: &'static str,
    /// Its arguments.
    pub args: Vec<Value>,
}

/// A person is signed in.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// What to show to the server from now on. Never to be shown, logged or stored.
    pub token: String,
    /// Who it is, as events name them.
    pub user_id: String,
    /// What to call them.
    pub display_name: Option<Text>,
}

/// A file was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Uploaded {
    /// The media it became.
    pub media: MediaId,
    /// What the answer says of it. Events may have said more already.
    pub facts: Vec<Fact>,
}

/// Why a request was not answered with what it asked for, by whose fault it is.
///
/// Each carries the first line of what the server said, if it said anything: what follows it is a stack trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The name or the password is wrong.
    Credentials(Option<Text>),
    /// The token is missing, bad or has ended: sign in again.
    SignedOut(Option<Text>),
    /// The file is larger than the server takes.
    TooLarge(Option<Text>),
    /// Too many requests: wait.
    TooMany(Option<Text>),
    /// The server will not do it (any other status from 300 to 499, or another that comes with such words).
    Rejected {
        /// The HTTP status.
        status: u16,
        /// What it said.
        message: Option<Text>,
    },
    /// The server failed (any other status).
    Server {
        /// The HTTP status.
        status: u16,
        /// What it said.
        message: Option<Text>,
    },
    /// The server agreed, but its answer cannot be read.
    Malformed {
        /// The field.
        field: &'static str,
        /// What was there instead.
        found: &'static str,
    },
}

impl Request {
    /// Asks for what is at this path.
    #[must_use]
    pub fn get(path: String) -> Self {
        Self {
            method: Method::Get,
            path,
            headers: vec![("Accept", "application/json".to_owned())],
            body: Body::None,
        }
    }

    /// Sends nothing but the wish.
    #[must_use]
    pub fn post(path: String) -> Self {
        Self {
            method: Method::Post,
            ..Self::get(path)
        }
    }

    /// The same with a JSON body.
    #[must_use]
    pub fn with_json(mut self, body: &Value) -> Self {
        self.headers
            .push(("Content-Type", "application/json".to_owned()));
        self.body = Body::Json(json::write(body));
        self
    }

    /// The same with the token as `Authorization`, after `prefix`.
    #[must_use]
    pub fn with_token(mut self, prefix: &str, token: Option<&str>) -> Self {
        if let Some(token) = token {
            self.headers
                .push(("Authorization", prefix.to_owned() + token));
        }
        self
    }
}

impl fmt::Debug for Request {
    /// Without the values of headers and without the body: they hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_str(), self.path)
    }
}

impl fmt::Debug for SignedIn {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signed in as {}", self.user_id)
    }
}

impl Refusal {
    /// What an answer of this status means; `None` if it is a good one.
    #[must_use]
    pub fn of(status: u16, body: &Value) -> Option<Self> {
        let message = said(body);
        Some(match status {
            200..=299 => return None,
            401 => Refusal::SignedOut(message),
            413 => Refusal::TooLarge(message),
            429 => Refusal::TooMany(message),
            // The upload library of these servers writes exactly this, and not all of them give it a status of its own.
            _ if message
                .as_ref()
                .is_some_and(|text| text.as_str() == "File too large") =>
            {
                Refusal::TooLarge(message)
            }
            300..=499 => Refusal::Rejected { status, message },
            _ => Refusal::Server { status, message },
        })
    }

    /// What the server said, if it said anything.
    #[must_use]
    pub fn message(&self) -> Option<&Text> {
        match self {
            Refusal::Credentials(message)
            | Refusal::SignedOut(message)
            | Refusal::TooLarge(message)
            | Refusal::TooMany(message)
            | Refusal::Rejected { message, .. }
            | Refusal::Server { message, .. } => message.as_ref(),
            Refusal::Malformed { .. } => None,
        }
    }

    /// The same for the answer to signing in, where "unauthorized" is about the password and not about a token.
    #[must_use]
    pub fn of_sign_in(status: u16, body: &Value) -> Option<Self> {
        Self::of(status, body).map(|refusal| match refusal {
            Refusal::SignedOut(message) => Refusal::Credentials(message),
            other => other,
        })
    }

    /// An answer that says in another way than by its status that the server will not do it.
    pub(super) fn rejected(status: u16, body: &Value) -> Self {
        let message = said(body);
        Refusal::Rejected { status, message }
    }

    pub(super) fn malformed(field: &'static str, value: &Value) -> Self {
        Refusal::Malformed {
            field,
            found: field::found(value),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, status, message) = match self {
            Refusal::Credentials(message) => ("the name or the password is wrong", None, message),
            Refusal::SignedOut(message) => ("not signed in", None, message),
            Refusal::TooLarge(message) => ("the file is too large", None, message),
            Refusal::TooMany(message) => ("too many requests", None, message),
            Refusal::Rejected { status, message } => ("the server refused", Some(*status), message),
            Refusal::Server { status, message } => ("the server failed", Some(*status), message),
            Refusal::Malformed { field, found } => {
                return write!(
                    f,
                    "the server's answer cannot be read: field {field}, found {found}"
                );
            }
        };
        f.write_str(what)?;
        if let Some(status) = status {
            write!(f, " with status {status}")?;
        }
        message
            .as_ref()
            .map_or(Ok(()), |message| write!(f, ": {message}"))
    }
}

impl std::error::Error for Refusal {}

/// The first line of what an answer says went wrong, by any of the names that servers give it.
fn said(body: &Value) -> Option<Text> {
    let error = body.get("error");
    let text = [body.get("message"), error, error.get("message")]
        .into_iter()
        .find_map(field::message)?;
    Text::name(text.first_line().0)
}

/// The answer to signing in: a user and a token in `object`, by any of these names.
pub(super) fn signed_in(
    object: &Value,
    token_field: &'static str,
    name: impl Fn(&Value) -> Option<Text>,
) -> Result<SignedIn, Refusal> {
    let token = object.get(token_field);
    let user = object.get("user");
    let id = user.first_of(&["id", "_id", "userId"]);
    Ok(SignedIn {
        token: token
            .as_str()
            .filter(|token| is_token(token))
            .map(ToOwned::to_owned)
            .ok_or_else(|| Refusal::malformed(token_field, token))?,
        user_id: field::id(id, |id| MediaId::new(id).map(|id| id.as_str().to_owned()))
            .ok_or_else(|| Refusal::malformed("id", id))?,
        display_name: name(user).or_else(|| field::name(user.get("email"))),
    })
}

/// Whether it can be shown to a server: 1 to 8,192 letters that can stand in a header, visible ASCII and blanks (RFC
/// 9110 §5.5). Of anything else a browser makes no request, and that looks like a lost network.
#[must_use]
pub fn is_token(text: &str) -> bool {
    // Real tokens are a few hundred bytes; a request header of more than 8 KiB is refused by common servers anyway.
    const LONGEST: usize = 8192;
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// An id as one segment of a path; `None` for what no escaping keeps in its place (`.` and `..` mean "here" and "up"
/// to a browser even when they are escaped).
pub(super) fn segment(id: &str) -> Option<String> {
    if id == "." || id == ".." {
        return None;
    }
    Some(percent_encoded(id))
}

/// All but RFC 3986's unreserved characters as `%` and two digits: then it stands in any part of an address.
pub(crate) fn percent_encoded(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(char::from(DIGITS[usize::from(byte >> 4)]));
            encoded.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    encoded
}

/// Whether the server says that there is no such thing. A 404 without an object is of whatever stands before it, and
/// says nothing.
#[must_use]
pub fn is_unknown(status: u16, body: &Value) -> bool {
    status == 404 && matches!(body, Value::Object(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_tells_whose_fault_it_is() {
        let body = |text: &str| json::parse(text).unwrap();
        let text = |text: &str| Text::name(text);
        for (status, answer, meant) in [
            (200, "{}", None),
            (202, "{}", None),
            (
                401,
                r#"{"error":"Token expired"}"#,
                Some(Refusal::SignedOut(text("Token expired"))),
            ),
            (413, "null", Some(Refusal::TooLarge(None))),
            (
                500,
                r#"{"message":"File too large"}"#,
                Some(Refusal::TooLarge(text("File too large"))),
            ),
            (
                429,
                r#"{"error":{"message":"slow down"}}"#,
                Some(Refusal::TooMany(text("slow down"))),
            ),
            (
                404,
                r#"{"message":"No such media\n    at Service.get"}"#,
                Some(Refusal::Rejected {
                    status: 404,
                    message: text("No such media"),
                }),
            ),
            (
                302,
                "null",
                Some(Refusal::Rejected {
                    status: 302,
                    message: None,
                }),
            ),
            (
                500,
                r#"{"message":7}"#,
                Some(Refusal::Server {
                    status: 500,
                    message: None,
                }),
            ),
            (
                0,
                "null",
                Some(Refusal::Server {
                    status: 0,
                    message: None,
                }),
            ),
        ] {
            assert_eq!(
                Refusal::of(status, &body(answer)),
                meant,
                "{status} {answer}"
            );
        }
        assert_eq!(
            Refusal::of_sign_in(401, &body(r#"{"message":"Wrong"}"#)),
            Some(Refusal::Credentials(text("Wrong")))
        );
    }

    #[test]
    fn an_id_cannot_leave_its_place_in_a_path() {
        for (id, escaped) in [
            ("0f92-a_b~c.d", Some("0f92-a_b~c.d")),
            ("a/../b", Some("a%2F..%2Fb")),
            ("a?x=1#y", Some("a%3Fx%3D1%23y")),
            ("é", Some("%C3%A9")),
            ("..", None),
            (".", None),
            ("...", Some("...")),
        ] {
            assert_eq!(segment(id).as_deref(), escaped, "{id}");
        }
    }

    #[test]
    fn nothing_secret_is_written_by_debug() {
        let request = Request::post("/login".to_owned())
            .with_json(&Value::object([("password", Value::from("hush"))]))
            .with_token("Bearer ", Some("t0ken"));
        let signed_in = SignedIn {
            token: "t0ken".to_owned(),
            user_id: "u1".to_owned(),
            display_name: None,
        };

        assert_eq!(format!("{request:?}"), "POST /login");
        assert_eq!(format!("{signed_in:?}"), "signed in as u1");
    }

    #[test]
    fn a_token_that_no_header_can_hold_is_refused() {
        for token in ["", "a\r\nX-Evil: 1", "naïve"] {
            let answer = Value::object([
                ("token", Value::from(token)),
                ("user", Value::object([("id", Value::from("u1"))])),
            ]);

            assert!(signed_in(&answer, "token", |_| None).is_err(), "{token:?}");
        }
    }

    #[test]
    fn a_refusal_says_what_who_and_the_servers_words() {
        for (refusal, words) in [
            (
                Refusal::Credentials(None),
                "the name or the password is wrong",
            ),
            (
                Refusal::Server {
                    status: 503,
                    message: Text::name("busy"),
                },
                "the server failed with status 503: busy",
            ),
            (
                Refusal::Malformed {
                    field: "token",
                    found: "nothing",
                },
                "the server's answer cannot be read: field token, found nothing",
            ),
        ] {
            assert_eq!(refusal.to_string(), words);
        }
    }
}
