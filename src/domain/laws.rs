//! The laws of the store, for any facts in any order: what keeps duplicates, reordering, loss and lies of timing from
//! changing what is shown. Those of the toasts are in `toast::laws`, those of payloads in `tests/payloads.rs`.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

use super::fact::{Declared, Fact, Label, MediaFields, MediaKind, ModelSaid, RunFields, Scope};
use super::scene::*;
use super::view::{Change, MediaView, ModelState, Status};
use super::{Rules, Source, Text};

mod earlier;
mod limits;
mod meetings;

/// Each law is tried in so many cases, the same ones each time; `PROPTEST_CASES` asks for more of them, and
/// `PROPTEST_RNG_SEED` for others.
pub(crate) fn lawful() -> Config {
    let asked = Config::default();
    Config {
        cases: asked.cases.max(10_000),
        rng_seed: match asked.rng_seed {
            RngSeed::Random => RngSeed::Fixed(2031),
            fixed @ RngSeed::Fixed(_) => fixed,
        },
        failure_persistence: None,
        ..asked
    }
}

proptest! {
    #![proptest_config(lawful())]

    // L1: idempotent.
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

    // L2: commutative, where facts name their run.
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

    // L2, where runs have no ids but events have times.
    #[test]
    fn an_interview_does_not_depend_on_the_order_either(
        (facts, shuffled) in facts(false).prop_flat_map(|facts| {
            (Just(facts.clone()), Just(facts).prop_shuffle())
        }),
    ) {
        let (mut one, mut other) = (Scene::new(INTERVIEW), Scene::new(INTERVIEW));
        one.say(facts);
        other.say(shuffled);
        prop_assert_eq!(unordered(one.view()), unordered(other.view()));
    }

    // L2, where a media has one run and events have no times.
    #[test]
    fn a_video_does_not_depend_on_the_order_either(
        (facts, shuffled) in facts(false).prop_flat_map(|facts| {
            let facts: Vec<_> = facts.into_iter().map(without_time).collect();
            (Just(facts.clone()), Just(facts).prop_shuffle())
        }),
    ) {
        let (mut one, mut other) = (Scene::new(VIDEO), Scene::new(VIDEO));
        one.say(facts);
        other.say(shuffled);
        prop_assert_eq!(unordered(one.view()), unordered(other.view()));
    }

    // L3: associative.
    #[test]
    fn however_it_is_cut_into_batches_a_story_is_the_same(
        facts in facts(true), cuts in proptest::collection::vec(1..9usize, 1..9),
    ) {
        let (mut whole, mut parts) = (known(), known());
        whole.say(facts.clone());
        let mut rest = facts.as_slice();
        for size in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (batch, others) = rest.split_at(rest.len().min(*size));
            parts.say(batch.to_vec());
            rest = others;
        }
        prop_assert_eq!(whole.view(), parts.view());
        prop_assert_eq!(whole.summary(), parts.summary());
    }

    // L4: monotone without a snapshot.
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
                let is_undone = old.status.is_ended() && new.status == Status::Cancelled;
                prop_assert!(
                    new.percent >= old.percent || is_retry || is_reopened || is_undone,
                    "{:?}: {:?} to {:?}", fact, old.percent, new.percent
                );
            }
            before = after;
        }
    }

    // L6: convergence.
    #[test]
    fn a_quiet_snapshot_makes_the_view_the_servers(
        steps in proptest::collection::vec((fact(true), 0..12u8), 0..40),
        ends in proptest::collection::vec(0..3u8, 6),
        end in prop_oneof![Just(Declared::Done), Just(Declared::Cancelled)],
    ) {
        let mut truth = vec![numbered("r1", 1, end), numbered("r2", 2, end)];
        for (index, end) in ends.iter().enumerate() {
            let run = ["r1", "r2"][index % 2];
            let name = ["a", "b", "c"][index / 2];
            let row = match end {
                0 => failed(run, name, 99.),
                1 => completed(run, name, 99., Label::Fake),
                _ => cancelled(run, name, 99.),
            };
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

    // L5: absorbing.
    #[test]
    fn nothing_that_ranks_lower_changes_a_run_whose_end_is_confirmed(
        ends in proptest::collection::vec(0..3u8, 3),
        is_run_cancelled in any::<bool>(),
        rules in prop_oneof![Just(Rules::default()), Just(VIDEO)],
        late in proptest::collection::vec((0..7u8, 0..3usize, 0..40u8), 1..30),
    ) {
        let run = if rules.has_run_ids { "r1" } else { "" };
        let names = ["a", "b", "c"];
        let rows = names.iter().zip(&ends).map(|(name, end)| match end {
            0 => failed(run, name, 30.),
            1 => completed(run, name, 30., Label::Fake),
            _ => cancelled(run, name, 30.),
        });
        let end = match ends.iter().filter(|end| **end == 1).count() {
            _ if is_run_cancelled => Declared::Cancelled,
            0 => Declared::Failed,
            3 => Declared::Done,
            _ => Declared::Partial,
        };
        let mut scene = Scene::new(rules);
        scene.fetch(rows.chain([declared(run, Some(31.), end)]).collect());
        let (before, summary) = (scene.view(), scene.summary().clone());
        prop_assert!(summary.status.is_ended());

        for (what, index, at) in late {
            let (name, at) = (names[index], f64::from(at) * 1.5);
            let fact = match what {
                0 => queued(run, name, at),
                1 => started(run, name, at),
                2 => progress(run, name, at, at),
                // A failure tells of a model that was cancelled what became of its last attempt.
                3 if ends[index] == 1 => failed(run, name, at),
                // A stand-in that the server does not list.
                3 | 4 => progress(run, "other", at, at),
                5 => declared(run, Some(at), [Declared::Queued, Declared::Processing, Declared::FailureReported][index]),
                _ => expects(run, 9),
            };
            let changes = scene.say([fact.clone()]);
            let is_seen = changes.iter().any(|change| matches!(change, Change::Media { .. } | Change::List));
            prop_assert!(!is_seen, "{:?}: {:?}", fact, changes);
            prop_assert_eq!(scene.summary(), &summary);
            prop_assert_eq!(ended(scene.view()), ended(before.clone()), "{:?}", fact);
        }
    }

    // L7: no lost update.
    #[test]
    fn what_arrives_after_the_request_is_in_the_view_after_the_answer(
        before in facts(true), after in facts(false), answer in facts(false), is_list in any::<bool>(),
    ) {
        let mut scene = known();
        scene.say(before);
        let mut rows = vec![numbered("r1", 1, Declared::Queued), numbered("r2", 2, Declared::Queued)];
        rows.extend(answer);
        if is_list {
            let now = scene.at();
            scene.store.snapshot_requested(SERVER, &Scope::List, now);
        } else {
            scene.request();
        }
        scene.say(after.clone());
        if is_list {
            scene.answer_list(&["m"], rows);
        } else {
            scene.answer(rows);
        }

        // What is known already is no news.
        let shown = match scene.run().number {
            Some(1) => Some(run_ref("r1")),
            Some(2) => Some(run_ref("r2")),
            _ => None,
        };
        for fact in after {
            if let Fact::Model { run, model, said: ModelSaid::Completed(_), .. } = &fact {
                let is_shown = shown.as_ref() == Some(run);
                prop_assert!(!is_shown || scene.state(model.as_str()) == "completed", "{:?}", fact);
            }
            let changes = scene.say([fact.clone()]);
            prop_assert!(changes.is_empty(), "{:?}: {:?}", fact, changes);
        }
    }

    // L8: a snapshot is idempotent.
    #[test]
    fn the_same_snapshot_once_more_changes_nothing(
        facts in facts(true), snapshot in facts(false),
    ) {
        let mut scene = known();
        scene.say(facts);
        // The first may be doubted.
        scene.fetch(snapshot.clone());
        scene.fetch(snapshot.clone());
        let before = scene.view();

        let changes = scene.fetch(snapshot);
        prop_assert!(changes.is_empty(), "{:?}", changes);
        prop_assert_eq!(scene.view(), before);
    }

    // L8: single flight; the answer to an older request or to a former user is none.
    #[test]
    fn only_the_answer_that_is_waited_for_is_taken(
        steps in proptest::collection::vec((0..6u8, any::<bool>(), facts(false)), 1..20),
    ) {
        let mut scene = known();
        // By scope, list or media: the number of the request under way. And that of the last answer taken.
        let mut flights = [None, None];
        let (mut last, mut taken) = (0, 0);
        for (what, is_list, facts) in steps {
            let scope = if is_list { Scope::List } else { Scope::Media(id("m")) };
            let flight = &mut flights[usize::from(is_list)];
            let is_known = scene.store.summary(&key("m")).is_some();
            let before = (is_known.then(|| scene.view()), scene.asks());
            let now = scene.at();
            match what {
                0 | 1 => {
                    scene.store.snapshot_requested(SERVER, &scope, now);
                    if flight.is_none() {
                        last += 1;
                        *flight = Some(last);
                    }
                }
                2 => {
                    scene.store.snapshot_failed(SERVER, &scope);
                    let is_waiting = flight.take().is_some();
                    prop_assert_eq!(scene.asks(), Vec::from_iter(is_waiting.then_some(scope)));
                }
                3 if facts.len() < 3 => {
                    scene.store.forget(SERVER);
                    flights = [None, None];
                    prop_assert!(scene.store.list().next().is_none());
                    continue;
                }
                3 => {
                    scene.say(facts);
                    continue;
                }
                _ => {
                    let stale = scene.store.counters().stale;
                    let request = flight.take();
                    let changes = match is_list {
                        true => scene.answer_list(&["m"], facts),
                        false => scene.answer(facts),
                    };
                    let is_taken = request.is_some_and(|request| !is_known || request > taken);
                    prop_assert_eq!(scene.store.counters().stale, stale + u64::from(!is_taken));
                    if is_taken {
                        taken = request.unwrap_or_default();
                        continue;
                    }
                    prop_assert!(changes.is_empty(), "{:?}", changes);
                }
            }
            let is_known = scene.store.summary(&key("m")).is_some();
            prop_assert_eq!(is_known.then(|| scene.view()), before.0);
        }
    }

    // L9: absent is not null.
    #[test]
    fn a_field_that_is_left_out_takes_nothing_away(
        said in proptest::collection::vec((proptest::option::of(0..9u8), 0..32u8, 0..4u8), 1..12),
    ) {
        let mut scene = known();
        let mut known: [Option<(Option<u8>, u8)>; 5] = [None; 5];
        for (at, present, value) in said {
            let has = |field: u8| present & (1 << field) != 0;
            let fields = MediaFields {
                name: has(0).then(|| name_of(value)),
                kind: has(1).then(|| kind_of(value)),
                bytes: has(2).then(|| u64::from(value)),
                created: has(3).then(|| stamp(f64::from(value))),
                ..MediaFields::default()
            };
            let number = has(4).then(|| u32::from(value) + 2);
            let at_stamp = at.map(|at| stamp(f64::from(at)));
            scene.say([
                Fact::Media { media: id("m"), at: at_stamp, fields },
                run("r2", at.map(f64::from), RunFields { expected: number, ..RunFields::default() }),
            ]);
            for (field, known) in (0..).zip(&mut known).take(4) {
                // The latest by the server's clock; of those of one time, the greater.
                *known = (*known).max(has(field).then_some((at, value)));
            }
            known[4] = known[4].max(has(4).then_some((None, value + 2)));

            let view = scene.view();
            let value = |field: usize| known[field].map(|(_, value)| value);
            prop_assert_eq!(view.name, value(0).map(name_of));
            prop_assert_eq!(view.kind, value(1).map(kind_of));
            prop_assert_eq!(view.bytes, value(2).map(u64::from));
            prop_assert_eq!(view.created, value(3).map(|value| stamp(f64::from(value))));
            prop_assert_eq!(view.run.map(|run| run.expected), Some(value(4).map_or(0, u32::from)));
        }
    }

    // L10: reruns.
    #[test]
    fn what_is_said_of_an_older_run_does_not_show(
        newer in proptest::collection::vec(fact_of(1..2), 1..20),
        older in proptest::collection::vec(fact_of(0..1), 1..20),
    ) {
        let mut scene = known();
        scene.say(newer);
        let (before, summary) = (unordered(scene.view()), scene.summary().clone());

        for fact in older {
            let changes = scene.say([fact.clone()]);
            prop_assert!(changes.is_empty(), "{:?}: {:?}", fact, changes);
        }
        prop_assert_eq!(unordered(scene.view()), before);
        prop_assert_eq!(scene.summary(), &summary);
    }

    // L10: only the number orders runs.
    #[test]
    fn the_run_with_the_greatest_number_is_shown_whenever_it_was_heard_of(
        runs in proptest::collection::btree_map(1..99u32, proptest::option::of(0..99u8), 1..12)
            .prop_flat_map(|runs| Just(Vec::from_iter(runs)).prop_shuffle()),
    ) {
        let mut scene = Scene::new(Rules::default());
        let mut greatest = 0;
        for (number, began) in runs {
            scene.say([run(&format!("r{number}"), None, RunFields {
                number: Some(number),
                declared: Some(Declared::Processing),
                created: began.map(|began| stamp(f64::from(began))),
                ..RunFields::default()
            })]);

            greatest = greatest.max(number);
            prop_assert_eq!(scene.run().number, Some(greatest));
        }
    }

    // L11: isolation of media and of servers, and so of those who are signed in to them.
    #[test]
    fn what_is_said_of_one_media_leaves_others_alone(
        mine in facts(true), others in facts(true), is_elsewhere in any::<bool>(),
    ) {
        let mut alone = known();
        alone.say(mine.clone());
        let mut crowded = known();
        crowded.store.add_source(ELSEWHERE, Rules::default());
        let now = crowded.at();
        let interrupt = |crowded: &mut Scene, fact: Option<Fact>| match is_elsewhere {
            true => crowded.store.apply(ELSEWHERE, Vec::from_iter(fact), now),
            false => crowded.say(fact.map(of_another_media)),
        };
        let mut others = others.into_iter();
        for fact in mine {
            crowded.say([fact]);
            let changes = interrupt(&mut crowded, others.next());
            let is_mine = |change: &Change| matches!(
                change, Change::Media { key: changed, .. } | Change::Details(changed) if *changed == key("m")
            );
            prop_assert!(!changes.iter().any(is_mine), "{:?}", changes);
        }
        for fact in others {
            interrupt(&mut crowded, Some(fact));
        }
        // Its clock is the server's, which all media share.
        prop_assert_eq!(unordered(alone.view()), unordered(crowded.view()));
        prop_assert_eq!(alone.summary(), crowded.summary());
        if is_elsewhere {
            prop_assert_eq!(alone.view(), crowded.view());
            crowded.store.forget(ELSEWHERE);
            prop_assert_eq!(alone.view(), crowded.view());
        }
    }

    // L15: determinism.
    #[test]
    fn the_same_story_makes_the_same_store(facts in facts(true)) {
        let (mut one, mut other) = (known(), known());
        one.say(facts.clone());
        other.say(facts);
        prop_assert_eq!(format!("{:?}", one.store), format!("{:?}", other.store));
    }
}

#[test]
fn the_list_is_newest_first_across_servers() {
    let mut scene = Scene::new(Rules::default());
    let other = ELSEWHERE;
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
    assert!(changes.contains(&Change::List));
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

const ELSEWHERE: Source = Source(1);

/// A store that knows the media and the numbers of its runs.
pub(crate) fn known() -> Scene {
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

fn fact(with_open: bool) -> impl Strategy<Value = Fact> {
    fact_of(if with_open { 0..3 } else { 0..2 })
}

/// Anything about some of two runs (the third is one that is not named) of three models, at any of 12 times.
pub(crate) fn fact_of(runs: std::ops::Range<usize>) -> impl Strategy<Value = Fact> {
    (runs, 0..3usize, 0..12u8, 0..11u8).prop_map(|(run, name, at, what)| {
        let run = ["r1", "r2", ""][run];
        let name = ["a", "b", "c"][name];
        let at = f64::from(at) * 1.5;
        match what {
            0 => queued(run, name, at),
            1 | 2 => started(run, name, at),
            3 => failed(run, name, at),
            4 => failed_in(run, name, at, Some(if at < 9.0 { 1 } else { 3 })),
            5 => completed(run, name, at, Label::Fake),
            6 => declared(run, Some(at), Declared::Done),
            7 => expects(run, 4),
            8 => declared(run, Some(at), Declared::Cancelled),
            9 => cancelled(run, name, at),
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

/// A server that says no times.
fn without_time(mut fact: Fact) -> Fact {
    if let Fact::Run { at, .. } | Fact::Model { at, .. } = &mut fact {
        *at = None;
    }
    fact
}

fn name_of(value: u8) -> Text {
    Text::name(&format!("name {value}")).expect("it is not empty")
}

fn kind_of(value: u8) -> MediaKind {
    [MediaKind::Video, MediaKind::Image, MediaKind::Audio][usize::from(value.min(2))]
}

/// What of a run stays as it is once it has ended: all but how often its models were begun, and when first, which late
/// words may complete.
fn ended(mut view: MediaView) -> MediaView {
    if let Some(run) = &mut view.run {
        run.started = None;
        run.elapsed = None;
        for model in &mut run.models {
            model.attempt = 0;
            model.elapsed = None;
        }
    }
    view
}

/// Without what depends on the order by design: the order of the models, the highest percentage that was shown, the
/// number of runs seen, and times by the clock and the pace that are learnt on the way.
fn unordered(mut view: MediaView) -> MediaView {
    view.earlier_runs = 0;
    if let Some(run) = &mut view.run {
        run.percent = run.percent.map(|_| 0);
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
        ModelState::NoResult | ModelState::Cancelled => 2,
        ModelState::Failed { .. } => 3,
        ModelState::Completed { .. } => 4,
    }
}

fn failures(state: &ModelState) -> u32 {
    u32::from(matches!(state, ModelState::Retrying { .. }))
}
