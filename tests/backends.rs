//! The vocabularies over their public face: what each telling line of each shape of a run says, in facts.
//!
//! The shapes are in `tests/fixtures/`. Facts are compared as short sentences, with times in seconds since the
//! fixtures' first moment.

use std::sync::Arc;

use telltale::backend::{Backend, Body, DecodeError, Decoded, Kind, Refusal};
use telltale::domain::fact::{
    Declared, Label, MeetingSaid, Metric, ModelCounts, ModelSaid, Outcome, RunRef, Scope,
    ServerVerdict, Severity, Snapshot,
};
use telltale::domain::view::Status;
use telltale::domain::{Fact, MediaId, MediaKey, MeetingId, Source, Store, Text};
use telltale::json::{self, Value};
use telltale::time::{Instant, Timestamp};

const ME: &str = "user-ada";

#[test]
fn every_line_of_every_fixture_is_understood() {
    let mut files = 0;
    for kind in Kind::ALL {
        let folder = format!(
            "{}/tests/fixtures/{}",
            env!("CARGO_MANIFEST_DIR"),
            kind.name()
        );
        for entry in std::fs::read_dir(&folder).expect("each backend has fixtures") {
            let name = entry.unwrap().path();
            // The others hold more than payloads, for `tests/replay.rs`.
            if name.extension().is_none_or(|ending| ending != "jsonl") {
                continue;
            }
            let shape = name.file_stem().unwrap().to_str().unwrap().to_owned();
            let fixture = Fixture::read(kind.name(), &shape);
            for line in 1..=fixture.lines.len() {
                if let Line::Event { event, .. } = &fixture.lines[line - 1] {
                    let decoded = fixture.decoded(line);
                    assert!(decoded.is_ok(), "{shape}:{line} {event}: {decoded:?}");
                }
            }
            files += 1;
        }
    }
    assert!(files >= 26, "{files} fixtures");
}

// ---- analysis

#[test]
fn a_queued_model_is_named_and_nothing_more() {
    let fixture = Fixture::read("analysis", "good-run");

    assert_eq!(fixture.says(2), ["med-1 open Edge-Net-2 at 1.1: queued"]);
}

#[test]
fn the_worker_is_no_model_and_its_start_is_the_runs() {
    let fixture = Fixture::read("analysis", "good-run");

    assert_eq!(
        fixture.says(6),
        [
            "med-1 run-1 at 2: processing",
            "med-1 at 2: name=harbour walk.mp4 kind=video"
        ]
    );
    assert_eq!(
        fixture.says(7)[..2],
        [
            "med-1 run-1 at 2.002: processing",
            "med-1 run-1 Edge-Net-2 at 2.002: started"
        ]
    );
}

#[test]
fn a_relays_time_never_tells_attempts_apart() {
    let fixture = Fixture::read("analysis", "good-run");

    assert_eq!(
        fixture.says(8),
        [
            "med-1 open Edge-Net-2: progress 0 of ?, relayed 2.104",
            "med-1 open Edge-Net-2 at 2.104: doing Edge-Net-2 opens the file",
        ]
    );
    assert_eq!(
        fixture.says(9)[0],
        "med-1 open Edge-Net-2: progress 8 of 40, relayed 3.004"
    );
}

#[test]
fn a_models_own_word_that_it_has_computed_is_not_its_end() {
    let fixture = Fixture::read("analysis", "good-run");

    assert_eq!(
        fixture.says(14)[0],
        "med-1 open Edge-Net-2: progress ? of ?, relayed 8.004"
    );
    assert_eq!(
        fixture.says(15)[0],
        "med-1 run-1 Edge-Net-2 at 8.05: completed fake 0.874"
    );
}

#[test]
fn only_the_exact_name_of_the_worker_is_no_model() {
    let analysis = Kind::Analysis.backend();
    for (name, says) in [
        ("Backend Worker", "m r: failure reported"),
        ("backend worker", "m r backend worker: failed: e"),
        ("Backend Worker 2", "m r Backend Worker 2: failed: e"),
    ] {
        let payload = format!(r#"{{"mediaId":"m","runId":"r","modelName":"{name}","error":"e"}}"#);
        let decoded = analysis
            .decode("analysis_failed", &[parse(&payload)], Some(ME))
            .unwrap();

        assert_eq!(sentences(&decoded.facts), [says]);
    }
}

#[test]
fn the_end_of_a_run_is_told_from_the_end_of_a_model_by_the_model() {
    let fixture = Fixture::read("analysis", "good-run");
    let decoded = fixture.decoded(26).unwrap();

    assert_eq!(
        sentences(&decoded.facts)[0],
        "med-1 run-1 at 16.4: done expected=3"
    );
    assert_eq!(decoded.ask, None);
}

#[test]
fn a_media_update_says_all_that_its_row_says() {
    let fixture = Fixture::read("analysis", "good-run");
    let expected = [
        "med-1 at 16: name=harbour walk.mp4 kind=video bytes=48213 created=0 done",
        "med-1 run-1 at 15.99: done number=1 created=1.5",
        "med-1 run-1 Edge-Net-2 at 8.02: completed fake 0.874 took=1250",
        "med-1 run-1 Blink-Rate-1 at 13.88: completed real 0.61 took=1250",
        "med-1 run-1 Tint-Flow-3 at 15.99: completed fake 0.583 took=1250",
    ];

    assert_eq!(fixture.says(27), expected);
    let snapshot = fixture.snapshot(28).unwrap();
    assert!(snapshot.is_whole);
    assert_eq!(sentences(&snapshot.facts), expected);
}

#[test]
fn the_runs_of_a_media_update_are_told_from_the_oldest_on() {
    let analysis = Kind::Analysis.backend();
    let row = r#"{"id":"m","analysisRuns":[
        {"id":"r2","runNumber":2,"status":"QUEUED","analyses":[]},
        {"id":"r1","runNumber":1,"status":"ANALYZED","analyses":[]}]}"#;
    let decoded = analysis
        .decode("media_update", &[parse(row)], Some(ME))
        .unwrap();

    assert_eq!(
        sentences(&decoded.facts)[1..],
        ["m r1: done number=1", "m r2: queued number=2"]
    );
}

#[test]
fn an_empty_list_is_a_whole_one() {
    let snapshot = Fixture::read("analysis", "good-run").snapshot(1).unwrap();

    assert_eq!(snapshot.scope, Scope::List);
    assert!(snapshot.is_whole && snapshot.media.is_empty() && snapshot.facts.is_empty());
}

#[test]
fn both_publishers_failures_are_one_attempts_and_only_the_workers_is_stamped() {
    let fixture = Fixture::read("analysis", "fails-once-then-succeeds");

    assert_eq!(
        fixture.says(10),
        ["med-1 open Blink-Rate-1: failed: no eyes found"]
    );
    assert_eq!(
        fixture.says(11)[0],
        "med-1 run-1 Blink-Rate-1 at 5.03: failed: no eyes found"
    );
}

#[test]
fn a_count_of_rows_does_not_make_a_model_that_does_not_exist() {
    let fixture = Fixture::read("analysis", "fails-once-then-succeeds");
    let decoded = fixture.decoded(19).unwrap();

    // Three models, four rows: the server says 3 of 4.
    assert_eq!(
        sentences(&decoded.facts)[0],
        "med-1 run-1 at 12.3: done expected=3"
    );
    assert_eq!(decoded.ask, Some(media_scope("med-1")));
}

#[test]
fn a_model_with_two_rows_says_its_result_before_its_failure() {
    let says = Fixture::read("analysis", "fails-once-then-succeeds").says(20);

    let place = |said: &str| says.iter().position(|says| says == said);
    let result = place("med-1 run-1 Blink-Rate-1 at 12: completed fake 0.72 took=1250");
    let failure = place("med-1 run-1 Blink-Rate-1 at 5: failed, attempt 1: no eyes found");
    assert!(result.is_some() && result < failure, "{says:?}");
}

#[test]
fn only_a_row_of_the_last_attempt_makes_a_failure_final() {
    let fixture = Fixture::read("analysis", "one-model-fails-for-good");
    let last = fixture.snapshot(16).unwrap();

    assert_eq!(
        sentences(&last.facts)[3],
        "med-1 run-1 Blink-Rate-1 at 21: failed for good, attempt 3: decoder ran out of memory"
    );
    assert_eq!(
        sentences(&last.facts)[0],
        "med-1 at 52: name=harbour walk.mp4 kind=video bytes=48213 created=0 done"
    );
    for line in [8, 11, 14] {
        assert!(
            !fixture.says(line).join("\n").contains("for good"),
            "{line}"
        );
    }
}

#[test]
fn a_run_without_models_is_what_it_is_declared() {
    let says = Fixture::read("analysis", "no-compatible-model");

    assert_eq!(
        sentences(&says.snapshot(1).unwrap().facts),
        [
            "med-2 at 1: name=notes.bin bytes=48213 created=0 done",
            "med-2 run-1 at 1.5: done number=1 created=1.5",
        ]
    );
}

#[test]
fn runs_keep_their_numbers_and_late_events_their_run() {
    let fixture = Fixture::read("analysis", "rerun-with-late-events");
    let snapshot = sentences(&fixture.snapshot(3).unwrap().facts);

    assert_eq!(
        snapshot[1],
        "med-1 run-2 at 100.5: queued number=2 created=100.5"
    );
    assert_eq!(snapshot[2], "med-1 run-1 at 5: done number=1 created=1.5");
    assert_eq!(
        fixture.says(6)[0],
        "med-1 run-1 Edge-Net-2 at 5: completed fake 0.8"
    );
}

#[test]
fn a_stage_of_any_name_is_a_model_at_work() {
    let fixture = Fixture::read("analysis", "audio");

    assert_eq!(
        fixture.says(4),
        [
            "med-3 open Tone-Wave-1: progress ? of ?, relayed 3.004",
            "med-3 open Tone-Wave-1 at 3.004: doing audio extraction start",
        ]
    );
}

#[test]
fn odd_payloads_say_what_is_readable_of_them() {
    let fixture = Fixture::read("analysis", "fallback-model-and-odd-payloads");
    let asks = |line| fixture.decoded(line).unwrap().ask;

    for (line, says) in [
        (5, "med-1 run-1 Edge-Net-2 at 4: completed other UNSURE"),
        // Numbers as texts, a stage nobody announced.
        (7, "med-1 open Edge-Net-2: progress 3 of 6, relayed 5.004"),
        // Another model than `Backend Worker`; 92 is no share of one.
        (8, "med-1 run-1 WorkerNet: completed fake"),
        // No model: only the run goes on.
        (9, "med-1 run-1 at 7: processing"),
        (10, "med-1 open: failure reported"),
        (11, "med-1 run-1 Edge-Net-2: failed: job stalled"),
        // Partially, with all counted: an end. With one pending: none. An unknown word: no claim at all.
        (12, "med-1 run-1 at 8: partial expected=1"),
        (13, "med-1 run-1 at 9: processing expected=1"),
        (14, "med-1 run-1 at 9: expected=1"),
    ] {
        assert_eq!(fixture.says(line)[0], says, "{line}");
    }
    assert_eq!(fixture.says(6), [""; 0]);
    for line in [10, 12, 13, 14] {
        assert_eq!(asks(line), Some(media_scope("med-1")), "{line}");
    }
}

#[test]
fn the_models_of_the_analysis_server_are_counted_by_what_they_can_read() {
    let analysis = Kind::Analysis.backend();
    let request = analysis.fetch(&Scope::Models, Some("t")).unwrap();
    assert_eq!(request.path, "/api/v1/monitoring/server-status");

    for (status, body, counts) in [
        (
            200,
            r#"{"data":{"models_info":[
                {"name":"a","loaded":true,"isVideo":true,"isImage":true,"isAudio":false},
                {"name":"b","loaded":true,"isVideo":true,"isImage":false,"isAudio":true},
                {"name":"c","loaded":false,"isVideo":true,"isImage":true,"isAudio":true},
                {"name":"d","isVideo":true,"isImage":"yes"}, 7]}}"#,
            (3, 1, 1),
        ),
        (200, r#"{"data":{}}"#, (0, 0, 0)),
        (403, r#"{"message":"Forbidden"}"#, (0, 0, 0)),
        (404, "{}", (0, 0, 0)),
    ] {
        let snapshot = analysis.snapshot(&Scope::Models, status, &parse(body));

        let (video, image, audio) = counts;
        let counts = ModelCounts {
            video,
            video_with_sound: 0,
            image,
            audio,
        };
        assert_eq!(snapshot.unwrap().facts, [Fact::Models(counts)], "{body}");
    }
    assert!(analysis
        .snapshot(&Scope::Models, 401, &parse("{}"))
        .is_err());
    assert!(analysis
        .snapshot(&Scope::Models, 502, &parse("{}"))
        .is_err());
}

/// As a page sees it that is opened while the third model is at work.
#[test]
fn a_run_has_not_ended_before_the_model_that_a_video_with_sound_has_besides() {
    let models = r#"{"data":{"models_info":[
        {"name":"A","loaded":true,"isVideo":true},
        {"name":"B","loaded":true,"isVideo":true},
        {"name":"S","loaded":true,"isAudio":true},
        {"name":"LIP-FD-V1","loaded":true,"isVideo":false,"isMultiModal":true},
        {"name":"AV","loaded":false,"isVideo":true,"isMultiModal":true}]}}"#;
    for (kind, has_audio, expected) in [
        ("VIDEO", "true", (Status::Running, 3)),
        ("VIDEO", "false", (Status::Complete, 2)),
        // The server runs it only if it knows that there is sound.
        ("VIDEO", "null", (Status::Complete, 2)),
        ("AUDIO", "null", (Status::Complete, 2)),
    ] {
        let analysis = Kind::Analysis;
        let source = Source(0);
        let mut store = Store::new();
        store.add_source(source, analysis.profile().rules);
        store.connected(source, Instant::default());
        let row =
            |name| format!(r#"{{"modelName":"{name}","status":"COMPLETED","prediction":"FAKE"}}"#);
        let media = format!(
            r#"{{"data":{{"id":"m","mediaType":"{kind}","hasAudio":{has_audio},"analysisRuns":[
                {{"id":"r","runNumber":1,"status":"PROCESSING","analyses":[{},{}]}}]}}}}"#,
            row("A"),
            row("B")
        );
        for (scope, body) in [(Scope::Models, models), (media_scope("m"), &media)] {
            store.snapshot_requested(source, &scope, Instant::default());
            let answer = analysis.backend().snapshot(&scope, 200, &parse(body));
            store.apply_snapshot(source, answer.unwrap(), Instant::default());
        }

        let id = MediaId::new("m").unwrap();
        let shown = store.summary(&MediaKey { source, id }).unwrap();
        assert_eq!(
            (shown.status, shown.expected),
            expected,
            "{kind} {has_audio}"
        );
    }
}

#[test]
fn not_found_is_a_snapshot_without_it_and_a_fault_is_a_refusal() {
    let fixture = Fixture::read("analysis", "gone");
    let gone = fixture.snapshot(1).unwrap();

    assert!(gone.is_whole && gone.media.is_empty() && gone.facts.is_empty());
    assert_eq!(
        fixture.snapshot(2).unwrap_err().to_string(),
        "the server failed with status 500: Something broke."
    );
    assert!(matches!(
        Fixture::read("analysis", "upload-after-events").snapshot(5),
        Err(Refusal::SignedOut(Some(words))) if words.as_str() == "Unauthorized: no token"
    ));
}

#[test]
fn a_video_that_a_person_may_not_see_is_none_for_them() {
    let library = Kind::Library.backend();
    let answer = |scope: &Scope, said: &str| {
        let body = format!(r#"{{"error":"{said}"}}"#);
        library.snapshot(scope, 403, &parse(&body))
    };

    for said in ["Access denied", "Access denied to private video"] {
        let hidden = answer(&media_scope("v"), said).unwrap();
        assert!(hidden.is_whole && hidden.media.is_empty() && hidden.facts.is_empty());
        assert!(answer(&Scope::List, said).is_err());
    }
    // Whoever stands between may say something else, and that is about the request.
    assert!(answer(&media_scope("v"), "Forbidden").is_err());
}

#[test]
fn a_demonstration_says_so_in_its_outcome() {
    let says = Fixture::read("analysis", "demo-detector").says(6);

    assert_eq!(
        says[2],
        "med-1 run-1 Edge-Net-2 at 4: completed fake 0.7 took=1250 simulated"
    );
}

#[test]
fn the_documented_names_mean_the_same() {
    let fixture = Fixture::read("analysis", "documented-run");

    for (line, says) in [
        (1, &["med-9: name=interview take 2.mov queued"][..]),
        (
            2,
            &["med-9 run-9: processing", "med-9 run-9 Edge-Net-2: started"],
        ),
        (3, &["med-9 run-9 Edge-Net-2: progress 10 of 100"]),
        (4, &["med-9 run-9 Edge-Net-2: progress 65.5 of 100"]),
        (5, &["med-9 run-9 Edge-Net-2: progress 80 of 100"]),
        (6, &["med-9 run-9 Edge-Net-2: progress ? of ?"]),
        (7, &["med-9 run-9 Edge-Net-2: progress ? of ?"]),
        (8, &["med-9 run-9 Edge-Net-2: completed fake 0.91"]),
        (
            9,
            &[
                "med-9 run-9: processing",
                "med-9 run-9 Blink-Rate-1: started",
            ],
        ),
        (
            10,
            &["med-9 run-9 Blink-Rate-1: failed: no answer within 30 s"],
        ),
        (11, &["med-9 run-9: partial expected=1"]),
    ] {
        assert_eq!(fixture.says(line), says, "{line}");
    }
}

#[test]
fn a_bad_item_of_a_batch_is_dropped_alone_and_a_foreign_one_is_counted() {
    let fixture = Fixture::read("analysis", "documented-batch");
    let batch = fixture.decoded(1).unwrap();

    assert_eq!(
        sentences(&batch.facts),
        [
            "med-9 run-9: processing",
            "med-9 run-9 Edge-Net-2: started",
            "med-9 run-9 Edge-Net-2: progress 40 of 100",
            "med-9 run-9 Edge-Net-2: completed real 0.66",
        ]
    );
    // A batch in the batch, an item without a media, a number and a null.
    assert_eq!((batch.foreign, batch.dropped), (1, 4));
    assert_eq!(
        fixture.says(2),
        ["med-9 run-9 Blink-Rate-1: progress 12 of 100"]
    );
}

#[test]
fn a_batch_ends_at_a_thousand_items() {
    let analysis = Kind::Analysis.backend();
    for (length, facts, dropped, ask) in [
        (999, 999, 0, None),
        (1000, 1000, 0, None),
        (1001, 1000, 1, Some(Scope::List)),
    ] {
        let item = parse(
            r#"{"eventName":"analysis_progress","data":{"mediaId":"m","modelName":"x","progress":1}}"#,
        );
        let decoded = analysis
            .decode(
                "batch_update",
                &[Value::Array(vec![item; length])],
                Some(ME),
            )
            .unwrap();

        assert_eq!(
            (decoded.facts.len(), decoded.dropped),
            (facts, dropped),
            "{length}"
        );
        assert_eq!(decoded.ask, ask, "{length}");
    }
}

#[test]
fn another_persons_event_is_foreign_and_ones_own_or_nobodys_is_not() {
    let analysis = Kind::Analysis.backend();
    let decode = |owner: &str, me| {
        let payload = format!(
            r#"{{"mediaId":"m",{owner}"event":"ANALYSIS_QUEUED","data":{{"model_name":"x"}}}}"#
        );
        analysis.decode("progress_update", &[parse(&payload)], me)
    };

    assert!(decode(r#""userId":"user-ada","#, Some(ME)).is_ok());
    assert!(decode("", Some(ME)).is_ok());
    assert!(decode(r#""userId":"user-bob","#, None).is_ok());
    for owner in [
        r#""userId":"user-bob","#,
        r#""user_id":"user-bob","#,
        r#""userId":7,"#,
    ] {
        assert_eq!(
            decode(owner, Some(ME)),
            Err(DecodeError::Foreign),
            "{owner}"
        );
    }
}

#[test]
fn a_media_is_found_by_any_of_its_names_and_not_without_one() {
    let analysis = Kind::Analysis.backend();
    for (key, found) in [
        (r#""mediaId":"m-1""#, Some("m-1")),
        (r#""media_id":"m-1""#, Some("m-1")),
        (r#""id":"m-1""#, Some("m-1")),
        (r#""_id":17"#, Some("17")),
        (r#""mediaId":null,"id":"m-1""#, Some("m-1")),
        (r#""mediaId":"""#, None),
        (r#""mediaId":{"$oid":"m-1"}"#, None),
        (r#""x":1"#, None),
    ] {
        let payload = parse(&format!("{{{key},\"modelName\":\"x\"}}"));
        let decoded = analysis.decode("analysis_started", &[payload], Some(ME));

        match (decoded, found) {
            (Ok(decoded), Some(found)) => {
                assert_eq!(
                    sentences(&decoded.facts)[0],
                    format!("{found} open: processing")
                );
            }
            (Err(DecodeError::Malformed { field, .. }), None) => assert_eq!(field, "mediaId"),
            (decoded, _) => panic!("{key}: {decoded:?}"),
        }
    }
}

#[test]
fn a_list_with_a_row_that_cannot_be_read_takes_nothing_away() {
    let analysis = Kind::Analysis.backend();
    let body = parse(r#"{"data":[{"id":"a"},{"filename":"x"},{"id":"b"}]}"#);
    let snapshot = analysis.snapshot(&Scope::List, 200, &body).unwrap();

    assert_eq!(snapshot.media, [media("a"), media("b")]);
    assert!(!snapshot.is_whole);
    for (scope, body) in [
        (Scope::List, "{}"),
        (Scope::List, r#"{"data":{}}"#),
        (media_scope("a"), r#"{"data":[]}"#),
        (media_scope("a"), r#"{"data":{"filename":"x"}}"#),
        (media_scope("a"), r#"{"data":{"id":"b"}}"#),
    ] {
        let refused = analysis.snapshot(&scope, 200, &parse(body));

        assert!(matches!(refused, Err(Refusal::Malformed { .. })), "{body}");
    }
}

#[test]
fn a_status_that_says_cancelled_in_either_spelling_is_an_end_of_its_own() {
    for word in ["CANCELLED", "CANCELED", "cancelled", "Canceled"] {
        let row = |id: &str, status: &str| {
            format!(
                r#"{{"modelName":"{id}","status":"{status}","updatedAt":"2031-05-04T09:00:08.000Z"}}"#
            )
        };
        let rows = [row("siglip", "COMPLETED"), row("blink", word)].join(",");
        let run =
            format!(r#"{{"id":"run-1","runNumber":1,"status":"{word}","analyses":[{rows}]}}"#);
        let body = format!(r#"{{"data":{{"id":"a","status":"{word}","analysisRuns":[{run}]}}}}"#);
        let analysis = Kind::Analysis.backend();
        let snapshot = analysis.snapshot(&media_scope("a"), 200, &parse(&body));
        assert_eq!(
            sentences(&snapshot.unwrap().facts),
            [
                "a: cancelled",
                "a run-1 at 8: cancelled number=1",
                "a run-1 siglip at 8: completed",
                "a run-1 blink at 8: cancelled",
            ],
            "{word}"
        );

        // How many had ended by then is not how many there were.
        let ended = format!(
            r#"{{"mediaId":"a","runId":"run-1","finalStatus":"{word}","completedCount":2,"failedCount":0}}"#
        );
        let event = analysis.decode("run_finalized", &[parse(&ended)], Some(ME));
        assert_eq!(
            sentences(&event.unwrap().facts),
            ["a run-1: cancelled"],
            "{word}"
        );

        let body = format!(r#"{{"video":{{"_id":"v","status":"{word}"}}}}"#);
        let library = Kind::Library.backend();
        let snapshot = library.snapshot(&media_scope("v"), 200, &parse(&body));
        assert_eq!(
            sentences(&snapshot.unwrap().facts),
            [
                "v: kind=video cancelled",
                "v open: cancelled",
                "v open analysis: cancelled",
            ],
            "{word}"
        );
    }
}

// ---- library

#[test]
fn a_hundred_percent_is_not_the_end_of_a_video() {
    let fixture = Fixture::read("library", "good-run");

    assert_eq!(
        fixture.says(8),
        [
            "65f0aa01 open: processing",
            "65f0aa01 open analysis: progress 100 of 100",
            "65f0aa01 open analysis: doing All steps done at 1",
        ]
    );
    assert_eq!(
        fixture.says(9),
        [
            "65f0aa01 open analysis: completed safe",
            "65f0aa01 open: done verdict=safe",
        ]
    );
}

#[test]
fn an_attempt_that_begins_and_an_end_are_worth_asking_about_and_an_attempt_that_failed_is_not() {
    let fixture = Fixture::read("library", "retry-then-flagged");
    let failed = fixture.decoded(2).unwrap();

    assert_eq!(
        fixture.decoded(1).unwrap().ask,
        Some(media_scope("65f0aa01"))
    );
    assert_eq!(fixture.decoded(6).unwrap().ask, None);
    assert_eq!(
        fixture.decoded(8).unwrap().ask,
        Some(media_scope("65f0aa01"))
    );
    assert_eq!(failed.ask, None);
    assert_eq!(
        sentences(&failed.facts),
        [
            "65f0aa01 open: failure reported",
            "65f0aa01 open analysis: failed: \
             probe ended with 1\nprobe 6.0\nbuilt with cc\nat line 4\nno such stream",
        ]
    );
    assert_eq!(
        sentences(&fixture.snapshot(3).unwrap().facts),
        [
            "65f0aa01: kind=video failed",
            "65f0aa01 open: failed",
            "65f0aa01 open analysis: failed",
        ]
    );
    assert_eq!(
        fixture.says(8),
        [
            "65f0aa01 open analysis: completed flagged 0.7 took=4200",
            "65f0aa01 open: done verdict=flagged 0.83",
        ]
    );
}

#[test]
fn a_video_is_read_the_same_from_the_list_and_by_itself() {
    let fixture = Fixture::read("library", "good-run");
    let expected = [
        "65f0aa01 at 10: name=Pier at dusk kind=video bytes=90211 created=0 done",
        "65f0aa01 open at 10: done verdict=safe 0.35",
        "65f0aa01 open analysis at 10: completed safe",
    ];

    assert_eq!(sentences(&fixture.snapshot(10).unwrap().facts), expected);
    let list = fixture.snapshot(11).unwrap();
    assert!(list.is_whole);
    assert_eq!(sentences(&list.facts), expected);
}

#[test]
fn a_first_page_of_more_takes_nothing_away() {
    let fixture = Fixture::read("library", "second-page-and-gone");
    let page = fixture.snapshot(1).unwrap();

    assert_eq!(
        (page.is_whole, page.media),
        (false, vec![media("65f0aa01")])
    );
    assert!(fixture.snapshot(2).unwrap().is_whole);
    assert!(matches!(
        fixture.snapshot(3),
        Err(Refusal::SignedOut(Some(_)))
    ));
    assert!(matches!(
        fixture.snapshot(4),
        Err(Refusal::TooMany(Some(_)))
    ));
}

#[test]
fn a_video_ended_when_it_was_analyzed_not_when_its_title_was_changed() {
    let library = Kind::Library.backend();
    let at = |second: u32| format!("2031-05-04T09:00:0{second}.000Z");
    for (status, times, ended) in [
        ("completed", "", "9"),
        ("completed", r#""processedAt":"AT4","#, "4"),
        ("completed", r#""sensitivity":{"analyzedAt":"AT3"},"#, "3"),
        (
            "completed",
            r#""sensitivity":{"analyzedAt":"AT3"},"processedAt":"AT4","#,
            "4",
        ),
        // Of the run before this one.
        ("processing", r#""processedAt":"AT4","#, "9"),
    ] {
        let times = (3..5).fold(times.to_owned(), |times, second| {
            times.replace(&format!("AT{second}"), &at(second))
        });
        let body = format!(
            r#"{{"video":{{"_id":"v","status":"{status}",{times}"updatedAt":"{}"}}}}"#,
            at(9)
        );
        let snapshot = library
            .snapshot(&media_scope("v"), 200, &parse(&body))
            .unwrap();

        let facts = sentences(&snapshot.facts);
        let is_at = |fact: &String| fact.contains(&format!(" at {ended}: "));
        assert!(facts[1..].iter().all(is_at), "{facts:?}");
        assert_eq!(facts.len(), 3);
    }
}

#[test]
fn a_page_of_videos_is_whole_only_if_it_is_the_only_one() {
    let library = Kind::Library.backend();
    for (pagination, is_whole, beyond) in [
        (r#"{"pages":0}"#, true, 0),
        (r#"{"pages":1,"total":1}"#, true, 0),
        (r#"{"pages":2,"total":7}"#, false, 6),
        (r#"{"pages":null,"total":0}"#, true, 0),
    ] {
        let body = format!(r#"{{"videos":[{{"_id":"v"}}],"pagination":{pagination}}}"#);
        let snapshot = library.snapshot(&Scope::List, 200, &parse(&body)).unwrap();

        assert_eq!(
            (snapshot.is_whole, snapshot.beyond),
            (is_whole, beyond),
            "{pagination}"
        );
    }
}

#[test]
fn a_worker_that_stamps_its_events_tells_attempts_apart() {
    let fixture = Fixture::read("library", "stamped-worker");

    assert_eq!(fixture.says(1)[1], "65f0aa01 open analysis at 0: started");
    assert_eq!(
        fixture.says(2)[1],
        "65f0aa01 open analysis at 1: progress 15 of 100, relayed 1"
    );
}

#[test]
fn the_librarys_documented_names_and_notices_are_understood() {
    let fixture = Fixture::read("library", "documented-run");
    let notice = |line| {
        fixture
            .decoded(line)
            .unwrap()
            .notice
            .map(|text| text.to_string())
    };

    assert_eq!(
        fixture.says(1)[1..],
        [
            "65f0aa01 open analysis: progress 10 of 100",
            "65f0aa01 open analysis: doing metadata at 0.1",
        ]
    );
    assert_eq!(fixture.says(4)[1], "65f0aa01 open: done verdict=safe");
    // A level is another scale than a status: shown as the server's word.
    assert_eq!(
        fixture.says(5)[1],
        "65f0aa01 open: done verdict=other high 0.9"
    );
    assert_eq!(notice(7).as_deref(), Some("The server rests at noon."));
    assert_eq!(notice(8).as_deref(), Some("Your video is ready."));
}

// ---- interview

#[test]
fn an_interview_says_its_times_and_its_score() {
    let fixture = Fixture::read("interview", "good-run");

    assert_eq!(
        fixture.says(2),
        [
            "itv-77 open at 1: processing",
            "itv-77 open analysis at 1: started",
            "itv-77 at 1: name=itv-77",
        ]
    );
    assert_eq!(
        fixture.says(3),
        [
            "itv-77 at 3: name=itv-77 kind=video bytes=20480",
            "itv-77 open analysis at 3: completed took=910",
            "itv-77 open at 3: done verdict=other 6.5/10 0.65",
        ]
    );
    assert_eq!(fixture.decoded(3).unwrap().ask, None);
}

#[test]
fn a_status_that_lies_takes_nothing_away_and_claims_nothing() {
    let fixture = Fixture::read("interview", "good-run");
    let lie = fixture.snapshot(1).unwrap();

    assert!(!lie.is_whole && lie.media.is_empty() && lie.facts.is_empty());
    let truth = fixture.snapshot(4).unwrap();
    assert!(truth.is_whole);
    assert_eq!(truth.media, [media("itv-77")]);
    assert_eq!(
        sentences(&truth.facts)[1..],
        [
            "itv-77 open analysis at 3: completed took=910",
            "itv-77 open at 3: done verdict=other 6.5/10 0.65",
        ]
    );
}

#[test]
fn each_failed_attempt_of_an_interview_has_its_own_time() {
    let fixture = Fixture::read("interview", "fails-for-good");

    for (line, at) in [(2, 2), (4, 7), (6, 18)] {
        assert_eq!(
            fixture.says(line),
            [
                format!("itv-77 open at {at}: failure reported"),
                format!("itv-77 open analysis at {at}: failed: recording not found"),
                format!("itv-77 at {at}: name=itv-77"),
            ],
            "{line}"
        );
    }
}

#[test]
fn a_bare_end_of_an_interview_is_worth_asking_about() {
    let fixture = Fixture::read("interview", "documented-run");
    let end = fixture.decoded(2).unwrap();

    assert_eq!(end.ask, Some(media_scope("itv-77")));
    assert_eq!(
        sentences(&end.facts)[1..],
        ["itv-77 open analysis: completed", "itv-77 open: done"]
    );
    assert_eq!(
        sentences(&fixture.snapshot(3).unwrap().facts)[1],
        "itv-77 open analysis at 4: completed took=910 simulated"
    );
    assert_eq!(
        fixture.says(4)[1],
        "itv-77 open analysis at 5: failed: late"
    );
    assert!(fixture.snapshot(5).unwrap().is_whole);
    assert!(matches!(fixture.snapshot(6), Err(Refusal::SignedOut(_))));
}

// ---- meeting

#[test]
fn a_meeting_tells_people_scores_and_measurements() {
    let fixture = Fixture::read("meeting", "whole-meeting");

    for (line, says) in [
        (1, "room-12: joined user-ada sock-1"),
        (2, "? at 1: user-lin came"),
        (3, "? at 2: user-joe came as Joe Park"),
        (
            4,
            "room-12 at 3: user-joe measured audio[voiceCloneScore=0.7] 0.9, \
             video[facialConsistency=0.8 lipSyncError=0.04] 0.85, behaviour[emotionConsistency=0.75] 0.88",
        ),
        (5, "room-12 at 4: user-joe trust 0.93"),
        (
            8,
            "room-12 at 5: alert Low user-joe voice_clone 0.9: The voice sounds cloned",
        ),
        (
            10,
            "room-12 at 15: alert High user-joe voice_clone 0.9: The voice sounds cloned",
        ),
        (
            12,
            "room-12 at 17: Participants=4 AverageTrust=78 Detected(audio)=1 Confidence(audio)=90 Cpu=41.5",
        ),
        (13, "? at 18: user-lin went"),
        (14, "room-12: left"),
    ] {
        assert_eq!(fixture.says(line), [says], "{line}");
    }
}

#[test]
fn an_answer_to_joining_without_a_list_does_not_say_that_nobody_is_there() {
    let meeting = Kind::Meeting.backend();
    for (answer, says) in [
        (
            r#"{"success":true}"#,
            "?: joined, nobody knows who is there",
        ),
        (
            r#"{"participants":null}"#,
            "?: joined, nobody knows who is there",
        ),
        (r#"{"participants":[]}"#, "?: joined "),
    ] {
        let decoded = meeting.decode("meeting-joined", &[parse(answer)], None);
        assert_eq!(sentences(&decoded.unwrap().facts), [says], "{answer}");
    }
}

#[test]
fn severities_are_read_in_any_case_and_unknown_ones_are_neutral() {
    let meeting = Kind::Meeting.backend();
    for (word, severity) in [
        (r#""LOW""#, "Low"),
        (r#"" medium ""#, "Medium"),
        (r#""High""#, "High"),
        (r#""cRitical""#, "Critical"),
        (r#""severe""#, "Unknown"),
        ("3", "Unknown"),
        ("null", "Unknown"),
    ] {
        let payload = parse(&format!(r#"{{"severity":{word}}}"#));
        let decoded = meeting.decode("deepfake-alert", &[payload], None).unwrap();

        assert_eq!(
            sentences(&decoded.facts),
            [format!("?: alert {severity}")],
            "{word}"
        );
    }
}

#[test]
fn simulated_data_says_so_beside_what_it_says() {
    let fixture = Fixture::read("meeting", "simulated");

    assert_eq!(
        fixture.says(1),
        [
            "room-12: joined user-ada 7",
            "room-12: user-ada came as Ada"
        ]
    );
    assert_eq!(
        fixture.says(2),
        [
            "room-12 at 2: user-joe trust 0.4",
            "room-12 at 2: simulated"
        ]
    );
    assert_eq!(
        fixture.says(3),
        ["room-12 at 3: alert Unknown", "room-12 at 3: simulated"]
    );
}

#[test]
fn no_data_is_never_a_number_and_an_alert_is_never_lost() {
    let fixture = Fixture::read("meeting", "no-data-and-errors");

    assert_eq!(fixture.says(1), ["room-12 at 1: p1 trust ?"]);
    assert_eq!(fixture.says(2), ["room-12 at 2: p1 trust ?"]);
    assert_eq!(fixture.says(3), [""; 0]);
    assert_eq!(fixture.says(4), ["?: alert Unknown"]);
    assert_eq!(fixture.says(5), [""; 0]);
    assert_eq!(fixture.says(8), [""; 0]);
    for (line, notice) in [
        (6, Some("Which meeting?")),
        (7, Some("No such room")),
        (9, None),
    ] {
        let decoded = fixture.decoded(line).unwrap();

        assert!(decoded.facts.is_empty());
        assert_eq!(
            decoded.notice.map(|text| text.to_string()).as_deref(),
            notice
        );
    }
}

#[test]
fn an_alert_about_nobody_is_as_bad_as_it_says_whatever_it_says_besides() {
    let meeting = Kind::Meeting.backend();
    for (payload, severity) in [
        (
            r#"{"severity":"high","message":"m","data":{"frame":3}}"#,
            Severity::High,
        ),
        (
            r#"{"event":"deepfake-alert","data":{"severity":"low"}}"#,
            Severity::Low,
        ),
        (
            r#"{"data":{"alert":{"severity":"critical"}}}"#,
            Severity::Critical,
        ),
    ] {
        let decoded = meeting.decode("deepfake-alert", &[parse(payload)], None);
        let facts = decoded.unwrap().facts;
        let [Fact::Meeting {
            said: MeetingSaid::Alert(said),
            ..
        }] = facts.as_slice()
        else {
            panic!("{payload} is an alert, not {facts:?}");
        };
        assert_eq!(said.severity, severity, "{payload}");
    }
}

#[test]
fn a_figure_of_a_meeting_that_is_out_of_its_range_is_not_said() {
    let figures = |members: &str| {
        let body = format!(r#"{{"meetingId":"room-12","analytics":{{{members}}}}}"#);
        let meeting = Kind::Meeting.backend();
        let decoded = meeting.decode("analytics-update", &[parse(&body)], None);
        match decoded.unwrap().facts.as_slice() {
            [Fact::Meeting {
                said: MeetingSaid::Analytics(figures),
                ..
            }] => figures.iter().map(|(_, figure)| *figure).collect(),
            _ => Vec::new(),
        }
    };
    for (figure, share, percent, amount) in [
        ("0.5", Some(50.0), Some(0.5), Some(0.5)),
        ("\"0.5\"", Some(50.0), Some(0.5), Some(0.5)),
        ("0", Some(0.0), Some(0.0), Some(0.0)),
        ("1", Some(100.0), Some(1.0), Some(1.0)),
        ("41", None, Some(41.0), Some(41.0)),
        ("250", None, None, Some(250.0)),
        ("-1", None, None, None),
        ("null", None, None, None),
    ] {
        for (members, read) in [
            (format!(r#""averageTrustScore":{figure}"#), share),
            (
                format!(r#""detectionModality":{{"audio":{{"confidence":{figure}}}}}"#),
                share,
            ),
            (format!(r#""cpuUsage":{figure}"#), percent),
            (format!(r#""memoryUsage":{figure}"#), percent),
            (format!(r#""totalParticipants":{figure}"#), amount),
            (format!(r#""anomaliesDetected":{figure}"#), amount),
            (
                format!(r#""detectionModality":{{"audio":{{"detected":{figure}}}}}"#),
                amount,
            ),
            (format!(r#""processedFrames":{figure}"#), amount),
        ] {
            let read: Vec<_> = read.into_iter().collect();
            assert_eq!(figures(&members), read, "{members}");
        }
    }
}

#[test]
fn a_picture_is_the_attachment_wherever_it_stands_beside_the_ids() {
    let meeting = Kind::Meeting.backend();
    let bytes = || Value::Bytes(Arc::from([0xff_u8, 0xd8, 0xff].as_slice()));
    let payload = |members: &str, more: Vec<(&str, Value)>| {
        let Value::Object(mut all) = parse(&format!("{{{members}}}")) else {
            unreachable!("braces make an object");
        };
        all.extend(
            more.into_iter()
                .map(|(name, value)| (name.to_owned(), value)),
        );
        Value::Object(all)
    };
    let ids =
        r#""meetingId":"room-12","participantId":"p1","timestamp":"2031-05-04T09:00:03.000Z""#;
    let seen = "room-12 at 3: p1 seen in 3 bytes";
    for (args, said) in [
        (vec![payload(ids, vec![("frame", bytes())])], vec![seen]),
        (vec![payload(ids, vec![("image", bytes())])], vec![seen]),
        (vec![payload(ids, vec![]), bytes()], vec![seen]),
        (
            vec![Value::object([(
                "data",
                payload(ids, vec![("frame", bytes())]),
            )])],
            vec![seen],
        ),
        (
            vec![payload(r#""source":"simulated""#, vec![("frame", bytes())])],
            vec!["?: ? seen in 3 bytes", "?: simulated"],
        ),
        // As the document sends it: the picture itself, and an option that the server took for another argument.
        (
            vec![bytes(), parse(r#"{"binary":true}"#)],
            vec!["?: ? seen in 3 bytes"],
        ),
        (vec![bytes()], vec!["?: ? seen in 3 bytes"]),
        (vec![bytes(), payload(ids, vec![])], vec![seen]),
    ] {
        let decoded = meeting.decode("video-frame", &args, None).unwrap();
        assert_eq!(sentences(&decoded.facts), said, "{args:?}");
    }
    for (frame, found) in [
        (Value::Null, "nothing"),
        ("/9j/4AAQ".into(), "another text"),
    ] {
        let args = [payload(ids, vec![("frame", frame)])];
        assert_eq!(
            meeting.decode("video-frame", &args, None),
            Err(DecodeError::Malformed {
                event: "video-frame",
                field: "frame",
                found,
                media: None
            })
        );
    }
}

#[test]
fn joining_and_leaving_name_the_same_user_in_an_object() {
    let meeting = Kind::Meeting.backend();
    let room = MeetingId::new("room-12").unwrap();
    for (user, payload) in [
        (Some("u"), r#"{"meetingId":"room-12","userId":"u"}"#),
        (None, r#"{"meetingId":"room-12"}"#),
    ] {
        let join = meeting.join(&room, user).unwrap();
        let leave = meeting.leave(&room, user).unwrap();

        assert_eq!((join.event, leave.event), ("join-meeting", "leave-meeting"));
        assert_eq!(join.args, [parse(payload)]);
        assert_eq!(join.args, leave.args);
    }
}

// ---- requests

#[test]
fn requests_are_what_each_server_expects() {
    let id = media("a/b");
    let written = |kind: &str, scope: &Scope| {
        Kind::named(kind)
            .unwrap()
            .backend()
            .fetch(scope, Some("t"))
            .map(|request| {
                let token = request
                    .headers
                    .iter()
                    .find(|(name, _)| *name == "Authorization");
                (request.path.clone(), token.unwrap().1.clone())
            })
    };
    let some = |path: &str, token: &str| Some((path.to_owned(), token.to_owned()));

    for (kind, list, one) in [
        (
            "analysis",
            some("/api/v1/media", "Bearer t"),
            some("/api/v1/media/a%2Fb", "Bearer t"),
        ),
        (
            "library",
            some("/api/videos?page=1&limit=100", "Bearer t"),
            some("/api/videos/a%2Fb", "Bearer t"),
        ),
        (
            "interview",
            None,
            some("/api/v1/media-analysis/a%2Fb/status", "t"),
        ),
        ("meeting", None, None),
    ] {
        assert_eq!(written(kind, &Scope::List), list, "{kind}");
        assert_eq!(written(kind, &Scope::Media(id.clone())), one, "{kind}");
        assert_eq!(written(kind, &media_scope("..")), None, "{kind}");
    }
}

#[test]
fn signing_in_gives_a_token_and_who_it_is_of() {
    for (kind, path, body, id, name) in [
        (
            "analysis",
            "/api/v1/auth/login",
            r#"{"data":{"user":{"id":"u1","email":"a@b","firstName":"Ada","lastName":"L"},"token":"t"}}"#,
            "u1",
            "Ada L",
        ),
        (
            "library",
            "/api/auth/login",
            r#"{"message":"hi","user":{"id":"u2","email":"a@b","name":"Ada"},"token":"t"}"#,
            "u2",
            "Ada",
        ),
        (
            "interview",
            "/api/v1/user/login",
            r#"{"data":{"user":{"_id":3,"email":"a@b"},"accessToken":"t"}}"#,
            "3",
            "a@b",
        ),
    ] {
        let server = Kind::named(kind).unwrap().backend();
        let request = server.sign_in("a@b", "p\"w").unwrap();
        let signed_in = server.signed_in(200, &parse(body)).unwrap();

        assert_eq!(request.path, path);
        assert!(request.body == Body::Json(r#"{"email":"a@b","password":"p\"w"}"#.to_owned()));
        assert_eq!(
            (signed_in.user_id.as_str(), signed_in.token.as_str()),
            (id, "t"),
            "{kind}"
        );
        assert_eq!(signed_in.display_name.unwrap().as_str(), name, "{kind}");
        assert!(matches!(
            server.signed_in(401, &parse(r#"{"message":"no","error":"no"}"#)),
            Err(Refusal::Credentials(Some(_)))
        ));
        assert!(matches!(
            server.signed_in(200, &Value::Null),
            Err(Refusal::Malformed { .. })
        ));
        assert_eq!(
            server.connect_auth(Some("t")),
            Some(parse(r#"{"token":"t"}"#)),
            "{kind}"
        );
        assert_eq!(server.connect_auth(None), None);
    }
}

#[test]
fn an_uploads_answer_names_the_media() {
    let analysis = Kind::Analysis.backend();
    let library = Kind::Library.backend();
    let body =
        r#"{"data":{"id":"m","filename":"a.png","mediaType":"IMAGE","size":9,"status":"QUEUED"}}"#;
    let uploaded = analysis.uploaded(202, &parse(body)).unwrap();

    assert_eq!(uploaded.media, media("m"));
    assert_eq!(
        sentences(&uploaded.facts),
        ["m: name=a.png kind=image bytes=9 queued"]
    );
    let body = r#"{"video":{"id":"v","title":"Pier","status":"processing","fileSize":9}}"#;
    let uploaded = library.uploaded(201, &parse(body)).unwrap();
    assert_eq!(
        sentences(&uploaded.facts),
        [
            "v: name=Pier kind=video bytes=9 processing",
            "v open: processing",
            "v open analysis: progress ? of 100",
        ]
    );
    for server in [analysis, library] {
        assert!(matches!(
            server.uploaded(413, &Value::Null),
            Err(Refusal::TooLarge(None))
        ));
        assert!(matches!(
            server.uploaded(200, &Value::Null),
            Err(Refusal::Malformed { .. })
        ));
    }
}

#[test]
fn a_repeated_analysis_says_its_new_run() {
    let analysis = Kind::Analysis.backend();
    let request = analysis.analyze_again(&media("m"), Some("t")).unwrap();
    let body = r#"{"data":{"id":"m","status":"QUEUED","analysisRuns":[{"id":"r2","runNumber":2,"status":"QUEUED"}]}}"#;

    assert_eq!(request.path, "/api/v1/media/m/analyze");
    assert_eq!(
        sentences(&analysis.analyzing_again(202, &parse(body)).unwrap()),
        ["m: queued", "m r2: queued number=2"]
    );
    assert!(Kind::Library
        .backend()
        .analyze_again(&media("m"), None)
        .is_none());
}

#[test]
fn an_interview_that_is_not_analyzed_again_is_not_said_to_be() {
    let interview = Kind::Interview.backend();
    let answer = |status, data: &str| {
        let body = format!(r#"{{"statusCode":{status},"data":{data},"message":"So it is"}}"#);
        interview.analyzing_again(status, &parse(&body))
    };

    assert_eq!(
        answer(201, r#"{"status":"queued","jobId":"7"}"#),
        Ok(Vec::new())
    );
    assert_eq!(
        answer(200, r#"{"status":"already_exists"}"#),
        Err(Refusal::Rejected {
            status: 200,
            message: Text::name("So it is")
        })
    );
}

#[test]
fn an_unknown_event_is_unknown_to_each() {
    for kind in Kind::ALL {
        let server = kind.backend();
        for event in [
            "",
            "nope",
            "batch_updates",
            "analysis",
            "video:",
            "__proto__",
        ] {
            assert_eq!(
                server.decode(event, &[Value::Null], None),
                Err(DecodeError::UnknownEvent),
                "{} {event}",
                kind.name()
            );
        }
    }
}

// ---- reading fixtures and writing facts

enum Line {
    Event {
        event: String,
        args: Vec<Value>,
    },
    Snapshot {
        scope: Scope,
        status: u16,
        body: Value,
    },
}

struct Fixture {
    backend: &'static dyn Backend,
    lines: Vec<Line>,
}

impl Fixture {
    fn read(kind: &str, shape: &str) -> Self {
        let path = format!(
            "{}/tests/fixtures/{kind}/{shape}.jsonl",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = std::fs::read_to_string(&path).expect(&path);
        let lines = text.lines().map(|line| {
            let line = parse(line);
            match line.get("event").as_str() {
                Some(event) => Line::Event {
                    event: event.to_owned(),
                    args: line.get("args").as_array().to_vec(),
                },
                None => Line::Snapshot {
                    scope: match line.get("scope").get("media").as_str() {
                        Some(id) => media_scope(id),
                        None => Scope::List,
                    },
                    status: u16::try_from(line.get("status").as_u64().unwrap()).unwrap(),
                    body: line.get("snapshot").clone(),
                },
            }
        });
        Self {
            backend: Kind::named(kind).unwrap().backend(),
            lines: lines.collect(),
        }
    }

    /// What the event in this line decodes to; lines are counted from 1, as editors do.
    fn decoded(&self, line: usize) -> Result<Decoded, DecodeError> {
        match &self.lines[line - 1] {
            Line::Event { event, args } => self.backend.decode(event, args, Some(ME)),
            Line::Snapshot { .. } => panic!("line {line} is a snapshot"),
        }
    }

    fn says(&self, line: usize) -> Vec<String> {
        sentences(&self.decoded(line).unwrap().facts)
    }

    fn snapshot(&self, line: usize) -> Result<Snapshot, Refusal> {
        match &self.lines[line - 1] {
            Line::Snapshot {
                scope,
                status,
                body,
            } => self.backend.snapshot(scope, *status, body),
            Line::Event { .. } => panic!("line {line} is an event"),
        }
    }
}

fn parse(text: &str) -> Value {
    json::parse(text).expect(text)
}

fn media(id: &str) -> MediaId {
    MediaId::new(id).unwrap()
}

fn media_scope(id: &str) -> Scope {
    Scope::Media(media(id))
}

fn sentences(facts: &[Fact]) -> Vec<String> {
    facts.iter().map(sentence).collect()
}

/// What a fact is about, when it was said, and what was said.
fn sentence(fact: &Fact) -> String {
    let (about, at, said) = match fact {
        Fact::Media { media, at, fields } => {
            let mut said = Vec::new();
            said.extend(fields.name.as_ref().map(|name| format!("name={name}")));
            said.extend(
                fields
                    .kind
                    .map(|kind| format!("kind={kind:?}").to_lowercase()),
            );
            said.extend(fields.bytes.map(|bytes| format!("bytes={bytes}")));
            said.extend(
                fields
                    .created
                    .map(|created| format!("created={}", seconds(created))),
            );
            said.extend(fields.declared.map(declared));
            (media.to_string(), at, said.join(" "))
        }
        Fact::Run {
            media,
            run,
            at,
            fields,
        } => {
            let mut said = Vec::new();
            said.extend(fields.declared.map(declared));
            said.extend(fields.number.map(|number| format!("number={number}")));
            said.extend(
                fields
                    .expected
                    .map(|expected| format!("expected={expected}")),
            );
            said.extend(
                fields
                    .created
                    .map(|created| format!("created={}", seconds(created))),
            );
            said.extend(fields.verdict.as_ref().map(verdict));
            (format!("{media} {}", run_name(run)), at, said.join(" "))
        }
        Fact::Model {
            media,
            run,
            model,
            at,
            said,
        } => (
            format!("{media} {} {model}", run_name(run)),
            at,
            model_said(said),
        ),
        Fact::Meeting { meeting, at, said } => {
            let about = meeting.as_ref().map_or("?".to_owned(), ToString::to_string);
            (about, at, meeting_said(said))
        }
        Fact::Models(counts) => ("models".to_owned(), &None, format!("{counts:?}")),
    };
    match at {
        Some(at) => format!("{about} at {}: {said}", seconds(*at)),
        None => format!("{about}: {said}"),
    }
}

fn seconds(at: Timestamp) -> f64 {
    let origin = Timestamp::parse("2031-05-04T09:00:00Z")
        .unwrap()
        .unix_millis();
    (at.unix_millis() - origin) as f64 / 1000.0
}

fn run_name(run: &RunRef) -> String {
    match run {
        RunRef::Id(id) => id.to_string(),
        RunRef::Open => "open".to_owned(),
    }
}

fn declared(declared: Declared) -> String {
    match declared {
        Declared::FailureReported => "failure reported".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn label(label: &Label) -> String {
    match label {
        Label::Other(word) => format!("other {word}"),
        known => format!("{known:?}").to_lowercase(),
    }
}

fn verdict(verdict: &ServerVerdict) -> String {
    let score = verdict
        .score
        .map_or(String::new(), |score| format!(" {score}"));
    format!("verdict={}{score}", label(&verdict.label))
}

fn number(number: &Option<f64>) -> String {
    number.map_or("?".to_owned(), |number| number.to_string())
}

fn outcome(outcome: &Outcome) -> String {
    let mut said = vec!["completed".to_owned()];
    said.extend(outcome.label.as_ref().map(label));
    said.extend(outcome.confidence.map(|confidence| confidence.to_string()));
    said.extend(
        outcome
            .took
            .map(|took| format!("took={}", took.as_millis())),
    );
    said.extend(outcome.simulated.then(|| "simulated".to_owned()));
    said.join(" ")
}

fn model_said(said: &ModelSaid) -> String {
    match said {
        ModelSaid::Queued => "queued".to_owned(),
        ModelSaid::Started => "started".to_owned(),
        ModelSaid::Progress {
            done,
            total,
            relayed,
        } => {
            let relayed = relayed.map_or(String::new(), |at| format!(", relayed {}", seconds(at)));
            format!("progress {} of {}{relayed}", number(done), number(total))
        }
        ModelSaid::Doing { text, fraction } => {
            let at = fraction.map(|fraction| format!(" at {fraction}"));
            format!("doing {text}{}", at.unwrap_or_default())
        }
        ModelSaid::Completed(said) => outcome(said),
        ModelSaid::Failed {
            error,
            is_final,
            attempt,
        } => {
            let end = if *is_final { " for good" } else { "" };
            let end = attempt.map_or(end.to_owned(), |attempt| {
                format!("{end}, attempt {attempt}")
            });
            let error = error
                .as_ref()
                .map_or(String::new(), |error| format!(": {error}"));
            format!("failed{end}{error}")
        }
        ModelSaid::Cancelled => "cancelled".to_owned(),
    }
}

fn meeting_said(said: &MeetingSaid) -> String {
    let figures = |figures: &[(telltale::domain::Text, f64)]| {
        let figures: Vec<_> = figures
            .iter()
            .map(|(name, figure)| format!("{name}={figure}"))
            .collect();
        figures.join(" ")
    };
    match said {
        MeetingSaid::Joined(people) => {
            let Some(people) = people else {
                return "joined, nobody knows who is there".to_owned();
            };
            let people: Vec<_> = people.iter().map(ToString::to_string).collect();
            format!("joined {}", people.join(" "))
        }
        MeetingSaid::Left => "left".to_owned(),
        MeetingSaid::ParticipantJoined { participant, name } => {
            let name = name
                .as_ref()
                .map_or(String::new(), |name| format!(" as {name}"));
            format!("{participant} came{name}")
        }
        MeetingSaid::ParticipantLeft { participant } => format!("{participant} went"),
        MeetingSaid::Trust { participant, score } => {
            format!("{participant} trust {}", number(score))
        }
        MeetingSaid::Detection {
            participant,
            modalities,
        } => {
            let modalities: Vec<_> = modalities
                .iter()
                .map(|modality| {
                    let sure = number(&modality.confidence);
                    format!("{}[{}] {sure}", modality.name, figures(&modality.figures))
                })
                .collect();
            format!("{participant} measured {}", modalities.join(", "))
        }
        MeetingSaid::Alert(alert) => {
            let mut said = vec![format!("alert {:?}", alert.severity)];
            said.extend(alert.participant.as_ref().map(ToString::to_string));
            said.extend(alert.kind.as_ref().map(ToString::to_string));
            said.extend(alert.confidence.map(|confidence| confidence.to_string()));
            let message = alert
                .message
                .as_ref()
                .map_or(String::new(), |text| format!(": {text}"));
            said.join(" ") + &message
        }
        MeetingSaid::Analytics(said) => {
            let figure = |(metric, value): &(Metric, f64)| match metric {
                Metric::Detected(name) => format!("Detected({name})={value}"),
                Metric::Confidence(name) => format!("Confidence({name})={value}"),
                Metric::Other(name) => format!("{name}={value}"),
                metric => format!("{metric:?}={value}"),
            };
            said.iter().map(figure).collect::<Vec<_>>().join(" ")
        }
        MeetingSaid::VideoFrame {
            participant,
            picture,
        } => {
            let who = (participant.as_ref()).map_or("?".to_owned(), ToString::to_string);
            format!("{who} seen in {picture:?}")
        }
        MeetingSaid::Simulated => "simulated".to_owned(),
    }
}
