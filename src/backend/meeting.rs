//! The meeting server: people, how far each is to be trusted, and alerts while a meeting goes on.
//!
//! What has to be known of it:
//! - Rooms are lost with the connection, nothing is sent again, and there is nothing to fetch.
//! - `participant-joined` and `…-left` do not say which meeting they are about.
//! - People are known by ids; the ids in lists and those that scores are about may be different ones.
//! - Every field of an alert may be missing.
//! - `error` is an ordinary event that says something to the person.
//! - A payload that says `source: "simulated"` makes the whole meeting a demonstration.

use super::field;
use super::{
    Backend, DecodeError, Decoded, Emit, Form, Noun, Parts, Profile, Refusal, Request, SignedIn,
    Uploaded,
};
use crate::domain::fact::{
    AlertSaid, MeetingSaid, Metric, Modality, Picture, Scope, Severity, Snapshot,
};
use crate::domain::Rules;
use crate::domain::{Fact, MediaId, MeetingId, ParticipantId, Text};
use crate::json::Value;
use crate::time::Timestamp;

/// The vocabulary.
pub struct Meeting;

/// People of one list that are read; meetings of these products hold fewer.
const MAX_PARTICIPANTS: usize = 1000;
/// Kinds of measurement of a person that are read, and figures of each: what fits a panel.
const MAX_MODALITIES: usize = 8;
/// See [`MAX_MODALITIES`].
const MAX_FIGURES: usize = 16;
/// Figures of a whole meeting that are read.
const MAX_ANALYTICS: usize = 64;
/// How deep figures may be nested; the documented ones are two deep.
const MAX_DEPTH: usize = 4;

const MEETING_NAMES: &[&str] = &["meetingId", "meeting_id"];
/// Of an entry of a list, which has an id of its own.
const ENTRY_NAMES: &[&str] = &["userId", "user_id", "participantId", "participant_id", "id"];
const PERSON_NAMES: &[&str] = &["participantId", "participant_id", "userId", "user_id"];

/// What a configuration calls it.
pub(super) const KIND: &str = "meeting";

/// How to reach it, and what its things are called.
pub(super) const PROFILE: Profile = Profile {
    socket_path: "/socket.io/",
    namespace: "/",
    signs_in: false,
    has_list: false,
    takes_files: false,
    analyzes_again: false,
    has_meetings: true,
    rules: Rules {
        max_attempts: None,
        has_run_ids: false,
        has_run_end: false,
        has_rows: false,
        latest_wins: false,
        fails_between_attempts: false,
        has_list: false,
    },
    noun: Noun::Meeting,
    parts: Parts::Analyses,
};

impl Backend for Meeting {
    fn decode(
        &self,
        event: &str,
        args: &[Value],
        _me: Option<&str>,
    ) -> Result<Decoded, DecodeError> {
        let (name, said): (&'static str, Said) = match event {
            "meeting-joined" => ("meeting-joined", joined),
            "meeting-left" => ("meeting-left", left),
            "participant-joined" => ("participant-joined", participant_joined),
            "participant-left" => ("participant-left", participant_left),
            "detection-update" => ("detection-update", detection),
            "trust-score-update" => ("trust-score-update", trust),
            "deepfake-alert" => ("deepfake-alert", alert),
            "analytics-update" => ("analytics-update", analytics),
            "error" => return Ok(error(args)),
            "video-frame" => return video_frame(args),
            _ => return Err(DecodeError::UnknownEvent),
        };
        // An alert may be about nobody in no named meeting, and is none the less one.
        let keys = [MEETING_NAMES, PERSON_NAMES, &["severity", "alert"]].concat();
        let (payload, relayed) = field::payload(name, args, &keys)?;
        let about = About {
            event: name,
            meeting: field::id(payload.first_of(MEETING_NAMES), MeetingId::new),
            at: field::time(payload.get("timestamp"))
                .or_else(|| field::time(payload.get("alert").get("timestamp")))
                .or(relayed),
        };
        let mut decoded = said(&about, payload)?;
        let inner = [
            payload.get("results"),
            payload.get("analytics"),
            payload.get("alert"),
        ];
        if field::is_simulated(&[payload, inner[0], inner[1], inner[2]]) {
            decoded.facts.push(about.says(MeetingSaid::Simulated));
        }
        Ok(decoded)
    }

    fn fetch(&self, _: &Scope, _: Option<&str>) -> Option<Request> {
        None
    }

    fn snapshot(&self, _: &Scope, status: u16, body: &Value) -> Result<Snapshot, Refusal> {
        Err(Refusal::of(status, body).unwrap_or(Refusal::malformed("data", &Value::Null)))
    }

    fn sign_in(&self, _: &str, _: &str) -> Option<Request> {
        None
    }

    fn signed_in(&self, status: u16, body: &Value) -> Result<SignedIn, Refusal> {
        Err(Refusal::of_sign_in(status, body).unwrap_or(Refusal::malformed("token", &Value::Null)))
    }

    fn upload(&self, _: &str, _: Option<&str>) -> Option<Form> {
        None
    }

    fn uploaded(&self, status: u16, body: &Value) -> Result<Uploaded, Refusal> {
        Err(Refusal::of(status, body).unwrap_or(Refusal::malformed("id", &Value::Null)))
    }

    fn analyze_again(&self, _: &MediaId, _: Option<&str>) -> Option<Request> {
        None
    }

    fn analyzing_again(&self, status: u16, body: &Value) -> Result<Vec<Fact>, Refusal> {
        Refusal::of(status, body).map_or(Ok(Vec::new()), Err)
    }

    /// The server asks for none, but the documented one takes it.
    fn connect_auth(&self, token: Option<&str>) -> Option<Value> {
        token.map(|token| Value::object([("token", token.into())]))
    }

    fn join(&self, meeting: &MeetingId, user: Option<&str>) -> Option<Emit> {
        Some(Emit {
            event: "join-meeting",
            args: vec![membership(meeting, user)],
        })
    }

    fn leave(&self, meeting: &MeetingId, user: Option<&str>) -> Option<Emit> {
        Some(Emit {
            event: "leave-meeting",
            args: vec![membership(meeting, user)],
        })
    }

    fn start_scenario(&self, meeting: &MeetingId) -> Option<Request> {
        let body = Value::object([("meetingId", meeting.as_str().into())]);
        Some(Request::post("/api/demo/scenario".to_owned()).with_json(&body))
    }

    fn watch(&self, _: &MediaId) -> Option<Emit> {
        None
    }

    fn unwatch(&self, _: &MediaId) -> Option<Emit> {
        None
    }
}

/// What one event says, from what it is about and its payload.
type Said = fn(&About, &Value) -> Result<Decoded, DecodeError>;

/// What one event is about.
struct About {
    event: &'static str,
    meeting: Option<MeetingId>,
    at: Option<Timestamp>,
}

impl About {
    fn says(&self, said: MeetingSaid) -> Fact {
        Fact::Meeting {
            meeting: self.meeting.clone(),
            at: self.at,
            said,
        }
    }

    fn person(&self, payload: &Value) -> Result<ParticipantId, DecodeError> {
        let value = payload.first_of(PERSON_NAMES);
        field::key(self.event, "participantId", value, ParticipantId::new)
    }
}

/// The object is not optional: the server stops working on an event without one.
fn membership(meeting: &MeetingId, user: Option<&str>) -> Value {
    let mut members = vec![("meetingId".to_owned(), meeting.as_str().into())];
    if let Some(user) = user {
        members.push(("userId".to_owned(), user.into()));
    }
    Value::Object(members)
}

fn joined(about: &About, payload: &Value) -> Result<Decoded, DecodeError> {
    if payload.get("success").as_bool() == Some(false) {
        return Ok(Decoded {
            notice: field::message(payload.first_of(&["message", "error"])),
            ..Decoded::default()
        });
    }
    let mut people = Vec::new();
    let mut named = Vec::new();
    let list = payload.get("participants").as_array();
    // Of one who cannot be read, nobody knows that they are not there.
    let mut is_whole = list.len() <= MAX_PARTICIPANTS;
    for entry in list.iter().take(MAX_PARTICIPANTS) {
        // Ids, or objects with more than an id.
        let id = match entry {
            Value::Object(_) => entry.first_of(ENTRY_NAMES),
            id => id,
        };
        let Some(person) = field::id(id, ParticipantId::new) else {
            // What has no fields is nobody.
            is_whole &= !matches!(entry, Value::Object(_));
            continue;
        };
        let name = field::name(entry.first_of(&["userName", "name"]));
        named.push((person.clone(), name.clone()));
        people.push(person);
    }
    // A reply that does not say who is there says nothing of them.
    is_whole &= matches!(payload.get("participants"), Value::Array(_));
    let mut facts = vec![about.says(MeetingSaid::Joined(is_whole.then_some(people)))];
    let present = named
        .into_iter()
        .filter(|(_, name)| !is_whole || name.is_some());
    facts.extend(present.map(|(participant, name)| {
        about.says(MeetingSaid::ParticipantJoined { participant, name })
    }));
    Ok(Decoded::facts(facts))
}

fn left(about: &About, payload: &Value) -> Result<Decoded, DecodeError> {
    if payload.get("success").as_bool() == Some(false) {
        return Ok(Decoded::default());
    }
    Ok(about.says(MeetingSaid::Left).into())
}

fn participant_joined(about: &About, payload: &Value) -> Result<Decoded, DecodeError> {
    Ok(about
        .says(MeetingSaid::ParticipantJoined {
            participant: about.person(payload)?,
            name: field::name(payload.first_of(&["userName", "user_name", "name"])),
        })
        .into())
}

fn participant_left(about: &About, payload: &Value) -> Result<Decoded, DecodeError> {
    Ok(about
        .says(MeetingSaid::ParticipantLeft {
            participant: about.person(payload)?,
        })
        .into())
}

/// A score that is missing, `null` or no score is "no data", which is not zero.
fn trust(about: &About, payload: &Value) -> Result<Decoded, DecodeError> {
    Ok(about
        .says(MeetingSaid::Trust {
            participant: about.person(payload)?,
            score: field::unit(payload.first_of(&["trustScore", "trust_score"])),
        })
        .into())
}

fn detection(about: &About, payload: &Value) -> Result<Decoded, DecodeError> {
    let participant = about.person(payload)?;
    let mut modalities = Vec::new();
    for (key, value) in payload.get("results").as_object() {
        let Value::Object(members) = value else {
            continue;
        };
        let Some(name) = Text::name(modality_name(key)) else {
            continue;
        };
        let mut figures = Vec::new();
        for (name, figure) in members.iter().filter(|(name, _)| name != "confidence") {
            figures.extend(Text::name(name).zip(figure.as_f64()));
            if figures.len() == MAX_FIGURES {
                break;
            }
        }
        modalities.push(Modality {
            name,
            figures,
            confidence: field::unit(value.get("confidence")),
        });
        if modalities.len() == MAX_MODALITIES {
            break;
        }
    }
    if modalities.is_empty() {
        return Ok(Decoded::default());
    }
    Ok(about
        .says(MeetingSaid::Detection {
            participant,
            modalities,
        })
        .into())
}

fn modality_name(key: &str) -> &str {
    match key {
        "audioAnalysis" => "audio",
        "videoAnalysis" => "video",
        "behavioralAnalysis" | "behaviouralAnalysis" | "behavioral" | "behavior" => "behaviour",
        other => other.strip_suffix("Analysis").unwrap_or(other),
    }
}

/// An alert is never refused for what it does not say: one about nobody, of no type, is still an alert.
fn alert(about: &About, payload: &Value) -> Result<Decoded, DecodeError> {
    let alert = match payload.get("alert") {
        inner @ Value::Object(_) => inner,
        _ => payload,
    };
    let severity = severity_of(alert.get("severity"));
    Ok(about
        .says(MeetingSaid::Alert(AlertSaid {
            id: field::id(alert.first_of(&["alertId", "id"]), Text::name),
            participant: [alert, payload]
                .into_iter()
                .find_map(|of| field::id(of.first_of(PERSON_NAMES), ParticipantId::new)),
            severity,
            other_severity: field::name(alert.get("severity"))
                .filter(|_| severity == Severity::Unknown),
            kind: field::name(alert.first_of(&["type", "category"])),
            message: field::message(alert.first_of(&["message", "title"])),
            confidence: field::unit(alert.get("confidence")),
            advice: [alert.get("recommendation"), alert.get("actionRequired")]
                .into_iter()
                .find_map(field::message),
            is_simulated: field::is_simulated(&[payload, alert]),
        }))
        .into())
}

fn severity_of(value: &Value) -> Severity {
    let word = value.as_str().unwrap_or_default().trim();
    [
        ("low", Severity::Low),
        ("medium", Severity::Medium),
        ("high", Severity::High),
        ("critical", Severity::Critical),
    ]
    .into_iter()
    .find(|(known, _)| word.eq_ignore_ascii_case(known))
    .map_or(Severity::Unknown, |(_, severity)| severity)
}

/// Figures of any names, flat: `detectionModality.audio.detected`.
fn analytics(about: &About, payload: &Value) -> Result<Decoded, DecodeError> {
    let mut figures = Vec::new();
    flatten("", payload.get("analytics"), MAX_DEPTH, &mut figures);
    if figures.is_empty() {
        return Ok(Decoded::default());
    }
    Ok(about.says(MeetingSaid::Analytics(figures)).into())
}

fn flatten(path: &str, object: &Value, depth: usize, figures: &mut Vec<(Metric, f64)>) {
    for (key, value) in object.as_object() {
        if figures.len() == MAX_ANALYTICS {
            return;
        }
        let name = match path {
            "" => key.clone(),
            _ => [path, key].join("."),
        };
        match value {
            Value::Object(_) if depth > 1 => flatten(&name, value, depth - 1, figures),
            _ => figures.extend(metric(&name, value)),
        }
    }
}

/// What a figure of this path measures. Shares are told in hundredths, as trust is. One that is out of its range is
/// none: brought to the nearest end, a mean trust of 41 would be one of 100.
fn metric(path: &str, value: &Value) -> Option<(Metric, f64)> {
    let modality = path.strip_prefix("detectionModality.").and_then(|path| {
        let (name, figure) = path.split_once('.')?;
        Some((Text::name(name)?, figure))
    });
    let share = || field::unit(value).map(|share| share * 100.0);
    let percent = || field::amount(value).filter(|percent| *percent <= 100.0);
    Some(match (path, modality) {
        ("totalParticipants", _) => (Metric::Participants, field::amount(value)?),
        ("anomaliesDetected", _) => (Metric::Anomalies, field::amount(value)?),
        ("averageTrustScore", _) => (Metric::AverageTrust, share()?),
        ("cpuUsage", _) => (Metric::Cpu, percent()?),
        ("memoryUsage", _) => (Metric::Memory, percent()?),
        ("processedFrames", _) => (Metric::Frames, field::amount(value)?),
        (_, Some((name, "detected"))) => (Metric::Detected(name), field::amount(value)?),
        (_, Some((name, "confidence"))) => (Metric::Confidence(name), share()?),
        _ => (Metric::Other(Text::name(path)?), value.as_f64()?),
    })
}

/// The documented picture is the first argument and says nothing of itself; wherever else it stands beside the ids, it
/// is the only attachment there.
fn video_frame(args: &[Value]) -> Result<Decoded, DecodeError> {
    const EVENT: &str = "video-frame";
    let keys = [MEETING_NAMES, PERSON_NAMES].concat();
    let (payload, relayed) = match args {
        [Value::Bytes(_)] => (&Value::Null, None),
        [Value::Bytes(_), beside @ ..] => field::payload(EVENT, beside, &keys)?,
        _ => field::payload(EVENT, args, &keys)?,
    };
    let beside = payload.as_object().iter().map(|(_, value)| value);
    let attached = [payload.get("frame")].into_iter().chain(beside).chain(args);
    let Some(bytes) = attached.filter_map(Value::as_bytes).next() else {
        return Err(field::malformed(EVENT, "frame", payload.get("frame")));
    };
    let about = About {
        event: EVENT,
        meeting: field::id(payload.first_of(MEETING_NAMES), MeetingId::new),
        at: field::time(payload.get("timestamp")).or(relayed),
    };
    let mut decoded: Decoded = about
        .says(MeetingSaid::VideoFrame {
            participant: field::id(payload.first_of(PERSON_NAMES), ParticipantId::new),
            picture: Picture(bytes.clone()),
        })
        .into();
    if field::is_simulated(&[payload]) {
        decoded.facts.push(about.says(MeetingSaid::Simulated));
    }
    Ok(decoded)
}

fn error(args: &[Value]) -> Decoded {
    let payload = args.first().unwrap_or(&Value::Null);
    let text = match payload {
        Value::String(_) => payload,
        _ => payload.first_of(&["message", "code"]),
    };
    Decoded {
        notice: field::message(text),
        ..Decoded::default()
    }
}
