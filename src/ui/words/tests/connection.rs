//! What is said of a connection.

use super::*;

#[test]
fn a_banner_names_the_server_only_where_it_must() {
    let since = Instant::default();
    let lost = Connection::Reconnecting {
        attempt: 1,
        retry_at: None,
        since,
    };
    let name = Text::name("Library").unwrap();

    assert_eq!(
        flat(banner(&lost, true, None)),
        "Connection lost. Progress may be out of date."
    );
    assert_eq!(
        flat(banner(&lost, true, Some(&name))),
        "Connection to [Library] lost. Progress may be out of date."
    );
    assert_eq!(
        flat(banner(&Connection::Offline { since }, true, Some(&name))),
        "You are offline, so what you see may be out of date. We will reconnect when your network is back."
    );
}

#[test]
fn of_a_server_that_was_never_heard_nothing_is_said_to_be_lost_or_to_have_ended() {
    let unreached = Connection::Reconnecting {
        attempt: 1,
        retry_at: None,
        since: Instant::default(),
    };
    let refused = Connection::SignInAgain { message: None };
    let name = Text::name("Library").unwrap();
    for (state, pill, nameless, named) in [
        (
            &unreached,
            "Connecting",
            "No connection to the server could be made.",
            "No connection to [Library] could be made.",
        ),
        (
            &refused,
            "Sign in",
            "Sign in to see live updates.",
            "Not signed in to [Library]. Sign in to see live updates.",
        ),
        (
            &Connection::Idle,
            "Not connected",
            "Sign in to see live updates.",
            "Not signed in to [Library]. Sign in to see live updates.",
        ),
    ] {
        assert_eq!(connection(state, false), pill);
        assert_eq!(flat(banner(state, false, None)), nameless);
        assert_eq!(flat(banner(state, false, Some(&name))), named);
    }
    assert_eq!(
        connection_means(&unreached, false),
        "No connection to the server could be made."
    );
}

#[test]
fn a_countdown_never_says_less_than_there_is() {
    for (millis, said) in [
        (0, "Retrying in 0 s"),
        (1, "Retrying in 1 s"),
        (8_000, "Retrying in 8 s"),
        (10_000, "Retrying in 10 s"),
        (10_001, "Retrying in 15 s"),
        (61_000, "Retrying in 1 min 5 s"),
    ] {
        assert_eq!(retrying_in(Duration::from_millis(millis)), said);
    }
}

#[test]
fn what_is_awaited_is_never_said_to_be_out_of_date_or_out_of_reach() {
    let reconnecting = Connection::Reconnecting {
        attempt: 1,
        retry_at: None,
        since: Instant::default(),
    };
    for (state, was_heard, said) in [
        (
            Connection::Connecting,
            false,
            "The first connection is being made.",
        ),
        (Connection::Live, true, "Fetching what happened before."),
        (
            Connection::LiveUnverified,
            true,
            "Fetching what happened before.",
        ),
        (
            Connection::CatchingUp {
                since: Instant::default(),
            },
            true,
            "Fetching what happened before.",
        ),
        (Connection::Delayed, true, "Fetching what happened before."),
        (reconnecting.clone(), false, "Connecting"),
        (reconnecting, true, "Reconnecting"),
    ] {
        assert_eq!(awaited(&state, was_heard), said, "{state:?}");
    }
}
