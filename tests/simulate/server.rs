//! The `analysis` server: media, runs, one worker that takes model after model, and what each of them publishes.
//!
//! Law: what is published was stored before. A model has three attempts; a run in which one fails for good has no end
//! event, and a timer sets its status in REST, sometimes long before its models are through.
//!
//! Everything stored keeps the time of its commit, so that REST can answer as of any moment (`rest`).

use crate::chance::Chance;

/// Virtual time in milliseconds.
pub type Millis = u64;

const MODELS: [&str; 5] = ["siglip", "eyeblink", "colorcues", "scattering", "mff-moe"];
const SOUND_MODELS: [&str; 2] = ["mel-cnn", "stft-net"];
/// What runs in a model's place when it raises, under its own name and unknown to the run.
const STAND_IN: &str = "efficientnet-b7";
const ATTEMPTS: u32 = 3;
/// The period of the timer that sets runs in REST, and the age from which it may do so too early.
const SWEEP: Millis = 30_000;

/// What this server does besides the ordinary; drawn once for a schedule.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// Models for a video, and for a sound (none: such a run is done as soon as it is made, without a word).
    pub models: [usize; 2],
    /// REST says ANALYZED once one model of a run older than half a minute has ended.
    pub declares_early: bool,
    /// Such a run may be set back to QUEUED.
    pub swings_back: bool,
    /// A run whose models failed is finalized too.
    pub ends_failures: bool,
    /// The end event of a run may be left out.
    pub forgets_ends: bool,
    /// The models' own server says that it has computed, or that it could not, before anything is stored.
    pub speaks_twice: bool,
    /// A model that raises may be replaced by another, which reports under its own name.
    pub stands_in: bool,
    /// A job that had succeeded may be taken for stalled and run again.
    pub repeats: bool,
    /// `processing_error` for failed attempts.
    pub says_errors: bool,
    /// It says how many models it runs.
    pub is_monitored: bool,
    /// Failures in a thousand attempts.
    pub failures: u64,
}

impl Habits {
    pub fn draw(chance: &mut Chance) -> Self {
        Self {
            models: [
                chance.between(1, 4) as usize,
                chance.pick(&[0, 1, 1, 2]) as usize,
            ],
            declares_early: chance.in_thousand(500),
            swings_back: chance.in_thousand(200),
            ends_failures: chance.in_thousand(200),
            forgets_ends: chance.in_thousand(300),
            speaks_twice: chance.in_thousand(300),
            stands_in: chance.in_thousand(200),
            repeats: chance.in_thousand(200),
            says_errors: chance.in_thousand(150),
            is_monitored: chance.in_thousand(800),
            failures: chance.pick(&[0, 150, 300, 600]),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Video,
    Sound,
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Kind::Video => "VIDEO",
            Kind::Sound => "AUDIO",
        }
    }
}

pub struct Media {
    pub id: String,
    pub kind: Kind,
    pub created: Millis,
    pub deleted: Option<Millis>,
    /// Oldest first.
    pub runs: Vec<Run>,
}

pub struct Run {
    pub id: String,
    /// From 1.
    pub number: u32,
    pub created: Millis,
    pub models: Vec<Model>,
    /// The statuses it was given, oldest first.
    pub claims: Vec<(Millis, &'static str)>,
    pub rows: Vec<Row>,
}

pub struct Model {
    pub name: &'static str,
    /// Attempts begun.
    pub attempts: u32,
    /// Whether it succeeded, once that is final.
    pub succeeded: Option<bool>,
    /// How far the attempt under way is.
    pub far: f64,
    pub is_fake: bool,
    /// In hundredths.
    pub confidence: u64,
}

pub struct Row {
    pub model: &'static str,
    pub at: Millis,
    pub stored: Stored,
}

#[derive(Clone, Copy)]
pub enum Stored {
    Completed { is_fake: bool, confidence: u64 },
    Failed { attempt: u32 },
}

impl Run {
    pub fn is_over(&self) -> bool {
        self.models.iter().all(|model| model.succeeded.is_some())
    }

    pub fn is_claimed_ended(&self) -> bool {
        matches!(self.claims.last(), Some((_, "ANALYZED" | "FAILED")))
    }

    pub fn count(&self, succeeded: bool) -> usize {
        let of = |model: &&Model| model.succeeded == Some(succeeded);
        self.models.iter().filter(of).count()
    }

    fn claim(&mut self, status: &'static str, now: Millis) {
        self.claims.push((now, status));
    }
}

impl Media {
    pub fn newest(&self) -> &Run {
        self.runs.last().expect("a media has a run from the start")
    }
}

/// What happens inside the server at a given time.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// The worker looks for a job.
    Work,
    /// The job under way reports that so much of so much is done.
    Report { done: u64, of: u64 },
    /// It ends.
    End { succeeds: bool },
    /// The timer.
    Sweep,
    /// The row of this media is sent.
    Row { media: usize },
}

/// What comes of a step.
pub enum Effect {
    /// Another step, at this time.
    At(Millis, Step),
    /// An event for everybody who is signed in as the owner. `body` lacks its braces; a relay adds its own time to an
    /// envelope.
    Publish {
        name: &'static str,
        body: String,
        has_envelope: bool,
    },
}

struct Job {
    media: usize,
    run: usize,
    model: usize,
    ready: Millis,
    /// It has succeeded already.
    is_repeat: bool,
}

pub struct Server {
    pub habits: Habits,
    pub media: Vec<Media>,
    queue: Vec<Job>,
    working: Option<Job>,
}

impl Server {
    pub fn new(habits: Habits) -> Self {
        Self {
            habits,
            media: Vec::new(),
            queue: Vec::new(),
            working: None,
        }
    }

    /// What happens from the start on.
    pub fn first_steps(chance: &mut Chance) -> Vec<Effect> {
        vec![Effect::At(chance.between(1, SWEEP), Step::Sweep)]
    }

    /// Whether nothing will happen any more but by somebody's wish.
    pub fn is_quiet(&self) -> bool {
        self.working.is_none()
            && self.queue.is_empty()
            && self.present().all(|media| {
                media
                    .runs
                    .iter()
                    .all(|run| run.is_over() && run.is_claimed_ended())
            })
    }

    pub fn present(&self) -> impl DoubleEndedIterator<Item = &Media> {
        self.media.iter().filter(|media| media.deleted.is_none())
    }

    pub fn find(&self, id: &str) -> Option<&Media> {
        self.media.iter().find(|media| media.id == id)
    }

    pub fn upload(&mut self, now: Millis, chance: &mut Chance, out: &mut Vec<Effect>) -> usize {
        let media = self.media.len();
        self.media.push(Media {
            id: format!("med-{media}"),
            kind: if chance.in_thousand(800) {
                Kind::Video
            } else {
                Kind::Sound
            },
            created: now,
            deleted: None,
            runs: Vec::new(),
        });
        self.analyze(media, now, chance, out);
        media
    }

    pub fn delete(&mut self, media: usize, now: Millis) {
        self.media[media].deleted.get_or_insert(now);
        self.queue.retain(|job| job.media != media);
    }

    /// A new run.
    pub fn analyze(
        &mut self,
        media: usize,
        now: Millis,
        chance: &mut Chance,
        out: &mut Vec<Effect>,
    ) {
        let item = &mut self.media[media];
        let names = match item.kind {
            Kind::Video => &MODELS[..self.habits.models[0]],
            Kind::Sound => &SOUND_MODELS[..self.habits.models[1]],
        };
        let number = item.runs.len() as u32 + 1;
        let models: Vec<_> = (names.iter())
            .map(|name| Model {
                name,
                attempts: 0,
                succeeded: None,
                far: 0.0,
                is_fake: chance.in_thousand(500),
                confidence: chance.between(50, 99),
            })
            .collect();
        let mut run = Run {
            id: format!("{}-run-{number}", item.id),
            number,
            created: now,
            models,
            claims: Vec::new(),
            rows: Vec::new(),
        };
        run.claim(
            if names.is_empty() {
                "ANALYZED"
            } else {
                "QUEUED"
            },
            now,
        );
        item.runs.push(run);
        let run = item.runs.len() - 1;
        for (model, name) in names.iter().enumerate() {
            let data = format!(
                r#""model_name":"{name}","progress":0,"total":100,"phase":"QUEUED","timestamp":"{}""#,
                stamp(now)
            );
            out.push(self.progress_update(media, "ANALYSIS_QUEUED", &data));
            self.queue.push(Job {
                media,
                run,
                model,
                ready: now,
                is_repeat: false,
            });
        }
        out.push(Effect::At(now + chance.between(5, 500), Step::Work));
    }

    pub fn handle_step(
        &mut self,
        step: Step,
        now: Millis,
        chance: &mut Chance,
        out: &mut Vec<Effect>,
    ) {
        match step {
            Step::Work => self.work(now, chance, out),
            Step::Report { done, of } => self.report(done, of, chance, out),
            Step::End { succeeds } => self.end(succeeds, now, chance, out),
            Step::Sweep => {
                self.sweep(now, chance);
                out.push(Effect::At(now + SWEEP, Step::Sweep));
            }
            Step::Row { media } => {
                if self.media[media].deleted.is_none() {
                    out.push(Effect::Publish {
                        name: "media_update",
                        body: self.row(media, now),
                        has_envelope: false,
                    });
                }
            }
        }
    }

    fn work(&mut self, now: Millis, chance: &mut Chance, out: &mut Vec<Effect>) {
        if self.working.is_some() {
            return;
        }
        let Some(next) = (0..self.queue.len()).min_by_key(|index| self.queue[*index].ready) else {
            return;
        };
        if self.queue[next].ready > now {
            out.push(Effect::At(self.queue[next].ready, Step::Work));
            return;
        }
        let job = self.queue.remove(next);
        let item = &mut self.media[job.media];
        let run = &mut item.runs[job.run];
        if run.claims.last().map(|(_, status)| *status) != Some("PROCESSING") {
            run.claim("PROCESSING", now);
        }
        let run_id = run.id.clone();
        let model = &mut run.models[job.model];
        if !job.is_repeat {
            model.attempts += 1;
            model.far = 0.0;
        }
        let name = model.name;
        let is_last = model.attempts >= ATTEMPTS;
        let file = format!("{}.mp4", item.id);
        let kind = item.kind.word();
        let at = stamp(now);
        let begun = format!(
            r#""model_name":"Backend Worker","filename":"{file}","mediaType":"{kind}","runId":"{run_id}","timestamp":"{at}""#
        );
        let started = format!(
            r#""model_name":"{name}","filename":"{file}","runId":"{run_id}","phase":"analyzing","timestamp":"{at}""#
        );
        out.push(self.progress_update(job.media, "PROCESSING_STARTED", &begun));
        out.push(self.progress_update(job.media, "ANALYSIS_STARTED", &started));

        let fails = chance.in_thousand(self.habits.failures) && !job.is_repeat;
        // A few models fail each time; the last attempt of the others mostly does not.
        let succeeds = !fails || (is_last && chance.in_thousand(300));
        let of = chance.pick(&[0, 0, 2, 4, 5]);
        let mut at = now;
        for done in 1..=of {
            at += chance.between(100, 2_000);
            if succeeds || done < of {
                out.push(Effect::At(at, Step::Report { done, of }));
            }
        }
        at += chance.between(100, 6_000);
        out.push(Effect::At(at, Step::End { succeeds }));
        self.working = Some(job);
    }

    fn report(&mut self, done: u64, of: u64, chance: &mut Chance, out: &mut Vec<Effect>) {
        let Some(job) = &self.working else { return };
        let (media, is_repeat) = (job.media, job.is_repeat);
        let model = &mut self.media[media].runs[job.run].models[job.model];
        if !is_repeat {
            model.far = done as f64 / of as f64;
        }
        let stands_in = self.habits.stands_in && chance.in_thousand(200);
        let name = if stands_in { STAND_IN } else { model.name };
        let (event, progress) = if chance.in_thousand(100) {
            (
                "AUDIO_EXTRACTION_START",
                r#""progress":null,"total":null"#.to_owned(),
            )
        } else {
            (
                "FRAME_ANALYSIS_PROGRESS",
                format!(r#""progress":{done},"total":{of}"#),
            )
        };
        let data =
            format!(r#""model_name":"{name}",{progress},"details":{{"phase":"frame_processing"}}"#);
        out.push(self.progress_update(media, event, &data));
    }

    fn end(&mut self, succeeds: bool, now: Millis, chance: &mut Chance, out: &mut Vec<Effect>) {
        let Some(job) = self.working.take() else {
            return;
        };
        out.push(Effect::At(now + chance.between(2, 200), Step::Work));
        let media = job.media;
        let item = &mut self.media[media];
        if item.deleted.is_some() {
            return;
        }
        let file = format!("{}.mp4", item.id);
        let run = &mut item.runs[job.run];
        let run_id = run.id.clone();
        let model = &mut run.models[job.model];
        let (name, attempt) = (model.name, model.attempts);
        let at = stamp(now);
        if self.habits.speaks_twice && chance.in_thousand(600) {
            let (event, details) = if succeeds {
                (
                    "ANALYSIS_COMPLETE",
                    r#""progress":9,"total":9,"details":{"prediction":"FAKE","confidence":0.5}"#,
                )
            } else {
                (
                    "ANALYSIS_FAILED",
                    r#""progress":null,"total":null,"details":{"error":"raised"}"#,
                )
            };
            let data = format!(r#""model_name":"{name}",{details}"#);
            out.push(progress_update(&item.id, event, &data));
        }
        if succeeds {
            let (is_fake, confidence) = (model.is_fake, model.confidence);
            run.rows.push(Row {
                model: name,
                at: now,
                stored: Stored::Completed {
                    is_fake,
                    confidence,
                },
            });
            model.far = 1.0;
            let label = label(is_fake);
            let data = format!(
                r#""model_name":"{name}","filename":"{file}","runId":"{run_id}","prediction":"{label}","confidence":0.{confidence},"phase":"completed","timestamp":"{at}""#
            );
            out.push(progress_update(&item.id, "ANALYSIS_COMPLETED", &data));
            if self.habits.repeats && !job.is_repeat && chance.in_thousand(300) {
                self.queue.push(Job {
                    ready: now + chance.between(0, 3_000),
                    is_repeat: true,
                    ..job
                });
                return;
            }
            model.succeeded = Some(true);
        } else {
            run.rows.push(Row {
                model: name,
                at: now,
                stored: Stored::Failed { attempt },
            });
            model.far = 0.0;
            let data = format!(
                r#""model_name":"{name}","error_message":"no inference","filename":"{file}","runId":"{run_id}","timestamp":"{at}""#
            );
            out.push(progress_update(&item.id, "ANALYSIS_FAILED", &data));
            if self.habits.says_errors {
                out.push(Effect::Publish {
                    name: "processing_error",
                    body: format!(
                        r#""mediaId":"{}","userId":"user-ada","runId":"{run_id}","jobId":"{run_id}-{name}","error":"no inference","timestamp":"{at}""#,
                        item.id
                    ),
                    has_envelope: false,
                });
            }
            if attempt < ATTEMPTS {
                self.queue.push(Job {
                    ready: now + 5_000 * u64::from(attempt),
                    ..job
                });
                return;
            }
            model.succeeded = Some(false);
        }
        if run.is_over() {
            self.finalize(media, job.run, now, chance, out);
        }
    }

    /// Counts rows, not models: one that failed first and then succeeded has two.
    fn finalize(
        &mut self,
        media: usize,
        run: usize,
        now: Millis,
        chance: &mut Chance,
        out: &mut Vec<Effect>,
    ) {
        let item = &mut self.media[media];
        let run = &mut item.runs[run];
        let has_failed = run.count(false) > 0;
        if has_failed && !self.habits.ends_failures {
            return;
        }
        let is_completed = |row: &&Row| matches!(row.stored, Stored::Completed { .. });
        let completed = run.rows.iter().filter(is_completed).count();
        let failed = (run.models.iter())
            .filter(|model| {
                let of_model = |row: &&Row| row.model == model.name && !is_completed(row);
                run.rows.iter().any(|row| of_model(&row))
            })
            .count();
        let total = completed + failed;
        let (event, status) = match (has_failed, completed) {
            (false, _) => ("ANALYSIS_COMPLETE", "ANALYZED"),
            (true, 0) => ("ANALYSIS_FAILED", "FAILED"),
            (true, _) => ("ANALYSIS_FAILED", "PARTIALLY_ANALYZED"),
        };
        run.claim(if completed > 0 { "ANALYZED" } else { "FAILED" }, now);
        if !(self.habits.forgets_ends && chance.in_thousand(500)) {
            let data = format!(
                r#""runId":"{}","totalAnalyses":{total},"completedAnalyses":{completed},"failedAnalyses":{failed},"pendingAnalyses":0,"finalStatus":"{status}","filename":"{}.mp4","timestamp":"{}""#,
                run.id,
                item.id,
                stamp(now)
            );
            out.push(progress_update(&item.id, event, &data));
        }
        out.push(Effect::At(now + 20, Step::Row { media }));
    }

    /// It tells nobody.
    fn sweep(&mut self, now: Millis, chance: &mut Chance) {
        let habits = self.habits;
        let present = self.media.iter_mut().filter(|item| item.deleted.is_none());
        for run in present.flat_map(|item| &mut item.runs) {
            let is_over = run.is_over();
            if run.is_claimed_ended() {
                if !is_over && habits.swings_back && chance.in_thousand(300) {
                    run.claim("QUEUED", now);
                }
                continue;
            }
            let has_ended = run.models.iter().any(|model| model.succeeded.is_some());
            let is_early = habits.declares_early && now - run.created >= SWEEP && has_ended;
            if is_over || is_early {
                run.claim(
                    if run.count(true) > 0 {
                        "ANALYZED"
                    } else {
                        "FAILED"
                    },
                    now,
                );
            }
        }
    }

    fn progress_update(&self, media: usize, event: &str, data: &str) -> Effect {
        progress_update(&self.media[media].id, event, data)
    }
}

fn progress_update(media: &str, event: &str, data: &str) -> Effect {
    Effect::Publish {
        name: "progress_update",
        body: format!(
            r#""mediaId":"{media}","userId":"user-ada","event":"{event}","message":"{event}","data":{{{data}}}"#
        ),
        has_envelope: true,
    }
}

pub fn label(is_fake: bool) -> &'static str {
    if is_fake {
        "FAKE"
    } else {
        "REAL"
    }
}

/// The server's clock: this much after the morning of a day.
pub fn stamp(at: Millis) -> String {
    const MORNING: f64 = 1_771_583_400_000.0;
    telltale::time::Timestamp::from_unix_millis(MORNING + at as f64)
        .expect("a schedule is shorter than a century")
        .to_string()
}
