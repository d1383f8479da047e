//! A row of the list: a media's name, where it stands and what came of it. All rows are equally high.

use leptos::prelude::*;

use super::{List, Mounted};
use crate::backend::{Noun, Parts};
use crate::domain::view::Status;
use crate::domain::{MediaKey, Summary, Text};
use crate::ui::hooks::{use_analysis_progress, use_telltale};
use crate::ui::icon::{of_summary, pill, Hue, Icon};
use crate::ui::live::{flag, part, text, word};
use crate::ui::media_page::{about, Described};
use crate::ui::progress_panel::bar_hue;
use crate::ui::route::Route;
use crate::ui::{foreign, format, words};

/// What of a row an event seldom changes.
#[derive(Clone, PartialEq)]
struct Seldom {
    name: Option<Text>,
    status: Status,
    /// The server's own word for that.
    word: Option<Text>,
    look: (Hue, Icon),
    has_bar: bool,
}

impl Seldom {
    fn of(summary: &Summary) -> Self {
        Self {
            name: summary.name.clone(),
            status: summary.status,
            word: summary.other_status.clone(),
            look: of_summary(summary),
            has_bar: summary.status == Status::Running && summary.percent.is_some(),
        }
    }
}

/// The row of a media.
pub fn row(list: List, key: MediaKey) -> AnyView {
    let telltale = use_telltale();
    let profile = telltale.profile(key.source);
    let parts = profile.map_or(Parts::Models, |profile| profile.parts);
    let noun = profile.map_or(Noun::Media, |profile| profile.noun);
    let source = key.source;
    let href = telltale.with_sources(|sources| Route::of_media(&key, sources).href());
    let progress = use_analysis_progress(key.clone());
    // A row follows hundreds of events, and an element that is built anew gets all its attributes anew: so each moving
    // part is as small as what moves, and what differs seldom is compared once for all of it.
    let seldom = Memo::new(move |_| progress.with_summary(|summary| summary.map(Seldom::of)));
    let seldom = move || {
        seldom
            .get()
            .unwrap_or_else(|| Seldom::of(&Summary::default()))
    };
    let percent = Memo::new(move |_| progress.with_summary(|summary| summary?.percent));
    let described = Memo::new(move |_| progress.with_view(|view| view.map(Described::of)));
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
            aria-setsize=text(move || list.total.get().to_string())
            style=("--gap", text(move || place.get().1.to_string()))
            data-stale=flag(move || telltale.is_stale(source))
            on:focusin=move |_| list.focused.set(Some(key.clone()))
        >
            <a href=href class="cut">
                {part(move || foreign::name(seldom().name, words::untitled(noun)))}
            </a>
            <span class="line">
                {text(move || {
                    progress.with_summary(|summary| {
                        summary.map_or_else(String::new, |summary| words::row_line(summary, parts))
                    })
                })}
            </span>
            <span class="state">
                {part(move || {
                    let Seldom { status, word, look, .. } = seldom();
                    pill(look, words::status_or_word(status, word.as_ref()))
                })}
            </span>
            <span
                class="bar"
                aria-hidden="true"
                hidden=flag(move || !seldom().has_bar)
                data-tone=word(move || bar_hue(seldom().status).name())
                style=("--part", text(move || {
                    percent.get().map_or_else(String::new, format::css_percent)
                }))
            >
                <i></i>
            </span>
            <span class="meta cut">
                {text(move || described.get().map(about).unwrap_or_default())}
            </span>
        </li>
    }
    .into_any()
}
