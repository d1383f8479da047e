//! Which rows of a long list are on the page.
//!
//! All rows are equally high, so where a row lies is arithmetic. Those near what is in sight are there; so is the row
//! that has the focus, wherever it is, and its neighbours, so that the next press of Tab finds them.

use std::ops::Range;

/// Up to this many rows all are there: a browser lays them out at once without a pause a person would feel.
pub const WHOLE: usize = 200;
/// Rows there beyond each edge of what is in sight: about a third of a screen, which a wheel needs some frames for.
pub const OVERSCAN: usize = 6;
/// The most rows in sight that are believed: a screen of 4,000 pixels with rows of 16.
const MAX_IN_SIGHT: usize = 250;

/// What is in sight, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sight {
    /// How far the list's start lies above the upper edge; negative if it lies below.
    pub top: f64,
    /// How high the sight is.
    pub height: f64,
    /// How high a row is.
    pub row: f64,
}

impl Sight {
    /// Whether the list's start is in sight or below: nobody reads on in it, and what is new may come in on top.
    #[must_use]
    pub fn is_at_top(&self) -> bool {
        self.top < 1.0
    }

    /// The row at the upper edge, and how far it is cut off there.
    #[must_use]
    pub fn first(&self) -> (usize, f64) {
        let row = self.row.max(1.0);
        let first = (self.top.max(0.0) / row).floor();
        (whole(first), self.top.max(0.0) - first * row)
    }

    /// The rows in sight and [`OVERSCAN`] more on each side, of `total`.
    #[must_use]
    pub fn rows(&self, total: usize) -> Range<usize> {
        if total <= WHOLE {
            return 0..total;
        }
        let row = self.row.max(1.0);
        let in_sight = whole((self.height.max(0.0) / row).ceil() + 1.0).min(MAX_IN_SIGHT);
        let above = whole((-self.top).max(0.0) / row).min(in_sight);
        // Beyond the end the last rows are there, however far: the list may just have become shorter.
        let first = self.first().0.min(total.saturating_sub(in_sight));
        let last = (first + in_sight - above + OVERSCAN).min(total);
        first.saturating_sub(OVERSCAN)..last
    }

    /// Those, and the row that has the focus with its neighbours, ascending.
    #[must_use]
    pub fn mounted(&self, total: usize, focused: Option<usize>) -> Vec<usize> {
        let rows = self.rows(total);
        let focused = focused
            .filter(|at| *at < total)
            .map_or(0..0, |at| at.saturating_sub(1)..(at + 2).min(total));
        let before = focused.start..focused.end.min(rows.start);
        let after = focused.start.max(rows.end)..focused.end;
        before.chain(rows).chain(after).collect()
    }
}

/// How many rows are not there before each of those that are.
pub fn gaps(mounted: &[usize]) -> Vec<usize> {
    let mut next = 0;
    let gaps = mounted.iter().map(|at| {
        let gap = at.saturating_sub(next);
        next = at + 1;
        gap
    });
    gaps.collect()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(number: f64) -> usize {
    // The cast saturates, and of what is no number it makes zero.
    number as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: f64 = 65.0;

    #[test]
    fn rows_in_sight_and_six_around_them_are_there() {
        for (total, top, height, rows) in [
            // A short list is there as a whole.
            (0, 0.0, 900.0, 0..0),
            (200, 9_000.0, 900.0, 0..200),
            // 900 pixels show 14 rows, or parts of 15.
            (201, 0.0, 900.0, 0..21),
            (5_000, 0.0, 900.0, 0..21),
            (5_000, 64.0, 900.0, 0..21),
            (5_000, 65.0, 900.0, 0..22),
            (5_000, 6_500.0, 900.0, 94..121),
            // The list begins 260 pixels below the upper edge: four rows fewer.
            (5_000, -260.0, 900.0, 0..17),
            (5_000, -9e9, 900.0, 0..6),
            // At the end, and where a list was that is shorter now.
            (5_000, 324_100.0, 900.0, 4_979..5_000),
            (300, 324_100.0, 900.0, 279..300),
            // What no browser says.
            (5_000, f64::NAN, f64::NAN, 0..7),
            (5_000, 0.0, 1e12, 0..256),
            (5_000, f64::INFINITY, 900.0, 4_979..5_000),
        ] {
            assert_eq!(
                sight(top, height).rows(total),
                rows,
                "{total} {top} {height}"
            );
        }
    }

    #[test]
    fn rows_without_a_height_are_taken_for_a_pixel_high() {
        for row in [0.0, -3.0, f64::NAN] {
            let sight = Sight {
                top: 0.0,
                height: 900.0,
                row,
            };

            assert_eq!(sight.rows(5_000), 0..256);
        }
    }

    #[test]
    fn the_row_with_the_focus_is_there_with_its_neighbours() {
        let sight = sight(6_500.0, 900.0);
        let rows = || (94..121).collect::<Vec<_>>();
        for (focused, mounted) in [
            (None, rows()),
            (Some(100), rows()),
            (Some(94), [vec![93], rows()].concat()),
            (Some(120), [rows(), vec![121]].concat()),
            (Some(0), [vec![0, 1], rows()].concat()),
            (Some(7), [vec![6, 7, 8], rows()].concat()),
            (Some(4_999), [rows(), vec![4_998, 4_999]].concat()),
            // It was removed.
            (Some(5_000), rows()),
            (Some(usize::MAX), rows()),
        ] {
            assert_eq!(sight.mounted(5_000, focused), mounted, "{focused:?}");
        }
    }

    #[test]
    fn the_rows_that_are_not_there_keep_their_room() {
        for (mounted, gaps_before) in [
            (vec![], vec![]),
            (vec![0, 1, 2], vec![0, 0, 0]),
            (vec![6, 7, 8, 94, 95], vec![6, 0, 0, 85, 0]),
        ] {
            assert_eq!(gaps(&mounted), gaps_before);
        }
    }

    #[test]
    fn the_first_row_in_sight_and_what_is_cut_off_of_it() {
        for (top, first, is_at_top) in [
            (-300.0, (0, 0.0), true),
            (0.0, (0, 0.0), true),
            (0.5, (0, 0.5), true),
            (1.0, (0, 1.0), false),
            (100.0, (1, 35.0), false),
        ] {
            let sight = sight(top, 900.0);

            assert_eq!((sight.first(), sight.is_at_top()), (first, is_at_top));
        }
    }

    fn sight(top: f64, height: f64) -> Sight {
        Sight {
            top,
            height,
            row: ROW,
        }
    }
}
