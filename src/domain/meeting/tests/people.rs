//! Who is there, and how far they are to be trusted.

use super::*;
use crate::domain::fact::Modality;
use crate::domain::meeting::person::MAX_POINTS;
use crate::domain::view::Band;
use crate::domain::Change;

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
fn after_a_gap_the_servers_clock_may_be_behind_and_a_repetition_is_still_one() {
    let score = |room: &Room| {
        let person = &room.view().participants[0];
        (person.trust, person.stale_for.is_some(), person.is_present)
    };
    let mut room = Room::joined();
    room.say(1_000, came("a"));
    room.say(1_001, trust_of("a", Some(0.9)));
    room.say(500, trust_of("a", Some(0.2)));
    room.say(500, went("a"));
    assert_eq!(score(&room), (Some(90), false, Some(true)), "out of order");

    room.miss_something();
    room.now = 30;
    room.pass(at(30));
    // What is sent to whoever comes in: it is as old as it was.
    room.say(1_001, trust_of("a", Some(0.9)));
    assert_eq!(score(&room), (Some(90), true, Some(true)));
    for (stamp, shown) in [(500, 20), (400, 20), (501, 30)] {
        room.say(stamp, trust_of("a", Some(f64::from(shown) / 100.0)));
        room.say(stamp, trust_of("a", Some(0.99)));
        assert_eq!(score(&room), (Some(shown), false, Some(true)), "{stamp}");
    }
    room.say(502, went("a"));
    assert_eq!(score(&room), (Some(30), false, Some(false)));
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

    room.now = 5300;
    assert_eq!(room.view().participants[0].history, [(0.0, 60)]);
    room.now = 5301;
    assert_eq!(room.view().participants[0].history, [], "nothing more came");
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
