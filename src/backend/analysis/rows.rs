//! The rows of the analysis server: a media with its runs and their models, as REST and `media_update` give them, and
//! the words in them that its events use too.

use super::{FILE_NAMES, MAX_ATTEMPTS, MAX_MODELS, MODEL_NAMES};
use crate::backend::field;
use crate::domain::fact::{
    Declared, MediaFields, MediaKind, ModelSaid, Outcome, RunFields, RunRef,
};
use crate::domain::{Fact, MediaId, ModelId, RunId};
use crate::json::Value;
use crate::time::Timestamp;

/// The name under which the worker speaks of a whole run.
const NOT_A_MODEL: &str = "Backend Worker";
/// Runs of one media that are read, newest first.
const MAX_RUNS: usize = 20;
/// Rows of one run that are read: a model may have one for its failures and one for its success.
const MAX_ROWS: usize = 2 * MAX_MODELS as usize;

/// The whole row of a media with its runs and their rows.
pub(super) fn media_row(media: &MediaId, row: &Value, facts: &mut Vec<Fact>) {
    facts.push(media_fields(media, row));
    for run in runs(row) {
        run_row(media, run, facts);
    }
}

/// The row in an event, whose facts are heard one after the other: its runs from the oldest on. Whether a run without a
/// number is newer than one that has a number is told by the numbers before that.
pub(super) fn media_update(media: &MediaId, row: &Value, facts: &mut Vec<Fact>) {
    facts.push(media_fields(media, row));
    for run in runs(row).iter().rev() {
        run_row(media, run, facts);
    }
}

fn runs(row: &Value) -> &[Value] {
    let runs = row.get("analysisRuns").as_array();
    &runs[..runs.len().min(MAX_RUNS)]
}

fn media_fields(media: &MediaId, row: &Value) -> Fact {
    let declared = status(row.get("status"));
    Fact::Media {
        media: media.clone(),
        at: field::time(row.get("updatedAt")),
        fields: MediaFields {
            name: field::name(row.first_of(FILE_NAMES)),
            kind: media_kind(row.get("mediaType")),
            has_sound: has_sound(row),
            bytes: row.get("size").as_u64(),
            created: field::time(row.get("createdAt")),
            declared,
            other_status: field::name(row.get("status")).filter(|_| declared.is_none()),
        },
    }
}

/// `null` is what the server writes where it could not find out, and for it that is no sound.
fn has_sound(row: &Value) -> Option<bool> {
    let mut members = row.as_object().iter();
    let said = members.find(|(name, _)| name == "hasAudio");
    said.map(|(_, value)| value.as_bool() == Some(true))
}

fn run_row(media: &MediaId, run: &Value, facts: &mut Vec<Fact>) {
    let id = run.first_of(&["id", "_id", "runId", "analysisRunId"]);
    let Some(id) = field::id(id, RunId::new) else {
        return;
    };
    let created = field::time(run.get("createdAt"));
    let rows = run.get("analyses").as_array();
    let rows = &rows[..rows.len().min(MAX_ROWS)];
    // The run's row does not say when it ended; it was not before its last model's row was written.
    let at = rows.iter().filter_map(row_time).max().max(created);
    facts.push(Fact::Run {
        media: media.clone(),
        run: RunRef::Id(id.clone()),
        at,
        fields: RunFields {
            number: run
                .get("runNumber")
                .as_u64()
                .and_then(|number| u32::try_from(number).ok())
                .filter(|number| *number > 0),
            declared: status(run.get("status")),
            created,
            ..RunFields::default()
        },
    });
    // A model that failed and then succeeded has a row of each: told in this order, it never looks as if it were tried
    // once more.
    let (failures, others): (Vec<_>, Vec<_>) = (rows.iter())
        .filter_map(|row| model_row(media, &id, row))
        .partition(is_failure);
    facts.extend(others.into_iter().chain(failures));
}

fn is_failure(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Model {
            said: ModelSaid::Failed { .. },
            ..
        }
    )
}

fn row_time(row: &Value) -> Option<Timestamp> {
    field::time(row.first_of(&["updatedAt", "createdAt"]))
}

/// One model's row. A failure's row is written over by each attempt, so its own times identify none. What the worker
/// put into it does: when it failed, by the clock of the worker's events, and `retryCount`, which says whether that was
/// the last.
fn model_row(media: &MediaId, run: &RunId, row: &Value) -> Option<Fact> {
    let model = field::id(row.first_of(MODEL_NAMES), ModelId::new).filter(is_model)?;
    let (at, said) = match row.get("status").as_str() {
        Some(word) if word.eq_ignore_ascii_case("COMPLETED") => {
            (row_time(row), ModelSaid::Completed(outcome(row)))
        }
        Some(word) if word.eq_ignore_ascii_case("FAILED") => {
            let payload = row.get("resultPayload");
            let retries = payload.get("retryCount").as_u64();
            // Sums of attempts are made: no queue tries so often.
            let retries = retries.filter(|retries| *retries < 1000);
            let attempt = retries.and_then(|retries| u32::try_from(retries).ok()?.checked_add(1));
            let said = ModelSaid::Failed {
                error: field::message(row.first_of(&["errorMessage", "error"]))
                    .or_else(|| field::message(payload.get("error"))),
                is_final: attempt.is_some_and(|attempt| attempt >= MAX_ATTEMPTS),
                attempt,
            };
            (field::time(payload.get("timestamp")), said)
        }
        Some(word) if field::is_cancelled(word) => (row_time(row), ModelSaid::Cancelled),
        // `PENDING`, or a word we do not know: the model is expected, and nothing more is certain.
        _ => (field::time(row.get("createdAt")), ModelSaid::Queued),
    };
    Some(Fact::Model {
        media: media.clone(),
        run: RunRef::Id(run.clone()),
        model,
        at,
        said,
    })
}

/// `PARTIALLY_ANALYZED` is written while models are still to run, so by itself it is no end.
pub(super) fn status(value: &Value) -> Option<Declared> {
    let word = value.as_str()?;
    [
        ("QUEUED", Declared::Queued),
        ("PENDING", Declared::Queued),
        ("PROCESSING", Declared::Processing),
        ("PARTIALLY_ANALYZED", Declared::Processing),
        ("ANALYZED", Declared::Done),
        ("FAILED", Declared::Failed),
    ]
    .into_iter()
    .find(|(known, _)| word.eq_ignore_ascii_case(known))
    .map(|(_, declared)| declared)
    .or_else(|| field::is_cancelled(word).then_some(Declared::Cancelled))
}

/// From `mediaType`, not from the MIME type: an MP4 comes back as `application/mp4`.
pub(super) fn media_kind(value: &Value) -> Option<MediaKind> {
    let word = value.as_str()?;
    [
        ("VIDEO", MediaKind::Video),
        ("IMAGE", MediaKind::Image),
        ("AUDIO", MediaKind::Audio),
    ]
    .into_iter()
    .find(|(known, _)| word.eq_ignore_ascii_case(known))
    .map(|(_, kind)| kind)
}

pub(super) fn outcome(said: &Value) -> Outcome {
    let payload = said.get("resultPayload");
    let details = said.get("details");
    Outcome {
        label: field::label(said.get("prediction")),
        confidence: field::unit(said.get("confidence")),
        took: [
            said.get("processingTime"),
            said.get("processing_time"),
            payload.get("processing_time"),
        ]
        .into_iter()
        .find_map(|seconds| field::took(seconds, 1.0)),
        simulated: field::is_simulated(&[said, payload, details]),
    }
}

/// By the exact name: a model may well be called `WorkerNet`.
pub(super) fn is_model(name: &ModelId) -> bool {
    name.as_str() != NOT_A_MODEL
}
