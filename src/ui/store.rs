//! The session as signals, at the grain at which the eye sees change.
//!
//! [`Store::flush`] is the only writer, once per animation frame however many events came; views only read. A media or
//! meeting has signals only while someone reads them: the registry holds them weakly, so the last reader's end frees
//! them.

use std::cell::{Cell, RefCell};
use std::sync::{Arc, Weak};

use leptos::prelude::*;

use crate::domain::trail::Trail;
use crate::domain::view::{MediaView, MeetingView, Status, Verdict};
use crate::domain::{MediaKey, MeetingKey, Source, Summary, Text};
use crate::session::state::{Command, Secret, SignIn, SourceState, Upload, UploadId};
use crate::session::{Session, SourceProfile};
use crate::sorted::{self, Map};
use crate::time::{Instant, Timestamp};
use crate::toast::activity::Mark;
use crate::toast::{Activity, Body, Spoken, Toast};
use crate::web::{Dirty, Listener, OnChange};

/// What stands behind the signals: whatever does what a person asks for and knows what nobody reads yet.
///
/// The page's driver is one; a gallery or a test that sets the signals by hand is another.
pub trait Backing {
    /// Does what a person asked for.
    fn command(&self, command: Command);
    /// Sends a file to a server.
    fn upload(&self, source: Source, file: web_sys::File) -> UploadId;
    /// Stops sending it.
    fn cancel_upload(&self, id: UploadId);
    /// What a row and a card show of a media, as of now.
    fn summary(&self, key: &MediaKey) -> Option<Summary>;
    /// What its panel shows, as of now.
    fn media(&self, key: &MediaKey) -> Option<MediaView>;
    /// What a meeting's page shows, as of now.
    fn meeting(&self, key: &MeetingKey) -> Option<MeetingView>;
    /// What was told of a meeting since it was opened here.
    fn trail(&self, key: &MeetingKey) -> Option<Trail>;
    /// The tokens that it was given, for whoever has to take them out of a text. What needs more is not asked of a
    /// backing: it would be in every program, also in one that never does it.
    fn tokens(&self) -> Vec<Secret>;
    /// Has the signals written in the next frame.
    fn redraw(&self);
    /// Reads everything that was told, once.
    fn activity(&self, read: &mut dyn FnMut(&Activity));
    /// What the device's clock showed at a moment of this page.
    fn wall_time(&self, at: Instant) -> Timestamp;
    /// Tells each change at once, until the handle is dropped.
    fn listen(&self, told: OnChange) -> Listener;
    /// What a configured server can do, and the words for it; `None` if there is no such server.
    fn profile(&self, source: Source) -> Option<SourceProfile>;
    /// Has a tap told what goes in and out from now on, or nobody.
    #[cfg(feature = "debug")]
    fn set_tap(&self, tap: Option<std::rc::Rc<dyn crate::session::record::Tap>>);
    /// Reads the session as of now, once. For what few programs ask of it: only what they ask is then in them.
    fn session(&self, read: &mut dyn FnMut(&Session, Instant));
}

/// One line of the list: as much as filtering, sorting and counting need. What the row shows is read from the media
/// itself.
#[derive(Clone, Debug, PartialEq)]
pub struct MediaEntry {
    /// Which media.
    pub key: MediaKey,
    /// The file's name.
    pub name: Option<Text>,
    /// What became of it.
    pub status: Status,
    /// What its models say together.
    pub verdict: Verdict,
    /// As [`Summary::percent`].
    pub percent: Option<u8>,
}

/// The signals that exist once per page.
#[derive(Clone, Copy)]
pub struct Signals {
    /// The configured servers and how each is connected.
    pub sources: RwSignal<Vec<SourceState>>,
    /// Whether someone is signed in.
    pub sign_in: RwSignal<SignIn>,
    /// The media of all servers, newest first.
    pub list: RwSignal<Vec<MediaEntry>>,
    /// The cards on screen, newest first.
    pub toasts: RwSignal<Vec<Toast>>,
    /// Cards that wait because the screen has its fill.
    pub overflow: RwSignal<usize>,
    /// What the polite live region says; empty between sentences.
    pub polite: RwSignal<Option<Spoken>>,
    /// What the assertive live region says.
    pub assertive: RwSignal<Option<Spoken>>,
    /// How much of what was told is new.
    pub activity: RwSignal<Mark>,
    /// While what is drawn is held: how many media and meetings have changed since.
    pub paused: RwSignal<Option<usize>>,
    /// The uploads of this page that are under way or ended and not yet put away.
    pub uploads: RwSignal<Vec<Upload>>,
    /// The meetings that were joined here and not left.
    pub joined: RwSignal<Vec<MeetingKey>>,
    /// The meetings that were left and are remembered, the last one first.
    pub left: RwSignal<Vec<MeetingKey>>,
    /// The page's monotonic clock, once a second while the page is visible: for ages and countdowns.
    pub now: RwSignal<Instant>,
    /// Counts the frames in which something was handed to the session, whether or not it changed anything.
    #[cfg(feature = "debug")]
    pub frames: RwSignal<u64>,
}

impl Signals {
    fn new() -> Self {
        Self {
            sources: RwSignal::new(Vec::new()),
            sign_in: RwSignal::new(SignIn::SignedOut),
            list: RwSignal::new(Vec::new()),
            toasts: RwSignal::new(Vec::new()),
            overflow: RwSignal::new(0),
            polite: RwSignal::new(None),
            assertive: RwSignal::new(None),
            activity: RwSignal::new(Mark::default()),
            paused: RwSignal::new(None),
            uploads: RwSignal::new(Vec::new()),
            joined: RwSignal::new(Vec::new()),
            left: RwSignal::new(Vec::new()),
            now: RwSignal::new(Instant::default()),
            #[cfg(feature = "debug")]
            frames: RwSignal::new(0),
        }
    }
}

/// One media's signals.
pub struct MediaSignals {
    /// What a row and a card show.
    pub summary: ArcRwSignal<Option<Summary>>,
    /// What the panel shows.
    pub view: ArcRwSignal<Option<MediaView>>,
}

/// One meeting's signal.
pub struct MeetingSignals {
    /// What the meeting page shows.
    pub view: ArcRwSignal<Option<MeetingView>>,
}

/// The registry of signals; see the module.
pub struct Store {
    /// The signals that exist once per page.
    pub signals: Signals,
    media: RefCell<Map<MediaKey, Weak<MediaSignals>>>,
    meetings: RefCell<Map<MeetingKey, Weak<MeetingSignals>>>,
    /// Where each media stands in the list, so that one changed media does not cost a walk through thousands.
    positions: RefCell<Map<MediaKey, usize>>,
    /// The attempt to sign in that is drawn.
    attempt: Cell<u32>,
    /// What looks different since it is held, or since it was until this frame.
    held: RefCell<Option<Dirty>>,
}

impl Store {
    /// Makes the signals, in the reactive owner that is current: they live as long as it.
    #[must_use]
    pub fn new() -> Self {
        Self {
            signals: Signals::new(),
            media: RefCell::default(),
            meetings: RefCell::default(),
            positions: RefCell::default(),
            attempt: Cell::default(),
            held: RefCell::default(),
        }
    }

    /// The signals of a media, made from what is known now if nobody reads them yet.
    pub fn media(&self, key: &MediaKey, backing: &dyn Backing) -> Arc<MediaSignals> {
        let mut media = self.media.borrow_mut();
        if let Some(signals) = media.get(key).and_then(Weak::upgrade) {
            return signals;
        }
        let signals = Arc::new(MediaSignals {
            summary: ArcRwSignal::new(backing.summary(key)),
            view: ArcRwSignal::new(backing.media(key)),
        });
        media.retain(|_, signals| signals.strong_count() > 0);
        media.insert(key.clone(), Arc::downgrade(&signals));
        signals
    }

    /// The signals of a meeting, likewise.
    pub fn meeting(&self, key: &MeetingKey, backing: &dyn Backing) -> Arc<MeetingSignals> {
        let mut meetings = self.meetings.borrow_mut();
        if let Some(signals) = meetings.get(key).and_then(Weak::upgrade) {
            return signals;
        }
        let signals = Arc::new(MeetingSignals {
            view: ArcRwSignal::new(backing.meeting(key)),
        });
        meetings.retain(|_, signals| signals.strong_count() > 0);
        meetings.insert(key.clone(), Arc::downgrade(&signals));
        signals
    }

    /// From now on what is drawn of media and meetings stays as it is, or goes on with the next frame.
    pub fn pause(&self, is_wanted: bool) {
        let paused = self.signals.paused;
        if paused.get_untracked().is_some() != is_wanted {
            paused.set(is_wanted.then_some(0));
        }
    }

    /// Writes what is different into the signals. A signal whose value is the same is not touched, so its readers rest.
    pub fn flush(&self, session: &Session, dirty: &Dirty, now: Instant) {
        let signals = self.signals;
        #[cfg(feature = "debug")]
        signals.frames.update(|frames| *frames += 1);
        set(signals.sources, session.sources());
        if set(signals.sign_in, session.sign_in().clone()) {
            // What is held may be another person's.
            self.pause(false);
        } else if self.attempt.get() != session.sign_in_attempt() {
            // It was asked and answered since the last frame. Whoever waits for the answer sees it by this alone.
            signals.sign_in.notify();
        }
        self.attempt.set(session.sign_in_attempt());
        let is_paused = signals.paused.get_untracked().is_some();
        let toasts = match is_paused {
            false => session.toasts().to_vec(),
            true => signals
                .toasts
                .with_untracked(|drawn| held_cards(drawn, session.toasts())),
        };
        set(signals.toasts, toasts);
        set(signals.overflow, session.overflow());
        let (polite, assertive) = session.spoken();
        set(signals.polite, polite.cloned());
        set(signals.assertive, assertive.cloned());
        set(signals.activity, session.activity().mark());
        set(signals.uploads, session.uploads().to_vec());
        set(signals.joined, session.meetings().cloned().collect());
        let left = session.left_meetings().rev();
        set(signals.left, left.cloned().collect());
        if dirty.tick {
            set(signals.now, now);
        }
        let held = self.held.borrow_mut().take();
        let joined = match held {
            None if !is_paused => None,
            held => {
                let mut joined = held.unwrap_or_default();
                joined.add(dirty);
                Some(joined)
            }
        };
        let dirty = joined.as_ref().unwrap_or(dirty);
        if is_paused {
            let waiting = dirty.media.iter().count() + dirty.meetings.iter().count();
            set(signals.paused, Some(waiting));
            self.flush_alerts(session, &dirty.meetings, now);
            // Held is what is drawn. Where nothing is yet, the page would say that nothing is known.
            if signals.list.with_untracked(Vec::is_empty) {
                self.flush_list(session, dirty);
            }
            self.flush_media(session, dirty, now, |drawn| drawn.is_none());
            self.held.replace(joined);
            return;
        }
        self.flush_list(session, dirty);
        self.flush_media(session, dirty, now, |_| true);
        let meetings: Vec<_> = (self.meetings.borrow().iter())
            .filter(|(key, _)| dirty.tick || dirty.meetings.contains(*key))
            .filter_map(|(key, signals)| Some((key.clone(), signals.upgrade()?)))
            .collect();
        for (key, signals) in meetings {
            set_arc(&signals.view, session.meeting(&key, now));
        }
    }

    /// Those that changed, and that are wanted by what is drawn of them.
    fn flush_media(
        &self,
        session: &Session,
        dirty: &Dirty,
        now: Instant,
        is_wanted: fn(&Option<MediaView>) -> bool,
    ) {
        let media: Vec<_> = (self.media.borrow().iter())
            .filter(|(key, _)| dirty.tick || dirty.media.contains(*key))
            .filter_map(|(key, signals)| Some((key.clone(), signals.upgrade()?)))
            .filter(|(_, signals)| signals.view.with_untracked(is_wanted))
            .collect();
        for (key, signals) in media {
            set_arc(&signals.summary, session.summary(&key).cloned());
            set_arc(&signals.view, session.media(&key, now));
        }
    }

    /// Alerts are drawn also while all around them is held, and who is there where nobody was.
    fn flush_alerts(&self, session: &Session, of: &sorted::Set<MeetingKey>, now: Instant) {
        for (key, signals) in self.meetings.borrow().iter() {
            let Some(signals) = signals.upgrade().filter(|_| of.contains(key)) else {
                continue;
            };
            let drawn = signals.view.get_untracked();
            let view = match (drawn, session.meeting(key, now)) {
                (Some(drawn), Some(view)) if !drawn.participants.is_empty() => Some(MeetingView {
                    alerts: view.alerts,
                    alerts_removed: view.alerts_removed,
                    is_joined: view.is_joined,
                    is_unanswered: view.is_unanswered,
                    watched_for: view.watched_for,
                    left_for: view.left_for,
                    ..drawn
                }),
                (_, view) => view,
            };
            set_arc(&signals.view, view);
        }
    }

    fn flush_list(&self, session: &Session, dirty: &Dirty) {
        let list = self.signals.list;
        if dirty.list {
            let entries: Vec<_> = (session.list())
                .map(|key| entry(key, session.summary(key)))
                .collect();
            *self.positions.borrow_mut() = (entries.iter().enumerate())
                .map(|(at, entry)| (entry.key.clone(), at))
                .collect();
            set(list, entries);
            return;
        }
        let positions = self.positions.borrow();
        let changed: Vec<_> = (dirty.media.iter())
            .filter_map(|key| Some((*positions.get(key)?, entry(key, session.summary(key)))))
            .filter(|(at, new)| list.with_untracked(|old| old.get(*at) != Some(new)))
            .collect();
        if !changed.is_empty() {
            list.update(|list| {
                for (at, new) in changed {
                    if let Some(old) = list.get_mut(at) {
                        *old = new;
                    }
                }
            });
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

fn entry(key: &MediaKey, summary: Option<&Summary>) -> MediaEntry {
    MediaEntry {
        key: key.clone(),
        name: summary.and_then(|summary| summary.name.clone()),
        status: summary.map_or(Status::Unknown, |summary| summary.status),
        verdict: summary.map_or(Verdict::None, |summary| summary.verdict.clone()),
        percent: summary.and_then(|summary| summary.percent),
    }
}

/// Whether it was another.
fn set<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) -> bool {
    let is_other = signal.with_untracked(|old| *old != value);
    if is_other {
        signal.set(value);
    }
    is_other
}

/// The cards to draw while what moves is held: how far something is stays as it was drawn, all else is as it is. That
/// it is cut off is not how far it is.
fn held_cards(drawn: &[Toast], now: &[Toast]) -> Vec<Toast> {
    let held = now.iter().filter_map(|toast| {
        let then = || drawn.iter().find(|drawn| drawn.subject == toast.subject);
        let mut held = toast.clone();
        held.body = match (&toast.body, then().map(|then| (then, &then.body))) {
            (Body::Running(_) | Body::Paused(_), None) => return None,
            (Body::Running(_), Some((then, Body::Running(_))))
            | (Body::Paused(_), Some((then, Body::Paused(_)))) => return Some(then.clone()),
            (Body::Running(_), Some((_, Body::Paused(far)))) => Body::Running(far.clone()),
            (Body::Paused(_), Some((_, Body::Running(far)))) => Body::Paused(far.clone()),
            _ => return Some(held),
        };
        Some(held)
    });
    held.collect()
}

fn set_arc<T: PartialEq + Send + Sync + 'static>(signal: &ArcRwSignal<T>, value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MediaId;
    use crate::toast::{Notice, Subject, Toaster, Tone};

    #[test]
    fn while_it_is_held_a_run_stays_as_it_was_drawn_and_its_end_is_told() {
        let mut cards = Toaster::default();
        let now = Instant::default();
        cards.notify(card("a", Body::Running(at(10))), now);
        let drawn = cards.visible().to_vec();

        cards.notify(card("a", Body::Running(at(20))), now);
        cards.notify(card("b", Body::Running(at(5))), now);
        assert_eq!(held_cards(&drawn, cards.visible()), drawn);

        cards.notify(card("a", Body::Paused(at(20))), now);
        let cut_off = held_cards(&drawn, cards.visible());
        assert_eq!(cut_off[0].body, Body::Paused(at(10)));
        cards.notify(card("a", Body::Running(at(30))), now);
        let again = held_cards(&cut_off, cards.visible());
        assert_eq!(again[0].body, Body::Running(at(10)));

        cards.notify(card("a", Body::Ended(at(100))), now);
        let held = held_cards(&drawn, cards.visible());
        assert_eq!(held.len(), 1, "{held:?}");
        assert_eq!(held[0].body, Body::Ended(at(100)));
    }

    fn at(percent: u8) -> Summary {
        Summary {
            percent: Some(percent),
            ..Summary::default()
        }
    }

    fn card(id: &str, body: Body) -> Notice {
        Notice {
            subject: Subject::Media(MediaKey {
                source: Source(0),
                id: MediaId::new(id).unwrap(),
            }),
            tone: Tone::Progress,
            body,
            action: None,
            stays: None,
        }
    }
}
