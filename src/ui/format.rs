//! Figures, sizes, spans and times as people read them.
//!
//! Large numbers and times are the browser's to write (`Intl`, in the page's language, with formatters that are made
//! once); the rest is plain arithmetic on whole numbers, which keeps floating-point formatting out of the build.

use std::cell::OnceCell;
use std::time::Duration;

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::JsValue;

use crate::time::Timestamp;

/// A count: `1,250`.
#[must_use]
pub fn count(number: u64) -> String {
    thread_local!(static FORMAT: OnceCell<Function> = const { OnceCell::new() });
    if number < 1000 {
        return number.to_string();
    }
    #[allow(clippy::cast_precision_loss)]
    let number = JsValue::from_f64(number as f64);
    FORMAT.with(|format| {
        let format =
            format.get_or_init(|| Intl::NumberFormat::new(&Array::new(), &Object::new()).format());
        written(format, &number)
    })
}

/// A figure of a server, whole or with up to two decimals: `0.5`, `1,250`, `67`.
#[must_use]
pub fn figure(number: f64) -> String {
    thread_local!(static FORMAT: OnceCell<Function> = const { OnceCell::new() });
    FORMAT.with(|format| {
        let format = format.get_or_init(|| {
            let options = options(&[("maximumFractionDigits", JsValue::from(2))]);
            Intl::NumberFormat::new(&Array::new(), &options).format()
        });
        written(format, &JsValue::from_f64(number))
    })
}

/// A time of day: `10:29`.
#[must_use]
pub fn time(at: Timestamp) -> String {
    thread_local!(static FORMAT: OnceCell<Function> = const { OnceCell::new() });
    FORMAT.with(|format| {
        let format = format.get_or_init(|| clock(&[("hour", "numeric"), ("minute", "2-digit")]));
        written(format, &date(at))
    })
}

/// A time of day to the second, for alerts: `10:32:05`.
#[must_use]
pub fn precise_time(at: Timestamp) -> String {
    thread_local!(static FORMAT: OnceCell<Function> = const { OnceCell::new() });
    FORMAT.with(|format| {
        let format = format.get_or_init(|| {
            clock(&[
                ("hour", "numeric"),
                ("minute", "2-digit"),
                ("second", "2-digit"),
            ])
        });
        written(format, &date(at))
    })
}

/// A moment, as short as it can be without doubt: the time if it is today, else the day and the time.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    thread_local!(static FORMAT: OnceCell<Function> = const { OnceCell::new() });
    let (then, today) = (date(at), Date::new_0());
    let is_today = then.get_date() == today.get_date()
        && then.get_month() == today.get_month()
        && then.get_full_year() == today.get_full_year();
    if is_today {
        return time(at);
    }
    FORMAT.with(|format| {
        let format = format.get_or_init(|| {
            clock(&[
                ("day", "numeric"),
                ("month", "short"),
                ("year", "numeric"),
                ("hour", "numeric"),
                ("minute", "2-digit"),
            ])
        });
        written(format, &then)
    })
}

/// A day: `Saturday, 21 November 2026`.
#[must_use]
pub fn day(at: Timestamp) -> String {
    thread_local!(static FORMAT: OnceCell<Function> = const { OnceCell::new() });
    FORMAT.with(|format| {
        let format = format.get_or_init(|| clock(&[("dateStyle", "full")]));
        written(format, &date(at))
    })
}

/// A share of one as a whole percentage, rounded down: 99.96 % is not certainty, and only certainty is 100 %.
#[must_use]
pub fn percent(share: f64) -> u8 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    // What a sum of binary fractions lacks of a whole number is not rounded away with it.
    let percent = (share.clamp(0.0, 1.0) * 100.0 + 1e-9) as u8;
    percent
}

/// A size in decimal units: `812 B`, `9.4 MB`, `48 MB`. One decimal below ten.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let rounded = |to: u64| bytes.saturating_add(to / 2) / to;
    let mut unit = 0;
    let mut size = 1;
    // What would be written as 1,000 belongs to the next unit.
    while unit + 1 < UNITS.len() && rounded(size) >= 1000 {
        unit += 1;
        size *= 1000;
    }
    let tenths = rounded((size / 10).max(1));
    let mut text = if unit == 0 || tenths >= 100 {
        rounded(size).to_string()
    } else {
        let mut text = (tenths / 10).to_string();
        if tenths % 10 != 0 {
            text.push('.');
            text.push_str(&(tenths % 10).to_string());
        }
        text
    };
    text.push(' ');
    text.push_str(UNITS[unit]);
    text
}

/// A span that is over: `41 s`, `4 min 12 s`, `1 h 5 min`.
#[must_use]
pub fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let of = |large: u64, large_unit: &str, small: u64, small_unit: &str| {
        let mut text = large.to_string();
        text.push_str(large_unit);
        if small > 0 {
            text.push(' ');
            text.push_str(&small.to_string());
            text.push_str(small_unit);
        }
        text
    };
    match (hours, minutes) {
        (0, 0) => of(seconds, " s", 0, ""),
        (0, _) => of(minutes, " min", seconds % 60, " s"),
        _ => of(hours, " h", minutes, " min"),
    }
}

/// A span that runs, as a clock: `0:07`, `2:14`, `1:02:03`.
#[must_use]
pub fn running(span: Duration) -> String {
    let seconds = span.as_secs();
    let two = |text: &mut String, number: u64| {
        text.push(':');
        if number < 10 {
            text.push('0');
        }
        text.push_str(&number.to_string());
    };
    let mut text;
    if seconds < 3600 {
        text = (seconds / 60).to_string();
    } else {
        text = (seconds / 3600).to_string();
        two(&mut text, seconds / 60 % 60);
    }
    two(&mut text, seconds % 60);
    text
}

/// An estimate, as coarse as it is sure: to 5 seconds below a minute, to a minute below ten, then to 5 minutes. `None`
/// below ten seconds ("a few seconds") and beyond a day, where it says nothing.
#[must_use]
pub fn estimate(left: Duration) -> Option<String> {
    let seconds = left.as_secs();
    let round = |number: u64, to: u64| (number + to / 2) / to * to;
    let rounded = match seconds {
        0..10 => return None,
        10..58 => round(seconds, 5),
        58..600 => round(seconds, 60).max(60),
        600..=86_400 => round(seconds, 300),
        _ => return None,
    };
    Some(span(Duration::from_secs(rounded)))
}

fn date(at: Timestamp) -> Date {
    #[allow(clippy::cast_precision_loss)]
    Date::new(&JsValue::from_f64(at.unix_millis() as f64))
}

fn clock(parts: &[(&str, &str)]) -> Function {
    let parts: Vec<_> = (parts.iter())
        .map(|(name, value)| (*name, JsValue::from_str(value)))
        .collect();
    Intl::DateTimeFormat::new(&Array::new(), &options(&parts)).format()
}

fn options(of: &[(&str, JsValue)]) -> Object {
    let options = Object::new();
    for (name, value) in of {
        // Setting a property of an object that was made here cannot fail.
        let _ = Reflect::set(&options, &JsValue::from_str(name), value);
    }
    options
}

fn written(format: &Function, value: &JsValue) -> String {
    let text = format.call1(&JsValue::UNDEFINED, value);
    text.ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_at_most_one_decimal_and_three_digits() {
        for (size, text) in [
            (0, "0 B"),
            (1, "1 B"),
            (812, "812 B"),
            (999, "999 B"),
            (1000, "1 kB"),
            (1049, "1 kB"),
            (1050, "1.1 kB"),
            (9_400_000, "9.4 MB"),
            (9_949_999, "9.9 MB"),
            (9_950_000, "10 MB"),
            (48_000_000, "48 MB"),
            (48_500_000, "49 MB"),
            (999_499_999, "999 MB"),
            (999_500_000, "1 GB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(bytes(size), text, "{size}");
        }
    }

    #[test]
    fn a_span_has_at_most_two_units() {
        for (seconds, text) in [
            (0, "0 s"),
            (41, "41 s"),
            (60, "1 min"),
            (252, "4 min 12 s"),
            (3600, "1 h"),
            (3900, "1 h 5 min"),
            (90_000, "25 h"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_running_span_reads_like_a_clock() {
        for (seconds, text) in [(0, "0:00"), (7, "0:07"), (134, "2:14"), (3723, "1:02:03")] {
            assert_eq!(running(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn an_estimate_is_as_coarse_as_it_is_sure() {
        for (seconds, text) in [
            (0, None),
            (9, None),
            (10, Some("10 s")),
            (12, Some("10 s")),
            (13, Some("15 s")),
            (57, Some("55 s")),
            (58, Some("1 min")),
            (89, Some("1 min")),
            (90, Some("2 min")),
            (599, Some("10 min")),
            (600, Some("10 min")),
            (749, Some("10 min")),
            (750, Some("15 min")),
            (3500, Some("1 h")),
            (86_401, None),
        ] {
            assert_eq!(
                estimate(Duration::from_secs(seconds)).as_deref(),
                text,
                "{seconds}"
            );
        }
    }

    #[test]
    fn a_share_becomes_a_percentage_from_0_to_100() {
        for (share, text) in [
            (0.0, 0),
            (0.004, 0),
            (0.009, 0),
            (0.64, 64),
            (0.29, 29),
            (0.995, 99),
            (0.9996, 99),
            (1.0, 100),
            (1.7, 100),
            (-1.0, 0),
            (f64::NAN, 0),
        ] {
            assert_eq!(percent(share), text, "{share}");
        }
    }

    #[test]
    fn a_small_count_is_written_without_the_browser() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
    }
}
