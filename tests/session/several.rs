//! Four servers on one page: two that analyse media, a library and one with meetings.

use std::time::Duration;

use telltale::domain::view::Status;
use telltale::domain::{MediaId, MediaKey, MeetingId, MeetingKey, Source};
use telltale::json;
use telltale::protocol::Closed;
use telltale::session::state::{Command, Connection, Secret, SignIn};
use telltale::session::{Config, Input};
use telltale::toast::Body;

use crate::rig::{event, media, media_list, Rig, TWO_SERVERS};

const FOUR: &str = r#"{"servers":[
    {"kind":"analysis","name":"First","url":"/a","path":"/a/socket.io/"},
    {"kind":"analysis","name":"Second","url":"/b","path":"/b/socket.io/"},
    {"kind":"library","url":"/c","path":"/c/socket.io/"},
    {"kind":"meeting","url":"/d","path":"/d/socket.io/"}
]}"#;

const FIRST: Source = Source(0);
const SECOND: Source = Source(1);
const LIBRARY: Source = Source(2);
const MEETING: Source = Source(3);

#[test]
fn each_server_has_one_connection_and_is_signed_in_to_only_where_it_asks_for_it() {
    let rig = four();

    let paths: Vec<_> = rig
        .opened
        .iter()
        .map(|(_, url)| url.split('?').next().unwrap())
        .collect();
    let mut sorted = paths.clone();
    sorted.sort_unstable();
    let expected =
        ["a", "b", "c", "d"].map(|path| format!("ws://127.0.0.1:4173/{path}/socket.io/"));
    assert_eq!(sorted, expected);
    for base in [
        "/a/api/v1/auth/login",
        "/b/api/v1/auth/login",
        "/c/api/auth/login",
    ] {
        assert_eq!(rig.asked_for(base), 1, "{base}");
    }
    assert_eq!(rig.asked_for("login"), 3);
    let connects: Vec<_> = rig.connects();
    assert_eq!(
        connects
            .iter()
            .filter(|text| text.contains("t0ken"))
            .count(),
        3
    );
    assert_eq!(
        states(&rig),
        [
            Connection::Live,
            Connection::Live,
            Connection::Live,
            Connection::LiveUnverified
        ]
    );
}

#[test]
fn what_one_server_says_of_a_media_leaves_the_same_id_of_another_alone() {
    let mut rig = four();
    rig.command(Command::Join(room()));
    let others = |rig: &Rig| {
        let media = [SECOND, LIBRARY].map(|source| rig.session.media(&m1(source), rig.now));
        (media, rig.session.meeting(&room(), rig.now))
    };
    let before = others(&rig);
    assert_eq!(before.0[0].as_ref().unwrap().status, Status::Running);

    for (name, payload) in [
        ("progress_update", COMPLETED),
        (
            "analysis_failed",
            r#"{"mediaId":"m1","runId":"run-m1","modelName":"other"}"#,
        ),
        // Other servers' words mean nothing here.
        ("video:processed", r#"{"videoId":"m1"}"#),
        ("analysis:failed:m1", r#"{"error":"no"}"#),
        ("deepfake-alert", r#"{"meetingId":"r","severity":"high"}"#),
    ] {
        let transport = rig.transport_of(FIRST);
        rig.receive_on(transport, &event(name, &json::parse(payload).unwrap()));
    }

    assert_eq!(others(&rig), before);
    let first = rig.session.media(&m1(FIRST), rig.now).unwrap().run.unwrap();
    assert_eq!((first.completed, first.models.len()), (1, 2));
    let sources = rig.session.sources();
    let unknown = sources.iter().map(|state| state.counters.unknown);
    assert_eq!(unknown.collect::<Vec<_>>(), [3, 0, 0, 0]);
}

#[test]
fn the_loss_of_each_server_is_its_own() {
    for lost in [FIRST, SECOND, LIBRARY, MEETING] {
        let mut rig = four();
        let transport = rig.transport_of(lost);
        rig.accepts = false;

        rig.input(Input::Closed(transport.0, transport.1, Closed::default()));
        rig.pass(Duration::from_secs(5));

        for state in rig.session.sources() {
            assert_eq!(
                state.connection.is_lost(),
                state.source == lost,
                "{lost:?} {state:?}"
            );
        }
        assert_eq!(rig.session.list().count(), 2);
    }
}

#[test]
fn a_server_that_refuses_the_token_keeps_its_data_and_takes_none_of_the_others() {
    let mut rig = four();
    rig.server.instead = vec![("/b/api/v1/media", 401, "{}")];

    rig.command(Command::Open(m1(SECOND)));
    rig.pass(Duration::from_secs(10));

    let states = states(&rig);
    assert!(
        matches!(states[1], Connection::SignInAgain { .. }),
        "{states:?}"
    );
    assert_eq!(states[0], Connection::Live);
    assert_eq!(states[2..], [Connection::Live, Connection::LiveUnverified]);
    assert!(matches!(rig.session.sign_in(), SignIn::SignedIn { .. }));
    assert!(rig.session.media(&m1(SECOND), rig.now).is_some());

    rig.server.instead.clear();
    rig.sign_in();
    assert_eq!(rig.asked_for("login"), 4, "only where it is needed");
    assert_eq!(self::states(&rig)[1], Connection::Live);
}

#[test]
fn requests_go_to_the_server_they_are_for_and_a_flood_of_one_delays_no_other() {
    let mut rig = four();
    rig.server.item = Some((404, "{}".to_owned()));
    for second in 0..120 {
        let unknown = COMPLETED.replace("\"m1\"", &format!("\"new-{second}\""));
        let transport = rig.transport_of(FIRST);
        rig.receive_on(
            transport,
            &event("progress_update", &json::parse(&unknown).unwrap()),
        );
        rig.pass(Duration::from_secs(1));
    }
    let before = rig.asked.len();

    rig.command(Command::Open(m1(SECOND)));

    let asked: Vec<_> = rig.asked[before..]
        .iter()
        .map(|request| request.url.as_str())
        .collect();
    assert_eq!(asked, ["http://127.0.0.1:4173/b/api/v1/media/m1"]);
    assert!(
        rig.asked.iter().all(|request| !request.url.contains("/d/")),
        "it keeps no list"
    );
}

#[test]
fn signing_out_leaves_every_server() {
    let mut rig = four();
    rig.command(Command::Join(room()));

    rig.command(Command::SignOut);

    assert_eq!(rig.session.list().count(), 0);
    assert!(states(&rig).iter().all(|state| *state == Connection::Idle));
    assert!(rig.is_closed());
    assert_eq!(rig.session.meeting(&room(), rig.now), None);
}

#[test]
fn a_meeting_stays_open_while_the_host_changes_the_token_and_not_over_a_sign_out() {
    let mut rig = four();
    let token = |token: Option<&str>| {
        Command::Token(Source(0), token.map(|token| Secret(token.to_owned())))
    };
    let joins = |rig: &Rig| {
        let sent = rig.sent_text();
        sent.filter(|text| text.contains("join-meeting")).count()
    };
    rig.command(Command::Join(room()));
    rig.command(token(None));
    rig.pass(Duration::from_secs(60));
    assert_eq!(joins(&rig), 1);
    assert_eq!(rig.session.meeting(&room(), rig.now), None);

    rig.command(token(Some("next")));
    rig.pass(Duration::from_secs(5));
    assert_eq!(joins(&rig), 2);
    assert!(rig.session.meeting(&room(), rig.now).is_some());

    rig.command(Command::SignOut);
    rig.sign_in();
    assert_eq!(joins(&rig), 2);
    assert_eq!(rig.session.meeting(&room(), rig.now), None);
}

#[test]
fn a_page_has_at_most_eight_servers() {
    for (count, is_taken) in [(7, true), (8, true), (9, false)] {
        let servers = (0..count)
            .map(|index| format!(r#"{{"kind":"meeting","name":"s{index}","url":"/{index}"}}"#));
        let config = format!(
            r#"{{"servers":[{}]}}"#,
            servers.collect::<Vec<_>>().join(",")
        );

        assert_eq!(
            Config::parse(&config, "http://127.0.0.1:1").is_ok(),
            is_taken,
            "{count}"
        );
    }
}

const COMPLETED: &str = r#"{"mediaId":"m1","userId":"user-ada","event":"ANALYSIS_COMPLETED","message":"x","data":{"runId":"run-m1","model_name":"siglip","prediction":"FAKE","confidence":0.9,"timestamp":"2026-02-20T10:31:02.000Z"},"timestamp":"2026-02-20T10:31:02.000Z"}"#;

/// All are signed in to, and both that analyse have a media of the same id.
fn four() -> Rig {
    let mut rig = Rig::new(FOUR);
    rig.server.models = Some(2);
    rig.server.list = media_list(&[media("m1", "PROCESSING")]);
    rig.sign_in();
    rig
}

fn states(rig: &Rig) -> Vec<Connection> {
    let sources = rig.session.sources();
    sources.into_iter().map(|state| state.connection).collect()
}

fn m1(source: Source) -> MediaKey {
    let id = MediaId::new("m1").unwrap();
    MediaKey { source, id }
}

fn room() -> MeetingKey {
    let id = MeetingId::new("r").unwrap();
    MeetingKey {
        source: MEETING,
        id,
    }
}

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
fn a_meeting_server_beside_one_that_a_host_gives_a_token_for_is_connected() {
    let mut rig =
        Rig::new(r#"{"servers":[{"kind":"analysis","url":"/a"},{"kind":"meeting","url":"/d"}]}"#);
    rig.input(Input::Start);
    rig.command(Command::Token(Source(0), Some(Secret("t".to_owned()))));
    rig.pass(Duration::from_secs(60));

    assert_eq!(rig.session.sources()[0].connection, Connection::Live);
    assert_eq!(
        rig.session.sources()[1].connection,
        Connection::LiveUnverified
    );
}
