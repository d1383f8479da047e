//! What is spoken: two live regions, there from the first paint, outside everything that is shown.
//!
//! When and what is `toast::announcer`'s business; here it becomes words.

use leptos::prelude::*;

use super::hooks::use_telltale;
use super::live::text;
use super::{format, words};
use crate::backend::Parts;
use crate::domain::fact::Severity;
use crate::domain::view::{AlertGroupView, Status};
use crate::domain::{Source, Summary, Text};
use crate::toast::{Saying, Spoken, Tally};

/// The two regions.
pub fn announcer() -> impl IntoView {
    let telltale = use_telltale();
    let parts = move |source| {
        let profile = telltale.profile(source);
        profile.map_or(Parts::Models, |profile| profile.parts)
    };
    let spoken = |of: Signal<Option<Spoken>>| {
        text(move || {
            of.with(|spoken| {
                let spoken = spoken.as_ref();
                spoken.map_or_else(String::new, |spoken| sentence(spoken, &parts))
            })
        })
    };
    view! {
        <div id="polite" class="sr" role="status" aria-live="polite" aria-atomic="true">
            {spoken(telltale.polite())}
        </div>
        <div id="assertive" class="sr" role="alert" aria-live="assertive" aria-atomic="true">
            {spoken(telltale.assertive())}
        </div>
    }
}

/// `parts` says what the parts of an analysis are called on a server.
fn sentence(spoken: &Spoken, parts: &dyn Fn(Source) -> Parts) -> String {
    match spoken {
        Spoken::One(saying) => said(saying, parts),
        Spoken::Joined(sayings) => {
            let sayings = sayings.iter().map(|saying| said(saying, parts));
            let sayings: Vec<String> = sayings.collect();
            sayings.join(" ")
        }
        Spoken::Summary(tally) => summed_up(tally),
    }
}

/// One thing in words.
pub(super) fn said(saying: &Saying, parts: &dyn Fn(Source) -> Parts) -> String {
    match saying {
        Saying::Started { name } => ["Analysis started: ", named(name.as_ref()), "."].concat(),
        Saying::Progress { name, percent } => {
            [named(name.as_ref()), ", ", &words::percent(*percent), "."].concat()
        }
        Saying::Ended(source, summary) => ended(summary, parts(*source)),
        Saying::Alert(severity, group) => alert(*severity, group),
        Saying::Trust { who, from, to } => words::trust_changed(who.as_ref(), *from, *to),
        Saying::UploadFailed { name } => ["Not uploaded: ", name.as_str(), "."].concat(),
        Saying::Notice { about, message } => {
            let message = message
                .as_ref()
                .map_or("", |message| message.first_line().0);
            let about = words::about(about);
            match message {
                "" => about,
                message => [&about, ": ", message].concat(),
            }
        }
        Saying::ConnectionLost => "Connection lost. Progress may be out of date.".to_owned(),
        Saying::Reconnected {
            updates,
            finished,
            failed,
        } => reconnected(*updates, *finished, *failed),
        Saying::SignInExpired => {
            "Your session has ended. Sign in again to see live updates.".to_owned()
        }
    }
}

fn ended(summary: &Summary, parts: Parts) -> String {
    let name = named(summary.name.as_ref());
    if summary.status == Status::Failed {
        return [
            "Analysis failed: ",
            name,
            ". ",
            words::none_finished(parts),
            ".",
        ]
        .concat();
    }
    let mut text = [
        "Analysis finished: ",
        name,
        ". ",
        &words::verdict(&summary.verdict, true),
        ".",
    ]
    .concat();
    let count = words::progress_count(summary, parts);
    if !count.is_empty() {
        text.push(' ');
        text.push_str(&count);
        text.push_str(" complete");
        if !summary.failed.is_empty() {
            text.push_str(", ");
            text.push_str(&words::failed(
                u32::try_from(summary.failed.len()).unwrap_or(u32::MAX),
            ));
        }
        text.push('.');
    }
    text
}

fn alert(severity: Severity, group: &AlertGroupView) -> String {
    let what = group.message.as_ref().or(group.kind.as_ref());
    let what = what.map_or("Alert", |what| what.first_line().0);
    let who = group.name.as_ref().map(Text::as_str);
    let who = who.or(group.participant.as_ref().map(|id| id.as_str()));
    let mut text = [words::severity(severity), " alert: ", what].concat();
    if let Some(who) = who {
        text.push_str(", ");
        text.push_str(who);
    }
    text.push('.');
    text
}

fn reconnected(updates: u32, finished: u32, failed: u32) -> String {
    let mut text = String::from("Reconnected.");
    if updates > 0 {
        let noun = if updates == 1 { " update" } else { " updates" };
        text.push_str(&[" ", &format::count(updates.into()), noun, " recovered."].concat());
    }
    text.push_str(&ends(finished, failed));
    text
}

fn summed_up(tally: &Tally) -> String {
    let mut text = [&format::count(tally.updates.into()), " updates."].concat();
    text.push_str(&ends(tally.finished, tally.failed));
    if tally.alerts > 0 {
        let noun = if tally.alerts == 1 {
            " alert"
        } else {
            " alerts"
        };
        text.push_str(&[" ", &format::count(tally.alerts.into()), noun].concat());
        if let Some(worst) = tally.worst {
            text.push_str(&[", worst: ", words::severity(worst)].concat());
        }
        text.push('.');
    }
    text
}

fn ends(finished: u32, failed: u32) -> String {
    if finished + failed == 0 {
        return String::new();
    }
    let noun = if finished == 1 {
        " analysis"
    } else {
        " analyses"
    };
    let mut text = [" ", &format::count(finished.into()), noun, " finished"].concat();
    if failed > 0 {
        text.push_str(", ");
        text.push_str(&words::failed(failed));
    }
    text.push('.');
    text
}

fn named(name: Option<&Text>) -> &str {
    name.map_or("a file", Text::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::view::Verdict;
    use crate::domain::ModelId;

    #[test]
    fn the_end_says_the_verdict_and_who_failed_by_the_servers_own_words_for_its_parts() {
        let partly = Summary {
            name: Text::name("clip.mp4"),
            status: Status::PartlyComplete,
            expected: 5,
            completed: 4,
            failed: ModelId::new("lip").into_iter().collect(),
            verdict: Verdict::LikelyFake { fake: 3, of: 4 },
            ..Summary::default()
        };

        let failed = Summary {
            status: Status::Failed,
            ..partly.clone()
        };
        for (parts, summary, words) in [
            (
                Parts::Models,
                &partly,
                "Analysis finished: clip.mp4. Likely fake. 4 of 5 models complete, 1 failed.",
            ),
            (
                Parts::Steps,
                &partly,
                "Analysis finished: clip.mp4. Likely fake. 4 of 5 steps complete, 1 failed.",
            ),
            (
                Parts::Models,
                &failed,
                "Analysis failed: clip.mp4. No model finished.",
            ),
            (
                Parts::Steps,
                &failed,
                "Analysis failed: clip.mp4. No result.",
            ),
        ] {
            let spoken = Spoken::One(Saying::Ended(Source(7), summary.clone()));
            let of = |source| match source {
                Source(7) => parts,
                _ => Parts::Analyses,
            };

            assert_eq!(sentence(&spoken, &of), words);
        }
    }

    #[test]
    fn many_sayings_become_counts() {
        let tally = Tally {
            updates: 5,
            finished: 3,
            failed: 1,
            ..Tally::default()
        };

        assert_eq!(
            sentence(&Spoken::Summary(tally), &|_| Parts::Models),
            "5 updates. 3 analyses finished, 1 failed."
        );
        assert_eq!(reconnected(1, 0, 0), "Reconnected. 1 update recovered.");
    }
}
