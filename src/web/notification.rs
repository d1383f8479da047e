//! Notifications of the system: asked for, shown, and taken back.

use js_sys::Reflect;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification, NotificationOptions, NotificationPermission};

use super::handle::EventListener;

/// Whether the browser lets this page notify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// It cannot.
    Unsupported,
    /// Nobody has been asked.
    NotAsked,
    /// It does.
    Granted,
    /// It does not, and asks no more.
    Denied,
}

/// Whether the browser lets this page notify, without asking anybody.
#[must_use]
pub fn permission() -> Permission {
    let is_there = Reflect::has(&js_sys::global(), &"Notification".into());
    if is_there != Ok(true) {
        return Permission::Unsupported;
    }
    match Notification::permission() {
        NotificationPermission::Granted => Permission::Granted,
        NotificationPermission::Denied => Permission::Denied,
        _ => Permission::NotAsked,
    }
}

/// Asks the person, unless they have answered before. Only for when they pressed something that says so: an unasked
/// question is answered with *no*, for good.
pub async fn ask() -> Permission {
    if permission() == Permission::NotAsked {
        if let Ok(answer) = Notification::request_permission() {
            // A question that was put away without an answer is not asked, still.
            let _ = JsFuture::from(answer).await;
        }
    }
    permission()
}

/// A notification; dropped, it is taken back.
pub struct Shown {
    notification: Notification,
    _click: Option<EventListener>,
}

impl Shown {
    /// Shows one. The system replaces an older one with the same `tag`, also one of another tab of this page, without
    /// a sound. `clicked` is called when a person presses it. `None` if the browser does not let us after all, or only
    /// to a service worker (Chrome on Android).
    #[must_use = "dropped, it is taken back"]
    pub fn new(
        title: &str,
        body: &str,
        tag: &str,
        mut clicked: impl FnMut() + 'static,
    ) -> Option<Self> {
        let options = NotificationOptions::new();
        options.set_body(body);
        options.set_tag(tag);
        let notification = Notification::new_with_options(title, &options).ok()?;
        let click = EventListener::new(&notification, "click", move |event| {
            event.prevent_default();
            clicked();
        });
        Some(Self {
            notification,
            _click: click,
        })
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.notification.close();
    }
}
