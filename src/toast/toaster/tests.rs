//! The rules of the cards, in virtual time, and their limits under any sequence.

use proptest::prelude::*;

use super::super::policy::{self, INFO_STAYS};
use super::*;
use crate::domain::view::Status;
use crate::domain::Summary;
use crate::toast::scene::{self, at, group_view, media_key};

#[test]
fn a_hold_moves_the_deadline_by_as_long_as_it_lasted() {
    let mut toaster = Toaster::default();
    toaster.notify(info("a"), at(0));

    toaster.hold(Hold::Pointer, at(4_000));
    assert_eq!(toaster.poll_timeout(), None);
    toaster.handle_timeout(at(60_000));
    assert_eq!(shown(&toaster), ["a"]);

    toaster.release(Hold::Pointer, at(60_000));
    assert_eq!(toaster.poll_timeout(), Some(at(61_000)));
    toaster.handle_timeout(at(60_999));
    assert_eq!(shown(&toaster), ["a"]);
    toaster.handle_timeout(at(61_000));
    assert!(shown(&toaster).is_empty());
}

#[test]
fn a_hold_lasts_until_its_last_reason_is_over_however_often_each_is_given() {
    let mut toaster = Toaster::default();
    toaster.notify(info("a"), at(0));
    toaster.hold(Hold::Pointer, at(1_000));
    toaster.hold(Hold::Pointer, at(1_500));
    toaster.hold(Hold::Focus, at(2_000));

    toaster.release(Hold::Pointer, at(3_000));
    toaster.release(Hold::Hidden, at(3_500));
    assert_eq!(toaster.poll_timeout(), None);

    toaster.release(Hold::Focus, at(11_000));
    assert_eq!(toaster.poll_timeout(), Some(at(15_000)));
}

#[test]
fn a_card_that_comes_while_held_has_its_whole_time_after_it() {
    let mut toaster = Toaster::default();
    toaster.hold(Hold::Hidden, at(0));
    toaster.notify(info("a"), at(30_000));

    toaster.release(Hold::Hidden, at(60_000));

    assert_eq!(toaster.poll_timeout(), Some(at(65_000)));
}

#[test]
fn a_second_notice_of_a_subject_changes_its_card_in_place() {
    let mut toaster = Toaster::default();
    toaster.notify(running("m1", 1, 10), at(0));
    toaster.notify(running("m2", 1, 10), at(1));

    toaster.notify(running("m1", 1, 60), at(2));

    assert_eq!(shown(&toaster), ["m2", "m1"]);
    assert_eq!(toaster.visible()[1].body, running("m1", 1, 60).body);
}

#[test]
fn three_are_seen_newest_first_and_the_rest_is_counted() {
    let mut toaster = Toaster::default();
    for id in ["a", "b", "c", "d", "e"] {
        toaster.notify(running(id, 1, 0), at(0));
    }

    assert_eq!(shown(&toaster), ["e", "d", "c"]);
    assert_eq!(toaster.overflow(), 2);
}

#[test]
fn whoever_asks_for_all_cards_sees_them_until_there_are_few() {
    let mut toaster = Toaster::new(2);
    for name in ["a", "b", "c"] {
        toaster.notify(running(name, 1, 10), at(0));
    }
    let counts = |toaster: &Toaster| (toaster.visible().len(), toaster.overflow());
    assert_eq!(counts(&toaster), (2, 1));

    toaster.show_all(true, at(1));
    assert_eq!(counts(&toaster), (3, 0));
    toaster.dismiss(&media("b"), at(2));
    assert_eq!(counts(&toaster), (2, 0));
    toaster.notify(running("d", 1, 10), at(3));

    assert_eq!(counts(&toaster), (2, 1));
}

#[test]
fn an_end_behind_the_limit_comes_forward_and_progress_there_does_not() {
    let mut toaster = Toaster::default();
    for id in ["a", "b", "c", "d"] {
        toaster.notify(running(id, 1, 0), at(0));
    }

    toaster.notify(running("a", 1, 50), at(1));
    assert_eq!(shown(&toaster), ["d", "c", "b"]);

    toaster.notify(ended("a", 1), at(2));
    assert_eq!(shown(&toaster), ["a", "d", "c"]);
}

#[test]
fn the_time_of_a_card_begins_when_it_is_seen() {
    let mut toaster = Toaster::new(1);
    toaster.notify(info("a"), at(0));
    toaster.notify(info("b"), at(4_000));
    assert_eq!(toaster.poll_timeout(), Some(at(9_000)));

    toaster.handle_timeout(at(9_000));

    assert_eq!(shown(&toaster), ["a"]);
    assert_eq!(toaster.poll_timeout(), Some(at(14_000)));
}

#[test]
fn what_runs_or_offers_an_action_never_leaves_by_itself() {
    let mut toaster = Toaster::default();
    for notice in [
        Notice {
            stays: Some(INFO_STAYS),
            ..running("m1", 1, 0)
        },
        Notice {
            stays: Some(INFO_STAYS),
            ..ended("m2", 1)
        },
    ] {
        toaster.notify(notice, at(0));
    }

    assert_eq!(toaster.poll_timeout(), None);
    toaster.handle_timeout(at(u64::from(u32::MAX)));
    assert_eq!(shown(&toaster), ["m2", "m1"]);
}

#[test]
fn a_warning_that_asks_to_act_is_not_pushed_behind_the_limit() {
    let mut toaster = Toaster::default();
    toaster.notify(alert(7, Severity::Low), at(0));
    toaster.notify(running("a", 1, 0), at(1));
    toaster.notify(alert(7, Severity::Critical), at(2));
    assert_eq!(shown(&toaster), ["alert 7", "a"]);

    for id in ["b", "c", "d"] {
        toaster.notify(ended(id, 1), at(3));
    }

    assert_eq!(shown(&toaster), ["alert 7", "d", "c"]);
}

#[test]
fn a_milder_warning_does_not_put_away_one_that_asks_to_act() {
    for (first, second, stays) in [
        (Severity::High, Severity::Low, true),
        (Severity::High, Severity::Critical, true),
        (Severity::Critical, Severity::High, true),
        (Severity::Medium, Severity::Low, false),
    ] {
        let mut toaster = Toaster::default();
        toaster.notify(alert(7, first), at(0));

        toaster.notify(alert(7, second), at(1));

        toaster.handle_timeout(at(60_000));
        let worst = toaster.visible().first().map(|toast| match &toast.body {
            Body::Alert(severity, _) => *severity,
            other => panic!("{other:?}"),
        });
        let expected = stays.then_some(first.max(second));
        assert_eq!(worst, expected, "{first:?} {second:?}");
    }
}

#[test]
fn a_hidden_run_stays_hidden_until_it_ends_or_another_begins() {
    for (next, shows) in [
        (running("m1", 1, 99), false),
        (ended("m1", 1), true),
        (running("m1", 2, 0), true),
    ] {
        let mut toaster = Toaster::default();
        toaster.notify(running("m1", 1, 10), at(0));
        toaster.dismiss(&next.subject, at(1));
        toaster.notify(running("m1", 1, 20), at(2));
        assert!(shown(&toaster).is_empty());

        toaster.notify(next.clone(), at(3));

        assert_eq!(!shown(&toaster).is_empty(), shows, "{next:?}");
    }
}

#[test]
fn a_card_is_aside_while_its_own_page_is_open() {
    for (while_open, after) in [
        (Some(running("m1", 1, 80)), vec!["m1"]),
        (Some(ended("m1", 1)), vec![]),
        (None, vec!["m1"]),
    ] {
        let mut toaster = Toaster::default();
        toaster.notify(running("m1", 1, 10), at(0));
        toaster.suppress(Some(media("m1")), at(1));
        assert!(shown(&toaster).is_empty());

        if let Some(notice) = while_open {
            toaster.notify(notice, at(2));
        }
        assert!(shown(&toaster).is_empty());
        toaster.suppress(None, at(3));

        assert_eq!(shown(&toaster), after);
    }
}

#[test]
fn the_card_of_an_end_is_done_with_once_its_page_was_opened() {
    let mut toaster = Toaster::default();
    toaster.notify(ended("m1", 1), at(0));

    toaster.suppress(Some(media("m1")), at(1));
    toaster.suppress(Some(media("m2")), at(2));

    assert!(shown(&toaster).is_empty());
}

#[test]
fn what_is_gone_takes_its_card_along_also_from_aside() {
    let mut toaster = Toaster::default();
    toaster.notify(running("m1", 1, 10), at(0));
    toaster.notify(running("m2", 1, 10), at(0));
    toaster.suppress(Some(media("m1")), at(1));

    toaster.remove(&media("m1"), at(2));
    toaster.remove(&media("m2"), at(2));
    toaster.suppress(None, at(3));

    assert!(shown(&toaster).is_empty());
}

#[test]
fn a_correction_changes_a_card_and_never_makes_one() {
    let mut toaster = Toaster::default();
    toaster.update(ended("m1", 1), at(0));
    assert!(shown(&toaster).is_empty());
    toaster.notify(running("m1", 1, 10), at(1));

    toaster.update(ended("m1", 1), at(2));

    assert_eq!(toaster.visible()[0].body, ended("m1", 1).body);
}

#[test]
fn without_a_connection_what_runs_is_paused_until_there_is_news() {
    let mut toaster = Toaster::default();
    toaster.notify(running("m1", 1, 10), at(0));
    toaster.notify(ended("m2", 1), at(0));
    let Body::Running(summary) = running("m1", 1, 10).body else {
        unreachable!("a running notice has a running body");
    };

    toaster.pause_runs(Source(1), true, at(1));
    assert!(
        matches!(toaster.visible()[1].body, Body::Running(_)),
        "another server's"
    );
    toaster.pause_runs(Source(0), true, at(1));
    assert_eq!(toaster.visible()[1].body, Body::Paused(summary));
    assert_eq!(toaster.visible()[0].body, ended("m2", 1).body);

    toaster.pause_runs(Source(0), false, at(2));
    assert_eq!(toaster.visible()[1].body, running("m1", 1, 10).body);
}

#[test]
fn the_version_grows_only_when_something_looks_different() {
    let mut toaster = Toaster::default();
    let mut version = toaster.version();
    let mut grows = |toaster: &Toaster| {
        let before = std::mem::replace(&mut version, toaster.version());
        before != version
    };

    toaster.notify(running("m1", 1, 10), at(0));
    assert!(grows(&toaster), "a new card");
    toaster.notify(running("m1", 1, 10), at(1));
    assert!(!grows(&toaster), "the same again");
    toaster.notify(running("m1", 1, 11), at(2));
    assert!(grows(&toaster), "one percent");
    toaster.hold(Hold::Focus, at(3));
    toaster.release(Hold::Focus, at(4));
    toaster.handle_timeout(at(5));
    assert!(!grows(&toaster), "a hold");
    for id in ["m2", "m3", "m4"] {
        toaster.notify(running(id, 1, 0), at(6));
    }
    assert!(grows(&toaster), "three more");
    toaster.notify(running("m1", 1, 50), at(7));
    assert!(!grows(&toaster), "progress behind the limit");
    toaster.remove(&media("m1"), at(8));
    assert!(grows(&toaster), "one fewer behind the limit");
}

#[test]
fn the_oldest_without_an_action_is_given_up_first() {
    for (n, evicted) in [(49, 0), (50, 0), (51, 1)] {
        let mut toaster = Toaster::new(Toaster::QUEUED);
        toaster.notify(ended("first", 1), at(0));
        toaster.notify(running("second", 1, 0), at(0));
        for index in 2..n {
            toaster.notify(ended(&format!("m{index}"), 1), at(1));
        }

        assert_eq!(toaster.evicted(), evicted, "{n}");
        assert!(shown(&toaster).contains(&"first".to_owned()));
        assert_eq!(
            shown(&toaster).contains(&"second".to_owned()),
            evicted == 0,
            "{n}"
        );
    }
}

#[test]
fn a_run_that_made_room_comes_back_only_with_its_end() {
    let mut toaster = Toaster::default();
    for index in 0..=Toaster::QUEUED {
        toaster.notify(running(&format!("m{index}"), 1, 0), at(0));
    }
    let before = shown(&toaster);

    toaster.notify(running("m0", 1, 5), at(1));
    assert_eq!((shown(&toaster), toaster.evicted()), (before, 1));

    toaster.notify(ended("m0", 1), at(2));
    assert_eq!(shown(&toaster)[0], "m0");
}

#[derive(Clone, Debug)]
enum Step {
    Notify(Notice),
    Update(Notice),
    Dismiss(Subject),
    Remove(Subject),
    Suppress(Option<Subject>),
    PauseRuns(bool),
    Hold(Hold),
    Release(Hold),
    Wake,
}

fn step() -> impl Strategy<Value = Step> {
    let id = || (0..70u32).prop_map(|n| format!("m{n}"));
    let notice = || {
        prop_oneof![
            (id(), 0..3u32, 0..100u8).prop_map(|(id, run, done)| running(&id, run, done)),
            (id(), 0..3u32).prop_map(|(id, run)| ended(&id, run)),
            (0..9u32, 0..5usize).prop_map(|(id, severity)| alert(
                id,
                [
                    Severity::Unknown,
                    Severity::Low,
                    Severity::Medium,
                    Severity::High,
                    Severity::Critical
                ][severity]
            )),
            Just(info("a")),
            Just(info("b")),
        ]
    };
    let why = || prop_oneof![Just(Hold::Pointer), Just(Hold::Focus), Just(Hold::Hidden)];
    prop_oneof![
        12 => notice().prop_map(Step::Notify),
        2 => notice().prop_map(Step::Update),
        2 => notice().prop_map(|notice| Step::Dismiss(notice.subject)),
        1 => notice().prop_map(|notice| Step::Remove(notice.subject)),
        1 => id().prop_map(|id| Step::Suppress(Some(media(&id)))),
        1 => Just(Step::Suppress(None)),
        1 => any::<bool>().prop_map(Step::PauseRuns),
        2 => why().prop_map(Step::Hold),
        3 => why().prop_map(Step::Release),
        4 => Just(Step::Wake),
    ]
}

proptest! {
    #[test]
    fn no_sequence_exceeds_a_limit_or_shows_two_cards_of_a_subject(
        steps in prop::collection::vec((step(), 0..4_000u64), 1..200),
        limit in 0..6usize,
    ) {
        let mut toaster = Toaster::new(limit);
        let mut millis = 0;
        for (step, later) in steps {
            millis += later;
            let now = at(millis);
            let (before, version) = (toaster.clone(), toaster.version());
            match step.clone() {
                Step::Notify(notice) => toaster.notify(notice, now),
                Step::Update(notice) => toaster.update(notice, now),
                Step::Dismiss(subject) => toaster.dismiss(&subject, now),
                Step::Remove(subject) => toaster.remove(&subject, now),
                Step::Suppress(page) => toaster.suppress(page, now),
                Step::PauseRuns(is_lost) => toaster.pause_runs(Source(0), is_lost, now),
                Step::Hold(why) => toaster.hold(why, now),
                Step::Release(why) => toaster.release(why, now),
                Step::Wake => toaster.handle_timeout(now),
            }

            prop_assert!(toaster.visible().len() <= limit.max(1));
            prop_assert!(toaster.visible().len() + toaster.overflow() <= Toaster::QUEUED);
            let mut subjects: Vec<_> = toaster.cards.iter().map(|toast| &toast.subject).collect();
            subjects.sort();
            subjects.dedup();
            prop_assert_eq!(subjects.len(), toaster.cards.len());
            prop_assert!(toaster.open_page.is_none()
                || !subjects.contains(&toaster.open_page.as_ref().unwrap()));
            let looks = |toaster: &Toaster| {
                let seen = toaster.visible().iter();
                let seen: Vec<_> = seen
                    .map(|toast| (toast.subject.clone(), toast.tone, toast.body.clone(), toast.action))
                    .collect();
                (seen, toaster.overflow())
            };
            prop_assert_eq!(looks(&before) != looks(&toaster), version != toaster.version());
            if let Step::Wake = step {
                // Only what has no action and has not to be held can have left.
                for toast in &before.cards {
                    if toaster.position(&toast.subject).is_none() {
                        prop_assert!(before.held_since.is_none());
                        prop_assert!(toast.action.is_none() && !toast.body.is_running());
                    }
                }
            }
            if let Some(next) = toaster.poll_timeout() {
                prop_assert!(toaster.holds == 0);
                let mut woken = toaster.clone();
                woken.handle_timeout(next.max(now));
                prop_assert!(woken.cards.len() < toaster.cards.len(), "a wake that does nothing");
            }
        }
    }

    #[test]
    fn a_hold_never_takes_or_gives_time(
        holds in prop::collection::vec((0..900u64, 0..9_000u64), 0..5),
    ) {
        let mut toaster = Toaster::default();
        toaster.notify(info("a"), at(0));
        let (mut millis, mut held) = (0, 0);
        for (before, during) in holds {
            toaster.hold(Hold::Focus, at(millis + before));
            toaster.handle_timeout(at(millis + before + during));
            toaster.release(Hold::Focus, at(millis + before + during));
            millis += before + during;
            held += during;
        }

        prop_assert_eq!(toaster.poll_timeout(), Some(at(5_000 + held)));
    }
}

fn shown(toaster: &Toaster) -> Vec<String> {
    let name = |toast: &Toast| match &toast.subject {
        Subject::Media(key) => key.id.to_string(),
        Subject::Alert { group, .. } => format!("alert {group}"),
        Subject::Trust { participant, .. } => format!("trust {participant}"),
        Subject::Upload(upload) => format!("upload {upload}"),
        Subject::Server(source) => format!("server {}", source.0),
        Subject::App(name) => (*name).to_owned(),
    };
    toaster.visible().iter().map(name).collect()
}

fn media(id: &str) -> Subject {
    Subject::Media(media_key(id))
}

fn info(name: &'static str) -> Notice {
    Notice {
        subject: Subject::App(name),
        tone: Tone::Info,
        body: Body::Away {
            finished: 2,
            failed: 0,
        },
        action: None,
        stays: Some(INFO_STAYS),
    }
}

fn running(id: &str, run: u32, percent: u8) -> Notice {
    Notice {
        subject: media(id),
        tone: Tone::Progress,
        body: Body::Running(Summary {
            status: Status::Running,
            run,
            percent: Some(percent),
            ..Summary::default()
        }),
        action: None,
        stays: None,
    }
}

fn ended(id: &str, run: u32) -> Notice {
    Notice {
        subject: media(id),
        tone: Tone::Ok,
        body: Body::Ended(Summary {
            status: Status::Complete,
            run,
            percent: Some(100),
            ..Summary::default()
        }),
        action: Some(Action::View),
        stays: None,
    }
}

fn alert(group: u32, severity: Severity) -> Notice {
    let change = scene::alert(severity, group_view(group, severity));
    policy::notice_for(&change).unwrap()
}
