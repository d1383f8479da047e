//! Who listens to what.
//!
//! What is told goes to those who were listening when it began to be told, minus those that were dropped meanwhile. No
//! list is borrowed while a listener runs.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use super::connection::Connection;
use crate::json::typed;
use crate::json::Value;
use crate::protocol::{AckToken, DisconnectReason, EventName, ManagerEvent, SocketId, State};

/// What a listener listens to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Event(String),
    Any,
    AnyOutgoing,
    Connect,
    Disconnect,
    ConnectError,
    State,
    Dropped,
    Malformed,
    Manager,
}

impl Kind {
    /// An event of the server.
    pub fn of(event: impl Into<EventName>) -> Self {
        Self::Event(event.into().to_text())
    }
}

/// What a listener is told.
pub enum Told<'a> {
    Message {
        event: &'a str,
        args: &'a [Value],
        reply: Option<&'a Reply>,
    },
    Sent {
        event: &'a str,
        args: &'a [Value],
    },
    Connect {
        id: &'a str,
        recovered: bool,
    },
    Disconnect(&'a DisconnectReason),
    ConnectError(&'a DisconnectReason),
    State(&'a State),
    Dropped(&'a str),
    Malformed(&'a Malformed),
    Manager(&'a ManagerEvent),
}

/// An event whose arguments a typed listener could not read, or whose answer could not be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Its name.
    pub event: String,
    /// What was expected, and what was found.
    pub error: typed::Error,
}

/// The right to answer one event of the server. The first of its clones that sends has answered; an answer on another
/// connection than the event came on is dropped.
#[derive(Clone)]
pub struct Reply {
    token: Rc<RefCell<Option<AckToken>>>,
    connection: Weak<Connection>,
}

impl Reply {
    pub(super) fn new(token: AckToken, connection: &Weak<Connection>) -> Self {
        Self {
            token: Rc::new(RefCell::new(Some(token))),
            connection: connection.clone(),
        }
    }

    /// Answers with these arguments, now or later. An answer that the server would close on is dropped.
    pub fn send(&self, args: Vec<Value>) {
        let token = self.token.borrow_mut().take();
        if let (Some(token), Some(connection)) = (token, self.connection.upgrade()) {
            // What cannot be sent is the application's to avoid; there is nobody to tell it to.
            let _ = connection.command(|client, now| client.answer(token, args, now));
        }
    }
}

/// A listener, which ends when this is dropped.
#[must_use = "the listener ends when this is dropped; `keep` leaves it to the socket"]
pub struct Subscription {
    connection: Weak<Connection>,
    number: u64,
}

impl Subscription {
    pub(super) fn new(connection: &Rc<Connection>, number: u64) -> Self {
        Self {
            connection: Rc::downgrade(connection),
            number,
        }
    }

    /// Leaves the listener to its socket: it ends with [`off`](super::Socket::off), or with the socket's last handle.
    pub fn keep(mut self) {
        self.connection = Weak::new();
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.upgrade() {
            connection.listeners.remove(self.number);
        }
    }
}

type Callback = Rc<dyn Fn(&Told<'_>)>;

struct Listener {
    number: u64,
    socket: SocketId,
    kind: Kind,
    once: bool,
    callback: Callback,
    /// False once it was dropped, or has heard its one event.
    is_listening: Cell<bool>,
}

/// All listeners of one connection, in the order in which they came.
#[derive(Default)]
pub struct Listeners {
    listeners: RefCell<Vec<Rc<Listener>>>,
    last_number: Cell<u64>,
}

impl Listeners {
    pub fn add(&self, socket: SocketId, kind: Kind, once: bool, callback: Callback) -> u64 {
        let number = self.last_number.get() + 1;
        self.last_number.set(number);
        self.listeners.borrow_mut().push(Rc::new(Listener {
            number,
            socket,
            kind,
            once,
            callback,
            is_listening: Cell::new(true),
        }));
        number
    }

    pub fn remove(&self, number: u64) {
        let dropped = self.take(|listener| listener.number == number);
        for listener in &dropped {
            listener.is_listening.set(false);
        }
    }

    pub fn off(&self, socket: SocketId, kind: &Kind) {
        drop(self.take(|listener| listener.socket == socket && listener.kind == *kind));
    }

    pub fn remove_all_of(&self, socket: SocketId) {
        let dropped = self.take(|listener| listener.socket == socket);
        for listener in &dropped {
            listener.is_listening.set(false);
        }
    }

    /// Tells it to a socket's listeners of these kinds, one kind after the other.
    pub fn tell(&self, socket: SocketId, kinds: &[&Kind], told: &Told<'_>) {
        self.call(kinds, Some(socket), told);
    }

    /// Tells it to all listeners of this kind.
    pub fn tell_all(&self, kind: &Kind, told: &Told<'_>) {
        self.call(&[kind], None, told);
    }

    fn call(&self, kinds: &[&Kind], socket: Option<SocketId>, told: &Told<'_>) {
        let mut present = Vec::new();
        for kind in kinds {
            let listeners = self.listeners.borrow();
            let theirs = listeners.iter().filter(|listener| {
                listener.kind == **kind && socket.is_none_or(|socket| listener.socket == socket)
            });
            present.extend(theirs.cloned());
        }
        for listener in present {
            if !listener.is_listening.get() {
                continue;
            }
            if listener.once {
                self.remove(listener.number);
            }
            (listener.callback)(told);
        }
    }

    /// Takes listeners out. They are handed back so that what they own is dropped when nothing is borrowed: that may be
    /// a socket's last handle.
    fn take(&self, is_it: impl Fn(&Listener) -> bool) -> Vec<Rc<Listener>> {
        let mut taken = Vec::new();
        self.listeners.borrow_mut().retain(|listener| {
            let stays = !is_it(listener);
            if !stays {
                taken.push(listener.clone());
            }
            stays
        });
        taken
    }
}
