//! Selectors: the metric exists, its labels exist, and their values can be met.

use datapunk_metrics_conventions::{name_hash, str_eq};
use datapunk_metrics_rules::packed::{Automaton, File, List, Matcher, MetricName, Pattern};
use datapunk_metrics_rules::{Comparison, Word};

use super::catalogue::{Found, Part};
use super::check::{Check, names};
use super::series::Series;
use super::writer::Writer;
use crate::descriptor::MetricDescriptor;

/// The most values that a message lists.
const MOST_SHOWN: usize = 12;

/// What to do about a metric that is not known; the command line has other words for it.
pub(crate) const KNOW_IT: &str = "name its set in `sets`, or the metric in `external`";

impl<'a> Check<'a> {
    pub(super) const fn selector(
        &mut self,
        metric: Option<usize>,
        matchers: List,
        word: Word,
    ) -> Series {
        let Some(metric) = metric else {
            if let Some(out) = self.note(&word) {
                out.text("a selector names no metric, and was not checked");
            }
            return Series::opaque();
        };
        let name = self.file.metric_name(metric);
        let found = self.catalogue.find(&name);
        self.lifecycle(found, &word);
        match found {
            Found::Nothing => self.no_such_metric(&name, &word),
            Found::Histogram(histogram) => self.histogram_without_part(histogram, &word),
            _ => {}
        }
        let mut series = self.series_of(found);
        let mut at = 0;
        while at < matchers.length {
            let matcher = self.file.matcher(matchers, at);
            self.matcher(found, &series, name.name, &matcher);
            if matches!(matcher.operator, Comparison::Equal) {
                series.fixed |= self.bit(matcher.label);
            }
            at += 1;
        }
        series
    }

    /// ```text
    /// no set declares a metric `http_request_total`
    /// ```
    const fn no_such_metric(&mut self, name: &MetricName<'a>, word: &Word) {
        let nearest = self.catalogue.nearest(name);
        let Some(out) = self.begin(word) else { return };
        out.text("no set declares a metric ").name(name.name);
        let out = self.show(word);
        match nearest {
            Some((stem, end)) => {
                out.text("\nhelp: a metric with a similar name exists: `")
                    .text(stem)
                    .text(end)
                    .text("`");
            }
            None => {
                out.text("\nhelp: ").text(KNOW_IT);
            }
        }
        self.end();
    }

    const fn histogram_without_part(&mut self, histogram: &MetricDescriptor, word: &Word) {
        let Some(out) = self.begin(word) else { return };
        out.text("histogram ")
            .name(histogram.name)
            .text(" has no series of that name");
        self.show(word)
            .text("\nhelp: write `")
            .text(histogram.name)
            .text("_bucket`, `_count` or `_sum`");
        self.end();
    }

    const fn matcher(
        &mut self,
        found: Found<'a>,
        series: &Series,
        metric: &'a str,
        matcher: &Matcher,
    ) {
        let bit = self.bit(matcher.label);
        if series.maybe & bit == 0 && !series.is_open {
            self.no_such_label(found, series, metric, matcher);
            return;
        }
        let (Found::Metric(metric, part) | Found::Renamed(metric, part)) = found else {
            return;
        };
        if matches!(part, Part::Bucket) && bit == self.labels.le() {
            self.bound(metric, matcher);
            return;
        }
        let label = self.file.name_hash(self.rule.names, matcher.label);
        let mut constant = 0;
        while constant < metric.constant_labels.len() {
            let (name, value) = metric.constant_labels[constant];
            if name_hash(name) == label {
                self.values(metric, matcher, &[value]);
                return;
            }
            constant += 1;
        }
        let mut known = 0;
        while known < metric.labels.len() {
            if metric.labels[known].hash == label {
                match metric.labels[known].open {
                    None => self.values(metric, matcher, metric.labels[known].values),
                    Some(open) if self.are_known(matcher, open.known) => {}
                    Some(_) => self.open_values(metric, matcher),
                }
                return;
            }
            known += 1;
        }
    }

    /// ```text
    /// metric `http_requests_total` has no label `code`
    /// ```
    const fn no_such_label(
        &mut self,
        found: Found<'a>,
        series: &Series,
        metric: &'a str,
        matcher: &Matcher,
    ) {
        let (labels, label) = (self.labels, self.label_name(matcher.label));
        let word = matcher.label_word;
        let Some(out) = self.begin(&word) else { return };
        out.text("metric ")
            .name(metric)
            .text(" has no label ")
            .name(label);
        let out = self.show(&word);
        out.text("\nnote: its labels are ");
        names(out, &labels, series.maybe);
        match super::check::nearest_label(&labels, series.maybe, label) {
            Some(near) => {
                out.text("\nhelp: a label with a similar name exists: ")
                    .name(near);
            }
            None if matches!(found, Found::External(_)) => {
                out.text(
                    "\nhelp: remove the matcher, or add the label to the metric in `external`",
                );
            }
            None => {
                out.text("\nhelp: remove the matcher, or declare the label");
            }
        }
        self.end();
    }

    /// Each value, and each alternative of a regular expression, is met by a declared one.
    const fn values(&mut self, metric: &MetricDescriptor, matcher: &Matcher, values: &[&'a str]) {
        match matcher.operator {
            Comparison::Matches | Comparison::MatchesNot => {
                let mut at = 0;
                while at < matcher.patterns.length {
                    let pattern = self.file.pattern(matcher.patterns, at);
                    self.pattern(metric, matcher, &pattern, values);
                    at += 1;
                }
            }
            // `label!=""` asks whether there is one.
            Comparison::NotEqual if self.file.text(matcher.value).is_empty() => {}
            _ => {
                let value = self.file.text(matcher.value);
                if !contains(values, value) {
                    self.no_such_value(metric, matcher, &matcher.word, value, values);
                }
            }
        }
    }

    const fn pattern(
        &mut self,
        metric: &MetricDescriptor,
        matcher: &Matcher,
        pattern: &Pattern,
        values: &[&'a str],
    ) {
        let text = self.file.text(pattern.text);
        let Some(automaton) = &pattern.automaton else {
            if let Some(out) = self.note(&pattern.word) {
                out.text("the regular expression `")
                    .text(text)
                    .text("` is too big to be checked");
            }
            return;
        };
        if accept_one(&self.file, automaton, values) {
            return;
        }
        self.no_such_value(metric, matcher, &pattern.word, text, values);
    }

    /// ```text
    /// label `status` of metric `http_requests_total` has no value `6..`
    /// ```
    const fn no_such_value(
        &mut self,
        metric: &MetricDescriptor,
        matcher: &Matcher,
        word: &Word,
        value: &'a str,
        values: &[&'a str],
    ) {
        let is_pattern = matches!(
            matcher.operator,
            Comparison::Matches | Comparison::MatchesNot
        );
        let label = self.label_name(matcher.label);
        let Some(out) = self.begin(word) else { return };
        out.text("label ")
            .name(label)
            .text(" of metric ")
            .name(metric.name)
            .text(if is_pattern {
                " has no value that matches "
            } else {
                " has no value "
            })
            .name(value);
        let out = self.show(word);
        if is_pattern && values.len() > 1 {
            out.text("\nnote: a regular expression matches whole values");
        }
        let mut nearest = super::nearest::Nearest::to(value);
        let mut at = 0;
        while at < values.len() {
            nearest.offer(values[at]);
            at += 1;
        }
        match nearest.found() {
            Some(near) if !is_pattern => {
                out.text("\nhelp: a similar value exists: ").name(near);
            }
            _ => list_values(out, values),
        }
        self.end();
    }

    const fn open_values(&mut self, metric: &MetricDescriptor, matcher: &Matcher) {
        let (label, value) = (
            self.label_name(matcher.label),
            self.file.text(matcher.value),
        );
        if let Some(out) = self.note(&matcher.word) {
            out.text("the values of label ")
                .name(label)
                .text(" of metric ")
                .name(metric.name)
                .text(" are open, and `")
                .text(value)
                .text("` was not checked");
        }
    }

    /// Whether all that a matcher asks for are among the known values of an open label. `label!=""` asks whether there is
    /// one.
    const fn are_known(&self, matcher: &Matcher, values: &[&str]) -> bool {
        let value = self.file.text(matcher.value);
        match matcher.operator {
            Comparison::Matches | Comparison::MatchesNot => {
                let mut at = 0;
                while at < matcher.patterns.length {
                    let pattern = self.file.pattern(matcher.patterns, at);
                    match &pattern.automaton {
                        Some(automaton) if accept_one(&self.file, automaton, values) => {}
                        _ => return false,
                    }
                    at += 1;
                }
                true
            }
            Comparison::NotEqual if value.is_empty() => true,
            _ => contains(values, value),
        }
    }

    /// A matcher of `le` names a bound of a bucket.
    const fn bound(&mut self, metric: &MetricDescriptor, matcher: &Matcher) {
        match matcher.operator {
            Comparison::Matches | Comparison::MatchesNot => {
                let mut at = 0;
                while at < matcher.patterns.length {
                    let pattern = self.file.pattern(matcher.patterns, at);
                    let text = self.file.text(pattern.text);
                    if !pattern.number.is_nan() {
                        self.is_bound(metric, pattern.number, text, &pattern.word);
                    } else if let Some(out) = self.note(&pattern.word) {
                        out.text("the bounds that `")
                            .text(text)
                            .text("` matches were not checked");
                    }
                    at += 1;
                }
            }
            Comparison::NotEqual if self.file.text(matcher.value).is_empty() => {}
            _ => {
                let value = self.file.text(matcher.value);
                self.is_bound(metric, matcher.number, value, &matcher.word);
            }
        }
    }

    const fn is_bound(&mut self, metric: &MetricDescriptor, number: f64, value: &str, word: &Word) {
        if number == f64::INFINITY || has_bound(metric, number) {
            return;
        }
        let Some(out) = self.begin(word) else { return };
        out.text("histogram ")
            .name(metric.name)
            .text(" has no bucket of `le` ")
            .name(value);
        let out = self.show(word);
        list_bounds(out, metric);
        self.end();
    }
}

const fn accept_one(file: &File<'_>, automaton: &Automaton, values: &[&str]) -> bool {
    let mut value = 0;
    while value < values.len() {
        if accepts(file, automaton, values[value]) {
            return true;
        }
        value += 1;
    }
    false
}

/// Whether a number is exactly one of the bounds, as declared.
#[expect(
    clippy::float_cmp,
    reason = "a bound is the number that is written, not one that is calculated"
)]
pub(super) const fn has_bound(metric: &MetricDescriptor, number: f64) -> bool {
    let mut at = 0;
    while at < metric.buckets.len() {
        if metric.buckets[at] == number {
            return true;
        }
        at += 1;
    }
    false
}

pub(super) const fn list_bounds(out: &mut Writer, metric: &MetricDescriptor) {
    out.text("\nhelp: its bounds are ");
    let mut at = 0;
    while at < metric.buckets.len() {
        out.text(if at == 0 { "" } else { ", " })
            .text("`")
            .float(metric.buckets[at])
            .text("`");
        at += 1;
    }
}

const fn list_values(out: &mut Writer, values: &[&str]) {
    out.text(if values.len() == 1 {
        "\nhelp: its only value is "
    } else {
        "\nhelp: its values are "
    });
    let mut at = 0;
    while at < values.len() && at < MOST_SHOWN {
        out.text(if at == 0 { "" } else { ", " }).name(values[at]);
        at += 1;
    }
    if at < values.len() {
        out.text(" and ")
            .number((values.len() - at) as u64)
            .text(" more");
    }
}

const fn contains(values: &[&str], value: &str) -> bool {
    let mut at = 0;
    while at < values.len() {
        if str_eq(values[at], value) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether the automaton accepts a value; one that is not ASCII may be accepted.
const fn accepts(file: &File<'_>, automaton: &Automaton, value: &str) -> bool {
    let Automaton {
        classes,
        next,
        width,
        accepts,
    } = *automaton;
    let (tables, value) = (file.tables, value.as_bytes());
    let mut state = 0;
    let mut at = 0;
    while at < value.len() {
        if !value[at].is_ascii() {
            return true;
        }
        let class = tables[classes + value[at] as usize] as usize;
        state = tables[next + state * width + class] as usize;
        at += 1;
    }
    tables[accepts + state] == 1
}
