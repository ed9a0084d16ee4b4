//! A metric with an open label, whose series are recorded here and in the test: in two crates.

use datapunk_metrics::{Counter, LabelSet, MetricSet, series};

/// The labels of a page.
#[derive(Clone, Copy, Debug, LabelSet)]
pub struct PageLabels<'a> {
    /// Its path.
    pub path: &'a str,
}

/// Metrics of two crates.
#[derive(Debug, MetricSet)]
#[metrics(namespace = "shared")]
pub struct SharedMetrics {
    /// Pages shown.
    pub pages_shown_total: Counter<PageLabels<'static>>,
}

/// Counts the page `/items/{id}` by a literal of this crate.
pub fn show_item() {
    series!(
        SharedMetrics::METRICS.pages_shown_total,
        PageLabels {
            path: "/items/{id}"
        }
    )
    .inc();
}
