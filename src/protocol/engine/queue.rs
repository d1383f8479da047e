//! What waits for a transport that can take it.
//!
//! A WebSocket takes everything at once. Polling takes one body at a time, and nothing while a connection changes from
//! one to the other. Bounded by what is emitted meanwhile: a session that cannot send dies of the pong it owes.

use std::collections::VecDeque;

use crate::protocol::io::Frame;
use crate::protocol::socket::{AckId, Outgoing};

/// Packets in the order in which they were sent.
#[derive(Default)]
pub struct Queue {
    parcels: VecDeque<Parcel>,
}

/// The frames of one packet: a text and its attachments. They may go in several bodies, but nothing comes between.
struct Parcel {
    frames: VecDeque<Frame>,
    /// Whose event this is, as long as no frame of it is gone. Nobody wants a control packet back.
    emit: Option<(String, Option<AckId>)>,
}

impl Queue {
    /// Appends an event of the application.
    pub fn push(&mut self, outgoing: Outgoing) {
        self.parcels.push_back(Parcel {
            frames: outgoing.frames.into(),
            emit: Some((outgoing.event, outgoing.ack)),
        });
    }

    /// Appends any other packet.
    pub fn push_control(&mut self, frames: Vec<Frame>) {
        self.parcels.push_back(Parcel {
            frames: frames.into(),
            emit: None,
        });
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
        parcel.emit = None;
        if parcel.frames.is_empty() {
            self.parcels.pop_front();
        }
        frame
    }

    /// Empties the queue and gives back the events of which no transport was given anything, oldest first: they have
    /// certainly not arrived, so they may be sent again.
    #[must_use]
    pub fn take_unsent(&mut self) -> Vec<Outgoing> {
        let unsent = self.parcels.drain(..).filter_map(|parcel| {
            let (event, ack) = parcel.emit?;
            Some(Outgoing {
                event,
                frames: parcel.frames.into(),
                ack,
            })
        });
        unsent.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_begun_to_go_and_what_is_nobodys_event_is_not_given_back() {
        let mut queue = Queue::default();
        queue.push(event("begun", 2));
        queue.push_control(vec![frame("3")]);
        queue.push(event("whole", 2));
        queue.push(event("last", 1));
        assert_eq!(queue.frames().count(), 6);

        assert_eq!(queue.pop(), Some(frame("begun0")));
        let unsent: Vec<_> = (queue.take_unsent().into_iter())
            .map(|outgoing| (outgoing.event, outgoing.frames.len()))
            .collect();

        assert_eq!(unsent, [("whole".to_owned(), 2), ("last".to_owned(), 1)]);
        assert!(queue.is_empty());
    }

    fn event(name: &str, frames: usize) -> Outgoing {
        let frames = (0..frames).map(|n| frame(&format!("{name}{n}"))).collect();
        Outgoing {
            event: name.into(),
            frames,
            ack: None,
        }
    }

    fn frame(text: &str) -> Frame {
        Frame::Text(text.into())
    }
}
