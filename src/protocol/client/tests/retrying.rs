//! Emits that are sent again until they are answered, and answers that nobody waits for any more.

use super::*;

// Q11
#[test]
fn a_try_that_is_lost_or_not_answered_is_made_again_and_the_next_emit_waits_for_it() {
    let mut rig = retrying(2);
    let ask = Emit::new("a", vec![]).with_ack(Duration::from_millis(80));
    assert_eq!(rig.emit(ask), [r#"1> 420["a"]"#]);
    assert_eq!(rig.emit(Emit::new("b", vec![])), [""; 0]);

    rig.close(1006);
    rig.next_attempt();
    rig.receive(OPEN);
    assert_eq!(rig.receive(JOINED), [r#"2> 421["a"]"#, "connected S1"]);
    rig.pass(79);
    assert_eq!(rig.input(Input::Timeout), [""; 0]);
    rig.pass(1);
    assert_eq!(rig.client.poll_timeout(), Some(rig.now()));
    assert_eq!(rig.input(Input::Timeout), [r#"2> 422["a"]"#]);

    let lines = rig.receive("432[7]");
    assert_eq!(lines, ["acked AckId(0) [7]", r#"2> 423["b"]"#]);
    assert_eq!(rig.receive("433[]"), [""; 0]);
    assert_eq!(rig.client.buffers(SocketId::MAIN), Buffers::default());
}

// Q12
#[test]
fn after_the_last_try_it_has_failed_and_the_next_emit_has_its_turn() {
    let mut rig = retrying(3);
    assert_eq!(rig.emit(Emit::new("a", vec![])), [r#"1> 420["a"]"#]);
    let ask = Emit::new("b", vec![]).with_ack(Duration::from_secs(2));
    assert_eq!(rig.emit(ask), [""; 0]);

    for (id, event) in [(1, "a"), (2, "a"), (3, "a")] {
        rig.pass(1_000);
        assert_eq!(
            rig.input(Input::Timeout),
            [format!(r#"1> 42{id}["{event}"]"#)]
        );
    }
    rig.pass(1_000);
    assert_eq!(rig.input(Input::Timeout), ["dropped a", r#"1> 424["b"]"#]);
    for id in 5..=7 {
        rig.pass(2_000);
        assert_eq!(rig.input(Input::Timeout), [format!(r#"1> 42{id}["b"]"#)]);
    }
    rig.pass(2_000);
    let lines = rig.input(Input::Timeout);
    assert_eq!(lines, ["no ack AckId(0): operation has timed out"]);
    assert_eq!(rig.client.counters().emits_dropped, 2);
}

// Q13
#[test]
fn an_answer_is_an_answer_whatever_it_holds() {
    for answer in [
        r#"430["ok"]"#,
        "430[null]",
        "430[]",
        r#"430[{"error":true}]"#,
    ] {
        let mut rig = retrying(2);
        let ask = Emit::new("a", vec![]).with_ack(Duration::from_secs(1));
        rig.emit(ask);

        let lines = rig.receive(answer);

        assert_eq!(lines, [format!("acked AckId(0) {}", &answer[3..])]);
        rig.pass(10_000);
        assert_eq!(rig.input(Input::Timeout), [""; 0]);
    }
}

#[test]
fn a_late_answer_to_an_earlier_try_ends_it_too() {
    let mut rig = retrying(2);
    rig.emit(Emit::new("a", vec![]));
    rig.emit(Emit::new("b", vec![]));
    rig.pass(1_000);
    assert_eq!(rig.input(Input::Timeout), [r#"1> 421["a"]"#]);

    assert_eq!(rig.receive("430[]"), [r#"1> 422["b"]"#]);
    assert_eq!(rig.receive("431[]"), [""; 0]);
    assert_eq!(rig.receive("432[]"), [""; 0]);
    assert_eq!(rig.client.buffers(SocketId::MAIN).queued, 0);
}

// Q14
#[test]
fn what_is_emitted_on_being_connected_is_sent_once_and_after_what_waited() {
    let mut rig = retrying(2);
    rig.close(1006);
    rig.emit(Emit::new("a", vec![]));
    rig.next_attempt();
    rig.receive(OPEN);

    assert_eq!(rig.receive(JOINED), [r#"2> 420["a"]"#, "connected S1"]);
    assert_eq!(rig.emit(Emit::new("b", vec![])), [""; 0]);
    assert_eq!(rig.receive("430[]"), [r#"2> 421["b"]"#]);
}

// Q15
#[test]
fn time_without_a_connection_burns_no_tries() {
    let mut rig = retrying(0);
    rig.close(1006);
    rig.emit(Emit::new("a", vec![]));
    rig.pass(3_600_000);
    rig.input(Input::Timeout);
    rig.receive(OPEN);

    assert_eq!(rig.receive(JOINED), [r#"2> 420["a"]"#, "connected S1"]);
    assert_eq!(rig.close(1006)[1], "dropped a");
}

#[test]
fn what_is_queued_is_promised_and_what_has_no_place_is_refused() {
    for (queued_emits, queued_bytes, fits) in [(3, 18, true), (2, 18, false), (3, 17, false)] {
        let mut config = config();
        config.retries = Some(Retries {
            count: 1,
            ack_timeout: Duration::from_secs(1),
        });
        config.limits.queued_emits = queued_emits;
        config.limits.queued_bytes = queued_bytes;
        let mut rig = Rig::new(config);
        rig.emit(Emit::new("a", vec![]));
        rig.emit(Emit::new("b", vec![]));

        let result = rig.client.emit(Emit::new("c", vec![]), rig.now());

        let expected = if fits {
            Ok(None)
        } else {
            Err(EmitError::QueueFull)
        };
        assert_eq!(result, expected, "{queued_emits} {queued_bytes}");
        let buffers = rig.client.buffers(SocketId::MAIN);
        let queued = if fits { (3, 18) } else { (2, 12) };
        assert_eq!((buffers.queued, buffers.queued_bytes), queued);
        rig.pass(60_000);
        assert_eq!(rig.input(Input::Timeout), [""; 0]);
        assert_eq!(rig.client.buffers(SocketId::MAIN), buffers);
    }
}

#[test]
fn volatile_emits_pass_the_queue_by() {
    let mut rig = retrying(2);
    rig.emit(Emit::new("a", vec![]));

    let lines = rig.emit(Emit::new("v", vec![]).volatile());

    assert_eq!(lines, [r#"1> 42["v"]"#]);
}

// A16
#[test]
fn an_answer_that_is_not_wanted_any_more_frees_its_place() {
    let mut rig = connected();
    let ask = |event| Emit::new(event, vec![]).with_ack(Duration::from_secs(60));
    let sent = rig.client.emit(ask("sent"), rig.now()).unwrap().unwrap();
    rig.drain();

    assert!(rig.client.cancel_ack(sent, rig.now()));
    assert!(!rig.client.cancel_ack(sent, rig.now()));
    assert_eq!(rig.receive("430[]"), [""; 0]);
    assert_eq!(rig.client.buffers(SocketId::MAIN).acks, 0);
    rig.close(1006);

    let kept = rig.client.emit(ask("kept"), rig.now()).unwrap().unwrap();
    assert!(rig.client.cancel_ack(kept, rig.now()));
    rig.next_attempt();
    assert_eq!(rig.join(), ["connected S1"]);
}

#[test]
fn a_queued_emit_that_is_not_wanted_any_more_is_not_sent_again() {
    let mut rig = retrying(2);
    let ask = Emit::new("a", vec![]).with_ack(Duration::from_secs(1));
    let ack = rig.client.emit(ask, rig.now()).unwrap().unwrap();
    rig.drain();
    rig.emit(Emit::new("b", vec![]));

    assert!(rig.client.cancel_ack(ack, rig.now()));

    assert_eq!(rig.drain(), [r#"1> 421["b"]"#]);
    assert_eq!(rig.receive("430[]"), [""; 0]);
    rig.pass(1_000);
    assert_eq!(rig.input(Input::Timeout), [r#"1> 422["b"]"#]);
}

#[test]
fn what_is_cleared_is_told_and_leaves_nothing() {
    let mut rig = retrying(2);
    let ask = |event| Emit::new(event, vec![]).with_ack(Duration::from_secs(9));
    rig.emit(ask("queued"));
    rig.client.set_retries(SocketId::MAIN, None);
    rig.emit(ask("sent"));
    rig.input(Input::Disconnect);
    rig.emit(ask("kept"));

    let lines = rig.command(|client, _| client.clear(SocketId::MAIN));

    let expected = [
        "dropped kept",
        "no ack AckId(2): the event was never sent",
        // It went out, and may have arrived.
        "no ack AckId(0): socket has been disconnected",
    ];
    assert_eq!(lines, expected);
    assert_eq!(rig.client.buffers(SocketId::MAIN), Buffers::default());
    assert_eq!(rig.client.poll_timeout(), None);
}

#[test]
fn of_a_queued_emit_that_a_later_server_does_not_take_it_is_told_whether_it_was_sent() {
    for (is_connected, error) in [
        (true, "socket has been disconnected"),
        (false, "the event was never sent"),
    ] {
        let mut rig = retrying(2);
        if !is_connected {
            rig.close(1006);
        }
        rig.emit(Emit::new("a", vec![]).with_ack(Duration::from_secs(9)));
        rig.close(1006);
        rig.next_attempt();
        rig.receive(r#"0{"sid":"e","pingInterval":9000,"pingTimeout":9000,"maxPayload":5}"#);

        let lines = rig.receive(JOINED);

        let expected = [&format!("no ack AckId(0): {error}"), "connected S1"];
        assert_eq!(lines, expected);
    }
}

#[test]
fn retries_are_one_sockets_own() {
    let mut rig = retrying(1);
    let a = rig.client.socket("/a").unwrap();
    rig.command(|client, now| client.connect(a, now));
    rig.receive(r#"40/a,{"sid":"A1"}"#);

    assert_eq!(rig.emit(Emit::new("x", vec![]).on(a)), [r#"1> 42/a,["x"]"#]);
    rig.client.set_retries(SocketId::MAIN, None);
    assert_eq!(rig.emit(Emit::new("x", vec![])), [r#"1> 42["x"]"#]);
}

fn retrying(count: u32) -> Rig {
    let mut config = config();
    config.retries = Some(Retries {
        count,
        ack_timeout: Duration::from_secs(1),
    });
    let mut rig = Rig::new(config);
    rig.input(Input::Connect);
    assert_eq!(rig.join(), ["connected S1"]);
    rig
}
