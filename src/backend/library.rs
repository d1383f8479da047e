//! The video library with its sensitivity analysis: one for each video, which says by words and a share how far it is.
//!
//! The events in use are `video:process:progress`, `…:complete` and `…:failed`; the documented names are
//! `video:progress`, `video:processed` and `video:failed`. Both mean the same here.
//!
//! What has to be known of it:
//! - There are no runs and no models: each video has one run, with one model that stands for the whole analysis.
//! - Events carry no times, no title and no attempt. 100 percent is not the end, `complete` is.
//! - A failure is one attempt's (of three, five and ten seconds apart), and in between the REST status says `failed`
//!   too. Asking at once would therefore be answered with an end that is none. So a failed attempt asks for nothing,
//!   and an attempt that begins does: its answer says that the video is at work again, and brings the title. The third
//!   failure is the end, and so is a `failed` of REST when no other attempt was heard of for as long as one may take.
//! - A `complete` says less than is stored by then: not when, mostly no score, and under the documented names not that
//!   the result is made up. So it asks as well.

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
use crate::domain::{Fact, MediaId, MeetingId, ModelId};
use crate::json::Value;
use crate::time::Timestamp;

/// The vocabulary.
pub struct Library;

/// The one model of a video, for which the server has no name.
const NAME: &str = "analysis";
/// Videos asked for at once: the most the server gives.
const PAGE: usize = 100;

const VIDEO_NAMES: &[&str] = &field::media_names::<2, 10>(["videoId", "video_id"]);
/// Of a whole row, whose `_id` is its own.
const ROW_NAMES: &[&str] = &["_id", "id", "videoId"];

/// What a configuration calls it.
pub(super) const KIND: &str = "library";

/// How to reach it, and what its things are called.
pub(super) const PROFILE: Profile = Profile {
    socket_path: "/socket.io/",
    namespace: "/",
    signs_in: true,
    has_list: true,
    takes_files: true,
    analyzes_again: false,
    has_meetings: false,
    rules: Rules {
        max_attempts: Some(3),
        has_run_ids: false,
        has_run_end: true,
        has_rows: false,
        latest_wins: false,
        fails_between_attempts: true,
        has_list: true,
    },
    noun: Noun::Video,
    parts: Parts::Analyses,
};

impl Backend for Library {
    fn decode(
        &self,
        event: &str,
        args: &[Value],
        _me: Option<&str>,
    ) -> Result<Decoded, DecodeError> {
        match event {
            "video:process:progress" | "video:progress" => progress(args),
            "video:process:complete" | "video:processed" => complete(args),
            "video:process:failed" | "video:failed" => {
                let (payload, video, at) = read("video:process:failed", args)?;
                let error = field::message(payload.first_of(&["error", "message"]));
                let failed = ModelSaid::Failed {
                    error,
                    is_final: false,
                    attempt: None,
                };
                Ok(Decoded::facts(vec![
                    run(&video, at, Declared::FailureReported, None),
                    model(&video, at, failed),
                ]))
            }
            "server:announcement" | "notification:personal" => {
                let payload = args.first().unwrap_or(&Value::Null);
                let text = match payload {
                    Value::String(_) => payload,
                    _ => payload.first_of(&["message", "text"]),
                };
                Ok(Decoded {
                    notice: field::message(text),
                    ..Decoded::default()
                })
            }
            "connected" | "pong" => Ok(Decoded::default()),
            _ => Err(DecodeError::UnknownEvent),
        }
    }

    fn fetch(&self, scope: &Scope, token: Option<&str>) -> Option<Request> {
        let path = match scope {
            Scope::Models => return None,
            Scope::List => "/api/videos?page=1&limit=100".to_owned(),
            Scope::Media(id) => "/api/videos/".to_owned() + &request::segment(id.as_str())?,
        };
        Some(Request::get(path).with_token("Bearer ", token))
    }

    fn snapshot(&self, scope: &Scope, status: u16, body: &Value) -> Result<Snapshot, Refusal> {
        let empty = Snapshot {
            scope: scope.clone(),
            is_whole: true,
            beyond: 0,
            media: Vec::new(),
            facts: Vec::new(),
        };
        // Private videos are told to the whole organization, and shown to their owner alone.
        let is_denied = || {
            let said = body.get("error").as_str();
            status == 403 && said.is_some_and(|said| said.starts_with("Access denied"))
        };
        if matches!(scope, Scope::Media(_)) && (request::is_unknown(status, body) || is_denied()) {
            return Ok(empty);
        }
        if let Some(refusal) = Refusal::of(status, body) {
            return Err(refusal);
        }
        let mut snapshot = empty;
        match scope {
            Scope::Models => {}
            Scope::List => {
                let videos = body.get("videos");
                let Value::Array(rows) = videos else {
                    return Err(Refusal::malformed("videos", videos));
                };
                // Whole only if the server says that there is no second page, or gave less than one.
                snapshot.is_whole = rows.len() <= PAGE
                    && match body.get("pagination").get("pages").as_u64() {
                        Some(pages) => pages <= 1,
                        None => rows.len() < 20,
                    };
                let total = body.get("pagination").get("total").as_u64().unwrap_or(0);
                let read = rows.len().min(PAGE) as u64;
                let total = total.max(rows.len() as u64);
                snapshot.beyond = u32::try_from(total - read).unwrap_or(u32::MAX);
                for row in rows.iter().take(PAGE) {
                    match field::id(row.first_of(ROW_NAMES), MediaId::new) {
                        Some(id) => {
                            video_row(&id, row, &mut snapshot.facts);
                            snapshot.media.push(id);
                        }
                        None => snapshot.is_whole = false,
                    }
                }
            }
            Scope::Media(asked) => {
                let row = match body.get("video") {
                    // The short form of `/status` names no video: it is about the one that was asked for.
                    Value::Null if body.get("status").as_str().is_some() => body,
                    row @ Value::Object(_) => {
                        let id = row.first_of(ROW_NAMES);
                        if field::id(id, MediaId::new).as_ref() != Some(asked) {
                            return Err(Refusal::malformed("id", id));
                        }
                        row
                    }
                    other => return Err(Refusal::malformed("video", other)),
                };
                video_row(asked, row, &mut snapshot.facts);
                snapshot.media.push(asked.clone());
            }
        }
        Ok(snapshot)
    }

    fn sign_in(&self, name: &str, password: &str) -> Option<Request> {
        let body = Value::object([("email", name.into()), ("password", password.into())]);
        Some(Request::post("/api/auth/login".to_owned()).with_json(&body))
    }

    fn signed_in(&self, status: u16, body: &Value) -> Result<SignedIn, Refusal> {
        if let Some(refusal) = Refusal::of_sign_in(status, body) {
            return Err(refusal);
        }
        request::signed_in(body, "token", |user| field::name(user.get("name")))
    }

    /// The server wants a title; the file's name without its ending is one.
    fn upload(&self, file_name: &str, token: Option<&str>) -> Option<Form> {
        let title = match file_name.rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem,
            _ => file_name,
        };
        Some(Form {
            request: Request::post("/api/videos".to_owned()).with_token("Bearer ", token),
            file_field: "video",
            fields: vec![("title", title.to_owned())],
        })
    }

    fn uploaded(&self, status: u16, body: &Value) -> Result<Uploaded, Refusal> {
        if let Some(refusal) = Refusal::of(status, body) {
            return Err(refusal);
        }
        let row = body.get("video");
        let id = row.first_of(ROW_NAMES);
        let media = field::id(id, MediaId::new).ok_or_else(|| Refusal::malformed("id", id))?;
        let mut facts = Vec::new();
        video_row(&media, row, &mut facts);
        Ok(Uploaded { media, facts })
    }

    fn analyze_again(&self, _: &MediaId, _: Option<&str>) -> Option<Request> {
        None
    }

    fn analyzing_again(&self, status: u16, body: &Value) -> Result<Vec<Fact>, Refusal> {
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

    /// The bare id, under the name that the server listens for; it ignores the documented one.
    fn watch(&self, media: &MediaId) -> Option<Emit> {
        Some(Emit {
            event: "subscribe:video",
            args: vec![media.as_str().into()],
        })
    }

    fn unwatch(&self, media: &MediaId) -> Option<Emit> {
        Some(Emit {
            event: "unsubscribe:video",
            args: vec![media.as_str().into()],
        })
    }
}

/// The payload, the video it is about, and its time where the server gives one.
fn read<'a>(
    event: &'static str,
    args: &'a [Value],
) -> Result<(&'a Value, MediaId, Option<Timestamp>), DecodeError> {
    let (payload, _) = field::payload(event, args, VIDEO_NAMES)?;
    let video = field::media(event, payload, VIDEO_NAMES)?;
    Ok((payload, video, field::time(payload.get("timestamp"))))
}

fn progress(args: &[Value]) -> Result<Decoded, DecodeError> {
    let (payload, video, at) = read("video:process:progress", args)?;
    let percent = field::amount(payload.get("progress"));
    let mut facts = vec![run(&video, at, Declared::Processing, None)];
    // Every attempt begins at zero. Without a time it could not be told from the attempt before.
    let begins = percent == Some(0.0);
    if begins && at.is_some() {
        facts.push(model(&video, at, ModelSaid::Started));
    }
    facts.push(model(
        &video,
        at,
        ModelSaid::Progress {
            done: percent,
            total: percent.and(Some(100.0)),
            relayed: at,
        },
    ));
    facts.extend(
        field::message(payload.first_of(&["message", "stage"])).map(|text| {
            let fraction = percent.map(|percent| percent / 100.0);
            model(&video, at, ModelSaid::Doing { text, fraction })
        }),
    );
    Ok(Decoded {
        facts,
        ask: begins.then_some(Scope::Media(video)),
        ..Decoded::default()
    })
}

fn complete(args: &[Value]) -> Result<Decoded, DecodeError> {
    let (payload, video, at) = read("video:process:complete", args)?;
    Ok(Decoded {
        facts: vec![
            model(&video, at, ModelSaid::Completed(outcome(payload))),
            run(&video, at, Declared::Done, verdict(payload)),
        ],
        ask: Some(Scope::Media(video)),
        ..Decoded::default()
    })
}

fn run(
    video: &MediaId,
    at: Option<Timestamp>,
    declared: Declared,
    verdict: Option<ServerVerdict>,
) -> Fact {
    Fact::Run {
        media: video.clone(),
        run: RunRef::Open,
        at,
        fields: RunFields {
            declared: Some(declared),
            verdict,
            ..RunFields::default()
        },
    }
}

fn model(video: &MediaId, at: Option<Timestamp>, said: ModelSaid) -> Fact {
    Fact::Model {
        media: video.clone(),
        run: RunRef::Open,
        model: ModelId::new(NAME).expect("a short name"),
        at,
        said,
    }
}

/// `sensitivityStatus`, or what stands in its place in the documented payload. The level (`medium`) is another scale
/// and can disagree with the status, so it is only shown, as the server's word, where there is no status.
fn label(payload: &Value) -> Option<Label> {
    let sensitivity = payload.get("sensitivity");
    [
        payload.get("sensitivityStatus"),
        sensitivity.get("status"),
        sensitivity,
    ]
    .into_iter()
    .find(|word| word.as_str().is_some())
    .map_or_else(|| field::label(sensitivity.get("level")), field::label)
}

fn verdict(payload: &Value) -> Option<ServerVerdict> {
    Some(ServerVerdict {
        label: label(payload)?,
        score: field::unit(payload.get("sensitivityScore"))
            .or_else(|| field::unit(payload.get("sensitivity").get("score"))),
    })
}

fn outcome(payload: &Value) -> Outcome {
    let report = payload.get("analysisReport");
    Outcome {
        label: label(payload),
        confidence: field::unit(payload.get("confidence")),
        // Milliseconds, as JavaScript counts.
        took: field::took(payload.get("processingTime"), 0.001),
        simulated: field::is_simulated(&[
            payload,
            report,
            payload.get("sensitivity"),
            payload.get("sensitivityDetails"),
        ]),
    }
}

/// A video as REST gives it: whole, or the five fields of an upload's answer.
fn video_row(video: &MediaId, row: &Value, facts: &mut Vec<Fact>) {
    let at = field::time(row.get("updatedAt"));
    let declared = row.get("status").as_str().and_then(status);
    facts.push(Fact::Media {
        media: video.clone(),
        at,
        fields: MediaFields {
            name: [
                row.get("title"),
                row.get("originalFilename"),
                row.get("filename"),
            ]
            .into_iter()
            .find_map(field::name),
            kind: Some(MediaKind::Video),
            has_sound: None,
            bytes: row.get("fileSize").as_u64(),
            created: field::time(row.get("createdAt")),
            declared,
            other_status: field::name(row.get("status")).filter(|_| declared.is_none()),
        },
    });
    let Some(declared) = declared else { return };
    let said = match declared {
        Declared::Done => ModelSaid::Completed(outcome(row)),
        Declared::Failed => ModelSaid::Failed {
            error: field::message(row.first_of(&["processingError", "error"])),
            is_final: false,
            attempt: None,
        },
        Declared::Cancelled => ModelSaid::Cancelled,
        Declared::Processing => ModelSaid::Progress {
            done: field::amount(row.first_of(&["processingProgress", "progress"])),
            total: Some(100.0),
            relayed: at,
        },
        _ => ModelSaid::Queued,
    };
    let is_done = declared == Declared::Done;
    let verdict = is_done.then(|| verdict(row)).flatten();
    // A new title moves `updatedAt` and is no new end.
    let ended = [
        row.get("processedAt"),
        row.get("sensitivity").get("analyzedAt"),
    ];
    let ended = ended
        .into_iter()
        .filter(|_| is_done)
        .filter_map(field::time)
        .max();
    let at = ended.or(at);
    facts.push(run(video, at, declared, verdict));
    facts.push(model(video, at, said));
}

fn status(word: &str) -> Option<Declared> {
    [
        ("uploading", Declared::Queued),
        ("queued", Declared::Queued),
        ("pending", Declared::Queued),
        ("processing", Declared::Processing),
        ("completed", Declared::Done),
        ("ready", Declared::Done),
        ("failed", Declared::Failed),
    ]
    .into_iter()
    .find(|(known, _)| word.eq_ignore_ascii_case(known))
    .map(|(_, declared)| declared)
    .or_else(|| field::is_cancelled(word).then_some(Declared::Cancelled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_one_model_is_taken() {
        assert!(ModelId::new(NAME).is_some());
    }

    #[test]
    fn a_file_without_an_ending_is_its_own_title() {
        for (file, title) in [
            ("clip.mp4", "clip"),
            ("a.b.webm", "a.b"),
            (".hidden", ".hidden"),
            ("clip", "clip"),
        ] {
            let form = Library.upload(file, None).unwrap();

            assert_eq!(form.fields, [("title", title.to_owned())], "{file}");
        }
    }
}
