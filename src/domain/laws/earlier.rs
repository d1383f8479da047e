//! The laws of the runs before the one that is shown.

use proptest::prelude::*;

use super::{fact_of, facts, known, lawful};
use crate::domain::fact::{Declared, Fact, Label, ModelSaid, RunRef};
use crate::domain::scene::*;
use crate::domain::view::{EarlierRuns, ModelState, Status};
use crate::domain::Rules;

proptest! {
    #![proptest_config(lawful())]

    #[test]
    fn what_is_said_of_the_newest_run_leaves_the_earlier_ones_alone(
        older in proptest::collection::vec(fact_of(0..1), 1..20),
        newer in proptest::collection::vec(fact_of(1..2), 1..20),
    ) {
        let mut scene = known();
        scene.say(older);
        let before = scene.earlier();
        prop_assert_eq!(before.runs.len(), 1);

        for fact in newer {
            scene.say([fact.clone()]);
            let runs = scene.earlier().runs;
            prop_assert_eq!(runs.last(), before.runs.last(), "{:?}", fact);
        }
        scene.pass(300.);
        prop_assert_eq!(scene.earlier().runs.pop(), before.runs.last().cloned());
    }

    // The words that name no run are of the newest, once that has begun and the one before it has ended.
    #[test]
    fn what_names_no_run_leaves_one_alone_that_has_ended(
        ends in proptest::collection::vec(0..3u8, 3),
        newer in proptest::collection::vec(fact_of(1..3), 1..20),
    ) {
        let mut scene = known();
        for (name, end) in ["a", "b", "c"].iter().zip(ends) {
            scene.say([started("r1", name, 1.)]);
            scene.say(match end {
                0 => vec![completed("r1", name, 5.2, Label::Real)],
                1 => vec![cancelled("r1", name, 5.2)],
                _ => vec![failed("r1", name, 2.2), failed("r1", name, 4.7), failed("r1", name, 7.2)],
            });
        }
        scene.say([declared("r1", Some(7.2), Declared::Partial), started("r2", "a", 10.)]);
        let before = scene.earlier();
        prop_assert!(before.runs.iter().all(|run| run.status.is_ended()), "{:?}", before);

        for fact in newer {
            scene.say([fact.clone()]);
            let runs = scene.earlier().runs;
            prop_assert_eq!(runs.last(), before.runs.last(), "{:?}", fact);
        }
    }

    // A guess is never that a run behind another is at work.
    #[test]
    fn work_that_names_no_run_is_not_shown_in_one_that_waits_behind_another(
        facts in proptest::collection::vec((fact_of(0..1), any::<bool>()), 1..30),
        is_first_known in any::<bool>(),
        answers in proptest::collection::vec(any::<bool>(), 30),
    ) {
        let rows = || {
            let first = is_first_known.then(|| numbered("r1", 1, Declared::Processing));
            first.into_iter().chain([numbered("r2", 2, Declared::Queued)]).collect::<Vec<_>>()
        };
        let mut scene = Scene::new(Rules::default());
        scene.fetch(rows());
        for ((fact, is_named), is_answer) in facts.into_iter().zip(answers) {
            // What begins a run, or ends it at once, is of one that waits where none before it is at work.
            let begins = match &fact {
                Fact::Model { said, .. } => *said == ModelSaid::Started,
                Fact::Run { fields, .. } => fields.declared == Some(Declared::Cancelled),
                _ => false,
            };
            // Where the first is not known, whatever says so with its id names it.
            let is_named = is_named && is_first_known;
            if is_named || !begins {
                scene.say([if is_named { fact.clone() } else { without_run(fact.clone()) }]);
            }
            if is_answer {
                scene.fetch(rows());
            }
            let (run, status) = (scene.run(), scene.status());
            prop_assert_eq!((run.number, status, run.percent), (Some(2), Status::Queued, Some(0)), "{:?}", fact);
            let waits = |state: &ModelState| *state == ModelState::Queued;
            prop_assert!(run.models.iter().all(|model| waits(&model.state)), "{:?}", run.models);
        }
    }

    #[test]
    fn nothing_in_an_earlier_run_is_under_way(
        facts in facts(true), snapshot in facts(false), is_fetched in any::<bool>(),
    ) {
        let mut scene = known();
        scene.say(facts);
        if is_fetched {
            scene.fetch(snapshot);
        }
        for run in scene.earlier().runs {
            let is_known = run.status.is_ended();
            prop_assert!(is_known || run.status == Status::Unknown, "{:?}", run);
            let is_through = is_known && run.status != Status::Cancelled;
            prop_assert_eq!(run.percent == Some(100), is_through);
            prop_assert!(is_known || (run.ended.is_none() && run.elapsed.is_none()), "{:?}", run);
            prop_assert!(run.left.is_none() && !run.is_confirming);
            for model in run.models {
                prop_assert!(model.state.is_ended(), "{:?}", model);
                prop_assert!(model.left.is_none() && model.silent_for.is_none() && model.doing.is_none());
            }
        }
    }

    #[test]
    fn earlier_runs_do_not_depend_on_the_order_of_arrival(
        (facts, shuffled) in facts(false).prop_flat_map(|facts| {
            (Just(facts.clone()), Just(facts).prop_shuffle())
        }),
    ) {
        let (mut one, mut other) = (known(), known());
        one.say(facts);
        other.say(shuffled);
        prop_assert_eq!(numbers(&one.earlier()), [Some(1)]);
        prop_assert_eq!(one.earlier(), other.earlier());
    }
}

fn without_run(mut fact: Fact) -> Fact {
    if let Fact::Run { run, .. } | Fact::Model { run, .. } = &mut fact {
        *run = RunRef::Open;
    }
    fact
}

fn numbers(earlier: &EarlierRuns) -> Vec<Option<u32>> {
    earlier.runs.iter().map(|run| run.number).collect()
}
