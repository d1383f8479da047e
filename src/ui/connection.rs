//! Whether what is shown is live: the pill, the banner, and each server by itself.
//!
//! Pill and banner are made of the same value, so they cannot disagree. Neither is a live region: the announcer speaks,
//! once. The countdown is for the eyes only.

use leptos::prelude::*;

use super::hooks::{is_lost, use_connection};
use super::icon::{icon, of_connection, pill};
use super::live::{click, flag, part, say, text, word};
use super::words::{self, Key};
use super::{foreign, format, unique};
use crate::domain::Text;
use crate::session::state::{Connection, SourceState};
use crate::time::Instant;

/// The pill, which opens the list of servers.
pub fn connection_pill() -> impl IntoView {
    let status = use_connection();
    let of = move || {
        status
            .worst()
            .map_or(Connection::Idle, |worst| worst.connection)
    };
    // A page may hold several, and a button opens the list beside it.
    let servers = unique("servers");
    let opened = servers.clone();
    view! {
        <button
            id="conn"
            class="pill"
            popovertarget=opened
            data-tone=word(move || of_connection(&of()).0.name())
        >
            {part(move || icon(of_connection(&of()).1))}
            {text(move || words::connection(&of()))}
        </button>
        <section id=servers class="popup" popover="auto" aria-label=say(Key::Servers)>
            <h2>{say(Key::Servers)}</h2>
            {part(move || {
                let now = status.now.get();
                let sources = status.sources.get();
                view! {
                    <ul class="servers">
                        {sources.iter().map(|state| server(state, now)).collect_view()}
                    </ul>
                }
            })}
            {to_debug()}
        </section>
    }
}

/// The way to the debug panel, where there is one.
fn to_debug() -> Option<AnyView> {
    #[cfg(feature = "debug")]
    return super::debug::link();
    #[cfg(not(feature = "debug"))]
    None
}

fn server(state: &SourceState, now: Instant) -> impl IntoView {
    let counters = state.counters;
    let count = |name: Key, number: u64| {
        view! {
            <div>
                <dt>{words::say(name)}</dt>
                <dd>{format::count(number)}</dd>
            </div>
        }
    };
    let fetched = match state.fetched_at {
        Some(at) => {
            let age = words::ago(now.saturating_since(at));
            words::with(Key::StateFetched, &[("ago", &age)])
        }
        None => words::say(Key::StateNotFetched),
    };
    let message = match &state.connection {
        Connection::SignInAgain { message } | Connection::Stopped { message, .. } => {
            message.clone()
        }
        _ => None,
    };
    let message = message.map(|message| {
        let said = words::sentence(Key::ServerSays, &[], Some(message));
        view! { <div class="meta">{foreign::sentence(said)}</div> }
    });
    view! {
        <li>
            <div class="row">
                <strong class="grow cut"><bdi dir="auto">{state.name.as_str().to_owned()}</bdi></strong>
                {pill(of_connection(&state.connection), words::connection(&state.connection))}
            </div>
            <p class="meta">{words::connection_means(&state.connection)} " " {fetched}</p>
            {message}
            <details class="more">
                <summary>{words::say(Key::Counters)}</summary>
                <dl class="counters">
                    {count(Key::CountedEvents, counters.events)}
                    {count(Key::CountedSnapshots, counters.snapshots)}
                    {count(Key::CountedReconnects, counters.reconnects)}
                    {count(Key::CountedProtocolErrors, counters.protocol_errors)}
                    {count(Key::CountedMalformed, counters.malformed)}
                    {count(Key::CountedUnknown, counters.unknown)}
                    {count(Key::CountedForeign, counters.foreign)}
                </dl>
            </details>
        </li>
    }
}

/// The banner, once a loss has lasted; `sign_in` is what its button does when the session has ended.
pub fn banner(sign_in: Callback<()>) -> impl IntoView {
    let status = use_connection();
    let lost = Memo::new(move |_| {
        let worst = status.worst()?;
        let now = status.now.get();
        if !is_lost(&worst.connection, now) {
            return None;
        }
        // Named only where it tells the lost one from others that are not.
        let name: Option<Text> = status.sources.with(|sources| {
            let lost = sources
                .iter()
                .filter(|state| is_lost(&state.connection, now));
            (sources.len() > 1 && lost.count() == 1).then_some(worst.name)
        });
        Some((worst.connection, name))
    });
    let connection = move || lost.with(|lost| lost.as_ref().map(|lost| lost.0.clone()));
    let must_sign_in = move || matches!(connection(), Some(Connection::SignInAgain { .. }));
    let can_retry = move || {
        matches!(
            connection(),
            Some(
                Connection::Reconnecting { .. }
                    | Connection::Stopped { .. }
                    | Connection::NotFetched
            )
        )
    };
    let countdown = move || {
        let Some(at) = connection().and_then(|connection| connection.retry_at()) else {
            return String::new();
        };
        words::retrying_in(at.saturating_since(status.now.get()))
    };
    view! {
        <section
            id="banner"
            class="banner"
            aria-label=say(Key::ConnectionStatus)
            hidden=flag(move || lost.with(Option::is_none))
            data-tone=word(move || connection().map_or("warn", |lost| of_connection(&lost).0.name()))
        >
            <p class="grow">
                {part(move || {
                    lost.get().map(|(connection, name)| {
                        let said = words::banner(&connection, name.as_ref());
                        (icon(of_connection(&connection).1), foreign::sentence(said))
                    })
                })}
            </p>
            <span class="countdown" aria-hidden="true">{text(countdown)}</span>
            <button hidden=flag(move || !can_retry()) on:click=click(move || status.retry_now())>
                {say(Key::RetryNow)}
            </button>
            <button class="primary" hidden=flag(move || !must_sign_in()) on:click=click(move || sign_in.run(()))>
                {say(Key::SignIn)}
            </button>
        </section>
    }
}
