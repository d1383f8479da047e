//! What went wrong, in words that say whose doing it is and what a person can do.

use super::{say, sentence, with, Key, Sentence};
use crate::session::state::SignInError;
use crate::toast::UploadFault;
use crate::ui::format;

/// Why nobody could sign in.
#[must_use]
pub fn sign_in_error(error: &SignInError) -> Sentence {
    match error {
        SignInError::Credentials => say(Key::WrongCredentials).into(),
        SignInError::Unreachable => say(Key::SignInUnreachable).into(),
        SignInError::NotLoaded => say(Key::NotLoaded).into(),
        SignInError::Unread => say(Key::SignInUnread).into(),
        SignInError::Server(text) => sentence(Key::SignInRefused, &[], Some(text.clone())),
    }
}

/// Why an upload failed, beside it and on its card.
#[must_use]
pub fn upload_fault(fault: &UploadFault) -> Sentence {
    say(match fault {
        UploadFault::TooLarge { limit: Some(limit) } => {
            let most = format::bytes(*limit);
            return with(Key::UploadTooLargeFor, &[("size", &most)]).into();
        }
        UploadFault::TooLarge { limit: None } => Key::UploadTooLarge,
        UploadFault::Refused { message: None } => Key::UploadRefused,
        UploadFault::Refused { message } => {
            return sentence(Key::UploadRefusedBecause, &[], message.clone())
        }
        UploadFault::Unreachable => Key::UploadUnreachable,
        UploadFault::SignedOut => Key::UploadSignInFirst,
        UploadFault::Empty => Key::UploadEmpty,
        UploadFault::Unconfirmed => Key::UploadUnconfirmed,
    })
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Text;
    use crate::session::state::{Connection, GRACE};
    use crate::time::Instant;
    use crate::ui::words::banner;

    /// What must stand in the words for what the person here can mend, what lies between, and what only whoever runs
    /// the server can mend.
    const PERSON: &[&str] = &["file", "password", "session", "Sign in", "signed in"];
    const NETWORK: &[&str] = &[
        "server did not answer",
        "onnection",
        "network",
        "be reached",
    ];
    const SERVER: &[&str] = &["server"];

    #[test]
    fn each_thing_that_can_go_wrong_says_whose_doing_it_is_and_what_to_do() {
        let text = || Text::name("No room").unwrap();
        let refused = UploadFault::Refused {
            message: Some(text()),
        };
        for (whose, sentence) in [
            (PERSON, sign_in_error(&SignInError::Credentials)),
            (NETWORK, sign_in_error(&SignInError::Unreachable)),
            (NETWORK, sign_in_error(&SignInError::NotLoaded)),
            (SERVER, sign_in_error(&SignInError::Server(text()))),
            (SERVER, sign_in_error(&SignInError::Unread)),
            (SERVER, upload_fault(&UploadFault::Unconfirmed)),
            (PERSON, upload_fault(&UploadFault::TooLarge { limit: None })),
            (
                PERSON,
                upload_fault(&UploadFault::TooLarge { limit: Some(9) }),
            ),
            (
                SERVER,
                upload_fault(&UploadFault::Refused { message: None }),
            ),
            (SERVER, upload_fault(&refused)),
            (NETWORK, upload_fault(&UploadFault::Unreachable)),
            (PERSON, upload_fault(&UploadFault::SignedOut)),
            (PERSON, upload_fault(&UploadFault::Empty)),
        ] {
            let whole = &sentence.before;
            let acts = [
                "Check",
                "try again",
                "Try again",
                "Choose",
                "pload it again",
                "Sign in",
            ];
            for words in [whose, &acts] {
                assert!(
                    words.iter().any(|word| whole.contains(word)),
                    "{words:?}: {whole}"
                );
            }
        }
    }

    #[test]
    fn each_connection_that_is_not_well_has_a_banner_that_says_whose_doing_it_is() {
        let since = Instant::default();
        for (connection, whose) in [
            (Connection::Idle, None),
            (Connection::Connecting, None),
            (Connection::CatchingUp { since }, None),
            (Connection::Live, None),
            (Connection::LiveUnverified, None),
            // It could be reached: what failed is its state.
            (
                Connection::NotFetched {
                    message: None,
                    retry_at: None,
                },
                Some(["state could not be loaded"].as_slice()),
            ),
            (
                Connection::Delayed,
                Some(["does not tell what happens"].as_slice()),
            ),
            (
                Connection::Reconnecting {
                    attempt: 1,
                    retry_at: None,
                    since,
                },
                Some(NETWORK),
            ),
            (Connection::Offline { since }, Some(NETWORK)),
            (Connection::SignInAgain { message: None }, Some(PERSON)),
            (
                Connection::Stopped {
                    retry_at: None,
                    message: None,
                },
                Some(SERVER),
            ),
        ] {
            let has_banner = connection.is_worth_a_word(since + GRACE);
            assert_eq!(has_banner, whose.is_some(), "{connection:?}");
            let Some(words) = whose else { continue };
            for server in [None, Text::name("First")] {
                for was_heard in [true, false] {
                    let sentence = banner(&connection, was_heard, server.as_ref());
                    let whole = sentence.before + &sentence.after;
                    assert!(
                        words.iter().any(|word| whole.contains(word)),
                        "{connection:?}: {whole}"
                    );
                }
            }
        }
    }
}
