//! The laws of the store, for any facts in any order: what keeps duplicates, reordering, loss and lies of timing from
//! changing what is shown.

use proptest::prelude::*;

use super::fact::{Declared, Fact, Label, MediaFields, Scope};
use super::scene::*;
use super::view::{MediaView, ModelState, Status};
use super::Text;
use crate::domain::store::{MAX_GHOSTS, MAX_MEDIA, MAX_MEETINGS};
use crate::domain::Rules;
use crate::domain::{MeetingId, MeetingKey};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn saying_it_twice_is_saying_it_once(facts in facts(true)) {
        let (mut once, mut twice) = (known(), known());
        for fact in facts {
            once.say([fact.clone()]);
            twice.say([fact.clone()]);
            prop_assert!(twice.say([fact.clone()]).is_empty(), "{:?}", fact);
        }
        prop_assert_eq!(once.view(), twice.view());
        prop_assert_eq!(once.summary(), twice.summary());
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(
        (facts, shuffled) in facts(false).prop_flat_map(|facts| {
            (Just(facts.clone()), Just(facts).prop_shuffle())
        }),
    ) {
        let (mut one, mut other) = (known(), known());
        one.say(facts);
        other.say(shuffled);
        prop_assert_eq!(unordered(one.view()), unordered(other.view()));
    }

    #[test]
    fn an_interview_does_not_depend_on_the_order_either(
        (facts, shuffled) in facts(false).prop_flat_map(|facts| {
            (Just(facts.clone()), Just(facts).prop_shuffle())
        }),
    ) {
        let rules = Rules { has_run_ids: false, has_run_end: false, latest_wins: true, ..Rules::default() };
        let (mut one, mut other) = (Scene::new(rules), Scene::new(rules));
        one.say(facts);
        other.say(shuffled);
        prop_assert_eq!(unordered(one.view()), unordered(other.view()));
    }

    #[test]
    fn a_batch_is_its_parts(facts in facts(true)) {
        let (mut batch, mut parts) = (known(), known());
        batch.say(facts.clone());
        for fact in facts {
            parts.say([fact]);
        }
        prop_assert_eq!(batch.view(), parts.view());
        prop_assert_eq!(batch.summary(), parts.summary());
    }

    #[test]
    fn what_has_ended_stays_ended_and_the_bar_falls_only_for_a_retry(facts in facts(false)) {
        let mut scene = known();
        let mut before = scene.view();
        for fact in facts {
            scene.say([fact.clone()]);
            let after = scene.view();
            let (Some(old), Some(new)) = (&before.run, &after.run) else { continue };
            if old.number == new.number {
                for model in &old.models {
                    let still = new.models.iter().find(|other| other.id == model.id);
                    let still = still.expect("a model does not vanish");
                    prop_assert!(rank(&still.state) >= rank(&model.state), "{:?}", fact);
                }
                let retries = |models: &[super::view::ModelView]| -> u32 {
                    models.iter().map(|model| model.attempt + failures(&model.state)).sum()
                };
                let is_retry = retries(&new.models) != retries(&old.models);
                let is_reopened = old.status.is_ended() && !new.status.is_ended();
                prop_assert!(
                    new.percent >= old.percent || is_retry || is_reopened,
                    "{:?}: {} to {}", fact, old.percent, new.percent
                );
            }
            before = after;
        }
    }

    #[test]
    fn a_quiet_snapshot_makes_the_view_the_servers(
        steps in proptest::collection::vec((fact(true), 0..12u8), 0..40),
        ends in proptest::collection::vec(any::<bool>(), 6),
    ) {
        let mut truth = vec![numbered("r1", 1, Declared::Done), numbered("r2", 2, Declared::Done)];
        for (index, end) in ends.iter().enumerate() {
            let run = ["r1", "r2"][index % 2];
            let name = ["a", "b", "c"][index / 2];
            let row = if *end { completed(run, name, 99., Label::Fake) } else { failed(run, name, 99.) };
            truth.push(row);
        }
        let mut scene = known();
        for (fact, what) in steps {
            match what {
                0 => scene.request(),
                1 => drop(scene.answer(vec![numbered("r2", 2, Declared::Processing)])),
                2 => drop(scene.pass(20.)),
                3 => scene.store.snapshot_failed(SERVER, &Scope::Media(id("m"))),
                _ => drop(scene.say([fact])),
            }
        }
        scene.store.snapshot_failed(SERVER, &Scope::Media(id("m")));
        scene.fetch(truth.clone());
        scene.fetch(truth.clone());

        let mut fresh = Scene::new(Rules::default());
        fresh.fetch(truth);
        prop_assert_eq!(results(scene.view()), results(fresh.view()));
    }

    #[test]
    fn what_is_said_of_one_media_leaves_others_alone(
        mine in facts(true), others in facts(true),
    ) {
        let mut alone = known();
        alone.say(mine.clone());
        let mut crowded = known();
        for (index, fact) in mine.into_iter().enumerate() {
            crowded.say([fact]);
            crowded.say(others.get(index).cloned().map(of_another_media));
        }
        crowded.say(others.into_iter().map(of_another_media));
        // Its clock is the server's, which all media share.
        prop_assert_eq!(unordered(alone.view()), unordered(crowded.view()));
        prop_assert_eq!(alone.summary(), crowded.summary());
    }

    #[test]
    fn the_same_story_makes_the_same_store(facts in facts(true)) {
        let (mut one, mut other) = (known(), known());
        one.say(facts.clone());
        other.say(facts);
        prop_assert_eq!(format!("{:?}", one.store), format!("{:?}", other.store));
    }
}

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
fn the_list_is_newest_first_across_servers() {
    let mut scene = Scene::new(Rules::default());
    let other = super::Source(1);
    scene.store.add_source(other, Rules::default());
    let now = scene.at();
    let created = |name: &str, second: f64| {
        media(
            name,
            MediaFields {
                created: Some(stamp(second)),
                name: Text::name(name),
                ..MediaFields::default()
            },
        )
    };
    scene.say([created("a", 3.), created("b", 1.)]);
    scene
        .store
        .apply(other, vec![created("c", 2.), created("d", 9.)], now);
    scene.say([media("e", MediaFields::default())]);

    let names: Vec<_> = scene.store.list().map(|key| key.id.as_str()).collect();
    assert_eq!(names, ["e", "d", "a", "c", "b"]);

    let changes = scene.say([created("e", 0.)]);
    assert!(changes.contains(&super::Change::List));
    let names: Vec<_> = scene.store.list().map(|key| key.id.as_str()).collect();
    assert_eq!(names, ["d", "a", "c", "b", "e"]);
}

#[test]
fn nothing_of_a_user_stays_after_signing_out() {
    let mut scene = known();
    scene.say([started("r1", "a", 1.)]);
    scene.request();

    let changes = scene.store.forget(SERVER);

    assert_eq!(changes.len(), 2);
    assert_eq!(scene.store.list().count(), 0);
    assert!(scene.store.poll_ask().is_none());
    assert!(
        scene.answer(vec![]).is_empty(),
        "an answer to the former user"
    );
    assert!(scene.store.poll_timeout().is_none());
}

/// A store that knows the media and the numbers of its runs.
fn known() -> Scene {
    let mut scene = Scene::new(Rules::default());
    scene.fetch(vec![
        numbered("r1", 1, Declared::Queued),
        numbered("r2", 2, Declared::Queued),
    ]);
    scene
}

fn facts(with_open: bool) -> impl Strategy<Value = Vec<Fact>> {
    proptest::collection::vec(fact(with_open), 1..30)
}

/// Anything about two runs of three models, at any of 12 times.
fn fact(with_open: bool) -> impl Strategy<Value = Fact> {
    let runs = if with_open { 0..3usize } else { 0..2 };
    (runs, 0..3usize, 0..12u8, 0..9u8).prop_map(|(run, name, at, what)| {
        let run = ["r1", "r2", ""][run];
        let name = ["a", "b", "c"][name];
        let at = f64::from(at) * 1.5;
        match what {
            0 => queued(run, name, at),
            1 | 2 => started(run, name, at),
            3 | 4 => failed(run, name, at),
            5 => completed(run, name, at, Label::Fake),
            6 => declared(run, Some(at), Declared::Done),
            7 => expects(run, 4),
            _ => progress(run, name, at, at * 5.0),
        }
    })
}

fn of_another_media(mut fact: Fact) -> Fact {
    if let Fact::Media { media, .. } | Fact::Run { media, .. } | Fact::Model { media, .. } =
        &mut fact
    {
        *media = id("n");
    }
    fact
}

/// Without what depends on the order by design: the order of the models, the highest percentage that was shown, the
/// number of runs seen, and times by the clock and the pace that are learnt on the way.
fn unordered(mut view: MediaView) -> MediaView {
    view.earlier_runs = 0;
    if let Some(run) = &mut view.run {
        run.percent = 0;
        run.elapsed = None;
        run.left = None;
        for model in &mut run.models {
            model.elapsed = None;
        }
        run.models.sort_by(|a, b| a.id.cmp(&b.id));
    }
    view
}

/// What a server stores.
fn results(view: MediaView) -> (Status, Vec<(String, ModelState)>, u32) {
    let run = view.run.expect("there is a run");
    let mut models: Vec<_> = run
        .models
        .into_iter()
        .map(|model| (model.id.to_string(), model.state))
        .collect();
    models.sort_by(|a, b| a.0.cmp(&b.0));
    (view.status, models, run.expected)
}

fn rank(state: &ModelState) -> u8 {
    match state {
        ModelState::Queued => 0,
        ModelState::Running { .. } | ModelState::Retrying { .. } => 1,
        ModelState::NoResult | ModelState::Failed { .. } => 2,
        ModelState::Completed { .. } => 3,
    }
}

fn failures(state: &ModelState) -> u32 {
    u32::from(matches!(state, ModelState::Retrying { .. }))
}
