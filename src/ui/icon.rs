//! The shapes. Each state has an outline of its own, so that it is told without colour: check, arc, clock, triangle,
//! octagon, dot, dash.

use leptos::prelude::*;

use crate::domain::fact::{Label, Severity};
use crate::domain::view::{Band, ModelState, ModelView, Status, Verdict};
use crate::domain::Summary;
use crate::session::state::Connection;

/// A shape. Decorative always: the word stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// A check.
    Ok,
    /// An open arc: it runs. It does not turn (WCAG 2.2.2).
    Run,
    /// A clock.
    Wait,
    /// A triangle.
    Warn,
    /// An octagon.
    Bad,
    /// A dot.
    Dot,
    /// A dash.
    None,
    /// A cross: puts something away.
    Close,
    /// A chevron: opens something.
    Expand,
    /// An arrow up from a line: sends a file.
    Upload,
    /// Two bars: holds what moves.
    Pause,
    /// A half disc: how the page looks.
    Theme,
}

impl Icon {
    /// The name that the stylesheet knows it by: solid or drawn.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Icon::Warn | Icon::Bad | Icon::Dot => "solid",
            _ => "line",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Icon::Ok => "M1.5 7.5l3.5 3.5 7.5-8",
            Icon::Run => "M7 1.5a5.5 5.5 0 1 0 5.5 5.5",
            Icon::Wait => "M7 1a6 6 0 1 0 .01 0M7 3.5V7l2.5 1.5",
            Icon::Warn => "M7 1l6.5 12H.5z",
            // With a mark cut out: at this size an octagon alone reads as a disc.
            Icon::Bad => "M4.5.5h5l4 4v5l-4 4h-5l-4-4v-5zM6 3v5h2V3zM6 9.2v2h2v-2z",
            Icon::Dot => "M7 2.5a4.5 4.5 0 1 0 .01 0z",
            Icon::None => "M2 7h10",
            Icon::Close => "M2.5 2.5l9 9M11.5 2.5l-9 9",
            Icon::Expand => "M2.5 5L7 9.5 11.5 5",
            Icon::Upload => "M7 10V2M3.5 5L7 1.5 10.5 5M1.5 12.5h11",
            Icon::Pause => "M4.5 2v10M9.5 2v10",
            Icon::Theme => "M7 1.5a5.5 5.5 0 1 0 .01 0M7 1.5v11M9 2v10M11 4v6",
        }
    }
}

/// A colour with a meaning, for `data-tone`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hue {
    /// As it should be.
    Ok,
    /// Needs a look.
    Warn,
    /// Failed, or needs action.
    Bad,
    /// Runs.
    Run,
    /// Says nothing.
    Mute,
}

impl Hue {
    /// The stylesheet's name for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Hue::Ok => "ok",
            Hue::Warn => "warn",
            Hue::Bad => "bad",
            Hue::Run => "run",
            Hue::Mute => "mute",
        }
    }
}

/// A shape alone.
pub fn icon(icon: Icon) -> impl IntoView {
    view! {
        // Sizes for a page whose stylesheet did not come: without any it is as wide as there is room.
        <svg class="icon" data-icon=icon.name() viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
            <path d=icon.path()></path>
        </svg>
    }
}

/// A state: a shape and a word in a colour. The word may be a server's, so it is set apart.
pub fn pill((hue, shape): (Hue, Icon), word: String) -> impl IntoView {
    view! {
        <span class="pill" data-tone=hue.name()>
            {icon(shape)} <bdi dir="auto">{word}</bdi>
        </span>
    }
}

/// How a media's status looks.
#[must_use]
pub fn of_status(status: Status) -> (Hue, Icon) {
    match status {
        Status::Unknown => (Hue::Mute, Icon::None),
        Status::Queued => (Hue::Mute, Icon::Wait),
        Status::Running => (Hue::Run, Icon::Run),
        Status::Complete => (Hue::Ok, Icon::Ok),
        Status::PartlyComplete => (Hue::Warn, Icon::Warn),
        Status::Failed => (Hue::Bad, Icon::Bad),
        Status::Cancelled => (Hue::Mute, Icon::None),
    }
}

/// How it looks where the end of a media's analysis stands. One that is complete without anything that came of it, as
/// where no model was there for a file, is no success.
#[must_use]
pub fn of_summary(summary: &Summary) -> (Hue, Icon) {
    of_end(summary.status, summary.completed, &summary.verdict)
}

/// The same of a run.
#[must_use]
pub fn of_end(status: Status, completed: u32, verdict: &Verdict) -> (Hue, Icon) {
    let is_empty = completed == 0 && *verdict == Verdict::None;
    match status {
        Status::Complete if is_empty => (Hue::Mute, Icon::None),
        status => of_status(status),
    }
}

/// How a model looks.
#[must_use]
pub fn of_model(model: &ModelView) -> (Hue, Icon) {
    match &model.state {
        ModelState::Queued => (Hue::Mute, Icon::Wait),
        ModelState::Running { .. } if model.silent_for.is_some() => (Hue::Warn, Icon::Run),
        ModelState::Running { .. } => (Hue::Run, Icon::Run),
        ModelState::Retrying { .. } => (Hue::Warn, Icon::Wait),
        ModelState::Completed { .. } => (Hue::Ok, Icon::Ok),
        ModelState::Failed { .. } => (Hue::Bad, Icon::Bad),
        ModelState::NoResult | ModelState::Cancelled => (Hue::Mute, Icon::None),
    }
}

/// How a verdict looks.
#[must_use]
pub fn of_verdict(verdict: &Verdict) -> (Hue, Icon) {
    match verdict {
        Verdict::None | Verdict::NotFinal { .. } => (Hue::Mute, Icon::None),
        Verdict::LikelyFake { .. } => (Hue::Bad, Icon::Bad),
        Verdict::LikelyReal { .. } => (Hue::Ok, Icon::Ok),
        Verdict::Disagree { .. } => (Hue::Warn, Icon::Warn),
        Verdict::Server(server) => of_label(&server.label),
    }
}

/// How a label looks.
#[must_use]
pub fn of_label(label: &Label) -> (Hue, Icon) {
    match label {
        Label::Fake => (Hue::Bad, Icon::Bad),
        Label::Real | Label::Safe => (Hue::Ok, Icon::Ok),
        Label::Flagged => (Hue::Warn, Icon::Warn),
        Label::Other(_) => (Hue::Mute, Icon::Dot),
    }
}

/// How trust looks.
#[must_use]
pub fn of_band(band: Option<Band>) -> (Hue, Icon) {
    match band {
        None => (Hue::Mute, Icon::None),
        Some(Band::AtRisk) => (Hue::Bad, Icon::Bad),
        Some(Band::Caution) => (Hue::Warn, Icon::Warn),
        Some(Band::Trusted) => (Hue::Ok, Icon::Ok),
    }
}

/// How a warning looks.
#[must_use]
pub fn of_severity(severity: Severity) -> (Hue, Icon) {
    match severity {
        Severity::Unknown | Severity::Low => (Hue::Mute, Icon::Dot),
        Severity::Medium => (Hue::Warn, Icon::Warn),
        Severity::High | Severity::Critical => (Hue::Bad, Icon::Bad),
    }
}

/// How a connection looks.
#[must_use]
pub fn of_connection(connection: &Connection) -> (Hue, Icon) {
    match connection {
        Connection::Idle => (Hue::Mute, Icon::None),
        Connection::Connecting => (Hue::Mute, Icon::Run),
        Connection::CatchingUp { .. } => (Hue::Run, Icon::Run),
        Connection::Live | Connection::LiveUnverified => (Hue::Ok, Icon::Dot),
        Connection::Reconnecting { .. }
        | Connection::Renewing { .. }
        | Connection::NotFetched { .. }
        | Connection::Delayed => (Hue::Warn, Icon::Warn),
        Connection::Offline { .. }
        | Connection::SignInAgain { .. }
        | Connection::Stopped { .. } => (Hue::Bad, Icon::Bad),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_complete_with_nothing_to_show_for_it_is_no_success() {
        let likely = Verdict::LikelyReal { real: 1, of: 1 };
        for (status, completed, verdict, hue) in [
            (Status::Complete, 0, Verdict::None, Hue::Mute),
            (Status::Complete, 1, Verdict::None, Hue::Ok),
            (Status::Complete, 0, likely, Hue::Ok),
            (Status::PartlyComplete, 0, Verdict::None, Hue::Warn),
            (Status::Failed, 0, Verdict::None, Hue::Bad),
            (
                Status::Cancelled,
                1,
                Verdict::NotFinal { fake: 0, real: 1 },
                Hue::Mute,
            ),
            (Status::Running, 0, Verdict::None, Hue::Run),
        ] {
            let summary = Summary {
                status,
                completed,
                verdict,
                ..Summary::default()
            };

            assert_eq!(of_summary(&summary).0, hue, "{summary:?}");
        }
    }
}
