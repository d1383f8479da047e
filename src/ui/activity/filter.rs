//! Which lines of the activity a person wants to see: the part of the address after `#/activity`.

use crate::backend::request::percent_encoded;
use crate::domain::fact::Severity;
use crate::toast::activity::{Entry, Kind};
use crate::ui::route::decode;

/// The most characters of a search that are kept: an address has its limits, and no name is longer.
const MAX_QUERY: usize = 200;

/// The least severities that are offered.
pub const LEAST: [Severity; 4] = [
    Severity::Low,
    Severity::Medium,
    Severity::High,
    Severity::Critical,
];

/// What is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only lines that name a file or a meeting with this in it.
    pub query: String,
    /// Only lines of this kind.
    pub kind: Option<Kind>,
    /// Only alerts at least as bad as this.
    pub least: Option<Severity>,
}

impl Filter {
    /// Reads a fragment. What nobody can read is not chosen.
    #[must_use]
    pub fn parse(fragment: &str) -> Self {
        let mut filter = Self::default();
        let (_, wishes) = fragment.split_once('?').unwrap_or_default();
        for wish in wishes.split('&') {
            let (name, value) = wish.split_once('=').unwrap_or_default();
            match name {
                "q" => filter.query = bounded(&decode(value)),
                "type" => filter.kind = Kind::ALL.into_iter().find(|kind| kind.name() == value),
                "severity" => {
                    filter.least = LEAST.into_iter().find(|least| least.as_str() == value);
                }
                _ => {}
            }
        }
        filter
    }

    /// The fragment, with its `#`.
    #[must_use]
    pub fn href(&self) -> String {
        let mut href = String::from("#/activity");
        let wishes = [
            (
                "q",
                Some(self.query.as_str()).filter(|query| !query.is_empty()),
            ),
            ("type", self.kind.map(Kind::name)),
            ("severity", self.least.map(Severity::as_str)),
        ];
        let mut before = '?';
        for (name, value) in wishes {
            let Some(value) = value else { continue };
            href.push(before);
            href.push_str(name);
            href.push('=');
            href.push_str(&percent_encoded(value));
            before = '&';
        }
        href
    }

    /// The same with this searched for, as much of it as is kept.
    #[must_use]
    pub fn searching(&self, query: &str) -> Self {
        Self {
            query: bounded(query),
            ..self.clone()
        }
    }

    /// Whether an entry is wanted. `text` is its line and what it is about; `fold` makes two writings of a word one.
    pub fn wants(
        &self,
        entry: &Entry,
        text: impl Fn() -> String,
        fold: impl Fn(&str) -> String,
    ) -> bool {
        let is_of_kind = self.kind.is_none_or(|kind| entry.kind() == kind);
        let is_bad_enough = (self.least).is_none_or(|least| entry.severity() >= Some(least));
        let query = self.query.trim();
        is_of_kind && is_bad_enough && (query.is_empty() || fold(&text()).contains(&fold(query)))
    }
}

fn bounded(query: &str) -> String {
    query.chars().take(MAX_QUERY).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MediaId, MediaKey, Source};
    use crate::time::Instant;
    use crate::toast::activity::What;
    use crate::toast::{Saying, Subject};

    #[test]
    fn every_filter_is_found_again_in_its_address() {
        for query in ["", " two words ", "größe#?&=%+"] {
            for kind in Kind::ALL.map(Some).into_iter().chain([None]) {
                for least in LEAST.map(Some).into_iter().chain([None]) {
                    let filter = Filter {
                        query: query.to_owned(),
                        kind,
                        least,
                    };

                    assert_eq!(Filter::parse(&filter.href()), filter);
                }
            }
        }
        assert_eq!(Filter::default().href(), "#/activity");
        assert_eq!(
            Filter::parse("#/activity?type=x&severity=&page=2"),
            Filter::default()
        );
        assert_eq!(
            Filter::default()
                .searching(&"ä".repeat(201))
                .query
                .chars()
                .count(),
            200
        );
    }

    #[test]
    fn what_is_no_alert_is_not_bad_enough_for_any_severity() {
        let entry = Entry {
            number: 1,
            at: Instant::default(),
            last: Instant::default(),
            count: 1,
            subject: Subject::Media(MediaKey {
                source: Source(0),
                id: MediaId::new("m1").unwrap(),
            }),
            what: What::Said(Saying::Started {
                source: Source(0),
                name: None,
            }),
        };
        for (address, is_wanted) in [
            ("#/activity", true),
            ("#/activity?type=analysis", true),
            ("#/activity?type=alert", false),
            ("#/activity?severity=low", false),
            ("#/activity?q=CLIP", true),
            ("#/activity?q=clip&type=analysis", true),
            ("#/activity?q=other", false),
        ] {
            let filter = Filter::parse(address);
            let text = || "Analysis started: Clip.mp4.".to_owned();

            assert_eq!(
                filter.wants(&entry, text, str::to_lowercase),
                is_wanted,
                "{address}"
            );
        }
    }
}
