//! One media: what a snapshot said, what events said before and after it was asked for, and what is shown of that.
//!
//! **Law:** the view is `base ⊔ older ⊔ newer`. Events only add to `newer`. When a snapshot is asked for, `newer` moves
//! into `older`; when it comes, it becomes `base` and `older` is dropped, because everything in it was sent before the
//! request and so is in the snapshot. What arrived after the request stays on top. Only this lowers anything.
//!
//! A snapshot that lacks an end which was heard of only just before it was asked for is doubted once: a replica or a
//! cache may lag. It is asked for again, and the second one is believed.

mod earlier;
mod facts;
mod guess;
mod rebase;
mod runs;
mod view;
mod watch;

use std::mem;
use std::time::Duration;

use super::fact::{Fact, MediaKind, ModelCounts};
use super::progress::Clock;
use super::run::{self, Background, Lapsed, Need, RunFacts, RunState};
use super::view::{Status, Summary};
use crate::domain::Rules;
use crate::time::{Instant, Timestamp};
use facts::RunKey;
use watch::{extent, is_retrying, Watch};

pub(super) use facts::{time_of, MediaFacts, MAX_RUNS};
pub(super) use rebase::Rebased;

/// After this long without a word a failed attempt is taken for the last: the real queues wait five seconds, then ten.
/// The whole server must be silent: a worker that takes one job after another retries only when those before it are
/// through, be they of this run or of other media.
const NO_RETRY: Duration = Duration::from_secs(60);

/// For so long after the run's own last word the work of other media puts off that its failed attempt is taken for the
/// last. A queue that is longer than this cannot be told from an attempt that was lost, and a server that always has
/// something to do would put it off for ever. No attempt takes longer, also if nothing was heard of its beginning.
const BEHIND_OTHERS: Duration = Duration::from_secs(900);

/// A run that began longer ago is not at work any more when the server says that it ended: models take minutes, and
/// the queue before them may be long.
const MAY_GO_ON: Duration = Duration::from_secs(3600);

/// What of the world a media's view depends on.
#[derive(Clone, Copy)]
pub(super) struct Context {
    pub rules: Rules,
    pub clock: Clock,
    /// How many models the server says it runs.
    pub models: ModelCounts,
    /// Since when the server can be heard; `None` while it cannot.
    pub connected: Option<Instant>,
    /// When the server was last heard to work, on whatever media.
    pub worked: Option<Instant>,
    pub now: Instant,
}

impl Context {
    /// Until when another attempt may follow a failed one in a run of which was heard last at `heard`.
    fn retry_until(&self, heard: Instant) -> Instant {
        let worked = self.worked.map(|worked| worked.min(heard + BEHIND_OTHERS));
        worked.map_or(heard, |worked| worked.max(heard)) + NO_RETRY
    }
}

/// What came of one fact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// The media should be fetched.
    pub ask: bool,
    /// There was no room for the fact.
    pub is_dropped: bool,
    /// It cannot be known before the next snapshot which run the fact is about.
    pub is_parked: bool,
    /// Runs left out to make room.
    pub evicted: u64,
}

/// A media.
#[derive(Clone, Debug, Default)]
pub(super) struct Media {
    base: MediaFacts,
    older: MediaFacts,
    newer: MediaFacts,
    /// `base ⊔ older ⊔ newer`, kept up to date.
    joined: MediaFacts,
    /// The request whose answer `base` is; 0 if none was named by any, which makes this a ghost.
    base_request: u64,
    /// The last request that moved `newer` into `older`, and when.
    moved_by: u64,
    moved_at: Instant,
    /// When the request was made whose answer `base` is.
    base_at: Instant,
    /// When `base` was taken, the run had been heard of so lately that attempts may follow those that it counts.
    is_base_fresh: bool,
    /// A snapshot of this media alone was taken: a list names the newest run only.
    is_fetched: bool,
    heard_older: Option<Instant>,
    heard_newer: Option<Instant>,
    /// Snapshots doubted in a row, when the last of them was asked for, and when to ask again.
    doubts: u8,
    doubted_at: Option<Instant>,
    doubt: Option<Instant>,
    again: runs::Again,
    /// Since the last snapshot something was said to have its turn, in a run that only the next one tells.
    is_queue_parked: bool,
    /// When the server was last asked whose run something was.
    asked_whose: Option<Instant>,
    /// How often the only run of a server without run ids was begun anew by a snapshot.
    restarts: u32,
    serials: Vec<(RunKey, Option<Timestamp>, u32, u32)>,
    watch: Watch,
    shown: Option<RunState>,
    about: About,
    pub summary: Summary,
}

/// What is shown of the media itself beside its name.
type About = (Option<MediaKind>, Option<u64>, Option<Timestamp>, usize);

impl Media {
    /// Takes in one fact of an event.
    pub(super) fn apply(&mut self, fact: &Fact, context: Context) -> Heard {
        let mut heard = Heard::default();
        self.heard_newer = Some(context.now);
        if let Fact::Media { at, fields, .. } = fact {
            self.newer.say(*at, fields);
            self.joined.say(*at, fields);
            return heard;
        }
        let Some(key) = self.attribute(fact, context, &mut heard) else {
            heard.is_parked = true;
            self.is_queue_parked |= guess::is_queue_word(fact);
            return heard;
        };
        let is_heard_from_start = !self.is_queue_parked && !self.joined.runs.contains_key(&key);
        let number = self.number_of(&key);
        self.newer.say_of_run(&key, fact);
        heard.is_dropped = self.joined.say_of_run(&key, fact).is_none();
        if is_heard_from_start {
            self.set_heard_from_start(&key, true);
        }
        heard.ask |= self.is_number_in_doubt(&key, number);
        heard.evicted = self.make_room();
        heard.ask |= heard.evicted > 0;
        self.watch_newest();
        // A model for which there was no room has no place among those that are watched.
        if self.watch.run.as_ref() == Some(&key) && !heard.is_dropped {
            self.watch.hear(fact, context.now);
        }
        // Once for a run: the answer has no more room for what was left out than there was for the event.
        let is_first = heard.is_dropped && !mem::replace(&mut self.watch.is_full, true);
        heard.ask |= is_first;
        heard
    }

    fn set_heard_from_start(&mut self, key: &RunKey, is_heard: bool) {
        for facts in [&mut self.joined, &mut self.older, &mut self.newer] {
            if let Some(run) = facts.runs.get_mut(key) {
                run.is_heard_from_start = is_heard;
            }
        }
    }

    fn number_of(&self, key: &RunKey) -> Option<u32> {
        self.joined.runs.get(key)?.number.0
    }

    /// Whether a run has just got another number than it had `before`, or one that another run has: a run's number is
    /// said once, and runs are shown by it.
    fn is_number_in_doubt(&self, key: &RunKey, before: Option<u32>) -> bool {
        let number = self.number_of(key);
        if number == before {
            return false;
        }
        let mut others = self.joined.runs.iter().filter(|(other, _)| *other != key);
        before.is_some() || others.any(|(_, run)| run.number.0 == number)
    }

    /// Leaves out the oldest runs beyond those that are kept, and says how many.
    pub(super) fn make_room(&mut self) -> u64 {
        let mut evicted = 0;
        while self.joined.runs.len() > MAX_RUNS {
            let oldest = (self.joined.runs_by_age().first()).map(|(.., key)| (*key).clone());
            let Some(oldest) = oldest else { break };
            for facts in [
                &mut self.joined,
                &mut self.base,
                &mut self.older,
                &mut self.newer,
            ] {
                facts.runs.remove(&oldest);
            }
            evicted += 1;
        }
        evicted
    }

    /// Brings what is shown up to date with the facts and with the time. Returns whether it is different, and whether
    /// the media should be fetched.
    pub(super) fn refresh(&mut self, context: Context) -> (bool, bool) {
        let Context { rules, now, .. } = context;
        self.watch_newest();
        let kind = self.joined.kind.get().copied();
        let mut is_recounted = false;
        if kind.is_some() {
            let usual = Some(self.models(context));
            is_recounted = self.watch.usual.is_some() && self.watch.usual != usual;
            self.watch.usual = usual;
        }
        let mut ask = false;
        let state = self.watch.run.clone().and_then(|key| {
            let joined = self.joined.runs.get(&key)?;
            let base = self.base.runs.get(&key);
            let background = self.background(joined, context);
            let known = self.without_late_starts(joined, base, context);
            let state_of = |lapsed| {
                let facts = known.as_ref().unwrap_or(joined);
                let mut state = run::state(facts, base, rules, background, lapsed);
                if known.is_some() {
                    state.need = Need::Now;
                }
                state
            };
            let mut state = state_of(self.watch.lapsed);
            if self.watch.lapsed != Lapsed::default() && extent(&state) > self.watch.lapsed_at {
                self.watch.lapsed = Lapsed::default();
                self.watch.high = 0;
                state = state_of(self.watch.lapsed);
            }
            let shown = (self.shown.as_ref()).filter(|_| self.watch.serial != 0);
            let is_undeclared =
                |shown: &RunState| is_only_undeclared(shown, &state, background.usual_models);
            if rules.has_rows && shown.is_some_and(is_undeclared) {
                self.watch.lapsed.is_kept = true;
                self.watch.lapsed_at = extent(&state);
                state = state_of(self.watch.lapsed);
            }
            let is_rebased = mem::take(&mut self.watch.is_rebased);
            if shown.is_some_and(|shown| {
                // What was shown counted too few models, or ends that the server takes back.
                is_recounted && state.expected > shown.expected
                    || is_rebased && is_lowered(shown, &state)
                    // What seemed to be done was not.
                    || is_undone(shown, &state)
            }) {
                self.watch.high = 0;
            }
            if state.cut != self.watch.cut {
                self.watch.restart(state.cut);
            }
            ask = self.watch.see(&mut state, context);
            if self.watch.lapse(&state, context) {
                state = state_of(self.watch.lapsed);
                self.watch.observe(&mut state, now);
                self.watch.rise(&state);
                ask = true;
            }
            self.watch.finish(&mut state, now);
            Some(state)
        });
        ask |= (state.as_ref()).is_some_and(|state| self.asks_for_next(state));
        if self.doubt.is_some_and(|at| at <= now) {
            self.doubt = None;
            ask = true;
        }
        let summary = self.summarize(state.as_ref());
        let facts = &self.joined;
        let about = (
            facts.kind.get().copied(),
            facts.bytes.get().copied(),
            facts.created.get().copied(),
            facts.runs.len(),
        );
        let is_different = self.shown != state || self.summary != summary || self.about != about;
        self.shown = state;
        self.about = about;
        self.summary = summary;
        (is_different, ask)
    }

    fn background(&self, run: &RunFacts, context: Context) -> Background {
        let age = (run.began()).and_then(|began| context.clock.since(began, context.now));
        Background {
            usual_models: self.models(context),
            may_go_on: age.is_some_and(|age| age < MAY_GO_ON),
            may_retry: context.rules.fails_between_attempts && self.is_fresh(context),
            is_base_fresh: self.is_base_fresh && !self.watch.lapsed.retries,
            failures: if context.rules.fails_between_attempts {
                self.watch.failures
            } else {
                0
            },
        }
    }

    /// Whether the run was heard of so lately that another attempt may follow a failed one, although the server says
    /// that it failed or ended. Who was not there when it failed has nothing but that word; and an end that was shown
    /// is taken back by another word only.
    fn is_fresh(&self, context: Context) -> bool {
        let watch = &self.watch;
        let max_attempts = context.rules.max_attempts;
        let is_used_up = max_attempts.is_some_and(|max| watch.failures >= max);
        let was_ended = watch.serial != 0 && self.summary.status.is_ended();
        !is_used_up
            && !was_ended
            && !watch.lapsed.retries
            && watch.heard.is_some()
            && (self.retry_until(context)).is_none_or(|until| context.now < until)
    }

    /// Until when another attempt may follow where the server's word says that none will. A word that was asked for on
    /// this connection knows what was missed before it. `None` while the server cannot be heard.
    fn retry_until(&self, context: Context) -> Option<Instant> {
        let (connected, heard) = (context.connected?, self.watch.heard?);
        let is_known = self.base_at >= connected;
        Some(context.retry_until(if is_known {
            heard
        } else {
            heard.max(connected)
        }))
    }

    /// How many models the server runs on such a media.
    fn models(&self, context: Context) -> u32 {
        let (kind, has_sound) = (self.joined.kind.get(), self.joined.has_sound.get());
        context.models.of(kind.copied(), has_sound.copied())
    }

    /// When [`Media::refresh`] has something to do, if nothing is said before.
    pub(super) fn poll_timeout(&self, context: Context) -> Option<Instant> {
        let watched = self
            .shown
            .as_ref()
            .and_then(|state| self.watch.poll_timeout(state, context));
        let waits =
            context.rules.fails_between_attempts && self.shown.as_ref().is_some_and(is_retrying);
        let retry = waits.then(|| self.retry_until(context)).flatten();
        let retry = retry.filter(|at| *at > context.now);
        [watched, self.doubt, retry].into_iter().flatten().min()
    }

    /// Whether no snapshot has named it yet.
    pub(super) fn is_ghost(&self) -> bool {
        self.base_request == 0
    }

    /// When the server got it.
    pub(super) fn created(&self) -> Option<Timestamp> {
        self.joined.created.get().copied()
    }
}

/// Whether a run that was shown as ended is not any more, although nothing in it is at work: the server, which had
/// declared it ended, says that it goes on, or a model that nobody had named has ended as well. A number of models
/// beyond the `usual` ones is no reason: it counts results, of which a model may have several. Neither is a stand-in
/// that reports its progress.
fn is_only_undeclared(shown: &RunState, state: &RunState, usual: u32) -> bool {
    let named = || state.models.iter().filter(|model| model.is_marked);
    let n_named = named().count();
    shown.status.is_ended()
        && !state.status.is_ended()
        && shown.cut == state.cut
        && (state.expected <= shown.expected || usual as usize <= n_named)
        && n_named > 0
        && named().all(|model| model.state.is_ended())
}

/// Whether a run that seemed to have ended by itself was cancelled.
fn is_undone(shown: &RunState, state: &RunState) -> bool {
    state.status == Status::Cancelled && shown.status.is_ended() && shown.status != state.status
}

/// Whether less of a run has ended or begun than was shown.
fn is_lowered(shown: &RunState, state: &RunState) -> bool {
    state.ended_models() < shown.ended_models()
        || (shown.status.is_ended() && !state.status.is_ended())
        || (shown.status == Status::Running && state.status == Status::Queued)
}
