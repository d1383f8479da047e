//! The widget's face: a panel of a media or of a meeting, mounted into an element of a page that exists already.
//!
//! Thin on purpose. `www/widget/index.js` makes the shadow root, loads the stylesheet and reads the options; here is
//! only what needs the program. Two panels of one page share nothing: each has its own session.

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
use crate::ui::Cancel;

/// A mounted panel.
#[wasm_bindgen]
pub struct Panel {
    telltale: Option<Telltale>,
    spoken: Option<Spoken>,
    asked: Asked,
    /// Unmounts when dropped; its type names the whole view.
    mounted: Option<Box<dyn Any>>,
}

/// Mounts the progress panel of `media_id` into `place`. `server` is the JSON of one entry of `config.json`'s `servers`,
/// one that analyses media. If it `renews`, `place` is told by `telltale-expired` when a token is taken no more that was, and
/// tells by [`Panel::set_token`] or [`Panel::not_renewed`] what has become of that. `announce` says how much is spoken (`all`, `important`, `off`; important if there is none),
/// `lang` in which language (BCP 47), and `texts` is the JSON of its texts; what they lack is said in English.
/// If it `cancels`, that is offered while the analysis runs: `place` is told of it by `telltale-cancel`, and tells by
/// [`Panel::cancel_failed`] if it could not.
///
/// # Errors
/// A `TypeError` that names the option which is wrong.
#[wasm_bindgen]
#[allow(clippy::too_many_arguments)] // of JavaScript's options, each is a word
pub fn mount(
    place: HtmlElement,
    server: &str,
    media_id: &str,
    token: Option<String>,
    renews: bool,
    announce: Option<String>,
    lang: &str,
    texts: &str,
    cancels: bool,
) -> Result<Panel, JsValue> {
    let config = config_of(server)?;
    let manner = Manner::of(announce, lang, texts)?;
    if has_meetings(&config) {
        return Err(type_error(
            "`kind` must be of a server that analyses media; a meeting is shown by its `meetingId`",
        ));
    }
    let id =
        MediaId::new(media_id).ok_or_else(|| type_error("`mediaId` must have 1 to 128 bytes"))?;
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
    let token = Token {
        given: token,
        renews,
    };
    let panel = show(place, config, token, manner, draw);
    Ok(Panel { asked, ..panel })
}

/// Mounts the meeting `meeting_id` into `place`. `tell` is called at once, never throttled: with `"alert"` and the
/// alert as JSON for each alert that is news and at least as severe as `least` (a word; high if there is none), with
/// `"watch"` and whether the meeting is watched when that changes, and with `"video-frame"`, what it is as JSON and its
/// bytes for each picture. The rest is as with [`mount`].
///
/// # Errors
/// A `TypeError` that names the option which is wrong.
#[wasm_bindgen(js_name = mountMeeting)]
#[allow(clippy::too_many_arguments)] // of JavaScript's options, each is a word
pub fn mount_meeting(
    place: HtmlElement,
    server: &str,
    meeting_id: &str,
    token: Option<String>,
    renews: bool,
    announce: Option<String>,
    lang: &str,
    texts: &str,
    least: Option<String>,
    tell: Function,
) -> Result<Panel, JsValue> {
    let config = config_of(server)?;
    let manner = Manner::of(announce, lang, texts)?;
    if !has_meetings(&config) {
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
    let token = Token {
        given: token,
        renews,
    };
    Ok(show(place, config, token, manner, draw))
}

/// What the page around has for its server.
struct Token {
    given: Option<String>,
    /// It can give another one.
    renews: bool,
}

/// How a panel speaks.
struct Manner {
    level: Level,
    language: Arc<Language>,
}

impl Manner {
    fn of(announce: Option<String>, lang: &str, texts: &str) -> Result<Self, JsValue> {
        Ok(Self {
            level: level_of(announce)?,
            language: language_of(lang, texts)?,
        })
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

fn has_meetings(config: &Config) -> bool {
    let mut servers = config.servers.iter();
    servers.any(|server| server.kind.profile().has_meetings)
}

/// Draws a panel in a page. Boxed, so that all around it is built once.
type Draw = Box<dyn FnOnce(Page) -> AnyView>;

/// What the page was asked to cancel last.
type Asked = Arc<Mutex<Option<Cancel>>>;

/// The page around a panel, which knows how its people sign in and how an analysis is cancelled: it hears what they want.
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

/// Mounts what `draw` makes of a session with this one server.
fn show(place: HtmlElement, config: Config, token: Token, manner: Manner, draw: Draw) -> Panel {
    let Manner { level, language } = manner;
    let provided = Rc::new(Cell::new(None));
    let provide = provided.clone();
    let target = place.clone();
    let mounted = leptos::mount::mount_to(place, move || {
        let spoken = provide_language(language);
        let telltale = provide_telltale(config);
        provide.set(Some((telltale, spoken)));
        telltale.command(Command::Announce(level));
        let page = Page(StoredValue::new_local(target));
        if token.renews {
            telltale.command(Command::OfferRenewal(Source(0)));
            tell_of_expiry(page);
        }
        if let Some(token) = token.given {
            telltale.command(Command::Token(Source(0), Some(Secret(token))));
        }
        draw(page)
    });
    let (telltale, spoken) = provided.get().unzip();
    Panel {
        telltale,
        spoken,
        asked: Asked::default(),
        mounted: Some(Box::new(mounted)),
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
    /// Uses another token from now on.
    #[wasm_bindgen(js_name = setToken)]
    pub fn set_token(&self, token: String) {
        if let Some(telltale) = self.telltale {
            telltale.command(Command::Token(Source(0), Some(Secret(token))));
        }
    }

    /// There is no other token: a person has to sign in.
    #[wasm_bindgen(js_name = notRenewed)]
    pub fn not_renewed(&self) {
        if let Some(telltale) = self.telltale {
            telltale.command(Command::NotRenewed(Source(0)));
        }
    }

    /// Speaks more or less from now on: `all`, `important`, `off`; important if there is none.
    ///
    /// # Errors
    /// A `TypeError` if `announce` is none of them.
    #[wasm_bindgen(js_name = setAnnounce)]
    pub fn set_announce(&self, announce: Option<String>) -> Result<(), JsValue> {
        let level = level_of(announce)?;
        if let Some(telltale) = self.telltale {
            telltale.command(Command::Announce(level));
        }
        Ok(())
    }

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

    /// Closes the connection and takes the view away. A second call does nothing.
    pub fn unmount(&mut self) {
        self.telltale = None;
        self.spoken = None;
        self.mounted = None;
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
                ..group_view(7, Severity::Critical)
            },
        };

        assert_eq!(
            json::write(&alert_detail(&alert)),
            r#"{"meetingId":"standup","participantId":"p1","participantName":null,"severity":"low","worstSeverity":"critical","reason":"again","raisedFrom":null,"type":"voice_clone","message":"Listen","advice":null,"confidence":0.93,"count":2,"time":"2026-02-20T10:30:05.000Z"}"#
        );
    }
}
