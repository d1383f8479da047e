//! The uploads of this page, as a list that the driver feeds and a view draws.

use super::answers::words_of;
use super::link::Link;
use super::state::{Upload, UploadError, UploadId, UploadStage};
use super::{Answer, FetchError, HttpRequest, Session, UploadRequest};
use crate::backend::Refusal;
use crate::domain::fact::Scope;
use crate::domain::{MediaKey, Source, Text};
use crate::sorted::Map;
use crate::time::Instant;
use crate::toast::{policy, Saying, UploadFault};

/// Uploads that are kept on screen. The oldest that ended leaves first; those under way never do.
const KEPT: usize = 50;

#[derive(Default)]
pub(super) struct Uploads {
    list: Vec<Upload>,
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
            let ended = (self.list.iter()).position(|upload| is_ended(&upload.stage));
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
            stage: UploadStage::Sending,
        });
        id
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

    pub fn failed(&mut self, id: UploadId, error: UploadError) {
        self.update(id, |upload| upload.stage = UploadStage::Failed(error));
    }

    pub fn forget(&mut self, id: UploadId) {
        self.list.retain(|upload| upload.id != id);
        self.tokens.remove(&id);
    }

    pub fn clear(&mut self) {
        self.list.clear();
        self.tokens.clear();
    }

    /// What has ended does not begin again: a late progress event changes nothing.
    fn update(&mut self, id: UploadId, change: impl FnOnce(&mut Upload)) {
        let upload = self.list.iter_mut().find(|upload| upload.id == id);
        if let Some(upload) = upload.filter(|upload| !is_ended(&upload.stage)) {
            change(upload);
        }
    }
}

fn is_ended(stage: &UploadStage) -> bool {
    matches!(stage, UploadStage::Done(_) | UploadStage::Failed(_))
}

impl Session {
    /// A file is to be uploaded: what the driver must send, and under which id it tells of it. `Err` if there is nothing
    /// to send; the upload is in the list as failed.
    pub fn begin_upload(
        &mut self,
        source: Source,
        name: &str,
        bytes: u64,
        now: Instant,
    ) -> Result<(UploadId, UploadRequest), UploadId> {
        let id = self.uploads.begin(source, name, bytes);
        let token = self.link(source).map(Link::token_number);
        if let Some(token) = token {
            self.uploads.tokens.insert(id, token);
        }
        let form = self.link(source).and_then(|link| {
            let form = link.server.backend().upload(name, link.token())?;
            Some((link.server.url.clone(), form))
        });
        let error = match &form {
            _ if bytes == 0 => UploadError::Empty,
            Some(_) => UploadError::Network,
            None => UploadError::SignedOut,
        };
        match form.filter(|_| bytes > 0) {
            Some((base, form)) => {
                let request = HttpRequest::to(&base, form.request);
                let request = UploadRequest {
                    method: request.method,
                    url: request.url,
                    headers: request.headers,
                    file_field: form.file_field,
                    fields: form.fields,
                };
                Ok((id, request))
            }
            None => {
                self.upload_failed(id, error, now);
                Err(id)
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
        let Ok(answer) = answer else {
            return self.upload_failed(id, UploadError::Network, now);
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
                self.upload_failed(id, UploadError::SignedOut, now);
                self.refused_for(source, token, message, now);
            }
            Err(Refusal::TooLarge(_)) => self.upload_failed(id, UploadError::TooLarge, now),
            Err(other) => self.upload_failed(id, UploadError::Server(words_of(&other)), now),
        }
    }

    fn upload_failed(&mut self, id: UploadId, error: UploadError, now: Instant) {
        let name = self.uploads.get(id).map(|upload| upload.name.clone());
        let fault = match &error {
            UploadError::TooLarge => UploadFault::TooLarge { limit: None },
            UploadError::Network => UploadFault::Unreachable,
            UploadError::Server(message) => UploadFault::Refused {
                message: Some(message.clone()),
            },
            UploadError::SignedOut => UploadFault::SignedOut,
            UploadError::Empty => UploadFault::Empty,
        };
        self.uploads.failed(id, error);
        let name = name.unwrap_or_default();
        let notice = policy::upload_failed(id.0, name.clone(), fault);
        let saying = Saying::UploadFailed { name };
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
        uploads.failed(id, UploadError::Network);
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
        assert_eq!(upload.stage, UploadStage::Failed(UploadError::Network));
    }

    #[test]
    fn the_list_is_bounded_and_those_under_way_stay() {
        let mut uploads = Uploads::default();
        let running = uploads.begin(Source(0), "running.mp4", 100);
        for _ in 0..200 {
            let id = uploads.begin(Source(0), "x", 1);
            uploads.failed(id, UploadError::Network);
        }

        assert_eq!(uploads.list().len(), KEPT);
        assert!(uploads.get(running).is_some());
    }
}
