//! The labels that name a series.

use std::borrow::Cow;

use crate::collect::{LabelValues, SeriesLabels};
use crate::labels::LabelSet;

/// The labels of a series: a label set, `()` where there are none, or names and values as they are exposed.
///
/// ```
/// use datapunk_metrics::testing::Labels;
/// use datapunk_metrics::{LabelSet, Outcome};
///
/// #[derive(Clone, Copy, LabelSet)]
/// struct JobLabels { outcome: Outcome }
///
/// assert_eq!(
///     JobLabels { outcome: Outcome::Error }.pairs(),
///     [("outcome", "error")].pairs()
/// );
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a series",
    label = "neither labels nor a label set",
    note = "labels are a label set, `()`, or a list such as `&[(\"operation\", \"write\")]`"
)]
pub trait Labels {
    /// Names and values as they are exposed.
    fn pairs(&self) -> Vec<(Cow<'_, str>, Cow<'_, str>)>;
}

impl<L: LabelSet<Of<'static> = L> + Copy> Labels for L {
    fn pairs(&self) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        let labels = SeriesLabels {
            constant: &[],
            labels: L::LABELS,
            values: LabelValues::Closed(L::index(*self)),
        };
        let open = L::open(*self);
        let mut open = open.as_ref().iter();
        let labels = labels.iter().zip(L::LABELS);
        labels
            .map(|((name, closed), label)| {
                let value = label.open.and_then(|_| open.next());
                let value = value.copied().unwrap_or(closed);
                (Cow::Borrowed(name), Cow::Borrowed(value))
            })
            .collect()
    }
}

impl Labels for &[(&str, &str)] {
    fn pairs(&self) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        borrowed(self)
    }
}

impl<const N: usize> Labels for [(&str, &str); N] {
    fn pairs(&self) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        borrowed(self)
    }
}

impl<const N: usize> Labels for &[(&str, &str); N] {
    fn pairs(&self) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        borrowed(*self)
    }
}

fn borrowed<'a>(pairs: &'a [(&str, &str)]) -> Vec<(Cow<'a, str>, Cow<'a, str>)> {
    pairs
        .iter()
        .map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(*value)))
        .collect()
}
