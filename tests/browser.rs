//! What only a browser knows: its JSON, its sockets, its clock, and what is left in a page after unmounting.
//!
//! Runs in headless Chromium by `make test`, which starts the reference servers and writes their address into
//! `target/browser-test-server`, a file that the test runner serves beside the tests.
#![cfg(target_arch = "wasm32")]

#[path = "browser/socket_io.rs"]
mod socket_io;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

use gloo_timers::future::sleep;
use js_sys::{Function, Reflect};
use leptos::mount::mount_to;
use leptos::prelude::*;
use telltale::domain::{Change, MeetingId, MeetingKey, Source};
use telltale::json::{self, Value, MAX_DEPTH};
use telltale::protocol::TransportKind;
use telltale::session::state::{Command, Connection};
use telltale::session::Config;
use telltale::ui::follow_browser;
use telltale::ui::front::front;
use telltale::ui::hooks::{
    provide_telltale, use_analysis_progress, use_meeting, use_sign_in, use_telltale,
};
use telltale::ui::language::{provide_language, use_language, Language};
use telltale::web::Driver;
use telltale::widget;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{File, HtmlElement};

wasm_bindgen_test_configure!(run_in_browser);

// ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

#[wasm_bindgen_test]
fn numbers_of_many_digits_are_the_browsers_own() {
    let text = "[0.1234567890123456789,-1.5e3,1e400,1e-400,5e-324,123456789012345678901234567890]";
    let read = json::parse(text).unwrap();

    let numbers = [
        0.123_456_789_012_345_68,
        -1500.0,
        f64::INFINITY,
        0.0,
        5e-324,
        1.234_567_890_123_456_8e29,
    ];
    for (value, number) in read.as_array().iter().zip(numbers) {
        assert_eq!(*value, Value::Number(number));
    }
    for (text, number) in [
        ("65", Some(65.0)),
        (" .5 ", Some(0.5)),
        ("1e", None),
        ("", None),
        ("0x10", None),
        ("inf", None),
    ] {
        assert_eq!(Value::from(text).as_f64(), number, "{text:?}");
    }
}

#[wasm_bindgen_test]
fn json_reads_what_servers_may_send() {
    let value = json::parse(
        r#"["a\ud800b",1e400,-0,12345678901234567890,65.0,{"__proto__":1,"a":1,"a":2}]"#,
    )
    .unwrap();

    let [text, huge, zero, long, whole, object] = value.as_array() else {
        panic!("six elements");
    };
    assert_eq!(text.as_str(), Some("a\u{FFFD}b"));
    assert_eq!(huge.as_f64(), None);
    assert_eq!(zero.as_f64(), Some(0.0));
    assert!(long.as_f64().is_some());
    assert_eq!(whole.as_u64(), Some(65));
    assert_eq!(object.get("__proto__").as_u64(), Some(1));
    assert_eq!(object.get("a").as_u64(), Some(2));
}

#[wasm_bindgen_test]
fn the_deepest_text_that_is_read_does_not_exhaust_the_stack() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);

    assert!(json::parse(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(
        json::parse(&nested(MAX_DEPTH + 1)),
        Err(json::Error::TooDeep)
    );
    assert_eq!(json::parse(&nested(1_000_000)), Err(json::Error::TooDeep));
}

#[wasm_bindgen_test]
fn json_is_read_and_written_as_the_browser_does() {
    for line in include_str!("../src/json/javascript.tsv").lines() {
        let (text, result) = line.split_once('\t').unwrap();
        let browsers = js_sys::JSON::parse(text)
            .and_then(|value| js_sys::JSON::stringify(&value))
            .map(String::from);

        match (json::parse(text), browsers) {
            (Ok(ours), Ok(browsers)) => {
                assert_eq!(json::write(&ours), result, "{text}");
                // The browser writes half a surrogate pair as an escape, which our rule turns into U+FFFD.
                assert_eq!(
                    json::parse(&browsers)
                        .map(|value| json::write(&value))
                        .as_deref(),
                    Ok(result)
                );
            }
            (Err(_), Err(_)) => assert_eq!(result, "error", "{text}"),
            (ours, browsers) => panic!("{text}: {ours:?}, the browser {browsers:?}"),
        }
    }
}

// ── driver and transport ─────────────────────────────────────────────────────────────────────────────────────────────

#[wasm_bindgen_test]
async fn the_driver_speaks_to_a_real_server() {
    let driver = meeting_driver(&server().await);
    let meeting = meeting("room-1");
    driver.command(Command::Join(meeting.clone()));

    until("the server says that we are in", || {
        driver.with_session(|session, now| {
            session
                .meeting(&meeting, now)
                .is_some_and(|view| view.is_joined)
        })
    })
    .await;

    assert_eq!(connection(&driver), Connection::LiveUnverified);
}

#[wasm_bindgen_test]
async fn dropping_the_driver_ends_it() {
    let driver = meeting_driver(&server().await);
    until("it is connected", || connection(&driver).is_live()).await;
    let weak = Rc::downgrade(&driver);

    drop(driver);

    assert!(weak.upgrade().is_none(), "nothing else keeps it");
}

#[wasm_bindgen_test]
async fn a_server_that_is_not_there_is_waited_for() {
    // Port 9 (discard) is one that browsers refuse at once.
    let driver = meeting_driver("http://127.0.0.1:9");

    until("it waits for another attempt", || {
        matches!(connection(&driver), Connection::Reconnecting { .. })
    })
    .await;
}

#[wasm_bindgen_test]
async fn what_is_different_is_written_once_in_a_frame() {
    let seen = Rc::new(RefCell::new(0_u32));
    let count = seen.clone();
    let config = config(&server().await);
    let driver = Driver::start(config, move |_, _, _| *count.borrow_mut() += 1);
    until("it is connected", || connection(&driver).is_live()).await;
    let before = *seen.borrow();

    for _ in 0..1000 {
        driver.command(Command::Typed);
    }

    // Handed over at once, written later and together.
    assert_eq!(*seen.borrow(), before);
    until("a frame has come", || *seen.borrow() > before).await;
    assert!(*seen.borrow() <= before + 2);
}

#[wasm_bindgen_test]
fn an_event_after_a_sleep_has_the_time_at_which_it_came() {
    const HOUR: f64 = 3_600_000.0;
    let driver = meeting_driver("http://127.0.0.1:9");
    let wall_time = || {
        let now = driver.with_session(|_, now| now);
        driver.wall_time(now).unix_millis() as f64
    };
    let before = js_sys::Date::now();
    assert!((wall_time() - before).abs() < 1_000.0);

    // The page's clock stood still meanwhile, and the tick that would find that out does not come in between.
    let _slept = Replaced::new("Date", "now", &format!("return {}", before + HOUR));
    driver.command(Command::Typed);

    assert!((wall_time() - before - HOUR).abs() < 1_000.0);
}

#[wasm_bindgen_test]
fn a_page_that_is_woken_is_seen_only_if_it_can_be() {
    let driver = meeting_driver("http://127.0.0.1:9");
    let file: File = js_sys::eval("new File([], 'empty.mp4')")
        .unwrap()
        .unchecked_into();
    let away = || driver.with_session(|session, _| session.activity().mark().away);
    page_is("hidden", "visibilitychange");

    page_is("hidden", "resume");
    driver.upload(Source(0), &file);
    let out_of_sight = away();
    page_is("visible", "resume");
    js_sys::eval("delete document.visibilityState").unwrap();

    assert_eq!((out_of_sight, away()), (1, 0));
}

/// Has the browser say that of the page, and that this has happened.
fn page_is(state: &str, event: &str) {
    let now = format!(
        "Object.defineProperty(document, 'visibilityState', {{ configurable: true, value: '{state}' }});
         document.dispatchEvent(new Event('{event}'))"
    );
    js_sys::eval(&now).unwrap();
}

#[wasm_bindgen_test]
async fn an_alert_is_told_though_no_frame_comes() {
    let server = server().await;
    let _no_frames = Replaced::new("window", "requestAnimationFrame", "return 1");
    let frames = Rc::new(Cell::new(0_u32));
    let drawn = frames.clone();
    let driver = Driver::start(config(&server), move |_, _, _| drawn.set(drawn.get() + 1));
    let alerts = Rc::new(Cell::new(0_u32));
    let told = alerts.clone();
    let _listener = driver.listen(Rc::new(move |change| {
        told.set(told.get() + u32::from(matches!(change, Change::Alert { .. })));
    }));
    joined(&driver, "alarming").await;

    driver.command(Command::StartScenario(meeting("alarming")));
    until("an alert is told", || alerts.get() > 0).await;

    assert_eq!(frames.get(), 0);
}

#[wasm_bindgen_test]
async fn whoever_watches_is_told_in_a_frame_until_it_drops_its_watch() {
    let driver = meeting_driver(&server().await);
    let told = Rc::new(RefCell::new(Vec::new()));
    let sink = told.clone();
    let watch = driver.watch_connections(move |sources| {
        sink.borrow_mut().push(sources[0].connection.clone());
    });
    assert!(told.borrow().is_empty(), "not before the frame");
    until("the connection is told", || {
        told.borrow().last().is_some_and(Connection::is_live)
    })
    .await;

    drop(watch);
    let before = told.borrow().len();
    let others = Rc::new(Cell::new(0_u32));
    let count = others.clone();
    let _other = driver.watch_connections(move |_| count.set(count.get() + 1));
    until("the other is told how things stand", || others.get() > 0).await;
    let standing = others.get();
    joined(&driver, "watched").await;
    until("the other hears of what came in", || {
        others.get() > standing
    })
    .await;

    assert_eq!(told.borrow().len(), before);
}

#[wasm_bindgen_test]
fn a_listener_that_owns_another_takes_it_along() {
    let driver = meeting_driver("http://127.0.0.1:9");
    let owned = Rc::new(());
    let held = owned.clone();
    let inner = driver.listen(Rc::new(move |_| {
        let _ = &held;
    }));
    let outer = driver.listen(Rc::new(move |_| {
        let _ = &inner;
    }));

    drop(outer);

    assert_eq!(Rc::strong_count(&owned), 1);
}

// ── polling ──────────────────────────────────────────────────────────────────────────────────────────────────────────

#[wasm_bindgen_test]
async fn polling_alone_carries_a_session_in_both_directions() {
    let polled = Polled::count();
    let driver = driver_over(&[TransportKind::Polling], &server().await);

    joined(&driver, "polled").await;

    // The handshake, CONNECT, its answer and joining at least.
    assert!(polled.requests() >= 4);
}

#[wasm_bindgen_test]
async fn a_session_changes_from_polling_to_a_websocket() {
    let polled = Polled::count();
    let driver = driver_over(
        &[TransportKind::Polling, TransportKind::WebSocket],
        &server().await,
    );
    joined(&driver, "upgraded").await;
    assert!(polled.requests() > 0);

    for room in 0..50 {
        let before = polled.requests();
        joined(&driver, &format!("upgraded-{room}")).await;
        if polled.requests() == before {
            return;
        }
    }
    panic!("every join took a request");
}

#[wasm_bindgen_test]
async fn an_answer_to_a_poll_is_cut_off_while_it_is_read() {
    let mut config = config(&server().await);
    let socket = &mut config.servers[0].socket;
    socket.transports.order = vec![TransportKind::Polling];
    socket.limits.poll = 20;
    socket.reconnection.enabled = false;
    let driver = Driver::start(config, |_, _, _| {});

    until("it is given up", || {
        matches!(connection(&driver), Connection::Stopped { .. })
    })
    .await;

    let Connection::Stopped { message, .. } = connection(&driver) else {
        panic!("it goes on");
    };
    let said = message.map(|message| message.to_string());
    assert!(said.is_some_and(|said| said.contains("the answer to a request is too large")));
}

#[wasm_bindgen_test]
async fn a_dropped_driver_polls_no_more() {
    let driver = driver_over(&[TransportKind::Polling], &server().await);
    joined(&driver, "dropped").await;
    let polled = Polled::count();

    drop(driver);

    // The request that was under way ends at once, where its answer would have taken seconds; no other follows it.
    until("the last request has ended", || polled.requests() == 1).await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(polled.requests(), 1);
}

// ── hooks ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/// The README's example.
#[component]
fn Progress(config: Config) -> impl IntoView {
    provide_telltale(config);
    let media = use_telltale()
        .media_key("Analysis", "7c9e6679")
        .expect("configured");
    let progress = use_analysis_progress(media);
    view! { <progress max="100" value=progress.overall()></progress> }
}

#[wasm_bindgen_test]
fn a_configured_server_is_known_as_soon_as_the_session_is_provided() {
    let server = r#"{"servers":[{"kind":"analysis","name":"Analysis","url":"/analysis"}]}"#;
    let config = Config::parse(server, "http://127.0.0.1").ok().unwrap();
    let place = place();

    let mounted = mount_to(place.clone(), move || view! { <Progress config/> });

    let progress = place.query_selector("progress").unwrap().unwrap();
    let value = progress.get_attribute("value");
    assert_eq!(value, None, "no share of what nobody knows");
    drop(mounted);
    place.remove();
}

/// Joins a meeting and shows which are joined.
#[component]
fn Joined(config: Config) -> impl IntoView {
    let telltale = provide_telltale(config);
    let sign_in = use_sign_in();
    let joined = telltale.joined();
    use_meeting(meeting("room-1")).join();
    view! {
        <p>{move || joined.with(Vec::len)}</p>
        <button on:click=move |_| sign_in.sign_out()></button>
    }
}

#[wasm_bindgen_test]
async fn signing_out_leaves_every_meeting() {
    let config = config(&server().await);
    let place = place();
    let mounted = mount_to(place.clone(), move || view! { <Joined config/> });
    let shown = || place.query_selector("p").unwrap().unwrap().text_content();
    until("the meeting is joined", || shown().as_deref() == Some("1")).await;

    press_until_no_meeting_is_joined(&place).await;
    drop(mounted);
    place.remove();
}

/// A view of a meeting, which is left when the view goes, beside how many are joined.
#[component]
fn Visited(config: Config) -> impl IntoView {
    let telltale = provide_telltale(config);
    let joined = telltale.joined();
    let is_there = RwSignal::new(true);
    let visit = move || {
        let meeting = use_meeting(meeting("room-1"));
        meeting.join();
        meeting.leave_at_end();
    };
    view! {
        <p>{move || joined.with(Vec::len)}</p>
        <button on:click=move |_| is_there.set(false)></button>
        {move || is_there.get().then(visit)}
    }
}

#[wasm_bindgen_test]
async fn a_meeting_that_is_left_with_its_view_is_not_joined_any_more() {
    let config = config(&server().await);
    let place = place();
    let mounted = mount_to(place.clone(), move || view! { <Visited config/> });
    let shown = || place.query_selector("p").unwrap().unwrap().text_content();
    until("the meeting is joined", || shown().as_deref() == Some("1")).await;

    press_until_no_meeting_is_joined(&place).await;
    drop(mounted);
    place.remove();
}

/// A view of a meeting that asks once more when it is watched, and shows what it is told at once.
#[component]
fn AskedLate(config: Config) -> impl IntoView {
    provide_telltale(config);
    let watched = use_meeting(meeting("room-1"));
    let is_watched = RwSignal::new(false);
    watched.on_watch(move |told| is_watched.set(told));
    watched.join();
    let ask = || {
        let told = Rc::new(Cell::new(None));
        let sink = told.clone();
        use_meeting(meeting("room-1")).on_watch(move |is_watched| sink.set(Some(is_watched)));
        format!("{:?}", told.get())
    };
    view! { <p>{move || is_watched.get().then(ask)}</p> }
}

#[wasm_bindgen_test]
async fn whoever_asks_late_whether_a_meeting_is_watched_is_told_at_once() {
    let config = config(&server().await);
    let place = place();
    let mounted = mount_to(place.clone(), move || view! { <AskedLate config/> });
    let shown = || place.query_selector("p").unwrap().unwrap().text_content();
    until("it has asked", || {
        shown().is_some_and(|said| !said.is_empty())
    })
    .await;
    assert_eq!(shown().as_deref(), Some("Some(true)"));
    drop(mounted);
    place.remove();
}

/// Presses the view's button, and waits until the view says so.
async fn press_until_no_meeting_is_joined(place: &HtmlElement) {
    let shown = || place.query_selector("p").unwrap().unwrap().text_content();
    let button = place.query_selector("button").unwrap().unwrap();
    button.unchecked_into::<HtmlElement>().click();
    until("no meeting is joined", || shown().as_deref() == Some("0")).await;
}

// ── languages ────────────────────────────────────────────────────────────────────────────────────────────────────────

/// The language that is spoken, with what a person chose.
#[component]
fn Spoken() -> impl IntoView {
    follow_browser(provide_language(Language::english()), None);
    view! { <p>{move || use_language().tag().to_owned()}</p> }
}

#[wasm_bindgen_test]
async fn another_language_of_the_browser_is_spoken_unless_somebody_chose_one() {
    const STORED: &str = "telltale.lang";
    let window = web_sys::window().unwrap();
    let storage = window.local_storage().unwrap().unwrap();
    let _files = Replaced::new(
        "window",
        "fetch",
        "return Promise.resolve(new Response('{}'))",
    );
    for (chosen, spoken) in [(None, "de"), (Some("browser"), "de"), (Some("en"), "en")] {
        let _ = storage.remove_item(STORED);
        if let Some(chosen) = chosen {
            storage.set_item(STORED, chosen).unwrap();
        }
        let place = place();
        browser_speaks(&["en-GB"]);
        let mounted = mount_to(place.clone(), || view! { <Spoken/> });
        let shown = || place.query_selector("p").unwrap().unwrap().text_content();
        assert_eq!(shown().as_deref(), Some("en"));

        browser_speaks(&["fr", "de-AT"]);
        until(&format!("{spoken} is spoken for {chosen:?}"), || {
            shown().as_deref() == Some(spoken)
        })
        .await;
        // What is not to follow has had the time in which the others did.
        sleep(Duration::from_millis(50)).await;
        assert_eq!(shown().as_deref(), Some(spoken), "{chosen:?}");

        drop(mounted);
        place.remove();
    }
    storage.remove_item(STORED).unwrap();
    js_sys::eval("delete navigator.languages").unwrap();
}

/// Has the browser say that these are its languages now.
fn browser_speaks(tags: &[&str]) {
    let tags = tags.join("','");
    let now = format!(
        "Object.defineProperty(navigator, 'languages', {{ configurable: true, value: ['{tags}'] }});
         window.dispatchEvent(new Event('languagechange'))"
    );
    js_sys::eval(&now).unwrap();
}

// ── mount and unmount ────────────────────────────────────────────────────────────────────────────────────────────────

/// A panel in English, of which nothing but its server and its media was said.
fn panel(place: &HtmlElement, server: &str, media: &str) -> Result<widget::Panel, JsValue> {
    let place = place.clone();
    let nowhere = document().create_element("div").unwrap().unchecked_into();
    let client = widget::connect(nowhere, server, None, false, None)?;
    client.mount(place, media, "en", "{}", false)
}

#[wasm_bindgen_test]
async fn two_panels_share_a_page_and_unmounting_one_leaves_the_other() {
    let server = format!(
        r#"{{"kind":"analysis","url":"{}/analysis"}}"#,
        server().await
    );
    let (first, second) = (place(), place());
    let mut one = panel(&first, &server, "m1").unwrap();
    let mut two = panel(&second, &server, "m1").unwrap();
    assert!(first.child_element_count() > 0 && second.child_element_count() > 0);
    for place in [&first, &second] {
        let button = place.query_selector("[popovertarget]").unwrap().unwrap();
        let list = button.get_attribute("popovertarget").unwrap();
        let list = document().get_element_by_id(&list).unwrap();
        assert!(place.contains(Some(&list)), "a button opens its own list");
    }

    one.unmount();

    assert_eq!(first.inner_text(), "");
    assert_eq!(first.child_element_count(), 0);
    assert!(second.child_element_count() > 0);
    one.unmount();
    two.unmount();
    assert_eq!(second.child_element_count(), 0);
    first.remove();
    second.remove();
}

#[wasm_bindgen_test]
fn a_wrong_option_is_named_and_nothing_is_mounted() {
    let place = place();
    for (server, media, named) in [
        (r#"{"kind":"nope","url":"/"}"#, "m1", "kind"),
        (r#"{"kind":"analysis"}"#, "m1", "url"),
        (r#"{"kind":"analysis","url":"/"}"#, "", "mediaId"),
    ] {
        let error = panel(&place, server, media).err().unwrap();
        let error: js_sys::TypeError = error.unchecked_into();

        assert!(String::from(error.message()).contains(named), "{named}");
        assert_eq!(place.child_element_count(), 0);
    }
    place.remove();
}

#[wasm_bindgen_test]
async fn a_panel_mounted_a_hundred_times_leaves_nothing() {
    let server = format!(
        r#"{{"kind":"analysis","url":"{}/analysis"}}"#,
        server().await
    );
    let document = web_sys::window().unwrap().document().unwrap();
    let count = || document.query_selector_all("*").unwrap().length();
    let before = count();

    for _ in 0..100 {
        let place = place();
        panel(&place, &server, "m1").unwrap().unmount();
        place.remove();
    }

    assert_eq!(count(), before);
}

#[wasm_bindgen_test]
async fn a_page_that_is_gone_is_kept_by_nothing_of_its_front() {
    let config = config(&server().await);
    let place = place();
    let is_gone = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&is_gone);

    let mounted = mount_to(place.clone(), move || {
        on_cleanup(move || told.store(true, Ordering::Relaxed));
        front(config, || Box::pin(async { None }))
    });
    assert!(place.child_element_count() > 0);
    drop(mounted);

    assert!(is_gone.load(Ordering::Relaxed));
    place.remove();
}

// ── helpers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

async fn server() -> String {
    text_of("/target/browser-test-server").await
}

async fn text_of(path: &str) -> String {
    let window = web_sys::window().unwrap();
    let response = JsFuture::from(window.fetch_with_str(path)).await;
    let response: web_sys::Response = response.expect("make test writes it").unchecked_into();
    let text = JsFuture::from(response.text().unwrap()).await.unwrap();
    text.as_string().unwrap().trim().to_owned()
}

fn config(server: &str) -> Config {
    let text = format!(
        r#"{{"servers":[{{"kind":"meeting","url":"{server}/meeting","path":"/meeting/socket.io/"}}]}}"#
    );
    Config::parse(&text, "http://127.0.0.1")
        .map_err(|error| error.to_string())
        .unwrap()
}

fn driver_over(order: &[TransportKind], server: &str) -> Rc<Driver> {
    let mut config = config(server);
    config.servers[0].socket.transports.order = order.to_vec();
    Driver::start(config, |_, _, _| {})
}

/// Joins a meeting and waits for the server to say so.
async fn joined(driver: &Driver, room: &str) {
    let meeting = meeting(room);
    driver.command(Command::Join(meeting.clone()));
    until("the server says that we are in", || {
        driver.with_session(|session, now| {
            session
                .meeting(&meeting, now)
                .is_some_and(|view| view.is_joined)
        })
    })
    .await;
}

/// Counts the polling requests of the page that have ended, by the browser's own book.
struct Polled {
    performance: web_sys::Performance,
    before: usize,
}

impl Polled {
    fn count() -> Self {
        let performance = web_sys::window().unwrap().performance().unwrap();
        performance.set_resource_timing_buffer_size(10_000);
        let mut polled = Self {
            performance,
            before: 0,
        };
        polled.before = polled.requests();
        polled
    }

    fn requests(&self) -> usize {
        let entries = self.performance.get_entries_by_type("resource");
        let names = entries
            .iter()
            .filter_map(|entry| Reflect::get(&entry, &"name".into()).ok()?.as_string());
        names
            .filter(|name| name.contains("transport=polling"))
            .count()
            - self.before
    }
}

/// Puts something else in the place of a function of the browser, until dropped.
struct Replaced {
    of: JsValue,
    name: &'static str,
    was: JsValue,
}

impl Replaced {
    /// `of` is the name of a global object, `body` what the function does now.
    fn new(of: &str, name: &'static str, body: &str) -> Self {
        let of = Reflect::get(&js_sys::global(), &of.into()).unwrap();
        let was = Reflect::get(&of, &name.into()).unwrap();
        Reflect::set(&of, &name.into(), &Function::new_no_args(body)).unwrap();
        Self { of, name, was }
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        Reflect::set(&self.of, &self.name.into(), &self.was).unwrap();
    }
}

fn meeting_driver(server: &str) -> Rc<Driver> {
    Driver::start(config(server), |_, _, _| {})
}

fn connection(driver: &Driver) -> Connection {
    driver.with_session(|session, _| session.sources()[0].connection.clone())
}

fn meeting(id: &str) -> MeetingKey {
    MeetingKey {
        source: Source(0),
        id: MeetingId::new(id).unwrap(),
    }
}

fn place() -> HtmlElement {
    let document = web_sys::window().unwrap().document().unwrap();
    let place: HtmlElement = document.create_element("div").unwrap().unchecked_into();
    document.body().unwrap().append_child(&place).unwrap();
    place
}

/// Polls until it holds, for ten seconds at most.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..400 {
        if holds() {
            return;
        }
        sleep(Duration::from_millis(25)).await;
    }
    panic!("not within ten seconds: {what}");
}
