//! When a run has ended, and which run is shown, where the server says too much, too little or too early: the smallest
//! scene of each fault that `make simulate` found.

use super::fact::{Declared, Fact, Label, MediaFields, MediaKind, ModelCounts, RunFields};
use super::scene::*;
use super::view::{Change, Status};
use crate::domain::Rules;

const ROWS: Rules = Rules {
    max_attempts: Some(3),
    has_run_ids: true,
    has_run_end: true,
    has_rows: true,
    latest_wins: false,
};

#[test]
fn a_young_run_that_is_declared_ended_with_fewer_models_than_usual_goes_on() {
    for (age, percent, status) in [
        (40., 33, Status::Running),
        (3500., 33, Status::Running),
        (3700., 100, Status::Complete),
    ] {
        let mut scene = Scene::new(ROWS);
        scene.say([models(3), video()]);
        // Anything tells what time it is there.
        scene.say([Fact::Media {
            media: id("other"),
            at: Some(stamp(age)),
            fields: MediaFields::default(),
        }]);

        scene.fetch(vec![
            made("r", 1, 0., Declared::Done),
            completed("r", "a", 1., Label::Real),
        ]);

        let shown = scene.summary();
        assert_eq!((shown.percent, shown.status), (percent, status), "{age}");
        scene.pass(200.);
        assert_eq!(scene.status(), Status::Complete, "{age}");
    }
}

#[test]
fn a_run_of_which_nobody_knows_the_number_of_models_does_not_end_by_those_that_were_named() {
    let mut scene = Scene::new(ROWS);
    scene.fetch(vec![numbered("r", 1, Declared::Processing)]);
    scene.say([completed("r", "a", 1., Label::Real)]);
    assert_eq!(
        (scene.status(), scene.summary().percent),
        (Status::Running, 99)
    );

    scene.say([started("r", "b", 2.), completed("r", "b", 3., Label::Real)]);
    scene.pass(20.);
    scene.fetch(vec![
        numbered("r", 1, Declared::Done),
        completed("r", "a", 1., Label::Real),
        completed("r", "b", 3., Label::Real),
    ]);

    assert_eq!(scene.status(), Status::Complete);
}

#[test]
fn an_end_that_counts_rows_takes_no_end_back() {
    let mut scene = Scene::new(ROWS);
    scene.say([models(2), video()]);
    scene.say(["a", "b"].map(|model| completed("r", model, 1., Label::Real)));
    assert_eq!(scene.status(), Status::Complete);

    scene.say([expects("r", 3), declared("r", Some(2.), Declared::Done)]);

    let shown = scene.summary();
    assert_eq!((shown.status, shown.expected), (Status::Complete, 2));
}

#[test]
fn what_only_reports_progress_after_every_model_has_ended_reopens_nothing() {
    let mut scene = Scene::new(ROWS);
    scene.say([models(1), video(), completed("r", "a", 1., Label::Real)]);

    scene.say([progress("r", "stand-in", 2., 40.)]);

    assert_eq!(scene.status(), Status::Complete);
}

#[test]
fn what_only_reports_progress_is_not_counted_at_the_end() {
    let mut scene = Scene::new(ROWS);
    scene.say([models(2), video(), completed("r", "a", 1., Label::Real)]);
    scene.say([progress("r", "stand-in", 2., 40.)]);

    scene.say([completed("r", "b", 3., Label::Real)]);

    let shown = scene.summary();
    assert_eq!(
        (shown.status, shown.completed, shown.expected),
        (Status::Complete, 2, 2)
    );
}

#[test]
fn a_row_that_overtakes_its_runs_events_is_of_the_run_that_was_queued() {
    let mut scene = Scene::new(ROWS);
    scene.say([models(1), video(), queued("", "a", 1.)]);
    assert_eq!(scene.status(), Status::Queued);

    scene.say([
        numbered("r", 1, Declared::Done),
        completed("r", "a", 3., Label::Real),
    ]);
    assert_eq!(scene.status(), Status::Complete);

    scene.say([started("r", "a", 2.), completed("r", "a", 3., Label::Real)]);
    assert_eq!(
        (scene.run().number, scene.status()),
        (Some(1), Status::Complete)
    );
}

#[test]
fn an_end_that_an_event_tells_first_is_news_and_one_that_a_snapshot_shows_first_is_none() {
    let end = || {
        vec![
            numbered("r", 1, Declared::Done),
            completed("r", "a", 3., Label::Real),
        ]
    };
    let news = |changes: Vec<Change>| {
        let mut ends = changes.into_iter();
        ends.any(|change| {
            matches!(change, Change::Media { before: Some(before), after: Some(after), .. }
            if !before.status.is_ended() && after.status.is_ended())
        })
    };

    let mut scene = Scene::new(ROWS);
    scene.say([models(1)]);
    assert!(news(scene.say(end())));
    assert!(!news(scene.say(end())));

    let mut scene = Scene::new(ROWS);
    assert!(!news(scene.fetch_list(&["m"], end())));
}

#[test]
fn a_media_of_which_nobody_said_what_it_is_counts_as_many_models_as_any() {
    let mut scene = Scene::new(ROWS);
    scene.say([models(4), completed("r", "a", 1., Label::Real)]);
    assert_eq!(
        (scene.status(), scene.summary().percent),
        (Status::Running, 25)
    );

    scene.say([video()]);

    assert_eq!(
        (scene.status(), scene.summary().percent),
        (Status::Running, 25)
    );
}

#[test]
fn a_run_that_starts_before_the_newest_one_does_is_an_older_one() {
    let mut scene = Scene::new(ROWS);
    scene.fetch(vec![made("r3", 3, 10., Declared::Queued)]);

    scene.say([started("r2", "a", 20.)]);
    assert_eq!(scene.run().number, Some(3));

    scene.say([started("r3", "a", 30.), started("r4", "a", 40.)]);
    assert_eq!(scene.run().number, None);
}

#[test]
fn a_snapshot_that_takes_back_what_was_heard_after_a_doubt_is_doubted_again() {
    let mut scene = Scene::new(ROWS);
    let queued_run = || vec![numbered("r", 1, Declared::Processing)];
    scene.fetch(queued_run());
    scene.say([models(3), video(), completed("r", "a", 1., Label::Real)]);
    scene.fetch(queued_run());
    assert_eq!(scene.summary().completed, 1);

    scene.pass(1.5);
    scene.say([completed("r", "b", 2., Label::Real)]);
    scene.pass(0.5);
    let row = completed("r", "a", 1., Label::Real);
    scene.fetch([queued_run(), vec![row.clone()]].concat());
    assert_eq!(scene.summary().completed, 2);

    // Said again with nothing heard in between, it is believed.
    scene.pass(2.);
    scene.fetch([queued_run(), vec![row]].concat());
    assert_eq!(scene.summary().completed, 1);
}

#[test]
fn a_snapshot_that_takes_a_beginning_back_is_doubted_once() {
    let mut scene = Scene::new(ROWS);
    scene.fetch(vec![numbered("r", 1, Declared::Queued)]);
    scene.say([declared("r", Some(1.), Declared::Processing)]);

    for status in [Status::Running, Status::Queued] {
        scene.fetch(vec![numbered("r", 1, Declared::Queued)]);
        assert_eq!(scene.status(), status);
        scene.pass(2.);
    }
}

#[test]
fn a_late_word_of_an_older_run_shows_no_other_run() {
    let mut scene = Scene::new(ROWS);
    let row = completed("r2", "a", 20., Label::Real);
    scene.fetch(vec![made("r2", 2, 10., Declared::Done), row]);

    scene.say([declared("r1", Some(5.), Declared::Processing)]);

    assert_eq!(
        (scene.run().number, scene.status()),
        (Some(2), Status::Complete)
    );
}

#[test]
fn an_end_in_which_nothing_succeeded_counts_no_models() {
    let mut scene = Scene::new(ROWS);
    scene.say([models(1), video()]);
    scene.say([1., 7., 18.].map(|at| failed("r", "a", at)));
    assert_eq!(scene.status(), Status::Failed);

    scene.say([expects("r", 0), declared("r", Some(19.), Declared::Failed)]);

    assert_eq!(scene.status(), Status::Failed);
}

#[test]
fn a_run_that_ended_is_not_at_work_again_by_the_servers_word_alone() {
    let mut scene = Scene::new(ROWS);
    let row = || completed("r", "a", 1., Label::Real);
    scene.fetch(vec![numbered("r", 1, Declared::Done), row()]);
    scene.pass(60.);

    scene.fetch(vec![numbered("r", 1, Declared::Queued), row()]);
    assert_eq!(scene.status(), Status::Complete);

    scene.say([started("r", "b", 70.)]);
    assert_eq!(scene.status(), Status::Running);
}

fn models(videos: u32) -> Fact {
    Fact::Models(ModelCounts {
        video: videos,
        image: 1,
        audio: 1,
    })
}

fn video() -> Fact {
    media(
        "m",
        MediaFields {
            kind: Some(MediaKind::Video),
            ..MediaFields::default()
        },
    )
}

fn made(name: &str, number: u32, created: f64, status: Declared) -> Fact {
    run(
        name,
        None,
        RunFields {
            number: Some(number),
            declared: Some(status),
            created: Some(stamp(created)),
            ..RunFields::default()
        },
    )
}
