//! From a catalogue back to descriptors, for checks that take them.

use datapunk_metrics_conventions::{Kind, Profile, Retention, name_halves, name_hash, name_pairs};

use super::{Catalogue, Label, Metric, Set};
use crate::cells::Number;
use crate::descriptor::{Lifecycle, Location, MetricDescriptor, SetDescriptor, StateDescriptor};
use crate::labels::{LabelDescriptor, OpenLabel};
use crate::unit::EncodingKind;

impl Catalogue {
    /// Its sets as descriptors, former names included. They stay for as long as the program runs, which takes no longer
    /// than one command.
    pub(in crate::artifacts) fn descriptors(&self) -> Result<Vec<&'static SetDescriptor>, String> {
        self.sets.iter().map(set).collect()
    }
}

fn set(set: &Set) -> Result<&'static SetDescriptor, String> {
    let mut metrics = Vec::new();
    for one in &set.metrics {
        let descriptor = metric(one)?;
        metrics.push(descriptor);
        if let Some(former) = &one.renamed_from {
            metrics.push(MetricDescriptor {
                name: kept(&former.name),
                hash: name_hash(&former.name),
                pairs: name_pairs(&former.name),
                halves: name_halves(&former.name),
                // It is about the same events.
                objective: None,
                ..descriptor
            });
        }
    }
    Ok(Box::leak(Box::new(SetDescriptor {
        name: kept(&set.name),
        help: "",
        namespace: kept(&set.namespace),
        profile: Profile::from_name(&set.profile).unwrap_or_default(),
        location: NOWHERE,
        metrics: metrics.leak(),
        nested: &[],
    })))
}

const NOWHERE: Location = Location {
    module: "",
    file: "",
    line: 0,
};

fn metric(metric: &Metric) -> Result<MetricDescriptor, String> {
    let kind = Kind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == metric.kind);
    let constant = metric.constant_labels.iter();
    let states = metric.states.iter().map(|state| StateDescriptor {
        name: kept(&state.name),
        value: state.value,
    });
    let objective = metric.objective.as_ref();
    let objective = objective.map(|objective| objective.descriptor(metric));
    Ok(MetricDescriptor {
        name: kept(&metric.name),
        hash: name_hash(&metric.name),
        pairs: name_pairs(&metric.name),
        halves: name_halves(&metric.name),
        help: "",
        kind: kind.ok_or_else(|| {
            format!(
                "metric `{}` is of unknown kind `{}`",
                metric.name, metric.kind
            )
        })?,
        number: Number::Float,
        encoding: EncodingKind::Float,
        unit: kept(&metric.unit),
        labels: metric.labels.iter().map(label).collect::<Vec<_>>().leak(),
        constant_labels: constant
            .map(|(name, value)| (kept(name), kept(value)))
            .collect::<Vec<_>>()
            .leak(),
        buckets: metric.buckets.clone().leak(),
        states: states.collect::<Vec<_>>().leak(),
        initial: None,
        zero: &[],
        max_series: metric.max_series,
        retention: Retention::from_name(&metric.retention).unwrap_or_default(),
        lifecycle: &Lifecycle::Stable,
        objective: objective.transpose()?,
        waivers: &[],
        location: NOWHERE,
    })
}

fn label(label: &Label) -> LabelDescriptor {
    let values = label.values.iter().map(|value| kept(value));
    let values: &'static [&'static str] = values.collect::<Vec<_>>().leak();
    let (values, open) = match &label.open {
        Some(open) => (
            &[][..],
            Some(OpenLabel {
                max: open.limit,
                known: values,
                max_bytes: open.max_bytes,
                // Not kept: whoever reads a catalogue has the names, and the macro has checked them.
                reduced: false,
            }),
        ),
        None => (values, None),
    };
    LabelDescriptor {
        name: kept(&label.name),
        hash: name_hash(&label.name),
        values,
        variants: values,
        sparse: label.sparse,
        open,
        waivers: &[],
    }
}

pub(super) fn kept(text: &str) -> &'static str {
    String::from(text).leak()
}
