//! The alerts of a meeting: which of them are the same, how they stand in groups by person and type, and which are
//! news.

use std::cmp::Ordering;
use std::time::Duration;

use super::{Heard, Meeting, MAX_ALERTS, MAX_GROUPS};
use crate::domain::fact::{AlertSaid, Severity};
use crate::domain::register::Scalar;
use crate::domain::trail::What;
use crate::domain::view::AlertGroupView;
use crate::domain::{ParticipantId, Text};
use crate::time::{Instant, Timestamp};

/// An alert after this long without one of its group that is as bad is news again.
const QUIET: Duration = Duration::from_secs(60);

impl Meeting {
    pub(super) fn handle_alert(
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
        let known = self
            .known
            .get(&key)
            .filter(|known| self.is_copy(known, &key, at, now));
        let known = known.map(|known| known.severity);
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
        let alert = Known {
            severity: said.severity,
            at,
            heard: now,
            gaps: self.gaps_begun,
        };
        self.remember(key, alert);
        let Some(group) = self.groups.get_mut(&group_key) else {
            return false;
        };
        let before = group.worst.as_ref().map(|worst| worst.severity);
        let is_raised = before < Some(said.severity);
        let gaps = self.gaps_begun;
        let heard_at = Moment {
            at,
            heard: now,
            gaps,
        };
        group.hear(heard_at, said.clone());
        let is_news = group.is_news(said.severity, now);
        group.is_acknowledged &= !is_news;
        group.heard = now;
        group.heard_of[said.severity as usize] = Some(now);
        group.count = group.count.saturating_add(u32::from(!is_known));
        group.told = group.told.saturating_add(1);
        let severity = said.severity;
        let told = What::Alert {
            severity,
            raised_from: before.filter(|_| is_raised),
            kind: said.kind.clone(),
            message: said.message.clone(),
            confidence: said.confidence,
        };
        self.tell(at, group_key.0.clone(), told, now);
        if is_news {
            if let Some(group) = self.groups.get(&group_key) {
                // What is told is this alert, and its group was told of another where that was worse.
                let view = AlertGroupView {
                    last: at,
                    ..said_by(self.group_view(&group_key, group), &Content::new(said))
                };
                heard.alert = Some((severity, view, before));
            }
        }
        true
    }

    /// Makes room for one more group. What a person has acknowledged goes first, then the mildest, then the oldest:
    /// what is new and urgent is worth more than what nobody has looked at among two hundred others.
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

    /// Whether an alert of this key is the one that is known. Rather is it told twice than never.
    fn is_copy(&self, known: &Known, key: &AlertKey, at: Option<Timestamp>, now: Instant) -> bool {
        match key {
            // A server that was started again may count from one again.
            AlertKey::Id(..) => {
                let is_gap_since = known.gaps != self.gaps_begun;
                !is_gap_since || (at.is_some() && at == known.at)
            }
            // None of its copies comes so late.
            AlertKey::Said(None, ..) => now.saturating_since(known.heard) < QUIET,
            AlertKey::Said(..) => true,
        }
    }

    fn remember(&mut self, key: AlertKey, alert: Known) {
        if self.known.insert(key.clone(), alert).is_some() {
            return;
        }
        self.known_order.push_back(key);
        if self.known_order.len() > MAX_ALERTS {
            if let Some(oldest) = self.known_order.pop_front() {
                self.known.remove(&oldest);
            }
        }
    }

    pub(super) fn group_view(
        &self,
        (participant, kind): &GroupKey,
        group: &Group,
    ) -> AlertGroupView {
        let view = AlertGroupView {
            id: group.id,
            participant: participant.clone(),
            name: participant.as_ref().and_then(|id| self.name_of(id)),
            severity: group.severity(),
            other_severity: None,
            was_raised_from: group.was_raised_from(),
            kind: kind.clone(),
            message: None,
            confidence: None,
            advice: None,
            count: group.count,
            told: group.told,
            first: group.first().and_then(|first| first.at),
            last: group.last.and_then(|last| last.at),
            is_acknowledged: group.is_acknowledged,
            is_simulated: false,
        };
        match &group.worst {
            Some(worst) => said_by(view, &worst.said),
            None => view,
        }
    }
}

/// A group with what one of its alerts says: all of it, for a message with the confidence of another was never said.
fn said_by(view: AlertGroupView, said: &Content) -> AlertGroupView {
    let is_word_needed = view.severity == Severity::Unknown;
    AlertGroupView {
        other_severity: said.other_severity.clone().filter(|_| is_word_needed),
        message: said.message.clone(),
        confidence: said.confidence.map(|confidence| confidence.0),
        advice: said.advice.clone(),
        is_simulated: said.is_simulated,
        ..view
    }
}

/// When an alert was said, as far as anybody knows.
#[derive(Clone, Copy, Debug)]
struct Moment {
    at: Option<Timestamp>,
    heard: Instant,
    /// How many gaps had begun by then: after one the server may have another clock.
    gaps: u32,
}

impl Moment {
    /// By the server's clock where it stamped both and there is no gap between them, which no order of arrival changes;
    /// else by when they were heard.
    fn order(self, other: Self) -> Ordering {
        match (self.at, other.at) {
            (Some(a), Some(b)) if self.gaps == other.gaps => a.cmp(&b),
            _ => self.heard.cmp(&other.heard),
        }
    }
}

pub(super) type GroupKey = (Option<ParticipantId>, Option<Text>);

/// An alert that was told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// The greatest that it came with.
    severity: Severity,
    at: Option<Timestamp>,
    heard: Instant,
    /// As in [`Moment`].
    gaps: u32,
}

/// What makes two alerts the same one: their id, or all that they say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AlertKey {
    Id(Text, GroupKey),
    Said(Option<Timestamp>, GroupKey, Severity, Content),
}

impl AlertKey {
    fn new(at: Option<Timestamp>, said: &AlertSaid) -> Self {
        match &said.id {
            // What is of somebody else is another alert.
            Some(id) => Self::Id(id.clone(), (said.participant.clone(), said.kind.clone())),
            None => Self::Said(
                at,
                (said.participant.clone(), said.kind.clone()),
                said.severity,
                Content::new(said.clone()),
            ),
        }
    }
}

/// What an alert says beside how bad it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Content {
    other_severity: Option<Text>,
    message: Option<Text>,
    confidence: Option<Scalar>,
    advice: Option<Text>,
    is_simulated: bool,
}

impl Content {
    fn new(said: AlertSaid) -> Self {
        Self {
            other_severity: said.other_severity,
            message: said.message,
            confidence: said.confidence.map(Scalar),
            advice: said.advice,
            is_simulated: said.is_simulated,
        }
    }
}

/// An alert of a group of which none is worse.
#[derive(Debug)]
struct Worst {
    severity: Severity,
    moment: Moment,
    said: Content,
}

/// Alerts of one person and type.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) id: u32,
    count: u32,
    told: u32,
    /// The newest of the worst.
    worst: Option<Worst>,
    /// The first of each severity.
    firsts: [Option<Moment>; 5],
    last: Option<Moment>,
    pub(super) is_acknowledged: bool,
    /// When the last one arrived.
    pub(super) heard: Instant,
    /// When the last one of each severity arrived.
    heard_of: [Option<Instant>; 5],
}

impl Group {
    fn new(id: u32, now: Instant) -> Self {
        Self {
            id,
            count: 0,
            told: 0,
            worst: None,
            firsts: [None; 5],
            last: None,
            is_acknowledged: false,
            heard: now,
            heard_of: [None; 5],
        }
    }

    fn hear(&mut self, moment: Moment, said: AlertSaid) {
        let severity = said.severity;
        let first = &mut self.firsts[severity as usize];
        if first.is_none_or(|first| moment.order(first).is_lt()) {
            *first = Some(moment);
        }
        if self.last.is_none_or(|last| moment.order(last).is_ge()) {
            self.last = Some(moment);
        }
        let said = Content::new(said);
        let is_newest_of_worst = self.worst.as_ref().is_none_or(|worst| {
            let order = severity.cmp(&worst.severity);
            let order = order.then_with(|| moment.order(worst.moment));
            order.then_with(|| said.cmp(&worst.said)).is_ge()
        });
        if is_newest_of_worst {
            self.worst = Some(Worst {
                severity,
                moment,
                said,
            });
        }
    }

    fn first(&self) -> Option<Moment> {
        let firsts = self.firsts.iter().flatten().copied();
        firsts.min_by(|a, b| a.order(*b))
    }

    /// The worst that was said before the first that is as bad as the group is.
    fn was_raised_from(&self) -> Option<Severity> {
        let severity = self.severity();
        let raised = self.firsts[severity as usize]?;
        let milder = Severity::KNOWN.into_iter().rev().chain([Severity::Unknown]);
        let mut milder = milder.skip_while(|milder| *milder >= severity);
        milder.find(|milder| {
            let first = self.firsts[*milder as usize];
            first.is_some_and(|first| first.order(raised).is_le())
        })
    }

    /// Whether none as bad came in the last minute. Milder ones do not count: whoever is told only of the worse would
    /// never hear of it.
    fn is_news(&self, severity: Severity, now: Instant) -> bool {
        let as_bad = self.heard_of[severity as usize..].iter().flatten();
        !as_bad
            .copied()
            .any(|heard| now.saturating_since(heard) < QUIET)
    }

    pub(super) fn severity(&self) -> Severity {
        let worst = self.worst.as_ref();
        worst.map_or(Severity::Unknown, |worst| worst.severity)
    }
}
