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
use std::net::TcpStream;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant as Clock};

use telltale::protocol::{Client, Config, Frame, Input, Output, Request, RequestId, TransportId};
use telltale::time::Instant;
use tungstenite::protocol::WebSocket;

use crate::wire::{self, Wire};

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
            let tell = |report| drop(reporter.send(report));
            let closed = wire::read_socket(
                &url,
                &wire,
                |writer| tell(Report::Opened(transport, Box::new(writer))),
                |frame| tell(Report::Input(Input::Received(transport, frame))),
            );
            wire.cut(); // the server waits for our end of it
            let _ = reporter.send(Report::Input(Input::Closed(transport, closed)));
        }));
    }

    fn send(&mut self, transport: TransportId, frame: Frame) {
        let socket = self.sockets.get_mut(&transport);
        if let Some(writer) = socket.and_then(|socket| socket.writer.as_mut()) {
            // One that cannot be written to cannot be read from either, and its thread tells.
            let _ = writer.send(wire::message(frame));
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
            const TEXT: (&str, &str) = ("Content-Type", "text/plain;charset=UTF-8");
            let headers = if request.body.is_some() {
                &[TEXT][..]
            } else {
                &[]
            };
            let answer = wire::ask(
                &wire,
                request.method,
                &request.url,
                headers,
                request.body.as_deref(),
                request.max_body,
            );
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
