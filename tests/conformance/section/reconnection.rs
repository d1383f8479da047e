//! X: disconnecting and reconnecting.

use std::ops::RangeInclusive;
use std::time::Duration;

use telltale::protocol::backoff::{Backoff, Fault, Next};
use telltale::protocol::{Exponential, Input, Reconnection, SocketId};

use crate::peer::{Meeting, TRANSPORTS};
use crate::runner::{browser, peer, script, Case};
use crate::script::{at, play_joined, reconnecting, Stage};

pub const CASES: &[Case] = &[
    peer(
        "X01",
        "a server that disconnects us is obeyed until we connect again",
        x01,
    ),
    peer(
        "X02",
        "a server that closes the connection is tried again",
        x02,
    ),
    script(
        "X03",
        "our own disconnect says so on the wire and stays",
        x03,
    ),
    script("X04", "a loss is told in the reference client's order", x04),
    peer(
        "X05",
        "attempts end at their number, and the end is told last",
        x05,
    )
    .unlike("the reference client tells reconnect_failed before the last reconnect_error"),
    script(
        "X06",
        "without chance, delays double up to their longest",
        x06,
    ),
    script("X07", "delays are spread, the longest ones too", x07)
        .unlike("the reference client's longest delay is always the same"),
    script("X08", "zero means zero", x08).unlike("the reference client takes its defaults instead"),
    script(
        "X09",
        "leaving while an attempt begins ends the attempts",
        x09,
    ),
    script("X10", "connect during a delay changes nothing", x10),
    script(
        "X11",
        "a namespace that leaves during a delay stays away",
        x11,
    ),
    script(
        "X12",
        "a connection that was good begins the count again",
        x12,
    ),
    script(
        "X13",
        "closing the engine by hand is a loss like others",
        x13,
    ),
    script("X14", "a thousand losses leave nothing behind", x14),
    peer(
        "X15",
        "a server that restarts slowly is found again, and nothing is sent twice",
        x15,
    ),
    browser("X16", "offline closes at once"),
    browser("X17", "online during a delay is an attempt within 250 ms")
        .unlike("the reference client waits for the delay's end"),
];

/// As the reference client does it; by default ours makes one attempt and then pauses.
fn x01() {
    for close in [false, true] {
        for transports in TRANSPORTS {
            let mut meeting = Meeting::new("{}");
            let client = meeting.join(|config| {
                transports(config);
                config.reconnection.enabled = true;
                config.reconnection.after_server_disconnect = None;
            });

            meeting.order(&format!(r#"{{"do":"disconnect","close":{close}}}"#));
            meeting.told(client, "disconnected io server disconnect");
            meeting.pass(3000);
            assert_eq!(meeting.clients[client].count("connected"), 1);
            assert_eq!(meeting.clients[client].count("reconnecting"), 0);

            meeting.clients[client].input(Input::Connect);
            meeting.told(client, "connected");
        }
    }
}

fn x02() {
    for transports in TRANSPORTS {
        let mut meeting = Meeting::new("{}");
        let client = meeting.join(|config| {
            transports(config);
            config.reconnection.enabled = true;
        });

        meeting.order(r#"{"do":"closeConnections"}"#);
        meeting.told(client, "disconnected transport close");
        meeting.told(client, "connected");

        meeting.order(r#"{"do":"stop"}"#);
        meeting.told(client, "disconnected transport");
        meeting.order(r#"{"do":"start"}"#);
        meeting.told(client, "connected");
    }
}

fn x03() {
    play_joined(
        reconnecting(),
        "disconnect
        C> 41
        C close
        ! disconnected io client disconnect
        wait 600000
        = Closed",
    );
}

fn x04() {
    let mut stage = Stage::joined(reconnecting()).with_manager();
    stage.play(
        r#"
        S close 1006
        ! disconnected transport close…
        ! manager close transport close…
        ! reconnecting 1
        wait 1000
        ! manager reconnect_attempt 1
        C open …
        S> OPEN
        ! manager open
        ! manager reconnect 1
        C> 40
        S> 40{"sid":"S2"}
        ! connected S2
        "#,
    );
}

fn x05() {
    for transports in TRANSPORTS {
        let mut meeting = Meeting::new("{}");
        let mut config = reconnecting();
        config.endpoint = at(&meeting.url(0)).endpoint;
        config.reconnection.first = (Duration::from_millis(50), Duration::from_millis(50));
        config.reconnection.base = Duration::from_millis(50);
        config.reconnection.attempts = Some(2);
        transports(&mut config);
        meeting.order(r#"{"do":"stop"}"#);
        let client = meeting.add(config);
        meeting.clients[client].teller.hears_manager = true;
        meeting.clients[client].input(Input::Connect);

        meeting.told(client, "manager reconnect_failed");

        let told: Vec<_> = (meeting.clients[client].told.iter())
            .map(|line| line.split(" transport").next().unwrap_or(line))
            .filter(|line| !line.starts_with("reconnecting"))
            .collect();
        assert_eq!(
            told,
            [
                "connect_error",
                "manager error",
                "manager reconnect_attempt 1",
                "connect_error",
                "manager error",
                "manager reconnect_error",
                "manager reconnect_attempt 2",
                "connect_error",
                "manager error",
                "manager reconnect_error",
                "manager reconnect_failed",
            ]
        );
        meeting.pass(500);
        assert_eq!(
            meeting.clients[client].count("manager reconnect_attempt"),
            2
        );
    }
}

/// 1, 2, 4, 5, 5 seconds, as the reference client's options say; ours by default are never without chance.
fn x06() {
    let mut backoff = Backoff::new(exponential(0), 7);
    let delays: Vec<_> = (0..5).map(|_| delay_of(&mut backoff)).collect();
    assert_eq!(delays, [1000, 2000, 4000, 5000, 5000]);
}

/// With the reference client's options, and then with ours.
fn x07() {
    let longest = |options: Reconnection, first: RangeInclusive<u128>| {
        let mut spread = (u128::MAX, 0);
        for seed in 0..100_000 {
            let mut backoff = Backoff::new(options, seed);
            let delay = delay_of(&mut backoff);
            assert!(first.contains(&delay), "the first delay is {delay} ms");
            let sixth = (0..5).map(|_| delay_of(&mut backoff)).last();
            let sixth = sixth.expect("there are five more");
            spread = (spread.0.min(sixth), spread.1.max(sixth));
        }
        spread
    };
    for (options, first) in [
        (exponential(50), 500..=1500),
        (Reconnection::default(), 100..=2000),
    ] {
        let (least, most) = longest(options, first);
        let middle = (least + most) / 2;
        assert!(
            (most - middle) * 4 >= middle,
            "the longest lie between {least} and {most} ms"
        );
    }
}

fn exponential(randomization: u8) -> Reconnection {
    Reconnection {
        exponential: Some(Exponential {
            randomization,
            ..Exponential::default()
        }),
        ..Reconnection::default()
    }
}

/// Milliseconds until the next attempt.
fn delay_of(backoff: &mut Backoff) -> u128 {
    let Next::Retry(delay) = backoff.fail(Fault::Network, false) else {
        panic!("a missing network opened the breaker");
    };
    delay.as_millis()
}

fn x08() {
    let mut config = reconnecting();
    config.reconnection.first = (Duration::ZERO, Duration::ZERO);
    config.reconnection.base = Duration::ZERO;
    config.reconnection.cap = Duration::ZERO;
    play_joined(
        config,
        "S close 1006
        ! disconnected transport close…
        ! reconnecting 1
        C open …
        S close 1006
        ! connect_error transport close…
        ! reconnecting 2
        C open …",
    );
}

fn x09() {
    let lost = "S close 1006
        ! disconnected transport close…
        ! manager close transport close…
        ! reconnecting 1
        wait 1000
        ! manager reconnect_attempt 1
        C open …";
    let mut leaving = Stage::joined(reconnecting()).with_manager();
    leaving.play(lost);
    leaving.play(
        "disconnect
        C close
        wait 60000
        = Closed",
    );

    let mut ending = Stage::joined(reconnecting()).with_manager();
    ending.play(lost);
    ending.play(
        "S close 1006
        ! connect_error transport close…
        ! manager error transport close…
        ! reconnecting 2
        ! manager reconnect_error transport close…",
    );
    let now = ending.now;
    ending.client.set_reconnection(false, now);
    ending.drain();
    ending.play("wait 60000\n= Ended");
}

fn x10() {
    play_joined(
        reconnecting(),
        "S close 1006
        ! disconnected transport close…
        ! reconnecting 1
        wait 500
        connect
        = Waiting
        wait 500
        C open …
        S close 1006
        ! connect_error transport close…
        ! reconnecting 2",
    );
}

fn x11() {
    play_joined(
        reconnecting(),
        r#"
        connect /a
        C> 40/a,
        S> 40/a,{"sid":"A"}
        ! /a connected A
        S close 1006
        ! disconnected transport close…
        ! /a disconnected transport close…
        ! reconnecting 1
        ! /a reconnecting 1
        disconnect /a
        wait 1000
        C open …
        S> OPEN
        C> 40
        S> 40{"sid":"S2"}
        ! connected S2
        "#,
    );
}

/// Good is a connection that lasted and on which something came: a server that accepts and closes is not.
fn x12() {
    play_joined(
        reconnecting(),
        r#"
        S close 1006
        ! disconnected transport close…
        ! reconnecting 1
        wait 1000
        C open …
        S close 1006
        ! connect_error transport close…
        ! reconnecting 2
        wait 1000
        C open …
        S> OPEN
        C> 40
        S> 40{"sid":"S2"}
        ! connected S2
        wait 10000
        S> 2
        C> 3
        S close 1006
        ! disconnected transport close…
        ! reconnecting 1
        wait 1000
        C open …
        "#,
    );
}

fn x13() {
    let mut stage = Stage::joined(reconnecting());
    let now = stage.now;
    stage.client.force_close(now);
    stage.drain();
    stage.play(
        r#"
        C close
        ! disconnected forced close
        ! reconnecting 1
        wait 1000
        C open …
        S> OPEN
        C> 40
        S> 40{"sid":"S2"}
        ! connected S2
        "#,
    );
}

/// All that can grow is counted by the client itself: a driver holds one handle a transport, and `Stage` fails where
/// one is not closed.
fn x14() {
    let mut stage = Stage::joined(reconnecting());
    let socket = SocketId::MAIN;
    let before = stage.client.buffers(socket);
    for _ in 0..1000 {
        stage.play(
            r#"
            emit ack=600000 ["x"]
            C> …
            S> 451-["half",{"_placeholder":true,"num":0}]
            S close 1006
            ! disconnected transport close…
            ! no answer …
            ! reconnecting 1
            wait 1000
            C open …
            S> OPEN
            C> 40
            S> 42["early"]
            S> 40{"sid":"S2"}
            ! message early []
            ! connected S2
            wait 10000
            S> 2
            C> 3
            "#,
        );
    }
    assert_eq!(stage.client.buffers(socket), before);
    assert_eq!(stage.client.counters().opens, 1001);
}

/// Ten seconds of refusal, in the small: three.
fn x15() {
    for transports in TRANSPORTS {
        let mut meeting = Meeting::new("{}");
        let client = meeting.join(|config| {
            transports(config);
            config.reconnection.enabled = true;
            config.reconnection.cap = Duration::from_millis(500);
        });
        let first = meeting.clients[client].told[0].clone();

        meeting.order(r#"{"do":"stop"}"#);
        meeting.told(client, "disconnected");
        meeting.clients[client].emit(r#"["echo","kept"]"#);
        meeting.pass(3000);
        meeting.order(r#"{"do":"start"}"#);

        let second = meeting.told(client, "connected");
        assert_ne!(first, second);
        meeting.told(client, r#"message echo ["kept"]"#);
        meeting.pass(500);
        assert_eq!(meeting.clients[client].count("message echo"), 1);
    }
}
