//! Which changes are shown and said, in tables.

use super::*;
use crate::domain::{ModelId, Source};
use crate::toast::scene::{self, group_view, media_key, meeting_key};

use Status::{Cancelled, Complete, Failed, PartlyComplete, Queued, Running, Unknown};

#[test]
fn a_media_has_a_card_from_its_start_to_its_end() {
    let run = |status| Some(summary(status, 1, 10));
    for (before, after, tone, action) in [
        (None, run(Unknown), None, None),
        (None, run(Queued), Some(Tone::Progress), None),
        (None, run(Running), Some(Tone::Progress), None),
        (run(Queued), run(Running), Some(Tone::Progress), None),
        (
            run(Running),
            run(Complete),
            Some(Tone::Ok),
            Some(Action::View),
        ),
        (
            run(Running),
            run(PartlyComplete),
            Some(Tone::Warn),
            Some(Action::View),
        ),
        (
            run(Running),
            run(Failed),
            Some(Tone::Bad),
            Some(Action::Retry),
        ),
        (
            run(Running),
            run(Cancelled),
            Some(Tone::Info),
            Some(Action::View),
        ),
        (
            run(Unknown),
            run(Complete),
            Some(Tone::Ok),
            Some(Action::View),
        ),
        (None, run(Complete), None, None),
        (None, run(Failed), None, None),
        (run(Running), None, None, None),
    ] {
        let change = media(before.clone(), after.clone());

        let notice = notice_for(&change);

        assert_eq!(
            notice.as_ref().map(|notice| notice.tone),
            tone,
            "{change:?}"
        );
        assert_eq!(
            notice.and_then(|notice| notice.action),
            action,
            "{change:?}"
        );
    }
}

#[test]
fn a_warning_is_shown_by_its_own_severity_whatever_came_before() {
    for (severity, worst, tone, action, stays) in [
        (
            Severity::Critical,
            Severity::Critical,
            Tone::Bad,
            Some(Action::Acknowledge),
            None,
        ),
        (
            Severity::High,
            Severity::Critical,
            Tone::Bad,
            Some(Action::Acknowledge),
            None,
        ),
        (Severity::Medium, Severity::High, Tone::Warn, None, Some(10)),
        (Severity::Low, Severity::High, Tone::Info, None, Some(5)),
        (
            Severity::Unknown,
            Severity::Unknown,
            Tone::Info,
            None,
            Some(5),
        ),
    ] {
        let notice = notice_for(&alert(severity, worst)).unwrap();

        assert_eq!(notice.tone, tone, "{severity:?}");
        assert_eq!(notice.action, action, "{severity:?}");
        assert_eq!(notice.stays, stays.map(Duration::from_secs), "{severity:?}");
    }
}

#[test]
fn lists_details_and_meetings_are_neither_shown_nor_said() {
    for change in [
        Change::List,
        Change::Details(media_key("m1")),
        Change::Meeting(meeting_key()),
    ] {
        assert_eq!(Policy::new().decide(&change), Decision::default());
    }
}

#[test]
fn no_quarter_is_said_of_a_run_before_anybody_knows_how_many_models_it_has() {
    for (before, after) in [(None, None), (None, Some(60)), (Some(10), None)] {
        let of = |percent| Summary {
            percent,
            ..summary(Running, 1, 0)
        };

        assert_eq!(say_for(&media(Some(of(before)), Some(of(after)))), None);
    }
}

#[test]
fn starts_quarters_and_ends_are_said_and_nothing_else() {
    let started = || {
        Some(Saying::Started {
            source: Source(0),
            name: None,
        })
    };
    let quarter = |percent| {
        Some(Saying::Progress {
            source: Source(0),
            name: None,
            percent,
        })
    };
    let of = |status, run, percent| Some(summary(status, run, percent));
    let ended = |status, run| Some(Saying::Ended(Source(0), summary(status, run, 100)));
    for (before, after, saying) in [
        (None, of(Running, 1, 0), None),
        (None, of(Complete, 1, 100), None),
        (of(Queued, 1, 0), of(Running, 1, 0), started()),
        (of(Unknown, 0, 0), of(Running, 1, 0), started()),
        (of(Complete, 1, 100), of(Running, 2, 0), started()),
        (of(Failed, 1, 100), of(Running, 1, 60), None),
        (of(Running, 1, 24), of(Running, 1, 25), quarter(25)),
        (of(Running, 1, 25), of(Running, 1, 49), None),
        (of(Running, 1, 10), of(Running, 1, 80), quarter(80)),
        (of(Running, 1, 60), of(Running, 1, 40), None),
        (of(Running, 1, 90), of(Complete, 1, 100), ended(Complete, 1)),
        (
            of(Running, 1, 90),
            of(Cancelled, 1, 100),
            ended(Cancelled, 1),
        ),
        (of(Cancelled, 1, 100), of(Cancelled, 1, 100), None),
        (of(Complete, 1, 100), of(Complete, 1, 100), None),
        (of(Complete, 1, 100), of(Failed, 2, 100), ended(Failed, 2)),
        (of(Running, 1, 5), None, None),
    ] {
        let change = media(before, after);

        let said = say_for(&change).map(|(_, saying)| saying);

        assert_eq!(said, saying, "{change:?}");
    }
}

#[test]
fn a_retry_changes_the_card_and_is_not_said() {
    let before = summary(Running, 1, 30);
    let after = Summary {
        retrying: 1,
        ..before.clone()
    };
    let change = media(Some(before), Some(after.clone()));

    let decision = Policy::new().decide(&change);

    let Some(Card::Show(notice)) = decision.card else {
        panic!("the card must say that it waits to retry");
    };
    assert_eq!(notice.body, Body::Running(after));
    assert_eq!(decision.saying, None);
}

#[test]
fn an_end_is_told_once_a_run_however_often_the_media_is_loaded_again() {
    let mut policy = Policy::new();
    let end = |run| {
        media(
            Some(summary(Running, run, 90)),
            Some(summary(Complete, run, 100)),
        )
    };
    let (card, saying) = kinds(&policy.decide(&end(1)));
    assert_eq!((card, saying), ("show", true));

    policy.decide(&media(None, Some(summary(Running, 1, 50))));
    assert_eq!(kinds(&policy.decide(&end(1))), ("update", false));

    assert_eq!(kinds(&policy.decide(&end(2))), ("show", true));
}

#[test]
fn a_corrected_end_only_corrects_its_card() {
    let mut policy = Policy::new();
    policy.decide(&media(None, Some(summary(Failed, 1, 100))));

    let corrected = media(
        Some(summary(Failed, 1, 100)),
        Some(summary(PartlyComplete, 1, 100)),
    );

    assert_eq!(kinds(&policy.decide(&corrected)), ("update", false));
}

#[test]
fn what_is_gone_takes_its_card_along() {
    let decision = Policy::new().decide(&media(Some(summary(Running, 1, 5)), None));

    assert_eq!(
        decision.card,
        Some(Card::Remove(Subject::Media(media_key("m"))))
    );
    assert_eq!(decision.saying, None);
}

#[test]
fn the_memory_of_ends_has_a_limit() {
    for (others, told_again) in [(Policy::ENDS - 1, "update"), (Policy::ENDS, "show")] {
        let mut policy = Policy::new();
        let end = |id: &str| Change::Media {
            key: media_key(id),
            before: Some(summary(Running, 1, 90)),
            after: Some(summary(Complete, 1, 100)),
        };
        policy.decide(&end("first"));
        for other in 0..others {
            policy.decide(&end(&format!("m{other}")));
        }

        assert_eq!(kinds(&policy.decide(&end("first"))).0, told_again);
    }
}

#[test]
fn what_ended_while_catching_up_is_told_in_one_notice() {
    for (ends, shown) in [
        (vec![], None),
        (vec![Complete], Some(None)),
        (vec![Complete, Failed], Some(Some((1, 1)))),
        (vec![Complete, PartlyComplete, Complete], Some(Some((3, 0)))),
        (vec![Cancelled], Some(None)),
        (vec![Complete, Cancelled, Failed], Some(Some((1, 1)))),
        (vec![Cancelled, Cancelled], None),
    ] {
        let mut policy = Policy::new();
        policy.begin();
        for (index, status) in ends.iter().enumerate() {
            let id = format!("m{index}");
            let decision = policy.decide(&Change::Media {
                key: media_key(&id),
                before: Some(summary(Running, 1, 40)),
                after: Some(summary(*status, 1, 100)),
            });
            // The card must go, or it would go on saying 40 percent.
            assert_eq!(
                decision.card,
                Some(Card::Remove(Subject::Media(media_key(&id))))
            );
            assert_eq!(decision.saying, None);
        }

        let decision = policy.end();

        let bodies = decision.card.map(|card| match card {
            Card::Show(notice) => match notice.body {
                Body::Away { finished, failed } => Some((finished, failed)),
                Body::Ended(_) => None,
                body => panic!("{body:?} tells of no end"),
            },
            card => panic!("{card:?} shows nothing"),
        });
        assert_eq!(bodies, shown, "{ends:?}");
        let updates = u32::try_from(ends.len()).unwrap();
        assert!(matches!(
            decision.saying,
            Some((_, Saying::Reconnected { updates: said, .. })) if said == updates
        ));
        assert_eq!(policy.end(), Decision::default());
    }
}

#[test]
fn warnings_are_not_held_back_while_catching_up() {
    let mut policy = Policy::new();
    policy.begin();

    let decision = policy.decide(&alert(Severity::High, Severity::High));

    assert_eq!(kinds(&decision), ("show", true));
}

#[test]
fn a_first_look_at_what_is_there_is_no_update() {
    let mut policy = Policy::new();
    policy.begin();
    policy.decide(&media(None, Some(summary(Complete, 1, 100))));

    let decision = policy.end();

    assert_eq!(decision.card, None);
    assert!(matches!(
        decision.saying,
        Some((_, Saying::Reconnected { updates: 0, .. }))
    ));
}

#[test]
fn a_file_that_was_not_sent_offers_nothing_that_the_page_cannot_do() {
    let name = Text::name("clip.mp4").unwrap();
    for fault in [
        UploadFault::TooLarge { limit: None },
        UploadFault::Refused { message: None },
        UploadFault::Unreachable,
    ] {
        assert_eq!(upload_failed(1, name.clone(), fault).action, None);
    }
}

fn kinds(decision: &Decision) -> (&'static str, bool) {
    let card = match decision.card {
        Some(Card::Show(_)) => "show",
        Some(Card::Update(_)) => "update",
        Some(Card::Remove(_)) => "remove",
        None => "none",
    };
    (card, decision.saying.is_some())
}

fn media(before: Option<Summary>, after: Option<Summary>) -> Change {
    Change::Media {
        key: media_key("m"),
        before,
        after,
    }
}

fn summary(status: Status, run: u32, percent: u8) -> Summary {
    Summary {
        status,
        run,
        percent: Some(percent),
        failed: (status == Failed)
            .then(|| ModelId::new("Xception").unwrap())
            .into_iter()
            .collect(),
        ..Summary::default()
    }
}

fn alert(severity: Severity, worst: Severity) -> Change {
    scene::alert(severity, group_view(1, worst))
}
