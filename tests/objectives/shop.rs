//! A set with an objective of each kind.

use datapunk_metrics::{
    Counter, Histogram, LabelSet, LabelValue, MetricSet, Ratio, Seconds, StatusCode,
};

#[derive(Clone, Copy, LabelSet)]
struct RequestLabels {
    status: StatusCode,
}

#[derive(Clone, Copy, LabelValue)]
#[expect(dead_code, reason = "nothing is recorded")]
enum Payment {
    Done,
    Declined,
    #[label(rename = "timed out (bank)")]
    TimedOut,
}

#[derive(Clone, Copy, LabelSet)]
struct PaymentLabels {
    payment: Payment,
}

#[derive(Clone, Copy, LabelValue)]
#[expect(dead_code, reason = "nothing is recorded")]
enum Lookup {
    Hit,
    Miss,
}

#[derive(Clone, Copy, LabelSet)]
struct LookupLabels {
    result: Lookup,
}

#[derive(MetricSet)]
#[metrics(namespace = "shop", unlinked)]
pub(crate) struct ShopMetrics {
    /// Requests, by status.
    #[metric(slo(objective = 99.9))]
    requests_received_total: Counter<RequestLabels>,
    /// Time taken by a request.
    #[metric(slo(objective = 99, threshold = 1))]
    request_duration_seconds: Histogram<Seconds>,
    /// Payments, by how they went.
    #[metric(slo(objective = 99.5, errors(payment = [Declined, TimedOut])))]
    payments_made_total: Counter<PaymentLabels>,
    /// Lookups in the cache of prices.
    price_lookups_total: Counter<LookupLabels>,
    /// The share of prices that were in the cache.
    #[metric(ratio_of = price_lookups_total, numerator(result = Hit), slo(objective = 80))]
    price_hit_ratio: Ratio,
}
