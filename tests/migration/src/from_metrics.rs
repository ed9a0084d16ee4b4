//! The code of `docs/from-metrics.md` before the move.

use std::time::Instant;

use metrics::{counter, describe_counter, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

pub fn install() -> PrometheusHandle {
    let handle = PrometheusBuilder::new()
        .set_buckets(&[0.001, 0.01, 0.1])
        .expect("there are some")
        .install_recorder()
        .expect("the first one");
    describe_counter!("mill_jobs_total", "Jobs done, by outcome.");
    describe_histogram!("mill_job_duration_seconds", metrics::Unit::Seconds, "Time taken by a job.");
    handle
}

pub fn work(input: &str) -> bool {
    let started = Instant::now();
    gauge!("mill_jobs_in_flight_current").increment(1);
    let is_done = !input.is_empty();
    counter!("mill_jobs_total", "outcome" => if is_done { "ok" } else { "error" }).increment(1);
    histogram!("mill_job_duration_seconds").record(started.elapsed());
    gauge!("mill_jobs_in_flight_current").decrement(1);
    is_done
}

#[test]
fn a_job_is_counted() {
    let handle = install();
    assert!(work("rye"));
    let text = handle.render();
    assert!(text.contains("mill_jobs_total{outcome=\"ok\"} 1\n"), "{text}");
    assert!(text.contains("mill_job_duration_seconds_count 1\n"), "{text}");
}
