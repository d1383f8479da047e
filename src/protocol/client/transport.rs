//! Between the driver and the engine: whose input it is, and the news that comes of it.

use crate::protocol::client::Client;
use crate::protocol::engine::Engine;
use crate::protocol::error::DisconnectReason;
use crate::protocol::io::{Input, State, TransportId};
use crate::time::Instant;

impl Client {
    /// What a transport reports. A frame, or a close, of the present connection is looked at before its silence is
    /// judged.
    pub(super) fn handle_transport(&mut self, input: Input, now: Instant) {
        let transport = match &input {
            Input::Opened(transport)
            | Input::Closed(transport, _)
            | Input::Responded(transport, ..)
            | Input::Received(transport, _) => *transport,
            _ => return,
        };
        if owns(self.leaving.as_ref(), transport) {
            if let Some(engine) = &mut self.leaving {
                report(engine, input, now);
            }
            self.check_liveness(now);
            return;
        }
        if !owns(self.engine.as_ref(), transport) {
            self.counters.stale_inputs += 1;
            self.check_liveness(now);
            return;
        }
        match input {
            Input::Received(..) => self.check_attempt(now),
            Input::Opened(_) => self.check_liveness(now),
            _ => {}
        }
        if let Some(engine) = &mut self.engine {
            report(engine, input, now);
        }
        self.hear(now);
    }

    /// Ends the transports that have lasted or been silent too long.
    pub(super) fn check_transports(&mut self, now: Instant) {
        for engine in [&mut self.engine, &mut self.leaving].into_iter().flatten() {
            engine.handle_timeout(now);
        }
        self.hear(now);
    }

    /// A page that comes back does not trust a connection on which a ping is missing.
    pub(super) fn doubt(&mut self, now: Instant) {
        if let Some(engine) = &mut self.engine {
            engine.doubt(now);
        }
        self.hear(now);
    }

    /// Ends a session whose connection is over for this reason: in order where we end it ourselves, for then there may
    /// be something to say.
    pub(super) fn let_go(&mut self, mut engine: Engine, reason: &DisconnectReason) {
        match reason {
            DisconnectReason::ClientDisconnect => engine.close(&mut self.outbox),
            _ => engine.abort(&mut self.outbox),
        }
        if !engine.is_over() {
            // Two at once are one too many: the older one has had its time.
            if let Some(mut older) = self.leaving.replace(engine) {
                older.abort(&mut self.outbox);
            }
        }
    }

    /// Takes in the engine's news, one at a time: what is done about one may be the end of the rest.
    fn hear(&mut self, now: Instant) {
        while let Some(engine) = &mut self.engine {
            let Some(news) = engine.poll_news(now, &mut self.outbox) else {
                break;
            };
            self.handle_news(news, now);
        }
        if let Some(engine) = &mut self.leaving {
            while engine.poll_news(now, &mut self.outbox).is_some() {}
        }
        self.leaving = self.leaving.take().filter(|engine| !engine.is_over());
        if let (State::Opening { until, .. }, Some(engine)) = (&mut self.state, &self.engine) {
            *until = engine.opening_until().unwrap_or(*until);
        }
    }
}

fn owns(engine: Option<&Engine>, transport: TransportId) -> bool {
    engine.is_some_and(|engine| engine.owns(transport))
}

fn report(engine: &mut Engine, input: Input, now: Instant) {
    match input {
        Input::Opened(transport) => engine.handle_opened(transport),
        Input::Received(transport, frame) => engine.handle_frame(transport, frame, now),
        Input::Closed(transport, closed) => engine.handle_closed(transport, closed),
        _ => {}
    }
}
