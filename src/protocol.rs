//! A Socket.IO client without IO: Engine.IO protocol 4 and Socket.IO protocol 5 as one state machine.
//!
//! Two halves: [`engine`] keeps one transport alive, [`socket`] speaks of events, acks and namespaces on it. Nothing
//! here reads a clock, opens a socket or draws a random number.

pub mod backoff;
pub mod bounded;
pub mod config;
pub mod endpoint;
pub mod engine;
pub mod error;
pub mod io;
pub mod socket;

pub use config::{Config, Limits, Reconnection, Timeouts};
pub use endpoint::{Endpoint, UrlError};
pub use error::{AckError, DisconnectReason, EmitError, ProtocolError, Refusal};
pub use io::{
    Closed, Counters, Emit, Event, Frame, Input, Output, Page, State, TransportId, TransportKind,
};
pub use socket::{AckId, AckToken};

/// Property tests draw the same cases each time: what fails for one fails for all, and nothing is written to disk.
#[cfg(test)]
fn reproducible() -> proptest::test_runner::Config {
    proptest::test_runner::Config {
        rng_seed: proptest::test_runner::RngSeed::Fixed(2026),
        failure_persistence: None,
        ..proptest::test_runner::Config::default()
    }
}
