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

use super::handle::Frame;
use super::http::{Fetch, Upload, UploadTold};
use super::page::{is_online, is_visible, PageListener};
use super::seed;
use super::timer::{clock, Sleep, Timer};
use super::transports::Transports;
use super::watch::{Watch, Watches};
use crate::domain::view::{MediaView, MeetingView};
use crate::domain::{Change, MediaKey, MeetingKey, Source, Summary};
use crate::protocol::{self, Page};
use crate::session::state::{Command, SourceState, UploadId};
use crate::session::{Config, FetchError, Input, Output, Session, Ticket};
use crate::sorted::{Map, Set};
use crate::time::{Instant, Timestamp};
use crate::toast::Toast;

/// How often signals are written while nobody can see the page: animation frames stop then, but the title goes on.
const HIDDEN_FRAME_MILLIS: u32 = 250;

/// What looks different since the last frame.
#[derive(Debug, Default)]
pub struct Dirty {
    /// The list of media.
    pub list: bool,
    /// These media.
    pub media: Set<MediaKey>,
    /// These meetings.
    pub meetings: Set<MeetingKey>,
    /// A second has passed: everything that shows an age.
    pub tick: bool,
}

impl Dirty {
    /// Adds what looks different in the other.
    pub fn add(&mut self, other: &Self) {
        self.list |= other.list;
        self.tick |= other.tick;
        self.media.extend(other.media.iter().cloned());
        self.meetings.extend(other.meetings.iter().cloned());
    }

    /// Remembers that something looks different. However many changes of one thing there are, it is remembered once.
    pub fn mark(&mut self, change: Change) {
        match change {
            Change::List => self.list = true,
            Change::Media { key, .. } | Change::Details(key) => {
                self.media.insert(key);
            }
            Change::Meeting(key)
            | Change::Alert { meeting: key, .. }
            | Change::Trust { meeting: key, .. } => {
                self.meetings.insert(key);
            }
            // Its rate is read with the clock.
            Change::VideoFrame { .. } => {}
        }
    }
}

/// Is told each change at once.
pub type OnChange = Rc<dyn Fn(&Change)>;

/// A listener of a driver; dropped, it is told nothing more.
#[derive(Default)]
pub struct Listener {
    id: u32,
    driver: Weak<Driver>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.upgrade() {
            driver.listeners.borrow_mut().remove(&self.id);
        }
    }
}

/// Writes what is different to where it is seen; called once in a frame.
type OnFrame = Box<dyn Fn(&Session, &Dirty, Instant)>;

/// See the module.
pub struct Driver {
    session: RefCell<Session>,
    waiting: RefCell<VecDeque<Input>>,
    is_busy: Cell<bool>,
    transports: RefCell<Map<Source, Transports>>,
    fetches: RefCell<Map<Ticket, Fetch>>,
    uploads: RefCell<Map<UploadId, Upload>>,
    dirty: RefCell<Dirty>,
    listeners: RefCell<Map<u32, OnChange>>,
    next_listener: Cell<u32>,
    watches: Rc<Watches>,
    on_frame: OnFrame,
    timer: Rc<Timer>,
    frame: RefCell<Option<Scheduled>>,
    tick: RefCell<Option<Interval>>,
    sleep: Sleep,
    page: RefCell<Option<PageListener>>,
    me: Weak<Driver>,
}

/// The next writing of signals, cancelled when dropped.
enum Scheduled {
    Frame(#[allow(dead_code, reason = "cancels when dropped")] Frame),
    Later(#[allow(dead_code, reason = "cancels when dropped")] Timeout),
}

impl Driver {
    /// Starts a session; `on_frame` is called once in an animation frame in which something looks different.
    #[must_use]
    pub fn start(
        config: Config,
        on_frame: impl Fn(&Session, &Dirty, Instant) + 'static,
    ) -> Rc<Self> {
        let driver = Rc::new_cyclic(|me: &Weak<Self>| Self {
            session: RefCell::new(Session::new(config, seed())),
            waiting: RefCell::default(),
            is_busy: Cell::new(false),
            transports: RefCell::default(),
            fetches: RefCell::default(),
            uploads: RefCell::default(),
            dirty: RefCell::new(Dirty {
                list: true,
                tick: true,
                ..Dirty::default()
            }),
            listeners: RefCell::default(),
            next_listener: Cell::new(0),
            watches: Rc::default(),
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
            tick: RefCell::default(),
            sleep: Sleep::default(),
            page: RefCell::default(),
            me: me.clone(),
        });
        let me = driver.me.clone();
        *driver.page.borrow_mut() = Some(PageListener::new(move |page| {
            if let Some(driver) = me.upgrade() {
                driver.page(page);
            }
        }));
        // From here on wall-clock times are known.
        driver.sleep.has_slept();
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
        let begun = (self.session.borrow_mut()).begin_upload(source, &file.name(), bytes, clock());
        self.schedule();
        let (id, request) = match begun {
            Ok(begun) => begun,
            Err(id) => {
                // The card that says so leaves by itself.
                self.set_timer();
                return id;
            }
        };
        let me = self.me.clone();
        let upload = Upload::start(&request, file, move |told| {
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
        id
    }

    /// Stops an upload; nothing of it stays.
    pub fn cancel_upload(&self, id: UploadId) {
        self.uploads.borrow_mut().remove(&id);
        self.command(Command::ForgetUpload(id));
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

    /// How many callbacks are registered.
    #[must_use]
    pub fn watch_count(&self) -> usize {
        self.watches.len()
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

    /// Tells each change at once, with the session as it is after it: an alert waits for no frame. What is drawn follows
    /// in the next one.
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
        self.sleep.wall_time(at)
    }

    /// Writes the signals in the next frame, although nothing has happened.
    pub fn redraw(&self) {
        self.schedule();
    }

    fn page(&self, page: Page) {
        match page {
            Page::Visible | Page::Restored => self.keep_ticking(true),
            Page::Hidden | Page::Leaving => self.keep_ticking(false),
            Page::Online | Page::Offline | Page::Woke => {}
        }
        // A frame that was asked for while visible does not come while hidden.
        self.frame.borrow_mut().take();
        self.handle(Input::Page(page));
    }

    /// Hands an input over. An input that comes while another is being handled (a signal's reader that gives a command)
    /// waits its turn.
    fn handle(&self, input: Input) {
        self.waiting.borrow_mut().push_back(input);
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
            self.session.borrow_mut().handle_input(input, now);
            loop {
                let Some(output) = self.session.borrow_mut().poll_output() else {
                    break;
                };
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
            Output::AbortUploads => self.uploads.borrow_mut().clear(),
            Output::AbortAll => {
                self.fetches.borrow_mut().clear();
                self.uploads.borrow_mut().clear();
            }
            Output::Changed(change) => {
                self.tell(&change);
                self.dirty.borrow_mut().mark(change);
            }
        }
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

    /// One writing of signals in a frame, however many inputs came.
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
        let later = write.clone();
        let scheduled = if is_visible() {
            Frame::new(write).map(Scheduled::Frame)
        } else {
            Some(Scheduled::Later(Timeout::new(HIDDEN_FRAME_MILLIS, later)))
        };
        *self.frame.borrow_mut() = scheduled;
    }

    fn write(&self) {
        // Kept until the end: it is the callback that runs now.
        let scheduled = self.frame.borrow_mut().take();
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
                    if driver.sleep.has_slept() {
                        driver.handle(Input::Page(Page::Woke));
                    }
                    driver.schedule();
                }
            })
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fact::Severity;
    use crate::domain::MeetingId;
    use crate::protocol::Frame as Told;

    #[test]
    fn a_hundred_thousand_updates_a_second_are_one_thing_to_draw_and_alerts_wait_for_none_of_them()
    {
        const PEOPLE: u32 = 1_000;
        const FRAMES_A_SECOND: u64 = 50;
        let source = Source(0);
        let meeting = MeetingKey {
            source,
            id: MeetingId::new("m").expect("a short name"),
        };
        let (mut session, transport) = joined(&meeting);
        let mut told = 0;
        for frame in 0..FRAMES_A_SECOND {
            let mut dirty = Dirty::default();
            let mut say = |text: String, told: &mut u32| {
                let now = Instant::from_millis(1_000 + frame * 1_000 / FRAMES_A_SECOND);
                session.handle_input(Input::Received(source, transport, Told::Text(text)), now);
                while let Some(output) = session.poll_output() {
                    let Output::Changed(change) = output else {
                        continue;
                    };
                    let is_high = |change: &Change| matches!(change, Change::Alert { severity, .. } if *severity == Severity::High);
                    *told += u32::from(is_high(&change));
                    dirty.mark(change);
                }
            };
            for who in 0..PEOPLE {
                let at = format!("2026-02-20T10:30:00.{:03}Z", frame * 20);
                let share = f64::from((who + u32::try_from(frame).unwrap()) % 100) / 100.0;
                say(
                    format!(
                        r#"42["trust-score-update",{{"meetingId":"m","participantId":"p{who}","trustScore":{share},"timestamp":"{at}"}}]"#
                    ),
                    &mut told,
                );
                say(
                    format!(
                        r#"42["detection-update",{{"meetingId":"m","participantId":"p{who}","results":{{"audioAnalysis":{{"voiceCloneScore":{share}}}}},"timestamp":"{at}"}}]"#
                    ),
                    &mut told,
                );
                if who == PEOPLE / 2 {
                    let before = told;
                    say(
                        format!(
                            r#"42["deepfake-alert",{{"meetingId":"m","participantId":"p{frame}","severity":"high","type":"x","timestamp":"{at}"}}]"#
                        ),
                        &mut told,
                    );
                    assert_eq!(told, before + 1, "told by the very input that brought it");
                }
            }

            let only: Vec<_> = dirty.meetings.iter().collect();
            assert_eq!(only, [&meeting], "2,001 events, one thing to draw");
            assert!(dirty.media.is_empty() && !dirty.list);
        }
        assert_eq!(u64::from(told), FRAMES_A_SECOND);
        let view = session.meeting(&meeting, Instant::from_millis(2_000));
        let people = view.expect("it is open").participants;
        assert_eq!(people.len(), 1_000);
        assert!(people.iter().all(|person| person.trust.is_some()));
    }

    /// A session whose page has joined a meeting, and its connection.
    fn joined(meeting: &MeetingKey) -> (Session, protocol::TransportId) {
        let config = r#"{"servers":[{"kind":"meeting","url":"/x"}]}"#;
        let config = Config::parse(config, "https://example.org").expect("it is one");
        let mut session = Session::new(config, 1);
        let now = Instant::from_millis(0);
        session.handle_input(Input::Start, now);
        let opened = std::iter::from_fn(|| session.poll_output()).find_map(|output| match output {
            Output::Open { transport, .. } => Some(transport),
            _ => None,
        });
        let transport = opened.expect("it connects at once");
        session.handle_input(Input::Opened(meeting.source, transport), now);
        session.handle_input(Input::Command(Command::Join(meeting.clone())), now);
        for text in [
            r#"0{"sid":"e","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#,
            r#"40{"sid":"s"}"#,
            r#"42["meeting-joined",{"success":true,"meetingId":"m","participants":[]}]"#,
        ] {
            let frame = Told::Text(text.to_owned());
            session.handle_input(Input::Received(meeting.source, transport, frame), now);
        }
        while session.poll_output().is_some() {}
        let view = session.meeting(meeting, now);
        assert!(view.is_some_and(|view| view.is_joined));
        (session, transport)
    }
}
