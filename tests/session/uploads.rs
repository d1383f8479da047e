//! Files on their way, and why one may not arrive.

use crate::rig::{key, media, ok, Rig};
use std::time::Duration;
use telltale::domain::Source;
use telltale::json;
use telltale::session::state::{UploadError, UploadStage};
use telltale::session::{FetchError, Input};
use telltale::toast::{Body, Saying, Spoken, Subject, UploadFault};

#[test]
fn an_upload_becomes_the_media_that_the_server_says() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    let (id, request) = rig
        .session
        .begin_upload(Source(0), "walk.mp4", 1000, rig.now)
        .ok()
        .unwrap();
    assert_eq!((request.method, request.file_field), ("POST", "media"));

    rig.input(Input::UploadSent(id, 400));
    assert_eq!(rig.session.uploads()[0].sent, 400);
    let answer = format!(
        r#"{{"statusCode":202,"success":true,"data":{}}}"#,
        json::write(&media("m7", "QUEUED"))
    );
    rig.input(Input::UploadAnswered(id, Ok(ok(202, &answer))));

    assert_eq!(rig.session.uploads()[0].stage, UploadStage::Done(key("m7")));
    assert!(rig.session.list().any(|listed| *listed == key("m7")));
}

#[test]
fn each_way_an_upload_can_fail_is_told_apart() {
    for (bytes, answer, error) in [
        (0, None, UploadError::Empty),
        (9, Some(Err(FetchError::Network)), UploadError::Network),
        (9, Some(Ok(ok(413, "{}"))), UploadError::TooLarge),
        (9, Some(Ok(ok(401, "{}"))), UploadError::SignedOut),
    ] {
        let mut rig = Rig::analysis();
        rig.sign_in();
        let begun = rig
            .session
            .begin_upload(Source(0), "walk.mp4", bytes, rig.now);
        if let (Ok((id, _)), Some(answer)) = (begun, answer) {
            rig.input(Input::UploadAnswered(id, answer));
        }

        assert_eq!(rig.session.uploads()[0].stage, UploadStage::Failed(error));
        let toasts = rig.session.toasts();
        assert!(toasts
            .iter()
            .any(|toast| matches!(toast.subject, Subject::Upload(_))));
    }
}

#[test]
fn a_failed_upload_is_spoken_of_by_its_name() {
    let mut rig = Rig::analysis();
    rig.sign_in();

    assert!(rig
        .session
        .begin_upload(Source(0), "empty.wav", 0, rig.now)
        .is_err());
    rig.input(Input::Timeout);
    rig.pass(Duration::from_secs(1));

    assert!(matches!(
        &rig.session.toasts()[0].body,
        Body::UploadFailed {
            fault: UploadFault::Empty,
            ..
        }
    ));
    assert!(matches!(
        rig.session.spoken().0,
        Some(Spoken::One(Saying::UploadFailed { name })) if name.as_str() == "empty.wav"
    ));
}

#[test]
fn what_the_answer_to_an_upload_says_of_the_file_is_known() {
    // Whichever of the two is heard first.
    let told = r#"42["media_uploaded",{"event":"media_uploaded","mediaId":"m9","timestamp":"2026-02-20T10:30:00.100Z","data":{"filename":"a.wav","status":"QUEUED"}}]"#;
    for is_told_first in [false, true] {
        let mut rig = Rig::analysis();
        rig.sign_in();
        let begun = rig.session.begin_upload(Source(0), "a.wav", 10, rig.now);
        let (id, _) = begun.ok().unwrap();
        let body = r#"{"statusCode":202,"data":{"id":"m9","filename":"a.wav","size":120044,"status":"QUEUED","mediaType":"AUDIO","createdAt":"2026-02-20T10:30:00.000Z","updatedAt":"2026-02-20T10:30:00.000Z"}}"#;
        if is_told_first {
            rig.receive(told);
        }
        rig.input(Input::UploadAnswered(id, Ok(ok(202, body))));
        rig.receive(told);
        rig.pass(Duration::from_secs(1));

        let view = rig.session.media(&key("m9"), rig.now).unwrap();
        assert_eq!(view.bytes, Some(120_044), "{view:?}");
        assert!(view.kind.is_some() && view.created.is_some(), "{view:?}");
    }
}
