//! Reading the fields of a payload: lenient by field, strict by key.
//!
//! The law: a figure of the wrong shape is a figure that was not said (`None`), never zero and never a guess. Only a
//! key, the name of what a payload is about, is an error when it cannot be read.

use std::time::Duration;

use super::DecodeError;
use crate::domain::fact::Label;
use crate::domain::{MediaId, Text};
use crate::json::Value;
use crate::time::Timestamp;

/// What the servers call the id of a media.
const MEDIA_NAMES: [&str; 8] = [
    "id",
    "_id",
    "mediaId",
    "media_id",
    "videoId",
    "video_id",
    "interviewId",
    "interview_id",
];

/// The names under which a server may send the id of a media: its own words before what any server says, so that of two
/// the one is read that it means. `ALL` is `OWN + 8`; anything else does not compile.
pub(super) const fn media_names<const OWN: usize, const ALL: usize>(
    own: [&'static str; OWN],
) -> [&'static str; ALL] {
    assert!(ALL == OWN + MEDIA_NAMES.len());
    let mut all = [""; ALL];
    let mut at = 0;
    while at < ALL {
        all[at] = if at < OWN {
            own[at]
        } else {
            MEDIA_NAMES[at - OWN]
        };
        at += 1;
    }
    all
}

/// A payload may be the bare object, or an envelope with the object as `data`: the object, and the envelope's own
/// `timestamp`, which is a relay's.
pub(super) fn payload<'a>(
    event: &'static str,
    args: &'a [Value],
    keys: &[&str],
) -> Result<(&'a Value, Option<Timestamp>), DecodeError> {
    let value = args.first().unwrap_or(&Value::Null);
    if !matches!(value, Value::Object(_)) {
        return Err(malformed(event, "payload", value));
    }
    let inner = value.get("data");
    if value.first_of(keys).is_null() && matches!(inner, Value::Object(_)) {
        return Ok((inner, time(value.get("timestamp"))));
    }
    Ok((value, None))
}

/// What a value names, by `make`; an error if it names nothing.
pub(super) fn key<T>(
    event: &'static str,
    field: &'static str,
    value: &Value,
    make: fn(&str) -> Option<T>,
) -> Result<T, DecodeError> {
    id(value, make).ok_or_else(|| malformed(event, field, value))
}

/// What a value names, by `make`: a text, or a whole number as some databases have for ids.
pub(super) fn id<T>(value: &Value, make: fn(&str) -> Option<T>) -> Option<T> {
    match value {
        Value::String(text) => make(text),
        Value::Number(_) => make(&value.as_u64()?.to_string()),
        _ => None,
    }
}

/// What a value of an event about `media` names, by `make`; `None` if it names nothing. An unreadable name is an error,
/// because without it the event would say something else.
pub(super) fn key_or_none<T>(
    event: &'static str,
    field: &'static str,
    media: &MediaId,
    value: &Value,
    make: fn(&str) -> Option<T>,
) -> Result<Option<T>, DecodeError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        value => key(event, field, value, make)
            .map(Some)
            .map_err(|error| error.about(media)),
    }
}

/// The media a payload is about, by any of these names.
pub(super) fn media(
    event: &'static str,
    payload: &Value,
    names: &[&'static str],
) -> Result<MediaId, DecodeError> {
    let first = names.first().copied().unwrap_or("id");
    key(event, first, payload.first_of(names), MediaId::new)
}

/// Refuses a payload that says it is about another person's media.
pub(super) fn is_mine(payload: &Value, me: Option<&str>) -> Result<(), DecodeError> {
    let owner = payload.first_of(&["userId", "user_id"]);
    let Some(owner) = id(owner, |owner| Some(owner.to_owned())) else {
        return Ok(());
    };
    match me {
        Some(me) if me != owner => Err(DecodeError::Foreign),
        _ => Ok(()),
    }
}

pub(super) fn malformed(event: &'static str, field: &'static str, value: &Value) -> DecodeError {
    DecodeError::Malformed {
        event,
        field,
        found: found(value),
        media: None,
    }
}

/// What a value is, in words. A text is not quoted: it may be long, and it is foreign.
pub(super) fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number that is no id",
        Value::String(text) if text.is_empty() => "an empty text",
        Value::String(text) if text.len() > crate::domain::MAX_ID => "a text too long for an id",
        Value::String(_) => "another text",
        Value::Bytes(_) => "bytes",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A server's time: RFC 3339, or a count since 1970, of milliseconds as JavaScript has it or of seconds as Python has.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    // As milliseconds it would be a time before 1974, as seconds one after 5000.
    const MOST_SECONDS: f64 = 1e11;
    if let Some(time) = value.as_str().and_then(Timestamp::parse) {
        return Some(time);
    }
    let count = value.as_f64()?;
    Timestamp::from_unix_millis(match count {
        seconds if seconds < MOST_SECONDS => seconds * 1000.0,
        millis => millis,
    })
}

/// A share of one. What is out of range by no more than a rounding error is brought to the end it passed; anything
/// further out (92 for 0.92) is no share, and 1.0 in its place would be an invented number.
pub(super) fn unit(value: &Value) -> Option<f64> {
    const SLACK: f64 = 0.01;
    value
        .as_f64()
        .filter(|share| (-SLACK..=1.0 + SLACK).contains(share))
        .map(|share| share.clamp(0.0, 1.0))
}

/// A count or an amount: zero or more, finite.
pub(super) fn amount(value: &Value) -> Option<f64> {
    value.as_f64().filter(|amount| *amount >= 0.0)
}

/// How long something took, in units of `unit` seconds; up to 30 days, because more is no measurement.
pub(super) fn took(value: &Value, unit: f64) -> Option<Duration> {
    const LONGEST: f64 = 30.0 * 86_400.0;
    amount(value)
        .map(|amount| amount * unit)
        .filter(|seconds| *seconds <= LONGEST)
        .map(Duration::from_secs_f64)
}

/// A text to be shown as a message.
pub(super) fn message(value: &Value) -> Option<Text> {
    value.as_str().and_then(Text::message)
}

/// A text to be shown as a name.
pub(super) fn name(value: &Value) -> Option<Text> {
    value.as_str().and_then(Text::name)
}

/// Whether a server's status says that somebody wanted an end, in either spelling and any case.
pub(super) fn is_cancelled(word: &str) -> bool {
    ["CANCELLED", "CANCELED"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

/// What a prediction or a verdict means. "N/A" is what servers write for none.
pub(super) fn label(value: &Value) -> Option<Label> {
    let word = value.as_str()?.trim();
    for (words, label) in [
        (&["FAKE", "DEEPFAKE"][..], Some(Label::Fake)),
        (&["REAL", "AUTHENTIC"], Some(Label::Real)),
        (&["SAFE"], Some(Label::Safe)),
        (&["FLAGGED"], Some(Label::Flagged)),
        (&["N/A", "PENDING", ""], None),
    ] {
        if words.iter().any(|known| word.eq_ignore_ascii_case(known)) {
            return label;
        }
    }
    Text::name(word).map(Label::Other)
}

/// Whether any of these objects says that it is made up: a demonstration, not a measurement with a meaning.
pub(super) fn is_simulated(objects: &[&Value]) -> bool {
    let says = |object: &Value, field: &str, word: &str| {
        object
            .get(field)
            .as_str()
            .is_some_and(|found| found.eq_ignore_ascii_case(word))
    };
    objects.iter().any(|object| {
        object.get("simulated").as_bool() == Some(true)
            || says(object, "detector", "demo detector")
            || says(object, "source", "simulated")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn of_two_ids_the_one_is_read_that_is_called_in_the_servers_own_word() {
        let names = media_names::<1, 9>(["videoId"]);
        for (said, id) in [
            (r#"{"id":"a","videoId":"b","mediaId":"c"}"#, "b"),
            (r#"{"interviewId":"a","mediaId":"b"}"#, "b"),
            (r#"{"_id":"a","other":"b"}"#, "a"),
        ] {
            let payload = json::parse(said).unwrap();

            assert_eq!(payload.first_of(&names).as_str(), Some(id));
        }
    }

    #[test]
    fn a_share_out_of_range_is_no_share_but_a_rounding_error_is() {
        for (text, share) in [
            ("0.5", Some(0.5)),
            (r#""0.5""#, Some(0.5)),
            ("0", Some(0.0)),
            ("1", Some(1.0)),
            ("1.0000001", Some(1.0)),
            ("-0.0000001", Some(0.0)),
            ("1.02", None),
            ("92", None),
            ("-1", None),
            ("null", None),
            (r#""NaN""#, None),
            ("true", None),
        ] {
            assert_eq!(unit(&json::parse(text).unwrap()), share, "{text}");
        }
    }

    #[test]
    fn a_time_is_a_date_or_a_count_of_milliseconds_or_of_seconds() {
        for (text, millis) in [
            (r#""2026-02-20T10:30:12.345Z""#, Some(1_771_583_412_345)),
            ("1771583412345", Some(1_771_583_412_345)),
            (r#""1771583412345""#, Some(1_771_583_412_345)),
            ("1771583412.345", Some(1_771_583_412_345)),
            (r#""1771583412""#, Some(1_771_583_412_000)),
            ("0", Some(0)),
            ("-1", None),
            (r#""""#, None),
            ("null", None),
            ("true", None),
        ] {
            let time = time(&json::parse(text).unwrap());

            assert_eq!(time.map(Timestamp::unix_millis), millis, "{text}");
        }
    }

    #[test]
    fn ids_are_texts_or_whole_numbers() {
        for (text, found) in [
            (r#""a-1""#, Some("a-1")),
            ("42", Some("42")),
            ("42.5", None),
            ("-1", None),
            (r#""""#, None),
            (r#"{"buf":{"_placeholder":true,"num":0}}"#, None),
            ("null", None),
            ("true", None),
        ] {
            let id = id(&json::parse(text).unwrap(), MediaId::new);

            assert_eq!(id.as_ref().map(MediaId::as_str), found, "{text}");
        }
        let longest = "x".repeat(crate::domain::MAX_ID);
        assert!(id(&Value::from(longest.as_str()), MediaId::new).is_some());
        assert!(id(&Value::from(longest + "x"), MediaId::new).is_none());
    }

    #[test]
    fn words_of_predictions_are_known_in_any_case_and_others_stay_as_they_are() {
        for (word, meant) in [
            ("FAKE", Some(Label::Fake)),
            ("deepfake", Some(Label::Fake)),
            ("Real", Some(Label::Real)),
            ("safe", Some(Label::Safe)),
            ("flagged", Some(Label::Flagged)),
            ("pending", None),
            ("N/A", None),
            (" ", None),
            ("UNSURE", Some(Label::Other(Text::new("UNSURE", 9)))),
        ] {
            assert_eq!(label(&Value::from(word)), meant, "{word}");
        }
    }

    #[test]
    fn a_duration_is_never_negative_endless_or_too_large() {
        for (text, millis) in [
            ("0.6", Some(600)),
            (r#""0.6""#, Some(600)),
            ("0", Some(0)),
            ("-1", None),
            ("1e300", None),
            ("2592001", None),
            ("null", None),
        ] {
            assert_eq!(
                took(&json::parse(text).unwrap(), 1.0),
                millis.map(Duration::from_millis),
                "{text}"
            );
        }
    }

    #[test]
    fn an_envelope_is_opened_only_where_the_bare_object_has_no_key() {
        let opened = |text: &str| {
            let args = [json::parse(text).unwrap()];
            payload("e", &args, &["id"]).map(|(payload, _)| payload.get("id").clone())
        };

        assert_eq!(
            opened(r#"{"id":"a","data":{"id":"b"}}"#),
            Ok(Value::from("a"))
        );
        assert_eq!(
            opened(r#"{"event":"e","data":{"id":"b"}}"#),
            Ok(Value::from("b"))
        );
        assert_eq!(opened(r#"{"data":[]}"#), Ok(Value::Null));
        assert_eq!(
            opened("7"),
            Err(malformed("e", "payload", &Value::from(7.0)))
        );
        assert_eq!(
            payload("e", &[], &["id"]),
            Err(malformed("e", "payload", &Value::Null))
        );
    }
}
