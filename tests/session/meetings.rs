//! Meetings: who is there, what is warned of, and what a host is told.

use crate::rig::{meeting, Rig};
use std::time::Duration;
use telltale::domain::fact::Severity;
use telltale::domain::view::{Alert, AlertNews, Change};
use telltale::domain::Text;
use telltale::protocol::Frame;
use telltale::session::state::{Command, Connection};
use telltale::session::Input;
use telltale::toast::{About, Body, Level, Saying, Spoken, Subject};

#[test]
fn a_meeting_is_joined_again_on_every_connection() {
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    rig.command(Command::Join(meeting("r1")));
    rig.receive(r#"42["meeting-joined",{"success":true,"meetingId":"r1","participants":["ann"]}]"#);
    assert!(
        rig.session
            .meeting(&meeting("r1"), rig.now)
            .unwrap()
            .is_joined
    );

    rig.pull_the_plug();
    assert!(
        !rig.session
            .meeting(&meeting("r1"), rig.now)
            .unwrap()
            .is_joined
    );
    rig.pass(Duration::from_secs(5));

    assert_eq!(
        rig.sent_text()
            .filter(|text| text.contains("join-meeting"))
            .count(),
        2
    );
    assert_eq!(rig.connection(), Connection::LiveUnverified);
}

#[test]
fn a_meeting_for_which_there_is_no_room_is_not_joined_and_says_so() {
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    for index in 1..=11 {
        rig.command(Command::Join(meeting(&format!("r{index}"))));
    }

    let joins = rig.sent_text().filter(|text| text.contains("join-meeting"));
    assert_eq!(joins.count(), 10);
    let bodies: Vec<_> = rig
        .session
        .toasts()
        .iter()
        .map(|toast| &toast.body)
        .collect();
    let about = About::TooManyMeetings;
    assert_eq!(
        bodies,
        [&Body::Notice {
            about,
            message: None
        }]
    );
}

#[test]
fn signing_out_leaves_every_meeting() {
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    rig.command(Command::Join(meeting("r1")));
    rig.command(Command::Join(meeting("r2")));

    rig.command(Command::SignOut);

    let left = rig
        .sent_text()
        .filter(|text| text.contains("leave-meeting"));
    assert_eq!(left.count(), 2);
}

#[test]
fn who_watches_is_not_among_the_people() {
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    rig.command(Command::Join(meeting("r1")));
    let joined = rig
        .sent_text()
        .find(|text| text.contains("join-meeting"))
        .unwrap();
    let me = joined
        .split("\"userId\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();

    rig.receive(&format!(
        r#"42["meeting-joined",{{"success":true,"meetingId":"r1","participants":["ann","{me}"]}}]"#
    ));

    let view = rig.session.meeting(&meeting("r1"), rig.now).unwrap();
    let people: Vec<_> = view
        .participants
        .iter()
        .map(|person| person.id.as_str())
        .collect();
    assert_eq!(people, ["ann"]);
}

#[test]
fn a_host_is_told_of_an_alert_once_however_often_it_comes() {
    let alert = |who: &str, severity: &str, second: u32| {
        format!(
            r#"42["deepfake-alert",{{"participantId":"{who}","severity":"{severity}","type":"voice_cloning","message":"Possible voice cloning","confidence":0.9,"meetingId":"r1","timestamp":"2026-02-20T10:30:{second:02}.000Z"}}]"#
        )
    };
    let joined = r#"42["meeting-joined",{"success":true,"meetingId":"r1","participants":["ann"]}]"#;
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    rig.command(Command::Join(meeting("r1")));
    rig.receive(joined);
    let told = |rig: &mut Rig| -> Vec<_> {
        let alerts = rig.changes.drain(..);
        let alerts = alerts.filter_map(|change| Alert::of(&change));
        alerts
            .map(|alert| (alert.why, alert.group.severity))
            .collect()
    };

    rig.receive(&alert("ann", "medium", 0));
    assert_eq!(told(&mut rig), [(AlertNews::First, Severity::Medium)]);
    rig.receive(&alert("ann", "medium", 0));
    rig.receive(&alert("ann", "medium", 1));
    rig.receive(&alert("ann", "low", 2));
    assert_eq!(told(&mut rig), []);
    rig.receive(&alert("ann", "high", 3));
    let from = Severity::Medium;
    let raised = (AlertNews::Raised { from }, Severity::High);
    assert_eq!(told(&mut rig), [raised]);
    rig.receive(&alert("ben", "critical", 4));
    assert_eq!(told(&mut rig), [(AlertNews::First, Severity::Critical)]);

    // The server says it all again to whoever comes back.
    rig.pull_the_plug();
    rig.pass(Duration::from_secs(120));
    rig.receive(joined);
    rig.receive(&alert("ann", "medium", 0));
    rig.receive(&alert("ann", "high", 3));
    rig.receive(&alert("ben", "critical", 4));
    assert_eq!(told(&mut rig), []);

    rig.receive(&alert("ann", "high", 5));
    rig.receive(&alert("ann", "high", 6));
    assert_eq!(told(&mut rig), [(AlertNews::Again, Severity::High)]);
}

#[test]
fn a_picture_comes_as_an_attachment_and_its_rate_is_seen() {
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    rig.command(Command::Join(meeting("r1")));
    rig.receive(r#"42["meeting-joined",{"success":true,"meetingId":"r1","participants":["ann"]}]"#);

    for second in 0..10 {
        rig.receive(&format!(
            r#"451-["video-frame",{{"meetingId":"r1","participantId":"ann","timestamp":"2026-02-20T10:30:0{second}.000Z","frame":{{"_placeholder":true,"num":0}}}}]"#
        ));
        let transport = rig.transport();
        let bytes = Frame::Binary(vec![0xff, 0xd8, second]);
        rig.input(Input::Received(transport.0, transport.1, bytes));
        rig.now = rig.now + Duration::from_millis(250);
    }

    let frames = rig.changes.iter().filter_map(|change| match change {
        Change::VideoFrame { frame, .. } => Some(frame.bytes.to_vec()),
        _ => None,
    });
    let sent = (0..10).map(|second| vec![0xff, 0xd8, second]);
    assert!(frames.eq(sent));
    let view = rig.session.meeting(&meeting("r1"), rig.now).unwrap();
    let video = view.video.unwrap();
    assert_eq!((video.frames_per_second, video.bytes_per_second), (4.0, 12));
}

#[test]
fn an_alert_makes_a_card_that_acknowledging_puts_away() {
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    rig.command(Command::Join(meeting("r1")));
    rig.receive(r#"42["meeting-joined",{"success":true,"meetingId":"r1","participants":["ann"]}]"#);

    rig.receive(
        r#"42["deepfake-alert",{"participantId":"ann","severity":"high","type":"voice_cloning","message":"Possible voice cloning","meetingId":"r1","timestamp":"2026-02-20T10:30:00.000Z"}]"#,
    );
    let card = rig
        .session
        .toasts()
        .iter()
        .find(|toast| matches!(toast.body, Body::Alert(..)))
        .cloned();
    let Some(Subject::Alert { meeting, group }) = card.map(|card| card.subject) else {
        panic!("an alert has a card");
    };
    rig.command(Command::Acknowledge { meeting, group });

    assert!(rig.session.toasts().is_empty());
}

#[test]
fn on_a_meetings_own_page_only_alerts_that_ask_to_act_are_cards() {
    let alert = |severity: &str| {
        format!(
            r#"42["deepfake-alert",{{"meetingId":"r1","alert":{{"severity":"{severity}","type":"{severity}","message":"Look"}},"timestamp":"2026-02-20T10:30:00.000Z"}}]"#
        )
    };
    for (shown, cards) in [
        (None, 3),
        (Some(meeting("r2")), 3),
        (Some(meeting("r1")), 1),
    ] {
        let mut rig = Rig::of("meeting");
        rig.input(Input::Start);
        rig.command(Command::Join(meeting("r1")));
        rig.command(Command::ShowMeeting(shown));
        for severity in ["low", "medium", "high"] {
            rig.receive(&alert(severity));
        }

        assert_eq!(
            rig.session.toasts().len(),
            cards,
            "{:?}",
            rig.session.toasts()
        );
        let view = rig.session.meeting(&meeting("r1"), rig.now).unwrap();
        assert_eq!(view.alerts.len(), 3);
    }
}

#[test]
fn what_is_spoken_of_a_meeting_that_is_not_on_screen_has_the_meetings_name() {
    for (shown, named) in [
        (None, Some("r1")),
        (Some(meeting("r2")), Some("r1")),
        (Some(meeting("r1")), None),
    ] {
        let mut rig = Rig::of("meeting");
        rig.input(Input::Start);
        rig.command(Command::Join(meeting("r1")));
        rig.command(Command::ShowMeeting(shown));
        rig.command(Command::Announce(Level::All));
        for score in ["0.9", "0.2"] {
            let trust = [
                "{\"meetingId\":\"r1\",\"participantId\":\"p\",\"trustScore\":",
                score,
                "}",
            ];
            rig.receive(&["42[\"trust-score-update\",", &trust.concat(), "]"].concat());
            rig.pass(Duration::from_secs(8));
        }
        let Some(Spoken::One(Saying::Trust { meeting: said, .. })) = rig.session.spoken().0 else {
            panic!("{:?}", rig.session.spoken());
        };
        assert_eq!(said.as_ref().map(Text::as_str), named);
        rig.receive(r#"42["deepfake-alert",{"meetingId":"r1","severity":"high","type":"a"}]"#);
        rig.pass(Duration::from_secs(1));

        let Some(Spoken::One(Saying::Alert(_, _, said))) = rig.session.spoken().1 else {
            panic!("{:?}", rig.session.spoken());
        };
        assert_eq!(said.as_ref().map(Text::as_str), named);
    }
}
