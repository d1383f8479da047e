//! What a host does at once: when there is an alert, when none would be heard, when a picture comes.
//!
//! A callback is called by the very input that brought the news, before anything is drawn and also while the page is
//! hidden, until the component that asked for it ends. It may give commands. What it reads of the session is new
//! already; signals are written in the next frame.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;

use super::{Meeting, Telltale};
use crate::domain::fact::{Severity, VideoFrame};
use crate::domain::view::{Alert, Change};
use crate::domain::MeetingKey;

impl Telltale {
    /// Calls `told` for each alert of any joined meeting that is high or critical and news: see [`Alert`].
    pub fn on_alert(self, told: impl Fn(&Alert) + 'static) {
        self.on_alert_from(Alert::LEAST, told);
    }

    /// The same from another severity on.
    pub fn on_alert_from(self, least: Severity, told: impl Fn(&Alert) + 'static) {
        self.listen(Rc::new(move |change| {
            let alert = Alert::of(change).filter(|alert| alert.severity >= least);
            if let Some(alert) = alert {
                told(&alert);
            }
        }));
    }

    /// Calls `told` for each picture of any joined meeting.
    pub fn on_video_frame(self, told: impl Fn(&MeetingKey, &VideoFrame) + 'static) {
        self.listen(Rc::new(move |change| {
            if let Change::VideoFrame { meeting, frame } = change {
                told(meeting, frame);
            }
        }));
    }

    fn listen(self, told: Rc<dyn Fn(&Change)>) {
        let listener = self.backing.with_value(|backing| backing.listen(told));
        // Owned by the current component: with it, it is told nothing more.
        let _ = StoredValue::new_local(listener);
    }
}

impl Meeting {
    /// Calls `told` for each alert of this meeting that is high or critical and news: see [`Alert`].
    ///
    /// ```no_run
    /// use leptos::prelude::*;
    /// use telltale::domain::{MeetingKey, ParticipantId};
    /// use telltale::ui::hooks::use_meeting;
    ///
    /// # fn pause_media_of(_: &ParticipantId) {}
    /// #[component]
    /// fn Guard(meeting: MeetingKey) -> impl IntoView {
    ///     let meeting = use_meeting(meeting);
    ///     meeting.join();
    ///     meeting.on_alert(|alert| {
    ///         if let Some(participant) = &alert.group.participant {
    ///             pause_media_of(participant);
    ///         }
    ///     });
    /// }
    /// ```
    pub fn on_alert(self, told: impl Fn(&Alert) + 'static) {
        self.on_alert_from(Alert::LEAST, told);
    }

    /// The same from another severity on.
    pub fn on_alert_from(self, least: Severity, told: impl Fn(&Alert) + 'static) {
        let key = self.key();
        self.telltale.on_alert_from(least, move |alert| {
            if alert.meeting == key {
                told(alert);
            }
        });
    }

    /// Calls `told` with `true` when this meeting begins to be watched, at once if it is already, and with `false` when
    /// it is not any more: the connection is lost, the server has taken us out, or the meeting is left. No alert is
    /// heard until `true` comes again.
    pub fn on_watch(self, told: impl Fn(bool) + 'static) {
        let key = self.key();
        let telltale = self.telltale;
        let was_watched = Cell::new(false);
        let look = {
            let key = key.clone();
            move || {
                let mut is_watched = false;
                // When the whole page ends, the session may be gone before its views.
                telltale.backing.try_with_value(|backing| {
                    backing.session(&mut |session, _| is_watched = session.is_watched(&key));
                });
                if was_watched.replace(is_watched) != is_watched {
                    told(is_watched);
                }
            }
        };
        look();
        telltale.listen(Rc::new(move |change| {
            if matches!(change, Change::Meeting(of) if *of == key) {
                look();
            }
        }));
    }

    /// Calls `told` for each picture of this meeting: a binary attachment of its `video-frame` events. Only the newest
    /// one is kept here; whoever wants to keep more does.
    pub fn on_video_frame(self, told: impl Fn(&VideoFrame) + 'static) {
        let key = self.key();
        self.telltale.on_video_frame(move |meeting, frame| {
            if *meeting == key {
                told(frame);
            }
        });
    }
}
