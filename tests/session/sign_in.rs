//! Who is signed in, and that nothing of anybody outlives them.

use crate::rig::{key, media, media_list, ok, Rig, TWO_SERVERS};
use std::time::Duration;
use telltale::domain::{Source, Text};
use telltale::json::Value;
use telltale::protocol::Closed;
use telltale::session::state::{Command, Connection, Secret, SignIn, SignInError};
use telltale::session::{Input, Ticket};
use telltale::toast::{Body, Level, Saying, Spoken};

#[test]
fn from_signing_in_to_live() {
    let mut rig = Rig::analysis();
    assert_eq!(*rig.session.sign_in(), SignIn::SignedOut);
    assert_eq!(rig.connection(), Connection::Idle);

    rig.sign_in();

    assert!(
        matches!(rig.session.sign_in(), SignIn::SignedIn { name, .. } if name.as_str() == "Ada Byron")
    );
    assert_eq!(rig.connection(), Connection::Live);
    assert_eq!(rig.connects(), ["40{\"token\":\"t0ken\"}"]);
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
fn a_server_that_refuses_without_a_word_has_said_its_status() {
    for (status, body, said) in [
        (500, "{}", "HTTP 500"),
        (429, "", "HTTP 429"),
        (403, "<html>", "HTTP 403"),
        (503, r#"{"message":"Down till noon"}"#, "Down till noon"),
    ] {
        let mut rig = Rig::analysis();
        rig.server.sign_in = (status, body.to_owned());

        rig.sign_in();

        let said = SignInError::Server(Text::message(said).unwrap());
        assert_eq!(*rig.session.sign_in(), SignIn::Refused(said));
    }
}

#[test]
fn a_server_whose_answer_is_too_large_did_answer() {
    let mut rig = Rig::analysis();
    rig.says_too_much = true;

    rig.sign_in();

    assert_eq!(*rig.session.sign_in(), SignIn::Refused(SignInError::Unread));
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
fn a_name_and_a_password_are_not_under_way_once_nobody_waits_for_them() {
    let mut rig = Rig::analysis();
    rig.answers_sign_in = false;
    let under_way = |rig: &Rig| {
        let tickets = rig.fetches.iter().map(|(ticket, _)| ticket);
        tickets
            .filter(|it| matches!(it, Ticket::SignIn(..)))
            .count()
    };
    rig.sign_in();
    rig.pass(Duration::from_secs(5));
    assert_eq!(under_way(&rig), 1);

    rig.sign_in();
    assert_eq!(under_way(&rig), 1, "the older one is given up");
    rig.pass(Duration::from_secs(10));
    assert_eq!(under_way(&rig), 0);
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
fn what_ends_before_the_first_connection_after_signing_in_again_was_not_missed() {
    let mut rig = Rig::analysis();
    rig.server.list = media_list(&[media("m1", "PROCESSING")]);
    rig.sign_in();
    rig.command(Command::SignOut);
    rig.accepts = false;
    rig.sign_in();
    rig.pass(Duration::from_secs(3));
    assert_eq!(rig.session.list().count(), 1, "the list does not wait");

    rig.server.list = media_list(&[media("m1", "ANALYZED")]);
    rig.accepts = true;
    rig.greet(rig.transport());
    rig.pass(Duration::from_secs(3));

    assert_eq!(rig.connection(), Connection::Live);
    let bodies: Vec<_> = (rig.session.toasts().iter())
        .map(|toast| &toast.body)
        .collect();
    assert!(matches!(bodies[..], [Body::Ended(_)]), "{bodies:?}");
    let spoken = format!("{:?}", rig.session.spoken());
    assert!(!spoken.contains("Reconnected"), "{spoken}");
}

#[test]
fn another_person_who_signs_in_again_finds_nothing_of_the_one_before() {
    let mut rig = Rig::new(TWO_SERVERS);
    rig.server.list = media_list(&[media("m1", "ANALYZED")]);
    rig.sign_in();
    rig.upload("ada.mp4", 0);
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
        matches!(rig.session.sign_in(), SignIn::SignedIn { name, .. } if name.as_str() == "Bob Dole")
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

/// What no header can hold, or no server takes; `fetch` would refuse it, and each try would look like a lost network.
fn tokens_that_are_none() -> Vec<Value> {
    let long = "t".repeat(8193);
    let texts = [
        "",
        "t0ken\r\nX-Evil: 1",
        "t0ken\n",
        "t0\u{0}ken",
        "t0k\u{7f}en",
        "jet\u{f3}n",
        "<b>t0k\u{202e}en</b>",
        &long,
    ];
    let texts = texts.into_iter().map(Value::from);
    let others = [Value::Null, true.into(), 7.0.into()];
    let nested = [
        Value::Array(vec!["t0ken".into()]),
        Value::object([("token", "t0ken".into())]),
    ];
    texts.chain(others).chain(nested).collect()
}

#[test]
fn a_token_that_is_none_signs_nobody_in_and_the_server_is_asked_once() {
    for token in tokens_that_are_none() {
        let mut rig = Rig::analysis();
        let user = Value::object([("id", "user-ada".into()), ("firstName", "Ada".into())]);
        let data = Value::object([("user", user), ("token", token.clone())]);
        let answer = Value::object([("success", true.into()), ("data", data)]);
        rig.server.sign_in = (200, telltale::json::write(&answer));

        rig.sign_in();
        rig.pass(Duration::from_secs(600));

        let token = telltale::json::write(&token);
        let unread = SignIn::Refused(SignInError::Unread);
        assert_eq!(*rig.session.sign_in(), unread, "{token}");
        assert_eq!((rig.asked.len(), rig.opened.len()), (1, 0), "{token}");
    }
}

#[test]
fn a_token_of_the_host_that_is_none_is_asked_for_again_and_sent_nowhere() {
    for token in tokens_that_are_none() {
        let Some(token) = token.as_str() else {
            continue;
        };
        let mut rig = Rig::analysis();
        let give = |token: &str| Command::Token(Source(0), Some(Secret(token.to_owned())));

        rig.command(give(token));
        rig.pass(Duration::from_secs(600));

        let again = Connection::SignInAgain { message: None };
        assert_eq!(rig.connection(), again, "no server said it: {token:?}");
        assert_eq!((rig.asked.len(), rig.opened.len()), (0, 0), "{token:?}");

        rig.command(give("t0ken"));
        assert_eq!(rig.connection(), Connection::Live, "{token:?}");
    }
}

#[test]
fn a_session_ends_only_where_there_was_one() {
    let refusal = r#"44{"message":"Authentication error: Invalid token."}"#;
    for was_live in [false, true] {
        let mut rig = Rig::analysis();
        rig.command(Command::Announce(Level::All));
        if was_live {
            rig.sign_in();
            rig.refuses = Some(refusal);
            rig.pull_the_plug();
        } else {
            rig.refuses = Some(refusal);
            rig.sign_in();
        }
        let mut said = Vec::new();
        for _ in 0..10 {
            rig.pass(Duration::from_secs(1));
            said.extend(rig.session.spoken().1.cloned());
        }

        let state = &rig.session.sources()[0];
        assert!(
            matches!(state.connection, Connection::SignInAgain { .. }),
            "{:?}",
            state.connection
        );
        assert_eq!(state.was_heard, was_live);
        let word = match was_live {
            true => Saying::SignInExpired,
            false => Saying::SignInNeeded,
        };
        assert!(said.contains(&Spoken::One(word)), "{said:?}");
    }
}

#[test]
fn what_stands_at_a_wrong_address_was_not_heard() {
    let mut rig = Rig::analysis();
    rig.accepts = false;
    rig.server.item = Some((404, "{}".to_owned()));
    rig.server.list_status = 404;
    let token = Secret("t0ken".to_owned());
    rig.command(Command::Token(Source(0), Some(token)));
    rig.command(Command::Open(key("m1")));

    rig.pass(Duration::from_secs(3));

    let state = &rig.session.sources()[0];
    assert_eq!(state.connection, Connection::Connecting);
    assert!(state.counters.snapshots > 0, "it answered");
    assert!(!state.was_heard);
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
        .any(|toast| matches!(toast.body, Body::SignedOut { .. })));

    rig.refuses = None;
    rig.sign_in();
    assert_eq!(rig.connection(), Connection::Live);
    assert!(!rig
        .session
        .toasts()
        .iter()
        .any(|toast| matches!(toast.body, Body::SignedOut { .. })));
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

/// Signed in by a token that whoever embeds us can renew, live, and then refused.
fn refused_after_live(offers: bool) -> Rig {
    let mut rig = Rig::analysis();
    if offers {
        rig.command(Command::OfferRenewal(Source(0)));
    }
    rig.command(token("f1rst"));
    assert_eq!(rig.connection(), Connection::Live);
    rig.server.instead = vec![("/media", 401, "{}")];
    rig.command(Command::AnalyzeAgain(key("m1")));
    rig.pass(Duration::from_millis(500));
    rig
}

fn token(token: &str) -> Command {
    Command::Token(Source(0), Some(Secret(token.to_owned())))
}

/// Whether a card or the announcer asks to sign in.
fn asks_to_sign_in(rig: &Rig) -> bool {
    let is_card = |body: &Body| matches!(body, Body::SignedOut { .. });
    let mut cards = rig.session.toasts().iter();
    cards.any(|toast| is_card(&toast.body))
        || matches!(
            rig.session.spoken().1,
            Some(Spoken::One(Saying::SignInExpired | Saying::SignInNeeded))
        )
}

#[test]
fn a_token_that_is_renewed_in_time_ends_no_session() {
    let mut rig = refused_after_live(true);
    assert!(matches!(rig.connection(), Connection::Renewing { .. }));
    rig.pass(Duration::from_secs(5));
    assert!(!asks_to_sign_in(&rig));

    rig.server.instead.clear();
    rig.command(token("s3cond"));
    rig.pass(Duration::from_secs(5));

    assert_eq!(rig.connection(), Connection::Live);
    assert!(!asks_to_sign_in(&rig));
    assert!(!format!("{:?}", rig.session.activity()).contains("SignIn"));
}

#[test]
fn what_a_server_says_of_the_token_before_says_nothing_of_the_present_one() {
    // A request is under way with the first.
    let mut rig = Rig::analysis();
    rig.command(token("f1rst"));
    rig.pass(Duration::from_secs(5));
    rig.answers_fetches = false;
    rig.command(Command::Open(key("m1")));
    rig.pass(Duration::from_secs(1));
    let (ticket, _) = rig.fetches.pop_front().unwrap();
    rig.command(token("s3cond"));
    rig.input(Input::Answered(ticket, Ok(ok(401, "{}"))));
    rig.answers_fetches = true;
    rig.pass(Duration::from_secs(5));

    assert_eq!(rig.connection(), Connection::Live);
    assert!(!asks_to_sign_in(&rig));
    let newest = rig.asked.iter().rev();
    let mut newest = newest.filter(|request| request.url.ends_with("/media/m1"));
    let headers = &newest.next().unwrap().headers;
    let second = ("Authorization", "Bearer s3cond".to_owned());
    assert!(headers.contains(&second), "it is asked for again");
}

#[test]
fn a_token_that_comes_while_the_one_before_is_shown_is_shown_next() {
    let mut rig = Rig::analysis();
    rig.command(token("f1rst"));
    rig.pass(Duration::from_secs(5));
    rig.refuses = Some("6");
    rig.pull_the_plug();
    rig.pass(Duration::from_secs(3));
    let first = r#"40{"token":"f1rst"}"#;
    assert_eq!(rig.connects(), [first; 2], "and not answered yet");
    let shown_first = rig.transport();

    rig.refuses = None;
    rig.command(token("s3cond"));
    rig.receive_on(shown_first, r#"44{"message":"jwt expired"}"#);
    rig.pass(Duration::from_secs(5));

    assert_eq!(rig.connects()[2..], [r#"40{"token":"s3cond"}"#]);
    assert_eq!(rig.connection(), Connection::Live);
    assert!(!asks_to_sign_in(&rig));
}

#[test]
fn who_cannot_renew_a_token_has_someone_sign_in() {
    type Then = fn(&mut Rig);
    let none: Then = |rig| rig.command(Command::NotRenewed(Source(0)));
    let wrong: Then = |rig| rig.command(token("no\ntoken"));
    let late: Then = |rig| rig.pass(Duration::from_secs(10));
    for (offers, then) in [
        (true, none),
        (true, wrong),
        (true, late),
        (false, |_: &mut Rig| {}),
    ] {
        let mut rig = refused_after_live(offers);

        then(&mut rig);
        rig.pass(Duration::from_millis(500));

        assert!(matches!(rig.connection(), Connection::SignInAgain { .. }));
        assert!(asks_to_sign_in(&rig));
    }
}

#[test]
fn a_token_that_was_never_live_is_not_asked_for_again() {
    let mut rig = Rig::analysis();
    rig.command(Command::OfferRenewal(Source(0)));
    rig.server.instead = vec![("/media", 401, "{}")];

    for _ in 0..3 {
        rig.command(token("refused"));
        rig.pass(Duration::from_secs(5));

        assert!(matches!(rig.connection(), Connection::SignInAgain { .. }));
    }
    // It was connected, and so was a session as far as anybody can tell.
    assert!(asks_to_sign_in(&rig));
}

#[test]
fn the_card_of_a_token_that_was_never_taken_speaks_of_no_session() {
    for (was_heard, body, saying) in [
        (
            true,
            Body::SignedOut { was_heard: true },
            Saying::SignInExpired,
        ),
        (
            false,
            Body::SignedOut { was_heard: false },
            Saying::SignInNeeded,
        ),
    ] {
        let mut rig = match was_heard {
            true => refused_after_live(false),
            false => Rig::analysis(),
        };
        if !was_heard {
            rig.command(token("no\ntoken"));
            rig.pass(Duration::from_millis(500));
        }

        let cards: Vec<_> = rig.session.toasts().iter().map(|it| &it.body).collect();
        assert_eq!(cards, [&body]);
        assert_eq!(rig.session.spoken().1, Some(&Spoken::One(saying)));
    }
}
