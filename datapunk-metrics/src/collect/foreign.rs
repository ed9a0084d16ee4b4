//! Families that no metric set declares: those of another registry, and of code that names its metrics while it runs.
//!
//! A [`ForeignSource`] makes its families anew for each collection. What would break an exposition is left out here,
//! once for all sources and formats: the rest of the family, of the source and of the registry is shown all the same.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use datapunk_metrics_conventions::{Kind, is_label_name, is_metric_name};

#[cfg(any(feature = "exemplars", feature = "protobuf"))]
use super::Shape;
use super::Snapshot;
#[cfg(feature = "metrics")]
use super::own;
use super::{Families, Head, Value, open_metrics_name};
use crate::foreign::{Origin, Reason, Refusal};
use crate::registry::Registry;

/// Where families come from that no set declares.
pub(crate) trait ForeignSource: Send + Sync + fmt::Debug {
    fn origin(&self) -> Origin;

    /// Appends its families with the values of this moment, and what it could not read.
    fn collect(&self, families: &mut Vec<ForeignFamily>, refusals: &mut Vec<Refusal>);
}

/// A family with its values of one moment.
#[derive(Clone, Debug)]
pub(crate) struct ForeignFamily {
    /// The name of its samples, `_total` or `_info` included.
    pub(crate) name: String,
    pub(crate) help: String,
    /// None if nobody says what its values are.
    pub(crate) kind: Option<Kind>,
    /// Empty if there is none.
    pub(crate) unit: String,
    pub(crate) series: Vec<ForeignSeries>,
    /// What the metric counted about itself, for the families that all metrics share.
    pub(crate) counts: Vec<OwnCount>,
}

/// A number that belongs in one of the toolkit's own families.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnCount {
    pub(super) family: &'static str,
    pub(super) count: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct ForeignSeries {
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) value: ForeignValue,
}

#[derive(Clone, Debug)]
pub(crate) enum ForeignValue {
    Number(Value, Option<Exemplar>),
    Histogram(ForeignHistogram),
}

#[derive(Clone, Debug)]
pub(crate) struct ForeignHistogram {
    /// Without `+Inf`.
    pub(crate) bounds: Arc<[f64]>,
    /// How many values fell in each bucket alone; one more than the bounds.
    pub(crate) buckets: Vec<u64>,
    pub(crate) sum: Value,
    /// One for each bucket, or none at all.
    pub(crate) exemplars: Vec<Option<Exemplar>>,
}

/// An example of what a sample counts, which leads to a trace.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exemplar {
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) value: f64,
    /// Seconds since the Unix epoch.
    pub(crate) timestamp: Option<f64>,
}

impl Exemplar {
    /// The most characters that the names and values of its labels may have together: OpenMetrics says so.
    pub(crate) const MOST: usize = 128;

    fn is_short(&self) -> bool {
        let characters =
            |(name, value): &(String, String)| name.chars().count() + value.chars().count();
        self.labels.iter().map(characters).sum::<usize>() <= Self::MOST
    }
}

/// Labels without their ownership.
pub(crate) fn as_text(labels: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    labels.iter().map(|(name, value)| (&**name, &**value))
}

impl ForeignFamily {
    pub(crate) fn head(&self) -> Head<'_> {
        Head {
            name: &self.name,
            help: &self.help,
            kind: self.kind,
            unit: &self.unit,
        }
    }

    /// What it and its samples may be called.
    fn sample_names(&self) -> Vec<String> {
        sample_names(&self.name, self.family_name(), self.kind)
    }

    /// The name in OpenMetrics.
    fn family_name(&self) -> &str {
        match self.kind {
            Some(kind) => open_metrics_name(&self.name, kind),
            None => &self.name,
        }
    }
}

#[cfg(feature = "metrics")]
impl OwnCount {
    /// Samples that were not recorded.
    pub(crate) const fn refused(count: u64) -> Self {
        Self {
            family: own::REFUSED_SAMPLES,
            count,
        }
    }

    /// Samples that were recorded in the series beyond the limit.
    pub(crate) const fn folded(count: u64) -> Self {
        Self {
            family: own::FOLDED_SAMPLES,
            count,
        }
    }

    /// Series in use.
    pub(crate) const fn series(count: usize) -> Self {
        Self {
            family: own::SERIES,
            count: count as u64,
        }
    }

    /// Series that there may be.
    pub(crate) const fn limit(count: usize) -> Self {
        Self {
            family: own::SERIES_LIMIT,
            count: count as u64,
        }
    }
}

/// The families of all sources that fit into one exposition with those of `registry` and that it shows, by name, and what
/// does not fit.
pub(crate) fn collect(
    registry: &Registry,
    sources: &[Arc<dyn ForeignSource>],
) -> (Vec<ForeignFamily>, Vec<Refusal>) {
    let _collecting = Collecting::begin(registry);
    let own = registry.all_families();
    let mut admission = Admission::beside(&own);
    for source in sources {
        let mut families = Vec::new();
        let origin = source.origin();
        let refusals = &mut admission.refusals;
        // One that panics half-way has what it appended before.
        if catch_unwind(AssertUnwindSafe(|| source.collect(&mut families, refusals))).is_err() {
            refusals.push(Refusal::new(origin, "", Reason::Panicked));
        }
        for family in families {
            admission.admit(origin, family);
        }
    }
    let Admission {
        mut families,
        refusals,
        ..
    } = admission;
    families.retain(|family| registry.shows(&family.sample_names()));
    families.sort_by(|a, b| a.name.cmp(&b.name));
    (families, refusals)
}

thread_local! {
    /// The address of the registry for which this thread collects from elsewhere.
    static COLLECTED_FOR: Cell<usize> = const { Cell::new(0) };
}

/// Whether this thread is asked for the families of `registry` while it collects for it: by another registry, which
/// shows this one and is shown by it.
#[cfg(feature = "prometheus-client")]
pub(crate) fn is_collected_for(registry: &Registry) -> bool {
    COLLECTED_FOR.get() == registry.address()
}

/// Puts back what was there before.
struct Collecting(usize);

impl Collecting {
    fn begin(registry: &Registry) -> Self {
        Self(COLLECTED_FOR.replace(registry.address()))
    }
}

impl Drop for Collecting {
    fn drop(&mut self) {
        COLLECTED_FOR.set(self.0);
    }
}

/// Decides what is shown.
struct Admission<'a> {
    own: &'a HashSet<String>,
    families: Vec<ForeignFamily>,
    /// Whose every name that is taken is: the position in `families`.
    taken: HashMap<String, usize>,
    /// The series of each family.
    series: Vec<HashSet<Vec<(String, String)>>>,
    refusals: Vec<Refusal>,
}

impl<'a> Admission<'a> {
    fn beside(own: &'a Families) -> Self {
        Self {
            own: own.sample_names(),
            families: Vec::new(),
            taken: HashMap::new(),
            series: Vec::new(),
            refusals: Vec::new(),
        }
    }

    fn admit(&mut self, origin: Origin, mut family: ForeignFamily) {
        if let Err(reason) = self.name_is_free(&family) {
            self.refusals
                .push(Refusal::new(origin, &family.name, reason));
            return;
        }
        let series = std::mem::take(&mut family.series);
        let name = family.name.clone();
        let at = *self
            .taken
            .entry(name.clone())
            .or_insert(self.families.len());
        if at == self.families.len() {
            for name in family.sample_names() {
                self.taken.insert(name, at);
            }
            self.families.push(family);
            self.series.push(HashSet::new());
        }
        for mut series in series {
            match self.is_sound(at, &mut series) {
                Ok(()) => self.families[at].series.push(series),
                Err(reason) => self.refusals.push(Refusal::new(origin, &name, reason)),
            }
        }
    }

    /// Whether the family may be shown under its name, as a new one or with the series of an equal one.
    fn name_is_free(&self, family: &ForeignFamily) -> Result<(), Reason> {
        if !is_metric_name(&family.name) || !has_its_suffix(family) {
            return Err(Reason::Name);
        }
        let names = family.sample_names();
        if names.iter().any(|name| self.own.contains(name)) {
            return Err(Reason::Taken);
        }
        let mut others = names.iter().filter_map(|name| self.taken.get(name));
        // Sub-registries with labels of their own have one family in several parts.
        let is_part = |at: &usize| {
            let other = &self.families[*at];
            other.name == family.name && other.kind == family.kind
        };
        if others.all(is_part) {
            Ok(())
        } else {
            Err(Reason::Taken)
        }
    }

    /// Whether a series may stand in an exposition; an exemplar that may not is taken away.
    fn is_sound(&mut self, at: usize, series: &mut ForeignSeries) -> Result<(), Reason> {
        let mut key = series.labels.clone();
        key.sort_unstable();
        let is_twice = key.windows(2).any(|pair| pair[0].0 == pair[1].0);
        if is_twice || !key.iter().all(|(name, _)| label_is_free(name)) {
            return Err(Reason::Label);
        }
        if !value_is_sound(self.families[at].kind, &series.value) {
            return Err(Reason::Value);
        }
        if !self.series[at].insert(key) {
            return Err(Reason::Twice);
        }
        keep_sound_exemplars(self.families[at].kind, &mut series.value);
        Ok(())
    }
}

impl Snapshot<'_> {
    /// The family as one that says everything of itself, with its exemplars.
    #[cfg(any(feature = "exemplars", feature = "protobuf"))]
    pub(crate) fn to_foreign(self) -> ForeignFamily {
        let descriptor = self.descriptor();
        let exemplars = self.exemplars();
        let bounds: Arc<[f64]> = descriptor.buckets.into();
        let value = |index: usize| {
            let first = index * self.width();
            if self.shape() != Shape::Histogram {
                let exemplar = exemplars.get(&first).cloned();
                return Some(ForeignValue::Number(self.number(index)?, exemplar));
            }
            let histogram = self.histogram(index)?;
            let buckets = 0..histogram.buckets.len();
            Some(ForeignValue::Histogram(ForeignHistogram {
                bounds: Arc::clone(&bounds),
                buckets: histogram.buckets.to_vec(),
                sum: histogram.sum,
                exemplars: buckets
                    .map(|bucket| exemplars.get(&(first + bucket)).cloned())
                    .collect(),
            }))
        };
        let series = |index: usize| {
            let labels = self.labels(index).iter();
            Some(ForeignSeries {
                value: value(index)?,
                labels: labels
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect(),
            })
        };
        ForeignFamily {
            name: descriptor.name.to_owned(),
            help: descriptor.help.to_owned(),
            kind: Some(descriptor.kind),
            unit: descriptor.unit.to_owned(),
            series: (0..self.len()).filter_map(series).collect(),
            counts: Vec::new(),
        }
    }

    /// Whether there is an exemplar of one of its cells.
    #[cfg(feature = "exemplars")]
    pub(crate) fn has_exemplars(self) -> bool {
        self.storage().is_some_and(crate::exemplars::has)
    }

    /// The exemplars of its cells.
    #[cfg(any(
        feature = "exemplars",
        feature = "protobuf",
        feature = "prometheus-client"
    ))]
    pub(crate) fn exemplars(self) -> HashMap<usize, Exemplar> {
        #[cfg(feature = "exemplars")]
        if let Some(storage) = self.storage() {
            let recorded = crate::exemplars::of(storage).into_iter();
            return recorded
                .map(|(cell, recorded)| (cell, recorded.exemplar()))
                .collect();
        }
        HashMap::new()
    }
}

#[cfg(feature = "protobuf")]
impl super::OwnSnapshot<'_> {
    /// The family as one that says everything of itself.
    pub(crate) fn to_foreign(self) -> ForeignFamily {
        let series = self.counts.iter().map(|(metric, count)| ForeignSeries {
            labels: vec![("metric".to_owned(), metric.to_string())],
            value: ForeignValue::Number(Value::Unsigned(*count), None),
        });
        ForeignFamily {
            name: self.head.name.to_owned(),
            help: self.head.help.to_owned(),
            kind: self.head.kind,
            unit: self.head.unit.to_owned(),
            series: series.collect(),
            counts: Vec::new(),
        }
    }
}

/// What a family's samples may be called, and the family itself, in both formats.
pub(super) fn sample_names(name: &str, family: &str, kind: Option<Kind>) -> Vec<String> {
    let suffixes: &[&str] = match kind {
        Some(Kind::Histogram) => &["_bucket", "_sum", "_count"],
        _ => &[],
    };
    let mut names = vec![name.to_owned()];
    if family != name {
        names.push(family.to_owned());
    }
    names.extend(suffixes.iter().map(|suffix| format!("{name}{suffix}")));
    names
}

/// Whether a label may have that name: those of the formats are theirs.
fn label_is_free(name: &str) -> bool {
    is_label_name(name) && !name.starts_with("__") && !matches!(name, "le" | "quantile")
}

fn has_its_suffix(family: &ForeignFamily) -> bool {
    let suffix = match family.kind {
        Some(Kind::Counter) => "_total",
        Some(Kind::Info) => "_info",
        _ => return true,
    };
    family.name.len() > suffix.len() && family.name.ends_with(suffix)
}

fn value_is_sound(kind: Option<Kind>, value: &ForeignValue) -> bool {
    match (kind, value) {
        (Some(Kind::Histogram), ForeignValue::Histogram(histogram)) => {
            let rise = histogram.bounds.windows(2).all(|pair| pair[0] < pair[1]);
            rise && histogram.bounds.iter().all(|bound| bound.is_finite())
                && histogram.buckets.len() == histogram.bounds.len() + 1
                && !histogram.sum.as_f64().is_nan()
        }
        (Some(Kind::Histogram), _) | (_, ForeignValue::Histogram(_)) => false,
        (Some(Kind::Counter), ForeignValue::Number(value, _)) => value.as_f64() >= 0.0,
        (_, ForeignValue::Number(..)) => true,
    }
}

/// Only counters and buckets have exemplars, and short ones.
fn keep_sound_exemplars(kind: Option<Kind>, value: &mut ForeignValue) {
    let keep = |exemplar: &mut Option<Exemplar>| {
        exemplar.take_if(|exemplar| {
            let named = exemplar.labels.iter().all(|(name, _)| is_metric_name(name));
            !named || !exemplar.is_short()
        });
    };
    match value {
        ForeignValue::Number(_, exemplar) if kind == Some(Kind::Counter) => keep(exemplar),
        ForeignValue::Number(_, exemplar) => *exemplar = None,
        ForeignValue::Histogram(histogram) => histogram.exemplars.iter_mut().for_each(keep),
    }
}
