use datapunk_metrics::{Counter, LabelSet, Method, MetricSet, series};

#[derive(Clone, Copy, LabelSet)]
struct PageLabels<'a> {
    method: Method,
    path: &'a str,
}

#[derive(MetricSet)]
#[metrics(namespace = "site")]
struct SiteMetrics {
    /// Pages shown.
    pages_shown_total: Counter<PageLabels<'static>>,
}

const SITE: SiteMetrics = SiteMetrics::METRICS;

fn main() {
    series!(SITE.pages_shown_total).inc();
}
