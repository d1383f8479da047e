//! The switch that holds what moves by itself (WCAG 2.2.2): lists, bars and figures. Alerts and ends come all the same.

use leptos::prelude::*;

use super::hooks::use_telltale;
use super::icon::{icon, Icon};
use super::live::{click, flag, say, text};
use super::words::places as says;
use super::words::Key;

/// The switch, in the header.
pub fn pause_button() -> AnyView {
    let telltale = use_telltale();
    let paused = telltale.paused();
    let is_paused = move || paused.with(Option::is_some);
    view! {
        <button
            class="plain"
            aria-label=say(Key::PauseUpdates)
            title=say(Key::PauseUpdates)
            aria-pressed=text(move || is_paused().to_string())
            on:click=click(move || telltale.pause(!untrack(is_paused)))
        >
            {icon(Icon::Pause)}
        </button>
    }
    .into_any()
}

/// What says so while it is held, and how much waits.
pub fn paused() -> AnyView {
    let telltale = use_telltale();
    let paused = telltale.paused();
    view! {
        <section
            class="banner"
            data-tone="run"
            aria-label=say(Key::PauseUpdates)
            hidden=flag(move || paused.with(Option::is_none))
        >
            <p class="grow">{text(move || says::paused(paused.get().unwrap_or_default()))}</p>
            <button on:click=click(move || telltale.pause(false))>{say(Key::Resume)}</button>
        </section>
    }
    .into_any()
}
