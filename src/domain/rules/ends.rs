//! How a run stands and ends, what came out, and the shapes that runs of the real servers have.

use crate::domain::fact::{
    Declared, Fact, Label, ModelSaid, Outcome, RunFields, Scope, ServerVerdict,
};
use crate::domain::scene::*;
use crate::domain::view::{Change, Status, Verdict};
use crate::domain::Rules;

#[test]
fn the_status_follows_the_models() {
    let ok = |name: &str| completed("r", name, 3., Label::Real);
    let bad = |name: &str| {
        let said = ModelSaid::Failed {
            error: None,
            is_final: true,
            attempt: None,
        };
        model("r", name, Some(3.), said)
    };
    for (facts, status) in [
        (vec![declared("r", None, Declared::Queued)], Status::Queued),
        (
            vec![declared("r", None, Declared::Processing)],
            Status::Running,
        ),
        (vec![queued("r", "a", 1.)], Status::Queued),
        (vec![queued("r", "b", 1.), ok("a")], Status::Running),
        (vec![ok("a"), ok("b")], Status::Complete),
        (vec![ok("a"), bad("b")], Status::PartlyComplete),
        (vec![bad("a"), bad("b")], Status::Failed),
        // Claims without the models.
        (
            vec![started("r", "a", 1.), declared("r", None, Declared::Done)],
            Status::Running,
        ),
        (
            vec![ok("a"), declared("r", None, Declared::Failed)],
            Status::Complete,
        ),
        (vec![declared("r", None, Declared::Done)], Status::Running),
        (vec![ok("a"), expects("r", 2)], Status::Running),
    ] {
        let mut scene = Scene::new(Rules::default());

        scene.say(facts.clone());

        assert_eq!(scene.status(), status, "{facts:?}");
        assert_eq!(
            scene.summary().percent == Some(100),
            status.is_ended(),
            "{facts:?}"
        );
    }
}

#[test]
fn the_verdict_is_the_majority_of_the_models_that_succeeded() {
    let (fake, real, other) = (Label::Fake, Label::Real, Label::Safe);
    for (labels, open, verdict) in [
        (vec![&fake], false, Verdict::LikelyFake { fake: 1, of: 1 }),
        (vec![&real], false, Verdict::LikelyReal { real: 1, of: 1 }),
        (
            vec![&fake, &real, &fake],
            false,
            Verdict::LikelyFake { fake: 2, of: 3 },
        ),
        (vec![&fake, &real], false, Verdict::Disagree { each: 1 }),
        (
            vec![&fake, &other],
            false,
            Verdict::LikelyFake { fake: 1, of: 1 },
        ),
        (vec![&other], false, Verdict::None),
        (
            vec![&fake, &real],
            true,
            Verdict::NotFinal { fake: 1, real: 1 },
        ),
        (vec![], true, Verdict::None),
    ] {
        let mut scene = Scene::new(Rules::default());
        for (index, label) in labels.iter().enumerate() {
            scene.say([completed("r", &index.to_string(), 2., (*label).clone())]);
        }
        if open {
            scene.say([started("r", "open", 1.)]);
        }

        assert_eq!(scene.summary().verdict, verdict, "{labels:?} {open}");
    }
}

#[test]
fn the_servers_own_verdict_goes_first() {
    let verdict = ServerVerdict {
        label: Label::Flagged,
        score: Some(0.7),
    };
    let fields = RunFields {
        verdict: Some(verdict.clone()),
        ..RunFields::default()
    };
    let mut scene = Scene::new(VIDEO);

    scene.say([run("", None, fields), completed("", "a", 2., Label::Real)]);

    assert_eq!(scene.run().verdict, Verdict::Server(verdict));
}

#[test]
fn an_end_that_the_server_does_not_say_is_asked_about_and_then_stands() {
    let mut scene = Scene::new(Rules::default());
    scene.say([started("r", "a", 1.), completed("r", "a", 2., Label::Real)]);
    scene.asks();

    let mut asked = Vec::new();
    for second in 1..=120 {
        scene.pass(1.);
        if !scene.asks().is_empty() {
            asked.push(second);
        }
        assert_eq!(scene.status(), Status::Complete);
        assert_eq!(
            scene.run().is_confirming,
            (5..90).contains(&second),
            "{second}"
        );
    }

    assert_eq!(asked, [5, 15, 35, 75]);
}

#[test]
fn an_end_that_the_server_says_is_not_asked_about() {
    let mut scene = Scene::new(Rules::default());
    scene.say([
        started("r", "a", 1.),
        completed("r", "a", 2., Label::Real),
        declared("r", Some(3.), Declared::Done),
    ]);
    scene.asks();

    scene.pass(120.);

    assert!(scene.asks().is_empty());
    assert!(!scene.run().is_confirming);
}

#[test]
fn a_claimed_end_does_not_end_a_model_that_runs_and_is_asked_about_at_once() {
    let mut scene = Scene::new(Rules::default());
    scene.say([started("r", "a", 1.), completed("r", "a", 2., Label::Real)]);
    scene.say([queued("r", "b", 1.), progress("r", "b", 3., 10.)]);
    scene.asks();

    scene.say([declared("r", Some(4.), Declared::Done)]);

    assert_eq!(
        (scene.state("b"), scene.status()),
        ("running", Status::Running)
    );
    assert_eq!(scene.asks(), [Scope::Media(id("m"))]);

    // A snapshot that claims it and has no row for the model is a claim as well.
    let row = completed("r", "a", 2., Label::Real);
    scene.fetch(vec![numbered("r", 1, Declared::Done), row]);
    assert_eq!(
        (scene.state("b"), scene.status()),
        ("running", Status::Running)
    );

    scene.pass(95.);
    assert_eq!(
        (scene.state("b"), scene.status()),
        ("no-result", Status::PartlyComplete)
    );
}

#[test]
fn a_wrong_count_of_models_holds_a_run_open_only_until_a_snapshot_ends_it() {
    let mut scene = Scene::new(Rules::default());
    let ends = vec![
        completed("r", "a", 2., Label::Real),
        completed("r", "b", 3., Label::Real),
    ];
    scene.say(ends.clone());
    scene.say([expects("r", 3), declared("r", Some(4.), Declared::Done)]);
    assert_eq!((scene.status(), scene.run().unnamed), (Status::Running, 1));
    assert_eq!(scene.asks().len(), 1);

    let rows = [vec![numbered("r", 1, Declared::Done)], ends].concat();
    scene.fetch(rows);

    let run = scene.run();
    assert_eq!(
        (run.status, run.unnamed, run.expected),
        (Status::Complete, 0, 2)
    );
}

#[test]
fn a_run_without_models_ends_by_the_word_of_a_snapshot() {
    for (word, status) in [
        (Declared::Done, Status::Complete),
        (Declared::Partial, Status::PartlyComplete),
        (Declared::Failed, Status::Failed),
        (Declared::Processing, Status::Running),
        (Declared::Queued, Status::Queued),
    ] {
        let mut scene = Scene::new(Rules::default());

        scene.fetch_list(&["m"], vec![numbered("r", 1, word)]);

        assert_eq!(scene.status(), status, "{word:?}");
        assert_eq!(scene.summary().verdict, Verdict::None);
    }
}

#[test]
fn a_failed_row_is_final_once_the_run_is_declared_ended() {
    let mut scene = Scene::new(Rules::default());
    let ok = completed("r", "a", 2., Label::Fake);
    for (word, state, status) in [
        (Declared::Processing, "retrying", Status::Running),
        (Declared::Done, "failed", Status::PartlyComplete),
    ] {
        scene.fetch(vec![
            numbered("r", 1, word),
            ok.clone(),
            failed("r", "b", 3.),
        ]);

        assert_eq!((scene.state("b"), scene.status()), (state, status));
    }
}

#[test]
fn a_stand_in_that_only_reported_progress_goes_when_the_run_ends() {
    let mut scene = Scene::new(Rules::default());
    scene.say([started("r", "asked", 1.), progress("", "stand-in", 2., 50.)]);
    assert_eq!(scene.run().expected, 2);
    let end = completed("r", "asked", 3., Label::Real);
    scene.say([end.clone(), declared("r", Some(4.), Declared::Done)]);

    scene.fetch(vec![numbered("r", 1, Declared::Done), end]);
    assert_eq!(
        (scene.run().expected, scene.status()),
        (1, Status::Complete)
    );

    scene.say([progress("r", "stand-in", 2.5, 60.)]);
    assert_eq!(
        (scene.run().expected, scene.status()),
        (1, Status::Complete)
    );
}

#[test]
fn silence_of_a_running_model_is_told_and_asked_about() {
    let mut scene = Scene::new(Rules::default());
    scene.say([started("r", "a", 1.), queued("r", "b", 1.)]);
    scene.asks();

    let mut asked = Vec::new();
    for second in 1..=400 {
        scene.pass(1.);
        if !scene.asks().is_empty() {
            asked.push(second);
        }
        let silent = scene.model("a").silent_for.map(|silence| silence.as_secs());
        assert_eq!(silent, (second >= 30).then_some(second));
        assert_eq!(scene.summary().is_silent, second >= 30);
        assert_eq!(scene.model("b").silent_for, None);
    }
    assert_eq!(asked, [30, 90, 210, 330]);

    let changes = scene.say([progress("r", "a", 401., 1.)]);
    assert!(!scene.summary().is_silent);
    assert!(matches!(changes[..], [Change::Media { .. }]));
}

#[test]
fn a_shape_of_run_ends_as_the_real_servers_mean_it() {
    let (real, fake) = (Label::Real, Label::Fake);
    let good = vec![
        queued("", "a", 0.),
        queued("", "b", 0.),
        declared("r", Some(1.), Declared::Processing),
        started("r", "a", 1.),
        progress("", "a", 2., 50.),
        completed("r", "a", 3., real.clone()),
        declared("r", Some(4.), Declared::Processing),
        started("r", "b", 4.),
        completed("r", "b", 5., real.clone()),
        expects("r", 2),
        declared("r", Some(6.), Declared::Done),
    ];
    let mut retried = good.clone();
    retried.splice(7..7, [started("r", "b", 3.1), failed("r", "b", 3.2)]);
    let lost = |attempts: &[f64], name: &str| -> Vec<Fact> {
        let tries = attempts.iter();
        tries
            .flat_map(|at| [started("r", name, *at), failed("r", name, at + 0.4)])
            .collect()
    };
    let thrice = [
        vec![
            queued("", "a", 0.),
            queued("", "b", 0.),
            started("r", "a", 1.),
        ],
        vec![completed("r", "a", 2., fake.clone())],
        lost(&[2.1, 7.6, 18.], "b"),
    ]
    .concat();
    let all_fail = [
        vec![queued("", "a", 0.), queued("", "b", 0.)],
        lost(&[1., 6.5, 17.], "a"),
        lost(&[2., 7.5, 18.], "b"),
    ]
    .concat();
    for (name, facts, status, verdict) in [
        (
            "good",
            good,
            Status::Complete,
            Verdict::LikelyReal { real: 2, of: 2 },
        ),
        (
            "retried",
            retried,
            Status::Complete,
            Verdict::LikelyReal { real: 2, of: 2 },
        ),
        (
            "thrice",
            thrice,
            Status::PartlyComplete,
            Verdict::LikelyFake { fake: 1, of: 1 },
        ),
        ("all fail", all_fail, Status::Failed, Verdict::None),
    ] {
        let mut scene = Scene::new(Rules::default());
        let mut percents = Vec::new();
        for fact in &facts {
            // Every event comes three times.
            for _ in 0..3 {
                let retries = scene.store.summary(&key("m")).map_or(0, |it| it.retrying);
                scene.say([fact.clone()]);
                let summary = scene.summary();
                percents.push((summary.retrying > retries, summary.percent));
            }
        }

        assert_eq!(
            (scene.status(), &scene.summary().verdict),
            (status, &verdict),
            "{name}"
        );
        assert_eq!(scene.summary().run, 1, "{name}");
        let falls = percents
            .windows(2)
            .filter(|pair| !pair[1].0 && pair[1].1 < pair[0].1);
        assert_eq!(falls.count(), 0, "{name}: {percents:?}");
    }
}

#[test]
fn a_run_ended_when_its_last_model_did_or_nobody_knows_when() {
    use Declared::{Done, Processing};
    let row = |at: f64, status| {
        let fields = RunFields {
            declared: Some(status),
            created: Some(stamp(0.)),
            ..RunFields::default()
        };
        run("r", Some(at), fields)
    };
    let first = || completed("r", "a", 6., Label::Real);
    let untimed = || model("r", "b", None, ModelSaid::Completed(Outcome::default()));
    let lost = |is_final| {
        let said = ModelSaid::Failed {
            error: None,
            is_final,
            attempt: None,
        };
        model("r", "b", None, said)
    };
    let said = ModelSaid::Failed {
        error: None,
        is_final: true,
        attempt: Some(3),
    };
    let third = model("r", "b", None, said);
    for (name, snapshot, events, ended) in [
        (
            "told with a time",
            vec![row(6., Processing), first()],
            vec![completed("r", "b", 22., Label::Real)],
            Some(22.),
        ),
        (
            "told without one",
            vec![row(6., Processing), first()],
            vec![untimed()],
            None,
        ),
        (
            "by another attempt than the one of the row",
            vec![row(6.5, Processing), first(), lost(false)],
            vec![untimed()],
            None,
        ),
        (
            "failed for good after the attempt of the row",
            vec![row(6.5, Processing), first(), lost(false)],
            vec![lost(true)],
            None,
        ),
        (
            "after the server had declared the end",
            vec![row(6., Done), first()],
            vec![started("r", "b", 7.), untimed()],
            None,
        ),
        (
            "told with and without one",
            vec![
                row(22., Processing),
                first(),
                completed("r", "b", 22., Label::Real),
            ],
            vec![untimed()],
            Some(22.),
        ),
        (
            "with the row of its last failure, which has no time of its own",
            vec![row(22., Processing), first(), lost(true)],
            vec![],
            Some(22.),
        ),
        (
            "failed for good in an attempt that nobody heard of",
            vec![row(22., Done), first(), third],
            vec![failed("r", "b", 8.)],
            Some(22.),
        ),
        (
            "with the rows of a run that had ended",
            vec![row(22., Done), first(), lost(false)],
            vec![],
            Some(22.),
        ),
        (
            "told without one, before the server said that it was the last",
            vec![row(6., Processing), first()],
            vec![untimed(), declared("r", Some(22.), Done)],
            Some(22.),
        ),
    ] {
        let mut scene = Scene::new(Rules::default());
        scene.fetch(snapshot);
        scene.say([expects("r", 2)]);
        scene.say(events);

        let run = scene.run();
        assert!(run.status.is_ended(), "{name}: {:?}", run.status);
        let took = ended.map(std::time::Duration::from_secs_f64);
        assert_eq!((run.ended, run.elapsed), (ended.map(stamp), took), "{name}");
    }
}
