//! Snapshots: what is asked for, what an answer changes, and what it says is gone.

use std::collections::VecDeque;
use std::mem;

use super::{of_source, Parked, Store, Tombstone, Touched, MAX_TOMBSTONES};
use crate::domain::fact::{Fact, Scope, Snapshot};
use crate::domain::media::{MediaFacts, Rebased};
use crate::domain::view::Change;
use crate::domain::{MediaId, MediaKey, Source};
use crate::sorted::{Map, Set};
use crate::time::Instant;

impl Store {
    /// A snapshot is being fetched, from now on. Only one of each scope at a time: while one is under way, this does
    /// nothing.
    pub fn snapshot_requested(&mut self, source: Source, scope: &Scope, now: Instant) {
        self.now = now;
        let flight = (source, scope.clone());
        self.asks.remove(&flight);
        if self.flights.contains_key(&flight) {
            return;
        }
        self.last_request += 1;
        let request = self.last_request;
        self.flights.insert(flight, request);
        match scope {
            Scope::Models => {}
            Scope::List => {
                for (_, entry) in of_source(&mut self.media, source) {
                    entry.media.handle_request(request, now);
                }
            }
            Scope::Media(id) => {
                let key = MediaKey {
                    source,
                    id: id.clone(),
                };
                if let Some(entry) = self.media.get_mut(&key) {
                    entry.media.handle_request(request, now);
                }
            }
        }
    }

    /// The snapshot of this scope came. One that was not asked for, or not any more, is dropped.
    pub fn apply_snapshot(
        &mut self,
        source: Source,
        snapshot: Snapshot,
        now: Instant,
    ) -> Vec<Change> {
        self.now = now;
        let Snapshot {
            scope,
            is_whole,
            beyond: _,
            media: mut named,
            facts,
        } = snapshot;
        let server = self.sources.get(&source);
        let (Some(server), Some(request)) = (server, self.flights.remove(&(source, scope.clone())))
        else {
            self.counters.stale += 1;
            return Vec::new();
        };
        match &scope {
            Scope::Models => return self.apply(source, facts, now),
            Scope::List => {}
            Scope::Media(id) => named.retain(|named| named == id),
        }
        let mut said: Map<&MediaId, Option<Box<MediaFacts>>> =
            named.iter().map(|id| (id, Some(Box::default()))).collect();
        for fact in &facts {
            let (Fact::Media { media, .. } | Fact::Run { media, .. } | Fact::Model { media, .. }) =
                fact
            else {
                continue;
            };
            match said.get_mut(&media) {
                Some(Some(said)) => said.say_of_snapshot(fact, server.rules),
                _ => self.counters.foreign += 1,
            }
        }

        let mut touched = Touched::default();
        let parked = self.take_parked(source, &scope);
        let mut doubted = Set::new();
        // From the oldest on, so that what has no time of its own keeps the server's order.
        for id in named.iter().rev() {
            let Some(facts) = said.get_mut(&id).and_then(Option::take) else {
                continue;
            };
            let key = MediaKey {
                source,
                id: id.clone(),
            };
            if self
                .gone
                .get(&key)
                .is_some_and(|gone| gone.request > request)
            {
                // A younger snapshot said that it is gone.
                self.counters.stale += 1;
                continue;
            }
            self.gone.remove(&key);
            self.place(&key, &mut touched, false);
            let context = self.context(source);
            let Some(entry) = self.media.get_mut(&key) else {
                continue;
            };
            self.ghosts -= usize::from(entry.media.is_ghost());
            match entry.media.rebase(*facts, &scope, request, context) {
                Rebased::Taken => {}
                Rebased::Lowered => self.counters.lowered += 1,
                Rebased::Doubted => {
                    self.counters.doubted += 1;
                    doubted.insert(key.clone());
                }
                Rebased::Stale => self.counters.stale += 1,
            }
            self.counters.evicted += entry.media.make_room();
            self.refresh(&key, &mut touched);
        }
        if is_whole {
            self.remove_unnamed(source, &scope, &named, request, &mut touched);
        }
        // What came before the request is in the snapshot. What came after may be about a run that it named.
        // One that is doubted tells nothing.
        for parked in parked {
            if !self.media.contains_key(&parked.key) {
                continue;
            }
            if doubted.contains(&parked.key) {
                self.parked.push_back(parked);
            } else if parked.since >= request {
                self.hear_of_media(parked.key, &parked.fact, false, &mut touched);
            }
        }
        self.changes(touched)
    }

    /// The snapshot could not be fetched. It is asked for again.
    pub fn snapshot_failed(&mut self, source: Source, scope: &Scope) {
        if self.flights.remove(&(source, scope.clone())).is_some() {
            self.ask(source, scope.clone());
        }
    }

    /// The requests to this server that are under way are given up. What they were for is asked for again.
    pub fn requests_given_up(&mut self, source: Source) {
        let flights = self.flights.keys().filter(|(of, _)| *of == source);
        for (_, scope) in flights.cloned().collect::<Vec<_>>() {
            self.snapshot_failed(source, &scope);
        }
    }

    /// What is parked of the media that a snapshot of this scope is about.
    fn take_parked(&mut self, source: Source, scope: &Scope) -> VecDeque<Parked> {
        let is_covered = |parked: &Parked| {
            parked.key.source == source
                && match scope {
                    Scope::Models => false,
                    Scope::List => true,
                    Scope::Media(id) => parked.key.id == *id,
                }
        };
        let (covered, rest) = mem::take(&mut self.parked)
            .into_iter()
            .partition(is_covered);
        self.parked = rest;
        covered
    }

    fn remove_unnamed(
        &mut self,
        source: Source,
        scope: &Scope,
        named: &[MediaId],
        request: u64,
        touched: &mut Touched,
    ) {
        let named: Set<_> = named.iter().collect();
        let now = self.now;
        let mut gone = Vec::new();
        let mut doubted = Vec::new();
        for (key, entry) in of_source(&mut self.media, source) {
            let is_covered = match scope {
                Scope::Models => false,
                Scope::List => true,
                Scope::Media(id) => key.id == *id,
            };
            if !is_covered || named.contains(&&key.id) {
                continue;
            }
            if entry.media.is_gone(request, now) {
                gone.push(key.clone());
            } else {
                doubted.push(key.clone());
            }
        }
        for key in gone {
            self.touch(&key, touched);
            touched.has_list = true;
            self.remove(&key);
            if self.gone_order.len() >= MAX_TOMBSTONES {
                // A media that came back and went again stands there twice, and only the later time counts.
                let oldest = self.gone_order.pop_front();
                if let Some((since, oldest)) = oldest {
                    if self
                        .gone
                        .get(&oldest)
                        .is_some_and(|gone| gone.since == since)
                    {
                        self.gone.remove(&oldest);
                    }
                }
            }
            let tombstone = Tombstone {
                since: now,
                asked: now,
                request,
            };
            self.gone.insert(key.clone(), tombstone);
            self.gone_order.push_back((now, key));
        }
        for key in doubted {
            self.touch(&key, touched);
            self.refresh(&key, touched);
        }
    }
}
