//! The uploads of this page, as a list that the driver feeds and a view draws.

use super::answers::said_by;
use super::link::Link;
use super::state::{Upload, UploadId, UploadStage};
use super::{Answer, FetchError, HttpRequest, Output, Session, UploadRequest};
use crate::backend::Refusal;
use crate::domain::fact::Scope;
use crate::domain::{MediaKey, Source, Text};
use crate::sorted::Map;
use crate::time::Instant;
use crate::toast::{policy, Saying, UploadFault};

/// Uploads that are kept on screen. The oldest that ended leaves first; those that wait or are under way never do.
const KEPT: usize = 50;

/// Uploads that one server is sent at once. Over HTTP/1.1 a browser has six connections to a server: with all of them
/// sending files, nothing that is asked for is answered until one of the files has arrived.
const AT_ONCE: usize = 2;

#[derive(Default)]
pub(super) struct Uploads {
    list: Vec<Upload>,
    /// How the files are called whose turn has not come, as the server is told it.
    names: Map<UploadId, String>,
    /// With which of its server's tokens each is sent.
    tokens: Map<UploadId, u32>,
    next: u32,
}

impl Uploads {
    pub fn list(&self) -> &[Upload] {
        &self.list
    }

    pub fn get(&self, id: UploadId) -> Option<&Upload> {
        self.list.iter().find(|upload| upload.id == id)
    }

    pub fn begin(&mut self, source: Source, name: &str, bytes: u64) -> UploadId {
        self.next += 1;
        let id = UploadId(self.next);
        if self.list.len() >= KEPT {
            let ended = (self.list.iter()).position(|upload| upload.stage.is_ended());
            if let Some(index) = ended {
                let gone = self.list.remove(index);
                self.tokens.remove(&gone.id);
            }
        }
        self.list.push(Upload {
            id,
            source,
            name: Text::name(name).unwrap_or_default(),
            bytes,
            sent: 0,
            stage: UploadStage::Waiting,
        });
        self.names.insert(id, name.to_owned());
        id
    }

    /// Those whose turn it is: of each server the first that wait, in the order in which they were chosen.
    fn due(&self) -> Vec<(UploadId, Source)> {
        let mut sending = Map::<Source, usize>::default();
        for upload in &self.list {
            if matches!(upload.stage, UploadStage::Sending | UploadStage::Answering) {
                *sending.entry(upload.source).or_default() += 1;
            }
        }
        let waiting = (self.list.iter()).filter(|upload| upload.stage == UploadStage::Waiting);
        let due = waiting.filter(|upload| {
            let sending = sending.entry(upload.source).or_default();
            *sending += 1;
            *sending <= AT_ONCE
        });
        due.map(|upload| (upload.id, upload.source)).collect()
    }

    fn sending(&mut self, id: UploadId, token: u32) {
        self.names.remove(&id);
        self.tokens.insert(id, token);
        self.update(id, |upload| upload.stage = UploadStage::Sending);
    }

    /// The browser has handed over so many bytes, of the file and of the form around it.
    pub fn sent(&mut self, id: UploadId, sent: u64) {
        self.update(id, |upload| {
            upload.sent = sent.min(upload.bytes).max(upload.sent);
            if upload.sent == upload.bytes {
                upload.stage = UploadStage::Answering;
            }
        });
    }

    pub fn done(&mut self, id: UploadId, media: MediaKey) {
        self.update(id, |upload| {
            upload.sent = upload.bytes;
            upload.stage = UploadStage::Done(media);
        });
    }

    pub fn failed(&mut self, id: UploadId, fault: UploadFault) {
        self.names.remove(&id);
        self.update(id, |upload| upload.stage = UploadStage::Failed(fault));
    }

    pub fn forget(&mut self, id: UploadId) {
        self.list.retain(|upload| upload.id != id);
        self.names.remove(&id);
        self.tokens.remove(&id);
    }

    pub fn clear(&mut self) {
        self.list.clear();
        self.names.clear();
        self.tokens.clear();
    }

    /// What has ended does not begin again: a late progress event changes nothing.
    fn update(&mut self, id: UploadId, change: impl FnOnce(&mut Upload)) {
        let upload = self.list.iter_mut().find(|upload| upload.id == id);
        if let Some(upload) = upload.filter(|upload| !upload.stage.is_ended()) {
            change(upload);
        }
    }
}

impl Session {
    /// A file is to be uploaded: under which id [`Session::uploads`] and [`Output::Upload`] tell of it, the second when
    /// its turn has come. One that cannot be sent is in the list as failed. Hand over [`Input::Timeout`] after it.
    ///
    /// [`Input::Timeout`]: super::Input::Timeout
    pub fn begin_upload(
        &mut self,
        source: Source,
        name: &str,
        bytes: u64,
        now: Instant,
    ) -> UploadId {
        let id = self.uploads.begin(source, name, bytes);
        if bytes == 0 {
            self.upload_failed(id, UploadFault::Empty, now);
        } else if self.upload_request(source, name).is_none() {
            self.upload_failed(id, UploadFault::SignedOut, now);
        }
        id
    }

    /// `None` for a server that takes no files, or none of who is not signed in.
    fn upload_request(&self, source: Source, name: &str) -> Option<UploadRequest> {
        let link = self.link(source)?;
        let form = link.server.backend().upload(name, link.token())?;
        let request = HttpRequest::to(&link.server.url, form.request);
        Some(UploadRequest {
            method: request.method,
            url: request.url,
            headers: request.headers,
            file_field: form.file_field,
            fields: form.fields,
        })
    }

    /// Sends the files whose turn has come. While a server takes the token no more they wait for the next one.
    pub(super) fn send_uploads(&mut self) {
        if self.uploads.names.is_empty() {
            return;
        }
        for (id, source) in self.uploads.due() {
            let admitted = self.link(source).filter(|link| link.is_admitted());
            let token = admitted.map(Link::token_number);
            let name = self.uploads.names.get(&id);
            let request = name.and_then(|name| self.upload_request(source, name));
            if let (Some(token), Some(request)) = (token, request) {
                self.uploads.sending(id, token);
                self.outputs.push_back(Output::Upload { id, request });
            }
        }
    }

    pub(super) fn upload_answered(
        &mut self,
        id: UploadId,
        answer: Result<Answer, FetchError>,
        now: Instant,
    ) {
        let Some(upload) = self.uploads.get(id) else {
            return;
        };
        let source = upload.source;
        let answer = match answer {
            Ok(answer) => answer,
            // Of a file that was handed over whole, only the answer is known to be missing.
            Err(FetchError::Network) if upload.stage == UploadStage::Sending => {
                return self.upload_failed(id, UploadFault::Unreachable, now)
            }
            Err(FetchError::Network | FetchError::TooLarge) => {
                return self.upload_failed(id, UploadFault::Unconfirmed, now);
            }
        };
        let Some(link) = self.link(source) else {
            return;
        };
        let said = link
            .server
            .backend()
            .uploaded(answer.status, &answer.json());
        match said {
            Ok(uploaded) => {
                let media = MediaKey {
                    source,
                    id: uploaded.media,
                };
                self.apply(source, uploaded.facts, now);
                self.want(source, Scope::List, now);
                self.uploads.done(id, media);
            }
            Err(Refusal::SignedOut(message)) => {
                let token = self.uploads.tokens.get(&id).copied();
                self.upload_failed(id, UploadFault::SignedOut, now);
                self.refused_for(source, token, message, now);
            }
            Err(Refusal::TooLarge(_)) => {
                self.upload_failed(id, UploadFault::TooLarge { limit: None }, now)
            }
            // Who says so may stand before a server that took it.
            Err(Refusal::Server {
                status: 500..,
                message: None,
            }) => {
                self.upload_failed(id, UploadFault::Unconfirmed, now);
            }
            Err(other) => {
                let refused = |message| UploadFault::Refused {
                    message: Some(message),
                };
                let fault = said_by(&other).map_or(UploadFault::Unconfirmed, refused);
                self.upload_failed(id, fault, now);
            }
        }
    }

    fn upload_failed(&mut self, id: UploadId, fault: UploadFault, now: Instant) {
        let name = self.uploads.get(id).map(|upload| upload.name.clone());
        self.uploads.failed(id, fault.clone());
        let name = name.unwrap_or_default();
        let is_known = fault != UploadFault::Unconfirmed;
        let notice = policy::upload_failed(id.0, name.clone(), fault);
        let saying = Saying::UploadFailed { name, is_known };
        self.decide((notice, saying).into(), now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MediaId;

    #[test]
    fn an_upload_goes_forward_only() {
        let mut uploads = Uploads::default();
        let id = uploads.begin(Source(0), "a.mp4", 100);
        let mut seen = Vec::new();
        for sent in [10, 5, 60, 130] {
            uploads.sent(id, sent);
            seen.push(uploads.get(id).unwrap().sent);
        }

        assert_eq!(seen, [10, 10, 60, 100]);
        assert_eq!(uploads.get(id).unwrap().stage, UploadStage::Answering);
    }

    #[test]
    fn what_has_ended_does_not_begin_again() {
        let mut uploads = Uploads::default();
        let id = uploads.begin(Source(0), "a.mp4", 100);
        uploads.failed(id, UploadFault::Unreachable);
        uploads.sent(id, 50);
        uploads.done(
            id,
            MediaKey {
                source: Source(0),
                id: MediaId::new("m1").unwrap(),
            },
        );

        let upload = uploads.get(id).unwrap();
        assert_eq!(upload.sent, 0);
        assert_eq!(upload.stage, UploadStage::Failed(UploadFault::Unreachable));
    }

    #[test]
    fn the_list_is_bounded_and_those_under_way_stay() {
        let mut uploads = Uploads::default();
        let running = uploads.begin(Source(0), "running.mp4", 100);
        for _ in 0..200 {
            let id = uploads.begin(Source(0), "x", 1);
            uploads.failed(id, UploadFault::Unreachable);
        }

        assert_eq!(uploads.list().len(), KEPT);
        assert!(uploads.get(running).is_some());
    }
}
