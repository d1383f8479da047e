//! The alerts of a meeting, newest first, with the gaps in which some may be missing.

use leptos::prelude::*;

use super::events::events;
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
        Some(MeetingView {
            is_unanswered: true,
            ..
        }) => words::say(Key::AlertsNotLetIn),
        _ => words::say(Key::AlertsNotChecking),
    };
    view! { <p class="card quiet">{line}</p> }.into_any()
}

pub(super) fn row_keys(view: &MeetingView, least: Option<Severity>) -> Vec<u64> {
    let listed = view.alerts.iter().filter(|row| is_listed(row, least));
    listed.map(row_key).collect()
}

/// Whether a row is at least this severe. Of a gap, and of an alert whose severity is no word we know, nobody knows.
fn is_listed(row: &AlertRow, least: Option<Severity>) -> bool {
    match row {
        AlertRow::Group(group) if group.severity != Severity::Unknown => {
            Some(group.severity) >= least
        }
        _ => true,
    }
}

/// From which severity on alerts are listed: a choice where there is one to make, and never without saying how many it
/// leaves out.
pub(super) fn least_choice(meeting: Meeting, least: RwSignal<Option<Severity>>) -> AnyView {
    let is_of_use = move || {
        let is_many = |view: &MeetingView| {
            let groups = (view.alerts.iter()).filter(|row| matches!(row, AlertRow::Group(_)));
            groups.count() > 1
        };
        least.get().is_some() || meeting.with_view(|view| view.is_some_and(is_many))
    };
    let options = std::iter::once(None).chain(Severity::KNOWN.map(Some));
    let options = options.map(|option| {
        view! {
            <option
                value=option.map_or("", Severity::as_str)
                prop:selected=flag(move || least.get() == option)
            >
                {say(words::activity::least(option))}
            </option>
        }
        .into_any()
    });
    view! {
        <label class="row" hidden=flag(move || !is_of_use())>
            {say(Key::Severity)}
            <select on:change=move |event| least.set(Severity::named(&event_target_value(&event)))>
                {options.collect_view()}
            </select>
        </label>
    }
    .into_any()
}

/// What that choice leaves out.
pub(super) fn left_out(meeting: Meeting, least: RwSignal<Option<Severity>>) -> AnyView {
    let number = Memo::new(move |_| {
        let least = least.get();
        meeting.with_view(|view| {
            let rows = view.map_or(&[][..], |view| &view.alerts);
            rows.iter().filter(|row| !is_listed(row, least)).count()
        })
    });
    view! {
        <p class="meta" hidden=flag(move || number.get() == 0)>
            {text(move || words::alerts_milder(number.get()))}
        </p>
    }
    .into_any()
}

/// Tells the rows of the list apart: groups of alerts and gaps are numbered together.
fn row_key(row: &AlertRow) -> u64 {
    match row {
        AlertRow::Group(group) => group.id.into(),
        AlertRow::Gap { id, .. } => (*id).into(),
    }
}

/// The button stays as it is while what is around it changes, so that it keeps the focus.
pub(super) fn alert_row(meeting: Meeting, key: u64) -> AnyView {
    let row = Memo::new(move |_| {
        meeting.with_view(|view| view?.alerts.iter().find(|row| row_key(row) == key).cloned())
    });
    if row.with_untracked(|row| matches!(row, Some(AlertRow::Gap { .. }))) {
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
            Some(AlertRow::Group(group)) => words::alert_line(group),
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
                        words::with(verb, &[("name", &what())])
                    })
                    on:click=click(move || {
                        let group = row.with_untracked(|row| match row {
                            Some(AlertRow::Group(group)) => Some((group.id, group.is_acknowledged)),
                            _ => None,
                        });
                        match group {
                            Some((id, true)) => meeting.unacknowledge(id),
                            Some((id, false)) => meeting.acknowledge(id),
                            None => {}
                        }
                    })
                >
                    {text(move || words::say(if is_seen() { Key::Undo } else { Key::Acknowledge }))}
                </button>
                {events(meeting, row, what)}
            </div>
        </li>
    }
    .into_any()
}

fn alert(group: &AlertGroupView) -> AnyView {
    let who = group.who();
    let sure = group.confidence.map(words::detector_confidence);
    let after = match (&who, sure) {
        (Some(_), Some(sure)) => words::separator() + &sure,
        (None, Some(sure)) => sure,
        (_, None) => String::new(),
    };
    let raised = group
        .was_raised_from
        .map(|from| view! { <p class="meta">{words::raised(from, group.severity)}</p> }.into_any());
    let advice = group.advice.clone().map(|advice| {
        let said = words::sentence(Key::Advice, &[], Some(advice));
        view! { <div>{foreign::sentence(said)}</div> }.into_any()
    });
    let said = Sentence {
        before: String::new(),
        foreign: who,
        after,
    };
    let caution = (group.severity >= Severity::High)
        .then(|| view! { <p class="meta">{words::say(Key::AlertNotProof)}</p> }.into_any());
    view! {
        <div class="row">
            {pill(of_severity(group.severity), words::severity_or_word(group))}
            <strong>
                {foreign::sentence(words::alert_title(group))}
            </strong>
            <span class="meta">{words::seen(group.count, group.last.map(format::precise_moment))}</span>
        </div>
        <p>{foreign::sentence(said)}</p>
        {advice}
        {raised}
        {caution}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toast::scene::group_view;

    #[test]
    fn milder_alerts_are_left_out_but_none_of_which_nobody_knows_how_severe_it_is() {
        use Severity::{Critical, High, Low, Medium, Unknown};
        let gap = AlertRow::Gap {
            id: 9,
            began: std::time::Duration::ZERO,
            ended: None,
        };
        let groups = [Unknown, Low, Medium, High, Critical]
            .map(|severity| AlertRow::Group(group_view(severity as u32, severity)));
        let rows: Vec<_> = groups.into_iter().chain([gap]).collect();
        for (least, listed) in [
            (None, vec![Unknown, Low, Medium, High, Critical]),
            (Some(Low), vec![Unknown, Low, Medium, High, Critical]),
            (Some(Medium), vec![Unknown, Medium, High, Critical]),
            (Some(High), vec![Unknown, High, Critical]),
            (Some(Critical), vec![Unknown, Critical]),
        ] {
            let found = rows.iter().filter(|row| is_listed(row, least)).map(row_key);
            let listed = listed.into_iter().map(|severity| severity as u64);
            let expected: Vec<_> = listed.chain([9]).collect();

            assert_eq!(found.collect::<Vec<_>>(), expected, "{least:?}");
        }
    }
}
