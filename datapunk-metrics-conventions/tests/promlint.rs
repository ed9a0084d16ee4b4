//! The cases of promlint's own tests, as facts, in the profile that holds exactly its rules.
//!
//! Three of its cases have no counterpart: there is no untyped metric here, and no summary.

use datapunk_metrics_conventions::{
    Kind, MetricFacts, Openness, Profile, check_help, check_label_name, check_metric_name,
};

fn messages(kind: Kind, name: &str) -> Vec<String> {
    let facts = MetricFacts {
        profile: Profile::Prometheus,
        kind,
        name,
        unit: None,
        in_flight: false,
    };
    check_metric_name(&facts)
        .into_iter()
        .map(|finding| finding.message)
        .collect()
}

#[test]
fn units() {
    for unit in [
        "amperes", "bytes", "grams", "celsius", "meters", "metres", "moles", "seconds", "joules",
        "kelvin",
    ] {
        assert!(
            messages(Kind::Gauge, &format!("x_{unit}")).is_empty(),
            "{unit}"
        );
    }
    for (unit, base) in [
        ("milliamperes", "amperes"),
        ("gigabytes", "bytes"),
        ("kilograms", "grams"),
        ("nanocelsius", "celsius"),
        ("kilometers", "meters"),
        ("picometers", "meters"),
        ("microseconds", "seconds"),
        ("minutes", "seconds"),
        ("hours", "seconds"),
        ("days", "seconds"),
        ("weeks", "seconds"),
        ("kelvins", "kelvin"),
        ("fahrenheit", "celsius"),
        ("rankine", "celsius"),
        ("inches", "meters"),
        ("yards", "meters"),
        ("miles", "meters"),
        ("bits", "bytes"),
        ("calories", "joules"),
        ("pounds", "grams"),
        ("ounces", "grams"),
    ] {
        let name = format!("x_{unit}");
        let facts = MetricFacts {
            profile: Profile::Prometheus,
            kind: Kind::Gauge,
            name: &name,
            unit: None,
            in_flight: false,
        };
        let findings = check_metric_name(&facts);
        assert_eq!(findings.len(), 1, "{unit}");
        assert_eq!(
            findings[0].message,
            format!("metric `x_{unit}` uses `{unit}`, which is not a base unit")
        );
        assert_eq!(findings[0].fix, Some(format!("x_{base}")));
    }
}

#[test]
fn abbreviations() {
    for name in [
        "instance_memory_limit_b",
        "instance_memory_limit_kb",
        "instance_memory_limit_mb",
        "instance_memory_limit_MB",
        "instance_memory_limit_gb",
        "instance_memory_limit_tb",
        "instance_memory_limit_pb",
        "request_duration_s",
        "request_duration_ms",
        "request_duration_us",
        "request_duration_ns",
        "request_duration_sec",
        "request_sec_duration",
        "request_duration_m",
        "request_duration_h",
        "request_duration_d",
    ] {
        let messages = messages(Kind::Histogram, name);
        assert_eq!(messages.len(), 1, "{name}");
        assert!(
            messages[0].ends_with("which is not a base unit"),
            "{}",
            messages[0]
        );
    }
    assert!(
        messages(Kind::Gauge, "ms_limit").is_empty(),
        "the first segment is no unit"
    );
}

#[test]
fn endings() {
    for (kind, name, expected) in [
        (
            Kind::Counter,
            "x_bytes",
            &["counter `x_bytes` does not end in `_total`"][..],
        ),
        (Kind::Counter, "x_bytes_total", &[]),
        (Kind::Gauge, "x_bytes", &[]),
        (
            Kind::Gauge,
            "x_bytes_total",
            &["gauge `x_bytes_total` ends in `_total`, which is kept for counters"],
        ),
        (
            Kind::Gauge,
            "x_bytes_bucket",
            &[
                "gauge `x_bytes_bucket` ends in `_bucket`, which is kept for the lines of a histogram",
            ],
        ),
        (
            Kind::Gauge,
            "x_bytes_count",
            &["gauge `x_bytes_count` ends in `_count`, which is kept for the lines of a histogram"],
        ),
        (
            Kind::Gauge,
            "x_bytes_sum",
            &["gauge `x_bytes_sum` ends in `_sum`, which is kept for the lines of a histogram"],
        ),
        (Kind::Histogram, "tsdb_compaction_duration", &[]),
        (Kind::Gauge, "go_gc_duration_seconds", &[]),
    ] {
        assert_eq!(messages(kind, name), expected, "{name}");
    }
}

#[test]
fn types() {
    for (kind, name, word) in [
        (Kind::Gauge, "instance_memory_limit_bytes_gauge", "gauge"),
        (Kind::Gauge, "request_duration_seconds_summary", "summary"),
        (
            Kind::Histogram,
            "request_duration_seconds_histogram",
            "histogram",
        ),
        (
            Kind::Histogram,
            "request_duration_seconds_HISTOGRAM",
            "HISTOGRAM",
        ),
        (Kind::Gauge, "instance_memory_limit_gauge_bytes", "gauge"),
    ] {
        assert_eq!(
            messages(kind, name),
            [format!(
                "metric name `{name}` holds the metric type `{word}`"
            )]
        );
    }
    assert_eq!(
        messages(Kind::Counter, "http_requests_counter"),
        [
            "metric name `http_requests_counter` holds the metric type `counter`",
            "counter `http_requests_counter` does not end in `_total`",
        ]
    );
}

#[test]
fn spelling() {
    for (name, message) in [
        (
            "request_duration::_seconds",
            "metric name `request_duration::_seconds` contains `:`",
        ),
        (
            "requestDuration_seconds",
            "metric name `requestDuration_seconds` is not snake_case",
        ),
    ] {
        assert_eq!(messages(Kind::Histogram, name), [message]);
    }
    assert!(messages(Kind::Histogram, "request_duration_seconds").is_empty());
}

#[test]
fn labels() {
    for (label, message) in [
        ("le", "label `le` is reserved for histogram buckets"),
        ("quantile", "label `quantile` is reserved for summaries"),
        ("httpService", "label `httpService` is not snake_case"),
    ] {
        let findings = check_label_name(Profile::Prometheus, label, Openness::Open);
        assert_eq!(findings.len(), 1, "{label}");
        assert_eq!(findings[0].message, message);
    }
    assert!(check_label_name(Profile::Prometheus, "http_service", Openness::Open).is_empty());
}

#[test]
fn help() {
    assert_eq!(
        check_help("go_goroutines", "", &[])[0].message,
        "metric `go_goroutines` has no help text"
    );
    assert!(
        check_help(
            "go_goroutines",
            "Number of goroutines that currently exist.",
            &[]
        )
        .is_empty()
    );
}
