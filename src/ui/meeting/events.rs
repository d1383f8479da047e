//! The single alerts of one person and type, behind a button: the list of alerts shows how they stand together.

use leptos::prelude::*;

use super::record::line;
use crate::domain::trail::{Entry, What};
use crate::domain::view::{AlertGroupView, AlertRow};
use crate::ui::hooks::{use_telltale, Meeting};
use crate::ui::live::{click, flag, part, rows, text};
use crate::ui::unique;
use crate::ui::words::{self, Key};

/// The most that are listed: what is older is in the file of the meeting.
const LISTED: usize = 50;

/// The button, where there is more than the card itself tells, and what it opens. `row` is the group's, and `name` what
/// it is called.
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
            {part(move || is_open.get().then(|| list(meeting, row)))}
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

/// Each by itself and known by its number, so that what somebody has opened in one stays open when another comes.
fn list(meeting: Meeting, row: Memo<Option<AlertRow>>) -> AnyView {
    let telltale = use_telltale();
    let told = Memo::new(move |_| row.with(|row| told(meeting, group(row))));
    let missing = move || {
        let all = row.with(|row| group(row).map_or(0, |group| group.told));
        let all = usize::try_from(all).unwrap_or(usize::MAX);
        match (told.with(Vec::len), all) {
            (listed, all) if listed >= all => None,
            (LISTED, _) => Some(words::plural(Key::EventsListed, LISTED as u64, &[])),
            (listed, all) => {
                let older = (all - listed) as u64;
                Some(words::plural(Key::EventsMadeRoom, older, &[]))
            }
        }
    };
    let numbers = move || told.with(|told| told.iter().map(|(number, _)| *number).collect());
    let one = move |number| {
        let entry = Memo::new(move |_| {
            let found = |told: &Vec<(u64, Entry)>| {
                let found = told.iter().find(|(of, _)| *of == number);
                found.map(|(_, entry)| entry.clone())
            };
            told.with(found)
        });
        let line = part(move || {
            entry.with(|entry| {
                let entry = entry.as_ref()?;
                let sure = match entry.what {
                    What::Alert { confidence, .. } => confidence.map(words::detector_confidence),
                    _ => None,
                };
                Some(line(telltale, entry, sure.map(IntoAny::into_any)))
            })
        });
        view! { <li>{line}</li> }.into_any()
    };
    let name = move || row.with(|row| group(row).map_or_else(String::new, words::alert_line));
    view! {
        <ol class="trail" aria-label=text(name)>
            {rows(numbers, one)}
        </ol>
        {part(move || missing().map(|missing| view! { <p class="meta">{missing}</p> }.into_any()))}
    }
    .into_any()
}

/// The alerts of a group that are listed, the newest first, with their numbers in the meeting's record.
fn told(meeting: Meeting, group: Option<&AlertGroupView>) -> Vec<(u64, Entry)> {
    let (Some(group), Some(trail)) = (group, meeting.trail()) else {
        return Vec::new();
    };
    // What was told before the group made room for others was of another one.
    let most = usize::try_from(group.told).unwrap_or(usize::MAX);
    let first = trail.dropped();
    (trail.entries().enumerate().rev())
        .filter(|(_, entry)| is_of(entry, group))
        .take(most.min(LISTED))
        .map(|(at, entry)| (first + at as u64, entry.clone()))
        .collect()
}

/// Whether an entry is an alert of this group.
fn is_of(entry: &Entry, group: &AlertGroupView) -> bool {
    matches!(&entry.what, What::Alert { kind, .. } if *kind == group.kind)
        && entry.participant == group.participant
}
