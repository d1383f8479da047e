//! What must hold after every input, and at the end.
//!
//! Law: a step back is excused only by what the server truly did: another attempt, another run, or a snapshot where
//! what was shown before was more than the truth.

use std::collections::{BTreeMap, BTreeSet};

use telltale::domain::fact::Label;
use telltale::domain::view::{MediaView, ModelState, Status, Verdict};
use telltale::domain::{MediaId, MediaKey, Source};
use telltale::session::Session;
use telltale::time::{Instant, Timestamp};
use telltale::toast::{Body, Subject};

use crate::server::{stamp, Media, Millis, Row, Run, Server, Stored};

/// What went wrong in a schedule, in words for a programmer.
#[derive(Default)]
pub struct Faults {
    pub diverged: Vec<String>,
    pub regressions: Vec<String>,
    pub duplicate_ends: Vec<String>,
    pub false_lives: Vec<String>,
    /// What is said of one run was shown of another, or one that is over in place of one that is not.
    pub other_runs: Vec<String>,
}

impl Faults {
    pub fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    pub fn all(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let kinds = [
            ("diverged", &self.diverged),
            ("regression", &self.regressions),
            ("duplicate end toast", &self.duplicate_ends),
            ("false live", &self.false_lives),
            ("another run", &self.other_runs),
        ];
        kinds
            .into_iter()
            .flat_map(|(kind, faults)| faults.iter().map(move |fault| (kind, fault)))
    }
}

/// What was shown of a media after the last input.
#[derive(Clone, Debug)]
struct Shown {
    serial: u32,
    number: Option<u32>,
    /// The number of the run that this truly is.
    true_number: u32,
    status: Status,
    percent: Option<u8>,
    expected: u32,
    completed: u32,
    failed: u32,
    retries: u32,
    /// When this status was first shown, the server was not as far.
    is_ahead: bool,
}

/// Which run of a media, as far as a watcher can know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Which {
    Number(u32),
    /// One that was never shown with its number, by the order in which it was first shown.
    Serial(u32),
}

/// A card about the end of a run.
#[derive(Default)]
struct Card {
    /// The run of which it tells the end; `None` while it does not.
    ended: Option<Which>,
    is_there: bool,
}

/// Watches a session from input to input.
#[derive(Default)]
pub struct Watch {
    pub faults: Faults,
    shown: BTreeMap<MediaKey, Shown>,
    gone: BTreeSet<MediaKey>,
    cards: BTreeMap<MediaKey, Card>,
    /// Ends that were told, and those whose run was then rightly shown as running again.
    told: BTreeSet<(MediaKey, Which)>,
    reopened: BTreeSet<(MediaKey, Which)>,
    /// The numbers of runs that were shown, by their serials.
    numbers: BTreeMap<(MediaKey, u32), u32>,
}

impl Watch {
    /// After an input that changed this media. `is_snapshot` tells whether the input was a snapshot.
    pub fn see(
        &mut self,
        key: &MediaKey,
        session: &Session,
        server: &Server,
        is_snapshot: bool,
        now: Instant,
    ) {
        let (view, summary) = (session.media(key, now), session.summary(key));
        let (Some(view), Some(summary)) = (view, summary) else {
            if self.shown.remove(key).is_some() {
                let item = server.find(key.id.as_str());
                if !is_snapshot || item.is_some_and(|item| item.deleted.is_none()) {
                    self.regress(key, "it vanished although the server has it".to_owned());
                }
                self.gone.insert(key.clone());
            }
            return;
        };
        if self.gone.remove(key) {
            self.regress(key, "it came back although it is gone".to_owned());
        }
        let Some(item) = server.find(key.id.as_str()) else {
            self.regress(key, "the server never had it".to_owned());
            return;
        };
        let mut after = Shown::new(&view, summary.run, item);
        let truth = Truth::of(item.run(after.true_number));
        let was_ahead = self.shown.get(key).is_some_and(|before| {
            before.is_ahead && (before.serial, before.status) == (after.serial, after.status)
        });
        after.is_ahead = was_ahead || rank(after.status) > rank(truth.status);
        // Where there is but one run, it is that one.
        let only = (item.runs.len() == 1).then_some(1);
        if let Some(number) = after.number.or(only) {
            self.number(key, after.serial, number);
        }
        // By its number, so that there is no doubt which run is meant.
        let is_known = after.number == Some(after.true_number);
        if is_known && truth.status == Status::Queued && rank(after.status) > rank(truth.status) {
            let words = format!("{}: it has not begun, and shown is {after:?}", key.id);
            self.faults.other_runs.push(words);
        }
        let is_ended = after.status.is_ended();
        if after.percent > Some(100) || (after.percent == Some(100)) != is_ended {
            self.regress(
                key,
                format!("{:?} % while {:?}", after.percent, after.status),
            );
        }
        if let Some(before) = self.shown.insert(key.clone(), after.clone()) {
            self.compare(key, &before, &after, item, is_snapshot);
        }
    }

    fn compare(
        &mut self,
        key: &MediaKey,
        before: &Shown,
        after: &Shown,
        item: &Media,
        is_snapshot: bool,
    ) {
        if after.serial != before.serial {
            // Numbers order runs. The serial tells in which order they were first shown: before its number was known a
            // run may have been shown ahead of its turn, and is shown again when it is its turn.
            let fell = match before.number.zip(after.number) {
                Some((before, after)) => after < before,
                None => after.serial < before.serial,
            };
            let was_too_far = before.true_number > item.newest().number;
            // Nobody had numbered any run, so that an older one that was retried may have been shown as the newest;
            // now they are numbered, and what is shown is the newest one in truth.
            let is_numbered = before.number.is_none() && after.number == Some(item.newest().number);
            if fell && is_numbered {
                // The card of its end, if there was one, says so again.
                let run = self.which(key, after.serial);
                self.reopened.insert((key.clone(), run));
            } else if fell && !(is_snapshot && was_too_far) {
                let words = format!("from {before:?} back to {after:?}");
                self.regress(key, words);
            }
            return;
        }
        let run = item.run(before.true_number);
        let truth = Truth::of(run);
        let is_retry = after.retries > before.retries;
        // What was shown was of fewer models than there are.
        let was_of_fewer = before.expected < truth.expected && before.expected < after.expected;
        // The server itself had stored that the run ended, too early, and then goes on with a model that nothing heard
        // had named, where it does not say how many there are: its word was shown, and is taken back by what it does.
        let was_declared_early = before.is_ahead
            && before.status.is_ended()
            && after.expected > before.expected
            && run.is_declared_early();
        let excused = |is_retry: bool, was_too_far: bool| is_retry || (is_snapshot && was_too_far);
        let mut steps_back = Vec::new();
        if rank(after.status) < rank(before.status) {
            let was_too_far = rank(before.status) > rank(truth.status) || was_of_fewer;
            if excused(is_retry, was_too_far || before.is_ahead) || was_declared_early {
                let run = self.which(key, before.serial);
                self.reopened.insert((key.clone(), run));
            } else {
                steps_back.push("status");
            }
        }
        if after.completed < before.completed && !excused(false, before.completed > truth.completed)
        {
            steps_back.push("completed");
        }
        // A model that was shown as failed counts as done.
        let failed_too_many = before.failed > truth.failed;
        let was_too_far = before.percent > Some(truth.percent) || failed_too_many || was_of_fewer;
        let was_too_far = was_too_far || (before.is_ahead && before.status.is_ended());
        let shares = before.percent.zip(after.percent);
        let fell = shares.is_some_and(|(before, after)| after < before);
        if fell && !excused(is_retry, was_too_far) && !was_declared_early {
            steps_back.push("percent");
        }
        if !steps_back.is_empty() {
            let by = if is_snapshot {
                "a snapshot"
            } else {
                "an event or time"
            };
            let words = format!(
                "{} by {by}: from {before:?} to {after:?}, in truth {truth:?}",
                steps_back.join(", ")
            );
            self.regress(key, words);
        }
    }

    /// After every input.
    pub fn see_cards(&mut self, session: &Session) {
        for card in self.cards.values_mut() {
            card.is_there = false;
        }
        for toast in session.toasts() {
            let Subject::Media(key) = &toast.subject else {
                continue;
            };
            let run = match &toast.body {
                Body::Ended(summary) => Some(self.which(key, summary.run)),
                _ => None,
            };
            let card = self.cards.entry(key.clone()).or_default();
            card.is_there = true;
            if card.ended == run {
                continue;
            }
            card.ended = run;
            let Some(run) = run else { continue };
            let end = (key.clone(), run);
            if !self.told.insert(end.clone()) && !self.reopened.remove(&end) {
                let words = format!("{key:?}: the end of {run:?} was told once more");
                self.faults.duplicate_ends.push(words);
            }
        }
        for card in self.cards.values_mut().filter(|card| !card.is_there) {
            card.ended = None;
        }
    }

    fn which(&self, key: &MediaKey, serial: u32) -> Which {
        let number = self.numbers.get(&(key.clone(), serial));
        number.map_or(Which::Serial(serial), |number| Which::Number(*number))
    }

    /// The run with this serial turns out to have this number.
    fn number(&mut self, key: &MediaKey, serial: u32, number: u32) {
        let (old, new) = (Which::Serial(serial), Which::Number(number));
        if self.numbers.insert((key.clone(), serial), number).is_some() {
            return;
        }
        for runs in [&mut self.told, &mut self.reopened] {
            if runs.remove(&(key.clone(), old)) {
                runs.insert((key.clone(), new));
            }
        }
        if let Some(card) = self.cards.get_mut(key) {
            if card.ended == Some(old) {
                card.ended = Some(new);
            }
        }
    }

    fn regress(&mut self, key: &MediaKey, words: String) {
        let id = &key.id;
        self.faults.regressions.push(format!("{id}: {words}"));
    }

    /// Some time after somebody had this analysed again, while nothing goes wrong: that is what is shown.
    pub fn followed(&mut self, key: &MediaKey, session: &Session, server: &Server, now: Instant) {
        let (view, item) = (session.media(key, now), server.find(key.id.as_str()));
        let (Some(view), Some(item)) = (view, item) else {
            return;
        };
        let number = view.run.as_ref().and_then(|run| run.number);
        if view.status.is_ended() && number != Some(item.newest().number) {
            let words = format!(
                "{}: run {} was made, and shown is run {number:?}, {:?}",
                key.id,
                item.newest().number,
                view.status
            );
            self.faults.other_runs.push(words);
        }
    }

    /// At the end: all that is shown is true.
    pub fn converged(&mut self, session: &Session, server: &Server, now: Instant) {
        let listed: Vec<_> = session.list().map(|key| key.id.as_str()).collect();
        let there: Vec<_> = (server.present().rev())
            .map(|item| item.id.as_str())
            .collect();
        if listed != there {
            let words = format!("listed are {listed:?}, and there are {there:?}");
            self.faults.diverged.push(words);
        }
        for item in server.present() {
            let key = key(&item.id);
            let Some(view) = session.media(&key, now) else {
                continue;
            };
            if let Err(words) = is_true(&view, item) {
                self.faults.diverged.push(format!("{}: {words}", item.id));
            }
            // What was told of it last, by a change, is what is shown.
            let serial = session.summary(&key).map_or(0, |summary| summary.run);
            let shown = Shown::new(&view, serial, item);
            let told = self.shown.get(&key);
            if told.is_none_or(|told| told.status != shown.status || told.percent != shown.percent)
            {
                let words = format!("{}: it changed without a word to {shown:?}", item.id);
                self.faults.diverged.push(words);
            }
        }
        for toast in session.toasts() {
            let is_true = match (&toast.subject, &toast.body) {
                (Subject::Media(key), Body::Ended(summary)) => {
                    session.summary(key).is_some_and(|shown| shown == summary)
                }
                (Subject::Media(_), _) => false,
                _ => true,
            };
            if !is_true {
                let words = format!("a card says {:?}", toast.body);
                self.faults.diverged.push(words);
            }
        }
    }
}

impl Shown {
    fn new(view: &MediaView, serial: u32, item: &Media) -> Self {
        let run = view.run.as_ref();
        let models = || run.into_iter().flat_map(|run| &run.models);
        let waiting = models().filter(|model| matches!(model.state, ModelState::Retrying { .. }));
        let number = run.and_then(|run| run.number);
        let begun = |run: &&Run| {
            let began = view.run.as_ref().and_then(|view| view.started);
            began.is_some_and(|began| time(run.created) <= Some(began))
        };
        let by_time = || item.runs.iter().rev().find(begun).map(|run| run.number);
        Self {
            serial,
            number,
            true_number: number.or_else(by_time).unwrap_or(item.newest().number),
            status: view.status,
            percent: match run {
                Some(run) => run.percent,
                None => view.status.is_ended().then_some(100),
            },
            expected: run.map_or(0, |run| match run.percent {
                Some(_) => run.expected,
                // As many as are shown, whether or not that is all of them.
                None => run.unnamed + run.models.len() as u32,
            }),
            completed: run.map_or(0, |run| run.completed),
            failed: run.map_or(0, |run| run.failed),
            retries: models()
                .map(|model| model.attempt.saturating_sub(1))
                .sum::<u32>()
                + waiting.count() as u32,
            is_ahead: false,
        }
    }
}

/// Where a run of the server stands.
#[derive(Debug)]
struct Truth {
    status: Status,
    expected: u32,
    completed: u32,
    failed: u32,
    percent: u8,
    fake: u32,
}

impl Truth {
    fn of(run: &Run) -> Self {
        let (mut completed, mut failed, mut fake, mut done) = (0, 0, 0, 0.0);
        for model in &run.models {
            // A job that is run once more has its result already.
            if run.has_result(model.name) {
                completed += 1;
                fake += u32::from(model.is_fake);
                done += 1.0;
            } else if model.succeeded == Some(false) {
                failed += 1;
                done += 1.0;
            } else {
                // What runs is never shown as done.
                done += model.far.min(0.99);
            }
        }
        let all = run.models.len() as u32;
        let has_begun = run.models.iter().any(|model| model.attempts > 0);
        let status = match (completed, failed) {
            _ if completed + failed < all && has_begun => Status::Running,
            _ if completed + failed < all => Status::Queued,
            (_, 0) => Status::Complete,
            (0, _) => Status::Failed,
            _ => Status::PartlyComplete,
        };
        let percent = match status.is_ended() {
            true => 100,
            false => (done / f64::from(all) * 100.0 + 1e-9).min(99.0) as u8,
        };
        Self {
            status,
            expected: all,
            completed,
            failed,
            percent,
            fake,
        }
    }

    fn verdict(&self) -> Verdict {
        let (fake, real, of) = (self.fake, self.completed - self.fake, self.completed);
        match fake.cmp(&real) {
            _ if of == 0 => Verdict::None,
            std::cmp::Ordering::Greater => Verdict::LikelyFake { fake, of },
            std::cmp::Ordering::Less => Verdict::LikelyReal { real, of },
            std::cmp::Ordering::Equal => Verdict::Disagree { each: fake },
        }
    }
}

impl Media {
    fn run(&self, number: u32) -> &Run {
        let run = self.runs.iter().find(|run| run.number == number);
        run.unwrap_or(self.newest())
    }
}

impl Run {
    /// Whether its stored status has said that it ended, while it goes on.
    fn is_declared_early(&self) -> bool {
        let is_end = |claim: &(Millis, &str)| matches!(claim.1, "ANALYZED" | "FAILED");
        !self.is_over() && self.claims.iter().any(is_end)
    }

    fn has_result(&self, model: &str) -> bool {
        let is_result = |row: &Row| matches!(row.stored, Stored::Completed { .. });
        (self.rows.iter()).any(|row| row.model == model && is_result(row))
    }
}

/// Whether all that is shown of a media whose runs are over is what came out.
fn is_true(view: &MediaView, item: &Media) -> Result<(), String> {
    let run = item.newest();
    let truth = Truth::of(run);
    let Some(shown) = &view.run else {
        return Err("no run is shown".to_owned());
    };
    let counts = (shown.expected, shown.unnamed, shown.completed, shown.failed);
    let true_counts = (run.models.len() as u32, 0, truth.completed, truth.failed);
    let same = |what: &str, shown: String, truth: String| {
        (shown == truth)
            .then_some(())
            .ok_or_else(|| format!("{what} is {shown}, and in truth {truth}"))
    };
    same(
        "the run",
        format!("{:?}", shown.number),
        format!("{:?}", Some(run.number)),
    )?;
    same(
        "the status",
        format!("{:?}", view.status),
        format!("{:?}", truth.status),
    )?;
    same(
        "the run's status",
        format!("{:?}", shown.status),
        format!("{:?}", truth.status),
    )?;
    same(
        "the percentage",
        format!("{:?}", shown.percent),
        format!("{:?}", Some(truth.percent)),
    )?;
    same(
        "expected, unnamed, completed, failed",
        format!("{counts:?}"),
        format!("{true_counts:?}"),
    )?;
    same(
        "the verdict",
        format!("{:?}", shown.verdict),
        format!("{:?}", truth.verdict()),
    )?;
    for model in &run.models {
        let found = shown.models.iter().find(|it| it.id.as_str() == model.name);
        let state = found.map(|found| &found.state);
        let label = match model.is_fake {
            true => Label::Fake,
            false => Label::Real,
        };
        let confidence = model.confidence as f64 / 100.0;
        let is_same = match state {
            Some(ModelState::Completed {
                label: Some(shown),
                confidence: Some(sure),
                ..
            }) => run.has_result(model.name) && *shown == label && (sure - confidence).abs() < 1e-9,
            Some(ModelState::Failed { .. }) => !run.has_result(model.name),
            _ => false,
        };
        if !is_same {
            let result = model.succeeded;
            return Err(format!(
                "{} is {state:?}, and in truth it succeeded: {result:?} ({label:?}, {confidence})",
                model.name
            ));
        }
    }
    Ok(())
}

/// The order in which a run is shown; what came out more completely stands higher.
fn rank(status: Status) -> u8 {
    match status {
        Status::Unknown => 0,
        Status::Queued => 1,
        Status::Running => 2,
        Status::Failed | Status::Cancelled => 3,
        Status::PartlyComplete => 4,
        Status::Complete => 5,
    }
}

pub fn key(id: &str) -> MediaKey {
    MediaKey {
        source: Source(0),
        id: MediaId::new(id).expect("the server's ids are short"),
    }
}

fn time(at: Millis) -> Option<Timestamp> {
    Timestamp::parse(&stamp(at))
}
