//! Meetings: who is there, what is warned of, and what a host is told.

use crate::rig::{event, meeting, Rig};
use std::time::Duration;
use telltale::domain::fact::Severity;
use telltale::domain::view::{Alert, AlertNews, AlertRow, Change};
use telltale::domain::{Source, Text};
use telltale::json;
use telltale::protocol::{Frame, Page};
use telltale::session::state::{Command, Connection, Secret};
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

/// The score of someone in the meeting `r1` goes into another band and stays there.
fn lose_trust(rig: &mut Rig) {
    for score in ["0.9", "0.2"] {
        let trust = [
            "{\"meetingId\":\"r1\",\"participantId\":\"p\",\"trustScore\":",
            score,
            "}",
        ];
        hear(rig, "trust-score-update", &trust.concat());
        rig.pass(Duration::from_secs(8));
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
        lose_trust(&mut rig);
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

#[test]
fn an_alert_that_is_made_up_is_told_as_that_and_no_other_is() {
    let mut rig = in_meetings(&["r1"]);
    // Anybody in the meeting may send it.
    hear(
        &mut rig,
        "detection-update",
        r#"{"meetingId":"r1","participantId":"p","results":{"simulated":true}}"#,
    );
    hear(
        &mut rig,
        "deepfake-alert",
        r#"{"meetingId":"r1","severity":"critical","type":"b"}"#,
    );
    rig.pass(Duration::from_secs(1));
    let (_, Some(Spoken::One(Saying::Alert(_, spoken, _)))) = rig.session.spoken() else {
        panic!("{:?}", rig.session.spoken());
    };
    assert!(!spoken.is_simulated);
    rig.pass(Duration::from_secs(10));
    hear(
        &mut rig,
        "deepfake-alert",
        r#"{"meetingId":"r1","severity":"critical","type":"a","simulated":true}"#,
    );
    rig.pass(Duration::from_secs(1));

    let (_, Some(Spoken::One(Saying::Alert(_, spoken, _)))) = rig.session.spoken() else {
        panic!("{:?}", rig.session.spoken());
    };
    assert!(spoken.is_simulated);
    let Body::Alert(_, shown) = &rig.session.toasts()[0].body else {
        panic!("{:?}", rig.session.toasts());
    };
    assert!(shown.is_simulated);

    rig.command(Command::Announce(Level::All));
    lose_trust(&mut rig);
    let Some(Spoken::One(Saying::Trust { is_simulated, .. })) = rig.session.spoken().0 else {
        panic!("{:?}", rig.session.spoken());
    };
    assert!(is_simulated);
}

#[test]
fn a_panels_alerts_have_no_cards_and_the_meetings_name_where_there_are_several() {
    for (ids, named) in [(&["r1"][..], None), (&["r1", "r2"], Some("r1"))] {
        let mut rig = in_meetings(ids);
        rig.command(Command::Embed);
        hear(
            &mut rig,
            "deepfake-alert",
            r#"{"meetingId":"r1","severity":"critical","type":"a"}"#,
        );
        rig.pass(Duration::from_secs(1));

        let Some(Spoken::One(Saying::Alert(_, _, said))) = rig.session.spoken().1 else {
            panic!("{:?}", rig.session.spoken());
        };
        assert_eq!(said.as_ref().map(Text::as_str), named);
        assert!(rig.session.toasts().is_empty());
        assert_eq!(alerts(&rig, "r1"), 1);
    }
}

fn hear(rig: &mut Rig, name: &str, payload: &str) {
    rig.receive(&event(name, &json::parse(payload).unwrap()));
}

/// In these meetings, with Joe and Lin.
fn in_meetings(ids: &[&str]) -> Rig {
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    for id in ids {
        rig.command(Command::Join(meeting(id)));
        let joined = format!(r#"{{"meetingId":"{id}","participants":["joe","lin"]}}"#);
        hear(&mut rig, "meeting-joined", &joined);
    }
    rig
}

fn alerts(rig: &Rig, id: &str) -> usize {
    let view = rig.session.meeting(&meeting(id), rig.now).unwrap();
    view.alerts.len()
}

/// How many alerts were told.
fn told(rig: &Rig) -> usize {
    let is_alert = |change: &&Change| matches!(change, Change::Alert { .. });
    rig.changes.iter().filter(is_alert).count()
}

/// How often it was asked to be let in.
fn joins(rig: &Rig) -> usize {
    sent(rig, "join-meeting")
}

/// How often this event was sent.
fn sent(rig: &Rig, event: &str) -> usize {
    let is_event = |text: &&str| text.contains(event);
    rig.sent_text().filter(is_event).count()
}

#[test]
fn an_alert_whose_number_was_another_persons_before_is_told() {
    let mut rig = in_meetings(&["r"]);
    hear(
        &mut rig,
        "deepfake-alert",
        r#"{"meetingId":"r","alertId":1,"participantId":"joe","severity":"high","type":"voice_clone","message":"m","timestamp":"2031-05-04T09:00:05.000Z"}"#,
    );
    assert_eq!((told(&rig), alerts(&rig, "r")), (1, 1));
    // The server is started again, and counts from one.
    rig.pull_the_plug();
    rig.pass(Duration::from_secs(10));
    hear(
        &mut rig,
        "meeting-joined",
        r#"{"meetingId":"r","participants":["joe","lin"]}"#,
    );
    rig.pass(Duration::from_secs(600));

    hear(
        &mut rig,
        "deepfake-alert",
        r#"{"meetingId":"r","alertId":1,"participantId":"lin","severity":"high","type":"face_swap","message":"n","timestamp":"2031-05-04T09:20:05.000Z"}"#,
    );

    // With the gap between them.
    assert_eq!((told(&rig), alerts(&rig, "r")), (2, 3));
}

#[test]
fn an_alert_is_about_the_person_whom_its_event_names() {
    let mut rig = in_meetings(&["r"]);
    for who in ["joe", "lin"] {
        let alert = format!(
            r#"{{"meetingId":"r","participantId":"{who}","alert":{{"severity":"critical","type":"face_swap","message":"n"}}}}"#
        );
        hear(&mut rig, "deepfake-alert", &alert);
    }

    assert_eq!((told(&rig), alerts(&rig, "r")), (2, 2));
}

#[test]
fn an_alert_that_names_no_meeting_is_told_where_its_person_is_or_else_everywhere() {
    for (who, expected) in [("kim", [0, 1]), ("joe", [1, 1]), ("eve", [1, 1])] {
        let mut rig = in_meetings(&["r", "q"]);
        hear(
            &mut rig,
            "participant-joined",
            r#"{"meetingId":"q","participantId":"kim"}"#,
        );

        let alert = format!(
            r#"{{"participantId":"{who}","severity":"critical","type":"face_swap","message":"n"}}"#
        );
        hear(&mut rig, "deepfake-alert", &alert);

        assert_eq!([alerts(&rig, "r"), alerts(&rig, "q")], expected, "{who}");
        assert_eq!(told(&rig), expected.iter().sum::<usize>(), "{who}");
    }
}

#[test]
fn who_came_into_nobody_knows_which_meeting_is_not_called_missing_and_keeps_their_name() {
    let mut rig = in_meetings(&["r", "q"]);
    rig.pass(Duration::from_secs(11));
    let kim = |rig: &Rig| {
        let view = rig.session.meeting(&meeting("q"), rig.now).unwrap();
        let kim = view.participants.iter().find(|it| it.id.as_str() == "kim");
        let name = kim.and_then(|kim| kim.name.clone());
        let name = name.map(|name| name.to_string());
        (
            view.is_list_in_doubt,
            name,
            kim.and_then(|kim| kim.is_present),
        )
    };
    // The first is asked for at once. The second waits for its turn, and a score comes before.
    for who in ["joe2", "kim"] {
        let said = format!(r#"{{"userId":"{who}","userName":"Kim Chen"}}"#);
        hear(&mut rig, "participant-joined", &said);
        rig.pass(Duration::from_secs(1));
    }
    let score = r#"{"meetingId":"q","participantId":"kim","trustScore":0.9}"#;
    hear(&mut rig, "trust-score-update", score);

    let named = Some("Kim Chen".to_owned());
    assert_eq!(kim(&rig), (true, named.clone(), None));

    rig.pass(Duration::from_secs(10));
    let list = r#"{"meetingId":"q","participants":["joe","lin","kim"]}"#;
    hear(&mut rig, "meeting-joined", list);
    assert_eq!(kim(&rig), (false, named, Some(true)));
}

#[test]
fn joining_that_is_not_answered_is_asked_for_again_later_each_time() {
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    rig.command(Command::Join(meeting("r")));
    let mut asked = Vec::new();
    for second in 1..=1_300 {
        let before = joins(&rig);
        rig.pass(Duration::from_secs(1));
        asked.extend(std::iter::repeat_n(second, joins(&rig) - before));
        let view = rig.session.meeting(&meeting("r"), rig.now).unwrap();
        assert_eq!(view.is_unanswered, second >= 10, "{second}");
    }

    assert_eq!(asked, [10, 30, 70, 150, 310, 610, 910, 1210]);
}

#[test]
fn a_meeting_that_did_not_let_us_in_or_took_us_out_is_asked_again_and_not_once_we_are_in() {
    for (event, payload) in [
        ("meeting-joined", r#"{"meetingId":"r","success":false}"#),
        ("meeting-left", r#"{"meetingId":"r","success":true}"#),
    ] {
        let mut rig = in_meetings(&["r"]);
        rig.pull_the_plug();
        rig.pass(Duration::from_secs(5));
        if event == "meeting-left" {
            hear(&mut rig, "meeting-joined", r#"{"meetingId":"r"}"#);
        }
        let before = joins(&rig);
        hear(&mut rig, event, payload);
        rig.pass(Duration::from_secs(15));
        assert_eq!(joins(&rig), before + 1, "{event}");

        hear(&mut rig, "meeting-joined", r#"{"meetingId":"r"}"#);
        rig.pass(Duration::from_secs(3_600));
        assert_eq!(joins(&rig), before + 1, "{event}");
    }
}

#[test]
fn of_an_entry_that_cannot_be_read_nobody_is_said_to_be_gone() {
    for (entries, is_there) in [
        (r#"["lin"]"#, Some(false)),
        (r#"[{"user_id":"joe"},"lin"]"#, Some(true)),
        (r#"["lin",{"who":"joe"}]"#, Some(true)),
    ] {
        let mut rig = in_meetings(&["r"]);
        let joined = format!(r#"{{"meetingId":"r","participants":{entries}}}"#);
        hear(&mut rig, "meeting-joined", &joined);

        let view = rig.session.meeting(&meeting("r"), rig.now).unwrap();
        let mut people = view.participants.iter();
        let joe = people.find(|person| person.id.as_str() == "joe").unwrap();
        assert_eq!(joe.is_present, is_there, "{entries}");
    }
}

#[test]
fn an_alert_beside_other_data_is_as_bad_as_it_says() {
    let mut rig = in_meetings(&["r"]);
    hear(
        &mut rig,
        "deepfake-alert",
        r#"{"alert":{"severity":"critical","message":"x","timestamp":"2026-02-20T10:31:02.000Z"},"data":{"frame":3}}"#,
    );

    let view = rig.session.meeting(&meeting("r"), rig.now).unwrap();
    let groups: Vec<_> = (view.alerts.iter())
        .filter_map(|row| match row {
            AlertRow::Group(group) => Some(group),
            AlertRow::Gap { .. } => None,
        })
        .collect();
    assert_eq!(groups[0].severity, Severity::Critical);
    assert_eq!(groups[0].message, Text::message("x"));
}

#[test]
fn a_card_that_comes_out_of_sight_after_a_sign_out_waits_to_be_seen() {
    let mut rig = Rig::new(r#"{"servers":[{"kind":"meeting","url":"/d"}]}"#);
    rig.input(Input::Start);
    rig.input(Input::Page(Page::Hidden));
    rig.command(Command::SignOut);
    rig.command(Command::Token(Source(0), Some(Secret("t".to_owned()))));
    rig.command(Command::Join(meeting("r")));
    hear(
        &mut rig,
        "deepfake-alert",
        r#"{"meetingId":"r","participantId":"p","severity":"medium","type":"x","message":"m"}"#,
    );
    assert_eq!(rig.session.toasts().len(), 1);
    rig.pass(Duration::from_secs(60));
    rig.input(Input::Page(Page::Visible));

    assert_eq!(rig.session.toasts().len(), 1);
}

#[test]
fn the_cards_of_a_meeting_go_with_it_and_others_stay() {
    let mut rig = in_meetings(&["r", "q"]);
    for id in ["r", "q"] {
        let alert = format!(
            r#"{{"meetingId":"{id}","participantId":"joe","severity":"critical","type":"x","message":"m"}}"#
        );
        hear(&mut rig, "deepfake-alert", &alert);
    }
    assert_eq!(rig.session.toasts().len(), 2);

    rig.command(Command::Leave(meeting("r")));

    let left = rig.session.toasts().iter().map(|toast| &toast.subject);
    let is_of_q = |subject: &&Subject| matches!(subject, Subject::Alert { meeting, .. } if meeting.id.as_str() == "q");
    assert_eq!(left.clone().filter(is_of_q).count(), 1);
    assert_eq!(left.count(), 1);
}

#[test]
fn whoever_leaves_the_page_leaves_its_meetings_and_is_back_in_them_when_it_is() {
    let mut rig = in_meetings(&["r"]);
    let leaves = |rig: &Rig| sent(rig, "leave-meeting");
    assert_eq!(leaves(&rig), 0);

    rig.input(Input::Page(Page::Leaving));
    assert_eq!(leaves(&rig), 1);

    let before = joins(&rig);
    rig.input(Input::Page(Page::Restored));
    rig.pass(Duration::from_secs(5));
    assert_eq!(joins(&rig), before + 1);
    assert_eq!(leaves(&rig), 1);
}
