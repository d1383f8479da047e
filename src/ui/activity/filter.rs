//! Which lines of the activity a person wants to see: the part of the address after `#/activity`.

use crate::domain::fact::Severity;
use crate::toast::activity::{Entry, Kind};
use crate::ui::route::{search, wishes, with_wishes};

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
        for (name, value) in wishes(fragment) {
            match name {
                "q" => filter.query = search(&value),
                "type" => filter.kind = Kind::ALL.into_iter().find(|kind| kind.name() == value),
                "severity" => filter.least = Severity::named(&value),
                _ => {}
            }
        }
        filter
    }

    /// The fragment, with its `#`.
    #[must_use]
    pub fn href(&self) -> String {
        let wishes = [
            ("q", self.query.as_str()),
            ("type", self.kind.map_or("", Kind::name)),
            ("severity", self.least.map_or("", Severity::as_str)),
        ];
        with_wishes("#/activity", wishes)
    }

    /// The same with this searched for, as much of it as is kept.
    #[must_use]
    pub fn searching(&self, query: &str) -> Self {
        Self {
            query: search(query),
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
                for least in Severity::KNOWN.map(Some).into_iter().chain([None]) {
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
