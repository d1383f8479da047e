//! Which entries of a record are listed.

use crate::session::record::inspect::{Kind, Row};
use crate::session::record::Direction;

/// What is wanted; by default everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// A part of the name, as it was typed.
    pub query: String,
    /// Only what went this way.
    pub direction: Option<Direction>,
    /// Only things of this kind.
    pub kind: Option<Kind>,
    /// Only events that had no handler.
    pub only_unhandled: bool,
}

impl Filter {
    /// The same with the part of the name folded as one searches, once for all rows.
    pub fn folded(&self, folded: impl Fn(&str) -> String) -> Self {
        Self {
            query: folded(&self.query),
            ..self.clone()
        }
    }

    /// Whether a row is wanted by a filter that is [folded](Self::folded).
    pub fn wants(&self, row: &Row, folded: impl Fn(&str) -> String) -> bool {
        self.direction.is_none_or(|wanted| wanted == row.direction)
            && self.kind.is_none_or(|wanted| wanted == row.kind)
            && (!self.only_unhandled || row.outcome.had_no_handler())
            && (self.query.is_empty() || folded(row.name.as_str()).contains(&self.query))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Text;
    use crate::session::record::inspect::Outcome;

    #[test]
    fn a_row_is_wanted_if_all_that_is_chosen_is_true_of_it() {
        let row = Row {
            number: 0,
            direction: Direction::In,
            kind: Kind::Event,
            name: Text::new("Media_Update", 128),
            outcome: Outcome::Unknown,
        };
        let all = Filter::default();
        let query = |query: &str| Filter {
            query: query.to_owned(),
            ..all.clone()
        };
        let direction = |direction| Filter {
            direction: Some(direction),
            ..all.clone()
        };
        let kind = |kind| Filter {
            kind: Some(kind),
            ..all.clone()
        };
        let unhandled = Filter {
            only_unhandled: true,
            ..all.clone()
        };
        for (filter, is_wanted) in [
            (all.clone(), true),
            (query("update"), true),
            (query("Update"), true),
            (query("progress"), false),
            (direction(Direction::In), true),
            (direction(Direction::Out), false),
            (kind(Kind::Event), true),
            (kind(Kind::Http), false),
            (unhandled.clone(), true),
        ] {
            assert_eq!(
                filter
                    .folded(str::to_lowercase)
                    .wants(&row, str::to_lowercase),
                is_wanted,
                "{filter:?}"
            );
        }
        let handled = Row {
            outcome: Outcome::Facts(1),
            ..row
        };
        assert!(!unhandled.wants(&handled, str::to_lowercase));
    }
}
