//! A row as recordings go through it, and the series of it.

use super::{FOLDED, Open};
use crate::table::{OTHER, OVERFLOW, Row};

/// The position of a series among the metric's own, and [`FOLDED`] if it is that of another.
#[derive(Clone, Copy)]
pub(super) struct Position {
    pub(super) series: usize,
    pub(super) folded: usize,
}

/// A row, or the overflow series in the place of one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenRow {
    pub(super) row: Option<&'static Row>,
    /// [`FOLDED`] if its values are not those that were asked for.
    pub(super) folded: usize,
}

impl OpenRow {
    pub(super) const OVERFLOW: Self = Self {
        row: None,
        folded: FOLDED,
    };

    /// Its open values, `other` those of the overflow series.
    pub(crate) fn copy_values(self, values: &mut [&'static str]) {
        values.fill(OTHER);
        let own = self.row.into_iter().flat_map(Row::values);
        for (value, own) in values.iter_mut().zip(own) {
            *value = own;
        }
    }

    /// Its series with these closed values.
    #[inline]
    pub(super) fn series(self, open: &Open, closed: usize) -> Position {
        match self.row.and_then(|row| row.series(closed)) {
            Some(series) => Position {
                series,
                folded: self.folded,
            },
            None => self.claim(open, closed),
        }
    }

    #[cold]
    #[inline(never)]
    fn claim(self, open: &Open, closed: usize) -> Position {
        let overflow = Position {
            series: OVERFLOW,
            folded: FOLDED,
        };
        let (Some(row), Some(table), Some(descriptor)) = (self.row, open.table(), open.descriptor)
        else {
            return overflow;
        };
        match table.series(row, closed) {
            Ok(series) => Position {
                series,
                folded: self.folded,
            },
            Err(refusal) => {
                open.warn(descriptor, table, refusal);
                overflow
            }
        }
    }
}
