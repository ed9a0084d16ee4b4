//! The module `testing`: what it reads, and what it says when a test fails.

#[path = "testing/assertion.rs"]
mod assertion;
#[path = "testing/handle.rs"]
mod handle;
#[path = "testing/reading.rs"]
mod reading;
#[path = "testing/scope.rs"]
mod scope;

use std::panic::{AssertUnwindSafe, catch_unwind};

use datapunk_metrics::testing::Snapshot;
use datapunk_metrics::{
    Bytes, Celsius, Counter, Gauge, Histogram, LabelSet, LabelValue, MetricSet, Outcome, Registry,
};

#[derive(Clone, Copy, LabelValue)]
enum Operation {
    Read,
    Write,
}

#[derive(Clone, Copy, LabelSet)]
struct Labels {
    operation: Operation,
    status: Outcome,
}

const WRITE_OK: Labels = Labels {
    operation: Operation::Write,
    status: Outcome::Ok,
};
const READ_OK: Labels = Labels {
    operation: Operation::Read,
    status: Outcome::Ok,
};
const WRITE_ERROR: Labels = Labels {
    operation: Operation::Write,
    status: Outcome::Error,
};

fn registry_of<S: MetricSet>() -> Registry {
    let registry = Registry::new();
    registry.register::<S>().expect("one set does not clash");
    registry
}

fn snapshot(registry: &Registry) -> Snapshot {
    Snapshot::of(registry).expect("no reader panics")
}

/// What `test` says when it fails.
#[track_caller]
fn failure(test: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(test)).expect_err("it does not fail");
    match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => (*payload.downcast::<&str>().expect("a text")).to_owned(),
    }
}

#[derive(MetricSet)]
#[metrics(namespace = "scoped")]
struct Scoped {
    /// Operations.
    operations_total: Counter<Labels>,
    /// Processor time.
    cpu_seconds_total: Counter<(), f64>,
    /// Sizes.
    #[metric(buckets = [10, 100])]
    object_size_bytes: Histogram<Bytes>,
    /// Temperatures.
    #[metric(buckets = [0.0, 10.0])]
    room_celsius: Histogram<Celsius>,
    /// Waiting.
    waiting_current: Gauge,
}
const SCOPED: Scoped = Scoped::METRICS;

fn work() {
    SCOPED.operations_total.with(WRITE_OK).inc();
    SCOPED.cpu_seconds_total.add(0.5);
    SCOPED.object_size_bytes.observe(50_u64);
    SCOPED.room_celsius.observe(-2.5);
}
