//! What generated code names. Not part of the public API.

#[path = "private/check/mod.rs"]
pub mod check;
#[path = "private/message.rs"]
mod message;
#[cfg(feature = "rules")]
#[path = "private/rules.rs"]
pub mod rules;

pub use core::clone::Clone;
pub use core::convert::From;
pub use core::marker::Copy;
pub use core::option::Option::{self, None, Some};
pub use core::primitive::{bool, f64, i64, str, u8, u32, u64, usize};
pub use core::time::Duration;
pub use core::{file, include_bytes, include_str, module_path, option_env};

pub use datapunk_metrics_conventions::{Kind, Profile, Retention};
pub use datapunk_metrics_derive::series_of_literals;
pub use linkme;

pub use crate::cells::{Cell, Number, Storage};
pub use crate::descriptor::{
    Lifecycle, Location, MetricDescriptor, SetDescriptor, StateDescriptor, Waiver,
};
#[cfg(feature = "serve")]
pub use crate::instrument::into_response;
pub use crate::instrument::{
    At, Completed, Instrument, Site, Started, error_label, ladder, once, start, start_at, watch,
};
pub use crate::labels::{LabelDescriptor, LabelSet, LabelValue, Literal, OpenLabel, Outcome};
pub use crate::metric::{
    Counter, Gauge, Histogram, Info, Kept, Metric, Probe, ProbeClosed, ProbeOpen, Ratio,
    RatioSource, RawReadings, ReadFunction, Readable, Recorded, Samples, State, StateValue,
    at_site, closed, with_literal,
};
pub use crate::objective::{Condition, Indicator, Objective};
pub use crate::privacy::Reduced;
pub use crate::set::{LINKED_SETS, MetricEntry, MetricSet, SetEntry, Source};
pub use crate::unit::{Seconds, encode_bounds};

/// The number of combinations of closed label values; the largest number where it would overflow.
#[must_use]
pub const fn cardinality(labels: &'static [LabelDescriptor]) -> usize {
    let metric = MetricDescriptor {
        labels,
        ..<Counter as Metric>::DESCRIPTOR
    };
    metric.cardinality()
}

/// Whether some of the labels are open.
#[must_use]
pub const fn is_open(labels: &'static [LabelDescriptor]) -> bool {
    let metric = MetricDescriptor {
        labels,
        ..<Counter as Metric>::DESCRIPTOR
    };
    metric.is_open()
}

/// The number of cells of a metric, which fits its budget.
///
/// # Panics
///
/// If it does not.
#[must_use]
#[track_caller]
pub const fn cells(metric: &MetricDescriptor) -> usize {
    check::fits_its_budget(metric);
    let series = if metric.is_open() {
        // One more for what has no room.
        metric.max_label_sets() + 1
    } else {
        metric.cardinality()
    };
    series * metric.layout().cells
}

/// A number as the bits of a cell.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the literal is of the metric's type"
)]
pub const fn number_bits(number: Number, value: f64) -> u64 {
    match number {
        Number::Unsigned => value as u64,
        Number::Signed => (value as i64).cast_unsigned(),
        Number::Float => value.to_bits(),
    }
}

#[must_use]
pub const fn counter<L, T>(cells: &'static Storage) -> Counter<L, T> {
    Counter::over(cells)
}

#[must_use]
pub const fn gauge<L, T>(cells: &'static Storage, starts: bool) -> Gauge<L, T> {
    Gauge::over(cells, starts)
}

#[must_use]
pub const fn state<E, L>(cells: &'static Storage, starts: bool) -> State<E, L> {
    State::over(cells, starts)
}

#[must_use]
pub const fn histogram<U, L>(cells: &'static Storage, bounds: &'static [u64]) -> Histogram<U, L> {
    Histogram::over(cells, bounds)
}

#[must_use]
pub const fn ratio<L>(source: &'static RatioSource) -> Ratio<L> {
    Ratio::over(source)
}

#[must_use]
pub const fn info() -> Info {
    Info::new()
}

/// Calls the function of a metric that is read at scrape time.
pub fn read<L, T, Shape>(function: &impl ReadFunction<L, T, Shape>, raw: &mut RawReadings) {
    function.read(raw);
}

/// The descriptor of a set that was refused.
pub static NO_SET: SetDescriptor = SetDescriptor {
    name: "",
    help: "",
    namespace: "",
    profile: Profile::Datapunk,
    location: Location {
        module: "",
        file: "",
        line: 0,
    },
    metrics: &[],
    nested: &[],
};

/// What a registry would be given of a set that was refused.
pub static NO_ENTRY: SetEntry = SetEntry {
    descriptor: &NO_SET,
    metrics: &[],
    nested: &[],
    secret_prefixes: &[],
};

static NO_CELLS: Storage<[Cell; 0]> = Storage::new();

/// The source of a ratio in a set that was refused.
#[expect(
    clippy::declare_interior_mutable_const,
    reason = "each static made from it is a source of its own"
)]
pub const NO_RATIO: RatioSource = RatioSource {
    counter: &NO_CELLS,
    number: Number::Unsigned,
    counter_labels: &[],
    labels: &[],
    numerator: &[],
    window: Duration::ZERO,
    samples: Samples::new(),
};
