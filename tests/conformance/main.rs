//! Does the client behave like a Socket.IO client? 190 cases, each with an id, say so or do not.
//!
//! A case is a row of a table: its id, its claim, where it is proved, and the function that proves it. Three places:
//!
//! - **script**: a server's lines and the client's, in virtual time ([`script`]). `cargo test` runs these.
//! - **peer**: a real `socket.io` server from npm, in a process of its own ([`peer`]), met through real sockets by
//!   [`driver`], which is also the example of how to write another driver.
//! - **browser**: what only Chromium proves. Those tests run elsewhere; their reports are read here ([`report`]).
//!
//! ```text
//! cargo test --test conformance              the scripts
//! cargo test --test conformance -- H01 P07   these cases, wherever they are proved
//! make conformance                           all, and what the browser said
//! make conformance SOAK_SECONDS=3600         the same, with an hour of a bad network
//! ```
//!
//! Where the client differs from `socket.io-client` 4.8 on purpose, the case proves what ours does instead, and the
//! reason is printed. The table of what stands for each test of that client's own suites is `anchor.md` beside this.

#[cfg(not(target_arch = "wasm32"))]
mod anchor;
#[cfg(not(target_arch = "wasm32"))]
mod driver;
#[cfg(not(target_arch = "wasm32"))]
mod peer;
#[cfg(not(target_arch = "wasm32"))]
mod proxy;
#[cfg(not(target_arch = "wasm32"))]
mod report;
#[cfg(not(target_arch = "wasm32"))]
mod runner;
#[cfg(not(target_arch = "wasm32"))]
mod script;
#[cfg(not(target_arch = "wasm32"))]
mod section;
#[cfg(not(target_arch = "wasm32"))]
mod told;
#[cfg(not(target_arch = "wasm32"))]
mod wire;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    runner::main()
}

/// Whoever builds every test for the browser builds this one, too; there it has nothing to say.
#[cfg(target_arch = "wasm32")]
fn main() {}
