//! The page around the page: what a tab's title and icon, the system's notifications and a tone tell of what nobody
//! is looking at.
//!
//! Only the application does that. Where the views stand in another page ([`embedded`](super::embedded)), its title,
//! its icon, its sound and its notifications are its own.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::activity::{place, sentence};
use super::announcer::meeting_named;
use super::hooks::{use_analysis_progress, use_sign_in, use_telltale, Telltale};
use super::live::{click, flag, say, text};
use super::preferences::{is_on, set_on};
use super::words::{self, Key};
use crate::domain::fact::Severity;
use crate::domain::view::Status;
use crate::domain::{MediaKey, Text};
use crate::session::state::SignIn;
use crate::toast::activity::{Entry, What};
use crate::toast::Saying;
use crate::web::{ask, has_been_active, is_visible, permission, Permission, Shown, Tone, Urgency};

/// Under which name it is stored whether a person wants notifications.
const NOTIFY: &str = "telltale.notify";
/// Under which name it is stored whether a person wants to hear a tone.
const SOUND: &str = "telltale.sound";
/// Notifications that stand at once; an older one is taken back for a newer.
const SHOWN: usize = 8;
/// Analyses of which a person wants to be notified one by one.
const AWAITED: usize = 100;

/// What a person wants to be told of elsewhere, and what is.
#[derive(Clone, Copy)]
pub struct Places {
    telltale: Telltale,
    notifies: RwSignal<bool>,
    sounds: RwSignal<bool>,
    permission: RwSignal<Permission>,
    /// Analyses whose end alone a person wants to be notified of.
    awaited: RwSignal<Vec<MediaKey>>,
    /// Whether a person has pressed something: before that, no browser lets a page sound.
    is_touched: RwSignal<bool>,
    tone: StoredValue<Option<Tone>, LocalStorage>,
    shown: StoredValue<Vec<Shown>, LocalStorage>,
}

/// Keeps the tab's icon, notifies and sounds, as long as the current component lives.
pub fn provide_places() -> Places {
    let places = Places::of(permission(), is_on(NOTIFY, false), is_on(SOUND, true));
    provide_context(places);
    let mark = places.telltale.activity_mark();
    let has_news = Memo::new(move |_| mark.with(|mark| mark.away > 0));
    Effect::new(move |icon: Option<Option<String>>| {
        let has_news = has_news.get();
        let before = icon.flatten();
        // Until there is news, nothing of the page's own is touched.
        if !has_news && before.is_none() {
            return None;
        }
        let link = document().query_selector("link[rel=icon]").ok().flatten()?;
        let own = before.or_else(|| link.get_attribute("href"))?;
        let shown = if has_news { "icon-badge.svg" } else { &own };
        let _ = link.set_attribute("href", shown);
        Some(own)
    });
    Effect::new(move |told: Option<u64>| {
        let away = mark.with(|mark| mark.away);
        if away == 0 {
            // They have been seen where they lead to.
            places.shown.update_value(Vec::clear);
        }
        places.telltale.with_activity(|activity| {
            let newest = activity.mark().newest;
            let mut worst = None;
            for entry in activity.since(told.unwrap_or(newest)) {
                places.tell(entry);
                worst = worst.max(entry.severity());
            }
            match worst {
                Some(Severity::Critical) => places.sound(Urgency::Critical),
                Some(Severity::High) => places.sound(Urgency::High),
                _ => {}
            }
            newest
        })
    });
    let sign_in = use_sign_in();
    Effect::new(move |_| {
        if sign_in.state.get() == SignIn::SignedOut {
            places.awaited.set(Vec::new());
            places.shown.update_value(Vec::clear);
        }
    });
    for event in ["pointerdown", "pointerup", "keydown"] {
        let touched = window_event_listener_untyped(event, move |_| places.touched());
        on_cleanup(move || touched.remove());
    }
    places
}

impl Places {
    /// What a person wants, where the browser has answered this. Nothing is told anywhere yet.
    #[must_use]
    pub fn of(permission: Permission, notifies: bool, sounds: bool) -> Self {
        Self {
            telltale: use_telltale(),
            notifies: RwSignal::new(notifies),
            sounds: RwSignal::new(sounds),
            permission: RwSignal::new(permission),
            awaited: RwSignal::new(Vec::new()),
            is_touched: RwSignal::new(has_been_active() == Some(true)),
            tone: StoredValue::new_local(None),
            shown: StoredValue::new_local(Vec::new()),
        }
    }

    fn tell(self, entry: &Entry) {
        let ended = entry.media().filter(|_| entry.end().is_some());
        let is_awaited = ended.is_some_and(|key| self.await_no_more(key));
        let is_wanted = self.notifies.get_untracked() && (is_high(entry) || ended.is_some());
        if (is_awaited || is_wanted) && !is_visible() {
            self.notify(entry);
        }
    }

    fn notify(self, entry: &Entry) {
        let telltale = self.telltale;
        let route = place(telltale, entry);
        // The same in each tab of this page, so that there is one of it.
        let mut tag = route
            .as_ref()
            .map_or_else(String::new, super::route::Route::href);
        if let What::Said(Saying::Alert(_, group, _)) = &entry.what {
            // Each tab numbers the groups by itself.
            tag.push('#');
            tag.push_str(group.participant.as_ref().map_or("", |id| id.as_str()));
            tag.push('#');
            tag.push_str(group.kind.as_ref().map_or("", |kind| kind.as_str()));
        }
        let title = words::title(&words::say(words::activity::kind(Some(entry.kind()))));
        let mut body = sentence(telltale, entry);
        if let Some(meeting) = entry.meeting() {
            body.push(' ');
            body.push_str(&meeting_named(&Text::of_id(meeting.id.as_str())));
        }
        let shown = Shown::new(&title, &body, &tag, move || {
            let _ = window().focus();
            if let Some(route) = &route {
                let _ = window().location().set_hash(&route.href());
            }
        });
        self.shown.update_value(|all| {
            if all.len() >= SHOWN {
                all.remove(0);
            }
            all.extend(shown);
        });
    }

    /// However many alerts came in a frame, it is one tone.
    fn sound(self, urgency: Urgency) {
        if self.sounds.get_untracked() && self.is_touched.get_untracked() {
            self.tone.update_value(|tone| {
                if tone.is_none() {
                    *tone = Tone::new();
                }
                if let Some(tone) = tone {
                    tone.play(urgency);
                }
            });
        }
    }

    /// A person has pressed something. Some browsers let only what is made in that very moment sound later on; without
    /// a meeting nothing ever will.
    fn touched(self) {
        // Not every press counts with every browser.
        if !self.is_touched.get_untracked() && has_been_active() != Some(false) {
            self.is_touched.set(true);
        }
        let is_in_meeting = self
            .telltale
            .joined()
            .with_untracked(|joined| !joined.is_empty());
        if is_in_meeting && self.sounds.get_untracked() && self.tone.with_value(Option::is_none) {
            self.tone.set_value(Tone::new());
        }
    }

    /// Asks for permission where nobody was asked, then does what needs it.
    fn with_permission(self, then: impl FnOnce() + 'static) {
        spawn_local(async move {
            let answer = ask().await;
            // The page may be gone by now.
            if self.permission.try_set(answer).is_none() && answer == Permission::Granted {
                then();
            }
        });
    }

    fn set_notifies(self, is_wanted: bool) {
        if is_wanted {
            // Until there is an answer the switch is where it was.
            self.with_permission(move || {
                set_on(NOTIFY, false, true);
                self.notifies.set(true);
            });
        } else {
            set_on(NOTIFY, false, false);
            self.notifies.set(false);
        }
    }

    fn set_sounds(self, is_wanted: bool) {
        set_on(SOUND, true, is_wanted);
        self.sounds.set(is_wanted);
        match is_wanted {
            // In this very moment, as some browsers want it.
            true => self.touched(),
            false => self.tone.set_value(None),
        }
    }

    fn is_awaited(self, key: &MediaKey) -> bool {
        self.awaited.with(|awaited| awaited.contains(key))
    }

    fn await_end(self, key: &MediaKey) {
        if self.await_no_more(key) {
            return;
        }
        let key = key.clone();
        self.with_permission(move || {
            self.awaited.update(|awaited| {
                if awaited.len() < AWAITED {
                    awaited.push(key);
                }
            });
        });
    }

    /// Whether it was awaited.
    fn await_no_more(self, key: &MediaKey) -> bool {
        let is_awaited = untrack(|| self.is_awaited(key));
        if is_awaited {
            self.awaited
                .update(|awaited| awaited.retain(|one| one != key));
        }
        is_awaited
    }
}

/// Whether it asks to act.
fn is_high(entry: &Entry) -> bool {
    entry.severity() >= Some(Severity::High)
}

/// The settings of these places.
pub fn place_choices(places: Places) -> AnyView {
    let is = move |wanted| places.permission.get() == wanted;
    view! {
        <fieldset>
            <legend>{say(Key::WhenHidden)}</legend>
            <label class="row">
                <input
                    type="checkbox"
                    prop:checked=flag(move || places.notifies.get() && is(Permission::Granted))
                    disabled=flag(move || is(Permission::Unsupported) || is(Permission::Denied))
                    on:change=move |event| {
                        let is_wanted = event_target_checked(&event);
                        // Where it stands is what is so: a refused question sets no mark.
                        if is_wanted {
                            event_target::<web_sys::HtmlInputElement>(&event).set_checked(false);
                        }
                        places.set_notifies(is_wanted);
                    }
                />
                {say(Key::NotifyMe)}
            </label>
            {blocked(places)}
        </fieldset>
        <fieldset>
            <legend>{say(Key::Sound)}</legend>
            <label class="row">
                <input
                    type="checkbox"
                    prop:checked=flag(move || places.sounds.get())
                    on:change=move |event| places.set_sounds(event_target_checked(&event))
                />
                {say(Key::SoundForAlerts)}
            </label>
        </fieldset>
    }
    .into_any()
}

fn blocked(places: Places) -> AnyView {
    let why = move || match places.permission.get() {
        Permission::Unsupported => Some(Key::NotificationsUnsupported),
        Permission::Denied => Some(Key::NotificationsBlocked),
        Permission::NotAsked | Permission::Granted => None,
    };
    view! {
        <p class="meta" role="status" hidden=flag(move || why().is_none())>
            {text(move || why().map_or_else(String::new, words::say))}
        </p>
    }
    .into_any()
}

/// The button at a meeting that mutes its alerts, and a word where none would be heard.
pub fn mute() -> Option<AnyView> {
    let places = use_context::<Places>()?;
    let is_muted = move || !places.sounds.get();
    Some(
        view! {
            <span class="meta" hidden=flag(move || is_muted() || places.is_touched.get())>
                {say(Key::SoundBlocked)}
            </span>
            <button
                aria-pressed=text(move || is_muted().to_string())
                on:click=click(move || places.set_sounds(untrack(is_muted)))
            >
                {say(Key::MuteAlerts)}
            </button>
        }
        .into_any(),
    )
}

/// The button at an analysis that runs, for whoever wants to be notified of this one alone.
pub fn when_it_ends(key: MediaKey) -> Option<AnyView> {
    let places = use_context::<Places>()?;
    let progress = use_analysis_progress(key.clone());
    let runs = move || {
        progress.with_summary(|summary| {
            summary
                .is_some_and(|summary| matches!(summary.status, Status::Queued | Status::Running))
        })
    };
    let is_offered = move || {
        let is_known = places.notifies.get() && places.permission.get() == Permission::Granted;
        runs() && !is_known && places.permission.get() != Permission::Unsupported
    };
    let is_pressed = {
        let key = key.clone();
        move || places.is_awaited(&key).to_string()
    };
    Some(
        view! {
            <div class="row await" hidden=flag(move || !is_offered())>
                <button aria-pressed=text(is_pressed) on:click=move |_| places.await_end(&key)>
                    {say(Key::NotifyWhenItEnds)}
                </button>
                {blocked(places)}
            </div>
        }
        .into_any(),
    )
}
