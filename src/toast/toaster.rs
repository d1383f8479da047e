//! Which cards are on screen, and for how long.
//!
//! [`Toaster`] is a state machine: notices and gestures go in with the time they happened, the cards on screen and the
//! next deadline come out. One card a subject, at most a few on screen, the rest counted. Its laws: **a card's time
//! runs only while it can be seen** (not behind the limit, not while held), and **a card that offers an action or tells
//! of something that runs never leaves by itself.**
//!
//! Which changes deserve a card is [`policy`](super::policy)'s question; what is spoken is the announcer's.

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::recent::Recent;
use super::{Action, Body, Notice, Subject, Tone};
use crate::domain::fact::Severity;
use crate::domain::{MeetingKey, Source};
use crate::time::Instant;

/// One card.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    /// About what; the key of its element.
    pub subject: Subject,
    /// How it looks.
    pub tone: Tone,
    /// What it says.
    pub body: Body,
    /// What it offers.
    pub action: Option<Action>,
    /// How long it stays once it is on screen.
    stays: Option<Duration>,
    /// When it leaves, in time that stops while the cards are held; only while it is on screen.
    leaves: Option<Duration>,
    /// Differs whenever anything that a person sees of it does.
    revision: u64,
}

/// A reason for which no card may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The pointer is over the cards.
    Pointer,
    /// The focus is in one of them.
    Focus,
    /// The page cannot be seen.
    Hidden,
}

/// The cards.
#[derive(Clone, Debug)]
pub struct Toaster {
    /// Urgent ones first, then the others, each newest first.
    cards: Vec<Toast>,
    limit: usize,
    /// A person wants to see all of them.
    shows_all: bool,
    /// The subject whose own page is open, and its card, kept up to date for when that page is left.
    open_page: Option<Subject>,
    aside: Option<Toast>,
    /// Running cards that a person hid, or that made room for others, with the run they told of.
    hidden: Recent<Subject, u32>,
    evicted: u64,
    /// One bit for each [`Hold`]; a set and not a count, because browsers repeat and forget `pointerenter`.
    holds: u8,
    held_since: Option<Instant>,
    /// For how long the cards were held before `held_since`.
    held_for: Duration,
    revisions: u64,
    version: u64,
    /// The revisions on screen and the number behind them, as of `version`.
    on_screen: (Vec<u64>, usize),
}

impl Toaster {
    /// Cards on screen: three can be read at a glance and fit a phone beside what they cover.
    pub const VISIBLE: usize = 3;
    /// Cards kept in all. Beyond that nobody reads them one by one; the lists of media and of alerts have it all.
    pub const QUEUED: usize = 50;
    /// Hidden runs remembered: as many as the ends that are.
    const HIDDEN: usize = 1000;

    /// No cards; at most `limit` of them will be on screen, but at least one and at most [`Toaster::QUEUED`].
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            cards: Vec::new(),
            limit: limit.clamp(1, Self::QUEUED),
            shows_all: false,
            open_page: None,
            aside: None,
            hidden: Recent::new(Self::HIDDEN),
            evicted: 0,
            holds: 0,
            held_since: None,
            held_for: Duration::ZERO,
            revisions: 0,
            version: 0,
            on_screen: (Vec::new(), 0),
        }
    }

    /// Forgets all cards and what was hidden. What holds them, and the page that is open, stay.
    pub fn clear(&mut self) {
        *self = Self {
            open_page: self.open_page.take(),
            holds: self.holds,
            held_since: self.held_since,
            held_for: self.held_for,
            revisions: self.revisions,
            version: self.version + 1,
            ..Self::new(self.limit)
        };
    }

    /// Shows a notice: in the place of its subject's card if there is one, else as a new card.
    ///
    /// The progress of a run whose card was hidden by a person shows nothing; its end does. A card that asks to act
    /// stays until someone does: a milder warning of the same subject does not take its place.
    pub fn notify(&mut self, notice: Notice, now: Instant) {
        let is_outdone = |toast: &Toast| match (&toast.body, &notice.body) {
            (Body::Alert(shown, _), Body::Alert(severity, _)) => {
                is_urgent(&toast.body) && severity < shown
            }
            _ => false,
        };
        let mut cards = self.cards.iter();
        if cards.any(|toast| toast.subject == notice.subject && is_outdone(toast)) {
            return;
        }
        if let (Some(run), Some(hidden)) = (run_of(&notice.body), self.hidden.get(&notice.subject))
        {
            if run <= *hidden {
                return;
            }
        }
        self.hidden.remove(&notice.subject);
        self.upsert(notice, true);
        self.settle(now);
    }

    /// Corrects the card of a subject, if there is one, and shows nothing new.
    pub fn update(&mut self, notice: Notice, now: Instant) {
        self.upsert(notice, false);
        self.settle(now);
    }

    /// A person hides a card.
    pub fn dismiss(&mut self, subject: &Subject, now: Instant) {
        if let Some(toast) = self.take(subject) {
            self.remember_hidden(&toast);
        }
        self.settle(now);
    }

    /// What the card is about is gone.
    pub fn remove(&mut self, subject: &Subject, now: Instant) {
        self.take(subject);
        if self.open_page.as_ref() == Some(subject) {
            self.aside = None;
        }
        self.hidden.remove(subject);
        self.settle(now);
    }

    /// Nobody is in this meeting any more: the cards of its alerts and its people go.
    pub fn remove_meeting(&mut self, key: &MeetingKey, now: Instant) {
        let is_of = |subject: &Subject| match subject {
            Subject::Alert { meeting, .. } | Subject::Trust { meeting, .. } => meeting == key,
            _ => false,
        };
        self.cards.retain(|toast| !is_of(&toast.subject));
        self.settle(now);
    }

    /// The page of a subject is open, so its card would say everything twice; `None` when no such page is open.
    ///
    /// A card of something that runs comes back when the page is left. The end has been seen there, so it does not.
    pub fn suppress(&mut self, page: Option<Subject>, now: Instant) {
        if self.open_page == page {
            return;
        }
        if let Some(toast) = self.aside.take() {
            self.place(toast);
        }
        self.aside = page
            .as_ref()
            .and_then(|subject| self.take(subject))
            .filter(|toast| toast.body.is_running());
        self.open_page = page;
        self.settle(now);
    }

    /// The page of this subject was left; nothing happens if it is not the one that was opened last.
    pub fn unsuppress(&mut self, page: &Subject, now: Instant) {
        if self.open_page.as_ref() == Some(page) {
            self.suppress(None, now);
        }
    }

    /// The connection to a server is lost (`true`): what runs there is shown as paused until it is back (`false`) or
    /// there is news.
    pub fn pause_runs(&mut self, source: Source, is_lost: bool, now: Instant) {
        let is_there = |toast: &&mut Toast| matches!(&toast.subject, Subject::Media(key) if key.source == source);
        for toast in self
            .cards
            .iter_mut()
            .chain(&mut self.aside)
            .filter(is_there)
        {
            let body = match &toast.body {
                Body::Running(summary) if is_lost => Body::Paused(summary.clone()),
                Body::Paused(summary) if !is_lost => Body::Running(summary.clone()),
                _ => continue,
            };
            toast.body = body;
            self.revisions += 1;
            toast.revision = self.revisions;
        }
        self.settle(now);
    }

    /// From now on no card leaves, for this reason as long as for any other.
    pub fn hold(&mut self, why: Hold, now: Instant) {
        self.holds |= bit(why);
        self.held_since.get_or_insert(now);
    }

    /// This reason is over. When it was the last one, every card has as much time left as when the first began.
    pub fn release(&mut self, why: Hold, now: Instant) {
        self.holds &= !bit(why);
        if self.holds == 0 {
            if let Some(since) = self.held_since.take() {
                self.held_for += now.saturating_since(since);
            }
        }
    }

    /// Takes away what has been on screen for long enough.
    pub fn handle_timeout(&mut self, now: Instant) {
        let time = self.time(now);
        if self.held_since.is_none() {
            self.cards
                .retain(|toast| toast.leaves.is_none_or(|leaves| leaves > time));
        }
        self.settle(now);
    }

    /// When [`Toaster::handle_timeout`] is next due; `None` while held or if no card leaves by itself.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.held_since.is_some() {
            return None;
        }
        let next = self.cards.iter().filter_map(|toast| toast.leaves).min()?;
        Some(Instant::from_origin(next) + self.held_for)
    }

    /// The cards on screen: warnings that ask to act first, then newest first.
    #[must_use]
    pub fn visible(&self) -> &[Toast] {
        &self.cards[..self.shown()]
    }

    /// How many more there are behind them.
    #[must_use]
    pub fn overflow(&self) -> usize {
        self.cards.len() - self.shown()
    }

    /// A person wants to see all cards (`true`), or only as many as the limit again. Ends by itself when there are no
    /// more than that.
    pub fn show_all(&mut self, is_wanted: bool, now: Instant) {
        self.shows_all = is_wanted;
        self.settle(now);
    }

    fn shown(&self) -> usize {
        match self.shows_all {
            true => self.cards.len(),
            false => self.limit.min(self.cards.len()),
        }
    }

    /// How many cards were given up because there were more than [`Toaster::QUEUED`].
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Grows whenever [`Toaster::visible`] or [`Toaster::overflow`] is different, and only then.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    fn upsert(&mut self, notice: Notice, may_add: bool) {
        self.revisions += 1;
        let mut toast = Toast {
            stays: (notice.action.is_none() && !notice.body.is_running())
                .then_some(notice.stays)
                .flatten(),
            subject: notice.subject,
            tone: notice.tone,
            body: notice.body,
            action: notice.action,
            leaves: None,
            revision: self.revisions,
        };
        if self.open_page.as_ref() == Some(&toast.subject) {
            if may_add || self.aside.is_some() {
                self.aside = Some(toast).filter(|toast| toast.body.is_running());
            }
            return;
        }
        let Some(at) = self.position(&toast.subject) else {
            if may_add {
                self.place(toast);
            }
            return;
        };
        let before = &self.cards[at];
        if (before.tone, before.action) == (toast.tone, toast.action) && before.body == toast.body {
            toast.revision = before.revision;
        }
        // A card keeps its place under the reader's eyes. News for one that nobody sees brings it forward, and so does
        // a warning that has become urgent.
        let is_news = may_add && !toast.body.is_running() && toast.revision != before.revision;
        let moves =
            is_urgent(&toast.body) != is_urgent(&before.body) || (at >= self.shown() && is_news);
        if moves {
            self.cards.remove(at);
            self.place(toast);
        } else {
            self.cards[at] = toast;
        }
    }

    /// In front of its equals.
    fn place(&mut self, toast: Toast) {
        if self.cards.len() >= Self::QUEUED {
            let oldest = self
                .cards
                .iter()
                .rposition(|toast| toast.action.is_none() && !is_urgent(&toast.body))
                .unwrap_or(self.cards.len() - 1);
            let gone = self.cards.remove(oldest);
            self.evicted += 1;
            // Else the next step of its progress would bring it back to the front, at the cost of another.
            self.remember_hidden(&gone);
        }
        let at = if is_urgent(&toast.body) {
            0
        } else {
            self.cards
                .iter()
                .position(|other| !is_urgent(&other.body))
                .unwrap_or(self.cards.len())
        };
        self.cards.insert(at, toast);
    }

    fn take(&mut self, subject: &Subject) -> Option<Toast> {
        self.position(subject).map(|at| self.cards.remove(at))
    }

    fn position(&self, subject: &Subject) -> Option<usize> {
        self.cards
            .iter()
            .position(|toast| toast.subject == *subject)
    }

    fn remember_hidden(&mut self, toast: &Toast) {
        if let Some(run) = run_of(&toast.body) {
            self.hidden.insert(toast.subject.clone(), run);
        }
    }

    /// Starts the time of cards that came on screen, stops that of those that went behind the limit (it begins afresh
    /// when they are seen again), and notes whether anything looks different.
    fn settle(&mut self, now: Instant) {
        let time = self.time(now);
        self.shows_all &= self.cards.len() > self.limit;
        let shown = self.shown();
        for (place, toast) in self.cards.iter_mut().enumerate() {
            toast.leaves = match toast.stays {
                Some(stays) if place < shown => {
                    Some(toast.leaves.unwrap_or(time.saturating_add(stays)))
                }
                _ => None,
            };
        }
        let revisions = self.visible().iter().map(|toast| toast.revision);
        if !(revisions.clone().eq(self.on_screen.0.iter().copied())
            && self.overflow() == self.on_screen.1)
        {
            self.on_screen = (revisions.collect(), self.overflow());
            self.version += 1;
        }
    }

    /// The time that cards are measured in: it stands still while they are held.
    fn time(&self, now: Instant) -> Duration {
        (self.held_since.unwrap_or(now) - self.held_for).since_origin()
    }
}

impl Default for Toaster {
    fn default() -> Self {
        Self::new(Self::VISIBLE)
    }
}

/// A warning that asks to act must not be pushed behind the limit by cards that do not.
fn is_urgent(body: &Body) -> bool {
    matches!(body, Body::Alert(severity, _) if *severity >= Severity::High)
}

/// Which run something that has not ended tells of.
fn run_of(body: &Body) -> Option<u32> {
    match body {
        Body::Running(summary) | Body::Paused(summary) => Some(summary.run),
        _ => None,
    }
}

fn bit(why: Hold) -> u8 {
    1 << why as u8
}
