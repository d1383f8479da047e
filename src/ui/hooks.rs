//! The library's face: what an application built on Telltale uses, and all that our own views use.
//!
//! ```no_run
//! use leptos::prelude::*;
//! use telltale::session::Config;
//! use telltale::ui::hooks::{provide_telltale, use_analysis_progress, use_telltale};
//!
//! #[component]
//! fn App(config: Config) -> impl IntoView {
//!     provide_telltale(config);
//!     view! { <Panel/> }
//! }
//!
//! #[component]
//! fn Panel() -> impl IntoView {
//!     let media = use_telltale().media_key("Analysis", "7c9e6679").expect("configured");
//!     let progress = use_analysis_progress(media);
//!     let models = progress.models();
//!     view! {
//!         <progress max="100" value=progress.overall()></progress>
//!         <For each=move || models.get() key=|model| model.id.clone() let:model>
//!             <p>{model.id.to_string()}</p>
//!         </For>
//!     }
//! }
//! # fn main() {
//! # let config = Config::parse(r#"{"servers":[{"kind":"analysis","url":"/x"}]}"#, "https://example.org").unwrap();
//! # leptos::mount::mount_to_body(move || view! { <App config=config.clone()/> });
//! # }
//! ```
//!
//! A hook is called in a component's body. What it returns is `Copy`, lives as long as that component, and may be used
//! in any closure of it. Any number of components may read the same media; when the last is gone, its signals are too.
//! The component that called [`provide_telltale`] owns the connections: with it, all of them close.

mod listen;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

use super::store::{Backing, MediaEntry, MediaSignals, MeetingSignals, Signals, Store};
use crate::domain::trail::Trail;
use crate::domain::view::{MediaView, MeetingView, ModelView, RunView, Status, Verdict};
use crate::domain::{MediaId, MediaKey, MeetingKey, Source, Summary, Text};
use crate::session::state::{
    Command, Connection, Secret, SignIn, SourceState, Upload, UploadId, UploadStage, GRACE,
};
use crate::session::{Config, SourceProfile};
use crate::sorted::Map;
use crate::time::{Instant, Timestamp};
use crate::toast::activity::Mark;
use crate::toast::{Activity, Hold, Spoken, Subject, Toast};
use crate::web::{Dirty, Driver, Listener, OnChange};

/// Starts a session with the configured servers and provides it to everything below the current component. The servers
/// are known at once, what they say is not.
pub fn provide_telltale(config: Config) -> Telltale {
    let store = Rc::new(Store::new());
    let sink = Rc::clone(&store);
    let driver = Driver::start(config, move |session, dirty, now| {
        sink.flush(session, dirty, now);
    });
    // The first frame comes later, and whoever asks for a server until then would be told that there is none.
    let whole = Dirty {
        list: true,
        tick: true,
        ..Dirty::default()
    };
    driver.with_session(|session, now| store.flush(session, &whole, now));
    provide_telltale_on(store, driver)
}

/// The same on signals that somebody else sets: a gallery of states, a test.
pub fn provide_telltale_on(store: Rc<Store>, backing: Rc<dyn Backing>) -> Telltale {
    let telltale = Telltale {
        signals: store.signals,
        store: StoredValue::new_local(store),
        backing: StoredValue::new_local(backing),
        open: StoredValue::new_local(Map::new()),
        joined: RwSignal::new(Vec::new()),
        upload_to: RwSignal::new(None),
    };
    // Whoever signs out leaves every meeting, and so does whoever signs in as somebody else.
    Effect::new(move |_| {
        telltale.signals.sign_in.track();
        telltale.forget_meetings_left();
    });
    provide_context(telltale);
    telltale
}

/// The session that a component above provides.
///
/// # Panics
/// If none does: a fault of the program that shows at once.
#[must_use]
pub fn use_telltale() -> Telltale {
    expect_context::<Telltale>()
}

impl Backing for Driver {
    fn command(&self, command: Command) {
        Driver::command(self, command);
    }

    fn upload(&self, source: Source, file: web_sys::File) -> UploadId {
        Driver::upload(self, source, &file)
    }

    fn cancel_upload(&self, id: UploadId) {
        Driver::cancel_upload(self, id);
    }

    fn summary(&self, key: &MediaKey) -> Option<Summary> {
        self.with_session(|session, _| session.summary(key).cloned())
    }

    fn media(&self, key: &MediaKey) -> Option<MediaView> {
        self.with_session(|session, now| session.media(key, now))
    }

    fn meeting(&self, key: &MeetingKey) -> Option<MeetingView> {
        self.with_session(|session, now| session.meeting(key, now))
    }

    fn trail(&self, key: &MeetingKey) -> Option<Trail> {
        self.with_session(|session, _| session.trail(key))
    }

    fn redraw(&self) {
        Driver::redraw(self);
    }

    fn activity(&self, read: &mut dyn FnMut(&Activity)) {
        self.with_session(|session, _| read(session.activity()));
    }

    fn wall_time(&self, at: Instant) -> Timestamp {
        Driver::wall_time(self, at)
    }

    fn listen(&self, told: OnChange) -> Listener {
        Driver::listen(self, told)
    }

    fn profile(&self, source: Source) -> Option<SourceProfile> {
        self.with_session(|session, _| session.profile(source))
    }
}

/// A handle on the session.
#[derive(Clone, Copy)]
pub struct Telltale {
    signals: Signals,
    store: StoredValue<Rc<Store>, LocalStorage>,
    backing: StoredValue<Rc<dyn Backing>, LocalStorage>,
    /// How many views of each media are open: the last one that closes tells the session.
    open: StoredValue<Map<MediaKey, usize>, LocalStorage>,
    joined: RwSignal<Vec<MeetingKey>>,
    upload_to: RwSignal<Option<Source>>,
}

impl Telltale {
    /// Does what a person asked for.
    pub fn command(self, command: Command) {
        self.backing.with_value(|backing| backing.command(command));
    }

    /// Sends a file to a server.
    pub fn upload(self, source: Source, file: web_sys::File) -> UploadId {
        self.backing
            .with_value(|backing| backing.upload(source, file))
    }

    /// What a configured server can do, and the words for it.
    #[must_use]
    pub fn profile(self, source: Source) -> Option<SourceProfile> {
        self.backing.with_value(|backing| backing.profile(source))
    }

    /// The media of this id on the server that the configuration calls by this name; `None` without such a server, or
    /// if the id is empty or too long.
    #[must_use]
    pub fn media_key(self, server: &str, id: &str) -> Option<MediaKey> {
        let source = self.signals.sources.with_untracked(|sources| {
            let found = sources.iter().find(|state| state.name.as_str() == server);
            found.map(|state| state.source)
        })?;
        let id = MediaId::new(id)?;
        Some(MediaKey { source, id })
    }

    /// Reads the configured servers, without tracking.
    pub fn with_sources<R>(self, read: impl FnOnce(&[SourceState]) -> R) -> R {
        self.signals.sources.with_untracked(|sources| read(sources))
    }

    /// The page's monotonic clock, once a second while the page is visible.
    #[must_use]
    pub fn now(self) -> Signal<Instant> {
        self.signals.now.into()
    }

    /// What the polite live region says.
    #[must_use]
    pub fn polite(self) -> Signal<Option<Spoken>> {
        self.signals.polite.into()
    }

    /// What the assertive live region says.
    #[must_use]
    pub fn assertive(self) -> Signal<Option<Spoken>> {
        self.signals.assertive.into()
    }

    /// Holds what is drawn of media and meetings (`true`), or lets it go on from now. Alerts, ends and the state of the
    /// connection are drawn all the same.
    pub fn pause(self, is_wanted: bool) {
        self.store.with_value(|store| store.pause(is_wanted));
        self.backing.with_value(|backing| backing.redraw());
    }

    /// While it is held: how many media and meetings have changed since.
    #[must_use]
    pub fn paused(self) -> Signal<Option<usize>> {
        self.signals.paused.into()
    }

    /// How much of the activity is new.
    #[must_use]
    pub fn activity_mark(self) -> Signal<Mark> {
        self.signals.activity.into()
    }

    /// Reads everything that was told since somebody signed in, without tracking.
    ///
    /// # Panics
    /// If what stands behind the signals does not read: a fault of the program that shows at once.
    pub fn with_activity<R>(self, read: impl FnOnce(&Activity) -> R) -> R {
        let (mut read, mut found) = (Some(read), None);
        self.backing.with_value(|backing| {
            backing.activity(&mut |activity| {
                if let Some(read) = read.take() {
                    found = Some(read(activity));
                }
            });
        });
        found.expect("a backing has an activity")
    }

    /// What the configuration calls a server, without tracking; nothing if there is no such server.
    #[must_use]
    pub fn server_name(self, source: Source) -> String {
        self.with_sources(|sources| {
            let found = sources.iter().find(|state| state.source == source);
            found.map_or_else(String::new, |state| state.name.as_str().to_owned())
        })
    }

    /// What the device's clock showed at a moment of this page, sleeps included.
    #[must_use]
    pub fn wall_time(self, at: Instant) -> Timestamp {
        self.backing.with_value(|backing| backing.wall_time(at))
    }

    /// The meetings that were joined on this page and not left.
    #[must_use]
    pub fn joined(self) -> Signal<Vec<MeetingKey>> {
        self.joined.into()
    }

    /// A meeting that the session has left is joined no more.
    fn forget_meetings_left(self) {
        let is_open = |key: &MeetingKey| {
            self.backing
                .with_value(|backing| backing.meeting(key).is_some())
        };
        if !self
            .joined
            .with_untracked(|joined| joined.iter().all(is_open))
        {
            self.joined.update(|joined| joined.retain(is_open));
        }
    }

    /// Whether what is shown of a server may be out of date. Tracks; a loss shorter than the grace is none.
    #[must_use]
    pub fn is_stale(self, source: Source) -> bool {
        let now = self.signals.now.get();
        self.signals.sources.with(|sources| {
            let found = sources.iter().find(|state| state.source == source);
            found.is_some_and(|state| is_stale(&state.connection, now))
        })
    }

    /// Keeps a media open until the current component ends: its details are fetched, and its card is put away.
    pub fn keep_open(self, key: &MediaKey) {
        let is_first = self.open.try_update_value(|open| {
            let count = open.entry(key.clone()).or_default();
            *count += 1;
            *count == 1
        });
        if is_first == Some(true) {
            self.command(Command::Open(key.clone()));
        }
        let key = key.clone();
        on_cleanup(move || {
            let is_last = self.open.try_update_value(|open| {
                let count = open.get_mut(&key).map_or(0, |count| {
                    *count -= 1;
                    *count
                });
                if count == 0 {
                    open.remove(&key);
                }
                count == 0
            });
            // When the whole page ends, the session may be gone before its views.
            if is_last == Some(true) {
                self.backing
                    .try_with_value(|backing| backing.command(Command::Close(key.clone())));
            }
        });
    }
}

/// What is known of one media and its analysis, as it comes in.
#[must_use]
pub fn use_analysis_progress(media: MediaKey) -> AnalysisProgress {
    let telltale = use_telltale();
    let signals = telltale.backing.with_value(|backing| {
        telltale
            .store
            .with_value(|store| store.media(&media, backing.as_ref()))
    });
    AnalysisProgress {
        telltale,
        signals: StoredValue::new(signals),
        key: StoredValue::new(media),
        choice: RwSignal::new(None),
    }
}

/// One media's analysis. Each method that returns a [`Signal`] makes it for the current component: call it once, in the
/// component's body. `with_…` reads and tracks in a closure.
#[derive(Clone, Copy)]
pub struct AnalysisProgress {
    telltale: Telltale,
    signals: StoredValue<Arc<MediaSignals>>,
    key: StoredValue<MediaKey>,
    /// What the person chose, and in which run: a new run shows itself again.
    choice: RwSignal<Option<(u32, bool)>>,
}

impl AnalysisProgress {
    /// Which media.
    #[must_use]
    pub fn key(self) -> MediaKey {
        self.key.get_value()
    }

    /// Reads all that is known; `None` while nothing is.
    pub fn with_view<R>(self, read: impl FnOnce(Option<&MediaView>) -> R) -> R {
        self.signals
            .with_value(|signals| signals.view.with(|view| read(view.as_ref())))
    }

    /// Reads what a row or a card shows; changes less often than the whole.
    pub fn with_summary<R>(self, read: impl FnOnce(Option<&Summary>) -> R) -> R {
        self.signals
            .with_value(|signals| signals.summary.with(|summary| read(summary.as_ref())))
    }

    /// Whether to show a panel of it: while it runs, unless a person chose otherwise.
    #[must_use]
    pub fn visible(self) -> Signal<bool> {
        Memo::new(move |_| {
            let (run, runs) = self.with_summary(|summary| {
                summary.map_or((0, false), |summary| {
                    let runs = matches!(summary.status, Status::Queued | Status::Running);
                    (summary.run, runs)
                })
            });
            match self.choice.get() {
                Some((of, chosen)) if of == run => chosen,
                _ => runs,
            }
        })
        .into()
    }

    /// Shows it, for this run.
    pub fn show(self) {
        self.choose(true);
    }

    /// Hides it, for this run. The analysis goes on.
    pub fn hide(self) {
        self.choose(false);
    }

    fn choose(self, visible: bool) {
        let run = untrack(|| self.with_summary(|summary| summary.map_or(0, |summary| summary.run)));
        self.choice.set(Some((run, visible)));
    }

    /// The file's name, once a server has said it.
    #[must_use]
    pub fn name(self) -> Signal<Option<Text>> {
        self.memo(|view| view.and_then(|view| view.name.clone()))
    }

    /// What became of it.
    #[must_use]
    pub fn status(self) -> Signal<Status> {
        self.memo(|view| view.map_or(Status::Unknown, |view| view.status))
    }

    /// The models of the newest run, in the order in which they were first named.
    #[must_use]
    pub fn models(self) -> Signal<Vec<ModelView>> {
        self.memo(|view| run(view).map(|run| run.models.clone()).unwrap_or_default())
    }

    /// 0 to 100; 100 only when every model has ended.
    #[must_use]
    pub fn overall(self) -> Signal<u8> {
        self.memo(|view| run(view).map_or(0, |run| run.percent))
    }

    /// Whether nothing more is expected, however it ended.
    #[must_use]
    pub fn is_complete(self) -> Signal<bool> {
        self.memo(|view| view.is_some_and(|view| view.status.is_ended()))
    }

    /// What the models say together: a likelihood.
    #[must_use]
    pub fn verdict(self) -> Signal<Verdict> {
        self.memo(|view| run(view).map(|run| run.verdict.clone()).unwrap_or_default())
    }

    /// How long it will still take, once there is enough to say.
    #[must_use]
    pub fn left(self) -> Signal<Option<Duration>> {
        self.memo(|view| run(view).and_then(|run| run.left))
    }

    /// How long it has taken until now, or took.
    #[must_use]
    pub fn elapsed(self) -> Signal<Option<Duration>> {
        self.memo(|view| run(view).and_then(|run| run.elapsed))
    }

    /// Asks the server to analyse it once more.
    pub fn analyze_again(self) {
        self.telltale.command(Command::AnalyzeAgain(self.key()));
    }

    fn memo<T: PartialEq + Send + Sync + 'static>(
        self,
        of: impl Fn(Option<&MediaView>) -> T + Send + Sync + 'static,
    ) -> Signal<T> {
        Memo::new(move |_| self.with_view(&of)).into()
    }
}

fn run(view: Option<&MediaView>) -> Option<&RunView> {
    view.and_then(|view| view.run.as_ref())
}

/// The media of all servers.
#[must_use]
pub fn use_media_list() -> MediaList {
    let telltale = use_telltale();
    MediaList {
        entries: telltale.signals.list.into(),
        telltale,
    }
}

/// The media of all servers.
#[derive(Clone, Copy)]
pub struct MediaList {
    /// Newest first.
    pub entries: Signal<Vec<MediaEntry>>,
    telltale: Telltale,
}

/// Whether the list says what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loading {
    /// It is being fetched for the first time.
    Under,
    /// A server's part of it never came.
    Failed,
    /// It was fetched.
    Done,
}

impl MediaList {
    /// How many media the servers have beyond those that they list. Tracks.
    #[must_use]
    pub fn beyond(self) -> usize {
        let sources = self.telltale.signals.sources;
        sources.with(|sources| sources.iter().map(|state| state.beyond as usize).sum())
    }

    /// For how long nothing was heard of a server whose media may be out of date; of several, the longest. Tracks.
    #[must_use]
    pub fn stale_for(self) -> Option<Duration> {
        let signals = self.telltale.signals;
        let now = signals.now.get();
        signals.sources.with(|sources| {
            let stale = sources
                .iter()
                .filter(|state| self.keeps_media(state) && is_stale(&state.connection, now));
            let since = stale.filter_map(|state| match state.connection {
                Connection::Reconnecting { since, .. }
                | Connection::Offline { since }
                | Connection::CatchingUp { since } => Some(since),
                _ => state.fetched_at,
            });
            Some(now.saturating_since(since.min()?))
        })
    }

    fn keeps_media(self, state: &SourceState) -> bool {
        let profile = self.telltale.profile(state.source);
        profile.is_none_or(|profile| !profile.has_meetings)
    }

    /// Whether it was fetched. Tracks.
    #[must_use]
    pub fn loading(self) -> Loading {
        let signals = self.telltale.signals;
        let now = signals.now.get();
        signals.sources.with(|sources| {
            let missing: Vec<_> = sources
                .iter()
                .filter(|state| self.keeps_media(state))
                // A server that keeps no list has none to wait for.
                .filter(|state| state.connection != Connection::LiveUnverified)
                .filter(|state| state.fetched_at.is_none())
                .collect();
            let failed = |state: &&SourceState| is_lost(&state.connection, now);
            match missing.first() {
                None => Loading::Done,
                Some(_) if missing.iter().all(failed) => Loading::Failed,
                Some(_) => Loading::Under,
            }
        })
    }
}

/// One meeting: people, trust and alerts, as they come in.
#[must_use]
pub fn use_meeting(meeting: MeetingKey) -> Meeting {
    let telltale = use_telltale();
    let signals = telltale.backing.with_value(|backing| {
        telltale
            .store
            .with_value(|store| store.meeting(&meeting, backing.as_ref()))
    });
    Meeting {
        telltale,
        signals: StoredValue::new(signals),
        key: StoredValue::new(meeting),
    }
}

/// One meeting.
#[derive(Clone, Copy)]
pub struct Meeting {
    telltale: Telltale,
    signals: StoredValue<Arc<MeetingSignals>>,
    key: StoredValue<MeetingKey>,
}

impl Meeting {
    /// Which meeting.
    #[must_use]
    pub fn key(self) -> MeetingKey {
        self.key.get_value()
    }

    /// Reads all that is known; `None` while nothing is.
    pub fn with_view<R>(self, read: impl FnOnce(Option<&MeetingView>) -> R) -> R {
        self.signals
            .with_value(|signals| signals.view.with(|view| read(view.as_ref())))
    }

    /// Says that its page is open until the current component ends: what stands there needs no card.
    pub fn keep_shown(self) {
        let telltale = self.telltale;
        telltale.command(Command::ShowMeeting(Some(self.key())));
        on_cleanup(move || {
            // When the whole page ends, the session may be gone before its views.
            telltale
                .backing
                .try_with_value(|backing| backing.command(Command::ShowMeeting(None)));
        });
    }

    /// Joins it, now and on every later connection. Joining twice is joining once.
    pub fn join(self) {
        let key = self.key();
        if !self
            .telltale
            .joined
            .with_untracked(|joined| joined.contains(&key))
        {
            self.telltale
                .joined
                .update(|joined| joined.push(key.clone()));
        }
        self.telltale.command(Command::Join(key));
    }

    /// Leaves it, for every view of it.
    pub fn leave(self) {
        let key = self.key();
        self.telltale
            .joined
            .update(|joined| joined.retain(|joined| *joined != key));
        self.telltale.command(Command::Leave(key));
    }

    /// Leaves it when the current component ends: for a view that is the only one of it.
    pub fn leave_at_end(self) {
        let (telltale, key) = (self.telltale, self.key());
        on_cleanup(move || {
            // When the whole page ends, the session may be gone before its views.
            let _ = telltale
                .joined
                .try_update(|joined| joined.retain(|joined| *joined != key));
            telltale
                .backing
                .try_with_value(|backing| backing.command(Command::Leave(key)));
        });
    }

    /// A person has seen a group of alerts.
    pub fn acknowledge(self, group: u32) {
        let meeting = self.key();
        self.telltale
            .command(Command::Acknowledge { meeting, group });
    }

    /// Takes that back.
    pub fn unacknowledge(self, group: u32) {
        let meeting = self.key();
        self.telltale
            .command(Command::Unacknowledge { meeting, group });
    }

    /// What was told of it since it was opened here: each time, a copy of up to 2,000 entries.
    #[must_use]
    pub fn trail(self) -> Option<Trail> {
        let key = self.key();
        (self.telltale.backing).with_value(|backing| backing.trail(&key))
    }

    /// Has the server play its simulated meeting, where it has one.
    pub fn start_scenario(self) {
        self.telltale.command(Command::StartScenario(self.key()));
    }
}

/// How the servers are connected.
#[must_use]
pub fn use_connection() -> ConnectionStatus {
    let telltale = use_telltale();
    ConnectionStatus {
        telltale,
        sources: telltale.signals.sources.into(),
        now: telltale.signals.now.into(),
    }
}

/// How the servers are connected.
#[derive(Clone, Copy)]
pub struct ConnectionStatus {
    telltale: Telltale,
    /// Each configured server.
    pub sources: Signal<Vec<SourceState>>,
    /// Against which ages and countdowns are read.
    pub now: Signal<Instant>,
}

impl ConnectionStatus {
    /// The server that is worst off. A loss shorter than the grace weighs no more than [`Connection::Connecting`], but is
    /// called by its name at once; whether it is worth a banner is for [`is_lost`] to say. Tracks.
    #[must_use]
    pub fn worst(self) -> Option<SourceState> {
        let now = self.now.get();
        self.sources.with(|sources| {
            let worst = sources
                .iter()
                .max_by_key(|state| badness(&state.connection, now))?;
            Some(worst.clone())
        })
    }

    /// Cuts the wait for the next attempt.
    pub fn retry_now(self) {
        self.telltale.command(Command::RetryNow);
    }
}

/// Whether a loss is to be shown: it is one, and it has lasted.
#[must_use]
pub fn is_lost(connection: &Connection, now: Instant) -> bool {
    match connection {
        Connection::Reconnecting { since, .. } | Connection::Offline { since } => {
            now.saturating_since(*since) >= GRACE
        }
        // The connection stands, but what it should have brought did not come: as much worth a word.
        Connection::NotFetched => true,
        other => other.is_lost(),
    }
}

/// Whether what is shown of a server is to be marked as old. A short gap is none, whatever ends it.
fn is_stale(connection: &Connection, now: Instant) -> bool {
    match connection {
        Connection::CatchingUp { since } => now.saturating_since(*since) >= GRACE,
        other => is_lost(other, now),
    }
}

fn badness(connection: &Connection, now: Instant) -> u8 {
    match connection {
        lost if lost.is_lost() && !is_lost(lost, now) => 3,
        Connection::Idle => 0,
        Connection::Live | Connection::LiveUnverified => 1,
        Connection::CatchingUp { .. } => 2,
        Connection::NotFetched => 3,
        Connection::Connecting => 3,
        Connection::Reconnecting { .. } => 4,
        Connection::Stopped { .. } => 5,
        Connection::Offline { .. } => 6,
        Connection::SignInAgain { .. } => 7,
    }
}

/// The cards on screen.
#[must_use]
pub fn use_toasts() -> Toasts {
    let telltale = use_telltale();
    Toasts {
        telltale,
        list: telltale.signals.toasts.into(),
        overflow: telltale.signals.overflow.into(),
    }
}

/// The cards on screen.
#[derive(Clone, Copy)]
pub struct Toasts {
    telltale: Telltale,
    /// Newest first; never two about one thing.
    pub list: Signal<Vec<Toast>>,
    /// How many more there are.
    pub overflow: Signal<usize>,
}

impl Toasts {
    /// Puts a card away. What it is about goes on.
    pub fn dismiss(self, subject: Subject) {
        self.telltale.command(Command::Dismiss(subject));
    }

    /// Shows all cards, or as few as fit again.
    pub fn show_all(self, is_wanted: bool) {
        self.telltale.command(Command::ShowAllToasts(is_wanted));
    }

    /// A reason for which no card may leave.
    pub fn hold(self, why: Hold) {
        self.telltale.command(Command::Hold(why));
    }

    /// That reason is over.
    pub fn release(self, why: Hold) {
        self.telltale.command(Command::Release(why));
    }
}

/// Whether someone is signed in.
#[must_use]
pub fn use_sign_in() -> SignInStatus {
    let telltale = use_telltale();
    SignInStatus {
        telltale,
        state: telltale.signals.sign_in.into(),
    }
}

/// Whether someone is signed in.
#[derive(Clone, Copy)]
pub struct SignInStatus {
    telltale: Telltale,
    /// As it stands.
    pub state: Signal<SignIn>,
}

impl SignInStatus {
    /// Signs in to every server that asks for it.
    pub fn sign_in(self, name: String, password: String) {
        self.telltale.command(Command::SignIn {
            name,
            password: Secret(password),
        });
    }

    /// Forgets the token and all that was shown.
    pub fn sign_out(self) {
        self.telltale.command(Command::SignOut);
    }
}

/// The files on their way.
#[must_use]
pub fn use_uploads() -> Uploads {
    let telltale = use_telltale();
    Uploads {
        telltale,
        list: telltale.signals.uploads.into(),
    }
}

/// The files on their way.
#[derive(Clone, Copy)]
pub struct Uploads {
    telltale: Telltale,
    /// Those under way, and those that ended and were not put away.
    pub list: Signal<Vec<Upload>>,
}

impl Uploads {
    /// The servers that take files. Tracks.
    #[must_use]
    pub fn servers(self) -> Vec<SourceState> {
        self.telltale.signals.sources.with(|sources| {
            let takes = |state: &&SourceState| {
                let profile = self.telltale.profile(state.source);
                profile.is_some_and(|profile| profile.takes_files)
            };
            sources.iter().filter(takes).cloned().collect()
        })
    }

    /// The server that the next file goes to: the one that was chosen, else the first. Tracks.
    #[must_use]
    pub fn target(self) -> Option<SourceState> {
        let chosen = self.telltale.upload_to.get();
        let servers = self.servers();
        let found = servers.iter().find(|state| Some(state.source) == chosen);
        found.or_else(|| servers.first()).cloned()
    }

    /// Chooses it.
    pub fn choose_target(self, source: Source) {
        self.telltale.upload_to.set(Some(source));
    }

    /// Sends files to the chosen server; none takes them, nothing happens.
    pub fn send(self, files: &web_sys::FileList) {
        let Some(target) = untrack(|| self.target()) else {
            return;
        };
        for at in 0..files.length() {
            if let Some(file) = files.get(at) {
                self.telltale.upload(target.source, file);
            }
        }
    }

    /// Stops one, or puts away one that ended.
    pub fn cancel(self, upload: &Upload) {
        match upload.stage {
            UploadStage::Sending | UploadStage::Answering => {
                (self.telltale.backing).with_value(|backing| backing.cancel_upload(upload.id));
            }
            UploadStage::Done(_) | UploadStage::Failed(_) => {
                self.telltale.command(Command::ForgetUpload(upload.id));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_shown_when_it_has_lasted() {
        let since = Instant::from_millis(10_000);
        let reconnecting = Connection::Reconnecting {
            attempt: 1,
            retry_at: None,
            since,
        };
        for (connection, at, shown) in [
            (Connection::Live, 99_000, false),
            (Connection::Connecting, 99_000, false),
            (reconnecting.clone(), 9_000, false),
            (reconnecting.clone(), 10_000, false),
            (reconnecting.clone(), 11_499, false),
            (reconnecting, 11_500, true),
            (Connection::Offline { since }, 11_499, false),
            (Connection::Offline { since }, 11_500, true),
            (Connection::SignInAgain { message: None }, 0, true),
        ] {
            assert_eq!(is_lost(&connection, Instant::from_millis(at)), shown);
        }
    }
}
