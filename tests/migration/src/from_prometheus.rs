//! The code of `docs/from-prometheus.md` before the move.

use std::sync::LazyLock;
use std::time::Instant;

use prometheus::{HistogramVec, IntCounterVec, register_histogram_vec, register_int_counter_vec};

static REQUESTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    register_int_counter_vec!("shop_requests_total", "Requests, by method and outcome.", &["method", "outcome"])
        .expect("the name is free")
});
static DURATION: LazyLock<HistogramVec> = LazyLock::new(|| {
    let buckets = vec![0.01, 0.1, 1.0];
    register_histogram_vec!("shop_request_duration_seconds", "Time taken by a request.", &["method"], buckets)
        .expect("the name is free")
});

pub fn handle(method: &str, order: &str) -> bool {
    let started = Instant::now();
    let is_served = !order.is_empty();
    let outcome = if is_served { "ok" } else { "error" };
    REQUESTS.with_label_values(&[method, outcome]).inc();
    DURATION.with_label_values(&[method]).observe(started.elapsed().as_secs_f64());
    is_served
}

pub fn exposition() -> String {
    prometheus::TextEncoder::new().encode_to_string(&prometheus::gather()).expect("text")
}

#[test]
fn a_request_is_counted() {
    assert!(handle("POST", "two loaves"));
    let text = exposition();
    assert!(text.contains("shop_requests_total{method=\"POST\",outcome=\"ok\"} 1\n"), "{text}");
    assert!(!text.contains("error"), "{text}");
    assert!(text.contains("shop_request_duration_seconds_count{method=\"POST\"} 1\n"), "{text}");
}
