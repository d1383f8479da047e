//! What was told, as a file.

use super::{Activity, Entry, What};
use crate::domain::fact::Severity;
use crate::domain::table::{self, iso};
use crate::domain::{Source, Text};
use crate::json::Value;
use crate::time::{Instant, Timestamp};
use crate::toast::{Saying, Subject};

/// What a file says beside the entries.
pub struct About<'a> {
    /// When the file is made, by this device's clock.
    pub exported: Timestamp,
    /// What this device's clock showed at a moment.
    pub wall: &'a dyn Fn(Instant) -> Timestamp,
    /// What a server is called here.
    pub server: &'a dyn Fn(Source) -> String,
    /// An entry in the person's language.
    pub text: &'a dyn Fn(&Entry) -> String,
    /// Which entries are wanted.
    pub wanted: &'a dyn Fn(&Entry) -> bool,
}

/// The columns, in their order. Times are this device's.
pub const COLUMNS: [&str; 11] = [
    "time",
    "last",
    "count",
    "kind",
    "severity",
    "server",
    "mediaId",
    "meetingId",
    "participantId",
    "name",
    "text",
];

impl Activity {
    /// A spreadsheet, oldest first; before them how many made room.
    #[must_use]
    pub fn to_csv(&self, about: &About) -> String {
        // A spreadsheet has no other place for it.
        let first = self.entries.front().filter(|_| self.dropped > 0);
        let dropped = first.map(|first| {
            let mut row = vec![Value::Null; COLUMNS.len()];
            row[0] = iso((about.wall)(first.at));
            row[3] = "dropped".into();
            row[10] = [&self.dropped.to_string(), " older entries made room"]
                .concat()
                .into();
            row
        });
        table::csv(&COLUMNS, &mut dropped.into_iter().chain(self.rows(about)))
    }

    /// One object: when it was made, how many entries made room, and the entries.
    #[must_use]
    pub fn to_json(&self, about: &About) -> String {
        #[allow(clippy::cast_precision_loss)] // nobody hears 2⁵³ entries
        let dropped = self.dropped as f64;
        let members = [
            ("exported", iso(about.exported)),
            ("dropped", dropped.into()),
        ];
        table::json(&members, &COLUMNS, &mut self.rows(about))
    }

    fn rows<'a>(&'a self, about: &'a About) -> impl Iterator<Item = Vec<Value>> + 'a {
        let wanted = self.entries.iter().filter(|entry| (about.wanted)(entry));
        wanted.map(|entry| row(entry, about))
    }
}

fn row(entry: &Entry, about: &About) -> Vec<Value> {
    let participant = match (&entry.subject, &entry.what) {
        (Subject::Trust { participant, .. }, _) => Some(participant),
        (_, What::Said(Saying::Alert(_, group, _))) => group.participant.as_ref(),
        _ => None,
    };
    let word = |word: Option<&str>| word.map(Value::from).unwrap_or_default();
    let server = entry.source().map(|source| (about.server)(source));
    let cells: [Value; COLUMNS.len()] = [
        iso((about.wall)(entry.at)),
        iso((about.wall)(entry.last)),
        f64::from(entry.count).into(),
        entry.kind().name().into(),
        word(entry.severity().map(Severity::as_str)),
        word(server.as_deref()),
        word(entry.media().map(|key| key.id.as_str())),
        word(entry.meeting().map(|key| key.id.as_str())),
        word(participant.map(|id| id.as_str())),
        word(entry.name().map(Text::as_str)),
        (about.text)(entry).into(),
    ];
    cells.into()
}
