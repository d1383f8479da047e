//! L14: the end of a run is told once, for any facts, snapshots and silences in any order.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Body, Card, Policy, Saying};
use crate::domain::fact::Declared;
use crate::domain::laws::{fact_of, known, lawful};
use crate::domain::scene::numbered;
use crate::domain::Change;

proptest! {
    #![proptest_config(lawful())]

    #[test]
    fn each_end_that_is_seen_is_shown_and_said_once(
        steps in proptest::collection::vec((fact_of(0..3), 0..16u8), 1..40),
    ) {
        let mut scene = known();
        let mut policy = Policy::new();
        // By the number that tells runs apart: whether it had ended when it was first seen, and how often its end was
        // shown and said.
        let mut runs = BTreeMap::<u32, (bool, u32, u32)>::new();
        for (fact, what) in steps {
            let changes = match what {
                0 => scene.fetch(vec![numbered("r2", 2, Declared::Done)]),
                1 => scene.fetch(vec![fact, numbered("r1", 1, Declared::Done)]),
                2 => scene.pass(20.),
                _ => scene.say([fact]),
            };
            for change in changes {
                let Change::Media { before, after: Some(after), .. } = &change else {
                    continue;
                };
                let decision = policy.decide(&change);

                let was_ended = before.is_none() && after.status.is_ended();
                let (_, shown, said) = runs.entry(after.run).or_insert((was_ended, 0, 0));
                if let Some(Card::Show(notice)) = &decision.card {
                    *shown += u32::from(matches!(notice.body, Body::Ended(_)));
                }
                *said += u32::from(matches!(decision.saying, Some((_, Saying::Ended(..)))));
                let (was_ended, shown, said) = runs[&after.run];
                prop_assert_eq!(shown, said, "{:?}", change);
                prop_assert!(shown <= 1, "{:?}", change);
                prop_assert!(shown == 1 || was_ended || !after.status.is_ended(), "{:?}", change);
            }
        }
    }
}
