//! What one event costs from frame to change: the whole session, natively, with more and more media.
//!
//! Prints the median and the worst of many rounds. A time never decides whether anything passes: machines are noisy.

use std::time::Instant as Clock;

use telltale::domain::Source;
use telltale::json;
use telltale::protocol::{Frame, TransportId};
use telltale::session::state::Command;
use telltale::session::{Config, Input, Output, Session};
use telltale::time::Instant;

const MODELS: usize = 5;
const ROUNDS: usize = 200;
const EVENTS: usize = 100;

fn main() {
    println!("{:>8} {:>14} {:>14}", "media", "median µs", "worst µs");
    for media in [10, 100, 1000, 5000] {
        let mut bench = Bench::new(media);
        let mut costs: Vec<f64> = (0..ROUNDS).map(|round| bench.round(round)).collect();
        costs.sort_by(f64::total_cmp);
        println!(
            "{media:>8} {:>14.2} {:>14.2}",
            costs[ROUNDS / 2],
            costs[ROUNDS - 1]
        );
    }
}

struct Bench {
    session: Session,
    transport: TransportId,
    media: usize,
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
            now,
        };
        bench.input(Input::Opened(Source(0), transport));
        bench.receive(r#"0{"sid":"e","upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#);
        bench.receive(r#"40{"sid":"S"}"#);
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
        assert!(json::parse(&frames[0][2..]).is_ok());
        let begin = Clock::now();
        for frame in &frames {
            self.receive(frame);
        }
        begin.elapsed().as_secs_f64() * 1e6 / EVENTS as f64
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
        while self.session.poll_output().is_some() {}
    }
}

fn event(media: usize, model: usize, name: &str, more: &str) -> String {
    format!(
        r#"42["progress_update",{{"mediaId":"media-{media}","userId":"u","event":"{name}","message":"Processed window","data":{{"model_name":"model-{model}"{more}}},"timestamp":"2026-02-20T10:30:01.000Z"}}]"#
    )
}
