//! When a run has ended, and which run is shown, where the server says too much, too little or too early: the smallest
//! scenes of what `make simulate` plays at length.

use super::fact::{
    Declared, Fact, Label, MediaFields, MediaKind, ModelCounts, ModelSaid, Scope, Snapshot,
};
use super::scene::*;
use super::view::{Change, Status};
use crate::domain::Rules;

const ROWS: Rules = Rules {
    max_attempts: Some(3),
    has_run_ids: true,
    has_run_end: true,
    has_rows: true,
    latest_wins: false,
    fails_between_attempts: false,
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
        (scene.status(), scene.summary().is_counted),
        (Status::Running, false)
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
fn a_run_that_starts_beside_the_newest_one_waits_for_its_number() {
    let mut scene = Scene::new(ROWS);
    scene.fetch(vec![made("r3", 3, 10., Declared::Queued)]);

    scene.say([started("r2", "a", 20.)]);
    assert_eq!(scene.run().number, Some(3));

    scene.say([started("r3", "a", 30.), started("r4", "a", 40.)]);
    assert_eq!(scene.run().number, Some(3));
    assert!(scene.asks().contains(&Scope::Media(id("m"))));

    scene.fetch(vec![
        made("r4", 4, 30., Declared::Processing),
        made("r3", 3, 10., Declared::Processing),
        made("r2", 2, 5., Declared::Processing),
    ]);
    assert_eq!((scene.run().number, scene.state("a")), (Some(4), "running"));
}

#[test]
fn a_run_that_was_queued_after_the_newest_one_had_ended_is_newer_though_nobody_said_its_number() {
    let mut scene = Scene::new(ROWS);
    scene.say([models(1), video()]);
    scene.fetch(vec![made("r1", 1, 0., Declared::Processing)]);
    scene.say([completed("r1", "a", 10., Label::Real)]);

    scene.say([declared("", Some(20.), Declared::Queued)]);
    assert_eq!((scene.run().number, scene.status()), (None, Status::Queued));
    scene.say([started("r2", "a", 30.)]);

    assert_eq!(
        (scene.run().number, scene.status()),
        (None, Status::Running)
    );
}

#[test]
fn the_number_of_a_run_is_taken_from_an_answer_that_a_younger_one_has_overtaken() {
    let mut scene = Scene::new(ROWS);
    let ended = || {
        let row = completed("r1", "a", 15., Label::Real);
        vec![made("r1", 1, 10., Declared::Done), row]
    };
    scene.fetch(ended());
    scene.pass(60.);
    scene.say([started("r2", "a", 70.)]);
    scene.request();
    scene.fetch_list(&["m"], ended());
    assert_eq!(scene.run().number, Some(1));

    let newest = made("r2", 2, 69., Declared::Processing);
    scene.answer([vec![newest], ended()].concat());

    assert_eq!((scene.run().number, scene.state("a")), (Some(2), "running"));
}

#[test]
fn a_run_does_not_become_the_newest_by_having_its_number_told_first() {
    let mut scene = Scene::new(ROWS);
    scene.say([models(1), video(), started("r1", "a", 10.)]);
    scene.say([
        completed("r1", "a", 15., Label::Real),
        started("r2", "a", 20.),
    ]);

    scene.say([numbered("r1", 1, Declared::Done)]);
    assert_eq!((scene.run().number, scene.state("a")), (None, "running"));

    scene.say([numbered("r2", 2, Declared::Processing)]);
    assert_eq!((scene.run().number, scene.summary().run), (Some(2), 2));
}

#[test]
fn of_two_runs_without_a_number_a_later_attempt_in_the_older_one_does_not_make_it_the_newer() {
    let mut scene = Scene::new(ROWS);
    scene.say([models(1), video(), failed("r1", "a", 10.)]);
    scene.say([started("r2", "b", 20.)]);

    scene.say([started("r1", "a", 30.)]);
    assert_eq!((scene.summary().run, scene.state("b")), (2, "running"));

    scene.say([failed("r3", "c", 40.), started("r2", "b", 50.)]);
    assert_eq!((scene.summary().run, scene.state("b")), (2, "running"));
}

#[test]
fn what_was_queued_is_of_the_first_run_that_starts_also_if_a_failure_of_it_was_heard_before() {
    let mut scene = Scene::new(ROWS);
    scene.say([models(2), video(), queued("", "a", 1.), queued("", "b", 1.)]);
    scene.say([failed("r1", "a", 30.), started("r1", "b", 31.)]);
    assert_eq!((scene.summary().run, scene.state("a")), (1, "retrying"));

    scene.say([declared("r2", Some(20.), Declared::Processing)]);
    scene.say([declared("r1", Some(10.), Declared::Processing)]);

    assert_eq!(scene.summary().run, 2);
}

#[test]
fn a_run_that_was_queued_after_one_without_a_number_had_ended_is_newer_than_it() {
    let ended = |number, at| {
        let name = format!("r{number}");
        let row = completed(&name, "a", at + 5., Label::Real);
        [made(&name, number, at, Declared::Done), row]
    };
    let until_the_third_was_queued = || {
        let mut scene = Scene::new(ROWS);
        scene.say([models(1), video()]);
        scene.fetch(ended(1, 10.).to_vec());
        scene.say([queued("", "a", 20.), started("r2", "a", 21.)]);
        scene.say([completed("r2", "a", 25., Label::Real)]);
        scene.say([queued("", "a", 30.)]);
        assert_eq!((scene.summary().run, scene.status()), (3, Status::Queued));
        scene
    };

    let mut scene = until_the_third_was_queued();
    scene.say([started("r3", "a", 31.)]);
    assert_eq!((scene.summary().run, scene.status()), (3, Status::Running));

    let mut scene = until_the_third_was_queued();
    let third = made("r3", 3, 30., Declared::Queued);
    scene.fetch([&[third][..], &ended(2, 20.), &ended(1, 10.)].concat());
    assert_eq!((scene.summary().run, scene.run().number), (3, Some(3)));
    assert_eq!(scene.status(), Status::Queued);
}

#[test]
fn a_late_word_that_the_run_was_queued_opens_no_other_after_its_failure() {
    let mut scene = Scene::new(ROWS);
    scene.say([models(1), video()]);
    let is_final = true;
    let said = ModelSaid::Failed {
        error: None,
        is_final,
        attempt: None,
    };
    scene.fetch(vec![
        made("r1", 1, 10., Declared::Failed),
        model("r1", "a", None, said),
    ]);
    assert_eq!((scene.run().ended, scene.status()), (None, Status::Failed));

    scene.say([queued("", "a", 10.)]);
    assert_eq!(
        (scene.run().number, scene.status()),
        (Some(1), Status::Failed)
    );

    scene.say([queued("", "a", 70.)]);
    assert_eq!((scene.run().number, scene.status()), (None, Status::Queued));
}

#[test]
fn a_new_run_that_only_its_end_is_left_of_is_still_shown() {
    let mut scene = Scene::new(ROWS);
    let ended = || {
        let row = completed("r1", "a", 15., Label::Real);
        vec![made("r1", 1, 10., Declared::Done), row]
    };
    scene.say([models(1), video()]);
    scene.fetch(ended());
    scene.say([declared("", Some(70.), Declared::Queued)]);
    scene.say([started("r2", "a", 71.)]);
    scene.request();
    scene.say([completed("r2", "a", 75., Label::Fake)]);
    assert_eq!(scene.summary().run, 2);

    scene.answer(ended());

    assert_eq!((scene.summary().run, scene.status()), (2, Status::Complete));
}

#[test]
fn what_a_younger_answer_said_is_gone_stays_gone() {
    let mut scene = Scene::new(ROWS);
    scene.fetch(vec![numbered("r", 1, Declared::Processing)]);
    scene.pass(60.);
    let now = scene.at();
    scene.store.snapshot_requested(SERVER, &Scope::List, now);
    scene.request();
    let snapshot = Snapshot {
        scope: Scope::Media(id("m")),
        is_whole: true,
        beyond: 0,
        media: vec![],
        facts: vec![],
    };
    scene.store.apply_snapshot(SERVER, snapshot, now);
    assert!(scene.store.summary(&key("m")).is_none());

    scene.answer_list(&["m"], vec![numbered("r", 1, Declared::Processing)]);
    assert!(scene.store.summary(&key("m")).is_none());

    scene.fetch_list(&["m"], vec![numbered("r", 1, Declared::Processing)]);
    assert_eq!(scene.status(), Status::Running);
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

    assert_eq!((scene.state("a"), scene.summary().percent), ("failed", 50));
}

#[test]
fn a_new_run_is_still_shown_after_a_snapshot_from_before_it() {
    let mut scene = Scene::new(ROWS);
    let ended = || {
        let row = completed("r1", "a", 15., Label::Real);
        vec![made("r1", 1, 10., Declared::Done), row]
    };
    scene.fetch(ended());
    scene.say([declared("", Some(70.), Declared::Queued)]);
    scene.request();
    scene.say([started("r2", "a", 71.)]);

    scene.answer(ended());

    assert_eq!((scene.run().number, scene.state("a")), (None, "running"));
}

#[test]
fn a_snapshot_names_the_provisional_run_also_when_its_id_was_heard_before() {
    let mut scene = Scene::new(ROWS);
    scene.say([queued("", "a", 1.)]);
    scene.say([completed("r1", "b", 2., Label::Real)]);
    assert_eq!(scene.run().number, None);

    scene.fetch(vec![
        numbered("r1", 1, Declared::Processing),
        completed("r1", "b", 2., Label::Real),
    ]);

    let run = scene.run();
    assert_eq!((run.number, run.completed), (Some(1), 1));
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
fn a_start_from_before_the_word_that_the_run_ended_is_asked_about_before_it_is_shown() {
    let (row, late) = (completed("r", "a", 5., Label::Real), started("r", "b", 6.));
    let ended = [made("r", 1, 0., Declared::Done), row];
    let known = || {
        let mut scene = Scene::new(ROWS);
        scene.say([started("r", "a", 1.)]);
        scene.pass(40.);
        scene.fetch(ended.to_vec());
        scene.asks();
        scene.pass(5.);
        scene
    };

    // The answer knows how it ended, or as little as before; or there is none.
    for (rows, status, n_completed) in [
        (
            Some(vec![completed("r", "b", 30., Label::Real)]),
            Status::Complete,
            2,
        ),
        (Some(vec![]), Status::Running, 1),
        (None, Status::PartlyComplete, 1),
    ] {
        let mut scene = known();
        scene.say([late.clone()]);
        let shown = scene.summary();
        assert_eq!((shown.status, shown.completed), (Status::Complete, 1));
        assert_eq!(scene.asks(), [Scope::Media(id("m"))]);

        if let Some(rows) = rows {
            scene.fetch([&ended[..], &rows[..]].concat());
        } else {
            scene.pass(89.);
            assert_eq!(scene.status(), Status::Complete);
            scene.pass(2.);
        }
        let shown = scene.summary();
        assert_eq!((shown.status, shown.completed), (status, n_completed));
    }

    // One that starts after it is at work.
    let mut scene = known();
    scene.say([started("r", "b", 50.)]);
    assert_eq!(scene.status(), Status::Running);
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
fn an_answer_that_lacks_the_newest_run_is_doubted_and_asked_for_again() {
    let mut scene = Scene::new(ROWS);
    let first = || made("r1", 1, 0., Declared::Processing);
    let second = made("r2", 2, 10., Declared::Queued);
    scene.fetch(vec![second.clone(), first()]);
    assert_eq!(scene.run().number, Some(2));

    for _ in 0..5 {
        scene.fetch(vec![first()]);
        assert_eq!((scene.run().number, scene.asks().len()), (Some(2), 0));
        scene.pass(2.);
        assert_eq!(scene.asks(), [Scope::Media(id("m"))]);
    }
    // A server that goes on saying so is believed.
    scene.fetch(vec![first()]);
    assert_eq!(scene.run().number, Some(1));
}

#[test]
fn an_answer_that_lacks_the_beginning_that_was_answered_before_is_doubted_too() {
    let mut scene = Scene::new(ROWS);
    scene.fetch_list(&["m"], vec![made("r", 1, 0., Declared::Processing)]);

    scene.fetch(vec![made("r", 1, 0., Declared::Queued)]);

    assert_eq!(scene.status(), Status::Running);
    scene.pass(2.);
    assert_eq!(scene.asks(), [Scope::Media(id("m"))]);
}

#[test]
fn an_answer_that_lacks_a_result_that_was_answered_before_is_doubted_and_asked_for_again() {
    let mut scene = Scene::new(ROWS);
    let run = || made("r", 1, 0., Declared::Processing);
    scene.fetch(vec![run(), completed("r", "a", 5., Label::Real)]);
    assert_eq!(scene.summary().completed, 1);

    scene.fetch(vec![run()]);
    scene.fetch_list(&["m"], vec![run()]);
    assert_eq!(scene.summary().completed, 1);
    scene.pass(2.);
    assert_eq!(scene.asks(), [Scope::Media(id("m"))]);

    for _ in 0..4 {
        scene.fetch(vec![run()]);
    }
    assert_eq!(scene.summary().completed, 0);
}

#[test]
fn of_two_runs_without_a_number_the_one_that_is_shown_stays_until_they_have_one() {
    let mut scene = Scene::new(ROWS);
    scene.say([models(2), video(), started("r3", "a", 20.)]);
    scene.say([started("r2", "b", 30.)]);
    assert_eq!((scene.summary().run, scene.state("b")), (2, "running"));

    // Older than the other one after all.
    scene.say([failed("r2", "a", 10.)]);
    assert_eq!((scene.summary().run, scene.state("b")), (2, "running"));

    scene.say([numbered("r3", 3, Declared::Processing)]);
    scene.say([numbered("r2", 2, Declared::Processing)]);
    assert_eq!((scene.summary().run, scene.run().number), (1, Some(3)));
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
    scene.say([progress("r", "a", 1.5, 80.), failed("r", "a", 2.)]);
    scene.pass(60.);

    scene.say([started("r", "a", 70.)]);

    assert_eq!((scene.state("a"), scene.summary().percent), ("running", 0));
}

#[test]
fn the_percentage_stays_when_a_retry_turns_out_well() {
    let mut scene = Scene::new(ROWS);
    scene.say(["a", "b"].map(|model| queued("r", model, 0.)));
    scene.say([completed("r", "a", 1., Label::Real), failed("r", "b", 2.)]);
    assert_eq!(scene.summary().percent, 50);
    scene.say(["c", "d", "e"].map(|model| queued("r", model, 3.)));

    scene.say([completed("r", "b", 4., Label::Real)]);

    assert_eq!(scene.summary().percent, 50);
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
        assert_eq!((shown.percent, shown.expected), (99, 3), "{count}");
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

        assert_eq!(scene.summary().percent, 80, "{status:?}");
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
