//! Scripts of a server in virtual time. A `Rig` feeds the client and writes down, a line each, what it put out.

use super::*;
use crate::json;
use crate::protocol::config::{Limits, Reconnection};
use crate::protocol::error::Refusal;
use crate::protocol::io::{Closed, Page, TransportId};
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;

mod anything;
mod connecting;
mod heartbeat;
mod limits;
mod losing;
mod returning;
mod talking;

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
    told_connected: bool,
    asked: Option<AckToken>,
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
            told_connected: false,
            asked: None,
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
            lines.push(self.line(output));
        }
        lines
    }

    fn line(&mut self, output: Output) -> String {
        match output {
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
            Output::Event(event) => self.event_line(event),
        }
    }

    fn event_line(&mut self, event: Event) -> String {
        match event {
            Event::Connected { id } => {
                assert!(!self.told_connected, "connected twice");
                self.told_connected = true;
                format!("connected {id}")
            }
            Event::Message { event, args, ack } => {
                self.asked = ack;
                format!("message {event} {}", said(args))
            }
            Event::Acked { ack, args } => format!("acked {ack:?} {}", said(args)),
            Event::AckFailed { ack, error } => format!("no ack {ack:?}: {error}"),
            Event::EmitDropped { event } => format!("dropped {event}"),
            Event::Disconnected(reason) => {
                assert!(
                    self.told_connected,
                    "disconnected without having been connected"
                );
                self.told_connected = false;
                format!("disconnected: {reason}")
            }
            Event::ConnectError(reason) => format!("connect error: {reason}"),
            Event::Reconnecting { attempt, .. } => format!("reconnecting {attempt}"),
            Event::ProtocolError(error) => format!("protocol error: {error}"),
        }
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

fn config() -> Config {
    let mut config = Config::new("http://h").unwrap();
    config.auth = Some(Value::object([("token", "t1".into())]));
    config
}

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}
