//! P: polling, and the upgrade to a WebSocket.

use telltale::protocol::{Config, TransportKind};

use crate::peer::{Meeting, TRANSPORTS};
use crate::runner::{browser, peer, script, Case};
use crate::script::{config, reconnecting, Stage};

pub const CASES: &[Case] = &[
    script("P01", "polling first, then a probe, then a WebSocket", p01),
    script(
        "P02",
        "what is emitted during the upgrade goes once and in order",
        p02,
    ),
    script(
        "P03",
        "an upgrade that is refused leaves polling as it is",
        p03,
    ),
    script("P04", "an upgrade that breaks leaves polling as it is", p04),
    script("P05", "a wrong answer to the probe ends the probe", p05)
        .unlike("the reference client leaves the WebSocket open"),
    script(
        "P06",
        "a probe that is not answered ends, and polling goes on",
        p06,
    )
    .unlike("the reference client waits for ever"),
    script(
        "P07",
        "leaving during the upgrade sends everything first",
        p07,
    ),
    script(
        "P08",
        "a session that the server does not know is a transport error",
        p08,
    ),
    script(
        "P09",
        "a POST that is not accepted is a transport error",
        p09,
    ),
    script("P10", "an answer that is no packet is an error", p10),
    script("P11", "a payload is good up to the packet that is not", p11)
        .unlike("the reference client delivers what came before late"),
    script(
        "P12",
        "an event beside the close packet comes before disconnect",
        p12,
    )
    .unlike("the reference client delivers it after the next connect"),
    script(
        "P13",
        "connected and closed in one payload is not connected",
        p13,
    )
    .unlike("the reference client believes in a dead connection"),
    script("P14", "there is one GET and one POST at a time", p14),
    script("P15", "a POST is never larger than the server accepts", p15),
    script("P16", "the size of base64 is counted as it is", p16)
        .unlike("the reference client counts a third, which is too little for short ones"),
    peer(
        "P17",
        "what is too large for the server is refused when it is emitted",
        p17,
    )
    .unlike("the reference client sends it and loses the connection"),
    script("P18", "leaving during the handshake aborts it", p18)
        .unlike("the reference client leaves a session behind on the server"),
    script(
        "P19",
        "leaving a polling session says so twice, to Socket.IO and to Engine.IO",
        p19,
    ),
    script("P20", "base64 may be forced", p20),
    script(
        "P21",
        "where one transport is refused, the next is tried",
        p21,
    ),
    script(
        "P22",
        "a WebSocket that worked is remembered until an error",
        p22,
    ),
    browser("P23", "cookies go where the option says"),
    browser("P24", "polling delivers in a page that nobody sees"),
    peer(
        "P25",
        "several servers without sticky sessions are named as the cause",
        p25,
    ),
    script(
        "P26",
        "what a server answers to a POST does not matter",
        p26,
    ),
    browser(
        "P27",
        "a POST is plain text and asks no other origin for permission",
    ),
];

fn p01() {
    let mut stage = Stage::new(upgrading());
    stage.play(
        r#"
        connect
        C get http://h/socket.io/?EIO=4&transport=polling…
        S get UPGRADABLE
        C post 40
        C open ws://h/socket.io/?EIO=4&transport=websocket&sid=e1
        C get …
        S post
        S get 40{"sid":"S1"}
        ! connected S1
        C get …
        S accept
        C> 2probe
        S> 3probe
        emit ["held"]
        S get 6
        C> 5
        C> 42["held"]
        S> 42["news"]
        ! message news []
        = Connected
        "#,
    );
}

fn p02() {
    let mut stage = upgrading_stage();
    stage.play(
        r#"
        emit ["a"]
        C post 42["a"]
        emit ["b"]
        S> 3probe
        emit ["c"]
        S get 42["early"]
        ! message early []
        S post
        C> 5
        C> 42["b"]
        C> 42["c"]
        emit ["d"]
        C> 42["d"]
        "#,
    );
}

fn p03() {
    let mut stage = joined(upgrading(), "UPGRADABLE", "C open …");
    stage.play(
        "S close 1006
        = Connected",
    );
    polling_goes_on(&mut stage);
}

fn p04() {
    let mut stage = upgrading_stage();
    stage.play(
        "S close 1006
        = Connected",
    );
    polling_goes_on(&mut stage);
}

fn p05() {
    let mut stage = upgrading_stage();
    stage.play(
        "S> 3nope
        C close
        = Connected",
    );
    polling_goes_on(&mut stage);
}

fn p06() {
    let mut stage = upgrading_stage();
    stage.play(
        "wait 9000
        S get 2
        C post 3
        C get …
        S post
        wait 1000
        C close
        = Connected",
    );
    polling_goes_on(&mut stage);
}

fn p07() {
    let mut stage = upgrading_stage();
    stage.play(
        r#"
        S> 3probe
        emit ["last"]
        disconnect
        ! disconnected io client disconnect
        S get 6
        C> 5
        C> 42["last"]
        C> 41
        C close
        = Closed
        "#,
    );
}

fn p08() {
    let mut config = reconnecting();
    config.transports.order = vec![TransportKind::Polling];
    let mut stage = joined(config, "OPEN", "");
    stage.play(
        r#"
        S get= 400 {"code":1,"message":"Session ID unknown"}
        C close
        ! disconnected transport error: the server answered 400…
        ! reconnecting 1
        wait 1000
        C get http://h/socket.io/?EIO=4&transport=polling…
        "#,
    );
    let last = stage.urls.last().expect("it asked again");
    assert!(!last.contains("sid="), "a session of before: {last}");
}

fn p09() {
    for status in [500, 413] {
        let mut stage = joined(polling(), "OPEN", "");
        stage.play(&format!(
            r#"
            emit ["x"]
            C post 42["x"]
            S post= {status}
            C close
            ! disconnected transport error: the server answered {status}…
            "#
        ));
    }
}

fn p10() {
    for body in ["", "<!DOCTYPE html><title>Sign in</title>"] {
        let mut stage = Stage::new(polling());
        stage.play(&format!(
            "connect
            C get …
            S get {body}
            C close
            ! connect_error transport error…"
        ));
    }
    let mut stage = joined(polling(), "OPEN", "");
    stage.play(
        "S get
        C close
        ! disconnected transport error…",
    );
}

fn p11() {
    let mut stage = joined(polling(), "OPEN", "");
    stage.play(
        r#"
        S get 42["a"]␞z␞42["b"]
        ! message a []
        C close
        ! disconnected transport error…
        "#,
    );
}

fn p12() {
    let mut stage = joined(polling(), "OPEN", "");
    stage.play(
        r#"
        S get 42["a",1]␞1
        ! message a [1]
        C close
        ! disconnected transport close…
        "#,
    );
}

fn p13() {
    let mut config = reconnecting();
    config.transports.order = vec![TransportKind::Polling];
    let mut stage = Stage::new(config);
    stage.play(
        r#"
        connect
        C get …
        S get OPEN
        C post 40
        C get …
        S post
        S get 40{"sid":"s1"}␞1
        ! connected s1
        C close
        ! disconnected transport close…
        ! reconnecting 1
        = Waiting
        emit ["gap"]
        wait 1000
        C get …
        S get OPEN
        C post 40
        C get …
        S post
        S get 40{"sid":"s2"}
        C post 42["gap"]
        ! connected s2
        C get …
        "#,
    );
}

/// The stage itself fails at a second GET or POST beside the first.
fn p14() {
    let mut config = polling();
    config.limits.buffered_emits = 20_000;
    let mut stage = joined(config, "OPEN", "");
    let mut sent = 0;
    for number in 0..10_000 {
        stage.act(&format!("emit [{number:?}]", number = number.to_string()));
        // A server that is sometimes slow: an answer to every seventh, ninth and eleventh emit.
        if number % 7 == 0 {
            stage.answer_post();
        }
        if number % 9 == 0 {
            stage.act("S get 2");
        }
        if number % 11 == 0 {
            stage.answer_post();
        }
        sent += events_in(&stage.take_said());
    }
    while stage.answer_post() {
        sent += events_in(&stage.take_said());
    }
    assert_eq!(sent, 10_000);
}

fn p15() {
    let names = [
        "a".repeat(94),
        "b".repeat(25),
        "c".repeat(25),
        "d".repeat(30),
        "€".repeat(31),
        "e".repeat(94),
    ];
    let bodies = posted(&names.map(|name| format!("[\"{name}\"]")));
    let packets = |body: &String| body.split('␞').count();

    assert_eq!(bodies.iter().map(packets).collect::<Vec<_>>(), [1, 3, 1, 1]);
    let sizes: Vec<_> = bodies.iter().map(|body| size(body)).collect();
    assert_eq!(sizes, [100, 100, 99, 100]);
}

fn p16() {
    let emits: Vec<_> = (0..40)
        .map(|number| format!("[\"b\",\"bytes:{}\"]", "0f".repeat(number % 3 + 1)))
        .collect();

    let bodies = posted(&emits);

    let all = bodies.join("␞");
    assert_eq!(
        all.split('␞')
            .filter(|packet| packet.starts_with('b'))
            .count(),
        40
    );
    for body in bodies {
        assert!(size(&body) <= 100, "{} bytes: {body}", size(&body));
    }
}

fn p17() {
    for transports in TRANSPORTS {
        let mut meeting = Meeting::new(r#"{"server":{"maxHttpBufferSize":1000}}"#);
        let client = meeting.join(transports);

        meeting.clients[client].emit(&format!(r#"["large","{}"]"#, "x".repeat(1000)));
        meeting.told(client, "emit refused: 1014 bytes, and 1000 are allowed");
        meeting.clients[client].emit(&format!(r#"["echo","{}"]"#, "x".repeat(900)));

        meeting.told(client, "message echo");
        assert_eq!(meeting.clients[client].count("disconnected"), 0);
    }
}

fn p18() {
    let mut stage = Stage::new(polling());
    stage.play(
        "connect
        C get …
        disconnect
        C close
        = Closed",
    );
}

fn p19() {
    let mut stage = joined(polling(), "OPEN", "");
    stage.play(
        "disconnect
        C post 41
        ! disconnected io client disconnect
        S post
        C post 1
        S post
        C close
        = Closed",
    );
}

fn p20() {
    let mut config = config();
    config.transports.force_base64 = true;
    let mut stage = Stage::new(config);
    stage.play(
        r#"
        connect
        C open ws://h/socket.io/?EIO=4&transport=websocket&b64=1
        S> OPEN
        C> 40
        S> 40{"sid":"S1"}
        ! connected S1
        emit ["bin","bytes:01020304"]
        C> 451-["bin",{"_placeholder":true,"num":0}]
        C> bAQIDBA==
        "#,
    );
}

fn p21() {
    let mut config = config();
    config.transports.order = vec![TransportKind::WebSocket, TransportKind::Polling];
    config.transports.try_all = true;
    let mut stage = Stage::new(config);
    stage.play(
        r#"
        connect
        C open …
        S close 1006
        C get http://h/socket.io/?EIO=4&transport=polling…
        S get OPEN
        C post 40
        C get …
        S post
        S get 40{"sid":"S1"}
        ! connected S1
        C get …
        "#,
    );
}

fn p22() {
    let mut config = reconnecting();
    config.transports.order = vec![TransportKind::Polling, TransportKind::WebSocket];
    config.transports.remember_upgrade = true;
    let mut stage = joined(config, "UPGRADABLE", "C open …");
    stage.play(
        r#"
        S accept
        C> 2probe
        S> 3probe
        S get 6
        C> 5
        disconnect
        C> 41
        C close
        ! disconnected io client disconnect
        connect
        C open ws://h/socket.io/?EIO=4&transport=websocket
        S> OPEN
        C> 40
        S> x
        C close
        ! connect_error transport error…
        ! reconnecting 1
        wait 1000
        C get http://h/socket.io/?EIO=4&transport=polling…
        "#,
    );
}

fn p25() {
    let mut meeting = Meeting::new(r#"{"instances":2,"sticky":false}"#);
    let url = meeting.url(0);
    let mut config = polling();
    config.endpoint = crate::script::at(&url).endpoint;
    let client = meeting.add(config);
    meeting.clients[client].connect("");

    let told = meeting.told(client, "connect_error");

    assert!(told.contains("sticky sessions"), "{told}");
}

fn p26() {
    let mut stage = joined(polling(), "OPEN", "");
    stage.play(
        r#"
        emit ["x"]
        C post 42["x"]
        S post whatever
        emit ["y"]
        C post 42["y"]
        = Connected
        "#,
    );
}

/// A client of `http://h` over polling alone.
pub fn polling() -> Config {
    let mut config = config();
    config.transports.order = vec![TransportKind::Polling];
    config
}

/// A client of `http://h` that begins with polling.
fn upgrading() -> Config {
    let mut config = config();
    config.transports.order = vec![TransportKind::Polling, TransportKind::WebSocket];
    config
}

/// A session over polling that is up; `more` comes beside the first requests.
#[track_caller]
pub fn joined(config: Config, handshake: &str, more: &str) -> Stage {
    let mut stage = Stage::new(config);
    stage.play(&format!(
        r#"
        connect
        C get …
        S get {handshake}
        C post 40
        {more}
        C get …
        S post
        S get 40{{"sid":"S1"}}
        ! connected S1
        C get …
        "#
    ));
    stage
}

/// One whose WebSocket is open and has sent its probe.
#[track_caller]
fn upgrading_stage() -> Stage {
    let mut stage = joined(upgrading(), "UPGRADABLE", "C open …");
    stage.play("S accept\nC> 2probe");
    stage
}

#[track_caller]
fn polling_goes_on(stage: &mut Stage) {
    stage.play(
        r#"
        S get 42["news"]
        ! message news []
        C get …
        emit ["x"]
        C post 42["x"]
        S post
        = Connected
        "#,
    );
}

/// The bodies in which these emits go out, all made at once, to a server that accepts 100 bytes.
fn posted(emits: &[String]) -> Vec<String> {
    let handshake =
        r#"0{"sid":"e1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100}"#;
    let mut stage = joined(polling(), handshake, "");
    for emit in emits {
        stage.act(&format!("emit {emit}"));
    }
    while stage.answer_post() {}
    let said = stage.take_said();
    let bodies = said.iter().filter_map(|line| line.strip_prefix("C post "));
    bodies.map(str::to_owned).collect()
}

/// Bytes of a body on the wire.
fn size(body: &str) -> usize {
    body.replace('␞', "\u{1e}").len()
}

fn events_in(said: &[String]) -> usize {
    let bodies = said.iter().filter_map(|line| line.strip_prefix("C post "));
    bodies
        .map(|body| {
            body.split('␞')
                .filter(|packet| packet.starts_with("42"))
                .count()
        })
        .sum()
}
