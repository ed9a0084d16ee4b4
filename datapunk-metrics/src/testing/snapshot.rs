//! The values of a registry at one moment.

use std::borrow::Cow;

use super::table::{Address, Family, SampleLabels, Table, series};
use super::{Difference, Samples, lookups};
use crate::collect::{CollectError, Collection, Part, SeriesLabels, Shape};
use crate::registry::Registry;

/// The values of all series of a registry at one moment.
///
/// ```
/// use datapunk_metrics::testing::Snapshot;
/// use datapunk_metrics::{Counter, Histogram, MetricSet, Registry, Seconds};
/// use std::time::Duration;
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "kiln")]
/// struct KilnMetrics {
///     /// Pots fired.
///     pots_fired_total: Counter,
///     /// Time taken to fire a pot.
///     #[metric(buckets = [60, 3600])]
///     fire_duration_seconds: Histogram<Seconds>,
/// }
///
/// let registry = Registry::new();
/// registry.register::<KilnMetrics>()?;
/// let before = Snapshot::of(&registry)?;
/// KilnMetrics::METRICS.pots_fired_total.inc();
/// KilnMetrics::METRICS.fire_duration_seconds.observe(Duration::from_secs(90));
/// let after = Snapshot::of(&registry)?;
///
/// assert_eq!(after.find("kiln_pots_fired_total", ())?, Some(1.0));
/// assert_eq!(
///     after.since(&before).to_string(),
///     "kiln_fire_duration_seconds_bucket{le=\"3600\"} +1 (0 -> 1)\n\
///      kiln_fire_duration_seconds_bucket{le=\"+Inf\"} +1 (0 -> 1)\n\
///      kiln_fire_duration_seconds_sum +90 (0 -> 90)\n\
///      kiln_fire_duration_seconds_count +1 (0 -> 1)\n\
///      kiln_pots_fired_total +1 (0 -> 1)\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Snapshot {
    table: Table,
}

lookups!(Snapshot, "value");

impl Snapshot {
    /// Reads every series of `registry`.
    ///
    /// # Errors
    ///
    /// If a scrape-time function panicked.
    pub fn of(registry: &Registry) -> Result<Self, CollectError> {
        let mut collection = Collection::of_sets(registry)?;
        let mut families = Vec::new();
        while collection.advance() {
            families.extend(collection.part().and_then(family));
        }
        Ok(Self {
            table: Table { families },
        })
    }

    /// What changed from `earlier` to here.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Difference {
        Difference::between(&earlier.table, &self.table)
    }

    /// Every series that is not absent, in the order of an exposition.
    pub fn series(&self) -> impl Iterator<Item = SeriesValue<'_>> {
        self.table.families.iter().flat_map(|family| {
            family.samples.iter().map(|sample| SeriesValue {
                name: format!("{}{}", family.name, sample.suffix),
                labels: &sample.labels,
                value: sample.value,
            })
        })
    }

    pub(super) fn into_table(self) -> Table {
        self.table
    }
}

/// One series of a [`Snapshot`].
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesValue<'a> {
    name: String,
    labels: &'a [(&'static str, Cow<'static, str>)],
    value: f64,
}

impl SeriesValue<'_> {
    /// Its name, as in an exposition.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Names and values of its labels, constant ones first.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.labels.iter().map(|(name, value)| (*name, &**value))
    }

    /// Its value.
    #[must_use]
    pub const fn value(&self) -> f64 {
        self.value
    }
}

impl core::fmt::Display for SeriesValue<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} {}", series(&self.name, self.labels), self.value)
    }
}

impl Samples for Snapshot {
    fn table(&self) -> Result<Cow<'_, Table>, String> {
        Ok(Cow::Borrowed(&self.table))
    }
}

/// A line for each series.
impl core::fmt::Display for Snapshot {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.series().try_for_each(|series| writeln!(f, "{series}"))
    }
}

/// The same lines: a failing test prints this.
impl core::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

/// The family of a part; none if no set declares it.
fn family(part: Part<'_>) -> Option<Family> {
    let snapshot = match part {
        Part::Family(snapshot) => snapshot,
        Part::Own(own) => {
            let mut family = Family {
                name: own.head.name,
                descriptor: None,
                address: None,
                unseen: None,
                samples: Vec::new(),
            };
            for (metric, count) in own.counts {
                let labels = vec![("metric", metric.clone())];
                family.push(labels, crate::collect::Value::Unsigned(*count).as_f64());
            }
            return Some(family);
        }
        #[cfg(feature = "foreign")]
        Part::Foreign(_) => return None,
    };
    // A handle names its metric as it is called now.
    let address = snapshot.source().and_then(Address::of_source);
    let mut family = Family::of(snapshot.descriptor(), address);
    for index in 0..snapshot.len() {
        let labels = || sample_labels(snapshot.labels(index));
        if snapshot.shape() == Shape::Histogram {
            if let Some(histogram) = snapshot.histogram(index) {
                family.push_histogram(&labels(), histogram);
            }
        } else if let Some(value) = snapshot.number(index) {
            family.push(labels(), value.as_f64());
        }
    }
    Some(family)
}

pub(super) fn sample_labels(labels: SeriesLabels<'static>) -> SampleLabels {
    labels
        .iter()
        .map(|(name, value)| (name, Cow::Borrowed(value)))
        .collect()
}
