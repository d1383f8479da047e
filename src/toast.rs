//! What a person is told without asking: cards on screen, and words for those who listen.
//!
//! Four pure machines. [`Policy`] turns a change of the view into what should be shown and said; [`Toaster`] knows
//! which cards are on screen and for how long; [`Announcer`] knows what is spoken and when; [`Activity`] keeps what was
//! told. The law: **a card follows a change of the view, never a message, and what is shown and what is spoken are two
//! channels.** A card is never a live region (a hundred updates of one would be a hundred announcements), and the
//! announcer has a budget.
//!
//! Everything here carries data. The words, in whatever language, are the interface's.

use std::time::Duration;

use crate::domain::fact::Severity;
use crate::domain::view::AlertGroupView;
use crate::domain::{MediaKey, MeetingKey, ParticipantId, Source, Summary, Text};

pub mod activity;
pub mod announcer;
#[cfg(test)]
mod laws;
pub mod policy;
mod recent;
#[cfg(test)]
pub(crate) mod scene;
pub mod toaster;

pub use activity::Activity;
pub use announcer::{Announcer, Level, Saying, Spoken, Tally};
pub use policy::{Card, Decision, Policy};
pub use toaster::{Hold, Toast, Toaster};

/// What a card or a word is about. There is never more than one card of a subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A media and its analysis.
    Media(MediaKey),
    /// A group of alerts.
    Alert {
        /// In which meeting.
        meeting: MeetingKey,
        /// Which group of that meeting.
        group: u32,
    },
    /// How far someone in a meeting is to be trusted.
    Trust {
        /// In which meeting.
        meeting: MeetingKey,
        /// Who.
        participant: ParticipantId,
    },
    /// What a server says by itself or answered to a wish; the newest replaces the one before.
    Server(Source),
    /// A file that was to be sent to a server and has no media id; numbered by the page.
    Upload(u32),
    /// The page itself, by a word of its own (`connection`, `sign-in`, `away`).
    App(&'static str),
}

impl Subject {
    /// Whether we are connected.
    pub const CONNECTION: Self = Self::App("connection");
    /// Whether we are signed in.
    pub const SIGN_IN: Self = Self::App("sign-in");
    /// What happened while nobody could see it.
    pub const AWAY: Self = Self::App("away");
}

/// How a card looks; beside the tone there is always a shape and a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something runs.
    Progress,
    /// It ended as it should.
    Ok,
    /// It ended in part, or something asks for a look.
    Warn,
    /// It failed, or something asks to act.
    Bad,
    /// Worth knowing.
    Info,
}

/// What a card offers to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Open what it is about.
    View,
    /// Try again.
    Retry,
    /// Say that a warning was seen.
    Acknowledge,
    /// Sign in again.
    SignIn,
}

/// What a card says.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// An analysis that has not ended.
    Running(Summary),
    /// The same while we are not connected: this was the last that was heard.
    Paused(Summary),
    /// An analysis that ended.
    Ended(Summary),
    /// A warning in a meeting: how bad the one is that came, and its group.
    Alert(Severity, AlertGroupView),
    /// A file could not be sent.
    UploadFailed {
        /// The file's name.
        name: Text,
        /// Why.
        fault: UploadFault,
    },
    /// Several analyses ended while we were not connected.
    Away {
        /// How many ended with a result, whole or in part.
        finished: u32,
        /// How many ended without one.
        failed: u32,
    },
    /// The server does not take our token.
    SignedOut {
        /// It did before: a session has ended.
        was_heard: bool,
    },
    /// A server says something, or did not do what a person asked for.
    Notice {
        /// What it is about.
        about: About,
        /// The server's words.
        message: Option<Text>,
    },
}

/// What a notice is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// This server says it by itself.
    Server(Text),
    /// Another analysis of this media was asked for and is not begun; with its name.
    AnalyzeAgain(MediaKey, Option<Text>),
    /// Another analysis of this media was asked for, and no answer came: it may be begun or not; with its name.
    NoAnswer(MediaKey, Option<Text>),
    /// A simulated meeting was asked for and is not begun.
    Scenario,
    /// A meeting was not joined: [`MAX_MEETINGS`](crate::domain::store::MAX_MEETINGS) are open.
    TooManyMeetings,
}

impl Body {
    /// Whether it tells of something that has not ended, so that its card stays.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self, Body::Running(_) | Body::Paused(_))
    }
}

/// Why a file could not be sent.
#[derive(Clone, Debug, PartialEq)]
pub enum UploadFault {
    /// It is larger than the server takes.
    TooLarge {
        /// The server's limit in bytes, where it says.
        limit: Option<u64>,
    },
    /// The server said no.
    Refused {
        /// Why, in its words, or its status if it said no more.
        message: Option<Text>,
    },
    /// All of it was sent, and no answer came that can be read: whether the server took it is not known.
    Unconfirmed,
    /// The server could not be reached, or only until a part of it was sent.
    Unreachable,
    /// Nobody is signed in to the server, or it takes the token no more.
    SignedOut,
    /// Nothing is in the file.
    Empty,
}

/// Something to show.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// About what; a second notice of a subject replaces the first.
    pub subject: Subject,
    /// How it looks.
    pub tone: Tone,
    /// What it says.
    pub body: Body,
    /// What it offers. A card that offers something never leaves by itself (WCAG 2.2.1).
    pub action: Option<Action>,
    /// How long it stays on screen; `None` is until a person hides it.
    pub stays: Option<Duration>,
}
