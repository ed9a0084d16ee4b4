//! One rule held against the catalogue: what its expression gives, and what is wrong on the way there.
//!
//! All of it is constant code, which `include_rules!` runs in the compiler and [`check`](super::check) at run time.

use datapunk_metrics_conventions::str_eq;
use datapunk_metrics_rules::packed::{Expression, File, Label, List, Node, Rule};
use datapunk_metrics_rules::{RuleKind, Word};

use super::catalogue::{Catalogue, Found};
use super::nearest::Nearest;
use super::report::{Report, head_of, show};
use super::series::{LabelBits, Labels, Series, bit_at};
use super::writer::Writer;
use crate::descriptor::Lifecycle;

/// What is said of the rule `at` of a file.
#[must_use]
pub const fn check_rule<'a>(catalogue: &Catalogue<'a>, file: &File<'a>, at: usize) -> Report {
    let rule = file.rule(at);
    let mut check = Check {
        catalogue: *catalogue,
        file: *file,
        rule,
        labels: Labels::of_rule(file, rule.names, catalogue.target_labels),
        report: Report::new(),
        depth: 0,
    };
    let mut problem = 0;
    while problem < rule.problems.length {
        let found = file.problem(rule.problems, problem);
        check.report.problem(file, rule.sources, &found);
        problem += 1;
    }
    check.name_is_free();
    if let Some(expression) = rule.expression {
        let series = check.expression(expression);
        check.shown_labels_are_there(&series);
    }
    let mut query = 0;
    while query < rule.queries.length {
        check.expression(file.item(rule.queries, query));
        query += 1;
    }
    check.report
}

/// What is said of a file outside of its rules.
#[must_use]
pub const fn check_outside(file: &File<'_>) -> Report {
    let mut report = Report::new();
    let problems = file.problems();
    let mut problem = 0;
    while problem < problems.length {
        report.problem(file, List::EMPTY, &file.problem(problems, problem));
        problem += 1;
    }
    report
}

/// A rule while it is checked.
pub(super) struct Check<'a> {
    pub(super) catalogue: Catalogue<'a>,
    /// The file of the rule.
    pub(super) file: File<'a>,
    pub(super) rule: Rule,
    pub(super) labels: Labels<'a>,
    report: Report,
    /// How many recording rules the expression is behind; what is wrong with them is said where they are.
    pub(super) depth: usize,
}

impl<'a> Check<'a> {
    pub(super) const fn node(&self, at: Expression) -> Node {
        self.file.node(self.rule.nodes, at)
    }

    /// The beginning of a mistake, unless it is one of another rule.
    pub(super) const fn begin(&mut self, word: &Word) -> Option<&mut Writer> {
        if self.depth > 0 {
            return None;
        }
        let head = head_of(&self.file, self.rule.sources, word);
        Some(self.report.begin(head))
    }

    /// The expression with the word, in what was begun.
    pub(super) const fn show(&mut self, word: &Word) -> &mut Writer {
        show(self.report.writer(), &self.file, self.rule.sources, word);
        self.report.writer()
    }

    pub(super) const fn end(&mut self) {
        self.report.end();
    }

    /// What could not be checked.
    pub(super) const fn note(&mut self, word: &Word) -> Option<&mut Writer> {
        if self.depth > 0 {
            return None;
        }
        let head = head_of(&self.file, self.rule.sources, word);
        Some(self.report.begin_note(head))
    }

    /// A recorded metric is no declared one.
    const fn name_is_free(&mut self) {
        if !matches!(self.rule.kind, RuleKind::Record) {
            return;
        }
        if !self.catalogue.declares(self.rule.hash) {
            return;
        }
        self.report
            .begin(self.file.text(self.rule.head))
            .text("a metric of this name is declared\nnote: its series and the recorded ones would mix")
            .text("\nhelp: name it as `level:metric:operations`, with colons");
        self.report.end();
    }

    /// The bit of a label by its place in the rule.
    pub(super) const fn bit(&mut self, label: Label) -> LabelBits {
        if self.depth == 0 {
            return bit_at(label);
        }
        let hash = self.file.name_hash(self.rule.names, label);
        self.labels.bit(self.label_name(label), hash)
    }

    pub(super) const fn label_name(&self, label: Label) -> &'a str {
        self.file.name(self.rule.names, label)
    }

    /// The bits of labels without words.
    pub(super) const fn bits_of(&mut self, labels: List) -> LabelBits {
        let mut bits = 0;
        let mut at = 0;
        while at < labels.length {
            bits |= self.bit(self.file.item(labels, at));
            at += 1;
        }
        bits
    }

    /// The bits of labels with words.
    pub(super) const fn bits(&mut self, labels: List) -> LabelBits {
        let mut bits = 0;
        let mut at = 0;
        while at < labels.length {
            bits |= self.bit(self.file.label(labels, at));
            at += 1;
        }
        bits
    }

    /// The bits of labels that the series have to have, and whether they have all of them.
    pub(super) const fn labels_are_there(
        &mut self,
        labels: List,
        series: &Series,
    ) -> (LabelBits, bool) {
        let bits = self.bits(labels);
        if series.is_open || bits & !series.maybe == 0 {
            return (bits, true);
        }
        let mut all = true;
        let mut label = 0;
        while label < labels.length {
            all &= self.label_is_there(labels, label, series, "these series have");
            label += 1;
        }
        (bits, all)
    }

    /// A word as it is written.
    pub(super) const fn written(&self, word: &Word) -> &'a str {
        let source = self.file.source(self.rule.sources, word.source as usize);
        let (_, rest) = self.file.text(source.text).split_at(word.start as usize);
        rest.split_at(word.length as usize).0
    }

    /// ```text
    /// these series have no label `sttus`
    /// ```
    pub(super) const fn label_is_there(
        &mut self,
        labels: List,
        at: usize,
        series: &Series,
        whose: &str,
    ) -> bool {
        let (label, word) = self.file.label_word(labels, at);
        if series.maybe & self.bit(label) != 0 || series.is_open {
            return true;
        }
        let name = self.label_name(label);
        if str_eq(name, "__name__") {
            return true;
        }
        let labels = self.labels;
        let Some(out) = self.begin(&word) else {
            return false;
        };
        out.text(whose).text(" no label ").name(name);
        let out = self.show(&word);
        list_labels(out, &labels, series.maybe);
        help_with_label(out, &labels, series.maybe, name);
        self.end();
        false
    }

    /// The labels that templates show are on every series of the alert.
    const fn shown_labels_are_there(&mut self, series: &Series) {
        let shown = self.rule.shown;
        let mut at = 0;
        while at < shown.length {
            let (label, word) = self.file.label_word(shown, at);
            at += 1;
            let bit = self.bit(label);
            let is_on_some = series.maybe & bit != 0;
            if series.labels & bit != 0 || (series.is_open && !is_on_some) {
                continue;
            }
            let (labels, name) = (self.labels, self.label_name(label));
            let Some(out) = self.begin(&word) else { return };
            out.text(if is_on_some {
                "not every series of the alert has the label "
            } else {
                "the alert has no label "
            })
            .name(name);
            let out = self.show(&word);
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
pub(super) const fn names(out: &mut Writer, labels: &Labels<'_>, bits: LabelBits) {
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

pub(super) const fn list_labels(out: &mut Writer, labels: &Labels<'_>, bits: LabelBits) {
    if bits == 0 {
        out.text("\nnote: they have none");
        return;
    }
    out.text("\nnote: they have ");
    names(out, labels, bits);
}

pub(super) const fn help_with_label(
    out: &mut Writer,
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
