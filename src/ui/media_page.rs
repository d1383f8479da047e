//! A media's own page.

mod details;
mod earlier;
mod record;

use leptos::prelude::*;

use self::details::copy_details;
use self::earlier::earlier_runs;
use self::record::record;
use super::hooks::{
    use_analysis_progress, use_connection, use_telltale, Absence, AnalysisProgress, Telltale,
};
use super::live::{click, flag, part, say, text};
use super::media_list::last_address;
use super::paper::paper;
use super::places::when_it_ends;
use super::progress_panel::{progress_panel, status_pill};
use super::words::{self, Key};
use super::{foreign, format, offer, set_moving_title};
use crate::backend::Noun;
use crate::domain::fact::MediaKind;
use crate::domain::table::Format;
use crate::domain::view::export::About;
use crate::domain::view::{MediaView, Status};
use crate::domain::{MediaKey, Text};
use crate::time::Timestamp;

/// The page of one media.
pub fn media_page(media: MediaKey) -> AnyView {
    let telltale = use_telltale();
    telltale.keep_open(&media);
    let noun = telltale
        .profile(media.source)
        .map_or(Noun::Media, |profile| profile.noun);
    let progress = use_analysis_progress(media.clone());
    let is_known = Memo::new(move |_| progress.with_view(|view| view.is_some()));
    let has_ended = Memo::new(move |_| {
        progress.with_view(|view| view.is_some_and(|view| view.status.is_ended()))
    });
    // Whatever becomes of it on its server, it is what somebody has been reading of.
    let name = Memo::new(move |before: Option<&Option<Text>>| {
        let name = progress.with_view(|view| view.and_then(|view| view.name.clone()));
        name.or_else(|| before.cloned().flatten())
    });
    set_moving_title(move || title(progress, noun));
    view! {
        <nav class="crumbs" aria-label=say(Key::Path)>
            <a href=last_address()>{say(Key::Media)}</a>
        </nav>
        <div class="row head">
            <h1 tabindex="-1" class="grow">
                {part(move || {
                    foreign::name(name.get(), words::untitled(noun))
                })}
            </h1>
            {status_pill(progress)}
        </div>
        <p class="meta">
            {text(move || progress.with_view(|view| view.map(Described::of).map(about).unwrap_or_default()))}
        </p>
        {paper(media.source, Text::of_id(media.id.as_str()))}
        <div class="row actions">
            {when_it_ends(media.clone())}
            <button
                hidden=flag(move || !has_ended.get())
                on:click=click(move || export(telltale, progress, Format::Csv))
            >
                {say(Key::ExportCsv)}
            </button>
            <button
                hidden=flag(move || !has_ended.get())
                on:click=click(move || export(telltale, progress, Format::Json))
            >
                {say(Key::ExportJson)}
            </button>
            <button
                hidden=flag(move || !has_ended.get())
                on:click=click(|| {
                    let _ = window().print();
                })
            >
                {say(Key::Print)}
            </button>
            {copy_details(progress)}
        </div>
        {part(move || {
            if is_known.get() {
                (progress_panel(media.clone(), None), earlier_runs(progress), record(media.clone()))
                    .into_any()
            } else {
                absent(&media, Some(|| view! { <a class="button" href="#/media">{say(Key::AllMedia)}</a> }.into_any()))
            }
        })}
    }
    .into_any()
}

/// What a media is, whatever is known of its analysis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Described {
    kind: Option<MediaKind>,
    bytes: Option<u64>,
    created: Option<Timestamp>,
}

impl Described {
    /// As much of it as is known.
    #[must_use]
    pub fn of(view: &MediaView) -> Self {
        Self {
            kind: view.kind,
            bytes: view.bytes,
            created: view.created,
        }
    }
}

/// `Video · 48 MB · received 10:29`.
pub fn about(media: Described) -> String {
    let kind = media.kind.map_or_else(String::new, words::kind);
    let size = media.bytes.map_or_else(String::new, format::bytes);
    let created = media.created.map_or_else(String::new, |at| {
        words::with(Key::ReceivedAt, &[("at", &format::moment(at))])
    });
    words::join_all(&[kind, size, created])
}

/// Offers what came of it as a file.
fn export(telltale: Telltale, progress: AnalysisProgress, format: Format) {
    let server = telltale.server_name(progress.key().source);
    let about = About {
        server: &server,
        exported: telltale.wall_time(telltale.now().get_untracked()),
    };
    let write = |view: &MediaView| {
        let text = match format {
            Format::Csv => view.to_csv(&about),
            Format::Json => view.to_json(&about),
        };
        offer(&view.file_name(about.exported, format), format, &text);
    };
    if let Some(view) = progress.unpaused() {
        write(&view);
    }
}

/// What stands where a media's panel would, as long as there is nothing of it; with a way `out` of there, where there
/// is one. Without, that nobody is signed in is for the banner to say.
pub(super) fn absent(media: &MediaKey, out: Option<fn() -> AnyView>) -> AnyView {
    let telltale = use_telltale();
    let media = media.clone();
    let source = media.source;
    let sources = use_connection().sources;
    let of_words = media.clone();
    let absence = Memo::new(move |_| telltale.absence(&media));
    let message = Memo::new(move |_| {
        let is_told = absence.get() == Some(Absence::NotLoaded);
        let words = || telltale.words_instead_of(&of_words);
        is_told.then(words).flatten()
    });
    let awaited = move || {
        sources.with(|sources| {
            let state = sources.iter().find(|state| state.source == source);
            state.map_or_else(String::new, |state| {
                words::awaited(&state.connection, state.was_heard)
            })
        })
    };
    part(move || {
        let (heading, line) = match absence.get() {
            Some(Absence::Unknown) => (
                Some(Key::NothingKnown),
                say(Key::NothingKnownMeans).into_any(),
            ),
            Some(Absence::NotLoaded) => {
                (Some(Key::NotLoadedYet), say(Key::NotLoadedMeans).into_any())
            }
            Some(Absence::Awaited) => (None, text(awaited).into_any()),
            _ if out.is_none() => return ().into_any(),
            _ => (None, say(Key::NotSignedIn).into_any()),
        };
        view! {
            <section class="card empty">
                {heading.map(|heading| view! { <h2>{say(heading)}</h2> }.into_any())}
                <p class="meta">{line}</p>
                {part(move || {
                    message
                        .get()
                        .map(|message| {
                            let said = words::sentence(Key::ServerSays, &[], Some(message));
                            view! { <p class="meta">{foreign::sentence(said)}</p> }.into_any()
                        })
                })}
                {out.map(|out| out())}
            </section>
        }
        .into_any()
    })
    .into_any()
}

fn title(progress: AnalysisProgress, noun: Noun) -> String {
    progress.with_view(|view| {
        let Some(view) = view else {
            return words::title(&words::say(Key::Media));
        };
        let name = view.name.as_ref();
        let name = match name {
            Some(name) => words::in_title(name.as_str()),
            None => words::untitled(noun),
        };
        let running = (view.run.as_ref()).filter(|_| view.status == Status::Running);
        words::title(&match running.and_then(|run| run.percent) {
            Some(percent) => format!("{} {name}", words::percent(percent)),
            None => name,
        })
    })
}
