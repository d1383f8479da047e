//! The laws of the runs before the one that is shown.

use proptest::prelude::*;

use super::{fact_of, facts, known, lawful};
use crate::domain::view::{EarlierRuns, Status};

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

fn numbers(earlier: &EarlierRuns) -> Vec<Option<u32>> {
    earlier.runs.iter().map(|run| run.number).collect()
}
