//! What is spoken: two live regions, there from the first paint, outside everything that is shown.
//!
//! When and what is `toast::announcer`'s business; here it becomes words. Where several panels share a session, each
//! has its regions, because nobody knows which of them will be there or in sight, and one of them speaks.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, ShadowRoot};

use super::hooks::{use_telltale, Telltale};
use super::language::use_language;
use super::live::text;
use super::words::{self, Key, Terms};
use crate::domain::fact::Severity;
use crate::domain::view::{AlertGroupView, Status};
use crate::domain::{Source, Summary, Text};
use crate::toast::{Saying, Spoken, Tally};

/// The live regions of the panels of one session, those of the first one first. What is said, one of them says.
#[derive(Clone, Copy)]
pub struct LiveRegions {
    places: StoredValue<Vec<(u32, HtmlElement)>, LocalStorage>,
    /// Looked for anew with each word: the one before may be out of sight by then.
    speaker: Memo<Option<u32>>,
}

/// Those of one panel.
#[derive(Clone, Copy)]
struct LiveRegion {
    id: u32,
    speaker: Memo<Option<u32>>,
}

impl LiveRegions {
    /// None yet, for as long as the current component lives.
    #[must_use]
    pub fn new(telltale: Telltale) -> Self {
        let places: StoredValue<Vec<(u32, HtmlElement)>, LocalStorage> =
            StoredValue::new_local(Vec::new());
        let speaker = Memo::new(move |_| {
            telltale.polite().track();
            telltale.assertive().track();
            places.with_value(|places| {
                // Of the best, the first.
                let best = places.iter().rev().max_by_key(|(_, place)| heard(place));
                best.map(|(id, _)| *id)
            })
        });
        Self { places, speaker }
    }

    /// Those of the panel in this element, for as long as the current component lives.
    pub fn add(self, place: HtmlElement) {
        let id = self.places.with_value(|places| {
            let last = places.last();
            last.map_or(0, |(id, _)| id + 1)
        });
        self.places.update_value(|places| places.push((id, place)));
        on_cleanup(move || {
            // The session may be gone before its views.
            self.places
                .try_update_value(|places| places.retain(|(of, _)| *of != id));
        });
        provide_context(LiveRegion {
            id,
            speaker: self.speaker,
        });
    }
}

/// How surely a screen reader hears what is said in this element: not at all if it is not drawn, and hardly if it is
/// behind a dialog of the page around.
fn heard(place: &HtmlElement) -> (bool, bool) {
    let is_drawn = place.get_bounding_client_rect().width() > 0.0;
    let around = place.get_root_node();
    let host = around.dyn_ref::<ShadowRoot>().map(ShadowRoot::host);
    let is_within = host.is_some_and(|host| host.closest(":modal").ok().flatten().is_some());
    let has_dialog = || document().query_selector(":modal").ok().flatten().is_some();
    (is_drawn, is_within || !has_dialog())
}

/// The two regions of a page.
pub fn announcer() -> AnyView {
    regions(["polite", "assertive"].map(Some))
}

/// The same within a dialog that is open over the page: of what is behind it, nothing is spoken.
pub fn announcer_within() -> AnyView {
    regions([None, None])
}

fn regions([polite, assertive]: [Option<&'static str>; 2]) -> AnyView {
    let telltale = use_telltale();
    let terms = move |source| Terms::from(telltale.profile(source));
    let region = use_context::<LiveRegion>();
    let spoken = |of: Signal<Option<Spoken>>| {
        text(move || {
            // Who speaks is asked when something is said, and not the other way round: a region that begins to speak
            // would say again what another said long ago.
            if region.is_some_and(|region| region.speaker.get_untracked() != Some(region.id)) {
                of.track();
                return String::new();
            }
            of.with(|spoken| {
                // Another language is no news: what was said stays said, and only what comes is said in it.
                let said = |spoken| untrack(|| sentence(spoken, &terms));
                spoken.as_ref().map_or_else(String::new, said)
            })
        })
    };
    let language = || text(|| use_language().tag().to_owned());
    view! {
        <div id=polite class="sr" lang=language() role="status" aria-live="polite" aria-atomic="true">
            {spoken(telltale.polite())}
        </div>
        <div id=assertive class="sr" lang=language() role="alert" aria-live="assertive" aria-atomic="true">
            {spoken(telltale.assertive())}
        </div>
    }
    .into_any()
}

fn sentence(spoken: &Spoken, terms: &dyn Fn(Source) -> Terms) -> String {
    match spoken {
        Spoken::One(saying) => said(saying, terms),
        Spoken::Joined(sayings) => {
            let sayings = sayings.iter().map(|saying| said(saying, terms));
            let sayings: Vec<String> = sayings.collect();
            sayings.join(" ")
        }
        Spoken::Summary(tally) => summed_up(tally),
    }
}

/// One thing in words.
pub(super) fn said(saying: &Saying, terms: &dyn Fn(Source) -> Terms) -> String {
    match saying {
        Saying::Started { source, name } => {
            let name = named(name.as_ref(), terms(*source));
            words::with(Key::SpokenStarted, &[("name", &name)])
        }
        Saying::Progress {
            source,
            name,
            percent,
        } => {
            let name = named(name.as_ref(), terms(*source));
            words::with(
                Key::SpokenProgress,
                &[("name", &name), ("percent", &words::percent(*percent))],
            )
        }
        Saying::Ended(source, summary) => ended(summary, terms(*source)),
        Saying::Alert(severity, group, meeting) => alert(*severity, group, meeting.as_ref()),
        Saying::Trust {
            who,
            meeting,
            from,
            to,
            is_simulated,
        } => {
            let trust = words::trust_changed(who.as_ref(), *from, *to);
            in_meeting(trust, meeting.as_ref(), *is_simulated)
        }
        Saying::UploadFailed { name, is_known } => words::with(
            match is_known {
                true => Key::SpokenNotUploaded,
                false => Key::SpokenNotConfirmed,
            },
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
        Saying::NotLive => words::say(Key::SpokenNotLive),
        Saying::Live => words::say(Key::SpokenLive),
        Saying::SignInExpired => words::say(Key::SessionEnded),
        Saying::SignInNeeded => words::say(Key::NotSignedIn),
    }
}

fn ended(summary: &Summary, terms: Terms) -> String {
    let name = named(summary.name.as_ref(), terms);
    if summary.status == Status::Failed {
        let why = words::none_finished(terms.parts);
        return words::with(Key::SpokenFailed, &[("name", &name), ("why", &why)]);
    }
    let mut text = if summary.status == Status::Cancelled {
        words::with(Key::SpokenCancelled, &[("name", &name)])
    } else {
        let verdict = words::verdict(&summary.verdict, true);
        words::with(
            Key::SpokenFinished,
            &[("name", &name), ("verdict", &verdict)],
        )
    };
    let count = words::progress_count(summary, terms.parts);
    if !count.is_empty() {
        let mut said = vec![words::complete(&count)];
        if !summary.failed.is_empty() {
            let failed = u32::try_from(summary.failed.len()).unwrap_or(u32::MAX);
            said.push(words::failed(failed));
        }
        add(&mut text, &words::list_of(&said));
    }
    if summary.is_simulated {
        add(&mut text, &simulated());
    }
    text
}

fn alert(severity: Severity, group: &AlertGroupView, meeting: Option<&Text>) -> String {
    let alert = words::alert_of(severity);
    let what = words::alert_text(group.message.as_ref(), group.kind.as_ref());
    let what = what.map(|what| words::isolated(what.first_line().0));
    let who = group.who().map(|who| words::isolated(who.as_str()));
    let text = match (what, who) {
        (None, None) => alert,
        (Some(what), Some(who)) => words::with(
            Key::SpokenAlertOf,
            &[("alert", &alert), ("what", &what), ("who", &who)],
        ),
        (Some(known), None) | (None, Some(known)) => {
            words::with(Key::SpokenAlert, &[("alert", &alert), ("what", &known)])
        }
    };
    in_meeting(text, meeting, group.is_simulated)
}

/// The same with the name of the meeting, where it has to be said, and that its data are made up.
fn in_meeting(mut text: String, meeting: Option<&Text>, is_simulated: bool) -> String {
    let mut more = |sentence: &str| {
        if !text.ends_with('.') {
            text.push('.');
        }
        add(&mut text, sentence);
    };
    if let Some(meeting) = meeting {
        more(&meeting_named(meeting));
    }
    if is_simulated {
        more(&simulated());
    }
    text
}

/// A sentence of its own.
fn simulated() -> String {
    words::capitalized(words::say(Key::Simulated))
}

/// `Meeting standup`, in a text without markup.
pub(super) fn meeting_named(meeting: &Text) -> String {
    words::with(
        Key::MeetingNamed,
        &[("text", &words::isolated(meeting.as_str()))],
    )
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
        // Nobody knows how bad those are whose severity is none that we know.
        if let Some(worst) = tally.worst.filter(|worst| *worst > Severity::Unknown) {
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

/// A media's name in a text without markup.
pub(super) fn named(name: Option<&Text>, terms: Terms) -> String {
    name.map_or_else(
        || words::some(terms.noun),
        |name| words::isolated(name.as_str()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Noun, Parts};
    use crate::domain::view::Verdict;
    use crate::domain::{ModelId, ParticipantId};
    use crate::toast::scene::group_view;

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
        let cancelled = Summary {
            status: Status::Cancelled,
            ..partly.clone()
        };
        let simulated = Summary {
            is_simulated: true,
            ..partly.clone()
        };
        for (parts, summary, words) in [
            (
                Parts::Models,
                &simulated,
                "Analysis finished: clip.mp4. Likely fake. 4 of 5 models complete, 1 failed. Simulated.",
            ),
            (
                Parts::Models,
                &cancelled,
                "Analysis cancelled: clip.mp4. 4 of 5 models complete, 1 failed.",
            ),
            (
                Parts::Models,
                &partly,
                "Analysis finished: clip.mp4. Likely fake. 4 of 5 models complete, 1 failed.",
            ),
            (
                Parts::Analyses,
                &partly,
                "Analysis finished: clip.mp4. Likely fake. 4 of 5 analyses complete, 1 failed.",
            ),
            (
                Parts::Models,
                &failed,
                "Analysis failed: clip.mp4. No model finished.",
            ),
            (
                Parts::Analyses,
                &failed,
                "Analysis failed: clip.mp4. No result.",
            ),
        ] {
            let spoken = Spoken::One(Saying::Ended(Source(7), summary.clone()));
            let of = |source| match source {
                Source(7) => Terms {
                    noun: Noun::Media,
                    parts,
                },
                _ => Terms::from(None),
            };

            assert_eq!(sentence(&spoken, &of), words);
        }
    }

    #[test]
    fn an_alert_says_how_bad_it_is_what_it_tells_and_about_whom_as_far_as_that_is_known() {
        for (severity, message, kind, who, words) in [
            (Severity::High, "Look", "x", "p1", "High alert: Look, p1."),
            (Severity::High, "Look\ncloser", "", "", "High alert: Look."),
            (Severity::Low, "", "face_swap", "", "Low alert: Face swap."),
            (Severity::Critical, "", "", "p1", "Critical alert: p1."),
            (Severity::Medium, "", "", "", "Medium alert"),
            (
                Severity::Unknown,
                "Something new",
                "",
                "",
                "Alert: Something new.",
            ),
            (Severity::Unknown, "", "", "", "Alert"),
        ] {
            let group = AlertGroupView {
                participant: ParticipantId::new(who),
                message: Text::message(message),
                kind: Text::name(kind),
                ..group_view(1, severity)
            };

            assert_eq!(alert(severity, &group, None), words);
            let meeting = Text::of_id("standup");
            let stop = if words.ends_with('.') { "" } else { "." };
            assert_eq!(
                alert(severity, &group, Some(&meeting)),
                [words, stop, " Meeting standup."].concat()
            );
            let group = AlertGroupView {
                is_simulated: true,
                ..group
            };
            assert_eq!(
                alert(severity, &group, None),
                [words, stop, " Simulated."].concat()
            );
        }
    }

    #[test]
    fn of_alerts_that_are_counted_the_worst_is_said_if_it_is_known_how_bad_it_is() {
        for (worst, words) in [
            (Severity::Unknown, "4 updates. 2 alerts."),
            (Severity::High, "4 updates. 2 alerts, worst: High."),
        ] {
            let tally = Tally {
                updates: 4,
                alerts: 2,
                worst: Some(worst),
                ..Tally::default()
            };

            assert_eq!(summed_up(&tally), words);
        }
    }

    #[test]
    fn what_has_no_name_is_called_what_its_server_calls_its_things() {
        let unnamed = Summary {
            status: Status::Failed,
            ..Summary::default()
        };
        for (noun, thing) in [
            (Noun::Media, "a file"),
            (Noun::Video, "a video"),
            (Noun::Interview, "an interview"),
        ] {
            let terms = Terms {
                noun,
                parts: Parts::Analyses,
            };
            let source = Source(0);
            for (saying, words) in [
                (Saying::Started { source, name: None }, "Analysis started: "),
                (Saying::Ended(source, unnamed.clone()), "Analysis failed: "),
            ] {
                let said = said(&saying, &|_| terms);
                assert!(said.starts_with(&[words, thing, "."].concat()), "{said}");
            }
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
            sentence(&Spoken::Summary(tally), &|_| Terms::from(None)),
            "5 updates. 3 analyses finished, 1 failed."
        );
        assert_eq!(reconnected(1, 0, 0), "Reconnected. 1 update recovered.");
    }
}
