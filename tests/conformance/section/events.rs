//! E: events and their JSON.

use telltale::json::MAX_DEPTH;

use crate::runner::{browser, script, Case};
use crate::script::{at, breaks, config, play, play_joined, Stage};
use crate::section::polling::{joined, polling};

pub const CASES: &[Case] = &[
    script("E01", "an event is an array of its name and arguments", e01),
    script("E02", "an event of a namespace says so", e02),
    script("E03", "a number may be an event's name", e03),
    script("E04", "a reserved name is refused at once", e04),
    script(
        "E05",
        "a reserved name from the server is a parse error",
        e05,
    ),
    script(
        "E06",
        "error, ping, reconnect and message are names like others",
        e06,
    ),
    script("E07", "an event without a payload is a parse error", e07)
        .unlike("the reference client throws a RangeError"),
    script("E08", "what is no event is a parse error", e08),
    script("E09", "a blank after the JSON does not matter", e09),
    script("E10", "text of any alphabet comes and goes unchanged", e10),
    script("E11", "half a surrogate is no reason to disconnect", e11),
    script(
        "E12",
        "numbers that JSON cannot hold are no reason to disconnect",
        e12,
    ),
    script("E13", "what real servers nest is delivered", e13),
    script("E14", "what is nested without end is a parse error", e14)
        .unlike("the reference client's binary decoder exhausts the stack"),
    script(
        "E15",
        "an event that nobody understood leaves the next one alone",
        e15,
    ),
    browser("E16", "who listens is settled before an event is told"),
    script(
        "E17",
        "early events are told before connect, late ones after",
        e17,
    ),
    script(
        "E18",
        "__proto__ is a key, and the last of two keys counts",
        e18,
    ),
    script("E19", "an argument more than expected does no harm", e19),
];

fn e01() {
    play_joined(
        config(),
        r#"
        emit ["x",1,"2",{"3":[true]}]
        C> 42["x",1,"2",{"3":[true]}]
        "#,
    );
}

fn e02() {
    play(
        at("http://h/a"),
        r#"
        connect
        C open …
        S> OPEN
        C> 40/a,
        S> 40/a,{"sid":"S1"}
        ! /a connected S1
        emit ["x"]
        C> 42/a,["x"]
        "#,
    );
}

fn e03() {
    play_joined(
        config(),
        r#"
        S> 42[1,"x"]
        ! message 1 ["x"]
        emit [5,"n"]
        C> 42[5,"n"]
        "#,
    );
}

fn e04() {
    for name in RESERVED {
        play_joined(
            config(),
            &format!(
                "emit [\"{name}\"]\n! emit refused: the event has a reserved name\n= Connected"
            ),
        );
    }
}

fn e05() {
    for name in RESERVED {
        breaks(config(), &[&format!("42[\"{name}\"]")], "parse error");
    }
}

fn e06() {
    for name in ["error", "ping", "reconnect", "message"] {
        play_joined(
            config(),
            &format!(
                "emit [\"{name}\"]
                C> 42[\"{name}\"]
                S> 42[\"{name}\"]
                ! message {name} []"
            ),
        );
    }
}

fn e07() {
    breaks(config(), &["42"], "parse error");
}

fn e08() {
    for frame in [
        "42[]",
        "42{}",
        "42[null]",
        "42[true]",
        r#"42[{"toString":"foo"}]"#,
        r#"42["a"]x"#,
        r#"42["a""#,
    ] {
        breaks(config(), &[frame], "parse error");
    }
}

fn e09() {
    let mut stage = Stage::joined(config());
    stage.receive(r#"42["a"] "#);
    stage.play("! message a []");
}

/// Over a WebSocket and over polling, where U+001E parts the packets.
fn e10() {
    for text in ["😀", "\u{2028}", r"\u0000", r"\u001e", "ÅÄÖ 測試 €"] {
        play_joined(
            config(),
            &format!(
                "S> 42[\"e\",\"{text}\"]
                ! message e [\"{text}\"]
                emit [\"e\",\"{text}\"]
                C> 42[\"e\",\"{text}\"]"
            ),
        );
        joined(polling(), "OPEN", "").play(&format!(
            "S get 42[\"e\",\"{text}\"]␞42[\"e\",\"{text}\"]
            ! message e [\"{text}\"]
            ! message e [\"{text}\"]
            C get …
            emit [\"e\",\"{text}\"]
            C post 42[\"e\",\"{text}\"]"
        ));
    }
}

/// A string cannot hold half a surrogate; the browser's own parser and ours read U+FFFD.
fn e11() {
    play_joined(
        config(),
        "S> 42[\"e\",\"a\\ud800b\"]
        ! message e [\"a\u{fffd}b\"]
        = Connected",
    );
}

fn e12() {
    play_joined(
        config(),
        r#"
        S> 42["n",1e400,-0,12345678901234567890]
        ! message n …
        = Connected
        "#,
    );
}

/// A thousand levels, as in the reference client's own JSON.
fn e13() {
    let nested = ["[".repeat(1000), "]".repeat(1000)].concat();
    play_joined(
        config(),
        &format!("S> 42[\"e\",{nested}]\n! message e …\n= Connected"),
    );
}

fn e14() {
    for depth in [MAX_DEPTH, 10_000, 400_000] {
        let nested = ["[".repeat(depth), "]".repeat(depth)].concat();
        breaks(config(), &[&format!("42[\"e\",{nested}]")], "parse error");
        let attached = format!("451-[\"e\",{{\"_placeholder\":true,\"num\":0}},{nested}]");
        breaks(config(), &[&attached], "parse error");
    }
}

/// Events are handed out, never called: whatever the application makes of one happens after the next has been read.
/// What a listener of the browser's API may do is proved in the browser.
fn e15() {
    play_joined(
        config(),
        r#"
        S> 42["first"]
        ! message first []
        S> 42["second"]
        ! message second []
        = Connected
        "#,
    );
}

fn e17() {
    play(
        config(),
        r#"
        connect
        C open …
        S> OPEN
        C> 40
        S> 42["early"]
        S> 40{"sid":"S1"}
        ! message early []
        ! connected S1
        S> 42["late"]
        ! message late []
        "#,
    );
}

fn e18() {
    let mut stage = Stage::joined(config());
    stage.receive(r#"42["e",{"__proto__":{"polluted":1},"a":1,"a":2}]"#);
    let object = &stage.teller.args[0];
    assert_eq!(object.get("__proto__").get("polluted").as_u64(), Some(1));
    assert_eq!(object.get("a").as_u64(), Some(2));
    stage.play("! message …");
}

fn e19() {
    play_joined(
        config(),
        r#"
        S> 42["e",7,"offset1"]
        ! message e [7,"offset1"]
        "#,
    );
}

const RESERVED: [&str; 6] = [
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
];
