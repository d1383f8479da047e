//! What an application says and hears, as lines of text: the same in a script and with a real server.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use telltale::json::{self, Value};
use telltale::protocol::{
    AckId, AckToken, AuthId, Client, Emit, Event, Input, ManagerEvent, Output, SocketId,
};
use telltale::time::Instant;

/// An application that writes down what it is told.
#[derive(Default)]
pub struct Teller {
    /// Whether it writes down what concerns the connection, too.
    pub hears_manager: bool,
    /// Its emits that asked for an answer, in their order: a line names an answer by its place.
    pub asks: Vec<AckId>,
    /// What the server asked for and has not been answered.
    asked: VecDeque<AckToken>,
    /// What the client asked for and has not been told: who we are.
    questions: VecDeque<AuthId>,
    /// The arguments of the last message.
    pub args: Vec<Value>,
}

impl Teller {
    /// What was told, if it is of interest.
    pub fn line(&mut self, client: &Client, output: Output) -> Option<String> {
        match output {
            Output::Event(socket, event) => {
                let namespace = client.namespace_of(socket).unwrap_or("?");
                let event = self.event(event);
                Some(match namespace {
                    "/" => event,
                    other => format!("{other} {event}"),
                })
            }
            Output::Auth {
                request, refusal, ..
            } => {
                self.questions.push_back(request);
                let refusal = refusal.map(|refusal| [" again: ", &refusal.message].concat());
                Some(format!("auth?{}", refusal.unwrap_or_default()))
            }
            Output::Manager(event) if self.hears_manager => manager_event(event),
            _ => None,
        }
    }

    fn event(&mut self, event: Event) -> String {
        match event {
            Event::Connected { id, recovered } => {
                let recovered = if recovered { " recovered" } else { "" };
                format!("connected {id}{recovered}")
            }
            Event::Message { event, args, ack } => {
                let asks = if ack.is_some() { " asks" } else { "" };
                self.asked.extend(ack);
                self.args.clone_from(&args);
                format!("message {event} {}{asks}", write(args))
            }
            Event::Acked { ack, args } => format!("answer {} {}", self.place(ack), write(args)),
            Event::AckFailed { ack, error } => format!("no answer {}: {error}", self.place(ack)),
            Event::EmitDropped { event } => format!("dropped {event}"),
            Event::Sent { event, args } => format!("sent {event} {}", write(args)),
            Event::Disconnected(reason) => format!("disconnected {reason}"),
            Event::ConnectError(reason) => format!("connect_error {reason}"),
            Event::Reconnecting { attempt, .. } => format!("reconnecting {attempt}"),
        }
    }

    /// The place of an emit among those that asked. One that fails while it is made is new.
    fn place(&mut self, ack: AckId) -> usize {
        let known = self.asks.iter().position(|asked| *asked == ack);
        known.unwrap_or_else(|| {
            self.asks.push(ack);
            self.asks.len() - 1
        })
    }

    /// Emits what a line says: `/a volatile ack=500 ["name",1]`. Gives what to say if it is refused.
    #[track_caller]
    pub fn emit(&mut self, client: &mut Client, line: &str, now: Instant) -> Option<String> {
        let at = line.find('[').expect("an emit has arguments");
        let Value::Array(mut args) = parse(&line[at..]) else {
            panic!("the arguments of an emit are an array");
        };
        assert!(!args.is_empty(), "an event has a name");
        let mut emit = match args.remove(0) {
            Value::String(name) => Emit::new(name, args),
            // A number may be a name, too.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Value::Number(name) => Emit::new(name as u32, args),
            other => panic!("{other:?} is no name"),
        };
        for word in line[..at].split_whitespace() {
            emit = match word.split_once('=') {
                None if word == "volatile" => emit.volatile(),
                None if word.starts_with('/') => emit.on(socket(client, word)),
                Some(("ack", millis)) => {
                    emit.with_ack(Duration::from_millis(millis.parse().expect("milliseconds")))
                }
                _ => panic!("an emit cannot be {word}"),
            };
        }
        match client.emit(emit, now) {
            Ok(ack) => {
                self.asks.extend(ack);
                None
            }
            Err(error) => Some(format!("emit refused: {error}")),
        }
    }

    /// Says who we are: an object, nothing, or `fails` and why.
    #[track_caller]
    pub fn auth(&mut self, line: &str) -> Input {
        let question = (self.questions.pop_front()).expect("somebody asked who we are");
        let answer = match (line, line.strip_prefix("fails ")) {
            (_, Some(why)) => Err(why.to_owned()),
            ("", None) => Ok(None),
            (object, None) => Ok(Some(parse(object))),
        };
        Input::Auth(question, answer)
    }

    /// Answers what the server asked first. Gives what to say if it is refused.
    #[track_caller]
    pub fn answer(&mut self, client: &mut Client, args: &str, now: Instant) -> Option<String> {
        let token = (self.asked.pop_front()).expect("the server asked for an answer");
        let Value::Array(args) = parse(args) else {
            panic!("an answer is an array");
        };
        let refused = client.answer(token, args, now).err()?;
        Some(format!("answer refused: {refused}"))
    }
}

/// The socket of a namespace.
pub fn socket(client: &mut Client, namespace: &str) -> SocketId {
    match namespace {
        "" => SocketId::MAIN,
        other => client.socket(other).expect("the namespace is good"),
    }
}

fn manager_event(event: ManagerEvent) -> Option<String> {
    Some(match event {
        ManagerEvent::Open => "manager open".to_owned(),
        ManagerEvent::Close(reason) => format!("manager close {reason}"),
        ManagerEvent::Error(reason) => format!("manager error {reason}"),
        ManagerEvent::Ping => "manager ping".to_owned(),
        ManagerEvent::ReconnectAttempt(number) => format!("manager reconnect_attempt {number}"),
        ManagerEvent::ReconnectError(reason) => format!("manager reconnect_error {reason}"),
        ManagerEvent::ReconnectFailed => "manager reconnect_failed".to_owned(),
        ManagerEvent::Reconnect(number) => format!("manager reconnect {number}"),
        _ => return None,
    })
}

/// JSON with `"bytes:0102"` for attachments.
#[track_caller]
fn parse(text: &str) -> Value {
    let mut value = json::parse(text).expect("the arguments of a line are JSON");
    change(&mut value, &|value| {
        let hex = value.as_str()?.strip_prefix("bytes:")?;
        Some(Value::Bytes(Arc::from(unhex(hex))))
    });
    value
}

fn write(args: Vec<Value>) -> String {
    let mut value = Value::Array(args);
    change(&mut value, &|value| {
        let bytes = value.as_bytes()?;
        Some(Value::String(["bytes:", &hex(bytes)].concat()))
    });
    json::write(&value)
}

fn change(value: &mut Value, how: &impl Fn(&Value) -> Option<Value>) {
    if let Some(changed) = how(value) {
        *value = changed;
        return;
    }
    match value {
        Value::Array(elements) => (elements.iter_mut()).for_each(|element| change(element, how)),
        Value::Object(members) => (members.iter_mut()).for_each(|(_, member)| change(member, how)),
        _ => {}
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text
        .chars()
        .map(|digit| digit.to_digit(16).expect("hexadecimal"))
        .collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect("two digits"))
        .collect()
}
