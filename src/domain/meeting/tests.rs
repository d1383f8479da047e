use crate::domain::fact::{Fact, Modality, Picture};
use crate::domain::view::{Alert, AlertNews, Band};
use crate::domain::{Change, MeetingId, Rules, Source, Store};

use super::person::MAX_POINTS;
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
    room.now = 3;
    room.store.handle_timeout(at(3));
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
    room.say_now(MeetingSaid::Joined(Some(vec![who("a"), who("b")])));
    assert_eq!(
        presence(&room),
        named(&[("a", Some(true)), ("b", Some(true)), ("ghost", None)])
    );
    room.say(2, came("c"));
    room.say(3, went("a"));
    assert!(room.say(1, came("a")).is_empty(), "an old word");
    assert!(room.say(3, went("a")).is_empty(), "a repeated word");
    room.say(3, came("a"));
    room.say_now(MeetingSaid::Joined(Some(vec![who("c")])));
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
fn an_answer_without_a_list_leaves_people_as_they_were() {
    let mut room = Room::new();
    room.say(1, came("a"));

    room.say_now(MeetingSaid::Joined(None));

    let view = room.view();
    assert!(view.is_joined);
    assert_eq!(view.participants[0].is_present, Some(true));
}

#[test]
fn what_is_said_of_a_picture_is_printed_without_its_bytes() {
    let said = MeetingSaid::VideoFrame {
        participant: None,
        picture: Picture(std::sync::Arc::from(vec![7; 9])),
    };
    assert!(format!("{said:?}").ends_with("picture: 9 bytes }"));
}

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
    assert!(room.say(2, came("b")).is_empty());

    let again: Vec<_> = std::iter::from_fn(|| room.store.poll_rejoin()).collect();
    assert_eq!(again, [key("x"), key("y")]);
    assert_eq!(room.store.counters().unattributed, 1);
    assert_eq!(room.view().participants.len(), 1);
}

#[test]
fn a_meeting_in_doubt_is_joined_again_at_most_once_in_ten_seconds() {
    let mut room = Room::joined();
    room.store.open_meeting(key("y"), at(0));
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
        room.say_now(MeetingSaid::Joined(Some(vec![who("here")])));
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

#[test]
fn the_trail_tells_what_was_told_in_the_order_in_which_it_was_heard() {
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
    room.now = 21;
    room.say_now(MeetingSaid::Joined(Some(vec![who("c")])));

    assert_eq!(
        told(&room),
        [
            "0 a joined",
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
            "21 a left",
            "21 c joined",
        ]
    );
    let newest = room.view().trail.newest;
    assert_eq!(newest[0].participant, Some(who("c")));
    assert_eq!(newest.len(), 13);
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
fn figures_become_stale_after_fifteen_seconds_and_are_fresh_again_when_they_are_repeated() {
    let mut room = Room::joined();
    let figures = || MeetingSaid::Analytics(vec![(Metric::Cpu, 40.0)]);
    room.say(1, figures());
    let stale = |room: &Room| room.view().analytics_stale_for;
    for (second, age) in [(14, None), (15, Some(15)), (20, Some(20))] {
        room.now = second;
        let is_changed = !room.store.handle_timeout(at(second)).is_empty();
        assert_eq!(is_changed, second == 15, "{second}");
        assert_eq!(stale(&room), age.map(Duration::from_secs));
    }

    assert!(room.say(0, figures()).is_empty(), "an old word");
    assert!(stale(&room).is_some());
    assert!(room.say(1, figures()).is_empty(), "a repeated word");
    assert!(stale(&room).is_some());
    assert!(!room.say(2, figures()).is_empty());
    assert_eq!(stale(&room), None);
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

#[test]
fn a_picture_is_told_each_time_and_the_page_is_drawn_for_the_first() {
    let mut room = Room::joined();
    let picture = || MeetingSaid::VideoFrame {
        participant: Some(who("a")),
        picture: Picture(std::sync::Arc::from(vec![7; 9])),
    };
    for (stamp, is_told, is_drawn) in [(1, true, true), (1, false, false), (2, true, false)] {
        let changes = room.say(stamp, picture());
        let of = |is: fn(&Change) -> bool| changes.iter().any(is);
        assert_eq!(of(|it| matches!(it, Change::VideoFrame { .. })), is_told);
        assert_eq!(of(|it| matches!(it, Change::Meeting(_))), is_drawn);
    }
    let video = room.view().video.expect("there was one");
    assert_eq!((video.frames_per_second, video.newest_bytes), (2.0, 9));
    assert!(room.view().participants.is_empty(), "a picture is nobody");
}

#[test]
fn a_picture_that_is_too_large_is_dropped_and_counted() {
    let mut room = Room::joined();
    let picture = Picture(std::sync::Arc::from(vec![0; video::MAX_BYTES + 1]));
    let participant = None;

    let changes = room.say(
        1,
        MeetingSaid::VideoFrame {
            participant,
            picture,
        },
    );

    assert!(changes.is_empty());
    assert_eq!(room.store.counters().dropped, 1);
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
    })
}
