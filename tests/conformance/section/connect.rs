//! C: CONNECT, namespaces, auth.

use std::time::Duration;

use telltale::json::Value;
use telltale::protocol::{Auth, Input, SocketId};

use crate::peer::{Meeting, TRANSPORTS};
use crate::runner::{peer, script, Case};
use crate::script::{at, config, play, play_joined, reconnecting, Stage};

pub const CASES: &[Case] = &[
    script(
        "C01",
        "an accepted CONNECT tells the id, and that nothing was recovered",
        c01,
    ),
    script("C02", "auth travels in CONNECT as it is", c02),
    script(
        "C03",
        "a provider of auth is asked for each connection",
        c03,
    ),
    script(
        "C04",
        "a provider that fails is a connect_error, and tried again",
        c04,
    )
    .unlike("the reference client hangs"),
    script(
        "C05",
        "auth that comes too late is not sent on the next connection",
        c05,
    ),
    script("C06", "a refusal says why and is not tried again", c06),
    script("C07", "after a refusal, other auth may be tried", c07),
    script(
        "C08",
        "the refusal of one namespace leaves the others alone",
        c08,
    ),
    peer("C09", "a namespace that does not exist is a refusal", c09),
    script("C10", "an answer without an id names Socket.IO 2", c10),
    script(
        "C11",
        "namespaces join in the order in which they were made",
        c11,
    ),
    script("C12", "each namespace is connected by its own answer", c12),
    script(
        "C13",
        "a CONNECT that is not answered times out for its namespace alone",
        c13,
    )
    .unlike("the reference client waits for ever"),
    script(
        "C14",
        "a loss before the answer is a connect_error and no disconnect",
        c14,
    )
    .unlike("the reference client tells disconnect"),
    script(
        "C15",
        "DISCONNECT before the answer is a connect_error and no disconnect",
        c15,
    )
    .unlike("the reference client tells disconnect"),
    script("C16", "a second answer changes nothing", c16)
        .unlike("the reference client tells connect again, with another id"),
    script("C17", "a namespace that was never joined is ignored", c17),
    peer(
        "C18",
        "a server that finds us in a wrong state ends the whole connection",
        c18,
    ),
    script(
        "C19",
        "DISCONNECT of one namespace leaves the connection open",
        c19,
    ),
    script("C20", "a refusal without words is a refusal", c20)
        .unlike("the reference client throws a TypeError"),
    script("C21", "a refusal may be a bare text", c21)
        .unlike("the reference client loses the text"),
    script(
        "C22",
        "a refusal after the answer is a disconnect and a connect_error",
        c22,
    )
    .unlike("the reference client is connected and inactive at once"),
    peer(
        "C23",
        "leaving one namespace keeps the others, leaving the last closes",
        c23,
    ),
    script("C24", "leaving while opening tells nothing", c24),
    script(
        "C25",
        "leaving twice is leaving once, joining twice is joining once",
        c25,
    ),
];

fn c01() {
    play_joined(config(), "= Connected"); // ` recovered` would follow the id
}

fn c02() {
    for (auth, connect) in [
        (Auth::None, "40"),
        (Auth::Value(Value::Object(vec![])), "40{}"),
        (Auth::Value(token("123")), r#"40{"token":"123"}"#),
    ] {
        let mut config = config();
        config.auth = auth;
        play(config, &format!("connect\nC open …\nS> OPEN\nC> {connect}"));
    }
}

fn c03() {
    let mut config = reconnecting();
    config.auth = Auth::Ask;
    let mut stage = Stage::new(config);
    stage.play("connect\nC open …");
    for number in 1..=3 {
        stage.play(&format!(
            r#"
            S> OPEN
            ! auth?
            wait 100
            auth {{"token":"t{number}"}}
            C> 40{{"token":"t{number}"}}
            S> 40{{"sid":"S{number}"}}
            ! connected S{number}
            S close 1006
            ! disconnected transport close…
            ! reconnecting {number}
            wait 1000
            C open …
            "#
        ));
    }
}

/// The attempts are spaced, and each one asks again.
fn c04() {
    let mut config = reconnecting();
    config.auth = Auth::Ask;
    play(
        config,
        "connect
        C open …
        S> OPEN
        ! auth?
        auth fails no network
        C close
        ! connect_error auth provider failed: no network
        ! reconnecting 1
        wait 1000
        C open …
        S> OPEN
        ! auth?",
    );
}

fn c05() {
    let mut config = reconnecting();
    config.auth = Auth::Ask;
    play(
        config,
        r#"
        connect
        C open …
        S> OPEN
        ! auth?
        S close 1006
        ! connect_error transport close…
        ! reconnecting 1
        wait 1000
        C open …
        S> OPEN
        ! auth?
        auth {"token":"of the first connection"}
        auth {"token":"of the second"}
        C> 40{"token":"of the second"}
        "#,
    );
}

fn c06() {
    play(
        reconnecting(),
        r#"
        connect
        C open …
        S> OPEN
        C> 40
        S> 44{"message":"not authorized","data":{"content":"retry"}}
        C close
        ! connect_error connect error: not authorized
        = Refused
        wait 600000
        = Refused
        "#,
    );
    let mut stage = Stage::new(config());
    stage.play("connect\nC open …\nS> OPEN\nC> 40");
    stage.receive(r#"44{"message":"not authorized","data":{"content":"retry"}}"#);
    let state = format!("{:?}", stage.client.state());
    assert!(state.contains(r#"("content", String("retry"))"#), "{state}");
    stage.play("C close\n! connect_error …");
}

fn c07() {
    let mut stage = Stage::new(config());
    stage.play(
        r#"
        connect
        C open …
        S> OPEN
        C> 40
        S> 44{"message":"no"}
        C close
        ! connect_error connect error: no
        "#,
    );
    stage
        .client
        .set_auth(SocketId::MAIN, Auth::Value(token("2")));
    stage.play(
        r#"
        connect
        C open …
        S> OPEN
        C> 40{"token":"2"}
        S> 40{"sid":"S2"}
        ! connected S2
        "#,
    );
}

fn c08() {
    play_joined(
        config(),
        r#"
        connect /a
        C> 40/a,
        S> 44/a,{"message":"no"}
        ! /a connect_error connect error: no
        = Connected
        emit ["x"]
        C> 42["x"]
        "#,
    );
}

fn c09() {
    let mut meeting = Meeting::new("{}");
    let url = meeting.url(0);
    let client = meeting.add(at(&[&url, "/nope"].concat()));
    meeting.clients[client].input(Input::Connect);

    let told = meeting.told(client, "/nope connect_error");

    assert!(told.ends_with("Invalid namespace"), "{told}");
}

fn c10() {
    play(
        reconnecting(),
        r#"
        connect
        C open …
        S> OPEN
        C> 40
        S> 40
        C close
        ! connect_error parse error: CONNECT was answered without sid; the server may speak Socket.IO 2
        ! reconnecting 1
        = Waiting
        "#,
    );
}

fn c11() {
    play(
        reconnecting(),
        r#"
        connect
        C open …
        connect /a
        connect /b
        S> OPEN
        C> 40
        C> 40/a,
        C> 40/b,
        S> 40/b,{"sid":"B"}
        ! /b connected B
        S> 40{"sid":"R"}
        ! connected R
        S> 40/a,{"sid":"A"}
        ! /a connected A
        S close 1006
        ! disconnected transport close…
        ! /a disconnected transport close…
        ! /b disconnected transport close…
        ! reconnecting 1
        ! /a reconnecting 1
        ! /b reconnecting 1
        wait 1000
        C open …
        S> OPEN
        C> 40
        C> 40/a,
        C> 40/b,
        "#,
    );
}

fn c12() {
    play(
        config(),
        r#"
        connect
        C open …
        connect /b
        S> OPEN
        C> 40
        C> 40/b,
        S> 40/b,{"sid":"B"}
        ! /b connected B
        = Connecting
        = /b Connected
        emit ["kept"]
        S> 40{"sid":"R"}
        C> 42["kept"]
        ! connected R
        "#,
    );
}

fn c13() {
    let mut config = config();
    config.timeouts.connect = Duration::from_millis(500);
    play_joined(
        config,
        "connect /a
        C> 40/a,
        wait 499
        wait 1
        ! /a connect_error namespace connect timeout
        = Connected
        emit [\"x\"]
        C> 42[\"x\"]",
    );
}

fn c14() {
    play(
        reconnecting(),
        "connect
        C open …
        S> OPEN
        C> 40
        S close 1006
        ! connect_error transport close…
        ! reconnecting 1
        wait 1000
        C open …",
    );
}

fn c15() {
    play(
        config(),
        "connect
        C open …
        S> OPEN
        C> 40
        S> 41
        C close
        ! connect_error …",
    );
}

fn c16() {
    let mut stage = Stage::joined(config());
    stage.play(r#"S> 40{"sid":"S9"}"#);
    let state = format!("{:?}", stage.client.state());
    assert!(state.contains("S1"), "{state}");
}

fn c17() {
    play_joined(config(), "S> 42/other,[\"a\"]\n= Connected");
}

fn c18() {
    let mut meeting = Meeting::new("{}");
    let client = meeting.join(|config| config.reconnection.enabled = true);
    meeting.clients[client].connect("/a");
    meeting.told(client, "/a connected");

    meeting.clients[client].emit(r#"/a ["leave"]"#);
    meeting.seen_alone(r#""saw":"disconnect","nsp":"/a""#); // and we have not heard of it
    meeting.clients[client].emit(r#"/a ["too late"]"#);

    meeting.told(client, "/a disconnected io server disconnect");
    meeting.told(client, "disconnected transport close");
    meeting.told(client, "connected");
}

fn c19() {
    play_joined(
        reconnecting(),
        r#"
        connect /a
        C> 40/a,
        S> 40/a,{"sid":"A"}
        ! /a connected A
        S> 41/a,
        ! /a disconnected io server disconnect
        = Connected
        emit ["x"]
        C> 42["x"]
        wait 20000
        = /a Ended
        "#,
    );
}

fn c20() {
    play(
        config(),
        "connect
        C open …
        S> OPEN
        C> 40
        S> 44
        C close
        ! connect_error connect error
        = Refused",
    );
}

fn c21() {
    play(
        config(),
        "connect
        C open …
        S> OPEN
        C> 40
        S> 44\"plain\"
        C close
        ! connect_error connect error: plain
        = Refused",
    );
}

fn c22() {
    play_joined(
        reconnecting(),
        r#"
        S> 44{"message":"no"}
        C close
        ! disconnected connect error: no
        ! connect_error connect error: no
        = Refused
        "#,
    );
}

fn c23() {
    for transports in TRANSPORTS {
        let mut meeting = Meeting::new("{}");
        let client = meeting.join(transports);
        meeting.clients[client].connect("/a");
        meeting.told(client, "/a connected");

        meeting.clients[client].disconnect("/a");
        meeting.told(client, "/a disconnected io client disconnect");
        meeting.seen(r#""saw":"disconnect","nsp":"/a""#);
        meeting.clients[client].emit(r#"["echo",1]"#);
        meeting.told(client, "message echo [1]");
        meeting.clients[client].disconnect("");
        meeting.told(client, "disconnected io client disconnect");
        meeting.seen(r#""saw":"disconnect","nsp":"/""#);
        meeting.seen(r#""saw":"close""#);
    }
}

fn c24() {
    play(
        reconnecting(),
        "connect
        C open …
        disconnect
        C close
        = Closed
        wait 60000
        = Closed",
    );
}

fn c25() {
    play(
        config(),
        r#"
        connect
        C open …
        connect
        S> OPEN
        C> 40
        S> 40{"sid":"S1"}
        ! connected S1
        connect
        disconnect
        C> 41
        C close
        ! disconnected io client disconnect
        disconnect
        = Closed
        "#,
    );
}

fn token(text: &str) -> Value {
    Value::object([("token", text.into())])
}
