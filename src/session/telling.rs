//! From a server's message to what is shown and spoken: facts are joined, and cards, words and signals follow what
//! looks different.

use super::link::Link;
use super::{Output, Session};
use crate::backend::DecodeError;
use crate::domain::fact::{Fact, MeetingSaid, Scope, Severity};
use crate::domain::{Change, MediaId, MediaKey, Source, Text};
use crate::json::Value;
use crate::sorted::Set;
use crate::time::Instant;
use crate::toast::{policy, About, Action, Body, Card, Decision, Notice, Saying, Subject};

impl Session {
    pub(super) fn message(&mut self, index: usize, event: &str, args: &[Value], now: Instant) {
        let link = &mut self.links[index];
        link.heard_event(now);
        match link.server.backend().decode(event, args, link.me()) {
            Ok(decoded) => {
                let counters = &mut link.counters;
                counters.events += 1;
                counters.foreign += u64::from(decoded.foreign);
                counters.malformed += u64::from(decoded.dropped);
                if let Some(scope) = decoded.ask {
                    link.want(scope, now);
                }
                if decoded.notice.is_some() {
                    let name = link.server.name.clone();
                    let source = link.source;
                    self.notice(source, About::Server(name), decoded.notice, now);
                }
                let (link, store) = (&mut self.links[index], &self.store);
                let source = link.source;
                let runs = |id: &MediaId| {
                    let id = id.clone();
                    let summary = store.summary(&MediaKey { source, id });
                    summary.is_some_and(|summary| !summary.status.is_ended())
                };
                link.heard_of(decoded.facts.iter().filter_map(Fact::media), runs);
                self.apply(source, decoded.facts, now);
                self.ask_for_unread(index, decoded.unread, now);
            }
            Err(DecodeError::UnknownEvent) => link.heard_unknown(event),
            Err(DecodeError::Foreign) => link.counters.foreign += 1,
            Err(DecodeError::Malformed { media, .. }) => {
                link.counters.malformed += 1;
                self.ask_for_unread(index, media.into_iter().collect(), now);
            }
        }
    }

    /// Something was said of these media that could not be read. Those that nobody knows may be anything: only a known
    /// one is worth a request.
    fn ask_for_unread(&mut self, index: usize, unread: Vec<MediaId>, now: Instant) {
        let source = self.links[index].source;
        let mut known: Set<MediaId> = Set::new();
        for id in unread {
            let key = MediaKey { source, id };
            if self.store.summary(&key).is_some() {
                known.insert(key.id);
            }
        }
        let only = known.pop_first();
        let scope = match (only, known.is_empty()) {
            (None, _) => return,
            (Some(only), true) => Scope::Media(only),
            (Some(_), false) => Scope::List,
        };
        self.links[index].want(scope, now);
    }

    pub(super) fn apply(&mut self, source: Source, mut facts: Vec<Fact>, now: Instant) {
        if let Some(link) = self.link(source) {
            without_viewer(&mut facts, link.viewer());
        }
        let changes = self.store.apply(source, facts, now);
        self.follow(changes, now);
    }

    /// Cards, words and signals follow changes, never messages.
    pub(super) fn follow(&mut self, changes: Vec<Change>, now: Instant) {
        for change in changes {
            if !self.is_elsewhere(&change) {
                let decision = self.policy.decide(&change);
                self.decide(decision, now);
            }
            if let Change::Media {
                key,
                after: Some(after),
                ..
            } = &change
            {
                if !after.status.is_ended() {
                    if let Some(link) = self.link_mut(key.source) {
                        link.snapshots.became_active(now);
                    }
                }
            }
            self.outputs.push_back(Output::Changed(change));
        }
    }

    /// The one way in which anything is shown or said, so that nothing is missing from the activity.
    pub(super) fn decide(&mut self, mut decision: Decision, now: Instant) {
        self.activity.note(&decision, now);
        if let Some(Card::Show(notice) | Card::Update(notice)) = &mut decision.card {
            // A button that does nothing is worse than none.
            if let (Some(Action::Retry), Subject::Media(key)) = (notice.action, &notice.subject) {
                let profile = self.profile(key.source);
                if !profile.is_some_and(|profile| profile.analyzes_again) {
                    notice.action = Some(Action::View);
                }
            }
            // A run falls silent with its server, and is not to blame for it.
            if let (Body::Running(summary), Subject::Media(key)) = (&notice.body, &notice.subject) {
                if !self.link(key.source).is_some_and(Link::is_connected) {
                    notice.body = Body::Paused(summary.clone());
                }
            }
        }
        match decision.card {
            Some(Card::Show(notice)) if self.stands_on_its_page(&notice) => {}
            Some(Card::Show(notice)) => self.toaster.notify(notice, now),
            Some(Card::Update(notice)) => self.toaster.update(notice, now),
            Some(Card::Remove(subject)) => self.toaster.remove(&subject, now),
            None => {}
        }
        if let Some((subject, mut saying)) = decision.saying {
            match (&mut saying, &subject) {
                (Saying::Alert(_, _, named), Subject::Alert { meeting, .. })
                | (Saying::Trust { meeting: named, .. }, Subject::Trust { meeting, .. }) => {
                    let is_only_one = self.is_embedded && self.store.meetings().count() == 1;
                    let is_on_screen = self.shown_meeting.as_ref() == Some(meeting);
                    *named =
                        (!is_only_one && !is_on_screen).then(|| Text::of_id(meeting.id.as_str()));
                }
                _ => {}
            }
            self.announcer.say(subject, saying, now);
        }
    }

    /// Whether it is about something that whoever is here does not see.
    fn is_elsewhere(&self, change: &Change) -> bool {
        let Change::Media { key, .. } = change else {
            return false;
        };
        let is_open = |link: &Link| link.is_open(&key.id);
        self.is_embedded && !self.link(key.source).is_some_and(is_open)
    }

    /// Where its own page is open, an alert stands in that page's list already; one that asks to act is shown all the
    /// same, because the list may be out of sight. Panels have no cards.
    fn stands_on_its_page(&self, notice: &Notice) -> bool {
        if self.is_embedded {
            return !matches!(notice.body, Body::Notice { .. });
        }
        match (&notice.body, &notice.subject) {
            (Body::Alert(severity, _), Subject::Alert { meeting, .. }) => {
                *severity < Severity::High && self.shown_meeting.as_ref() == Some(meeting)
            }
            _ => false,
        }
    }

    pub(super) fn notice(
        &mut self,
        source: Source,
        about: About,
        message: Option<Text>,
        now: Instant,
    ) {
        let notice = policy::notice(source, about.clone(), message.clone());
        let saying = Saying::Notice { about, message };
        self.decide((notice, saying).into(), now);
    }
}

/// This page is in the meeting only to watch: it is not one of its people.
fn without_viewer(facts: &mut Vec<Fact>, viewer: &str) {
    facts.retain_mut(|fact| {
        let Fact::Meeting { said, .. } = fact else {
            return true;
        };
        match said {
            MeetingSaid::Joined(participants) => {
                let participants = participants.iter_mut();
                participants
                    .for_each(|list| list.retain(|participant| participant.as_str() != viewer));
                true
            }
            MeetingSaid::ParticipantJoined { participant, .. }
            | MeetingSaid::ParticipantLeft { participant } => participant.as_str() != viewer,
            _ => true,
        }
    });
}
