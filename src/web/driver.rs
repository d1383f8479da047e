//! The loop around a session: reads the clock, hands inputs over, carries out outputs, sets one timer.
//!
//! Dropping the last [`Driver`] closes its sockets, aborts its requests, cancels its timer and removes its listeners:
//! everything it began is a handle that it owns. Callbacks of the browser hold it weakly.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use gloo_timers::callback::{Interval, Timeout};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::clock::{ahead, clock, WallClock};
use super::dirty::Dirty;
use super::handle::Frame;
use super::http::{Fetch, Upload, UploadTold};
use super::pace::Pace;
use super::page::{is_online, is_visible, PageListener};
use super::press::Press;
use super::seed;
use super::timer::Timer;
use super::transports::Transports;
use super::watch::{Watch, Watches};
use crate::domain::view::{MediaView, MeetingView};
use crate::domain::{Change, MediaKey, MeetingKey, Source, Summary};
use crate::protocol::{self, Page};
use crate::session::record::Tap;
use crate::session::state::{Command, SourceState, UploadId, UploadStage};
use crate::session::{Config, FetchError, Input, Output, Session, Ticket, UploadRequest};
use crate::sorted::Map;
use crate::time::{Instant, Timestamp};
use crate::toast::Toast;

/// How often signals are written while nobody can see the page: animation frames stop then, but the title goes on.
const HIDDEN_FRAME_MILLIS: u32 = 250;

/// Is told each change at once.
pub type OnChange = Rc<dyn Fn(&Change)>;

/// A listener of a driver; dropped, it is told nothing more.
pub struct Listener {
    id: u32,
    driver: Weak<Driver>,
}

#[cfg(feature = "demo")]
impl Listener {
    /// A handle on nothing, for a session behind the views that no driver drives and no application listens to.
    #[must_use]
    pub fn of_nothing() -> Self {
        Self {
            id: 0,
            driver: Weak::new(),
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.upgrade() {
            let told = driver.listeners.borrow_mut().remove(&self.id);
            // Dropped here, after the list was given back: what a callback owns may be another `Listener`.
            drop(told);
        }
    }
}

/// Makes the tap of a session that has not begun.
pub type MakeTap<'a> = &'a dyn Fn(&Session, Instant) -> Rc<dyn Tap>;

/// Sends a file in the form around it.
type SendFile = Box<dyn FnOnce(&UploadRequest)>;

/// Writes what is different to where it is seen; called once in a frame.
type OnFrame = Box<dyn Fn(&Session, &Dirty, Instant)>;

/// See the module.
pub struct Driver {
    session: RefCell<Session>,
    waiting: RefCell<VecDeque<Input>>,
    is_busy: Cell<bool>,
    transports: RefCell<Map<Source, Transports>>,
    fetches: RefCell<Map<Ticket, Fetch>>,
    /// Those whose turn has not come. What sends a file is built where one is chosen alone: a widget, which takes none,
    /// is without it.
    files: RefCell<Map<UploadId, SendFile>>,
    uploads: RefCell<Map<UploadId, Upload>>,
    dirty: RefCell<Dirty>,
    listeners: RefCell<Map<u32, OnChange>>,
    next_listener: Cell<u32>,
    watches: Rc<Watches>,
    /// Whoever looks at what goes in and out. Without one, that is one question for each input and output.
    tap: RefCell<Option<Rc<dyn Tap>>>,
    on_frame: OnFrame,
    timer: Rc<Timer>,
    frame: RefCell<Option<Scheduled>>,
    pace: Rc<Pace>,
    /// Tells when the browser is through with a frame.
    painted: RefCell<Option<Timeout>>,
    tick: RefCell<Option<Interval>>,
    wall: RefCell<WallClock>,
    page: RefCell<Option<PageListener>>,
    press: Press,
    me: Weak<Driver>,
}

/// The next writing of signals, cancelled when dropped.
enum Scheduled {
    Frame { _frame: Frame },
    Later { _timeout: Timeout },
}

impl Driver {
    /// Starts a session; `on_frame` is called once in an animation frame in which something looks different.
    #[must_use]
    pub fn start(
        config: Config,
        on_frame: impl Fn(&Session, &Dirty, Instant) + 'static,
    ) -> Rc<Self> {
        Self::start_tapped(config, None, on_frame)
    }

    /// The same with a tap that is told everything from the beginning.
    #[must_use]
    pub fn start_tapped(
        config: Config,
        tap: Option<MakeTap<'_>>,
        on_frame: impl Fn(&Session, &Dirty, Instant) + 'static,
    ) -> Rc<Self> {
        let session = Session::new(config, seed());
        let tap = tap.map(|make| make(&session, clock()));
        let driver = Rc::new_cyclic(|me: &Weak<Self>| Self {
            session: RefCell::new(session),
            waiting: RefCell::default(),
            is_busy: Cell::new(false),
            transports: RefCell::default(),
            fetches: RefCell::default(),
            files: RefCell::default(),
            uploads: RefCell::default(),
            dirty: RefCell::new(Dirty {
                list: true,
                tick: true,
                ..Dirty::default()
            }),
            listeners: RefCell::default(),
            next_listener: Cell::new(0),
            watches: Rc::default(),
            tap: RefCell::new(tap),
            on_frame: Box::new(on_frame),
            timer: Timer::new({
                let me = me.clone();
                move || {
                    if let Some(driver) = me.upgrade() {
                        driver.handle(Input::Timeout);
                    }
                }
            }),
            frame: RefCell::default(),
            pace: Rc::default(),
            painted: RefCell::default(),
            tick: RefCell::default(),
            wall: RefCell::default(),
            page: RefCell::default(),
            press: Press::new(),
            me: me.clone(),
        });
        let me = driver.me.clone();
        *driver.page.borrow_mut() = Some(PageListener::new(move |page| {
            if let Some(driver) = me.upgrade() {
                driver.page(page);
            }
        }));
        driver.keep_ticking(is_visible());
        if !is_visible() {
            driver.handle(Input::Page(Page::Hidden));
        }
        if !is_online() {
            driver.handle(Input::Page(Page::Offline));
        }
        driver.handle(Input::Start);
        driver
    }

    /// What a person did.
    pub fn command(&self, command: Command) {
        self.handle(Input::Command(command));
    }

    /// Sends a file to a server; its progress is in [`Session::uploads`].
    pub fn upload(&self, source: Source, file: &File) -> UploadId {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let bytes = file.size().max(0.0) as u64;
        let id = (self.session.borrow_mut()).begin_upload(source, &file.name(), bytes, clock());
        let is_waiting = self.with_session(|session, _| {
            let upload = session.upload(id);
            upload.is_some_and(|upload| upload.stage == UploadStage::Waiting)
        });
        // Of one that failed at once no byte is sent, and no answer comes: a record has nothing of it.
        if is_waiting {
            let (me, sent) = (self.me.clone(), file.clone());
            let send = move |request: &UploadRequest| {
                if let Some(driver) = me.upgrade() {
                    driver.send_file(id, &sent, request);
                }
            };
            self.files.borrow_mut().insert(id, Box::new(send));
            self.tapped(|tap| tap.upload(id, source, &file.name(), bytes, clock()));
        }
        self.handle(Input::Timeout);
        id
    }

    fn send_file(&self, id: UploadId, file: &File, request: &UploadRequest) {
        let me = self.me.clone();
        let upload = Upload::start(request, file, move |told| {
            let Some(driver) = me.upgrade() else { return };
            // It is over; its request is kept until this callback, which is its own, has returned.
            let over = match told {
                UploadTold::Sent(_) => None,
                _ => driver.uploads.borrow_mut().remove(&id),
            };
            driver.handle(match told {
                UploadTold::Sent(sent) => Input::UploadSent(id, sent),
                UploadTold::Answered(answer) => Input::UploadAnswered(id, Ok(answer)),
                UploadTold::Failed => Input::UploadAnswered(id, Err(FetchError::Network)),
            });
            if over.is_some() {
                spawn_local(async move { drop(over) });
            }
        });
        match upload {
            Ok(upload) => {
                self.uploads.borrow_mut().insert(id, upload);
            }
            Err(_) => self.handle(Input::UploadAnswered(id, Err(FetchError::Network))),
        }
    }

    /// Stops an upload; nothing of it stays.
    pub fn cancel_upload(&self, id: UploadId) {
        self.files.borrow_mut().remove(&id);
        self.uploads.borrow_mut().remove(&id);
        self.command(Command::ForgetUpload(id));
    }

    /// Has a tap told what goes in and out from now on, in the place of the one before.
    pub fn set_tap(&self, tap: Option<Rc<dyn Tap>>) {
        let before = self.tap.replace(tap);
        // Only now: what it owns may be anything.
        drop(before);
    }

    fn tapped(&self, tell: impl FnOnce(&dyn Tap)) {
        if let Some(tap) = &*self.tap.borrow() {
            tell(tap.as_ref());
        }
    }

    /// Calls `tell` with what is known of a media: in the next frame, and in each in which that looks different; `None`
    /// while nothing is known. While it runs that is once a second at least, for what it says of times.
    ///
    /// Its details are only fetched while it is open: see [`Command::Open`] and [`Command::Close`].
    pub fn watch_media(&self, key: MediaKey, tell: impl Fn(Option<&MediaView>) + 'static) -> Watch {
        self.watching(self.watches.media(key, tell))
    }

    /// Calls `tell` with the media of all servers, newest first, likewise.
    pub fn watch_list(&self, tell: impl Fn(&[(MediaKey, Summary)]) + 'static) -> Watch {
        self.watching(self.watches.list(tell))
    }

    /// Calls `tell` with what is known of a meeting, likewise; `None` while it is not joined ([`Command::Join`]).
    pub fn watch_meeting(
        &self,
        key: MeetingKey,
        tell: impl Fn(Option<&MeetingView>) + 'static,
    ) -> Watch {
        self.watching(self.watches.meeting(key, tell))
    }

    /// Calls `tell` with the configured servers and how each is connected, likewise.
    pub fn watch_connections(&self, tell: impl Fn(&[SourceState]) + 'static) -> Watch {
        self.watching(self.watches.connections(tell))
    }

    /// Calls `tell` with the cards that should be on screen, newest first, likewise.
    pub fn watch_toasts(&self, tell: impl Fn(&[Toast]) + 'static) -> Watch {
        self.watching(self.watches.toasts(tell))
    }

    /// Who is new is told in the next frame.
    fn watching(&self, watch: Watch) -> Watch {
        self.schedule();
        watch
    }

    /// Reads the session as of now.
    pub fn with_session<R>(&self, read: impl FnOnce(&Session, Instant) -> R) -> R {
        read(&self.session.borrow(), clock())
    }

    /// Tells each change at once, with the session as it is after it: an alert waits for no frame. What is drawn
    /// follows in the next one.
    #[must_use = "dropped, it is told nothing"]
    pub fn listen(&self, told: OnChange) -> Listener {
        let id = self.next_listener.get();
        self.next_listener.set(id + 1);
        self.listeners.borrow_mut().insert(id, told);
        Listener {
            id,
            driver: self.me.clone(),
        }
    }

    /// What the device's clock showed at a moment of this page.
    pub fn wall_time(&self, at: Instant) -> Timestamp {
        self.wall.borrow().at(at)
    }

    /// Whether the device slept since this was last asked. From the first time on wall-clock times are known.
    fn has_slept(&self) -> bool {
        self.wall.borrow_mut().look(clock(), ahead())
    }

    /// Writes the signals in the next frame, although nothing has happened.
    pub fn redraw(&self) {
        self.schedule();
    }

    fn page(&self, page: Page) {
        match page {
            Page::Visible => self.keep_ticking(true),
            Page::Hidden | Page::Leaving => {
                self.keep_ticking(false);
                // What waits for the next second is drawn with the last.
                self.dirty.borrow_mut().tick = true;
            }
            // Whether a restored page is seen is told after it.
            Page::Restored | Page::Online | Page::Offline | Page::Woke => {}
        }
        // A frame that was asked for while visible does not come while hidden.
        self.frame.borrow_mut().take();
        self.handle(Input::Page(page));
    }

    /// Hands an input over. An input that comes while another is being handled (a signal's reader that gives a command)
    /// waits its turn.
    fn handle(&self, input: Input) {
        // A hidden page does not tick: what comes after a sleep is the first to tell of it, and of its own time.
        let slept = self.has_slept().then_some(Input::Page(Page::Woke));
        let inputs = slept.into_iter().chain([input]);
        self.waiting.borrow_mut().extend(inputs);
        if !self.is_busy.get() {
            self.run();
        }
    }

    fn run(&self) {
        self.is_busy.set(true);
        loop {
            let Some(input) = self.waiting.borrow_mut().pop_front() else {
                break;
            };
            let now = clock();
            self.tapped(|tap| tap.input(&input, now));
            self.session.borrow_mut().handle_input(input, now);
            loop {
                let Some(output) = self.session.borrow_mut().poll_output() else {
                    break;
                };
                self.tapped(|tap| tap.output(&output, now));
                self.carry_out(output);
            }
        }
        self.is_busy.set(false);
        if self.session.borrow().is_any_lost() {
            // The grace after a loss may have just ended, between two ticks.
            self.dirty.borrow_mut().tick = true;
        }
        self.set_timer();
        self.schedule();
    }

    fn carry_out(&self, output: Output) {
        match output {
            Output::Open {
                source,
                transport,
                url,
            } => self.with_transports(source, |transports| transports.open(transport, &url)),
            Output::Request {
                source,
                transport,
                request,
            } => self.with_transports(source, |transports| transports.request(transport, request)),
            Output::Send {
                source,
                transport,
                frame,
            } => self.with_transports(source, |transports| transports.send(transport, &frame)),
            Output::Close { source, transport } => {
                self.with_transports(source, |transports| transports.close(transport));
            }
            Output::Fetch { ticket, request } => {
                let (me, answered) = (self.me.clone(), ticket.clone());
                let fetch = Fetch::start(request, move |answer| {
                    if let Some(driver) = me.upgrade() {
                        driver.fetches.borrow_mut().remove(&answered);
                        driver.handle(Input::Answered(answered, answer));
                    }
                });
                self.fetches.borrow_mut().insert(ticket, fetch);
            }
            Output::Abort(ticket) => {
                self.fetches.borrow_mut().remove(&ticket);
            }
            Output::Upload { id, request } => {
                let send = self.files.borrow_mut().remove(&id);
                if let Some(send) = send {
                    send(&request);
                }
            }
            Output::AbortUploads => self.abort_uploads(),
            Output::AbortAll => {
                self.fetches.borrow_mut().clear();
                self.abort_uploads();
            }
            Output::Changed(change) => {
                self.tell(&change);
                self.dirty.borrow_mut().mark(change);
            }
        }
    }

    fn abort_uploads(&self) {
        self.files.borrow_mut().clear();
        self.uploads.borrow_mut().clear();
    }

    fn with_transports(&self, source: Source, act: impl FnOnce(&Transports)) {
        if let Some(transports) = self.transports.borrow().get(&source) {
            return act(transports);
        }
        let me = self.me.clone();
        let transports = Transports::new(move |input| {
            if let Some(driver) = me.upgrade() {
                driver.handle_transport(source, input);
            }
        });
        act(&transports);
        self.transports.borrow_mut().insert(source, transports);
    }

    fn handle_transport(&self, source: Source, input: protocol::Input) {
        use protocol::Input as Told;
        self.handle(match input {
            Told::Opened(transport) => Input::Opened(source, transport),
            Told::Received(transport, frame) => Input::Received(source, transport, frame),
            Told::Closed(transport, closed) => Input::Closed(source, transport, closed),
            Told::Responded(transport, request, response) => {
                Input::Responded(source, transport, request, response)
            }
            // Transports tell nothing else.
            _ => return,
        });
    }

    /// One listener after the other: one that is told may add others or end itself.
    fn tell(&self, change: &Change) {
        let mut next = 0;
        loop {
            let found = {
                let listeners = self.listeners.borrow();
                let mut later = listeners.since(&next);
                later.next().map(|(id, told)| (*id, told.clone()))
            };
            let Some((id, told)) = found else { break };
            told(change);
            next = id + 1;
        }
    }

    fn set_timer(&self) {
        let deadline = self.session.borrow().poll_timeout();
        self.timer.set(deadline);
    }

    /// One writing of signals in a frame, however many inputs came. None while somebody presses something: it would move
    /// away, and nothing would be pressed. And none in each frame where that takes longer than frames do ([`Pace`]).
    fn schedule(&self) {
        if self.frame.borrow().is_some() {
            return;
        }
        let me = self.me.clone();
        let write = move || {
            if let Some(driver) = me.upgrade() {
                driver.write();
            }
        };
        let scheduled = if is_visible() {
            Frame::new(write).map(|_frame| Scheduled::Frame { _frame })
        } else {
            let _timeout = Timeout::new(HIDDEN_FRAME_MILLIS, write);
            Some(Scheduled::Later { _timeout })
        };
        *self.frame.borrow_mut() = scheduled;
    }

    fn write(&self) {
        // Kept until the end: it is the callback that runs now.
        let scheduled = self.frame.borrow_mut().take();
        let is_seen = matches!(scheduled, Some(Scheduled::Frame { .. }));
        if self.press.is_held() || is_seen && self.pace.rests(clock()) {
            return self.schedule();
        }
        if is_seen {
            self.pace.begin(clock());
            let pace = self.pace.clone();
            // The browser paints before it comes to what is timed.
            let painted = Timeout::new(0, move || pace.end(clock()));
            *self.painted.borrow_mut() = Some(painted);
        }
        let dirty = self.dirty.take();
        self.is_busy.set(true);
        let told = {
            let (session, now) = (self.session.borrow(), clock());
            (self.on_frame)(&session, &dirty, now);
            self.watches.read(&session, &dirty, now)
        };
        self.is_busy.set(false);
        told.tell();
        if !self.waiting.borrow().is_empty() {
            self.run();
        }
        drop(scheduled);
    }

    fn keep_ticking(&self, is_visible: bool) {
        let me = self.me.clone();
        *self.tick.borrow_mut() = is_visible.then(|| {
            Interval::new(1000, move || {
                if let Some(driver) = me.upgrade() {
                    driver.dirty.borrow_mut().tick = true;
                    if driver.has_slept() {
                        driver.handle(Input::Page(Page::Woke));
                    }
                    driver.schedule();
                }
            })
        });
    }
}
