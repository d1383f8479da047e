//! The cases, a file a letter.

mod acks;
mod binary;
mod buffers;
mod connect;
mod events;
mod handshake;
mod heartbeat;
mod polling;
mod reconnection;
mod recovery;
mod safety;

use crate::runner::{Case, Section};

/// All of them: 190.
pub const SECTIONS: &[Section] = &[
    section('H', 14, handshake::CASES),
    section('C', 25, connect::CASES),
    section('E', 19, events::CASES),
    section('A', 17, acks::CASES),
    section('B', 23, binary::CASES),
    section('G', 14, heartbeat::CASES),
    section('X', 17, reconnection::CASES),
    section('Q', 16, buffers::CASES),
    section('S', 8, recovery::CASES),
    section('P', 27, polling::CASES),
    section('L', 10, safety::CASES),
];

const fn section(letter: char, count: usize, cases: &'static [Case]) -> Section {
    Section {
        letter,
        count,
        cases,
    }
}
