//! What every server answers alike: to signing in, to whoever is not signed in, and when it is not well.

use telltale::json::Value;

use crate::servers::{Reply, USER};

pub fn unavailable() -> Reply {
    let body = Value::object([("message", "The database does not answer".into())]);
    Reply::new(503, &body)
}

pub fn refused() -> Reply {
    let words = "The e-mail, the password or the token is not valid";
    let body = Value::object([
        ("success", false.into()),
        ("message", words.into()),
        ("error", words.into()),
    ]);
    Reply::new(401, &body)
}

/// In the words of each server at once.
pub fn signed_in(token: &str) -> Reply {
    let user = Value::object([
        ("id", USER.into()),
        ("_id", USER.into()),
        ("firstName", "Ada".into()),
        ("lastName", "Demo".into()),
        ("name", "Ada Demo".into()),
        ("username", "Ada Demo".into()),
    ]);
    let data = Value::object([
        ("user", user.clone()),
        ("token", token.into()),
        ("accessToken", token.into()),
    ]);
    let body = Value::object([
        ("success", true.into()),
        ("message", "ok".into()),
        ("token", token.into()),
        ("user", user),
        ("data", data),
    ]);
    Reply::new(200, &body)
}
