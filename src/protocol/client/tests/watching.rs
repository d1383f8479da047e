//! What is told only on demand, and what a volatile emit waits for: nothing.

use super::*;

// Q16
#[test]
fn what_goes_out_is_told_when_it_goes_out_and_as_the_server_reads_it() {
    let mut rig = Rig::new(config());
    rig.client.watch(Watch {
        sent: true,
        packets: false,
    });
    let bytes = Value::Bytes(Arc::from([1, 2]));
    assert_eq!(rig.emit(Emit::new("kept", vec![1.0.into()])), [""; 0]);
    rig.input(Input::Connect);
    rig.receive(OPEN);

    assert_eq!(
        rig.receive(JOINED),
        ["sent kept [1]", r#"1> 42["kept",1]"#, "connected S1"]
    );
    assert_eq!(
        rig.emit(Emit::new("now", vec![f64::NAN.into()])),
        ["sent now [null]", r#"1> 42["now",null]"#]
    );
    assert_eq!(
        rig.emit(Emit::new("bin", vec![bytes])),
        [
            "sent bin [2 bytes]",
            r#"1> 451-["bin",{"_placeholder":true,"num":0}]"#,
            "1> 2 bytes"
        ]
    );
    let token = rig.receive_ask(r#"427["q"]"#);
    rig.client.answer(token, vec![], rig.now()).unwrap();
    assert_eq!(rig.drain(), ["1> 437[]"], "an answer is no event");
    rig.client.set_retries(
        SocketId::MAIN,
        Some(Retries {
            count: 1,
            ack_timeout: Duration::from_secs(1),
        }),
    );
    let again = ["sent again []", r#"1> 420["again"]"#];
    assert_eq!(rig.emit(Emit::new("again", vec![])), again);
    rig.pass(1_000);
    let again = ["sent again []", r#"1> 421["again"]"#];
    assert_eq!(rig.input(Input::Timeout), again);
}

#[test]
fn packets_of_every_namespace_are_told_before_what_follows_from_them() {
    let mut rig = connected();
    rig.shows_manager = true;
    rig.client.watch(Watch {
        sent: false,
        packets: true,
    });

    assert_eq!(
        rig.receive(r#"42["x"]"#),
        ["manager: packet of /", "message x []"]
    );
    assert_eq!(
        rig.receive(r#"42/other,["x"]"#),
        ["manager: packet of /other"]
    );
    rig.client.watch(Watch::default());
    assert_eq!(rig.receive(r#"42["x"]"#), ["message x []"]);
}

// Q05
#[test]
fn volatile_is_dropped_while_what_went_before_is_not_out() {
    let mut rig = connected();
    let volatile = || Emit::new("v", vec![]).volatile();
    rig.client.emit(Emit::new("a", vec![]), rig.now()).unwrap();

    let result = rig.client.emit(volatile(), rig.now());

    assert_eq!(result, Err(EmitError::NotWritable));
    assert_eq!(rig.drain(), [r#"1> 42["a"]"#]);
    assert_eq!(rig.emit(volatile()), [r#"1> 42["v"]"#]);
    assert_eq!(rig.client.counters().emits_dropped, 1);
}

// Q03, D3
#[test]
fn volatile_is_not_sent_later_whatever_the_connection_was() {
    let mut rig = connected();
    rig.close(1006);

    let result = rig
        .client
        .emit(Emit::new("v", vec![]).volatile(), rig.now());

    assert_eq!(result, Err(EmitError::NotConnected));
    rig.next_attempt();
    assert_eq!(rig.join(), ["connected S1"]);
}

// B15, B23, E04
#[test]
fn what_the_server_would_close_on_is_refused_and_the_connection_lives() {
    let bytes = || Value::Bytes(Arc::from([1]));
    let placeholder = Value::object([("_placeholder", true.into()), ("num", 0.0.into())]);
    let mut deep = Value::Null;
    for _ in 0..json::MAX_DEPTH {
        deep = Value::Array(vec![deep]);
    }
    for retries in [
        None,
        Some(Retries {
            count: 1,
            ack_timeout: Duration::from_secs(1),
        }),
    ] {
        let mut rig = connected();
        rig.client.set_retries(SocketId::MAIN, retries);
        for (event, args, error) in [
            ("a", vec![bytes(); 11], EmitError::TooManyAttachments(11)),
            (
                "a",
                vec![bytes(), placeholder.clone()],
                EmitError::ReservedShape,
            ),
            ("a", vec![deep.clone()], EmitError::TooDeep),
            ("disconnect", vec![], EmitError::ReservedEvent),
        ] {
            let result = rig.client.emit(Emit::new(event, args), rig.now());
            assert_eq!(result, Err(error));
        }
        assert_eq!(rig.drain(), [""; 0]);
        assert_eq!(rig.client.buffers(SocketId::MAIN), Buffers::default());
        assert!(matches!(rig.client.state(), State::Connected { .. }));
    }
}

// D1, P13
#[test]
fn a_connection_that_closes_right_after_its_answer_is_not_connected() {
    let mut rig = Rig::new(config());
    rig.input(Input::Connect);
    rig.receive(OPEN);
    let closed = Input::Closed(rig.transport(), Closed::default());
    rig.client.handle_input(
        Input::Received(rig.transport(), Frame::Text(JOINED.into())),
        rig.now,
    );
    rig.client.handle_input(closed, rig.now);
    rig.open = None;
    let told: Vec<_> = std::iter::from_fn(|| rig.client.poll_output())
        .filter_map(|output| match output {
            Output::Event(_, event) => Some(event),
            _ => None,
        })
        .collect();

    assert!(matches!(
        told.as_slice(),
        [
            Event::Connected { .. },
            Event::Disconnected(_),
            Event::Reconnecting { .. }
        ]
    ));
    assert!(matches!(rig.client.state(), State::Waiting { .. }));
    assert_eq!(rig.emit(Emit::new("in the gap", vec![])), [""; 0]);
    rig.next_attempt();
    let lines = rig.join();
    assert_eq!(lines, [r#"2> 42["in the gap"]"#, "connected S1"]);
}

// D2, P12
#[test]
fn an_event_right_before_the_close_is_told_before_disconnected() {
    let mut rig = connected();
    let message = Frame::Text(r#"42["a",1]"#.into());
    rig.client
        .handle_input(Input::Received(rig.transport(), message), rig.now);

    let lines = rig.close(1006);

    assert_eq!(lines[..1], ["message a [1]"]);
    assert!(lines[1].starts_with("disconnected"), "{lines:?}");
}
