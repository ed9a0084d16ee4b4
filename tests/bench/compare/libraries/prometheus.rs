//! `prometheus`: handles where there are no labels, `with_label_values` where there are.

use std::hint::black_box;
use std::sync::{LazyLock, Mutex, PoisonError};

use datapunk_metrics_bench_owner::{ELEVEN, SIX};
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry, TextEncoder,
};

use super::{Library, filling, grid, grid_text, nothing};
use crate::inputs::{PATHS, SECONDS, each};
use crate::rows::Work;

pub(super) const LIBRARY: Library = Library {
    name: "prometheus",
    pass: |work| {
        Some(match work {
            Work::Plain => || {
                let counter = &RECORDED.plain;
                each!(counter.inc());
            },
            Work::Literal => || {
                let counters = &RECORDED.grid;
                each!(counters.with_label_values(&["write", "timeout"]).inc());
            },
            Work::Runtime => || {
                let counters = &RECORDED.grid;
                each!((operation, status) in GRID => {
                    counters.with_label_values(&[operation.text(), status.text()]).inc();
                });
            },
            Work::Open => || {
                let counters = &RECORDED.paths;
                each!(path in PATHS => counters.with_label_values(&[path]).inc());
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

grid!();
grid_text!();

struct Recorded {
    registry: Registry,
    plain: IntCounter,
    grid: IntCounterVec,
    paths: IntCounterVec,
    six: Histogram,
    energy: Histogram,
    eleven: Histogram,
}

static RECORDED: LazyLock<Recorded> = LazyLock::new(|| recorded().expect("the names are good"));

fn recorded() -> prometheus::Result<Recorded> {
    let registry = Registry::new();
    let plain = IntCounter::new("bench_plain_events_total", "Events without labels.")?;
    let grid = grid_counter()?;
    let options = Opts::new("bench_path_events_total", "Events by path.");
    let paths = IntCounterVec::new(options, &["path"])?;
    let six = histogram("bench_six_latency_seconds", &SIX)?;
    let energy = histogram("bench_six_energy_joules", &SIX)?;
    let eleven = histogram("bench_eleven_latency_seconds", &ELEVEN)?;
    registry.register(Box::new(plain.clone()))?;
    registry.register(Box::new(grid.clone()))?;
    registry.register(Box::new(paths.clone()))?;
    registry.register(Box::new(six.clone()))?;
    registry.register(Box::new(energy.clone()))?;
    registry.register(Box::new(eleven.clone()))?;
    Ok(Recorded {
        registry,
        plain,
        grid,
        paths,
        six,
        energy,
        eleven,
    })
}

/// Events by operation and status.
pub(super) fn grid_counter() -> prometheus::Result<IntCounterVec> {
    let options = Opts::new("bench_grid_events_total", "Events by operation and status.");
    IntCounterVec::new(options, &["operation", "status"])
}

fn histogram(name: &str, buckets: &[f64]) -> prometheus::Result<Histogram> {
    Histogram::with_opts(HistogramOpts::new(name, "Observed numbers.").buckets(buckets.to_vec()))
}

fn observe(histogram: &Histogram) {
    each!(seconds in SECONDS => histogram.observe(seconds));
}

static ENCODED: LazyLock<Registry> = LazyLock::new(|| encoded().expect("the names are good"));

fn encoded() -> prometheus::Result<Registry> {
    let registry = Registry::new();
    let options = Opts::new("bench_shard_events_total", "Events by shard and replica.");
    let counters = IntCounterVec::new(options, &["shard", "replica"])?;
    let options = HistogramOpts::new(
        "bench_shard_latency_seconds",
        "Durations by shard and part.",
    );
    let histograms = HistogramVec::new(options.buckets(SIX.to_vec()), &["shard", "part"])?;
    filling::counters(|shard, replica, value| {
        let labels = [filling::HUNDRED[shard], filling::HUNDRED[replica]];
        counters.with_label_values(&labels).inc_by(value);
    });
    filling::histograms(|shard, part, value| {
        let labels = [filling::HUNDRED[shard], filling::TEN[part]];
        histograms.with_label_values(&labels).observe(value);
    });
    registry.register(Box::new(counters))?;
    registry.register(Box::new(histograms))?;
    Ok(registry)
}

fn encode() {
    static BUFFER: Mutex<String> = Mutex::new(String::new());

    let mut buffer = BUFFER.lock().unwrap_or_else(PoisonError::into_inner);
    buffer.clear();
    TextEncoder::new()
        .encode_utf8(&ENCODED.gather(), &mut buffer)
        .expect("a string takes all text");
    black_box(&*buffer);
}

/// The text of a registry.
pub(super) fn text(registry: &Registry) -> String {
    TextEncoder::new()
        .encode_to_string(&registry.gather())
        .expect("a string takes all text")
}
