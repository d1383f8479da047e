//! An auth that is asked for at each CONNECT.

use super::*;

// C03
#[test]
fn the_auth_is_asked_for_at_each_connection() {
    let mut rig = asking();
    rig.input(Input::Connect);

    for (number, name) in [(1, "t1"), (2, "t2"), (3, "t3")] {
        assert_eq!(rig.receive(OPEN), ["who are you? "]);
        let connect = format!(r#"{number}> 40{{"token":"{name}"}}"#);
        assert_eq!(rig.say(Ok(name)), [connect]);
        assert_eq!(rig.receive(JOINED), ["connected S1"]);
        rig.close(1006);
        rig.next_attempt();
    }
}

#[test]
fn the_auth_may_be_nothing() {
    let mut rig = asking();
    rig.input(Input::Connect);
    rig.receive(OPEN);
    let request = rig.auth_asked.unwrap();

    assert_eq!(rig.input(Input::Auth(request, Ok(None))), ["1> 40"]);
}

// C04
#[test]
fn a_provider_that_fails_or_is_late_is_asked_again_later() {
    for (pass, auth, reason) in [
        (
            0,
            Some(Err("no network")),
            "auth provider failed: no network",
        ),
        (9_999, Some(Err("")), "auth provider failed"),
        (10_000, None, "auth provider timeout"),
    ] {
        let mut rig = asking();
        rig.input(Input::Connect);
        rig.receive(OPEN);
        rig.pass(pass);

        let lines = match auth {
            Some(auth) => rig.say(auth),
            None => {
                assert_eq!(rig.client.poll_timeout(), Some(rig.now()));
                rig.input(Input::Timeout)
            }
        };

        let error = format!("connect error: {reason}");
        assert_eq!(lines, ["close 1", &error, "reconnecting 1"]);
        assert_eq!(rig.next_attempt(), ["open 2"]);
        assert_eq!(rig.receive(OPEN), ["who are you? "]);
        assert_eq!(rig.say(Ok("t2")), [r#"2> 40{"token":"t2"}"#]);
    }
}

// C05
#[test]
fn what_is_said_after_the_connection_is_over_is_passed_over() {
    let mut rig = asking();
    rig.input(Input::Connect);
    rig.receive(OPEN);
    let late = rig.auth_asked.take().unwrap();
    rig.close(1006);
    let answer = |request| Input::Auth(request, Ok(Some(Value::object([]))));

    assert_eq!(rig.input(answer(late)), [""; 0]);
    rig.next_attempt();
    rig.receive(OPEN);

    assert_eq!(rig.input(answer(late)), [""; 0]);
    assert_eq!(rig.client.counters().stale_inputs, 2);
    assert_eq!(rig.say(Ok("t2")), [r#"2> 40{"token":"t2"}"#]);
}

#[test]
fn a_question_is_answered_once() {
    let mut rig = asking();
    rig.input(Input::Connect);
    rig.receive(OPEN);
    let request = rig.auth_asked.unwrap();
    rig.say(Ok("t1"));

    assert_eq!(rig.input(Input::Auth(request, Ok(None))), [""; 0]);
}

#[test]
fn a_refused_token_is_renewed_once_on_the_same_connection() {
    let mut rig = asking();
    rig.input(Input::Connect);
    rig.receive(OPEN);
    rig.say(Ok("old"));

    let lines = rig.receive(r#"44{"message":"jwt expired"}"#);
    assert_eq!(lines, ["who are you? jwt expired"]);
    assert_eq!(rig.receive(r#"42["not yet"]"#), [""; 0]);
    assert_eq!(rig.say(Ok("new")), [r#"1> 40{"token":"new"}"#]);
    assert_eq!(rig.receive(JOINED), ["connected S1"]);
    rig.close(1006);

    rig.next_attempt();
    rig.receive(OPEN);
    rig.say(Ok("old again"));
    let lines = rig.receive(r#"44{"message":"jwt expired"}"#);
    assert_eq!(lines, ["who are you? jwt expired"]);
    rig.say(Ok("no better"));
    let lines = rig.receive(r#"44{"message":"go away"}"#);
    assert_eq!(lines, ["close 2", "connect error: connect error: go away"]);
    assert!(matches!(rig.client.state(), State::Refused(refusal) if refusal.message == "go away"));

    // A person who signs in again has a renewal of their own.
    rig.input(Input::Connect);
    rig.receive(OPEN);
    rig.say(Ok("t"));
    assert_eq!(rig.receive("44"), ["who are you? "]);
}

#[test]
fn a_value_that_is_refused_is_not_tried_again() {
    let mut rig = Rig::new(config());
    rig.input(Input::Connect);
    rig.receive(OPEN);

    assert_eq!(
        rig.receive("44"),
        ["close 1", "connect error: connect error"]
    );
}

#[test]
fn one_provider_that_fails_leaves_the_other_sockets_alone() {
    let mut rig = connected();
    let a = rig.client.socket("/a").unwrap();
    rig.client.set_auth(a, Auth::Ask);
    assert_eq!(
        rig.command(|client, now| client.connect(a, now)),
        ["who are you? "]
    );

    assert_eq!(
        rig.say(Err("no")),
        [
            "/a: connect error: auth provider failed: no",
            "/a: reconnecting 1"
        ]
    );
    assert_eq!(rig.next_attempt(), ["who are you? "]);
    assert_eq!(rig.say(Ok("t")), [r#"1> 40/a,{"token":"t"}"#]);
    assert!(matches!(rig.client.state(), State::Connected { .. }));
}

#[test]
fn leaving_while_the_auth_is_asked_for_sends_nothing() {
    let mut rig = asking();
    rig.input(Input::Connect);
    rig.receive(OPEN);

    assert_eq!(rig.input(Input::Disconnect), ["close 1"]);

    assert_eq!(rig.say(Ok("t")), [""; 0]);
}

fn asking() -> Rig {
    let mut config = config();
    config.auth = Auth::Ask;
    Rig::new(config)
}
