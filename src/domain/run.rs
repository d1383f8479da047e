//! One run of a media: what was said of it and its models, as a join, and what follows from that.
//!
//! **Law:** the facts only grow; every state is derived from them, so that it commutes by construction.

mod model;
mod state;

pub(super) use model::{ModelFacts, Standing};
pub(super) use state::{is_kept_open_by, state, Background, Lapsed, Need, RunState};

use super::fact::{Declared, Fact, Label, ModelSaid, RunFields};
use super::register::{Join, Lww, Max, Scalar};
use super::ModelId;
use crate::domain::Rules;
use crate::sorted::{sort_by, Map};
use crate::time::Timestamp;

/// Models of a run that are kept; the real servers have at most 17.
pub(super) const MAX_MODELS: usize = 64;

type When = Option<Timestamp>;

/// All that was said of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RunFacts {
    pub number: Max<u32>,
    /// The number of a run that is known to be older than this one.
    pub follows: Max<u32>,
    /// It was heard of by events before any snapshot could name it, and nothing that was said before may have been of
    /// it.
    pub is_heard_from_start: bool,
    /// Each status that was declared, with the earliest and the latest time.
    claims: Map<Declared, Span>,
    expected: Max<u32>,
    created: Lww<Timestamp>,
    verdict: Lww<(Label, Option<Scalar>)>,
    pub models: Map<ModelId, ModelFacts>,
}

impl RunFacts {
    /// Takes in what was said of the run.
    pub(super) fn say(&mut self, at: When, fields: &RunFields) -> bool {
        let verdict = fields.verdict.clone().map(|verdict| {
            let score = verdict.score.filter(|score| score.is_finite());
            (verdict.label, score.map(Scalar))
        });
        let is_declared = fields.declared.is_some_and(|declared| {
            let span = Span {
                first: at,
                last: at,
            };
            join_entry(&mut self.claims, declared, span)
        });
        self.number.join(Max(fields.number))
            | is_declared
            | self.expected.join(Max(fields.expected))
            | self.created.join(Lww::new(at, fields.created))
            | self.verdict.join(Lww::new(at, verdict))
    }

    /// Takes in what was said of one model; `None` if there are too many models already.
    pub(super) fn say_model(
        &mut self,
        model: &ModelId,
        at: When,
        said: &ModelSaid,
    ) -> Option<bool> {
        if let Some(known) = self.models.get_mut(model) {
            return Some(known.say(at, said));
        }
        if self.models.len() >= MAX_MODELS {
            return None;
        }
        let mut facts = ModelFacts::default();
        facts.say(at, said);
        self.models.insert(model.clone(), facts);
        Some(true)
    }

    /// What was just said of one model was said with the id of this run. That it waits is no work.
    pub(super) fn name_work(&mut self, model: &ModelId, said: &ModelSaid) {
        let is_work = matches!(said, ModelSaid::Progress { .. } | ModelSaid::Doing { .. });
        if let Some(known) = self.models.get_mut(model).filter(|_| is_work) {
            known.name();
        }
    }

    /// When it began: what the server says, or the first thing known to have happened in it.
    pub(super) fn began(&self) -> When {
        self.created.get().copied().or_else(|| {
            let starts = self.models.values().filter_map(ModelFacts::first_start);
            let claim = self.claims.get(&Declared::Processing);
            starts.chain(claim.and_then(|span| span.first)).min()
        })
    }

    /// The earliest time that is known of it, by which runs without a number are ordered. Of a run whose beginning was
    /// not heard a failure may be known, and a later attempt in it does not make it younger.
    pub(super) fn first_heard_at(&self) -> When {
        let (began, sign) = (self.began(), self.first_sign());
        began.into_iter().chain(sign).min()
    }

    /// The least number that it can have.
    pub(super) fn least_number(&self) -> u32 {
        let after = self.follows.0.unwrap_or(0);
        self.number.0.unwrap_or(after.saturating_add(1))
    }

    pub(super) fn has_begun(&self) -> bool {
        let claims = self.claims.keys().next_back();
        claims.is_some_and(|claim| *claim >= Declared::Processing) || self.first_sign().is_some()
    }

    /// The first thing known to have happened in it since it was made.
    pub(super) fn first_sign(&self) -> When {
        let models = self.models.values();
        models.filter_map(ModelFacts::first_sign).min()
    }

    /// Whether a fact about it says nothing new.
    pub(super) fn knows(&self, fact: &Fact) -> bool {
        match fact {
            Fact::Model {
                model, at, said, ..
            } => {
                let known = self.models.get(model);
                known.is_some_and(|known| !known.clone().say(*at, said))
            }
            Fact::Run { at, fields, .. } => {
                let is_claimed = |declared: &Declared| {
                    let span = self.claims.get(declared);
                    let said = Span {
                        first: *at,
                        last: *at,
                    };
                    span.is_some_and(|span| {
                        let mut span = *span;
                        !span.join(said)
                    })
                };
                fields.declared.as_ref().is_none_or(is_claimed)
                    && fields.number.is_none_or(|it| Some(it) <= self.number.0)
                    && (fields.expected).is_none_or(|it| Some(it) <= self.expected.0)
                    && fields.verdict.is_none()
            }
            Fact::Media { .. } | Fact::Meeting { .. } | Fact::Models(_) => false,
        }
    }

    /// Whether a server that says this of it has begun nothing in it.
    pub(super) fn is_waiting(&self) -> bool {
        !self.has_begun() && self.models.values().all(ModelFacts::is_waiting)
    }

    /// Whether there is work in it that was only guessed to be its own.
    pub(super) fn has_guesses(&self) -> bool {
        let mut models = self.models.values();
        models.any(|facts| facts.is_guessed() && !facts.is_waiting())
    }

    /// Forgets the work in it that was only guessed to be its own.
    pub(super) fn forget_guesses(&mut self) {
        self.models.retain(|_, facts| {
            facts.forget_guess();
            *facts != ModelFacts::default()
        });
    }

    /// Forgets all but that it, or something in it, has its turn before it.
    pub(super) fn forget_work(&mut self) {
        self.is_heard_from_start = false;
        self.claims.retain(|claim, _| *claim == Declared::Queued);
        self.expected = Max::default();
        self.verdict = Lww::default();
        self.models.retain(|_, facts| {
            *facts = ModelFacts::expected(facts.queued);
            facts.queued
        });
    }

    /// Whether something said here means that it began, and not only that something in it happened.
    pub(super) fn is_opened(&self) -> bool {
        self.claims
            .keys()
            .any(|claim| *claim <= Declared::Processing)
            || self
                .models
                .values()
                .any(|model| model.queued || !model.starts.is_empty())
    }

    /// Whether nothing of what was said means that it, or an attempt in it, has ended.
    pub(super) fn is_all_at_work(&self) -> bool {
        !self.is_declared_ended()
            && (self.models.values()).all(|model| {
                model.endings.is_empty() && model.failures.is_empty() && !model.is_cancelled()
            })
    }

    /// When its status was declared last.
    fn last_claim(&self) -> When {
        self.claims.values().filter_map(|span| span.last).max()
    }

    /// When the server last declared its end, whatever its models say.
    pub(super) fn declared_end(&self) -> When {
        let ends = self
            .claims
            .iter()
            .filter(|(claim, _)| **claim >= Declared::Failed);
        ends.filter_map(|(_, span)| span.last).max()
    }

    /// Whether the server has declared its end, whatever its models say.
    pub(super) fn is_declared_ended(&self) -> bool {
        self.claims.keys().any(|claim| *claim >= Declared::Failed)
    }

    /// What of these facts, known before a snapshot was asked for, that snapshot (`base`) leaves standing: what no
    /// server stores, namely progress, words, starts and the failures that were counted. `was_ended` tells which
    /// models had ended in the view; where the snapshot says otherwise, it wins.
    pub(super) fn surviving(
        mut self,
        base: &RunFacts,
        rules: Rules,
        was_ended: impl Fn(&ModelId) -> bool,
    ) -> Self {
        let is_ended = base.is_declared_ended();
        self.claims.clear();
        // Who heard the end with its number of models knows that none will follow; the number itself is miscounted.
        let rows = u32::try_from(base.models.len()).unwrap_or(u32::MAX);
        self.expected = Max(self.expected.0.filter(|_| is_ended).map(|_| rows));
        self.verdict = Lww::default();
        self.models.retain(|id, facts| {
            let row = base.models.get(id);
            if row.is_some_and(|row| !row.endings.is_empty()) {
                facts.forget_end();
            } else if row.is_some_and(ModelFacts::is_cancelled) {
                // However often it had failed before.
                *facts = ModelFacts::expected(facts.queued);
            } else if row.is_some_and(ModelFacts::has_failed) {
                // A row that says failed is one of the failures counted here; an end that it contradicts is gone.
                facts.forget_end();
            } else if was_ended(id) || (!rules.has_run_ids && facts.has_failed()) {
                *facts = ModelFacts::expected(rules.has_run_ids && facts.queued);
            } else {
                facts.forget_end();
                // A model that only reported progress in a run that has ended is a stand-in for one that is named.
                return !is_ended || facts.is_marked();
            }
            *facts != ModelFacts::default()
        });
        self
    }

    /// Whether `self` has a beginning or an end that `next` has not: a model's or the run's.
    pub(super) fn regresses_in(&self, next: &RunFacts) -> bool {
        let has_end = |run: &RunFacts| run.is_declared_ended() && run.expected.0.is_some();
        (self.is_declared_ended() && !next.is_declared_ended())
            || (has_end(self) && !has_end(next))
            || (self.has_begun() && !next.has_begun())
            || self.has_more_results(next)
    }

    /// Whether a model has a result here that it has not in `other`.
    pub(super) fn has_more_results(&self, other: &RunFacts) -> bool {
        self.models.iter().any(|(id, facts)| {
            let other = other.models.get(id);
            let has_none = other.is_none_or(|other| other.endings.is_empty());
            !facts.endings.is_empty() && has_none
        })
    }

    /// What is known of the runs before the newest, where runs have no ids; `None` if there are none. Of what only the
    /// last word is kept, they have it until it is said again.
    pub(super) fn before_newest(&self, rules: Rules) -> Option<Self> {
        let cut = self.cut(rules)?;
        let mut before = Self::default();
        for (claim, span) in &self.claims {
            if let Some(first) = span.first.filter(|first| *first < cut) {
                let last = span.last.filter(|last| *last < cut).unwrap_or(first);
                let span = Span {
                    first: Some(first),
                    last: Some(last),
                };
                before.claims.insert(*claim, span);
            }
        }
        if self.verdict.at().is_some_and(|at| at < cut) {
            before.verdict = self.verdict.clone();
        }
        for (id, facts) in &self.models {
            let facts = facts.until(cut);
            if facts.is_marked() {
                before.models.insert(id.clone(), facts);
            }
        }
        Some(before)
    }

    /// Takes in what happened to the models of the runs before the newest, which these facts no longer say. Where those
    /// ended, their models tell: no server without run ids declares an end that has no model's.
    pub(super) fn remember(&mut self, before: Self) {
        for (id, facts) in before.models {
            join_entry(&mut self.models, id, facts);
        }
    }

    /// Where the family without run ids begins its newest run: at the first start after everything had ended.
    fn cut(&self, rules: Rules) -> When {
        if !rules.latest_wins {
            return None;
        }
        #[derive(PartialEq, Eq, PartialOrd, Ord)]
        enum What {
            Start,
            Failure { is_final: bool },
            End,
        }
        let cancels = || {
            let span = self.claims.get(&Declared::Cancelled);
            span.into_iter().flat_map(|span| [span.first, span.last])
        };
        let mut story = Vec::new();
        for (index, facts) in self.models.values().enumerate() {
            let all = &None;
            story.extend(
                facts
                    .starts
                    .since(all)
                    .map(|(at, ())| (*at, What::Start, index)),
            );
            story.extend(facts.failures.since(all).map(|(at, failure)| {
                let is_final = failure.is_final;
                (*at, What::Failure { is_final }, index)
            }));
            let ends = facts.endings.since(all).map(|(at, _)| *at);
            let ends = ends.chain(facts.cancelled_at()).chain(cancels());
            story.extend(ends.map(|at| (at, What::End, index)));
        }
        sort_by(&mut story, Ord::cmp);
        let mut cut = None;
        // Of each model seen in the run: failures, and whether it ended.
        let mut seen = Map::<usize, (u32, bool)>::new();
        for (at, what, index) in story {
            let is_over = !seen.is_empty() && seen.values().all(|(_, is_ended)| *is_ended);
            if what == What::Start && is_over && at.is_some() {
                cut = at;
                seen.clear();
            }
            let (failures, is_ended) = seen.entry(index).or_default();
            match what {
                What::Start => {}
                What::Failure { is_final } => {
                    *failures += 1;
                    let is_last = rules.max_attempts.is_some_and(|max| *failures >= max);
                    *is_ended |= is_final || is_last;
                }
                What::End => *is_ended = true,
            }
        }
        cut
    }
}

impl Join for RunFacts {
    fn join(&mut self, other: Self) -> bool {
        let mut is_changed = self.number.join(other.number)
            | self.follows.join(other.follows)
            | self.is_heard_from_start.join(other.is_heard_from_start)
            | self.expected.join(other.expected)
            | self.created.join(other.created)
            | self.verdict.join(other.verdict);
        for (claim, span) in other.claims {
            is_changed |= join_entry(&mut self.claims, claim, span);
        }
        for (id, facts) in other.models {
            if self.models.len() < MAX_MODELS || self.models.contains_key(&id) {
                is_changed |= join_entry(&mut self.models, id, facts);
            }
        }
        is_changed
    }
}

/// The earliest and the latest time at which something was said.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    first: When,
    last: When,
}

impl Join for Span {
    fn join(&mut self, other: Self) -> bool {
        let before = *self;
        self.first = match (self.first, other.first) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.last = self.last.max(other.last);
        *self != before
    }
}

/// Joins one entry into a map.
pub(super) fn join_entry<K: Ord, V: Join>(map: &mut Map<K, V>, key: K, value: V) -> bool {
    match map.get_mut(&key) {
        Some(known) => known.join(value),
        None => {
            map.insert(key, value);
            true
        }
    }
}
