//! Plays the browser and the server of a session: answers what it asks for, as quickly as a test says, and hands over
//! frames as a server would send them.

use std::collections::VecDeque;
use std::fs;
use std::time::Duration;

use telltale::domain::view::Change;
use telltale::domain::{MediaId, MediaKey, MeetingId, MeetingKey, Source};
use telltale::json::{self, Value};
use telltale::protocol::{Closed, Frame, TransportId};
use telltale::session::state::{Command, Connection, Secret, UploadId};
use telltale::session::{
    Answer, Config, FetchError, HttpRequest, Input, Output, Session, Ticket, UploadRequest,
};
use telltale::time::Instant;
use telltale::toast::Body;

pub const TWO_SERVERS: &str = r#"{"servers":[
    {"kind":"analysis","url":"/a","path":"/a/socket.io/"},
    {"kind":"library","url":"/b","path":"/b/socket.io/"}
]}"#;

/// The same without polling, which would take the place of a socket that is lost.
pub const TWO_SOCKETS: &str = r#"{"servers":[
    {"kind":"analysis","url":"/a","path":"/a/socket.io/","transports":["websocket"]},
    {"kind":"library","url":"/b","path":"/b/socket.io/","transports":["websocket"]}
]}"#;

pub type Transport = (Source, TransportId);

/// How often the server pings; a little more often than it says.
const PING: Duration = Duration::from_secs(20);

/// What the server would answer.
pub struct Server {
    pub sign_in: (u16, String),
    pub list: String,
    pub list_status: u16,
    /// What its answers ask for in `Retry-After`.
    pub retry_after: Option<Duration>,
    pub item: Option<(u16, String)>,
    /// How many models it runs on a video, where it says so.
    pub models: Option<usize>,
    /// What requests with this in their address are answered instead; 0 is never.
    pub instead: Vec<(&'static str, u16, &'static str)>,
}

pub struct Rig {
    pub session: Session,
    pub now: Instant,
    pub server: Server,
    /// Whether a socket that is opened is accepted.
    pub accepts: bool,
    /// What the server answers CONNECT with, if not with a session.
    pub refuses: Option<&'static str>,
    /// What the server sends right after accepting.
    pub poison: Option<&'static str>,
    pub is_reachable: bool,
    /// Whether its answers are larger than what is read.
    pub says_too_much: bool,
    pub pings: bool,
    /// When the server pings next.
    pub ping_at: Instant,
    pub answers_fetches: bool,
    pub answers_sign_in: bool,
    pub copies: usize,
    pub opened: Vec<(Transport, String)>,
    pub closed: Vec<Transport>,
    pub sent: Vec<Frame>,
    pub asked: Vec<HttpRequest>,
    /// When each of them was asked.
    pub asked_at: Vec<Instant>,
    pub changes: Vec<Change>,
    /// When the server last accepted us.
    pub accepted_at: Option<Instant>,
    pub fetches: VecDeque<(Ticket, String)>,
    pub ends: usize,
    /// The files that were sent, with the forms around them.
    pub uploads: Vec<(UploadId, UploadRequest)>,
}

impl Rig {
    pub fn new(config: &str) -> Self {
        Self::with_seed(config, 7)
    }

    pub fn with_seed(config: &str, seed: u64) -> Self {
        let config = Config::parse(config, "http://127.0.0.1:4173");
        let config = config.map_err(|error| error.to_string()).unwrap();
        Self {
            session: Session::new(config, seed),
            now: Instant::from_millis(1000),
            server: Server {
                sign_in: (
                    200,
                    r#"{"success":true,"message":"ok","token":"t0ken","user":{"id":"user-ada","name":"Ada Byron"},
                        "data":{"user":{"id":"user-ada","_id":"user-ada","firstName":"Ada","lastName":"Byron","username":"Ada Byron"},"token":"t0ken","accessToken":"t0ken"}}"#
                        .to_owned(),
                ),
                list: r#"{"success":true,"data":[],"videos":[],"pagination":{"page":1,"pages":1,"total":0}}"#.to_owned(),
                list_status: 200,
                retry_after: None,
                item: None,
                models: None,
                instead: Vec::new(),
            },
            accepts: true,
            refuses: None,
            poison: None,
            is_reachable: true,
            says_too_much: false,
            pings: true,
            ping_at: Instant::from_millis(1000) + PING,
            answers_fetches: true,
            answers_sign_in: true,
            copies: 1,
            opened: Vec::new(),
            closed: Vec::new(),
            sent: Vec::new(),
            asked: Vec::new(),
            asked_at: Vec::new(),
            uploads: Vec::new(),
            changes: Vec::new(),
            accepted_at: None,
            fetches: VecDeque::new(),
            ends: 0,
        }
    }

    pub fn of(kind: &str) -> Self {
        Self::new(&format!(
            r#"{{"servers":[{{"kind":"{kind}","url":"/x"}}]}}"#
        ))
    }

    pub fn analysis() -> Self {
        Self::of("analysis")
    }

    pub fn input(&mut self, input: Input) {
        self.session.handle_input(input, self.now);
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Open {
                    source,
                    transport,
                    url,
                } => {
                    self.opened.push(((source, transport), url));
                    self.greet((source, transport));
                }
                Output::Send {
                    frame,
                    source,
                    transport,
                } => {
                    let is_connect = matches!(&frame, Frame::Text(text) if text.starts_with("40"));
                    self.sent.push(frame);
                    if is_connect {
                        self.accepted_at = Some(self.now);
                        let reply = self.refuses.unwrap_or(r#"40{"sid":"S1"}"#);
                        self.receive_on((source, transport), reply);
                        if let Some(poison) = self.poison {
                            self.receive_on((source, transport), poison);
                        }
                    }
                }
                Output::Request { .. } => {
                    assert!(!self.accepts, "a server that answers is not polled");
                }
                Output::Close { source, transport } => self.closed.push((source, transport)),
                Output::Fetch { ticket, request } => {
                    self.fetches.push_back((ticket, request.url.clone()));
                    self.asked.push(request);
                    self.asked_at.push(self.now);
                }
                Output::Abort(ticket) => self.fetches.retain(|(flying, _)| *flying != ticket),
                Output::AbortAll => self.fetches.clear(),
                Output::Upload { id, request } => self.uploads.push((id, request)),
                Output::AbortUploads => {}
                Output::Changed(change) => self.changes.push(change),
            }
        }
        let ended =
            (self.session.toasts().iter()).filter(|toast| matches!(toast.body, Body::Ended(_)));
        self.ends = self.ends.max(ended.count());
        self.answer_fetches();
    }

    pub fn greet(&mut self, transport: Transport) {
        if !self.accepts {
            return;
        }
        self.input(Input::Opened(transport.0, transport.1));
        self.receive_on(
            transport,
            r#"0{"sid":"e1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#,
        );
    }

    /// Has a file of so many bytes sent to the first server.
    pub fn upload(&mut self, name: &str, bytes: u64) -> UploadId {
        let id = (self.session).begin_upload(Source(0), name, bytes, self.now);
        self.input(Input::Timeout);
        id
    }

    pub fn command(&mut self, command: Command) {
        self.input(Input::Command(command));
    }

    pub fn sign_in(&mut self) {
        self.command(Command::SignIn {
            name: "ada@telltale.test".to_owned(),
            password: Secret("analysis".to_owned()),
        });
        // Requests keep their distance, so the list after connecting may have to wait for the one before.
        if self.accepts && self.answers_fetches {
            self.pass(Duration::from_secs(3));
        }
    }

    /// Answers what may be answered.
    pub fn answer_fetches(&mut self) {
        for _ in 0..self.fetches.len() {
            let Some(fetch) = self.fetches.pop_front() else {
                return;
            };
            let is_sign_in = matches!(fetch.0, Ticket::SignIn(..));
            if if is_sign_in {
                self.answers_sign_in
            } else {
                self.answers_fetches
            } {
                self.answer(fetch);
            } else {
                self.fetches.push_back(fetch);
            }
        }
    }

    pub fn answer(&mut self, (ticket, url): (Ticket, String)) {
        let instead = self.server.instead.iter();
        let instead = instead.rev().find(|(part, ..)| url.contains(part)).copied();
        let answer = if !self.is_reachable {
            Err(FetchError::Network)
        } else if self.says_too_much {
            Err(FetchError::TooLarge)
        } else if let Some((_, 0, _)) = instead {
            return;
        } else if let Some((_, status, body)) = instead {
            Ok(ok(status, body))
        } else if matches!(ticket, Ticket::SignIn(..)) {
            Ok(ok(self.server.sign_in.0, &self.server.sign_in.1))
        } else if url.ends_with("/server-status") {
            Ok(match self.server.models {
                Some(count) => ok(200, &server_status(count)),
                None => ok(404, "{}"),
            })
        } else if ["/media/", "/videos/", "/media-analysis/"]
            .iter()
            .any(|item| url.contains(item))
        {
            Ok(match &self.server.item {
                Some((status, body)) => ok(*status, body),
                None => ok(503, "{}"),
            })
        } else {
            Ok(ok(self.server.list_status, &self.server.list))
        };
        let answer = answer.map(|answer: Answer| Answer {
            retry_after: self.server.retry_after,
            ..answer
        });
        self.input(Input::Answered(ticket, answer));
    }

    /// Lets the time pass, deadline by deadline, with the server's pings in between.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        for _ in 0..100_000 {
            let due = self
                .session
                .poll_timeout()
                .map_or(self.ping_at, |due| due.min(self.ping_at));
            if due > end {
                break;
            }
            self.now = self.now.max(due);
            if due == self.ping_at {
                self.ping_at = due + PING;
                if self.pings {
                    self.ping();
                }
            }
            self.input(Input::Timeout);
        }
        self.now = end;
        self.input(Input::Timeout);
    }

    /// Every server pings on its newest connection.
    fn ping(&mut self) {
        let mut newest: Vec<Transport> = Vec::new();
        for (transport, _) in self.opened.iter().rev() {
            if newest.iter().all(|(source, _)| *source != transport.0) {
                newest.push(*transport);
            }
        }
        for transport in newest {
            self.receive_on(transport, "2");
        }
    }

    pub fn receive(&mut self, frame: &str) {
        self.receive_on(self.transport(), frame);
    }

    pub fn receive_on(&mut self, transport: Transport, frame: &str) {
        self.input(Input::Received(
            transport.0,
            transport.1,
            Frame::Text(frame.to_owned()),
        ));
    }

    /// Back after a loss in which one of two media that were worked on came to its end, and the other failed.
    pub fn after_two_ends_away() -> Self {
        let mut rig = Self::analysis();
        rig.server.list = media_list(&[media("m1", "PROCESSING"), media("m2", "PROCESSING")]);
        rig.sign_in();
        rig.pull_the_plug();
        rig.server.list = media_list(&[media("m1", "ANALYZED"), media("m2", "FAILED")]);
        rig.pass(Duration::from_secs(10));
        rig
    }

    pub fn pull_the_plug(&mut self) {
        self.close(Some(1006));
    }

    /// The connection is closed with this code.
    pub fn close(&mut self, code: Option<u16>) {
        let transport = self.transport();
        let closed = Closed {
            code,
            reason: String::new(),
        };
        self.input(Input::Closed(transport.0, transport.1, closed));
    }

    pub fn replay(&mut self, fixture: &str) {
        self.replay_watching(fixture, |_, _| {});
    }

    /// Sends the events of a fixture, a quarter of a second apart; its snapshots become what the server answers.
    pub fn replay_watching(&mut self, fixture: &str, mut watch: impl FnMut(&Session, Instant)) {
        let text = fs::read_to_string(format!("tests/fixtures/{fixture}")).unwrap();
        for line in text.lines() {
            let line = json::parse(line).unwrap();
            if let Some(name) = line.get("event").as_str() {
                let mut packet = vec![Value::from(name)];
                packet.extend_from_slice(line.get("args").as_array());
                let frame = format!("42{}", json::write(&Value::Array(packet)));
                for _ in 0..self.copies {
                    self.receive(&frame);
                    watch(&self.session, self.now);
                }
                self.now = self.now + Duration::from_millis(250);
                self.input(Input::Timeout);
                continue;
            }
            let status = u16::try_from(line.get("status").as_u64().unwrap()).unwrap();
            let body = json::write(line.get("snapshot"));
            if line.get("scope").as_str() == Some("list") {
                (self.server.list, self.server.list_status) = (body, status);
            } else {
                self.server.item = Some((status, body));
            }
        }
    }

    pub fn transport(&self) -> Transport {
        self.opened.last().unwrap().0
    }

    /// The newest one of this server.
    pub fn transport_of(&self, source: Source) -> Transport {
        let mut newest = self.opened.iter().rev();
        let found = newest.find(|((of, _), _)| *of == source);
        found.expect("it was connected").0
    }

    pub fn connection(&self) -> Connection {
        self.session.sources()[0].connection.clone()
    }

    pub fn is_closed(&self) -> bool {
        self.opened
            .iter()
            .all(|(transport, _)| self.closed.contains(transport))
    }

    pub fn sent_text(&self) -> impl Iterator<Item = &str> {
        self.sent.iter().filter_map(|frame| match frame {
            Frame::Text(text) => Some(text.as_str()),
            Frame::Binary(_) => None,
        })
    }

    pub fn connects(&self) -> Vec<&str> {
        self.sent_text()
            .filter(|text| text.starts_with("40"))
            .collect()
    }

    pub fn asked_for(&self, path: &str) -> usize {
        self.asked
            .iter()
            .filter(|request| request.url.ends_with(path))
            .count()
    }

    /// When requests that end so were made.
    pub fn times_of(&self, path: &str) -> Vec<Instant> {
        let asked = self.asked.iter().zip(&self.asked_at);
        asked
            .filter(|(request, _)| request.url.ends_with(path))
            .map(|(_, at)| *at)
            .collect()
    }

    /// The most cards that told an end at one time.
    pub fn ends(&self) -> usize {
        self.ends
    }
}

pub fn ok(status: u16, body: &str) -> Answer {
    Answer {
        status,
        body: body.to_owned(),
        retry_after: None,
    }
}

pub fn key(id: &str) -> MediaKey {
    MediaKey {
        source: Source(0),
        id: MediaId::new(id).unwrap(),
    }
}

pub fn meeting(id: &str) -> MeetingKey {
    MeetingKey {
        source: Source(0),
        id: MeetingId::new(id).unwrap(),
    }
}

pub fn event(name: &str, payload: &Value) -> String {
    format!(
        "42{}",
        json::write(&Value::Array(vec![name.into(), payload.clone()]))
    )
}

/// A media as the server's list has it, with one run of one model that stands where the media does.
pub fn media(id: &str, status: &str) -> Value {
    let analysis = match status {
        "ANALYZED" => {
            r#","analyses":[{"id":"x","analysisRunId":"run-ID","modelName":"siglip","prediction":"FAKE","confidence":0.92,"status":"COMPLETED","createdAt":"2026-02-20T10:30:10.000Z","updatedAt":"2026-02-20T10:30:10.000Z"}]"#
        }
        "FAILED" => {
            r#","analyses":[{"id":"x","analysisRunId":"run-ID","modelName":"siglip","prediction":"N/A","confidence":0,"status":"FAILED","errorMessage":"no","resultPayload":{"retryCount":2},"createdAt":"2026-02-20T10:30:10.000Z","updatedAt":"2026-02-20T10:30:10.000Z"}]"#
        }
        _ => {
            r#","analyses":[{"id":"x","analysisRunId":"run-ID","modelName":"siglip","prediction":null,"confidence":null,"status":"PENDING","createdAt":"2026-02-20T10:30:01.000Z","updatedAt":"2026-02-20T10:30:01.000Z"}]"#
        }
    };
    let text = format!(
        r#"{{"id":"ID","filename":"ID.mp4","status":"{status}","mediaType":"VIDEO","size":1000,"userId":"user-ada","createdAt":"2026-02-20T10:30:00.000Z","updatedAt":"2026-02-20T10:30:00.000Z","latestAnalysisRunId":"run-ID","analysisRuns":[{{"id":"run-ID","mediaId":"ID","runNumber":1,"status":"{status}","createdAt":"2026-02-20T10:30:00.000Z"{analysis}}}]}}"#
    );
    json::parse(
        &text
            .replace("ID\"", &format!("{id}\""))
            .replace("\"ID", &format!("\"{id}")),
    )
    .unwrap()
}

pub fn server_status(videos: usize) -> String {
    let model = r#"{"name":"m","loaded":true,"isVideo":true,"isImage":false,"isAudio":false}"#;
    let models = vec![model; videos].join(",");
    format!(r#"{{"success":true,"data":{{"models_info":[{models}]}}}}"#)
}

pub fn media_list(media: &[Value]) -> String {
    json::write(&Value::object([
        ("success", true.into()),
        ("data", Value::Array(media.to_vec())),
        ("videos", Value::Array(Vec::new())),
    ]))
}
