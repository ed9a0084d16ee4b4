//! The rule files that come with the crate.

/// The alerts of the metrics standard, and alerts for what is absent: a Prometheus rule file.
///
/// It can be compiled against a program's sets with [`include_rules!`](crate::include_rules), or be checked when the
/// program runs:
///
/// ```
/// use datapunk_metrics::rules::{ALERTS, RuleCheck};
///
/// // Without sets, every metric but those of the targets is missed.
/// let findings = RuleCheck::new().text("alerts.yml", ALERTS).against(&[]);
/// assert!(findings.mistakes.iter().any(|mistake| mistake.contains("HighErrorRate")));
/// assert!(!findings.mistakes.iter().any(|mistake| mistake.contains("NodeDown")));
/// ```
pub const ALERTS: &str = include_str!("../../rules/alerts.yml");

/// The ratios, rates and quantiles that dashboards read: a Prometheus rule file of recording rules.
///
/// ```
/// assert!(datapunk_metrics::rules::RECORDING.contains("record: service:http_request_errors:ratio_rate5m"));
/// ```
pub const RECORDING: &str = include_str!("../../rules/recording.yml");
