//! Runs that somebody wanted to end: an end of its own, which keeps what had ended by itself.

use crate::domain::fact::{Declared, Fact, Label, ModelCounts, ModelSaid};
use crate::domain::scene::*;
use crate::domain::view::{Status, Verdict};
use crate::domain::Rules;

#[test]
fn what_had_ended_keeps_its_result_and_the_rest_is_cancelled() {
    let mut scene = Scene::new(Rules::default());
    scene.say([
        completed("r", "a", 10., Label::Fake),
        progress("r", "b", 11., 50.),
        queued("r", "c", 1.),
        failed("r", "d", 12.),
    ]);
    let percent = scene.summary().percent;

    scene.say([declared("r", Some(20.), Declared::Cancelled)]);

    let states = ["a", "b", "c", "d"].map(|name| scene.state(name));
    assert_eq!(states, ["completed", "cancelled", "cancelled", "cancelled"]);
    let run = scene.run();
    assert_eq!(run.status, Status::Cancelled);
    assert_eq!((run.completed, run.failed, run.expected), (1, 0, 4));
    assert_eq!(run.ended, Some(stamp(20.)));
    assert_eq!(run.left, None);
    assert_eq!(
        run.percent, percent,
        "what was not done is not shown as done"
    );
    assert_eq!(run.verdict, Verdict::NotFinal { fake: 1, real: 0 });
}

#[test]
fn a_run_that_had_ended_by_itself_was_not_cancelled_whatever_is_said_of_it() {
    let ends = [
        completed("r", "a", 10., Label::Real),
        model(
            "r",
            "b",
            Some(11.),
            ModelSaid::Failed {
                error: None,
                is_final: true,
                attempt: None,
            },
        ),
    ];
    for (facts, status) in [
        (&ends[..1], Status::Complete),
        (&ends[1..], Status::Failed),
        (&ends[..], Status::PartlyComplete),
    ] {
        let mut scene = Scene::new(Rules::default());
        scene.say(facts.to_vec());

        scene.say([declared("r", Some(20.), Declared::Cancelled)]);

        assert_eq!(
            (scene.status(), scene.summary().percent),
            (status, Some(100))
        );
    }
}

#[test]
fn a_run_ends_as_cancelled_if_that_is_the_end_of_some_of_its_models() {
    let mut scene = Scene::new(Rules::default());
    scene.say([
        completed("r", "a", 10., Label::Real),
        started("r", "b", 10.),
        queued("r", "c", 1.),
    ]);

    scene.say([cancelled("r", "c", 20.)]);
    assert_eq!(scene.status(), Status::Running);
    scene.say([cancelled("r", "b", 20.)]);

    assert_eq!(scene.status(), Status::Cancelled);
    assert_eq!(
        scene.model("b").elapsed.map(|took| took.as_secs()),
        Some(10)
    );
}

#[test]
fn models_that_were_never_named_are_part_of_what_was_cancelled() {
    let counts = ModelCounts {
        video: 5,
        image: 5,
        audio: 5,
        ..ModelCounts::default()
    };
    for rows in [0, 2] {
        let mut scene = Scene::new(ROWS);
        scene.say([Fact::Models(counts)]);
        let named = ["a", "b"].map(|name| completed("r", name, 10., Label::Real));
        let end = numbered("r", 1, Declared::Cancelled);

        scene.fetch([&[end], &named[..rows]].concat());

        let run = scene.run();
        let count = u32::try_from(rows).unwrap();
        assert_eq!(run.status, Status::Cancelled);
        assert_eq!((run.completed, run.expected), (count, 5));
        assert_eq!(run.percent.map(u32::from), Some(count * 20));
    }
}

#[test]
fn what_comes_late_of_a_cancelled_run_does_not_take_it_up_again() {
    let mut scene = Scene::new(Rules::default());
    scene.say([started("r", "a", 1.), queued("r", "b", 1.)]);
    scene.say([declared("r", Some(20.), Declared::Cancelled)]);

    scene.say([
        progress("r", "a", 21., 90.),
        started("r", "b", 21.),
        failed("r", "a", 22.),
        declared("r", Some(23.), Declared::Processing),
    ]);
    assert_eq!(scene.status(), Status::Cancelled);
    assert_eq!([scene.state("a"), scene.state("b")], ["cancelled"; 2]);

    scene.say([completed("r", "a", 19., Label::Real)]);
    assert_eq!(
        (scene.status(), scene.state("a")),
        (Status::Cancelled, "completed")
    );
}

#[test]
fn the_server_may_take_it_back() {
    let mut scene = Scene::new(Rules::default());
    scene.say([started("r", "a", 1.)]);
    scene.say([declared("r", Some(20.), Declared::Cancelled)]);
    scene.pass(60.);

    scene.fetch(vec![
        numbered("r", 1, Declared::Processing),
        started("r", "a", 1.),
    ]);

    assert_eq!(scene.status(), Status::Running);
}

#[test]
fn an_analysis_after_a_cancelled_one_is_another_run() {
    let ids = Rules::default();
    let times = Rules {
        has_run_ids: false,
        latest_wins: true,
        ..ids
    };
    for (rules, first, second) in [(ids, "r1", "r2"), (ids, "r1", ""), (times, "", "")] {
        let mut scene = Scene::new(rules);
        scene.say([started(first, "a", 1.)]);
        scene.say([declared(first, Some(10.), Declared::Cancelled)]);
        assert_eq!(
            (scene.status(), scene.summary().run),
            (Status::Cancelled, 1)
        );

        scene.say([
            declared(second, Some(30.), Declared::Processing),
            started(second, "a", 30.),
        ]);

        assert_eq!((scene.status(), scene.summary().run), (Status::Running, 2));
    }

    // Where nothing tells runs apart, a snapshot does.
    let mut scene = Scene::new(Rules {
        has_run_ids: false,
        ..ids
    });
    scene.fetch(vec![
        declared("", None, Declared::Cancelled),
        model("", "a", None, ModelSaid::Cancelled),
    ]);
    assert_eq!(scene.status(), Status::Cancelled);
    scene.fetch(vec![
        declared("", None, Declared::Processing),
        progress("", "a", 40., 20.),
    ]);
    assert_eq!((scene.status(), scene.summary().run), (Status::Running, 2));
}
