//! Whole expositions, byte for byte.

mod pieces;

use std::sync::Mutex;

use datapunk_metrics_conventions::{Kind, Profile, Retention};

use super::*;
use crate::cells::{Cell, Number, Storage};
use crate::descriptor::{Lifecycle, Location, MetricDescriptor, SetDescriptor};
use crate::labels::LabelDescriptor;
use crate::set::{MetricEntry, SetEntry, Source};
use crate::unit::EncodingKind;

const RESULT: LabelDescriptor = LabelDescriptor {
    name: "result",
    hash: 0,
    values: &["hit", "miss"],
    variants: &["Hit", "Miss"],
    sparse: false,
    open: None,
    waivers: &[],
};
const SIZE: LabelDescriptor = LabelDescriptor {
    name: "size",
    hash: 0,
    values: &["small", "large", "\"huge\""],
    variants: &["Small", "Large", "Huge"],
    sparse: false,
    open: None,
    waivers: &[],
};

/// A metric without labels, whose numbers are unsigned.
fn metric(name: &'static str, kind: Kind, unit: &'static str) -> MetricDescriptor {
    MetricDescriptor {
        name,
        hash: 0,
        pairs: 0,
        halves: 0,
        help: "Some \"help\".",
        kind,
        number: Number::Unsigned,
        encoding: EncodingKind::Float,
        unit,
        labels: &[],
        constant_labels: &[],
        buckets: &[],
        states: &[],
        initial: None,
        zero: &[],
        max_series: 1000,
        retention: Retention::HighFrequency,
        lifecycle: &Lifecycle::Stable,
        objective: None,
        waivers: &[],
        location: Location {
            module: "tests",
            file: "tests.rs",
            line: 1,
        },
    }
}

/// Cells with these numbers.
fn cells<const N: usize>(numbers: [u64; N]) -> Source {
    let storage: &'static Storage = Box::leak(Box::new(Storage::<[Cell; N]>::new()));
    for (cell, number) in numbers.into_iter().enumerate() {
        let cell = storage.shared(cell).unwrap();
        cell.store(number, core::sync::atomic::Ordering::Relaxed);
    }
    Source::Cells(storage)
}

static KEPT: Mutex<Vec<&'static SetEntry>> = Mutex::new(Vec::new());

/// A registry of one set. The derive has rules for what a metric may be; here it may be anything.
fn registry_of(metrics: Vec<(MetricDescriptor, Source)>) -> Registry {
    let metrics = metrics
        .into_iter()
        .map(|(descriptor, source)| MetricEntry {
            descriptor: Box::leak(Box::new(descriptor)),
            former: None,
            source,
        })
        .collect::<Vec<_>>();
    let descriptor = SetDescriptor {
        name: "Tests",
        help: "",
        namespace: "",
        profile: Profile::Prometheus,
        location: metrics[0].descriptor.location,
        metrics: &[],
        nested: &[],
    };
    let entry = SetEntry {
        descriptor: Box::leak(Box::new(descriptor)),
        metrics: metrics.leak(),
        nested: &[],
        secret_prefixes: &[],
    };
    let entry: &'static SetEntry = Box::leak(Box::new(entry));
    // Where a leak detector sees that it is still there.
    KEPT.lock().unwrap().push(entry);
    let registry = Registry::new();
    registry.register_entry(entry).unwrap();
    registry
}

fn every_kind() -> Registry {
    registry_of(vec![
        (
            MetricDescriptor {
                constant_labels: &[("version", "1.2.3"), ("path", "C:\\\n\"x\"")],
                ..metric("build_info", Kind::Info, "")
            },
            Source::Constant,
        ),
        (
            MetricDescriptor {
                number: Number::Float,
                ..metric("cache_hit_ratio", Kind::Ratio, "ratio")
            },
            cells([0.25_f64.to_bits()]),
        ),
        (
            MetricDescriptor {
                labels: &[RESULT, SIZE],
                ..metric("cache_lookups_total", Kind::Counter, "")
            },
            cells([0, 1, 2, 3, 4, 5].map(|less| u64::MAX - less)),
        ),
        (
            MetricDescriptor {
                labels: &[RESULT],
                number: Number::Signed,
                ..metric("job_state", Kind::State, "state")
            },
            cells([7, 0, (-2_i64).cast_unsigned(), 1]),
        ),
        (
            MetricDescriptor {
                number: Number::Float,
                ..metric("pump_cpu_seconds_total", Kind::Counter, "seconds")
            },
            cells([1.5_f64.to_bits()]),
        ),
        (
            metric("pump_pressure_current", Kind::Gauge, ""),
            cells([0, 0]),
        ),
        (
            MetricDescriptor {
                buckets: &[0.001, 0.5, 1.0, 1e6],
                encoding: EncodingKind::Nanoseconds,
                ..metric("wait_duration_seconds", Kind::Histogram, "seconds")
            },
            cells([1, 0, 2, 0, 3, 3_000_001_250_000_000]),
        ),
        (
            MetricDescriptor {
                labels: &[RESULT],
                buckets: &[256.0],
                encoding: EncodingKind::Whole,
                ..metric("zone_size_bytes", Kind::Histogram, "bytes")
            },
            cells([0, 0, 0, 5, 1, 1024]),
        ),
    ])
}

#[test]
fn text_has_every_kind() {
    assert_eq!(
        encode(&every_kind(), Format::Text).unwrap(),
        r#"# HELP build_info Some "help".
# TYPE build_info gauge
build_info{version="1.2.3",path="C:\\\n\"x\""} 1
# HELP cache_hit_ratio Some "help".
# TYPE cache_hit_ratio gauge
cache_hit_ratio 0.25
# HELP cache_lookups_total Some "help".
# TYPE cache_lookups_total counter
cache_lookups_total{result="hit",size="small"} 18446744073709551615
cache_lookups_total{result="hit",size="large"} 18446744073709551614
cache_lookups_total{result="hit",size="\"huge\""} 18446744073709551613
cache_lookups_total{result="miss",size="small"} 18446744073709551612
cache_lookups_total{result="miss",size="large"} 18446744073709551611
cache_lookups_total{result="miss",size="\"huge\""} 18446744073709551610
# HELP datapunk_metrics_clamped_samples_total Samples that were recorded as the largest value that is counted exactly, by metric.
# TYPE datapunk_metrics_clamped_samples_total counter
datapunk_metrics_clamped_samples_total{metric="wait_duration_seconds"} 0
# HELP datapunk_metrics_refused_samples_total Samples that were not recorded, because they had no place in the metric, by metric.
# TYPE datapunk_metrics_refused_samples_total counter
datapunk_metrics_refused_samples_total{metric="pump_cpu_seconds_total"} 0
datapunk_metrics_refused_samples_total{metric="zone_size_bytes"} 0
# HELP job_state Some "help".
# TYPE job_state gauge
job_state{result="miss"} -2
# HELP pump_cpu_seconds_total Some "help".
# TYPE pump_cpu_seconds_total counter
pump_cpu_seconds_total 1.5
# HELP pump_pressure_current Some "help".
# TYPE pump_pressure_current gauge
# HELP wait_duration_seconds Some "help".
# TYPE wait_duration_seconds histogram
wait_duration_seconds_bucket{le="0.001"} 1
wait_duration_seconds_bucket{le="0.5"} 1
wait_duration_seconds_bucket{le="1"} 3
wait_duration_seconds_bucket{le="1e+06"} 3
wait_duration_seconds_bucket{le="+Inf"} 6
wait_duration_seconds_sum 3000001.25
wait_duration_seconds_count 6
# HELP zone_size_bytes Some "help".
# TYPE zone_size_bytes histogram
zone_size_bytes_bucket{result="hit",le="256"} 0
zone_size_bytes_bucket{result="hit",le="+Inf"} 0
zone_size_bytes_sum{result="hit"} 0
zone_size_bytes_count{result="hit"} 0
zone_size_bytes_bucket{result="miss",le="256"} 5
zone_size_bytes_bucket{result="miss",le="+Inf"} 6
zone_size_bytes_sum{result="miss"} 1024
zone_size_bytes_count{result="miss"} 6
"#
    );
}

#[test]
fn open_metrics_has_every_kind() {
    assert_eq!(
        encode(&every_kind(), Format::OpenMetrics).unwrap(),
        r#"# HELP build Some \"help\".
# TYPE build info
build_info{version="1.2.3",path="C:\\\n\"x\""} 1
# HELP cache_hit_ratio Some \"help\".
# TYPE cache_hit_ratio gauge
# UNIT cache_hit_ratio ratio
cache_hit_ratio 0.25
# HELP cache_lookups Some \"help\".
# TYPE cache_lookups counter
cache_lookups_total{result="hit",size="small"} 18446744073709551615
cache_lookups_total{result="hit",size="large"} 18446744073709551614
cache_lookups_total{result="hit",size="\"huge\""} 18446744073709551613
cache_lookups_total{result="miss",size="small"} 18446744073709551612
cache_lookups_total{result="miss",size="large"} 18446744073709551611
cache_lookups_total{result="miss",size="\"huge\""} 18446744073709551610
# HELP datapunk_metrics_clamped_samples Samples that were recorded as the largest value that is counted exactly, by metric.
# TYPE datapunk_metrics_clamped_samples counter
datapunk_metrics_clamped_samples_total{metric="wait_duration_seconds"} 0
# HELP datapunk_metrics_refused_samples Samples that were not recorded, because they had no place in the metric, by metric.
# TYPE datapunk_metrics_refused_samples counter
datapunk_metrics_refused_samples_total{metric="pump_cpu_seconds_total"} 0
datapunk_metrics_refused_samples_total{metric="zone_size_bytes"} 0
# HELP job_state Some \"help\".
# TYPE job_state gauge
job_state{result="miss"} -2
# HELP pump_cpu_seconds Some \"help\".
# TYPE pump_cpu_seconds counter
# UNIT pump_cpu_seconds seconds
pump_cpu_seconds_total 1.5
# HELP pump_pressure_current Some \"help\".
# TYPE pump_pressure_current gauge
# HELP wait_duration_seconds Some \"help\".
# TYPE wait_duration_seconds histogram
# UNIT wait_duration_seconds seconds
wait_duration_seconds_bucket{le="0.001"} 1
wait_duration_seconds_bucket{le="0.5"} 1
wait_duration_seconds_bucket{le="1.0"} 3
wait_duration_seconds_bucket{le="1e+06"} 3
wait_duration_seconds_bucket{le="+Inf"} 6
wait_duration_seconds_sum 3000001.25
wait_duration_seconds_count 6
# HELP zone_size_bytes Some \"help\".
# TYPE zone_size_bytes histogram
# UNIT zone_size_bytes bytes
zone_size_bytes_bucket{result="hit",le="256.0"} 0
zone_size_bytes_bucket{result="hit",le="+Inf"} 0
zone_size_bytes_sum{result="hit"} 0
zone_size_bytes_count{result="hit"} 0
zone_size_bytes_bucket{result="miss",le="256.0"} 5
zone_size_bytes_bucket{result="miss",le="+Inf"} 6
zone_size_bytes_sum{result="miss"} 1024
zone_size_bytes_count{result="miss"} 6
# EOF
"#
    );
}

#[test]
fn open_metrics_has_no_sum_of_negative_values() {
    let registry = registry_of(vec![(
        MetricDescriptor {
            buckets: &[-30.0, 0.0],
            ..metric("block_loudness_decibels", Kind::Histogram, "decibels")
        },
        cells([1, 1, 1, (-41.5_f64).to_bits()]),
    )]);
    let buckets = "block_loudness_decibels_bucket{le=\"0.0\"} 2\nblock_loudness_decibels_bucket{le=\"+Inf\"} 3\n";
    assert!(
        encode(&registry, Format::OpenMetrics)
            .unwrap()
            .contains(&format!("{buckets}# EOF\n"))
    );
    assert!(
        encode(&registry, Format::Text)
            .unwrap()
            .contains("block_loudness_decibels_sum -41.5\nblock_loudness_decibels_count 3\n")
    );
}

#[test]
fn a_name_without_its_suffix_has_no_type_that_demands_it() {
    for (name, kind) in [("requests", Kind::Counter), ("build", Kind::Info)] {
        let registry = registry_of(vec![(metric(name, kind, ""), Source::Constant)]);
        assert_eq!(
            encode(&registry, Format::OpenMetrics).unwrap(),
            format!("# HELP {name} Some \\\"help\\\".\n# TYPE {name} unknown\n{name} 1\n# EOF\n")
        );
    }
}

#[test]
fn a_unit_is_named_only_if_the_name_ends_in_it() {
    for (name, unit) in [
        ("queue_length", "bytes"),
        ("megabytes", "bytes"),
        ("queue_length", ""),
    ] {
        let registry = registry_of(vec![(metric(name, Kind::Gauge, unit), cells([0, 0]))]);
        let text = encode(&registry, Format::OpenMetrics).unwrap();
        assert!(!text.contains("UNIT"), "{name} {unit}");
    }
}

#[test]
fn an_empty_registry_is_an_empty_exposition() {
    let registry = Registry::new();
    assert_eq!(encode(&registry, Format::Text).as_deref(), Ok(""));
    assert_eq!(
        encode(&registry, Format::OpenMetrics).as_deref(),
        Ok("# EOF\n")
    );
}

#[test]
fn what_was_there_before_stays_before_the_exposition() {
    let registry = Registry::new();
    let mut text = "é".to_owned();
    encode_into(&registry, Format::OpenMetrics, &mut text).unwrap();
    assert_eq!(text, "é# EOF\n");
}
