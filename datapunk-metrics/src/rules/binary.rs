//! Two sides: how their series find each other, and what they may be compared with.

use datapunk_metrics_conventions::name_hash;
use datapunk_metrics_rules::packed::{Expression, Form, List, Node};
use datapunk_metrics_rules::{Comparison, Many, MatchOperator, Operator};

use super::check::{Check, names};
use super::matchers::{has_bound, list_bounds};
use super::series::{LabelBits, Series, Shape, Value};

const INSTANCE: u64 = name_hash("instance");
const SERVICE: u64 = name_hash("service");

impl Check<'_> {
    pub(super) const fn binary(&mut self, node: &Node) -> Series {
        let Form::Binary {
            operator,
            left: left_at,
            right: right_at,
            matching,
            labels,
            many,
            includes,
            differences,
        } = node.form
        else {
            return Series::opaque();
        };
        let left = self.expression(left_at);
        let right = self.expression(right_at);
        if let Operator::Compare(comparison) = operator {
            self.compared_is_no_counter(&left, node);
            self.compared_is_no_counter(&right, node);
            self.threshold_is_a_bound(&left, comparison, right_at);
            self.threshold_is_a_bound(&right, flipped(comparison), left_at);
        }
        if !left.is_series() || !right.is_series() {
            let series = if left.is_series() { left } else { right };
            return series.with_value(value_with_scalar(operator, &series));
        }
        let pair = Pair {
            node,
            operator,
            matching,
            many,
            left,
            right,
            named: self.bits(labels),
            included: self.bits(includes),
        };
        let has_labels = self.matching_labels_are_there(&pair, labels, includes);
        let is_set = matches!(operator, Operator::And | Operator::Or | Operator::Unless);
        let is_sound = has_labels && self.sides_match(&pair);
        if is_sound && !is_set {
            self.one_side_is_unique(&pair);
        }
        if let (Some(differences), true) = (differences, is_sound) {
            self.is_not_divided_by_itself(&pair, differences);
        }
        pair.result()
    }

    /// ```text
    /// counter `http_requests_total` is compared without `rate`
    /// ```
    const fn compared_is_no_counter(&mut self, series: &Series, node: &Node) {
        if !matches!(series.value, Value::Counter) || !series.is_series() {
            return;
        }
        let Some(out) = self.begin(&node.word) else {
            return;
        };
        out.text("a counter is compared without `rate`");
        if let Some(metric) = series.metric {
            out.text(": ").name(metric.name);
        }
        self.show(&node.word)
            .text("\nnote: it grows as long as the process lives, so that it is over any limit some day")
            .text("\nhelp: compare `rate(…[5m])` or `increase(…[5m])` of it");
        self.end();
    }

    /// A quantile is exact at the bounds of buckets alone, and never above the last one.
    const fn threshold_is_a_bound(
        &mut self,
        series: &Series,
        comparison: Comparison,
        threshold: Expression,
    ) {
        let (Value::Quantile, Some(metric)) = (series.value, series.metric) else {
            return;
        };
        let node = self.node(threshold);
        let Form::Number(number) = node.form else {
            return;
        };
        if metric.buckets.is_empty() {
            return;
        }
        let last = metric.buckets[metric.buckets.len() - 1];
        let is_never = matches!(comparison, Comparison::Greater) && number >= last
            || matches!(comparison, Comparison::GreaterOrEqual) && number > last;
        if has_bound(metric, number) && !is_never {
            return;
        }
        let Some(out) = self.begin(&node.word) else {
            return;
        };
        if is_never {
            out.text("a quantile of histogram ")
                .name(metric.name)
                .text(" is never above its last bound");
        } else {
            out.text("threshold `")
                .float(number)
                .text("` is no bucket bound of histogram ")
                .name(metric.name);
        }
        let out = self.show(&node.word);
        if !is_never {
            out.text("\nnote: between two bounds a quantile is a guess");
        }
        list_bounds(out, metric);
        self.end();
    }

    const fn matching_labels_are_there(
        &mut self,
        pair: &Pair<'_>,
        labels: List,
        includes: List,
    ) -> bool {
        let mut all = true;
        let mut at = 0;
        while at < labels.length {
            let label = at;
            at += 1;
            if matches!(pair.matching, MatchOperator::On) {
                let (left, right) = (
                    "the series on the left have",
                    "the series on the right have",
                );
                all &= self.label_is_there(labels, label, &pair.left, left);
                if all {
                    all &= self.label_is_there(labels, label, &pair.right, right);
                }
                continue;
            }
            // One side that has it is enough to ignore it.
            let bit = self.bit(self.file.label(labels, label));
            if pair.left.maybe & bit == 0 && !pair.left.is_open {
                all &= self.label_is_there(labels, label, &pair.right, "the two sides have");
            }
        }
        at = 0;
        while at < includes.length {
            let (side, whose) = match pair.many {
                Many::Left => (&pair.right, "the series on the right have"),
                _ => (&pair.left, "the series on the left have"),
            };
            all &= self.label_is_there(includes, at, side, whose);
            at += 1;
        }
        all
    }

    /// The labels that series are matched by are the same on both sides, or no series of one finds one of the other.
    const fn sides_match(&mut self, pair: &Pair<'_>) -> bool {
        if !pair.left.is_uniform() || !pair.right.is_uniform() {
            return false;
        }
        // What one side has and the other has not is in both.
        if matches!(pair.operator, Operator::Or) || matches!(pair.matching, MatchOperator::On) {
            return true;
        }
        let (left, right) = (pair.matched(&pair.left), pair.matched(&pair.right));
        if left == right {
            return true;
        }
        let word = pair.node.word;
        let labels = self.labels;
        let (only_left, only_right) = (left & !right, right & !left);
        let operator = self.written(&word);
        let Some(out) = self.begin(&word) else {
            return false;
        };
        out.text("the sides of `")
            .text(operator)
            .text("` never match: ");
        if only_left != 0 {
            out.text("only the left has ");
            names(out, &labels, only_left);
        }
        if only_right != 0 {
            out.text(if only_left == 0 {
                "only the right has "
            } else {
                ", only the right has "
            });
            names(out, &labels, only_right);
        }
        let out = self.show(&word);
        out.text("\nnote: series find each other by all labels");
        if matches!(pair.matching, MatchOperator::Ignoring) {
            out.text(" that are not ignored");
        }
        out.text("\nhelp: aggregate both sides to the same labels: `sum by (");
        plain_names(out, &labels, left & right);
        out.text(") (…)`");
        self.end();
        false
    }

    /// Of the series that are matched with one another, there is one on the side that has no `group_…`.
    const fn one_side_is_unique(&mut self, pair: &Pair<'_>) {
        if matches!(pair.matching, MatchOperator::All) {
            return;
        }
        if !matches!(pair.many, Many::Left) {
            self.is_unique(pair, &pair.left, "left", "group_left");
        }
        if !matches!(pair.many, Many::Right) {
            self.is_unique(pair, &pair.right, "right", "group_right");
        }
    }

    const fn is_unique(&mut self, pair: &Pair<'_>, side: &Series, name: &str, group: &str) {
        let matched = pair.matched(side);
        // A label that `group_…` takes over goes with those that are matched by, or there was no point in it.
        let mut rest = side.labels & !matched & !side.fixed & !pair.included;
        // The other labels of a target are the same for one instance.
        if matched & self.labels.bit("instance", INSTANCE) != 0 {
            rest &= !self.labels.of_target();
            if side.is_one_of_each_target() {
                rest = 0;
            }
        }
        if rest == 0 || side.is_foreign {
            return;
        }
        let word = pair.node.word;
        let labels = self.labels;
        let operator = self.written(&word);
        let Some(out) = self.begin(&word) else { return };
        out.text("several series on the ")
            .text(name)
            .text(" of `")
            .text(operator)
            .text("` have the same labels to match by: they differ in ");
        names(out, &labels, rest);
        let out = self.show(&word);
        out.text("\nnote: Prometheus fails with many-to-many matching then")
            .text("\nhelp: aggregate that side: `sum by (");
        plain_names(out, &labels, matched);
        out.text(") (…)`");
        if matches!(pair.many, Many::Neither) {
            out.text(", or write `").text(group).text("`");
        }
        self.end();
    }

    /// ```text
    /// each series is divided by itself: `status` is kept on both sides
    /// ```
    const fn is_not_divided_by_itself(&mut self, pair: &Pair<'_>, differences: List) {
        let matched = pair.matched(&pair.left);
        let mut kept = 0;
        let mut contradict = false;
        let mut at = 0;
        while at < differences.length {
            let (label, is_on_both) = self.file.difference(differences, at);
            let bit = self.bit(label);
            // A label that is gone after aggregation makes two sums of the sides.
            if matched & bit == 0 {
                return;
            }
            kept |= bit;
            contradict = contradict || is_on_both;
            at += 1;
        }
        let word = pair.node.word;
        let service = self.labels.bit("service", SERVICE);
        let rest = matched & !kept;
        let by = if rest & service == 0 { rest } else { service };
        let labels = self.labels;
        let Some(out) = self.begin(&word) else { return };
        out.text(if contradict {
            "the sides never match"
        } else {
            "each series is divided by itself"
        });
        if kept != 0 {
            out.text(": ");
            names(out, &labels, kept);
            out.text(if contradict {
                " is kept on both sides, and asked for different values"
            } else {
                " is kept on both sides"
            });
        }
        let out = self.show(&word);
        if !contradict {
            out.text("\nnote: the result is 1, or nothing where there was nothing to divide by");
        }
        out.text("\nhelp: aggregate both sides without it: `sum by (");
        plain_names(out, &labels, by);
        out.text(") (…)`");
        self.end();
    }
}

/// The sides of an operator.
pub(super) struct Pair<'a> {
    node: &'a Node,
    operator: Operator,
    matching: MatchOperator,
    many: Many,
    left: Series,
    right: Series,
    /// The labels of `on` or `ignoring`.
    named: LabelBits,
    /// The labels of `group_left` or `group_right`.
    included: LabelBits,
}

impl Pair<'_> {
    /// What comes out, if the series of the sides find each other.
    const fn result(&self) -> Series {
        let Pair {
            left,
            right,
            named,
            included,
            ..
        } = *self;
        let value = value_of(self.operator, &left, &right);
        match self.operator {
            Operator::And | Operator::Unless => return left,
            Operator::Or => {
                return Series {
                    labels: left.labels & right.labels,
                    maybe: left.maybe | right.maybe,
                    is_open: left.is_open || right.is_open,
                    fixed: left.fixed & right.fixed,
                    value,
                    is_aggregated: left.is_aggregated || right.is_aggregated,
                    metric: None,
                    ..left
                };
            }
            _ => {}
        }
        let (side, bits) = match (self.many, self.matching) {
            (Many::Left, _) => (left, left.labels | included),
            (Many::Right, _) => (right, right.labels | included),
            (Many::Neither, MatchOperator::All) => (left, left.labels),
            (Many::Neither, MatchOperator::On) => (left, named),
            (Many::Neither, MatchOperator::Ignoring) => (left, left.labels & !named),
        };
        let is_narrowed =
            matches!(self.many, Many::Neither) && matches!(self.matching, MatchOperator::On);
        let maybe = match (self.many, self.matching) {
            (Many::Neither, MatchOperator::On) => named,
            (Many::Neither, MatchOperator::Ignoring) => side.maybe & !named,
            _ => side.maybe | included,
        };
        Series {
            shape: Shape::Series,
            labels: bits,
            maybe,
            is_open: side.is_open && !is_narrowed,
            fixed: side.fixed & bits,
            value,
            metric: if matches!(value, Value::Counter) {
                side.metric
            } else {
                None
            },
            ..side
        }
    }

    /// The labels that a side is matched by.
    const fn matched(&self, side: &Series) -> LabelBits {
        match self.matching {
            MatchOperator::All => side.labels,
            MatchOperator::On => self.named,
            MatchOperator::Ignoring => side.labels & !self.named,
        }
    }
}

/// `1 < x` is `x > 1`.
const fn flipped(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        other => other,
    }
}

const fn value_with_scalar(operator: Operator, series: &Series) -> Value {
    match operator {
        Operator::Compare(_) => Value::Calculated,
        _ => match series.value {
            Value::Counter => Value::Counter,
            Value::Unknown => Value::Unknown,
            _ => Value::Calculated,
        },
    }
}

const fn value_of(operator: Operator, left: &Series, right: &Series) -> Value {
    match (operator, left.value, right.value) {
        (Operator::Or, Value::Counter, Value::Counter) => Value::Counter,
        (Operator::Or, Value::Gauge, Value::Gauge) => Value::Gauge,
        (Operator::Or, ..) => Value::Unknown,
        // What a counter grew by, by hand.
        (Operator::Subtract, Value::Counter, Value::Counter) | (Operator::Compare(_), ..) => {
            Value::Calculated
        }
        (_, Value::Counter, _) | (_, _, Value::Counter) => Value::Counter,
        (_, Value::Unknown, _) | (_, _, Value::Unknown) => Value::Unknown,
        _ => Value::Calculated,
    }
}

/// The names of labels as they stand in `by (…)`.
const fn plain_names(
    out: &mut super::writer::Writer,
    labels: &super::series::Labels<'_>,
    bits: LabelBits,
) {
    let mut at = 0;
    let mut is_first = true;
    while at < labels.length() {
        if bits >> at & 1 == 1 {
            out.text(if is_first { "" } else { ", " })
                .text(labels.name(at));
            is_first = false;
        }
        at += 1;
    }
}
