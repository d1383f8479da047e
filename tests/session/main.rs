//! The whole session in virtual time: what a person would see while servers answer, fall silent, lie and come back.
//!
//! [`Rig`](rig::Rig) plays the browser and the server.

mod activity;
mod rig;
mod several;
mod triggers;

use std::fs;
use std::time::Duration;

use telltale::domain::fact::{Label, Severity};
use telltale::domain::view::{Alert, AlertNews, Change, ModelState, Status, Verdict};
use telltale::domain::Source;
use telltale::json;
use telltale::protocol::{Closed, Frame, Page};
use telltale::session::state::{
    Command, Connection, Secret, SignIn, SignInError, UploadError, UploadStage, GRACE,
};
use telltale::session::{FetchError, Input, Ticket};
use telltale::toast::{About, Action, Body, Subject, UploadFault};

use rig::{event, key, media, media_list, meeting, ok, Rig, TWO_SERVERS};

// ── signing in ───────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn from_signing_in_to_live() {
    let mut rig = Rig::analysis();
    assert_eq!(*rig.session.sign_in(), SignIn::SignedOut);
    assert_eq!(rig.connection(), Connection::Idle);

    rig.sign_in();

    assert!(
        matches!(rig.session.sign_in(), SignIn::SignedIn { name } if name.as_str() == "Ada Byron")
    );
    assert_eq!(rig.connection(), Connection::Live);
    assert_eq!(rig.connects(), ["40{\"token\":\"t0ken\"}"]);
}

#[test]
fn it_is_not_live_before_a_snapshot_requested_after_connecting_is_applied() {
    let mut rig = Rig::analysis();
    rig.answers_fetches = false;
    rig.sign_in();
    assert!(matches!(rig.connection(), Connection::CatchingUp { .. }));

    rig.answers_fetches = true;
    rig.answer_fetches();

    assert_eq!(rig.connection(), Connection::Live);
}

#[test]
fn a_snapshot_requested_before_connecting_shows_data_but_does_not_make_it_live() {
    let mut rig = Rig::analysis();
    rig.accepts = false;
    rig.server.list = media_list(&[media("m1", "ANALYZED")]);
    rig.sign_in();

    rig.pass(Duration::from_secs(1));

    assert_eq!(rig.session.list().count(), 1);
    assert!(!rig.connection().is_live(), "{:?}", rig.connection());
}

#[test]
fn a_wrong_password_is_said_and_nothing_is_connected() {
    let mut rig = Rig::analysis();
    rig.server.sign_in = (401, r#"{"message":"Invalid email or password"}"#.to_owned());

    rig.sign_in();

    assert_eq!(
        *rig.session.sign_in(),
        SignIn::Refused(SignInError::Credentials)
    );
    assert_eq!(rig.connection(), Connection::Idle);
    assert!(rig.opened.is_empty());
}

#[test]
fn a_server_that_cannot_be_reached_is_not_a_wrong_password() {
    let mut rig = Rig::analysis();
    rig.is_reachable = false;

    rig.sign_in();

    assert_eq!(
        *rig.session.sign_in(),
        SignIn::Refused(SignInError::Unreachable)
    );
}

#[test]
fn the_answer_to_an_older_try_to_sign_in_signs_nobody_in() {
    let mut rig = Rig::analysis();
    rig.answers_sign_in = false;
    rig.sign_in();
    let older = rig.fetches.pop_front().unwrap();
    rig.command(Command::SignOut);

    rig.answer(older);

    assert_eq!(*rig.session.sign_in(), SignIn::SignedOut);
    assert!(rig.opened.is_empty());
}

#[test]
fn nothing_that_is_written_for_a_programmer_holds_the_password() {
    let command = Command::SignIn {
        name: "ada".to_owned(),
        password: Secret("hush".to_owned()),
    };

    assert!(!format!("{command:?}").contains("hush"));
}

#[test]
fn the_token_is_in_the_connect_packet_and_the_header_and_nowhere_else() {
    let mut rig = Rig::analysis();
    rig.sign_in();

    assert!(rig.opened.iter().all(|(_, url)| !url.contains("t0ken")));
    let mut asked = rig
        .asked
        .iter()
        .filter(|request| request.url.ends_with("/media"));
    assert!(asked.all(|request| !request.url.contains("t0ken")
        && request
            .headers
            .contains(&("Authorization", "Bearer t0ken".to_owned()))));
    assert_eq!(
        rig.sent_text()
            .filter(|text| text.contains("t0ken"))
            .count(),
        1
    );
}

#[test]
fn a_server_that_refuses_while_another_accepts_asks_to_sign_in_again() {
    for (status, body) in [
        (401, r#"{"error":"Invalid credentials"}"#),
        (500, "{}"),
        (0, ""),
    ] {
        let mut rig = Rig::new(TWO_SERVERS);
        rig.server.instead = vec![("/b/api/auth/login", status, body)];

        rig.sign_in();
        rig.pass(Duration::from_secs(20));

        let sources = rig.session.sources();
        assert!(matches!(rig.session.sign_in(), SignIn::SignedIn { .. }));
        assert_eq!(sources[0].connection, Connection::Live);
        assert!(
            matches!(sources[1].connection, Connection::SignInAgain { .. }),
            "{status}: {:?}",
            sources[1].connection
        );
    }
}

#[test]
fn a_wrong_password_in_the_dialog_is_said_although_another_server_is_live() {
    let mut rig = Rig::new(TWO_SERVERS);
    rig.server.instead = vec![("/b/api/auth/login", 401, "{}")];
    rig.sign_in();

    rig.sign_in();
    assert_eq!(
        *rig.session.sign_in(),
        SignIn::Refused(SignInError::Credentials)
    );
    assert_eq!(rig.session.sources()[0].connection, Connection::Live);
    rig.server.instead.clear();
    rig.sign_in();

    assert!(matches!(rig.session.sign_in(), SignIn::SignedIn { .. }));
    assert_eq!(rig.session.sources()[1].connection, Connection::Live);
}

#[test]
fn a_server_that_never_answers_a_sign_in_is_given_up() {
    let mut rig = Rig::analysis();
    rig.server.instead = vec![("/login", 0, "")];
    rig.sign_in();
    assert_eq!(*rig.session.sign_in(), SignIn::Asking);

    rig.pass(Duration::from_secs(11));

    assert_eq!(
        *rig.session.sign_in(),
        SignIn::Refused(SignInError::Unreachable)
    );
}

#[test]
fn signing_in_after_signing_out_is_a_first_connection_and_no_loss() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    rig.command(Command::SignOut);
    rig.accepts = false;

    rig.sign_in();

    assert_eq!(rig.connection(), Connection::Connecting);
    assert_eq!(rig.session.sources()[0].counters.reconnects, 0);
}

#[test]
fn another_person_who_signs_in_again_finds_nothing_of_the_one_before() {
    let mut rig = Rig::new(TWO_SERVERS);
    rig.server.list = media_list(&[media("m1", "ANALYZED")]);
    rig.sign_in();
    let _ = rig.session.begin_upload(Source(0), "ada.mp4", 0, rig.now);
    assert!(!rig.session.toasts().is_empty());
    rig.server.instead = vec![
        ("/a/api/v1/media", 401, "{}"),
        (
            "/a/api/v1/auth/login",
            200,
            r#"{"data":{"user":{"id":"user-bob","firstName":"Bob","lastName":"Dole"},"token":"b0b"}}"#,
        ),
    ];
    rig.command(Command::Open(key("m1")));
    rig.pass(Duration::from_secs(5));
    rig.server.instead.remove(0);
    rig.server.list = media_list(&[]);

    rig.sign_in();

    let sources = rig.session.sources();
    assert_eq!(sources[0].connection, Connection::Live);
    assert!(
        matches!(sources[1].connection, Connection::SignInAgain { .. }),
        "{:?} is still Ada's",
        sources[1].connection
    );
    assert!(
        matches!(rig.session.sign_in(), SignIn::SignedIn { name } if name.as_str() == "Bob Dole")
    );
    assert_eq!(rig.session.list().count(), 0);
    assert!(rig.session.toasts().is_empty() && rig.session.uploads().is_empty());
}

#[test]
fn signing_out_forgets_everything() {
    let mut rig = Rig::analysis();
    rig.server.list = media_list(&[media("m1", "ANALYZED")]);
    rig.sign_in();
    assert_eq!(rig.session.list().count(), 1);

    rig.command(Command::SignOut);

    assert_eq!(*rig.session.sign_in(), SignIn::SignedOut);
    assert_eq!(rig.session.list().count(), 0);
    assert_eq!(rig.session.media(&key("m1"), rig.now), None);
    assert_eq!(rig.connection(), Connection::Idle);
    assert!(rig.is_closed());
}

// ── an analysis ──────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_run_is_watched_to_its_end_and_told_once() {
    let mut rig = Rig::analysis();
    rig.sign_in();

    rig.replay("analysis/good-run.jsonl");

    let media = rig.session.media(&key("med-1"), rig.now).unwrap();
    assert_eq!(media.status, Status::Complete);
    let run = media.run.unwrap();
    assert_eq!(run.percent, 100);
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
    let mut last = (0, 0);

    rig.replay_watching("analysis/good-run.jsonl", |session, _| {
        let Some(summary) = session.summary(&key("med-1")) else {
            return;
        };
        let shown = (summary.run, summary.percent);
        assert!(shown >= last, "{shown:?} after {last:?}");
        last = shown;
    });

    assert_eq!(last.1, 100);
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
                assert!(run.percent <= 100, "{name}");
                assert!(
                    run.completed + run.failed <= run.expected,
                    "{name}: {run:?}"
                );
                if run.status.is_ended() {
                    assert_eq!(run.percent, 100, "{name}");
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

// ── the plug ─────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_lost_connection_is_told_at_once_and_the_data_stay() {
    let mut rig = Rig::analysis();
    rig.server.list = media_list(&[media("m1", "ANALYZED")]);
    rig.sign_in();

    rig.pull_the_plug();

    assert!(matches!(
        rig.connection(),
        Connection::Reconnecting {
            attempt: 1,
            retry_at: Some(_),
            ..
        }
    ));
    assert_eq!(rig.session.list().count(), 1);
}

#[test]
fn the_timer_comes_when_a_loss_has_lasted_long_enough_to_be_told() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    rig.accepts = false;
    rig.pull_the_plug();
    let told = rig.now + GRACE;
    let mut woken = Vec::new();

    while rig.session.poll_timeout().is_some_and(|due| due <= told) {
        rig.now = rig.session.poll_timeout().unwrap();
        woken.push(rig.now);
        rig.input(Input::Timeout);
    }

    assert_eq!(woken.last(), Some(&told));
}

#[test]
fn after_a_reconnect_it_is_live_only_when_the_state_was_fetched_again() {
    let mut rig = Rig::analysis();
    rig.server.list = media_list(&[media("m1", "PROCESSING")]);
    rig.sign_in();
    rig.pull_the_plug();
    rig.answers_fetches = false;
    rig.server.list = media_list(&[media("m1", "ANALYZED"), media("m2", "QUEUED")]);
    rig.pass(Duration::from_secs(5));
    assert!(matches!(rig.connection(), Connection::CatchingUp { .. }));

    rig.answers_fetches = true;
    rig.answer_fetches();

    assert_eq!(rig.connection(), Connection::Live);
    assert_eq!(rig.session.list().count(), 2);
    assert_eq!(rig.session.sources()[0].counters.reconnects, 1);
}

#[test]
fn silence_beyond_the_heartbeat_is_a_lost_connection() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    (rig.pings, rig.accepts) = (false, false);

    // Pings every 25 s and a grace of 10 s: the reference client would wait for 45 s, or 85 s on one of the servers.
    rig.pass(Duration::from_secs(31));
    assert_eq!(rig.connection(), Connection::Live);
    rig.pass(Duration::from_secs(4));

    assert!(rig.connection().is_lost(), "{:?}", rig.connection());
}

#[test]
fn frames_of_a_connection_that_is_no_longer_ours_change_nothing() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    let old = rig.transport();
    rig.pull_the_plug();
    rig.pass(Duration::from_secs(5));

    rig.receive_on(old, &event("media_update", &media("ghost", "ANALYZED")));

    assert_eq!(rig.session.summary(&key("ghost")), None);
}

#[test]
fn a_frame_of_garbage_changes_nothing_but_a_counter() {
    for garbage in [
        "4zzz",
        "42{bad",
        "42[\"progress_update\"",
        "x",
        "",
        "45-[]",
        "42[null]",
    ] {
        let mut rig = Rig::analysis();
        rig.server.list = media_list(&[media("m1", "ANALYZED")]);
        rig.sign_in();
        let before = rig.session.media(&key("m1"), rig.now);

        rig.receive(garbage);
        rig.pass(Duration::from_secs(15));

        let counters = rig.session.sources()[0].counters;
        assert_eq!(counters.protocol_errors, 1, "{garbage}");
        assert_eq!(rig.session.media(&key("m1"), rig.now), before, "{garbage}");
        assert_eq!(rig.connection(), Connection::Live, "{garbage}");
    }
}

#[test]
fn payloads_of_nonsense_are_counted_by_kind_and_change_nothing() {
    let mut rig = Rig::analysis();
    rig.sign_in();

    rig.receive(r#"42["progress_update",{"mediaId":null}]"#);
    rig.receive(r#"42["who_knows",1]"#);
    rig.receive(r#"42["progress_update",{"mediaId":"m9","userId":"somebody-else","event":"ANALYSIS_STARTED"}]"#);

    let counters = rig.session.sources()[0].counters;
    assert_eq!(
        (counters.malformed, counters.unknown, counters.foreign),
        (1, 1, 1)
    );
    assert_eq!(rig.session.list().count(), 0);
    assert_eq!(rig.connection(), Connection::Live);
}

#[test]
fn unknown_events_are_counted_by_name_as_far_as_there_is_room_for_names() {
    for (names, told_apart) in [(63, 63), (64, 64), (65, 64), (1000, 64)] {
        let mut rig = Rig::analysis();
        rig.sign_in();
        for index in 0..names {
            rig.receive(&format!(r#"42["who_knows:{index:04}",1]"#));
        }
        rig.receive(r#"42["who_knows:0000",1]"#);

        let unknown: Vec<_> = rig.session.unknown_events(Source(0)).collect();
        assert_eq!(unknown.len(), told_apart);
        assert_eq!((unknown[0].0.as_str(), unknown[0].1), ("who_knows:0000", 2));
        assert_eq!(rig.session.sources()[0].counters.unknown, names + 1);
    }
}

#[test]
fn a_server_that_poisons_every_connection_is_left_alone() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    rig.poison = Some("4zzz");
    rig.receive("4zzz");
    let opened = rig.opened.len();

    rig.pass(Duration::from_secs(60));

    assert!(
        rig.opened.len() - opened <= 12,
        "{} connections in a minute",
        rig.opened.len() - opened
    );
}

#[test]
fn an_expired_token_asks_to_sign_in_and_keeps_what_is_shown() {
    let mut rig = Rig::analysis();
    rig.server.list = media_list(&[media("m1", "ANALYZED")]);
    rig.sign_in();
    rig.refuses = Some(r#"44{"message":"Authentication error: Invalid token."}"#);
    rig.pull_the_plug();
    rig.pass(Duration::from_secs(5));
    let opened = rig.opened.len();
    rig.pass(Duration::from_secs(600));

    assert!(
        matches!(rig.connection(), Connection::SignInAgain { .. }),
        "{:?}",
        rig.connection()
    );
    assert_eq!(
        rig.opened.len(),
        opened,
        "a refused token is not shown again and again"
    );
    assert_eq!(rig.session.list().count(), 1);
    assert!(rig
        .session
        .toasts()
        .iter()
        .any(|toast| toast.body == Body::SignedOut));

    rig.refuses = None;
    rig.sign_in();
    assert_eq!(rig.connection(), Connection::Live);
    assert!(!rig
        .session
        .toasts()
        .iter()
        .any(|toast| toast.body == Body::SignedOut));
}

#[test]
fn signing_in_again_reaches_servers_whose_token_has_ended_without_their_saying_so() {
    let mut rig = Rig::new(TWO_SERVERS);
    rig.sign_in();
    rig.refuses = Some(r#"44{"message":"Authentication failed"}"#);
    let (first, second) = (rig.opened[0].0, rig.opened[1].0);
    rig.input(Input::Closed(first.0, first.1, Closed::default()));
    rig.pass(Duration::from_secs(5));
    rig.accepts = false;
    rig.input(Input::Closed(second.0, second.1, Closed::default()));
    rig.accepts = true;
    rig.refuses = None;

    rig.sign_in();

    assert!(rig
        .session
        .sources()
        .iter()
        .all(|source| source.connection == Connection::Live));
    assert_eq!(rig.asked_for("/login"), 4);
}

#[test]
fn what_was_being_fetched_when_the_token_ended_is_fetched_again_after_signing_in() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    // Nobody knows the media, so it is asked for; the answer does not come before the token has ended.
    rig.server.instead.push(("/media/med-1", 0, ""));
    rig.receive(r#"42["progress_update",{"mediaId":"med-1","userId":"user-ada","event":"ANALYSIS_QUEUED","message":"","data":{"model_name":"a"},"timestamp":"2031-05-04T09:00:01.000Z"}]"#);
    rig.pass(Duration::from_secs(3));
    assert_eq!(rig.asked_for("/media/med-1"), 1);
    rig.refuses = Some(r#"44{"message":"Authentication error: Invalid token."}"#);
    rig.pull_the_plug();
    rig.pass(Duration::from_secs(5));
    rig.refuses = None;
    rig.server.instead.clear();
    rig.sign_in();
    let before = rig.asked_for("/media/med-1");

    rig.replay("analysis/one-model-fails-for-good.jsonl");
    rig.pass(Duration::from_secs(120));

    assert!(rig.asked_for("/media/med-1") > before);
}

#[test]
fn a_token_that_a_request_finds_expired_is_no_live_connection() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    rig.server.list_status = 401;

    rig.command(Command::Open(key("m1")));
    rig.pass(Duration::from_secs(5));
    rig.pass(Duration::from_secs(360));

    assert!(
        matches!(rig.connection(), Connection::SignInAgain { .. }),
        "{:?}",
        rig.connection()
    );
}

#[test]
fn a_snapshot_that_fails_is_asked_for_again_without_a_storm() {
    let mut rig = Rig::analysis();
    rig.server.list_status = 503;
    rig.sign_in();
    rig.pass(Duration::from_secs(60));

    let asked = rig.asked_for("/media");
    assert!(
        (3..=8).contains(&asked),
        "{asked} requests in the first minute"
    );
    assert!(rig.connection() == Connection::NotFetched);

    rig.server.list_status = 200;
    rig.pass(Duration::from_secs(61));
    assert_eq!(rig.connection(), Connection::Live);
}

#[test]
fn what_ended_while_away_is_one_card_for_two_ends() {
    let mut rig = Rig::analysis();
    rig.server.list = media_list(&[media("m1", "PROCESSING"), media("m2", "PROCESSING")]);
    rig.sign_in();
    rig.pull_the_plug();
    rig.server.list = media_list(&[media("m1", "ANALYZED"), media("m2", "FAILED")]);

    rig.pass(Duration::from_secs(10));

    let away: Vec<_> = (rig.session.toasts().iter())
        .filter(|toast| {
            matches!(
                toast.body,
                Body::Away {
                    finished: 1,
                    failed: 1
                }
            )
        })
        .collect();
    assert_eq!(away.len(), 1, "{:?}", rig.session.toasts());
}

// ── uploads ──────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn an_upload_becomes_the_media_that_the_server_says() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    let (id, request) = rig
        .session
        .begin_upload(Source(0), "walk.mp4", 1000, rig.now)
        .ok()
        .unwrap();
    assert_eq!((request.method, request.file_field), ("POST", "media"));

    rig.input(Input::UploadSent(id, 400));
    assert_eq!(rig.session.uploads()[0].sent, 400);
    let answer = format!(
        r#"{{"statusCode":202,"success":true,"data":{}}}"#,
        json::write(&media("m7", "QUEUED"))
    );
    rig.input(Input::UploadAnswered(id, Ok(ok(202, &answer))));

    assert_eq!(rig.session.uploads()[0].stage, UploadStage::Done(key("m7")));
    assert!(rig.session.list().any(|listed| *listed == key("m7")));
}

#[test]
fn each_way_an_upload_can_fail_is_told_apart() {
    for (bytes, answer, error) in [
        (0, None, UploadError::Empty),
        (9, Some(Err(FetchError::Network)), UploadError::Network),
        (9, Some(Ok(ok(413, "{}"))), UploadError::TooLarge),
        (9, Some(Ok(ok(401, "{}"))), UploadError::SignedOut),
    ] {
        let mut rig = Rig::analysis();
        rig.sign_in();
        let begun = rig
            .session
            .begin_upload(Source(0), "walk.mp4", bytes, rig.now);
        if let (Ok((id, _)), Some(answer)) = (begun, answer) {
            rig.input(Input::UploadAnswered(id, answer));
        }

        assert_eq!(rig.session.uploads()[0].stage, UploadStage::Failed(error));
        let toasts = rig.session.toasts();
        assert!(toasts
            .iter()
            .any(|toast| matches!(toast.subject, Subject::Upload(_))));
    }
}

// ── meetings ─────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_meeting_is_joined_again_on_every_connection() {
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    rig.command(Command::Join(meeting("r1")));
    rig.receive(r#"42["meeting-joined",{"success":true,"meetingId":"r1","participants":["ann"]}]"#);
    assert!(
        rig.session
            .meeting(&meeting("r1"), rig.now)
            .unwrap()
            .is_joined
    );

    rig.pull_the_plug();
    assert!(
        !rig.session
            .meeting(&meeting("r1"), rig.now)
            .unwrap()
            .is_joined
    );
    rig.pass(Duration::from_secs(5));

    assert_eq!(
        rig.sent_text()
            .filter(|text| text.contains("join-meeting"))
            .count(),
        2
    );
    assert_eq!(rig.connection(), Connection::LiveUnverified);
}

#[test]
fn a_meeting_for_which_there_is_no_room_is_not_joined_and_says_so() {
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    for index in 1..=11 {
        rig.command(Command::Join(meeting(&format!("r{index}"))));
    }

    let joins = rig.sent_text().filter(|text| text.contains("join-meeting"));
    assert_eq!(joins.count(), 10);
    let bodies: Vec<_> = rig
        .session
        .toasts()
        .iter()
        .map(|toast| &toast.body)
        .collect();
    let about = About::TooManyMeetings;
    assert_eq!(
        bodies,
        [&Body::Notice {
            about,
            message: None
        }]
    );
}

#[test]
fn signing_out_leaves_every_meeting() {
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    rig.command(Command::Join(meeting("r1")));
    rig.command(Command::Join(meeting("r2")));

    rig.command(Command::SignOut);

    let left = rig
        .sent_text()
        .filter(|text| text.contains("leave-meeting"));
    assert_eq!(left.count(), 2);
}

#[test]
fn who_watches_is_not_among_the_people() {
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    rig.command(Command::Join(meeting("r1")));
    let joined = rig
        .sent_text()
        .find(|text| text.contains("join-meeting"))
        .unwrap();
    let me = joined
        .split("\"userId\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();

    rig.receive(&format!(
        r#"42["meeting-joined",{{"success":true,"meetingId":"r1","participants":["ann","{me}"]}}]"#
    ));

    let view = rig.session.meeting(&meeting("r1"), rig.now).unwrap();
    let people: Vec<_> = view
        .participants
        .iter()
        .map(|person| person.id.as_str())
        .collect();
    assert_eq!(people, ["ann"]);
}

#[test]
fn a_host_is_told_of_an_alert_once_however_often_it_comes() {
    let alert = |who: &str, severity: &str, second: u32| {
        format!(
            r#"42["deepfake-alert",{{"participantId":"{who}","severity":"{severity}","type":"voice_cloning","message":"Possible voice cloning","confidence":0.9,"meetingId":"r1","timestamp":"2026-02-20T10:30:{second:02}.000Z"}}]"#
        )
    };
    let joined = r#"42["meeting-joined",{"success":true,"meetingId":"r1","participants":["ann"]}]"#;
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    rig.command(Command::Join(meeting("r1")));
    rig.receive(joined);
    let told = |rig: &mut Rig| -> Vec<_> {
        let alerts = rig.changes.drain(..);
        let alerts = alerts.filter_map(|change| Alert::of(&change));
        alerts
            .map(|alert| (alert.why, alert.group.severity))
            .collect()
    };

    rig.receive(&alert("ann", "medium", 0));
    assert_eq!(told(&mut rig), [(AlertNews::First, Severity::Medium)]);
    rig.receive(&alert("ann", "medium", 0));
    rig.receive(&alert("ann", "medium", 1));
    rig.receive(&alert("ann", "low", 2));
    assert_eq!(told(&mut rig), []);
    rig.receive(&alert("ann", "high", 3));
    let from = Severity::Medium;
    let raised = (AlertNews::Raised { from }, Severity::High);
    assert_eq!(told(&mut rig), [raised]);
    rig.receive(&alert("ben", "critical", 4));
    assert_eq!(told(&mut rig), [(AlertNews::First, Severity::Critical)]);

    // The server says it all again to whoever comes back.
    rig.pull_the_plug();
    rig.pass(Duration::from_secs(120));
    rig.receive(joined);
    rig.receive(&alert("ann", "medium", 0));
    rig.receive(&alert("ann", "high", 3));
    rig.receive(&alert("ben", "critical", 4));
    assert_eq!(told(&mut rig), []);

    rig.receive(&alert("ann", "high", 5));
    rig.receive(&alert("ann", "high", 6));
    assert_eq!(told(&mut rig), [(AlertNews::Again, Severity::High)]);
}

#[test]
fn a_picture_comes_as_an_attachment_and_its_rate_is_seen() {
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    rig.command(Command::Join(meeting("r1")));
    rig.receive(r#"42["meeting-joined",{"success":true,"meetingId":"r1","participants":["ann"]}]"#);

    for second in 0..10 {
        rig.receive(&format!(
            r#"451-["video-frame",{{"meetingId":"r1","participantId":"ann","timestamp":"2026-02-20T10:30:0{second}.000Z","frame":{{"_placeholder":true,"num":0}}}}]"#
        ));
        let transport = rig.transport();
        let bytes = Frame::Binary(vec![0xff, 0xd8, second]);
        rig.input(Input::Received(transport.0, transport.1, bytes));
        rig.now = rig.now + Duration::from_millis(250);
    }

    let frames = rig.changes.iter().filter_map(|change| match change {
        Change::VideoFrame { frame, .. } => Some(frame.bytes[2]),
        _ => None,
    });
    assert_eq!(frames.collect::<Vec<_>>(), (0..10).collect::<Vec<u8>>());
    let view = rig.session.meeting(&meeting("r1"), rig.now).unwrap();
    let video = view.video.unwrap();
    assert_eq!((video.frames_per_second, video.bytes_per_second), (4.0, 12));
    let newest = rig.session.video_frame(&meeting("r1")).unwrap();
    assert_eq!(*newest.bytes, [0xff, 0xd8, 9]);
}

#[test]
fn an_alert_makes_a_card_that_acknowledging_puts_away() {
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    rig.command(Command::Join(meeting("r1")));
    rig.receive(r#"42["meeting-joined",{"success":true,"meetingId":"r1","participants":["ann"]}]"#);

    rig.receive(
        r#"42["deepfake-alert",{"participantId":"ann","severity":"high","type":"voice_cloning","message":"Possible voice cloning","meetingId":"r1","timestamp":"2026-02-20T10:30:00.000Z"}]"#,
    );
    let card = rig
        .session
        .toasts()
        .iter()
        .find(|toast| matches!(toast.body, Body::Alert(..)))
        .cloned();
    let Some(Subject::Alert { meeting, group }) = card.map(|card| card.subject) else {
        panic!("an alert has a card");
    };
    rig.command(Command::Acknowledge { meeting, group });

    assert!(rig.session.toasts().is_empty());
}

// ── several servers ──────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn servers_do_not_touch_each_other() {
    let mut rig = Rig::new(TWO_SERVERS);
    rig.sign_in();
    let (first, _) = rig.opened[0].clone();

    rig.input(Input::Closed(first.0, first.1, Closed::default()));

    assert!(rig.session.sources()[0].connection.is_lost());
    assert_eq!(rig.session.sources()[1].connection, Connection::Live);
}

#[test]
fn the_cards_of_a_server_that_is_live_are_not_paused_by_the_loss_of_another() {
    let mut rig = Rig::new(TWO_SERVERS);
    rig.server.list = media_list(&[media("m1", "PROCESSING")]);
    rig.sign_in();
    let (_, second) = (rig.opened[0].0, rig.opened[1].0);
    let started = r#"{"mediaId":"m1","userId":"user-ada","event":"ANALYSIS_STARTED","message":"x","data":{"runId":"run-m1","model_name":"siglip","timestamp":"2026-02-20T10:30:02.000Z"},"timestamp":"2026-02-20T10:30:02.000Z"}"#;
    let first = rig.opened[0].0;
    rig.receive_on(
        first,
        &event("progress_update", &json::parse(started).unwrap()),
    );
    let is_running = |rig: &Rig| matches!(rig.session.toasts()[0].body, Body::Running(_));
    assert!(is_running(&rig));

    rig.accepts = false;
    rig.input(Input::Closed(second.0, second.1, Closed::default()));
    rig.pass(Duration::from_secs(5));

    assert!(rig.session.sources()[1].connection.is_lost());
    assert!(is_running(&rig), "{:?}", rig.session.toasts()[0].body);
}

#[test]
fn an_end_is_told_although_the_state_never_comes_after_a_reconnect() {
    let ended = r#"{"mediaId":"m1","userId":"user-ada","event":"ANALYSIS_COMPLETED","message":"x","data":{"runId":"run-m1","model_name":"siglip","prediction":"FAKE","confidence":0.9,"timestamp":"2026-02-20T10:31:02.000Z"},"timestamp":"2026-02-20T10:31:02.000Z"}"#;
    let mut rig = Rig::analysis();
    rig.server.models = Some(1);
    rig.server.list = media_list(&[media("m1", "PROCESSING")]);
    rig.sign_in();
    rig.server.list_status = 500;
    rig.pull_the_plug();
    rig.pass(Duration::from_secs(5));
    assert!(matches!(
        rig.connection(),
        Connection::CatchingUp { .. } | Connection::NotFetched
    ));

    rig.receive(&event("progress_update", &json::parse(ended).unwrap()));
    rig.pass(Duration::from_secs(20));

    assert_eq!(rig.ends(), 1, "{:?}", rig.session.toasts());
}

#[test]
fn a_list_that_cannot_be_fetched_is_said_and_is_not_live() {
    let mut rig = Rig::analysis();
    rig.server.list_status = 500;
    rig.sign_in();
    rig.pass(Duration::from_secs(5));
    assert_eq!(rig.connection(), Connection::NotFetched);

    rig.server.list_status = 200;
    rig.pass(Duration::from_secs(60));

    assert_eq!(rig.connection(), Connection::Live);
}

#[test]
fn after_the_device_slept_nothing_is_live_before_it_was_fetched_again() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    rig.answers_fetches = false;

    rig.input(Input::Page(Page::Woke));
    rig.pass(Duration::from_secs(1));
    assert!(matches!(rig.connection(), Connection::CatchingUp { .. }));
    rig.pass(Duration::from_secs(2));
    rig.answers_fetches = true;
    rig.answer_fetches();

    assert_eq!(rig.connection(), Connection::Live);
    assert_eq!(rig.session.sources()[0].counters.reconnects, 0);
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
        Body::Notice { about: About::AnalyzeAgain(Some(name)), .. } if name.as_str() == "m1.mp4"
    ));
}

#[test]
fn a_failed_upload_is_spoken_of_and_says_whose_fault_it_is() {
    let mut rig = Rig::analysis();
    rig.sign_in();

    assert!(rig
        .session
        .begin_upload(Source(0), "empty.wav", 0, rig.now)
        .is_err());
    rig.input(Input::Timeout);
    rig.pass(Duration::from_secs(1));

    assert!(matches!(
        &rig.session.toasts()[0].body,
        Body::UploadFailed {
            fault: UploadFault::Empty,
            ..
        }
    ));
    assert!(rig.session.spoken().0.is_some());
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
fn a_request_that_takes_too_long_is_aborted() {
    let mut rig = Rig::analysis();
    rig.server.instead = vec![("/api/v1/media", 0, "")];
    rig.answers_fetches = false;
    rig.sign_in();

    rig.pass(Duration::from_secs(300));

    assert!(rig.fetches.len() <= 2, "{:?}", rig.fetches);
}

#[test]
fn on_a_meetings_own_page_only_alerts_that_ask_to_act_are_cards() {
    let alert = |severity: &str| {
        format!(
            r#"42["deepfake-alert",{{"meetingId":"r1","alert":{{"severity":"{severity}","type":"{severity}","message":"Look"}},"timestamp":"2026-02-20T10:30:00.000Z"}}]"#
        )
    };
    for (shown, cards) in [
        (None, 3),
        (Some(meeting("r2")), 3),
        (Some(meeting("r1")), 1),
    ] {
        let mut rig = Rig::of("meeting");
        rig.input(Input::Start);
        rig.command(Command::Join(meeting("r1")));
        rig.command(Command::ShowMeeting(shown));
        for severity in ["low", "medium", "high"] {
            rig.receive(&alert(severity));
        }

        assert_eq!(
            rig.session.toasts().len(),
            cards,
            "{:?}",
            rig.session.toasts()
        );
        let view = rig.session.meeting(&meeting("r1"), rig.now).unwrap();
        assert_eq!(view.alerts.len(), 3);
    }
}

#[test]
fn nothing_that_is_made_or_answered_writes_a_secret_for_a_programmer() {
    let mut rig = Rig::analysis();
    rig.answers_sign_in = false;
    rig.sign_in();
    let request = rig.asked.last().unwrap();
    assert!(
        request.body.as_ref().unwrap().contains("analysis"),
        "the password goes along"
    );

    let answer = ok(200, r#"{"token":"t0ken"}"#);
    let written = format!(
        "{request:?} {answer:?} {:?}",
        Input::Answered(Ticket::SignIn(Source(0), 1), Ok(answer.clone()))
    );

    assert!(
        !written.contains("password") && !written.contains("t0ken"),
        "{written}"
    );
}

// ── what is fetched ──────────────────────────────────────────────────────────────────────────────────────────────────

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
fn a_server_that_keeps_its_monitoring_to_itself_is_not_asked_again() {
    let mut rig = Rig::analysis();
    rig.server.list = media_list(&[media("m1", "PROCESSING")]);

    rig.sign_in();
    rig.pass(Duration::from_secs(600));

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
