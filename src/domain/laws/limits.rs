//! L12: what is kept is bounded, whatever comes.

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::{known, lawful};
use crate::domain::fact::{Declared, MediaFields, Scope};
use crate::domain::scene::*;
use crate::domain::store::{MAX_GHOSTS, MAX_MEDIA, MAX_MEETINGS, MAX_TOMBSTONES};
use crate::domain::{MeetingId, MeetingKey, Rules};

#[test]
fn the_number_of_media_is_bounded_and_the_oldest_go() {
    for (count, kept) in [
        (MAX_MEDIA - 1, MAX_MEDIA - 1),
        (MAX_MEDIA, MAX_MEDIA),
        (MAX_MEDIA + 1, MAX_MEDIA),
    ] {
        let names: Vec<_> = (0..count).map(|index| format!("media {index}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let mut scene = Scene::new(Rules::default());

        scene.fetch_list(&names, vec![]);

        assert_eq!(scene.store.list().count(), kept);
        assert_eq!(scene.store.list().next(), Some(&key("media 0")));
        assert_eq!(scene.store.counters().evicted, (count - kept) as u64);
    }
}

#[test]
fn media_that_only_events_name_are_bounded() {
    for (count, kept) in [
        (MAX_GHOSTS - 1, MAX_GHOSTS - 1),
        (MAX_GHOSTS, MAX_GHOSTS),
        (MAX_GHOSTS + 1, MAX_GHOSTS),
    ] {
        let mut scene = known();
        for index in 0..count {
            scene.say([media(&format!("ghost {index}"), MediaFields::default())]);
        }

        assert_eq!(scene.store.list().count(), kept + 1, "the named one stays");
        // So many are not asked for one by one.
        assert_eq!(scene.asks(), [Scope::List]);
    }
}

#[test]
fn runs_and_models_are_bounded() {
    for (count, runs, models) in [
        (19, 19, 19),
        (20, 20, 20),
        (21, 20, 21),
        (63, 20, 63),
        (64, 20, 64),
        (65, 20, 64),
    ] {
        let mut scene = Scene::new(Rules::default());
        for index in 1..=count {
            let run = format!("r{index}");
            scene.say([numbered(&run, index, Declared::Processing)]);
        }
        assert_eq!(scene.view().earlier_runs, runs - 1 + (count - runs));
        assert_eq!(scene.run().number, Some(count));
        assert_eq!(scene.store.counters().evicted, u64::from(count - runs));

        for index in 0..count {
            scene.say([queued(&format!("r{count}"), &format!("model {index}"), 1.)]);
        }
        assert_eq!(scene.run().expected, models);
        assert_eq!(scene.store.counters().dropped, u64::from(count - models));
    }
}

#[test]
fn open_meetings_are_bounded() {
    let mut scene = Scene::new(Rules::default());
    let now = scene.at();
    for index in 0..=MAX_MEETINGS {
        let id = MeetingId::new(&format!("meeting {index}")).expect("a short name");
        let key = MeetingKey { source: SERVER, id };

        assert_eq!(scene.store.open_meeting(key, now), index < MAX_MEETINGS);
    }
    assert_eq!(scene.store.meetings().count(), MAX_MEETINGS);
}

#[test]
fn so_many_media_that_are_gone_stay_gone() {
    for (count, comes_back) in [
        (MAX_TOMBSTONES - 1, false),
        (MAX_TOMBSTONES, false),
        (MAX_TOMBSTONES + 1, true),
    ] {
        let names: Vec<_> = (0..count).map(|index| format!("{index:04}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let mut scene = Scene::new(Rules::default());
        scene.fetch_list(&names, vec![]);
        scene.fetch_list(&[], vec![]);

        scene.say([media(names[1], MediaFields::default())]);
        assert_eq!(scene.store.list().count(), 0, "{count}");
        scene.say([media(names[0], MediaFields::default())]);
        assert_eq!(scene.store.list().count(), usize::from(comes_back));
    }
}

#[test]
fn whatever_comes_stays_within_the_limits() {
    // One store for all cases: it only grows fuller.
    let scene = RefCell::new(Scene::new(Rules::default()));
    let step = (0..7u8, 0..400usize, 0..25u32, 0..80usize);
    let steps = proptest::collection::vec(step, 1..8);

    let outcome = TestRunner::new(lawful()).run(&steps, |steps| {
        let mut scene = scene.borrow_mut();
        for (what, media_index, run_index, model_index) in steps {
            let name = format!("media {media_index}");
            let run = format!("r{run_index}");
            match what {
                0 => drop(scene.say([media(&name, MediaFields::default())])),
                1 => drop(scene.say([numbered(&run, run_index, Declared::Processing)])),
                2 => drop(scene.say([queued(&run, &format!("model {model_index}"), 1.)])),
                3 => drop(scene.say([queued("r24", &format!("model {model_index}"), 1.)])),
                4 => drop(scene.say([started(
                    &run,
                    "a",
                    f64::from(run_index) + model_index as f64,
                )])),
                5 => drop(scene.say([progress(
                    &run,
                    "a",
                    f64::from(run_index),
                    model_index as f64,
                )])),
                _ if model_index == 0 => drop(scene.fetch(vec![])),
                _ => drop(scene.pass(1.)),
            }
            prop_assert!(scene.asks().len() <= 5);
        }
        prop_assert!(scene.store.list().count() <= MAX_GHOSTS + 1);
        if let Some(view) = scene.store.media(&key("m"), scene.at()) {
            prop_assert!(view.run.is_none_or(|run| run.models.len() <= 64));
        }
        // Each media is 20 runs of 64 models at the most, each of those a few hundred bytes.
        Ok(())
    });

    assert_eq!(outcome, Ok(()));
    let counters = *scene.borrow().store.counters();
    assert!(
        counters.evicted > 1_000 && counters.dropped > 100,
        "{counters:?}"
    );
}
