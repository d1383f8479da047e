//! Doubles with many digits, and very large and very small ones: the browser has the way from digits to doubles and
//! back, and Rust's would be twelve kilobytes more to load (Brotli), most of them powers of five. Natively there is no
//! browser.

pub(super) use platform::push;

/// The double that is nearest to this decimal (`-1.5e3`, `.5`, `+7.`): infinite if it is too large, zero if it is too
/// small. `None` if it is none; whatever else Rust or JavaScript reads as a number (`inf`, `0x10`, nothing at all) is
/// none.
pub(super) fn read(text: &str) -> Option<f64> {
    let is_decimal = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    if text.is_empty() || !text.bytes().all(is_decimal) {
        return None;
    }
    platform::read(text)
}

#[cfg(target_arch = "wasm32")]
mod platform {
    use wasm_bindgen::JsValue;

    pub fn read(text: &str) -> Option<f64> {
        let number = JsValue::from_str(text).unchecked_into_f64();
        (!number.is_nan()).then_some(number)
    }

    pub fn push(number: f64, into: &mut String) {
        if let Ok(text) = js_sys::Number::from(number).to_string_with_radix(10) {
            into.push_str(&String::from(text));
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    pub fn read(text: &str) -> Option<f64> {
        text.parse().ok()
    }

    /// ECMA-262, `Number::toString`: the fewest digits that read back the same, laid out by the exponent.
    ///
    /// Where two such texts are equally near, Rust takes the larger one and JavaScript the even one, as does Rust when
    /// it is told how many digits it may use.
    pub fn push(number: f64, into: &mut String) {
        let shortest = format!("{number:e}");
        let digits = shortest.bytes().take_while(|byte| *byte != b'e');
        let count = digits.filter(u8::is_ascii_digit).count();
        let scientific = format!("{number:.*e}", count.saturating_sub(1));
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        let point = exponent.parse::<i32>().unwrap_or(0) + 1;
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        if number.is_sign_negative() {
            into.push('-');
        }
        let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
        let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
        if (count..=21).contains(&point) {
            *into += &(digits + &zeros(point - count));
        } else if (1..=21).contains(&point) {
            let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
            *into += &format!("{whole}.{fraction}");
        } else if (-5..=0).contains(&point) {
            *into += &format!("0.{}{digits}", zeros(-point));
        } else {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            *into += &format!("{first}{dot}{rest}e{:+}", point - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_decimal_is_the_same_everywhere() {
        for (text, number) in [
            ("0.1234567890123456789", Some(0.123_456_789_012_345_68)),
            ("-1.5e3", Some(-1500.0)),
            ("+7.", Some(7.0)),
            (".5", Some(0.5)),
            ("1e400", Some(f64::INFINITY)),
            ("1e-400", Some(0.0)),
            ("", None),
            (".", None),
            ("-", None),
            ("1e", None),
            ("1-2", None),
            ("inf", None),
            ("NaN", None),
            ("0x10", None),
            ("1_0", None),
            (" 1", None),
        ] {
            assert_eq!(read(text), number, "{text:?}");
        }
    }
}
