//! The activity of a whole session: nothing that was shown or said is missing, and nothing of anyone outlives them.

use std::fs;

use telltale::domain::view::Status;
use telltale::protocol::Page;
use telltale::session::state::Command;
use telltale::session::{Input, Session};
use telltale::toast::activity::{Kind, What};
use telltale::toast::{Body, Saying, Spoken};

use crate::rig::Rig;

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
