//! What a person wants to see of the list, and in which order: the part of the address after `#/media`.
//!
//! A choice is kept in the fragment, so that it can be linked to, sent, and undone with the browser's *Back*. What is
//! not chosen does not stand there, and what nobody can read is not chosen: an address never fails.

use crate::domain::fact::Label;
use crate::domain::view::{Status, Verdict};
use crate::ui::route::{search, wishes, with_wishes};

/// The states that are offered, as the row of filters shows them.
pub const STATUSES: [Status; 7] = [
    Status::Running,
    Status::Queued,
    Status::Complete,
    Status::PartlyComplete,
    Status::Failed,
    Status::Cancelled,
    Status::Unknown,
];

/// What a media's analysis came to, as coarse as one looks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Likely fake, by its models or its server.
    Fake,
    /// Likely real.
    Real,
    /// As many models say one as the other.
    Disagree,
    /// The server's own word: flagged.
    Flagged,
    /// The server's own word: safe.
    Safe,
    /// Another word of a server's.
    Other,
    /// It ended without one.
    None,
    /// It has not ended.
    Pending,
}

/// All of them, in the order in which they are offered.
pub const OUTCOMES: [Outcome; 8] = [
    Outcome::Fake,
    Outcome::Real,
    Outcome::Disagree,
    Outcome::Flagged,
    Outcome::Safe,
    Outcome::Other,
    Outcome::None,
    Outcome::Pending,
];

impl Outcome {
    /// Of a media in this state with this verdict.
    #[must_use]
    pub fn of(status: Status, verdict: &Verdict) -> Self {
        match verdict {
            Verdict::LikelyFake { .. } => Self::Fake,
            Verdict::LikelyReal { .. } => Self::Real,
            Verdict::Disagree { .. } => Self::Disagree,
            Verdict::Server(server) => match server.label {
                Label::Fake => Self::Fake,
                Label::Real => Self::Real,
                Label::Flagged => Self::Flagged,
                Label::Safe => Self::Safe,
                Label::Other(_) => Self::Other,
            },
            Verdict::None | Verdict::NotFinal { .. } if status.is_ended() => Self::None,
            Verdict::None | Verdict::NotFinal { .. } => Self::Pending,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Fake => "fake",
            Self::Real => "real",
            Self::Disagree => "disagree",
            Self::Flagged => "flagged",
            Self::Safe => "safe",
            Self::Other => "other",
            Self::None => "none",
            Self::Pending => "pending",
        }
    }
}

/// In which order. Equal ones follow the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Newest first.
    #[default]
    Newest,
    /// By name, numbers in it by their value; what has none comes last.
    Name,
    /// As [`STATUSES`] has them.
    Status,
    /// What runs, the furthest first; then what waits; then what ended.
    Progress,
}

/// All of them, in the order in which they are offered.
pub const SORTS: [Sort; 4] = [Sort::Newest, Sort::Name, Sort::Status, Sort::Progress];

impl Sort {
    fn name(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Name => "name",
            Self::Status => "status",
            Self::Progress => "progress",
        }
    }
}

/// What is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// As it was typed, white space and all: the field shows it.
    pub query: String,
    /// Only media in this state.
    pub status: Option<Status>,
    /// Only media with this outcome.
    pub outcome: Option<Outcome>,
    /// In this order.
    pub sort: Sort,
}

impl Choice {
    /// Reads a fragment.
    #[must_use]
    pub fn parse(fragment: &str) -> Self {
        let mut choice = Self::default();
        for (name, value) in wishes(fragment) {
            match name {
                "q" => choice.query = search(&value),
                "status" => choice.status = named(&STATUSES, status_name, &value),
                "result" => choice.outcome = named(&OUTCOMES, Outcome::name, &value),
                "sort" => choice.sort = named(&SORTS, Sort::name, &value).unwrap_or_default(),
                _ => {}
            }
        }
        choice
    }

    /// The fragment, with its `#`.
    #[must_use]
    pub fn href(&self) -> String {
        let sort = match self.sort {
            Sort::Newest => "",
            sort => sort.name(),
        };
        let wishes = [
            ("q", self.query.as_str()),
            ("status", self.status.map_or("", status_name)),
            ("result", self.outcome.map_or("", Outcome::name)),
            ("sort", sort),
        ];
        with_wishes("#/media", wishes)
    }

    /// The same with this searched for, as much of it as is kept.
    #[must_use]
    pub fn searching(mut self, query: &str) -> Self {
        self.query = search(query);
        self
    }

    /// The same order, nothing left out.
    #[must_use]
    pub fn cleared(&self) -> Self {
        Self {
            sort: self.sort,
            ..Self::default()
        }
    }

    /// Whether anything is left out.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        self.filters() > 0 || !self.query.trim().is_empty()
    }

    /// How many filters are set besides the search.
    #[must_use]
    pub fn filters(&self) -> usize {
        usize::from(self.status.is_some()) + usize::from(self.outcome.is_some())
    }
}

fn status_name(status: Status) -> &'static str {
    match status {
        Status::Unknown => "unknown",
        Status::Queued => "queued",
        Status::Running => "running",
        Status::Complete => "complete",
        Status::PartlyComplete => "partly",
        Status::Failed => "failed",
        Status::Cancelled => "cancelled",
    }
}

fn named<T: Copy>(all: &[T], name: fn(T) -> &'static str, wanted: &str) -> Option<T> {
    all.iter().copied().find(|one| name(*one) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fact::ServerVerdict;
    use crate::domain::Text;

    #[test]
    fn an_address_says_what_is_chosen() {
        let all = Choice::default;
        for (fragment, choice) in [
            ("#/media", all()),
            ("", all()),
            ("#/media?", all()),
            ("#/media?&&=&q", all()),
            ("#/media?status=lost&result=&sort=size&page=2", all()),
            (
                "#/media?status=failed",
                Choice {
                    status: Some(Status::Failed),
                    ..all()
                },
            ),
            (
                "#/media?sort=name&result=fake&q=a%20b%26c%3Dd",
                Choice {
                    query: "a b&c=d".to_owned(),
                    outcome: Some(Outcome::Fake),
                    sort: Sort::Name,
                    ..all()
                },
            ),
            (
                "#/media?q=first&q=last",
                Choice {
                    query: "last".to_owned(),
                    ..all()
                },
            ),
        ] {
            assert_eq!(Choice::parse(fragment), choice, "{fragment}");
        }
    }

    #[test]
    fn every_choice_is_found_again_in_its_address() {
        let mut tried = 0;
        for query in ["", " two words ", "größe#?&=%+", "日本"] {
            for status in STATUSES.map(Some).into_iter().chain([None]) {
                for outcome in OUTCOMES.map(Some).into_iter().chain([None]) {
                    for sort in SORTS {
                        let choice = Choice {
                            query: query.to_owned(),
                            status,
                            outcome,
                            sort,
                        };
                        let href = choice.href();

                        assert_eq!(Choice::parse(&href), choice, "{href}");
                        assert!(href.is_ascii());
                        tried += 1;
                    }
                }
            }
        }
        assert_eq!(tried, 4 * 8 * 9 * 4);
        assert_eq!(Choice::default().href(), "#/media");
    }

    #[test]
    fn a_search_is_kept_up_to_200_characters() {
        let long = "ä".repeat(201);
        let kept = "ä".repeat(200);

        assert_eq!(Choice::default().searching(&long).query, kept);
        assert_eq!(Choice::parse(&format!("#/media?q={long}")).query, kept);
    }

    #[test]
    fn clearing_the_filters_keeps_the_order() {
        let choice = Choice::parse("#/media?q=a&status=failed&result=none&sort=status");

        assert!(choice.is_filtered());
        assert_eq!(choice.filters(), 2);
        assert_eq!(choice.cleared(), Choice::parse("#/media?sort=status"));
        assert!(!choice.cleared().is_filtered());
        assert!(!Choice::default().searching("  ").is_filtered());
    }

    #[test]
    fn an_outcome_is_a_servers_word_the_models_majority_or_none() {
        let server = |label| Verdict::Server(ServerVerdict { label, score: None });
        for (status, verdict, outcome) in [
            (Status::Queued, Verdict::None, Outcome::Pending),
            (
                Status::Running,
                Verdict::NotFinal { fake: 2, real: 0 },
                Outcome::Pending,
            ),
            (Status::Failed, Verdict::None, Outcome::None),
            (
                Status::Cancelled,
                Verdict::NotFinal { fake: 1, real: 0 },
                Outcome::None,
            ),
            (Status::Complete, Verdict::None, Outcome::None),
            (
                Status::Complete,
                Verdict::LikelyFake { fake: 2, of: 3 },
                Outcome::Fake,
            ),
            (
                Status::PartlyComplete,
                Verdict::LikelyReal { real: 2, of: 3 },
                Outcome::Real,
            ),
            (
                Status::Complete,
                Verdict::Disagree { each: 2 },
                Outcome::Disagree,
            ),
            (Status::Complete, server(Label::Fake), Outcome::Fake),
            (Status::Complete, server(Label::Real), Outcome::Real),
            (Status::Complete, server(Label::Safe), Outcome::Safe),
            (Status::Complete, server(Label::Flagged), Outcome::Flagged),
            (
                Status::Complete,
                server(Label::Other(Text::name("medium").unwrap())),
                Outcome::Other,
            ),
        ] {
            assert_eq!(Outcome::of(status, &verdict), outcome, "{verdict:?}");
        }
    }
}
