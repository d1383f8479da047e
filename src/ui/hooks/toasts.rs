//! The cards on screen, and what a person does with them.

use leptos::prelude::*;

use super::{use_telltale, Telltale};
use crate::session::state::Command;
use crate::toast::{Hold, Subject, Toast};

/// The cards on screen.
#[must_use]
pub fn use_toasts() -> Toasts {
    let telltale = use_telltale();
    Toasts {
        telltale,
        list: telltale.signals.toasts.into(),
        overflow: telltale.signals.overflow.into(),
    }
}

/// The cards on screen.
#[derive(Clone, Copy)]
pub struct Toasts {
    telltale: Telltale,
    /// Newest first; never two about one thing.
    pub list: Signal<Vec<Toast>>,
    /// How many more there are.
    pub overflow: Signal<usize>,
}

impl Toasts {
    /// Puts a card away. What it is about goes on.
    pub fn dismiss(self, subject: Subject) {
        self.telltale.command(Command::Dismiss(subject));
    }

    /// Shows all cards, or as few as fit again.
    pub fn show_all(self, is_wanted: bool) {
        self.telltale.command(Command::ShowAllToasts(is_wanted));
    }

    /// A reason for which no card may leave.
    pub fn hold(self, why: Hold) {
        self.telltale.command(Command::Hold(why));
    }

    /// That reason is over.
    pub fn release(self, why: Hold) {
        self.telltale.command(Command::Release(why));
    }
}
