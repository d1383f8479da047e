//! The interview server: one analysis of the recording of each interview.
//!
//! `analysis:started`, `analysis:completed` and `analysis:failed`, each followed by `:` and the interview's id in the
//! vocabulary in use, and without it in the documented one.
//!
//! What has to be known of it:
//! - There are no runs, but every event carries its publisher's time, so a start that is newer than the end is a new
//!   analysis.
//! - A failure is one attempt's, of three, and `retryable` says nothing about that.
//! - There is no progress.
//! - No event names an interview, and neither does the status of its analysis. Its report does, but asking for one that
//!   is not there has it written. So the end of its id is its name, which tells it from the others.
//! - The server keeps an analysis only once it has completed. Its `status` says `completed` in any case; only
//!   `mediaAnalysis.isCompleted` can be believed, and only if it says so.

use super::{field, request};
use super::{
    Backend, DecodeError, Decoded, Emit, Form, Noun, Parts, Profile, Refusal, Request, SignedIn,
    Uploaded,
};
use crate::domain::fact::{
    Declared, Label, MediaFields, MediaKind, ModelSaid, Outcome, RunFields, RunRef, Scope,
    ServerVerdict, Snapshot,
};
use crate::domain::Rules;
use crate::domain::{Fact, MediaId, MeetingId, ModelId, Text};
use crate::json::Value;
use crate::time::Timestamp;

/// The vocabulary.
pub struct Interview;

/// The one part of an analysis, for which the server has no name.
const NAME: &str = "analysis";

/// Characters of an id that tell interviews apart: one in four thousand million, of hexadecimal digits.
const SHORT_ID: usize = 8;

const INTERVIEW_NAMES: &[&str] =
    &field::media_names::<4, 12>(["interviewId", "interview_id", "mediaId", "media_id"]);
/// Those that can be nothing else: in the payload of an event whose name has the id, the others may be a recording's.
const OWN_NAMES: &[&str] = &["interviewId", "interview_id"];

/// What a configuration calls it.
pub(super) const KIND: &str = "interview";

/// How to reach it, and what its things are called.
pub(super) const PROFILE: Profile = Profile {
    socket_path: "/socket.io/",
    namespace: "/",
    signs_in: true,
    has_list: false,
    takes_files: false,
    analyzes_again: true,
    has_meetings: false,
    rules: Rules {
        max_attempts: Some(3),
        has_run_ids: false,
        // It says when an analysis completed, but not that one failed for good, and it keeps nothing that
        // asking could bring.
        has_run_end: false,
        has_rows: false,
        latest_wins: true,
        fails_between_attempts: false,
        has_list: false,
    },
    noun: Noun::Interview,
    parts: Parts::Analyses,
};

impl Backend for Interview {
    fn decode(
        &self,
        event: &str,
        args: &[Value],
        me: Option<&str>,
    ) -> Result<Decoded, DecodeError> {
        let known: [(&'static str, Said); 3] = [
            ("analysis:started", started),
            ("analysis:completed", completed),
            ("analysis:failed", failed),
        ];
        let (name, said, named) = known
            .into_iter()
            .find_map(|(name, said)| match event.strip_prefix(name)? {
                "" => Some((name, said, None)),
                rest => Some((name, said, Some(rest.strip_prefix(':')?))),
            })
            .ok_or(DecodeError::UnknownEvent)?;
        let (payload, relayed) = field::payload(name, args, INTERVIEW_NAMES)?;
        field::is_mine(payload, me)?;
        let of_payload = payload.first_of(match named {
            Some(_) => OWN_NAMES,
            None => INTERVIEW_NAMES,
        });
        let media = match (named, of_payload) {
            (Some(named), Value::Null) => {
                field::key(name, "interviewId", &Value::from(named), MediaId::new)?
            }
            (named, value) => {
                let media = field::key(name, "interviewId", value, MediaId::new)?;
                if named.is_some_and(|named| named != media.as_str()) {
                    return Err(DecodeError::Malformed {
                        event: name,
                        field: "interviewId",
                        found: "another id than the event's name has",
                        media: Some(media),
                    });
                }
                media
            }
        };
        Ok(said(&media, payload, relayed))
    }

    fn fetch(&self, scope: &Scope, token: Option<&str>) -> Option<Request> {
        match scope {
            Scope::Models | Scope::List => None,
            Scope::Media(id) => Some(
                Request::get(path(id)? + "/status")
                    // The bare token: with `Bearer ` before it this server calls it invalid.
                    .with_token("", token),
            ),
        }
    }

    /// Also reads an interview's report, which holds the same analysis.
    fn snapshot(&self, scope: &Scope, status: u16, body: &Value) -> Result<Snapshot, Refusal> {
        let mut snapshot = Snapshot {
            scope: scope.clone(),
            is_whole: true,
            beyond: 0,
            media: Vec::new(),
            facts: Vec::new(),
        };
        let Scope::Media(media) = scope else {
            return Err(Refusal::malformed("scope", &Value::Null));
        };
        if request::is_unknown(status, body) {
            return Ok(snapshot);
        }
        if let Some(refusal) = Refusal::of(status, body) {
            return Err(refusal);
        }
        let data = body.get("data");
        let Value::Object(_) = data else {
            return Err(Refusal::malformed("data", data));
        };
        let analysis = [
            data.get("mediaAnalysis"),
            data.get("interviewReport").get("mediaAnalysis"),
            data.get("interview").get("mediaAnalysis"),
        ]
        .into_iter()
        .find(|analysis| !analysis.is_null())
        .unwrap_or(&Value::Null);
        if analysis.get("isCompleted").as_bool() == Some(true) {
            snapshot.media.push(media.clone());
            snapshot.facts = row(media, analysis);
        } else {
            // It keeps nothing of an analysis that waits, runs or has failed, so this says neither that there is one
            // nor that there is none: it names nothing, and nothing is gone by it.
            snapshot.is_whole = false;
        }
        Ok(snapshot)
    }

    fn sign_in(&self, name: &str, password: &str) -> Option<Request> {
        let body = Value::object([("email", name.into()), ("password", password.into())]);
        Some(Request::post("/api/v1/user/login".to_owned()).with_json(&body))
    }

    fn signed_in(&self, status: u16, body: &Value) -> Result<SignedIn, Refusal> {
        if let Some(refusal) = Refusal::of_sign_in(status, body) {
            return Err(refusal);
        }
        request::signed_in(body.get("data"), "accessToken", |user| {
            field::name(user.first_of(&["name", "fullName", "username"]))
        })
    }

    /// Recordings are made by the interview itself.
    fn upload(&self, _: &str, _: Option<&str>) -> Option<Form> {
        None
    }

    fn uploaded(&self, status: u16, body: &Value) -> Result<Uploaded, Refusal> {
        Err(Refusal::of(status, body).unwrap_or(Refusal::malformed("id", &Value::Null)))
    }

    fn analyze_again(&self, media: &MediaId, token: Option<&str>) -> Option<Request> {
        Some(Request::post(path(media)? + "/analyze").with_token("", token))
    }

    /// The answer names no interview; the events that follow do. None follow where there is an analysis already.
    fn analyzing_again(&self, status: u16, body: &Value) -> Result<Vec<Fact>, Refusal> {
        if body.get("data").get("status").as_str() == Some("already_exists") {
            return Err(Refusal::rejected(status, body));
        }
        Refusal::of(status, body).map_or(Ok(Vec::new()), Err)
    }

    fn connect_auth(&self, token: Option<&str>) -> Option<Value> {
        token.map(|token| Value::object([("token", token.into())]))
    }

    fn join(&self, _: &MeetingId, _: Option<&str>) -> Option<Emit> {
        None
    }

    fn leave(&self, _: &MeetingId, _: Option<&str>) -> Option<Emit> {
        None
    }

    fn start_scenario(&self, _: &MeetingId) -> Option<Request> {
        None
    }

    fn watch(&self, _: &MediaId) -> Option<Emit> {
        None
    }

    fn unwatch(&self, _: &MediaId) -> Option<Emit> {
        None
    }
}

/// What one event says of an interview, from its payload and the relay's time.
type Said = fn(&MediaId, &Value, Option<Timestamp>) -> Decoded;

fn path(id: &MediaId) -> Option<String> {
    request::segment(id.as_str()).map(|id| "/api/v1/media-analysis/".to_owned() + &id)
}

fn started(media: &MediaId, payload: &Value, relayed: Option<Timestamp>) -> Decoded {
    let at = field::time(payload.get("timestamp")).or(relayed);
    Decoded::facts(vec![
        run(media, at, Declared::Processing, None),
        model(media, at, ModelSaid::Started),
        described(media, at, MediaFields::default()),
    ])
}

fn completed(media: &MediaId, payload: &Value, relayed: Option<Timestamp>) -> Decoded {
    let analysis = payload.get("analysis");
    let at = field::time(payload.get("timestamp"))
        .or_else(|| field::time(analysis.get("analyzedAt")))
        .or(relayed);
    let verdict = verdict(&[analysis, analysis.get("summary")]);
    // The documented form carries no result at all.
    let ask = verdict.is_none().then(|| Scope::Media(media.clone()));
    let outcome = Outcome {
        took: field::took(analysis.get("processingDuration"), 0.001),
        simulated: field::is_simulated(&[payload, analysis, analysis.get("summary")]),
        ..Outcome::default()
    };
    let fields = MediaFields {
        kind: kind(payload.get("mediaType")),
        bytes: analysis.get("fileSize").as_u64(),
        ..MediaFields::default()
    };
    Decoded {
        facts: vec![
            described(media, at, fields),
            model(media, at, ModelSaid::Completed(outcome)),
            run(media, at, Declared::Done, verdict),
        ],
        ask,
        ..Decoded::default()
    }
}

fn failed(media: &MediaId, payload: &Value, relayed: Option<Timestamp>) -> Decoded {
    let at = field::time(payload.first_of(&["failedAt", "timestamp"])).or(relayed);
    let said = ModelSaid::Failed {
        error: field::message(payload.get("error"))
            .or_else(|| field::message(payload.get("message"))),
        is_final: false,
        attempt: None,
    };
    Decoded::facts(vec![
        run(media, at, Declared::FailureReported, None),
        model(media, at, said),
        described(media, at, MediaFields::default()),
    ])
}

/// A completed analysis as REST gives it.
fn row(media: &MediaId, stored: &Value) -> Vec<Fact> {
    let at = field::time(stored.get("analyzedAt"));
    let analysis = stored.get("analysis");
    let outcome = Outcome {
        took: field::took(stored.get("processingDuration"), 0.001),
        simulated: field::is_simulated(&[stored, analysis, analysis.get("summary")]),
        ..Outcome::default()
    };
    let fields = MediaFields {
        kind: kind(stored.get("type")),
        bytes: stored.get("fileSize").as_u64(),
        ..MediaFields::default()
    };
    vec![
        described(media, at, fields),
        model(media, at, ModelSaid::Completed(outcome)),
        run(
            media,
            at,
            Declared::Done,
            verdict(&[analysis, analysis.get("summary")]),
        ),
    ]
}

/// What is said of the interview itself, with its name.
fn described(media: &MediaId, at: Option<Timestamp>, fields: MediaFields) -> Fact {
    let id = media.as_str();
    // From the end, which counts or is drawn by lot; ids that were made at one time begin alike.
    let short = id.char_indices().rev().nth(SHORT_ID - 1);
    let name = Text::name(short.map_or(id, |(start, _)| &id[start..]));
    Fact::Media {
        media: media.clone(),
        at,
        fields: MediaFields { name, ..fields },
    }
}

fn run(
    media: &MediaId,
    at: Option<Timestamp>,
    declared: Declared,
    verdict: Option<ServerVerdict>,
) -> Fact {
    Fact::Run {
        media: media.clone(),
        run: RunRef::Open,
        at,
        fields: RunFields {
            declared: Some(declared),
            verdict,
            ..RunFields::default()
        },
    }
}

fn model(media: &MediaId, at: Option<Timestamp>, said: ModelSaid) -> Fact {
    Fact::Model {
        media: media.clone(),
        run: RunRef::Open,
        model: ModelId::new(NAME).expect("a short name"),
        at,
        said,
    }
}

fn kind(value: &Value) -> Option<MediaKind> {
    match value.as_str()? {
        "video" => Some(MediaKind::Video),
        "audio" => Some(MediaKind::Audio),
        _ => None,
    }
}

/// The overall score, 0 to 10 with at most one decimal, as people who give marks write it; `null` is no score.
fn verdict(holders: &[&Value]) -> Option<ServerVerdict> {
    let score = holders
        .iter()
        .find_map(|holder| holder.get("overallScore").as_f64())
        .filter(|score| (0.0..=10.0).contains(score))?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let tenths = (score * 10.0).round() as u32;
    let mut words = (tenths / 10).to_string();
    if !tenths.is_multiple_of(10) {
        words.push('.');
        words.push_str(&(tenths % 10).to_string());
    }
    words.push_str("/10");
    Some(ServerVerdict {
        label: Label::Other(Text::name(&words)?),
        score: Some(score / 10.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_one_part_is_taken() {
        assert!(ModelId::new(NAME).is_some());
    }

    #[test]
    fn marks_are_written_out_of_ten() {
        for (score, words) in [
            (7.5, Some("7.5/10")),
            (8.0, Some("8/10")),
            (0.0, Some("0/10")),
            (10.0, Some("10/10")),
            (6.66, Some("6.7/10")),
            (9.96, Some("10/10")),
            (10.5, None),
            (-1.0, None),
            (f64::NAN, None),
        ] {
            let holder = Value::object([("overallScore", Value::from(score))]);
            let label = verdict(&[&Value::Null, &holder]).map(|verdict| verdict.label);

            assert_eq!(
                label,
                words.map(|words| Label::Other(Text::new(words, 9))),
                "{score}"
            );
        }
    }

    #[test]
    fn the_event_may_carry_the_id_in_its_name_in_its_payload_or_in_both() {
        let with = |id: &str| [Value::object([("interviewId", Value::from(id))])];
        let bare = [Value::object([])];
        let decode = |event: &str, args: &[Value]| {
            Interview
                .decode(event, args, None)
                .map(|decoded| match &decoded.facts[0] {
                    Fact::Run { media, .. } => media.to_string(),
                    other => panic!("a start says first that the run goes on, not {other:?}"),
                })
        };

        assert_eq!(decode("analysis:started", &with("i1")), Ok("i1".to_owned()));
        assert_eq!(
            decode("analysis:started:i1", &with("i1")),
            Ok("i1".to_owned())
        );
        assert_eq!(decode("analysis:started:i1", &bare), Ok("i1".to_owned()));
        assert_eq!(decode("analysis:started:a:b", &bare), Ok("a:b".to_owned()));
        assert_eq!(
            decode("analysis:started:i2", &with("i1"))
                .unwrap_err()
                .to_string(),
            "event analysis:started: field interviewId should name something, \
             found another id than the event's name has"
        );
        for event in ["analysis:started", "analysis:started:"] {
            assert!(decode(event, &bare).is_err(), "{event}");
        }
        for event in ["analysis:startedx", "analysis", "analysis:queued:i1"] {
            assert_eq!(
                decode(event, &bare),
                Err(DecodeError::UnknownEvent),
                "{event}"
            );
        }
    }
}
