//! A fixture as it is written: what happens, step by step, and what a person must then have seen and heard.
//!
//! `tests/fixtures/README.md` explains the form. A fixture that is not as it should be is a mistake of ours, so
//! everything here panics with the file's name.

use std::fs;
use std::path::Path;
use std::time::Duration;

use telltale::json::{self, Value};

/// One file.
pub struct Fixture {
    /// `analysis/good-run`.
    pub name: String,
    /// Which server speaks.
    pub server: String,
    /// What the server answers to requests before the first step.
    pub before: What,
    pub steps: Vec<Step>,
    /// When the connection is lost and when it is back, where the variant asks for that. Who comes late, comes then.
    pub away: (Duration, Duration),
    /// What must come of it, by variant.
    expected: Value,
}

/// Something that happens at a time.
#[derive(Clone)]
pub struct Step {
    /// Since the first moment.
    pub at: Duration,
    pub what: What,
}

#[derive(Clone)]
pub enum What {
    /// The server says this: the event's name and its arguments.
    Event(Vec<Value>),
    /// From now on these paths are answered so.
    Rest(Vec<(String, Reply)>),
    /// From now on the server answers this event of ours with that one of its own.
    Emits(String, Vec<Value>),
    /// A person uploads a file of this name, and the server answers.
    Upload(String, Reply),
    /// A person opens the page of a media.
    Open(String),
    /// A person joins a meeting.
    Join(String),
    /// A person acknowledges every alert that is on a card.
    Acknowledge,
    /// The network is gone, or back.
    Network { is_up: bool },
}

/// What a request is answered with.
#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    pub body: String,
}

/// What a person has seen and heard in all.
#[derive(PartialEq)]
pub struct Outcome {
    /// How everything looks in the end.
    pub end: Vec<String>,
    /// Each card as it came, changed and went.
    pub cards: Vec<String>,
    /// Each text of a live region.
    pub spoken: Vec<String>,
}

/// All fixtures of this form.
pub fn all() -> Vec<Fixture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut paths = Vec::new();
    for server in ["analysis", "library", "interview", "meeting"] {
        let files = fs::read_dir(root.join(server)).expect("each server has fixtures");
        let files = files.map(|file| file.expect("it can be read").path());
        paths.extend(files.filter(|path| path.extension().is_some_and(|ending| ending == "json")));
    }
    paths.sort();
    paths.iter().map(|path| Fixture::read(path)).collect()
}

impl Fixture {
    fn read(path: &Path) -> Self {
        let server = path.parent().and_then(Path::file_name);
        let server = server.expect("a folder").to_string_lossy().into_owned();
        let shape = path.file_stem().expect("a name").to_string_lossy();
        let name = format!("{server}/{shape}");
        let text = fs::read_to_string(path).expect("a fixture is text");
        let all = json::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let away = all.get("away").as_array();
        let [lost, back] = away else {
            panic!("{name}: `away` is [lost, back], in seconds")
        };
        let steps = all.get("steps").as_array().iter();
        let tells = all.get("tells").as_str().unwrap_or_default();
        assert!(!tells.is_empty(), "{name}: `tells` says what it is about");
        Self {
            before: rest(all.get("before"), &name),
            away: (seconds(lost, &name), seconds(back, &name)),
            steps: steps.map(|step| Step::read(step, &name)).collect(),
            expected: all.get("expected").clone(),
            server,
            name,
        }
    }

    /// What must come of a variant: of its own where it says so, else as of the fixture itself.
    pub fn expected(&self, variant: &str) -> Outcome {
        let own = self.expected.get("but").get(variant);
        assert!(
            own.get("end").is_null() || own.get("because").as_str().is_some(),
            "{}, {variant}: another end needs a reason",
            self.name
        );
        let list = |what: &str| {
            let lines = match own.get(what) {
                Value::Null => self.expected.get(what),
                own => own,
            };
            let Value::Array(lines) = lines else {
                panic!("{}: `{what}` is a list of lines", self.name)
            };
            let lines = lines.iter().map(Value::as_str);
            lines
                .map(|line| line.expect("a line is a string").to_owned())
                .collect()
        };
        Outcome {
            end: list("end"),
            cards: list("cards"),
            spoken: list("spoken"),
        }
    }

    /// The variants for which something of their own is expected.
    pub fn exceptions(&self) -> impl Iterator<Item = &str> {
        let own = self.expected.get("but").as_object();
        own.iter().map(|(variant, _)| variant.as_str())
    }
}

impl Step {
    fn read(step: &Value, fixture: &str) -> Self {
        let at = seconds(step.get("at"), fixture);
        let [_, (key, said)] = step.as_object() else {
            panic!("{fixture}: the step at {at:?} is no time and one thing that happens")
        };
        let text = || said.as_str().expect("a string").to_owned();
        let what = match key.as_str() {
            "event" => What::Event(said.as_array().to_vec()),
            "rest" => rest(said, fixture),
            "emits" => {
                let [(event, answer)] = said.as_object() else {
                    panic!("{fixture}: `emits` is one event of ours with its answer")
                };
                What::Emits(event.clone(), answer.as_array().to_vec())
            }
            "upload" => {
                let name = said.get("name").as_str().expect("a file has a name");
                What::Upload(name.to_owned(), Reply::read(said.get("answer"), fixture))
            }
            "open" => What::Open(text()),
            "join" => What::Join(text()),
            "acknowledge" => What::Acknowledge,
            "network" => What::Network {
                is_up: text() == "up",
            },
            other => panic!("{fixture}: nothing is called `{other}`"),
        };
        Self { at, what }
    }
}

impl Reply {
    fn read(reply: &Value, fixture: &str) -> Self {
        let [status, body] = reply.as_array() else {
            panic!("{fixture}: an answer is [status, body]")
        };
        let status = status
            .as_u64()
            .and_then(|status| u16::try_from(status).ok());
        Self {
            status: status.expect("an HTTP status"),
            body: json::write(body),
        }
    }
}

fn rest(replies: &Value, fixture: &str) -> What {
    let replies = replies.as_object().iter();
    What::Rest(
        replies
            .map(|(path, reply)| (path.clone(), Reply::read(reply, fixture)))
            .collect(),
    )
}

fn seconds(value: &Value, fixture: &str) -> Duration {
    let seconds = value.as_f64();
    Duration::from_secs_f64(seconds.unwrap_or_else(|| panic!("{fixture}: {value:?} is no time")))
}
