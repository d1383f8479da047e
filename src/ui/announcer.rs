//! What is spoken: two live regions, there from the first paint, outside everything that is shown.
//!
//! When and what is `toast::announcer`'s business; here it becomes words.

use leptos::prelude::*;

use super::foreign;
use super::hooks::use_telltale;
use super::language::use_language;
use super::live::text;
use super::words::{self, Key};
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
                // Another language is no news: what was said stays said, and only what comes is said in it.
                let said = |spoken| untrack(|| sentence(spoken, &parts));
                spoken.as_ref().map_or_else(String::new, said)
            })
        })
    };
    let language = || text(|| use_language().tag().to_owned());
    view! {
        <div id="polite" class="sr" lang=language() role="status" aria-live="polite" aria-atomic="true">
            {spoken(telltale.polite())}
        </div>
        <div id="assertive" class="sr" lang=language() role="alert" aria-live="assertive" aria-atomic="true">
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
        Saying::Started { name } => {
            words::with(Key::SpokenStarted, &[("name", &named(name.as_ref()))])
        }
        Saying::Progress { name, percent } => {
            let (name, percent) = (named(name.as_ref()), words::percent(*percent));
            words::with(
                Key::SpokenProgress,
                &[("name", &name), ("percent", &percent)],
            )
        }
        Saying::Ended(source, summary) => ended(summary, parts(*source)),
        Saying::Alert(severity, group) => alert(*severity, group),
        Saying::Trust { who, from, to } => words::trust_changed(who.as_ref(), *from, *to),
        Saying::UploadFailed { name } => words::with(
            Key::SpokenNotUploaded,
            &[("name", &words::isolated(name.as_str()))],
        ),
        Saying::Notice { about, message } => {
            let message = message
                .as_ref()
                .map_or("", |message| message.first_line().0);
            let about = words::about(about);
            match message {
                "" => about,
                message => words::with(
                    Key::SpokenAbout,
                    &[("about", &about), ("text", &words::isolated(message))],
                ),
            }
        }
        Saying::ConnectionLost => words::say(Key::ConnectionLost),
        Saying::Reconnected {
            updates,
            finished,
            failed,
        } => reconnected(*updates, *finished, *failed),
        Saying::SignInExpired => words::say(Key::SessionEnded),
    }
}

fn ended(summary: &Summary, parts: Parts) -> String {
    let name = named(summary.name.as_ref());
    if summary.status == Status::Failed {
        let why = words::none_finished(parts);
        return words::with(Key::SpokenFailed, &[("name", &name), ("why", &why)]);
    }
    let verdict = words::verdict(&summary.verdict, true);
    let mut text = words::with(
        Key::SpokenFinished,
        &[("name", &name), ("verdict", &verdict)],
    );
    let count = words::progress_count(summary, parts);
    if !count.is_empty() {
        let mut said = vec![words::complete(&count)];
        if !summary.failed.is_empty() {
            let failed = u32::try_from(summary.failed.len()).unwrap_or(u32::MAX);
            said.push(words::failed(failed));
        }
        add(&mut text, &words::list_of(&said));
    }
    text
}

fn alert(severity: Severity, group: &AlertGroupView) -> String {
    let alert = words::alert_of(severity);
    let what = group.message.as_ref().or(group.kind.as_ref());
    let what = what.map_or_else(
        || words::say(Key::Alert),
        |what| words::isolated(what.first_line().0),
    );
    let of_id = || Some(foreign::id(group.participant.as_ref()?.as_str()));
    let who = group.name.clone().or_else(of_id);
    let values = [("alert", &*alert), ("what", &*what)];
    match who {
        None => words::with(Key::SpokenAlert, &values),
        Some(who) => {
            let [alert, what] = values;
            let who = words::isolated(who.as_str());
            words::with(Key::SpokenAlertOf, &[alert, what, ("who", &who)])
        }
    }
}

fn reconnected(updates: u32, finished: u32, failed: u32) -> String {
    let mut text = words::say(Key::Reconnected);
    if updates > 0 {
        text.push(' ');
        text.push_str(&words::plural(Key::UpdatesRecovered, updates.into(), &[]));
    }
    add(&mut text, &ends(finished, failed));
    text
}

fn summed_up(tally: &Tally) -> String {
    let mut text = words::plural(Key::NumberOfUpdates, tally.updates.into(), &[]);
    add(&mut text, &ends(tally.finished, tally.failed));
    if tally.alerts > 0 {
        let mut alerts = vec![words::plural(Key::NumberOfAlerts, tally.alerts.into(), &[])];
        if let Some(worst) = tally.worst {
            let worst = words::severity(worst);
            alerts.push(words::with(Key::WorstAlert, &[("severity", &worst)]));
        }
        add(&mut text, &words::list_of(&alerts));
    }
    text
}

fn ends(finished: u32, failed: u32) -> String {
    if finished + failed == 0 {
        return String::new();
    }
    let mut ends = vec![words::plural(Key::AnalysesFinished, finished.into(), &[])];
    if failed > 0 {
        ends.push(words::failed(failed));
    }
    words::list_of(&ends)
}

/// One more sentence, if it says something.
fn add(text: &mut String, sentence: &str) {
    if !sentence.is_empty() {
        text.push(' ');
        text.push_str(sentence);
        text.push('.');
    }
}

/// A file's name in a text without markup.
pub(super) fn named(name: Option<&Text>) -> String {
    name.map_or_else(
        || words::say(Key::AFile),
        |name| words::isolated(name.as_str()),
    )
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
