//! What alert rules say of a quantity: from which value on it is bad, and what to do then.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::artifacts::bundle::File;
use crate::artifacts::lock::words;

/// The alert rules.
pub(super) struct Alerts(Vec<Alert>);

/// An alert rule that compares a quantity with a number.
pub(super) struct Alert {
    pub(super) name: String,
    /// Where its number is, and on which side of it the quantity is bad; none if it compares otherwise.
    pub(super) threshold: Option<Threshold>,
    pub(super) runbook_url: Option<String>,
    quantity: Quantity,
    words: BTreeSet<String>,
}

/// The value from which on an alert fires.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Threshold {
    pub(super) value: f64,
    /// Whether values above it are bad, or those below.
    pub(super) above: bool,
}

/// What a query makes of a metric's series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    /// The value itself.
    Value,
    /// How much it grows in a second.
    Rate,
    /// One divided by another.
    Share,
    /// A quantile of a histogram.
    Quantile,
}

#[derive(Deserialize)]
struct RuleFile {
    #[serde(default)]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    alert: Option<String>,
    expr: String,
    #[serde(default)]
    annotations: Annotations,
}

#[derive(Default, Deserialize)]
struct Annotations {
    runbook_url: Option<String>,
}

impl Alerts {
    pub(super) fn read(files: &[File]) -> Result<Self, String> {
        let mut alerts = Vec::new();
        for file in files {
            let rules: RuleFile = serde_saphyr::from_str(&file.text).map_err(|error| {
                let error = crate::artifacts::first_line(&error);
                format!("`{}` is not a rule file: {error}", file.path)
            })?;
            for rule in rules.groups.into_iter().flat_map(|group| group.rules) {
                if let Some(name) = rule.alert {
                    let words = words(&rule.expr);
                    alerts.push(Alert {
                        name,
                        threshold: threshold(&rule.expr),
                        // A template is filled in by Prometheus, not here.
                        runbook_url: rule
                            .annotations
                            .runbook_url
                            .filter(|url| !url.contains("{{")),
                        quantity: quantity(&rule.expr, &words),
                        words,
                    });
                }
            }
        }
        Ok(Self(alerts))
    }

    /// The alerts on such a quantity of a metric, by the names of its series.
    pub(super) fn of<'a>(
        &'a self,
        series: &[String],
        quantity: Quantity,
    ) -> impl Iterator<Item = &'a Alert> {
        let series = series.to_vec();
        self.0.iter().filter(move |alert| {
            alert.quantity == quantity && series.iter().any(|name| alert.words.contains(name))
        })
    }
}

fn quantity(expr: &str, words: &BTreeSet<String>) -> Quantity {
    let has = |list: &[&str]| list.iter().any(|word| words.contains(*word));
    if words.contains("histogram_quantile") {
        Quantity::Quantile
    } else if without_strings(expr).contains('/') {
        Quantity::Share
    } else if has(&["rate", "irate", "increase", "delta", "deriv"]) {
        Quantity::Rate
    } else {
        Quantity::Value
    }
}

/// The comparison with a number at the end of an expression that has no other one.
fn threshold(expr: &str) -> Option<Threshold> {
    let expr = without_strings(expr);
    let at = expr.find(['<', '>'])?;
    let (_, right) = expr.split_at(at);
    let above = right.starts_with('>');
    let number = right[1..].trim_start_matches('=').trim();
    let value: f64 = number.parse().ok()?;
    value.is_finite().then_some(Threshold { value, above })
}

/// An expression without what stands in double quotes, where anything may.
fn without_strings(expr: &str) -> String {
    expr.split('"').step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_at_the_end_is_the_threshold() {
        for (expr, expected) in [
            ("a_bytes{x=\"<1\"} > 1e9", Some((1e9, true))),
            (
                "sum(rate(a[5m]))\n  / sum(rate(b[5m])) < 0.5\n",
                Some((0.5, false)),
            ),
            ("a >= 2", Some((2.0, true))),
            ("up == 0", None),
            ("a > b", None),
            ("(a > 1) and (b > 2)", None),
        ] {
            let found = threshold(expr).map(|threshold| (threshold.value, threshold.above));
            assert_eq!(found, expected, "{expr}");
        }
    }

    #[test]
    fn a_quantity_is_told_by_what_is_done_to_the_series() {
        for (expr, expected) in [
            ("a > 1", Quantity::Value),
            ("sum(increase(a_total[5m])) > 1", Quantity::Rate),
            (
                "rate(a_total[5m]) / rate(b_total{path=\"/x\"}[5m]) > 1",
                Quantity::Share,
            ),
            ("rate(a_total{path=\"/x\"}[5m]) > 1", Quantity::Rate),
            (
                "histogram_quantile(0.9, rate(a_bucket[5m])) > 1",
                Quantity::Quantile,
            ),
        ] {
            assert_eq!(quantity(expr, &words(expr)), expected, "{expr}");
        }
    }
}
