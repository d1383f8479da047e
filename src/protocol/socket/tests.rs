//! One socket, without a connection.

use super::*;
use std::time::Duration;

const NOW: Instant = Instant::from_millis(0);

#[test]
fn ack_ids_count_up_and_only_where_an_answer_is_asked_for() {
    let mut socket = Socket::new("/a", Auth::None, Limits::default());

    let texts = [ask("x"), Emit::new("y", vec![]), ask("z")].map(|emit| {
        let outgoing = prepare(&mut socket, emit).unwrap();
        socket.dispatch(&outgoing)
    });

    let expected = [r#"42/a,0["x"]"#, r#"42/a,["y"]"#, r#"42/a,1["z"]"#];
    assert_eq!(texts, expected.map(|text| vec![Frame::Text(text.into())]));
}

#[test]
fn an_emit_that_is_refused_leaves_no_ack_behind() {
    let limits = Limits {
        acks: 1,
        ..Limits::default()
    };
    let mut socket = Socket::new("/", Auth::None, limits);

    for (emit, max, error) in [
        (ask("connect"), 1000, EmitError::ReservedEvent),
        (
            ask("long"),
            10,
            EmitError::TooLarge {
                size: 11,
                limit: 10,
            },
        ),
    ] {
        let result = socket.prepare(emit, AckId(0), Limit::of(max), false, NOW);
        assert_eq!(result.err(), Some(error));
    }
    assert_eq!(socket.deadline(), None);

    assert!(prepare(&mut socket, ask("long")).is_ok());
    assert_eq!(
        prepare(&mut socket, ask("x")).err(),
        Some(EmitError::TooManyAcks)
    );
}

#[test]
fn the_size_of_a_frame_is_known_to_the_byte() {
    for (emit, size) in [
        (Emit::new("long", vec![]), 10),
        (ask("long"), 11),
        (Emit::new("b", vec![Value::Bytes([0; 99].into())]), 99),
    ] {
        let mut socket = Socket::new("/", Auth::None, Limits::default());

        let result = socket.prepare(emit.clone(), AckId(0), Limit::of(size), false, NOW);

        let frames = socket.dispatch(&result.unwrap());
        assert_eq!(frames.iter().map(Frame::size).max(), Some(size));
        let result = socket.prepare(emit, AckId(0), Limit::of(size - 1), false, NOW);
        assert!(matches!(result.err(), Some(EmitError::TooLarge { .. })));
    }
}

// A02
#[test]
fn an_answer_counts_once() {
    let mut socket = Socket::new("/", Auth::None, Limits::default());
    let outgoing = prepare(&mut socket, ask("x")).unwrap();
    assert_eq!(socket.handle_ack(0), None, "it is not sent yet");
    socket.dispatch(&outgoing);

    assert_eq!(socket.handle_ack(99), None);
    assert_eq!(socket.handle_ack(0), outgoing.ack);
    assert_eq!(socket.handle_ack(0), None);
}

// A06
#[test]
fn an_overdue_answer_takes_its_unsent_event_along() {
    let mut socket = Socket::new("/", Auth::None, Limits::default());
    let outgoing = prepare(&mut socket, ask("x")).unwrap();
    let ack = outgoing.ack;
    assert!(socket.keep(outgoing, NOW).is_empty());

    assert_eq!(socket.next_overdue_ack(Instant::from_millis(999)), None);
    assert_eq!(socket.next_overdue_ack(Instant::from_millis(1000)), ack);
    assert!(socket.next_waiting().is_none());
}

// A09
#[test]
fn a_lost_connection_takes_the_answers_to_what_was_sent_and_no_others() {
    let mut socket = Socket::new("/", Auth::None, Limits::default());
    let sent = prepare(&mut socket, ask("sent")).unwrap();
    socket.dispatch(&sent);
    let kept = socket
        .prepare(ask("kept"), AckId(1), Limit::of(1000), true, NOW)
        .unwrap();
    assert!(socket.keep(kept, NOW).is_empty());

    assert_eq!(socket.handle_close(), [AckId(0)]);
    let buffers = socket.buffers();
    assert_eq!((buffers.waiting, buffers.acks), (1, 1));
    assert_eq!(buffers.waiting_bytes, r#"2["kept"]"#.len());
    assert!(socket.forget_ack(AckId(1)));
}

// C02
#[test]
fn connect_carries_the_auth() {
    for (namespace, auth, text) in [
        ("/", None, "40"),
        ("/a", None, "40/a,"),
        ("/", Some(Value::Object(vec![])), "40{}"),
        (
            "/a",
            Some(Value::object([("token", "t".into())])),
            r#"40/a,{"token":"t"}"#,
        ),
    ] {
        let socket = Socket::new(namespace, Auth::None, Limits::default());

        assert_eq!(socket.connect_frames(auth), [Frame::Text(text.into())]);
    }
}

#[test]
fn an_auth_that_cannot_be_written_is_left_out_and_what_recovery_needs_is_not() {
    let mut socket = Socket::new("/a", Auth::None, Limits::default());
    socket.recovery.handle_connected(Some("P"));
    let bytes = || Value::Bytes([1].into());
    let deep = (0..2000).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
    for (auth, text) in [
        (Value::object([("a", deep)]), r#"40/a,{"pid":"P"}"#),
        (
            Value::object([("a", Value::Array((0..11).map(|_| bytes()).collect()))]),
            r#"40/a,{"pid":"P"}"#,
        ),
        (
            Value::object([("a", bytes())]),
            r#"40/a,{"pid":"P","a":{"_placeholder":true,"num":0}}"#,
        ),
    ] {
        let frames = socket.connect_frames(Some(auth));

        assert_eq!(frames, [Frame::Text(text.into())]);
    }
}

fn ask(event: &str) -> Emit {
    Emit::new(event, vec![]).with_ack(Duration::from_secs(1))
}

fn prepare(socket: &mut Socket, emit: Emit) -> Result<Outgoing, EmitError> {
    let id = AckId(socket.buffers().acks as u64);
    socket.prepare(emit, id, Limit::of(1000), false, NOW)
}
