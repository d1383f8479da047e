//! The `interview` server: one analysis of a recording, heard of when it begins, kept only when it is done.

use std::time::Duration;

use telltale::json::Value;
use telltale::time::Instant;

use super::{event, object, Asked, Moment, Plan, Reply, Server};

const DURATION: Duration = Duration::from_secs(12);
const RETRY_DELAY: Duration = Duration::from_secs(5);
const SCORE: f64 = 6.5;

#[derive(Clone, Copy)]
enum Does {
    Start,
    Fail,
    Complete,
}

/// See the module.
pub struct Interview {
    /// Each interview, and when its analysis was stored.
    stored: Vec<(String, Option<Moment>)>,
    plan: Plan<(usize, Does)>,
}

impl Interview {
    /// With one interview that ends in so long; its analysis needs a second attempt.
    pub fn new(ends_in: Duration, at: Moment) -> Self {
        let mut this = Self {
            stored: vec![("itv-77".to_owned(), None)],
            plan: Plan::new(),
        };
        let start = at.now + ends_in;
        let fails = start + DURATION / 2;
        this.plan.add(start, (0, Does::Start));
        this.plan.add(fails, (0, Does::Fail));
        this.analyze(0, fails + RETRY_DELAY);
        this
    }

    fn analyze(&mut self, interview: usize, at: Instant) {
        self.plan.add(at, (interview, Does::Start));
        self.plan.add(at + DURATION, (interview, Does::Complete));
    }
}

fn result(at: Moment) -> Value {
    let summary = Value::object([("overallScore", SCORE.into())]);
    Value::object([
        ("summary", summary),
        ("overallScore", SCORE.into()),
        ("analyzedAt", at.stamp()),
    ])
}

impl Server for Interview {
    fn answer(&mut self, asked: &Asked, at: Moment) -> Reply {
        let path = asked.path.strip_prefix("/api/v1/media-analysis/");
        let Some((id, what)) = path.and_then(|path| path.split_once('/')) else {
            return Reply::not_found();
        };
        let Some(interview) = self.stored.iter().position(|(known, _)| known == id) else {
            return Reply::not_found();
        };
        if what == "analyze" {
            self.analyze(interview, at.now);
        }
        let analysis = match self.stored[interview].1 {
            Some(at) => Value::object([
                ("type", "video".into()),
                ("analysis", result(at)),
                ("analyzedAt", at.stamp()),
                ("isCompleted", true.into()),
            ]),
            None => Value::object([("isCompleted", false.into())]),
        };
        let data = Value::object([
            ("interviewId", id.into()),
            ("status", "completed".into()),
            ("mediaType", "video".into()),
            ("mediaAnalysis", analysis),
        ]);
        Reply::data(data)
    }

    fn due(&self) -> Option<Instant> {
        self.plan.due()
    }

    fn work(&mut self, at: Moment) -> Vec<Value> {
        let mut said = Vec::new();
        while let Some((due, (interview, does))) = self.plan.next(at.now) {
            let at = at.back_to(due);
            let (id, stored) = &mut self.stored[interview];
            let (word, mut payload) = match does {
                Does::Start => ("started", vec![("status", "processing".into())]),
                Does::Fail => (
                    "failed",
                    vec![
                        ("status", "failed".into()),
                        ("error", "recording not found".into()),
                        ("retryable", true.into()),
                    ],
                ),
                Does::Complete => {
                    *stored = Some(at);
                    (
                        "completed",
                        vec![
                            ("status", "completed".into()),
                            ("mediaType", "video".into()),
                            ("analysis", result(at)),
                        ],
                    )
                }
            };
            payload.push(("interviewId", id.as_str().into()));
            payload.push(("timestamp", at.stamp()));
            let name = format!("analysis:{word}:{id}");
            said.push(event(&name, object(payload)));
        }
        said
    }
}
