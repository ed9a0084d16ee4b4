use datapunk_metrics::{Gauge, Info, MetricSet};

#[derive(MetricSet)]
struct LakeMetrics {
    /// Two rules, two reasons.
    #[metric(allow(naming, reason = "dashboards use it"))]
    #[metric(allow(suffix, reason = "so do alerts"))]
    queue_gauge: Gauge,
    /// A label with a reason.
    #[metric(
        labels(login = "never"),
        allow(personal_data, reason = "a page, not a name")
    )]
    page_info: Info,
}

fn main() {
    let waivers = LakeMetrics::DESCRIPTOR.metrics[0].waivers;
    assert_eq!(waivers[1].reason, "so do alerts");
}
