//! The families of the toolkit's own: what metrics say of themselves.

use std::borrow::Cow;
use std::sync::Arc;

use datapunk_metrics_conventions::Kind;

#[cfg(feature = "foreign")]
use super::foreign::ForeignFamily;
use super::{Family, Head};
use crate::cells::{Number, Storage};
use crate::descriptor::MetricDescriptor;
use crate::set::Source;
use crate::unit::EncodingKind;

pub(super) const FOLDED_SAMPLES: &str = "datapunk_metrics_folded_samples_total";
pub(super) const REFUSED_SAMPLES: &str = "datapunk_metrics_refused_samples_total";
pub(super) const SERIES: &str = "datapunk_metrics_series_current";
pub(super) const SERIES_LIMIT: &str = "datapunk_metrics_series_limit_current";

/// One of them.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) name: &'static str,
    help: &'static str,
    kind: Kind,
    /// Whether a metric has such a series although its number is 0.
    may_count: fn(&MetricDescriptor) -> bool,
    number: fn(&MetricDescriptor, &Storage) -> u64,
}

impl Own {
    pub(super) const ALL: &'static [Self] = &[
        Self {
            name: "datapunk_metrics_clamped_samples_total",
            help: "Samples that were recorded as the largest value that is counted exactly, by metric.",
            kind: Kind::Counter,
            may_count: |metric| metric.encoding == EncodingKind::Nanoseconds,
            number: |_, storage| storage.clamped(),
        },
        Self {
            name: "datapunk_metrics_cut_values_total",
            help: "Label values that were cut because of their length, each time that they were recorded, by metric.",
            kind: Kind::Counter,
            may_count: MetricDescriptor::is_open,
            number: |_, storage| storage.open().cut(),
        },
        Self {
            name: FOLDED_SAMPLES,
            help: "Samples that were counted with the label value `other`, because there was no room for another series, \
                   by metric.",
            kind: Kind::Counter,
            may_count: |metric| metric.is_open() && metric.adds_up(),
            number: |_, storage| storage.open().folded(),
        },
        Self {
            name: "datapunk_metrics_masked_values_total",
            help: "Label values that were masked because they hold secrets or personal data, each time that they were \
                   recorded, by metric.",
            kind: Kind::Counter,
            may_count: MetricDescriptor::is_open,
            number: |_, storage| storage.open().masked(),
        },
        Self {
            name: REFUSED_SAMPLES,
            help: "Samples that were not recorded, because they had no place in the metric, by metric.",
            kind: Kind::Counter,
            may_count: may_refuse,
            number: |_, storage| storage.refused(),
        },
        Self {
            name: SERIES,
            help: "Series of metrics whose labels are open, without the one for what has no room, by metric.",
            kind: Kind::Gauge,
            may_count: MetricDescriptor::is_open,
            number: |metric, storage| storage.open().series() * metric.lines_per_series() as u64,
        },
        Self {
            name: SERIES_LIMIT,
            help: "Series that metrics whose labels are open may have, by metric.",
            kind: Kind::Gauge,
            may_count: MetricDescriptor::is_open,
            number: |metric, storage| {
                if storage.open().is_some() {
                    metric.max_series as u64
                } else {
                    0
                }
            },
        },
    ];

    pub(super) const fn head(&self) -> Head<'static> {
        Head {
            name: self.name,
            help: self.help,
            kind: Some(self.kind),
            unit: "",
        }
    }

    /// The metrics that have a series, with their numbers.
    pub(super) fn counts(&self, families: &[Arc<Family>]) -> Vec<(Cow<'static, str>, u64)> {
        let mut counts = Vec::new();
        for family in families.iter().filter(|family| !family.is_former()) {
            let metric = family.descriptor();
            let storage = match family.entry.source {
                Source::Cells(storage) => storage,
                Source::Read(_, storage) if metric.is_open() => storage,
                _ => continue,
            };
            let number = (self.number)(metric, storage);
            if number != 0 || (self.may_count)(metric) {
                counts.push((Cow::Borrowed(metric.name), number));
            }
        }
        counts
    }
}

#[cfg(feature = "foreign")]
impl Own {
    /// Adds the counts of metrics that no set declares, in the order of the names.
    pub(super) fn add_foreign(
        &self,
        families: &[ForeignFamily],
        counts: &mut Vec<(Cow<'static, str>, u64)>,
    ) {
        let before = counts.len();
        for family in families {
            let own = family
                .counts
                .iter()
                .filter(|count| count.family == self.name);
            counts.extend(own.map(|count| (Cow::Owned(family.name.clone()), count.count)));
        }
        if counts.len() > before {
            counts.sort();
        }
    }
}

/// Whether a sample of the type that the metric takes may have no place in it.
fn may_refuse(metric: &MetricDescriptor) -> bool {
    metric.adds_up() && metric.number == Number::Float
        || metric.kind == Kind::Histogram && metric.encoding == EncodingKind::Whole
        || metric.is_open() && !metric.adds_up()
}
