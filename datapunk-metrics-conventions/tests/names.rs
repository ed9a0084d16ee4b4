//! Metric names by example: what is said of each, and what is proposed.

use datapunk_metrics_conventions::{Kind, MetricFacts, Profile, Rule, check_metric_name};

struct Row {
    kind: Kind,
    name: &'static str,
    unit: Option<&'static str>,
    in_flight: bool,
    findings: &'static [(Rule, &'static str)],
    fix: &'static str,
}

const fn row(
    kind: Kind,
    name: &'static str,
    findings: &'static [(Rule, &'static str)],
    fix: &'static str,
) -> Row {
    Row {
        kind,
        name,
        unit: None,
        in_flight: false,
        findings,
        fix,
    }
}

const fn of_unit(
    unit: &'static str,
    name: &'static str,
    findings: &'static [(Rule, &'static str)],
    fix: &'static str,
) -> Row {
    Row {
        kind: Kind::Histogram,
        name,
        unit: Some(unit),
        in_flight: false,
        findings,
        fix,
    }
}

const fn in_flight(
    name: &'static str,
    findings: &'static [(Rule, &'static str)],
    fix: &'static str,
) -> Row {
    Row {
        kind: Kind::Gauge,
        name,
        unit: None,
        in_flight: true,
        findings,
        fix,
    }
}

fn check(profile: Profile, rows: &[Row]) {
    for row in rows {
        let Row {
            kind,
            name,
            unit,
            in_flight,
            ..
        } = *row;
        let found = check_metric_name(&MetricFacts {
            profile,
            kind,
            name,
            unit,
            in_flight,
        });
        let findings: Vec<_> = found
            .iter()
            .map(|found| (found.rule, found.message.as_str()))
            .collect();
        assert_eq!(findings, row.findings, "{name}");
        for found in &found {
            assert_eq!(found.fix.as_deref(), Some(row.fix), "{name}");
        }
    }
}

use Kind::{Counter, Gauge, Histogram, Info, Ratio, State};
use Rule::{Format, Naming, Suffix, Unit};

#[test]
fn spelling() {
    check(
        Profile::Datapunk,
        &[
            row(
                Counter,
                "httpRequests_total",
                &[(Naming, "metric name `httpRequests_total` is not snake_case")],
                "http_requests_total",
            ),
            row(
                Counter,
                "lake_requestsTotal",
                &[(Naming, "metric name `lake_requestsTotal` is not snake_case")],
                "lake_requests_total",
            ),
            row(
                Counter,
                "lake__requests_total",
                &[(
                    Naming,
                    "metric name `lake__requests_total` is not snake_case",
                )],
                "lake_requests_total",
            ),
            row(
                Counter,
                "_lake_requests_total",
                &[(
                    Naming,
                    "metric name `_lake_requests_total` is not snake_case",
                )],
                "lake_requests_total",
            ),
            row(
                Counter,
                "lake:requests_total",
                &[(Naming, "metric name `lake:requests_total` contains `:`")],
                "lake_requests_total",
            ),
            row(
                Counter,
                "lake-requests_total",
                &[(Format, "metric name `lake-requests_total` contains `-`")],
                "lake_requests_total",
            ),
            row(
                Counter,
                "2xx_responses_total",
                &[(
                    Format,
                    "metric name `2xx_responses_total` begins with a digit",
                )],
                "app_2xx_responses_total",
            ),
            row(
                Gauge,
                "größe_bytes",
                &[(Format, "metric name `größe_bytes` contains `ö`")],
                "gr_e_bytes",
            ),
        ],
    );
}

#[test]
fn counters() {
    check(
        Profile::Datapunk,
        &[
            row(Counter, "http_requests_total", &[], ""),
            row(Counter, "process_cpu_seconds_total", &[], ""),
            row(Counter, "cpu_seconds_total", &[], ""),
            row(
                Counter,
                "http_requests",
                &[(Format, "counter `http_requests` does not end in `_total`")],
                "http_requests_total",
            ),
            row(
                Counter,
                "http_requests_count",
                &[(
                    Format,
                    "counter `http_requests_count` does not end in `_total`",
                )],
                "http_requests_total",
            ),
            row(
                Counter,
                "http_total_requests",
                &[(
                    Format,
                    "counter `http_total_requests` does not end in `_total`",
                )],
                "http_requests_total",
            ),
            row(
                Counter,
                "requests_total",
                &[(
                    Naming,
                    "counter `requests_total` has one segment before `_total`",
                )],
                "app_requests_total",
            ),
            row(
                Counter,
                "http_requests_counter",
                &[
                    (
                        Naming,
                        "metric name `http_requests_counter` holds the metric type `counter`",
                    ),
                    (
                        Format,
                        "counter `http_requests_counter` does not end in `_total`",
                    ),
                ],
                "http_requests_total",
            ),
        ],
    );
}

#[test]
fn gauges() {
    check(
        Profile::Datapunk,
        &[
            row(Gauge, "disk_free_bytes", &[], ""),
            row(Gauge, "process_open_fds", &[], ""),
            row(Gauge, "queue_messages_current", &[], ""),
            row(
                Gauge,
                "queue_messages",
                &[(
                    Suffix,
                    "gauge `queue_messages` does not end in a base unit, `_current`, `_status`, `_state` or `_up`",
                )],
                "queue_messages_current",
            ),
            row(
                Gauge,
                "queue_messages_total",
                &[(
                    Suffix,
                    "gauge `queue_messages_total` ends in `_total`, which is kept for counters",
                )],
                "queue_messages_current",
            ),
            row(
                Gauge,
                "queue_size_bytes_count",
                &[(
                    Suffix,
                    "gauge `queue_size_bytes_count` ends in `_count`, which is kept for the lines of a histogram",
                )],
                "queue_size_bytes",
            ),
            row(
                Gauge,
                "queue_bytes_max",
                &[(
                    Suffix,
                    "gauge `queue_bytes_max` does not end in a base unit, `_current`, `_status`, `_state` or `_up`",
                )],
                "queue_max_bytes",
            ),
            row(
                Gauge,
                "memory_gauge_bytes",
                &[(
                    Naming,
                    "metric name `memory_gauge_bytes` holds the metric type `gauge`",
                )],
                "memory_bytes",
            ),
            row(
                Gauge,
                "up",
                &[(Naming, "metric name `up` has one segment")],
                "service_up",
            ),
            row(
                Gauge,
                "cpu_usage_percent",
                &[(
                    Unit,
                    "metric `cpu_usage_percent` uses `percent`, which is not a base unit",
                )],
                "cpu_usage_ratio",
            ),
            row(
                Gauge,
                "room_temperature_kelvin",
                &[(
                    Unit,
                    "metric `room_temperature_kelvin` uses `kelvin`, which is not a base unit",
                )],
                "room_temperature_celsius",
            ),
            in_flight("http_requests_in_flight_current", &[], ""),
            in_flight(
                "http_requests_in_flight",
                &[(
                    Suffix,
                    "in-flight gauge `http_requests_in_flight` does not end in `_current`",
                )],
                "http_requests_in_flight_current",
            ),
            in_flight(
                "http_requests",
                &[(
                    Suffix,
                    "in-flight gauge `http_requests` does not end in `_current`",
                )],
                "http_requests_in_flight_current",
            ),
        ],
    );
}

#[test]
fn histograms() {
    check(
        Profile::Datapunk,
        &[
            of_unit("seconds", "http_request_duration_seconds", &[], ""),
            of_unit("", "batch_size", &[], ""),
            of_unit("", "consumer_batch_items", &[], ""),
            of_unit("decibels", "block_loudness_decibels", &[], ""),
            row(Histogram, "block_size", &[], ""),
            of_unit(
                "seconds",
                "http_request_duration_ms",
                &[(
                    Unit,
                    "metric `http_request_duration_ms` uses `ms`, which is not a base unit",
                )],
                "http_request_duration_seconds",
            ),
            of_unit(
                "seconds",
                "http_request_duration",
                &[(
                    Suffix,
                    "histogram `http_request_duration` does not end in `_seconds`",
                )],
                "http_request_duration_seconds",
            ),
            of_unit(
                "seconds",
                "http_request_seconds_duration",
                &[(
                    Suffix,
                    "histogram `http_request_seconds_duration` does not end in `_seconds`",
                )],
                "http_request_duration_seconds",
            ),
            of_unit(
                "seconds",
                "object_size_bytes",
                &[(
                    Format,
                    "histogram `object_size_bytes` ends in `_bytes`, but its values are seconds",
                )],
                "object_size_seconds",
            ),
            of_unit(
                "",
                "object_size_bytes",
                &[(
                    Format,
                    "histogram `object_size_bytes` ends in `_bytes`, but its values have no unit",
                )],
                "object_size",
            ),
            of_unit(
                "bytes",
                "object_size_count",
                &[(
                    Suffix,
                    "histogram `object_size_count` ends in `_count`, which is kept for the lines of a histogram",
                )],
                "object_size_bytes",
            ),
            of_unit(
                "decibels",
                "block_loudness",
                &[(
                    Suffix,
                    "histogram `block_loudness` does not end in `_decibels`",
                )],
                "block_loudness_decibels",
            ),
            row(
                Histogram,
                "model_latency",
                &[(
                    Suffix,
                    "histogram `model_latency` does not end in a base unit, `_size`, `_length` or `_items`",
                )],
                "model_latency_seconds",
            ),
            of_unit(
                "bytes",
                "object_size_kb",
                &[(
                    Unit,
                    "metric `object_size_kb` uses `kb`, which is not a base unit",
                )],
                "object_size_bytes",
            ),
        ],
    );
}

#[test]
fn ratios_states_and_infos() {
    check(
        Profile::Datapunk,
        &[
            row(Ratio, "cache_hit_ratio", &[], ""),
            row(
                Ratio,
                "cache_hit_rate",
                &[(Suffix, "ratio `cache_hit_rate` does not end in `_ratio`")],
                "cache_hit_ratio",
            ),
            row(
                Ratio,
                "cache_hit_percent",
                &[(
                    Unit,
                    "metric `cache_hit_percent` uses `percent`, which is not a base unit",
                )],
                "cache_hit_ratio",
            ),
            row(State, "circuit_breaker_state", &[], ""),
            row(State, "etl_job_status", &[], ""),
            row(
                State,
                "circuit_breaker",
                &[(
                    Suffix,
                    "state `circuit_breaker` does not end in `_state` or `_status`",
                )],
                "circuit_breaker_state",
            ),
            row(
                State,
                "etl_job_current",
                &[(
                    Suffix,
                    "state `etl_job_current` does not end in `_state` or `_status`",
                )],
                "etl_job_state",
            ),
            row(Info, "build_info", &[], ""),
            row(
                Info,
                "build",
                &[(Format, "info `build` does not end in `_info`")],
                "build_info",
            ),
            row(
                Info,
                "info",
                &[(Naming, "metric name `info` has one segment")],
                "app_info",
            ),
        ],
    );
}

#[test]
fn several_mistakes_are_several_findings() {
    check(
        Profile::Datapunk,
        &[of_unit(
            "seconds",
            "lake_searchDuration_histogram_ms_sum",
            &[
                (
                    Naming,
                    "metric name `lake_searchDuration_histogram_ms_sum` is not snake_case",
                ),
                (
                    Naming,
                    "metric name `lake_searchDuration_histogram_ms_sum` holds the metric type `histogram`",
                ),
                (
                    Unit,
                    "metric `lake_searchDuration_histogram_ms_sum` uses `ms`, which is not a base unit",
                ),
                (
                    Suffix,
                    "histogram `lake_searchDuration_histogram_ms_sum` ends in `_sum`, which is kept for the lines of a histogram",
                ),
            ],
            "lake_search_duration_seconds",
        )],
    );
}

#[test]
fn the_other_profile_takes_other_names() {
    check(
        Profile::Prometheus,
        &[
            row(Counter, "requests_total", &[], ""),
            row(Gauge, "up", &[], ""),
            row(
                Gauge,
                "node_memory_HugePages__free",
                &[(
                    Naming,
                    "metric name `node_memory_HugePages__free` is not snake_case",
                )],
                "node_memory_huge_pages_free",
            ),
            row(Gauge, "queue_messages", &[], ""),
            row(Gauge, "go_info", &[], ""),
            row(Histogram, "tsdb_compaction_duration", &[], ""),
            row(
                Info,
                "build",
                &[(Format, "info `build` does not end in `_info`")],
                "build_info",
            ),
            of_unit(
                "seconds",
                "object_bytes",
                &[(
                    Format,
                    "histogram `object_bytes` ends in `_bytes`, but its values are seconds",
                )],
                "object_seconds",
            ),
        ],
    );
}

/// Section by section, every metric that the standard itself defines.
#[test]
fn the_standards_own_metrics_pass() {
    for (kind, unit, names) in [
        (
            Counter,
            None,
            &[
                "http_requests_total",
                "process_cpu_seconds_total",
                "network_errors_total",
                "cache_requests_total",
                "cache_evictions_total",
                "retry_attempts_total",
                "auth_attempts_total",
                "auth_failures_total",
                "storage_operations_total",
                "events_processed_total",
                "inference_requests_total",
                "datapunk_metrics_folded_samples_total",
            ][..],
        ),
        (
            Gauge,
            None,
            &[
                "service_up",
                "health_status",
                "last_check_timestamp_seconds",
                "process_cpu_cores",
                "process_memory_bytes",
                "process_open_fds",
                "process_max_fds",
                "process_threads",
                "process_start_time_seconds",
                "disk_free_bytes",
                "disk_total_bytes",
                "stream_lag_seconds",
                "datapunk_metrics_series_current",
                "datapunk_metrics_series_limit_current",
            ],
        ),
        (
            Histogram,
            Some("seconds"),
            &[
                "http_request_duration_seconds",
                "vector_search_duration_seconds",
                "model_latency_seconds",
            ],
        ),
        (Histogram, Some("bytes"), &["http_request_size_bytes"]),
        (Ratio, None, &["cache_hit_ratio"]),
        (State, None, &["circuit_breaker_state", "etl_job_status"]),
    ] {
        for name in names {
            let facts = MetricFacts {
                profile: Profile::Datapunk,
                kind,
                name,
                unit,
                in_flight: false,
            };
            assert_eq!(check_metric_name(&facts), [], "{name}");
        }
    }
}
