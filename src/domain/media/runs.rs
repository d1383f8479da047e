//! Which run a fact is about, and which one is shown.

use super::facts::{
    is_full, is_provisional, opens, publisher_time, run_of, time_of, MediaFacts, RunKey, MAX_RUNS,
};
use super::guess::{is_queue_word, Guess};
use super::watch::Watch;
use super::{Context, Heard, Media};
use crate::domain::fact::{Fact, RunRef};
use crate::domain::register::{Join, Max};
use crate::domain::run::{self, RunFacts, RunState};
use crate::domain::ModelId;
use crate::time::Timestamp;

/// A start later than a run's end by more than this belongs to another run; clocks of two programs differ by less.
pub(super) const NEXT_RUN: i64 = 2_000;

/// Identities of runs that are remembered, so that one that is seen again keeps its number.
const MAX_SERIALS: usize = 2 * MAX_RUNS;

/// What was said of a run after the newest by words that name none.
#[derive(Clone, Debug, Default)]
pub(super) struct Again {
    /// When something was last said to have its turn, or to begin, by the server's clock.
    said: Option<Timestamp>,
    /// The last such word that the server was asked about.
    asked: Option<Timestamp>,
    /// The run after which it is, until a snapshot that is believed has come.
    pub(super) after: Option<RunKey>,
}

impl Media {
    /// Which run a fact is about; `None` if that cannot be known before the next snapshot.
    pub(super) fn attribute(
        &mut self,
        fact: &Fact,
        context: Context,
        heard: &mut Heard,
    ) -> Option<RunKey> {
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
                    let waits = is_queue_word(fact) && known.is_none_or(|known| !known.has_begun());
                    let may_be_it = known.is_none_or(|known| {
                        !known.is_opened() && known.number.0.is_none_or(is_greater)
                    });
                    // The whole row may overtake all else that is said of the run, its beginning included.
                    if (may_be_it && opens(fact)) || number.is_some_and(is_greater) {
                        // A row that came late says so too, of a run that is at work.
                        heard.ask |= self.bind(after, &key, number.filter(|_| waits));
                    }
                }
                Some(key)
            }
            RunRef::Open => {
                let newest = match self.guess(fact, context) {
                    Guess::Newest(newest) => newest,
                    Guess::Older(older) => return Some(older),
                    Guess::Unknown => {
                        heard.ask |= self.asks_whose(context.now);
                        return None;
                    }
                    Guess::NoRun => {
                        heard.ask = true;
                        return Some(RunKey::Provisional(0));
                    }
                };
                let at = publisher_time(fact).filter(|_| opens(fact));
                if is_queue_word(fact) {
                    self.again.said = self.again.said.max(at);
                }
                let facts = self.joined.runs.get(&newest)?;
                let base = self.base.runs.get(&newest);
                let background = self.background(facts, context);
                let lapsed = self.watch.lapsed;
                let state = || run::state(facts, base, rules, background, lapsed);
                if let Fact::Model { model, .. } = fact {
                    if run::is_kept_open_by(model, facts, base, rules, background, lapsed) {
                        debug_assert!(!state().status.is_ended());
                        return Some(newest);
                    }
                }
                let state = state();
                if !state.status.is_ended() || is_provisional(&newest) {
                    return Some(newest);
                }
                // Rows of failures say when a run began, and not always when it ended.
                let last = last_sign(facts, &state);
                let is_later = |at: Timestamp| {
                    let since = |last: Timestamp| at.unix_millis() - last.unix_millis();
                    last.is_none_or(|last| since(last) > NEXT_RUN)
                };
                if at.is_some_and(is_later) {
                    heard.ask = true;
                    return Some(RunKey::Provisional(facts.least_number()));
                }
                // So near to the end a beginning may be of another run, or late: a snapshot tells.
                let since = match is_queue_word(fact) {
                    true => first_sign(facts, &state),
                    false => last,
                };
                if at.is_some() && at > since {
                    self.again.said = self.again.said.max(at);
                    return None;
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

    /// Whether the server is to be asked for a run after this one, which has ended: something was said to have its turn
    /// after something in this one had happened, or to begin after its end. Once for what was said at about one time.
    pub(super) fn asks_for_next(&mut self, state: &RunState) -> bool {
        let Some(said) = self.again.said.filter(|_| state.status.is_ended()) else {
            return false;
        };
        let run = (self.watch.run.as_ref()).and_then(|key| self.joined.runs.get(key));
        let sign = run.and_then(|run| first_sign(run, state));
        let is_asked = (self.again.asked)
            .is_some_and(|asked| said.unix_millis() - asked.unix_millis() <= NEXT_RUN);
        if is_asked || sign.is_none_or(|sign| said <= sign) {
            return false;
        }
        self.again.asked = Some(said);
        self.again.after = self.watch.run.clone();
        true
    }

    /// A snapshot tells the id of the run that was known without one: the first after the last that had ended. Whether
    /// what was known was of another.
    pub(super) fn bind_provisional(&mut self, base: &MediaFacts) -> bool {
        let provisional = self
            .joined
            .runs
            .keys()
            .find(|key| is_provisional(key))
            .cloned();
        let Some(RunKey::Provisional(after)) = provisional else {
            return false;
        };
        let named = base
            .runs
            .iter()
            .filter(|(key, run)| {
                let is_known = self.joined.runs.contains_key(key);
                run.number.0.map_or(!is_known, |number| number > after)
            })
            .min_by_key(|(_, run)| run.number.0);
        let Some((key, run)) = named else {
            return false;
        };
        let known = self.joined.runs.get(key);
        let waits = run.is_waiting() && known.is_none_or(|known| !known.has_begun());
        self.bind(after, key, run.number.0.filter(|_| waits))
    }

    /// What was said of the first run after the one with the number `after`, without an id, is said of the run with
    /// this key. If that is known to wait, with the number `waiting`, and is not the first one after it, then it was
    /// one between them that was at work. Of that nothing else is known: its work is forgotten, and the run with this
    /// key is another. Whether there was such work.
    fn bind(&mut self, after: u32, key: &RunKey, waiting: Option<u32>) -> bool {
        let provisional = RunKey::Provisional(after);
        let has_worked = (self.joined.runs.get(&provisional)).is_some_and(|run| !run.is_waiting());
        let is_behind = waiting.is_some_and(|number| number > after.saturating_add(1));
        let is_another = has_worked && is_behind;
        for facts in [
            &mut self.joined,
            &mut self.base,
            &mut self.older,
            &mut self.newer,
        ] {
            let run = facts.runs.get_mut(&provisional);
            if let Some(run) = run.filter(|_| is_another) {
                run.forget_work();
            }
            facts.adopt(&provisional, key);
        }
        // Not older than this: a snapshot on its way that does not know the run yet must not undo it.
        for facts in [&mut self.joined, &mut self.newer] {
            let run = facts.runs.entry(key.clone()).or_default();
            run.follows.join(Max(Some(after)));
        }
        if is_another {
            return true;
        }
        if self.watch.run.as_ref() == Some(&provisional) {
            self.watch.run = Some(key.clone());
        }
        let serials = self.serials.iter_mut().map(|(known, ..)| known);
        for known in serials.chain(&mut self.again.after) {
            if *known == provisional {
                *known = key.clone();
            }
        }
        false
    }

    /// Begins to watch the newest run, if another was watched.
    pub(super) fn watch_newest(&mut self) {
        if self.watch.run.as_ref() == self.joined.newest() {
            return;
        }
        self.keep_order();
        let newest = self.joined.newest();
        if self.watch.run.as_ref() != newest && !self.is_step_back() {
            self.watch = Watch::new(newest.cloned());
        }
    }

    /// Whether neither the run that is shown nor the one that seems newest now has a number, and that one was shown
    /// before: which of them is newer is what their numbers tell, which are asked for.
    fn is_step_back(&self) -> bool {
        let (Some(shown), Some(next)) = (&self.watch.run, self.joined.newest()) else {
            return false;
        };
        let is_unnumbered = |run| {
            let run = self.joined.runs.get(run);
            run.is_some_and(|run| run.number.0.is_none())
        };
        let was_shown = self.serials.iter().any(|(known, ..)| known == next);
        was_shown && is_unnumbered(shown) && is_unnumbered(next)
    }

    /// A run does not become newer than the one that is shown, which has no number yet, by having its number told
    /// first: if it was shown before it, or if there is no number left for a run before it.
    fn keep_order(&mut self) {
        let (Some(shown), Some(next)) = (&self.watch.run, self.joined.newest()) else {
            return;
        };
        let was_shown = self.serials.iter().any(|(known, ..)| known == next);
        let number = self.joined.runs.get(next).and_then(|next| next.number.0);
        let is_older = was_shown || number.is_some_and(|number| self.joined.has_all_until(number));
        let is_unnumbered = |shown: &RunFacts| shown.number.0.is_none();
        if is_older && self.joined.runs.get(shown).is_some_and(is_unnumbered) {
            for facts in [&mut self.joined, &mut self.newer] {
                let run = facts.runs.entry(shown.clone()).or_default();
                run.follows.join(Max(number));
            }
        }
    }

    /// The number that tells the watched run from others of this media.
    pub(super) fn serial(&mut self, cut: Option<Timestamp>) -> u32 {
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
}

/// The first thing known to have happened in a run that has ended. What had its turn in it was queued before that, and
/// the run itself was made before it was.
fn first_sign(run: &RunFacts, state: &RunState) -> Option<Timestamp> {
    run.first_sign().or(last_sign(run, state))
}

/// When it ended, or else began.
fn last_sign(run: &RunFacts, state: &RunState) -> Option<Timestamp> {
    state.ended.max(state.last_end).or(run.began())
}
