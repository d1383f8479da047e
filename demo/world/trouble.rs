//! What goes wrong, as a person switches it: doors that are shut, networks that are gone, tokens that are no good.

use std::time::Duration;

use telltale::protocol::{Page, RequestError};
use telltale::session::{FetchError, Input};

use super::polling::Polled;
use super::{source, World};
use crate::chaos::Chaos;

impl World {
    /// From now on, this.
    pub fn set_chaos(&mut self, chaos: Chaos) {
        self.chaos = chaos;
    }

    /// Stops the servers' doors or opens them again; what works behind them goes on.
    pub fn stop(&mut self, is_stopped: bool) {
        self.is_stopped = is_stopped;
        if is_stopped {
            self.cut();
        }
    }

    /// Takes the device's network away or gives it back.
    pub fn go_offline(&mut self, is_offline: bool) {
        self.is_offline = is_offline;
        if is_offline {
            self.cut();
        }
        self.page(if is_offline {
            Page::Offline
        } else {
            Page::Online
        });
    }

    /// Whoever connects is disconnected at once, and so is whoever is connected.
    pub fn turn_away(&mut self, turns_away: bool) {
        self.turns_away = turns_away;
        if turns_away {
            self.cut();
        }
    }

    /// The servers answer no request, and say what happens all the same.
    pub fn fail_requests(&mut self, fails_requests: bool) {
        self.fails_requests = fails_requests;
    }

    /// No token is good any more, and whoever is connected is thrown out.
    pub fn expire(&mut self) {
        for host in &mut self.hosts {
            host.token = None;
        }
        self.cut();
    }

    /// Every connection breaks; what was under way is lost, and whoever waits for an answer is told so.
    pub(super) fn cut(&mut self) {
        for index in 0..self.hosts.len() {
            let Some(socket) = self.hosts[index].socket.take() else {
                continue;
            };
            let source = source(index);
            self.arriving.retain(|(_, input)| {
                !matches!(input, Input::Opened(_, of) | Input::Received(_, of, _) | Input::Responded(_, of, ..) if *of == socket.transport)
            });
            let closed = match socket.polled.map(Polled::waiting) {
                None => Input::Closed(source, socket.transport, self.lost()),
                Some(Some(request)) => {
                    let failed = Err(RequestError::Network);
                    Input::Responded(source, socket.transport, request, failed)
                }
                // The next request will be told.
                Some(None) => continue,
            };
            self.send(Duration::ZERO, closed);
        }
        for (_, input) in &mut self.arriving {
            match input {
                Input::Answered(_, answer) => *answer = Err(FetchError::Network),
                Input::UploadAnswered(_, answer) => *answer = Err(FetchError::Network),
                _ => {}
            }
        }
    }

    pub(super) fn is_gone(&self) -> bool {
        self.is_stopped || self.is_offline
    }
}
