//! One configured server: its connection, its vocabulary, who is signed in there, and when its state is fetched.
//!
//! A link knows nothing of the others and nothing of what is known: it turns what comes from its server into facts,
//! snapshots and its own [`Connection`], and the session does the rest.

use std::time::Duration;

use super::config::Server;
use super::snapshots::{self, RequestId, Snapshots};
use super::state::{Connection, Counters, SourceState, Unanswered, GRACE};
use super::unheard::Unheard;
use crate::backend::{Emit, Noun, Parts};
use crate::domain::fact::{Scope, Snapshot};
use crate::domain::{MediaId, MeetingId, Source, Text, MAX_ID};
use crate::protocol::{self, Auth, Client, Input, SocketId, State};
use crate::sorted::{Map, Set};
use crate::time::Instant;

/// How long the first list waits for the connection: requested after connecting it also proves that what is shown is
/// live, so one request serves both.
const FIRST_LIST: Duration = Duration::from_millis(800);

/// Over how long the pages that one server closed spread their requests for its state.
const SPREAD: Duration = Duration::from_secs(3);

/// How much later than a server can notice that the connection before a recovered one is dead, its state is fetched.
/// The in-memory adapter of Socket.IO then takes the session out of its rooms, and it hears nothing more for ever.
const AFTER_RECOVERY: Duration = Duration::from_secs(5);

/// How long the number of models is good for, which needs a request of its own: connections that come and go shall not
/// use up the requests that prove what is shown.
const MODELS_GOOD_FOR: Duration = Duration::from_secs(60);

/// When the number of models is asked for again of a server that has not loaded all of them, as after its start. One
/// that never loads some is asked no more then.
const LOADING: [Duration; 4] = [
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_secs(120),
    Duration::from_secs(300),
];

/// Such an answer counts from this one on: those that are not loaded half a minute later may never be.
const LOADED: usize = 3;

/// How long who embeds us may take to give another token: as long as any request.
const RENEWAL: Duration = snapshots::TIMEOUT;

/// For how long what is shown may go without a comparison and be called live: as often as the list is compared while
/// an analysis runs.
const UNCOMPARED: Duration = Duration::from_secs(60);

/// Names of unknown events that are kept apart. A server may put an id into its names, so that there is no end of them.
const UNKNOWN_NAMES: usize = 64;

/// What a server is called and what it can do: words and buttons depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceProfile {
    /// What its things are called.
    pub noun: Noun,
    /// What the parts of an analysis are called.
    pub parts: Parts,
    /// Whether it keeps a list of its media.
    pub has_list: bool,
    /// Whether it takes files.
    pub takes_files: bool,
    /// Whether it analyses a media again when asked.
    pub analyzes_again: bool,
    /// Whether it has meetings.
    pub has_meetings: bool,
    /// Whether one signs in there.
    pub signs_in: bool,
    /// Whether it plays a simulated meeting when asked.
    pub demo_scenario: bool,
}

/// Who is signed in.
pub(super) struct Account {
    /// As the server's events name them.
    pub user: String,
    /// What to call them.
    pub name: Option<Text>,
}

/// What is still to be found out about a connection that took up the session of the one before: `recovered` is no proof
/// that nothing is missing, or will be.
#[derive(Clone, Copy)]
struct Recovered {
    /// When the server has noticed at the latest that the connection before is dead.
    since: Instant,
    /// When to fetch the server's state; `None` once that is asked for.
    verify_at: Option<Instant>,
    /// An event came after `since`: it is in its rooms.
    is_heard: bool,
}

/// See the module.
pub struct Link {
    pub(super) source: Source,
    pub(super) server: Server,
    pub(super) client: Client,
    pub(super) snapshots: Snapshots,
    pub(super) counters: Counters,
    /// When anything came from the server last, a heartbeat included.
    pub(super) heard_at: Option<Instant>,
    /// By what name this page is a participant of meetings. The same for joining and leaving, or the server frees
    /// somebody else's place.
    viewer: String,
    /// Who embeds us can give another token.
    is_renewed: bool,
    /// How many tokens it was given: an answer to an older one says nothing of the newest.
    tokens: u32,
    visit: Visit,
}

/// What is known since someone signed in. Nothing of it outlives them, but for which pages are open.
#[derive(Default)]
struct Visit {
    token: Option<String>,
    /// The newest request when the token came: that one, and those before it, were made with another.
    asked_before: Option<RequestId>,
    /// Who the token is of, where we know.
    account: Option<Account>,
    /// The server refused the token: until someone signs in again nothing is fetched or connected.
    refused: Option<Option<Text>>,
    /// Until when who embeds us may take to give another one.
    renewal_ends: Option<Instant>,
    /// It was live with this token. One that is refused before would only be given again.
    was_taken: bool,
    /// The newest request at the time of connecting: only a later one can prove that the view is live.
    connected_at: Option<RequestId>,
    is_verified: bool,
    /// It was when the connection was lost.
    was_verified: bool,
    /// The server closed the connection, and so perhaps everybody's.
    was_closed_by_server: bool,
    /// This connection took up the session of the one before.
    recovered: Option<Recovered>,
    /// What was found on this connection that no event has told.
    unheard: Unheard,
    models_at: Option<Instant>,
    /// How many answers said that not all models are loaded.
    loading: usize,
    /// The list could not be fetched since connecting, and what the server said instead.
    unfetched: Option<Option<Text>>,
    has_been_live: bool,
    was_heard: bool,
    lost_at: Option<Instant>,
    /// When the connection was lost after which nothing was fetched.
    behind_since: Option<Instant>,
    /// When a loss has lasted long enough to be told; `None` once it has been.
    grace_ends: Option<Instant>,
    fetched_at: Option<Instant>,
    /// How many media the server has beyond those that it gave.
    beyond: u32,
    meetings: Set<MeetingId>,
    /// Media whose own page is open.
    open: Map<MediaId, Open>,
    /// How often each event came that its vocabulary does not know.
    unknown: Map<Text, u64>,
}

/// A media whose own page is open.
#[derive(Default)]
struct Open {
    /// On how many pages.
    pages: u32,
    is_answered: bool,
    /// It could not be fetched, and what the server said instead.
    failed: Option<Option<Text>>,
}

impl Link {
    pub(super) fn new(source: Source, server: Server, seed: u64) -> Self {
        Self {
            source,
            client: Client::new(server.socket.clone(), seed),
            server,
            snapshots: Snapshots::new(!seed),
            counters: Counters::default(),
            heard_at: None,
            viewer: format!("viewer-{:08x}", seed & 0xffff_ffff),
            is_renewed: false,
            tokens: 0,
            visit: Visit::default(),
        }
    }

    pub(super) fn profile(&self) -> SourceProfile {
        let profile = self.server.kind.profile();
        SourceProfile {
            noun: profile.noun,
            parts: profile.parts,
            has_list: profile.has_list,
            takes_files: profile.takes_files,
            analyzes_again: profile.analyzes_again,
            has_meetings: profile.has_meetings,
            signs_in: profile.signs_in,
            demo_scenario: self.server.demo_scenario,
        }
    }

    pub(super) fn state(&self) -> SourceState {
        SourceState {
            source: self.source,
            name: self.server.name.clone(),
            connection: self.connection(),
            was_heard: self.visit.was_heard,
            fetched_at: self.visit.fetched_at,
            unanswered: self.unanswered(),
            beyond: self.visit.beyond,
            counters: self.counters,
        }
    }

    fn unanswered(&self) -> Vec<Unanswered> {
        let open = self.visit.open.iter();
        // What cannot be asked for is answered by the list, as far as it is.
        let waiting = open.filter(|(media, open)| {
            !open.is_answered && self.can_fetch(&Scope::Media((*media).clone()))
        });
        let unanswered = waiting.map(|(media, open)| Unanswered {
            media: media.clone(),
            has_failed: open.failed.is_some(),
            message: open.failed.clone().flatten(),
        });
        unanswered.collect()
    }

    /// The connection as a person must know it. *Live* needs both: a connection, and a state of the server that was
    /// requested after it was made.
    pub(super) fn connection(&self) -> Connection {
        let since = self.visit.lost_at.unwrap_or_default();
        if self.visit.renewal_ends.is_some() {
            return Connection::Renewing { since };
        }
        if let Some(message) = &self.visit.refused {
            return Connection::SignInAgain {
                message: message.clone(),
            };
        }
        match self.client.state() {
            State::Idle | State::Closed | State::Suspended => Connection::Idle,
            State::Opening { .. } | State::Connecting { .. } if self.visit.lost_at.is_none() => {
                Connection::Connecting
            }
            State::Opening { attempt, .. } | State::Connecting { attempt, .. } => {
                Connection::Reconnecting {
                    attempt: *attempt,
                    retry_at: None,
                    since,
                }
            }
            State::Connected { .. } if self.visit.is_verified => match self.is_delayed() {
                true => Connection::Delayed,
                false => Connection::Live,
            },
            State::Connected { .. } if !self.can_fetch(&Scope::List) => {
                // Of media that were asked for, the end may have been missed.
                match self.snapshots.is_failing() {
                    true => Connection::NotFetched {
                        message: self
                            .visit
                            .open
                            .values()
                            .find_map(|open| open.failed.clone()?),
                        retry_at: self.snapshots.left_alone_until(),
                    },
                    false => Connection::LiveUnverified,
                }
            }
            State::Connected {
                since: connected, ..
            } => match (&self.visit.unfetched, self.snapshots.left_alone_until()) {
                (None, None) => Connection::CatchingUp {
                    since: self.visit.behind_since.unwrap_or(*connected),
                },
                (message, retry_at) => Connection::NotFetched {
                    message: message.clone().flatten(),
                    retry_at,
                },
            },
            State::Waiting { attempt, until, .. } => Connection::Reconnecting {
                attempt: *attempt,
                retry_at: Some(*until),
                since,
            },
            State::Offline { .. } => Connection::Offline { since },
            State::Refused(refusal) => Connection::SignInAgain {
                message: Text::message(&refusal.message),
            },
            State::Breaker { until, cause } => Connection::Stopped {
                retry_at: Some(*until),
                message: Text::message(&cause.to_string()),
            },
            State::Ended(cause) => Connection::Stopped {
                retry_at: None,
                message: Text::message(&cause.to_string()),
            },
        }
    }

    /// Whether this link may speak to its server at all.
    pub(super) fn is_admitted(&self) -> bool {
        self.visit.refused.is_none() && (self.visit.token.is_some() || !self.signs_in())
    }

    pub(super) fn signs_in(&self) -> bool {
        self.server.kind.profile().signs_in
    }

    /// Whether signing in can mend anything here: also a link that is lost may have a token that has ended.
    pub(super) fn may_sign_in(&self) -> bool {
        self.signs_in() && !self.connection().is_up_to_date()
    }

    pub(super) fn token(&self) -> Option<&str> {
        self.visit.token.as_deref()
    }

    /// Whether this request was made with the token that is in use.
    pub(super) fn was_asked_with_token(&self, id: RequestId) -> bool {
        self.visit.asked_before.is_none_or(|before| id > before)
    }

    /// Which of the tokens that it was given is in use.
    pub(super) fn token_number(&self) -> u32 {
        self.tokens
    }

    pub(super) fn me(&self) -> Option<&str> {
        Some(self.visit.account.as_ref()?.user.as_str())
    }

    pub(super) fn user_name(&self) -> Option<&Text> {
        self.visit.account.as_ref()?.name.as_ref()
    }

    pub(super) fn viewer(&self) -> &str {
        &self.viewer
    }

    pub(super) fn was_heard(&self) -> bool {
        self.visit.was_heard
    }

    pub(super) fn has_been_live(&self) -> bool {
        self.visit.has_been_live
    }

    /// Someone signed in. `true` if it is not who was signed in before: then nothing of that one may stay.
    pub(super) fn signed_in(
        &mut self,
        token: String,
        account: Option<Account>,
        now: Instant,
    ) -> bool {
        let is_other = match (&self.visit.account, &account) {
            (Some(before), Some(account)) => before.user != account.user,
            _ => false,
        };
        if is_other {
            // Nobody takes over another's connection, its session, or what was asked for with another's token.
            self.sign_out(now);
        }
        self.tokens += 1;
        self.visit.token = Some(token);
        self.visit.asked_before = Some(self.snapshots.newest());
        self.visit.account = account;
        self.visit.refused = None;
        self.visit.renewal_ends = None;
        self.visit.was_taken = false;
        if matches!(self.client.state(), State::Connecting { .. }) {
            // What the server is about to say of the token before says nothing of this one.
            self.client.handle_input(Input::Disconnect, now);
        }
        self.connect(now);
        is_other
    }

    pub(super) fn connect(&mut self, now: Instant) {
        let auth = self.server.backend().connect_auth(self.token());
        self.client.set_auth(SocketId::MAIN, auth.into());
        self.client.handle_input(Input::Connect, now);
        self.want(Scope::Models, now + FIRST_LIST);
        self.want(Scope::List, now + FIRST_LIST);
    }

    /// A name and a password that other servers took are no good here, or this one did not answer: until someone signs
    /// in again nothing is fetched or connected.
    pub(super) fn turn_away(&mut self, message: Option<Text>, now: Instant) {
        self.visit.refused = Some(message);
        if self.visit.token.is_some() {
            self.lost(now);
        }
        self.snapshots.reset();
        self.client.handle_input(Input::Disconnect, now);
    }

    /// The server refused the token, over HTTP or at CONNECT.
    pub(super) fn refuse(&mut self, message: Option<Text>, now: Instant) {
        self.visit.refused = Some(message);
        self.lost(now);
        self.snapshots.reset();
        self.client.handle_input(Input::Disconnect, now);
        if self.is_renewed && std::mem::take(&mut self.visit.was_taken) {
            self.visit.renewal_ends = Some(now + RENEWAL);
        }
    }

    pub(super) fn offer_renewal(&mut self) {
        self.is_renewed = true;
    }

    /// Who embeds us is being asked for another token.
    pub(super) fn is_renewing(&self) -> bool {
        self.visit.renewal_ends.is_some()
    }

    pub(super) fn renewal_ends(&self) -> Option<Instant> {
        self.visit.renewal_ends
    }

    /// There is none. `true` if one was waited for.
    pub(super) fn not_renewed(&mut self) -> bool {
        self.visit.renewal_ends.take().is_some()
    }

    /// Takes leave of all meetings, for as long as the connection is gone: a server that is not told goes on counting
    /// us among those who are there.
    pub(super) fn part(&mut self, now: Instant) {
        if !self.is_connected() {
            return;
        }
        for meeting in self.visit.meetings.iter() {
            if let Some(leave) = self.server.backend().leave(meeting, Some(&self.viewer)) {
                let leave = protocol::Emit::new(leave.event, leave.args);
                let _ = self.client.emit(leave, now);
            }
        }
    }

    /// Forgets who was signed in and everything that was asked for with their token. What is open here stays open,
    /// until whoever opened it closes it.
    pub(super) fn sign_out(&mut self, now: Instant) {
        self.part(now);
        self.client.handle_input(Input::Disconnect, now);
        self.client.set_auth(SocketId::MAIN, Auth::None);
        self.snapshots.reset();
        let mut open = std::mem::take(&mut self.visit.open);
        for open in open.values_mut() {
            *open = Open {
                pages: open.pages,
                ..Open::default()
            };
        }
        self.visit = Visit {
            open,
            meetings: std::mem::take(&mut self.visit.meetings),
            ..Visit::default()
        };
    }

    /// The connection stands: what must be told the server, and what must be fetched again. If it is `recovered`, the
    /// server says that it sent all that was missed.
    pub(super) fn connected(&mut self, recovered: bool, now: Instant) -> Vec<Emit> {
        self.visit.was_heard = true;
        self.visit.grace_ends = None;
        self.visit.unheard = Unheard::default();
        if self.visit.lost_at.take().is_some() {
            self.counters.reconnects += 1;
        }
        let spread = if std::mem::take(&mut self.visit.was_closed_by_server) {
            self.snapshots.spread(SPREAD)
        } else {
            Duration::ZERO
        };
        let at = now + spread;
        self.snapshots.reached();
        self.snapshots.hurry(at);
        self.visit.connected_at = Some(self.snapshots.newest());
        self.visit.is_verified = recovered && self.visit.was_verified;
        if !self.visit.is_verified {
            for open in self.visit.open.values_mut() {
                (open.is_answered, open.failed) = (false, None);
            }
        }
        // As long as the server is left alone, what it said instead of its state is all that there is to say.
        if self.snapshots.left_alone_until().is_none() {
            self.visit.unfetched = None;
        }
        self.visit.recovered = self
            .client
            .server_timeout()
            .filter(|_| recovered)
            .map(|timeout| {
                let since = now + timeout;
                Recovered {
                    since,
                    verify_at: Some(since + AFTER_RECOVERY),
                    is_heard: false,
                }
            });
        if self.visit.is_verified {
            self.visit.behind_since = None;
        } else {
            if (self.visit.models_at).is_none_or(|asked| asked + MODELS_GOOD_FOR <= now) {
                self.visit.loading = 0;
                self.want(Scope::Models, at);
            }
            self.want_shown(at);
        }
        if !self.can_fetch(&Scope::List) || self.visit.is_verified {
            self.became_live();
        }
        // Rooms are lost with the connection: they are asked for again each time.
        let backend = self.server.backend();
        let meetings = self.visit.meetings.iter();
        let media = self.visit.open.keys();
        meetings
            .filter_map(|meeting| backend.join(meeting, Some(&self.viewer)))
            .chain(media.filter_map(|media| backend.watch(media)))
            .collect()
    }

    /// The list, and what the open pages show.
    fn want_shown(&mut self, at: Instant) {
        self.want(Scope::List, at);
        for media in self.visit.open.keys().cloned().collect::<Vec<_>>() {
            self.want(Scope::Media(media), at);
        }
    }

    /// The server ended the connection, and so perhaps those of all its pages.
    pub(super) fn closed_by_server(&mut self) {
        self.visit.was_closed_by_server = true;
    }

    pub(super) fn lost(&mut self, now: Instant) {
        self.visit.connected_at = None;
        self.visit.recovered = None;
        if self.visit.lost_at.is_none() {
            self.visit.was_verified = self.visit.is_verified;
            self.visit.lost_at = Some(now);
            self.visit.behind_since.get_or_insert(now);
            self.visit.grace_ends = Some(now + GRACE);
        }
        self.visit.is_verified = false;
    }

    /// Gives up a connection that hears nothing although it stands, with the session that it had taken up.
    pub(super) fn renew(&mut self, now: Instant) {
        self.lost(now);
        self.client.handle_input(Input::Disconnect, now);
        self.client.handle_input(Input::Connect, now);
    }

    /// An event came that the vocabulary does not know. Beyond so many names it is only counted with all others.
    pub(super) fn heard_unknown(&mut self, event: &str) {
        self.counters.unknown += 1;
        let name = Text::new(event, MAX_ID);
        if self.visit.unknown.len() < UNKNOWN_NAMES || self.visit.unknown.contains_key(&name) {
            *self.visit.unknown.entry(name).or_default() += 1;
        }
    }

    pub(super) fn unknown(&self) -> impl Iterator<Item = (&Text, u64)> {
        self.visit
            .unknown
            .iter()
            .map(|(name, count)| (name, *count))
    }

    /// An event of the server came.
    pub(super) fn heard_event(&mut self, now: Instant) {
        if let Some(recovered) = &mut self.visit.recovered {
            recovered.is_heard |= recovered.since <= now;
        }
    }

    /// An event told something of these media, of those that run by `runs`.
    pub(super) fn heard_of<'a>(
        &mut self,
        media: impl Iterator<Item = &'a MediaId>,
        runs: impl Fn(&MediaId) -> bool,
    ) {
        for media in media {
            self.visit.unheard.heard(media, &runs);
        }
    }

    /// A comparison found that these media have moved on. What is found first on a connection says nothing of it.
    pub(super) fn found_unheard<'a>(
        &mut self,
        media: impl Iterator<Item = &'a MediaId>,
        now: Instant,
    ) {
        self.visit.unheard.found(media, now);
    }

    /// Whether what is shown was fetched from the server on this connection.
    pub(super) fn is_verified(&self) -> bool {
        self.visit.is_verified
    }

    /// Whether what happens is known by asking alone.
    pub(super) fn is_delayed(&self) -> bool {
        self.visit.unheard.is_delayed()
    }

    /// Whether this connection is a recovered one that should have heard by now what a snapshot had to tell.
    pub(super) fn is_deaf(&self, now: Instant) -> bool {
        (self.visit.recovered).is_some_and(|it| !it.is_heard && it.since <= now)
    }

    /// When the state of the server is to be fetched because the connection was recovered.
    pub(super) fn verify_at(&self) -> Option<Instant> {
        self.visit.recovered?.verify_at
    }

    pub(super) fn pass_recovery(&mut self, now: Instant) {
        let due = self.verify_at().filter(|at| *at <= now);
        if let (Some(recovered), Some(_)) = (&mut self.visit.recovered, due) {
            recovered.verify_at = None;
            self.want_shown(now);
        }
    }

    /// What is shown may be older than it seems: it has to be fetched again before it is live.
    pub(super) fn doubt(&mut self, now: Instant) {
        if self.can_fetch(&Scope::List) {
            self.visit.connected_at = Some(self.snapshots.newest());
            self.visit.is_verified = false;
            self.visit.behind_since.get_or_insert(now);
        }
    }

    pub(super) fn grace_ends(&self) -> Option<Instant> {
        self.visit.grace_ends
    }

    pub(super) fn pass_grace(&mut self, now: Instant) {
        if self.visit.grace_ends.is_some_and(|at| at <= now) {
            self.visit.grace_ends = None;
        }
    }

    fn became_live(&mut self) {
        self.visit.has_been_live = true;
        self.visit.was_taken = true;
    }

    /// A snapshot could not be fetched. What can no longer be compared with the server is live no more: events are lost
    /// without a trace. That it failed once may be an accident.
    pub(super) fn not_fetched(&mut self, scope: &Scope, message: Option<Text>, now: Instant) {
        match scope {
            Scope::List => self.visit.unfetched = Some(message),
            Scope::Media(media) => {
                if let Some(open) = self.visit.open.get_mut(media) {
                    open.failed = Some(message);
                }
            }
            Scope::Models => {}
        }
        let is_left_alone =
            (self.snapshots.left_alone_until()).is_some_and(|it| it > now + UNCOMPARED);
        if self.visit.is_verified && (is_left_alone || self.snapshots.failures(&Scope::List) > 1) {
            self.doubt(now);
        }
    }

    /// A snapshot with this id came, and is about to be applied.
    pub(super) fn fetched(&mut self, id: RequestId, snapshot: &mut Snapshot, now: Instant) {
        self.counters.snapshots += 1;
        if snapshot.scope == Scope::Models {
            self.visit.models_at = Some(now);
        }
        if snapshot.scope == Scope::Models && !snapshot.is_whole {
            if let Some(wait) = LOADING.get(self.visit.loading) {
                self.want(Scope::Models, now + *wait);
            }
            self.visit.loading += 1;
            if self.visit.loading < LOADED {
                // A run would end when those have that are loaded so far.
                snapshot.facts.clear();
            }
        }
        // That there is no such media is what any server says at a wrong address.
        self.visit.was_heard |= snapshot.scope == Scope::List || !snapshot.media.is_empty();
        let is_of_now = (self.visit.connected_at).is_some_and(|connected| id > connected);
        if let Scope::Media(media) = &snapshot.scope {
            if let Some(open) = self.visit.open.get_mut(media) {
                open.is_answered |= is_of_now;
            }
        }
        if snapshot.scope != Scope::List {
            return;
        }
        self.visit.beyond = snapshot.beyond;
        self.visit.fetched_at = Some(now);
        self.visit.unfetched = None;
        if is_of_now {
            self.visit.is_verified = true;
            self.visit.behind_since = None;
            self.became_live();
        }
    }

    pub(super) fn want(&mut self, scope: Scope, at: Instant) {
        if self.can_fetch(&scope) {
            self.snapshots.want(scope, at);
        }
    }

    pub(super) fn can_fetch(&self, scope: &Scope) -> bool {
        self.server.backend().fetch(scope, self.token()).is_some()
    }

    /// Opens a page of a media; the first one may have something to tell the server.
    pub(super) fn open(&mut self, media: &MediaId, now: Instant) -> Option<Emit> {
        let open = self.visit.open.entry(media.clone()).or_default();
        open.pages += 1;
        let is_first = open.pages == 1;
        self.want(Scope::Media(media.clone()), now);
        is_first
            .then(|| self.server.backend().watch(media))
            .flatten()
    }

    /// Whether a page of this media is open.
    pub(super) fn is_open(&self, media: &MediaId) -> bool {
        self.visit.open.contains_key(media)
    }

    pub(super) fn close(&mut self, media: &MediaId) -> Option<Emit> {
        let open = self.visit.open.get_mut(media)?;
        open.pages -= 1;
        if open.pages > 0 {
            return None;
        }
        self.visit.open.remove(media);
        self.server.backend().unwatch(media)
    }

    pub(super) fn join(&mut self, meeting: &MeetingId) -> Option<Emit> {
        let is_new = self.visit.meetings.insert(meeting.clone());
        is_new
            .then(|| self.server.backend().join(meeting, Some(&self.viewer)))
            .flatten()
    }

    /// Who comes next has joined none.
    pub(super) fn forget_meetings(&mut self) {
        self.visit.meetings = Set::new();
    }

    /// Those that are open here, joined or not.
    pub(super) fn meetings(&self) -> impl Iterator<Item = &MeetingId> {
        self.visit.meetings.iter()
    }

    pub(super) fn rejoin(&self, meeting: &MeetingId) -> Option<Emit> {
        self.server.backend().join(meeting, Some(&self.viewer))
    }

    pub(super) fn leave(&mut self, meeting: &MeetingId) -> Option<Emit> {
        let was_in = self.visit.meetings.remove(meeting);
        was_in
            .then(|| self.server.backend().leave(meeting, Some(&self.viewer)))
            .flatten()
    }

    /// The server's words when it has refused the CONNECT.
    pub(super) fn refusal(&self) -> Option<Option<Text>> {
        match self.client.state() {
            State::Refused(refusal) => Some(Text::message(&refusal.message)),
            _ => None,
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        matches!(self.client.state(), State::Connected { .. })
    }
}
