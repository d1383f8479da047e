//! Sending files: the button, the page as a place to drop them, and the rows of those on their way.

use leptos::ev::{DragEvent, MouseEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::focus::focus;
use super::hooks::{use_sign_in, use_telltale, use_uploads, Uploads};
use super::icon::{icon, pill, Hue, Icon};
use super::live::{click, flag, part, say, text, word};
use super::words::{self, Key};
use super::{foreign, format};
use crate::session::state::{Command, SignIn, Upload, UploadId, UploadStage};
use crate::toast::UploadFault;

/// The button, and the choice of a server where several take files.
pub fn upload_button() -> impl IntoView {
    let uploads = use_uploads();
    let input = NodeRef::<html::Input>::new();
    view! {
        <div class="row upload" hidden=flag(move || uploads.servers().is_empty())>
            {part(move || {
                let servers = uploads.servers();
                let target = uploads.target().map(|target| target.source);
                (servers.len() > 1).then(|| {
                    let options = servers.iter().map(|state| {
                        let is_target = target == Some(state.source);
                        view! {
                            <option value=state.source.0.to_string() selected=is_target>
                                {state.name.as_str().to_owned()}
                            </option>
                        }
                    });
                    view! {
                        <label class="row meta">
                            {say(Key::UploadTo)} " " <select on:change=move |event| choose(uploads, &event)>
                                {options.collect_view()}
                            </select>
                        </label>
                    }
                })
            })}
            <button
                class="primary"
                on:click=click(move || {
                    if let Some(input) = input.get_untracked() {
                        input.click();
                    }
                })
            >
                {icon(Icon::Upload)}
                {say(Key::UploadFile)}
            </button>
            <input
                type="file"
                multiple
                hidden
                aria-label=say(Key::FilesToUpload)
                node_ref=input
                on:change=move |_| {
                    if let Some(input) = input.get_untracked() {
                        if let Some(files) = input.files() {
                            uploads.send(&files);
                        }
                        // The same file may be chosen again.
                        input.set_value("");
                    }
                }
            />
        </div>
    }
}

fn choose(uploads: Uploads, event: &web_sys::Event) {
    let value = event_target_value(event);
    let servers = untrack(|| uploads.servers());
    if let Some(state) = servers
        .iter()
        .find(|state| state.source.0.to_string() == value)
    {
        uploads.choose_target(state.source);
    }
}

/// The files on their way and those that could not be sent. One that arrived leaves here once the list of media has it,
/// which may be held.
pub fn upload_rows() -> impl IntoView {
    let uploads = use_uploads();
    let telltale = use_telltale();
    let paused = telltale.paused();
    let is_held = Memo::new(move |_| paused.with(Option::is_some));
    Effect::new(move |_| {
        if is_held.get() {
            return;
        }
        let arrived = uploads.list.with(|list| {
            let done = list
                .iter()
                .filter(|upload| matches!(upload.stage, UploadStage::Done(_)));
            done.map(|upload| upload.id).collect::<Vec<_>>()
        });
        for id in arrived {
            telltale.command(Command::ForgetUpload(id));
        }
    });
    let shown = Memo::new(move |_| {
        uploads.list.with(|list| {
            let pending = list
                .iter()
                .filter(|upload| is_held.get() || !matches!(upload.stage, UploadStage::Done(_)));
            pending.map(|upload| upload.id).collect::<Vec<_>>()
        })
    });
    view! {
        <section class="card uploads" aria-label=say(Key::Uploads) hidden=flag(move || shown.with(Vec::is_empty))>
            <ul>
                <For each=move || shown.get() key=Clone::clone children=upload_row />
            </ul>
        </section>
    }
}

fn upload_row(id: UploadId) -> AnyView {
    let uploads = use_uploads();
    let upload = Memo::new(move |_| {
        uploads
            .list
            .with(|list| list.iter().find(|upload| upload.id == id).cloned())
    });
    let has_ended = move || {
        upload.with(|upload| {
            upload
                .as_ref()
                .is_some_and(|upload| upload.stage.is_ended())
        })
    };
    let tone = move || {
        upload.with(|upload| match upload.as_ref().map(|upload| &upload.stage) {
            Some(UploadStage::Failed(_)) => Hue::Bad.name(),
            Some(UploadStage::Done(_)) => Hue::Ok.name(),
            Some(UploadStage::Waiting) => Hue::Mute.name(),
            _ => Hue::Run.name(),
        })
    };
    view! {
        <li data-tone=word(tone)>
            {part(move || upload.with(|upload| upload.as_ref().map(upload_line)))}
            <button
                aria-label=text(move || {
                    let name = upload.with(|upload| {
                        let name = upload.as_ref().map(|upload| words::isolated(upload.name.as_str()));
                        name.unwrap_or_default()
                    });
                    let action = if has_ended() { Key::DismissNamed } else { Key::CancelNamed };
                    words::with(action, &[("name", &name)])
                })
                on:click=move |event| {
                    focus_next(&event);
                    if let Some(upload) = upload.get_untracked() {
                        uploads.cancel(&upload);
                    }
                }
            >
                {text(move || words::say(if has_ended() { Key::Dismiss } else { Key::Cancel }))}
            </button>
        </li>
    }
    .into_any()
}

/// The row that was pressed goes: its neighbour has the focus then. Without one the page finds a place.
fn focus_next(event: &MouseEvent) {
    let pressed = (event.current_target()).and_then(|it| it.dyn_into::<Element>().ok());
    let row = pressed.and_then(|it| it.parent_element());
    let next = row.and_then(|row| {
        row.next_element_sibling()
            .or_else(|| row.previous_element_sibling())
    });
    let button = next.and_then(|next| next.query_selector("button").ok().flatten());
    if let Some(button) = button {
        focus(&button);
    }
}

fn upload_line(upload: &Upload) -> impl IntoView {
    let percent = sent_percent(upload);
    let (line, hue) = match &upload.stage {
        UploadStage::Waiting => {
            let waits = words::say(Key::WaitsToBeSent);
            let line = words::join_all(&[waits, format::bytes(upload.bytes)]);
            (line.into(), Hue::Mute)
        }
        UploadStage::Sending => {
            let (sent, size) = (format::bytes(upload.sent), format::bytes(upload.bytes));
            let sent = words::with(Key::SentOf, &[("sent", &sent), ("size", &size)]);
            (
                words::join_all(&[words::percent(percent), sent]).into(),
                Hue::Run,
            )
        }
        UploadStage::Answering => (words::say(Key::SentAll).into(), Hue::Run),
        UploadStage::Done(_) => (words::say(Key::Uploaded).into(), Hue::Ok),
        UploadStage::Failed(fault) => (words::upload_fault(fault), Hue::Bad),
    };
    let failed = hue == Hue::Bad;
    let outcome = match upload.stage {
        UploadStage::Failed(UploadFault::Unconfirmed) => Key::NotConfirmed,
        _ => Key::NotUploaded,
    };
    let is_quiet = failed || upload.stage == UploadStage::Waiting;
    view! {
        <div class="grow">
            <div class="row">
                <strong class="cut">
                    <bdi dir="auto">{upload.name.as_str().to_owned()}</bdi>
                </strong>
                {failed.then(|| pill((Hue::Bad, Icon::Bad), words::say(outcome)))}
            </div>
            <div class="meta">{foreign::sentence(line)}</div>
            <span
                class="bar"
                aria-hidden="true"
                hidden=is_quiet
                data-tone=hue.name()
                style=("--part", format::css_percent(percent))
            >
                <i></i>
            </span>
        </div>
    }
}

fn sent_percent(upload: &Upload) -> u8 {
    let percent = u128::from(upload.sent) * 100 / u128::from(upload.bytes.max(1));
    u8::try_from(percent.min(100)).unwrap_or(100)
}

/// The page as a place to drop files on, while someone is signed in or nobody has to be. Everything it does, the button
/// does too (WCAG 2.5.7).
pub fn drop_zone() -> impl IntoView {
    let uploads = use_uploads();
    let sign_in = use_sign_in();
    let is_over = RwSignal::new(false);
    let takes = move || {
        let state = sign_in.state.get_untracked();
        let is_in = matches!(state, SignIn::SignedIn { .. } | SignIn::NotNeeded);
        is_in && untrack(|| uploads.target()).is_some()
    };
    // `dragleave` fires for every element that is crossed, so leaving is told by where the pointer went: nowhere.
    let listeners = [
        window_event_listener_untyped("dragover", move |event| {
            // A file that is dropped on what does not take it would be shown instead of the page.
            let Some(event) = files(&event) else { return };
            event.prevent_default();
            match takes() {
                true if !is_over.get_untracked() => is_over.set(true),
                true => {}
                false => {
                    if let Some(files) = event.data_transfer() {
                        files.set_drop_effect("none");
                    }
                }
            }
        }),
        window_event_listener_untyped("dragleave", move |event| {
            if files(&event).is_some_and(|event| event.related_target().is_none()) {
                is_over.set(false);
            }
        }),
        window_event_listener_untyped("drop", move |event| {
            is_over.set(false);
            let dropped = files(&event).and_then(|event| {
                event.prevent_default();
                event.data_transfer()?.files()
            });
            if let Some(dropped) = dropped.filter(|_| takes()) {
                uploads.send(&dropped);
            }
        }),
    ];
    on_cleanup(move || {
        for listener in listeners {
            listener.remove();
        }
    });
    ask_before_leaving(uploads);
    view! {
        <div class="drop" hidden=flag(move || !is_over.get()) aria-hidden="true">
            {part(move || {
                uploads.target().map(|target| {
                    (
                        icon(Icon::Upload),
                        foreign::sentence(words::sentence(Key::DropToUpload, &[], Some(target.name))),
                    )
                })
            })}
        </div>
    }
}

/// While a file is under way, the browser asks whoever leaves the page: what is not sent by then is lost without a
/// word. Only then is it listened to, because a page that listens may not be kept for whoever comes back to it.
fn ask_before_leaving(uploads: Uploads) {
    let is_under_way = Memo::new(move |_| {
        uploads
            .list
            .with(|list| list.iter().any(|upload| !upload.stage.is_ended()))
    });
    let listener = StoredValue::new_local(None::<WindowListenerHandle>);
    let stop = move || {
        let before = listener.try_update_value(Option::take);
        if let Some(before) = before.flatten() {
            before.remove();
        }
    };
    Effect::new(move |_| {
        stop();
        if is_under_way.get() {
            let ask = |event: web_sys::Event| event.prevent_default();
            listener.set_value(Some(window_event_listener_untyped("beforeunload", ask)));
        }
    });
    on_cleanup(stop);
}

/// A drag that carries files; a dragged link or text is none of ours.
fn files(event: &web_sys::Event) -> Option<DragEvent> {
    use wasm_bindgen::JsCast;
    let event = event.dyn_ref::<DragEvent>()?.clone();
    let types = event.data_transfer()?.types();
    let has_files = types
        .iter()
        .any(|name| name.as_string().as_deref() == Some("Files"));
    has_files.then_some(event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Source, Text};

    #[test]
    fn what_was_sent_is_at_most_all_of_it() {
        for (sent, bytes, percent) in [
            (0, 0, 0),
            (0, 10, 0),
            (1, 3, 33),
            (10, 10, 100),
            (12, 10, 100),
            (u64::MAX, u64::MAX, 100),
        ] {
            let upload = Upload {
                id: UploadId(1),
                source: Source(0),
                name: Text::default(),
                bytes,
                sent,
                stage: UploadStage::Sending,
            };

            assert_eq!(sent_percent(&upload), percent);
        }
    }
}
