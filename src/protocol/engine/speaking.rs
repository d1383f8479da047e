//! What goes out, and when: one place does all that can be done now, and is asked whenever something has changed.

use super::{Engine, Inbox, Stage, Transport};
use crate::protocol::engine::payload;
use crate::protocol::io::{Frame, TransportId};
use crate::protocol::outbox::Outbox;
use crate::time::Instant;

impl Engine {
    /// Does what can be done now: switches transports, sends, asks, closes.
    pub(super) fn pump(&mut self, now: Instant, outbox: &mut Outbox) {
        if !matches!(self.stage, Stage::Open | Stage::Closing(_)) {
            return;
        }
        self.complete_upgrade(outbox);
        match self.transport {
            Some(Transport::WebSocket(id)) => self.pump_websocket(id, outbox),
            Some(Transport::Polling(_)) if self.upgrade.is_switching() => {}
            Some(Transport::Polling(_)) => self.pump_polling(outbox),
            None => {}
        }
        self.begin_probe(now, outbox);
    }

    fn pump_websocket(&mut self, id: TransportId, outbox: &mut Outbox) {
        while let Some(frame) = self.queue.pop() {
            let frame = match frame {
                Frame::Binary(_) if self.config.transports.force_base64 => {
                    Frame::Text(payload::as_text(&frame))
                }
                frame => frame,
            };
            outbox.send(id, frame);
        }
        if matches!(self.stage, Stage::Closing(_)) {
            // A WebSocket that is closed flushes by itself.
            self.abort(outbox);
        }
    }

    fn pump_polling(&mut self, outbox: &mut Outbox) {
        let limit = self.max_payload();
        let (Some(Transport::Polling(polling)), Some(session)) =
            (&mut self.transport, &self.session)
        else {
            return;
        };
        let (config, sid) = (&self.config, session.handshake.sid.as_str());
        let is_closing = matches!(self.stage, Stage::Closing(_));
        if !polling.is_posting() {
            if !self.queue.is_empty() {
                let (body, count) = payload::encode(self.queue.frames(), limit);
                for _ in 0..count {
                    self.queue.pop();
                }
                polling.post(config, sid, body, outbox);
            } else if is_closing && polling.has_said_goodbye() {
                return self.abort(outbox);
            } else if is_closing {
                polling.say_goodbye(config, sid, outbox);
            }
        }
        let has_read_all = matches!(self.inbox, Inbox::Empty);
        if has_read_all && !polling.is_getting() && !polling.has_said_goodbye() {
            polling.get(config, Some(sid), outbox);
        }
    }
}
