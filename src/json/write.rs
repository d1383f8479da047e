//! Writing, to the byte as `JSON.stringify` does.

use super::{double, Value};

/// From here on a double is no longer one of all integers: 2⁵³.
const INEXACT: f64 = 9_007_199_254_740_992.0;

pub(super) fn value(value: &Value, into: &mut String) {
    match value {
        Value::Null | Value::Bytes(_) => into.push_str("null"),
        Value::Bool(true) => into.push_str("true"),
        Value::Bool(false) => into.push_str("false"),
        Value::Number(number) => self::number(*number, into),
        Value::String(text) => string(text, into),
        Value::Array(elements) => {
            into.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    into.push(',');
                }
                self::value(element, into);
            }
            into.push(']');
        }
        Value::Object(members) => {
            into.push('{');
            for (index, (key, member)) in members.iter().enumerate() {
                if index > 0 {
                    into.push(',');
                }
                string(key, into);
                into.push(':');
                self::value(member, into);
            }
            into.push('}');
        }
    }
}

fn number(number: f64, into: &mut String) {
    if !number.is_finite() {
        into.push_str("null");
    } else if number.fract() == 0.0 && number.abs() < INEXACT {
        if number < 0.0 {
            into.push('-');
        }
        push_digits(number.abs(), 0, into);
    } else if let Some((digits, decimals)) = as_short_decimal(number.abs()) {
        if number < 0.0 {
            into.push('-');
        }
        push_digits(digits, decimals, into);
    } else {
        double::push(number, into);
    }
}

/// A fraction of at most fifteen digits as a whole number and how many of its digits are decimals. That is nearly every
/// one that is sent.
///
/// No two texts of so few digits are the same double, so the first one that reads back is the shortest one. A product
/// that is off by rounding is off by less than a half, and a division of two exact numbers is exact.
fn as_short_decimal(number: f64) -> Option<(f64, usize)> {
    // Below this JavaScript writes an exponent.
    if number < 1e-6 {
        return None;
    }
    let mut power = 1.0;
    for decimals in 1..=20 {
        power *= 10.0;
        let digits = (number * power).round_ties_even();
        if digits >= 1e15 {
            return None;
        }
        if digits / power == number {
            return Some((digits, decimals));
        }
    }
    None
}

/// A whole number below 2⁵³, with a point before so many of its digits.
fn push_digits(number: f64, decimals: usize, into: &mut String) {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // it is whole, and below 2⁵³
    let mut rest = number as u64;
    let mut text = [b'0'; 24];
    let mut begin = text.len();
    let mut written = 0;
    // At least one digit stands before the point.
    while rest > 0 || written <= decimals {
        if written == decimals && decimals > 0 {
            begin -= 1;
            text[begin] = b'.';
        }
        begin -= 1;
        #[allow(clippy::cast_possible_truncation)] // one digit
        let digit = (rest % 10) as u8;
        text[begin] = b'0' + digit;
        rest /= 10;
        written += 1;
    }
    into.push_str(std::str::from_utf8(&text[begin..]).unwrap_or_default());
}

fn string(text: &str, into: &mut String) {
    into.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            0x08 => "\\b",
            0x09 => "\\t",
            0x0A => "\\n",
            0x0C => "\\f",
            0x0D => "\\r",
            0x00..=0x1F => "\\u00",
            _ => continue,
        };
        into.push_str(text.get(plain..at).unwrap_or_default());
        into.push_str(escape);
        if escape.len() > 2 {
            into.push(if byte < 0x10 { '0' } else { '1' });
            into.push(char::from_digit(u32::from(byte & 0x0F), 16).unwrap_or_default());
        }
        plain = at + 1;
    }
    into.push_str(text.get(plain..).unwrap_or_default());
    into.push('"');
}
