//! A native driver for [`Client`]: sockets, clock and timer for the machine that has none.
//!
//! This is also the example of how to write another one. A driver owns what the client must not know, and decides
//! nothing:
//!
//! 1. Something happens: a report comes through the channel, the application asks for something, or the time of
//!    [`Client::poll_timeout`] has come.
//! 2. Read the clock once and hand the input in. Reports that wait go first, the timer last: a frame that was in the
//!    queue proves that the connection lives.
//! 3. **Drain the outputs**, one `match`: open, send, request, close, tell.
//! 4. Wait for the next report, at most until the next timeout.
//!
//! Reading blocks, so each WebSocket and each HTTP request has a thread that only reads and reports. They end when
//! their socket is shut down, which [`Driver`] does when a transport is closed and when it is dropped.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant as Clock};

use telltale::protocol::{
    Client, Closed, Config, Frame, Input, Output, Request, RequestError, RequestId, Response,
    TransportId,
};
use telltale::time::Instant;
use tungstenite::protocol::{Role, WebSocket};
use tungstenite::Message;

/// How long a connection to a port of this machine may take to be made.
const TO_REACH: Duration = Duration::from_secs(5);

/// A client with a world around it.
pub struct Driver {
    pub client: Client,
    started: Clock,
    reports: Receiver<Report>,
    reporter: Sender<Report>,
    sockets: BTreeMap<TransportId, Socket>,
    requests: BTreeMap<RequestId, Exchange>,
    /// Closed, and perhaps still being flushed.
    closing: Vec<Wire>,
    threads: Vec<JoinHandle<()>>,
}

/// What a thread has to say.
enum Report {
    Input(Input),
    /// A WebSocket is open; this half of it writes.
    Opened(TransportId, Box<WebSocket<TcpStream>>),
}

/// A WebSocket, as far as the driver holds it.
struct Socket {
    wire: Wire,
    writer: Option<WebSocket<TcpStream>>,
}

/// An HTTP request that is under way.
struct Exchange {
    wire: Wire,
    owner: TransportId,
    keepalive: bool,
}

/// The connection below a thread, which has it until it is made; shutting it down wakes the thread up.
#[derive(Clone, Default)]
struct Wire(std::sync::Arc<std::sync::Mutex<WireState>>);

#[derive(Default)]
enum WireState {
    #[default]
    Waiting,
    Up(TcpStream),
    Cut,
}

impl Driver {
    /// A client of this server. It does nothing before it is told to connect.
    pub fn new(config: Config, seed: u64) -> Self {
        let (reporter, reports) = mpsc::channel();
        Self {
            client: Client::new(config, seed),
            started: Clock::now(),
            reports,
            reporter,
            sockets: BTreeMap::new(),
            requests: BTreeMap::new(),
            closing: Vec::new(),
            threads: Vec::new(),
        }
    }

    /// The time since the driver was made: monotonic, from an origin of our own.
    pub fn now(&self) -> Instant {
        Instant::from_origin(self.started.elapsed())
    }

    /// Hands an input in; gives what the application is told.
    pub fn input(&mut self, input: Input) -> Vec<Output> {
        let now = self.now();
        self.client.handle_input(input, now);
        self.drain()
    }

    /// Something that the application does with the client, such as an emit.
    pub fn command<T>(&mut self, does: impl FnOnce(&mut Client, Instant) -> T) -> (T, Vec<Output>) {
        let now = self.now();
        let result = does(&mut self.client, now);
        (result, self.drain())
    }

    /// Waits for whatever comes next, at most so long, and takes it in.
    pub fn step(&mut self, at_most: Duration) -> Vec<Output> {
        let due = self.client.poll_timeout();
        let until_due = due.map(|due| due.saturating_since(self.now()));
        let wait = until_due.map_or(at_most, |until| until.min(at_most));
        let mut told = Vec::new();
        let mut report = match self.reports.recv_timeout(wait) {
            Ok(report) => Some(report),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => unreachable!("we hold a sender ourselves"),
        };
        while let Some(next) = report {
            told.extend(self.take(next));
            report = self.reports.try_recv().ok();
        }
        if self
            .client
            .poll_timeout()
            .is_some_and(|due| self.now() >= due)
        {
            told.extend(self.input(Input::Timeout));
        }
        told
    }

    fn take(&mut self, report: Report) -> Vec<Output> {
        match report {
            Report::Opened(transport, writer) => {
                // One that was closed meanwhile is nobody's any more.
                let Some(socket) = self.sockets.get_mut(&transport) else {
                    return Vec::new();
                };
                socket.writer = Some(*writer);
                self.input(Input::Opened(transport))
            }
            Report::Input(input) => {
                match &input {
                    Input::Closed(transport, _) => {
                        self.sockets.remove(transport);
                    }
                    Input::Responded(_, request, _) => {
                        self.requests.remove(request);
                    }
                    _ => {}
                }
                self.input(input)
            }
        }
    }

    fn drain(&mut self) -> Vec<Output> {
        let mut told = Vec::new();
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Open { transport, url } => self.open(transport, url),
                Output::Send { transport, frame } => self.send(transport, frame),
                Output::Request { transport, request } => self.request(transport, request),
                Output::Close { transport } => self.close(transport),
                news => told.push(news),
            }
        }
        told
    }

    fn open(&mut self, transport: TransportId, url: String) {
        let (reporter, wire) = (self.reporter.clone(), Wire::default());
        let socket = Socket {
            wire: wire.clone(),
            writer: None,
        };
        self.sockets.insert(transport, socket);
        self.threads.push(thread::spawn(move || {
            let closed = read_socket(transport, &url, &wire, &reporter);
            wire.cut(); // the server waits for our end of it
            let _ = reporter.send(Report::Input(Input::Closed(transport, closed)));
        }));
    }

    fn send(&mut self, transport: TransportId, frame: Frame) {
        let message = match frame {
            Frame::Text(text) => Message::text(text),
            Frame::Binary(bytes) => Message::binary(bytes),
        };
        let socket = self.sockets.get_mut(&transport);
        if let Some(writer) = socket.and_then(|socket| socket.writer.as_mut()) {
            // One that cannot be written to cannot be read from either, and its thread tells.
            let _ = writer.send(message);
        }
    }

    fn request(&mut self, transport: TransportId, request: Request) {
        let (reporter, wire, id) = (self.reporter.clone(), Wire::default(), request.id);
        let exchange = Exchange {
            wire: wire.clone(),
            owner: transport,
            keepalive: request.keepalive,
        };
        self.requests.insert(id, exchange);
        self.threads.push(thread::spawn(move || {
            let answer = ask(&request, &wire);
            let _ = reporter.send(Report::Input(Input::Responded(transport, id, answer)));
        }));
    }

    fn close(&mut self, transport: TransportId) {
        if let Some(mut socket) = self.sockets.remove(&transport) {
            match &mut socket.writer {
                // What was sent goes first; the server answers by closing the connection.
                Some(writer) => {
                    let _ = writer.close(None).and_then(|()| writer.flush());
                    self.closing.push(socket.wire);
                }
                None => socket.wire.cut(),
            }
        }
        self.requests.retain(|_, exchange| {
            let stays = exchange.owner != transport || exchange.keepalive;
            if !stays {
                exchange.wire.cut();
            }
            stays
        });
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let sockets = self.sockets.values().map(|socket| &socket.wire);
        let requests = self.requests.values().map(|exchange| &exchange.wire);
        for wire in sockets.chain(requests).chain(&self.closing) {
            wire.cut();
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Wire {
    /// Connects, unless it has been cut already.
    fn connect(&self, url: &str) -> io::Result<TcpStream> {
        let (_, rest) = url.split_once("://").ok_or(io::ErrorKind::InvalidInput)?;
        let authority = rest.split('/').next().unwrap_or(rest);
        let address = authority
            .to_socket_addrs()?
            .next()
            .ok_or(io::ErrorKind::NotFound)?;
        let stream = TcpStream::connect_timeout(&address, TO_REACH)?;
        stream.set_nodelay(true)?;
        let mut state = self.lock();
        if matches!(*state, WireState::Cut) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        *state = WireState::Up(stream.try_clone()?);
        Ok(stream)
    }

    fn cut(&self) {
        let mut state = self.lock();
        if let WireState::Up(stream) = &*state {
            let _ = stream.shutdown(Shutdown::Both); // it may be over already
        }
        *state = WireState::Cut;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, WireState> {
        self.0.lock().expect("nobody panics with a wire in hand")
    }
}

/// Opens a WebSocket and reports what comes, until it closes.
fn read_socket(
    transport: TransportId,
    url: &str,
    wire: &Wire,
    reporter: &Sender<Report>,
) -> Closed {
    let broken = Closed {
        code: Some(1006),
        reason: String::new(),
    };
    let opened = wire.connect(url).ok().and_then(|stream| {
        let writer = stream.try_clone().ok()?;
        let (reader, _) = tungstenite::client(url, stream).ok()?;
        Some((
            reader,
            WebSocket::from_raw_socket(writer, Role::Client, None),
        ))
    });
    let Some((mut reader, writer)) = opened else {
        return broken;
    };
    let _ = reporter.send(Report::Opened(transport, Box::new(writer)));
    let mut closed = broken;
    loop {
        let frame = match reader.read() {
            Ok(Message::Text(text)) => Frame::Text(text.as_str().to_owned()),
            Ok(Message::Binary(bytes)) => Frame::Binary(bytes.to_vec()),
            Ok(Message::Close(frame)) => {
                closed = frame.map_or(Closed::default(), |frame| Closed {
                    code: Some(frame.code.into()),
                    reason: frame.reason.as_str().to_owned(),
                });
                continue; // the next read ends it
            }
            Ok(_) => continue,
            Err(_) => return closed,
        };
        let _ = reporter.send(Report::Input(Input::Received(transport, frame)));
    }
}

/// One HTTP request. As HTTP/1.0, so that the answer ends with its connection and never comes in chunks.
fn ask(request: &Request, wire: &Wire) -> Result<Response, RequestError> {
    let network = |_: io::Error| RequestError::Network;
    let mut stream = wire.connect(&request.url).map_err(network)?;
    let (_, rest) = request.url.split_once("://").ok_or(RequestError::Network)?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let body = request.body.as_deref().unwrap_or_default();
    let kind = match &request.body {
        Some(body) => format!(
            "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: {}\r\n",
            body.len()
        ),
        None => String::new(),
    };
    let head = format!(
        "{} {path} HTTP/1.0\r\nHost: {host}\r\nAccept: */*\r\n{kind}\r\n",
        request.method
    );
    stream
        .write_all([head.as_bytes(), body.as_bytes()].concat().as_slice())
        .map_err(network)?;
    read_answer(stream, request.max_body)
}

fn read_answer(stream: TcpStream, max_body: usize) -> Result<Response, RequestError> {
    const HEAD: usize = 64 * 1024; // far more than any server's headers
    let limit = HEAD.saturating_add(max_body);
    let mut bytes = Vec::new();
    stream
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| RequestError::Network)?;
    let end = b"\r\n\r\n";
    let at = bytes
        .windows(end.len())
        .position(|window| window == end)
        .ok_or(RequestError::Network)?;
    let head = String::from_utf8_lossy(&bytes[..at]);
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let body = &bytes[at + end.len()..];
    let announced = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().ok())?
    });
    if body.len() > max_body || announced.is_some_and(|length| length > max_body) {
        return Err(RequestError::TooLarge);
    }
    if announced.is_some_and(|length| length != body.len()) {
        return Err(RequestError::Network);
    }
    Ok(Response {
        status: status.ok_or(RequestError::Network)?,
        body: String::from_utf8_lossy(body).into_owned(),
        retry_after: None,
    })
}
