//! Up to `Connected`, or to a refusal.

use super::*;

// H01
#[test]
fn connect_is_sent_after_the_handshake_and_connected_told_after_its_answer() {
    let mut rig = Rig::new(config());

    assert_eq!(rig.input(Input::Connect), ["open 1"]);
    rig.pass(50);
    assert_eq!(rig.input(Input::Opened(rig.transport())), [""; 0]);
    assert_eq!(rig.receive(OPEN), [r#"1> 40{"token":"t1"}"#]);
    assert!(matches!(
        rig.client.state(),
        State::Connecting { attempt: 0, .. }
    ));
    rig.pass(50);
    assert_eq!(rig.receive(JOINED), ["connected S1"]);
    assert_eq!(
        rig.client.state(),
        &State::Connected {
            id: "S1".into(),
            since: at(100)
        }
    );
}

#[test]
fn the_url_holds_no_token() {
    let mut client = Client::new(config(), 1);
    client.handle_input(Input::Connect, at(0));

    let Some(Output::Open { url, .. }) = client.poll_output() else {
        panic!("nothing was opened");
    };

    assert_eq!(url, "ws://h/socket.io/?EIO=4&transport=websocket");
}

#[test]
fn a_namespace_of_its_own_is_joined_and_spoken_in() {
    let mut rig = Rig::new(config_of("http://h/meet"));
    rig.input(Input::Connect);

    assert_eq!(rig.receive(OPEN), ["1> 40/meet,"]);
    assert_eq!(rig.receive(r#"40/meet,{"sid":"S2"}"#), ["connected S2"]);
    assert_eq!(rig.receive(r#"42/meet,["a"]"#), ["message a []"]);
    assert_eq!(rig.emit(Emit::new("b", vec![])), [r#"1> 42/meet,["b"]"#]);
}

// H05
#[test]
fn a_handshake_that_does_not_come_is_given_up_after_ten_seconds() {
    for opened in [false, true] {
        let mut rig = Rig::new(config());
        rig.input(Input::Connect);
        if opened {
            rig.input(Input::Opened(rig.transport()));
        }

        rig.pass(9_999);
        assert_eq!(rig.input(Input::Timeout), [""; 0]);
        rig.pass(1);
        let lines = rig.input(Input::Timeout);

        assert_eq!(
            lines,
            ["close 1", "connect error: timeout", "reconnecting 1"]
        );
    }
}

#[test]
fn an_answer_to_connect_that_does_not_come_is_given_up_after_ten_seconds() {
    let mut rig = Rig::new(config());
    rig.input(Input::Connect);
    rig.receive(OPEN);

    rig.pass(9_999);
    assert_eq!(rig.receive("2"), ["1> 3"]);
    rig.pass(1);
    let lines = rig.input(Input::Timeout);

    assert_eq!(
        lines,
        [
            "close 1",
            "connect error: namespace connect timeout",
            "reconnecting 1"
        ]
    );
}

// H06
#[test]
fn a_handshake_after_the_timeout_is_not_answered() {
    let mut rig = Rig::new(config());
    rig.input(Input::Connect);
    rig.pass(10_000);

    let lines = rig.receive(OPEN);

    assert_eq!(
        lines,
        ["close 1", "connect error: timeout", "reconnecting 1"]
    );
}

#[test]
fn a_refusal_closes_and_waits_for_a_new_token() {
    let mut rig = Rig::new(config());
    rig.input(Input::Connect);
    rig.receive(OPEN);

    let lines = rig.receive(r#"44{"message":"Authentication failed","data":{"content":"retry"}}"#);

    assert_eq!(
        lines,
        [
            "close 1",
            "connect error: connect error: Authentication failed"
        ]
    );
    let data = json::parse(r#"{"content":"retry"}"#).unwrap();
    let refusal = Refusal {
        message: "Authentication failed".into(),
        data,
    };
    assert_eq!(rig.client.state(), &State::Refused(refusal));
    assert_eq!(rig.client.poll_timeout(), None);
    rig.pass(3_600_000);
    for input in [
        Input::Timeout,
        Input::RetryNow,
        Input::Page(Page::Online),
        Input::Page(Page::Visible),
    ] {
        assert_eq!(rig.input(input), [""; 0]);
    }

    rig.client.set_auth(SocketId::MAIN, token("t2"));
    assert_eq!(rig.input(Input::Connect), ["open 2"]);
    assert_eq!(rig.receive(OPEN), [r#"2> 40{"token":"t2"}"#]);
}

#[test]
fn a_refusal_after_having_been_accepted_tells_both() {
    let mut rig = connected();

    let lines = rig.receive("44");

    assert_eq!(
        lines,
        [
            "close 1",
            "disconnected: connect error",
            "connect error: connect error"
        ]
    );
    assert_eq!(rig.client.state(), &State::Refused(Refusal::default()));
}

#[test]
fn a_second_answer_to_connect_changes_nothing() {
    let mut rig = connected();

    assert_eq!(rig.receive(r#"40{"sid":"S9"}"#), [""; 0]);
    assert!(matches!(rig.client.state(), State::Connected { id, .. } if id == "S1"));
}

#[test]
fn an_answer_without_an_id_is_an_error() {
    for frame in ["40", "40{}", r#"40{"sid":""}"#, r#"40{"sid":5}"#] {
        let mut rig = Rig::new(config());
        rig.input(Input::Connect);
        rig.receive(OPEN);

        assert!(
            rig.receive(frame).contains(&"close 1".to_owned()),
            "{frame}"
        );
    }
}

#[test]
fn other_namespaces_are_none_of_ours() {
    let mut rig = connected();

    for frame in [
        r#"42/other,["a"]"#,
        "41/other,",
        r#"44/other,{"message":"no"}"#,
        r#"40/other,{"sid":"x"}"#,
    ] {
        assert_eq!(rig.receive(frame), [""; 0], "{frame}");
    }
    assert_eq!(rig.client.counters().packets_ignored, 4);
}

#[test]
fn connect_is_needed_once() {
    let mut rig = Rig::new(config());

    assert_eq!(rig.input(Input::Connect), ["open 1"]);
    assert_eq!(rig.input(Input::Connect), [""; 0]);
    rig.close(1006);
    assert_eq!(rig.input(Input::Connect), [""; 0]);
}
