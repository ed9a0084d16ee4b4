//! What a rule file is held to that does not come from metrics.

use std::time::Duration;

/// What a rule file is held to that does not come from metrics.
///
/// ```
/// let options = datapunk_metrics_rules::Options::default();
/// assert_eq!(options.scrape_interval.as_secs(), 15);
/// assert_eq!(options.severities, ["critical", "warning", "info"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How often targets are scraped. Windows have to be twice as long, or `rate` sees a single sample at times.
    pub scrape_interval: Duration,
    /// The severities that notifications are routed by.
    pub severities: Vec<String>,
    /// The labels that every alert has.
    pub required_labels: Vec<String>,
    /// The annotations that every alert has.
    pub required_annotations: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Self {
            scrape_interval: Duration::from_secs(15),
            severities: texts(&["critical", "warning", "info"]),
            required_labels: texts(&["severity", "team"]),
            required_annotations: texts(&["summary"]),
        }
    }
}
