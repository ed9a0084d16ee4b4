//! The example of README.md with its counter misnamed; README.md shows the error.

use datapunk_metrics::{Counter, Histogram, LabelSet, LabelValue, MetricSet, Outcome, Seconds};

#[derive(Clone, Copy, LabelValue)]
enum Operation { Read, Write, Delete } // "read", "write", "delete"

#[derive(Clone, Copy, LabelSet)]
struct StorageLabels { operation: Operation, status: Outcome }

/// Metrics of the lake service.
#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Storage operations, by operation and outcome.
    storage_operations: Counter<StorageLabels>,
    /// Time taken by a vector search.
    #[metric(buckets = [0.001, 0.01, 0.1, 1.0])]
    vector_search_duration_seconds: Histogram<Seconds>,
}

fn main() {
    let _ = (Operation::Read, Operation::Write, Operation::Delete);
}
