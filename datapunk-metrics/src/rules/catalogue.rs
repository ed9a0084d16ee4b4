//! The metrics that rules may read: declared ones, recorded ones, and those of others.

use datapunk_metrics_conventions::{Kind, str_eq};
use datapunk_metrics_rules::{External, FileFacts, MetricName, RuleFacts, RuleKind, list, text};

use super::nearest::Nearest;
use crate::descriptor::{Lifecycle, MetricDescriptor, SetDescriptor};

/// What rules are held against.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue<'a> {
    /// The sets whose metrics may be read, with those that they hold.
    pub sets: &'a [&'static SetDescriptor],
    /// The files whose recording rules may be read.
    pub files: &'a [&'a FileFacts],
    /// The metrics that no set declares.
    pub externals: &'a [External],
    /// The labels that every scraped series has.
    pub target_labels: &'a [&'a str],
}

/// What Prometheus says of each target by itself.
const OF_TARGET: &[&str] = &[
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
    "scrape_timeout_seconds",
    "scrape_sample_limit",
    "scrape_body_size_bytes",
];

/// What Prometheus says of alerts.
const ALERTS: &[&str] = &["ALERTS", "ALERTS_FOR_STATE"];

/// Which series of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Those of its name.
    Whole,
    /// `_bucket`
    Bucket,
    /// `_count` or `_sum`
    Total,
}

/// What a name stands for.
#[derive(Clone, Copy)]
pub(super) enum Found<'a> {
    Metric(&'static MetricDescriptor, Part),
    /// A metric under the name that it had before.
    Renamed(&'static MetricDescriptor, Part),
    Record(&'a RuleFacts),
    External(&'a External),
    /// A metric that Prometheus itself makes of each target.
    OfTarget,
    /// The alerts that fire, with labels of their own.
    Alerts,
    /// A histogram, which has no series of its own name.
    Histogram(&'static MetricDescriptor),
    Nothing,
}

impl<'a> Catalogue<'a> {
    pub(super) const fn find(&self, name: &MetricName) -> Found<'a> {
        let mut set = 0;
        while set < self.sets.len() {
            let found = find_in(self.sets[set], name);
            if !matches!(found, Found::Nothing) {
                return found;
            }
            set += 1;
        }
        let written = text(&name.name);
        if let Some(record) = self.record(written, name.hash) {
            return Found::Record(record);
        }
        let mut external = 0;
        while external < self.externals.len() {
            let known = &self.externals[external];
            if known.hash == name.hash && str_eq(text(&known.name), written) {
                return Found::External(known);
            }
            external += 1;
        }
        if is_one_of(written, OF_TARGET) {
            Found::OfTarget
        } else if is_one_of(written, ALERTS) {
            Found::Alerts
        } else {
            Found::Nothing
        }
    }

    const fn record(&self, name: &str, hash: u64) -> Option<&'a RuleFacts> {
        let mut file = 0;
        while file < self.files.len() {
            let rules = list(&self.files[file].rules);
            let mut rule = 0;
            while rule < rules.len() {
                let known = &rules[rule];
                if known.hash == hash
                    && matches!(known.kind, RuleKind::Record)
                    && str_eq(text(&known.name), name)
                {
                    return Some(known);
                }
                rule += 1;
            }
            file += 1;
        }
        None
    }

    /// The name that is meant by one that there is not, and the end to put behind it.
    pub(super) const fn nearest(&self, name: &'a MetricName) -> Option<(&'a str, &'a str)> {
        let written = text(&name.name);
        if name.stem > 0 {
            let (stem, end) = written.split_at(name.stem as usize);
            let mut nearest = Nearest::to(stem);
            let mut set = 0;
            while set < self.sets.len() {
                offer_all(self.sets[set], true, &mut nearest);
                set += 1;
            }
            if let Some(found) = nearest.found() {
                return Some((found, end));
            }
        }
        let mut nearest = Nearest::to(written);
        let mut set = 0;
        while set < self.sets.len() {
            offer_all(self.sets[set], false, &mut nearest);
            set += 1;
        }
        let mut external = 0;
        while external < self.externals.len() {
            nearest.offer(text(&self.externals[external].name));
            external += 1;
        }
        let mut file = 0;
        while file < self.files.len() {
            let rules = list(&self.files[file].rules);
            let mut rule = 0;
            while rule < rules.len() {
                if matches!(rules[rule].kind, RuleKind::Record) {
                    nearest.offer(text(&rules[rule].name));
                }
                rule += 1;
            }
            file += 1;
        }
        match nearest.found() {
            Some(found) => Some((found, "")),
            None => None,
        }
    }

    /// Whether there is a metric of this name that no rule records.
    pub(super) const fn declares(&self, name: &str, hash: u64) -> bool {
        let mut set = 0;
        while set < self.sets.len() {
            if declares(self.sets[set], name, hash) {
                return true;
            }
            set += 1;
        }
        let mut external = 0;
        while external < self.externals.len() {
            let known = &self.externals[external];
            if known.hash == hash && str_eq(text(&known.name), name) {
                return true;
            }
            external += 1;
        }
        false
    }
}

const fn find_in<'a>(set: &'static SetDescriptor, name: &MetricName) -> Found<'a> {
    let mut metric = 0;
    while metric < set.metrics.len() {
        let known = &set.metrics[metric];
        let is_histogram = matches!(known.kind, Kind::Histogram);
        if known.hash == name.hash && str_eq(known.name, text(&name.name)) {
            return if is_histogram {
                Found::Histogram(known)
            } else {
                Found::Metric(known, Part::Whole)
            };
        }
        if is_histogram && known.hash == name.stem_hash && is_part_of(known.name, name) {
            return Found::Metric(known, part(name));
        }
        if let Lifecycle::RenamedFrom { name: former, .. } = known.lifecycle {
            if !is_histogram && str_eq(former, text(&name.name)) {
                return Found::Renamed(known, Part::Whole);
            }
            if is_histogram && is_part_of(former, name) {
                return Found::Renamed(known, part(name));
            }
        }
        metric += 1;
    }
    let mut nested = 0;
    while nested < set.nested.len() {
        let found = find_in(set.nested[nested], name);
        if !matches!(found, Found::Nothing) {
            return found;
        }
        nested += 1;
    }
    Found::Nothing
}

const fn declares(set: &SetDescriptor, name: &str, hash: u64) -> bool {
    let mut metric = 0;
    while metric < set.metrics.len() {
        if set.metrics[metric].hash == hash && str_eq(set.metrics[metric].name, name) {
            return true;
        }
        metric += 1;
    }
    let mut nested = 0;
    while nested < set.nested.len() {
        if declares(set.nested[nested], name, hash) {
            return true;
        }
        nested += 1;
    }
    false
}

const fn is_one_of(name: &str, names: &[&str]) -> bool {
    let mut at = 0;
    while at < names.len() {
        if str_eq(names[at], name) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether `name` is the histogram's name and one of the ends of its series.
const fn is_part_of(histogram: &str, name: &MetricName) -> bool {
    let (stem, _) = text(&name.name).split_at(name.stem as usize);
    name.stem > 0 && str_eq(histogram, stem)
}

const fn part(name: &MetricName) -> Part {
    let (_, end) = text(&name.name).split_at(name.stem as usize);
    if str_eq(end, "_bucket") {
        Part::Bucket
    } else {
        Part::Total
    }
}

const fn offer_all(set: &'static SetDescriptor, histograms: bool, nearest: &mut Nearest<'_>) {
    let mut metric = 0;
    while metric < set.metrics.len() {
        let known = &set.metrics[metric];
        if !histograms || matches!(known.kind, Kind::Histogram) {
            nearest.offer(known.name);
        }
        metric += 1;
    }
    let mut nested = 0;
    while nested < set.nested.len() {
        offer_all(set.nested[nested], histograms, nearest);
        nested += 1;
    }
}
