//! What changed from one moment to another.

use std::borrow::Cow;
use std::collections::HashMap;

use super::table::{Family, Sample, SampleLabels, Table, series};
use super::{Samples, lookups};

/// What changed between two [`Snapshot`](super::Snapshot)s, or in a [`Scope`](super::Scope).
///
/// As text it has a line for each series that changed: by how much, and in brackets from what to what. A series that
/// did not change can be read all the same: its change is 0.
///
/// ```
/// use datapunk_metrics::testing::Snapshot;
/// use datapunk_metrics::{Gauge, MetricSet, Registry};
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "pond")]
/// struct PondMetrics {
///     /// Frogs in the pond.
///     #[metric(initial = 3)]
///     frogs_current: Gauge,
/// }
///
/// let registry = Registry::new();
/// registry.register::<PondMetrics>()?;
/// let before = Snapshot::of(&registry)?;
/// PondMetrics::METRICS.frogs_current.dec();
/// let difference = Snapshot::of(&registry)?.since(&before);
///
/// assert_eq!(difference.to_string(), "pond_frogs_current -1 (3 -> 2)\n");
/// assert_eq!(difference.changes()[0].by(), -1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Difference {
    /// The change of each series, also where it is 0.
    table: Table,
    changes: Vec<Change>,
}

lookups!(Difference, "change");

/// One series that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    name: String,
    labels: SampleLabels,
    by: f64,
    /// Before and after; none where only the change is known.
    values: Option<(Option<f64>, Option<f64>)>,
}

impl Change {
    /// The name of the series, as in an exposition.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Names and values of its labels, constant ones first.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.labels.iter().map(|(name, value)| (*name, &**value))
    }

    /// By how much its value changed; what is absent counts as 0.
    #[must_use]
    pub const fn by(&self) -> f64 {
        self.by
    }

    /// Its values before and after, none where it was absent. In a [`Scope`](super::Scope) only the change is known.
    #[must_use]
    pub const fn values(&self) -> Option<(Option<f64>, Option<f64>)> {
        self.values
    }
}

impl core::fmt::Display for Change {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} {:+}", series(&self.name, &self.labels), self.by)?;
        let shown = |value: Option<f64>| value.map_or("absent".into(), |value| value.to_string());
        match self.values {
            Some((before, after)) => write!(f, " ({} -> {})", shown(before), shown(after)),
            None => Ok(()),
        }
    }
}

impl Difference {
    pub(super) fn between(before: &Table, after: &Table) -> Self {
        let mut difference = Self::empty();
        let mut earlier: HashMap<&str, &Family> = before
            .families
            .iter()
            .map(|family| (family.name, family))
            .collect();
        for family in &after.families {
            let before = earlier.remove(family.name);
            difference.add(family, before.map_or(&[], |before| &before.samples));
        }
        difference
    }

    /// Adds a metric with the series that it had before.
    fn add(&mut self, family: &Family, before: &[Sample]) {
        let mut earlier: HashMap<_, _> = before
            .iter()
            .map(|sample| ((sample.suffix, &sample.labels), sample.value))
            .collect();
        let mut changes = family.clone();
        for (sample, change) in family.samples.iter().zip(&mut changes.samples) {
            let was = earlier.remove(&(sample.suffix, &sample.labels));
            self.note(family.name, sample, (was, Some(sample.value)));
            change.value = by(was, Some(sample.value));
        }
        self.table.families.push(changes);
        // What is left has become absent: a scrape-time value, or a ratio without traffic.
        for sample in before {
            if let Some(was) = earlier.remove(&(sample.suffix, &sample.labels)) {
                self.note(family.name, sample, (Some(was), None));
            }
        }
    }

    /// The changes of a table whose values are changes already.
    pub(super) fn of_changes(table: Table) -> Self {
        let changes = samples(&table)
            .filter(|(_, sample)| sample.value != 0.0)
            .map(|(family, sample)| Change {
                name: format!("{}{}", family.name, sample.suffix),
                labels: sample.labels.clone(),
                by: sample.value,
                values: None,
            })
            .collect();
        Self { table, changes }
    }

    fn empty() -> Self {
        Self {
            table: Table::default(),
            changes: Vec::new(),
        }
    }

    fn note(
        &mut self,
        family: &'static str,
        sample: &Sample,
        (before, after): (Option<f64>, Option<f64>),
    ) {
        // What is not a number is equal to itself here, and what appears at 0 has changed.
        let same = match (before, after) {
            (Some(before), Some(after)) => before.total_cmp(&after).is_eq(),
            (None, None) => true,
            _ => false,
        };
        if !same {
            self.changes.push(Change {
                name: format!("{family}{}", sample.suffix),
                labels: sample.labels.clone(),
                by: by(before, after),
                values: Some((before, after)),
            });
        }
    }

    /// The series that changed, in the order of an exposition.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    pub(super) fn into_table(self) -> Table {
        self.table
    }
}

fn by(before: Option<f64>, after: Option<f64>) -> f64 {
    after.unwrap_or_default() - before.unwrap_or_default()
}

fn samples(table: &Table) -> impl Iterator<Item = (&Family, &Sample)> {
    table
        .families
        .iter()
        .flat_map(|family| family.samples.iter().map(move |sample| (family, sample)))
}

impl Samples for Difference {
    fn table(&self) -> Result<Cow<'_, Table>, String> {
        Ok(Cow::Borrowed(&self.table))
    }
}

impl core::fmt::Display for Difference {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing changed\n");
        }
        self.changes
            .iter()
            .try_for_each(|change| writeln!(f, "{change}"))
    }
}

/// The same lines: a failing test prints this.
impl core::fmt::Debug for Difference {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}
