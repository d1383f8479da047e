//! What went wrong, in words that say whose doing it is and what a person can do.

use super::{say, sentence, with, Key, Sentence};
use crate::session::state::{SignInError, UploadError};
use crate::toast::UploadFault;
use crate::ui::format;

/// Why nobody could sign in.
#[must_use]
pub fn sign_in_error(error: &SignInError) -> Sentence {
    match error {
        SignInError::Credentials => say(Key::WrongCredentials).into(),
        SignInError::Unreachable => say(Key::SignInUnreachable).into(),
        SignInError::Server(text) => sentence(Key::SignInRefused, &[], Some(text.clone())),
    }
}

/// Why an upload failed, beside it.
#[must_use]
pub fn upload_error(error: &UploadError) -> Sentence {
    say(match error {
        UploadError::TooLarge => Key::UploadTooLarge,
        UploadError::Network => Key::UploadBroke,
        UploadError::SignedOut => Key::UploadSessionEnded,
        UploadError::Empty => Key::UploadEmpty,
        UploadError::Server(text) => {
            return sentence(Key::UploadRefusedBecause, &[], Some(text.clone()))
        }
    })
    .into()
}

/// The same on its card.
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
    })
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Text;
    use crate::session::state::{Connection, Fault};
    use crate::time::Instant;
    use crate::ui::words::banner;

    /// What must stand in the words for whose doing it is, and in those for what to do.
    fn says(fault: Fault) -> &'static [&'static str] {
        match fault {
            Fault::Person => &["file", "password", "session", "Sign in", "signed in"],
            Fault::Network => &["server did not answer", "onnection", "network"],
            Fault::Server => &["server"],
        }
    }

    #[test]
    fn each_thing_that_can_go_wrong_says_whose_doing_it_is_and_what_to_do() {
        let text = || Text::name("No room").unwrap();
        let mut all = Vec::new();
        for error in [
            SignInError::Credentials,
            SignInError::Unreachable,
            SignInError::Server(text()),
        ] {
            all.push((error.fault(), sign_in_error(&error)));
        }
        for error in [
            UploadError::TooLarge,
            UploadError::Server(text()),
            UploadError::Network,
            UploadError::SignedOut,
            UploadError::Empty,
        ] {
            all.push((error.fault(), upload_error(&error)));
        }
        for (fault, card) in [
            (Fault::Person, UploadFault::TooLarge { limit: None }),
            (Fault::Person, UploadFault::TooLarge { limit: Some(9) }),
            (Fault::Server, UploadFault::Refused { message: None }),
            (
                Fault::Server,
                UploadFault::Refused {
                    message: Some(text()),
                },
            ),
            (Fault::Network, UploadFault::Unreachable),
            (Fault::Person, UploadFault::SignedOut),
            (Fault::Person, UploadFault::Empty),
        ] {
            all.push((fault, upload_fault(&card)));
        }

        for (fault, sentence) in all {
            let whole = &sentence.before;
            assert!(
                says(fault).iter().any(|word| whole.contains(word)),
                "{fault:?}: {whole}"
            );
            let acts = [
                "Check",
                "try again",
                "Try again",
                "Choose",
                "pload it again",
                "Sign in",
            ];
            assert!(acts.iter().any(|act| whole.contains(act)), "{whole}");
        }
    }

    #[test]
    fn each_connection_that_is_not_well_has_a_banner_that_says_whose_doing_it_is() {
        let since = Instant::default();
        for (connection, fault) in [
            (Connection::Idle, None),
            (Connection::Connecting, None),
            (Connection::CatchingUp { since }, None),
            (Connection::Live, None),
            (Connection::LiveUnverified, None),
            (Connection::NotFetched, Some(Fault::Server)),
            (
                Connection::Reconnecting {
                    attempt: 1,
                    retry_at: None,
                    since,
                },
                Some(Fault::Network),
            ),
            (Connection::Offline { since }, Some(Fault::Network)),
            (
                Connection::SignInAgain { message: None },
                Some(Fault::Person),
            ),
            (
                Connection::Stopped {
                    retry_at: None,
                    message: None,
                },
                Some(Fault::Server),
            ),
        ] {
            assert_eq!(connection.fault(), fault, "{connection:?}");
            let Some(fault) = fault else { continue };
            for server in [None, Text::name("First")] {
                let sentence = banner(&connection, server.as_ref());
                let whole = sentence.before + &sentence.after;
                let words = match connection {
                    // It could be reached: what failed is its list.
                    Connection::NotFetched => &["list could not be loaded"],
                    _ => says(fault),
                };
                assert!(
                    words.iter().any(|word| whole.contains(word)),
                    "{connection:?}: {whole}"
                );
            }
        }
    }
}
