//! Another person, or another token: what was asked for, said and heard before is nothing of theirs.

use std::time::Duration;

use telltale::domain::{MediaId, MediaKey, MeetingId, MeetingKey, Source};
use telltale::protocol::{Closed, Page};
use telltale::session::state::{Command, Connection, Secret};
use telltale::session::{Input, Ticket};

use crate::rig::{key, ok, Rig, TWO_SOCKETS};

const LIBRARY: Source = Source(1);

const BOB: &str =
    r#"{"data":{"user":{"id":"user-bob","firstName":"Bob","lastName":"Dole"},"token":"b0b"}}"#;
const BOB_THERE: &str = r#"{"token":"b0b","user":{"id":"user-bob","name":"Bob Dole"}}"#;
const VIDEO: &str = r#"{"success":true,"data":[],"videos":[{"_id":"v1","title":"Adas video","status":"processing","updatedAt":"2026-02-20T10:30:00.000Z"}],"pagination":{"page":1,"pages":1,"total":1}}"#;

/// The library is away for a moment, and the token of the other server ends.
fn lose_library_and_token(rig: &mut Rig) {
    rig.accepts = false;
    let (source, id) = rig.transport_of(LIBRARY);
    rig.input(Input::Closed(source, id, Closed::default()));
    end_token(rig);
}

/// The first server takes the token no more.
fn end_token(rig: &mut Rig) {
    rig.server.instead.push(("/a/api/v1/media", 401, "{}"));
    rig.command(Command::Open(key("m1")));
    rig.pass(Duration::from_secs(5));
    rig.server.instead.pop();
    let connection = rig.session.sources()[0].connection.clone();
    assert!(matches!(connection, Connection::SignInAgain { .. }));
}

/// Bob signs in where Ada was; the library answers him so.
fn bob_signs_in(rig: &mut Rig, status: u16, library: &'static str) {
    rig.server.instead.push(("/a/api/v1/auth/login", 200, BOB));
    rig.server
        .instead
        .push(("/b/api/auth/login", status, library));
    rig.accepts = true;
    rig.sent.clear();
    rig.sign_in();
    rig.pass(Duration::from_secs(120));
    assert_eq!(rig.session.sources()[0].connection, Connection::Live);
}

#[test]
fn a_server_that_turns_another_person_away_shows_nothing_of_the_one_before() {
    let mut rig = Rig::new(TWO_SOCKETS);
    rig.server.instead = vec![("/api/videos", 200, VIDEO)];
    rig.sign_in();
    let video = MediaKey {
        source: LIBRARY,
        id: MediaId::new("v1").unwrap(),
    };
    assert!(rig.session.media(&video, rig.now).is_some());
    lose_library_and_token(&mut rig);

    bob_signs_in(&mut rig, 401, "{}");

    assert_eq!(rig.session.media(&video, rig.now), None);
}

#[test]
fn a_server_that_turns_another_person_away_is_not_connected_with_the_token_of_the_one_before() {
    let mut rig = Rig::new(TWO_SOCKETS);
    rig.sign_in();
    lose_library_and_token(&mut rig);
    let before = rig.opened.len();

    bob_signs_in(&mut rig, 401, "{}");

    let mut opened = rig.opened[before..].iter();
    assert!(
        opened.all(|((source, _), _)| *source != LIBRARY),
        "{:?}",
        rig.connects()
    );
}

#[test]
fn a_server_that_is_not_fetched_is_connected_to_again_for_another_person() {
    let mut rig = Rig::new(TWO_SOCKETS);
    rig.sign_in();
    rig.server.instead.push(("/api/videos", 503, "{}"));
    rig.pass(Duration::from_secs(1));
    rig.input(Input::Page(Page::Woke));
    rig.pass(Duration::from_secs(5));
    let not_fetched = Connection::NotFetched {
        message: None,
        retry_at: None,
    };
    assert_eq!(rig.session.sources()[1].connection, not_fetched);
    end_token(&mut rig);
    rig.server.instead.clear();

    bob_signs_in(&mut rig, 200, BOB_THERE);

    assert_eq!(rig.session.user(LIBRARY), Some("user-bob"));
    assert_eq!(rig.session.sources()[1].connection, Connection::Live);
    assert_eq!(rig.connects().len(), 2, "live on the connection of Ada");
}

#[test]
fn a_session_of_the_one_before_is_not_taken_up_by_another_person() {
    let mut rig = Rig::new(TWO_SOCKETS);
    rig.refuses = Some(r#"40{"sid":"S1","pid":"P1"}"#);
    rig.sign_in();
    let library = rig.transport_of(LIBRARY);
    rig.receive_on(
        library,
        r#"42["server:announcement",{"message":"x"},"offset-1"]"#,
    );
    lose_library_and_token(&mut rig);

    bob_signs_in(&mut rig, 200, BOB_THERE);

    assert_eq!(rig.session.user(LIBRARY), Some("user-bob"));
    let connects = rig.connects();
    assert!(
        !connects.iter().any(|connect| connect.contains("P1")),
        "{connects:?}"
    );
}

#[test]
fn a_server_that_does_not_answer_a_sign_in_keeps_the_token_that_it_took() {
    let mut rig = Rig::new(TWO_SOCKETS);
    rig.sign_in();
    lose_library_and_token(&mut rig);
    rig.server.instead.push(("/b/api/auth/login", 502, "{}"));

    rig.sign_in();
    rig.accepts = true;
    rig.server.instead.clear();
    rig.pass(Duration::from_secs(120));

    let sources = rig.session.sources();
    assert_eq!(sources[0].connection, Connection::Live);
    assert_eq!(sources[1].connection, Connection::Live);
}

#[test]
fn an_upload_with_an_ended_token_does_not_end_the_next_session() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    let id = rig.upload("long.mp4", 1000);
    rig.server.instead.push(("/x/api/v1/media", 401, "{}"));
    rig.command(Command::Open(key("m1")));
    rig.pass(Duration::from_secs(5));
    assert!(matches!(rig.connection(), Connection::SignInAgain { .. }));
    rig.server.instead.clear();
    rig.sign_in();
    rig.pass(Duration::from_secs(10));
    assert_eq!(rig.connection(), Connection::Live);

    let answer = ok(401, r#"{"message":"Token expired"}"#);
    rig.input(Input::UploadAnswered(id, Ok(answer)));
    rig.pass(Duration::from_secs(1));

    assert_eq!(rig.connection(), Connection::Live);
}

#[test]
fn a_renewed_token_is_not_refused_by_an_answer_to_the_one_before() {
    let mut rig = Rig::analysis();
    let token = |token: &str| Command::Token(Source(0), Some(Secret(token.to_owned())));
    rig.command(Command::OfferRenewal(Source(0)));
    rig.command(token("one"));
    rig.pass(Duration::from_secs(5));
    assert_eq!(rig.connection(), Connection::Live);
    rig.answers_fetches = false;
    rig.command(Command::AnalyzeAgain(key("m1")));
    rig.command(Command::Open(key("m1")));
    rig.pass(Duration::from_secs(2));
    let tickets = rig.fetches.drain(..).map(|(ticket, _)| ticket);
    let (late, first): (Vec<_>, Vec<_>) =
        tickets.partition(|ticket| matches!(ticket, Ticket::AnalyzeAgain(_)));
    let [late, first] = [late, first].map(|tickets| tickets[0].clone());
    rig.input(Input::Answered(first, Ok(ok(401, "{}"))));
    assert!(matches!(rig.connection(), Connection::Renewing { .. }));
    rig.answers_fetches = true;

    rig.command(token("two"));
    rig.input(Input::Answered(late, Ok(ok(401, "{}"))));
    rig.pass(Duration::from_secs(15));

    assert_eq!(rig.connection(), Connection::Live);
}

#[test]
fn what_stays_open_over_a_sign_out_is_fetched_for_whoever_signs_in_next() {
    let mut rig = Rig::new(TWO_SOCKETS);
    rig.sign_in();
    rig.command(Command::Open(key("m1")));
    rig.pass(Duration::from_secs(5));
    rig.command(Command::SignOut);
    rig.pass(Duration::from_secs(60));
    let before = rig.asked_for("/media/m1");

    rig.sign_in();
    rig.pass(Duration::from_secs(5));
    assert!(rig.asked_for("/media/m1") > before);

    // And closing it closes it.
    rig.command(Command::Close(key("m1")));
    rig.command(Command::SignOut);
    rig.pass(Duration::from_secs(60));
    let before = rig.asked_for("/media/m1");
    rig.sign_in();
    rig.pass(Duration::from_secs(60));
    assert_eq!(rig.asked_for("/media/m1"), before);
}

#[test]
fn another_person_is_in_no_meeting_of_the_one_before() {
    let mut rig = Rig::new(
        r#"{"servers":[{"kind":"analysis","name":"A","url":"/a","path":"/a/socket.io/","transports":["websocket"]},{"kind":"library","name":"B","url":"/b","path":"/b/socket.io/"},{"kind":"meeting","name":"C","url":"/c","path":"/c/socket.io/"}]}"#,
    );
    rig.sign_in();
    let joins = |rig: &Rig| {
        let sent = rig.sent_text();
        sent.filter(|text| text.contains("join-meeting")).count()
    };
    let board = MeetingKey {
        source: Source(2),
        id: MeetingId::new("board").unwrap(),
    };
    rig.command(Command::Join(board.clone()));
    assert_eq!(joins(&rig), 1);
    end_token(&mut rig);

    bob_signs_in(&mut rig, 200, BOB_THERE);

    assert_eq!(rig.session.meeting(&board, rig.now), None);
    assert_eq!(joins(&rig), 0, "none since he came");
    let meetings = &rig.session.sources()[2].connection;
    assert_eq!(*meetings, Connection::LiveUnverified);
}
