//! The activity of a whole session: nothing that was shown or said is missing, and nothing of anyone outlives them.

use std::fs;
use std::time::Duration;

use telltale::domain::view::{Status, Verdict};
use telltale::protocol::Page;
use telltale::session::state::Command;
use telltale::session::{Input, Session};
use telltale::toast::activity::{Kind, What};
use telltale::toast::{Body, Level, Saying, Spoken};

use crate::rig::{key, meeting, Rig};

#[test]
fn whatever_a_server_does_all_that_is_spoken_or_on_a_card_stands_in_the_activity() {
    let (mut spoken, mut shown) = (0, 0);
    for kind in ["analysis", "library", "interview", "meeting"] {
        for file in fs::read_dir(format!("tests/fixtures/{kind}")).unwrap() {
            let path = file.unwrap().path();
            if path
                .extension()
                .is_none_or(|extension| extension != "jsonl")
            {
                continue;
            }
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let mut rig = Rig::of(kind);
            rig.input(Input::Start);
            rig.sign_in();
            rig.replay_watching(&format!("{kind}/{name}"), |session, _| {
                let (said, cards) = all_is_told(session, &name);
                spoken += said;
                shown += cards;
            });
        }
    }
    assert!(spoken > 10 && shown > 10, "{spoken} spoken, {shown} shown");
}

#[test]
fn each_end_while_away_has_a_line_beside_the_one_that_counts_them() {
    let rig = Rig::after_two_ends_away();

    let activity = rig.session.activity();
    let ends = activity.entries().filter_map(|entry| entry.end());
    let ends: Vec<_> = ends.map(|end| end.status).collect();
    assert_eq!(ends.len(), 2, "{ends:?}");
    assert!(ends.contains(&Status::Failed));
    let connection = activity
        .entries()
        .filter(|entry| entry.kind() == Kind::Connection)
        .map(|entry| &entry.what)
        .collect::<Vec<_>>();
    assert!(
        matches!(
            connection.as_slice(),
            [
                What::Said(Saying::ConnectionLost),
                What::Said(Saying::Reconnected { .. })
            ]
        ),
        "{connection:?}"
    );
}

#[test]
fn an_end_that_was_heard_is_told_once_though_the_answers_say_more_of_it() {
    let mut rig = Rig::of("library");
    rig.input(Input::Start);
    rig.sign_in();
    rig.server.item = Some((200, format!(r#"{{"video":{}}}"#, row("processing", ""))));
    rig.receive(r#"42["video:process:progress",{"videoId":"v1","progress":0}]"#);
    rig.pass(Duration::from_secs(5));
    let safe = r#","sensitivityStatus":"safe""#;
    let body = format!(r#"{{"video":{}}}"#, row("completed", safe));
    rig.server.item = Some((200, body));
    rig.receive(
        r#"42["video:process:complete",{"videoId":"v1","status":"completed","sensitivityStatus":"safe"}]"#,
    );
    rig.pass(Duration::from_secs(5));
    assert_eq!(told(&rig), ["ended"]);

    // The event had no score.
    let scored = r#","sensitivityStatus":"safe","sensitivityScore":0.12"#;
    rig.server.list = list(&row("completed", scored));
    rig.pull_the_plug();
    rig.pass(Duration::from_secs(10));
    assert_eq!(told(&rig), ["ended", "lost", "0 updates"]);
    let view = rig.session.media(&key("v1"), rig.now).unwrap();
    let Some(Verdict::Server(verdict)) = view.run.map(|run| run.verdict) else {
        panic!("the server has one");
    };
    assert_eq!(verdict.score, Some(0.12), "its page shows it");

    // Another verdict is news.
    let flagged = r#","sensitivityStatus":"flagged","sensitivityScore":0.9"#;
    rig.server.list = list(&row("completed", flagged));
    rig.pull_the_plug();
    rig.pass(Duration::from_secs(10));
    assert_eq!(told(&rig)[3..], ["lost", "corrected", "1 updates"]);
}

#[test]
fn what_ends_while_the_page_is_out_of_sight_is_counted_until_it_is_seen_again() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    rig.input(Input::Page(Page::Hidden));
    rig.replay("analysis/good-run.jsonl");
    let mark = rig.session.activity().mark();
    assert_eq!((mark.unseen, mark.away), (1, 1));

    rig.input(Input::Page(Page::Visible));
    assert_eq!(rig.session.activity().mark().away, 0);
    assert_eq!(rig.session.activity().mark().unseen, 1);

    rig.command(Command::SeeActivity(mark.newest));
    assert_eq!(rig.session.activity().mark().unseen, 0);
}

#[test]
fn a_page_that_a_browser_wakes_out_of_sight_is_not_seen() {
    let mut rig = Rig::of("meeting");
    rig.input(Input::Start);
    rig.command(Command::Announce(Level::All));
    rig.command(Command::Join(meeting("r")));
    rig.receive(r#"42["meeting-joined",{"success":true,"meetingId":"r","participants":[]}]"#);
    rig.input(Input::Page(Page::Hidden));
    rig.pass(Duration::from_secs(600));

    rig.input(Input::Page(Page::Restored));
    rig.receive(
        r#"42["deepfake-alert",{"meetingId":"r","participantId":"p","severity":"medium","type":"x","message":"m"}]"#,
    );
    rig.pass(Duration::from_secs(60));

    assert_eq!(rig.session.toasts().len(), 1, "its time has not begun");
    assert_eq!(rig.session.spoken(), (None, None), "nobody hears it");
    assert_eq!(rig.session.activity().mark().away, 1);
    rig.input(Input::Page(Page::Visible));
    rig.pass(Duration::from_secs(1));
    assert!(matches!(
        rig.session.spoken().0,
        Some(Spoken::One(Saying::Alert(..)))
    ));
}

#[test]
fn signing_out_forgets_what_was_told() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    rig.replay("analysis/good-run.jsonl");
    assert!(rig.session.activity().entries().len() > 0);

    rig.command(Command::SignOut);

    assert_eq!(rig.session.activity().entries().len(), 0);
    assert_eq!(rig.session.activity().mark().unseen, 0);
}

/// How many sayings and cards were looked for.
fn all_is_told(session: &Session, name: &str) -> (usize, usize) {
    let entries: Vec<_> = session.activity().entries().collect();
    let (polite, assertive) = session.spoken();
    let mut spoken = 0;
    for text in [polite, assertive].into_iter().flatten() {
        let sayings = match text {
            Spoken::One(saying) => std::slice::from_ref(saying),
            Spoken::Joined(sayings) => sayings,
            Spoken::Summary(_) => &[],
        };
        for saying in sayings {
            let told = What::Said(saying.clone());
            let is_told = entries.iter().any(|entry| entry.what == told);
            assert!(is_told, "{name}: {saying:?}");
            spoken += 1;
        }
    }
    for card in session.toasts() {
        let is_told = entries.iter().any(|entry| entry.subject == card.subject);
        let tells_of_others = matches!(card.body, Body::Away { .. });
        assert!(is_told || tells_of_others, "{name}: {card:?}");
    }
    (spoken, session.toasts().len())
}

/// A video as the library lists it, with what it stores of the result.
fn row(status: &str, result: &str) -> String {
    format!(
        r#"{{"_id":"v1","title":"vx","status":"{status}"{result},"updatedAt":"2031-05-04T09:00:10.000Z"}}"#
    )
}

fn list(row: &str) -> String {
    format!(r#"{{"videos":[{row}],"pagination":{{"page":1,"pages":1,"total":1}}}}"#)
}

/// What was told of ends and of the connection, oldest first; the same words again are one line.
fn told(rig: &Rig) -> Vec<String> {
    let words = |what: &What| match what {
        What::Said(Saying::Ended(..)) => Some("ended".to_owned()),
        What::Corrected(_) => Some("corrected".to_owned()),
        What::Said(Saying::ConnectionLost) => Some("lost".to_owned()),
        What::Said(Saying::Reconnected { updates, .. }) => Some(format!("{updates} updates")),
        _ => None,
    };
    let entries = rig.session.activity().entries();
    entries.filter_map(|entry| words(&entry.what)).collect()
}
