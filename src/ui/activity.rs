//! Everything that was told since somebody signed in, newest first.
//!
//! The lines stand still: what comes while the page is open waits behind a button, so that nothing moves under a
//! reader's eyes (WCAG 2.2.2). What is wanted stands in the address, and the files have what is wanted, all of it.

pub(super) mod filter;

use leptos::prelude::*;

use self::filter::{Filter, Since};
use super::announcer::{named, said};
use super::hooks::{use_telltale, Telltale};
use super::icon::{icon, of_band, of_severity, of_status, of_summary, Hue, Icon};
use super::live::{click, flag, part, say, text};
use super::media_list::folded;
use super::paper::paper_of_all;
use super::route::{address, Route, Typed};
use super::words::activity as says;
use super::words::{self, Key, Terms};
use super::{foreign, format, offer, set_title};
use crate::domain::fact::Severity;
use crate::domain::table::{file_name, Format};
use crate::domain::view::Status;
use crate::domain::{MediaKey, Text};
use crate::session::state::Command;
use crate::time::{Instant, Timestamp};
use crate::toast::activity::export::About;
use crate::toast::activity::{Activity, Entry, Kind, What};
use crate::toast::{About as Notice, Saying};

/// Lines that are drawn at first, and with each press of the button below them.
const DRAWN: usize = 100;

/// The page.
pub fn activity_page() -> AnyView {
    let page = Page::new();
    let telltale = page.telltale;
    set_title(|| words::title(&words::say(Key::Activity)));
    Effect::new(move |_| telltale.command(Command::SeeActivity(page.upto.get())));
    let follow = window_event_listener_untyped("hashchange", move |_| {
        page.typed.forget();
        let address = address();
        if Route::parse(&address) == Route::Activity {
            page.at.set_value(telltale.now().get_untracked());
            page.filter.set(Filter::parse(&address));
        }
    });
    on_cleanup(move || follow.remove());
    let came = move || {
        telltale.activity_mark().track();
        let upto = page.upto.get();
        telltale.with_activity(|activity| {
            let came = activity.since(upto);
            came.filter(|entry| page.wants(entry)).count()
        })
    };
    view! {
        <div class="row head">
            <h1 tabindex="-1" class="grow">{say(Key::Activity)}</h1>
            <button on:click=click(move || page.export(Format::Csv))>{say(Key::ExportCsv)}</button>
            <button on:click=click(move || page.export(Format::Json))>{say(Key::ExportJson)}</button>
        </div>
        {paper_of_all()}
        {tools(page)}
        <div class="news">
            <button
                class="primary"
                hidden=flag(move || came() == 0)
                on:click=click(move || {
                    page.look();
                    super::app::focus_heading();
                })
            >
                {text(move || says::show_new(came()))}
            </button>
        </div>
        {part(move || lines(page))}
    }
    .into_any()
}

/// What the page shows.
#[derive(Clone, Copy)]
struct Page {
    telltale: Telltale,
    typed: Typed,
    filter: RwSignal<Filter>,
    /// The newest entry that is drawn.
    upto: RwSignal<u64>,
    /// What came after it was new when the page was opened.
    since: RwSignal<u64>,
    drawn: RwSignal<usize>,
    /// What is recent is so at this moment: the lines stand still, also while they grow old.
    at: StoredValue<Instant>,
}

impl Page {
    fn new() -> Self {
        let telltale = use_telltale();
        let page = Self {
            telltale,
            typed: Typed::new(telltale.now()),
            filter: RwSignal::new(Filter::parse(&address())),
            upto: RwSignal::new(0),
            since: RwSignal::new(0),
            drawn: RwSignal::new(DRAWN),
            at: StoredValue::new(Instant::default()),
        };
        page.look();
        page
    }

    /// Lets in what there is now.
    fn look(self) {
        self.at.set_value(self.telltale.now().get_untracked());
        // What the session has, not what the last frame showed of it.
        let mark = self.telltale.with_activity(Activity::mark);
        self.since.set(mark.seen);
        self.upto.set(mark.newest);
    }

    fn choose(self, filter: Filter) {
        self.typed.replace(&filter.href());
        self.at.set_value(self.telltale.now().get_untracked());
        self.drawn.set(DRAWN);
        self.filter.set(filter);
    }

    fn change(self, change: impl FnOnce(&mut Filter)) {
        let mut filter = self.filter.get_untracked();
        change(&mut filter);
        self.choose(filter);
        self.typed.settle();
    }

    fn wants(self, entry: &Entry) -> bool {
        let text = || {
            let mut text = self.sentence(entry);
            let ids = [
                entry.media().map(|key| key.id.as_str()),
                entry.meeting().map(|key| key.id.as_str()),
            ];
            for id in ids.into_iter().flatten() {
                text.push(' ');
                text.push_str(id);
            }
            text
        };
        let is_in = |since: Since| {
            let age = self.at.get_value().saturating_since(entry.last);
            since.holds(age, || {
                format::is_today(self.telltale.wall_time(entry.last))
            })
        };
        (self.filter).with(|filter| filter.wants(entry, is_in, text, folded))
    }

    /// An entry as it was spoken, or would have been.
    fn sentence(self, entry: &Entry) -> String {
        sentence(self.telltale, entry)
    }

    fn export(self, format: Format) {
        let telltale = self.telltale;
        let about = About {
            exported: telltale.wall_time(telltale.now().get_untracked()),
            wall: &|at| telltale.wall_time(at),
            server: &|source| telltale.server_name(source),
            text: &|entry| self.sentence(entry),
            wanted: &|entry| untrack(|| self.wants(entry)),
        };
        let text = telltale.with_activity(|activity| match format {
            Format::Csv => activity.to_csv(&about),
            Format::Json => activity.to_json(&about),
        });
        let name = file_name("activity", about.exported, format);
        offer(&name, format, &text);
    }
}

/// An entry as it was spoken, or would have been.
pub(super) fn sentence(telltale: Telltale, entry: &Entry) -> String {
    let terms = |source| Terms::from(telltale.profile(source));
    match (&entry.what, entry.source()) {
        (What::Said(saying), _) => said(saying, &terms),
        (What::UnderWay(summary), source) => {
            let name = named(summary.name.as_ref(), terms(source.unwrap_or_default()));
            says::under_way(&name, summary.status == Status::Queued)
        }
        (What::Corrected(summary), source) => {
            let source = source.unwrap_or_default();
            says::corrected(&said(&Saying::Ended(source, summary.clone()), &terms))
        }
    }
}

/// Where an entry leads.
pub(super) fn place(telltale: Telltale, entry: &Entry) -> Option<Route> {
    telltale.with_sources(|sources| {
        let media = entry.media().map(|key| Route::of_media(key, sources));
        media.or_else(|| Some(Route::of_meeting(entry.meeting()?, sources)))
    })
}

/// The address of the page with what was told of this media, all of it.
pub(super) fn all_of(media: &MediaKey) -> String {
    let filter = Filter {
        kind: Some(Kind::Analysis),
        ..Filter::default()
    };
    filter.searching(media.id.as_str()).href()
}

fn tools(page: Page) -> AnyView {
    let filter = page.filter;
    let kinds = std::iter::once(None).chain(Kind::ALL.map(Some));
    let kinds = kinds.map(|kind| {
        let name = kind.map_or("", Kind::name);
        let is_chosen = move || filter.with(|filter| filter.kind == kind);
        choice(name, says::kind(kind), is_chosen)
    });
    let severities = std::iter::once(None).chain(Severity::KNOWN.map(Some));
    let severities = severities.enumerate().map(|(at, least)| {
        let is_chosen = move || filter.with(|filter| filter.least == least);
        choice(&at.to_string(), says::least(least), is_chosen)
    });
    let times = std::iter::once(None).chain(Since::ALL.map(Some));
    let times = times.map(|since| {
        let is_chosen = move || filter.with(|filter| filter.since == since);
        choice(since.map_or("", Since::name), says::since(since), is_chosen)
    });
    view! {
        <div class="tools" role="search" aria-label=say(Key::FilterActivity)>
            <label class="search">
                {say(Key::FileOrMeeting)}
                <input
                    type="search"
                    prop:value=text(move || filter.with(|filter| filter.query.clone()))
                    on:input=move |event| {
                        let query = event_target_value(&event);
                        page.choose(filter.with_untracked(|filter| filter.searching(&query)));
                    }
                    on:blur=move |_| page.typed.settle()
                />
            </label>
            <label>
                {say(Key::Kind)}
                <select on:change=move |event| {
                    let name = event_target_value(&event);
                    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
                    page.change(|filter| filter.kind = kind);
                }>{kinds.collect_view()}</select>
            </label>
            <label>
                {say(Key::Severity)}
                <select on:change=move |event| {
                    let at = event_target_value(&event).parse::<usize>().unwrap_or_default();
                    let least = at.checked_sub(1).and_then(|at| Severity::KNOWN.get(at)).copied();
                    page.change(|filter| filter.least = least);
                }>{severities.collect_view()}</select>
            </label>
            <label>
                {say(Key::Since)}
                <select on:change=move |event| {
                    let since = Since::named(&event_target_value(&event));
                    page.change(|filter| filter.since = since);
                }>{times.collect_view()}</select>
            </label>
            <button
                hidden=flag(move || filter.with(|filter| *filter == Filter::default()))
                on:click=click(move || page.choose(Filter::default()))
            >
                {say(Key::ClearFilters)}
            </button>
        </div>
    }
    .into_any()
}

fn choice(value: &str, word: Key, is_chosen: impl Fn() -> bool + Send + 'static) -> AnyView {
    view! {
        <option value=value.to_owned() prop:selected=flag(is_chosen)>
            {say(word)}
        </option>
    }
    .into_any()
}

/// The lines under their days.
fn lines(page: Page) -> AnyView {
    let (upto, since, drawn) = (page.upto.get(), page.since.get(), page.drawn.get());
    page.telltale.with_activity(|activity| {
        if activity.entries().len() == 0 {
            return view! {
                <section class="card empty">
                    <h2>{words::say(Key::NothingHappened)}</h2>
                    <p class="meta">{words::say(Key::NothingHappenedMeans)}</p>
                </section>
            }
            .into_any();
        }
        // What is newer waits behind its number.
        let told: Vec<_> = (activity.entries().rev())
            .filter(|entry| entry.number <= upto)
            .collect();
        let kept = told.len();
        let wanted: Vec<_> = told.into_iter().filter(|entry| page.wants(entry)).collect();
        let older = wanted.len().saturating_sub(drawn);
        let mut days: Vec<(String, Vec<AnyView>)> = Vec::new();
        for entry in wanted.iter().take(drawn) {
            let day = format::day(page.telltale.wall_time(entry.at));
            let line = line(page.telltale, entry, entry.number > since && entry.is_news(), place(page.telltale, entry), format::precise_time);
            match days.last_mut() {
                Some((last, lines)) if *last == day => lines.push(line),
                _ => days.push((day, vec![line])),
            }
        }
        let is_empty = days.is_empty();
        let days = days.into_iter().map(|(day, lines)| {
            let name = day.clone();
            view! {
                <h2 class="day">{day}</h2>
                <ol class="card log" aria-label=name>{lines}</ol>
            }
        });
        view! {
            <p class="meta count" role="status">{says::count(wanted.len(), kept, activity.dropped())}</p>
            <p class="quiet" hidden=!is_empty>{words::say(Key::NothingMatches)}</p>
            {days.collect_view()}
            <button
                class="older"
                hidden={older == 0}
                on:click=click(move || page.drawn.update(|drawn| *drawn += DRAWN))
            >
                {says::show_older(older.min(DRAWN))}
            </button>
        }
        .into_any()
    })
}

/// One entry, which leads to this place; `clock` writes when it was told.
pub(super) fn line(
    telltale: Telltale,
    entry: &Entry,
    is_new: bool,
    place: Option<Route>,
    clock: fn(Timestamp) -> String,
) -> AnyView {
    let at = telltale.wall_time(entry.at);
    let (hue, shape) = face(entry);
    let sentence = sentence(telltale, entry);
    let sentence = match place {
        Some(route) => view! { <a href=route.href()>{sentence}</a> }.into_any(),
        None => sentence.into_any(),
    };
    let last = format::precise_moment(telltale.wall_time(entry.last));
    let about = says::about(entry.kind(), entry.count, &last);
    let meeting = entry.meeting().map(|key| {
        let name = Text::of_id(key.id.as_str());
        let meeting = foreign::sentence(words::sentence(Key::MeetingNamed, &[], Some(name)));
        view! { {words::separator()} {meeting} }
    });
    view! {
        <li data-tone=hue.name()>
            <time class="meta" datetime=at.to_string()>{clock(at)}</time>
            {icon(shape)}
            <div>
                {is_new.then(|| view! { <strong class="new">{words::say(Key::New)}</strong> " " })}
                {sentence}
                <p class="meta">{about} {meeting}</p>
            </div>
        </li>
    }
    .into_any()
}

/// How an entry looks.
fn face(entry: &Entry) -> (Hue, Icon) {
    match &entry.what {
        What::UnderWay(summary) | What::Corrected(summary) => of_summary(summary),
        What::Said(saying) => match saying {
            Saying::Started { .. } | Saying::Progress { .. } => of_status(Status::Running),
            Saying::Ended(_, summary) => of_summary(summary),
            Saying::Alert(severity, ..) => of_severity(*severity),
            Saying::Trust { to, .. } => of_band(Some(*to)),
            Saying::Notice {
                about: Notice::Server(_),
                ..
            } => (Hue::Mute, Icon::Dot),
            Saying::ConnectionLost | Saying::NotLive => (Hue::Warn, Icon::Warn),
            Saying::Reconnected { .. } | Saying::Live => (Hue::Ok, Icon::Ok),
            Saying::UploadFailed { .. }
            | Saying::Notice { .. }
            | Saying::SignInExpired
            | Saying::SignInNeeded => (Hue::Bad, Icon::Bad),
        },
    }
}
