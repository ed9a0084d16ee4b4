//! Labels: closed values, open values, and the sets of them that a metric has.

mod open;
mod optional;
mod provided;
mod status_code;

use crate::descriptor::Waiver;

#[cfg(feature = "tower")]
pub(crate) use open::Hashed;
#[doc(hidden)]
pub use open::Literal;
pub use open::OpenLabel;
pub(crate) use open::{FOLDED, Open, OpenRow};
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
            `Method`, `StatusCode`, `StatusClass`, or an `Option` of one",
    note = "values that come from outside are a `&'a str`"
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
    /// FNV-1a of `name`, so that constants compare numbers.
    pub hash: u64,
    /// Its values as they are exposed; none if it is open.
    pub values: &'static [&'static str],
    /// The names of the values in code.
    pub variants: &'static [&'static str],
    /// Whether its series appear only once they are touched.
    pub sparse: bool,
    /// What is known of its values if they come from outside, as a `&str`.
    pub open: Option<OpenLabel>,
    /// The rules that its name is excused from.
    pub waivers: &'static [Waiver],
}

/// The labels of a metric, as a type.
///
/// Derive it on a struct whose fields are [`LabelValue`]s or `&str`s; `()` is the set without labels.
///
/// ```
/// use datapunk_metrics::{LabelSet, Outcome};
///
/// #[derive(Clone, Copy, LabelSet)]
/// struct JobLabels { outcome: Outcome, retried: bool }
///
/// assert_eq!(JobLabels::CARDINALITY, 4 * 2);
/// ```
///
/// # Open labels
///
/// A field of type `&str` is an *open* label, whose values come from outside. The values of the others are *closed*. A
/// set with open labels is named with `'static` in a metric's type, and records any lifetime:
///
/// ```
/// use datapunk_metrics::{Counter, LabelSet, Method, MetricSet, StatusCode};
///
/// #[derive(Clone, Copy, LabelSet)]
/// struct HttpLabels<'a> {
///     method: Method,
///     #[label(max = 200, known = ["/", "/health"])]
///     path: &'a str,
///     status: StatusCode,
/// }
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "edge")]
/// struct EdgeMetrics {
///     /// Requests answered, by method, path and status.
///     #[metric(max_series = 10_000)]
///     http_requests_total: Counter<HttpLabels<'static>>,
/// }
/// const EDGE: EdgeMetrics = EdgeMetrics::METRICS;
///
/// let path = String::from("/items");
/// EDGE.http_requests_total.with(HttpLabels { method: Method::Get, path: &path, status: StatusCode::OK }).inc();
/// ```
///
/// A value is looked up without a lock or an allocation; the first of its kind is kept, once, for as long as the program
/// runs. What bounds them, and what happens at the bound:
/// [docs/labels.md](https://github.com/datapunk/datapunk-metrics/blob/main/docs/labels.md).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a label set",
    label = "not a label set",
    note = "a label set is a struct of label values with `#[derive(Clone, Copy, LabelSet)]`, or `()`"
)]
pub trait LabelSet: 'static {
    /// The labels of one recording, which may borrow for `'a`.
    type Of<'a>: Copy;

    /// The open values among them, in the order of their fields: an array of `&str`.
    type Open<'a>: Copy + AsRef<[&'a str]> + AsMut<[&'a str]>;

    /// How many different combinations of closed values there are: their product.
    const CARDINALITY: usize;

    /// The labels in the order in which they are exposed.
    const LABELS: &'static [LabelDescriptor];

    /// Whether there is an open label.
    const IS_OPEN: bool;

    /// Open values that are all empty.
    const NO_VALUES: Self::Open<'static>;

    /// The open values.
    fn open(labels: Self::Of<'_>) -> Self::Open<'_>;

    /// The position of the closed values among all, below [`CARDINALITY`](Self::CARDINALITY): a mixed-radix number whose
    /// last label counts fastest. Open values have no part in it.
    fn index(labels: Self::Of<'_>) -> usize;
}

impl LabelSet for () {
    type Of<'a> = ();
    type Open<'a> = [&'a str; 0];
    const CARDINALITY: usize = 1;
    const LABELS: &'static [LabelDescriptor] = &[];
    const IS_OPEN: bool = false;
    const NO_VALUES: [&'static str; 0] = [];

    #[inline]
    fn open<'a>((): ()) -> [&'a str; 0] {
        []
    }

    #[inline]
    fn index((): ()) -> usize {
        0
    }
}
