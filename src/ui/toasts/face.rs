//! What a card looks like and what stands on it.

use std::time::Duration;

use leptos::prelude::*;

use crate::backend::{Noun, Parts};
use crate::domain::fact::Severity;
use crate::domain::view::{AlertGroupView, Status};
use crate::domain::{Summary, Text};
use crate::toast::{About, Action, Body, Toast, UploadFault};
use crate::ui::icon::{icon, of_severity, of_status, of_summary, of_verdict, Hue, Icon};
use crate::ui::language::use_language;
use crate::ui::words::{Key, Sentence};
use crate::ui::{format, words};

/// For how long nothing was heard when a summary says that its run is silent.
const SILENCE: Duration = Duration::from_secs(30);

/// What a card looks like: its colour and its shape.
pub(in crate::ui) fn face(toast: &Toast) -> (Hue, Icon) {
    match &toast.body {
        Body::Running(summary) => of_status(summary.status),
        Body::Paused(_) => (Hue::Warn, Icon::Warn),
        Body::Ended(summary) if summary.status == Status::Complete => of_verdict_or_ok(summary),
        Body::Ended(summary) => of_summary(summary),
        Body::Alert(severity, _) => of_severity(*severity),
        Body::UploadFailed { .. } | Body::SignedOut { .. } => (Hue::Bad, Icon::Bad),
        Body::Away { .. }
        | Body::Notice {
            about: About::Server(_),
            ..
        } => (Hue::Mute, Icon::Dot),
        Body::Notice { .. } => (Hue::Bad, Icon::Bad),
    }
}

/// A complete analysis looks like what it found: one that found a fake is not a green card.
fn of_verdict_or_ok(summary: &Summary) -> (Hue, Icon) {
    match of_verdict(&summary.verdict) {
        (Hue::Mute, _) => of_summary(summary),
        found => found,
    }
}

/// What the card is about, for the names of its buttons.
pub(super) fn name(toast: &Toast, noun: Noun) -> String {
    match &toast.body {
        Body::Running(summary) | Body::Paused(summary) | Body::Ended(summary) => {
            match &summary.name {
                Some(name) => words::isolated(name.as_str()),
                None => words::untitled_here(noun),
            }
        }
        Body::UploadFailed { name, .. } => words::isolated(name.as_str()),
        Body::Alert(_, group) => words::alert_line(group),
        Body::Away { .. } => words::say(Key::WhileAwayHere),
        Body::SignedOut { was_heard: true } => words::say(Key::YourSessionEndedHere),
        Body::SignedOut { was_heard: false } => words::say(Key::SignIn),
        Body::Notice { about, .. } => words::about(about),
    }
}

pub(super) fn head(toast: &Toast, noun: Noun, parts: Parts) -> impl IntoView {
    let title = match &toast.body {
        Body::Ended(summary) => match summary.status {
            Status::Failed => words::say(Key::AnalysisFailed),
            Status::Cancelled => words::cancelled(summary, parts),
            status => {
                let verdict = within(words::verdict(&summary.verdict, true));
                let values = [("status", &*words::status(status)), ("verdict", &verdict)];
                words::with(Key::EndedWith, &values)
            }
        },
        Body::Away { .. } => words::say(Key::WhileAway),
        Body::SignedOut { was_heard: true } => words::say(Key::YourSessionEnded),
        Body::UploadFailed { name, fault } => words::with(
            match fault {
                UploadFault::Unconfirmed => Key::NotConfirmedNamed,
                _ => Key::NotUploadedNamed,
            },
            &[("name", &words::isolated(name.as_str()))],
        ),
        Body::Running(summary) | Body::Paused(summary) if summary.name.is_none() => {
            words::untitled(noun)
        }
        _ => name(toast, noun),
    };
    let is_quiet = matches!(toast.body, Body::Running(_));
    let shape = (!is_quiet).then(|| icon(face(toast).1));
    (shape, view! { <bdi dir="auto">{title}</bdi> })
}

/// As it is written within a sentence: in English with a small letter.
fn within(text: String) -> String {
    if !use_language().is_english() {
        return text;
    }
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_ascii_lowercase().to_string() + letters.as_str(),
        None => text,
    }
}

/// How severe an alert is, and about whom, where it is about somebody. How often is the list's business: a card does
/// not follow every repetition.
fn alert_line(severity: Severity, group: &AlertGroupView) -> Sentence {
    let severity = match severity == group.severity {
        true => words::severity_or_word(group),
        false => words::severity(severity),
    };
    let after = match group.is_simulated {
        true => words::separator() + &words::say(Key::Simulated),
        false => String::new(),
    };
    match group.who() {
        None => (severity + &after).into(),
        who => Sentence {
            before: severity + &words::separator(),
            foreign: who,
            after,
        },
    }
}

/// One line of sentences: each sets one text of a server apart.
pub(super) fn card_line(toast: &Toast, parts: Parts, left: Option<String>) -> Vec<Sentence> {
    let line = match &toast.body {
        // Its share of nothing and its models that have not begun would read as a run that does not move.
        Body::Running(summary) if summary.status == Status::Queued => {
            let simulated = match summary.is_simulated {
                true => words::say(Key::Simulated),
                false => String::new(),
            };
            words::join_all(&[words::status(summary.status), simulated]).into()
        }
        Body::Running(summary) => {
            let share = summary.percent.map_or_else(String::new, words::percent);
            let mut words = vec![share, words::progress_count(summary, parts)];
            if summary.is_silent {
                words.push(words::with(
                    Key::NoUpdateHere,
                    &[("span", &format::span(SILENCE))],
                ));
            } else {
                words.extend(left);
            }
            if summary.is_simulated {
                words.push(words::say(Key::Simulated));
            }
            words::join_all(&words).into()
        }
        Body::Paused(_) => words::say(Key::NotUpdating).into(),
        Body::Ended(summary) => return ended_line(summary, parts),
        Body::Alert(severity, group) => alert_line(*severity, group),
        Body::UploadFailed { fault, .. } => words::upload_fault(fault),
        Body::Away { finished, failed } => {
            let finished = words::plural(Key::AnalysesFinished, (*finished).into(), &[]);
            let failed = if *failed > 0 {
                words::failed(*failed)
            } else {
                String::new()
            };
            words::join_all(&[finished, failed]).into()
        }
        Body::SignedOut { was_heard: true } => words::say(Key::SignInForUpdates).into(),
        Body::SignedOut { was_heard: false } => words::say(Key::NotSignedIn).into(),
        Body::Notice { message, .. } => Sentence::foreign(message.clone()),
    };
    vec![line]
}

/// The file, how much of it ended, and who failed.
fn ended_line(summary: &Summary, parts: Parts) -> Vec<Sentence> {
    let name = (summary.name.clone()).map(|name| Sentence::foreign(Some(name)));
    let mut line: Vec<_> = name.into_iter().collect();
    let mut add = |more: Sentence| {
        if let Some(before) = line.last_mut() {
            before.after.push_str(&words::separator());
        }
        line.push(more);
    };
    if summary.status == Status::Failed {
        add(words::none_finished_here(parts).into());
    } else {
        let count = words::progress_count(summary, parts);
        // Of one that was cancelled the title says so.
        if !count.is_empty() && summary.status != Status::Cancelled {
            add(count.into());
        }
        match summary.failed.as_slice() {
            [] => {}
            [one] => add(words::sentence(
                Key::PartsFailed,
                &[],
                Text::name(one.as_str()),
            )),
            many => add(words::failed(u32::try_from(many.len()).unwrap_or(u32::MAX)).into()),
        }
    }
    if summary.is_simulated {
        add(words::say(Key::Simulated).into());
    }
    line
}

pub(super) fn action_word(action: Action) -> String {
    words::say(match action {
        Action::View => Key::View,
        Action::Retry => Key::Retry,
        Action::Acknowledge => Key::Acknowledge,
        Action::SignIn => Key::SignIn,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ModelId;
    use crate::toast::scene::group_view;

    #[test]
    fn the_line_of_an_end_sets_servers_texts_apart_from_ours() {
        let partly = Summary {
            name: Text::name("clip.mp4"),
            status: Status::PartlyComplete,
            expected: 5,
            completed: 4,
            failed: ModelId::new("lip\u{202E}sync").into_iter().collect(),
            ..Summary::default()
        };
        let failed = Summary {
            status: Status::Failed,
            is_simulated: true,
            ..partly.clone()
        };
        let cancelled = Summary {
            status: Status::Cancelled,
            ..partly.clone()
        };
        let unnamed = Summary {
            name: None,
            failed: Vec::new(),
            ..partly.clone()
        };
        for (summary, parts, line) in [
            (
                &partly,
                Parts::Models,
                "[clip.mp4] · 4 of 5 models · [lipsync] failed",
            ),
            (
                &failed,
                Parts::Models,
                "[clip.mp4] · no model finished · simulated",
            ),
            (
                &failed,
                Parts::Analyses,
                "[clip.mp4] · no result · simulated",
            ),
            (&unnamed, Parts::Analyses, "4 of 5 analyses"),
            (&cancelled, Parts::Models, "[clip.mp4] · [lipsync] failed"),
        ] {
            let found: String = ended_line(summary, parts).iter().map(marked).collect();
            assert_eq!(found, line);
        }
    }

    #[test]
    fn the_line_of_an_alert_says_how_severe_it_is_about_whom_and_whether_it_is_made_up() {
        let somebody = group_view(1, Severity::High);
        let nobody = AlertGroupView {
            participant: None,
            ..somebody.clone()
        };
        let made_up = |group: &AlertGroupView| AlertGroupView {
            is_simulated: true,
            ..group.clone()
        };
        for (group, line) in [
            (made_up(&somebody), "High · [p1] · simulated"),
            (made_up(&nobody), "High · simulated"),
            (somebody, "High · [p1]"),
            (nobody, "High"),
        ] {
            assert_eq!(marked(&alert_line(Severity::High, &group)), line);
        }
    }

    /// The sentence with what is a server's in brackets.
    fn marked(sentence: &Sentence) -> String {
        let foreign = sentence.foreign.as_ref();
        let foreign = foreign.map_or_else(String::new, |text| ["[", text.as_str(), "]"].concat());
        [&sentence.before, &foreign, &sentence.after]
            .map(String::as_str)
            .concat()
    }
}
