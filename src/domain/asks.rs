//! What makes the store ask for a server's state, and what waits for the answer.

use super::fact::{Declared, Label, MediaFields, RunFields};
use super::media::MAX_RUNS;
use super::run::MAX_MODELS;
use super::scene::*;
use super::store::MAX_PARKED;
use super::view::Status;
use crate::domain::Rules;

#[test]
fn what_does_not_fit_what_is_known_is_asked_about() {
    let known = || numbered("r", 1, Declared::Processing);
    for (said, is_asked) in [
        // What fits.
        (vec![known()], false),
        (vec![started("r", "a", 1.)], false),
        (vec![numbered("r2", 2, Declared::Processing)], false),
        // An unknown media, an unknown run without a number.
        (vec![media("other", MediaFields::default())], true),
        (vec![started("r2", "a", 1.)], true),
        // A run with another number than it had; two runs with one number; once, however often it is said.
        (vec![numbered("r", 2, Declared::Processing)], true),
        (vec![numbered("r2", 1, Declared::Processing)], true),
        // An end that its models do not bear out.
        (
            vec![
                started("r", "a", 1.),
                expects("r", 3),
                declared("r", Some(2.), Declared::Done),
            ],
            true,
        ),
    ] {
        let mut scene = Scene::new(Rules::default());
        scene.fetch(vec![known()]);
        assert_eq!(scene.asks(), []);

        scene.say(said.clone());
        assert_eq!(!scene.asks().is_empty(), is_asked, "{said:?}");
    }
}

#[test]
fn a_number_that_is_in_doubt_is_asked_about_once() {
    let mut scene = Scene::new(Rules::default());
    scene.fetch(vec![numbered("r1", 1, Declared::Done)]);
    for (name, number, is_asked) in [
        ("r2", 1, true),
        ("r2", 1, false),
        ("r2", 2, true),
        ("r2", 1, false),
        ("r1", 1, false),
    ] {
        scene.asks();
        scene.say([numbered(name, number, Declared::Processing)]);

        assert_eq!(!scene.asks().is_empty(), is_asked, "{name} {number}");
    }
}

#[test]
fn a_run_under_way_of_which_nothing_is_heard_is_asked_about_after_a_minute() {
    for (story, first) in [
        (vec![numbered("r", 1, Declared::Queued)], Some(60)),
        (vec![numbered("r", 1, Declared::Processing)], Some(60)),
        (vec![queued("r", "a", 1.)], Some(60)),
        // A model that runs in silence is asked about sooner.
        (vec![started("r", "a", 1.)], Some(30)),
        (
            vec![
                numbered("r", 1, Declared::Done),
                completed("r", "a", 2., Label::Real),
            ],
            None,
        ),
    ] {
        let mut scene = Scene::new(Rules::default());
        scene.fetch(vec![numbered("r", 1, Declared::Queued)]);
        scene.say(story.clone());
        scene.asks();

        let asked = asked_within(&mut scene, 300);

        assert_eq!(asked.first().copied(), first, "{story:?}");
        let gaps: Vec<_> = asked.windows(2).map(|two| two[1] - two[0]).collect();
        assert!(gaps.iter().all(|gap| *gap >= 60), "{story:?} {asked:?}");
    }
}

#[test]
fn a_run_that_is_heard_of_or_cannot_be_heard_of_is_not_quiet() {
    let mut scene = Scene::new(Rules::default());
    scene.fetch(vec![numbered("r", 1, Declared::Queued)]);
    for second in 0..10 {
        scene.pass(59.);
        scene.say([queued("r", &format!("model {second}"), 1.)]);
    }
    assert_eq!(scene.asks(), []);

    let now = scene.at();
    scene.store.disconnected(SERVER, now, now);
    scene.pass(300.);
    assert_eq!(scene.asks(), []);
    let now = scene.at();
    scene.store.connected(SERVER, now);

    assert_eq!(asked_within(&mut scene, 100), [60]);
}

#[test]
fn a_server_that_never_ends_a_run_is_asked_within_five_seconds_and_for_ninety() {
    let mut scene = Scene::new(Rules::default());
    scene.say([numbered("r", 1, Declared::Processing), expects("r", 1)]);
    scene.say([completed("r", "a", 2., Label::Real)]);
    scene.asks();

    assert_eq!(asked_within(&mut scene, 600), [5, 15, 35, 75]);
    assert_eq!(scene.status(), Status::Complete);
}

#[test]
fn what_is_left_out_for_want_of_room_is_asked_about_and_models_of_a_run_once() {
    let mut scene = Scene::new(Rules::default());
    scene.fetch(vec![numbered("r", 1, Declared::Processing)]);
    for index in 0..MAX_MODELS + 10 {
        scene.say([queued("r", &format!("model {index}"), 1.)]);
        let is_first = index == MAX_MODELS;
        assert_eq!(scene.asks().len(), usize::from(is_first), "{index}");
    }
    assert_eq!(scene.store.counters().dropped, 10);

    for number in 2..=MAX_RUNS as u32 + 1 {
        scene.say([numbered(
            &format!("r{number}"),
            number,
            Declared::Processing,
        )]);
        let is_over = number as usize > MAX_RUNS;
        assert_eq!(scene.asks().len(), usize::from(is_over), "{number}");
    }
}

#[test]
fn a_snapshot_of_more_runs_than_are_kept_leaves_the_oldest_out() {
    let mut scene = Scene::new(Rules::default());
    let runs = (1..=25).map(|number| {
        let fields = RunFields {
            number: Some(number),
            declared: Some(Declared::Done),
            created: Some(stamp(f64::from(number) * 100.)),
            ..RunFields::default()
        };
        run(&format!("r{number}"), None, fields)
    });

    scene.fetch(runs.collect());

    assert_eq!(scene.run().number, Some(25));
    assert_eq!(scene.store.counters().evicted, 5);
    // A late word of one that was left out shows it no more than any older one.
    scene.say([started("r1", "a", 101.)]);
    assert_eq!(scene.run().number, Some(25));
}

/// A word without a run, after all runs that are known have ended.
#[test]
fn a_word_without_a_run_is_parked_until_a_snapshot_names_one_that_it_can_be_about() {
    let ended = [
        numbered("r1", 1, Declared::Done),
        completed("r1", "a", 4., Label::Real),
    ];
    let open = [numbered("r2", 2, Declared::Processing)];
    for (before, after, models) in [
        // The snapshot was asked for after it came: what it says is all there is.
        (true, false, 0),
        // It came while the snapshot was under way, which cannot know it.
        (false, true, 1),
        (true, true, 1),
    ] {
        let mut scene = Scene::new(Rules::default());
        scene.fetch(ended.to_vec());
        scene.asks();
        let word = || completed("", "other", 30., Label::Fake);
        if before {
            scene.say([word()]);
        }
        assert_eq!(scene.asks().len(), usize::from(before));
        scene.request();
        if after {
            scene.say([word()]);
        }
        assert_eq!(scene.run().number, Some(1), "it is not shown");
        assert_eq!(scene.run().completed, 1);

        scene.answer([&ended[..], &open[..]].concat());

        let shown = (scene.run().number, scene.run().models.len());
        assert_eq!(shown, (Some(2), models), "{before} {after}");
        assert_eq!(scene.store.counters().dropped, 0);
    }
}

#[test]
fn copies_of_a_parked_word_are_one_and_go_with_their_media() {
    let ended = [
        numbered("r1", 1, Declared::Done),
        completed("r1", "a", 4., Label::Real),
    ];
    let mut scene = Scene::new(Rules::default());
    scene.fetch(ended.to_vec());
    for _ in 0..2 * MAX_PARKED {
        scene.say([completed("", "other", 30., Label::Fake)]);
    }
    assert_eq!(scene.store.counters().dropped, 0);

    scene.pass(60.);
    scene.fetch_list(&[], vec![]);
    scene.fetch_list(&["m"], vec![]);
    scene.fetch(vec![numbered("r2", 2, Declared::Processing)]);

    assert_eq!(scene.run().models.len(), 0);
}

#[test]
fn what_is_gone_is_asked_about_once_in_ten_minutes_of_late_events_and_revived_by_an_answer_alone() {
    for (seconds, asks) in [(599., 0), (600., 1), (601., 1)] {
        let mut scene = Scene::new(Rules::default());
        scene.fetch_list(&["m"], vec![]);
        scene.fetch_list(&[], vec![]);
        scene.pass(seconds);

        scene.say([started("r", "a", 1.), started("r", "b", 1.)]);

        assert_eq!(scene.store.list().count(), 0, "{seconds}");
        assert_eq!(scene.asks().len(), asks, "{seconds}");
        scene.say([started("r", "c", 1.)]);
        assert_eq!(scene.asks().len(), 0, "{seconds}");
    }
    let mut scene = Scene::new(Rules::default());
    scene.fetch_list(&["m"], vec![]);
    scene.fetch_list(&[], vec![]);
    scene.fetch_list(&["m"], vec![]);
    scene.say([started("r", "a", 1.)]);
    assert_eq!(scene.status(), Status::Running);
}

/// The seconds, from now on, in which something is asked for.
fn asked_within(scene: &mut Scene, seconds: u32) -> Vec<u32> {
    let mut asked = Vec::new();
    for second in 1..=seconds {
        scene.pass(1.);
        if !scene.asks().is_empty() {
            asked.push(second);
        }
    }
    asked
}
