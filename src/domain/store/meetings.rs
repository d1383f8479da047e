//! The meetings that are watched, and those that were: opening and leaving, what is heard of them, and when one is
//! joined once more.

use std::time::Duration;

use super::{Store, Touched};
use crate::domain::fact::{AlertSaid, Fact, MeetingSaid};
use crate::domain::meeting::{Heard, Meeting};
use crate::domain::trail::Trail;
use crate::domain::view::{Change, MeetingView};
use crate::domain::{MeetingId, MeetingKey, Source};
use crate::time::{Instant, Timestamp};

/// Meetings that can be open at once.
pub const MAX_MEETINGS: usize = 10;

/// Meetings that were left and are remembered. The one that was left longest ago makes room.
pub const MAX_LEFT: usize = 10;

/// A meeting is joined once more at most once in this time: servers tell everybody of each joining, so that two pages
/// that are in doubt would go on answering each other.
const REJOIN: Duration = Duration::from_secs(10);

/// How long a server may take to let us go: what it says until then without a meeting may be of the one that is left.
const LEAVING: Duration = Duration::from_secs(10);

impl Store {
    /// Begins to watch a meeting. Whether there is room for it.
    pub fn open_meeting(&mut self, key: MeetingKey, now: Instant) -> bool {
        self.now = now;
        if self.meetings.contains_key(&key) {
            return true;
        }
        let has_room = self.meetings.len() < MAX_MEETINGS;
        if has_room {
            self.leaving.remove(&key);
            let place = self.left.iter().position(|left| *left.key() == key);
            let meeting = match place.and_then(|place| self.left.remove(place)) {
                Some(mut meeting) => {
                    meeting.handle_return(now);
                    meeting
                }
                None => Meeting::new(key.clone(), now),
            };
            self.meetings.insert(key, meeting);
        }
        has_room
    }

    /// Ends watching a meeting. What was heard of it is remembered, if anything was; opened again, it goes on from
    /// there, with a gap.
    pub fn close_meeting(&mut self, key: &MeetingKey, now: Instant) {
        self.now = now;
        self.leaving.retain(|_, until| *until > now);
        self.rejoins.remove(key);
        self.rejoined.remove(key);
        let Some(mut meeting) = self.meetings.remove(key) else {
            return;
        };
        let server = self.sources.get(&key.source);
        if server.is_some_and(|server| server.connected.is_some()) {
            self.leaving.insert(key.clone(), now + LEAVING);
        }
        if meeting.handle_leave(now) {
            self.left.push_back(meeting);
        }
        if self.left.len() > MAX_LEFT {
            self.left.pop_front();
        }
    }

    /// The meetings that were left and are remembered, the last one last.
    pub fn left_meetings(&self) -> impl DoubleEndedIterator<Item = &MeetingKey> {
        self.left.iter().map(Meeting::key)
    }

    /// What is shown of a meeting, also of one that was left.
    #[must_use]
    pub fn meeting(&self, key: &MeetingKey, now: Instant) -> Option<MeetingView> {
        let is_list_in_doubt = self.rejoins.contains(key);
        let view = self.known_meeting(key)?.view(now);
        Some(MeetingView {
            is_list_in_doubt,
            ..view
        })
    }

    /// Whether the server has confirmed that we are in a meeting, on this connection: only then are its alerts heard.
    #[must_use]
    pub fn is_watched(&self, key: &MeetingKey) -> bool {
        self.meetings.get(key).is_some_and(Meeting::is_joined)
    }

    /// What was told of a meeting since it was opened.
    #[must_use]
    pub fn trail(&self, key: &MeetingKey) -> Option<Trail> {
        Some(self.known_meeting(key)?.trail())
    }

    fn known_meeting(&self, key: &MeetingKey) -> Option<&Meeting> {
        let mut left = self.left.iter();
        let of_left = || left.find(|left| left.key() == key);
        self.meetings.get(key).or_else(of_left)
    }

    /// The open meetings.
    pub fn meetings(&self) -> impl Iterator<Item = &MeetingKey> {
        self.meetings.keys()
    }

    /// A person here has seen a group of alerts.
    pub fn acknowledge(&mut self, key: &MeetingKey, group: u32, now: Instant) -> Vec<Change> {
        self.set_acknowledged(key, group, true, now)
    }

    /// Takes that back.
    pub fn unacknowledge(&mut self, key: &MeetingKey, group: u32, now: Instant) -> Vec<Change> {
        self.set_acknowledged(key, group, false, now)
    }

    /// A meeting to be joined once more, because it is not known to which one something belongs, or because we are not
    /// in it though we asked; the reply tells who is there. Each at most once in ten seconds; what was unclear
    /// meanwhile is asked for once at their end.
    pub fn poll_rejoin(&mut self) -> Option<MeetingKey> {
        let is_due = |key: &&MeetingKey| {
            let is_unsure = self.rejoins.contains(*key) && self.rejoin_at(key) <= self.now;
            is_unsure || self.unanswered_at(key).is_some_and(|at| at <= self.now)
        };
        let key = self.meetings.keys().find(is_due)?.clone();
        if let Some(meeting) = self.meetings.get_mut(&key) {
            meeting.ask(self.now);
        }
        self.rejoins.remove(&key);
        self.rejoined.insert(key.clone(), self.now);
        Some(key)
    }

    pub(super) fn hear_of_meeting(&mut self, source: Source, fact: Fact, touched: &mut Touched) {
        let Fact::Meeting { meeting, at, said } = fact else {
            return;
        };
        let key = match meeting {
            Some(id) => MeetingKey { source, id },
            None => {
                let Some(only) = self.only_meeting(source) else {
                    if let MeetingSaid::Alert(alert) = &said {
                        for id in self.meetings_of_alert(source, alert) {
                            let (meeting, said) = (Some(id), said.clone());
                            let fact = Fact::Meeting { meeting, at, said };
                            self.hear_of_meeting(source, fact, touched);
                        }
                    }
                    self.counters.unattributed += 1;
                    self.name_everywhere(source, at, &said, touched);
                    self.doubt_meetings(source, &said, touched);
                    return;
                };
                only
            }
        };
        if said == MeetingSaid::Left {
            self.leaving.remove(&key);
        }
        let Some(meeting) = self.meetings.get_mut(&key) else {
            self.counters.foreign += 1;
            return;
        };
        // What was due before this was said is true of the time before it.
        if meeting.handle_timeout(self.now, &mut touched.told) {
            touched.meetings.insert(key.clone());
        }
        let Heard {
            is_changed,
            alert,
            frame,
            evicted,
            is_dropped,
        } = meeting.apply(at, said, self.now);
        self.counters.evicted += evicted;
        self.counters.dropped += u64::from(is_dropped);
        if let Some(frame) = frame {
            let meeting = key.clone();
            touched.told.push(Change::VideoFrame { meeting, frame });
        }
        if let Some((severity, group, before)) = alert {
            touched.told.push(Change::Alert {
                meeting: key.clone(),
                severity,
                group,
                before,
            });
        }
        if is_changed {
            touched.meetings.insert(key);
        }
    }

    /// The open meeting of this server, if there is only one, and none that is being left.
    fn only_meeting(&self, source: Source) -> Option<MeetingKey> {
        let mut left = self.leaving.iter();
        if left.any(|(key, until)| key.source == source && *until > self.now) {
            return None;
        }
        let mut open = self.meetings.keys().filter(|key| key.source == source);
        let only = open.next()?;
        open.next().is_none().then(|| only.clone())
    }

    /// The meetings that an alert may be of which names none: those in which the one is whom it is about, or else all
    /// that are open. Rather is it told once too often than never.
    fn meetings_of_alert(&self, source: Source, alert: &AlertSaid) -> Vec<MeetingId> {
        let open = || self.meetings.iter().filter(|(key, _)| key.source == source);
        let is_there = |meeting: &Meeting| {
            let who = alert.participant.as_ref();
            who.is_some_and(|who| meeting.is_present(who))
        };
        let ids = open().filter(|(_, meeting)| is_there(meeting));
        let ids: Vec<_> = ids.map(|(key, _)| key.id.clone()).collect();
        match ids.is_empty() {
            true => open().map(|(key, _)| key.id.clone()).collect(),
            false => ids,
        }
    }

    /// Whoever came, and into whichever of this server's meetings, has the same name in each.
    fn name_everywhere(
        &mut self,
        source: Source,
        at: Option<Timestamp>,
        said: &MeetingSaid,
        touched: &mut Touched,
    ) {
        let MeetingSaid::ParticipantJoined {
            participant,
            name: Some(name),
        } = said
        else {
            return;
        };
        for (key, meeting) in self.meetings.iter_mut() {
            if key.source == source && meeting.hear_name(at, participant, name) {
                touched.meetings.insert(key.clone());
            }
        }
    }

    /// Something was said of one of this server's meetings, and nobody knows of which. That someone came who is in all
    /// of them says nothing new.
    fn doubt_meetings(&mut self, source: Source, said: &MeetingSaid, touched: &mut Touched) {
        let mut meetings = self.meetings.iter().filter(|(key, _)| key.source == source);
        let is_known = match said {
            MeetingSaid::ParticipantJoined { participant, .. } => {
                meetings.all(|(_, meeting)| meeting.is_present(participant))
            }
            _ => false,
        };
        if !is_known {
            let unsure = self.meetings.keys().filter(|key| key.source == source);
            let unsure: Vec<_> = unsure.cloned().collect();
            touched.meetings.extend(unsure.iter().cloned());
            self.rejoins.extend(unsure);
        }
    }

    pub(super) fn rejoin_at(&self, key: &MeetingKey) -> Instant {
        let last = self.rejoined.get(key);
        last.map_or(Instant::default(), |last| *last + REJOIN)
    }

    /// When to ask again for a meeting that we are not in, of a server that can be heard.
    pub(super) fn unanswered_at(&self, key: &MeetingKey) -> Option<Instant> {
        self.sources.get(&key.source)?.connected?;
        self.meetings.get(key)?.ask_again_at()
    }

    fn set_acknowledged(
        &mut self,
        key: &MeetingKey,
        group: u32,
        is_acknowledged: bool,
        now: Instant,
    ) -> Vec<Change> {
        self.now = now;
        let mut left = self.left.iter_mut();
        let of_left = || left.find(|left| left.key() == key);
        let meeting = self.meetings.get_mut(key).or_else(of_left);
        let is_changed =
            meeting.is_some_and(|meeting| meeting.set_acknowledged(group, is_acknowledged, now));
        if is_changed {
            vec![Change::Meeting(key.clone())]
        } else {
            Vec::new()
        }
    }
}
