//! `fastmetrics`: handles where there are no labels, families with typed label sets where there are.

use std::hint::black_box;
use std::sync::{LazyLock, Mutex, PoisonError};

use datapunk_metrics_bench_owner::{ELEVEN, SIX};
use fastmetrics::derive::{EncodeLabelValue, LabelSet, Register};
use fastmetrics::format::text::{self, TextProfile};
use fastmetrics::metrics::counter::Counter;
use fastmetrics::metrics::family::Family;
use fastmetrics::metrics::histogram::Histogram;
use fastmetrics::registry::{Register, Registry};

use super::{Library, filling, grid, nothing};
use crate::inputs::{SECONDS, each};
use crate::rows::Work;

pub(super) const LIBRARY: Library = Library {
    name: "fastmetrics",
    pass: |work| {
        Some(match work {
            Work::Plain => || {
                let counter = &RECORDED.metrics.plain_events;
                each!(counter.inc());
            },
            Work::Literal => || {
                const LABELS: Labels = Labels {
                    operation: Operation::Write,
                    status: Status::Timeout,
                };
                let counters = &RECORDED.metrics.grid_events;
                each!(counters.with_or_new(&LABELS, Counter::inc));
            },
            Work::Runtime => || {
                let counters = &RECORDED.metrics.grid_events;
                each!((operation, status) in GRID => {
                    counters.with_or_new(&Labels { operation, status }, Counter::inc);
                });
            },
            Work::Six => || observe(&RECORDED.metrics.six_latency_seconds),
            Work::SixFloat => || observe(&RECORDED.metrics.six_energy_joules),
            Work::Eleven => || observe(&RECORDED.metrics.eleven_latency_seconds),
            Work::Open => return None,
            Work::Encode => encode,
        })
    },
    settle: nothing,
    recorded: || text(&RECORDED.registry),
    encoded: || text(&ENCODED),
};

grid!(#[derive(EncodeLabelValue)]);

#[derive(Clone, PartialEq, Eq, Hash, LabelSet)]
struct Labels {
    operation: Operation,
    status: Status,
}

/// The library appends `_total`.
#[derive(Register)]
struct Metrics {
    /// Events without labels.
    plain_events: Counter,
    /// Events by operation and status.
    grid_events: Family<Labels, Counter>,
    /// Durations over six buckets.
    six_latency_seconds: Histogram,
    /// Numbers that are not durations, over six buckets.
    six_energy_joules: Histogram,
    /// Durations over eleven buckets.
    eleven_latency_seconds: Histogram,
}

struct Recorded {
    registry: Registry,
    metrics: Metrics,
}

static RECORDED: LazyLock<Recorded> = LazyLock::new(|| {
    let metrics = Metrics {
        plain_events: Counter::default(),
        grid_events: Family::default(),
        six_latency_seconds: Histogram::new(SIX),
        six_energy_joules: Histogram::new(SIX),
        eleven_latency_seconds: Histogram::new(ELEVEN),
    };
    let mut registry = registry();
    metrics.register(&mut registry).expect("the names are good");
    Recorded { registry, metrics }
});

fn registry() -> Registry {
    let builder = Registry::builder().with_namespace("bench");
    builder.build().expect("the namespace is good")
}

fn observe(histogram: &Histogram) {
    each!(seconds in SECONDS => histogram.observe(seconds));
}

#[derive(Clone, PartialEq, Eq, Hash, LabelSet)]
struct ShardPair {
    shard: &'static str,
    replica: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, LabelSet)]
struct ShardPart {
    shard: &'static str,
    part: &'static str,
}

#[derive(Register)]
struct Encoded {
    /// Events by shard and replica.
    shard_events: Family<ShardPair, Counter>,
    /// Durations by shard and part.
    shard_latency_seconds: Family<ShardPart, Histogram>,
}

static ENCODED: LazyLock<Registry> = LazyLock::new(|| {
    let metrics = Encoded {
        shard_events: Family::default(),
        shard_latency_seconds: Family::new(|| Histogram::new(SIX)),
    };
    filling::counters(|shard, replica, value| {
        let shard = filling::HUNDRED[shard];
        let replica = filling::HUNDRED[replica];
        let labels = ShardPair { shard, replica };
        metrics
            .shard_events
            .with_or_new(&labels, |counter| counter.inc_by(value));
    });
    filling::histograms(|shard, part, value| {
        let shard = filling::HUNDRED[shard];
        let part = filling::TEN[part];
        let labels = ShardPart { shard, part };
        metrics
            .shard_latency_seconds
            .with_or_new(&labels, |histogram| histogram.observe(value));
    });
    let mut registry = registry();
    metrics.register(&mut registry).expect("the names are good");
    registry
});

fn encode() {
    static BUFFER: Mutex<String> = Mutex::new(String::new());

    let mut buffer = BUFFER.lock().unwrap_or_else(PoisonError::into_inner);
    buffer.clear();
    text::encode(&mut *buffer, &ENCODED, TextProfile::default()).expect("a string takes all text");
    black_box(&*buffer);
}

fn text(registry: &Registry) -> String {
    let mut text = String::new();
    text::encode(&mut text, registry, TextProfile::default()).expect("a string takes all text");
    text
}
