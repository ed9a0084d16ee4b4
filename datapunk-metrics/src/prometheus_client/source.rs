//! The other way: a registry of `prometheus-client` whose metrics appear on our endpoint.

use core::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use prometheus_client::encoding::text::encode_registry;
use prometheus_client::registry::Registry as Registered;

use super::masked::mask_all;
use super::text;
use crate::collect::foreign::{ForeignFamily, ForeignSource};
use crate::foreign::{ForeignMetrics, Origin, Reason, Refusal};
use crate::registry::Registry;

/// A registry of `prometheus-client`, as a service holds it.
pub trait Existing: Send + Sync + 'static {
    /// Writes what it has as OpenMetrics, without the end.
    ///
    /// # Errors
    ///
    /// If a collector of it fails.
    fn write(&self, text: &mut String) -> fmt::Result;
}

impl Existing for Registered {
    fn write(&self, text: &mut String) -> fmt::Result {
        encode_registry(text, self)
    }
}

impl Existing for Mutex<Registered> {
    fn write(&self, text: &mut String) -> fmt::Result {
        encode_registry(text, &self.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Existing for RwLock<Registered> {
    fn write(&self, text: &mut String) -> fmt::Result {
        encode_registry(text, &self.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Shows the metrics of `existing` wherever `registry` is shown, in every format, from now on.
///
/// ```
/// use std::sync::Arc;
///
/// use datapunk_metrics::encode::{Format, encode};
/// use datapunk_metrics::{Registry, prometheus_client::attach};
/// use prometheus_client::metrics::counter::Counter;
///
/// let loaves: Counter = Counter::default();
/// let mut existing = prometheus_client::registry::Registry::default();
/// existing.register("bakery_loaves_baked", "Loaves baked", loaves.clone());
///
/// let metrics = Registry::new();
/// let left_out = attach(&metrics, Arc::new(existing));
/// assert!(left_out.is_empty());
///
/// loaves.inc();
/// let text = encode(&metrics, Format::Text)?;
/// assert!(text.contains("# HELP bakery_loaves_baked_total Loaves baked.\n"));
/// assert!(text.contains("bakery_loaves_baked_total 1\n"));
/// # Ok::<(), datapunk_metrics::CollectError>(())
/// ```
///
/// That registry checks nothing: it takes a name twice, a name that no scraper reads, and one that a set of ours declares.
/// Metrics and series that would break an exposition are left out of it. Those of this moment are returned, to be
/// logged; each exposition counts what it leaves out in `datapunk_metrics_foreign_refused_total`. Parts of one family, which
/// sub-registries with labels have, are joined.
///
/// Secrets and personal data in label values, exemplars and helps are [masked](crate::privacy::mask), which
/// `datapunk_metrics_foreign_texts_masked_total` counts. Counters and histograms that are one without them are added up.
///
/// A registry in a [`Mutex`] or an [`RwLock`] is locked while it is read. Attached to the registry that a
/// [`RegistryCollector`](super::RegistryCollector) of it shows, it is shown once on either endpoint.
#[must_use = "what is left out is known here"]
pub fn attach(registry: &Registry, existing: Arc<impl Existing>) -> Vec<Refusal> {
    registry.attach(Arc::new(Attached(existing)))
}

struct Attached<E>(Arc<E>);

impl<E> fmt::Debug for Attached<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("prometheus_client::registry::Registry")
    }
}

impl<E: Existing> ForeignSource for Attached<E> {
    fn origin(&self) -> Origin {
        Origin::PrometheusClient
    }

    fn collect(&self, families: &mut Vec<ForeignFamily>, refusals: &mut Vec<Refusal>) {
        let mut written = String::new();
        if self.0.write(&mut written).is_err() {
            // What stands before the fault can be read all the same.
            refusals.push(Refusal::new(
                Origin::PrometheusClient,
                "",
                Reason::Unreadable,
            ));
        }
        let first = families.len();
        text::read(&written, families, refusals);
        let masked = mask_all(&mut families[first..]);
        ForeignMetrics::METRICS
            .foreign_texts_masked_total
            .add(masked);
    }
}
