//! Requests that a session has made, and what their answers come to.

use super::snapshots::RequestId;
use super::unheard::has_moved_on;
use super::{Answer, FetchError, HttpRequest, Output, Session, Ticket};
use crate::backend::Refusal;
use crate::domain::fact::Scope;
use crate::domain::{Change, MediaId, MediaKey, Source, Text};
use crate::time::Instant;
use crate::toast::About;

/// Another analysis that is asked for.
pub(super) struct Again {
    /// With which of its server's tokens.
    pub token: u32,
    /// When a server that has not answered will not.
    pub until: Instant,
}

impl Session {
    pub(super) fn answered(
        &mut self,
        ticket: Ticket,
        answer: Result<Answer, FetchError>,
        now: Instant,
    ) {
        match ticket {
            Ticket::Snapshot(source, id) => self.snapshot_answered(source, id, answer, now),
            Ticket::SignIn(source, attempt) => self.sign_in_answered(source, attempt, answer, now),
            Ticket::AnalyzeAgain(key) => {
                // Forgotten with whoever asked.
                if let Some(again) = self.again.remove(&key) {
                    let change = Change::Details(key.clone());
                    self.outputs.push_back(Output::Changed(change));
                    self.again_answered(key, &again, answer, now);
                }
            }
            // That it plays is seen in the meeting itself; that it does not has to be said.
            Ticket::Scenario(key) => {
                let refusal = match answer {
                    Ok(answer) => Refusal::of(answer.status, &answer.json()),
                    Err(error) => Some(not_read(error)),
                };
                if let Some(refusal) = refusal {
                    self.notice(key.source, About::Scenario, said_by(&refusal), now);
                }
            }
        }
    }

    fn again_answered(
        &mut self,
        key: MediaKey,
        again: &Again,
        answer: Result<Answer, FetchError>,
        now: Instant,
    ) {
        let Some(link) = self.link(key.source) else {
            return;
        };
        let said = match answer {
            Ok(answer) => {
                let body = answer.json();
                (link.server.backend()).analyzing_again(answer.status, &body)
            }
            Err(error) => Err(not_read(error)),
        };
        match said {
            Ok(facts) => self.apply(key.source, facts, now),
            Err(Refusal::SignedOut(message)) => {
                self.refused_for(key.source, Some(again.token), message, now);
            }
            Err(refusal) => {
                let name = self.store.summary(&key);
                let name = name.and_then(|summary| summary.name.clone());
                let message = said_by(&refusal);
                let about = match message.is_some() {
                    true => About::AnalyzeAgain(key.clone(), name),
                    false => About::NoAnswer(key.clone(), name),
                };
                self.notice(key.source, about, message, now);
            }
        }
        self.want(key.source, Scope::Media(key.id), now);
    }

    /// Servers that have not said in time whether they analyze again will not.
    pub(super) fn pass_again(&mut self, now: Instant) {
        while let Some(key) = (self.again.iter())
            .find(|(_, again)| again.until <= now)
            .map(|(key, _)| key.clone())
        {
            let ticket = Ticket::AnalyzeAgain(key);
            self.outputs.push_back(Output::Abort(ticket.clone()));
            self.answered(ticket, Err(FetchError::Network), now);
        }
    }

    fn snapshot_answered(
        &mut self,
        source: Source,
        id: RequestId,
        answer: Result<Answer, FetchError>,
        now: Instant,
    ) {
        let Some(index) = self.index(source) else {
            return;
        };
        let is_active = self.is_active(source);
        let link = &mut self.links[index];
        let Some(scope) = link.snapshots.scope_of(id) else {
            return;
        };
        // One that is too large to be read was given, and counted.
        let is_unreached = matches!(answer, Err(FetchError::Network)) && !link.is_connected();
        let retry_after = answer.as_ref().ok().and_then(|answer| answer.retry_after);
        let said = match answer {
            Ok(answer) => {
                let body = answer.json();
                link.server.backend().snapshot(&scope, answer.status, &body)
            }
            Err(error) => Err(not_read(error)),
        };
        match said {
            Ok(mut snapshot) => {
                link.snapshots
                    .answered(id, is_active || link.is_delayed(), now);
                let was_verified = link.is_verified();
                link.fetched(id, &mut snapshot, now);
                let changes = self.store.apply_snapshot(source, snapshot, now);
                let is_news = |change: &Change| !matches!(change, Change::Details(_));
                let link = &mut self.links[index];
                let is_deaf = link.is_deaf(now) && changes.iter().any(is_news);
                if was_verified {
                    link.found_unheard(changes.iter().filter_map(moved_on), now);
                }
                self.follow(changes, now);
                if is_deaf {
                    self.links[index].renew(now);
                    self.drain(index, now);
                }
            }
            Err(refusal) => {
                link.snapshots.failed(id, retry_after, now);
                if is_unreached {
                    link.snapshots.unreached();
                }
                self.store.snapshot_failed(source, &scope);
                let is_signed_out = matches!(refusal, Refusal::SignedOut(_));
                if is_signed_out && !link.was_asked_with_token(id) {
                    // Of the token before: it is asked again with the present one.
                    return;
                }
                link.not_fetched(&scope, refusal.message().cloned(), now);
                if let Refusal::SignedOut(message) = refusal {
                    self.refused(source, message, now);
                }
            }
        }
    }

    pub(super) fn fetch_snapshots(&mut self, index: usize, now: Instant) {
        let link = &mut self.links[index];
        if !link.is_admitted() {
            return;
        }
        let source = link.source;
        for (id, scope) in link.snapshots.handle_timeout(self.is_visible, now) {
            link.not_fetched(&scope, None, now);
            self.store.snapshot_failed(source, &scope);
            self.outputs
                .push_back(Output::Abort(Ticket::Snapshot(source, id)));
        }
        while let Some(fetch) = link.snapshots.poll_fetch(now) {
            let request = (link.server.backend()).fetch(&fetch.scope, link.token());
            let Some(request) = request else { continue };
            self.store.snapshot_requested(source, &fetch.scope, now);
            self.outputs.push_back(Output::Fetch {
                ticket: Ticket::Snapshot(source, fetch.id),
                request: HttpRequest::to(&link.server.url, request),
            });
        }
    }
}

/// The media that has moved on, if an event should have told it.
fn moved_on(change: &Change) -> Option<&MediaId> {
    match change {
        Change::Media {
            key,
            before: Some(before),
            after: Some(after),
        } if has_moved_on(before, after) => Some(&key.id),
        _ => None,
    }
}

/// What stands for an answer that did not come, or was too large to be read.
pub(super) fn not_read(error: FetchError) -> Refusal {
    match error {
        FetchError::Network => Refusal::Server {
            status: 0,
            message: None,
        },
        FetchError::TooLarge => Refusal::Malformed {
            field: "body",
            found: "too much",
        },
    }
}

/// What the server said, if it answered with words or with a status that says so.
pub(super) fn said_by(refusal: &Refusal) -> Option<Text> {
    let status = || match refusal {
        Refusal::Server { status, .. } | Refusal::Rejected { status, .. } => Some(*status),
        Refusal::TooMany(_) => Some(429),
        Refusal::TooLarge(_) => Some(413),
        Refusal::Credentials(_) | Refusal::SignedOut(_) => Some(401),
        Refusal::Malformed { .. } => None,
    };
    let said = || {
        let status = status().filter(|status| *status != 0)?;
        Text::message(&format!("HTTP {status}"))
    };
    refusal.message().cloned().or_else(said)
}
