//! Which facts make a change, and of what.

use crate::domain::fact::{
    Declared, Label, MediaFields, ModelSaid, Outcome, RunFields, ServerVerdict,
};
use crate::domain::scene::*;
use crate::domain::view::{Change, Status, Verdict};
use crate::domain::{Rules, Text};

#[test]
fn a_status_that_nobody_knows_is_shown_as_it_is_until_something_says_more() {
    let mut scene = Scene::new(VIDEO);
    let fields = MediaFields {
        other_status: Text::name("archived"),
        ..MediaFields::default()
    };
    scene.fetch_list(&["m"], vec![media("m", fields)]);
    let word = |scene: &Scene| {
        assert_eq!(scene.view().other_status, scene.summary().other_status);
        scene.view().other_status.map(|word| word.to_string())
    };
    assert_eq!(scene.status(), Status::Unknown);
    assert_eq!(word(&scene).as_deref(), Some("archived"));

    scene.say([declared("", None, Declared::Processing)]);
    assert_eq!((scene.status(), word(&scene)), (Status::Running, None));
}

#[test]
fn a_fact_that_changes_nothing_makes_no_change() {
    let facts = [
        queued("r", "a", 1.),
        started("r", "a", 2.),
        progress("r", "a", 3., 10.),
        completed("r", "a", 9., Label::Real),
    ];
    let mut scene = Scene::new(Rules::default());
    for fact in &facts {
        assert!(!scene.say([fact.clone()]).is_empty(), "{fact:?}");
        assert!(scene.say([fact.clone()]).is_empty(), "{fact:?}");
    }
    for fact in facts {
        assert!(scene.say([fact]).is_empty());
    }
}

#[test]
fn a_change_of_details_is_told_apart_from_one_of_the_summary() {
    let mut scene = Scene::new(Rules::default());
    scene.say([progress("r", "a", 3., 10.1)]);

    let finer = scene.say([progress("r", "a", 4., 10.2)]);
    let farther = scene.say([progress("r", "a", 5., 11.)]);

    assert_eq!(finer, [Change::Details(key("m"))]);
    assert!(matches!(farther[..], [Change::Media { .. }]));
}

#[test]
fn a_later_report_of_a_result_may_say_more() {
    let mut scene = Scene::new(Rules::default());
    let bare = model("r", "a", Some(2.), ModelSaid::Completed(Outcome::default()));
    let full = completed("r", "a", 1.9, Label::Fake);

    for facts in [[bare.clone(), full.clone()], [full, bare]] {
        scene.say(facts);
        assert_eq!(
            scene.summary().verdict,
            Verdict::LikelyFake { fake: 1, of: 1 }
        );
    }
}

#[test]
fn of_two_results_of_a_model_the_later_is_shown_whichever_comes_first() {
    let first = completed("r", "a", 2., Label::Fake);
    let second = completed("r", "a", 9., Label::Real);
    for facts in [
        [first.clone(), second.clone()],
        [second.clone(), first.clone()],
    ] {
        let mut scene = Scene::new(Rules::default());
        scene.say(facts);
        assert_eq!(
            scene.summary().verdict,
            Verdict::LikelyReal { real: 1, of: 1 }
        );

        // A late copy of the first does not undo what the server has stored.
        scene.fetch(vec![
            declared("r", Some(9.), Declared::Done),
            second.clone(),
        ]);
        scene.say([first.clone()]);
        assert_eq!(
            scene.summary().verdict,
            Verdict::LikelyReal { real: 1, of: 1 }
        );
    }
}

#[test]
fn a_score_that_comes_after_the_end_is_a_detail_and_another_label_is_none() {
    let said = |label: &Label, score| {
        let fields = RunFields {
            declared: Some(Declared::Done),
            verdict: Some(ServerVerdict {
                label: label.clone(),
                score,
            }),
            ..RunFields::default()
        };
        vec![run("", None, fields), completed("", "a", 9., label.clone())]
    };
    for (label, is_detail) in [(Label::Safe, true), (Label::Flagged, false)] {
        let mut scene = Scene::new(VIDEO);
        scene.say(said(&Label::Safe, None));

        let changes = scene.fetch(said(&label, Some(0.12)));

        let is_told = changes == [Change::Details(key("m"))];
        assert_eq!(is_told, is_detail, "{label:?}: {changes:?}");
        let score = Some(0.12);
        let verdict = Verdict::Server(ServerVerdict { label, score });
        assert_eq!(scene.run().verdict, verdict);
    }
}
