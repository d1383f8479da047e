//! What is to be done next, in order, and the numbers under which it is reported on.

use std::collections::VecDeque;

use crate::protocol::error::Refusal;
use crate::protocol::event::{Event, ManagerEvent};
use crate::protocol::io::{Frame, Output, Request, RequestId, TransportId};
use crate::protocol::socket::{AuthId, SocketId};

/// The outputs of one client. Its halves write into the same one, so that what is done and what is told keep their
/// order.
pub struct Outbox {
    outputs: VecDeque<Output>,
    transports: u64,
    requests: u64,
    seed: u64,
}

impl Outbox {
    /// Nothing to do. The seed makes the cache-busters of two clients differ.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            outputs: VecDeque::new(),
            transports: 0,
            requests: 0,
            seed,
        }
    }

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

    /// A new transport, of which nobody has heard yet.
    pub fn transport(&mut self) -> TransportId {
        self.transports += 1;
        TransportId(self.transports)
    }

    /// Opens a WebSocket.
    pub fn open(&mut self, url: String) -> TransportId {
        let transport = self.transport();
        self.outputs.push_back(Output::Open { transport, url });
        transport
    }

    /// The number of a new request.
    pub fn request_id(&mut self) -> RequestId {
        self.requests += 1;
        RequestId(self.requests)
    }

    /// Eight characters that no other request of this client has, for caches on the way that do not obey.
    #[must_use]
    pub fn cache_buster(&self, request: RequestId) -> String {
        // An odd factor permutes the numbers below 2⁴¹, of which each has its own eight digits.
        let mut number = (request.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ self.seed) % (1 << 41);
        let mut digits = String::with_capacity(8);
        for _ in 0..8 {
            // 0 to 35 is a digit or a letter.
            let digit = u32::try_from(number % 36).ok();
            digits.extend(digit.and_then(|digit| char::from_digit(digit, 36)));
            number /= 36;
        }
        digits
    }

    /// Makes a request.
    pub fn request(&mut self, transport: TransportId, request: Request) {
        let output = Output::Request { transport, request };
        self.outputs.push_back(output);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_cache_busters_of_a_client_are_alike() {
        for seed in [0, 7, u64::MAX] {
            let mut outbox = Outbox::new(seed);

            let mut made: Vec<_> = (0..10_000)
                .map(|_| {
                    let id = outbox.request_id();
                    outbox.cache_buster(id)
                })
                .collect();

            assert!(made.iter().all(|t| t.len() == 8
                && t.bytes()
                    .all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())));
            made.sort_unstable();
            made.dedup();
            assert_eq!(made.len(), 10_000);
        }
    }
}
