//! What was told of a meeting since it was opened here: the newest entries, and all of them as a file.

use leptos::prelude::*;

use crate::domain::table::Format;
use crate::domain::trail::export::{file_name, About};
use crate::domain::trail::Entry;
use crate::domain::view::TrailView;
use crate::ui::hooks::{use_telltale, Meeting, Telltale};
use crate::ui::live::{click, flag, part, rows, say};
use crate::ui::words::{self, Key};
use crate::ui::{foreign, format, offer};

/// The section's inside.
pub(super) fn record(meeting: Meeting) -> AnyView {
    let telltale = use_telltale();
    let is_empty =
        move || meeting.with_view(|view| view.is_none_or(|view| view.trail.newest.is_empty()));
    view! {
        <p class="meta">
            {part(move || meeting.with_view(|view| words::trail_count(view.map(|view| &view.trail))))}
        </p>
        <div class="row">
            <button disabled=flag(is_empty) on:click=click(move || export(telltale, meeting, Format::Csv))>
                {say(Key::ExportCsv)}
            </button>
            <button disabled=flag(is_empty) on:click=click(move || export(telltale, meeting, Format::Json))>
                {say(Key::ExportJson)}
            </button>
        </div>
        {newest(telltale, meeting)}
    }
    .into_any()
}

/// Each by itself and known by its number, so that what somebody has opened in one stays open when another comes.
fn newest(telltale: Telltale, meeting: Meeting) -> AnyView {
    let numbers = Memo::new(move |_| {
        meeting.with_view(|view| {
            let trail = view.map(|view| &view.trail);
            let told = trail.map_or(0, told);
            let listed = trail.map_or(0, |trail| trail.newest.len() as u64);
            (told.saturating_sub(listed)..told)
                .rev()
                .collect::<Vec<_>>()
        })
    });
    let is_empty = move || numbers.with(Vec::is_empty);
    view! {
        <p class="quiet" hidden=flag(move || !is_empty())>{say(Key::NothingHappened)}</p>
        <ol class="trail" aria-label=say(Key::ActivityNewestFirst) hidden=flag(is_empty)>
            {rows(
                move || numbers.get(),
                move |number| {
                    let entry = Memo::new(move |_| meeting.with_view(|view| entry(&view?.trail, number)));
                    let line = part(move || entry.with(|entry| entry.as_ref().map(|entry| listed(telltale, entry))));
                    view! { <li>{line}</li> }.into_any()
                },
            )}
        </ol>
    }
    .into_any()
}

/// How many entries there ever were: the newest has the number before that.
fn told(trail: &TrailView) -> u64 {
    trail.dropped.saturating_add(trail.kept as u64)
}

fn entry(trail: &TrailView, number: u64) -> Option<Entry> {
    let later = told(trail).checked_sub(number)?.checked_sub(1)?;
    trail.newest.get(usize::try_from(later).ok()?).cloned()
}

fn listed(telltale: Telltale, entry: &Entry) -> AnyView {
    let who = entry.who();
    let who = who.map(|who| view! { <bdi dir="auto">{who.as_str().to_owned()}</bdi> }.into_any());
    line(telltale, entry, who)
}

/// One entry: when it was, what it was, and what more there is to say.
pub(super) fn line(telltale: Telltale, entry: &Entry, more: Option<AnyView>) -> AnyView {
    // The server's time where it is known, as with alerts.
    let at = entry.at.unwrap_or_else(|| telltale.wall_time(entry.heard));
    let moments = |at| format::precise_moment(telltale.wall_time(at));
    view! {
        <span class="meta">{format::precise_moment(at)}</span>
        " "
        {foreign::sentence(words::trail_entry(&entry.what, &moments))}
        {more.map(|more| view! { {words::separator()} {more} }.into_any())}
    }
    .into_any()
}

fn export(telltale: Telltale, meeting: Meeting, format: Format) {
    let Some(trail) = meeting.trail() else { return };
    let key = meeting.key();
    let about = About {
        meeting: key.id.as_str(),
        server: &telltale.server_name(key.source),
        is_simulated: untrack(|| {
            meeting.with_view(|view| view.is_some_and(|view| view.is_simulated))
        }),
        exported: telltale.wall_time(telltale.now().get_untracked()),
        wall: &|at| telltale.wall_time(at),
    };
    let text = match format {
        Format::Csv => trail.to_csv(&about),
        Format::Json => trail.to_json(&about),
    };
    offer(&file_name(&about, format), format, &text);
}
