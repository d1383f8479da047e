//! Whose run a fact is that does not say so: a guess, by what is known of the runs.
//!
//! **Law:** work alone is never evidence. Progress, words and failures without a time go to the run of which a start,
//! an end or the server's word tells that its model is at work; and a snapshot that says that a run still waits takes
//! back those that no id named. A start, or an end with a time, is evidence also where its run was guessed: it begins a
//! run that waits only when none before it is at work. A run that waits behind another is given no other work by guess,
//! nor what was guessed of a run before anybody had named one: what cannot be told is parked, and the server is asked.

use std::time::Duration;

use super::facts::{is_provisional, publisher_time, time_of, RunKey};
use super::runs::NEXT_RUN;
use super::{Context, Media};
use crate::domain::fact::{Declared, Fact, ModelSaid};
use crate::domain::run::{self, Background, Lapsed, RunFacts, RunState};
use crate::domain::ModelId;
use crate::time::{Instant, Timestamp};

/// How long after the server was asked whose some work is it may be asked again: a queue may be long, and the late
/// words of the run before it many.
const ASK_AGAIN: Duration = Duration::from_secs(10);

/// Which run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// None is known.
    NoRun,
    /// The newest, if it has not ended before.
    Newest(RunKey),
    /// One before it.
    Older(RunKey),
    /// Only a snapshot can tell.
    Unknown,
}

impl Media {
    /// Which run this fact is about, as far as is known.
    pub(super) fn guess(&self, fact: &Fact, context: Context) -> Guess {
        let runs = self.joined.newest_first();
        let Some(((newest, facts), older)) = runs.split_first() else {
            return Guess::NoRun;
        };
        let to_newest = || Guess::Newest((*newest).clone());
        let to_older = |key: &RunKey| Guess::Older(key.clone());
        if is_queue_word(fact) {
            return to_newest();
        }
        if let (Fact::Model { model, said, .. }, false) = (fact, older.is_empty()) {
            let is_progress = matches!(said, ModelSaid::Progress { .. } | ModelSaid::Doing { .. });
            let of_time = || {
                let at = time_of(fact).filter(|_| is_progress)?;
                self.at_work_at(&runs, model, at, context)
            };
            let of_work = || {
                let mut runs = runs.iter();
                let has_next = |key: &RunKey| key != *newest && facts.has_begun();
                runs.find(|(key, run)| self.is_at_work(key, run, model, has_next(key), context))
            };
            let of_copy = || runs.iter().find(|(_, run)| run.knows(fact));
            let found = match (said, publisher_time(fact)) {
                (ModelSaid::Started, _) => of_copy(),
                _ if is_progress => of_time().or_else(of_work),
                // What ends work ends it once: without a time it is no copy while there is work that it may end.
                (_, None) => of_work().or_else(of_copy),
                _ => of_copy().or_else(of_work),
            };
            if let Some((key, _)) = found {
                return match key == newest {
                    true => to_newest(),
                    false => to_older(key),
                };
            }
        }
        // A provisional run was opened because something in it happened after all else.
        let has_begun = facts.has_begun()
            || (is_provisional(newest) && facts.models.values().any(|it| it.has_worked()));
        if has_begun {
            // The copy of a claim that has a time is no claim of another run.
            let is_copy = matches!(fact, Fact::Run { .. }) && publisher_time(fact).is_some();
            let known = older.iter().find(|(_, run)| is_copy && run.knows(fact));
            return known.map_or_else(to_newest, |(key, _)| to_older(key));
        }
        let before = (older.iter()).find(|(key, run)| {
            run.knows(fact) || (self.is_open(key, run, context) && may_start(run, fact))
        });
        if let Some((key, _)) = before {
            return to_older(key);
        }
        let is_first = facts.number.0.is_none_or(|number| number <= 1);
        match fact {
            _ if older.is_empty() && is_first => to_newest(),
            // Those before it are not known.
            _ if older.is_empty() => Guess::Unknown,
            fact if begins(fact) => to_newest(),
            _ => Guess::Unknown,
        }
    }

    /// Whether the server is to be asked once more whose run something was.
    pub(super) fn asks_whose(&mut self, now: Instant) -> bool {
        let is_due = (self.asked_whose).is_none_or(|asked| asked + ASK_AGAIN <= now);
        if is_due {
            self.asked_whose = Some(now);
        }
        is_due
    }

    /// Whether a model was said to have started in a run, and has not ended in it since. Where the next run has begun,
    /// the server's word that this one has ended is an end of what was at work in it: the model's own may have been
    /// lost.
    fn is_at_work(
        &self,
        key: &RunKey,
        run: &RunFacts,
        model: &ModelId,
        has_next: bool,
        context: Context,
    ) -> bool {
        let facts = run.models.get(model);
        facts.is_some_and(|facts| facts.has_started())
            && !(has_next && run.is_declared_ended())
            && (self.state_of(key, run, context).models.iter())
                .any(|it| it.id == *model && !it.state.is_ended())
    }

    /// The newest run in which the model was at work at this time. The clocks of two programs differ: a run that fits
    /// without regard to that comes first.
    fn at_work_at<'a, 'b>(
        &self,
        runs: &'a [(&'b RunKey, &'b RunFacts)],
        model: &ModelId,
        at: Timestamp,
        context: Context,
    ) -> Option<&'a (&'b RunKey, &'b RunFacts)> {
        let at = at.unix_millis();
        let spans = runs.iter().filter_map(|known| {
            let (key, run) = known;
            // What began too late for any clock needs no look at where the run stands.
            let facts = run.models.get(model)?;
            let from = facts.first_start().or_else(|| run.began())?.unix_millis();
            if from > at + NEXT_RUN {
                return None;
            }
            let state = self.state_of(key, run, context);
            let standing = state.models.iter().find(|it| it.id == *model)?;
            let is_ended = standing.state.is_ended() || run.is_declared_ended();
            let end = (standing.ended.or(state.ended)).or(state.last_end.max(run.declared_end()));
            // Of what began and ended nobody knows when, nobody knows whether it was at work.
            let end = end.filter(|_| is_ended).map(Timestamp::unix_millis);
            let is_known = match is_ended {
                true => end.is_some(),
                false => facts.first_start().is_some(),
            };
            is_known.then_some((known, from, end.unwrap_or(i64::MAX)))
        });
        let spans: Vec<_> = spans.collect();
        let fits = |slack: i64| {
            let mut spans = spans.iter();
            spans.find(|(_, from, end)| *from <= at + slack && at <= end.saturating_add(slack))
        };
        let (known, ..) = fits(0).or_else(|| fits(NEXT_RUN))?;
        Some(known)
    }

    /// Whether a run has begun and not ended.
    fn is_open(&self, key: &RunKey, run: &RunFacts, context: Context) -> bool {
        run.has_begun() && !self.state_of(key, run, context).status.is_ended()
    }

    fn state_of(&self, key: &RunKey, run: &RunFacts, context: Context) -> RunState {
        let background = Background {
            usual_models: self.models(context),
            ..Background::default()
        };
        let base = self.base.runs.get(key);
        run::state(run, base, context.rules, background, Lapsed::default())
    }
}

/// Whether this is no second start of a model that is at work or through.
fn may_start(run: &RunFacts, fact: &Fact) -> bool {
    match fact {
        Fact::Model {
            model,
            said: ModelSaid::Started,
            ..
        } => (run.models.get(model)).is_none_or(|facts| facts.may_start()),
        _ => true,
    }
}

/// Whether a run that waits may be begun, or left, by this.
fn begins(fact: &Fact) -> bool {
    match fact {
        Fact::Model { said, .. } => *said == ModelSaid::Started,
        Fact::Run { fields, .. } => !matches!(
            fields.declared,
            Some(Declared::FailureReported | Declared::Failed | Declared::Partial | Declared::Done)
        ),
        Fact::Media { .. } | Fact::Meeting { .. } | Fact::Models(_) => false,
    }
}

/// Whether it says that something will have its turn: no run is at work by that.
pub(super) fn is_queue_word(fact: &Fact) -> bool {
    match fact {
        Fact::Model { said, .. } => *said == ModelSaid::Queued,
        Fact::Run { fields, .. } => fields.declared == Some(Declared::Queued),
        Fact::Media { .. } | Fact::Meeting { .. } | Fact::Models(_) => false,
    }
}
