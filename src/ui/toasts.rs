//! The dock: one card for each thing, at most a few on screen, and on a small screen one. Collapsed, a media's card is
//! its toast; opened, it is its panel.
//!
//! Cards are in no live region, hold no progressbar and never take the focus. Alt+T goes to the newest one and back;
//! Escape puts away the one that has the focus, and the focus goes to the next, or back to where it came from.

mod face;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Node};

pub(super) use self::face::face;
use self::face::{action_word, card_line, head, name};
use super::focus::focus;
use super::hooks::{
    use_analysis_progress, use_telltale, use_toasts, AnalysisProgress, Telltale, Toasts,
};
use super::icon::{icon, Hue, Icon};
use super::live::{click, flag, part, say, text, word};
use super::progress_panel::models;
use super::route::Route;
use super::words::{Key, Terms};
use super::{foreign, format, words};
use crate::backend::Parts;
use crate::domain::view::Status;
use crate::domain::{MediaKey, Text};
use crate::session::state::Command;
use crate::toast::{Action, Body, Hold, Subject, Toast, Toaster};
use crate::web::handle::{EventListener, SizeObserver};

/// The dock. `sign_in` is what a card's *Sign in* does.
pub fn toasts(sign_in: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let dock = NodeRef::<html::Section>::new();
    let came_from = StoredValue::new_local(None::<HtmlElement>);
    let height = StoredValue::new_local(None::<SizeObserver>);
    Effect::new(move |_| {
        if let Some(dock) = dock.get() {
            height.set_value(follow_height(&dock));
        }
    });
    let hotkey = window_event_listener_untyped("keydown", move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else {
            return;
        };
        if !is_hotkey(event) {
            return;
        }
        let Some(dock) = dock.get_untracked() else {
            return;
        };
        event.prevent_default();
        if holds_focus(&dock) {
            go_back(came_from);
        } else {
            came_from.set_value(focused());
            match dock.query_selector(".toast").ok().flatten() {
                Some(card) => focus(&card),
                None => focus(&dock),
            }
        }
    });
    on_cleanup(move || hotkey.remove());
    let is_held = StoredValue::new(false);
    let release = move || {
        is_held.set_value(false);
        toasts.release(Hold::Focus);
    };
    // Not every browser tells that the focus went with the card that had it, and no other card would leave any more.
    Effect::new(move |_| {
        toasts.list.track();
        if is_held.get_value() {
            let _ = request_animation_frame(move || {
                let dock = dock.try_get_untracked().flatten();
                if dock.is_some_and(|dock| is_held.get_value() && !holds_focus(&dock)) {
                    release();
                }
            });
        }
    });

    let is_small = small_screen();
    let is_spread = RwSignal::new(false);
    let drawn = move || match is_small.get() && !is_spread.get() {
        true => 1,
        false => usize::MAX,
    };
    let count = move || toasts.list.with(Vec::len);
    let behind = move || toasts.overflow.get() + count().saturating_sub(drawn());
    let fits = move || match is_small.get() {
        true => 1,
        false => Toaster::VISIBLE,
    };
    let shows_all = move || behind() == 0 && count() > fits();
    Effect::new(move |_| {
        // Whoever looked at all of them has seen them: the next ones begin as one again.
        if count() <= 1 && is_spread.get() {
            is_spread.set(false);
        }
    });
    // Whatever puts a card away takes the focus with it, if that is there.
    let leave = move |card: &HtmlElement| {
        if holds_focus(card) {
            let next = card
                .next_element_sibling()
                .or_else(|| card.previous_element_sibling());
            match (next, dock.get_untracked()) {
                (Some(next), _) => focus(&next),
                (None, Some(dock)) if untrack(behind) > 0 => {
                    // The next card is drawn when this one is gone.
                    focus(&dock);
                    let _ = request_animation_frame(move || {
                        if let Ok(Some(next)) = dock.query_selector(".toast") {
                            focus(&next);
                        }
                    });
                }
                _ => go_back(came_from),
            }
        }
    };
    view! {
        <section
            class="dock"
            aria-label=say(Key::Notifications)
            tabindex="-1"
            node_ref=dock
            on:pointerenter=move |_| toasts.hold(Hold::Pointer)
            on:pointerleave=move |_| toasts.release(Hold::Pointer)
            on:focusin=move |_| {
                is_held.set_value(true);
                toasts.hold(Hold::Focus);
            }
            on:focusout=move |_| release()
        >
            <ol>
                <For
                    each=move || toasts.list.with(|list| {
                        let subjects = list.iter().map(|toast| toast.subject.clone());
                        subjects.take(drawn()).collect::<Vec<_>>()
                    })
                    key=Clone::clone
                    children=move |subject| card(toasts, subject, leave, sign_in)
                />
            </ol>
            <button
                class="overflow"
                hidden=flag(move || behind() == 0 && !shows_all())
                on:click=click(move || {
                    let is_wanted = untrack(|| !shows_all());
                    is_spread.set(is_wanted);
                    toasts.show_all(is_wanted);
                })
            >
                {text(move || match behind() {
                    0 => words::say(Key::ShowFewer),
                    hidden => words::plural(Key::NumberMore, hidden as u64, &[]),
                })}
            </button>
        </section>
    }
}

fn card(
    toasts: Toasts,
    subject: Subject,
    leave: impl Fn(&HtmlElement) + Copy + 'static,
    sign_in: Callback<()>,
) -> AnyView {
    let telltale = use_telltale();
    let of = {
        let subject = subject.clone();
        Memo::new(move |_| {
            toasts
                .list
                .with(|list| list.iter().find(|toast| toast.subject == subject).cloned())
        })
    };
    let media = match &subject {
        Subject::Media(key) => Some(key.clone()),
        _ => None,
    };
    let profile = media.as_ref().and_then(|key| telltale.profile(key.source));
    let Terms { noun, parts } = Terms::from(profile);
    let progress = media.clone().map(use_analysis_progress);
    let is_open = RwSignal::new(false);
    let element = NodeRef::<html::Li>::new();
    let (title, line) = (super::unique("card"), super::unique("line"));
    let (labelled, described) = (title.clone(), line.clone());
    let read = move |read: fn(&Toast) -> String| {
        text(move || of.with(|toast| toast.as_ref().map_or_else(String::new, read)))
    };
    let bar = move || {
        of.with(|toast| match toast.as_ref().map(|toast| &toast.body) {
            Some(Body::Running(summary) | Body::Paused(summary)) => {
                summary.percent.filter(|_| summary.status != Status::Queued)
            }
            _ => None,
        })
    };
    let tone = move || of.with(|toast| toast.as_ref().map_or(Hue::Mute, |toast| face(toast).0));
    let put_away = {
        let subject = subject.clone();
        move || {
            if let Some(element) = element.get_untracked() {
                leave(&element);
            }
            toasts.dismiss(subject.clone());
        }
    };
    let escape = put_away.clone();
    let meeting = meeting_link(&subject, telltale);
    let act = move || {
        let action = of.with_untracked(|toast| toast.as_ref().and_then(|toast| toast.action));
        let telltale = telltale;
        match (action, &subject) {
            (Some(Action::View), Subject::Media(key)) => open(Route::of_media, key, telltale),
            (Some(Action::View), Subject::Alert { meeting, .. }) => {
                open(Route::of_meeting, meeting, telltale);
            }
            (Some(Action::View), _) => go(&Route::Activity),
            (Some(Action::Retry), Subject::Media(key)) => {
                telltale.command(Command::AnalyzeAgain(key.clone()));
            }
            (Some(Action::Retry), _) => telltale.command(Command::RetryNow),
            (Some(Action::Acknowledge), Subject::Alert { meeting, group }) => {
                if let Some(element) = element.get_untracked() {
                    leave(&element);
                }
                telltale.command(Command::Acknowledge {
                    meeting: meeting.clone(),
                    group: *group,
                });
            }
            (Some(Action::SignIn), _) => sign_in.run(()),
            _ => {}
        }
    };
    let expander = media.is_some();
    view! {
        <li
            class="toast"
            tabindex="0"
            aria-labelledby=labelled
            aria-describedby=described
            data-tone=word(move || tone().name())
            node_ref=element
            on:keydown=move |event: KeyboardEvent| {
                if event.key() == "Escape" {
                    event.stop_propagation();
                    escape();
                }
            }
        >
            <strong id=title class="cut">
                {part(move || of.with(|toast| toast.as_ref().map(|toast| head(toast, noun, parts))))}
            </strong>
            <button
                class="plain"
                aria-expanded=text(move || is_open.get().to_string())
                aria-label=text(move || {
                    let verb = if is_open.get() { Key::HideDetailsNamed } else { Key::ShowDetailsNamed };
                    let name = of.with(|toast| toast.as_ref().map(|toast| name(toast, noun)).unwrap_or_default());
                    words::with(verb, &[("name", &name)])
                })
                hidden=!expander
                on:click=click(move || is_open.update(|open| *open = !*open))
            >
                {icon(Icon::Expand)}
            </button>
            <button
                class="plain"
                aria-label=text(move || {
                    let name = of.with(|toast| toast.as_ref().map(|toast| name(toast, noun)).unwrap_or_default());
                    words::with(Key::HideNamed, &[("name", &name)])
                })
                on:click=click(put_away)
            >
                {icon(Icon::Close)}
            </button>
            <div id=line class="meta full">
                {part(move || of.with(|toast| {
                    let line = toast.as_ref().map(|toast| card_line(toast, parts, left(progress)));
                    line.unwrap_or_default().into_iter().map(foreign::sentence).collect_view()
                }))}
                {meeting}
            </div>
            <span
                class="bar full"
                aria-hidden="true"
                hidden=flag(move || bar().is_none())
                data-stale=flag(move || of.with(|toast| matches!(toast, Some(Toast { body: Body::Paused(_), .. }))))
                data-tone="run"
                style=("--part", text(move || format::css_percent(bar().unwrap_or(0))))
            >
                <i></i>
            </span>
            <div class="full" hidden=flag(move || !is_open.get())>
                {part(move || {
                    media.clone().filter(|_| is_open.get()).map(|key| opened(key, parts))
                })}
            </div>
            <div class="row full" hidden=flag(move || of.with(|toast| !has_action(toast.as_ref())))>
                <button class="primary" on:click=click(act)>
                    {read(|toast| toast.action.map_or_else(String::new, action_word))}
                </button>
            </div>
        </li>
    }
    .into_any()
}

/// Which meeting an alert is of, and the way there: the page behind the card may be another meeting's.
fn meeting_link(subject: &Subject, telltale: Telltale) -> Option<AnyView> {
    let Subject::Alert { meeting, .. } = subject else {
        return None;
    };
    let href = telltale.with_sources(|sources| Route::of_meeting(meeting, sources).href());
    let id = Text::of_id(meeting.id.as_str());
    let name =
        part(move || foreign::sentence(words::sentence(Key::MeetingNamed, &[], Some(id.clone()))));
    Some(view! { {text(words::separator)} <a href=href>{name}</a> }.into_any())
}

/// The models in an opened card; their details are fetched while it is open only if its page is.
fn opened(key: MediaKey, parts: Parts) -> AnyView {
    models(use_analysis_progress(key), parts)
}

/// How long a run will still take, for its card; what may be out of date is no ground for an estimate.
fn left(progress: Option<AnalysisProgress>) -> Option<String> {
    let progress = progress?;
    if use_telltale().is_stale(progress.key().source) {
        return None;
    }
    progress.with_view(|view| words::left(view?.run.as_ref()?.left?))
}

fn has_action(toast: Option<&Toast>) -> bool {
    toast.is_some_and(|toast| toast.action.is_some())
}

fn open<K>(
    route: fn(&K, &[crate::session::state::SourceState]) -> Route,
    key: &K,
    telltale: Telltale,
) {
    go(&telltale.with_sources(|sources| route(key, sources)));
}

fn go(route: &Route) {
    let _ = window().location().set_hash(&route.href());
}

/// Alt+T and nothing else: with AltGr, which some systems tell as Ctrl and Alt, one writes a letter.
fn is_hotkey(event: &KeyboardEvent) -> bool {
    let has_more = event.ctrl_key() || event.meta_key() || event.shift_key();
    event.alt_key() && !has_more && event.code() == "KeyT"
}

fn focused() -> Option<HtmlElement> {
    document().active_element()?.dyn_into().ok()
}

fn holds_focus(element: &HtmlElement) -> bool {
    element.contains(
        document()
            .active_element()
            .as_ref()
            .map(AsRef::<Node>::as_ref),
    )
}

/// Where the focus was before Alt+T, if that is still on the page; else the page's main part.
fn go_back(came_from: StoredValue<Option<HtmlElement>, LocalStorage>) {
    let before = came_from.try_update_value(Option::take).flatten();
    match before.filter(|element| element.is_connected()) {
        Some(element) => focus(&element),
        None => {
            if let Some(main) = document().get_element_by_id("main") {
                focus(&main);
            }
        }
    }
}

/// Whether the screen is so small that one card has room beside what it covers, for as long as the current component
/// lives: the others wait behind their number.
fn small_screen() -> RwSignal<bool> {
    const SMALL: &str = "(max-width: 35em), (max-height: 30em)";
    let query = window().match_media(SMALL).ok().flatten();
    let is_small = RwSignal::new(query.as_ref().is_some_and(|query| query.matches()));
    let follow = query.and_then(|query| {
        let watched = query.clone();
        EventListener::new(&query, "change", move |_| is_small.set(watched.matches()))
    });
    // Dropped with the current component, and with it the listener.
    let _ = StoredValue::new_local(follow);
    is_small
}

/// Tells the stylesheet how high the dock is, so that the page can be scrolled free of it (WCAG 2.4.11). Dropping it
/// stops that.
fn follow_height(dock: &HtmlElement) -> Option<SizeObserver> {
    let root: HtmlElement = document().document_element()?.dyn_into().ok()?;
    let watched = dock.clone();
    SizeObserver::new(dock, move || {
        let mut height = watched.offset_height().to_string();
        height.push_str("px");
        let _ = root.style().set_property("--dock", &height);
    })
}
