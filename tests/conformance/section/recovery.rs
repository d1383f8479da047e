//! S: connection state recovery.

use std::time::Duration;

use telltale::json::Value;
use telltale::protocol::{Auth, Config};

use crate::peer::Meeting;
use crate::runner::{peer, script, Case};
use crate::script::{play, reconnecting};

pub const CASES: &[Case] = &[
    peer(
        "S01",
        "what was missed comes before connect, on the session of before",
        s01,
    ),
    peer(
        "S02",
        "without any event there is nothing to recover from",
        s02,
    ),
    peer("S03", "a text that ends a volatile event is no offset", s03)
        .unlike("the reference client takes it for one, and recovery fails"),
    script("S04", "pid is ours to say, not the auth's", s04)
        .unlike("the reference client lets the auth win"),
    script(
        "S05",
        "the offset is the last text of an event that asks for no answer",
        s05,
    ),
    peer(
        "S06",
        "a server that restarted knows nothing of us, and we say so",
        s06,
    ),
    peer("S07", "whoever left of their own is not recovered", s07),
    peer("S08", "what was missed comes with its attachments", s08),
];

/// Servers that recover: in memory, and over Redis streams.
const SERVERS: [&str; 2] = [
    r#"{"server":{"connectionStateRecovery":{}}}"#,
    r#"{"adapter":"redis-streams","server":{"connectionStateRecovery":{}}}"#,
];

fn s01() {
    for server in SERVERS {
        let mut meeting = Meeting::new(server);
        let client = meeting.join(patient);
        let first = meeting.clients[client].told[0].clone();
        meeting.order(r#"{"do":"emit","event":"heard","args":[1]}"#);
        meeting.told(client, "message heard [1,");

        miss(&mut meeting, client, r#""args":[2]"#);

        let missed = meeting.told(client, "message missed [2,");
        assert!(missed.ends_with("\"]"), "the offset follows: {missed}");
        assert_eq!(
            meeting.told(client, "connected"),
            [&first, " recovered"].concat()
        );
    }
}

fn s02() {
    let mut meeting = Meeting::new(SERVERS[0]);
    let client = meeting.join(patient);

    miss(&mut meeting, client, r#""args":[2]"#);

    let connected = meeting.told(client, "connected");
    assert!(!connected.ends_with("recovered"), "{connected}");
}

fn s03() {
    for server in SERVERS {
        let mut meeting = Meeting::new(server);
        let client = meeting.join(patient);
        meeting.order(r#"{"do":"emit","event":"heard","args":[1]}"#);
        meeting.told(client, "message heard");
        meeting.order(r#"{"do":"emit","event":"fleeting","args":["words"],"volatile":true}"#);
        meeting.told(client, "message fleeting [\"words\"]");

        miss(&mut meeting, client, r#""args":[2]"#);

        meeting.told(client, "message missed [2,");
        let connected = meeting.told(client, "connected");
        assert!(connected.ends_with("recovered"), "{connected}");
    }
}

fn s04() {
    let mut config = reconnecting();
    config.auth = Auth::Value(Value::object([
        ("token", "t".into()),
        ("pid", "stolen".into()),
    ]));
    play(
        config,
        r#"
        connect
        C open …
        S> OPEN
        C> 40{"token":"t","pid":"stolen"}
        S> 40{"sid":"S1","pid":"P1"}
        ! connected S1
        S close 1006
        ! disconnected transport close…
        ! reconnecting 1
        wait 1000
        C open …
        S> OPEN
        C> 40{"pid":"P1","token":"t"}
        S> 40{"sid":"S1","pid":"P1"}
        ! connected S1 recovered
        "#,
    );
}

fn s05() {
    play(
        reconnecting(),
        r#"
        connect
        C open …
        S> OPEN
        C> 40
        S> 40{"sid":"S1","pid":"P1"}
        ! connected S1
        S> 42["a",1,"off1"]
        ! message a [1,"off1"]
        S> 42["b",2]
        ! message b [2]
        S> 427["c","off3"]
        ! message c ["off3"] asks
        S close 1006
        ! disconnected transport close…
        ! reconnecting 1
        wait 1000
        C open …
        S> OPEN
        C> 40{"pid":"P1","offset":"off1"}
        "#,
    );
}

fn s06() {
    let mut meeting = Meeting::new(SERVERS[0]);
    let client = meeting.join(patient);
    let first = meeting.clients[client].told[0].clone();
    meeting.order(r#"{"do":"emit","event":"heard","args":[1]}"#);
    meeting.told(client, "message heard");

    meeting.order(r#"{"do":"stop"}"#);
    meeting.told(client, "disconnected");
    meeting.order(r#"{"do":"start"}"#);

    let second = meeting.told(client, "connected");
    assert_ne!(first, second);
    assert!(!second.ends_with("recovered"), "{second}");
    // The new server's session can be recovered in its turn.
    meeting.order(r#"{"do":"emit","event":"heard","args":[2]}"#);
    meeting.told(client, "message heard [2,");
    miss(&mut meeting, client, r#""args":[3]"#);
    meeting.told(client, "message missed [3,");
    assert_eq!(
        meeting.told(client, "connected"),
        [&second, " recovered"].concat()
    );
}

fn s07() {
    let mut meeting = Meeting::new(SERVERS[0]);
    let client = meeting.join(patient);
    meeting.order(r#"{"do":"emit","event":"heard","args":[1]}"#);
    meeting.told(client, "message heard");

    meeting.clients[client].disconnect("");
    meeting.told(client, "disconnected io client disconnect");
    meeting.seen(r#""saw":"disconnect""#);
    meeting.order(r#"{"do":"emit","event":"missed","args":[2]}"#);
    meeting.clients[client].connect("");

    let connected = meeting.told(client, "connected");
    assert!(!connected.ends_with("recovered"), "{connected}");
    assert_eq!(meeting.clients[client].count("message missed"), 0);
}

fn s08() {
    for server in SERVERS {
        let mut meeting = Meeting::new(server);
        let client = meeting.join(patient);
        meeting.order(r#"{"do":"emit","event":"heard","args":[1]}"#);
        meeting.told(client, "message heard");

        miss(
            &mut meeting,
            client,
            r#""args":[{"a":"bytes:0102"},"bytes:03"]"#,
        );

        meeting.told(client, r#"message missed [{"a":"bytes:0102"},"bytes:03","#);
        let connected = meeting.told(client, "connected");
        assert!(connected.ends_with("recovered"), "{connected}");
    }
}

/// Tries again after a second and a half, in which something can be missed.
fn patient(config: &mut Config) {
    let delay = Duration::from_millis(1500);
    config.reconnection.enabled = true;
    config.reconnection.first = (delay, delay);
}

/// Breaks the connection, and has the server emit an event of these arguments while it is broken.
#[track_caller]
fn miss(meeting: &mut Meeting, client: usize, args: &str) {
    meeting.order(r#"{"do":"cut"}"#);
    meeting.told(client, "disconnected");
    meeting.seen(r#""saw":"disconnect""#);
    meeting.order(&format!(r#"{{"do":"emit","event":"missed",{args}}}"#));
}
