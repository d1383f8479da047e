//! The polling transport: which of its two requests are under way.
//!
//! One GET waits for what the server has to say, and is made again as soon as it was answered; one POST carries what we
//! have to say. Never two of a kind at once: the server takes that for a broken client and closes the session.

use crate::protocol::config::Config;
use crate::protocol::io::{Request, RequestId, TransportId, TransportKind};
use crate::protocol::outbox::Outbox;

/// See the module.
pub struct Polling {
    /// Its id.
    pub id: TransportId,
    get: Option<RequestId>,
    post: Option<RequestId>,
    has_said_goodbye: bool,
}

/// What a request was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To hear.
    Get,
    /// To speak.
    Post,
}

impl Polling {
    /// Begins a session: the first GET has no session id and is answered with the handshake.
    #[must_use]
    pub fn open(config: &Config, outbox: &mut Outbox) -> Self {
        let mut polling = Self {
            id: outbox.transport(),
            get: None,
            post: None,
            has_said_goodbye: false,
        };
        polling.get(config, None, outbox);
        polling
    }

    /// Whether a GET is under way.
    #[must_use]
    pub fn is_getting(&self) -> bool {
        self.get.is_some()
    }

    /// Whether a POST is under way.
    #[must_use]
    pub fn is_posting(&self) -> bool {
        self.post.is_some()
    }

    /// Whether the close packet is out, after which nothing may be asked or said.
    #[must_use]
    pub fn has_said_goodbye(&self) -> bool {
        self.has_said_goodbye
    }

    /// Asks for packets.
    pub fn get(&mut self, config: &Config, sid: Option<&str>, outbox: &mut Outbox) {
        self.get = Some(self.request(config, sid, None, false, outbox));
    }

    /// Sends a body.
    pub fn post(&mut self, config: &Config, sid: &str, body: String, outbox: &mut Outbox) {
        self.post = Some(self.request(config, Some(sid), Some(body), false, outbox));
    }

    /// Says that the session ends, and will hear whether that arrived.
    pub fn say_goodbye(&mut self, config: &Config, sid: &str, outbox: &mut Outbox) {
        self.has_said_goodbye = true;
        self.post(config, sid, CLOSE.to_owned(), outbox);
    }

    /// Says it in passing, because there is no time left to hear.
    pub fn call_goodbye(&mut self, config: &Config, sid: &str, outbox: &mut Outbox) {
        if !self.has_said_goodbye {
            self.has_said_goodbye = true;
            self.request(config, Some(sid), Some(CLOSE.to_owned()), true, outbox);
        }
    }

    /// A request is answered or has failed; says what it was for, if it is one of those under way.
    pub fn finish(&mut self, request: RequestId) -> Option<Purpose> {
        if self.get == Some(request) {
            self.get = None;
            return Some(Purpose::Get);
        }
        if self.post == Some(request) {
            self.post = None;
            return Some(Purpose::Post);
        }
        None
    }

    fn request(
        &self,
        config: &Config,
        sid: Option<&str>,
        body: Option<String>,
        keepalive: bool,
        outbox: &mut Outbox,
    ) -> RequestId {
        let id = outbox.request_id();
        let cache_buster = outbox.cache_buster(id);
        let mut parameters = vec![("t", cache_buster.as_str())];
        if config.transports.force_base64 {
            parameters.push(("b64", "1"));
        }
        if let Some(sid) = sid {
            parameters.push(("sid", sid));
        }
        let request = Request {
            id,
            method: if body.is_some() { "POST" } else { "GET" },
            url: config.endpoint.url(TransportKind::Polling, &parameters),
            body,
            credentials: config.transports.credentials,
            max_body: config.limits.poll,
            keepalive,
        };
        outbox.request(self.id, request);
        id
    }
}

/// The close packet.
const CLOSE: &str = "1";
