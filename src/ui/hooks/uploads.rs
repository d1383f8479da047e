//! The files on their way, and where the next one goes.

use leptos::prelude::*;

use super::{use_telltale, Telltale};
use crate::domain::Source;
use crate::session::state::{Command, SourceState, Upload, UploadStage};

/// The files on their way.
#[must_use]
pub fn use_uploads() -> Uploads {
    let telltale = use_telltale();
    Uploads {
        telltale,
        list: telltale.signals.uploads.into(),
    }
}

/// The files on their way.
#[derive(Clone, Copy)]
pub struct Uploads {
    telltale: Telltale,
    /// Those under way, and those that ended and were not put away.
    pub list: Signal<Vec<Upload>>,
}

impl Uploads {
    /// How many are not wholly sent yet. Tracks.
    #[must_use]
    pub fn unsent(self) -> usize {
        self.list.with(|list| {
            let unsent = list.iter().filter(|upload| {
                matches!(upload.stage, UploadStage::Waiting | UploadStage::Sending)
            });
            unsent.count()
        })
    }

    /// The servers that take files. Tracks.
    #[must_use]
    pub fn servers(self) -> Vec<SourceState> {
        self.telltale.signals.sources.with(|sources| {
            let takes = |state: &&SourceState| {
                let profile = self.telltale.profile(state.source);
                profile.is_some_and(|profile| profile.takes_files)
            };
            sources.iter().filter(takes).cloned().collect()
        })
    }

    /// The server that the next file goes to: the one that was chosen, else the first. Tracks.
    #[must_use]
    pub fn target(self) -> Option<SourceState> {
        let chosen = self.telltale.upload_to.get();
        let servers = self.servers();
        let found = servers.iter().find(|state| Some(state.source) == chosen);
        found.or_else(|| servers.first()).cloned()
    }

    /// Chooses it.
    pub fn choose_target(self, source: Source) {
        self.telltale.upload_to.set(Some(source));
    }

    /// Sends files to the chosen server; none takes them, nothing happens.
    pub fn send(self, files: &web_sys::FileList) {
        let Some(target) = untrack(|| self.target()) else {
            return;
        };
        for at in 0..files.length() {
            if let Some(file) = files.get(at) {
                self.telltale.upload(target.source, file);
            }
        }
    }

    /// Stops one, or puts away one that ended.
    pub fn cancel(self, upload: &Upload) {
        match upload.stage.is_ended() {
            true => self.telltale.command(Command::ForgetUpload(upload.id)),
            false => (self.telltale.backing).with_value(|backing| backing.cancel_upload(upload.id)),
        }
    }
}
