//! The list of media: what there is, and where each stands.
//!
//! Rows change in place and never move by themselves. A row is a link, so it can be opened in another tab and its
//! address kept.

use leptos::html;
use leptos::prelude::*;

use super::hooks::{use_analysis_progress, use_media_list, use_telltale, Loading};
use super::icon::{of_status, pill};
use super::live::{click, flag, part, text};
use super::media_page::about;
use super::progress_panel::bar_hue;
use super::route::Route;
use super::store::MediaEntry;
use super::upload::{upload_button, upload_rows};
use super::{foreign, set_title, words};
use crate::backend::{Noun, Parts};
use crate::domain::view::Status;
use crate::domain::MediaKey;

/// Rows on the page at first, and added by each press of the button at the end: what a browser lays out at once
/// without a pause a person would feel.
const PAGE: usize = 100;

/// What the filter offers, besides everything.
const STATUSES: [Status; 5] = [
    Status::Running,
    Status::Queued,
    Status::Complete,
    Status::PartlyComplete,
    Status::Failed,
];

/// The page with the list.
pub fn media_list() -> AnyView {
    let list = use_media_list();
    let query = RwSignal::new(String::new());
    let only = RwSignal::new(None::<Status>);
    let limit = RwSignal::new(PAGE);
    let search = NodeRef::<html::Input>::new();
    let select = NodeRef::<html::Select>::new();

    let found = Memo::new(move |_| {
        let query = folded(query.get().trim());
        let only = only.get();
        list.entries.with(|entries| {
            let matching = entries.iter().filter(|entry| matches(entry, &query, only));
            matching.map(|entry| entry.key.clone()).collect::<Vec<_>>()
        })
    });
    let count = move |status: Status| {
        list.entries.with(|entries| {
            entries
                .iter()
                .filter(|entry| entry.status == status)
                .count()
        })
    };
    let is_empty = move || list.entries.with(Vec::is_empty);
    let beyond = move || found.with(Vec::len).saturating_sub(limit.get());
    set_title(move || {
        let running = count(Status::Running);
        words::title(&match running {
            0 => words::MEDIA.to_owned(),
            _ => format!("({running}) {}", words::MEDIA),
        })
    });
    let clear = move || {
        query.set(String::new());
        only.set(None);
        if let Some(search) = search.get_untracked() {
            search.set_value("");
            let _ = search.focus();
        }
        if let Some(select) = select.get_untracked() {
            select.set_selected_index(0);
        }
    };
    view! {
        <div class="row head">
            <h1 tabindex="-1" class="grow">{words::MEDIA}</h1>
            {upload_button()}
        </div>
        {upload_rows()}
        <div class="tools" role="search" aria-label="Filter media">
            <label>
                "Search"
                <input
                    type="search"
                    node_ref=search
                    on:input=move |event| query.set(event_target_value(&event))
                />
            </label>
            <label>
                "Status"
                <select
                    node_ref=select
                    on:change=move |event| {
                        let at: usize = event_target_value(&event).parse().unwrap_or(0);
                        only.set(at.checked_sub(1).and_then(|at| STATUSES.get(at)).copied());
                    }
                >
                    <option value="0">"All statuses"</option>
                    {STATUSES
                        .iter()
                        .enumerate()
                        .map(|(at, status)| {
                            view! { <option value=(at + 1).to_string()>{words::status(*status)}</option> }
                        })
                        .collect_view()}
                </select>
            </label>
            <span class="meta count" hidden=flag(move || is_empty() && list.loading() != Loading::Done)>
                {text(move || {
                    words::list_count(
                        found.with(Vec::len),
                        count(Status::Running),
                        count(Status::Queued),
                        list.beyond(),
                    )
                })}
            </span>
        </div>
        {part(move || {
            if !is_empty() {
                return ().into_any();
            }
            match list.loading() {
                Loading::Under => skeleton().into_any(),
                Loading::Failed => unreachable_list().into_any(),
                Loading::Done => empty().into_any(),
            }
        })}
        <section class="card empty" hidden=flag(move || is_empty() || !found.with(Vec::is_empty))>
            <h2>"No items match these filters."</h2>
            <button on:click=click(clear)>"Clear filters"</button>
        </section>
        <div class="card list" hidden=flag(move || found.with(Vec::is_empty))>
            <ul class="media" aria-label=words::MEDIA>
                <For
                    each=move || {
                        let limit = limit.get();
                        found.with(|found| found.iter().take(limit).cloned().collect::<Vec<_>>())
                    }
                    key=Clone::clone
                    children=row
                />
            </ul>
        </div>
        <button
            class="more-rows"
            hidden=flag(move || beyond() == 0)
            on:click=click(move || limit.update(|limit| *limit += PAGE))
        >
            {text(move || words::show_more(beyond().min(PAGE), beyond()))}
        </button>
    }
    .into_any()
}

fn row(key: MediaKey) -> AnyView {
    let telltale = use_telltale();
    let profile = telltale.profile(key.source);
    let parts = profile.map_or(Parts::Models, |profile| profile.parts);
    let noun = profile.map_or(Noun::Media, |profile| profile.noun);
    let source = key.source;
    let page = key.clone();
    let href = telltale.with_sources(move |sources| Route::of_media(&page, sources).href());
    let progress = use_analysis_progress(key);
    view! {
        <li data-stale=flag(move || telltale.is_stale(source))>
            <a href=href class="cut">
                {part(move || {
                    foreign::name(
                        progress.with_summary(|summary| summary.and_then(|summary| summary.name.clone())),
                        words::untitled(noun),
                    )
                })}
            </a>
            {part(move || {
                progress.with_summary(|summary| {
                    let summary = summary.cloned().unwrap_or_default();
                    let status = summary.status;
                    let is_running = status == Status::Running;
                    view! {
                        <span class="line">
                            <bdi dir="auto">{words::row_line(&summary, parts)}</bdi>
                            <span
                                class="bar"
                                aria-hidden="true"
                                hidden=!is_running
                                data-tone=bar_hue(status).name()
                                style=("--part", words::percent(summary.percent))
                            >
                                <i></i>
                            </span>
                        </span>
                        <span class="state">
                            {pill(of_status(status), words::status_or_word(status, summary.other_status.as_ref()))}
                        </span>
                    }
                })
            })}
            <span class="meta">
                {text(move || progress.with_view(|view| view.map(about).unwrap_or_default()))}
            </span>
        </li>
    }
    .into_any()
}

fn empty() -> impl IntoView {
    view! {
        <section class="card empty">
            <h2>"No media yet"</h2>
            <p class="meta">"Upload a file to see live analysis here."</p>
        </section>
    }
}

fn unreachable_list() -> impl IntoView {
    let status = super::hooks::use_connection();
    view! {
        <section class="card empty">
            <h2>"Could not load media."</h2>
            <p class="meta">"The server did not answer."</p>
            <button on:click=click(move || status.retry_now())>"Try again"</button>
        </section>
    }
}

fn skeleton() -> impl IntoView {
    view! {
        <div class="card" aria-busy="true">
            <p class="sr">"Loading media"</p>
            {(0..4).map(|_| view! { <div class="skeleton" aria-hidden="true"></div> }).collect_view()}
        </div>
    }
}

fn matches(entry: &MediaEntry, query: &str, only: Option<Status>) -> bool {
    if only.is_some_and(|only| only != entry.status) {
        return false;
    }
    query.is_empty()
        || (entry.name.as_ref()).is_some_and(|name| folded(name.as_str()).contains(query))
}

/// Lower case by the browser's rules: the tables for it need not be in the build.
fn folded(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}
