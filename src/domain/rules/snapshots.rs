//! What an answer of the server changes, and what it leaves.

use crate::domain::fact::{Declared, Label, MediaFields, MediaKind, ModelSaid, Scope, Snapshot};
use crate::domain::scene::*;
use crate::domain::store::MAX_TOMBSTONES;
use crate::domain::view::{Change, Status};
use crate::domain::{Rules, Text};

#[test]
fn a_snapshot_keeps_what_no_server_stores() {
    let mut scene = Scene::new(Rules::default());
    scene.say([
        queued("r", "a", 1.),
        started("r", "a", 2.),
        failed("r", "a", 3.),
        started("r", "a", 8.),
        progress("r", "a", 9., 40.),
    ]);
    scene.pass(20.);
    let before = scene.run();

    scene.fetch(vec![
        numbered("r", 1, Declared::Processing),
        model("r", "a", None, ModelSaid::Queued),
    ]);

    let after = scene.run();
    assert_eq!((after.percent, &after.models), (Some(40), &before.models));
}

#[test]
fn a_snapshot_that_does_not_say_what_a_media_is_takes_none_of_it_away() {
    let described = MediaFields {
        name: Text::name("Front end"),
        kind: Some(MediaKind::Video),
        bytes: Some(60_000),
        created: Some(stamp(1.)),
        ..MediaFields::default()
    };
    let mut scene = Scene::new(INTERVIEW);
    scene.say([
        media("m", described),
        completed("", "analysis", 2., Label::Real),
    ]);
    let is_known = |scene: &Scene| {
        let view = scene.view();
        let name = view.name.as_ref().map(Text::as_str);
        (name, view.kind, view.bytes, view.created)
            == (
                Some("Front end"),
                Some(MediaKind::Video),
                Some(60_000),
                Some(stamp(1.)),
            )
    };

    for _ in 0..2 {
        scene.pass(60.);
        scene.fetch(vec![completed("", "analysis", 2., Label::Real)]);
        assert!(is_known(&scene), "{:?}", scene.view());
    }

    let smaller = MediaFields {
        bytes: Some(50_000),
        ..MediaFields::default()
    };
    scene.fetch(vec![media("m", smaller)]);
    assert_eq!(scene.view().bytes, Some(50_000));
}

#[test]
fn what_arrives_after_the_request_stays_on_top_of_the_snapshot() {
    let mut scene = Scene::new(Rules::default());
    scene.say([started("r", "a", 1.)]);
    scene.request();
    scene.say([completed("r", "a", 2., Label::Real)]);

    scene.answer(vec![
        numbered("r", 1, Declared::Processing),
        model("r", "a", None, ModelSaid::Queued),
    ]);

    assert_eq!(scene.state("a"), "completed");
}

#[test]
fn a_model_that_failed_in_a_run_that_is_not_shown_goes_with_the_snapshot_that_does_not_name_it() {
    let mut scene = Scene::new(Rules::default());
    scene.fetch(vec![
        numbered("r1", 1, Declared::Processing),
        numbered("r2", 2, Declared::Processing),
    ]);
    scene.say([0., 6., 9.].map(|at| failed("r1", "c", at)));
    scene.say([started("r2", "b", 20.)]);

    // That the newer run is gone is doubted five times.
    for _ in 0..6 {
        scene.fetch(vec![
            numbered("r1", 1, Declared::Processing),
            queued("r1", "a", 1.),
        ]);
    }

    let run = scene.run();
    let names: Vec<_> = run.models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!((run.number, names), (Some(1), vec!["a"]));
}

#[test]
fn a_snapshot_that_lacks_a_fresh_end_is_doubted_once() {
    let open = || {
        vec![
            numbered("r", 1, Declared::Processing),
            model("r", "a", None, ModelSaid::Queued),
        ]
    };
    for (age, doubted) in [(1., 1), (9.9, 1), (11., 0)] {
        let mut scene = Scene::new(Rules::default());
        scene.say([started("r", "a", 1.), completed("r", "a", 2., Label::Real)]);
        scene.pass(age);
        scene.asks();

        scene.fetch(open());
        assert_eq!(scene.store.counters().doubted, doubted, "{age}");
        assert_eq!(scene.state("a") == "completed", doubted == 1, "{age}");
        if doubted == 1 {
            scene.pass(2.);
            assert!(scene.asks().contains(&Scope::Media(id("m"))));
            scene.fetch(open());
        }

        assert_eq!(scene.state("a"), "queued", "the server wins, {age}");
        assert_eq!(scene.store.counters().lowered, 1);
    }
}

#[test]
fn the_answer_to_an_older_request_cannot_undo_a_younger_one() {
    let mut scene = Scene::new(Rules::default());
    scene.fetch(vec![numbered("r", 1, Declared::Processing)]);
    let now = scene.at();
    scene.store.snapshot_requested(SERVER, &Scope::List, now);
    let end = completed("r", "a", 2., Label::Real);
    scene.fetch(vec![numbered("r", 1, Declared::Done), end]);

    let old = Snapshot {
        scope: Scope::List,
        is_whole: true,
        beyond: 0,
        media: vec![id("m")],
        facts: vec![numbered("r", 1, Declared::Processing)],
    };
    let changes = scene.store.apply_snapshot(SERVER, old.clone(), now);
    assert!(changes.is_empty());
    assert_eq!(scene.status(), Status::Complete);

    // And one that nobody waits for is nothing.
    assert!(scene.store.apply_snapshot(SERVER, old, now).is_empty());
    assert_eq!(scene.store.counters().stale, 2);
}

#[test]
fn a_media_that_the_list_does_not_name_is_gone_and_stays_gone_until_it_is_named() {
    let mut scene = Scene::new(Rules::default());
    scene.fetch_list(&["m", "n"], vec![]);
    let changes = scene.fetch_list(&["n"], vec![]);
    assert!(matches!(changes[0], Change::List));
    assert!(matches!(&changes[1], Change::Media { after: None, .. }));

    assert!(scene.say([started("r", "a", 1.)]).is_empty());
    assert_eq!(scene.store.list().count(), 1);

    scene.fetch_list(&["m", "n"], vec![]);
    let names: Vec<_> = scene.store.list().map(|key| key.id.as_str()).collect();
    assert_eq!(names, ["m", "n"]);
}

#[test]
fn a_media_that_came_back_and_went_again_is_remembered_as_long_as_any() {
    let names: Vec<_> = (1..MAX_TOMBSTONES).map(|it| it.to_string()).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut scene = Scene::new(Rules::default());
    for listed in [&["m"][..], &[], &["m"], &[]] {
        scene.fetch_list(listed, vec![]);
        scene.pass(1.);
    }
    scene.fetch_list(&names, vec![]);
    scene.fetch_list(&[], vec![]);

    scene.say([started("r", "a", 1.)]);

    assert_eq!(scene.store.list().count(), 0);
}

#[test]
fn a_media_whose_end_is_heard_while_the_server_says_that_it_is_gone_does_not_stay() {
    let gone = |scene: &mut Scene| {
        let gone = Snapshot {
            scope: Scope::Media(id("m")),
            is_whole: true,
            beyond: 0,
            media: vec![],
            facts: vec![],
        };
        let now = scene.at();
        scene.store.apply_snapshot(SERVER, gone, now);
    };
    let mut scene = Scene::new(VIDEO);
    scene.say([started("", "v", 1.)]);
    scene.request();
    scene.say([
        completed("", "v", 2., Label::Safe),
        declared("", Some(2.), Declared::Done),
    ]);

    gone(&mut scene);
    assert_eq!(scene.status(), Status::Complete);
    for _ in 0..60 {
        scene.pass(1.);
        if scene.asks().contains(&Scope::Media(id("m"))) {
            scene.request();
            gone(&mut scene);
        }
    }

    assert_eq!(scene.store.list().count(), 0);
}

#[test]
fn a_fresh_upload_survives_a_list_that_was_asked_for_before_it() {
    let mut scene = Scene::new(Rules::default());
    let now = scene.at();
    scene.store.snapshot_requested(SERVER, &Scope::List, now);
    scene.say([queued("", "a", 1.)]);
    let list = Snapshot {
        scope: Scope::List,
        is_whole: true,
        beyond: 0,
        media: vec![],
        facts: vec![],
    };

    scene.store.apply_snapshot(SERVER, list, now);

    assert_eq!(scene.status(), Status::Queued);
}
