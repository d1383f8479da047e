//! How far a run is, how long it took and how long it will take.

use crate::domain::fact::{Declared, Fact, Label, MediaFields, MediaKind, ModelCounts, ModelSaid};
use crate::domain::scene::*;
use crate::domain::view::Status;
use crate::domain::{Rules, Text};

#[test]
fn the_percentage_is_the_mean_over_the_expected_models() {
    for (facts, percent, expected, unnamed) in [
        (vec![queued("r", "a", 1.)], 0, 1, 0),
        (vec![queued("r", "a", 1.), started("r", "a", 2.)], 0, 1, 0),
        (vec![progress("r", "a", 3., 50.)], 50, 1, 0),
        (vec![progress("r", "a", 3., 29.)], 29, 1, 0),
        (vec![progress("r", "a", 3., 100.)], 99, 1, 0),
        (vec![progress("r", "a", 3., 500.)], 99, 1, 0),
        (vec![progress("r", "a", 3., f64::NAN)], 0, 1, 0),
        (vec![progress("r", "a", 3., -5.)], 0, 1, 0),
        (
            vec![queued("r", "b", 1.), progress("r", "a", 3., 99.)],
            49,
            2,
            0,
        ),
        (
            vec![queued("r", "b", 1.), completed("r", "a", 3., Label::Real)],
            50,
            2,
            0,
        ),
        (vec![expects("r", 4), progress("r", "a", 3., 90.)], 22, 4, 3),
        (
            vec![
                completed("r", "a", 3., Label::Real),
                completed("r", "b", 4., Label::Real),
            ],
            100,
            2,
            0,
        ),
    ] {
        let mut scene = Scene::new(Rules::default());

        scene.say(facts.clone());

        let run = scene.run();
        assert_eq!(
            (run.percent, run.expected, run.unnamed),
            (Some(percent), expected, unnamed),
            "{facts:?}"
        );
    }
}

#[test]
fn a_run_counts_as_many_models_as_the_server_runs_until_it_says_itself_how_many() {
    let video = |models| {
        Fact::Models(ModelCounts {
            video: models,
            image: 9,
            audio: 9,
            ..ModelCounts::default()
        })
    };
    let kind = media(
        "m",
        MediaFields {
            kind: Some(MediaKind::Video),
            ..MediaFields::default()
        },
    );
    let half = || progress("r", "a", 3., 50.);
    for (said, percent, expected, unnamed) in [
        (vec![half()], 50, 1, 0),
        (vec![half(), video(4)], 12, 4, 3),
        (vec![video(4), half()], 12, 4, 3),
        (vec![video(4), half(), expects("r", 2)], 25, 2, 1),
        (vec![video(4), half(), video(2)], 25, 2, 1),
        (vec![video(0), half()], 50, 1, 0),
        (vec![video(1), queued("r", "b", 1.), half()], 25, 2, 0),
    ] {
        let mut scene = Scene::new(Rules::default());
        scene.say([kind.clone()]);

        for fact in said.clone() {
            scene.say([fact]);
        }

        let run = scene.run();
        assert_eq!(
            (run.percent, run.expected, run.unnamed),
            (Some(percent), expected, unnamed),
            "{said:?}"
        );
    }
}

#[test]
fn a_run_that_the_server_confirms_as_ended_waits_for_no_model_that_never_ran() {
    let mut scene = Scene::new(Rules::default());
    scene.say([Fact::Models(ModelCounts {
        video: 4,
        ..ModelCounts::default()
    })]);

    scene.fetch(vec![
        media(
            "m",
            MediaFields {
                kind: Some(MediaKind::Video),
                ..MediaFields::default()
            },
        ),
        declared("r", Some(1.), Declared::Done),
        completed("r", "a", 3., Label::Real),
    ]);

    assert_eq!((scene.status(), scene.run().unnamed), (Status::Complete, 0));
}

#[test]
fn the_percentage_falls_only_for_a_retry_or_a_new_run() {
    let mut scene = Scene::new(Rules::default());
    for (fact, percent) in [
        (progress("r", "a", 3., 60.), 60),
        (progress("r", "a", 4., 40.), 60),
        (queued("r", "b", 1.), 60),
        (progress("r", "a", 5., 90.), 60),
        (started("r", "b", 6.), 60),
        (progress("r", "b", 7., 60.), 75),
        (failed("r", "b", 8.), 45),
        (started("r", "b", 13.), 45),
        (progress("r", "b", 14., 20.), 55),
        (started("s", "a", 50.), 0),
    ] {
        scene.say([fact.clone()]);

        assert_eq!(scene.summary().percent, Some(percent), "{fact:?}");
    }
    assert_eq!(scene.summary().run, 2);
    assert_eq!(scene.view().earlier_runs, 1);
}

#[test]
fn durations_are_told_by_the_servers_clock() {
    let mut scene = Scene::new(Rules::default());
    scene.say([started("r", "a", 0.)]);
    scene.pass(7.);
    scene.say([progress("r", "a", 7., 10.)]);
    scene.pass(3.);

    let seconds = |duration: Option<std::time::Duration>| duration.map(|it| it.as_secs());
    assert_eq!(seconds(scene.model("a").elapsed), Some(10));
    assert_eq!(seconds(scene.run().elapsed), Some(10));
    assert_eq!(scene.run().left, None, "no model has ended");

    scene.say([completed("r", "a", 12., Label::Real)]);
    scene.pass(60.);
    assert_eq!(seconds(scene.model("a").elapsed), Some(12));
    assert_eq!(seconds(scene.run().elapsed), Some(12));
}

#[test]
fn what_is_left_of_a_run_is_told_once_a_model_has_ended() {
    let mut scene = Scene::new(Rules::default());
    scene.say(["a", "b", "c"].map(|name| queued("r", name, 0.)));
    scene.say([started("r", "a", 0.)]);
    scene.pass(20.);
    scene.say([
        completed("r", "a", 20., Label::Real),
        started("r", "b", 20.),
    ]);
    scene.pass(5.);

    // 15 seconds of b, 20 of c.
    assert_eq!(scene.run().left.map(|left| left.as_secs()), Some(35));
}

#[test]
fn what_is_left_of_a_model_that_is_tried_again_counts_from_that_attempt() {
    let mut scene = Scene::new(Rules::default());
    scene.say(["a", "b"].map(|name| queued("r", name, 0.)));
    scene.say([started("r", "a", 0.), started("r", "b", 0.)]);
    scene.pass(16.);
    scene.say([completed("r", "a", 16., Label::Real), failed("r", "b", 16.)]);
    scene.pass(4.);
    scene.say([started("r", "b", 20.)]);
    scene.pass(1.);

    let left = |scene: &Scene| scene.run().left.map(|left| left.as_secs());
    assert_eq!(left(&scene), Some(15));
    scene.pass(14.);
    // What is said again is no attempt.
    scene.say([started("r", "b", 20.), started("r", "b", 0.)]);
    assert_eq!(left(&scene), Some(1));

    // Longer than the other: nobody can say.
    scene.pass(4.);
    assert_eq!(left(&scene), None);
}

#[test]
fn a_share_of_nobody_knows_how_many_models_is_none_of_the_whole() {
    let models = |video| {
        Fact::Models(ModelCounts {
            video,
            ..ModelCounts::default()
        })
    };
    let is_video = || {
        let kind = Some(MediaKind::Video);
        let fields = MediaFields {
            kind,
            ..MediaFields::default()
        };
        media("m", fields)
    };
    let goes_on = || {
        let ended = completed("r", "a", 20., Label::Real);
        vec![is_video(), numbered("r", 1, Declared::Processing), ended]
    };
    let has_ended = || {
        let ended = ["a", "b"].map(|name| completed("r", name, 30., Label::Real));
        let run = numbered("r", 1, Declared::Done);
        [is_video(), run].into_iter().chain(ended).collect()
    };
    let begun = || vec![started("r", "b", 20.), progress("r", "b", 22., 40.)];
    let later = || {
        vec![
            progress("r", "b", 24., 60.),
            progress("r", "b", 26., 80.),
            progress("r", "b", 28., 92.),
        ]
    };
    let all_queued = || vec![queued("r", "a", 0.), queued("r", "b", 0.)];
    for (what, has_rows, heard, fetched, after, shown) in [
        ("only heard of", true, vec![], None, vec![], None),
        // Its rows are of those that had their turn.
        (
            "a run that goes on",
            true,
            vec![],
            Some(goes_on()),
            vec![],
            None,
        ),
        (
            "one that is queued again",
            true,
            vec![queued("r", "b", 0.)],
            Some(goes_on()),
            vec![],
            None,
        ),
        (
            "a server that does not say",
            true,
            vec![],
            Some(goes_on()),
            vec![models(0)],
            None,
        ),
        (
            "a server that says",
            true,
            vec![],
            Some(goes_on()),
            vec![models(4)],
            Some((48, 4)),
        ),
        (
            "said before",
            true,
            vec![models(4)],
            Some(goes_on()),
            vec![],
            Some((48, 4)),
        ),
        (
            "said by the run",
            true,
            vec![],
            Some(goes_on()),
            vec![expects("r", 4)],
            Some((48, 4)),
        ),
        (
            "heard from its start",
            true,
            all_queued(),
            Some(goes_on()),
            vec![],
            Some((96, 2)),
        ),
        (
            "heard alone from its start",
            true,
            all_queued(),
            None,
            vec![],
            Some((46, 2)),
        ),
        (
            "ended",
            true,
            vec![],
            Some(goes_on()),
            has_ended(),
            Some((100, 2)),
        ),
        (
            "one part",
            false,
            vec![],
            Some(goes_on()),
            vec![],
            Some((96, 2)),
        ),
    ] {
        let mut scene = Scene::new(Rules {
            has_rows,
            ..Rules::default()
        });
        scene.say(heard);
        scene.say(begun());
        for fact in later() {
            scene.pass(2.);
            scene.say([fact]);
        }
        if let Some(facts) = fetched {
            scene.fetch(facts);
        }
        if what == "ended" {
            scene.fetch(after);
        } else {
            scene.say(after);
        }

        let (run, summary) = (scene.run(), scene.summary());
        let (percent, expected) = shown.unzip();
        let shown = (percent, expected.unwrap_or(0));
        assert_eq!((run.percent, run.expected), shown, "{what}");
        assert_eq!((summary.percent, summary.expected), shown, "{what}");
        if percent.is_none() {
            assert_eq!(run.left, None, "{what}");
        }
    }
}

#[test]
fn who_missed_some_of_the_words_of_the_queue_does_not_know_how_many_models_there_are() {
    // The word for `a` is said of nobody knows which run, and dropped when the answer names it.
    let mut between = Scene::new(ROWS);
    let ended = || {
        let row = made("r1", 1, 1., Declared::Done);
        vec![row, completed("r1", "a", 11., Label::Real)]
    };
    between.fetch(ended());
    between.say([queued("", "a", 11.04)]);
    between.request();
    between.say([queued("", "b", 11.05)]);
    let next = made("r2", 2, 11.03, Declared::Queued);
    between.answer(ended().into_iter().chain([next]).collect());
    // Whoever connects between the two hears the second one only.
    let mut late = Scene::new(ROWS);
    late.request();
    late.say([queued("r2", "b", 11.05)]);
    late.answer(vec![made("r2", 1, 11.03, Declared::Queued)]);

    for mut scene in [between, late] {
        assert_eq!(scene.state("b"), "queued");
        for fact in [
            started("r2", "b", 14.),
            progress("r2", "b", 16., 92.),
            started("r2", "a", 20.),
        ] {
            assert_eq!(scene.summary().percent, None);
            scene.say([fact]);
        }
    }
}

#[test]
fn a_stand_in_takes_nothing_from_what_is_known_of_the_number_of_models() {
    let mut scene = Scene::new(ROWS);
    scene.say([queued("r", "a", 0.), queued("r", "b", 0.)]);
    scene.say([started("r", "a", 1.), progress("r", "a", 2., 40.)]);
    scene.say([progress("r", "stand-in", 3., 20.)]);

    assert_eq!(scene.summary().percent, Some(20));
}

#[test]
fn of_words_without_a_time_those_of_the_farthest_report_are_shown() {
    let says = |text: &str, fraction, at| {
        let text = Text::message(text).expect("words");
        model("r", "a", at, ModelSaid::Doing { text, fraction })
    };
    for (said, shown) in [
        (
            vec![("mmm", Some(0.2), None), ("aaa", Some(0.4), None)],
            "aaa",
        ),
        (
            vec![("aaa", Some(0.4), None), ("mmm", Some(0.2), None)],
            "aaa",
        ),
        (vec![("mmm", None, None), ("aaa", Some(0.0), None)], "aaa"),
        // A time says more: a later attempt begins again.
        (
            vec![("mmm", Some(0.9), Some(3.)), ("aaa", Some(0.1), Some(4.))],
            "aaa",
        ),
        (
            vec![("mmm", Some(0.1), Some(4.)), ("aaa", Some(0.2), Some(4.))],
            "aaa",
        ),
        (
            vec![("mmm", Some(f64::NAN), None), ("aaa", Some(0.1), None)],
            "aaa",
        ),
    ] {
        let mut scene = Scene::new(Rules::default());
        scene.say([started("r", "a", 1.)]);
        scene.say(
            said.iter()
                .map(|(text, fraction, at)| says(text, *fraction, *at)),
        );

        let doing = scene.model("a").doing;
        assert_eq!(doing.as_ref().map(Text::as_str), Some(shown), "{said:?}");
    }
}
