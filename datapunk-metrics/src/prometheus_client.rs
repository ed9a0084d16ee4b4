//! The bridge to `prometheus-client`: the metrics of a registry on an endpoint that a service has already.
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
//! other registry has a prefix or labels of its own. Two things are the other encoder's: it writes `_sum` and
//! `_count` of a histogram with negative bounds in OpenMetrics too, where a strict parser refuses them, and it
//! separates nothing in help text, so line feeds there become spaces.

use core::fmt;
use std::sync::Arc;

use datapunk_metrics_conventions::Kind;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

use crate::collect::{
    Head, HistogramValue, SeriesLabels, Value, Visitor, collect, open_metrics_name,
};
use crate::registry::{RegisterError, Registry, registry};

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
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let registry = match &self.0 {
            Source::Program(registry) => registry,
            Source::Own(registry) => registry.as_ref(),
        };
        let mut bridge = Bridge {
            encoder,
            family: None,
            result: Ok(()),
        };
        collect(registry, &mut bridge).map_err(|_| fmt::Error)?;
        bridge.end_family();
        bridge.result
    }
}

/// Hands one family after the other to the encoder.
///
/// A family's encoder borrows from that of its description, so the series are kept until the family is complete.
struct Bridge<'a> {
    encoder: DescriptorEncoder<'a>,
    family: Option<Family>,
    result: fmt::Result,
}

struct Family {
    /// Without what the encoder appends by itself: the unit, and `_total` or `_info`.
    name: String,
    help: String,
    unit: Option<Unit>,
    kind: Kind,
    series: Vec<Series>,
}

struct Series {
    labels: Vec<(String, String)>,
    reading: Reading,
}

enum Reading {
    Number(Value),
    Histogram {
        sum: f64,
        count: u64,
        buckets: Vec<(f64, u64)>,
    },
}

impl Visitor for Bridge<'_> {
    fn family(&mut self, head: Head<'_>) {
        self.end_family();
        self.family = Some(Family::new(&head));
    }

    fn number(&mut self, labels: SeriesLabels<'_>, value: Value) {
        self.push(labels, Reading::Number(value));
    }

    fn histogram(&mut self, labels: SeriesLabels<'_>, histogram: HistogramValue<'_>) {
        let bounds = histogram.bounds.iter().copied().chain([f64::INFINITY]);
        let reading = Reading::Histogram {
            sum: histogram.sum,
            count: histogram.buckets.iter().copied().fold(0, u64::wrapping_add),
            buckets: bounds.zip(histogram.buckets.iter().copied()).collect(),
        };
        self.push(labels, reading);
    }
}

impl Bridge<'_> {
    fn push(&mut self, labels: SeriesLabels<'_>, reading: Reading) {
        if let Some(family) = &mut self.family {
            let labels = labels
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            family.series.push(Series { labels, reading });
        }
    }

    /// Encodes the family that is complete, unless one before it failed.
    fn end_family(&mut self) {
        if let Some(family) = self.family.take()
            && self.result.is_ok()
        {
            self.result = family.encode(&mut self.encoder);
        }
    }
}

impl Family {
    fn new(head: &Head<'_>) -> Self {
        let family = open_metrics_name(head.name, head.kind);
        let before_unit = match head.kind {
            // Infos and states have no unit in OpenMetrics.
            Kind::Info | Kind::State => None,
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
            kind: head.kind,
            series: Vec::new(),
        }
    }

    fn encode(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let metric_type = match self.kind {
            Kind::Counter => MetricType::Counter,
            Kind::Histogram => MetricType::Histogram,
            Kind::Info => MetricType::Info,
            Kind::Gauge | Kind::Ratio | Kind::State => MetricType::Gauge,
        };
        let mut encoder =
            encoder.encode_descriptor(&self.name, &self.help, self.unit.as_ref(), metric_type)?;
        self.series
            .iter()
            .try_for_each(|series| series.encode(self.kind, &mut encoder))
    }
}

impl Series {
    fn encode(&self, kind: Kind, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        if kind == Kind::Info {
            return encoder.encode_info(&self.labels);
        }
        let mut encoder = encoder.encode_family(&self.labels)?;
        match &self.reading {
            Reading::Histogram {
                sum,
                count,
                buckets,
            } => encoder.encode_histogram::<NoLabelSet>(*sum, *count, buckets, None),
            Reading::Number(value) if kind == Kind::Counter => match *value {
                Value::Unsigned(value) => {
                    encoder.encode_counter::<NoLabelSet, _, u64>(&value, None)
                }
                Value::Float(value) => encoder.encode_counter::<NoLabelSet, _, f64>(&value, None),
                // A counter has no signed numbers.
                Value::Signed(_) => Err(fmt::Error),
            },
            Reading::Number(Value::Unsigned(value)) => encoder.encode_gauge(value),
            Reading::Number(Value::Signed(value)) => encoder.encode_gauge(value),
            Reading::Number(Value::Float(value)) => encoder.encode_gauge(value),
        }
    }
}

#[cfg(test)]
mod tests;
