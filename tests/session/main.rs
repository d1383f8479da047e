//! The whole session in virtual time: what a person would see while servers answer, fall silent, lie and come back.
//!
//! [`Rig`](rig::Rig) plays the browser and the server.

mod activity;
mod analysis;
mod connection;
mod meetings;
mod next_person;
mod rig;
mod several;
mod sign_in;
mod triggers;
mod uploads;
