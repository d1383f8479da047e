//! What is told of a meeting, and when a score is.

use super::*;
use crate::domain::fact::Fact;
use crate::domain::Change;

#[test]
fn the_trail_tells_what_was_told_once() {
    let mut room = Room::new();
    room.say_now(MeetingSaid::Joined(Some(vec![who("a")])));
    room.say(
        1,
        MeetingSaid::ParticipantJoined {
            participant: who("b"),
            name: Text::name("Ben"),
        },
    );
    room.say(1, came("b"));
    room.say(2, alert("a", Severity::Low));
    room.say(2, alert("a", Severity::Low));
    room.say(3, alert("a", Severity::Low));
    room.say(4, alert("a", Severity::High));
    let group = room.groups()[0].id;
    room.now = 5;
    room.store.acknowledge(&key("x"), group, at(5));
    room.store.acknowledge(&key("x"), group, at(5));
    room.store.unacknowledge(&key("x"), group, at(6));
    room.say(7, went("b"));
    room.store.disconnected(SERVER, at(6), at(10));
    room.store.disconnected(SERVER, at(6), at(11));
    room.store.connected(SERVER, at(20));
    let unheard_since = |room: &Room| Some(room.store.trail(&key("x"))?.unheard_since);
    assert_eq!(unheard_since(&room), Some(Some(at(6))));
    room.now = 21;
    room.say_now(MeetingSaid::Joined(Some(vec![who("c")])));
    assert_eq!(unheard_since(&room), Some(None));

    assert_eq!(
        told(&room),
        [
            "0 a there",
            "0 b (Ben) joined at 1",
            "0 a alert Low at 2",
            "0 a alert Low at 3",
            "0 a alert High from Low at 4",
            "5 a acknowledged High",
            "6 a unacknowledged High",
            "5 b (Ben) left at 7",
            "10 ? lost",
            "20 ? back",
            "21 ? gap from 6 to 21",
            "21 a gone",
            "21 c there",
        ]
    );
    let newest = room.view().trail.newest;
    assert_eq!(newest[0].participant, Some(who("c")));
    assert_eq!(newest.len(), 13);
}

#[test]
fn what_comes_late_stands_in_the_trail_where_it_happened() {
    let mut room = Room::joined();
    room.say(4, alert("a", Severity::Low));
    room.now = 5;
    room.say(3, came("b"));
    room.store.disconnected(SERVER, at(6), at(6));
    room.now = 7;
    room.say(2, alert("b", Severity::High));

    assert_eq!(
        told(&room),
        [
            "7 b alert High at 2",
            "5 b joined at 3",
            "0 a alert Low at 4",
            "6 ? lost",
        ]
    );
    assert_eq!(room.view().trail.newest[0].what, What::ConnectionLost);
}

#[test]
fn a_score_is_told_when_it_has_been_in_another_band_for_three_seconds() {
    let mut room = Room::joined();
    for (millis, score) in [
        (0, Some(0.9)),
        (2_000, Some(0.85)),
        // Back before three seconds are over.
        (10_000, Some(0.7)),
        (12_900, Some(0.9)),
        // Through one band into another: the time in the one does not count for the other.
        (20_000, Some(0.7)),
        (22_000, Some(0.3)),
        (24_900, Some(0.2)),
        (40_000, None),
    ] {
        let now = Instant::from_millis(millis);
        room.pass(now);
        let fact = Fact::Meeting {
            meeting: None,
            at: None,
            said: trust_of("a", score),
        };
        room.store.apply(SERVER, vec![fact], now);
    }
    room.pass(at(60));

    assert_eq!(
        told(&room),
        [
            "3 a None to Some(Trusted) Some(85)",
            "25 a Some(Trusted) to Some(AtRisk) Some(20)",
            "43 a Some(AtRisk) to None None",
        ]
    );
}

#[test]
fn a_band_that_has_lasted_is_told_also_when_the_timer_is_late() {
    let mut room = Room::joined();
    room.say_now(trust_of("a", Some(0.2)));
    room.now = 20;

    let changes = room.say_now(trust_of("a", Some(0.9)));

    let is_trust = |change: &&Change| matches!(change, Change::Trust { .. });
    assert_eq!(changes.iter().filter(is_trust).count(), 1);
    room.pass(at(30));
    assert_eq!(
        told(&room),
        [
            "20 a None to Some(AtRisk) Some(20)",
            "23 a Some(AtRisk) to Some(Trusted) Some(90)",
        ]
    );
}

/// The trail as words, with seconds since the beginning and of the server's clock.
fn told(room: &Room) -> Vec<String> {
    let trail = room.store.trail(&key("x")).expect("it is open");
    let second = |at: Instant| at.since_origin().as_secs();
    let entries = trail.entries().map(|entry| {
        let who = entry.participant.as_ref().map_or("?", |id| id.as_str());
        let mut words = format!("{} {who}", second(entry.heard));
        if let Some(name) = &entry.name {
            words += &format!(" ({name})");
        }
        words += &match &entry.what {
            What::Joined => " joined".to_owned(),
            What::Left => " left".to_owned(),
            What::There => " there".to_owned(),
            What::Gone => " gone".to_owned(),
            What::Alert {
                severity,
                raised_from: None,
                ..
            } => format!(" alert {severity:?}"),
            What::Alert {
                severity,
                raised_from: Some(from),
                ..
            } => format!(" alert {severity:?} from {from:?}"),
            What::Acknowledged {
                is_acknowledged: true,
                severity,
                ..
            } => format!(" acknowledged {severity:?}"),
            What::Acknowledged { severity, .. } => format!(" unacknowledged {severity:?}"),
            What::Trust { from, to, score } => format!(" {from:?} to {to:?} {score:?}"),
            What::YouLeft => " you left".to_owned(),
            What::ConnectionLost => " lost".to_owned(),
            What::ConnectionBack => " back".to_owned(),
            What::Gap { began, ended } => {
                format!(" gap from {} to {}", second(*began), second(*ended))
            }
        };
        if let Some(at) = entry.at {
            words += &format!(" at {}", (at.unix_millis() - 1_000_000_000_000) / 1_000);
        }
        words
    });
    entries.collect()
}
