//! What a snapshot leaves standing of what events said.

use std::mem;
use std::time::Duration;

use super::facts::{is_provisional, MediaFacts, RunKey};
use super::watch::Watch;
use super::{Context, Media};
use crate::domain::fact::Scope;
use crate::domain::register::{Join, Max};
use crate::domain::run::{self, Background, Lapsed, ModelFacts, RunFacts};
use crate::domain::{ModelId, Rules};
use crate::time::Instant;

/// A snapshot is doubted only about what was heard this shortly before it was asked for.
const LAG: Duration = Duration::from_secs(10);
/// How long after a doubt the next snapshot is asked for.
const DOUBT: Duration = Duration::from_secs(2);
/// Snapshots doubted in a row, however much is heard between them.
const MAX_DOUBTS: u8 = 5;

/// What came of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::domain) enum Rebased {
    /// It is the base now.
    Taken,
    /// It lowered something.
    Lowered,
    /// It is doubted.
    Doubted,
    /// A younger one is the base already.
    Stale,
}

impl Media {
    /// A snapshot that covers this media is asked for.
    pub(in crate::domain) fn handle_request(&mut self, request: u64, now: Instant) {
        self.older.join(mem::take(&mut self.newer));
        self.heard_older = self.heard_older.max(self.heard_newer.take());
        self.moved_by = request;
        self.moved_at = now;
    }

    /// The snapshot that was asked for by `request` says `base` of this media.
    pub(in crate::domain) fn rebase(
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
        if rules.has_run_ids && self.doubts < MAX_DOUBTS && self.is_behind(&base, scope) {
            self.doubt_at(now);
            return Rebased::Doubted;
        }
        let is_another = self.bind_provisional(&base);
        base.fill_description(&self.joined);
        self.is_fetched |= *scope != Scope::List;
        if *scope == Scope::List {
            // A list names the newest run only.
            for (key, facts) in mem::take(&mut self.base.runs) {
                base.runs.entry(key).or_insert(facts);
            }
        }
        let before = mem::replace(&mut self.base, base);
        self.doubt_starts(&before, request);
        if self.moved_by != request {
            self.is_base_fresh = self.is_fresh(context);
            // A younger request moved more into `older` than this snapshot can know.
            self.rejoin(rules);
            return match self.take_back_guesses(rules) || is_another {
                true => Rebased::Lowered,
                false => Rebased::Taken,
            };
        }
        self.base_at = self.moved_at;
        if rules.fails_between_attempts && self.is_told_at_work() {
            self.watch.heard = self.watch.heard.max(Some(self.moved_at));
        }
        self.is_base_fresh = self.is_fresh(context);
        let survivors = self.survivors(scope, rules);
        let mut next = self.base.clone();
        next.join(survivors.clone());
        next.join(self.newer.clone());
        // What was only fetched is lowered by what is fetched.
        let lacks = self.older.regresses_in(&next) || self.lacks_next(&next);
        if lacks && self.doubts_again(now) {
            self.rejoin(rules);
            return Rebased::Doubted;
        }
        let lowers = self.joined.regresses_in(&next);
        self.again.after = None;
        self.is_queue_parked = false;
        self.heard_older = None;
        self.doubts = 0;
        self.doubted_at = None;
        self.doubt = None;
        self.older = survivors;
        self.joined = next;
        let lowers = self.take_back_guesses(rules) || is_another || lowers;
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

    /// Whether the snapshot says that the run is at work: if it says next that it failed, that may be the attempt's
    /// end.
    fn is_told_at_work(&self) -> bool {
        let run = (self.watch.run.as_ref()).and_then(|key| self.base.runs.get(key));
        run.is_some_and(|run| run.has_begun() && !run.is_declared_ended())
    }

    /// Whether a snapshot that was asked for because of a run after one that has ended names none.
    fn lacks_next(&self, next: &MediaFacts) -> bool {
        let newest = next.newest();
        let run = newest.and_then(|key| next.runs.get(key));
        newest == self.again.after.as_ref() && run.is_some_and(RunFacts::is_declared_ended)
    }

    /// A run that a snapshot names which was asked for before it was heard of was there before: whoever came in between
    /// has not heard all that was said of it. Of a request before the last nobody knows what was heard after it.
    fn doubt_starts(&mut self, before: &MediaFacts, request: u64) {
        let is_last = self.moved_by == request;
        let was_heard_before = |key: &RunKey| is_last && self.older.runs.contains_key(key);
        let is_doubtful = |key: &&RunKey| !before.runs.contains_key(key) && !was_heard_before(key);
        let doubtful: Vec<_> = (self.base.runs.keys().filter(is_doubtful).cloned()).collect();
        for key in doubtful {
            self.set_heard_from_start(&key, false);
        }
    }

    /// Takes back the work that was guessed to be of a run behind another, of which nothing has begun by what is known
    /// now. Whether there was any.
    fn take_back_guesses(&mut self, rules: Rules) -> bool {
        let is_wrong = |(key, run): &(&RunKey, &RunFacts)| {
            let base = self.base.runs.get(key);
            run.number.0.is_some_and(|number| number > 1)
                && base.is_some_and(RunFacts::is_waiting)
                && !run.has_begun()
                && [&self.older, &self.newer].iter().any(|facts| {
                    let said = facts.runs.get(key);
                    said.is_some_and(RunFacts::has_guesses)
                })
        };
        let wrong = self.joined.runs.iter().filter(is_wrong);
        let wrong: Vec<_> = wrong.map(|(key, _)| key.clone()).collect();
        for key in &wrong {
            for facts in [&mut self.older, &mut self.newer] {
                if let Some(run) = facts.runs.get_mut(key) {
                    run.forget_guesses();
                }
            }
        }
        if wrong.is_empty() {
            return false;
        }
        self.rejoin(rules);
        self.watch.is_rebased = true;
        true
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

    /// A whole snapshot of the request does not name it. Whether it is gone; if not, it is younger or doubted, and to
    /// be asked for: of a run that has ended by then nothing else would be.
    pub(in crate::domain) fn is_gone(&mut self, request: u64, now: Instant) -> bool {
        let is_younger = self.moved_by != request || self.heard_newer.is_some();
        if is_younger {
            self.doubt = Some(now + DOUBT);
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
            self.doubt_at(now);
        }
        is_doubtful
    }

    fn doubt_at(&mut self, now: Instant) {
        self.doubts += 1;
        self.doubted_at = Some(self.moved_at);
        self.doubt = Some(now + DOUBT);
    }

    /// Whether this answer lacks a run, its beginning or a result that the one before had. None of them goes again, so
    /// a replica or a cache lags. A list names the newest run only.
    fn is_behind(&self, base: &MediaFacts, scope: &Scope) -> bool {
        let newest = |facts: &MediaFacts| facts.runs.values().filter_map(|run| run.number.0).max();
        let is_older = |(key, before): (&RunKey, &RunFacts)| {
            let run = base.runs.get(key);
            run.is_some_and(|run| {
                before.has_more_results(run) || (before.has_begun() && !run.has_begun())
            })
        };
        (*scope != Scope::List && newest(base) < newest(&self.base))
            || self.base.runs.iter().any(is_older)
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
                        Background::default(),
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
        // A snapshot of a server without run ids names the newest run only.
        for (key, joined) in &self.joined.runs {
            let before = joined.before_newest(rules);
            if let Some(before) = before.filter(|_| self.base.runs.contains_key(key)) {
                let survivor = survivors.runs.entry(key.clone()).or_default();
                survivor.remember(before);
            }
        }
        survivors
    }

    /// A run that a snapshot says has ended, without the models of which a start from before it is heard only after it:
    /// whether they are at work or have ended since is what the next snapshot tells. `None` if there are none, or if
    /// nobody answers for so long that the event counts.
    pub(super) fn without_late_starts(
        &self,
        run: &RunFacts,
        base: Option<&RunFacts>,
        context: Context,
    ) -> Option<RunFacts> {
        let base = base.filter(|base| base.is_declared_ended())?;
        if !self.summary.status.is_ended() || self.watch.is_unanswered(context.now) {
            return None;
        }
        let is_late = |id: &ModelId| {
            let start = run.models.get(id).and_then(ModelFacts::lone_start);
            let age = start.and_then(|start| context.clock.since(start, self.base_at));
            !base.models.contains_key(id)
                && age.is_some_and(|age| age > Duration::ZERO)
                && self.watch.started(id) > Some(self.base_at)
        };
        let mut known = run.clone();
        known.models.retain(|id, _| !is_late(id));
        (known.models.len() < run.models.len()).then_some(known)
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
    pub(super) fn restart(&mut self) {
        self.restarts += 1;
        let heard = self.watch.heard;
        self.watch = Watch::new(self.watch.run.take());
        self.watch.heard = heard;
    }
}
