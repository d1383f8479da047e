//! The one seam where text becomes a value and a value becomes text.
//!
//! In the browser the page's own `JSON.parse` and `JSON.stringify` do the work, through `serde-wasm-bindgen`: they are
//! already there, so they cost no bytes, and they are exactly as tolerant as the servers are. Natively `serde_json`
//! does. Everything above sees [`Value`] and cannot tell which it was.
//!
//! [`Value`]'s getters are lenient by design: real servers send `65.0` for an integer, `"65"` for a number and `null`
//! for NaN, and a field of the wrong shape is a missing field, never an error of the whole payload.

pub mod typed;

use std::fmt;
use std::sync::Arc;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// How deep arrays and objects may be nested. `JSON.parse` itself has no such limit, but whoever walks the tree does;
/// real payloads stay below 20.
pub const MAX_DEPTH: usize = 512;

/// Any JSON value, and bytes, which Socket.IO sends beside the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// `null`; also what a field that is not there reads as.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Every JSON number, as JavaScript has it: integers are exact to 2⁵³.
    Number(f64),
    /// A string.
    String(String),
    /// A binary attachment, shared: one attachment may be referenced more than once.
    Bytes(Arc<[u8]>),
    /// An array.
    Array(Vec<Value>),
    /// An object, in the order it was written. Where a key stands twice the last one counts, as in `JSON.parse`.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// The member `key` of an object; `Null` where there is none or this is no object.
    #[must_use]
    pub fn get(&self, key: &str) -> &Value {
        const NULL: Value = Value::Null;
        match self {
            Value::Object(members) => members
                .iter()
                .rev()
                .find(|(name, _)| name == key)
                .map_or(&NULL, |(_, value)| value),
            _ => &NULL,
        }
    }

    /// The first of these members that is there and not `null`: servers disagree on what an id is called.
    #[must_use]
    pub fn first_of(&self, keys: &[&str]) -> &Value {
        keys.iter()
            .map(|key| self.get(key))
            .find(|value| !value.is_null())
            .unwrap_or(&Value::Null)
    }

    /// Whether this is `null` or was not there.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// A finite number, or a string that holds one (`"65"`).
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        let number = match self {
            Value::Number(number) => *number,
            Value::String(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        number.is_finite().then_some(number)
    }

    /// A number that is a whole one, zero or more: `65`, `65.0` and `"65"`, but not `65.5`, `-1` or 2⁵³.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        const EXACT: f64 = 9_007_199_254_740_991.0; // 2⁵³ − 1
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        self.as_f64()
            .filter(|number| (0.0..=EXACT).contains(number) && number.fract() == 0.0)
            .map(|number| number as u64)
    }

    /// The elements of an array; none for anything else.
    #[must_use]
    pub fn as_array(&self) -> &[Value] {
        match self {
            Value::Array(elements) => elements,
            _ => &[],
        }
    }

    /// The members of an object; none for anything else.
    #[must_use]
    pub fn as_object(&self) -> &[(String, Value)] {
        match self {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The attachment, if it is one.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&Arc<[u8]>> {
        match self {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// An object with these members.
    #[must_use]
    pub fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
        Value::Object(
            members
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
        )
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::String(text)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Number(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Value::Bool(flag)
    }
}

/// Why a text is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// It is not JSON; with the parser's own words, which quote no more of the text than it does.
    Syntax(String),
    /// It is nested deeper than [`MAX_DEPTH`].
    TooDeep,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Syntax(why) => write!(f, "not JSON: {why}"),
            Error::TooDeep => write!(f, "JSON nested deeper than {MAX_DEPTH} levels"),
        }
    }
}

impl std::error::Error for Error {}

/// Reads one JSON text.
///
/// # Errors
/// [`Error::Syntax`] if it is not JSON, [`Error::TooDeep`] if it is nested deeper than [`MAX_DEPTH`].
pub fn parse(text: &str) -> Result<Value, Error> {
    if deeper_than(text, MAX_DEPTH) {
        return Err(Error::TooDeep);
    }
    platform::parse(text)
}

/// Writes a value as JSON. Attachments must have been taken out before: what is left of them is written as `null`, as
/// are numbers that JSON cannot say.
#[must_use]
pub fn write(value: &Value) -> String {
    platform::write(value)
}

/// Counts brackets outside of strings, without recursion: whoever walks the tree later may recurse.
fn deeper_than(text: &str, limit: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(target_arch = "wasm32")]
mod platform {
    use super::{Error, Seed, Value};
    use serde::de::DeserializeSeed;
    use serde::ser::Serialize;

    pub fn parse(text: &str) -> Result<Value, Error> {
        let parsed = js_sys::JSON::parse(text).map_err(|error| {
            let message = js_sys::Reflect::get(&error, &"message".into())
                .ok()
                .and_then(|message| message.as_string());
            Error::Syntax(message.unwrap_or_default())
        })?;
        Seed.deserialize(serde_wasm_bindgen::Deserializer::from(parsed))
            .map_err(|error| Error::Syntax(error.to_string()))
    }

    pub fn write(value: &Value) -> String {
        value
            .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
            .ok()
            .and_then(|value| js_sys::JSON::stringify(&value).ok())
            .map_or_else(|| "null".to_owned(), String::from)
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    use super::{Error, Seed, Value};
    use serde::de::DeserializeSeed;

    pub fn parse(text: &str) -> Result<Value, Error> {
        let mut reader = serde_json::Deserializer::from_str(text);
        reader.disable_recursion_limit(); // `super::parse` has checked the depth
        let value = Seed
            .deserialize(&mut reader)
            .map_err(|error| Error::Syntax(error.to_string()))?;
        reader
            .end()
            .map_err(|error| Error::Syntax(error.to_string()))?;
        Ok(value)
    }

    pub fn write(value: &Value) -> String {
        serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
    }
}

struct Seed;

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    #[allow(clippy::cast_precision_loss)] // JavaScript rounds so, too
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    #[allow(clippy::cast_precision_loss)]
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = sequence.next_element_seed(Seed)? {
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            members.push((key, map.next_value_seed(Seed)?));
        }
        Ok(Value::Object(members))
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null | Value::Bytes(_) => serializer.serialize_unit(),
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::Number(number) => write_number(*number, serializer),
            Value::String(text) => serializer.serialize_str(text),
            Value::Array(elements) => serializer.collect_seq(elements),
            Value::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

/// As `JSON.stringify` does: `1.0` is `1`, and what JSON cannot say is `null`.
fn write_number<S: Serializer>(number: f64, serializer: S) -> Result<S::Ok, S::Error> {
    if !number.is_finite() {
        serializer.serialize_unit()
    } else if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        #[allow(clippy::cast_possible_truncation)]
        serializer.serialize_i64(number as i64)
    } else {
        serializer.serialize_f64(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_survives_being_written_and_read() {
        for text in [
            r#"{"b":[1,2.5,-3,true,false,null,"é \" \\ \u001e"],"a":{}}"#,
            r#"["media_update",{"id":"m1","size":9007199254740991}]"#,
            "0",
            r#""""#,
            "[]",
        ] {
            assert_eq!(write(&parse(text).unwrap()), text);
        }
    }

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        for (number, text) in [
            (1.0, "1"),
            (-0.0, "0"),
            (0.25, "0.25"),
            (f64::NAN, "null"),
            (f64::INFINITY, "null"),
        ] {
            assert_eq!(write(&Value::Number(number)), text);
        }
    }

    #[test]
    fn a_text_that_is_no_json_is_an_error() {
        for text in [
            "",
            "{",
            "[1,]",
            "nul",
            "1 2",
            r#"{"a":1}x"#,
            "\u{feff}1",
            "'a'",
        ] {
            assert!(matches!(parse(text), Err(Error::Syntax(_))), "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded_and_brackets_in_strings_do_not_count() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);

        assert!(parse(&nested(MAX_DEPTH - 1)).is_ok());
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(parse(&nested(MAX_DEPTH + 1)), Err(Error::TooDeep));
        assert_eq!(parse(&nested(1_000_000)), Err(Error::TooDeep));
        assert!(parse(&format!(r#""\"{}""#, "[".repeat(10_000))).is_ok());
    }

    #[test]
    fn where_a_key_stands_twice_the_last_one_counts() {
        assert_eq!(
            parse(r#"{"a":1,"a":2}"#).unwrap().get("a").as_u64(),
            Some(2)
        );
    }

    #[test]
    fn getters_are_lenient_by_field_and_never_invent() {
        for (text, float, whole) in [
            ("65", Some(65.0), Some(65)),
            ("65.0", Some(65.0), Some(65)),
            (r#""65""#, Some(65.0), Some(65)),
            ("65.5", Some(65.5), None),
            ("-1", Some(-1.0), None),
            (r#""NaN""#, None, None),
            (r#""inf""#, None, None),
            (r#""""#, None, None),
            ("null", None, None),
            ("true", None, None),
            ("[65]", None, None),
        ] {
            let value = parse(text).unwrap();

            assert_eq!((value.as_f64(), value.as_u64()), (float, whole), "{text}");
        }
    }

    #[test]
    fn a_member_that_is_not_there_reads_as_null() {
        let value = parse(r#"{"id":null,"_id":"x"}"#).unwrap();

        assert!(value.get("mediaId").is_null());
        assert!(Value::from("text").get("id").is_null());
        assert_eq!(
            value.first_of(&["mediaId", "id", "_id"]).as_str(),
            Some("x")
        );
    }
}
