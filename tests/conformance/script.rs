//! A conversation in virtual time, written down line by line as both sides would see it.
//!
//! ```text
//! connect                                  what the application asks for
//! C open ws://h/socket.io/?EIO=4&transport=websocket
//! S> OPEN                                  what the server sends, and what the client must send at once
//! C> 40
//! S> 40{"sid":"S1"}
//! ! connected S1                           what the application is told
//! wait 1500                                time passes, in milliseconds, and the timer runs when it is due
//! = Connected                              the state, by the name of its variant
//! ```
//!
//! A line that begins with `C`, `!` or `=` must come next, word for word; one that ends in `…` need only begin so. All
//! others happen. **Nothing may come that is not written down**: an output that no line expects fails the case where
//! it comes. Attachments are written `<010203>` on the wire and `"bytes:010203"` in arguments; `OPEN` stands for a
//! usual handshake, `UPGRADABLE` for one that offers a WebSocket; a namespace other than the main one comes first
//! (`connect /a`, `! /a connected A`, `= /a Closed`).
//!
//! Over polling, requests are lines of the client and answers lines of the server, with `␞` between packets:
//!
//! ```text
//! C get http://h/socket.io/?EIO=4&transport=polling
//! S get 0{"sid":"e1",…}␞40{"sid":"S1"}      its answer: 200, with this body
//! C post 40
//! S post                                    its answer: 200
//! S get= 400 {"code":1}                     its answer, with another status
//! S get!                                    no answer: the network failed
//! ```

use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::time::Duration;

use telltale::protocol::{
    Client, Closed, Config, Frame, Input, Output, Page, Reconnection, RequestError, RequestId,
    Response, TransportId, TransportKind,
};
use telltale::time::Instant;

use crate::told::{hex, socket, unhex, Teller};

/// The handshake of a server with Socket.IO's defaults and no other transport to offer.
pub const OPEN: &str =
    r#"0{"sid":"e1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

/// The same, with a WebSocket to offer.
pub const UPGRADABLE: &str = r#"0{"sid":"e1","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

/// The way to `Connected` over a WebSocket, for scripts that begin there.
const JOIN: &str = r#"
    connect
    C open …
    S> OPEN
    C> 40
    S> 40{"sid":"S1"}
    ! connected S1
"#;

/// A client of `http://h` over a WebSocket that does not reconnect.
pub fn config() -> Config {
    at("http://h")
}

/// A client of this URL over a WebSocket that does not reconnect.
pub fn at(url: &str) -> Config {
    let mut config = Config::new(url).expect("the URL is good");
    config.reconnection.enabled = false;
    config.transports.order = vec![TransportKind::WebSocket];
    config
}

/// A client of `http://h` that tries again one second after each loss, unless the server disconnected it.
pub fn reconnecting() -> Config {
    let second = Duration::from_secs(1);
    let mut config = config();
    config.reconnection = Reconnection {
        enabled: true,
        first: (second, second),
        base: second,
        cap: second,
        after_server_disconnect: None,
        ..Reconnection::default()
    };
    config
}

/// Plays a script from the very beginning.
#[track_caller]
pub fn play(config: Config, script: &str) {
    Stage::new(config).play(script);
}

/// Plays a script that begins with a connection that is up.
#[track_caller]
pub fn play_joined(config: Config, script: &str) {
    Stage::joined(config).play(script);
}

/// Whatever breaks the protocol ends the connection, and the application is told this reason.
#[track_caller]
pub fn breaks(config: Config, frames: &[&str], reason: &str) {
    let mut stage = Stage::joined(config);
    let (last, before) = frames.split_last().expect("a frame");
    for frame in before {
        stage.receive(frame);
        stage.play("");
    }
    stage.receive(last);
    stage.play(&format!(
        "C close
        ! disconnected {reason}…
        = Ended"
    ));
}

/// A client, the time, and what a driver and an application would know.
pub struct Stage {
    pub client: Client,
    pub now: Instant,
    pub teller: Teller,
    /// What came out and has not been expected yet.
    said: VecDeque<String>,
    /// The last WebSocket that was opened.
    socket: Option<TransportId>,
    /// The requests that wait for an answer.
    get: Option<(TransportId, RequestId)>,
    post: Option<(TransportId, RequestId)>,
    /// The transports that a driver holds.
    open: BTreeSet<TransportId>,
    /// Where every transport and every request of the client went.
    pub urls: Vec<String>,
}

impl Stage {
    pub fn new(config: Config) -> Self {
        Self {
            client: Client::new(config, 7),
            now: Instant::from_millis(0),
            teller: Teller::default(),
            said: VecDeque::new(),
            socket: None,
            get: None,
            post: None,
            open: BTreeSet::new(),
            urls: Vec::new(),
        }
    }

    /// One whose connection is up.
    #[track_caller]
    pub fn joined(config: Config) -> Self {
        let mut stage = Self::new(config);
        stage.play(JOIN);
        stage
    }

    /// One that writes down what concerns the connection, too.
    pub fn with_manager(mut self) -> Self {
        self.teller.hears_manager = true;
        self
    }

    /// The server sends this frame, which need not fit into a line; what came is left for the script to expect.
    #[track_caller]
    pub fn receive(&mut self, text: &str) {
        let socket = self.socket("a frame");
        self.input(Input::Received(socket, frame(text)));
    }

    /// Plays these lines, after which nothing may be left unsaid.
    #[track_caller]
    pub fn play(&mut self, script: &str) {
        for line in script
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            let line = line.replace("OPEN", OPEN).replace("UPGRADABLE", UPGRADABLE);
            match line.split_once(' ').unwrap_or((&line, "")) {
                ("=", state) => self.expect_state(state),
                ("C" | "C>" | "!", _) => self.expect(&line),
                _ => {
                    self.expect_nothing(&line);
                    self.act(&line);
                }
            }
        }
        self.expect_nothing("the script's end");
    }

    #[track_caller]
    fn expect(&mut self, line: &str) {
        let Some(said) = self.said.pop_front() else {
            panic!("expected  {line}\nand nothing came");
        };
        let holds = match line.strip_suffix('…') {
            Some(beginning) => said.starts_with(beginning),
            None => said == line,
        };
        let rest: Vec<_> = self.said.iter().map(String::as_str).collect();
        assert!(
            holds,
            "expected  {line}\ncame      {said}\nthen      {rest:?}"
        );
    }

    #[track_caller]
    fn expect_nothing(&self, before: &str) {
        assert!(
            self.said.is_empty(),
            "before    {before}\ncame      {:?}",
            self.said
        );
    }

    #[track_caller]
    fn expect_state(&mut self, expected: &str) {
        let (namespace, expected) = namespaced(expected);
        let socket = socket(&mut self.client, namespace);
        let state = format!("{:?}", self.client.state_of(socket));
        let name = state.split([' ', '(']).next().unwrap_or_default();
        assert_eq!(name, expected, "the state is {state}");
    }

    /// What came out and has not been expected.
    pub fn take_said(&mut self) -> Vec<String> {
        self.said.drain(..).collect()
    }

    /// Answers the POST that is under way, if there is one.
    pub fn answer_post(&mut self) -> bool {
        let Some((transport, request)) = self.post.take() else {
            return false;
        };
        self.input(Input::Responded(transport, request, Ok(answer(200, "ok"))));
        true
    }

    /// Makes happen what a line says, whatever comes of it.
    #[track_caller]
    pub fn act(&mut self, line: &str) {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "connect" => {
                let socket = socket(&mut self.client, rest);
                self.client.connect(socket, self.now);
            }
            "disconnect" => {
                let socket = socket(&mut self.client, rest);
                self.client.disconnect(socket, self.now);
            }
            "retry" => self.input(Input::RetryNow),
            "page" => self.input(Input::Page(page(rest))),
            "S>" => self.receive(rest),
            "S" => self.transport_acts(rest),
            "wait" => self.wait(rest),
            "emit" => {
                let refused = self.teller.emit(&mut self.client, rest, self.now);
                self.drain();
                self.said.extend(refused.map(|words| format!("! {words}")));
            }
            "auth" => {
                let input = self.teller.auth(rest);
                self.input(input);
            }
            "cancel" => {
                let place: usize = rest.parse().expect("the place of an emit that asked");
                self.client.cancel_ack(self.teller.asks[place], self.now);
            }
            "answer" => {
                let refused = self.teller.answer(&mut self.client, rest, self.now);
                self.drain();
                self.said.extend(refused.map(|words| format!("! {words}")));
            }
            _ => panic!("no line begins with {verb}"),
        }
        self.drain();
    }

    #[track_caller]
    fn socket(&self, what: &str) -> TransportId {
        let Some(socket) = self.socket else {
            panic!("{what} comes, and no socket was ever opened");
        };
        socket
    }

    #[track_caller]
    fn transport_acts(&mut self, line: &str) {
        let (what, rest) = line.split_once(' ').unwrap_or((line, ""));
        match what {
            "accept" => {
                let socket = self.socket("an open event");
                self.input(Input::Opened(socket));
            }
            "close" => {
                let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
                let closed = Closed {
                    code: code.parse().ok(),
                    reason: reason.to_owned(),
                };
                let socket = self.socket("a close event");
                self.open.remove(&socket);
                self.input(Input::Closed(socket, closed));
            }
            "get" => self.respond(true, Ok(answer(200, rest))),
            "post" => self.respond(
                false,
                Ok(answer(200, if rest.is_empty() { "ok" } else { rest })),
            ),
            "get=" | "post=" => {
                let (status, body) = rest.split_once(' ').unwrap_or((rest, ""));
                let status = status.parse().expect("an HTTP status");
                self.respond(what == "get=", Ok(answer(status, body)));
            }
            "get!" => self.respond(true, Err(RequestError::Network)),
            "post!" => self.respond(false, Err(RequestError::Network)),
            _ => panic!("a server cannot {line}"),
        }
    }

    #[track_caller]
    fn respond(&mut self, is_get: bool, answer: Result<Response, RequestError>) {
        let waiting = if is_get {
            self.get.take()
        } else {
            self.post.take()
        };
        let Some((transport, request)) = waiting else {
            panic!("an answer comes, and no such request waits");
        };
        self.input(Input::Responded(transport, request, answer));
    }

    /// Lets time pass and the timer run whenever it is due, as often as there is a deadline on the way.
    #[track_caller]
    fn wait(&mut self, how_long: &str) {
        let millis = how_long.parse().expect("milliseconds");
        let end = self.now + Duration::from_millis(millis);
        // A client whose deadline never passes would keep us here for ever.
        for _ in 0..10_000 {
            match self.client.poll_timeout() {
                Some(due) if due <= end => {
                    self.now = self.now.max(due);
                    self.input(Input::Timeout);
                }
                _ => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("ten thousand deadlines within {how_long} ms");
    }

    pub fn input(&mut self, input: Input) {
        self.client.handle_input(input, self.now);
        self.drain();
    }

    pub fn drain(&mut self) {
        while let Some(output) = self.client.poll_output() {
            let line = self.line(output);
            self.said.extend(line);
        }
    }

    /// What a script sees of it.
    fn line(&mut self, output: Output) -> Option<String> {
        Some(match output {
            Output::Open { transport, url } => {
                self.socket = Some(transport);
                self.open.insert(transport);
                let line = format!("C open {url}");
                self.urls.push(url);
                line
            }
            Output::Request { transport, request } => {
                self.open.insert(transport);
                self.urls.push(request.url.clone());
                let asked = Some((transport, request.id));
                if request.method == "GET" {
                    assert!(self.get.is_none(), "two GETs are under way");
                    self.get = asked;
                    format!("C get {}", request.url)
                } else {
                    if !request.keepalive {
                        assert!(self.post.is_none(), "two POSTs are under way");
                        self.post = asked;
                    }
                    let body = request.body.unwrap_or_default();
                    format!("C post {}", body.replace('\u{1e}', "␞"))
                }
            }
            Output::Send { transport, frame } => {
                assert!(
                    self.open.contains(&transport),
                    "a frame is sent where nobody is"
                );
                match frame {
                    Frame::Text(text) => format!("C> {text}"),
                    Frame::Binary(bytes) => format!("C> <{}>", hex(&bytes)),
                }
            }
            Output::Close { transport } => {
                assert!(self.open.remove(&transport), "what is closed is open");
                let of = |asked: &(TransportId, RequestId)| asked.0 == transport;
                self.get.take_if(|asked| of(asked));
                self.post.take_if(|asked| of(asked));
                "C close".to_owned()
            }
            told => format!("! {}", self.teller.line(&self.client, told)?),
        })
    }
}

/// A namespace, if the words begin with one, and the rest of them.
fn namespaced(words: &str) -> (&str, &str) {
    match words.split_once(' ') {
        Some((namespace, rest)) if namespace.starts_with('/') => (namespace, rest),
        _ => ("", words),
    }
}

fn answer(status: u16, body: &str) -> Response {
    Response {
        status,
        body: body.replace('␞', "\u{1e}"),
        retry_after: None,
    }
}

fn page(word: &str) -> Page {
    match word {
        "visible" => Page::Visible,
        "hidden" => Page::Hidden,
        "online" => Page::Online,
        "offline" => Page::Offline,
        "leaving" => Page::Leaving,
        "restored" => Page::Restored,
        _ => panic!("a page cannot be {word}"),
    }
}

/// A frame: `<0102>` is binary, all else text.
fn frame(text: &str) -> Frame {
    match text
        .strip_prefix('<')
        .and_then(|text| text.strip_suffix('>'))
    {
        Some(hex) => Frame::Binary(unhex(hex)),
        None => Frame::Text(text.to_owned()),
    }
}
