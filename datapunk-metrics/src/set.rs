//! Metric sets: the trait that the derive implements, and what it hands to a registry.

use crate::cells::Storage;
use crate::descriptor::{MetricDescriptor, SetDescriptor};
use crate::metric::{RatioSource, RawReadings};

/// A struct of metrics with `#[derive(MetricSet)]`.
///
/// See the [crate documentation](crate) for the attributes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a metric nor a metric set",
    label = "neither a metric nor a metric set",
    note = "a metric's type is written by its name, `Counter`, `Gauge`, `Histogram`, `Ratio`, `State` or `Info`, \
            with a path before it if need be; an alias of it is not recognised",
    note = "a metric set is a struct with `#[derive(MetricSet)]`"
)]
pub trait MetricSet: Sized + 'static {
    /// The handles.
    const METRICS: Self;

    /// What the set declares.
    const DESCRIPTOR: &'static SetDescriptor;

    #[doc(hidden)]
    const ENTRY: &'static SetEntry;
}

/// What a registry is given of a set.
#[doc(hidden)]
#[derive(Debug)]
pub struct SetEntry {
    pub descriptor: &'static SetDescriptor,
    pub metrics: &'static [MetricEntry],
    pub nested: &'static [&'static SetEntry],
    /// Prefixes of secrets that the organisation of its crate adds.
    pub secret_prefixes: &'static [&'static str],
}

/// A metric and where its values come from.
#[doc(hidden)]
#[derive(Debug)]
pub struct MetricEntry {
    pub descriptor: &'static MetricDescriptor,
    /// The metric under its former name, where it is exposed under both.
    pub former: Option<&'static MetricDescriptor>,
    pub source: Source,
}

/// Where the values of a metric come from.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// Recorded in cells.
    Cells(&'static Storage),
    /// Read at scrape time. The storage has no cells, but the open labels.
    Read(fn(&mut RawReadings), &'static Storage),
    /// Calculated from a counter.
    Ratio(&'static RatioSource),
    /// Always 1.
    Constant,
}

/// Every set that is linked into the program.
#[doc(hidden)]
#[linkme::distributed_slice]
pub static LINKED_SETS: [&'static SetEntry];
