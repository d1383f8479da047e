//! The servers inside of the page: each keeps a state, says what happens to it, and answers from it.
//!
//! They know neither frames nor connections (that is `world`), and what they hold is true whatever became of what they
//! said: so a page that missed something can catch up. Everything in them is made up.

pub mod analysis;
pub mod interview;
pub mod library;
pub mod meeting;
pub mod scripted;

use std::time::Duration;

use telltale::json::{self, Value};
use telltale::time::{Instant, Timestamp};

/// The only user.
pub const USER: &str = "user-ada";

/// When something happens.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// By the servers' own clock, which may run faster than the page's.
    pub now: Instant,
    /// What they stamp it with.
    pub wall: Timestamp,
}

impl Moment {
    /// A moment by a clock of which it is known what a clock on the wall showed at its origin, in milliseconds.
    pub fn opened(now: Instant, epoch_millis: f64) -> Self {
        let millis = epoch_millis + now.since_origin().as_secs_f64() * 1000.0;
        Self {
            now,
            wall: Timestamp::from_unix_millis(millis).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// An earlier moment: what a server is late for happened when it was due.
    fn back_to(self, then: Instant) -> Self {
        let ago = self.now.saturating_since(then).as_secs_f64() * 1000.0;
        #[allow(clippy::cast_precision_loss, reason = "exact until the year 287396")]
        let millis = self.wall.unix_millis() as f64 - ago;
        Self {
            now: then,
            wall: Timestamp::from_unix_millis(millis).unwrap_or(self.wall),
        }
    }

    /// So many seconds earlier, as far as the clock goes back.
    fn ago(self, seconds: u64) -> Self {
        let then = self.now.since_origin();
        let then = then.saturating_sub(Duration::from_secs(seconds));
        self.back_to(Instant::from_origin(then))
    }

    fn stamp(self) -> Value {
        self.wall.to_string().into()
    }
}

/// What the page asks for.
pub struct Asked<'a> {
    /// `GET` or `POST`.
    pub method: &'a str,
    /// Without the server's own prefix, with its query.
    pub path: &'a str,
    /// The name and the size of the file that comes along.
    pub file: Option<(&'a str, u64)>,
    /// The body; `Null` if it is no JSON.
    pub body: Value,
}

/// What it is answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// As it is sent.
    pub body: String,
}

impl Reply {
    /// An answer with a body.
    pub fn new(status: u16, body: &Value) -> Self {
        Self {
            status,
            body: json::write(body),
        }
    }

    /// What was asked for, in the envelope of the `analysis` and the `interview` server.
    fn data(data: Value) -> Self {
        let body = Value::object([
            ("statusCode", 200.0.into()),
            ("success", true.into()),
            ("message", "Success".into()),
            ("data", data),
        ]);
        Self::new(200, &body)
    }

    /// There is no such thing.
    pub fn not_found() -> Self {
        let body = Value::object([
            ("success", false.into()),
            ("message", "Not found".into()),
            ("error", "Not found".into()),
        ]);
        Self::new(404, &body)
    }
}

/// One server. Time is an argument.
pub trait Server {
    /// Answers a request of somebody who is signed in.
    fn answer(&mut self, asked: &Asked, at: Moment) -> Reply;
    /// Takes an event of the page; returns the packets that answer it. Most servers only talk.
    fn hear(&mut self, _event: &str, _payload: &Value, _at: Moment) -> Vec<Value> {
        Vec::new()
    }
    /// When it does something next, by its own clock.
    fn due(&self) -> Option<Instant>;
    /// Does what is due; returns the packets that it says to everybody.
    fn work(&mut self, at: Moment) -> Vec<Value>;
    /// Whether it can be reached by polling alone.
    fn polls(&self) -> bool {
        false
    }
    /// Whether it plays a meeting when it is asked to.
    fn plays_scenario(&self) -> bool {
        false
    }
}

/// An event as it is sent: the name and one payload.
fn event(name: &str, payload: Value) -> Value {
    Value::Array(vec![name.into(), payload])
}

/// An object with these members, of which some depend on what happened.
fn object(members: Vec<(&str, Value)>) -> Value {
    let members = members.into_iter();
    let members = members.map(|(key, value)| (key.to_owned(), value));
    Value::Object(members.collect())
}

/// What was planned, in the order in which it comes.
struct Plan<T>(Vec<(Instant, T)>);

impl<T> Plan<T> {
    fn new() -> Self {
        Self(Vec::new())
    }

    /// Things that were planned first for one moment come first.
    fn add(&mut self, at: Instant, what: T) {
        let place = self.0.partition_point(|(other, _)| *other <= at);
        self.0.insert(place, (at, what));
    }

    fn due(&self) -> Option<Instant> {
        self.0.first().map(|(at, _)| *at)
    }

    fn next(&mut self, now: Instant) -> Option<(Instant, T)> {
        (self.due()? <= now).then(|| self.0.remove(0))
    }
}
