//! Short words for media, meetings and alerts: what the tests of this module are written in.

use crate::domain::fact::Severity;
use crate::domain::view::AlertGroupView;
use crate::domain::{Change, MediaId, MediaKey, MeetingId, MeetingKey, ParticipantId, Source};
use crate::time::Instant;

pub(crate) fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

pub(crate) fn media_key(id: &str) -> MediaKey {
    MediaKey {
        source: Source(0),
        id: MediaId::new(id).expect("a short name"),
    }
}

pub(crate) fn meeting_key() -> MeetingKey {
    MeetingKey {
        source: Source(0),
        id: MeetingId::new("m").expect("a short name"),
    }
}

/// One alert about someone, and nothing more that is known of it.
pub(crate) fn group_view(id: u32, severity: Severity) -> AlertGroupView {
    AlertGroupView {
        id,
        participant: ParticipantId::new("p1"),
        name: None,
        severity,
        other_severity: None,
        was_raised_from: None,
        kind: None,
        message: None,
        confidence: None,
        advice: None,
        count: 1,
        told: 1,
        first: None,
        last: None,
        is_acknowledged: false,
        is_simulated: false,
    }
}

/// An alert that came to this group.
pub(crate) fn alert(severity: Severity, group: AlertGroupView) -> Change {
    Change::Alert {
        meeting: meeting_key(),
        severity,
        group,
        before: None,
    }
}
