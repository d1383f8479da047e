//! Values as an application's own types, and back, by serde.
//!
//! The arguments of an event are a list, and most events have one argument. So **a tuple stands for the list, and
//! anything else for its first argument**: `(String, u32)` reads two, `Progress` reads one, `()` none. An array of
//! fixed length counts as a tuple; `Vec` does not. What is missing reads as `null`, which is `None` for an `Option`,
//! and what is too much is passed over: a server with state recovery appends an argument to each event.
//!
//! Numbers are JavaScript's: `65.0` is an integer, and integers beyond 2⁵³ are rounded. Attachments are [`Bytes`].
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use telltale::json::typed::{from_args, to_args};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct Progress {
//!     percent: f64,
//!     note: Option<String>,
//! }
//!
//! let progress = Progress { percent: 40.0, note: None };
//! let args = to_args(&("m1", &progress)).unwrap();
//! assert_eq!(args.len(), 2);
//! assert_eq!(from_args::<(String, Progress)>(&args).unwrap(), ("m1".to_owned(), progress));
//! ```

mod read;
mod write;

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::de::{self, DeserializeOwned, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json::Value;

/// Reads the arguments of an event or an answer.
///
/// # Errors
/// [`Error`], in serde's words: what was expected, and what was found.
pub fn from_args<T: DeserializeOwned>(args: &[Value]) -> Result<T, Error> {
    T::deserialize(read::Args(args))
}

/// Reads one value.
///
/// # Errors
/// As [`from_args`].
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, Error> {
    T::deserialize(read::Reader(value))
}

/// Writes the arguments of an event or an answer.
///
/// # Errors
/// [`Error`], if a key of a map is neither a string nor a number, or by the type's own words.
pub fn to_args<T: Serialize + ?Sized>(value: &T) -> Result<Vec<Value>, Error> {
    write::args(value)
}

/// Writes one value.
///
/// # Errors
/// As [`to_args`].
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, Error> {
    write::value(value)
}

/// An attachment. serde takes a plain `Vec<u8>` for a list of numbers; it *reads* an attachment all the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Arc<[u8]>);

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(BytesVisitor)
    }
}

struct BytesVisitor;

impl<'de> Visitor<'de> for BytesVisitor {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an attachment")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
        Ok(bytes.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Bytes, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = sequence.next_element()? {
            bytes.push(byte);
        }
        Ok(bytes.into())
    }
}

/// Why values are not of a type, or a type's value cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl serde::ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

#[cfg(test)]
mod tests;
