//! How a connection ends, and what is told of it.

use super::*;

#[test]
fn a_frame_of_a_stale_transport_is_dropped() {
    let mut rig = connected();
    let old = rig.transport();
    rig.close(1006);
    rig.next_attempt();
    rig.join();

    for input in [
        Input::Received(old, Frame::Text(r#"42["old"]"#.into())),
        Input::Closed(old, Closed::default()),
        Input::Opened(old),
    ] {
        assert_eq!(rig.input(input), [""; 0]);
    }
    assert_eq!(rig.client.counters().stale_inputs, 3);
}

#[test]
fn a_transport_that_closed_is_tried_again_within_two_seconds() {
    for seed in 0..200 {
        let mut rig = Rig::seeded(config(), seed);
        rig.input(Input::Connect);
        rig.join();
        rig.pass(20_000);
        rig.receive("2");

        let lines = rig.close(1006);

        assert_eq!(
            lines,
            ["disconnected: transport close: code 1006", "reconnecting 1"]
        );
        let wait = rig
            .client
            .poll_timeout()
            .unwrap()
            .saturating_since(rig.now());
        assert!((100..=2_000).contains(&wait.as_millis()), "{wait:?}");
    }
}

#[test]
fn a_loss_before_connected_is_an_error_and_no_disconnect() {
    for frames in [&[][..], &[OPEN]] {
        let mut rig = Rig::new(config());
        rig.input(Input::Connect);
        for frame in frames {
            rig.receive(frame);
        }

        let lines = rig.close(1006);

        assert_eq!(
            lines,
            [
                "connect error: transport close: code 1006",
                "reconnecting 1"
            ]
        );
    }
}

#[test]
fn a_disconnect_before_connected_is_an_error() {
    let mut rig = Rig::new(config());
    rig.input(Input::Connect);
    rig.receive(OPEN);

    assert_eq!(
        rig.receive("41"),
        [
            "close 1",
            "connect error: io server disconnect",
            "reconnecting 1"
        ]
    );
}

#[test]
fn a_server_that_disconnects_us_is_tried_once_more_and_then_rarely() {
    let mut rig = connected();

    assert_eq!(
        rig.receive("41"),
        [
            "close 1",
            "disconnected: io server disconnect",
            "reconnecting 1"
        ]
    );
    let wait = rig
        .client
        .poll_timeout()
        .unwrap()
        .saturating_since(rig.now());
    assert!((1_000..=5_000).contains(&wait.as_millis()));
    rig.next_attempt();
    rig.join();
    rig.receive("41");

    let State::Breaker { until, cause } = rig.client.state() else {
        panic!("{:?}", rig.client.state());
    };
    assert_eq!(
        (*until, cause),
        (
            rig.now() + Duration::from_secs(60),
            &DisconnectReason::ServerDisconnect
        )
    );
}

#[test]
fn every_malformed_frame_is_one_error_and_one_reconnect() {
    for frame in [
        "",
        "9",
        "x",
        "4",
        r#"47["a"]"#,
        "42",
        "42[]",
        "42{}",
        "42{not json}",
        r#"42["connect"]"#,
        "41{}",
        r#"42["a"]x"#,
        r#"450-["z"]"#,
        r#"4511-["z"]"#,
        "45-",
        r#"42 ["sp"]"#,
        "bAQI=",
        "b!!!!",
        "0{}",
        OPEN,
        r#"4299999999999999999999["a"]"#,
        "€",
        "4€",
    ] {
        let mut rig = connected();

        let lines = rig.receive(frame);

        let shape: Vec<_> = lines
            .iter()
            .map(|line| line.split([':', ' ']).next().unwrap())
            .collect();
        assert_eq!(
            shape,
            ["protocol", "close", "disconnected", "reconnecting"],
            "{frame}"
        );
        assert_eq!(rig.client.counters().protocol_errors, 1, "{frame}");
    }
}

// H07, H08
#[test]
fn a_malformed_handshake_is_an_error_at_once() {
    for frame in [
        "0",
        "0{bad",
        "0{}",
        r#"0{"sid":"","pingInterval":1,"pingTimeout":1}"#,
    ] {
        let mut rig = Rig::new(config());
        rig.input(Input::Connect);

        let lines = rig.receive(frame);

        assert_eq!(lines.len(), 4, "{lines:?}");
        assert!(
            lines[2].starts_with("connect error: transport error"),
            "{lines:?}"
        );
    }
}

#[test]
fn a_large_frame_is_dropped_and_a_huge_one_closes() {
    const MIB: usize = 1024 * 1024;
    for (size, dropped, closed) in [
        (MIB, 0, false),
        (MIB + 1, 1, false),
        (16 * MIB, 1, false),
        (16 * MIB + 1, 1, true),
    ] {
        let mut rig = connected();
        let text = [r#"42["x",""#, &"x".repeat(size - 10), r#""]"#].concat();

        rig.receive(&text);

        assert_eq!(text.len(), size);
        assert_eq!(rig.client.counters().frames_dropped, dropped, "{size}");
        assert_eq!(
            !matches!(rig.client.state(), State::Connected { .. }),
            closed,
            "{size}"
        );
    }
}

#[test]
fn the_packet_of_a_large_frame_is_dropped_whole() {
    let mut config = config();
    config.limits = Limits {
        frame: 100,
        ..Limits::default()
    };
    let mut rig = Rig::new(config);
    rig.input(Input::Connect);
    rig.join();
    let large = [
        "451-[\"",
        &"x".repeat(200),
        r#"",{"_placeholder":true,"num":0}]"#,
    ]
    .concat();

    for step in [
        rig.receive(&large),
        rig.receive_bytes(&[1]),
        rig.receive(r#"451-["y",{"_placeholder":true,"num":0}]"#),
        rig.receive_bytes(&[0; 101]),
    ] {
        assert!(
            step.iter()
                .all(|line| line.starts_with("protocol error: a frame has")),
            "{step:?}"
        );
    }
    assert_eq!(rig.receive(r#"42["z"]"#), ["message z []"]);
}

#[test]
fn closing_it_ourselves_says_so_and_stays_closed() {
    let mut rig = connected();

    assert_eq!(
        rig.input(Input::Disconnect),
        ["1> 41", "close 1", "disconnected: io client disconnect"]
    );
    assert_eq!(rig.input(Input::Disconnect), [""; 0]);
    assert_eq!(rig.client.state(), &State::Closed);
    assert_eq!(rig.client.poll_timeout(), None);
    for input in [
        Input::RetryNow,
        Input::Page(Page::Online),
        Input::Page(Page::Restored),
    ] {
        assert_eq!(rig.input(input), [""; 0]);
    }
    assert_eq!(rig.input(Input::Connect), ["open 2"]);
}

#[test]
fn closing_it_ourselves_before_connected_tells_nothing() {
    let mut rig = Rig::new(config());
    rig.input(Input::Connect);
    assert_eq!(rig.input(Input::Disconnect), ["close 1"]);

    rig.input(Input::Connect);
    rig.close(1006);
    assert_eq!(rig.input(Input::Disconnect), [""; 0]);
    assert_eq!(rig.client.poll_timeout(), None);
}

#[test]
fn without_reconnection_it_ends() {
    let mut config = config();
    config.reconnection = Reconnection {
        enabled: false,
        ..Reconnection::default()
    };
    let mut rig = Rig::new(config);
    rig.input(Input::Connect);
    rig.join();

    rig.receive("41");

    assert_eq!(
        rig.client.state(),
        &State::Ended(DisconnectReason::ServerDisconnect)
    );
    assert_eq!(rig.client.poll_timeout(), None);
    assert_eq!(rig.input(Input::Connect), ["open 2"]);
}
