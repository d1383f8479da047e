//! Which run something belongs to, with ids and without.

use crate::domain::fact::{Declared, Label, ModelSaid, Scope};
use crate::domain::scene::*;
use crate::domain::view::Status;
use crate::domain::{Rules, Text};

#[test]
fn a_words_less_event_of_a_new_run_waits_for_the_id() {
    let mut scene = Scene::new(Rules::default());
    scene.say([queued("", "a", 1.), queued("", "b", 1.)]);
    assert_eq!(scene.asks(), [Scope::Media(id("m"))]);
    assert_eq!((scene.status(), scene.run().expected), (Status::Queued, 2));

    scene.say([started("r", "a", 2.), progress("", "a", 3., 40.)]);

    assert_eq!((scene.status(), scene.run().expected), (Status::Running, 2));
    assert_eq!((scene.summary().run, scene.view().earlier_runs), (1, 0));
}

#[test]
fn only_a_later_beginning_opens_a_run_after_a_sealed_one() {
    for (fact, is_new, is_asked) in [
        (queued("", "a", 1.), false, false),
        (queued("", "a", 5.), false, true),
        (queued("", "a", 30.), true, true),
        (progress("", "a", 30., 50.), false, false),
        (completed("", "a", 30., Label::Fake), false, false),
        (progress("", "other", 30., 50.), false, true),
    ] {
        let mut scene = Scene::new(Rules::default());
        let end = completed("r", "a", 4., Label::Real);
        scene.fetch(vec![numbered("r", 1, Declared::Done), end]);
        scene.asks();

        scene.say([fact.clone()]);

        assert_eq!(scene.summary().run, if is_new { 2 } else { 1 }, "{fact:?}");
        assert_eq!(!scene.asks().is_empty(), is_asked, "{fact:?}");
        assert_eq!(scene.status().is_ended(), !is_new, "{fact:?}");
    }
}

#[test]
fn a_snapshot_names_the_provisional_run() {
    let mut scene = Scene::new(Rules::default());
    let first = [
        numbered("r1", 1, Declared::Done),
        completed("r1", "a", 4., Label::Real),
    ];
    scene.fetch(first.to_vec());
    scene.pass(20.);
    scene.say([queued("", "a", 30.)]);
    assert_eq!(scene.summary().run, 2);

    let second = [numbered("r2", 2, Declared::Processing)];
    scene.fetch([&first[..], &second[..]].concat());

    assert_eq!((scene.summary().run, scene.run().number), (2, Some(2)));
    assert_eq!((scene.run().expected, scene.view().earlier_runs), (1, 1));
}

#[test]
fn late_events_of_an_older_run_leave_the_newer_one_alone() {
    let mut scene = Scene::new(Rules::default());
    scene.fetch(vec![
        numbered("r2", 2, Declared::Processing),
        numbered("r1", 1, Declared::Done),
        completed("r1", "a", 4., Label::Real),
    ]);
    scene.say([started("r2", "a", 30.)]);
    let before = scene.view();

    for late in [
        failed("r1", "a", 3.),
        completed("r1", "b", 5., Label::Fake),
        completed("r0", "b", 5., Label::Fake),
    ] {
        scene.say([late]);
        assert_eq!(scene.view().run, before.run);
    }
}

#[test]
fn a_run_without_ids_fails_only_by_a_snapshot_and_begins_again_by_one() {
    let fails = || {
        let said = ModelSaid::Failed {
            error: None,
            is_final: false,
            attempt: None,
        };
        model("", "v", None, said)
    };
    let mut scene = Scene::new(VIDEO);
    scene.fetch_list(&["m"], vec![]);
    scene.say([progress("", "v", 1., 20.), fails(), fails()]);
    assert_eq!(scene.state("v"), "retrying");
    assert_eq!(scene.asks(), [], "between two attempts it says failed");

    scene.pass(15.);
    scene.fetch(vec![declared("", None, Declared::Processing)]);
    scene.say([progress("", "v", 2., 20.)]);
    assert_eq!(
        (scene.state("v"), scene.run().percent),
        ("running", Some(20))
    );

    scene.say([fails()]);
    scene.pass(60.);
    scene.fetch(vec![declared("", None, Declared::Failed), fails()]);
    assert_eq!((scene.status(), scene.summary().run), (Status::Failed, 1));

    scene.pass(15.);
    scene.fetch(vec![declared("", None, Declared::Processing)]);
    assert_eq!((scene.status(), scene.summary().run), (Status::Running, 2));
}

#[test]
fn an_interview_begins_anew_with_a_start_after_its_end() {
    let mut scene = Scene::new(INTERVIEW);
    let end = |at| completed("", "i", at, Label::Other(Text::new("fine", 9)));
    for (fact, state, number) in [
        (started("", "i", 1.), "running", 1),
        (failed("", "i", 2.), "retrying", 1),
        (started("", "i", 7.), "running", 1),
        (end(9.), "completed", 1),
        (started("", "i", 7.), "completed", 1),
        (started("", "i", 20.), "running", 2),
        (end(9.), "running", 2),
        (failed("", "i", 21.), "retrying", 2),
        (started("", "i", 26.), "running", 2),
        (failed("", "i", 27.), "retrying", 2),
        (started("", "i", 37.), "running", 2),
        (failed("", "i", 38.), "failed", 2),
        (started("", "i", 50.), "running", 3),
        (end(55.), "completed", 3),
    ] {
        scene.say([fact.clone()]);

        assert_eq!(
            (scene.state("i"), scene.summary().run),
            (state, number),
            "{fact:?}"
        );
    }
}
