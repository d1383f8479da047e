//! The one seam where text becomes a value and a value becomes text.
//!
//! It reads what `JSON.parse` reads, and makes of it what `JSON.parse` makes of it, in the browser and natively alike,
//! because it is the same code. Four rules are ours:
//!
//! - Half of a surrogate pair in an escape (`"\ud800"`) becomes U+FFFD, as everywhere where JavaScript's strings become
//!   UTF-8. It is no error: servers cut texts in the middle of an emoji.
//! - A number that is too large for a double (`1e400`) is infinite, which [`Value::as_f64`] passes over and [`write()`]
//!   writes as `null`.
//! - Where a key stands twice, the last value stands in the first place. The order of the members is otherwise the
//!   text's; JavaScript alone moves keys like `"7"` to the front.
//! - What is nested deeper than [`MAX_DEPTH`] is refused: whoever walks the tree recurses.
//!
//! The page's own `JSON.parse` would cost no bytes, but each value of its result is a call over the border to
//! JavaScript: with `serde-wasm-bindgen`, which makes these calls, reading took about four times as long as here and
//! writing five to ten times, and a parser alone was 12 KB more to load (Brotli). `make differential` compares every
//! rule with the original, `make bench` the time.
//!
//! [`Value`]'s getters are lenient by design: real servers send `65.0` for an integer, `"65"` for a number and `null`
//! for NaN, and a field of the wrong shape is a missing field, never an error of the whole payload.

mod double;
mod read;
pub mod typed;
mod write;

use std::fmt;
use std::sync::Arc;

/// How deep arrays and objects may be nested. `JSON.parse` has no such limit, but the stack of whoever walks the tree
/// has one; real payloads stay below 20.
pub const MAX_DEPTH: usize = 1024;

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
    /// An object, in the order it was written. [`parse`] leaves each key once.
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
            Value::String(text) => double::read(text.trim())?,
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

    /// Bytes of memory that it takes, with all that is in it: up to sixteen times its text.
    #[must_use]
    pub fn weight(&self) -> usize {
        let inside = match self {
            Value::String(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Array(elements) => elements.iter().map(Value::weight).sum(),
            Value::Object(members) => members
                .iter()
                .map(|(key, member)| size_of::<String>() + key.len() + member.weight())
                .sum(),
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        };
        size_of::<Value>() + inside
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// It is not JSON. The text itself is not quoted: it may hold secrets.
    Syntax {
        /// Where, in bytes from its beginning.
        at: usize,
        /// What should have stood there.
        expected: &'static str,
    },
    /// It is nested deeper than [`MAX_DEPTH`].
    TooDeep,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Syntax { at, expected } => {
                write!(f, "not JSON: expected {expected} at byte {at}")
            }
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
    read::document(text)
}

/// Writes a value as `JSON.stringify` does. Attachments must have been taken out before: what is left of them is
/// written as `null`, as are numbers that JSON cannot say.
#[must_use]
pub fn write(value: &Value) -> String {
    let mut text = String::new();
    write::value(value, &mut text);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What `JSON.stringify` makes of what `JSON.parse` makes of a text; `tests/browser.rs` asks the browser itself.
    const TABLE: &str = include_str!("json/javascript.tsv");

    #[test]
    fn texts_are_read_and_written_as_javascript_does() {
        for line in TABLE.lines() {
            let (text, result) = line.split_once('\t').expect("two columns");

            match parse(text) {
                Ok(value) => assert_eq!(write(&value), result, "{text}"),
                Err(error) => assert_eq!("error", result, "{text}: {error}"),
            }
        }
    }

    #[test]
    fn an_error_says_where_and_what_was_expected() {
        for (text, at, expected) in [
            ("", 0, "a value"),
            ("{", 1, "a key"),
            ("[1,]", 3, "a value"),
            ("[1 2]", 3, "',' or ']'"),
            (r#"{"a" 1}"#, 5, "':'"),
            (r#"{"a":1;"#, 6, "',' or '}'"),
            ("nul", 0, "null"),
            ("1 2", 2, "the end"),
            ("-", 1, "a digit"),
            ("\"é", 3, "'\"'"),
            ("\"\u{1}\"", 1, "'\"'"),
            (r#""\x""#, 2, "an escape"),
            (r#""\u12é4""#, 5, "a hexadecimal digit"),
        ] {
            assert_eq!(parse(text), Err(Error::Syntax { at, expected }), "{text}");
        }
    }

    #[test]
    fn what_a_double_cannot_hold_is_rounded_or_infinite() {
        for (text, number) in [
            ("1e400", f64::INFINITY),
            ("-1e400", f64::NEG_INFINITY),
            ("1e-400", 0.0),
            ("9007199254740993", 9_007_199_254_740_992.0),
            ("12345678901234567890", 12_345_678_901_234_567_890.0),
            ("0.1", 0.1),
        ] {
            assert_eq!(parse(text), Ok(Value::Number(number)), "{text}");
        }
        for text in ["-0", "-0.0", "-0e1", "-1e-400"] {
            let sign = parse(text).map(|zero| zero.as_f64().map(f64::is_sign_negative));

            assert_eq!(sign, Ok(Some(true)), "{text}");
        }
        let long = ["1.", &"0".repeat(100_000), "1"].concat();
        assert_eq!(parse(&long), Ok(Value::Number(1.0)));
    }

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        for (number, text) in [
            (1.0, "1"),
            (-0.0, "0"),
            (0.25, "0.25"),
            (-0.000_001, "-0.000001"),
            (0.000_001_5, "0.0000015"),
            (0.000_000_9, "9e-7"),
            (1_234_567.891, "1234567.891"),
            (0.1 + 0.2, "0.30000000000000004"),
            (99_999_999_999_999.9, "99999999999999.9"),
            (-9_007_199_254_740_991.0, "-9007199254740991"),
            (-990_948_900_580.0 - 13.0 / 32.0, "-990948900580.4062"), // half-way between two shortest texts
            (f64::NAN, "null"),
            (f64::INFINITY, "null"),
        ] {
            assert_eq!(write(&Value::Number(number)), text);
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
    fn where_a_key_stands_twice_the_last_value_stands_in_the_first_place() {
        for many in [3, 15, 16, 17, 18, 1000, 10_000] {
            let member = |index: usize| format!(r#""{}":{index}"#, index * 7919 % many / 3);
            let text = (0..many).map(member).collect::<Vec<_>>().join(",");
            let mut expected: Vec<(String, Value)> = Vec::new();
            let mut places = std::collections::HashMap::new();
            #[allow(clippy::cast_precision_loss)]
            for index in 0..many {
                let key = index * 7919 % many / 3;
                let place = *places.entry(key).or_insert(expected.len());
                if place == expected.len() {
                    expected.push((key.to_string(), Value::Null));
                }
                expected[place].1 = Value::Number(index as f64);
            }

            let value = parse(&["{", &text, "}"].concat());

            assert_eq!(value, Ok(Value::Object(expected)), "{many}");
        }
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

    proptest! {
        #![proptest_config(proptest::test_runner::Config {
            rng_seed: proptest::test_runner::RngSeed::Fixed(2026),
            failure_persistence: None,
            ..proptest::test_runner::Config::default()
        })]

        #[test]
        fn any_text_is_a_value_of_linear_size_or_an_error(text in text()) {
            let Ok(value) = parse(&text) else { return Ok(()) };

            // Two bytes make a number in an array, five a member.
            prop_assert!(value.weight() <= 16 * text.len() + size_of::<Value>());
            let written = write(&value);
            prop_assert_eq!(parse(&written).map(|value| write(&value)), Ok(written));
        }
    }

    /// Mostly values, with an accident here and there.
    fn text() -> impl Strategy<Value = String> {
        let number = "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?";
        let string = r#""([^"\\\x00-\x1f]|\\[bfnrt/"\\]|\\u[0-9a-fA-F]{4}){0,6}""#;
        let leaf = prop_oneof![number, string, "true|false|null|[0-9]|", "\\PC{0,2}"];
        leaf.prop_recursive(5, 64, 6, |inner| {
            let member = ("\"[a-c]?\"", inner.clone()).prop_map(|(key, value)| key + ":" + &value);
            prop_oneof![
                proptest::collection::vec(inner, 0..6)
                    .prop_map(|all| format!("[{}]", all.join(","))),
                proptest::collection::vec(member, 0..6)
                    .prop_map(|all| format!("{{{}}}", all.join(", "))),
            ]
        })
    }
}
