//! What one event costs, natively, with more and more media: to the model alone, as facts, and to the whole session,
//! from frame to change.
//!
//! Prints the median and the worst of many rounds. A time never decides whether anything passes: machines are noisy.

use std::time::Instant as Clock;

use telltale::domain::fact::{ModelSaid, Rules, RunRef, Scope, Snapshot};
use telltale::domain::{Fact, MediaId, ModelId, RunId, Source, Store};
use telltale::protocol::{Frame, TransportId};
use telltale::session::state::Command;
use telltale::session::{Answer, Config, Input, Output, Session, Ticket};
use telltale::time::{Instant, Timestamp};

const MODELS: usize = 5;
const ROUNDS: usize = 200;
const EVENTS: usize = 100;

fn main() {
    println!("microseconds for one event, median and worst of {ROUNDS} rounds of {EVENTS}");
    println!(
        "{:>8} {:>10} {:>10} {:>10} {:>10}",
        "media", "model", "worst", "session", "worst"
    );
    for media in [10, 100, 1000, 5000] {
        let mut model = Model::new(media);
        let (model, worst_model) = costs(|round| model.round(round));
        let mut session = Bench::new(media);
        let (session, worst_session) = costs(|round| session.round(round));
        println!(
            "{media:>8} {model:>10.2} {worst_model:>10.2} {session:>10.2} {worst_session:>10.2}"
        );
    }
}

/// The median and the worst of all rounds.
fn costs(round: impl FnMut(usize) -> f64) -> (f64, f64) {
    let mut costs: Vec<f64> = (0..ROUNDS).map(round).collect();
    costs.sort_by(f64::total_cmp);
    (costs[ROUNDS / 2], costs[ROUNDS - 1])
}

/// The store alone, which knows so many media with five running models each.
struct Model {
    store: Store,
    media: Vec<MediaId>,
    models: Vec<ModelId>,
    run: RunRef,
    now: Instant,
}

impl Model {
    fn new(media: usize) -> Self {
        let mut store = Store::new();
        store.add_source(Source(0), Rules::default());
        let now = Instant::from_millis(1000);
        store.connected(Source(0), now);
        let id = |index| MediaId::new(&format!("media-{index}")).expect("a short name");
        // Models are not named in the order of their names.
        let model = |index| ModelId::new(&format!("model-{}", index * 2 % MODELS));
        let mut bench = Self {
            store,
            media: (0..media).map(id).collect(),
            models: (0..MODELS).filter_map(model).collect(),
            run: RunRef::Id(RunId::new("r").expect("a short name")),
            now,
        };
        bench.name_all();
        for media in 0..media {
            for model in 0..MODELS {
                let fact = bench.fact(media, model, ModelSaid::Started);
                bench.store.apply(Source(0), vec![fact], now);
            }
        }
        bench
    }

    /// A list that names every media: what only events name is few.
    fn name_all(&mut self) {
        let snapshot = Snapshot {
            scope: Scope::List,
            is_whole: true,
            beyond: 0,
            media: self.media.clone(),
            facts: Vec::new(),
        };
        let now = self.now;
        self.store.snapshot_requested(Source(0), &Scope::List, now);
        self.store.apply_snapshot(Source(0), snapshot, now);
    }

    /// Microseconds for an event, over events that each move a bar.
    fn round(&mut self, round: usize) -> f64 {
        let facts: Vec<Vec<Fact>> = (0..EVENTS)
            .map(|event| {
                let said = ModelSaid::Progress {
                    done: Some((round * EVENTS + event) as f64),
                    total: Some((ROUNDS * EVENTS) as f64),
                    relayed: stamp(1.0),
                };
                vec![self.fact(event * 7 % self.media.len(), event % MODELS, said)]
            })
            .collect();
        let begin = Clock::now();
        for facts in facts {
            self.store.apply(Source(0), facts, self.now);
        }
        begin.elapsed().as_secs_f64() * 1e6 / EVENTS as f64
    }

    fn fact(&self, media: usize, model: usize, said: ModelSaid) -> Fact {
        let at = if said == ModelSaid::Started {
            stamp(0.0)
        } else {
            None
        };
        Fact::Model {
            media: self.media[media].clone(),
            run: self.run.clone(),
            model: self.models[model].clone(),
            at,
            said,
        }
    }
}

fn stamp(second: f64) -> Option<Timestamp> {
    Timestamp::from_unix_millis(1.7e12 + second * 1e3)
}

struct Bench {
    session: Session,
    transport: TransportId,
    media: usize,
    asked: Vec<Ticket>,
    now: Instant,
}

impl Bench {
    /// A connected session that knows so many media with five running models each.
    fn new(media: usize) -> Self {
        let config = r#"{"servers":[{"kind":"analysis","url":"/x"}]}"#;
        let Ok(config) = Config::parse(config, "http://127.0.0.1") else {
            panic!("the configuration is good");
        };
        let mut session = Session::new(config, 7);
        let now = Instant::from_millis(1000);
        let token = telltale::session::state::Secret("token".to_owned());
        session.handle_input(Input::Command(Command::Token(Source(0), Some(token))), now);
        let mut transport = None;
        while let Some(output) = session.poll_output() {
            if let Output::Open {
                transport: opened, ..
            } = output
            {
                transport = Some(opened);
            }
        }
        let transport = transport.expect("a token connects");
        let mut bench = Self {
            session,
            transport,
            media,
            asked: Vec::new(),
            now,
        };
        bench.input(Input::Opened(Source(0), transport));
        bench.receive(r#"0{"sid":"e","upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#);
        bench.receive(r#"40{"sid":"S"}"#);
        bench.answer_with_all();
        for index in 0..media {
            for model in 0..MODELS {
                let frame = event(
                    index,
                    model,
                    "ANALYSIS_STARTED",
                    r#","runId":"r","timestamp":"2026-02-20T10:30:00.000Z""#,
                );
                bench.receive(&frame);
            }
        }
        bench
    }

    /// Microseconds for an event, over events of 200 bytes that each move a bar.
    fn round(&mut self, round: usize) -> f64 {
        let frames: Vec<String> = (0..EVENTS)
            .map(|event_of| {
                let progress = format!(
                    r#","progress":{},"total":{}"#,
                    round * EVENTS + event_of,
                    ROUNDS * EVENTS
                );
                event(
                    event_of * 7 % self.media,
                    event_of % MODELS,
                    "FRAME_ANALYSIS_PROGRESS",
                    &progress,
                )
            })
            .collect();
        let begin = Clock::now();
        for frame in &frames {
            self.receive(frame);
        }
        begin.elapsed().as_secs_f64() * 1e6 / EVENTS as f64
    }

    /// Answers every request with a list that names every media: what only events name is few.
    fn answer_with_all(&mut self) {
        let rows: Vec<_> = (0..self.media)
            .map(|index| format!(r#"{{"id":"media-{index}","status":"PROCESSING"}}"#))
            .collect();
        let answer = Answer {
            status: 200,
            body: format!(r#"{{"data":[{}]}}"#, rows.join(",")),
            retry_after: None,
        };
        for ticket in std::mem::take(&mut self.asked) {
            self.input(Input::Answered(ticket, Ok(answer.clone())));
        }
        assert_eq!(self.session.list().count(), self.media);
    }

    fn receive(&mut self, frame: &str) {
        self.input(Input::Received(
            Source(0),
            self.transport,
            Frame::Text(frame.to_owned()),
        ));
    }

    fn input(&mut self, input: Input) {
        self.session.handle_input(input, self.now);
        while let Some(output) = self.session.poll_output() {
            if let Output::Fetch { ticket, .. } = output {
                self.asked.push(ticket);
            }
        }
    }
}

fn event(media: usize, model: usize, name: &str, more: &str) -> String {
    format!(
        r#"42["progress_update",{{"mediaId":"media-{media}","userId":"u","event":"{name}","message":"Processed window","data":{{"model_name":"model-{model}"{more}}},"timestamp":"2026-02-20T10:30:01.000Z"}}]"#
    )
}
