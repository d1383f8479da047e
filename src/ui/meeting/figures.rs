//! What a meeting's server says of the meeting as a whole and of itself, and how old that is.

use leptos::prelude::*;

use crate::domain::fact::Metric;
use crate::domain::view::MeetingView;
use crate::ui::foreign;
use crate::ui::words::{self, Key};

/// The figures of the meeting.
pub(super) fn summary(view: Option<&MeetingView>) -> AnyView {
    tiles(view, |metric| !is_of_the_server(metric))
}

/// The figures of the server that watches it, and how fast pictures come; nothing where it says none of these.
pub(super) fn health(view: Option<&MeetingView>) -> Option<AnyView> {
    let view = view.filter(|view| has_health(Some(view)))?;
    let has_figures = has_figures_of_the_server(view);
    let video = view
        .video
        .as_ref()
        .map(|video| view! { <p>{words::video(video)}</p> }.into_any());
    Some(
        view! {
            {has_figures.then(|| tiles(Some(view), is_of_the_server))}
            {video}
        }
        .into_any(),
    )
}

/// Whether it says any of these.
pub(super) fn has_health(view: Option<&MeetingView>) -> bool {
    view.is_some_and(|view| has_figures_of_the_server(view) || view.video.is_some())
}

fn has_figures_of_the_server(view: &MeetingView) -> bool {
    let mut figures = view.analytics.iter();
    figures.any(|(metric, _)| is_of_the_server(metric))
}

fn is_of_the_server(metric: &Metric) -> bool {
    matches!(metric, Metric::Cpu | Metric::Memory | Metric::Frames)
}

fn tiles(view: Option<&MeetingView>, wanted: fn(&Metric) -> bool) -> AnyView {
    let figures = view
        .map(|view| view.analytics.as_slice())
        .unwrap_or_default();
    let tiles: Vec<_> = figures
        .iter()
        .filter(|(metric, _)| wanted(metric))
        .map(|(metric, value)| {
            view! {
                <div>
                    <dt class="meta">{foreign::sentence(words::metric(metric))}</dt>
                    <dd>{words::metric_value(metric, *value)}</dd>
                </div>
            }
            .into_any()
        })
        .collect();
    if tiles.is_empty() {
        return view! { <p class="quiet">{words::say(Key::NoFiguresYet)}</p> }.into_any();
    }
    let age = view.and_then(|view| view.analytics_stale_for);
    let is_stale = age.is_some();
    view! {
        <dl class="tiles" data-stale=is_stale>{tiles}</dl>
        <p class="meta" hidden=!is_stale>{age.map(words::last_updated).unwrap_or_default()}</p>
    }
    .into_any()
}
