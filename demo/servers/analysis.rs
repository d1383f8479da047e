//! The `analysis` server: five models run over each media on two workers, three attempts each.
//!
//! What becomes of a file is in its name (see [`Shape::of`]), so a person can ask for it.

use std::time::Duration;

use telltale::json::Value;
use telltale::time::Instant;

use super::{event, object, Asked, Moment, Plan, Reply, Server, USER};

/// The names are nobody's.
const MODELS: [&str; 5] = [
    "Edge-Net-2",
    "Blink-Rate-1",
    "Tint-Flow-3",
    "Lip-Sync-4",
    "Noise-Print-1",
];
/// Jobs that run at the same time.
const WORKERS: usize = 2;
const ATTEMPTS: u32 = 3;
/// Before each attempt but the first.
const RETRY_DELAY: Duration = Duration::from_secs(5);
/// Between the end of a job and the next one's start.
const PAUSE: Duration = Duration::from_millis(300);

/// How a run goes.
#[derive(Clone, Copy)]
struct Shape {
    /// How often each model fails; one that fails [`ATTEMPTS`] times has failed for good.
    failures: [u32; 5],
    /// Who says fake.
    fake: [bool; 5],
    /// How often each model says how far it is, and how long it takes from one time to the next.
    reports: u32,
    pace: Duration,
}

impl Shape {
    /// What the name of a file asks for: `flood` for 1,200 progress events, `broken` for a file that no model can read,
    /// `partly` for one model that fails for good, `genuine` for one that all take for real, `undecided` for a draw; any
    /// other is taken for a fake by most, after one model needed a second attempt.
    fn of(name: &str) -> Self {
        let usual = Self {
            failures: [0, 0, 1, 0, 0],
            fake: [true, true, false, true, true],
            reports: 20,
            pace: Duration::from_millis(400),
        };
        let name = name.to_lowercase();
        let is = |word: &str| name.contains(word);
        if is("flood") {
            Self {
                failures: [0, 0, 0, ATTEMPTS, 0],
                reports: 240,
                pace: Duration::from_millis(100),
                ..usual
            }
        } else if is("broken") {
            Self {
                failures: [ATTEMPTS; 5],
                ..usual
            }
        } else if is("partly") {
            Self {
                failures: [0, 0, 0, ATTEMPTS, 0],
                ..usual
            }
        } else if is("genuine") {
            Self {
                failures: [0; 5],
                fake: [false; 5],
                ..usual
            }
        } else if is("undecided") {
            Self {
                failures: [0, 0, 0, 0, ATTEMPTS],
                fake: [true, true, false, false, false],
                ..usual
            }
        } else {
            usual
        }
    }
}

struct Media {
    id: String,
    name: String,
    bytes: u64,
    created: Moment,
    updated: Moment,
    runs: Vec<Run>,
}

struct Run {
    id: String,
    created: Moment,
    has_begun: bool,
    models: Vec<Model>,
}

struct Model {
    name: &'static str,
    is_fake: bool,
    confidence: f64,
    failures: u32,
    /// When it stored something last, and whether that was its result.
    stored: Option<(Moment, bool)>,
}

impl Model {
    fn is_ended(&self) -> bool {
        self.failures >= ATTEMPTS || self.stored.is_some_and(|(_, is_result)| is_result)
    }

    fn verdict(&self) -> Value {
        (if self.is_fake { "FAKE" } else { "REAL" }).into()
    }
}

impl Run {
    fn count(&self, is_result: bool) -> usize {
        let is = |model: &&Model| model.is_ended() && (model.failures < ATTEMPTS) == is_result;
        self.models.iter().filter(is).count()
    }

    fn is_over(&self) -> bool {
        self.models.iter().all(Model::is_ended)
    }

    fn status(&self) -> &'static str {
        match (self.is_over(), self.has_begun) {
            (true, _) if self.count(true) == 0 => "FAILED",
            (true, _) => "ANALYZED",
            (false, true) => "PROCESSING",
            (false, false) => "QUEUED",
        }
    }
}

/// What a model does, and in which run of which media.
#[derive(Clone, Copy)]
struct Step {
    media: usize,
    run: usize,
    model: usize,
    does: Does,
}

#[derive(Clone, Copy)]
enum Does {
    Queue,
    Start,
    Report { done: u32, of: u32 },
    Fail,
    Complete,
}

/// See the module.
pub struct Analysis {
    media: Vec<Media>,
    plan: Plan<Step>,
}

impl Analysis {
    /// With what people sent before: each name with how many seconds ago.
    pub fn new(before: &[(&str, u64)], at: Moment) -> Self {
        let mut this = Self {
            media: Vec::new(),
            plan: Plan::new(),
        };
        for (name, ago) in before {
            let bytes = 48_000_000 + 7_919_113 * this.media.len() as u64;
            this.take(name, bytes, at.ago(*ago));
        }
        this.work(at);
        this
    }

    fn take(&mut self, name: &str, bytes: u64, at: Moment) -> usize {
        let media = self.media.len();
        self.media.push(Media {
            id: format!("med-{}", media + 1),
            name: name.to_owned(),
            bytes,
            created: at,
            updated: at,
            runs: Vec::new(),
        });
        self.analyze(media, at);
        media
    }

    /// Plans a run from its first word to its last.
    fn analyze(&mut self, media: usize, at: Moment) {
        let item = &mut self.media[media];
        let shape = Shape::of(&item.name);
        let run = item.runs.len();
        let models = (0..MODELS.len()).map(|model| Model {
            name: MODELS[model],
            is_fake: shape.fake[model],
            confidence: [0.92, 0.81, 0.64, 0.71, 0.87][(model + media + run) % 5],
            failures: 0,
            stored: None,
        });
        item.runs.push(Run {
            id: format!("run-{}-{}", media + 1, run + 1),
            created: at,
            has_begun: false,
            models: models.collect(),
        });
        let mut free = [at.now + Duration::from_millis(1500); WORKERS];
        for model in 0..MODELS.len() {
            let mut plan = |at, does| {
                let step = Step {
                    media,
                    run,
                    model,
                    does,
                };
                self.plan.add(at, step);
            };
            plan(at.now, Does::Queue);
            let worker = &mut free[model % WORKERS];
            for attempt in 0..ATTEMPTS {
                plan(*worker, Does::Start);
                let fails = attempt < shape.failures[model];
                // It gives up in the middle.
                let reports = if fails {
                    shape.reports / 2
                } else {
                    shape.reports
                };
                for done in 1..=reports {
                    *worker = *worker + shape.pace;
                    let of = shape.reports;
                    plan(*worker, Does::Report { done, of });
                }
                *worker = *worker + PAUSE;
                plan(*worker, if fails { Does::Fail } else { Does::Complete });
                *worker = *worker + PAUSE;
                if !fails {
                    break;
                }
                *worker = *worker + RETRY_DELAY;
            }
        }
    }

    fn step(&mut self, step: Step, at: Moment) -> Vec<Value> {
        let media = &mut self.media[step.media];
        let (id, name) = (media.id.clone(), media.name.clone());
        let run = &mut media.runs[step.run];
        let run_id = run.id.clone();
        let model = &mut run.models[step.model];
        let update = |kind, data| progress_update(&id, kind, object(data), at);
        let of_model = |model: &Model, rest: Vec<(&'static str, Value)>| {
            let mut data: Vec<(&str, Value)> = vec![
                ("model_name", model.name.into()),
                ("filename", name.as_str().into()),
                ("runId", run_id.as_str().into()),
                ("timestamp", at.stamp()),
            ];
            data.extend(rest);
            data
        };
        match step.does {
            Does::Queue => {
                let rest = vec![("phase", "QUEUED".into())];
                vec![update("ANALYSIS_QUEUED", of_model(model, rest))]
            }
            Does::Start => {
                let packet = update("ANALYSIS_STARTED", of_model(model, Vec::new()));
                run.has_begun = true;
                vec![packet]
            }
            Does::Report { done, of } => vec![update(
                "FRAME_ANALYSIS_PROGRESS",
                vec![
                    ("model_name", model.name.into()),
                    ("progress", f64::from(done).into()),
                    ("total", f64::from(of).into()),
                ],
            )],
            Does::Fail => {
                model.failures += 1;
                model.stored = Some((at, false));
                let rest = vec![("error_message", ERROR.into())];
                let mut packets = vec![update("ANALYSIS_FAILED", of_model(model, rest))];
                packets.extend(self.finish(step, at));
                packets
            }
            Does::Complete => {
                model.stored = Some((at, true));
                let rest = vec![
                    ("prediction", model.verdict()),
                    ("confidence", model.confidence.into()),
                ];
                let mut packets = vec![update("ANALYSIS_COMPLETED", of_model(model, rest))];
                packets.extend(self.finish(step, at));
                packets
            }
        }
    }

    /// The end of a run, if this was it.
    fn finish(&mut self, step: Step, at: Moment) -> Vec<Value> {
        let media = &mut self.media[step.media];
        media.updated = at;
        let run = &media.runs[step.run];
        if !run.is_over() {
            return Vec::new();
        }
        let (completed, failed) = (run.count(true), run.count(false));
        let (kind, status) = match (completed, failed) {
            (_, 0) => ("ANALYSIS_COMPLETE", "ANALYZED"),
            (0, _) => ("ANALYSIS_FAILED", "FAILED"),
            _ => ("ANALYSIS_FAILED", "PARTIALLY_ANALYZED"),
        };
        #[allow(clippy::cast_precision_loss, reason = "five models")]
        let count = |count: usize| Value::from(count as f64);
        let data = Value::object([
            ("runId", run.id.as_str().into()),
            ("totalAnalyses", count(completed + failed)),
            ("completedAnalyses", count(completed)),
            ("failedAnalyses", count(failed)),
            ("pendingAnalyses", count(0)),
            ("finalStatus", status.into()),
            ("filename", media.name.as_str().into()),
            ("timestamp", at.stamp()),
        ]);
        vec![
            progress_update(&media.id, kind, data, at),
            event("media_update", media.row(usize::MAX)),
        ]
    }

    fn find(&self, id: &str) -> Option<usize> {
        self.media.iter().position(|media| media.id == id)
    }
}

fn progress_update(media: &str, kind: &str, data: Value, at: Moment) -> Value {
    let payload = Value::object([
        ("mediaId", media.into()),
        ("userId", USER.into()),
        ("event", kind.into()),
        ("data", data),
        ("timestamp", at.stamp()),
    ]);
    event("progress_update", payload)
}

/// Why a model gives up.
const ERROR: &str = "model server out of memory";

impl Media {
    /// As REST has it, with so many of its runs, newest first.
    fn row(&self, most: usize) -> Value {
        let runs = self.runs.iter().enumerate().rev().take(most);
        let runs = runs.map(|(index, run)| self.run(index, run)).collect();
        let status = self.runs.last().map_or("QUEUED", Run::status);
        let kind = match self.name.rsplit('.').next() {
            Some("wav" | "mp3") => "AUDIO",
            Some("jpg" | "png") => "IMAGE",
            _ => "VIDEO",
        };
        #[allow(clippy::cast_precision_loss, reason = "files are below 9 petabytes")]
        let bytes = self.bytes as f64;
        Value::object([
            ("id", self.id.as_str().into()),
            ("filename", self.name.as_str().into()),
            ("status", status.into()),
            ("mediaType", kind.into()),
            ("size", bytes.into()),
            ("userId", USER.into()),
            ("createdAt", self.created.stamp()),
            ("updatedAt", self.updated.stamp()),
            ("analysisRuns", Value::Array(runs)),
        ])
    }

    fn run(&self, index: usize, run: &Run) -> Value {
        let rows = run.models.iter().filter_map(|model| {
            let (at, is_result) = model.stored?;
            let (status, verdict, confidence) = match is_result {
                true => ("COMPLETED", model.verdict(), model.confidence.into()),
                false => ("FAILED", "N/A".into(), 0.0.into()),
            };
            let mut row = vec![
                ("analysisRunId", run.id.as_str().into()),
                ("modelName", model.name.into()),
                ("status", status.into()),
                ("prediction", verdict),
                ("confidence", confidence),
                ("createdAt", at.stamp()),
                ("updatedAt", at.stamp()),
            ];
            if !is_result {
                let retries = f64::from(model.failures.saturating_sub(1));
                row.push(("errorMessage", ERROR.into()));
                row.push((
                    "resultPayload",
                    Value::object([("timestamp", at.stamp()), ("retryCount", retries.into())]),
                ));
            }
            Some(object(row))
        });
        #[allow(clippy::cast_precision_loss, reason = "few runs")]
        let number = (index + 1) as f64;
        Value::object([
            ("id", run.id.as_str().into()),
            ("mediaId", self.id.as_str().into()),
            ("runNumber", number.into()),
            ("status", run.status().into()),
            ("createdAt", run.created.stamp()),
            ("analyses", Value::Array(rows.collect())),
        ])
    }
}

impl Server for Analysis {
    fn answer(&mut self, asked: &Asked, at: Moment) -> Reply {
        const MEDIA: &str = "/api/v1/media";
        if asked.path == "/api/v1/monitoring/server-status" {
            let model = |name: &&str| {
                Value::object([
                    ("name", (*name).into()),
                    ("loaded", true.into()),
                    ("isVideo", true.into()),
                    ("isImage", true.into()),
                    ("isAudio", true.into()),
                ])
            };
            let models = MODELS.iter().map(model).collect();
            return Reply::data(Value::object([("models_info", Value::Array(models))]));
        }
        let Some(rest) = asked.path.strip_prefix(MEDIA) else {
            return Reply::not_found();
        };
        match (asked.method, rest, asked.file) {
            ("GET", "", _) => {
                let rows = self.media.iter().rev().map(|media| media.row(1));
                Reply::data(Value::Array(rows.collect()))
            }
            ("POST", "", Some((name, bytes))) => {
                let media = self.take(name, bytes, at);
                Reply::data(self.media[media].row(0))
            }
            ("POST", path, _) => {
                let id = path
                    .strip_prefix('/')
                    .and_then(|path| path.strip_suffix("/analyze"));
                let Some(media) = id.and_then(|id| self.find(id)) else {
                    return Reply::not_found();
                };
                self.analyze(media, at);
                Reply::data(self.media[media].row(0))
            }
            (_, path, _) => {
                let media = path.strip_prefix('/').and_then(|id| self.find(id));
                media.map_or_else(Reply::not_found, |media| {
                    Reply::data(self.media[media].row(usize::MAX))
                })
            }
        }
    }

    fn due(&self) -> Option<Instant> {
        self.plan.due()
    }

    fn work(&mut self, at: Moment) -> Vec<Value> {
        let mut said = Vec::new();
        while let Some((due, step)) = self.plan.next(at.now) {
            said.extend(self.step(step, at.back_to(due)));
        }
        said
    }
}
