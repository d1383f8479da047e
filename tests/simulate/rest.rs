//! What the server answers over HTTP, as of a given time: a replica may be a little behind.

use std::fmt::Write;

use crate::server::{label, stamp, Media, Millis, Row, Run, Server, Stored};

impl Server {
    /// `GET /api/v1/media`: newest first, each with its newest run.
    pub fn list(&self, as_of: Millis) -> String {
        let media = self.media.iter().rev();
        let rows: Vec<_> = media
            .filter(|media| media.is_there(as_of))
            .map(|media| media.row(as_of, 1))
            .collect();
        envelope(&format!("[{}]", rows.join(",")))
    }

    /// `GET /api/v1/media/:id`: with all its runs.
    pub fn item(&self, id: &str, as_of: Millis) -> (u16, String) {
        match self.find(id).filter(|media| media.is_there(as_of)) {
            Some(media) => (200, envelope(&media.row(as_of, usize::MAX))),
            None => (
                404,
                r#"{"success":false,"message":"Media not found"}"#.to_owned(),
            ),
        }
    }

    /// `GET /api/v1/monitoring/server-status`.
    pub fn status(&self) -> String {
        let model = |is: &str| format!(r#"{{"name":"m","loaded":true,"{is}":true}}"#);
        let [video, audio] = self.habits.models;
        let models: Vec<_> = std::iter::repeat_n(model("isVideo"), video)
            .chain(std::iter::repeat_n(model("isAudio"), audio))
            .collect();
        envelope(&format!(r#"{{"models_info":[{}]}}"#, models.join(",")))
    }

    /// The row of a media without braces, as `media_update` and the answer to an upload have it.
    pub fn row(&self, media: usize, as_of: Millis) -> String {
        let row = self.media[media].row(as_of, usize::MAX);
        row[1..row.len() - 1].to_owned()
    }

    /// The answer to an upload and to another analysis: without its runs.
    pub fn bare_row(&self, media: usize) -> String {
        self.media[media].row(self.media[media].created, 0)
    }
}

impl Media {
    fn is_there(&self, as_of: Millis) -> bool {
        self.created <= as_of && self.deleted.is_none_or(|deleted| deleted > as_of)
    }

    fn row(&self, as_of: Millis, most: usize) -> String {
        let runs = self.runs.iter().rev().filter(|run| run.created <= as_of);
        let runs: Vec<_> = runs.take(most).collect();
        let status = runs.first().map_or("QUEUED", |run| run.status(as_of));
        let rows: Vec<_> = runs.iter().map(|run| run.row(&self.id, as_of)).collect();
        let id = &self.id;
        let created = stamp(self.created);
        format!(
            r#"{{"id":"{id}","filename":"{id}.mp4","status":"{status}","mediaType":"{}","size":1000,"userId":"user-ada","createdAt":"{created}","updatedAt":"{created}","analysisRuns":[{}]}}"#,
            self.kind.word(),
            rows.join(",")
        )
    }
}

impl Run {
    fn status(&self, as_of: Millis) -> &'static str {
        let mut claims = self.claims.iter().rev();
        let claim = claims.find(|(at, _)| *at <= as_of);
        claim.map_or("QUEUED", |(_, status)| status)
    }

    fn row(&self, media: &str, as_of: Millis) -> String {
        let mut rows = String::new();
        let stored = || self.rows.iter().filter(|row| row.at <= as_of);
        for row in stored() {
            match row.stored {
                Stored::Completed { .. } => self.push(&mut rows, row, row.at),
                // All failed attempts of a model share one row, which is written again by each.
                Stored::Failed { .. } => {
                    let mut failures = stored().filter(|other| is_failure_of(other, row.model));
                    let first = failures.next().map_or(row.at, |first| first.at);
                    let last = failures.next_back().map_or(first, |last| last.at);
                    if row.at == last {
                        self.push(&mut rows, row, first);
                    }
                }
            }
        }
        format!(
            r#"{{"id":"{}","mediaId":"{media}","runNumber":{},"status":"{}","createdAt":"{}","analyses":[{rows}]}}"#,
            self.id,
            self.number,
            self.status(as_of),
            stamp(self.created)
        )
    }

    fn push(&self, rows: &mut String, row: &Row, created: Millis) {
        if !rows.is_empty() {
            rows.push(',');
        }
        let (created, updated) = (stamp(created), stamp(row.at));
        let said = match row.stored {
            Stored::Completed {
                is_fake,
                confidence,
            } => format!(
                r#""status":"COMPLETED","prediction":"{}","confidence":0.{confidence}"#,
                label(is_fake)
            ),
            Stored::Failed { attempt } => format!(
                r#""status":"FAILED","prediction":"N/A","confidence":0,"errorMessage":"no inference","resultPayload":{{"timestamp":"{updated}","retryCount":{}}}"#,
                attempt - 1
            ),
        };
        write!(
            rows,
            r#"{{"analysisRunId":"{}","modelName":"{}",{said},"createdAt":"{created}","updatedAt":"{updated}"}}"#,
            self.id, row.model
        )
        .expect("a string takes all that is written");
    }
}

fn is_failure_of(row: &Row, model: &str) -> bool {
    row.model == model && matches!(row.stored, Stored::Failed { .. })
}

fn envelope(data: &str) -> String {
    format!(r#"{{"statusCode":200,"success":true,"message":"ok","data":{data}}}"#)
}
