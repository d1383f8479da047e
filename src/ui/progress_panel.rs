//! One media: its analysis as it runs, and what came of it.
//!
//! The overall bar is the only `role=progressbar` of a media: screen readers beep for each. The rows' bars are for the
//! eyes; their number and their state stand beside them as text.

use leptos::prelude::*;

use super::hooks::{use_analysis_progress, use_telltale, AnalysisProgress};
use super::icon::{icon, of_label, of_model, of_status, of_verdict, pill, Hue, Icon};
use super::live::{click, flag, part, text, word};
use super::{foreign, format, unique, words};
use crate::backend::Parts;
use crate::domain::fact::Label;
use crate::domain::view::{MediaView, ModelState, ModelView, RunView, Status};
use crate::domain::MediaKey;

/// The panel and the result of one media, side by side where there is room.
pub fn progress_panel(media: MediaKey) -> AnyView {
    let telltale = use_telltale();
    let source = media.source;
    let profile = telltale.profile(source);
    let parts = profile.map_or(Parts::Models, |profile| profile.parts);
    let again = profile.is_some_and(|profile| profile.analyzes_again);
    let progress = use_analysis_progress(media);
    let ended = move || progress.with_view(|view| view.is_some_and(|view| view.status.is_ended()));
    let heading = unique("panel");
    let of_heading = heading.clone();
    let label = unique("overall");
    let labelled = format!("{heading} {label}");
    let result = unique("result");
    let of_result = result.clone();
    view! {
        <p class="note" hidden=flag(move || !is_simulated(progress))>
            {icon(Icon::Warn)} {words::SIMULATED}
        </p>
        <div class="cols">
            <section
                class="card panel"
                aria-labelledby=of_heading
                data-stale=flag(move || telltale.is_stale(source))
            >
                <div class="row">
                    <h2 id=heading class="grow">
                        {text(move || words::run_title(status(progress)).to_owned())}
                    </h2>
                    <button
                        hidden=flag(move || !again || !ended())
                        on:click=click(move || progress.analyze_again())
                    >
                        "Analyze again"
                    </button>
                </div>
                <p class="meta">{text(move || with_run(progress, |run| words::run_line(run, telltale.is_stale(source))))}</p>
                <div hidden=flag(move || progress.with_view(|view| run(view).is_none()))>
                    <div class="row overall-line">
                        <span id=label class="grow">"Overall progress"</span>
                        <span class="figure">
                            {text(move || with_run(progress, |run| words::percent(run.percent)))}
                        </span>
                    </div>
                    <div
                        id="ov"
                        class="bar"
                        role="progressbar"
                        aria-labelledby=labelled
                        aria-valuemin="0"
                        aria-valuemax="100"
                        aria-valuenow=text(move || with_run(progress, |run| run.percent.to_string()))
                        aria-valuetext=text(move || {
                            with_run(progress, |run| {
                                words::overall_value(run, parts, telltale.is_stale(source))
                            })
                        })
                        data-tone=word(move || bar_hue(status(progress)).name())
                        style=("--part", text(move || with_run(progress, |run| words::percent(run.percent))))
                    >
                        <i></i>
                    </div>
                </div>
                {part(move || {
                    let is_stale = telltale.is_stale(source);
                    progress.with_view(|view| models(view, parts, is_stale))
                })}
            </section>
            <section class="card result" aria-labelledby=of_result>
                <h2 id=result>
                    {text(move || if ended() { "Result" } else { "Result so far" }.to_owned())}
                </h2>
                {part(move || progress.with_view(|view| outcome(run(view), parts)))}
            </section>
        </div>
    }
    .into_any()
}

/// Wherever the panel stands, made-up results never stand without saying so.
fn is_simulated(progress: AnalysisProgress) -> bool {
    progress.with_view(|view| {
        let run = view.and_then(|view| view.run.as_ref());
        run.is_some_and(|run| run.is_simulated)
    })
}

/// The rows of a run's models, in the panel and in an expanded card.
pub fn models(view: Option<&MediaView>, parts: Parts, is_stale: bool) -> AnyView {
    let status = view.map_or(Status::Unknown, |view| view.status);
    let Some(run) = run(view).filter(|run| !run.models.is_empty() || run.unnamed > 0) else {
        return view! { <p class="quiet">{words::run_empty(status, parts)}</p> }.into_any();
    };
    let rows: Vec<_> = (run.models.iter())
        .map(|model| model_row(model, is_stale))
        .collect();
    let unnamed = (run.unnamed > 0).then(|| {
        view! {
            <li>
                {icon(Icon::Wait)} <span class="name">{words::more_parts(run.unnamed, parts)}</span>
            </li>
        }
    });
    view! { <ul class="models" aria-label=words::parts_title(parts)>{rows}{unnamed}</ul> }
        .into_any()
}

fn model_row(model: &ModelView, is_stale: bool) -> impl IntoView {
    let (hue, shape) = of_model(model);
    let share = match &model.state {
        ModelState::Completed { .. } => Some(100),
        ModelState::Running {
            fraction: Some(fraction),
            ..
        } => Some(format::percent(*fraction).min(99)),
        _ => None,
    };
    let figure = share.map_or_else(|| "–".to_owned(), words::percent);
    view! {
        <li data-tone=hue.name()>
            {icon(shape)} <span class="name"><bdi dir="auto">{model.id.as_str().to_owned()}</bdi></span>
            <span
                class="bar"
                aria-hidden="true"
                data-tone=hue.name()
                data-empty=share.is_none()
                style=("--part", words::percent(share.unwrap_or(0)))
            >
                <i></i>
            </span> <span class="figure">{figure}</span>
            <div class="meta">{foreign::sentence(words::model(model, is_stale))}</div>
        </li>
    }
}

/// The verdict, who says so, and each model's own words.
fn outcome(run: Option<&RunView>, parts: Parts) -> AnyView {
    let Some(run) = run else {
        return view! { <p class="quiet">"No result yet."</p> }.into_any();
    };
    let ended = run.status.is_ended();
    let (hue, shape) = of_verdict(&run.verdict);
    let votes: Vec<_> = run.models.iter().filter_map(vote).collect();
    let votes = (!votes.is_empty())
        .then(|| view! { <ul class="votes" aria-label="Results by model">{votes}</ul> });
    view! {
        <p class="verdict" data-tone=hue.name()>
            {icon(shape)} <bdi dir="auto">{words::verdict(&run.verdict, ended)}</bdi>
        </p>
        <p>{words::verdict_sentence(run, parts)}</p>
        {votes}
        <p class="meta">{words::not_proof(parts, ended)}</p>
    }
    .into_any()
}

/// What one model says and how sure it is. Confidence is no risk, so its bar has one colour whatever the word is.
fn vote(model: &ModelView) -> Option<impl IntoView> {
    let ModelState::Completed {
        label: Some(label),
        confidence,
        ..
    } = &model.state
    else {
        return None;
    };
    let sure = confidence.map(format::percent);
    let word = match label {
        Label::Other(_) => words::label_word(label).chars().take(40).collect(),
        ours => words::label_word(ours).to_owned(),
    };
    Some(view! {
        <li>
            <span class="name"><bdi dir="auto">{model.id.as_str().to_owned()}</bdi></span>
            {pill(of_label(label), word)}
            <span
                class="bar"
                aria-hidden="true"
                data-tone="run"
                data-empty=sure.is_none()
                style=("--part", words::percent(sure.unwrap_or(0)))
            >
                <i></i>
            </span>
            <span class="figure">{sure.map_or_else(|| "–".to_owned(), words::percent)}</span>
        </li>
    })
}

/// The state of a media as a pill, for the head of its page.
pub fn status_pill(progress: AnalysisProgress) -> impl IntoView {
    part(move || {
        let status = status(progress);
        let word = progress.with_view(|view| view.and_then(|view| view.other_status.clone()));
        pill(
            of_status(status),
            words::status_or_word(status, word.as_ref()),
        )
    })
}

/// The colour of a run's overall bar.
pub fn bar_hue(status: Status) -> Hue {
    match status {
        Status::Unknown | Status::Queued | Status::Running => Hue::Run,
        ended => of_status(ended).0,
    }
}

fn status(progress: AnalysisProgress) -> Status {
    progress.with_view(|view| view.map_or(Status::Unknown, |view| view.status))
}

fn run(view: Option<&MediaView>) -> Option<&RunView> {
    view.and_then(|view| view.run.as_ref())
}

fn with_run(progress: AnalysisProgress, read: impl FnOnce(&RunView) -> String) -> String {
    progress.with_view(|view| run(view).map_or_else(String::new, read))
}
