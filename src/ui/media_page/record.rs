//! What was told of this media since somebody signed in.

use leptos::prelude::*;

use crate::domain::MediaKey;
use crate::ui::activity::{all_of, line};
use crate::ui::hooks::use_telltale;
use crate::ui::live::{part, say};
use crate::ui::words::activity as says;
use crate::ui::words::{self, Key};
use crate::ui::{format, unique};

/// Lines that are drawn: the story of a run or two. All of them are on the page of the activity.
const DRAWN: usize = 20;

/// The section, newest first. Drawn anew only when there is news of this media.
pub(super) fn record(media: MediaKey) -> AnyView {
    let telltale = use_telltale();
    let mark = telltale.activity_mark();
    let of = StoredValue::new(media);
    let told = Memo::new(move |_| {
        mark.track();
        of.with_value(|media| {
            telltale.with_activity(|activity| {
                let told = activity.entries().rev();
                let told = told.filter(|entry| entry.media() == Some(media));
                told.map(|entry| (entry.number, entry.count))
                    .collect::<Vec<_>>()
            })
        })
    });
    let heading = unique("told");
    let of_heading = heading.clone();
    let lines = move || {
        let told = told.read();
        if told.is_empty() {
            return view! { <p class="quiet">{words::say(Key::NothingHappened)}</p> }.into_any();
        }
        let lines = telltale.with_activity(|activity| {
            let drawn = told.iter().take(DRAWN);
            let entries = drawn.filter_map(|(number, _)| {
                let mut after = activity.since(number.saturating_sub(1));
                after.next().filter(|entry| entry.number == *number)
            });
            // Each would lead to where one is.
            entries
                .map(|entry| line(telltale, entry, false, None, format::moment))
                .collect::<Vec<_>>()
        });
        let all = (told.len() > DRAWN).then(|| {
            let href = of.with_value(all_of);
            view! { <a class="button older" href=href>{says::show_all(told.len())}</a> }
        });
        view! {
            <ol class="log" aria-label=words::say(Key::ActivityNewestFirst)>{lines}</ol>
            {all}
        }
        .into_any()
    };
    view! {
        <section class="card told" aria-labelledby=of_heading>
            <h2 id=heading>{say(Key::Activity)}</h2>
            {part(lines)}
        </section>
    }
    .into_any()
}
