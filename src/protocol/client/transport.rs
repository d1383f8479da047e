//! Between the driver and the engine: whose input it is, and the news that comes of it.

use crate::protocol::client::Client;
use crate::protocol::engine::Engine;
use crate::protocol::error::DisconnectReason;
use crate::protocol::io::{Input, State, TransportId};
use crate::protocol::outbox::Outbox;
use crate::protocol::socket::Outgoing;
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
                report(engine, input, now, &mut self.outbox);
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
            Input::Opened(_) => self.check_liveness(now),
            Input::Received(..) | Input::Responded(..) => self.check_attempt(now),
            _ => {}
        }
        if let Some(engine) = &mut self.engine {
            report(engine, input, now, &mut self.outbox);
        }
        self.hear(now);
    }

    /// Ends the transports that have lasted or been silent too long.
    pub(super) fn check_transports(&mut self, now: Instant) {
        for engine in [&mut self.engine, &mut self.leaving].into_iter().flatten() {
            engine.handle_timeout(now, &mut self.outbox);
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
    /// be something to say; with a word in passing where the server is there and the session is of no more use.
    pub(super) fn let_go(&mut self, mut engine: Engine, reason: &DisconnectReason, now: Instant) {
        match reason {
            DisconnectReason::ClientDisconnect => engine.close(now, &mut self.outbox),
            DisconnectReason::ServerDisconnect
            | DisconnectReason::Refused(_)
            | DisconnectReason::ParseError(_)
            | DisconnectReason::ConnectTimeout
            | DisconnectReason::Leaving => {
                self.take_back(engine.take_unsent(), now);
                engine.leave(&mut self.outbox);
            }
            _ => {
                self.take_back(engine.take_unsent(), now);
                engine.abort(&mut self.outbox);
            }
        }
        self.memory = engine.memory();
        if !engine.is_over() {
            // Two at once are one too many: the older one has had its time.
            if let Some(mut older) = self.leaving.replace(engine) {
                older.abort(&mut self.outbox);
            }
        }
    }

    /// What was emitted and not sent waits for the next connection.
    pub(super) fn take_back(&mut self, unsent: Vec<Outgoing>, now: Instant) {
        for outgoing in unsent {
            let index = outgoing.socket.index();
            for dropped in self.members[index].socket.take_back(outgoing, now) {
                self.drop_emit(index, dropped);
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
        if self.leaving.as_ref().is_some_and(Engine::is_over) {
            self.leaving = None;
        }
        let opening = self.engine.as_ref().and_then(Engine::opening_until);
        for member in &mut self.members {
            if let (State::Opening { until, .. }, Some(opening)) = (&mut member.state, opening) {
                *until = opening;
            }
        }
    }
}

fn owns(engine: Option<&Engine>, transport: TransportId) -> bool {
    engine.is_some_and(|engine| engine.owns(transport))
}

fn report(engine: &mut Engine, input: Input, now: Instant, outbox: &mut Outbox) {
    match input {
        Input::Opened(transport) => engine.handle_opened(transport, outbox),
        Input::Received(transport, frame) => engine.handle_frame(transport, frame, now, outbox),
        Input::Closed(transport, closed) => engine.handle_closed(transport, closed, now, outbox),
        Input::Responded(transport, request, response) => {
            engine.handle_response(transport, request, response, now);
        }
        _ => {}
    }
}
