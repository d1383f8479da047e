//! What is known of a run by having watched it: silence, pace, what to ask about and when, and what silence comes to
//! mean.

use std::mem;
use std::time::Duration;

use super::facts::{publisher_time, RunKey};
use super::{Context, BEHIND_OTHERS};
use crate::domain::fact::{Fact, ModelSaid};
use crate::domain::progress::{self, Pace};
use crate::domain::run::{Lapsed, Need, RunState};
use crate::domain::view::{ModelState, Status};
use crate::domain::ModelId;
use crate::sorted::Map;
use crate::time::{Instant, Timestamp};

/// After this long without a word a running model is called silent.
const SILENCE: Duration = Duration::from_secs(30);

/// After this long without a word of a run that is under way the server is asked about it: an event may have been lost.
const QUIET: Duration = Duration::from_secs(60);

/// Two failures without a time are of two attempts if work was heard between them and they came so far apart. The real
/// queues leave five seconds between attempts, of which two are left for copies that come late.
const NEXT_FAILURE: Duration = Duration::from_secs(3);

/// When to ask about an end that the server has not said, after it was derived here; after the last of it the derived
/// end stands.
const CONFIRM: [u64; 4] = [5, 15, 35, 75];
const CONFIRMED: Duration = Duration::from_secs(90);

/// What is known of the run that is shown by having watched it; not facts, and not joined.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    pub(super) run: Option<RunKey>,
    pub(super) cut: Option<Timestamp>,
    pub(super) serial: u32,
    pub(super) models: Map<ModelId, ModelWatch>,
    /// When an event last said something of it, or a snapshot that it is at work, where that is said between attempts.
    pub(super) heard: Option<Instant>,
    /// Failures without a time that were told apart when they came, when the first copy of the last one did, and
    /// whether work was heard since.
    pub(super) failures: u32,
    pub(super) failed: Option<Instant>,
    is_at_work: bool,
    /// The greatest percentage that was shown, and the retries that had been seen then.
    pub(super) high: u8,
    pub(super) retries: u32,
    /// A snapshot has just lowered something in it.
    pub(super) is_rebased: bool,
    /// How many models the server said it runs on such a media, when that was shown; `None` before anybody said what
    /// it is.
    pub(super) usual: Option<u32>,
    pub(super) concurrency: u32,
    /// When the next model that runs has been silent for too long, if nothing is heard of it before.
    silence: Option<Instant>,
    confirm: Option<Confirm>,
    pub(super) lapsed: Lapsed,
    /// Models and attempts when it lapsed: more of either means that it goes on.
    pub(super) lapsed_at: (usize, u32),
    /// How often it was asked because of silence, and when next.
    stall: Option<(u32, Instant)>,
    /// There was no room for a model, and the server was asked about that.
    pub(super) is_full: bool,
}

#[derive(Clone, Debug)]
pub(super) struct ModelWatch {
    order: usize,
    pub(super) heard: Instant,
    /// When its first start arrived, if it was heard live.
    pub(super) started: Option<Instant>,
    /// Its newest attempt, and when that was first known; `None` for the one that was under way when it was first heard
    /// of.
    pub(super) attempt: (u32, Option<Instant>),
    pub(super) pace: Pace,
}

#[derive(Clone, Copy, Debug)]
struct Confirm {
    need: Need,
    pub(super) since: Instant,
    asked: usize,
}

impl Watch {
    /// Begins to watch this run.
    pub(super) fn new(run: Option<RunKey>) -> Self {
        Self {
            run,
            ..Self::default()
        }
    }

    /// A fact about the watched run arrived.
    pub(super) fn hear(&mut self, fact: &Fact, now: Instant) {
        self.heard = Some(now);
        let Fact::Model { model, said, .. } = fact else {
            return;
        };
        match said {
            ModelSaid::Failed { .. } if publisher_time(fact).is_none() => self.count_failure(now),
            ModelSaid::Failed { .. } | ModelSaid::Queued => {}
            _ => self.is_at_work = true,
        }
        let watch = self.model(model, now);
        watch.heard = now;
        if *said == ModelSaid::Started && watch.started.is_none() {
            watch.started = Some(now);
        }
    }

    /// A failure without a time arrived: that of another attempt, or what is known already once more.
    fn count_failure(&mut self, now: Instant) {
        let is_next = |failed: Instant| self.is_at_work && now >= failed + NEXT_FAILURE;
        if self.failed.is_none_or(is_next) {
            self.failures = self.failures.saturating_add(1);
            self.failed = Some(now);
            self.is_at_work = false;
        }
    }

    /// When the first start of a model arrived, if it was heard live.
    pub(super) fn started(&self, id: &ModelId) -> Option<Instant> {
        self.models.get(id)?.started
    }

    /// Whether what was asked about the run was not answered in time.
    pub(super) fn is_unanswered(&self, now: Instant) -> bool {
        let confirm = self.confirm.as_ref();
        confirm.is_some_and(|confirm| confirm.since + CONFIRMED <= now)
    }

    /// Since when nothing was heard of the run by an event, of a server that can be heard since `connected`.
    fn silent_since(&self, connected: Instant) -> Instant {
        self.heard.map_or(connected, |heard| heard.max(connected))
    }

    /// Until when another attempt may follow a failed one, of a server that can be heard since `connected`. One that
    /// began before that may say nothing until it ends.
    fn retry_until(&self, connected: Instant, context: Context) -> Instant {
        let silent_since = self.silent_since(connected);
        let until = context.retry_until(silent_since);
        let may_be_missed = self.heard.is_none_or(|heard| heard < connected);
        match may_be_missed {
            true => until.max(silent_since + BEHIND_OTHERS),
            false => until,
        }
    }

    pub(super) fn model(&mut self, id: &ModelId, now: Instant) -> &mut ModelWatch {
        let order = self.models.len();
        let watch = || ModelWatch {
            order,
            heard: now,
            started: None,
            attempt: (0, None),
            pace: Pace::default(),
        };
        match self.models.position(id) {
            Some(place) => self.models.at_mut(place).expect("it was just found"),
            None => self.models.entry(id.clone()).or_insert(watch()),
        }
    }

    /// A new run of a server without run ids begins.
    pub(super) fn restart(&mut self, cut: Option<Timestamp>) {
        *self = Self {
            run: self.run.take(),
            models: mem::take(&mut self.models),
            heard: self.heard,
            cut,
            ..Self::default()
        };
        for watch in self.models.values_mut() {
            watch.pace = Pace::default();
            watch.started = None;
            watch.attempt = (0, None);
        }
    }

    /// Tells the models of a state what only having watched them tells: their order, and whether they are silent.
    pub(super) fn observe(&mut self, state: &mut RunState, now: Instant) {
        self.silence = None;
        for model in &mut state.models {
            let watch = self.model(&model.id, now);
            if model.attempt > watch.attempt.0 {
                watch.attempt = (model.attempt, (watch.attempt.0 > 0).then_some(now));
            }
            match model.state {
                ModelState::Running {
                    fraction: Some(fraction),
                    ..
                } => watch.pace.observe(fraction, now),
                _ => watch.pace = Pace::default(),
            }
            let silence = watch.heard + SILENCE;
            let is_running = matches!(model.state, ModelState::Running { .. });
            model.order = watch.order;
            model.is_silent = is_running && silence <= now;
            if is_running && silence > now {
                self.silence = [self.silence, Some(silence)].into_iter().flatten().min();
            }
        }
    }

    /// Follows the state: pace, percentage, what to ask for. Returns whether to ask.
    pub(super) fn see(&mut self, state: &mut RunState, context: Context) -> bool {
        let now = context.now;
        self.observe(state, now);
        self.concurrency = self.concurrency.max(state.running);
        if state.retries > self.retries {
            self.high = 0;
        }
        self.retries = state.retries;
        self.rise(state);

        if self.confirm.map(|confirm| confirm.need) != Some(state.need) {
            self.confirm = (state.need != Need::Nothing).then_some(Confirm {
                need: state.need,
                since: now,
                asked: 0,
            });
        }
        let Some(connected) = context.connected else {
            return false;
        };
        let mut ask = false;
        if let Some(confirm) = &mut self.confirm {
            while confirm.next(connected).is_some_and(|next| next <= now) {
                confirm.asked += 1;
                ask = true;
            }
        }
        let is_quiet = is_under_way(state) && self.silent_since(connected) + QUIET <= now;
        if is_quiet || state.models.iter().any(|model| model.is_silent) {
            match &mut self.stall {
                None => {
                    self.stall = Some((1, now + Duration::from_secs(60)));
                    ask = true;
                }
                Some((asked, next)) if *next <= now => {
                    *asked += 1;
                    *next = now + Duration::from_secs(120);
                    ask = true;
                }
                Some(_) => {}
            }
        } else {
            self.stall = None;
        }
        ask
    }

    /// Shows no less than what the state says, if it can say anything: a share of those that were heard of is none of
    /// all.
    pub(super) fn rise(&mut self, state: &RunState) {
        self.high = match state.is_counted {
            true => self.high.max(progress::percent(state).min(99)),
            false => 0,
        };
    }

    /// Decides what silence means by now. Whether it decided anything.
    pub(super) fn lapse(&mut self, state: &RunState, context: Context) -> bool {
        let (Some(connected), now) = (context.connected, context.now) else {
            return false;
        };
        let mut lapsed = self.lapsed;
        let is_retrying = is_retrying(state);
        let silent_since = self.silent_since(connected);
        lapsed.retries |= is_retrying && self.retry_until(connected, context) <= now;
        let is_unanswered = self
            .confirm
            .is_some_and(|confirm| confirm.since.max(silent_since) + CONFIRMED <= now);
        lapsed.ends |= is_unanswered && !is_retrying && is_open_ended(state);
        let is_decided = lapsed != self.lapsed;
        if is_decided {
            self.lapsed = lapsed;
            self.lapsed_at = extent(state);
        }
        is_decided
    }

    pub(super) fn poll_timeout(&self, state: &RunState, context: Context) -> Option<Instant> {
        let mut next = self.silence;
        let mut take = |at: Option<Instant>| next = [next, at].into_iter().flatten().min();
        if let Some(connected) = context.connected {
            let silent_since = self.silent_since(connected);
            if let Some(confirm) = &self.confirm {
                take(confirm.next(connected));
                let is_settled = self.lapsed.ends || is_retrying(state);
                if is_open_ended(state) && !is_settled {
                    take(Some(confirm.since.max(silent_since) + CONFIRMED));
                } else if confirm.is_asking(context.now) {
                    take(Some(confirm.since + CONFIRMED));
                }
            }
            if is_retrying(state) && !self.lapsed.retries {
                take(Some(self.retry_until(connected, context)));
            }
            let quiet = is_under_way(state).then(|| silent_since + QUIET);
            take(self.stall.map(|(_, next)| next).or(quiet));
        }
        next
    }

    /// Puts the models in the order in which they were first named, and adds what only time tells.
    pub(super) fn finish(&self, state: &mut RunState, now: Instant) {
        state.is_confirming = state.status.is_ended()
            && state.need != Need::Nothing
            && self.confirm.is_some_and(|confirm| confirm.is_asking(now));
        // In place: it happens with each event, and a run has few models.
        for place in 0..state.models.len() {
            let rest = state.models.iter().enumerate().skip(place);
            if let Some((least, _)) = rest.min_by_key(|(_, model)| model.order) {
                state.models.swap(place, least);
            }
        }
    }
}

impl Confirm {
    /// When to ask next, for a server that can be heard since `connected`.
    pub(super) fn next(&self, connected: Instant) -> Option<Instant> {
        let since = self.since.max(connected);
        // What does not fit together is asked for at once as well.
        let at = match (self.need, self.asked) {
            (Need::Now, 0) => 0,
            (Need::Now, asked) => *CONFIRM.get(asked - 1)?,
            (_, asked) => *CONFIRM.get(asked)?,
        };
        Some(since + Duration::from_secs(at))
    }

    /// Whether it was asked and an answer may still come.
    fn is_asking(&self, now: Instant) -> bool {
        self.asked > 0 && now < self.since + CONFIRMED
    }
}

/// Whether a run cannot end by what is known: what has not ended by now may never do.
fn is_open_ended(state: &RunState) -> bool {
    !state.status.is_ended() && state.need != Need::Nothing
}

fn is_under_way(state: &RunState) -> bool {
    matches!(state.status, Status::Queued | Status::Running)
}

pub(super) fn is_retrying(state: &RunState) -> bool {
    let mut models = state.models.iter();
    models.any(|model| matches!(model.state, ModelState::Retrying { .. }))
}

/// How much of a run has been seen: models, and attempts, one more where a start after a failure was heard.
pub(super) fn extent(state: &RunState) -> (usize, u32) {
    let models = state.models.iter();
    let attempts = models.map(|model| model.attempt + u32::from(model.has_begun_again));
    (state.models.len(), attempts.sum())
}

#[cfg(test)]
mod tests {
    use crate::domain::media::{Context, Media};
    use crate::domain::progress::Clock;
    use crate::domain::run::MAX_MODELS;
    use crate::domain::scene::started;
    use crate::domain::Rules;
    use crate::time::Instant;

    #[test]
    fn a_model_for_which_there_is_no_room_is_not_watched_either() {
        let mut media = Media::default();
        let context = Context {
            rules: Rules::default(),
            clock: Clock::default(),
            models: Default::default(),
            connected: Some(Instant::default()),
            worked: None,
            now: Instant::default(),
        };
        for index in 0..10 * MAX_MODELS {
            media.apply(&started("r", &format!("model {index}"), 1.), context);
            media.refresh(context);
        }

        assert_eq!(media.watch.models.len(), MAX_MODELS);
    }
}
