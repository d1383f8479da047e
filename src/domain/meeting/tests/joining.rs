//! When alerts may have been missed, and which meeting something belongs to.

use super::*;
use crate::domain::fact::Fact;
use crate::domain::store::MAX_LEFT;
use crate::domain::{Change, MeetingId};

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

    room.say_now(MeetingSaid::Joined(Some(vec![])));

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
    room.say_now(MeetingSaid::Joined(Some(vec![])));

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
    room.say_now(MeetingSaid::Joined(Some(vec![])));

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
            room.say_now(MeetingSaid::Joined(Some(vec![])));
        }

        let rows = room.view().alerts;
        assert_eq!(rows.len(), kept);
        let since_first = Duration::from_secs(u64::from(room.now));
        assert!(matches!(rows.last(), Some(AlertRow::Gap { began, .. }) if *began == since_first));
    }
}

#[test]
fn a_word_without_a_meeting_needs_the_only_one() {
    let mut room = Room::joined();
    assert!(!room.say(1, came("a")).is_empty());

    room.store.open_meeting(key("y"), at(0));
    let in_doubt = ["x", "y"].map(|id| Change::Meeting(key(id)));
    assert_eq!(room.say(2, came("b")), in_doubt);

    let again: Vec<_> = std::iter::from_fn(|| room.store.poll_rejoin()).collect();
    assert_eq!(again, [key("x"), key("y")]);
    assert_eq!(room.store.counters().unattributed, 1);
    assert_eq!(room.view().participants.len(), 1);
}

#[test]
fn a_word_without_a_meeting_is_of_none_while_another_is_being_left() {
    let left = |room: &mut Room| room.apply(MeetingId::new("y"), None, MeetingSaid::Left);
    for (now, is_answered, is_gone) in [(0, false, false), (0, true, true), (10, false, true)] {
        let mut room = Room::new();
        room.store.open_meeting(key("y"), at(0));
        let joined = || MeetingSaid::Joined(Some(vec![who("a")]));
        room.apply(MeetingId::new("x"), None, joined());
        room.apply(MeetingId::new("y"), None, joined());
        room.store.close_meeting(&key("y"), at(0));
        if is_answered {
            left(&mut room);
        }
        room.now = now;

        room.say(1, went("a"));

        let is_present = room.view().participants[0].is_present;
        assert_eq!(is_present, Some(!is_gone), "{now} {is_answered}");
        // Whoever is there is asked for then.
        let again: Vec<_> = std::iter::from_fn(|| room.store.poll_rejoin()).collect();
        assert_eq!(again.is_empty(), is_gone, "{now} {is_answered}");
    }
}

#[test]
fn a_meeting_in_doubt_is_joined_again_at_most_once_in_ten_seconds() {
    let mut room = Room::joined();
    room.store.open_meeting(key("y"), at(0));
    room.apply(MeetingId::new("y"), None, MeetingSaid::Joined(Some(vec![])));
    let mut rejoined = Vec::new();
    for second in 0..60 {
        room.now = second;
        room.store.handle_timeout(at(second));
        // Two in a second, as long as others answer.
        for name in ["a", "b"].into_iter().filter(|_| second < 25) {
            room.say(second, came(name));
        }
        while let Some(of) = room.store.poll_rejoin() {
            rejoined.extend((of == key("y")).then_some(second));
        }
        if second == 24 {
            assert_eq!(room.store.poll_timeout(), Some(at(30)));
        }
    }
    assert_eq!(rejoined, [0, 10, 20, 30]);
    assert_eq!(room.store.poll_timeout(), None);
}

#[test]
fn that_someone_came_who_is_in_every_meeting_puts_none_in_doubt() {
    let mut room = Room::joined();
    room.store.open_meeting(key("y"), at(0));
    for (meeting, is_doubted) in [("x", true), ("y", false)] {
        let joined = MeetingSaid::Joined(Some(vec![who("a")]));
        room.apply(MeetingId::new(meeting), None, joined);
        room.now += 10;

        room.say(1, came("a"));

        let again = std::iter::from_fn(|| room.store.poll_rejoin()).count();
        assert_eq!(again, if is_doubted { 2 } else { 0 }, "{meeting}");
    }
}

#[test]
fn a_meeting_that_was_forgotten_and_is_opened_again_gives_no_number_twice() {
    let mut room = Room::joined();
    room.say(1, alert("a", Severity::High));
    room.say(2, alert("b", Severity::High));
    let before = room.groups();
    room.store.forget(SERVER);
    room.now = 1;

    room.store.open_meeting(key("x"), at(1));
    room.say(3, alert("a", Severity::High));

    let again = &room.groups()[0];
    assert!(before.iter().all(|group| group.id != again.id));
}

#[test]
fn a_meeting_that_is_left_is_remembered_and_hears_nothing_more() {
    let mut room = Room::joined();
    room.say_now(alert("a", Severity::High));
    room.now = 10;
    room.say_now(trust_of("a", Some(0.9)));
    room.store.close_meeting(&key("x"), at(10));
    assert_eq!(
        room.view().participants[0].stale_for,
        Some(Duration::ZERO),
        "nobody says whether it still is so"
    );
    room.now = 25;

    assert!(room.say_now(alert("b", Severity::Critical)).is_empty());

    let second = Duration::from_secs;
    let view = room.view();
    assert!(!view.is_joined);
    assert_eq!(view.left_for, Some(second(15)));
    assert_eq!(view.watched_for, Some(second(10)));
    assert_eq!(view.trail.newest[0].what, What::YouLeft);
    assert!(matches!(
        &view.alerts[..],
        [AlertRow::Gap { began, ended: None, .. }, AlertRow::Group(_)] if *began == second(15)
    ));
    assert_eq!(room.store.meetings().count(), 0);
    assert_eq!(room.store.left_meetings().collect::<Vec<_>>(), [&key("x")]);
    assert_eq!(room.store.poll_timeout(), None);
    room.store.forget(SERVER);
    assert_eq!(room.store.left_meetings().count(), 0);
    assert_eq!(room.store.meeting(&key("x"), at(25)), None);
}

#[test]
fn a_meeting_that_was_left_goes_on_where_it_was_with_a_gap() {
    let mut room = Room::joined();
    room.say_now(alert("a", Severity::High));
    let group = room.groups()[0].id;
    room.now = 10;
    room.store.close_meeting(&key("x"), at(10));
    room.store.acknowledge(&key("x"), group, at(11));
    assert!(room.groups()[0].is_acknowledged, "read afterwards");

    room.now = 30;
    assert!(room.store.open_meeting(key("x"), at(30)));
    assert_eq!(room.view().left_for, None);
    assert_eq!(room.view().watched_for, None, "until the server lets us in");
    room.say_now(MeetingSaid::Joined(Some(vec![])));
    room.now = 35;

    let second = Duration::from_secs;
    let view = room.view();
    assert_eq!((view.is_joined, view.watched_for), (true, Some(second(5))));
    assert!(matches!(
        &view.alerts[..],
        [AlertRow::Gap { began, ended: Some(ended), .. }, AlertRow::Group(known)]
            if *began == second(25) && *ended == second(5) && known.id == group
    ));
    assert_eq!(room.store.left_meetings().count(), 0);
}

#[test]
fn of_meetings_that_were_left_the_last_are_remembered_and_none_that_was_never_heard() {
    let mut room = Room::new();
    room.store.close_meeting(&key("x"), at(0));
    assert_eq!(room.store.left_meetings().count(), 0, "never heard");

    let names: Vec<_> = (0..MAX_LEFT + 2).map(|n| format!("m{n}")).collect();
    for name in &names {
        assert!(room.store.open_meeting(key(name), at(0)));
        room.apply(MeetingId::new(name), None, MeetingSaid::Joined(None));
        room.store.close_meeting(&key(name), at(0));
    }

    let left: Vec<_> = room.store.left_meetings().cloned().collect();
    let last: Vec<_> = names[2..].iter().map(|name| key(name)).collect();
    assert_eq!(left, last);
}

#[test]
fn a_left_meeting_that_does_not_let_us_in_again_is_remembered_all_the_same() {
    let mut room = Room::joined();
    room.say_now(alert("a", Severity::Critical));
    room.store.close_meeting(&key("x"), at(2));
    assert!(room.store.open_meeting(key("x"), at(3)));

    room.store.close_meeting(&key("x"), at(4));

    assert_eq!(room.store.left_meetings().collect::<Vec<_>>(), [&key("x")]);
    assert_eq!(room.groups().len(), 1);
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
fn a_meeting_is_watched_from_the_moment_it_is_joined() {
    let mut room = Room::new();
    room.now = 600;
    assert_eq!(room.view().watched_for, None);

    room.say_now(MeetingSaid::Joined(Some(vec![])));
    room.now = 601;
    room.say_now(MeetingSaid::Joined(Some(vec![])));

    let second = Duration::from_secs(1);
    assert_eq!(room.view().watched_for, Some(second));
}
