//! Every limit one below, at, and one above: what is within it is kept, what is above it goes, and is counted.

use super::*;

#[test]
fn frames_are_bounded() {
    for (size, dropped, connected) in [
        (99, 0, true),
        (100, 0, true),
        (101, 1, true),
        (199, 1, true),
        (200, 1, true),
        (201, 1, false),
    ] {
        let mut rig = connected_with(|limits| (limits.frame, limits.frame_closing) = (100, 200));

        rig.receive(&event_of(size));

        assert_eq!(rig.client.counters().frames_dropped, dropped, "{size}");
        assert_eq!(
            rig.told_connected.contains(&SocketId::MAIN),
            connected,
            "{size}"
        );
    }
}

#[test]
fn attachments_are_bounded_in_number_bytes_and_time() {
    for (count, bytes, millis, complete) in [
        (9, 1, 0, true),
        (10, 1, 0, true),
        (11, 1, 0, false),
        (3, 9, 0, true),
        (3, 10, 0, true),
        (3, 11, 0, false),
        (3, 1, 9_999, true),
        (3, 1, 10_000, false),
        (3, 1, 10_001, false),
    ] {
        let mut rig = connected_with(|limits| limits.attachment_bytes = 30);
        let mut lines = rig.receive(&format!(r#"45{count}-["x"]"#));
        for _ in 1..count {
            lines.extend(rig.receive_bytes(&vec![0; bytes]));
        }

        rig.pass(millis);
        lines.extend(rig.receive_bytes(&vec![0; bytes]));

        let case = format!("{count} of {bytes} bytes within {millis} ms: {lines:?}");
        assert_eq!(lines == ["message x []"], complete, "{case}");
        assert_eq!(
            rig.told_connected.contains(&SocketId::MAIN),
            complete,
            "{case}"
        );
    }
}

#[test]
fn what_comes_before_connect_is_answered_is_bounded_in_number_and_memory() {
    const VALUE: usize = size_of::<Value>();
    for (count, attachment, dropped) in [
        (4, 10, 0),
        (5, 10, 0),
        (6, 10, 1),
        (2, 399, 0),
        (2, 400, 0),
        (2, 401, 1),
        (1, 900, 0),
        (1, 901, 1),
    ] {
        let mut config = config();
        config.limits.early_messages = 5;
        // As large as two packets: a name of one byte, a large attachment and an empty one.
        config.limits.early_bytes = 2 * (1 + 2 * VALUE + 400);
        if count == 1 {
            config.limits.early_bytes = 1 + 2 * VALUE + 900;
        }
        let mut rig = Rig::new(config);
        rig.input(Input::Connect);
        rig.receive(OPEN);
        for _ in 0..count {
            rig.receive(r#"452-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#);
            rig.receive_bytes(&vec![0; attachment]);
            rig.receive_bytes(&[]);
        }

        let told = rig.receive(JOINED).len() as u64 - 1;

        let case = format!("{count} of {attachment} bytes");
        assert_eq!(rig.client.counters().messages_dropped, dropped, "{case}");
        assert_eq!(told, count - dropped, "{case}");
    }
}

#[test]
fn what_waits_for_a_connection_is_bounded_in_number_bytes_and_time() {
    // What waits is a message, a byte shorter than its frame.
    for (count, size, millis, dropped) in [
        (4, 20, 0, 0),
        (5, 20, 0, 0),
        (6, 20, 0, 1),
        (2, 75, 0, 0),
        (2, 76, 0, 0),
        (2, 77, 0, 1),
        (3, 20, 29_999, 0),
        (3, 20, 30_000, 3),
        (3, 20, 30_001, 3),
    ] {
        let mut config = config();
        config.limits.buffered_emits = 5;
        config.limits.buffered_bytes = 150;
        let mut rig = Rig::new(config);
        for _ in 0..count {
            rig.emit(emit_of(size));
        }

        rig.pass(millis);
        rig.input(Input::Timeout);

        let case = format!("{count} of {size} bytes after {millis} ms");
        assert_eq!(rig.client.counters().emits_dropped, dropped, "{case}");
        assert_eq!(
            rig.client.buffers(SocketId::MAIN).waiting as u64,
            count - dropped,
            "{case}"
        );
    }
}

#[test]
fn what_is_sent_is_bounded_by_what_the_server_accepts() {
    let mut rig = Rig::new(config());
    rig.input(Input::Connect);
    rig.receive(r#"0{"sid":"e","pingInterval":25000,"pingTimeout":20000,"maxPayload":100}"#);
    rig.receive(JOINED);
    for (size, error) in [
        (99, None),
        (100, None),
        (
            101,
            Some(EmitError::TooLarge {
                size: 101,
                limit: 100,
            }),
        ),
    ] {
        assert_eq!(rig.client.emit(emit_of(size), rig.now()).err(), error);
    }
}

#[test]
fn what_a_buffer_can_never_hold_is_refused() {
    let mut config = config();
    config.limits.buffered_bytes = 100;
    let mut rig = Rig::new(config);
    for (size, error) in [
        (100, None),
        (101, None),
        (
            102,
            Some(EmitError::TooLarge {
                size: 101,
                limit: 100,
            }),
        ),
    ] {
        assert_eq!(rig.client.emit(emit_of(size), rig.now()).err(), error);
    }
}

#[test]
fn answers_that_are_waited_for_are_bounded() {
    let mut rig = connected();
    let limit = Limits::default().acks;
    let ask = || Emit::new("ask", vec![]).with_ack(Duration::from_secs(5));
    for _ in 1..limit {
        rig.emit(ask());
    }
    rig.emit(ask());

    assert_eq!(
        rig.client.emit(ask(), rig.now()),
        Err(EmitError::TooManyAcks)
    );

    rig.receive("430[]");
    rig.emit(ask());
}

fn connected_with(set: impl FnOnce(&mut Limits)) -> Rig {
    let mut config = config();
    set(&mut config.limits);
    let mut rig = Rig::new(config);
    rig.input(Input::Connect);
    rig.receive(r#"0{"sid":"e","pingInterval":25000,"pingTimeout":20000}"#);
    assert_eq!(rig.receive(JOINED), ["connected S1"]);
    rig
}

/// An event in a frame of so many bytes.
fn event_of(size: usize) -> String {
    [r#"42["x",""#, &"x".repeat(size - 10), r#""]"#].concat()
}

fn emit_of(size: usize) -> Emit {
    Emit::new("x", vec!["x".repeat(size - 10).into()])
}
