//! Connections that are lost, refused, poisoned or asleep, and when what is shown counts as live again.

use crate::rig::{event, key, media, media_list, Rig, TWO_SOCKETS};
use std::time::Duration;
use telltale::domain::{Source, Text};
use telltale::json;
use telltale::protocol::{Closed, Page};
use telltale::session::state::{Command, Connection, SourceState, GRACE};
use telltale::session::Input;
use telltale::toast::activity::What;
use telltale::toast::{Body, Saying, Spoken, Subject};

/// A server that is not polled: what cannot be opened is not reached.
const ONE_SOCKET: &str =
    r#"{"servers":[{"kind":"analysis","url":"/x","transports":["websocket"]}]}"#;

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
    assert_eq!(
        rig.connection(),
        Connection::NotFetched {
            message: None,
            retry_at: None
        }
    );

    rig.server.list_status = 200;
    rig.pass(Duration::from_secs(61));
    assert_eq!(rig.connection(), Connection::Live);
}

#[test]
fn the_silence_of_a_run_whose_server_is_away_is_not_the_runs() {
    for (heard_for, loss) in [
        (1, "network"),
        (1, "refusal"),
        (1, "401"),
        (120, "network"),
        (120, "refusal"),
        (120, "401"),
    ] {
        let mut rig = Rig::analysis();
        rig.server.models = Some(1);
        rig.server.list = media_list(&[media("m1", "PROCESSING")]);
        rig.sign_in();
        let said = r#"{"mediaId":"m1","userId":"user-ada","event":"FRAME_ANALYSIS_PROGRESS","message":"x","data":{"runId":"run-m1","model_name":"siglip","progress":10,"total":100,"timestamp":"2026-02-20T10:31:02.000Z"},"timestamp":"2026-02-20T10:31:02.000Z"}"#;
        rig.receive(&event("progress_update", &json::parse(said).unwrap()));
        rig.pass(Duration::from_secs(heard_for));
        let card = |rig: &Rig| {
            let mut cards = rig.session.toasts().iter();
            let it = cards.find(|toast| toast.subject == Subject::Media(key("m1")));
            it.map(|toast| toast.body.clone())
        };
        assert!(matches!(card(&rig), Some(Body::Running(_))));

        rig.accepts = loss != "network";
        match loss {
            "401" => rig.server.list_status = 401,
            _ => {
                rig.refuses = rig.accepts.then_some(r#"44{"message":"Invalid token"}"#);
                rig.pull_the_plug();
            }
        }
        for _ in 0..300 {
            rig.pass(Duration::from_secs(1));
            let is_live = rig.connection() == Connection::Live;
            let is_paused = matches!(card(&rig), Some(Body::Paused(_)));
            assert!(
                is_live || is_paused,
                "{loss} after {heard_for} s: {:?}",
                card(&rig)
            );
        }
        assert_ne!(rig.connection(), Connection::Live);
    }
}

#[test]
fn what_ended_while_away_is_one_card_for_two_ends() {
    let rig = Rig::after_two_ends_away();

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
        Connection::CatchingUp { .. }
            | Connection::NotFetched {
                message: None,
                retry_at: None
            }
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
    assert_eq!(
        rig.connection(),
        Connection::NotFetched {
            message: None,
            retry_at: None
        }
    );

    rig.server.list_status = 200;
    rig.pass(Duration::from_secs(60));

    assert_eq!(rig.connection(), Connection::Live);
}

/// Some time after it became live the list fails with this status, so often in a row.
fn live_until_its_list_fails(status: u16, times: usize) -> Rig {
    let mut rig = Rig::analysis();
    rig.sign_in();
    assert_eq!(rig.connection(), Connection::Live);
    rig.server.list_status = status;
    for _ in 0..400 {
        if rig.asked_for("/media") > times {
            break;
        }
        rig.pass(Duration::from_secs(1));
    }
    assert_eq!(rig.asked_for("/media"), 1 + times);
    rig
}

#[test]
fn what_can_be_compared_with_the_server_no_longer_is_not_called_live() {
    let rig = live_until_its_list_fails(500, 1);
    assert_eq!(
        rig.connection(),
        Connection::Live,
        "once may be an accident"
    );

    let mut rig = live_until_its_list_fails(500, 2);
    let not_fetched = Connection::NotFetched {
        message: None,
        retry_at: None,
    };
    assert_eq!(rig.connection(), not_fetched);
    rig.server.list_status = 200;
    rig.pass(Duration::from_secs(30));
    assert_eq!(rig.connection(), Connection::Live);
}

#[test]
fn a_server_that_is_live_and_wants_to_be_left_alone_for_long_is_not_called_live() {
    for (seconds, is_live) in [(60, true), (61, false), (900, false)] {
        let mut rig = Rig::analysis();
        rig.sign_in();
        rig.server.retry_after = Some(Duration::from_secs(seconds));
        rig.server.instead = vec![("/media", 429, r#"{"message":"Too many requests"}"#)];
        for _ in 0..400 {
            if rig.asked_for("/media") > 1 {
                break;
            }
            rig.pass(Duration::from_secs(1));
        }

        assert_eq!(rig.connection() == Connection::Live, is_live, "{seconds} s");
    }
}

#[test]
fn a_server_that_wants_to_be_left_alone_is_whatever_happens_here() {
    let wait = Duration::from_secs(900);
    let mut rig = Rig::analysis();
    rig.server.retry_after = Some(wait);
    rig.server.instead = vec![("/media", 429, r#"{"message":"Too many requests"}"#)];
    rig.sign_in();
    let asked = rig.asked_for("/media");
    assert_eq!(asked, 1);
    let since = rig.times_of("/media")[0];

    for _ in 0..80 {
        rig.pull_the_plug();
        rig.pass(Duration::from_secs(5));
        rig.command(Command::RetryNow);
        rig.command(Command::Open(key("m1")));
        rig.pass(Duration::from_secs(6));
        assert_eq!(
            rig.connection(),
            Connection::NotFetched {
                message: Text::message("Too many requests"),
                retry_at: Some(since + wait),
            }
        );
    }
    let is_media = |url: &str| url.contains("/media");
    let urls = rig.asked.iter().map(|request| request.url.as_str());
    assert_eq!(urls.filter(|url| is_media(url)).count(), 1);
    (rig.server.instead, rig.server.retry_after) = (Vec::new(), None);
    rig.pass(wait);

    assert_eq!(rig.connection(), Connection::Live);
    let next = rig.times_of("/media")[1];
    assert_eq!(next.saturating_since(since), wait);
}

#[test]
fn what_a_server_says_instead_of_its_state_is_kept_until_it_answers() {
    let said = |rig: &Rig| match rig.connection() {
        Connection::NotFetched { message, .. } => message.map(|message| message.to_string()),
        other => Some(format!("{other:?}")),
    };
    let mut rig = Rig::analysis();
    rig.server.list_status = 403;
    rig.server.item = Some((
        403,
        r#"{"message":"This one is not yours\nat x.js:1"}"#.to_owned(),
    ));
    let list = std::mem::replace(
        &mut rig.server.list,
        r#"{"message":"Only for reviewers"}"#.to_owned(),
    );
    rig.sign_in();
    rig.command(Command::Open(key("m1")));
    rig.pass(Duration::from_secs(5));

    assert_eq!(said(&rig).as_deref(), Some("Only for reviewers"));
    let unanswered = &rig.session.sources()[0].unanswered;
    let words = unanswered[0].message.as_ref().map(Text::as_str);
    assert_eq!(words, Some("This one is not yours"));

    rig.is_reachable = false;
    rig.pass(Duration::from_secs(60));
    assert_eq!(said(&rig), None, "the last time it said nothing");

    (rig.is_reachable, rig.server.list_status, rig.server.list) = (true, 200, list);
    rig.pass(Duration::from_secs(90));
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
fn a_request_that_takes_too_long_is_aborted() {
    let mut rig = Rig::analysis();
    rig.server.instead = vec![("/api/v1/media", 0, "")];
    rig.answers_fetches = false;
    rig.sign_in();

    rig.pass(Duration::from_secs(300));

    assert!(rig.fetches.len() <= 2, "{:?}", rig.fetches);
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

/// What a server that has the media's own address has not answered, as `(id, whether it failed)`.
fn unanswered(rig: &Rig) -> Vec<(String, bool)> {
    let sources = rig.session.sources();
    let unanswered = sources[0].unanswered.iter();
    unanswered
        .map(|it| (it.media.as_str().to_owned(), it.has_failed))
        .collect()
}

#[test]
fn that_nothing_is_known_of_an_open_media_is_settled_only_by_an_answer_for_it_on_this_connection() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    assert_eq!(rig.connection(), Connection::Live);
    let asked = |has_failed| vec![("gone".to_owned(), has_failed)];

    rig.server.instead = vec![("/media/gone", 0, "")];
    rig.command(Command::Open(key("gone")));
    assert_eq!(
        unanswered(&rig),
        asked(false),
        "it is live, but of the list"
    );
    rig.pass(Duration::from_secs(20));
    assert_eq!(unanswered(&rig), asked(true));

    rig.server.instead = vec![("/media/gone", 404, "<html>")];
    rig.pass(Duration::from_secs(60));
    assert_eq!(unanswered(&rig), asked(true), "no server's answer");

    rig.server.instead = vec![("/media/gone", 404, "{}")];
    rig.pass(Duration::from_secs(60));
    assert_eq!(unanswered(&rig), []);

    rig.server.instead = vec![("/media/gone", 0, "")];
    rig.pull_the_plug();
    rig.pass(Duration::from_secs(5));
    assert_eq!(rig.connection(), Connection::Live);
    assert_eq!(
        unanswered(&rig),
        asked(false),
        "what was so before is not now"
    );

    rig.command(Command::Close(key("gone")));
    assert_eq!(unanswered(&rig), []);
}

fn spoken(rig: &Rig) -> Option<Spoken> {
    rig.session.spoken().0.cloned()
}

#[test]
fn a_connection_lost_again_while_catching_up_is_not_told_as_reconnected() {
    let mut rig = Rig::new(ONE_SOCKET);
    rig.server.list = media_list(&[media("m1", "PROCESSING")]);
    rig.sign_in();
    rig.pass(Duration::from_secs(30));
    rig.accepts = false;
    rig.pull_the_plug();
    rig.pass(Duration::from_secs(4));
    assert_eq!(spoken(&rig), Some(Spoken::One(Saying::ConnectionLost)));

    rig.answers_fetches = false;
    rig.accepts = true;
    rig.pass(Duration::from_secs(8));
    assert!(
        matches!(rig.connection(), Connection::CatchingUp { .. }),
        "{:?}",
        rig.connection()
    );
    rig.accepts = false;
    rig.pull_the_plug();
    assert!(rig.connection().is_lost());
    rig.pass(Duration::from_secs(40));

    assert!(rig.connection().is_lost());
    assert_eq!(spoken(&rig), Some(Spoken::One(Saying::ConnectionLost)));
}

#[test]
fn a_connection_that_is_back_is_not_told_as_reconnected_while_its_state_cannot_be_fetched() {
    let mut rig = Rig::new(ONE_SOCKET);
    rig.sign_in();
    rig.pass(Duration::from_secs(30));
    rig.accepts = false;
    rig.pull_the_plug();
    rig.pass(Duration::from_secs(4));
    assert_eq!(spoken(&rig), Some(Spoken::One(Saying::ConnectionLost)));

    rig.server.list_status = 500;
    rig.accepts = true;
    for _ in 0..12 {
        rig.pass(Duration::from_secs(10));
        let said = spoken(&rig);
        let reconnected = matches!(said, Some(Spoken::One(Saying::Reconnected { .. })));
        assert!(!reconnected, "{:?}: {said:?}", rig.connection());
    }
    let last = rig.session.activity().entries().next_back().unwrap();
    assert_eq!(last.what, What::Said(Saying::NotLive));

    rig.server.list_status = 200;
    let said = (0..7).filter_map(|_| {
        rig.pass(Duration::from_secs(10));
        spoken(&rig)
    });
    let said: Vec<_> = said.collect();
    assert_eq!(said.last(), Some(&Spoken::One(Saying::Live)));
    assert_eq!(rig.connection(), Connection::Live);
}

#[test]
fn what_is_no_longer_live_is_spoken_and_what_is_again() {
    let mut rig = live_until_its_list_fails(500, 2);
    rig.pass(Duration::from_secs(3));
    assert_eq!(spoken(&rig), Some(Spoken::One(Saying::NotLive)));

    rig.server.list_status = 200;
    rig.pass(Duration::from_secs(30));
    assert_eq!(spoken(&rig), Some(Spoken::One(Saying::Live)));
}

#[test]
fn what_never_was_live_is_spoken_and_that_it_is() {
    for (accepts, status) in [(false, 200), (true, 500)] {
        let mut rig = Rig::new(ONE_SOCKET);
        rig.accepts = accepts;
        rig.server.list_status = status;
        rig.sign_in();
        rig.pass(Duration::from_secs(30));
        assert_eq!(
            spoken(&rig),
            Some(Spoken::One(Saying::NotLive)),
            "{:?}",
            rig.connection()
        );

        rig.accepts = true;
        rig.server.list_status = 200;
        rig.pass(Duration::from_secs(40));
        assert_eq!(spoken(&rig), Some(Spoken::One(Saying::Live)));
    }
}

#[test]
fn a_first_connection_that_is_live_at_once_is_not_worth_a_word() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    rig.pass(Duration::from_secs(30));

    assert_eq!(rig.connection(), Connection::Live);
    assert_eq!(rig.session.activity().entries().count(), 0);
}

#[test]
fn whoever_heard_of_a_loss_hears_what_is_left_of_it() {
    let mut rig = Rig::new(TWO_SOCKETS);
    rig.sign_in();
    rig.server.list_status = 500;
    rig.pass(Duration::from_secs(900));
    let behind = |state: &SourceState| state.connection.is_behind();
    assert!(rig.session.sources().iter().all(behind));
    rig.accepts = false;
    let (source, id) = rig.transport_of(Source(1));
    rig.input(Input::Closed(source, id, Closed::default()));
    rig.pass(Duration::from_secs(4));
    assert_eq!(spoken(&rig), Some(Spoken::One(Saying::ConnectionLost)));

    rig.accepts = true;
    rig.pass(Duration::from_secs(40));
    let sources = rig.session.sources();
    assert!(
        sources.iter().all(|source| !source.connection.is_lost()),
        "{sources:?}"
    );
    assert_eq!(spoken(&rig), Some(Spoken::One(Saying::NotLive)));
}

#[test]
fn a_server_that_is_back_does_not_say_reconnected_for_one_that_is_not() {
    let mut rig = Rig::new(TWO_SOCKETS);
    rig.sign_in();
    rig.pass(Duration::from_secs(30));
    rig.accepts = false;
    for source in [Source(0), Source(1)] {
        let (source, id) = rig.transport_of(source);
        rig.input(Input::Closed(source, id, Closed::default()));
    }
    rig.pass(Duration::from_secs(4));
    assert_eq!(spoken(&rig), Some(Spoken::One(Saying::ConnectionLost)));

    // The first one only comes back.
    for _ in 0..50 {
        rig.pass(Duration::from_secs(1));
        let transport = rig.transport_of(Source(0));
        if !rig.closed.contains(&transport) && rig.session.sources()[0].connection.is_lost() {
            rig.accepts = true;
            rig.greet(transport);
            rig.accepts = false;
        }
    }
    let sources = rig.session.sources();
    assert_eq!(sources[0].connection, Connection::Live);
    assert!(sources[1].connection.is_lost());
    assert_eq!(spoken(&rig), Some(Spoken::One(Saying::ConnectionLost)));

    rig.accepts = true;
    rig.pass(Duration::from_secs(40));
    assert!(matches!(
        spoken(&rig),
        Some(Spoken::One(Saying::Reconnected { .. }))
    ));
}

#[test]
fn a_server_without_a_list_is_not_called_live_while_what_was_asked_for_fails() {
    let started =
        r#"{"interviewId":"itv-1","status":"processing","timestamp":"2031-05-04T09:00:01.000Z"}"#;
    let mut rig = Rig::of("interview");
    rig.server.item = Some((
        200,
        r#"{"data":{"interviewId":"itv-1","status":"completed","mediaAnalysis":{"isCompleted":false}}}"#.to_owned(),
    ));
    rig.sign_in();
    rig.receive(&event("analysis:started", &json::parse(started).unwrap()));
    rig.pass(Duration::from_secs(5));
    assert_eq!(rig.connection(), Connection::LiveUnverified);

    rig.server.instead = vec![("/", 500, "{}")];
    rig.pull_the_plug();
    rig.pass(Duration::from_secs(60));
    let not_fetched = Connection::NotFetched {
        message: None,
        retry_at: None,
    };
    assert_eq!(rig.connection(), not_fetched);

    rig.server.instead = Vec::new();
    rig.pass(Duration::from_secs(120));
    assert_eq!(rig.connection(), Connection::LiveUnverified);
}
