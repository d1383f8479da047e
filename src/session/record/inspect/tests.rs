use super::pretty::MAX_PRETTY;
use super::*;
use crate::protocol::{Frame, Response, TransportId};
use crate::session::{Config, Input, Output, Session};
use crate::time::Instant;

const SERVER: Source = Source(0);
const NOW: Instant = Instant::from_millis(1_000);

#[test]
fn a_frame_is_told_by_what_it_is_and_what_was_made_of_it() {
    use Outcome::{Broken, Facts, Foreign, Malformed, None, Nothing, Unknown};
    let alert = r#"42["deepfake-alert",{"meetingId":"m","participantId":"p","severity":"high","type":"t","message":"x"}]"#;
    for (kind, frame, name, outcome) in [
        ("meeting", r#"0{"sid":"e1"}"#, (Kind::Engine, "open"), None),
        ("meeting", "2", (Kind::Engine, "ping"), None),
        ("meeting", "3probe", (Kind::Engine, "pong probe"), None),
        (
            "meeting",
            r#"40{"sid":"s"}"#,
            (Kind::Socket, "CONNECT"),
            None,
        ),
        (
            "meeting",
            r#"44{"message":"no"}"#,
            (Kind::Socket, "CONNECT_ERROR"),
            None,
        ),
        ("meeting", "431[]", (Kind::Socket, "ACK"), None),
        ("meeting", alert, (Kind::Event, "deepfake-alert"), Facts(1)),
        (
            "meeting",
            r#"42["never-heard-of",{}]"#,
            (Kind::Event, "never-heard-of"),
            Unknown,
        ),
        (
            "meeting",
            r#"42["deepfake-alert",7]"#,
            (Kind::Event, "deepfake-alert"),
            Malformed,
        ),
        // Nobody listens to that namespace.
        (
            "meeting",
            r#"42/admin,["never-heard-of"]"#,
            (Kind::Event, "never-heard-of"),
            None,
        ),
        (
            "library",
            r#"42["connected",{}]"#,
            (Kind::Event, "connected"),
            Nothing,
        ),
        (
            "analysis",
            r#"42["progress_update",{"userId":"other","mediaId":"m1","event":"FRAME_ANALYSIS_PROGRESS"}]"#,
            (Kind::Event, "progress_update"),
            Foreign,
        ),
        (
            "meeting",
            "9",
            (Kind::Engine, "'9' is no Engine.IO packet type"),
            Broken,
        ),
        (
            "meeting",
            "42[",
            (
                Kind::Engine,
                "the payload of a packet: not JSON: expected a value at byte 1",
            ),
            Broken,
        ),
    ] {
        let mut it = Recording::of(kind);
        it.hear(frame);

        let rows = it.rows();

        let row = &rows.rows()[0];
        assert_eq!((row.kind, row.name.as_str()), name, "{frame}");
        assert_eq!(row.outcome, outcome, "{frame}");
    }
}

#[test]
fn an_event_with_attachments_is_whole_when_they_have_come() {
    let mut it = Recording::of("meeting");
    it.hear(r#"452-["picture",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#);
    let mut rows = it.rows();
    assert_eq!(rows.rows()[0].outcome, Outcome::Waiting);
    it.hear_bytes(vec![1; 20]);
    it.hear_bytes(vec![2; 3]);

    rows.read(&it.record, &|_| None);

    assert_eq!(rows.rows()[0].outcome, Outcome::Unknown);
    assert_eq!(rows.unhandled_total(), 1);
    let names: Vec<_> = rows.rows().iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["picture", "attachment 20 B", "attachment 3 B"]);
    let detail = it.detail(0);
    let values: Vec<_> = detail
        .values
        .iter()
        .map(|value| value.text.as_str())
        .collect();
    assert_eq!(
        values,
        [
            "binary, 3 B: 020202",
            "binary, 20 B: 01010101010101010101010101010101"
        ]
    );
    let raw = it.detail(1);
    assert_eq!((raw.raw.as_deref(), raw.cut), (Some(&*"01".repeat(16)), 4));
}

#[test]
fn packets_of_a_polling_answer_are_read_one_by_one() {
    let mut it = Recording::polling("meeting");
    let body =
        "42[\"one\",1]\u{1e}2\u{1e}451-[\"two\",{\"_placeholder\":true,\"num\":0}]\u{1e}bAAE=";
    it.answer(body);

    let rows = it.rows();

    let found: Vec<_> = rows
        .rows()
        .iter()
        .map(|row| (row.name.as_str(), row.outcome))
        .collect();
    assert_eq!(
        found,
        [
            ("GET polling", Outcome::None),
            ("200 polling", Outcome::None),
            ("one", Outcome::Unknown),
            ("ping", Outcome::None),
            ("two", Outcome::Unknown),
            ("attachment 2 B", Outcome::None),
        ]
    );
}

#[test]
fn what_had_no_handler_is_counted_by_its_name() {
    let mut it = Recording::of("meeting");
    for _ in 0..3 {
        it.hear(r#"42["video:process:progress",{}]"#);
    }
    it.hear(r#"42["other"]"#);
    for number in 0..100 {
        it.hear(&format!(r#"42["named:{number}"]"#));
    }

    let rows = it.rows();

    let of = |wanted: &str| {
        let mut names = rows.unhandled();
        names
            .find(|(_, name, _)| name.as_str() == wanted)
            .map(|(_, _, count)| count)
    };
    assert_eq!(
        (of("video:process:progress"), of("other")),
        (Some(3), Some(1))
    );
    assert_eq!(rows.unhandled().count(), NAMES);
    assert_eq!(rows.unhandled_total(), 104);
}

#[test]
fn rows_follow_the_record_as_it_loses_its_oldest() {
    let mut it = Recording::of("meeting");
    it.hear("2");
    let mut rows = it.rows();
    assert!(!rows.read(&it.record, &|_| None));
    for _ in 0..super::super::MAX_ENTRIES {
        it.hear("3");
    }

    assert!(rows.read(&it.record, &|_| None));

    assert_eq!(rows.rows().len(), super::super::MAX_ENTRIES);
    assert_eq!(rows.rows()[0].number, 1);
    it.record.clear();
    assert!(rows.read(&it.record, &|_| None));
    assert!(rows.rows().is_empty());
}

#[test]
fn a_detail_says_the_layers_the_arguments_the_facts_and_what_came() {
    let mut it = Recording::of("analysis");
    let frame = r#"421["media_update",{"id":"m1","filename":"a.mp4","status":"QUEUED"}]"#;
    it.hear(frame);

    let detail = it.detail(0);

    assert_eq!(
        detail.layers,
        [
            "websocket 1",
            "Engine.IO message",
            "Socket.IO EVENT /, ack 1"
        ]
    );
    let lines = "{\n  \"id\": \"m1\",\n  \"filename\": \"a.mp4\",\n  \"status\": \"QUEUED\"\n}";
    assert_eq!(detail.values[0].text, lines);
    assert!(
        detail.facts.iter().any(|fact| fact.contains("m1")),
        "{detail:?}"
    );
    assert_eq!(detail.raw.as_deref(), Some(frame));
    assert_eq!(detail.fault, None);
}

#[test]
fn a_detail_says_why_nothing_was_made_of_an_event() {
    let mut it = Recording::of("meeting");
    it.hear(r#"42["deepfake-alert",7]"#);
    it.hear(r#"42["x"]"#);

    let faults: Vec<_> = (0..2)
        .map(|at| it.detail(at).fault.unwrap_or_default())
        .collect();

    assert!(
        faults[0].starts_with("event deepfake-alert: field "),
        "{faults:?}"
    );
    assert_eq!(faults[1], "no event of this server has that name");
}

#[test]
fn a_secret_in_escapes_is_none_where_they_are_read() {
    let mut it = Recording::of("meeting");
    it.record.hide("s3cr3t/t0k3n");
    it.hear(r#"42["x",{"said":"s3cr3t\/t0k3n"}]"#);
    it.hear(r#"42["x",{"said":"\u00733cr3t/t0k3n"}]"#);

    for at in 0..2 {
        assert_eq!(
            it.detail(at).values[0].text,
            "{\n  \"said\": \"redacted\"\n}"
        );
    }
}

#[test]
fn a_value_is_written_as_far_as_there_is_room() {
    let whole = Value::Array(vec![Value::from("é".repeat(100)), Value::Array(vec![])]);
    let long = Value::Array(vec![Value::from("é".repeat(MAX_PRETTY))]);
    let mut deep = Value::Null;
    for _ in 0..500 {
        deep = Value::Array(vec![deep]);
    }
    let clean = |text: String| text;

    assert!(!written(&whole, &clean).is_cut);
    let long = written(&long, &clean);
    assert!(long.is_cut && long.text.len() <= MAX_PRETTY);
    let deep = written(&deep, &clean);
    assert!(deep.text.lines().all(|line| line.len() < 50));
}

/// A record of a server that says what a test says.
struct Recording {
    record: Record,
    transport: TransportId,
    request: Option<crate::protocol::RequestId>,
}

impl Recording {
    fn of(kind: &str) -> Self {
        Self::with(kind, "websocket")
    }

    fn polling(kind: &str) -> Self {
        Self::with(kind, "polling")
    }

    fn with(kind: &str, transports: &str) -> Self {
        let config = format!(
            r#"{{"servers":[{{"kind":"{kind}","url":"/x","transports":["{transports}"]}}]}}"#
        );
        let config =
            Config::parse(&config, "http://page.test").unwrap_or_else(|error| panic!("{error}"));
        let mut session = Session::new(config, 5);
        let mut record = Record::new(session.servers(), 5, true, NOW);
        session.handle_input(Input::Start, NOW);
        let token = crate::session::state::Secret("t0ken".to_owned());
        let token = crate::session::state::Command::Token(SERVER, Some(token));
        session.handle_input(Input::Command(token), NOW);
        let (mut transport, mut request) = (None, None);
        while let Some(output) = session.poll_output() {
            match &output {
                Output::Open { transport: id, .. } => transport = Some(*id),
                Output::Request {
                    transport: id,
                    request: asked,
                    ..
                } => {
                    transport = Some(*id);
                    request = Some(asked.id);
                    record.output(&output, NOW);
                }
                _ => {}
            }
        }
        Self {
            record,
            transport: transport.expect("it connects"),
            request,
        }
    }

    fn hear(&mut self, text: &str) {
        let frame = Frame::Text(text.to_owned());
        let input = Input::Received(SERVER, self.transport, frame);
        self.record.input(&input, NOW);
    }

    fn hear_bytes(&mut self, bytes: Vec<u8>) {
        let input = Input::Received(SERVER, self.transport, Frame::Binary(bytes));
        self.record.input(&input, NOW);
    }

    fn answer(&mut self, body: &str) {
        let response = Response {
            status: 200,
            body: body.to_owned(),
            retry_after: None,
        };
        let request = self.request.expect("it polls");
        let input = Input::Responded(SERVER, self.transport, request, Ok(response));
        self.record.input(&input, NOW);
    }

    fn rows(&self) -> Rows {
        let mut rows = Rows::default();
        rows.read(&self.record, &|_| Some("ada".to_owned()));
        rows
    }

    fn detail(&self, number: u64) -> Detail {
        let entry = self.record.entry(number).expect("it is kept");
        detail(&self.record, entry, None)
    }
}
