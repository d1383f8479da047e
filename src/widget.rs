//! The widget's face: a session with one server, and panels of its media or meetings, each mounted into an element of a
//! page that exists already.
//!
//! Thin on purpose. `www/widget/index.js` makes the shadow root, loads the stylesheet and reads the options; here is
//! only what needs the program. The panels of one session share its connection and what it fetches. Two sessions of one
//! page share nothing.

use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use js_sys::{Function, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{CustomEvent, HtmlElement};

use crate::domain::fact::Severity;
use crate::domain::view::{Alert, AlertNews};
use crate::domain::{MediaId, MediaKey, MeetingId, MeetingKey, ParticipantId, Source, Text};
use crate::json::{self, Value};
use crate::session::state::{Command, Connection, Secret};
use crate::session::Config;
use crate::time::Timestamp;
use crate::toast::Level;
use crate::ui::hooks::{provide_telltale, use_connection, use_meeting, Meeting, Telltale};
use crate::ui::language::{provide_language, Language, Spoken};
use crate::ui::{Cancel, LiveRegions};

/// A session with one server. It ends when it is freed and the last of its panels is unmounted.
#[wasm_bindgen]
pub struct Client {
    session: Rc<Session>,
}

/// What the panels of a client share.
struct Session {
    telltale: Telltale,
    regions: LiveRegions,
    has_meetings: bool,
    /// Ends everything when dropped; its type names a view of nothing.
    _mounted: Box<dyn Any>,
}

/// A mounted panel.
#[wasm_bindgen]
pub struct Panel {
    spoken: Option<Spoken>,
    asked: Asked,
    /// Unmounts when dropped; its type names the whole view. Before the session, which it reads.
    mounted: Option<Box<dyn Any>>,
    session: Option<Rc<Session>>,
}

/// Connects to `server`, the JSON of one entry of `config.json`'s `servers`. If it `renews`, `place`, an element in no
/// page, is told by `telltale-expired` when a token is taken no more that was, and tells by [`Client::set_token`] or
/// [`Client::not_renewed`] what has become of that. `announce` says how much is spoken (`all`, `important`, `off`;
/// important if there is none).
///
/// # Errors
/// A `TypeError` that names the option which is wrong.
#[wasm_bindgen]
pub fn connect(
    place: HtmlElement,
    server: &str,
    token: Option<String>,
    renews: bool,
    announce: Option<String>,
) -> Result<Client, JsValue> {
    let config = config_of(server)?;
    let level = level_of(announce)?;
    let mut servers = config.servers.iter();
    let has_meetings = servers.any(|server| server.kind.profile().has_meetings);
    let provided = Rc::new(Cell::new(None));
    let provide = provided.clone();
    let target = place.clone();
    let mounted = leptos::mount::mount_to(place, move || {
        let telltale = provide_telltale(config);
        provide.set(Some((telltale, LiveRegions::new(telltale))));
        telltale.command(Command::Embed);
        telltale.command(Command::Announce(level));
        if renews {
            telltale.command(Command::OfferRenewal(Source(0)));
            tell_of_expiry(Page(StoredValue::new_local(target)));
        }
        if let Some(token) = token {
            telltale.command(Command::Token(Source(0), Some(Secret(token))));
        }
    });
    let (telltale, regions) = provided
        .get()
        .ok_or_else(|| JsValue::from_str("telltale: the program did not start"))?;
    let session = Rc::new(Session {
        telltale,
        regions,
        has_meetings,
        _mounted: Box::new(mounted),
    });
    Ok(Client { session })
}

#[wasm_bindgen]
impl Client {
    /// Mounts the progress panel of `media_id` into `place`, in the language of `lang` (BCP 47); `texts` is the JSON of
    /// its texts, and what they lack is said in English. If it `cancels`, that is offered while the analysis runs:
    /// `place` is told of it by `telltale-cancel`, and tells by [`Panel::cancel_failed`] if it could not.
    ///
    /// # Errors
    /// A `TypeError` that names the option which is wrong.
    pub fn mount(
        &self,
        place: HtmlElement,
        media_id: &str,
        lang: &str,
        texts: &str,
        cancels: bool,
    ) -> Result<Panel, JsValue> {
        let language = language_of(lang, texts)?;
        if self.session.has_meetings {
            return Err(type_error(
                "`kind` must be of a server that analyses media; a meeting is shown by its `meetingId`",
            ));
        }
        let id = MediaId::new(media_id)
            .ok_or_else(|| type_error("`mediaId` must have 1 to 128 bytes"))?;
        let media = MediaKey {
            source: Source(0),
            id,
        };
        let asked = Asked::default();
        let waits = asked.clone();
        let draw = Box::new(move |page: Page| {
            let cancel = cancels.then(|| {
                Callback::new(move |cancel| {
                    *waits.lock().unwrap_or_else(PoisonError::into_inner) = Some(cancel);
                    page.ask("telltale-cancel");
                })
            });
            crate::ui::embedded(media, page.sign_in(), cancel)
        });
        let panel = self.show(place, language, draw);
        Ok(Panel { asked, ..panel })
    }

    /// Mounts the meeting `meeting_id` into `place`. `tell` is called at once, never throttled: with `"alert"` and the
    /// alert as JSON for each alert that is news and at least as severe as `least` (a word; high if there is none),
    /// with `"watch"` and whether the meeting is watched when that changes, and with `"video-frame"`, what it is as
    /// JSON and its bytes for each picture. The rest is as with [`Client::mount`].
    ///
    /// # Errors
    /// A `TypeError` that names the option which is wrong.
    #[wasm_bindgen(js_name = mountMeeting)]
    pub fn mount_meeting(
        &self,
        place: HtmlElement,
        meeting_id: &str,
        lang: &str,
        texts: &str,
        least: Option<String>,
        tell: Function,
    ) -> Result<Panel, JsValue> {
        let language = language_of(lang, texts)?;
        if !self.session.has_meetings {
            return Err(type_error(
                "`kind` must be of a server that watches meetings; a media is shown by its `mediaId`",
            ));
        }
        let id = MeetingId::new(meeting_id)
            .ok_or_else(|| type_error("`meetingId` must have 1 to 128 bytes"))?;
        let least = match least {
            None => Alert::LEAST,
            Some(word) => Severity::named(&word)
                .ok_or_else(|| type_error("`alertLevel` must be low, medium, high or critical"))?,
        };
        let meeting = MeetingKey {
            source: Source(0),
            id,
        };
        let draw = Box::new(move |page: Page| {
            // Before anything is heard of it.
            tell_host(use_meeting(meeting.clone()), least, tell);
            crate::ui::embedded_meeting(meeting, page.sign_in())
        });
        Ok(self.show(place, language, draw))
    }

    /// Uses another token from now on.
    #[wasm_bindgen(js_name = setToken)]
    pub fn set_token(&self, token: String) {
        self.command(Command::Token(Source(0), Some(Secret(token))));
    }

    /// There is no other token: a person has to sign in.
    #[wasm_bindgen(js_name = notRenewed)]
    pub fn not_renewed(&self) {
        self.command(Command::NotRenewed(Source(0)));
    }

    /// Speaks more or less from now on: `all`, `important`, `off`; important if there is none.
    ///
    /// # Errors
    /// A `TypeError` if `announce` is none of them.
    #[wasm_bindgen(js_name = setAnnounce)]
    pub fn set_announce(&self, announce: Option<String>) -> Result<(), JsValue> {
        self.command(Command::Announce(level_of(announce)?));
        Ok(())
    }

    fn command(&self, command: Command) {
        self.session.telltale.command(command);
    }

    /// Mounts what `draw` makes of this session.
    fn show(&self, place: HtmlElement, language: Arc<Language>, draw: Draw) -> Panel {
        let (telltale, regions) = (self.session.telltale, self.session.regions);
        let provided = Rc::new(Cell::new(None));
        let provide = provided.clone();
        let target = place.clone();
        let mounted = leptos::mount::mount_to(place, move || {
            provide.set(Some(provide_language(language)));
            telltale.provide();
            regions.add(target.clone());
            draw(Page(StoredValue::new_local(target)))
        });
        Panel {
            spoken: provided.get(),
            asked: Asked::default(),
            mounted: Some(Box::new(mounted)),
            session: Some(self.session.clone()),
        }
    }
}

fn language_of(lang: &str, texts: &str) -> Result<Arc<Language>, JsValue> {
    Language::new(lang, texts)
        .ok_or_else(|| type_error("`lang` must be a language tag, such as \"de\" or \"pt-BR\""))
}

/// A guest in a page of others speaks of less than a page of its own.
fn level_of(announce: Option<String>) -> Result<Level, JsValue> {
    announce.map_or(Ok(Level::Important), |name| {
        let level = crate::ui::preferences::level(&name);
        level.ok_or_else(|| type_error("`announce` must be \"all\", \"important\" or \"off\""))
    })
}

fn config_of(server: &str) -> Result<Config, JsValue> {
    let origin = web_sys::window().and_then(|window| window.location().origin().ok());
    let config = ["{\"servers\":[", server, "]}"].concat();
    Config::parse(&config, &origin.unwrap_or_default())
        .map_err(|error| type_error(&error.to_string()))
}

/// Draws a panel in a page. Boxed, so that all around it is built once.
type Draw = Box<dyn FnOnce(Page) -> AnyView>;

/// What the page was asked to cancel last.
type Asked = Arc<Mutex<Option<Cancel>>>;

/// The page around a panel, which knows how its people sign in and how an analysis is cancelled: it hears what they
/// want.
#[derive(Clone, Copy)]
struct Page(StoredValue<HtmlElement, LocalStorage>);

impl Page {
    fn sign_in(self) -> Callback<()> {
        Callback::new(move |()| self.ask("telltale-sign-in"))
    }

    /// By an event that only whoever listens to the very place hears.
    fn ask(self, event: &str) {
        if let Ok(event) = CustomEvent::new(event) {
            // A listener that throws is the page's own fault, and reported by the browser.
            let _ = self.0.with_value(|place| place.dispatch_event(&event));
        }
    }
}

/// Tells the page by `telltale-expired` that another token is waited for.
fn tell_of_expiry(page: Page) {
    let sources = use_connection().sources;
    let is_renewing = Memo::new(move |_| {
        sources.with(|sources| {
            let connection = sources.first().map(|it| &it.connection);
            matches!(connection, Some(Connection::Renewing { .. }))
        })
    });
    Effect::new(move |_| {
        if is_renewing.get() {
            page.ask("telltale-expired");
        }
    });
}

#[wasm_bindgen]
impl Panel {
    /// What was to be cancelled could not be, for this reason.
    #[wasm_bindgen(js_name = cancelFailed)]
    pub fn cancel_failed(&self, reason: &str) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cancel) = asked.take() {
            cancel.failed(Text::message(reason));
        }
    }

    /// Speaks another language from now on.
    ///
    /// # Errors
    /// A `TypeError` if `lang` is no language tag.
    #[wasm_bindgen(js_name = setLanguage)]
    pub fn set_language(&self, lang: &str, texts: &str) -> Result<(), JsValue> {
        let language = language_of(lang, texts)?;
        if let Some(spoken) = self.spoken {
            spoken.set(language);
        }
        Ok(())
    }

    /// Takes the view away, and closes the connection if its client is freed and has no other panel. A second call does
    /// nothing.
    pub fn unmount(&mut self) {
        self.spoken = None;
        self.mounted = None;
        self.session = None;
    }
}

/// What goes wrong in the host's function is the host's: `index.js` reports it.
fn tell_host(meeting: Meeting, least: Severity, tell: Function) {
    let of_watching = tell.clone();
    let key = meeting.key();
    meeting.on_watch(move |is_watched| {
        let said = Value::object([
            ("meetingId", key.id.as_str().into()),
            ("watched", is_watched.into()),
        ]);
        let said = json::write(&said).into();
        let _ = of_watching.call2(&JsValue::NULL, &"watch".into(), &said);
    });
    let of_alerts = tell.clone();
    meeting.on_alert_from(least, move |alert| {
        let said = json::write(&alert_detail(alert)).into();
        let _ = of_alerts.call2(&JsValue::NULL, &"alert".into(), &said);
    });
    let id = meeting.key().id;
    meeting.on_video_frame(move |frame| {
        let said = Value::object([
            ("meetingId", id.as_str().into()),
            ("participantId", id_of(frame.participant.as_ref())),
            ("time", time_of(frame.at)),
        ]);
        let bytes = Uint8Array::from(&frame.bytes[..]).into();
        let _ = tell.call3(
            &JsValue::NULL,
            &"video-frame".into(),
            &json::write(&said).into(),
            &bytes,
        );
    });
}

/// The package's `Alert`; see index.d.ts.
fn alert_detail(alert: &Alert) -> Value {
    let group = &alert.group;
    let text = |text: &Option<Text>| {
        let text = text.as_ref().map(|text| text.as_str().into());
        text.unwrap_or_default()
    };
    let (reason, before) = match alert.why {
        AlertNews::First => ("new", Value::Null),
        AlertNews::Raised { from } => ("raised", from.as_str().into()),
        AlertNews::Again => ("again", Value::Null),
    };
    Value::object([
        ("meetingId", alert.meeting.id.as_str().into()),
        ("participantId", id_of(group.participant.as_ref())),
        ("participantName", text(&group.name)),
        ("severity", alert.severity.as_str().into()),
        ("worstSeverity", group.severity.as_str().into()),
        ("reason", reason.into()),
        ("raisedFrom", before),
        ("type", text(&group.kind)),
        ("message", text(&group.message)),
        ("advice", text(&group.advice)),
        (
            "confidence",
            group.confidence.map(Value::Number).unwrap_or_default(),
        ),
        ("count", f64::from(group.count).into()),
        ("time", time_of(group.last)),
        ("simulated", group.is_simulated.into()),
    ])
}

fn id_of(participant: Option<&ParticipantId>) -> Value {
    let id = participant.map(|id| id.as_str().into());
    id.unwrap_or_default()
}

fn time_of(at: Option<Timestamp>) -> Value {
    let at = at.map(|at| at.to_string().into());
    at.unwrap_or_default()
}

fn type_error(message: &str) -> JsValue {
    js_sys::TypeError::new(&["telltale: ", message].concat()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::view::AlertGroupView;
    use crate::toast::scene::group_view;

    #[test]
    fn a_host_is_told_of_an_alert_in_the_packages_words() {
        let at = |text| Timestamp::parse(text);
        let alert = Alert {
            meeting: MeetingKey {
                source: Source(0),
                id: MeetingId::new("standup").expect("a short name"),
            },
            why: AlertNews::Again,
            severity: Severity::Low,
            group: AlertGroupView {
                was_raised_from: Some(Severity::Medium),
                kind: Text::name("voice_clone"),
                message: Text::message("Listen"),
                confidence: Some(0.93),
                count: 2,
                first: at("2026-02-20T10:30:00Z"),
                last: at("2026-02-20T10:30:05Z"),
                is_simulated: true,
                ..group_view(7, Severity::Critical)
            },
        };

        assert_eq!(
            json::write(&alert_detail(&alert)),
            r#"{"meetingId":"standup","participantId":"p1","participantName":null,"severity":"low","worstSeverity":"critical","reason":"again","raisedFrom":null,"type":"voice_clone","message":"Listen","advice":null,"confidence":0.93,"count":2,"time":"2026-02-20T10:30:05.000Z","simulated":true}"#
        );
    }
}
