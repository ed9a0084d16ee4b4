//! The corrected name.

use crate::MetricFacts;
use crate::name::Pass;

/// How often a name may be repaired. A repair can uncover the next mistake (a dropped last segment shows another one);
/// names settle after two or three rounds.
const ROUNDS: usize = 16;

/// The name closest to the given one that passes [`check_metric_name`](crate::check_metric_name).
///
/// A name without findings is returned as it is.
///
/// ```
/// use datapunk_metrics_conventions::{Kind, MetricFacts, Profile, fixed_metric_name};
///
/// let facts = MetricFacts {
///     profile: Profile::Datapunk,
///     kind: Kind::Histogram,
///     name: "requestDurationMs",
///     unit: Some("seconds"),
///     in_flight: false,
/// };
/// assert_eq!(fixed_metric_name(&facts), "request_duration_seconds");
/// ```
#[must_use]
pub fn fixed_metric_name(facts: &MetricFacts<'_>) -> String {
    let mut name = facts.name.to_owned();
    for _ in 0..ROUNDS {
        let facts = MetricFacts {
            name: &name,
            ..*facts
        };
        let pass = Pass::run(&facts);
        if pass.findings.is_empty() {
            break;
        }
        name = pass.name();
    }
    name
}
