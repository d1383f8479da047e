//! Telltale shows live analysis of media and meetings as it happens, and never more than it knows.
//!
//! Servers that look for deepfakes work for minutes and report over Socket.IO. This crate is the client for a browser:
//! a single-page application, a widget for pages that exist already, and a library of Leptos hooks, over a Socket.IO
//! client and a model that do no I/O and run natively in tests.
//!
//! # The layers, one way only
//!
//! ```text
//! L0  time  json  sorted
//! L1  protocol              domain                (do not know each other)
//! L2  backend (domain)      toast (domain)
//! L3  session
//! ──────────── below: no clock, no IO, no randomness, no JS, no Leptos ────────────
//! L4  web                   feature `web`
//! L5  ui                    feature `ui`
//! L6  widget, main          features `widget`, `ui`
//! ```
//!
//! | room | what it is |
//! |---|---|
//! | [`time`] | a monotonic instant that is an argument, a server's timestamp that is never a deadline |
//! | [`json`] | the one seam where text becomes a value |
//! | [`sorted`] | maps and sets as sorted vectors: a tenth of the code of trees, which a page has to load |
//! | [`protocol`] | Socket.IO as a state machine: bytes and time in, frames and events out |
//! | [`domain`] | what is known, as a join of facts, and what is shown of it |
//! | [`backend`] | four servers' vocabularies: events and answers into facts |
//! | [`toast`] | which cards are on screen, what is spoken, and what was told |
//! | [`session`] | all of these for all configured servers: the one thing a driver drives |
//! | `web` | the browser: the only clock, timer, seed, sockets and requests; `web::socket_io` is a client for applications |
//! | `ui` | signals, hooks, views |
//! | `widget` | `mount` and its handle, for the npm package |
//!
//! `demo/`, beside the library, is a page with its servers inside of it, and a gallery of each view in each state
//! (`make demo`).
//!
//! # The way of one event: six stops
//!
//! 1. **Frame**: the browser's message becomes an input, with the time (`web::driver`).
//! 2. **Event**: Engine.IO, Socket.IO and JSON are taken off it ([`protocol::Client`]).
//! 3. **Facts**: a vocabulary says what it means ([`backend::Backend::decode`]).
//! 4. **Change**: the facts are joined, and what looks different is told ([`domain::Store::apply`]); a card and a word
//!    follow only if the policy says so ([`toast::Policy`]). A host that listens (`web::Driver::listen`) is told here.
//! 5. **Signal**: what is different is written once in an animation frame (`ui::store`).
//! 6. **DOM**: a view that read the signal is drawn.
//!
//! Stops 2 to 4 happen inside one call of [`session::Session::handle_input`].
//!
//! # The invariants
//!
//! - **Below `web` nobody knows the time, the network, the browser or chance.** Time and bytes are arguments, actions
//!   are return values.
//! - **Only `backend` knows the name of a JSON field or a path.** A fifth server is one new file and one line in
//!   [`backend::Kind`].
//! - **All state change is a join of facts.** Duplicates, reordering, late events and retries cannot corrupt it; only a
//!   snapshot that the page fetched may lower anything.
//! - **A card follows a change of the view, never a message.** A message that changes nothing shows nothing.
//! - **What is shown and what is spoken are two channels.** The cards are no live region; the announcer has a budget.
//! - **No number is invented.** *No data*, *stale*, *retrying*, *not final* and *simulated* are states of their own.
//! - **Only the store writes signals; views only read them.**
//! - **A frame of a connection that is no longer ours changes nothing.**
//! - **Dropping a handle undoes it.** Two widgets on one page share nothing.
//! - **Nothing from the network can panic, overflow, nest or grow without bound.**
//! - **A strict content security policy is enough**: no inline style, no injected markup, no eval.
//!
//! `tests/layers.rs` checks the layers, `tests/session/` shows what a person sees while servers misbehave.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod backend;
pub mod domain;
pub mod json;
pub mod protocol;
pub mod session;
pub mod sorted;
pub mod time;
pub mod toast;
#[cfg(feature = "ui")]
pub mod ui;
#[cfg(feature = "web")]
pub mod web;
#[cfg(feature = "widget")]
pub mod widget;
