//! One schedule: the server, the channel and a whole session, from one seed, in virtual time.
//!
//! It has three acts. In the first, people upload, analyse again and delete while the network does its worst. In the
//! second nothing goes wrong any more, the server ends what it has begun, and what was delayed arrives. In the third
//! nothing happens, for as long as the session takes to compare its list by itself. Then everything must be true, and
//! be so when somebody has a media analysed again right after its run ended, and when some of what was said arrives
//! once more.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use telltale::domain::{Change, MediaKey, Source};
use telltale::json;
use telltale::protocol::{Closed, Frame, Page, TransportId};
use telltale::session::state::{Command, Connection, Secret, UploadId};
use telltale::session::{Answer, Config, FetchError, HttpRequest, Input, Output, Session, Ticket};
use telltale::time::Instant;
use telltale::toast::{Body, Subject};

use crate::chance::Chance;
use crate::channel::{Answered, Channel};
use crate::check::{key, Faults, Watch};
use crate::naive::Naive;
use crate::server::{Effect, Habits, Millis, Server, Step};

/// What came of a schedule.
pub struct Outcome {
    pub faults: Faults,
    pub inputs: u64,
    pub naive_diverged: bool,
    pub naive_regressions: u64,
    pub naive_duplicate_ends: u64,
}

/// The session compares an idle list every 300 s, or a fifth later; the rest is for requests that have to keep their
/// distance, of which it makes six a minute.
const ANTI_ENTROPY: Millis = 430_000;
/// No server is busy for longer: a bound against a simulation that never ends.
const LONGEST: Millis = 3_600_000;
/// A new run that waits is shown after so long at the latest: its words arrive within a tenth of a second, and a
/// request for it may have to keep its distance from six others.
const FOLLOWED: Millis = 15_000;
/// More inputs than any schedule needs, by far: a session that wakes itself for ever is a fault.
const MOST_INPUTS: u64 = 200_000;
/// The heartbeat's promise: the ping's interval, the session's grace and a second.
const HEARTBEAT: Millis = 25_000 + 10_000 + 1_000;

pub fn run(seed: u64, is_told: bool) -> Outcome {
    let mut world = World::new(seed, is_told);
    world.begin();
    world.play();
    Outcome {
        naive_diverged: !world.naive.is_true(&world.server),
        naive_regressions: world.naive.regressions,
        naive_duplicate_ends: world.naive.duplicate_ends(),
        faults: world.watch.faults,
        inputs: world.inputs,
    }
}

#[derive(Clone)]
enum Action {
    Server(Step),
    /// A copy of an event reaches the page, if it is connected then.
    Deliver(Rc<str>),
    Opened(TransportId),
    ConnectReply(TransportId),
    Ping(TransportId),
    Closed(TransportId),
    Break,
    Mend,
    /// A request reaches the server; its answer arrives later.
    Serve {
        ticket: Ticket,
        request: Rc<HttpRequest>,
        lag: Millis,
        arrives: Millis,
    },
    Answer(Ticket, Result<Answer, FetchError>),
    UploadAnswer(UploadId, Answer),
    Person,
}

/// The one connection of the page, as the network has it.
struct Connected {
    transport: TransportId,
    is_open: bool,
    /// The reply to CONNECT has arrived.
    is_connected: bool,
    /// Since when nothing passes, without either side knowing.
    dead_since: Option<Millis>,
}

struct World {
    chance: Chance,
    now: Millis,
    server: Server,
    channel: Channel,
    session: Session,
    watch: Watch,
    naive: Naive,
    due: BTreeMap<(Millis, u64), Action>,
    scheduled: u64,
    connected: Option<Connected>,
    is_up: bool,
    /// Connections that were made, and the last of them after which a list was asked for and came.
    connections: u64,
    verified: u64,
    /// Lists under way, with the connection they were asked for on.
    lists: BTreeMap<Ticket, u64>,
    is_healed: bool,
    /// When the first act ends.
    curtain: Millis,
    /// What was said, to be said once more.
    said: Vec<Rc<str>>,
    inputs: u64,
    is_told: bool,
}

impl World {
    fn new(seed: u64, is_told: bool) -> Self {
        let mut chance = Chance::new(seed);
        let config = r#"{"servers":[{"kind":"analysis","url":"/x","transports":["websocket"]}]}"#;
        let Ok(config) = Config::parse(config, "http://127.0.0.1") else {
            panic!("the configuration is good");
        };
        let habits = Habits::draw(&mut chance);
        let channel = Channel::draw(&mut chance);
        let world = Self {
            session: Session::new(config, seed),
            server: Server::new(habits),
            channel,
            now: 10_000,
            watch: Watch::default(),
            naive: Naive::default(),
            due: BTreeMap::new(),
            scheduled: 0,
            connected: None,
            is_up: true,
            connections: 0,
            verified: 0,
            lists: BTreeMap::new(),
            is_healed: false,
            curtain: 10_000 + chance.between(20_000, 120_000),
            said: Vec::new(),
            inputs: 0,
            chance,
            is_told,
        };
        world.tell(|| format!("{habits:?}"));
        world.tell(|| format!("{:?}", world.channel));
        world
    }

    fn begin(&mut self) {
        let steps = Server::first_steps(&mut self.chance);
        self.follow(steps);
        // Some of it is older than the page.
        for _ in 0..self.chance.between(0, 2) {
            self.upload();
            self.now += 1;
        }
        self.pass_until(self.now + self.chance.clone().between(0, 20_000));
        self.break_later();
        self.schedule_person();
        let token = Some(Secret("token".to_owned()));
        self.input(Input::Command(Command::Token(Source(0), token)));
    }

    fn play(&mut self) {
        self.pass_until(self.curtain);
        self.heal();
        while !self.server.is_quiet() || self.is_anything_under_way() {
            if self.now > LONGEST {
                let words = "the server never came to rest".to_owned();
                self.watch.faults.diverged.push(words);
                return;
            }
            self.pass_until(self.now + 5_000);
        }
        self.tell(|| "the server is quiet".to_owned());
        self.pass_until(self.now + ANTI_ENTROPY);
        let now = self.instant();
        self.watch.converged(&self.session, &self.server, now);
        if !self.watch.faults.is_empty() || self.said.is_empty() {
            return;
        }
        self.run_again();
        self.tell(|| "converged; now some of it once more".to_owned());
        for _ in 0..20 {
            let last = self.said.len() as u64 - 1;
            let index = self.chance.between(0, last) as usize;
            let frame = self.said[index].clone();
            self.perform(Action::Deliver(frame));
        }
        self.pass_until(self.now + ANTI_ENTROPY);
        let now = self.instant();
        self.watch.converged(&self.session, &self.server, now);
    }

    /// Elsewhere somebody has a media analysed again right after its run ended, and the new run has to wait for another
    /// media.
    fn run_again(&mut self) {
        let present = self
            .server
            .present()
            .find(|item| !item.newest().models.is_empty());
        let Some(id) = present.map(|item| item.id.clone()) else {
            return;
        };
        self.tell(|| format!("{id} is analysed, and then again"));
        self.analyze(&id);
        self.pass_until(self.now + 1);
        self.upload();
        while !self
            .server
            .find(&id)
            .is_some_and(|item| item.newest().is_over())
        {
            if self.now > LONGEST {
                let words = format!("{id} was analysed, and that never ended");
                self.watch.faults.diverged.push(words);
                return;
            }
            self.pass_until(self.now + 10);
        }
        self.pass_until(self.now + self.chance.clone().between(1, 2_500));
        self.analyze(&id);
        self.pass_until(self.now + FOLLOWED);
        let now = self.instant();
        (self.watch).followed(&key(&id), &self.session, &self.server, now);
        while !self.server.is_quiet() && self.now <= LONGEST {
            self.pass_until(self.now + 5_000);
        }
    }

    fn heal(&mut self) {
        self.tell(|| "nothing goes wrong from here on".to_owned());
        self.is_healed = true;
        self.channel.heal();
        self.is_up = true;
        self.input(Input::Page(Page::Visible));
    }

    fn is_anything_under_way(&self) -> bool {
        (self.due.values()).any(|action| matches!(action, Action::Deliver(_)))
    }

    // ── time ────────────────────────────────────────────────────────────────────────────────────────────────────

    fn pass_until(&mut self, end: Millis) {
        loop {
            let timeout = self.session.poll_timeout().map(millis);
            let action = self.due.first_key_value().map(|((at, _), _)| *at);
            let next = [timeout, action].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next <= end) else {
                break;
            };
            if self.inputs > MOST_INPUTS {
                let words = format!("it wakes for ever at {}", self.now);
                self.watch.faults.diverged.push(words);
                self.now = LONGEST + 1;
                return;
            }
            self.now = self.now.max(next);
            if action.is_some_and(|at| at <= self.now) {
                if let Some((_, action)) = self.due.pop_first() {
                    self.perform(action);
                }
            } else {
                self.input(Input::Timeout);
            }
        }
        self.now = self.now.max(end);
    }

    fn schedule(&mut self, at: Millis, action: Action) {
        self.scheduled += 1;
        self.due.insert((at, self.scheduled), action);
    }

    fn instant(&self) -> Instant {
        Instant::from_millis(self.now)
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Server(step) => {
                let mut effects = Vec::new();
                (self.server).handle_step(step, self.now, &mut self.chance, &mut effects);
                self.follow(effects);
            }
            Action::Deliver(frame) => self.deliver(&frame),
            Action::Opened(transport) => {
                if self.passes(transport) {
                    if let Some(connected) = &mut self.connected {
                        connected.is_open = true;
                    }
                    self.input(Input::Opened(Source(0), transport));
                    self.receive(
                        transport,
                        r#"0{"sid":"e","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#,
                    );
                    self.schedule(self.now + 25_000, Action::Ping(transport));
                }
            }
            Action::ConnectReply(transport) => {
                if self.passes(transport) {
                    if let Some(connected) = &mut self.connected {
                        connected.is_connected = true;
                    }
                    self.connections += 1;
                    self.receive(transport, r#"40{"sid":"s"}"#);
                }
            }
            Action::Ping(transport) => {
                if self.passes(transport) {
                    self.schedule(self.now + 25_000, Action::Ping(transport));
                    self.receive(transport, "2");
                }
            }
            Action::Closed(transport) => self.closed(transport),
            Action::Break => self.break_now(),
            Action::Mend => self.is_up = true,
            Action::Serve {
                ticket,
                request,
                lag,
                arrives,
            } => self.serve(ticket, &request, lag, arrives),
            Action::Answer(ticket, answer) => self.answer(ticket, answer),
            Action::UploadAnswer(id, answer) => {
                self.input(Input::UploadAnswered(id, Ok(answer)));
            }
            Action::Person => self.person(),
        }
    }

    // ── the session ─────────────────────────────────────────────────────────────────────────────────────────────

    fn input(&mut self, input: Input) {
        self.inputs += 1;
        let is_snapshot = matches!(&input, Input::Answered(Ticket::Snapshot(..), Ok(_)));
        self.session.handle_input(input, self.instant());
        let mut changed: Vec<MediaKey> = Vec::new();
        let mut sent = Vec::new();
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Open { transport, .. } => self.open(transport),
                Output::Send {
                    transport,
                    frame: Frame::Text(text),
                    ..
                } if text.starts_with("40") => {
                    let at = self.now + self.chance.between(5, 120);
                    self.schedule(at, Action::ConnectReply(transport));
                }
                Output::Send { .. } => {}
                Output::Close { transport, .. } => {
                    if (self.connected.as_ref()).is_some_and(|it| it.transport == transport) {
                        self.connected = None;
                    }
                }
                Output::Fetch { ticket, request } => self.fetch(ticket, request),
                Output::Abort(ticket) => {
                    self.lists.remove(&ticket);
                    self.due.retain(|_, action| match action {
                        Action::Serve { ticket: of, .. } | Action::Answer(of, _) => *of != ticket,
                        _ => true,
                    });
                }
                Output::Changed(Change::Media { key, .. } | Change::Details(key)) => {
                    changed.push(key);
                }
                Output::Changed(_) | Output::AbortAll | Output::AbortUploads => {}
                Output::Upload { id, .. } => sent.push(id),
                Output::Request { .. } => panic!("it was told to use WebSocket alone"),
            }
        }
        let now = self.instant();
        for key in &changed {
            self.tell_view(key);
            (self.watch).see(key, &self.session, &self.server, is_snapshot, now);
        }
        if self.session.overflow() > 0 {
            let all = Input::Command(Command::ShowAllToasts(true));
            self.session.handle_input(all, now);
        }
        self.watch.see_cards(&self.session);
        self.check_live();
        for id in sent {
            self.upload_sent(id);
        }
    }

    fn check_live(&mut self) {
        let connection = &self.session.sources()[0].connection;
        if *connection != Connection::Live {
            return;
        }
        let words = match &self.connected {
            Some(connected) if connected.is_connected => match connected.dead_since {
                Some(since) if self.now > since + HEARTBEAT => "the network is long gone",
                _ if self.verified < self.connections => "nothing was fetched since connecting",
                _ => return,
            },
            _ => "it is not connected",
        };
        let words = format!("live at {}, but {words}", self.now);
        self.watch.faults.false_lives.push(words);
    }

    fn open(&mut self, transport: TransportId) {
        self.connected = Some(Connected {
            transport,
            is_open: false,
            is_connected: false,
            dead_since: None,
        });
        if !self.is_up {
            let at = self.now + self.chance.between(1, 500);
            return self.schedule(at, Action::Closed(transport));
        }
        // It may hang: then the session gives up by itself.
        if self.is_healed || !self.chance.in_thousand(50) {
            let at = self.now + self.chance.between(5, 120);
            self.schedule(at, Action::Opened(transport));
        }
    }

    fn receive(&mut self, transport: TransportId, text: &str) {
        let frame = Frame::Text(text.to_owned());
        self.input(Input::Received(Source(0), transport, frame));
    }

    /// Whether anything passes on this transport.
    fn passes(&self, transport: TransportId) -> bool {
        (self.connected.as_ref())
            .is_some_and(|it| it.transport == transport && it.dead_since.is_none())
    }

    fn closed(&mut self, transport: TransportId) {
        if (self.connected.as_ref()).is_some_and(|it| it.transport == transport) {
            self.connected = None;
            let closed = Closed {
                code: Some(1006),
                reason: String::new(),
            };
            self.input(Input::Closed(Source(0), transport, closed));
        }
    }

    fn deliver(&mut self, frame: &str) {
        let connected = self.connected.as_ref();
        let Some(transport) = connected
            .filter(|it| it.is_connected && it.dead_since.is_none())
            .map(|it| it.transport)
        else {
            return;
        };
        self.tell(|| format!("→ {frame}"));
        if let Ok(packet) = json::parse(&frame[2..]) {
            let parts = packet.as_array();
            self.naive
                .hear(parts[0].as_str().unwrap_or_default(), &parts[1]);
        }
        self.receive(transport, frame);
    }

    // ── the network ─────────────────────────────────────────────────────────────────────────────────────────────

    fn break_later(&mut self) {
        if let Some(mean) = self.channel.breaks {
            let at = self.now + self.chance.between(0, 2 * mean);
            self.schedule(at, Action::Break);
        }
    }

    fn break_now(&mut self) {
        if self.is_healed {
            return;
        }
        self.break_later();
        let is_silent = self.chance.in_thousand(300);
        let transport = self.connected.as_ref().map(|it| it.transport);
        self.tell(|| format!("the connection breaks, silently: {is_silent}"));
        if is_silent {
            if let Some(connected) = &mut self.connected {
                connected.dead_since.get_or_insert(self.now);
            }
        } else if let Some(transport) = transport {
            self.closed(transport);
        }
        // Sometimes it is only this connection.
        if self.chance.in_thousand(600) {
            self.is_up = false;
            let at = self.now + self.chance.pick(&[100, 2_000, 20_000, 90_000]);
            self.schedule(at, Action::Mend);
        }
    }

    fn fetch(&mut self, ticket: Ticket, request: HttpRequest) {
        self.tell(|| format!("← {request:?}"));
        if request.url.ends_with("/media") && request.method == "GET" {
            let is_connected = (self.connected.as_ref()).is_some_and(|it| it.is_connected);
            let connection = if is_connected { self.connections } else { 0 };
            self.lists.insert(ticket.clone(), connection);
        }
        let failed = |after| Answered::Badly {
            after,
            status: None,
        };
        let fate = match self.is_up {
            true => self.channel.request(&mut self.chance),
            false => failed(20),
        };
        match fate {
            Answered::Well {
                reaches,
                lag,
                arrives,
            } => {
                let serve = Action::Serve {
                    ticket,
                    request: Rc::new(request),
                    lag,
                    arrives: self.now + arrives,
                };
                self.schedule(self.now + reaches, serve);
            }
            Answered::Badly { after, status } => {
                let answer = status.map(|status| answer(status, "{}".to_owned()));
                let answer = answer.ok_or(FetchError::Network);
                self.schedule(self.now + after, Action::Answer(ticket, answer));
            }
            Answered::Never => {}
        }
    }

    fn serve(&mut self, ticket: Ticket, request: &HttpRequest, lag: Millis, arrives: Millis) {
        let as_of = self.now.saturating_sub(lag);
        let path = request
            .url
            .rsplit_once("/api/v1")
            .map_or("", |(_, path)| path);
        let (status, body) = match (request.method, path) {
            ("GET", "/media") => (200, self.server.list(as_of)),
            ("GET", "/monitoring/server-status") if self.server.habits.is_monitored => {
                (200, self.server.status())
            }
            ("GET", "/monitoring/server-status") => (404, "{}".to_owned()),
            ("GET", path) => {
                let id = path.trim_start_matches("/media/");
                self.server.item(id, as_of)
            }
            (_, path) => {
                let id = path.trim_start_matches("/media/");
                let id = id.trim_end_matches("/analyze");
                self.analyze(id)
            }
        };
        self.schedule(arrives, Action::Answer(ticket, Ok(answer(status, body))));
    }

    fn answer(&mut self, ticket: Ticket, answer: Result<Answer, FetchError>) {
        let answer = match self.is_up {
            true => answer,
            false => Err(FetchError::Network),
        };
        self.tell(|| match &answer {
            Ok(answer) => format!("→ {} {}", answer.status, answer.body),
            Err(error) => format!("→ {error:?}"),
        });
        if let Some(connection) = self.lists.remove(&ticket) {
            if let Ok(answer) = answer.as_ref().map(|answer| answer.status) {
                if answer == 200 {
                    self.verified = self.verified.max(connection);
                }
            }
            if let Some(body) = (answer.as_ref().ok()).and_then(|it| json::parse(&it.body).ok()) {
                self.naive.load(&body);
            }
        }
        self.input(Input::Answered(ticket, answer));
    }

    fn follow(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::At(at, step) => self.schedule(at, Action::Server(step)),
                Effect::Publish {
                    name,
                    body,
                    has_envelope,
                } => {
                    let mut frame: Rc<str> = format!(r#"42["{name}",{{{body}}}]"#).into();
                    for (at, stamp) in self.channel.relay(self.now, &mut self.chance) {
                        if has_envelope {
                            let body = format!(r#"{body},"timestamp":"{stamp}""#);
                            frame = format!(r#"42["{name}",{{{body}}}]"#).into();
                        }
                        self.schedule(at, Action::Deliver(frame.clone()));
                    }
                    self.said.push(frame);
                }
            }
        }
    }

    // ── people ──────────────────────────────────────────────────────────────────────────────────────────────────

    fn schedule_person(&mut self) {
        let at = self.now + self.chance.between(100, 20_000);
        self.schedule(at, Action::Person);
    }

    /// Somebody does something, here or elsewhere.
    fn person(&mut self) {
        if self.is_healed {
            return;
        }
        self.schedule_person();
        let there: Vec<_> = (self.server.media.iter().enumerate())
            .filter(|(_, item)| item.deleted.is_none())
            .map(|(index, item)| (index, item.id.clone()))
            .collect();
        let some = match there.len() as u64 {
            0 => None,
            count => Some(&there[self.chance.between(0, count - 1) as usize]),
        };
        match (self.chance.between(0, 11), some) {
            (0 | 1, _) if there.len() < 4 => {
                self.upload();
            }
            (2, _) if there.len() < 4 => self.upload_here(),
            (3, Some((_, id))) => {
                self.tell(|| format!("{id} is analysed again, elsewhere"));
                self.analyze(id);
            }
            (4, Some((_, id))) => {
                self.input(Input::Command(Command::AnalyzeAgain(key(id))));
            }
            (5, Some((index, id))) if self.chance.in_thousand(300) => {
                self.tell(|| format!("{id} is deleted"));
                self.server.delete(*index, self.now);
            }
            (6, Some((_, id))) => self.input(Input::Command(Command::Open(key(id)))),
            (7, Some((_, id))) => self.input(Input::Command(Command::Close(key(id)))),
            (8, _) => self.input(Input::Page(Page::Hidden)),
            (9, _) => self.input(Input::Page(Page::Visible)),
            (10, _) => self.input(Input::Command(Command::RetryNow)),
            (11, _) => {
                let ended = (self.session.toasts().iter())
                    .find(|toast| matches!(toast.body, Body::Ended(_)))
                    .map(|toast| toast.subject.clone());
                if let Some(subject) = ended {
                    self.tell(|| format!("{subject:?} is dismissed"));
                    self.dismiss(subject);
                }
            }
            _ => {}
        }
    }

    fn dismiss(&mut self, subject: Subject) {
        self.input(Input::Command(Command::Dismiss(subject)));
    }

    fn upload(&mut self) -> usize {
        let mut effects = Vec::new();
        let media = (self.server).upload(self.now, &mut self.chance, &mut effects);
        self.tell(|| format!("med-{media} is uploaded"));
        self.follow(effects);
        media
    }

    /// The events come before the answer that says the id.
    fn upload_here(&mut self) {
        let now = self.instant();
        let _ = (self.session).begin_upload(Source(0), "clip.mp4", 1000, now);
        self.input(Input::Timeout);
    }

    fn upload_sent(&mut self, id: UploadId) {
        let media = self.upload();
        let at = self.now + self.chance.between(20, 800);
        let body = format!(r#"{{"data":{}}}"#, self.server.bare_row(media));
        self.schedule(at, Action::UploadAnswer(id, answer(202, body)));
    }

    fn analyze(&mut self, id: &str) -> (u16, String) {
        let mut items = self.server.media.iter();
        let Some(media) = items.position(|item| item.id == id && item.deleted.is_none()) else {
            return (404, "{}".to_owned());
        };
        let mut effects = Vec::new();
        (self.server).analyze(media, self.now, &mut self.chance, &mut effects);
        self.follow(effects);
        (
            202,
            format!(r#"{{"data":{}}}"#, self.server.bare_row(media)),
        )
    }

    // ── the story ───────────────────────────────────────────────────────────────────────────────────────────────

    fn tell(&self, words: impl FnOnce() -> String) {
        if self.is_told {
            println!("{:>9} {}", self.now, words());
        }
    }

    fn tell_view(&self, key: &MediaKey) {
        self.tell(|| {
            let Some(view) = self.session.media(key, self.instant()) else {
                return format!("          {} is not shown", key.id);
            };
            let run = view.run.as_ref();
            let models = run.into_iter().flat_map(|run| &run.models);
            let models: Vec<_> = models
                .map(|model| format!("{} {:?} attempt {}", model.id, model.state, model.attempt))
                .collect();
            format!(
                "          {} is {:?}, run {:?} (serial {:?}), {:?} %, {:?} of {:?}: {}",
                key.id,
                view.status,
                run.map(|run| run.number),
                self.session.summary(key).map(|summary| summary.run),
                run.and_then(|run| run.percent),
                run.map(|run| run.completed),
                run.map(|run| run.expected),
                models.join("; ")
            )
        });
    }
}

fn answer(status: u16, body: String) -> Answer {
    Answer {
        status,
        body,
        retry_after: (status == 429).then_some(Duration::from_secs(3)),
    }
}

/// A timer that is late by a fraction of a millisecond is merely late.
fn millis(at: Instant) -> Millis {
    at.since_origin().as_nanos().div_ceil(1_000_000) as Millis
}
