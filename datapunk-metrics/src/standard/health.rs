//! How well the service is.

use crate::{Gauge, LabelSet, MetricSet};

/// The labels of a health check.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct CheckLabels<'a> {
    /// The name of the check; `aggregate` is all of them together.
    #[label(max = 100, known = ["aggregate"])]
    pub check_type: &'a str,
}

/// How well the service is.
///
/// `health::Health` fills it.
#[derive(Clone, Copy, Debug, MetricSet)]
#[metrics(unlinked, crate = crate)]
pub struct ServiceHealthMetrics {
    /// Whether the service can do its work: 1, or 0 where all of it is down.
    pub service_up: Gauge,
    /// Health of what is checked, between 0 (dead) and 1 (well), by check.
    pub health_status: Gauge<CheckLabels<'static>, f64>,
    /// When it was checked last, in seconds since the Unix epoch, by check.
    pub last_check_timestamp_seconds: Gauge<CheckLabels<'static>, f64>,
}
