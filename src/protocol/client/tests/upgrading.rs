//! From polling to a WebSocket, and from one transport that does not open to the next.

use super::polling::{polling, Wire};
use super::*;

/// A handshake that offers a WebSocket, and a transport that nobody knows.
const OFFER: &str = r#"0{"sid":"e1","upgrades":["carrier-pigeon","websocket"],"pingInterval":25000,"pingTimeout":20000}"#;

/// The first five minutes after a WebSocket failed.
const RETRY: u64 = 300_000;

// P01
#[test]
fn a_session_changes_to_a_websocket_and_what_waited_follows() {
    let mut wire = Wire::new(both());
    wire.rig.shows_manager = true;

    assert_eq!(wire.input(Input::Connect), ["GET 1"]);
    assert_eq!(
        wire.answer_get(OFFER),
        ["manager: open", "POST 1 40", "open 2", "GET 1"]
    );
    assert_eq!(
        wire.sockets[0].1,
        "ws://h/socket.io/?EIO=4&transport=websocket&sid=e1"
    );
    assert_eq!(wire.input(Input::Opened(TransportId(2))), ["2> 2probe"]);
    assert_eq!(wire.answer_get(JOINED), ["connected S1", "GET 1"]);
    assert_eq!(wire.receive(2, "3probe"), [""; 0]);
    // Polling is paused: what is emitted waits, what comes is heard.
    assert_eq!(wire.emit("a"), [""; 0]);
    assert_eq!(wire.answer_post(), [""; 0]);
    assert_eq!(wire.emit("b"), [""; 0]);
    assert_eq!(
        wire.answer_get("42[\"x\"]\u{1e}6"),
        [
            "message x []",
            "2> 5",
            r#"2> 42["a"]"#,
            r#"2> 42["b"]"#,
            "manager: upgraded"
        ]
    );
    assert_eq!(wire.emit("c"), [r#"2> 42["c"]"#]);
    assert_eq!(wire.receive(2, "2"), ["2> 3", "manager: ping"]);
    assert_eq!(wire.rig.client.transport(), Some(TransportKind::WebSocket));
    assert!(wire.requests.is_empty());
}

// P02
#[test]
fn nothing_is_lost_or_doubled_however_the_change_falls_among_emits() {
    for at in 0..12 {
        let mut wire = Wire::connected(both(), OFFER);
        let mut sent = Vec::new();
        for step in 0..12 {
            if step == at {
                sent.extend(wire.input(Input::Opened(TransportId(2))));
                sent.extend(wire.receive(2, "3probe"));
            }
            if step == at + 2 && wire.is_under_way("GET") {
                sent.extend(wire.answer_get("6"));
            }
            if step % 3 == 0 && wire.is_under_way("POST") {
                sent.extend(wire.answer_post());
            }
            sent.extend(wire.emit(&step.to_string()));
        }
        for method in ["POST", "GET", "POST"] {
            if wire.is_under_way(method) {
                sent.extend(wire.answer(method, 200, "6"));
            }
        }

        let events: Vec<_> = sent
            .iter()
            .filter(|line| line.contains("42["))
            .flat_map(|line| line.split(['\u{1e}', ' ']))
            .filter(|part| part.starts_with("42["))
            .map(str::to_owned)
            .collect();
        let all: Vec<_> = (0..12).map(|n| format!(r#"42["{n}"]"#)).collect();
        assert_eq!(events, all, "at {at}: {sent:?}");
    }
}

// P03, P04, P05, P06
#[test]
fn a_probe_that_comes_to_nothing_is_closed_and_polling_goes_on() {
    for (case, closes) in [
        ("refused", false),
        ("closed after opening", false),
        ("closed after asking", false),
        ("wrong answer", true),
        ("event for an answer", true),
        ("no answer", true),
        ("never opened", true),
    ] {
        let mut wire = Wire::connected(both(), OFFER);
        wire.rig.shows_manager = true;
        let opened = Input::Opened(TransportId(2));
        let closed = Input::Closed(TransportId(2), Closed::default());
        let lines = match case {
            "refused" => wire.input(closed),
            "never opened" => probe_times_out(&mut wire),
            _ => {
                wire.input(opened);
                match case {
                    "closed after opening" | "closed after asking" => wire.input(closed),
                    "wrong answer" => wire.receive(2, "3nope"),
                    "event for an answer" => wire.receive(2, r#"42["x"]"#),
                    _ => probe_times_out(&mut wire),
                }
            }
        };

        let expected: &[&str] = match closes {
            true => &["close 2", "manager: upgrade failed"],
            false => &["manager: upgrade failed"],
        };
        assert_eq!(lines, expected, "{case}");
        assert_eq!(wire.emit("a"), [r#"POST 1 42["a"]"#], "{case}");
        assert_eq!(wire.answer_get(r#"42["b"]"#), ["message b []", "GET 1"]);
        assert_eq!(wire.rig.client.counters().upgrade_failures, 1);
    }
}

#[test]
fn a_probe_that_dies_while_polling_is_paused_lets_polling_go_on() {
    for dies in ["closes", "hangs"] {
        let mut wire = Wire::connected(both(), OFFER);
        wire.input(Input::Opened(TransportId(2)));
        wire.receive(2, "3probe");
        wire.emit("a");

        let lines = match dies {
            "closes" => wire.input(Input::Closed(TransportId(2), Closed::default())),
            _ => probe_times_out(&mut wire),
        };

        let post = r#"POST 1 42["a"]"#;
        let expected: &[&str] = match dies {
            "closes" => &[post],
            _ => &["close 2", post],
        };
        assert_eq!(lines, expected, "{dies}");
        assert_eq!(wire.answer_get("6"), ["GET 1"], "{dies}");
    }
}

#[test]
fn a_websocket_that_dies_after_the_change_is_a_loss() {
    let mut wire = upgraded();

    let lines = wire.input(Input::Closed(TransportId(2), Closed::default()));

    assert_eq!(lines, ["disconnected: transport close", "reconnecting 1"]);
}

#[test]
fn the_change_waits_for_both_requests_whichever_ends_first() {
    for (first, last) in [("GET", "POST"), ("POST", "GET")] {
        let mut wire = Wire::connected(both(), OFFER);
        wire.input(Input::Opened(TransportId(2)));
        wire.emit("a");
        wire.receive(2, "3probe");

        assert_eq!(wire.answer(first, 200, "6"), [""; 0], "{first} first");
        assert_eq!(wire.answer(last, 200, "6"), ["2> 5"], "{last} last");
    }
}

#[test]
fn a_session_that_the_server_ends_in_its_last_poll_does_not_change() {
    let mut wire = Wire::connected(both(), OFFER);
    wire.input(Input::Opened(TransportId(2)));
    wire.receive(2, "3probe");

    // The ping is answered at once, and with it everything that can be done then.
    let lines = wire.answer_get("2\u{1e}1");

    assert_eq!(
        lines,
        [
            "close 2",
            "close 1",
            "disconnected: transport close",
            "reconnecting 1"
        ]
    );
}

// P07
#[test]
fn disconnecting_during_the_change_completes_it_and_sends_what_waited() {
    let mut wire = Wire::connected(both(), OFFER);
    wire.input(Input::Opened(TransportId(2)));
    wire.receive(2, "3probe");
    wire.emit("last");

    assert_eq!(
        wire.input(Input::Disconnect),
        ["disconnected: io client disconnect"]
    );
    assert_eq!(
        wire.answer_get("6"),
        ["2> 5", r#"2> 42["last"]"#, "2> 41", "close 2"]
    );
    assert_eq!(wire.rig.client.poll_timeout(), None);
}

// EC10 of the reference client's own tests
#[test]
fn disconnecting_during_a_change_that_fails_sends_what_waited_on_polling() {
    let mut wire = Wire::connected(both(), OFFER);
    wire.input(Input::Opened(TransportId(2)));
    wire.receive(2, "3probe");
    wire.emit("last");
    wire.input(Input::Disconnect);

    let lines = wire.input(Input::Closed(TransportId(2), Closed::default()));

    assert_eq!(lines, ["POST 1 42[\"last\"]\u{1e}41"]);
    assert_eq!(wire.answer_post(), ["POST 1 1"]);
    assert_eq!(wire.answer_post(), ["close 1"]);
}

#[test]
fn disconnecting_before_the_answer_to_the_probe_closes_it() {
    let mut wire = Wire::connected(both(), OFFER);
    wire.input(Input::Opened(TransportId(2)));

    let lines = wire.input(Input::Disconnect);

    assert_eq!(
        lines,
        ["POST 1 41", "close 2", "disconnected: io client disconnect"]
    );
}

#[test]
fn a_session_that_is_lost_takes_its_probe_along() {
    let mut wire = Wire::connected(both(), OFFER);
    wire.input(Input::Opened(TransportId(2)));

    let lines = wire.answer("GET", 502, "");

    assert_eq!(lines[..2], ["close 2", "close 1"]);
    assert_eq!(wire.receive(2, "3probe"), [""; 0]);
}

#[test]
fn a_websocket_is_tried_only_where_both_sides_want_it() {
    let mut never = both();
    never.transports.upgrade = false;
    let alone = polling();
    for (config, open, tries) in [
        (both(), OFFER, true),
        (both(), OPEN, false),
        (never, OFFER, false),
        (alone, OFFER, false),
    ] {
        let wire = Wire::connected(config, open);

        assert_eq!(wire.sockets.len(), usize::from(tries));
    }
}

#[test]
fn a_websocket_that_failed_is_not_tried_by_the_next_session_either() {
    let mut wire = Wire::connected(both(), OFFER);
    wire.input(Input::Closed(TransportId(2), Closed::default()));

    wire.answer("GET", 502, "");
    wire.rig.now = wire.rig.client.wait_until().unwrap();

    assert_eq!(wire.input(Input::Timeout), ["GET 3"]);
    assert_eq!(wire.answer_get(OFFER), ["POST 3 40", "GET 3"]);
}

#[test]
fn a_websocket_that_failed_is_tried_again_every_five_minutes() {
    let mut wire = Wire::connected(both(), OFFER);
    wire.input(Input::Closed(TransportId(2), Closed::default()));

    for transport in 3..6 {
        let mut passed = 0;
        while passed + 20_000 < RETRY {
            passed += 20_000;
            assert_eq!(wire.pass(20_000), [""; 0]);
            wire.answer_get("6");
        }
        assert_eq!(wire.pass(RETRY - passed), [format!("open {transport}")]);
        wire.answer_get("6");
        wire.input(Input::Closed(TransportId(transport), Closed::default()));
    }
}

// P21
#[test]
fn a_websocket_that_is_refused_leaves_it_to_polling_and_tells_nothing() {
    let mut wire = Wire::new(both_websocket_first());

    assert_eq!(wire.input(Input::Connect), ["open 1"]);
    assert_eq!(
        wire.input(Input::Closed(TransportId(1), Closed::default())),
        ["GET 2"]
    );
    // It may have been a server that was just starting: it is asked once more.
    assert_eq!(wire.answer_get(OFFER), ["POST 2 40", "open 3", "GET 2"]);
    assert_eq!(wire.answer_get(JOINED), ["connected S1", "GET 2"]);
}

#[test]
fn a_websocket_that_hangs_is_aborted_and_let_alone_for_five_minutes() {
    for opens in [false, true] {
        let mut wire = Wire::new(both_websocket_first());
        wire.input(Input::Connect);
        if opens {
            wire.input(Input::Opened(TransportId(1)));
        }

        assert_eq!(wire.pass(9_999), [""; 0]);
        assert_eq!(wire.pass(1), ["close 1", "GET 2"]);
        assert!(matches!(
            wire.rig.client.state(),
            State::Opening { until, .. } if *until == at(20_000)
        ));
        assert_eq!(wire.answer_get(OFFER), ["POST 2 40", "GET 2"]);
        wire.answer_get(JOINED);

        // The next session begins with polling, too.
        wire.answer("GET", 502, "");
        wire.rig.now = wire.rig.client.wait_until().unwrap();
        assert_eq!(wire.input(Input::Timeout), ["GET 3"]);
        assert_eq!(wire.answer_get(OFFER), ["POST 3 40", "GET 3"]);
    }
}

#[test]
fn a_server_without_sticky_sessions_gets_a_websocket_next() {
    let mut wire = Wire::new(both_websocket_first());
    wire.input(Input::Connect);
    wire.pass(10_000);
    wire.answer_get(OFFER);

    wire.answer("GET", 400, r#"{"code":1,"message":"Session ID unknown"}"#);
    wire.rig.now = wire.rig.client.wait_until().unwrap();

    assert_eq!(wire.input(Input::Timeout), ["open 3"]);
}

#[test]
fn where_no_transport_opens_the_last_one_says_why() {
    let mut wire = Wire::new(both_websocket_first());
    wire.input(Input::Connect);
    wire.input(Input::Closed(TransportId(1), Closed::default()));

    let lines = wire.respond("GET", Err(crate::protocol::RequestError::Network));

    assert_eq!(
        lines,
        [
            "close 2",
            "connect error: transport error: a request failed",
            "reconnecting 1"
        ]
    );
}

#[test]
fn only_the_first_is_tried_where_that_is_asked_for() {
    let mut config = both_websocket_first();
    config.transports.try_all = false;
    let mut wire = Wire::new(config);
    wire.input(Input::Connect);

    let lines = wire.input(Input::Closed(TransportId(1), Closed::default()));

    assert_eq!(lines, ["connect error: transport close", "reconnecting 1"]);
}

// P22, ET1, ET2
#[test]
fn a_websocket_that_worked_is_remembered_until_an_error_where_that_is_asked_for() {
    for remember in [true, false] {
        let mut config = both();
        config.transports.remember_upgrade = remember;
        let mut wire = upgraded_with(config);
        wire.input(Input::Disconnect);

        let first = match remember {
            true => "open 3",
            false => "GET 3",
        };
        assert_eq!(wire.input(Input::Connect), [first]);
        if remember {
            wire.receive(3, OFFER);
            wire.receive(3, JOINED);
            wire.input(Input::Closed(TransportId(3), Closed::default()));
            wire.rig.now = wire.rig.client.wait_until().unwrap();
            assert_eq!(wire.input(Input::Timeout), ["GET 4"]);
        }
    }
}

// P20
#[test]
fn bytes_travel_as_text_where_that_is_asked_for() {
    let mut config = config();
    config.transports.force_base64 = true;
    let mut wire = Wire::new(config);
    wire.input(Input::Connect);
    assert!(wire.sockets[0].1.ends_with("&b64=1"));
    wire.receive(1, OPEN);
    wire.receive(1, JOINED);

    let bytes = Value::Bytes(Arc::from([1, 2, 3, 4]));
    wire.rig
        .client
        .emit(Emit::new("b", vec![bytes]), wire.rig.now)
        .unwrap();

    assert_eq!(wire.drain()[1], "1> bAQIDBA==");
}

#[test]
fn an_answer_to_the_server_goes_out_after_the_change() {
    let mut wire = Wire::connected(both(), OFFER);
    wire.answer_get(r#"427["ask"]"#);
    let token = wire.rig.asked.take().unwrap();
    change(&mut wire);

    wire.rig.client.answer(token, vec![], wire.rig.now).unwrap();

    assert_eq!(wire.drain(), ["2> 437[]"]);
}

fn both() -> Config {
    let mut config = config_of("http://h");
    config.transports.order = vec![TransportKind::Polling, TransportKind::WebSocket];
    config
}

fn both_websocket_first() -> Config {
    Config::new("http://h").unwrap()
}

fn upgraded() -> Wire {
    upgraded_with(both())
}

fn upgraded_with(config: Config) -> Wire {
    let mut wire = Wire::connected(config, OFFER);
    change(&mut wire);
    wire
}

fn change(wire: &mut Wire) {
    wire.input(Input::Opened(TransportId(2)));
    wire.receive(2, "3probe");
    assert_eq!(wire.answer_get("6"), ["2> 5"]);
}

/// Lets ten seconds pass in which polling lives.
fn probe_times_out(wire: &mut Wire) -> Vec<String> {
    assert_eq!(wire.pass(9_999), [""; 0]);
    wire.pass(1)
}

/// What the world may do to a driver's requests and sockets.
#[derive(Clone, Debug)]
enum Step {
    Answer(&'static str, u16, String),
    Fail(&'static str),
    Opened(u64),
    Received(u64, String),
    Closed(u64),
    Emit,
    Input(Input),
    FollowTimeout,
    Pass(u64),
}

proptest! {
    #![proptest_config(crate::protocol::reproducible())]

    #[test]
    fn whatever_the_transports_do_no_request_or_socket_is_left_behind(
        first in any::<bool>(),
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let mut wire = Wire::new(if first { both() } else { both_websocket_first() });
        wire.input(Input::Connect);
        for step in steps {
            match step {
                Step::Answer(method, status, body) if wire.is_under_way(method) => {
                    wire.answer(method, status, &body);
                }
                Step::Fail(method) if wire.is_under_way(method) => {
                    wire.respond(method, Err(crate::protocol::RequestError::Network));
                }
                Step::Answer(..) | Step::Fail(_) => {}
                Step::Opened(age) => {
                    if let Some(transport) = nth_socket(&wire, age) {
                        wire.input(Input::Opened(transport));
                    }
                }
                Step::Received(age, text) => {
                    if let Some(TransportId(transport)) = nth_socket(&wire, age) {
                        wire.receive(transport, &text);
                    }
                }
                Step::Closed(age) => {
                    if let Some(transport) = nth_socket(&wire, age) {
                        wire.input(Input::Closed(transport, Closed::default()));
                    }
                }
                Step::Emit => {
                    let _ = wire.rig.client.emit(Emit::new("e", vec![]), wire.rig.now);
                    wire.drain();
                }
                Step::Input(input) => {
                    wire.input(input);
                }
                Step::FollowTimeout => {
                    if let Some(deadline) = wire.rig.client.poll_timeout() {
                        wire.rig.now = wire.rig.now.max(deadline);
                    }
                    wire.input(Input::Timeout);
                    let next = wire.rig.client.poll_timeout();
                    prop_assert!(next.is_none_or(|next| next > wire.rig.now), "it would spin");
                }
                Step::Pass(millis) => {
                    wire.pass(millis);
                }
            }
            wire.requests.retain(|(_, request)| !request.keepalive);
            let client = &wire.rig.client;
            for transport in (wire.requests.iter().map(|(transport, _)| transport))
                .chain(wire.sockets.iter().map(|(transport, _)| transport))
            {
                let engines = [&client.engine, &client.leaving];
                let is_ours = engines.into_iter().flatten().any(|engine| engine.owns(*transport));
                prop_assert!(is_ours, "{transport:?} belongs to nobody");
            }
            // Whoever speaks by requests also listens, or is about to stop.
            if client.transport() == Some(TransportKind::Polling) && wire.sockets.is_empty() {
                prop_assert!(wire.is_under_way("GET"), "nobody listens");
            }
        }
    }
}

fn nth_socket(wire: &Wire, age: u64) -> Option<TransportId> {
    let newest_first = wire.sockets.iter().rev();
    let age = usize::try_from(age).ok()?;
    newest_first.map(|(transport, _)| *transport).nth(age)
}

fn step() -> impl Strategy<Value = Step> {
    let packet = prop_oneof![
        4 => Just(OFFER.to_owned()),
        4 => Just(JOINED.to_owned()),
        3 => Just("6".to_owned()),
        2 => Just("2".to_owned()),
        4 => Just("3probe".to_owned()),
        2 => Just(r#"42["x"]"#.to_owned()),
        1 => Just("1".to_owned()),
        1 => Just("41".to_owned()),
        1 => "\\PC{0,5}",
    ];
    let body = proptest::collection::vec(packet.clone(), 1..4);
    let body = body.prop_map(|packets| packets.join("\u{1e}"));
    let status = prop_oneof![9 => Just(200_u16), 1 => Just(400), 1 => Just(502)];
    prop_oneof![
        8 => (status, body).prop_map(|(status, body)| Step::Answer("GET", status, body)),
        6 => Just(Step::Answer("POST", 200, "ok".to_owned())),
        1 => prop_oneof![Just("GET"), Just("POST")].prop_map(Step::Fail),
        4 => (0_u64..2).prop_map(Step::Opened),
        6 => (0_u64..2, packet).prop_map(|(age, text)| Step::Received(age, text)),
        1 => (0_u64..2).prop_map(Step::Closed),
        4 => Just(Step::Emit),
        1 => prop_oneof![
            4 => Just(Input::Connect),
            1 => Just(Input::Disconnect),
            1 => Just(Input::RetryNow),
            1 => Just(Input::Page(Page::Leaving)),
            1 => Just(Input::Page(Page::Restored)),
            1 => Just(Input::Page(Page::Offline)),
            1 => Just(Input::Page(Page::Online)),
        ]
        .prop_map(Step::Input),
        2 => Just(Step::FollowTimeout),
        2 => (0_u64..15_000).prop_map(Step::Pass),
    ]
}
