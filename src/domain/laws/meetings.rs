//! The laws of meetings: people and scores are what was said last by the server's clock, alerts are a union.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::lawful;
use crate::domain::fact::{AlertSaid, Fact, MeetingSaid, Metric, Modality, Severity};
use crate::domain::scene::*;
use crate::domain::view::{
    AlertGroupView, AlertRow, Change, MeetingView, ParticipantView, TrailView,
};
use crate::domain::{MeetingId, MeetingKey, ParticipantId, Rules, Text};
use crate::time::Timestamp;

proptest! {
    #![proptest_config(lawful())]

    // L1: idempotent.
    #[test]
    fn what_a_meeting_hears_twice_it_heard_once(said in said(1..40)) {
        let (mut once, mut twice) = (Room::open(), Room::open());
        for said in said {
            once.say(said.clone());
            twice.say(said.clone());
            prop_assert!(twice.say(said.clone()).is_empty(), "{:?}", said);
        }
        prop_assert_eq!(once.view(), twice.view());
    }

    // L2: commutative, also where two say different things of the same time. Of an alert without a time nothing tells
    // when it was but its arrival: the last one heard is the newest.
    #[test]
    fn a_meeting_does_not_depend_on_the_order_of_arrival(
        (said, shuffled) in said(1..40).prop_flat_map(|mut said| {
            said.retain(|(at, said)| at.is_some() || !matches!(said, MeetingSaid::Alert(_)));
            (Just(said.clone()), Just(said).prop_shuffle())
        }),
    ) {
        let (mut one, mut other) = (Room::open(), Room::open());
        for said in said {
            one.say(said);
        }
        for said in shuffled {
            other.say(said);
        }
        prop_assert_eq!(unordered(one.view()), unordered(other.view()));
    }

    // L3: associative.
    #[test]
    fn a_meetings_batch_is_its_parts(said in said(1..40)) {
        let (mut batch, mut parts) = (Room::open(), Room::open());
        let facts = said.iter().map(|said| fact("x", said.clone()));
        batch.scene.say(facts);
        for said in said {
            parts.say(said);
        }
        prop_assert_eq!(batch.view(), parts.view());
    }

    // L11: isolation.
    #[test]
    fn what_is_said_in_one_meeting_leaves_others_alone(mine in said(1..20), others in said(1..20)) {
        let (mut alone, mut crowded) = (Room::open(), Room::open());
        let now = crowded.scene.at();
        assert!(crowded.scene.store.open_meeting(key_of("y"), now));
        for said in &mine {
            alone.say(said.clone());
        }
        let mut others = others.into_iter();
        for said in mine {
            crowded.say(said);
            let changes = crowded.scene.say(others.next().map(|said| fact("y", said)));
            let is_mine = changes.iter().any(|change| match change {
                Change::Meeting(key) | Change::Alert { meeting: key, .. } => *key == key_of("x"),
                _ => true,
            });
            prop_assert!(!is_mine, "{:?}", changes);
        }
        prop_assert_eq!(alone.view(), crowded.view());
        crowded.scene.store.close_meeting(&key_of("y"), now);
        prop_assert_eq!(alone.view(), crowded.view());
    }

    // L16: the alerts are the union of what was delivered.
    #[test]
    fn every_alert_is_counted_once_and_none_is_lost_by_an_acknowledgement(
        alerts in proptest::collection::vec(alert(), 1..30),
        gestures in proptest::collection::vec(proptest::option::of((any::<bool>(), 0..9u32)), 30),
    ) {
        let mut room = Room::open();
        let first = room.scene.now.as_millis() as u32;
        // By person and type: what makes each alert the one it is, and the greatest severity.
        let mut union = BTreeMap::<_, (BTreeSet<_>, Severity)>::new();
        for ((at, alert), gesture) in alerts.into_iter().zip(gestures) {
            let told = room.say((at, MeetingSaid::Alert(alert.clone())));

            let of = (alert.participant.clone(), alert.kind.clone());
            let identity = match &alert.id {
                Some(id) => (Some(id.clone()), None, Severity::Unknown, None),
                None => (None, at, alert.severity, alert.message.clone()),
            };
            let is_new = !union.contains_key(&of);
            let (known, worst) = union.entry(of).or_insert((BTreeSet::new(), alert.severity));
            known.insert(identity);
            let is_raised = alert.severity > *worst;
            *worst = alert.severity.max(*worst);
            let is_told = told.iter().any(|change| matches!(change, Change::Alert { .. }));
            prop_assert_eq!(is_told, is_new || is_raised);

            if let Some((is_seen, group)) = gesture {
                let (now, group) = (room.scene.at(), first + 1 + group);
                match is_seen {
                    true => room.scene.store.acknowledge(&key_of("x"), group, now),
                    false => room.scene.store.unacknowledge(&key_of("x"), group, now),
                };
            }
            let union = union.iter().map(|(of, (known, worst))| (of.clone(), (known.len() as u32, *worst)));
            prop_assert_eq!(counted(&room.view()), union.collect());
        }
    }
}

type Said = (Option<Timestamp>, MeetingSaid);
type Counted = BTreeMap<(Option<ParticipantId>, Option<Text>), (u32, Severity)>;

/// A store with one meeting, which we are in.
struct Room {
    scene: Scene,
}

impl Room {
    fn open() -> Self {
        let mut scene = Scene::new(Rules::default());
        let now = scene.at();
        assert!(scene.store.open_meeting(key_of("x"), now));
        scene.say([fact("x", (None, MeetingSaid::Joined(Some(Vec::new()))))]);
        Self { scene }
    }

    fn say(&mut self, said: Said) -> Vec<Change> {
        self.scene.say([fact("x", said)])
    }

    fn view(&self) -> MeetingView {
        let view = self.scene.store.meeting(&key_of("x"), self.scene.at());
        view.expect("it is open")
    }
}

/// People, scores, measurements, figures and alerts, each with a time; few enough that many say the same thing or are
/// of the same time.
fn said(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Said>> {
    let telemetry = (0..6u8, 0..3u8, 0..5u8, 0..3u8).prop_map(|(what, who, at, value)| {
        let participant = person(who);
        let figure = f64::from(value) / 2.0;
        let said = match what {
            0 => MeetingSaid::ParticipantJoined {
                participant,
                name: (value > 0).then(|| word(value)),
            },
            1 => MeetingSaid::ParticipantLeft { participant },
            2 => MeetingSaid::Trust {
                participant,
                score: (value > 0).then_some(figure),
            },
            3 => MeetingSaid::Detection {
                participant,
                modalities: vec![Modality {
                    name: word(value % 2),
                    figures: vec![(word(1), figure)],
                    confidence: (value > 0).then_some(figure),
                }],
            },
            4 => MeetingSaid::Analytics(vec![(Metric::Cpu, figure)]),
            _ => MeetingSaid::Simulated,
        };
        (Some(stamp(f64::from(at))), said)
    });
    // One alert has one severity: a server that raises it tells it again, and then only the greater one counts.
    let alert = alert().prop_map(|(at, mut alert)| {
        alert.id = None;
        (at, MeetingSaid::Alert(alert))
    });
    proptest::collection::vec(prop_oneof![3 => telemetry, 1 => alert], count)
}

/// Alerts of nine groups, some with one of three ids of its group.
fn alert() -> impl Strategy<Value = (Option<Timestamp>, AlertSaid)> {
    let severity = prop_oneof![
        Just(Severity::Unknown),
        Just(Severity::Low),
        Just(Severity::Medium),
        Just(Severity::High),
        Just(Severity::Critical),
    ];
    let id = proptest::option::weighted(0.4, 0..3u8);
    let at = proptest::option::of(0..5u8);
    (id, at, 0..3u8, 0..3u8, severity, 0..2u8).prop_map(|(id, at, who, kind, severity, message)| {
        let said = AlertSaid {
            id: id.and_then(|id| Text::name(&format!("{who} {kind} {id}"))),
            participant: (who > 0).then(|| person(who)),
            severity,
            other_severity: None,
            kind: (kind > 0).then(|| word(kind)),
            message: Some(word(message)),
            confidence: None,
            advice: None,
            is_simulated: false,
        };
        (at.map(|at| stamp(f64::from(at))), said)
    })
}

fn fact(meeting: &str, (at, said): Said) -> Fact {
    Fact::Meeting {
        meeting: MeetingId::new(meeting),
        at,
        said,
    }
}

/// Without what depends on the order by design: the numbers of people and groups, their order, the curves, and the
/// trail, which is what was heard when.
fn unordered(view: MeetingView) -> (Vec<ParticipantView>, Vec<AlertGroupView>, MeetingView) {
    let mut people = view.participants.clone();
    people.sort_by(|a, b| a.id.cmp(&b.id));
    for person in &mut people {
        person.history.clear();
        person.number = 0;
    }
    let mut groups = groups(&view);
    groups.sort_by(|a, b| (&a.participant, &a.kind).cmp(&(&b.participant, &b.kind)));
    for group in &mut groups {
        group.id = 0;
    }
    let rest = MeetingView {
        participants: Vec::new(),
        alerts: Vec::new(),
        trail: TrailView::default(),
        ..view
    };
    (people, groups, rest)
}

fn groups(view: &MeetingView) -> Vec<AlertGroupView> {
    let groups = view.alerts.iter().filter_map(|row| match row {
        AlertRow::Group(group) => Some(group.clone()),
        AlertRow::Gap { .. } => None,
    });
    groups.collect()
}

fn counted(view: &MeetingView) -> Counted {
    let groups = groups(view).into_iter();
    groups
        .map(|group| {
            (
                (group.participant, group.kind),
                (group.count, group.severity),
            )
        })
        .collect()
}

fn key_of(name: &str) -> MeetingKey {
    MeetingKey {
        source: SERVER,
        id: MeetingId::new(name).expect("a short name"),
    }
}

fn person(which: u8) -> ParticipantId {
    ParticipantId::new(&format!("person {which}")).expect("a short name")
}

fn word(which: u8) -> Text {
    Text::name(&format!("word {which}")).expect("it is not empty")
}
