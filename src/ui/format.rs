//! Figures, sizes, spans and times as people read them, in the language of the view.
//!
//! Large numbers and times are the browser's to write (`Intl`, with formatters that are made once for each language),
//! and so are all numbers of languages that may have other digits; small ones in English are plain arithmetic on whole
//! numbers, which keeps floating-point formatting out of the build. Units are texts of the catalogue.

use std::cell::RefCell;
use std::time::Duration;

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::language::use_language;
use super::words::{self, Key};
use crate::time::{Instant, Timestamp};

/// What the browser writes, each in a manner of its own.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Count,
    Figure,
    /// With a zero before a single digit, as in a clock.
    TwoDigits,
    Percent,
    Time,
    PreciseTime,
    Moment,
    PreciseMoment,
    Day,
}

impl Manner {
    fn formatter(self, locale: &str) -> Function {
        let locales = Array::of1(&JsValue::from_str(locale));
        let mut options: Vec<(&str, JsValue)> = Vec::new();
        match self {
            Self::Count => {}
            Self::Figure => options.push(("maximumFractionDigits", JsValue::from(2))),
            Self::TwoDigits => options.push(("minimumIntegerDigits", JsValue::from(2))),
            Self::Percent => options.push(("style", "percent".into())),
            Self::Day => options.push(("dateStyle", "full".into())),
            Self::Time | Self::PreciseTime | Self::Moment | Self::PreciseMoment => {
                options.push(("hour", "numeric".into()));
                options.push(("minute", "2-digit".into()));
            }
        }
        if matches!(self, Self::PreciseTime | Self::PreciseMoment) {
            options.push(("second", "2-digit".into()));
        }
        if matches!(self, Self::Moment | Self::PreciseMoment) {
            options.push(("day", "numeric".into()));
            options.push(("month", "short".into()));
            options.push(("year", "numeric".into()));
        }
        let given = Object::new();
        for (name, value) in options {
            // Setting a property of an object that was made here cannot fail.
            let _ = Reflect::set(&given, &JsValue::from_str(name), &value);
        }
        match self {
            Self::Time | Self::PreciseTime | Self::Moment | Self::PreciseMoment | Self::Day => {
                Intl::DateTimeFormat::new(&locales, &given).format()
            }
            _ => Intl::NumberFormat::new(&locales, &given).format(),
        }
    }
}

/// A count: `1,250`.
#[must_use]
pub fn count(number: u64) -> String {
    if number < 1000 && use_language().is_english() {
        return number.to_string();
    }
    #[allow(clippy::cast_precision_loss)] // nothing counts beyond 2⁵³
    written(Manner::Count, &JsValue::from_f64(number as f64))
}

/// A figure of a server, whole or with up to two decimals: `0.5`, `1,250`, `67`.
#[must_use]
pub fn figure(number: f64) -> String {
    written(Manner::Figure, &JsValue::from_f64(number))
}

/// A whole percentage as people read it: `53%`. For stylesheets there is [`css_percent`].
#[must_use]
pub fn whole_percent(percent: u8) -> String {
    match use_language().is_english() {
        true => css_percent(percent),
        false => written(
            Manner::Percent,
            &JsValue::from_f64(f64::from(percent) / 100.0),
        ),
    }
}

/// A whole percentage as stylesheets read it, whatever the language: `53%`.
#[must_use]
pub fn css_percent(percent: u8) -> String {
    let mut text = percent.to_string();
    text.push('%');
    text
}

/// A time of day: `10:29`.
#[must_use]
pub fn time(at: Timestamp) -> String {
    written(Manner::Time, &date(at))
}

/// A time of day to the second, where its day stands beside it: `10:32:05`.
#[must_use]
pub fn precise_time(at: Timestamp) -> String {
    written(Manner::PreciseTime, &date(at))
}

/// Which day it is on this device, in the context of the views: it ends while a page is open.
#[derive(Clone, Copy)]
pub struct Today(Memo<u32>);

impl Today {
    /// Asked for with each tick of the page's clock.
    #[must_use]
    pub fn follow(now: Signal<Instant>) -> Self {
        Self(Memo::new(move |_| {
            now.track();
            day_of(&Date::new_0())
        }))
    }
}

/// A moment, as short as it can be without doubt: the time if it is today, else the day and the time. Whoever asks is
/// asked again when the day is over.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    moment_in(Manner::Time, Manner::Moment, at)
}

/// The same to the second, for alerts.
#[must_use]
pub fn precise_moment(at: Timestamp) -> String {
    moment_in(Manner::PreciseTime, Manner::PreciseMoment, at)
}

fn moment_in(today: Manner, another_day: Manner, at: Timestamp) -> String {
    if let Some(Today(day)) = use_context() {
        // Read, not only tracked: a memo that nobody reads is never made, and follows nothing.
        let _ = day.get();
    }
    let manner = match is_today(at) {
        true => today,
        false => another_day,
    };
    written(manner, &date(at))
}

/// Whether it was after the last midnight of this device.
#[must_use]
pub fn is_today(at: Timestamp) -> bool {
    day_of(&date(at)) == day_of(&Date::new_0())
}

/// A number that no other day of this device has. It wraps: a server's date may be of any year.
fn day_of(date: &Date) -> u32 {
    let months = (date.get_full_year().wrapping_mul(12)).wrapping_add(date.get_month());
    months.wrapping_mul(31).wrapping_add(date.get_date())
}

/// A day: `Saturday, 21 November 2026`.
#[must_use]
pub fn day(at: Timestamp) -> String {
    written(Manner::Day, &date(at))
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
    /// Each a thousand of the one before; the first is bytes.
    const UNITS: [Key; 5] = [
        Key::Bytes,
        Key::Kilobytes,
        Key::Megabytes,
        Key::Gigabytes,
        Key::Terabytes,
    ];
    let rounded = |to: u64| bytes.saturating_add(to / 2) / to;
    let mut unit = 0;
    let mut size = 1;
    // What would be written as 1,000 belongs to the next unit.
    while unit + 1 < UNITS.len() && rounded(size) >= 1000 {
        unit += 1;
        size *= 1000;
    }
    let tenths = rounded((size / 10).max(1));
    let is_whole = unit == 0 || tenths >= 100 || tenths % 10 == 0;
    let number = match (is_whole, use_language().is_english()) {
        (true, true) => rounded(size).to_string(),
        (true, false) => count(rounded(size)),
        (false, true) => [&*(tenths / 10).to_string(), ".", &(tenths % 10).to_string()].concat(),
        #[allow(clippy::cast_precision_loss)] // it is below a hundred
        (false, false) => figure(tenths as f64 / 10.0),
    };
    match UNITS[unit] {
        Key::Bytes => words::plural(Key::Bytes, bytes, &[]),
        unit => words::with(unit, &[("n", &number)]),
    }
}

/// A span that is over: `41 s`, `4 min 12 s`, `1 h 5 min`.
#[must_use]
pub fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let (large, small) = match (hours, minutes) {
        (0, 0) => ((Key::Seconds, seconds), None),
        (0, _) => ((Key::Minutes, minutes), Some((Key::Seconds, seconds % 60))),
        _ => ((Key::Hours, hours), Some((Key::Minutes, minutes))),
    };
    let large = words::plural(large.0, large.1, &[]);
    match small.filter(|(_, number)| *number > 0) {
        None => large,
        Some((unit, number)) => {
            let small = words::plural(unit, number, &[]);
            words::with(Key::LargeAndSmall, &[("large", &large), ("small", &small)])
        }
    }
}

/// A span that runs, as a clock: `0:07`, `2:14`, `1:02:03`.
#[must_use]
pub fn running(span: Duration) -> String {
    let seconds = span.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let mut text = match hours {
        0 => count(minutes),
        _ => [&*count(hours), ":", &two_digits(minutes)].concat(),
    };
    text.push(':');
    text.push_str(&two_digits(seconds % 60));
    text
}

/// A number below a hundred.
fn two_digits(number: u64) -> String {
    if !use_language().is_english() {
        #[allow(clippy::cast_precision_loss)]
        return written(Manner::TwoDigits, &JsValue::from_f64(number as f64));
    }
    let mut text = number.to_string();
    if number < 10 {
        text.insert(0, '0');
    }
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

fn written(manner: Manner, value: &JsValue) -> String {
    thread_local!(static FORMATTERS: RefCell<Vec<(String, Manner, Function)>> = const { RefCell::new(Vec::new()) });
    let language = use_language();
    let locale = language.locale();
    let formatter = FORMATTERS.with_borrow_mut(|formatters| {
        let is_it = |(of, what, _): &&(String, Manner, Function)| *what == manner && of == locale;
        if let Some((_, _, formatter)) = formatters.iter().find(is_it) {
            return formatter.clone();
        }
        let formatter = manner.formatter(locale);
        formatters.push((locale.to_owned(), manner, formatter.clone()));
        formatter
    });
    let text = formatter.call1(&JsValue::UNDEFINED, value);
    let text = text.ok().and_then(|text| text.as_string());
    let text = text.unwrap_or_default();
    // In some languages the browser writes marks of direction around a sign. They would turn what comes next, too.
    match text.contains(['\u{200E}', '\u{200F}', '\u{61C}']) {
        true => ["\u{2068}", &text, "\u{2069}"].concat(),
        false => text,
    }
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
