//! One meeting: who is there, how far they are to be trusted, what was warned of, and when nobody listened.
//!
//! **Law:** no alert goes untold for want of room, by a throttle or an order of arrival: alerts are a grow-only set,
//! shown in groups by person and type. Where there are too many groups, the one that matters least goes and is counted.
//! Every interval in which alerts may have been missed is a row among them.
//!
//! Left out: joining. Whoever drives this joins again on each connection and says so by the reply.

mod alerts;
mod person;
#[cfg(test)]
mod tests;
mod video;

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use alerts::{AlertKey, Group, GroupKey, Known};
use person::{Latest, Person, MAX_FIGURES, STALE};
use video::{Taken, Video};

use super::fact::{MeetingSaid, Metric, Severity, VideoFrame};
use super::register::Join;
use super::trail::{Entry, Trail, What};
use super::view::{AlertGroupView, AlertRow, Change, MeetingView, ParticipantView, TrailView};
use super::{MeetingKey, ParticipantId, Text};
use crate::sorted::{sort_by, Map, Set};
use crate::time::{Instant, Timestamp};

/// People of a meeting that are kept.
pub(super) const MAX_PEOPLE: usize = 1_000;
/// Groups of alerts that are kept; more do not fit a person's head.
pub(super) const MAX_GROUPS: usize = 200;
/// Alerts that are known again when they come twice. What they said stays in their group.
pub(super) const MAX_ALERTS: usize = 500;
/// Gaps that are kept apart; beyond it the two oldest become one, which covers both.
pub(super) const MAX_GAPS: usize = 100;
/// How long to wait for the answer to our joining: the first time, and at most.
const ASK_AGAIN: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(300));
/// Entries of the trail that the meeting's page shows; the rest is in the file.
const SHOWN: usize = 20;

/// What came of one fact.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub is_changed: bool,
    /// An alert worth telling: how bad it is, its group now, and the group's severity before.
    pub alert: Option<(Severity, AlertGroupView, Option<Severity>)>,
    /// A picture that is news.
    pub frame: Option<VideoFrame>,
    /// People left out to make room.
    pub evicted: u64,
    /// Whether there was no room for what was said.
    pub is_dropped: bool,
}

/// A meeting that is watched.
#[derive(Debug)]
pub(super) struct Meeting {
    key: MeetingKey,
    /// When it was joined first: since then it is watched.
    watched: Option<Instant>,
    /// It was, now or before it was left.
    was_heard: bool,
    /// When anything was last heard of it, be it our own joining.
    heard: Instant,
    is_joined: bool,
    /// When the person here left it. It is not told of then, only remembered.
    left: Option<Instant>,
    /// How often we have asked to be let in since the connection was made or we were last in, and when last.
    asked: (u32, Instant),
    people: Map<ParticipantId, Person>,
    /// The names of some whom this meeting does not know: they came into it or into another one.
    heard_names: Map<ParticipantId, Latest<Option<Text>>>,
    /// What identifies each alert, with what is known of it, and the order in which they came.
    known: Map<AlertKey, Known>,
    known_order: VecDeque<AlertKey>,
    groups: Map<GroupKey, Group>,
    /// The last number that a group, a gap or a person was given. A meeting that was forgotten and is opened again goes
    /// on from the millisecond of its opening: a card or a word that is remembered by the number of an old group is not
    /// about a new one. More than a thousand groups a second are needed to run ahead of that.
    last_id: u32,
    /// Groups that made room.
    removed: u32,
    gaps: VecDeque<Gap>,
    /// How many have begun, also of those that are no longer kept.
    gaps_begun: u32,
    analytics: Latest<Vec<(Metric, f64)>>,
    /// When they arrived, and whether they were since called stale.
    analytics_heard: Option<Instant>,
    is_analytics_stale: bool,
    video: Video,
    is_simulated: bool,
    trail: Trail,
    is_lost: bool,
    /// Not later than the first moment at which time alone makes something different. An earlier one costs one look at
    /// all people; finding the exact one at each score would cost that each time.
    wake: Option<Instant>,
}

impl Meeting {
    pub(super) fn new(key: MeetingKey, now: Instant) -> Self {
        Self {
            key,
            watched: None,
            was_heard: false,
            heard: now,
            is_joined: false,
            left: None,
            asked: (0, now),
            people: Map::new(),
            heard_names: Map::new(),
            known: Map::new(),
            known_order: VecDeque::new(),
            groups: Map::new(),
            #[allow(clippy::cast_possible_truncation)]
            last_id: now.since_origin().as_millis() as u32,
            removed: 0,
            gaps: VecDeque::new(),
            gaps_begun: 0,
            analytics: Latest::default(),
            analytics_heard: None,
            is_analytics_stale: false,
            video: Video::default(),
            is_simulated: false,
            trail: Trail::default(),
            is_lost: false,
            wake: None,
        }
    }

    /// Takes in what was said.
    pub(super) fn apply(
        &mut self,
        at: Option<Timestamp>,
        said: MeetingSaid,
        now: Instant,
    ) -> Heard {
        let mut heard = Heard::default();
        self.heard = now;
        heard.is_changed = match said {
            MeetingSaid::Joined(list) => self.handle_joined(list, now, &mut heard),
            MeetingSaid::Left => {
                self.asked = (0, now);
                self.handle_disconnect(now)
            }
            MeetingSaid::ParticipantJoined { participant, name } => {
                let person = self.person(participant.clone(), &mut heard);
                let [is_named, has_come] = person.map_or([false; 2], |person| {
                    let is_named = name.is_some() && person.name.set(at, name);
                    [is_named, person.presence.set(at, Some(true))]
                });
                if has_come {
                    self.tell(at, Some(participant), What::Joined, now);
                }
                is_named | has_come
            }
            MeetingSaid::ParticipantLeft { participant } => {
                let person = self.person(participant.clone(), &mut heard);
                // Of two that say the same time, coming is the greater: someone is rather shown than hidden.
                let has_gone = person.is_some_and(|person| person.presence.set(at, Some(false)));
                if has_gone {
                    self.tell(at, Some(participant), What::Left, now);
                }
                has_gone
            }
            MeetingSaid::Trust { participant, score } => {
                let is_number = score.is_none_or(|score| !score.is_nan());
                let person = self.person(participant, &mut heard);
                let deadline = person.filter(|_| is_number).and_then(|person| {
                    let is_changed = person.set_trust(at, score, now);
                    is_changed.then(|| person.deadline())
                });
                if let Some(deadline) = deadline {
                    self.wake_at(deadline);
                }
                deadline.is_some()
            }
            MeetingSaid::Detection {
                participant,
                modalities,
            } => self
                .person(participant, &mut heard)
                .is_some_and(|person| person.set_modalities(at, modalities)),
            MeetingSaid::Alert(alert) => self.handle_alert(at, alert, now, &mut heard),
            MeetingSaid::Analytics(mut figures) => {
                figures.truncate(MAX_FIGURES);
                // Figures of a time that is known already are as old as they were.
                let is_newer = self.analytics.order(at).is_gt();
                let was_stale = is_newer && mem::take(&mut self.is_analytics_stale);
                if is_newer {
                    self.analytics_heard = Some(now);
                    self.wake_at(Some(now + STALE));
                }
                self.analytics.set(at, figures) | was_stale
            }
            MeetingSaid::VideoFrame {
                participant,
                picture,
            } => {
                let frame = VideoFrame {
                    participant,
                    at,
                    bytes: picture.0,
                };
                let taken = self.video.take(&frame, now);
                heard.is_dropped = taken == Taken::TooLarge;
                heard.frame = matches!(taken, Taken::News | Taken::First).then_some(frame);
                taken == Taken::First
            }
            MeetingSaid::Simulated => self.is_simulated.join(true),
        };
        heard
    }

    /// The server can be heard; the meeting is when it is joined again.
    /// Whether anything is different.
    pub(super) fn handle_connect(&mut self, now: Instant) -> bool {
        self.asked = (0, now);
        let was_lost = mem::take(&mut self.is_lost);
        if was_lost {
            self.tell(None, None, What::ConnectionBack, now);
        }
        was_lost
    }

    /// The connection is lost. Whether anything is different.
    pub(super) fn handle_loss(&mut self, heard: Instant, now: Instant) -> bool {
        let is_new = !mem::replace(&mut self.is_lost, true);
        if is_new {
            self.tell(None, None, What::ConnectionLost, now);
        }
        self.handle_disconnect(heard) | is_new
    }

    /// The person here leaves: whatever is said of it from now on is not heard. What is known stays. Whether there is
    /// anything: it was ever heard.
    pub(super) fn handle_leave(&mut self, now: Instant) -> bool {
        self.handle_disconnect(now);
        self.left = Some(now);
        self.tell(None, None, What::YouLeft, now);
        self.was_heard
    }

    /// The person here is back, and waits to be let in.
    pub(super) fn handle_return(&mut self, now: Instant) {
        self.left = None;
        self.watched = None;
        self.is_lost = false;
        self.asked = (0, now);
    }

    /// The loss of the connection is found. Whether the meeting was heard until then.
    ///
    /// A connection that is dead at the other end only is found so by its silence, and a page that slept finds it when
    /// it wakes: alerts may be missing since the last word, not since now.
    pub(super) fn handle_disconnect(&mut self, heard: Instant) -> bool {
        if !mem::take(&mut self.is_joined) {
            return false;
        }
        let id = self.next_id();
        self.gaps.push_back(Gap {
            id,
            began: self.heard.max(heard),
            ended: None,
        });
        if self.gaps.len() > MAX_GAPS {
            let oldest = self.gaps.pop_front();
            if let (Some(oldest), Some(next)) = (oldest, self.gaps.front_mut()) {
                next.began = oldest.began;
            }
        }
        self.outlive_gap();
        true
    }

    /// Whether some score has become too old to be shown as current, or is in another band for good; the latter is also
    /// told.
    pub(super) fn handle_timeout(&mut self, now: Instant, told: &mut Vec<Change>) -> bool {
        if self.wake.is_none_or(|wake| wake > now) {
            return false;
        }
        let mut is_changed = false;
        let mut turns = Vec::new();
        for (id, person) in self.people.iter_mut() {
            let is_due = person.stale_at().is_some_and(|at| at <= now);
            person.is_stale |= is_due;
            is_changed |= is_due;
            let turn = person.take_turn(now);
            turns.extend(turn.map(|(at, what)| (at, id.clone(), what)));
        }
        for (at, id, what) in turns {
            if let What::Trust { from, to, .. } = what {
                told.push(Change::Trust {
                    meeting: self.key.clone(),
                    participant: id.clone(),
                    name: self.name_of(&id),
                    from,
                    to,
                    is_simulated: self.is_simulated,
                });
            }
            self.tell(at, Some(id), what, now);
            is_changed = true;
        }
        let figures = self.figures_stale_at();
        let is_due = figures.is_some_and(|at| at <= now);
        self.is_analytics_stale |= is_due;
        self.wake = self.people.values().filter_map(Person::deadline).min();
        self.wake_at(figures.filter(|_| !is_due));
        is_changed | is_due
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.wake
    }

    /// When to ask again to be let in, if we are not by then: ten seconds after the first time, later each time.
    pub(super) fn ask_again_at(&self) -> Option<Instant> {
        let (asked, last) = self.asked;
        let wait = (ASK_AGAIN.0 * 2_u32.saturating_pow(asked.min(8))).min(ASK_AGAIN.1);
        (!self.is_joined).then(|| last + wait)
    }

    /// We ask to be let in.
    pub(super) fn ask(&mut self, now: Instant) {
        self.asked = (self.asked.0.saturating_add(1), now);
    }

    /// Whether anything is different.
    pub(super) fn set_acknowledged(
        &mut self,
        id: u32,
        is_acknowledged: bool,
        now: Instant,
    ) -> bool {
        let found = (self.groups.iter_mut()).find(|(_, group)| group.id == id);
        let Some(((participant, kind), group)) = found else {
            return false;
        };
        if mem::replace(&mut group.is_acknowledged, is_acknowledged) == is_acknowledged {
            return false;
        }
        let what = What::Acknowledged {
            is_acknowledged,
            severity: group.severity(),
            kind: kind.clone(),
        };
        let participant = participant.clone();
        self.tell(None, participant, what, now);
        true
    }

    /// What was told of it so far, with the names that are known, and whether it is heard.
    pub(super) fn trail(&self) -> Trail {
        let open = self.gaps.back().filter(|gap| gap.ended.is_none());
        let mut trail = self.trail.named(|id| self.name_of(id));
        trail.unheard_since = open.map(|gap| gap.began);
        trail
    }

    pub(super) fn key(&self) -> &MeetingKey {
        &self.key
    }

    pub(super) fn is_joined(&self) -> bool {
        self.is_joined
    }

    pub(super) fn is_present(&self, id: &ParticipantId) -> bool {
        let person = self.people.get(id);
        person.is_some_and(|person| person.presence.value == Some(Some(true)))
    }

    pub(super) fn view(&self, now: Instant) -> MeetingView {
        let is_left = self.left.is_some();
        let mut participants: Vec<_> = self
            .people
            .iter()
            .map(|(id, person)| person.view(id, is_left, now))
            .collect();
        let place =
            |it: &ParticipantView| (it.is_present == Some(false), it.trust.is_none(), it.trust);
        sort_by(&mut participants, |a, b| place(a).cmp(&place(b)));

        let mut alerts: Vec<_> = self
            .groups
            .iter()
            .map(|(key, group)| {
                let row = AlertRow::Group(self.group_view(key, group));
                (group.heard, group.id, row)
            })
            .chain(self.gaps.iter().map(|gap| {
                let ended = gap.ended.map(|ended| now.saturating_since(ended));
                let began = now.saturating_since(gap.began);
                let id = gap.id;
                (gap.began, id, AlertRow::Gap { id, began, ended })
            }))
            .collect();
        sort_by(&mut alerts, |a, b| (b.0, b.1).cmp(&(a.0, a.1)));

        MeetingView {
            key: self.key.clone(),
            is_joined: self.is_joined,
            is_list_in_doubt: false,
            is_unanswered: !self.is_joined && !is_left && self.asked.0 > 0,
            participants,
            alerts: alerts.into_iter().map(|(.., row)| row).collect(),
            alerts_removed: self.removed,
            analytics: self.analytics.value.clone().unwrap_or_default(),
            analytics_stale_for: self
                .analytics_heard
                .map(|heard| now.saturating_since(heard))
                .filter(|age| is_left || *age >= STALE),
            video: self.video.view(now),
            trail: self.trail_view(),
            is_simulated: self.is_simulated,
            watched_for: self
                .watched
                .map(|since| self.left.unwrap_or(now).saturating_since(since)),
            left_for: self.left.map(|left| now.saturating_since(left)),
        }
    }

    /// The reply to our joining lists everyone who is there, and alerts are heard again. Without a list, who is there
    /// stays as it was known.
    fn handle_joined(
        &mut self,
        list: Option<Vec<ParticipantId>>,
        now: Instant,
        heard: &mut Heard,
    ) -> bool {
        let mut is_changed = !mem::replace(&mut self.is_joined, true);
        self.asked = (0, now);
        self.watched.get_or_insert(now);
        self.was_heard = true;
        if let Some(gap) = self.gaps.back_mut().filter(|gap| gap.ended.is_none()) {
            gap.ended = Some(now);
            let began = gap.began;
            self.tell(None, None, What::Gap { began, ended: now }, now);
            is_changed = true;
        }
        let Some(list) = list else {
            return is_changed;
        };
        let list: Set<_> = list.into_iter().collect();
        let mut gone = Vec::new();
        for (id, person) in self.people.iter_mut() {
            if person.presence.value == Some(Some(true)) && !list.contains(id) {
                person.presence.value = Some(Some(false));
                gone.push(id.clone());
            }
        }
        is_changed |= !gone.is_empty();
        for id in gone {
            self.tell(None, Some(id), What::Gone, now);
        }
        for id in list {
            let Some(person) = self.person(id.clone(), heard) else {
                continue;
            };
            if person.presence.value != Some(Some(true)) {
                person.presence.value = Some(Some(true));
                is_changed = true;
                self.tell(None, Some(id), What::There, now);
            }
        }
        is_changed
    }

    /// Whatever comes now may be from a server that was started again, with another clock.
    fn outlive_gap(&mut self) {
        self.gaps_begun = self.gaps_begun.saturating_add(1);
        for person in self.people.values_mut() {
            person.outlive_gap();
        }
        for name in self.heard_names.values_mut() {
            name.outlive_gap();
        }
        self.analytics.outlive_gap();
        self.video.outlive_gap();
    }

    fn tell(
        &mut self,
        at: Option<Timestamp>,
        participant: Option<ParticipantId>,
        what: What,
        now: Instant,
    ) {
        self.trail.push(Entry {
            heard: now,
            at,
            participant,
            name: None,
            what,
        });
    }

    fn trail_view(&self) -> TrailView {
        let named = |entry: &Entry| Entry {
            name: (entry.participant.as_ref()).and_then(|id| self.name_of(id)),
            ..entry.clone()
        };
        let entries = self.trail.entries();
        TrailView {
            kept: entries.len(),
            newest: entries.rev().take(SHOWN).map(named).collect(),
            dropped: self.trail.dropped(),
        }
    }

    fn name_of(&self, id: &ParticipantId) -> Option<Text> {
        self.people.get(id)?.name.value.clone()?
    }

    fn wake_at(&mut self, at: Option<Instant>) {
        self.wake = [self.wake, at].into_iter().flatten().min();
    }

    /// When the figures become stale, if they are not yet.
    fn figures_stale_at(&self) -> Option<Instant> {
        let heard = self.analytics_heard.filter(|_| !self.is_analytics_stale);
        heard.map(|heard| heard + STALE)
    }

    /// Somebody has come whose name is this, into this meeting or another: nobody knows into which, but the name is
    /// theirs in each. Whether it is news here.
    pub(super) fn hear_name(
        &mut self,
        at: Option<Timestamp>,
        id: &ParticipantId,
        name: &Text,
    ) -> bool {
        if let Some(person) = self.people.get_mut(id) {
            return person.name.set(at, Some(name.clone()));
        }
        if self.heard_names.len() < MAX_PEOPLE || self.heard_names.contains_key(id) {
            let heard = self.heard_names.entry(id.clone()).or_default();
            heard.set(at, Some(name.clone()));
        }
        false
    }

    /// The person with this id, made if there is room.
    fn person(&mut self, id: ParticipantId, heard: &mut Heard) -> Option<&mut Person> {
        if !self.people.contains_key(&id) {
            if self.people.len() >= MAX_PEOPLE {
                heard.evicted += 1;
                // Who is not known to be here, and was heard of longest ago, makes room.
                let absent = self.people.iter();
                let absent = absent.filter(|(_, person)| person.presence.value != Some(Some(true)));
                let oldest = absent.min_by_key(|(_, person)| person.heard);
                let oldest = oldest.map(|(id, _)| id.clone())?;
                self.people.remove(&oldest);
            }
            let number = self.next_id();
            self.people.insert(id.clone(), Person::new(number));
        }
        let name = self.heard_names.remove(&id);
        let person = self.people.get_mut(&id)?;
        if let Some(name) = name {
            person.name = name;
        }
        Some(person)
    }

    fn next_id(&mut self) -> u32 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }
}

/// A time in which nothing was heard of the meeting.
#[derive(Debug)]
struct Gap {
    id: u32,
    began: Instant,
    ended: Option<Instant>,
}
