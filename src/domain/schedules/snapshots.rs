//! Answers that lack what was heard or answered before.

use super::*;

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
