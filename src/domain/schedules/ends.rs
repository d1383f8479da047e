//! When a run has ended and how far it is, where the server says too much, too little or too early.

use super::*;

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
        assert_eq!(
            (shown.percent, shown.status),
            (Some(percent), status),
            "{age}"
        );
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
        (Status::Running, None)
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
        (Status::Running, Some(25))
    );

    scene.say([video()]);

    assert_eq!(
        (scene.status(), scene.summary().percent),
        (Status::Running, Some(25))
    );
}

#[test]
fn the_percentage_counts_at_once_what_silence_has_ended() {
    let mut scene = Scene::new(ROWS);
    scene.say([
        models(2),
        video(),
        failed("r", "a", 1.),
        queued("r", "b", 1.),
    ]);

    scene.pass(60.);

    assert_eq!(
        (scene.state("a"), scene.summary().percent),
        ("failed", Some(50))
    );
}

#[test]
fn a_run_that_ended_is_not_at_work_again_by_the_end_of_a_model_that_nobody_had_named() {
    let mut scene = Scene::new(ROWS);
    let row = || completed("r", "a", 5., Label::Real);
    scene.fetch(vec![made("r", 1, 0., Declared::Done), row()]);
    scene.fetch(vec![made("r", 1, 0., Declared::Processing), row()]);
    assert_eq!(scene.status(), Status::Complete);

    scene.say([completed("r", "b", 9., Label::Real)]);

    let shown = scene.summary();
    assert_eq!((shown.status, shown.completed), (Status::Complete, 2));
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

#[test]
fn an_attempt_whose_start_was_not_heard_counts() {
    for (facts, attempt) in [
        (vec![failed("r", "a", 2.), started("r", "a", 7.)], 2),
        (vec![failed("r", "a", 2.), failed("r", "a", 8.)], 2),
        (vec![started("r", "a", 1.), failed("r", "a", 2.)], 1),
        (vec![failed("r", "a", 2.), failed("r", "a", 2.3)], 1),
    ] {
        let mut scene = Scene::new(ROWS);
        scene.say([progress("r", "a", 1.5, 80.)]);

        scene.say(facts.clone());

        assert_eq!(scene.model("a").attempt, attempt, "{facts:?}");
    }
}

#[test]
fn progress_of_a_failed_attempt_is_not_that_of_the_next() {
    let mut scene = Scene::new(ROWS);
    scene.say([queued("r", "a", 0.)]);
    scene.say([progress("r", "a", 1.5, 80.), failed("r", "a", 2.)]);
    scene.pass(60.);

    scene.say([started("r", "a", 70.)]);

    assert_eq!(
        (scene.state("a"), scene.summary().percent),
        ("running", Some(0))
    );
}

#[test]
fn the_percentage_stays_when_a_retry_turns_out_well() {
    let mut scene = Scene::new(ROWS);
    scene.say(["a", "b"].map(|model| queued("r", model, 0.)));
    scene.say([completed("r", "a", 1., Label::Real), failed("r", "b", 2.)]);
    assert_eq!(scene.summary().percent, Some(50));
    scene.say(["c", "d", "e"].map(|model| queued("r", model, 3.)));

    scene.say([completed("r", "b", 4., Label::Real)]);

    assert_eq!(scene.summary().percent, Some(50));
}

#[test]
fn the_percentage_does_not_fall_by_a_count_that_changes_nothing() {
    let mut scene = Scene::new(ROWS);
    scene.say([video(), queued("r", "a", 0.)]);
    scene.say([completed("r", "a", 1., Label::Real)]);
    scene.say([queued("r", "b", 2.), queued("r", "c", 2.)]);
    for count in [0, 3] {
        scene.say([models(count)]);

        let shown = scene.summary();
        assert_eq!((shown.percent, shown.expected), (Some(99), 3), "{count}");
    }
}

#[test]
fn the_percentage_does_not_fall_when_only_the_servers_word_does() {
    let mut scene = Scene::new(ROWS);
    let row = || completed("r", "a", 1., Label::Real);
    scene.say([models(2), video(), row(), progress("r", "b", 3., 60.)]);
    for (passed, status) in [(0., Declared::Done), (20., Declared::Processing)] {
        scene.pass(passed);
        scene.fetch(vec![made("r", 1, 0., status), row()]);

        assert_eq!(scene.summary().percent, Some(80), "{status:?}");
    }
}

#[test]
fn a_run_that_ended_is_not_at_work_again_by_a_wrong_count_or_a_stand_in() {
    for said in [
        vec![expects("r", 3), declared("r", Some(3.), Declared::Done)],
        vec![progress("r", "stand-in", 3., 40.)],
    ] {
        let mut scene = Scene::new(ROWS);
        let row = || completed("r", "a", 1., Label::Real);
        scene.fetch(vec![numbered("r", 1, Declared::Done), row()]);
        scene.pass(60.);
        scene.fetch(vec![numbered("r", 1, Declared::Processing), row()]);
        scene.say(said.clone());

        // It may be said once more after the snapshot that does not know of it was asked for.
        scene.request();
        scene.say(said.clone());
        scene.answer(vec![numbered("r", 1, Declared::Processing), row()]);

        let shown = scene.summary();
        assert_eq!(
            (shown.status, shown.expected),
            (Status::Complete, 1),
            "{said:?}"
        );
    }
}
