//! From descriptors to a catalogue.

use super::{
    Catalogue, Deprecated, FORMAT, Label, Metric, Objective, Open, Place, Renamed, Set, State,
    Waiver,
};
use crate::descriptor::{self, Lifecycle, Location, MetricDescriptor, SetDescriptor};
use crate::identity;
use crate::labels::LabelDescriptor;
use crate::registry::Registry;

impl Catalogue {
    /// What `registry` declares, as the metrics of `service`; of the version that the [identity](crate::identity) says.
    #[must_use]
    pub fn of(service: &str, registry: &Registry) -> Self {
        let mut sets: Vec<Set> = registry.sets().into_iter().map(set).collect();
        // The linker's order is no order, and a set that only holds others declares nothing.
        sets.retain(|set| !set.metrics.is_empty());
        sets.sort_by(|a, b| {
            (&a.name, &a.declared.module, a.declared.line).cmp(&(
                &b.name,
                &b.declared.module,
                b.declared.line,
            ))
        });
        let identity = identity::get().filter(|identity| identity.service() == service);
        Self {
            format: FORMAT,
            service: service.to_owned(),
            version: identity.and_then(|identity| identity.version_text().map(str::to_owned)),
            sets,
        }
    }
}

fn set(set: &SetDescriptor) -> Set {
    Set {
        name: set.name.to_owned(),
        help: set.help.to_owned(),
        namespace: set.namespace.to_owned(),
        profile: set.profile.as_str().to_owned(),
        declared: place(&set.location),
        metrics: set.metrics.iter().map(metric).collect(),
    }
}

fn metric(metric: &MetricDescriptor) -> Metric {
    let (renamed_from, deprecated) = match *metric.lifecycle {
        Lifecycle::Stable => (None, None),
        Lifecycle::RenamedFrom { name, until } => (
            Some(Renamed {
                name: name.to_owned(),
                until: until.to_owned(),
            }),
            None,
        ),
        Lifecycle::Deprecated { reason, until } => (
            None,
            Some(Deprecated {
                reason: reason.to_owned(),
                until: until.to_owned(),
            }),
        ),
    };
    Metric {
        name: metric.name.to_owned(),
        kind: metric.kind.as_str().to_owned(),
        unit: metric.unit.to_owned(),
        help: metric.help.to_owned(),
        labels: metric.labels.iter().map(label).collect(),
        constant_labels: metric
            .constant_labels
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        buckets: metric.buckets.to_vec(),
        states: metric
            .states
            .iter()
            .map(|state| State {
                name: state.name.to_owned(),
                value: state.value,
            })
            .collect(),
        series: if metric.is_open() {
            metric.max_series
        } else {
            let series = metric.cardinality();
            series.saturating_mul(metric.lines_per_series())
        },
        max_series: metric.max_series,
        retention: metric.retention.as_str().to_owned(),
        renamed_from,
        deprecated,
        objective: metric.objective.map(Objective::of),
        waivers: waivers(metric.waivers),
        declared: place(&metric.location),
    }
}

fn label(label: &LabelDescriptor) -> Label {
    let values = label.open.map_or(label.values, |open| open.known);
    Label {
        name: label.name.to_owned(),
        values: values.iter().map(|&value| value.to_owned()).collect(),
        open: label.open.map(|open| Open {
            limit: open.max,
            max_bytes: open.max_bytes,
        }),
        sparse: label.sparse,
        waivers: waivers(label.waivers),
    }
}

fn waivers(waivers: &[descriptor::Waiver]) -> Vec<Waiver> {
    let waivers = waivers.iter().map(|waiver| Waiver {
        rule: waiver.rule.to_owned(),
        reason: waiver.reason.to_owned(),
    });
    waivers.collect()
}

fn place(location: &Location) -> Place {
    Place {
        module: location.module.to_owned(),
        file: location.file.to_owned(),
        line: location.line,
    }
}
