//! What is said of a run, its models and its verdict.

use super::*;

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
    for (percent, expected, words) in [(Some(35), 4, "35% · 1 of 4 models"), (None, 0, "")] {
        let summary = Summary {
            status: Status::Running,
            percent,
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
        percent: Some(53),
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
        overall_value(&run, Parts::Analyses, true),
        "53%, 2 of 5 analyses complete, may be out of date"
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

fn run(status: Status) -> RunView {
    RunView {
        number: None,
        status,
        percent: Some(0),
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

#[test]
fn what_stands_where_there_are_no_rows_says_what_is_known() {
    for (status, parts, said) in [
        (Status::Queued, Parts::Models, "Waiting for the server"),
        (
            Status::Failed,
            Parts::Models,
            "No model finished. Your file was not changed.",
        ),
        (
            Status::Complete,
            Parts::Models,
            "No model is named that looked at this file.",
        ),
        (
            Status::Complete,
            Parts::Analyses,
            "The server gave no details",
        ),
        (
            Status::Cancelled,
            Parts::Models,
            "The server gave no details",
        ),
    ] {
        assert!(
            run_empty(status, parts).starts_with(said),
            "{status:?} {parts:?}"
        );
    }
}

#[test]
fn how_many_parts_there_are_is_said_where_it_says_anything() {
    for (expected, parts, said) in [
        (0, Parts::Models, ""),
        (1, Parts::Models, "0 of 1 model"),
        (5, Parts::Models, "0 of 5 models"),
        (0, Parts::Analyses, ""),
        (1, Parts::Analyses, ""),
        (2, Parts::Analyses, "0 of 2 analyses"),
    ] {
        let summary = Summary {
            expected,
            ..Summary::default()
        };
        assert_eq!(progress_count(&summary, parts), said);
        let is_said = super::super::cancelled(&summary, parts).contains("of");
        assert_eq!(is_said, !said.is_empty());
    }
}
