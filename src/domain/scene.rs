//! A store in virtual time, and short words for facts: what the domain's tests are written in.

use std::time::Duration;

use super::fact::{
    Declared, Fact, Label, MediaFields, ModelSaid, Outcome, RunFields, RunRef, Scope, Snapshot,
};
use super::view::{Change, EarlierRuns, MediaView, ModelView, RunView, Status, Summary};
use super::{MediaId, MediaKey, ModelId, RunId, Source, Store};
use crate::domain::Rules;
use crate::time::{Instant, Timestamp};

pub(crate) const SERVER: Source = Source(0);

/// How the facts of an analysis server join, whose runs may have models that nobody has named yet.
pub(crate) const ROWS: Rules = Rules {
    max_attempts: Some(3),
    has_run_ids: true,
    has_run_end: true,
    has_rows: true,
    latest_wins: false,
    fails_between_attempts: false,
    has_list: true,
};
/// Those of a video library, and those of interviews. The default is an analysis server of which all models are named.
pub(crate) const VIDEO: Rules = Rules {
    max_attempts: Some(3),
    has_run_ids: false,
    has_run_end: true,
    has_rows: false,
    latest_wins: false,
    fails_between_attempts: true,
    has_list: true,
};
pub(crate) const INTERVIEW: Rules = Rules {
    max_attempts: Some(3),
    has_run_ids: false,
    has_run_end: false,
    has_rows: false,
    latest_wins: true,
    fails_between_attempts: false,
    has_list: false,
};

/// A store with one server, a time, and what has changed.
pub(crate) struct Scene {
    pub store: Store,
    pub now: Duration,
}

impl Scene {
    pub(crate) fn new(rules: Rules) -> Self {
        let mut store = Store::new();
        store.add_source(SERVER, rules);
        let mut scene = Self {
            store,
            now: Duration::from_secs(1000),
        };
        scene.store.connected(SERVER, scene.at());
        scene
    }

    pub(crate) fn at(&self) -> Instant {
        Instant::from_origin(self.now)
    }

    pub(crate) fn say(&mut self, facts: impl IntoIterator<Item = Fact>) -> Vec<Change> {
        let now = self.at();
        self.store.apply(SERVER, facts.into_iter().collect(), now)
    }

    /// Lets time pass, waking the store whenever it asks for it.
    pub(crate) fn pass(&mut self, seconds: f64) -> Vec<Change> {
        let end = self.now + Duration::from_secs_f64(seconds);
        let mut changes = Vec::new();
        for _ in 0..1000 {
            let due = self.store.poll_timeout().map(Instant::since_origin);
            let Some(due) = due.filter(|due| *due <= end) else {
                self.now = end;
                return changes;
            };
            self.now = self.now.max(due);
            changes.extend(self.store.handle_timeout(self.at()));
        }
        panic!("the store wakes for ever");
    }

    pub(crate) fn asks(&mut self) -> Vec<Scope> {
        std::iter::from_fn(|| self.store.poll_ask())
            .map(|(_, scope)| scope)
            .collect()
    }

    /// Fetches a snapshot of one media that says this.
    pub(crate) fn fetch(&mut self, facts: Vec<Fact>) -> Vec<Change> {
        self.request();
        self.answer(facts)
    }

    pub(crate) fn request(&mut self) {
        let now = self.at();
        let scope = Scope::Media(id("m"));
        self.store.snapshot_requested(SERVER, &scope, now);
    }

    pub(crate) fn answer(&mut self, facts: Vec<Fact>) -> Vec<Change> {
        let snapshot = Snapshot {
            scope: Scope::Media(id("m")),
            is_whole: true,
            beyond: 0,
            media: vec![id("m")],
            facts,
        };
        let now = self.at();
        self.store.apply_snapshot(SERVER, snapshot, now)
    }

    pub(crate) fn fetch_list(&mut self, media: &[&str], facts: Vec<Fact>) -> Vec<Change> {
        let now = self.at();
        self.store.snapshot_requested(SERVER, &Scope::List, now);
        self.answer_list(media, facts)
    }

    pub(crate) fn answer_list(&mut self, media: &[&str], facts: Vec<Fact>) -> Vec<Change> {
        let snapshot = Snapshot {
            scope: Scope::List,
            is_whole: true,
            beyond: 0,
            media: media.iter().map(|name| id(name)).collect(),
            facts,
        };
        let now = self.at();
        self.store.apply_snapshot(SERVER, snapshot, now)
    }

    pub(crate) fn view(&self) -> MediaView {
        let view = self.store.media(&key("m"), self.at());
        view.expect("the media is known")
    }

    pub(crate) fn run(&self) -> RunView {
        self.view().run.expect("there is a run")
    }

    pub(crate) fn model(&self, name: &str) -> ModelView {
        let run = self.run();
        let mut models = run.models.into_iter();
        let model = models.find(|model| model.id.as_str() == name);
        model.expect("the model is known")
    }

    pub(crate) fn earlier(&self) -> EarlierRuns {
        let earlier = self.store.earlier_runs(&key("m"));
        earlier.expect("the media is known")
    }

    /// Where a model stands.
    pub(crate) fn state(&self, name: &str) -> &'static str {
        self.model(name).state.as_str()
    }

    pub(crate) fn status(&self) -> Status {
        self.summary().status
    }

    pub(crate) fn summary(&self) -> &Summary {
        let summary = self.store.summary(&key("m"));
        summary.expect("the media is known")
    }
}

pub(crate) fn id(name: &str) -> MediaId {
    MediaId::new(name).expect("a short name")
}

pub(crate) fn key(name: &str) -> MediaKey {
    MediaKey {
        source: SERVER,
        id: id(name),
    }
}

/// A server's clock, in seconds; it is nowhere near the page's.
pub(crate) fn stamp(second: f64) -> Timestamp {
    let millis = 1_700_000_000_000.0 + second * 1000.0;
    Timestamp::from_unix_millis(millis).expect("a time")
}

pub(crate) fn media(name: &str, fields: MediaFields) -> Fact {
    Fact::Media {
        media: id(name),
        at: None,
        fields,
    }
}

/// Facts of the media "m": `run` is empty where the server does not say which.
pub(crate) fn run(run: &str, at: Option<f64>, fields: RunFields) -> Fact {
    Fact::Run {
        media: id("m"),
        run: run_ref(run),
        at: at.map(stamp),
        fields,
    }
}

pub(crate) fn declared(name: &str, at: Option<f64>, status: Declared) -> Fact {
    run(
        name,
        at,
        RunFields {
            declared: Some(status),
            ..RunFields::default()
        },
    )
}

pub(crate) fn numbered(name: &str, number: u32, status: Declared) -> Fact {
    row(name, number, None, status)
}

/// With when it was made.
pub(crate) fn made(name: &str, number: u32, created: f64, status: Declared) -> Fact {
    row(name, number, Some(created), status)
}

/// The row of a run.
fn row(name: &str, number: u32, created: Option<f64>, status: Declared) -> Fact {
    let fields = RunFields {
        number: Some(number),
        declared: Some(status),
        created: created.map(stamp),
        ..RunFields::default()
    };
    run(name, None, fields)
}

pub(crate) fn expects(name: &str, expected: u32) -> Fact {
    run(
        name,
        None,
        RunFields {
            expected: Some(expected),
            ..RunFields::default()
        },
    )
}

pub(crate) fn model(run: &str, name: &str, at: Option<f64>, said: ModelSaid) -> Fact {
    Fact::Model {
        media: id("m"),
        run: run_ref(run),
        model: ModelId::new(name).expect("a short name"),
        at: at.map(stamp),
        said,
    }
}

pub(crate) fn queued(run: &str, name: &str, at: f64) -> Fact {
    model(run, name, Some(at), ModelSaid::Queued)
}

pub(crate) fn started(run: &str, name: &str, at: f64) -> Fact {
    model(run, name, Some(at), ModelSaid::Started)
}

pub(crate) fn progress(run: &str, name: &str, relayed: f64, done: f64) -> Fact {
    model(
        run,
        name,
        None,
        ModelSaid::Progress {
            done: Some(done),
            total: Some(100.0),
            relayed: Some(stamp(relayed)),
        },
    )
}

pub(crate) fn completed(run: &str, name: &str, at: f64, label: Label) -> Fact {
    model(
        run,
        name,
        Some(at),
        ModelSaid::Completed(Outcome {
            label: Some(label),
            confidence: Some(0.9),
            ..Outcome::default()
        }),
    )
}

pub(crate) fn failed(run: &str, name: &str, at: f64) -> Fact {
    failed_in(run, name, at, None)
}

/// By a server that counts the attempts.
pub(crate) fn failed_in(run: &str, name: &str, at: f64, attempt: Option<u32>) -> Fact {
    let said = ModelSaid::Failed {
        error: None,
        is_final: false,
        attempt,
    };
    model(run, name, Some(at), said)
}

pub(crate) fn cancelled(run: &str, name: &str, at: f64) -> Fact {
    model(run, name, Some(at), ModelSaid::Cancelled)
}

pub(crate) fn run_ref(run: &str) -> RunRef {
    match RunId::new(run) {
        Some(id) => RunRef::Id(id),
        None => RunRef::Open,
    }
}
