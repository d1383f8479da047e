//! How old figures and pictures are.

use super::*;
use crate::domain::fact::Picture;
use crate::domain::Change;

#[test]
fn what_is_said_of_a_picture_is_printed_without_its_bytes() {
    let said = MeetingSaid::VideoFrame {
        participant: None,
        picture: Picture(std::sync::Arc::from(vec![7; 9])),
    };
    assert!(format!("{said:?}").ends_with("picture: 9 bytes }"));
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

    // A server with another clock.
    room.miss_something();
    room.now = 50;
    room.pass(at(50));
    assert!(room.say(2, figures()).is_empty(), "a repeated word");
    assert!(stale(&room).is_some());
    room.say(1, figures());
    assert_eq!(stale(&room), None);
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

    room.miss_something();
    let changes = room.say(1, picture());
    let is_told = |change: &Change| matches!(change, Change::VideoFrame { .. });
    assert!(
        changes.iter().any(is_told),
        "of a server with another clock"
    );
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
