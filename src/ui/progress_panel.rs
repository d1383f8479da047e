//! One media: its analysis as it runs, and what came of it.
//!
//! The overall bar is the only `role=progressbar` of a media: screen readers beep for each. The rows' bars are for the
//! eyes; their number and their state stand beside them as text.

use leptos::prelude::*;

use super::cancelling::{cancelling, Cancel};
use super::hooks::{use_analysis_progress, use_telltale, AnalysisProgress};
use super::icon::{icon, of_label, of_model, of_status, of_summary, of_verdict, pill, Hue, Icon};
use super::live::{click, flag, part, say, text, word};
use super::words::{self, Key, Sentence};
use super::{foreign, format, unique};
use crate::backend::Parts;
use crate::domain::fact::Label;
use crate::domain::view::{MediaView, ModelState, ModelView, RunView, Status};
use crate::domain::{MediaKey, ModelId, Text};

/// The panel and the result of one media, side by side where there is room. While it runs, it can be cancelled if there
/// is a call for that.
pub fn progress_panel(media: MediaKey, cancel: Option<Callback<Cancel>>) -> AnyView {
    let telltale = use_telltale();
    let source = media.source;
    let profile = telltale.profile(source);
    let parts = profile.map_or(Parts::Models, |profile| profile.parts);
    let again = profile.is_some_and(|profile| profile.analyzes_again);
    let progress = use_analysis_progress(media);
    let told = Memo::new(move |_| progress.with_view(|view| run(view).map(said)));
    let status = Memo::new(move |_| status(progress));
    let ended = move || status.get().is_ended();
    let percent = progress.overall();
    let heading = unique("panel");
    let of_heading = heading.clone();
    let label = unique("overall");
    let labelled = format!("{heading} {label}");
    let result = unique("result");
    let of_result = result.clone();
    let (cancel, cancelled) = cancel.map(|call| cancelling(progress, call)).unzip();
    view! {
        <p class="note" hidden=flag(move || !is_simulated(progress))>
            {icon(Icon::Warn)} {say(Key::SimulatedData)}
        </p>
        <div class="cols">
            <section
                class="card panel"
                aria-labelledby=of_heading
                data-stale=flag(move || telltale.is_stale(source))
            >
                <div class="row">
                    <h2 id=heading class="grow">
                        {text(move || words::run_title(status.get()))}
                    </h2>
                    // Not `disabled` while asking: a disabled button loses the focus.
                    <button
                        hidden=flag(move || !again || !ended())
                        aria-disabled=text(move || progress.is_asked_again().to_string())
                        on:click=click(move || progress.analyze_again())
                    >
                        {text(move || words::say(if progress.is_asked_again() { Key::AskingAgain } else { Key::AnalyzeAgain }))}
                    </button>
                    {cancel}
                </div>
                {cancelled}
                <p class="meta">{text(move || with_run(progress, |run| words::run_line(run, parts, telltale.is_stale(source))))}</p>
                // What failed is at its end, and nothing of it is done.
                <div hidden=flag(move || percent.get().is_none() || status.get() == Status::Failed)>
                    <div class="row overall-line">
                        <span id=label class="grow">{say(Key::OverallProgress)}</span>
                        <span class="figure">
                            {text(move || percent.get().map_or_else(String::new, words::percent))}
                        </span>
                    </div>
                    <div
                        class="bar"
                        role="progressbar"
                        aria-labelledby=labelled
                        aria-valuemin="0"
                        aria-valuemax="100"
                        aria-valuenow=text(move || percent.get().map_or_else(String::new, |percent| percent.to_string()))
                        aria-valuetext=text(move || {
                            with_run(progress, |run| {
                                words::overall_value(run, parts, telltale.is_stale(source))
                            })
                        })
                        data-tone=word(move || {
                            let look = progress.with_summary(|summary| summary.map(of_summary));
                            let ended = look.filter(|_| ended());
                            ended.map_or(bar_hue(status.get()), |(hue, _)| hue).name()
                        })
                        style=("--part", text(move || percent.get().map_or_else(String::new, format::css_percent)))
                    >
                        <i></i>
                    </div>
                </div>
                {models(progress, parts)}
            </section>
            <section class="card result" aria-labelledby=of_result>
                <h2 id=result>
                    {text(move || words::say(if ended() { Key::Result } else { Key::ResultSoFar }))}
                </h2>
                {part(move || told.with(|run| outcome(run.as_ref(), parts)))}
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
///
/// Made anew only when there are others: an element that is built anew gets all its attributes anew, and a model that
/// works changes with each frame.
pub fn models(progress: AnalysisProgress, parts: Parts) -> AnyView {
    let rows = Memo::new(move |_| {
        progress.with_view(|view| {
            let run = run(view).filter(|run| !run.models.is_empty() || run.unnamed > 0);
            let status = view.map_or(Status::Unknown, |view| view.status);
            run.ok_or(status).map(|run| {
                let names: Vec<_> = run.models.iter().map(|model| model.id.clone()).collect();
                (names, run.unnamed)
            })
        })
    });
    part(move || match rows.get() {
        Err(status) => view! { <p class="quiet">{words::run_empty(status, parts)}</p> }.into_any(),
        Ok((names, unnamed)) => {
            let rows: Vec<_> = (names.into_iter().enumerate())
                .map(|(at, name)| model_row(progress, at, name, parts))
                .collect();
            let shape = part(move || icon(of_unnamed(status(progress))));
            list(rows, unnamed, shape.into_any(), parts)
        }
    })
    .into_any()
}

/// The rows of the models of a run that is over. They do not move, and have no bars: nothing in them is under way.
pub(super) fn ended_models(run: &RunView, parts: Parts) -> AnyView {
    if run.models.is_empty() && run.unnamed == 0 {
        let line = match run.status {
            // What is over is not waited for.
            Status::Unknown => words::say(Key::NoDetails),
            status => words::run_empty(status, parts),
        };
        return view! { <p class="quiet">{line}</p> }.into_any();
    }
    let rows = run.models.iter().map(|model| {
        let (hue, shape) = of_model(model);
        view! {
            <li data-tone=hue.name()>
                {icon(shape)} <span class="name">{model_name(&model.id, parts)}</span>
                <div class="meta">{foreign::sentence(words::model(model, false))}</div>
            </li>
        }
        .into_any()
    });
    list(
        rows.collect(),
        run.unnamed,
        icon(Icon::None).into_any(),
        parts,
    )
}

/// The rows, and how many models nobody has named.
fn list(rows: Vec<AnyView>, unnamed: u32, shape: AnyView, parts: Parts) -> AnyView {
    let unnamed = (unnamed > 0).then(|| {
        view! {
            <li>
                {shape} <span class="name">{words::more_parts(unnamed, parts)}</span>
            </li>
        }
        .into_any()
    });
    view! { <ul class="models" aria-label=words::parts_title(parts)>{rows}{unnamed}</ul> }
        .into_any()
}

/// What the server calls a model. An analysis without parts has one part, which has no name.
fn model_name(id: &ModelId, parts: Parts) -> impl IntoView {
    let name = (parts == Parts::Models).then(|| Text::of_id(id.as_str()));
    foreign::name(name, words::say(Key::UnnamedAnalysis))
}

/// The row of the model that is at this place of the run.
fn model_row(progress: AnalysisProgress, at: usize, name: ModelId, parts: Parts) -> AnyView {
    let telltale = use_telltale();
    let source = progress.key().source;
    let look = Memo::new(move |_| with_model(progress, at, (Hue::Mute, Icon::None), of_model));
    let share = Memo::new(move |_| with_model(progress, at, None, share));
    let line = Memo::new(move |_| {
        let is_stale = telltale.is_stale(source);
        with_model(progress, at, Sentence::default(), |model| {
            words::model(model, is_stale)
        })
    });
    view! {
        <li data-tone=word(move || look.get().0.name())>
            {part(move || icon(look.get().1))} <span class="name">{model_name(&name, parts)}</span>
            <span
                class="bar"
                aria-hidden="true"
                data-tone=word(move || look.get().0.name())
                data-empty=flag(move || share.get().is_none())
                style=("--part", text(move || format::css_percent(share.get().unwrap_or(0))))
            >
                <i></i>
            </span> <span class="figure">
                {text(move || share.get().map_or_else(|| "–".to_owned(), words::percent))}
            </span>
            <div class="meta">{part(move || foreign::sentence(line.get()))}</div>
        </li>
    }
    .into_any()
}

/// Reads a model of the run. The rows are made anew when there are others; until then one may be gone.
fn with_model<R>(
    progress: AnalysisProgress,
    at: usize,
    gone: R,
    read: impl FnOnce(&ModelView) -> R,
) -> R {
    progress.with_view(|view| match run(view).and_then(|run| run.models.get(at)) {
        Some(model) => read(model),
        None => gone,
    })
}

/// How the models look that nobody has named: in a run that has ended, nothing is waited for.
fn of_unnamed(status: Status) -> Icon {
    if status.is_ended() {
        Icon::None
    } else {
        Icon::Wait
    }
}

/// How far a model is, in percent, where that is known.
fn share(model: &ModelView) -> Option<u8> {
    match &model.state {
        ModelState::Completed { .. } => Some(100),
        ModelState::Running {
            fraction: Some(fraction),
            ..
        } => Some(format::percent(*fraction).min(99)),
        _ => None,
    }
}

/// As much of a run as its result tells: nothing of how far it is.
fn said(run: &RunView) -> RunView {
    let is_completed = |model: &&ModelView| matches!(model.state, ModelState::Completed { .. });
    RunView {
        percent: None,
        elapsed: None,
        left: None,
        models: run.models.iter().filter(is_completed).cloned().collect(),
        ..run.clone()
    }
}

fn outcome(run: Option<&RunView>, parts: Parts) -> AnyView {
    match run {
        Some(run) => result(run, parts, run.status.is_ended()),
        None => view! { <p class="quiet">{words::say(Key::NothingYet)}</p> }.into_any(),
    }
}

/// The verdict, who says so, and each model's own words. `ended` if no more will be said, whether or not it is known
/// how the run ended.
pub(super) fn result(run: &RunView, parts: Parts, ended: bool) -> AnyView {
    let (hue, shape) = of_verdict(&run.verdict);
    let votes: Vec<_> = run
        .models
        .iter()
        .filter_map(|model| vote(model, parts))
        .collect();
    let votes = (!votes.is_empty()).then(|| {
        view! { <ul class="votes" aria-label=words::say(Key::ResultsByModel)>{votes}</ul> }
            .into_any()
    });
    view! {
        <p class="verdict" data-tone=hue.name()>
            {icon(shape)} <bdi dir="auto">{words::verdict(&run.verdict, ended)}</bdi>
        </p>
        <p>{words::verdict_sentence(run, parts, ended)}</p>
        {votes}
        <p class="meta">{words::not_proof(parts, ended)}</p>
    }
    .into_any()
}

/// What one model says and how sure it is. Confidence is no risk, so its bar has one colour whatever the word is.
fn vote(model: &ModelView, parts: Parts) -> Option<AnyView> {
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
        ours => words::label_word(ours),
    };
    let row = view! {
        <li>
            <span class="name">{model_name(&model.id, parts)}</span>
            {pill(of_label(label), word)}
            <span
                class="bar"
                aria-hidden="true"
                data-tone="run"
                data-empty=sure.is_none()
                style=("--part", format::css_percent(sure.unwrap_or(0)))
            >
                <i></i>
            </span>
            <span class="figure">{sure.map_or_else(|| "–".to_owned(), words::percent)}</span>
        </li>
    };
    Some(row.into_any())
}

/// The state of a media as a pill, for the head of its page.
pub fn status_pill(progress: AnalysisProgress) -> impl IntoView {
    part(move || {
        let status = status(progress);
        let word = progress.with_view(|view| view.and_then(|view| view.other_status.clone()));
        pill(
            progress.with_summary(|summary| summary.map_or(of_status(status), of_summary)),
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
