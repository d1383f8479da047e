//! Requests that a session has made, and what their answers come to.

use super::snapshots::RequestId;
use super::{Answer, FetchError, HttpRequest, Output, Session, Ticket};
use crate::backend::Refusal;
use crate::domain::fact::Scope;
use crate::domain::{Change, Source, Text};
use crate::time::Instant;
use crate::toast::About;

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
                let Some(token) = self.again.remove(&key) else {
                    return;
                };
                let Some(link) = self.link(key.source) else {
                    return;
                };
                let said = match answer {
                    Ok(answer) => {
                        let body = answer.json();
                        (link.server.backend()).analyzing_again(answer.status, &body)
                    }
                    Err(_) => Err(unreachable()),
                };
                match said {
                    Ok(facts) => self.apply(key.source, facts, now),
                    Err(Refusal::SignedOut(message)) => {
                        self.refused_for(key.source, Some(token), message, now);
                    }
                    Err(refusal) => {
                        let name = self.store.summary(&key);
                        let name = name.and_then(|summary| summary.name.clone());
                        self.notice(
                            key.source,
                            About::AnalyzeAgain(key.clone(), name),
                            said_by(&refusal),
                            now,
                        );
                    }
                }
                self.want(key.source, Scope::Media(key.id), now);
            }
            // That it plays is seen in the meeting itself; that it does not has to be said.
            Ticket::Scenario(key) => {
                let refusal = match answer {
                    Ok(answer) => Refusal::of(answer.status, &answer.json()),
                    Err(_) => Some(unreachable()),
                };
                if let Some(refusal) = refusal {
                    self.notice(key.source, About::Scenario, said_by(&refusal), now);
                }
            }
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
            Err(_) => Err(unreachable()),
        };
        match said {
            Ok(snapshot) => {
                link.snapshots.answered(id, is_active, now);
                link.fetched(id, &snapshot, now);
                let changes = self.store.apply_snapshot(source, snapshot, now);
                let is_news = |change: &Change| !matches!(change, Change::Details(_));
                let is_deaf = self.links[index].is_deaf(now) && changes.iter().any(is_news);
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
                link.not_fetched(&scope, refusal.message().cloned());
                self.store.snapshot_failed(source, &scope);
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
            link.not_fetched(&scope, None);
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

/// What stands for an answer that did not come.
fn unreachable() -> Refusal {
    Refusal::Server {
        status: 0,
        message: None,
    }
}

/// What the server said, if it did.
fn said_by(refusal: &Refusal) -> Option<Text> {
    match refusal {
        Refusal::Server { status: 0, .. } => None,
        refusal => Some(words_of(refusal)),
    }
}

/// What the server said; of one that said nothing, what that means.
pub(super) fn words_of(refusal: &Refusal) -> Text {
    let said = refusal.message().cloned();
    said.or_else(|| Text::message(&refusal.to_string()))
        .unwrap_or_default()
}
