use super::entry::MAX_TEXT;
use super::*;
use crate::json::Value;
use crate::protocol::{Closed, Config as SocketConfig, Response};
use crate::session::state::Secret;
use crate::session::{Config, Session};
use proptest::prelude::*;

const SERVER: Source = Source(0);

#[test]
fn a_record_is_bounded_in_entries_and_says_how_many_made_room() {
    let mut record = record();
    let id = transport();
    for number in 0..MAX_ENTRIES as u64 + 7 {
        record.input(&Input::Opened(SERVER, id), Instant::from_millis(number));
    }

    assert_eq!(record.entries().len(), MAX_ENTRIES);
    assert_eq!(record.dropped(), 7);
    assert_eq!(record.entry(6), None);
    assert_eq!(record.entry(7).map(|entry| entry.number), Some(7));
    assert!(!record.is_whole());
}

#[test]
fn a_record_is_bounded_in_bytes_and_a_text_by_itself_too() {
    let mut record = record();
    let id = transport();
    let frame = |bytes| Input::Received(SERVER, id, Frame::Text("é".repeat(bytes / 2)));

    record.input(&frame(2 * MAX_TEXT), NOW);
    let first = record.entry(0).and_then(Entry::body).cloned();
    for _ in 0..10 {
        record.input(&frame(MAX_TEXT), NOW);
    }

    let Some(Body::Text { text, cut }) = first else {
        panic!("it is text")
    };
    assert_eq!((text.len(), cut), (MAX_TEXT, MAX_TEXT));
    let kept: usize = record.entries.iter().map(Entry::weight).sum();
    assert_eq!(kept, record.bytes);
    assert!(record.bytes <= MAX_BYTES && record.entries.len() >= 3);
    assert_eq!(record.traffic(Direction::In).frames, 11);
}

#[test]
fn bytes_are_kept_by_their_number_and_the_first_of_them() {
    let mut record = record();
    record.hide("s3cr3t-t0k3n");
    let id = transport();
    for frame in [
        Frame::Binary((0..100).collect()),
        Frame::Text("bAAECAw==".to_owned()),
        Frame::Binary(b"JPEG s3cr3t-t0k3n".to_vec()),
    ] {
        record.input(&Input::Received(SERVER, id, frame), NOW);
    }

    let bodies: Vec<_> = (record.entries.iter().filter_map(Entry::body).cloned()).collect();
    let binary = |bytes, head: &[u8]| Body::Binary {
        bytes,
        head: head.to_vec(),
    };
    let first: Vec<u8> = (0..16).collect();
    assert_eq!(
        bodies,
        [
            binary(100, &first),
            binary(4, &[0, 1, 2, 3]),
            binary(17, &[])
        ]
    );
}

#[test]
fn an_answer_names_its_request_and_what_looks_different_belongs_to_it() {
    let mut session = session();
    let mut record = record();
    let mut tickets = Vec::new();
    session.handle_input(Input::Command(token("s3cr3t-t0k3n")), NOW);
    session.handle_input(Input::Timeout, Instant::from_millis(10_000));
    while let Some(output) = session.poll_output() {
        record.output(&output, NOW);
        if let Output::Fetch { ticket, request } = output {
            tickets.push((ticket, request.url));
        }
    }
    let (ticket, _) = tickets.pop().expect("it asks for its list");
    let asked = record.next() - 1;

    let body = r#"{"success":true,"data":[{"id":"m1","filename":"a.mp4","status":"QUEUED"}]}"#;
    let answer = Input::Answered(
        ticket,
        Ok(Answer {
            status: 200,
            body: body.to_owned(),
            retry_after: None,
        }),
    );
    record.input(&answer, NOW);
    let answered = record.next() - 1;
    session.handle_input(answer, Instant::from_millis(10_001));
    while let Some(output) = session.poll_output() {
        record.output(&output, NOW);
    }

    let entry = record.entry(answered).expect("it is kept");
    assert!(entry.changes > 0, "{entry:?}");
    assert!(
        matches!(&entry.what, What::Answer { to: Some(to), answer: Ok((200, _)), .. } if *to == asked),
        "{entry:?}"
    );
    let Some(What::Fetch { path, .. }) = record.entry(asked).map(|entry| entry.what.clone()) else {
        panic!("it is the request")
    };
    assert!(path.starts_with("/api/"), "{path}");
}

/// A driver aborts the first when the second begins, and a session that forgets who asked aborts it before.
#[test]
fn of_two_requests_for_the_same_the_later_one_is_answered() {
    let mut record = record();
    let ticket = Ticket::AnalyzeAgain(crate::domain::MediaKey {
        source: SERVER,
        id: crate::domain::MediaId::new("m1").unwrap(),
    });
    for _ in 0..2 {
        let request = crate::session::HttpRequest {
            method: "POST",
            url: "/x/api".to_owned(),
            headers: Vec::new(),
            body: None,
        };
        let ticket = ticket.clone();
        record.output(&Output::Fetch { ticket, request }, NOW);
    }

    record.input(
        &Input::Answered(ticket.clone(), Err(FetchError::Network)),
        NOW,
    );
    record.input(&Input::Answered(ticket, Err(FetchError::Network)), NOW);

    let answers = record.entries.iter().filter_map(|entry| match entry.what {
        What::Answer { to, .. } => Some(to),
        _ => None,
    });
    assert_eq!(answers.collect::<Vec<_>>(), [Some(1), None]);
}

#[test]
fn packets_of_polling_are_frames_of_their_own() {
    let mut record = record();
    let (id, request) = (transport(), poll());
    record.output(
        &Output::Request {
            source: SERVER,
            transport: id,
            request: request.clone(),
        },
        NOW,
    );
    let response = |body: &str| {
        Ok(Response {
            status: 200,
            body: body.to_owned(),
            retry_after: None,
        })
    };
    let body = "42[\"a\"]\u{1e}451-[\"b\",{\"_placeholder\":true,\"num\":0}]\u{1e}bAAE=";
    record.input(
        &Input::Responded(SERVER, id, request.id, response(body)),
        NOW,
    );
    // One that nobody knows is no packets: who knows what it answers.
    record.input(
        &Input::Responded(SERVER, id, request.id, response("ok")),
        NOW,
    );

    let sizes: Vec<_> = (record.entries.iter())
        .map(|entry| {
            let part_of = match &entry.what {
                What::Frame { part_of, .. } => *part_of,
                What::Polled { to, .. } => *to,
                _ => None,
            };
            (part_of, entry.body().map(Body::size))
        })
        .collect();
    assert_eq!(
        sizes,
        [
            (None, None),
            (Some(0), Some(22)),
            (Some(0), None),
            (Some(2), Some(7)),
            (Some(2), Some(39)),
            (Some(2), Some(2)),
            (None, Some(2)),
        ]
    );
}

#[test]
fn a_secret_that_is_learnt_late_is_taken_out_of_what_is_kept() {
    let mut record = record();
    let said = r#"42["server:announcement",{"message":"s3cr3t-t0k3n"}]"#;
    let frames = [
        Frame::Text(said.to_owned()),
        Frame::Binary(b"s3cr3t-t0k3n".to_vec()),
        // Cut off in the middle of it.
        Frame::Binary(b"JPEG, s3cr3t-t0k3n, and so on".to_vec()),
        Frame::Binary(b"JPEG".to_vec()),
    ];
    for frame in frames {
        record.input(&Input::Received(SERVER, transport(), frame), NOW);
    }

    record.input(&Input::Command(token("s3cr3t-t0k3n")), NOW);

    assert!(!format!("{:?}", record.entries).contains("s3cr3t"));
    let heads = record
        .entries
        .iter()
        .filter_map(|entry| match entry.body() {
            Some(Body::Binary { head, .. }) => Some(head.as_slice()),
            _ => None,
        });
    let none: &[u8] = &[];
    assert_eq!(heads.collect::<Vec<_>>(), [none, none, b"JPEG"]);
    let kept: usize = record.entries.iter().map(Entry::weight).sum();
    assert_eq!(kept, record.bytes);
}

#[test]
fn clearing_keeps_the_numbers_and_counts_what_was_put_away() {
    let mut record = record();
    record.input(&Input::Start, NOW);
    record.clear();
    record.input(&Input::Start, NOW);

    let numbers: Vec<_> = (record.entries.iter().map(|entry| entry.number)).collect();
    assert_eq!((numbers, record.dropped()), (vec![1], 1));
    assert!(record.began_with_session() && !record.is_whole());
}

proptest! {
    #![proptest_config(proptest::test_runner::Config {
        rng_seed: proptest::test_runner::RngSeed::Fixed(2026),
        failure_persistence: None,
        ..proptest::test_runner::Config::default()
    })]

    /// Through a whole session: it is given, it goes out in CONNECT and in headers, and the server says it back.
    #[test]
    fn a_token_that_a_session_was_given_is_nowhere_in_its_record(
        given in "[!-~]{8,60}",
        echo in "\\PC{0,10}",
    ) {
        let mut session = session();
        let mut record = record();
        let mut sockets = Vec::new();
        for input in [Input::Start, Input::Command(token(&given))] {
            feed(&mut session, &mut record, &mut sockets, input);
        }
        let socket = sockets.pop().expect("it connects");
        let said = json_string(&[&*echo, &given].concat());
        let open = r#"0{"sid":"e1","upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#;
        for frame in [
            open.to_owned(),
            r#"40{"sid":"S1"}"#.to_owned(),
            format!(r#"42["media_update",{{"id":"m1","filename":{said}}}]"#),
            format!(r#"42["x",{{"nested":{}}}]"#, json_string(&format!(r#"{{"q":{said}}}"#))),
        ] {
            feed(&mut session, &mut record, &mut sockets, Input::Opened(SERVER, socket));
            let input = Input::Received(SERVER, socket, Frame::Text(frame));
            feed(&mut session, &mut record, &mut sockets, input);
        }
        let closed = Closed { code: Some(4000), reason: given.clone() };
        feed(&mut session, &mut record, &mut sockets, Input::Closed(SERVER, socket, closed));

        prop_assert!(record.entries.len() >= 8, "{:?}", record.entries);
        for entry in &record.entries {
            let text = match (&entry.what, entry.body()) {
                (_, Some(Body::Text { text, .. })) => text.clone(),
                (What::Closed { reason, .. }, _) => reason.clone(),
                (What::Fetch { path, .. }, _) => path.clone(),
                (What::Open { url, .. }, _) => url.clone(),
                (What::Command(command), _) => crate::json::write(command),
                _ => String::new(),
            };
            prop_assert!(!text.contains(&given), "{}", text);
        }
        let file = record.to_json(crate::time::Timestamp::UNIX_EPOCH, NOW);
        prop_assert!(!file.contains(&given), "{}", file);
        let file = crate::json::parse(&file).expect("whatever the token is, it is JSON");
        let count = file.get("entries").as_array().len();
        prop_assert_eq!(count, record.entries.len());
        for value in file.get("entries").as_array().iter().flat_map(Value::as_object) {
            let text = value.1.as_str().unwrap_or_default();
            prop_assert!(!text.contains(&given), "{}", text);
        }
    }
}

const NOW: Instant = Instant::from_millis(1_000);

fn feed(session: &mut Session, record: &mut Record, sockets: &mut Vec<TransportId>, input: Input) {
    record.input(&input, NOW);
    session.handle_input(input, NOW);
    while let Some(output) = session.poll_output() {
        record.output(&output, NOW);
        if let Output::Open { transport, .. } = output {
            sockets.push(transport);
        }
    }
}

fn json_string(text: &str) -> String {
    crate::json::write(&Value::from(text))
}

fn session() -> Session {
    let config = r#"{"servers":[{"kind":"analysis","url":"/x"}]}"#;
    let config =
        Config::parse(config, "http://page.test").unwrap_or_else(|error| panic!("{error}"));
    Session::new(config, 5)
}

fn record() -> Record {
    Record::new(session().servers(), 5, true, Instant::default())
}

fn token(token: &str) -> Command {
    Command::Token(SERVER, Some(Secret(token.to_owned())))
}

/// One that a client gave: there is no other way to get one.
fn transport() -> TransportId {
    let mut client = crate::protocol::Client::new(SocketConfig::new("http://x.test").unwrap(), 1);
    client.handle_input(crate::protocol::Input::Connect, NOW);
    match client.poll_output() {
        Some(crate::protocol::Output::Open { transport, .. }) => transport,
        other => panic!("{other:?}"),
    }
}

fn poll() -> crate::protocol::Request {
    let mut config = SocketConfig::new("http://x.test").unwrap();
    config.transports.order = vec![TransportKind::Polling];
    let mut client = crate::protocol::Client::new(config, 1);
    client.handle_input(crate::protocol::Input::Connect, NOW);
    match client.poll_output() {
        Some(crate::protocol::Output::Request { mut request, .. }) => {
            request.body = Some("40{\"token\":\"abc\"}".to_owned());
            request
        }
        other => panic!("{other:?}"),
    }
}
