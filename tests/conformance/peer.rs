//! A meeting of clients with a real `socket.io` server, which runs in a process of its own (`server.js`).
//!
//! Law: whoever waits, waits for something and not for time; while one waits, all clients live. A wait that comes to
//! nothing fails with what was told and seen until then. What is started here is ended here.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant as Clock};

use telltale::protocol::{Client, Config, Input, Output, TransportKind};
use telltale::time::Instant;

use crate::driver::Driver;
use crate::told::{socket, Teller};

/// How long what is expected may take: far above what it needs on a busy machine.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long a client may sleep while we look after the others.
const TURN: Duration = Duration::from_millis(2);

/// The ways a client may take: a WebSocket, polling alone, polling and then a WebSocket.
pub const TRANSPORTS: [fn(&mut Config); 3] = [
    |config| config.transports.order = vec![TransportKind::WebSocket],
    |config| config.transports.order = vec![TransportKind::Polling],
    |config| config.transports.order = vec![TransportKind::Polling, TransportKind::WebSocket],
];

/// A server and its clients.
pub struct Meeting {
    server: Server,
    pub clients: Vec<Participant>,
}

/// A client, and what its application was told.
pub struct Participant {
    pub driver: Driver,
    pub teller: Teller,
    pub told: Vec<String>,
    /// How far `told` has been waited for already.
    heard: usize,
}

struct Server {
    child: Child,
    /// Closed to end it.
    orders: Option<ChildStdin>,
    news: Receiver<String>,
    ports: Vec<u16>,
    /// Answers to orders.
    done: Vec<String>,
    seen: Vec<String>,
    /// How far `seen` has been waited for already.
    looked: usize,
}

impl Meeting {
    /// A server with these options, as `server.js` takes them.
    #[track_caller]
    pub fn new(options: &str) -> Self {
        Self {
            server: Server::start(options),
            clients: Vec::new(),
        }
    }

    /// Where an instance of the server is.
    pub fn url(&self, instance: usize) -> String {
        format!("http://127.0.0.1:{}", self.server.ports[instance])
    }

    /// The port of an instance of the server.
    pub fn port(&self, instance: usize) -> u16 {
        self.server.ports[instance]
    }

    /// The first arguments, numbers, of all events of this name that the server has seen, each once, as they came.
    pub fn numbers(&self, event: &str) -> Vec<u64> {
        let begins = format!("\"event\":\"{event}\",\"args\":[");
        let mut seen = Vec::new();
        let mut known = BTreeSet::new();
        for line in &self.server.seen {
            let Some((_, args)) = line.split_once(&begins) else {
                continue;
            };
            let digits = args.split([',', ']']).next().unwrap_or_default();
            let number = digits.parse().expect("the first argument is a number");
            if known.insert(number) {
                seen.push(number);
            }
        }
        seen
    }

    /// Adds a client, which does not connect yet; gives its place.
    pub fn add(&mut self, config: Config) -> usize {
        let seed = self.clients.len() as u64;
        self.clients.push(Participant {
            driver: Driver::new(config, seed),
            teller: Teller::default(),
            told: Vec::new(),
            heard: 0,
        });
        self.clients.len() - 1
    }

    /// Adds a client of the first instance and waits until it is connected.
    #[track_caller]
    pub fn join(&mut self, configure: impl FnOnce(&mut Config)) -> usize {
        self.join_at(0, configure)
    }

    /// The same, of another instance.
    #[track_caller]
    pub fn join_at(&mut self, instance: usize, configure: impl FnOnce(&mut Config)) -> usize {
        let mut config = Config::new(&self.url(instance)).expect("the URL is good");
        config.reconnection.enabled = false;
        configure(&mut config);
        let client = self.add(config);
        self.clients[client].input(Input::Connect);
        self.told(client, "connected");
        client
    }

    /// Has the server ask a client something, answers, and waits until the server has the answer.
    #[track_caller]
    pub fn told_on_request(&mut self, client: usize, order: &str, question: &str, answer: &str) {
        self.send_order(order);
        self.told(client, question);
        self.clients[client].answer(answer);
        let done = self.done(order);
        assert!(done.contains(answer), "{order}: {done}");
    }

    /// Waits until a client is told something that begins so, after what was waited for before; gives all of it.
    #[track_caller]
    pub fn told(&mut self, client: usize, beginning: &str) -> String {
        self.until(&format!("client {client}: {beginning}"), |meeting| {
            let client = &mut meeting.clients[client];
            let at = client.told[client.heard..]
                .iter()
                .position(|line| line.starts_with(beginning))?;
            client.heard += at + 1;
            Some(client.told[client.heard - 1].clone())
        })
    }

    /// Waits until the server has seen something that holds these words, after what was waited for before.
    #[track_caller]
    pub fn seen(&mut self, words: &str) -> String {
        self.until(&format!("server: {words}"), |meeting| {
            let server = &mut meeting.server;
            let at = server.seen[server.looked..]
                .iter()
                .position(|line| line.contains(words))?;
            server.looked += at + 1;
            Some(server.seen[server.looked - 1].clone())
        })
    }

    /// The same, while the clients are looking away.
    #[track_caller]
    pub fn seen_alone(&mut self, words: &str) {
        let mut clients = std::mem::take(&mut self.clients);
        self.seen(words);
        self.clients.append(&mut clients);
    }

    /// Has the server do something, and waits until it is done; gives the result, as JSON.
    #[track_caller]
    pub fn order(&mut self, command: &str) -> String {
        self.send_order(command);
        self.done(command)
    }

    #[track_caller]
    fn send_order(&mut self, command: &str) {
        let orders = self.server.orders.as_mut().expect("it has not ended");
        writeln!(orders, "{command}").expect("the server reads");
    }

    #[track_caller]
    fn done(&mut self, command: &str) -> String {
        let line = self.until(command, |meeting| meeting.server.done.pop());
        assert!(!line.contains("\"error\""), "{command}: {line}");
        line
    }

    /// Lets everybody live for so long: only to see that something does *not* happen.
    pub fn pass(&mut self, millis: u64) {
        let end = Clock::now() + Duration::from_millis(millis);
        while Clock::now() < end {
            self.turn();
        }
    }

    /// Waits until something holds, while all live.
    #[track_caller]
    pub fn until<T>(&mut self, what: &str, holds: impl FnMut(&mut Self) -> Option<T>) -> T {
        self.until_within(PATIENCE, what, holds)
    }

    /// The same, with a patience of its own.
    #[track_caller]
    pub fn until_within<T>(
        &mut self,
        patience: Duration,
        what: &str,
        mut holds: impl FnMut(&mut Self) -> Option<T>,
    ) -> T {
        let end = Clock::now() + patience;
        loop {
            if let Some(found) = holds(self) {
                return found;
            }
            assert!(
                Clock::now() < end,
                "not within {} s: {what}\nthe clients were told {:#?}\nthe server saw {:#?}",
                patience.as_secs(),
                self.clients
                    .iter()
                    .map(|client| &client.told)
                    .collect::<Vec<_>>(),
                self.server.seen
            );
            self.turn();
        }
    }

    fn turn(&mut self) {
        for client in &mut self.clients {
            client.step(TURN);
        }
        let first = match self.clients.is_empty() {
            true => self.server.news.recv_timeout(TURN).ok(),
            false => None,
        };
        for line in first.into_iter().chain(self.server.news.try_iter()) {
            if line.starts_with("{\"done\"") {
                self.server.done.push(line);
            } else {
                self.server.seen.push(line);
            }
        }
    }
}

impl Participant {
    pub fn input(&mut self, input: Input) {
        let outputs = self.driver.input(input);
        self.tell(outputs);
    }

    /// Connects in a namespace.
    pub fn connect(&mut self, namespace: &str) {
        self.command(|client, now| {
            let socket = socket(client, namespace);
            client.connect(socket, now);
        });
    }

    /// Leaves a namespace; the main one is "".
    pub fn disconnect(&mut self, namespace: &str) {
        self.command(|client, now| {
            let socket = socket(client, namespace);
            client.disconnect(socket, now);
        });
    }

    /// Emits, written as in a script: `["x",1]`, `/a ack=500 ["x"]`.
    #[track_caller]
    pub fn emit(&mut self, line: &str) {
        let teller = &mut self.teller;
        let (refused, outputs) = self
            .driver
            .command(|client, now| teller.emit(client, line, now));
        self.tell(outputs);
        self.told.extend(refused);
    }

    /// Answers what the server asked first.
    #[track_caller]
    pub fn answer(&mut self, args: &str) {
        let teller = &mut self.teller;
        let (refused, outputs) =
            (self.driver).command(|client, now| teller.answer(client, args, now));
        self.tell(outputs);
        self.told.extend(refused);
    }

    /// How often something that begins so was told.
    pub fn count(&self, beginning: &str) -> usize {
        let lines = self.told.iter();
        lines.filter(|line| line.starts_with(beginning)).count()
    }

    fn command(&mut self, does: impl FnOnce(&mut Client, Instant)) {
        let ((), outputs) = self.driver.command(does);
        self.tell(outputs);
    }

    fn step(&mut self, at_most: Duration) {
        let outputs = self.driver.step(at_most);
        self.tell(outputs);
    }

    fn tell(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            let line = self.teller.line(&self.driver.client, output);
            self.told.extend(line);
        }
    }
}

impl Server {
    #[track_caller]
    fn start(options: &str) -> Self {
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/server.js");
        let mut child = Command::new("node")
            .args([program, options])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node is installed; `.ci/setup test` does it");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let (reporter, news) = mpsc::channel();
        // Ends with the process.
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if reporter.send(line).is_err() {
                    return;
                }
            }
        });
        let first = news.recv_timeout(PATIENCE);
        let mut server = Self {
            orders: child.stdin.take(),
            child,
            news,
            ports: Vec::new(),
            done: Vec::new(),
            seen: Vec::new(),
            looked: 0,
        };
        let first =
            first.expect("the server says where it listens; are tests/node_modules installed?");
        server.ports = first
            .split(|digit: char| !digit.is_ascii_digit())
            .filter_map(|port| port.parse().ok())
            .collect();
        server
    }
}

impl Drop for Server {
    /// Ends it in order, so that a Redis of its own ends with it; by force if that takes too long.
    fn drop(&mut self) {
        self.orders = None;
        let end = Clock::now() + PATIENCE;
        while Clock::now() < end {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(TURN);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
