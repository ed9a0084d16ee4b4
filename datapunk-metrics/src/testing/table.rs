//! Series by name and labels, and what is said where there is none.

use std::borrow::Cow;
use std::fmt::Write as _;

use datapunk_metrics_conventions::{Kind, closest};

use crate::collect::{HistogramValue, Value};
use crate::descriptor::MetricDescriptor;
use crate::set::Source;

/// Labels as they are asked for.
pub(super) type Pairs<'a> = [(Cow<'a, str>, Cow<'a, str>)];

/// The labels of one series, constant ones included.
pub(super) type SampleLabels = Vec<(&'static str, Cow<'static, str>)>;

/// Series by metric, in the order of their names.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub(super) families: Vec<Family>,
}

#[derive(Clone, Debug)]
pub(super) struct Family {
    pub(super) name: &'static str,
    /// None for what the metrics count about themselves.
    pub(super) descriptor: Option<&'static MetricDescriptor>,
    /// Where its values come from; none for what has no handle.
    pub(super) address: Option<Address>,
    /// Why its series can't be read here.
    pub(super) unseen: Option<Unseen>,
    pub(super) samples: Vec<Sample>,
}

/// Where the values of a metric come from: its cells, or what a ratio is calculated from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address(usize);

impl Address {
    pub(super) fn of<T: ?Sized>(place: &'static T) -> Self {
        Self(core::ptr::from_ref(place).cast::<()>().addr())
    }

    pub(super) fn of_source(source: Source) -> Option<Self> {
        match source {
            Source::Cells(storage) | Source::Read(_, storage) => Some(Self::of(storage)),
            Source::Ratio(ratio) => Some(Self::of(ratio)),
            Source::Constant => None,
        }
    }
}

/// Why a scope does not see a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unseen {
    /// All threads have one value.
    Shared,
    /// This thread has no cells for it.
    NoCells,
}

#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// What a histogram's series have behind its name.
    pub(super) suffix: &'static str,
    pub(super) labels: SampleLabels,
    pub(super) value: f64,
}

/// There is no series of that name with those labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSeries {
    message: String,
}

impl NoSeries {
    pub(super) fn from_message(message: String) -> Self {
        Self { message }
    }
}

impl core::fmt::Display for NoSeries {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.message)
    }
}

impl core::error::Error for NoSeries {}

/// How many series or names a message lists.
const LISTED: usize = 6;

const HISTOGRAM_SUFFIXES: [&str; 3] = ["_bucket", "_sum", "_count"];

impl Family {
    pub(super) fn of(descriptor: &'static MetricDescriptor, address: Option<Address>) -> Self {
        Self {
            name: descriptor.name,
            descriptor: Some(descriptor),
            address,
            unseen: None,
            samples: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, labels: SampleLabels, value: f64) {
        self.samples.push(Sample {
            suffix: "",
            labels,
            value,
        });
    }

    pub(super) fn push_histogram(&mut self, labels: &SampleLabels, histogram: HistogramValue<'_>) {
        let bounds = self.descriptor.map_or(&[][..], |metric| metric.buckets);
        let mut below: u64 = 0;
        for (at, count) in histogram.buckets.iter().enumerate() {
            below = below.wrapping_add(*count);
            let mut labels = labels.clone();
            let bound = bounds.get(at).map_or("+Inf".into(), f64::to_string);
            labels.push(("le", Cow::Owned(bound)));
            self.samples.push(Sample {
                suffix: "_bucket",
                labels,
                value: Value::Unsigned(below).as_f64(),
            });
        }
        for (suffix, value) in [("_sum", histogram.sum), ("_count", Value::Unsigned(below))] {
            self.samples.push(Sample {
                suffix,
                labels: labels.clone(),
                value: value.as_f64(),
            });
        }
    }

    fn is_histogram(&self) -> bool {
        self.descriptor
            .is_some_and(|metric| metric.kind == Kind::Histogram)
    }

    fn constant(&self) -> &'static [(&'static str, &'static str)] {
        self.descriptor
            .map_or(&[][..], |metric| metric.constant_labels)
    }

    /// The labels that a series of it is named by, each with its values; none if these come from outside.
    fn labels(&self, suffix: &str) -> Vec<(&'static str, Option<Vec<Cow<'static, str>>>)> {
        let Some(descriptor) = self.descriptor else {
            // Those of the toolkit have one label, whose values are metrics.
            let metrics = self.samples.iter().flat_map(|sample| &sample.labels);
            return vec![(
                "metric",
                Some(metrics.map(|(_, metric)| metric.clone()).collect()),
            )];
        };
        let mut labels: Vec<_> = descriptor
            .labels
            .iter()
            .map(|label| {
                let values = label.values.iter().copied().map(Cow::Borrowed);
                let is_closed = label.open.is_none();
                (label.name, is_closed.then(|| values.collect()))
            })
            .collect();
        if suffix == "_bucket" {
            let bounds = descriptor
                .buckets
                .iter()
                .map(|bound| bound.to_string().into());
            labels.push(("le", Some(bounds.chain(["+Inf".into()]).collect())));
        }
        labels
    }
}

impl Table {
    /// The value of a series, or none while it is absent.
    pub(super) fn find(&self, name: &str, labels: &Pairs<'_>) -> Result<Option<f64>, NoSeries> {
        let (family, suffix) = self.family(name)?;
        labels_name_a_series(family, suffix, labels)?;
        let sample = family
            .samples
            .iter()
            .find(|sample| sample.suffix == suffix && sample.is_named_by(labels));
        Ok(sample.map(|sample| sample.value))
    }

    /// The metric that a name is of, and what the name has behind that of a histogram.
    fn family(&self, name: &str) -> Result<(&Family, &'static str), NoSeries> {
        let suffix_of = |family: &Family| {
            let rest = name.strip_prefix(family.name)?;
            if !family.is_histogram() {
                return rest.is_empty().then_some("");
            }
            let suffixes = [""].into_iter().chain(HISTOGRAM_SUFFIXES);
            suffixes.into_iter().find(|suffix| *suffix == rest)
        };
        let found = self
            .families
            .iter()
            .find_map(|family| suffix_of(family).map(|suffix| (family, suffix)));
        let Some((family, suffix)) = found else {
            return Err(self.no_metric(name));
        };
        if let Some(unseen) = family.unseen {
            return Err(NoSeries::from_message(unseen.message(family)));
        }
        if family.is_histogram() && suffix.is_empty() {
            return Err(NoSeries::from_message(format!(
                "histogram `{name}` has no series of its own name\n\
                 help: its series are `{name}_count`, `{name}_sum` and `{name}_bucket`"
            )));
        }
        Ok((family, suffix))
    }

    fn no_metric(&self, name: &str) -> NoSeries {
        let mut message = format!("no metric is named `{name}`");
        let names = self.names();
        let near = closest(name, names.iter().map(String::as_str));
        if let Some(near) = near {
            let _ = write!(
                message,
                "\nhelp: a metric with a similar name exists: `{near}`"
            );
            if let Ok((family, suffix)) = self.family(near) {
                list(
                    &mut message,
                    "its series are",
                    family
                        .samples
                        .iter()
                        .filter(|sample| sample.suffix == suffix)
                        .map(|sample| shown(family, sample)),
                );
            }
        } else if names.is_empty() {
            message.push_str(
                "\nnote: no metric set is here\n\
                 help: register one, or name its crate in code so that it is linked",
            );
        } else {
            list(&mut message, "the metrics here are", names.into_iter());
        }
        NoSeries::from_message(message)
    }

    /// Every name that a series may be asked for by.
    fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for family in &self.families {
            if family.is_histogram() {
                names.extend(HISTOGRAM_SUFFIXES.map(|suffix| format!("{}{suffix}", family.name)));
            } else {
                names.push(family.name.to_owned());
            }
        }
        names
    }

    /// What is said of a series that could be there, and is not.
    pub(super) fn absent(&self, name: &str, labels: &Pairs<'_>) -> String {
        let mut message = format!("`{}` is absent", series(name, labels));
        self.say_why_absent(name, &mut message);
        message
    }

    pub(super) fn say_why_absent(&self, name: &str, message: &mut String) {
        let Ok((family, suffix)) = self.family(name) else {
            return;
        };
        message.push_str(match family.descriptor.map(|metric| metric.kind) {
            Some(Kind::Gauge | Kind::State) => {
                "\nnote: a gauge is absent until it is set, unless it declares `initial`"
            }
            Some(Kind::Ratio) => "\nnote: a ratio is absent while there is no traffic",
            _ if family.descriptor.is_some_and(MetricDescriptor::is_open) => {
                "\nnote: a series with an open label value is absent until it is first recorded"
            }
            _ => "\nnote: a series with a sparse label value is absent until it is touched",
        });
        let others = family
            .samples
            .iter()
            .filter(|sample| sample.suffix == suffix)
            .map(|sample| shown(family, sample));
        list(message, "of this metric there are", others);
    }

    /// The series beside this one that say the most: those that are not 0, the nearest first.
    pub(super) fn say_others(&self, name: &str, labels: &Pairs<'_>, message: &mut String) {
        let Ok((family, suffix)) = self.family(name) else {
            return;
        };
        let mut others: Vec<&Sample> = family
            .samples
            .iter()
            .filter(|sample| sample.suffix == suffix && !sample.is_named_by(labels))
            .collect();
        if others.is_empty() {
            return;
        }
        others.retain(|sample| sample.value != 0.0);
        if others.is_empty() {
            message.push_str("\nnote: all other series of this metric are 0");
            return;
        }
        others.sort_by_key(|sample| {
            let differ = labels.iter().filter(|label| !sample.has(label));
            differ.count()
        });
        let others = others.into_iter().map(|sample| shown(family, sample));
        list(
            message,
            "other series of this metric that are not 0",
            others,
        );
    }
}

impl Unseen {
    fn message(self, family: &Family) -> String {
        let kind = family
            .descriptor
            .map_or("metric", |metric| metric.kind.as_str());
        let name = family.name;
        match self {
            Self::Shared => format!(
                "{kind} `{name}` is not seen by a scope of this thread\n\
                 note: its value is one for all threads, so nobody knows which of them changed it\n\
                 help: read it with `testing::value`, or from a snapshot"
            ),
            Self::NoCells => format!(
                "{kind} `{name}` is not seen by a scope of this thread\n\
                 note: the thread has no cells of its own for it, because its set was not registered before the \
                 thread's first recording, and was too large for the room behind\n\
                 help: register the set first"
            ),
        }
    }
}

impl Sample {
    fn has(&self, asked: &(Cow<'_, str>, Cow<'_, str>)) -> bool {
        let mut labels = self.labels.iter();
        labels.any(|(name, value)| *name == asked.0 && same_value(name, value, &asked.1))
    }

    /// Whether these labels name it, once they are known to be complete.
    fn is_named_by(&self, labels: &Pairs<'_>) -> bool {
        labels.iter().all(|label| self.has(label))
    }
}

fn same_value(label: &str, left: &str, right: &str) -> bool {
    if left == right {
        return true;
    }
    let bound = |text: &str| text.parse::<f64>().ok();
    label == "le" && bound(left).is_some_and(|left| bound(right) == Some(left))
}

// A series is named by all of its labels, each once, with values that exist.
fn labels_name_a_series(family: &Family, suffix: &str, labels: &Pairs<'_>) -> Result<(), NoSeries> {
    let metric = format!("{}{suffix}", family.name);
    let known = family.labels(suffix);
    let fail = |message: String| Err(NoSeries::from_message(message));
    for (at, (name, value)) in labels.iter().enumerate() {
        if labels[..at].iter().any(|(first, _)| first == name) {
            return fail(format!(
                "label `{name}` of metric `{metric}` is given twice\nhelp: remove one of the two"
            ));
        }
        let constant = family
            .constant()
            .iter()
            .find(|(constant, _)| constant == name);
        let values = match (known.iter().find(|(label, _)| label == name), constant) {
            (Some((_, values)), _) => values.clone(),
            (None, Some((_, value))) => Some(vec![Cow::Borrowed(*value)]),
            (None, None) => {
                let names = || known.iter().map(|(label, _)| *label);
                let mut message = format!("metric `{metric}` has no label `{name}`");
                if let Some(near) = closest(name, names()) {
                    let _ = write!(message, "\nhelp: write `{near}`");
                } else if known.is_empty() {
                    message.push_str("\nhelp: it has no labels; write `()`");
                } else {
                    list(&mut message, "its labels are", names().map(str::to_owned));
                }
                return fail(message);
            }
        };
        let Some(values) = values else { continue };
        if !values.iter().any(|known| same_value(name, known, value)) {
            let mut message = format!("label `{name}` of metric `{metric}` has no value `{value}`");
            match closest(value, values.iter().map(AsRef::as_ref)) {
                Some(near) => {
                    let _ = write!(message, "\nhelp: write `{near}`");
                }
                None => list(
                    &mut message,
                    "its values are",
                    values.iter().map(ToString::to_string),
                ),
            }
            return fail(message);
        }
    }
    for (label, values) in &known {
        if labels.iter().all(|(name, _)| name != label) {
            let mut message = format!("label `{label}` of metric `{metric}` is not given");
            list(
                &mut message,
                "its values are",
                values.iter().flatten().map(ToString::to_string),
            );
            return fail(message);
        }
    }
    Ok(())
}

/// Adds a note with some of `items`, a line each.
pub(super) fn list(message: &mut String, what: &str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.collect();
    if items.is_empty() {
        return;
    }
    let _ = write!(message, "\nnote: {what}:");
    for item in items.iter().take(LISTED) {
        let _ = write!(message, "\n      {item}");
    }
    if items.len() > LISTED {
        let _ = write!(message, "\n      and {} more", items.len() - LISTED);
    }
}

fn shown(family: &Family, sample: &Sample) -> String {
    let name = format!("{}{}", family.name, sample.suffix);
    format!("{} {}", series(&name, &sample.labels), sample.value)
}

/// A series as it is written in an exposition.
pub(super) fn series<N: AsRef<str>, V: AsRef<str>>(name: &str, labels: &[(N, V)]) -> String {
    let mut text = name.to_owned();
    for (at, (name, value)) in labels.iter().enumerate() {
        let before = if at == 0 { '{' } else { ',' };
        let _ = write!(text, "{before}{}={:?}", name.as_ref(), value.as_ref());
    }
    if !labels.is_empty() {
        text.push('}');
    }
    text
}
