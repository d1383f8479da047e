//! Two kinds of time, which never mix.
//!
//! [`Instant`] is the monotonic clock of the page: deadlines are made of it. It is an argument everywhere; only the
//! driver in `web` reads a clock. [`Timestamp`] is what a server wrote into a payload: it orders what that server said
//! and is shown to people, and it is never a deadline, because the two clocks may differ by hours.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment on the page's monotonic clock, counted from an origin that only the driver knows.
///
/// Unlike [`std::time::Instant`] it can be made in a test and exists on `wasm32-unknown-unknown`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Duration);

impl Instant {
    /// The moment `since_origin` after the origin.
    #[must_use]
    pub const fn from_origin(since_origin: Duration) -> Self {
        Self(since_origin)
    }

    /// The moment this many milliseconds after the origin.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// How long after the origin this is.
    #[must_use]
    pub const fn since_origin(self) -> Duration {
        self.0
    }

    /// How long after `earlier` this is; zero if it is not after it.
    #[must_use]
    pub fn saturating_since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    /// Saturates: a deadline further off than `Duration` can say is "never".
    fn add(self, by: Duration) -> Self {
        Self(self.0.saturating_add(by))
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    /// Saturates at the origin.
    fn sub(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(by))
    }
}

/// A server's clock reading, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The year 9999 ends here; later numbers are nonsense, not times.
    const LATEST: i64 = 253_402_300_799_999;

    /// 1970-01-01T00:00:00Z: what a clock that was never set shows.
    pub const UNIX_EPOCH: Self = Self(0);

    /// From milliseconds since the Unix epoch; `None` before 1970, after 9999, and for NaN.
    #[must_use]
    pub fn from_unix_millis(millis: f64) -> Option<Self> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
        (0.0..=Self::LATEST as f64)
            .contains(&millis)
            .then_some(Self(millis as i64))
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn unix_millis(self) -> i64 {
        self.0
    }

    /// How long after `earlier` this is; zero if it is not after it.
    #[must_use]
    pub fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// So much later, but never after the year 9999.
    #[must_use]
    pub fn saturating_add(self, by: Duration) -> Self {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(by).min(Self::LATEST))
    }

    /// Reads RFC 3339 as the servers write it: `2026-02-20T10:30:12.345Z`, with `+05:30` for `Z`, with any number of
    /// fractional digits or none, with a blank for `T`. A time without a zone is taken as UTC (Python's `isoformat`
    /// leaves it out). `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.trim().as_bytes();
        let field = |from: usize, to: usize| number(bytes.get(from..to)?);
        let is = |at: usize, what: &[u8]| bytes.get(at).is_some_and(|byte| what.contains(byte));
        if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":")) {
            return None;
        }
        let (year, month, day) = (field(0, 4)?, field(5, 7)?, field(8, 10)?);
        let (hour, minute, second) = (field(11, 13)?, field(14, 16)?, field(17, 19)?);
        if !(1..=12).contains(&month)
            || !(1..=31).contains(&day)
            || hour > 23
            || minute > 59
            || second > 60
        {
            return None;
        }
        let mut rest = bytes.get(19..)?;
        let mut millis = 0;
        if let [b'.' | b',', digits @ ..] = rest {
            let length = digits
                .iter()
                .take_while(|digit| digit.is_ascii_digit())
                .count();
            if length == 0 {
                return None;
            }
            let shown = digits[..length].iter().chain(b"000").take(3);
            millis = shown.fold(0, |millis, digit| millis * 10 + i64::from(digit - b'0'));
            rest = &digits[length..];
        }
        let offset_minutes = match rest {
            [] | [b'Z' | b'z'] => 0,
            [sign @ (b'+' | b'-'), zone @ ..] => {
                let (hours, minutes) = match zone {
                    [_, _, b':', _, _] => (number(&zone[..2])?, number(&zone[3..])?),
                    [_, _, _, _] => (number(&zone[..2])?, number(&zone[2..])?),
                    [_, _] => (number(zone)?, 0),
                    _ => return None,
                };
                (hours * 60 + minutes) * if *sign == b'-' { -1 } else { 1 }
            }
            _ => return None,
        };
        let minutes =
            (days_since_1970(year, month, day) * 24 + hour) * 60 + minute - offset_minutes;
        #[allow(clippy::cast_precision_loss)]
        Self::from_unix_millis(((minutes * 60 + second) * 1000 + millis) as f64)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds, as `Date.prototype.toISOString` writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, millis) = (self.0.div_euclid(86_400_000), self.0.rem_euclid(86_400_000));
        let (year, month, day) = date_of(days);
        let (second, milli) = (millis / 1000, millis % 1000);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"
        )
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    let mut value = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(digit - b'0');
    }
    (!digits.is_empty()).then_some(value)
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar, with years that begin in March so that the
/// leap day is the last one (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_since_1970`].
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let (day, month) = (
        day_of_year - (153 * shifted + 2) / 5 + 1,
        (shifted + 2) % 12 + 1,
    );
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_the_servers_write_them_are_read() {
        for (text, millis) in [
            ("1970-01-01T00:00:00.000Z", Some(0)),
            ("2026-02-20T10:30:12.345Z", Some(1_771_583_412_345)),
            ("2026-02-20T10:30:12Z", Some(1_771_583_412_000)),
            ("2026-02-20T10:30:12.345678", Some(1_771_583_412_345)),
            ("2026-02-20 10:30:12.3+00:00", Some(1_771_583_412_300)),
            ("2026-02-20T16:00:12.345+05:30", Some(1_771_583_412_345)),
            ("2026-02-20T05:30:12.345-0500", Some(1_771_583_412_345)),
            ("2024-02-29T23:59:60Z", Some(1_709_251_200_000)),
            ("9999-12-31T23:59:59.999Z", Some(253_402_300_799_999)),
            ("1969-12-31T23:59:59Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-02-20", None),
            ("2026-02-20T10:30:12.Z", None),
            ("2026-02-20T10:30:12+5", None),
            ("yesterday", None),
            ("", None),
            ("２０２６-02-20T10:30:12Z", None),
        ] {
            assert_eq!(
                Timestamp::parse(text).map(Timestamp::unix_millis),
                millis,
                "{text}"
            );
        }
    }

    #[test]
    fn a_time_survives_being_written_and_read() {
        for millis in [
            0.0,
            951_782_399_999.0,
            951_782_400_000.0,
            1_709_164_800_000.0,
            253_402_300_799_999.0,
        ] {
            let stamp = Timestamp::from_unix_millis(millis).unwrap();

            assert_eq!(Timestamp::parse(&stamp.to_string()), Some(stamp));
        }
    }

    #[test]
    fn numbers_that_are_no_time_are_refused() {
        for millis in [-1.0, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(Timestamp::from_unix_millis(millis), None, "{millis}");
        }
    }

    #[test]
    fn a_deadline_never_overflows() {
        let end = Instant::from_origin(Duration::MAX);

        assert_eq!(end + Duration::from_secs(1), end);
        assert_eq!(
            Instant::default() - Duration::from_secs(1),
            Instant::default()
        );
        assert_eq!(Instant::default().saturating_since(end), Duration::ZERO);
    }
}
