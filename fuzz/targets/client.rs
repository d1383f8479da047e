//! A whole client, with any server, any network, any page and any clock that does not run backwards.
//!
//! The first letter of a step says what happens, the rest is its detail; see [`Driver::step`].
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use telltale::json::Value;
use telltale::protocol::{
    AckId, AckToken, Auth, AuthId, Client, Closed, Config, Emit, Event, Frame, Input, Limits,
    Output, Page, RequestError, RequestId, Response, Retries, SocketId, State, TransportId,
    TransportKind, Watch,
};
use telltale::time::Instant;
use telltale_fuzz::steps;

const PAGES: [Page; 7] = [
    Page::Visible,
    Page::Hidden,
    Page::Online,
    Page::Offline,
    Page::Leaving,
    Page::Restored,
    Page::Woke,
];

fuzz_target!(|data: &[u8]| {
    // A file that begins with `P` begins with polling, which is upgraded.
    let polling_first = data.first().is_some_and(|letter| *letter == b'P');
    let mut driver = Driver::new(polling_first);
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
    /// A second one, in another namespace, that is asked for its auth and sends until it is answered.
    other: SocketId,
    connected: Vec<SocketId>,
    asked: Vec<AckToken>,
    pending: Vec<AckId>,
    auth_asked: Option<AuthId>,
}

impl Driver {
    fn new(polling_first: bool) -> Self {
        let mut config = Config::new("http://h").expect("the address is good");
        // Small enough to be reached by the frames that a fuzzer makes.
        config.limits = Limits {
            frame: 512,
            frame_closing: 1024,
            attachment_bytes: 256,
            early_messages: 4,
            buffered_emits: 4,
            acks: 4,
            queued_emits: 4,
            ..config.limits
        };
        if polling_first {
            config.transports.order = vec![TransportKind::Polling, TransportKind::WebSocket];
        }
        let limits = config.limits;
        let mut client = Client::new(config, 7);
        let other = client.socket("/b").expect("the namespace is good");
        client.set_auth(other, Auth::Ask);
        let (count, ack_timeout) = (2, Duration::from_millis(700));
        client.set_retries(other, Some(Retries { count, ack_timeout }));
        client.watch(Watch {
            sent: true,
            packets: true,
        });
        Self {
            limits,
            client,
            now: Instant::from_millis(0),
            open: Vec::new(),
            requests: Vec::new(),
            stale: None,
            other,
            connected: Vec::new(),
            asked: Vec::new(),
            pending: Vec::new(),
            auth_asked: None,
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
            b'C' => self.client.connect(self.other, self.now),
            b'D' => self.client.disconnect(self.other, self.now),
            b'q' => {
                let answer = match rest.first() {
                    None => Ok(None),
                    Some(b'!') => Err("nobody is signed in".to_owned()),
                    Some(_) => Ok(Some(Value::object([(
                        "token",
                        String::from_utf8_lossy(rest).into_owned().into(),
                    )]))),
                };
                let question = self.auth_asked;
                self.input(question.map(|question| Input::Auth(question, answer)));
            }
            b'k' => {
                if let Some(ack) = self.pending.pop() {
                    self.client.cancel_ack(ack, self.now);
                }
            }
            b'r' => self.input(Some(Input::RetryNow)),
            b'p' => self.input(Some(Input::Page(PAGES[rest.len() % PAGES.len()]))),
            b'e' | b'E' => {
                let arguments = vec![String::from_utf8_lossy(rest).into_owned().into()];
                let mut emit = Emit::new("e", arguments);
                if rest.first() == Some(&b'?') {
                    emit = emit.with_ack(Duration::from_millis(rest.len() as u64 * 100));
                }
                if rest.first() == Some(&b'~') {
                    emit = emit.volatile();
                }
                if *letter == b'E' {
                    emit = emit.on(self.other);
                }
                if let Ok(ack) = self.client.emit(emit, self.now) {
                    self.pending.extend(ack);
                    self.pending.truncate(16);
                }
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
        assert!(outputs <= 200, "{outputs} outputs for one input");
        assert!(
            self.open.len() <= 3,
            "more than a transport, the one that it changes to, and one that is leaving"
        );
        for socket in [SocketId::MAIN, self.other] {
            let state = self.client.state_of(socket);
            let is_connected = matches!(state, State::Connected { .. });
            let was_told = self.connected.contains(&socket);
            // That the page was left is told when it is back.
            if *state != State::Suspended {
                assert_eq!(is_connected, was_told, "the events and the state differ");
            }
            let (limits, buffers) = (self.limits, self.client.buffers(socket));
            assert!(buffers.waiting <= limits.buffered_emits);
            assert!(buffers.waiting_bytes <= limits.buffered_bytes);
            assert!(buffers.early <= limits.early_messages);
            assert!(buffers.early_bytes <= limits.early_bytes);
            assert!(buffers.acks <= limits.acks);
            assert!(buffers.queued <= limits.queued_emits);
            assert!(buffers.queued_bytes <= limits.queued_bytes);
        }
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
                    self.requests.len() <= 6,
                    "a GET and a POST of each transport"
                );
            }
            Output::Send { transport, .. } => {
                assert!(
                    self.open.contains(&transport),
                    "a frame is sent where nobody is"
                );
            }
            Output::Close { transport } => self.forget(Some(transport)),
            Output::Auth { request, .. } => self.auth_asked = Some(request),
            Output::Event(socket, event) => self.event(socket, event),
            Output::Manager(_) => {}
        }
    }

    fn event(&mut self, socket: SocketId, event: Event) {
        match event {
            Event::Connected { .. } => {
                assert!(!self.connected.contains(&socket), "connected twice");
                self.connected.push(socket);
            }
            Event::Disconnected(_) => {
                assert!(
                    self.connected.contains(&socket),
                    "disconnected without having been connected"
                );
                self.connected.retain(|connected| *connected != socket);
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
