//! The runs before the one that is shown, one row each; behind it what its models said, and which failed.
//!
//! `?run=2` in the address is the run that was opened last: a link to it can be kept or sent.
//!
//! The section is drawn as a whole: it changes when a run begins, when a late word comes, and when a person opens a row.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use crate::backend::Parts;
use crate::domain::view::{EarlierRuns, RunView, Verdict};
use crate::ui::hooks::{use_telltale, AnalysisProgress};
use crate::ui::icon::{icon, of_end, of_verdict, pill, Icon};
use crate::ui::live::part;
use crate::ui::progress_panel::{ended_models, result};
use crate::ui::route::{address, replace_address, wishes, with_wishes, Route};
use crate::ui::words::{self, Key};
use crate::ui::{format, unique};

/// The section; not there while there is nothing to say in it.
pub(super) fn earlier_runs(progress: AnalysisProgress) -> AnyView {
    let telltale = use_telltale();
    let key = progress.key();
    let profile = telltale.profile(key.source);
    let parts = profile.map_or(Parts::Models, |profile| profile.parts);
    let earlier = progress.earlier_runs();
    let opened = Opened {
        rows: RwSignal::new(0),
        wished: RwSignal::new(run_in_address()),
    };
    let page = telltale.with_sources(|sources| Route::of_media(&key, sources));
    let own = page.clone();
    let follow = window_event_listener_untyped("hashchange", move |_| {
        if Route::parse(&address()) == own {
            opened.wished.set(run_in_address());
        }
    });
    on_cleanup(move || follow.remove());
    let heading = unique("earlier");
    part(move || {
        opened.rows.track();
        earlier.with(|earlier| {
            let newest_first = earlier.runs.iter().enumerate();
            let rows = newest_first.map(|(at, run)| {
                // From the oldest on, so that a row keeps its place when another run becomes earlier.
                let place = earlier.runs.len() - at - 1;
                row(run, place, opened, &page, parts)
            });
            let rows: Vec<_> = rows.collect();
            let older = (earlier.older > 0)
                .then(|| words::plural(Key::RunsNotKept, earlier.older.into(), &[]));
            let lines: Vec<_> = [older, missing(progress, earlier, opened)]
                .into_iter()
                .flatten()
                .map(|line| view! { <p class="meta">{line}</p> }.into_any())
                .collect();
            (!rows.is_empty() || !lines.is_empty()).then(|| {
                let (heading, of_heading) = (heading.clone(), heading.clone());
                view! {
                    <section class="card" aria-labelledby=of_heading>
                        <h2 id=heading>{words::say(Key::EarlierRuns)}</h2>
                        <ul class="runs">{rows}</ul>
                        {lines}
                    </section>
                }
                .into_any()
            })
        })
    })
    .into_any()
}

/// Which rows are open, one bit each, by its place from the oldest: there are at most 19. And the run that the address
/// asks for, until there is a row of it; 0 for none.
#[derive(Clone, Copy)]
struct Opened {
    rows: RwSignal<usize>,
    wished: RwSignal<u32>,
}

impl Opened {
    /// Opens a row or closes it, and has the address say so.
    fn toggle(self, place: usize, number: Option<u32>, page: &Route) {
        let is_open = self.rows.get_untracked() & bit(place) == 0;
        self.rows.update(|rows| *rows ^= bit(place));
        self.wished.set(0);
        let Some(number) = number.filter(|_| Route::parse(&address()) == *page) else {
            return;
        };
        if is_open {
            let number = number.to_string();
            replace_address(&with_wishes(&page.href(), [("run", &number)]));
        } else if run_in_address() == number {
            replace_address(&page.href());
        }
    }
}

fn bit(place: usize) -> usize {
    1 << place.min(31)
}

/// What its row opens is drawn only while it is open.
fn row(run: &RunView, place: usize, opened: Opened, page: &Route, parts: Parts) -> AnyView {
    if run
        .number
        .is_some_and(|number| opened.wished.get() == number)
    {
        // It is drawn right now, and not once more for this.
        opened.rows.update_untracked(|rows| *rows |= bit(place));
        opened.wished.update_untracked(|wished| *wished = 0);
    }
    let is_open = opened.rows.get_untracked() & bit(place) != 0;
    let (number, page) = (run.number, page.clone());
    // What is open is ours to say: the element would open itself, and the next drawing would not know.
    let toggle: Box<dyn FnMut(MouseEvent)> = Box::new(move |event| {
        event.prevent_default();
        opened.toggle(place, number, &page);
    });
    view! {
        <li>
            <details open=is_open>
                <summary on:click=toggle>{head(run, parts)}</summary>
                {is_open.then(|| body(run, parts))}
            </details>
        </li>
    }
    .into_any()
}

fn head(run: &RunView, parts: Parts) -> AnyView {
    let verdict = (run.verdict != Verdict::None)
        .then(|| pill(of_verdict(&run.verdict), words::verdict(&run.verdict, true)));
    let status = of_end(run.status, run.completed, &run.verdict);
    view! {
        <strong>{words::earlier_run(run)}</strong>
        " "
        {pill(status, words::earlier_status(run.status))}
        " "
        {verdict}
        " "
        <span class="meta">{words::earlier_line(run, parts)}</span>
    }
    .into_any()
}

fn body(run: &RunView, parts: Parts) -> AnyView {
    let simulated = (run.is_simulated)
        .then(|| view! { <p class="note">{icon(Icon::Warn)} {words::say(Key::SimulatedData)}</p> });
    view! {
        {simulated}
        <div class="cols">
            {ended_models(run, parts)} <div class="result">{result(run, parts, true)}</div>
        </div>
    }
    .into_any()
}

/// What is said if the address asks for a run that is not there. Before the server was asked nobody knows which there are.
fn missing(progress: AnalysisProgress, earlier: &EarlierRuns, opened: Opened) -> Option<String> {
    let number = opened.wished.get();
    let newest = untrack(|| progress.with_view(|view| view?.run.as_ref()?.number));
    let is_missing = number > 0 && earlier.is_fetched && newest != Some(number);
    is_missing.then(|| words::with(Key::NoSuchRun, &[("n", &format::count(number.into()))]))
}

/// Which run the page's address names; 0 for none.
fn run_in_address() -> u32 {
    let address = address();
    let mut wishes = wishes(&address).filter(|(name, _)| *name == "run");
    let number = wishes.find_map(|(_, value)| value.parse().ok());
    number.unwrap_or(0)
}
