//! Durations as Prometheus writes them.

use std::time::Duration;

/// A duration such as `5m` or `1h30m`; `0` needs no unit.
///
/// ```
/// use datapunk_metrics_rules::parse_duration;
///
/// assert_eq!(parse_duration("1h30m").map(|it| it.as_secs()), Some(5400));
/// assert_eq!(parse_duration("0s"), parse_duration("0"));
/// assert_eq!(parse_duration("5"), None);
/// assert_eq!(parse_duration("5 minutes"), None);
/// ```
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    // The parser of PromQL takes a number without a unit for seconds, which rule files do not.
    if text.parse::<f64>().is_ok() {
        return None;
    }
    match promql_parser::util::parse_duration(text) {
        Ok(duration) => Some(duration),
        // It refuses zero, which is what `for` is unless it is given.
        Err(_) => is_zero(text).then_some(Duration::ZERO),
    }
}

/// Whether it is one number, zero, and a unit.
fn is_zero(text: &str) -> bool {
    let unit = text.trim_start_matches('0');
    unit.len() < text.len() && matches!(unit, "ms" | "s" | "m" | "h" | "d" | "w" | "y")
}

/// The duration as Prometheus writes it.
pub(crate) fn duration_text(duration: Duration) -> String {
    promql_parser::util::display_duration(&duration)
}
