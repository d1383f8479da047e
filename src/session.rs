//! Everything about the servers of a page, as one machine: the only thing a driver drives.
//!
//! A [`Session`] holds a link for each configured server (its Socket.IO client, its vocabulary, its snapshots), and
//! once for all of them what is known (`domain`), which cards are on screen and what is spoken (`toast`). Its law is
//! that of `protocol`: **after each input, drain the outputs**, then set the one timer.
//!
//! ```text
//! handle_input(Input, now)   poll_output() -> Option<Output>   poll_timeout() -> Option<Instant>
//! ```
//!
//! It reads no clock, opens no socket and makes no request: those are outputs. Whole afternoons of a session run in a
//! test in milliseconds.

pub mod config;
mod link;
pub mod snapshots;
pub mod state;
mod uploads;

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

pub use config::{Config, ConfigError};
pub use link::SourceProfile;

use crate::backend::{Body, DecodeError, Refusal, Request};
use crate::domain::fact::{Fact, MeetingSaid, Scope, Severity, VideoFrame};
use crate::domain::trail::Trail;
use crate::domain::view::{MediaView, MeetingView};
use crate::domain::{Change, MediaKey, MeetingKey, Source, Store, Summary, Text};
use crate::json::{self, Value};
use crate::protocol::{
    self, Closed, DisconnectReason, Emit, Event, Frame, ManagerEvent, Page, TransportId,
};
use crate::sorted::{Map, Set};
use crate::time::Instant;
use crate::toast::{policy, Announcer, Decision, Hold, Policy, Saying, Spoken, Subject};
use crate::toast::{About, Action, Body as CardBody, Card, Notice, Toast, Toaster, UploadFault};
use link::{Account, Link};
use snapshots::RequestId;
use state::{Command, Secret, SignIn, SignInError, SourceState, Upload, UploadError, UploadId};
use uploads::Uploads;

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// The page is there: servers that nobody signs in to are connected.
    Start,
    /// A socket of this server is open.
    Opened(Source, TransportId),
    /// A frame came on it.
    Received(Source, TransportId, Frame),
    /// It is closed.
    Closed(Source, TransportId, Closed),
    /// A request of this server's polling was answered, or not.
    Responded(
        Source,
        TransportId,
        protocol::RequestId,
        Result<protocol::Response, protocol::RequestError>,
    ),
    /// The page's life took a turn.
    Page(Page),
    /// A request was answered, or not.
    Answered(Ticket, Result<Answer, FetchError>),
    /// So many bytes of an upload are handed over.
    UploadSent(UploadId, u64),
    /// The server answered an upload; `Err` if the network failed.
    UploadAnswered(UploadId, Result<Answer, FetchError>),
    /// A person did something.
    Command(Command),
    /// The moment of `poll_timeout` has come. Earlier or later does no harm: deadlines are compared, not trusted.
    Timeout,
}

/// What must be done.
#[derive(Debug)]
pub enum Output {
    /// Open a socket.
    Open {
        /// Of which server.
        source: Source,
        /// The generation that its frames must carry.
        transport: TransportId,
        /// Where.
        url: String,
    },
    /// Make a request of a server's polling; as [`protocol::Output::Request`].
    Request {
        /// Of which server.
        source: Source,
        /// The generation that its answer must carry.
        transport: TransportId,
        /// What to ask. Holds secrets: never shown, logged or stored.
        request: protocol::Request,
    },
    /// Send a frame.
    Send {
        /// To which server.
        source: Source,
        /// On which socket.
        transport: TransportId,
        /// What.
        frame: Frame,
    },
    /// Close a transport; as [`protocol::Output::Close`].
    Close {
        /// Of which server.
        source: Source,
        /// Which.
        transport: TransportId,
    },
    /// Make a request.
    Fetch {
        /// Comes back with the answer.
        ticket: Ticket,
        /// What to ask. Holds secrets: never shown, logged or stored.
        request: HttpRequest,
    },
    /// Abort every request and upload: whoever made them is signed out.
    AbortAll,
    /// Abort every upload: whoever made them is not the one who is signed in now.
    AbortUploads,
    /// Abort this request: its answer would come too late.
    Abort(Ticket),
    /// Something looks different.
    Changed(Change),
}

/// What a request was made for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ticket {
    /// A server's state.
    Snapshot(Source, RequestId),
    /// Signing in; the number tells tries apart.
    SignIn(Source, u32),
    /// Another analysis.
    AnalyzeAgain(MediaKey),
    /// A simulated meeting.
    Scenario(MeetingKey),
}

/// A request as the driver makes it.
pub struct HttpRequest {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Absolute.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body, if there is one.
    pub body: Option<String>,
}

/// An upload as the driver makes it: a multipart form with one file.
pub struct UploadRequest {
    /// `POST`.
    pub method: &'static str,
    /// Absolute.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The field that holds the file.
    pub file_field: &'static str,
    /// The other fields.
    pub fields: Vec<(&'static str, String)>,
}

/// Headers hold the token and bodies a password: neither is ever written for a programmer.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

impl fmt::Debug for UploadRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

/// An answer to signing in holds a token.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}, {} bytes", self.status, self.body.len())
    }
}

/// What a server answered.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The whole body, as text.
    pub body: String,
    /// What `Retry-After` asks for.
    pub retry_after: Option<Duration>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchError {
    /// The server could not be reached, or its answer broke off.
    Network,
    /// Its answer was too large to be read.
    TooLarge,
}

/// See the module.
pub struct Session {
    links: Vec<Link>,
    store: Store,
    policy: Policy,
    toaster: Toaster,
    announcer: Announcer,
    sign_in: SignIn,
    asking: Asking,
    uploads: Uploads,
    outputs: VecDeque<Output>,
    is_visible: bool,
    /// The meeting whose page is open.
    shown_meeting: Option<MeetingKey>,
    /// A link has come back and its state has not: when at the latest what ended meanwhile is told all the same.
    catching_up: Option<Instant>,
}

/// The servers are asked who someone is.
#[derive(Default)]
struct Asking {
    /// Tells tries apart.
    attempt: u32,
    /// Who has not answered yet.
    waiting: Set<Source>,
    /// Who said no.
    refused: Map<Source, SignInError>,
    /// Who said yes.
    accepted: Set<Source>,
    /// When a server that has not answered will not.
    until: Option<Instant>,
}

/// How long a server may take to say who someone is: as long as for any request.
const SIGN_IN_TIMEOUT: Duration = snapshots::TIMEOUT;

/// How long ends are collected after a reconnect. A list that has not come by then may never come.
const CATCH_UP: Duration = Duration::from_secs(15);

impl Session {
    /// A session with the servers of `config`. `seed` feeds the jitter of reconnection and the name by which this page
    /// is known in meetings.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        let mut store = Store::new();
        let mut links = Vec::new();
        for (index, server) in (0_u8..).zip(config.servers) {
            let source = Source(index);
            store.add_source(source, server.backend.profile().rules);
            // Two servers that fall together must not come back together.
            let seed = seed.rotate_left(u32::from(index) * 8 + 1) ^ u64::from(index);
            links.push(Link::new(source, server, seed));
        }
        let sign_in = if links.iter().any(Link::signs_in) {
            SignIn::SignedOut
        } else {
            SignIn::NotNeeded
        };
        Self {
            links,
            store,
            policy: Policy::new(),
            toaster: Toaster::new(Toaster::VISIBLE),
            announcer: Announcer::new(),
            sign_in,
            asking: Asking::default(),
            uploads: Uploads::default(),
            outputs: VecDeque::new(),
            is_visible: true,
            shown_meeting: None,
            catching_up: None,
        }
    }

    // ── what there is to see ───────────────────────────────────────────────────────────────────────────────────

    /// The configured servers as they stand.
    #[must_use]
    pub fn sources(&self) -> Vec<SourceState> {
        self.links.iter().map(Link::state).collect()
    }

    /// What a server is called and what it can do.
    #[must_use]
    pub fn profile(&self, source: Source) -> Option<SourceProfile> {
        self.link(source).map(Link::profile)
    }

    /// Whether someone is signed in.
    #[must_use]
    pub fn sign_in(&self) -> &SignIn {
        &self.sign_in
    }

    /// The media of all servers, newest first.
    pub fn list(&self) -> impl Iterator<Item = &MediaKey> {
        self.store.list()
    }

    /// What a row and a card show of a media.
    #[must_use]
    pub fn summary(&self, key: &MediaKey) -> Option<&Summary> {
        self.store.summary(key)
    }

    /// A media with its newest run, as of `now`.
    #[must_use]
    pub fn media(&self, key: &MediaKey, now: Instant) -> Option<MediaView> {
        self.store.media(key, now)
    }

    /// A meeting, as of `now`.
    #[must_use]
    pub fn meeting(&self, key: &MeetingKey, now: Instant) -> Option<MeetingView> {
        self.store.meeting(key, now)
    }

    /// What was told of a meeting since it was opened here.
    #[must_use]
    pub fn trail(&self, key: &MeetingKey) -> Option<Trail> {
        self.store.trail(key)
    }

    /// The newest picture of a meeting.
    #[must_use]
    pub fn video_frame(&self, key: &MeetingKey) -> Option<&VideoFrame> {
        self.store.video_frame(key)
    }

    /// The cards on screen, newest first.
    #[must_use]
    pub fn toasts(&self) -> &[Toast] {
        self.toaster.visible()
    }

    /// Cards that wait for room.
    #[must_use]
    pub fn overflow(&self) -> usize {
        self.toaster.overflow()
    }

    /// What the polite and the assertive live region say now.
    #[must_use]
    pub fn spoken(&self) -> (Option<&Spoken>, Option<&Spoken>) {
        self.announcer.current()
    }

    /// Whether some connection is lost: then what is shown of it changes with time alone.
    #[must_use]
    pub fn is_any_lost(&self) -> bool {
        (self.links.iter()).any(|link| link.connection().is_lost())
    }

    /// The uploads of this page.
    #[must_use]
    pub fn uploads(&self) -> &[Upload] {
        self.uploads.list()
    }

    // ── the three verbs ────────────────────────────────────────────────────────────────────────────────────────

    /// Takes an input. Drain [`Session::poll_output`] after it.
    pub fn handle_input(&mut self, input: Input, now: Instant) {
        match input {
            Input::Start => self.start(now),
            Input::Opened(source, id) => {
                self.drive(source, protocol::Input::Opened(id), now);
            }
            Input::Received(source, id, frame) => {
                self.drive(source, protocol::Input::Received(id, frame), now);
            }
            Input::Closed(source, id, closed) => {
                self.drive(source, protocol::Input::Closed(id, closed), now);
            }
            Input::Responded(source, id, request, response) => {
                let input = protocol::Input::Responded(id, request, response);
                self.drive(source, input, now);
            }
            Input::Page(page) => self.page(page, now),
            Input::Answered(ticket, answer) => self.answered(ticket, answer, now),
            Input::UploadSent(id, sent) => self.uploads.sent(id, sent),
            Input::UploadAnswered(id, answer) => self.upload_answered(id, answer, now),
            Input::Command(command) => self.command(command, now),
            Input::Timeout => {}
        }
        self.pass_time(now);
    }

    /// What must be done next; `None` when all is done.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timeout`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let links = self.links.iter().flat_map(|link| {
            let snapshots = link.snapshots.poll_timeout(self.is_visible);
            [
                link.client.poll_timeout(),
                snapshots.filter(|_| link.is_admitted()),
                link.grace_ends(),
            ]
        });
        links
            .chain([
                self.store.poll_timeout(),
                self.toaster.poll_timeout(),
                self.announcer.poll_timeout(),
                self.asking.until,
                self.catching_up,
            ])
            .flatten()
            .min()
    }

    /// A file is to be uploaded: what the driver must send, and under which id it tells of it. `Err` if there is nothing
    /// to send; the upload is in the list as failed.
    pub fn begin_upload(
        &mut self,
        source: Source,
        name: &str,
        bytes: u64,
        now: Instant,
    ) -> Result<(UploadId, UploadRequest), UploadId> {
        let id = self.uploads.begin(source, name, bytes);
        let form = self.link(source).and_then(|link| {
            let form = link.server.backend.upload(name, link.token())?;
            Some((link.server.url.clone(), form))
        });
        let error = match &form {
            _ if bytes == 0 => UploadError::Empty,
            Some(_) => UploadError::Network,
            None => UploadError::SignedOut,
        };
        match form.filter(|_| bytes > 0) {
            Some((base, form)) => {
                let request = absolute(&base, form.request);
                let request = UploadRequest {
                    method: request.method,
                    url: request.url,
                    headers: request.headers,
                    file_field: form.file_field,
                    fields: form.fields,
                };
                Ok((id, request))
            }
            None => {
                self.upload_failed(id, error, now);
                Err(id)
            }
        }
    }

    // ── inputs ─────────────────────────────────────────────────────────────────────────────────────────────────

    fn start(&mut self, now: Instant) {
        if self.sign_in == SignIn::NotNeeded {
            self.connect_open_links(now);
        }
    }

    /// Servers that nobody signs in to are connected as soon as the page may be used at all.
    fn connect_open_links(&mut self, now: Instant) {
        for index in 0..self.links.len() {
            if !self.links[index].signs_in() {
                self.links[index].connect(now);
                self.drain(index, now);
            }
        }
    }

    fn page(&mut self, page: Page, now: Instant) {
        match page {
            Page::Visible | Page::Restored => {
                self.is_visible = true;
                self.toaster.release(Hold::Hidden, now);
                self.announcer.set_hidden(false, now);
                // What happened while nobody looked may have been missed (a frozen page gets nothing at all).
                for link in self.links.iter_mut().filter(|link| link.is_connected()) {
                    link.want(Scope::List, now);
                }
            }
            Page::Hidden => {
                self.is_visible = false;
                self.toaster.hold(Hold::Hidden, now);
                self.announcer.set_hidden(true, now);
            }
            // The connection may be dead without anybody having found out: what is shown is not called live again before
            // the server's state has come, which it does over a connection of its own.
            Page::Woke => {
                for link in self.links.iter_mut().filter(|link| link.is_connected()) {
                    link.doubt(now);
                    link.want(Scope::List, now);
                }
            }
            Page::Online | Page::Offline | Page::Leaving => {}
        }
        for index in 0..self.links.len() {
            let input = protocol::Input::Page(page);
            self.links[index].client.handle_input(input, now);
            self.drain(index, now);
        }
    }

    fn command(&mut self, command: Command, now: Instant) {
        match command {
            Command::SignIn { name, password } => self.ask_to_sign_in(&name, &password.0, now),
            Command::Token(source, Some(token)) => self.take_token(source, token, now),
            Command::Token(..) => self.sign_out(now),
            Command::SignOut => self.sign_out(now),
            Command::RetryNow => {
                for index in 0..self.links.len() {
                    let input = protocol::Input::RetryNow;
                    self.links[index].snapshots.hurry(now);
                    self.links[index].client.handle_input(input, now);
                    self.drain(index, now);
                }
            }
            Command::Open(key) => {
                let subject = Subject::Media(key.clone());
                self.toaster.suppress(Some(subject), now);
                let emit = (self.link_mut(key.source)).and_then(|link| link.open(&key.id, now));
                self.emit(key.source, emit, now);
            }
            Command::Close(key) => {
                self.toaster.unsuppress(&Subject::Media(key.clone()), now);
                let emit = (self.link_mut(key.source)).and_then(|link| link.close(&key.id));
                self.emit(key.source, emit, now);
            }
            Command::Join(key) => {
                self.store.open_meeting(key.clone(), now);
                let emit = (self.link_mut(key.source)).and_then(|link| link.join(&key.id));
                self.emit(key.source, emit, now);
                self.outputs
                    .push_back(Output::Changed(Change::Meeting(key)));
            }
            Command::Leave(key) => {
                let emit = (self.link_mut(key.source)).and_then(|link| link.leave(&key.id));
                self.emit(key.source, emit, now);
                self.store.close_meeting(&key);
                self.outputs
                    .push_back(Output::Changed(Change::Meeting(key)));
            }
            Command::Acknowledge { meeting, group } => {
                let changes = self.store.acknowledge(&meeting, group, now);
                self.toaster
                    .dismiss(&Subject::Alert { meeting, group }, now);
                self.follow(changes, now);
            }
            Command::Unacknowledge { meeting, group } => {
                let changes = self.store.unacknowledge(&meeting, group, now);
                self.follow(changes, now);
            }
            Command::ShowMeeting(shown) => {
                self.shown_meeting = shown;
            }
            Command::Dismiss(subject) => self.toaster.dismiss(&subject, now),
            Command::Hold(why) => self.toaster.hold(why, now),
            Command::Release(why) => self.toaster.release(why, now),
            Command::AnalyzeAgain(key) => {
                let request = self.link(key.source).and_then(|link| {
                    let request = link.server.backend.analyze_again(&key.id, link.token())?;
                    Some(absolute(&link.server.url, request))
                });
                self.fetch(Ticket::AnalyzeAgain(key), request);
            }
            Command::StartScenario(key) => {
                let request = self.link(key.source).and_then(|link| {
                    let request = link.server.backend.start_scenario(&key.id)?;
                    Some(absolute(&link.server.url, request))
                });
                self.fetch(Ticket::Scenario(key), request);
            }
            Command::ForgetUpload(id) => {
                self.uploads.forget(id);
                self.toaster.remove(&Subject::Upload(id.0), now);
            }
            Command::Typed => self.announcer.handle_key(now),
            Command::ShowAllToasts(is_wanted) => self.toaster.show_all(is_wanted, now),
        }
    }

    fn ask_to_sign_in(&mut self, name: &str, password: &str, now: Instant) {
        let attempt = self.asking.attempt + 1;
        let mut waiting = Set::new();
        for link in self.links.iter().filter(|link| link.may_sign_in()) {
            let Some(request) = link.server.backend.sign_in(name, password) else {
                continue;
            };
            waiting.insert(link.source);
            self.outputs.push_back(Output::Fetch {
                ticket: Ticket::SignIn(link.source, attempt),
                request: absolute(&link.server.url, request),
            });
        }
        if !waiting.is_empty() {
            self.sign_in = SignIn::Asking;
        }
        self.asking = Asking {
            attempt,
            until: (!waiting.is_empty()).then(|| now + SIGN_IN_TIMEOUT),
            waiting,
            ..Asking::default()
        };
    }

    /// Whoever embeds us is responsible for whose token it is.
    fn take_token(&mut self, source: Source, token: Secret, now: Instant) {
        let Some(index) = self.index(source) else {
            return;
        };
        self.links[index].signed_in(token.0, None, now);
        self.drain(index, now);
        self.toaster.remove(&Subject::App("sign-in"), now);
        self.sign_in = SignIn::SignedIn {
            name: Text::default(),
        };
    }

    fn sign_out(&mut self, now: Instant) {
        self.outputs.push_back(Output::AbortAll);
        self.asking = Asking {
            attempt: self.asking.attempt + 1,
            ..Asking::default()
        };
        self.uploads.clear();
        for index in 0..self.links.len() {
            self.links[index].sign_out(now);
            self.drain(index, now);
            let changes = self.store.forget(Source(index_of(index)));
            self.outputs
                .extend(changes.into_iter().map(Output::Changed));
        }
        self.forget_what_was_told();
        self.sign_in = SignIn::SignedOut;
    }

    fn forget_what_was_told(&mut self) {
        self.policy = Policy::new();
        self.toaster = Toaster::new(Toaster::VISIBLE);
        self.announcer = Announcer::new();
        self.catching_up = None;
    }

    /// It is somebody else: nothing of the one before may stay, here or with the servers that still know that one.
    fn forget_the_one_before(&mut self, now: Instant) {
        self.outputs.push_back(Output::AbortUploads);
        self.uploads.clear();
        self.forget_what_was_told();
        for index in 0..self.links.len() {
            let link = &mut self.links[index];
            let was_asked = self.asking.waiting.contains(&link.source)
                || self.asking.refused.contains_key(&link.source)
                || self.asking.accepted.contains(&link.source);
            if was_asked || !link.signs_in() {
                continue;
            }
            link.sign_out(now);
            link.turn_away(None);
            self.drain(index, now);
            let changes = self.store.forget(Source(index_of(index)));
            self.outputs
                .extend(changes.into_iter().map(Output::Changed));
        }
    }

    fn answered(&mut self, ticket: Ticket, answer: Result<Answer, FetchError>, now: Instant) {
        match ticket {
            Ticket::Snapshot(source, id) => self.snapshot_answered(source, id, answer, now),
            Ticket::SignIn(source, attempt) => self.sign_in_answered(source, attempt, answer, now),
            Ticket::AnalyzeAgain(key) => {
                let Some(link) = self.link(key.source) else {
                    return;
                };
                let said = match answer {
                    Ok(answer) => {
                        let body = body_of(&answer);
                        (link.server.backend).analyzing_again(answer.status, &body)
                    }
                    Err(_) => Err(unreachable()),
                };
                match said {
                    Ok(facts) => self.apply(key.source, facts, now),
                    Err(Refusal::SignedOut(message)) => {
                        self.refused(key.source, message, now);
                    }
                    Err(refusal) => {
                        let name = self.store.summary(&key);
                        let name = name.and_then(|summary| summary.name.clone());
                        self.notice(
                            key.source,
                            About::AnalyzeAgain(name),
                            said_by(&refusal),
                            now,
                        );
                    }
                }
                self.want(key.source, Scope::Media(key.id), now);
            }
            // That it plays is seen in the meeting itself; that it does not has to be said.
            Ticket::Scenario(key) => {
                let refusal = match answer {
                    Ok(answer) => Refusal::of(answer.status, &body_of(&answer)),
                    Err(_) => Some(unreachable()),
                };
                if let Some(refusal) = refusal {
                    self.notice(key.source, About::Scenario, said_by(&refusal), now);
                }
            }
        }
    }

    fn sign_in_answered(
        &mut self,
        source: Source,
        attempt: u32,
        answer: Result<Answer, FetchError>,
        now: Instant,
    ) {
        if self.asking.attempt != attempt || !self.asking.waiting.remove(&source) {
            return;
        }
        let Some(index) = self.index(source) else {
            return;
        };
        let said = answer.map_err(|_| SignInError::Unreachable);
        let said = said.and_then(|answer| {
            let backend = self.links[index].server.backend;
            let said = backend.signed_in(answer.status, &body_of(&answer));
            said.map_err(|refusal| match refusal {
                Refusal::Credentials(_) => SignInError::Credentials,
                other => SignInError::Server(words_of(&other)),
            })
        });
        match said {
            Ok(account) => {
                let who = Account {
                    user: account.user_id,
                    name: account.display_name,
                };
                self.asking.accepted.insert(source);
                if self.links[index].signed_in(account.token, Some(who), now) {
                    let changes = self.store.forget(source);
                    self.outputs
                        .extend(changes.into_iter().map(Output::Changed));
                    self.forget_the_one_before(now);
                }
                self.drain(index, now);
            }
            Err(error) => {
                self.asking.refused.insert(source, error);
            }
        }
        self.settle_sign_in(now);
    }

    /// Someone is signed in as soon as one server says so. A server that says no is shown as one to sign in to again,
    /// and if all that were asked say no, the person hears why.
    fn settle_sign_in(&mut self, now: Instant) {
        if self.asking.waiting.is_empty() {
            self.asking.until = None;
        }
        if self.asking.accepted.is_empty() {
            let refused = self.asking.refused.values().next();
            if let (true, Some(error)) = (self.asking.waiting.is_empty(), refused) {
                self.sign_in = SignIn::Refused(error.clone());
            }
            return;
        }
        for (source, error) in std::mem::take(&mut self.asking.refused) {
            let message = match error {
                SignInError::Server(message) => Some(message),
                SignInError::Credentials | SignInError::Unreachable => None,
            };
            if let Some(link) = self.link_mut(source) {
                link.turn_away(message);
            }
        }
        if !matches!(self.sign_in, SignIn::SignedIn { .. }) {
            self.connect_open_links(now);
        }
        self.toaster.remove(&Subject::App("sign-in"), now);
        let name = (self.links.iter())
            .filter(|link| link.signs_in() && link.is_admitted())
            .find_map(|link| link.user_name().cloned());
        self.sign_in = SignIn::SignedIn {
            name: name.unwrap_or_default(),
        };
    }

    fn snapshot_answered(
        &mut self,
        source: Source,
        id: RequestId,
        answer: Result<Answer, FetchError>,
        now: Instant,
    ) {
        let Some(index) = self.index(source) else {
            return;
        };
        let is_active = self.is_active(source);
        let link = &mut self.links[index];
        let Some(scope) = link.snapshots.scope_of(id) else {
            return;
        };
        let retry_after = answer.as_ref().ok().and_then(|answer| answer.retry_after);
        let said = match answer {
            Ok(answer) => {
                let body = body_of(&answer);
                link.server.backend.snapshot(&scope, answer.status, &body)
            }
            Err(_) => Err(unreachable()),
        };
        match said {
            Ok(snapshot) => {
                link.snapshots.answered(id, is_active, now);
                link.fetched(id, &scope, now);
                if scope == Scope::List {
                    link.beyond = snapshot.beyond;
                }
                let changes = self.store.apply_snapshot(source, snapshot, now);
                self.follow(changes, now);
            }
            Err(refusal) => {
                link.snapshots.failed(id, retry_after, now);
                link.not_fetched(&scope);
                self.store.snapshot_failed(source, &scope);
                if let Refusal::SignedOut(message) = refusal {
                    self.refused(source, message, now);
                }
            }
        }
    }

    fn upload_answered(&mut self, id: UploadId, answer: Result<Answer, FetchError>, now: Instant) {
        let Some(upload) = self.uploads.get(id) else {
            return;
        };
        let source = upload.source;
        let Ok(answer) = answer else {
            return self.upload_failed(id, UploadError::Network, now);
        };
        let Some(link) = self.link(source) else {
            return;
        };
        let said = link
            .server
            .backend
            .uploaded(answer.status, &body_of(&answer));
        match said {
            Ok(uploaded) => {
                let media = MediaKey {
                    source,
                    id: uploaded.media,
                };
                self.apply(source, uploaded.facts, now);
                self.want(source, Scope::List, now);
                self.uploads.done(id, media);
            }
            Err(Refusal::SignedOut(message)) => {
                self.upload_failed(id, UploadError::SignedOut, now);
                self.refused(source, message, now);
            }
            Err(Refusal::TooLarge(_)) => self.upload_failed(id, UploadError::TooLarge, now),
            Err(other) => self.upload_failed(id, UploadError::Server(words_of(&other)), now),
        }
    }

    fn upload_failed(&mut self, id: UploadId, error: UploadError, now: Instant) {
        let name = self.uploads.get(id).map(|upload| upload.name.clone());
        let fault = match &error {
            UploadError::TooLarge => UploadFault::TooLarge { limit: None },
            UploadError::Network => UploadFault::Unreachable,
            UploadError::Server(message) => UploadFault::Refused {
                message: Some(message.clone()),
            },
            UploadError::SignedOut => UploadFault::SignedOut,
            UploadError::Empty => UploadFault::Empty,
        };
        self.uploads.failed(id, error);
        let name = name.unwrap_or_default();
        let notice = policy::upload_failed(id.0, name.clone(), fault);
        let saying = Saying::UploadFailed { name };
        self.announcer.say(notice.subject.clone(), saying, now);
        self.toaster.notify(notice, now);
    }

    // ── connections ────────────────────────────────────────────────────────────────────────────────────────────

    fn drive(&mut self, source: Source, input: protocol::Input, now: Instant) {
        let Some(index) = self.index(source) else {
            return;
        };
        let link = &mut self.links[index];
        let heard = matches!(
            input,
            protocol::Input::Received(..) | protocol::Input::Responded(_, _, Ok(_))
        );
        link.client.handle_input(input, now);
        self.drain(index, now);
        // Only now: the frame that finds out that the page had slept came after the gap.
        if heard {
            self.links[index].heard_at = Some(now);
        }
    }

    fn drain(&mut self, index: usize, now: Instant) {
        let source = Source(index_of(index));
        while let Some(output) = self.links[index].client.poll_output() {
            let output = match output {
                protocol::Output::Open { transport, url } => Output::Open {
                    source,
                    transport,
                    url,
                },
                protocol::Output::Request { transport, request } => Output::Request {
                    source,
                    transport,
                    request,
                },
                protocol::Output::Send { transport, frame } => Output::Send {
                    source,
                    transport,
                    frame,
                },
                protocol::Output::Close { transport } => Output::Close { source, transport },
                // The token is known before: it is never asked for.
                protocol::Output::Auth { .. } => continue,
                protocol::Output::Event(_, event) => {
                    self.event(index, event, now);
                    continue;
                }
                protocol::Output::Manager(event) => {
                    let is_error = matches!(event, ManagerEvent::ProtocolError(_));
                    self.links[index].counters.protocol_errors += u64::from(is_error);
                    continue;
                }
            };
            self.outputs.push_back(output);
        }
    }

    fn event(&mut self, index: usize, event: Event, now: Instant) {
        let source = Source(index_of(index));
        match event {
            Event::Connected { .. } => {
                if self.links[index].has_been_live() && self.catching_up.is_none() {
                    self.catching_up = Some(now + CATCH_UP);
                    self.policy.begin();
                }
                for emit in self.links[index].connected(now) {
                    self.emit(source, Some(emit), now);
                }
                self.toaster.pause_runs(source, false, now);
                let changes = self.store.connected(source, now);
                self.follow(changes, now);
            }
            Event::Disconnected(reason) => {
                // What we ended ourselves is not lost.
                if reason != DisconnectReason::ClientDisconnect {
                    self.links[index].lost(now);
                    self.toaster.pause_runs(source, true, now);
                    self.announcer
                        .say(Subject::CONNECTION, Saying::ConnectionLost, now);
                }
                let heard = self.links[index].heard_at.unwrap_or(now);
                let changes = self.store.disconnected(source, heard, now);
                self.follow(changes, now);
            }
            Event::ConnectError(_) => {
                if let Some(message) = self.links[index].refusal() {
                    self.refused(source, message, now);
                } else {
                    self.links[index].lost(now);
                    self.toaster.pause_runs(source, true, now);
                }
            }
            Event::Message { event, args, .. } => self.message(index, &event, &args, now),
            // Nothing is emitted that waits for an answer, and state that must reach the server is said again on each
            // connection.
            Event::Acked { .. }
            | Event::AckFailed { .. }
            | Event::EmitDropped { .. }
            | Event::Sent { .. }
            | Event::Reconnecting { .. } => {}
        }
    }

    fn message(&mut self, index: usize, event: &str, args: &[Value], now: Instant) {
        let link = &mut self.links[index];
        match link.server.backend.decode(event, args, link.me()) {
            Ok(decoded) => {
                let counters = &mut link.counters;
                counters.events += 1;
                counters.foreign += u64::from(decoded.foreign);
                counters.malformed += u64::from(decoded.dropped);
                if let Some(scope) = decoded.ask {
                    link.want(scope, now);
                }
                if decoded.notice.is_some() {
                    let name = link.server.name.clone();
                    let source = link.source;
                    self.notice(source, About::Server(name), decoded.notice, now);
                }
                self.apply(Source(index_of(index)), decoded.facts, now);
            }
            Err(DecodeError::UnknownEvent) => link.counters.unknown += 1,
            Err(DecodeError::Foreign) => link.counters.foreign += 1,
            Err(DecodeError::Malformed { .. }) => link.counters.malformed += 1,
        }
    }

    fn notice(&mut self, source: Source, about: About, message: Option<Text>, now: Instant) {
        let notice = policy::notice(source, about.clone(), message.clone());
        let saying = Saying::Notice { about, message };
        self.announcer.say(notice.subject.clone(), saying, now);
        self.toaster.notify(notice, now);
    }

    /// The token is no good: the data stay, with their age, until someone signs in.
    fn refused(&mut self, source: Source, message: Option<Text>, now: Instant) {
        let Some(index) = self.index(source) else {
            return;
        };
        if !self.links[index].signs_in() {
            return;
        }
        self.links[index].refuse(message, now);
        self.toaster.pause_runs(source, true, now);
        self.drain(index, now);
        self.toaster.notify(policy::signed_out(), now);
        self.announcer
            .say(Subject::App("sign-in"), Saying::SignInExpired, now);
    }

    /// Compared at every input, whatever it was about: the link that is behind may have been lost again, or its state may
    /// never come.
    fn catch_up(&mut self, now: Instant) {
        let Some(until) = self.catching_up else {
            return;
        };
        let is_behind =
            (self.links.iter()).any(|link| link.is_connected() && !link.connection().is_live());
        if is_behind && now < until {
            return;
        }
        self.catching_up = None;
        let decision = self.policy.end();
        self.decide(decision, now);
    }

    fn emit(&mut self, source: Source, emit: Option<crate::backend::Emit>, now: Instant) {
        let (Some(index), Some(emit)) = (self.index(source), emit) else {
            return;
        };
        // Without a connection it would be said twice: it is said anew on connecting.
        if self.links[index].is_connected() {
            // What a backend says is no reserved name and small; should it be neither, nothing is sent.
            let _ = (self.links[index].client).emit(Emit::new(emit.event, emit.args), now);
            self.drain(index, now);
        }
    }

    // ── data ───────────────────────────────────────────────────────────────────────────────────────────────────

    fn apply(&mut self, source: Source, mut facts: Vec<Fact>, now: Instant) {
        if let Some(link) = self.link(source) {
            without_viewer(&mut facts, link.viewer());
        }
        let changes = self.store.apply(source, facts, now);
        self.follow(changes, now);
    }

    /// Cards, words and signals follow changes, never messages.
    fn follow(&mut self, changes: Vec<Change>, now: Instant) {
        for change in changes {
            let decision = self.policy.decide(&change);
            self.decide(decision, now);
            if let Change::Media {
                key,
                after: Some(after),
                ..
            } = &change
            {
                if !after.status.is_ended() {
                    if let Some(link) = self.link_mut(key.source) {
                        link.snapshots.became_active(now);
                    }
                }
            }
            self.outputs.push_back(Output::Changed(change));
        }
    }

    /// Where its own page is open, an alert stands in that page's list already; one that asks to act is shown all the
    /// same, because the list may be out of sight.
    fn stands_on_its_page(&self, notice: &Notice) -> bool {
        match (&notice.body, &notice.subject) {
            (CardBody::Alert(group), Subject::Alert { meeting, .. }) => {
                group.severity < Severity::High && self.shown_meeting.as_ref() == Some(meeting)
            }
            _ => false,
        }
    }

    fn decide(&mut self, mut decision: Decision, now: Instant) {
        if let Some(Card::Show(notice) | Card::Update(notice)) = &mut decision.card {
            // A button that does nothing is worse than none.
            if let (Some(Action::Retry), Subject::Media(key)) = (notice.action, &notice.subject) {
                let profile = self.profile(key.source);
                if !profile.is_some_and(|profile| profile.analyzes_again) {
                    notice.action = Some(Action::View);
                }
            }
        }
        match decision.card {
            Some(Card::Show(notice)) if self.stands_on_its_page(&notice) => {}
            Some(Card::Show(notice)) => self.toaster.notify(notice, now),
            Some(Card::Update(notice)) => self.toaster.update(notice, now),
            Some(Card::Remove(subject)) => self.toaster.remove(&subject, now),
            None => {}
        }
        if let Some((subject, saying)) = decision.saying {
            self.announcer.say(subject, saying, now);
        }
    }

    fn want(&mut self, source: Source, scope: Scope, now: Instant) {
        if let Some(link) = self.link_mut(source) {
            link.want(scope, now);
        }
    }

    fn fetch(&mut self, ticket: Ticket, request: Option<HttpRequest>) {
        if let Some(request) = request {
            self.outputs.push_back(Output::Fetch { ticket, request });
        }
    }

    // ── time ───────────────────────────────────────────────────────────────────────────────────────────────────

    /// Everything that is due, compared at every input: a timer that comes late is merely late.
    fn pass_time(&mut self, now: Instant) {
        for index in 0..self.links.len() {
            self.links[index]
                .client
                .handle_input(protocol::Input::Timeout, now);
            self.drain(index, now);
        }
        let changes = self.store.handle_timeout(now);
        self.follow(changes, now);
        while let Some((source, scope)) = self.store.poll_ask() {
            self.want(source, scope, now);
        }
        // Something was said of a meeting without saying of which: the answer to joining again says all.
        while let Some(key) = self.store.poll_rejoin() {
            let emit = (self.link(key.source)).and_then(|link| link.rejoin(&key.id));
            self.emit(key.source, emit, now);
        }
        for index in 0..self.links.len() {
            self.fetch_snapshots(index, now);
        }
        for link in &mut self.links {
            link.pass_grace(now);
        }
        if self.asking.until.is_some_and(|until| until <= now) {
            for source in std::mem::take(&mut self.asking.waiting) {
                let error = SignInError::Unreachable;
                self.asking.refused.insert(source, error);
            }
            self.settle_sign_in(now);
        }
        self.catch_up(now);
        self.toaster.handle_timeout(now);
        self.announcer.handle_timeout(now);
    }

    fn fetch_snapshots(&mut self, index: usize, now: Instant) {
        let link = &mut self.links[index];
        if !link.is_admitted() {
            return;
        }
        let source = link.source;
        for (id, scope) in link.snapshots.handle_timeout(self.is_visible, now) {
            link.not_fetched(&scope);
            self.store.snapshot_failed(source, &scope);
            self.outputs
                .push_back(Output::Abort(Ticket::Snapshot(source, id)));
        }
        while let Some(fetch) = link.snapshots.poll_fetch(now) {
            let request = (link.server.backend).fetch(&fetch.scope, link.token());
            let Some(request) = request else { continue };
            self.store.snapshot_requested(source, &fetch.scope, now);
            self.outputs.push_back(Output::Fetch {
                ticket: Ticket::Snapshot(source, fetch.id),
                request: absolute(&link.server.url, request),
            });
        }
    }

    // ── small questions ────────────────────────────────────────────────────────────────────────────────────────

    fn is_active(&self, source: Source) -> bool {
        (self.store.list().filter(|key| key.source == source))
            .filter_map(|key| self.store.summary(key))
            .any(|summary| !summary.status.is_ended())
    }

    fn index(&self, source: Source) -> Option<usize> {
        let index = usize::from(source.0);
        (index < self.links.len()).then_some(index)
    }

    fn link(&self, source: Source) -> Option<&Link> {
        self.links.get(usize::from(source.0))
    }

    fn link_mut(&mut self, source: Source) -> Option<&mut Link> {
        self.links.get_mut(usize::from(source.0))
    }
}

/// A configuration has at most eight servers.
fn index_of(index: usize) -> u8 {
    u8::try_from(index).unwrap_or(u8::MAX)
}

/// The parsed body; an answer that is no JSON has none, and the backend says what that means.
fn body_of(answer: &Answer) -> Value {
    json::parse(&answer.body).unwrap_or_default()
}

/// What stands for an answer that did not come.
fn unreachable() -> Refusal {
    Refusal::Server {
        status: 0,
        message: None,
    }
}

/// What the server said, if it did.
fn said_by(refusal: &Refusal) -> Option<Text> {
    match refusal {
        Refusal::Server { status: 0, .. } => None,
        refusal => Some(words_of(refusal)),
    }
}

fn words_of(refusal: &Refusal) -> Text {
    Text::message(&refusal.to_string()).unwrap_or_default()
}

fn absolute(base: &str, request: Request) -> HttpRequest {
    HttpRequest {
        method: request.method.as_str(),
        url: format!("{base}{}", request.path),
        headers: request.headers,
        body: match request.body {
            Body::None => None,
            Body::Json(text) => Some(text),
        },
    }
}

/// This page is in the meeting only to watch: it is not one of its people.
fn without_viewer(facts: &mut Vec<Fact>, viewer: &str) {
    facts.retain_mut(|fact| {
        let Fact::Meeting { said, .. } = fact else {
            return true;
        };
        match said {
            MeetingSaid::Joined(participants) => {
                participants.retain(|participant| participant.as_str() != viewer);
                true
            }
            MeetingSaid::ParticipantJoined { participant, .. }
            | MeetingSaid::ParticipantLeft { participant } => participant.as_str() != viewer,
            _ => true,
        }
    });
}
