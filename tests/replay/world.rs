//! The browser, the network and the server around a session, in virtual time: [`World`] does what a fixture's steps say
//! and writes down what a person sees and hears.
//!
//! A socket opens and a request is answered after a moment, in the order in which they were asked for. While the
//! network is gone the socket is closed, requests fail and whatever the server says is lost.

use std::cell::RefCell;
use std::time::Duration;

use telltale::domain::{MediaId, MediaKey, MeetingId, MeetingKey, Source};
use telltale::json::{self, Value};
use telltale::protocol::{Closed, Frame, RequestError, TransportId};
use telltale::session::record::{Record, Tap};
use telltale::session::state::{Command, Secret};
use telltale::session::{Answer, Config, FetchError, Input, Output, Session};
use telltale::time::{Instant, Timestamp};
use telltale::toast::Subject;

use crate::fixture::{Outcome, Reply, What};
use crate::told;

const SERVER: Source = Source(0);
const ORIGIN: &str = "http://reference.test";
/// Until a socket is open, a request is answered.
const MOMENT: Duration = Duration::from_millis(40);
/// How often the server sends a ping.
const PING: Duration = Duration::from_secs(20);
/// Inputs at one moment of time; more is a session that never comes to rest.
const MOST_INPUTS: usize = 100_000;
/// Who is signed in, in the words of each server.
const SIGNED_IN: &str = r#"{"success":true,"message":"ok","token":"t0ken","user":{"id":"user-ada","name":"Ada Byron"},
    "data":{"user":{"id":"user-ada","_id":"user-ada","firstName":"Ada","lastName":"Byron","username":"ada"},
            "token":"t0ken","accessToken":"t0ken"}}"#;

pub struct World {
    session: Session,
    /// What goes in and out, as a debug panel keeps it.
    record: RefCell<Record>,
    now: Instant,
    is_up: bool,
    rest: Vec<(String, Reply)>,
    emits: Vec<(String, Vec<Value>)>,
    socket: Option<TransportId>,
    /// Whether the server has taken the CONNECT of this socket.
    is_connected: bool,
    ping: Instant,
    /// What is under way to the session.
    arriving: Vec<(Instant, Input)>,
    meetings: Vec<MeetingKey>,
    on_cards: Vec<(Subject, String)>,
    in_regions: [Option<String>; 2],
    cards: Vec<String>,
    spoken: Vec<String>,
}

impl World {
    /// A page of this server that nobody uses yet.
    pub fn new(kind: &str, now: Instant) -> Self {
        let config = format!(r#"{{"servers":[{{"kind":"{kind}","url":"/x"}}]}}"#);
        let config = Config::parse(&config, ORIGIN).unwrap_or_else(|error| panic!("{error}"));
        let session = Session::new(config, 5);
        let record = Record::new(session.servers(), session.seed(), true, now);
        Self {
            session,
            record: RefCell::new(record),
            now,
            is_up: true,
            rest: Vec::new(),
            emits: Vec::new(),
            socket: None,
            is_connected: false,
            ping: now + PING,
            arriving: Vec::new(),
            meetings: Vec::new(),
            on_cards: Vec::new(),
            in_regions: [None, None],
            cards: Vec::new(),
            spoken: Vec::new(),
        }
    }

    /// A person opens the page and signs in, where one does.
    pub fn enter(&mut self) {
        self.input(Input::Start);
        let signs_in = (self.session.profile(SERVER)).is_some_and(|profile| profile.signs_in);
        if signs_in {
            self.command(Command::SignIn {
                name: "ada@telltale.test".to_owned(),
                password: Secret("analysis".to_owned()),
            });
        }
    }

    /// Lets the time pass, deadline by deadline.
    pub fn pass_until(&mut self, end: Instant) {
        for _ in 0..MOST_INPUTS {
            let arrival = self.arriving.iter().map(|(at, _)| *at).min();
            let due = [self.session.poll_timeout(), arrival, Some(self.ping)];
            let due = due.into_iter().flatten().min().filter(|due| *due <= end);
            let Some(due) = due else {
                self.now = end;
                return self.input(Input::Timeout);
            };
            self.now = self.now.max(due);
            let first =
                (self.arriving.iter()).position(|(at, _)| *at <= self.now && Some(*at) == arrival);
            if let Some(first) = first {
                let (_, input) = self.arriving.remove(first);
                self.input(input);
            } else if self.ping <= self.now {
                self.ping = self.now + PING;
                self.say("2");
            } else {
                self.input(Input::Timeout);
            }
        }
        panic!("the session never comes to rest");
    }

    /// Does what a step says.
    pub fn take(&mut self, what: &What) {
        match what {
            What::Event(packet) => self.say(&event(packet)),
            What::Rest(replies) => {
                for (path, reply) in replies {
                    self.rest.retain(|(known, _)| known != path);
                    self.rest.push((path.clone(), reply.clone()));
                }
            }
            What::Emits(name, answer) => self.emits.push((name.clone(), answer.clone())),
            What::Upload(name, reply) => {
                let id = self.session.begin_upload(SERVER, name, 1000, self.now);
                self.record.upload(id, SERVER, name, 1000, self.now);
                let answer = Ok(answer(reply));
                self.arrive(Input::UploadAnswered(id, answer));
                self.input(Input::Timeout);
            }
            What::Open(media) => self.command(Command::Open(MediaKey {
                source: SERVER,
                id: MediaId::new(media).expect("an id"),
            })),
            What::Join(meeting) => {
                let key = MeetingKey {
                    source: SERVER,
                    id: MeetingId::new(meeting).expect("an id"),
                };
                self.meetings.push(key.clone());
                self.command(Command::Join(key));
            }
            What::Acknowledge => {
                let subjects = self.on_cards.clone().into_iter();
                for (subject, _) in subjects {
                    if let Subject::Alert { meeting, group } = subject {
                        self.command(Command::Acknowledge { meeting, group });
                    }
                }
            }
            What::Network { is_up } => {
                self.is_up = *is_up;
                if !is_up {
                    // What was under way is lost, and whoever waits for it is told so.
                    for (_, input) in &mut self.arriving {
                        if let Input::Answered(_, answer) = input {
                            *answer = Err(FetchError::Network);
                        }
                    }
                    if let Some(socket) = self.socket.take() {
                        self.arriving.retain(|(_, input)| !is_of(input, socket));
                        self.input(Input::Closed(SERVER, socket, lost()));
                    }
                }
            }
        }
    }

    /// What a person has seen and heard, and how everything looks now.
    pub fn outcome(self) -> Outcome {
        let counters = self.session.sources()[0].counters;
        assert_eq!(
            (
                counters.malformed,
                counters.unknown,
                counters.protocol_errors
            ),
            (0, 0, 0),
            "every event is one that this server sends"
        );
        Outcome {
            end: end(&self.session, self.now, &self.meetings),
            cards: self.cards,
            spoken: self.spoken,
        }
    }

    /// The file that a person would export now, and what they see.
    pub fn exported(&self) -> (String, Vec<String>) {
        let seen = end(&self.session, self.now, &self.meetings);
        let record = self.record.borrow();
        (record.to_json(Timestamp::UNIX_EPOCH, self.now), seen)
    }

    fn command(&mut self, command: Command) {
        self.input(Input::Command(command));
    }

    /// The server's frame, if somebody is there to hear it.
    fn say(&mut self, frame: &str) {
        if let Some(socket) = self.socket.filter(|_| self.is_connected) {
            self.input(Input::Received(
                SERVER,
                socket,
                Frame::Text(frame.to_owned()),
            ));
        }
    }

    fn arrive(&mut self, input: Input) {
        self.arriving.push((self.now + MOMENT, input));
    }

    fn input(&mut self, input: Input) {
        self.record.input(&input, self.now);
        self.session.handle_input(input, self.now);
        while let Some(output) = self.session.poll_output() {
            self.record.output(&output, self.now);
            self.carry_out(output);
        }
        self.look_and_listen();
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Open { transport, .. } if self.is_up => {
                const OPEN: &str = r#"0{"sid":"e1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
                self.socket = Some(transport);
                self.is_connected = false;
                self.arrive(Input::Opened(SERVER, transport));
                self.arrive(Input::Received(
                    SERVER,
                    transport,
                    Frame::Text(OPEN.to_owned()),
                ));
            }
            Output::Open { transport, .. } => {
                self.arrive(Input::Closed(SERVER, transport, lost()));
            }
            Output::Send {
                transport,
                frame: Frame::Text(text),
                ..
            } if self.socket == Some(transport) => self.hear(transport, &text),
            Output::Send { .. } => {}
            Output::Close { transport, .. } => {
                self.socket = self.socket.filter(|socket| *socket != transport);
            }
            // Only ever tried where no socket could be opened, so it is the network that is gone.
            Output::Request {
                transport, request, ..
            } => {
                let failed = Err(RequestError::Network);
                self.arrive(Input::Responded(SERVER, transport, request.id, failed));
            }
            Output::Fetch { ticket, request } => {
                let path = request
                    .url
                    .strip_prefix(ORIGIN)
                    .and_then(|path| path.strip_prefix("/x"));
                let path = path.expect("requests go to the server");
                let known = self.rest.iter().find(|(known, _)| known == path);
                let reply = match known {
                    _ if !self.is_up => Err(FetchError::Network),
                    Some((_, reply)) => Ok(answer(reply)),
                    None if path.ends_with("/login") => Ok(answer(&Reply {
                        status: 200,
                        body: SIGNED_IN.to_owned(),
                    })),
                    None => panic!("the fixture has no answer to {} {path}", request.method),
                };
                self.arrive(Input::Answered(ticket, reply));
            }
            Output::Abort(ticket) => (self.arriving).retain(
                |(_, input)| !matches!(input, Input::Answered(flying, _) if *flying == ticket),
            ),
            Output::Upload { .. }
            | Output::AbortAll
            | Output::AbortUploads
            | Output::Changed(_) => {}
        }
    }

    /// What the server does with a frame of ours.
    fn hear(&mut self, socket: TransportId, text: &str) {
        let answer = if text.starts_with("40") {
            self.is_connected = true;
            Some(r#"40{"sid":"s1"}"#.to_owned())
        } else if let Some(packet) = text.strip_prefix("42") {
            let packet = json::parse(packet).expect("we send JSON");
            let name = packet.as_array().first().and_then(Value::as_str);
            let known = self
                .emits
                .iter()
                .rev()
                .find(|(known, _)| Some(known.as_str()) == name);
            known.map(|(_, answer)| event(answer))
        } else {
            None
        };
        if let Some(answer) = answer {
            self.arrive(Input::Received(SERVER, socket, Frame::Text(answer)));
        }
    }

    /// Writes down what is different on screen and in the live regions.
    fn look_and_listen(&mut self) {
        let before = std::mem::take(&mut self.on_cards);
        let visible = self.session.toasts().iter();
        let visible = visible.map(|toast| (toast.subject.clone(), told::card(toast)));
        self.on_cards = visible.collect();
        for (subject, line) in &self.on_cards {
            let known = before.iter().find(|(known, _)| known == subject);
            if known.is_none_or(|(_, known)| known != line) {
                self.cards.push(line.clone());
            }
        }
        for (subject, line) in &before {
            if !self.on_cards.iter().any(|(known, _)| known == subject) {
                self.cards.push(format!("gone: {line}"));
            }
        }
        let (polite, assertive) = self.session.spoken();
        let texts = [
            polite.map(|spoken| told::spoken(spoken, false)),
            assertive.map(|spoken| told::spoken(spoken, true)),
        ];
        for (before, text) in self.in_regions.iter_mut().zip(texts) {
            if *before != text {
                self.spoken.extend(text.clone());
                *before = text;
            }
        }
    }
}

/// How everything looks.
pub fn end(session: &Session, now: Instant, meetings: &[MeetingKey]) -> Vec<String> {
    let mut end = Vec::new();
    for key in session.list() {
        let view = session.media(key, now);
        end.extend(told::media(&view.expect("what is listed is there")));
    }
    for key in meetings {
        let view = session.meeting(key, now);
        end.extend(told::meeting(&view.expect("it is open")));
    }
    end
}

fn event(packet: &[Value]) -> String {
    format!("42{}", json::write(&Value::Array(packet.to_vec())))
}

fn answer(reply: &Reply) -> Answer {
    Answer {
        status: reply.status,
        body: reply.body.clone(),
        retry_after: None,
    }
}

fn lost() -> Closed {
    Closed {
        code: Some(1006),
        reason: String::new(),
    }
}

fn is_of(input: &Input, socket: TransportId) -> bool {
    match input {
        Input::Opened(_, of)
        | Input::Received(_, of, _)
        | Input::Closed(_, of, _)
        | Input::Responded(_, of, ..) => *of == socket,
        _ => false,
    }
}
