//! datapunk-metrics: constants, and labels that are an index.

use std::hint::black_box;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use datapunk_metrics::Registry;
use datapunk_metrics::encode::{Format, encode, encode_into};
use datapunk_metrics_bench_owner::{
    ENCODED, EncodedMetrics, Grid, Hundred, Operation, PathLabels, RECORDED, RecordedMetrics,
    ShardPair, ShardPart, Status, Ten,
};

use super::{Library, filling, nothing, places};
use crate::inputs::{DURATIONS, PATHS, SECONDS, each};
use crate::rows::Work;

pub(super) const LIBRARY: Library = Library {
    name: "ours",
    pass: |work| {
        Some(match work {
            Work::Plain => || each!(RECORDED.plain_events_total.inc()),
            Work::Literal => literal,
            Work::Runtime => runtime,
            Work::Open => || {
                each!(path in PATHS => RECORDED.path_events_total.with(PathLabels { path }).inc());
            },
            Work::Six => || {
                each!(duration in DURATIONS => RECORDED.six_latency_seconds.observe(duration));
            },
            Work::SixFloat => || {
                each!(value in SECONDS => RECORDED.six_energy_joules.observe(value));
            },
            Work::Eleven => || {
                each!(duration in DURATIONS => RECORDED.eleven_latency_seconds.observe(duration));
            },
            Work::Encode => encode_again,
        })
    },
    settle: nothing,
    recorded: || {
        let registry = Registry::new();
        let registered = registry.register::<RecordedMetrics>();
        text(registered.expect("the set has no duplicates"))
    },
    encoded,
};

places!();

fn literal() {
    const LABELS: Grid = Grid {
        operation: Operation::Write,
        status: Status::Timeout,
    };
    each!(RECORDED.grid_events_total.with(LABELS).inc());
}

fn runtime() {
    each!((operation, status) in GRID => {
        RECORDED.grid_events_total.with(Grid { operation, status }).inc();
    });
}

/// Into memory that is kept, as the copy that it is compared with.
fn encode_again() {
    static BUFFER: Mutex<String> = Mutex::new(String::new());

    let mut buffer = BUFFER.lock().unwrap_or_else(PoisonError::into_inner);
    buffer.clear();
    encode_into(filled(), Format::Text, &mut buffer)
        .expect("no function reads a metric of these sets");
    black_box(&*buffer);
}

fn encoded() -> String {
    text(filled())
}

/// The registry of the encoding row.
fn filled() -> &'static Registry {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
        filling::counters(|shard, replica, value| {
            let shard = Hundred::ALL[shard];
            let replica = Hundred::ALL[replica];
            let labels = ShardPair { shard, replica };
            ENCODED.shard_events_total.with(labels).add(value);
        });
        filling::histograms(|shard, part, value| {
            let shard = Hundred::ALL[shard];
            let part = Ten::ALL[part];
            let series = ENCODED
                .shard_latency_seconds
                .with(ShardPart { shard, part });
            series.observe(Duration::from_secs_f64(value));
        });
        let registry = Registry::new();
        let registered = registry.register::<EncodedMetrics>();
        registered.expect("the set has no duplicates");
        registry
    });
    &REGISTRY
}

fn text(registry: &Registry) -> String {
    encode(registry, Format::Text).expect("no function reads a metric of these sets")
}

/// Records once in every series of the encoding row.
pub(crate) fn touch_every_series(metrics: &EncodedMetrics) {
    for shard in Hundred::ALL {
        for replica in Hundred::ALL {
            let labels = ShardPair { shard, replica };
            metrics.shard_events_total.with(labels).inc();
        }
        for part in Ten::ALL {
            let series = metrics
                .shard_latency_seconds
                .with(ShardPart { shard, part });
            // One in each bucket and one above them all.
            for milliseconds in [1, 20, 80, 300, 700, 2_000, 8_000] {
                series.observe(Duration::from_millis(milliseconds));
            }
        }
    }
}
