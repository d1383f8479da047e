//! What an analysis is of, where it stands, and what came of it.

use std::time::Duration;

use super::{
    around, capitalized, isolated, join_all, list_of, percent, plural, say, sentence, separator,
    taken, with, Key, Sentence,
};
use crate::backend::{Noun, Parts};
use crate::domain::fact::{Label, MediaKind};
use crate::domain::view::{ModelState, ModelView, RunView, Status, Verdict};
use crate::domain::{Summary, Text};
use crate::ui::format;

/// `1 model`, `5 models`.
pub(super) fn about_parts(number: u32, parts: Parts) -> String {
    let key = match parts {
        Parts::Models => Key::NumberOfModels,
        Parts::Analyses => Key::NumberOfAnalyses,
    };
    plural(key, number.into(), &[])
}

/// The heading over the rows of a run.
#[must_use]
pub fn parts_title(parts: Parts) -> String {
    say(match parts {
        Parts::Models => Key::Models,
        Parts::Analyses => Key::Analyses,
    })
}

/// `2 of 5 models`.
fn parts_done(done: u32, of: u32, of_parts: Parts) -> String {
    let key = match of_parts {
        Parts::Models => Key::ModelsDone,
        Parts::Analyses => Key::AnalysesDone,
    };
    plural(key, of.into(), &[("done", &format::count(done.into()))])
}

/// `1 more model`: models a server counts and has not named.
#[must_use]
pub fn more_parts(number: u32, of_parts: Parts) -> String {
    let key = match of_parts {
        Parts::Models => Key::MoreModels,
        Parts::Analyses => Key::MoreAnalyses,
    };
    plural(key, number.into(), &[])
}

/// What a server's thing is called when it has no name.
#[must_use]
pub fn untitled(noun: Noun) -> String {
    say(match noun {
        Noun::Media => Key::UnnamedFile,
        Noun::Video => Key::UnnamedVideo,
        Noun::Interview => Key::UnnamedInterview,
        Noun::Meeting => Key::UnnamedMeeting,
    })
}

/// The same within a sentence. A server of meetings has no media.
#[must_use]
pub fn untitled_here(noun: Noun) -> String {
    say(match noun {
        Noun::Media | Noun::Meeting => Key::UnnamedFileHere,
        Noun::Video => Key::UnnamedVideoHere,
        Noun::Interview => Key::UnnamedInterviewHere,
    })
}

/// What is spoken instead of a name. A server of meetings has no media.
#[must_use]
pub fn some(noun: Noun) -> String {
    say(match noun {
        Noun::Media | Noun::Meeting => Key::AFile,
        Noun::Video => Key::AVideo,
        Noun::Interview => Key::AnInterview,
    })
}

/// What a file is.
#[must_use]
pub fn kind(kind: MediaKind) -> String {
    say(match kind {
        MediaKind::Video => Key::KindVideo,
        MediaKind::Image => Key::KindImage,
        MediaKind::Audio => Key::KindAudio,
    })
}

/// What became of a media, as the pill says it.
#[must_use]
pub fn status(status: Status) -> String {
    say(match status {
        Status::Unknown => Key::StatusNone,
        Status::Queued => Key::StatusQueued,
        Status::Running => Key::StatusAnalyzing,
        Status::Complete => Key::StatusComplete,
        Status::PartlyComplete => Key::StatusPartlyComplete,
        Status::Failed => Key::StatusFailed,
        Status::Cancelled => Key::StatusCancelled,
    })
}

/// The same, in the server's own word where that is none that we know.
#[must_use]
pub fn status_or_word(known: Status, word: Option<&Text>) -> String {
    word.map_or_else(|| status(known), |word| word.as_str().to_owned())
}

/// The heading of a run.
#[must_use]
pub fn run_title(status: Status) -> String {
    say(match status {
        Status::Unknown => Key::NoAnalysisYet,
        Status::Queued => Key::StatusQueued,
        Status::Running => Key::AnalysisRuns,
        Status::Complete => Key::AnalysisComplete,
        Status::PartlyComplete => Key::AnalysisPartlyComplete,
        Status::Failed => Key::AnalysisFailed,
        Status::Cancelled => Key::AnalysisCancelled,
    })
}

/// `Cancelled after 2 of 5 models`: how many had ended by themselves, however they did. Where nobody knows how many
/// there should have been, only that it was cancelled.
#[must_use]
pub fn cancelled_after(ended: u32, expected: u32, of_parts: Parts) -> String {
    if ended >= expected || !has_parts(expected, of_parts) {
        return say(Key::StatusCancelled);
    }
    let parts = parts_done(ended, expected, of_parts);
    with(Key::CancelledAfter, &[("parts", &parts)])
}

/// The same of a summary.
#[must_use]
pub fn cancelled(summary: &Summary, of_parts: Parts) -> String {
    let failed = super::many(summary.failed.len());
    let ended = u64::from(summary.completed).saturating_add(failed);
    let ended = u32::try_from(ended).unwrap_or(u32::MAX);
    cancelled_after(ended, summary.expected, of_parts)
}

/// Of a run that failed. What it was made of may have gone well before, in part.
#[must_use]
pub fn none_finished(of_parts: Parts) -> String {
    say(match of_parts {
        Parts::Models => Key::NoModelFinished,
        Parts::Analyses => Key::NoResult,
    })
}

/// The same within a line.
#[must_use]
pub fn none_finished_here(of_parts: Parts) -> String {
    say(match of_parts {
        Parts::Models => Key::NoModelFinishedHere,
        Parts::Analyses => Key::NoResultHere,
    })
}

/// The same with what it means for the file.
fn none_finished_whole(of_parts: Parts) -> String {
    say(match of_parts {
        Parts::Models => Key::NoModelFinishedWhole,
        Parts::Analyses => Key::NoResultWhole,
    })
}

/// What stands where a run's rows would, if there are none.
#[must_use]
pub fn run_empty(status: Status, of_parts: Parts) -> String {
    match status {
        Status::Failed => none_finished_whole(of_parts),
        // A file that no model of the server fits is analyzed at once.
        Status::Complete if of_parts == Parts::Models => say(Key::NoModelNamed),
        Status::Complete | Status::PartlyComplete | Status::Cancelled => say(Key::NoDetails),
        _ => say(Key::WaitingForServer),
    }
}

/// The small line under a run's heading: `Run 2 · elapsed 2:14 · about 1 min left`. What may be out of date is no
/// ground for an estimate.
#[must_use]
pub fn run_line(run: &RunView, of_parts: Parts, is_stale: bool) -> String {
    let mut words = Vec::new();
    if let Some(number) = run.number.filter(|number| *number > 1) {
        words.push(with(
            Key::RunNumber,
            &[("n", &format::count(number.into()))],
        ));
    }
    if run.status.is_ended() {
        words.extend(finished(run, of_parts));
    } else {
        if let Some(elapsed) = run.elapsed {
            words.push(with(Key::Elapsed, &[("span", &format::running(elapsed))]));
        }
        if run.is_confirming {
            words.push(say(Key::AskingForResult));
        } else if let Some(left) = run.left.filter(|_| !is_stale).and_then(left) {
            words.push(left);
        }
    }
    capitalized(join_all(&words))
}

/// What an earlier run is called.
#[must_use]
pub fn earlier_run(run: &RunView) -> String {
    match run.number {
        Some(number) => with(Key::RunNumber, &[("n", &format::count(number.into()))]),
        None => say(Key::EarlierRun),
    }
}

/// What became of an earlier run, as the pill says it.
#[must_use]
pub fn earlier_status(known: Status) -> String {
    match known {
        Status::Unknown => say(Key::EndNotKnown),
        known => status(known),
    }
}

/// What stands beside an earlier run's name: `Finished 10:31 · took 2 min`, or when it began if nobody said when it
/// ended.
#[must_use]
pub fn earlier_line(run: &RunView, of_parts: Parts) -> String {
    match (run.ended, run.started) {
        (None, Some(began)) if run.status != Status::Cancelled => {
            capitalized(with(Key::BeganAt, &[("at", &format::moment(began))]))
        }
        _ => capitalized(join_all(&finished(run, of_parts))),
    }
}

/// When a run ended and how long it took, as far as that is known; of one that was cancelled, after how much.
fn finished(run: &RunView, of_parts: Parts) -> Vec<String> {
    let ended = run.ended.map(format::moment);
    let took = (run.elapsed).map(|took| with(Key::Took, &[("span", &taken(took))]));
    let mut words = Vec::new();
    if run.status == Status::Cancelled {
        let finished = run.completed.saturating_add(run.failed);
        words.push(cancelled_after(finished, run.expected, of_parts));
        words.extend(ended);
    } else if let Some(at) = ended {
        words.push(with(Key::FinishedAt, &[("at", &at)]));
    }
    words.extend(took);
    words
}

/// What is spoken of the overall bar: `53%, 2 of 5 models complete, about 1 min left`.
#[must_use]
pub fn overall_value(run: &RunView, of_parts: Parts, is_stale: bool) -> String {
    let mut words: Vec<_> = run.percent.map(percent).into_iter().collect();
    if has_parts(run.expected, of_parts) {
        words.push(complete(&parts_done(run.completed, run.expected, of_parts)));
    }
    if run.failed > 0 {
        words.push(failed(run.failed));
    }
    if is_stale {
        words.push(say(Key::MayBeOutOfDate));
    } else if let Some(left) = run.left.and_then(left) {
        words.push(left);
    }
    list_of(&words)
}

/// `2 of 5 models complete`.
#[must_use]
pub fn complete(parts: &str) -> String {
    with(Key::PartsComplete, &[("parts", parts)])
}

/// `about 40 s left`, `a few seconds left`; nothing for an estimate beyond a day.
#[must_use]
pub fn left(left: Duration) -> Option<String> {
    if left < Duration::from_secs(10) {
        return Some(say(Key::FewSecondsLeft));
    }
    format::estimate(left).map(|estimate| with(Key::AboutLeft, &[("span", &estimate)]))
}

/// What a model's row says under its name.
#[must_use]
pub fn model(model: &ModelView, is_stale: bool) -> Sentence {
    let attempt = || format::count(model.attempt.max(1).into());
    match &model.state {
        ModelState::Queued => say(Key::StatusQueued).into(),
        ModelState::Running { done, total, .. } => running_model(model, *done, *total, is_stale),
        ModelState::Retrying { error: None } => {
            with(Key::AttemptFailed, &[("n", &attempt())]).into()
        }
        ModelState::Retrying { error } => {
            let values = [("n", &*attempt())];
            sentence(Key::AttemptFailedBecause, &values, error.clone())
        }
        ModelState::Completed {
            label,
            confidence,
            took,
        } => {
            let complete = match took {
                Some(took) => with(Key::CompleteIn, &[("span", &taken(*took))]),
                None => say(Key::StatusComplete),
            };
            let sure = confidence.map(|share| percent(format::percent(share)));
            let sure = sure.map_or_else(String::new, |sure| [" ", &sure].concat());
            match label {
                None => complete.into(),
                Some(Label::Other(word)) => Sentence {
                    before: complete + &separator(),
                    foreign: Some(word.clone()),
                    after: sure,
                },
                Some(label) => (complete + &separator() + &label_word(label) + &sure).into(),
            }
        }
        ModelState::Failed { error } => {
            let attempts = u64::from(model.attempt);
            match (error, attempts > 1) {
                (None, false) => say(Key::StatusFailed).into(),
                (None, true) => plural(Key::FailedAfter, attempts, &[]).into(),
                (error, false) => sentence(Key::FailedBecause, &[], error.clone()),
                (error, true) => around(
                    plural(Key::FailedAfterBecause, attempts, &[]),
                    error.clone(),
                ),
            }
        }
        ModelState::NoResult => say(Key::NoResult).into(),
        ModelState::Cancelled => say(Key::StatusCancelled).into(),
    }
}

fn running_model(
    model: &ModelView,
    done: Option<f64>,
    total: Option<f64>,
    is_stale: bool,
) -> Sentence {
    let mut words = Vec::new();
    if model.attempt > 1 {
        let attempt = format::count(model.attempt.into());
        words.push(match model.attempts {
            Some(of) => {
                let of = format::count(of.into());
                with(Key::AttemptOf, &[("n", &attempt), ("total", &of)])
            }
            None => with(Key::Attempt, &[("n", &attempt)]),
        });
    }
    match (done.and_then(whole), total.and_then(whole)) {
        // Of a hundred is a percentage, which stands beside the bar already.
        (Some(_), Some(100)) => {}
        (Some(done), Some(total)) => {
            let (done, total) = (format::count(done), format::count(total));
            words.push(with(Key::CountOf, &[("done", &done), ("n", &total)]));
        }
        (Some(done), None) if done > 0 => words.push(plural(Key::WorkingSoFar, done, &[])),
        _ => {}
    }
    if let Some(silent) = model.silent_for {
        words.push(with(Key::NoUpdateFor, &[("span", &format::span(silent))]));
    } else if let Some(left) = model.left.filter(|_| !is_stale).and_then(left) {
        words.push(left);
    }
    let line = join_all(&words);
    match &model.doing {
        Some(doing) if line.is_empty() => Sentence::foreign(Some(doing.clone())),
        Some(doing) => Sentence {
            after: separator() + &line,
            ..Sentence::foreign(Some(doing.clone()))
        },
        None if line.is_empty() => say(Key::Working).into(),
        None => capitalized(line).into(),
    }
}

/// A label as a word; a server's own word is [`Label::Other`] and has to be set apart.
#[must_use]
pub fn label_word(label: &Label) -> String {
    say(match label {
        Label::Fake => Key::LabelFake,
        Label::Real => Key::LabelReal,
        Label::Safe => Key::LabelSafe,
        Label::Flagged => Key::LabelFlagged,
        Label::Other(word) => return word.first_line().0.to_owned(),
    })
}

/// The verdict in two words. `ended` tells "nothing yet" from "nothing".
#[must_use]
pub fn verdict(verdict: &Verdict, ended: bool) -> String {
    let by_one = |key| with(key, &[("who", &about_parts(1, Parts::Models))]);
    say(match verdict {
        Verdict::None if ended => Key::NoResult,
        Verdict::None => Key::NoResultYet,
        Verdict::NotFinal { .. } => Key::NotFinal,
        Verdict::LikelyFake { of: 1, .. } => return by_one(Key::LikelyFakeByOne),
        Verdict::LikelyFake { .. } => Key::LikelyFake,
        Verdict::LikelyReal { of: 1, .. } => return by_one(Key::LikelyRealByOne),
        Verdict::LikelyReal { .. } => Key::LikelyReal,
        Verdict::Disagree { .. } => Key::ModelsDisagree,
        Verdict::Server(server) => match &server.label {
            Label::Fake => Key::LikelyFake,
            Label::Real => Key::LikelyReal,
            other => return isolated(&label_word(other)),
        },
    })
}

/// What stands under the verdict: who says so, and who failed. `ended` as above.
#[must_use]
pub fn verdict_sentence(run: &RunView, of_parts: Parts, ended: bool) -> String {
    let says = |key: Key, number: u32, of: u32| {
        let who = match of {
            0 | 1 => about_parts(number, of_parts),
            _ => parts_done(number, of, of_parts),
        };
        plural(key, number.into(), &[("who", &who)])
    };
    let mut text = match &run.verdict {
        Verdict::None if run.status == Status::Failed => return none_finished_whole(of_parts),
        Verdict::None if ended => say(Key::NoVerdict),
        Verdict::None | Verdict::NotFinal { fake: 0, real: 0 } => say(Key::NoVerdictSoFar),
        Verdict::NotFinal { fake, real: 0 } => says(Key::SayFake, *fake, 0),
        Verdict::NotFinal { fake: 0, real } => says(Key::SayReal, *real, 0),
        Verdict::NotFinal { fake, real } => {
            let who = about_parts(*fake, of_parts);
            let others = plural(Key::OthersSayReal, u64::from(*real), &[]);
            let values = [("who", &*who), ("others", &*others)];
            plural(Key::SayFakeOthersNot, u64::from(*fake), &values)
        }
        Verdict::LikelyFake { fake, of } => says(Key::SayFake, *fake, *of),
        Verdict::LikelyReal { real, of } => says(Key::SayReal, *real, *of),
        Verdict::Disagree { each } => plural(Key::EachSay, u64::from(*each), &[]),
        Verdict::Server(server) => match server.score {
            None => say(Key::ServersResult),
            Some(score) => {
                let score = percent(format::percent(score));
                with(Key::ServersResultScore, &[("percent", &score)])
            }
        },
    };
    if run.failed > 0 {
        let who = about_parts(run.failed, of_parts);
        text.push(' ');
        text.push_str(&with(Key::PartsFailed, &[("text", &who)]));
        text.push('.');
    }
    text
}

/// What stands under every result.
#[must_use]
pub fn not_proof(of_parts: Parts, ended: bool) -> String {
    say(match (of_parts, ended) {
        (Parts::Models, true) => Key::ModelScoreNotProof,
        (Parts::Models, false) => Key::ModelScoreNotProofYet,
        (_, true) => Key::ScoreNotProof,
        (_, false) => Key::ScoreNotProofYet,
    })
}

/// `2 of 5 models`, or nothing where nobody has said how many there are, or there is but the one analysis.
#[must_use]
pub fn progress_count(summary: &Summary, of_parts: Parts) -> String {
    match has_parts(summary.expected, of_parts) {
        true => parts_done(summary.completed, summary.expected, of_parts),
        false => String::new(),
    }
}

/// Whether how many there are says anything.
fn has_parts(expected: u32, of_parts: Parts) -> bool {
    match of_parts {
        Parts::Models => expected > 0,
        Parts::Analyses => expected > 1,
    }
}

/// `1 failed`.
#[must_use]
pub fn failed(number: u32) -> String {
    plural(Key::NumberFailed, number.into(), &[])
}

/// A figure that counts things; servers send `3.0` and now and then nonsense.
fn whole(number: f64) -> Option<u64> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (0.0..=9.0e15).contains(&number).then_some(number as u64)
}
