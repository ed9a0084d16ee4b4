//! From the labels of a recording to its cell: what is executed each time.

use once_cell::race::OnceRef;

use super::row::OpenRow;
use crate::cells::Storage;
use crate::labels::LabelSet;
use crate::table::Row;

/// The row of the literals at a call site; none until it is first recorded.
#[doc(hidden)]
pub struct Literal(pub(super) OnceRef<'static, Row>);

impl Literal {
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it is a static's")]
    pub const fn new() -> Self {
        Self(OnceRef::new())
    }
}

impl core::fmt::Debug for Literal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Literal").field(&self.0.get()).finish()
    }
}

impl Storage {
    /// The first cell of the series with these labels, `width` cells each.
    #[inline]
    pub(crate) fn cell<L: LabelSet>(&'static self, labels: L::Of<'_>, width: usize) -> usize {
        let closed = L::index(labels);
        if !L::IS_OPEN {
            return width * closed;
        }
        let mut values = L::open(labels);
        if let Some(table) = self.open().table.get()
            && let Some(row) = table.find(values.as_ref())
            && let Some(series) = row.series(closed)
        {
            return width * series;
        }
        let position = self.open().find_elsewhere(values.as_mut(), closed);
        width * position.series + position.folded
    }

    /// The same, where the open values are the same each time, as they are literals.
    #[inline]
    pub(crate) fn cell_of_literal<L: LabelSet>(
        &'static self,
        literal: &'static Literal,
        labels: L::Of<'_>,
        width: usize,
    ) -> usize {
        let closed = L::index(labels);
        if !L::IS_OPEN {
            return width * closed;
        }
        // A generic call site may record in several metrics.
        if let Some(row) = literal.0.get()
            && row.is_of(self.open().owner())
            && let Some(series) = row.series(closed)
        {
            return width * series;
        }
        let position = self
            .open()
            .find_literal(literal, L::open(labels).as_mut(), closed);
        width * position.series + position.folded
    }

    /// The same, where the open values are the same each time, as a rule: the row is that of the last time if it has
    /// them.
    #[inline]
    pub(crate) fn cell_of_route<L: LabelSet>(
        &'static self,
        last: &'static Literal,
        labels: L::Of<'_>,
        width: usize,
    ) -> usize {
        let closed = L::index(labels);
        let mut values = L::open(labels);
        if let Some(row) = last.0.get()
            && row.is_of(self.open().owner())
            && row.has(values.as_ref())
            && let Some(series) = row.series(closed)
        {
            return width * series;
        }
        if let Some(table) = self.open().table.get()
            && let Some(row) = table.find(values.as_ref())
            && let Some(series) = row.series(closed)
        {
            let _ = last.0.set(row);
            return width * series;
        }
        let position = self.open().find_elsewhere(values.as_mut(), closed);
        width * position.series + position.folded
    }

    /// The row of these open values.
    pub(crate) fn resolve<L: LabelSet>(&'static self, mut values: L::Open<'_>) -> OpenRow {
        self.open().resolve(values.as_mut())
    }

    /// The first cell of a row's series with these closed values, `width` cells each.
    #[inline]
    pub(crate) fn cell_of_row(&'static self, row: OpenRow, closed: usize, width: usize) -> usize {
        let position = row.series(self.open(), closed);
        width * position.series + position.folded
    }
}
