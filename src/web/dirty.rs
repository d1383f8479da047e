//! What has to be drawn anew.
//!
//! **Law:** as many changes of one thing as there are between two frames, it is drawn once.

use crate::domain::{Change, MediaKey, MeetingKey};
use crate::sorted::Set;

/// What looks different since the last frame.
#[derive(Debug, Default)]
pub struct Dirty {
    /// The list of media.
    pub list: bool,
    /// These media.
    pub media: Set<MediaKey>,
    /// These meetings.
    pub meetings: Set<MeetingKey>,
    /// A second has passed: everything that shows an age.
    pub tick: bool,
}

impl Dirty {
    /// Adds what looks different in the other.
    pub fn add(&mut self, other: &Self) {
        self.list |= other.list;
        self.tick |= other.tick;
        self.media.extend(other.media.iter().cloned());
        self.meetings.extend(other.meetings.iter().cloned());
    }

    /// Remembers that something looks different. However many changes of one thing there are, it is remembered once.
    pub fn mark(&mut self, change: Change) {
        match change {
            Change::List => self.list = true,
            Change::Media { key, .. } | Change::Details(key) => {
                self.media.insert(key);
            }
            Change::Meeting(key)
            | Change::Alert { meeting: key, .. }
            | Change::Trust { meeting: key, .. } => {
                self.meetings.insert(key);
            }
            // Its rate is read with the clock.
            Change::VideoFrame { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MeetingId, Source};
    use crate::protocol::{Frame, TransportId};
    use crate::session::state::Command;
    use crate::session::{Config, Input, Output, Session};
    use crate::time::Instant;

    #[test]
    fn a_hundred_thousand_updates_a_second_are_one_thing_to_draw_in_each_frame() {
        const PEOPLE: u32 = 1_000;
        const FRAMES_A_SECOND: u64 = 50;
        let source = Source(0);
        let meeting = MeetingKey {
            source,
            id: MeetingId::new("m").expect("a short name"),
        };
        let (mut session, transport) = joined(&meeting);
        for frame in 0..FRAMES_A_SECOND {
            let mut dirty = Dirty::default();
            let mut say = |text: String| {
                let now = Instant::from_millis(1_000 + frame * 1_000 / FRAMES_A_SECOND);
                session.handle_input(Input::Received(source, transport, Frame::Text(text)), now);
                while let Some(output) = session.poll_output() {
                    if let Output::Changed(change) = output {
                        dirty.mark(change);
                    }
                }
            };
            let at = format!("2026-02-20T10:30:00.{:03}Z", frame * 20);
            for who in 0..PEOPLE {
                let share = f64::from((who + u32::try_from(frame).unwrap()) % 100) / 100.0;
                say(format!(
                    r#"42["trust-score-update",{{"meetingId":"m","participantId":"p{who}","trustScore":{share},"timestamp":"{at}"}}]"#
                ));
                say(format!(
                    r#"42["detection-update",{{"meetingId":"m","participantId":"p{who}","results":{{"audioAnalysis":{{"voiceCloneScore":{share}}}}},"timestamp":"{at}"}}]"#
                ));
            }
            say(format!(
                r#"42["deepfake-alert",{{"meetingId":"m","participantId":"p{frame}","severity":"high","type":"x","timestamp":"{at}"}}]"#
            ));

            let only: Vec<_> = dirty.meetings.iter().collect();
            assert_eq!(only, [&meeting], "2,001 events, one thing to draw");
            assert!(dirty.media.is_empty() && !dirty.list);
        }
        let view = session.meeting(&meeting, Instant::from_millis(2_000));
        let people = view.expect("it is open").participants;
        assert_eq!(people.len(), 1_000);
        assert!(people.iter().all(|person| person.trust.is_some()));
    }

    /// A session whose page has joined a meeting, and its connection.
    fn joined(meeting: &MeetingKey) -> (Session, TransportId) {
        let config = r#"{"servers":[{"kind":"meeting","url":"/x"}]}"#;
        let config = Config::parse(config, "https://example.org").expect("it is one");
        let mut session = Session::new(config, 1);
        let now = Instant::from_millis(0);
        session.handle_input(Input::Start, now);
        let opened = std::iter::from_fn(|| session.poll_output()).find_map(|output| match output {
            Output::Open { transport, .. } => Some(transport),
            _ => None,
        });
        let transport = opened.expect("it connects at once");
        session.handle_input(Input::Opened(meeting.source, transport), now);
        session.handle_input(Input::Command(Command::Join(meeting.clone())), now);
        for text in [
            r#"0{"sid":"e","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#,
            r#"40{"sid":"s"}"#,
            r#"42["meeting-joined",{"success":true,"meetingId":"m","participants":[]}]"#,
        ] {
            let frame = Frame::Text(text.to_owned());
            session.handle_input(Input::Received(meeting.source, transport, frame), now);
        }
        while session.poll_output().is_some() {}
        let view = session.meeting(meeting, now);
        assert!(view.is_some_and(|view| view.is_joined));
        (session, transport)
    }
}
