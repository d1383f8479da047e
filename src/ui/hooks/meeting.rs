//! One meeting: joining and leaving it, what is known of it, what a person does about its alerts.

use std::sync::Arc;

use leptos::prelude::*;

use super::{use_telltale, Telltale};
use crate::domain::trail::Trail;
use crate::domain::view::MeetingView;
use crate::domain::MeetingKey;
use crate::session::state::Command;
use crate::ui::store::MeetingSignals;

/// One meeting: people, trust and alerts, as they come in.
#[must_use]
pub fn use_meeting(meeting: MeetingKey) -> Meeting {
    let telltale = use_telltale();
    let signals = telltale.backing.with_value(|backing| {
        telltale
            .store
            .with_value(|store| store.meeting(&meeting, backing.as_ref()))
    });
    Meeting {
        telltale,
        signals: StoredValue::new(signals),
        key: StoredValue::new(meeting),
    }
}

/// One meeting.
#[derive(Clone, Copy)]
pub struct Meeting {
    pub(super) telltale: Telltale,
    signals: StoredValue<Arc<MeetingSignals>>,
    key: StoredValue<MeetingKey>,
}

impl Meeting {
    /// Which meeting.
    #[must_use]
    pub fn key(self) -> MeetingKey {
        self.key.get_value()
    }

    /// Reads all that is known; `None` while nothing is.
    pub fn with_view<R>(self, read: impl FnOnce(Option<&MeetingView>) -> R) -> R {
        self.signals
            .with_value(|signals| signals.view.with(|view| read(view.as_ref())))
    }

    /// Says that its page is open until the current component ends: what stands there needs no card.
    pub fn keep_shown(self) {
        let telltale = self.telltale;
        telltale.command(Command::ShowMeeting(Some(self.key())));
        on_cleanup(move || {
            // When the whole page ends, the session may be gone before its views.
            telltale
                .backing
                .try_with_value(|backing| backing.command(Command::ShowMeeting(None)));
        });
    }

    /// Joins it, now and on every later connection. Joining twice is joining once.
    pub fn join(self) {
        self.telltale.command(Command::Join(self.key()));
    }

    /// Whether the person here has left it. Tracks.
    #[must_use]
    pub fn is_left(self) -> bool {
        self.with_view(|view| view.is_some_and(|view| view.left_for.is_some()))
    }

    /// Leaves it, for every view of it. What was heard of it stays, as long as it is among the
    /// [`Telltale::left_meetings`].
    pub fn leave(self) {
        self.telltale.command(Command::Leave(self.key()));
    }

    /// Leaves it when the current component ends, or the last one of those that called this for it.
    pub fn leave_at_end(self) {
        let telltale = self.telltale;
        telltale.counted(telltale.visits, &self.key(), Command::Leave);
    }

    /// A person has seen a group of alerts.
    pub fn acknowledge(self, group: u32) {
        let meeting = self.key();
        self.telltale
            .command(Command::Acknowledge { meeting, group });
    }

    /// Takes that back.
    pub fn unacknowledge(self, group: u32) {
        let meeting = self.key();
        self.telltale
            .command(Command::Unacknowledge { meeting, group });
    }

    /// What was told of it since it was opened here: each time, a copy of up to 2,000 entries.
    #[must_use]
    pub fn trail(self) -> Option<Trail> {
        let key = self.key();
        (self.telltale.backing).with_value(|backing| backing.trail(&key))
    }

    /// Has the server play its simulated meeting, where it has one.
    pub fn start_scenario(self) {
        self.telltale.command(Command::StartScenario(self.key()));
    }
}
