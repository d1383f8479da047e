//! Runs the cases, says what each came to, and counts.
//!
//! Law: every id has exactly one case, every case has a result, and a case that does not end is a failure. A case that
//! differs on purpose has to prove its difference: when its function fails, it has failed.

use std::collections::BTreeMap;
use std::env;
use std::panic;
use std::process::ExitCode;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::anchor;
use crate::report::{self, Report};
use crate::section::SECTIONS;

/// No case takes longer on a machine however busy, beside the time that the soak is asked to last.
const PATIENCE: Duration = Duration::from_secs(300);

/// How long the soak of L10 lasts, in seconds, unless the environment's `SOAK_SECONDS` says more: enough for some
/// thirty accidents.
const SOAK_SECONDS: u64 = 30;

/// See [`SOAK_SECONDS`].
pub fn soak() -> Duration {
    let asked = env::var("SOAK_SECONDS").ok();
    let asked = asked.and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(asked.unwrap_or(SOAK_SECONDS))
}

/// A letter's cases.
pub struct Section {
    /// The letter.
    pub letter: char,
    /// How many there must be, numbered from 1.
    pub count: usize,
    /// What there is.
    pub cases: &'static [Case],
}

/// One claim.
pub struct Case {
    /// A section's letter and a number of two digits.
    pub id: &'static str,
    /// What holds.
    pub claim: &'static str,
    /// Where and how it is proved.
    pub proof: Proof,
    /// What the reference client does instead, where ours differs from it on purpose.
    pub differs: Option<&'static str>,
}

/// How a case is proved. A function that returns has passed; one that panics has failed, with these words.
#[derive(Clone, Copy)]
pub enum Proof {
    /// In virtual time.
    Script(fn()),
    /// Alone, but for longer than a test that is run all day.
    Long(fn()),
    /// With a server of npm's `socket.io` beside it.
    Peer(fn()),
    /// By the browser's tests that carry this id.
    Browser,
}

/// A claim that is proved in virtual time.
pub const fn script(id: &'static str, claim: &'static str, prove: fn()) -> Case {
    case(id, claim, Proof::Script(prove))
}

/// A claim that takes long to prove.
pub const fn long(id: &'static str, claim: &'static str, prove: fn()) -> Case {
    case(id, claim, Proof::Long(prove))
}

/// A claim about a real server.
pub const fn peer(id: &'static str, claim: &'static str, prove: fn()) -> Case {
    case(id, claim, Proof::Peer(prove))
}

/// A claim that only a browser proves.
pub const fn browser(id: &'static str, claim: &'static str) -> Case {
    case(id, claim, Proof::Browser)
}

const fn case(id: &'static str, claim: &'static str, proof: Proof) -> Case {
    Case {
        id,
        claim,
        proof,
        differs: None,
    }
}

impl Case {
    /// The same, where the reference client does something else, namely this.
    pub const fn unlike(mut self, reference: &'static str) -> Self {
        self.differs = Some(reference);
        self
    }
}

/// What a case came to.
enum Outcome {
    Passed,
    Failed(String),
    /// It was not asked for, in a run of the scripts alone.
    Skipped,
}

/// What was asked for on the command line.
struct Asked {
    /// Everything, and what is missing is a failure.
    all: bool,
    /// These ids only; all if there are none.
    ids: Vec<String>,
    browser: Report,
}

pub fn main() -> ExitCode {
    let asked = match asked(env::args().skip(1)) {
        Ok(asked) => asked,
        Err(error) => {
            eprintln!("conformance: {error}");
            return ExitCode::from(2);
        }
    };
    let said = listen_to_panics();
    let mut cases = BTreeMap::new();
    for case in SECTIONS.iter().flat_map(|section| section.cases) {
        if cases.insert(case.id, case).is_some() {
            eprintln!("conformance: two cases are called {}", case.id);
            return ExitCode::from(2);
        }
    }
    if let Err(error) = anchor::check(&cases) {
        eprintln!("conformance: anchor.md: {error}");
        return ExitCode::from(2);
    }
    let (mut passed, mut differ, mut failed, mut skipped) = (0, 0, 0, 0);
    for id in ids() {
        if !asked.ids.is_empty() && !asked.ids.contains(&id) {
            continue;
        }
        let Some(case) = cases.remove(id.as_str()) else {
            println!("{id} fail: there is no such case");
            failed += 1;
            continue;
        };
        match (prove(case, &asked, &said), case.differs) {
            (Outcome::Skipped, _) => skipped += 1,
            (Outcome::Failed(why), _) => {
                println!(
                    "{id} fail: {}\n    {}",
                    case.claim,
                    why.replace('\n', "\n    ")
                );
                failed += 1;
            }
            (Outcome::Passed, Some(reference)) => {
                println!("{id} differs on purpose: {}; {reference}", case.claim);
                differ += 1;
            }
            (Outcome::Passed, None) => {
                println!("{id} pass: {}", case.claim);
                passed += 1;
            }
        }
    }
    if asked.ids.is_empty() {
        for id in cases.keys() {
            println!("{id} fail: no section has such an id");
            failed += 1;
        }
    }
    let total: usize = SECTIONS.iter().map(|section| section.count).sum();
    println!("conformance: {passed} of {total} pass, {differ} differ on purpose, {failed} fail");
    if skipped > 0 {
        println!("conformance: {skipped} need a server, a browser or longer; `make conformance` runs them");
    }
    ExitCode::from(u8::from(failed > 0))
}

fn asked(args: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut asked = Asked {
        all: false,
        ids: Vec::new(),
        browser: Report::default(),
    };
    let mut args = args.peekable();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--all" => asked.all = true,
            "--browser" => {
                let path = args.next().ok_or("--browser wants a file")?;
                report::read(&path, &mut asked.browser)?;
            }
            "--quiet" => {} // from `cargo test --quiet`
            id if ids().any(|known| known == id) => asked.ids.push(id.to_owned()),
            other => return Err(format!("{other} is neither an option nor the id of a case")),
        }
    }
    Ok(asked)
}

fn ids() -> impl Iterator<Item = String> {
    SECTIONS.iter().flat_map(|section| {
        (1..=section.count).map(|number| format!("{}{number:02}", section.letter))
    })
}

fn prove(case: &Case, asked: &Asked, said: &Arc<Mutex<String>>) -> Outcome {
    let wanted = asked.all || !asked.ids.is_empty();
    match case.proof {
        Proof::Browser if !wanted => Outcome::Skipped,
        Proof::Long(_) | Proof::Peer(_) if !wanted => Outcome::Skipped,
        Proof::Browser => match asked.browser.get(case.id) {
            Some(true) => Outcome::Passed,
            Some(false) => Outcome::Failed("the browser's test of this id failed".to_owned()),
            None => Outcome::Failed("no browser's test of this id has run".to_owned()),
        },
        Proof::Script(prove) | Proof::Long(prove) | Proof::Peer(prove) => run(prove, said),
    }
}

/// Runs it in a thread of its own, so that one that does not end is a failure and not the end of the run.
fn run(prove: fn(), said: &Arc<Mutex<String>>) -> Outcome {
    let (done, ended) = mpsc::channel();
    let thread = thread::spawn(move || {
        let result = panic::catch_unwind(prove);
        let _ = done.send(result.is_ok()); // nobody listens any more once it is overdue
    });
    let patience = PATIENCE + soak();
    match ended.recv_timeout(patience) {
        Ok(true) => {
            let _ = thread.join();
            Outcome::Passed
        }
        Ok(false) => {
            let words = said.lock().map(|mut words| std::mem::take(&mut *words));
            Outcome::Failed(words.unwrap_or_default())
        }
        Err(_) => Outcome::Failed(format!("it has not ended after {} s", patience.as_secs())),
    }
}

/// Keeps the last panic's words and place instead of printing them where they stand.
fn listen_to_panics() -> Arc<Mutex<String>> {
    let said = Arc::new(Mutex::new(String::new()));
    let words = said.clone();
    panic::set_hook(Box::new(move |panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let payload = panic.payload();
        let what = payload.downcast_ref::<&str>().copied();
        let what = what.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let what = what.unwrap_or("a panic without words");
        if let Ok(mut words) = words.lock() {
            *words = format!("{what}\n({place})");
        }
    }));
    said
}
