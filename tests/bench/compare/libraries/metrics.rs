//! `metrics` with `metrics-exporter-prometheus`: handles where there are no labels, the macros where there are.

use std::hint::black_box;
use std::sync::{LazyLock, Mutex, PoisonError};

use datapunk_metrics_bench_owner::{ELEVEN, SIX};
use metrics::{Counter, Histogram, counter, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::{Library, filling, grid, grid_text};
use crate::inputs::{PATHS, SECONDS, each};
use crate::rows::Work;

pub(super) const LIBRARY: Library = Library {
    name: "metrics",
    pass: |work| {
        Some(match work {
            Work::Plain => || {
                let counter = &RECORDED.plain;
                each!(counter.increment(1));
            },
            Work::Literal => || {
                // The macros record in the global recorder, which this makes.
                LazyLock::force(&RECORDED);
                each!(
                    counter!("bench_grid_events_total", "operation" => "write", "status" => "timeout")
                        .increment(1)
                );
            },
            Work::Runtime => || {
                LazyLock::force(&RECORDED);
                each!((operation, status) in GRID => {
                    counter!(
                        "bench_grid_events_total",
                        "operation" => operation.text(),
                        "status" => status.text()
                    )
                    .increment(1);
                });
            },
            Work::Open => || {
                LazyLock::force(&RECORDED);
                each!(path in PATHS => {
                    counter!("bench_path_events_total", "path" => path.to_owned()).increment(1);
                });
            },
            Work::Six => || observe(&RECORDED.six),
            Work::SixFloat => || observe(&RECORDED.energy),
            Work::Eleven => || observe(&RECORDED.eleven),
            Work::Encode => encode,
        })
    },
    // A histogram keeps every observation until someone sorts them into buckets. A service has a task for that.
    settle: || RECORDED.handle.run_upkeep(),
    recorded: || RECORDED.handle.render(),
    encoded: || ENCODED.render(),
};

grid!();
grid_text!();

struct Recorded {
    handle: PrometheusHandle,
    plain: Counter,
    six: Histogram,
    energy: Histogram,
    eleven: Histogram,
}

static RECORDED: LazyLock<Recorded> = LazyLock::new(|| {
    let eleven = Matcher::Full("bench_eleven_latency_seconds".to_owned());
    let handle = PrometheusBuilder::new()
        .set_buckets(&SIX)
        .and_then(|builder| builder.set_buckets_for_metric(eleven, &ELEVEN))
        .expect("there are buckets")
        .install_recorder()
        .expect("it is the only recorder");
    Recorded {
        handle,
        plain: counter!("bench_plain_events_total"),
        six: histogram!("bench_six_latency_seconds"),
        energy: histogram!("bench_six_energy_joules"),
        eleven: histogram!("bench_eleven_latency_seconds"),
    }
});

fn observe(histogram: &Histogram) {
    each!(seconds in SECONDS => histogram.record(seconds));
}

static ENCODED: LazyLock<PrometheusHandle> = LazyLock::new(|| {
    let recorder = PrometheusBuilder::new()
        .set_buckets(&SIX)
        .expect("there are buckets")
        .build_recorder();
    metrics::with_local_recorder(&recorder, || {
        metrics::describe_counter!("bench_shard_events_total", "Events by shard and replica.");
        metrics::describe_histogram!(
            "bench_shard_latency_seconds",
            "Durations by shard and part."
        );
        filling::counters(|shard, replica, value| {
            let shard = filling::HUNDRED[shard];
            let replica = filling::HUNDRED[replica];
            counter!("bench_shard_events_total", "shard" => shard, "replica" => replica)
                .increment(value);
        });
        filling::histograms(|shard, part, value| {
            let shard = filling::HUNDRED[shard];
            let part = filling::TEN[part];
            histogram!("bench_shard_latency_seconds", "shard" => shard, "part" => part)
                .record(value);
        });
    });
    recorder.handle()
});

fn encode() {
    static BUFFER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

    let mut buffer = BUFFER.lock().unwrap_or_else(PoisonError::into_inner);
    buffer.clear();
    ENCODED
        .render_to_write(&mut *buffer)
        .expect("a vector takes all bytes");
    black_box(&*buffer);
}
