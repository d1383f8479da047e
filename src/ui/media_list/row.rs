//! A row of the list: a media's name, where it stands and what came of it. All rows are equally high.

use leptos::prelude::*;

use super::{List, Mounted};
use crate::backend::{Noun, Parts};
use crate::domain::view::Status;
use crate::domain::MediaKey;
use crate::ui::hooks::{use_analysis_progress, use_telltale};
use crate::ui::icon::{of_status, pill};
use crate::ui::live::{flag, part, text};
use crate::ui::media_page::about;
use crate::ui::progress_panel::bar_hue;
use crate::ui::route::Route;
use crate::ui::{foreign, words};

/// The row of a media.
pub fn row(list: List, key: MediaKey) -> AnyView {
    let telltale = use_telltale();
    let profile = telltale.profile(key.source);
    let parts = profile.map_or(Parts::Models, |profile| profile.parts);
    let noun = profile.map_or(Noun::Media, |profile| profile.noun);
    let source = key.source;
    let href = telltale.with_sources(|sources| Route::of_media(&key, sources).href());
    let progress = use_analysis_progress(key.clone());
    let place = {
        let key = key.clone();
        Memo::new(move |_| {
            list.mounted.with(|rows| {
                let row = rows.iter().find(|row| row.key == key);
                row.map_or((0, 0), |Mounted { at, gap, .. }| (at + 1, *gap))
            })
        })
    };
    view! {
        <li
            aria-posinset=text(move || place.get().0.to_string())
            aria-setsize=text(move || list.tally.with(|tally| tally.rows.to_string()))
            style=("--gap", text(move || place.get().1.to_string()))
            data-stale=flag(move || telltale.is_stale(source))
            on:focusin=move |_| list.focused.set(Some(key.clone()))
        >
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
                    view! {
                        <span class="line">
                            <bdi dir="auto">{words::row_line(&summary, parts)}</bdi>
                        </span>
                        <span class="state">
                            {pill(of_status(status), words::status_or_word(status, summary.other_status.as_ref()))}
                        </span>
                        <span
                            class="bar"
                            aria-hidden="true"
                            hidden=status != Status::Running
                            data-tone=bar_hue(status).name()
                            style=("--part", words::percent(summary.percent))
                        >
                            <i></i>
                        </span>
                    }
                })
            })}
            <span class="meta cut">
                {text(move || progress.with_view(|view| view.map(about).unwrap_or_default()))}
            </span>
        </li>
    }
    .into_any()
}
