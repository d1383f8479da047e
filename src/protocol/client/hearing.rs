//! What the server says: packets, each to the socket of its namespace.

use crate::protocol::backoff::Fault;
use crate::protocol::client::member::Member;
use crate::protocol::client::Client;
use crate::protocol::engine::packet::Data;
use crate::protocol::engine::News;
use crate::protocol::error::{DisconnectReason, ProtocolError, TransportError};
use crate::protocol::event::{Event, ManagerEvent};
use crate::protocol::socket::packet::{Body, Packet};
use crate::protocol::socket::{AckToken, Incoming, SocketId};
use crate::time::Instant;

impl Client {
    pub(super) fn handle_news(&mut self, news: News, now: Instant) {
        match news {
            News::Opened => self.handle_opened(now),
            News::Ping => {
                self.was_useful = true;
                self.tell_manager(ManagerEvent::Ping);
            }
            News::Message(message) => match self.decoder.decode(Data::from(&message), now) {
                Ok(Some(packet)) => {
                    if self.watch.packets {
                        self.tell_manager(ManagerEvent::Packet(packet.clone()));
                    }
                    self.handle_packet(packet, message.size(), now);
                }
                Ok(None) => {}
                Err(error) => self.fail(error, now),
            },
            News::Oversized { size, message } => {
                self.counters.frames_dropped += 1;
                self.counters.protocol_errors += 1;
                let error = ProtocolError::FrameTooLarge(size);
                self.tell_manager(ManagerEvent::ProtocolError(error));
                // The count of the attachments it is one of, or announces, must be kept.
                let skipped = message.map_or(Ok(()), |message| {
                    self.decoder.skip(&Data::from(&message), now)
                });
                if let Err(error) = skipped {
                    self.fail(error, now);
                }
            }
            News::Drained => {}
            News::Upgraded => {
                self.counters.upgrades += 1;
                self.tell_manager(ManagerEvent::Upgraded);
            }
            News::UpgradeFailed => {
                self.counters.upgrade_failures += 1;
                self.tell_manager(ManagerEvent::UpgradeFailed);
            }
            News::Lost(reason) => {
                if let DisconnectReason::ParseError(error)
                | DisconnectReason::TransportError(TransportError::Packet(error)) = &reason
                {
                    self.counters.protocol_errors += 1;
                    let too_large = matches!(error, ProtocolError::FrameTooLarge(_));
                    self.counters.frames_dropped += u64::from(too_large);
                    self.tell_manager(ManagerEvent::ProtocolError(error.clone()));
                }
                self.lose(reason, now);
            }
        }
    }

    fn handle_packet(&mut self, packet: Packet, bytes: usize, now: Instant) {
        let is_it =
            |member: &Member| member.hears() && member.socket.namespace() == packet.namespace;
        let socket = self.members.iter().position(is_it);
        let Some(index) = socket else {
            self.counters.packets_ignored += 1;
            return;
        };
        let is_connected = self.members[index].is_connected();
        match packet.body {
            Body::Connect(_) if is_connected => self.counters.packets_ignored += 1,
            Body::Connect(payload) => {
                let payload = payload.unwrap_or_default();
                let pid = payload.get("pid").as_str();
                match payload.get("sid").as_str() {
                    Some(id) if !id.is_empty() => {
                        self.handle_connected(index, id.to_owned(), pid, now);
                    }
                    _ => self.fail(ProtocolError::NoSessionId, now),
                }
            }
            Body::Disconnect => {
                let reason = DisconnectReason::ServerDisconnect;
                self.set_aside(index, reason, Fault::ServerDisconnect, now);
            }
            Body::ConnectError(refusal) => {
                self.handle_refusal(index, refusal, now);
            }
            Body::Event { event, args } => {
                let incoming = Incoming {
                    event,
                    args,
                    ack: packet.ack,
                };
                if is_connected {
                    self.was_useful = true;
                    self.deliver(index, incoming, now);
                } else {
                    let socket = &mut self.members[index].socket;
                    let dropped = socket.keep_early(incoming, bytes, now);
                    self.counters.messages_dropped += dropped as u64;
                }
            }
            Body::Ack(args) => {
                let socket = &mut self.members[index].socket;
                let Some(id) = packet.ack else {
                    self.counters.packets_ignored += 1;
                    return;
                };
                let ack = if let Some(outgoing) = socket.queue.handle_ack(id) {
                    outgoing.ack
                } else if let Some(ack) = socket.handle_ack(id) {
                    Some(ack)
                } else {
                    self.counters.packets_ignored += 1;
                    return;
                };
                self.was_useful = true;
                if let Some(ack) = ack {
                    self.tell(index, Event::Acked { ack, args });
                }
                self.pump(index, now);
            }
        }
    }

    pub(super) fn deliver(&mut self, index: usize, incoming: Incoming, now: Instant) {
        let member = &mut self.members[index];
        if incoming.ack.is_none() {
            member.socket.recovery.handle_event(&incoming.args, now);
        }
        let session = member.session;
        let ack = incoming.ack.map(|id| AckToken {
            socket: SocketId::at(index),
            session,
            id,
        });
        let message = Event::Message {
            event: incoming.event,
            args: incoming.args,
            ack,
        };
        self.tell(index, message);
    }
}
