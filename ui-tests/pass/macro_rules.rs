use datapunk_metrics::{Counter, Histogram, LabelSet, MetricSet, Outcome, Seconds};

macro_rules! set_of {
    ($set:ident, $labels:ident, $namespace:literal) => {
        #[derive(Clone, Copy, LabelSet)]
        struct $labels {
            cached: bool,
            outcome: Outcome,
        }

        #[derive(MetricSet)]
        #[metrics(namespace = $namespace)]
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
