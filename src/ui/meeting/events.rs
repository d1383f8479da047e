//! The single alerts of one person and type, behind a button: the list of alerts shows how they stand together.

use leptos::prelude::*;

use super::record::line;
use crate::domain::trail::{Entry, What};
use crate::domain::view::{AlertGroupView, AlertRow};
use crate::ui::hooks::{use_telltale, Meeting};
use crate::ui::live::{click, flag, part, text};
use crate::ui::unique;
use crate::ui::words::{self, Key};

/// The most that are listed: what is older is in the file of the meeting.
const LISTED: usize = 50;

/// The button, where there is more than the card itself tells, and what it opens. `row` is the group's, and `name` what it
/// is called.
pub(super) fn events(
    meeting: Meeting,
    row: Memo<Option<AlertRow>>,
    name: impl Fn() -> String + Send + 'static,
) -> AnyView {
    let id = unique("events");
    let is_open = RwSignal::new(false);
    let count = move || row.with(|row| group(row).map_or(0, |group| group.told));
    view! {
        <button
            hidden=flag(move || count() < 2)
            aria-expanded=text(move || is_open.get().to_string())
            aria-controls=id.clone()
            aria-label=text(move || {
                let name = name();
                let values = [("name", &*name)];
                match is_open.get() {
                    true => words::with(Key::HideEventsNamed, &values),
                    false => words::plural(Key::ShowEventsNamed, count().into(), &values),
                }
            })
            on:click=click(move || is_open.update(|is_open| *is_open = !*is_open))
        >
            {text(move || match is_open.get() {
                true => words::say(Key::HideEvents),
                false => words::plural(Key::ShowEvents, count().into(), &[]),
            })}
        </button>
        <div id=id class="events" hidden=flag(move || !is_open.get())>
            {part(move || {
                is_open.get().then(|| row.with(|row| Some(list(meeting, group(row)?))))
            })}
        </div>
    }
    .into_any()
}

fn group(row: &Option<AlertRow>) -> Option<&AlertGroupView> {
    match row {
        Some(AlertRow::Group(group)) => Some(group),
        _ => None,
    }
}

fn list(meeting: Meeting, group: &AlertGroupView) -> AnyView {
    let telltale = use_telltale();
    let trail = meeting.trail();
    let told = trail.iter().flat_map(|trail| trail.entries().rev());
    // What was told before the group made room for others was of another one.
    let all = usize::try_from(group.told).unwrap_or(usize::MAX);
    let most = all.min(LISTED);
    let told: Vec<_> = (told.filter(|entry| is_of(entry, group)).take(most)).collect();
    let listed = told.len();
    let rows = told.into_iter().map(|entry| {
        let sure = match entry.what {
            What::Alert { confidence, .. } => confidence.map(words::detector_confidence),
            _ => None,
        };
        view! { <li>{line(telltale, entry, sure.map(IntoAny::into_any))}</li> }
    });
    let rows: Vec<_> = rows.collect();
    let missing = match all.saturating_sub(listed) {
        0 => None,
        _ if listed == LISTED => Some(words::plural(Key::EventsListed, LISTED as u64, &[])),
        older => Some(words::plural(Key::EventsMadeRoom, older as u64, &[])),
    };
    view! {
        <ol class="trail" aria-label=words::alert_line(group)>{rows}</ol>
        {missing.map(|missing| view! { <p class="meta">{missing}</p> })}
    }
    .into_any()
}

/// Whether an entry is an alert of this group.
fn is_of(entry: &Entry, group: &AlertGroupView) -> bool {
    matches!(&entry.what, What::Alert { kind, .. } if *kind == group.kind)
        && entry.participant == group.participant
}
