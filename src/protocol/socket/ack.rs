//! Answers: those that are waited for, and the right to give one.

use crate::protocol::socket::SocketId;
use crate::sorted::Map;
use crate::time::Instant;

/// Which of our emits an answer belongs to. No two emits of one client share one, on whichever sockets and connections
/// they go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AckId(pub(in crate::protocol) u64);

/// The right to answer one event of the server once, on the connection it came on. It cannot be copied, so an event
/// cannot be answered twice.
#[derive(Debug, PartialEq, Eq)]
pub struct AckToken {
    pub(in crate::protocol) socket: SocketId,
    /// The number of the socket's CONNECT.
    pub(in crate::protocol) session: u64,
    /// The server's own id.
    pub(in crate::protocol) id: u64,
}

/// The answers that one socket waits for.
///
/// An event gets its id on the wire when it is sent. These ids count on over all connections, as the reference
/// client's do, so an answer of an earlier connection finds nobody.
#[derive(Default)]
pub struct Acks {
    pending: Map<AckId, Pending>,
    next_id: u64,
}

struct Pending {
    deadline: Instant,
    /// The id under which the event went out. One that still waits to be sent survives the end of a connection.
    sent_as: Option<u64>,
}

impl Acks {
    /// Waits for the answer to an event that is not sent yet.
    pub fn insert(&mut self, ack: AckId, deadline: Instant) {
        let sent_as = None;
        self.pending.insert(ack, Pending { deadline, sent_as });
    }

    /// The event goes out; gives its id on the wire.
    pub fn send(&mut self, ack: AckId) -> u64 {
        let id = self.take_id();
        if let Some(pending) = self.pending.get_mut(&ack) {
            pending.sent_as = Some(id);
        }
        id
    }

    /// The event did not go out after all; says whether its answer is still wanted.
    pub fn take_back(&mut self, ack: AckId) -> bool {
        let pending = self.pending.get_mut(&ack);
        pending.map(|pending| pending.sent_as = None).is_some()
    }

    /// The next id on the wire.
    #[must_use]
    pub fn next_id(&self) -> u64 {
        self.next_id
    }

    /// Takes the next id on the wire.
    pub fn take_id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1; // 2⁵³ emits take longer than any page lives
        id
    }

    /// An answer came; says to which event, if that still waits.
    pub fn answer(&mut self, id: u64) -> Option<AckId> {
        let is_it = |(_, pending): &(&AckId, &Pending)| pending.sent_as == Some(id);
        let ack = *self.pending.iter().find(is_it)?.0;
        self.pending.remove(&ack);
        Some(ack)
    }

    /// No longer waits for it; says whether it did.
    pub fn remove(&mut self, ack: AckId) -> bool {
        self.pending.remove(&ack).is_some()
    }

    /// Removes one that is overdue.
    pub fn next_overdue(&mut self, now: Instant) -> Option<AckId> {
        let overdue = |(_, pending): &(&AckId, &Pending)| now >= pending.deadline;
        let ack = *self.pending.iter().find(overdue)?.0;
        self.pending.remove(&ack);
        Some(ack)
    }

    /// Removes those whose event is out.
    #[must_use]
    pub fn take_sent(&mut self) -> Vec<AckId> {
        let sent = (self.pending.iter()).filter(|(_, pending)| pending.sent_as.is_some());
        let sent: Vec<_> = sent.map(|(ack, _)| *ack).collect();
        self.pending.retain(|_, pending| pending.sent_as.is_none());
        sent
    }

    /// When the first one is overdue.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.pending.values().map(|pending| pending.deadline).min()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pending.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }
}
