//! All that was said of a media, and in which order its runs stand.

use crate::domain::fact::{Declared, Fact, MediaFields, MediaKind, ModelSaid, RunRef};
use crate::domain::register::{Join, Lww};
use crate::domain::run::{join_entry, RunFacts};
use crate::domain::{Rules, RunId, Text};
use crate::sorted::{sort_by, Map};
use crate::time::Timestamp;

/// Runs of a media that are kept. A person looks at the newest; older ones can be fetched.
pub(in crate::domain) const MAX_RUNS: usize = 20;

/// Which run, among those of one media.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::domain) enum RunKey {
    /// The only one, of a server whose runs have no ids.
    Only,
    /// The first one with a greater number than this, whose id is not known yet.
    Provisional(u32),
    /// The one with this id.
    Id(RunId),
}

/// All that was said of a media.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::domain) struct MediaFacts {
    pub(super) name: Lww<Text>,
    pub(super) kind: Lww<MediaKind>,
    pub(super) has_sound: Lww<bool>,
    pub(super) bytes: Lww<u64>,
    pub(super) created: Lww<Timestamp>,
    pub(super) declared: Lww<Declared>,
    pub(super) other_status: Lww<Text>,
    pub(super) runs: Map<RunKey, RunFacts>,
}

impl MediaFacts {
    pub(super) fn say(&mut self, at: Option<Timestamp>, fields: &MediaFields) -> bool {
        self.name.join(Lww::new(at, fields.name.clone()))
            | self.kind.join(Lww::new(at, fields.kind))
            | self.has_sound.join(Lww::new(at, fields.has_sound))
            | self.bytes.join(Lww::new(at, fields.bytes))
            | self.created.join(Lww::new(at, fields.created))
            | self.declared.join(Lww::new(at, fields.declared))
            | (self.other_status).join(Lww::new(at, fields.other_status.clone()))
    }

    /// Takes what is known of the media itself where nothing was said of it here. What it is does not change, and a
    /// server need not repeat what its event said.
    pub(super) fn fill_description(&mut self, known: &Self) {
        self.name.fill(&known.name);
        self.kind.fill(&known.kind);
        self.has_sound.fill(&known.has_sound);
        self.bytes.fill(&known.bytes);
        self.created.fill(&known.created);
    }

    /// Takes in one fact about the run with this key. `None` if there was no room for it.
    pub(super) fn say_of_run(&mut self, key: &RunKey, fact: &Fact) -> Option<bool> {
        let run = match self.runs.get_mut(key) {
            Some(run) => run,
            None => self.runs.entry(key.clone()).or_default(),
        };
        match fact {
            Fact::Run { at, fields, .. } => Some(run.say(*at, fields)),
            Fact::Model {
                model,
                at,
                said,
                run: said_of,
                ..
            } => {
                let is_new = run.say_model(model, *at, said)?;
                if matches!(said_of, RunRef::Id(_)) {
                    run.name_work(model, said);
                }
                Some(is_new)
            }
            Fact::Media { .. } | Fact::Meeting { .. } | Fact::Models(_) => Some(false),
        }
    }

    /// One fact of a snapshot.
    pub(in crate::domain) fn say_of_snapshot(&mut self, fact: &Fact, rules: Rules) {
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
    pub(super) fn regresses_in(&self, next: &MediaFacts) -> bool {
        self.runs.iter().any(|(key, run)| {
            let next = next.runs.get(key);
            next.is_none_or(|next| run.regresses_in(next))
        })
    }

    /// The run that is shown: numbered ones by number; before them one without a number that began later, and before
    /// all the provisional one.
    pub(super) fn newest(&self) -> Option<&RunKey> {
        if self.runs.len() <= 1 {
            return self.runs.keys().next();
        }
        self.runs_by_age().pop().map(|(.., key)| key)
    }

    /// The runs, newest first: mostly there is one.
    pub(super) fn newest_first(&self) -> Vec<(&RunKey, &RunFacts)> {
        if self.runs.len() <= 1 {
            return self.runs.iter().collect();
        }
        let by_age = self.runs_by_age();
        let runs = by_age.into_iter().rev();
        runs.filter_map(|(.., key)| Some((key, self.runs.get(key)?)))
            .collect()
    }

    /// The runs, oldest first.
    pub(super) fn runs_by_age(&self) -> Vec<(u8, Option<u32>, Option<Timestamp>, &RunKey)> {
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

    /// Whether the runs with all numbers from the first, which is 1, to this one are known: what has another number is
    /// newer than they are.
    pub(super) fn has_all_until(&self, number: u32) -> bool {
        let is_known = |number| self.runs.values().any(|run| run.number.0 == Some(number));
        number as usize <= self.runs.len() && (1..=number).all(is_known)
    }

    /// What was known of a run without id belongs to this one.
    pub(super) fn adopt(&mut self, provisional: &RunKey, key: &RunKey) {
        if let Some(facts) = self.runs.remove(provisional) {
            join_entry(&mut self.runs, key.clone(), facts);
        }
    }
}

impl Join for MediaFacts {
    fn join(&mut self, other: Self) -> bool {
        let mut is_changed = self.name.join(other.name)
            | self.kind.join(other.kind)
            | self.has_sound.join(other.has_sound)
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

pub(super) fn is_provisional(key: &RunKey) -> bool {
    matches!(key, RunKey::Provisional(_))
}

pub(super) fn run_of(fact: &Fact) -> Option<&RunRef> {
    match fact {
        Fact::Run { run, .. } | Fact::Model { run, .. } => Some(run),
        Fact::Media { .. } | Fact::Meeting { .. } | Fact::Models(_) => None,
    }
}

/// Whether a fact can be the first of a run.
pub(super) fn opens(fact: &Fact) -> bool {
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
pub(super) fn is_full(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Model { said: ModelSaid::Progress { done: Some(done), total: Some(total), .. }, .. }
            if done >= total
    )
}

/// When the publisher said it.
pub(super) fn publisher_time(fact: &Fact) -> Option<Timestamp> {
    match fact {
        Fact::Media { at, .. }
        | Fact::Run { at, .. }
        | Fact::Model { at, .. }
        | Fact::Meeting { at, .. } => *at,
        Fact::Models(_) => None,
    }
}

/// When it was said, or at least relayed.
pub(in crate::domain) fn time_of(fact: &Fact) -> Option<Timestamp> {
    publisher_time(fact).or(match fact {
        Fact::Model {
            said: ModelSaid::Progress { relayed, .. },
            ..
        } => *relayed,
        _ => None,
    })
}
