//! What a person sees and hears, as short lines that a fixture can be compared with.
//!
//! A line says in words of its own what the sentence on screen depends on. Left out are times, which depend on when one
//! looks, the figures of a meeting, and what an alert advises: the tests of the domain and of the words have them.

use telltale::domain::fact::{Label, Severity};
use telltale::domain::view::{
    AlertGroupView, AlertRow, MediaView, MeetingView, ModelState, ModelView, Status, Verdict,
};
use telltale::domain::{Summary, Text};
use telltale::toast::{About, Action, Body, Saying, Spoken, Toast};

/// A media with its newest run, a line for each model.
pub fn media(media: &MediaView) -> Vec<String> {
    let name = named(media.name.as_ref());
    let other = other_word(media.other_status.as_ref());
    let status = status(media.status);
    let mut first = format!("{} {name}: {status}{other}", media.key.id.as_str());
    let Some(run) = &media.run else {
        return vec![first];
    };
    if let Some(percent) = run.percent {
        first += &format!(", {percent} %");
    }
    if let Some(number) = run.number {
        first += &format!(", run {number}");
    }
    first += &verdict(&run.verdict);
    if run.unnamed > 0 {
        first += &format!(", {} unnamed", run.unnamed);
    }
    if run.is_confirming {
        first += ", being confirmed";
    }
    let mut lines = vec![first];
    // Models stand in the order in which one has heard of them, which is the channel's.
    let mut models: Vec<_> = run.models.iter().map(model).collect();
    models.sort();
    lines.extend(models);
    lines
}

fn model(model: &ModelView) -> String {
    let because = |error: &Option<Text>| {
        let error = error.as_ref();
        error.map_or(String::new(), |error| format!(": {}", error.as_str()))
    };
    let state = match &model.state {
        ModelState::Queued => "queued".to_owned(),
        ModelState::Running { fraction, .. } => {
            let fraction = fraction.map(|fraction| format!(" {:.0} %", fraction * 100.0));
            format!("running{}", fraction.unwrap_or_default())
        }
        ModelState::Retrying { error } => format!("retrying{}", because(error)),
        ModelState::Completed {
            label, confidence, ..
        } => {
            let label = label.as_ref().map(|label| format!(", {}", word(label)));
            let sure = confidence.map(|sure| format!(" {sure}"));
            format!(
                "completed{}{}",
                label.unwrap_or_default(),
                sure.unwrap_or_default()
            )
        }
        ModelState::Failed { error } => format!("failed{}", because(error)),
        ModelState::NoResult => "no result".to_owned(),
        ModelState::Cancelled => "cancelled".to_owned(),
    };
    format!("  {} {state}", model.id.as_str())
}

/// A meeting: the people, then the alerts.
pub fn meeting(meeting: &MeetingView) -> Vec<String> {
    let joined = if meeting.is_joined {
        "joined"
    } else {
        "not joined"
    };
    let mut lines = vec![format!("{}: {joined}", meeting.key.id.as_str())];
    for person in &meeting.participants {
        let is_present = match person.is_present {
            Some(true) => "present",
            Some(false) => "left",
            None => "not in the list",
        };
        let name = person.name.as_ref();
        let name = name.map_or(String::new(), |name| format!(" \"{}\"", name.as_str()));
        let trust = match (person.trust, person.band) {
            (Some(score), Some(band)) => format!(", trust {score} {band:?}"),
            _ => ", no data".to_owned(),
        };
        let measured: Vec<&str> = (person.modalities.iter())
            .map(|modality| modality.name.as_str())
            .collect();
        let measured = match measured.as_slice() {
            [] => String::new(),
            some => format!(", measured {}", some.join(" ")),
        };
        let id = person.id.as_str();
        lines.push(format!("  {id}{name} {is_present}{trust}{measured}"));
    }
    for row in &meeting.alerts {
        lines.push(match row {
            AlertRow::Group(group) => format!("  alert: {}", alert(group.severity, group)),
            AlertRow::Gap { ended, .. } => match ended {
                Some(_) => "  gap: alerts may be missing".to_owned(),
                None => "  gap that lasts: alerts may be missing".to_owned(),
            },
        });
    }
    lines
}

/// A card, without how far a run is.
pub fn card(toast: &Toast) -> String {
    let what = match &toast.body {
        Body::Running(summary) if summary.retrying > 0 => {
            format!("retrying {}", named(summary.name.as_ref()))
        }
        Body::Running(summary) => format!("running {}", named(summary.name.as_ref())),
        Body::Paused(summary) => format!("paused {}", named(summary.name.as_ref())),
        Body::Ended(summary) => format!("ended {}", ended(summary)),
        Body::Alert(severity, group) => format!("alert: {}", alert(*severity, group)),
        Body::UploadFailed { name, fault } => {
            format!("not uploaded \"{}\": {fault:?}", name.as_str())
        }
        Body::Away { finished, failed } => {
            format!("while away: {finished} finished, {failed} failed")
        }
        Body::SignedOut { .. } => "signed out".to_owned(),
        Body::Notice { about, message } => notice(about, message.as_ref()),
    };
    let action = match toast.action {
        None => "",
        Some(Action::View) => " [view]",
        Some(Action::Retry) => " [retry]",
        Some(Action::Acknowledge) => " [acknowledge]",
        Some(Action::SignIn) => " [sign in]",
    };
    format!("{what}{action}")
}

/// The text of a live region.
pub fn spoken(spoken: &Spoken, is_assertive: bool) -> String {
    let text = match spoken {
        Spoken::One(one) => saying(one),
        Spoken::Joined(sayings) => {
            let sayings: Vec<_> = sayings.iter().map(saying).collect();
            sayings.join(" + ")
        }
        Spoken::Summary(tally) => format!(
            "{} updates: {} finished, {} failed, {} alerts",
            tally.updates, tally.finished, tally.failed, tally.alerts
        ),
    };
    if is_assertive {
        format!("urgently: {text}")
    } else {
        text
    }
}

fn saying(saying: &Saying) -> String {
    match saying {
        Saying::Started { name, .. } => format!("started {}", named(name.as_ref())),
        Saying::Progress { name, percent, .. } => format!("{percent} % {}", named(name.as_ref())),
        Saying::Ended(_, summary) => format!("ended {}", ended(summary)),
        Saying::Alert(severity, group, _) => format!("alert: {}", alert(*severity, group)),
        Saying::Trust { who, from, to, .. } => {
            format!("trust {}: {from:?} to {to:?}", named(who.as_ref()))
        }
        Saying::UploadFailed { name, .. } => format!("not uploaded \"{}\"", name.as_str()),
        Saying::Notice { about, message } => notice(about, message.as_ref()),
        Saying::ConnectionLost => "connection lost".to_owned(),
        Saying::Reconnected {
            updates,
            finished,
            failed,
        } => format!("reconnected: {updates} updates, {finished} finished, {failed} failed"),
        Saying::NotLive => "not live".to_owned(),
        Saying::Live => "live".to_owned(),
        Saying::SignInExpired => "sign-in expired".to_owned(),
        Saying::SignInNeeded => "sign-in needed".to_owned(),
    }
}

fn ended(summary: &Summary) -> String {
    let mut text = format!(
        "{}: {}{}",
        named(summary.name.as_ref()),
        status(summary.status),
        verdict(&summary.verdict)
    );
    if summary.expected > 0 {
        text += &format!(", {} of {}", summary.completed, summary.expected);
    }
    let mut failed: Vec<&str> = summary.failed.iter().map(|model| model.as_str()).collect();
    failed.sort_unstable();
    if !failed.is_empty() {
        text += &format!(", failed {}", failed.join(" "));
    }
    text
}

fn alert(severity: Severity, group: &AlertGroupView) -> String {
    let said = |text: &Option<Text>| {
        text.as_ref()
            .map_or("?".to_owned(), |text| text.as_str().into())
    };
    let who = group
        .participant
        .as_ref()
        .map_or("nobody", |id| id.as_str());
    let often = match group.count {
        1 => String::new(),
        count => format!(" x{count}"),
    };
    let raised = group.was_raised_from.map_or("", |_| " (raised)");
    let seen = if group.is_acknowledged { " (seen)" } else { "" };
    let other = other_word(group.other_severity.as_ref());
    let severity = severity.as_str();
    let (kind, message) = (said(&group.kind), said(&group.message));
    format!("{severity}{other} {kind} of {who}{often}{raised}{seen}: {message}")
}

/// The server's own word for what we have none for.
fn other_word(word: Option<&Text>) -> String {
    word.map_or(String::new(), |word| format!(" ({})", word.as_str()))
}

fn notice(about: &About, message: Option<&Text>) -> String {
    let about = match about {
        About::Server(name) => format!("{} says", name.as_str()),
        About::AnalyzeAgain(_, name) => format!("not analysed again {}", named(name.as_ref())),
        About::NoAnswer(_, name) => format!("no answer about {}", named(name.as_ref())),
        About::Scenario => "no simulation".to_owned(),
        About::TooManyMeetings => "too many meetings".to_owned(),
    };
    let message = message.map_or("nothing", Text::as_str);
    format!("{about}: {message}")
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Unknown => "unknown",
        Status::Queued => "queued",
        Status::Running => "running",
        Status::Complete => "complete",
        Status::PartlyComplete => "partly complete",
        Status::Failed => "failed",
        Status::Cancelled => "cancelled",
    }
}

fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::None => String::new(),
        Verdict::NotFinal { fake, real } => format!(", not final: {fake} fake {real} real"),
        Verdict::LikelyFake { fake, of } => format!(", likely fake by {fake} of {of}"),
        Verdict::LikelyReal { real, of } => format!(", likely real by {real} of {of}"),
        Verdict::Disagree { each } => format!(", {each} against {each}"),
        Verdict::Server(server) => {
            let score = server.score.map(|score| format!(" {score}"));
            format!(
                ", server says {}{}",
                word(&server.label),
                score.unwrap_or_default()
            )
        }
    }
}

fn word(label: &Label) -> &str {
    match label {
        Label::Fake => "fake",
        Label::Real => "real",
        Label::Safe => "safe",
        Label::Flagged => "flagged",
        Label::Other(word) => word.as_str(),
    }
}

fn named(name: Option<&Text>) -> String {
    name.map_or("unnamed".to_owned(), |name| {
        format!("\"{}\"", name.as_str())
    })
}
