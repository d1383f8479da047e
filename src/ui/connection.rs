//! Whether what is shown is live: the pill, the banner, and each server by itself.
//!
//! Pill and banner are made of the same value, so they cannot disagree. Neither is a live region: the announcer speaks,
//! once. The countdown is for the eyes only.

use std::mem;
use std::time::Duration;

use leptos::prelude::*;

use super::hooks::{use_connection, use_telltale};
use super::icon::{icon, of_connection, pill, Hue, Icon};
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
        let worst = status.worst();
        worst.map_or((Connection::Idle, false), |worst| {
            (worst.connection, worst.was_heard)
        })
    };
    // A page may hold several, and a button opens the list beside it.
    let servers = unique("servers");
    let opened = servers.clone();
    view! {
        <button
            id="conn"
            class="pill"
            popovertarget=opened
            data-tone=word(move || of_connection(&of().0).0.name())
        >
            {part(move || icon(of_connection(&of().0).1))}
            {text(move || {
                let (connection, was_heard) = of();
                words::connection(&connection, was_heard)
            })}
        </button>
        <div class="beside">
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
        </div>
    }
}

/// The way to the debug panel, where there is one.
fn to_debug() -> Option<AnyView> {
    #[cfg(feature = "debug")]
    return super::debug::link();
    #[cfg(not(feature = "debug"))]
    None
}

fn server(state: &SourceState, now: Instant) -> AnyView {
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
        Connection::SignInAgain { message }
        | Connection::Stopped { message, .. }
        | Connection::NotFetched { message, .. } => message.clone(),
        _ => None,
    };
    let message = message.map(|message| {
        let said = words::sentence(Key::ServerSays, &[], Some(message));
        view! { <div class="meta">{foreign::sentence(said)}</div> }.into_any()
    });
    view! {
        <li>
            <div class="row">
                <strong class="grow cut"><bdi dir="auto">{state.name.as_str().to_owned()}</bdi></strong>
                {pill(
                    of_connection(&state.connection),
                    words::connection(&state.connection, state.was_heard),
                )}
            </div>
            <p class="meta">{words::connection_means(&state.connection, state.was_heard)} " " {fetched}</p>
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
    .into_any()
}

/// What the banner says.
#[derive(Clone, Debug, PartialEq)]
enum Said {
    Nothing,
    /// It is not connected, and that lasts.
    Lost(Lost),
    /// It is over, and not all is live again.
    Over,
    /// All is live again, since then.
    Back(Instant),
}

/// What is lost, or was never there.
#[derive(Clone, Debug, PartialEq)]
struct Lost {
    connection: Connection,
    was_heard: bool,
    /// Whose it is, where that has to be said.
    server: Option<Text>,
}

impl Said {
    /// What it says after this, with the server that is worst off.
    fn after(before: Option<&Self>, worst: &Connection, was_heard: bool, now: Instant) -> Self {
        /// For how long a connection that is back is told.
        const TOLD: Duration = Duration::from_secs(3);
        let is_live = worst.is_live();
        match before {
            _ if worst.is_worth_a_word(now) => Self::lost(worst, was_heard),
            // Nobody is signed in: there is nothing to come back to.
            _ if *worst == Connection::Idle => Self::Nothing,
            // The line stood all the while, or never did.
            Some(Self::Lost(lost)) if !lost.was_heard || lost.connection.is_behind() => {
                Self::Nothing
            }
            Some(Self::Lost(..) | Self::Over) if is_live => Self::Back(now),
            Some(Self::Lost(..) | Self::Over) => Self::Over,
            Some(Self::Back(since)) if is_live && now.saturating_since(*since) < TOLD => {
                Self::Back(*since)
            }
            _ => Self::Nothing,
        }
    }

    fn lost(connection: &Connection, was_heard: bool) -> Self {
        Self::Lost(Lost {
            connection: connection.clone(),
            was_heard,
            server: None,
        })
    }
}

/// The server that nobody has signed in to, of those that want it; named where it is one of several.
fn nobody_signed_in(all: &[SourceState], signs_in: impl Fn(&SourceState) -> bool) -> Option<Lost> {
    let idle = |state: &&SourceState| state.connection == Connection::Idle && signs_in(state);
    let mut idle = all.iter().filter(idle);
    let first = idle.next()?;
    let is_named = all.len() > 1 && idle.next().is_none();
    Some(Lost {
        connection: Connection::Idle,
        was_heard: first.was_heard,
        server: is_named.then(|| first.name.clone()),
    })
}

/// Whether the name of its server tells this loss from how it stands with the others: where there are several, and what
/// the banner says is so of no other.
fn is_told_apart<'a>(
    all: impl ExactSizeIterator<Item = &'a Connection>,
    lost: &Connection,
    now: Instant,
) -> bool {
    let is_one_of_several = all.len() > 1;
    let like_it = all.filter(|other| mem::discriminant(*other) == mem::discriminant(lost));
    is_one_of_several && like_it.filter(|other| other.is_worth_a_word(now)).count() == 1
}

/// The banner, once a loss has lasted, and for a moment when it is over; `sign_in` is what its button does when the
/// session has ended.
pub fn banner(sign_in: Callback<()>) -> impl IntoView {
    any_banner(sign_in, false)
}

/// The same where nothing else asks a person to sign in, who never did.
pub(super) fn banner_that_asks(sign_in: Callback<()>) -> impl IntoView {
    any_banner(sign_in, true)
}

fn any_banner(sign_in: Callback<()>, asks: bool) -> AnyView {
    let status = use_connection();
    let telltale = use_telltale();
    let signs_in = move |state: &SourceState| {
        let profile = telltale.profile(state.source);
        profile.is_some_and(|profile| profile.signs_in)
    };
    let said = Memo::new(move |before: Option<&Said>| {
        let Some(worst) = status.worst() else {
            return Said::Nothing;
        };
        let now = status.now.get();
        let (connection, was_heard) = (&worst.connection, worst.was_heard);
        let nobody = status.sources.with(|all| nobody_signed_in(all, signs_in));
        // No other server's state is worse than that nothing is asked of one.
        if let (true, Some(lost)) = (asks, nobody) {
            return Said::Lost(lost);
        }
        match Said::after(before, connection, was_heard, now) {
            Said::Lost(lost) => status.sources.with(|sources| {
                let all = sources.iter().map(|state| &state.connection);
                let is_named = is_told_apart(all, &lost.connection, now);
                let server = is_named.then_some(worst.name);
                Said::Lost(Lost { server, ..lost })
            }),
            other => other,
        }
    });
    let connection = move || {
        said.with(|said| match said {
            Said::Lost(lost) => Some(lost.connection.clone()),
            _ => None,
        })
    };
    let must_sign_in = move || {
        matches!(
            connection(),
            Some(Connection::SignInAgain { .. } | Connection::Idle)
        )
    };
    let can_retry = move || connection().is_some_and(|connection| connection.can_retry());
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
            hidden=flag(move || said.with(|said| matches!(said, Said::Nothing | Said::Over)))
            data-tone=word(move || connection().map_or(Hue::Ok, |lost| of_connection(&lost).0).name())
        >
            <p class="grow">
                {part(move || {
                    let (shape, said) = match said.get() {
                        Said::Lost(Lost { connection, was_heard, server }) => {
                            let said = words::banner(&connection, was_heard, server.as_ref());
                            (of_connection(&connection).1, said)
                        }
                        Said::Back(_) => (Icon::Ok, words::say(Key::Reconnected).into()),
                        Said::Nothing | Said::Over => return ().into_any(),
                    };
                    view! { {icon(shape)} {foreign::sentence(said)} }.into_any()
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
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Source;
    use crate::session::state::Counters;

    fn not_fetched() -> Connection {
        Connection::NotFetched {
            message: None,
            retry_at: None,
        }
    }

    #[test]
    fn a_loss_is_named_where_it_is_one_servers_whatever_else_is_wrong_with_the_others() {
        let since = Instant::from_millis(10_000);
        let lost = || Connection::Reconnecting {
            attempt: 1,
            retry_at: None,
            since,
        };
        let stopped = || Connection::Stopped {
            message: None,
            retry_at: None,
        };
        let live = || Connection::Live;
        for (all, millis, is_named) in [
            (vec![lost()], 20_000, false),
            (vec![lost(), live()], 20_000, true),
            (vec![lost(), lost()], 20_000, false),
            (vec![stopped()], 20_000, false),
            (vec![stopped(), live(), live()], 20_000, true),
            (vec![stopped(), lost(), lost()], 20_000, true),
            (vec![stopped(), stopped(), lost()], 20_000, false),
            (vec![lost(), not_fetched()], 20_000, true),
        ] {
            let now = Instant::from_millis(millis);

            assert_eq!(is_told_apart(all.iter(), &all[0], now), is_named, "{all:?}");
        }
    }

    #[test]
    fn who_has_not_signed_in_is_asked_to_whatever_the_other_servers_do() {
        let state = |which: u8, connection| SourceState {
            source: Source(which),
            name: Text::name(["Library", "Meetings", "Open"][usize::from(which)]).expect("a name"),
            connection,
            was_heard: false,
            fetched_at: None,
            unanswered: Vec::new(),
            beyond: 0,
            counters: Counters::default(),
        };
        let offline = || Connection::Offline {
            since: Instant::default(),
        };
        // The third asks nobody to sign in.
        for (connections, named) in [
            (vec![Connection::Live], None),
            (vec![Connection::Idle], Some(None)),
            (
                vec![Connection::Idle, Connection::Live],
                Some(Some("Library")),
            ),
            (
                vec![Connection::Live, Connection::Idle],
                Some(Some("Meetings")),
            ),
            (vec![offline(), Connection::Idle], Some(Some("Meetings"))),
            (vec![Connection::Idle, Connection::Idle], Some(None)),
            (
                vec![Connection::Live, Connection::Live, Connection::Idle],
                None,
            ),
        ] {
            let all: Vec<_> = (0..)
                .zip(connections)
                .map(|(at, it)| state(at, it))
                .collect();

            let lost = nobody_signed_in(&all, |state| state.source != Source(2));

            assert!(lost.iter().all(|lost| lost.connection == Connection::Idle));
            let said = lost.map(|lost| lost.server);
            let said = said.as_ref().map(|it| it.as_ref().map(Text::as_str));
            assert_eq!(said, named, "{all:?}");
        }
    }

    #[test]
    fn what_is_live_again_is_told_for_three_seconds_and_only_after_a_loss_was() {
        let at = Instant::from_millis;
        let since = at(10_000);
        let lost = Connection::Reconnecting {
            attempt: 1,
            retry_at: None,
            since,
        };
        let catching_up = Connection::CatchingUp { since };
        let mut said = None;
        for (connection, millis, expected) in [
            (Connection::Live, 9_000, Said::Nothing),
            // Too short to be told, and so its end is not.
            (lost.clone(), 11_000, Said::Nothing),
            (Connection::Live, 11_200, Said::Nothing),
            (lost.clone(), 12_000, Said::lost(&lost, true)),
            (catching_up.clone(), 13_000, Said::Over),
            (Connection::Live, 14_000, Said::Back(at(14_000))),
            (Connection::Live, 16_999, Said::Back(at(14_000))),
            (Connection::Live, 17_000, Said::Nothing),
            (lost.clone(), 20_000, Said::lost(&lost, true)),
            (Connection::Live, 21_000, Said::Back(at(21_000))),
            // Not live any more, and that counts at once.
            (catching_up, 21_500, Said::Nothing),
            (lost.clone(), 30_000, Said::lost(&lost, true)),
            (not_fetched(), 30_500, Said::lost(&not_fetched(), true)),
            (Connection::Live, 30_600, Said::Nothing),
            // Whoever has signed out is not told of connections.
            (Connection::Idle, 31_000, Said::Nothing),
            (Connection::LiveUnverified, 32_000, Said::Nothing),
        ] {
            let now = Said::after(said.as_ref(), &connection, true, at(millis));

            assert_eq!(now, expected, "{connection:?} at {millis}");
            said = Some(now);
        }
    }

    #[test]
    fn what_never_was_does_not_come_back() {
        let at = Instant::from_millis;
        let unreached = Connection::Reconnecting {
            attempt: 1,
            retry_at: None,
            since: at(0),
        };
        let refused = Connection::SignInAgain { message: None };
        for never in [unreached, refused, Connection::Idle] {
            let before = Said::lost(&never, false);
            for next in [
                Connection::Connecting,
                Connection::CatchingUp { since: at(0) },
                Connection::Live,
            ] {
                let said = Said::after(Some(&before), &next, next.is_live(), at(9_000));

                assert_eq!(said, Said::Nothing, "{never:?} {next:?}");
            }
        }
    }
}
