//! What is told of the connection, and in which order.

use super::*;

// X04
#[test]
fn a_loss_is_told_from_the_sockets_to_the_manager_and_a_return_from_the_manager_to_the_sockets() {
    let mut rig = connected();
    rig.shows_manager = true;

    assert_eq!(
        rig.close(1006),
        [
            "disconnected: transport close: code 1006",
            "manager: close: transport close: code 1006",
            "reconnecting 1",
        ]
    );
    assert_eq!(
        rig.next_attempt(),
        ["manager: reconnect attempt 1", "open 2"]
    );
    assert_eq!(
        rig.receive(OPEN),
        [
            "manager: open",
            "manager: reconnect 1",
            r#"2> 40{"token":"t1"}"#
        ]
    );
    assert_eq!(rig.receive(JOINED), ["connected S1"]);
    assert_eq!(rig.receive("2"), ["2> 3", "manager: ping"]);
}

// X05
#[test]
fn after_the_last_attempt_it_is_given_up_and_connect_begins_anew() {
    let mut config = config();
    config.reconnection.attempts = Some(2);
    let mut rig = Rig::new(config);
    rig.shows_manager = true;
    let told = |mut lines: Vec<String>| {
        lines.retain(|line| !line.starts_with("reconnecting"));
        lines.join(", ").replace(": transport close: code 1006", "")
    };

    for opens in [1, 4] {
        assert_eq!(rig.input(Input::Connect), [format!("open {opens}")]);
        let lines = told(rig.close(1006));
        assert_eq!(lines, "connect error, manager: error");
        for (number, last) in [(1, ""), (2, ", manager: reconnect failed")] {
            let lines = rig.next_attempt();
            assert_eq!(lines[0], format!("manager: reconnect attempt {number}"));
            let lines = told(rig.close(1006));
            let expected = "connect error, manager: error, manager: reconnect error";
            assert_eq!(lines, [expected, last].concat());
        }
        assert!(matches!(rig.client.state(), State::Ended(_)));
        assert_eq!(rig.client.poll_timeout(), None);
    }
}

// X08
#[test]
fn no_attempts_means_none() {
    let mut config = config();
    config.reconnection.attempts = Some(0);
    let mut rig = Rig::new(config);
    rig.shows_manager = true;
    rig.input(Input::Connect);

    let lines = rig.close(1006);

    assert_eq!(lines.last().unwrap(), "manager: reconnect failed");
    assert!(matches!(rig.client.state(), State::Ended(_)));
}

#[test]
fn no_attempts_means_none_after_a_disconnect_of_the_server_either() {
    let mut config = config();
    config.reconnection.attempts = Some(0);
    let mut rig = Rig::new(config);
    rig.input(Input::Connect);
    rig.join();

    assert_eq!(
        rig.receive("41"),
        ["close 1", "disconnected: io server disconnect"]
    );

    let ended = State::Ended(DisconnectReason::ServerDisconnect);
    assert_eq!(rig.client.state(), &ended);
    assert_eq!(rig.client.poll_timeout(), None);
}

// X12
#[test]
fn attempts_are_counted_anew_once_a_connection_was_open() {
    let mut config = config();
    config.reconnection.attempts = Some(1);
    let mut rig = Rig::new(config);
    rig.shows_manager = true;
    rig.input(Input::Connect);

    for _ in 0..5 {
        rig.receive(OPEN);
        rig.close(1006);
        assert_eq!(rig.next_attempt()[0], "manager: reconnect attempt 1");
    }
}

// X09
#[test]
fn reconnection_that_is_switched_off_ends_every_wait() {
    let mut rig = connected();
    rig.close(1006);

    rig.command(|client, now| client.set_reconnection(false, now));

    let closed = Closed {
        code: Some(1006),
        reason: String::new(),
    };
    let ended = State::Ended(DisconnectReason::TransportClose(closed));
    assert_eq!(rig.client.state(), &ended);
    assert_eq!(rig.client.poll_timeout(), None);
    rig.command(|client, now| client.set_reconnection(true, now));
    assert_eq!(rig.input(Input::Connect), ["open 2"]);
    rig.close(1006);
    assert_eq!(rig.next_attempt(), ["open 3"]);
}

// X09
#[test]
fn leaving_during_the_wait_ends_it_and_connecting_again_opens_at_once() {
    let mut rig = connected();
    rig.close(1006);

    assert_eq!(rig.input(Input::Disconnect), [""; 0]);
    assert_eq!(rig.client.poll_timeout(), None);
    rig.shows_manager = true;
    assert_eq!(rig.input(Input::Connect), ["open 2"]);
}

// X13
#[test]
fn a_connection_that_we_give_up_is_made_anew() {
    let mut rig = connected();

    let lines = rig.command(Client::force_close);

    assert_eq!(
        lines,
        ["close 1", "disconnected: forced close", "reconnecting 1"]
    );
    assert_eq!(rig.next_attempt(), ["open 2"]);
    assert_eq!(rig.join(), ["connected S1"]);
}

#[test]
fn what_breaks_the_protocol_is_told_to_the_manager_before_the_loss() {
    let mut rig = connected();
    rig.shows_manager = true;

    let lines = rig.receive("42[]");

    assert_eq!(
        lines[0],
        "protocol error: the payload of EVENT has a wrong shape"
    );
    assert!(
        lines[2].starts_with("disconnected: parse error"),
        "{lines:?}"
    );
    assert!(
        lines[3].starts_with("manager: close: parse error"),
        "{lines:?}"
    );
}

// C24
#[test]
fn leaving_while_it_opens_tells_nothing() {
    let mut rig = Rig::new(config());
    rig.shows_manager = true;
    rig.input(Input::Connect);

    assert_eq!(rig.input(Input::Disconnect), ["close 1"]);
}
