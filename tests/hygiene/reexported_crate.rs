//! The toolkit through a façade: this crate does not depend on it.
#![deny(warnings)]

use hygiene_facade::telemetry::datapunk_metrics::{Counter, LabelSet, MetricSet, Outcome};

#[derive(Clone, Copy, LabelSet)]
#[label(crate = ::hygiene_facade::telemetry::datapunk_metrics)]
pub struct Labels {
    pub outcome: Outcome,
}

#[derive(MetricSet)]
#[metrics(namespace = "facade", crate = ::hygiene_facade::telemetry::datapunk_metrics)]
pub struct FacadeMetrics {
    /// Operations.
    pub operations_total: Counter<Labels>,
}

pub fn record() {
    FacadeMetrics::METRICS.operations_total.with(Labels { outcome: Outcome::Ok }).inc();
}

hygiene_facade::worker!(WorkerMetrics, WorkerLabels, work, "worker");

pub fn record_work() -> u32 {
    WorkerMetrics::METRICS.jobs_total.with(WorkerLabels { outcome: Outcome::Ok }).inc();
    work(7)
}
