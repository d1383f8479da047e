//! Plays the file of a record: a session that is given what another one was given, at the same times.
//!
//! It is not told what to send. Its own requests and connections are answered with what the record has for them, in the
//! order in which they are made; so a fault that the record shows shows here again, and a cure can be tried.

use std::collections::HashMap;
use std::time::Duration;

use telltale::domain::{MediaId, MediaKey, MeetingId, MeetingKey, Source};
use telltale::json::{self, Value};
use telltale::protocol::engine::payload;
use telltale::protocol::{Closed, Frame, Page, RequestError, RequestId, Response, TransportId};
use telltale::session::state::{Command, Secret, UploadId};
use telltale::session::{Answer, Config, FetchError, Input, Output, Session, Ticket};
use telltale::time::Instant;

/// Deadlines between two entries; more is a session that never comes to rest.
const MOST_DEADLINES: usize = 100_000;

pub struct Player {
    session: Session,
    now: Instant,
    entries: Vec<Value>,
    /// The transports of each server, in the order in which they were made: there, and here.
    recorded: HashMap<usize, Vec<u64>>,
    made: HashMap<usize, Vec<TransportId>>,
    polls: Vec<(usize, TransportId, &'static str, RequestId)>,
    fetches: Vec<(Asked, Ticket)>,
    /// Answers to what was not yet asked here.
    early: Vec<(Asked, Result<Answer, FetchError>)>,
    uploads: HashMap<u64, UploadId>,
    meetings: Vec<MeetingKey>,
}

/// Of which server what is fetched.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    server: usize,
    method: String,
    path: String,
}

impl Player {
    /// Plays all of it; what it came to is in [`Player::session`].
    pub fn play(file: &str) -> Self {
        let file = json::parse(file).expect("it is JSON");
        assert_eq!(file.get("format").as_str(), Some("telltale-record"));
        assert_eq!(file.get("version").as_u64(), Some(1));
        assert_eq!(
            file.get("whole").as_bool(),
            Some(true),
            "it did not begin with its page, or something was cleared or made room: record again with ?debug"
        );
        let servers = file.get("servers").as_array().iter().enumerate();
        let servers = servers.map(|(index, server)| {
            Value::object([
                ("kind", server.get("kind").clone()),
                ("name", server.get("name").clone()),
                ("transports", server.get("transports").clone()),
                ("url", format!("/{index}").into()),
            ])
        });
        let config = Value::object([("servers", Value::Array(servers.collect()))]);
        let config = Config::parse(&json::write(&config), "http://record.test");
        let config = config.unwrap_or_else(|error| panic!("{error}"));
        let seed = file.get("seed").as_str().and_then(|seed| seed.parse().ok());
        let mut player = Self {
            session: Session::new(config, seed.expect("it has a seed")),
            now: Instant::default(),
            entries: file.get("entries").as_array().to_vec(),
            recorded: HashMap::new(),
            made: HashMap::new(),
            polls: Vec::new(),
            fetches: Vec::new(),
            early: Vec::new(),
            uploads: HashMap::new(),
            meetings: Vec::new(),
        };
        for entry in &player.entries {
            if matches!(what(entry), "open" | "poll") {
                let number = entry.get("transport").as_u64().expect("it has a transport");
                let known = player.recorded.entry(server(entry)).or_default();
                if !known.contains(&number) {
                    known.push(number);
                }
            }
        }
        for at in 0..player.entries.len() {
            let entry = player.entries[at].clone();
            player.pass_until(time(&entry, "at"));
            player.feed(&entry);
        }
        player.pass_until(time(&file, "exportedAt"));
        player.input(Input::Timeout);
        player
    }

    /// The session, the time it came to, and the meetings that were joined.
    pub fn session(&self) -> (&Session, Instant, &[MeetingKey]) {
        (&self.session, self.now, &self.meetings)
    }

    /// Requests that the session made here and there is no answer to.
    pub fn unanswered(&self) -> usize {
        self.polls.len() + self.fetches.len()
    }

    fn pass_until(&mut self, end: Instant) {
        for _ in 0..MOST_DEADLINES {
            let due = self.session.poll_timeout().filter(|due| *due < end);
            let Some(due) = due else {
                self.now = self.now.max(end);
                return;
            };
            self.now = self.now.max(due);
            self.input(Input::Timeout);
        }
        panic!("the session never comes to rest");
    }

    fn feed(&mut self, entry: &Value) {
        let of = || Source(u8::try_from(server(entry)).expect("at most eight"));
        let is_in = entry.get("direction").as_str() == Some("in");
        match what(entry) {
            "start" => self.input(Input::Start),
            "page" => self.input(Input::Page(page(entry))),
            "command" => self.command(entry),
            "opened" => self.input(Input::Opened(of(), self.transport(entry))),
            "closed" if is_in => {
                let closed = Closed {
                    code: entry
                        .get("code")
                        .as_u64()
                        .and_then(|code| u16::try_from(code).ok()),
                    reason: text(entry, "text"),
                };
                self.input(Input::Closed(of(), self.transport(entry), closed));
            }
            // A packet of polling is played with the answer that it came in.
            "frame" if is_in && entry.get("part").is_null() => {
                self.input(Input::Received(of(), self.transport(entry), frame(entry)));
            }
            "polled" => self.polled(entry),
            "answer" => {
                let asked = self.asked(entry);
                self.answered(asked, answer(entry));
            }
            "upload" => {
                let (name, bytes) = (text(entry, "name"), entry.get("bytes").as_u64());
                let bytes = bytes.expect("it has a size");
                let id = self.session.begin_upload(of(), &name, bytes, self.now);
                let number = entry.get("upload").as_u64().expect("it has a number");
                self.uploads.insert(number, id);
                self.drain();
            }
            "uploaded" => {
                let number = entry.get("upload").as_u64().expect("it has a number");
                let id = self.uploads[&number];
                self.input(Input::UploadAnswered(id, answer(entry)));
            }
            // What went out is for the session to say again.
            _ => {}
        }
    }

    fn command(&mut self, entry: &Value) {
        let words = entry.get("command").as_array();
        let id = words.get(1).and_then(Value::as_str).unwrap_or_default();
        let media = || MediaKey {
            source: Source(server(entry) as u8),
            id: MediaId::new(id).expect("an id"),
        };
        let meeting = || MeetingKey {
            source: Source(server(entry) as u8),
            id: MeetingId::new(id).expect("an id"),
        };
        let group = || {
            words[2]
                .as_u64()
                .and_then(|group| u32::try_from(group).ok())
                .expect("a group")
        };
        let secret = || Secret("redacted".to_owned());
        let command = match words[0].as_str().expect("a name") {
            "sign-in" => Command::SignIn {
                name: "redacted".to_owned(),
                password: secret(),
            },
            "token" => {
                let token = words[1].as_bool().unwrap_or_default().then(secret);
                Command::Token(Source(server(entry) as u8), token)
            }
            "offer-renewal" => Command::OfferRenewal(Source(server(entry) as u8)),
            "not-renewed" => Command::NotRenewed(Source(server(entry) as u8)),
            "sign-out" => Command::SignOut,
            "retry-now" => Command::RetryNow,
            "open" => Command::Open(media()),
            "close" => Command::Close(media()),
            "analyze-again" => Command::AnalyzeAgain(media()),
            "join" => {
                self.meetings.push(meeting());
                Command::Join(meeting())
            }
            "leave" => {
                self.meetings.retain(|key| *key != meeting());
                Command::Leave(meeting())
            }
            "start-scenario" => Command::StartScenario(meeting()),
            "acknowledge" => Command::Acknowledge {
                meeting: meeting(),
                group: group(),
            },
            "unacknowledge" => Command::Unacknowledge {
                meeting: meeting(),
                group: group(),
            },
            other => panic!("no command is called {other}"),
        };
        self.input(Input::Command(command));
    }

    /// The transport here that was made as that one was there.
    fn transport(&self, entry: &Value) -> TransportId {
        let number = entry.get("transport").as_u64().expect("it has a transport");
        let recorded = self.recorded.get(&server(entry));
        let place =
            recorded.and_then(|recorded| recorded.iter().position(|known| *known == number));
        let made = self.made.get(&server(entry));
        let found = place.and_then(|place| made?.get(place).copied());
        found.unwrap_or_else(|| panic!("transport {number} is not made here: {entry:?}"))
    }

    fn polled(&mut self, entry: &Value) {
        let request = self.entry_of(entry).expect("its request is there");
        let method = text(&request, "method");
        let (server, transport) = (server(entry), self.transport(entry));
        let waits = |poll: &(usize, TransportId, &'static str, RequestId)| {
            (poll.0, poll.1, poll.2) == (server, transport, &*method)
        };
        let Some(at) = self.polls.iter().position(waits) else {
            panic!("no {method} is under way here: {entry:?}");
        };
        let (.., request) = self.polls.remove(at);
        let number = entry.get("n").as_u64();
        let packets: Vec<_> = (self.entries.iter())
            .filter(|packet| what(packet) == "frame" && packet.get("part").as_u64() == number)
            .map(frame)
            .collect();
        let response = match error(entry) {
            Some(FetchError::TooLarge) => Err(RequestError::TooLarge),
            Some(FetchError::Network) => Err(RequestError::Network),
            None => Ok(Response {
                status: status(entry),
                body: match entry.get("text").as_str() {
                    Some(text) => text.to_owned(),
                    None => payload::encode(packets.iter(), usize::MAX).0,
                },
                retry_after: retry_after(entry),
            }),
        };
        let source = Source(u8::try_from(server).expect("at most eight"));
        self.input(Input::Responded(source, transport, request, response));
    }

    /// The request that an answer is for.
    fn entry_of(&self, entry: &Value) -> Option<Value> {
        let to = entry.get("to").as_u64()?;
        let mut entries = self.entries.iter();
        entries
            .find(|entry| entry.get("n").as_u64() == Some(to))
            .cloned()
    }

    fn asked(&self, entry: &Value) -> Asked {
        let request = self.entry_of(entry).expect("its request is there");
        Asked {
            server: server(entry),
            method: text(&request, "method"),
            path: text(&request, "url"),
        }
    }

    fn answered(&mut self, asked: Asked, answer: Result<Answer, FetchError>) {
        match self.fetches.iter().position(|(waits, _)| *waits == asked) {
            Some(at) => {
                let (_, ticket) = self.fetches.remove(at);
                self.input(Input::Answered(ticket, answer));
            }
            None => self.early.push((asked, answer)),
        }
    }

    fn input(&mut self, input: Input) {
        self.session.handle_input(input, self.now);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Open {
                    source, transport, ..
                } => self.make(source, transport),
                Output::Request {
                    source,
                    transport,
                    request,
                } => {
                    self.make(source, transport);
                    if !request.keepalive {
                        let poll = (usize::from(source.0), transport, request.method, request.id);
                        self.polls.push(poll);
                    }
                }
                Output::Fetch { ticket, request } => {
                    let path = request.url.trim_start_matches("http://record.test/");
                    let (server, path) = path.split_once('/').expect("it goes to a server");
                    let asked = Asked {
                        server: server.parse().expect("it is numbered"),
                        method: request.method.to_owned(),
                        path: ["/", path].concat(),
                    };
                    self.fetches.push((asked, ticket));
                }
                Output::Abort(ticket) => self.fetches.retain(|(_, waits)| *waits != ticket),
                Output::AbortAll => self.fetches.clear(),
                Output::Close { source, transport } => {
                    let source = usize::from(source.0);
                    self.polls
                        .retain(|(server, of, ..)| (*server, *of) != (source, transport));
                }
                Output::Send { .. }
                | Output::Upload { .. }
                | Output::AbortUploads
                | Output::Changed(_) => {}
            }
        }
        let asked = self.early.iter().position(|(early, _)| {
            let mut fetches = self.fetches.iter();
            fetches.any(|(waits, _)| waits == early)
        });
        if let Some(at) = asked {
            let (asked, answer) = self.early.remove(at);
            self.answered(asked, answer);
        }
    }

    fn make(&mut self, source: Source, transport: TransportId) {
        let made = self.made.entry(usize::from(source.0)).or_default();
        if !made.contains(&transport) {
            made.push(transport);
        }
    }
}

fn what(entry: &Value) -> &str {
    entry.get("what").as_str().unwrap_or_default()
}

fn server(entry: &Value) -> usize {
    let server = entry.get("server").as_u64().expect("it is of a server");
    usize::try_from(server).expect("at most eight")
}

fn text(entry: &Value, member: &str) -> String {
    entry.get(member).as_str().unwrap_or_default().to_owned()
}

fn time(entry: &Value, member: &str) -> Instant {
    let millis = entry.get(member).as_f64().expect("it has a time");
    Instant::from_origin(Duration::from_secs_f64(millis / 1e3))
}

/// As long as it was: what was left out is blanks and zeros.
fn frame(entry: &Value) -> Frame {
    let size = |member: &str| {
        let size = entry.get(member).as_u64().unwrap_or_default();
        usize::try_from(size).expect("it fits into memory")
    };
    match entry.get("text").as_str() {
        Some(text) => Frame::Text(text.to_owned() + &" ".repeat(size("cut"))),
        None => {
            let head = text(entry, "head");
            let digits = head.as_bytes().chunks(2);
            let bytes = digits.map(|pair| {
                let pair = std::str::from_utf8(pair).expect("digits");
                u8::from_str_radix(pair, 16).expect("hexadecimal")
            });
            let mut bytes: Vec<u8> = bytes.collect();
            bytes.resize(size("bytes"), 0);
            Frame::Binary(bytes)
        }
    }
}

fn status(entry: &Value) -> u16 {
    let status = entry.get("status").as_u64().expect("it has a status");
    u16::try_from(status).expect("a status")
}

fn retry_after(entry: &Value) -> Option<Duration> {
    let seconds = entry.get("retryAfter").as_f64()?;
    // A server may say any number.
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

fn error(entry: &Value) -> Option<FetchError> {
    match entry.get("error").as_str()? {
        "too-large" => Some(FetchError::TooLarge),
        _ => Some(FetchError::Network),
    }
}

fn answer(entry: &Value) -> Result<Answer, FetchError> {
    match error(entry) {
        Some(error) => Err(error),
        None => Ok(Answer {
            status: status(entry),
            body: text(entry, "text"),
            retry_after: retry_after(entry),
        }),
    }
}

fn page(entry: &Value) -> Page {
    match entry.get("name").as_str() {
        Some("visible") => Page::Visible,
        Some("hidden") => Page::Hidden,
        Some("online") => Page::Online,
        Some("offline") => Page::Offline,
        Some("leaving") => Page::Leaving,
        Some("restored") => Page::Restored,
        Some("woke") => Page::Woke,
        other => panic!("no turn of a page is called {other:?}"),
    }
}
