//! What is searched, filtered and sorted by. On a narrow page the filters wait behind a button.

use leptos::prelude::*;

use super::choice::{Choice, Outcome, Sort, OUTCOMES, SORTS, STATUSES};
use super::List;
use crate::domain::view::Status;
use crate::ui::hooks::use_telltale;
use crate::ui::live::{click, flag, say, text};
use crate::ui::words::{self, Key};
use crate::ui::{format, unique};

/// The tools over the list.
pub fn filters(list: List) -> AnyView {
    let choice = list.choice;
    let is_open = RwSignal::new(false);
    let panel = unique("filters");
    let controls = panel.clone();
    let group = unique("status");
    let chips = STATUSES.map(|status| chip(list, Some(status), &group));
    let set = move |change: &dyn Fn(&mut Choice)| {
        let mut choice = choice.get_untracked();
        change(&mut choice);
        list.choose(choice, false);
    };
    view! {
        <div class="tools" role="search" aria-label=say(Key::FilterMedia)>
            <label class="search">
                {say(Key::Search)}
                <input
                    type="search"
                    node_ref=list.search
                    prop:value=text(move || choice.with(|choice| choice.query.clone()))
                    on:input=move |event| {
                        let query = event_target_value(&event);
                        list.choose(choice.get_untracked().searching(&query), true);
                    }
                    on:blur=move |_| list.typed.settle()
                />
            </label>
            <button
                class="unfold"
                aria-expanded=text(move || is_open.get().to_string())
                aria-controls=controls
                on:click=click(move || is_open.update(|open| *open = !*open))
            >
                {text(move || words::filters(choice.with(Choice::filters)))}
            </button>
            <label class="sort">
                {say(Key::SortBy)}
                <select on:change=move |event| {
                    let sort = chosen(&SORTS, &event_target_value(&event)).unwrap_or_default();
                    set(&|choice| choice.sort = sort);
                }>
                    {SORTS.iter().enumerate().map(|(at, sort)| sort_option(list, at, *sort)).collect_view()}
                </select>
            </label>
            <div class="filters" id=panel data-open=flag(move || is_open.get())>
                <label>
                    {say(Key::Result)}
                    <select on:change=move |event| {
                        let outcome = chosen(&OUTCOMES, &event_target_value(&event));
                        set(&|choice| choice.outcome = outcome);
                    }>
                        <option value="" prop:selected=flag(move || choice.with(|choice| choice.outcome.is_none()))>
                            {say(Key::AllResults)}
                        </option>
                        {OUTCOMES
                            .iter()
                            .enumerate()
                            .map(|(at, outcome)| outcome_option(list, at, *outcome))
                            .collect_view()}
                    </select>
                </label>
                <fieldset class="chips">
                    <legend>{say(Key::Status)}</legend>
                    {chip(list, None, &group)}
                    {chips.into_iter().collect_view()}
                </fieldset>
                <button
                    hidden=flag(move || !choice.with(Choice::is_filtered))
                    on:click=click(move || list.clear())
                >
                    {say(Key::ClearFilters)}
                </button>
            </div>
            <p class="sr" role="status">{text(spoken(list))}</p>
        </div>
    }
    .into_any()
}

/// One state as a choice, with how many media it would show.
fn chip(list: List, status: Option<Status>, group: &str) -> AnyView {
    let choice = list.choice;
    let is_chosen = move || choice.with(|choice| choice.status == status);
    let count = move || {
        list.tally.with(|tally| match status {
            None => tally.of_status.iter().sum(),
            Some(status) => {
                let counts = STATUSES.iter().zip(tally.of_status);
                let found = counts
                    .filter(|(of, _)| **of == status)
                    .map(|(_, count)| count);
                found.sum::<usize>()
            }
        })
    };
    // Media of which nobody has said anything, or that somebody cancelled, are so rare that an empty place for them
    // only puzzles.
    let is_rare = matches!(status, Some(Status::Unknown | Status::Cancelled));
    let is_hidden = move || is_rare && count() == 0 && !is_chosen();
    view! {
        <label class="chip" hidden=flag(is_hidden)>
            <input
                type="radio"
                name=group.to_owned()
                prop:checked=flag(is_chosen)
                on:change=move |_| {
                    let mut choice = choice.get_untracked();
                    choice.status = status;
                    list.choose(choice, false);
                }
            />
            {text(move || status.map_or_else(|| words::say(Key::AllStatuses), words::status))}
            " "
            <span class="number">
                {text(move || match list.is_known() {
                    true => format::count(count() as u64),
                    false => "–".to_owned(),
                })}
            </span>
        </label>
    }
    .into_any()
}

/// Only the words of servers that are there are offered; those of models always.
fn outcome_option(list: List, at: usize, outcome: Outcome) -> AnyView {
    let is_chosen = move || list.choice.with(|choice| choice.outcome == Some(outcome));
    let is_rare = matches!(outcome, Outcome::Flagged | Outcome::Safe | Outcome::Other);
    let is_hidden = move || is_rare && !is_chosen() && !list.tally.with(|tally| tally.has(outcome));
    view! {
        <option value=at.to_string() prop:selected=flag(is_chosen) hidden=flag(is_hidden)>
            {say(words::outcome(outcome))}
        </option>
    }
    .into_any()
}

fn sort_option(list: List, at: usize, sort: Sort) -> AnyView {
    let is_chosen = move || list.choice.with(|choice| choice.sort == sort);
    view! {
        <option value=at.to_string() prop:selected=flag(is_chosen)>
            {say(words::sort(sort))}
        </option>
    }
    .into_any()
}

fn chosen<T: Copy>(all: &[T], value: &str) -> Option<T> {
    all.get(value.parse::<usize>().ok()?).copied()
}

/// How many items were found, once a choice has stood for a whole second: whoever types is not spoken over.
fn spoken(list: List) -> impl Fn() -> String + Send + 'static {
    let now = use_telltale().now();
    let spoken = RwSignal::new(String::new());
    Effect::new(move |before: Option<(Choice, Choice)>| {
        now.track();
        let choice = list.choice.get_untracked();
        let Some((last, said)) = before else {
            return (choice.clone(), choice);
        };
        if choice == said {
            return (choice, said);
        }
        let is_settled = choice == last;
        // Emptied before, it is spoken again even if it is the same sentence.
        spoken.set(match is_settled {
            true => words::found(
                list.tally.with_untracked(|tally| tally.rows),
                list.media.beyond(),
            ),
            false => String::new(),
        });
        let said = if is_settled { choice.clone() } else { said };
        (choice, said)
    });
    move || spoken.get()
}
