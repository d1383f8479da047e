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
//!
//! | file | what it holds |
//! |---|---|
//! | `io` | what comes in and goes out, as values |
//! | [`config`] | which servers there are |
//! | [`state`] | what a person must know of connections, sign-in and uploads, and what they can do |
//! | `link` | one server: its connection, who is signed in there, what is fetched |
//! | [`snapshots`] | when its state is fetched |
//! | `connections` | the page's life and the clients' outputs and events |
//! | `sign_in`, `commands`, `uploads` | what a person does |
//! | `answers` | requests, and what their answers come to |
//! | `telling` | messages into facts, and what looks different into cards, words and signals |
//! | `unheard` | whether a server tells what happens, or only answers when it is asked |
//! | [`record`] | what goes in and out, kept for whoever looks for what a server really said |

mod answers;
mod commands;
pub mod config;
mod connections;
pub mod details;
mod io;
mod link;
pub mod record;
mod sign_in;
pub mod snapshots;
pub mod state;
mod telling;
mod unheard;
mod uploads;

use std::collections::VecDeque;

pub use config::{Config, ConfigError};
pub use io::{Answer, FetchError, HttpRequest, Input, Output, Ticket, UploadRequest};
pub use link::SourceProfile;

use crate::domain::fact::Scope;
use crate::domain::trail::Trail;
use crate::domain::view::{EarlierRuns, MediaView, MeetingView};
use crate::domain::{MediaKey, MeetingKey, Source, Store, Summary, Text};
use crate::protocol;
use crate::sorted::Map;
use crate::time::Instant;
use crate::toast::{Activity, Announcer, Policy, Spoken, Toast, Toaster};
use answers::Again;
use config::Server;
use connections::Standing;
use link::Link;
use sign_in::Asking;
use state::{Secret, SignIn, SourceState, Upload, UploadId};
use uploads::Uploads;

/// See the module.
pub struct Session {
    seed: u64,
    links: Vec<Link>,
    store: Store,
    policy: Policy,
    toaster: Toaster,
    announcer: Announcer,
    activity: Activity,
    sign_in: SignIn,
    /// Counts those who were signed in.
    person: u32,
    asking: Asking,
    uploads: Uploads,
    /// Media for which another analysis is asked for.
    again: Map<MediaKey, Again>,
    outputs: VecDeque<Output>,
    is_visible: bool,
    /// When the page went out of sight.
    hidden_since: Option<Instant>,
    /// The meeting whose page is open.
    shown_meeting: Option<MeetingKey>,
    /// Media whose page is not open have no cards and are not spoken of.
    is_embedded: bool,
    /// A link has come back and its state has not: when at the latest what ended meanwhile is told all the same.
    catching_up: Option<Instant>,
    /// How the connections were when that was told last. Before any is told it is as if they were live: that they are
    /// is what everybody expects.
    standing: Standing,
}

impl Session {
    /// A session with the servers of `config`. `seed` feeds the jitter of reconnection and the name by which this page
    /// is known in meetings.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        let mut store = Store::new();
        let mut links = Vec::new();
        for (index, server) in (0_u8..).zip(config.servers) {
            let source = Source(index);
            store.add_source(source, server.kind.profile().rules);
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
            seed,
            links,
            store,
            policy: Policy::new(),
            toaster: Toaster::new(Toaster::VISIBLE),
            announcer: Announcer::new(),
            activity: Activity::new(),
            sign_in,
            asking: Asking::default(),
            uploads: Uploads::default(),
            person: 0,
            again: Map::new(),
            outputs: VecDeque::new(),
            is_visible: true,
            hidden_since: None,
            shown_meeting: None,
            is_embedded: false,
            catching_up: None,
            standing: Standing::Live,
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

    /// Events of this server that its vocabulary does not know, by name, with how often they came. The first 64 names
    /// are told apart; [`Counters::unknown`](state::Counters::unknown) counts them all.
    pub fn unknown_events(&self, source: Source) -> impl Iterator<Item = (&Text, u64)> {
        self.link(source).into_iter().flat_map(Link::unknown)
    }

    /// The configured servers, in their order.
    pub fn servers(&self) -> impl Iterator<Item = &Server> {
        self.links.iter().map(|link| &link.server)
    }

    /// Who is signed in at a server, as its events name them; `None` if nobody is, or it did not say.
    #[must_use]
    pub fn user(&self, source: Source) -> Option<&str> {
        self.link(source).and_then(Link::me)
    }

    /// The tokens that it was given, for whoever has to take them out of what is kept.
    pub fn tokens(&self) -> impl Iterator<Item = Secret> + use<'_> {
        let tokens = self.links.iter().filter_map(Link::token);
        tokens.map(|token| Secret(token.to_owned()))
    }

    /// The seed that it was given: with it and the same inputs another session does the same.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Whether someone is signed in.
    #[must_use]
    pub fn sign_in(&self) -> &SignIn {
        &self.sign_in
    }

    /// Which attempt to sign in it is that [`sign_in`](Self::sign_in) tells of: two may end alike.
    #[must_use]
    pub fn sign_in_attempt(&self) -> u32 {
        self.asking.attempt
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
        let mut view = self.store.media(key, now)?;
        view.is_asked_again = self.again.contains_key(key);
        Some(view)
    }

    /// The runs of a media before the one that is shown.
    #[must_use]
    pub fn earlier_runs(&self, key: &MediaKey) -> Option<EarlierRuns> {
        self.store.earlier_runs(key)
    }

    /// A meeting, as of `now`.
    #[must_use]
    pub fn meeting(&self, key: &MeetingKey, now: Instant) -> Option<MeetingView> {
        self.store.meeting(key, now)
    }

    /// The meetings that were joined here and not left.
    pub fn meetings(&self) -> impl Iterator<Item = &MeetingKey> {
        self.store.meetings()
    }

    /// Whether the server has confirmed that we are in a meeting, on this connection: only then are its alerts heard.
    #[must_use]
    pub fn is_watched(&self, key: &MeetingKey) -> bool {
        self.store.is_watched(key)
    }

    /// The meetings that were left and are remembered, the last one last.
    pub fn left_meetings(&self) -> impl DoubleEndedIterator<Item = &MeetingKey> {
        self.store.left_meetings()
    }

    /// What was told of a meeting since it was opened here.
    #[must_use]
    pub fn trail(&self, key: &MeetingKey) -> Option<Trail> {
        self.store.trail(key)
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

    /// Everything that was shown or said since someone signed in.
    #[must_use]
    pub fn activity(&self) -> &Activity {
        &self.activity
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

    /// One of them; `None` once it was put away.
    #[must_use]
    pub fn upload(&self, id: UploadId) -> Option<&Upload> {
        self.uploads.get(id)
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
        self.send_uploads();
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
                link.renewal_ends(),
                link.verify_at(),
            ]
        });
        links
            .chain([
                self.store.poll_timeout(),
                self.toaster.poll_timeout(),
                self.announcer.poll_timeout(),
                self.asking.until,
                self.again.values().map(|again| again.until).min(),
                self.catching_up,
            ])
            .flatten()
            .min()
    }

    fn want(&mut self, source: Source, scope: Scope, now: Instant) {
        if let Some(link) = self.link_mut(source) {
            link.want(scope, now);
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
            self.links[index].pass_recovery(now);
            self.fetch_snapshots(index, now);
        }
        for link in &mut self.links {
            link.pass_grace(now);
        }
        self.pass_renewal(now);
        self.pass_asking(now);
        self.pass_again(now);
        self.tell_standing(now);
        self.catch_up(now);
        self.toaster.handle_timeout(now);
        self.announcer.handle_timeout(now);
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
