//! The rules of progress, time, state and verdict, and the shapes that runs of the real servers have, as tests.

use super::fact::{
    Declared, Fact, Label, MediaFields, MediaKind, ModelCounts, ModelSaid, Outcome, RunFields,
    Scope, ServerVerdict,
};
use super::scene::*;
use super::store::MAX_TOMBSTONES;
use super::view::{Change, Status, Verdict};
use crate::domain::Rules;

#[test]
fn the_percentage_is_the_mean_over_the_expected_models() {
    for (facts, percent, expected, unnamed) in [
        (vec![queued("r", "a", 1.)], 0, 1, 0),
        (vec![queued("r", "a", 1.), started("r", "a", 2.)], 0, 1, 0),
        (vec![progress("r", "a", 3., 50.)], 50, 1, 0),
        (vec![progress("r", "a", 3., 29.)], 29, 1, 0),
        (vec![progress("r", "a", 3., 100.)], 99, 1, 0),
        (vec![progress("r", "a", 3., 500.)], 99, 1, 0),
        (vec![progress("r", "a", 3., f64::NAN)], 0, 1, 0),
        (vec![progress("r", "a", 3., -5.)], 0, 1, 0),
        (
            vec![queued("r", "b", 1.), progress("r", "a", 3., 99.)],
            49,
            2,
            0,
        ),
        (
            vec![queued("r", "b", 1.), completed("r", "a", 3., Label::Real)],
            50,
            2,
            0,
        ),
        (vec![expects("r", 4), progress("r", "a", 3., 90.)], 22, 4, 3),
        (
            vec![
                completed("r", "a", 3., Label::Real),
                completed("r", "b", 4., Label::Real),
            ],
            100,
            2,
            0,
        ),
    ] {
        let mut scene = Scene::new(Rules::default());

        scene.say(facts.clone());

        let run = scene.run();
        assert_eq!(
            (run.percent, run.expected, run.unnamed),
            (percent, expected, unnamed),
            "{facts:?}"
        );
    }
}

#[test]
fn a_run_counts_as_many_models_as_the_server_runs_until_it_says_itself_how_many() {
    let video = |models| {
        Fact::Models(ModelCounts {
            video: models,
            image: 9,
            audio: 9,
        })
    };
    let kind = media(
        "m",
        MediaFields {
            kind: Some(MediaKind::Video),
            ..MediaFields::default()
        },
    );
    let half = || progress("r", "a", 3., 50.);
    for (said, percent, expected, unnamed) in [
        (vec![half()], 50, 1, 0),
        (vec![half(), video(4)], 12, 4, 3),
        (vec![video(4), half()], 12, 4, 3),
        (vec![video(4), half(), expects("r", 2)], 25, 2, 1),
        (vec![video(4), half(), video(2)], 25, 2, 1),
        (vec![video(0), half()], 50, 1, 0),
        (vec![video(1), queued("r", "b", 1.), half()], 25, 2, 0),
    ] {
        let mut scene = Scene::new(Rules::default());
        scene.say([kind.clone()]);

        for fact in said.clone() {
            scene.say([fact]);
        }

        let run = scene.run();
        assert_eq!(
            (run.percent, run.expected, run.unnamed),
            (percent, expected, unnamed),
            "{said:?}"
        );
    }
}

#[test]
fn a_run_that_the_server_confirms_as_ended_waits_for_no_model_that_never_ran() {
    let mut scene = Scene::new(Rules::default());
    scene.say([Fact::Models(ModelCounts {
        video: 4,
        ..ModelCounts::default()
    })]);

    scene.fetch(vec![
        media(
            "m",
            MediaFields {
                kind: Some(MediaKind::Video),
                ..MediaFields::default()
            },
        ),
        declared("r", Some(1.), Declared::Done),
        completed("r", "a", 3., Label::Real),
    ]);

    assert_eq!((scene.status(), scene.run().unnamed), (Status::Complete, 0));
}

#[test]
fn the_percentage_falls_only_for_a_retry_or_a_new_run() {
    let mut scene = Scene::new(Rules::default());
    for (fact, percent) in [
        (progress("r", "a", 3., 60.), 60),
        (progress("r", "a", 4., 40.), 60),
        (queued("r", "b", 1.), 60),
        (progress("r", "a", 5., 90.), 60),
        (started("r", "b", 6.), 60),
        (progress("r", "b", 7., 60.), 75),
        (failed("r", "b", 8.), 45),
        (started("r", "b", 13.), 45),
        (progress("r", "b", 14., 20.), 55),
        (started("s", "a", 50.), 0),
    ] {
        scene.say([fact.clone()]);

        assert_eq!(scene.summary().percent, percent, "{fact:?}");
    }
    assert_eq!(scene.summary().run, 2);
    assert_eq!(scene.view().earlier_runs, 1);
}

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
fn a_failure_that_the_server_calls_the_end_is_the_end() {
    let mut scene = Scene::new(Rules::default());
    let said = ModelSaid::Failed {
        error: None,
        is_final: true,
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
    assert_eq!(scene.run().percent, 0);

    // A late copy of the first attempt's, then one of the second.
    scene.say([progress("r", "a", 4.5, 80.), progress("r", "a", 12., 10.)]);

    assert_eq!(scene.run().percent, 10);
}

#[test]
fn the_status_follows_the_models() {
    let ok = |name: &str| completed("r", name, 3., Label::Real);
    let bad = |name: &str| {
        let said = ModelSaid::Failed {
            error: None,
            is_final: true,
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
            scene.summary().percent == 100,
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

    assert_eq!(scene.summary().verdict, Verdict::Server(verdict));
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
        ("no result", Status::PartlyComplete)
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
fn durations_are_told_by_the_servers_clock() {
    let mut scene = Scene::new(Rules::default());
    scene.say([started("r", "a", 0.)]);
    scene.pass(7.);
    scene.say([progress("r", "a", 7., 10.)]);
    scene.pass(3.);

    let seconds = |duration: Option<std::time::Duration>| duration.map(|it| it.as_secs());
    assert_eq!(seconds(scene.model("a").elapsed), Some(10));
    assert_eq!(seconds(scene.run().elapsed), Some(10));
    assert_eq!(scene.run().left, None, "no model has ended");

    scene.say([completed("r", "a", 12., Label::Real)]);
    scene.pass(60.);
    assert_eq!(seconds(scene.model("a").elapsed), Some(12));
    assert_eq!(seconds(scene.run().elapsed), Some(12));
}

#[test]
fn what_is_left_of_a_run_is_told_once_a_model_has_ended() {
    let mut scene = Scene::new(Rules::default());
    scene.say(["a", "b", "c"].map(|name| queued("r", name, 0.)));
    scene.say([started("r", "a", 0.)]);
    scene.pass(20.);
    scene.say([
        completed("r", "a", 20., Label::Real),
        started("r", "b", 20.),
    ]);
    scene.pass(5.);

    // 15 seconds of b, 20 of c.
    assert_eq!(scene.run().left.map(|left| left.as_secs()), Some(35));
}

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
        (queued("", "a", 5.), false, false),
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
fn a_snapshot_keeps_what_no_server_stores() {
    let mut scene = Scene::new(Rules::default());
    scene.say([
        queued("r", "a", 1.),
        started("r", "a", 2.),
        failed("r", "a", 3.),
        started("r", "a", 8.),
        progress("r", "a", 9., 40.),
    ]);
    scene.pass(20.);
    let before = scene.run();

    scene.fetch(vec![
        numbered("r", 1, Declared::Processing),
        model("r", "a", None, ModelSaid::Queued),
    ]);

    let after = scene.run();
    assert_eq!((after.percent, &after.models), (40, &before.models));
}

#[test]
fn what_arrives_after_the_request_stays_on_top_of_the_snapshot() {
    let mut scene = Scene::new(Rules::default());
    scene.say([started("r", "a", 1.)]);
    scene.request();
    scene.say([completed("r", "a", 2., Label::Real)]);

    scene.answer(vec![
        numbered("r", 1, Declared::Processing),
        model("r", "a", None, ModelSaid::Queued),
    ]);

    assert_eq!(scene.state("a"), "completed");
}

#[test]
fn a_model_that_failed_in_a_run_that_is_not_shown_goes_with_the_snapshot_that_does_not_name_it() {
    let mut scene = Scene::new(Rules::default());
    scene.fetch(vec![
        numbered("r1", 1, Declared::Processing),
        numbered("r2", 2, Declared::Processing),
    ]);
    scene.say([0., 6., 9.].map(|at| failed("r1", "c", at)));
    scene.say([started("r2", "b", 20.)]);

    // That the newer run is gone is doubted five times.
    for _ in 0..6 {
        scene.fetch(vec![
            numbered("r1", 1, Declared::Processing),
            queued("r1", "a", 1.),
        ]);
    }

    let run = scene.run();
    let names: Vec<_> = run.models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!((run.number, names), (Some(1), vec!["a"]));
}

#[test]
fn a_snapshot_that_lacks_a_fresh_end_is_doubted_once() {
    let open = || {
        vec![
            numbered("r", 1, Declared::Processing),
            model("r", "a", None, ModelSaid::Queued),
        ]
    };
    for (age, doubted) in [(1., 1), (9.9, 1), (11., 0)] {
        let mut scene = Scene::new(Rules::default());
        scene.say([started("r", "a", 1.), completed("r", "a", 2., Label::Real)]);
        scene.pass(age);
        scene.asks();

        scene.fetch(open());
        assert_eq!(scene.store.counters().doubted, doubted, "{age}");
        assert_eq!(scene.state("a") == "completed", doubted == 1, "{age}");
        if doubted == 1 {
            scene.pass(2.);
            assert!(scene.asks().contains(&Scope::Media(id("m"))));
            scene.fetch(open());
        }

        assert_eq!(scene.state("a"), "queued", "the server wins, {age}");
        assert_eq!(scene.store.counters().lowered, 1);
    }
}

#[test]
fn the_answer_to_an_older_request_cannot_undo_a_younger_one() {
    let mut scene = Scene::new(Rules::default());
    scene.fetch(vec![numbered("r", 1, Declared::Processing)]);
    let now = scene.at();
    scene.store.snapshot_requested(SERVER, &Scope::List, now);
    let end = completed("r", "a", 2., Label::Real);
    scene.fetch(vec![numbered("r", 1, Declared::Done), end]);

    let old = super::fact::Snapshot {
        scope: Scope::List,
        is_whole: true,
        beyond: 0,
        media: vec![id("m")],
        facts: vec![numbered("r", 1, Declared::Processing)],
    };
    let changes = scene.store.apply_snapshot(SERVER, old.clone(), now);
    assert!(changes.is_empty());
    assert_eq!(scene.status(), Status::Complete);

    // And one that nobody waits for is nothing.
    assert!(scene.store.apply_snapshot(SERVER, old, now).is_empty());
    assert_eq!(scene.store.counters().stale, 2);
}

#[test]
fn a_media_that_the_list_does_not_name_is_gone_and_stays_gone_until_it_is_named() {
    let mut scene = Scene::new(Rules::default());
    scene.fetch_list(&["m", "n"], vec![]);
    let changes = scene.fetch_list(&["n"], vec![]);
    assert!(matches!(changes[0], Change::List));
    assert!(matches!(&changes[1], Change::Media { after: None, .. }));

    assert!(scene.say([started("r", "a", 1.)]).is_empty());
    assert_eq!(scene.store.list().count(), 1);

    scene.fetch_list(&["m", "n"], vec![]);
    let names: Vec<_> = scene.store.list().map(|key| key.id.as_str()).collect();
    assert_eq!(names, ["m", "n"]);
}

#[test]
fn a_media_that_came_back_and_went_again_is_remembered_as_long_as_any() {
    let names: Vec<_> = (1..MAX_TOMBSTONES).map(|it| it.to_string()).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut scene = Scene::new(Rules::default());
    for listed in [&["m"][..], &[], &["m"], &[]] {
        scene.fetch_list(listed, vec![]);
        scene.pass(1.);
    }
    scene.fetch_list(&names, vec![]);
    scene.fetch_list(&[], vec![]);

    scene.say([started("r", "a", 1.)]);

    assert_eq!(scene.store.list().count(), 0);
}

#[test]
fn a_fresh_upload_survives_a_list_that_was_asked_for_before_it() {
    let mut scene = Scene::new(Rules::default());
    let now = scene.at();
    scene.store.snapshot_requested(SERVER, &Scope::List, now);
    scene.say([queued("", "a", 1.)]);
    let list = super::fact::Snapshot {
        scope: Scope::List,
        is_whole: true,
        beyond: 0,
        media: vec![],
        facts: vec![],
    };

    scene.store.apply_snapshot(SERVER, list, now);

    assert_eq!(scene.status(), Status::Queued);
}

#[test]
fn a_run_without_ids_fails_only_by_a_snapshot_and_begins_again_by_one() {
    let fails = || {
        let said = ModelSaid::Failed {
            error: None,
            is_final: false,
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
    assert_eq!((scene.state("v"), scene.run().percent), ("running", 20));

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
    let end = |at| completed("", "i", at, Label::Other(super::Text::new("fine", 9)));
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
fn a_status_that_nobody_knows_is_shown_as_it_is_until_something_says_more() {
    let mut scene = Scene::new(VIDEO);
    let fields = MediaFields {
        other_status: super::Text::name("archived"),
        ..MediaFields::default()
    };
    scene.fetch_list(&["m"], vec![media("m", fields)]);
    let word = |scene: &Scene| {
        assert_eq!(scene.view().other_status, scene.summary().other_status);
        scene.view().other_status.map(|word| word.to_string())
    };
    assert_eq!(scene.status(), Status::Unknown);
    assert_eq!(word(&scene).as_deref(), Some("archived"));

    scene.say([declared("", None, Declared::Processing)]);
    assert_eq!((scene.status(), word(&scene)), (Status::Running, None));
}

#[test]
fn a_fact_that_changes_nothing_makes_no_change() {
    let facts = [
        queued("r", "a", 1.),
        started("r", "a", 2.),
        progress("r", "a", 3., 10.),
        completed("r", "a", 9., Label::Real),
    ];
    let mut scene = Scene::new(Rules::default());
    for fact in &facts {
        assert!(!scene.say([fact.clone()]).is_empty(), "{fact:?}");
        assert!(scene.say([fact.clone()]).is_empty(), "{fact:?}");
    }
    for fact in facts {
        assert!(scene.say([fact]).is_empty());
    }
}

#[test]
fn a_change_of_details_is_told_apart_from_one_of_the_summary() {
    let mut scene = Scene::new(Rules::default());
    scene.say([progress("r", "a", 3., 10.1)]);

    let finer = scene.say([progress("r", "a", 4., 10.2)]);
    let farther = scene.say([progress("r", "a", 5., 11.)]);

    assert_eq!(finer, [Change::Details(key("m"))]);
    assert!(matches!(farther[..], [Change::Media { .. }]));
}

#[test]
fn a_later_report_of_a_result_may_say_more() {
    let mut scene = Scene::new(Rules::default());
    let bare = model("r", "a", Some(2.), ModelSaid::Completed(Outcome::default()));
    let full = completed("r", "a", 1.9, Label::Fake);

    for facts in [[bare.clone(), full.clone()], [full, bare]] {
        scene.say(facts);
        assert_eq!(
            scene.summary().verdict,
            Verdict::LikelyFake { fake: 1, of: 1 }
        );
    }
}
