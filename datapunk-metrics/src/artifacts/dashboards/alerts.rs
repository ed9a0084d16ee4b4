//! What alert rules say of a quantity: from which value on it is bad, and what to do then.

use datapunk_metrics_rules::{Query, RuleDocument, Selection, Threshold};

use crate::artifacts::bundle::File;

/// The alert rules.
pub(super) struct Alerts(Vec<Alert>);

/// An alert rule that compares a quantity with a number.
pub(super) struct Alert {
    pub(super) name: String,
    pub(super) runbook_url: Option<String>,
    query: Query,
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

impl Alerts {
    pub(super) fn read(files: &[File]) -> Result<Self, String> {
        let mut alerts = Vec::new();
        for File { path, text } in files {
            let broken = |error: &str| format!("`{path}` is not a rule file: {error}");
            let document = RuleDocument::read(text).map_err(|problem| broken(&problem.fact))?;
            let rules = document.groups.iter().flat_map(|group| &group.rules);
            for rule in rules.filter(|rule| rule.is_alert) {
                let name = &rule.name.text;
                let query = rule.query().map_err(|error| {
                    broken(&format!(
                        "the expression of `{name}` is not PromQL: {error}"
                    ))
                })?;
                let mut annotations = rule.annotations.iter();
                let runbook = annotations.find(|(key, _)| key.text == "runbook_url");
                alerts.push(Alert {
                    name: name.clone(),
                    // A template is filled in by Prometheus, not here.
                    runbook_url: runbook
                        .map(|(_, url)| url.text.clone())
                        .filter(|url| !url.contains("{{")),
                    query,
                });
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
            alert.query.selections.iter().any(|selection| {
                self::quantity(selection) == Some(quantity)
                    && series.iter().any(|name| selection.reads(name))
            })
        })
    }
}

impl Alert {
    /// From which value on it fires; none if it compares otherwise.
    pub(super) const fn threshold(&self) -> Option<Threshold> {
        self.query.threshold
    }
}

/// What is made of a selection, if a panel draws such a thing.
fn quantity(selection: &Selection) -> Option<Quantity> {
    // Series that are put together, left out or compared have the values that they had.
    let keeps = |step: &&str| {
        !matches!(
            *step,
            "sum" | "avg" | "min" | "max" | "topk" | "bottomk" | "quantile"
        ) && !matches!(*step, "and" | "or" | "unless")
            && !step.starts_with(['<', '>', '=', '!'])
    };
    let steps: Vec<&str> = selection.steps().filter(keeps).collect();
    match steps[..] {
        [] | ["avg_over_time" | "min_over_time" | "max_over_time" | "last_over_time"] => {
            Some(Quantity::Value)
        }
        ["rate" | "irate"] => Some(Quantity::Rate),
        ["rate" | "irate" | "increase", "/"] | ["/"] => Some(Quantity::Share),
        ["rate" | "irate" | "increase", "histogram_quantile"] => Some(Quantity::Quantile),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_is_told_by_what_is_done_to_the_series() {
        for (expr, expected) in [
            ("a > 1", Some(Quantity::Value)),
            ("max_over_time(a[5m]) > 1", Some(Quantity::Value)),
            (
                "sum(rate(a_total{path=\"/x\"}[5m])) > 1",
                Some(Quantity::Rate),
            ),
            (
                "rate(a_total[5m]) / rate(b_total[5m]) > 1",
                Some(Quantity::Share),
            ),
            ("a / b < 0.1", Some(Quantity::Share)),
            (
                "histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m]))) > 1",
                Some(Quantity::Quantile),
            ),
            // Not what a panel draws.
            ("increase(a_total[5m]) > 1", None),
            ("rate(a_total[5m]) * 60 > 1", None),
            ("1 - a > 1", None),
            ("count(a) > 1", None),
            ("absent(a)", None),
        ] {
            let query = Query::read(expr, &[]).expect("it is PromQL");
            assert_eq!(quantity(&query.selections[0]), expected, "{expr}");
        }
    }
}
