//! Labels: closed values, and the sets of them that a metric has.

mod optional;
mod provided;
mod status_code;

use crate::descriptor::Waiver;

pub use provided::{Method, Outcome, StatusClass};
pub use status_code::StatusCode;

/// A closed label value: one of a fixed list, known at compile time.
///
/// Derive it on an enum without fields:
///
/// ```
/// use datapunk_metrics::LabelValue;
///
/// #[derive(Clone, Copy, LabelValue)]
/// enum Operation { Read, Write, #[label(rename = "rm")] Delete }
///
/// assert_eq!(Operation::VALUES, ["read", "write", "rm"]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a label value",
    label = "not a label value",
    note = "a label value is an enum with `#[derive(Clone, Copy, LabelValue)]`, a `bool`, or one of `Outcome`, \
            `Method`, `StatusCode`, `StatusClass`, or an `Option` of one"
)]
pub trait LabelValue: Copy + 'static {
    /// Every value as it is exposed, in the order of [`index`](Self::index).
    const VALUES: &'static [&'static str];

    /// The names of the values in code, in the same order.
    const VARIANTS: &'static [&'static str] = Self::VALUES;

    /// Whether a series with such a label appears only once it is touched, because the type is wide.
    const SPARSE: bool = false;

    /// The position of this value in [`VALUES`](Self::VALUES).
    fn index(self) -> usize;
}

impl LabelValue for bool {
    const VALUES: &'static [&'static str] = &["false", "true"];

    #[inline]
    fn index(self) -> usize {
        usize::from(self)
    }
}

/// One label of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelDescriptor {
    /// The label's name as it is exposed.
    pub name: &'static str,
    /// Its values as they are exposed.
    pub values: &'static [&'static str],
    /// The names of the values in code.
    pub variants: &'static [&'static str],
    /// Whether its series appear only once they are touched.
    pub sparse: bool,
    /// The rules that its name is excused from.
    pub waivers: &'static [Waiver],
}

/// The labels of a metric, as a type.
///
/// Derive it on a struct whose fields are [`LabelValue`]s; `()` is the set without labels.
///
/// ```
/// use datapunk_metrics::{LabelSet, Outcome};
///
/// #[derive(Clone, Copy, LabelSet)]
/// struct JobLabels { outcome: Outcome, retried: bool }
///
/// assert_eq!(JobLabels::CARDINALITY, 4 * 2);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a label set",
    label = "not a label set",
    note = "a label set is a struct of label values with `#[derive(Clone, Copy, LabelSet)]`, or `()`"
)]
pub trait LabelSet: 'static {
    /// The labels of one recording, which may borrow for `'a`.
    type Of<'a>: Copy;

    /// How many different label sets there are: the product of the labels' values.
    const CARDINALITY: usize;

    /// The labels in the order in which they are exposed.
    const LABELS: &'static [LabelDescriptor];

    /// The position of these labels among all, below [`CARDINALITY`](Self::CARDINALITY): a mixed-radix number whose
    /// last label counts fastest.
    fn index(labels: Self::Of<'_>) -> usize;
}

impl LabelSet for () {
    type Of<'a> = ();
    const CARDINALITY: usize = 1;
    const LABELS: &'static [LabelDescriptor] = &[];

    #[inline]
    fn index((): ()) -> usize {
        0
    }
}
