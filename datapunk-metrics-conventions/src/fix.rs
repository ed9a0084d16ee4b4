//! The corrected name.

use crate::name::Pass;
use crate::{MetricFacts, Rule, check_metric_name};

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

/// Words to put before a name that is nothing but an ending.
const FILLERS: [&str; 3] = ["events", "requests", "things"];

/// A prefix that breaks no rule.
const NEUTRAL: &str = "app_";

/// What to write behind `prefix`, so that the whole name passes all rules but the waived ones; `None` if nothing does.
///
/// ```
/// use datapunk_metrics_conventions::{Kind, MetricFacts, Profile, fixed_local_name};
///
/// let facts = MetricFacts {
///     profile: Profile::Datapunk,
///     kind: Kind::Counter,
///     name: "lake_requests",
///     unit: None,
///     in_flight: false,
/// };
/// assert_eq!(fixed_local_name(&facts, "lake_", &[]).as_deref(), Some("requests_total"));
/// ```
#[must_use]
pub fn fixed_local_name(facts: &MetricFacts<'_>, prefix: &str, waived: &[Rule]) -> Option<String> {
    let fixed_behind = |prefix: &str, local: &str| {
        let name = format!("{prefix}{local}");
        let fixed = fixed_metric_name(&MetricFacts {
            name: &name,
            ..*facts
        });
        fixed.strip_prefix(prefix).map(str::to_owned)
    };
    let local = facts.name.strip_prefix(prefix)?;
    let filled = FILLERS.iter().map(|filler| format!("{filler}_{local}"));
    let candidates = core::iter::once(fixed_behind(prefix, local))
        // The repair reached into the prefix.
        .chain([fixed_behind(NEUTRAL, local)])
        .chain(filled.map(|filled| fixed_behind(NEUTRAL, &filled)));
    candidates.flatten().find(|candidate| {
        let name = format!("{prefix}{candidate}");
        let left = check_metric_name(&MetricFacts {
            name: &name,
            ..*facts
        });
        !candidate.is_empty() && left.iter().all(|finding| waived.contains(&finding.rule))
    })
}
