//! The rules of the activity, and its laws: nothing that is announced or shown is missing from it, however it came.

use proptest::prelude::*;

use super::export::About;
use super::*;
use crate::domain::fact::Severity::{High, Low, Medium};
use crate::domain::laws::lawful;
use crate::domain::view::{Band, Status};
use crate::domain::{Change, ModelId, ParticipantId};
use crate::time::Timestamp;
use crate::toast::scene::{self, at, group_view, media_key, meeting_key};
use crate::toast::{Announcer, Level, Policy, Spoken, Toaster};

use Status::{Cancelled, Complete, Failed, PartlyComplete, Queued, Running};

#[test]
fn an_analysis_is_a_line_for_each_word_of_it_and_for_a_card_that_had_none() {
    let mut stage = Stage::new();
    stage.media("a", None, (Queued, 1, 0));
    stage.media("a", Some((Queued, 1, 0)), (Queued, 1, 0));
    stage.media("a", Some((Queued, 1, 0)), (Running, 1, 0));
    stage.media("a", Some((Running, 1, 0)), (Running, 1, 10));
    stage.media("a", Some((Running, 1, 10)), (Running, 1, 30));
    stage.media("a", Some((Running, 1, 30)), (Complete, 1, 100));
    stage.media("a", Some((Complete, 1, 100)), (Queued, 2, 0));

    assert_eq!(
        stage.lines(),
        ["under way", "started", "progress", "ended", "under way"]
    );
}

#[test]
fn what_was_told_before_the_name_of_a_file_was_known_has_it_too() {
    let mut stage = Stage::new();
    stage.media("a", None, (Queued, 1, 0));
    stage.media("b", None, (Queued, 1, 0));
    stage.media("a", Some((Queued, 1, 0)), (Running, 1, 0));
    let mut change = media("a", Some((Running, 1, 0)), (Running, 1, 30));
    if let Change::Media { after, .. } = &mut change {
        after.as_mut().unwrap().name = Text::name("a.wav");
    }
    let before = stage.activity.text;
    stage.change(&change, 0);

    let names = stage.activity.entries().map(Entry::name);
    let names: Vec<_> = names.map(|name| name.map(Text::as_str)).collect();
    let known = Some("a.wav");
    assert_eq!(names, [known, None, known, known]);
    assert_eq!(stage.activity.text, before + 3 * "a.wav".len());
}

#[test]
fn a_corrected_end_is_a_line_of_its_own_only_if_it_says_something_else() {
    let mut stage = Stage::new();
    stage.media("a", None, (Running, 1, 0));
    stage.media("a", Some((Running, 1, 0)), (Failed, 1, 100));
    stage.media("a", Some((Failed, 1, 100)), (PartlyComplete, 1, 100));
    stage.media(
        "a",
        Some((PartlyComplete, 1, 100)),
        (PartlyComplete, 1, 100),
    );

    assert_eq!(stage.lines(), ["under way", "ended", "corrected"]);
    let newest = stage.activity.entries().next_back().and_then(Entry::end);
    assert_eq!(newest.map(|end| end.status), Some(PartlyComplete));
}

#[test]
fn an_end_is_corrected_where_its_sentence_is_another_and_not_for_the_rest() {
    let likely = |real, of| Verdict::LikelyReal { real, of };
    let server = |label| Verdict::Server(ServerVerdict { label, score: None });
    let end = |status, verdict, completed, expected, failed: &[&str]| Summary {
        status,
        verdict,
        completed,
        expected,
        failed: failed
            .iter()
            .filter_map(|name| ModelId::new(name))
            .collect(),
        run: 1,
        percent: Some(100),
        ..Summary::default()
    };
    let named = |summary: Summary| Summary {
        name: Text::name("clip.mp4"),
        is_simulated: true,
        ..summary
    };
    for (told, now, is_corrected) in [
        (
            end(Complete, server(Label::Safe), 1, 1, &[]),
            named(end(Complete, server(Label::Safe), 1, 1, &[])),
            false,
        ),
        (
            end(Complete, server(Label::Safe), 1, 1, &[]),
            end(Complete, server(Label::Flagged), 1, 1, &[]),
            true,
        ),
        (
            end(Complete, likely(3, 3), 4, 4, &[]),
            end(Complete, likely(4, 4), 4, 4, &[]),
            false,
        ),
        (
            end(Complete, likely(1, 1), 4, 4, &[]),
            end(Complete, likely(4, 4), 4, 4, &[]),
            true,
        ),
        (
            end(Complete, likely(3, 3), 3, 3, &[]),
            end(Complete, likely(3, 3), 4, 4, &[]),
            true,
        ),
        (
            end(PartlyComplete, likely(3, 3), 3, 4, &["a"]),
            end(PartlyComplete, likely(3, 3), 3, 4, &["b"]),
            false,
        ),
        (
            end(PartlyComplete, likely(3, 3), 3, 5, &["a"]),
            end(PartlyComplete, likely(3, 3), 3, 5, &["a", "b"]),
            true,
        ),
        (
            end(Failed, Verdict::None, 0, 1, &["a"]),
            end(Failed, Verdict::None, 0, 2, &["a", "b"]),
            false,
        ),
        (
            end(Failed, Verdict::None, 0, 1, &["a"]),
            end(Complete, likely(1, 1), 1, 1, &[]),
            true,
        ),
        (
            end(Cancelled, Verdict::None, 0, 4, &[]),
            end(Cancelled, Verdict::NotFinal { fake: 0, real: 1 }, 1, 4, &[]),
            true,
        ),
    ] {
        let mut stage = Stage::new();
        stage.media("a", None, (Running, 1, 0));
        let change = |before, after| Change::Media {
            key: media_key("a"),
            before: Some(before),
            after: Some(after),
        };
        let running = Summary {
            status: Running,
            run: 1,
            ..Summary::default()
        };

        stage.change(&change(running, told.clone()), 0);
        stage.change(&change(told.clone(), now.clone()), 0);

        let last = stage.lines().pop();
        let is_last = last == Some("corrected");
        assert_eq!(is_last, is_corrected, "{told:?} then {now:?}");
    }
}

#[test]
fn each_end_that_was_caught_up_with_has_its_line() {
    let mut stage = Stage::new();
    for id in ["a", "b", "c"] {
        stage.media(id, None, (Running, 1, 0));
    }
    stage.policy.begin();
    for (id, status) in [("a", Complete), ("b", Failed)] {
        stage.media(id, Some((Running, 1, 0)), (status, 1, 100));
    }
    let decision = stage.policy.end();
    stage.activity.note(&decision, at(0));

    assert_eq!(stage.lines()[3..], ["ended", "ended", "reconnected"]);
    assert_eq!(stage.activity.mark().unseen, 2);
}

#[test]
fn the_same_words_are_counted_on_their_line_for_a_minute() {
    for (after, lines, count) in [(59_999, 1, 2), (60_000, 2, 1)] {
        let mut stage = Stage::new();
        let lost = || Decision::from((Subject::CONNECTION, Saying::ConnectionLost));
        stage.activity.note(&lost(), at(0));

        stage.activity.note(&lost(), at(after));

        let newest = stage.activity.entries().next_back().unwrap();
        assert_eq!(
            (stage.lines().len(), newest.count),
            (lines, count),
            "{after}"
        );
        assert_eq!(newest.last, at(after));
    }
}

#[test]
fn what_is_new_is_what_ended_or_warns_since_somebody_looked_and_since_the_page_was_out_of_sight() {
    let mut stage = Stage::new();
    stage.media("a", None, (Running, 1, 0));
    assert_eq!(stage.activity.mark().unseen, 0, "what runs is no news");
    stage.alert(1, High, 0);
    stage.activity.set_hidden(true);
    stage.media("a", Some((Running, 1, 0)), (Complete, 1, 100));
    stage.alert(2, Low, 10);
    let mark = stage.activity.mark();
    assert_eq!((mark.unseen, mark.away), (3, 2));

    stage.activity.see(mark.newest - 1);
    stage.activity.set_hidden(false);
    let mark = stage.activity.mark();
    assert_eq!((mark.unseen, mark.away), (1, 0));

    stage.activity.see(u64::MAX);
    stage.alert(3, Low, 20);
    assert_eq!(
        stage.activity.mark().unseen,
        1,
        "what was not there was not seen"
    );
}

#[test]
fn what_is_no_news_makes_room_first_then_the_oldest_and_all_of_it_is_counted() {
    let mut stage = Stage::new();
    stage.alert(1, High, 0);
    for person in 0..MAX_ENTRIES {
        stage.trust(&format!("p{person}"));
    }
    assert_eq!(stage.activity.entries().len(), MAX_ENTRIES);
    assert_eq!(stage.activity.dropped(), 1);
    assert_eq!(stage.lines()[0], "alert");

    for group in 2..MAX_ENTRIES + 2 {
        stage.alert(u32::try_from(group).unwrap(), High, 0);
    }
    assert_eq!(stage.activity.dropped(), 1 + MAX_ENTRIES as u64);
    assert!(stage.lines().iter().all(|line| *line == "alert"));
    assert_eq!(stage.activity.mark().unseen as usize, MAX_ENTRIES);
}

#[test]
fn the_texts_in_it_have_a_bound_of_their_own() {
    let mut stage = Stage::new();
    for group in 0..700 {
        let mut view = group_view(group, High);
        view.message = Text::message(&"x".repeat(Text::MESSAGE));
        stage.change(&scene::alert(High, view), 0);
    }

    assert_eq!(stage.activity.entries().len(), MAX_TEXT / Text::MESSAGE);
}

#[test]
fn whoever_comes_next_finds_nothing_and_new_numbers() {
    let mut stage = Stage::new();
    stage.activity.set_hidden(true);
    stage.alert(1, High, 0);
    let before = stage.activity.mark();

    stage.activity.clear();

    let mark = stage.activity.mark();
    assert_eq!((mark.unseen, mark.away, mark.newest), (0, 0, before.newest));
    assert_ne!(mark.version, before.version);
    assert_eq!(stage.activity.entries().len(), 0);
    stage.alert(1, High, 0);
    assert_eq!(stage.activity.mark().away, 1, "it is still out of sight");
    assert_eq!(stage.activity.since(before.newest).count(), 1);
}

#[test]
fn a_file_has_the_wanted_lines_and_no_name_in_it_is_a_formula() {
    let mut stage = Stage::new();
    stage.alert(1, High, 1_000);
    stage.alert(1, High, 3_000);
    let mut named = media("=HYPERLINK(1)", None, (Running, 1, 0));
    if let Change::Media {
        after: Some(after), ..
    } = &mut named
    {
        after.name = Text::name("+name");
    }
    stage.change(&named, 0);
    let wall = |at: Instant| {
        let millis = at.since_origin().as_secs_f64() * 1e3;
        Timestamp::from_unix_millis(millis).expect("it is after 1970")
    };
    let about = |wanted| About {
        exported: wall(at(9_000)),
        wall: &wall,
        server: &|_| "+Server".to_owned(),
        text: &|entry| entry.kind().name().to_owned(),
        wanted,
    };

    assert_eq!(
        stage.activity.to_csv(&about(&|_| true)),
        [
            "\u{FEFF}\"time\",\"last\",\"count\",\"kind\",\"severity\",\"server\",\"mediaId\",\"meetingId\",\"participantId\",\"name\",\"text\"",
            r#""1970-01-01T00:00:01.000Z","1970-01-01T00:00:03.000Z",2,"alert","high","'+Server",,"m","p1",,"alert""#,
            r#""1970-01-01T00:00:00.000Z","1970-01-01T00:00:00.000Z",1,"analysis",,"'+Server","'=HYPERLINK(1)",,,"'+name","analysis""#,
            "",
        ]
        .join("\r\n")
    );
    assert_eq!(
        stage
            .activity
            .to_json(&about(&|entry| entry.kind() == Kind::Analysis)),
        r#"{"exported":"1970-01-01T00:00:09.000Z","dropped":0,"entries":[{"time":"1970-01-01T00:00:00.000Z","last":"1970-01-01T00:00:00.000Z","count":1,"kind":"analysis","server":"+Server","mediaId":"=HYPERLINK(1)","name":"+name","text":"analysis"}]}"#
    );
}

#[test]
fn a_spreadsheet_says_that_older_lines_made_room() {
    let mut stage = Stage::new();
    let wall = |_| Timestamp::UNIX_EPOCH;
    let about = About {
        exported: Timestamp::UNIX_EPOCH,
        wall: &wall,
        server: &|_| String::new(),
        text: &|_| String::new(),
        wanted: &|_| true,
    };
    for group in 0..MAX_ENTRIES as u32 {
        stage.alert(group, High, u64::from(group) * 20_000);
    }
    assert!(!stage.activity.to_csv(&about).contains("made room"));

    stage.alert(9_999, High, 30_000_000);

    let csv = stage.activity.to_csv(&about);
    let first = csv.lines().nth(1).expect("there are rows");
    assert!(
        first.contains("\"dropped\"") && first.contains("1 older entries made room"),
        "{first}"
    );
    assert_eq!(csv.lines().count(), 2 + MAX_ENTRIES);
}

proptest! {
    #![proptest_config(lawful())]

    #[test]
    fn nothing_that_is_announced_or_shown_is_missing(
        steps in proptest::collection::vec((0..9_u8, 0..4_u8, 0..6_u8, 0..40_000_u64), 1..60),
    ) {
        let mut stage = Stage::new();
        let (mut announcer, mut toaster) = (Announcer::new(), Toaster::new(50));
        let mut states = [None::<(Status, u32, u8)>; 4];
        let mut now = 0;
        for (what, who, how, passed) in steps {
            now += passed;
            let decision = match what {
                // A media goes on, ends, is corrected, or begins anew.
                0..=3 => {
                    let before = states[usize::from(who)];
                    let (_, run, percent) = before.unwrap_or((Queued, 1, 0));
                    let after = match how {
                        0 => (Queued, run + 1, 0),
                        1..=2 => (Running, run, (percent + 20).min(99)),
                        3 => (Complete, run, 100),
                        4 => (PartlyComplete, run, 100),
                        _ => (Failed, run, 100),
                    };
                    states[usize::from(who)] = Some(after);
                    stage.policy.decide(&media(&format!("m{who}"), before, after))
                }
                4..=5 => {
                    let severity = [Low, Medium, High][usize::from(how % 3)];
                    stage.policy.decide(&alert(u32::from(who), severity))
                }
                6 => (Subject::CONNECTION, Saying::ConnectionLost).into(),
                7 => {
                    stage.policy.begin();
                    Decision::default()
                }
                _ => stage.policy.end(),
            };
            stage.activity.note(&decision, at(now));
            match decision.card {
                Some(Card::Show(notice)) => toaster.notify(notice, at(now)),
                Some(Card::Update(notice)) => toaster.update(notice, at(now)),
                Some(Card::Remove(subject)) => toaster.remove(&subject, at(now)),
                None => {}
            }
            if let Some((subject, saying)) = decision.saying {
                announcer.say(subject, saying, at(now));
            }
            announcer.handle_timeout(at(now));
            announcer.handle_timeout(at(now + 100));

            let (polite, assertive) = announcer.current();
            for spoken in [polite, assertive].into_iter().flatten() {
                let sayings = match spoken {
                    Spoken::One(saying) => std::slice::from_ref(saying),
                    Spoken::Joined(sayings) => sayings,
                    Spoken::Summary(_) => &[],
                };
                for saying in sayings {
                    let told = What::Said(saying.clone());
                    prop_assert!(
                        stage.activity.entries().any(|entry| entry.what == told),
                        "{:?} was spoken", saying
                    );
                }
            }
            for toast in toaster.visible() {
                let is_told = |entry: &Entry| entry.subject == toast.subject && match (&toast.body, entry.end()) {
                    (Body::Ended(shown), Some(end)) => (shown.run, shown.status) == (end.run, end.status),
                    (Body::Ended(_), None) => false,
                    _ => true,
                };
                let is_away = toast.subject == Subject::AWAY;
                prop_assert!(
                    is_away || stage.activity.entries().any(is_told),
                    "{:?} is on screen", toast
                );
            }
            let numbers: Vec<_> = stage.activity.entries().map(|entry| entry.number).collect();
            prop_assert!(numbers.is_sorted());
        }
    }
}

#[test]
fn a_person_who_wants_to_hear_nothing_can_still_read_it() {
    let mut stage = Stage::new();
    let mut announcer = Announcer::new();
    announcer.set_level(Level::Off, at(0));
    stage.alert(1, High, 0);

    assert_eq!(announcer.current(), (None, None));
    assert_eq!(stage.lines(), ["alert"]);
}

struct Stage {
    policy: Policy,
    activity: Activity,
}

impl Stage {
    fn new() -> Self {
        Self {
            policy: Policy::new(),
            activity: Activity::new(),
        }
    }

    fn change(&mut self, change: &Change, millis: u64) {
        let decision = self.policy.decide(change);
        self.activity.note(&decision, at(millis));
    }

    fn media(&mut self, id: &str, before: Option<(Status, u32, u8)>, after: (Status, u32, u8)) {
        self.change(&media(id, before, after), 0);
    }

    fn alert(&mut self, group: u32, severity: Severity, millis: u64) {
        self.change(&alert(group, severity), millis);
    }

    fn trust(&mut self, who: &str) {
        let change = Change::Trust {
            meeting: meeting_key(),
            participant: ParticipantId::new(who).unwrap(),
            name: None,
            from: Some(Band::Trusted),
            to: Some(Band::AtRisk),
            is_simulated: false,
        };
        self.change(&change, 0);
    }

    fn lines(&self) -> Vec<&'static str> {
        let line = |entry: &Entry| match &entry.what {
            What::Said(Saying::Started { .. }) => "started",
            What::Said(Saying::Progress { .. }) => "progress",
            What::Said(Saying::Ended(..)) => "ended",
            What::Said(Saying::Alert(..)) => "alert",
            What::Said(Saying::Reconnected { .. }) => "reconnected",
            What::Said(_) => "said",
            What::UnderWay(_) => "under way",
            What::Corrected(_) => "corrected",
        };
        self.activity.entries().map(line).collect()
    }
}

fn media(id: &str, before: Option<(Status, u32, u8)>, after: (Status, u32, u8)) -> Change {
    let summary = |(status, run, percent)| Summary {
        status,
        run,
        percent: Some(percent),
        ..Summary::default()
    };
    Change::Media {
        key: media_key(id),
        before: before.map(summary),
        after: Some(summary(after)),
    }
}

fn alert(group: u32, severity: Severity) -> Change {
    scene::alert(severity, group_view(group, severity))
}
