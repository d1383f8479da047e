//! What is shown, derived from what is known.
//!
//! Plain values without behaviour of their own: `Store` makes them, views and the toast policy read them. A number
//! that nobody knows is `None` here, never zero.

pub mod export;
#[cfg(test)]
pub(crate) mod scene;

use std::time::Duration;

use super::fact::{Label, MediaKind, Metric, Modality, ServerVerdict, Severity, VideoFrame};
use super::trail::Entry;
use super::{called, MediaKey, MeetingKey, ModelId, ParticipantId, Text};
use crate::time::Timestamp;

/// What became of a media's analysis, derived from its models; a server's own status is only a claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Nobody has said anything yet; of an earlier run: how it ended.
    #[default]
    Unknown,
    /// Accepted, nothing has begun.
    Queued,
    /// At least one model has begun and not all have ended.
    Running,
    /// Every model ended and succeeded.
    Complete,
    /// Every model ended; some succeeded, some failed.
    PartlyComplete,
    /// Every model ended, none succeeded; or the server says that it failed.
    Failed,
    /// The server says that it was cancelled before every model had ended. Those that had keep their results.
    Cancelled,
}

impl Status {
    /// Whether nothing more is expected in this run.
    #[must_use]
    pub fn is_ended(self) -> bool {
        matches!(
            self,
            Status::Complete | Status::PartlyComplete | Status::Failed | Status::Cancelled
        )
    }

    /// As programs write it: `unknown`, `queued`, `running`, `complete`, `partly-complete`, `failed` or `cancelled`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Complete => "complete",
            Self::PartlyComplete => "partly-complete",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What the models say together. A likelihood, never a statement of fact.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Verdict {
    /// Nothing to say yet, or no model succeeded.
    #[default]
    None,
    /// Some models ended, others have not, or were cancelled: nothing is final.
    NotFinal {
        /// How many ended models say fake.
        fake: u32,
        /// How many ended models say real.
        real: u32,
    },
    /// The majority of the models that succeeded says fake.
    LikelyFake {
        /// How many say so.
        fake: u32,
        /// Of how many that said either.
        of: u32,
    },
    /// The majority of the models that succeeded says real.
    LikelyReal {
        /// How many say so.
        real: u32,
        /// Of how many that said either.
        of: u32,
    },
    /// As many say fake as say real.
    Disagree {
        /// How many say each.
        each: u32,
    },
    /// The server's own verdict, which goes first.
    Server(ServerVerdict),
}

impl Verdict {
    /// What it says in words.
    #[must_use]
    pub(crate) fn without_score(&self) -> Self {
        let mut verdict = self.clone();
        if let Self::Server(server) = &mut verdict {
            server.score = None;
        }
        verdict
    }

    /// As programs write it: `likely-fake`, `likely-real`, `models-disagree`, `not-final`, or the server's own word
    /// where it is no likelihood. `None` where there is nothing to say.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::NotFinal { .. } => Some("not-final"),
            Self::LikelyFake { .. } => Some("likely-fake"),
            Self::LikelyReal { .. } => Some("likely-real"),
            Self::Disagree { .. } => Some("models-disagree"),
            Self::Server(server) => Some(match &server.label {
                Label::Fake => "likely-fake",
                Label::Real => "likely-real",
                other => other.as_str(),
            }),
        }
    }
}

/// Where one model stands.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelState {
    /// It will run.
    Queued,
    /// It runs.
    Running {
        /// How far, 0 to 0.99; `None` if the server does not say out of how many.
        fraction: Option<f64>,
        /// Items done, if the server says.
        done: Option<f64>,
        /// Items in all, if the server says.
        total: Option<f64>,
    },
    /// An attempt failed and another is expected.
    Retrying {
        /// Why the last one failed, if the server says.
        error: Option<Text>,
    },
    /// It succeeded.
    Completed {
        /// What it says.
        label: Option<Label>,
        /// How sure it is of its own label, 0 to 1.
        confidence: Option<f64>,
        /// How long it took.
        took: Option<Duration>,
    },
    /// It failed and no attempt will follow.
    Failed {
        /// Why, if the server says.
        error: Option<Text>,
    },
    /// The run ended and this model never did.
    NoResult,
    /// The server says that it, or the run, was cancelled before it had ended.
    Cancelled,
}

impl ModelState {
    /// Whether nothing more is expected of it in this run.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        matches!(
            self,
            ModelState::Completed { .. }
                | ModelState::Failed { .. }
                | ModelState::NoResult
                | ModelState::Cancelled
        )
    }

    /// As programs write it: `queued`, `running`, `retrying`, `completed`, `failed`, `no-result` or `cancelled`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running { .. } => "running",
            Self::Retrying { .. } => "retrying",
            Self::Completed { .. } => "completed",
            Self::Failed { .. } => "failed",
            Self::NoResult => "no-result",
            Self::Cancelled => "cancelled",
        }
    }

    /// Why an attempt, or the last of them, failed, if the server says.
    #[must_use]
    pub fn error(&self) -> Option<&Text> {
        match self {
            Self::Retrying { error } | Self::Failed { error } => error.as_ref(),
            _ => None,
        }
    }
}

/// One model of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelView {
    /// Its name, as the server writes it.
    pub id: ModelId,
    /// Where it stands.
    pub state: ModelState,
    /// What it is doing, in the server's words, while it runs.
    pub doing: Option<Text>,
    /// Which attempt this is, from 1; 0 before the first.
    pub attempt: u32,
    /// How many attempts there are before a failure is final, if known.
    pub attempts: Option<u32>,
    /// How long it has run, on the server's clock, by its own first start; `None` before that.
    pub elapsed: Option<Duration>,
    /// How long it will still run, smoothed; only once there is enough to say (three points over five seconds).
    pub left: Option<Duration>,
    /// It runs and nothing has been heard of it for 30 seconds; for how long.
    pub silent_for: Option<Duration>,
    /// Its result or its data are made up (a demonstration).
    pub is_simulated: bool,
}

/// One run of a media.
#[derive(Clone, Debug, PartialEq)]
pub struct RunView {
    /// Its number from 1, if the server numbers its runs.
    pub number: Option<u32>,
    /// What became of it.
    pub status: Status,
    /// 0 to 100; 100 only when all has ended by itself. Does not go back within a run but for a retry. `None` as long
    /// as nobody knows how many models there are: those that were heard of are a share of nothing. `expected` is 0
    /// then, and `left` is `None`. Of a run that has ended it is known.
    pub percent: Option<u8>,
    /// The models, in the order in which they were first named.
    pub models: Vec<ModelView>,
    /// Models that the server counts beyond those it has named.
    pub unnamed: u32,
    /// Models expected in all; 0 where nobody knows.
    pub expected: u32,
    /// How many succeeded.
    pub completed: u32,
    /// How many failed for good.
    pub failed: u32,
    /// What they say together.
    pub verdict: Verdict,
    /// When it began, by the server's clock.
    pub started: Option<Timestamp>,
    /// When it ended, by the server's clock.
    pub ended: Option<Timestamp>,
    /// How long it has taken until now, or took.
    pub elapsed: Option<Duration>,
    /// How long it will still take.
    pub left: Option<Duration>,
    /// Every expected model has ended and the server has not said so; it is being asked.
    pub is_confirming: bool,
    /// Some of it is made up (a demonstration).
    pub is_simulated: bool,
}

/// A media with its runs.
#[derive(Clone, Debug, PartialEq)]
pub struct MediaView {
    /// Which.
    pub key: MediaKey,
    /// The file's name; `None` until a server says it.
    pub name: Option<Text>,
    /// What it is.
    pub kind: Option<MediaKind>,
    /// Its size.
    pub bytes: Option<u64>,
    /// When the server got it.
    pub created: Option<Timestamp>,
    /// What became of the newest run, or what the server says where there is no run.
    pub status: Status,
    /// The server's own word for that, where it is none that we know and nothing else tells.
    pub other_status: Option<Text>,
    /// The newest run.
    pub run: Option<RunView>,
    /// How many runs there were before it.
    pub earlier_runs: u32,
    /// Another analysis was asked for, and no answer has come yet. Told by who asked.
    pub is_asked_again: bool,
}

/// The runs of a media before the one that is shown. Each is over, whatever was heard of it last.
///
/// A run of which nobody told how it ended has the status [`Status::Unknown`] and no time of its end; what its models
/// said by then stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EarlierRuns {
    /// Those that are kept, newest first; at most 19. Their models are in the order of their names.
    pub runs: Vec<RunView>,
    /// How many there were before those, of which nothing is kept.
    pub older: u32,
    /// Whether the server was asked for all of them, and not for the list alone, which names the newest.
    pub is_fetched: bool,
}

/// What a list row, a card and a notice need to know of a media. Two summaries are equal when a person would see no
/// difference in those.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The file's name.
    pub name: Option<Text>,
    /// What became of it.
    pub status: Status,
    /// The server's own word for that, where it is none that we know and nothing else tells.
    pub other_status: Option<Text>,
    /// Tells runs of this media apart: grows by one with each new run that is seen.
    pub run: u32,
    /// 0 to 100; as [`RunView::percent`].
    pub percent: Option<u8>,
    /// Models expected in all; 0 where nobody knows.
    pub expected: u32,
    /// How many succeeded.
    pub completed: u32,
    /// How many failed for good; with their names, for the end's sentence.
    pub failed: Vec<ModelId>,
    /// How many are waiting for another attempt.
    pub retrying: u32,
    /// What they say together, without the server's score: no row, card or sentence shows that, and it may come later
    /// than the end.
    pub verdict: Verdict,
    /// Some model runs and has been silent for 30 seconds.
    pub is_silent: bool,
    /// Some of it is made up.
    pub is_simulated: bool,
}

/// How far a person is to be trusted, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    /// Below 0.5.
    AtRisk,
    /// From 0.5, below 0.8.
    Caution,
    /// From 0.8.
    Trusted,
}

/// One person in a meeting.
#[derive(Clone, Debug, PartialEq)]
pub struct ParticipantView {
    /// Who.
    pub id: ParticipantId,
    /// Tells people apart as the id does, for as long as the meeting is open.
    pub number: u32,
    /// Their name, where the server knows one.
    pub name: Option<Text>,
    /// Whether they are in the meeting; `None` if scores name someone the list of people does not.
    pub is_present: Option<bool>,
    /// 0 to 100, rounded down so that number and word agree; `None` is *no data*.
    pub trust: Option<u8>,
    /// The word for it.
    pub band: Option<Band>,
    /// How old the score is, once it is older than 15 seconds or the meeting was left.
    pub stale_for: Option<Duration>,
    /// The scores of the last five minutes, 0 to 100, oldest first, with the seconds since the first; at most 300.
    pub history: Vec<(f32, u8)>,
    /// What the detectors measured last.
    pub modalities: Vec<Modality>,
}

/// Alerts of one participant and one type: one row, however often it was said.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertGroupView {
    /// Tells groups apart, for as long as the meeting is open.
    pub id: u32,
    /// About whom.
    pub participant: Option<ParticipantId>,
    /// Their name, where the server knows one.
    pub name: Option<Text>,
    /// The worst that was said.
    pub severity: Severity,
    /// The newest word for it that we do not know, where none that we know was said.
    pub other_severity: Option<Text>,
    /// The worst that was said before, if it was raised.
    pub was_raised_from: Option<Severity>,
    /// Of what type, in the server's word.
    pub kind: Option<Text>,
    /// The message of the newest that is as severe: a milder one that came later says nothing of this severity.
    pub message: Option<Text>,
    /// The same one's confidence, 0 to 1.
    pub confidence: Option<f64>,
    /// Its advice.
    pub advice: Option<Text>,
    /// How many alerts.
    pub count: u32,
    /// How often something was told of them: one that came again as a worse one is still one.
    pub told: u32,
    /// When the first and the last were sent, by the server's clock; `None` of one that it did not stamp.
    pub first: Option<Timestamp>,
    /// See `first`.
    pub last: Option<Timestamp>,
    /// Whether a person here has acknowledged it since it was last raised.
    pub is_acknowledged: bool,
    /// Whether the same one says of itself that it is made up (a demonstration). One stray word must not take the weight
    /// from every alert of a meeting.
    pub is_simulated: bool,
}

impl AlertGroupView {
    /// What to call who it is about: their name, or else their id.
    #[must_use]
    pub fn who(&self) -> Option<Text> {
        called(self.name.as_ref(), self.participant.as_ref())
    }
}

/// A row of the alert list.
#[derive(Clone, Debug, PartialEq)]
pub enum AlertRow {
    /// Alerts.
    Group(AlertGroupView),
    /// Nothing was heard of the meeting: alerts of this time may be missing. No server sends them again.
    Gap {
        /// Tells gaps apart.
        id: u32,
        /// How long ago it began.
        began: Duration,
        /// How long ago it ended; `None` while it lasts.
        ended: Option<Duration>,
    },
}

/// A meeting.
#[derive(Clone, Debug, PartialEq)]
pub struct MeetingView {
    /// Which.
    pub key: MeetingKey,
    /// Whether the server has confirmed that we are in, on this connection.
    pub is_joined: bool,
    /// The server was asked to let us in and has not done so for ten seconds or longer; it is asked again.
    pub is_unanswered: bool,
    /// Somebody came or went of whom nobody knows into which of several meetings: the list is asked for.
    pub is_list_in_doubt: bool,
    /// People and scores, lowest trust first, then people without a score, then those who have left.
    pub participants: Vec<ParticipantView>,
    /// Alerts and gaps, newest first.
    pub alerts: Vec<AlertRow>,
    /// Groups of alerts that made room for others and are among `alerts` no more.
    pub alerts_removed: u32,
    /// Figures of the whole meeting.
    pub analytics: Vec<(Metric, f64)>,
    /// How old they are, once they are older than 15 seconds or the meeting was left.
    pub analytics_stale_for: Option<Duration>,
    /// The pictures that come, if there ever was one.
    pub video: Option<VideoView>,
    /// What was told of it last.
    pub trail: TrailView,
    /// Its data are made up (a demonstration).
    pub is_simulated: bool,
    /// How long it has been watched here: since it was joined first, or first again after it was left. `None` before
    /// that, while nothing is heard of it.
    pub watched_for: Option<Duration>,
    /// How long ago the person here left it; `None` while they are in it or about to be.
    pub left_for: Option<Duration>,
}

/// How fast the pictures of a meeting come, over the last five seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoView {
    /// Pictures a second.
    pub frames_per_second: f64,
    /// Bytes a second.
    pub bytes_per_second: u64,
    /// Bytes of the newest one.
    pub newest_bytes: usize,
    /// How long none has come, once it is five seconds.
    pub silent_for: Option<Duration>,
}

/// The end of a meeting's audit trail.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrailView {
    /// The newest entries, newest first; at most 20.
    pub newest: Vec<Entry>,
    /// How many are kept in all.
    pub kept: usize,
    /// How many made room for others.
    pub dropped: u64,
}

/// An alert as it is told to a host, which may act on it (pause somebody's video, say): once for each new group, for
/// each rise of its severity, and after a minute without one that is as bad. An alert that comes twice, or again after
/// a reconnect, is not told again; and none waits for room or for a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// In which meeting.
    pub meeting: MeetingKey,
    /// Why it is told.
    pub why: AlertNews,
    /// How bad it is itself: what to act by.
    pub severity: Severity,
    /// About whom and what: its `severity` is the worst that was said of this participant and type, and may be long
    /// ago; `message`, `confidence`, `advice` and `last` are this alert's own.
    pub group: AlertGroupView,
}

/// Why an alert is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertNews {
    /// It is the first of its participant and type.
    First,
    /// It is worse than those before it.
    Raised {
        /// The worst before.
        from: Severity,
    },
    /// It is the first that is as bad after a minute without one.
    Again,
}

impl Alert {
    /// From which severity on a host is told where it does not say: what asks a person to act.
    pub const LEAST: Severity = Severity::High;

    /// What a host is told of a change, if it is an alert.
    #[must_use]
    pub fn of(change: &Change) -> Option<Self> {
        let Change::Alert {
            meeting,
            severity,
            group,
            before,
        } = change
        else {
            return None;
        };
        Some(Self {
            meeting: meeting.clone(),
            why: match *before {
                None => AlertNews::First,
                Some(from) if from < *severity => AlertNews::Raised { from },
                Some(_) => AlertNews::Again,
            },
            severity: *severity,
            group: group.clone(),
        })
    }
}

/// What in the view is different now. Notices and signals follow changes, never messages: a message that changes
/// nothing makes none.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Media came, went or moved in the list.
    List,
    /// A media looks different: what it was (`None`: it was not there) and is (`None`: it is gone).
    Media {
        /// Which.
        key: MediaKey,
        /// Before.
        before: Option<Summary>,
        /// Now.
        after: Option<Summary>,
    },
    /// Only details of a media are different (a model's progress, words, times): nothing that a summary shows.
    Details(MediaKey),
    /// A meeting looks different.
    Meeting(MeetingKey),
    /// Someone's score has been in another band for three seconds.
    Trust {
        /// In which meeting.
        meeting: MeetingKey,
        /// Who.
        participant: ParticipantId,
        /// Their name, where the server knows one.
        name: Option<Text>,
        /// Before; `None` is *no data*.
        from: Option<Band>,
        /// Now.
        to: Option<Band>,
        /// Whether the data of the meeting are made up (a demonstration).
        is_simulated: bool,
    },
    /// A new alert, or one that is worse than those of its group before it, or one after a minute without one as bad.
    Alert {
        /// In which meeting.
        meeting: MeetingKey,
        /// How bad it is itself.
        severity: Severity,
        /// What its group looks like now, with what this alert says; the group's severity is the worst so far.
        group: AlertGroupView,
        /// The group's severity before, if there was one.
        before: Option<Severity>,
    },
    /// A picture of a meeting came. It is for whoever shows pictures; of the rest, only its rate is different.
    VideoFrame {
        /// Of which meeting.
        meeting: MeetingKey,
        /// The picture.
        frame: VideoFrame,
    },
}
