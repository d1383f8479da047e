//! Several sockets on one connection.

use super::polling::{polling, Wire};
use super::*;

// C11
#[test]
fn sockets_join_in_the_order_in_which_they_were_made_and_each_is_connected_by_its_own_answer() {
    let (mut rig, [a, b]) = three();

    assert_eq!(rig.input(Input::Connect), ["open 1"]);
    assert_eq!(rig.command(|client, now| client.connect(b, now)), [""; 0]);
    assert_eq!(rig.command(|client, now| client.connect(a, now)), [""; 0]);
    let joins = [r#"1> 40{"token":"t1"}"#, "1> 40/a,", "1> 40/b,"];
    assert_eq!(rig.receive(OPEN), joins);
    assert_eq!(rig.receive(r#"40/b,{"sid":"B1"}"#), ["/b: connected B1"]);
    assert_eq!(rig.receive(JOINED), ["connected S1"]);
    assert_eq!(rig.receive(r#"40/a,{"sid":"A1"}"#), ["/a: connected A1"]);

    rig.close(1006);
    rig.next_attempt();
    assert_eq!(
        rig.receive(OPEN),
        joins.map(|line| line.replacen('1', "2", 1))
    );
}

// C12
#[test]
fn what_waits_on_one_socket_does_not_go_out_on_another() {
    let (mut rig, [a, b]) = joining();

    assert_eq!(rig.emit(Emit::new("x", vec![])), [""; 0]);
    assert_eq!(rig.emit(Emit::new("y", vec![]).on(a)), [""; 0]);
    assert_eq!(rig.receive(r#"40/b,{"sid":"B1"}"#), ["/b: connected B1"]);
    assert_eq!(rig.emit(Emit::new("z", vec![]).on(b)), [r#"1> 42/b,["z"]"#]);
    assert_eq!(rig.client.buffers(a).waiting, 1);
    let lines = rig.receive(r#"40/a,{"sid":"A1"}"#);
    assert_eq!(lines, [r#"1> 42/a,["y"]"#, "/a: connected A1"]);
}

// C08
#[test]
fn a_refusal_leaves_the_others_alone() {
    let (mut rig, [a, _]) = joined();

    rig.receive("41/a,");
    rig.command(|client, now| client.disconnect(a, now));
    assert_eq!(
        rig.command(|client, now| client.connect(a, now)),
        ["1> 40/a,"]
    );
    let lines = rig.receive(r#"44/a,{"message":"no"}"#);

    assert_eq!(lines, ["/a: connect error: connect error: no"]);
    assert!(matches!(rig.client.state_of(a), State::Refused(_)));
    assert!(matches!(rig.client.state(), State::Connected { .. }));
    assert_eq!(rig.receive(r#"42["still"]"#), ["message still []"]);
}

// C19
#[test]
fn a_server_that_throws_one_out_is_joined_again_on_the_same_connection() {
    let (mut rig, [a, _]) = joined();

    let lines = rig.receive("41/a,");

    assert_eq!(
        lines,
        [
            "/a: disconnected: io server disconnect",
            "/a: reconnecting 1"
        ]
    );
    let State::Waiting { until, .. } = *rig.client.state_of(a) else {
        panic!("{:?}", rig.client.state_of(a));
    };
    let wait = until.saturating_since(rig.now());
    assert!((1_000..=5_000).contains(&wait.as_millis()), "{wait:?}");
    assert_eq!(rig.receive(r#"42/a,["late"]"#), [""; 0]);
    assert_eq!(rig.next_attempt(), ["1> 40/a,"]);
    assert_eq!(rig.receive(r#"40/a,{"sid":"A2"}"#), ["/a: connected A2"]);
    rig.receive("41/a,");
    assert!(matches!(rig.client.state_of(a), State::Breaker { .. }));
    assert!(matches!(rig.client.state(), State::Connected { .. }));
}

#[test]
fn a_socket_that_was_thrown_out_waits_on_when_the_connection_is_lost() {
    let (mut rig, [a, b]) = joined();
    rig.receive("41/a,");
    rig.next_attempt();
    rig.receive(r#"40/a,{"sid":"A2"}"#);
    rig.receive("41/a,");
    rig.close(1006);

    rig.next_attempt();

    assert_eq!(rig.receive(OPEN), [r#"2> 40{"token":"t1"}"#, "2> 40/b,"]);
    assert!(matches!(rig.client.state_of(a), State::Breaker { .. }));
    rig.receive(JOINED);
    rig.receive(r#"40/b,{"sid":"B2"}"#);
    rig.command(|client, now| client.disconnect(b, now));
    rig.command(|client, now| client.disconnect(SocketId::MAIN, now));
    assert_eq!(rig.next_attempt(), ["open 3"]);
    assert_eq!(rig.receive(OPEN), ["3> 40/a,"]);
}

// X01
#[test]
fn where_a_servers_disconnect_is_taken_at_its_word_only_connect_ends_it() {
    let mut config = config();
    config.reconnection.after_server_disconnect = None;
    let mut rig = Rig::new(config);
    rig.input(Input::Connect);
    rig.join();

    let lines = rig.receive("41");

    assert_eq!(lines, ["close 1", "disconnected: io server disconnect"]);
    let ended = State::Ended(DisconnectReason::ServerDisconnect);
    assert_eq!(rig.client.state(), &ended);
    assert_eq!(rig.client.poll_timeout(), None);
    assert_eq!(rig.input(Input::Connect), ["open 2"]);
}

// C13
#[test]
fn a_connect_that_is_not_answered_leaves_the_others_alone_and_a_late_answer_is_welcome() {
    let (mut rig, [a, _]) = joining();
    rig.receive(JOINED);
    rig.receive(r#"40/b,{"sid":"B1"}"#);
    rig.pass(9_999);
    assert_eq!(rig.input(Input::Timeout), [""; 0]);
    rig.pass(1);

    assert_eq!(rig.client.poll_timeout(), Some(rig.now()));
    let lines = rig.input(Input::Timeout);

    assert_eq!(lines, ["/a: connect error: namespace connect timeout"]);
    assert!(rig.client.poll_timeout().unwrap() > rig.now());
    assert!(matches!(rig.client.state(), State::Connected { .. }));
    rig.pass(5_000);
    assert_eq!(rig.receive(r#"40/a,{"sid":"A1"}"#), ["/a: connected A1"]);
    assert!(matches!(rig.client.state_of(a), State::Connected { .. }));
}

#[test]
fn a_connection_on_which_nobody_is_answered_is_made_anew_and_told_once_to_each() {
    let (mut rig, [_, b]) = joining();
    rig.pass(5_000);
    rig.command(|client, now| client.disconnect(b, now));
    rig.command(|client, now| client.connect(b, now));
    rig.pass(5_000);
    assert_eq!(
        rig.input(Input::Timeout),
        [
            "connect error: namespace connect timeout",
            "/a: connect error: namespace connect timeout",
        ]
    );
    rig.pass(5_000);

    let lines = rig.input(Input::Timeout);

    assert_eq!(
        lines,
        [
            "close 1",
            "/b: connect error: namespace connect timeout",
            "reconnecting 1",
            "/a: reconnecting 1",
            "/b: reconnecting 1",
        ]
    );
}

// C23, C25
#[test]
fn one_that_leaves_leaves_the_connection_to_the_others_and_the_last_one_closes_it() {
    let (mut rig, [a, b]) = joined();
    rig.shows_manager = true;

    for (socket, lines) in [
        (
            a,
            &["1> 41/a,", "/a: disconnected: io client disconnect"][..],
        ),
        (a, &[]),
        (b, &["1> 41/b,", "/b: disconnected: io client disconnect"]),
        (
            SocketId::MAIN,
            &[
                "1> 41",
                "close 1",
                "manager: close: forced close",
                "disconnected: io client disconnect",
            ],
        ),
        (SocketId::MAIN, &[]),
    ] {
        assert_eq!(
            rig.command(|client, now| client.disconnect(socket, now)),
            lines
        );
    }
    assert_eq!(rig.client.poll_timeout(), None);
}

// C17
#[test]
fn packets_of_a_socket_that_has_left_change_nothing() {
    let (mut rig, [a, _]) = joined();
    rig.command(|client, now| client.disconnect(a, now));

    for frame in [
        r#"42/a,["x"]"#,
        r#"40/a,{"sid":"A2"}"#,
        "41/a,",
        "44/a,",
        "43/a,0[]",
    ] {
        assert_eq!(rig.receive(frame), [""; 0], "{frame}");
    }
    assert_eq!(rig.client.counters().packets_ignored, 5);
}

// A17
#[test]
fn ack_ids_are_each_sockets_own_and_answers_find_their_emit() {
    let (mut rig, [a, _]) = joined();
    let ask = |socket| {
        Emit::new("q", vec![])
            .on(socket)
            .with_ack(Duration::from_secs(5))
    };

    assert_eq!(rig.emit(ask(SocketId::MAIN)), [r#"1> 420["q"]"#]);
    assert_eq!(rig.emit(ask(a)), [r#"1> 42/a,0["q"]"#]);
    assert_eq!(rig.receive("43/a,0[1]"), ["/a: acked AckId(1) [1]"]);
    assert_eq!(rig.receive("430[2]"), ["acked AckId(0) [2]"]);
}

#[test]
fn an_answer_does_not_outlive_the_session_it_was_asked_in() {
    let (mut rig, [a, _]) = joined();
    let token = rig.receive_ask(r#"42/a,7["q"]"#);
    rig.command(|client, now| client.disconnect(a, now));
    rig.command(|client, now| client.connect(a, now));
    rig.receive(r#"40/a,{"sid":"A2"}"#);

    rig.client.answer(token, vec![], rig.now()).unwrap();

    assert_eq!(rig.drain(), [""; 0]);
    let token = rig.receive_ask(r#"42/a,8["q"]"#);
    rig.client.answer(token, vec![], rig.now()).unwrap();
    assert_eq!(rig.drain(), ["1> 43/a,8[]"]);
}

// C18
#[test]
fn what_one_has_not_sent_when_it_is_thrown_out_waits_until_it_is_back() {
    let mut wire = Wire::connected(polling(), OPEN);
    let a = wire.rig.client.socket("/a").unwrap();
    wire.rig.client.connect(a, wire.rig.now);
    wire.drain();
    wire.answer_post();
    wire.answer_get(r#"40/a,{"sid":"A1"}"#);
    wire.emit("busy");
    let emit = Emit::new("x", vec![]).on(a);
    wire.rig.client.emit(emit, wire.rig.now).unwrap();
    assert_eq!(wire.drain(), [""; 0], "a request is under way");

    let lines = wire.answer_get("41/a,");

    assert_eq!(lines[0], "/a: disconnected: io server disconnect");
    assert_eq!(wire.answer_post(), [""; 0]);
    wire.rig.now = wire.rig.client.wait_until().unwrap();
    assert_eq!(wire.input(Input::Timeout), ["POST 1 40/a,"]);
    wire.answer_post();
    let lines = wire.answer_get(r#"40/a,{"sid":"A2"}"#);
    assert_eq!(lines[..2], [r#"POST 1 42/a,["x"]"#, "/a: connected A2"]);
}

// X11
#[test]
fn one_that_leaves_during_the_wait_does_not_join_again() {
    let (mut rig, [a, _]) = joined();
    rig.close(1006);

    assert_eq!(
        rig.command(|client, now| client.disconnect(a, now)),
        [""; 0]
    );

    rig.next_attempt();
    assert_eq!(rig.receive(OPEN), [r#"2> 40{"token":"t1"}"#, "2> 40/b,"]);
}

// X10
#[test]
fn one_that_comes_during_the_wait_waits_along() {
    let mut rig = connected();
    let a = rig.client.socket("/a").unwrap();
    rig.close(1006);

    assert_eq!(rig.command(|client, now| client.connect(a, now)), [""; 0]);

    assert_eq!(rig.client.state_of(a), rig.client.state());
    assert_eq!(rig.next_attempt(), ["open 2"]);
    assert_eq!(rig.receive(OPEN), [r#"2> 40{"token":"t1"}"#, "2> 40/a,"]);
}

#[test]
fn a_page_that_is_left_and_restored_brings_all_back() {
    let (mut rig, [a, b]) = joined();
    rig.receive("41/a,");

    let lines = rig.input(Input::Page(Page::Leaving));

    assert_eq!(lines, ["close 1"]);
    for socket in [SocketId::MAIN, a, b] {
        assert_eq!(rig.client.state_of(socket), &State::Suspended);
    }
    let told = [
        "disconnected: page left",
        "/b: disconnected: page left",
        "open 2",
    ];
    assert_eq!(rig.input(Input::Page(Page::Restored)), told);
    let joins = [r#"2> 40{"token":"t1"}"#, "2> 40/a,", "2> 40/b,"];
    assert_eq!(rig.receive(OPEN), joins);
}

#[test]
fn a_namespace_has_one_socket_and_a_name_that_is_none_is_an_error() {
    let mut rig = connected();
    let a = rig.client.socket("/a").unwrap();

    assert_eq!(rig.client.socket("/a"), Ok(a));
    assert_eq!(rig.client.socket("/"), Ok(SocketId::MAIN));
    for name in ["", "a", "/a,b", "/a b"] {
        assert!(rig.client.socket(name).is_err(), "{name}");
    }
    assert_eq!(rig.client.sockets().count(), 2);
    assert_eq!(rig.client.namespace_of(a), Some("/a"));
}

#[test]
fn a_socket_of_another_client_is_nobody() {
    let mut rig = connected();
    let stranger = three().1[1];

    assert_eq!(
        rig.command(|client, now| client.connect(stranger, now)),
        [""; 0]
    );
    assert_eq!(
        rig.command(|client, now| client.disconnect(stranger, now)),
        [""; 0]
    );
    let result = rig
        .client
        .emit(Emit::new("x", vec![]).on(stranger), rig.now());
    assert_eq!(result, Err(EmitError::UnknownSocket));
    assert_eq!(rig.client.state_of(stranger), &State::Idle);
}

/// A client with `/`, `/a` and `/b`.
fn three() -> (Rig, [SocketId; 2]) {
    let mut rig = Rig::new(config());
    let others = ["/a", "/b"].map(|namespace| rig.client.socket(namespace).unwrap());
    (rig, others)
}

/// The same, each with its CONNECT sent.
fn joining() -> (Rig, [SocketId; 2]) {
    let (mut rig, others) = three();
    rig.input(Input::Connect);
    for socket in others {
        rig.command(|client, now| client.connect(socket, now));
    }
    rig.receive(OPEN);
    (rig, others)
}

/// The same, each connected.
fn joined() -> (Rig, [SocketId; 2]) {
    let (mut rig, others) = joining();
    for frame in [JOINED, r#"40/a,{"sid":"A1"}"#, r#"40/b,{"sid":"B1"}"#] {
        rig.receive(frame);
    }
    (rig, others)
}
