//! How alerts are grouped, told, acknowledged and bounded.

use super::*;
use crate::domain::view::{Alert, AlertNews};
use crate::domain::Change;

#[test]
fn alerts_are_grouped_counted_and_raised() {
    let mut room = Room::joined();
    let told = |changes: &[Change]| -> Option<(u32, Severity, Option<Severity>)> {
        changes.iter().find_map(|change| match change {
            Change::Alert {
                severity,
                group,
                before,
                ..
            } => Some((group.count, *severity, *before)),
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
fn a_severity_that_nobody_knows_is_shown_as_it_is_until_a_known_one_is_said() {
    let mut room = Room::joined();
    let MeetingSaid::Alert(said) = alert("a", Severity::Unknown) else {
        unreachable!("it is an alert");
    };
    let other_severity = Text::name("catastrophic");
    let said = MeetingSaid::Alert(AlertSaid {
        other_severity,
        ..said
    });
    room.say(1, said);
    let word = |room: &Room| {
        room.groups()
            .remove(0)
            .other_severity
            .map(|word| word.to_string())
    };
    assert_eq!(word(&room).as_deref(), Some("catastrophic"));

    room.say(0, alert("a", Severity::Low));
    assert_eq!(
        (word(&room), room.groups().remove(0).severity),
        (None, Severity::Low)
    );
}

#[test]
fn an_alert_is_told_as_bad_as_it_is_and_milder_ones_before_it_do_not_silence_it() {
    let (low, high) = (Severity::Low, Severity::High);
    let mut room = Room::joined();
    for (second, severity, news) in [
        (0, high, Some(AlertNews::First)),
        (70, low, Some(AlertNews::Again)),
        (75, high, Some(AlertNews::Again)),
        (100, low, None),
        (134, high, None),
        (180, low, None),
        (194, high, Some(AlertNews::Again)),
    ] {
        room.now = second;

        let changes = room.say(second, alert("a", severity));

        let told = changes.iter().find_map(Alert::of);
        let told = told.map(|alert| (alert.why, alert.severity, alert.group.severity));
        assert_eq!(told, news.map(|why| (why, severity, high)), "{second}");
    }
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
    // When it came, and when it came as a worse one.
    assert_eq!(group.told, 2);
}

#[test]
fn after_a_gap_an_id_of_before_is_another_alert_unless_its_time_is_the_same() {
    let numbered = || {
        let MeetingSaid::Alert(said) = alert("a", Severity::High) else {
            unreachable!("it is an alert");
        };
        MeetingSaid::Alert(AlertSaid {
            id: Text::name("1"),
            ..said
        })
    };
    let stamp = |second: u32| Timestamp::from_unix_millis(1e12 + f64::from(second) * 1e3);
    for (first, second, is_gap, count) in [
        (stamp(50), stamp(50), false, 1),
        (stamp(50), stamp(90), false, 1),
        (None, None, false, 1),
        (stamp(50), stamp(50), true, 1),
        // It counts from one again, and its clock may be behind.
        (stamp(50), stamp(90), true, 2),
        (stamp(50), stamp(10), true, 2),
        (stamp(50), None, true, 2),
        (None, None, true, 2),
    ] {
        let mut room = Room::joined();
        room.apply(MeetingId::new("x"), first, numbered());
        if is_gap {
            room.miss_something();
        }
        room.now = 200;

        let changes = room.apply(MeetingId::new("x"), second, numbered());

        let told = (room.groups()[0].count, is_told(&changes, Severity::High));
        assert_eq!(told, (count, count == 2), "{first:?} {second:?} {is_gap}");
        // Another copy of that one.
        room.apply(MeetingId::new("x"), second, numbered());
        assert_eq!(room.groups()[0].count, count, "{first:?} {second:?}");
    }
}

#[test]
fn an_alert_of_a_server_that_has_not_let_us_in_again_is_another_one_and_stays_one() {
    let MeetingSaid::Alert(said) = alert("a", Severity::High) else {
        unreachable!("it is an alert");
    };
    let numbered = || {
        let id = Text::name("1");
        MeetingSaid::Alert(AlertSaid { id, ..said.clone() })
    };
    let mut room = Room::joined();
    room.say(50, numbered());
    room.store.disconnected(SERVER, at(1), at(1));
    room.store.connected(SERVER, at(70));
    room.now = 71;

    let changes = room.apply(MeetingId::new("x"), None, numbered());

    assert!(is_told(&changes, Severity::High));
    assert_eq!(room.groups()[0].count, 2);
    room.say_now(MeetingSaid::Joined(Some(vec![])));
    room.apply(MeetingId::new("x"), None, numbered());
    assert_eq!(room.groups()[0].count, 2, "a copy");
}

#[test]
fn an_alert_without_a_time_is_another_one_a_minute_after_it_was_counted() {
    let mut room = Room::joined();
    for (second, count, is_new) in [
        (0, 1, true),
        (0, 1, false),
        (59, 1, false),
        (60, 2, true),
        (61, 2, false),
        (300, 3, true),
    ] {
        room.now = second;
        let changes = room.say_now(alert("a", Severity::High));

        assert_eq!(room.groups()[0].count, count, "{second}");
        assert_eq!(is_told(&changes, Severity::High), is_new, "{second}");
    }
    // One with a time is the same one whenever it comes.
    for second in [400, 500] {
        room.now = second;
        room.say(1, alert("a", Severity::High));
        assert_eq!(room.groups()[0].count, 4, "{second}");
    }
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

/// An alert of "a" with a message and a confidence of its own.
fn saying(severity: Severity, message: &str, confidence: f64) -> MeetingSaid {
    let MeetingSaid::Alert(said) = alert("a", severity) else {
        unreachable!("it is an alert");
    };
    MeetingSaid::Alert(AlertSaid {
        message: Text::message(message),
        confidence: Some(confidence),
        ..said
    })
}

#[test]
fn what_a_group_says_was_said_by_one_of_its_alerts_and_none_is_worse() {
    let (low, medium, high) = (Severity::Low, Severity::Medium, Severity::High);
    let mut room = Room::joined();
    for (second, severity, message, confidence, shown, from) in [
        (1, medium, "first", 0.6, ("first", 0.6), None),
        (2, high, "second", 0.95, ("second", 0.95), Some(medium)),
        (3, low, "third", 0.2, ("second", 0.95), Some(medium)),
        (4, high, "fourth", 0.9, ("fourth", 0.9), Some(medium)),
    ] {
        room.now = second;
        room.say(second, saying(severity, message, confidence));

        let group = room.groups().remove(0);
        let said = group.message.as_ref().map(Text::as_str);
        assert_eq!((said, group.confidence), (Some(shown.0), Some(shown.1)));
        assert_eq!(group.was_raised_from, from, "{message}");
    }
}

#[test]
fn after_a_gap_the_newest_alert_is_the_one_heard_last_whatever_its_time() {
    let mut room = Room::joined();
    room.say(1_000, saying(Severity::High, "before", 0.9));
    room.say(900, saying(Severity::High, "late", 0.9));
    let shown = |room: &Room| {
        let group = room.groups().remove(0);
        let message = group.message.map(|text| text.as_str().to_owned());
        (message, group.last)
    };
    let stamp = |second: u32| Timestamp::from_unix_millis(1e12 + f64::from(second) * 1e3);
    assert_eq!(shown(&room), (Some("before".to_owned()), stamp(1_000)));

    room.miss_something();
    for (second, message) in [(500, "after"), (400, "late again")] {
        room.say(second, saying(Severity::High, message, 0.9));
        assert_eq!(shown(&room), (Some("after".to_owned()), stamp(500)));
    }
}

#[test]
fn an_alert_is_told_with_what_it_says_itself() {
    let mut room = Room::joined();
    room.say(1, saying(Severity::Critical, "worst", 0.99));
    room.now = 100;
    let changes = room.say(100, saying(Severity::Medium, "milder", 0.5));

    let told = changes.iter().find_map(Alert::of).unwrap();
    assert_eq!(told.severity, Severity::Medium);
    assert_eq!(
        told.group.message.as_ref().map(Text::as_str),
        Some("milder")
    );
    assert_eq!(told.group.confidence, Some(0.5));
    assert_eq!(told.group.severity, Severity::Critical);
    let group = room.groups().remove(0);
    assert_eq!(group.message.as_ref().map(Text::as_str), Some("worst"));
}

#[test]
fn of_alerts_without_a_time_the_one_heard_last_is_the_newest() {
    let (low, critical) = (Severity::Low, Severity::Critical);
    let mut room = Room::joined();
    for (second, stamp, severity, message, shown) in [
        (1, None, low, "bravo", "bravo"),
        (2, None, low, "alpha", "alpha"),
        (3, None, low, "zulu", "zulu"),
        (4, None, low, "mike", "mike"),
        (5, Some(5), low, "stamped", "stamped"),
        (6, None, low, "later", "later"),
        (7, None, critical, "worst", "worst"),
    ] {
        room.now = second;
        let said = saying(severity, message, 0.8);
        match stamp {
            Some(stamp) => room.say(stamp, said),
            None => room.say_now(said),
        };

        let group = room.groups().remove(0);
        assert_eq!(group.message.as_ref().map(Text::as_str), Some(shown));
    }
    let group = room.groups().remove(0);
    assert_eq!(group.was_raised_from, Some(low));
    assert_eq!(group.last, None, "nobody knows when the newest was sent");
}
