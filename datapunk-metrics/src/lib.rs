#![doc = include_str!("../README.md")]

#[cfg(feature = "artifacts")]
pub mod artifacts;
mod cells;
mod collect;
mod decimal;
mod descriptor;
pub mod encode;
#[cfg(feature = "exemplars")]
pub mod exemplars;
#[cfg(feature = "foreign")]
pub mod foreign;
#[cfg(feature = "health")]
pub mod health;
#[cfg(feature = "host")]
pub mod host;
pub mod identity;
mod instrument;
mod labels;
#[cfg(test)]
mod limits_page;
mod metric;
mod numbers;
mod objective;
#[cfg(doctest)]
mod pages;
pub mod privacy;
#[cfg(feature = "process")]
pub mod process;
#[cfg(feature = "prometheus-client")]
pub mod prometheus_client;
#[cfg(feature = "push")]
pub mod push;
#[cfg(feature = "metrics")]
pub mod recorder;
mod registry;
#[cfg(feature = "rules")]
pub mod rules;
#[cfg(feature = "serve")]
pub mod serve;
mod set;
mod slab;
pub mod standard;
mod sync;
mod table;
#[cfg(feature = "testing")]
pub mod testing;
mod thread;
#[cfg(feature = "tower")]
pub mod tower;
mod unit;
mod unplaced;

#[doc(hidden)]
pub mod __private;

pub use cells::Number;
pub use collect::CollectError;
pub use datapunk_metrics_conventions::{Kind, Profile, Retention};
#[cfg(feature = "rules")]
pub use datapunk_metrics_derive::include_rules;
pub use datapunk_metrics_derive::{
    LabelSet, LabelValue, MetricSet, StateValue, git_revision, instrument_metrics,
};
pub use descriptor::{
    Lifecycle, Location, MetricDescriptor, SetDescriptor, StateDescriptor, Waiver,
};
pub use instrument::{Completed, HttpStatus, Instrument, Started};
pub use labels::{
    LabelDescriptor, LabelSet, LabelValue, Method, OpenLabel, Outcome, StatusClass, StatusCode,
};
pub use metric::{
    Counter, CounterNumber, CounterSeries, Gauge, GaugeNumber, GaugeSeries, Histogram,
    HistogramSeries, InFlight, Info, Ratio, Reading, Readings, Resolved, State, StateSeries,
    StateValue, Timer,
};
pub use objective::{Condition, Indicator, Objective};
pub use registry::{Problem, RegisterError, Registry, register, registry};
pub use set::MetricSet;
pub use unit::{
    Amperes, Bytes, Celsius, Cores, Encoding, Float, Fraction, Grams, Items, Joules, Meters,
    Nanoseconds, Observe, Seconds, Unit, Volts, Whole, exponential_buckets, linear_buckets,
};
