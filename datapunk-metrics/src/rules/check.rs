//! One rule held against the catalogue: what its expression gives, and what is wrong on the way there.
//!
//! All of it is constant code, which `include_rules!` runs in the compiler and [`check`](super::check) at run time.

use datapunk_metrics_conventions::str_eq;
use datapunk_metrics_rules::{
    Expression, FileFacts, LabelWord, Node, RuleFacts, RuleKind, Word, list, text,
};

use super::catalogue::{Catalogue, Found};
use super::nearest::Nearest;
use super::report::{Report, line_of, show};
use super::series::{LabelBits, Labels, Series};
use super::writer::Writer;
use crate::descriptor::Lifecycle;

/// What is said of the rule `at` of a file.
#[must_use]
pub const fn check_rule<'a>(catalogue: &Catalogue<'a>, file: &'a FileFacts, at: usize) -> Report {
    let rule = &list(&file.rules)[at];
    let mut check = Check {
        catalogue: *catalogue,
        path: text(&file.path),
        rule,
        labels: Labels::of_targets(catalogue.target_labels),
        report: Report::new(),
        depth: 0,
    };
    let problems = list(&rule.problems);
    let mut problem = 0;
    while problem < problems.len() {
        check.report.problem(check.path, rule, &problems[problem]);
        problem += 1;
    }
    check.name_is_free();
    if let Some(expression) = rule.expression {
        let series = check.expression(expression);
        check.shown_labels_are_there(&series);
    }
    let queries = list(&rule.queries);
    let mut query = 0;
    while query < queries.len() {
        check.expression(queries[query]);
        query += 1;
    }
    check.report
}

/// What is said of a file outside of its rules.
#[must_use]
pub const fn check_outside(file: &FileFacts) -> Report {
    let mut report = Report::new();
    let problems = list(&file.problems);
    let mut problem = 0;
    while problem < problems.len() {
        report.problem_of_file(text(&file.path), &problems[problem]);
        problem += 1;
    }
    report
}

/// A rule while it is checked.
pub(super) struct Check<'a> {
    pub(super) catalogue: Catalogue<'a>,
    pub(super) path: &'a str,
    pub(super) rule: &'a RuleFacts,
    pub(super) labels: Labels<'a>,
    report: Report,
    /// How many recording rules the expression is behind; what is wrong with them is said where they are.
    pub(super) depth: usize,
}

impl<'a> Check<'a> {
    pub(super) const fn node(&self, at: Expression) -> &'a Node {
        &list(&self.rule.nodes)[at as usize]
    }

    /// The beginning of a mistake, unless it is one of another rule.
    pub(super) const fn begin(&mut self, word: &Word) -> Option<&mut Writer<6144>> {
        if self.depth > 0 {
            return None;
        }
        let line = line_of(self.rule, word);
        Some(self.report.begin(self.path, self.rule, line))
    }

    /// The expression with the word, in what was begun.
    pub(super) const fn show(&mut self, word: &Word) -> &mut Writer<6144> {
        show(self.report.writer(), self.rule, word);
        self.report.writer()
    }

    pub(super) const fn end(&mut self) {
        self.report.end();
    }

    /// What could not be checked.
    pub(super) const fn note(&mut self, word: &Word) -> Option<&mut Writer<2048>> {
        if self.depth > 0 {
            return None;
        }
        let line = line_of(self.rule, word);
        Some(self.report.begin_note(self.path, self.rule, line))
    }

    /// A recorded metric is no declared one.
    const fn name_is_free(&mut self) {
        if !matches!(self.rule.kind, RuleKind::Record) {
            return;
        }
        let name = text(&self.rule.name);
        if !self.catalogue.declares(name, self.rule.hash) {
            return;
        }
        self.report
            .begin(self.path, self.rule, self.rule.line)
            .text("a metric of this name is declared\nnote: its series and the recorded ones would mix")
            .text("\nhelp: name it as `level:metric:operations`, with colons");
        self.report.end();
    }

    pub(super) const fn bits(&mut self, labels: &'a [LabelWord]) -> LabelBits {
        let mut bits = 0;
        let mut label = 0;
        while label < labels.len() {
            bits |= self.labels.bit(text(&labels[label].name));
            label += 1;
        }
        bits
    }

    /// The bits of labels that the series have to have, and whether they have all of them.
    pub(super) const fn labels_are_there(
        &mut self,
        labels: &'a [LabelWord],
        series: &Series,
    ) -> (LabelBits, bool) {
        let bits = self.bits(labels);
        if series.is_open || bits & !series.maybe == 0 {
            return (bits, true);
        }
        let mut all = true;
        let mut label = 0;
        while label < labels.len() {
            all &= self.label_is_there(&labels[label], series, "these series have");
            label += 1;
        }
        (bits, all)
    }

    /// A word as it is written.
    pub(super) const fn written(&self, word: &Word) -> &'a str {
        let source = text(&list(&self.rule.sources)[word.source as usize].text);
        let (_, rest) = source.split_at(word.start as usize);
        rest.split_at(word.length as usize).0
    }

    /// ```text
    /// these series have no label `sttus`
    /// ```
    pub(super) const fn label_is_there(
        &mut self,
        label: &'a LabelWord,
        series: &Series,
        whose: &str,
    ) -> bool {
        let name = text(&label.name);
        let bit = self.labels.bit(name);
        if series.maybe & bit != 0 || series.is_open || str_eq(name, "__name__") {
            return true;
        }
        let labels = self.labels;
        let Some(out) = self.begin(&label.word) else {
            return false;
        };
        out.text(whose).text(" no label ").name(name);
        let out = self.show(&label.word);
        list_labels(out, &labels, series.maybe);
        help_with_label(out, &labels, series.maybe, name);
        self.end();
        false
    }

    /// The labels that templates show are on every series of the alert.
    const fn shown_labels_are_there(&mut self, series: &Series) {
        let shown = list(&self.rule.shown);
        let mut at = 0;
        while at < shown.len() {
            let LabelWord { name, word } = &shown[at];
            at += 1;
            let name = text(name);
            let bit = self.labels.bit(name);
            let is_on_some = series.maybe & bit != 0;
            if series.labels & bit != 0 || (series.is_open && !is_on_some) {
                continue;
            }
            let labels = self.labels;
            let Some(out) = self.begin(word) else { return };
            out.text(if is_on_some {
                "not every series of the alert has the label "
            } else {
                "the alert has no label "
            })
            .name(name);
            let out = self.show(word);
            out.text("\nnote: the expression leaves ");
            if series.labels == 0 {
                out.text("no labels");
            } else {
                names(out, &labels, series.labels);
            }
            out.text("; what is not there shows as nothing");
            if is_on_some {
                out.text(
                    "\nhelp: give each side of `or` the label, or remove it from the template",
                );
            } else {
                help_with_label(out, &labels, series.labels, name);
            }
            self.end();
        }
    }

    /// A metric that is there under another name, or not for long.
    pub(super) const fn lifecycle(&mut self, found: Found<'a>, word: &Word) {
        let (metric, is_former) = match found {
            Found::Renamed(metric, _) => (metric, true),
            Found::Metric(metric, _) => (metric, false),
            _ => return,
        };
        match metric.lifecycle {
            Lifecycle::RenamedFrom { until, .. } if is_former => {
                if let Some(out) = self.note(word) {
                    out.text("the metric is called ")
                        .name(metric.name)
                        .text(" now, and its former name ends with version ")
                        .text(until);
                }
            }
            Lifecycle::Deprecated { until, .. } => {
                if let Some(out) = self.note(word) {
                    out.text("metric ")
                        .name(metric.name)
                        .text(" is deprecated, and ends with version ")
                        .text(until);
                }
            }
            _ => {}
        }
    }
}

/// The names in a set of labels, with commas.
pub(super) const fn names<const N: usize>(
    out: &mut Writer<N>,
    labels: &Labels<'_>,
    bits: LabelBits,
) {
    let mut at = 0;
    let mut is_first = true;
    while at < labels.length() {
        if bits >> at & 1 == 1 {
            out.text(if is_first { "" } else { ", " })
                .name(labels.name(at));
            is_first = false;
        }
        at += 1;
    }
}

pub(super) const fn list_labels<const N: usize>(
    out: &mut Writer<N>,
    labels: &Labels<'_>,
    bits: LabelBits,
) {
    if bits == 0 {
        out.text("\nnote: they have none");
        return;
    }
    out.text("\nnote: they have ");
    names(out, labels, bits);
}

pub(super) const fn help_with_label<const N: usize>(
    out: &mut Writer<N>,
    labels: &Labels<'_>,
    bits: LabelBits,
    name: &str,
) {
    match nearest_label(labels, bits, name) {
        Some(near) => {
            out.text("\nhelp: a label with a similar name exists: ")
                .name(near);
        }
        None => {
            out.text("\nhelp: use one of them, or keep ")
                .name(name)
                .text(" in the expression");
        }
    }
}

pub(super) const fn nearest_label<'a>(
    labels: &Labels<'a>,
    bits: LabelBits,
    name: &'a str,
) -> Option<&'a str> {
    let mut nearest = Nearest::to(name);
    let mut at = 0;
    while at < labels.length() {
        if bits >> at & 1 == 1 {
            nearest.offer(labels.name(at));
        }
        at += 1;
    }
    nearest.found()
}
