//! The list of media: what there is, and where each stands.
//!
//! Rows change in place and never move by themselves ([`rows`]); of a long list only those near what is in sight are on
//! the page ([`window`]); what is searched, filtered and sorted by stands in the address ([`choice`]). A row is a link,
//! so it can be opened in another tab and its address kept. Whoever comes back from one finds the list as it was left.

mod choice;
mod filters;
mod on_page;
mod row;
mod rows;
pub(super) mod window;

use leptos::ev::FocusEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlUListElement};

use self::choice::Choice;
pub use self::choice::{Outcome, Sort};
use self::filters::filters;
use self::on_page::OnPage;
use self::row::row;
use self::rows::{Rows, Scene, Tally};
use self::window::{gaps, Sight};
use super::focus::focus_in_place;
use super::format;
use super::hooks::{use_connection, use_media_list, use_sign_in, use_telltale, Loading, MediaList};
use super::live::{click, flag, part, say, text};
use super::paper::paper_of_all;
use super::route::{address, push_address, Route, Typed};
use super::set_moving_title;
use super::upload::{upload_button, upload_rows};
use super::words::{self, Key};
use crate::domain::MediaKey;
use crate::session::state::SignIn;
use crate::web::handle::SizeObserver;

/// How high a row is until one has been measured, in CSS pixels.
const ROW: f64 = 65.0;

/// The page with the list.
pub fn media_list() -> AnyView {
    let list = List::new();
    list.follow_address();
    list.follow_scrolling();
    list.put_on_page();
    list.come_back();
    let (media, tally) = (list.media, list.tally);
    let telltale = use_telltale();
    let is_empty = move || tally.with(|tally| tally.all == 0);
    set_moving_title(move || {
        let running = tally.with(|tally| tally.running);
        // One number in a title can be read; two cannot be told apart.
        let is_badged = telltale.activity_mark().with(|mark| mark.away > 0);
        words::title(&match running {
            0 => words::say(Key::Media),
            _ if is_badged => words::say(Key::Media),
            _ => format!(
                "({}) {}",
                format::count(running as u64),
                words::say(Key::Media)
            ),
        })
    });
    view! {
        <div class="row head">
            <h1 tabindex="-1" class="grow">{say(Key::Media)}</h1>
            {upload_button()}
        </div>
        {paper_of_all()}
        {upload_rows()}
        {filters(list)}
        <div class="news">
            <button
                class="primary"
                hidden=flag(move || tally.with(|tally| tally.waiting + tally.left == 0))
                on:click=click(move || list.show_news())
            >
                {text(move || tally.with(|tally| words::news(tally.waiting, tally.left)))}
            </button>
        </div>
        <p class="meta count" hidden=flag(move || !list.is_known())>
            {text(move || list.count())}
        </p>
        {part(move || {
            if !is_empty() && (list.is_known() || tally.with(|tally| tally.rows > 0)) {
                return ().into_any();
            }
            match media.loading() {
                Loading::Under => skeleton().into_any(),
                Loading::Failed => unreachable_list(media).into_any(),
                Loading::Done => empty().into_any(),
            }
        })}
        <section
            class="card empty"
            hidden=flag(move || is_empty() || !list.is_known() || list.total.get() > 0)
        >
            <h2>{say(Key::NoMatch)}</h2>
            <button on:click=click(move || list.clear())>{say(Key::ClearFilters)}</button>
        </section>
        <div class="card list" hidden=flag(move || list.total.get() == 0)>
            <ul
                class="media"
                aria-label=say(Key::Media)
                node_ref=list.element
                style=("--row", text(move || list.sight.with(|sight| pixels(sight.row))))
                style=("--after", text(move || list.after().to_string()))
                on:focusout=move |event| list.focus_left(&event)
            ></ul>
        </div>
    }
    .into_any()
}

/// The address of the list as it was left last: where the way back from a media leads.
pub fn last_address() -> String {
    let last = use_context::<LastList>();
    let left = last.and_then(|last| last.0.with_value(|left| Some(left.as_ref()?.href.clone())));
    left.unwrap_or_else(|| Route::List.href())
}

/// Remembers the list as it was left, for as long as the component lives that makes it.
#[derive(Clone, Copy)]
pub struct LastList(StoredValue<Option<Left>>);

impl LastList {
    /// Nothing was left yet.
    pub fn new() -> Self {
        Self(StoredValue::new(None))
    }

    /// Whoever left it so has gone.
    pub fn clear(self) {
        self.0.try_update_value(|left| *left = None);
    }
}

/// How the list was left.
#[derive(Clone)]
struct Left {
    href: String,
    /// What was in sight, the page's own scroll position, and the row at the upper edge.
    sight: Sight,
    scrolled: f64,
    first: Option<MediaKey>,
    focused: Option<MediaKey>,
}

/// A row that is on the page.
#[derive(Clone, PartialEq)]
struct Mounted {
    key: MediaKey,
    /// The how manieth it is, from 0.
    at: usize,
    /// How many rows before it are not on the page.
    gap: usize,
}

/// The list's signals.
#[derive(Clone, Copy)]
struct List {
    media: MediaList,
    choice: RwSignal<Choice>,
    typed: Typed,
    sight: RwSignal<Sight>,
    /// How often somebody asked for what is new.
    asked: RwSignal<u32>,
    focused: RwSignal<Option<MediaKey>>,
    rows: StoredValue<Rows>,
    tally: Memo<Tally>,
    /// How many rows there are: what each row says, and differs less often than the rest of the tally.
    total: Memo<usize>,
    mounted: Memo<Vec<Mounted>>,
    element: NodeRef<html::Ul>,
    search: NodeRef<html::Input>,
}

impl List {
    fn new() -> Self {
        let media = use_media_list();
        let choice = RwSignal::new(Choice::parse(&address()));
        let sight = RwSignal::new(Sight {
            top: 0.0,
            height: height_in_sight(),
            row: ROW,
        });
        let asked = RwSignal::new(0);
        let focused = RwSignal::new(None::<MediaKey>);
        let rows = StoredValue::new(Rows::default());
        let is_at_top = Memo::new(move |_| sight.with(Sight::is_at_top));
        let is_loading = Memo::new(move |_| media.loading() == Loading::Under);
        let tally = Memo::new(move |_| {
            let step = |rows: &mut Rows| {
                choice.with(|choice| {
                    let scene = Scene {
                        choice,
                        is_at_top: is_at_top.get(),
                        is_loading: is_loading.get(),
                        asked: asked.get(),
                    };
                    media
                        .entries
                        .with(|entries| rows.step(entries, scene, &folded))
                })
            };
            rows.try_update_value(step).unwrap_or_default()
        });
        let total = Memo::new(move |_| tally.with(|tally| tally.rows));
        let mounted = Memo::new(move |_| {
            // The rows' order may differ where their number does not.
            let total = tally.with(|tally| tally.rows);
            let sight = sight.get();
            rows.with_value(|rows| {
                let focused = focused.with(|key| key.as_ref().and_then(|key| rows.position(key)));
                let places = sight.mounted(total, focused);
                (places.iter().zip(gaps(&places)))
                    .filter_map(|(at, gap)| {
                        let key = rows.at(*at)?.clone();
                        Some(Mounted { key, at: *at, gap })
                    })
                    .collect()
            })
        });
        Self {
            media,
            choice,
            typed: Typed::new(use_telltale().now()),
            sight,
            asked,
            focused,
            rows,
            tally,
            total,
            mounted,
            element: NodeRef::new(),
            search: NodeRef::new(),
        }
    }

    /// Whether it can be counted: as long as nothing was heard, nobody knows how many there are.
    fn is_known(self) -> bool {
        match self.media.loading() {
            Loading::Done => true,
            // One that was never loaded is missing in each number.
            Loading::Under => false,
            Loading::Failed => self.tally.with(|tally| tally.all > 0),
        }
    }

    /// Chooses, and says so in the address: as a step that *Back* undoes, unless it is one of many while typing.
    fn choose(self, choice: Choice, is_typing: bool) {
        if self.choice.with_untracked(|old| *old == choice) {
            return;
        }
        if is_typing {
            self.typed.replace(&choice.href());
        } else {
            self.typed.settle();
            push_address(&choice.href());
        }
        self.choice.set(choice);
    }

    /// Leaves nothing out any more.
    fn clear(self) {
        self.choose(self.choice.with_untracked(Choice::cleared), false);
        if let Some(search) = self.search.get_untracked() {
            let _ = search.focus();
        }
    }

    /// Lets in what waits, leaves out what matches no more, and goes to the top, where it is.
    fn show_news(self) {
        self.asked.update(|asked| *asked += 1);
        // The first row has to be on the page, wherever that is scrolled to: it is what gets the focus.
        self.arrange();
        self.focused
            .set(self.rows.with_value(|rows| rows.at(0).cloned()));
        let is_away = !self.sight.with_untracked(Sight::is_at_top);
        let _ = request_animation_frame(move || {
            if is_away {
                scroll_to(self.start());
            }
            // The button is gone, and with it the focus.
            if !self.focus_row(0) {
                super::app::focus_heading();
            }
        });
    }

    fn follow_address(self) {
        let follow = window_event_listener_untyped("hashchange", move |_| {
            self.typed.forget();
            let address = address();
            if Route::parse(&address) == Route::List {
                self.choice.set(Choice::parse(&address));
            }
        });
        on_cleanup(move || follow.remove());
    }

    fn follow_scrolling(self) {
        for event in ["scroll", "resize"] {
            let follow = window_event_listener_untyped(event, move |_| self.look());
            on_cleanup(move || follow.remove());
        }
        // What stands above the list may have grown, and the first row can be measured only when it is there: either
        // makes the page's part longer.
        let observer = StoredValue::new_local(None::<SizeObserver>);
        Effect::new(move |_| {
            let main = (self.element.get()).and_then(|list| list.closest("main").ok().flatten());
            observer.set_value(main.and_then(|main| {
                SizeObserver::new(&main, move || {
                    let _ = request_animation_frame(move || self.look());
                })
            }));
        });
    }

    /// Keeps the rows on the page.
    fn put_on_page(self) {
        let on_page = StoredValue::new_local(OnPage::new());
        Effect::new(move |_| {
            let keys: Vec<_> =
                (self.mounted).with(|rows| rows.iter().map(|row| row.key.clone()).collect());
            if let Some(element) = self.element.get() {
                on_page.update_value(|on_page| on_page.set(&element, &keys, &|key| row(self, key)));
            }
        });
    }

    /// Measures what is in sight.
    fn look(self) {
        let Some(element) = self.on_page() else {
            return;
        };
        let row = element.first_element_child();
        let row = row.map(|row| row.get_bounding_client_rect().height());
        let sight = Sight {
            top: -element.get_bounding_client_rect().top(),
            height: height_in_sight(),
            row: row
                .filter(|row| *row > 0.0)
                .unwrap_or_else(|| self.sight.with_untracked(|sight| sight.row)),
        };
        if self.sight.with_untracked(|old| *old != sight) {
            self.sight.set(sight);
        }
    }

    /// Puts the rows in order now, so that they can be asked for.
    fn arrange(self) {
        self.tally.with_untracked(|_| {});
    }

    /// Where the list's start is on the page, with what stands right above it.
    fn start(self) -> f64 {
        /// As much as `scroll-padding` keeps free for what is scrolled to.
        const ABOVE: f64 = 72.0;
        let element = self.on_page();
        let top = element.map_or(0.0, |element| element.get_bounding_client_rect().top());
        (scrolled() + top - ABOVE).max(0.0)
    }

    /// Shows the list as it was left, if it is the same; and remembers how it is left this time.
    fn come_back(self) {
        let Some(LastList(last)) = use_context::<LastList>() else {
            return;
        };
        let left = last.try_update_value(Option::take).flatten();
        let left = left.filter(|left| {
            self.choice
                .with_untracked(|choice| choice.href() == left.href)
        });
        if let Some(left) = left {
            self.show_as_left(left);
        }
        let sign_in = use_sign_in().state;
        on_cleanup(move || {
            // Who signs in next may be somebody else.
            if sign_in.with_untracked(|state| *state == SignIn::SignedOut) {
                return;
            }
            let sight = self.sight.get_untracked();
            let first = self
                .rows
                .with_value(|rows| rows.at(sight.first().0).cloned());
            let left = Left {
                href: self.choice.with_untracked(Choice::href),
                sight,
                scrolled: scrolled(),
                first,
                focused: self.focused.get_untracked(),
            };
            last.try_update_value(|last| *last = Some(left));
        });
    }

    /// How far the list's start is from the page's.
    fn offset(self) -> f64 {
        let element = self.on_page();
        element.map_or(0.0, |element| {
            element.get_bounding_client_rect().top() + scrolled()
        })
    }

    fn show_as_left(self, left: Left) {
        let Left {
            mut sight,
            scrolled,
            first,
            focused,
            ..
        } = left;
        self.arrange();
        let is_at_top = sight.is_at_top();
        if !is_at_top {
            // The row that was at the upper edge is there again, whatever is new above it.
            let first = first.and_then(|first| self.rows.with_value(|rows| rows.position(&first)));
            let (was, cut) = sight.first();
            #[allow(clippy::cast_precision_loss)]
            let first = first.unwrap_or(was) as f64;
            sight.top = first * sight.row + cut;
            self.sight.set(sight);
        }
        self.focused.set(focused.clone());
        Effect::new(move |before: Option<()>| {
            if before.is_some() {
                return;
            }
            scroll_to(if is_at_top {
                scrolled
            } else {
                self.offset() + sight.top
            });
            let row = focused.as_ref().and_then(|focused| {
                self.mounted
                    .with_untracked(|rows| rows.iter().position(|row| row.key == *focused))
            });
            if let Some(row) = row {
                self.focus_row(row);
            }
        });
    }

    /// Gives the focus to one of the rows that are on the page; whether there is one.
    fn focus_row(self, at: usize) -> bool {
        let element = self.on_page();
        let rows = element.map(|element| element.children());
        let row = rows.and_then(|rows| rows.item(u32::try_from(at).ok()?));
        let link = row.and_then(|row| row.query_selector("a").ok().flatten());
        link.is_some_and(|link| focus_in_place(&link))
    }

    /// The focus leaves a row. If it goes to another, that one will tell; if the whole window is no longer in front,
    /// the row has it again when it is.
    fn focus_left(self, event: &FocusEvent) {
        let from = event
            .target()
            .and_then(|from| from.dyn_into::<Element>().ok());
        let to = event
            .related_target()
            .and_then(|to| to.dyn_into::<Element>().ok());
        let list = self.on_page();
        let stays = list.is_some_and(|list| list.contains(to.as_deref()) && to.is_some());
        if !stays && from != document().active_element() {
            self.focused.set(None);
        }
    }

    /// The list's element; `None` when the page has been left, which some events come after.
    fn on_page(self) -> Option<HtmlUListElement> {
        self.element.try_get_untracked().flatten()
    }

    /// Rows after the last one that is on the page.
    fn after(self) -> usize {
        let last = self
            .mounted
            .with(|rows| rows.last().map_or(0, |row| row.at + 1));
        self.total.get().saturating_sub(last)
    }

    fn count(self) -> String {
        let tally = self.tally.get();
        let is_filtered = self.choice.with(Choice::is_filtered);
        let count = match is_filtered {
            true => words::list_part(tally.rows, tally.all, self.media.beyond()),
            false => {
                words::list_count(tally.rows, tally.running, tally.queued, self.media.beyond())
            }
        };
        let age = self.media.stale_for().map(words::list_updated);
        words::join_all(&[count, age.unwrap_or_default()])
    }
}

fn empty() -> impl IntoView {
    view! {
        <section class="card empty">
            <h2>{say(Key::NoMediaYet)}</h2>
            <p class="meta">{say(Key::NoMediaYetCure)}</p>
        </section>
    }
}

fn unreachable_list(media: MediaList) -> impl IntoView {
    let status = use_connection();
    let can_retry = move || {
        media
            .missing()
            .iter()
            .any(|state| state.connection.can_retry())
    };
    view! {
        <section class="card empty">
            <h2>{say(Key::MediaNotLoaded)}</h2>
            <p class="meta">
                {text(move || {
                    // Of several, the one that a person can do something about.
                    let missing = media.missing();
                    let retried = missing.iter().find(|state| state.connection.can_retry());
                    let said = retried.or(missing.first());
                    said.map_or_else(String::new, |state| words::missing(&state.connection, state.was_heard))
                })}
            </p>
            <button hidden=flag(move || !can_retry()) on:click=click(move || status.retry_now())>
                {say(Key::TryAgain)}
            </button>
        </section>
    }
}

fn skeleton() -> impl IntoView {
    view! {
        <div class="card" aria-busy="true">
            <p class="sr">{say(Key::LoadingMedia)}</p>
            {(0..4).map(|_| view! { <div class="skeleton" aria-hidden="true"></div> }).collect_view()}
        </div>
    }
}

fn height_in_sight() -> f64 {
    let height = leptos::prelude::window().inner_height().ok();
    height.and_then(|height| height.as_f64()).unwrap_or(0.0)
}

fn scrolled() -> f64 {
    leptos::prelude::window().scroll_y().unwrap_or(0.0)
}

fn scroll_to(y: f64) {
    leptos::prelude::window().scroll_to_with_x_and_y(0.0, y);
}

/// In hundredths, the digits by the browser: the code for it need not be in the build.
fn pixels(number: f64) -> String {
    let digits = js_sys::Number::from(number).to_fixed(2);
    let mut text = digits.map_or_else(|_| String::new(), String::from);
    text.push_str("px");
    text
}

/// As one searches: without the case of letters and the marks on them, by the browser's tables, which need not be in
/// the build.
pub(super) fn folded(text: &str) -> String {
    let text = js_sys::JsString::from(text).normalize("NFKD");
    let text: String = text.to_lower_case().into();
    let is_mark = |letter: &char| ('\u{300}'..='\u{36F}').contains(letter);
    text.chars().filter(|letter| !is_mark(letter)).collect()
}
