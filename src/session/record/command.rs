//! What a person or the page asks of a session, as a record writes it.

use crate::domain::{MediaKey, MeetingKey, Source};
use crate::json::Value;
use crate::session::state::Command;

/// A command that changes what is known, without names, passwords and tokens; `None` for those that move a card or
/// speak.
pub fn written(command: &Command) -> Option<(Option<Source>, Value)> {
    let media = |name: &str, key: &MediaKey| {
        let id = Value::from(key.id.as_str());
        Some((Some(key.source), Value::Array(vec![name.into(), id])))
    };
    let meeting = |name: &str, key: &MeetingKey, group: Option<u32>| {
        let mut parts = vec![name.into(), Value::from(key.id.as_str())];
        parts.extend(group.map(|group| f64::from(group).into()));
        Some((Some(key.source), Value::Array(parts)))
    };
    let bare = |name: &str| Some((None, Value::Array(vec![name.into()])));
    let of = |name: &str, source: &Source| Some((Some(*source), Value::Array(vec![name.into()])));
    match command {
        Command::SignIn { .. } => bare("sign-in"),
        Command::Token(source, token) => {
            let is_given = token.is_some().into();
            let command = Value::Array(vec!["token".into(), is_given]);
            Some((Some(*source), command))
        }
        Command::OfferRenewal(source) => of("offer-renewal", source),
        Command::NotRenewed(source) => of("not-renewed", source),
        Command::SignOut => bare("sign-out"),
        Command::RetryNow => bare("retry-now"),
        Command::Open(key) => media("open", key),
        Command::Close(key) => media("close", key),
        Command::AnalyzeAgain(key) => media("analyze-again", key),
        Command::Join(key) => meeting("join", key, None),
        Command::Leave(key) => meeting("leave", key, None),
        Command::StartScenario(key) => meeting("start-scenario", key, None),
        Command::Acknowledge {
            meeting: key,
            group,
        } => meeting("acknowledge", key, Some(*group)),
        Command::Unacknowledge {
            meeting: key,
            group,
        } => meeting("unacknowledge", key, Some(*group)),
        Command::Dismiss(_)
        | Command::Hold(_)
        | Command::Release(_)
        | Command::ForgetUpload(_)
        | Command::ShowMeeting(_)
        | Command::Embed
        | Command::SeeActivity(_)
        | Command::Typed
        | Command::Announce(_)
        | Command::ShowAllToasts(_) => None,
    }
}
