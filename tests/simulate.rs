//! A server, its instances, a bad network and the whole session, in virtual time, schedule after schedule.
//!
//! ```text
//! make simulate SCHEDULES=20000 SEED=7          SEED, SEED + 1, … are the seeds of the schedules
//! make simulate SCHEDULES=1 SEED=4711 TRACE=1   tells the story of one
//! ```
//!
//! In every schedule must hold: what is shown converges to the truth of the server; nothing that is shown goes back
//! within a run but for a retry or where a snapshot corrects what was too much; the end of a run is told once; nothing
//! is called live that is not; a run that waits is not shown at work, and one that is over not in its place. Beside the
//! session, handlers as pages commonly have them hear the same: they must fail, or the schedules would prove nothing.
//!
//! `cargo test` plays a few schedules, always the same.

#[path = "simulate/chance.rs"]
mod chance;
#[path = "simulate/channel.rs"]
mod channel;
#[path = "simulate/check.rs"]
mod check;
#[path = "simulate/naive.rs"]
mod naive;
#[path = "simulate/rest.rs"]
mod rest;
#[path = "simulate/schedule.rs"]
mod schedule;
#[path = "simulate/server.rs"]
mod server;

use std::env;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Mutex;
use std::thread;
use std::time::SystemTime;

/// Failing schedules that are told about; the others are counted.
const TOLD: usize = 10;

#[derive(Default)]
struct Sum {
    diverged: usize,
    regressions: usize,
    duplicate_ends: usize,
    false_lives: usize,
    other_runs: usize,
    inputs: u64,
    naive_diverged: u64,
    naive_regressions: u64,
    naive_duplicate_ends: u64,
    /// The seeds that failed, with the first fault of each.
    failed: Vec<(u64, String)>,
}

fn main() -> ExitCode {
    let schedules = number("SCHEDULES").unwrap_or(200);
    // Nothing given by hand, nothing left to chance: a test does the same each time.
    let seed = match env::var("SEED") {
        Err(_) => 1,
        Ok(_) => number("SEED").unwrap_or_else(clock),
    };
    let is_told = env::var("TRACE").is_ok_and(|trace| !trace.is_empty() && trace != "0");
    let threads = match is_told {
        true => 1,
        false => thread::available_parallelism().map_or(1, usize::from),
    };

    let next = AtomicU64::new(0);
    let sum = Mutex::new(Sum::default());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= schedules {
                    break;
                }
                let seed = seed.wrapping_add(index);
                let outcome = schedule::run(seed, is_told);
                let mut sum = sum.lock().expect("no schedule panics while it counts");
                sum.add(seed, &outcome);
            });
        }
    });
    let mut sum = sum.into_inner().expect("every schedule has ended");
    sum.failed.sort();
    report(schedules, seed, &sum)
}

fn report(schedules: u64, seed: u64, sum: &Sum) -> ExitCode {
    for (seed, fault) in sum.failed.iter().take(TOLD) {
        println!("simulate: seed {seed}: {fault}");
        println!("          make simulate SCHEDULES=1 SEED={seed} TRACE=1 tells its story");
    }
    if sum.failed.len() > TOLD {
        println!("simulate: and {} more", sum.failed.len() - TOLD);
    }
    println!(
        "simulate: from seed {seed}, {} inputs; the naive handlers on the same schedules: {} diverged, {} regressions, {} duplicate end toasts",
        sum.inputs, sum.naive_diverged, sum.naive_regressions, sum.naive_duplicate_ends
    );
    if sum.false_lives > 0 {
        println!(
            "simulate: {} schedules were live and were not",
            sum.false_lives
        );
    }
    if sum.other_runs > 0 {
        println!(
            "simulate: {} schedules showed a run that was not at work",
            sum.other_runs
        );
    }
    println!(
        "simulate: {schedules} schedules, {} diverged, {} regressions, {} duplicate end toasts",
        sum.diverged, sum.regressions, sum.duplicate_ends
    );
    // A handful of schedules may happen to be harmless.
    let proves_nothing = schedules >= 100 && sum.naive_diverged == 0;
    if proves_nothing {
        println!("simulate: the naive handlers fared well, so this proves nothing");
    }
    match sum.failed.is_empty() && !proves_nothing {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

impl Sum {
    fn add(&mut self, seed: u64, outcome: &schedule::Outcome) {
        let faults = &outcome.faults;
        self.diverged += usize::from(!faults.diverged.is_empty());
        self.regressions += faults.regressions.len();
        self.duplicate_ends += faults.duplicate_ends.len();
        self.false_lives += usize::from(!faults.false_lives.is_empty());
        self.other_runs += usize::from(!faults.other_runs.is_empty());
        self.inputs += outcome.inputs;
        self.naive_diverged += u64::from(outcome.naive_diverged);
        self.naive_regressions += outcome.naive_regressions;
        self.naive_duplicate_ends += outcome.naive_duplicate_ends;
        if let Some((kind, fault)) = faults.all().next() {
            self.failed.push((seed, format!("{kind}: {fault}")));
        }
    }
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.trim().parse().ok()
}

fn clock() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.map_or(1, |now| now.as_nanos() as u64 % 1_000_000_000)
}
