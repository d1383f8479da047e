//! One browser WebSocket, owned: dropping it detaches its handlers and closes it.
//!
//! Handlers are detached *before* the close, so nothing of an old connection is ever delivered; the session counts
//! generations anyway. A close is never waited for: on a half-open connection the browser's `close` event does not come
//! (measured: still closing after 40 s).

use js_sys::{ArrayBuffer, JsString, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

use super::handle::EventListener;
use super::message_of;
use crate::protocol::{Closed, Frame};

/// What a socket tells.
pub enum Told {
    /// It is open.
    Opened,
    /// A message came.
    Received(Frame),
    /// It is closed, by whomever.
    Closed(Closed),
}

/// See the module.
pub struct Socket {
    socket: WebSocket,
    listeners: Vec<EventListener>,
}

impl Socket {
    /// Opens a socket; `tell` is called from the browser's events, never from here.
    ///
    /// # Errors
    /// What the browser says when it refuses at once: a bad URL, or `ws:` from a secure page.
    pub fn open(url: &str, tell: impl Fn(Told) + Clone + 'static) -> Result<Self, String> {
        let socket = WebSocket::new(url).map_err(|error| message_of(&error))?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let opened = tell.clone();
        let received = tell.clone();
        let listeners = [
            EventListener::new(&socket, "open", move |_| opened(Told::Opened)),
            EventListener::new(&socket, "message", move |event| {
                if let Some(frame) = frame_of(&event) {
                    received(Told::Received(frame));
                }
            }),
            // `error` says nothing that `close`, which always follows, does not.
            EventListener::new(&socket, "close", move |event| {
                tell(Told::Closed(closed_of(&event)));
            }),
        ];
        Ok(Self {
            socket,
            listeners: listeners.into_iter().flatten().collect(),
        })
    }

    /// Hands a frame to the browser. What cannot be sent because the socket has just died is reported by `close`.
    pub fn send(&self, frame: &Frame) {
        if self.socket.ready_state() != WebSocket::OPEN {
            return;
        }
        // An error here means that the socket is closing, which the `close` event tells.
        let _ = match frame {
            Frame::Text(text) => self.socket.send_with_str(text),
            Frame::Binary(bytes) => self.socket.send_with_u8_array(bytes),
        };
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.listeners.clear();
        let _ = self.socket.close();
    }
}

fn frame_of(event: &web_sys::Event) -> Option<Frame> {
    let data = event.dyn_ref::<MessageEvent>()?.data();
    if let Some(text) = data.dyn_ref::<JsString>() {
        return Some(Frame::Text(text.into()));
    }
    let buffer = data.dyn_ref::<ArrayBuffer>()?;
    Some(Frame::Binary(Uint8Array::new(buffer).to_vec()))
}

fn closed_of(event: &web_sys::Event) -> Closed {
    let event = event.dyn_ref::<CloseEvent>();
    Closed {
        code: event.map(CloseEvent::code),
        reason: event.map(CloseEvent::reason).unwrap_or_default(),
    }
}
