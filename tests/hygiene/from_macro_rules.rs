//! Sets, label sets and label values that a `macro_rules!` macro writes, with fragments in every place.
#![deny(warnings)]

use datapunk_metrics::{Counter, Histogram, LabelSet, LabelValue, MetricSet, Seconds};

macro_rules! metrics_of {
    ($set:ident, $labels:ident, $value:ident, $namespace:literal, $help:literal, [$($variant:ident),*], $bound:expr) => {
        #[derive(Clone, Copy, LabelValue)]
        pub enum $value {
            $($variant),*
        }

        #[derive(Clone, Copy, LabelSet)]
        pub struct $labels {
            pub operation: $value,
        }

        #[derive(MetricSet)]
        #[metrics(namespace = $namespace)]
        pub struct $set {
            #[doc = $help]
            pub operations_total: Counter<$labels>,
            /// Durations.
            #[metric(buckets = [0.5, $bound])]
            pub operation_duration_seconds: Histogram<Seconds, $labels>,
        }
    };
}

metrics_of!(DiskMetrics, DiskLabels, DiskOperation, "disk", "Operations on disk.", [Read, Write], 1.0);
metrics_of!(TapeMetrics, TapeLabels, TapeOperation, "tape", "Operations on tape.", [Wind, Rewind], 60.0);

pub fn record() {
    DiskMetrics::METRICS.operations_total.with(DiskLabels { operation: DiskOperation::Read }).inc();
    TapeMetrics::METRICS.operations_total.with(TapeLabels { operation: TapeOperation::Rewind }).inc();
}
