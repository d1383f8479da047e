//! H: from a URL to the Engine.IO handshake.

use std::collections::BTreeSet;
use std::time::Duration;

use telltale::protocol::{Endpoint, TransportKind, UrlError};

use crate::peer::Meeting;
use crate::runner::{browser, peer, script, Case};
use crate::script::{at, config, play, play_joined, reconnecting};
use crate::section::polling::joined;

pub const CASES: &[Case] = &[
    script("H01", "CONNECT follows the handshake on /socket.io/", h01),
    script(
        "H02",
        "a URL's path is the namespace, its query goes along",
        h02,
    ),
    script("H03", "a query is encoded as encodeURIComponent does", h03),
    script(
        "H04",
        "the HTTP path is set, with or without its last slash",
        h04,
    ),
    script(
        "H05",
        "no handshake in time is a connect_error, and tried again",
        h05,
    ),
    script("H06", "a handshake after its timeout changes nothing", h06),
    script(
        "H07",
        "a handshake that is no JSON is a connect_error at once",
        h07,
    )
    .unlike("the reference client throws, then waits for its timeout"),
    script(
        "H08",
        "a handshake may lack upgrades, and nothing else",
        h08,
    )
    .unlike("the reference client throws a TypeError"),
    script("H09", "a message before the handshake is dropped", h09),
    script("H10", "a second handshake is a transport error", h10)
        .unlike("the reference client rebinds to the new session silently"),
    script(
        "H11",
        "URLs mean what they mean to the reference client",
        h11,
    ),
    peer("H12", "namespaces share a connection, clients do not", h12),
    script("H13", "every request of a session says EIO=4", h13),
    browser(
        "H14",
        "an http URL on an https page is a connect_error, no panic",
    ),
];

fn h01() {
    play(
        at("http://h/"),
        r#"
        connect
        C open ws://h/socket.io/?EIO=4&transport=websocket
        S accept
        S> OPEN
        C> 40
        "#,
    );
}

fn h02() {
    play(
        at("http://h/a/b?x=1"),
        r#"
        connect
        C open ws://h/socket.io/?x=1&EIO=4&transport=websocket
        S> OPEN
        C> 40/a/b,
        "#,
    );
}

fn h03() {
    let mut config = config();
    config.endpoint = config.endpoint.with_query("&a", "&=?a").expect("a query");
    play(
        config,
        "connect
        C open ws://h/socket.io/?%26a=%26%3D%3Fa&EIO=4&transport=websocket",
    );
}

fn h04() {
    let mut slashed = config();
    slashed.endpoint = slashed.endpoint.with_path("/foo/").expect("a path");
    play(
        slashed.clone(),
        "connect
        C open ws://h/foo/?EIO=4&transport=websocket",
    );
    let mut bare = slashed;
    bare.endpoint = bare.endpoint.without_trailing_slash();
    play(
        bare,
        "connect
        C open ws://h/foo?EIO=4&transport=websocket",
    );
}

fn h05() {
    let mut config = reconnecting();
    config.timeouts.open = Duration::from_millis(150);
    play(
        config,
        "connect
        C open …
        S accept
        wait 149
        wait 1
        C close
        ! connect_error timeout
        ! reconnecting 1
        = Waiting",
    );
}

fn h06() {
    let mut config = config();
    config.timeouts.open = Duration::from_millis(150);
    play(
        config,
        "connect
        C open …
        wait 150
        C close
        ! connect_error timeout
        S> OPEN
        = Ended",
    );
}

fn h07() {
    play(
        reconnecting(),
        "connect
        C open …
        S> 0{bad
        C close
        ! connect_error …
        ! reconnecting 1
        wait 1000
        C open …",
    );
}

fn h08() {
    play(
        config(),
        r#"
        connect
        C open …
        S> 0{"sid":"e1","pingInterval":25000,"pingTimeout":20000}
        C> 40
        "#,
    );
    for handshake in [
        r#"{"upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#,
        r#"{"sid":"e1","upgrades":[],"pingTimeout":20000}"#,
        r#"{"sid":"e1","upgrades":[],"pingInterval":25000}"#,
    ] {
        play(
            config(),
            &format!(
                "connect
                C open …
                S> 0{handshake}
                C close
                ! connect_error …"
            ),
        );
    }
}

fn h09() {
    play(
        config(),
        r#"
        connect
        C open …
        S> 42["pre"]
        S> OPEN
        C> 40
        S> 40{"sid":"S1"}
        ! connected S1
        S> 42["post"]
        ! message post []
        "#,
    );
}

fn h10() {
    play_joined(
        config(),
        r#"
        S> 0{"sid":"e2","upgrades":[],"pingInterval":25000,"pingTimeout":20000}
        C close
        ! disconnected transport error…
        "#,
    );
}

/// Relative addresses are made absolute where a configuration is read, against the page's own origin; the rest of the
/// table is the endpoint's.
fn h11() {
    for (url, opens, namespace) in [
        ("http://h", "ws://h/socket.io/?", "/"),
        ("http://h/", "ws://h/socket.io/?", "/"),
        ("https://h", "wss://h/socket.io/?", "/"),
        ("ws://h", "ws://h/socket.io/?", "/"),
        ("wss://h", "wss://h/socket.io/?", "/"),
        ("http://h:8080", "ws://h:8080/socket.io/?", "/"),
        ("https://h:8443/", "wss://h:8443/socket.io/?", "/"),
        ("http://h/foo", "ws://h/socket.io/?", "/foo"),
        ("http://h/foo/bar/", "ws://h/socket.io/?", "/foo/bar/"),
        ("http://h/foo?q=1", "ws://h/socket.io/?q=1&", "/foo"),
        ("http://h?q=a=b", "ws://h/socket.io/?q=a=b&", "/"),
        ("http://h/#fragment", "ws://h/socket.io/?", "/"),
        ("http://[::1]", "ws://[::1]/socket.io/?", "/"),
        ("http://[::1]:3000/a", "ws://[::1]:3000/socket.io/?", "/a"),
        (
            "wss://[2001:db8::1]:443/",
            "wss://[2001:db8::1]:443/socket.io/?",
            "/",
        ),
    ] {
        let mut config = at(url);
        config.endpoint = config.endpoint.with_path("/socket.io").expect("a path");
        assert_eq!(config.endpoint.namespace(), namespace, "{url}");
        play(
            config,
            &format!("connect\nC open {opens}EIO=4&transport=websocket"),
        );
    }
    let long = ["http://h/", &"x".repeat(8000)].concat();
    for (url, error) in [
        (long.as_str(), UrlError::TooLong),
        ("http://user:pass@h/", UrlError::Credentials),
        ("//h/x", UrlError::Scheme),
        ("h:3000", UrlError::Scheme),
    ] {
        assert_eq!(Endpoint::parse(url), Err(error), "{url}");
    }
    let server = r#"{"servers":[{"kind":"analysis","url":"/live"}]}"#;
    let relative = telltale::session::Config::parse(server, "https://page.example:8443");
    assert!(
        relative.is_ok(),
        "an address without a host lies on the page's own"
    );
}

fn h12() {
    let mut meeting = Meeting::new("{}");
    let count = |meeting: &mut Meeting, connections: usize| {
        let result = meeting.order(r#"{"do":"count"}"#);
        let expected = format!("\"connections\":{connections},");
        assert!(result.contains(&expected), "{result}");
    };

    let first = meeting.join(|_| {});
    count(&mut meeting, 1);
    for namespace in ["/a", "/b"] {
        meeting.clients[first].connect(namespace);
        meeting.told(first, &format!("{namespace} connected"));
    }
    count(&mut meeting, 1);
    meeting.join(|_| {});
    count(&mut meeting, 2);
    meeting.join(|config| {
        config.endpoint = config
            .endpoint
            .clone()
            .with_query("q", "2")
            .expect("a query");
    });
    count(&mut meeting, 3);
}

fn h13() {
    let mut config = reconnecting();
    config.transports.order = vec![TransportKind::Polling, TransportKind::WebSocket];
    let mut stage = joined(config, "UPGRADABLE", "C open …");
    stage.play(
        r#"
        emit ["x"]
        C post 42["x"]
        S post
        S get 6
        C get …
        S close 1006
        S get= 400 {"code":1,"message":"Session ID unknown"}
        C close
        ! disconnected transport error…
        ! reconnecting 1
        wait 1000
        C get …
        "#,
    );
    assert_eq!(stage.urls.len(), 8);
    for url in &stage.urls {
        assert!(url.contains("?EIO=4&transport="), "{url}");
    }
    // No cache may answer for the server.
    let different: BTreeSet<_> = stage.urls.iter().collect();
    assert_eq!(different.len(), 8);
}
