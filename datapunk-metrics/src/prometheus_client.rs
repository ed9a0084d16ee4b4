//! The bridge to `prometheus-client`, both ways.
//!
//! Its metrics on our endpoint: [`attach`]. Ours on an endpoint that a service has already:
//!
//! ```
//! use datapunk_metrics::prometheus_client::RegistryCollector;
//! use datapunk_metrics::{Counter, MetricSet, Registry};
//!
//! #[derive(MetricSet)]
//! #[metrics(namespace = "oven")]
//! struct OvenMetrics {
//!     /// Loaves baked.
//!     loaves_baked_total: Counter,
//! }
//!
//! let metrics = Registry::new();
//! metrics.register::<OvenMetrics>()?;
//!
//! let mut existing = prometheus_client::registry::Registry::default();
//! existing.register_collector(Box::new(RegistryCollector::new(metrics)));
//!
//! let mut text = String::new();
//! prometheus_client::encoding::text::encode(&mut text, &existing)?;
//! assert!(text.contains("\noven_loaves_baked_total 0\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The samples are those of [`encode`](crate::encode::encode), under the names that the sets declare, unless the
//! other registry has a prefix or labels of its own. Three things are the other encoder's: it writes `_sum` and
//! `_count` of a histogram with negative bounds in OpenMetrics too, where a strict parser refuses them; it
//! separates nothing in help text, so line feeds there become spaces; and it takes exemplars of buckets from its own
//! histograms alone, since nobody else can make one of its exemplars, so that only those of counters get there. Our own
//! endpoint has all of them.

mod masked;
mod source;
mod text;

use core::fmt;
use core::sync::atomic::AtomicU64;
use core::time::Duration;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use datapunk_metrics_conventions::Kind;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::CounterWithExemplar;
use prometheus_client::registry::Unit;

use crate::collect::foreign::{Exemplar, ForeignFamily, ForeignValue, is_collected_for};
use crate::collect::{
    Collection, Head, HistogramValue, Part, Shape, Snapshot, Value, open_metrics_name,
};
use crate::foreign::Origin;
use crate::registry::{RegisterError, Registry, registry};

pub use source::{Existing, attach};

/// A registry as a collector of `prometheus-client`.
///
/// A scrape-time function that panics is a [`fmt::Error`] of that scrape.
#[derive(Clone, Debug)]
pub struct RegistryCollector(Source);

#[derive(Clone, Debug)]
enum Source {
    Program(&'static Registry),
    Own(Arc<Registry>),
}

impl RegistryCollector {
    /// A collector of `registry`, which may be shared: sets that are registered later are collected too.
    #[must_use]
    pub fn new(registry: impl Into<Arc<Registry>>) -> Self {
        Self(Source::Own(registry.into()))
    }

    /// A collector of the registry of the program.
    ///
    /// # Errors
    ///
    /// As [`registry`] has them.
    pub fn of_program() -> Result<Self, RegisterError> {
        registry().map(|registry| Self(Source::Program(registry)))
    }
}

impl Collector for RegistryCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let registry = match &self.0 {
            Source::Program(registry) => registry,
            Source::Own(registry) => registry.as_ref(),
        };
        if is_collected_for(registry) {
            return Ok(());
        }
        let mut collection = Collection::of_sets(registry).map_err(|_| fmt::Error)?;
        // What comes from a registry of that crate has a place in its own exposition already.
        collection.add_foreign(registry, |origin| origin != Origin::PrometheusClient);
        while collection.advance() {
            match collection.part() {
                Some(Part::Family(family)) => {
                    let head = family.head();
                    let description = Description::new(&head);
                    let mut encoder = description.encode(&mut encoder)?;
                    encode_series(family, family.descriptor().kind, &mut encoder)?;
                }
                Some(Part::Own(own)) => {
                    let description = Description::new(&own.head);
                    let mut encoder = description.encode(&mut encoder)?;
                    for (metric, count) in own.counts {
                        let labels = [("metric", &**metric)];
                        let count = Value::Unsigned(*count);
                        encode_number(&labels, count, Kind::Counter, &mut encoder)?;
                    }
                }
                Some(Part::Foreign(family)) => {
                    let head = family.head();
                    let description = Description::new(&head);
                    let mut encoder = description.encode(&mut encoder)?;
                    encode_foreign(family, &mut encoder)?;
                }
                None => {}
            }
        }
        Ok(())
    }
}

/// What the encoder is told of a family.
struct Description {
    /// Without what the encoder appends by itself: the unit, and `_total` or `_info`.
    name: String,
    help: String,
    unit: Option<Unit>,
    metric_type: MetricType,
}

impl Description {
    fn new(head: &Head<'_>) -> Self {
        let family = open_metrics_name(head.name, head.kind);
        let before_unit = match head.kind {
            // Infos and states have no unit in OpenMetrics.
            Some(Kind::Info | Kind::State) => None,
            _ if head.unit.is_empty() => None,
            _ => family
                .strip_suffix(head.unit)
                .and_then(|name| name.strip_suffix('_')),
        };
        Self {
            name: before_unit.unwrap_or(family).to_owned(),
            // The OpenMetrics encoder writes help as it is; a line feed would break the exposition.
            help: head.help.replace('\n', " "),
            unit: before_unit.map(|_| Unit::Other(head.unit.to_owned())),
            metric_type: match head.kind {
                Some(Kind::Counter) => MetricType::Counter,
                Some(Kind::Histogram) => MetricType::Histogram,
                Some(Kind::Info) => MetricType::Info,
                Some(Kind::Gauge | Kind::Ratio | Kind::State) => MetricType::Gauge,
                None => MetricType::Unknown,
            },
        }
    }

    fn encode<'a>(
        &'a self,
        encoder: &'a mut DescriptorEncoder<'_>,
    ) -> Result<MetricEncoder<'a>, fmt::Error> {
        encoder.encode_descriptor(&self.name, &self.help, self.unit.as_ref(), self.metric_type)
    }
}

/// Names and values of a series' labels.
type Labels<'a> = [(&'a str, &'a str)];

fn encode_series(family: Snapshot<'_>, kind: Kind, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
    let exemplars = if kind == Kind::Counter {
        family.exemplars()
    } else {
        HashMap::new()
    };
    for index in 0..family.len() {
        let labels: Vec<_> = family.labels(index).iter().collect();
        if family.shape() == Shape::Histogram {
            if let Some(histogram) = family.histogram(index) {
                encode_histogram(&labels, histogram, family.descriptor().buckets, encoder)?;
            }
        } else if let Some(value) = family.number(index) {
            match exemplars.get(&(index * family.width())) {
                Some(exemplar) => encode_with_exemplar(&labels, value, exemplar, encoder)?,
                None => encode_number(&labels, value, kind, encoder)?,
            }
        }
    }
    Ok(())
}

/// A counter with its exemplar. That of the other crate has no constructor, so a counter of theirs makes it.
fn encode_with_exemplar(
    labels: &Labels<'_>,
    value: Value,
    exemplar: &Exemplar,
    encoder: &mut MetricEncoder<'_>,
) -> fmt::Result {
    let time = exemplar.timestamp.and_then(|seconds| {
        let since = Duration::try_from_secs_f64(seconds).ok()?;
        UNIX_EPOCH.checked_add(since)
    });
    let maker = CounterWithExemplar::<Vec<(String, String)>, f64, AtomicU64>::default();
    maker.inc_by(exemplar.value, Some(exemplar.labels.clone()), time);
    let (_, made) = maker.get();
    let mut encoder = encoder.encode_family(&labels)?;
    match value {
        Value::Unsigned(value) => encoder.encode_counter(&value, made.as_ref()),
        value => encoder.encode_counter(&value.as_f64(), made.as_ref()),
    }
}

fn encode_histogram(
    labels: &Labels<'_>,
    histogram: HistogramValue<'_>,
    bounds: &[f64],
    encoder: &mut MetricEncoder<'_>,
) -> fmt::Result {
    let counts = histogram.buckets.iter().copied();
    let bounds = bounds.iter().copied().chain([f64::INFINITY]);
    let buckets: Vec<_> = bounds.zip(counts.clone()).collect();
    let count = counts.fold(0, u64::wrapping_add);
    let sum = histogram.sum.as_f64();
    encoder
        .encode_family(&labels)?
        .encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
}

fn encode_foreign(family: &ForeignFamily, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
    for series in &family.series {
        let labels = series.labels.iter();
        let labels: Vec<_> = labels.map(|(name, value)| (&**name, &**value)).collect();
        match &series.value {
            // What nobody says anything of is written as a gauge is.
            ForeignValue::Number(value, _) => {
                encode_number(&labels, *value, family.kind.unwrap_or(Kind::Gauge), encoder)?;
            }
            ForeignValue::Histogram(histogram) => {
                let value = HistogramValue {
                    buckets: &histogram.buckets,
                    sum: histogram.sum,
                };
                encode_histogram(&labels, value, &histogram.bounds, encoder)?;
            }
        }
    }
    Ok(())
}

fn encode_number(
    labels: &Labels<'_>,
    value: Value,
    kind: Kind,
    encoder: &mut MetricEncoder<'_>,
) -> fmt::Result {
    if kind == Kind::Info {
        return encoder.encode_info(&labels);
    }
    let mut encoder = encoder.encode_family(&labels)?;
    match value {
        Value::Unsigned(value) if kind == Kind::Counter => {
            encoder.encode_counter::<NoLabelSet, _, u64>(&value, None)
        }
        value if kind == Kind::Counter => {
            encoder.encode_counter::<NoLabelSet, _, f64>(&value.as_f64(), None)
        }
        Value::Unsigned(value) => encoder.encode_gauge(&value),
        Value::Signed(value) => encoder.encode_gauge(&value),
        Value::Float(_) | Value::Nanoseconds(_) => encoder.encode_gauge(&value.as_f64()),
    }
}

#[cfg(test)]
mod tests;
