//! A whole session without a browser: real sockets, real requests, a real clock. `tests/backend/instances.test.js` has
//! it watch several servers at once and compares what it shows with what they say.
//!
//! ```text
//! watch URL NAME PASSWORD     signs in at the analysis server at URL
//! ```
//!
//! On standard output it writes a line of JSON when the page would be live, and from then on one whenever what it shows
//! is different, but only while someone wants to see it: a line `show` on standard input asks for that. It ends with
//! its standard input.

#[cfg(not(target_arch = "wasm32"))]
#[path = "../conformance/wire.rs"]
mod wire;

#[cfg(not(target_arch = "wasm32"))]
mod watch {
    use std::collections::BTreeMap;
    use std::io::{self, BufRead};
    use std::net::TcpStream;
    use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
    use std::thread;
    use std::time::{Duration, Instant as Clock};

    use telltale::domain::fact::Label;
    use telltale::domain::view::{MediaView, ModelState, Status};
    use telltale::domain::Source;
    use telltale::json::{self, Value};
    use telltale::protocol::{Frame, RequestError, TransportId};
    use telltale::session::state::{Command, Secret};
    use telltale::session::{
        Answer, Config, FetchError, HttpRequest, Input, Output, Session, Ticket,
    };
    use telltale::time::Instant;
    use telltale::toast::{Body, Subject};
    use tungstenite::protocol::WebSocket;

    use crate::wire::{self, Wire};

    /// The largest answer that is read: the browser's driver reads as much.
    const MAX_BODY: usize = 32 * 1024 * 1024;
    /// Waits at most so long for what nobody has promised.
    const IDLE: Duration = Duration::from_secs(1);

    enum Report {
        Input(Input),
        Opened(TransportId, Box<WebSocket<TcpStream>>),
        /// Someone wants to see what is shown.
        Show,
        /// Nobody does any more.
        End,
    }

    /// A session with the world around it, and the count of what a person would have seen and heard.
    struct Watch {
        session: Session,
        started: Clock,
        reports: Receiver<Report>,
        reporter: Sender<Report>,
        sockets: BTreeMap<TransportId, (Wire, Option<WebSocket<TcpStream>>)>,
        is_shown: bool,
        /// What was written last.
        shown: String,
        /// How often the card of each media has told an end.
        ends: BTreeMap<String, u32>,
        /// The subjects whose cards tell an end now, with the run.
        ended: BTreeMap<Subject, u32>,
        /// What the polite region holds, when it got its last text, how many it got, and the least time between two.
        says: bool,
        said_at: Option<Instant>,
        texts: u32,
        least_gap: Option<Duration>,
    }

    pub fn main() {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let [url, name, password] = arguments.as_slice() else {
            panic!("usage: watch URL NAME PASSWORD");
        };
        let config = format!(
            r#"{{"servers":[{{"kind":"analysis","url":"{url}/analysis","path":"/analysis/socket.io/"}}]}}"#
        );
        let config = Config::parse(&config, url).unwrap_or_else(|error| panic!("{error}"));
        let (reporter, reports) = mpsc::channel();
        let asks = reporter.clone();
        thread::spawn(move || {
            for line in io::stdin().lock().lines() {
                if line.is_ok_and(|line| line == "show") && asks.send(Report::Show).is_err() {
                    return;
                }
            }
            let _ = asks.send(Report::End);
        });
        let mut watch = Watch {
            session: Session::new(config, 11),
            started: Clock::now(),
            reports,
            reporter,
            sockets: BTreeMap::new(),
            is_shown: false,
            shown: String::new(),
            ends: BTreeMap::new(),
            ended: BTreeMap::new(),
            says: false,
            said_at: None,
            texts: 0,
            least_gap: None,
        };
        watch.input(Input::Start);
        // Otherwise only three cards are on screen, and an end behind them would not be seen.
        watch.input(Input::Command(Command::ShowAllToasts(true)));
        watch.input(Input::Command(Command::SignIn {
            name: name.clone(),
            password: Secret(password.clone()),
        }));
        watch.run();
    }

    impl Watch {
        fn now(&self) -> Instant {
            Instant::from_origin(self.started.elapsed())
        }

        fn run(&mut self) {
            let mut was_live = false;
            loop {
                let is_live = self.session.sources()[0].connection.is_live();
                if is_live && !was_live {
                    println!("{{\"live\":true}}");
                    was_live = true;
                }
                let due = self.session.poll_timeout();
                let wait = due.map_or(IDLE, |due| due.saturating_since(self.now()).min(IDLE));
                let mut report = match self.reports.recv_timeout(wait) {
                    Ok(report) => Some(report),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return,
                };
                // What waits goes first, the timer last.
                while let Some(next) = report {
                    match next {
                        Report::Input(input) => self.input(input),
                        Report::Opened(transport, writer) => {
                            if let Some((_, slot)) = self.sockets.get_mut(&transport) {
                                *slot = Some(*writer);
                                self.input(Input::Opened(Source(0), transport));
                            }
                        }
                        Report::Show => self.is_shown = true,
                        Report::End => return,
                    }
                    report = self.reports.try_recv().ok();
                }
                if (self.session.poll_timeout()).is_some_and(|due| due <= self.now()) {
                    self.input(Input::Timeout);
                }
                if self.is_shown {
                    self.show();
                }
            }
        }

        fn input(&mut self, input: Input) {
            let now = self.now();
            self.session.handle_input(input, now);
            while let Some(output) = self.session.poll_output() {
                self.carry_out(output);
            }
            self.count(now);
        }

        fn carry_out(&mut self, output: Output) {
            match output {
                Output::Open { transport, url, .. } => self.open(transport, url),
                Output::Send {
                    transport, frame, ..
                } => {
                    let socket = self.sockets.get_mut(&transport);
                    if let Some(writer) = socket.and_then(|(_, writer)| writer.as_mut()) {
                        // One that cannot be written to cannot be read from either, and its thread tells.
                        let _ = writer.send(wire::message(frame));
                    }
                }
                Output::Close { transport, .. } => {
                    if let Some((wire, _)) = self.sockets.remove(&transport) {
                        wire.cut();
                    }
                }
                Output::Fetch { ticket, request } => self.fetch(ticket, request),
                // This server is met through a WebSocket at once.
                Output::Request {
                    transport, request, ..
                } => {
                    let failed = Err(RequestError::Network);
                    self.tell(Input::Responded(Source(0), transport, request.id, failed));
                }
                // Their answers are dropped by the session.
                Output::Abort(_) | Output::AbortAll | Output::AbortUploads => {}
                Output::Upload { .. } => {}
                Output::Changed(_) => {}
            }
        }

        fn open(&mut self, transport: TransportId, url: String) {
            let (reporter, wire) = (self.reporter.clone(), Wire::default());
            self.sockets.insert(transport, (wire.clone(), None));
            thread::spawn(move || {
                let tell = |report| drop(reporter.send(report));
                let received = |frame: Frame| Input::Received(Source(0), transport, frame);
                let closed = wire::read_socket(
                    &url,
                    &wire,
                    |writer| tell(Report::Opened(transport, Box::new(writer))),
                    |frame| tell(Report::Input(received(frame))),
                );
                wire.cut();
                tell(Report::Input(Input::Closed(Source(0), transport, closed)));
            });
        }

        fn fetch(&self, ticket: Ticket, request: HttpRequest) {
            let reporter = self.reporter.clone();
            thread::spawn(move || {
                let headers: Vec<(&str, &str)> = (request.headers.iter())
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
                let body = request.body.as_deref();
                let wire = Wire::default();
                let answer = wire::ask(
                    &wire,
                    request.method,
                    &request.url,
                    &headers,
                    body,
                    MAX_BODY,
                );
                let answer = match answer {
                    Ok(response) => Ok(Answer {
                        status: response.status,
                        body: response.body,
                        retry_after: response.retry_after,
                    }),
                    Err(RequestError::TooLarge) => Err(FetchError::TooLarge),
                    Err(RequestError::Network) => Err(FetchError::Network),
                };
                let _ = reporter.send(Report::Input(Input::Answered(ticket, answer)));
            });
        }

        fn tell(&self, input: Input) {
            let _ = self.reporter.send(Report::Input(input));
        }

        /// Counts what is new on the cards and in the polite region.
        fn count(&mut self, now: Instant) {
            let toasts = self.session.toasts().iter();
            let ended = toasts.filter_map(|toast| match &toast.body {
                Body::Ended(summary) => Some((toast.subject.clone(), summary.run)),
                _ => None,
            });
            let ended: BTreeMap<Subject, u32> = ended.collect();
            for (subject, run) in &ended {
                if let (Subject::Media(key), true) = (subject, self.ended.get(subject) != Some(run))
                {
                    *self.ends.entry(key.id.as_str().to_owned()).or_default() += 1;
                }
            }
            self.ended = ended;

            let says = self.session.spoken().0.is_some();
            if says && !self.says {
                self.texts += 1;
                let gap = self.said_at.map(|before| now.saturating_since(before));
                self.least_gap = [self.least_gap, gap].into_iter().flatten().min();
                self.said_at = Some(now);
            }
            self.says = says;
        }

        fn show(&mut self) {
            let now = self.now();
            let media = self.session.list().filter_map(|key| {
                let view = self.session.media(key, now)?;
                Some((key.id.as_str().to_owned(), view_of(&view)))
            });
            let source = &self.session.sources()[0];
            let counters = source.counters;
            let number = |count: u64| Value::from(count as f64);
            let ends = self.ends.iter();
            let text = json::write(&Value::object([
                ("media", Value::Object(media.collect())),
                ("live", source.connection.is_live().into()),
                ("events", number(counters.events)),
                ("snapshots", number(counters.snapshots)),
                ("reconnects", number(counters.reconnects)),
                (
                    "dropped",
                    number(
                        counters.protocol_errors
                            + counters.malformed
                            + counters.unknown
                            + counters.foreign,
                    ),
                ),
                (
                    "ends",
                    Value::Object(
                        ends.map(|(id, n)| (id.clone(), number((*n).into())))
                            .collect(),
                    ),
                ),
                ("texts", number(self.texts.into())),
                (
                    "leastGap",
                    (self.least_gap)
                        .map_or(Value::Null, |gap| Value::from(gap.as_secs_f64() * 1000.0)),
                ),
                ("ms", Value::from(now.since_origin().as_secs_f64() * 1000.0)),
            ]));
            // Without its clock, which is always different.
            let (what, _) = text.rsplit_once(",\"ms\"").expect("it was just written");
            if what != self.shown {
                self.shown = what.to_owned();
                println!("{text}");
            }
        }
    }

    /// In the words of the server's rows.
    fn view_of(view: &MediaView) -> Value {
        let Some(run) = &view.run else {
            return Value::Null;
        };
        let models = run.models.iter().map(|model| {
            let word = |label: &Label| match label {
                Label::Fake => "FAKE".to_owned(),
                Label::Real => "REAL".to_owned(),
                other => format!("{other:?}"),
            };
            let state = match &model.state {
                ModelState::Completed {
                    label, confidence, ..
                } => Value::Array(vec![
                    "COMPLETED".into(),
                    label
                        .as_ref()
                        .map_or(Value::Null, |label| word(label).as_str().into()),
                    confidence.map_or(Value::Null, Value::from),
                ]),
                ModelState::Failed { .. } => Value::Array(vec!["FAILED".into()]),
                other => Value::Array(vec![format!("{other:?}").as_str().into()]),
            };
            (model.id.as_str().to_owned(), state)
        });
        let status = match run.status {
            Status::Complete => "complete",
            Status::PartlyComplete => "partly",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
            _ => "open",
        };
        Value::object([
            (
                "name",
                view.name
                    .as_ref()
                    .map_or(Value::Null, |name| name.as_str().into()),
            ),
            ("status", status.into()),
            (
                "percent",
                run.percent.map_or(Value::Null, |it| f64::from(it).into()),
            ),
            (
                "run",
                run.number
                    .map_or(Value::Null, |number| Value::from(f64::from(number))),
            ),
            ("expected", Value::from(f64::from(run.expected))),
            ("models", Value::Object(models.collect())),
        ])
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    watch::main();
}

/// Whoever builds every example for the browser builds this one, too; there it has nothing to say.
#[cfg(target_arch = "wasm32")]
fn main() {}
