//! Whether someone is signed in.

use leptos::prelude::*;

use super::{use_telltale, Telltale};
use crate::session::state::{Command, Secret, SignIn};

/// Whether someone is signed in.
#[must_use]
pub fn use_sign_in() -> SignInStatus {
    let telltale = use_telltale();
    SignInStatus {
        telltale,
        state: telltale.signals.sign_in.read_only(),
    }
}

/// Whether someone is signed in.
#[derive(Clone, Copy)]
pub struct SignInStatus {
    telltale: Telltale,
    /// As it stands.
    pub state: ReadSignal<SignIn>,
}

impl SignInStatus {
    /// Signs in to every server that asks for it.
    pub fn sign_in(self, name: String, password: String) {
        self.telltale.command(Command::SignIn {
            name,
            password: Secret(password),
        });
    }

    /// Forgets the token and all that was shown.
    pub fn sign_out(self) {
        self.telltale.command(Command::SignOut);
    }
}
