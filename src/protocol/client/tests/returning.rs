//! When it is tried again.

use super::*;

#[test]
fn permanent_poison_costs_at_most_twelve_connects_a_minute_and_ends_at_the_breaker() {
    for poison in [
        &["0{"][..],
        &["9"],
        &[OPEN, "42{"],
        &[OPEN, JOINED, "42[]"],
        &[OPEN, JOINED, "41"],
        &[OPEN, "41"],
    ] {
        for seed in 0..50 {
            let mut rig = Rig::seeded(config(), seed);
            rig.input(Input::Connect);
            let mut opens = 1;
            while rig.now() < at(60_000) {
                for frame in poison {
                    rig.receive(frame);
                }
                assert!(matches!(
                    rig.client.state(),
                    State::Waiting { .. } | State::Breaker { .. }
                ));
                rig.next_attempt();
                opens += usize::from(rig.now() < at(60_000));
            }

            assert!(opens <= 12, "{poison:?} {seed}: {opens}");
        }
    }
}

#[test]
fn a_server_that_accepts_and_closes_ends_at_the_breaker_and_one_that_is_not_there_does_not() {
    for (accepts, breaks) in [(true, true), (false, false)] {
        let mut rig = Rig::new(config());
        rig.input(Input::Connect);
        for _ in 0..10 {
            if accepts {
                rig.join();
            }
            rig.close(1005);
            if !matches!(rig.client.state(), State::Breaker { .. }) {
                rig.next_attempt();
            }
        }

        assert_eq!(matches!(rig.client.state(), State::Breaker { .. }), breaks);
    }
}

#[test]
fn the_count_of_attempts_begins_anew_only_after_a_stable_and_useful_connection() {
    for (lasts, useful, attempt) in [(9_999, true, 3), (10_000, false, 3), (10_000, true, 1)] {
        let mut rig = Rig::new(config());
        rig.input(Input::Connect);
        rig.close(1006);
        rig.next_attempt();
        rig.close(1006);
        rig.next_attempt();
        rig.join();
        if useful {
            rig.receive(r#"42["x"]"#);
        }
        rig.pass(lasts);

        let lines = rig.close(1006);

        assert_eq!(
            lines[1],
            format!("reconnecting {attempt}"),
            "{lasts} {useful}"
        );
    }
}

#[test]
fn a_person_who_retries_is_always_obeyed() {
    let mut rig = Rig::new(config());
    rig.input(Input::Connect);

    for number in 2..20 {
        rig.receive("9");
        assert_eq!(rig.input(Input::RetryNow), [format!("open {number}")]);
        assert_eq!(rig.input(Input::RetryNow), [""; 0]);
    }
}

#[test]
fn the_page_cuts_a_wait_at_most_once_in_five_seconds() {
    for page in [Page::Online, Page::Visible, Page::Restored] {
        let mut rig = Rig::new(config());
        rig.input(Input::Connect);
        let mut opens = 1;
        for _ in 0..100 {
            rig.close(1006);
            let lines = rig.input(Input::Page(page));
            opens += lines.iter().filter(|line| line.starts_with("open")).count();
            rig.pass(50);
        }

        assert!((2..=3).contains(&opens), "{page:?}: {opens}");
        let wait = rig
            .client
            .poll_timeout()
            .unwrap()
            .saturating_since(rig.now());
        assert!(wait <= Duration::from_secs(10), "{page:?}");
    }
}

#[test]
fn the_page_does_not_cut_the_breaker_and_a_person_does() {
    let mut rig = Rig::new(config());
    rig.input(Input::Connect);
    while !matches!(rig.client.state(), State::Breaker { .. }) {
        rig.receive("9");
        if matches!(rig.client.state(), State::Waiting { .. }) {
            rig.input(Input::RetryNow);
        }
    }

    assert_eq!(rig.input(Input::Page(Page::Online)), [""; 0]);
    assert_eq!(rig.input(Input::Page(Page::Visible)), [""; 0]);
    assert_eq!(rig.input(Input::RetryNow), ["open 11"]);
    rig.receive("9");
    let State::Breaker { until, .. } = rig.client.state() else {
        panic!("{:?}", rig.client.state());
    };
    assert_eq!(*until, rig.now() + Duration::from_secs(120));
}

// X16, X17
#[test]
fn offline_closes_at_once_and_online_opens_at_once() {
    let mut rig = connected();

    let lines = rig.input(Input::Page(Page::Offline));

    assert_eq!(
        lines,
        [
            "close 1",
            "disconnected: transport close: network connection lost",
            "reconnecting 0"
        ]
    );
    assert!(matches!(rig.client.state(), State::Offline { .. }));
    rig.pass(3_000);
    assert_eq!(rig.input(Input::Page(Page::Online)), ["open 2"]);
}

#[test]
fn an_offline_that_is_not_true_is_tried_slowly_and_disproved() {
    let mut rig = connected();
    rig.input(Input::Page(Page::Offline));

    for number in 2..5 {
        let wait = rig
            .client
            .poll_timeout()
            .unwrap()
            .saturating_since(rig.now());
        assert!((20..=40).contains(&wait.as_secs()), "{wait:?}");
        assert_eq!(rig.next_attempt(), [format!("open {number}")]);
        if number < 4 {
            rig.close(1006);
            assert!(matches!(rig.client.state(), State::Offline { .. }));
        }
    }
    rig.join();
    rig.close(1006);
    assert!(matches!(rig.client.state(), State::Waiting { .. }));
}

#[test]
fn a_network_that_flaps_is_not_chased() {
    let mut rig = connected();
    let mut opens = 0;
    for _ in 0..10 {
        for page in [Page::Offline, Page::Online] {
            let lines = rig.input(Input::Page(page));
            opens += lines.iter().filter(|line| line.starts_with("open")).count();
            rig.pass(250);
        }
    }

    assert!(opens <= 2, "{opens}");
    assert!(rig.client.poll_timeout().unwrap() <= rig.now() + Duration::from_secs(5));
}

// L02 L03
#[test]
fn a_page_that_is_left_closes_quietly_and_comes_back() {
    let mut rig = connected();

    assert_eq!(
        rig.input(Input::Page(Page::Leaving)),
        ["close 1"],
        "nobody is there to hear more"
    );
    assert_eq!(rig.client.state(), &State::Suspended);
    assert_eq!(rig.client.poll_timeout(), None);
    rig.pass(3_600_000);
    assert_eq!(
        rig.input(Input::Page(Page::Restored)),
        ["disconnected: page left", "open 2"]
    );
}

#[test]
fn a_page_that_is_left_while_waiting_opens_nothing() {
    let mut rig = Rig::new(config());
    rig.input(Input::Connect);
    rig.close(1006);

    assert_eq!(rig.input(Input::Page(Page::Leaving)), [""; 0]);
    assert_eq!(rig.client.poll_timeout(), None);
}
