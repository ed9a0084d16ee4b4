use datapunk_metrics::{Counter, Gauge, Lifecycle, MetricSet, Retention};

/// Metrics of the lake.
#[derive(MetricSet)]
#[metrics(namespace = "lake", retention = low_frequency)]
struct LakeMetrics {
    /// Searches.
    #[metric(renamed_from = "lakeQueries", until = "9.0.0-rc.1")]
    searches_total: Counter,
    /// Accesses.
    #[metric(retention = compliance)]
    accesses_total: Counter,
    /// Objects.
    #[metric(deprecated = "add up `lake_stored_bytes`", until = "9.0.0")]
    objects_current: Gauge,
}

/// Metrics of the pond.
#[derive(MetricSet)]
#[metrics(namespace = "pond")]
struct PondMetrics {
    /// Fish.
    fish_current: Gauge,
}

fn main() {
    let [searches, accesses, objects] = LakeMetrics::DESCRIPTOR.metrics else {
        panic!("three metrics")
    };
    assert_eq!(searches.retention, Retention::LowFrequency);
    assert_eq!(accesses.retention, Retention::Compliance);
    assert_eq!(
        searches.lifecycle,
        &Lifecycle::RenamedFrom { name: "lakeQueries", until: "9.0.0-rc.1" }
    );
    assert_eq!(accesses.lifecycle, &Lifecycle::Stable);
    assert_eq!(
        objects.lifecycle,
        &Lifecycle::Deprecated { reason: "add up `lake_stored_bytes`", until: "9.0.0" }
    );
    assert_eq!(
        objects.help,
        "Objects. Deprecated: add up `lake_stored_bytes`; gone from version 9.0.0 on."
    );
    assert_eq!(PondMetrics::DESCRIPTOR.metrics[0].retention, Retention::HighFrequency);
}
