//! Whole expositions, byte for byte.

use datapunk_metrics_conventions::Kind;

use super::*;
use crate::collect::{Head, HistogramValue, SeriesLabels, Value, Visitor};
use crate::labels::LabelDescriptor;

const RESULT: LabelDescriptor = LabelDescriptor {
    name: "result",
    values: &["hit", "miss"],
    variants: &["Hit", "Miss"],
    sparse: false,
    waivers: &[],
};
const SIZE: LabelDescriptor = LabelDescriptor {
    name: "size",
    values: &["small", "large", "\"huge\""],
    variants: &["Small", "Large", "Huge"],
    sparse: false,
    waivers: &[],
};

fn series(labels: &'static [LabelDescriptor], index: usize) -> SeriesLabels<'static> {
    SeriesLabels {
        constant: &[],
        labels,
        index,
    }
}

fn constant(constant: &'static [(&'static str, &'static str)]) -> SeriesLabels<'static> {
    SeriesLabels {
        constant,
        labels: &[],
        index: 0,
    }
}

fn head(name: &'static str, kind: Kind, unit: &'static str) -> Head<'static> {
    Head {
        name,
        help: "Some \"help\".",
        kind,
        unit,
    }
}

fn written(format: Format, visit: impl Fn(&mut dyn FnMut(Step))) -> String {
    let mut exposition = Exposition::new(format);
    visit(&mut |step| match step {
        Step::Family(head) => exposition.family(head),
        Step::Number(labels, value) => exposition.number(labels, value),
        Step::Histogram(labels, bounds, buckets, sum) => {
            exposition.histogram(
                labels,
                HistogramValue {
                    bounds,
                    buckets,
                    sum,
                },
            );
        }
    });
    exposition.finish()
}

/// What a visitor is shown.
enum Step {
    Family(Head<'static>),
    Number(SeriesLabels<'static>, Value),
    Histogram(SeriesLabels<'static>, &'static [f64], &'static [u64], f64),
}

fn every_kind(show: &mut dyn FnMut(Step)) {
    show(Step::Family(head("build_info", Kind::Info, "")));
    show(Step::Number(
        constant(&[("version", "1.2.3"), ("path", "C:\\\n\"x\"")]),
        Value::Unsigned(1),
    ));
    show(Step::Family(head("cache_hit_ratio", Kind::Ratio, "ratio")));
    show(Step::Number(series(&[], 0), Value::Float(0.25)));
    show(Step::Family(head("cache_lookups_total", Kind::Counter, "")));
    for index in 0..6 {
        let value = Value::Unsigned(u64::MAX - index as u64);
        show(Step::Number(series(&[RESULT, SIZE], index), value));
    }
    show(Step::Family(head("job_state", Kind::State, "state")));
    show(Step::Number(series(&[RESULT], 1), Value::Signed(-2)));
    show(Step::Family(head(
        "pump_cpu_seconds_total",
        Kind::Counter,
        "seconds",
    )));
    show(Step::Number(series(&[], 0), Value::Float(1.5)));
    show(Step::Family(head("pump_pressure_current", Kind::Gauge, "")));
    show(Step::Family(head(
        "wait_duration_seconds",
        Kind::Histogram,
        "seconds",
    )));
    show(Step::Histogram(
        series(&[], 0),
        &[0.001, 0.5, 1.0, 1e6],
        &[1, 0, 2, 0, 3],
        3_000_001.25,
    ));
    show(Step::Family(head(
        "zone_size_bytes",
        Kind::Histogram,
        "bytes",
    )));
    show(Step::Histogram(
        series(&[RESULT], 0),
        &[256.0],
        &[0, 0],
        0.0,
    ));
    show(Step::Histogram(
        series(&[RESULT], 1),
        &[256.0],
        &[5, 1],
        1024.0,
    ));
}

#[test]
fn text_has_every_kind() {
    assert_eq!(
        written(Format::Text, every_kind),
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
zone_size_bytes_sum{result="hit"} 0.0
zone_size_bytes_count{result="hit"} 0
zone_size_bytes_bucket{result="miss",le="256"} 5
zone_size_bytes_bucket{result="miss",le="+Inf"} 6
zone_size_bytes_sum{result="miss"} 1024.0
zone_size_bytes_count{result="miss"} 6
"#
    );
}

#[test]
fn open_metrics_has_every_kind() {
    assert_eq!(
        written(Format::OpenMetrics, every_kind),
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
zone_size_bytes_sum{result="hit"} 0.0
zone_size_bytes_count{result="hit"} 0
zone_size_bytes_bucket{result="miss",le="256.0"} 5
zone_size_bytes_bucket{result="miss",le="+Inf"} 6
zone_size_bytes_sum{result="miss"} 1024.0
zone_size_bytes_count{result="miss"} 6
# EOF
"#
    );
}

#[test]
fn open_metrics_has_no_sum_of_negative_values() {
    let visit = |show: &mut dyn FnMut(Step)| {
        show(Step::Family(head(
            "block_loudness_decibels",
            Kind::Histogram,
            "decibels",
        )));
        show(Step::Histogram(
            series(&[], 0),
            &[-30.0, 0.0],
            &[1, 1, 1],
            -41.5,
        ));
    };
    let buckets = "block_loudness_decibels_bucket{le=\"0.0\"} 2\nblock_loudness_decibels_bucket{le=\"+Inf\"} 3\n";
    assert!(written(Format::OpenMetrics, visit).ends_with(&format!("{buckets}# EOF\n")));
    assert!(
        written(Format::Text, visit)
            .ends_with("block_loudness_decibels_sum -41.5\nblock_loudness_decibels_count 3\n")
    );
}

#[test]
fn a_name_without_its_suffix_has_no_type_that_demands_it() {
    for (name, kind) in [("requests", Kind::Counter), ("build", Kind::Info)] {
        let visit = |show: &mut dyn FnMut(Step)| {
            show(Step::Family(head(name, kind, "")));
            show(Step::Number(series(&[], 0), Value::Unsigned(1)));
        };
        assert_eq!(
            written(Format::OpenMetrics, visit),
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
        let visit = |show: &mut dyn FnMut(Step)| show(Step::Family(head(name, Kind::Gauge, unit)));
        assert!(
            !written(Format::OpenMetrics, visit).contains("UNIT"),
            "{name} {unit}"
        );
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
