//! The alerts of a meeting: which of them are the same, how they stand in groups by person and type, and which are
//! news.

use std::time::Duration;

use super::{Heard, Meeting, MAX_ALERTS, MAX_GROUPS};
use crate::domain::fact::{AlertSaid, Severity};
use crate::domain::register::{Join, Max, Scalar};
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
        let known = self.known.get(&key).copied();
        // Without a time it is the same as its copies, but none of those comes so late: rather is it told twice than never.
        let is_timeless = matches!(key, AlertKey::Said(None, ..));
        let is_copy = |heard| !is_timeless || now.saturating_since(heard) < QUIET;
        let known = known.and_then(|(severity, heard)| is_copy(heard).then_some(severity));
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
        self.remember(key, said.severity, now);
        let Some(group) = self.groups.get_mut(&group_key) else {
            return false;
        };
        let before = group.worst.0;
        let is_raised = group.worst.join(Max(Some(said.severity)));
        let is_news = group.is_news(said.severity, now);
        group.is_acknowledged &= !is_news;
        group.heard = now;
        group.heard_of[said.severity as usize] = Some(now);
        group.count = group.count.saturating_add(u32::from(!is_known));
        group.told = group.told.saturating_add(1);
        let severity = said.severity;
        let first = (at, severity);
        if group.first.is_none_or(|known| first < known) {
            group.first = Some(first);
        }
        group.last = group.last.max(at);
        let told = What::Alert {
            severity,
            raised_from: before.filter(|_| is_raised),
            kind: said.kind.clone(),
            message: said.message.clone(),
            confidence: said.confidence,
        };
        let latest = (at, Newer::new(said));
        if latest >= group.latest {
            group.latest = latest;
        }
        self.tell(at, group_key.0.clone(), told, now);
        if is_news {
            if let Some(group) = self.groups.get(&group_key) {
                heard.alert = Some((severity, self.group_view(&group_key, group), before));
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

    fn remember(&mut self, key: AlertKey, severity: Severity, now: Instant) {
        if self.known.insert(key.clone(), (severity, now)).is_some() {
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
        let severity = group.severity();
        let (_, latest) = &group.latest;
        AlertGroupView {
            id: group.id,
            participant: participant.clone(),
            name: participant.as_ref().and_then(|id| self.name_of(id)),
            severity,
            other_severity: (latest.other_severity.clone())
                .filter(|_| severity == Severity::Unknown),
            was_raised_from: group
                .first
                .map(|(_, first)| first)
                .filter(|first| *first < severity),
            kind: kind.clone(),
            message: latest.message.clone(),
            confidence: latest.confidence.map(|confidence| confidence.0),
            advice: latest.advice.clone(),
            count: group.count,
            told: group.told,
            first: group.first.and_then(|(at, _)| at),
            last: group.last,
            is_acknowledged: group.is_acknowledged,
        }
    }
}

pub(super) type GroupKey = (Option<ParticipantId>, Option<Text>);

/// What makes two alerts the same one: their id, or all that they say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AlertKey {
    Id(Text, GroupKey),
    Said(Option<Timestamp>, GroupKey, Severity, Newer),
}

impl AlertKey {
    fn new(at: Option<Timestamp>, said: &AlertSaid) -> Self {
        match &said.id {
            // A server that is started again may count from one again: what is of somebody else is another alert.
            Some(id) => Self::Id(id.clone(), (said.participant.clone(), said.kind.clone())),
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
pub(super) struct Newer {
    other_severity: Option<Text>,
    message: Option<Text>,
    confidence: Option<Scalar>,
    advice: Option<Text>,
}

impl Newer {
    fn new(said: AlertSaid) -> Self {
        Self {
            other_severity: said.other_severity,
            message: said.message,
            confidence: said.confidence.map(Scalar),
            advice: said.advice,
        }
    }
}

/// Alerts of one person and type.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) id: u32,
    count: u32,
    told: u32,
    worst: Max<Severity>,
    /// The earliest alert's time and severity.
    first: Option<(Option<Timestamp>, Severity)>,
    last: Option<Timestamp>,
    latest: (Option<Timestamp>, Newer),
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
            worst: Max(None),
            first: None,
            last: None,
            latest: (None, Newer::default()),
            is_acknowledged: false,
            heard: now,
            heard_of: [None; 5],
        }
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
        self.worst.0.unwrap_or(Severity::Unknown)
    }
}
