//! One media: what a snapshot said, what events said before and after it was asked for, and what is shown of that.
//!
//! **Law:** the view is `base ⊔ older ⊔ newer`. Events only add to `newer`. When a snapshot is asked for, `newer` moves
//! into `older`; when it comes, it becomes `base` and `older` is dropped, because everything in it was sent before the
//! request and so is in the snapshot. What arrived after the request stays on top. Only this lowers anything.
//!
//! A snapshot that lacks an end which was heard of only just before it was asked for is doubted once: a replica or a
//! cache may lag. It is asked for again, and the second one is believed.

use std::mem;
use std::time::Duration;

use super::fact::{Declared, Fact, MediaFields, MediaKind, ModelCounts, ModelSaid, RunRef, Scope};
use super::progress::{self, Clock, Pace};
use super::register::{Join, Lww, Max};
use super::run::{self, join_entry, Lapsed, Need, RunFacts, RunState, Usual};
use super::view::{MediaView, ModelState, ModelView, RunView, Status, Summary};
use super::{MediaKey, ModelId, RunId, Text};
use crate::domain::Rules;
use crate::sorted::{sort_by, Map};
use crate::time::{Instant, Timestamp};

/// Runs of a media that are kept. A person looks at the newest; older ones can be fetched.
pub(super) const MAX_RUNS: usize = 20;

/// A start later than a run's end by more than this belongs to another run; clocks of two programs differ by less.
const NEXT_RUN: i64 = 2_000;

/// After this long without a word a running model is called silent.
pub(super) const SILENCE: Duration = Duration::from_secs(30);

/// After this long without a word of a run that is under way the server is asked about it: an event may have been lost.
const QUIET: Duration = Duration::from_secs(60);

/// After this long without a word a failed attempt is taken for the last: the real queues wait five seconds, then ten.
/// The whole server must be silent: a worker that takes one job after another retries only when those before it are
/// through, be they of this run or of other media.
const NO_RETRY: Duration = Duration::from_secs(60);

/// For so long after the run's own last word the work of other media puts off that its failed attempt is taken for the
/// last. A queue that is longer than this cannot be told from an attempt that was lost, and a server that always has
/// something to do would put it off for ever.
const BEHIND_OTHERS: Duration = Duration::from_secs(900);

/// Two failures without a time are of two attempts if work was heard between them and they came so far apart. The real
/// queues leave five seconds between attempts, of which two are left for copies that come late.
const NEXT_FAILURE: Duration = Duration::from_secs(3);

/// A run that began longer ago is not at work any more when the server says that it ended: models take minutes, and
/// the queue before them may be long.
const MAY_GO_ON: Duration = Duration::from_secs(3600);

/// When to ask about an end that the server has not said, after it was derived here; after the last of it the derived
/// end stands.
const CONFIRM: [u64; 4] = [5, 15, 35, 75];
const CONFIRMED: Duration = Duration::from_secs(90);

/// A snapshot is doubted only about what was heard this shortly before it was asked for.
const LAG: Duration = Duration::from_secs(10);
/// How long after a doubt the next snapshot is asked for.
const DOUBT: Duration = Duration::from_secs(2);
/// Snapshots doubted in a row, however much is heard between them.
const MAX_DOUBTS: u8 = 5;

/// Identities of runs that are remembered, so that one that is seen again keeps its number.
const MAX_SERIALS: usize = 2 * MAX_RUNS;

/// Which run, among those of one media.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RunKey {
    /// The only one, of a server whose runs have no ids.
    Only,
    /// The first one with a greater number than this, whose id is not known yet.
    Provisional(u32),
    /// The one with this id.
    Id(RunId),
}

/// All that was said of a media.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct MediaFacts {
    name: Lww<Text>,
    kind: Lww<MediaKind>,
    bytes: Lww<u64>,
    created: Lww<Timestamp>,
    declared: Lww<Declared>,
    other_status: Lww<Text>,
    runs: Map<RunKey, RunFacts>,
}

impl MediaFacts {
    fn say(&mut self, at: Option<Timestamp>, fields: &MediaFields) -> bool {
        self.name.join(Lww::new(at, fields.name.clone()))
            | self.kind.join(Lww::new(at, fields.kind))
            | self.bytes.join(Lww::new(at, fields.bytes))
            | self.created.join(Lww::new(at, fields.created))
            | self.declared.join(Lww::new(at, fields.declared))
            | (self.other_status).join(Lww::new(at, fields.other_status.clone()))
    }

    /// Takes in one fact about the run with this key. `None` if there was no room for it.
    fn say_of_run(&mut self, key: &RunKey, fact: &Fact) -> Option<bool> {
        let run = match self.runs.get_mut(key) {
            Some(run) => run,
            None => self.runs.entry(key.clone()).or_default(),
        };
        match fact {
            Fact::Run { at, fields, .. } => Some(run.say(*at, fields)),
            Fact::Model {
                model, at, said, ..
            } => run.say_model(model, *at, said),
            Fact::Media { .. } | Fact::Meeting { .. } | Fact::Models(_) => Some(false),
        }
    }

    /// One fact of a snapshot.
    pub(super) fn say_of_snapshot(&mut self, fact: &Fact, rules: Rules) {
        if let Fact::Media { at, fields, .. } = fact {
            self.say(*at, fields);
        } else if let Some(run) = run_of(fact) {
            let key = match run {
                RunRef::Id(id) => RunKey::Id(id.clone()),
                RunRef::Open if !rules.has_run_ids => RunKey::Only,
                RunRef::Open => self.newest().cloned().unwrap_or(RunKey::Provisional(0)),
            };
            self.say_of_run(&key, fact);
        }
    }

    /// Whether a run in it has a beginning or an end that it has not in `next`.
    fn regresses_in(&self, next: &MediaFacts) -> bool {
        self.runs.iter().any(|(key, run)| {
            let next = next.runs.get(key);
            next.is_none_or(|next| run.regresses_in(next))
        })
    }

    /// The run that is shown: numbered ones by number; before them one without a number that began later, and before
    /// all the provisional one.
    fn newest(&self) -> Option<&RunKey> {
        if self.runs.len() <= 1 {
            return self.runs.keys().next();
        }
        self.runs_by_age().pop().map(|(.., key)| key)
    }

    /// The runs, oldest first.
    fn runs_by_age(&self) -> Vec<(u8, Option<u32>, Option<Timestamp>, &RunKey)> {
        let numbered = self.runs.values().filter(|run| run.number.0.is_some());
        let last = numbered.max_by_key(|run| run.number.0);
        // What starts without a number after all that have one may as well be a retry in an older one: it waits for its
        // number, which is asked for, unless it was queued when the last one had ended.
        let is_after_last = |run: &RunFacts| last.is_none_or(|last| run.follows.0 >= last.number.0);
        let mut runs: Vec<_> = self
            .runs
            .iter()
            .map(|(key, run)| {
                let began = run.first_heard_at();
                let is_later = is_after_last(run);
                let class = match run.number.0 {
                    // It was opened because it began after all others.
                    _ if is_provisional(key) => 3,
                    Some(_) => 1,
                    None if is_later && (run.is_opened() || run.follows.0.is_some()) => 2,
                    None => 0,
                };
                (class, run.number.0, began, key)
            })
            .collect();
        sort_by(&mut runs, Ord::cmp);
        runs
    }

    /// What was known of a run without id belongs to this one.
    fn adopt(&mut self, provisional: &RunKey, key: &RunKey) {
        if let Some(facts) = self.runs.remove(provisional) {
            join_entry(&mut self.runs, key.clone(), facts);
        }
    }
}

impl Join for MediaFacts {
    fn join(&mut self, other: Self) -> bool {
        let mut is_changed = self.name.join(other.name)
            | self.kind.join(other.kind)
            | self.bytes.join(other.bytes)
            | self.created.join(other.created)
            | self.declared.join(other.declared)
            | self.other_status.join(other.other_status);
        for (key, facts) in other.runs {
            is_changed |= join_entry(&mut self.runs, key, facts);
        }
        is_changed
    }
}

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

/// What came of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rebased {
    /// It is the base now.
    Taken,
    /// It lowered something.
    Lowered,
    /// It is doubted.
    Doubted,
    /// A younger one is the base already.
    Stale,
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
    heard_older: Option<Instant>,
    heard_newer: Option<Instant>,
    /// Snapshots doubted in a row, when the last of them was asked for, and when to ask again.
    doubts: u8,
    doubted_at: Option<Instant>,
    doubt: Option<Instant>,
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

/// What is known of the run that is shown by having watched it; not facts, and not joined.
#[derive(Clone, Debug, Default)]
struct Watch {
    run: Option<RunKey>,
    cut: Option<Timestamp>,
    serial: u32,
    models: Map<ModelId, ModelWatch>,
    /// When an event last said something of it.
    heard: Option<Instant>,
    /// Failures without a time that were told apart when they came, when the first copy of the last one did, and whether
    /// work was heard since.
    failures: u32,
    failed: Option<Instant>,
    is_at_work: bool,
    /// The greatest percentage that was shown, and the retries that had been seen then.
    high: u8,
    retries: u32,
    /// A snapshot has just lowered something in it.
    is_rebased: bool,
    /// How many models the server said it runs on such a media, when that was shown; `None` before anybody said what
    /// it is.
    usual: Option<u32>,
    concurrency: u32,
    /// When the next model that runs has been silent for too long, if nothing is heard of it before.
    silence: Option<Instant>,
    confirm: Option<Confirm>,
    lapsed: Lapsed,
    /// Models and attempts when it lapsed: more of either means that it goes on.
    lapsed_at: (usize, u32),
    /// How often it was asked because of silence, and when next.
    stall: Option<(u32, Instant)>,
    /// There was no room for a model, and the server was asked about that.
    is_full: bool,
}

#[derive(Clone, Debug)]
struct ModelWatch {
    order: usize,
    heard: Instant,
    /// When its first start arrived, if it was heard live.
    started: Option<Instant>,
    pace: Pace,
}

#[derive(Clone, Copy, Debug)]
struct Confirm {
    need: Need,
    since: Instant,
    asked: usize,
}

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
            return heard;
        };
        let number = self.number_of(&key);
        self.newer.say_of_run(&key, fact);
        heard.is_dropped = self.joined.say_of_run(&key, fact).is_none();
        heard.ask |= self.is_number_in_doubt(&key, number);
        heard.evicted = self.make_room();
        heard.ask |= heard.evicted > 0;
        self.watch_newest();
        if self.watch.run.as_ref() == Some(&key) {
            self.watch.hear(fact, context.now);
        }
        // Once for a run: the answer has no more room for what was left out than there was for the event.
        let is_first = heard.is_dropped && !mem::replace(&mut self.watch.is_full, true);
        heard.ask |= is_first;
        heard
    }

    fn number_of(&self, key: &RunKey) -> Option<u32> {
        self.joined.runs.get(key)?.number.0
    }

    /// Whether a run has just got another number than it had `before`, or one that another run has: a run's number is said
    /// once, and runs are shown by it.
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
            let usual = Some(context.models.of(kind));
            is_recounted = self.watch.usual.is_some() && self.watch.usual != usual;
            self.watch.usual = usual;
        }
        let mut ask = false;
        let state = self.watch.run.clone().and_then(|key| {
            let joined = self.joined.runs.get(&key)?;
            let base = self.base.runs.get(&key);
            let usual = self.usual(joined, context);
            let mut state = run::state(joined, base, rules, usual, self.watch.lapsed);
            if self.watch.lapsed != Lapsed::default() && extent(&state) > self.watch.lapsed_at {
                self.watch.lapsed = Lapsed::default();
                self.watch.high = 0;
                state = run::state(joined, base, rules, usual, self.watch.lapsed);
            }
            let shown = (self.shown.as_ref()).filter(|_| self.watch.serial != 0);
            let is_undeclared = |shown: &RunState| is_only_undeclared(shown, &state, usual.models);
            if rules.has_rows && shown.is_some_and(is_undeclared) {
                self.watch.lapsed.is_kept = true;
                self.watch.lapsed_at = extent(&state);
                state = run::state(joined, base, rules, usual, self.watch.lapsed);
            }
            let is_rebased = mem::take(&mut self.watch.is_rebased);
            if shown.is_some_and(|shown| {
                // What was shown counted too few models, or ends that the server takes back.
                is_recounted && state.expected > shown.expected
                    || is_rebased && is_lowered(shown, &state)
            }) {
                self.watch.high = 0;
            }
            if state.cut != self.watch.cut {
                self.watch.restart(state.cut);
            }
            ask = self.watch.see(&mut state, context);
            if self.watch.lapse(&state, context) {
                state = run::state(joined, base, rules, usual, self.watch.lapsed);
                self.watch.observe(&mut state, now);
                self.watch.rise(&state);
                ask = true;
            }
            self.watch.finish(&mut state, now);
            Some(state)
        });
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

    fn usual(&self, run: &RunFacts, context: Context) -> Usual {
        let age = (run.began()).and_then(|began| context.clock.since(began, context.now));
        Usual {
            models: self.models(context),
            may_go_on: age.is_some_and(|age| age < MAY_GO_ON),
            may_retry: self.may_retry(context),
            failures: if context.rules.fails_between_attempts {
                self.watch.failures
            } else {
                0
            },
        }
    }

    /// Whether the server's word that the run failed may be about an attempt that another follows. Who was not there
    /// when it failed has nothing but that word; and an end that was shown is taken back by another word only.
    fn may_retry(&self, context: Context) -> bool {
        let (rules, watch) = (context.rules, &self.watch);
        let is_used_up = (rules.max_attempts).is_some_and(|max| watch.failures >= max);
        let was_ended = watch.serial != 0 && self.summary.status.is_ended();
        rules.fails_between_attempts
            && !is_used_up
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

    /// How many models the server runs on such a media. As long as nobody has said what it is, as many as on any: an
    /// analysis that looks less far than it is goes forward when that is known, and never back.
    fn models(&self, context: Context) -> u32 {
        let models = context.models;
        match self.joined.kind.get() {
            None => models.video.max(models.image).max(models.audio),
            kind => models.of(kind.copied()),
        }
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

    /// A snapshot that covers this media is asked for.
    pub(super) fn handle_request(&mut self, request: u64, now: Instant) {
        self.older.join(mem::take(&mut self.newer));
        self.heard_older = self.heard_older.max(self.heard_newer.take());
        self.moved_by = request;
        self.moved_at = now;
    }

    /// The snapshot that was asked for by `request` says `base` of this media.
    pub(super) fn rebase(
        &mut self,
        mut base: MediaFacts,
        scope: &Scope,
        request: u64,
        context: Context,
    ) -> Rebased {
        let Context { rules, now, .. } = context;
        if request < self.base_request {
            self.take_numbers(&base);
            return Rebased::Stale;
        }
        self.base_request = request;
        self.bind_provisional(&base);
        if *scope == Scope::List {
            // A list names the newest run only.
            for (key, facts) in mem::take(&mut self.base.runs) {
                base.runs.entry(key).or_insert(facts);
            }
        }
        self.base = base;
        if self.moved_by != request {
            // A younger request moved more into `older` than this snapshot can know.
            self.rejoin(rules);
            return Rebased::Taken;
        }
        self.base_at = self.moved_at;
        let survivors = self.survivors(scope, rules);
        let mut next = self.base.clone();
        next.join(survivors.clone());
        next.join(self.newer.clone());
        let lowers = self.joined.regresses_in(&next);
        // What was only fetched is lowered by what is fetched.
        if self.older.regresses_in(&next) && self.doubts_again(now) {
            self.rejoin(rules);
            return Rebased::Doubted;
        }
        self.heard_older = None;
        self.doubts = 0;
        self.doubted_at = None;
        self.doubt = None;
        self.older = survivors;
        self.joined = next;
        if !lowers {
            self.begin_again(rules);
            return Rebased::Taken;
        }
        self.watch.is_rebased = true;
        if !rules.has_run_ids && self.summary.status.is_ended() {
            self.restart();
        }
        Rebased::Lowered
    }

    /// Of a snapshot that is too old for all else, the numbers of its runs still hold: they never change, and one that
    /// was asked for may come no other way.
    fn take_numbers(&mut self, base: &MediaFacts) {
        for (key, run) in &base.runs {
            for facts in [&mut self.older, &mut self.newer, &mut self.joined] {
                if let Some(known) = facts.runs.get_mut(key) {
                    known.number.join(Max(run.number.0));
                }
            }
        }
    }

    /// A whole snapshot of the request does not name it. Whether it is gone; if not, it is younger or doubted.
    pub(super) fn is_gone(&mut self, request: u64, now: Instant) -> bool {
        let is_younger = self.moved_by != request || self.heard_newer.is_some();
        if is_younger {
            return false;
        }
        !self.doubts_again(now)
    }

    /// Whether a snapshot may be too old to know what was heard before it was asked for. One that says so again is
    /// believed, unless something was heard in the meantime that it may not know either.
    fn doubts_again(&mut self, now: Instant) -> bool {
        let Some(heard) = self.heard_older else {
            return false;
        };
        let ago = self.moved_at.saturating_since(heard);
        let is_doubtful = match self.doubted_at {
            None => ago < LAG,
            Some(before) => heard > before && ago < DOUBT && self.doubts < MAX_DOUBTS,
        };
        if is_doubtful {
            self.doubts += 1;
            self.doubted_at = Some(self.moved_at);
            self.doubt = Some(now + DOUBT);
        }
        is_doubtful
    }

    /// Whether no snapshot has named it yet.
    pub(super) fn is_ghost(&self) -> bool {
        self.base_request == 0
    }

    /// When the server got it.
    pub(super) fn created(&self) -> Option<Timestamp> {
        self.joined.created.get().copied()
    }

    /// What is shown of it.
    pub(super) fn view(&self, key: &MediaKey, context: Context) -> MediaView {
        let earlier = self.joined.runs.len().saturating_sub(1);
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
            earlier_runs: u32::try_from(earlier)
                .unwrap_or(u32::MAX)
                .max(self.summary.run.saturating_sub(1)),
        }
    }

    /// Which run a fact is about; `None` if that cannot be known before the next snapshot.
    fn attribute(&mut self, fact: &Fact, context: Context, heard: &mut Heard) -> Option<RunKey> {
        let rules = context.rules;
        if !rules.has_run_ids {
            // A run that ended and is at work again without having said when: only a snapshot can tell.
            let is_again = self.summary.status.is_ended() && opens(fact) && time_of(fact).is_none();
            heard.ask |= is_again && !rules.latest_wins && !is_full(fact);
            return Some(RunKey::Only);
        }
        match run_of(fact)? {
            RunRef::Id(id) => {
                let key = RunKey::Id(id.clone());
                let is_new = !self.joined.runs.contains_key(&key);
                let number = match fact {
                    Fact::Run { fields, .. } => fields.number,
                    _ => None,
                };
                heard.ask |= is_new && number.is_none();
                let provisional = self.joined.runs.keys().find(|key| is_provisional(key));
                if let Some(RunKey::Provisional(after)) = provisional.cloned() {
                    let is_greater = |number: u32| number > after;
                    let known = self.joined.runs.get(&key);
                    let may_be_it = known.is_none_or(|known| {
                        !known.is_opened() && known.number.0.is_none_or(is_greater)
                    });
                    // The whole row may overtake all else that is said of the run, its beginning included.
                    if (may_be_it && opens(fact)) || number.is_some_and(is_greater) {
                        self.adopt(&RunKey::Provisional(after), &key);
                    }
                }
                Some(key)
            }
            RunRef::Open => {
                let Some(newest) = self.joined.newest() else {
                    heard.ask = true;
                    return Some(RunKey::Provisional(0));
                };
                let newest = newest.clone();
                let facts = self.joined.runs.get(&newest)?;
                let base = self.base.runs.get(&newest);
                let usual = self.usual(facts, context);
                let state = run::state(facts, base, rules, usual, self.watch.lapsed);
                if !state.status.is_ended() || is_provisional(&newest) {
                    return Some(newest);
                }
                // Rows of failures say when a run began, and not always when it ended.
                let last = state.ended.or(facts.began());
                let is_later = |at: Timestamp| {
                    let since = |last: Timestamp| at.unix_millis() - last.unix_millis();
                    last.is_none_or(|last| since(last) > NEXT_RUN)
                };
                if opens(fact) && publisher_time(fact).is_some_and(is_later) {
                    heard.ask = true;
                    return Some(RunKey::Provisional(facts.least_number()));
                }
                let is_known = |model: &ModelId| {
                    let mut ended = state.models.iter().filter(|known| known.state.is_ended());
                    ended.any(|known| known.id == *model)
                };
                let is_absorbed = matches!(fact, Fact::Model { model, .. } if is_known(model));
                if is_absorbed || !state.is_declared_ended {
                    return Some(newest);
                }
                heard.ask = true;
                None
            }
        }
    }

    fn adopt(&mut self, provisional: &RunKey, key: &RunKey) {
        for facts in [
            &mut self.joined,
            &mut self.base,
            &mut self.older,
            &mut self.newer,
        ] {
            facts.adopt(provisional, key);
        }
        if let RunKey::Provisional(after) = provisional {
            // Not older than this: a snapshot on its way that does not know the run yet must not undo it.
            for facts in [&mut self.joined, &mut self.newer] {
                let run = facts.runs.entry(key.clone()).or_default();
                run.follows.join(Max(Some(*after)));
            }
        }
        if self.watch.run.as_ref() == Some(provisional) {
            self.watch.run = Some(key.clone());
        }
        for (known, ..) in &mut self.serials {
            if known == provisional {
                *known = key.clone();
            }
        }
    }

    /// A snapshot tells the id of the run that was known without one: the first after the last that had ended.
    fn bind_provisional(&mut self, base: &MediaFacts) {
        let provisional = self
            .joined
            .runs
            .keys()
            .find(|key| is_provisional(key))
            .cloned();
        let Some(RunKey::Provisional(after)) = provisional else {
            return;
        };
        let named = base
            .runs
            .iter()
            .filter(|(key, run)| {
                let is_known = self.joined.runs.contains_key(key);
                run.number.0.map_or(!is_known, |number| number > after)
            })
            .min_by_key(|(_, run)| run.number.0);
        if let Some((key, _)) = named {
            let key = key.clone();
            self.adopt(&RunKey::Provisional(after), &key);
        }
    }

    /// What of `older` the new base leaves standing.
    fn survivors(&self, scope: &Scope, rules: Rules) -> MediaFacts {
        let mut survivors = MediaFacts::default();
        for (key, facts) in &self.older.runs {
            let Some(base) = self.base.runs.get(key) else {
                if *scope == Scope::List && !is_provisional(key) {
                    survivors.runs.insert(key.clone(), facts.clone());
                }
                continue;
            };
            let shown = self
                .shown
                .as_ref()
                .filter(|_| self.watch.run.as_ref() == Some(key))
                .cloned()
                // What is not shown has ended by its facts alone.
                .or_else(|| {
                    let joined = self.joined.runs.get(key)?;
                    Some(run::state(
                        joined,
                        None,
                        rules,
                        Usual::default(),
                        Lapsed::default(),
                    ))
                });
            let was_ended = |id: &ModelId| {
                shown.as_ref().is_some_and(|state| {
                    let mut models = state.models.iter();
                    models.any(|model| model.id == *id && model.state.is_ended())
                })
            };
            let facts = facts.clone().surviving(base, rules, was_ended);
            survivors.runs.insert(key.clone(), facts);
        }
        survivors
    }

    fn rejoin(&mut self, rules: Rules) {
        self.joined = self.base.clone();
        self.joined.join(self.older.clone());
        self.joined.join(self.newer.clone());
        self.begin_again(rules);
    }

    /// The only run of a server without run ids begins anew if it was shown as ended, and nothing that is known after a
    /// snapshot says so any more.
    fn begin_again(&mut self, rules: Rules) {
        let only = self.joined.runs.get(&RunKey::Only);
        let is_open = only.is_some_and(RunFacts::is_all_at_work);
        if !rules.has_run_ids && self.summary.status.is_ended() && is_open {
            self.restart();
        }
    }

    /// The only run of a server without run ids begins anew.
    fn restart(&mut self) {
        self.restarts += 1;
        self.watch = Watch {
            run: self.watch.run.take(),
            heard: self.watch.heard,
            ..Watch::default()
        };
    }

    /// Begins to watch the newest run, if another was watched.
    fn watch_newest(&mut self) {
        if self.watch.run.as_ref() == self.joined.newest() {
            return;
        }
        self.keep_order();
        let newest = self.joined.newest();
        if self.watch.run.as_ref() != newest {
            self.watch = Watch {
                run: newest.cloned(),
                ..Watch::default()
            };
        }
    }

    /// A run that was shown before the one that is shown now does not become newer than it by having its number told
    /// first.
    fn keep_order(&mut self) {
        let (Some(shown), Some(next)) = (&self.watch.run, self.joined.newest()) else {
            return;
        };
        let was_shown = self.serials.iter().any(|(known, ..)| known == next);
        let number = self.joined.runs.get(next).and_then(|next| next.number.0);
        let is_unnumbered = |shown: &RunFacts| shown.number.0.is_none();
        if was_shown && self.joined.runs.get(shown).is_some_and(is_unnumbered) {
            for facts in [&mut self.joined, &mut self.newer] {
                let run = facts.runs.entry(shown.clone()).or_default();
                run.follows.join(Max(number));
            }
        }
    }

    fn summarize(&mut self, state: Option<&RunState>) -> Summary {
        let name = self.joined.name.get().cloned();
        let Some(state) = state else {
            let status = match self.joined.declared.get() {
                None => Status::Unknown,
                Some(Declared::Queued) => Status::Queued,
                Some(Declared::Processing | Declared::FailureReported) => Status::Running,
                Some(Declared::Failed) => Status::Failed,
                Some(Declared::Partial) => Status::PartlyComplete,
                Some(Declared::Done) => Status::Complete,
            };
            return Summary {
                name,
                status,
                other_status: self.other_status(status),
                percent: if status.is_ended() { 100 } else { 0 },
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
            percent: if state.status.is_ended() {
                100
            } else {
                self.watch.high
            },
            expected: state.expected,
            completed: state.completed,
            failed: failed.map(|model| model.id.clone()).collect(),
            retrying: u32::try_from(retrying.count()).unwrap_or(u32::MAX),
            verdict: state.verdict.clone(),
            is_silent: state.models.iter().any(|model| model.is_silent),
            is_simulated: state.is_simulated,
        }
    }

    /// The server's own word for where it stands, if nothing else tells.
    fn other_status(&self, status: Status) -> Option<Text> {
        let word = self.joined.other_status.get();
        word.filter(|_| status == Status::Unknown).cloned()
    }

    /// The number that tells the watched run from others of this media.
    fn serial(&mut self, cut: Option<Timestamp>) -> u32 {
        let Some(key) = &self.watch.run else { return 0 };
        let known = self.serials.iter().find(|(known, known_cut, restarts, _)| {
            known == key && *known_cut == cut && *restarts == self.restarts
        });
        if let Some((.., serial)) = known {
            return *serial;
        }
        let serial = self.serials.last().map_or(1, |(.., serial)| serial + 1);
        if self.serials.len() >= MAX_SERIALS {
            self.serials.remove(0);
        }
        self.serials.push((key.clone(), cut, self.restarts, serial));
        serial
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
            .filter_map(|(model, view)| {
                matches!(model.state, ModelState::Running { .. })
                    .then_some((view.left, view.elapsed))
            });
        let running: Vec<_> = running.collect();
        let took: Vec<_> = models
            .iter()
            .filter_map(|view| match view.state {
                ModelState::Completed { took, .. } => view.elapsed.or(took),
                _ => None,
            })
            .collect();
        let ended = state.completed + state.failed;
        let waiting = state
            .expected
            .saturating_sub(ended)
            .saturating_sub(state.running);
        let left = progress::left(&running, &took, waiting, self.watch.concurrency)
            .filter(|_| !is_ended && !self.summary.is_silent)
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
            expected: state.expected,
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

impl Watch {
    /// A fact about the watched run arrived.
    fn hear(&mut self, fact: &Fact, now: Instant) {
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

    /// Since when nothing was heard of the run by an event, of a server that can be heard since `connected`.
    fn silent_since(&self, connected: Instant) -> Instant {
        self.heard.map_or(connected, |heard| heard.max(connected))
    }

    fn model(&mut self, id: &ModelId, now: Instant) -> &mut ModelWatch {
        let order = self.models.len();
        let watch = || ModelWatch {
            order,
            heard: now,
            started: None,
            pace: Pace::default(),
        };
        match self.models.position(id) {
            Some(place) => self.models.at_mut(place).expect("it was just found"),
            None => self.models.entry(id.clone()).or_insert(watch()),
        }
    }

    /// A new run of a server without run ids begins.
    fn restart(&mut self, cut: Option<Timestamp>) {
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
        }
    }

    /// Tells the models of a state what only having watched them tells: their order, and whether they are silent.
    fn observe(&mut self, state: &mut RunState, now: Instant) {
        self.silence = None;
        for model in &mut state.models {
            let watch = self.model(&model.id, now);
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
    fn see(&mut self, state: &mut RunState, context: Context) -> bool {
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

    /// Shows no less than what the state says.
    fn rise(&mut self, state: &RunState) {
        self.high = self.high.max(progress::percent(state).min(99));
    }

    /// Decides what silence means by now. Whether it decided anything.
    fn lapse(&mut self, state: &RunState, context: Context) -> bool {
        let (Some(connected), now) = (context.connected, context.now) else {
            return false;
        };
        let mut lapsed = self.lapsed;
        let is_retrying = is_retrying(state);
        let silent_since = self.silent_since(connected);
        lapsed.retries |= is_retrying && context.retry_until(silent_since) <= now;
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

    fn poll_timeout(&self, state: &RunState, context: Context) -> Option<Instant> {
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
                take(Some(context.retry_until(silent_since)));
            }
            let quiet = is_under_way(state).then(|| silent_since + QUIET);
            take(self.stall.map(|(_, next)| next).or(quiet));
        }
        next
    }

    /// Puts the models in the order in which they were first named, and adds what only time tells.
    fn finish(&self, state: &mut RunState, now: Instant) {
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
    fn next(&self, connected: Instant) -> Option<Instant> {
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

/// Whether a run that was shown as ended is not any more, although nothing in it is at work or new: the server, which
/// had declared it ended, says that it goes on. A number of models beyond the `usual` ones is no reason: it counts
/// results, of which a model may have several. Neither is a stand-in that reports its progress.
fn is_only_undeclared(shown: &RunState, state: &RunState, usual: u32) -> bool {
    let named = || state.models.iter().filter(|model| model.is_marked);
    let n_named = named().count();
    shown.status.is_ended()
        && !state.status.is_ended()
        && shown.cut == state.cut
        && (state.expected <= shown.expected || usual as usize <= n_named)
        && n_named <= shown.models.len()
        && n_named > 0
        && named().all(|model| model.state.is_ended())
}

/// Whether less of a run has ended or begun than was shown.
fn is_lowered(shown: &RunState, state: &RunState) -> bool {
    let ended = |state: &RunState| state.completed + state.failed;
    ended(state) < ended(shown)
        || (shown.status.is_ended() && !state.status.is_ended())
        || (shown.status == Status::Running && state.status == Status::Queued)
}

fn is_under_way(state: &RunState) -> bool {
    matches!(state.status, Status::Queued | Status::Running)
}

fn is_retrying(state: &RunState) -> bool {
    let mut models = state.models.iter();
    models.any(|model| matches!(model.state, ModelState::Retrying { .. }))
}

/// How much of a run has been seen: models and attempts. Neither falls.
fn extent(state: &RunState) -> (usize, u32) {
    let attempts = state.models.iter().map(|model| model.attempt);
    (state.models.len(), attempts.sum())
}

fn is_provisional(key: &RunKey) -> bool {
    matches!(key, RunKey::Provisional(_))
}

fn run_of(fact: &Fact) -> Option<&RunRef> {
    match fact {
        Fact::Run { run, .. } | Fact::Model { run, .. } => Some(run),
        Fact::Media { .. } | Fact::Meeting { .. } | Fact::Models(_) => None,
    }
}

/// Whether a fact can be the first of a run.
fn opens(fact: &Fact) -> bool {
    match fact {
        Fact::Run { fields, .. } => {
            matches!(
                fields.declared,
                Some(Declared::Queued | Declared::Processing)
            )
        }
        Fact::Model { said, .. } => matches!(
            said,
            ModelSaid::Queued | ModelSaid::Started | ModelSaid::Progress { .. }
        ),
        Fact::Media { .. } | Fact::Meeting { .. } | Fact::Models(_) => false,
    }
}

/// Whether a report says that all is done, as the last one of a run does.
fn is_full(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Model { said: ModelSaid::Progress { done: Some(done), total: Some(total), .. }, .. }
            if done >= total
    )
}

/// When the publisher said it.
fn publisher_time(fact: &Fact) -> Option<Timestamp> {
    match fact {
        Fact::Media { at, .. }
        | Fact::Run { at, .. }
        | Fact::Model { at, .. }
        | Fact::Meeting { at, .. } => *at,
        Fact::Models(_) => None,
    }
}

/// When it was said, or at least relayed.
pub(super) fn time_of(fact: &Fact) -> Option<Timestamp> {
    publisher_time(fact).or(match fact {
        Fact::Model {
            said: ModelSaid::Progress { relayed, .. },
            ..
        } => *relayed,
        _ => None,
    })
}
