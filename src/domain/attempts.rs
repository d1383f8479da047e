//! When a failed attempt was the last: the smallest scenes.

use super::fact::{Fact, ModelSaid, RunRef};
use super::scene::*;
use super::view::Change;
use super::ModelId;
use crate::domain::Rules;

#[test]
fn an_attempt_is_awaited_while_the_server_works_on_other_media_and_for_so_long() {
    // How long the other media are worked on, and when nobody waits any more.
    for (busy, ends) in [(0, 60), (50, 110), (300, 360), (890, 950), (3600, 960)] {
        for rules in [Rules::default(), VIDEO] {
            let run = if rules.has_run_ids { "r" } else { "" };
            let mut scene = Scene::new(rules);
            scene.say([model(run, "v", None, attempt_failed())]);
            let mut changes = Vec::new();
            for second in 1..=4000 {
                changes.extend(scene.pass(1.));
                if second % 10 == 0 && second <= busy {
                    scene.say([of_another()]);
                }
                let expected = if second < ends { "retrying" } else { "failed" };
                assert_eq!(
                    scene.state("v"),
                    expected,
                    "{busy} s of work, after {second} s"
                );
            }
            let of_m = changes.iter().filter(
                |change| matches!(change, Change::Media { key: of, .. } if *of == key("m")),
            );
            assert_eq!(of_m.count(), 1, "{busy}");
        }
    }
}

#[test]
fn a_media_that_is_uploaded_is_no_work() {
    let mut scene = Scene::new(Rules::default());
    scene.say([model("r", "v", None, attempt_failed())]);
    for _ in 0..6 {
        scene.pass(10.);
        scene.say([of_other(ModelSaid::Queued)]);
    }
    assert_eq!(scene.state("v"), "failed");
}

fn attempt_failed() -> ModelSaid {
    ModelSaid::Failed {
        error: None,
        is_final: false,
    }
}

fn of_another() -> Fact {
    of_other(ModelSaid::Started)
}

fn of_other(said: ModelSaid) -> Fact {
    Fact::Model {
        media: id("other"),
        run: RunRef::Open,
        model: ModelId::new("v").expect("a short name"),
        at: None,
        said,
    }
}
