//! The demonstration: the whole page over servers that work while somebody looks, and the switches for what goes wrong.

use std::rc::Rc;
use std::time::Duration;

use gloo_timers::callback::Interval;
use leptos::prelude::*;
use telltale::protocol::Page;
use telltale::session::state::Command;
use telltale::ui::{self, debug};

use crate::chaos::Chaos;
use crate::day::{self, MEDIA, OPENED};
use crate::hostile::{Hostile, Wish};
use crate::stage::Stage;
use crate::world::WRONG_PASSWORD;

/// How often the time is looked at: often enough for what moves to look as if it did.
const BEAT_MILLIS: u32 = 50;
/// What the page has behind it when it is first seen: somebody has signed in, and nothing has been said yet.
const SIGNED_IN: Duration = Duration::from_millis(50);
/// The file that brings 1,200 events of progress.
const FLOOD: &str = "flood.mp4";
const FLOOD_BYTES: u64 = 734_003_200;

/// A stage, for closures: a copy of a handle on it.
type Handle = StoredValue<Rc<Stage>, LocalStorage>;

/// Opens the demonstration and provides it to everything below.
pub fn provide() -> Handle {
    let epoch_millis = js_sys::Date::now() - OPENED.since_origin().as_secs_f64() * 1000.0;
    let began = now_millis();
    let clock = move || {
        let passed = (now_millis() - began).max(0.0) / 1000.0;
        OPENED + SIGNED_IN + Duration::from_secs_f64(passed)
    };
    // `?said=each-texts`: servers that mean harm.
    let search = window().location().search().unwrap_or_default();
    let mut wishes = search.trim_start_matches('?').split('&');
    let said = wishes.find_map(|wish| wish.strip_prefix("said=").and_then(Wish::parse));
    let mut world = day::closed(epoch_millis).before(said.map(Hostile::new));
    if debug::is_asked_for() {
        world.record();
    }
    day::enter(&mut world);
    let stage = Stage::provide(world, Some(Box::new(clock)));
    let beating = Rc::downgrade(&stage);
    let beat = Interval::new(BEAT_MILLIS, move || {
        if let Some(stage) = beating.upgrade() {
            stage.catch_up();
        }
    });
    // Owned by the current component: with it, the time stops.
    let _ = StoredValue::new_local(beat);
    let handle = StoredValue::new_local(stage);
    // It bubbles from the document.
    let seen = window_event_listener_untyped("visibilitychange", move |_| {
        let page = match document().hidden() {
            true => Page::Hidden,
            false => Page::Visible,
        };
        handle.with_value(|stage| stage.change(|world| world.page(page)));
    });
    on_cleanup(move || seen.remove());
    handle
}

fn now_millis() -> f64 {
    window()
        .performance()
        .map_or(0.0, |performance| performance.now())
}

/// The page itself.
pub fn page() -> AnyView {
    ui::app().into_any()
}

/// What can be switched, beside the sentence that stands on every view.
pub fn switches(stage: Handle) -> impl IntoView {
    let chaos = RwSignal::new(Chaos::default());
    let speed = RwSignal::new(1_u32);
    let [is_stopped, is_offline, turns_away, fails_requests] = [false; 4].map(RwSignal::new);
    let change = move |next: Chaos| {
        chaos.set(next);
        stage.with_value(|stage| stage.change(|world| world.set_chaos(next)));
    };
    let toggle = |name: &'static str, state: RwSignal<bool>, does: fn(&Stage, bool)| {
        let press = move |_| {
            state.update(|state| *state = !*state);
            stage.with_value(|stage| does(stage, state.get_untracked()));
        };
        view! {
            <button type="button" aria-pressed=move || state.get().to_string() on:click=press>
                {name}
            </button>
        }
    };
    let percent = move |name: &'static str, of: fn(&Chaos) -> u8, set: fn(&mut Chaos, u8)| {
        let choices = [
            ("None", 0),
            ("1 of 10", 10),
            ("3 of 10", 30),
            ("6 of 10", 60),
        ];
        choose(
            name,
            &choices,
            move || of(&chaos.get()),
            move |share| {
                let mut next = chaos.get_untracked();
                set(&mut next, share);
                change(next);
            },
        )
    };
    let delay = choose(
        "Delay",
        &[
            ("None", 0),
            ("Half a second", 500),
            ("2 seconds", 2_000),
            ("5 seconds", 5_000),
        ],
        move || u64::try_from(chaos.get().delay.as_millis()).unwrap_or(0),
        move |millis| {
            change(Chaos {
                delay: Duration::from_millis(millis),
                ..chaos.get_untracked()
            });
        },
    );
    let pace = choose(
        "Speed of the servers",
        &[("As it is", 1), ("Ten times as fast", 10)],
        move || speed.get(),
        move |times| {
            speed.set(times);
            stage.with_value(|stage| stage.change(|world| world.set_speed(times)));
        },
    );
    let calm = move |_| {
        change(Chaos::default());
        let switches = [is_stopped, is_offline, turns_away, fails_requests];
        for switch in switches.into_iter().filter(|switch| switch.get_untracked()) {
            switch.set(false);
        }
        stage.with_value(|stage| {
            stage.change(|world| {
                world.stop(false);
                world.turn_away(false);
                world.fail_requests(false);
                world.go_offline(false);
                // Nobody wants to wait for what is well again.
                world.command(Command::RetryNow);
            });
        });
    };
    let act = move |does: fn(&Stage)| move |_| stage.with_value(|stage| does(stage));
    view! {
        <button type="button" popovertarget="switches">"Demo controls"</button>
        <div class="beside">
            <section id="switches" class="popup" popover="auto" aria-label="Demo controls">
                <div class="stack">
                    <h2>"What happens"</h2>
                    {pace}
                    <button
                        type="button"
                        on:click=act(|stage| {
                            stage.change(|world| world.upload(MEDIA, FLOOD, FLOOD_BYTES));
                        })
                    >
                        "Send 1,200 events"
                    </button>
                    <p class="meta">
                        "Upload any file: its name says what becomes of it. Names with broken, partly, genuine, undecided or
                         flood have a fate of their own. Every password is right but " <code>{WRONG_PASSWORD}</code> "."
                    </p>
                    <h2>"What goes wrong"</h2>
                    {percent("Lost events", |chaos| chaos.lost, |chaos, share| chaos.lost = share)}
                    {percent("Doubled events", |chaos| chaos.doubled, |chaos, share| chaos.doubled = share)}
                    {delay}
                    <label class="row">
                        <input
                            type="checkbox"
                            prop:checked=move || chaos.get().is_disordered
                            on:change=move |event| {
                                change(Chaos {
                                    is_disordered: event_target_checked(&event),
                                    ..chaos.get_untracked()
                                });
                            }
                        />
                        "Events out of order"
                    </label>
                    <div class="row">
                        {toggle("Stop the servers", is_stopped, |stage, on| {
                            stage.change(|world| world.stop(on));
                        })}
                        {toggle("Go offline", is_offline, |stage, on| {
                            stage.change(|world| world.go_offline(on));
                        })}
                        {toggle("Turn everybody away", turns_away, |stage, on| {
                            stage.change(|world| world.turn_away(on));
                        })}
                        {toggle("Fail requests", fails_requests, |stage, on| {
                            stage.change(|world| world.fail_requests(on));
                        })}
                        <button
                            type="button"
                            on:click=act(|stage| stage.change(crate::world::World::expire))
                        >
                            "Expire the token"
                        </button>
                    </div>
                    <button type="button" class="primary" on:click=calm>"Nothing goes wrong"</button>
                    // No link: the first one of a page leads past what is on each of its views.
                    <button
                        type="button"
                        popovertarget="switches"
                        popovertargetaction="hide"
                        on:click=move |_| {
                            let _ = window().location().set_hash("#/gallery");
                        }
                    >
                        "Every component in every state"
                    </button>
                </div>
            </section>
        </div>
    }
}

/// One of a few numbers, each with its words.
fn choose<T: Copy + PartialEq + Send + Sync + 'static>(
    name: &'static str,
    choices: &[(&'static str, T)],
    of: impl Fn() -> T + Copy + Send + 'static,
    set: impl Fn(T) + 'static,
) -> AnyView {
    let values: Vec<T> = choices.iter().map(|(_, value)| *value).collect();
    let options = choices.iter().map(|(words, value)| {
        let value = *value;
        view! { <option prop:selected=move || of() == value>{*words}</option> }
    });
    let options = options.collect_view();
    let chosen = move |event| {
        let select: web_sys::HtmlSelectElement = event_target(&event);
        let index = usize::try_from(select.selected_index()).unwrap_or(0);
        if let Some(value) = values.get(index) {
            set(*value);
        }
    };
    view! {
        <label>
            {name} <select on:change=chosen>{options}</select>
        </label>
    }
    .into_any()
}
