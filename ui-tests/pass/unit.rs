use datapunk_metrics::{Counter, Gauge, Histogram, MetricSet, Seconds};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// The unit is a base unit.
    search_duration_seconds: Histogram<Seconds>,
    /// A base unit of its own before `_total`.
    compaction_seconds_total: Counter<(), f64>,
    /// `ms` as a part of a word.
    forms_current: Gauge,
    /// A share between 0 and 1.
    disk_used_ratio: Gauge<(), f64>,
    /// Temperature of the rack.
    rack_celsius: Gauge<(), f64>,
    /// A name that is kept, with a reason.
    #[metric(allow(unit, reason = "dashboards use it"))]
    age_hours: Gauge,
}

fn main() {}
