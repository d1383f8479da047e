//! The `meeting` server: four people, whose trust moves, and a voice that begins to sound cloned.
//!
//! Every meeting is the same one, goes on while somebody is in it, and calls itself simulated.

use std::time::Duration;

use telltale::json::Value;
use telltale::time::Instant;

use super::{event, object, Asked, Moment, Reply, Server};

/// Between one round of scores and the next.
const ROUND: Duration = Duration::from_secs(3);
/// Rounds until all begins again.
const ROUNDS: u64 = 40;

struct Person {
    id: &'static str,
    name: &'static str,
    /// Trust in hundredths at the start, at the middle and at the end.
    trust: [f64; 3],
}

/// Nobody. The last one has no camera and no score.
const PEOPLE: [Person; 4] = [
    Person {
        id: "user-noor",
        name: "Noor Haddad",
        trust: [94.0, 91.0, 96.0],
    },
    Person {
        id: "user-sam",
        name: "Sam Okafor",
        trust: [82.0, 67.0, 71.0],
    },
    Person {
        id: "user-priya",
        name: "Priya Nair",
        trust: [90.0, 38.0, 31.0],
    },
    Person {
        id: "user-alex",
        name: "Alex Marsh",
        trust: [f64::NAN; 3],
    },
];

/// Who, in which round, how bad, what kind, in which words.
const ALERTS: [(u64, &str, &str, &str, &str); 6] = [
    (8, "user-sam", "low", "lip_sync", "Lips and sound differ"),
    (
        12,
        "user-priya",
        "medium",
        "voice_clone",
        "The voice sounds cloned",
    ),
    (
        15,
        "user-priya",
        "high",
        "voice_clone",
        "The voice sounds cloned",
    ),
    (
        18,
        "user-sam",
        "medium",
        "lip_sync",
        "Lips and sound differ",
    ),
    (
        22,
        "user-priya",
        "high",
        "voice_clone",
        "The voice sounds cloned",
    ),
    (
        27,
        "user-priya",
        "critical",
        "face_swap",
        "The face does not keep its shape",
    ),
];

/// See the module.
pub struct Meeting {
    /// The meetings that go on, each with the moment of its next round and the round's number.
    open: Vec<(String, Instant, u64)>,
}

impl Meeting {
    /// Nobody is in any meeting.
    pub fn new() -> Self {
        Self { open: Vec::new() }
    }

    fn begin(&mut self, meeting: &str, at: Moment) {
        if !self.open.iter().any(|(id, ..)| id == meeting) {
            self.open.push((meeting.to_owned(), at.now + ROUND, 0));
        }
    }
}

fn trust(person: &Person, round: u64) -> Option<f64> {
    #[allow(clippy::cast_precision_loss, reason = "forty rounds")]
    let share = (round % ROUNDS) as f64 / ROUNDS as f64 * 2.0;
    let [first, middle, last] = person.trust;
    let (from, to, share) = match share < 1.0 {
        true => (first, middle, share),
        false => (middle, last, share - 1.0),
    };
    let trust = (from + (to - from) * share).round() / 100.0;
    (!trust.is_nan()).then_some(trust)
}

fn said(name: &str, meeting: &str, at: Moment, rest: Vec<(&str, Value)>) -> Value {
    let mut payload = vec![
        ("meetingId", meeting.into()),
        ("timestamp", at.stamp()),
        ("source", "simulated".into()),
    ];
    payload.extend(rest);
    event(name, object(payload))
}

fn round(meeting: &str, round: u64, at: Moment) -> Vec<Value> {
    let mut packets = Vec::new();
    for person in &PEOPLE {
        let about = ("participantId", Value::from(person.id));
        let Some(trust) = trust(person, round) else {
            continue;
        };
        packets.push(said(
            "trust-score-update",
            meeting,
            at,
            vec![about.clone(), ("trustScore", trust.into())],
        ));
        let audio = Value::object([
            ("voiceCloneScore", (1.0 - trust).into()),
            ("confidence", 0.9.into()),
        ]);
        let video = Value::object([
            ("facialConsistency", trust.into()),
            ("lipSyncError", 0.04.into()),
            ("confidence", 0.85.into()),
        ]);
        let results = Value::object([("audioAnalysis", audio), ("videoAnalysis", video)]);
        packets.push(said(
            "detection-update",
            meeting,
            at,
            vec![about, ("results", results)],
        ));
    }
    for (when, who, severity, kind, message) in ALERTS {
        if when == round % ROUNDS {
            let rest = vec![
                ("participantId", who.into()),
                ("severity", severity.into()),
                ("type", kind.into()),
                ("message", message.into()),
                ("confidence", 0.9.into()),
            ];
            packets.push(said("deepfake-alert", meeting, at, rest));
        }
    }
    let scores: Vec<_> = (PEOPLE.iter())
        .filter_map(|person| trust(person, round))
        .collect();
    #[allow(clippy::cast_precision_loss, reason = "four people")]
    let average = scores.iter().sum::<f64>() / scores.len() as f64;
    let analytics = Value::object([
        ("totalParticipants", 4.0.into()),
        ("averageTrustScore", average.into()),
    ]);
    packets.push(said(
        "analytics-update",
        meeting,
        at,
        vec![("analytics", analytics)],
    ));
    packets
}

impl Server for Meeting {
    fn answer(&mut self, asked: &Asked, at: Moment) -> Reply {
        let meeting = asked.body.get("meetingId").as_str();
        match (asked.path, meeting) {
            ("/api/demo/scenario", Some(meeting)) => {
                self.begin(meeting, at);
                Reply::new(200, &Value::object([("success", true.into())]))
            }
            _ => Reply::not_found(),
        }
    }

    fn hear(&mut self, event_name: &str, payload: &Value, at: Moment) -> Vec<Value> {
        let Some(meeting) = payload.get("meetingId").as_str() else {
            return Vec::new();
        };
        match event_name {
            "join-meeting" => {
                self.begin(meeting, at);
                let people = PEOPLE.iter().map(|person| {
                    Value::object([
                        ("userId", person.id.into()),
                        ("userName", person.name.into()),
                    ])
                });
                let rest = vec![
                    ("success", true.into()),
                    ("participants", Value::Array(people.collect())),
                ];
                vec![said("meeting-joined", meeting, at, rest)]
            }
            "leave-meeting" => {
                self.open.retain(|(id, ..)| id != meeting);
                vec![said(
                    "meeting-left",
                    meeting,
                    at,
                    vec![("success", true.into())],
                )]
            }
            _ => Vec::new(),
        }
    }

    fn due(&self) -> Option<Instant> {
        self.open.iter().map(|(_, next, _)| *next).min()
    }

    fn work(&mut self, at: Moment) -> Vec<Value> {
        let mut packets = Vec::new();
        for (meeting, next, number) in &mut self.open {
            while *next <= at.now {
                packets.extend(round(meeting, *number, at.back_to(*next)));
                *number += 1;
                *next = *next + ROUND;
            }
        }
        packets
    }

    fn plays_scenario(&self) -> bool {
        true
    }
}
