//! Every word of the interface, in one place: the catalogue. Other languages join here.
//!
//! Plain constants and functions from values to sentences; plurals are functions too. Servers' own texts never pass
//! through a sentence here, because they have to be set apart where they are shown: a [`Sentence`] keeps them apart.
//!
//! The manner: sentence case, no exclamation marks, cause before cure, "about" before every estimate, and a likelihood
//! where others state a fact.

pub mod activity;
mod errors;
pub mod places;

use std::time::Duration;

pub use errors::{sign_in_error, upload_error, upload_fault};

use super::format;
use super::media_list::{Outcome, Sort};
use crate::backend::{Noun, Parts};
use crate::domain::fact::{Label, MediaKind, Metric, Severity};
use crate::domain::store::MAX_MEETINGS;
use crate::domain::trail::What;
use crate::domain::view::{
    AlertGroupView, Band, ModelState, ModelView, RunView, Status, TrailView, Verdict, VideoView,
};
use crate::domain::{Summary, Text};
use crate::session::state::Connection;
use crate::time::Instant;
use crate::toast::About;

/// The product's name.
pub const PRODUCT: &str = "Telltale";
/// The link before everything.
pub const SKIP: &str = "Skip to content";
/// The name of the main navigation.
pub const NAV: &str = "Main";
/// The page with the list.
pub const MEDIA: &str = "Media";
/// The page to join a meeting.
pub const MEETINGS: &str = "Meetings";
/// What stands in every urgent alert.
pub const ALERT_NOT_PROOF: &str =
    "This is a warning, not proof. Verify by another channel before you act.";
/// What stands over made-up data.
pub const SIMULATED: &str = "Simulated data. Do not use these scores.";
/// In the place of a score that nobody has.
pub const NO_DATA: &str = "No data";
/// In the place of the score of someone who is not there any more.
pub const LEFT: &str = "Left";
/// Puts cards behind the others again.
pub const SHOW_FEWER: &str = "Show fewer";
/// Before the rest of a long message.
pub const SHOW_DETAILS: &str = "Show details";
/// The name of the tools over the list.
pub const FILTER_MEDIA: &str = "Filter media";
/// The field to search names with.
pub const SEARCH: &str = "Search";
/// Over the states to filter by.
pub const STATUS: &str = "Status";
/// No filter by state.
pub const ALL_STATUSES: &str = "All";
/// Over the outcomes to filter by.
pub const RESULT: &str = "Result";
/// No filter by outcome.
pub const ALL_RESULTS: &str = "All results";
/// Over the orders.
pub const SORT: &str = "Sort by";
/// Undoes search and filters.
pub const CLEAR_FILTERS: &str = "Clear filters";
/// Where filters leave nothing.
pub const NO_MATCH: &str = "No items match these filters.";
/// The name of the dock, with its key.
pub const NOTIFICATIONS: &str = "Notifications (Alt+T)";

/// A sentence with a server's text in it. The views set the text apart from what is around it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sentence {
    /// Our words before it.
    pub before: String,
    /// The server's words.
    pub foreign: Option<Text>,
    /// Our words after it.
    pub after: String,
}

impl From<String> for Sentence {
    fn from(before: String) -> Self {
        Self {
            before,
            ..Self::default()
        }
    }
}

impl From<&str> for Sentence {
    fn from(before: &str) -> Self {
        Self::from(before.to_owned())
    }
}

/// `1 model`, `5 models`.
#[must_use]
pub fn parts(number: u32, parts: Parts) -> String {
    let (one, many) = match parts {
        Parts::Models => ("model", "models"),
        Parts::Steps => ("step", "steps"),
        Parts::Analyses => ("analysis", "analyses"),
    };
    counted(number, one, many)
}

/// The heading over the rows of a run.
#[must_use]
pub fn parts_title(parts: Parts) -> &'static str {
    match parts {
        Parts::Models => "Models",
        Parts::Steps => "Steps",
        Parts::Analyses => "Analyses",
    }
}

/// `2 of 5 models`.
#[must_use]
pub fn parts_done(done: u32, of: u32, of_parts: Parts) -> String {
    join(
        &[&format::count(done.into()), "of", &parts(of, of_parts)],
        " ",
    )
}

/// What a server's thing is called when it has no name.
#[must_use]
pub fn untitled(noun: Noun) -> &'static str {
    match noun {
        Noun::Media => "Unnamed file",
        Noun::Video => "Unnamed video",
        Noun::Interview => "Unnamed interview",
        Noun::Meeting => "Unnamed meeting",
    }
}

/// What a file is.
#[must_use]
pub fn kind(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Video => "Video",
        MediaKind::Image => "Image",
        MediaKind::Audio => "Audio",
    }
}

/// What became of a media, as the pill says it.
#[must_use]
pub fn status(status: Status) -> &'static str {
    match status {
        Status::Unknown => "No status yet",
        Status::Queued => "Queued",
        Status::Running => "Analyzing",
        Status::Complete => "Complete",
        Status::PartlyComplete => "Partly complete",
        Status::Failed => "Failed",
    }
}

/// The same, in the server's own word where that is none that we know.
#[must_use]
pub fn status_or_word(known: Status, word: Option<&Text>) -> String {
    word.map_or(status(known), Text::as_str).to_owned()
}

/// The heading of a run.
#[must_use]
pub fn run_title(status: Status) -> &'static str {
    match status {
        Status::Unknown => "No analysis yet",
        Status::Queued => "Queued",
        Status::Running => "Analysis in progress",
        Status::Complete => "Analysis complete",
        Status::PartlyComplete => "Analysis partly complete",
        Status::Failed => "Analysis failed",
    }
}

/// Of a run that failed. Of steps, some may have been taken before.
#[must_use]
pub fn none_finished(of_parts: Parts) -> &'static str {
    match of_parts {
        Parts::Models => "No model finished",
        Parts::Steps | Parts::Analyses => "No result",
    }
}

/// What stands where a run's rows would, if there are none.
#[must_use]
pub fn run_empty(status: Status, of_parts: Parts) -> String {
    match status {
        Status::Failed => return none_finished(of_parts).to_owned() + FILE_UNCHANGED,
        Status::Complete | Status::PartlyComplete => "The server gave no details of this analysis.",
        _ => "Waiting for the server to start.",
    }
    .to_owned()
}

/// The small line under a run's heading: `Run 2 · elapsed 2:14 · about 1 min left`. What may be out of date is no ground
/// for an estimate.
#[must_use]
pub fn run_line(run: &RunView, is_stale: bool) -> String {
    let mut words = Vec::new();
    if let Some(number) = run.number.filter(|number| *number > 1) {
        words.push(join(&["Run", &number.to_string()], " "));
    }
    if run.status.is_ended() {
        if let Some(ended) = run.ended {
            words.push(join(&["finished", &format::moment(ended)], " "));
        }
        if let Some(took) = run.elapsed {
            words.push(join(&["took", &taken(took)], " "));
        }
    } else {
        if let Some(elapsed) = run.elapsed {
            words.push(join(&["elapsed", &format::running(elapsed)], " "));
        }
        if run.is_confirming {
            words.push("asking the server for the result".to_owned());
        } else if let Some(left) = run.left.filter(|_| !is_stale).and_then(left) {
            words.push(left);
        }
    }
    capitalized(join_all(&words))
}

/// What is spoken of the overall bar: `53%, 2 of 5 models complete, about 1 min left`.
#[must_use]
pub fn overall_value(run: &RunView, of_parts: Parts, is_stale: bool) -> String {
    let mut words = vec![percent(run.percent)];
    if run.expected > 0 {
        let mut done = parts_done(run.completed, run.expected, of_parts);
        done.push_str(" complete");
        words.push(done);
    }
    if run.failed > 0 {
        words.push(failed(run.failed));
    }
    if is_stale {
        words.push("may be out of date".to_owned());
    } else if let Some(left) = run.left.and_then(left) {
        words.push(left);
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    join(&words, ", ")
}

/// `53%`.
#[must_use]
pub fn percent(percent: u8) -> String {
    let mut text = percent.to_string();
    text.push('%');
    text
}

/// `about 40 s left`, `a few seconds left`; nothing for an estimate beyond a day.
#[must_use]
pub fn left(left: Duration) -> Option<String> {
    if left < Duration::from_secs(10) {
        return Some("a few seconds left".to_owned());
    }
    format::estimate(left).map(|estimate| join(&["about", &estimate, "left"], " "))
}

/// What a model's row says under its name.
#[must_use]
pub fn model(model: &ModelView, is_stale: bool) -> Sentence {
    match &model.state {
        ModelState::Queued => "Queued".into(),
        ModelState::Running { done, total, .. } => running_model(model, *done, *total, is_stale),
        ModelState::Retrying { error } => {
            let mut before = join(
                &["Attempt", &model.attempt.max(1).to_string(), "failed"],
                " ",
            );
            let after = "Waiting to retry.";
            match error {
                Some(error) => {
                    before.push_str(": ");
                    Sentence {
                        before,
                        foreign: Some(error.clone()),
                        after: join(&[".", after], " "),
                    }
                }
                None => join(&[&before, after], ". ").into(),
            }
        }
        ModelState::Completed {
            label,
            confidence,
            took,
        } => {
            let mut before = String::from("Complete");
            if let Some(took) = took {
                before.push_str(" in ");
                before.push_str(&taken(*took));
            }
            let sure = confidence.map(|share| percent(format::percent(share)));
            match label {
                Some(Label::Other(word)) => Sentence {
                    before: before + SEPARATOR,
                    foreign: Some(word.clone()),
                    after: sure.map_or_else(String::new, |sure| join(&["", &sure], " ")),
                },
                Some(label) => {
                    let mut words = label_word(label).to_owned();
                    if let Some(sure) = sure {
                        words.push(' ');
                        words.push_str(&sure);
                    }
                    (before + SEPARATOR + &words).into()
                }
                None => before.into(),
            }
        }
        ModelState::Failed { error } => {
            let mut before = String::from("Failed");
            if model.attempt > 1 {
                before.push_str(" after ");
                before.push_str(&counted(model.attempt, "attempt", "attempts"));
            }
            if error.is_some() {
                before.push_str(": ");
            }
            Sentence {
                before,
                foreign: error.clone(),
                after: String::new(),
            }
        }
        ModelState::NoResult => "No result".into(),
    }
}

/// How long something took: a time under a second is no zero.
fn taken(span: Duration) -> String {
    match span.as_secs() {
        0 => "under 1 s".to_owned(),
        _ => format::span(span),
    }
}

fn running_model(
    model: &ModelView,
    done: Option<f64>,
    total: Option<f64>,
    is_stale: bool,
) -> Sentence {
    let mut words = Vec::new();
    if model.attempt > 1 {
        words.push(match model.attempts {
            Some(of) => join(
                &["Attempt", &model.attempt.to_string(), "of", &of.to_string()],
                " ",
            ),
            None => join(&["Attempt", &model.attempt.to_string()], " "),
        });
    }
    match (done.and_then(whole), total.and_then(whole)) {
        // Of a hundred is a percentage, which stands beside the bar already.
        (Some(_), Some(100)) => {}
        (Some(done), Some(total)) => {
            words.push(join(
                &[&format::count(done), "of", &format::count(total)],
                " ",
            ));
        }
        (Some(done), None) if done > 0 => {
            words.push(join(&["Working,", &format::count(done), "so far"], " "));
        }
        _ => {}
    }
    if let Some(silent) = model.silent_for {
        words.push(join(&["No update for", &format::span(silent)], " "));
    } else if let Some(left) = model.left.filter(|_| !is_stale).and_then(left) {
        words.push(left);
    }
    let line = join_all(&words);
    match &model.doing {
        Some(doing) if line.is_empty() => Sentence {
            foreign: Some(doing.clone()),
            ..Sentence::default()
        },
        Some(doing) => Sentence {
            before: String::new(),
            foreign: Some(doing.clone()),
            after: SEPARATOR.to_owned() + &line,
        },
        None if line.is_empty() => "Working".into(),
        None => capitalized(line).into(),
    }
}

/// `1 more model`: models a server counts and has not named.
#[must_use]
pub fn more_parts(number: u32, of_parts: Parts) -> String {
    let named = parts(number, of_parts);
    let (figure, noun) = named.split_once(' ').unwrap_or((&named, ""));
    join(&[figure, "more", noun], " ")
}

/// A label as a word; a server's own word is [`Label::Other`] and has to be set apart.
#[must_use]
pub fn label_word(label: &Label) -> &str {
    match label {
        Label::Fake => "Fake",
        Label::Real => "Real",
        Label::Safe => "Safe",
        Label::Flagged => "Flagged",
        Label::Other(word) => word.first_line().0,
    }
}

/// The verdict in two words. `ended` tells "nothing yet" from "nothing".
#[must_use]
pub fn verdict(verdict: &Verdict, ended: bool) -> String {
    match verdict {
        Verdict::None if ended => "No result".to_owned(),
        Verdict::None => "No result yet".to_owned(),
        Verdict::NotFinal { .. } => "Not final".to_owned(),
        Verdict::LikelyFake { of, .. } => likely("Likely fake", *of),
        Verdict::LikelyReal { of, .. } => likely("Likely real", *of),
        Verdict::Disagree { .. } => "Models disagree".to_owned(),
        Verdict::Server(server) => match &server.label {
            Label::Fake => "Likely fake".to_owned(),
            Label::Real => "Likely real".to_owned(),
            other => label_word(other).to_owned(),
        },
    }
}

fn likely(word: &str, of: u32) -> String {
    let mut text = word.to_owned();
    if of == 1 {
        text.push_str(" (1 model)");
    }
    text
}

/// What stands under the verdict: who says so, and who failed.
#[must_use]
pub fn verdict_sentence(run: &RunView, of_parts: Parts) -> String {
    let says = |number: u32, word: &str| {
        let verb = if number == 1 { "says" } else { "say" };
        join(&[&parts(number, of_parts), verb, word], " ")
    };
    let majority = |number: u32, of: u32, word: &str| {
        if of == 1 {
            return says(1, word);
        }
        let verb = if number == 1 { "says" } else { "say" };
        join(&[&parts_done(number, of, of_parts), verb, word], " ")
    };
    let mut text = match &run.verdict {
        Verdict::None if run.status == Status::Failed => {
            return none_finished(of_parts).to_owned() + FILE_UNCHANGED
        }
        Verdict::None if run.status.is_ended() => "No verdict was given".to_owned(),
        Verdict::None | Verdict::NotFinal { fake: 0, real: 0 } => "No verdict so far".to_owned(),
        Verdict::NotFinal { fake, real: 0 } => says(*fake, "fake"),
        Verdict::NotFinal { fake: 0, real } => says(*real, "real"),
        Verdict::NotFinal { fake, real } => {
            let verb = if *real == 1 { "says" } else { "say" };
            join(
                &[
                    &(says(*fake, "fake") + ","),
                    &real.to_string(),
                    verb,
                    "real",
                ],
                " ",
            )
        }
        Verdict::LikelyFake { fake, of } => majority(*fake, *of, "fake"),
        Verdict::LikelyReal { real, of } => majority(*real, *of, "real"),
        Verdict::Disagree { each } => {
            let each = each.to_string();
            let verb = if each == "1" { "says" } else { "say" };
            join(&[&each, verb, "fake and", &each, verb, "real"], " ")
        }
        Verdict::Server(server) => {
            let mut text = String::from("The server's own result");
            if let Some(score) = server.score {
                text.push_str(", score ");
                text.push_str(&percent(format::percent(score)));
            }
            text
        }
    };
    text.push('.');
    if run.failed > 0 {
        text.push(' ');
        text.push_str(&parts(run.failed, of_parts));
        text.push_str(" failed.");
    }
    text
}

/// What stands under every result.
#[must_use]
pub fn not_proof(of_parts: Parts, ended: bool) -> &'static str {
    match (of_parts, ended) {
        (Parts::Models, true) => "A model score is not proof.",
        (Parts::Models, false) => {
            "A model score is not proof. Wait for all models before deciding."
        }
        (_, true) => "A score is not proof.",
        (_, false) => "A score is not proof. Wait for the end before deciding.",
    }
}

/// What a list's row says of a media beside its status.
#[must_use]
pub fn row_line(summary: &Summary, of_parts: Parts) -> String {
    match summary.status {
        Status::Unknown | Status::Queued => String::new(),
        Status::Running => join_all(&[percent(summary.percent), progress_count(summary, of_parts)]),
        Status::Failed => "No result".to_owned(),
        Status::Complete | Status::PartlyComplete => join_all(&[
            verdict(&summary.verdict, true),
            progress_count(summary, of_parts),
        ]),
    }
}

/// `2 of 5 models`, or nothing where nobody has said how many there are.
#[must_use]
pub fn progress_count(summary: &Summary, of_parts: Parts) -> String {
    match summary.expected {
        0 => String::new(),
        expected => parts_done(summary.completed, expected, of_parts),
    }
}

/// `1 failed`.
#[must_use]
pub fn failed(number: u32) -> String {
    join(&[&number.to_string(), "failed"], " ")
}

/// The list's count: `12 items · 1 analyzing · 1 queued · 240 older ones are not listed`.
#[must_use]
pub fn list_count(shown: usize, running: usize, queued: usize, beyond: usize) -> String {
    let count = |number: usize| format::count(number as u64);
    let mut words = vec![join(
        &[&count(shown), if shown == 1 { "item" } else { "items" }],
        " ",
    )];
    if running > 0 {
        words.push(join(&[&count(running), "analyzing"], " "));
    }
    if queued > 0 {
        words.push(join(&[&count(queued), "queued"], " "));
    }
    words.push(not_listed(beyond));
    join_all(&words)
}

/// The list's count where something is left out: `3 of 12 items`.
#[must_use]
pub fn list_part(shown: usize, of: usize, beyond: usize) -> String {
    let of = counted(u32::try_from(of).unwrap_or(u32::MAX), "item", "items");
    let part = join(&[&format::count(shown as u64), "of", &of], " ");
    join_all(&[part, not_listed(beyond)])
}

/// What the server has and the page does not: a search does not find it.
fn not_listed(beyond: usize) -> String {
    match beyond {
        0 => String::new(),
        1 => "1 older one is not listed".to_owned(),
        _ => join(
            &[&format::count(beyond as u64), "older ones are not listed"],
            " ",
        ),
    }
}

/// What is spoken when a filter has done its work.
#[must_use]
pub fn found(rows: usize, beyond: usize) -> String {
    match rows {
        0 if beyond == 0 => NO_MATCH.to_owned(),
        0 => join(&[NO_MATCH, &not_listed(beyond)], " "),
        _ => {
            let found = counted(u32::try_from(rows).unwrap_or(u32::MAX), "item", "items");
            join_all(&[found, not_listed(beyond)])
        }
    }
}

/// The button over a list that does not move by itself: what waits to be shown, and what no longer belongs there.
#[must_use]
pub fn news(waiting: usize, left: usize) -> String {
    let left = match left {
        0 => String::new(),
        _ => join(&[&format::count(left as u64), "no longer match"], " "),
    };
    let new = match waiting {
        0 => String::new(),
        _ if !left.is_empty() => join(&[&format::count(waiting as u64), "new"], " "),
        1 => "1 new item".to_owned(),
        _ => join(&[&format::count(waiting as u64), "new items"], " "),
    };
    join_all(&[new, left])
}

/// Beside the count of a list that may be out of date: from a minute on in whole minutes, so that it stands still.
#[must_use]
pub fn list_updated(span: Duration) -> String {
    let seconds = match span.as_secs() {
        seconds @ ..60 => seconds,
        seconds => seconds - seconds % 60,
    };
    join(&["Last updated", &ago(Duration::from_secs(seconds))], " ")
}

/// The button that unfolds the filters, with how many are set: `Filters (1)`.
#[must_use]
pub fn filters(set: usize) -> String {
    match set {
        0 => "Filters".to_owned(),
        _ => ["Filters (", &set.to_string(), ")"].concat(),
    }
}

/// An outcome, as the filter offers it.
#[must_use]
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Fake => "Likely fake",
        Outcome::Real => "Likely real",
        Outcome::Disagree => "Models disagree",
        Outcome::Flagged => "Flagged",
        Outcome::Safe => "Safe",
        Outcome::Other => "Other result",
        Outcome::None => "No result",
        Outcome::Pending => "No result yet",
    }
}

/// An order of the list.
#[must_use]
pub fn sort(sort: Sort) -> &'static str {
    match sort {
        Sort::Newest => "Newest",
        Sort::Name => "Name",
        Sort::Status => "Status",
        Sort::Progress => "Progress",
    }
}

/// The pill: how it stands with the connection, in as few words as there are.
#[must_use]
pub fn connection(connection: &Connection) -> &'static str {
    match connection {
        Connection::Idle => "Not connected",
        Connection::Connecting => "Connecting",
        Connection::CatchingUp { .. } => "Live, catching up",
        Connection::NotFetched => "Not up to date",
        Connection::Live | Connection::LiveUnverified => "Live",
        Connection::Reconnecting { .. } => "Reconnecting",
        Connection::Offline { .. } => "Offline",
        Connection::SignInAgain { .. } => "Sign in again",
        Connection::Stopped { .. } => "Stopped",
    }
}

/// What a server's connection means for what is shown.
#[must_use]
pub fn connection_means(connection: &Connection) -> &'static str {
    match connection {
        Connection::Idle => "Nothing is being received.",
        Connection::Connecting => "The first connection is being made.",
        Connection::CatchingUp { .. } => "Fetching what happened before.",
        Connection::NotFetched => "What happened before could not be loaded.",
        Connection::Live => "What you see is the server's state.",
        Connection::LiveUnverified => "Only what it says from now on is known.",
        Connection::Reconnecting { .. } => "Progress may be out of date.",
        Connection::Offline { .. } => "This device has no network.",
        Connection::SignInAgain { .. } => "Nobody is signed in here.",
        Connection::Stopped { .. } => "The server closes every connection.",
    }
}

/// The banner's sentence; `server` is named only where there are several.
#[must_use]
pub fn banner(connection: &Connection, server: Option<&Text>) -> Sentence {
    let said = match connection {
        Connection::Offline { .. } => {
            return "You are offline. We will reconnect when your network is back.".into()
        }
        Connection::SignInAgain { .. } => {
            return match server {
                Some(server) => Sentence {
                    before: "Not signed in to ".to_owned(),
                    foreign: Some(server.clone()),
                    after: ". Sign in to see live updates.".to_owned(),
                },
                None => "Your session has ended. Sign in again to see live updates.".into(),
            }
        }
        Connection::NotFetched => {
            return "Connected, but the list could not be loaded. What you see may be out of date."
                .into()
        }
        Connection::Stopped { .. } => "stopped. The server closes every connection at once.",
        _ => "lost. Progress may be out of date.",
    };
    match server {
        Some(server) => Sentence {
            before: "Connection to ".to_owned(),
            foreign: Some(server.clone()),
            after: join(&["", said], " "),
        },
        None => join(&["Connection", said], " ").into(),
    }
}

/// The countdown beside it; above ten seconds to five seconds.
#[must_use]
pub fn retrying_in(wait: Duration) -> String {
    let seconds = wait.as_secs() + u64::from(wait.subsec_millis() > 0);
    let seconds = if seconds > 10 {
        seconds.div_ceil(5) * 5
    } else {
        seconds
    };
    join(
        &["Retrying in", &format::span(Duration::from_secs(seconds))],
        " ",
    )
}

/// How bad a warning is.
#[must_use]
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Unknown => "Alert",
        Severity::Low => "Low",
        Severity::Medium => "Medium",
        Severity::High => "High",
        Severity::Critical => "Critical",
    }
}

/// The same, in the server's own word where that is none that we know.
#[must_use]
pub fn severity_or_word(group: &AlertGroupView) -> &str {
    let word = group.other_severity.as_ref();
    word.map_or(severity(group.severity), Text::as_str)
}

/// `Severity rose from medium to high.`
#[must_use]
pub fn raised(from: Severity, to: Severity) -> String {
    let lower = |level: Severity| match level {
        Severity::Unknown => "unknown",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    };
    let mut text = join(&["Severity rose from", lower(from), "to", lower(to)], " ");
    text.push('.');
    text
}

/// `Seen once · 10:30:11`, `Seen 4 times · last 10:32:05`.
#[must_use]
pub fn seen(count: u32, last: Option<String>) -> String {
    let times = match count {
        0 | 1 => "Seen once".to_owned(),
        count => join(&["Seen", &format::count(count.into()), "times"], " "),
    };
    match last {
        None => times,
        Some(last) if count > 1 => join_all(&[times, join(&["last", &last], " ")]),
        Some(last) => join_all(&[times, last]),
    }
}

/// How far a person is to be trusted.
#[must_use]
pub fn band(band: Band) -> &'static str {
    match band {
        Band::AtRisk => "At risk",
        Band::Caution => "Caution",
        Band::Trusted => "Trusted",
    }
}

/// Someone's score went into another band: *Trust in Ann: at risk, was trusted.*
#[must_use]
pub fn trust_changed(who: Option<&Text>, from: Band, to: Band) -> String {
    let who = who.map_or("someone", Text::as_str);
    let (from, to) = (band(from).to_lowercase(), band(to).to_lowercase());
    ["Trust in ", who, ": ", &to, ", was ", &from, "."].concat()
}

/// What a notice is about.
#[must_use]
pub fn about(about: &About) -> String {
    match about {
        About::Server(name) => name.as_str().to_owned(),
        About::AnalyzeAgain(Some(name)) => ["Not analyzed again: ", name.as_str()].concat(),
        About::AnalyzeAgain(None) => "Not analyzed again".to_owned(),
        About::Scenario => "The simulation was not started".to_owned(),
        About::TooManyMeetings => {
            let open = format::count(MAX_MEETINGS as u64);
            ["Not joined: ", &open, " meetings are open. Leave one first"].concat()
        }
    }
}

/// What a figure of a meeting measures; the foreign part is the server's.
#[must_use]
pub fn metric(metric: &Metric) -> Sentence {
    let about = |name: &Text, after: &str| Sentence {
        before: String::new(),
        foreign: Text::name(&spaced(name.as_str())),
        after: after.to_owned(),
    };
    match metric {
        Metric::Participants => "People".into(),
        Metric::Anomalies => "Anomalies".into(),
        Metric::AverageTrust => "Average trust".into(),
        Metric::Cpu => "Server processors".into(),
        Metric::Memory => "Server memory".into(),
        Metric::Frames => "Pictures checked".into(),
        Metric::Detected(name) => about(name, ": anomalies"),
        Metric::Confidence(name) => about(name, ": detector confidence"),
        Metric::Other(name) => about(name, ""),
    }
}

/// The figure itself, with its unit.
#[must_use]
pub fn metric_value(metric: &Metric, value: f64) -> String {
    match metric {
        // Rounded as it is with people.
        Metric::AverageTrust => format::percent(value / 100.0).to_string(),
        Metric::Cpu | Metric::Memory | Metric::Confidence(_) => {
            percent(format::percent(value / 100.0))
        }
        _ => format::figure(value),
    }
}

/// `averageTrust` and `average_trust` as words.
fn spaced(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut was_small = false;
    for letter in name.chars() {
        if matches!(letter, '_' | '-' | '.') {
            words.push(' ');
        } else if letter.is_ascii_uppercase() && was_small {
            words.push(' ');
            words.push(letter.to_ascii_lowercase());
        } else if words.is_empty() {
            words.push(letter.to_ascii_uppercase());
        } else {
            words.push(letter);
        }
        was_small = letter.is_ascii_lowercase() || letter.is_ascii_digit();
    }
    words
}

/// What a meter says: `Trust 41 of 100, At risk`, and `, last known` if it is old.
#[must_use]
pub fn trust_value(score: u8, in_band: Band, is_stale: bool) -> String {
    let mut text = join(
        &["Trust", &score.to_string(), "of 100,", band(in_band)],
        " ",
    );
    if is_stale {
        text.push_str(", last known");
    }
    text
}

/// What a sparkline says; the name goes before it.
#[must_use]
pub fn spark(first: u8, last: u8, lowest: u8) -> String {
    let [first, last, lowest] = [first, last, lowest].map(|score| score.to_string());
    join(
        &[
            "last 5 minutes: from",
            &first,
            "to",
            &(last + ","),
            "lowest",
            &lowest,
        ],
        " ",
    )
}

/// `Updated 40 s ago.`
#[must_use]
pub fn last_updated(age: Duration) -> String {
    join(&["Updated", &ago(age)], " ") + "."
}

/// How fast pictures come: `Video frames: 12/s, 340 kB/s`.
#[must_use]
pub fn video(video: &VideoView) -> String {
    if let Some(silent) = video.silent_for {
        return join(&["Video frames: none for", &format::span(silent)], " ");
    }
    // Of a few a second, the decimals tell.
    let frames = if video.frames_per_second < 10.0 {
        format::figure(video.frames_per_second)
    } else {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        format::count(video.frames_per_second.round() as u64)
    };
    let bytes = format::bytes(video.bytes_per_second);
    ["Video frames: ", &frames, "/s, ", &bytes, "/s"].concat()
}

/// How much of a meeting's trail is kept.
#[must_use]
pub fn trail_count(trail: Option<&TrailView>) -> String {
    let Some(trail) = trail.filter(|trail| trail.kept > 0) else {
        return String::new();
    };
    let kept = u32::try_from(trail.kept).unwrap_or(u32::MAX);
    let kept = counted(kept, "entry", "entries") + " since the meeting was opened here";
    let more = if trail.kept > trail.newest.len() {
        "the files hold them all"
    } else {
        ""
    };
    let dropped = match trail.dropped {
        0 => String::new(),
        dropped => [&format::count(dropped), " made room for others"].concat(),
    };
    join_all(&[kept, more.to_owned(), dropped])
}

/// One entry of a meeting's trail, without when and about whom; `clock` writes a moment of this device.
#[must_use]
pub fn trail_entry(what: &What, clock: &dyn Fn(Instant) -> String) -> Sentence {
    let of_type = |before: String, kind: &Option<Text>| Sentence {
        before: if kind.is_some() {
            before + ": "
        } else {
            before
        },
        foreign: kind
            .as_ref()
            .and_then(|kind| Text::name(&spaced(kind.as_str()))),
        after: String::new(),
    };
    let trust = |of: Option<Band>| of.map_or(NO_DATA, band);
    match what {
        What::Joined => "Joined".into(),
        What::Left => "Left".into(),
        What::Alert {
            severity: now,
            raised_from,
            kind,
            message,
            ..
        } => {
            let before = match raised_from {
                None => severity(*now).to_owned() + " alert",
                Some(from) => raised(*from, *now).trim_end_matches('.').to_owned(),
            };
            match message {
                Some(message) => Sentence {
                    before: before + ": ",
                    foreign: Some(message.clone()),
                    after: String::new(),
                },
                None => of_type(before, kind),
            }
        }
        What::Acknowledged {
            is_acknowledged,
            kind,
            ..
        } => {
            let verb = if *is_acknowledged {
                "Acknowledged by you"
            } else {
                "Acknowledgement taken back by you"
            };
            of_type(verb.to_owned(), kind)
        }
        What::Trust { from, to, score } => {
            let score = score.map_or(String::new(), |score| {
                [" (", &score.to_string(), ")"].concat()
            });
            ["Trust went from ", trust(*from), " to ", trust(*to), &score]
                .concat()
                .into()
        }
        What::ConnectionLost => "Connection lost".into(),
        What::ConnectionBack => "Connected again".into(),
        What::Gap { began, ended } => {
            let span = [
                "Nothing was heard from ",
                &clock(*began),
                " until ",
                &clock(*ended),
            ];
            (span.concat() + ". Alerts of that time may be missing.").into()
        }
    }
}

/// `40 s ago`.
#[must_use]
pub fn ago(span: Duration) -> String {
    join(&[&format::span(span), "ago"], " ")
}

/// A stretch of time in which alerts may be missing: how long ago it began and ended. Nobody knows whether there were any.
#[must_use]
pub fn gap(began: Duration, ended: Option<Duration>) -> String {
    match ended {
        None => join(&["Alerts may be missing since", &ago(began)], " ") + ".",
        Some(ended) => {
            let lasted = began.saturating_sub(ended);
            join(
                &[
                    "Nothing was heard for",
                    &format::span(lasted),
                    "until",
                    &ago(ended),
                ],
                " ",
            ) + ". Alerts of that time may be missing."
        }
    }
}

/// What stands under a list of alerts from which some had to go.
#[must_use]
pub fn alerts_removed(number: u32) -> String {
    let verb = if number == 1 { "was" } else { "were" };
    let entries = counted(number, "entry", "entries");
    join(&[&entries, verb, "removed to make room"], " ")
        + ": acknowledged alerts first, then the mildest."
}

/// A page's title: the name goes first, the product last.
#[must_use]
pub fn title(page: &str) -> String {
    join_all(&[page.to_owned(), PRODUCT.to_owned()])
}

const SEPARATOR: &str = " · ";
const FILE_UNCHANGED: &str = ". Your file was not changed.";

/// `1 model`, `1,250 models`.
fn counted(number: u32, one: &str, many: &str) -> String {
    join(
        &[
            &format::count(number.into()),
            if number == 1 { one } else { many },
        ],
        " ",
    )
}

/// The parts that say something, with dots between them.
#[must_use]
pub fn join_all(words: &[String]) -> String {
    let words: Vec<&str> = (words.iter().map(String::as_str))
        .filter(|word| !word.is_empty())
        .collect();
    join(&words, SEPARATOR)
}

fn join(words: &[&str], separator: &str) -> String {
    words.join(separator)
}

fn capitalized(text: String) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if first.is_ascii_lowercase() => {
            let mut text = String::from(first.to_ascii_uppercase());
            text.push_str(letters.as_str());
            text
        }
        _ => text,
    }
}

/// A figure that counts things; servers send `3.0` and now and then nonsense.
fn whole(number: f64) -> Option<u64> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (0.0..=9.0e15).contains(&number).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fact::ServerVerdict;
    use crate::domain::ModelId;
    use crate::time::Instant;

    #[test]
    fn a_figure_of_a_meeting_has_its_unit() {
        let audio = || Text::name("audio").unwrap();
        for (metric, value, words, figure) in [
            (Metric::AverageTrust, 78.9, "Average trust", "78"),
            (Metric::Cpu, 41.5, "Server processors", "41%"),
            (
                Metric::Confidence(audio()),
                90.0,
                "[Audio]: detector confidence",
                "90%",
            ),
        ] {
            assert_eq!(flat(super::metric(&metric)), words);
            assert_eq!(metric_value(&metric, value), figure);
        }
    }

    #[test]
    fn pictures_are_told_by_their_rate() {
        let video = |frames, bytes, silent: Option<u64>| {
            super::video(&VideoView {
                frames_per_second: frames,
                bytes_per_second: bytes,
                newest_bytes: 1,
                silent_for: silent.map(Duration::from_secs),
            })
        };
        for (said, words) in [
            (video(12.4, 340_000, None), "Video frames: 12/s, 340 kB/s"),
            (video(59.6, 12, None), "Video frames: 60/s, 12 B/s"),
            (video(0.0, 0, Some(12)), "Video frames: none for 12 s"),
        ] {
            assert_eq!(said, words);
        }
    }

    #[test]
    fn what_happened_is_told_in_words() {
        let high = |raised_from, message: Option<&str>| What::Alert {
            severity: Severity::High,
            raised_from,
            kind: Text::name("face_swap"),
            message: message.and_then(Text::message),
            confidence: None,
        };
        let second = |second: u64| Instant::from_millis(second * 1000);
        for (what, words) in [
            (high(None, Some("Look")), "High alert: [Look]"),
            (high(None, None), "High alert: [Face swap]"),
            (
                high(Some(Severity::Low), Some("Look")),
                "Severity rose from low to high: [Look]",
            ),
            (
                What::Acknowledged {
                    is_acknowledged: false,
                    severity: Severity::High,
                    kind: None,
                },
                "Acknowledgement taken back by you[]",
            ),
            (
                What::Trust {
                    from: None,
                    to: Some(Band::AtRisk),
                    score: Some(41),
                },
                "Trust went from No data to At risk (41)[]",
            ),
            (
                What::Gap {
                    began: second(3),
                    ended: second(9),
                },
                "Nothing was heard from 3 until 9. Alerts of that time may be missing.[]",
            ),
        ] {
            let said = trail_entry(&what, &|at| at.since_origin().as_secs().to_string());
            let foreign = said.foreign.map_or(String::new(), |text| text.to_string());
            assert_eq!(format!("{}[{foreign}]{}", said.before, said.after), words);
        }
    }

    #[test]
    fn a_figure_of_a_server_is_named_in_words() {
        for (name, words) in [
            ("averageTrust", "Average trust"),
            ("total_anomalies", "Total anomalies"),
            ("participants", "Participants"),
            ("AI score", "AI score"),
        ] {
            assert_eq!(spaced(name), words);
        }
    }

    #[test]
    fn a_verdict_says_who_says_so_and_who_failed() {
        use Verdict::{Disagree, LikelyFake, LikelyReal, None, NotFinal};
        let server = |label| {
            Verdict::Server(ServerVerdict {
                label,
                score: Some(0.83),
            })
        };
        for (status, verdict_is, failed, word, sentence) in [
            (
                Status::Running,
                None,
                0,
                "No result yet",
                "No verdict so far.",
            ),
            (
                Status::Failed,
                None,
                3,
                "No result",
                "No model finished. Your file was not changed.",
            ),
            (
                Status::Complete,
                None,
                0,
                "No result",
                "No verdict was given.",
            ),
            (
                Status::Running,
                NotFinal { fake: 0, real: 0 },
                0,
                "Not final",
                "No verdict so far.",
            ),
            (
                Status::Running,
                NotFinal { fake: 1, real: 1 },
                0,
                "Not final",
                "1 model says fake, 1 says real.",
            ),
            (
                Status::Running,
                NotFinal { fake: 2, real: 0 },
                1,
                "Not final",
                "2 models say fake. 1 model failed.",
            ),
            (
                Status::PartlyComplete,
                LikelyFake { fake: 3, of: 4 },
                1,
                "Likely fake",
                "3 of 4 models say fake. 1 model failed.",
            ),
            (
                Status::Complete,
                LikelyReal { real: 1, of: 1 },
                0,
                "Likely real (1 model)",
                "1 model says real.",
            ),
            (
                Status::Complete,
                Disagree { each: 2 },
                0,
                "Models disagree",
                "2 say fake and 2 say real.",
            ),
            (
                Status::Complete,
                server(Label::Fake),
                0,
                "Likely fake",
                "The server's own result, score 83%.",
            ),
            (
                Status::Complete,
                server(Label::Flagged),
                0,
                "Flagged",
                "The server's own result, score 83%.",
            ),
        ] {
            let run = RunView {
                verdict: verdict_is,
                failed,
                ..run(status)
            };

            assert_eq!(verdict(&run.verdict, status.is_ended()), word);
            assert_eq!(verdict_sentence(&run, Parts::Models), sentence);
        }
    }

    #[test]
    fn a_models_row_tells_its_attempts_its_place_and_its_end() {
        let error = Text::message("server timeout");
        let seconds = Duration::from_secs;
        let running = |done, total| ModelState::Running {
            fraction: None,
            done,
            total,
        };
        let completed = |label, confidence| ModelState::Completed {
            label,
            confidence,
            took: Some(seconds(41)),
        };
        for (state, attempt, left, silent, said) in [
            (ModelState::Queued, 0, None, None, "Queued"),
            (running(None, None), 1, None, None, "Working"),
            (
                running(Some(780.0), None),
                1,
                None,
                None,
                "Working, 780 so far",
            ),
            (
                running(Some(780.0), Some(900.0)),
                1,
                Some(41),
                None,
                "780 of 900 · about 40 s left",
            ),
            (
                running(Some(40.0), Some(100.0)),
                1,
                Some(9),
                None,
                "A few seconds left",
            ),
            (
                running(Some(7.0), Some(9.0)),
                2,
                None,
                None,
                "Attempt 2 of 3 · 7 of 9",
            ),
            (
                running(Some(7.0), Some(9.0)),
                1,
                Some(41),
                Some(42),
                "7 of 9 · No update for 42 s",
            ),
            (
                ModelState::Retrying {
                    error: error.clone(),
                },
                1,
                None,
                None,
                "Attempt 1 failed: [server timeout]. Waiting to retry.",
            ),
            (
                ModelState::Retrying { error: None },
                2,
                None,
                None,
                "Attempt 2 failed. Waiting to retry.",
            ),
            (
                completed(Some(Label::Fake), Some(0.92)),
                1,
                None,
                None,
                "Complete in 41 s · Fake 92%",
            ),
            (completed(None, None), 1, None, None, "Complete in 41 s"),
            (
                ModelState::Completed {
                    label: None,
                    confidence: None,
                    took: Some(Duration::from_millis(400)),
                },
                1,
                None,
                None,
                "Complete in under 1 s",
            ),
            (
                completed(Text::name("low").map(Label::Other), Some(0.5)),
                1,
                None,
                None,
                "Complete in 41 s · [low] 50%",
            ),
            (
                ModelState::Failed { error },
                3,
                None,
                None,
                "Failed after 3 attempts: [server timeout]",
            ),
            (ModelState::Failed { error: None }, 1, None, None, "Failed"),
            (ModelState::NoResult, 1, None, None, "No result"),
        ] {
            let view = ModelView {
                id: ModelId::new("m").unwrap(),
                state,
                doing: None,
                attempt,
                attempts: Some(3),
                elapsed: None,
                left: left.map(seconds),
                silent_for: silent.map(seconds),
                is_simulated: false,
            };

            assert_eq!(flat(model(&view, false)), said);
        }
    }

    #[test]
    fn what_may_be_out_of_date_is_no_ground_for_an_estimate() {
        let run = RunView {
            percent: 53,
            expected: 5,
            completed: 2,
            elapsed: Some(Duration::from_secs(134)),
            left: Some(Duration::from_secs(61)),
            number: Some(2),
            ..run(Status::Running)
        };

        assert_eq!(
            run_line(&run, false),
            "Run 2 · elapsed 2:14 · about 1 min left"
        );
        assert_eq!(run_line(&run, true), "Run 2 · elapsed 2:14");
        assert_eq!(
            overall_value(&run, Parts::Models, false),
            "53%, 2 of 5 models complete, about 1 min left"
        );
        assert_eq!(
            overall_value(&run, Parts::Steps, true),
            "53%, 2 of 5 steps complete, may be out of date"
        );
    }

    #[test]
    fn a_banner_names_the_server_only_where_it_must() {
        let since = Instant::default();
        let lost = Connection::Reconnecting {
            attempt: 1,
            retry_at: None,
            since,
        };
        let name = Text::name("Library").unwrap();

        assert_eq!(
            flat(banner(&lost, None)),
            "Connection lost. Progress may be out of date."
        );
        assert_eq!(
            flat(banner(&lost, Some(&name))),
            "Connection to [Library] lost. Progress may be out of date."
        );
        assert_eq!(
            flat(banner(&Connection::Offline { since }, Some(&name))),
            "You are offline. We will reconnect when your network is back."
        );
    }

    #[test]
    fn a_countdown_never_says_less_than_there_is() {
        for (millis, said) in [
            (0, "Retrying in 0 s"),
            (1, "Retrying in 1 s"),
            (8_000, "Retrying in 8 s"),
            (10_000, "Retrying in 10 s"),
            (10_001, "Retrying in 15 s"),
            (61_000, "Retrying in 1 min 5 s"),
        ] {
            assert_eq!(retrying_in(Duration::from_millis(millis)), said);
        }
    }

    #[test]
    fn counts_have_their_plurals() {
        let at = || Some("10:30".to_owned());
        for (said, words) in [
            (parts(1, Parts::Models), "1 model"),
            (parts(0, Parts::Steps), "0 steps"),
            (parts(2, Parts::Analyses), "2 analyses"),
            (more_parts(1, Parts::Models), "1 more model"),
            (more_parts(3, Parts::Steps), "3 more steps"),
            (list_count(1, 0, 0, 0), "1 item"),
            (
                list_count(100, 0, 0, 240),
                "100 items · 240 older ones are not listed",
            ),
            (list_count(12, 1, 2, 0), "12 items · 1 analyzing · 2 queued"),
            (list_part(3, 12, 0), "3 of 12 items"),
            (
                list_part(0, 100, 240),
                "0 of 100 items · 240 older ones are not listed",
            ),
            (list_part(0, 1, 0), "0 of 1 item"),
            (found(0, 0), "No items match these filters."),
            (
                found(0, 1),
                "No items match these filters. 1 older one is not listed",
            ),
            (found(1, 0), "1 item"),
            (found(12, 0), "12 items"),
            (news(1, 0), "1 new item"),
            (news(3, 0), "3 new items"),
            (news(0, 1), "1 no longer match"),
            (news(3, 2), "3 new · 2 no longer match"),
            (
                list_updated(Duration::from_secs(59)),
                "Last updated 59 s ago",
            ),
            (
                list_updated(Duration::from_secs(179)),
                "Last updated 2 min ago",
            ),
            (filters(0), "Filters"),
            (filters(2), "Filters (2)"),
            (seen(1, at()), "Seen once · 10:30"),
            (seen(4, at()), "Seen 4 times · last 10:30"),
            (seen(4, None), "Seen 4 times"),
        ] {
            assert_eq!(said, words);
        }
    }

    #[test]
    fn a_list_of_alerts_says_how_many_had_to_go() {
        for (number, words) in [(1, "1 entry was removed"), (40, "40 entries were removed")] {
            let words =
                words.to_owned() + " to make room: acknowledged alerts first, then the mildest.";
            assert_eq!(alerts_removed(number), words);
        }
    }

    #[test]
    fn a_gap_says_that_alerts_may_be_missing() {
        let seconds = Duration::from_secs;

        assert_eq!(
            gap(seconds(40), None),
            "Alerts may be missing since 40 s ago."
        );
        assert_eq!(
            gap(seconds(154), Some(seconds(120))),
            "Nothing was heard for 34 s until 2 min ago. Alerts of that time may be missing."
        );
    }

    fn flat(sentence: Sentence) -> String {
        let foreign = sentence
            .foreign
            .map_or_else(String::new, |text| ["[", text.as_str(), "]"].concat());
        sentence.before + &foreign + &sentence.after
    }

    fn run(status: Status) -> RunView {
        RunView {
            number: None,
            status,
            percent: 0,
            models: Vec::new(),
            unnamed: 0,
            expected: 0,
            completed: 0,
            failed: 0,
            verdict: Verdict::None,
            started: None,
            ended: None,
            elapsed: None,
            left: None,
            is_confirming: false,
            is_simulated: false,
        }
    }
}
