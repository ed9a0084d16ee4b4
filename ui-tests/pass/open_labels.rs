use datapunk_metrics::{Counter, Histogram, LabelSet, Method, MetricSet, Outcome, Seconds, series};

#[derive(Clone, Copy, LabelSet)]
struct HttpLabels<'a> {
    method: Method,
    #[label(max = 2, known = ["/", "/health"], max_bytes = 8)]
    path: &'a str,
    outcome: Outcome,
}

#[derive(Clone, Copy, LabelSet)]
struct TopicLabels {
    topic: &'static str,
}

// An identifier by its name, with a reason.
#[derive(Clone, Copy, LabelSet)]
struct WaivedLabels<'request> {
    #[label(rename = "ip", allow(personal_data, reason = "addresses of our own machines"))]
    machine: &'request str,
}

#[derive(MetricSet)]
#[metrics(namespace = "near")]
struct NearMetrics {
    /// Requests answered.
    http_requests_total: Counter<HttpLabels<'static>>,
    /// Time taken to publish.
    publish_duration_seconds: Histogram<Seconds, TopicLabels>,
    /// Machines seen.
    machines_seen_total: Counter<WaivedLabels<'static>>,
}

fn main() {
    const NEAR: NearMetrics = NearMetrics::METRICS;
    let path = String::from("/");
    let labels = HttpLabels { method: Method::Get, path: &path, outcome: Outcome::Ok };
    NEAR.http_requests_total.with(labels).inc();
    let method = Method::Get;
    series!(NEAR.http_requests_total, HttpLabels { method, path: "/", outcome: Outcome::Ok }).inc();
    series!(NEAR.publish_duration_seconds, self::TopicLabels { topic: "mail" }).time(|| {});
}
