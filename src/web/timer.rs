//! The page's clock, and one timer that is set anew after each input.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use gloo_timers::callback::Timeout;

use super::now_millis;
use crate::time::{Instant, Timestamp};

/// How late a timer must be for the page to have been busy or asleep: then messages may wait in the queue behind it,
/// and they prove that a connection lives, so they go first.
const LATE: Duration = Duration::from_millis(500);

/// A day is soon enough for anything, and a browser's timer cannot wait longer than 25 of them.
const LONGEST_MILLIS: u32 = 86_400_000;

/// The one reading of the page's clock.
pub fn clock() -> Instant {
    Instant::from_origin(Duration::from_secs_f64(now_millis().max(0.0) / 1000.0))
}

/// How far the wall clock must run ahead of the page's clock for the device to have slept. Clocks are corrected by less.
const SLEPT_MILLIS: f64 = 5_000.0;

/// Notices that the device slept: the wall clock went on, and the page's clock, which deadlines are measured by, stood
/// still (it does on some systems and not on others).
#[derive(Default)]
pub struct Sleep {
    /// By how much the wall clock was ahead when it was last looked at, in milliseconds.
    ahead: Cell<Option<f64>>,
    /// By how much it was ahead from when on: the first look, and each sleep.
    turns: RefCell<VecDeque<(Instant, f64)>>,
}

/// Sleeps that are remembered: more than a page that is left open for a month sees.
const MAX_TURNS: usize = 100;

impl Sleep {
    /// Whether it slept since this was last asked.
    pub fn has_slept(&self) -> bool {
        let ahead = js_sys::Date::now() - now_millis();
        let before = self.ahead.replace(Some(ahead));
        let has_slept = before.is_some_and(|before| ahead - before > SLEPT_MILLIS);
        if has_slept || before.is_none() {
            let mut turns = self.turns.borrow_mut();
            if turns.len() >= MAX_TURNS {
                turns.pop_front();
            }
            turns.push_back((clock(), ahead));
        }
        has_slept
    }

    /// What the wall clock showed at a moment.
    pub fn wall_time(&self, at: Instant) -> Timestamp {
        let turns = self.turns.borrow();
        let valid = turns.iter().rev().find(|(since, _)| *since <= at);
        let (_, ahead) = valid.or_else(|| turns.front()).copied().unwrap_or_default();
        wall_time(at, ahead)
    }
}

fn wall_time(at: Instant, ahead: f64) -> Timestamp {
    let millis = at.since_origin().as_secs_f64() * 1000.0 + ahead;
    Timestamp::from_unix_millis(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// At most one deadline; cancelled when dropped.
#[derive(Default)]
pub struct Timer {
    timeout: Rc<RefCell<Option<Timeout>>>,
}

impl Timer {
    /// Calls `fire` at `deadline`, or a moment later if the page was busy then. Takes the place of what was set before.
    pub fn set(&self, deadline: Option<Instant>, fire: impl FnOnce() + 'static) {
        let Some(deadline) = deadline else {
            self.timeout.borrow_mut().take();
            return;
        };
        let wait = deadline.saturating_since(clock());
        // Rounded up, so that it is not early and at once set again.
        let millis = u32::try_from(wait.as_micros().div_ceil(1000)).unwrap_or(u32::MAX);
        let place = Rc::downgrade(&self.timeout);
        let timeout = Timeout::new(millis.min(LONGEST_MILLIS), move || {
            if clock().saturating_since(deadline) < LATE {
                return fire();
            }
            if let Some(place) = place.upgrade() {
                let after_messages = Timeout::new(0, fire);
                *place.borrow_mut() = Some(after_messages);
            }
        });
        *self.timeout.borrow_mut() = Some(timeout);
    }
}
