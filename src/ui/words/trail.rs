//! What happened in a meeting.

use super::meeting::{alert_of, alert_text, band, rose};
use super::{join_all, many, plural, say, sentence, with, Key, Sentence};
use crate::domain::trail::What;
use crate::domain::view::{Band, TrailView};
use crate::domain::Text;
use crate::time::Instant;
use crate::ui::format;

/// How much of a meeting's trail is kept.
#[must_use]
pub fn trail_count(trail: Option<&TrailView>) -> String {
    let Some(trail) = trail.filter(|trail| trail.kept > 0) else {
        return String::new();
    };
    let kept = plural(Key::TrailKept, many(trail.kept), &[]);
    let more = match trail.kept > trail.newest.len() {
        true => say(Key::TrailFilesHoldAll),
        false => String::new(),
    };
    let dropped = match trail.dropped {
        0 => String::new(),
        dropped => plural(Key::TrailMadeRoom, dropped, &[]),
    };
    join_all(&[kept, more, dropped])
}

/// One entry of a meeting's trail, without when and about whom; `clock` writes a moment of this device.
#[must_use]
pub fn trail_entry(what: &What, clock: &dyn Fn(Instant) -> String) -> Sentence {
    let about = |what: String, text: Option<Text>| match text {
        None => what.into(),
        text => sentence(Key::TrailWhat, &[("what", &what)], text),
    };
    let trust = |of: Option<Band>| of.map_or_else(|| say(Key::NoData), band);
    match what {
        What::Joined => say(Key::TrailJoined).into(),
        What::Left => say(Key::TrailLeft).into(),
        What::There => say(Key::TrailThere).into(),
        What::Gone => say(Key::TrailGone).into(),
        What::Alert {
            severity,
            raised_from,
            kind,
            message,
            ..
        } => {
            let what = match raised_from {
                None => alert_of(*severity),
                Some(from) => rose(Key::SeverityRose, *from, *severity),
            };
            about(what, alert_text(message.as_ref(), kind.as_ref()))
        }
        What::Acknowledged {
            is_acknowledged,
            kind,
            ..
        } => about(
            say(match is_acknowledged {
                true => Key::AcknowledgedByYou,
                false => Key::TrailAcknowledgementUndone,
            }),
            alert_text(None, kind.as_ref()),
        ),
        What::Trust { from, to, score } => {
            let (from, to) = (trust(*from), trust(*to));
            let values = [("from", &*from), ("to", &*to)];
            match score {
                None => with(Key::TrailTrust, &values).into(),
                Some(score) => {
                    let score = format::count(u64::from(*score));
                    let [from, to] = values;
                    with(Key::TrailTrustScore, &[from, to, ("n", &score)]).into()
                }
            }
        }
        What::YouLeft => say(Key::TrailYouLeft).into(),
        What::ConnectionLost => say(Key::TrailConnectionLost).into(),
        What::ConnectionBack => say(Key::TrailConnectionBack).into(),
        What::Gap { began, ended } => {
            let (began, ended) = (clock(*began), clock(*ended));
            with(Key::TrailGap, &[("began", &began), ("ended", &ended)]).into()
        }
    }
}
