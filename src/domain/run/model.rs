//! One model in a run: what was said of it, as a join, and where it stands.
//!
//! A failure is one attempt's, and a start begins another: what tells them apart is the order of their times.

use std::time::Duration;

use super::{Lapsed, RunFacts, When};
use crate::domain::fact::{Label, ModelSaid, Outcome};
use crate::domain::register::{Join, Lww, Max, Newest, Scalar, Staircase, Step};
use crate::domain::view::ModelState;
use crate::domain::{ModelId, Text};
use crate::time::Timestamp;

/// Attempts of a model that are told apart; the real servers make three.
const ATTEMPTS: usize = 16;

/// Two failures closer than this without a start between them are one attempt, told twice with the clocks of two
/// programs (an event and the row of a snapshot). The real servers wait at least five seconds between attempts.
const SAME_FAILURE: i64 = 2_000;

/// Work that is told so long after a failure is of an attempt whose start was not heard: the real servers begin the next
/// within ten seconds. Sooner it may be what is left of the one that failed, relayed by another clock.
const NEXT_ATTEMPT: Duration = Duration::from_secs(12);

/// All that was said of a model in a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::domain) struct ModelFacts {
    pub(super) queued: bool,
    pub(super) starts: Newest<When, (), ATTEMPTS>,
    pub(super) failures: Newest<When, Failure, ATTEMPTS>,
    pub(super) endings: Newest<When, Ending, ATTEMPTS>,
    /// When it was last said to have been cancelled.
    cancelled: Max<When>,
    /// When it was last seen at work.
    worked: Max<When>,
    steps: Staircase,
    /// How far it was, and the words.
    doing: Lww<(Option<Scalar>, Text)>,
    /// Something was said of its work with the id of its run.
    is_named: bool,
}

impl ModelFacts {
    /// Nothing was said of it but, perhaps, that it will have its turn.
    pub(super) fn expected(queued: bool) -> Self {
        Self {
            queued,
            ..Self::default()
        }
    }

    /// What was just said of its work was said with the id of its run.
    pub(super) fn name(&mut self) {
        self.is_named = true;
    }

    pub(super) fn say(&mut self, at: When, said: &ModelSaid) -> bool {
        match said {
            ModelSaid::Queued => self.queued.join(true),
            ModelSaid::Started => self.starts.insert(at, ()),
            ModelSaid::Progress {
                done,
                total,
                relayed,
            } => {
                let at = at.or(*relayed);
                let is_number = |number: &f64| number.is_finite() && *number >= 0.0;
                let step = done.filter(is_number).is_some_and(|done| {
                    let total = total.filter(|total| is_number(total) && *total > 0.0);
                    self.steps.insert(Step { at, done, total })
                });
                step | self.worked.join(Max(Some(at)))
            }
            ModelSaid::Doing { text, fraction } => {
                let fraction = fraction.filter(|fraction| fraction.is_finite()).map(Scalar);
                let doing = Lww::new(at, Some((fraction, text.clone())));
                self.doing.join(doing) | self.worked.join(Max(Some(at)))
            }
            ModelSaid::Completed(outcome) => self.endings.insert(at, Ending::new(outcome)),
            ModelSaid::Failed {
                error,
                is_final,
                attempt,
            } => self.failures.insert(
                at,
                Failure {
                    error: Max(error.clone()),
                    is_final: *is_final,
                    attempt: Max(*attempt),
                },
            ),
            ModelSaid::Cancelled => self.cancelled.join(Max(Some(at))),
        }
    }

    /// Whether the server named it as part of the run, and did not only report its progress.
    pub(super) fn is_marked(&self) -> bool {
        let had_its_turn = !self.starts.is_empty() || !self.endings.is_empty() || self.has_failed();
        self.queued || had_its_turn || self.is_cancelled()
    }

    pub(in crate::domain) fn has_started(&self) -> bool {
        !self.starts.is_empty()
    }

    /// Whether anything was said of its work.
    pub(in crate::domain) fn has_worked(&self) -> bool {
        self.worked.0.is_some()
    }

    /// Whether an attempt of it may begin: none did, or one has failed.
    pub(in crate::domain) fn may_start(&self) -> bool {
        let has_ended = !self.endings.is_empty() || self.is_cancelled();
        !has_ended && (self.starts.is_empty() || self.has_failed())
    }

    /// Whether nothing is known to have happened to it that has a time, is an end or was said with the id of its run:
    /// all else may be another run's.
    pub(super) fn is_guessed(&self) -> bool {
        let has_sign = !self.starts.is_empty() || self.first_sign().is_some();
        !has_sign && !self.is_named && self.endings.is_empty() && !self.is_cancelled()
    }

    /// Forgets work that was only guessed to be its own.
    pub(super) fn forget_guess(&mut self) {
        if self.is_guessed() {
            *self = Self::expected(self.queued);
        }
    }

    /// Whether it has its turn before it.
    pub(super) fn is_waiting(&self) -> bool {
        *self == Self::expected(self.queued)
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.0.is_some()
    }

    /// When it was last said to have been cancelled; nothing if it never was.
    pub(super) fn cancelled_at(&self) -> Option<When> {
        self.cancelled.0
    }

    /// What a server stores and a snapshot of it says again: that it ended other than by failing.
    pub(super) fn forget_end(&mut self) {
        self.endings.clear();
        self.cancelled = Max::default();
    }

    /// When it first started, if nothing tells that an attempt of it has ended.
    pub(in crate::domain) fn lone_start(&self) -> When {
        let is_lone = self.endings.is_empty() && self.failures.is_empty() && !self.is_cancelled();
        self.first_start().filter(|_| is_lone)
    }

    pub(super) fn has_failed(&self) -> bool {
        !self.failures.is_empty()
    }

    /// Whether the server counts the attempts that failed, and there are more to come.
    fn is_followed(&self, max_attempts: Option<u32>) -> bool {
        let failures = self.failures.since(&None);
        let counted = failures.filter_map(|(_, failure)| failure.attempt.0).max();
        counted.is_some_and(|counted| max_attempts.is_some_and(|max| counted < max))
    }

    /// Whether this row of a snapshot tells that the model stands so, which is an end. `is_over` is the snapshot's word
    /// for the run.
    pub(super) fn tells(&self, state: &ModelState, is_over: bool) -> bool {
        let mut failures = self.failures.since(&None);
        match state {
            ModelState::Completed { .. } => !self.endings.is_empty(),
            ModelState::Failed { .. } if is_over => self.has_failed(),
            ModelState::Failed { .. } => failures.any(|(_, failure)| failure.is_final),
            ModelState::Cancelled => self.is_cancelled(),
            _ => false,
        }
    }

    pub(in crate::domain) fn first_start(&self) -> When {
        self.starts.since(&None).find_map(|(at, ())| *at)
    }

    pub(super) fn first_sign(&self) -> When {
        let failure = self.failures.since(&None).find_map(|(at, _)| *at);
        let ending = self.endings.since(&None).find_map(|(at, _)| *at);
        [self.first_start(), failure, ending]
            .into_iter()
            .flatten()
            .min()
    }

    /// Whether anything in it happened since `cut`.
    pub(super) fn is_since(&self, cut: When) -> bool {
        cut.is_none()
            || self.starts.since(&cut).next().is_some()
            || self.failures.since(&cut).next().is_some()
            || self.endings.since(&cut).next().is_some()
            || self.was_cancelled_since(cut)
    }

    /// What happened to it before then.
    pub(super) fn until(&self, end: Timestamp) -> Self {
        let end = Some(end);
        let mut before = Self {
            starts: self.starts.clone(),
            failures: self.failures.clone(),
            endings: self.endings.clone(),
            cancelled: Max(self.cancelled.0.filter(|at| *at < end)),
            ..Self::default()
        };
        before.starts.cut_off(&end);
        before.failures.cut_off(&end);
        before.endings.cut_off(&end);
        before
    }

    fn was_cancelled_since(&self, cut: When) -> bool {
        self.cancelled.0.is_some_and(|at| at >= cut)
    }

    pub(super) fn standing(&self, id: &ModelId, facts: &Circumstances<'_>) -> Standing {
        let cut = &facts.cut;
        let starts = self.starts.since(cut).filter_map(|(at, ())| *at);
        let first_start = starts.clone().next();
        let last_start = starts.clone().next_back();
        let n_starts = starts.clone().count();

        let mut failures = 0_u32;
        // A failure with no start since the failure before ends an attempt whose start was not heard.
        let mut unheard_starts = 0;
        let has_start = |after: When, until: Timestamp| {
            let mut starts = starts.clone();
            starts.any(|start| after.is_none_or(|after| after < start) && start <= until)
        };
        let (mut first_told, mut last_failure) = (None::<Timestamp>, None);
        for (at, failure) in self.failures.since(cut) {
            let Some(at) = at else { continue };
            let is_same = first_told.is_some_and(|told| {
                at.unix_millis() - told.unix_millis() < SAME_FAILURE
                    && !starts.clone().any(|start| told < start && start < *at)
            });
            if !is_same {
                failures += 1;
                first_told = Some(*at);
                unheard_starts += u32::from(!has_start(last_failure, *at));
            }
            // Whoever came later heard of this one and not of those before, and the server counts them.
            failures = failures.max(failure.attempt.0.unwrap_or(0));
            last_failure = Some(*at);
        }
        let unstamped_failure = self
            .failures
            .since(cut)
            .next()
            .is_some_and(|(at, _)| at.is_none())
            && failures == 0;
        if unstamped_failure {
            failures = 1;
        }
        failures = failures.max(facts.failures);
        let error = || {
            let mut newest_first = self.failures.since(cut).rev();
            newest_first.find_map(|(_, failure)| failure.error.0.clone())
        };

        let has_started = self.starts.since(cut).next().is_some();
        let has_worked = self.worked.0.is_some_and(|at| at >= *cut);
        let n_starts = u32::try_from(n_starts).unwrap_or(u32::MAX);
        let n_attempts = n_starts.saturating_add(unheard_starts).max(failures);
        let is_next = |work: Timestamp| {
            last_failure.is_some_and(|failure| work.saturating_since(failure) >= NEXT_ATTEMPT)
        };
        let is_failed_last = match (last_failure, last_start) {
            (Some(failure), Some(start)) if failure < start => false,
            (Some(_), _) => !self.worked.0.flatten().is_some_and(is_next),
            // Without a time a failure cannot be told from that of an earlier attempt, once there are several.
            (None, _) => unstamped_failure && n_starts <= facts.failures.max(1),
        };
        let is_at_work = (has_started || has_worked) && !is_failed_last;
        let attempt = n_attempts.max(u32::from(has_started || has_worked));
        let failed = if last_failure.is_some() {
            failures
        } else {
            facts.failures
        };
        let begun = failed.saturating_add(u32::from(is_at_work));
        let attempt = attempt.max(begun.min(facts.max_attempts.unwrap_or(u32::MAX)));
        // Whoever came later heard of the last attempt only, and the server counts them.
        let told = (self.failures.since(cut)).filter_map(|(_, failure)| failure.attempt.0);
        let told = told.fold(0, u32::max);
        let attempt = attempt.max(told);
        let is_failure_final = self
            .failures
            .since(cut)
            .any(|(_, failure)| failure.is_final)
            || facts.max_attempts.is_some_and(|max| failures >= max)
            || (failures > 0 && facts.is_over(id, self))
            || (is_failed_last && facts.lapsed.retries);

        let ending = self.endings.since(cut);
        // Of an end that was told with a time and without one, the time is known.
        let ended_at = ending.clone().find_map(|(at, _)| *at);
        // Of two that say as much, the later: `max_by_key` takes the last.
        let finding = ending.clone().map(|(_, ending)| &ending.finding.0);
        let finding = finding.max_by_key(|finding| {
            finding
                .as_ref()
                .map(|(label, confidence)| (label.is_some(), confidence.is_some()))
        });

        let (state, ended) = if ending.clone().next().is_some() {
            let (label, confidence) = finding.cloned().flatten().unwrap_or_default();
            let took = ending.clone().rev().find_map(|(_, ending)| ending.took.0);
            let state = ModelState::Completed {
                label,
                confidence: confidence.map(|confidence| confidence.0),
                took,
            };
            (state, ended_at)
        } else if is_failure_final {
            // Not that of an earlier attempt, where the last is only counted.
            let at = last_failure.filter(|_| told <= failures);
            (ModelState::Failed { error: error() }, at)
        } else if self.was_cancelled_since(facts.cut) || facts.is_cancelled {
            (ModelState::Cancelled, self.cancelled.0.flatten())
        } else if facts.lapsed.ends {
            (ModelState::NoResult, None)
        } else if is_failed_last {
            (ModelState::Retrying { error: error() }, None)
        } else if has_started || has_worked {
            // A report without a time can only belong to the only attempt.
            let from = match (last_failure, last_start) {
                (Some(failure), start) if start.is_none_or(|start| start <= failure) => {
                    Some(failure.saturating_add(NEXT_ATTEMPT))
                }
                (_, start) if n_attempts > 1 => start,
                _ => *cut,
            };
            let step = self.steps.farthest(from);
            let state = ModelState::Running {
                fraction: step.and_then(Step::fraction).map(|far| far.min(NEARLY)),
                done: step.map(|step| step.done),
                total: step.and_then(|step| step.total),
            };
            (state, None)
        } else {
            (ModelState::Queued, None)
        };
        let is_running = matches!(state, ModelState::Running { .. });
        Standing {
            id: id.clone(),
            doing: (self.doing.get().filter(|_| is_running)).map(|(_, text)| text.clone()),
            attempt,
            first_start,
            has_begun_again: last_failure.is_some() && last_start > last_failure,
            ended,
            is_marked: self.is_marked(),
            is_unclear: matches!(state, ModelState::Retrying { .. }) && unstamped_failure,
            order: usize::MAX,
            is_silent: false,
            is_simulated: ending.clone().any(|(_, ending)| ending.is_simulated),
            state,
        }
    }
}

impl Join for ModelFacts {
    fn join(&mut self, other: Self) -> bool {
        self.queued.join(other.queued)
            | self.starts.join(other.starts)
            | self.failures.join(other.failures)
            | self.endings.join(other.endings)
            | self.cancelled.join(other.cancelled)
            | self.worked.join(other.worked)
            | self.steps.join(other.steps)
            | self.doing.join(other.doing)
            | self.is_named.join(other.is_named)
    }
}

/// Where a model stands.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::domain) struct Standing {
    pub id: ModelId,
    pub state: ModelState,
    pub doing: Option<Text>,
    pub attempt: u32,
    pub first_start: When,
    /// The start of the attempt after one that failed was heard.
    pub has_begun_again: bool,
    pub ended: When,
    /// The server named it as part of the run, and did not only report its progress.
    pub is_marked: bool,
    /// It waits for an attempt that nothing could tell from the failed one.
    pub is_unclear: bool,
    /// Its place among the models in the order in which they were first named. Told by having watched the run.
    pub order: usize,
    /// It runs, and nothing has been heard of it for a while. Told by having watched the run.
    pub is_silent: bool,
    pub is_simulated: bool,
}

/// What must be known of the run to judge a model.
pub(super) struct Circumstances<'a> {
    pub(super) cut: When,
    pub(super) max_attempts: Option<u32>,
    /// The snapshot's rows, if the snapshot says that the run ended.
    pub(super) base: Option<&'a RunFacts>,
    /// The server may still be at it, whatever the snapshot says.
    pub(super) is_base_fresh: bool,
    /// Failed attempts that nothing but the time at which they were heard told apart.
    pub(super) failures: u32,
    /// The server says that the run was cancelled.
    pub(super) is_cancelled: bool,
    pub(super) lapsed: Lapsed,
}

impl Circumstances<'_> {
    /// Whether no attempt of this model can follow a failed one.
    fn is_over(&self, id: &ModelId, model: &ModelFacts) -> bool {
        let is_fresh = self.is_base_fresh && !model.is_cancelled();
        let is_followed = |row: &ModelFacts| is_fresh && row.is_followed(self.max_attempts);
        let has_failed = |row: &ModelFacts| row.has_failed() && !is_followed(row);
        let has_failed = |base: &RunFacts| base.models.get(id).is_some_and(has_failed);
        self.lapsed.ends || self.lapsed.is_kept || self.base.is_some_and(has_failed)
    }
}

/// The greatest fraction of a model that still runs: 100 % would say that it has ended.
const NEARLY: f64 = 0.99;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Failure {
    error: Max<Text>,
    pub(super) is_final: bool,
    attempt: Max<u32>,
}

impl Join for Failure {
    fn join(&mut self, other: Self) -> bool {
        self.error.join(other.error)
            | self.is_final.join(other.is_final)
            | self.attempt.join(other.attempt)
    }
}

/// What a result says; a later report of it may say more.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ending {
    finding: Max<(Option<Label>, Option<Scalar>)>,
    took: Max<std::time::Duration>,
    is_simulated: bool,
}

impl Ending {
    fn new(outcome: &Outcome) -> Self {
        let confidence = outcome
            .confidence
            .filter(|confidence| confidence.is_finite())
            .map(|confidence| Scalar(confidence.clamp(0.0, 1.0)));
        let says_something = outcome.label.is_some() || confidence.is_some();
        Self {
            finding: Max(says_something.then(|| (outcome.label.clone(), confidence))),
            took: Max(outcome.took),
            is_simulated: outcome.simulated,
        }
    }
}

impl Join for Ending {
    fn join(&mut self, other: Self) -> bool {
        self.finding.join(other.finding)
            | self.took.join(other.took)
            | self.is_simulated.join(other.is_simulated)
    }
}
