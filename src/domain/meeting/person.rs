//! One person of a meeting: name, presence, trust with its curve, and what the detectors measured.
//!
//! **Law:** each is a register that the latest word by the server's clock sets, whatever the order of arrival.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use crate::domain::fact::Modality;
use crate::domain::register::Scalar;
use crate::domain::trail::{What, BAND_HELD};
use crate::domain::view::{Band, ParticipantView};
use crate::domain::{ParticipantId, Text};
use crate::sorted::Map;
use crate::time::{Instant, Timestamp};

/// Kinds of measurement of one person, and figures of each. The real servers have three and a handful.
const MAX_MODALITIES: usize = 16;
pub(super) const MAX_FIGURES: usize = 64;
/// Points of a person's curve, and how far back it goes.
pub(super) const MAX_POINTS: usize = 300;
const CURVE: Duration = Duration::from_secs(300);
/// A score that is older says nothing of now.
pub(super) const STALE: Duration = Duration::from_secs(15);

/// A value that the latest word sets; of two words of the same time, the greater. Words without a time are taken in the
/// order in which they arrive.
#[derive(Clone, Debug)]
pub(super) struct Latest<T> {
    at: Option<Timestamp>,
    pub(super) value: Option<T>,
    /// Nothing was heard for a while since: the server may be another one by now, whose clock is behind.
    is_of_before: bool,
}

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self {
            at: None,
            value: None,
            is_of_before: false,
        }
    }
}

impl<T> Latest<T> {
    /// From now on an earlier time is one of another clock. The last word is known when it is repeated; a server that
    /// repeated several to whoever comes in, which none does, would be taken for one with another clock until that one.
    pub(super) fn outlive_gap(&mut self) {
        self.is_of_before = true;
    }

    /// Whether a word of this time comes after what is known. One without a time does.
    pub(super) fn order(&self, at: Option<Timestamp>) -> Ordering {
        match at.cmp(&self.at) {
            _ if at.is_none() => Ordering::Greater,
            Ordering::Less if self.is_of_before => Ordering::Greater,
            order => order,
        }
    }

    fn take(&mut self, at: Option<Timestamp>, value: T) {
        self.is_of_before &= at.is_none() || at == self.at;
        self.at = at.or(self.at);
        self.value = Some(value);
    }
}

impl<T: PartialOrd> Latest<T> {
    /// Whether anything is different.
    pub(super) fn set(&mut self, at: Option<Timestamp>, value: T) -> bool {
        let known = self.value.as_ref();
        let is_different = known != Some(&value);
        let is_taken = match self.order(at) {
            Ordering::Less => false,
            Ordering::Equal => known.is_none_or(|known| value > *known),
            Ordering::Greater => true,
        };
        if is_taken {
            self.take(at, value);
        }
        is_taken && is_different
    }
}

#[derive(Debug, Default)]
pub(super) struct Person {
    number: u32,
    pub(super) name: Latest<Option<Text>>,
    pub(super) presence: Latest<Option<bool>>,
    trust: Latest<Option<Scalar>>,
    /// When the score arrived, and whether it was since called stale.
    pub(super) heard: Option<Instant>,
    pub(super) is_stale: bool,
    curve: VecDeque<(Instant, u8)>,
    modalities: Map<Text, Latest<Modality>>,
    /// The band that the trail knows, and another that the score is in since.
    band: Option<Band>,
    turn: Option<Turn>,
}

/// A score that went into another band.
#[derive(Debug)]
struct Turn {
    to: Option<Band>,
    since: Instant,
    /// By the server's clock.
    at: Option<Timestamp>,
}

impl Person {
    pub(super) fn new(number: u32) -> Self {
        Self {
            number,
            ..Self::default()
        }
    }

    /// Nothing was heard for a while.
    pub(super) fn outlive_gap(&mut self) {
        self.name.outlive_gap();
        self.presence.outlive_gap();
        self.trust.outlive_gap();
        for modality in self.modalities.values_mut() {
            modality.outlive_gap();
        }
    }

    pub(super) fn set_trust(
        &mut self,
        at: Option<Timestamp>,
        score: Option<f64>,
        now: Instant,
    ) -> bool {
        let score = score.map(|score| Scalar(score.clamp(0.0, 1.0)));
        // Of two scores of one time the lower is shown, whichever came first; a repeated one is no news.
        let is_lower = match (score, self.trust.value.flatten()) {
            (Some(score), Some(known)) => score < known,
            (score, known) => score.is_some() && known.is_none(),
        };
        let is_taken = match self.trust.order(at) {
            Ordering::Less => false,
            Ordering::Equal => is_lower,
            Ordering::Greater => true,
        };
        if !is_taken {
            return false;
        }
        let was_stale = mem::take(&mut self.is_stale);
        let before = self.trust.value;
        self.trust.take(at, score);
        self.heard = Some(now);
        if let Some(score) = score {
            // One more than is kept, for the moment before the oldest goes. Doubling would make room for 512.
            let room = MAX_POINTS + 1;
            if self.curve.len() > room / 2 {
                self.curve
                    .reserve_exact(room.saturating_sub(self.curve.len()));
            }
            self.curve.push_back((now, percent(score.0)));
        }
        let is_old = |(at, _): &(Instant, u8)| now.saturating_since(*at) > CURVE;
        while self.curve.len() > MAX_POINTS || self.curve.front().is_some_and(is_old) {
            self.curve.pop_front();
        }
        let to = score.map(|score| band(percent(score.0)));
        if to == self.band {
            self.turn = None;
        } else if self.turn.as_ref().is_none_or(|turn| turn.to != to) {
            self.turn = Some(Turn { to, since: now, at });
        }
        was_stale || before != Some(score) || score.is_some()
    }

    /// A change of band that has lasted long enough to be told.
    pub(super) fn take_turn(&mut self, now: Instant) -> Option<(Option<Timestamp>, What)> {
        let turn = self.turn.take_if(|turn| turn.since + BAND_HELD <= now)?;
        let what = What::Trust {
            from: mem::replace(&mut self.band, turn.to),
            to: turn.to,
            score: self.trust.value.flatten().map(|score| percent(score.0)),
        };
        Some((turn.at, what))
    }

    pub(super) fn set_modalities(
        &mut self,
        at: Option<Timestamp>,
        modalities: Vec<Modality>,
    ) -> bool {
        let mut is_changed = false;
        for mut modality in modalities.into_iter().take(MAX_MODALITIES) {
            let is_known = self.modalities.contains_key(&modality.name);
            if !is_known && self.modalities.len() >= MAX_MODALITIES {
                continue;
            }
            modality.figures.truncate(MAX_FIGURES);
            let name = modality.name.clone();
            is_changed |= self.modalities.entry(name).or_default().set(at, modality);
        }
        is_changed
    }

    /// When time alone makes something different.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let turn = self.turn.as_ref().map(|turn| turn.since + BAND_HELD);
        [self.stale_at(), turn].into_iter().flatten().min()
    }

    /// When the score becomes stale, if it is not yet.
    pub(super) fn stale_at(&self) -> Option<Instant> {
        self.trust.value.flatten()?;
        self.heard.filter(|_| !self.is_stale).map(|at| at + STALE)
    }

    /// Where the meeting `is_left` no newer score is heard: each is the last one.
    pub(super) fn view(&self, id: &ParticipantId, is_left: bool, now: Instant) -> ParticipantView {
        let trust = self.trust.value.flatten().map(|score| percent(score.0));
        let age = self.heard.map(|heard| now.saturating_since(heard));
        let is_old = |(at, _): &(Instant, u8)| now.saturating_since(*at) > CURVE;
        let curve = self.curve.range(self.curve.partition_point(is_old)..);
        let origin = curve.clone().next().map_or(now, |(at, _)| *at);
        ParticipantView {
            number: self.number,
            id: id.clone(),
            name: self.name.value.clone().flatten(),
            is_present: self.presence.value.flatten(),
            trust,
            band: trust.map(band),
            stale_for: age.filter(|age| trust.is_some() && (is_left || *age >= STALE)),
            history: curve
                .map(|(at, score)| (at.saturating_since(origin).as_secs_f32(), *score))
                .collect(),
            modalities: self
                .modalities
                .values()
                .filter_map(|modality| modality.value.clone())
                .collect(),
        }
    }
}

/// Hundredths, rounded down so that number and word agree. The small addend keeps 0.29 from becoming 28.
fn percent(score: f64) -> u8 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    {
        (score * 100.0 + 1e-9).clamp(0.0, 100.0) as u8
    }
}

fn band(percent: u8) -> Band {
    match percent {
        0..=49 => Band::AtRisk,
        50..=79 => Band::Caution,
        _ => Band::Trusted,
    }
}
