//! The button that copies what support needs to know of an analysis, and what became of it.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::domain::view::MediaView;
use crate::session::details::{details, About};
use crate::time::Instant;
use crate::ui::hooks::{use_telltale, AnalysisProgress};
use crate::ui::live::{click, flag, say, text};
use crate::ui::words::{self, Key};
use crate::web::{copy, has_clipboard};

/// How long it stands there that it was copied: long enough to be read by who looks at the button.
const SAID: Duration = Duration::from_secs(5);

/// Not offered where there is no clipboard, and while there is nothing to tell of.
pub(super) fn copy_details(progress: AnalysisProgress) -> Option<AnyView> {
    if !has_clipboard() {
        return None;
    }
    let telltale = use_telltale();
    let now = telltale.now();
    let copied = RwSignal::new(None::<(bool, Instant)>);
    let said = Memo::new(move |_| {
        let (is_copied, at) = copied.get()?;
        (now.get().saturating_since(at) < SAID).then_some(match is_copied {
            true => Key::DetailsCopied,
            false => Key::DetailsNotCopied,
        })
    });
    let copy_them = move || {
        let server = telltale.server_name(progress.key().source);
        let about = About {
            server: &server,
            told: telltale.wall_time(now.get_untracked()),
        };
        let tokens = telltale.tokens();
        let of = |view: &MediaView| details(view, &about, &tokens);
        let Some(text) = progress.unpaused().as_ref().map(of) else {
            return;
        };
        // What was said of the last time goes first: the same words again would not be heard.
        copied.set(None);
        let is_copied = copy(&text);
        spawn_local(async move {
            let is_copied = is_copied.await;
            // The page may be gone by now.
            if let Some(now) = now.try_get_untracked() {
                copied.try_set(Some((is_copied, now)));
            }
        });
    };
    Some(
        view! {
            <div class="row copy" hidden=flag(move || progress.with_view(|view| view.is_none()))>
                <button on:click=click(copy_them)>{say(Key::CopyDetails)}</button>
                <span class="meta" role="status">
                    {text(move || said.get().map_or_else(String::new, words::say))}
                </span>
            </div>
        }
        .into_any(),
    )
}
