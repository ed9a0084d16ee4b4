//! Which series a query reads, which of their labels it needs, and what it makes of them.

use std::collections::BTreeSet;

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{
    AggregateExpr, BinaryExpr, Call, Expr, LabelModifier, VectorMatchCardinality, VectorSelector,
};

use crate::document::Rule;
use crate::scan::{TokenKind, tokens};
use crate::template;

/// What one query, or one rule, reads.
///
/// ```
/// let query = datapunk_metrics_rules::Query::read("sum by (le) (rate(lake_wait_seconds_bucket[5m]))", &[])?;
/// assert!(query.reads("lake_wait_seconds_bucket", None));
/// assert!(query.reads("lake_wait_seconds_bucket", Some("le")));
/// assert!(!query.reads("lake_wait_seconds", None));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The selectors, in the order in which they are written.
    pub selections: Vec<Selection>,
    /// The number that the whole is compared with, if it is.
    pub threshold: Option<Threshold>,
}

/// What one selector reads.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Ways to be chosen by name: all matchers of one have to fit.
    names: Vec<Vec<Matcher>>,
    /// The labels of the series that the query needs.
    labels: BTreeSet<String>,
    /// The functions, aggregations and operators around it, the innermost first.
    steps: Vec<String>,
}

/// A comparison with a number, which is what an alert fires at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// The number.
    pub value: f64,
    /// Whether values above it are kept, or those below.
    pub above: bool,
}

impl Query {
    /// Reads an expression. `shown` are labels of its result that are needed, such as those of a legend.
    ///
    /// # Errors
    ///
    /// What is wrong, if it is no `PromQL`.
    pub fn read(expression: &str, shown: &[&str]) -> Result<Self, String> {
        let top = promql_parser::parser::parse(expression)?;
        let shown = shown.iter().map(|label| (*label).to_owned()).collect();
        let mut query = Self {
            threshold: threshold(&top),
            ..Self::default()
        };
        query.visit(&top, &shown, &mut Vec::new());
        Ok(query)
    }

    /// What a text reads that is `PromQL` for somebody else, such as one with variables: each name in it is that of a
    /// metric and of a label.
    #[must_use]
    pub fn of_names(text: &str) -> Self {
        let names = tokens(text).into_iter();
        let names = names.filter(|token| token.kind == TokenKind::Name);
        let names: BTreeSet<String> = names
            .map(|token| text[token.start..token.end].to_owned())
            .collect();
        let selections = names.iter().map(|name| Selection {
            names: vec![vec![named(name)]],
            labels: names.clone(),
            steps: Vec::new(),
        });
        Self {
            selections: selections.collect(),
            threshold: None,
        }
    }

    /// Whether it reads the series of this name, and needs the label if there is one to ask for.
    #[must_use]
    pub fn reads(&self, series: &str, label: Option<&str>) -> bool {
        self.selections.iter().any(|selection| {
            selection.reads(series) && label.is_none_or(|label| selection.labels.contains(label))
        })
    }

    /// Goes down; `needed` are the labels that what is above needs of the expression's series.
    fn visit(&mut self, expression: &Expr, needed: &BTreeSet<String>, steps: &mut Vec<String>) {
        match expression {
            Expr::Paren(inner) => self.visit(&inner.expr, needed, steps),
            Expr::Unary(inner) => self.step("-", &inner.expr, needed, steps),
            Expr::Subquery(inner) => self.visit(&inner.expr, needed, steps),
            Expr::VectorSelector(selector) => self.select(selector, needed, steps),
            Expr::MatrixSelector(selector) => self.select(&selector.vs, needed, steps),
            Expr::Call(call) => self.call(call, needed, steps),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate, needed, steps),
            Expr::Binary(binary) => self.binary(binary, needed, steps),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
        }
    }

    fn step(
        &mut self,
        step: &str,
        expression: &Expr,
        needed: &BTreeSet<String>,
        steps: &mut Vec<String>,
    ) {
        steps.push(step.to_owned());
        self.visit(expression, needed, steps);
        steps.pop();
    }

    fn select(&mut self, selector: &VectorSelector, needed: &BTreeSet<String>, steps: &[String]) {
        let matchers = &selector.matchers;
        let ways = core::iter::once(&matchers.matchers).chain(&matchers.or_matchers);
        let mut labels = needed.clone();
        let mut names = Vec::new();
        for way in ways {
            let (of_name, of_labels): (Vec<&Matcher>, Vec<&Matcher>) =
                way.iter().partition(|matcher| matcher.name == NAME);
            labels.extend(of_labels.into_iter().map(|matcher| matcher.name.clone()));
            let name = selector.name.iter().map(|name| named(name));
            names.push(name.chain(of_name.into_iter().cloned()).collect());
        }
        self.selections.push(Selection {
            names,
            labels,
            steps: steps.iter().rev().cloned().collect(),
        });
    }

    fn call(&mut self, call: &Call, needed: &BTreeSet<String>, steps: &mut Vec<String>) {
        let function = call.func.name;
        let texts = call.args.args.iter().map(|argument| text_of(argument));
        let mut needed = needed.clone();
        match function {
            "histogram_quantile" | "histogram_quantiles" => {
                needed.insert("le".to_owned());
            }
            // (series, written, replacement, read, pattern), (series, written, separator, read…)
            "label_replace" | "label_join" => {
                let texts: Vec<&str> = texts.collect();
                let read = texts.get(3..).unwrap_or_default();
                let read = if function == "label_replace" {
                    read.get(..1).unwrap_or_default()
                } else {
                    read
                };
                needed.remove(texts.get(1).copied().unwrap_or_default());
                needed.extend(read.iter().map(|label| (*label).to_owned()));
            }
            _ => {}
        }
        for argument in &call.args.args {
            self.step(function, argument, &needed, steps);
        }
    }

    fn aggregate(
        &mut self,
        aggregate: &AggregateExpr,
        needed: &BTreeSet<String>,
        steps: &mut Vec<String>,
    ) {
        let function = aggregate.op.to_string();
        // These give series as they are, and the groups say which.
        let keeps = matches!(
            function.as_str(),
            "topk" | "bottomk" | "limitk" | "limit_ratio"
        );
        let mut below = if keeps {
            needed.clone()
        } else {
            BTreeSet::new()
        };
        match &aggregate.modifier {
            Some(LabelModifier::Include(labels)) => below.extend(labels.labels.iter().cloned()),
            Some(LabelModifier::Exclude(labels)) => {
                below.extend(needed.iter().cloned());
                below.retain(|label| !labels.labels.contains(label));
            }
            None => {}
        }
        if let Some(parameter) = &aggregate.param {
            self.step(&function, parameter, &BTreeSet::new(), steps);
        }
        self.step(&function, &aggregate.expr, &below, steps);
    }

    fn binary(&mut self, binary: &BinaryExpr, needed: &BTreeSet<String>, steps: &mut Vec<String>) {
        let operator = binary.op.to_string();
        let modifier = binary.modifier.as_ref();
        let mut matched = BTreeSet::new();
        if let Some(LabelModifier::Include(labels)) = modifier.and_then(|it| it.matching.as_ref()) {
            matched.extend(labels.labels.iter().cloned());
        }
        let [mut left, mut right] = [needed, needed].map(|needed| needed | &matched);
        match modifier.map(|modifier| &modifier.card) {
            // What is needed is of the many, and what is included of the one.
            Some(VectorMatchCardinality::ManyToOne(included)) => {
                right = matched;
                right.extend(included.labels.iter().cloned());
            }
            Some(VectorMatchCardinality::OneToMany(included)) => {
                left = matched;
                left.extend(included.labels.iter().cloned());
            }
            // They give series of the left side.
            _ if matches!(operator.as_str(), "and" | "unless") => right = matched,
            _ => {}
        }
        self.step(&operator, &binary.lhs, &left, steps);
        self.step(&operator, &binary.rhs, &right, steps);
    }
}

/// The label that is a series' name.
const NAME: &str = "__name__";

fn named(name: &str) -> Matcher {
    Matcher::new(MatchOp::Equal, NAME, name)
}

impl Selection {
    /// Whether it asks for series of this name. One that says nothing of names asks for none.
    #[must_use]
    pub fn reads(&self, series: &str) -> bool {
        self.names.iter().any(|matchers| {
            let mut ops = matchers.iter().map(|matcher| &matcher.op);
            ops.any(|op| matches!(op, MatchOp::Equal | MatchOp::Re(_)))
                && matchers.iter().all(|matcher| matcher.is_match(series))
        })
    }

    /// The functions, aggregations and operators around it, the innermost first.
    pub fn steps(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(String::as_str)
    }
}

impl Rule {
    /// What it reads: its expression, which needs the labels that its texts show, and the queries in them.
    ///
    /// # Errors
    ///
    /// What is wrong, if an expression is no `PromQL`.
    pub fn query(&self) -> Result<Query, String> {
        let mut shown = Vec::new();
        let mut queries = Vec::new();
        for (_, text) in self.annotations.iter().chain(&self.labels) {
            let template = template::read(&text.text, 0);
            shown.extend(template.shown.into_iter().map(|label| label.name));
            queries.extend(template.queries);
        }
        let shown: Vec<&str> = shown.iter().map(AsRef::as_ref).collect();
        let mut query = Query::read(&self.expression.text, &shown)?;
        for text in queries {
            query.selections.extend(Query::read(&text, &[])?.selections);
        }
        Ok(query)
    }
}

/// The number that an expression is compared with at its top, on either side.
fn threshold(expression: &Expr) -> Option<Threshold> {
    let binary = match expression {
        Expr::Paren(inner) => return threshold(&inner.expr),
        Expr::Binary(binary) => binary,
        _ => return None,
    };
    let above = match binary.op.to_string().as_str() {
        ">" | ">=" => true,
        "<" | "<=" => false,
        _ => return None,
    };
    match (number_of(&binary.lhs), number_of(&binary.rhs)) {
        (None, Some(value)) => Some(Threshold { value, above }),
        (Some(value), None) => Some(Threshold {
            value,
            above: !above,
        }),
        _ => None,
    }
    .filter(|threshold| threshold.value.is_finite())
}

fn number_of(expression: &Expr) -> Option<f64> {
    match expression {
        Expr::Paren(inner) => number_of(&inner.expr),
        Expr::Unary(inner) => number_of(&inner.expr).map(|number| -number),
        Expr::NumberLiteral(number) => Some(number.val),
        _ => None,
    }
}

fn text_of(expression: &Expr) -> &str {
    match expression {
        Expr::Paren(inner) => text_of(&inner.expr),
        Expr::StringLiteral(text) => &text.val,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(expression: &str) -> Query {
        Query::read(expression, &[]).unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    #[test]
    fn a_metric_is_read_by_its_whole_name_alone() {
        for (expression, reads) in [
            ("a_total", true),
            ("sum(rate(a_total[5m]))", true),
            ("rate(a_total[5m:1m] offset 1h)", true),
            ("{__name__=\"a_total\"}", true),
            ("{__name__=~\"a_total|b_total\",job=\"x\"}", true),
            ("{__name__=~\"a_.*\",__name__!=\"a_total\"}", false),
            ("a_total_more", false),
            ("more_a_total", false),
            ("b_total # a_total", false),
            ("b_total{path=\"a_total\"}", false),
            ("sum by (a_total) (b_total)", false),
            (
                "label_replace(b_total, \"x\", \"a_total\", \"y\", \".*\")",
                false,
            ),
            // Of any name, and so of none that could be missed.
            ("{job=\"x\"}", false),
            ("{__name__!=\"b_total\",job=\"x\"}", false),
        ] {
            assert_eq!(
                read(expression).reads("a_total", None),
                reads,
                "{expression}"
            );
        }
    }

    #[test]
    fn a_label_is_needed_where_it_is_of_the_metrics_series() {
        for (expression, needs) in [
            ("a{x=\"1\"}", true),
            ("a{x!~\".*\"}", true),
            ("sum by (x) (a)", true),
            ("sum by (x, y) (a)", true),
            ("sum without (y) (a)", false),
            ("sum by (x) (sum by (y) (a))", false),
            ("sum by (x) (topk by (y) (3, a))", true),
            ("a / on (x) b", true),
            ("a / ignoring (x) b", false),
            ("b / on (y) group_left (x) a", true),
            ("a / on (y) group_left (x) b", false),
            ("sum by (x) (b and on (y) a)", false),
            ("sum by (x) (a and on (y) b)", true),
            ("a + b{x=\"1\"}", false),
            ("label_replace(a, \"y\", \"$1\", \"x\", \"(.*)\")", true),
            (
                "sum by (x) (label_replace(a, \"x\", \"$1\", \"y\", \"(.*)\"))",
                false,
            ),
            ("label_join(a, \"y\", \"-\", \"z\", \"x\")", true),
            ("count_values(\"x\", a)", false),
        ] {
            assert_eq!(
                read(expression).reads("a", Some("x")),
                needs,
                "{expression}"
            );
        }
        let buckets = read("histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m])))");
        assert!(buckets.reads("a_bucket", Some("le")));
        let shown = Query::read("sum without (z) (a)", &["x"]).expect("it is PromQL");
        assert!(shown.reads("a", Some("x")) && !shown.reads("a", Some("z")));
    }

    #[test]
    fn what_is_made_of_a_selection_is_told_from_the_inside() {
        let query = read("histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m]))) / -b > 1");
        let steps: Vec<Vec<&str>> = query
            .selections
            .iter()
            .map(|selection| selection.steps().collect())
            .collect();
        assert_eq!(
            steps,
            [
                &["rate", "sum", "histogram_quantile", "/", ">"][..],
                &["-", "/", ">"]
            ]
        );
    }

    #[test]
    fn the_number_that_the_whole_is_compared_with_is_the_threshold() {
        for (expression, expected) in [
            ("a_bytes{x=\"<1\"} > 1e9", Some((1e9, true))),
            (
                "sum(rate(a[5m]))\n  / sum(rate(b[5m])) < 0.5\n",
                Some((0.5, false)),
            ),
            ("(a >= 2)", Some((2.0, true))),
            ("a > -3", Some((-3.0, true))),
            ("0.1 > a", Some((0.1, false))),
            ("max(a > 1) > 2", Some((2.0, true))),
            ("up == 0", None),
            ("a > b", None),
            ("a > +Inf", None),
            ("(a > 1) and (b > 2)", None),
        ] {
            let found = read(expression).threshold;
            let found = found.map(|threshold| (threshold.value, threshold.above));
            assert_eq!(found, expected, "{expression}");
        }
    }

    #[test]
    fn a_text_that_is_no_promql_is_read_by_its_names() {
        assert!(Query::read("rate(a_total[$interval])", &[]).is_err());
        let query = Query::of_names("rate(a_total{x=\"b_total\"}[$interval]) # c_total");
        assert!(query.reads("a_total", Some("x")));
        assert!(!query.reads("b_total", None) && !query.reads("c_total", None));
        assert!(!query.reads("a", None));
    }
}
