//! The facts that everything known is made of.
//!
//! A fact is what one sentence of a server said, in our vocabulary, with no idea of what came before: so a fact can be
//! joined twice, late, or in any order. Facts carry the *publisher's* time where the server gives one; a relay's time
//! differs between the copies of one event and identifies nothing.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{MediaId, MeetingId, ModelId, ParticipantId, RunId, Text};
use crate::time::Timestamp;

/// One thing a server said.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// Something about a media itself.
    Media {
        /// Which.
        media: MediaId,
        /// When the server said it; orders descriptions that differ.
        at: Option<Timestamp>,
        /// What was said; an absent field says nothing.
        fields: MediaFields,
    },
    /// Something about one run of a media.
    Run {
        /// Whose.
        media: MediaId,
        /// Which.
        run: RunRef,
        /// When the server said it.
        at: Option<Timestamp>,
        /// What was said; an absent field says nothing.
        fields: RunFields,
    },
    /// Something about one model in a run.
    Model {
        /// Whose.
        media: MediaId,
        /// In which run.
        run: RunRef,
        /// Which.
        model: ModelId,
        /// When its publisher said it. Tells attempts apart, so a relay's time must not stand here, but for words
        /// ([`ModelSaid::Doing`]), which it only puts in order.
        at: Option<Timestamp>,
        /// What was said.
        said: ModelSaid,
    },
    /// Something about a meeting.
    Meeting {
        /// Which. Some events do not say: then it is the only one joined, if there is only one.
        meeting: Option<MeetingId>,
        /// When the server said it.
        at: Option<Timestamp>,
        /// What was said.
        said: MeetingSaid,
    },
    /// How many models the server runs on a media, said apart from any run. The newest one said counts.
    Models(ModelCounts),
}

impl Fact {
    /// The media that it is about, if it is about one.
    #[must_use]
    pub fn media(&self) -> Option<&MediaId> {
        match self {
            Self::Media { media, .. } | Self::Run { media, .. } | Self::Model { media, .. } => {
                Some(media)
            }
            Self::Meeting { .. } | Self::Models(_) => None,
        }
    }
}

/// How many models a server runs on a media of each kind. 0 where nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModelCounts {
    /// On a video.
    pub video: u32,
    /// Beside those on a video with sound: they need both.
    pub video_with_sound: u32,
    /// On an image.
    pub image: u32,
    /// On a sound.
    pub audio: u32,
}

impl ModelCounts {
    /// On a media of this kind, and with or without sound. As long as nobody has said what it is, as many as on any: an
    /// analysis that looks less far than it is goes forward when that is known, and never back.
    #[must_use]
    pub fn of(self, kind: Option<MediaKind>, has_sound: Option<bool>) -> u32 {
        let video = self.video.saturating_add(match has_sound {
            Some(false) => 0,
            _ => self.video_with_sound,
        });
        match kind {
            Some(MediaKind::Video) => video,
            Some(MediaKind::Image) => self.image,
            Some(MediaKind::Audio) => self.audio,
            None => video.max(self.image).max(self.audio),
        }
    }
}

/// Which run a fact is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunRef {
    /// The one with this id.
    Id(RunId),
    /// The server did not say: the one whose model is at work, else the newest if it is, or a provisional one. A guess,
    /// which a snapshot may take back.
    Open,
}

/// What can be known of a media.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MediaFields {
    /// The file's name or the title.
    pub name: Option<Text>,
    /// Video, image, audio.
    pub kind: Option<MediaKind>,
    /// Whether the server knows that a video has sound.
    pub has_sound: Option<bool>,
    /// Size in bytes.
    pub bytes: Option<u64>,
    /// When the server got it.
    pub created: Option<Timestamp>,
    /// What the server calls the media's own status, where it has one beside its runs.
    pub declared: Option<Declared>,
    /// Its word for that, where it is none that we know: shown as it is, as neutral, while nothing else says more.
    pub other_status: Option<Text>,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MediaKind {
    /// Moving pictures.
    Video,
    /// A still picture.
    Image,
    /// Sound.
    Audio,
}

/// What can be known of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunFields {
    /// Its number among the runs of its media, from 1: orders runs.
    pub number: Option<u32>,
    /// What the server calls its status.
    pub declared: Option<Declared>,
    /// How many models the server says there are. Servers count wrongly: it can raise what is expected, never lower it.
    pub expected: Option<u32>,
    /// When it began.
    pub created: Option<Timestamp>,
    /// The server's own verdict, in its own words, where it gives one for the whole run.
    pub verdict: Option<ServerVerdict>,
}

/// A status as a server declares it. It is a claim: the state that is shown is derived from the models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Declared {
    /// Accepted, not begun.
    Queued,
    /// Begun.
    Processing,
    /// A failure report that a retry may still undo.
    FailureReported,
    /// Ended, nothing succeeded.
    Failed,
    /// Ended, some succeeded and some failed.
    Partial,
    /// Ended.
    Done,
    /// Ended because somebody wanted it to. After everything else: what a server says of the models that had ended
    /// before must not undo it.
    Cancelled,
}

/// A server's own verdict for a run.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerVerdict {
    /// What it means here.
    pub label: Label,
    /// Its score, 0 to 1, where it gave one.
    pub score: Option<f64>,
}

/// What a model or a server says of a media.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// Made or changed by a machine.
    Fake,
    /// As recorded.
    Real,
    /// Nothing to object to (sensitivity analysis).
    Safe,
    /// Something to look at (sensitivity analysis).
    Flagged,
    /// A word we do not know, shown as it is, as neutral.
    Other(Text),
}

impl Label {
    /// As programs write it: `fake`, `real`, `safe`, `flagged`, or the server's own word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Fake => "fake",
            Self::Real => "real",
            Self::Safe => "safe",
            Self::Flagged => "flagged",
            Self::Other(word) => word.as_str(),
        }
    }
}

/// What was said of a model.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelSaid {
    /// It will run.
    Queued,
    /// An attempt began. Attempts are told apart by the fact's time.
    Started,
    /// It is this far.
    Progress {
        /// Items done (frames, windows, percent).
        done: Option<f64>,
        /// Items in all; `None` means nobody knows.
        total: Option<f64>,
        /// When it was relayed. Tells which attempt it belongs to; the copies of one event may differ in it.
        relayed: Option<Timestamp>,
    },
    /// What it is doing.
    Doing {
        /// In the server's words.
        text: Text,
        /// How far it was then, 0 to 1: of two said at the same time, or at none, the farther was said later.
        fraction: Option<f64>,
    },
    /// Its result is stored: the end of this model in this run.
    Completed(Outcome),
    /// An attempt failed. Servers retry, so it is the end only when the attempts are used up.
    Failed {
        /// Why, in the server's words.
        error: Option<Text>,
        /// Whether the server says that this is the end: no attempt will follow.
        is_final: bool,
        /// Which attempt it was, from 1, if the server says so.
        attempt: Option<u32>,
    },
    /// It will not run, or not to its end, because somebody wanted that.
    Cancelled,
}

/// What a model found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// What it says.
    pub label: Option<Label>,
    /// How sure it is of its own label, 0 to 1.
    pub confidence: Option<f64>,
    /// How long the server says it took.
    pub took: Option<Duration>,
    /// Whether the server says that the result is made up (a demonstration).
    pub simulated: bool,
}

/// What was said of a meeting.
#[derive(Clone, Debug, PartialEq)]
pub enum MeetingSaid {
    /// We are in, and these are there: the whole list. `None` if the server does not say who is.
    Joined(Option<Vec<ParticipantId>>),
    /// We are out.
    Left,
    /// Someone came.
    ParticipantJoined {
        /// Who.
        participant: ParticipantId,
        /// Their name, where the server knows one.
        name: Option<Text>,
    },
    /// Someone went.
    ParticipantLeft {
        /// Who.
        participant: ParticipantId,
    },
    /// How far someone is to be trusted.
    Trust {
        /// Who.
        participant: ParticipantId,
        /// 0 to 1; `None` means that there is no data, which is not zero.
        score: Option<f64>,
    },
    /// What the detectors measured of someone.
    Detection {
        /// Who.
        participant: ParticipantId,
        /// One entry for each kind of measurement that was there.
        modalities: Vec<Modality>,
    },
    /// A warning.
    Alert(AlertSaid),
    /// Figures of the whole meeting, in the server's order.
    Analytics(Vec<(Metric, f64)>),
    /// A picture of someone, or of everyone.
    VideoFrame {
        /// Of whom, where the server says so.
        participant: Option<ParticipantId>,
        /// The picture, in whatever form the server sends it.
        picture: Picture,
    },
    /// The data of this meeting is made up (a demonstration).
    Simulated,
}

/// The bytes of a picture, which are never printed: somebody's face is nothing for a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture(pub Arc<[u8]>);

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// A picture of a meeting. What its bytes are (JPEG, a fragment of a stream) is between the server and whoever shows
/// it.
#[derive(Clone, PartialEq, Eq)]
pub struct VideoFrame {
    /// Of whom, where the server says so.
    pub participant: Option<ParticipantId>,
    /// When the server says that it was taken.
    pub at: Option<Timestamp>,
    /// The picture itself, at most 8 MiB.
    pub bytes: Arc<[u8]>,
}

/// Without the bytes: somebody's face is nothing for a log.
impl fmt::Debug for VideoFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = self.participant.as_ref();
        let who = who.map_or("somebody", ParticipantId::as_str);
        write!(f, "{} bytes of {who}", self.bytes.len())
    }
}

/// What a figure of a whole meeting measures.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub enum Metric {
    /// How many people there are.
    Participants,
    /// How many anomalies were found.
    Anomalies,
    /// The mean trust, 0 to 100 as with people.
    AverageTrust,
    /// How many anomalies one kind of detector found.
    Detected(Text),
    /// How sure one kind of detector is, 0 to 100.
    Confidence(Text),
    /// How busy the server's processors are, 0 to 100.
    Cpu,
    /// How full its memory is, 0 to 100.
    Memory,
    /// How many pictures were looked at.
    Frames,
    /// One that we do not know, by the server's name for it.
    Other(Text),
}

/// One kind of measurement of a person.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub struct Modality {
    /// Its name (`audio`, `video`, `behaviour`).
    pub name: Text,
    /// Its figures, as name and value; a value that is no number is left out.
    pub figures: Vec<(Text, f64)>,
    /// How sure the detector is, 0 to 1.
    pub confidence: Option<f64>,
}

/// A warning about a person in a meeting. Every field but the severity may be missing.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertSaid {
    /// The server's id of it, where it has one; else it is known by all that it says.
    pub id: Option<Text>,
    /// About whom.
    pub participant: Option<ParticipantId>,
    /// How bad.
    pub severity: Severity,
    /// The server's word for that, where it is none that we know: shown as it is, as neutral.
    pub other_severity: Option<Text>,
    /// Of what type (`voice_cloning`), in the server's word; groups alerts.
    pub kind: Option<Text>,
    /// What to show.
    pub message: Option<Text>,
    /// How sure the detector is, 0 to 1.
    pub confidence: Option<f64>,
    /// What the server advises to do.
    pub advice: Option<Text>,
    /// Whether it says of itself that it is made up (a demonstration).
    pub is_simulated: bool,
}

/// How bad a warning is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A word we do not know, or none: shown as neutral.
    Unknown,
    /// Worth knowing.
    Low,
    /// Worth a look.
    Medium,
    /// Act.
    High,
    /// Act now.
    Critical,
}

impl Severity {
    /// Those that say how bad, the mildest first.
    pub const KNOWN: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The one that programs write like this; none for any other word, `unknown` too.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::KNOWN.into_iter().find(|known| known.as_str() == word)
    }

    /// As programs write it: `unknown`, `low`, `medium`, `high` or `critical`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How a server's facts are to be joined, where servers differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// After how many failed attempts a model has failed for good; `None` if nobody knows.
    pub max_attempts: Option<u32>,
    /// Whether runs have ids. If not, a media has one run, and every fact of it is about that one.
    pub has_run_ids: bool,
    /// Whether the server says by itself that a run ended. Its silence is asked about then.
    pub has_run_end: bool,
    /// Whether a run may have models that nobody has named yet, and the server's state can be fetched to know them.
    /// Then a run whose named models have all ended has not, until their number is known or somebody says so.
    pub has_rows: bool,
    /// Whether a start that is newer than the end begins a new run, as where runs have no ids but events have times.
    pub latest_wins: bool,
    /// Whether the server's state says that a run failed between two attempts as well, and its events do not say which
    /// attempt it was that failed. Such a run has no id and one model.
    pub fails_between_attempts: bool,
    /// Whether the server can be asked for the list of its media, and not for one at a time alone.
    pub has_list: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            max_attempts: Some(3),
            has_run_ids: true,
            has_run_end: true,
            has_rows: false,
            latest_wins: false,
            fails_between_attempts: false,
            has_list: true,
        }
    }
}

/// What a snapshot covers, and what can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// How many models the server runs. First of all: without it, what a list says of a run that is under way looks
    /// further than it is, because a list names the models that have begun and no others.
    Models,
    /// The list of all media.
    List,
    /// One media with all its runs.
    Media(MediaId),
}

/// The server's state as the page fetched it: the only thing that may lower what is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// What it covers: media in the scope that it does not name are gone.
    pub scope: Scope,
    /// Whether it names everything in its scope. A first page of a longer list does not, so nothing is gone by it; nor
    /// does a count of models of which some are not loaded.
    pub is_whole: bool,
    /// How many more the server says it has in the scope than it names.
    pub beyond: u32,
    /// The media it names, in the server's order (newest first).
    pub media: Vec<MediaId>,
    /// Everything it says.
    pub facts: Vec<Fact>,
}
