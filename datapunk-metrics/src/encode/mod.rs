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

mod escape;
mod exposition;
mod negotiate;
mod number;
mod open_metrics;
mod text;

use crate::collect::{CollectError, collect};
use crate::registry::Registry;
use exposition::Exposition;

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
    let mut exposition = Exposition::new(format);
    collect(registry, &mut exposition)?;
    Ok(exposition.finish())
}

#[cfg(test)]
mod tests;
