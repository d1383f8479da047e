//! The runs before the one that is shown, one row each; behind it what its models said, and which failed.
//!
//! `?run=2` in the address is the run that was opened last: a link to it can be kept or sent.
//!
//! Each row is drawn by itself and known by its run, so that the focus stays on it when another run begins.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use crate::backend::Parts;
use crate::domain::view::{EarlierRuns, RunView, Verdict};
use crate::ui::hooks::{use_telltale, AnalysisProgress};
use crate::ui::icon::{icon, of_end, of_verdict, pill, Icon};
use crate::ui::live::{flag, part, rows, say, text};
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
    let page = telltale.with_sources(|sources| Route::of_media(&key, sources));
    let opened = Opened {
        rows: RwSignal::new(0),
        wished: RwSignal::new(run_in_address()),
        earlier,
        page: StoredValue::new(page),
    };
    let follow = window_event_listener_untyped("hashchange", move |_| {
        if opened.is_on_its_page() {
            opened.keep_wished();
            opened.wished.set(run_in_address());
        }
    });
    on_cleanup(move || follow.remove());
    let lines = Memo::new(move |_| {
        let older = earlier.with(|earlier| earlier.older);
        let older = (older > 0).then(|| words::plural(Key::RunsNotKept, older.into(), &[]));
        let lines = older.into_iter().chain(missing(progress, opened));
        lines.collect::<Vec<_>>().join(" ")
    });
    let is_empty =
        move || earlier.with(|earlier| earlier.runs.is_empty()) && lines.with(String::is_empty);
    let heading = unique("earlier");
    let of_heading = heading.clone();
    view! {
        <section class="card" aria-labelledby=of_heading hidden=flag(is_empty)>
            <h2 id=heading>{say(Key::EarlierRuns)}</h2>
            <ul class="runs">
                {rows(
                    move || earlier.with(|earlier| ids(earlier).map(|(id, _)| id.into()).collect()),
                    move |id| {
                        let row = part(move || u32::try_from(id).ok().map(|id| row(id, opened, parts)));
                        view! { <li>{row}</li> }.into_any()
                    },
                )}
            </ul>
            <p class="meta">{text(move || lines.get())}</p>
        </section>
    }
    .into_any()
}

/// What tells a row from the others, for as long as it is there: the number of its run; for one without, its place from
/// the oldest, far above all numbers.
fn ids(earlier: &EarlierRuns) -> impl Iterator<Item = (u32, &RunView)> {
    let oldest = (0..earlier.runs.len()).rev();
    let places = oldest.map(|place| u32::MAX - u32::try_from(place).unwrap_or_default());
    let runs = places.zip(&earlier.runs);
    runs.map(|(place, run)| (run.number.unwrap_or(place), run))
}

/// Which rows are open. At most 19 runs are kept, with numbers that follow each other: a bit each. And the run that the
/// address asks for; 0 for none.
#[derive(Clone, Copy)]
struct Opened {
    rows: RwSignal<usize>,
    wished: RwSignal<u32>,
    earlier: Memo<EarlierRuns>,
    page: StoredValue<Route>,
}

impl Opened {
    fn is_open(self, id: u32) -> bool {
        self.wished.get() == id || self.rows.get() & bit(id) != 0
    }

    /// What the address asked for stays open when it asks for something else.
    fn keep_wished(self) {
        let id = self.wished.get_untracked();
        if self
            .earlier
            .with_untracked(|earlier| ids(earlier).any(|(of, _)| of == id))
        {
            self.rows.update(|rows| *rows |= bit(id));
        }
        self.wished.set(0);
    }

    /// Opens a row or closes it, and has the address say so.
    fn toggle(self, id: u32, number: Option<u32>) {
        self.keep_wished();
        self.rows.update(|rows| *rows ^= bit(id));
        let Some(number) = number.filter(|_| self.is_on_its_page()) else {
            return;
        };
        let page = self.page.with_value(Route::href);
        if self.rows.get_untracked() & bit(id) != 0 {
            let number = number.to_string();
            replace_address(&with_wishes(&page, [("run", &number)]));
        } else if run_in_address() == number {
            replace_address(&page);
        }
    }

    fn is_on_its_page(self) -> bool {
        self.page
            .with_value(|page| Route::parse(&address()) == *page)
    }
}

fn bit(id: u32) -> usize {
    1 << (id % 32)
}

/// What its row opens is drawn only while it is open.
fn row(id: u32, opened: Opened, parts: Parts) -> AnyView {
    let is_open = opened.is_open(id);
    opened.earlier.with(|earlier| {
        let Some((_, run)) = ids(earlier).find(|(of, _)| *of == id) else {
            return ().into_any();
        };
        let number = run.number;
        // What is open is ours to say: the element would open itself, and the next drawing would not know.
        let toggle: Box<dyn FnMut(MouseEvent)> = Box::new(move |event| {
            event.prevent_default();
            opened.toggle(id, number);
        });
        view! {
            <details open=is_open>
                <summary on:click=toggle>{head(run, parts)}</summary>
                {is_open.then(|| body(run, parts))}
            </details>
        }
        .into_any()
    })
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

/// What is said if the address asks for a run that is not there. Before the server was asked nobody knows which there
/// are.
fn missing(progress: AnalysisProgress, opened: Opened) -> Option<String> {
    let number = opened.wished.get();
    let newest = progress.with_view(|view| view?.run.as_ref()?.number);
    let is_missing = opened.earlier.with(|earlier| {
        earlier.is_fetched && !earlier.runs.iter().any(|run| run.number == Some(number))
    });
    let is_missing = is_missing && number > 0 && newest != Some(number);
    is_missing.then(|| words::with(Key::NoSuchRun, &[("n", &format::count(number.into()))]))
}

/// Which run the page's address names; 0 for none.
fn run_in_address() -> u32 {
    let address = address();
    let mut wishes = wishes(&address).filter(|(name, _)| *name == "run");
    let number = wishes.find_map(|(_, value)| value.parse().ok());
    number.unwrap_or(0)
}
