//! The application around the pages: header, banner, the page the address names, the dock and the announcer.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::activity::activity_page;
use super::announcer::{announcer, announcer_within};
use super::connection::{banner, connection_pill};
use super::focus::Keeper;
use super::hooks::{use_sign_in, use_telltale, use_uploads, Telltale};
use super::icon::{icon, Icon};
use super::live::{click, flag, part, say, text};
use super::login::{login_form, login_page, Door};
use super::media_list::{media_list, LastList};
use super::media_page::media_page;
use super::meeting::{meeting_page, meetings_page};
use super::pause::{pause_button, paused};
use super::places::{place_choices, provide_places, Places};
use super::route::Route;
use super::toasts::toasts;
use super::upload::drop_zone;
use super::words::{self, Key, Sentence};
use super::{foreign, language, preferences, Away};
use crate::domain::Text;
use crate::session::state::{Command, SignIn};

/// What the address and the sign-in put on the page.
#[derive(Clone, Debug, PartialEq)]
enum Page {
    SignIn,
    At(Route),
}

/// The whole page; the session is provided above it.
pub fn app() -> impl IntoView {
    language::name_in_document();
    let telltale = use_telltale();
    let sign_in = use_sign_in();
    let door = Door::of_session();
    let again = door.clone();
    // Whoever has just signed in before there was a session goes on from the form, which held the focus.
    let has_come_in = matches!(sign_in.state.get_untracked(), SignIn::SignedIn { .. });
    let last = LastList::new();
    provide_context(last);
    let places = provide_places();
    let mark = telltale.activity_mark();
    provide_context(Away {
        count: Memo::new(move |_| mark.with(|mark| mark.away)),
        badged: words::places::badged,
    });
    let route = RwSignal::new(current_route());
    let listener = window_event_listener_untyped("hashchange", move |_| route.set(current_route()));
    on_cleanup(move || listener.remove());
    // Whoever types is not spoken over.
    let typing =
        window_event_listener_untyped("keydown", move |_| telltale.command(Command::Typed));
    on_cleanup(move || typing.remove());

    keep_focus(telltale);

    // An expired session leaves the page as it is, under a dialog: what was on screen is still worth reading.
    // So does a try to sign in to one server while another is live.
    let who = RwSignal::new(None::<String>);
    let whose = StoredValue::new(0);
    let was_signed_in = Memo::new(move |_| who.with(Option::is_some));
    // Neither what was searched for nor what was open is of whoever comes next.
    let forget = move || {
        last.clear();
        let _ = window().location().set_hash(&Route::List.href());
    };
    Effect::new(move |_| match sign_in.state.get() {
        SignIn::SignedIn { name, person } => {
            if who.with_untracked(Option::is_some) && whose.get_value() != person {
                forget();
            }
            whose.set_value(person);
            who.set(Some(name.as_str().to_owned()));
        }
        SignIn::SignedOut => {
            if who.get_untracked().is_some() {
                forget();
            }
            who.set(None);
        }
        _ => {}
    });
    let page = Memo::new(move |_| match sign_in.state.get() {
        SignIn::SignedOut => Page::SignIn,
        SignIn::Asking | SignIn::Refused(_) if !was_signed_in.get() => Page::SignIn,
        _ => Page::At(route.get()),
    });
    let is_in = move || page.with(|page| *page != Page::SignIn);
    let dialog = NodeRef::<html::Dialog>::new();
    let is_asked = RwSignal::new(false);
    let ask_again = Callback::new(move |()| {
        if let Some(dialog) = dialog.get_untracked().filter(|dialog| !dialog.open()) {
            is_asked.set(dialog.show_modal().is_ok());
        }
    });
    Effect::new(move |_| {
        let is_settled = !matches!(sign_in.state.get(), SignIn::Asking | SignIn::Refused(_));
        if let Some(dialog) = dialog
            .get_untracked()
            .filter(|dialog| is_settled && dialog.open())
        {
            dialog.close();
        }
    });
    // A new page begins at its heading, unless it has a better place, as the list has for whoever comes back to it. The
    // first one does not: the browser has just put the reader at the top.
    Effect::new(move |before: Option<()>| {
        page.track();
        // What was opened over the page before does not cover the next.
        if let Ok(Some(open)) = document().query_selector("[popover]:popover-open") {
            let _ = open
                .dyn_into::<HtmlElement>()
                .map(|open| open.hide_popover());
        }
        if before.is_some() || has_come_in {
            let _ = request_animation_frame(|| {
                if !holds_focus() {
                    focus_heading();
                }
            });
        }
    });
    view! {
        <a class="skip" href="#main" on:click=move |event| {
            // The fragment is the route's.
            event.prevent_default();
            focus_heading();
        }>{say(Key::SkipToContent)}</a>
        <header class="top">
            <strong class="brand">{words::PRODUCT}</strong>
            <nav aria-label=say(Key::MainNavigation) hidden=flag(move || !is_in())>
                <ul>
                    {nav_link(page, "#/media", say(Key::Media).into_any(), |route| {
                        matches!(route, Route::List | Route::Media { .. })
                    })}
                    {nav_link(page, "#/meetings", say(Key::Meetings).into_any(), |route| {
                        matches!(route, Route::Meetings | Route::Meeting { .. })
                    })}
                    {nav_link(page, "#/activity", unseen(telltale), |route| *route == Route::Activity)}
                </ul>
            </nav>
            <span class="grow"></span>
            {connection_pill()}
            {pause_button()}
            <button class="plain" popovertarget="settings" aria-label=say(Key::Settings)>
                {icon(Icon::Theme)}
            </button>
            <div class="beside">
                <section id="settings" class="popup" popover="auto" aria-label=say(Key::Settings)>
                    {settings(places, who)}
                </section>
            </div>
        </header>
        {banner(ask_again)}
        {paused()}
        <main id="main" tabindex="-1">
            {part(move || {
                let page = page.get();
                give_up_focus();
                match page {
                    Page::SignIn => login_page(door.clone()),
                    Page::At(route) => at(&route),
                }
            })}
        </main>
        <dialog
            node_ref=dialog
            aria-label=say(Key::SignInAgain)
            on:close=move |_| is_asked.set(false)
        >
            <div class="stack">
                <h2>{say(Key::SignInAgain)}</h2>
                {part(move || is_in().then(|| login_form(again.clone())))}
                <form method="dialog">
                    <button>{say(Key::NotNow)}</button>
                </form>
            </div>
            {part(move || is_asked.get().then(announcer_within))}
        </dialog>
        {drop_zone()}
        {toasts(ask_again)}
        {announcer()}
    }
}

/// What a person can choose, and as whom they are here.
pub fn settings(places: Places, who: RwSignal<Option<String>>) -> AnyView {
    let (sign_in, uploads) = (use_sign_in(), use_uploads());
    view! {
        {preferences::language_choice()}
        {preferences::theme_choice()}
        {preferences::announce_choice(use_telltale())}
        {place_choices(places)}
        <div class="stack" hidden=flag(move || who.with(Option::is_none))>
            <p class="meta">
                {part(move || {
                    let name = who.get().and_then(|name| Text::name(&name));
                    foreign::sentence(words::sentence(Key::SignedInAs, &[], name))
                })}
            </p>
            <p id="sign-out-stops" hidden=flag(move || uploads.unsent() == 0)>
                {text(move || match uploads.unsent() {
                    // What is hidden still describes a button.
                    0 => String::new(),
                    unsent => words::plural(Key::SignOutStops, unsent as u64, &[]),
                })}
            </p>
            <button aria-describedby="sign-out-stops" on:click=click(move || sign_in.sign_out())>
                {say(Key::SignOut)}
            </button>
        </div>
    }
    .into_any()
}

/// The page instead of all that, when the configuration cannot be used: it is for the person who can mend it.
pub fn config_page(fault: &str) -> impl IntoView {
    language::learn();
    language::name_in_document();
    super::set_title(|| words::title(&words::say(Key::Configuration)));
    // Every second part stands between backticks: a key, or what was found there.
    let parts = fault.split('`').enumerate().map(|(at, part)| {
        let part = part.to_owned();
        match at % 2 {
            0 => part.into_any(),
            _ => view! { <code>{part}</code> }.into_any(),
        }
    });
    let fault: Vec<_> = parts.collect();
    view! {
        <header class="top">
            <strong class="brand">{words::PRODUCT}</strong>
        </header>
        <main id="main" tabindex="-1">
            <section class="card login">
                <h1>{say(Key::NotSetUp)}</h1>
                <p>{part(move || {
                    let Sentence { before, after, .. } = words::sentence(Key::ConfigurationFault, &[], None);
                    view! { {before} <code>"config.json"</code> {after} }
                })}</p>
                <p class="fault" lang="en" dir="ltr">{icon(Icon::Bad)} <span>{fault}</span></p>
                <p class="meta">
                    {say(Key::ConfigurationCure)}
                </p>
            </section>
        </main>
    }
}

fn at(route: &Route) -> AnyView {
    let telltale = use_telltale();
    let (media, meeting) =
        telltale.with_sources(|sources| (route.media(sources), route.meeting(sources)));
    match route {
        Route::List => media_list(),
        Route::Activity => activity_page(),
        #[cfg(feature = "debug")]
        Route::Debug => super::debug::debug_page().unwrap_or_else(media_list),
        Route::Meetings => meetings_page(),
        Route::Media { .. } => media.map_or_else(unknown_server, media_page),
        Route::Meeting { .. } => meeting.map_or_else(unknown_server, meeting_page),
    }
}

fn unknown_server() -> AnyView {
    super::set_title(|| words::title(&words::say(Key::NotFound)));
    view! {
        <section class="card empty">
            <h1 tabindex="-1">{say(Key::UnknownServer)}</h1>
            <p class="meta">{say(Key::UnknownServerMeans)}</p>
            <a class="button" href="#/media">{say(Key::AllMedia)}</a>
        </section>
    }
    .into_any()
}

fn nav_link(
    page: Memo<Page>,
    href: &'static str,
    word: AnyView,
    is_here: fn(&Route) -> bool,
) -> impl IntoView {
    let current = move || {
        page.with(|page| match page {
            Page::At(route) if is_here(route) => Some("page".to_owned()),
            _ => None,
        })
    };
    let current: super::live::Live<Option<String>> = Box::new(current);
    view! {
        <li>
            <a href=href aria-current=current>
                {word}
            </a>
        </li>
    }
}

/// The activity, and how much of it is new.
fn unseen(telltale: Telltale) -> AnyView {
    let mark = telltale.activity_mark();
    let unseen = Memo::new(move |_| mark.with(|mark| mark.unseen));
    view! {
        {say(Key::Activity)}
        " "
        <span class="badge" hidden=flag(move || unseen.get() == 0)>
            {text(move || words::activity::unseen(unseen.get()))}
        </span>
    }
    .into_any()
}

fn current_route() -> Route {
    Route::parse(&window().location().hash().unwrap_or_default())
}

/// Whoever pressed what is gone then stands at the heading of the page: a button that did its work, a banner whose loss
/// is over.
fn keep_focus(telltale: Telltale) {
    let keeper = Keeper::new(telltale, heading);
    let listeners = [
        window_event_listener_untyped("focusin", move |event| keeper.came(&event)),
        window_event_listener_untyped("focusout", move |_| keeper.went()),
        window_event_listener_untyped("click", move |_| keeper.pressed()),
    ];
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
}

/// Whether the focus is somewhere in the page's content.
fn holds_focus() -> bool {
    let inside = document().query_selector("#main :focus");
    inside.is_ok_and(|inside| inside.is_some())
}

/// Takes the focus from the page's content, before another page comes in its place: where the two have the same shape,
/// the browser's elements stay, and whoever stood on a button of one meeting would stand on that of another.
fn give_up_focus() {
    let inside = document().query_selector("#main :focus").ok().flatten();
    if let Some(holder) = inside.and_then(|inside| inside.dyn_into::<HtmlElement>().ok()) {
        let _ = holder.blur();
    }
}

/// Goes to where the page begins.
pub fn focus_heading() {
    if let Some(heading) = heading() {
        let _ = heading.focus();
    }
}

/// Where the page begins.
fn heading() -> Option<HtmlElement> {
    let heading = document().query_selector("main h1").ok().flatten();
    let heading = heading.or_else(|| document().get_element_by_id("main"))?;
    heading.dyn_into().ok()
}
