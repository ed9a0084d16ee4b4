//! What Prometheus can read as a name, whatever the standard says of it.

/// Whether Prometheus reads `name` as that of a metric: letters, digits, underscores and colons, and no digit in front
/// ([data model](https://prometheus.io/docs/concepts/data_model/)).
///
/// ```
/// use datapunk_metrics_conventions::is_metric_name;
///
/// assert!(is_metric_name("job:http_requests:rate5m"));
/// assert!(!is_metric_name("node-load") && !is_metric_name("2xx") && !is_metric_name(""));
/// ```
#[must_use]
pub fn is_metric_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
}

/// Whether Prometheus reads `name` as that of a label, or of an annotation: as [`is_metric_name`], without colons.
///
/// ```
/// use datapunk_metrics_conventions::is_label_name;
///
/// assert!(is_label_name("http_method"));
/// assert!(!is_label_name("on-call") && !is_label_name("job:status"));
/// ```
#[must_use]
pub fn is_label_name(name: &str) -> bool {
    is_metric_name(name) && !name.contains(':')
}
