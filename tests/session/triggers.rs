//! When the state of a server is fetched, and how often at most.

use std::time::Duration;

use telltale::domain::view::Status;
use telltale::json;
use telltale::protocol::Page;
use telltale::session::state::{Command, Connection};
use telltale::session::Input;
use telltale::toast::{Saying, Spoken};

use crate::rig::{event, key, media, media_list, Rig};

const ANALYSIS: &str = r#"{"servers":[{"kind":"analysis","url":"/x"}]}"#;
const LIST: &str = "/api/v1/media";
/// An answer to CONNECT of a server that keeps sessions.
const WITH_PID: &str = r#"40{"sid":"S1","pid":"private-1"}"#;

// ── connecting ───────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn on_the_first_load_the_list_is_asked_for_as_soon_as_there_is_a_connection() {
    let mut rig = Rig::analysis();
    rig.sign_in();

    assert_eq!(rig.times_of(LIST), [rig.accepted_at.unwrap()]);
}

#[test]
fn each_connection_asks_at_once_but_for_those_that_a_server_closed_which_spread_over_three_seconds()
{
    for (code, is_spread) in [
        // A network that broke may be ours alone.
        (Some(1006), false),
        // A server that goes away closes all of its connections: with a code, or, over polling, with a packet.
        (Some(1001), true),
        (Some(1005), true),
        (Some(1012), true),
        (None, true),
    ] {
        let mut delays: Vec<u128> = (0..60)
            .map(|seed| {
                let mut rig = Rig::with_seed(ANALYSIS, seed);
                rig.sign_in();
                rig.pass(secs(60));
                rig.close(code);
                rig.pass(secs(10));
                let asked = rig.times_of(LIST);
                let accepted = rig.accepted_at.unwrap();
                assert_eq!(asked.len(), 2, "{code:?}");
                assert_eq!(rig.connection(), Connection::Live);
                asked[1].saturating_since(accepted).as_millis()
            })
            .collect();
        delays.sort_unstable();

        if is_spread {
            assert!(delays[0] < 300 && delays[59] > 2_700, "{code:?} {delays:?}");
            assert!(delays[59] <= 3_000, "{code:?} {delays:?}");
        } else {
            assert_eq!(delays, [0; 60], "{code:?}");
        }
    }
}

#[test]
fn a_recovered_connection_is_live_at_once_and_looked_at_when_the_server_has_given_up_the_one_before(
) {
    let mut rig = Rig::analysis();
    rig.refuses = Some(WITH_PID);
    rig.sign_in();
    rig.pass(secs(10));
    rig.pull_the_plug();
    rig.pass(secs(3));
    let accepted = rig.accepted_at.unwrap();
    assert_eq!(rig.connection(), Connection::Live);
    assert_eq!(rig.asked_for(LIST), 1);

    rig.pass(secs(60));

    // Pings every 25 s, and 20 s until it notices that one was not answered; and 5 s.
    let asked = rig.times_of(LIST);
    assert_eq!(asked[1..], [accepted + secs(50)]);
    assert_eq!(rig.connection(), Connection::Live);
    assert_eq!(rig.opened.len(), 2);
}

#[test]
fn a_recovered_connection_that_was_not_live_before_asks_at_once() {
    let mut rig = Rig::analysis();
    rig.refuses = Some(WITH_PID);
    rig.answers_fetches = false;
    rig.sign_in();
    rig.pull_the_plug();
    rig.pass(secs(1));
    assert!(matches!(rig.connection(), Connection::CatchingUp { .. }));

    rig.answers_fetches = true;
    rig.answer_fetches();
    rig.pass(secs(3));

    assert_eq!(rig.connection(), Connection::Live);
}

#[test]
fn a_recovered_connection_that_hears_nothing_of_what_happens_is_made_anew_without_its_session() {
    let heard = event("progress_update", &started("m1"));
    for (listed, heard, is_renewed) in [
        (vec!["ANALYZED"], None, true),
        (vec!["PROCESSING"], None, false),
        // What it heard after the server gave up the connection before shows that it is in its rooms.
        (vec!["ANALYZED"], Some(&heard), false),
    ] {
        let mut rig = Rig::analysis();
        rig.refuses = Some(WITH_PID);
        rig.server.list = media_list(&[media("m1", "PROCESSING")]);
        rig.sign_in();
        rig.pull_the_plug();
        rig.pass(secs(47));
        if let Some(heard) = heard {
            rig.receive(heard);
        }
        rig.server.list = media_list(&[media("m1", listed[0])]);
        rig.refuses = None;
        rig.pass(secs(10));

        let says = (listed, heard.is_some());
        assert_eq!(rig.opened.len(), if is_renewed { 3 } else { 2 }, "{says:?}");
        assert_eq!(rig.connection(), Connection::Live, "{says:?}");
        let connects = rig.connects();
        assert!(connects[1].contains("private-1"));
        if let Some(third) = connects.get(2) {
            assert!(!third.contains("private-1"), "{third}");
        }
    }
}

// ── what does not fit ────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_media_that_nobody_knows_is_asked_for_once_however_often_it_is_named() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    rig.server.item = Some((200, json::write(&item("m9", "PROCESSING"))));
    rig.pass(secs(10));

    for _ in 0..6 {
        rig.receive(&event("progress_update", &started("m9")));
    }
    rig.pass(secs(5));

    assert_eq!(rig.asked_for("/media/m9"), 1);
    assert_eq!(
        rig.session.summary(&key("m9")).unwrap().status,
        Status::Running
    );
}

#[test]
fn an_event_of_a_known_media_that_cannot_be_read_is_asked_about() {
    let long = "x".repeat(129);
    for (payload, is_asked) in [
        (r#""mediaId":"m1""#.to_owned(), true),
        (r#""mediaId":"m1","event":7"#.to_owned(), true),
        (
            format!(r#""mediaId":"m1","event":"ANALYSIS_FAILED","data":{{"model_name":"{long}"}}"#),
            true,
        ),
        (
            format!(r#""mediaId":"m1","event":"ANALYSIS_FAILED","data":{{"runId":"{long}"}}"#),
            true,
        ),
        // Nobody knows it: it may be anything.
        (r#""mediaId":"m2","event":7"#.to_owned(), false),
        (
            format!(r#""mediaId":"{long}","event":"ANALYSIS_STARTED""#),
            false,
        ),
        // Understood, or somebody else's.
        (
            r#""mediaId":"m1","event":"ANALYSIS_COMPLETED","data":{}"#.to_owned(),
            true,
        ),
        (
            r#""mediaId":"m1","userId":"user-bob","event":7"#.to_owned(),
            false,
        ),
    ] {
        let mut rig = Rig::analysis();
        rig.server.list = media_list(&[media("m1", "PROCESSING")]);
        rig.server.item = Some((200, json::write(&item("m1", "PROCESSING"))));
        rig.sign_in();
        rig.pass(secs(5));
        let before = rig.asked_for("/media/m1");

        rig.receive(&format!(r#"42["progress_update",{{{payload}}}]"#));
        rig.pass(secs(3));

        assert_eq!(
            rig.asked_for("/media/m1") - before,
            usize::from(is_asked),
            "{payload}"
        );
        assert_eq!(rig.session.list().count(), 1, "{payload}");
    }
}

#[test]
fn items_of_a_batch_that_cannot_be_read_are_asked_about_together() {
    for (items, scope, asked) in [
        (
            r#"{"eventName":"analysis_failed","data":{"mediaId":"m1","modelName":{}}}"#,
            "/media/m1",
            1,
        ),
        (
            r#"{"eventName":"analysis_failed","data":{"mediaId":"m1","modelName":{}}},
               {"eventName":"analysis_failed","data":{"mediaId":"m2","modelName":[]}}"#,
            LIST,
            1,
        ),
        (
            r#"{"eventName":"analysis_failed","data":{"mediaId":"m3","modelName":{}}}"#,
            LIST,
            0,
        ),
    ] {
        let mut rig = Rig::analysis();
        rig.server.list = media_list(&[media("m1", "ANALYZED"), media("m2", "ANALYZED")]);
        rig.server.item = Some((200, json::write(&item("m1", "ANALYZED"))));
        rig.sign_in();
        let before = rig.asked_for(scope);

        rig.receive(&format!(r#"42["batch_update",[{items}]]"#));
        rig.pass(secs(3));

        assert_eq!(rig.asked_for(scope) - before, asked, "{items}");
    }
}

#[test]
fn a_batch_of_more_than_it_may_hold_asks_for_the_list() {
    let item = r#"{"eventName":"analysis_progress","data":{"mediaId":"m1","modelName":"siglip","progress":1}}"#;
    for (length, asked) in [(999, 0), (1000, 0), (1001, 1)] {
        let mut rig = Rig::analysis();
        rig.server.list = media_list(&[media("m1", "PROCESSING")]);
        rig.sign_in();
        let before = rig.asked_for(LIST);

        rig.receive(&format!(
            r#"42["batch_update",[{}]]"#,
            vec![item; length].join(",")
        ));
        rig.pass(secs(3));

        assert_eq!(rig.asked_for(LIST) - before, asked, "{length}");
    }
}

// ── silence and time ─────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_run_of_which_nothing_is_heard_for_a_minute_is_asked_about_also_out_of_sight() {
    let mut rig = Rig::analysis();
    rig.server.list = media_list(&[media("m1", "PROCESSING")]);
    rig.server.item = Some((200, json::write(&item("m1", "PROCESSING"))));
    rig.sign_in();
    rig.input(Input::Page(Page::Hidden));
    let connected = rig.accepted_at.unwrap();

    rig.pass(secs(400));

    let asked = rig.times_of("/media/m1");
    let after: Vec<_> = asked
        .iter()
        .map(|at| at.saturating_since(connected).as_secs())
        .collect();
    assert_eq!(after, [60, 120, 240, 360]);
}

#[test]
fn a_run_that_is_heard_of_is_not_asked_about() {
    let mut rig = Rig::analysis();
    rig.server.list = media_list(&[media("m1", "PROCESSING")]);
    rig.sign_in();
    for _ in 0..20 {
        rig.receive(&event("progress_update", &started("m1")));
        rig.pass(secs(20));
    }

    assert_eq!(rig.asked_for("/media/m1"), 0);
}

#[test]
fn words_of_a_queue_right_after_an_end_are_asked_about_at_once_and_late_ones_are_not() {
    for (second, n_asked) in [("01.100", 0), ("09.900", 0), ("10.040", 1), ("11.900", 1)] {
        let mut rig = Rig::analysis();
        rig.server.list = media_list(&[media("med-1", "ANALYZED")]);
        rig.server.item = Some((200, json::write(&item("med-1", "ANALYZED"))));
        rig.sign_in();
        rig.pass(secs(20));
        let before = rig.asked_for("/media/med-1");

        let word = format!(
            r#"{{"mediaId":"med-1","event":"ANALYSIS_QUEUED","data":{{"model_name":"siglip","timestamp":"2026-02-20T10:30:{second}Z"}}}}"#
        );
        let word = event("progress_update", &json::parse(&word).unwrap());
        rig.receive(&word);
        assert_eq!(rig.asked_for("/media/med-1") - before, n_asked, "{second}");

        // No answer names a new run, and one is looked at twice.
        for _ in 0..20 {
            rig.receive(&word);
            rig.pass(secs(3));
        }
        assert_eq!(
            rig.asked_for("/media/med-1") - before,
            2 * n_asked,
            "{second}"
        );
    }
}

#[test]
fn the_list_is_compared_while_somebody_looks_and_as_soon_as_somebody_does_again() {
    let mut rig = Rig::analysis();
    rig.server.list = media_list(&[media("m1", "ANALYZED")]);
    rig.sign_in();
    let first = rig.times_of(LIST)[0];
    rig.pass(secs(900));
    let seen = rig.times_of(LIST);
    assert!(
        (3..=4).contains(&seen.len()),
        "every 4 to 6 minutes: {seen:?} after {first:?}"
    );

    rig.input(Input::Page(Page::Hidden));
    rig.pass(secs(3600));
    assert_eq!(rig.asked_for(LIST), seen.len());
    rig.input(Input::Page(Page::Visible));

    assert_eq!(rig.asked_for(LIST), seen.len() + 1);
}

#[test]
fn a_page_that_was_away_asks_again_and_one_that_blinked_does_not() {
    let hidden = [Page::Hidden];
    for (left, seconds, back, is_asked) in [
        (&hidden[..], 1, Page::Visible, false),
        (&hidden, 30, Page::Visible, false),
        (&hidden, 31, Page::Visible, true),
        (&hidden, 3_000, Page::Visible, true),
        // Two tabs of one window: the browser says it twice.
        (&[Page::Hidden, Page::Hidden], 31, Page::Visible, true),
        (&[], 0, Page::Visible, false),
        // `resume` after a freeze, and a clock that ran ahead: nothing came in between.
        (&hidden, 1, Page::Restored, true),
        (&[], 0, Page::Restored, true),
        (&[], 0, Page::Woke, true),
    ] {
        let mut rig = Rig::analysis();
        rig.sign_in();
        rig.pass(secs(5));
        for page in left {
            rig.input(Input::Page(*page));
        }
        rig.pass(secs(seconds));
        let before = rig.asked_for(LIST);

        rig.input(Input::Page(back));

        let asked = rig.asked_for(LIST) - before;
        assert_eq!(asked, usize::from(is_asked), "{left:?} {seconds} {back:?}");
    }
}

#[test]
fn a_page_that_comes_back_from_the_cache_connects_and_asks() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    rig.input(Input::Page(Page::Leaving));
    rig.pass(secs(5));
    let before = rig.asked_for(LIST);

    rig.input(Input::Page(Page::Restored));
    rig.pass(secs(3));

    assert_eq!(rig.asked_for(LIST), before + 1);
    assert_eq!(rig.connection(), Connection::Live);
}

// ── how often at most ────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn whatever_happens_a_server_is_asked_six_times_a_minute_for_long() {
    type Act = fn(&mut Rig, u32);
    let stories: [(&str, Act); 5] = [
        ("unknown media", |rig, second| {
            rig.receive(&event(
                "progress_update",
                &started(&format!("new-{second}")),
            ));
        }),
        ("unreadable events", |rig, _| {
            rig.receive(r#"42["progress_update",{"mediaId":"m1","event":7}]"#);
        }),
        ("a page in and out of sight", |rig, _| {
            rig.input(Input::Page(Page::Restored));
        }),
        ("connections that come and go", |rig, second| {
            if second.is_multiple_of(5) {
                rig.pull_the_plug();
            }
        }),
        ("a person who opens and closes", |rig, _| {
            rig.command(Command::Open(key("m1")));
            rig.command(Command::Close(key("m1")));
        }),
    ];
    for (story, act) in stories {
        let mut rig = Rig::analysis();
        rig.server.list = media_list(&[media("m1", "PROCESSING")]);
        rig.server.item = Some((200, json::write(&item("m1", "PROCESSING"))));
        rig.sign_in();
        let begun = rig.now;
        for second in 0..600 {
            act(&mut rig, second);
            rig.pass(secs(1));
        }

        let minute_of = |at: &telltale::time::Instant| at.saturating_since(begun).as_secs() / 60;
        for minute in 1..10 {
            let in_it = rig
                .asked_at
                .iter()
                .filter(|at| minute_of(at) == minute)
                .count();
            assert!(
                (1..=6).contains(&in_it),
                "{story}: {in_it} in minute {minute}"
            );
        }
        let gaps = rig
            .times_of(LIST)
            .windows(2)
            .map(|two| two[1].saturating_since(two[0]))
            .min();
        assert!(gaps.is_none_or(|gap| gap >= secs(2)), "{story}: {gaps:?}");
    }
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A media by itself, as the server gives it.
fn item(id: &str, status: &str) -> json::Value {
    json::Value::object([("success", true.into()), ("data", media(id, status))])
}

fn started(id: &str) -> json::Value {
    let text = format!(
        r#"{{"mediaId":"{id}","userId":"user-ada","event":"ANALYSIS_STARTED","message":"x","data":{{"runId":"run-{id}","model_name":"siglip","timestamp":"2026-02-20T10:30:02.000Z"}},"timestamp":"2026-02-20T10:30:02.000Z"}}"#
    );
    json::parse(&text).unwrap()
}

/// An answer that is not read was given: the server has counted what it was asked.
#[test]
fn a_server_that_says_too_much_is_asked_no_more_often_than_it_takes() {
    let mut rig =
        Rig::new(r#"{"servers":[{"kind":"analysis","url":"/a","transports":["websocket"]}]}"#);
    rig.sign_in();
    rig.pass(secs(60));
    rig.says_too_much = true;
    let before = rig.asked.len();

    for _ in 0..15 {
        rig.accepts = false;
        rig.pull_the_plug();
        rig.command(Command::Open(key(&format!("open {}", rig.asked.len()))));
        rig.pass(secs(30));
        rig.accepts = true;
        rig.pass(secs(30));
    }

    let asked = rig.asked.len() - before;
    assert!(asked <= 100, "{asked} requests");
}

#[test]
fn a_server_that_gives_no_answers_is_asked_no_more_often_than_it_takes() {
    for is_connected in [true, false] {
        let mut rig = Rig::analysis();
        rig.sign_in();
        rig.pass(secs(60));
        rig.is_reachable = false;
        if !is_connected {
            rig.accepts = false;
            rig.pull_the_plug();
        }
        for n in 0..10 {
            rig.command(Command::Open(key(&format!("open {n}"))));
        }
        let before = rig.asked.len();

        for second in 0..900 {
            if is_connected {
                let id = format!("unknown {second}");
                rig.receive(&event("media_update", &media(&id, "PROCESSING")));
            }
            rig.pass(secs(1));
        }

        let asked = rig.asked.len() - before;
        assert!(asked <= 100, "{asked} requests, connected: {is_connected}");
    }
}

#[test]
fn a_server_is_not_live_once_two_comparisons_have_found_what_no_event_told_and_is_again_when_one_comes(
) {
    let mut rig = Rig::analysis();
    rig.server.list = processing(0);
    rig.sign_in();
    for id in ["m1", "m2", "m3"] {
        rig.receive(&event("progress_update", &started(id)));
    }

    rig.server.list = processing(1);
    rig.pass(secs(75));
    assert_eq!(rig.connection(), Connection::Live, "an event may be lost");

    rig.server.list = processing(2);
    rig.pass(secs(75));
    assert_eq!(rig.connection(), Connection::Delayed);
    let shown = rig.session.sources()[0].connection.clone();
    assert!(shown.is_stale() && !shown.is_live() && !shown.is_lost());
    rig.pass(secs(3));
    let spoken = |rig: &Rig| rig.session.spoken().0.cloned();
    assert_eq!(spoken(&rig), Some(Spoken::One(Saying::NotLive)));

    // The last one ends, too, and the list is compared as often as while something runs.
    rig.server.list = processing(3);
    rig.pass(secs(75));
    let asked = rig.asked_for(LIST);
    rig.pass(secs(300));
    assert!(rig.asked_for(LIST) - asked >= 4);
    assert_eq!(rig.connection(), Connection::Delayed);

    rig.receive(&event("progress_update", &started("m4")));
    assert_eq!(rig.connection(), Connection::Live);
    let said = (0..10).filter_map(|_| {
        rig.pass(secs(1));
        spoken(&rig)
    });
    assert!(said
        .collect::<Vec<_>>()
        .contains(&Spoken::One(Saying::Live)));
}

#[test]
fn what_is_told_between_two_comparisons_or_found_by_another_connection_delays_nothing() {
    for (heard, is_lost) in [(true, false), (false, true)] {
        let mut rig = Rig::analysis();
        rig.server.list = processing(0);
        rig.sign_in();
        for id in ["m1", "m2", "m3"] {
            rig.receive(&event("progress_update", &started(id)));
        }
        for ended in 1..=3 {
            rig.server.list = processing(ended);
            if is_lost {
                rig.pull_the_plug();
            }
            rig.pass(secs(75));
            if heard {
                rig.receive(&event("progress_update", &started("m4")));
            }
            assert_eq!(
                rig.connection(),
                Connection::Live,
                "{ended} {heard} {is_lost}"
            );
        }
    }
}

/// Three media, of which so many have ended.
fn processing(ended: usize) -> String {
    let rows = ["m1", "m2", "m3"].iter().enumerate();
    let rows = rows.map(|(at, id)| media(id, if at < ended { "ANALYZED" } else { "PROCESSING" }));
    media_list(&rows.collect::<Vec<_>>())
}
