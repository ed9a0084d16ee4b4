//! Open values that are looked up once.

use super::Recorded;
use crate::labels::{LabelSet, LabelValue, Literal, OpenRow};

/// The series of a metric that have certain open values. It may be kept, where the values are known before they are
/// recorded: a router has its routes.
///
/// ```
/// use datapunk_metrics::{Counter, LabelSet, Method, MetricSet, Resolved, StatusCode};
///
/// #[derive(Clone, Copy, LabelSet)]
/// struct RouteLabels<'a> { method: Method, path: &'a str, status: StatusCode }
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "gate")]
/// struct GateMetrics {
///     /// Requests answered, by method, path and status.
///     http_requests_total: Counter<RouteLabels<'static>>,
/// }
/// const GATE: GateMetrics = GateMetrics::METRICS;
///
/// // Once, for each route.
/// let items: Resolved<Counter<RouteLabels<'static>>> = GATE.http_requests_total.resolve(["/items/{id}"]);
/// // For each request: the values that were resolved, and closed ones.
/// let (method, status) = (Method::Get, StatusCode::OK);
/// items.with(|[path]| RouteLabels { method, path, status }).inc();
///
/// let labels = RouteLabels { method: Method::Get, path: "/items/{id}", status: StatusCode::OK };
/// assert_eq!(GATE.http_requests_total.with(labels).get(), 1);
/// ```
///
/// Where there was no room for the values, what is recorded is counted as `other`, as with `with`.
#[derive(Clone, Copy)]
pub struct Resolved<M: Recorded> {
    metric: M,
    row: OpenRow,
    values: <M::Labels as LabelSet>::Open<'static>,
}

impl<M: Recorded> core::fmt::Debug for Resolved<M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Resolved").finish_non_exhaustive()
    }
}

impl<M: Recorded> Resolved<M> {
    pub(super) fn new(metric: M, open: <M::Labels as LabelSet>::Open<'_>) -> Self {
        let row = metric.storage().resolve::<M::Labels>(open);
        let mut values = M::Labels::NO_VALUES;
        row.copy_values(values.as_mut());
        Self {
            metric,
            row,
            values,
        }
    }

    /// The series with the labels that `labels` makes of the resolved values: its closed values choose the series, the
    /// resolved ones are as they are.
    #[inline]
    #[must_use]
    pub fn with(
        self,
        labels: impl FnOnce(
            <M::Labels as LabelSet>::Open<'static>,
        ) -> <M::Labels as LabelSet>::Of<'static>,
    ) -> M::Series {
        let closed = M::Labels::index(labels(self.values));
        let storage = self.metric.storage();
        self.metric
            .series(storage.cell_of_row(self.row, closed, self.metric.width()))
    }
}

/// The series of a metric with these labels, whose open values are literals. They are looked up once, so that recording
/// is about as fast as with closed labels.
///
/// ```
/// use datapunk_metrics::{Counter, LabelSet, Method, MetricSet, series};
///
/// #[derive(Clone, Copy, LabelSet)]
/// struct PageLabels<'a> { method: Method, path: &'a str }
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "site")]
/// struct SiteMetrics {
///     /// Pages shown, by method and path.
///     pages_shown_total: Counter<PageLabels<'static>>,
/// }
/// const SITE: SiteMetrics = SiteMetrics::METRICS;
///
/// fn show(method: Method) {
///     series!(SITE.pages_shown_total, PageLabels { method, path: "/about" }).inc();
/// }
///
/// show(Method::Get);
/// assert_eq!(SITE.pages_shown_total.with(PageLabels { method: Method::Get, path: "/about" }).get(), 1);
/// ```
///
/// A literal, the same value at run time and the same literal elsewhere are one series. A value that is no literal would
/// be looked up for the first call alone, so it does not compile; closed labels may have any.
///
/// ```compile_fail
/// # use datapunk_metrics::{Counter, LabelSet, Method, MetricSet, series};
/// # #[derive(Clone, Copy, LabelSet)]
/// # struct PageLabels<'a> { method: Method, path: &'a str }
/// # #[derive(MetricSet)]
/// # #[metrics(namespace = "site")]
/// # struct SiteMetrics {
/// #     /// Pages shown, by method and path.
/// #     pages_shown_total: Counter<PageLabels<'static>>,
/// # }
/// fn show(path: &str) {
///     series!(SiteMetrics::METRICS.pages_shown_total, PageLabels { method: Method::Get, path }).inc();
/// }
/// ```
#[macro_export]
macro_rules! series {
    ($($input:tt)*) => {
        $crate::__private::series_of_literals!($crate, $($input)*)
    };
}

/// The series at a call site whose open values are literals.
#[doc(hidden)]
#[inline]
pub fn with_literal<M: Recorded>(
    metric: M,
    literal: &'static Literal,
    labels: <M::Labels as LabelSet>::Of<'_>,
) -> M::Series {
    let cell = metric
        .storage()
        .cell_of_literal::<M::Labels>(literal, labels, metric.width());
    metric.series(cell)
}

/// Where the row of a call is kept.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Kept {
    /// Its open values are literals.
    Literal(&'static Literal),
    /// They are those of a route, and are compared.
    Route(&'static Literal),
}

/// The series of a call, whose open values are mostly the same if its row is kept.
#[doc(hidden)]
#[inline]
pub fn at_site<M: Recorded>(
    metric: M,
    kept: Option<Kept>,
    labels: <M::Labels as LabelSet>::Of<'_>,
) -> M::Series {
    let storage = metric.storage();
    match kept {
        Some(Kept::Literal(literal)) if M::Labels::IS_OPEN => with_literal(metric, literal, labels),
        Some(Kept::Route(last)) if M::Labels::IS_OPEN => {
            metric.series(storage.cell_of_route::<M::Labels>(last, labels, metric.width()))
        }
        _ => metric.series(storage.cell::<M::Labels>(labels, metric.width())),
    }
}

/// A value of which it is asked whether it is one of a closed label. Whoever asks needs not know its type.
#[doc(hidden)]
#[derive(Debug)]
pub struct Probe<'a, T>(pub &'a T);

/// The answer for a closed value; found first, as it needs one reference less.
#[doc(hidden)]
pub trait ProbeClosed {
    fn is_closed(&self) -> bool;
}

/// The answer for all others.
#[doc(hidden)]
pub trait ProbeOpen {
    fn is_closed(&self) -> bool;
}

impl<T: LabelValue> ProbeClosed for &Probe<'_, T> {
    #[inline]
    fn is_closed(&self) -> bool {
        true
    }
}

impl<T> ProbeOpen for Probe<'_, T> {
    #[inline]
    fn is_closed(&self) -> bool {
        false
    }
}

/// A label value that `series!` takes without its being a literal.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`series!` takes a literal for an open label, and this is a `{Self}`",
    label = "not a literal",
    note = "the row of the literal is looked up for the first call alone; another value would be counted there too",
    note = "help: write `metric.with(labels)`, which looks the value up for each call"
)]
pub trait ClosedValue {}

#[diagnostic::do_not_recommend]
impl<V: LabelValue> ClosedValue for V {}

/// A label value that is not a literal, and so that of a closed label.
#[doc(hidden)]
#[inline]
pub fn closed<V: ClosedValue>(value: V) -> V {
    value
}
