//! The objective of a metric in a catalogue, from its descriptor and back to one.

use serde::{Deserialize, Serialize};

use super::Metric;
use super::descriptors::kept;
use crate::objective;

/// What share of a metric's events has to be good.
///
/// ```
/// use datapunk_metrics::artifacts::{Catalogue, Indicator};
/// use datapunk_metrics::{Histogram, MetricSet, Registry, Seconds};
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "ferry")]
/// struct FerryMetrics {
///     /// Time taken by a crossing.
///     #[metric(slo(objective = 99.5, threshold = 5))]
///     crossing_duration_seconds: Histogram<Seconds>,
/// }
///
/// let registry = Registry::new();
/// registry.register::<FerryMetrics>()?;
/// let catalogue = Catalogue::of("ferry", &registry);
/// let metric = catalogue.metric("ferry_crossing_duration_seconds").unwrap();
/// let objective = metric.objective.as_ref().unwrap();
/// assert_eq!(objective.percent, 99.5);
/// assert_eq!(objective.indicator, Indicator::Latency { threshold: 5.0 });
/// # Ok::<(), datapunk_metrics::RegisterError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// The share of good events, in percent.
    pub percent: f64,
    /// What tells good events from bad ones.
    pub indicator: Indicator,
}

/// What tells good events from bad ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Indicator {
    /// A histogram's event is good up to this bound of a bucket.
    Latency {
        /// The bound, in the unit of the metric.
        threshold: f64,
    },
    /// A counter's event is bad with these values of a label.
    Availability {
        /// The label with its values.
        errors: Condition,
    },
    /// A ratio's event is good if it is in the numerator.
    Ratio {
        /// The name of the counter that the ratio is of.
        counter: String,
        /// What the numerator asks for.
        good: Vec<Condition>,
    },
}

/// Values of a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The label's name.
    pub label: String,
    /// The values, as they are exposed. `5xx` of a label with the single codes means all of them from 500 on.
    pub values: Vec<String>,
}

impl Objective {
    pub(super) fn of(objective: &objective::Objective) -> Self {
        Self {
            percent: objective.percent,
            indicator: match objective.indicator {
                objective::Indicator::Latency { threshold } => Indicator::Latency { threshold },
                objective::Indicator::Availability { errors } => Indicator::Availability {
                    errors: Condition::of(&errors),
                },
                objective::Indicator::Ratio { counter, good } => Indicator::Ratio {
                    counter: counter.to_owned(),
                    good: good.iter().map(Condition::of).collect(),
                },
            },
        }
    }

    /// As a descriptor of `metric`, held to what the macro holds it to: a catalogue may have been written by hand.
    pub(super) fn descriptor(
        &self,
        metric: &Metric,
    ) -> Result<&'static objective::Objective, String> {
        let percent = self.percent;
        if !(percent > 1.0 && percent < 100.0) {
            return Err(format!(
                "metric `{}` has an objective of {percent} %, which is not between 1 and 100",
                metric.name
            ));
        }
        let indicator = match &self.indicator {
            Indicator::Latency { threshold } => {
                if !metric.buckets.contains(threshold) {
                    return Err(format!(
                        "metric `{}` has an objective with threshold {threshold}, which is no bound of its buckets",
                        metric.name
                    ));
                }
                objective::Indicator::Latency {
                    threshold: *threshold,
                }
            }
            Indicator::Availability { errors } => objective::Indicator::Availability {
                errors: errors.descriptor(),
            },
            Indicator::Ratio { counter, good } => objective::Indicator::Ratio {
                counter: kept(counter),
                good: good
                    .iter()
                    .map(Condition::descriptor)
                    .collect::<Vec<_>>()
                    .leak(),
            },
        };
        Ok(Box::leak(Box::new(objective::Objective {
            percent,
            indicator,
        })))
    }

    /// For people: `99.5 % of events up to 0.1`.
    pub(super) fn text(&self) -> String {
        let events = match &self.indicator {
            Indicator::Latency { threshold } => format!("up to {threshold}"),
            Indicator::Availability { errors } => format!("without {}", errors.text()),
            Indicator::Ratio { good, .. } => {
                let good: Vec<String> = good.iter().map(Condition::text).collect();
                format!("with {}", good.join(" and "))
            }
        };
        format!("{} % of events {events}", self.percent)
    }
}

impl Condition {
    fn of(condition: &objective::Condition) -> Self {
        Self {
            label: condition.label.to_owned(),
            values: condition.values.iter().map(|&one| one.to_owned()).collect(),
        }
    }

    fn descriptor(&self) -> objective::Condition {
        let values = self.values.iter().map(|value| kept(value));
        objective::Condition {
            label: kept(&self.label),
            values: values.collect::<Vec<_>>().leak(),
        }
    }

    fn text(&self) -> String {
        let values: Vec<String> = self.values.iter().map(|one| format!("`{one}`")).collect();
        format!("`{}` {}", self.label, values.join(" or "))
    }
}
