//! Telltale.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod backend;
pub mod domain;
pub mod json;
pub mod protocol;
pub mod session;
pub mod time;
pub mod toast;
#[cfg(feature = "ui")]
pub mod ui;
#[cfg(feature = "web")]
pub mod web;
#[cfg(feature = "widget")]
pub mod widget;
