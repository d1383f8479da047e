//! Meetings: the page to join one, and the page of one with its people and its alerts.
//!
//! A person without a score has *no data*, which is not zero and not green. A score that is old says so. No alert is
//! never "all clear".

use leptos::html;
use leptos::prelude::*;

use super::hooks::{use_connection, use_meeting, use_telltale, Meeting};
use super::icon::{icon, of_band, of_severity, pill, Hue, Icon};
use super::live::{click, flag, part, text};
use super::route::Route;
use super::{foreign, format, set_title, unique, words};
use crate::domain::fact::Severity;
use crate::domain::view::{AlertGroupView, AlertRow, MeetingView, ParticipantView};
use crate::domain::{MeetingId, MeetingKey, Text};
use crate::session::state::Command;

/// The page to join a meeting by its id.
pub fn meetings_page() -> AnyView {
    let telltale = use_telltale();
    let status = use_connection();
    set_title(|| words::title(words::MEETINGS));
    let input = NodeRef::<html::Input>::new();
    let select = NodeRef::<html::Select>::new();
    let servers = Memo::new(move |_| {
        let has_meetings = |state: &&crate::session::state::SourceState| {
            telltale
                .profile(state.source)
                .is_some_and(|profile| profile.has_meetings)
        };
        status.sources.with(|sources| {
            let having = sources.iter().filter(has_meetings);
            having
                .map(|state| (state.source, state.name.clone()))
                .collect::<Vec<_>>()
        })
    });
    let chosen = move || {
        let at = select
            .get_untracked()
            .map_or(0, |select| select.selected_index().max(0));
        let at = usize::try_from(at).unwrap_or(0);
        servers.with_untracked(|servers| servers.get(at).or_else(|| servers.first()).cloned())
    };
    let key = move |id: &str| {
        Some(MeetingKey {
            source: chosen()?.0,
            id: MeetingId::new(id.trim())?,
        })
    };
    let plays = move || {
        servers.with(|servers| {
            servers.iter().any(|(source, _)| {
                telltale
                    .profile(*source)
                    .is_some_and(|profile| profile.demo_scenario)
            })
        })
    };
    let go = move |key: &MeetingKey| {
        let route = telltale.with_sources(|sources| Route::of_meeting(key, sources));
        let _ = window().location().set_hash(&route.href());
    };
    let join = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let id = input
            .get_untracked()
            .map_or_else(String::new, |input| input.value());
        if let Some(key) = key(&id) {
            go(&key);
        }
    };
    let play = move || {
        // The server that plays is not always the one that is chosen.
        let source = servers.with_untracked(|servers| {
            let plays = |source| {
                telltale
                    .profile(source)
                    .is_some_and(|profile| profile.demo_scenario)
            };
            servers
                .iter()
                .map(|(source, _)| *source)
                .find(|source| plays(*source))
        });
        if let (Some(source), Some(id)) = (source, MeetingId::new("demo")) {
            let key = MeetingKey { source, id };
            telltale.command(Command::StartScenario(key.clone()));
            go(&key);
        }
    };
    view! {
        <div class="row head">
            <h1 tabindex="-1" class="grow">{words::MEETINGS}</h1>
        </div>
        {part(move || {
            servers.with(Vec::is_empty).then(|| {
                view! {
                    <section class="card empty">
                        <h2>"No meeting server"</h2>
                        <p class="meta">"None of the configured servers watches meetings."</p>
                    </section>
                }
            })
        })}
        <div class="cols even" hidden=flag(move || servers.with(Vec::is_empty))>
            <section class="card stack">
                <h2>"Join a meeting"</h2>
                <form class="stack" on:submit=join>
                    <label hidden=flag(move || servers.with(Vec::len) < 2)>
                        "Server"
                        <select node_ref=select>
                            {part(move || {
                                let servers = servers.get().into_iter();
                                servers
                                    .map(|(_, name)| view! { <option>{name.as_str().to_owned()}</option> })
                                    .collect_view()
                            })}
                        </select>
                    </label>
                    <label>
                        "Meeting id" <input node_ref=input required maxlength="128" autocomplete="off" spellcheck="false" />
                    </label>
                    <div class="row">
                        <button class="primary" type="submit">"Join"</button>
                        <button type="button" hidden=flag(move || !plays()) on:click=click(play)>
                            "Start a simulated meeting"
                        </button>
                    </div>
                </form>
            </section>
            <section class="card stack">
                <h2>"Joined"</h2>
                {part(move || {
                    let joined = telltale.joined().get();
                    if joined.is_empty() {
                        return view! { <p class="quiet">"You have joined no meeting on this page."</p> }
                            .into_any();
                    }
                    let rows = joined.into_iter().map(|key| {
                        let href = telltale.with_sources(|sources| Route::of_meeting(&key, sources).href());
                        view! {
                            <li>
                                <a href=href>
                                    <bdi dir="auto">{key.id.as_str().to_owned()}</bdi>
                                </a>
                            </li>
                        }
                    });
                    view! { <ul class="joined">{rows.collect_view()}</ul> }.into_any()
                })}
            </section>
        </div>
    }
    .into_any()
}

/// The page of one meeting. Being on it is being in it; leaving the page is not leaving the meeting.
pub fn meeting_page(key: MeetingKey) -> AnyView {
    let telltale = use_telltale();
    let source = key.source;
    let id = key.id.as_str().to_owned();
    let profile = telltale.profile(source);
    let plays = profile.is_some_and(|profile| profile.demo_scenario);
    let meeting = use_meeting(key);
    meeting.join();
    let shown = id.clone();
    set_title(move || {
        let open = meeting.with_view(|view| view.map_or(0, unseen));
        let page = ["Meeting ", &shown].concat();
        words::title(&match open {
            0 => page,
            1 => ["1 alert · ", &page].concat(),
            _ => [&format::count(open as u64), " alerts · ", &page].concat(),
        })
    });
    let is_joined = move || meeting.with_view(|view| view.is_some_and(|view| view.is_joined));
    // While it plays there is nothing to start.
    let plays_now = move || {
        let is_heard = |person: &ParticipantView| {
            person.trust.is_some() && person.stale_for.is_none() && person.is_present != Some(false)
        };
        meeting.with_view(|view| {
            view.is_some_and(|view| view.is_simulated && view.participants.iter().any(is_heard))
        })
    };
    let leave = move || {
        meeting.leave();
        let _ = window().location().set_hash(&Route::Meetings.href());
    };
    let (alerts, people, figures) = (unique("alerts"), unique("people"), unique("figures"));
    let (of_alerts, of_people, of_figures) = (alerts.clone(), people.clone(), figures.clone());
    view! {
        <nav class="crumbs" aria-label="Path">
            <a href="#/meetings">{words::MEETINGS}</a>
        </nav>
        <div class="row head">
            <h1 tabindex="-1" class="grow">"Meeting " <bdi dir="auto">{id}</bdi></h1>
            {part(move || {
                let watched = meeting.with_view(|view| view.map(|view| format::running(view.watched_for)));
                match (is_joined(), telltale.is_stale(source)) {
                    (_, true) => pill((Hue::Warn, Icon::Warn), "Not connected".to_owned()),
                    (true, _) => {
                        let watched = watched.unwrap_or_default();
                        pill((Hue::Run, Icon::Run), ["Watching ", &watched].concat())
                    }
                    (false, _) => pill((Hue::Mute, Icon::Run), "Joining meeting…".to_owned()),
                }
            })}
            <button
                hidden=flag(move || !plays || plays_now())
                on:click=click(move || meeting.start_scenario())
            >
                "Start the simulation"
            </button>
            <button on:click=click(leave)>"Leave"</button>
        </div>
        <p
            class="note"
            hidden=flag(move || !meeting.with_view(|view| view.is_some_and(|view| view.is_simulated)))
        >
            {icon(Icon::Warn)}
            {words::SIMULATED}
        </p>
        <div class="cols" data-stale=flag(move || telltale.is_stale(source))>
            <section class="stack tight" aria-labelledby=of_alerts>
                <h2 id=alerts>"Alerts"</h2>
                {part(move || meeting.with_view(|view| quiet(view, telltale.is_stale(source))))}
                <ol class="alerts" aria-label="Alerts, newest first">
                    <For
                        each=move || meeting.with_view(|view| view.map(row_keys).unwrap_or_default())
                        key=|key| *key
                        children=move |key| alert_row(meeting, key)
                    />
                </ol>
                {part(move || {
                    meeting.with_view(|view| {
                        view.is_some_and(|view| view.alerts_dropped > 0)
                            .then(|| view! { <p class="meta">"Older entries are not kept."</p> })
                    })
                })}
            </section>
            <div class="stack">
                <section class="card" aria-labelledby=of_people>
                    <h2 id=people>"Participants"</h2>
                    <p class="meta">
                        "Lowest trust first. Trusted 80+, caution 50–79, at risk below 50."
                    </p>
                    {part(move || meeting.with_view(participants))}
                </section>
                <section class="card" aria-labelledby=of_figures>
                    <h2 id=figures>"Meeting summary"</h2>
                    {part(move || meeting.with_view(tiles))}
                </section>
            </div>
        </div>
    }
    .into_any()
}

fn unseen(view: &MeetingView) -> usize {
    let open = view.alerts.iter().filter(|row| match row {
        AlertRow::Group(group) => !group.is_acknowledged,
        AlertRow::Gap { .. } => false,
    });
    open.count()
}

/// What stands where alerts would, if there are none; and what must be said beside them.
fn quiet(view: Option<&MeetingView>, is_stale: bool) -> AnyView {
    let has_alerts = view.is_some_and(|view| !view.alerts.is_empty());
    let line = match view {
        _ if has_alerts => return ().into_any(),
        _ if is_stale => "Alerts may be missing: the connection is lost.".to_owned(),
        Some(view) if view.is_joined => {
            let watched = format::span(view.watched_for);
            ["No alerts so far. Checking for ", &watched, "."].concat()
        }
        _ => "Not checking yet.".to_owned(),
    };
    view! { <p class="card quiet">{line}</p> }.into_any()
}

/// Tells the rows of the list apart: a group of alerts, or a gap.
type RowKey = (bool, u32);

fn row_keys(view: &MeetingView) -> Vec<RowKey> {
    view.alerts.iter().map(row_key).collect()
}

fn row_key(row: &AlertRow) -> RowKey {
    match row {
        AlertRow::Group(group) => (false, group.id),
        AlertRow::Gap { id, .. } => (true, *id),
    }
}

/// The buttons stay as they are while what is around them changes, so that they keep the focus.
fn alert_row(meeting: Meeting, key: RowKey) -> AnyView {
    let row = Memo::new(move |_| {
        meeting.with_view(|view| view?.alerts.iter().find(|row| row_key(row) == key).cloned())
    });
    if key.0 {
        return view! {
            <li class="gap">
                {icon(Icon::None)}
                {text(move || {
                    row.with(|row| match row {
                        Some(AlertRow::Gap { began, ended, .. }) => words::gap(*began, *ended),
                        _ => String::new(),
                    })
                })}
            </li>
        }
        .into_any();
    }
    let group = move |read: fn(&AlertGroupView) -> bool| {
        row.with(|row| matches!(row, Some(AlertRow::Group(group)) if read(group)))
    };
    let is_seen = move || group(|group| group.is_acknowledged);
    let is_urgent = move || group(|group| group.severity >= Severity::High);
    let what = move || {
        row.with(|row| match row {
            Some(AlertRow::Group(group)) => alert_title(group),
            _ => String::new(),
        })
    };
    view! {
        <li
            class="card alert"
            data-urgent=flag(move || is_urgent() && !is_seen())
            data-seen=flag(is_seen)
        >
            {part(move || {
                row.with(|row| match row {
                    Some(AlertRow::Group(group)) => Some(alert(group)),
                    _ => None,
                })
            })}
            <div class="row">
                <button
                    class="primary"
                    hidden=flag(is_seen)
                    aria-label=text(move || ["Acknowledge: ", &what()].concat())
                    on:click=click(move || meeting.acknowledge(key.1))
                >
                    "Acknowledge"
                </button>
                <span class="meta" hidden=flag(move || !is_seen())>"Acknowledged by you"</span>
                <button
                    hidden=flag(move || !is_seen())
                    aria-label=text(move || ["Undo acknowledging: ", &what()].concat())
                    on:click=click(move || meeting.unacknowledge(key.1))
                >
                    "Undo"
                </button>
            </div>
        </li>
    }
    .into_any()
}

fn alert_title(group: &AlertGroupView) -> String {
    match (&group.message, &group.kind) {
        (Some(message), _) => message.first_line().0.to_owned(),
        (None, Some(kind)) => kind.as_str().replace('_', " "),
        (None, None) => "Alert".to_owned(),
    }
}

fn alert(group: &AlertGroupView) -> impl IntoView {
    let who = (group.name.clone()).or_else(|| {
        group
            .participant
            .as_ref()
            .and_then(|id| Text::name(id.as_str()))
    });
    let sure = group.confidence.map(|share| {
        let percent = words::percent(format::percent(share));
        ["detector confidence ", &percent].concat()
    });
    let after = match (&who, sure) {
        (Some(_), Some(sure)) => [" · ", &sure].concat(),
        (None, Some(sure)) => sure,
        (_, None) => String::new(),
    };
    let title = match (&group.message, &group.kind) {
        (Some(message), _) => message.clone(),
        (None, kind) => kind.clone().unwrap_or_default(),
    };
    let raised = group.was_raised_from.map(|from| {
        view! { <p class="meta">{words::raised(from, group.severity)}</p> }
    });
    let advice = group.advice.clone().map(|advice| {
        let said = words::Sentence {
            before: "Advice: ".to_owned(),
            foreign: Some(advice),
            after: String::new(),
        };
        view! { <div>{foreign::sentence(said)}</div> }
    });
    let said = words::Sentence {
        before: String::new(),
        foreign: who,
        after,
    };
    let caution = (group.severity >= Severity::High)
        .then(|| view! { <p class="meta">{words::ALERT_NOT_PROOF}</p> });
    view! {
        <div class="row">
            {pill(of_severity(group.severity), words::severity(group.severity).to_owned())}
            <strong>
                {foreign::sentence(words::Sentence { foreign: Some(title), ..Default::default() })}
            </strong>
            <span class="meta">{words::seen(group.count, group.last.map(format::precise_time))}</span>
        </div>
        <p>{foreign::sentence(said)}</p>
        {advice}
        {raised}
        {caution}
    }
}

fn participants(view: Option<&MeetingView>) -> AnyView {
    let Some(view) = view.filter(|view| !view.participants.is_empty()) else {
        return view! { <p class="quiet">"No one has joined yet."</p> }.into_any();
    };
    let rows: Vec<_> = view.participants.iter().map(participant).collect();
    view! { <ul class="people">{rows}</ul> }.into_any()
}

fn participant(person: &ParticipantView) -> impl IntoView {
    let name = person
        .name
        .as_ref()
        .map_or(person.id.as_str(), Text::as_str)
        .to_owned();
    let is_stale = person.stale_for.is_some();
    // The score of someone who has left is history: it has no meter and no colour.
    let has_left = person.is_present == Some(false);
    let band = person.band.filter(|_| !has_left);
    let (hue, shape) = of_band(band);
    let word = match band {
        _ if has_left => words::LEFT,
        Some(band) => words::band(band),
        None => words::NO_DATA,
    };
    let word = word.to_owned();
    let score = match (person.trust, person.band) {
        (Some(score), Some(band)) if !has_left => view! {
            <span
                class="score"
                role="meter"
                aria-label=name.clone()
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=score.to_string()
                aria-valuetext=words::trust_value(score, band, is_stale)
            >
                {score.to_string()}
            </span>
        }
        .into_any(),
        _ => view! { <span class="score" aria-hidden="true">"–"</span> }.into_any(),
    };
    let mut notes = Vec::new();
    if person.is_present.is_none() {
        notes.push("Not in the list of people".to_owned());
    }
    if let Some(score) = person.trust.filter(|_| has_left) {
        notes.push(["Last score ", &score.to_string()].concat());
    } else if let Some(age) = person.stale_for {
        notes.push(["Last score ", &words::ago(age)].concat());
    } else if person.trust.is_none() && person.is_present == Some(true) {
        notes.push("Waiting for a score".to_owned());
    }
    for modality in &person.modalities {
        if modality.figures.is_empty() && modality.confidence.is_none() {
            notes.push([modality.name.as_str(), ": no data"].concat());
        }
    }
    let notes = words::join_all(&notes);
    let has_notes = !notes.is_empty();
    view! {
        <li data-tone=hue.name() data-stale=is_stale>
            <span class="name">
                <bdi dir="auto">{name.clone()}</bdi>
            </span>
            {sparkline(&name, person)}
            <span class="state">{pill((hue, shape), word)}</span>
            {score}
            <span class="meta" hidden=!has_notes>
                <bdi dir="auto">{notes}</bdi>
            </span>
        </li>
    }
}

/// The sparkline's box, in its own units.
const WIDTH: f32 = 96.0;
const HEIGHT: f32 = 28.0;
/// Seconds it shows.
const WINDOW: f32 = 300.0;
/// Seconds without a score that break its line: a gap is not a slope.
const GAP: f32 = 30.0;

fn sparkline(name: &str, person: &ParticipantView) -> AnyView {
    let history = &person.history;
    let (Some(first), Some(last)) = (history.first(), history.last()) else {
        return ().into_any();
    };
    let lowest = history.iter().map(|(_, score)| *score).min().unwrap_or(0);
    let label = [name, ", ", &words::spark(first.1, last.1, lowest)].concat();
    view! {
        <svg class="spark" viewBox="0 0 96 28" role="img" aria-label=label>
            <path class="marks" d="M0 6.6H96M0 14H96"></path>
            <path class="graph" d=spark_path(history)></path>
        </svg>
    }
    .into_any()
}

/// The line, newest at the end edge. Coordinates are whole tenths, so that no float has to be written.
fn spark_path(history: &[(f32, u8)]) -> String {
    let end = history.last().map_or(0.0, |(at, _)| *at);
    let mut path = String::new();
    let mut before: Option<f32> = None;
    for (at, score) in history {
        let x = ((at - end) / WINDOW + 1.0).clamp(0.0, 1.0) * WIDTH;
        let y = HEIGHT - 2.0 - f32::from((*score).min(100)) * (HEIGHT - 4.0) / 100.0;
        path.push(match before {
            Some(before) if at - before <= GAP => 'L',
            _ => 'M',
        });
        tenths(x, &mut path);
        path.push(' ');
        tenths(y, &mut path);
        // A point alone, as wide as the line.
        if before.is_none_or(|before| at - before > GAP) {
            path.push_str("h0.1");
        }
        before = Some(*at);
    }
    path
}

fn tenths(number: f32, into: &mut String) {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let tenths = (number * 10.0 + 0.5) as u32;
    into.push_str(&(tenths / 10).to_string());
    into.push('.');
    into.push_str(&(tenths % 10).to_string());
}

fn tiles(view: Option<&MeetingView>) -> AnyView {
    let figures = view
        .map(|view| view.analytics.as_slice())
        .unwrap_or_default();
    if figures.is_empty() {
        return view! { <p class="quiet">"No figures yet."</p> }.into_any();
    }
    let tiles: Vec<_> = figures
        .iter()
        .map(|(metric, value)| {
            view! {
                <div>
                    <dt class="meta">{foreign::sentence(words::metric(metric))}</dt>
                    <dd>{words::metric_value(metric, *value)}</dd>
                </div>
            }
        })
        .collect();
    view! { <dl class="tiles">{tiles}</dl> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparkline_breaks_where_there_are_no_scores() {
        for (history, path) in [
            (vec![], ""),
            (vec![(0.0, 100)], "M96.0 2.0h0.1"),
            (vec![(0.0, 0), (300.0, 50)], "M0.0 26.0h0.1M96.0 14.0h0.1"),
            (
                vec![(0.0, 90), (10.0, 80), (60.0, 40)],
                "M76.8 4.4h0.1L80.0 6.8M96.0 16.4h0.1",
            ),
        ] {
            assert_eq!(spark_path(&history), path);
        }
    }
}
