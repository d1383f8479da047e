//! Silence, sleep, and what proves life.

use super::*;

// G01, G02
#[test]
fn a_ping_is_answered_at_once() {
    let mut rig = connected();

    assert_eq!(rig.receive("2"), ["1> 3"]);
    assert_eq!(rig.receive("2probe"), ["1> 3"]);
}

// G07
#[test]
fn silence_ends_the_connection_and_the_close_is_not_waited_for() {
    let mut rig = connected();
    rig.pass(34_999);
    assert_eq!(rig.input(Input::Timeout), [""; 0]);
    rig.pass(1);

    assert_eq!(rig.client.poll_timeout(), Some(rig.now()));
    let lines = rig.input(Input::Timeout);

    assert_eq!(
        lines,
        ["close 1", "disconnected: ping timeout", "reconnecting 1"]
    );
    assert!(matches!(
        rig.client.state(),
        State::Waiting {
            attempt: 1,
            cause: DisconnectReason::PingTimeout,
            ..
        }
    ));
}

// G08 differs: see `Heartbeat::deadline`
#[test]
fn any_packet_proves_life() {
    for frame in ["2", "3", "6", r#"42["x"]"#, r#"42/other,["x"]"#] {
        let mut rig = connected();
        for _ in 0..5 {
            rig.pass(30_000);
            rig.receive(frame);
        }

        assert!(
            matches!(rig.client.state(), State::Connected { .. }),
            "{frame}"
        );
    }
}

#[test]
fn a_frame_that_waited_in_the_queue_of_a_busy_page_proves_life() {
    let mut rig = connected();
    rig.pass(44_999);

    assert_eq!(rig.receive("2"), ["1> 3"]);
    assert_eq!(rig.input(Input::Timeout), [""; 0]);
}

#[test]
fn after_an_hour_asleep_whatever_comes_first_ends_the_connection() {
    for input in [
        Input::Timeout,
        Input::Connect,
        Input::RetryNow,
        Input::Received(TransportId(1), Frame::Text("2".into())),
        Input::Opened(TransportId(1)),
        Input::Closed(TransportId(99), Closed::default()),
        Input::Page(Page::Hidden),
    ] {
        let mut rig = connected();
        rig.pass(3_600_000);

        let lines = rig.input(input.clone());

        assert_eq!(
            lines[..2],
            ["close 1", "disconnected: ping timeout"],
            "{input:?}"
        );
    }
}

// G10, SS48 of the reference client's own tests
#[test]
fn an_emit_after_sleep_is_not_written_to_the_dead_connection() {
    let mut rig = connected();
    rig.pass(3_600_000);

    let lines = rig.emit(Emit::new("x", vec![]));

    assert_eq!(
        lines,
        ["close 1", "disconnected: ping timeout", "reconnecting 1"]
    );
    rig.next_attempt();
    assert_eq!(rig.join(), [r#"2> 42["x"]"#, "connected S1"]);
}

// G11
#[test]
fn a_page_that_is_seen_again_does_not_trust_a_connection_on_which_a_ping_is_missing() {
    for (silence, page, trusted) in [
        (26_999, Page::Visible, true),
        (27_000, Page::Visible, false),
        (27_000, Page::Online, false),
        (27_000, Page::Restored, false),
        (27_000, Page::Hidden, true),
    ] {
        let mut rig = connected();
        rig.pass(silence);

        let lines = rig.input(Input::Page(page));

        let replaced = [
            "close 1",
            "disconnected: ping timeout",
            "reconnecting 1",
            "open 2",
        ];
        let expected: &[&str] = if trusted { &[] } else { &replaced };
        assert_eq!(lines, expected, "{silence} {page:?}");
    }
}
