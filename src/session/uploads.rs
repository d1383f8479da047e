//! The uploads of this page, as a list that the driver feeds and a view draws.

use super::state::{Upload, UploadError, UploadId, UploadStage};
use crate::domain::{MediaKey, Source, Text};

/// Uploads that are kept on screen. The oldest that ended leaves first; those under way never do.
const KEPT: usize = 50;

#[derive(Default)]
pub(super) struct Uploads {
    list: Vec<Upload>,
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
                self.list.remove(index);
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
    }

    pub fn clear(&mut self) {
        self.list.clear();
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
