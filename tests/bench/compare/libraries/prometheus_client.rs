//! `prometheus-client`: handles where there are no labels, families with typed label sets where there are.

use std::hint::black_box;
use std::sync::{LazyLock, Mutex, PoisonError};

use datapunk_metrics_bench_owner::{ELEVEN, SIX};
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::{Library, filling, grid, nothing};
use crate::inputs::{PATHS, SECONDS, each};
use crate::rows::Work;

pub(super) const LIBRARY: Library = Library {
    name: "prometheus-client",
    pass: |work| {
        Some(match work {
            Work::Plain => || {
                let counter = &RECORDED.plain;
                each!(counter.inc());
            },
            Work::Literal => || {
                const LABELS: Labels = Labels {
                    operation: Operation::Write,
                    status: Status::Timeout,
                };
                let counters = &RECORDED.grid;
                each!(counters.get_or_create(&LABELS).inc());
            },
            Work::Runtime => || {
                let counters = &RECORDED.grid;
                each!((operation, status) in GRID => {
                    counters.get_or_create(&Labels { operation, status }).inc();
                });
            },
            Work::Open => || {
                let counters = &RECORDED.paths;
                each!(path in PATHS => {
                    counters.get_or_create(&Path { path: path.to_owned() }).inc();
                });
            },
            Work::Six => || observe(&RECORDED.six),
            Work::SixFloat => || observe(&RECORDED.energy),
            Work::Eleven => || observe(&RECORDED.eleven),
            Work::Encode => encode,
        })
    },
    settle: nothing,
    recorded: || text(&RECORDED.registry),
    encoded: || text(&ENCODED),
};

grid!(#[derive(EncodeLabelValue)]);

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    operation: Operation,
    status: Status,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Path {
    path: String,
}

struct Recorded {
    registry: Registry,
    plain: Counter,
    grid: Family<Labels, Counter>,
    paths: Family<Path, Counter>,
    six: Histogram,
    energy: Histogram,
    eleven: Histogram,
}

static RECORDED: LazyLock<Recorded> = LazyLock::new(|| {
    // The library appends `_total`.
    let plain = Counter::default();
    let grid = Family::default();
    let paths = Family::default();
    let six = Histogram::new(SIX);
    let energy = Histogram::new(SIX);
    let eleven = Histogram::new(ELEVEN);
    let mut registry = Registry::default();
    registry.register("bench_plain_events", "Events without labels", plain.clone());
    registry.register(
        "bench_grid_events",
        "Events by operation and status",
        grid.clone(),
    );
    registry.register("bench_path_events", "Events by path", paths.clone());
    registry.register("bench_six_latency_seconds", "Durations", six.clone());
    registry.register("bench_six_energy_joules", "Numbers", energy.clone());
    registry.register("bench_eleven_latency_seconds", "Durations", eleven.clone());
    Recorded {
        registry,
        plain,
        grid,
        paths,
        six,
        energy,
        eleven,
    }
});

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

static ENCODED: LazyLock<Registry> = LazyLock::new(|| {
    let counters = Family::<ShardPair, Counter>::default();
    let histograms = Family::<ShardPart, Histogram>::new_with_constructor(|| Histogram::new(SIX));
    filling::counters(|shard, replica, value| {
        let shard = filling::HUNDRED[shard];
        let replica = filling::HUNDRED[replica];
        counters
            .get_or_create(&ShardPair { shard, replica })
            .inc_by(value);
    });
    filling::histograms(|shard, part, value| {
        let shard = filling::HUNDRED[shard];
        let part = filling::TEN[part];
        histograms
            .get_or_create(&ShardPart { shard, part })
            .observe(value);
    });
    let mut registry = Registry::default();
    registry.register(
        "bench_shard_events",
        "Events by shard and replica",
        counters,
    );
    registry.register(
        "bench_shard_latency_seconds",
        "Durations by shard and part",
        histograms,
    );
    registry
});

fn encode() {
    static BUFFER: Mutex<String> = Mutex::new(String::new());

    let mut buffer = BUFFER.lock().unwrap_or_else(PoisonError::into_inner);
    buffer.clear();
    prometheus_text::encode(&mut *buffer, &ENCODED).expect("a string takes all text");
    black_box(&*buffer);
}

fn text(registry: &Registry) -> String {
    let mut text = String::new();
    prometheus_text::encode(&mut text, registry).expect("a string takes all text");
    text
}
