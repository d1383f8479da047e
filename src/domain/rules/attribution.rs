//! Whose run it is that is shown: words that name no run, while one is at work and another waits.

use crate::domain::fact::{Declared, Fact, Label, ModelSaid, Outcome, Scope};
use crate::domain::scene::*;
use crate::domain::view::Status;
use crate::domain::Rules;

/// The first run: `a` has ended, `b` is at work, `c` waits.
fn at_work() -> Vec<Fact> {
    vec![
        made("r1", 1, 0., Declared::Processing),
        queued("r1", "a", 0.),
        queued("r1", "b", 0.),
        queued("r1", "c", 0.),
        started("r1", "a", 1.),
        completed("r1", "a", 4., Label::Real),
        started("r1", "b", 5.),
    ]
}

/// A first run that is at work, and then a list, which names a second one that waits.
fn waiting() -> Scene {
    let mut scene = Scene::new(Rules::default());
    scene.say(at_work());
    scene.fetch_list(&["m"], vec![made("r2", 2, 10., Declared::Queued)]);
    scene.asks();
    scene
}

fn words(name: &str, at: f64) -> Fact {
    let text = crate::domain::Text::message("reading").expect("a word");
    let said = ModelSaid::Doing {
        text,
        fraction: None,
    };
    model("", name, Some(at), said)
}

fn raised(name: &str) -> Fact {
    let said = ModelSaid::Failed {
        error: None,
        is_final: false,
        attempt: None,
    };
    model("", name, None, said)
}

#[test]
fn a_run_that_waits_takes_none_of_the_work_of_the_one_before_it() {
    let waits = (Status::Queued, Some(2), Some(0));
    for work in [
        progress("", "b", 12., 50.),
        words("b", 12.),
        raised("b"),
        // Its start was missed.
        progress("", "c", 12., 50.),
        started("", "c", 12.),
        // One that the server has not named.
        progress("", "stand-in", 12., 50.),
        declared("", Some(12.), Declared::Processing),
        declared("", Some(12.), Declared::Done),
    ] {
        let mut scene = waiting();
        for _ in 0..3 {
            scene.say([work.clone()]);

            let shown = (scene.status(), scene.run().number, scene.run().percent);
            assert_eq!(shown, waits, "{work:?}");
        }
        assert_eq!(scene.asks(), [], "{work:?}");
    }
}

#[test]
fn late_work_of_a_run_that_has_ended_is_its_own() {
    for (relayed, asks) in [(8., 0), (10., 0), (11.5, 0), (40., 1)] {
        let mut scene = Scene::new(Rules::default());
        scene.say(at_work());
        scene.say([
            completed("r1", "b", 10., Label::Real),
            started("r1", "c", 10.),
            completed("r1", "c", 11., Label::Real),
            declared("r1", Some(11.), Declared::Done),
        ]);
        scene.fetch_list(&["m"], vec![made("r2", 2, 11.2, Declared::Queued)]);
        scene.asks();

        for far in [10., 60., 99.] {
            scene.say([progress("", "b", relayed + far / 1000., far)]);
            assert_eq!(
                (scene.status(), scene.run().percent),
                (Status::Queued, Some(0))
            );
        }
        assert_eq!(scene.asks().len(), asks, "relayed at {relayed}");

        // When the new run is at work, what was relayed before is still not its.
        scene.say([started("r2", "b", 30.)]);
        scene.say([progress("", "b", 9., 99.)]);
        assert_eq!(
            (scene.status(), scene.run().percent),
            (Status::Running, Some(0))
        );
        scene.say([progress("", "b", 31., 60.)]);
        assert!(scene.run().percent > Some(0));
    }
}

#[test]
fn the_work_of_a_model_that_has_ended_in_a_run_is_of_the_next() {
    let ends = || {
        let failures = [2., 8., 18.].map(|at| failed("r1", "b", at));
        let failure = failed_in("r1", "b", 18., Some(3));
        let cancel = || cancelled("r1", "b", 18.);
        let only = |status| vec![declared("r1", Some(18.), status)];
        [
            (failures.to_vec(), Declared::Failed, vec![failure]),
            (vec![cancel()], Declared::Cancelled, vec![cancel()]),
            (only(Declared::Cancelled), Declared::Cancelled, vec![]),
            // Its end was lost, and its row is not in the answer.
            (only(Declared::Done), Declared::Done, vec![]),
        ]
    };
    for (end, status, rows) in ends() {
        let mut scene = Scene::new(Rules::default());
        scene.say([made("r1", 1, 0., Declared::Processing)]);
        scene.say([started("r1", "b", 1.)]);
        scene.say(end.clone());
        scene.say([declared("r1", Some(18.), status)]);
        let now = scene.at();
        scene.store.disconnected(SERVER, now, now);
        scene.pass(20.);
        let now = scene.at();
        scene.store.connected(SERVER, now);
        let before = [made("r1", 1, 0., status)].into_iter().chain(rows);
        let next = made("r2", 2, 25., Declared::Processing);
        scene.fetch(before.chain([next]).collect());

        scene.say([progress("", "b", 35., 40.)]);
        assert_eq!(scene.run().number, Some(2), "{end:?}");
        assert_eq!(scene.run().percent, Some(40), "{end:?}");
    }
    // Relayed by a clock that is behind.
    for (end, status, _) in ends() {
        let mut scene = Scene::new(Rules::default());
        scene.say([made("r1", 1, 0., Declared::Processing)]);
        scene.say([started("r1", "b", 1.)]);
        scene.say(end.clone());
        scene.say([declared("r1", Some(18.), status)]);
        scene.say([made("r2", 2, 25., Declared::Queued)]);
        scene.say([started("r2", "b", 30.), progress("", "b", 29.9, 40.)]);
        assert_eq!(scene.run().number, Some(2), "{end:?}");
        assert_eq!(scene.run().percent, Some(40), "{end:?}");

        // What was relayed before is still of the run before it.
        scene.say([progress("", "b", 17., 99.)]);
        assert_eq!(scene.run().percent, Some(40), "{end:?}");
    }
}

#[test]
fn the_work_of_a_model_between_two_attempts_is_of_its_run() {
    let mut scene = waiting();
    scene.say([failed("r1", "b", 11.), progress("", "b", 12., 50.)]);
    assert_eq!(
        (scene.status(), scene.run().percent),
        (Status::Queued, Some(0))
    );
}

#[test]
fn a_run_that_is_declared_ended_while_a_model_is_at_work_keeps_its_work_until_the_next_has_begun() {
    let mut scene = waiting();
    scene.say([declared("r1", Some(11.), Declared::Done)]);
    scene.say([progress("", "b", 40., 50.)]);
    assert_eq!(
        (scene.status(), scene.run().percent),
        (Status::Queued, Some(0))
    );
}

#[test]
fn work_of_a_run_of_which_only_the_one_after_it_is_known_waits_for_a_snapshot() {
    let mut scene = Scene::new(Rules::default());
    scene.fetch_list(&["m"], vec![made("r2", 2, 10., Declared::Queued)]);
    scene.say([progress("", "b", 12., 40.)]);
    assert_eq!(scene.asks(), [Scope::Media(id("m"))]);
    scene.say([progress("", "b", 13., 50.)]);
    assert_eq!(scene.asks(), [], "it was asked");

    scene.fetch(vec![
        made("r2", 2, 10., Declared::Queued),
        made("r1", 1, 0., Declared::Processing),
    ]);
    scene.say([progress("", "b", 14., 60.)]);
    assert_eq!(
        (scene.status(), scene.run().percent),
        (Status::Queued, Some(0))
    );

    // The start of the second is lost, and found by asking.
    scene.say([
        completed("r1", "b", 15., Label::Real),
        declared("r1", Some(15.), Declared::Done),
    ]);
    scene.pass(20.);
    scene.asks();
    scene.say([progress("", "b", 35., 20.)]);
    assert_eq!(scene.asks(), [Scope::Media(id("m"))]);
    scene.request();
    scene.say([progress("", "b", 36., 30.)]);
    scene.answer(vec![
        made("r2", 2, 10., Declared::Processing),
        made("r1", 1, 0., Declared::Done),
        completed("r1", "b", 15., Label::Real),
    ]);
    assert_eq!(
        (scene.state("b"), scene.run().percent),
        ("running", Some(30))
    );
}

#[test]
fn a_snapshot_takes_back_what_was_guessed_of_a_run_that_waits() {
    let mut scene = Scene::new(Rules::default());
    // Nothing is known but that something is at work: of which run, the list tells.
    scene.say([progress("", "b", 12., 50.)]);
    assert_eq!(scene.run().percent, Some(50));

    let row = || vec![made("r2", 2, 10., Declared::Queued)];
    scene.fetch_list(&["m"], row());
    assert_eq!(
        (scene.status(), scene.run().percent),
        (Status::Queued, Some(0))
    );

    // What a run says with its id is no guess.
    scene.say([started("r2", "b", 13.), progress("", "b", 14., 20.)]);
    scene.pass(60.);
    scene.fetch(row());
    assert_eq!(
        (scene.status(), scene.run().percent),
        (Status::Running, Some(20))
    );
}

#[test]
fn what_a_run_that_waits_says_with_its_id_is_not_taken_back() {
    let row = || vec![made("r2", 2, 10., Declared::Queued)];
    let mut scene = Scene::new(Rules::default());
    scene.fetch_list(&["m"], row());
    scene.say([progress("r2", "b", 14., 20.)]);
    scene.pass(60.);
    scene.fetch_list(&["m"], row());
    assert_eq!(
        (scene.status(), scene.run().percent),
        (Status::Running, Some(20))
    );
}

#[test]
fn so_does_one_that_comes_while_a_younger_one_is_asked_for() {
    let mut scene = Scene::new(Rules::default());
    let now = scene.at();
    scene.store.snapshot_requested(SERVER, &Scope::List, now);
    scene.say([progress("", "b", 12., 50.)]);
    scene.request();
    scene.say([progress("", "b", 13., 60.)]);
    scene.answer_list(&["m"], vec![made("r2", 2, 10., Declared::Queued)]);

    assert_eq!(
        (scene.status(), scene.run().percent),
        (Status::Queued, Some(0))
    );
}

/// Nothing is known but that something is at work, and then that a run has ended, which nobody has numbered.
fn nameless() -> Scene {
    let mut scene = Scene::new(Rules::default());
    scene.say([queued("", "b", 10.), progress("", "b", 12., 99.)]);
    scene.say([
        completed("r1", "b", 13., Label::Real),
        declared("r1", Some(13.), Declared::Done),
    ]);
    scene.asks();
    scene
}

#[test]
fn the_row_of_a_run_that_waits_takes_none_of_the_work_of_a_run_without_a_name() {
    let waits = || made("r2", 2, 10., Declared::Queued);
    let before = || made("r1", 1, 0., Declared::Done);
    for row in [
        vec![waits()],
        vec![waits(), before()],
        vec![before(), waits()],
    ] {
        let mut scene = nameless();
        assert_eq!(
            (scene.status(), scene.run().percent),
            (Status::Running, Some(99))
        );

        scene.say(row.clone());
        let shown = (scene.status(), scene.run().number, scene.run().percent);
        assert_eq!(shown, (Status::Queued, Some(2), Some(0)), "{row:?}");

        scene.say([started("r2", "b", 14.)]);
        assert_eq!(
            (scene.status(), scene.run().percent),
            (Status::Running, Some(0))
        );
        scene.say([progress("", "b", 16., 20.)]);
        assert_eq!(scene.run().percent, Some(20), "{row:?}");
    }
}

#[test]
fn whether_work_was_of_a_run_whose_row_came_late_is_asked() {
    let mut scene = Scene::new(Rules::default());
    scene.say([progress("", "b", 12., 50.)]);
    scene.asks();

    scene.say([made("r2", 2, 10., Declared::Queued)]);
    assert_eq!(scene.asks(), [Scope::Media(id("m"))]);

    scene.fetch(vec![
        made("r2", 2, 10., Declared::Processing),
        made("r1", 1, 0., Declared::Done),
    ]);
    assert_eq!(scene.status(), Status::Running);
}

#[test]
fn the_row_of_the_first_run_has_the_work_that_was_heard_before_it() {
    let mut scene = Scene::new(Rules::default());
    scene.say([progress("", "b", 12., 50.)]);
    scene.say([made("r1", 1, 10., Declared::Queued)]);

    let shown = (scene.status(), scene.run().number, scene.run().percent);
    assert_eq!(shown, (Status::Running, Some(1), Some(50)));
}

#[test]
fn a_run_that_waits_is_not_the_one_whose_work_was_shown() {
    // Whether or not more of it is heard while the list is on its way.
    for more in [0, 1] {
        let mut scene = Scene::new(Rules::default());
        scene.say([queued("", "b", 9.), progress("", "b", 12., 50.)]);
        let shown = scene.summary().run;
        let now = scene.at();
        scene.store.snapshot_requested(SERVER, &Scope::List, now);
        for _ in 0..more {
            scene.say([progress("", "b", 13., 60.)]);
        }
        scene.answer_list(&["m"], vec![made("r2", 2, 10., Declared::Queued)]);

        assert_eq!(
            (scene.status(), scene.run().percent),
            (Status::Queued, Some(0))
        );
        assert!(scene.summary().run > shown, "it is another run");
        assert_eq!(scene.state("b"), "queued");
    }
}

#[test]
fn the_run_before_the_one_that_waits_is_the_one_whose_work_was_shown() {
    let mut scene = Scene::new(Rules::default());
    scene.say([progress("", "b", 12., 50.)]);
    scene.fetch(vec![
        made("r2", 2, 10., Declared::Queued),
        made("r1", 1, 0., Declared::Processing),
    ]);

    assert_eq!(
        (scene.status(), scene.run().number),
        (Status::Queued, Some(2))
    );
    let before = &scene.earlier().runs[0];
    assert_eq!((before.number, before.percent), (Some(1), Some(50)));
}

#[test]
fn the_only_run_keeps_its_work_though_a_snapshot_lags() {
    let mut scene = Scene::new(Rules::default());
    scene.fetch(vec![made("r1", 1, 0., Declared::Queued)]);
    scene.say([progress("", "b", 12., 50.)]);
    scene.pass(60.);
    scene.fetch(vec![made("r1", 1, 0., Declared::Queued)]);

    assert_eq!(
        (scene.status(), scene.run().percent),
        (Status::Running, Some(50))
    );
}

/// A run that began at 2 and ended at 11, of which the server said so.
fn ended() -> Scene {
    let mut scene = Scene::new(Rules::default());
    scene.fetch(vec![made("r1", 1, 1., Declared::Queued)]);
    scene.say([
        queued("", "a", 1.),
        started("r1", "a", 2.),
        completed("r1", "a", 11., Label::Real),
        declared("r1", Some(11.), Declared::Done),
    ]);
    scene.pass(20.);
    scene.asks();
    scene
}

#[test]
fn a_run_that_is_queued_right_after_the_end_of_another_is_asked_for() {
    for (fact, is_asked) in [
        // Late: of the run that has ended.
        (queued("", "a", 1.), false),
        (started("", "a", 2.), false),
        // While it was at work, right after it, and by a clock that is behind.
        (queued("", "a", 6.), true),
        (queued("", "a", 10.5), true),
        (queued("", "a", 11.04), true),
        (queued("", "b", 12.9), true),
        (declared("", Some(11.04), Declared::Queued), true),
        (started("", "a", 11.5), true),
        (declared("", Some(11.5), Declared::Processing), true),
    ] {
        let mut scene = ended();
        scene.say([fact.clone()]);
        scene.say([fact.clone()]);

        assert_eq!(scene.status(), Status::Complete, "{fact:?}");
        assert_eq!(scene.asks().len(), usize::from(is_asked), "{fact:?}");
    }
}

#[test]
fn a_late_word_of_the_queue_asks_for_no_run_though_no_model_tells_a_time() {
    let mut scene = Scene::new(Rules::default());
    scene.fetch(vec![made("r1", 1, 1., Declared::Queued)]);
    scene.say([
        model("r1", "a", None, ModelSaid::Completed(Outcome::default())),
        declared("r1", Some(11.), Declared::Done),
    ]);
    scene.pass(20.);
    scene.asks();

    scene.say([queued("", "a", 1.2)]);
    assert_eq!(scene.asks(), []);
    scene.say([queued("", "a", 11.2)]);
    assert_eq!(scene.asks(), [Scope::Media(id("m"))]);
}

#[test]
fn the_copy_of_an_end_that_was_told_with_a_time_and_without_is_no_end_of_another_run() {
    let mut scene = ended();
    scene.say([declared("r1", None, Declared::Done)]);
    scene.say([made("r2", 2, 20., Declared::Queued)]);
    scene.asks();

    scene.say([declared("", None, Declared::Done)]);
    assert_eq!(scene.asks(), []);
    assert_eq!(scene.status(), Status::Queued);
}

#[test]
fn what_a_new_run_was_said_to_wait_for_is_shown_when_the_snapshot_has_named_it() {
    let mut scene = ended();
    scene.say([queued("", "a", 11.04)]);
    scene.request();
    scene.say([queued("", "b", 11.05)]);
    let row = made("r1", 1, 1., Declared::Done);
    let end = completed("r1", "a", 11., Label::Real);
    scene.answer(vec![row, end, made("r2", 2, 11.03, Declared::Queued)]);

    assert_eq!(
        (scene.status(), scene.run().number),
        (Status::Queued, Some(2))
    );
    assert_eq!(scene.state("b"), "queued");
    assert_eq!(scene.asks(), []);
}

#[test]
fn a_run_that_no_snapshot_names_is_asked_for_once_more_and_no_more() {
    let mut scene = ended();
    let rows = || {
        let end = completed("r1", "a", 11., Label::Real);
        vec![made("r1", 1, 1., Declared::Done), end]
    };
    let mut asked = 0;
    for copy in 0..40 {
        scene.say([queued("", "a", 11.04), queued("", "b", 11.05)]);
        scene.pass(3.);
        if !scene.asks().is_empty() {
            asked += 1;
            scene.fetch(rows());
        }
        assert_eq!(scene.status(), Status::Complete, "copy {copy}");
    }
    assert_eq!(asked, 2);
}

#[test]
fn an_answer_that_names_the_run_that_is_awaited_is_believed_though_it_has_ended() {
    // Whether or not it is heard of before.
    for heard in [vec![], vec![started("r2", "a", 11.1)]] {
        let mut scene = ended();
        scene.say([queued("", "a", 11.04)]);
        assert_eq!(scene.asks(), [Scope::Media(id("m"))]);
        scene.say(heard.clone());
        scene.fetch(vec![
            made("r1", 1, 1., Declared::Done),
            completed("r1", "a", 11., Label::Real),
            made("r2", 2, 11.03, Declared::Done),
            completed("r2", "a", 11.5, Label::Fake),
        ]);
        let shown = (scene.status(), scene.run().number);
        assert_eq!(shown, (Status::Complete, Some(2)), "{heard:?}");
        scene.asks();
        scene.pass(4.);
        assert_eq!(scene.asks(), [], "{heard:?}");
    }
}

#[test]
fn a_run_that_was_queued_while_another_was_at_work_is_asked_for_at_its_end() {
    let mut scene = Scene::new(Rules::default());
    scene.fetch(vec![made("r1", 1, 1., Declared::Queued)]);
    scene.say([
        queued("", "a", 1.),
        started("r1", "a", 2.),
        queued("", "a", 6.),
    ]);
    assert_eq!(scene.asks(), []);

    scene.say([
        completed("r1", "a", 11., Label::Real),
        declared("r1", Some(11.), Declared::Done),
    ]);
    assert_eq!(scene.asks(), [Scope::Media(id("m"))]);
}
