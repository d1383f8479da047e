//! What waits for a transport that can take it.
//!
//! A WebSocket takes everything at once. Polling takes one body at a time, and nothing while a connection changes from
//! one to the other. Bounded by what is emitted meanwhile: a session that cannot send dies of the pong it owes.

use std::collections::VecDeque;

use crate::protocol::io::Frame;
use crate::protocol::socket::{Outgoing, SocketId};

/// Packets in the order in which they were sent.
#[derive(Default)]
pub struct Queue {
    parcels: VecDeque<Parcel>,
}

/// The frames of one packet: a text and its attachments. They may go in several bodies, but nothing comes between.
struct Parcel {
    frames: VecDeque<Frame>,
    /// Whose event this is, as long as no frame of it is gone. Nobody wants a control packet back.
    emit: Option<Outgoing>,
}

impl Queue {
    /// Appends an event of the application, in these frames.
    pub fn push(&mut self, outgoing: Outgoing, frames: Vec<Frame>) {
        self.parcels.push_back(Parcel {
            frames: frames.into(),
            emit: Some(outgoing),
        });
    }

    /// Appends any other packet; one without frames is none.
    pub fn push_control(&mut self, frames: Vec<Frame>) {
        if frames.is_empty() {
            return;
        }
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
        let unsent = self.parcels.drain(..).filter_map(|parcel| parcel.emit);
        unsent.collect()
    }

    /// The same of one socket; what is the others' stays.
    #[must_use]
    pub fn take_unsent_of(&mut self, socket: SocketId) -> Vec<Outgoing> {
        let is_its = |outgoing: &Outgoing| outgoing.socket == socket;
        let mut unsent = Vec::new();
        self.parcels.retain_mut(|parcel| {
            let emit = parcel.emit.take_if(|emit| is_its(emit));
            let stays = emit.is_none();
            unsent.extend(emit);
            stays
        });
        unsent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_begun_to_go_and_what_is_nobodys_event_is_not_given_back() {
        let mut queue = Queue::default();
        push(&mut queue, 0, "begun", 2);
        queue.push_control(vec![frame("3")]);
        push(&mut queue, 0, "whole", 2);
        push(&mut queue, 0, "last", 1);
        assert_eq!(queue.frames().count(), 6);

        assert_eq!(queue.pop(), Some(frame("begun0")));
        let unsent = queue.take_unsent();

        assert_eq!(names(&unsent), ["whole", "last"]);
        assert!(queue.is_empty());
    }

    #[test]
    fn a_packet_that_could_not_be_written_holds_nothing_up() {
        let mut queue = Queue::default();
        queue.push_control(vec![]);
        assert!(queue.is_empty());
        queue.push_control(vec![frame("3")]);

        assert_eq!(queue.pop(), Some(frame("3")));
    }

    #[test]
    fn what_is_one_sockets_is_given_back_and_what_has_begun_and_the_others_stay() {
        let mut queue = Queue::default();
        push(&mut queue, 1, "begun", 2);
        push(&mut queue, 1, "mine", 2);
        queue.push_control(vec![frame("3")]);
        push(&mut queue, 0, "other", 1);
        queue.pop();

        let unsent = queue.take_unsent_of(SocketId::at(1));

        assert_eq!(names(&unsent), ["mine"]);
        let frames: Vec<_> = queue.frames().cloned().collect();
        assert_eq!(frames, ["begun1", "3", "other0"].map(frame));
    }

    fn push(queue: &mut Queue, socket: usize, event: &str, frames: usize) {
        let frames = (0..frames).map(|n| frame(&format!("{event}{n}"))).collect();
        queue.push(Outgoing::unwritten(SocketId::at(socket), event), frames);
    }

    fn names(unsent: &[Outgoing]) -> Vec<&str> {
        let names = unsent.iter().map(|outgoing| outgoing.event.as_str());
        names.collect()
    }

    fn frame(text: &str) -> Frame {
        Frame::Text(text.into())
    }
}
