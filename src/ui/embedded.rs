//! One media's panel, or one meeting, with what must stand beside it wherever it is: its name, how live it is, and the
//! live regions.
//!
//! For pages that have a header, a title and an address of their own: it renders a labelled section and touches nothing
//! outside of it.

use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlElement;

use super::announcer::announcer;
use super::cancelling::Cancel;
use super::connection::{banner_that_asks, connection_pill};
use super::focus::Keeper;
use super::hooks::{use_analysis_progress, use_meeting, use_telltale, use_toasts};
use super::icon::icon;
use super::language::use_language;
use super::live::{click, part, say, text};
use super::media_page::absent;
use super::meeting::{meeting_name, sections, watching};
use super::progress_panel::progress_panel;
use super::toasts::face;
use super::words::Key;
use super::{foreign, unique, words};
use crate::backend::Noun;
use crate::domain::{MediaKey, MeetingKey, Text};
use crate::toast::{About, Body, Toast};

/// The panel of one media for another page. `sign_in` is run when a person wants to sign in again, which is the
/// other page's business, and so is `cancel`, when a person wants to cancel the analysis and has been asked whether
/// they do: without it, nobody is offered that.
pub fn embedded(
    media: MediaKey,
    sign_in: Callback<()>,
    cancel: Option<Callback<Cancel>>,
) -> AnyView {
    let telltale = use_telltale();
    telltale.keep_open(&media);
    let of_notices = media.clone();
    let noun = (telltale.profile(media.source)).map_or(Noun::Media, |profile| profile.noun);
    let progress = use_analysis_progress(media.clone());
    let name = part(move || {
        foreign::name(
            progress.with_view(|view| view.and_then(|view| view.name.clone())),
            words::untitled(noun),
        )
    });
    let is_known = Memo::new(move |_| progress.with_view(|view| view.is_some()));
    let content = part(move || match is_known.get() {
        true => progress_panel(media.clone(), cancel),
        false => absent(&media, None),
    });
    section(
        name.into_any(),
        ().into_any(),
        content.into_any(),
        Some(of_notices),
        sign_in,
    )
}

/// One meeting for another page, which is in it as long as this is shown.
pub fn embedded_meeting(key: MeetingKey, sign_in: Callback<()>) -> AnyView {
    let id = Text::of_id(key.id.as_str());
    let meeting = use_meeting(key);
    meeting.join();
    meeting.leave_at_end();
    section(
        meeting_name(id).into_any(),
        watching(meeting),
        sections(meeting, RwSignal::new(None)),
        None,
        sign_in,
    )
}

fn section(
    name: AnyView,
    state: AnyView,
    content: AnyView,
    media: Option<MediaKey>,
    sign_in: Callback<()>,
) -> AnyView {
    let heading = unique("embedded");
    let of_heading = heading.clone();
    let title = NodeRef::<html::P>::new();
    let keeper = Keeper::new(use_telltale(), move || {
        title.get_untracked().map(HtmlElement::from)
    });
    view! {
        <section
            class="embedded"
            on:focusin=move |event| keeper.came(&event)
            on:focusout=move |_| keeper.went()
            on:click=move |_| keeper.pressed()
            lang=text(|| use_language().tag().to_owned())
            dir=text(|| use_language().direction().to_owned())
            aria-labelledby=of_heading
        >
            <div class="row">
                <p node_ref=title id=heading class="grow name" tabindex="-1">
                    {name}
                </p>
                {state}
                {connection_pill()}
            </div>
            {banner_that_asks(sign_in)}
            {notices(media)}
            {content}
            {announcer()}
        </section>
    }
    .into_any()
}

/// What a server says by itself, or did not do that a person asked for, but of another media. On a page it has a card.
fn notices(media: Option<MediaKey>) -> AnyView {
    let toasts = use_toasts();
    let notices = Memo::new(move |_| {
        toasts.list.with(|list| {
            let notices = list.iter().filter(|toast| match &toast.body {
                Body::Notice {
                    about: About::AnalyzeAgain(of, _) | About::NoAnswer(of, _),
                    ..
                } => Some(of) == media.as_ref(),
                body => matches!(body, Body::Notice { .. }),
            });
            notices.cloned().collect::<Vec<_>>()
        })
    });
    part(move || {
        let notices = notices.get().into_iter();
        let rows = notices.filter_map(|toast| {
            let (hue, shape) = face(&toast);
            let Toast {
                subject,
                body: Body::Notice { about, message },
                ..
            } = toast
            else {
                return None;
            };
            let name = words::about(&about);
            let dismiss = words::with(Key::DismissNamed, &[("name", &name)]);
            let row = view! {
                <div class="banner" data-tone=hue.name()>
                    <p class="grow">
                        {icon(shape)} <strong>
                            <bdi dir="auto">{name}</bdi>
                        </strong>
                        {message
                            .map(|message| {
                                let message = words::Sentence::foreign(Some(message));
                                view! { {words::separator()} {foreign::sentence(message)} }.into_any()
                            })}
                    </p>
                    <button
                        aria-label=dismiss
                        on:click=click(move || toasts.dismiss(subject.clone()))
                    >
                        {say(Key::Dismiss)}
                    </button>
                </div>
            };
            Some(row.into_any())
        });
        rows.collect_view()
    })
    .into_any()
}
