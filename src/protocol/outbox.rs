//! What is to be done next, in order, and the numbers under which it is reported on.

use std::collections::VecDeque;

use crate::protocol::io::{Event, Frame, Output, TransportId};

/// The outputs of one client. Its halves write into the same one, so that what is done and what is told keep their
/// order.
#[derive(Default)]
pub struct Outbox {
    outputs: VecDeque<Output>,
    transports: u64,
}

impl Outbox {
    /// The next output.
    pub fn pop(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Opens a WebSocket.
    pub fn open(&mut self, url: String) -> TransportId {
        self.transports += 1;
        let transport = TransportId(self.transports);
        self.outputs.push_back(Output::Open { transport, url });
        transport
    }

    /// Sends a frame.
    pub fn send(&mut self, transport: TransportId, frame: Frame) {
        self.outputs.push_back(Output::Send { transport, frame });
    }

    /// Closes a transport.
    pub fn close(&mut self, transport: TransportId) {
        self.outputs.push_back(Output::Close { transport });
    }

    /// Tells the application.
    pub fn tell(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }
}
