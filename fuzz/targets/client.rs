//! A whole client, with any server, any network, any page and any clock that does not run backwards.
//!
//! The first letter of a step says what happens, the rest is its detail; see [`Driver::step`].
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use telltale::json::Value;
use telltale::protocol::{
    AckToken, Client, Closed, Config, Emit, Event, Frame, Input, Limits, Output, Page,
    RequestError, RequestId, Response, State, TransportId,
};
use telltale::time::Instant;
use telltale_fuzz::steps;

const PAGES: [Page; 6] = [
    Page::Visible,
    Page::Hidden,
    Page::Online,
    Page::Offline,
    Page::Leaving,
    Page::Restored,
];

fuzz_target!(|data: &[u8]| {
    let mut driver = Driver::new(data.first().copied().unwrap_or_default());
    for step in steps(data) {
        driver.step(step);
        driver.drain();
    }
});

/// What a driver knows: which transports it holds open, which requests it has made, what it was told.
struct Driver {
    client: Client,
    limits: Limits,
    now: Instant,
    open: Vec<TransportId>,
    requests: Vec<(TransportId, RequestId)>,
    /// The last transport that is no longer ours.
    stale: Option<TransportId>,
    is_connected: bool,
    asked: Vec<AckToken>,
}

impl Driver {
    fn new(seed: u8) -> Self {
        let mut config = Config::new("http://h").expect("the address is good");
        // Small enough to be reached by the frames that a fuzzer makes.
        config.limits = Limits {
            frame: 512,
            frame_closing: 1024,
            attachment_bytes: 256,
            early_messages: 4,
            buffered_emits: 4,
            acks: 4,
            ..config.limits
        };
        Self {
            limits: config.limits,
            client: Client::new(config, u64::from(seed)),
            now: Instant::from_millis(0),
            open: Vec::new(),
            requests: Vec::new(),
            stale: None,
            is_connected: false,
            asked: Vec::new(),
        }
    }

    fn step(&mut self, step: &[u8]) {
        let Some((letter, rest)) = step.split_first() else {
            return;
        };
        let newest = self.open.last().copied();
        let oldest = self.open.first().copied();
        let frame = || Frame::Text(String::from_utf8_lossy(rest).into_owned());
        let number = rest
            .iter()
            .take(4)
            .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        match letter {
            b't' => self.input(newest.map(|transport| Input::Received(transport, frame()))),
            b'u' => self.input(oldest.map(|transport| Input::Received(transport, frame()))),
            b'b' => self.input(
                newest.map(|transport| Input::Received(transport, Frame::Binary(rest.to_vec()))),
            ),
            b's' => self.input(
                self.stale
                    .map(|transport| Input::Received(transport, frame())),
            ),
            b'o' => self.input(newest.map(Input::Opened)),
            b'x' => {
                let code = u16::try_from(number & 0xFFFF).ok();
                let closed = Closed {
                    code,
                    reason: String::new(),
                };
                self.forget(newest);
                self.input(newest.map(|transport| Input::Closed(transport, closed)));
            }
            b'h' | b'i' => {
                let request = if *letter == b'h' {
                    self.requests.pop()
                } else {
                    take_first(&mut self.requests)
                };
                let body = String::from_utf8_lossy(rest.get(1..).unwrap_or_default()).into_owned();
                let response = match rest.first() {
                    None | Some(b'!') => Err(RequestError::Network),
                    Some(b'>') => Err(RequestError::TooLarge),
                    Some(class) => Ok(Response {
                        status: u16::from(class % 8) * 100,
                        body,
                        retry_after: (class & 8 != 0)
                            .then(|| Duration::from_secs(u64::from(*class))),
                    }),
                };
                self.input(
                    request.map(|(transport, id)| Input::Responded(transport, id, response)),
                );
            }
            b'w' => {
                self.now = self.now + Duration::from_millis(number);
                self.input(Some(Input::Timeout));
            }
            b'f' => {
                self.now = self.client.poll_timeout().unwrap_or(self.now).max(self.now);
                self.input(Some(Input::Timeout));
                self.drain();
                let next = self.client.poll_timeout();
                assert!(
                    next.is_none_or(|next| next > self.now),
                    "a timer that is due again at once spins"
                );
            }
            b'c' => self.input(Some(Input::Connect)),
            b'd' => self.input(Some(Input::Disconnect)),
            b'r' => self.input(Some(Input::RetryNow)),
            b'p' => self.input(Some(Input::Page(PAGES[rest.len() % PAGES.len()]))),
            b'e' => {
                let arguments = vec![String::from_utf8_lossy(rest).into_owned().into()];
                let mut emit = Emit::new("e", arguments);
                if rest.first() == Some(&b'?') {
                    emit = emit.with_ack(Duration::from_millis(rest.len() as u64 * 100));
                }
                if rest.first() == Some(&b'~') {
                    emit = emit.volatile();
                }
                let _ = self.client.emit(emit, self.now);
            }
            b'a' => {
                if let Some(token) = self.asked.pop() {
                    let _ = self
                        .client
                        .answer(token, vec![Value::Bytes(rest.into())], self.now);
                }
            }
            _ => {}
        }
    }

    fn input(&mut self, input: Option<Input>) {
        if let Some(input) = input {
            self.client.handle_input(input, self.now);
        }
    }

    fn forget(&mut self, transport: Option<TransportId>) {
        self.open.retain(|open| Some(*open) != transport);
        self.requests.retain(|(of, _)| Some(*of) != transport);
        self.stale = transport.or(self.stale);
    }

    fn drain(&mut self) {
        let mut outputs = 0;
        while let Some(output) = self.client.poll_output() {
            outputs += 1;
            self.output(output);
        }
        // What is kept may go out at once, and be told; nothing else comes in numbers.
        assert!(outputs <= 100, "{outputs} outputs for one input");
        assert!(
            self.open.len() <= 2,
            "more transports than one and the one that it is upgraded to"
        );
        assert!(self.client.buffered() <= self.limits.buffered_emits);
        let is_connected = matches!(self.client.state(), State::Connected { .. });
        assert_eq!(
            is_connected, self.is_connected,
            "the events and the state differ"
        );
    }

    fn output(&mut self, output: Output) {
        match output {
            Output::Open { transport, .. } => {
                assert!(!self.open.contains(&transport), "a number is used again");
                self.open.push(transport);
            }
            Output::Request { transport, request } => {
                if !request.keepalive {
                    self.requests.push((transport, request.id));
                }
                assert!(
                    self.requests.len() <= 4,
                    "a GET and a POST of two transports"
                );
            }
            Output::Send { transport, .. } => {
                assert!(
                    self.open.contains(&transport),
                    "a frame is sent where nobody is"
                );
            }
            Output::Close { transport } => self.forget(Some(transport)),
            Output::Event(event) => self.event(event),
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Connected { .. } => {
                assert!(!self.is_connected, "connected twice");
                self.is_connected = true;
            }
            Event::Disconnected(_) => {
                assert!(
                    self.is_connected,
                    "disconnected without having been connected"
                );
                self.is_connected = false;
            }
            Event::Message { ack, .. } => {
                self.asked.extend(ack);
                self.asked.truncate(4);
            }
            _ => {}
        }
    }
}

fn take_first<T>(list: &mut Vec<T>) -> Option<T> {
    (!list.is_empty()).then(|| list.remove(0))
}
