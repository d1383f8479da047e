//! Which lines of the activity a person wants to see: the part of the address after `#/activity`.

use std::time::Duration;

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
    /// Only what was told as lately as this.
    pub since: Option<Since>,
}

/// How far back to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// The last fifteen minutes.
    QuarterHour,
    /// The last hour.
    Hour,
    /// Since midnight, by the device's clock.
    Today,
}

impl Since {
    /// All, the shortest first.
    pub const ALL: [Self; 3] = [Self::QuarterHour, Self::Hour, Self::Today];

    /// As it stands in the address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::QuarterHour => "15m",
            Self::Hour => "1h",
            Self::Today => "today",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|since| since.name() == name)
    }

    /// Whether what is this old is in it; `is_today` says of a moment whether it was after midnight.
    #[must_use]
    pub fn holds(self, age: Duration, is_today: impl Fn() -> bool) -> bool {
        match self {
            Self::QuarterHour => age <= Duration::from_secs(15 * 60),
            Self::Hour => age <= Duration::from_secs(60 * 60),
            Self::Today => is_today(),
        }
    }
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
                "since" => filter.since = Since::named(&value),
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
            ("since", self.since.map_or("", Since::name)),
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

    /// Whether an entry is wanted. `is_in` says whether it was told in a time, `text` is its line and what it is about;
    /// `fold` makes two writings of a word one.
    pub fn wants(
        &self,
        entry: &Entry,
        is_in: impl Fn(Since) -> bool,
        text: impl Fn() -> String,
        fold: impl Fn(&str) -> String,
    ) -> bool {
        let is_of_kind = self.kind.is_none_or(|kind| entry.kind() == kind);
        let is_recent = self.since.is_none_or(is_in);
        let is_bad_enough = (self.least).is_none_or(|least| entry.severity() >= Some(least));
        let query = self.query.trim();
        let is_one = is_of_kind && is_recent && is_bad_enough;
        is_one && (query.is_empty() || fold(&text()).contains(&fold(query)))
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
                    for since in Since::ALL.map(Some).into_iter().chain([None]) {
                        let filter = Filter {
                            query: query.to_owned(),
                            kind,
                            least,
                            since,
                        };

                        assert_eq!(Filter::parse(&filter.href()), filter);
                    }
                }
            }
        }
        assert_eq!(Filter::default().href(), "#/activity");
        assert_eq!(
            Filter::parse("#/activity?type=x&severity=&since=2h&page=2"),
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
    fn what_was_told_lately_is_younger_than_a_bound_or_of_this_day() {
        for (since, seconds, is_today, is_in) in [
            (Since::QuarterHour, 900, false, true),
            (Since::QuarterHour, 901, true, false),
            (Since::Hour, 3600, false, true),
            (Since::Hour, 3601, true, false),
            (Since::Today, 80_000, true, true),
            (Since::Today, 1, false, false),
        ] {
            let age = Duration::from_secs(seconds);

            assert_eq!(since.holds(age, || is_today), is_in, "{since:?} {seconds}");
        }
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
            ("#/activity?since=1h", true),
            ("#/activity?since=15m", false),
        ] {
            let filter = Filter::parse(address);
            let text = || "Analysis started: Clip.mp4.".to_owned();

            assert_eq!(
                filter.wants(
                    &entry,
                    |since| since == Since::Hour,
                    text,
                    str::to_lowercase
                ),
                is_wanted,
                "{address}"
            );
        }
    }
}
