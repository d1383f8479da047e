//! Which changes of the view are shown and said.
//!
//! [`notice_for`] and [`say_for`] are pure and meant to be read aloud. [`Policy`] adds the two things that need a
//! memory: the end of a run is news once, however often the media is forgotten and loaded again, and what ended while
//! we were not connected is told in one notice and not in one each.
//!
//! It decides nothing about time, places or words.

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::announcer::Saying;
use super::recent::Recent;
use super::{About, Action, Body, Notice, Subject, Tone, UploadFault};
use crate::domain::fact::Severity;
use crate::domain::view::{AlertGroupView, Status};
use crate::domain::{called, Change, MediaKey, MeetingKey, Source, Summary, Text};
use crate::sorted::Map;

/// How long something stays that only tells.
pub const INFO_STAYS: Duration = Duration::from_secs(5);
/// How long an error stays that offers nothing to do.
pub const ERROR_STAYS: Duration = Duration::from_secs(8);
/// How long a warning of medium severity stays.
pub const MEDIUM_ALERT_STAYS: Duration = Duration::from_secs(10);

/// What the card of a changed thing says now, if it deserves one.
///
/// A media deserves a card from its start to its end; progress and retries only change what that card says. A media
/// that had ended before we first saw it is no news. A warning deserves one by its severity.
#[must_use]
pub fn notice_for(change: &Change) -> Option<Notice> {
    match change {
        Change::Media {
            key,
            before,
            after: Some(after),
        } => match after.status {
            Status::Unknown => None,
            Status::Queued | Status::Running => Some(running(key, after)),
            Status::Complete | Status::PartlyComplete | Status::Failed | Status::Cancelled => {
                before.is_some().then(|| ended(key, after))
            }
        },
        Change::Media { after: None, .. } => None,
        Change::Alert {
            meeting,
            severity,
            group,
            ..
        } => Some(alert(meeting, *severity, group)),
        Change::List
        | Change::Details(_)
        | Change::Meeting(_)
        | Change::Trust { .. }
        | Change::VideoFrame { .. } => None,
    }
}

/// What is said of a change, and about what: a start, a quarter of the way, an end, a warning, another band of trust.
/// Never a retry, and not the first score of someone: a meeting begins with many of those.
#[must_use]
pub fn say_for(change: &Change) -> Option<(Subject, Saying)> {
    match change {
        Change::Media {
            key,
            before: Some(before),
            after: Some(after),
        } => {
            let saying = if is_end(before, after) {
                Saying::Ended(key.source, after.clone())
            } else if is_start(before, after) {
                Saying::Started {
                    source: key.source,
                    name: after.name.clone(),
                }
            } else {
                Saying::Progress {
                    source: key.source,
                    name: after.name.clone(),
                    percent: quarter_passed(before, after)?,
                }
            };
            Some((Subject::Media(key.clone()), saying))
        }
        Change::Alert {
            meeting,
            severity,
            group,
            ..
        } => {
            let saying = Saying::Alert(*severity, group.clone(), None);
            Some((alert_subject(meeting, group), saying))
        }
        Change::Trust {
            meeting,
            participant,
            name,
            from: Some(from),
            to: Some(to),
            is_simulated,
        } => {
            let subject = Subject::Trust {
                meeting: meeting.clone(),
                participant: participant.clone(),
            };
            let saying = Saying::Trust {
                who: called(name.as_ref(), Some(participant)),
                meeting: None,
                from: *from,
                to: *to,
                is_simulated: *is_simulated,
            };
            Some((subject, saying))
        }
        Change::Media { .. }
        | Change::Trust { .. }
        | Change::List
        | Change::Details(_)
        | Change::Meeting(_)
        | Change::VideoFrame { .. } => None,
    }
}

/// What to do with a card.
#[derive(Clone, Debug, PartialEq)]
pub enum Card {
    /// [`Toaster::notify`](super::Toaster::notify).
    Show(Notice),
    /// [`Toaster::update`](super::Toaster::update): this is no news, but a card on screen must not say otherwise.
    Update(Notice),
    /// [`Toaster::remove`](super::Toaster::remove).
    Remove(Subject),
}

/// What follows from a change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    /// What to show.
    pub card: Option<Card>,
    /// What to say, and about what.
    pub saying: Option<(Subject, Saying)>,
    /// The ends that this tells of together.
    pub ends: Vec<(MediaKey, Summary)>,
}

impl From<(Notice, Saying)> for Decision {
    /// A card, and the words for it.
    fn from((notice, saying): (Notice, Saying)) -> Self {
        Self {
            saying: Some((notice.subject.clone(), saying)),
            card: Some(Card::Show(notice)),
            ends: Vec::new(),
        }
    }
}

impl From<(Subject, Saying)> for Decision {
    /// Words alone.
    fn from(saying: (Subject, Saying)) -> Self {
        Self {
            saying: Some(saying),
            ..Self::default()
        }
    }
}

/// What is shown and said, change by change.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The runs whose end was told.
    ended: Recent<(MediaKey, u32), ()>,
    gate: Option<Gate>,
}

/// What is held back while we catch up.
#[derive(Clone, Debug, Default)]
struct Gate {
    /// The media that changed since we last were up to date, and the end of those that ended.
    changed: Map<MediaKey, Option<Summary>>,
}

impl Policy {
    /// Ends remembered: more analyses than anyone watches in one sitting.
    pub const ENDS: usize = 1000;
    /// Media counted while catching up: as many as are kept.
    pub const COUNTED: usize = 5000;

    /// Nothing has been told.
    #[must_use]
    pub fn new() -> Self {
        Self {
            ended: Recent::new(Self::ENDS),
            gate: None,
        }
    }

    /// What follows from a change.
    pub fn decide(&mut self, change: &Change) -> Decision {
        let (card, saying) = (notice_for(change), say_for(change));
        let Change::Media { key, before, after } = change else {
            return Decision {
                card: card.map(Card::Show),
                saying,
                ends: Vec::new(),
            };
        };
        let Some(after) = after else {
            if let Some(gate) = &mut self.gate {
                gate.changed.remove(key);
            }
            return Decision {
                card: Some(Card::Remove(Subject::Media(key.clone()))),
                ..Decision::default()
            };
        };
        let is_end = before.as_ref().is_some_and(|before| is_end(before, after))
            && self.ended.insert((key.clone(), after.run), ()).is_none();
        if after.status.is_ended() {
            // Also of those that are no news: what is shown for the first time now has not ended just now.
            self.ended.insert((key.clone(), after.run), ());
        }
        let is_corrected = after.status.is_ended() && !is_end;
        if let (Some(gate), Some(_)) = (&mut self.gate, before) {
            return gate.collect(key, after, is_end, card);
        }
        Decision {
            card: card.map(if is_corrected {
                Card::Update
            } else {
                Card::Show
            }),
            saying: saying.filter(|(_, saying)| is_end || !matches!(saying, Saying::Ended(..))),
            ends: Vec::new(),
        }
    }

    /// From now on we catch up after a gap: ends are collected, and nothing is said of any media.
    pub fn begin(&mut self) {
        self.gate.get_or_insert_default();
    }

    /// We are up to date. What ended in the meantime is told in one notice; a single end is told by its own card, which
    /// can say what came out. And one word tells that we are back; the announcer drops it if no one heard that we were
    /// away and nothing changed.
    pub fn end(&mut self) -> Decision {
        let Some(gate) = self.gate.take() else {
            return Decision::default();
        };
        let updates = count(gate.changed.len());
        let ends: Vec<_> = (gate.changed.iter())
            .filter_map(|(key, end)| Some((key.clone(), end.clone()?)))
            .collect();
        let ended_as = |status| count(ends.iter().filter(|(_, end)| end.status == status).count());
        let failed = ended_as(Status::Failed);
        // What was cancelled neither finished nor failed.
        let finished = count(ends.len()) - failed - ended_as(Status::Cancelled);
        let notice = match ends.as_slice() {
            [] => None,
            [(key, end)] => Some(ended(key, end)),
            _ if finished + failed == 0 => None,
            _ => Some(away(finished, failed)),
        };
        Decision {
            card: notice.map(Card::Show),
            saying: Some((
                Subject::CONNECTION,
                Saying::Reconnected {
                    updates,
                    finished,
                    failed,
                },
            )),
            ends,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

impl Gate {
    fn collect(
        &mut self,
        key: &MediaKey,
        after: &Summary,
        is_end: bool,
        card: Option<Notice>,
    ) -> Decision {
        let is_counted = self.changed.contains_key(key);
        if is_counted || self.changed.len() < Policy::COUNTED {
            let end = self.changed.entry(key.clone()).or_default();
            // An end that was collected stays collected when it is corrected, and is none when the run goes on.
            *end = (after.status.is_ended() && (is_end || end.is_some())).then(|| after.clone());
        }
        Decision {
            card: if is_end {
                // It would go on saying how far the run is.
                Some(Card::Remove(Subject::Media(key.clone())))
            } else if after.status.is_ended() {
                card.map(Card::Update)
            } else {
                card.map(Card::Show)
            },
            ..Decision::default()
        }
    }
}

/// A server says something, or did not do what was asked for.
#[must_use]
pub fn notice(source: Source, about: About, message: Option<Text>) -> Notice {
    Notice {
        subject: Subject::Server(source),
        tone: match about {
            About::Server(_) => Tone::Info,
            About::AnalyzeAgain(..)
            | About::NoAnswer(..)
            | About::Scenario
            | About::TooManyMeetings => Tone::Bad,
        },
        body: Body::Notice { about, message },
        action: None,
        stays: Some(ERROR_STAYS),
    }
}

/// A file could not be sent. Nothing is offered: the page does not keep the file.
#[must_use]
pub fn upload_failed(upload: u32, name: Text, fault: UploadFault) -> Notice {
    Notice {
        subject: Subject::Upload(upload),
        tone: Tone::Bad,
        action: None,
        body: Body::UploadFailed { name, fault },
        stays: Some(ERROR_STAYS),
    }
}

/// The server does not take our token; `was_heard` if it did before.
#[must_use]
pub fn signed_out(was_heard: bool) -> Notice {
    Notice {
        subject: Subject::SIGN_IN,
        tone: Tone::Bad,
        body: Body::SignedOut { was_heard },
        action: Some(Action::SignIn),
        stays: None,
    }
}

fn away(finished: u32, failed: u32) -> Notice {
    Notice {
        subject: Subject::AWAY,
        tone: if failed > 0 { Tone::Warn } else { Tone::Info },
        body: Body::Away { finished, failed },
        action: Some(Action::View),
        stays: None,
    }
}

fn running(key: &MediaKey, summary: &Summary) -> Notice {
    Notice {
        subject: Subject::Media(key.clone()),
        tone: Tone::Progress,
        body: Body::Running(summary.clone()),
        action: None,
        stays: None,
    }
}

fn ended(key: &MediaKey, summary: &Summary) -> Notice {
    let (tone, action) = match summary.status {
        Status::Failed => (Tone::Bad, Action::Retry),
        Status::PartlyComplete => (Tone::Warn, Action::View),
        Status::Cancelled => (Tone::Info, Action::View),
        _ => (Tone::Ok, Action::View),
    };
    Notice {
        subject: Subject::Media(key.clone()),
        tone,
        body: Body::Ended(summary.clone()),
        action: Some(action),
        stays: None,
    }
}

fn alert(meeting: &MeetingKey, severity: Severity, group: &AlertGroupView) -> Notice {
    let (tone, action, stays) = match severity {
        Severity::Critical | Severity::High => (Tone::Bad, Some(Action::Acknowledge), None),
        Severity::Medium => (Tone::Warn, None, Some(MEDIUM_ALERT_STAYS)),
        Severity::Low | Severity::Unknown => (Tone::Info, None, Some(INFO_STAYS)),
    };
    Notice {
        subject: alert_subject(meeting, group),
        tone,
        body: Body::Alert(severity, group.clone()),
        action,
        stays,
    }
}

fn alert_subject(meeting: &MeetingKey, group: &AlertGroupView) -> Subject {
    Subject::Alert {
        meeting: meeting.clone(),
        group: group.id,
    }
}

/// A run ended that had not, or one that we had not seen had ended before we saw it.
fn is_end(before: &Summary, after: &Summary) -> bool {
    after.status.is_ended() && !(before.status.is_ended() && before.run == after.run)
}

/// The first model began. A run that goes on after all, because its end was a mistake, does not start.
fn is_start(before: &Summary, after: &Summary) -> bool {
    after.status == Status::Running
        && (before.run != after.run || matches!(before.status, Status::Unknown | Status::Queued))
}

/// How far a run is, if this change passed a quarter of it. A retry may set a run back, and then it passes one again.
fn quarter_passed(before: &Summary, after: &Summary) -> Option<u8> {
    if after.status != Status::Running || before.run != after.run {
        return None;
    }
    // What is counted only now was passed nobody knows when.
    let (before, after) = before.percent.zip(after.percent)?;
    let is_passed = |quarter| before < quarter && quarter <= after;
    [25, 50, 75].into_iter().any(is_passed).then_some(after)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
