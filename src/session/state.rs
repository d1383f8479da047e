//! What a session is, as a person must know it: connection, sign-in and uploads, as plain values.
//!
//! Connection and data are two axes: data stay on screen, with their age, whatever the connection does.

use std::fmt;
use std::time::Duration;

use crate::domain::{MediaId, MediaKey, MeetingKey, Source, Text};
use crate::time::Instant;
use crate::toast::{Hold, Level, Subject, UploadFault};

/// How one server is connected.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Connection {
    /// Nothing has been asked for: nobody is signed in, or it was ended by the person here.
    #[default]
    Idle,
    /// The first connection is being made.
    Connecting,
    /// Connected, and the state of the server is being fetched: what is shown may be older.
    CatchingUp {
        /// Since when it is not known to be as new: the loss, or the first connection.
        since: Instant,
    },
    /// Connected, but the state of the server could not be fetched, or no longer: what is shown may be older, and what
    /// it says from now on is shown. It is asked again.
    NotFetched {
        /// What the server said instead, if anything.
        message: Option<Text>,
        /// When it is asked again, if the server wants to be left alone until then. No person can have it asked sooner.
        retry_at: Option<Instant>,
    },
    /// Connected, and what is shown was fetched from the server after connecting, and could be compared with it since.
    Live,
    /// Connected, and what is shown is fetched from the server again and again; but what happens there is found by that
    /// alone, up to a minute late: no event tells it.
    Delayed,
    /// Connected to a server whose state cannot be fetched: only what it says from now on is known.
    LiveUnverified,
    /// The connection was lost.
    Reconnecting {
        /// Which attempt is next or under way, from 1.
        attempt: u32,
        /// When the next one begins; `None` while one is under way.
        retry_at: Option<Instant>,
        /// When the connection was lost.
        since: Instant,
    },
    /// The device has no network; it reconnects when it comes back.
    Offline {
        /// When the connection was lost.
        since: Instant,
    },
    /// The server takes the token no more that it was live with, and who embeds us is asked for another one
    /// ([`Command::OfferRenewal`]). For ten seconds at most.
    Renewing {
        /// When the connection was lost, or ended because of it.
        since: Instant,
    },
    /// The server refused the token: the person must sign in again.
    SignInAgain {
        /// The server's words.
        message: Option<Text>,
    },
    /// The server closes every connection at once; it is left alone for a while.
    Stopped {
        /// When it is tried again; `None` if only a person can.
        retry_at: Option<Instant>,
        /// The server's words or what was wrong with what it sent.
        message: Option<Text>,
    },
}

impl Connection {
    /// Whether what is shown is the server's state as of now.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self, Connection::Live | Connection::LiveUnverified)
    }

    /// Whether what is shown is the server's state as of now, or of a minute ago at most.
    #[must_use]
    pub fn is_up_to_date(&self) -> bool {
        self.is_live() || *self == Connection::Delayed
    }

    /// Whether it was live and is not: what is shown may be out of date.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(
            self,
            Connection::Reconnecting { .. }
                | Connection::Offline { .. }
                | Connection::Renewing { .. }
                | Connection::SignInAgain { .. }
                | Connection::Stopped { .. }
        )
    }

    /// Whether it is connected and yet not live: what it should have brought did not come.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        matches!(self, Connection::NotFetched { .. } | Connection::Delayed)
    }

    /// Whether to tell of it without being asked: it is lost and that has lasted, or it stands and what it should have
    /// brought did not come.
    #[must_use]
    pub fn is_worth_a_word(&self, now: Instant) -> bool {
        match self {
            Connection::Reconnecting { since, .. }
            | Connection::Offline { since }
            | Connection::Renewing { since } => now.saturating_since(*since) >= GRACE,
            other => other.is_lost() || other.is_behind(),
        }
    }

    /// Whether what is shown may be older than what the server has, or is not to be trusted to be as new.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.is_lost() || self.is_behind() || matches!(self, Connection::CatchingUp { .. })
    }

    /// Whether a person can have it tried at once ([`Command::RetryNow`]).
    #[must_use]
    pub fn can_retry(&self) -> bool {
        matches!(
            self,
            Connection::Reconnecting { .. }
                | Connection::Stopped { .. }
                | Connection::NotFetched { retry_at: None, .. }
        )
    }

    /// When something about it will look different by itself: the countdown's end.
    #[must_use]
    pub fn retry_at(&self) -> Option<Instant> {
        match self {
            Connection::Reconnecting { retry_at, .. }
            | Connection::Stopped { retry_at, .. }
            | Connection::NotFetched { retry_at, .. } => *retry_at,
            _ => None,
        }
    }
}

/// One configured server as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceState {
    /// Which.
    pub source: Source,
    /// What the configuration calls it.
    pub name: Text,
    /// How it is connected.
    pub connection: Connection,
    /// Whether it was connected, or anything of its media was fetched, since someone signed in. As long as it was not,
    /// nothing of it can be out of date, no connection was lost and no session has ended.
    pub was_heard: bool,
    /// When its state was last fetched; `None` if it never was.
    pub fetched_at: Option<Instant>,
    /// Media whose own page is open, and for which it has not answered since it is connected: that nothing is known of
    /// them says nothing.
    pub unanswered: Vec<Unanswered>,
    /// Media that it has beyond those that it listed.
    pub beyond: u32,
    /// What has been counted since the page was opened.
    pub counters: Counters,
}

/// A media for which a server was asked, or will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// Which.
    pub media: MediaId,
    /// It could not be fetched; it is asked for again.
    pub has_failed: bool,
    /// What the server said instead, if anything.
    pub message: Option<Text>,
}

/// What is counted, never shown as a notice: a broken message must change nothing but these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Events understood.
    pub events: u64,
    /// Frames that were no packets, and what else broke the protocol.
    pub protocol_errors: u64,
    /// Events whose payload was not what it should be.
    pub malformed: u64,
    /// Events that no vocabulary knows.
    pub unknown: u64,
    /// Events of another user, dropped.
    pub foreign: u64,
    /// Connections made after the first.
    pub reconnects: u64,
    /// Snapshots applied.
    pub snapshots: u64,
}

/// Whether someone is signed in.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SignIn {
    /// No configured server asks for it.
    NotNeeded,
    /// Nobody is; with what went wrong the last time.
    #[default]
    SignedOut,
    /// Nobody is, and the last try was refused.
    Refused(SignInError),
    /// The servers are being asked.
    Asking,
    /// Someone is.
    SignedIn {
        /// As the server calls them. Servers may call one person differently.
        name: Text,
        /// Another number is another person, or the same after a sign-out: nothing of the one before is theirs.
        person: u32,
    },
}

/// Why nobody could sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInError {
    /// E-mail or password is wrong.
    Credentials,
    /// The server did not answer.
    Unreachable,
    /// What would ask the server could not be loaded: a page that loads in parts says so, no session does.
    NotLoaded,
    /// The server refused or failed; its words, or its status if it said no more.
    Server(Text),
    /// It answered what cannot be read.
    Unread,
}

/// One file on its way to a server.
#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    /// Tells uploads of this page apart.
    pub id: UploadId,
    /// To which server.
    pub source: Source,
    /// The file's name.
    pub name: Text,
    /// Its size in bytes.
    pub bytes: u64,
    /// Bytes the browser has handed over.
    pub sent: u64,
    /// How far it is.
    pub stage: UploadStage,
}

/// Tells uploads of this page apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UploadId(pub u32);

/// How far an upload is.
#[derive(Clone, Debug, PartialEq)]
pub enum UploadStage {
    /// Others go first.
    Waiting,
    /// Bytes are being sent.
    Sending,
    /// All bytes are sent; the server has not answered.
    Answering,
    /// The server took it.
    Done(MediaKey),
    /// It failed.
    Failed(UploadFault),
}

impl UploadStage {
    /// Whether nothing more will come of it.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Failed(_))
    }
}

/// A text that must not be shown, logged or stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// What a person does.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Signs in to every server that asks for it.
    SignIn {
        /// E-mail or name.
        name: String,
        /// Kept no longer than the request.
        password: Secret,
    },
    /// The page that embeds us is signed in already, and this is the token; `None` takes it back: what is open stays
    /// open for the next, empty. One that no header can hold is no good, as one that has ended.
    Token(Source, Option<Secret>),
    /// Who embeds us gives another token by [`Command::Token`], when this server takes the present one no more, or says
    /// by [`Command::NotRenewed`] that there is none. Only then a person has to sign in.
    OfferRenewal(Source),
    /// There is no other token.
    NotRenewed(Source),
    /// Forgets the token and all that was shown, and leaves every meeting.
    SignOut,
    /// Cuts the wait for the next attempt, unless a server asked for it.
    RetryNow,
    /// Opens a media's own page: its details are fetched, its card is put away.
    Open(MediaKey),
    /// Leaves it.
    Close(MediaKey),
    /// Joins a meeting, now and on every later connection.
    Join(MeetingKey),
    /// Leaves it.
    Leave(MeetingKey),
    /// Has seen a group of alerts.
    Acknowledge {
        /// In which meeting.
        meeting: MeetingKey,
        /// Which group.
        group: u32,
    },
    /// Takes that back.
    Unacknowledge {
        /// In which meeting.
        meeting: MeetingKey,
        /// Which group.
        group: u32,
    },
    /// Puts a card away.
    Dismiss(Subject),
    /// A reason for which no card may leave.
    Hold(Hold),
    /// It is no longer.
    Release(Hold),
    /// Asks the server to analyse a media once more.
    AnalyzeAgain(MediaKey),
    /// Asks the server to play a simulated meeting (only demonstrations do).
    StartScenario(MeetingKey),
    /// Puts an upload that ended away.
    ForgetUpload(UploadId),
    /// The page of this meeting is open, or none is.
    ShowMeeting(Option<MeetingKey>),
    /// What is open is shown in panels, and nothing else is: of media, only those that are open are spoken of and stand
    /// in the activity, and only what a server says by itself or did not do has a card.
    Embed,
    /// The activity was seen up to the entry of this number.
    SeeActivity(u64),
    /// A key was pressed: what is spoken politely waits a moment.
    Typed,
    /// This much is to be spoken.
    Announce(Level),
    /// Shows all cards, or as few as fit again.
    ShowAllToasts(bool),
}

/// How long a state that was lost must last before the page says so: a blink is no news (and a reconnect within it
/// is never seen).
pub const GRACE: Duration = Duration::from_millis(1500);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_worth_a_word_when_it_has_lasted() {
        let since = Instant::from_millis(10_000);
        let reconnecting = Connection::Reconnecting {
            attempt: 1,
            retry_at: None,
            since,
        };
        for (connection, at, shown) in [
            (Connection::Live, 99_000, false),
            (Connection::Connecting, 99_000, false),
            (reconnecting.clone(), 9_000, false),
            (reconnecting.clone(), 10_000, false),
            (reconnecting.clone(), 11_499, false),
            (reconnecting, 11_500, true),
            (Connection::Offline { since }, 11_499, false),
            (Connection::Offline { since }, 11_500, true),
            (Connection::Renewing { since }, 11_499, false),
            (Connection::Renewing { since }, 11_500, true),
            (Connection::SignInAgain { message: None }, 0, true),
            (Connection::Delayed, 0, true),
        ] {
            assert_eq!(connection.is_worth_a_word(Instant::from_millis(at)), shown);
        }
    }
}
