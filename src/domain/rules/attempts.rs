//! Which attempt of a model something belongs to, and when a failure is final.

use crate::domain::fact::{Declared, Label, ModelSaid};
use crate::domain::scene::*;
use crate::domain::view::Status;
use crate::domain::Rules;

#[test]
fn an_attempt_is_told_by_its_start_and_a_failure_is_final_after_the_last() {
    let mut scene = Scene::new(Rules::default());
    for (fact, state, attempt) in [
        (queued("r", "a", 0.), "queued", 0),
        (started("r", "a", 1.), "running", 1),
        (failed("r", "a", 2.), "retrying", 1),
        (failed("r", "a", 2.), "retrying", 1),
        (started("r", "a", 1.), "retrying", 1),
        (started("r", "a", 7.), "running", 2),
        (failed("r", "a", 8.), "retrying", 2),
        (started("r", "a", 18.), "running", 3),
        (failed("r", "a", 19.), "failed", 3),
        (progress("r", "a", 18.5, 70.), "failed", 3),
        (completed("r", "a", 20., Label::Real), "completed", 3),
        (started("r", "a", 21.), "completed", 4),
    ] {
        scene.say([fact.clone()]);

        assert_eq!(
            (scene.state("a"), scene.model("a").attempt),
            (state, attempt),
            "{fact:?}"
        );
    }
}

#[test]
fn the_row_of_a_failed_attempt_is_not_another_failure() {
    let mut scene = Scene::new(Rules::default());
    scene.say([
        started("r", "a", 1.),
        failed("r", "a", 2.),
        started("r", "a", 7.),
        failed("r", "a", 8.),
    ]);
    scene.pass(20.);

    scene.fetch(vec![
        numbered("r", 1, Declared::Processing),
        failed("r", "a", 8.3),
    ]);

    assert_eq!(
        (scene.state("a"), scene.model("a").attempt),
        ("retrying", 2)
    );
}

#[test]
fn who_comes_later_knows_from_the_row_which_attempt_failed() {
    for (is_final, attempt, shown) in [
        (true, Some(3), ("failed", 3)),
        (false, Some(2), ("retrying", 2)),
        (false, None, ("retrying", 1)),
    ] {
        let mut scene = Scene::new(Rules::default());
        let said = ModelSaid::Failed {
            error: None,
            is_final,
            attempt,
        };
        let row = model("r", "a", None, said);
        scene.fetch(vec![numbered("r", 1, Declared::Processing), row]);
        assert_eq!((scene.state("a"), scene.model("a").attempt), shown);

        // The events of it come after all: they are no more attempts.
        scene.say([started("r", "a", 1.), failed("r", "a", 2.)]);
        assert_eq!((scene.state("a"), scene.model("a").attempt), shown);
    }
}

#[test]
fn who_comes_between_two_attempts_is_told_of_the_next_by_when_the_row_says_that_the_last_failed() {
    let row = |attempt: Option<u32>, at| {
        vec![
            numbered("r", 1, Declared::Processing),
            failed_in("r", "a", at, attempt),
        ]
    };
    for (heard, attempt, shown) in [
        (started("r", "a", 9.), Some(1), ("retrying", 1)),
        // What is left of the failed attempt, and its event: by the same clock, but not in the same moment.
        (progress("r", "a", 14.5, 80.), Some(1), ("retrying", 1)),
        (failed("r", "a", 9.99), Some(1), ("retrying", 1)),
        (failed("r", "a", 10.01), Some(2), ("retrying", 2)),
        (started("r", "a", 15.), Some(1), ("running", 2)),
        (started("r", "a", 20.), Some(2), ("running", 3)),
        (started("r", "a", 15.), None, ("running", 2)),
        // Whoever came when it had begun does not hear that it does.
        (progress("r", "a", 22., 10.), Some(1), ("running", 2)),
        (progress("r", "a", 22., 10.), Some(2), ("running", 3)),
        (progress("r", "a", 22., 10.), Some(3), ("failed", 3)),
        // The events of those before were not heard: they are counted all the same.
        (failed("r", "a", 16.), Some(1), ("retrying", 2)),
        (failed("r", "a", 20.), Some(2), ("failed", 3)),
    ] {
        let mut scene = Scene::new(Rules::default());
        scene.fetch(row(attempt, 10.));
        scene.say([heard.clone()]);
        let now = (scene.state("a"), scene.model("a").attempt);
        assert_eq!(now, shown, "{heard:?} {attempt:?}");

        let mut late = Scene::new(Rules::default());
        late.say([queued("r", "a", 0.), heard.clone()]);
        late.fetch(row(attempt, 10.));
        let now = (late.state("a"), late.model("a").attempt);
        assert_eq!(now, shown, "{heard:?} {attempt:?}, before the row");

        scene.pass(61.);
        let is_over = shown.0 != "running";
        assert_eq!(scene.state("a") == "failed", is_over, "{heard:?}");
    }
}

#[test]
fn an_attempt_whose_start_was_not_heard_is_told_by_its_work_when_no_other_can_be_at_it() {
    let mut scene = Scene::new(Rules::default());
    scene.say([
        started("r", "a", 1.),
        progress("r", "a", 8., 80.),
        failed("r", "a", 9.),
    ]);

    // Of the failed one: whoever computes for the worker may go on for a while.
    scene.say([progress("r", "a", 13.5, 85.)]);
    assert_eq!(
        (scene.state("a"), scene.model("a").attempt),
        ("retrying", 1)
    );
    let mut heard = scene;
    let mut unheard = Scene::new(Rules::default());
    unheard.say([
        started("r", "a", 1.),
        failed("r", "a", 9.),
        progress("r", "a", 13.5, 85.),
    ]);

    heard.say([started("r", "a", 15.), progress("r", "a", 16., 10.)]);
    unheard.say([progress("r", "a", 21., 10.)]);

    for scene in [heard, unheard] {
        assert_eq!((scene.state("a"), scene.model("a").attempt), ("running", 2));
        assert_eq!(scene.run().percent, Some(10), "of this attempt alone");
    }
}

#[test]
fn a_start_that_is_heard_takes_back_that_a_model_was_given_up() {
    let mut scene = Scene::new(Rules::default());
    scene.say([
        started("r", "a", 1.),
        failed("r", "a", 9.),
        progress("r", "a", 22., 10.),
        declared("r", Some(23.), Declared::Done),
    ]);
    scene.pass(200.);
    assert_eq!(scene.state("a"), "failed");

    scene.say([started("r", "a", 220.)]);
    assert_eq!((scene.state("a"), scene.model("a").attempt), ("running", 2));
}

#[test]
fn the_row_of_an_attempt_that_another_follows_is_no_end_though_the_server_ends_the_run_early() {
    let row = |attempt| {
        let said = ModelSaid::Failed {
            error: None,
            is_final: attempt == Some(3),
            attempt,
        };
        vec![
            numbered("r", 1, Declared::Done),
            completed("r", "a", 5., Label::Real),
            model("r", "b", None, said),
        ]
    };
    for (attempt, is_there, state, status) in [
        (Some(1), true, "retrying", Status::Running),
        (Some(2), true, "retrying", Status::Running),
        (Some(3), true, "failed", Status::PartlyComplete),
        // A server that does not count them has said all that it knows, and so has one that was asked long after.
        (None, true, "failed", Status::PartlyComplete),
        (Some(1), false, "failed", Status::PartlyComplete),
    ] {
        let mut scene = Scene::new(Rules::default());
        if is_there {
            scene.say([started("r", "a", 1.), completed("r", "a", 5., Label::Real)]);
            scene.say([started("r", "b", 5.), failed("r", "b", 9.)]);
        }

        scene.fetch(row(attempt));
        let shown = (scene.state("b"), scene.status());
        assert_eq!(shown, (state, status), "{attempt:?} {is_there}");

        // None follows.
        scene.pass(61.);
        let shown = (scene.state("b"), scene.status());
        assert_eq!(shown, ("failed", Status::PartlyComplete));
    }

    let mut scene = Scene::new(Rules::default());
    scene.say([started("r", "a", 1.), completed("r", "a", 5., Label::Real)]);
    scene.say([started("r", "b", 5.), failed("r", "b", 9.)]);
    scene.fetch(row(Some(1)));
    scene.say([
        started("r", "b", 14.),
        completed("r", "b", 19., Label::Real),
    ]);
    assert_eq!(scene.status(), Status::Complete);
}

#[test]
fn a_failed_attempt_was_the_last_of_a_run_that_an_answer_after_a_long_loss_says_has_ended() {
    for (lost, state, status) in [
        (10., "retrying", Status::Running),
        (600., "failed", Status::PartlyComplete),
    ] {
        let mut scene = Scene::new(Rules::default());
        scene.say([started("r", "a", 1.), completed("r", "a", 5., Label::Real)]);
        scene.say([started("r", "b", 5.), failed_in("r", "b", 9., Some(1))]);
        let now = scene.at();
        scene.store.disconnected(SERVER, now, now);
        scene.pass(lost);
        let now = scene.at();
        scene.store.connected(SERVER, now);
        scene.fetch(vec![
            numbered("r", 1, Declared::Done),
            completed("r", "a", 5., Label::Real),
            failed_in("r", "b", 9., Some(1)),
        ]);
        assert_eq!((scene.state("b"), scene.status()), (state, status));
    }
}

#[test]
fn a_failure_that_the_server_calls_the_end_is_the_end() {
    let mut scene = Scene::new(Rules::default());
    let said = ModelSaid::Failed {
        error: None,
        is_final: true,
        attempt: None,
    };

    scene.say([started("r", "a", 1.), model("r", "a", Some(2.), said)]);

    assert_eq!(
        (scene.state("a"), scene.status()),
        ("failed", Status::Failed)
    );
}

#[test]
fn a_failure_without_another_attempt_for_a_minute_is_final_until_there_is_one() {
    let mut scene = Scene::new(Rules::default());
    scene.say([started("r", "a", 1.), failed("r", "a", 2.)]);

    scene.pass(59.);
    assert_eq!(scene.state("a"), "retrying");
    scene.pass(1.);
    assert_eq!(scene.state("a"), "failed");

    scene.say([started("r", "a", 70.)]);
    assert_eq!((scene.state("a"), scene.model("a").attempt), ("running", 2));
}

#[test]
fn a_retry_is_not_given_up_while_the_server_cannot_be_heard_or_other_models_run() {
    let mut scene = Scene::new(Rules::default());
    scene.say([started("r", "a", 1.), failed("r", "a", 2.)]);
    scene.pass(50.);
    scene.say([progress("r", "b", 52., 10.)]);
    scene.pass(50.);
    assert_eq!(scene.state("a"), "retrying");

    let now = scene.at();
    scene.store.disconnected(SERVER, now, now);
    scene.pass(3600.);

    assert_eq!(scene.state("a"), "retrying");
}

#[test]
fn progress_belongs_to_the_attempt_in_which_it_was_relayed() {
    let mut scene = Scene::new(Rules::default());
    scene.say([
        started("r", "a", 1.),
        progress("r", "a", 4., 80.),
        failed("r", "a", 5.),
        started("r", "a", 10.),
    ]);
    assert_eq!(scene.run().percent, Some(0));

    // A late copy of the first attempt's, then one of the second.
    scene.say([progress("r", "a", 4.5, 80.), progress("r", "a", 12., 10.)]);

    assert_eq!(scene.run().percent, Some(10));
}
