//! What a person does, done.

use super::answers::Again;
use super::link::Link;
use super::snapshots;
use super::state::Command;
use super::{HttpRequest, Output, Session, Ticket};
use crate::domain::Change;
use crate::protocol;
use crate::time::Instant;
use crate::toast::{About, Subject};

impl Session {
    pub(super) fn command(&mut self, command: Command, now: Instant) {
        match command {
            Command::SignIn { name, password } => self.ask_to_sign_in(&name, &password.0, now),
            Command::Token(source, Some(token)) => self.take_token(source, token, now),
            Command::Token(..) => self.sign_out(now),
            Command::OfferRenewal(source) => {
                if let Some(link) = self.link_mut(source) {
                    link.offer_renewal();
                }
            }
            Command::NotRenewed(source) => self.not_renewed(source, now),
            Command::SignOut => {
                self.sign_out(now);
                self.links.iter_mut().for_each(Link::forget_meetings);
            }
            Command::RetryNow => {
                for index in 0..self.links.len() {
                    let input = protocol::Input::RetryNow;
                    self.links[index].snapshots.hurry(now);
                    self.links[index].client.handle_input(input, now);
                    self.drain(index, now);
                }
            }
            Command::Open(key) => {
                let subject = Subject::Media(key.clone());
                self.toaster.suppress(Some(subject), now);
                let emit = (self.link_mut(key.source)).and_then(|link| link.open(&key.id, now));
                self.emit(key.source, emit, now);
            }
            Command::Close(key) => {
                self.toaster.unsuppress(&Subject::Media(key.clone()), now);
                let emit = (self.link_mut(key.source)).and_then(|link| link.close(&key.id));
                self.emit(key.source, emit, now);
            }
            Command::Join(key) => {
                if self.store.open_meeting(key.clone(), now) {
                    let emit = (self.link_mut(key.source)).and_then(|link| link.join(&key.id));
                    self.emit(key.source, emit, now);
                } else {
                    // Joined all the same, it would look watched, and every alert of it would be dropped.
                    self.notice(key.source, About::TooManyMeetings, None, now);
                }
                self.outputs
                    .push_back(Output::Changed(Change::Meeting(key)));
            }
            Command::Leave(key) => {
                let emit = (self.link_mut(key.source)).and_then(|link| link.leave(&key.id));
                self.emit(key.source, emit, now);
                self.store.close_meeting(&key, now);
                // Whoever leaves is done with them. What they told stays on its page and in the activity.
                self.toaster.remove_meeting(&key, now);
                self.outputs
                    .push_back(Output::Changed(Change::Meeting(key)));
            }
            Command::Acknowledge { meeting, group } => {
                let changes = self.store.acknowledge(&meeting, group, now);
                self.toaster
                    .dismiss(&Subject::Alert { meeting, group }, now);
                self.follow(changes, now);
            }
            Command::Unacknowledge { meeting, group } => {
                let changes = self.store.unacknowledge(&meeting, group, now);
                self.follow(changes, now);
            }
            Command::ShowMeeting(shown) => {
                self.shown_meeting = shown;
            }
            Command::Embed => self.is_embedded = true,
            Command::Dismiss(subject) => self.toaster.dismiss(&subject, now),
            Command::Hold(why) => self.toaster.hold(why, now),
            Command::Release(why) => self.toaster.release(why, now),
            // Asked twice, a server says that it will not what it has begun to do.
            Command::AnalyzeAgain(key) if self.again.contains_key(&key) => {}
            Command::AnalyzeAgain(key) => {
                let asked = self.link(key.source).and_then(|link| {
                    let request = link.server.backend().analyze_again(&key.id, link.token())?;
                    let request = HttpRequest::to(&link.server.url, request);
                    Some((request, link.token_number()))
                });
                let (request, token) = asked.unzip();
                if let Some(token) = token {
                    let until = now + snapshots::TIMEOUT;
                    self.again.insert(key.clone(), Again { token, until });
                    let change = Change::Details(key.clone());
                    self.outputs.push_back(Output::Changed(change));
                }
                self.fetch(Ticket::AnalyzeAgain(key), request);
            }
            Command::StartScenario(key) => {
                let request = self.link(key.source).and_then(|link| {
                    let request = link.server.backend().start_scenario(&key.id)?;
                    Some(HttpRequest::to(&link.server.url, request))
                });
                self.fetch(Ticket::Scenario(key), request);
            }
            Command::ForgetUpload(id) => {
                self.uploads.forget(id);
                self.toaster.remove(&Subject::Upload(id.0), now);
            }
            Command::SeeActivity(number) => self.activity.see(number),
            Command::Typed => self.announcer.handle_key(now),
            Command::Announce(level) => self.announcer.set_level(level, now),
            Command::ShowAllToasts(is_wanted) => self.toaster.show_all(is_wanted, now),
        }
    }

    fn fetch(&mut self, ticket: Ticket, request: Option<HttpRequest>) {
        if let Some(request) = request {
            self.outputs.push_back(Output::Fetch { ticket, request });
        }
    }
}
