//! The metrics that rules may read: declared ones, recorded ones, and those of others.

use datapunk_metrics_conventions::{Kind, name_hash, str_eq};
use datapunk_metrics_rules::RuleKind;
use datapunk_metrics_rules::packed::{File, MetricName};

use super::nearest::Nearest;
use crate::Counter;
use crate::descriptor::{Lifecycle, MetricDescriptor, SetDescriptor};
use crate::metric::Metric;

/// What rules are held against.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue<'a> {
    /// The metrics that may be read.
    pub metrics: &'a [&'static MetricDescriptor],
    /// Where they are, by the hashes of their names.
    pub index: &'a [Slot],
    /// The files whose recording rules may be read.
    pub files: &'a [&'a File<'a>],
    /// The metrics that no set declares.
    pub externals: &'a [External<'a>],
    /// How many labels every scraped series has: the first ones of each rule.
    pub target_labels: usize,
}

/// A metric that no set declares.
#[derive(Clone, Copy, Debug)]
pub struct External<'a> {
    /// Its name.
    pub name: &'a str,
    /// The hash of the name.
    pub hash: u64,
    /// Its labels, those of the target aside.
    pub labels: &'a [&'a str],
}

/// The place of an entry and 1, or 0 for none.
pub type Slot = usize;

/// The entries of a metric: by its name, by its former one, and by the halves of its name.
const ENTRIES: usize = 4;
const NAME: usize = 0;
const FORMER: usize = 1;
const FIRST_HALF: usize = 2;
const SECOND_HALF: usize = 3;

/// How long the index of some metrics is: first entries of chains, by hash, and then the entry that follows each. Where many
/// names end alike a chain is long, and yet is made in as many steps as it has entries.
#[must_use]
pub const fn index_length(metrics: &[&MetricDescriptor]) -> usize {
    let entries = ENTRIES * metrics.len();
    (entries + 1).next_power_of_two() + entries
}

/// The index of some metrics, as long as [`index_length`] says.
#[must_use]
pub const fn index<const LENGTH: usize>(metrics: &[&MetricDescriptor]) -> [Slot; LENGTH] {
    let mut index = [0; LENGTH];
    fill_index(metrics, &mut index);
    index
}

/// Writes the metrics into an empty index.
pub(super) const fn fill_index(metrics: &[&MetricDescriptor], index: &mut [Slot]) {
    let chains = index.len() - ENTRIES * metrics.len();
    let mut at = 0;
    while at < metrics.len() {
        let MetricDescriptor { hash, halves, .. } = *metrics[at];
        insert(index, chains, hash, ENTRIES * at + NAME);
        insert(index, chains, halves >> 32, ENTRIES * at + FIRST_HALF);
        insert(index, chains, halves, ENTRIES * at + SECOND_HALF);
        if let Lifecycle::RenamedFrom { name, .. } = metrics[at].lifecycle {
            insert(index, chains, name_hash(name), ENTRIES * at + FORMER);
        }
        at += 1;
    }
}

const fn insert(index: &mut [Slot], chains: usize, hash: u64, entry: usize) {
    let chain = chain_of(hash, chains);
    index[chains + entry] = index[chain];
    index[chain] = entry + 1;
}

/// The chain that a hash is in; there is a power of two of them.
#[expect(clippy::cast_possible_truncation, reason = "any part of a hash is one")]
const fn chain_of(hash: u64, chains: usize) -> usize {
    hash as usize & (chains - 1)
}

/// How many metrics some sets have, with those that they hold.
#[must_use]
pub const fn count_metrics(sets: &[&'static SetDescriptor]) -> usize {
    let mut count = 0;
    let mut set = 0;
    while set < sets.len() {
        count += sets[set].metrics.len() + count_metrics(sets[set].nested);
        set += 1;
    }
    count
}

/// The metrics of some sets, as many as [`count_metrics`] says.
#[must_use]
pub const fn all_metrics<const COUNT: usize>(
    sets: &[&'static SetDescriptor],
) -> [&'static MetricDescriptor; COUNT] {
    let mut metrics = [NO_METRIC; COUNT];
    collect(sets, &mut metrics, 0);
    metrics
}

/// Stands in a place that was not written yet.
pub(super) const NO_METRIC: &MetricDescriptor = &<Counter as Metric>::DESCRIPTOR;

/// Writes the metrics of some sets from `at` on, and gives the place behind the last one.
pub(super) const fn collect(
    sets: &[&'static SetDescriptor],
    metrics: &mut [&'static MetricDescriptor],
    mut at: usize,
) -> usize {
    let mut set = 0;
    while set < sets.len() {
        let own = sets[set].metrics;
        let mut metric = 0;
        while metric < own.len() {
            metrics[at] = &own[metric];
            at += 1;
            metric += 1;
        }
        at = collect(sets[set].nested, metrics, at);
        set += 1;
    }
    at
}

/// The hashes of what Prometheus says of each target by itself.
const OF_TARGET: [u64; 8] = [
    name_hash("up"),
    name_hash("scrape_duration_seconds"),
    name_hash("scrape_samples_scraped"),
    name_hash("scrape_samples_post_metric_relabeling"),
    name_hash("scrape_series_added"),
    name_hash("scrape_timeout_seconds"),
    name_hash("scrape_sample_limit"),
    name_hash("scrape_body_size_bytes"),
];

/// The hashes of what Prometheus says of alerts.
const ALERTS: [u64; 2] = [name_hash("ALERTS"), name_hash("ALERTS_FOR_STATE")];

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
    /// A recording rule, by its place in its file.
    Record(File<'a>, usize),
    External(&'a External<'a>),
    /// A metric that Prometheus itself makes of each target.
    OfTarget,
    /// The alerts that fire, with labels of their own.
    Alerts,
    /// A histogram, which has no series of its own name.
    Histogram(&'static MetricDescriptor),
    Nothing,
}

impl<'a> Catalogue<'a> {
    pub(super) const fn find(&self, name: &MetricName<'_>) -> Found<'a> {
        let mut found = self.find_at(name.hash, name);
        if name.stem > 0 && matches!(found, Found::Nothing) {
            found = self.find_at(name.stem_hash, name);
        }
        if !matches!(found, Found::Nothing) {
            return found;
        }
        let mut file = 0;
        while file < self.files.len() {
            if let Some(record) = self.files[file].record(name.hash) {
                return Found::Record(*self.files[file], record);
            }
            file += 1;
        }
        let mut external = 0;
        while external < self.externals.len() {
            if self.externals[external].hash == name.hash {
                return Found::External(&self.externals[external]);
            }
            external += 1;
        }
        if is_one_of(name.hash, &OF_TARGET) {
            Found::OfTarget
        } else if is_one_of(name.hash, &ALERTS) {
            Found::Alerts
        } else {
            Found::Nothing
        }
    }

    /// How many chains the index has.
    const fn chains(&self) -> usize {
        self.index.len() - ENTRIES * self.metrics.len()
    }

    /// Of the metrics whose names may have this hash, the one that the name stands for.
    const fn find_at(&self, hash: u64, name: &MetricName<'_>) -> Found<'a> {
        let chains = self.chains();
        let mut entry = self.index[chain_of(hash, chains)];
        while entry != 0 {
            let found = find_as(self.metrics[(entry - 1) / ENTRIES], name);
            if !matches!(found, Found::Nothing) {
                return found;
            }
            entry = self.index[chains + entry - 1];
        }
        Found::Nothing
    }

    /// The name that is meant by one that there is not, and the end to put behind it.
    pub(super) const fn nearest(&self, name: &MetricName<'a>) -> Option<(&'a str, &'a str)> {
        // Most mistakes are a letter or two of one word: a look at few names finds what was meant.
        let (stem, end) = name.name.split_at(name.stem);
        if name.stem > 0
            && let Some(found) = self.nearest_at_a_glance(stem, name.stem_likeness, true)
        {
            return Some((found, end));
        }
        if let Some(found) = self.nearest_at_a_glance(name.name, name.likeness, false) {
            return Some((found, ""));
        }
        if name.stem > 0 {
            let mut nearest = Nearest::with_pairs(stem, name.stem_likeness.0);
            self.offer_metrics(true, &mut nearest);
            if let Some(found) = nearest.found() {
                return Some((found, end));
            }
        }
        let mut nearest = Nearest::with_pairs(name.name, name.likeness.0);
        self.offer_metrics(false, &mut nearest);
        let mut external = 0;
        while external < self.externals.len() {
            nearest.offer(self.externals[external].name);
            external += 1;
        }
        let mut file = 0;
        while file < self.files.len() {
            offer_records(self.files[file], &mut nearest);
            file += 1;
        }
        match nearest.found() {
            Some(found) => Some((found, "")),
            None => None,
        }
    }

    /// A metric whose name differs from this one in two letters at most, which are in one half of it.
    const fn nearest_at_a_glance(
        &self,
        written: &'a str,
        (pairs, halves): (u64, u64),
        histograms: bool,
    ) -> Option<&'a str> {
        let (metrics, chains) = (self.metrics, self.chains());
        let mut nearest = Nearest::with_pairs(written, pairs);
        let (mut least, mut best) = (u32::MAX, 0);
        let mut kind = FIRST_HALF;
        while kind <= SECOND_HALF {
            let half = if kind == FIRST_HALF {
                halves >> 32
            } else {
                halves
            };
            let mut entry = self.index[chain_of(half, chains)];
            // Each step counts in a constant, and many names may end alike.
            while entry != 0 {
                let metric = (entry - 1) / ENTRIES;
                let differing = (metrics[metric].pairs ^ pairs).count_ones();
                if differing < least
                    && (!histograms || matches!(metrics[metric].kind, Kind::Histogram))
                {
                    (least, best) = (differing, metric);
                    if nearest.is_a_letter_off(differing, metrics[metric].name) {
                        return Some(metrics[metric].name);
                    }
                }
                entry = self.index[chains + entry - 1];
            }
            kind += 1;
        }
        if least == u32::MAX {
            return None;
        }
        nearest.offer_with_pairs(metrics[best].name, metrics[best].pairs);
        nearest.found_within(2)
    }

    /// Offers the metrics whose names are series, or the histograms, whose names are the beginning of others.
    const fn offer_metrics(&self, histograms: bool, nearest: &mut Nearest<'a>) {
        let (metrics, mine) = (self.metrics, nearest.pairs());
        let mut worst = nearest.worst();
        let mut at = 0;
        // Each step counts in a constant, and there may be hundreds of metrics: what `may_be` says, without a call.
        while at < metrics.len() {
            let pairs = metrics[at].pairs;
            let common = pairs & mine;
            if ((pairs ^ mine).count_ones() < worst || common == pairs || common == mine)
                && (!histograms || matches!(metrics[at].kind, Kind::Histogram))
            {
                nearest.offer_with_pairs(metrics[at].name, pairs);
                worst = nearest.worst();
            }
            at += 1;
        }
    }

    /// Whether there is a metric of this name that no rule records.
    pub(super) const fn declares(&self, hash: u64) -> bool {
        let chains = self.chains();
        let mut entry = self.index[chain_of(hash, chains)];
        while entry != 0 {
            if self.metrics[(entry - 1) / ENTRIES].hash == hash {
                return true;
            }
            entry = self.index[chains + entry - 1];
        }
        let mut external = 0;
        while external < self.externals.len() {
            if self.externals[external].hash == hash {
                return true;
            }
            external += 1;
        }
        false
    }
}

/// Offers the metrics that the rules of a file record.
const fn offer_records<'a>(file: &File<'a>, nearest: &mut Nearest<'a>) {
    let mut at = 0;
    while at < file.rules().length {
        let pairs = file.pairs(at);
        if nearest.may_be(pairs) {
            let rule = file.rule(at);
            if matches!(rule.kind, RuleKind::Record) {
                nearest.offer_with_pairs(file.text(rule.name), pairs);
            }
        }
        at += 1;
    }
}

/// What a name stands for, if it is one of this metric. Hashes of 64 bits tell names apart.
const fn find_as<'a>(metric: &'static MetricDescriptor, name: &MetricName<'_>) -> Found<'a> {
    let is_histogram = matches!(metric.kind, Kind::Histogram);
    if metric.hash == name.hash {
        return if is_histogram {
            Found::Histogram(metric)
        } else {
            Found::Metric(metric, Part::Whole)
        };
    }
    if is_histogram && name.stem > 0 && metric.hash == name.stem_hash {
        return Found::Metric(metric, part(name));
    }
    if let Lifecycle::RenamedFrom { name: former, .. } = metric.lifecycle {
        if !is_histogram && str_eq(former, name.name) {
            return Found::Renamed(metric, Part::Whole);
        }
        if is_histogram && is_part_of(former, name) {
            return Found::Renamed(metric, part(name));
        }
    }
    Found::Nothing
}

const fn is_one_of(hash: u64, hashes: &[u64]) -> bool {
    let mut at = 0;
    while at < hashes.len() {
        if hashes[at] == hash {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether `name` is the histogram's name and one of the ends of its series.
const fn is_part_of(histogram: &str, name: &MetricName<'_>) -> bool {
    let (stem, _) = name.name.split_at(name.stem);
    name.stem > 0 && str_eq(histogram, stem)
}

const fn part(name: &MetricName<'_>) -> Part {
    // The other ends are shorter.
    if name.name.len() - name.stem == "_bucket".len() {
        Part::Bucket
    } else {
        Part::Total
    }
}
