//! Scripts of a server in virtual time. A `Rig` feeds the client and writes down, a line each, what it put out.

use super::*;
use crate::json::{self, Value};
use crate::protocol::config::{Limits, Reconnection};
use crate::protocol::error::EmitError;
use crate::protocol::error::Refusal;
use crate::protocol::io::{Closed, Emit, Page, TransportId, TransportKind};
use crate::protocol::socket::{AckToken, AuthId};
use crate::sorted::Set;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;

mod anything;
mod authenticating;
mod connecting;
mod heartbeat;
mod losing;
mod manager;
mod namespaces;
mod polling;
mod recovering;
mod retrying;
mod returning;
mod talking;
mod upgrading;
mod watching;

const OPEN: &str =
    r#"0{"sid":"e1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
const JOINED: &str = r#"40{"sid":"S1"}"#;

/// A client, the time, and what a driver would know.
struct Rig {
    client: Client,
    now: Instant,
    transport: TransportId,
    /// The transport that a driver holds open.
    open: Option<TransportId>,
    told_connected: Set<SocketId>,
    /// Whether what the Manager tells is written down too.
    shows_manager: bool,
    asked: Option<AckToken>,
    auth_asked: Option<AuthId>,
}

impl Rig {
    fn new(config: Config) -> Self {
        Self::seeded(config, 7)
    }

    fn seeded(config: Config, seed: u64) -> Self {
        Self {
            client: Client::new(config, seed),
            now: at(0),
            transport: TransportId(0),
            open: None,
            told_connected: Set::new(),
            shows_manager: false,
            asked: None,
            auth_asked: None,
        }
    }

    fn now(&self) -> Instant {
        self.now
    }

    fn transport(&self) -> TransportId {
        self.transport
    }

    fn pass(&mut self, millis: u64) {
        self.now = self.now + Duration::from_millis(millis);
    }

    fn input(&mut self, input: Input) -> Vec<String> {
        if let Input::Closed(transport, _) = &input {
            self.open = self.open.filter(|open| open != transport);
        }
        self.client.handle_input(input, self.now);
        self.drain()
    }

    fn receive(&mut self, text: &str) -> Vec<String> {
        self.input(Input::Received(
            self.transport,
            Frame::Text(text.to_owned()),
        ))
    }

    fn receive_bytes(&mut self, bytes: &[u8]) -> Vec<String> {
        self.input(Input::Received(
            self.transport,
            Frame::Binary(bytes.to_vec()),
        ))
    }

    /// Receives an event that asks for an answer.
    fn receive_ask(&mut self, text: &str) -> AckToken {
        self.receive(text);
        self.asked.take().expect("the event asks for an answer")
    }

    fn close(&mut self, code: u16) -> Vec<String> {
        let closed = Closed {
            code: Some(code),
            reason: String::new(),
        };
        self.input(Input::Closed(self.transport, closed))
    }

    #[track_caller]
    fn emit(&mut self, emit: Emit) -> Vec<String> {
        self.client
            .emit(emit, self.now)
            .expect("the emit is accepted");
        self.drain()
    }

    fn command(&mut self, command: impl FnOnce(&mut Client, Instant)) -> Vec<String> {
        command(&mut self.client, self.now);
        self.drain()
    }

    /// Answers the last question for the auth.
    #[track_caller]
    fn say(&mut self, auth: Result<&str, &str>) -> Vec<String> {
        let request = self.auth_asked.take().expect("the auth is asked for");
        let auth = auth.map(|name| Some(Value::object([("token", name.into())])));
        self.input(Input::Auth(request, auth.map_err(str::to_owned)))
    }

    /// Lets the time come at which the next attempt begins.
    #[track_caller]
    fn next_attempt(&mut self) -> Vec<String> {
        self.now = self.client.wait_until().expect("an attempt is waited for");
        self.input(Input::Timeout)
    }

    /// Completes an attempt; gives what came out with the answer to CONNECT.
    fn join(&mut self) -> Vec<String> {
        self.receive(OPEN);
        self.receive(JOINED)
    }

    fn drain(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(output) = self.client.poll_output() {
            lines.extend(self.line(output));
        }
        lines
    }

    fn line(&mut self, output: Output) -> Option<String> {
        Some(match output {
            Output::Open { transport, .. } => {
                assert!(
                    self.open.is_none(),
                    "a second transport is opened beside the first"
                );
                self.transport = transport;
                self.open = Some(transport);
                format!("open {}", transport.0)
            }
            Output::Send { transport, frame } => {
                assert_eq!(
                    self.open,
                    Some(transport),
                    "a frame is sent where nobody is"
                );
                match frame {
                    Frame::Text(text) => format!("{}> {text}", transport.0),
                    Frame::Binary(bytes) => format!("{}> {} bytes", transport.0, bytes.len()),
                }
            }
            Output::Close { transport } => {
                assert_eq!(self.open.take(), Some(transport), "what is closed is open");
                format!("close {}", transport.0)
            }
            Output::Request { transport, request } => {
                format!("{}> {}", transport.0, request.method)
            }
            Output::Auth {
                request, refusal, ..
            } => {
                self.auth_asked = Some(request);
                let refusal = refusal.map(|refusal| refusal.message).unwrap_or_default();
                format!("who are you? {refusal}")
            }
            Output::Event(SocketId::MAIN, event) => self.event_line(SocketId::MAIN, event),
            Output::Event(socket, event) => {
                let namespace = self.client.namespace_of(socket).unwrap().to_owned();
                format!("{namespace}: {}", self.event_line(socket, event))
            }
            Output::Manager(ManagerEvent::ProtocolError(error)) => {
                format!("protocol error: {error}")
            }
            Output::Manager(event) => return self.shows_manager.then(|| manager_line(&event)),
        })
    }

    fn event_line(&mut self, socket: SocketId, event: Event) -> String {
        match event {
            Event::Connected { id, recovered } => {
                assert!(self.told_connected.insert(socket), "connected twice");
                format!("{} {id}", if recovered { "recovered" } else { "connected" })
            }
            Event::Message { event, args, ack } => {
                self.asked = ack;
                format!("message {event} {}", said(args))
            }
            Event::Acked { ack, args } => format!("acked {ack:?} {}", said(args)),
            Event::AckFailed { ack, error } => format!("no ack {ack:?}: {error}"),
            Event::EmitDropped { event } => format!("dropped {event}"),
            Event::Sent { event, args } => format!("sent {event} {}", said(args)),
            Event::Disconnected(reason) => {
                assert!(
                    self.told_connected.remove(&socket),
                    "disconnected without having been connected"
                );
                format!("disconnected: {reason}")
            }
            Event::ConnectError(reason) => format!("connect error: {reason}"),
            Event::Reconnecting { attempt, .. } => format!("reconnecting {attempt}"),
        }
    }
}

fn manager_line(event: &ManagerEvent) -> String {
    match event {
        ManagerEvent::Open => "manager: open".to_owned(),
        ManagerEvent::Close(reason) => format!("manager: close: {reason}"),
        ManagerEvent::Error(reason) => format!("manager: error: {reason}"),
        ManagerEvent::Packet(packet) => format!("manager: packet of {}", packet.namespace),
        ManagerEvent::Ping => "manager: ping".to_owned(),
        ManagerEvent::Upgraded => "manager: upgraded".to_owned(),
        ManagerEvent::UpgradeFailed => "manager: upgrade failed".to_owned(),
        ManagerEvent::ReconnectAttempt(number) => format!("manager: reconnect attempt {number}"),
        ManagerEvent::ReconnectError(reason) => format!("manager: reconnect error: {reason}"),
        ManagerEvent::ReconnectFailed => "manager: reconnect failed".to_owned(),
        ManagerEvent::Reconnect(number) => format!("manager: reconnect {number}"),
        ManagerEvent::ProtocolError(error) => format!("protocol error: {error}"),
    }
}

fn said(args: Vec<Value>) -> String {
    match args.as_slice() {
        [Value::Bytes(bytes)] => format!("[{} bytes]", bytes.len()),
        _ => json::write(&Value::Array(args)),
    }
}

fn connected() -> Rig {
    let mut rig = Rig::new(config());
    rig.input(Input::Connect);
    assert_eq!(rig.join(), ["connected S1"]);
    rig
}

/// Over a WebSocket and nothing else, where a test is not about transports.
fn config() -> Config {
    let mut config = config_of("http://h");
    config.auth = token("t1");
    config
}

fn config_of(url: &str) -> Config {
    let mut config = Config::new(url).unwrap();
    config.transports.order = vec![TransportKind::WebSocket];
    config
}

fn token(token: &str) -> Auth {
    Auth::Value(Value::object([("token", token.into())]))
}

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}
