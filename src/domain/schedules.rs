//! What `make simulate` plays at length, in the smallest scenes.

mod attempts;
mod ends;
mod runs;
mod snapshots;

use crate::domain::fact::{
    Declared, Fact, Label, MediaFields, MediaKind, ModelCounts, ModelSaid, Scope, Snapshot,
};
use crate::domain::scene::*;
use crate::domain::view::{Change, Status};

fn models(videos: u32) -> Fact {
    Fact::Models(ModelCounts {
        video: videos,
        image: 1,
        audio: 1,
        ..ModelCounts::default()
    })
}

fn video() -> Fact {
    media(
        "m",
        MediaFields {
            kind: Some(MediaKind::Video),
            ..MediaFields::default()
        },
    )
}
