//! G: Engine.IO's packets and the heartbeat.

use std::time::Duration;

use crate::peer::{Meeting, TRANSPORTS};
use crate::runner::{browser, peer, script, Case};
use crate::script::{breaks, config, play, play_joined, reconnecting};

pub const CASES: &[Case] = &[
    script("G01", "a ping is answered at once", g01),
    script("G02", "a probe on a connection that is up is a ping", g02),
    script("G03", "pong, upgrade and noop are ignored", g03),
    script("G04", "a close packet on a WebSocket is ignored", g04),
    script(
        "G05",
        "what is no Engine.IO packet is a transport error",
        g05,
    ),
    script("G06", "what is no Socket.IO packet is a parse error", g06),
    script(
        "G07",
        "silence ends the connection when a ping and its grace are over",
        g07,
    ),
    script("G08", "only a ping proves that the heartbeat lives", g08),
    script(
        "G09",
        "after a silence the next connection lives by its own pings",
        g09,
    ),
    browser("G10", "an emit after a freeze goes to the next connection"),
    browser("G11", "a freeze is noticed within a second of its end"),
    browser("G12", "a wall clock that jumps is no silence"),
    peer("G13", "a client that was busy answers a ping late", g13),
    script("G14", "a close tells its code and reason", g14),
];

/// A handshake whose pings come every 100 ms, with 100 ms of grace.
const FAST: &str =
    r#"S> 0{"sid":"e1","upgrades":[],"pingInterval":100,"pingTimeout":100,"maxPayload":1000000}"#;

fn g01() {
    play_joined(
        config(),
        "wait 25000
        S> 2
        C> 3
        wait 34999
        S> 2
        C> 3
        = Connected",
    );
}

fn g02() {
    play_joined(config(), "S> 2probe\nC> 3");
}

fn g03() {
    play_joined(
        config(),
        "S> 3
        S> 3probe
        S> 5
        S> 6
        = Connected",
    );
}

fn g04() {
    play_joined(config(), "S> 1\n= Connected");
}

fn g05() {
    for frame in ["", "x", "9"] {
        breaks(config(), &[frame], "transport error");
    }
}

fn g06() {
    for frame in ["4", r#"47["a"]"#, r#"4/nsp,["a"]"#] {
        breaks(config(), &[frame], "parse error");
    }
}

fn g07() {
    play(
        config(),
        &format!(
            "connect
            C open …
            {FAST}
            C> 40
            wait 199
            wait 1
            C close
            ! connect_error ping timeout"
        ),
    );
}

/// Where the reference client's rule is asked for; by default every packet proves it.
fn g08() {
    let mut config = config();
    config.timeouts.pings_only = true;
    play(
        config,
        &format!(
            r#"connect
            C open …
            {FAST}
            C> 40
            S> 40{{"sid":"S1"}}
            ! connected S1
            wait 60
            S> 42["e"]
            ! message e []
            wait 60
            S> 42["e"]
            ! message e []
            wait 60
            S> 42["e"]
            ! message e []
            wait 20
            C close
            ! disconnected ping timeout"#
        ),
    );
}

fn g09() {
    play(
        reconnecting(),
        &format!(
            r#"connect
            C open …
            {FAST}
            C> 40
            wait 200
            C close
            ! connect_error ping timeout
            ! reconnecting 1
            wait 1000
            C open …
            {FAST}
            C> 40
            S> 40{{"sid":"S2"}}
            ! connected S2
            wait 80
            S> 2
            C> 3
            wait 80
            S> 2
            C> 3
            wait 80
            S> 2
            C> 3
            = Connected"#
        ),
    );
}

/// Thirty seconds and a page, in the small: the server pings every 100 ms and waits 2 s; we look away for 1 s.
fn g13() {
    for transports in TRANSPORTS {
        let mut meeting = Meeting::new(r#"{"server":{"pingInterval":100,"pingTimeout":2000}}"#);
        let client = meeting.join(transports);
        meeting.pass(300);

        std::thread::sleep(Duration::from_secs(1));

        meeting.pass(2500);
        assert_eq!(meeting.clients[client].count("disconnected"), 0);
        meeting.clients[client].emit(r#"["echo"]"#);
        meeting.told(client, "message echo");
    }
}

fn g14() {
    for code in [1000, 1001, 1006, 1009, 4000] {
        let mut stage = crate::script::Stage::joined(config());
        stage.play(&format!(
            "S close {code} because
            ! disconnected transport close: code {code}…"
        ));
        let state = format!("{:?}", stage.client.state());
        assert!(state.contains(&format!("code: Some({code})")), "{state}");
        assert!(state.contains("reason: \"because\""), "{state}");
    }
}
