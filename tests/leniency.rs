//! How much each vocabulary forgives: lenient by field, strict by key.
//!
//! The tables say which payloads mean the same, which lack only what cannot be read of them, and which are refused.
//! Servers differ in their names, their envelopes and what they write for a number or for nothing; none of that may
//! change what is shown.

use telltale::backend::{DecodeError, Decoded, Kind};
use telltale::domain::fact::{Declared, Label, MeetingSaid, ModelSaid, RunRef, Scope, Severity};
use telltale::domain::{Fact, Text};
use telltale::json::{self, Value};

const ME: &str = "user-ada";

/// What a media is called by, by one server or another.
const NAMES: [&str; 8] = [
    "mediaId",
    "media_id",
    "videoId",
    "video_id",
    "interviewId",
    "interview_id",
    "id",
    "_id",
];

// ── which mean the same ──────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn what_analyses_say_in_any_of_their_names_and_shapes_is_the_same() {
    all_mean_the_same(
        "analysis",
        &[
            // A model's progress: its id in every spelling, bare and in an envelope, real and documented.
            &[
                (
                    "progress_update",
                    r#"{"mediaId":"m","event":"FRAME_ANALYSIS_PROGRESS","data":{"model_name":"x","progress":40,"total":100}}"#,
                ),
                (
                    "progress_update",
                    r#"{"media_id":"m","event":"SOME_NEW_STAGE","data":{"modelName":"x","progress":"40","total":"100"}}"#,
                ),
                (
                    "progress_update",
                    r#"{"type":"progress_update","data":{"id":"m","event":"X","data":{"model":"x","progress":40.0,"total":1e2}}}"#,
                ),
                (
                    "analysis_progress",
                    r#"{"_id":"m","modelName":"x","progress":40}"#,
                ),
                (
                    "analysis_progress",
                    r#"{"videoId":"m","model_name":"x","progress":" 40 "}"#,
                ),
                (
                    "analysis_progress",
                    r#"{"interviewId":"m","model":"x","progress":40.0}"#,
                ),
                (
                    "analysis_progress",
                    r#"{"eventName":"analysis_progress","data":{"mediaId":"m","modelName":"x","progress":40}}"#,
                ),
                (
                    "batch_update",
                    r#"[{"eventName":"analysis_progress","data":{"mediaId":"m","modelName":"x","progress":40}}]"#,
                ),
                (
                    "batch_update",
                    r#"{"updates":[{"event":"progress_update","payload":{"mediaId":"m","event":"Y","data":{"model_name":"x","progress":40,"total":100}}}]}"#,
                ),
            ],
            // Ids that are numbers, as some databases have them.
            &[
                (
                    "analysis_started",
                    r#"{"mediaId":"7","runId":"9","modelName":"x"}"#,
                ),
                (
                    "analysis_started",
                    r#"{"mediaId":7,"analysisRunId":9.0,"modelName":"x"}"#,
                ),
                (
                    "progress_update",
                    r#"{"mediaId":7,"event":"ANALYSIS_STARTED","data":{"run_id":"9","model_name":"x"}}"#,
                ),
            ],
            &[
                (
                    "progress_update",
                    r#"{"mediaId":"m","event":"ANALYSIS_COMPLETED","data":{"runId":"r","model_name":"x","prediction":"FAKE","confidence":0.9}}"#,
                ),
                (
                    "analysis_completed",
                    r#"{"mediaId":"m","runId":"r","modelName":"x","prediction":"fake","confidence":"0.9"}"#,
                ),
                (
                    "analysis_completed",
                    r#"{"id":"m","analysisRunId":"r","model":"x","prediction":" DEEPFAKE ","confidence":9e-1,"unheardOf":[1]}"#,
                ),
            ],
            &[
                (
                    "progress_update",
                    r#"{"mediaId":"m","event":"ANALYSIS_FAILED","data":{"model_name":"x","error":"no face"}}"#,
                ),
                (
                    "progress_update",
                    r#"{"mediaId":"m","event":"PROCESSING_FAILED","data":{"model_name":"x","error_message":"no face"}}"#,
                ),
                (
                    "analysis_failed",
                    r#"{"mediaId":"m","modelName":"x","details":{"error":"no face"}}"#,
                ),
                (
                    "processing_error",
                    r#"{"mediaId":"m","model":"x","message":"no face"}"#,
                ),
            ],
            // What is missing, empty or no model's: the run goes on.
            &[
                (
                    "progress_update",
                    r#"{"mediaId":"m","event":"PROCESSING_STARTED","data":{}}"#,
                ),
                (
                    "progress_update",
                    r#"{"mediaId":"m","event":"PROCESSING_STARTED"}"#,
                ),
                (
                    "progress_update",
                    r#"{"mediaId":"m","event":"PROCESSING_STARTED","data":null}"#,
                ),
                (
                    "progress_update",
                    r#"{"mediaId":"m","event":"PROCESSING_STARTED","data":"odd"}"#,
                ),
                (
                    "analysis_started",
                    r#"{"mediaId":"m","runId":null,"modelName":""}"#,
                ),
                (
                    "analysis_started",
                    r#"{"mediaId":"m","runId":"","modelName":"Backend Worker"}"#,
                ),
            ],
            &[
                ("media_update", r#"{"id":"m","filename":"a.mp4","size":65}"#),
                (
                    "media_update",
                    r#"{"_id":"m","fileName":"a.mp4","size":65.0}"#,
                ),
                (
                    "media_update",
                    r#"{"media_id":"m","filename":" a.mp4 ","size":"65"}"#,
                ),
                (
                    "media_update",
                    r#"{"data":{"mediaId":"m","filename":"a.mp4","size":65,"status":null}}"#,
                ),
            ],
        ],
    );
}

#[test]
fn what_a_library_says_in_any_of_its_names_and_shapes_is_the_same() {
    let progress = [
        (
            "video:process:progress",
            r#"{"videoId":"v","progress":65,"stage":"frames"}"#,
        ),
        (
            "video:progress",
            r#"{"video_id":"v","progress":65.0,"message":"frames"}"#,
        ),
        (
            "video:process:progress",
            r#"{"id":"v","progress":"65","stage":"frames"}"#,
        ),
        (
            "video:progress",
            r#"{"_id":"v","progress":65,"stage":"frames","eta":null}"#,
        ),
        (
            "video:progress",
            r#"{"mediaId":"v","progress":65,"stage":"frames"}"#,
        ),
        (
            "video:progress",
            r#"{"media_id":"v","progress":65,"stage":"frames"}"#,
        ),
        (
            "video:progress",
            r#"{"interviewId":"v","progress":65,"stage":"frames"}"#,
        ),
        (
            "video:progress",
            r#"{"event":"x","data":{"videoId":"v","progress":65,"stage":"frames"}}"#,
        ),
    ];
    let complete = [
        (
            "video:process:complete",
            r#"{"videoId":"v","sensitivityStatus":"flagged","sensitivityScore":0.7}"#,
        ),
        (
            "video:processed",
            r#"{"videoId":"v","sensitivity":{"status":"FLAGGED","score":"0.7"}}"#,
        ),
    ];
    let failed = [
        (
            "video:process:failed",
            r#"{"videoId":"v","error":"no codec"}"#,
        ),
        ("video:failed", r#"{"_id":"v","message":"no codec"}"#),
        (
            "video:failed",
            r#"{"data":{"id":"v","error":"no codec","code":7}}"#,
        ),
    ];
    all_mean_the_same("library", &[&progress, &complete, &failed]);
}

#[test]
fn a_media_may_be_called_by_any_servers_name_for_it() {
    for (kind, event, rest) in [
        (
            "analysis",
            "analysis_progress",
            r#","modelName":"x","progress":40"#,
        ),
        ("library", "video:progress", r#","progress":40"#),
    ] {
        let payloads = NAMES.map(|name| format!(r#"{{"{name}":"m"{rest}}}"#));
        let shapes = payloads.each_ref().map(|text| (event, text.as_str()));
        all_mean_the_same(kind, &[&shapes]);
    }
}

#[test]
fn what_interviews_say_in_any_of_their_names_and_shapes_is_the_same() {
    let at = "2031-05-04T09:00:01.000Z";
    let shapes = |event: &str, rest: &str| {
        let payload = |id: &str| format!(r#"{{{id}"timestamp":"{at}"{rest}}}"#);
        let mut shapes = vec![
            (
                format!("{event}:itv-1"),
                payload(r#""interviewId":"itv-1","#),
            ),
            (format!("{event}:itv-1"), payload("")),
            // A recording of it, by an id of its own.
            (format!("{event}:itv-1"), payload(r#""mediaId":"rec-9","#)),
            (
                format!("{event}:itv-1"),
                payload(r#""id":"rec-9","_id":"row-3","#),
            ),
        ];
        for name in NAMES {
            shapes.push((event.to_owned(), payload(&format!(r#""{name}":"itv-1","#))));
        }
        let enveloped = format!(r#"{{"data":{}}}"#, payload(r#""interviewId":"itv-1","#));
        shapes.push((event.to_owned(), enveloped.clone()));
        shapes.push((format!("{event}:itv-1"), enveloped));
        shapes
    };
    let result = r#","analysis":{"overallScore":"6.5","processingDuration":1200}"#;
    for (event, rest) in [
        ("analysis:started", ""),
        ("analysis:completed", result),
        ("analysis:failed", r#","error":"no sound""#),
    ] {
        let shapes = shapes(event, rest);
        let shapes: Vec<_> = shapes
            .iter()
            .map(|(event, text)| (event.as_str(), text.as_str()))
            .collect();
        all_mean_the_same("interview", &[&shapes]);
    }
}

#[test]
fn what_a_meeting_says_in_any_of_its_names_and_shapes_is_the_same() {
    let trust = [
        (
            "trust-score-update",
            r#"{"meetingId":"r","participantId":"ann","trustScore":0.65}"#,
        ),
        (
            "trust-score-update",
            r#"{"meeting_id":"r","participant_id":"ann","trust_score":"0.65"}"#,
        ),
        (
            "trust-score-update",
            r#"{"meetingId":"r","userId":"ann","trustScore":6.5e-1}"#,
        ),
        (
            "trust-score-update",
            r#"{"data":{"meetingId":"r","user_id":"ann","trustScore":0.65}}"#,
        ),
    ];
    let alert = [
        (
            "deepfake-alert",
            r#"{"meetingId":"r","participantId":"ann","severity":"high","type":"voice_cloning","message":"Look"}"#,
        ),
        (
            "deepfake-alert",
            r#"{"meetingId":"r","alert":{"participantId":"ann","severity":" HIGH ","category":"voice_cloning","title":"Look"}}"#,
        ),
        (
            "deepfake-alert",
            r#"{"event":"deepfake-alert","data":{"meetingId":"r","userId":"ann","severity":"High","type":"voice_cloning","message":"Look"}}"#,
        ),
    ];
    let joined = [
        (
            "meeting-joined",
            r#"{"success":true,"meetingId":"r","participants":["ann","7"]}"#,
        ),
        (
            "meeting-joined",
            r#"{"meetingId":"r","participants":["ann",7]}"#,
        ),
        (
            "meeting-joined",
            r#"{"meetingId":"r","participants":[{"userId":"ann"},{"participantId":7},null,[]]}"#,
        ),
    ];
    all_mean_the_same("meeting", &[&trust, &alert, &joined]);
}

// ── figures and words that cannot be read ────────────────────────────────────────────────────────────────────────────

#[test]
fn a_figure_that_is_none_is_not_said_and_its_event_is() {
    // What stands in the payload, and the number that is read: of a share of one, and of an amount.
    for (text, share, amount) in [
        ("0.65", Some(0.65), Some(0.65)),
        ("\"0.65\"", Some(0.65), Some(0.65)),
        ("1.0", Some(1.0), Some(1.0)),
        ("\" 1 \"", Some(1.0), Some(1.0)),
        ("-0", Some(0.0), Some(0.0)),
        ("65.0", None, Some(65.0)),
        ("\"65\"", None, Some(65.0)),
        ("300", None, Some(300.0)),
        ("-1", None, None),
        // What `JSON.stringify` makes of NaN, and what others write for it.
        ("null", None, None),
        ("\"NaN\"", None, None),
        ("\"Infinity\"", None, None),
        ("\"\"", None, None),
        ("\"65 %\"", None, None),
        ("true", None, None),
        ("[65]", None, None),
        ("{}", None, None),
    ] {
        let said = |kind: &str, event: &str, payload: String| {
            decode(kind, event, &payload, Some(ME))
                .unwrap_or_else(|error| panic!("{payload}: {error}"))
        };
        let completed = |decoded: &Decoded| {
            decoded.facts.iter().find_map(|fact| match fact {
                Fact::Model {
                    said: ModelSaid::Completed(outcome),
                    ..
                } => Some(outcome.confidence),
                _ => None,
            })
        };
        let done = |decoded: &Decoded| {
            decoded.facts.iter().find_map(|fact| match fact {
                Fact::Model {
                    said: ModelSaid::Progress { done, .. },
                    ..
                } => Some(*done),
                _ => None,
            })
        };

        let analysis = said(
            "analysis",
            "analysis_completed",
            format!(r#"{{"mediaId":"m","modelName":"x","confidence":{text}}}"#),
        );
        assert_eq!(completed(&analysis), Some(share), "analysis {text}");
        let progress = said(
            "analysis",
            "analysis_progress",
            format!(r#"{{"mediaId":"m","modelName":"x","progress":{text}}}"#),
        );
        assert_eq!(done(&progress), Some(amount), "analysis {text}");
        let library = said(
            "library",
            "video:processed",
            format!(r#"{{"videoId":"v","confidence":{text}}}"#),
        );
        assert_eq!(completed(&library), Some(share), "library {text}");
        let progress = said(
            "library",
            "video:progress",
            format!(r#"{{"videoId":"v","progress":{text}}}"#),
        );
        assert_eq!(done(&progress), Some(amount), "library {text}");
        let interview = said(
            "interview",
            "analysis:completed",
            format!(r#"{{"interviewId":"i","analysis":{{"overallScore":{text}}}}}"#),
        );
        let score = interview.facts.iter().find_map(|fact| match fact {
            Fact::Run { fields, .. } => fields.verdict.as_ref().and_then(|verdict| verdict.score),
            _ => None,
        });
        let marks = amount
            .filter(|marks| *marks <= 10.0)
            .map(|marks| marks / 10.0);
        assert_eq!(score, marks, "interview {text}");
        let meeting = said(
            "meeting",
            "trust-score-update",
            format!(r#"{{"meetingId":"r","participantId":"ann","trustScore":{text}}}"#),
        );
        let trust = meeting.facts.iter().find_map(|fact| match fact {
            Fact::Meeting {
                said: MeetingSaid::Trust { score, .. },
                ..
            } => Some(*score),
            _ => None,
        });
        assert_eq!(trust, Some(share), "meeting {text}");
    }
}

#[test]
fn a_word_that_nobody_knows_is_neutral_and_claims_nothing() {
    let label = |payload: &str| {
        let decoded = decode("analysis", "analysis_completed", payload, None).unwrap();
        decoded.facts.into_iter().find_map(|fact| match fact {
            Fact::Model {
                said: ModelSaid::Completed(outcome),
                ..
            } => outcome.label,
            _ => None,
        })
    };
    for (word, meant) in [
        ("\"REAL\"", Some("Real")),
        ("\"authentic\"", Some("Real")),
        // As the server wrote it.
        ("\"UNSURE\"", Some("UNSURE")),
        ("\"Partly synthetic\"", Some("Partly synthetic")),
        // What servers write for none.
        ("\"N/A\"", None),
        ("\"\"", None),
        ("null", None),
        ("7", None),
    ] {
        let found = label(&format!(
            r#"{{"mediaId":"m","modelName":"x","prediction":{word}}}"#
        ));
        let found = found.map(|label| match label {
            Label::Other(word) => word.to_string(),
            known => format!("{known:?}"),
        });

        assert_eq!(found.as_deref(), meant, "{word}");
    }
    for (word, declared) in [
        ("\"ANALYZED\"", Some(Declared::Done)),
        ("\"analyzed\"", Some(Declared::Done)),
        ("\"ARCHIVED\"", None),
        ("null", None),
        ("7", None),
    ] {
        let payload = format!(r#"{{"mediaId":"m","runId":"r","finalStatus":{word}}}"#);
        let decoded = decode("analysis", "run_finalized", &payload, None).unwrap();
        let [Fact::Run { fields, .. }] = &decoded.facts[..] else {
            panic!("{word}: {decoded:?}");
        };

        assert_eq!(fields.declared, declared, "{word}");
        assert!(decoded.ask.is_some(), "{word}: it is asked what that means");
    }
    for (kind, row, known, unknown) in [
        (
            "analysis",
            r#"{"data":[{"id":"m","status":STATUS}]}"#,
            "\"analyzed\"",
            "Archived",
        ),
        (
            "library",
            r#"{"videos":[{"_id":"m","status":STATUS}]}"#,
            "\"ready\"",
            "Archived",
        ),
    ] {
        let quoted = format!("\"{unknown}\"");
        for (word, kept) in [
            (known, None),
            (&quoted[..], Some(unknown)),
            ("null", None),
            ("7", None),
        ] {
            let body = json::parse(&row.replace("STATUS", word)).unwrap();
            let said = Kind::named(kind)
                .expect(kind)
                .backend()
                .snapshot(&Scope::List, 200, &body)
                .unwrap();
            let found = said.facts.iter().find_map(|fact| match fact {
                Fact::Media { fields, .. } => fields.other_status.as_ref(),
                _ => None,
            });

            assert_eq!(found.map(Text::as_str), kept, "{kind}: {word}");
        }
    }
    for (word, meant, kept) in [
        ("\"critical\"", Severity::Critical, None),
        ("\"catastrophic\"", Severity::Unknown, Some("catastrophic")),
        ("null", Severity::Unknown, None),
        ("3", Severity::Unknown, None),
    ] {
        let payload = format!(r#"{{"meetingId":"r","severity":{word}}}"#);
        let decoded = decode("meeting", "deepfake-alert", &payload, None).unwrap();
        let Some(Fact::Meeting {
            said: MeetingSaid::Alert(alert),
            ..
        }) = decoded.facts.first()
        else {
            panic!("{word}: {decoded:?}");
        };

        assert_eq!(alert.severity, meant, "{word}");
        let other = alert.other_severity.as_ref();
        assert_eq!(other.map(Text::as_str), kept, "{word}");
    }
}

// ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn an_event_that_does_not_say_what_it_is_about_is_refused_and_names_the_field() {
    let long = "x".repeat(129);
    let keys = [
        "null",
        "\"\"",
        "{}",
        "[]",
        "true",
        "1.5",
        "-1",
        &format!("{long:?}"),
    ];
    for (kind, event, field, payload) in [
        (
            "analysis",
            "progress_update",
            "mediaId",
            r#"{"mediaId":KEY,"event":"X","data":{"model_name":"x"}}"#,
        ),
        (
            "analysis",
            "analysis_started",
            "mediaId",
            r#"{"mediaId":KEY,"modelName":"x"}"#,
        ),
        (
            "analysis",
            "media_update",
            "id",
            r#"{"id":KEY,"filename":"a"}"#,
        ),
        (
            "library",
            "video:progress",
            "videoId",
            r#"{"videoId":KEY,"progress":1}"#,
        ),
        (
            "interview",
            "analysis:started",
            "interviewId",
            r#"{"interviewId":KEY}"#,
        ),
        (
            "meeting",
            "trust-score-update",
            "participantId",
            r#"{"meetingId":"r","participantId":KEY,"trustScore":1}"#,
        ),
    ] {
        for key in keys {
            let payload = payload.replace("KEY", key);

            match decode(kind, event, &payload, Some(ME)) {
                Err(DecodeError::Malformed {
                    field: found,
                    media: None,
                    ..
                }) => assert_eq!(found, field, "{payload}"),
                other => panic!("{event} {payload}: {other:?}"),
            }
        }
        for payload in ["null", "7", "\"m\"", "[]", "true"] {
            let refused = decode(kind, event, payload, Some(ME));
            assert!(
                matches!(refused, Err(DecodeError::Malformed { .. })),
                "{event} {payload}"
            );
        }
    }
}

#[test]
fn a_run_or_a_model_whose_name_cannot_be_read_is_not_taken_for_none() {
    let long = format!("{:?}", "x".repeat(129));
    for (value, is_read) in [
        ("\"x\"", true),
        ("7", true),
        ("null", true),
        ("\"\"", true),
        ("{}", false),
        ("[\"x\"]", false),
        ("true", false),
        ("1.5", false),
        (long.as_str(), false),
    ] {
        for payload in [
            format!(
                r#"{{"mediaId":"m","event":"ANALYSIS_FAILED","data":{{"model_name":{value}}}}}"#
            ),
            format!(r#"{{"mediaId":"m","event":"ANALYSIS_FAILED","data":{{"runId":{value}}}}}"#),
        ] {
            match decode("analysis", "progress_update", &payload, Some(ME)) {
                Ok(_) => assert!(is_read, "{payload}"),
                Err(DecodeError::Malformed { media, .. }) => {
                    assert!(!is_read, "{payload}");
                    assert_eq!(media.unwrap().as_str(), "m", "{payload}");
                }
                other => panic!("{payload}: {other:?}"),
            }
        }
    }
    let unnumbered = decode(
        "analysis",
        "analysis_started",
        r#"{"mediaId":"m","runId":null}"#,
        None,
    )
    .unwrap();
    assert!(matches!(
        &unnumbered.facts[0],
        Fact::Run {
            run: RunRef::Open,
            ..
        }
    ));
}

#[test]
fn what_is_somebody_elses_is_dropped_where_a_server_says_whose_it_is() {
    let payload = r#"{"mediaId":"m","interviewId":"m","videoId":"m","modelName":"x","event":"X",OWNER"data":{"model_name":"x"}}"#;
    for (owner, me, is_foreign) in [
        ("", Some(ME), false),
        (r#""userId":"user-ada","#, Some(ME), false),
        (r#""userId":"user-bob","#, Some(ME), true),
        (r#""user_id":"user-bob","#, Some(ME), true),
        (r#""userId":7,"#, Some(ME), true),
        (r#""userId":null,"#, Some(ME), false),
        // Nobody knows who we are: a page's own token names no one.
        (r#""userId":"user-bob","#, None, false),
    ] {
        let payload = payload.replace("OWNER", owner);
        for (kind, event) in [
            ("analysis", "progress_update"),
            ("analysis", "analysis_started"),
            ("analysis", "media_update"),
            ("analysis", "processing_error"),
            ("interview", "analysis:started"),
            ("interview", "analysis:started:m"),
        ] {
            let decoded = decode(kind, event, &payload, me);
            assert_eq!(
                decoded == Err(DecodeError::Foreign),
                is_foreign,
                "{event} {payload}"
            );
        }
        let item = format!(r#"[{{"eventName":"analysis_started","data":{payload}}}]"#);
        let batch = decode("analysis", "batch_update", &item, me).unwrap();
        assert_eq!(
            (batch.foreign > 0, batch.facts.is_empty()),
            (is_foreign, is_foreign),
            "{item}"
        );
        // A library belongs to an organisation, whose members see each other's videos.
        assert!(decode("library", "video:progress", &payload, me).is_ok());
    }
}

#[track_caller]
fn all_mean_the_same(kind: &str, groups: &[&[(&str, &str)]]) {
    for group in groups {
        let mut decoded = group.iter().map(|(event, payload)| {
            let decoded = decode(kind, event, payload, Some(ME));
            decoded
                .unwrap_or_else(|error| panic!("{event} {payload}: {error}"))
                .facts
        });
        let first = decoded.next().expect("a group is not empty");
        assert!(!first.is_empty(), "{:?}", group[0]);
        for (facts, said) in decoded.zip(&group[1..]) {
            assert_eq!(facts, first, "{said:?}");
        }
    }
}

fn decode(
    kind: &str,
    event: &str,
    payload: &str,
    me: Option<&str>,
) -> Result<Decoded, DecodeError> {
    let payload: Value = json::parse(payload).expect(payload);
    Kind::named(kind)
        .expect(kind)
        .backend()
        .decode(event, &[payload], me)
}
