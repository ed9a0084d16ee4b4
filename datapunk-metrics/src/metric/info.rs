//! Build and version facts.

use datapunk_metrics_conventions::Kind;

use super::Metric;
use crate::cells::Number;

/// Facts that do not change while the program runs, as constant labels of a series whose value is 1. Its name ends in
/// `_info`.
///
/// ```
/// use datapunk_metrics::{Info, MetricSet};
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "lake")]
/// struct BuildMetrics {
///     /// The version that runs.
///     #[metric(labels(version = env!("CARGO_PKG_VERSION")))]
///     build_info: Info,
/// }
///
/// assert_eq!(BuildMetrics::DESCRIPTOR.metrics[0].constant_labels[0].0, "version");
/// # use datapunk_metrics::MetricSet as _;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Info {
    _made_by_the_derive: (),
}

impl Info {
    #[doc(hidden)]
    #[must_use]
    pub const fn new() -> Self {
        Self {
            _made_by_the_derive: (),
        }
    }
}

#[doc(hidden)]
impl Default for Info {
    fn default() -> Self {
        Self::new()
    }
}

impl Metric for Info {
    type Labels = ();
    const KIND: Kind = Kind::Info;
    const NUMBER: Number = Number::Unsigned;
}
