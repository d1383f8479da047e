//! The debug panel: the record in rows, one of them in detail, and how much there is.
//!
//! It reads the record when the page draws a frame, and not while it is paused; the record goes on. Rows are equally
//! high and only those in sight are on the page, so ten thousand are as quick as ten. The list is one stop of the Tab
//! key, and the arrow keys choose in it.

mod detail;

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use super::super::hooks::{use_telltale, Telltale};
use super::super::icon::Hue;
use super::super::live::{click, flag, part, say, text, word, Live};
use super::super::media_list::folded;
use super::super::media_list::window::Sight;
use super::super::words::{self, Key};
use super::super::{format, offer, unique};
use super::filter::Filter;
use super::Recording;
use crate::domain::table::{file_name, Format};
use crate::domain::Source;
use crate::session::record::inspect::{Kind, Outcome, Row, Rows};
use crate::session::record::{Direction, Record, Tap, Traffic};
use crate::session::Session;
use crate::time::Instant;

/// As high as a row is until one can be measured, in CSS pixels.
const ROW: f64 = 32.0;

/// Begins a record with the session.
pub(super) fn record(session: &Session, now: Instant) -> Recording {
    recording(&begin(session, true, now))
}

fn recording(record: &Rc<RefCell<Record>>) -> Recording {
    Recording {
        tap: Rc::clone(record) as Rc<dyn Tap>,
        record: Rc::clone(record) as Rc<dyn Any>,
    }
}

fn begin(session: &Session, is_beginning: bool, now: Instant) -> Rc<RefCell<Record>> {
    let mut record = Record::new(session.servers(), session.seed(), is_beginning, now);
    for token in session.tokens() {
        record.hide(&token.0);
    }
    Rc::new(RefCell::new(record))
}

/// The page below its heading.
pub(super) fn page(kept: Option<Rc<dyn Any>>) -> AnyView {
    let telltale = use_telltale();
    let kept = kept.and_then(|kept| kept.downcast::<RefCell<Record>>().ok());
    let record = kept.unwrap_or_else(|| {
        let mut begun = None;
        telltale.with_session(|session, now| begun = Some(begin(session, false, now)));
        let record = begun.expect("a backing has a session");
        telltale.set_tap(Some(recording(&record).tap));
        on_cleanup(move || telltale.set_tap(None));
        record
    });
    let it = It::new(telltale, record);
    it.follow();
    view! {
        {head(it)}
        {counters(it)}
        {unhandled(it)}
        {tools(it)}
        <p class="meta count" role="status">{text(move || it.count())}</p>
        <div class="debug">
            {list(it)}
            <section class="card" aria-label=say(Key::DebugDetail)>
                {part(move || detail::detail(it))}
            </section>
        </div>
    }
    .into_any()
}

/// What the panel shows.
#[derive(Clone, Copy)]
struct It {
    telltale: Telltale,
    record: StoredValue<Rc<RefCell<Record>>, LocalStorage>,
    rows: StoredValue<Rows, LocalStorage>,
    /// Counts the times that `rows` have changed.
    version: RwSignal<u64>,
    filter: RwSignal<Filter>,
    is_paused: RwSignal<bool>,
    chosen: RwSignal<Option<u64>>,
    /// The numbers of the rows that are wanted, ascending.
    shown: Memo<Vec<u64>>,
    sight: RwSignal<Sight>,
    /// Whether what comes is scrolled to: while the end is in sight.
    follows: RwSignal<bool>,
    scroller: NodeRef<html::Div>,
}

impl It {
    fn new(telltale: Telltale, record: Rc<RefCell<Record>>) -> Self {
        let rows = StoredValue::new_local(Rows::default());
        let (version, filter) = (RwSignal::new(0), RwSignal::new(Filter::default()));
        let shown = Memo::new(move |_| {
            version.track();
            let wanted = |rows: &Rows, filter: &Filter| {
                let wanted = rows.rows().iter().filter(|row| filter.wants(row, folded));
                wanted.map(|row| row.number).collect()
            };
            let filter = filter.with(|filter| filter.folded(folded));
            rows.with_value(|rows| wanted(rows, &filter))
        });
        Self {
            telltale,
            record: StoredValue::new_local(record),
            rows,
            version,
            filter,
            is_paused: RwSignal::new(false),
            chosen: RwSignal::new(None),
            shown,
            sight: RwSignal::new(Sight {
                top: 0.0,
                height: 600.0,
                row: ROW,
            }),
            follows: RwSignal::new(true),
            scroller: NodeRef::new(),
        }
    }

    /// Reads what comes, while it is not paused, and keeps its end in sight.
    fn follow(self) {
        let frames = self.telltale.frames();
        Effect::new(move |_| {
            frames.track();
            if !self.is_paused.get() {
                self.read();
            }
        });
        Effect::new(move |_| {
            self.shown.track();
            let _ = request_animation_frame(move || {
                let follows = self.follows.try_get_untracked().unwrap_or_default();
                if let Some(scroller) = self.on_page().filter(|_| follows) {
                    scroller.set_scroll_top(scroller.scroll_height());
                }
                self.look();
            });
        });
    }

    fn read(self) {
        let is_new = self.rows.try_update_value(|rows| {
            self.with_record(|record| rows.read(record, &|source| self.me(source)))
        });
        if is_new == Some(true) {
            self.version.update(|version| *version += 1);
        }
    }

    fn with_record<R>(self, read: impl FnOnce(&Record) -> R) -> R {
        self.record.with_value(|record| read(&record.borrow()))
    }

    /// Who is signed in at a server, as its events name them.
    fn me(self, source: Source) -> Option<String> {
        let mut me = None;
        (self.telltale).with_session(|session, _| me = session.user(source).map(str::to_owned));
        me
    }

    fn row(self, number: u64) -> Option<Row> {
        self.rows.with_value(|rows| {
            let first = rows.rows().front()?.number;
            let at = usize::try_from(number.checked_sub(first)?).ok()?;
            rows.rows().get(at).cloned()
        })
    }

    fn clear(self) {
        self.record.with_value(|record| record.borrow_mut().clear());
        self.rows.set_value(Rows::default());
        self.chosen.set(None);
        self.follows.set(true);
        self.version.update(|version| *version += 1);
    }

    fn export(self) {
        let mut now = Instant::default();
        (self.telltale).with_session(|_, at| now = at);
        let exported = self.telltale.wall_time(now);
        let text = self.with_record(|record| record.to_json(exported, now));
        let name = file_name("telltale-record", exported, Format::Json);
        offer(&name, Format::Json, &text);
    }

    fn count(self) -> String {
        let all = {
            self.version.track();
            self.rows.with_value(|rows| rows.rows().len())
        };
        let dropped = self.with_record(Record::dropped);
        words::activity::count(self.shown.with(Vec::len), all, dropped)
    }

    // ── where in the list ──────────────────────────────────────────────────────────────────────────────────────

    /// The element that scrolls; `None` when the page has been left, which some events come after.
    fn on_page(self) -> Option<web_sys::HtmlDivElement> {
        self.scroller.try_get_untracked().flatten()
    }

    /// Measures what is in sight.
    fn look(self) {
        let Some(scroller) = self.on_page() else {
            return;
        };
        let row = scroller.query_selector("li").ok().flatten();
        let row = row.map(|row| row.get_bounding_client_rect().height());
        let sight = Sight {
            top: f64::from(scroller.scroll_top()),
            height: f64::from(scroller.client_height()),
            row: row.filter(|row| *row > 0.0).unwrap_or(ROW),
        };
        if self.sight.with_untracked(|old| *old != sight) {
            self.sight.set(sight);
        }
    }

    fn scrolled(self) {
        if let Some(scroller) = self.on_page() {
            let below = scroller.scroll_height() - scroller.scroll_top() - scroller.client_height();
            self.follows.set(f64::from(below) < ROW);
        }
        self.look();
    }

    /// The rows that are on the page: what is in sight, and the chosen one, which a screen reader is at.
    fn mounted(self) -> Vec<u64> {
        let (sight, chosen) = (self.sight.get(), self.chosen.get());
        self.shown.with(|shown| {
            let chosen = chosen.and_then(|chosen| shown.binary_search(&chosen).ok());
            let places = sight.mounted(shown.len(), chosen);
            (places.iter().filter_map(|at| shown.get(*at).copied())).collect()
        })
    }

    fn place(self, number: u64) -> usize {
        (self.shown).with(|shown| shown.binary_search(&number).unwrap_or_default())
    }

    /// Chooses the row at this place of the list, and has it in sight.
    fn choose(self, place: usize) {
        let number = self.shown.with_untracked(|shown| shown.get(place).copied());
        let (Some(number), Some(scroller)) = (number, self.on_page()) else {
            return;
        };
        self.chosen.set(Some(number));
        let sight = self.sight.get_untracked();
        #[allow(clippy::cast_precision_loss)] // ten thousand rows
        let top = place as f64 * sight.row;
        let lowest = top + sight.row - sight.height;
        let wanted = f64::from(scroller.scroll_top()).min(top).max(lowest);
        #[allow(clippy::cast_possible_truncation)]
        scroller.set_scroll_top(wanted.ceil() as i32);
        self.scrolled();
    }

    fn pressed(self, event: &KeyboardEvent) {
        let last = self.shown.with_untracked(Vec::len).saturating_sub(1);
        let chosen = self.chosen.get_untracked();
        let place = (self.shown)
            .with_untracked(|shown| chosen.and_then(|chosen| shown.binary_search(&chosen).ok()));
        let screen = {
            let sight = self.sight.get_untracked();
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let rows = (sight.height / sight.row).max(1.0) as usize;
            rows
        };
        let place = match (event.key().as_str(), place) {
            ("Home", _) => 0,
            ("End", _) => last,
            // Nothing is chosen: what is in sight is where one begins.
            ("ArrowDown" | "ArrowUp" | "PageDown" | "PageUp", None) => {
                self.sight.get_untracked().first().0.min(last)
            }
            ("ArrowDown", Some(place)) => (place + 1).min(last),
            ("ArrowUp", Some(place)) => place.saturating_sub(1),
            ("PageDown", Some(place)) => (place + screen).min(last),
            ("PageUp", Some(place)) => place.saturating_sub(screen),
            _ => return,
        };
        event.prevent_default();
        self.choose(place);
    }
}

fn head(it: It) -> AnyView {
    let began = it.with_record(Record::began);
    // What is cleared, or made room, was in it when the page was opened.
    let has_beginning = move || {
        it.version.track();
        it.with_record(|record| (record.began_with_session(), record.is_whole()))
    };
    let since = move || match has_beginning() {
        (true, true) => words::say(Key::DebugWhole),
        (true, false) => words::say(Key::DebugIncomplete),
        (false, _) => {
            let at = format::precise_moment(it.telltale.wall_time(began));
            words::with(Key::DebugSince, &[("at", &at)])
        }
    };
    let search = window().location().search().unwrap_or_default();
    let joint = if search.len() > 1 { "&" } else { "?" };
    let from_start = [search.trim_end_matches('?'), joint, "debug#/debug"].concat();
    let pressed: Live<&'static str> = word(move || match it.is_paused.get() {
        true => "true",
        false => "false",
    });
    view! {
        <p class="meta">
            <span>{text(since)}</span> " "
            <a href=from_start hidden=flag(move || has_beginning().1)>
                {say(Key::DebugFromStart)}
            </a>
        </p>
        <p class="meta">{say(Key::DebugSecrets)}</p>
        <div class="row actions">
            <button aria-pressed=pressed on:click=click(move || it.is_paused.update(|is| *is = !*is))>
                {say(Key::DebugPause)}
            </button>
            <button on:click=click(move || it.clear())>{say(Key::DebugClear)}</button>
            <button on:click=click(move || it.export())>{say(Key::ExportJson)}</button>
        </div>
    }
    .into_any()
}

/// How much goes in and out, and how fast: told once a second.
fn counters(it: It) -> AnyView {
    let now = it.telltale.now();
    let traffic = move |direction| it.with_record(|record| record.traffic(direction));
    let both = move || [traffic(Direction::In), traffic(Direction::Out)];
    let rates = Memo::new(move |before: Option<&(Instant, [Traffic; 2], [f64; 2])>| {
        let (now, traffic) = (now.get(), both());
        let Some((then, before, rates)) = before else {
            return (now, traffic, [0.0; 2]);
        };
        let seconds = now.saturating_since(*then).as_secs_f64();
        if seconds < 0.5 {
            return (*then, *before, *rates);
        }
        let rate = |at: usize| {
            #[allow(clippy::cast_precision_loss)] // frames of a second
            let frames = traffic[at].frames.saturating_sub(before[at].frames) as f64;
            frames / seconds
        };
        (now, traffic, [rate(0), rate(1)])
    });
    let line = move |at: usize| {
        it.version.track();
        let traffic = both()[at];
        let rate = rates.with(|(_, _, rates)| rates[at]);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let rate = format::count(rate.round() as u64);
        let size = format::bytes(traffic.bytes);
        words::plural(
            Key::DebugTraffic,
            traffic.frames,
            &[("rate", &rate), ("size", &size)],
        )
    };
    view! {
        <dl class="counters traffic">
            <div>
                <dt>{say(Key::DebugReceived)}</dt>
                <dd>{text(move || line(0))}</dd>
            </div>
            <div>
                <dt>{say(Key::DebugSent)}</dt>
                <dd>{text(move || line(1))}</dd>
            </div>
        </dl>
    }
    .into_any()
}

/// The events that had no handler, by name.
fn unhandled(it: It) -> AnyView {
    let lines = move || {
        it.version.track();
        let (total, mut names) = it.rows.with_value(|rows| {
            let names = rows.unhandled();
            let names: Vec<_> = names
                .map(|(source, name, count)| (source, name.clone(), count))
                .collect();
            (rows.unhandled_total(), names)
        });
        if total == 0 {
            return view! { <p class="meta">{words::say(Key::DebugUnhandledNone)}</p> }.into_any();
        }
        names.sort_by_key(|(.., count)| std::cmp::Reverse(*count));
        let names = names.into_iter().map(|(source, name, count)| {
            let server = it.telltale.server_name(source);
            let wanted = name.as_str().to_owned();
            let choose = move || {
                it.filter.set(Filter {
                    query: wanted.clone(),
                    only_unhandled: true,
                    ..Filter::default()
                });
            };
            view! {
                <li>
                    <button class="plain" on:click=click(choose)>
                        <bdi dir="auto">{server}</bdi> {words::separator()}
                        <bdi dir="auto">{name.as_str().to_owned()}</bdi>
                        " (" {format::count(count)} ")"
                    </button>
                </li>
            }
        });
        view! {
            <div class="note" data-tone=Hue::Warn.name()>
                <p>{words::plural(Key::DebugUnhandled, total, &[])}</p>
                <ul class="unhandled">{names.collect_view()}</ul>
            </div>
        }
        .into_any()
    };
    part(lines).into_any()
}

fn tools(it: It) -> AnyView {
    let filter = it.filter;
    let option = |value: &'static str, word: AnyView, is_chosen: Live<bool>| {
        view! { <option value=value prop:selected=is_chosen>{word}</option> }.into_any()
    };
    let directions = [
        ("", Key::SeverityAny, None),
        ("in", Key::DebugReceived, Some(Direction::In)),
        ("out", Key::DebugSent, Some(Direction::Out)),
    ];
    let directions = directions.map(|(value, key, direction)| {
        let is_chosen = flag(move || filter.with(|filter| filter.direction == direction));
        option(value, say(key).into_any(), is_chosen)
    });
    let kinds = std::iter::once(None)
        .chain(Kind::ALL.map(Some))
        .map(|kind| {
            let is_chosen = flag(move || filter.with(|filter| filter.kind == kind));
            let word = match kind_word(kind) {
                Ok(key) => say(key).into_any(),
                Err(name) => name.into_any(),
            };
            option(kind_name(kind), word, is_chosen)
        });
    view! {
        <div class="tools" role="search" aria-label=say(Key::FilterDebug)>
            <label class="search">
                {say(Key::DebugName)}
                <input
                    type="search"
                    prop:value=text(move || filter.with(|filter| filter.query.clone()))
                    on:input=move |event| {
                        let query = event_target_value(&event);
                        filter.update(|filter| filter.query = query);
                    }
                />
            </label>
            <label>
                {say(Key::DebugDirection)}
                <select on:change=move |event| {
                    let direction = match event_target_value(&event).as_str() {
                        "in" => Some(Direction::In),
                        "out" => Some(Direction::Out),
                        _ => None,
                    };
                    filter.update(|filter| filter.direction = direction);
                }>{directions.collect_view()}</select>
            </label>
            <label>
                {say(Key::Kind)}
                <select on:change=move |event| {
                    let name = event_target_value(&event);
                    let kind = Kind::ALL.into_iter().find(|kind| kind_name(Some(*kind)) == name);
                    filter.update(|filter| filter.kind = kind);
                }>{kinds.collect_view()}</select>
            </label>
            <label class="row">
                <input
                    type="checkbox"
                    prop:checked=flag(move || filter.with(|filter| filter.only_unhandled))
                    on:change=move |event| {
                        let is_wanted = event_target_checked(&event);
                        filter.update(|filter| filter.only_unhandled = is_wanted);
                    }
                />
                {say(Key::DebugOnlyUnhandled)}
            </label>
            <button
                hidden=flag(move || filter.with(|filter| *filter == Filter::default()))
                on:click=click(move || filter.set(Filter::default()))
            >
                {say(Key::ClearFilters)}
            </button>
        </div>
    }
    .into_any()
}

fn kind_name(kind: Option<Kind>) -> &'static str {
    match kind {
        None => "",
        Some(Kind::Event) => "event",
        Some(Kind::Socket) => "socket",
        Some(Kind::Engine) => "engine",
        Some(Kind::Http) => "http",
        Some(Kind::Page) => "page",
    }
}

/// A word of ours, or the name of a protocol, which is the same everywhere.
fn kind_word(kind: Option<Kind>) -> Result<Key, &'static str> {
    match kind {
        None => Ok(Key::KindAll),
        Some(Kind::Event) => Ok(Key::DebugEvents),
        Some(Kind::Page) => Ok(Key::DebugPage),
        Some(Kind::Socket) => Err("Socket.IO"),
        Some(Kind::Engine) => Err("Engine.IO"),
        Some(Kind::Http) => Err("HTTP"),
    }
}

fn list(it: It) -> AnyView {
    let id = StoredValue::new(unique("entry"));
    let id_of = move |number: u64| id.with_value(|id| [id, "-", &number.to_string()].concat());
    let active: Live<Option<String>> = Box::new(move || {
        let chosen = it.chosen.get()?;
        let is_there = it.shown.with(|shown| shown.binary_search(&chosen).is_ok());
        is_there.then(|| id_of(chosen))
    });
    let is_empty = move || it.shown.with(Vec::is_empty);
    let rows = move || {
        // A row that waited for its attachments is another one when they have come.
        it.version.track();
        let rows = it.mounted().into_iter().filter_map(|number| it.row(number));
        rows.collect::<Vec<_>>()
    };
    let several = it.telltale.with_sources(|sources| sources.len() > 1);
    view! {
        <div class="card frames" node_ref=it.scroller on:scroll=move |_| it.scrolled()>
            <p class="quiet" hidden=flag(move || !is_empty())>
                {text(move || {
                    let is_filtered = it.filter.with(|filter| *filter != Filter::default());
                    words::say(if is_filtered { Key::NothingMatches } else { Key::DebugEmpty })
                })}
            </p>
            <ul
                role="listbox"
                tabindex="0"
                aria-label=say(Key::DebugFrames)
                aria-activedescendant=active
                hidden=flag(is_empty)
                style:--rows=move || it.shown.with(Vec::len).to_string()
                on:keydown=move |event| it.pressed(&event)
            >
                <For
                    each=rows
                    key=|row| (row.number, row.outcome == Outcome::Waiting)
                    children=move |row| line(it, &row, id_of(row.number), several)
                />
            </ul>
        </div>
    }
    .into_any()
}

fn line(it: It, row: &Row, id: String, several: bool) -> AnyView {
    let number = row.number;
    let (at, source, changes) = it.with_record(|record| {
        let entry = record.entry(number);
        entry.map_or_else(Default::default, |entry| {
            (entry.at, entry.source, entry.changes)
        })
    });
    let (arrow, way) = match row.direction {
        Direction::In => ("↓", Key::DebugReceived),
        Direction::Out => ("↑", Key::DebugSent),
    };
    let server = source.filter(|_| several).map(|source| {
        let name = it.telltale.server_name(source);
        view! { <span class="meta"><bdi dir="auto">{name}</bdi> " "</span> }
    });
    let (hue, of) = (hue(row.outcome), row.outcome);
    let became = move || {
        let changes = match changes {
            0 => String::new(),
            changes => words::plural(Key::DebugChanges, changes.into(), &[]),
        };
        words::join_all(&[outcome(of), changes])
    };
    let is_chosen: Live<&'static str> = word(move || match it.chosen.get() == Some(number) {
        true => "true",
        false => "false",
    });
    view! {
        <li
            id=id
            role="option"
            aria-selected=is_chosen
            aria-posinset=text(move || (it.place(number) + 1).to_string())
            aria-setsize=text(move || it.shown.with(Vec::len).to_string())
            style:--at=move || it.place(number).to_string()
            on:click=move |_| it.choose(it.shown.with_untracked(|shown| {
                shown.binary_search(&number).unwrap_or_default()
            }))
        >
            <span class="meta" dir="ltr">{seconds(at)}</span>
            <span aria-hidden="true">{arrow}</span>
            <span class="sr">{say(way)}</span>
            <span class="cut">{server} <bdi dir="auto">{row.name.as_str().to_owned()}</bdi></span>
            <span class="became" data-tone=hue.name()>{text(became)}</span>
        </li>
    }
    .into_any()
}

/// What became of an entry, in a word.
fn outcome(outcome: Outcome) -> String {
    let key = match outcome {
        Outcome::None => return String::new(),
        Outcome::Facts(number) => return words::plural(Key::DebugFacts, number as u64, &[]),
        Outcome::Nothing => Key::DebugNothing,
        Outcome::Foreign => Key::DebugForeign,
        Outcome::Unknown => Key::DebugNoHandler,
        Outcome::Malformed => Key::DebugUnreadable,
        Outcome::Broken => Key::DebugBroken,
        Outcome::Waiting => Key::DebugWaiting,
    };
    words::say(key)
}

fn hue(outcome: Outcome) -> Hue {
    match outcome {
        Outcome::Facts(_) => Hue::Ok,
        Outcome::Unknown => Hue::Warn,
        Outcome::Malformed | Outcome::Broken => Hue::Bad,
        Outcome::None | Outcome::Nothing | Outcome::Foreign | Outcome::Waiting => Hue::Mute,
    }
}

/// Seconds since the page was opened, to the millisecond.
fn seconds(at: Instant) -> String {
    let since = at.since_origin();
    let millis = format!("{:03}", since.subsec_millis());
    [&since.as_secs().to_string(), ".", &millis].concat()
}
