//! The metric sets of the benches.
//!
//! They are in a crate of their own, because a service records in sets that other crates declare: what the bench
//! measures has to be inlined across that boundary.

use datapunk_metrics::{Counter, Histogram, Joules, LabelSet, LabelValue, MetricSet, Seconds};

/// The upper bounds of the histograms with six buckets.
pub const SIX: [f64; 6] = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0];

/// The upper bounds of the histograms with eleven buckets.
pub const ELEVEN: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// What is done: the first label of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Operation {
    Read,
    Write,
    List,
    Delete,
    Copy,
}

/// How it ends: the second label of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Status {
    Ok,
    Error,
    Timeout,
    Refused,
    Cancelled,
}

/// Five by five closed labels.
#[derive(Clone, Copy, Debug, LabelSet)]
pub struct Grid {
    /// What is done.
    pub operation: Operation,
    /// How it ends.
    pub status: Status,
}

/// A label whose values come from outside.
#[derive(Clone, Copy, Debug, LabelSet)]
pub struct PathLabels<'a> {
    /// One of a hundred.
    pub path: &'a str,
}

/// What the recording rows record in.
#[derive(Debug, MetricSet)]
#[metrics(namespace = "bench")]
pub struct RecordedMetrics {
    /// Events without labels.
    pub plain_events_total: Counter,
    /// Events by operation and status.
    pub grid_events_total: Counter<Grid>,
    /// Events by path.
    pub path_events_total: Counter<PathLabels<'static>>,
    /// Durations over six buckets.
    #[metric(buckets = SIX)]
    pub six_latency_seconds: Histogram<Seconds>,
    /// Numbers that are not durations, over six buckets.
    #[metric(buckets = SIX)]
    pub six_energy_joules: Histogram<Joules>,
    /// Durations over eleven buckets.
    #[metric(buckets = ELEVEN)]
    pub eleven_latency_seconds: Histogram<Seconds>,
}

/// The handles of the recording rows.
pub const RECORDED: RecordedMetrics = RecordedMetrics::METRICS;

/// Calls `$callback!` with a hundred names and the labels' values that they stand for.
#[macro_export]
macro_rules! hundred {
    ($callback:ident) => {
        $callback! {
            S00 S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 S11 S12 S13 S14 S15 S16 S17 S18 S19
            S20 S21 S22 S23 S24 S25 S26 S27 S28 S29 S30 S31 S32 S33 S34 S35 S36 S37 S38 S39
            S40 S41 S42 S43 S44 S45 S46 S47 S48 S49 S50 S51 S52 S53 S54 S55 S56 S57 S58 S59
            S60 S61 S62 S63 S64 S65 S66 S67 S68 S69 S70 S71 S72 S73 S74 S75 S76 S77 S78 S79
            S80 S81 S82 S83 S84 S85 S86 S87 S88 S89 S90 S91 S92 S93 S94 S95 S96 S97 S98 S99
        }
    };
}

macro_rules! hundred_enum {
    ($($name:ident)*) => {
        /// A label with a hundred values.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
        #[expect(missing_docs, reason = "they are numbers")]
        pub enum Hundred { $($name),* }

        impl Hundred {
            /// Every value.
            pub const ALL: [Self; 100] = [$(Self::$name),*];
        }
    };
}
hundred!(hundred_enum);

/// A label with ten values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
#[expect(missing_docs, reason = "they are numbers")]
pub enum Ten {
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

impl Ten {
    /// Every value.
    pub const ALL: [Self; 10] = [
        Self::P0,
        Self::P1,
        Self::P2,
        Self::P3,
        Self::P4,
        Self::P5,
        Self::P6,
        Self::P7,
        Self::P8,
        Self::P9,
    ];
}

/// Ten thousand series.
#[derive(Clone, Copy, Debug, LabelSet)]
pub struct ShardPair {
    /// One of a hundred.
    pub shard: Hundred,
    /// One of a hundred.
    pub replica: Hundred,
}

/// A thousand series.
#[derive(Clone, Copy, Debug, LabelSet)]
pub struct ShardPart {
    /// One of a hundred.
    pub shard: Hundred,
    /// One of ten.
    pub part: Ten,
}

/// What the encoding row encodes: 10,000 counters and 1,000 histograms.
#[derive(Debug, MetricSet)]
#[metrics(namespace = "bench")]
pub struct EncodedMetrics {
    /// Events by shard and replica.
    #[metric(max_series = 10_000)]
    pub shard_events_total: Counter<ShardPair>,
    /// Durations by shard and part.
    #[metric(buckets = SIX, max_series = 9_000)]
    pub shard_latency_seconds: Histogram<Seconds, ShardPart>,
}

/// The handles of the encoding row.
pub const ENCODED: EncodedMetrics = EncodedMetrics::METRICS;
