//! One entry of the record: its layers, what it says, what was made of it, and itself to the letter.

use leptos::prelude::*;

use super::super::super::icon::{icon, Icon};
use super::super::super::live::{click, flag};
use super::super::super::words::{self, Key};
use super::super::super::{foreign, format};
use super::{seconds, It};
use crate::session::record::inspect::{self, Detail};

/// Characters of a raw text that are shown at once: two screens of it.
const SHOWN: usize = 4_000;

/// The chosen entry.
pub(super) fn detail(it: It) -> AnyView {
    let Some(number) = it.chosen.get() else {
        return view! { <p class="quiet">{words::say(Key::DebugChoose)}</p> }.into_any();
    };
    let source = it.with_record(|record| record.entry(number).and_then(|entry| entry.source));
    let me = source.and_then(|source| it.me(source));
    let found = it.with_record(|record| {
        let entry = record.entry(number)?;
        let detail = inspect::detail(record, entry, me.as_deref());
        Some((detail, entry.at, entry.changes))
    });
    let Some((detail, at, changes)) = found else {
        return view! { <p class="quiet">{words::say(Key::DebugGone)}</p> }.into_any();
    };
    let name = it.row(number).map(|row| row.name);
    let server = source.map(|source| it.telltale.server_name(source));
    let changes = match changes {
        0 => String::new(),
        changes => words::plural(Key::DebugChanges, changes.into(), &[]),
    };
    let wall = format::precise_moment(it.telltale.wall_time(at));
    let Detail {
        layers,
        fault,
        values,
        facts,
        more_facts,
        raw,
        cut,
    } = detail;
    let layers = layers.into_iter().map(|layer| {
        view! { <li><bdi dir="auto">{visible(&layer)}</bdi></li> }
    });
    let fault = fault.map(|fault| {
        view! { <p class="fault" lang="en" dir="ltr">{icon(Icon::Bad)} <span>{visible(&fault)}</span></p> }
    });
    let values = (!values.is_empty()).then(|| {
        let values = values.into_iter().map(|value| {
            let more = value
                .is_cut
                .then(|| view! { <p class="meta">{words::say(Key::DebugMore)}</p> });
            view! { {code(visible(&value.text))} {more} }
        });
        view! { <h3>{words::say(Key::DebugMeant)}</h3> {values.collect_view()} }
    });
    let facts = (!facts.is_empty()).then(|| {
        let facts = facts.iter().map(|fact| view! { <li>{code(visible(fact))}</li> });
        let more = (more_facts > 0)
            .then(|| view! { <p class="meta">{words::say(Key::DebugMore)}</p> });
        view! { <h3>{words::say(Key::DebugMade)}</h3> <ol class="facts">{facts.collect_view()}</ol> {more} }
    });
    let raw = raw.map(|raw| {
        let cut = (cut > 0).then(|| {
            let size = format::bytes(cut as u64);
            view! { <p class="meta">{words::with(Key::DebugLeftOut, &[("size", &size)])}</p> }
        });
        view! { <h3>{words::say(Key::DebugRaw)}</h3> {as_it_came(&raw)} {cut} }
    });
    view! {
        <h2>{foreign::name(name, String::new())}</h2>
        <p class="meta">
            {words::join_all(&[words::say(Key::DebugDetail) + " " + &format::count(number), wall, seconds(at), changes])}
        </p>
        <ul class="meta">
            {server.map(|server| view! { <li><bdi dir="auto">{server}</bdi></li> })}
            {layers.collect_view()}
        </ul>
        {fault}
        {values}
        {facts}
        {raw}
    }
    .into_any()
}

/// As much as one looks at, and the rest behind a button.
fn as_it_came(raw: &str) -> AnyView {
    let all = visible(raw);
    let Some((end, _)) = all.char_indices().nth(SHOWN) else {
        return code(all);
    };
    let is_whole = RwSignal::new(false);
    let first = all[..end].to_owned();
    let shown = move || match is_whole.get() {
        true => all.clone(),
        false => first.clone(),
    };
    view! {
        <pre dir="ltr" translate="no" tabindex="0"><bdi dir="auto">{super::text(shown)}</bdi></pre>
        <button hidden=flag(move || is_whole.get()) on:click=click(move || is_whole.set(true))>
            {words::say(Key::ShowAll)}
        </button>
    }
    .into_any()
}

/// What a program reads, from the left; it can be scrolled by the keys.
fn code(text: String) -> AnyView {
    view! { <pre dir="ltr" translate="no" tabindex="0"><bdi dir="auto">{text}</bdi></pre> }
        .into_any()
}

/// A text in which nothing hides: control characters and those that turn the direction of what stands around them as
/// their numbers.
fn visible(text: &str) -> String {
    let hides = |letter: char| {
        let turns = matches!(letter, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        turns || letter == '\u{FEFF}' || (letter.is_control() && letter != '\n')
    };
    if !text.contains(hides) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match hides(letter) {
            true => shown.extend(letter.escape_unicode()),
            false => shown.push(letter),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides_in_what_is_shown() {
        for (text, shown) in [
            ("a\nb é 𝄞", "a\nb é 𝄞"),
            ("\u{202E}cod.exe", "\\u{202e}cod.exe"),
            ("a\u{1e}b\r\u{0}", "a\\u{1e}b\\u{d}\\u{0}"),
            ("\u{2066}\u{2069}\u{feff}", "\\u{2066}\\u{2069}\\u{feff}"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }
}
