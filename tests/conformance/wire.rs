//! Blocking sockets for drivers: a WebSocket that is read until it closes, and one HTTP request after the other.
//!
//! Whoever calls has a thread for each, and ends it from outside by cutting its [`Wire`].

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::time::Duration;

use telltale::protocol::{Closed, Frame, RequestError, Response};
use tungstenite::protocol::{Role, WebSocket};
use tungstenite::Message;

/// How long a connection to a port of this machine may take to be made.
const TO_REACH: Duration = Duration::from_secs(5);

/// The connection below a thread, which has it until it is made; shutting it down wakes the thread up.
#[derive(Clone, Default)]
pub struct Wire(std::sync::Arc<std::sync::Mutex<WireState>>);

#[derive(Default)]
enum WireState {
    #[default]
    Waiting,
    Up(TcpStream),
    Cut,
}

impl Wire {
    /// Connects, unless it has been cut already.
    fn connect(&self, url: &str) -> io::Result<TcpStream> {
        let (_, rest) = url.split_once("://").ok_or(io::ErrorKind::InvalidInput)?;
        let authority = rest.split('/').next().unwrap_or(rest);
        let address = authority
            .to_socket_addrs()?
            .next()
            .ok_or(io::ErrorKind::NotFound)?;
        let stream = TcpStream::connect_timeout(&address, TO_REACH)?;
        stream.set_nodelay(true)?;
        let mut state = self.lock();
        if matches!(*state, WireState::Cut) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        *state = WireState::Up(stream.try_clone()?);
        Ok(stream)
    }

    pub fn cut(&self) {
        let mut state = self.lock();
        if let WireState::Up(stream) = &*state {
            let _ = stream.shutdown(Shutdown::Both); // it may be over already
        }
        *state = WireState::Cut;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, WireState> {
        self.0.lock().expect("nobody panics with a wire in hand")
    }
}

/// Opens a WebSocket, hands its writing half over, and hands over what comes, until it closes.
pub fn read_socket(
    url: &str,
    wire: &Wire,
    opened: impl FnOnce(WebSocket<TcpStream>),
    mut received: impl FnMut(Frame),
) -> Closed {
    let mut closed = Closed {
        code: Some(1006),
        reason: String::new(),
    };
    let halves = wire.connect(url).ok().and_then(|stream| {
        let writer = stream.try_clone().ok()?;
        let (reader, _) = tungstenite::client(url, stream).ok()?;
        Some((
            reader,
            WebSocket::from_raw_socket(writer, Role::Client, None),
        ))
    });
    let Some((mut reader, writer)) = halves else {
        return closed;
    };
    opened(writer);
    loop {
        match reader.read() {
            Ok(Message::Text(text)) => received(Frame::Text(text.as_str().to_owned())),
            Ok(Message::Binary(bytes)) => received(Frame::Binary(bytes.to_vec())),
            Ok(Message::Close(frame)) => {
                closed = frame.map_or(Closed::default(), |frame| Closed {
                    code: Some(frame.code.into()),
                    reason: frame.reason.as_str().to_owned(),
                });
                // The next read ends it.
            }
            Ok(_) => {}
            Err(_) => return closed,
        }
    }
}

/// What goes out on a WebSocket.
pub fn message(frame: Frame) -> Message {
    match frame {
        Frame::Text(text) => Message::text(text),
        Frame::Binary(bytes) => Message::binary(bytes),
    }
}

/// One HTTP request. As HTTP/1.0, so that the answer ends with its connection and never comes in chunks.
pub fn ask(
    wire: &Wire,
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
    max_body: usize,
) -> Result<Response, RequestError> {
    let network = |_: io::Error| RequestError::Network;
    let mut stream = wire.connect(url).map_err(network)?;
    let (_, rest) = url.split_once("://").ok_or(RequestError::Network)?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let mut head = format!("{method} {path} HTTP/1.0\r\nHost: {host}\r\nAccept: */*\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if let Some(body) = body {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    head += "\r\n";
    head += body.unwrap_or_default();
    stream.write_all(head.as_bytes()).map_err(network)?;
    read_answer(stream, max_body)
}

fn read_answer(stream: TcpStream, max_body: usize) -> Result<Response, RequestError> {
    const HEAD: usize = 64 * 1024; // far more than any server's headers
    let limit = HEAD.saturating_add(max_body);
    let mut bytes = Vec::new();
    stream
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| RequestError::Network)?;
    let end = b"\r\n\r\n";
    let at = bytes
        .windows(end.len())
        .position(|window| window == end)
        .ok_or(RequestError::Network)?;
    let head = String::from_utf8_lossy(&bytes[..at]);
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let body = &bytes[at + end.len()..];
    let announced = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().ok())?
    });
    if body.len() > max_body || announced.is_some_and(|length| length > max_body) {
        return Err(RequestError::TooLarge);
    }
    if announced.is_some_and(|length| length != body.len()) {
        return Err(RequestError::Network);
    }
    Ok(Response {
        status: status.ok_or(RequestError::Network)?,
        body: String::from_utf8_lossy(body).into_owned(),
        retry_after: None,
    })
}
