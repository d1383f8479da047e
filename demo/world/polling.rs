//! HTTP long-polling: packets wait for the request that fetches them.

use std::time::Duration;

use telltale::domain::Source;
use telltale::protocol::{Frame, Request, RequestError, RequestId, Response, TransportId};
use telltale::session::Input;

use super::{source, Socket, World, HANDSHAKE, PING};

/// Between two packets of one body.
const SEPARATOR: &str = "\u{1e}";

/// A connection whose packets are fetched.
#[derive(Default)]
pub struct Polled {
    waiting: Option<RequestId>,
    packets: Vec<String>,
}

impl Polled {
    /// Has a packet wait for the next request.
    pub fn queue(&mut self, frame: &Frame) {
        self.packets.push(match frame {
            Frame::Text(text) => text.clone(),
            Frame::Binary(bytes) => ["b", &base64(bytes)].concat(),
        });
    }

    /// The request that waits for packets.
    pub fn waiting(self) -> Option<RequestId> {
        self.waiting
    }
}

impl World {
    /// A request of the page that sends packets or fetches them. The first one opens the connection.
    pub(super) fn poll(&mut self, source: Source, transport: TransportId, request: Request) {
        let host = usize::from(source.0);
        let way = self.chaos.way();
        let is_known = |socket: &Socket| socket.transport == transport && socket.polled.is_some();
        let is_first = request.method == "GET" && !request.url.contains("&sid=");
        let is_open = self.hosts[host].socket.as_ref().is_some_and(is_known);
        if self.is_gone() || !(is_first || is_open) {
            let failed = Err(RequestError::Network);
            return self.send(way, Input::Responded(source, transport, request.id, failed));
        }
        if is_first {
            self.hosts[host].socket = Some(Socket {
                transport,
                is_connected: false,
                ping_at: self.now + PING,
                polled: Some(Polled {
                    waiting: Some(request.id),
                    packets: vec![HANDSHAKE.to_owned()],
                }),
            });
            return self.answer_poll(host, way);
        }
        if let Some(body) = request.body {
            self.send(
                way,
                responded(source, transport, request.id, "ok".to_owned()),
            );
            for packet in body.split(SEPARATOR) {
                self.hear(host, transport, packet);
            }
            return;
        }
        let socket = self.hosts[host].socket.as_mut();
        if let Some(polled) = socket.and_then(|socket| socket.polled.as_mut()) {
            polled.waiting = Some(request.id);
        }
        self.answer_poll(host, way);
    }

    /// Hands over what waits, if a request waits for it.
    pub(super) fn answer_poll(&mut self, host: usize, way: Duration) {
        let Some(socket) = &mut self.hosts[host].socket else {
            return;
        };
        let transport = socket.transport;
        let Some(polled) = socket
            .polled
            .as_mut()
            .filter(|polled| !polled.packets.is_empty())
        else {
            return;
        };
        if let Some(request) = polled.waiting.take() {
            let body = std::mem::take(&mut polled.packets).join(SEPARATOR);
            self.send(way, responded(source(host), transport, request, body));
        }
    }
}

fn responded(source: Source, transport: TransportId, request: RequestId, body: String) -> Input {
    let response = Response {
        status: 200,
        body,
        retry_after: None,
    };
    Input::Responded(source, transport, request, Ok(response))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = (0..3).fold(0_usize, |number, at| {
            (number << 8) | usize::from(three.get(at).copied().unwrap_or(0))
        });
        for at in 0..4 {
            text.push(match at <= three.len() {
                true => char::from(LETTERS[(number >> (18 - 6 * at)) & 63]),
                false => '=',
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_polling_has_them() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"f", "Zg=="),
            (b"fo", "Zm8="),
            (b"foo", "Zm9v"),
            (&[0xfb, 0xff, 0x00, 0x01], "+/8AAQ=="),
        ] {
            assert_eq!(base64(bytes), text);
        }
    }
}
