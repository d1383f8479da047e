//! One timer for the next deadline.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use gloo_timers::callback::Timeout;

use super::clock::clock;
use crate::time::Instant;

/// How late a timer must be for the page to have been busy or asleep: then messages may wait in the queue behind it,
/// and they prove that a connection lives, so they go first.
const LATE: Duration = Duration::from_millis(500);

/// A day is soon enough for anything, and a browser's timer cannot wait longer than 25 of them.
const LONGEST_MILLIS: u32 = 86_400_000;

/// At most one deadline; cancelled when dropped.
///
/// Each input moves the deadline, most often to later, and a browser takes longer to set a timer than we take over an
/// event. So a timer that is set for an earlier moment stays: when it fires too early, it is set for what is left.
pub struct Timer {
    me: Weak<Self>,
    /// The browser's timer and when it fires.
    armed: RefCell<Option<(Instant, Timeout)>>,
    deadline: Cell<Option<Instant>>,
    fire: Box<dyn Fn()>,
}

impl Timer {
    /// Calls `fire` at each deadline, or a moment later if the page was busy then.
    pub fn new(fire: impl Fn() + 'static) -> Rc<Self> {
        Rc::new_cyclic(|me| Self {
            me: me.clone(),
            armed: RefCell::default(),
            deadline: Cell::default(),
            fire: Box::new(fire),
        })
    }

    /// Takes the place of the deadline that was set before.
    pub fn set(&self, deadline: Option<Instant>) {
        self.deadline.set(deadline);
        match deadline {
            None => drop(self.armed.take()),
            Some(deadline) => {
                let armed = self.armed.borrow().as_ref().map(|(at, _)| *at);
                if !suffices(armed, deadline) {
                    self.arm(deadline, clock());
                }
            }
        }
    }

    fn arm(&self, at: Instant, now: Instant) {
        // Rounded up, so that it is not early and at once set again.
        let millis = at.saturating_since(now).as_micros().div_ceil(1000);
        let millis =
            u32::try_from(millis).map_or(LONGEST_MILLIS, |millis| millis.min(LONGEST_MILLIS));
        let at = at.min(now + Duration::from_millis(millis.into()));
        let me = self.me.clone();
        let timeout = Timeout::new(millis, move || {
            if let Some(timer) = me.upgrade() {
                timer.woken(at);
            }
        });
        *self.armed.borrow_mut() = Some((at, timeout));
    }

    fn woken(&self, at: Instant) {
        // Kept until the end: it is the callback that runs now.
        let _fired = self.armed.take();
        let Some(deadline) = self.deadline.get() else {
            return;
        };
        let now = clock();
        match woken(at, deadline, now) {
            Woken::Early => self.arm(deadline, now),
            Woken::Due => {
                self.deadline.set(None);
                (self.fire)();
            }
            Woken::Late => {
                let me = self.me.clone();
                let after_messages = Timeout::new(0, move || {
                    if let Some(timer) = me.upgrade() {
                        let _fired = timer.armed.take();
                        timer.deadline.set(None);
                        (timer.fire)();
                    }
                });
                *self.armed.borrow_mut() = Some((now, after_messages));
            }
        }
    }
}

/// Whether a timer that fires at `armed` serves for this deadline.
fn suffices(armed: Option<Instant>, deadline: Instant) -> bool {
    armed.is_some_and(|armed| armed <= deadline)
}

/// What it means that the browser's timer has fired.
#[derive(Debug, PartialEq, Eq)]
enum Woken {
    /// The deadline has moved since.
    Early,
    /// The deadline has come.
    Due,
    /// It has come, and so much later than the timer was set for that messages may wait behind it.
    Late,
}

fn woken(armed: Instant, deadline: Instant, now: Instant) -> Woken {
    if now < deadline {
        Woken::Early
    } else if now.saturating_since(armed) < LATE {
        Woken::Due
    } else {
        Woken::Late
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn a_timer_is_set_anew_only_for_an_earlier_deadline() {
        for (armed, deadline, stays) in [
            (None, 100, false),
            (Some(100), 100, true),
            (Some(100), 25_100, true),
            (Some(100), 99, false),
        ] {
            assert_eq!(
                suffices(armed.map(at), at(deadline)),
                stays,
                "{armed:?} {deadline}"
            );
        }
    }

    #[test]
    fn a_deadline_that_moved_is_waited_for_and_messages_go_before_a_late_one() {
        for (armed, deadline, now, means) in [
            (100, 100, 100, Woken::Due),
            (100, 100, 599, Woken::Due),
            (100, 100, 600, Woken::Late),
            (100, 25_100, 101, Woken::Early),
            // The page slept: that the deadline has only just come says nothing.
            (100, 25_100, 25_099, Woken::Early),
            (100, 25_100, 25_101, Woken::Late),
        ] {
            assert_eq!(
                woken(at(armed), at(deadline), at(now)),
                means,
                "{armed} {deadline} {now}"
            );
        }
    }
}
