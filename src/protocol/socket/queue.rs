//! Emits that are sent again until they are answered: one at a time, in order.
//!
//! The answer is the server's callback, whatever it holds: the reference client takes a first argument that is not
//! `null` for a failure and sends again what was answered. Each try has an ack id of its own, as there; an answer to
//! any of them ends it. So **we** send nothing again that we know has arrived, but a server may well get an event
//! twice, where an answer was lost or late: an event that must not count twice needs an id of its own among its
//! arguments.

use std::collections::VecDeque;

use crate::protocol::config::Retries;
use crate::protocol::error::{AckError, EmitError};
use crate::protocol::socket::{AckId, Outgoing};
use crate::time::Instant;

/// What is to be sent, the one that is under way first.
pub struct Queue {
    entries: VecDeque<Entry>,
    bytes: usize,
    max_entries: usize,
    max_bytes: usize,
}

struct Entry {
    outgoing: Outgoing,
    retries: Retries,
    /// The ids under which it went out.
    tries: Vec<u64>,
    /// By when the last try is to be answered; `None` while there is none under way.
    due: Option<Instant>,
}

/// What became of a try that was not answered in time.
pub enum Unanswered {
    /// It is to be sent again.
    Again,
    /// It was the last.
    Failed(Outgoing),
}

impl Queue {
    /// An empty queue with these bounds.
    #[must_use]
    pub fn new(max_entries: usize, max_bytes: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            bytes: 0,
            max_entries,
            max_bytes,
        }
    }

    /// How many emits there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many bytes they have together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Appends an emit.
    ///
    /// # Errors
    /// [`EmitError::QueueFull`]: what is queued has been promised and does not go for what is new.
    pub fn push(&mut self, outgoing: Outgoing, retries: Retries) -> Result<(), EmitError> {
        let bytes = outgoing.size();
        if self.entries.len() >= self.max_entries || bytes > self.max_bytes - self.bytes {
            return Err(EmitError::QueueFull);
        }
        self.bytes += bytes;
        self.entries.push_back(Entry {
            outgoing,
            retries,
            tries: Vec::new(),
            due: None,
        });
        Ok(())
    }

    /// The emit that is to be sent next, unless one is under way.
    #[must_use]
    pub fn next(&self) -> Option<&Outgoing> {
        let first = self.entries.front()?;
        first.due.is_none().then_some(&first.outgoing)
    }

    /// The first emit goes out under this id.
    pub fn handle_sent(&mut self, id: u64, now: Instant) {
        if let Some(first) = self.entries.front_mut() {
            first.tries.push(id);
            first.due = Some(now + first.retries.ack_timeout);
        }
    }

    /// An answer came; gives the emit that it ends.
    pub fn handle_ack(&mut self, id: u64) -> Option<Outgoing> {
        if !self.entries.front()?.tries.contains(&id) {
            return None;
        }
        self.pop()
    }

    /// Ends the try that is under way, if it is due.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Unanswered> {
        let due = self.entries.front()?.due?;
        if now < due {
            return None;
        }
        Some(self.fail_try())
    }

    /// The connection is gone, and with it the answer to the try that is under way.
    pub fn handle_close(&mut self) -> Option<Outgoing> {
        self.entries.front()?.due?;
        match self.fail_try() {
            Unanswered::Failed(outgoing) => Some(outgoing),
            Unanswered::Again => None,
        }
    }

    /// When the try that is under way is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.entries.front()?.due
    }

    /// Takes out the emit with this answer, sent or not.
    pub fn cancel(&mut self, ack: AckId) -> Option<Outgoing> {
        let is_it = |entry: &Entry| entry.outgoing.ack == Some(ack);
        let at = self.entries.iter().position(is_it)?;
        let entry = self.entries.remove(at)?;
        self.bytes -= entry.outgoing.size();
        Some(entry.outgoing)
    }

    /// Takes out the first emit, and says why no answer will come: one that went out may have arrived.
    pub fn give_up(&mut self) -> Option<(Outgoing, AckError)> {
        let error = match self.entries.front()?.tries.is_empty() {
            true => AckError::Dropped,
            false => AckError::Disconnected,
        };
        Some((self.pop()?, error))
    }

    fn pop(&mut self) -> Option<Outgoing> {
        let entry = self.entries.pop_front()?;
        self.bytes -= entry.outgoing.size();
        Some(entry.outgoing)
    }

    fn fail_try(&mut self) -> Unanswered {
        if let Some(first) = self.entries.front_mut() {
            first.due = None;
            // One try more than retries.
            if first.tries.len() > first.retries.count as usize {
                if let Some(outgoing) = self.pop() {
                    return Unanswered::Failed(outgoing);
                }
            }
        }
        Unanswered::Again
    }
}
