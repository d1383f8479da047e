//! A: acknowledgements.

use telltale::protocol::SocketId;

use crate::peer::{Meeting, TRANSPORTS};
use crate::runner::{peer, script, Case};
use crate::script::{breaks, config, play, play_joined, reconnecting, Stage};

pub const CASES: &[Case] = &[
    script("A01", "ack ids count up, across connections too", a01),
    script(
        "A02",
        "an answer counts once, an unknown one not at all",
        a02,
    ),
    script("A03", "an event of the server is answered once", a03),
    script("A04", "an answer may be empty, both ways", a04),
    script("A05", "an answer after its timeout is ignored", a05),
    script("A06", "what timed out offline is not sent later", a06),
    script("A07", "a timeout of nothing fails once", a07),
    script("A08", "our own disconnect fails every answer due", a08)
        .unlike("the reference client forgets callbacks that take no error"),
    script(
        "A09",
        "a loss fails what was sent and keeps what was not",
        a09,
    ),
    script(
        "A10",
        "an answer without an id or a payload does not panic",
        a10,
    ),
    script("A11", "an ack id beyond 2^53 is a parse error", a11)
        .unlike("the reference client answers a rounded id"),
    script("A12", "a blank is no ack id", a12).unlike("the reference client takes it for id 0"),
    script("A13", "an ack id is digits and nothing else", a13),
    peer("A14", "the answer to a broadcast reaches the server", a14),
    script(
        "A15",
        "an answer after the disconnect is not sent anywhere",
        a15,
    ),
    script("A16", "a cancelled ack frees its id", a16),
    peer("A17", "ack ids of two namespaces do not meet", a17),
];

fn a01() {
    play_joined(
        reconnecting(),
        r#"
        emit ack=60000 ["x"]
        C> 420["x"]
        emit ack=60000 ["y"]
        C> 421["y"]
        S close 1006
        ! disconnected transport close…
        ! no answer 0: socket has been disconnected
        ! no answer 1: socket has been disconnected
        ! reconnecting 1
        wait 1000
        C open …
        S> OPEN
        C> 40
        S> 40{"sid":"S2"}
        ! connected S2
        emit ack=60000 ["z"]
        C> 422["z"]
        "#,
    );
}

fn a02() {
    play_joined(
        config(),
        r#"
        emit ack=60000 ["x"]
        C> 420["x"]
        S> 430["a"]
        ! answer 0 ["a"]
        S> 430["b"]
        S> 4399[]
        = Connected
        "#,
    );
}

/// The right to answer is a value that is used up: there is no second call to make.
fn a03() {
    play_joined(
        config(),
        r#"
        S> 425["q"]
        ! message q [] asks
        answer [1]
        C> 435[1]
        "#,
    );
}

fn a04() {
    play_joined(
        config(),
        r#"
        S> 425["q"]
        ! message q [] asks
        answer []
        C> 435[]
        emit ack=60000 ["x"]
        C> 420["x"]
        S> 430[]
        ! answer 0 []
        "#,
    );
}

fn a05() {
    play_joined(
        config(),
        r#"
        emit ack=50 ["x"]
        C> 420["x"]
        wait 50
        ! no answer 0: operation has timed out
        wait 70
        S> 430["late"]
        "#,
    );
}

fn a06() {
    play(
        config(),
        r#"
        emit ack=50 ["x"]
        wait 50
        ! no answer 0: operation has timed out
        connect
        C open …
        S> OPEN
        C> 40
        S> 40{"sid":"S1"}
        ! connected S1
        "#,
    );
}

fn a07() {
    play_joined(
        config(),
        r#"
        emit ack=0 ["x"]
        C> 420["x"]
        ! no answer 0: operation has timed out
        S> 430["late"]
        "#,
    );
}

fn a08() {
    play_joined(
        config(),
        r#"
        emit ack=60000 ["x"]
        C> 420["x"]
        emit ack=60000 ["y"]
        C> 421["y"]
        disconnect
        C> 41
        C close
        ! disconnected io client disconnect
        ! no answer 0: socket has been disconnected
        ! no answer 1: socket has been disconnected
        "#,
    );
}

fn a09() {
    play_joined(
        reconnecting(),
        r#"
        emit ack=60000 ["sent"]
        C> 420["sent"]
        S close 1006
        ! disconnected transport close…
        ! no answer 0: socket has been disconnected
        ! reconnecting 1
        emit ack=60000 ["kept"]
        wait 1000
        C open …
        S> OPEN
        C> 40
        S> 40{"sid":"S2"}
        C> 421["kept"]
        ! connected S2
        S> 431["yes"]
        ! answer 1 ["yes"]
        "#,
    );
}

fn a10() {
    play_joined(config(), "S> 43[]\n= Connected");
    breaks(config(), &["431"], "parse error");
}

fn a11() {
    for frame in [
        r#"4218446744073709551617["x"]"#,
        r#"4299999999999999999999["x"]"#,
    ] {
        breaks(config(), &[frame], "parse error");
    }
}

fn a12() {
    for frame in [r#"42 ["sp"]"#, "42\n[\"x\"]"] {
        breaks(config(), &[frame], "parse error");
    }
}

fn a13() {
    for frame in [r#"42-1["n"]"#, r#"421.5["f"]"#, r#"420x["a"]"#] {
        breaks(config(), &[frame], "parse error");
    }
}

/// One server, and three that share a Redis, the client being at the last of them.
fn a14() {
    for (options, at) in [("{}", 0), (r#"{"adapter":"redis","instances":3}"#, 2)] {
        for transports in TRANSPORTS {
            let mut meeting = Meeting::new(options);
            let client = meeting.join_at(at, transports);
            meeting.told_on_request(
                client,
                r#"{"do":"ask","event":"q","args":[7]}"#,
                "message q [7] asks",
                "[8]",
            );
        }
    }
}

fn a15() {
    play_joined(
        reconnecting(),
        r#"
        S> 425["q"]
        ! message q [] asks
        S close 1006
        ! disconnected transport close…
        ! reconnecting 1
        wait 1000
        C open …
        S> OPEN
        C> 40
        S> 40{"sid":"S2"}
        ! connected S2
        answer [1]
        "#,
    );
}

fn a16() {
    let mut stage = Stage::joined(config());
    stage.play(
        r#"
        emit ack=60000 ["x"]
        C> 420["x"]
        cancel 0
        S> 430["late"]
        wait 30000
        S> 2
        C> 3
        wait 30000
        "#,
    );
    assert_eq!(stage.client.buffers(SocketId::MAIN).acks, 0);
}

fn a17() {
    let mut meeting = Meeting::new("{}");
    let client = meeting.join(|_| {});
    meeting.clients[client].connect("/a");
    meeting.told(client, "/a connected");

    meeting.clients[client].emit(r#"ack=10000 ["q","root"]"#);
    meeting.clients[client].emit(r#"/a ack=10000 ["q","a"]"#);

    for answer in ["answer 0 [\"root\"]", "/a answer 1 [\"a\"]"] {
        meeting.until(answer, |meeting| {
            meeting.clients[client].count(answer).gt(&0).then_some(())
        });
    }
}
