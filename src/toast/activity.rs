//! Everything that was told since someone signed in: what was shown on a card, what was offered to be spoken.
//!
//! [`Activity`] hears of each [`Decision`] where cards and words do ([`Activity::note`]), so nothing that was announced
//! or shown is missing from it, also not what was too much to be spoken one by one. **Law: what stands here stays as it
//! was told.** A bar that moves on is no line of its own, and the same words again are counted on their line.
//!
//! It also knows what is new: what came since it was looked at, and what came while nobody could see the page.

pub mod export;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use super::recent::Recent;
use super::{About, Body, Card, Decision, Saying, Subject, UploadFault};
use crate::domain::fact::{Label, ServerVerdict, Severity};
use crate::domain::view::{Status, Verdict};
use crate::domain::{MediaKey, MeetingKey, Source, Summary, Text};
use crate::time::Instant;

/// Entries that are kept: a long day of a busy desk, and as many as anyone will search through.
pub const MAX_ENTRIES: usize = 1_000;
/// Bytes of servers' texts in them all. A thousand alerts of the longest texts would be 16 MB.
pub const MAX_TEXT: usize = 1024 * 1024;
/// The same words again within this are counted where they stand.
const SAME_WITHIN: Duration = Duration::from_secs(60);
/// Subjects whose newest entry is remembered: as many as media are kept.
const SUBJECTS: usize = 5_000;

/// See the module.
#[derive(Clone, Debug)]
pub struct Activity {
    /// Oldest first, by number.
    entries: VecDeque<Entry>,
    /// The number of the entry that comes next; the first is 1.
    next: u64,
    newest: Recent<Subject, Newest>,
    text: usize,
    dropped: u64,
    /// The last number that was seen.
    seen: u64,
    unseen: u32,
    /// How much of it came while the page could not be seen; `None` while it can.
    away: Option<u32>,
    version: u64,
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Grows by one from entry to entry.
    pub number: u64,
    /// When it was told.
    pub at: Instant,
    /// When it was told last; later than `at` only if it was told more than once.
    pub last: Instant,
    /// How often.
    pub count: u32,
    /// About what.
    pub subject: Subject,
    /// What.
    pub what: What,
}

/// What was told.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// It was spoken, or waited to be.
    Said(Saying),
    /// An analysis that waits or runs was shown on a card.
    UnderWay(Summary),
    /// The end of an analysis that was told before is another after all.
    Corrected(Summary),
}

/// What an entry is about, as coarse as one looks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A media's analysis.
    Analysis,
    /// A warning in a meeting.
    Alert,
    /// How far someone is to be trusted.
    Trust,
    /// A file that could not be sent.
    Upload,
    /// What a server says by itself or did not do.
    Server,
    /// Whether we are connected and signed in.
    Connection,
}

impl Kind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 6] = [
        Self::Analysis,
        Self::Alert,
        Self::Trust,
        Self::Upload,
        Self::Server,
        Self::Connection,
    ];

    /// The name by which addresses and files know it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Analysis => "analysis",
            Self::Alert => "alert",
            Self::Trust => "trust",
            Self::Upload => "upload",
            Self::Server => "server",
            Self::Connection => "connection",
        }
    }
}

/// How many entries are new, as one value: what a navigation and a title show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Differs whenever an entry does.
    pub version: u64,
    /// The number of the newest entry; 0 if there never was one.
    pub newest: u64,
    /// The number up to which it was looked at.
    pub seen: u64,
    /// News since it was looked at last.
    pub unseen: u32,
    /// News since the page went out of sight; 0 while it can be seen.
    pub away: u32,
}

/// What is remembered of a subject beyond its entry, which may have made room.
#[derive(Clone, Copy, Debug)]
struct Newest {
    number: u64,
    is_end: bool,
}

impl Activity {
    /// Nothing has been told.
    #[must_use]
    pub fn new() -> Self {
        Self {
            entries: VecDeque::new(),
            next: 1,
            newest: Recent::new(SUBJECTS),
            text: 0,
            dropped: 0,
            seen: 0,
            unseen: 0,
            away: None,
            version: 0,
        }
    }

    /// Hears what is shown and said now. One decision is one line, and one for each end that it tells of together with
    /// others.
    pub fn note(&mut self, decision: &Decision, now: Instant) {
        for (key, summary) in &decision.ends {
            let saying = Saying::Ended(key.source, summary.clone());
            self.tell(Subject::Media(key.clone()), What::Said(saying), now);
        }
        if let Some((subject, saying)) = &decision.saying {
            return self.tell(subject.clone(), What::Said(saying.clone()), now);
        }
        match &decision.card {
            Some(Card::Show(notice)) if decision.ends.is_empty() => {
                let what = what_of(&notice.subject, notice.body.clone());
                let newest = self.newest.get(&notice.subject);
                let is_known = newest.is_some_and(|newest| !newest.is_end);
                if !(is_known && matches!(what, What::UnderWay(_))) {
                    self.tell(notice.subject.clone(), what, now);
                }
            }
            // A card on screen is corrected: what stands here of the end is not true any more.
            Some(Card::Update(notice)) => {
                if let Body::Ended(end) = &notice.body {
                    if self.is_outdated(&notice.subject, end) {
                        let what = What::Corrected(end.clone());
                        self.tell(notice.subject.clone(), what, now);
                    }
                }
            }
            _ => {}
        }
    }

    /// Somebody has seen all up to this number.
    pub fn see(&mut self, number: u64) {
        self.seen = self.seen.max(number.min(self.next - 1));
        let unseen = self
            .since(self.seen)
            .filter(|entry| entry.is_news())
            .count();
        self.unseen = u32::try_from(unseen).unwrap_or(u32::MAX);
    }

    /// The page can be seen or not.
    pub fn set_hidden(&mut self, is_hidden: bool) {
        self.away = is_hidden.then(|| self.away.unwrap_or_default());
    }

    /// Forgets all that was told. Whether the page can be seen stays, and so do the numbers: what comes next is new to
    /// whoever looked before.
    pub fn clear(&mut self) {
        *self = Self {
            next: self.next,
            seen: self.next - 1,
            away: self.away.map(|_| 0),
            version: self.version + 1,
            ..Self::new()
        };
    }

    /// What was told, oldest first.
    #[must_use]
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        self.entries.iter()
    }

    /// What was told after the entry of this number, oldest first.
    pub fn since(&self, number: u64) -> impl DoubleEndedIterator<Item = &Entry> {
        let begins = (self.entries).partition_point(|entry| entry.number <= number);
        self.entries.range(begins..)
    }

    /// How many made room.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// What is new.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark {
            version: self.version,
            newest: self.next - 1,
            seen: self.seen,
            unseen: self.unseen,
            away: self.away.unwrap_or_default(),
        }
    }

    fn tell(&mut self, subject: Subject, what: What, now: Instant) {
        self.version += 1;
        let newest = self.newest.get(&subject).map(|newest| newest.number);
        if let Some(before) = newest.and_then(|number| self.entry_mut(number)) {
            if before.what == what && now.saturating_since(before.last) < SAME_WITHIN {
                before.last = now;
                before.count = before.count.saturating_add(1);
                return;
            }
        }
        let entry = Entry {
            number: self.next,
            at: now,
            last: now,
            count: 1,
            subject,
            what,
        };
        self.next += 1;
        let newest = Newest {
            number: entry.number,
            is_end: entry.end().is_some(),
        };
        self.newest.insert(entry.subject.clone(), newest);
        if entry.is_news() {
            self.unseen = self.unseen.saturating_add(1);
            self.away = self.away.map(|away| away.saturating_add(1));
        }
        if let (Subject::Media(_), Some(name)) = (&entry.subject, entry.name()) {
            // A server may say that a file waits before it says what it is called.
            let of_it = self.entries.iter_mut().rev();
            let of_it = of_it.filter(|before| before.subject == entry.subject);
            for before in of_it.map_while(Entry::nameless) {
                self.text += name.as_str().len();
                *before = Some(name.clone());
            }
        }
        self.text += entry.text();
        self.entries.push_back(entry);
        while self.entries.len() > MAX_ENTRIES || self.text > MAX_TEXT {
            // First the oldest of what is no news: a thousand people whose scores waver push no alert out.
            let minor = self.entries.iter().position(|entry| !entry.is_news());
            let Some(gone) = self.entries.remove(minor.unwrap_or(0)) else {
                break;
            };
            self.text = self.text.saturating_sub(gone.text());
            self.dropped = self.dropped.saturating_add(1);
            if gone.number > self.seen && gone.is_news() {
                self.unseen = self.unseen.saturating_sub(1);
            }
        }
    }

    /// Whether an end is another than what stands here of its subject.
    fn is_outdated(&mut self, subject: &Subject, now: &Summary) -> bool {
        let Some(newest) = self.newest.get(subject).copied() else {
            return false;
        };
        let before = self.entry_mut(newest.number);
        match before.and_then(|entry| entry.end()) {
            Some(told) => says(told) != says(now),
            None => !newest.is_end,
        }
    }

    fn entry_mut(&mut self, number: u64) -> Option<&mut Entry> {
        let place = (self.entries).binary_search_by_key(&number, |entry| entry.number);
        self.entries.get_mut(place.ok()?)
    }
}

/// What the sentence of an end says beside the name: one in which nothing but the rest is another corrects nothing.
fn says(end: &Summary) -> impl PartialEq + '_ {
    let of_one = matches!(
        end.verdict,
        Verdict::LikelyFake { of: 1, .. } | Verdict::LikelyReal { of: 1, .. }
    );
    let has_finished = matches!(end.status, Status::Complete | Status::PartlyComplete);
    let verdict = has_finished.then(|| (end.verdict.as_str(), of_one));
    let has_count = end.status != Status::Failed && end.expected > 0;
    let count = has_count.then_some((end.completed, end.expected, end.failed.len()));
    (end.run, end.status, verdict, count)
}

impl Default for Activity {
    fn default() -> Self {
        Self::new()
    }
}

impl Entry {
    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match &self.subject {
            Subject::Media(_) => Kind::Analysis,
            Subject::Alert { .. } => Kind::Alert,
            Subject::Trust { .. } => Kind::Trust,
            Subject::Server(_) => Kind::Server,
            Subject::Upload(_) => Kind::Upload,
            Subject::App(_) => Kind::Connection,
        }
    }

    /// How bad it is, if it is a warning.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        match &self.what {
            What::Said(Saying::Alert(severity, ..)) => Some(*severity),
            _ => None,
        }
    }

    /// The analysis that ended, if it tells of one.
    #[must_use]
    pub fn end(&self) -> Option<&Summary> {
        match &self.what {
            What::Said(Saying::Ended(_, summary)) | What::Corrected(summary) => Some(summary),
            _ => None,
        }
    }

    /// Whether something ended or asks for a look; all else is on its way, or comes by itself.
    #[must_use]
    pub fn is_news(&self) -> bool {
        match &self.what {
            What::Said(saying) => matches!(
                saying,
                Saying::Ended(..)
                    | Saying::Alert(..)
                    | Saying::UploadFailed { .. }
                    | Saying::Notice { .. }
                    | Saying::SignInExpired
                    | Saying::SignInNeeded
            ),
            What::UnderWay(_) => false,
            What::Corrected(_) => true,
        }
    }

    /// The media it is about.
    #[must_use]
    pub fn media(&self) -> Option<&MediaKey> {
        match &self.subject {
            Subject::Media(key) => Some(key),
            _ => None,
        }
    }

    /// The meeting it is about.
    #[must_use]
    pub fn meeting(&self) -> Option<&MeetingKey> {
        match &self.subject {
            Subject::Alert { meeting, .. } | Subject::Trust { meeting, .. } => Some(meeting),
            _ => None,
        }
    }

    /// The server it is about; `None` if it is about them all.
    #[must_use]
    pub fn source(&self) -> Option<Source> {
        match &self.subject {
            Subject::Server(source) => Some(*source),
            _ => (self.media().map(|key| key.source)).or(self.meeting().map(|key| key.source)),
        }
    }

    /// The name of the file or of the person that it is about.
    #[must_use]
    pub fn name(&self) -> Option<&Text> {
        match &self.what {
            What::UnderWay(summary) | What::Corrected(summary) => summary.name.as_ref(),
            What::Said(saying) => match saying {
                Saying::Started { name, .. } | Saying::Progress { name, .. } => name.as_ref(),
                Saying::Ended(_, summary) => summary.name.as_ref(),
                Saying::Alert(_, group, _) => group.name.as_ref(),
                Saying::Trust { who, .. } => who.as_ref(),
                Saying::UploadFailed { name, .. } => Some(name),
                _ => None,
            },
        }
    }

    /// Where the name of its file belongs, if that was not known.
    fn nameless(&mut self) -> Option<&mut Option<Text>> {
        let name = match &mut self.what {
            What::UnderWay(summary)
            | What::Corrected(summary)
            | What::Said(Saying::Ended(_, summary)) => &mut summary.name,
            What::Said(Saying::Started { name, .. } | Saying::Progress { name, .. }) => name,
            What::Said(_) => return None,
        };
        name.is_none().then_some(name)
    }

    /// Bytes of servers' texts in it.
    fn text(&self) -> usize {
        let len = |text: Option<&Text>| text.map_or(0, |text| text.as_str().len());
        let of_summary = |summary: &Summary| {
            let failed = summary.failed.iter().map(|model| model.as_str().len());
            let verdict = match &summary.verdict {
                Verdict::Server(ServerVerdict {
                    label: Label::Other(word),
                    ..
                }) => Some(word),
                _ => None,
            };
            len(summary.other_status.as_ref()) + len(verdict) + failed.sum::<usize>()
        };
        let beside = match &self.what {
            What::Said(Saying::Alert(_, group, _)) => {
                len(group.kind.as_ref()) + len(group.message.as_ref()) + len(group.advice.as_ref())
            }
            What::Said(Saying::Ended(_, summary))
            | What::UnderWay(summary)
            | What::Corrected(summary) => of_summary(summary),
            What::Said(Saying::Notice { about, message }) => {
                let of_what = match about {
                    About::Server(text) => Some(text),
                    About::AnalyzeAgain(_, name) | About::NoAnswer(_, name) => name.as_ref(),
                    About::Scenario | About::TooManyMeetings => None,
                };
                len(of_what) + len(message.as_ref())
            }
            What::Said(
                Saying::Started { .. }
                | Saying::Progress { .. }
                | Saying::Trust { .. }
                | Saying::UploadFailed { .. }
                | Saying::ConnectionLost
                | Saying::Reconnected { .. }
                | Saying::NotLive
                | Saying::Live
                | Saying::SignInExpired
                | Saying::SignInNeeded,
            ) => 0,
        };
        len(self.name()) + beside
    }
}

/// What a card tells for which there were no words.
fn what_of(subject: &Subject, body: Body) -> What {
    What::Said(match body {
        Body::Running(summary) | Body::Paused(summary) => return What::UnderWay(summary),
        Body::Ended(summary) => match subject {
            Subject::Media(key) => Saying::Ended(key.source, summary),
            _ => return What::Corrected(summary),
        },
        Body::Alert(severity, group) => Saying::Alert(severity, group, None),
        Body::UploadFailed { name, fault } => Saying::UploadFailed {
            name,
            is_known: fault != UploadFault::Unconfirmed,
        },
        Body::Away { finished, failed } => Saying::Reconnected {
            updates: finished.saturating_add(failed),
            finished,
            failed,
        },
        Body::SignedOut { was_heard: true } => Saying::SignInExpired,
        Body::SignedOut { was_heard: false } => Saying::SignInNeeded,
        Body::Notice { about, message } => Saying::Notice { about, message },
    })
}
