//! Cancelling an analysis, where whoever shows it has a call for that: no server has one of its own.
//!
//! **Law:** a person is asked once, and nothing says that it was cancelled before the server does. A run that ends in
//! another way meanwhile shows that end.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDialogElement, HtmlElement};

use super::announcer::announcer_within;
use super::hooks::{use_telltale, AnalysisProgress};
use super::live::{flag, part, say};
use super::words::{self, Key, Sentence};
use super::{foreign, unique};
use crate::domain::view::Status;
use crate::domain::{MediaKey, Text};
use crate::time::Instant;

/// How long a server may take to say that a run has ended. Later, it can be cancelled again: a call that was made is
/// not one that was heard.
const CONFIRMS: Duration = Duration::from_secs(60);

/// A person wants the analysis of a media to be cancelled: what the panel hands to the call that
/// [`embedded`](super::embedded()) was given.
///
/// The panel says *Cancelling…* until the server says that the run has ended, however it did; nothing has to be called
/// for that. Where it says so in no minute, the panel tells that, and offers to cancel again.
#[derive(Clone, Debug)]
pub struct Cancel {
    /// Whose.
    pub media: MediaKey,
    run: u32,
    asked: Asked,
    reason: Reason,
}

/// In which run the call was made last, and whether it failed. Of a type that the panel has anyway: signals of another
/// one weigh more than all that is here.
type Asked = RwSignal<Option<(u32, bool)>>;
type Asking = StoredValue<Option<(Element, Option<u32>)>, LocalStorage>;
/// What became of the call.
#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    /// It is not known yet.
    Waits,
    /// It failed.
    Failed,
    /// It did not fail, and the run goes on.
    Unconfirmed,
}
/// Why it failed.
type Reason = Arc<Mutex<Option<Text>>>;

impl Cancel {
    /// The call failed, for this reason, of which the panel shows the first line; and it offers to cancel again. Of a
    /// run that has ended meanwhile, and in a panel that is gone, this says nothing.
    pub fn failed(&self, reason: Option<Text>) {
        let asked = self.asked.try_get_untracked().flatten();
        if asked == Some((self.run, false)) {
            *self.reason.lock().unwrap_or_else(PoisonError::into_inner) = reason;
            self.asked.set(Some((self.run, true)));
        }
    }
}

/// The button for a panel's head, and what stands under the head: the question, and what became of it.
pub fn cancelling(progress: AnalysisProgress, call: Callback<Cancel>) -> (AnyView, AnyView) {
    let asked: Asked = RwSignal::new(None);
    let reason = Reason::default();
    let now = use_telltale().now();
    let asked_at = StoredValue::new(Instant::default());
    // The run that can be cancelled, and what became of the call that was made in it; nothing of another one.
    let run = move || progress.with_summary(|summary| summary.map_or(0, |summary| summary.run));
    let is_active = move || {
        let status = progress.with_summary(|summary| summary.map(|summary| summary.status));
        matches!(status, Some(Status::Queued | Status::Running))
    };
    let outcome = move || {
        let (_, has_failed) = asked.get().filter(|(of, _)| *of == run())?;
        let waited = || now.get().saturating_since(asked_at.get_value());
        Some(match has_failed {
            true => Outcome::Failed,
            false if waited() >= CONFIRMS => Outcome::Unconfirmed,
            false => Outcome::Waits,
        })
    };
    let is_offered = Memo::new(move |_| is_active() && outcome() != Some(Outcome::Waits));
    let of_told = reason.clone();
    let told = Memo::new(move |_| match outcome().filter(|_| is_active()) {
        None => Sentence::default(),
        Some(Outcome::Waits) => words::say(Key::Cancelling).into(),
        Some(Outcome::Unconfirmed) => words::say(Key::CancelUnconfirmed).into(),
        Some(Outcome::Failed) => {
            let reason = of_told.lock().unwrap_or_else(PoisonError::into_inner);
            Sentence {
                before: words::say(Key::CouldNotCancel) + " ",
                foreign: reason.clone(),
                ..Sentence::default()
            }
        }
    });
    // The button, once it had the focus, and the run that is asked about.
    let asking: Asking = StoredValue::new_local(None);
    let cancel = move || {
        let run = untrack(run);
        // What was asked was whether to cancel another one.
        if asking.get_value().is_none_or(|(_, of)| of != Some(run)) {
            return;
        }
        asked_at.set_value(now.get_untracked());
        asked.set(Some((run, false)));
        call.run(Cancel {
            media: progress.key(),
            run,
            asked,
            reason: reason.clone(),
        });
    };
    let cancel = Arc::new(cancel);
    // What is behind an open question is not heard: it has live regions of its own.
    let is_asked = RwSignal::new(false);
    let question = unique("cancel");
    let button = view! {
        <button
            hidden=flag(move || {
                let is_hidden = !is_offered.get();
                // Before it is: what is hidden has lost the focus already.
                if is_hidden {
                    withdraw(asking);
                }
                is_hidden
            })
            on:focus=on_element(move |it| {
                asking.update_value(|asking| {
                    asking.get_or_insert_with(|| (it.clone(), None));
                });
            })
            on:click=on_element(move |it| {
                asking.set_value(Some((it.clone(), Some(untrack(run)))));
                is_asked.set(ask(it));
            })
        >
            {say(Key::Cancel)}
        </button>
    };
    // The question goes with the button, also while it is open.
    let rest = view! {
        <div class="meta" role="status">
            {part(move || foreign::sentence(told.get()))}
        </div>
        {part(move || {
            is_offered
                .get()
                .then(|| {
                    let cancel = cancel.clone();
                    on_cleanup(move || withdraw(asking));
                    view! {
                        <dialog
                            aria-labelledby=question.clone()
                            on:close=move |_| is_asked.set(false)
                        >
                            <div class="stack">
                                <p id=question.clone()>{say(Key::CancelQuestion)}</p>
                                <button on:click=on_element(close)>{say(Key::KeepRunning)}</button>
                                <button on:click=on_element(move |it| {
                                    close(it);
                                    cancel();
                                })>{say(Key::CancelAnalysis)}</button>
                            </div>
                            {part(move || is_asked.get().then(announcer_within))}
                        </dialog>
                    }
                        .into_any()
                })
        })}
    };
    (button.into_any(), rest.into_any())
}

/// What an event does with the element that listens for it.
fn on_element<E: AsRef<Event>>(does: impl Fn(&Element) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(move |event| {
        let target = event.as_ref().current_target();
        if let Some(element) = target.as_ref().and_then(JsCast::dyn_ref) {
            does(element);
        }
    })
}

/// What this selects in the panel that an element is in.
fn of_panel<T: JsCast>(element: &Element, selector: &str) -> Option<T> {
    let panel = element.closest(".panel").ok()??;
    let found = panel.query_selector(selector).ok()??;
    Some(found.unchecked_into())
}

/// Whether the question is open.
fn ask(button: &Element) -> bool {
    let dialog = of_panel::<HtmlDialogElement>(button, "dialog");
    dialog.is_some_and(|dialog| dialog.show_modal().is_ok())
}

/// The browser gives the focus back to the button that asked.
fn close(button: &Element) {
    if let Some(dialog) = of_panel::<HtmlDialogElement>(button, "dialog") {
        dialog.close();
    }
}

/// Nothing can be cancelled any more, whether the question was answered, or only open, or not asked yet: whoever was at
/// it is not left in a dialog or on a button that is gone.
fn withdraw(asking: Asking) {
    let Some((button, _)) = asking.try_get_value().flatten() else {
        return;
    };
    let dialog = of_panel::<HtmlDialogElement>(&button, "dialog");
    let is_open = dialog.is_some_and(|dialog| dialog.open());
    if is_open {
        close(&button);
    }
    if is_open || button.matches(":focus") == Ok(true) {
        leave(&button);
    }
}

/// The button that asked is going: the panel's heading gets the focus.
fn leave(button: &Element) {
    if let Some(heading) = of_panel::<HtmlElement>(button, "h2") {
        heading.set_tab_index(-1);
        let _ = heading.focus();
    }
}
