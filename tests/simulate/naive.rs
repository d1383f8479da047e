//! What a page shows that does as such pages commonly do: the last event wins, every end is a toast, and the list is
//! fetched once. It hears what the session hears. A simulation in which it fares well would prove nothing.

use std::collections::BTreeMap;

use telltale::json::Value;

use crate::server::{Media, Server, Stored};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Queued,
    Running,
    Failed,
    Completed,
}

#[derive(Default)]
struct Row {
    run: String,
    is_ended: bool,
    models: BTreeMap<String, State>,
}

#[derive(Default)]
pub struct Naive {
    media: BTreeMap<String, Row>,
    is_loaded: bool,
    told: BTreeMap<(String, String), u32>,
    pub regressions: u64,
}

impl Naive {
    pub fn hear(&mut self, name: &str, payload: &Value) {
        match name {
            "media_update" => self.replace(payload),
            "progress_update" => self.progress(payload),
            _ => {}
        }
    }

    /// The list, the first time.
    pub fn load(&mut self, body: &Value) {
        if !self.is_loaded {
            self.is_loaded = true;
            for row in body.get("data").as_array() {
                self.replace(row);
            }
        }
    }

    fn progress(&mut self, payload: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (id, data) = (text(payload.get("mediaId")), payload.get("data"));
        let run = text(data.get("runId"));
        let model = text(data.get("model_name"));
        let row = self.media.entry(id.clone()).or_default();
        if !run.is_empty() && row.run != run {
            *row = Row {
                run: run.clone(),
                ..Row::default()
            };
        }
        if model == "Backend Worker" {
            return;
        }
        let state = match payload.get("event").as_str().unwrap_or_default() {
            "ANALYSIS_COMPLETE" | "ANALYSIS_FAILED" if model.is_empty() => {
                row.is_ended = true;
                *self.told.entry((id, run)).or_default() += 1;
                return;
            }
            "ANALYSIS_QUEUED" => State::Queued,
            "ANALYSIS_COMPLETED" | "ANALYSIS_COMPLETE" => State::Completed,
            "ANALYSIS_FAILED" => State::Failed,
            _ => State::Running,
        };
        let before = row.models.insert(model, state);
        self.regressions += u64::from(before.is_some_and(|before| state < before) || row.is_ended);
        row.is_ended = false;
    }

    fn replace(&mut self, row: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let run = row.get("analysisRuns").as_array().first();
        let run = run.unwrap_or(&Value::Null);
        let mut models = BTreeMap::new();
        for row in run.get("analyses").as_array() {
            let state = match row.get("status").as_str() {
                Some("COMPLETED") => State::Completed,
                _ => State::Failed,
            };
            models.insert(text(row.get("modelName")), state);
        }
        let status = run.get("status").as_str();
        let row = (text(row.get("id")), text(run.get("id")));
        let replaced = Row {
            run: row.1,
            is_ended: matches!(status, Some("ANALYZED" | "FAILED")),
            models,
        };
        self.media.insert(row.0, replaced);
    }

    /// Whether it shows what is true.
    pub fn is_true(&self, server: &Server) -> bool {
        server.present().count() == self.media.len()
            && server.present().all(|item| {
                let row = self.media.get(&item.id);
                row.is_some_and(|row| row.is_true(item))
            })
    }

    pub fn duplicate_ends(&self) -> u64 {
        self.told.values().map(|told| u64::from(told - 1)).sum()
    }
}

impl Row {
    fn is_true(&self, item: &Media) -> bool {
        let run = item.newest();
        let outcome = |name: &str| {
            let completed = (run.rows.iter())
                .any(|row| row.model == name && matches!(row.stored, Stored::Completed { .. }));
            match completed {
                true => State::Completed,
                false => State::Failed,
            }
        };
        self.is_ended
            && self.run == run.id
            && self.models.len() == run.models.len()
            && (run.models.iter())
                .all(|model| self.models.get(model.name) == Some(&outcome(model.name)))
    }
}
