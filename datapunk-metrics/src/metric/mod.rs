//! The kinds of metric: the handles that a set holds, and the series that `with` gives.
//!
//! A handle is a constant: a reference to the static cells of its metric. A series is a handle and the position of
//! one label set. Both are `Copy`; recording through either looks nothing up, allocates nothing and cannot fail.

mod counter;
mod gauge;
mod histogram;
mod info;
mod ratio;
mod reading;
mod resolved;
mod state;
mod timer;

pub use counter::{Counter, CounterNumber, CounterSeries};
pub use gauge::{Gauge, GaugeNumber, GaugeSeries, InFlight};
pub use histogram::{Histogram, HistogramSeries};
pub use info::Info;
pub use ratio::Ratio;
#[doc(hidden)]
pub use ratio::{RatioSource, Samples};
#[doc(hidden)]
pub use reading::{RawReadings, ReadFunction, Readable};
pub use reading::{Reading, Readings};
pub use resolved::Resolved;
#[doc(hidden)]
pub use resolved::{Kept, Probe, ProbeClosed, ProbeOpen, at_site, closed, with_literal};
pub use state::{State, StateSeries, StateValue};
pub use timer::Timer;

use datapunk_metrics_conventions::{Kind, Retention};

use crate::cells::{Number, Storage};
use crate::descriptor::{Lifecycle, Location, MetricDescriptor, StateDescriptor};
use crate::labels::LabelSet;
use crate::unit::EncodingKind;

/// What generated code asks of the type of a field.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric",
    label = "not a metric",
    note = "a metric is a `Counter`, `Gauge`, `Histogram`, `Ratio`, `State` or `Info` of `datapunk_metrics`"
)]
pub trait Metric: Copy + 'static {
    type Labels: LabelSet;
    const KIND: Kind;
    const NUMBER: Number;
    /// The suffix that a histogram's unit asks for.
    const UNIT: &'static str = "";
    const ENCODING: EncodingKind = EncodingKind::Float;
    const DEFAULT_BUCKETS: Option<&'static [f64]> = None;
    const STATES: &'static [StateDescriptor] = &[];
    /// What the type says of the metric's descriptor; the rest is empty.
    const DESCRIPTOR: MetricDescriptor = MetricDescriptor {
        name: "",
        hash: 0,
        pairs: 0,
        halves: 0,
        help: "",
        kind: Self::KIND,
        number: Self::NUMBER,
        encoding: Self::ENCODING,
        unit: Self::UNIT,
        labels: <Self::Labels as LabelSet>::LABELS,
        constant_labels: &[],
        buckets: &[],
        states: Self::STATES,
        initial: None,
        zero: &[],
        max_series: 0,
        retention: Retention::HighFrequency,
        lifecycle: &Lifecycle::Stable,
        objective: None,
        waivers: &[],
        location: Location {
            module: "",
            file: "",
            line: 0,
        },
    };
}

/// A metric that is recorded: its series are cells of its storage.
#[doc(hidden)]
pub trait Recorded: Metric {
    type Series;

    fn storage(self) -> &'static Storage;

    /// The cells of one series.
    fn width(self) -> usize;

    /// The series whose first cell this is.
    fn series(self, cell: usize) -> Self::Series;
}

/// Implements `Clone`, `Copy` and `Debug` for a handle without asking them of its type parameters.
macro_rules! handle_traits {
    ($name:ident<$($parameter:ident),*> $(where $($bounds:tt)*)?) => {
        impl<$($parameter),*> Clone for $name<$($parameter),*> $(where $($bounds)*)? {
            #[inline]
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<$($parameter),*> Copy for $name<$($parameter),*> $(where $($bounds)*)? {}

        impl<$($parameter),*> core::fmt::Debug for $name<$($parameter),*> $(where $($bounds)*)? {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}
use handle_traits;
