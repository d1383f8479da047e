//! The deepfake analysis of uploaded media: several models run over each media, one after another.
//!
//! Two vocabularies mean the same here. The one in use sends `progress_update` with an inner event name, `media_update`
//! with the whole row and, rarely, `processing_error`; the documented one has an event for each occasion
//! (`media_uploaded`, `analysis_…`, `run_finalized`) and `batch_update` around many of them.
//!
//! What has to be known of it:
//! - Two publishers speak. The worker names the run and stamps its time; the models' own server does neither, and what
//!   stands outside of `data` is the time of whoever relayed it. So a model's `at` is `data.timestamp` or nothing.
//! - `ANALYSIS_COMPLETE` with a model is that model's own word that it has computed, before anything is stored: it is
//!   progress, not an end. Without a model it is the end of the run. `ANALYSIS_COMPLETED` is the end of a model.
//! - A failure is one attempt's. There is no final event when a model fails for good.
//! - `Backend Worker` is not a model.

mod events;
mod rows;

use rows::media_row;

use super::{field, request};
use super::{
    Backend, DecodeError, Decoded, Emit, Form, Noun, Parts, Profile, Refusal, Request, SignedIn,
    Uploaded,
};
use crate::domain::fact::{ModelCounts, Scope, Snapshot};
use crate::domain::Rules;
use crate::domain::{Fact, MediaId, MeetingId};
use crate::json::Value;

/// The vocabulary.
pub struct Analysis;

/// How often the server tries a model.
const MAX_ATTEMPTS: u32 = 3;
/// More media than this in a list are left out, and the list is then not a whole one: no page shows more.
const MAX_MEDIA: usize = 5000;
/// Models of one run that are believed.
const MAX_MODELS: u32 = 64;
const MEDIA_NAMES: &[&str] = &field::media_names::<2, 10>(["mediaId", "media_id"]);
const MODEL_NAMES: &[&str] = &["model_name", "modelName", "model"];
const FILE_NAMES: &[&str] = &["filename", "fileName"];

/// What a configuration calls it.
pub(super) const KIND: &str = "analysis";

/// How to reach it, and what its things are called.
pub(super) const PROFILE: Profile = Profile {
    socket_path: "/socket.io/",
    namespace: "/",
    signs_in: true,
    has_list: true,
    takes_files: true,
    analyzes_again: true,
    has_meetings: false,
    rules: Rules {
        max_attempts: Some(MAX_ATTEMPTS),
        has_run_ids: true,
        has_run_end: true,
        has_rows: true,
        latest_wins: false,
        fails_between_attempts: false,
        has_list: true,
    },
    noun: Noun::Media,
    parts: Parts::Models,
};

impl Backend for Analysis {
    fn decode(
        &self,
        event: &str,
        args: &[Value],
        me: Option<&str>,
    ) -> Result<Decoded, DecodeError> {
        events::decode(event, args, me)
    }

    fn fetch(&self, scope: &Scope, token: Option<&str>) -> Option<Request> {
        let path = match scope {
            Scope::Models => "/api/v1/monitoring/server-status".to_owned(),
            Scope::List => "/api/v1/media".to_owned(),
            Scope::Media(id) => media_path(id)?,
        };
        Some(Request::get(path).with_token("Bearer ", token))
    }

    fn snapshot(&self, scope: &Scope, status: u16, body: &Value) -> Result<Snapshot, Refusal> {
        if matches!(scope, Scope::Media(_)) && request::is_unknown(status, body) {
            return Ok(Snapshot {
                scope: scope.clone(),
                is_whole: true,
                beyond: 0,
                media: Vec::new(),
                facts: Vec::new(),
            });
        }
        // An installation may keep its monitoring to itself: then nobody knows how many models there are.
        if let (Scope::Models, 403 | 404) = (scope, status) {
            return Ok(models_of(&Value::Null));
        }
        if let Some(refusal) = Refusal::of(status, body) {
            return Err(refusal);
        }
        let data = body.get("data");
        if *scope == Scope::Models {
            return Ok(models_of(data));
        }
        let mut beyond = 0;
        let (rows, mut is_whole) = match (scope, data) {
            (Scope::List, Value::Array(rows)) => {
                beyond = rows.len().saturating_sub(MAX_MEDIA);
                (&rows[..rows.len() - beyond], beyond == 0)
            }
            (Scope::Media(_), Value::Object(_)) => (std::slice::from_ref(data), true),
            _ => return Err(Refusal::malformed("data", data)),
        };
        let mut media = Vec::with_capacity(rows.len());
        let mut facts = Vec::new();
        for row in rows {
            let id = row.first_of(MEDIA_NAMES);
            match (field::id(id, MediaId::new), scope) {
                (Some(id), Scope::Media(asked)) if id != *asked => {
                    return Err(Refusal::malformed("id", row.first_of(MEDIA_NAMES)));
                }
                (Some(id), _) => {
                    media_row(&id, row, &mut facts);
                    media.push(id);
                }
                (None, Scope::Media(_)) => return Err(Refusal::malformed("id", id)),
                // A row that cannot be read may be any media: nothing is gone by this list.
                (None, _) => is_whole = false,
            }
        }
        Ok(Snapshot {
            scope: scope.clone(),
            is_whole,
            beyond: u32::try_from(beyond).unwrap_or(u32::MAX),
            media,
            facts,
        })
    }

    fn sign_in(&self, name: &str, password: &str) -> Option<Request> {
        let body = Value::object([("email", name.into()), ("password", password.into())]);
        Some(Request::post("/api/v1/auth/login".to_owned()).with_json(&body))
    }

    fn signed_in(&self, status: u16, body: &Value) -> Result<SignedIn, Refusal> {
        if let Some(refusal) = Refusal::of_sign_in(status, body) {
            return Err(refusal);
        }
        request::signed_in(body.get("data"), "token", |user| {
            let first = user.get("firstName").as_str().unwrap_or_default();
            let last = user.get("lastName").as_str().unwrap_or_default();
            crate::domain::Text::name(&[first, last].join(" "))
        })
    }

    fn upload(&self, _file_name: &str, token: Option<&str>) -> Option<Form> {
        Some(Form {
            request: Request::post("/api/v1/media".to_owned()).with_token("Bearer ", token),
            file_field: "media",
            fields: Vec::new(),
        })
    }

    fn uploaded(&self, status: u16, body: &Value) -> Result<Uploaded, Refusal> {
        if let Some(refusal) = Refusal::of(status, body) {
            return Err(refusal);
        }
        let row = body.get("data");
        let id = row.first_of(MEDIA_NAMES);
        let media = field::id(id, MediaId::new).ok_or_else(|| Refusal::malformed("id", id))?;
        let mut facts = Vec::new();
        media_row(&media, row, &mut facts);
        Ok(Uploaded { media, facts })
    }

    fn analyze_again(&self, media: &MediaId, token: Option<&str>) -> Option<Request> {
        let path = media_path(media)? + "/analyze";
        Some(Request::post(path).with_token("Bearer ", token))
    }

    fn analyzing_again(&self, status: u16, body: &Value) -> Result<Vec<Fact>, Refusal> {
        self.uploaded(status, body).map(|uploaded| uploaded.facts)
    }

    fn connect_auth(&self, token: Option<&str>) -> Option<Value> {
        token.map(|token| Value::object([("token", token.into())]))
    }

    fn join(&self, _: &MeetingId, _: Option<&str>) -> Option<Emit> {
        None
    }

    fn leave(&self, _: &MeetingId, _: Option<&str>) -> Option<Emit> {
        None
    }

    fn start_scenario(&self, _: &MeetingId) -> Option<Request> {
        None
    }

    /// Everything about a person's own media comes by itself.
    fn watch(&self, _: &MediaId) -> Option<Emit> {
        None
    }

    fn unwatch(&self, _: &MediaId) -> Option<Emit> {
        None
    }
}

/// How many models the models' server has loaded for each kind of media.
fn models_of(status: &Value) -> Snapshot {
    let (mut counts, mut is_whole) = (ModelCounts::default(), true);
    if let Value::Array(models) = status.get("models_info") {
        for model in models.iter().take(MAX_MODELS as usize) {
            let is = |field| model.get(field).as_bool() == Some(true);
            if model.get("loaded").as_bool() == Some(false) {
                is_whole = false;
                continue;
            }
            // Whatever else it says that it can read, it is run where there is both, and nowhere else.
            if is("isMultiModal") {
                counts.video_with_sound += 1;
                continue;
            }
            counts.video += u32::from(is("isVideo"));
            counts.image += u32::from(is("isImage"));
            counts.audio += u32::from(is("isAudio"));
        }
    }
    Snapshot {
        scope: Scope::Models,
        is_whole,
        beyond: 0,
        media: Vec::new(),
        facts: vec![Fact::Models(counts)],
    }
}

fn media_path(id: &MediaId) -> Option<String> {
    request::segment(id.as_str()).map(|id| "/api/v1/media/".to_owned() + &id)
}
