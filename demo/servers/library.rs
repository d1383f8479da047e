//! The `library` server: a video passes four steps, the first time it sometimes fails.
//!
//! A title with `fail` in it is a video that cannot be read, one with `flagged` in it is not for everybody.

use std::time::Duration;

use telltale::json::Value;
use telltale::time::Instant;

use super::{event, Asked, Moment, Plan, Reply, Server, USER};

const ATTEMPTS: u32 = 3;
const STEP: Duration = Duration::from_secs(3);
const RETRY_DELAY: Duration = Duration::from_secs(5);
const STEPS: [(f64, &str); 4] = [
    (0.0, "Work begins"),
    (20.0, "Container read"),
    (40.0, "Picture taken"),
    (80.0, "Content looked at"),
];
const ERROR: &str = "probe ended with 1: no such stream";

struct Video {
    id: String,
    title: String,
    file: String,
    bytes: u64,
    created: Moment,
    updated: Moment,
    status: &'static str,
    progress: f64,
}

impl Video {
    fn is_flagged(&self) -> bool {
        self.title.to_lowercase().contains("flagged")
    }

    fn sensitivity(&self) -> &'static str {
        match (self.status, self.is_flagged()) {
            ("completed", true) => "flagged",
            ("completed", false) => "safe",
            _ => "pending",
        }
    }

    fn row(&self) -> Value {
        #[allow(clippy::cast_precision_loss, reason = "files are below 9 petabytes")]
        let bytes = self.bytes as f64;
        Value::object([
            ("_id", self.id.as_str().into()),
            ("title", self.title.as_str().into()),
            ("originalFilename", self.file.as_str().into()),
            ("fileSize", bytes.into()),
            ("status", self.status.into()),
            ("processingProgress", self.progress.into()),
            ("sensitivityStatus", self.sensitivity().into()),
            ("uploadedBy", USER.into()),
            ("createdAt", self.created.stamp()),
            ("updatedAt", self.updated.stamp()),
        ])
    }
}

#[derive(Clone, Copy)]
enum Does {
    Step(usize),
    Fail,
    Complete,
}

/// See the module.
pub struct Library {
    videos: Vec<Video>,
    plan: Plan<(usize, Does)>,
}

impl Library {
    /// With what people sent before: each title with how many seconds ago.
    pub fn new(before: &[(&str, u64)], at: Moment) -> Self {
        let mut this = Self {
            videos: Vec::new(),
            plan: Plan::new(),
        };
        for (title, ago) in before {
            this.take(title, 91_000_000, at.ago(*ago));
        }
        this.work(at);
        this
    }

    fn take(&mut self, file: &str, bytes: u64, at: Moment) -> usize {
        let title = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let video = self.videos.len();
        self.videos.push(Video {
            id: format!("vid-{}", video + 1),
            title: title.to_owned(),
            file: file.to_owned(),
            bytes,
            created: at,
            updated: at,
            status: "processing",
            progress: 0.0,
        });
        let fails = title.to_lowercase().contains("fail");
        let mut then = at.now;
        for _ in 0..ATTEMPTS {
            for step in 0..STEPS.len() {
                then = then + STEP;
                self.plan.add(then, (video, Does::Step(step)));
                if fails && step == 1 {
                    break;
                }
            }
            then = then + STEP;
            let end = if fails { Does::Fail } else { Does::Complete };
            self.plan.add(then, (video, end));
            if !fails {
                break;
            }
            then = then + RETRY_DELAY;
        }
        video
    }
}

impl Server for Library {
    fn answer(&mut self, asked: &Asked, at: Moment) -> Reply {
        let (path, _) = asked.path.split_once('?').unwrap_or((asked.path, ""));
        let Some(rest) = path.strip_prefix("/api/videos") else {
            return Reply::not_found();
        };
        let one = |video: &Video| Reply::new(200, &Value::object([("video", video.row())]));
        match (asked.method, rest, asked.file) {
            ("POST", "", Some((file, bytes))) => {
                let video = self.take(file, bytes, at);
                one(&self.videos[video])
            }
            ("GET", "", _) => {
                #[allow(clippy::cast_precision_loss, reason = "few videos")]
                let total = self.videos.len() as f64;
                let rows = self.videos.iter().rev().map(Video::row).collect();
                let pages = Value::object([
                    ("page", 1.0.into()),
                    ("pages", 1.0.into()),
                    ("total", total.into()),
                ]);
                let body = [("videos", Value::Array(rows)), ("pagination", pages)];
                Reply::new(200, &Value::object(body))
            }
            (_, path, _) => {
                let id = path.strip_prefix('/').unwrap_or_default();
                let found = self.videos.iter().find(|video| video.id == id);
                found.map_or_else(Reply::not_found, one)
            }
        }
    }

    fn due(&self) -> Option<Instant> {
        self.plan.due()
    }

    fn work(&mut self, at: Moment) -> Vec<Value> {
        let mut said = Vec::new();
        while let Some((due, (video, does))) = self.plan.next(at.now) {
            let video = &mut self.videos[video];
            video.updated = at.back_to(due);
            let about = ("videoId", Value::from(video.id.as_str()));
            said.push(match does {
                Does::Step(step) => {
                    let (progress, message) = STEPS[step];
                    video.status = "processing";
                    video.progress = progress;
                    let payload = [
                        about,
                        ("progress", progress.into()),
                        ("message", message.into()),
                        ("status", "processing".into()),
                    ];
                    event("video:process:progress", Value::object(payload))
                }
                Does::Fail => {
                    video.status = "failed";
                    video.progress = 0.0;
                    let payload = [about, ("error", ERROR.into())];
                    event("video:process:failed", Value::object(payload))
                }
                Does::Complete => {
                    video.status = "completed";
                    video.progress = 100.0;
                    let payload = [
                        about,
                        ("status", "completed".into()),
                        ("sensitivityStatus", video.sensitivity().into()),
                    ];
                    event("video:process:complete", Value::object(payload))
                }
            });
        }
        said
    }
}
