//! HTTP long-polling, and which transport is tried when.

use super::*;
use crate::protocol::io::{Request, RequestError, RequestId, Response};

/// A client, and a driver that makes requests: a line each is written down, and two of a kind at once are a fault.
pub(super) struct Wire {
    pub(super) rig: Rig,
    pub(super) requests: Vec<(TransportId, Request)>,
    pub(super) sockets: Vec<(TransportId, String)>,
}

impl Wire {
    pub(super) fn new(config: Config) -> Self {
        let mut rig = Rig::new(config);
        rig.shows_manager = false;
        Self {
            rig,
            requests: Vec::new(),
            sockets: Vec::new(),
        }
    }

    /// Connected on polling, with a GET under way and nothing else.
    pub(super) fn connected(config: Config, open: &str) -> Self {
        let mut wire = Self::new(config);
        wire.input(Input::Connect);
        wire.answer_get(open);
        wire.answer_post();
        assert!(
            wire.answer_get(JOINED).contains(&"connected S1".to_owned()),
            "not connected"
        );
        wire
    }

    pub(super) fn input(&mut self, input: Input) -> Vec<String> {
        if let Input::Closed(transport, _) = &input {
            self.sockets.retain(|(open, _)| open != transport);
        }
        self.rig.client.handle_input(input, self.rig.now);
        self.drain()
    }

    pub(super) fn emit(&mut self, event: &str) -> Vec<String> {
        let emit = Emit::new(event, vec![]);
        let emitted = self.rig.client.emit(emit, self.rig.now);
        emitted.expect("the emit is accepted");
        self.drain()
    }

    pub(super) fn pass(&mut self, millis: u64) -> Vec<String> {
        self.rig.pass(millis);
        self.input(Input::Timeout)
    }

    /// The request of this method that is under way.
    #[track_caller]
    pub(super) fn take(&mut self, method: &str) -> (TransportId, Request) {
        let is_it =
            |(_, request): &(TransportId, Request)| request.method == method && !request.keepalive;
        let at = self.requests.iter().position(is_it);
        self.requests
            .remove(at.expect("such a request is under way"))
    }

    #[track_caller]
    pub(super) fn respond(
        &mut self,
        method: &str,
        response: Result<Response, RequestError>,
    ) -> Vec<String> {
        let (transport, request) = self.take(method);
        self.input(Input::Responded(transport, request.id, response))
    }

    #[track_caller]
    pub(super) fn answer(&mut self, method: &str, status: u16, body: &str) -> Vec<String> {
        let response = Response {
            status,
            body: body.to_owned(),
            retry_after: None,
        };
        self.respond(method, Ok(response))
    }

    #[track_caller]
    pub(super) fn answer_get(&mut self, body: &str) -> Vec<String> {
        self.answer("GET", 200, body)
    }

    #[track_caller]
    pub(super) fn answer_post(&mut self) -> Vec<String> {
        self.answer("POST", 200, "ok")
    }

    pub(super) fn receive(&mut self, transport: u64, text: &str) -> Vec<String> {
        let frame = Frame::Text(text.to_owned());
        self.input(Input::Received(TransportId(transport), frame))
    }

    pub(super) fn is_under_way(&self, method: &str) -> bool {
        (self.requests.iter()).any(|(_, request)| request.method == method)
    }

    pub(super) fn drain(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(output) = self.rig.client.poll_output() {
            lines.extend(self.line(output));
        }
        lines
    }

    fn line(&mut self, output: Output) -> Option<String> {
        Some(match output {
            Output::Open { transport, url } => {
                self.sockets.push((transport, url));
                format!("open {}", transport.0)
            }
            Output::Send { transport, frame } => {
                let is_open = (self.sockets.iter()).any(|(open, _)| *open == transport);
                assert!(is_open, "a frame is sent where nobody is");
                match frame {
                    Frame::Text(text) => format!("{}> {text}", transport.0),
                    Frame::Binary(bytes) => format!("{}> {} bytes", transport.0, bytes.len()),
                }
            }
            Output::Close { transport } => {
                self.sockets.retain(|(open, _)| *open != transport);
                (self.requests).retain(|(of, request)| *of != transport || request.keepalive);
                format!("close {}", transport.0)
            }
            Output::Request { transport, request } => {
                let body = request.body.clone().unwrap_or_default();
                if request.keepalive {
                    return Some(format!("bye {} {body}", transport.0));
                }
                let is_second = (self.requests.iter())
                    .any(|(of, other)| *of == transport && other.method == request.method);
                assert!(!is_second, "a second {} is made", request.method);
                let line = format!("{} {} {body}", request.method, transport.0);
                self.requests.push((transport, request));
                line.trim_end().to_owned()
            }
            other => return self.rig.line(other),
        })
    }
}

pub(super) fn polling() -> Config {
    let mut config = config_of("http://h");
    config.transports.order = vec![TransportKind::Polling];
    config
}

/// The message of an emit without arguments.
fn event(name: &str) -> String {
    format!(r#"42["{name}"]"#)
}

fn no_lines() -> [&'static str; 0] {
    []
}

#[test]
fn a_session_is_opened_joined_and_spoken_in_by_requests_alone() {
    let mut wire = Wire::new(polling());

    assert_eq!(wire.input(Input::Connect), ["GET 1"]);
    assert_eq!(wire.answer_get(OPEN), ["POST 1 40", "GET 1"]);
    assert_eq!(wire.answer_get(JOINED), ["connected S1", "GET 1"]);
    assert_eq!(wire.emit("a"), no_lines());
    assert_eq!(wire.answer_post(), [r#"POST 1 42["a"]"#]);
    assert_eq!(wire.answer_get("2"), ["GET 1"]);
    // P26: whatever the answer to a POST says.
    assert_eq!(wire.answer("POST", 200, "whatever"), ["POST 1 3"]);
    assert_eq!(
        wire.answer_get("42[\"x\",1]\u{1e}42[\"y\"]"),
        ["message x [1]", "message y []", "GET 1"]
    );
    assert_eq!(wire.rig.client.transport(), Some(TransportKind::Polling));
}

// H13
#[test]
fn every_request_names_the_protocol_and_all_but_the_first_the_session() {
    let mut wire = Wire::new(polling());
    wire.input(Input::Connect);
    let first = wire.requests[0].1.url.clone();
    wire.answer_get(OPEN);

    assert!(first.starts_with("http://h/socket.io/?EIO=4&transport=polling&t="));
    assert!(!first.contains("sid="), "{first}");
    for (_, request) in &wire.requests {
        assert!(
            request
                .url
                .starts_with("http://h/socket.io/?EIO=4&transport=polling&t="),
            "{}",
            request.url
        );
        assert!(request.url.ends_with("&sid=e1"), "{}", request.url);
    }
}

#[test]
fn a_session_id_cannot_change_the_url_it_stands_in() {
    let mut wire = Wire::new(polling());
    wire.input(Input::Connect);

    wire.answer_get(r#"0{"sid":"a&EIO=3#é","pingInterval":25000,"pingTimeout":20000}"#);

    let url = &wire.requests[0].1.url;
    assert!(url.ends_with("&sid=a%26EIO%3D3%23%C3%A9"), "{url}");
}

// P10, H07, H08
#[test]
fn what_is_no_handshake_is_an_error_at_once() {
    for body in [
        "",
        "<html><body>Please sign in</body></html>",
        "6",
        r#"42["pre"]"#,
        "0{bad",
        r#"0{"sid":"e1"}"#,
    ] {
        let mut wire = Wire::new(polling());
        wire.input(Input::Connect);

        let lines = wire.answer_get(body);

        assert!(lines[0].starts_with("protocol error: "), "{lines:?}");
        assert_eq!(lines[1], "close 1");
        assert!(
            lines[2].starts_with("connect error: transport error"),
            "{lines:?}"
        );
        assert_eq!(wire.requests.len(), 0);
    }
}

// P08, P09, P25
#[test]
fn an_answer_that_is_not_200_ends_the_session_and_says_why() {
    for (method, status, body, said) in [
        ("GET", 400, r#"{"code":1,"message":"Session ID unknown"}"#, "400: the server does not know the session; several servers behind one address need sticky sessions"),
        ("GET", 400, r#"{"code":0,"message":"Transport unknown"}"#, "400: the server does not offer this transport"),
        ("GET", 403, r#"{"code":4,"message":"Forbidden"}"#, "403: the server does not admit us"),
        ("GET", 400, r#"{"code":5,"message":"Unsupported"}"#, "400: the server does not speak Engine.IO 4"),
        ("GET", 502, "<html>Bad gateway</html>", "502"),
        ("GET", 302, "", "302"),
        ("GET", 204, "", "204"),
        ("POST", 500, "", "500"),
        ("POST", 413, "", "413: what was sent is too large"),
    ] {
        let mut wire = Wire::connected(polling(), OPEN);
        wire.emit("a");

        let lines = wire.answer(method, status, body);

        let end = format!("disconnected: transport error: the server answered {said}");
        assert_eq!(lines, ["close 1", &end, "reconnecting 1"]);
        assert_eq!(wire.requests.len(), 0);
    }
}

#[test]
fn a_request_that_fails_ends_the_session() {
    for (method, error, said) in [
        ("GET", RequestError::Network, "a request failed"),
        ("POST", RequestError::Network, "a request failed"),
        (
            "GET",
            RequestError::TooLarge,
            "the answer to a request is too large",
        ),
    ] {
        let mut wire = Wire::connected(polling(), OPEN);
        wire.emit("a");

        let lines = wire.respond(method, Err(error));

        let end = format!("disconnected: transport error: {said}");
        assert_eq!(lines, ["close 1", &end, "reconnecting 1"]);
    }
}

#[test]
fn a_server_that_asks_for_patience_gets_it_up_to_the_longest_pause() {
    for (seconds, least, most) in [(30, 30, 30), (100_000, 300, 300), (0, 0, 2)] {
        let mut wire = Wire::new(polling());
        wire.input(Input::Connect);

        wire.respond(
            "GET",
            Ok(Response {
                status: 503,
                body: String::new(),
                retry_after: Some(Duration::from_secs(seconds)),
            }),
        );

        let wait = wire.rig.client.poll_timeout().unwrap().since_origin();
        assert!(
            (least..=most).contains(&wait.as_secs()),
            "{seconds}: {wait:?}"
        );
    }
}

// P11: what stands before a packet that is none is delivered, what stands behind it is not.
#[test]
fn a_broken_packet_ends_the_session_in_its_place() {
    let mut wire = Wire::connected(polling(), OPEN);

    let lines = wire.answer_get("42[\"a\"]\u{1e}z\u{1e}42[\"b\"]");

    assert_eq!(
        lines,
        [
            "message a []",
            "protocol error: 'z' is no Engine.IO packet type",
            "close 1",
            "disconnected: transport error: 'z' is no Engine.IO packet type",
            "reconnecting 1"
        ]
    );
}

// P12
#[test]
fn an_event_beside_the_close_packet_is_delivered_before_the_end() {
    let mut wire = Wire::connected(polling(), OPEN);

    let lines = wire.answer_get("42[\"a\",1]\u{1e}1\u{1e}42[\"b\"]");

    assert_eq!(
        lines,
        [
            "message a [1]",
            "close 1",
            "disconnected: transport close",
            "reconnecting 1"
        ]
    );
}

// P13
#[test]
fn a_session_that_ends_with_its_beginning_leaves_no_ghost() {
    let mut wire = Wire::new(polling());
    wire.input(Input::Connect);
    wire.answer_get(OPEN);

    let lines = wire.answer_get("40{\"sid\":\"S1\"}\u{1e}1");

    assert_eq!(
        lines,
        [
            "connected S1",
            "close 1",
            "disconnected: transport close",
            "reconnecting 1"
        ]
    );
    assert_eq!(wire.emit("kept"), no_lines());
    wire.rig.now = wire.rig.client.wait_until().unwrap();
    assert_eq!(wire.input(Input::Timeout), ["GET 2"]);
    wire.answer_get(OPEN);
    wire.answer_post();
    assert_eq!(
        wire.answer_get(JOINED),
        [r#"POST 2 42["kept"]"#, "connected S1", "GET 2"]
    );
}

// P14: the wire itself asserts that no two requests of a kind are under way.
#[test]
fn ten_thousand_emits_arrive_once_and_in_order() {
    let mut wire = Wire::connected(polling(), OPEN);
    let mut arrived = Vec::new();
    for number in 0..10_000 {
        wire.emit(&number.to_string());
        if number % 7 == 0 {
            let (transport, request) = wire.take("POST");
            arrived.extend(packets(&request));
            let done = Ok(Response {
                status: 200,
                ..Response::default()
            });
            wire.input(Input::Responded(transport, request.id, done));
        }
        if number % 11 == 0 {
            wire.answer_get("6");
        }
    }
    while wire.is_under_way("POST") {
        let (transport, request) = wire.take("POST");
        arrived.extend(packets(&request));
        let done = Ok(Response {
            status: 200,
            ..Response::default()
        });
        wire.input(Input::Responded(transport, request.id, done));
    }

    let sent: Vec<_> = (0..10_000).map(|n| event(&n.to_string())).collect();
    assert_eq!(arrived, sent);
}

// P15, and EC6 of the reference client's own tests
#[test]
fn what_waits_goes_out_in_groups_as_large_as_the_server_takes() {
    let open = OPEN.replace("1000000", "100");
    let mut wire = Wire::connected(polling(), &open);
    // `42["…"]` has 6 bytes around the name.
    let names = [93, 24, 24, 28].map(|length| "a".repeat(length));
    for name in &names {
        wire.emit(name);
    }
    let euros = "€".repeat(31);
    wire.emit(&euros);
    wire.emit(&names[0]);

    let mut groups = Vec::new();
    while wire.is_under_way("POST") {
        let (transport, request) = wire.take("POST");
        assert!(request.body.as_ref().is_some_and(|body| body.len() <= 100));
        groups.push(packets(&request).len());
        let done = Ok(Response {
            status: 200,
            ..Response::default()
        });
        wire.input(Input::Responded(transport, request.id, done));
    }

    assert_eq!(groups, [1, 3, 1, 1]);
}

// P17
#[test]
fn an_emit_that_the_server_would_refuse_is_refused_at_once() {
    let open = OPEN.replace("1000000", "100");
    let mut wire = Wire::connected(polling(), &open);
    let now = wire.rig.now;

    for (emit, size) in [
        (Emit::new("a".repeat(95), vec![]), Some(101)),
        (Emit::new("a".repeat(94), vec![]), None),
        // 74 bytes are 101 in base64 with its mark, 72 are 97.
        (
            Emit::new("b", vec![Value::Bytes(Arc::from(vec![0; 75]))]),
            Some(101),
        ),
        (
            Emit::new("b", vec![Value::Bytes(Arc::from(vec![0; 72]))]),
            None,
        ),
    ] {
        let refused = wire.rig.client.emit(emit, now).err();

        let expected = size.map(|size| EmitError::TooLarge { size, limit: 100 });
        assert_eq!(refused, expected);
    }
    assert!(matches!(wire.rig.client.state(), State::Connected { .. }));
}

// B18, B19
#[test]
fn bytes_go_out_as_base64_behind_their_packet_and_come_in_so() {
    let mut wire = Wire::connected(polling(), OPEN);
    let bytes = |bytes: &[u8]| Value::Bytes(Arc::from(bytes));
    let emit = Emit::new("b", vec![bytes(&[1, 2, 3, 4]), bytes(&[])]);

    wire.rig.client.emit(emit, wire.rig.now).unwrap();
    let lines = wire.drain();

    assert_eq!(
        lines,
        ["POST 1 452-[\"b\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]\u{1e}bAQIDBA==\u{1e}b"]
    );
    assert_eq!(
        wire.answer_get("451-[\"c\",{\"_placeholder\":true,\"num\":0}]\u{1e}bAQI="),
        ["message c [2 bytes]", "GET 1"]
    );
    assert_eq!(
        wire.answer_get("451-[\"c\",{\"_placeholder\":true,\"num\":0}]\u{1e}b"),
        ["message c [0 bytes]", "GET 1"]
    );
}

// P18
#[test]
fn disconnecting_before_the_handshake_aborts_its_request() {
    let mut wire = Wire::new(polling());
    wire.input(Input::Connect);
    let (transport, request) = wire.requests[0].clone();

    assert_eq!(wire.input(Input::Disconnect), ["close 1"]);

    assert_eq!(wire.requests.len(), 0);
    let late = Ok(Response {
        status: 200,
        body: OPEN.to_owned(),
        retry_after: None,
    });
    assert_eq!(
        wire.input(Input::Responded(transport, request.id, late)),
        no_lines()
    );
    assert_eq!(wire.rig.client.counters().stale_inputs, 1);
}

// P19
#[test]
fn disconnecting_says_so_then_closes_the_session_and_then_lets_go() {
    let mut wire = Wire::connected(polling(), OPEN);

    assert_eq!(
        wire.input(Input::Disconnect),
        ["POST 1 41", "disconnected: io client disconnect"]
    );
    assert_eq!(wire.answer_post(), ["POST 1 1"]);
    assert_eq!(wire.answer_get("6"), no_lines());
    assert_eq!(wire.answer_post(), ["close 1"]);
    assert_eq!(wire.rig.client.poll_timeout(), None);
}

#[test]
fn what_was_emitted_before_disconnecting_goes_out_first() {
    let mut wire = Wire::connected(polling(), OPEN);
    wire.emit("a");
    wire.emit("b");
    wire.emit("c");

    let mut lines = wire.input(Input::Disconnect);
    for _ in 0..3 {
        lines.extend(wire.answer_post());
    }

    assert_eq!(
        lines,
        [
            "disconnected: io client disconnect",
            "POST 1 42[\"b\"]\u{1e}42[\"c\"]\u{1e}41",
            "POST 1 1",
            "close 1"
        ]
    );
}

#[test]
fn a_farewell_that_is_not_answered_ends_after_five_seconds() {
    let mut wire = Wire::connected(polling(), OPEN);
    wire.input(Input::Disconnect);

    assert_eq!(wire.pass(4_999), no_lines());
    assert_eq!(wire.pass(1), ["close 1"]);
    assert_eq!(wire.rig.client.poll_timeout(), None);
    assert_eq!(wire.requests.len(), 0);
}

#[test]
fn a_farewell_that_fails_is_over() {
    let mut wire = Wire::connected(polling(), OPEN);
    wire.input(Input::Disconnect);

    assert_eq!(wire.answer("POST", 400, ""), ["close 1"]);
}

#[test]
fn a_new_session_does_not_wait_for_the_farewell_of_the_old_one() {
    let mut wire = Wire::connected(polling(), OPEN);
    wire.input(Input::Disconnect);

    assert_eq!(wire.input(Input::Connect), ["GET 2"]);
    let (transport, post) = wire.take("POST");
    assert_eq!(transport, TransportId(1));
    let done = Ok(Response {
        status: 200,
        ..Response::default()
    });
    assert_eq!(
        wire.input(Input::Responded(transport, post.id, done)),
        ["POST 1 1"]
    );

    // A second one that is left at once makes an end of the first.
    let lines = wire.input(Input::Disconnect);
    assert_eq!(lines, ["close 2"]);
}

#[test]
fn a_page_that_is_left_says_so_in_passing_and_has_no_request_left() {
    for is_closing in [false, true] {
        let mut wire = Wire::connected(polling(), OPEN);
        if is_closing {
            wire.input(Input::Disconnect);
        }

        let lines = wire.input(Input::Page(Page::Leaving));

        assert_eq!(lines[..2], ["bye 1 1", "close 1"], "{lines:?}");
        assert_eq!(wire.requests.len(), 0);
    }
}

#[test]
fn a_broken_message_ends_the_session_with_a_word_to_the_server() {
    let mut wire = Wire::connected(polling(), OPEN);

    let lines = wire.answer_get("42{}");

    assert_eq!(lines[1..3], ["bye 1 1", "close 1"], "{lines:?}");
}

#[test]
fn what_no_request_carried_goes_out_in_the_next_session_and_nothing_else_does() {
    let mut wire = Wire::connected(polling(), OPEN);
    wire.emit("carried");
    wire.emit("kept");
    let ask = Emit::new("asked", vec![]).with_ack(Duration::from_secs(60));
    let kept = wire.rig.client.emit(ask, wire.rig.now).unwrap();

    let lines = wire.answer("GET", 502, "");
    assert!(!lines.iter().any(|line| line.starts_with("no ack")));
    wire.rig.now = wire.rig.client.wait_until().unwrap();
    wire.input(Input::Timeout);
    wire.answer_get(OPEN);
    wire.answer_post();

    let lines = wire.answer_get(JOINED);
    assert_eq!(lines, [r#"POST 2 42["kept"]"#, "connected S1", "GET 2"]);
    assert_eq!(wire.answer_post(), [r#"POST 2 421["asked"]"#]);
    assert_eq!(
        wire.answer_get(r#"431["yes"]"#),
        [&format!("acked {:?} [\"yes\"]", kept.unwrap()), "GET 2"]
    );
}

#[test]
fn what_is_volatile_is_not_sent_while_a_request_carries_something() {
    let mut wire = Wire::connected(polling(), OPEN);
    let volatile = || Emit::new("v", vec![]).volatile();
    wire.emit("a");

    let now = wire.rig.now;
    assert_eq!(
        wire.rig.client.emit(volatile(), now),
        Err(EmitError::NotWritable)
    );
    wire.answer_post();
    assert_eq!(wire.rig.client.emit(volatile(), now), Ok(None));
    assert_eq!(wire.drain(), [r#"POST 1 42["v"]"#]);
}

#[test]
fn a_poll_that_is_not_answered_ends_with_the_heartbeat() {
    let mut wire = Wire::connected(polling(), OPEN);

    assert_eq!(wire.pass(34_999), no_lines());
    assert_eq!(
        wire.pass(1),
        ["close 1", "disconnected: ping timeout", "reconnecting 1"]
    );
}

#[test]
fn an_answer_from_before_the_page_slept_proves_nothing() {
    let mut wire = Wire::connected(polling(), OPEN);
    wire.rig.pass(3_600_000);

    let lines = wire.answer_get("2");

    assert_eq!(lines[..2], ["close 1", "disconnected: ping timeout"]);
}

#[test]
fn an_answer_to_a_request_that_is_over_changes_nothing() {
    let mut wire = Wire::connected(polling(), OPEN);
    let (transport, _) = wire.requests[0];

    for id in [RequestId(1), RequestId(99)] {
        let late = Ok(Response {
            status: 200,
            body: r#"42["late"]"#.to_owned(),
            retry_after: None,
        });
        assert_eq!(
            wire.input(Input::Responded(transport, id, late)),
            no_lines()
        );
    }
}

#[test]
fn the_credentials_and_the_bound_of_an_answer_are_said_with_each_request() {
    use crate::protocol::config::Credentials;
    let mut config = polling();
    config.transports.credentials = Credentials::Include;
    config.limits.poll = 77;
    let mut wire = Wire::new(config);
    wire.input(Input::Connect);

    let request = &wire.requests[0].1;

    assert_eq!(request.credentials, Credentials::Include);
    assert_eq!(request.max_body, 77);
    assert_eq!(
        Config::new("http://h").unwrap().transports.credentials,
        Credentials::SameOrigin
    );
}

/// The packets in a request's body.
fn packets(request: &Request) -> Vec<String> {
    let body = request.body.as_deref().unwrap_or_default();
    body.split('\u{1e}').map(str::to_owned).collect()
}
