//! What is to be done next, in order, and the numbers under which it is reported on.

use std::collections::VecDeque;

use crate::protocol::error::Refusal;
use crate::protocol::event::{Event, ManagerEvent};
use crate::protocol::io::{Frame, Output, TransportId};
use crate::protocol::socket::{AuthId, SocketId};

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

    /// Whether something was sent that the driver has not taken yet.
    #[must_use]
    pub fn holds_frames(&self) -> bool {
        let is_frame = |output: &Output| matches!(output, Output::Send { .. });
        self.outputs.iter().any(is_frame)
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

    /// Asks the application for a socket's auth.
    pub fn ask(&mut self, socket: SocketId, request: AuthId, refusal: Option<Refusal>) {
        self.outputs.push_back(Output::Auth {
            socket,
            request,
            refusal,
        });
    }

    /// Tells the application of a socket.
    pub fn tell(&mut self, socket: SocketId, event: Event) {
        self.outputs.push_back(Output::Event(socket, event));
    }

    /// Tells the application of the connection.
    pub fn tell_manager(&mut self, event: ManagerEvent) {
        self.outputs.push_back(Output::Manager(event));
    }
}
