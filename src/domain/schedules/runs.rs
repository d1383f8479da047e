//! Which run is shown, where their beginnings and numbers are lost, late or told out of order.

use super::*;

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
fn a_run_whose_number_is_not_known_is_newer_than_those_that_leave_it_no_number() {
    let first = || vec![made("r1", 1, 10., Declared::Done)];
    let second = || vec![made("r2", 2, 20., Declared::Done)];
    let both = || [first(), second()].concat();
    for (rows, is_told) in [
        (first(), false),
        (both(), false),
        // It may be the first.
        (second(), true),
    ] {
        for is_fetched in [false, true] {
            let mut scene = Scene::new(ROWS);
            scene.say([models(1), video(), started("r3", "a", 30.)]);
            let end = completed("r3", "a", 35., Label::Real);
            scene.say([end, declared("r3", Some(35.), Declared::Done)]);
            let shown = scene.summary().run;

            match is_fetched {
                true => scene.fetch_list(&["m"], rows.clone()),
                false => scene.say(rows.clone()),
            };
            assert_eq!(scene.run().number.is_some(), is_told, "{rows:?}");
            assert_eq!(scene.summary().run != shown, is_told, "{rows:?}");
        }
    }
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
