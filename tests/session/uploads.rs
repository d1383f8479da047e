//! Files on their way, and why one may not arrive.

use crate::rig::{key, media, ok, Rig, TWO_SERVERS};
use std::time::Duration;
use telltale::domain::{Source, Text};
use telltale::json;
use telltale::session::state::{Command, Secret, Upload, UploadId, UploadStage};
use telltale::session::{FetchError, Input, UploadRequest};
use telltale::toast::{Body, Saying, Spoken, Subject, UploadFault};

#[test]
fn an_upload_becomes_the_media_that_the_server_says() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    let id = rig.upload("walk.mp4", 1000);
    let (_, request) = &rig.uploads[0];
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
fn of_many_files_two_are_sent_at_once_in_the_order_in_which_they_were_chosen() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    let ids: Vec<_> = (0..6).map(|_| rig.upload("one.mp4", 9)).collect();
    let sent = |rig: &Rig| rig.uploads.iter().map(|(id, _)| *id).collect::<Vec<_>>();
    assert_eq!(sent(&rig), ids[..2]);
    let waits = |upload: &&Upload| upload.stage == UploadStage::Waiting;
    assert_eq!(rig.session.uploads().iter().filter(waits).count(), 4);

    // Also one whose bytes are all sent takes a connection until it is answered.
    rig.input(Input::UploadSent(ids[0], 9));
    assert_eq!(sent(&rig), ids[..2]);
    rig.input(Input::UploadAnswered(ids[1], Err(FetchError::Network)));
    assert_eq!(sent(&rig), ids[..3]);
    rig.command(Command::ForgetUpload(ids[0]));
    assert_eq!(sent(&rig), ids[..4]);
    // One that waits is taken back: no other goes in its place.
    rig.command(Command::ForgetUpload(ids[4]));
    assert_eq!(sent(&rig), ids[..4]);
    rig.input(Input::UploadAnswered(ids[3], Ok(ok(413, "{}"))));
    assert_eq!(sent(&rig)[4..], ids[5..]);
}

#[test]
fn a_server_that_is_sent_files_holds_up_no_other() {
    let mut rig = Rig::new(TWO_SERVERS);
    rig.sign_in();
    for source in [0, 0, 0, 1, 1, 1] {
        let _ = (rig.session).begin_upload(Source(source), "one.mp4", 9, rig.now);
    }
    rig.input(Input::Timeout);

    let sources = |(id, _): &(UploadId, UploadRequest)| rig.session.upload(*id).unwrap().source.0;
    let sent: Vec<_> = rig.uploads.iter().map(sources).collect();
    assert_eq!(sent, [0, 0, 1, 1]);
}

#[test]
fn files_whose_token_ends_before_their_turn_are_sent_with_the_next() {
    let mut rig = Rig::analysis();
    let token = |token: &str| Command::Token(Source(0), Some(Secret(token.to_owned())));
    rig.command(token("one"));
    rig.pass(Duration::from_secs(5));
    let ids: Vec<_> = (0..4).map(|_| rig.upload("one.mp4", 9)).collect();
    for id in &ids[..2] {
        rig.input(Input::UploadAnswered(*id, Ok(ok(401, "{}"))));
    }
    assert_eq!(rig.uploads.len(), 2);
    let stage = |rig: &Rig, id| rig.session.upload(id).unwrap().stage.clone();
    assert_eq!(stage(&rig, ids[2]), UploadStage::Waiting);

    rig.command(token("two"));

    assert_eq!(rig.uploads.len(), 4);
    let headers = &rig.uploads[2].1.headers;
    let is_new = |(_, value): &(&str, String)| value == "Bearer two";
    assert!(headers.iter().any(is_new), "{headers:?}");
    assert_eq!(stage(&rig, ids[2]), UploadStage::Sending);
}

#[test]
fn whoever_signs_out_sends_nothing_more() {
    let mut rig = Rig::analysis();
    rig.sign_in();
    for _ in 0..4 {
        rig.upload("one.mp4", 9);
    }
    rig.command(Command::SignOut);
    rig.sign_in();

    assert!(rig.session.uploads().is_empty());
    assert_eq!(rig.uploads.len(), 2);
}

#[test]
fn each_way_an_upload_can_fail_is_told_apart() {
    let network = || Some(Err(FetchError::Network));
    let too_large = UploadFault::TooLarge { limit: None };
    for (bytes, sent, answer, error) in [
        (0, 0, None, UploadFault::Empty),
        (9, 8, network(), UploadFault::Unreachable),
        (9, 9, network(), UploadFault::Unconfirmed),
        (
            9,
            9,
            Some(Err(FetchError::TooLarge)),
            UploadFault::Unconfirmed,
        ),
        (9, 9, Some(Ok(ok(502, "<html>"))), UploadFault::Unconfirmed),
        (
            9,
            9,
            Some(Ok(ok(500, r#"{"message":"The disk is full"}"#))),
            UploadFault::Refused {
                message: Text::message("The disk is full"),
            },
        ),
        (9, 9, Some(Ok(ok(413, "{}"))), too_large),
        (9, 9, Some(Ok(ok(401, "{}"))), UploadFault::SignedOut),
    ] {
        let mut rig = Rig::analysis();
        rig.sign_in();
        let id = rig.upload("walk.mp4", bytes);
        assert_eq!(rig.uploads.len(), usize::from(answer.is_some()));
        if let Some(answer) = answer {
            rig.input(Input::UploadSent(id, sent));
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

    rig.upload("empty.wav", 0);
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
        Some(Spoken::One(Saying::UploadFailed { name, is_known: true })) if name.as_str() == "empty.wav"
    ));
}

#[test]
fn what_the_answer_to_an_upload_says_of_the_file_is_known() {
    // Whichever of the two is heard first.
    let told = r#"42["media_uploaded",{"event":"media_uploaded","mediaId":"m9","timestamp":"2026-02-20T10:30:00.100Z","data":{"filename":"a.wav","status":"QUEUED"}}]"#;
    for is_told_first in [false, true] {
        let mut rig = Rig::analysis();
        rig.sign_in();
        let id = rig.upload("a.wav", 10);
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
