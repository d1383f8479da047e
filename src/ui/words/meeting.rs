//! A meeting's people, figures and alerts.

use std::time::Duration;

use super::{
    ago, isolated, join_all, many, percent, plural, say, sentence, spaced, with, Key, Sentence,
};
use crate::domain::fact::{Metric, Severity};
use crate::domain::view::{AlertGroupView, Band, VideoView};
use crate::domain::Text;
use crate::ui::format;

/// How bad a warning is.
#[must_use]
pub fn severity(severity: Severity) -> String {
    say(match severity {
        Severity::Unknown => Key::Alert,
        Severity::Low => Key::SeverityLow,
        Severity::Medium => Key::SeverityMedium,
        Severity::High => Key::SeverityHigh,
        Severity::Critical => Key::SeverityCritical,
    })
}

/// The same within a sentence.
fn severity_here(severity: Severity) -> String {
    say(match severity {
        Severity::Unknown => Key::SeverityUnknownHere,
        Severity::Low => Key::SeverityLowHere,
        Severity::Medium => Key::SeverityMediumHere,
        Severity::High => Key::SeverityHighHere,
        Severity::Critical => Key::SeverityCriticalHere,
    })
}

/// `High alert`.
#[must_use]
pub fn alert_of(severity: Severity) -> String {
    say(match severity {
        Severity::Unknown => Key::Alert,
        Severity::Low => Key::AlertLow,
        Severity::Medium => Key::AlertMedium,
        Severity::High => Key::AlertHigh,
        Severity::Critical => Key::AlertCritical,
    })
}

/// How bad it is, in the server's own word where that is none that we know.
#[must_use]
pub fn severity_or_word(group: &AlertGroupView) -> String {
    let word = group.other_severity.as_ref();
    word.map_or_else(|| severity(group.severity), |word| word.as_str().to_owned())
}

/// What an alert tells: its message, else its type in words; nothing where the server says neither.
#[must_use]
pub fn alert_text(message: Option<&Text>, kind: Option<&Text>) -> Option<Text> {
    let kind = || kind.and_then(|kind| Text::name(&spaced(kind.as_str())));
    message.cloned().or_else(kind)
}

/// The title of an alert, where there is markup: what it tells, or that it tells nothing. That it is an alert stands
/// beside it.
#[must_use]
pub fn alert_title(group: &AlertGroupView) -> Sentence {
    match alert_text(group.message.as_ref(), group.kind.as_ref()) {
        None => say(Key::AlertUntold).into(),
        text => Sentence::foreign(text),
    }
}

/// The same where there is none: one line.
#[must_use]
pub fn alert_line(group: &AlertGroupView) -> String {
    let text = alert_text(group.message.as_ref(), group.kind.as_ref());
    text.map_or_else(|| say(Key::Alert), |text| isolated(text.first_line().0))
}

/// `Severity rose from medium to high.`
#[must_use]
pub fn raised(from: Severity, to: Severity) -> String {
    rose(Key::SeverityRoseWhole, from, to)
}

pub(super) fn rose(key: Key, from: Severity, to: Severity) -> String {
    let (from, to) = (severity_here(from), severity_here(to));
    with(key, &[("from", &from), ("to", &to)])
}

/// `Seen once · 10:30:11`, `Seen 4 times · last 10:32:05`.
#[must_use]
pub fn seen(count: u32, last: Option<String>) -> String {
    let times = plural(Key::Seen, count.max(1).into(), &[]);
    let last = match last {
        Some(last) if count > 1 => with(Key::SeenLast, &[("at", &last)]),
        last => last.unwrap_or_default(),
    };
    join_all(&[times, last])
}

/// `detector confidence 95%`, of a share of one.
#[must_use]
pub fn detector_confidence(share: f64) -> String {
    let percent = percent(format::percent(share));
    with(Key::DetectorConfidence, &[("percent", &percent)])
}

/// What stands over the people: in which order they are, and from where on which word is used.
#[must_use]
pub fn people_order() -> String {
    let [trusted, caution, most] = [80, 50, 79].map(format::count);
    let values = [
        ("trusted", &*trusted),
        ("caution", &caution),
        ("most", &most),
    ];
    with(Key::ParticipantsOrder, &values)
}

/// How far a person is to be trusted.
#[must_use]
pub fn band(band: Band) -> String {
    say(match band {
        Band::AtRisk => Key::BandAtRisk,
        Band::Caution => Key::BandCaution,
        Band::Trusted => Key::BandTrusted,
    })
}

/// The same within a sentence.
fn band_here(band: Band) -> String {
    say(match band {
        Band::AtRisk => Key::BandAtRiskHere,
        Band::Caution => Key::BandCautionHere,
        Band::Trusted => Key::BandTrustedHere,
    })
}

/// Someone's score went into another band: *Trust in Ann: at risk, was trusted.*
#[must_use]
pub fn trust_changed(who: Option<&Text>, from: Band, to: Band) -> String {
    let who = who.map_or_else(|| say(Key::Someone), |who| isolated(who.as_str()));
    let (from, to) = (band_here(from), band_here(to));
    with(
        Key::TrustChanged,
        &[("who", &who), ("to", &to), ("from", &from)],
    )
}

/// What a meter says: `Trust 41 of 100, At risk`, and `, last known` if it is old.
#[must_use]
pub fn trust_value(score: u8, in_band: Band, is_stale: bool) -> String {
    let key = if is_stale {
        Key::TrustOfLastKnown
    } else {
        Key::TrustOf
    };
    let (score, band) = (format::count(score.into()), band(in_band));
    let total = format::count(100);
    with(key, &[("n", &score), ("total", &total), ("band", &band)])
}

/// What a sparkline says of a person.
#[must_use]
pub fn spark(name: &str, first: u8, last: u8, lowest: u8) -> String {
    let [first, last, lowest] = [first, last, lowest].map(|score| format::count(score.into()));
    let values = [
        ("name", &*isolated(name)),
        ("minutes", &format::count(5)),
        ("first", &first),
        ("last", &last),
        ("lowest", &lowest),
    ];
    with(Key::Sparkline, &values)
}

/// What a figure of a meeting measures; the foreign part is the server's.
#[must_use]
pub fn metric(metric: &Metric) -> Sentence {
    let name = |name: &Text| Text::name(&spaced(name.as_str()));
    say(match metric {
        Metric::Participants => Key::MetricPeople,
        Metric::Anomalies => Key::MetricAnomalies,
        Metric::AverageTrust => Key::MetricAverageTrust,
        Metric::Cpu => Key::MetricProcessors,
        Metric::Memory => Key::MetricMemory,
        Metric::Frames => Key::MetricPictures,
        Metric::Detected(of) => return sentence(Key::MetricAnomaliesOf, &[], name(of)),
        Metric::Confidence(of) => return sentence(Key::MetricConfidenceOf, &[], name(of)),
        Metric::Other(of) => return Sentence::foreign(name(of)),
    })
    .into()
}

/// The figure itself, with its unit.
#[must_use]
pub fn metric_value(metric: &Metric, value: f64) -> String {
    match metric {
        // Rounded as it is with people.
        Metric::AverageTrust => format::count(format::percent(value / 100.0).into()),
        Metric::Cpu | Metric::Memory | Metric::Confidence(_) => {
            percent(format::percent(value / 100.0))
        }
        _ => format::figure(value),
    }
}

/// `Updated 40 s ago.`
#[must_use]
pub fn last_updated(age: Duration) -> String {
    with(Key::UpdatedAgo, &[("ago", &ago(age))])
}

/// How fast pictures come: `Video frames: 12/s, 340 kB/s`.
#[must_use]
pub fn video(video: &VideoView) -> String {
    if let Some(silent) = video.silent_for {
        return with(Key::VideoNone, &[("span", &format::span(silent))]);
    }
    // Of few a second, the decimals tell.
    let frames = if video.frames_per_second < 10.0 {
        format::figure(video.frames_per_second)
    } else {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        format::count(video.frames_per_second.round() as u64)
    };
    let size = format::bytes(video.bytes_per_second);
    with(Key::VideoRate, &[("frames", &frames), ("size", &size)])
}

/// A stretch of time in which alerts may be missing: how long ago it began and ended. Nobody knows whether there were
/// any.
#[must_use]
pub fn gap(began: Duration, ended: Option<Duration>) -> String {
    match ended {
        None => with(Key::AlertsMissingSince, &[("span", &format::span(began))]),
        Some(ended) => {
            let lasted = format::span(began.saturating_sub(ended));
            let ended = format::span(ended);
            with(
                Key::AlertsMissingOf,
                &[("span", &lasted), ("ended", &ended)],
            )
        }
    }
}

/// How long ago the person here left.
#[must_use]
pub fn you_left(left: Duration) -> String {
    with(Key::YouLeft, &[("ago", &ago(left))])
}

/// What stands under a list of alerts from which some had to go.
#[must_use]
pub fn alerts_removed(number: u32) -> String {
    plural(Key::AlertsRemoved, number.into(), &[])
}

/// How many alerts a person chose not to see.
#[must_use]
pub fn alerts_milder(number: usize) -> String {
    plural(Key::AlertsMilder, many(number), &[])
}
