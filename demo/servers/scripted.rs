//! A server that does what a fixture says, for the gallery: the shapes of real servers, in made-up values.

use std::time::Duration;

use telltale::json::{self, Value};
use telltale::time::Instant;

use super::{Asked, Moment, Plan, Reply, Server};

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
