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

mod analysis;
mod connection;
mod listen;
mod media_list;
mod meeting;
mod sign_in;
mod toasts;
mod uploads;

use std::rc::Rc;

use leptos::prelude::*;

pub use analysis::{use_analysis_progress, AnalysisProgress};
use connection::is_stale;
pub use connection::{use_connection, Absence, ConnectionStatus};
pub use media_list::{use_media_list, Loading, MediaList};
pub use meeting::{use_meeting, Meeting};
pub use sign_in::{use_sign_in, SignInStatus};
pub use toasts::{use_toasts, Toasts};
pub use uploads::{use_uploads, Uploads};

use super::format::Today;
use super::store::{Backing, Signals, Store};
use crate::domain::trail::Trail;
use crate::domain::view::{MediaView, MeetingView};
use crate::domain::{MediaId, MediaKey, MeetingKey, Source, Summary, Text};
use crate::session::state::{Command, Secret, SourceState, UploadId};
use crate::session::{Config, Session, SourceProfile};
use crate::sorted::Map;
use crate::time::{Instant, Timestamp};
use crate::toast::activity::Mark;
use crate::toast::{Activity, Spoken};
use crate::web::driver::MakeTap;
use crate::web::{Dirty, Driver, Listener, OnChange};

/// Starts a session with the configured servers and provides it to everything below the current component. The servers
/// are known at once, what they say is not.
pub fn provide_telltale(config: Config) -> Telltale {
    provide_telltale_tapped(config, None)
}

/// The same with a tap that is told everything from the beginning.
pub fn provide_telltale_tapped(config: Config, tap: Option<MakeTap<'_>>) -> Telltale {
    let store = Rc::new(Store::new());
    let sink = Rc::clone(&store);
    let driver = Driver::start_tapped(config, tap, move |session, dirty, now| {
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
    super::language::learn();
    let telltale = Telltale {
        signals: store.signals,
        store: StoredValue::new_local(store),
        backing: StoredValue::new_local(backing),
        open: StoredValue::new_local(Map::new()),
        visits: StoredValue::new_local(Map::new()),
        upload_to: RwSignal::new(None),
    };
    telltale.provide();
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

    fn tokens(&self) -> Vec<Secret> {
        self.with_session(|session, _| session.tokens().collect())
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

    #[cfg(feature = "debug")]
    fn set_tap(&self, tap: Option<Rc<dyn crate::session::record::Tap>>) {
        Driver::set_tap(self, tap);
    }

    fn session(&self, read: &mut dyn FnMut(&Session, Instant)) {
        self.with_session(|session, now| read(session, now));
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
    /// How many views of each meeting leave it at their end: the last one does.
    visits: StoredValue<Map<MeetingKey, usize>, LocalStorage>,
    upload_to: RwSignal<Option<Source>>,
}

impl Telltale {
    /// Provides this session to everything below the current component, which is mounted on its own: the component that
    /// has begun the session must outlive it.
    pub fn provide(self) {
        provide_context(self);
        provide_context(Today::follow(self.now()));
    }

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

    /// The tokens that the session was given, for whoever has to take them out of a text.
    pub(super) fn tokens(self) -> Vec<Secret> {
        self.backing.with_value(|backing| backing.tokens())
    }

    /// What the device's clock showed at a moment of this page, sleeps included.
    #[must_use]
    pub fn wall_time(self, at: Instant) -> Timestamp {
        self.backing.with_value(|backing| backing.wall_time(at))
    }

    /// Has a tap told what goes in and out from now on, or nobody.
    #[cfg(feature = "debug")]
    pub(super) fn set_tap(self, tap: Option<Rc<dyn crate::session::record::Tap>>) {
        // When the whole page ends, the session may be gone before its views.
        self.backing
            .try_with_value(|backing| backing.set_tap(tap.clone()));
    }

    /// Reads the session as of now, without tracking.
    pub(super) fn with_session(self, mut read: impl FnMut(&Session, Instant)) {
        self.backing
            .with_value(|backing| backing.session(&mut read));
    }

    /// Counts the frames in which something was handed to the session.
    #[cfg(feature = "debug")]
    pub(super) fn frames(self) -> Signal<u64> {
        self.signals.frames.into()
    }

    /// The meetings that were joined on this page and not left: at most
    /// [`MAX_MEETINGS`](crate::domain::store::MAX_MEETINGS).
    #[must_use]
    pub fn joined(self) -> Signal<Vec<MeetingKey>> {
        self.signals.joined.into()
    }

    /// The meetings that were left and are remembered, the last one first: at most
    /// [`MAX_LEFT`](crate::domain::store::MAX_LEFT).
    #[must_use]
    pub fn left_meetings(self) -> Signal<Vec<MeetingKey>> {
        self.signals.left.into()
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

    /// Why there is nothing of a media, as long as there is nothing; `None` if no server has its source. Tracks.
    #[must_use]
    pub fn absence(self, key: &MediaKey) -> Option<Absence> {
        let now = self.signals.now.get();
        self.signals.sources.with(|sources| {
            let found = sources.iter().find(|state| state.source == key.source);
            found.map(|state| Absence::of(&key.id, state, now))
        })
    }

    /// What its server said when it was asked for a media and did not answer with it. Tracks.
    pub(super) fn words_instead_of(self, key: &MediaKey) -> Option<Text> {
        self.signals.sources.with(|sources| {
            let found = sources.iter().find(|state| state.source == key.source);
            found.and_then(|state| Absence::words(&key.id, state))
        })
    }

    /// Keeps a media open until the current component ends: its details are fetched, and its card is put away.
    pub fn keep_open(self, key: &MediaKey) {
        if self.counted(self.open, key, Command::Close) {
            self.command(Command::Open(key.clone()));
        }
    }

    /// Counts the current component among those of this key until it ends, and does `at_last` when the last one of them
    /// does. Whether it is the first.
    fn counted<K: Ord + Clone + Send + Sync + 'static>(
        self,
        counts: StoredValue<Map<K, usize>, LocalStorage>,
        key: &K,
        at_last: fn(K) -> Command,
    ) -> bool {
        let is_first = counts.try_update_value(|counts| {
            let count = counts.entry(key.clone()).or_default();
            *count += 1;
            *count == 1
        });
        let key = key.clone();
        on_cleanup(move || {
            let is_last = counts.try_update_value(|counts| {
                let count = counts.get_mut(&key).map_or(0, |count| {
                    *count -= 1;
                    *count
                });
                if count == 0 {
                    counts.remove(&key);
                }
                count == 0
            });
            // When the whole page ends, the session may be gone before its views.
            if is_last == Some(true) {
                self.backing
                    .try_with_value(|backing| backing.command(at_last(key.clone())));
            }
        });
        is_first == Some(true)
    }
}
