//! Where a run stands, by what was said of it.
//!
//! **Law:** a run ends by its models. A server's own status is a claim: it ends a run only together with the models, or
//! when a snapshot that names none confirms it. Only that it was cancelled ends it at once, with all that has not
//! ended: no model can say that.
//!
//! Left out: time. What follows from silence is decided outside and comes in as [`Lapsed`].

use super::model::Circumstances;
use super::{RunFacts, Standing, When};
use crate::domain::fact::{Declared, Label, ServerVerdict};
use crate::domain::view::{ModelState, Status, Verdict};
use crate::domain::{ModelId, Rules};
use crate::time::Timestamp;

/// What is decided outside, by time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::domain) struct Lapsed {
    /// Nobody answered for so long that what has not ended will not.
    pub ends: bool,
    /// A failed attempt was not followed by another for so long that none is expected.
    pub retries: bool,
    /// It had ended with all models that were named, and the server has but taken its own word for that back.
    pub is_kept: bool,
}

/// What should be asked about a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::domain) enum Need {
    /// Nothing.
    #[default]
    Nothing,
    /// Its end, if the server does not say it by itself within a few seconds.
    Soon,
    /// Two things that were said do not fit together, or cannot be understood alone.
    Now,
}

/// Where a run stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::domain) struct RunState {
    /// How many models there are is known. As long as it is not, `expected` counts those that were heard of.
    pub is_counted: bool,
    pub status: Status,
    /// Where the newest run begins in a family without run ids.
    pub cut: When,
    pub models: Vec<Standing>,
    pub expected: u32,
    pub unnamed: u32,
    pub completed: u32,
    pub failed: u32,
    pub cancelled: u32,
    pub running: u32,
    /// Attempts after the first that were begun or are awaited, of all models together.
    pub retries: u32,
    pub verdict: Verdict,
    pub began: When,
    /// When it ended; nothing as long as nobody knows that of all that ended in it.
    pub ended: When,
    /// The last time that is known of an end in it.
    pub last_end: When,
    /// The server's word for an end stands.
    pub is_declared_ended: bool,
    pub need: Need,
    /// It has ended by its models, and the server was asked whether it has.
    pub is_confirming: bool,
    pub is_simulated: bool,
}

impl RunState {
    /// Models expected in all; 0 as long as nobody knows how many there are.
    pub fn known_expected(&self) -> u32 {
        match self.is_counted {
            true => self.expected,
            false => 0,
        }
    }

    /// How many of the named models have ended, one way or another.
    pub fn ended_models(&self) -> u32 {
        self.completed + self.failed + self.cancelled
    }
}

/// What is known of a run beside what was said of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::domain) struct Background {
    /// How many models the server runs on such a media; 0 where nobody knows. It counts until the run's own events say
    /// how many there are.
    pub usual_models: u32,
    /// The run began so lately that the server may still be at it, even if it declares it ended: a timer of the real
    /// one does so after half a minute. Then a snapshot with fewer models than usual does not end it.
    pub may_go_on: bool,
    /// An attempt failed that another may follow: the server's word that the run failed may be about that one alone.
    pub may_retry: bool,
    /// When the snapshot was taken, the run had been heard of so lately that the server may still be at it, whatever it
    /// declares: a failed attempt which it counts as none of the last is followed by another.
    pub is_base_fresh: bool,
    /// Failed attempts that nothing but the time at which they were heard told apart.
    pub failures: u32,
}

/// What was said of the run itself.
struct Told<'a> {
    cut: When,
    declared: Option<Declared>,
    /// That, if it ends the run.
    declared_end: Option<Declared>,
    /// The same in the snapshot.
    confirmed: Option<Declared>,
    facts: Circumstances<'a>,
}

impl<'a> Told<'a> {
    fn of(
        joined: &RunFacts,
        base: Option<&'a RunFacts>,
        rules: Rules,
        background: Background,
        lapsed: Lapsed,
    ) -> Self {
        let cut = joined.cut(rules);
        let declared = told(joined, rules, cut);
        let claims_end = |declared: Option<Declared>| {
            declared.filter(|declared| match declared {
                Declared::Failed => !background.may_retry,
                declared => *declared >= Declared::Partial,
            })
        };
        let confirmed = base.and_then(|base| claims_end(told(base, rules, cut)));
        let declared_end = claims_end(declared);
        let is_cancelled = declared_end == Some(Declared::Cancelled);
        Self {
            cut,
            declared,
            declared_end,
            confirmed,
            facts: Circumstances {
                cut,
                max_attempts: rules.max_attempts,
                base: base.filter(|_| confirmed.is_some()),
                is_base_fresh: background.is_base_fresh && !is_cancelled,
                failures: background.failures,
                is_cancelled,
                lapsed,
            },
        }
    }
}

/// Whether this model alone shows that the run has not ended: a run ends by its models, and this one has not. That is
/// so of nearly each event of a run, and is known without looking at the other models.
pub(in crate::domain) fn is_kept_open_by(
    model: &ModelId,
    joined: &RunFacts,
    base: Option<&RunFacts>,
    rules: Rules,
    background: Background,
    lapsed: Lapsed,
) -> bool {
    joined.models.get(model).is_some_and(|facts| {
        let told = Told::of(joined, base, rules, background, lapsed);
        facts.is_marked()
            && facts.is_since(told.cut)
            && !facts.standing(model, &told.facts).state.is_ended()
    })
}

/// Where the run stands whose facts are `joined`, of which a snapshot confirmed `base`.
pub(in crate::domain) fn state(
    joined: &RunFacts,
    base: Option<&RunFacts>,
    rules: Rules,
    background: Background,
    lapsed: Lapsed,
) -> RunState {
    let told = Told::of(joined, base, rules, background, lapsed);
    let Told {
        cut,
        declared,
        declared_end,
        confirmed,
        ..
    } = told;
    let facts = told.facts;
    let is_cancelled = facts.is_cancelled;
    // A sealed run takes no models any more that the server did not name as its own.
    let is_sealed = lapsed.is_kept
        || confirmed == Some(Declared::Cancelled)
        || facts.base.is_some_and(|base| {
            base.models
                .values()
                .all(|row| !row.endings.is_empty() || row.has_failed() || row.is_cancelled())
        });

    let mut run = RunState {
        cut,
        is_declared_ended: declared_end.is_some(),
        models: Vec::with_capacity(joined.models.len()),
        ..RunState::default()
    };
    let (mut fake, mut real) = (0, 0);
    let mut is_unclear = false;
    let mut has_begun = declared >= Some(Declared::Processing);
    // An end counts rows, of which a model may have several: there are never more than the server runs.
    // Of a run that a snapshot says was cancelled, nobody counts them later.
    let counts = base.filter(|_| confirmed == Some(Declared::Cancelled));
    let said = counts.unwrap_or(joined).expected.0;
    let said = said.filter(|said| *said > 0);
    let claimed = match (said, background.usual_models) {
        (Some(said), 0) => said,
        (Some(said), usual) => said.min(usual),
        (None, usual) => usual,
    };
    let (mut n_marked, mut is_marked_at_work) = (0, false);
    let mut is_heard_from_start = joined.is_heard_from_start;
    let (mut are_timed, mut are_stored) = (true, true);
    for (id, model) in &joined.models {
        if !model.is_since(cut) || (is_sealed && !model.is_marked()) {
            continue;
        }
        let standing = model.standing(id, &facts);
        if model.is_marked() {
            is_heard_from_start &= model.queued;
            n_marked += 1;
            is_marked_at_work |= !standing.state.is_ended();
        }
        match &standing.state {
            ModelState::Completed { label, .. } => {
                run.completed += 1;
                fake += u32::from(*label == Some(Label::Fake));
                real += u32::from(*label == Some(Label::Real));
            }
            ModelState::Failed { .. } | ModelState::NoResult => run.failed += 1,
            ModelState::Cancelled => run.cancelled += 1,
            ModelState::Running { .. } => run.running += 1,
            ModelState::Queued | ModelState::Retrying { .. } => {}
        }
        let is_retrying = matches!(standing.state, ModelState::Retrying { .. });
        run.retries += standing.attempt.saturating_sub(1) + u32::from(is_retrying);
        has_begun |= standing.state != ModelState::Queued;
        is_unclear |= standing.is_unclear;
        run.is_simulated |= standing.is_simulated;
        run.last_end = run.last_end.max(standing.ended);
        if standing.state.is_ended() && standing.ended.is_none() {
            are_timed = false;
            let row = base.and_then(|base| base.models.get(id));
            are_stored &= row.is_some_and(|row| row.tells(&standing.state, confirmed.is_some()));
        }
        run.models.push(standing);
    }

    let named = u32::try_from(run.models.len()).unwrap_or(u32::MAX);
    let is_early =
        background.may_go_on && joined.expected.0.is_none() && named < claimed && named > 0;
    let is_settled = (confirmed.is_some() && !is_early) || lapsed.ends || lapsed.is_kept;
    // Those that were never named are part of what was cancelled.
    run.unnamed = if (is_settled && !is_cancelled) || cut.is_some() {
        0
    } else {
        claimed.saturating_sub(named)
    };
    run.expected = named.saturating_add(run.unnamed);
    is_heard_from_start &= n_marked > 0;
    let has_enough = |n: u32| n > 0 && n >= claimed && (claimed > 0 || !rules.has_rows);
    // What only reports progress when every model that was named has ended is a stand-in for one of them.
    let is_through = !is_marked_at_work && has_enough(n_marked);
    let all_named_ended = run.ended_models() == named || is_through;
    let is_ended = is_cancelled || (all_named_ended && (is_settled || has_enough(named)));
    if is_ended && run.ended_models() == n_marked {
        // It is there until a snapshot lacks it, but it is none of those that should have succeeded.
        run.expected = n_marked.saturating_add(run.unnamed);
    }

    // A server that stores rows stores one of a model when that has ended: a snapshot of a run that goes on names those
    // that had their turn and nobody knows how many will. Who was there before the first was queued has heard of all
    // that there are: they are queued together, before any begins. What else reports progress stands in for one of
    // them, and is counted until they have ended, as where the server says how many it runs.
    run.is_counted = is_ended || claimed > 0 || !rules.has_rows || is_heard_from_start;
    run.status = if !is_ended {
        match declared {
            _ if has_begun => Status::Running,
            None if named == 0 && run.unnamed == 0 => Status::Unknown,
            _ => Status::Queued,
        }
    } else if run.cancelled > 0 || (is_cancelled && !has_enough(named)) {
        Status::Cancelled
    } else if named == 0 {
        match declared_end {
            Some(Declared::Done) => Status::Complete,
            Some(Declared::Partial) => Status::PartlyComplete,
            _ => Status::Failed,
        }
    } else if run.completed == 0 {
        Status::Failed
    } else if run.failed > 0 {
        Status::PartlyComplete
    } else {
        Status::Complete
    };
    // Between two attempts the answer would be the failure that is known.
    let is_claimed = declared == Some(Declared::FailureReported) || is_unclear;
    run.need = if (is_claimed && !background.may_retry)
        || (declared_end.is_some() && (!is_ended || run.running > 0))
    {
        Need::Now
    } else if !lapsed.ends
        && ((is_ended && declared_end.is_none() && rules.has_run_end)
            || (!is_ended && all_named_ended && named > 0))
    {
        Need::Soon
    } else {
        Need::Nothing
    };
    run.began = [joined.created.get().copied(), cut]
        .into_iter()
        .max()
        .flatten()
        .or_else(|| {
            let starts = run.models.iter().filter_map(|model| model.first_start);
            starts.min()
        });
    let declared_at = declared_end.and_then(|end| joined.claims.get(&end)?.first);
    let later_of = |at: Timestamp| run.last_end.map_or(at, |last| last.max(at));
    let ended = match run.status {
        // The models that had ended did so before.
        Status::Cancelled if are_timed || declared_at.is_some() => run.last_end.max(declared_at),
        _ if are_timed => run.last_end.or(declared_at),
        // The snapshot is dated by the last of its rows, among which are those of the ends without a time.
        _ if are_stored => base.and_then(RunFacts::last_claim).map(later_of),
        // What a snapshot declared ended was before those ends that it does not tell of.
        _ if confirmed.is_none() => declared_at.map(later_of),
        _ => None,
    };
    run.last_end = run.last_end.or(declared_at);
    run.ended = ended.filter(|_| is_ended);

    let server = joined.verdict.get().filter(|_| joined.verdict.at() >= cut);
    run.verdict = match server {
        Some((label, score)) if is_ended => Verdict::Server(ServerVerdict {
            label: label.clone(),
            score: score.map(|score| score.0),
        }),
        _ => verdict(fake, real, is_ended && run.status != Status::Cancelled),
    };
    run
}

/// The majority of the models that succeeded. Their confidences are about their own labels and are never averaged.
fn verdict(fake: u32, real: u32, is_ended: bool) -> Verdict {
    let of = fake + real;
    match (of, is_ended) {
        (0, _) => Verdict::None,
        (_, false) => Verdict::NotFinal { fake, real },
        _ if fake > real => Verdict::LikelyFake { fake, of },
        _ if real > fake => Verdict::LikelyReal { real, of },
        _ => Verdict::Disagree { each: fake },
    }
}

/// The status that counts among those that were declared: the last in the chain, or, where runs have no ids, the one
/// declared last.
fn told(facts: &RunFacts, rules: Rules, cut: When) -> Option<Declared> {
    let mut since = facts.claims.iter().filter(|(_, span)| span.last >= cut);
    if rules.latest_wins {
        since.max_by_key(|(claim, span)| (span.last, **claim))
    } else {
        since.next_back()
    }
    .map(|(claim, _)| *claim)
}
