use datapunk_metrics::{Counter, Histogram, LabelSet, MetricSet, Outcome, Seconds};

/// What a library that wraps the toolkit has.
pub mod reexport {
    pub use datapunk_metrics;
}

macro_rules! set_of {
    ($set:ident, $labels:ident, $namespace:literal) => {
        #[derive(Clone, Copy, LabelSet)]
        #[label(crate = $crate::reexport::datapunk_metrics)]
        struct $labels {
            cached: bool,
            outcome: Outcome,
        }

        #[derive(MetricSet)]
        #[metrics(namespace = $namespace, crate = $crate::reexport::datapunk_metrics)]
        struct $set {
            /// Objects stored.
            objects_stored_total: Counter<$labels>,
            /// Time taken.
            #[metric(buckets = [0.1, 1.0])]
            store_duration_seconds: Histogram<Seconds>,
        }
    };
}

set_of!(LakeMetrics, LakeLabels, "lake");
set_of!(PondMetrics, PondLabels, "pond");

fn main() {
    let labels = PondLabels {
        cached: true,
        outcome: Outcome::Ok,
    };
    PondMetrics::METRICS.objects_stored_total.with(labels).inc();
    let labels = LakeLabels {
        cached: true,
        outcome: Outcome::Ok,
    };
    assert_eq!(
        LakeMetrics::METRICS.objects_stored_total.with(labels).get(),
        0
    );
    assert_eq!(PondMetrics::DESCRIPTOR.namespace, "pond");
}
