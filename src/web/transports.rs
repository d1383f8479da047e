//! The transports of one Socket.IO client: its WebSockets and the requests of its polling.
//!
//! They do what the client's outputs say and tell what became of it; they decide nothing. Dropping them closes every
//! socket and aborts every request but the last words of a session.

use std::cell::RefCell;
use std::rc::Rc;

use super::http::Fetch;
use super::websocket::{Socket, Told};
use crate::protocol::{Closed, Frame, Input, Request, RequestId, TransportId};
use crate::sorted::Map;

/// See the module.
pub struct Transports {
    tell: Rc<dyn Fn(Input)>,
    sockets: RefCell<Map<TransportId, Socket>>,
    requests: Rc<RefCell<Map<(TransportId, RequestId), Fetch>>>,
}

impl Transports {
    /// No transports yet. `tell` hears what becomes of them, sometimes before [`open`](Self::open) has returned: it
    /// must put an input aside while another one is handled.
    pub fn new(tell: impl Fn(Input) + 'static) -> Self {
        Self {
            tell: Rc::new(tell),
            sockets: RefCell::default(),
            requests: Rc::default(),
        }
    }

    /// [`Output::Open`](crate::protocol::Output::Open).
    pub fn open(&self, transport: TransportId, url: &str) {
        let tell = self.tell.clone();
        let socket = Socket::open(url, move |told| {
            tell(match told {
                Told::Opened => Input::Opened(transport),
                Told::Received(frame) => Input::Received(transport, frame),
                Told::Closed(closed) => Input::Closed(transport, closed),
            });
        });
        match socket {
            Ok(socket) => {
                self.sockets.borrow_mut().insert(transport, socket);
            }
            // A socket that the browser refuses at once is one that closed.
            Err(reason) => (self.tell)(Input::Closed(transport, Closed { code: None, reason })),
        }
    }

    /// [`Output::Request`](crate::protocol::Output::Request).
    pub fn request(&self, transport: TransportId, request: Request) {
        let (id, is_last) = (request.id, request.keepalive);
        let (tell, requests) = (self.tell.clone(), Rc::downgrade(&self.requests));
        let fetch = Fetch::poll(request, move |response| {
            if let Some(requests) = requests.upgrade() {
                requests.borrow_mut().remove(&(transport, id));
                if !is_last {
                    tell(Input::Responded(transport, id, response));
                }
            }
        });
        if is_last {
            fetch.detach();
        } else {
            self.requests.borrow_mut().insert((transport, id), fetch);
        }
    }

    /// [`Output::Send`](crate::protocol::Output::Send).
    pub fn send(&self, transport: TransportId, frame: &Frame) {
        if let Some(socket) = self.sockets.borrow().get(&transport) {
            socket.send(frame);
        }
    }

    /// [`Output::Close`](crate::protocol::Output::Close).
    pub fn close(&self, transport: TransportId) {
        self.sockets.borrow_mut().remove(&transport);
        (self.requests.borrow_mut()).retain(|(of, _), _| *of != transport);
    }
}
