//! Who we are: what a CONNECT carries to prove it.

use std::fmt;

use crate::json::Value;

/// What a socket's CONNECT says.
#[derive(Clone, Default, PartialEq)]
pub enum Auth {
    /// Nothing.
    #[default]
    None,
    /// The same each time, until it is set anew: an object, such as `{"token": …}`.
    Value(Value),
    /// What the application says when it is asked, which it is for each CONNECT: by
    /// [`Output::Auth`](crate::protocol::Output::Auth), which it answers with
    /// [`Input::Auth`](crate::protocol::Input::Auth). A server that refuses what it said is tried once more with what
    /// it says then, so a token that has run out is renewed without anybody noticing.
    Ask,
}

impl Auth {
    /// What CONNECT says, if it need not be asked for.
    #[must_use]
    pub fn value(&self) -> Option<Value> {
        match self {
            Self::Value(value) => Some(value.clone()),
            Self::None | Self::Ask => None,
        }
    }
}

impl From<Value> for Auth {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

impl From<Option<Value>> for Auth {
    fn from(value: Option<Value>) -> Self {
        value.map_or(Self::None, Self::Value)
    }
}

impl fmt::Debug for Auth {
    /// Without the value: it is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Value(_) => "Value",
            Self::Ask => "Ask",
        })
    }
}

/// One question for the auth. A late answer to an earlier one is passed over: it may be of a token, or a connection,
/// that is no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuthId(pub(in crate::protocol) u64);
