//! The events of the analysis server, in both of its vocabularies.

use super::rows::{is_model, media_kind, media_update, outcome, status};
use super::{FILE_NAMES, MAX_MODELS, MEDIA_NAMES, MODEL_NAMES};
use crate::backend::{field, DecodeError, Decoded};
use crate::domain::fact::{Declared, MediaFields, ModelSaid, RunFields, RunRef, Scope};
use crate::domain::{Fact, MediaId, ModelId, RunId};
use crate::json::Value;
use crate::time::Timestamp;

/// Items of a batch that are read.
const MAX_BATCH: usize = 1000;

/// Of a whole row, whose `id` is its own.
const ROW_NAMES: &[&str] = &["id", "_id", "mediaId", "media_id"];
const RUN_NAMES: &[&str] = &["runId", "analysisRunId", "run_id"];

/// Any event.
pub(super) fn decode(
    event: &str,
    args: &[Value],
    me: Option<&str>,
) -> Result<Decoded, DecodeError> {
    if event == "batch_update" {
        return batch(args, me);
    }
    single(event, args, me)
}

/// Any event but a batch.
fn single(event: &str, args: &[Value], me: Option<&str>) -> Result<Decoded, DecodeError> {
    match event {
        "progress_update" => progress_update(args, me),
        "media_update" => {
            const EVENT: &str = "media_update";
            let (row, _) = field::payload(EVENT, args, ROW_NAMES)?;
            field::is_mine(row, me)?;
            let media = field::media(EVENT, row, ROW_NAMES)?;
            let mut facts = Vec::new();
            media_update(&media, row, &mut facts);
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
        let total = total.filter(|total| *total > 0.0);
        let progress = ModelSaid::Progress {
            done,
            total,
            relayed: self.relayed.or(self.at),
        };
        let mut facts = vec![self.says(model, self.at, progress)];
        // Words tell no attempts apart, so the relay's time will do to know which were last.
        let at = self.at.or(self.relayed);
        facts.extend(
            field::message(words.first_of(&["message", "stage"])).map(|text| {
                let fraction = done.zip(total).map(|(done, total)| done / total);
                self.says(model, at, ModelSaid::Doing { text, fraction })
            }),
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
                        attempt: None,
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
            // What had ended by then is not all that there was.
            _ if declared == Some(Declared::Cancelled) => total,
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
