//! The rules of the announcer, in virtual time, and its budget under any sequence.

use proptest::prelude::*;

use super::super::{policy::Card, Policy, Toaster};
use super::*;
use crate::domain::{Change, Source};
use crate::toast::scene::{at, group_view, media_key, meeting_key};

#[test]
fn a_text_is_set_a_tenth_of_a_second_after_its_region_was_cleared() {
    let mut announcer = Announcer::default();
    announcer.say(media("a"), ended("a"), at(0));
    assert_eq!(announcer.current(), (None, None));
    assert_eq!(announcer.poll_timeout(), Some(at(100)));

    announcer.handle_timeout(at(99));
    assert_eq!(announcer.current(), (None, None));
    announcer.handle_timeout(at(100));
    assert_eq!(announcer.current(), (Some(&Spoken::One(ended("a"))), None));
}

#[test]
fn a_text_is_gone_after_a_minute_unless_another_has_come() {
    let mut announcer = Announcer::default();
    announcer.say(media("a"), ended("a"), at(0));
    announcer.say(group(1), alert(1, Severity::High), at(20_000));
    run(&mut announcer, 0, 40_000);
    announcer.say(media("b"), ended("b"), at(40_000));
    let b = Spoken::One(ended("b"));
    let urgent = Spoken::One(alert(1, Severity::High));
    for (millis, current) in [
        (40_000, (None, Some(&urgent))),
        (40_100, (Some(&b), Some(&urgent))),
        (80_099, (Some(&b), Some(&urgent))),
        (80_100, (Some(&b), None)),
        (100_099, (Some(&b), None)),
        (100_100, (None, None)),
    ] {
        run(&mut announcer, 0, millis);
        let version = announcer.version();
        assert_eq!(announcer.current(), current, "{millis}");
        announcer.handle_timeout(at(millis));
        assert_eq!(announcer.version(), version, "{millis}");
    }
    assert_eq!(announcer.poll_timeout(), None);

    // Nobody reads a page that cannot be seen; when it can be, the text is as old as it is.
    announcer.say(media("a"), ended("a"), at(200_000));
    run(&mut announcer, 0, 200_100);
    announcer.set_hidden(true, at(201_000));
    announcer.set_hidden(false, at(300_000));
    assert_eq!(announcer.current(), (None, None));
}

#[test]
fn polite_texts_are_at_least_a_second_and_a_half_apart() {
    let mut announcer = Announcer::default();
    for id in ["a", "b", "c"] {
        announcer.say(media(id), ended(id), at(0));
    }

    let spoken = run(&mut announcer, 0, 10_000);

    assert_eq!(
        spoken,
        [
            (100, Spoken::One(ended("a"))),
            (1_600, Spoken::One(ended("b"))),
            (3_100, Spoken::One(ended("c")))
        ]
    );
}

#[test]
fn more_than_three_become_one_sentence_of_counts() {
    for (n, texts) in [(3, 3), (4, 1), (30, 1)] {
        let mut announcer = Announcer::default();
        for index in 0..n {
            announcer.say(media(&format!("m{index}")), ended("x"), at(0));
        }

        let spoken = run(&mut announcer, 0, 60_000);

        assert_eq!(spoken.len(), texts, "{n}");
        if texts == 1 {
            let tally = Tally {
                updates: n,
                finished: n,
                ..Tally::default()
            };
            assert_eq!(spoken[0].1, Spoken::Summary(tally));
        }
    }
}

#[test]
fn how_far_a_media_is_is_said_only_ten_seconds_after_the_last_word_about_it() {
    for (after, is_said) in [(9_999, false), (10_000, true)] {
        let mut announcer = Announcer::default();
        announcer.say(media("a"), started(), at(0));
        run(&mut announcer, 0, 1_000);

        announcer.say(media("a"), progress(25), at(100 + after));

        let spoken = run(&mut announcer, 100 + after, 20_000);
        assert_eq!(!spoken.is_empty(), is_said, "{after}");
    }
}

#[test]
fn the_same_is_not_said_twice_within_five_seconds() {
    for (again, times) in [(4_999, 1), (5_000, 2)] {
        let mut announcer = Announcer::default();
        announcer.say(media("a"), ended("a"), at(0));
        let mut spoken = run(&mut announcer, 0, again - 1);

        announcer.say(media("a"), ended("a"), at(again));

        spoken.extend(run(&mut announcer, again, again + 5_000));
        assert_eq!(spoken.len(), times, "{again}");
    }
}

#[test]
fn an_alert_interrupts_when_it_asks_to_act() {
    use Severity::{Critical, High, Low, Medium};
    for (before, after, later, region) in [
        (None, High, 0, "assertive"),
        (None, Critical, 0, "assertive"),
        (None, Medium, 0, "polite"),
        (None, Low, 0, "polite"),
        (Some(Medium), High, 10_000, "assertive"),
        (Some(High), Critical, 10_000, "assertive"),
        (Some(High), High, 60_000, "assertive"),
        (Some(Critical), Medium, 60_000, "polite"),
    ] {
        let mut announcer = Announcer::default();
        if let Some(before) = before {
            announcer.say(group(1), alert(1, before), at(0));
            run(&mut announcer, 0, later - 1);
        }
        let version = announcer.version();

        announcer.say(group(1), alert(1, after), at(later));
        run(&mut announcer, later, later + 5_000);

        let said = Spoken::One(alert(1, after));
        let is_new = announcer.version() != version;
        let heard = match announcer.current() {
            (_, Some(text)) if is_new && *text == said => "assertive",
            (Some(text), _) if is_new && *text == said => "polite",
            _ => "none",
        };
        assert_eq!(heard, region, "{before:?} then {after:?} after {later}");
    }
}

#[test]
fn alerts_that_come_together_are_not_cut_off_by_each_other() {
    let mut announcer = Announcer::default();
    announcer.say(group(1), alert(1, Severity::High), at(0));
    announcer.say(group(2), alert(2, Severity::Critical), at(50));
    let mut spoken = run(&mut announcer, 50, 199);
    announcer.say(group(3), alert(3, Severity::High), at(200));
    spoken.extend(run(&mut announcer, 200, 10_000));

    let together = vec![alert(1, Severity::High), alert(2, Severity::Critical)];
    assert_eq!(
        spoken,
        [
            (100, Spoken::Joined(together)),
            (1_600, Spoken::One(alert(3, Severity::High)))
        ]
    );
}

#[test]
fn a_warning_that_became_urgent_while_it_waited_is_said_once() {
    let mut announcer = Announcer::default();
    announcer.say(group(1), alert(1, Severity::Medium), at(0));
    announcer.say(group(1), alert(1, Severity::High), at(50));

    let spoken = run(&mut announcer, 50, 10_000);

    assert_eq!(spoken, [(150, Spoken::One(alert(1, Severity::High)))]);
    assert_eq!(announcer.current().0, None);
}

#[test]
fn a_warning_that_waits_gives_way_to_none_that_is_milder() {
    use Severity::{Critical, High, Low, Medium};
    for (first, second, said) in [
        (Critical, High, &[Critical, High][..]),
        (Medium, Low, &[Medium, Low]),
        (High, High, &[High]),
        (High, Critical, &[Critical]),
        (Low, Medium, &[Medium]),
    ] {
        let mut announcer = Announcer::default();
        announcer.set_hidden(true, at(0));
        announcer.say(group(1), alert(1, first), at(0));
        announcer.say(group(1), alert(1, second), at(61_000));
        announcer.set_hidden(false, at(62_000));

        let spoken = run(&mut announcer, 62_000, 80_000);

        let mut said: Vec<_> = (said.iter()).map(|worst| alert(1, *worst)).collect();
        let expected = match said.len() {
            1 => Spoken::One(said.remove(0)),
            _ => Spoken::Joined(said),
        };
        assert_eq!(spoken, [(62_100, expected)], "{first:?} {second:?}");
    }
}

#[test]
fn the_end_of_a_session_interrupts() {
    let mut announcer = Announcer::default();
    announcer.say(Subject::SIGN_IN, Saying::SignInExpired, at(0));
    run(&mut announcer, 0, 1_000);

    assert_eq!(
        announcer.current(),
        (None, Some(&Spoken::One(Saying::SignInExpired)))
    );
}

#[test]
fn a_lost_connection_is_said_once_it_has_lasted_and_its_return_only_after_that() {
    let lost = || Saying::ConnectionLost;
    for (away, back, after, said) in [
        (lost(), reconnected(0), 1_999, ""),
        (lost(), reconnected(3), 1_999, "back"),
        (lost(), reconnected(0), 2_500, "away back"),
        (lost(), reconnected(3), 60_000, "away back"),
        (Saying::NotLive, Saying::Live, 1_999, ""),
        (Saying::NotLive, Saying::Live, 2_500, "away back"),
        (Saying::NotLive, Saying::Live, 60_000, "away back"),
    ] {
        let mut announcer = Announcer::default();
        announcer.say(Subject::CONNECTION, away.clone(), at(0));
        let mut spoken = run(&mut announcer, 0, after - 1);

        announcer.say(Subject::CONNECTION, back.clone(), at(after));

        spoken.extend(run(&mut announcer, after, 90_000));
        let spoken: Vec<_> = spoken.into_iter().map(|(_, text)| text).collect();
        let said: Vec<_> = (said.split_whitespace())
            .map(|said| Spoken::One(if said == "away" { &away } else { &back }.clone()))
            .collect();
        assert_eq!(spoken, said, "{back:?} after {after}");
    }
}

#[test]
fn a_connection_that_is_lost_behind_and_live_is_told_as_each_once() {
    let mut announcer = Announcer::default();
    let mut spoken = Vec::new();
    let lost = || Saying::ConnectionLost;
    let story = [
        (Saying::NotLive, true),
        (Saying::NotLive, false),
        (lost(), true),
        (lost(), false),
        (Saying::NotLive, true),
        (reconnected(0), true),
        (Saying::Live, false),
        (reconnected(2), true),
    ];
    for (step, (saying, _)) in (0..).zip(&story) {
        let from = step * 10_000;
        announcer.say(Subject::CONNECTION, saying.clone(), at(from));
        spoken.extend(run(&mut announcer, from, from + 9_999));
    }

    let spoken: Vec<_> = spoken.into_iter().map(|(_, text)| text).collect();
    let news = story.into_iter().filter(|(_, is_news)| *is_news);
    let news: Vec<_> = news.map(|(saying, _)| Spoken::One(saying)).collect();
    assert_eq!(spoken, news);
}

#[test]
fn what_was_last_said_of_a_connection_that_comes_and_goes_is_true() {
    let mut announcer = Announcer::default();
    let mut last = None;
    for turn in 0..6 {
        let from = turn * 3_000;
        let saying = if turn % 2 == 0 {
            Saying::ConnectionLost
        } else {
            reconnected(0)
        };
        announcer.say(Subject::CONNECTION, saying.clone(), at(from));
        last = run(&mut announcer, from, from + 2_999).pop();
        assert_eq!(
            last.clone().map(|(_, text)| text),
            Some(Spoken::One(saying))
        );
    }
    assert!(last.is_some());
}

#[test]
fn counts_do_not_swallow_a_lost_connection() {
    let mut announcer = Announcer::default();
    announcer.say(Subject::CONNECTION, Saying::ConnectionLost, at(0));
    announcer.set_hidden(true, at(1));
    for index in 0..9 {
        announcer.say(media(&format!("m{index}")), ended("x"), at(2));
    }
    announcer.set_hidden(false, at(9_000));

    let spoken = run(&mut announcer, 9_000, 20_000);

    assert_eq!(spoken[0].1, Spoken::One(Saying::ConnectionLost));
    assert!(matches!(&spoken[1].1, Spoken::Summary(tally) if tally.updates == 9));
    assert_eq!(spoken.len(), 2);
}

#[test]
fn a_hidden_page_is_silent_and_tells_one_sentence_when_it_is_back() {
    for (n, is_summed) in [(1, false), (2, false), (3, false), (4, true), (200, true)] {
        let mut announcer = Announcer::default();
        announcer.set_hidden(true, at(0));
        for index in 0..n {
            announcer.say(media(&format!("m{index}")), ended("x"), at(1_000));
        }
        announcer.say(media("running"), progress(25), at(1_000));
        assert_eq!(announcer.poll_timeout(), None);
        announcer.handle_timeout(at(50_000));
        assert_eq!(announcer.current(), (None, None));

        announcer.set_hidden(false, at(60_000));
        let spoken = run(&mut announcer, 60_000, 90_000);

        assert_eq!(spoken.len(), 1, "{n}");
        let told = match &spoken[0].1 {
            Spoken::One(_) => 1,
            Spoken::Joined(sayings) => sayings.len(),
            Spoken::Summary(tally) => tally.finished as usize,
        };
        assert_eq!(told, n, "{n}");
        assert_eq!(matches!(spoken[0].1, Spoken::Summary(_)), is_summed, "{n}");
    }
}

#[test]
fn typing_puts_polite_words_off_for_five_seconds_at_most() {
    for (keys_until, spoken_at) in [(0, 1_100), (2_000, 3_100), (9_000, 5_100)] {
        let mut announcer = Announcer::default();
        announcer.handle_key(at(0));
        announcer.say(media("a"), ended("a"), at(0));
        let mut spoken = Vec::new();
        for key in (0..=keys_until).step_by(500) {
            announcer.handle_key(at(key));
            spoken.extend(run(&mut announcer, key, key + 499));
        }
        spoken.extend(run(&mut announcer, keys_until + 500, 20_000));

        assert_eq!(spoken, [(spoken_at, Spoken::One(ended("a")))]);
    }
}

#[test]
fn a_person_hears_as_much_as_they_want() {
    let trust = Saying::Trust {
        who: None,
        meeting: None,
        from: Band::Trusted,
        to: Band::AtRisk,
        is_simulated: false,
    };
    for (saying, all, important) in [
        (started(), true, false),
        (progress(50), true, false),
        (ended("a"), true, true),
        (trust, true, false),
        (alert(1, Severity::Unknown), true, false),
        (alert(1, Severity::Low), true, false),
        (alert(1, Severity::Medium), true, true),
        (alert(1, Severity::Critical), true, true),
        (Saying::ConnectionLost, true, true),
        (reconnected(2), true, true),
        (Saying::NotLive, true, true),
        (Saying::SignInExpired, true, true),
        (Saying::SignInNeeded, true, true),
    ] {
        for (level, is_said) in [
            (Level::All, all),
            (Level::Important, important),
            (Level::Off, false),
        ] {
            let mut announcer = Announcer::default();
            announcer.set_level(level, at(0));
            announcer.say(media("a"), saying.clone(), at(0));

            let spoken = run(&mut announcer, 0, 10_000);

            assert_eq!(!spoken.is_empty(), is_said, "{saying:?} {level:?}");
        }
    }
}

#[test]
fn what_was_not_spoken_is_news_to_who_wants_to_hear_it_later() {
    let mut announcer = Announcer::default();
    announcer.set_level(Level::Off, at(0));
    announcer.say(group(1), alert(1, Severity::High), at(0));

    announcer.set_level(Level::All, at(1_000));
    announcer.say(group(1), alert(1, Severity::High), at(2_000));

    assert_eq!(run(&mut announcer, 2_000, 10_000).len(), 1);
}

#[test]
fn choosing_a_level_loses_no_warning_that_was_counted() {
    let mut announcer = Announcer::default();
    announcer.set_hidden(true, at(0));
    for id in 0..60 {
        announcer.say(group(id), alert(id, Severity::Medium), at(0));
    }

    announcer.set_level(Level::Important, at(10));
    announcer.set_hidden(false, at(20));
    let spoken = run(&mut announcer, 20, 10_000);

    assert!(
        matches!(&spoken[..], [(_, Spoken::Summary(tally))] if tally.alerts == 60),
        "{spoken:?}"
    );
}

#[test]
fn what_waits_and_is_not_wanted_any_more_is_not_said() {
    let mut announcer = Announcer::default();
    announcer.say(media("a"), ended("a"), at(0));
    announcer.say(media("b"), progress(50), at(0));

    announcer.set_level(Level::Important, at(10));
    let spoken = run(&mut announcer, 10, 10_000);

    assert_eq!(spoken.len(), 1, "{spoken:?}");
    assert_eq!(spoken[0].1, Spoken::One(ended("a")));
}

#[test]
fn an_end_is_not_unsaid_by_the_start_of_another_run() {
    let mut announcer = Announcer::default();
    let started = started();
    announcer.set_hidden(true, at(0));
    announcer.say(media("a"), started.clone(), at(0));
    announcer.say(media("a"), ended("a"), at(1));
    announcer.say(media("a"), started.clone(), at(6_000));
    announcer.set_hidden(false, at(7_000));

    let spoken = run(&mut announcer, 7_000, 20_000);

    let together = Spoken::Joined(vec![ended("a"), started]);
    assert_eq!(spoken, [(7_100, together)]);
}

#[test]
fn twelve_hundred_changes_of_a_media_are_one_card_and_at_most_six_announcements() {
    let key = media_key("m1");
    let (mut policy, mut toaster, mut announcer) =
        (Policy::new(), Toaster::default(), Announcer::default());
    let mut before = Summary {
        status: Status::Queued,
        run: 1,
        percent: Some(0),
        expected: 5,
        ..Summary::default()
    };
    let mut spoken = Vec::new();
    for step in 1..=1_200_u64 {
        // Five models of 240 steps each, one after another, with a retry now and then.
        let after = Summary {
            status: if step < 1_200 {
                Status::Running
            } else {
                Status::Complete
            },
            percent: Some(u8::try_from(step * 100 / 1_200).unwrap()),
            completed: u32::try_from(step / 240).unwrap(),
            retrying: u32::from(step % 100 == 0),
            ..before.clone()
        };
        let now = step * 5_000 / 1_200;
        let decision = policy.decide(&Change::Media {
            key: key.clone(),
            before: Some(before),
            after: Some(after.clone()),
        });
        if let Some(Card::Show(notice)) = decision.card {
            toaster.notify(notice, at(now));
        }
        if let Some((subject, saying)) = decision.saying {
            announcer.say(subject, saying, at(now));
        }
        spoken.extend(run(&mut announcer, now, (step + 1) * 5_000 / 1_200 - 1));
        assert_eq!((toaster.visible().len(), toaster.overflow()), (1, 0));
        before = after;
    }
    spoken.extend(run(&mut announcer, 5_000, 60_000));

    assert!((2..=6).contains(&spoken.len()), "{spoken:?}");
    assert_eq!(spoken[0].1, Spoken::One(started()));
    assert_eq!(
        spoken.last().map(|(_, text)| text),
        Some(&Spoken::One(Saying::Ended(Source(0), before)))
    );
}

proptest! {
    #[test]
    fn no_sequence_speaks_too_fast_or_keeps_too_much(
        steps in prop::collection::vec((0..9u8, 0..90u32, 0..2_000u64), 1..300),
    ) {
        let mut announcer = Announcer::default();
        let mut millis = 0;
        let (mut last, mut hidden) = ([None, None], false);
        for (what, which, later) in steps {
            let until = millis + later;
            let id = format!("m{which}");
            for (at, is_assertive) in set_times(&mut announcer, millis, until) {
                prop_assert!(!hidden);
                let last = &mut last[usize::from(is_assertive)];
                prop_assert!(last.is_none_or(|last| at >= last + 1_500), "{last:?} {at}");
                *last = Some(at);
            }
            millis = until + 1;
            let now = at(millis);
            match what {
                0 => announcer.say(media(&id), started(), now),
                1 => announcer.say(media(&id), progress(50), now),
                2 | 3 => announcer.say(media(&id), ended(&id), now),
                4 => announcer.say(group(which), alert(which, Severity::Critical), now),
                5 => announcer.say(group(which), alert(which, Severity::Medium), now),
                6 if which % 2 == 0 => announcer.say(Subject::CONNECTION, Saying::ConnectionLost, now),
                6 => announcer.say(Subject::CONNECTION, reconnected(0), now),
                7 => announcer.handle_key(now),
                _ => {
                    hidden = which % 2 == 0;
                    announcer.set_hidden(hidden, now);
                }
            }
            millis += 1;
            for region in [&announcer.polite, &announcer.assertive] {
                prop_assert!(region.waiting.len() <= Announcer::WAITING);
            }
            prop_assert!(announcer.taken.len() <= Announcer::TAKEN);
        }
        announcer.set_hidden(false, at(millis));
        set_times(&mut announcer, millis, millis + 600_000);
        prop_assert_eq!(announcer.poll_timeout(), None, "all is said in the end");
    }
}

/// Wakes it as it asks, and returns what either region was set to and when.
fn run(announcer: &mut Announcer, from: u64, until: u64) -> Vec<(u64, Spoken)> {
    let mut spoken = Vec::new();
    wake(announcer, from, until, |millis, _, text| {
        spoken.push((millis, text.clone()));
    });
    spoken
}

fn set_times(announcer: &mut Announcer, from: u64, until: u64) -> Vec<(u64, bool)> {
    let mut times = Vec::new();
    wake(announcer, from, until, |millis, is_assertive, _| {
        times.push((millis, is_assertive));
    });
    times
}

fn wake(
    announcer: &mut Announcer,
    from: u64,
    until: u64,
    mut heard: impl FnMut(u64, bool, &Spoken),
) {
    while let Some(next) = announcer.poll_timeout().filter(|next| *next <= at(until)) {
        let now = next.max(at(from));
        let before = [announcer.polite.set, announcer.assertive.set];
        announcer.handle_timeout(now);
        let millis = u64::try_from(now.since_origin().as_millis()).unwrap();
        for (is_assertive, region) in [(false, &announcer.polite), (true, &announcer.assertive)] {
            if region.set != before[usize::from(is_assertive)] {
                heard(millis, is_assertive, region.text.as_ref().unwrap());
            }
        }
    }
}

fn media(id: &str) -> Subject {
    Subject::Media(media_key(id))
}

fn group(group: u32) -> Subject {
    Subject::Alert {
        meeting: meeting_key(),
        group,
    }
}

fn alert(id: u32, severity: Severity) -> Saying {
    Saying::Alert(severity, group_view(id, severity), None)
}

fn started() -> Saying {
    Saying::Started {
        source: Source(0),
        name: None,
    }
}

fn progress(percent: u8) -> Saying {
    Saying::Progress {
        source: Source(0),
        name: None,
        percent,
    }
}

fn ended(name: &str) -> Saying {
    let summary = Summary {
        name: Text::name(name),
        status: Status::Complete,
        percent: Some(100),
        run: 1,
        ..Summary::default()
    };
    Saying::Ended(Source(0), summary)
}

fn reconnected(updates: u32) -> Saying {
    Saying::Reconnected {
        updates,
        finished: 0,
        failed: 0,
    }
}
