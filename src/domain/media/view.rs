//! What is shown of a media.

use super::{Context, Media};
use crate::domain::fact::Declared;
use crate::domain::progress;
use crate::domain::run::{self, RunState};
use crate::domain::view::{MediaView, ModelState, ModelView, RunView, Status, Summary};
use crate::domain::{MediaKey, ModelId, Text};

impl Media {
    /// What is shown of it.
    pub(in crate::domain) fn view(&self, key: &MediaKey, context: Context) -> MediaView {
        MediaView {
            key: key.clone(),
            name: self.joined.name.get().cloned(),
            kind: self.joined.kind.get().copied(),
            bytes: self.joined.bytes.get().copied(),
            created: self.created(),
            status: self.summary.status,
            other_status: self.summary.other_status.clone(),
            run: self
                .shown
                .as_ref()
                .map(|state| self.run_view(state, context)),
            earlier_runs: self.n_earlier(),
            is_asked_again: false,
        }
    }

    pub(super) fn summarize(&mut self, state: Option<&RunState>) -> Summary {
        let name = self.joined.name.get().cloned();
        let Some(state) = state else {
            let status = match self.joined.declared.get() {
                None => Status::Unknown,
                Some(Declared::Queued) => Status::Queued,
                Some(Declared::Processing | Declared::FailureReported) => Status::Running,
                Some(Declared::Failed) => Status::Failed,
                Some(Declared::Partial) => Status::PartlyComplete,
                Some(Declared::Done) => Status::Complete,
                Some(Declared::Cancelled) => Status::Cancelled,
            };
            return Summary {
                name,
                status,
                other_status: self.other_status(status),
                percent: status.is_ended().then(|| percent(status, 0)),
                ..Summary::default()
            };
        };
        if self.watch.serial == 0 {
            self.watch.serial = self.serial(state.cut);
        }
        let failed = state.models.iter().filter(|model| {
            matches!(
                model.state,
                ModelState::Failed { .. } | ModelState::NoResult
            )
        });
        let retrying = state
            .models
            .iter()
            .filter(|model| matches!(model.state, ModelState::Retrying { .. }));
        Summary {
            name,
            status: state.status,
            other_status: self.other_status(state.status),
            run: self.watch.serial,
            percent: (state.is_counted).then(|| percent(state.status, self.watch.high)),
            expected: state.known_expected(),
            completed: state.completed,
            failed: failed.map(|model| model.id.clone()).collect(),
            retrying: u32::try_from(retrying.count()).unwrap_or(u32::MAX),
            verdict: state.verdict.without_score(),
            is_silent: state.models.iter().any(|model| model.is_silent),
            is_simulated: state.is_simulated,
        }
    }

    /// The server's own word for where it stands, if nothing else tells.
    pub(super) fn other_status(&self, status: Status) -> Option<Text> {
        let word = self.joined.other_status.get();
        word.filter(|_| status == Status::Unknown).cloned()
    }

    fn run_view(&self, state: &RunState, context: Context) -> RunView {
        let Context {
            rules, clock, now, ..
        } = context;
        let watched = |id: &ModelId| self.watch.models.get(id);
        let model_elapsed = |model: &run::Standing| match (model.first_start, model.ended) {
            (Some(start), Some(end)) => Some(end.saturating_since(start)),
            _ if model.state.is_ended() => None,
            (start, _) => {
                let heard = watched(&model.id).and_then(|watch| watch.started);
                progress::elapsed(clock, start, heard, now)
            }
        };
        let models: Vec<_> = state
            .models
            .iter()
            .map(|model| {
                let is_silent = model.is_silent;
                let is_running = matches!(model.state, ModelState::Running { .. });
                let watch = watched(&model.id).filter(|_| is_running);
                ModelView {
                    id: model.id.clone(),
                    state: model.state.clone(),
                    doing: model.doing.clone(),
                    attempt: model.attempt,
                    attempts: rules.max_attempts,
                    elapsed: model_elapsed(model),
                    left: watch
                        .filter(|_| !is_silent)
                        .and_then(|watch| watch.pace.left(now))
                        .map(progress::rounded),
                    silent_for: watch
                        .filter(|_| is_silent)
                        .map(|watch| now.saturating_since(watch.heard)),
                    is_simulated: model.is_simulated,
                }
            })
            .collect();

        let is_ended = state.status.is_ended();
        let running = state
            .models
            .iter()
            .zip(&models)
            .filter(|(model, _)| matches!(model.state, ModelState::Running { .. }))
            .map(|(model, view)| {
                // How long a model has run counts from its first attempt, and what is left from this one.
                let attempt = watched(&model.id).and_then(|watch| watch.attempt.1);
                let attempt = attempt.filter(|_| model.attempt > 1);
                let attempt = attempt.map(|began| now.saturating_since(began));
                (view.left, attempt.or(view.elapsed))
            });
        let running: Vec<_> = running.collect();
        let took: Vec<_> = models
            .iter()
            .filter_map(|view| match view.state {
                ModelState::Completed { took, .. } => view.elapsed.or(took),
                _ => None,
            })
            .collect();
        let waiting = state
            .expected
            .saturating_sub(state.ended_models())
            .saturating_sub(state.running);
        let left = progress::left(&running, &took, waiting, self.watch.concurrency)
            .filter(|_| !is_ended && state.is_counted && !self.summary.is_silent)
            .map(progress::rounded);
        let number = self
            .watch
            .run
            .as_ref()
            .and_then(|key| self.joined.runs.get(key)?.number.0);
        let heard = self
            .watch
            .models
            .values()
            .filter_map(|watch| watch.started)
            .min();
        RunView {
            number,
            status: state.status,
            percent: self.summary.percent,
            models,
            unnamed: state.unnamed,
            expected: state.known_expected(),
            completed: state.completed,
            failed: state.failed,
            verdict: state.verdict.clone(),
            started: state.began,
            ended: state.ended,
            elapsed: match (state.began, state.ended) {
                (Some(began), Some(ended)) => Some(ended.saturating_since(began)),
                _ if is_ended || state.status != Status::Running => None,
                (began, _) => progress::elapsed(clock, began, heard, now),
            },
            left,
            is_confirming: state.is_confirming,
            is_simulated: state.is_simulated,
        }
    }
}

/// What is shown of the greatest percentage that was reached: all of it where every model ended by itself. What was
/// cancelled stands where it was.
fn percent(status: Status, high: u8) -> u8 {
    match status {
        Status::Cancelled => high,
        ended if ended.is_ended() => 100,
        _ => high,
    }
}
