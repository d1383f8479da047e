//! What is spoken: two live regions, there from the first paint, outside everything that is shown.
//!
//! When and what is `toast::announcer`'s business; here it becomes words.

use leptos::prelude::*;

use super::live::text;
use super::{format, words};
use crate::backend::Parts;
use crate::domain::view::{AlertGroupView, Status};
use crate::domain::{Summary, Text};
use crate::toast::{Saying, Spoken, Tally};

/// The two regions.
pub fn announcer(
    polite: Signal<Option<Spoken>>,
    assertive: Signal<Option<Spoken>>,
) -> impl IntoView {
    let spoken = |of: Signal<Option<Spoken>>| {
        text(move || of.with(|spoken| spoken.as_ref().map_or_else(String::new, sentence)))
    };
    view! {
        <div id="polite" class="sr" role="status" aria-live="polite" aria-atomic="true">
            {spoken(polite)}
        </div>
        <div id="assertive" class="sr" role="alert" aria-live="assertive" aria-atomic="true">
            {spoken(assertive)}
        </div>
    }
}

fn sentence(spoken: &Spoken) -> String {
    match spoken {
        Spoken::One(saying) => said(saying),
        Spoken::Joined(sayings) => {
            let sayings: Vec<String> = sayings.iter().map(said).collect();
            sayings.join(" ")
        }
        Spoken::Summary(tally) => summed_up(tally),
    }
}

fn said(saying: &Saying) -> String {
    match saying {
        Saying::Started { name } => ["Analysis started: ", named(name.as_ref()), "."].concat(),
        Saying::Progress { name, percent } => {
            [named(name.as_ref()), ", ", &words::percent(*percent), "."].concat()
        }
        Saying::Ended(summary) => ended(summary),
        Saying::Alert(group) => alert(group),
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

fn ended(summary: &Summary) -> String {
    let name = named(summary.name.as_ref());
    if summary.status == Status::Failed {
        return ["Analysis failed: ", name, ". No model finished."].concat();
    }
    let mut text = [
        "Analysis finished: ",
        name,
        ". ",
        &words::verdict(&summary.verdict, true),
        ".",
    ]
    .concat();
    let count = words::progress_count(summary, Parts::Models);
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

fn alert(group: &AlertGroupView) -> String {
    let what = group.message.as_ref().or(group.kind.as_ref());
    let what = what.map_or("Alert", |what| what.first_line().0);
    let who = group.name.as_ref().map(Text::as_str);
    let who = who.or(group.participant.as_ref().map(|id| id.as_str()));
    let mut text = [words::severity(group.severity), " alert: ", what].concat();
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
    fn the_end_says_the_verdict_and_who_failed() {
        let summary = Summary {
            name: Text::name("clip.mp4"),
            status: Status::PartlyComplete,
            expected: 5,
            completed: 4,
            failed: ModelId::new("lip").into_iter().collect(),
            verdict: Verdict::LikelyFake { fake: 3, of: 4 },
            ..Summary::default()
        };

        assert_eq!(
            said(&Saying::Ended(summary)),
            "Analysis finished: clip.mp4. Likely fake. 4 of 5 models complete, 1 failed."
        );
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
            sentence(&Spoken::Summary(tally)),
            "5 updates. 3 analyses finished, 1 failed."
        );
        assert_eq!(reconnected(1, 0, 0), "Reconnected. 1 update recovered.");
    }
}
