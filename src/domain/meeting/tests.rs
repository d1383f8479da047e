//! The rules of a meeting, in a room with one of them.

mod alerts;
mod figures;
mod joining;
mod people;
mod trail;

use std::time::Duration;

use crate::domain::fact::{AlertSaid, Fact};
use crate::domain::{Change, MeetingId, Rules, Source, Store};

use super::*;

const SERVER: Source = Source(0);

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
        room.say_now(MeetingSaid::Joined(Some(vec![])));
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

    /// The connection is lost and made again.
    fn miss_something(&mut self) {
        self.store.disconnected(SERVER, at(self.now), at(self.now));
        self.now += 5;
        self.store.connected(SERVER, at(self.now));
        let people = self.view().participants.into_iter();
        let present = people.filter(|person| person.is_present == Some(true));
        let present = present.map(|person| person.id).collect();
        self.say_now(MeetingSaid::Joined(Some(present)));
        self.now += 1;
    }

    /// Wakes it at each of its deadlines until `end`.
    fn pass(&mut self, end: Instant) {
        while let Some(due) = self.store.poll_timeout().filter(|due| *due <= end) {
            self.store.handle_timeout(due);
        }
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
    changes
        .iter()
        .any(|change| matches!(change, Change::Alert { severity: own, .. } if *own == severity))
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
        other_severity: None,
        kind: Text::name("voice_cloning"),
        message: Text::message("The voice may be made by a machine."),
        confidence: Some(0.8),
        advice: None,
        is_simulated: false,
    })
}
