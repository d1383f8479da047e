//! The runs before the one that is shown.
//!
//! **Law:** they are derived from their own facts, whenever somebody looks, and from nothing that was watched: what is
//! heard of the newest run does not change them. Each is over: another was begun since. So nothing in it is said to
//! work, to wait or to be tried again; but how it ended, and when, is told only if somebody said so.

use std::time::Duration;

use super::facts::{RunKey, MAX_RUNS};
use super::{Context, Media};
use crate::domain::progress;
use crate::domain::run::{self, Background, Lapsed, RunFacts, RunState, Standing};
use crate::domain::view::{EarlierRuns, ModelState, ModelView, RunView, Status};

impl Media {
    /// Those that are kept, and how many there were before them.
    pub(in crate::domain) fn earlier_runs(&self, context: Context) -> EarlierRuns {
        let by_age = self.joined.runs_by_age();
        let shown = self.watch.run.as_ref();
        let keys = by_age.iter().rev().map(|(.., key)| *key);
        let keys = keys.filter(|key| Some(*key) != shown);
        let facts =
            keys.filter_map(|key| Some((self.joined.runs.get(key)?, self.base.runs.get(key))));
        let mut runs: Vec<_> = facts
            .map(|(facts, base)| self.earlier(facts, base, context))
            .collect();
        // Where runs have no ids, they are all in one.
        let mut before = (shown.and_then(|key| self.joined.runs.get(key)))
            .and_then(|facts| facts.before_newest(context.rules));
        while let Some(facts) = before.filter(|_| runs.len() + 1 < MAX_RUNS) {
            runs.push(self.earlier(&facts, None, context));
            before = facts.before_newest(context.rules);
        }

        // Of runs that nobody has asked for, nobody knows whether they could be had.
        let is_all = self.is_fetched || self.joined.runs.len() >= MAX_RUNS;
        let number = |key: &RunKey| self.joined.runs.get(key)?.number.0;
        let before = match shown.and_then(number) {
            Some(number) => Some(number.saturating_sub(1)),
            None => runs.iter().filter_map(|run| run.number).max(),
        };
        let numbered = before.filter(|_| is_all).unwrap_or(0);
        let kept = u32::try_from(runs.len()).unwrap_or(u32::MAX);
        EarlierRuns {
            older: self.n_earlier().max(numbered).saturating_sub(kept),
            is_fetched: self.is_fetched,
            runs,
        }
    }

    /// How many runs were seen before the one that is shown.
    pub(super) fn n_earlier(&self) -> u32 {
        let known = self.joined.runs.len().saturating_sub(1);
        let seen = self.summary.run.saturating_sub(1);
        u32::try_from(known).unwrap_or(u32::MAX).max(seen)
    }

    fn earlier(&self, facts: &RunFacts, base: Option<&RunFacts>, context: Context) -> RunView {
        let background = Background {
            usual_models: self.models(context),
            ..Background::default()
        };
        let state = |lapsed| run::state(facts, base, context.rules, background, lapsed);
        let told = state(Lapsed::default());
        // The server's word ends it: what would keep the newest run open cannot be at work here.
        let is_declared = told.is_declared_ended && !told.status.is_ended();
        let state = if is_declared {
            state(Lapsed {
                ends: true,
                retries: true,
                ..Lapsed::default()
            })
        } else {
            told
        };
        over(facts, state, context)
    }
}

/// A run of which nothing more is expected.
fn over(facts: &RunFacts, state: RunState, context: Context) -> RunView {
    let has_ended = state.status.is_ended();
    let models = state.models.iter();
    // What only reported progress in a run whose models have all ended is a stand-in for one of them.
    let models = models.filter(|model| !has_ended || model.state.is_ended());
    let models = models.map(|model| ModelView {
        id: model.id.clone(),
        state: ended(&model.state),
        doing: None,
        attempt: model.attempt,
        attempts: context.rules.max_attempts,
        elapsed: took(model),
        left: None,
        silent_for: None,
        is_simulated: model.is_simulated,
    });
    let models: Vec<_> = models.collect();
    let failed = models
        .iter()
        .filter(|model| matches!(model.state, ModelState::Failed { .. }));
    let failed = u32::try_from(failed.count()).unwrap_or(u32::MAX);
    RunView {
        number: facts.number.0,
        status: if has_ended {
            state.status
        } else {
            Status::Unknown
        },
        percent: (state.is_counted).then(|| progress::percent(&state)),
        unnamed: state.unnamed,
        expected: state.known_expected(),
        completed: state.completed,
        failed: if has_ended { state.failed } else { failed },
        verdict: state.verdict,
        started: state.began,
        ended: state.ended,
        elapsed: (state.ended.zip(state.began)).map(|(ended, began)| ended.saturating_since(began)),
        left: None,
        is_confirming: false,
        is_simulated: state.is_simulated,
        models,
    }
}

/// What became of a model that will not be heard of again: a failed attempt was its last, and one that was at work or
/// waited has no result that anybody told.
fn ended(state: &ModelState) -> ModelState {
    match state {
        ModelState::Queued | ModelState::Running { .. } => ModelState::NoResult,
        ModelState::Retrying { error } => ModelState::Failed {
            error: error.clone(),
        },
        ended => ended.clone(),
    }
}

fn took(model: &Standing) -> Option<Duration> {
    let (start, end) = model.first_start.zip(model.ended)?;
    Some(end.saturating_since(start))
}
