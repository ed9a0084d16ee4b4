//! `measured`: dense vectors, indexed by typed labels.

use std::hint::black_box;
use std::sync::{LazyLock, Mutex, PoisonError};

use datapunk_metrics_bench_owner::{ELEVEN, SIX};
use measured::metric::histogram::Thresholds;
use measured::text::BufferedTextEncoder;
use measured::{
    Counter, CounterVec, FixedCardinalityLabel, Histogram, HistogramVec, LabelGroup, MetricGroup,
};

use super::{Library, filling, nothing, places};
use crate::inputs::{SECONDS, each};
use crate::rows::Work;

pub(super) const LIBRARY: Library = Library {
    name: "measured",
    pass: |work| {
        Some(match work {
            Work::Plain => || {
                let counter = &RECORDED.bench_plain_events_total;
                each!(counter.inc());
            },
            Work::Literal => || {
                let counters = &RECORDED.bench_grid_events_total;
                each!(counters.inc(Labels {
                    operation: Operation::Write,
                    status: Status::Timeout,
                }));
            },
            Work::Runtime => || {
                let counters = &RECORDED.bench_grid_events_total;
                each!((operation, status) in GRID => counters.inc(Labels { operation, status }));
            },
            Work::Six => || observe(&RECORDED.bench_six_latency_seconds),
            Work::SixFloat => || observe(&RECORDED.bench_six_energy_joules),
            Work::Eleven => || observe(&RECORDED.bench_eleven_latency_seconds),
            Work::Open => return None,
            Work::Encode => encode,
        })
    },
    settle: nothing,
    recorded: || text(&*RECORDED),
    encoded: || text(&*ENCODED),
};

// Written out: the derive is lost in code that another macro writes.
#[derive(Clone, Copy, FixedCardinalityLabel)]
enum Operation {
    Read,
    Write,
    List,
    Delete,
    Copy,
}

#[derive(Clone, Copy, FixedCardinalityLabel)]
enum Status {
    Ok,
    Error,
    Timeout,
    Refused,
    Cancelled,
}

places!();

#[derive(Clone, Copy, LabelGroup)]
#[label(set = LabelsSet)]
struct Labels {
    operation: Operation,
    status: Status,
}

#[derive(MetricGroup)]
#[expect(
    clippy::struct_field_names,
    reason = "the fields are the names of the metrics"
)]
struct Recorded {
    /// Events without labels.
    bench_plain_events_total: Counter,
    /// Events by operation and status.
    bench_grid_events_total: CounterVec<LabelsSet>,
    /// Durations over six buckets.
    bench_six_latency_seconds: Histogram<6>,
    /// Numbers that are not durations, over six buckets.
    bench_six_energy_joules: Histogram<6>,
    /// Durations over eleven buckets.
    bench_eleven_latency_seconds: Histogram<11>,
}

static RECORDED: LazyLock<Recorded> = LazyLock::new(|| Recorded {
    bench_plain_events_total: Counter::new(),
    bench_grid_events_total: CounterVec::with_label_set(LabelsSet::new()),
    bench_six_latency_seconds: Histogram::with_metadata(Thresholds::with_buckets(SIX)),
    bench_six_energy_joules: Histogram::with_metadata(Thresholds::with_buckets(SIX)),
    bench_eleven_latency_seconds: Histogram::with_metadata(Thresholds::with_buckets(ELEVEN)),
});

fn observe<const N: usize>(histogram: &Histogram<N>) {
    each!(seconds in SECONDS => histogram.observe(seconds));
}

#[rustfmt::skip]
#[derive(Clone, Copy, FixedCardinalityLabel)]
#[label(rename_all = "UpperCamelCase")]
enum Hundred {
    S00, S01, S02, S03, S04, S05, S06, S07, S08, S09, S10, S11, S12, S13, S14, S15, S16, S17, S18, S19,
    S20, S21, S22, S23, S24, S25, S26, S27, S28, S29, S30, S31, S32, S33, S34, S35, S36, S37, S38, S39,
    S40, S41, S42, S43, S44, S45, S46, S47, S48, S49, S50, S51, S52, S53, S54, S55, S56, S57, S58, S59,
    S60, S61, S62, S63, S64, S65, S66, S67, S68, S69, S70, S71, S72, S73, S74, S75, S76, S77, S78, S79,
    S80, S81, S82, S83, S84, S85, S86, S87, S88, S89, S90, S91, S92, S93, S94, S95, S96, S97, S98, S99,
}

#[derive(Clone, Copy, LabelGroup)]
#[label(set = ShardPairSet)]
struct ShardPair {
    shard: Hundred,
    replica: Hundred,
}

#[derive(Clone, Copy, FixedCardinalityLabel)]
#[label(rename_all = "UpperCamelCase")]
enum Ten {
    P0,
    P1,
    P2,
    P3,
    P4,
    P5,
    P6,
    P7,
    P8,
    P9,
}

#[derive(Clone, Copy, LabelGroup)]
#[label(set = ShardPartSet)]
struct ShardPart {
    shard: Hundred,
    part: Ten,
}

#[derive(MetricGroup)]
struct Encoded {
    /// Events by shard and replica.
    bench_shard_events_total: CounterVec<ShardPairSet>,
    /// Durations by shard and part.
    bench_shard_latency_seconds: HistogramVec<ShardPartSet, 6>,
}

static ENCODED: LazyLock<Encoded> = LazyLock::new(|| {
    // Dense by choice: above 1,024 series it would hash.
    let counters = CounterVec::dense_with_label_set(ShardPairSet::new());
    let histograms = HistogramVec::dense_with_label_set_and_metadata(
        ShardPartSet::new(),
        Thresholds::with_buckets(SIX),
    );
    filling::counters(|shard, replica, value| {
        let shard = Hundred::decode(shard);
        let replica = Hundred::decode(replica);
        counters.inc_by(ShardPair { shard, replica }, value);
    });
    filling::histograms(|shard, part, value| {
        let shard = Hundred::decode(shard);
        let part = Ten::decode(part);
        histograms.observe(ShardPart { shard, part }, value);
    });
    Encoded {
        bench_shard_events_total: counters,
        bench_shard_latency_seconds: histograms,
    }
});

fn encode() {
    static ENCODER: LazyLock<Mutex<BufferedTextEncoder>> = LazyLock::new(Mutex::default);

    let mut encoder = ENCODER.lock().unwrap_or_else(PoisonError::into_inner);
    let Ok(()) = ENCODED.collect_group_into(&mut *encoder);
    black_box(encoder.finish());
}

fn text(group: &impl MetricGroup<BufferedTextEncoder>) -> String {
    let mut encoder = BufferedTextEncoder::new();
    let Ok(()) = group.collect_group_into(&mut encoder);
    String::from_utf8_lossy(&encoder.finish()).into_owned()
}
