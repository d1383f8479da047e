//! Meetings: the page to join one, and the page of one with its people and its alerts.
//!
//! A person without a score has *no data*, which is not zero and not green. A score that is old says so. No alert is
//! never "all clear".

mod alerts;
mod events;
mod figures;
mod people;
mod record;

use leptos::html;
use leptos::prelude::*;
use web_sys::Element;

use alerts::{alert_row, least_choice, left_out, quiet, row_keys};
use figures::{has_health, health, summary};
use people::participants;
use record::record;

use super::focus::focus_in_place;
use super::hooks::{use_connection, use_meeting, use_telltale, Meeting};
use super::icon::{icon, pill, Hue, Icon};
use super::live::{click, flag, part, rows, say, text};
use super::paper::paper;
use super::places::mute;
use super::route::{address, replace_address, wishes, with_wishes, Route};
use super::steady::Steady;
use super::words::{self, Key};
use super::{foreign, format, set_moving_title, set_title, unique};
use crate::domain::fact::Severity;
use crate::domain::store::MAX_LEFT;
use crate::domain::view::{AlertRow, MeetingView, ParticipantView};
use crate::domain::{MeetingId, MeetingKey, Text};
use crate::session::state::Command;

/// The page to join a meeting by its id.
pub fn meetings_page() -> AnyView {
    let telltale = use_telltale();
    let status = use_connection();
    set_title(|| words::title(&words::say(Key::Meetings)));
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
    let is_wrong = RwSignal::new(false);
    let fault = unique("fault");
    let described = fault.clone();
    let join = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let id = input
            .get_untracked()
            .map_or_else(String::new, |input| input.value());
        match key(&id) {
            Some(key) => {
                // Its page joins one that was not left before.
                telltale.command(Command::Join(key.clone()));
                go(&key);
            }
            None => is_wrong.set(true),
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
            telltale.command(Command::Join(key.clone()));
            telltale.command(Command::StartScenario(key.clone()));
            go(&key);
        }
    };
    view! {
        <div class="row head">
            <h1 tabindex="-1" class="grow">{say(Key::Meetings)}</h1>
        </div>
        {part(move || {
            servers.with(Vec::is_empty).then(|| {
                view! {
                    <section class="card empty">
                        <h2>{say(Key::NoMeetingServer)}</h2>
                        <p class="meta">{say(Key::NoMeetingServerMeans)}</p>
                    </section>
                }
            })
        })}
        <div class="cols even" hidden=flag(move || servers.with(Vec::is_empty))>
            <section class="card stack">
                <h2>{say(Key::JoinMeeting)}</h2>
                <form class="stack" on:submit=join>
                    <label hidden=flag(move || servers.with(Vec::len) < 2)>
                        {say(Key::Server)}
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
                        {say(Key::MeetingId)}
                        " "
                        <input
                            node_ref=input
                            required
                            maxlength="128"
                            autocomplete="off"
                            spellcheck="false"
                            aria-invalid=text(move || is_wrong.get().to_string())
                            aria-describedby=described
                            on:input=move |_| is_wrong.set(false)
                        />
                    </label>
                    <div id=fault class="alarm" role="alert">
                        {part(move || {
                            is_wrong.get().then(|| {
                                view! { <p class="fault">{icon(Icon::Bad)} <span>{say(Key::MeetingIdWrong)}</span></p> }
                            })
                        })}
                    </div>
                    <div class="row">
                        <button class="primary" type="submit">{say(Key::Join)}</button>
                        <button type="button" hidden=flag(move || !plays()) on:click=click(play)>
                            {say(Key::StartSimulatedMeeting)}
                        </button>
                    </div>
                </form>
            </section>
            <section class="card stack">
                <h2>{say(Key::JoinedMeetings)}</h2>
                {part(move || {
                    let joined = telltale.joined().get();
                    if joined.is_empty() {
                        return view! { <p class="quiet">{words::say(Key::JoinedNone)}</p> }
                            .into_any();
                    }
                    links(joined)
                })}
                {part(move || {
                    let left = telltale.left_meetings().get();
                    (!left.is_empty())
                        .then(|| {
                            let most = format::count(MAX_LEFT as u64);
                            view! {
                                <h2>{words::say(Key::LeftMeetings)}</h2>
                                <p class="meta">{words::with(Key::LeftMeetingsMean, &[("n", &most)])}</p>
                                {links(left)}
                            }
                        })
                })}
            </section>
        </div>
    }
    .into_any()
}

/// Their pages.
fn links(meetings: Vec<MeetingKey>) -> AnyView {
    let telltale = use_telltale();
    let rows = meetings.into_iter().map(|key| {
        let href = telltale.with_sources(|sources| Route::of_meeting(&key, sources).href());
        view! {
            <li>
                <a href=href>{foreign::name(Some(Text::of_id(key.id.as_str())), String::new())}</a>
            </li>
        }
    });
    view! { <ul class="joined">{rows.collect_view()}</ul> }.into_any()
}

/// The page of one meeting. Being on it is being in it, unless it was left before: then it shows what was heard of it.
/// Leaving the page is not leaving the meeting.
pub fn meeting_page(key: MeetingKey) -> AnyView {
    let telltale = use_telltale();
    let source = key.source;
    let id = Text::of_id(key.id.as_str());
    let profile = telltale.profile(source);
    let plays = profile.is_some_and(|profile| profile.demo_scenario);
    let meeting = use_meeting(key);
    if !untrack(|| meeting.is_left()) {
        meeting.join();
    }
    meeting.keep_shown();
    let (shown, printed) = (id.clone(), id.clone());
    set_moving_title(move || {
        let open = meeting.with_view(|view| view.map_or(0, unseen));
        let alerts = match open {
            0 => String::new(),
            _ => words::plural(Key::AlertsInTitle, open as u64, &[]),
        };
        let page = words::with(
            Key::MeetingNamed,
            &[("text", &words::in_title(shown.as_str()))],
        );
        words::title(&words::join_all(&[alerts, page]))
    });
    // While it plays there is nothing to start.
    let plays_now = move || {
        let is_heard = |person: &ParticipantView| {
            person.trust.is_some() && person.stale_for.is_none() && person.is_present != Some(false)
        };
        meeting.with_view(|view| {
            view.is_some_and(|view| view.is_simulated && view.participants.iter().any(is_heard))
        })
    };
    let (heading, start) = (NodeRef::<html::H1>::new(), NodeRef::<html::Button>::new());
    let pass_on = move || {
        let focused = document().active_element();
        let is_here = start.get_untracked().is_some_and(|start| {
            let start: &Element = &start;
            focused.as_ref() == Some(start)
        });
        if let Some(heading) = heading.get_untracked().filter(|_| is_here) {
            focus_in_place(&heading);
        }
    };
    // There was no room for it: nothing is to be left.
    let is_unknown = move || meeting.with_view(|view| view.is_none());
    // One button for both: whoever has pressed it keeps the focus, on the way back.
    let leave = move || match untrack(|| meeting.is_left() || is_unknown()) {
        true => meeting.join(),
        false => meeting.leave(),
    };
    view! {
        <nav class="crumbs" aria-label=say(Key::Path)>
            <a href="#/meetings">{say(Key::Meetings)}</a>
        </nav>
        <div class="row head">
            <h1 node_ref=heading tabindex="-1" class="grow">{meeting_name(id)}</h1>
            {watching(meeting)}
            <button
                node_ref=start
                hidden=flag(move || {
                    let is_hidden = !plays || plays_now();
                    // Before it is: what is hidden has lost the focus already.
                    if is_hidden {
                        pass_on();
                    }
                    is_hidden
                })
                on:click=click(move || meeting.start_scenario())
            >
                {say(Key::StartSimulation)}
            </button>
            {mute()}
            <button on:click=click(leave)>
                {text(move || {
                    words::say(match meeting.is_left() {
                        true => Key::JoinAgain,
                        false if is_unknown() => Key::Join,
                        false => Key::Leave,
                    })
                })}
            </button>
        </div>
        {paper(source, printed)}
        {sections(meeting, least_in_address(meeting))}
    }
    .into_any()
}

/// Whether it is watched: that the server can be heard does not say so.
pub(super) fn watching(meeting: Meeting) -> AnyView {
    let telltale = use_telltale();
    let source = meeting.key().source;
    part(move || {
        let is_stale = telltale.is_stale(source);
        let (look, word) = meeting.with_view(|view| match view {
            None => ((Hue::Mute, Icon::Dot), words::say(Key::NotJoined)),
            Some(view) => match (view.left_for, view.watched_for) {
                (Some(left), _) => ((Hue::Mute, Icon::Dot), words::you_left(left)),
                _ if is_stale => ((Hue::Warn, Icon::Warn), words::say(Key::NotConnected)),
                _ if view.is_unanswered => ((Hue::Warn, Icon::Warn), words::say(Key::NotJoined)),
                _ if !view.is_joined => ((Hue::Mute, Icon::Run), words::say(Key::Joining)),
                (_, watched) => {
                    let span = watched.map(format::running).unwrap_or_default();
                    let word = words::with(Key::Watching, &[("span", &span)]);
                    ((Hue::Run, Icon::Run), word)
                }
            },
        });
        pill(look, word)
    })
    .into_any()
}

/// From which severity on alerts are listed, as the page's address has it.
fn least_in_address(meeting: Meeting) -> RwSignal<Option<Severity>> {
    let telltale = use_telltale();
    let of_address = || {
        let address = address();
        let mut wishes = wishes(&address).filter(|(name, _)| *name == "severity");
        wishes.find_map(|(_, value)| Severity::named(&value))
    };
    let least = RwSignal::new(of_address());
    let page = telltale.with_sources(|sources| Route::of_meeting(&meeting.key(), sources));
    let own = page.clone();
    let follow = window_event_listener_untyped("hashchange", move |_| {
        if Route::parse(&address()) == own {
            least.set(of_address());
        }
    });
    on_cleanup(move || follow.remove());
    Effect::new(move |_| {
        let least = least.get();
        if least != of_address() && Route::parse(&address()) == page {
            let severity = least.map_or("", Severity::as_str);
            replace_address(&with_wishes(&page.href(), [("severity", severity)]));
        }
    });
    least
}

/// What is known of a meeting: alerts, people, figures, and what happened. For the meeting's page and for another's.
///
/// `least` is from which severity on its alerts are listed.
pub(super) fn sections(meeting: Meeting, least: RwSignal<Option<Severity>>) -> AnyView {
    let telltale = use_telltale();
    let source = meeting.key().source;
    let [alerts, people, figures] = ["alerts", "people", "figures"].map(unique);
    let [system, activity] = ["system", "activity"].map(unique);
    let steady = Steady::new();
    let listed = steady.order(move || {
        let least = least.get();
        meeting.with_view(|view| view.map(|view| row_keys(view, least)).unwrap_or_default())
    });
    let (of_alerts, of_people, of_figures) = (alerts.clone(), people.clone(), figures.clone());
    let (of_system, of_activity) = (system.clone(), activity.clone());
    view! {
        <p
            class="note"
            hidden=flag(move || !meeting.with_view(|view| view.is_some_and(|view| view.is_simulated)))
        >
            {icon(Icon::Warn)}
            {say(Key::SimulatedData)}
        </p>
        <div class="cols" data-stale=flag(move || telltale.is_stale(source) || meeting.is_left())>
            <section class="stack tight" aria-labelledby=of_alerts>
                <div class="row">
                    <h2 id=alerts class="grow">{say(Key::Alerts)}</h2>
                    {least_choice(meeting, least)}
                </div>
                {part(move || meeting.with_view(|view| quiet(view, telltale.is_stale(source))))}
                <ol
                    class="alerts"
                    aria-label=say(Key::AlertsNewestFirst)
                    on:pointermove=steady.points()
                    on:focusin=steady.focuses()
                    on:keydown=steady.types()
                    on:pointerleave=move |_| steady.leaves()
                    on:focusout=move |_| steady.leaves()
                >
                    {rows(move || listed.get(), move |key| alert_row(meeting, key))}
                </ol>
                {left_out(meeting, least)}
                {part(move || {
                    meeting.with_view(|view| {
                        let removed = view.map_or(0, |view| view.alerts_removed);
                        (removed > 0).then(|| view! { <p class="meta">{words::alerts_removed(removed)}</p> }.into_any())
                    })
                })}
            </section>
            <div class="stack">
                <section class="card" aria-labelledby=of_people>
                    <h2 id=people>{say(Key::Participants)}</h2>
                    <p class="meta">
                        {text(words::people_order)}
                    </p>
                    {participants(meeting)}
                </section>
                <section class="card" aria-labelledby=of_figures>
                    <h2 id=figures>{say(Key::MeetingSummary)}</h2>
                    {part(move || meeting.with_view(summary))}
                </section>
                <section class="card" aria-labelledby=of_system hidden=flag(move || !meeting.with_view(has_health))>
                    <h2 id=system>{say(Key::SystemHealth)}</h2>
                    {part(move || meeting.with_view(health))}
                </section>
            </div>
        </div>
        <section class="card stack tight" aria-labelledby=of_activity>
            <h2 id=activity>{say(Key::Activity)}</h2>
            {record(meeting)}
        </section>
    }
    .into_any()
}

/// What a meeting is called: by its id, which is the server's.
pub(super) fn meeting_name(id: Text) -> impl IntoView {
    part(move || foreign::sentence(words::sentence(Key::MeetingNamed, &[], Some(id.clone()))))
}

fn unseen(view: &MeetingView) -> usize {
    let open = view.alerts.iter().filter(|row| match row {
        AlertRow::Group(group) => !group.is_acknowledged,
        AlertRow::Gap { .. } => false,
    });
    open.count()
}
