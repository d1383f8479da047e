//! What the servers say, in our vocabulary: one file for each, and one line for each in the table.
//!
//! A backend is a pure translation. It turns an event into facts, an HTTP answer into a snapshot, and a wish into a
//! request or an emit that somebody else sends. It keeps no state, so the same event always gives the same facts.
//!
//! The law: only files of this room know the name of an event, of a JSON field or of a REST path. They are lenient by
//! field and strict by key: a figure of the wrong shape is a figure that was not said, but an event that does not say
//! what it is about is refused as a whole.
//!
//! Left out: joining facts, deciding what is true, when to fetch and what to show.

use std::fmt;

use crate::domain::fact::{Scope, Snapshot};
use crate::domain::Rules;
use crate::domain::{Fact, MediaId, MeetingId, Text};
use crate::json::Value;

pub mod analysis;
mod field;
pub mod interview;
pub mod library;
pub mod meeting;
pub mod request;

pub use request::{Body, Emit, Form, Method, Refusal, Request, SignedIn, Uploaded};

/// The table: a line for each vocabulary there is, its type and its room.
macro_rules! backends {
    ($($kind:ident in $room:ident,)*) => {
        /// A vocabulary by its name, as a configuration asks for it.
        ///
        /// It knows what a page must know before anybody has signed in, and none of the code that speaks it: that is
        /// loaded only then.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $(
                #[doc = concat!("[`", stringify!($room), "::", stringify!($kind), "`]")]
                $kind,
            )*
        }

        impl Kind {
            /// Every kind there is.
            pub const ALL: &[Kind] = &[$(Kind::$kind,)*];

            /// What a configuration calls it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Kind::$kind => $room::KIND,)*
                }
            }

            /// How to reach such a server, and what its things are called.
            #[must_use]
            pub fn profile(self) -> Profile {
                match self {
                    $(Kind::$kind => $room::PROFILE,)*
                }
            }

            /// What speaks it.
            #[must_use]
            pub fn backend(self) -> &'static dyn Backend {
                match self {
                    $(Kind::$kind => &$room::$kind,)*
                }
            }
        }
    };
}

backends! {
    Analysis in analysis,
    Library in library,
    Meeting in meeting,
    Interview in interview,
}

impl Kind {
    /// The kind that a configuration calls by this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// One server's vocabulary.
///
/// A method that returns `None` means that this server has no such thing. The answers to requests are given back with
/// their HTTP status and their body, which is [`Value::Null`] if it was no JSON.
pub trait Backend: Sync {
    /// Translates one event. An event that this server sends but that says nothing to us is an empty [`Decoded`].
    /// `me` is the id of the person signed in: events about anybody else's media are foreign.
    ///
    /// # Errors
    /// [`DecodeError`] with the reason why the event says nothing that could be used.
    fn decode(&self, event: &str, args: &[Value], me: Option<&str>)
        -> Result<Decoded, DecodeError>;

    /// The request for the server's state; `None` if it keeps none of that kind.
    fn fetch(&self, scope: &Scope, token: Option<&str>) -> Option<Request>;

    /// Reads the answer to [`Backend::fetch`]. "Not found" for one media is a whole snapshot without it.
    ///
    /// # Errors
    /// [`Refusal`] if the server did not answer what was asked.
    fn snapshot(&self, scope: &Scope, status: u16, body: &Value) -> Result<Snapshot, Refusal>;

    /// The request that signs a person in; `name` is what the server knows them by, usually an e-mail address.
    fn sign_in(&self, name: &str, password: &str) -> Option<Request>;

    /// Reads the answer to [`Backend::sign_in`].
    ///
    /// # Errors
    /// [`Refusal::Credentials`] if the name or the password is wrong, others as they say.
    fn signed_in(&self, status: u16, body: &Value) -> Result<SignedIn, Refusal>;

    /// The form that uploads a file of this name; the driver adds the bytes as [`Form::file_field`].
    fn upload(&self, file_name: &str, token: Option<&str>) -> Option<Form>;

    /// Reads the answer to [`Backend::upload`].
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] if the file is, others as they say.
    fn uploaded(&self, status: u16, body: &Value) -> Result<Uploaded, Refusal>;

    /// The request that has a media analysed once more.
    fn analyze_again(&self, media: &MediaId, token: Option<&str>) -> Option<Request>;

    /// Reads the answer to [`Backend::analyze_again`]: what it says beyond "accepted", which may be nothing.
    ///
    /// # Errors
    /// [`Refusal`] if the server did not accept it.
    fn analyzing_again(&self, status: u16, body: &Value) -> Result<Vec<Fact>, Refusal>;

    /// The payload of the CONNECT packet (Socket.IO's `auth`).
    fn connect_auth(&self, token: Option<&str>) -> Option<Value>;

    /// What to say to be in a meeting. Rooms are lost with the connection, so it is said again on each.
    fn join(&self, meeting: &MeetingId, user: Option<&str>) -> Option<Emit>;

    /// What to say to leave a meeting, with the same `user` as on joining.
    fn leave(&self, meeting: &MeetingId, user: Option<&str>) -> Option<Emit>;

    /// The request for a simulated meeting, which only a demonstration plays.
    fn start_scenario(&self, meeting: &MeetingId) -> Option<Request>;

    /// What to say to hear more of a media, again on each connection.
    fn watch(&self, media: &MediaId) -> Option<Emit>;

    /// What to say to hear no more of it.
    fn unwatch(&self, media: &MediaId) -> Option<Emit>;
}

/// How to reach a server, and what its things are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Where Socket.IO listens, below the configured base.
    pub socket_path: &'static str,
    /// The Socket.IO namespace.
    pub namespace: &'static str,
    /// Whether a person has to sign in first.
    pub signs_in: bool,
    /// Whether it keeps a list of media that can be fetched.
    pub has_list: bool,
    /// Whether it takes files.
    pub takes_files: bool,
    /// Whether it analyses a media once more when asked.
    pub analyzes_again: bool,
    /// Whether it has meetings to join.
    pub has_meetings: bool,
    /// How its facts are to be joined.
    pub rules: Rules,
    /// What its things are called.
    pub noun: Noun,
    /// What the parts of an analysis are called.
    pub parts: Parts,
}

/// What a server's things are called, for the interface's own sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// A media file.
    Media,
    /// A video.
    Video,
    /// An interview.
    Interview,
    /// A meeting.
    Meeting,
}

/// What the parts of an analysis are called, for the interface's own sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// Several models, each with a result of its own.
    Models,
    /// One analysis without parts of its own, and so without a name.
    Analyses,
}

/// What one event says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decoded {
    /// To be joined.
    pub facts: Vec<Fact>,
    /// What the event shows to be worth asking for: it named something without telling all of it.
    pub ask: Option<Scope>,
    /// Something the server says to the person, which is no fact.
    pub notice: Option<Text>,
    /// Items of a batch that are about somebody else's media: left out.
    pub foreign: u32,
    /// Items of a batch that could not be read, or that were too many: left out.
    pub dropped: u32,
    /// The media that such items were about, where that could be read: what they said is worth asking for.
    pub unread: Vec<MediaId>,
}

impl Decoded {
    /// What says these facts and nothing else.
    #[must_use]
    pub fn facts(facts: Vec<Fact>) -> Self {
        Self {
            facts,
            ..Self::default()
        }
    }
}

/// What says this and nothing else.
impl From<Fact> for Decoded {
    fn from(fact: Fact) -> Self {
        Self::facts(vec![fact])
    }
}

/// Why an event says nothing that could be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// No event of this server has that name.
    UnknownEvent,
    /// It is about another person's media.
    Foreign,
    /// What it is about cannot be read.
    Malformed {
        /// The event.
        event: &'static str,
        /// The field.
        field: &'static str,
        /// What was there instead.
        found: &'static str,
        /// The media, where at least that could be read: what the event said of it is worth asking for.
        media: Option<MediaId>,
    },
}

impl DecodeError {
    /// The same error of an event about this media.
    #[must_use]
    pub fn about(self, of: &MediaId) -> Self {
        match self {
            DecodeError::Malformed {
                event,
                field,
                found,
                ..
            } => DecodeError::Malformed {
                event,
                field,
                found,
                media: Some(of.clone()),
            },
            other => other,
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::UnknownEvent => f.write_str("no event of this server has that name"),
            DecodeError::Foreign => f.write_str("the event is about another user's media"),
            DecodeError::Malformed {
                event,
                field,
                found,
                media: _,
            } => write!(
                f,
                "event {event}: field {field} should name something, found {found}"
            ),
        }
    }
}

impl std::error::Error for DecodeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_found_by_its_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(*kind));
        }
        assert_eq!(Kind::named("Analysis"), None);
        assert_eq!(Kind::named(""), None);
    }

    #[test]
    fn a_profile_promises_only_what_its_backend_does() {
        let media = MediaId::new("m").unwrap();
        let meeting = MeetingId::new("r").unwrap();
        for kind in Kind::ALL {
            let (profile, backend) = (kind.profile(), kind.backend());
            let kind = kind.name();

            assert_eq!(
                profile.signs_in,
                backend.sign_in("n", "p").is_some(),
                "{kind}"
            );
            assert_eq!(
                profile.has_list,
                backend.fetch(&Scope::List, None).is_some(),
                "{kind}"
            );
            assert_eq!(
                profile.takes_files,
                backend.upload("f", None).is_some(),
                "{kind}"
            );
            assert_eq!(
                profile.has_meetings,
                backend.join(&meeting, None).is_some(),
                "{kind}"
            );
            assert_eq!(
                backend.join(&meeting, None).is_some(),
                backend.leave(&meeting, None).is_some(),
                "{kind}"
            );
            assert_eq!(
                backend.watch(&media).is_some(),
                backend.unwatch(&media).is_some(),
                "{kind}"
            );
        }
    }

    #[test]
    fn an_error_says_the_event_the_field_and_what_was_found() {
        let error = DecodeError::Malformed {
            event: "media_update",
            field: "id",
            found: "nothing",
            media: None,
        };

        assert_eq!(
            error.to_string(),
            "event media_update: field id should name something, found nothing"
        );
    }
}
