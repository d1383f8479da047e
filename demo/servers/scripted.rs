//! A server that does what a fixture says, for the gallery: the shapes of real servers, in made-up values.

use std::time::Duration;

use telltale::backend::Kind;
use telltale::domain::fact::Scope;
use telltale::domain::MediaId;
use telltale::json::{self, Value};
use telltale::time::Instant;

use super::{event, Asked, Moment, Plan, Reply, Server};

/// What a person does in a fixture, or what becomes of the network.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Opens a media's page.
    Open(String),
    /// Joins a meeting.
    Join(String),
    /// Sends a file of this name.
    Upload(String),
    /// Acknowledges every alert that is on a card.
    Acknowledge,
    /// The network goes or comes back.
    Network(bool),
}

enum Step {
    Say(Value),
    Rest(String, Reply),
    Uploads(Reply),
    Emits(String, Value),
}

/// See the module.
pub struct Scripted {
    rest: Vec<(String, Reply)>,
    emits: Vec<(String, Value)>,
    uploads: Reply,
    plan: Plan<Step>,
    polls: bool,
}

impl Scripted {
    /// A server that begins with the fixture's steps at `start`, and what a person does meanwhile.
    ///
    /// # Panics
    /// If the fixture is none: it was read when this was built, and a test reads each.
    pub fn new(fixture: &str, start: Instant) -> (Self, Vec<(Instant, Act)>) {
        let all = json::parse(fixture).expect("a fixture is JSON");
        let mut this = Self {
            rest: replies(all.get("before")),
            emits: Vec::new(),
            uploads: Reply::not_found(),
            plan: Plan::new(),
            polls: false,
        };
        let mut acts = Vec::new();
        for step in all.get("steps").as_array() {
            let at = step.get("at").as_f64().expect("a step has a time");
            let at = start + Duration::from_secs_f64(at);
            let [_, (what, said)] = step.as_object() else {
                panic!("a step is a time and one thing that happens");
            };
            let text = || said.as_str().unwrap_or_default().to_owned();
            match what.as_str() {
                "event" => this.plan.add(at, Step::Say(said.clone())),
                "rest" => {
                    for (path, reply) in replies(said) {
                        this.plan.add(at, Step::Rest(path, reply));
                    }
                }
                "emits" => {
                    for (event, answer) in said.as_object() {
                        this.plan
                            .add(at, Step::Emits(event.clone(), answer.clone()));
                    }
                }
                "upload" => {
                    this.plan.add(at, Step::Uploads(reply(said.get("answer"))));
                    let name = said.get("name").as_str().unwrap_or_default();
                    acts.push((at, Act::Upload(name.to_owned())));
                }
                "open" => acts.push((at, Act::Open(text()))),
                "join" => acts.push((at, Act::Join(text()))),
                "acknowledge" => acts.push((at, Act::Acknowledge)),
                "network" => acts.push((at, Act::Network(text() == "up"))),
                other => panic!("no step is called {other}"),
            }
        }
        (this, acts)
    }
}

impl Scripted {
    /// The same server, reached by polling.
    pub fn polled(self) -> Self {
        Self {
            polls: true,
            ..self
        }
    }
}

/// Between two payloads that follow each other.
const NEXT: Duration = Duration::from_millis(50);
/// Until what is asked for anew is there: a connection that is lost again and again is tried ever later.
const ANEW: Duration = Duration::from_secs(20);

impl Scripted {
    /// A server of this kind that sends each payload of these lists, one after the other; what is an answer is asked
    /// for when its turn has come.
    ///
    /// # Panics
    /// If they are none: they were read when this was built, and a test reads each.
    pub fn of_payloads(kind: &str, lists: &[&str], start: Instant) -> (Self, Vec<(Instant, Act)>) {
        let kind = Kind::named(kind).expect("a kind of server");
        let backend = kind.backend();
        let mut this = Self::silent();
        let mut acts = Vec::new();
        let mut at = start;
        for line in lists.iter().flat_map(|list| list.lines()) {
            let line = json::parse(line).expect("a payload is JSON");
            if let Value::String(event) = line.get("event") {
                let payloads = line.get("args").as_array().iter().cloned();
                let packet = std::iter::once(event.as_str().into()).chain(payloads);
                this.plan.add(at, Step::Say(Value::Array(packet.collect())));
                at = at + NEXT;
                continue;
            }
            let media = line.get("scope").get("media").as_str();
            let scope = media
                .and_then(MediaId::new)
                .map_or(Scope::List, Scope::Media);
            let Some(request) = backend.fetch(&scope, None) else {
                continue;
            };
            let status = line
                .get("status")
                .as_u64()
                .and_then(|status| u16::try_from(status).ok());
            let reply = Reply::new(status.expect("an HTTP status"), line.get("snapshot"));
            this.plan.add(at, Step::Rest(request.path, reply));
            match media {
                Some(id) => acts.push((at + NEXT, Act::Open(id.to_owned()))),
                None => acts.extend([
                    (at + NEXT, Act::Network(false)),
                    (at + 2 * NEXT, Act::Network(true)),
                ]),
            }
            at = at + ANEW;
        }
        if kind.profile().has_meetings {
            acts.insert(0, (start, Act::Join("room-12".to_owned())));
        }
        (this, acts)
    }

    /// A library's server that has so many things to say to everybody.
    pub fn of_notices(count: u16, start: Instant) -> (Self, Vec<(Instant, Act)>) {
        let mut this = Self::silent();
        for number in 1..=count {
            let text = ["Notice number ", &number.to_string()].concat();
            let payload = Value::object([("message", text.as_str().into())]);
            let packet = event("server:announcement", payload);
            this.plan
                .add(start + NEXT * u32::from(number), Step::Say(packet));
        }
        (this, Vec::new())
    }

    fn silent() -> Self {
        Self {
            rest: Vec::new(),
            emits: Vec::new(),
            uploads: Reply::not_found(),
            plan: Plan::new(),
            polls: false,
        }
    }
}

fn replies(of: &Value) -> Vec<(String, Reply)> {
    let replies = of.as_object().iter();
    replies
        .map(|(path, said)| (path.clone(), reply(said)))
        .collect()
}

fn reply(said: &Value) -> Reply {
    let [status, body] = said.as_array() else {
        panic!("an answer is a status and a body");
    };
    let status = status
        .as_u64()
        .and_then(|status| u16::try_from(status).ok());
    Reply::new(status.expect("an HTTP status"), body)
}

impl Server for Scripted {
    fn answer(&mut self, asked: &Asked, _: Moment) -> Reply {
        if asked.file.is_some() {
            return self.uploads.clone();
        }
        let known = self.rest.iter().find(|(path, _)| path == asked.path);
        known.map_or_else(Reply::not_found, |(_, reply)| reply.clone())
    }

    fn hear(&mut self, event: &str, _: &Value, _: Moment) -> Vec<Value> {
        let answer = self.emits.iter().rev().find(|(known, _)| known == event);
        answer
            .map(|(_, answer)| answer.clone())
            .into_iter()
            .collect()
    }

    fn polls(&self) -> bool {
        self.polls
    }

    fn due(&self) -> Option<Instant> {
        self.plan.due()
    }

    fn work(&mut self, at: Moment) -> Vec<Value> {
        let mut said = Vec::new();
        while let Some((_, step)) = self.plan.next(at.now) {
            match step {
                Step::Say(packet) => said.push(packet),
                Step::Rest(path, reply) => {
                    self.rest.retain(|(known, _)| *known != path);
                    self.rest.push((path, reply));
                }
                Step::Uploads(reply) => self.uploads = reply,
                Step::Emits(event, answer) => self.emits.push((event, answer)),
            }
        }
        said
    }
}
