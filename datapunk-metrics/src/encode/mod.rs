//! Encoding: the exposition of a registry, as a scraper reads it.
//!
//! ```
//! use datapunk_metrics::encode::{Format, encode};
//! use datapunk_metrics::{Counter, MetricSet, Registry};
//!
//! #[derive(MetricSet)]
//! #[metrics(namespace = "press")]
//! struct PressMetrics {
//!     /// Pages printed.
//!     pages_printed_total: Counter,
//! }
//!
//! let registry = Registry::new();
//! registry.register::<PressMetrics>()?;
//! PressMetrics::METRICS.pages_printed_total.add(2);
//!
//! assert_eq!(
//!     encode(&registry, Format::OpenMetrics)?,
//!     "# HELP press_pages_printed Pages printed.\n\
//!      ## TYPE press_pages_printed counter\n\
//!      press_pages_printed_total 2\n\
//!      ## EOF\n"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What both formats have in common
//!
//! - Families are in the order of their names, series in the order of their label values.
//! - A family without a series at that moment (a gauge that was never set) has its `# HELP` and `# TYPE` all the same,
//!   so that a scraper knows of it.
//! - A state and a ratio are gauges.
//! - `le` is written as Go writes it (`0.005`, `1e+06`), since it is part of a series' identity: a service that moves
//!   here from another client library keeps its series. OpenMetrics adds `.0` where there is neither point nor exponent.
//! - A value is written in the shortest way that reads back as the same number, and as an integer where it is one. A
//!   sum of durations has all its nanoseconds.
//! - Two expositions may be written at the same time. The values of a metric are read by one of them after the other,
//!   so no two see a counter step back.
//! - The text of a metric is kept, up to 4 MiB of it for each format that was asked for, so that the next exposition
//!   writes only numbers that changed, and copies the rest.
//!
//! # Where they differ
//!
//! | | text | OpenMetrics |
//! |---|---|---|
//! | name in `# HELP` and `# TYPE` | the samples' name | without `_total` and `_info` |
//! | `# UNIT` | – | if the family's name ends in a unit |
//! | type of an info | `gauge` | `info` |
//! | `"` in help | as it is | `\"` |
//! | `_sum` and `_count` of a histogram with negative bounds | present | absent, as the format demands |
//! | end | a line feed | `# EOF` |
//! | exemplars | – | on buckets and counters, with the feature `exemplars` |

mod buffer;
mod escape;
mod exposition;
#[cfg(feature = "foreign")]
mod foreign;
mod frame;
mod lines;
mod negotiate;
mod number;
mod open_metrics;
#[cfg(feature = "protobuf")]
pub mod protobuf;
mod text;

pub(crate) use lines::Lines;

#[cfg(feature = "serve")]
pub(crate) use negotiate::Writing;

/// A bucket's bound as the formats write it, each text once.
#[cfg(feature = "rules")]
pub(crate) fn bound_texts(bound: f64) -> Vec<String> {
    let mut texts = [Format::Text, Format::OpenMetrics]
        .map(|format| frame::bound_text(bound, format))
        .to_vec();
    texts.dedup();
    texts
}

use std::io::{self, Write};

use buffer::Buffer;
use exposition::Exposition;

use crate::collect::{CollectError, Collection};
use crate::registry::Registry;

/// A format of expositions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// The Prometheus text format, version 0.0.4: what every scraper reads, and what a Pushgateway is sent.
    #[default]
    Text,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

impl Format {
    /// The `Content-Type` of an exposition in this format.
    ///
    /// ```
    /// use datapunk_metrics::encode::Format;
    ///
    /// assert_eq!(Format::Text.content_type(), "text/plain; version=0.0.4; charset=utf-8");
    /// ```
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// The format that answers an `Accept` header.
    ///
    /// The media range with the highest `q` that names one of the two formats wins, the first of equal ones. A header
    /// that is missing, that can't be read or that names neither is answered with [`Format::Text`], never refused.
    ///
    /// ```
    /// use datapunk_metrics::encode::Format;
    ///
    /// let accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    /// assert_eq!(Format::negotiate(Some(accept)), Format::OpenMetrics);
    /// assert_eq!(Format::negotiate(Some("application/json")), Format::Text);
    /// assert_eq!(Format::negotiate(None), Format::Text);
    /// ```
    #[must_use]
    pub fn negotiate(accept: Option<&str>) -> Self {
        accept.and_then(negotiate::format).unwrap_or_default()
    }
}

/// The exposition of everything in `registry`, with the values of this moment.
///
/// # Errors
///
/// If a function that reads a metric at scrape time panicked.
pub fn encode(registry: &Registry, format: Format) -> Result<String, CollectError> {
    let mut text = String::new();
    encode_into(registry, format, &mut text)?;
    Ok(text)
}

/// Appends the exposition of everything in `registry` to `text`: for who encodes again and again and keeps the memory.
///
/// ```
/// use datapunk_metrics::encode::{Format, encode_into};
/// use datapunk_metrics::{Counter, MetricSet, Registry};
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "kiln")]
/// struct KilnMetrics {
///     /// Bricks fired.
///     bricks_fired_total: Counter,
/// }
///
/// let registry = Registry::new();
/// registry.register::<KilnMetrics>()?;
/// let mut text = String::new();
/// for _ in 0..3 {
///     text.clear();
///     encode_into(&registry, Format::Text, &mut text)?;
/// }
/// assert!(text.ends_with("kiln_bricks_fired_total 0\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If a function that reads a metric at scrape time panicked; `text` is as it was then.
pub fn encode_into(
    registry: &Registry,
    format: Format,
    text: &mut String,
) -> Result<(), CollectError> {
    let collection = Collection::begin(registry)?;
    // A little more than the last time, as values grow; the first time, enough for a small service.
    let last = collection.last_length();
    let mut out = Buffer::behind(core::mem::take(text));
    out.reserve((last + last / 16).max(CHUNK / 4));
    Exposition::new(format, collection).fill(&mut out, usize::MAX);
    *text = out.into_string();
    Ok(())
}

/// Writes the exposition of everything in `registry`, a piece of some 64 KiB after the other.
///
/// What is in memory at a time is one piece and the values of one metric, so the text of a registry with a million
/// series is never there as a whole. No lock is held while `writer` writes: a slow one delays neither recording nor
/// registering nor another exposition. The values of a metric are those of the moment in which its first piece is
/// written.
///
/// ```
/// use datapunk_metrics::encode::{Format, encode_to};
/// use datapunk_metrics::{Counter, MetricSet, Registry};
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "canal")]
/// struct CanalMetrics {
///     /// Ships that passed the lock.
///     ships_passed_total: Counter,
/// }
///
/// let registry = Registry::new();
/// registry.register::<CanalMetrics>()?;
/// encode_to(&registry, Format::Text, &mut std::io::stdout().lock())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If a function that reads a metric at scrape time panicked: an error of the kind [`Other`](io::ErrorKind::Other) that
/// holds the [`CollectError`]. Those functions are called before anything is written, so nothing was. And if `writer`
/// fails.
pub fn encode_to(
    registry: &Registry,
    format: Format,
    writer: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    let collection = Collection::begin(registry).map_err(io::Error::other)?;
    let mut exposition = Exposition::new(format, collection);
    let mut out = Buffer::with_capacity(CHUNK + ROOM);
    loop {
        out.clear();
        let is_more = exposition.fill(&mut out, CHUNK);
        writer.write_all(out.as_bytes())?;
        if !is_more {
            return Ok(());
        }
    }
}

/// How much is written at a time.
const CHUNK: usize = 64 * 1024;

/// Room for the series that goes beyond it.
const ROOM: usize = 4 * 1024;

/// An exposition as pieces of some 64 KiB, each made when it is asked for.
#[cfg(feature = "serve")]
#[derive(Debug)]
pub(crate) struct Chunks(Option<Rest>);

/// What is not written yet.
#[cfg(feature = "serve")]
#[derive(Debug)]
enum Rest {
    Text(Exposition),
    #[cfg(feature = "protobuf")]
    Protobuf(protobuf::Families),
}

#[cfg(feature = "serve")]
impl Chunks {
    /// Calls all scrape-time functions, so that nothing of what follows can fail.
    pub(crate) fn begin(registry: &Registry, writing: Writing) -> Result<Self, CollectError> {
        let rest = match writing {
            Writing::Text(format) => {
                Rest::Text(Exposition::new(format, Collection::begin(registry)?))
            }
            #[cfg(feature = "protobuf")]
            Writing::Protobuf => Rest::Protobuf(protobuf::Families::begin(registry)?),
        };
        Ok(Self(Some(rest)))
    }

    /// Whether there is nothing left.
    pub(crate) const fn is_done(&self) -> bool {
        self.0.is_none()
    }
}

#[cfg(feature = "serve")]
impl Iterator for Chunks {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let (chunk, is_more) = match self.0.as_mut()? {
            Rest::Text(exposition) => {
                let mut out = Buffer::with_capacity(CHUNK + ROOM);
                let is_more = exposition.fill(&mut out, CHUNK);
                (out.into_bytes(), is_more)
            }
            #[cfg(feature = "protobuf")]
            Rest::Protobuf(families) => {
                let mut out = Vec::new();
                let mut is_more = true;
                while is_more && out.len() < CHUNK {
                    is_more = families.push_next(&mut out);
                }
                (out, is_more)
            }
        };
        if !is_more {
            self.0 = None;
        }
        Some(chunk)
    }
}

#[cfg(test)]
mod tests;
