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
            ModelSaid::Doing(Text::new("frames", 9)),
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
fn of_a_server_whose_runs_have_no_ids_only_their_number_is_known() {
    let mut scene = Scene::new(INTERVIEW);
    scene.say([
        started("", "i", 1.),
        completed("", "i", 9., Label::Real),
        started("", "i", 20.),
    ]);

    let earlier = scene.earlier();
    assert_eq!((earlier.runs.len(), earlier.older), (0, 1));
    assert!(!earlier.is_fetched);
    assert_eq!(scene.asks(), [Scope::Media(id("m"))]);
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
