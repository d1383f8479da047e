//! The runs before the one that is shown: over, in order, and no more told of them than is known.

use std::time::Duration;

use crate::domain::fact::{Declared, Fact, Label, ModelSaid, RunFields, Scope};
use crate::domain::scene::*;
use crate::domain::view::{Change, ModelState, Status, Verdict};
use crate::domain::{Rules, Text};

#[test]
fn a_run_that_had_ended_looks_the_same_when_another_begins() {
    let mut scene = Scene::new(ROWS);
    scene.fetch(vec![
        made("r1", 1, 1., Declared::Done),
        started("r1", "a", 2.),
        completed("r1", "a", 4., Label::Real),
        failed("r1", "b", 3.),
        failed("r1", "b", 9.),
        failed("r1", "b", 15.),
    ]);
    let ended = scene.run();
    assert_eq!(ended.status, Status::PartlyComplete);
    assert!(scene.earlier().runs.is_empty());

    scene.say([numbered("r2", 2, Declared::Queued)]);

    assert_eq!(scene.status(), Status::Queued);
    assert_eq!(scene.earlier().runs, [ended]);
}

#[test]
fn of_a_run_whose_end_nobody_told_nothing_is_at_work_and_no_end_is_made_up() {
    let error = Text::message("out of memory");
    let why = ModelSaid::Failed {
        error: error.clone(),
        is_final: false,
        attempt: None,
    };
    let mut scene = Scene::new(ROWS);
    scene.fetch(vec![numbered("r1", 1, Declared::Processing)]);
    scene.say([
        completed("r1", "done", 4., Label::Fake),
        started("r1", "failed", 5.),
        model("r1", "failed", Some(6.), why),
        queued("r1", "queued", 1.),
        started("r1", "running", 5.),
        progress("r1", "running", 6., 40.),
        model(
            "r1",
            "running",
            Some(6.),
            ModelSaid::Doing {
                text: Text::new("frames", 9),
                fraction: None,
            },
        ),
    ]);
    assert_eq!(scene.state("failed"), "retrying");

    scene.say([numbered("r2", 2, Declared::Processing)]);

    let [run] = &scene.earlier().runs[..] else {
        panic!("there is one");
    };
    assert_eq!((run.number, run.status), (Some(1), Status::Unknown));
    assert_eq!((run.ended, run.elapsed, run.left), (None, None, None));
    assert_eq!(run.verdict, Verdict::NotFinal { fake: 1, real: 0 });
    assert_eq!((run.completed, run.failed), (1, 1));
    assert!(run.percent < Some(100));
    let states = run.models.iter().map(|model| &model.state);
    let states: Vec<_> = states.collect();
    assert!(matches!(states[0], ModelState::Completed { .. }));
    assert_eq!(states[1], &ModelState::Failed { error });
    assert_eq!(states[2..], [&ModelState::NoResult; 2]);
    assert!(run.models.iter().all(|model| model.doing.is_none()));
}

#[test]
fn where_runs_have_no_ids_what_is_known_of_one_stays_when_another_begins() {
    let mut scene = Scene::new(INTERVIEW);
    let attempt = |at| [started("", "a", at), failed("", "a", at + 1.)];
    scene.say([10., 20., 30.].into_iter().flat_map(attempt));
    let first = scene.run();
    assert_eq!(first.status, Status::Failed);

    scene.say([started("", "a", 60.)]);
    assert_eq!(scene.status(), Status::Running);
    assert_eq!(
        (scene.earlier().runs, scene.earlier().older),
        (vec![first.clone()], 0)
    );

    scene.say([completed("", "a", 70., Label::Real)]);
    let second = scene.run();
    scene.say([started("", "a", 90.)]);
    assert_eq!(
        (scene.earlier().runs, scene.earlier().older),
        (vec![second, first], 0)
    );
}

#[test]
fn how_an_earlier_run_ended_is_what_was_said_of_it() {
    use Declared::{Cancelled, Done, Failed, Partial, Processing, Queued};
    let real = || completed("r1", "a", 4., Label::Real);
    let lost = || failed("r1", "b", 4.);
    let other = || completed("r1", "b", 6., Label::Real);
    for (said, status, ended) in [
        (vec![], Status::Unknown, None),
        (
            vec![declared("r1", Some(1.), Queued)],
            Status::Unknown,
            None,
        ),
        (
            vec![declared("r1", Some(1.), Processing)],
            Status::Unknown,
            None,
        ),
        (vec![real(), started("r1", "b", 2.)], Status::Unknown, None),
        // An attempt that was lost is no end of the run: nobody said that none followed.
        (vec![real(), lost()], Status::Unknown, None),
        (
            vec![real(), other(), expects("r1", 2)],
            Status::Complete,
            Some(6.),
        ),
        (vec![real(), expects("r1", 2)], Status::Unknown, None),
        // With the server's word nothing that it lacks can still come.
        (
            vec![real(), other(), declared("r1", Some(9.), Done)],
            Status::Complete,
            Some(6.),
        ),
        (
            vec![real(), lost(), declared("r1", Some(9.), Done)],
            Status::PartlyComplete,
            Some(4.),
        ),
        (
            vec![
                real(),
                started("r1", "b", 2.),
                declared("r1", Some(9.), Partial),
            ],
            Status::PartlyComplete,
            Some(9.),
        ),
        (
            vec![lost(), declared("r1", Some(9.), Failed)],
            Status::Failed,
            Some(4.),
        ),
        (
            vec![declared("r1", Some(9.), Failed)],
            Status::Failed,
            Some(9.),
        ),
        (
            vec![declared("r1", Some(9.), Done)],
            Status::Complete,
            Some(9.),
        ),
        (
            vec![
                real(),
                started("r1", "b", 2.),
                declared("r1", Some(9.), Cancelled),
            ],
            Status::Cancelled,
            Some(9.),
        ),
    ] {
        let mut scene = Scene::new(ROWS);
        scene.say([number("r1", 1)]);
        scene.say(said.clone());
        scene.say([numbered("r2", 2, Processing)]);

        let runs = scene.earlier().runs;
        let found: Vec<_> = runs.iter().map(|run| (run.status, run.ended)).collect();
        assert_eq!(found, [(status, ended.map(stamp))], "{said:?}");
    }
}

#[test]
fn a_snapshot_and_a_late_event_change_an_earlier_run_and_nothing_else() {
    let mut scene = Scene::new(ROWS);
    let newest = [
        numbered("r2", 2, Declared::Processing),
        expects("r2", 1),
        started("r2", "a", 30.),
    ];
    scene.say([number("r1", 1), started("r1", "a", 2.)]);
    scene.say(newest.clone());
    let (before, summary) = (scene.view(), scene.summary().clone());
    assert_eq!(scene.earlier().runs[0].status, Status::Unknown);

    let rows = [
        numbered("r1", 1, Declared::Done),
        completed("r1", "a", 4., Label::Fake),
    ];
    let changes = scene.fetch([&rows[..], &newest].concat());
    assert_eq!(changes, [], "of what is shown nothing is different");
    let run = scene.earlier().runs.remove(0);
    assert_eq!((run.status, run.models.len()), (Status::Complete, 1));

    let changes: Vec<Change> = scene.say([completed("r1", "b", 5., Label::Real)]);
    assert_eq!(changes, []);
    assert_eq!(scene.earlier().runs[0].models.len(), 2);
    assert_eq!((scene.view(), scene.summary()), (before, &summary));
}

#[test]
fn earlier_runs_stand_newest_first_also_without_numbers() {
    let begin = |name: &str, at| declared(name, Some(at), Declared::Processing);
    let dated = |name: &str, at: f64| {
        run(
            name,
            None,
            RunFields {
                created: Some(stamp(at)),
                ..RunFields::default()
            },
        )
    };
    for (said, begun) in [
        // By their numbers, whatever their times are.
        (
            vec![
                number("r2", 2),
                dated("r2", 1.),
                number("r1", 1),
                dated("r1", 9.),
                number("r3", 3),
            ],
            vec![1., 9.],
        ),
        // By their beginning.
        (
            vec![
                begin("x", 5.),
                dated("x", 5.),
                begin("y", 1.),
                dated("y", 1.),
                begin("z", 9.),
                dated("z", 9.),
            ],
            vec![5., 1.],
        ),
        // One without a number that began after a numbered one waits for its number behind it.
        (
            vec![
                number("r2", 2),
                dated("r2", 5.),
                dated("x", 7.),
                dated("y", 6.),
            ],
            vec![7., 6.],
        ),
    ] {
        let mut reversed = said.clone();
        reversed.reverse();
        for said in [said, reversed] {
            let mut scene = Scene::new(Rules::default());
            // At once: which of several without a number is shown depends on which was.
            scene.fetch(said.clone());

            let runs = scene.earlier().runs;
            let found: Vec<_> = runs.iter().map(|run| run.started).collect();
            let begun: Vec<_> = begun.iter().map(|at| Some(stamp(*at))).collect();
            assert_eq!(found, begun, "{said:?}");
        }
    }
}

#[test]
fn runs_of_which_nothing_is_kept_are_counted_once_the_server_was_asked() {
    let many = |last: u32| -> Vec<Fact> {
        let numbers = (1..=last).rev();
        let runs = numbers.map(|n| numbered(&format!("r{n}"), n, Declared::Done));
        runs.collect()
    };
    for (said, is_list, kept, older) in [
        (vec![], false, 0, 0),
        (many(1), false, 0, 0),
        (many(3), false, 2, 0),
        (many(20), false, 19, 0),
        (many(25), false, 19, 5),
        // The server itself keeps no more than these.
        (many(6).drain(..3).collect(), false, 2, 3),
        // A list names the newest only: the others were not asked for.
        (many(6).drain(..1).collect(), true, 0, 0),
    ] {
        let mut scene = Scene::new(Rules::default());
        match is_list {
            true => scene.fetch_list(&["m"], said),
            false => scene.fetch(said),
        };

        let earlier = scene.earlier();
        assert_eq!((earlier.runs.len(), earlier.older), (kept, older));
        assert_eq!(earlier.is_fetched, !is_list);
    }
}

#[test]
fn of_a_server_whose_runs_have_no_ids_those_that_were_heard_stay_without_being_fetched() {
    let mut scene = Scene::new(INTERVIEW);
    scene.say([
        started("", "i", 1.),
        completed("", "i", 9., Label::Real),
        started("", "i", 20.),
    ]);

    let earlier = scene.earlier();
    assert_eq!((earlier.runs.len(), earlier.older), (1, 0));
    assert!(!earlier.is_fetched);
    assert_eq!(scene.asks(), [Scope::Media(id("m"))]);
}

#[test]
fn a_snapshot_that_names_only_the_newest_run_takes_none_from_before_it() {
    for (is_fetched_between, end) in [(false, 29.), (true, 29.), (false, 29.2), (true, 29.2)] {
        let mut scene = Scene::new(INTERVIEW);
        scene.say([started("", "i", 1.), completed("", "i", 9., Label::Real)]);
        if is_fetched_between {
            scene.pass(30.);
            scene.fetch(vec![completed("", "i", 9., Label::Real)]);
        }
        scene.say([started("", "i", 20.), completed("", "i", 29., Label::Fake)]);
        let (run, earlier) = (scene.run(), scene.earlier());
        assert_eq!(
            (run.elapsed, earlier.runs.len()),
            (Some(Duration::from_secs(9)), 1)
        );

        for _ in 0..2 {
            scene.pass(60.);
            scene.fetch(vec![completed("", "i", end, Label::Fake)]);

            let elapsed = Duration::from_secs_f64(end - 20.);
            assert_eq!(
                scene.run().elapsed,
                Some(elapsed),
                "{is_fetched_between} {end}"
            );
            assert_eq!(
                scene.earlier().runs,
                earlier.runs,
                "{is_fetched_between} {end}"
            );
        }
    }
}

#[test]
fn an_earlier_run_that_was_only_fetched_stays_when_the_next_is_heard_during_a_request() {
    let mut scene = Scene::new(INTERVIEW);
    scene.fetch(vec![completed("", "i", 9., Label::Real)]);
    scene.pass(60.);
    scene.request();
    scene.say([started("", "i", 20.), completed("", "i", 29., Label::Fake)]);
    let earlier = scene.earlier();
    assert_eq!(earlier.runs.len(), 1);

    for _ in 0..2 {
        scene.answer(vec![completed("", "i", 29., Label::Fake)]);
        assert_eq!(scene.earlier().runs, earlier.runs);
        scene.pass(60.);
        scene.request();
    }
}

#[test]
fn how_long_an_earlier_run_took_is_by_the_servers_clock_and_does_not_grow() {
    let mut scene = Scene::new(ROWS);
    scene.fetch(vec![
        made("r1", 1, 1., Declared::Done),
        started("r1", "a", 2.),
        completed("r1", "a", 61., Label::Real),
        numbered("r2", 2, Declared::Processing),
    ]);
    let before = scene.earlier();
    assert_eq!(before.runs[0].elapsed, Some(Duration::from_secs(60)));

    scene.pass(600.);

    assert_eq!(scene.earlier(), before);
}

fn number(name: &str, number: u32) -> Fact {
    run(
        name,
        None,
        RunFields {
            number: Some(number),
            ..RunFields::default()
        },
    )
}
