//! When a failed attempt was the last, and when a run that had ended is at work again: the smallest scenes.

use crate::domain::fact::{Declared, Fact, Label, ModelSaid, Outcome, RunRef, Scope};
use crate::domain::scene::*;
use crate::domain::view::{Change, Status};
use crate::domain::ModelId;
use crate::domain::Rules;

#[test]
fn three_attempts_that_the_servers_state_calls_failed_each_are_one_run_with_one_end() {
    let mut scene = Scene::new(VIDEO);
    scene.fetch_list(&["m"], vec![]);
    let mut ends = 0;
    for (attempt, wait) in [(1, 5.), (2, 10.), (3, 200.)] {
        ends += count_ends(&scene.say(begins()));
        scene.pass(0.1);
        ends += count_ends(&scene.fetch(row(Declared::Processing)));
        let shown = scene.model("v").attempt;
        assert_eq!((scene.state("v"), shown), ("running", attempt));
        scene.asks();
        scene.pass(1.);

        ends += count_ends(&scene.say(fails()));
        let is_last = attempt == 3;
        let status = if is_last {
            Status::Failed
        } else {
            Status::Running
        };
        assert_eq!(
            (scene.status(), ends),
            (status, u32::from(is_last)),
            "{attempt}"
        );
        assert_eq!(!scene.asks().is_empty(), is_last, "{attempt}");
        // Something else asks: the list is compared, the page was hidden for a while.
        scene.pass(1.);
        ends += count_ends(&scene.fetch(row(Declared::Failed)));
        ends += count_ends(&scene.pass(wait));
        assert_eq!(
            (scene.status(), ends),
            (status, u32::from(is_last)),
            "{attempt}"
        );
    }
    assert_eq!(scene.summary().run, 1);
}

#[test]
fn copies_of_a_failure_are_one_attempt() {
    for apart in [0., 0.7, 2.] {
        let mut scene = Scene::new(VIDEO);
        for _ in 0..2 {
            scene.say(begins());
            for _ in 0..3 {
                scene.say(fails());
                scene.pass(apart / 2.);
                scene.say(begins());
            }
            assert_eq!(scene.status(), Status::Running, "{apart}");
            scene.pass(5.);
        }
        scene.say(fails());
        assert_eq!(scene.status(), Status::Failed, "{apart}");
    }
}

/// A worker that says when an attempt begins, and not when one fails.
#[test]
fn failures_without_a_time_count_beside_starts_that_have_one() {
    let mut scene = Scene::new(VIDEO);
    for (attempt, at) in [(1, 0.), (2, 7.), (3, 20.)] {
        scene.say([started("", "v", at)]);
        let shown = scene.model("v").attempt;
        assert_eq!((scene.state("v"), shown), ("running", attempt));
        scene.pass(1.);

        scene.say(fails());
        let shown = scene.model("v").attempt;
        let state = if attempt < 3 { "retrying" } else { "failed" };
        assert_eq!((scene.state("v"), shown), (state, attempt));
        scene.pass(6.);
    }
}

#[test]
fn a_row_that_says_failed_is_an_end_when_nothing_was_heard_for_as_long_as_a_retry_may_take() {
    // The row may have been read before the failure was heard, or its event lost.
    for heard in [begins(), [begins(), fails()].concat()] {
        let mut scene = Scene::new(VIDEO);
        scene.say(heard.clone());
        scene.pass(1.);
        scene.fetch(row(Declared::Failed));
        assert_eq!(
            (scene.status(), scene.state("v")),
            (Status::Running, "retrying")
        );

        scene.pass(58.);
        assert_eq!(scene.status(), Status::Running, "{heard:?}");
        let changes = scene.pass(1.);
        assert_eq!(
            (scene.status(), count_ends(&changes)),
            (Status::Failed, 1),
            "{heard:?}"
        );

        // It is not taken back by a word, which may be a late one, but by what the server's state says.
        scene.say(begins());
        assert_eq!(scene.status(), Status::Failed, "{heard:?}");
        assert!(scene.asks().contains(&Scope::Media(id("m"))));
        scene.fetch(row(Declared::Processing));
        assert_eq!((scene.status(), scene.summary().run), (Status::Running, 2));
    }
}

#[test]
fn who_was_not_there_when_it_failed_believes_the_row_at_once() {
    let mut scene = Scene::new(VIDEO);
    let changes = scene.fetch_list(&["m"], row(Declared::Failed));
    assert_eq!((scene.status(), count_ends(&changes)), (Status::Failed, 0));

    scene.pass(3.);
    scene.say(begins());
    assert_eq!(scene.status(), Status::Failed);
    scene.fetch(row(Declared::Processing));
    assert_eq!(scene.status(), Status::Running);
    // Of this attempt it knows that it was there.
    scene.fetch(row(Declared::Failed));
    assert_eq!(scene.status(), Status::Running);
}

#[test]
fn a_row_that_was_read_after_a_long_absence_is_believed_and_an_older_one_is_not() {
    let mut scene = Scene::new(VIDEO);
    scene.say([begins(), fails()].concat());
    scene.fetch(row(Declared::Failed));
    let now = scene.at();
    scene.store.disconnected(SERVER, now, now);
    scene.pass(300.);
    assert_eq!(
        scene.status(),
        Status::Running,
        "nobody could hear another attempt"
    );

    let now = scene.at();
    scene.store.connected(SERVER, now);
    assert_eq!(scene.status(), Status::Running);
    scene.fetch(row(Declared::Failed));
    assert_eq!(scene.status(), Status::Failed);
}

#[test]
fn an_attempt_of_which_only_the_servers_state_told_is_awaited_as_long_as_any() {
    let mut scene = Scene::new(VIDEO);
    scene.say([begins(), fails()].concat());
    let lose = |scene: &mut Scene, seconds| {
        let now = scene.at();
        scene.store.disconnected(SERVER, now, now);
        scene.pass(seconds);
        let now = scene.at();
        scene.store.connected(SERVER, now);
    };
    lose(&mut scene, 40.);
    scene.fetch(row(Declared::Processing));
    assert_eq!(scene.state("v"), "running");

    // The second failure is lost with the connection, and the third attempt is due.
    lose(&mut scene, 10.);
    scene.fetch(row(Declared::Failed));
    assert_eq!(scene.state("v"), "retrying");
    scene.pass(49.);
    assert_eq!(scene.status(), Status::Running);
    scene.pass(1.);
    assert_eq!(scene.status(), Status::Failed);
}

/// It takes minutes, and says nothing of itself before its end.
#[test]
fn an_attempt_of_an_interview_that_may_have_begun_while_nobody_listened_is_awaited() {
    for (lost, seconds) in [(None, 60.), (Some(10.), 900.)] {
        let mut scene = Scene::new(INTERVIEW);
        scene.say([started("", "v", 1.), failed("", "v", 2.)]);
        if let Some(lost) = lost {
            let now = scene.at();
            scene.store.disconnected(SERVER, now, now);
            scene.pass(lost);
            let now = scene.at();
            scene.store.connected(SERVER, now);
        }

        scene.pass(seconds - 1.);
        assert_eq!(scene.state("v"), "retrying", "{lost:?}");
        let changes = scene.pass(1.);
        assert_eq!(
            (scene.status(), count_ends(&changes)),
            (Status::Failed, 1),
            "{lost:?}"
        );
    }
}

/// Half of the real models say nothing before their end, and take minutes.
#[test]
fn an_attempt_of_a_model_that_may_have_begun_while_nobody_listened_is_awaited_until_the_server_tells(
) {
    for (attempt, is_final) in [(1, false), (2, false), (3, true)] {
        let mut scene = Scene::new(ROWS);
        let row = |attempt| {
            let said = ModelSaid::Failed {
                error: None,
                is_final: attempt == 3,
                attempt: Some(attempt),
            };
            vec![
                numbered("r", 1, Declared::Processing),
                model("r", "v", None, said),
            ]
        };
        scene.fetch(vec![numbered("r", 1, Declared::Processing)]);
        scene.say([started("r", "v", 1.), failed("r", "v", 2.)]);
        let now = scene.at();
        scene.store.disconnected(SERVER, now, now);
        scene.pass(10.);
        let now = scene.at();
        scene.store.connected(SERVER, now);
        scene.fetch(row(attempt));

        scene.pass(300.);
        assert_eq!(scene.state("v") == "failed", is_final, "{attempt}");

        scene.say([completed("r", "v", 320., Label::Real)]);
        assert_eq!(scene.state("v"), "completed", "{attempt}");
    }
}

/// Three ways in which the end that was shown is not what the next snapshot lacks.
#[test]
fn a_run_without_ids_that_the_servers_state_takes_up_again_after_its_end_is_another() {
    let fetched = |scene: &mut Scene| {
        scene.fetch(row(Declared::Done));
    };
    let heard_thrice = |scene: &mut Scene| {
        for _ in 0..3 {
            scene.say([begins(), fails()].concat());
            scene.pass(5.);
        }
    };
    let silent = |scene: &mut Scene| {
        scene.say([begins(), fails()].concat());
        scene.pass(60.);
    };
    let ways: [&dyn Fn(&mut Scene); 3] = [&fetched, &heard_thrice, &silent];
    for (way, ended) in ways.iter().enumerate() {
        for is_overtaken in [false, true] {
            let mut scene = Scene::new(VIDEO);
            ended(&mut scene);
            assert!(scene.status().is_ended(), "{way}");
            scene.pass(30.);

            scene.say(begins());
            if is_overtaken {
                // A younger request is on its way when the answer comes.
                let now = scene.at();
                scene.store.snapshot_requested(SERVER, &Scope::List, now);
            }
            scene.fetch(row(Declared::Processing));
            if is_overtaken {
                scene.answer_list(&["m"], row(Declared::Processing));
            }
            // One that lacks what was just heard is doubted once.
            scene.pass(2.);
            scene.fetch(row(Declared::Processing));
            assert_eq!(
                (
                    scene.status(),
                    scene.summary().run,
                    scene.model("v").attempt
                ),
                (Status::Running, 2, 1),
                "{way} {is_overtaken}"
            );

            let changes = scene.say(completes());
            assert_eq!(count_ends(&changes), 1, "{way} {is_overtaken}");
            assert_eq!((scene.status(), scene.summary().run), (Status::Complete, 2));
        }
    }
}

#[test]
fn an_attempt_is_awaited_while_the_server_works_on_other_media_and_for_so_long() {
    // How long the other media are worked on, and when nobody waits any more.
    for (busy, ends) in [(0, 60), (50, 110), (300, 360), (890, 950), (3600, 960)] {
        for rules in [Rules::default(), VIDEO] {
            let run = if rules.has_run_ids { "r" } else { "" };
            let mut scene = Scene::new(rules);
            scene.say([model(run, "v", None, attempt_failed())]);
            let mut changes = Vec::new();
            for second in 1..=4000 {
                changes.extend(scene.pass(1.));
                if second % 10 == 0 && second <= busy {
                    scene.say([of_another()]);
                }
                let expected = if second < ends { "retrying" } else { "failed" };
                assert_eq!(
                    scene.state("v"),
                    expected,
                    "{busy} s of work, after {second} s"
                );
            }
            let of_m = changes.iter().filter(
                |change| matches!(change, Change::Media { key: of, .. } if *of == key("m")),
            );
            assert_eq!(of_m.count(), 1, "{busy}");
        }
    }
}

#[test]
fn a_media_that_is_uploaded_is_no_work() {
    let mut scene = Scene::new(Rules::default());
    scene.say([model("r", "v", None, attempt_failed())]);
    for _ in 0..6 {
        scene.pass(10.);
        scene.say([of_other(ModelSaid::Queued)]);
    }
    assert_eq!(scene.state("v"), "failed");
}

fn begins() -> Vec<Fact> {
    let said = ModelSaid::Progress {
        done: Some(0.),
        total: Some(100.),
        relayed: None,
    };
    vec![
        declared("", None, Declared::Processing),
        model("", "v", None, said),
    ]
}

fn fails() -> Vec<Fact> {
    vec![
        declared("", None, Declared::FailureReported),
        model("", "v", None, attempt_failed()),
    ]
}

fn completes() -> Vec<Fact> {
    let said = ModelSaid::Completed(Outcome {
        label: Some(Label::Safe),
        ..Default::default()
    });
    vec![
        model("", "v", None, said),
        declared("", None, Declared::Done),
    ]
}

/// What the server's state says of the video.
fn row(status: Declared) -> Vec<Fact> {
    let mut facts = match status {
        Declared::Failed => fails(),
        Declared::Done => completes(),
        _ => begins(),
    };
    facts.retain(|fact| matches!(fact, Fact::Model { .. }));
    facts.push(declared("", None, status));
    facts
}

fn attempt_failed() -> ModelSaid {
    ModelSaid::Failed {
        error: None,
        is_final: false,
        attempt: None,
    }
}

fn of_another() -> Fact {
    of_other(ModelSaid::Started)
}

fn of_other(said: ModelSaid) -> Fact {
    Fact::Model {
        media: id("other"),
        run: RunRef::Open,
        model: ModelId::new("v").expect("a short name"),
        at: None,
        said,
    }
}

/// How often a media that had not ended has.
fn count_ends(changes: &[Change]) -> u32 {
    let ends = changes.iter().filter(|change| {
        matches!(change, Change::Media { before: Some(before), after: Some(after), .. }
            if after.status.is_ended() && (!before.status.is_ended() || before.run != after.run))
    });
    ends.count() as u32
}
