//! The connections of a session: the life of the page, what their clients want done, and what they tell.

use std::time::Duration;

use super::link::Link;
use super::state::{Connection, SignIn};
use super::{Output, Session};
use crate::backend;
use crate::domain::fact::Scope;
use crate::domain::{MeetingKey, Source};
use crate::protocol::{self, DisconnectReason, Emit, Event, ManagerEvent, Page};
use crate::time::Instant;
use crate::toast::{Decision, Hold, Saying, Subject};

/// How long ends are collected after a reconnect. A list that has not come by then may never come.
const CATCH_UP: Duration = Duration::from_secs(15);

/// After this long out of sight a page is looked at again as if it had been away: browsers slow it down, and freeze it.
const LONG_HIDDEN: Duration = Duration::from_secs(30);

impl Session {
    pub(super) fn start(&mut self, now: Instant) {
        if self.sign_in == SignIn::NotNeeded {
            self.connect_open_links(now);
        }
    }

    /// Servers that nobody signs in to are connected as soon as the page may be used at all.
    pub(super) fn connect_open_links(&mut self, now: Instant) {
        for index in 0..self.links.len() {
            if !self.links[index].signs_in() {
                self.links[index].connect(now);
                self.drain(index, now);
            }
        }
    }

    pub(super) fn page(&mut self, page: Page, now: Instant) {
        match page {
            Page::Visible => {
                self.is_visible = true;
                self.toaster.release(Hold::Hidden, now);
                self.announcer.set_hidden(false, now);
                self.activity.set_hidden(false);
                let hidden = (self.hidden_since.take()).map(|since| now.saturating_since(since));
                if hidden.is_some_and(|hidden| hidden > LONG_HIDDEN) {
                    self.look_again(now);
                }
            }
            // A page that was frozen got nothing at all. Whether it can be seen now is another question: a browser also
            // wakes those that nobody looks at.
            Page::Restored => {
                self.hidden_since = self.hidden_since.map(|_| now);
                self.look_again(now);
            }
            Page::Hidden => {
                self.is_visible = false;
                self.hidden_since.get_or_insert(now);
                self.toaster.hold(Hold::Hidden, now);
                self.announcer.set_hidden(true, now);
                self.activity.set_hidden(true);
            }
            // The connection may be dead without anybody having found out: what is shown is not called live again
            // before the server's state has come, which it does over a connection of its own.
            Page::Woke => {
                for link in self.links.iter_mut().filter(|link| link.is_connected()) {
                    link.doubt(now);
                    link.want(Scope::List, now);
                }
            }
            // If it comes back, its connection is another one, on which they are joined again.
            Page::Leaving => self.links.iter_mut().for_each(|link| link.part(now)),
            Page::Online | Page::Offline => {}
        }
        for index in 0..self.links.len() {
            let input = protocol::Input::Page(page);
            self.links[index].client.handle_input(input, now);
            self.drain(index, now);
        }
    }

    /// Something may have been missed: what is connected is asked for its list.
    fn look_again(&mut self, now: Instant) {
        for link in self.links.iter_mut().filter(|link| link.is_connected()) {
            link.want(Scope::List, now);
        }
    }

    pub(super) fn drive(&mut self, source: Source, input: protocol::Input, now: Instant) {
        let Some(index) = self.index(source) else {
            return;
        };
        let link = &mut self.links[index];
        let heard = matches!(
            input,
            protocol::Input::Received(..) | protocol::Input::Responded(_, _, Ok(_))
        );
        link.client.handle_input(input, now);
        self.drain(index, now);
        // Only now: the frame that finds out that the page had slept came after the gap.
        if heard {
            self.links[index].heard_at = Some(now);
        }
    }

    pub(super) fn drain(&mut self, index: usize, now: Instant) {
        let source = self.links[index].source;
        while let Some(output) = self.links[index].client.poll_output() {
            let output = match output {
                protocol::Output::Open { transport, url } => Output::Open {
                    source,
                    transport,
                    url,
                },
                protocol::Output::Request { transport, request } => Output::Request {
                    source,
                    transport,
                    request,
                },
                protocol::Output::Send { transport, frame } => Output::Send {
                    source,
                    transport,
                    frame,
                },
                protocol::Output::Close { transport } => Output::Close { source, transport },
                // The token is known before: it is never asked for.
                protocol::Output::Auth { .. } => continue,
                protocol::Output::Event(_, event) => {
                    self.event(index, event, now);
                    continue;
                }
                protocol::Output::Manager(event) => {
                    let is_error = matches!(event, ManagerEvent::ProtocolError(_));
                    self.links[index].counters.protocol_errors += u64::from(is_error);
                    continue;
                }
            };
            self.outputs.push_back(output);
        }
    }

    fn event(&mut self, index: usize, event: Event, now: Instant) {
        let source = self.links[index].source;
        match event {
            Event::Connected { recovered, .. } => {
                if self.links[index].has_been_live() && self.catching_up.is_none() {
                    self.catching_up = Some(now + CATCH_UP);
                    self.policy.begin();
                }
                // What was known of those that stayed open was forgotten when somebody signed out.
                for id in self.links[index].meetings() {
                    let id = id.clone();
                    self.store.open_meeting(MeetingKey { source, id }, now);
                }
                for emit in self.links[index].connected(recovered, now) {
                    self.emit(source, Some(emit), now);
                }
                self.toaster.pause_runs(source, false, now);
                let changes = self.store.connected(source, now);
                self.follow(changes, now);
            }
            Event::Disconnected(reason) => {
                // What we ended ourselves is not lost.
                if reason != DisconnectReason::ClientDisconnect {
                    self.links[index].lost(now);
                    if is_by_server(&reason) {
                        self.links[index].closed_by_server();
                    }
                    self.toaster.pause_runs(source, true, now);
                    self.standing = Standing::Lost;
                    self.decide((Subject::CONNECTION, Saying::ConnectionLost).into(), now);
                }
                let heard = self.links[index].heard_at.unwrap_or(now);
                let changes = self.store.disconnected(source, heard, now);
                self.follow(changes, now);
            }
            Event::ConnectError(_) => {
                if let Some(message) = self.links[index].refusal() {
                    self.refused(source, message, now);
                } else {
                    self.links[index].lost(now);
                    self.toaster.pause_runs(source, true, now);
                }
            }
            Event::Message { event, args, .. } => self.message(index, &event, &args, now),
            // Nothing is emitted that waits for an answer, and state that must reach the server is said again on each
            // connection.
            Event::Acked { .. }
            | Event::AckFailed { .. }
            | Event::EmitDropped { .. }
            | Event::Sent { .. }
            | Event::Reconnecting { .. } => {}
        }
    }

    pub(super) fn emit(&mut self, source: Source, emit: Option<backend::Emit>, now: Instant) {
        let (Some(index), Some(emit)) = (self.index(source), emit) else {
            return;
        };
        // Without a connection it would be said twice: it is said anew on connecting.
        if self.links[index].is_connected() {
            // What a backend says is no reserved name and small; should it be neither, nothing is sent.
            let _ = (self.links[index].client).emit(Emit::new(emit.event, emit.args), now);
            self.drain(index, now);
        }
    }

    /// Compared at every input, whatever it was about: the link that is behind may have been lost again, or its state
    /// may never come.
    pub(super) fn catch_up(&mut self, now: Instant) {
        let Some(until) = self.catching_up else {
            return;
        };
        let is_behind =
            (self.links.iter()).any(|link| link.is_connected() && !link.connection().is_live());
        if is_behind && now < until {
            return;
        }
        self.catching_up = None;
        let decision = self.policy.end();
        if self.standing_of_all(now) == Standing::Live {
            self.standing = Standing::Live;
            self.decide(decision, now);
            return;
        }
        // Nobody is told of a connection that is back, but of each end.
        let ends = decision.ends.clone();
        let decision = Decision {
            saying: None,
            ..decision
        };
        self.decide(decision, now);
        for (key, end) in ends {
            let saying = Saying::Ended(key.source, end);
            self.announcer.say(Subject::Media(key), saying, now);
        }
    }

    /// Compared at every input, too: what is not reached, not fetched or not told becomes old by time alone.
    pub(super) fn tell_standing(&mut self, now: Instant) {
        let standing = self.standing_of_all(now);
        let saying = match standing {
            Standing::Undecided => return,
            // What is back is told with what ended meanwhile.
            Standing::Live if self.catching_up.is_some() => return,
            Standing::Live => Some(Saying::Live),
            Standing::Behind => Some(Saying::NotLive),
            // Each loss is told when it happens.
            Standing::Lost => None,
        };
        if std::mem::replace(&mut self.standing, standing) != standing {
            if let Some(saying) = saying {
                self.decide((Subject::CONNECTION, saying).into(), now);
            }
        }
    }

    /// As the worst of those that are in use. That one has to sign in is told by itself.
    fn standing_of_all(&self, now: Instant) -> Standing {
        let standing = |link: &Link| match link.connection() {
            Connection::Idle | Connection::SignInAgain { .. } => None,
            it if it.is_live() => Some(Standing::Live),
            it if it.is_lost() && link.has_been_live() => Some(Standing::Lost),
            it if it.is_worth_a_word(now) => Some(Standing::Behind),
            _ => Some(Standing::Undecided),
        };
        let all = self.links.iter().filter_map(standing);
        all.max().unwrap_or(Standing::Undecided)
    }
}

/// How all connections together are, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// All are live.
    Live,
    /// One is not yet, and may be soon.
    Undecided,
    /// One never was, or stands and brings nothing.
    Behind,
    /// One that was live is lost.
    Lost,
}

/// Whether the server ended the connection in order: as it does to all of them when it is restarted. One that was cut
/// (1006) may have been ours alone.
fn is_by_server(reason: &DisconnectReason) -> bool {
    match reason {
        DisconnectReason::ServerDisconnect => true,
        DisconnectReason::TransportClose(closed) => closed.code != Some(1006),
        _ => false,
    }
}
