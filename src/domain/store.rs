//! Everything known of all servers, and what in it is different now.
//!
//! **Law:** facts and snapshots go in with the time, changes come out; nothing else moves what is shown. After each
//! call, drain [`Store::poll_ask`] and [`Store::poll_rejoin`], and wake it at [`Store::poll_timeout`].
//!
//! Left out: when to fetch. The store says what should be fetched and why not before; the session spaces the requests,
//! waits for the network and tries again.

mod meetings;
mod snapshots;

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::time::Duration;

use super::fact::{Declared, Fact, ModelCounts, ModelSaid, Rules, Scope};
use super::media::{time_of, Context, Media};
use super::meeting::Meeting;
use super::progress::Clock;
use super::view::{Change, EarlierRuns, MediaView, Summary};
use super::{MediaKey, MeetingKey, Source};

use crate::sorted::{Map, Set};
use crate::time::{Instant, Timestamp};
pub use meetings::{MAX_LEFT, MAX_MEETINGS};

/// Media that are kept, of all servers together: a list of more is not read by anyone, and each costs a few kilobytes.
pub const MAX_MEDIA: usize = 5_000;
/// Media that only events have named. Anyone who can send events could invent them.
pub const MAX_GHOSTS: usize = 200;
/// Media that are known to be gone, so that late events do not bring them back.
pub const MAX_TOMBSTONES: usize = 1_000;
/// Facts of which only the next snapshot can tell which run they are about.
pub const MAX_PARKED: usize = 500;
/// An event about a media that is gone does not bring it back: it may be late by any time. The server is asked about it
/// instead, at most once in this time.
const TOMBSTONE: Duration = Duration::from_secs(600);
/// Media of a server that are asked for one by one; for more, the whole list is asked for.
const MAX_ASKED: usize = 5;

/// What was left out or undone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Media, runs and people left out to stay within a limit.
    pub evicted: u64,
    /// Facts for which there was no room.
    pub dropped: u64,
    /// Facts about a media that is gone, a meeting that is not open, or a server that is not known.
    pub foreign: u64,
    /// Facts that named no meeting while several or none were open.
    pub unattributed: u64,
    /// Snapshots that nobody waited for any more.
    pub stale: u64,
    /// Snapshots that lowered what was shown.
    pub lowered: u64,
    /// Snapshots that were doubted and asked for again.
    pub doubted: u64,
}

/// Media and meetings of all servers.
#[derive(Debug, Default)]
pub struct Store {
    sources: Map<Source, Server>,
    /// Boxed: thousands of them stand in one vector, and one that comes must not move the others.
    media: Map<MediaKey, Box<Entry>>,
    order: Map<Place, MediaKey>,
    deadlines: Set<(Instant, MediaKey)>,
    /// Media that are gone, and the order in which they went, oldest first.
    gone: Map<MediaKey, Tombstone>,
    gone_order: VecDeque<(Instant, MediaKey)>,
    ghosts: usize,
    /// What was said of a run that is not known yet, as it arrived.
    parked: VecDeque<Parked>,
    meetings: Map<MeetingKey, Meeting>,
    /// Those that the person here has left, the last one last.
    left: VecDeque<Meeting>,
    asks: Set<(Source, Scope)>,
    /// Meetings to be joined once more, and when each of them last was.
    rejoins: Set<MeetingKey>,
    rejoined: Map<MeetingKey, Instant>,
    /// Meetings of which the server has not said yet that we are out, and until when that is waited for.
    leaving: Map<MeetingKey, Instant>,
    /// Requests under way, by number.
    flights: Map<(Source, Scope), u64>,
    last_request: u64,
    arrivals: u64,
    /// The latest time this was told.
    now: Instant,
    counters: Counters,
}

impl Store {
    /// Nothing known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A server whose facts will come. Said again, it changes the rules from now on.
    pub fn add_source(&mut self, source: Source, rules: Rules) {
        self.sources.entry(source).or_default().rules = rules;
    }

    /// Takes in what an event said. What changed nothing makes no change.
    pub fn apply(&mut self, source: Source, facts: Vec<Fact>, now: Instant) -> Vec<Change> {
        self.now = now;
        let mut touched = Touched::default();
        let mut facts = facts.into_iter().peekable();
        while let Some(fact) = facts.next() {
            let Some(server) = self.sources.get_mut(&source) else {
                self.counters.foreign += 1;
                continue;
            };
            if let Some(at) = time_of(&fact) {
                server.clock.hear(at, now);
            }
            if is_work(&fact) {
                server.worked = Some(now);
            }
            match fact {
                Fact::Meeting { .. } => self.hear_of_meeting(source, fact, &mut touched),
                Fact::Models(models) => self.hear_of_models(source, models, &mut touched),
                Fact::Media { ref media, .. }
                | Fact::Run { ref media, .. }
                | Fact::Model { ref media, .. } => {
                    let key = MediaKey {
                        source,
                        id: media.clone(),
                    };
                    let goes_on = facts.peek().is_some_and(|next| is_said_of(next, &fact));
                    self.hear_of_media(key, &fact, goes_on, &mut touched);
                }
            }
        }
        as_they_happened(self.changes(touched))
    }

    /// What should be fetched now. Never what is being fetched.
    pub fn poll_ask(&mut self) -> Option<(Source, Scope)> {
        let is_free = |ask: &&(Source, Scope)| !self.flights.contains_key(ask);
        let ask = self.asks.iter().find(is_free)?.clone();
        self.asks.remove(&ask);
        Some(ask)
    }

    /// Time passed. Every deadline is compared, so a late call is merely late.
    pub fn handle_timeout(&mut self, now: Instant) -> Vec<Change> {
        self.now = now;
        let mut touched = Touched::default();
        while let Some((at, _)) = self.deadlines.first() {
            if *at > now {
                break;
            }
            let Some((_, key)) = self.deadlines.pop_first() else {
                break;
            };
            if let Some(entry) = self.media.get_mut(&key) {
                entry.deadline = None;
                self.touch(&key, &mut touched);
                self.refresh(&key, &mut touched);
            }
        }
        for (key, meeting) in self.meetings.iter_mut() {
            if meeting.handle_timeout(now, &mut touched.told) {
                touched.meetings.insert(key.clone());
            }
        }
        self.changes(touched)
    }

    /// When [`Store::handle_timeout`] has something to do.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let media = self.deadlines.first().map(|(at, _)| *at);
        let meetings = self.meetings.values().filter_map(Meeting::poll_timeout);
        // One that is due already is polled, not waited for.
        let rejoins = self.rejoins.iter().map(|key| self.rejoin_at(key));
        let unanswered = self
            .meetings
            .keys()
            .filter_map(|key| self.unanswered_at(key));
        let rejoins = rejoins.chain(unanswered).filter(|at| *at > self.now);
        media.into_iter().chain(meetings).chain(rejoins).min()
    }

    /// All media, newest first, those of all servers interleaved; what has no time yet is newest by arrival.
    pub fn list(&self) -> impl Iterator<Item = &MediaKey> {
        self.order.values()
    }

    /// What is shown of a media.
    #[must_use]
    pub fn media(&self, key: &MediaKey, now: Instant) -> Option<MediaView> {
        let mut context = self.context(key.source);
        context.now = now;
        Some(self.media.get(key)?.media.view(key, context))
    }

    /// The runs of a media before the one that is shown. Derived when asked for: nobody looks at those of most media.
    #[must_use]
    pub fn earlier_runs(&self, key: &MediaKey) -> Option<EarlierRuns> {
        let context = self.context(key.source);
        Some(self.media.get(key)?.media.earlier_runs(context))
    }

    /// What a row shows of a media.
    #[must_use]
    pub fn summary(&self, key: &MediaKey) -> Option<&Summary> {
        Some(&self.media.get(key)?.media.summary)
    }

    /// The server can be heard. Meetings have to be joined again before anything is heard of them.
    pub fn connected(&mut self, source: Source, now: Instant) -> Vec<Change> {
        let mut touched = self.set_connected(source, Some(now), now);
        for (key, meeting) in self.meetings.iter_mut() {
            if key.source == source && meeting.handle_connect(now) {
                touched.meetings.insert(key.clone());
            }
        }
        self.changes(touched)
    }

    /// The server cannot be heard, and the last that was heard of it, a heartbeat included, came at `heard`: what runs
    /// may have ended since, and alerts may be missed.
    pub fn disconnected(&mut self, source: Source, heard: Instant, now: Instant) -> Vec<Change> {
        let mut touched = self.set_connected(source, None, now);
        for (key, meeting) in self.meetings.iter_mut() {
            if key.source == source && meeting.handle_loss(heard.min(now), now) {
                touched.meetings.insert(key.clone());
            }
        }
        self.changes(touched)
    }

    /// Signed out: nothing of this user stays, and an answer that is still under way is dropped.
    pub fn forget(&mut self, source: Source) -> Vec<Change> {
        let mut touched = Touched::default();
        let keys: Vec<_> = of_source(&mut self.media, source)
            .map(|(key, _)| key.clone())
            .collect();
        for key in keys {
            self.touch(&key, &mut touched);
            self.remove(&key);
        }
        touched.has_list = !touched.media.is_empty();
        self.gone.retain(|key, _| key.source != source);
        self.gone_order.retain(|(_, key)| key.source != source);
        self.parked.retain(|parked| parked.key.source != source);
        self.asks.retain(|(of, _)| *of != source);
        self.flights.retain(|(of, _), _| *of != source);
        self.rejoins.retain(|key| key.source != source);
        self.rejoined.retain(|key, _| key.source != source);
        self.leaving.retain(|key, _| key.source != source);
        let is_of_source = |key: &&MeetingKey| key.source == source;
        let meetings = self.meetings.keys().chain(self.left_meetings());
        touched.meetings = meetings.filter(is_of_source).cloned().collect();
        self.meetings.retain(|key, _| key.source != source);
        self.left.retain(|left| left.key().source != source);
        if let Some(server) = self.sources.get_mut(&source) {
            server.clock = Clock::default();
            server.worked = None;
        }
        self.changes(touched)
    }

    /// What was left out or undone so far.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// `goes_on` if the next fact is of the same work: what both come to is worked out after that.
    fn hear_of_media(&mut self, key: MediaKey, fact: &Fact, goes_on: bool, touched: &mut Touched) {
        let place = self.media.position(&key);
        if let Some(place) = place {
            self.touch_at(place, touched);
        } else {
            if let Some(gone) = self.gone.get_mut(&key) {
                self.counters.foreign += 1;
                if self.now.saturating_since(gone.asked) >= TOMBSTONE {
                    gone.asked = self.now;
                    self.ask(key.source, Scope::Media(key.id));
                }
                return;
            }
            self.place(&key, touched, true);
            self.ask(key.source, Scope::Media(key.id.clone()));
        }
        let Some(place) = place.or_else(|| self.media.position(&key)) else {
            return;
        };
        let context = self.context(key.source);
        let Some(entry) = self.media.at_mut(place) else {
            return;
        };
        let heard = entry.media.apply(fact, context);
        self.counters.dropped += u64::from(heard.is_dropped);
        self.counters.evicted += heard.evicted;
        if heard.is_parked {
            self.park(&key, fact);
        }
        if heard.ask {
            self.ask(key.source, Scope::Media(key.id.clone()));
        }
        if !goes_on {
            self.refresh_at(place, &key, context, touched);
        }
    }

    /// Keeps a fact until a snapshot has told what it is about. Of too many, the oldest go.
    fn park(&mut self, key: &MediaKey, fact: &Fact) {
        let since = self.last_request;
        let mut parked = self.parked.iter_mut();
        if let Some(known) = parked.find(|parked| parked.key == *key && parked.fact == *fact) {
            known.since = since;
            return;
        }
        if self.parked.len() >= MAX_PARKED {
            self.parked.pop_front();
            self.counters.dropped += 1;
        }
        self.parked.push_back(Parked {
            key: key.clone(),
            fact: fact.clone(),
            since,
        });
    }

    fn hear_of_models(&mut self, source: Source, models: ModelCounts, touched: &mut Touched) {
        let Some(server) = self
            .sources
            .get_mut(&source)
            .filter(|server| server.models != models)
        else {
            return;
        };
        server.models = models;
        self.refresh_all(source, touched);
    }

    /// Makes room for a media and puts it in, if it is not there.
    fn place(&mut self, key: &MediaKey, touched: &mut Touched, is_ghost: bool) {
        if self.media.contains_key(key) {
            return self.touch(key, touched);
        }
        touched.media.entry(key.clone()).or_default();
        touched.has_list = true;
        if is_ghost && self.ghosts >= MAX_GHOSTS {
            let is_ghost = |key: &&MediaKey| self.is_ghost(key);
            // From the newest on, where they are: thousands that are none may be older.
            let ghosts = self.order.values().filter(is_ghost).take(self.ghosts);
            let oldest = ghosts.last().cloned();
            self.evict(oldest, touched);
        }
        if self.media.len() >= MAX_MEDIA {
            let is_ended = |key: &&MediaKey| {
                let entry = self.media.get(key);
                entry.is_some_and(|entry| entry.media.summary.status.is_ended())
            };
            let oldest = self.order.values().rev().find(is_ended);
            let oldest = oldest.or_else(|| self.order.values().next_back()).cloned();
            self.evict(oldest, touched);
            // A list that names more than there is room for would ask for itself for ever.
            if is_ghost {
                self.ask(key.source, Scope::List);
            }
        }
        // Every media is a ghost until a snapshot has named it.
        self.ghosts += 1;
        self.arrivals += 1;
        let entry = Entry {
            media: Media::default(),
            place: (Reverse(i64::MAX), Reverse(self.arrivals)),
            deadline: None,
        };
        self.order.insert(entry.place, key.clone());
        self.media.insert(key.clone(), Box::new(entry));
    }

    fn is_ghost(&self, key: &MediaKey) -> bool {
        let entry = self.media.get(key);
        entry.is_some_and(|entry| entry.media.is_ghost())
    }

    fn evict(&mut self, key: Option<MediaKey>, touched: &mut Touched) {
        let Some(key) = key else { return };
        self.touch(&key, touched);
        self.remove(&key);
        self.counters.evicted += 1;
    }

    fn remove(&mut self, key: &MediaKey) {
        let Some(entry) = self.media.remove(key) else {
            return;
        };
        self.ghosts -= usize::from(entry.media.is_ghost());
        self.order.remove(&entry.place);
        if let Some(deadline) = entry.deadline {
            self.deadlines.remove(&(deadline, key.clone()));
        }
        self.parked.retain(|parked| parked.key != *key);
        self.asks
            .remove(&(key.source, Scope::Media(key.id.clone())));
    }

    /// Remembers what a media looked like before this call.
    fn touch(&self, key: &MediaKey, touched: &mut Touched) {
        match self.media.position(key) {
            Some(place) => self.touch_at(place, touched),
            None => {
                touched.media.entry(key.clone()).or_default();
            }
        }
    }

    fn touch_at(&self, place: usize, touched: &mut Touched) {
        let Some((key, entry)) = self.media.at(place) else {
            return;
        };
        if !touched.media.contains_key(key) {
            let before = Some(entry.media.summary.clone());
            touched.media.insert(key.clone(), Box::new((before, false)));
        }
    }

    /// Brings a media, its place in the list and its deadline up to date.
    fn refresh(&mut self, key: &MediaKey, touched: &mut Touched) {
        if let Some(place) = self.media.position(key) {
            let context = self.context(key.source);
            self.refresh_at(place, key, context, touched);
        }
    }

    fn refresh_at(
        &mut self,
        place: usize,
        key: &MediaKey,
        context: Context,
        touched: &mut Touched,
    ) {
        let Some(entry) = self.media.at_mut(place) else {
            return;
        };
        let (is_different, ask) = entry.media.refresh(context);
        if let (Some(before), true) = (touched.media.get_mut(key), is_different) {
            before.1 = true;
        }
        let created = entry.media.created();
        let created = created.map_or(i64::MAX, Timestamp::unix_millis);
        if entry.place.0 != Reverse(created) {
            self.order.remove(&entry.place);
            entry.place.0 = Reverse(created);
            self.order.insert(entry.place, key.clone());
            touched.has_list = true;
        }
        // An earlier deadline than needed costs one look; moving it with each event would cost more.
        let deadline = entry.media.poll_timeout(context);
        if let Some(deadline) = deadline {
            if entry.deadline.is_none_or(|known| deadline < known) {
                if let Some(known) = entry.deadline.replace(deadline) {
                    self.deadlines.remove(&(known, key.clone()));
                }
                self.deadlines.insert((deadline, key.clone()));
            }
        }
        if ask {
            self.ask(key.source, Scope::Media(key.id.clone()));
        }
    }

    /// Something that all of a server's media depend on is different.
    fn refresh_all(&mut self, source: Source, touched: &mut Touched) {
        let keys: Vec<_> = of_source(&mut self.media, source)
            .map(|(key, _)| key.clone())
            .collect();
        for key in keys {
            self.touch(&key, touched);
            self.refresh(&key, touched);
        }
    }

    fn ask(&mut self, source: Source, scope: Scope) {
        if self.asks.contains(&(source, Scope::List)) {
            return;
        }
        let of_source = |(of, _): &&(Source, Scope)| *of == source;
        let is_one_more = !self.asks.contains(&(source, scope.clone()));
        // Where there is no list, nothing stands for many.
        let has_list = self.context(source).rules.has_list;
        if scope == Scope::List
            || (is_one_more && has_list && self.asks.iter().filter(of_source).count() >= MAX_ASKED)
        {
            self.asks.retain(|(of, _)| *of != source);
            self.asks.insert((source, Scope::List));
        } else {
            self.asks.insert((source, scope));
        }
    }

    fn set_connected(
        &mut self,
        source: Source,
        connected: Option<Instant>,
        now: Instant,
    ) -> Touched {
        self.now = now;
        let mut touched = Touched::default();
        // No room outlives its connection.
        self.leaving.retain(|key, _| key.source != source);
        if let Some(server) = self.sources.get_mut(&source) {
            server.connected = connected;
            self.refresh_all(source, &mut touched);
        }
        touched
    }

    fn context(&self, source: Source) -> Context {
        let server = self.sources.get(&source).copied().unwrap_or_default();
        Context {
            rules: server.rules,
            clock: server.clock,
            models: server.models,
            connected: server.connected,
            worked: server.worked,
            now: self.now,
        }
    }

    /// What is different from what was remembered.
    fn changes(&self, touched: Touched) -> Vec<Change> {
        let mut changes = Vec::new();
        if touched.has_list {
            changes.push(Change::List);
        }
        for (key, before) in touched.media {
            let (before, has_details) = *before;
            let after = self.media.get(&key).map(|entry| &entry.media.summary);
            if before.as_ref() != after {
                let after = after.cloned();
                changes.push(Change::Media { key, before, after });
            } else if has_details && after.is_some() {
                changes.push(Change::Details(key));
            }
        }
        changes.extend(touched.meetings.into_iter().map(Change::Meeting));
        changes.extend(touched.told);
        changes
    }
}

/// What a snapshot shows for the first time may have ended long ago; what an event tells ends now. So an event that is
/// the first word of a media and tells its end makes two changes: it came, and it ended.
fn as_they_happened(changes: Vec<Change>) -> Vec<Change> {
    let mut told = Vec::with_capacity(changes.len());
    for change in changes {
        match change {
            Change::Media {
                key,
                before: None,
                after: Some(after),
            } if after.status.is_ended() => {
                let came = Some(Summary {
                    run: after.run,
                    ..Summary::default()
                });
                told.push(Change::Media {
                    key: key.clone(),
                    before: None,
                    after: came.clone(),
                });
                told.push(Change::Media {
                    key,
                    before: came,
                    after: Some(after),
                });
            }
            other => told.push(other),
        }
    }
    told
}

/// The place of a media in the list: newest first.
type Place = (Reverse<i64>, Reverse<u64>);

#[derive(Debug)]
struct Entry {
    media: Media,
    place: Place,
    /// Not later than the media's own next deadline.
    deadline: Option<Instant>,
}

/// A fact that waits for a snapshot to tell what it is about.
#[derive(Debug)]
struct Parked {
    key: MediaKey,
    fact: Fact,
    /// The last request before it came: the answer to a later one contains what it says.
    since: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Server {
    rules: Rules,
    clock: Clock,
    models: ModelCounts,
    connected: Option<Instant>,
    /// When an event last said that it is at work, on whatever media.
    worked: Option<Instant>,
}

/// That a media is gone: since when, when the server was last asked whether it is, and the request whose answer said
/// so.
#[derive(Clone, Copy, Debug)]
struct Tombstone {
    since: Instant,
    asked: Instant,
    request: u64,
}

/// What one call has touched: what each media looked like before, and whether any detail of it moved.
#[derive(Default)]
struct Touched {
    has_list: bool,
    media: Map<MediaKey, Box<(Option<Summary>, bool)>>,
    meetings: Set<MeetingKey>,
    /// Alerts, pictures and changes of trust, each of them: none stands for another.
    told: Vec<Change>,
}

/// Whether a fact says that the server is at work, and not only that something waits for it.
fn is_work(fact: &Fact) -> bool {
    match fact {
        Fact::Run { fields, .. } => fields.declared.is_some_and(|it| it != Declared::Queued),
        Fact::Model { said, .. } => *said != ModelSaid::Queued,
        Fact::Media { .. } | Fact::Meeting { .. } | Fact::Models(_) => false,
    }
}

/// Whether this says what a model is doing that has just said how far it is. One event says both.
fn is_said_of(next: &Fact, fact: &Fact) -> bool {
    match (fact, next) {
        (
            Fact::Model {
                media,
                run,
                model,
                said: ModelSaid::Progress { .. },
                ..
            },
            Fact::Model {
                media: of,
                run: within,
                model: by,
                said: ModelSaid::Doing { .. },
                ..
            },
        ) => (media, run, model) == (of, within, by),
        _ => false,
    }
}

fn of_source(
    media: &mut Map<MediaKey, Box<Entry>>,
    source: Source,
) -> impl Iterator<Item = (&MediaKey, &mut Box<Entry>)> {
    media
        .iter_mut()
        .filter(move |(key, _)| key.source == source)
}
