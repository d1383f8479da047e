//! An analysis from its start to what came out, as a person sees and hears it.

use crate::rig::{event, key, media, media_list, meeting, Rig};
use std::fs;
use std::time::Duration;
use telltale::domain::fact::Label;
use telltale::domain::view::{ModelState, Status, Verdict};
use telltale::domain::Text;
use telltale::json::{self, Value};
use telltale::session::state::{Command, Connection};
use telltale::session::Input;
use telltale::toast::{About, Action, Body};

#[test]
fn a_run_is_watched_to_its_end_and_told_once() {
    let mut rig = Rig::analysis();
    rig.sign_in();

    rig.replay("analysis/good-run.jsonl");

    let media = rig.session.media(&key("med-1"), rig.now).unwrap();
    assert_eq!(media.status, Status::Complete);
    let run = media.run.unwrap();
    assert_eq!(run.percent, Some(100));
    assert!(run
        .models
        .iter()
        .all(|model| matches!(model.state, ModelState::Completed { .. })));
    assert_eq!(rig.ends(), 1);
}

#[test]
fn six_copies_of_each_event_change_nothing_more_than_one() {
    let mut once = Rig::analysis();
    once.sign_in();
    once.replay("analysis/good-run.jsonl");
    let mut often = Rig::analysis();
    often.sign_in();
    often.copies = 6;
    often.replay("analysis/good-run.jsonl");

    let view = |rig: &Rig| {
        let media = rig.session.media(&key("med-1"), rig.now).unwrap();
        let run = media.run.unwrap();
        (
            media.status,
            run.percent,
            run.completed,
            run.failed,
            run.verdict,
            rig.ends(),
        )
    };
    assert_eq!(view(&often), view(&once));
}

#[test]
fn a_model_that_fails_and_then_succeeds_is_never_shown_as_failed() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    let mut seen = Vec::new();

    rig.replay_watching("analysis/fails-once-then-succeeds.jsonl", |session, now| {
        let media = session.media(&key("med-1"), now);
        for model in media
            .and_then(|media| media.run)
            .into_iter()
            .flat_map(|run| run.models)
        {
            seen.push(model.state);
        }
    });

    assert!(seen
        .iter()
        .any(|state| matches!(state, ModelState::Retrying { .. })));
    assert!(!seen
        .iter()
        .any(|state| matches!(state, ModelState::Failed { .. })));
    let run = rig
        .session
        .media(&key("med-1"), rig.now)
        .unwrap()
        .run
        .unwrap();
    assert_eq!((run.status, run.failed), (Status::Complete, 0));
}

#[test]
fn the_percentage_never_goes_back_but_for_a_retry() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    let mut last = (0, None);

    rig.replay_watching("analysis/good-run.jsonl", |session, _| {
        let Some(summary) = session.summary(&key("med-1")) else {
            return;
        };
        let shown = (summary.run, summary.percent);
        assert!(shown >= last, "{shown:?} after {last:?}");
        last = shown;
    });

    assert_eq!(last.1, Some(100));
}

#[test]
fn an_end_that_the_server_never_sends_is_found_by_asking() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    rig.replay("analysis/one-model-fails-for-good.jsonl");
    let item = rig
        .server
        .item
        .as_ref()
        .map(|(_, body)| json::parse(body).unwrap());
    rig.server.list = media_list(&[item.unwrap().get("data").clone()]);
    let before = rig.asked_for("/media/med-1");

    rig.pass(Duration::from_secs(120));

    assert!(rig.asked_for("/media/med-1") > before);
    let media = rig.session.media(&key("med-1"), rig.now).unwrap();
    assert_eq!(media.status, Status::PartlyComplete);
    assert_eq!(rig.ends(), 1);
}

#[test]
fn events_before_the_answer_to_the_upload_are_not_lost() {
    let mut rig = Rig::analysis();
    rig.sign_in();

    rig.replay("analysis/upload-after-events.jsonl");

    assert!(rig.session.list().any(|key| key.id.as_str() == "med-1"));
}

#[test]
fn results_of_a_demonstration_are_marked_as_simulated() {
    let mut rig = Rig::analysis();
    rig.sign_in();

    rig.replay("analysis/demo-detector.jsonl");

    assert!(rig.session.summary(&key("med-1")).unwrap().is_simulated);
}

/// Its events say neither when a video ended nor, in one vocabulary, that all of it is a demonstration.
#[test]
fn what_a_video_that_ended_is_stored_with_is_shown_at_once_and_asked_for_once() {
    for complete in [
        r#"42["video:process:complete",{"videoId":"v1","status":"completed","sensitivityStatus":"safe"}]"#,
        r#"42["video:processed",{"videoId":"v1","sensitivity":{"status":"safe","score":0.35}}]"#,
    ] {
        let mut rig = Rig::of("library");
        rig.sign_in();
        rig.server.item = Some((200, video("processing", "")));
        rig.receive(r#"42["video:process:progress",{"videoId":"v1","progress":0}]"#);
        rig.pass(Duration::from_secs(20));
        let asked = rig.asked_for("/videos/v1");
        let result = r#","sensitivityStatus":"safe","sensitivityScore":0.35,"sensitivity":{"simulated":true}"#;
        rig.server.item = Some((200, video("completed", result)));

        rig.receive(complete);
        rig.pass(Duration::from_secs(20));

        let run = rig.session.media(&key("v1"), rig.now).unwrap().run.unwrap();
        assert_eq!(run.status, Status::Complete, "{complete}");
        assert!(run.ended.is_some(), "{complete}");
        let Verdict::Server(verdict) = run.verdict else {
            panic!("{complete}: the server has a verdict");
        };
        assert_eq!(verdict.score, Some(0.35), "{complete}");
        assert!(run.is_simulated, "{complete}");
        assert!(rig.session.summary(&key("v1")).unwrap().is_simulated);
        assert_eq!(rig.asked_for("/videos/v1"), asked + 1, "{complete}");
    }
}

/// A video as the library gives it by itself.
fn video(status: &str, result: &str) -> String {
    format!(
        r#"{{"video":{{"_id":"v1","title":"vx","status":"{status}"{result},"updatedAt":"2031-05-04T09:00:10.000Z"}}}}"#
    )
}

#[test]
fn interviews_which_no_server_names_are_told_apart_by_their_ids() {
    let mut rig = Rig::of("interview");
    rig.sign_in();
    let ids = ["65f0aa01c0ffee00000000a1", "65f0aa01c0ffee00000000a2"];
    for id in ids {
        for what in ["started", "failed", "completed"] {
            let name = format!("analysis:{what}:{id}");
            rig.receive(&event(&name, &Value::object([])));
            let summary = rig.session.summary(&key(id)).unwrap();
            let name = summary.name.as_ref().map(Text::as_str);
            assert_eq!(name, Some(&id[16..]), "{what}");
        }
    }
}

#[test]
fn every_shape_of_every_server_leaves_a_view_within_bounds() {
    for kind in ["analysis", "library", "interview"] {
        for file in fs::read_dir(format!("tests/fixtures/{kind}")).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|ending| ending != "jsonl") {
                continue;
            }
            let name = format!("{kind}/{}", path.file_name().unwrap().to_string_lossy());
            let mut rig = Rig::of(kind);
            rig.sign_in();
            rig.replay(&name);
            rig.pass(Duration::from_secs(300));

            for key in rig.session.list().cloned().collect::<Vec<_>>() {
                let media = rig.session.media(&key, rig.now).unwrap();
                let Some(run) = media.run else { continue };
                assert!(run.percent <= Some(100), "{name}");
                assert!(
                    run.completed + run.failed <= run.expected,
                    "{name}: {run:?}"
                );
                if run.status.is_ended() {
                    assert_eq!(run.percent, Some(100), "{name}");
                }
            }
        }
    }
}

#[test]
fn an_interview_that_the_server_keeps_nothing_of_stays_until_its_result() {
    let started = r#"{"interviewId":"itv-77","message":"It begins","status":"processing","timestamp":"2031-05-04T09:00:01.000Z"}"#;
    let completed = r#"{"interviewId":"itv-77","status":"completed","analysis":{"overallScore":6.5},"timestamp":"2031-05-04T09:02:01.000Z"}"#;
    let mut rig = Rig::of("interview");
    rig.server.item = Some((
        200,
        r#"{"data":{"interviewId":"itv-77","status":"completed","mediaAnalysis":{"isCompleted":false}}}"#.to_owned(),
    ));
    rig.sign_in();

    rig.receive(&event(
        "analysis:started:itv-77",
        &json::parse(started).unwrap(),
    ));
    rig.pass(Duration::from_secs(120));
    assert!(rig.asked_for("/itv-77/status") > 0);
    assert_eq!(rig.session.list().count(), 1);
    rig.receive(&event(
        "analysis:completed:itv-77",
        &json::parse(completed).unwrap(),
    ));

    let summary = rig.session.summary(&key("itv-77"));
    assert_eq!(
        summary.map(|summary| summary.status),
        Some(Status::Complete)
    );
}

#[test]
fn what_a_server_says_to_the_person_is_shown_and_spoken() {
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    rig.command(Command::Join(meeting("r1")));

    rig.receive(r#"42["error",{"message":"Meeting is full"}]"#);
    rig.pass(Duration::from_secs(1));

    assert!(rig.session.toasts().iter().any(|toast| matches!(
        &toast.body,
        Body::Notice { message: Some(message), .. } if message.as_str() == "Meeting is full"
    )));
    assert!(rig.session.spoken().0.is_some());
}

#[test]
fn a_wish_that_the_server_does_not_grant_is_answered() {
    let mut rig = Rig::analysis();
    rig.server.list = media_list(&[media("m1", "ANALYZED")]);
    rig.sign_in();
    rig.server.instead = vec![("/analyze", 503, r#"{"message":"The queue is full"}"#)];

    rig.command(Command::AnalyzeAgain(key("m1")));

    assert!(matches!(
        &rig.session.toasts()[0].body,
        Body::Notice { about: About::AnalyzeAgain(_, Some(name)), .. } if name.as_str() == "m1.mp4"
    ));
}

#[test]
fn whether_it_is_analyzed_again_is_not_known_without_an_answer() {
    for (answers, seconds) in [(true, 0), (false, 9), (false, 10)] {
        let mut rig = Rig::analysis();
        rig.server.list = media_list(&[media("m1", "ANALYZED")]);
        rig.sign_in();
        rig.pass(Duration::from_secs(5));
        rig.server.instead = vec![("/analyze", 202, "<html>")];
        rig.answers_fetches = answers;
        let asked = rig.asked_for("/analyze");

        rig.command(Command::AnalyzeAgain(key("m1")));
        rig.command(Command::AnalyzeAgain(key("m1")));
        rig.pass(Duration::from_secs(seconds));

        let is_told = rig.session.toasts().iter().any(|toast| {
            matches!(
                &toast.body,
                Body::Notice { about: About::NoAnswer(_, Some(name)), message: None } if name.as_str() == "m1.mp4"
            )
        });
        let is_over = answers || seconds == 10;
        assert_eq!(is_told, is_over, "answers: {answers}, {seconds} s");
        let view = rig.session.media(&key("m1"), rig.now).expect("it is known");
        assert_eq!(view.is_asked_again, !is_over, "{answers} {seconds}");
        // Pressed again before there is an answer it asks for the same, and afterwards for one more.
        assert_eq!(
            rig.asked_for("/analyze") - asked,
            if answers { 2 } else { 1 }
        );
        rig.answers_fetches = false;
        rig.command(Command::AnalyzeAgain(key("m1")));
        let more = usize::from(is_over);
        assert_eq!(
            rig.asked_for("/analyze") - asked,
            1 + usize::from(answers) + more
        );
    }
}

#[test]
fn trying_again_is_offered_only_where_the_server_does_it() {
    for (kind, action) in [("analysis", Action::Retry), ("library", Action::View)] {
        let mut rig = Rig::of(kind);
        rig.sign_in();
        if kind == "analysis" {
            rig.server.list = media_list(&[media("m1", "PROCESSING")]);
            rig.pass(Duration::from_secs(360));
            rig.server.list = media_list(&[media("m1", "FAILED")]);
            rig.pass(Duration::from_secs(360));
        } else {
            let row = r#"{"video":{"_id":"v1","title":"Pier at dusk","status":"failed"}}"#;
            rig.server.item = Some((200, row.to_owned()));
            for pause in [5, 10, 30] {
                rig.receive(r#"42["video:process:progress",{"videoId":"v1","progress":0}]"#);
                rig.receive(r#"42["video:process:failed",{"videoId":"v1","error":"no video"}]"#);
                rig.pass(Duration::from_secs(pause));
            }
        }

        let ended = rig
            .session
            .toasts()
            .iter()
            .find(|toast| matches!(toast.body, Body::Ended(_)));
        let Some(ended) = ended else {
            panic!("{kind}: {:?}", rig.session.toasts());
        };
        assert_eq!(ended.action, Some(action), "{kind}");
    }
}

#[test]
fn who_joins_a_run_in_the_middle_sees_how_many_models_there_are() {
    let mut rig = Rig::analysis();
    rig.server.models = Some(4);
    rig.server.list = media_list(&[media("m1", "PROCESSING")]);

    rig.sign_in();

    let run = rig.session.media(&key("m1"), rig.now).unwrap().run.unwrap();
    assert_eq!((run.models.len(), run.expected, run.unnamed), (1, 4, 3));
    assert_eq!(rig.asked_for("/server-status"), 1);
    assert_eq!(rig.connection(), Connection::Live);
}

#[test]
fn a_server_that_still_loads_models_is_asked_again_and_ends_no_run_by_those_it_has() {
    const ONE_OF_TWO: &str = r#"{"success":true,"data":{"models_info":[
        {"name":"a","loaded":true,"isVideo":true},{"name":"b","loaded":false,"isVideo":true}]}}"#;
    let one_is_done = json::write(&media("m1", "ANALYZED")).replace("ANALYZED", "PROCESSING");
    let list = media_list(&[json::parse(&one_is_done).unwrap()]);
    let run_of = |rig: &Rig| {
        let run = rig.session.media(&key("m1"), rig.now).unwrap().run.unwrap();
        (run.status, run.expected)
    };

    // It has loaded both a minute later.
    let mut rig = Rig::analysis();
    rig.server.instead = vec![("/server-status", 200, ONE_OF_TWO)];
    rig.server.list.clone_from(&list);
    rig.sign_in();
    assert_eq!(run_of(&rig), (Status::Running, 0), "how many, nobody knows");
    rig.pass(Duration::from_secs(11));
    assert_eq!(rig.asked_for("/server-status"), 2);
    assert_eq!(run_of(&rig).0, Status::Running);
    rig.server.instead.clear();
    rig.server.models = Some(2);
    rig.pass(Duration::from_secs(31));
    assert_eq!(rig.asked_for("/server-status"), 3);
    assert_eq!(run_of(&rig), (Status::Running, 2));
    rig.pass(Duration::from_secs(3600));
    assert_eq!(rig.asked_for("/server-status"), 3);

    // It never loads the other.
    let mut rig = Rig::analysis();
    rig.server.instead = vec![("/server-status", 200, ONE_OF_TWO)];
    rig.server.list.clone_from(&list);
    rig.sign_in();
    rig.pass(Duration::from_secs(3600));
    assert_eq!(rig.asked_for("/server-status"), 5);
    assert_eq!(run_of(&rig), (Status::Complete, 1));
}

#[test]
fn the_verdict_of_a_fetched_media_is_a_likelihood() {
    let mut rig = Rig::analysis();
    rig.server.list = media_list(&[media("m1", "ANALYZED")]);
    rig.sign_in();

    let run = rig.session.media(&key("m1"), rig.now).unwrap().run.unwrap();
    assert_eq!(run.verdict, Verdict::LikelyFake { fake: 1, of: 1 });
    assert!(matches!(
        &run.models[0].state,
        ModelState::Completed {
            label: Some(Label::Fake),
            ..
        }
    ));
}

#[test]
fn whoever_shows_one_media_is_told_of_no_other() {
    for (open, is_told) in [("med-1", true), ("another", false)] {
        let mut rig = Rig::analysis();
        rig.command(Command::Embed);
        rig.sign_in();
        rig.command(Command::Open(key(open)));
        rig.pass(Duration::from_secs(10));

        rig.replay("analysis/good-run.jsonl");
        let mut is_spoken = false;
        for _ in 0..100 {
            is_spoken |= rig.session.spoken().0.is_some();
            rig.pass(Duration::from_millis(100));
        }

        assert_eq!(is_spoken, is_told, "{open}");
        assert!(rig.session.toasts().is_empty(), "{open}");
        assert!(rig.session.summary(&key("med-1")).is_some());
    }
}

#[test]
fn whoever_shows_one_media_is_told_of_no_other_after_a_reconnect_either() {
    let mut rig = Rig::analysis();
    rig.command(Command::Embed);
    rig.server.list = media_list(&[media("m1", "PROCESSING"), media("m2", "PROCESSING")]);
    rig.sign_in();
    rig.command(Command::Open(key("another")));
    rig.pull_the_plug();
    rig.pass(Duration::from_secs(1));
    rig.server.list = media_list(&[media("m1", "ANALYZED"), media("m2", "FAILED")]);

    let mut spoken = Vec::new();
    for _ in 0..200 {
        spoken.extend(rig.session.spoken().0.cloned());
        rig.pass(Duration::from_millis(100));
    }

    assert_eq!(
        spoken,
        [],
        "nobody heard of the loss, and nothing changed that is shown"
    );
    assert!(rig.session.toasts().is_empty());
}

#[test]
fn many_interviews_whose_ends_may_have_been_missed_are_asked_for_one_by_one() {
    let mut rig = Rig::of("interview");
    rig.server.item = Some((
        200,
        r#"{"data":{"interviewId":"itv","status":"completed","mediaAnalysis":{"isCompleted":false}}}"#.to_owned(),
    ));
    rig.sign_in();
    let paths: Vec<_> = (0..6)
        .map(|number| format!("/itv-{number}/status"))
        .collect();
    for number in 0..6 {
        let started = format!(
            r#"{{"interviewId":"itv-{number}","status":"processing","timestamp":"2031-05-04T09:00:01.000Z"}}"#
        );
        rig.receive(&event("analysis:started", &json::parse(&started).unwrap()));
    }
    rig.pass(Duration::from_secs(120));
    let asked = |rig: &Rig| {
        paths
            .iter()
            .map(|path| rig.asked_for(path))
            .collect::<Vec<_>>()
    };
    rig.accepts = false;
    rig.pull_the_plug();
    rig.pass(Duration::from_secs(60));
    let before = asked(&rig);

    rig.accepts = true;
    rig.pass(Duration::from_secs(180));

    let after = asked(&rig);
    for (before, after) in before.iter().zip(&after) {
        assert!(after > before, "{after:?} of {before:?}");
    }
}

#[test]
fn a_number_of_attempts_that_no_queue_makes_is_not_believed() {
    let row = |model: &str| {
        format!(
            r#"{{"id":"{model}","analysisRunId":"run-m1","modelName":"{model}","prediction":"N/A","confidence":0,"status":"FAILED","resultPayload":{{"retryCount":4294967294}},"updatedAt":"2026-02-20T10:30:10.000Z"}}"#
        )
    };
    let media = format!(
        r#"{{"id":"m1","filename":"m1.mp4","status":"PROCESSING","userId":"user-ada","latestAnalysisRunId":"run-m1","analysisRuns":[{{"id":"run-m1","mediaId":"m1","runNumber":1,"status":"PROCESSING","analyses":[{},{}]}}]}}"#,
        row("a"),
        row("b")
    );
    let mut rig = Rig::analysis();
    rig.sign_in();

    rig.receive(&event("media_update", &json::parse(&media).unwrap()));

    let view = rig.session.media(&key("m1"), rig.now).unwrap();
    let models = &view.run.unwrap().models;
    assert_eq!(models.len(), 2);
    assert!(models.iter().all(|model| model.attempt <= 3), "{models:?}");
}
