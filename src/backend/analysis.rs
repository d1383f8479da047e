//! The deepfake analysis of uploaded media: several models run over each media, one after another.
//!
//! Two vocabularies mean the same here. The one in use sends `progress_update` with an inner event name, `media_update`
//! with the whole row and, rarely, `processing_error`; the documented one has an event for each occasion
//! (`media_uploaded`, `analysis_…`, `run_finalized`) and `batch_update` around many of them.
//!
//! What has to be known of it:
//! - Two publishers speak. The worker names the run and stamps its time; the models' own server does neither, and what
//!   stands outside of `data` is the time of whoever relayed it. So a model's `at` is `data.timestamp` or nothing.
//! - `ANALYSIS_COMPLETE` with a model is that model's own word that it has computed, before anything is stored: it is
//!   progress, not an end. Without a model it is the end of the run. `ANALYSIS_COMPLETED` is the end of a model.
//! - A failure is one attempt's. There is no final event when a model fails for good.
//! - `Backend Worker` is not a model.

mod rows;

use rows::{media_kind, media_row, outcome, status};

use super::{field, request};
use super::{
    Backend, DecodeError, Decoded, Emit, Form, Noun, Parts, Profile, Refusal, Request, SignedIn,
    Uploaded,
};
use crate::domain::fact::{
    Declared, MediaFields, ModelCounts, ModelSaid, RunFields, RunRef, Scope, Snapshot,
};
use crate::domain::Rules;
use crate::domain::{Fact, MediaId, MeetingId, ModelId, RunId};
use crate::json::Value;
use crate::time::Timestamp;

/// The vocabulary.
pub struct Analysis;

/// How often the server tries a model.
const MAX_ATTEMPTS: u32 = 3;
/// The name under which the worker speaks of a whole run.
const NOT_A_MODEL: &str = "Backend Worker";
/// More media than this in a list are left out, and the list is then not a whole one: no page shows more.
const MAX_MEDIA: usize = 5000;
/// Models of one run that are believed.
const MAX_MODELS: u32 = 64;
/// Items of a batch that are read.
const MAX_BATCH: usize = 1000;

/// The last ones are what the other servers call theirs.
const MEDIA_NAMES: &[&str] = &[
    "mediaId",
    "media_id",
    "id",
    "_id",
    "videoId",
    "video_id",
    "interviewId",
    "interview_id",
];
const RUN_NAMES: &[&str] = &["runId", "analysisRunId", "run_id"];
const MODEL_NAMES: &[&str] = &["model_name", "modelName", "model"];
const FILE_NAMES: &[&str] = &["filename", "fileName"];

impl Backend for Analysis {
    fn kind(&self) -> &'static str {
        "analysis"
    }

    fn profile(&self) -> Profile {
        Profile {
            socket_path: "/socket.io/",
            namespace: "/",
            signs_in: true,
            has_list: true,
            takes_files: true,
            analyzes_again: true,
            has_meetings: false,
            rules: Rules {
                max_attempts: Some(MAX_ATTEMPTS),
                has_run_ids: true,
                has_run_end: true,
                has_rows: true,
                latest_wins: false,
                fails_between_attempts: false,
            },
            noun: Noun::Media,
            parts: Parts::Models,
        }
    }

    fn decode(
        &self,
        event: &str,
        args: &[Value],
        me: Option<&str>,
    ) -> Result<Decoded, DecodeError> {
        if event == "batch_update" {
            return batch(args, me);
        }
        single(event, args, me)
    }

    fn fetch(&self, scope: &Scope, token: Option<&str>) -> Option<Request> {
        let path = match scope {
            Scope::Models => "/api/v1/monitoring/server-status".to_owned(),
            Scope::List => "/api/v1/media".to_owned(),
            Scope::Media(id) => media_path(id)?,
        };
        Some(Request::get(path).with_token("Bearer ", token))
    }

    fn snapshot(&self, scope: &Scope, status: u16, body: &Value) -> Result<Snapshot, Refusal> {
        if let (Scope::Media(_), 404) = (scope, status) {
            return Ok(Snapshot {
                scope: scope.clone(),
                is_whole: true,
                beyond: 0,
                media: Vec::new(),
                facts: Vec::new(),
            });
        }
        // An installation may keep its monitoring to itself: then nobody knows how many models there are.
        if let (Scope::Models, 403 | 404) = (scope, status) {
            return Ok(models_of(&Value::Null));
        }
        if let Some(refusal) = Refusal::of(status, body) {
            return Err(refusal);
        }
        let data = body.get("data");
        if *scope == Scope::Models {
            return Ok(models_of(data));
        }
        let mut beyond = 0;
        let (rows, mut is_whole) = match (scope, data) {
            (Scope::List, Value::Array(rows)) => {
                beyond = rows.len().saturating_sub(MAX_MEDIA);
                (&rows[..rows.len() - beyond], beyond == 0)
            }
            (Scope::Media(_), Value::Object(_)) => (std::slice::from_ref(data), true),
            _ => return Err(Refusal::malformed("data", data)),
        };
        let mut media = Vec::with_capacity(rows.len());
        let mut facts = Vec::new();
        for row in rows {
            let id = row.first_of(MEDIA_NAMES);
            match (field::id(id, MediaId::new), scope) {
                (Some(id), Scope::Media(asked)) if id != *asked => {
                    return Err(Refusal::malformed("id", row.first_of(MEDIA_NAMES)));
                }
                (Some(id), _) => {
                    media_row(&id, row, &mut facts);
                    media.push(id);
                }
                (None, Scope::Media(_)) => return Err(Refusal::malformed("id", id)),
                // A row that cannot be read may be any media: nothing is gone by this list.
                (None, _) => is_whole = false,
            }
        }
        Ok(Snapshot {
            scope: scope.clone(),
            is_whole,
            beyond: u32::try_from(beyond).unwrap_or(u32::MAX),
            media,
            facts,
        })
    }

    fn sign_in(&self, name: &str, password: &str) -> Option<Request> {
        let body = Value::object([("email", name.into()), ("password", password.into())]);
        Some(Request::post("/api/v1/auth/login".to_owned()).with_json(&body))
    }

    fn signed_in(&self, status: u16, body: &Value) -> Result<SignedIn, Refusal> {
        if let Some(refusal) = Refusal::of_sign_in(status, body) {
            return Err(refusal);
        }
        request::signed_in(body.get("data"), "token", |user| {
            let first = user.get("firstName").as_str().unwrap_or_default();
            let last = user.get("lastName").as_str().unwrap_or_default();
            crate::domain::Text::name(&[first, last].join(" "))
        })
    }

    fn upload(&self, _file_name: &str, token: Option<&str>) -> Option<Form> {
        Some(Form {
            request: Request::post("/api/v1/media".to_owned()).with_token("Bearer ", token),
            file_field: "media",
            fields: Vec::new(),
        })
    }

    fn uploaded(&self, status: u16, body: &Value) -> Result<Uploaded, Refusal> {
        if let Some(refusal) = Refusal::of(status, body) {
            return Err(refusal);
        }
        let row = body.get("data");
        let id = row.first_of(MEDIA_NAMES);
        let media = field::id(id, MediaId::new).ok_or_else(|| Refusal::malformed("id", id))?;
        let mut facts = Vec::new();
        media_row(&media, row, &mut facts);
        Ok(Uploaded { media, facts })
    }

    fn analyze_again(&self, media: &MediaId, token: Option<&str>) -> Option<Request> {
        let path = media_path(media)? + "/analyze";
        Some(Request::post(path).with_token("Bearer ", token))
    }

    fn analyzing_again(&self, status: u16, body: &Value) -> Result<Vec<Fact>, Refusal> {
        self.uploaded(status, body).map(|uploaded| uploaded.facts)
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

    /// Everything about a person's own media comes by itself.
    fn watch(&self, _: &MediaId) -> Option<Emit> {
        None
    }

    fn unwatch(&self, _: &MediaId) -> Option<Emit> {
        None
    }
}

/// How many models the models' server has loaded for each kind of media.
fn models_of(status: &Value) -> Snapshot {
    let mut counts = ModelCounts::default();
    if let Value::Array(models) = status.get("models_info") {
        for model in models.iter().take(MAX_MODELS as usize) {
            let is = |field| model.get(field).as_bool() == Some(true);
            if model.get("loaded").as_bool() == Some(false) {
                continue;
            }
            counts.video += u32::from(is("isVideo"));
            counts.image += u32::from(is("isImage"));
            counts.audio += u32::from(is("isAudio"));
        }
    }
    Snapshot {
        scope: Scope::Models,
        is_whole: true,
        beyond: 0,
        media: Vec::new(),
        facts: vec![Fact::Models(counts)],
    }
}

fn media_path(id: &MediaId) -> Option<String> {
    request::segment(id.as_str()).map(|id| "/api/v1/media/".to_owned() + &id)
}

/// Any event but a batch.
fn single(event: &str, args: &[Value], me: Option<&str>) -> Result<Decoded, DecodeError> {
    match event {
        "progress_update" => progress_update(args, me),
        "media_update" => {
            const EVENT: &str = "media_update";
            let (row, _) = field::payload(EVENT, args, &["id", "_id", "mediaId", "media_id"])?;
            field::is_mine(row, me)?;
            let media = field::media(EVENT, row, &["id", "_id", "mediaId", "media_id"])?;
            let mut facts = Vec::new();
            media_row(&media, row, &mut facts);
            Ok(Decoded::facts(facts))
        }
        "processing_error" => processing_error(args, me),
        "media_uploaded" => {
            let (payload, about) = About::documented("media_uploaded", args, me)?;
            Ok(Decoded::facts(vec![Fact::Media {
                media: about.media,
                at: about.at,
                fields: MediaFields {
                    name: field::name(payload.first_of(FILE_NAMES)),
                    declared: status(payload.get("status")).or(Some(Declared::Queued)),
                    ..MediaFields::default()
                },
            }]))
        }
        "analysis_started" => {
            let (_, about) = About::documented("analysis_started", args, me)?;
            Ok(about.began())
        }
        "analysis_progress" => {
            let (payload, about) = About::documented("analysis_progress", args, me)?;
            let percent = field::amount(payload.get("progress"));
            Ok(about.works(percent, percent.and(Some(100.0)), payload))
        }
        "analysis_completed" => {
            let (payload, about) = About::documented("analysis_completed", args, me)?;
            Ok(about.completed(payload))
        }
        "analysis_failed" => {
            let (payload, about) = About::documented("analysis_failed", args, me)?;
            Ok(about.failed(payload))
        }
        "run_finalized" => {
            let (payload, about) = About::documented("run_finalized", args, me)?;
            Ok(about.finalized(payload))
        }
        _ => Err(DecodeError::UnknownEvent),
    }
}

/// The items of a batch, each an event of its own. A batch in a batch is refused, and so is a bad item, alone. The
/// server sends these to everybody, so other people's items are left out here.
fn batch(args: &[Value], me: Option<&str>) -> Result<Decoded, DecodeError> {
    let first = args.first().unwrap_or(&Value::Null);
    let list = match first {
        Value::Array(_) => first,
        _ => first.first_of(&["updates", "events", "items", "data"]),
    };
    let Value::Array(items) = list else {
        return Err(field::malformed("batch_update", "items", list));
    };
    let mut all = Decoded::default();
    for item in items.iter().take(MAX_BATCH) {
        let event = item.first_of(&["eventName", "event", "type", "name"]);
        let data = item.first_of(&["data", "payload"]);
        match single(
            event.as_str().unwrap_or_default(),
            std::slice::from_ref(data),
            me,
        ) {
            Ok(one) => {
                all.facts.extend(one.facts);
                all.ask = both(all.ask, one.ask);
            }
            Err(DecodeError::Foreign) => all.foreign += 1,
            Err(error) => {
                all.dropped += 1;
                if let DecodeError::Malformed { media, .. } = error {
                    all.unread.extend(media);
                }
            }
        }
    }
    let beyond = items.len().saturating_sub(MAX_BATCH);
    if beyond > 0 {
        all.dropped = all
            .dropped
            .saturating_add(u32::try_from(beyond).unwrap_or(u32::MAX));
        all.ask = Some(Scope::List);
    }
    Ok(all)
}

/// One request that answers both.
fn both(one: Option<Scope>, other: Option<Scope>) -> Option<Scope> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => Some(Scope::List),
        (one, other) => one.or(other),
    }
}

fn progress_update(args: &[Value], me: Option<&str>) -> Result<Decoded, DecodeError> {
    const EVENT: &str = "progress_update";
    let (envelope, _) = field::payload(EVENT, args, MEDIA_NAMES)?;
    field::is_mine(envelope, me)?;
    let media = field::media(EVENT, envelope, MEDIA_NAMES)?;
    let kind = envelope.get("event");
    let Some(kind) = kind.as_str() else {
        return Err(field::malformed(EVENT, "event", kind).about(&media));
    };
    // `data` may be left out: then there is neither a model nor a run nor a publisher's time.
    let data = envelope.get("data");
    let about = About {
        run: run_ref(EVENT, &media, data)?,
        model: model(EVENT, &media, data)?,
        media,
        at: field::time(data.get("timestamp")),
        relayed: field::time(envelope.get("timestamp")),
    };
    let name = field::name(data.first_of(FILE_NAMES));
    let kind_of_media = media_kind(data.get("mediaType"));
    let described = (name.is_some() || kind_of_media.is_some()).then(|| Fact::Media {
        media: about.media.clone(),
        at: about.at,
        fields: MediaFields {
            name,
            kind: kind_of_media,
            ..MediaFields::default()
        },
    });
    let mut decoded = match (kind, &about.model) {
        ("ANALYSIS_QUEUED", Some(model)) => about.says(model, about.at, ModelSaid::Queued).into(),
        ("ANALYSIS_QUEUED", None) => about.run_is(Declared::Queued).into(),
        // Once for every attempt of every model, whatever name it carries: it only says that the run goes on.
        ("PROCESSING_STARTED", _) => about.run_is(Declared::Processing).into(),
        ("ANALYSIS_STARTED", _) => about.began(),
        ("ANALYSIS_COMPLETED", Some(_)) => about.completed(data),
        ("ANALYSIS_FAILED" | "PROCESSING_FAILED", Some(_)) => about.failed(data),
        (
            "ANALYSIS_COMPLETE" | "ANALYSIS_COMPLETED" | "ANALYSIS_FAILED" | "PROCESSING_FAILED",
            None,
        ) => about.finalized(data),
        // A model at work, under any name: the set of these is open. `ANALYSIS_COMPLETE` with a model is among them.
        (_, Some(_)) => about.works(
            field::amount(data.get("progress")),
            field::amount(data.get("total")),
            envelope,
        ),
        (_, None) => Decoded::default(),
    };
    decoded.facts.extend(described);
    Ok(decoded)
}

/// `jobId` is the run's id, a dash and the model. Every failed attempt may send this.
fn processing_error(args: &[Value], me: Option<&str>) -> Result<Decoded, DecodeError> {
    const EVENT: &str = "processing_error";
    let (payload, relayed) = field::payload(EVENT, args, MEDIA_NAMES)?;
    field::is_mine(payload, me)?;
    let run = payload.first_of(RUN_NAMES).as_str().unwrap_or_default();
    let job = payload.first_of(&["jobId", "job_id"]).as_str();
    let media = field::media(EVENT, payload, MEDIA_NAMES)?;
    let about = About {
        run: run_ref(EVENT, &media, payload)?,
        model: model(EVENT, &media, payload)?.or_else(|| {
            job.filter(|_| !run.is_empty())?
                .strip_prefix(run)?
                .strip_prefix('-')
                // The job that ends a run is no model's.
                .filter(|rest| !rest.starts_with("final"))
                .and_then(ModelId::new)
        }),
        media,
        at: field::time(payload.get("timestamp")),
        relayed,
    };
    Ok(about.failed(payload))
}

/// What one event is about.
struct About {
    media: MediaId,
    run: RunRef,
    model: Option<ModelId>,
    /// The publisher's time.
    at: Option<Timestamp>,
    /// The relay's time.
    relayed: Option<Timestamp>,
}

impl About {
    /// Reads an event of the documented vocabulary, bare or in an envelope.
    fn documented<'a>(
        event: &'static str,
        args: &'a [Value],
        me: Option<&str>,
    ) -> Result<(&'a Value, Self), DecodeError> {
        let (payload, relayed) = field::payload(event, args, MEDIA_NAMES)?;
        field::is_mine(payload, me)?;
        let media = field::media(event, payload, MEDIA_NAMES)?;
        let about = Self {
            run: run_ref(event, &media, payload)?,
            model: model(event, &media, payload)?,
            media,
            at: field::time(payload.get("timestamp")),
            relayed,
        };
        Ok((payload, about))
    }

    fn says(&self, model: &ModelId, at: Option<Timestamp>, said: ModelSaid) -> Fact {
        Fact::Model {
            media: self.media.clone(),
            run: self.run.clone(),
            model: model.clone(),
            at,
            said,
        }
    }

    fn run_says(&self, fields: RunFields) -> Fact {
        Fact::Run {
            media: self.media.clone(),
            run: self.run.clone(),
            at: self.at,
            fields,
        }
    }

    fn run_is(&self, declared: Declared) -> Fact {
        self.run_says(RunFields {
            declared: Some(declared),
            ..RunFields::default()
        })
    }

    fn ask(&self) -> Option<Scope> {
        Some(Scope::Media(self.media.clone()))
    }

    fn began(&self) -> Decoded {
        let mut facts = vec![self.run_is(Declared::Processing)];
        facts.extend(
            self.model
                .as_ref()
                .map(|model| self.says(model, self.at, ModelSaid::Started)),
        );
        Decoded::facts(facts)
    }

    /// Without a time of its own: the relay's differs between the copies of one event.
    fn works(&self, done: Option<f64>, total: Option<f64>, words: &Value) -> Decoded {
        let Some(model) = &self.model else {
            return self.run_is(Declared::Processing).into();
        };
        let progress = ModelSaid::Progress {
            done,
            total: total.filter(|total| *total > 0.0),
            relayed: self.relayed.or(self.at),
        };
        let mut facts = vec![self.says(model, self.at, progress)];
        // Words tell no attempts apart, so the relay's time will do to know which were last.
        let at = self.at.or(self.relayed);
        facts.extend(
            field::message(words.first_of(&["message", "stage"]))
                .map(|text| self.says(model, at, ModelSaid::Doing(text))),
        );
        Decoded::facts(facts)
    }

    fn completed(&self, payload: &Value) -> Decoded {
        match &self.model {
            Some(model) => {
                let said = ModelSaid::Completed(outcome(payload));
                self.says(model, self.at, said).into()
            }
            None => Decoded {
                ask: self.ask(),
                ..Decoded::default()
            },
        }
    }

    /// One attempt failed, and more may follow. Without a model it is only a claim about the run, worth asking about.
    fn failed(&self, payload: &Value) -> Decoded {
        let error = [
            payload.get("error_message"),
            payload.get("error"),
            payload.get("details").get("error"),
            payload.get("message"),
        ]
        .into_iter()
        .find_map(field::message);
        match &self.model {
            Some(model) => self
                .says(
                    model,
                    self.at,
                    ModelSaid::Failed {
                        error,
                        is_final: false,
                    },
                )
                .into(),
            None => Decoded {
                facts: vec![self.run_is(Declared::FailureReported)],
                ask: self.ask(),
                ..Decoded::default()
            },
        }
    }

    /// The end of a run as its finalizer counts it.
    ///
    /// It counts rows, and a model that failed once and then succeeded has two: with three models it says "3 of 4". So
    /// where it counts failures, only its successes are believed to be different models. Believing its total would
    /// have the run wait for ever for a model that does not exist.
    fn finalized(&self, payload: &Value) -> Decoded {
        let count = |names| {
            payload
                .first_of(names)
                .as_u64()
                .and_then(|count| u32::try_from(count).ok())
        };
        let total = count(&["totalAnalyses", "totalModels"]);
        let completed = count(&["completedAnalyses", "completedCount"]);
        let failed = count(&["failedAnalyses", "failedCount"]);
        let pending = count(&["pendingAnalyses", "pendingCount"]);
        let has_ended = pending == Some(0)
            || total.is_some_and(|total| {
                completed.zip(failed).and_then(|(c, f)| c.checked_add(f)) == Some(total)
            });
        let declared = status(payload.first_of(&["finalStatus", "status"])).map(|declared| {
            // The server's word for "partially" also stands for runs that still go on.
            if declared == Declared::Processing && has_ended {
                Declared::Partial
            } else {
                declared
            }
        });
        let expected = match failed {
            Some(0) => total.or(completed),
            _ => completed,
        };
        let is_clear = declared == Some(Declared::Done) && failed == Some(0);
        Decoded {
            facts: vec![self.run_says(RunFields {
                declared,
                expected: expected.filter(|expected| *expected <= MAX_MODELS),
                ..RunFields::default()
            })],
            ask: if is_clear { None } else { self.ask() },
            ..Decoded::default()
        }
    }
}

fn run_ref(event: &'static str, media: &MediaId, payload: &Value) -> Result<RunRef, DecodeError> {
    let run = payload.first_of(RUN_NAMES);
    let run = field::key_or_none(event, "runId", media, run, RunId::new)?;
    Ok(run.map_or(RunRef::Open, RunRef::Id))
}

fn model(
    event: &'static str,
    media: &MediaId,
    payload: &Value,
) -> Result<Option<ModelId>, DecodeError> {
    let model = payload.first_of(MODEL_NAMES);
    let model = field::key_or_none(event, "model_name", media, model, ModelId::new)?;
    Ok(model.filter(is_model))
}

/// By the exact name: a model may well be called `WorkerNet`.
fn is_model(name: &ModelId) -> bool {
    name.as_str() != NOT_A_MODEL
}
