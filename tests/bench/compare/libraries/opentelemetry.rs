//! `opentelemetry_sdk`: bound instruments where there are no labels, attributes where there are; read through
//! `opentelemetry-prometheus`.

use std::hint::black_box;
use std::sync::{LazyLock, Mutex, PoisonError};

use datapunk_metrics_bench_owner::{ELEVEN, SIX};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{BoundCounter, BoundHistogram, Counter, Meter, MeterProvider};
use opentelemetry_sdk::metrics::{Instrument, SdkMeterProvider, Stream};
use prometheus::{Registry, TextEncoder};

use super::prometheus::text;
use super::{Library, filling, grid, grid_text, nothing};
use crate::inputs::{SECONDS, each};
use crate::rows::Work;

pub(super) const LIBRARY: Library = Library {
    name: "opentelemetry_sdk",
    pass: |work| {
        Some(match work {
            Work::Plain => || {
                let counter = &RECORDED.plain;
                each!(counter.add(1));
            },
            Work::Literal => || {
                let counters = &RECORDED.grid;
                each!(counters.add(
                    1,
                    &[
                        KeyValue::new("operation", "write"),
                        KeyValue::new("status", "timeout")
                    ]
                ));
            },
            Work::Runtime => || {
                let counters = &RECORDED.grid;
                each!((operation, status) in GRID => counters.add(
                    1,
                    &[
                        KeyValue::new("operation", operation.text()),
                        KeyValue::new("status", status.text()),
                    ]
                ));
            },
            Work::Six => || observe(&RECORDED.six),
            Work::SixFloat => || observe(&RECORDED.energy),
            Work::Eleven => || observe(&RECORDED.eleven),
            Work::Open => return None,
            Work::Encode => encode,
        })
    },
    settle: nothing,
    recorded: || text(&RECORDED.exported.registry),
    encoded: || text(&ENCODED.registry),
};

grid!();
grid_text!();

/// A provider and the registry that shows what it has.
struct Exported {
    registry: Registry,
    /// Instruments stop to work without it.
    provider: SdkMeterProvider,
}

impl Exported {
    fn new() -> Self {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .scope_info_enabled(false)
            .without_target_info()
            .build()
            .expect("the registry is empty");
        // The limit of 2,000 series is too low for the encoding.
        let unlimited = |_: &Instrument| {
            Stream::builder()
                .with_cardinality_limit(20_000)
                .build()
                .ok()
        };
        let provider = SdkMeterProvider::builder()
            .with_reader(exporter)
            .with_view(unlimited)
            .build();
        Self { registry, provider }
    }

    fn meter(&self) -> Meter {
        self.provider.meter("bench")
    }
}

struct Recorded {
    exported: Exported,
    plain: BoundCounter<u64>,
    grid: Counter<u64>,
    six: BoundHistogram<f64>,
    energy: BoundHistogram<f64>,
    eleven: BoundHistogram<f64>,
}

static RECORDED: LazyLock<Recorded> = LazyLock::new(|| {
    let exported = Exported::new();
    let meter = exported.meter();
    let histogram = |name: &'static str, buckets: &[f64]| {
        let histogram = meter.f64_histogram(name);
        histogram
            .with_boundaries(buckets.to_vec())
            .build()
            .bind(&[])
    };
    Recorded {
        plain: meter.u64_counter("bench_plain_events").build().bind(&[]),
        grid: meter.u64_counter("bench_grid_events").build(),
        six: histogram("bench_six_latency_seconds", &SIX),
        energy: histogram("bench_six_energy_joules", &SIX),
        eleven: histogram("bench_eleven_latency_seconds", &ELEVEN),
        exported,
    }
});

fn observe(histogram: &BoundHistogram<f64>) {
    each!(seconds in SECONDS => histogram.record(seconds));
}

static ENCODED: LazyLock<Exported> = LazyLock::new(|| {
    let exported = Exported::new();
    let meter = exported.meter();
    let counters = meter.u64_counter("bench_shard_events").build();
    let histograms = meter
        .f64_histogram("bench_shard_latency_seconds")
        .with_boundaries(SIX.to_vec())
        .build();
    filling::counters(|shard, replica, value| {
        let shard = KeyValue::new("shard", filling::HUNDRED[shard]);
        let replica = KeyValue::new("replica", filling::HUNDRED[replica]);
        counters.add(value, &[shard, replica]);
    });
    filling::histograms(|shard, part, value| {
        let shard = KeyValue::new("shard", filling::HUNDRED[shard]);
        let part = KeyValue::new("part", filling::TEN[part]);
        histograms.record(value, &[shard, part]);
    });
    exported
});

fn encode() {
    static BUFFER: Mutex<String> = Mutex::new(String::new());

    let mut buffer = BUFFER.lock().unwrap_or_else(PoisonError::into_inner);
    buffer.clear();
    TextEncoder::new()
        .encode_utf8(&ENCODED.registry.gather(), &mut buffer)
        .expect("a string takes all text");
    black_box(&*buffer);
}
