//! What is spoken to those who listen, and when.
//!
//! [`Announcer`] is a state machine for two live regions, one polite and one assertive: sayings go in with the time
//! they came up, and what each region holds comes out, with the next deadline. Its law is a budget: **a region's text
//! changes at most every second and a half, and what piles up in between becomes one sentence of counts.** Screen
//! readers cut off speech when a region changes too fast, and nobody can listen to a thousand updates.
//!
//! It chooses no words: what is spoken is data, and the interface puts it into the person's language. It knows nothing
//! of cards.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use super::recent::Recent;
use super::{About, Subject};
use crate::domain::fact::Severity;
use crate::domain::view::{AlertGroupView, Band, Status};
use crate::domain::{Source, Summary, Text};
use crate::time::Instant;

/// One thing to say.
#[derive(Clone, Debug, PartialEq)]
pub enum Saying {
    /// An analysis began.
    Started {
        /// On which server: its things have a name of their own.
        source: Source,
        /// The file's name.
        name: Option<Text>,
    },
    /// An analysis has passed a quarter of its way.
    Progress {
        /// On which server: its things have a name of their own.
        source: Source,
        /// The file's name.
        name: Option<Text>,
        /// How far it was then, of a hundred.
        percent: u8,
    },
    /// An analysis ended on this server, whose parts have a name of their own.
    Ended(Source, Summary),
    /// A warning in a meeting: how bad it is itself, its group, and which meeting, where that has to be said: it is not
    /// the one that is on screen.
    Alert(Severity, AlertGroupView, Option<Text>),
    /// Someone's score is in another band.
    Trust {
        /// Their name, or else their id.
        who: Option<Text>,
        /// Which meeting, where that has to be said.
        meeting: Option<Text>,
        /// Before.
        from: Band,
        /// Now.
        to: Band,
        /// Whether the data of the meeting are made up (a demonstration).
        is_simulated: bool,
    },
    /// A file could not be sent.
    UploadFailed {
        /// The file's name.
        name: Text,
        /// Whether it is known that the server does not have it.
        is_known: bool,
    },
    /// A server says something, or did not do what was asked for.
    Notice {
        /// What it is about.
        about: About,
        /// The server's words.
        message: Option<Text>,
    },
    /// The connection is lost.
    ConnectionLost,
    /// The connection is back and everything is up to date.
    Reconnected {
        /// How many media had changed in the meantime.
        updates: u32,
        /// How many of these had ended with a result, whole or in part.
        finished: u32,
        /// How many of these had ended without one.
        failed: u32,
    },
    /// What is shown is not what the servers know now, and no connection was lost.
    NotLive,
    /// It is now.
    Live,
    /// The server no longer takes our token: nothing is live until the person signs in.
    SignInExpired,
    /// The server never took our token: the same, but no session has ended.
    SignInNeeded,
}

/// What a region holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Spoken {
    /// One thing.
    One(Saying),
    /// Two or three things that came up together.
    Joined(Vec<Saying>),
    /// Counts of more than three.
    Summary(Tally),
}

/// What is left of sayings that were too many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many there were.
    pub updates: u32,
    /// How many told of an analysis that ended with a result, whole or in part.
    pub finished: u32,
    /// How many told of an analysis that ended without one, or of a file that was not sent.
    pub failed: u32,
    /// How many told of a warning.
    pub alerts: u32,
    /// The worst of these warnings.
    pub worst: Option<Severity>,
}

/// How much a person wants to hear (WCAG 2.2.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Everything.
    #[default]
    All,
    /// Ends, warnings from medium severity on, what went wrong, and whether we are connected and signed in.
    Important,
    /// Nothing.
    Off,
}

/// The two live regions.
#[derive(Clone, Debug)]
pub struct Announcer {
    polite: Region,
    assertive: Region,
    level: Level,
    is_hidden: bool,
    last_key: Option<Instant>,
    /// When each subject was last spoken of.
    words: Recent<Subject, Instant>,
    /// What was taken in the last five seconds.
    taken: VecDeque<(Instant, Subject, Saying)>,
    /// What the last that was spoken of the connection means.
    told: Standing,
    version: u64,
}

/// How whoever listens takes the connection to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Live,
    Behind,
    Lost,
}

impl Standing {
    /// What this tells of it, if anything.
    fn after(saying: &Saying) -> Option<Self> {
        match saying {
            Saying::ConnectionLost => Some(Self::Lost),
            Saying::NotLive => Some(Self::Behind),
            Saying::Reconnected { .. } | Saying::Live => Some(Self::Live),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
struct Region {
    /// Whether all that waits is spoken together. An assertive text that comes after another cuts it off.
    joins: bool,
    waiting: VecDeque<Waiting>,
    /// What no longer fitted into `waiting`.
    tally: Tally,
    /// The page could be seen again a moment ago: whatever waits is one sentence.
    has_returned: bool,
    /// The region was cleared, and gets its text now.
    sets_at: Option<Instant>,
    /// When it got its last text.
    set: Option<Instant>,
    text: Option<Spoken>,
}

#[derive(Clone, Debug)]
struct Waiting {
    subject: Subject,
    saying: Saying,
    /// Not before this.
    due: Instant,
}

/// From clearing a region to its text: so that the same text is spoken again.
const CLEARED: Duration = Duration::from_millis(100);
/// Between two texts of a region: one second cuts off speech.
const GAP: Duration = Duration::from_millis(1500);
/// From the last word about a media to how far it is.
const PROGRESS_AFTER: Duration = Duration::from_secs(10);
/// The same is not said again within this.
const REPEATS_AFTER: Duration = Duration::from_secs(5);
/// A connection that is back sooner was not worth a word.
const LOST_AFTER: Duration = Duration::from_secs(2);
/// A polite text waits for this long a pause in typing,
const TYPING_PAUSE: Duration = Duration::from_secs(1);
/// but at most for this long.
const TYPING_DEFERS: Duration = Duration::from_secs(5);
/// From a text to its end: whoever reads the page line by line an hour later must not find it as if it were true now.
/// A region that is emptied says nothing.
const STAYS: Duration = Duration::from_secs(60);
/// More than this is told in counts.
const SPOKEN_SINGLY: usize = 3;

impl Announcer {
    /// Sayings that wait in a region; older ones are only counted. More than three become counts anyway, so this is
    /// only ever reached while the page is hidden.
    pub const WAITING: usize = 50;
    /// Subjects remembered, to know when each was last spoken of.
    pub const SUBJECTS: usize = 1000;
    /// Sayings of the last five seconds remembered; a person hears at most a dozen in that time.
    const TAKEN: usize = 64;

    /// Silent.
    #[must_use]
    pub fn new() -> Self {
        Self {
            polite: Region::new(false),
            assertive: Region::new(true),
            level: Level::All,
            is_hidden: false,
            last_key: None,
            words: Recent::new(Self::SUBJECTS),
            taken: VecDeque::new(),
            told: Standing::Live,
            version: 0,
        }
    }

    /// Something came up. It takes the place of what waits to be said of the same subject.
    pub fn say(&mut self, subject: Subject, saying: Saying, now: Instant) {
        if self.is_worth_a_word(&subject, &saying, now) {
            let is_assertive = is_assertive(&saying);
            if is_assertive {
                // A warning that became urgent while it waited is not also told politely.
                self.polite.retract(&subject);
            }
            let region = self.region(is_assertive);
            region.enqueue(subject, saying, now);
        }
        self.handle_timeout(now);
    }

    /// Forgets all that was said and waits. What the person and the page are like stays.
    pub fn clear(&mut self) {
        *self = Self {
            level: self.level,
            is_hidden: self.is_hidden,
            version: self.version + 1,
            ..Self::new()
        };
    }

    /// The person wants to hear this much from now on. What waits and is not wanted any more is not said.
    pub fn set_level(&mut self, level: Level, now: Instant) {
        self.level = level;
        for region in [&mut self.polite, &mut self.assertive] {
            region
                .waiting
                .retain(|waiting| is_wanted(level, &waiting.saying));
            if level == Level::Off {
                region.tally = Tally::default();
            }
        }
        self.handle_timeout(now);
    }

    /// How much the person wants to hear.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The person pressed a key in a text field.
    pub fn handle_key(&mut self, now: Instant) {
        self.last_key = Some(now);
    }

    /// The page can be seen or not. While it cannot, nothing is spoken; after that, one sentence tells of it.
    pub fn set_hidden(&mut self, is_hidden: bool, now: Instant) {
        if self.is_hidden != is_hidden {
            self.is_hidden = is_hidden;
            for region in [&mut self.polite, &mut self.assertive] {
                region.sets_at = None;
                // How far something was then is not how far it is.
                region
                    .waiting
                    .retain(|waiting| !matches!(waiting.saying, Saying::Progress { .. }));
                region.has_returned = !is_hidden && !region.waiting.is_empty();
            }
        }
        self.handle_timeout(now);
    }

    /// Clears a region that has something to say or has said it long ago, or gives a cleared one its text.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.is_hidden {
            return;
        }
        for is_assertive in [true, false] {
            let begins = self.begins(is_assertive);
            let region = self.region(is_assertive);
            if let Some(sets_at) = region.sets_at {
                if sets_at <= now {
                    region.sets_at = None;
                    let said = region.pick(now);
                    let text = region.text.clone();
                    if text.is_some() {
                        self.version += 1;
                    }
                    self.note(said, now);
                }
            } else if begins.is_some_and(|begins| begins <= now) {
                region.sets_at = Some(now + CLEARED);
                if region.text.take().is_some() {
                    self.version += 1;
                }
            } else if region.ends().is_some_and(|ends| ends <= now) {
                region.text = None;
                self.version += 1;
            }
        }
    }

    /// When [`Announcer::handle_timeout`] is next due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.is_hidden {
            return None;
        }
        let next = |region: &Region, begins: Option<Instant>| {
            let of_text = [begins, region.ends()].into_iter().flatten().min();
            region.sets_at.or(of_text)
        };
        [
            next(&self.polite, self.begins(false)),
            next(&self.assertive, self.begins(true)),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// What the polite and the assertive region hold now.
    #[must_use]
    pub fn current(&self) -> (Option<&Spoken>, Option<&Spoken>) {
        (self.polite.text.as_ref(), self.assertive.text.as_ref())
    }

    /// Grows whenever [`Announcer::current`] is different, and only then.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    fn is_worth_a_word(&mut self, subject: &Subject, saying: &Saying, now: Instant) -> bool {
        if let Saying::Progress { .. } = saying {
            let word = self.words.get(subject);
            if word.is_some_and(|word| now.saturating_since(*word) < PROGRESS_AFTER) {
                return false;
            }
        }
        // What a person last heard of the connection and what is true of it are compared, so that a connection that
        // comes and goes is told as it now is, and only if that is news. Hence the return: the rule against repeats
        // would swallow a second loss soon after the first.
        if let Some(standing) = Standing::after(saying) {
            self.polite.retract(subject);
            let has_updates = matches!(saying, Saying::Reconnected { updates, .. } if *updates > 0);
            return (standing != self.told || has_updates) && is_wanted(self.level, saying);
        }
        // What was not wanted was not heard: it is news to who wants to hear it later.
        if !is_wanted(self.level, saying) {
            return false;
        }
        while self
            .taken
            .front()
            .is_some_and(|(taken, ..)| now.saturating_since(*taken) >= REPEATS_AFTER)
            || self.taken.len() >= Self::TAKEN
        {
            self.taken.pop_front();
        }
        let is_repeated = self
            .taken
            .iter()
            .any(|(_, about, said)| about == subject && said == saying);
        if !is_repeated {
            self.taken.push_back((now, subject.clone(), saying.clone()));
        }
        !is_repeated
    }

    /// When a region that is not yet cleared may be, for what waits in it.
    fn begins(&self, is_assertive: bool) -> Option<Instant> {
        let region = if is_assertive {
            &self.assertive
        } else {
            &self.polite
        };
        let due = match region.waiting.iter().map(|waiting| waiting.due).min() {
            Some(due) => due,
            None if region.tally.updates > 0 => Instant::default(),
            None => return None,
        };
        let begins = region.set.map_or(due, |set| due.max(set + (GAP - CLEARED)));
        Some(match self.last_key {
            Some(key) if !is_assertive => begins.max((key + TYPING_PAUSE).min(due + TYPING_DEFERS)),
            _ => begins,
        })
    }

    fn region(&mut self, is_assertive: bool) -> &mut Region {
        if is_assertive {
            &mut self.assertive
        } else {
            &mut self.polite
        }
    }

    fn note(&mut self, said: Vec<Waiting>, now: Instant) {
        for waiting in said {
            self.told = Standing::after(&waiting.saying).unwrap_or(self.told);
            self.words.insert(waiting.subject, now);
        }
    }
}

impl Default for Announcer {
    fn default() -> Self {
        Self::new()
    }
}

impl Region {
    fn new(joins: bool) -> Self {
        Self {
            joins,
            waiting: VecDeque::new(),
            tally: Tally::default(),
            has_returned: false,
            sets_at: None,
            set: None,
            text: None,
        }
    }

    fn enqueue(&mut self, subject: Subject, saying: Saying, now: Instant) {
        if let Some(waiting) = self
            .waiting
            .iter_mut()
            .find(|waiting| waiting.subject == subject && gives_way(&waiting.saying, &saying))
        {
            waiting.saying = saying;
            return;
        }
        let due = match Standing::after(&saying) {
            Some(Standing::Lost | Standing::Behind) => now + LOST_AFTER,
            _ => now,
        };
        self.waiting.push_back(Waiting {
            subject,
            saying,
            due,
        });
        if self.waiting.len() > Announcer::WAITING {
            let oldest = self
                .waiting
                .iter()
                .position(|waiting| is_countable(&waiting.saying))
                .unwrap_or(0);
            if let Some(waiting) = self.waiting.remove(oldest) {
                self.tally.count(&waiting.saying);
            }
        }
    }

    fn retract(&mut self, subject: &Subject) {
        self.waiting.retain(|waiting| waiting.subject != *subject);
    }

    /// When its text has stood there for long enough.
    fn ends(&self) -> Option<Instant> {
        let set = self.set.filter(|_| self.text.is_some());
        set.map(|set| set + STAYS)
    }

    /// Sets the text to what is to be said now, and returns what that covers.
    ///
    /// Whether we are connected and signed in is said by itself and first: a count must not swallow it.
    fn pick(&mut self, now: Instant) -> Vec<Waiting> {
        let is_ready = |waiting: &Waiting| waiting.due <= now;
        let standing = self
            .waiting
            .iter()
            .position(|waiting| is_ready(waiting) && !is_countable(&waiting.saying));
        let said: Vec<_> = if let Some(waiting) = standing.and_then(|at| self.waiting.remove(at)) {
            self.text = Some(Spoken::One(waiting.saying.clone()));
            vec![waiting]
        } else {
            let countable = self.waiting.iter().filter(|one| is_ready(one)).count();
            let is_summed = self.tally.updates > 0 || countable > SPOKEN_SINGLY;
            let taken = if is_summed || self.joins || self.has_returned {
                countable
            } else {
                countable.min(1)
            };
            self.has_returned = false;
            let mut said = Vec::with_capacity(taken);
            let mut kept = VecDeque::new();
            for waiting in self.waiting.drain(..) {
                if said.len() < taken && is_ready(&waiting) {
                    said.push(waiting);
                } else {
                    kept.push_back(waiting);
                }
            }
            self.waiting = kept;
            let mut sayings: Vec<_> = said.iter().map(|waiting| waiting.saying.clone()).collect();
            self.text = if is_summed {
                let mut tally = std::mem::take(&mut self.tally);
                sayings.iter().for_each(|saying| tally.count(saying));
                Some(Spoken::Summary(tally))
            } else if sayings.len() > 1 {
                Some(Spoken::Joined(sayings))
            } else {
                sayings.pop().map(Spoken::One)
            };
            said
        };
        if self.text.is_some() {
            self.set = Some(now);
        }
        said
    }
}

impl Tally {
    fn count(&mut self, saying: &Saying) {
        self.updates += 1;
        match saying {
            Saying::Ended(_, summary) if summary.status == Status::Failed => self.failed += 1,
            // What was cancelled neither finished nor failed.
            Saying::Ended(_, summary) if summary.status == Status::Cancelled => {}
            Saying::Ended(..) => self.finished += 1,
            Saying::UploadFailed { .. } => self.failed += 1,
            Saying::Alert(severity, ..) => {
                self.alerts += 1;
                self.worst = self.worst.max(Some(*severity));
            }
            _ => {}
        }
    }
}

/// Whether it may interrupt: only a warning that asks to act, and the end of everything live.
fn is_assertive(saying: &Saying) -> bool {
    match saying {
        Saying::Alert(severity, ..) => *severity >= Severity::High,
        Saying::SignInExpired | Saying::SignInNeeded => true,
        _ => false,
    }
}

/// Whether it may become a number in a sentence of counts.
fn is_countable(saying: &Saying) -> bool {
    !matches!(
        saying,
        Saying::Notice { .. }
            | Saying::ConnectionLost
            | Saying::Reconnected { .. }
            | Saying::NotLive
            | Saying::Live
            | Saying::SignInExpired
            | Saying::SignInNeeded
    )
}

/// An end is only outdone by another end: that a new run began does not unsay it. And a warning by one that is as bad.
fn gives_way(waiting: &Saying, saying: &Saying) -> bool {
    match (waiting, saying) {
        (Saying::Ended(..), saying) => matches!(saying, Saying::Ended(..)),
        (Saying::Alert(waiting, ..), Saying::Alert(severity, ..)) => waiting <= severity,
        _ => true,
    }
}

fn is_wanted(level: Level, saying: &Saying) -> bool {
    match level {
        Level::All => true,
        Level::Off => false,
        Level::Important => match saying {
            Saying::Started { .. } | Saying::Progress { .. } | Saying::Trust { .. } => false,
            Saying::Alert(severity, ..) => *severity >= Severity::Medium,
            _ => true,
        },
    }
}
