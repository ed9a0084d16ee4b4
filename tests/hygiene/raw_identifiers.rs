//! Raw identifiers as labels, values and metrics lose their `r#` in what is exposed.
#![deny(warnings)]

use datapunk_metrics::{Counter, LabelSet, LabelValue, MetricSet};

#[derive(Clone, Copy, LabelValue)]
pub enum Kind {
    Plain,
    #[label(rename = "type")]
    Typed,
}

#[derive(Clone, Copy, LabelSet)]
pub struct Labels {
    pub r#type: Kind,
}

#[derive(MetricSet)]
#[metrics(namespace = "raw")]
pub struct RawMetrics {
    /// Events.
    pub r#events_total: Counter<Labels>,
}

const _: () = {
    let metric = &RawMetrics::DESCRIPTOR.metrics[0];
    assert!(matches!(metric.labels[0].name.as_bytes(), b"type"));
    assert!(matches!(metric.name.as_bytes(), b"raw_events_total"));
};

pub fn record() {
    RawMetrics::METRICS.events_total.with(Labels { r#type: Kind::Typed }).inc();
}
