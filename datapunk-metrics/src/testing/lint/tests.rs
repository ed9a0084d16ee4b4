//! What the macros refuse can still be in a registry: these sets are written by hand.

use super::*;
use crate::cells::Number;
use crate::cells::{Cell, Storage};
use crate::labels::LabelDescriptor;
use crate::metric::{Counter, Metric, RawReadings};
use crate::set::{MetricEntry, SetEntry, Source};
use crate::{Histogram, SetDescriptor};

const METRIC: MetricDescriptor = MetricDescriptor {
    name: "shop_orders_total",
    help: "Orders taken.",
    max_series: 1000,
    location: Location {
        module: "shop::metrics",
        file: "src/metrics.rs",
        line: 7,
    },
    ..<Counter as Metric>::DESCRIPTOR
};

const HISTOGRAM: MetricDescriptor = MetricDescriptor {
    name: "shop_order_duration_seconds",
    kind: Kind::Histogram,
    number: Number::Unsigned,
    unit: <Histogram<crate::Seconds> as Metric>::UNIT,
    buckets: &[0.1, 1.0],
    ..METRIC
};

const PLACE: &str = "\n  --> src/metrics.rs:7 (module `shop::metrics`)";

fn label(name: &'static str, values: &'static [&'static str]) -> LabelDescriptor {
    LabelDescriptor {
        name,
        hash: 0,
        values,
        variants: values,
        sparse: false,
        open: None,
        waivers: &[],
    }
}

/// The findings in a registry of these metrics.
fn findings(metrics: Vec<MetricDescriptor>) -> Findings {
    findings_from(metrics, Source::Constant)
}

fn findings_from(metrics: Vec<MetricDescriptor>, source: Source) -> Findings {
    let metrics: &'static [MetricDescriptor] = metrics.leak();
    let entries = metrics.iter().map(|descriptor| MetricEntry {
        descriptor,
        former: None,
        source,
    });
    let descriptor = Box::leak(Box::new(SetDescriptor {
        name: "ShopMetrics",
        help: "",
        namespace: "shop",
        profile: Profile::Datapunk,
        location: METRIC.location,
        metrics,
        nested: &[],
    }));
    let registry = Registry::new();
    let entry = Box::leak(Box::new(SetEntry {
        descriptor,
        metrics: entries.collect::<Vec<_>>().leak(),
        nested: &[],
        secret_prefixes: &[],
    }));
    registry
        .register_entry(entry)
        .expect("no two have one name");
    lint(&registry)
}

/// The one finding about a metric, as text.
#[track_caller]
fn only(metric: MetricDescriptor) -> String {
    let findings = findings(vec![metric]);
    assert_eq!(findings.len(), 1, "{findings}");
    findings.to_string()
}

#[test]
fn a_registry_that_keeps_the_standard_has_no_findings() {
    let findings = findings(vec![METRIC, HISTOGRAM]);
    assert_eq!(findings.to_string(), "no findings");
    findings.assert_none();
}

#[test]
fn a_name_is_held_to_the_standard_with_its_repair() {
    let found = findings(vec![MetricDescriptor {
        name: "shop_orders",
        ..METRIC
    }]);
    assert_eq!(
        found.to_string(),
        format!(
            "counter `shop_orders` does not end in `_total` (rule `format`)\n\
             note: OpenMetrics refuses a counter without it\n\
             help: write `shop_orders_total`{PLACE}"
        )
    );
    let first = found.iter().next().expect("one");
    assert_eq!(first.rule(), Some("format"));
    assert_eq!(first.metric(), "shop_orders");
    assert_eq!(first.location().line, 7);
}

#[test]
fn a_waiver_is_kept_where_the_rule_can_be_waived() {
    let wait = MetricDescriptor {
        name: "shop_wait_minutes_total",
        ..METRIC
    };
    assert_eq!(
        findings(vec![wait]).iter().next().expect("one").rule(),
        Some("unit")
    );
    let waived = MetricDescriptor {
        waivers: &[Waiver {
            rule: "unit",
            reason: "the till counts in minutes",
        }],
        ..wait
    };
    findings(vec![waived]).assert_none();
    let not_waivable = MetricDescriptor {
        help: " ",
        waivers: &[Waiver {
            rule: "help",
            reason: "none",
        }],
        ..METRIC
    };
    assert_eq!(
        only(not_waivable),
        format!(
            "metric `shop_orders_total` has no help text (rule `help`)\n\
             help: add a doc comment that says what is measured{PLACE}"
        )
    );
}

#[test]
fn labels_and_their_values_are_looked_at() {
    let with = |labels: Vec<LabelDescriptor>| MetricDescriptor {
        labels: labels.leak(),
        ..METRIC
    };
    assert_eq!(
        only(with(vec![label("le", &["a"])])),
        format!(
            "label `le` is reserved for histogram buckets (rule `label`)\n\
             note: it is on label `le` of metric `shop_orders_total`\n\
             help: write `limit`{PLACE}"
        )
    );
    assert!(only(with(vec![label("user_email", &["a"])])).contains("(rule `personal_data`)"));
    assert_eq!(
        only(with(vec![label("till", &["a"]), label("till", &["b"])])),
        format!(
            "metric `shop_orders_total` has label `till` twice (rule `duplicate`)\n\
             help: rename one of the two{PLACE}"
        )
    );
    let of_the_build = MetricDescriptor {
        constant_labels: &[("branch", "")],
        ..METRIC
    };
    assert!(only(of_the_build).contains("note: it is on label `branch` of metric"));
}

#[test]
fn a_budget_counts_the_lines_of_all_series() {
    let metric = MetricDescriptor {
        labels: vec![label("till", &["a", "b", "c"])].leak(),
        max_series: 10,
        ..HISTOGRAM
    };
    assert_eq!(
        only(metric),
        format!(
            "metric `shop_order_duration_seconds` can have 15 series, and its budget is 10 (rule `cardinality`)\n\
             help: use labels with fewer values, or write `max_series = 15`{PLACE}"
        )
    );
}

#[test]
fn buckets_rise() {
    let metric = MetricDescriptor {
        buckets: &[1.0, 0.1],
        ..HISTOGRAM
    };
    assert_eq!(
        only(metric),
        format!(
            "bucket bound `0.1` is below the bound before it, `1.0` (rule `buckets`)\n\
             note: it is of histogram `shop_order_duration_seconds`\n\
             help: write `buckets = [0.1, 1.0]`{PLACE}"
        )
    );
}

#[test]
fn a_metric_named_as_a_series_of_a_histogram_is_found() {
    let sum = MetricDescriptor {
        name: "shop_order_duration_seconds_sum",
        kind: Kind::Gauge,
        ..METRIC
    };
    let findings = findings(vec![HISTOGRAM, sum]);
    let duplicate = findings
        .iter()
        .find(|finding| finding.rule() == Some("duplicate"));
    assert_eq!(
        duplicate.expect("one is").to_string(),
        format!(
            "gauge `shop_order_duration_seconds_sum` has the name of a series of histogram \
             `shop_order_duration_seconds` (rule `duplicate`)\n\
             note: the histogram is declared at src/metrics.rs:7 (module `shop::metrics`)\n\
             help: rename one of the two{PLACE}"
        )
    );
}

#[test]
fn a_scrape_time_function_that_panics_is_found() {
    static NO_CELLS: Storage<[Cell; 0]> = Storage::new();

    fn read(_: &mut RawReadings) {
        panic!("no till is open");
    }
    let findings = findings_from(vec![METRIC], Source::Read(read, &NO_CELLS));
    assert_eq!(
        findings.to_string(),
        format!(
            "the function that reads metric `shop_orders_total` panicked: no till is open\n\
             help: return `None` where there is no value{PLACE}"
        )
    );
    assert_eq!(findings.iter().next().expect("one").rule(), None);
}

#[test]
#[should_panic(
    expected = "the registry breaks the standard\ncounter `shop_orders` does not end in `_total`"
)]
fn findings_can_fail_a_test() {
    findings(vec![MetricDescriptor {
        name: "shop_orders",
        ..METRIC
    }])
    .assert_none();
}
