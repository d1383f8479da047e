//! One meeting: who is there, how far they are to be trusted, what was warned of, and when nobody listened.
//!
//! **Law:** no alert goes untold for want of room, by a throttle or an order of arrival: alerts are a grow-only set,
//! shown in groups by person and type. Where there are too many groups, the one that matters least goes and is counted.
//! Every interval in which alerts may have been missed is a row among them.
//!
//! Left out: joining. Whoever drives this joins again on each connection and says so by the reply.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use super::fact::{AlertSaid, MeetingSaid, Metric, Modality, Severity};
use super::register::{Join, Max, Scalar};
use super::view::{AlertGroupView, AlertRow, Band, MeetingView, ParticipantView};
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
/// Kinds of measurement of one person, and figures of a meeting. The real servers have three and a handful.
const MAX_MODALITIES: usize = 16;
const MAX_FIGURES: usize = 64;
/// Points of a person's curve, and how far back it goes.
const MAX_POINTS: usize = 300;
const CURVE: Duration = Duration::from_secs(300);
/// A score that is older says nothing of now.
const STALE: Duration = Duration::from_secs(15);
/// An alert after this long without one of its group is news again.
const QUIET: Duration = Duration::from_secs(60);

/// What came of one fact.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub is_changed: bool,
    /// An alert worth telling: its group now, and the group's severity before.
    pub alert: Option<(AlertGroupView, Option<Severity>)>,
    /// People left out to make room.
    pub evicted: u64,
}

/// A meeting that is watched.
#[derive(Debug)]
pub(super) struct Meeting {
    key: MeetingKey,
    opened: Instant,
    /// When anything was last heard of it, be it our own joining.
    heard: Instant,
    is_joined: bool,
    people: Map<ParticipantId, Person>,
    /// What identifies each alert, with the greatest severity that it came with, and the order in which they came.
    known: Map<AlertKey, Severity>,
    known_order: VecDeque<AlertKey>,
    groups: Map<GroupKey, Group>,
    /// The last number that a group or a gap was given. A meeting that is left and opened again goes on from the
    /// millisecond of its opening: a card or a word that is remembered by the number of an old group is not about a new
    /// one. More than a thousand groups a second are needed to run ahead of that.
    last_id: u32,
    /// Groups that made room.
    removed: u32,
    gaps: VecDeque<Gap>,
    analytics: Latest<Vec<(Metric, f64)>>,
    is_simulated: bool,
}

impl Meeting {
    pub(super) fn new(key: MeetingKey, now: Instant) -> Self {
        Self {
            key,
            opened: now,
            heard: now,
            is_joined: false,
            people: Map::new(),
            known: Map::new(),
            known_order: VecDeque::new(),
            groups: Map::new(),
            #[allow(clippy::cast_possible_truncation)]
            last_id: now.since_origin().as_millis() as u32,
            removed: 0,
            gaps: VecDeque::new(),
            analytics: Latest::default(),
            is_simulated: false,
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
            MeetingSaid::Left => self.handle_disconnect(now),
            MeetingSaid::ParticipantJoined { participant, name } => {
                self.person(participant, &mut heard).is_some_and(|person| {
                    let is_named = name.is_some() && person.name.set(at, name);
                    is_named | person.presence.set(at, Some(true))
                })
            }
            MeetingSaid::ParticipantLeft { participant } => {
                self.person(participant, &mut heard).is_some_and(|person| {
                    // Of two that say the same time, coming is the greater: someone is rather shown than hidden.
                    person.presence.set(at, Some(false))
                })
            }
            MeetingSaid::Trust { participant, score } => {
                let is_number = score.is_none_or(|score| !score.is_nan());
                is_number
                    && self
                        .person(participant, &mut heard)
                        .is_some_and(|person| person.set_trust(at, score, now))
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
                self.analytics.set(at, figures)
            }
            MeetingSaid::Simulated => self.is_simulated.join(true),
        };
        heard
    }

    /// The loss of the connection is found. Whether the meeting was heard until then.
    ///
    /// A connection that is dead at the other end only is found so by its silence, and a page that slept finds it when it
    /// wakes: alerts may be missing since the last word, not since now.
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
        true
    }

    /// Whether some score has become too old to be shown as current.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> bool {
        let mut is_changed = false;
        for person in self.people.values_mut() {
            let is_due = person.stale_at().is_some_and(|at| at <= now);
            person.is_stale |= is_due;
            is_changed |= is_due;
        }
        is_changed
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.people.values().filter_map(Person::stale_at).min()
    }

    /// Whether anything is different.
    pub(super) fn set_acknowledged(&mut self, id: u32, is_acknowledged: bool) -> bool {
        let Some(group) = self.groups.values_mut().find(|group| group.id == id) else {
            return false;
        };
        mem::replace(&mut group.is_acknowledged, is_acknowledged) != is_acknowledged
    }

    pub(super) fn view(&self, now: Instant) -> MeetingView {
        let mut participants: Vec<_> = self
            .people
            .iter()
            .map(|(id, person)| person.view(id, now))
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
            participants,
            alerts: alerts.into_iter().map(|(.., row)| row).collect(),
            alerts_removed: self.removed,
            analytics: self.analytics.value.clone().unwrap_or_default(),
            is_simulated: self.is_simulated,
            watched_for: now.saturating_since(self.opened),
        }
    }

    /// The reply to our joining lists everyone who is there, and alerts are heard again.
    fn handle_joined(&mut self, list: Vec<ParticipantId>, now: Instant, heard: &mut Heard) -> bool {
        let mut is_changed = !mem::replace(&mut self.is_joined, true);
        if let Some(gap) = self.gaps.back_mut().filter(|gap| gap.ended.is_none()) {
            gap.ended = Some(now);
            is_changed = true;
        }
        let list: Set<_> = list.into_iter().collect();
        for (id, person) in self.people.iter_mut() {
            if person.presence.value == Some(Some(true)) && !list.contains(id) {
                person.presence.value = Some(Some(false));
                is_changed = true;
            }
        }
        for id in list {
            let Some(person) = self.person(id, heard) else {
                continue;
            };
            if person.presence.value != Some(Some(true)) {
                person.presence.value = Some(Some(true));
                is_changed = true;
            }
        }
        is_changed
    }

    fn handle_alert(
        &mut self,
        at: Option<Timestamp>,
        said: AlertSaid,
        now: Instant,
        heard: &mut Heard,
    ) -> bool {
        let said = AlertSaid {
            confidence: said
                .confidence
                .filter(|confidence| confidence.is_finite())
                .map(|confidence| confidence.clamp(0.0, 1.0)),
            ..said
        };
        let key = AlertKey::new(at, &said);
        let group_key = (said.participant.clone(), said.kind.clone());
        let known_group = self.groups.get(&group_key);
        // Known by its id, it may still say more than before: a greater severity. A group that made room is not made
        // again by a repetition.
        let known = self.known.get(&key).copied();
        let told = known.map(|known| known_group.map_or(known, Group::severity));
        if told.is_some_and(|told| said.severity <= told) {
            return false;
        }
        let is_known = known.is_some() && known_group.is_some();
        if known_group.is_none() {
            self.make_room();
            let group = Group::new(self.next_id(), now);
            self.groups.insert(group_key.clone(), group);
        }
        self.remember(key, said.severity);
        let Some(group) = self.groups.get_mut(&group_key) else {
            return false;
        };
        let before = group.worst.0;
        let is_raised = group.worst.join(Max(Some(said.severity)));
        let is_news = is_raised || now.saturating_since(group.heard) >= QUIET;
        group.is_acknowledged &= !is_news;
        group.heard = now;
        group.count = group.count.saturating_add(u32::from(!is_known));
        let first = (at, said.severity);
        if group.first.is_none_or(|known| first < known) {
            group.first = Some(first);
        }
        group.last = group.last.max(at);
        let latest = (at, Newer::new(said));
        if latest >= group.latest {
            group.latest = latest;
        }
        if is_news {
            if let Some(group) = self.groups.get(&group_key) {
                heard.alert = Some((self.group_view(&group_key, group), before));
            }
        }
        true
    }

    /// Makes room for one more group. What a person has acknowledged goes first, then the mildest, then the oldest: what
    /// is new and urgent is worth more than what nobody has looked at among two hundred others.
    fn make_room(&mut self) {
        if self.groups.len() < MAX_GROUPS {
            return;
        }
        let least = self.groups.iter().min_by_key(|(_, group)| {
            let is_open = !group.is_acknowledged;
            (is_open, group.severity(), group.heard, group.id)
        });
        if let Some(key) = least.map(|(key, _)| key.clone()) {
            self.groups.remove(&key);
            self.removed = self.removed.saturating_add(1);
        }
    }

    fn remember(&mut self, key: AlertKey, severity: Severity) {
        if self.known.insert(key.clone(), severity).is_some() {
            return;
        }
        self.known_order.push_back(key);
        if self.known_order.len() > MAX_ALERTS {
            if let Some(oldest) = self.known_order.pop_front() {
                self.known.remove(&oldest);
            }
        }
    }

    fn group_view(&self, (participant, kind): &GroupKey, group: &Group) -> AlertGroupView {
        let severity = group.severity();
        let person = participant.as_ref().and_then(|id| self.people.get(id));
        let (_, latest) = &group.latest;
        AlertGroupView {
            id: group.id,
            participant: participant.clone(),
            name: person.and_then(|person| person.name.value.clone()?),
            severity,
            was_raised_from: group
                .first
                .map(|(_, first)| first)
                .filter(|first| *first < severity),
            kind: kind.clone(),
            message: latest.message.clone(),
            confidence: latest.confidence.map(|confidence| confidence.0),
            advice: latest.advice.clone(),
            count: group.count,
            first: group.first.and_then(|(at, _)| at),
            last: group.last,
            is_acknowledged: group.is_acknowledged,
        }
    }

    /// The person with this id, made if there is room.
    fn person(&mut self, id: ParticipantId, heard: &mut Heard) -> Option<&mut Person> {
        if !self.people.contains_key(&id) && self.people.len() >= MAX_PEOPLE {
            heard.evicted += 1;
            // Who is not known to be here, and was heard of longest ago, makes room.
            let absent = self.people.iter();
            let absent = absent.filter(|(_, person)| person.presence.value != Some(Some(true)));
            let oldest = absent.min_by_key(|(_, person)| person.heard);
            let oldest = oldest.map(|(id, _)| id.clone())?;
            self.people.remove(&oldest);
        }
        Some(self.people.entry(id).or_default())
    }

    fn next_id(&mut self) -> u32 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }
}

/// A value that the latest word sets; of two words of the same time, the greater. Words without a time are taken in the
/// order in which they arrive.
#[derive(Clone, Debug)]
struct Latest<T> {
    at: Option<Timestamp>,
    value: Option<T>,
}

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self {
            at: None,
            value: None,
        }
    }
}

impl<T: PartialOrd> Latest<T> {
    /// Whether anything is different.
    fn set(&mut self, at: Option<Timestamp>, value: T) -> bool {
        let value = Some(value);
        let is_greater = at != self.at || value > self.value;
        if at.is_some() && (at < self.at || !is_greater) {
            return false;
        }
        self.at = self.at.max(at);
        let is_different = self.value != value;
        self.value = value;
        is_different
    }
}

#[derive(Debug, Default)]
struct Person {
    name: Latest<Option<Text>>,
    presence: Latest<Option<bool>>,
    trust: Latest<Option<Scalar>>,
    /// When the score arrived, and whether it was since called stale.
    heard: Option<Instant>,
    is_stale: bool,
    curve: VecDeque<(Instant, u8)>,
    modalities: Map<Text, Latest<Modality>>,
}

impl Person {
    fn set_trust(&mut self, at: Option<Timestamp>, score: Option<f64>, now: Instant) -> bool {
        let score = score.map(|score| Scalar(score.clamp(0.0, 1.0)));
        let is_same_time = at.is_some() && at == self.trust.at;
        // Of two scores of one time the lower is shown, whichever came first; a repeated one is no news.
        let is_lower = match (score, self.trust.value.flatten()) {
            (Some(score), Some(known)) => score < known,
            (score, known) => score.is_some() && known.is_none(),
        };
        if at.is_some() && (at < self.trust.at || (is_same_time && !is_lower)) {
            return false;
        }
        let was_stale = mem::take(&mut self.is_stale);
        let before = self.trust.value;
        self.trust = Latest {
            at: self.trust.at.max(at),
            value: Some(score),
        };
        self.heard = Some(now);
        if let Some(score) = score {
            // One more than is kept, for the moment before the oldest goes. Doubling would make room for 512.
            let room = MAX_POINTS + 1;
            if self.curve.len() > room / 2 {
                self.curve
                    .reserve_exact(room.saturating_sub(self.curve.len()));
            }
            self.curve.push_back((now, percent(score.0)));
        }
        let is_old = |(at, _): &(Instant, u8)| now.saturating_since(*at) > CURVE;
        while self.curve.len() > MAX_POINTS || self.curve.front().is_some_and(is_old) {
            self.curve.pop_front();
        }
        was_stale || before != Some(score) || score.is_some()
    }

    fn set_modalities(&mut self, at: Option<Timestamp>, modalities: Vec<Modality>) -> bool {
        let mut is_changed = false;
        for mut modality in modalities.into_iter().take(MAX_MODALITIES) {
            let is_known = self.modalities.contains_key(&modality.name);
            if !is_known && self.modalities.len() >= MAX_MODALITIES {
                continue;
            }
            modality.figures.truncate(MAX_FIGURES);
            let name = modality.name.clone();
            is_changed |= self.modalities.entry(name).or_default().set(at, modality);
        }
        is_changed
    }

    /// When the score becomes stale, if it is not yet.
    fn stale_at(&self) -> Option<Instant> {
        self.trust.value.flatten()?;
        self.heard.filter(|_| !self.is_stale).map(|at| at + STALE)
    }

    fn view(&self, id: &ParticipantId, now: Instant) -> ParticipantView {
        let trust = self.trust.value.flatten().map(|score| percent(score.0));
        let age = self.heard.map(|heard| now.saturating_since(heard));
        let origin = self.curve.front().map_or(now, |(at, _)| *at);
        ParticipantView {
            id: id.clone(),
            name: self.name.value.clone().flatten(),
            is_present: self.presence.value.flatten(),
            trust,
            band: trust.map(band),
            stale_for: age.filter(|age| trust.is_some() && *age >= STALE),
            history: self
                .curve
                .iter()
                .map(|(at, score)| (at.saturating_since(origin).as_secs_f32(), *score))
                .collect(),
            modalities: self
                .modalities
                .values()
                .filter_map(|modality| modality.value.clone())
                .collect(),
        }
    }
}

/// Hundredths, rounded down so that number and word agree. The small addend keeps 0.29 from becoming 28.
fn percent(score: f64) -> u8 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    {
        (score * 100.0 + 1e-9).clamp(0.0, 100.0) as u8
    }
}

fn band(percent: u8) -> Band {
    match percent {
        0..=49 => Band::AtRisk,
        50..=79 => Band::Caution,
        _ => Band::Trusted,
    }
}

type GroupKey = (Option<ParticipantId>, Option<Text>);

/// What makes two alerts the same one: their id, or all that they say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum AlertKey {
    Id(Text),
    Said(Option<Timestamp>, GroupKey, Severity, Newer),
}

impl AlertKey {
    fn new(at: Option<Timestamp>, said: &AlertSaid) -> Self {
        match &said.id {
            Some(id) => Self::Id(id.clone()),
            None => Self::Said(
                at,
                (said.participant.clone(), said.kind.clone()),
                said.severity,
                Newer::new(said.clone()),
            ),
        }
    }
}

/// What the newest alert of a group tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Newer {
    message: Option<Text>,
    confidence: Option<Scalar>,
    advice: Option<Text>,
}

impl Newer {
    fn new(said: AlertSaid) -> Self {
        Self {
            message: said.message,
            confidence: said.confidence.map(Scalar),
            advice: said.advice,
        }
    }
}

/// Alerts of one person and type.
#[derive(Debug)]
struct Group {
    id: u32,
    count: u32,
    worst: Max<Severity>,
    /// The earliest alert's time and severity.
    first: Option<(Option<Timestamp>, Severity)>,
    last: Option<Timestamp>,
    latest: (Option<Timestamp>, Newer),
    is_acknowledged: bool,
    /// When the last one arrived.
    heard: Instant,
}

impl Group {
    fn new(id: u32, now: Instant) -> Self {
        Self {
            id,
            count: 0,
            worst: Max(None),
            first: None,
            last: None,
            latest: (None, Newer::default()),
            is_acknowledged: false,
            heard: now,
        }
    }

    fn severity(&self) -> Severity {
        self.worst.0.unwrap_or(Severity::Unknown)
    }
}

/// A time in which nothing was heard of the meeting.
#[derive(Debug)]
struct Gap {
    id: u32,
    began: Instant,
    ended: Option<Instant>,
}

#[cfg(test)]
mod tests {
    use crate::domain::fact::Fact;
    use crate::domain::{Change, MeetingId, Rules, Source, Store};

    use super::*;

    const SERVER: Source = Source(0);

    #[test]
    fn a_score_is_shown_rounded_down_with_the_word_that_agrees() {
        for (score, trust, word) in [
            (Some(0.0), Some(0), Some(Band::AtRisk)),
            (Some(0.29), Some(29), Some(Band::AtRisk)),
            (Some(0.4999), Some(49), Some(Band::AtRisk)),
            (Some(0.5), Some(50), Some(Band::Caution)),
            (Some(0.7999), Some(79), Some(Band::Caution)),
            (Some(0.8), Some(80), Some(Band::Trusted)),
            (Some(7.0), Some(100), Some(Band::Trusted)),
            (Some(-1.0), Some(0), Some(Band::AtRisk)),
            (None, None, None),
        ] {
            let mut room = Room::joined();

            room.say(1, trust_of("a", score));

            let person = &room.view().participants[0];
            assert_eq!((person.trust, person.band), (trust, word), "{score:?}");
        }
    }

    #[test]
    fn a_score_that_is_no_number_says_nothing() {
        let mut room = Room::joined();
        room.say(1, trust_of("a", Some(0.7)));

        assert!(room.say(2, trust_of("a", Some(f64::NAN))).is_empty());
        assert_eq!(room.view().participants[0].trust, Some(70));
    }

    #[test]
    fn the_latest_score_by_the_servers_clock_is_shown() {
        let mut room = Room::joined();
        for (at, score, shown) in [
            (5, 0.7, 70),
            (4, 0.1, 70),
            (6, 0.9, 90),
            (6, 0.8, 80),
            (6, 0.9, 80),
        ] {
            room.say(at, trust_of("a", Some(score)));
            assert_eq!(
                room.view().participants[0].trust,
                Some(shown),
                "{at} {score}"
            );
        }
        assert!(
            room.say(6, trust_of("a", Some(0.8))).is_empty(),
            "a repeated one"
        );
    }

    #[test]
    fn of_two_measurements_of_one_time_the_same_is_shown_whichever_came_first() {
        let measured = |figure: f64| MeetingSaid::Detection {
            participant: who("a"),
            modalities: vec![Modality {
                name: Text::new("audio", 9),
                figures: vec![(Text::new("jitter", 9), figure)],
                confidence: None,
            }],
        };
        for order in [[0.2, 0.7], [0.7, 0.2]] {
            let mut room = Room::joined();
            for figure in order {
                room.say(1, measured(figure));
            }

            let figures = &room.view().participants[0].modalities[0].figures;
            assert_eq!(figures[0].1, 0.7, "{order:?}");
        }
    }

    #[test]
    fn a_score_becomes_stale_after_fifteen_seconds_and_says_so_once() {
        let mut room = Room::joined();
        room.say(1, trust_of("a", Some(0.7)));
        assert_eq!(room.store.poll_timeout(), Some(at(15)));

        room.now = 15;
        let changes = room.store.handle_timeout(at(15));
        assert_eq!(changes, [Change::Meeting(key("x"))]);
        assert_eq!(room.store.poll_timeout(), None);
        let age = room.view().participants[0].stale_for;
        assert_eq!(age, Some(Duration::from_secs(15)));

        assert!(!room.say(9, trust_of("a", Some(0.7))).is_empty());
        assert_eq!(room.view().participants[0].stale_for, None);
    }

    #[test]
    fn people_are_those_of_the_list_and_who_came_since() {
        let mut room = Room::new();
        let presence = |room: &Room| -> Vec<_> {
            let mut people = room.view().participants;
            people.sort_by(|a, b| a.id.cmp(&b.id));
            let people = people.into_iter();
            people
                .map(|it| (it.id.to_string(), it.is_present))
                .collect()
        };
        let named = |it: &[(&str, Option<bool>)]| -> Vec<_> {
            it.iter()
                .map(|(name, is)| ((*name).to_string(), *is))
                .collect()
        };

        room.say(1, trust_of("ghost", Some(0.3)));
        room.say_now(MeetingSaid::Joined(vec![who("a"), who("b")]));
        assert_eq!(
            presence(&room),
            named(&[("a", Some(true)), ("b", Some(true)), ("ghost", None)])
        );
        room.say(2, came("c"));
        room.say(3, went("a"));
        assert!(room.say(1, came("a")).is_empty(), "an old word");
        assert!(room.say(3, went("a")).is_empty(), "a repeated word");
        room.say(3, came("a"));
        room.say_now(MeetingSaid::Joined(vec![who("c")]));
        assert_eq!(
            presence(&room),
            named(&[
                ("a", Some(false)),
                ("b", Some(false)),
                ("c", Some(true)),
                ("ghost", None)
            ])
        );
    }

    #[test]
    fn alerts_are_grouped_counted_and_raised() {
        let mut room = Room::joined();
        let told = |changes: &[Change]| -> Option<(u32, Severity, Option<Severity>)> {
            changes.iter().find_map(|change| match change {
                Change::Alert { group, before, .. } => Some((group.count, group.severity, *before)),
                _ => None,
            })
        };
        let (low, medium, high) = (Severity::Low, Severity::Medium, Severity::High);
        for (second, stamp, severity, news) in [
            (0, 1, medium, Some((1, medium, None))),
            // The same one again.
            (1, 1, medium, None),
            (2, 2, medium, None),
            (3, 3, high, Some((3, high, Some(medium)))),
            (4, 4, low, None),
            (50, 50, high, None),
            (110, 110, high, Some((6, high, Some(high)))),
        ] {
            room.now = second;
            let changes = room.say(stamp, alert("a", severity));
            assert_eq!(told(&changes), news, "{second}");
        }
        let group = room.groups().remove(0);
        assert_eq!((group.count, group.severity), (6, high));
        assert_eq!(group.was_raised_from, Some(medium));
    }

    #[test]
    fn an_acknowledged_group_opens_again_when_it_is_raised_or_after_a_minute_of_quiet() {
        for (second, severity, is_open) in [
            (10, Severity::Medium, false),
            (10, Severity::Low, false),
            (59, Severity::Medium, false),
            (60, Severity::Medium, true),
            (10, Severity::High, true),
        ] {
            let mut room = Room::joined();
            room.say(1, alert("a", Severity::Medium));
            let id = room.groups()[0].id;
            assert_eq!(room.store.acknowledge(&key("x"), id, at(0)).len(), 1);
            assert!(room.store.acknowledge(&key("x"), id, at(0)).is_empty());

            room.now = second;
            room.say(2, alert("a", severity));

            let group = &room.groups()[0];
            assert_eq!(group.is_acknowledged, !is_open, "{second} {severity:?}");
            assert_eq!(group.count, 2, "an acknowledged group counts on");
        }
    }

    #[test]
    fn an_acknowledgement_can_be_taken_back() {
        let mut room = Room::joined();
        room.say(1, alert("a", Severity::Medium));
        let id = room.groups()[0].id;
        room.store.acknowledge(&key("x"), id, at(0));

        room.store.unacknowledge(&key("x"), id, at(0));

        assert!(!room.groups()[0].is_acknowledged);
        assert!(room.store.acknowledge(&key("x"), 999, at(0)).is_empty());
    }

    #[test]
    fn an_alert_with_an_id_is_one_however_it_is_told() {
        let mut room = Room::joined();
        for (stamp, severity) in [(1, Severity::Low), (2, Severity::Low), (3, Severity::High)] {
            let MeetingSaid::Alert(said) = alert("a", severity) else {
                unreachable!("it is an alert");
            };
            let id = Text::name("alert 1");
            room.say(stamp, MeetingSaid::Alert(AlertSaid { id, ..said }));
        }

        let group = &room.groups()[0];
        assert_eq!((group.count, group.severity), (1, Severity::High));
    }

    #[test]
    fn a_new_alert_is_always_told_and_what_made_room_is_counted() {
        for (count, kept, removed) in [(199, 199, 0), (200, 200, 0), (201, 200, 1)] {
            let mut room = Room::joined();
            for index in 0..count {
                let changes = room.say(index, alert(&format!("p{index}"), Severity::High));
                assert!(is_told(&changes, Severity::High), "{index}");
            }
            let view = room.view();
            assert_eq!((room.groups().len(), view.alerts_removed), (kept, removed));
        }
    }

    #[test]
    fn acknowledged_alerts_make_room_first_then_the_mildest_then_the_oldest() {
        use Severity::{Critical, High, Low, Medium};
        // Among 197 critical ones.
        for (others, new, acknowledged, leaves) in [
            ([High, High, High], Critical, None, 0),
            ([High, Medium, High], Critical, None, 1),
            ([High, High, Medium], Low, None, 2),
            ([High, High, Medium], Critical, Some(1), 1),
            ([Critical, Critical, Critical], Low, None, 0),
        ] {
            let mut room = Room::joined();
            for (index, severity) in (0..).zip(others) {
                room.now = index;
                room.say(index, alert(&format!("p{index}"), severity));
            }
            for index in 3..200 {
                room.now = index;
                room.say(index, alert(&format!("p{index}"), Critical));
            }
            if let Some(index) = acknowledged {
                let id = room.group_of(&format!("p{index}")).expect("it is there").id;
                room.store.acknowledge(&key("x"), id, at(room.now));
            }

            let changes = room.say(999, alert("new", new));

            assert!(is_told(&changes, new), "{others:?}");
            assert!(room.group_of("new").is_some(), "{others:?}");
            assert!(
                room.group_of(&format!("p{leaves}")).is_none(),
                "{others:?} {new:?}"
            );
            assert_eq!(room.groups().len(), 200);
        }
    }

    #[test]
    fn of_an_alert_that_made_room_only_a_greater_severity_is_news() {
        let said = |name: &str, severity| {
            let MeetingSaid::Alert(said) = alert(name, severity) else {
                unreachable!("it is an alert");
            };
            let id = Text::name(name);
            MeetingSaid::Alert(AlertSaid { id, ..said })
        };
        let mut room = Room::joined();
        for index in 0..201 {
            room.now = index;
            room.say(index, said(&format!("p{index}"), Severity::Low));
        }
        assert!(room.group_of("p0").is_none());

        assert!(room.say(999, said("p0", Severity::Low)).is_empty());
        let changes = room.say(999, said("p0", Severity::Critical));

        assert!(is_told(&changes, Severity::Critical));
        assert_eq!(room.group_of("p0").map(|group| group.count), Some(1));
        assert_eq!(room.view().alerts_removed, 2);
    }

    #[test]
    fn alerts_may_be_missing_from_the_last_word_before_the_loss_until_we_are_in_again() {
        let mut room = Room::joined();
        room.now = 7;
        room.say(1, trust_of("a", Some(0.5)));
        room.now = 10;
        let changes = room.store.disconnected(SERVER, at(0), at(10));
        assert_eq!(changes, [Change::Meeting(key("x"))]);
        assert!(room.store.disconnected(SERVER, at(0), at(11)).is_empty());
        assert!(!room.view().is_joined);
        room.store.connected(SERVER, at(20));
        room.now = 25;
        let second = Duration::from_secs;
        assert!(matches!(
            room.view().alerts[..],
            [AlertRow::Gap { began, ended: None, .. }] if began == second(18)
        ));

        room.say_now(MeetingSaid::Joined(vec![]));

        room.now = 30;
        assert!(matches!(
            room.view().alerts[..],
            [AlertRow::Gap { began, ended: Some(ended), .. }]
                if began == second(23) && ended == second(5)
        ));
    }

    #[test]
    fn a_silent_meeting_may_miss_alerts_from_our_joining_on() {
        let mut room = Room::new();
        room.now = 4;
        room.say_now(MeetingSaid::Joined(vec![]));

        room.now = 60;
        room.store.disconnected(SERVER, at(0), at(60));

        assert!(matches!(
            room.view().alerts[..],
            [AlertRow::Gap { began, ended: None, .. }] if began == Duration::from_secs(56)
        ));
    }

    #[test]
    fn a_quiet_meeting_whose_server_was_heard_may_miss_nothing_before_that() {
        let mut room = Room::new();
        room.now = 4;
        room.say_now(MeetingSaid::Joined(vec![]));

        room.now = 60;
        room.store.disconnected(SERVER, at(50), at(60));

        assert!(matches!(
            room.view().alerts[..],
            [AlertRow::Gap { began, ended: None, .. }] if began == Duration::from_secs(10)
        ));
    }

    #[test]
    fn old_gaps_become_one_that_covers_them() {
        for (count, kept) in [(99, 99), (100, 100), (101, 100)] {
            let mut room = Room::joined();
            for gap in 0..count {
                room.now = gap * 10;
                room.store.disconnected(SERVER, at(0), at(room.now));
                room.now += 1;
                room.say_now(MeetingSaid::Joined(vec![]));
            }

            let rows = room.view().alerts;
            assert_eq!(rows.len(), kept);
            let since_first = Duration::from_secs(u64::from(room.now));
            assert!(
                matches!(rows.last(), Some(AlertRow::Gap { began, .. }) if *began == since_first)
            );
        }
    }

    #[test]
    fn a_word_without_a_meeting_needs_the_only_one() {
        let mut room = Room::joined();
        assert!(!room.say(1, came("a")).is_empty());

        room.store.open_meeting(key("y"), at(0));
        assert!(room.say(2, came("b")).is_empty());

        let again: Vec<_> = std::iter::from_fn(|| room.store.poll_rejoin()).collect();
        assert_eq!(again, [key("x"), key("y")]);
        assert_eq!(room.store.counters().unattributed, 1);
        assert_eq!(room.view().participants.len(), 1);
    }

    #[test]
    fn a_meeting_that_is_left_and_opened_again_gives_no_number_twice() {
        let mut room = Room::joined();
        room.say(1, alert("a", Severity::High));
        room.say(2, alert("b", Severity::High));
        let before = room.groups();
        room.store.close_meeting(&key("x"));
        room.now = 1;

        room.store.open_meeting(key("x"), at(1));
        room.say(3, alert("a", Severity::High));

        let again = &room.groups()[0];
        assert!(before.iter().all(|group| group.id != again.id));
    }

    #[test]
    fn what_is_said_of_another_meeting_stays_outside() {
        let mut room = Room::joined();
        let fact = Fact::Meeting {
            meeting: MeetingId::new("elsewhere"),
            at: None,
            said: alert("a", Severity::Critical),
        };

        assert!(room.store.apply(SERVER, vec![fact], at(0)).is_empty());
        assert!(room.view().alerts.is_empty());
        assert_eq!(room.store.counters().foreign, 1);
    }

    #[test]
    fn the_number_of_people_is_bounded_and_who_is_here_stays() {
        for (count, kept) in [(999, 999), (1000, 1000), (1001, 1000)] {
            let mut room = Room::new();
            room.say_now(MeetingSaid::Joined(vec![who("here")]));
            for index in 1..count {
                room.now = index;
                room.say(index, trust_of(&format!("p{index}"), Some(0.5)));
            }

            let people = room.view().participants;
            assert_eq!(people.len(), kept);
            assert!(people.iter().any(|person| person.id == who("here")));
        }
    }

    #[test]
    fn a_curve_has_five_minutes_and_at_most_300_points() {
        let mut room = Room::joined();
        for second in 0..1000 {
            room.now = second / 2;
            room.say(second, trust_of("a", Some(0.5)));
        }
        assert_eq!(room.view().participants[0].history.len(), MAX_POINTS);

        room.now = 5000;
        room.say(5000, trust_of("a", Some(0.6)));
        assert_eq!(room.view().participants[0].history, [(0.0, 60)]);
    }

    #[test]
    fn people_are_ordered_by_the_lowest_trust() {
        let mut room = Room::joined();
        for (name, score) in [("a", None), ("b", Some(0.9)), ("c", Some(0.1))] {
            room.say(1, trust_of(name, score));
        }

        let people = room.view().participants;
        let names: Vec<_> = people.iter().map(|person| person.id.as_str()).collect();
        assert_eq!(names, ["c", "b", "a"]);
    }

    struct Room {
        store: Store,
        now: u32,
    }

    impl Room {
        fn new() -> Self {
            let mut store = Store::new();
            store.add_source(SERVER, Rules::default());
            store.connected(SERVER, at(0));
            assert!(store.open_meeting(key("x"), at(0)));
            Self { store, now: 0 }
        }

        fn joined() -> Self {
            let mut room = Self::new();
            room.say_now(MeetingSaid::Joined(vec![]));
            room
        }

        /// Says something of no named meeting, stamped with a second of the server's clock.
        fn say(&mut self, stamp: u32, said: MeetingSaid) -> Vec<Change> {
            let stamp = Timestamp::from_unix_millis(1e12 + f64::from(stamp) * 1e3);
            self.apply(None, stamp, said)
        }

        fn say_now(&mut self, said: MeetingSaid) -> Vec<Change> {
            self.apply(MeetingId::new("x"), None, said)
        }

        fn apply(
            &mut self,
            meeting: Option<MeetingId>,
            stamp: Option<Timestamp>,
            said: MeetingSaid,
        ) -> Vec<Change> {
            let fact = Fact::Meeting {
                meeting,
                at: stamp,
                said,
            };
            self.store.apply(SERVER, vec![fact], at(self.now))
        }

        fn view(&self) -> MeetingView {
            let view = self.store.meeting(&key("x"), at(self.now));
            view.expect("it is open")
        }

        fn group_of(&self, name: &str) -> Option<AlertGroupView> {
            let groups = self.groups().into_iter();
            let of = |group: &AlertGroupView| group.participant == ParticipantId::new(name);
            groups.filter(of).last()
        }

        fn groups(&self) -> Vec<AlertGroupView> {
            let rows = self.view().alerts.into_iter();
            rows.filter_map(|row| match row {
                AlertRow::Group(group) => Some(group),
                AlertRow::Gap { .. } => None,
            })
            .collect()
        }
    }

    fn is_told(changes: &[Change], severity: Severity) -> bool {
        changes.iter().any(
            |change| matches!(change, Change::Alert { group, .. } if group.severity == severity),
        )
    }

    fn at(second: u32) -> Instant {
        Instant::from_millis(u64::from(second) * 1000)
    }

    fn key(name: &str) -> MeetingKey {
        MeetingKey {
            source: SERVER,
            id: MeetingId::new(name).expect("a short name"),
        }
    }

    fn who(name: &str) -> ParticipantId {
        ParticipantId::new(name).expect("a short name")
    }

    fn trust_of(name: &str, score: Option<f64>) -> MeetingSaid {
        MeetingSaid::Trust {
            participant: who(name),
            score,
        }
    }

    fn came(name: &str) -> MeetingSaid {
        MeetingSaid::ParticipantJoined {
            participant: who(name),
            name: None,
        }
    }

    fn went(name: &str) -> MeetingSaid {
        MeetingSaid::ParticipantLeft {
            participant: who(name),
        }
    }

    fn alert(name: &str, severity: Severity) -> MeetingSaid {
        MeetingSaid::Alert(AlertSaid {
            id: None,
            participant: Some(who(name)),
            severity,
            kind: Text::name("voice_cloning"),
            message: Text::message("The voice may be made by a machine."),
            confidence: Some(0.8),
            advice: None,
        })
    }
}
