//! A value on lines of its own, for somebody to read.

use super::super::entry::HEAD;
use super::{hex, Written};
use crate::json::{self, Value};

/// Characters of a value that are written to be read.
pub(super) const MAX_PRETTY: usize = 20_000;

/// A value on lines of its own, as far as somebody reads it.
pub fn written(value: &Value, clean: &dyn Fn(String) -> String) -> Written {
    let mut text = String::new();
    let is_whole = pretty(value, 0, &mut text);
    Written {
        text: clean(text),
        is_cut: !is_whole,
    }
}

/// `false` if there is no more room.
fn pretty(value: &Value, deep: usize, into: &mut String) -> bool {
    /// Deeper, the lines begin no further to the right: they would not be in sight.
    const DEEPEST: usize = 16;
    let line = |deep: usize, into: &mut String| {
        into.push('\n');
        into.extend(std::iter::repeat_n("  ", deep.min(DEEPEST)));
    };
    if into.len() >= MAX_PRETTY {
        return false;
    }
    match value {
        Value::Array(elements) if !elements.is_empty() => {
            into.push('[');
            for (at, element) in elements.iter().enumerate() {
                into.push_str(if at > 0 { "," } else { "" });
                line(deep + 1, into);
                if !pretty(element, deep + 1, into) {
                    return false;
                }
            }
            line(deep, into);
            into.push(']');
        }
        Value::Object(members) if !members.is_empty() => {
            into.push('{');
            for (at, (name, member)) in members.iter().enumerate() {
                into.push_str(if at > 0 { "," } else { "" });
                line(deep + 1, into);
                if !short(&Value::from(name.as_str()), into) {
                    return false;
                }
                into.push_str(": ");
                if !pretty(member, deep + 1, into) {
                    return false;
                }
            }
            line(deep, into);
            into.push('}');
        }
        Value::Bytes(bytes) => {
            into.push_str("binary, ");
            into.push_str(&bytes.len().to_string());
            into.push_str(" B: ");
            into.push_str(&hex(&bytes[..bytes.len().min(HEAD)]));
        }
        other => return short(other, into),
    }
    true
}

/// A text, a number or the like, as much of it as there is room for.
fn short(value: &Value, into: &mut String) -> bool {
    let text = json::write(value);
    let mut room = text.len().min(MAX_PRETTY.saturating_sub(into.len()));
    while !text.is_char_boundary(room) {
        room -= 1;
    }
    into.push_str(&text[..room]);
    room == text.len()
}
