//! Each component in each state: `#/gallery` lists them, `#/gallery/<component>/<state>` shows one.
//!
//! A state is brought about as it would be in life: a session hears what a fixture or the demonstration's servers say,
//! a person does this and that, the network comes and goes, and then the time stands still. No view's insides are
//! touched, so what is shown here is what would be shown. What a person does in a cell still has its consequence, but
//! nothing moves by itself: two pictures of a cell are equal.
//!
//! `?theme=light|dark` and `?lang=ar` in the address turn it as one needs it: Arabic is read from the right.

pub mod cells;
mod gesture;
pub mod scene;

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use telltale::domain::{MediaKey, MeetingId, MeetingKey, Source};
use telltale::session::state::SignIn;
use telltale::ui::debug;
use telltale::ui::hooks::{use_sign_in, use_telltale};
use telltale::ui::language::{Language, Spoken};
use telltale::ui::parts;
use telltale::ui::Cancel;

use self::cells::{Cell, View, CELLS};
use crate::hostile::Wish;
use crate::stage::Stage;
use crate::world::media;

/// What stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Address {
    component: String,
    state: String,
    theme: Option<&'static str>,
    is_arabic: bool,
    /// What the servers send in place of their texts.
    said: Option<Wish>,
}

/// What the views can speak: the language that the page began with, and the one that is read from the right.
#[derive(Clone)]
pub struct Tongues {
    spoken: Spoken,
    first: Arc<Language>,
    /// `None` if its texts could not be loaded.
    arabic: Option<Arc<Language>>,
}

impl Tongues {
    pub fn new(spoken: Spoken, first: Arc<Language>, arabic: Option<Arc<Language>>) -> Self {
        Self {
            spoken,
            first,
            arabic,
        }
    }

    /// Speaks Arabic, or what the page began with.
    pub fn speak(&self, is_arabic: bool) {
        let arabic = self.arabic.as_ref().filter(|_| is_arabic);
        self.spoken.set(arabic.unwrap_or(&self.first).clone());
    }
}

impl Address {
    /// Reads a fragment; `None` if it is no place in the gallery.
    pub fn parse(fragment: &str) -> Option<Self> {
        let path = fragment.trim_start_matches('#').strip_prefix("/gallery")?;
        let (path, wishes) = path.split_once('?').unwrap_or((path, ""));
        let mut parts = match path {
            "" => "".split('/'),
            path => path.strip_prefix('/')?.split('/'),
        };
        let mut address = Self {
            component: parts.next().unwrap_or_default().to_owned(),
            state: parts.next().unwrap_or_default().to_owned(),
            ..Self::default()
        };
        for wish in wishes.split('&') {
            match wish {
                "theme=light" => address.theme = Some("light"),
                "theme=dark" => address.theme = Some("dark"),
                "lang=ar" => address.is_arabic = true,
                wish => {
                    let said = wish.strip_prefix("said=").and_then(Wish::parse);
                    address.said = said.or(address.said);
                }
            }
        }
        Some(address)
    }

    fn cell(&self) -> Option<&'static Cell> {
        CELLS
            .iter()
            .find(|cell| cell.component == self.component && cell.state == self.state)
    }

    /// The same place in the gallery's own words, but for what is to be different.
    fn href(&self, cell: Option<&Cell>) -> String {
        let mut href = String::from("#/gallery");
        let mut wishes = Vec::new();
        if let Some(cell) = cell {
            for part in [cell.component, cell.state] {
                href.push('/');
                href.push_str(part);
            }
            wishes.extend(cell.wish.map(str::to_owned));
        }
        wishes.extend(self.theme.map(|theme| ["theme=", theme].concat()));
        wishes.extend(self.is_arabic.then(|| "lang=ar".to_owned()));
        wishes.extend(self.said.map(|said| ["said=", &said.name()].concat()));
        if !wishes.is_empty() {
            href.push('?');
            href.push_str(&wishes.join("&"));
        }
        href
    }
}

/// The gallery at an address.
pub fn gallery(address: Address, tongues: &Tongues) -> AnyView {
    tongues.speak(address.is_arabic);
    light(&address);
    let cell = address.cell();
    let title = cell.map_or("All states".to_owned(), |cell| {
        [cell.component, ": ", cell.state].concat()
    });
    document().set_title(&[&title, " · Gallery"].concat());
    let back = address.href(None);
    let switches = switches(&address, cell);
    let content = match cell {
        Some(cell) => shown(cell, address.said, title),
        None => index(&address),
    };
    // The way past the navigation is a page's first link, or it is none.
    let is_page = cell.is_some_and(|cell| matches!(cell.view, View::Page));
    let (first, last) = match is_page {
        true => (Some(content), None),
        false => (None, Some(content)),
    };
    view! {
        {first}
        <section class="top" aria-label="Gallery">
            <strong class="brand">"Gallery"</strong>
            <nav aria-label="Places">
                <ul>
                    <li><a href=back>"All states"</a></li>
                    <li><a href="#/media">"Demonstration"</a></li>
                </ul>
            </nav>
            <span class="grow"></span>
            {switches}
        </section>
        {last}
    }
    .into_any()
}

/// Links, so that what was chosen can be sent and photographed.
fn switches(address: &Address, cell: Option<&Cell>) -> AnyView {
    let link = |words: &'static str, to: Address, is_here: bool| {
        let href = to.href(cell);
        let current = is_here.then_some("true");
        view! { <li><a href=href aria-current=current>{words}</a></li> }
    };
    let theme = |theme| Address {
        theme,
        ..address.clone()
    };
    let spoken = |is_arabic| Address {
        is_arabic,
        ..address.clone()
    };
    view! {
        <nav aria-label="Look">
            <ul>
                {link("Light", theme(Some("light")), address.theme == Some("light"))}
                {link("Dark", theme(Some("dark")), address.theme == Some("dark"))}
                {link("Left to right", spoken(false), !address.is_arabic)}
                {link("Right to left", spoken(true), address.is_arabic)}
            </ul>
        </nav>
    }
    .into_any()
}

fn light(address: &Address) {
    let Some(root) = document().document_element() else {
        return;
    };
    let _ = match address.theme {
        Some(theme) => root.set_attribute("data-theme", theme),
        None => root.remove_attribute("data-theme"),
    };
}

fn index(address: &Address) -> AnyView {
    let mut components: Vec<&str> = Vec::new();
    for cell in CELLS {
        if !components.contains(&cell.component) {
            components.push(cell.component);
        }
    }
    let sections = components.into_iter().map(|component| {
        let cells = CELLS.iter().filter(|cell| cell.component == component);
        let cells = cells.map(|cell| {
            let href = address.href(Some(cell));
            view! {
                <li>
                    <a data-cell=[component, "/", cell.state].concat() href=href>{cell.state}</a>
                    <span class="meta">{cell.tells}</span>
                </li>
            }
        });
        let cells = cells.collect_view();
        view! {
            <section class="card stack tight">
                <h2>{component}</h2>
                <ul class="states">{cells}</ul>
            </section>
        }
    });
    let sections = sections.collect_view();
    view! {
        <main id="main" tabindex="-1">
        <div class="row head">
            <h1 tabindex="-1" class="grow">"Every component in every state"</h1>
        </div>
        <p class="meta">
            "Each is brought about by what servers say, a person does and the network allows, and then the time stands still."
        </p>
        <div class="gallery">{sections}</div>
        </main>
    }
    .into_any()
}

fn shown(cell: &'static Cell, said: Option<Wish>, title: String) -> AnyView {
    let stage = Stage::provide(scene::play(cell, said), None);
    let gestures = match cell.view {
        View::Debug(gestures) | View::Cancellable(_, gestures) => gestures,
        _ => &[],
    };
    let is_busy = gesture::after_drawing(gestures);
    let busy = move || is_busy.get().then_some("true");
    let view = view! {
        <div id="cell" data-component=cell.component data-state=cell.state aria-busy=busy>
            {draw(cell.view, &stage)}
        </div>
    };
    if let View::NotSetUp(_) | View::Page = cell.view {
        // It is all that there is of a page, also its main part.
        return view! {
            <section aria-label="Cell">
                <p class="meta">{title} ". " {cell.tells}</p>
            </section>
            {view}
        }
        .into_any();
    }
    // A page has its own first heading.
    let heading = match cell.view.is_page() {
        true => view! { <p class="meta">{title}</p> }.into_any(),
        false => view! { <h1 tabindex="-1">{title}</h1> }.into_any(),
    };
    view! {
        <main id="main" tabindex="-1">
            {heading}
            <p class="meta">{cell.tells}</p>
            {view}
        </main>
    }
    .into_any()
}

fn draw(view: View, stage: &Stage) -> AnyView {
    let media = |id| media(&stage.id(id));
    let missing = || view! { <p>"There is no such thing in this scene."</p> }.into_any();
    match view {
        View::Pill => parts::connection_pill().into_any(),
        View::Banner => parts::banner(Callback::new(|()| ())).into_any(),
        View::SignIn => parts::login_page(),
        View::SignInAgain => {
            view! { <section class="card login">{parts::login_form()}</section> }.into_any()
        }
        View::List => parts::media_list(),
        View::Media(id) => media(id).map_or_else(missing, parts::media_page),
        View::Panel(id) => media(id).map_or_else(missing, panel),
        View::Cards => parts::toasts(Callback::new(|()| ())).into_any(),
        View::Meetings => parts::meetings_page(),
        View::Meeting(server, id) => {
            let meeting = meeting(server, &stage.id(id));
            meeting.map_or_else(missing, parts::meeting_page)
        }
        View::Activity => parts::activity_page(),
        View::Paused(seconds) => {
            let view = view! { {parts::pause_button()} {parts::paused()} };
            hold(stage, seconds);
            view.into_any()
        }
        View::PausedActivity(seconds) => {
            let view = view! { {parts::paused()} {parts::activity_page()} };
            hold(stage, seconds);
            view.into_any()
        }
        View::Settings(permission, notifies) => {
            let places = parts::Places::of(permission, notifies, true);
            let who = use_sign_in().state.with_untracked(|state| match state {
                SignIn::SignedIn { name, .. } => Some(name.as_str().to_owned()),
                _ => None,
            });
            let settings = parts::settings(places, RwSignal::new(who));
            view! { <section class="card stack">{settings}</section> }.into_any()
        }
        View::Embedded(id) => media(id).map_or_else(missing, |key| {
            telltale::ui::embedded(key, Callback::new(|()| ()), None)
        }),
        View::Cancellable(id, _) => media(id).map_or_else(missing, |key| {
            let cancel = Callback::new(|_: Cancel| ());
            telltale::ui::embedded(key, Callback::new(|()| ()), Some(cancel))
        }),
        View::EmbeddedMeeting(id) => meeting(0, &stage.id(id)).map_or_else(missing, |key| {
            telltale::ui::embedded_meeting(key, Callback::new(|()| ()))
        }),
        View::Debug(_) | View::DebugLater => parts::debug_page().unwrap_or_else(missing),
        View::DebugLoading => not_loaded(|| Box::pin(std::future::pending())),
        View::DebugNotLoaded => not_loaded(|| Box::pin(std::future::ready(None))),
        View::Page => telltale::ui::app().into_any(),
        View::NotSetUp(fault) => telltale::ui::config_page(fault).into_any(),
    }
}

/// What is drawn is held, and so many seconds go by.
fn hold(stage: &Stage, seconds: u16) {
    use_telltale().pause(true);
    stage.pass(Duration::from_secs(seconds.into()));
}

/// The page of the debug panel, which is not there.
fn not_loaded(load: fn() -> debug::Loading) -> AnyView {
    debug::provide_panel(load, None);
    parts::debug_page().into_any()
}

fn panel(key: MediaKey) -> AnyView {
    use_telltale().keep_open(&key);
    telltale::ui::progress_panel(key, None)
}

fn meeting(server: u8, id: &str) -> Option<MeetingKey> {
    Some(MeetingKey {
        source: Source(server),
        id: MeetingId::new(id)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: Wish = Wish {
        number: Some(7),
        part: crate::hostile::Part::Words,
        is_harmless: true,
    };

    #[test]
    fn an_address_leads_to_its_cell_and_back() {
        for cell in CELLS {
            for (theme, said) in [(None, None), (Some("dark"), Some(SAID))] {
                for is_arabic in [false, true] {
                    let address = Address {
                        component: cell.component.to_owned(),
                        state: cell.state.to_owned(),
                        theme,
                        is_arabic,
                        said,
                    };

                    let read = Address::parse(&address.href(Some(cell))).expect("it is one");

                    assert_eq!(read, address);
                    let found = read.cell().expect("it is there");
                    assert_eq!((found.component, found.state), (cell.component, cell.state));
                }
            }
        }
    }

    #[test]
    fn what_is_no_place_in_the_gallery_is_a_place_of_the_page() {
        for (fragment, is_gallery) in [
            ("#/gallery", true),
            ("#/gallery?lang=ar", true),
            ("#/gallery/", true),
            ("#/gallery/nothing/like-it", true),
            ("#/galleries", false),
            ("#/media", false),
            ("", false),
        ] {
            assert_eq!(Address::parse(fragment).is_some(), is_gallery, "{fragment}");
        }
    }
}
