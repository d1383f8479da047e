//! An analysis from its start to what came out, as a person sees and hears it.

use crate::rig::{event, key, media, media_list, meeting, Rig};
use std::fs;
use std::time::Duration;
use telltale::domain::fact::Label;
use telltale::domain::view::{ModelState, Status, Verdict};
use telltale::json;
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
