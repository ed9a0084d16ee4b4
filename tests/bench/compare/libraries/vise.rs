//! `vise`: a group of metrics with typed families.

use std::hint::black_box;
use std::sync::{LazyLock, Mutex, PoisonError};

use datapunk_metrics_bench_owner::{ELEVEN, SIX};
use vise::{
    Buckets, Counter, EncodeLabelSet, EncodeLabelValue, Family, Format, Histogram, Metrics,
    Registry,
};

use super::{Library, filling, grid, nothing};
use crate::inputs::{PATHS, SECONDS, each};
use crate::rows::Work;

pub(super) const LIBRARY: Library = Library {
    name: "vise",
    pass: |work| {
        Some(match work {
            Work::Plain => || {
                let counter = &RECORDED.plain_events;
                each!(counter.inc());
            },
            Work::Literal => || {
                const LABELS: Labels = Labels {
                    operation: Operation::Write,
                    status: Status::Timeout,
                };
                let counters = &RECORDED.grid_events;
                each!(counters[&LABELS].inc());
            },
            Work::Runtime => || {
                let counters = &RECORDED.grid_events;
                each!((operation, status) in GRID => counters[&Labels { operation, status }].inc());
            },
            Work::Open => || {
                let counters = &RECORDED.path_events;
                each!(path in PATHS => counters[&Path { path: path.to_owned() }].inc());
            },
            Work::Six => || observe(&RECORDED.six_latency_seconds),
            Work::SixFloat => || observe(&RECORDED.six_energy_joules),
            Work::Eleven => || observe(&RECORDED.eleven_latency_seconds),
            Work::Encode => encode,
        })
    },
    settle: nothing,
    recorded: || {
        let mut registry = Registry::empty();
        registry.register_metrics(&*RECORDED);
        text(&registry)
    },
    encoded: || text(&ENCODED),
};

grid!(
    #[derive(EncodeLabelValue)]
    #[metrics(rename_all = "snake_case")]
);

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    operation: Operation,
    status: Status,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Path {
    path: String,
}

/// The library appends `_total`.
#[derive(Debug, Metrics)]
#[metrics(prefix = "bench")]
struct Recorded {
    /// Events without labels.
    plain_events: Counter,
    /// Events by operation and status.
    grid_events: Family<Labels, Counter>,
    /// Events by path.
    path_events: Family<Path, Counter>,
    /// Durations over six buckets.
    #[metrics(buckets = Buckets::values(&SIX))]
    six_latency_seconds: Histogram,
    /// Numbers that are not durations, over six buckets.
    #[metrics(buckets = Buckets::values(&SIX))]
    six_energy_joules: Histogram,
    /// Durations over eleven buckets.
    #[metrics(buckets = Buckets::values(&ELEVEN))]
    eleven_latency_seconds: Histogram,
}

static RECORDED: LazyLock<Recorded> = LazyLock::new(Recorded::default);

fn observe(histogram: &Histogram) {
    each!(seconds in SECONDS => histogram.observe(seconds));
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ShardPair {
    shard: &'static str,
    replica: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ShardPart {
    shard: &'static str,
    part: &'static str,
}

#[derive(Debug, Metrics)]
#[metrics(prefix = "bench")]
struct Encoded {
    /// Events by shard and replica.
    shard_events: Family<ShardPair, Counter>,
    /// Durations by shard and part.
    #[metrics(buckets = Buckets::values(&SIX))]
    shard_latency_seconds: Family<ShardPart, Histogram>,
}

static ENCODED: LazyLock<Registry> = LazyLock::new(|| {
    let metrics = Encoded::default();
    filling::counters(|shard, replica, value| {
        let shard = filling::HUNDRED[shard];
        let replica = filling::HUNDRED[replica];
        metrics.shard_events[&ShardPair { shard, replica }].inc_by(value);
    });
    filling::histograms(|shard, part, value| {
        let shard = filling::HUNDRED[shard];
        let part = filling::TEN[part];
        metrics.shard_latency_seconds[&ShardPart { shard, part }].observe(value);
    });
    let mut registry = Registry::empty();
    registry.register_metrics(&metrics);
    registry
});

fn encode() {
    static BUFFER: Mutex<String> = Mutex::new(String::new());

    let mut buffer = BUFFER.lock().unwrap_or_else(PoisonError::into_inner);
    buffer.clear();
    // Its own format; the other two rewrite this one line by line.
    ENCODED
        .encode(&mut *buffer, Format::OpenMetrics)
        .expect("a string takes all text");
    black_box(&*buffer);
}

fn text(registry: &Registry) -> String {
    let mut text = String::new();
    registry
        .encode(&mut text, Format::OpenMetrics)
        .expect("a string takes all text");
    text
}
