//! The people of a meeting, each with the score that is shown, the word for it and its last five minutes.

use leptos::prelude::*;

use crate::domain::view::{MeetingView, ParticipantView};
use crate::domain::Text;
use crate::ui::format;
use crate::ui::hooks::Meeting;
use crate::ui::icon::{of_band, pill};
use crate::ui::live::{part, rows};
use crate::ui::steady::Steady;
use crate::ui::words::{self, Key};

/// A score redraws the one whose it is: who is there, and in which order, is known apart from that.
pub(super) fn participants(meeting: Meeting) -> AnyView {
    let steady = Steady::new();
    let people =
        steady.order(move || meeting.with_view(|view| view.map(numbers).unwrap_or_default()));
    let is_empty = Memo::new(move |_| people.with(Vec::is_empty));
    let is_left = Memo::new(move |_| meeting.is_left());
    let is_joined =
        Memo::new(move |_| meeting.with_view(|view| view.is_some_and(|view| view.is_joined)));
    let is_in_doubt = Memo::new(move |_| {
        meeting.with_view(|view| view.is_some_and(|view| view.is_list_in_doubt))
    });
    part(move || {
        // Who came, nobody tells those who are not let in.
        if is_empty.get() && (is_left.get() || !is_joined.get() || is_in_doubt.get()) {
            return ().into_any();
        }
        if is_empty.get() {
            return view! { <p class="quiet">{words::say(Key::NoOneJoined)}</p> }.into_any();
        }
        view! {
            <ul
                class="people"
                on:pointermove=steady.points()
                on:pointerleave=move |_| steady.leaves()
            >
                {rows(move || people.get(), move |number| row(meeting, number, is_left, is_in_doubt))}
            </ul>
        }
        .into_any()
    })
    .into_any()
}

fn numbers(view: &MeetingView) -> Vec<u64> {
    let people = view.participants.iter();
    people.map(|person| person.number.into()).collect()
}

fn row(meeting: Meeting, number: u64, is_left: Memo<bool>, is_in_doubt: Memo<bool>) -> AnyView {
    let person = Memo::new(move |_| {
        meeting.with_view(|view| {
            let mut people = view?.participants.iter();
            people
                .find(|person| u64::from(person.number) == number)
                .cloned()
        })
    });
    part(move || {
        let waits = !is_left.get();
        let has_list = !is_in_doubt.get();
        person.with(|person| {
            let person = person.as_ref();
            person.map(|person| participant(person, waits, has_list))
        })
    })
    .into_any()
}

/// `waits` is whether a score of theirs would be heard, and `has_list` whether the list of people is that of now.
fn participant(person: &ParticipantView, waits: bool, has_list: bool) -> AnyView {
    let name = (person.name.clone()).unwrap_or_else(|| Text::of_id(person.id.as_str()));
    let name = name.as_str().to_owned();
    let is_stale = person.stale_for.is_some();
    // The score of someone who has left is history: it has no meter and no colour.
    let has_left = person.is_present == Some(false);
    let band = person.band.filter(|_| !has_left);
    let (hue, shape) = of_band(band);
    let word = match band {
        _ if has_left => words::say(Key::HasLeft),
        Some(band) => words::band(band),
        None => words::say(Key::NoData),
    };
    let score = match (person.trust, person.band) {
        (Some(score), Some(band)) if !has_left => view! {
            <span
                class="score"
                role="meter"
                aria-label=name.clone()
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=score.to_string()
                aria-valuetext=words::trust_value(score, band, is_stale)
            >
                {format::count(score.into())}
            </span>
        }
        .into_any(),
        _ => view! { <span class="score" aria-hidden="true">"–"</span> }.into_any(),
    };
    let mut notes = Vec::new();
    if person.is_present.is_none() && has_list {
        notes.push(words::say(Key::NotInTheList));
    }
    if let Some(score) = person.trust.filter(|_| has_left) {
        notes.push(words::with(
            Key::LastScore,
            &[("n", &format::count(score.into()))],
        ));
    } else if let Some(age) = person.stale_for {
        notes.push(words::with(Key::LastScoreAgo, &[("ago", &words::ago(age))]));
    } else if waits && person.trust.is_none() && person.is_present == Some(true) {
        notes.push(words::say(Key::WaitingForScore));
    }
    for modality in &person.modalities {
        if modality.figures.is_empty() && modality.confidence.is_none() {
            notes.push(words::with(
                Key::NoDataOf,
                &[("name", &words::isolated(modality.name.as_str()))],
            ));
        }
    }
    let notes = words::join_all(&notes);
    let has_notes = !notes.is_empty();
    view! {
        <li data-tone=hue.name() data-stale=is_stale>
            <span class="name">
                <bdi dir="auto">{name.clone()}</bdi>
            </span>
            {sparkline(&name, person)}
            <span class="state">{pill((hue, shape), word)}</span>
            {score}
            <span class="meta" hidden=!has_notes>
                {notes}
            </span>
        </li>
    }
    .into_any()
}

/// The sparkline's box, in its own units.
const WIDTH: f32 = 96.0;
const HEIGHT: f32 = 28.0;
/// Seconds it shows.
const WINDOW: f32 = 300.0;
/// Seconds without a score that break its line: a gap is not a slope.
const GAP: f32 = 30.0;

fn sparkline(name: &str, person: &ParticipantView) -> AnyView {
    let history = &person.history;
    let (Some(first), Some(last)) = (history.first(), history.last()) else {
        return ().into_any();
    };
    let lowest = history.iter().map(|(_, score)| *score).min().unwrap_or(0);
    let label = words::spark(name, first.1, last.1, lowest);
    view! {
        <svg class="spark" viewBox="0 0 96 28" role="img" aria-label=label>
            <path class="marks" d="M0 6.6H96M0 14H96"></path>
            <path class="graph" d=spark_path(history)></path>
        </svg>
    }
    .into_any()
}

/// The line, newest at the end edge. Coordinates are whole tenths, so that no float has to be written.
fn spark_path(history: &[(f32, u8)]) -> String {
    let end = history.last().map_or(0.0, |(at, _)| *at);
    let mut path = String::new();
    let mut before: Option<f32> = None;
    for (at, score) in history {
        let x = ((at - end) / WINDOW + 1.0).clamp(0.0, 1.0) * WIDTH;
        let y = HEIGHT - 2.0 - f32::from((*score).min(100)) * (HEIGHT - 4.0) / 100.0;
        path.push(match before {
            Some(before) if at - before <= GAP => 'L',
            _ => 'M',
        });
        tenths(x, &mut path);
        path.push(' ');
        tenths(y, &mut path);
        // A point alone, as wide as the line.
        if before.is_none_or(|before| at - before > GAP) {
            path.push_str("h0.1");
        }
        before = Some(*at);
    }
    path
}

fn tenths(number: f32, into: &mut String) {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let tenths = (number * 10.0 + 0.5) as u32;
    into.push_str(&(tenths / 10).to_string());
    into.push('.');
    into.push_str(&(tenths % 10).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparkline_breaks_where_there_are_no_scores() {
        for (history, path) in [
            (vec![], ""),
            (vec![(0.0, 100)], "M96.0 2.0h0.1"),
            (vec![(0.0, 0), (300.0, 50)], "M0.0 26.0h0.1M96.0 14.0h0.1"),
            (
                vec![(0.0, 90), (10.0, 80), (60.0, 40)],
                "M76.8 4.4h0.1L80.0 6.8M96.0 16.4h0.1",
            ),
        ] {
            assert_eq!(spark_path(&history), path);
        }
    }
}
