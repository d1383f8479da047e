//! What was told of a meeting since it was opened here: the newest entries, and all of them as a file.

use leptos::prelude::*;

use crate::domain::table::Format;
use crate::domain::trail::export::{file_name, About};
use crate::domain::trail::Entry;
use crate::domain::view::MeetingView;
use crate::ui::hooks::{use_telltale, Meeting, Telltale};
use crate::ui::live::{click, flag, part, say};
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
        {part(move || meeting.with_view(|view| newest(telltale, view)))}
    }
    .into_any()
}

fn newest(telltale: Telltale, view: Option<&MeetingView>) -> AnyView {
    let entries = view
        .map(|view| view.trail.newest.as_slice())
        .unwrap_or_default();
    if entries.is_empty() {
        return view! { <p class="quiet">{words::say(Key::NothingHappened)}</p> }.into_any();
    }
    let rows = entries.iter().map(|entry| {
        let who = entry.who();
        let who = who.map(|who| view! { <bdi dir="auto">{who.as_str().to_owned()}</bdi> });
        row(telltale, entry, who.map(IntoAny::into_any))
    });
    let rows: Vec<_> = rows.collect();
    view! { <ol class="trail" aria-label=words::say(Key::ActivityNewestFirst)>{rows}</ol> }
        .into_any()
}

/// One entry: when it was, what it was, and what more there is to say.
pub(super) fn row(telltale: Telltale, entry: &Entry, more: Option<AnyView>) -> impl IntoView {
    // The server's time where it is known, as with alerts.
    let at = entry.at.unwrap_or_else(|| telltale.wall_time(entry.heard));
    let moments = |at| format::precise_time(telltale.wall_time(at));
    view! {
        <li>
            <span class="meta">{format::precise_time(at)}</span>
            " "
            {foreign::sentence(words::trail_entry(&entry.what, &moments))}
            {more.map(|more| view! { {words::separator()} {more} })}
        </li>
    }
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
