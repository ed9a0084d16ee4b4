//! Service level objectives: what share of a metric's events has to be good.

/// An objective of a metric, as `#[metric(slo(objective = 99.9, …))]` declares it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Objective {
    /// The share of good events, in percent.
    pub percent: f64,
    /// Which events are good.
    pub indicator: Indicator,
}

/// What tells good events from bad ones.
#[derive(Clone, Copy, Debug, PartialEq)]
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
        counter: &'static str,
        /// What the numerator asks for.
        good: &'static [Condition],
    },
}

/// Values of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The label's name.
    pub label: &'static str,
    /// The values, as they are exposed. `5xx` of a label with the single codes means all of them from 500 on.
    pub values: &'static [&'static str],
}
