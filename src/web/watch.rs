//! Callbacks for code without Leptos: registered for one thing, told when it looks different.
//!
//! [`Driver::watch_media`](super::Driver::watch_media) and its siblings give a [`Watch`]; dropping it unregisters. A
//! callback is told once in the next frame how things stand, and after that in each frame in which they look different,
//! however many events came in between. It may register and unregister, itself as well, give commands and read the
//! session: nothing is borrowed while it runs.
//!
//! ```no_run
//! use std::rc::Rc;
//! use telltale::domain::{MediaId, MediaKey, Source};
//! use telltale::session::state::Command;
//! use telltale::session::Config;
//! use telltale::web::{Driver, Watch};
//!
//! /// Both are kept as long as anything is to be heard.
//! fn follow(config: Config, id: &str, show: impl Fn(Option<u8>) + 'static) -> Option<(Rc<Driver>, Watch)> {
//!     let media = MediaKey { source: Source(0), id: MediaId::new(id)? };
//!     let driver = Driver::start(config, |_, _, _| {});
//!     // Its details are fetched now, and again after each reconnect.
//!     driver.command(Command::Open(media.clone()));
//!     let watch = driver.watch_media(media, move |view| {
//!         let run = view.and_then(|view| view.run.as_ref());
//!         // As long as nobody knows how many models there are, there is no share of them.
//!         show(run.and_then(|run| run.percent));
//!     });
//!     Some((driver, watch))
//! }
//! ```

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use super::Dirty;
use crate::domain::view::{MediaView, MeetingView};
use crate::domain::{MediaKey, MeetingKey, Summary};
use crate::session::state::SourceState;
use crate::session::Session;
use crate::sorted::Map;
use crate::time::Instant;
use crate::toast::Toast;

/// A registered callback. Dropping it unregisters: it is not called any more, and what it owns is freed.
#[must_use = "dropping it unregisters the callback"]
pub struct Watch {
    id: u64,
    all: Weak<Watches>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(all) = self.all.upgrade() {
            let entry = all.entries.borrow_mut().remove(&self.id);
            if let Some(entry) = entry {
                entry.is_gone.set(true);
                // Dropped here, after the list was given back: what a callback owns may be another `Watch`.
                drop(entry);
            }
        }
    }
}

/// All registered callbacks, in the order in which they came.
#[derive(Default)]
pub(super) struct Watches {
    entries: RefCell<Map<u64, Rc<Entry>>>,
    last_id: Cell<u64>,
}

struct Entry {
    about: Box<dyn About>,
    is_gone: Cell<bool>,
}

/// One watched thing, and who is told.
trait About {
    /// Reads it. Whether it looks different from what was read last.
    fn read(&self, session: &Session, dirty: &Dirty, now: Instant) -> bool;
    /// Tells what was read last.
    fn tell(&self);
}

struct Watched<T, R, F> {
    /// Whether it may look different.
    is_dirty: fn(&R, &Dirty) -> bool,
    read: fn(&R, &Session, Instant) -> T,
    which: R,
    last: RefCell<Option<Rc<T>>>,
    tell: F,
}

impl<T: PartialEq, R, F: Fn(&T)> About for Watched<T, R, F> {
    fn read(&self, session: &Session, dirty: &Dirty, now: Instant) -> bool {
        let mut last = self.last.borrow_mut();
        if last.is_some() && !(self.is_dirty)(&self.which, dirty) {
            return false;
        }
        let read = (self.read)(&self.which, session, now);
        let is_different = last.as_deref() != Some(&read);
        if is_different {
            *last = Some(Rc::new(read));
        }
        is_different
    }

    fn tell(&self) {
        let last = self.last.borrow().clone();
        if let Some(last) = last {
            (self.tell)(&last);
        }
    }
}

/// A media and what is shown of it in the list.
type Row = (MediaKey, Summary);

/// The list, of which a frame replaces the rows that look different: there may be thousands.
struct List<F> {
    last: RefCell<Option<Rc<Vec<Row>>>>,
    tell: F,
}

impl<F: Fn(&[Row])> About for List<F> {
    fn read(&self, session: &Session, dirty: &Dirty, _: Instant) -> bool {
        let mut last = self.last.borrow_mut();
        let Some(rows) = last.as_mut().filter(|_| !dirty.list) else {
            let rows = session.list().filter_map(|key| {
                let summary = session.summary(key)?;
                Some((key.clone(), summary.clone()))
            });
            let rows: Vec<_> = rows.collect();
            let is_different = last.as_deref() != Some(&rows);
            *last = Some(Rc::new(rows));
            return is_different;
        };
        if dirty.media.is_empty() {
            return false;
        }
        let mut is_different = false;
        for at in 0..rows.len() {
            let (key, shown) = &rows[at];
            let summary = (dirty.media.contains(key)).then(|| session.summary(key));
            if let Some(summary) = summary.flatten().filter(|summary| *summary != shown) {
                Rc::make_mut(rows)[at].1 = summary.clone();
                is_different = true;
            }
        }
        is_different
    }

    fn tell(&self) {
        let last = self.last.borrow().clone();
        if let Some(last) = last {
            (self.tell)(&last);
        }
    }
}

impl Watches {
    /// How many callbacks are registered.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.entries.borrow().len()
    }

    pub fn media(
        self: &Rc<Self>,
        key: MediaKey,
        tell: impl Fn(Option<&MediaView>) + 'static,
    ) -> Watch {
        self.add(Watched {
            is_dirty: |key, dirty| dirty.tick || dirty.media.contains(key),
            read: |key, session, now| session.media(key, now),
            which: key,
            last: RefCell::default(),
            tell: move |view: &Option<MediaView>| tell(view.as_ref()),
        })
    }

    pub fn list(self: &Rc<Self>, tell: impl Fn(&[Row]) + 'static) -> Watch {
        self.add(List {
            last: RefCell::default(),
            tell,
        })
    }

    pub fn meeting(
        self: &Rc<Self>,
        key: MeetingKey,
        tell: impl Fn(Option<&MeetingView>) + 'static,
    ) -> Watch {
        self.add(Watched {
            is_dirty: |key, dirty| dirty.tick || dirty.meetings.contains(key),
            read: |key, session, now| session.meeting(key, now),
            which: key,
            last: RefCell::default(),
            tell: move |view: &Option<MeetingView>| tell(view.as_ref()),
        })
    }

    pub fn connections(self: &Rc<Self>, tell: impl Fn(&[SourceState]) + 'static) -> Watch {
        self.add(Watched {
            is_dirty: |(), _| true,
            read: |(), session, _| session.sources(),
            which: (),
            last: RefCell::default(),
            tell: move |sources: &Vec<_>| tell(sources),
        })
    }

    pub fn toasts(self: &Rc<Self>, tell: impl Fn(&[Toast]) + 'static) -> Watch {
        self.add(Watched {
            is_dirty: |(), _| true,
            read: |(), session, _| session.toasts().to_vec(),
            which: (),
            last: RefCell::default(),
            tell: move |toasts: &Vec<_>| tell(toasts),
        })
    }

    /// Reads all that is watched, and gives those who are to be told. They are told apart from this, when the session
    /// is free again.
    pub fn read(&self, session: &Session, dirty: &Dirty, now: Instant) -> Told {
        let different = self.entries.borrow();
        let different = different
            .values()
            .filter(|entry| entry.about.read(session, dirty, now));
        Told(different.cloned().collect())
    }

    fn add(self: &Rc<Self>, about: impl About + 'static) -> Watch {
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        let entry = Entry {
            about: Box::new(about),
            is_gone: Cell::new(false),
        };
        self.entries.borrow_mut().insert(id, Rc::new(entry));
        Watch {
            id,
            all: Rc::downgrade(self),
        }
    }
}

/// Callbacks whose things look different.
pub(super) struct Told(Vec<Rc<Entry>>);

impl Told {
    /// Tells them, but for those that one before them has unregistered.
    pub fn tell(self) {
        for entry in self.0 {
            if !entry.is_gone.get() {
                entry.about.tell();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MediaId, MeetingId, Source};
    use crate::protocol::{Frame, TransportId};
    use crate::session::state::{Command, Connection, Secret};
    use crate::session::{Config, Input, Output};

    #[test]
    fn each_callback_is_told_how_things_stand_and_then_only_what_is_different() {
        let mut scene = Scene::new();
        let told = Log::default();
        let _watches = [
            scene.watches.connections(told.note("connections")),
            scene.watches.toasts(told.note("toasts")),
            scene.watches.list(told.note("list")),
            scene.watches.media(media(), told.note_one("media")),
            scene.watches.meeting(meeting(), told.note_one("meeting")),
        ];

        scene.frame();
        assert_eq!(
            told.take(),
            ["connections", "toasts", "list", "media", "meeting"]
        );
        scene.frame();
        assert_eq!(told.take(), [""; 0]);
        scene
            .session
            .handle_input(Input::Command(Command::Join(meeting())), scene.now);
        scene.dirty.meetings.insert(meeting());
        scene.frame();
        assert_eq!(told.take(), ["meeting"]);
        scene.session.handle_input(Input::Start, scene.now);
        scene.frame();
        assert_eq!(told.take(), ["connections"]);
    }

    #[test]
    fn what_is_told_of_the_list_is_the_whole_list_whichever_rows_look_different() {
        let mut scene = Scene::of("analysis");
        let transport = scene.connect();
        let told = Rc::new(RefCell::new(Vec::new()));
        let sink = told.clone();
        let _watch = scene
            .watches
            .list(move |rows| sink.borrow_mut().push(rows.to_vec()));
        scene.frame();
        assert_eq!(told.take(), [vec![]]);

        for (media, done, is_told) in [
            (&["a"][..], 10, true),
            (&["b", "c"], 20, true),
            (&["b"], 30, true),
            (&["a", "c"], 40, true),
            (&["a", "c"], 40, false),
            (&[], 0, false),
            (&["a", "d"], 50, true),
        ] {
            for media in media {
                let progress = format!(
                    r#"42["progress_update",{{"mediaId":"{media}","event":"FRAME_ANALYSIS_PROGRESS","data":{{"model_name":"m","progress":{done},"total":100}}}}]"#
                );
                let queued = format!(
                    r#"42["progress_update",{{"mediaId":"{media}","event":"ANALYSIS_QUEUED","data":{{"model_name":"m"}}}}]"#
                );
                scene.hear(transport, &queued);
                scene.hear(transport, &progress);
            }
            scene.frame();

            let session = &scene.session;
            let row = |key: &MediaKey| Some((key.clone(), session.summary(key)?.clone()));
            let whole: Vec<_> = session.list().filter_map(row).collect();
            let expected = is_told.then_some(whole);
            assert_eq!(told.take(), Vec::from_iter(expected), "{media:?} {done}");
        }
        assert_eq!(scene.session.list().count(), 4);
    }

    #[test]
    fn any_number_may_watch_the_same_and_each_leaves_alone() {
        let mut scene = Scene::new();
        let told = Log::default();
        let mut watches: Vec<_> = (0..100)
            .map(|_| scene.watches.media(media(), told.note_one("media")))
            .collect();
        scene.frame();
        assert_eq!(told.take().len(), 100);

        watches.truncate(1);
        assert_eq!(scene.watches.len(), 1);
        watches.push(scene.watches.media(media(), told.note_one("new")));
        scene.frame();

        assert_eq!(told.take(), ["new"]);
    }

    #[test]
    fn when_the_last_is_gone_nothing_of_any_is_left() {
        let mut scene = Scene::new();
        let owned = Rc::new(());
        for _ in 0..1000 {
            let held = [(); 3].map(|()| owned.clone());
            let [a, b, c] = held;
            let watches = [
                scene.watches.media(media(), move |_| drop(a.clone())),
                scene.watches.list(move |_| drop(b.clone())),
                scene.watches.toasts(move |_| drop(c.clone())),
            ];
            scene.frame();
            assert_eq!(Rc::strong_count(&owned), 4);
            drop(watches);
        }

        assert_eq!(scene.watches.len(), 0);
        assert_eq!(Rc::strong_count(&owned), 1);
    }

    #[test]
    fn a_callback_may_unregister_itself_and_others_and_register_new_ones() {
        let mut scene = Scene::new();
        let told = Log::default();
        let (slot, others) = (Slot::default(), Slot::default());
        let inside = {
            let (watches, told) = (scene.watches.clone(), told.clone());
            let (slot, others) = (slot.clone(), others.clone());
            move |_: &[Toast]| {
                told.push("first");
                // Itself, one that would be told after it in this frame, and a new one.
                let new = watches.list(told.note("new"));
                let before = slot.replace(Some(new));
                drop(before);
                drop(others.take());
            }
        };
        *slot.borrow_mut() = Some(scene.watches.toasts(inside));
        *others.borrow_mut() = Some(scene.watches.connections(told.note("other")));

        scene.frame();
        assert_eq!(told.take(), ["first"]);
        assert_eq!(scene.watches.len(), 1);
        scene.frame();
        assert_eq!(told.take(), ["new"]);
    }

    #[test]
    fn a_callback_that_owns_a_watch_takes_it_along() {
        let mut scene = Scene::new();
        let inner = scene.watches.toasts(|_| {});
        let outer = scene.watches.list(move |_| {
            let _ = &inner;
        });
        scene.frame();

        drop(outer);

        assert_eq!(scene.watches.len(), 0);
    }

    #[test]
    fn a_watch_that_outlives_its_driver_does_no_harm() {
        let scene = Scene::new();
        let watch = scene.watches.toasts(|_| {});
        drop(scene);

        drop(watch);
    }

    #[test]
    fn what_is_told_is_what_the_session_says() {
        let mut scene = Scene::new();
        let seen = Rc::new(RefCell::new(Vec::new()));
        let sink = seen.clone();
        let _watch = scene.watches.connections(move |sources| {
            sink.borrow_mut()
                .extend(sources.iter().map(|state| state.connection.clone()));
        });

        scene.frame();
        scene.session.handle_input(Input::Start, scene.now);
        scene.frame();

        assert_eq!(*seen.borrow(), [Connection::Idle, Connection::Connecting]);
    }

    type Slot = Rc<RefCell<Option<Watch>>>;

    /// What was told, in order.
    #[derive(Clone, Default)]
    struct Log(Rc<RefCell<Vec<&'static str>>>);

    impl Log {
        fn push(&self, name: &'static str) {
            self.0.borrow_mut().push(name);
        }

        fn note<T>(&self, name: &'static str) -> impl Fn(&[T]) + 'static {
            let log = self.clone();
            move |_| log.push(name)
        }

        fn note_one<T>(&self, name: &'static str) -> impl Fn(Option<&T>) + 'static {
            let log = self.clone();
            move |_| log.push(name)
        }

        fn take(&self) -> Vec<&'static str> {
            self.0.take()
        }
    }

    /// A session, and frames without a browser.
    struct Scene {
        session: Session,
        watches: Rc<Watches>,
        dirty: Dirty,
        now: Instant,
    }

    impl Scene {
        fn new() -> Self {
            Self::of("meeting")
        }

        fn of(kind: &str) -> Self {
            let config = format!(r#"{{"servers":[{{"kind":"{kind}","url":"/x"}}]}}"#);
            let config = Config::parse(&config, "http://127.0.0.1:1").ok().unwrap();
            Self {
                session: Session::new(config, 7),
                watches: Rc::default(),
                dirty: Dirty::default(),
                now: Instant::from_millis(1000),
            }
        }

        /// A connection to the server, for somebody who is signed in.
        fn connect(&mut self) -> TransportId {
            let token = Command::Token(Source(0), Some(Secret("t".to_owned())));
            for input in [Input::Start, Input::Command(token)] {
                self.session.handle_input(input, self.now);
            }
            let outputs = std::iter::from_fn(|| self.session.poll_output());
            let opened = outputs.filter_map(|output| match output {
                Output::Open { transport, .. } => Some(transport),
                _ => None,
            });
            let transport = opened.last().expect("it connects at once");
            let opened = Input::Opened(Source(0), transport);
            self.session.handle_input(opened, self.now);
            self.hear(
                transport,
                r#"0{"sid":"e","pingInterval":25000,"pingTimeout":20000}"#,
            );
            self.hear(transport, r#"40{"sid":"s"}"#);
            transport
        }

        fn hear(&mut self, transport: TransportId, frame: &str) {
            let frame = Frame::Text(frame.to_owned());
            let heard = Input::Received(Source(0), transport, frame);
            self.session.handle_input(heard, self.now);
            while let Some(output) = self.session.poll_output() {
                if let Output::Changed(change) = output {
                    self.dirty.mark(change);
                }
            }
        }

        fn frame(&mut self) {
            let dirty = std::mem::take(&mut self.dirty);
            let told = self.watches.read(&self.session, &dirty, self.now);
            told.tell();
        }
    }

    fn media() -> MediaKey {
        let id = MediaId::new("m").unwrap();
        MediaKey {
            source: Source(0),
            id,
        }
    }

    fn meeting() -> MeetingKey {
        let id = MeetingId::new("r").unwrap();
        MeetingKey {
            source: Source(0),
            id,
        }
    }
}
