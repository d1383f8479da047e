//! Signing in to every server that asks for it, signing out, and becoming somebody else.
//!
//! One name and one password go to all of them. Someone is signed in as soon as one server says so; nothing of anyone
//! outlives them.

use std::time::Duration;

use super::answers::said_by;
use super::connections::Standing;
use super::link::{Account, Link};
use super::snapshots;
use super::state::{Secret, SignIn, SignInError};
use super::{Answer, FetchError, HttpRequest, Output, Session, Ticket};
use crate::backend::{request, Refusal};
use crate::domain::{Source, Text};
use crate::sorted::{Map, Set};
use crate::time::Instant;
use crate::toast::{policy, Policy, Saying, Subject};

/// The servers are asked who someone is.
#[derive(Default)]
pub(super) struct Asking {
    /// Tells tries apart.
    pub(super) attempt: u32,
    /// Who has not answered yet.
    waiting: Set<Source>,
    /// Who said no.
    refused: Map<Source, SignInError>,
    /// Who said yes.
    accepted: Set<Source>,
    /// When a server that has not answered will not.
    pub(super) until: Option<Instant>,
}

/// How long a server may take to say who someone is: as long as for any request.
const SIGN_IN_TIMEOUT: Duration = snapshots::TIMEOUT;

impl Session {
    pub(super) fn ask_to_sign_in(&mut self, name: &str, password: &str, now: Instant) {
        self.give_up_asking();
        let attempt = self.asking.attempt + 1;
        let mut waiting = Set::new();
        for link in self.links.iter().filter(|link| link.may_sign_in()) {
            let Some(request) = link.server.backend().sign_in(name, password) else {
                continue;
            };
            waiting.insert(link.source);
            self.outputs.push_back(Output::Fetch {
                ticket: Ticket::SignIn(link.source, attempt),
                request: HttpRequest::to(&link.server.url, request),
            });
        }
        if !waiting.is_empty() {
            self.sign_in = SignIn::Asking;
        }
        self.asking = Asking {
            attempt,
            until: (!waiting.is_empty()).then(|| now + SIGN_IN_TIMEOUT),
            waiting,
            ..Asking::default()
        };
    }

    pub(super) fn sign_in_answered(
        &mut self,
        source: Source,
        attempt: u32,
        answer: Result<Answer, FetchError>,
        now: Instant,
    ) {
        if self.asking.attempt != attempt || !self.asking.waiting.remove(&source) {
            return;
        }
        let Some(index) = self.index(source) else {
            return;
        };
        let said = answer.map_err(|error| match error {
            FetchError::Network => SignInError::Unreachable,
            FetchError::TooLarge => SignInError::Unread,
        });
        let said = said.and_then(|answer| {
            let backend = self.links[index].server.backend();
            let said = backend.signed_in(answer.status, &answer.json());
            said.map_err(|refusal| match refusal {
                Refusal::Credentials(_) => SignInError::Credentials,
                other => said_by(&other).map_or(SignInError::Unread, SignInError::Server),
            })
        });
        match said {
            Ok(account) => {
                let who = Account {
                    user: account.user_id,
                    name: account.display_name,
                };
                self.asking.accepted.insert(source);
                if self.links[index].signed_in(account.token, Some(who), now) {
                    self.forget_source(source);
                    self.forget_the_one_before(now);
                }
                self.drain(index, now);
            }
            Err(error) => {
                self.asking.refused.insert(source, error);
            }
        }
        self.settle_sign_in(now);
    }

    /// Someone is signed in as soon as one server says so. A server that says no is shown as one to sign in to again,
    /// and if all that were asked say no, the person hears why.
    fn settle_sign_in(&mut self, now: Instant) {
        if self.asking.waiting.is_empty() {
            self.asking.until = None;
        }
        if self.asking.accepted.is_empty() {
            let refused = self.asking.refused.values().next();
            if let (true, Some(error)) = (self.asking.waiting.is_empty(), refused) {
                self.sign_in = SignIn::Refused(error.clone());
            }
            return;
        }
        for (source, error) in std::mem::take(&mut self.asking.refused) {
            let message = match error {
                SignInError::Credentials => None,
                // It said nothing of the token that it has taken, which is of the same person: another's is forgotten.
                _ if self.link(source).is_some_and(|link| link.is_admitted()) => continue,
                SignInError::Server(message) => Some(message),
                _ => None,
            };
            if let Some(index) = self.index(source) {
                self.links[index].turn_away(message, now);
                self.store.requests_given_up(source);
                self.toaster.pause_runs(source, true, now);
                self.drain(index, now);
            }
        }
        if !matches!(self.sign_in, SignIn::SignedIn { .. }) {
            self.connect_open_links(now);
        }
        self.toaster.remove(&Subject::SIGN_IN, now);
        let name = (self.links.iter())
            .filter(|link| link.signs_in() && link.is_admitted())
            .find_map(|link| link.user_name().cloned());
        self.sign_in = SignIn::SignedIn {
            name: name.unwrap_or_default(),
            person: self.person,
        };
    }

    /// What a server says of a name and a password is of no use any more. Gives back which servers were asked.
    fn give_up_asking(&mut self) -> Set<Source> {
        let waiting = std::mem::take(&mut self.asking.waiting);
        for source in waiting.iter() {
            let ticket = Ticket::SignIn(*source, self.asking.attempt);
            self.outputs.push_back(Output::Abort(ticket));
        }
        waiting
    }

    /// Servers that have not said who someone is in time will not.
    pub(super) fn pass_asking(&mut self, now: Instant) {
        if self.asking.until.is_some_and(|until| until <= now) {
            for source in self.give_up_asking() {
                let error = SignInError::Unreachable;
                self.asking.refused.insert(source, error);
            }
            self.settle_sign_in(now);
        }
    }

    /// Whoever embeds us is responsible for whose token it is. What can be none is no good, as one that has ended.
    pub(super) fn take_token(&mut self, source: Source, token: Secret, now: Instant) {
        let Some(index) = self.index(source) else {
            return;
        };
        if self.links[index].signs_in() && !request::is_token(&token.0) {
            self.refused(source, None, now);
            return self.not_renewed(source, now);
        }
        self.links[index].signed_in(token.0, None, now);
        self.drain(index, now);
        if !matches!(self.sign_in, SignIn::SignedIn { .. }) {
            self.connect_open_links(now);
        }
        self.toaster.remove(&Subject::SIGN_IN, now);
        self.sign_in = SignIn::SignedIn {
            name: Text::default(),
            person: self.person,
        };
    }

    /// The server refused a request that was made with its token of this number: of a newer one that says nothing.
    pub(super) fn refused_for(
        &mut self,
        source: Source,
        token: Option<u32>,
        message: Option<Text>,
        now: Instant,
    ) {
        if self.link(source).map(Link::token_number) == token {
            self.refused(source, message, now);
        }
    }

    /// The token is no good: the data stay, with their age, until someone signs in.
    pub(super) fn refused(&mut self, source: Source, message: Option<Text>, now: Instant) {
        let Some(index) = self.index(source) else {
            return;
        };
        if !self.links[index].signs_in() {
            return;
        }
        // Another request of before it was known.
        if self.links[index].is_renewing() {
            return;
        }
        self.links[index].refuse(message, now);
        self.store.requests_given_up(source);
        self.toaster.pause_runs(source, true, now);
        self.drain(index, now);
        if !self.links[index].is_renewing() {
            self.tell_to_sign_in(index, now);
        }
    }

    /// Who embeds us has no other token for a server that takes the present one no more.
    pub(super) fn not_renewed(&mut self, source: Source, now: Instant) {
        if let Some(index) = self.index(source) {
            if self.links[index].not_renewed() {
                self.tell_to_sign_in(index, now);
            }
        }
    }

    /// Who embeds us and has not answered in time has no other token.
    pub(super) fn pass_renewal(&mut self, now: Instant) {
        for index in 0..self.links.len() {
            let ends = self.links[index].renewal_ends();
            if ends.is_some_and(|at| at <= now) {
                self.not_renewed(self.links[index].source, now);
            }
        }
    }

    fn tell_to_sign_in(&mut self, index: usize, now: Instant) {
        let was_heard = self.links[index].was_heard();
        let saying = match was_heard {
            true => Saying::SignInExpired,
            false => Saying::SignInNeeded,
        };
        self.decide((policy::signed_out(was_heard), saying).into(), now);
    }

    pub(super) fn sign_out(&mut self, now: Instant) {
        self.outputs.push_back(Output::AbortAll);
        self.asking = Asking {
            attempt: self.asking.attempt + 1,
            ..Asking::default()
        };
        self.uploads.clear();
        for index in 0..self.links.len() {
            self.links[index].sign_out(now);
            self.drain(index, now);
            self.forget_source(self.links[index].source);
        }
        self.forget_what_was_told();
        self.sign_in = SignIn::SignedOut;
    }

    /// It is somebody else: nothing of the one before may stay, here or with the servers that still know that one.
    fn forget_the_one_before(&mut self, now: Instant) {
        self.outputs.push_back(Output::AbortUploads);
        self.uploads.clear();
        self.forget_what_was_told();
        for index in 0..self.links.len() {
            let link = &mut self.links[index];
            link.forget_meetings();
            if self.asking.accepted.contains(&link.source) {
                continue;
            }
            link.sign_out(now);
            // Nobody is signed in to it, but what was joined and acknowledged there was not by whoever comes.
            if !link.signs_in() {
                link.connect(now);
            // Who was asked and has not answered yet may still say yes.
            } else if !self.asking.waiting.contains(&link.source) {
                link.turn_away(None, now);
            }
            self.drain(index, now);
            self.forget_source(self.links[index].source);
        }
    }

    fn forget_source(&mut self, source: Source) {
        // What was asked for with another's token is no answer to whoever comes.
        let asked = self.again.keys().filter(|key| key.source == source);
        for key in asked.cloned().collect::<Vec<_>>() {
            self.again.remove(&key);
            self.outputs
                .push_back(Output::Abort(Ticket::AnalyzeAgain(key)));
        }
        let changes = self.store.forget(source);
        self.outputs
            .extend(changes.into_iter().map(Output::Changed));
    }

    fn forget_what_was_told(&mut self) {
        self.person += 1;
        self.policy = Policy::new();
        self.toaster.clear();
        self.announcer.clear();
        self.activity.clear();
        self.catching_up = None;
        self.standing = Standing::Live;
    }
}
