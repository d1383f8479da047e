//! Events, attachments, answers, and what waits for a connection.

use super::*;

#[test]
fn events_go_both_ways() {
    let mut rig = connected();

    assert_eq!(
        rig.receive(r#"42["news",7,{"a":[true]}]"#),
        [r#"message news [7,{"a":[true]}]"#]
    );
    assert_eq!(
        rig.receive(r#"42["error","x"]"#),
        [r#"message error ["x"]"#]
    );
    assert_eq!(
        rig.emit(Emit::new("join", vec!["m1".into()])),
        [r#"1> 42["join","m1"]"#]
    );
}

// E03
#[test]
fn a_number_may_be_a_name() {
    let mut rig = connected();

    assert_eq!(rig.receive(r#"42[1,"x"]"#), [r#"message 1 ["x"]"#]);
    assert_eq!(
        rig.emit(Emit::new(5, vec!["n".into()])),
        [r#"1> 42[5,"n"]"#]
    );
    assert_eq!(rig.emit(Emit::new("5", vec![])), [r#"1> 42["5"]"#]);
}

#[test]
fn what_came_before_the_answer_is_told_first_and_what_waited_is_sent_before_connected() {
    let mut rig = Rig::new(config());
    rig.emit(Emit::new("a", vec![]));
    rig.input(Input::Connect);
    rig.emit(Emit::new("b", vec![]));
    rig.receive(OPEN);
    assert_eq!(rig.receive(r#"42["early"]"#), [""; 0]);

    let lines = rig.receive(JOINED);

    assert_eq!(
        lines,
        [
            "message early []",
            r#"1> 42["a"]"#,
            r#"1> 42["b"]"#,
            "connected S1"
        ]
    );
    assert_eq!(rig.receive(r#"42["late"]"#), ["message late []"]);
}

#[test]
fn what_came_before_the_answer_does_not_outlive_the_connection() {
    let mut rig = Rig::new(config());
    rig.input(Input::Connect);
    rig.receive(OPEN);
    rig.receive(r#"42["early"]"#);
    rig.close(1006);

    rig.next_attempt();
    rig.receive(OPEN);

    assert_eq!(rig.receive(JOINED), ["connected S1"]);
}

#[test]
fn early_messages_are_bounded_and_the_oldest_go() {
    let mut config = config();
    config.limits.early_messages = 2;
    let mut rig = Rig::new(config);
    rig.input(Input::Connect);
    rig.receive(OPEN);
    for event in [r#"42["a"]"#, r#"42["b"]"#, r#"42["c"]"#] {
        rig.receive(event);
    }

    assert_eq!(
        rig.receive(JOINED),
        ["message b []", "message c []", "connected S1"]
    );
    assert_eq!(rig.client.counters().messages_dropped, 1);
}

#[test]
fn a_binary_event_goes_both_ways_in_one_piece() {
    let mut rig = connected();
    let bytes = Value::Bytes(Arc::from([1, 2, 3]));

    assert_eq!(
        rig.emit(Emit::new("frame", vec![bytes])),
        [
            r#"1> 451-["frame",{"_placeholder":true,"num":0}]"#,
            "1> 3 bytes"
        ]
    );
    assert_eq!(
        rig.receive(r#"451-["frame",{"_placeholder":true,"num":0}]"#),
        [""; 0]
    );
    assert_eq!(rig.receive_bytes(&[1, 2]), ["message frame [2 bytes]"]);
    assert_eq!(
        rig.receive(r#"451-["frame",{"_placeholder":true,"num":0}]"#),
        [""; 0]
    );
    assert_eq!(rig.receive("bAQI="), ["message frame [2 bytes]"]);
}

#[test]
fn attachments_that_do_not_come_end_the_connection_after_ten_seconds() {
    let mut rig = connected();
    rig.receive(r#"451-["frame",{"_placeholder":true,"num":0}]"#);

    rig.pass(9_999);
    assert_eq!(rig.input(Input::Timeout), [""; 0]);
    rig.pass(1);

    assert_eq!(rig.client.poll_timeout(), Some(rig.now()));
    assert!(rig.input(Input::Timeout).contains(&"close 1".to_owned()));
    rig.next_attempt();
    rig.join();
    assert_eq!(rig.receive(r#"42["x"]"#), ["message x []"]);
}

#[test]
fn an_answer_reaches_the_emit_that_asked_for_it_once() {
    let mut rig = connected();
    let ask = || Emit::new("q", vec![]).with_ack(Duration::from_secs(5));

    assert_eq!(rig.emit(ask()), [r#"1> 420["q"]"#]);
    assert_eq!(rig.emit(ask()), [r#"1> 421["q"]"#]);
    assert_eq!(rig.receive(r#"431["b"]"#), [r#"acked AckId(1) ["b"]"#]);
    assert_eq!(rig.receive(r#"431["b"]"#), [""; 0]);
    assert_eq!(rig.receive("43[]"), [""; 0]);
    rig.pass(5_000);
    assert_eq!(
        rig.input(Input::Timeout),
        ["no ack AckId(0): operation has timed out"]
    );
    assert_eq!(rig.receive("430[]"), [""; 0]);
}

#[test]
fn a_loss_fails_the_answers_due_and_keeps_those_of_what_was_not_sent() {
    let mut rig = connected();
    let ask = || Emit::new("q", vec![]).with_ack(Duration::from_secs(60));
    rig.emit(ask());

    let lines = rig.close(1006);
    assert!(lines.contains(&"no ack AckId(0): socket has been disconnected".to_owned()));
    assert_eq!(rig.emit(ask()), [""; 0]);
    rig.next_attempt();
    assert_eq!(rig.join(), [r#"2> 421["q"]"#, "connected S1"]);
    assert_eq!(rig.receive("431[]"), ["acked AckId(1) []"]);
}

#[test]
fn an_event_that_asks_for_an_answer_gets_it_on_its_own_connection_only() {
    let mut rig = connected();
    let (first, second) = (
        rig.receive_ask(r#"425["q"]"#),
        rig.receive_ask(r#"426["q"]"#),
    );

    rig.client
        .answer(first, vec![1.0.into()], rig.now())
        .unwrap();
    assert_eq!(rig.drain(), ["1> 435[1]"]);
    rig.close(1006);
    rig.next_attempt();
    rig.join();
    rig.client.answer(second, vec![], rig.now()).unwrap();

    assert_eq!(rig.drain(), [""; 0]);
}

#[test]
fn a_reserved_name_is_an_error_and_nothing_is_sent() {
    let mut rig = connected();
    for name in [
        "connect",
        "connect_error",
        "disconnect",
        "disconnecting",
        "newListener",
        "removeListener",
    ] {
        let result = rig.client.emit(Emit::new(name, vec![]), at(1));

        assert_eq!(result, Err(EmitError::ReservedEvent));
        assert_eq!(rig.drain(), [""; 0]);
    }
}

#[test]
fn a_frame_larger_than_the_server_accepts_is_an_error() {
    for (size, ok) in [(1_000_000, true), (1_000_001, false)] {
        let mut rig = connected();
        let text = "x".repeat(size - r#"42["a",""]"#.len());

        let result = rig.client.emit(Emit::new("a", vec![text.into()]), at(1));

        let limit = 1_000_000;
        let expected = if ok {
            Ok(None)
        } else {
            Err(EmitError::TooLarge { size, limit })
        };
        assert_eq!(result, expected);
    }
}

#[test]
fn what_waits_for_a_connection_is_bounded_by_number_bytes_and_age() {
    let mut rig = Rig::new(config());
    for number in 0..100 {
        assert_eq!(rig.emit(Emit::new(number.to_string(), vec![])), [""; 0]);
    }
    assert_eq!(rig.emit(Emit::new("x", vec![])), ["dropped 0"]);
    assert_eq!(rig.client.buffers(SocketId::MAIN).waiting, 100);

    rig.pass(30_000);
    assert_eq!(rig.input(Input::Timeout).len(), 100);
    assert_eq!(rig.client.buffers(SocketId::MAIN).waiting, 0);

    let large = |size: usize| Emit::new("l", vec![Value::String("x".repeat(size))]);
    assert_eq!(rig.emit(large(200_000)), [""; 0]);
    assert_eq!(rig.emit(large(100_000)), ["dropped l"]);
    let result = rig.client.emit(large(300_000), rig.now());
    assert!(matches!(
        result,
        Err(EmitError::TooLarge { limit: 262_144, .. })
    ));
}

#[test]
fn volatile_is_sent_now_or_never() {
    let mut rig = Rig::new(config());
    let volatile = || {
        Emit::new("v", vec![])
            .volatile()
            .with_ack(Duration::from_secs(1))
    };
    assert_eq!(
        rig.client.emit(volatile(), at(0)),
        Err(EmitError::NotConnected)
    );
    rig.input(Input::Connect);
    rig.receive(OPEN);
    assert_eq!(
        rig.client.emit(volatile(), at(0)),
        Err(EmitError::NotConnected)
    );

    assert_eq!(rig.receive(JOINED), ["connected S1"]);
    assert_eq!(rig.emit(volatile()), [r#"1> 420["v"]"#]);
    assert_eq!(rig.client.counters().emits_dropped, 2);
}
