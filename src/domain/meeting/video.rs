//! The pictures of a meeting: how many come how fast, and how large they are.
//!
//! **Law:** a picture is told once, and one that is older than what its sender sent last is told never. None is
//! kept, and nobody here looks into the bytes: what they are is the host's to know.

use std::time::Duration;

use crate::domain::fact::VideoFrame;
use crate::domain::view::VideoView;
use crate::domain::ParticipantId;
use crate::sorted::Map;
use crate::time::{Instant, Timestamp};

/// The largest picture that is taken: as much as one Socket.IO packet may bring by default.
pub(super) const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Over how long the rates are measured, in slots of [`SLOT`]: counting the pictures one by one would let a flood of
/// empty ones fill the memory.
pub(super) const WINDOW: Duration = Duration::from_secs(5);
const SLOT: Duration = Duration::from_millis(250);
const SLOTS: usize = 20;
/// A rate needs some time to be one: two pictures in a millisecond are not two thousand a second.
const SHORTEST: Duration = Duration::from_secs(1);
/// Senders whose last time is known. Of one more, a repeated picture is told twice.
pub(super) const MAX_SENDERS: usize = 100;

#[derive(Debug, Default)]
pub(super) struct Video {
    newest_bytes: usize,
    /// When it arrived.
    heard: Option<Instant>,
    /// When the first one after a pause arrived.
    since: Option<Instant>,
    slots: [Slot; SLOTS],
    sent: Map<Option<ParticipantId>, Timestamp>,
}

/// What arrived in one stretch of time.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// Which stretch, counted from the origin.
    number: u128,
    frames: u32,
    bytes: u64,
}

/// What came of one picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is news, and they come already.
    News,
    /// It is news, and the first one, or the first after a pause.
    First,
    /// It is as old as what its sender sent last, or older.
    Old,
    /// It is larger than [`MAX_BYTES`].
    TooLarge,
}

impl Video {
    pub(super) fn take(&mut self, frame: &VideoFrame, now: Instant) -> Taken {
        if frame.bytes.len() > MAX_BYTES {
            return Taken::TooLarge;
        }
        if let Some(at) = frame.at {
            if self
                .sent
                .get(&frame.participant)
                .is_some_and(|sent| at <= *sent)
            {
                return Taken::Old;
            }
            if self.sent.len() >= MAX_SENDERS && !self.sent.contains_key(&frame.participant) {
                let oldest = self.sent.iter().min_by_key(|(_, at)| **at);
                if let Some(oldest) = oldest.map(|(sender, _)| sender.clone()) {
                    self.sent.remove(&oldest);
                }
            }
            self.sent.insert(frame.participant.clone(), at);
        }
        let is_first = self
            .heard
            .is_none_or(|heard| now.saturating_since(heard) >= WINDOW);
        if is_first {
            self.since = Some(now);
        }
        self.heard = Some(now);
        let number = slot_of(now);
        let slot = &mut self.slots[place_of(number)];
        if slot.number != number {
            *slot = Slot {
                number,
                ..Slot::default()
            };
        }
        slot.frames = slot.frames.saturating_add(1);
        slot.bytes = slot.bytes.saturating_add(frame.bytes.len() as u64);
        self.newest_bytes = frame.bytes.len();
        if is_first {
            Taken::First
        } else {
            Taken::News
        }
    }

    /// Nothing was heard for a while: whoever sends now may have another clock. Of before, a picture is told twice at
    /// most.
    pub(super) fn outlive_gap(&mut self) {
        self.sent = Map::new();
    }

    /// `None` if there was never a picture.
    pub(super) fn view(&self, now: Instant) -> Option<VideoView> {
        let age = now.saturating_since(self.heard?);
        let lasted = now.saturating_since(self.since?);
        let span = lasted.clamp(SHORTEST, WINDOW).as_secs_f64();
        let now = slot_of(now);
        let (mut frames, mut bytes) = (0_u32, 0_u64);
        for slot in &self.slots {
            if slot.number + SLOTS as u128 > now {
                frames = frames.saturating_add(slot.frames);
                bytes = bytes.saturating_add(slot.bytes);
            }
        }
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss
        )]
        Some(VideoView {
            frames_per_second: f64::from(frames) / span,
            bytes_per_second: (bytes as f64 / span) as u64,
            newest_bytes: self.newest_bytes,
            silent_for: (age >= WINDOW).then_some(age),
        })
    }
}

fn slot_of(at: Instant) -> u128 {
    at.since_origin().as_millis() / SLOT.as_millis()
}

fn place_of(number: u128) -> usize {
    #[allow(clippy::cast_possible_truncation)]
    {
        (number % SLOTS as u128) as usize
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn rates_are_those_of_the_last_five_seconds() {
        for (millis, bytes, until, frames, rate) in [
            // One alone is one a second, not a thousand.
            (vec![0], 1000, 1, 1.0, 1000),
            (vec![0, 100], 1000, 100, 2.0, 2000),
            // Two seconds of ten a second.
            ((0..20).map(|at| at * 100).collect(), 500, 2_000, 10.0, 5000),
            // A minute of ten a second.
            (
                (0..600).map(|at| at * 100).collect(),
                500,
                59_999,
                10.0,
                5000,
            ),
            // It is over for three seconds: two of five are left.
            (
                (0..600).map(|at| at * 100).collect(),
                500,
                62_999,
                4.0,
                2000,
            ),
            ((0..600).map(|at| at * 100).collect(), 500, 65_000, 0.0, 0),
        ] {
            let mut video = Video::default();
            for at in millis {
                video.take(&frame(None, None, bytes), moment(at));
            }

            let view = video.view(moment(until)).expect("there was one");
            let found = (view.frames_per_second, view.bytes_per_second);
            assert_eq!(found, (frames, rate), "until {until}");
        }
        assert_eq!(Video::default().view(moment(0)), None);
    }

    #[test]
    fn a_picture_is_told_once_and_never_after_a_newer_one_of_its_sender() {
        let mut video = Video::default();
        for (who, at, taken) in [
            (Some("a"), Some(5), Taken::First),
            (Some("a"), Some(5), Taken::Old),
            (Some("a"), Some(4), Taken::Old),
            (Some("b"), Some(4), Taken::News),
            (Some("a"), Some(6), Taken::News),
            // Nobody knows the order of those without a time.
            (Some("a"), None, Taken::News),
            (None, None, Taken::News),
        ] {
            assert_eq!(video.take(&frame(who, at, 1), moment(0)), taken, "{who:?}");
        }
    }

    #[test]
    fn a_picture_after_a_pause_is_a_first_one() {
        let mut video = Video::default();
        for (at, taken, silent_for) in [
            (0, Taken::First, None),
            (4_999, Taken::News, None),
            (9_999, Taken::First, None),
        ] {
            assert_eq!(video.take(&frame(None, None, 1), moment(at)), taken);
            let view = video.view(moment(at)).expect("there was one");
            assert_eq!(view.silent_for, silent_for);
        }
        let silent = video.view(moment(14_999)).expect("there was one");
        assert_eq!(silent.silent_for, Some(WINDOW));
    }

    #[test]
    fn only_the_newest_is_kept_and_none_above_eight_megabytes() {
        for (bytes, taken, kept) in [
            (MAX_BYTES - 1, Taken::News, MAX_BYTES - 1),
            (MAX_BYTES, Taken::News, MAX_BYTES),
            (MAX_BYTES + 1, Taken::TooLarge, 3),
        ] {
            let mut video = Video::default();
            video.take(&frame(None, None, 3), moment(0));

            assert_eq!(video.take(&frame(None, None, bytes), moment(1)), taken);

            assert_eq!(
                video.view(moment(1)).map(|view| view.newest_bytes),
                Some(kept)
            );
        }
    }

    #[test]
    fn senders_without_end_are_forgotten_beginning_with_the_one_that_sent_longest_ago() {
        let mut video = Video::default();
        for index in 0..=MAX_SENDERS {
            let who = format!("p{index}");
            let at = u32::try_from(index).expect("a hundred");
            video.take(&frame(Some(&who), Some(at), 1), moment(0));
        }

        assert_eq!(video.sent.len(), MAX_SENDERS);
        let again = |video: &mut Video, who: &str, at| {
            video.take(&frame(Some(who), Some(at), 1), moment(0))
        };
        assert_eq!(again(&mut video, "p1", 1), Taken::Old);
        assert_eq!(again(&mut video, "p0", 0), Taken::News);
    }

    fn frame(who: Option<&str>, at: Option<u32>, bytes: usize) -> VideoFrame {
        VideoFrame {
            participant: who.and_then(ParticipantId::new),
            at: at.and_then(|at| Timestamp::from_unix_millis(f64::from(at))),
            bytes: Arc::from(vec![0; bytes]),
        }
    }

    fn moment(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }
}
