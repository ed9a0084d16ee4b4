//! The sets against the table of the documentation, and that against the standard's own.

use std::collections::BTreeSet;

use datapunk_metrics::{Kind, MetricDescriptor, MetricSet, SetDescriptor, host, process, standard};
use support::standard::{Row, original, table};

use crate::{Breakers, Caches, Jobs, Lags, Logins, Retries};

/// What a set of the standard is called in the table, and what it declares.
fn sets() -> Vec<(&'static str, &'static SetDescriptor)> {
    vec![
        ("AuthMetrics", standard::AuthMetrics::DESCRIPTOR),
        ("BreakerMetrics", standard::BreakerMetrics::DESCRIPTOR),
        ("CacheMetrics", standard::CacheMetrics::DESCRIPTOR),
        ("DiskMetrics", host::DiskMetrics::DESCRIPTOR),
        ("NetworkMetrics", host::NetworkMetrics::DESCRIPTOR),
        ("EtlMetrics", standard::EtlMetrics::DESCRIPTOR),
        ("HttpClientMetrics", standard::HttpClientMetrics::DESCRIPTOR),
        ("HttpMetrics", standard::HttpMetrics::DESCRIPTOR),
        ("LagMetrics", standard::LagMetrics::DESCRIPTOR),
        ("ProcessMetrics", process::ProcessMetrics::DESCRIPTOR),
        ("RetryMetrics", standard::RetryMetrics::DESCRIPTOR),
        (
            "ServiceHealthMetrics",
            standard::ServiceHealthMetrics::DESCRIPTOR,
        ),
        // The same, made from enums.
        ("AuthMetrics", Logins::DESCRIPTOR),
        ("BreakerMetrics", Breakers::DESCRIPTOR),
        ("CacheMetrics", Caches::DESCRIPTOR),
        ("EtlMetrics", Jobs::DESCRIPTOR),
        ("LagMetrics", Lags::DESCRIPTOR),
        ("RetryMetrics", Retries::DESCRIPTOR),
    ]
}

/// What differs between a row of the table and a descriptor.
fn differences(row: &Row, metric: &MetricDescriptor) -> Vec<String> {
    let mut differences = Vec::new();
    let mut differ = |what: &str, table: String, code: String| {
        if table != code {
            differences.push(format!(
                "{} {what}: {table} in the table, {code} in code",
                row.metric
            ));
        }
    };
    differ("kind", row.kind.clone(), metric.kind.as_str().to_owned());
    let names: Vec<&str> = metric.labels.iter().map(|label| label.name).collect();
    let in_table: Vec<&str> = row.labels.iter().map(|(name, _)| name.as_str()).collect();
    differ("labels", format!("{in_table:?}"), format!("{names:?}"));
    for ((_, values), label) in row.labels.iter().zip(metric.labels) {
        if !values.is_empty() {
            differ(
                "values",
                format!("{values:?}"),
                format!("{:?}", label.values),
            );
        }
    }
    if metric.kind == Kind::Histogram {
        differ(
            "buckets",
            format!("{:?}", row.buckets()),
            format!("{:?}", Some(metric.buckets)),
        );
    }
    if metric.kind == Kind::State {
        let states: Vec<_> = metric
            .states
            .iter()
            .map(|state| (state.name.to_owned(), state.value))
            .collect();
        differ(
            "states",
            format!("{:?}", row.states()),
            format!("{:?}", (states, metric.initial)),
        );
    }
    if row.values.contains("aggregate is known") {
        let known = metric.labels[0].open.map(|open| open.known);
        differ(
            "known values",
            format!("{:?}", Some(["aggregate"])),
            format!("{known:?}"),
        );
    }
    differences
}

#[test]
fn the_sets_are_those_of_the_table() {
    let table = table();
    assert!(table.len() > 30, "{} rows", table.len());
    for (set, descriptor) in sets() {
        let rows: Vec<&Row> = table.iter().filter(|row| row.set == set).collect();
        let names: BTreeSet<&str> = rows.iter().map(|row| row.metric.as_str()).collect();
        let declared: BTreeSet<&str> = descriptor
            .metrics
            .iter()
            .map(|metric| metric.name)
            .collect();
        assert_eq!(names, declared, "{set}");
        for row in rows {
            let metric = descriptor
                .metrics
                .iter()
                .find(|metric| metric.name == row.metric);
            assert_eq!(
                differences(row, metric.expect("the names are equal")),
                Vec::<String>::new()
            );
        }
    }
    let known: BTreeSet<&str> = sets().iter().map(|(set, _)| *set).collect();
    let others: BTreeSet<&str> = table
        .iter()
        .map(|row| row.set.as_str())
        .filter(|set| !known.contains(set))
        .collect();
    let services = BTreeSet::from([
        "the service cortex",
        "the service lake",
        "the service stream",
    ]);
    assert_eq!(others, services, "a set of the table that nobody declares");
}

/// What the sets have beside the standard's own: the layers' requests in flight, and the requests that a service sends.
const ADDED: [&str; 4] = [
    "http_client_request_duration_seconds",
    "http_client_requests_in_flight_current",
    "http_client_requests_total",
    "http_requests_in_flight_current",
];

#[test]
fn the_table_is_that_of_the_standard() {
    let (table, original) = (table(), original());
    assert!(original.len() >= 29, "{original:?}");
    for named in &original {
        let rows: Vec<&Row> = table
            .iter()
            .filter(|row| row.metric == named.metric)
            .collect();
        assert!(!rows.is_empty(), "{} is missing", named.metric);
        let Some((kind, labels)) = &named.kind else {
            continue;
        };
        for row in rows {
            let names: Vec<&String> = row.labels.iter().map(|(name, _)| name).collect();
            assert_eq!(&row.kind, kind, "{}", named.metric);
            assert_eq!(names, Vec::from_iter(labels), "{}", named.metric);
        }
    }
    let others: BTreeSet<&str> = table
        .iter()
        .map(|row| row.metric.as_str())
        .filter(|metric| original.iter().all(|named| named.metric != *metric))
        .collect();
    assert_eq!(others, BTreeSet::from(ADDED));
    // The standard's text is read as it is meant.
    let of = |metric: &str| original.iter().find(|named| named.metric == metric);
    let kind = |metric: &str| of(metric).and_then(|named| named.kind.clone());
    let labels = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect();
    for (metric, expected) in [
        ("service_up", Some(("gauge", vec![]))),
        ("disk_free_bytes", Some(("gauge", vec!["mountpoint"]))),
        (
            "cache_requests_total",
            Some(("counter", vec!["cache", "result"])),
        ),
        ("circuit_breaker_state", Some(("state", vec!["upstream"]))),
        ("process_max_fds", None),
    ] {
        let expected = expected.map(|(kind, names)| (kind.to_owned(), labels(&names)));
        assert_eq!(kind(metric), expected, "{metric}");
    }
    assert!(of("method").is_none() && of("max_series").is_none());
}

#[test]
fn a_difference_from_the_table_is_seen() {
    let table = table();
    let row = |metric: &str| {
        table
            .iter()
            .find(|row| row.metric == metric)
            .expect("it is there")
            .clone()
    };
    let (set, other) = (
        standard::BreakerMetrics::DESCRIPTOR,
        standard::HttpMetrics::DESCRIPTOR,
    );
    let state = row("circuit_breaker_state");
    assert!(differences(&state, &set.metrics[0]).is_empty());
    let wrong = Row {
        values: state.values.replace("initially 2", "initially 0"),
        ..state.clone()
    };
    assert_eq!(differences(&wrong, &set.metrics[0]).len(), 1);
    let wrong = Row {
        labels: Vec::new(),
        kind: "gauge".to_owned(),
        ..state
    };
    assert_eq!(differences(&wrong, &set.metrics[0]).len(), 2);
    let seconds = row("http_request_duration_seconds");
    assert!(differences(&seconds, &other.metrics[1]).is_empty());
    let wrong = Row {
        values: seconds.values.replace("0.5", "0.6"),
        ..seconds
    };
    assert_eq!(differences(&wrong, &other.metrics[1]).len(), 1);
}
