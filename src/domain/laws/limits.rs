//! L12: what is kept is bounded, whatever comes.

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::{known, lawful};
use crate::domain::fact::{
    AlertSaid, Declared, Fact, Label, MediaFields, MeetingSaid, Scope, Severity,
};
use crate::domain::scene::*;
use crate::domain::store::MAX_GHOSTS;
use crate::domain::view::AlertRow;
use crate::domain::{MediaId, MeetingId, MeetingKey, ModelId, ParticipantId, Rules, Text};

/// What is kept of so many, and how many were left out, as the store says it.
type Fill = fn(u32) -> (u32, u32);

/// Name, limit, and what is filled in.
const LIMITS: [(&str, u32, Fill); 11] = [
    ("media", 5_000, media_of_a_list),
    ("media that only events name", 200, ghosts),
    ("media that are gone", 1_000, tombstones),
    ("parked facts", 500, parked),
    ("runs of a media, by events", 20, runs),
    ("runs of a media, by a snapshot", 20, runs_of_a_snapshot),
    ("models of a run", 64, models),
    ("meetings", 10, meetings),
    ("people of a meeting", 1_000, people),
    ("alerts that are told apart", 500, alerts),
    ("groups of alerts", 200, alert_groups),
];

#[test]
fn each_limit_holds_one_less_than_it_itself_and_no_more() {
    for (name, limit, fill) in LIMITS {
        for (count, kept) in [(limit - 1, limit - 1), (limit, limit), (limit + 1, limit)] {
            assert_eq!(fill(count), (kept, count - kept), "{name}: {count}");
        }
    }
}

#[test]
fn a_text_is_cut_at_its_limit_and_an_id_beyond_it_is_none() {
    // What is cut ends with a sign of it.
    let kept =
        |text: Option<Text>| text.map(|text| text.as_str().trim_end_matches('…').chars().count());
    let of = |length: usize| "ä".repeat(length);
    for (length, name, message, id) in [
        (63, 63, 63, true),
        // 128 bytes.
        (64, 64, 64, true),
        (65, 65, 65, false),
        (1_023, 1_023, 1_023, false),
        (1_024, 1_024, 1_024, false),
        (1_025, 1_024, 1_025, false),
        (2_047, 1_024, 2_047, false),
        (2_048, 1_024, 2_048, false),
        (2_049, 1_024, 2_048, false),
    ] {
        assert_eq!(kept(Text::name(&of(length))), Some(name), "{length}");
        assert_eq!(kept(Text::message(&of(length))), Some(message), "{length}");
        assert_eq!(MediaId::new(&of(length)).is_some(), id, "{length}");
        assert_eq!(ModelId::new(&of(length)).is_some(), id, "{length}");
    }
}

fn media_of_a_list(count: u32) -> (u32, u32) {
    let names = numbered_names(count);
    let mut scene = Scene::new(Rules::default());

    scene.fetch_list(&strs(&names), vec![]);

    assert_eq!(
        scene.store.list().next(),
        Some(&key(&names[0])),
        "the newest stays"
    );
    (n(scene.store.list().count()), evicted(&scene))
}

fn ghosts(count: u32) -> (u32, u32) {
    let mut scene = known();
    for name in numbered_names(count) {
        scene.say([media(&name, MediaFields::default())]);
    }

    // So many are not asked for one by one.
    assert_eq!(scene.asks(), [Scope::List]);
    assert!(
        scene.store.summary(&key("m")).is_some(),
        "the named one stays"
    );
    (n(scene.store.list().count()) - 1, evicted(&scene))
}

fn tombstones(count: u32) -> (u32, u32) {
    let names = numbered_names(count);
    let mut scene = Scene::new(Rules::default());
    scene.fetch_list(&strs(&names), vec![]);
    scene.fetch_list(&[], vec![]);

    for name in &names {
        scene.say([media(name, MediaFields::default())]);
    }

    let came_back = n(scene.store.list().count());
    if came_back > 0 {
        assert_eq!(scene.store.list().next(), Some(&key(&names[0])));
    }
    (count - came_back, came_back)
}

/// Of each of ten media, as many words without a run as a run has room for models.
fn parked(count: u32) -> (u32, u32) {
    let names = numbered_names(10);
    let run = |number: u32, status| numbered(&format!("r{number}"), number, status);
    let of_all = |facts: &[Fact]| {
        let all = names
            .iter()
            .flat_map(|name| facts.iter().map(move |fact| of(fact, name)));
        all.collect::<Vec<_>>()
    };
    let ended = [
        run(1, Declared::Done),
        completed("r1", "a", 4., Label::Real),
    ];
    let mut scene = Scene::new(Rules::default());
    scene.fetch_list(&strs(&names), of_all(&ended));
    let now = scene.at();
    scene.store.snapshot_requested(SERVER, &Scope::List, now);
    for index in 0..count {
        let word = completed("", &format!("model {}", index / 10), 30., Label::Fake);
        scene.say([of(&word, &names[index as usize % 10])]);
    }

    scene.answer_list(&strs(&names), of_all(&[run(2, Declared::Processing)]));

    let shown = names
        .iter()
        .filter_map(|name| scene.store.media(&key(name), scene.at())?.run);
    let kept = shown.map(|run| n(run.models.len())).sum();
    (kept, u32::try_from(scene.store.counters().dropped).unwrap())
}

fn runs(count: u32) -> (u32, u32) {
    let mut scene = Scene::new(Rules::default());
    for number in 1..=count {
        scene.say([numbered(
            &format!("r{number}"),
            number,
            Declared::Processing,
        )]);
    }
    assert_eq!(scene.run().number, Some(count));
    let left_out = evicted(&scene);
    (known_runs(scene, count), left_out)
}

fn runs_of_a_snapshot(count: u32) -> (u32, u32) {
    let mut scene = Scene::new(Rules::default());
    let runs =
        (1..=count).map(|number| numbered(&format!("r{number}"), number, Declared::Processing));
    scene.fetch(runs.collect());
    assert_eq!(scene.run().number, Some(count));
    let left_out = evicted(&scene);
    (known_runs(scene, count), left_out)
}

/// How many of the newest runs are known: of another it is asked.
fn known_runs(mut scene: Scene, newest: u32) -> u32 {
    scene.asks();
    let is_known = |number: &u32| {
        scene.say([started(&format!("r{number}"), "a", 1.)]);
        scene.asks().is_empty()
    };
    n((1..=newest).rev().take_while(is_known).count())
}

fn models(count: u32) -> (u32, u32) {
    let mut scene = Scene::new(Rules::default());
    for name in numbered_names(count) {
        scene.say([queued("r", &name, 1.)]);
    }
    let dropped = u32::try_from(scene.store.counters().dropped).unwrap();
    (n(scene.run().models.len()), dropped)
}

fn meetings(count: u32) -> (u32, u32) {
    let mut scene = Scene::new(Rules::default());
    let now = scene.at();
    let opened = numbered_names(count)
        .iter()
        .filter(|name| scene.store.open_meeting(room(name), now))
        .count();
    assert_eq!(scene.store.meetings().count(), opened);
    (n(opened), count - n(opened))
}

fn people(count: u32) -> (u32, u32) {
    let mut scene = in_a_meeting();
    for name in numbered_names(count) {
        let participant = ParticipantId::new(&name).unwrap();
        scene.say([said(MeetingSaid::ParticipantJoined {
            participant,
            name: None,
        })]);
    }
    let view = scene.store.meeting(&room("r"), scene.at()).unwrap();
    (n(view.participants.len()), evicted(&scene))
}

/// One that is told again counts once more only if it is not known any more.
fn alerts(count: u32) -> (u32, u32) {
    let mut scene = in_a_meeting();
    for index in 0..count {
        scene.say([said(alert(index, "voice"))]);
    }
    let before = counted(&scene);
    assert_eq!(before, count);
    scene.say([said(alert(0, "voice"))]);

    let forgotten = counted(&scene) - before;
    (count - forgotten, forgotten)
}

fn alert_groups(count: u32) -> (u32, u32) {
    let mut scene = in_a_meeting();
    for index in 0..count {
        scene.say([said(alert(index, &format!("type {index}")))]);
    }
    let view = scene.store.meeting(&room("r"), scene.at()).unwrap();
    (n(view.alerts.len()), view.alerts_removed)
}

fn counted(scene: &Scene) -> u32 {
    let view = scene.store.meeting(&room("r"), scene.at()).unwrap();
    let counts = view.alerts.iter().map(|row| match row {
        AlertRow::Group(group) => group.count,
        AlertRow::Gap { .. } => 0,
    });
    counts.sum()
}

fn in_a_meeting() -> Scene {
    let mut scene = Scene::new(Rules::default());
    let now = scene.at();
    scene.store.open_meeting(room("r"), now);
    scene.say([said(MeetingSaid::Joined(Some(Vec::new())))]);
    scene
}

fn said(said: MeetingSaid) -> Fact {
    Fact::Meeting {
        meeting: MeetingId::new("r"),
        at: Some(stamp(1.)),
        said,
    }
}

fn alert(index: u32, kind: &str) -> MeetingSaid {
    MeetingSaid::Alert(AlertSaid {
        id: Text::name(&index.to_string()),
        participant: None,
        severity: Severity::Low,
        other_severity: None,
        kind: Text::name(kind),
        message: None,
        confidence: None,
        advice: None,
        is_simulated: false,
    })
}

fn room(name: &str) -> MeetingKey {
    let id = MeetingId::new(name).expect("a short name");
    MeetingKey { source: SERVER, id }
}

/// The same fact about another media.
fn of(fact: &Fact, name: &str) -> Fact {
    let mut fact = fact.clone();
    if let Fact::Run { media, .. } | Fact::Model { media, .. } = &mut fact {
        *media = id(name);
    }
    fact
}

fn numbered_names(count: u32) -> Vec<String> {
    (0..count).map(|index| format!("{index:04}")).collect()
}

fn strs(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

fn evicted(scene: &Scene) -> u32 {
    u32::try_from(scene.store.counters().evicted).unwrap()
}

fn n(count: usize) -> u32 {
    u32::try_from(count).unwrap()
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
