//! Views as the tests of what is written of them need them: with little in them, to be changed where it matters.

use super::{MediaView, ModelState, ModelView, RunView, Status, Verdict};
use crate::domain::{MediaId, MediaKey, ModelId, Source};
use crate::time::Timestamp;

/// A media of the first server whose second run ended, partly complete.
pub(crate) fn media_view(id: &str, models: Vec<ModelView>) -> MediaView {
    MediaView {
        key: MediaKey {
            source: Source(0),
            id: MediaId::new(id).expect("a short name"),
        },
        name: None,
        kind: None,
        bytes: None,
        created: None,
        status: Status::PartlyComplete,
        other_status: None,
        run: Some(run_view(models)),
        earlier_runs: 0,
        is_asked_again: false,
    }
}

/// A run of five models of which one failed.
pub(crate) fn run_view(models: Vec<ModelView>) -> RunView {
    RunView {
        number: Some(2),
        status: Status::PartlyComplete,
        percent: Some(100),
        models,
        unnamed: 0,
        expected: 5,
        completed: 4,
        failed: 1,
        verdict: Verdict::None,
        started: Timestamp::from_unix_millis(600_000.0),
        ended: None,
        elapsed: None,
        left: None,
        is_confirming: false,
        is_simulated: false,
    }
}

/// A model at this one of three attempts.
pub(crate) fn model_view(id: &str, state: ModelState, attempt: u32) -> ModelView {
    ModelView {
        id: ModelId::new(id).expect("a short name"),
        state,
        doing: None,
        attempt,
        attempts: Some(3),
        elapsed: None,
        left: None,
        silent_for: None,
        is_simulated: false,
    }
}
