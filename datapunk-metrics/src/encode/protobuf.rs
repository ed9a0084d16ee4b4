//! Protobuf: the messages `io.prometheus.client.MetricFamily`, each behind its length.
//!
//! ```
//! use datapunk_metrics::encode::protobuf;
//!
//! let body: Vec<u8> = protobuf::encode(datapunk_metrics::registry()?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Prometheus asks for it where it is told to take native histograms (`--enable-feature=native-histograms` in version 2,
//! `scrape_native_histograms` in version 3), and then prefers it to text for every target. It never asks for the
//! protobuf of OpenMetrics, which is another one, so that one is not written. The values are those of the text, with two
//! differences that the format makes:
//!
//! - Every number is an `f64`: a counter above 2^53 loses its last digits.
//! - A bound is a number, not a text. Prometheus 2 calls the series `le="1.0"` then, as in OpenMetrics, where it is
//!   `le="1"` in the text format.
//!
//! A family without a series at that moment is left out, as every client library does.

use prost::Message;

use crate::collect::foreign::{self, ForeignFamily, ForeignValue, as_text};
use crate::collect::{CollectError, Collection, Part, Value};
use crate::identity::exposed_beside;
use crate::registry::Registry;

use datapunk_metrics_conventions::Kind;

/// The `Content-Type` of it.
pub const CONTENT_TYPE: &str =
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

/// Everything in `registry`, with the values of this moment.
///
/// # Errors
///
/// If a function that reads a metric at scrape time panicked.
pub fn encode(registry: &Registry) -> Result<Vec<u8>, CollectError> {
    let mut families = Families::begin(registry)?;
    let mut body = Vec::new();
    while families.push_next(&mut body) {}
    Ok(body)
}

/// The families that are not written yet.
#[derive(Debug)]
pub(super) struct Families(Collection);

impl Families {
    /// Calls all scrape-time functions, so that nothing of what follows can fail.
    pub(super) fn begin(registry: &Registry) -> Result<Self, CollectError> {
        Collection::begin(registry).map(Self)
    }

    /// Appends the next family, if it has a series. Tells whether there was one.
    pub(super) fn push_next(&mut self, body: &mut Vec<u8>) -> bool {
        if !self.0.advance() {
            return false;
        }
        let family = match self.0.part() {
            Some(Part::Family(family)) => message(&family.to_foreign()),
            Some(Part::Own(own)) => message(&own.to_foreign()),
            Some(Part::Foreign(family)) => message(family),
            None => return false,
        };
        if !family.metric.is_empty() {
            body.extend(family.encode_length_delimited_to_vec());
        }
        true
    }
}

fn message(family: &ForeignFamily) -> MetricFamily {
    let series = family.series.iter();
    MetricFamily {
        name: family.name.clone(),
        help: family.help.clone(),
        r#type: i32::from(metric_type(family.kind)),
        metric: series
            .map(|series| metric(family.kind, &series.labels, &series.value))
            .collect(),
        unit: family.unit.clone(),
    }
}

fn metric_type(kind: Option<Kind>) -> MetricType {
    match kind {
        Some(Kind::Counter) => MetricType::Counter,
        Some(Kind::Histogram) => MetricType::Histogram,
        Some(Kind::Gauge | Kind::Ratio | Kind::State | Kind::Info) => MetricType::Gauge,
        None => MetricType::Untyped,
    }
}

fn metric(kind: Option<Kind>, labels: &[(String, String)], value: &ForeignValue) -> Metric {
    let exposed = exposed_beside(as_text(labels));
    let mut metric = Metric {
        label: pairs(exposed.into_iter().chain(as_text(labels))),
        ..Metric::default()
    };
    match value {
        ForeignValue::Histogram(histogram) => {
            let bounds = histogram.bounds.iter().chain([&f64::INFINITY]);
            let mut count: u64 = 0;
            let bucket = bounds.zip(&histogram.buckets).enumerate();
            let bucket = bucket.map(|(at, (bound, own))| {
                count = count.wrapping_add(*own);
                Bucket {
                    cumulative_count: count,
                    upper_bound: *bound,
                    exemplar: histogram
                        .exemplars
                        .get(at)
                        .and_then(Option::as_ref)
                        .map(exemplar),
                }
            });
            metric.histogram = Some(Histogram {
                bucket: bucket.collect(),
                sample_count: count,
                sample_sum: histogram.sum.as_f64(),
            });
        }
        ForeignValue::Number(value, example) => {
            let number = Value::as_f64(*value);
            match metric_type(kind) {
                MetricType::Counter => {
                    metric.counter = Some(Counter {
                        value: number,
                        exemplar: example.as_ref().map(exemplar),
                    });
                }
                MetricType::Untyped => metric.untyped = Some(Number { value: number }),
                _ => metric.gauge = Some(Number { value: number }),
            }
        }
    }
    metric
}

fn pairs<'a>(labels: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<LabelPair> {
    let pair = |(name, value): (&str, &str)| LabelPair {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    labels.map(pair).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "seconds of our age, and a part of one"
)]
fn exemplar(exemplar: &foreign::Exemplar) -> Exemplar {
    Exemplar {
        label: pairs(as_text(&exemplar.labels)),
        value: exemplar.value,
        timestamp: exemplar.timestamp.map(|seconds| Timestamp {
            seconds: seconds.floor() as i64,
            nanos: (seconds.fract() * 1e9) as i32,
        }),
    }
}

// The part of Prometheus' `metrics.proto` that is written.

#[derive(Clone, PartialEq, Message)]
struct MetricFamily {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    help: String,
    #[prost(enumeration = "MetricType", tag = "3")]
    r#type: i32,
    #[prost(message, repeated, tag = "4")]
    metric: Vec<Metric>,
    #[prost(string, tag = "5")]
    unit: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
enum MetricType {
    Counter = 0,
    Gauge = 1,
    Untyped = 3,
    Histogram = 4,
}

#[derive(Clone, PartialEq, Message)]
struct Metric {
    #[prost(message, repeated, tag = "1")]
    label: Vec<LabelPair>,
    #[prost(message, optional, tag = "2")]
    gauge: Option<Number>,
    #[prost(message, optional, tag = "3")]
    counter: Option<Counter>,
    #[prost(message, optional, tag = "5")]
    untyped: Option<Number>,
    #[prost(message, optional, tag = "7")]
    histogram: Option<Histogram>,
}

#[derive(Clone, PartialEq, Message)]
struct LabelPair {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

/// `Gauge` and `Untyped` are equal.
#[derive(Clone, PartialEq, Message)]
struct Number {
    #[prost(double, tag = "1")]
    value: f64,
}

#[derive(Clone, PartialEq, Message)]
struct Counter {
    #[prost(double, tag = "1")]
    value: f64,
    #[prost(message, optional, tag = "2")]
    exemplar: Option<Exemplar>,
}

#[derive(Clone, PartialEq, Message)]
struct Histogram {
    #[prost(uint64, tag = "1")]
    sample_count: u64,
    #[prost(double, tag = "2")]
    sample_sum: f64,
    #[prost(message, repeated, tag = "3")]
    bucket: Vec<Bucket>,
}

#[derive(Clone, PartialEq, Message)]
struct Bucket {
    #[prost(uint64, tag = "1")]
    cumulative_count: u64,
    #[prost(double, tag = "2")]
    upper_bound: f64,
    #[prost(message, optional, tag = "3")]
    exemplar: Option<Exemplar>,
}

#[derive(Clone, PartialEq, Message)]
struct Exemplar {
    #[prost(message, repeated, tag = "1")]
    label: Vec<LabelPair>,
    #[prost(double, tag = "2")]
    value: f64,
    #[prost(message, optional, tag = "3")]
    timestamp: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Timestamp {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}
