//! What waits for a transport that can take it.
//!
//! A WebSocket takes everything at once. Polling takes one body at a time, and nothing while a connection changes from
//! one to the other. Bounded by what is emitted meanwhile: a session that cannot send dies of the pong it owes.

use std::collections::VecDeque;

use crate::protocol::io::Frame;

/// The number of a packet that waits. Later ones have larger numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// Packets in the order in which they were sent.
#[derive(Default)]
pub struct Queue {
    parcels: VecDeque<Parcel>,
    tickets: u64,
}

/// The frames of one packet: a text and its attachments. They may go in several bodies, but nothing comes between.
struct Parcel {
    ticket: Ticket,
    frames: VecDeque<Frame>,
    /// Whether none of them is gone yet.
    is_whole: bool,
}

impl Queue {
    /// Appends a packet.
    pub fn push(&mut self, frames: Vec<Frame>) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        if !frames.is_empty() {
            self.parcels.push_back(Parcel {
                ticket,
                frames: frames.into(),
                is_whole: true,
            });
        }
        ticket
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parcels.is_empty()
    }

    /// All frames, in order.
    pub fn frames(&self) -> impl Iterator<Item = &Frame> {
        self.parcels.iter().flat_map(|parcel| &parcel.frames)
    }

    /// Takes the first frame out.
    pub fn pop(&mut self) -> Option<Frame> {
        let parcel = self.parcels.front_mut()?;
        let frame = parcel.frames.pop_front();
        parcel.is_whole = false;
        if parcel.frames.is_empty() {
            self.parcels.pop_front();
        }
        frame
    }

    /// The oldest packet of which nothing is gone yet.
    #[must_use]
    pub fn oldest_whole(&self) -> Option<Ticket> {
        self.whole().next()
    }

    /// Empties the queue and gives the packets of which no transport was given anything, oldest first: they have
    /// certainly not arrived, so they may be sent again.
    #[must_use]
    pub fn take_whole(&mut self) -> Vec<Ticket> {
        let whole = self.whole().collect();
        self.parcels.clear();
        whole
    }

    fn whole(&self) -> impl Iterator<Item = Ticket> + '_ {
        let whole = self.parcels.iter().filter(|parcel| parcel.is_whole);
        whole.map(|parcel| parcel.ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_begun_to_go_is_not_given_back() {
        let mut queue = Queue::default();
        queue.push(vec![frame("begun"), frame("rest")]);
        let whole = queue.push(vec![frame("whole"), frame("rest")]);
        let last = queue.push(vec![frame("last")]);
        assert_eq!(queue.frames().count(), 5);

        assert_eq!(queue.pop(), Some(frame("begun")));

        assert_eq!(queue.oldest_whole(), Some(whole));
        assert_eq!(queue.take_whole(), [whole, last]);
        assert!(queue.is_empty());
        assert_eq!(queue.oldest_whole(), None);
    }

    fn frame(text: &str) -> Frame {
        Frame::Text(text.into())
    }
}
