//! The alerts of a meeting, newest first, with the gaps in which some may be missing.

use leptos::prelude::*;

use crate::domain::fact::Severity;
use crate::domain::view::{AlertGroupView, AlertRow, MeetingView};
use crate::ui::hooks::Meeting;
use crate::ui::icon::{icon, of_severity, pill, Icon};
use crate::ui::live::{click, flag, part, say, text, word};
use crate::ui::words::{self, Key, Sentence};
use crate::ui::{foreign, format};

/// What stands where alerts would, if there are none; and what must be said beside them.
pub(super) fn quiet(view: Option<&MeetingView>, is_stale: bool) -> AnyView {
    let has_alerts = view.is_some_and(|view| !view.alerts.is_empty());
    let line = match view {
        _ if has_alerts => return ().into_any(),
        _ if is_stale => words::say(Key::AlertsMissing),
        Some(MeetingView {
            is_joined: true,
            watched_for: Some(watched),
            ..
        }) => words::with(Key::AlertsNone, &[("span", &format::span(*watched))]),
        _ => words::say(Key::AlertsNotChecking),
    };
    view! { <p class="card quiet">{line}</p> }.into_any()
}

/// Tells the rows of the list apart: a group of alerts, or a gap.
pub(super) type RowKey = (bool, u32);

pub(super) fn row_keys(view: &MeetingView) -> Vec<RowKey> {
    view.alerts.iter().map(row_key).collect()
}

fn row_key(row: &AlertRow) -> RowKey {
    match row {
        AlertRow::Group(group) => (false, group.id),
        AlertRow::Gap { id, .. } => (true, *id),
    }
}

/// The button stays as it is while what is around it changes, so that it keeps the focus.
pub(super) fn alert_row(meeting: Meeting, key: RowKey) -> AnyView {
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
                <span class="meta" hidden=flag(move || !is_seen())>{say(Key::AcknowledgedByYou)}</span>
                // One button for both: whoever has pressed it keeps the focus, on the way back.
                <button
                    class=word(move || if is_seen() { "" } else { "primary" })
                    aria-label=text(move || {
                        let verb = if is_seen() { Key::UndoNamed } else { Key::AcknowledgeNamed };
                        words::with(verb, &[("name", &words::isolated(&what()))])
                    })
                    on:click=click(move || {
                        if untrack(is_seen) {
                            meeting.unacknowledge(key.1);
                        } else {
                            meeting.acknowledge(key.1);
                        }
                    })
                >
                    {text(move || words::say(if is_seen() { Key::Undo } else { Key::Acknowledge }))}
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
        (None, None) => words::say(Key::Alert),
    }
}

fn alert(group: &AlertGroupView) -> impl IntoView {
    let of_id = || Some(foreign::id(group.participant.as_ref()?.as_str()));
    let who = group.name.clone().or_else(of_id);
    let sure = group.confidence.map(|share| {
        let percent = words::percent(format::percent(share));
        words::with(Key::DetectorConfidence, &[("percent", &percent)])
    });
    let after = match (&who, sure) {
        (Some(_), Some(sure)) => words::SEPARATOR.to_owned() + &sure,
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
        let said = words::sentence(Key::Advice, &[], Some(advice));
        view! { <div>{foreign::sentence(said)}</div> }
    });
    let said = Sentence {
        before: String::new(),
        foreign: who,
        after,
    };
    let caution = (group.severity >= Severity::High)
        .then(|| view! { <p class="meta">{words::say(Key::AlertNotProof)}</p> });
    view! {
        <div class="row">
            {pill(of_severity(group.severity), words::severity_or_word(group))}
            <strong>
                {foreign::sentence(Sentence::foreign(Some(title)))}
            </strong>
            <span class="meta">{words::seen(group.count, group.last.map(format::precise_time))}</span>
        </div>
        <p>{foreign::sentence(said)}</p>
        {advice}
        {raised}
        {caution}
    }
}
