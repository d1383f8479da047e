//! The page's session and the servers that it speaks to, with everything between them: connections, requests and what
//! goes wrong on the way.
//!
//! The session is the library's own, and what reaches it is what a browser would hand over: frames of Engine.IO and
//! Socket.IO, answers of HTTP. Nothing here reads a clock: whoever drives it says how late it is. The same seed and the
//! same inputs at the same times give the same page.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use telltale::domain::{MediaKey, Source};
use telltale::json::{self, Value};
use telltale::protocol::{Closed, Frame, Page, TransportId};
use telltale::session::record::Tap;
use telltale::session::state::{Command, Secret, UploadId, UploadStage};
use telltale::session::{
    Answer, Config, FetchError, HttpRequest, Input, Output, Session, UploadRequest,
};
use telltale::time::{Instant, Timestamp};
use telltale::ui::debug::{Panel, Recording};
use telltale::web::Dirty;

use crate::chance::Chance;
use crate::chaos::Chaos;
use crate::hostile::{wire, Hostile};
use crate::servers::{Asked, Moment, Reply, Server};

mod polling;
mod replies;
mod trouble;

use polling::Polled;
use replies::{refused, signed_in, unavailable};

/// An address that leads nowhere: no frame leaves the page.
const ORIGIN: &str = "https://demo.invalid";
/// How often a server asks whether somebody is there, as it says in its handshake.
const PING: Duration = Duration::from_secs(25);
/// The first packet of a connection, as Engine.IO has it.
const HANDSHAKE: &str = r#"0{"sid":"demo","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
/// Between two tellings of how much of a file was sent; it is sent in [`PARTS`] of them.
const PART: Duration = Duration::from_millis(250);
const PARTS: u32 = 4;
/// What is done at most in one call: a page that was asleep goes on from where they are, instead of
/// standing still.
const MOST_INPUTS: usize = 20_000;
/// The only password that is refused, so that a refusal can be seen.
pub const WRONG_PASSWORD: &str = "wrong";

/// One server and the connection to it.
struct Host {
    server: Box<dyn Server>,
    /// Its prefix in addresses.
    base: String,
    signs_in: bool,
    /// The token that it takes; none was given out, or the last one has expired.
    token: Option<String>,
    socket: Option<Socket>,
}

struct Socket {
    transport: TransportId,
    /// Whether the server has taken its CONNECT.
    is_connected: bool,
    ping_at: Instant,
    /// Its packets wait for requests; `None` is a WebSocket.
    polled: Option<Polled>,
}

/// A server for [`World::new`]: its kind, its name, and itself.
pub type Configured<'a> = (&'a str, &'a str, Box<dyn Server>);

/// See the module.
pub struct World {
    session: Session,
    hosts: Vec<Host>,
    now: Instant,
    /// The servers' own clock.
    clock: Instant,
    speed: u32,
    /// What a clock on the wall showed at the origin of the page's, in milliseconds.
    epoch_millis: f64,
    chaos: Chaos,
    chance: Chance,
    /// What the servers' texts are turned into on their way, if they mean harm.
    hostile: Option<Hostile>,
    is_stopped: bool,
    is_offline: bool,
    turns_away: bool,
    fails_requests: bool,
    tokens: u32,
    /// What is under way to the session, in no order; of one moment, what was sent first comes first.
    arriving: Vec<(Instant, Input)>,
    /// The files whose turn has not come: to which server, their name and their size.
    files: BTreeMap<UploadId, (Source, String, u64)>,
    dirty: Dirty,
    /// Whoever looks at what goes in and out.
    pub tap: Option<Rc<dyn Tap>>,
    recording: Option<Recording>,
}

impl World {
    /// A page that is not open yet. `epoch_millis` is the time on the wall at the origin of `now`.
    ///
    /// # Panics
    /// If there are no servers, or more than a page may have.
    pub fn new(servers: Vec<Configured>, seed: u64, now: Instant, epoch_millis: f64) -> Self {
        let entries = servers.iter().map(|(kind, name, server)| {
            Value::object([
                ("kind", (*kind).into()),
                ("name", (*name).into()),
                ("url", format!("/{kind}").into()),
                ("path", format!("/{kind}/socket.io/").into()),
                ("transports", Value::Array(vec![transport(&**server)])),
                ("demo_scenario", server.plays_scenario().into()),
            ])
        });
        let config = Value::object([("servers", Value::Array(entries.collect()))]);
        let config = Config::parse(&json::write(&config), ORIGIN);
        let config = config.unwrap_or_else(|error| panic!("{error}"));
        let hosts = servers.into_iter().zip(&config.servers);
        let hosts = hosts.map(|((_, _, server), configured)| Host {
            server,
            base: configured.url.clone(),
            signs_in: configured.kind.profile().signs_in,
            token: None,
            socket: None,
        });
        Self {
            hosts: hosts.collect(),
            session: Session::new(config, seed),
            now,
            clock: now,
            speed: 1,
            epoch_millis,
            chaos: Chaos::default(),
            chance: Chance::new(seed),
            hostile: None,
            is_stopped: false,
            is_offline: false,
            turns_away: false,
            fails_requests: false,
            tokens: 0,
            arriving: Vec::new(),
            files: BTreeMap::new(),
            dirty: Dirty::default(),
            tap: None,
            recording: None,
        }
    }

    /// The same page before servers that mean harm.
    pub fn before(self, hostile: Option<Hostile>) -> Self {
        Self { hostile, ..self }
    }

    /// Records everything from here on.
    pub fn record(&mut self) {
        let recording = Panel::new().record(&self.session, self.now);
        self.tap = Some(recording.tap());
        self.recording = Some(recording);
    }

    /// What is recorded.
    pub fn recording(&self) -> Option<Recording> {
        self.recording.clone()
    }

    /// Opens the page.
    pub fn start(&mut self) {
        self.input(Input::Start);
    }

    // ── what there is to see ───────────────────────────────────────────────────────────────────────────────────

    /// What the page shows.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// How late it is on the page.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// What a clock on the wall shows then.
    pub fn wall_time(&self, at: Instant) -> Timestamp {
        Moment::opened(at, self.epoch_millis).wall
    }

    /// What looks different since this was last asked.
    pub fn take_dirty(&mut self) -> Dirty {
        std::mem::take(&mut self.dirty)
    }

    /// An id of a server's media or meeting, as this world's servers have it.
    pub fn id(&self, id: &str) -> String {
        let hostile = self.hostile.as_ref();
        hostile.map_or_else(|| id.to_owned(), |hostile| hostile.id(id))
    }

    /// What the servers' texts are turned into.
    #[cfg(test)]
    pub fn hostile(&self) -> Option<&Hostile> {
        self.hostile.as_ref()
    }

    // ── time ───────────────────────────────────────────────────────────────────────────────────────────────────

    /// Lets the time pass, deadline by deadline.
    pub fn pass_until(&mut self, end: Instant) {
        for _ in 0..MOST_INPUTS {
            let (due, what) = self.next_due();
            if due > end {
                self.advance(end);
                return self.input(Input::Timeout);
            }
            self.advance(due);
            match what {
                Due::Timeout => self.input(Input::Timeout),
                Due::Arrival => self.arrive(),
                Due::Ping(host) => self.ping(host),
                Due::Work(host) => self.work(host),
            }
        }
        // The page slept for long, and its servers with it: their clock stays where it is.
        self.now = self.now.max(end);
        self.input(Input::Timeout);
    }

    /// How much faster than the page's clock the servers' runs: 1 to 100.
    pub fn set_speed(&mut self, speed: u32) {
        self.speed = speed.clamp(1, 100);
    }

    fn advance(&mut self, to: Instant) {
        let passed = to.saturating_since(self.now);
        self.clock = self.clock + passed * self.speed;
        if to.since_origin().as_secs() > self.now.since_origin().as_secs() {
            self.dirty.tick = true;
        }
        self.now = self.now.max(to);
    }

    fn next_due(&self) -> (Instant, Due) {
        let timeout = self.session.poll_timeout().map(|at| (at, Due::Timeout));
        let arrival = self.arriving.iter().map(|(at, _)| *at).min();
        let hosts = self.hosts.iter().enumerate();
        let pings = hosts.clone().filter_map(|(index, host)| {
            let socket = host.socket.as_ref()?;
            Some((socket.ping_at, Due::Ping(index)))
        });
        let works = hosts.filter_map(|(index, host)| {
            let left = host.server.due()?.saturating_since(self.clock);
            Some((self.now + left / self.speed, Due::Work(index)))
        });
        // What was sent before a deadline arrives before it.
        let all = arrival.map(|at| (at, Due::Arrival)).into_iter();
        let all = all.chain(pings).chain(works).chain(timeout);
        let (at, what) = all
            .min_by_key(|(at, _)| *at)
            .unwrap_or((Instant::from_origin(Duration::MAX), Due::Timeout));
        (at.max(self.now), what)
    }

    fn moment(&self) -> Moment {
        Moment {
            now: self.clock,
            wall: self.wall_time(self.now),
        }
    }

    // ── what a person does ─────────────────────────────────────────────────────────────────────────────────────

    /// A person's command, or a view's.
    pub fn command(&mut self, command: Command) {
        self.input(Input::Command(command));
    }

    /// Signs somebody in who does not exist.
    pub fn sign_in(&mut self) {
        self.command(Command::SignIn {
            name: "ada@demo.invalid".to_owned(),
            password: Secret("demo".to_owned()),
        });
    }

    /// Sends a file; only its name and its size are looked at.
    pub fn upload(&mut self, source: Source, name: &str, bytes: u64) -> UploadId {
        let shown = self.hostile.as_ref().map(|hostile| hostile.text(name));
        let shown = shown.as_deref().unwrap_or(name);
        let id = self.session.begin_upload(source, shown, bytes, self.now);
        let upload = self.session.upload(id);
        if upload.is_some_and(|upload| upload.stage == UploadStage::Waiting) {
            self.files.insert(id, (source, name.to_owned(), bytes));
            if let Some(tap) = &self.tap {
                tap.upload(id, source, shown, bytes, self.now);
            }
        }
        self.input(Input::Timeout);
        id
    }

    fn send_file(&mut self, id: UploadId, request: &UploadRequest) {
        let Some((source, name, bytes)) = self.files.remove(&id) else {
            return;
        };
        let way = self.chaos.way();
        if self.is_gone() {
            let failed = Input::UploadAnswered(id, Err(FetchError::Network));
            return self.send(way, failed);
        }
        for part in 1..=PARTS {
            let sent = bytes * u64::from(part) / u64::from(PARTS);
            self.send(PART * part, Input::UploadSent(id, sent));
        }
        let at = self.moment();
        let host = &mut self.hosts[usize::from(source.0)];
        let path = request.url.strip_prefix(&host.base).unwrap_or_default();
        let reply = match host.takes(&request.headers) {
            _ if self.fails_requests => unavailable(),
            true => host.server.answer(
                &Asked {
                    method: request.method,
                    path,
                    file: Some((&name, bytes)),
                    body: Value::Null,
                },
                at,
            ),
            false => refused(),
        };
        self.send(
            PART * PARTS + way,
            Input::UploadAnswered(id, Ok(self.answer(reply))),
        );
    }

    /// Stops sending it.
    pub fn cancel_upload(&mut self, id: UploadId) {
        (self.arriving).retain(|(_, input)| match input {
            Input::UploadSent(of, _) | Input::UploadAnswered(of, _) => *of != id,
            _ => true,
        });
        self.files.remove(&id);
        self.command(Command::ForgetUpload(id));
    }

    /// The page is seen or not.
    pub fn page(&mut self, page: Page) {
        self.input(Input::Page(page));
    }

    // ── the way to the session ─────────────────────────────────────────────────────────────────────────────────

    fn send(&mut self, way: Duration, input: Input) {
        self.arriving.push((self.now + way, input));
    }

    fn arrive(&mut self) {
        let due = self.arriving.iter().enumerate();
        // `min_by_key` takes the first of equals: what was sent first.
        let first = due.min_by_key(|(_, (at, _))| *at).map(|(index, _)| index);
        if let Some(first) = first {
            let (_, input) = self.arriving.remove(first);
            self.input(input);
        }
    }

    fn ping(&mut self, host: usize) {
        let now = self.now;
        let Some(socket) = &mut self.hosts[host].socket else {
            return;
        };
        socket.ping_at = now + PING;
        let transport = socket.transport;
        self.send_frame(host, transport, "2".to_owned());
    }

    fn work(&mut self, host: usize) {
        // Rounding may have left the servers' clock a nanosecond before what is due.
        if let Some(due) = self.hosts[host].server.due() {
            self.clock = self.clock.max(due);
        }
        let at = self.moment();
        for packet in self.hosts[host].server.work(at) {
            self.say(host, &packet);
        }
    }

    /// An event of a server, to whoever is connected to it.
    fn say(&mut self, host: usize, packet: &Value) {
        let Some(socket) = &self.hosts[host].socket else {
            return;
        };
        if !socket.is_connected {
            return;
        }
        let transport = socket.transport;
        let packet = match &self.hostile {
            Some(hostile) => wire(&hostile.packet(packet)),
            None => json::write(packet),
        };
        let frame = ["42", &packet].concat();
        for way in self.chaos.copies(&mut self.chance) {
            self.carry(host, transport, way, Frame::Text(frame.clone()));
        }
    }

    /// A frame of the first server so often, whatever it is.
    pub fn say_frame(&mut self, frame: Frame, times: u16) {
        let Some(socket) = &self.hosts[0].socket else {
            return;
        };
        let transport = socket.transport;
        let frame = match (&self.hostile, frame) {
            (Some(hostile), Frame::Text(text)) => Frame::Text(hostile.frame(&text)),
            (_, frame) => frame,
        };
        for _ in 0..times {
            self.carry(0, transport, self.chaos.way(), frame.clone());
        }
    }

    fn send_frame(&mut self, host: usize, transport: TransportId, text: String) {
        self.carry(host, transport, self.chaos.way(), Frame::Text(text));
    }

    /// Takes a frame to the page, `way` later.
    fn carry(&mut self, host: usize, transport: TransportId, way: Duration, frame: Frame) {
        let socket = self.hosts[host].socket.as_mut();
        match socket.and_then(|socket| socket.polled.as_mut()) {
            Some(polled) => {
                polled.queue(&frame);
                self.answer_poll(host, way);
            }
            None => self.send(way, Input::Received(source(host), transport, frame)),
        }
    }

    fn input(&mut self, input: Input) {
        if let Some(tap) = &self.tap {
            tap.input(&input, self.now);
        }
        self.session.handle_input(input, self.now);
        while let Some(output) = self.session.poll_output() {
            if let Some(tap) = &self.tap {
                tap.output(&output, self.now);
            }
            self.carry_out(output);
        }
        if self.session.is_any_lost() {
            // What is shown of a loss changes with time alone.
            self.dirty.tick = true;
        }
    }

    // ── what the session wants ─────────────────────────────────────────────────────────────────────────────────

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Open {
                source, transport, ..
            } => self.open(source, transport),
            Output::Send {
                source,
                transport,
                frame: Frame::Text(text),
            } => self.hear(usize::from(source.0), transport, &text),
            // Nothing that these servers take is binary.
            Output::Send { .. } => {}
            Output::Close { source, transport } => {
                let socket = &mut self.hosts[usize::from(source.0)].socket;
                socket.take_if(|socket| socket.transport == transport);
            }
            Output::Request {
                source,
                transport,
                request,
            } => self.poll(source, transport, request),
            Output::Fetch { ticket, request } => {
                let answer = self.fetch(&request);
                self.send(self.chaos.way(), Input::Answered(ticket, answer));
            }
            Output::Abort(ticket) => (self.arriving).retain(
                |(_, input)| !matches!(input, Input::Answered(flying, _) if *flying == ticket),
            ),
            Output::Upload { id, request } => self.send_file(id, &request),
            Output::AbortUploads => {
                self.files.clear();
                self.forget(|input| !is_of_upload(input));
            }
            Output::AbortAll => {
                self.files.clear();
                self.forget(|input| !is_of_upload(input) && !matches!(input, Input::Answered(..)));
            }
            Output::Changed(change) => self.dirty.mark(change),
        }
    }

    fn forget(&mut self, stays: impl Fn(&Input) -> bool) {
        self.arriving.retain(|(_, input)| stays(input));
    }

    fn open(&mut self, source: Source, transport: TransportId) {
        let way = self.chaos.way();
        if self.is_gone() {
            return self.send(way, Input::Closed(source, transport, self.lost()));
        }
        let host = usize::from(source.0);
        self.hosts[host].socket = Some(Socket {
            transport,
            is_connected: false,
            ping_at: self.now + PING,
            polled: None,
        });
        self.send(way, Input::Opened(source, transport));
        self.send_frame(host, transport, HANDSHAKE.to_owned());
    }

    /// A frame of the page.
    fn hear(&mut self, index: usize, transport: TransportId, text: &str) {
        let at = self.moment();
        let host = &mut self.hosts[index];
        let Some(socket) = (host.socket.as_mut()).filter(|socket| socket.transport == transport)
        else {
            return;
        };
        if let Some(auth) = text.strip_prefix("40") {
            let auth = json::parse(auth).unwrap_or_default();
            let is_taken = !host.signs_in
                || (host.token.is_some() && auth.get("token").as_str() == host.token.as_deref());
            socket.is_connected = is_taken;
            let said = match is_taken {
                true => r#"40{"sid":"demo"}"#.to_owned(),
                false => self.turned_away(),
            };
            self.send_frame(index, transport, said);
            if self.turns_away {
                self.send_frame(index, transport, "41".to_owned());
            }
        } else if let Some(packet) = text.strip_prefix("42") {
            // An event that wants to be acknowledged has a number before it.
            let packet = packet.trim_start_matches(|letter: char| letter.is_ascii_digit());
            let packet = json::parse(packet).unwrap_or_default();
            let [event, rest @ ..] = packet.as_array() else {
                return;
            };
            let payload = rest.first().unwrap_or(&Value::Null);
            let original = self.hostile.as_ref();
            let original = original.map(|hostile| hostile.original_value(payload));
            let payload = original.as_ref().unwrap_or(payload);
            let answers = (host.server).hear(event.as_str().unwrap_or_default(), payload, at);
            for answer in answers {
                self.say(index, &answer);
            }
        } else if text.starts_with("41") {
            socket.is_connected = false;
        }
    }

    fn fetch(&mut self, request: &HttpRequest) -> Result<Answer, FetchError> {
        if self.is_gone() {
            return Err(FetchError::Network);
        }
        if self.fails_requests {
            return Ok(self.answer(unavailable()));
        }
        let at = self.moment();
        let found = self.hosts.iter_mut().find_map(|host| {
            let path = request.url.strip_prefix(&host.base)?;
            path.starts_with('/')
                .then(|| (original_path(self.hostile.as_ref(), path), host))
        });
        let Some((path, host)) = found else {
            return Err(FetchError::Network);
        };
        let body = request.body.as_deref().map(json::parse);
        let mut body = body.and_then(Result::ok).unwrap_or_default();
        if let Some(hostile) = &self.hostile {
            body = hostile.original_value(&body);
        }
        let reply = if path.ends_with("/login") {
            if body.get("password").as_str() == Some(WRONG_PASSWORD) {
                refused()
            } else {
                self.tokens += 1;
                let token = format!("demo-{}", self.tokens);
                host.token = Some(token.clone());
                signed_in(&token)
            }
        } else if host.takes(&request.headers) {
            let asked = Asked {
                method: request.method,
                path: &path,
                file: None,
                body,
            };
            host.server.answer(&asked, at)
        } else {
            refused()
        };
        Ok(self.answer(reply))
    }

    fn answer(&self, reply: Reply) -> Answer {
        let body = match (&self.hostile, json::parse(&reply.body)) {
            (Some(hostile), Ok(body)) => wire(&hostile.value("", &body)),
            _ => reply.body,
        };
        Answer {
            status: reply.status,
            body,
            retry_after: None,
        }
    }

    /// A connection that broke.
    fn lost(&self) -> Closed {
        let hostile = self.hostile.as_ref();
        Closed {
            code: Some(1006),
            reason: hostile.map_or_else(String::new, |hostile| hostile.text("gone")),
        }
    }

    /// What a server says that lets nobody in.
    fn turned_away(&self) -> String {
        let error = Value::object([(
            "message",
            "Authentication error: the token has expired".into(),
        )]);
        let error = match &self.hostile {
            Some(hostile) => wire(&hostile.value("", &error)),
            None => json::write(&error),
        };
        ["44", &error].concat()
    }
}

fn original_path(hostile: Option<&Hostile>, path: &str) -> String {
    hostile.map_or_else(|| path.to_owned(), |hostile| hostile.original_path(path))
}

impl Host {
    /// Whether a request comes from somebody who is signed in, where one has to be.
    fn takes(&self, headers: &[(&'static str, String)]) -> bool {
        let Some(token) = &self.token else {
            return !self.signs_in;
        };
        let shows = |(name, value): &(&str, String)| {
            name.eq_ignore_ascii_case("authorization") && value.ends_with(token.as_str())
        };
        !self.signs_in || headers.iter().any(shows)
    }
}

/// What is due next.
enum Due {
    Timeout,
    Arrival,
    Ping(usize),
    Work(usize),
}

/// The media of this id on the first server.
pub fn media(id: &str) -> Option<MediaKey> {
    Some(MediaKey {
        source: Source(0),
        id: telltale::domain::MediaId::new(id)?,
    })
}

fn transport(server: &dyn Server) -> Value {
    let polls = server.polls();
    if polls { "polling" } else { "websocket" }.into()
}

fn source(index: usize) -> Source {
    Source(u8::try_from(index).unwrap_or(u8::MAX))
}

fn is_of_upload(input: &Input) -> bool {
    matches!(input, Input::UploadSent(..) | Input::UploadAnswered(..))
}

#[cfg(test)]
mod tests;
