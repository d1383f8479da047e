//! B: attachments.

use std::time::Duration;

use crate::peer::{Meeting, TRANSPORTS};
use crate::runner::{browser, peer, script, Case};
use crate::script::{breaks, config, play_joined, reconnecting, Stage};
use crate::section::polling::{joined, polling};

pub const CASES: &[Case] = &[
    script(
        "B01",
        "attachments follow their event, in the order of their places",
        b01,
    ),
    script("B02", "an answer may have attachments", b02),
    script("B03", "an answer of the server may have attachments", b03),
    script(
        "B04",
        "nothing comes between an event and its attachments",
        b04,
    ),
    script(
        "B05",
        "a placeholder beyond the attachments is a parse error",
        b05,
    ),
    script("B06", "a placeholder's number is a whole one", b06),
    script(
        "B07",
        "text where an attachment is due is a parse error",
        b07,
    ),
    script(
        "B08",
        "an attachment that nothing announced is a parse error",
        b08,
    ),
    script("B09", "an attachment without a placeholder is dropped", b09),
    script("B10", "two placeholders may share an attachment", b10),
    script("B11", "without attachments a placeholder is an object", b11),
    script("B12", "no attachments is an illegal number of them", b12),
    script(
        "B13",
        "more than ten attachments are too many, unless allowed",
        b13,
    ),
    script(
        "B14",
        "the number of attachments is digits and nothing else",
        b14,
    ),
    peer(
        "B15",
        "an eleventh attachment is refused when it is emitted",
        b15,
    )
    .unlike("the reference client sends it and loses the connection"),
    script("B16", "half a packet does not outlive its connection", b16),
    script("B17", "attachments that never come end the connection", b17),
    script("B18", "an attachment may be empty", b18),
    script("B19", "over polling attachments are base64", b19),
    browser("B20", "a Blob, a File and views arrive byte for byte"),
    script("B21", "base64 on a WebSocket is an attachment", b21),
    script("B22", "what is not base64 is a parse error", b22)
        .unlike("the reference client decodes garbage"),
    script(
        "B23",
        "data that looks like a placeholder is refused beside attachments",
        b23,
    ),
];

const HEADER: &str = r#"451-["bin",{"_placeholder":true,"num":0}]"#;

fn b01() {
    play_joined(
        config(),
        r#"
        emit ack=60000 ["bin",{"a":"bytes:01","b":["bytes:0202",{"c":"bytes:030303"}]}]
        C> 453-0["bin",{"a":{"_placeholder":true,"num":0},"b":[{"_placeholder":true,"num":1},{"c":{"_placeholder":true,"num":2}}]}]
        C> <01>
        C> <0202>
        C> <030303>
        "#,
    );
}

fn b02() {
    play_joined(
        config(),
        r#"
        S> 427["q"]
        ! message q [] asks
        answer [{"f":"bytes:01"},"bytes:02"]
        C> 462-7[{"f":{"_placeholder":true,"num":0}},{"_placeholder":true,"num":1}]
        C> <01>
        C> <02>
        "#,
    );
}

fn b03() {
    play_joined(
        config(),
        r#"
        emit ack=60000 ["x"]
        C> 420["x"]
        S> 461-0[{"_placeholder":true,"num":0},"t"]
        S> <0102>
        ! answer 0 ["bytes:0102","t"]
        "#,
    );
}

/// A heartbeat is answered between two events, never within one.
fn b04() {
    play_joined(
        config(),
        r#"
        emit ["a","bytes:01","bytes:02"]
        C> 452-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]
        C> <01>
        C> <02>
        S> 2
        C> 3
        emit ["b","bytes:03"]
        C> 451-["b",{"_placeholder":true,"num":0}]
        C> <03>
        "#,
    );
}

fn b05() {
    let header = r#"451-["bin",{"_placeholder":true,"num":1}]"#;
    breaks(config(), &[header, "<01>"], "parse error");
}

fn b06() {
    for number in [r#""splice""#, "-1", "0.5", "null", "1e99"] {
        let header = format!(r#"451-["bin",{{"_placeholder":true,"num":{number}}}]"#);
        breaks(config(), &[&header, "<01>"], "parse error");
    }
    let header = r#"451-["bin",{"_placeholder":true}]"#;
    breaks(config(), &[header, "<01>"], "parse error");
}

fn b07() {
    breaks(config(), &[HEADER, r#"42["x"]"#], "parse error");
}

fn b08() {
    breaks(config(), &["<01>"], "parse error");
}

fn b09() {
    play_joined(
        config(),
        r#"
        S> 451-["a"]
        S> <01>
        ! message a []
        "#,
    );
}

fn b10() {
    play_joined(
        config(),
        r#"
        S> 451-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]
        S> <0102>
        ! message a ["bytes:0102","bytes:0102"]
        "#,
    );
}

fn b11() {
    play_joined(
        config(),
        r#"
        S> 42["p",{"_placeholder":true,"num":0}]
        ! message p [{"_placeholder":true,"num":0}]
        "#,
    );
}

fn b12() {
    breaks(config(), &[r#"450-["z"]"#], "parse error");
}

fn b13() {
    let eleven: Vec<_> = (0..11)
        .map(|number| format!(r#"{{"_placeholder":true,"num":{number}}}"#))
        .collect();
    let header = format!(r#"4511-["z",{}]"#, eleven.join(","));
    breaks(config(), &[&header], "parse error");

    let mut config = config();
    config.limits.attachments = 11;
    let mut stage = Stage::joined(config);
    stage.receive(&header);
    for _ in 0..11 {
        stage.play("");
        stage.receive("<01>");
    }
    stage.play("! message z …\n= Connected");
}

fn b14() {
    for frame in [
        r#"45["a"]"#,
        r#"45-["a"]"#,
        r#"45a-["a"]"#,
        r#"451.23-["a"]"#,
        r#"45+1-["a"]"#,
        r#"451e0-["a"]"#,
        r#"45 1-["a"]"#,
    ] {
        breaks(config(), &[frame], "parse error");
    }
}

fn b15() {
    for transports in TRANSPORTS {
        let mut meeting = Meeting::new("{}");
        let client = meeting.join(transports);
        let attachments = |count: usize| vec![r#""bytes:01""#; count].join(",");

        meeting.clients[client].emit(&format!(r#"["many",{}]"#, attachments(11)));
        meeting.told(client, "emit refused: 11 attachments are too many");
        meeting.clients[client].emit(&format!(r#"["echo",{}]"#, attachments(10)));

        let told = meeting.told(client, "message echo");
        assert_eq!(told, format!("message echo [{}]", attachments(10)));
        assert_eq!(meeting.clients[client].count("disconnected"), 0);
    }
}

fn b16() {
    let mut stage = Stage::joined(reconnecting());
    stage.receive(HEADER);
    stage.play(
        r#"
        S close 1006
        ! disconnected transport close…
        ! reconnecting 1
        wait 1000
        C open …
        S> OPEN
        C> 40
        S> 40{"sid":"S2"}
        ! connected S2
        S> 42["x"]
        ! message x []
        "#,
    );
}

/// By their number of bytes, and by the time they take.
fn b17() {
    let mut timed = config();
    timed.limits.attachment_time = Duration::from_secs(1);
    let mut stage = Stage::joined(timed);
    stage.receive(HEADER);
    stage.play(
        "wait 999
        wait 1
        C close
        ! disconnected parse error…",
    );

    let mut bounded = config();
    bounded.limits.attachment_bytes = 3;
    let header = r#"452-["z",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
    breaks(bounded, &[header, "<0102>", "<0304>"], "parse error");
}

fn b18() {
    play_joined(
        config(),
        r#"
        emit ["bin","bytes:"]
        C> 451-["bin",{"_placeholder":true,"num":0}]
        C> <>
        S> 451-["bin",{"_placeholder":true,"num":0}]
        S> <>
        ! message bin ["bytes:"]
        S> 451-["bin",{"_placeholder":true,"num":0}]
        S> b
        ! message bin ["bytes:"]
        "#,
    );
    joined(polling(), "OPEN", "").play(
        r#"
        emit ["bin","bytes:"]
        C post 451-["bin",{"_placeholder":true,"num":0}]␞b
        S get 451-["bin",{"_placeholder":true,"num":0}]␞b
        ! message bin ["bytes:"]
        C get …
        "#,
    );
}

fn b19() {
    joined(polling(), "OPEN", "").play(
        r#"
        emit ["bin","bytes:01020304"]
        C post 451-["bin",{"_placeholder":true,"num":0}]␞bAQIDBA==
        S get 451-["bin",{"_placeholder":true,"num":0}]␞bAQIDBA==
        ! message bin ["bytes:01020304"]
        C get …
        S get 451-["bin",{"_placeholder":true,"num":0}]
        C get …
        S get bAQIDBA==
        ! message bin ["bytes:01020304"]
        C get …
        "#,
    );
}

fn b21() {
    let mut stage = Stage::joined(config());
    stage.receive(HEADER);
    stage.play(
        r#"
        S> bAQI=
        ! message bin ["bytes:0102"]
        "#,
    );
}

fn b22() {
    breaks(config(), &[HEADER, "b!!!!"], "parse error");
}

fn b23() {
    play_joined(
        config(),
        r#"
        emit ["x","bytes:01",{"_placeholder":true,"num":0}]
        ! emit refused: the arguments hold a placeholder of their own
        emit ["x",{"_placeholder":true,"num":0}]
        C> 42["x",{"_placeholder":true,"num":0}]
        = Connected
        "#,
    );
}
