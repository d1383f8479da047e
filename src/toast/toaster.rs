//! Which cards are on screen, and for how long.
//!
//! [`Toaster`] is a state machine: notices and gestures go in with the time they happened, the cards on screen and the
//! next deadline come out. One card a subject, at most a few on screen, the rest counted. Its laws: **a card's time runs
//! only while it can be seen** (not behind the limit, not while held), and **a card that offers an action or tells of
//! something that runs never leaves by itself.**
//!
//! Which changes deserve a card is [`policy`](super::policy)'s question; what is spoken is the announcer's.

use std::time::Duration;

use super::recent::Recent;
use super::{Action, Body, Notice, Subject, Tone};
use crate::domain::fact::Severity;
use crate::domain::Source;
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

    /// Shows a notice: in the place of its subject's card if there is one, else as a new card.
    ///
    /// The progress of a run whose card was hidden by a person shows nothing; its end does. A card that asks to act
    /// stays until someone does: a milder warning of the same subject does not take its place.
    pub fn notify(&mut self, notice: Notice, now: Instant) {
        let mut cards = self.cards.iter();
        if !is_urgent(&notice.body)
            && matches!(notice.body, Body::Alert(..))
            && cards.any(|toast| toast.subject == notice.subject && is_urgent(&toast.body))
        {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::policy::{self, INFO_STAYS};
    use super::*;
    use crate::domain::view::{AlertGroupView, Status};
    use crate::domain::{MediaId, MediaKey, MeetingId, MeetingKey, Source, Summary};

    #[test]
    fn a_hold_moves_the_deadline_by_as_long_as_it_lasted() {
        let mut toaster = Toaster::default();
        toaster.notify(info("a"), at(0));

        toaster.hold(Hold::Pointer, at(4_000));
        assert_eq!(toaster.poll_timeout(), None);
        toaster.handle_timeout(at(60_000));
        assert_eq!(shown(&toaster), ["a"]);

        toaster.release(Hold::Pointer, at(60_000));
        assert_eq!(toaster.poll_timeout(), Some(at(61_000)));
        toaster.handle_timeout(at(60_999));
        assert_eq!(shown(&toaster), ["a"]);
        toaster.handle_timeout(at(61_000));
        assert!(shown(&toaster).is_empty());
    }

    #[test]
    fn a_hold_lasts_until_its_last_reason_is_over_however_often_each_is_given() {
        let mut toaster = Toaster::default();
        toaster.notify(info("a"), at(0));
        toaster.hold(Hold::Pointer, at(1_000));
        toaster.hold(Hold::Pointer, at(1_500));
        toaster.hold(Hold::Focus, at(2_000));

        toaster.release(Hold::Pointer, at(3_000));
        toaster.release(Hold::Hidden, at(3_500));
        assert_eq!(toaster.poll_timeout(), None);

        toaster.release(Hold::Focus, at(11_000));
        assert_eq!(toaster.poll_timeout(), Some(at(15_000)));
    }

    #[test]
    fn a_card_that_comes_while_held_has_its_whole_time_after_it() {
        let mut toaster = Toaster::default();
        toaster.hold(Hold::Hidden, at(0));
        toaster.notify(info("a"), at(30_000));

        toaster.release(Hold::Hidden, at(60_000));

        assert_eq!(toaster.poll_timeout(), Some(at(65_000)));
    }

    #[test]
    fn a_second_notice_of_a_subject_changes_its_card_in_place() {
        let mut toaster = Toaster::default();
        toaster.notify(running("m1", 1, 10), at(0));
        toaster.notify(running("m2", 1, 10), at(1));

        toaster.notify(running("m1", 1, 60), at(2));

        assert_eq!(shown(&toaster), ["m2", "m1"]);
        assert_eq!(toaster.visible()[1].body, running("m1", 1, 60).body);
    }

    #[test]
    fn three_are_seen_newest_first_and_the_rest_is_counted() {
        let mut toaster = Toaster::default();
        for id in ["a", "b", "c", "d", "e"] {
            toaster.notify(running(id, 1, 0), at(0));
        }

        assert_eq!(shown(&toaster), ["e", "d", "c"]);
        assert_eq!(toaster.overflow(), 2);
    }

    #[test]
    fn whoever_asks_for_all_cards_sees_them_until_there_are_few() {
        let mut toaster = Toaster::new(2);
        for name in ["a", "b", "c"] {
            toaster.notify(running(name, 1, 10), at(0));
        }
        let counts = |toaster: &Toaster| (toaster.visible().len(), toaster.overflow());
        assert_eq!(counts(&toaster), (2, 1));

        toaster.show_all(true, at(1));
        assert_eq!(counts(&toaster), (3, 0));
        toaster.dismiss(&media("b"), at(2));
        assert_eq!(counts(&toaster), (2, 0));
        toaster.notify(running("d", 1, 10), at(3));

        assert_eq!(counts(&toaster), (2, 1));
    }

    #[test]
    fn an_end_behind_the_limit_comes_forward_and_progress_there_does_not() {
        let mut toaster = Toaster::default();
        for id in ["a", "b", "c", "d"] {
            toaster.notify(running(id, 1, 0), at(0));
        }

        toaster.notify(running("a", 1, 50), at(1));
        assert_eq!(shown(&toaster), ["d", "c", "b"]);

        toaster.notify(ended("a", 1), at(2));
        assert_eq!(shown(&toaster), ["a", "d", "c"]);
    }

    #[test]
    fn the_time_of_a_card_begins_when_it_is_seen() {
        let mut toaster = Toaster::new(1);
        toaster.notify(info("a"), at(0));
        toaster.notify(info("b"), at(4_000));
        assert_eq!(toaster.poll_timeout(), Some(at(9_000)));

        toaster.handle_timeout(at(9_000));

        assert_eq!(shown(&toaster), ["a"]);
        assert_eq!(toaster.poll_timeout(), Some(at(14_000)));
    }

    #[test]
    fn what_runs_or_offers_an_action_never_leaves_by_itself() {
        let mut toaster = Toaster::default();
        for notice in [
            Notice {
                stays: Some(INFO_STAYS),
                ..running("m1", 1, 0)
            },
            Notice {
                stays: Some(INFO_STAYS),
                ..ended("m2", 1)
            },
        ] {
            toaster.notify(notice, at(0));
        }

        assert_eq!(toaster.poll_timeout(), None);
        toaster.handle_timeout(at(u64::from(u32::MAX)));
        assert_eq!(shown(&toaster), ["m2", "m1"]);
    }

    #[test]
    fn a_warning_that_asks_to_act_is_not_pushed_behind_the_limit() {
        let mut toaster = Toaster::default();
        toaster.notify(alert(7, Severity::Low), at(0));
        toaster.notify(running("a", 1, 0), at(1));
        toaster.notify(alert(7, Severity::Critical), at(2));
        assert_eq!(shown(&toaster), ["alert 7", "a"]);

        for id in ["b", "c", "d"] {
            toaster.notify(ended(id, 1), at(3));
        }

        assert_eq!(shown(&toaster), ["alert 7", "d", "c"]);
    }

    #[test]
    fn a_milder_warning_does_not_put_away_one_that_asks_to_act() {
        for (first, second, stays) in [
            (Severity::High, Severity::Low, true),
            (Severity::High, Severity::Critical, true),
            (Severity::Medium, Severity::Low, false),
        ] {
            let mut toaster = Toaster::default();
            toaster.notify(alert(7, first), at(0));

            toaster.notify(alert(7, second), at(1));

            toaster.handle_timeout(at(60_000));
            assert_eq!(!shown(&toaster).is_empty(), stays, "{first:?} {second:?}");
        }
    }

    #[test]
    fn a_hidden_run_stays_hidden_until_it_ends_or_another_begins() {
        for (next, shows) in [
            (running("m1", 1, 99), false),
            (ended("m1", 1), true),
            (running("m1", 2, 0), true),
        ] {
            let mut toaster = Toaster::default();
            toaster.notify(running("m1", 1, 10), at(0));
            toaster.dismiss(&next.subject, at(1));
            toaster.notify(running("m1", 1, 20), at(2));
            assert!(shown(&toaster).is_empty());

            toaster.notify(next.clone(), at(3));

            assert_eq!(!shown(&toaster).is_empty(), shows, "{next:?}");
        }
    }

    #[test]
    fn a_card_is_aside_while_its_own_page_is_open() {
        for (while_open, after) in [
            (Some(running("m1", 1, 80)), vec!["m1"]),
            (Some(ended("m1", 1)), vec![]),
            (None, vec!["m1"]),
        ] {
            let mut toaster = Toaster::default();
            toaster.notify(running("m1", 1, 10), at(0));
            toaster.suppress(Some(media("m1")), at(1));
            assert!(shown(&toaster).is_empty());

            if let Some(notice) = while_open {
                toaster.notify(notice, at(2));
            }
            assert!(shown(&toaster).is_empty());
            toaster.suppress(None, at(3));

            assert_eq!(shown(&toaster), after);
        }
    }

    #[test]
    fn the_card_of_an_end_is_done_with_once_its_page_was_opened() {
        let mut toaster = Toaster::default();
        toaster.notify(ended("m1", 1), at(0));

        toaster.suppress(Some(media("m1")), at(1));
        toaster.suppress(Some(media("m2")), at(2));

        assert!(shown(&toaster).is_empty());
    }

    #[test]
    fn what_is_gone_takes_its_card_along_also_from_aside() {
        let mut toaster = Toaster::default();
        toaster.notify(running("m1", 1, 10), at(0));
        toaster.notify(running("m2", 1, 10), at(0));
        toaster.suppress(Some(media("m1")), at(1));

        toaster.remove(&media("m1"), at(2));
        toaster.remove(&media("m2"), at(2));
        toaster.suppress(None, at(3));

        assert!(shown(&toaster).is_empty());
    }

    #[test]
    fn a_correction_changes_a_card_and_never_makes_one() {
        let mut toaster = Toaster::default();
        toaster.update(ended("m1", 1), at(0));
        assert!(shown(&toaster).is_empty());
        toaster.notify(running("m1", 1, 10), at(1));

        toaster.update(ended("m1", 1), at(2));

        assert_eq!(toaster.visible()[0].body, ended("m1", 1).body);
    }

    #[test]
    fn without_a_connection_what_runs_is_paused_until_there_is_news() {
        let mut toaster = Toaster::default();
        toaster.notify(running("m1", 1, 10), at(0));
        toaster.notify(ended("m2", 1), at(0));
        let Body::Running(summary) = running("m1", 1, 10).body else {
            unreachable!("a running notice has a running body");
        };

        toaster.pause_runs(Source(1), true, at(1));
        assert!(
            matches!(toaster.visible()[1].body, Body::Running(_)),
            "another server's"
        );
        toaster.pause_runs(Source(0), true, at(1));
        assert_eq!(toaster.visible()[1].body, Body::Paused(summary));
        assert_eq!(toaster.visible()[0].body, ended("m2", 1).body);

        toaster.pause_runs(Source(0), false, at(2));
        assert_eq!(toaster.visible()[1].body, running("m1", 1, 10).body);
    }

    #[test]
    fn the_version_grows_only_when_something_looks_different() {
        let mut toaster = Toaster::default();
        let mut version = toaster.version();
        let mut grows = |toaster: &Toaster| {
            let before = std::mem::replace(&mut version, toaster.version());
            before != version
        };

        toaster.notify(running("m1", 1, 10), at(0));
        assert!(grows(&toaster), "a new card");
        toaster.notify(running("m1", 1, 10), at(1));
        assert!(!grows(&toaster), "the same again");
        toaster.notify(running("m1", 1, 11), at(2));
        assert!(grows(&toaster), "one percent");
        toaster.hold(Hold::Focus, at(3));
        toaster.release(Hold::Focus, at(4));
        toaster.handle_timeout(at(5));
        assert!(!grows(&toaster), "a hold");
        for id in ["m2", "m3", "m4"] {
            toaster.notify(running(id, 1, 0), at(6));
        }
        assert!(grows(&toaster), "three more");
        toaster.notify(running("m1", 1, 50), at(7));
        assert!(!grows(&toaster), "progress behind the limit");
        toaster.remove(&media("m1"), at(8));
        assert!(grows(&toaster), "one fewer behind the limit");
    }

    #[test]
    fn the_oldest_without_an_action_is_given_up_first() {
        for (n, evicted) in [(49, 0), (50, 0), (51, 1)] {
            let mut toaster = Toaster::new(Toaster::QUEUED);
            toaster.notify(ended("first", 1), at(0));
            toaster.notify(running("second", 1, 0), at(0));
            for index in 2..n {
                toaster.notify(ended(&format!("m{index}"), 1), at(1));
            }

            assert_eq!(toaster.evicted(), evicted, "{n}");
            assert!(shown(&toaster).contains(&"first".to_owned()));
            assert_eq!(
                shown(&toaster).contains(&"second".to_owned()),
                evicted == 0,
                "{n}"
            );
        }
    }

    #[test]
    fn a_run_that_made_room_comes_back_only_with_its_end() {
        let mut toaster = Toaster::default();
        for index in 0..=Toaster::QUEUED {
            toaster.notify(running(&format!("m{index}"), 1, 0), at(0));
        }
        let before = shown(&toaster);

        toaster.notify(running("m0", 1, 5), at(1));
        assert_eq!((shown(&toaster), toaster.evicted()), (before, 1));

        toaster.notify(ended("m0", 1), at(2));
        assert_eq!(shown(&toaster)[0], "m0");
    }

    #[derive(Clone, Debug)]
    enum Step {
        Notify(Notice),
        Update(Notice),
        Dismiss(Subject),
        Remove(Subject),
        Suppress(Option<Subject>),
        PauseRuns(bool),
        Hold(Hold),
        Release(Hold),
        Wake,
    }

    fn step() -> impl Strategy<Value = Step> {
        let id = || (0..70u32).prop_map(|n| format!("m{n}"));
        let notice = || {
            prop_oneof![
                (id(), 0..3u32, 0..100u8).prop_map(|(id, run, done)| running(&id, run, done)),
                (id(), 0..3u32).prop_map(|(id, run)| ended(&id, run)),
                (0..9u32, 0..5usize).prop_map(|(id, severity)| alert(
                    id,
                    [
                        Severity::Unknown,
                        Severity::Low,
                        Severity::Medium,
                        Severity::High,
                        Severity::Critical
                    ][severity]
                )),
                Just(info("a")),
                Just(info("b")),
            ]
        };
        let why = || prop_oneof![Just(Hold::Pointer), Just(Hold::Focus), Just(Hold::Hidden)];
        prop_oneof![
            12 => notice().prop_map(Step::Notify),
            2 => notice().prop_map(Step::Update),
            2 => notice().prop_map(|notice| Step::Dismiss(notice.subject)),
            1 => notice().prop_map(|notice| Step::Remove(notice.subject)),
            1 => id().prop_map(|id| Step::Suppress(Some(media(&id)))),
            1 => Just(Step::Suppress(None)),
            1 => any::<bool>().prop_map(Step::PauseRuns),
            2 => why().prop_map(Step::Hold),
            3 => why().prop_map(Step::Release),
            4 => Just(Step::Wake),
        ]
    }

    proptest! {
        #[test]
        fn no_sequence_exceeds_a_limit_or_shows_two_cards_of_a_subject(
            steps in prop::collection::vec((step(), 0..4_000u64), 1..200),
            limit in 0..6usize,
        ) {
            let mut toaster = Toaster::new(limit);
            let mut millis = 0;
            for (step, later) in steps {
                millis += later;
                let now = at(millis);
                let (before, version) = (toaster.clone(), toaster.version());
                match step.clone() {
                    Step::Notify(notice) => toaster.notify(notice, now),
                    Step::Update(notice) => toaster.update(notice, now),
                    Step::Dismiss(subject) => toaster.dismiss(&subject, now),
                    Step::Remove(subject) => toaster.remove(&subject, now),
                    Step::Suppress(page) => toaster.suppress(page, now),
                    Step::PauseRuns(is_lost) => toaster.pause_runs(Source(0), is_lost, now),
                    Step::Hold(why) => toaster.hold(why, now),
                    Step::Release(why) => toaster.release(why, now),
                    Step::Wake => toaster.handle_timeout(now),
                }

                prop_assert!(toaster.visible().len() <= limit.max(1));
                prop_assert!(toaster.visible().len() + toaster.overflow() <= Toaster::QUEUED);
                let mut subjects: Vec<_> = toaster.cards.iter().map(|toast| &toast.subject).collect();
                subjects.sort();
                subjects.dedup();
                prop_assert_eq!(subjects.len(), toaster.cards.len());
                prop_assert!(toaster.open_page.is_none()
                    || !subjects.contains(&toaster.open_page.as_ref().unwrap()));
                let looks = |toaster: &Toaster| {
                    let seen = toaster.visible().iter();
                    let seen: Vec<_> = seen
                        .map(|toast| (toast.subject.clone(), toast.tone, toast.body.clone(), toast.action))
                        .collect();
                    (seen, toaster.overflow())
                };
                prop_assert_eq!(looks(&before) != looks(&toaster), version != toaster.version());
                if let Step::Wake = step {
                    // Only what has no action and has not to be held can have left.
                    for toast in &before.cards {
                        if toaster.position(&toast.subject).is_none() {
                            prop_assert!(before.held_since.is_none());
                            prop_assert!(toast.action.is_none() && !toast.body.is_running());
                        }
                    }
                }
                if let Some(next) = toaster.poll_timeout() {
                    prop_assert!(toaster.holds == 0);
                    let mut woken = toaster.clone();
                    woken.handle_timeout(next.max(now));
                    prop_assert!(woken.cards.len() < toaster.cards.len(), "a wake that does nothing");
                }
            }
        }

        #[test]
        fn a_hold_never_takes_or_gives_time(
            holds in prop::collection::vec((0..900u64, 0..9_000u64), 0..5),
        ) {
            let mut toaster = Toaster::default();
            toaster.notify(info("a"), at(0));
            let (mut millis, mut held) = (0, 0);
            for (before, during) in holds {
                toaster.hold(Hold::Focus, at(millis + before));
                toaster.handle_timeout(at(millis + before + during));
                toaster.release(Hold::Focus, at(millis + before + during));
                millis += before + during;
                held += during;
            }

            prop_assert_eq!(toaster.poll_timeout(), Some(at(5_000 + held)));
        }
    }

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    fn shown(toaster: &Toaster) -> Vec<String> {
        let name = |toast: &Toast| match &toast.subject {
            Subject::Media(key) => key.id.to_string(),
            Subject::Alert { group, .. } => format!("alert {group}"),
            Subject::Trust { participant, .. } => format!("trust {participant}"),
            Subject::Upload(upload) => format!("upload {upload}"),
            Subject::Server(source) => format!("server {}", source.0),
            Subject::App(name) => (*name).to_owned(),
        };
        toaster.visible().iter().map(name).collect()
    }

    fn media(id: &str) -> Subject {
        Subject::Media(MediaKey {
            source: Source(0),
            id: MediaId::new(id).unwrap(),
        })
    }

    fn info(name: &'static str) -> Notice {
        Notice {
            subject: Subject::App(name),
            tone: Tone::Info,
            body: Body::Away {
                finished: 2,
                failed: 0,
            },
            action: None,
            stays: Some(INFO_STAYS),
        }
    }

    fn running(id: &str, run: u32, percent: u8) -> Notice {
        Notice {
            subject: media(id),
            tone: Tone::Progress,
            body: Body::Running(Summary {
                status: Status::Running,
                run,
                percent,
                ..Summary::default()
            }),
            action: None,
            stays: None,
        }
    }

    fn ended(id: &str, run: u32) -> Notice {
        Notice {
            subject: media(id),
            tone: Tone::Ok,
            body: Body::Ended(Summary {
                status: Status::Complete,
                run,
                percent: 100,
                ..Summary::default()
            }),
            action: Some(Action::View),
            stays: None,
        }
    }

    fn alert(group: u32, severity: Severity) -> Notice {
        let change = crate::domain::Change::Alert {
            meeting: MeetingKey {
                source: Source(0),
                id: MeetingId::new("meeting").unwrap(),
            },
            severity,
            group: AlertGroupView {
                id: group,
                participant: None,
                name: None,
                severity,
                other_severity: None,
                was_raised_from: None,
                kind: None,
                message: None,
                confidence: None,
                advice: None,
                count: 1,
                first: None,
                last: None,
                is_acknowledged: false,
            },
            before: None,
        };
        policy::notice_for(&change).unwrap()
    }
}
