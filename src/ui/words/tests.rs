use super::analysis::about_parts;
use super::*;
use crate::backend::Parts;
use crate::domain::fact::{Label, Metric, ServerVerdict, Severity};
use crate::domain::trail::What;
use crate::domain::view::{
    AlertGroupView, Band, ModelState, ModelView, RunView, Status, Verdict, VideoView,
};
use crate::domain::{ModelId, Summary};
use crate::session::state::Connection;
use crate::time::Instant;
use crate::toast::scene::group_view;

#[test]
fn a_figure_of_a_meeting_has_its_unit() {
    let audio = || Text::name("audio").unwrap();
    for (metric, value, words, figure) in [
        (Metric::AverageTrust, 78.9, "Average trust", "78"),
        (Metric::Cpu, 41.5, "Server processors", "41%"),
        (
            Metric::Confidence(audio()),
            90.0,
            "[Audio]: detector confidence",
            "90%",
        ),
    ] {
        assert_eq!(flat(super::metric(&metric)), words);
        assert_eq!(metric_value(&metric, value), figure);
    }
}

#[test]
fn pictures_are_told_by_their_rate() {
    let video = |frames, bytes, silent: Option<u64>| {
        super::video(&VideoView {
            frames_per_second: frames,
            bytes_per_second: bytes,
            newest_bytes: 1,
            silent_for: silent.map(Duration::from_secs),
        })
    };
    for (said, words) in [
        (video(12.4, 340_000, None), "Video frames: 12/s, 340 kB/s"),
        (video(59.6, 12, None), "Video frames: 60/s, 12 B/s"),
        (video(0.0, 0, Some(12)), "Video frames: none for 12 s"),
    ] {
        assert_eq!(said, words);
    }
}

#[test]
fn what_happened_is_told_in_words() {
    let high = |raised_from, message: Option<&str>| What::Alert {
        severity: Severity::High,
        raised_from,
        kind: Text::name("face_swap"),
        message: message.and_then(Text::message),
        confidence: None,
    };
    let second = |second: u64| Instant::from_millis(second * 1000);
    for (what, words) in [
        (high(None, Some("Look")), "High alert: [Look]"),
        (high(None, None), "High alert: [Face swap]"),
        (
            high(Some(Severity::Low), Some("Look")),
            "Severity rose from low to high: [Look]",
        ),
        (
            What::Acknowledged {
                is_acknowledged: false,
                severity: Severity::High,
                kind: None,
            },
            "Acknowledgement taken back by you[]",
        ),
        (
            What::Trust {
                from: None,
                to: Some(Band::AtRisk),
                score: Some(41),
            },
            "Trust went from No data to At risk (41)[]",
        ),
        (
            What::Gap {
                began: second(3),
                ended: second(9),
            },
            "Nothing was heard from 3 until 9. Alerts of that time may be missing.[]",
        ),
    ] {
        let said = trail_entry(&what, &|at| at.since_origin().as_secs().to_string());
        let foreign = said.foreign.map_or(String::new(), |text| text.to_string());
        assert_eq!(format!("{}[{foreign}]{}", said.before, said.after), words);
    }
}

#[test]
fn a_figure_of_a_server_is_named_in_words() {
    for (name, words) in [
        ("averageTrust", "Average trust"),
        ("total_anomalies", "Total anomalies"),
        ("participants", "Participants"),
        ("AI score", "AI score"),
    ] {
        assert_eq!(spaced(name), words);
    }
}

#[test]
fn a_verdict_says_who_says_so_and_who_failed() {
    use Verdict::{Disagree, LikelyFake, LikelyReal, None, NotFinal};
    let server = |label| {
        Verdict::Server(ServerVerdict {
            label,
            score: Some(0.83),
        })
    };
    for (status, verdict_is, failed, word, sentence) in [
        (
            Status::Running,
            None,
            0,
            "No result yet",
            "No verdict so far.",
        ),
        (
            Status::Failed,
            None,
            3,
            "No result",
            "No model finished. Your file was not changed.",
        ),
        (
            Status::Complete,
            None,
            0,
            "No result",
            "No verdict was given.",
        ),
        (
            Status::Running,
            NotFinal { fake: 0, real: 0 },
            0,
            "Not final",
            "No verdict so far.",
        ),
        (
            Status::Running,
            NotFinal { fake: 1, real: 1 },
            0,
            "Not final",
            "1 model says fake, 1 says real.",
        ),
        (
            Status::Running,
            NotFinal { fake: 2, real: 0 },
            1,
            "Not final",
            "2 models say fake. 1 model failed.",
        ),
        (
            Status::Cancelled,
            NotFinal { fake: 1, real: 0 },
            0,
            "Not final",
            "1 model says fake.",
        ),
        (
            Status::Cancelled,
            None,
            0,
            "No result",
            "No verdict was given.",
        ),
        (
            Status::PartlyComplete,
            LikelyFake { fake: 3, of: 4 },
            1,
            "Likely fake",
            "3 of 4 models say fake. 1 model failed.",
        ),
        (
            Status::Complete,
            LikelyReal { real: 1, of: 1 },
            0,
            "Likely real (1 model)",
            "1 model says real.",
        ),
        (
            Status::Complete,
            Disagree { each: 2 },
            0,
            "Models disagree",
            "2 say fake and 2 say real.",
        ),
        (
            Status::Complete,
            server(Label::Fake),
            0,
            "Likely fake",
            "The server's own result, score 83%.",
        ),
        (
            Status::Complete,
            server(Label::Flagged),
            0,
            "Flagged",
            "The server's own result, score 83%.",
        ),
    ] {
        let run = RunView {
            verdict: verdict_is,
            failed,
            ..run(status)
        };

        assert_eq!(verdict(&run.verdict, status.is_ended()), word);
        assert_eq!(
            verdict_sentence(&run, Parts::Models, status.is_ended()),
            sentence
        );
    }
}

#[test]
fn a_models_row_tells_its_attempts_its_place_and_its_end() {
    let error = Text::message("server timeout");
    let seconds = Duration::from_secs;
    let running = |done, total| ModelState::Running {
        fraction: None,
        done,
        total,
    };
    let completed = |label, confidence| ModelState::Completed {
        label,
        confidence,
        took: Some(seconds(41)),
    };
    for (state, attempt, left, silent, said) in [
        (ModelState::Queued, 0, None, None, "Queued"),
        (running(None, None), 1, None, None, "Working"),
        (
            running(Some(780.0), None),
            1,
            None,
            None,
            "Working, 780 so far",
        ),
        (
            running(Some(780.0), Some(900.0)),
            1,
            Some(41),
            None,
            "780 of 900 · about 40 s left",
        ),
        (
            running(Some(40.0), Some(100.0)),
            1,
            Some(9),
            None,
            "A few seconds left",
        ),
        (
            running(Some(7.0), Some(9.0)),
            2,
            None,
            None,
            "Attempt 2 of 3 · 7 of 9",
        ),
        (
            running(Some(7.0), Some(9.0)),
            1,
            Some(41),
            Some(42),
            "7 of 9 · No update for 42 s",
        ),
        (
            ModelState::Retrying {
                error: error.clone(),
            },
            1,
            None,
            None,
            "Attempt 1 failed: [server timeout]. Waiting to retry.",
        ),
        (
            ModelState::Retrying { error: None },
            2,
            None,
            None,
            "Attempt 2 failed. Waiting to retry.",
        ),
        (
            completed(Some(Label::Fake), Some(0.92)),
            1,
            None,
            None,
            "Complete in 41 s · Fake 92%",
        ),
        (completed(None, None), 1, None, None, "Complete in 41 s"),
        (
            ModelState::Completed {
                label: None,
                confidence: None,
                took: Some(Duration::from_millis(400)),
            },
            1,
            None,
            None,
            "Complete in under 1 s",
        ),
        (
            completed(Text::name("low").map(Label::Other), Some(0.5)),
            1,
            None,
            None,
            "Complete in 41 s · [low] 50%",
        ),
        (
            ModelState::Failed { error },
            3,
            None,
            None,
            "Failed after 3 attempts: [server timeout]",
        ),
        (ModelState::Failed { error: None }, 1, None, None, "Failed"),
        (ModelState::NoResult, 1, None, None, "No result"),
        (ModelState::Cancelled, 1, None, None, "Cancelled"),
    ] {
        let view = ModelView {
            id: ModelId::new("m").unwrap(),
            state,
            doing: None,
            attempt,
            attempts: Some(3),
            elapsed: None,
            left: left.map(seconds),
            silent_for: silent.map(seconds),
            is_simulated: false,
        };

        assert_eq!(flat(model(&view, false)), said);
    }
}

#[test]
fn a_cancelled_run_says_how_far_it_had_come() {
    for (completed, failed, expected, words) in [
        (2, 0, 5, "Cancelled after 2 of 5 models"),
        (1, 2, 5, "Cancelled after 3 of 5 models"),
        (0, 0, 1, "Cancelled after 0 of 1 model"),
        (0, 0, 0, "Cancelled"),
        (2, 0, 2, "Cancelled"),
    ] {
        let run = RunView {
            completed,
            failed,
            expected,
            elapsed: Some(Duration::from_secs(134)),
            ..run(Status::Cancelled)
        };
        let summary = Summary {
            status: Status::Cancelled,
            completed,
            failed: (0..failed).filter_map(|_| ModelId::new("m")).collect(),
            expected,
            ..Summary::default()
        };

        let line = run_line(&run, Parts::Models, false);
        assert_eq!(line, [words, " · took 2 min 14 s"].concat());
        assert_eq!(row_line(&summary, Parts::Models), words);
    }
}

#[test]
fn of_a_run_nobody_knows_the_extent_of_a_row_says_no_share() {
    for (is_counted, expected, words) in [(true, 4, "35% · 1 of 4 models"), (false, 0, "")] {
        let summary = Summary {
            status: Status::Running,
            is_counted,
            percent: 35,
            completed: 1,
            expected,
            ..Summary::default()
        };

        assert_eq!(row_line(&summary, Parts::Models), words);
    }
}

#[test]
fn what_may_be_out_of_date_is_no_ground_for_an_estimate() {
    let run = RunView {
        percent: 53,
        expected: 5,
        completed: 2,
        elapsed: Some(Duration::from_secs(134)),
        left: Some(Duration::from_secs(61)),
        number: Some(2),
        ..run(Status::Running)
    };

    assert_eq!(
        run_line(&run, Parts::Models, false),
        "Run 2 · elapsed 2:14 · about 1 min left"
    );
    assert_eq!(run_line(&run, Parts::Models, true), "Run 2 · elapsed 2:14");
    assert_eq!(
        overall_value(&run, Parts::Models, false),
        "53%, 2 of 5 models complete, about 1 min left"
    );
    assert_eq!(
        overall_value(&run, Parts::Steps, true),
        "53%, 2 of 5 steps complete, may be out of date"
    );
}

#[test]
fn an_earlier_run_says_how_it_ended_or_that_nobody_knows() {
    let seconds = Duration::from_secs;
    let named = |number| RunView {
        number,
        ..run(Status::Unknown)
    };
    assert_eq!(earlier_run(&named(Some(1))), "Run 1");
    assert_eq!(earlier_run(&named(None)), "Earlier run");
    for (status, took, verdict_is, pill, line, word, sentence) in [
        (
            Status::Complete,
            Some(seconds(130)),
            Verdict::LikelyFake { fake: 2, of: 2 },
            "Complete",
            "Took 2 min 10 s",
            "Likely fake",
            "2 of 2 models say fake.",
        ),
        (
            Status::Failed,
            Some(seconds(9)),
            Verdict::None,
            "Failed",
            "Took 9 s",
            "No result",
            "No model finished. Your file was not changed.",
        ),
        (
            Status::Unknown,
            None,
            Verdict::NotFinal { fake: 0, real: 1 },
            "End not known",
            "",
            "Not final",
            "1 model says real.",
        ),
        // Nothing is still to come.
        (
            Status::Unknown,
            None,
            Verdict::None,
            "End not known",
            "",
            "No result",
            "No verdict was given.",
        ),
    ] {
        let run = RunView {
            elapsed: took,
            verdict: verdict_is,
            ..run(status)
        };

        assert_eq!(earlier_status(run.status), pill);
        assert_eq!(earlier_line(&run, Parts::Models), line);
        assert_eq!(verdict(&run.verdict, true), word);
        assert_eq!(verdict_sentence(&run, Parts::Models, true), sentence);
    }
}

#[test]
fn a_banner_names_the_server_only_where_it_must() {
    let since = Instant::default();
    let lost = Connection::Reconnecting {
        attempt: 1,
        retry_at: None,
        since,
    };
    let name = Text::name("Library").unwrap();

    assert_eq!(
        flat(banner(&lost, true, None)),
        "Connection lost. Progress may be out of date."
    );
    assert_eq!(
        flat(banner(&lost, true, Some(&name))),
        "Connection to [Library] lost. Progress may be out of date."
    );
    assert_eq!(
        flat(banner(&Connection::Offline { since }, true, Some(&name))),
        "You are offline. We will reconnect when your network is back."
    );
}

#[test]
fn of_a_server_that_was_never_heard_nothing_is_said_to_be_lost_or_to_have_ended() {
    let unreached = Connection::Reconnecting {
        attempt: 1,
        retry_at: None,
        since: Instant::default(),
    };
    let refused = Connection::SignInAgain { message: None };
    let name = Text::name("Library").unwrap();
    for (state, pill, nameless, named) in [
        (
            &unreached,
            "Connecting",
            "The server cannot be reached.",
            "[Library] cannot be reached.",
        ),
        (
            &refused,
            "Sign in",
            "Sign in to see live updates.",
            "Not signed in to [Library]. Sign in to see live updates.",
        ),
        (
            &Connection::Idle,
            "Not connected",
            "Sign in to see live updates.",
            "Not signed in to [Library]. Sign in to see live updates.",
        ),
    ] {
        assert_eq!(connection(state, false), pill);
        assert_eq!(flat(banner(state, false, None)), nameless);
        assert_eq!(flat(banner(state, false, Some(&name))), named);
    }
    assert_eq!(
        connection_means(&unreached, false),
        "The server cannot be reached."
    );
}

#[test]
fn a_countdown_never_says_less_than_there_is() {
    for (millis, said) in [
        (0, "Retrying in 0 s"),
        (1, "Retrying in 1 s"),
        (8_000, "Retrying in 8 s"),
        (10_000, "Retrying in 10 s"),
        (10_001, "Retrying in 15 s"),
        (61_000, "Retrying in 1 min 5 s"),
    ] {
        assert_eq!(retrying_in(Duration::from_millis(millis)), said);
    }
}

#[test]
fn a_servers_text_is_set_apart_without_markup_if_it_is_read_from_the_other_side() {
    for (text, apart) in [
        ("clip.mp4", "clip.mp4"),
        ("für Ödön.mp4", "für Ödön.mp4"),
        ("مقطع.mp4", "\u{2068}مقطع.mp4\u{2069}"),
        ("שלום", "\u{2068}שלום\u{2069}"),
        ("a\u{200F}b", "\u{2068}a\u{200F}b\u{2069}"),
    ] {
        assert_eq!(isolated(text), apart);
    }
}

#[test]
fn a_title_has_eighty_characters_of_a_servers_text() {
    let long = "ä".repeat(81);
    for (text, shown) in [
        ("clip.mp4", "clip.mp4".to_owned()),
        (&"ä".repeat(80), "ä".repeat(80)),
        (&long, "ä".repeat(80) + "…"),
    ] {
        assert_eq!(in_title(text), shown);
    }
}

#[test]
fn counts_have_their_plurals() {
    let at = || Some("10:30".to_owned());
    for (said, words) in [
        (about_parts(1, Parts::Models), "1 model"),
        (about_parts(0, Parts::Steps), "0 steps"),
        (about_parts(2, Parts::Analyses), "2 analyses"),
        (more_parts(1, Parts::Models), "1 more model"),
        (more_parts(3, Parts::Steps), "3 more steps"),
        (list_count(1, 0, 0, 0), "1 item"),
        (
            list_count(100, 0, 0, 240),
            "100 items · 240 older ones are not listed",
        ),
        (list_count(12, 1, 2, 0), "12 items · 1 analyzing · 2 queued"),
        (list_part(3, 12, 0), "3 of 12 items"),
        (
            list_part(0, 100, 240),
            "0 of 100 items · 240 older ones are not listed",
        ),
        (list_part(0, 1, 0), "0 of 1 item"),
        (found(0, 0), "No items match these filters."),
        (
            found(0, 1),
            "No items match these filters. 1 older one is not listed",
        ),
        (found(1, 0), "1 item"),
        (found(12, 0), "12 items"),
        (news(1, 0), "1 new item"),
        (news(3, 0), "3 new items"),
        (news(0, 1), "1 no longer match"),
        (news(3, 2), "3 new · 2 no longer match"),
        (
            list_updated(Duration::from_secs(59)),
            "Last updated 59 s ago",
        ),
        (
            list_updated(Duration::from_secs(179)),
            "Last updated 2 min ago",
        ),
        (filters(0), "Filters"),
        (filters(2), "Filters (2)"),
        (seen(1, at()), "Seen once · 10:30"),
        (seen(4, at()), "Seen 4 times · last 10:30"),
        (seen(4, None), "Seen 4 times"),
    ] {
        assert_eq!(said, words);
    }
}

#[test]
fn the_title_of_an_alert_is_its_message_or_its_type_or_that_it_tells_nothing() {
    for (message, kind, line, head) in [
        ("Look\ncloser", "face_swap", "Look", "Look"),
        ("", "face_swap", "Face swap", "Face swap"),
        ("", "", "Alert", "No description"),
    ] {
        let group = AlertGroupView {
            message: Text::message(message),
            kind: Text::name(kind),
            ..group_view(1, Severity::Unknown)
        };

        assert_eq!(alert_line(&group), line);
        let title = alert_title(&group);
        let shown = title.foreign.as_ref().map(|text| text.first_line().0);
        assert_eq!(shown.unwrap_or(&title.before), head);
    }
}

#[test]
fn a_list_of_alerts_says_how_many_had_to_go() {
    for (number, words) in [(1, "1 entry was removed"), (40, "40 entries were removed")] {
        let words =
            words.to_owned() + " to make room: acknowledged alerts first, then the mildest.";
        assert_eq!(alerts_removed(number), words);
    }
}

#[test]
fn a_gap_says_that_alerts_may_be_missing() {
    let seconds = Duration::from_secs;

    assert_eq!(
        gap(seconds(40), None),
        "Alerts of the last 40 s may be missing."
    );
    assert_eq!(
        gap(seconds(154), Some(seconds(120))),
        "Nothing was heard for 34 s until 2 min ago. Alerts of that time may be missing."
    );
}

fn flat(sentence: Sentence) -> String {
    let foreign = sentence
        .foreign
        .map_or_else(String::new, |text| ["[", text.as_str(), "]"].concat());
    sentence.before + &foreign + &sentence.after
}

fn run(status: Status) -> RunView {
    RunView {
        is_counted: true,
        number: None,
        status,
        percent: 0,
        models: Vec::new(),
        unnamed: 0,
        expected: 0,
        completed: 0,
        failed: 0,
        verdict: Verdict::None,
        started: None,
        ended: None,
        elapsed: None,
        left: None,
        is_confirming: false,
        is_simulated: false,
    }
}
