//! Registries that check nothing, on our endpoint.

use std::borrow::Cow;
use std::sync::{Mutex, RwLock};

use ::prometheus_client::encoding::EncodeMetric;
use ::prometheus_client::metrics::counter::Counter as TheirCounter;
use ::prometheus_client::metrics::exemplar::{CounterWithExemplar, HistogramWithExemplars};
use ::prometheus_client::metrics::family::Family;
use ::prometheus_client::metrics::gauge::Gauge as TheirGauge;
use ::prometheus_client::metrics::histogram::Histogram as TheirHistogram;
use ::prometheus_client::metrics::info::Info as TheirInfo;
use ::prometheus_client::registry::Unit;

use super::*;
use crate::foreign::{ForeignMetrics, Reason, Refusal, RefusalLabels};

type Labels = Vec<(String, String)>;

fn labels(pairs: &[(&str, &str)]) -> Labels {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

/// Every kind of metric.
fn every_kind() -> Existing {
    let mut existing = Existing::with_prefix("mill");
    let sacks: Family<Labels, TheirCounter> = Family::default();
    sacks
        .get_or_create(&labels(&[("grain", "a \"b\"\\c\nd"), ("wheel", "1")]))
        .inc_by(u64::MAX);
    existing.register("sacks", "Sacks ground.", sacks);
    let power: TheirCounter<f64> = TheirCounter::default();
    power.inc_by(1.5);
    existing.register_with_unit("power", "Energy used", Unit::Joules, power);
    let level: TheirGauge = TheirGauge::default();
    level.set(-3);
    existing.register("level", "Level of\nthe pond", level);
    let time = TheirHistogram::new([0.5, 1.0]);
    for value in [0.25, 0.75, 3.0] {
        time.observe(value);
    }
    existing.register_with_unit("time", "Time of a turn", Unit::Seconds, time);
    existing.register(
        "build",
        "Build",
        TheirInfo::new(labels(&[("version", "1")])),
    );
    existing
}

#[test]
fn every_kind_is_shown_in_both_formats() {
    let registry = Registry::new();
    assert_eq!(attach(&registry, Arc::new(every_kind())), []);
    let text = encode(&registry, Format::Text).unwrap();
    let (_, theirs) = text.split_once("# HELP mill").unwrap();
    assert_eq!(
        format!("# HELP mill{theirs}"),
        "# HELP mill_build_info Build.\n\
         # TYPE mill_build_info gauge\n\
         mill_build_info{version=\"1\"} 1\n\
         # HELP mill_level Level of\\nthe pond.\n\
         # TYPE mill_level gauge\n\
         mill_level -3\n\
         # HELP mill_power_joules_total Energy used.\n\
         # TYPE mill_power_joules_total counter\n\
         mill_power_joules_total 1.5\n\
         # HELP mill_sacks_total Sacks ground.\n\
         # TYPE mill_sacks_total counter\n\
         mill_sacks_total{grain=\"a \\\"b\\\"\\\\c\\nd\",wheel=\"1\"} 18446744073709551615\n\
         # HELP mill_time_seconds Time of a turn.\n\
         # TYPE mill_time_seconds histogram\n\
         mill_time_seconds_bucket{le=\"0.5\"} 1\n\
         mill_time_seconds_bucket{le=\"1\"} 2\n\
         mill_time_seconds_bucket{le=\"+Inf\"} 3\n\
         mill_time_seconds_sum 4\n\
         mill_time_seconds_count 3\n"
    );
    let open_metrics = encode(&registry, Format::OpenMetrics).unwrap();
    for part in [
        "# TYPE mill_build info\nmill_build_info{version=\"1\"} 1\n",
        "# TYPE mill_power_joules counter\n# UNIT mill_power_joules joules\nmill_power_joules_total 1.5\n",
        "mill_time_seconds_bucket{le=\"1.0\"} 2\n",
    ] {
        assert!(
            open_metrics.contains(part),
            "{part}is not in\n{open_metrics}"
        );
    }
    assert!(open_metrics.ends_with("\n# EOF\n"));
}

#[test]
fn exemplars_are_shown_in_open_metrics_unless_they_are_too_long() {
    let mut existing = Existing::default();
    let counter: CounterWithExemplar<Labels> = CounterWithExemplar::default();
    counter.inc_by(2, Some(labels(&[("trace_id", "a\"b")])), None);
    existing.register("turns", "Turns", counter);
    let long: CounterWithExemplar<Labels> = CounterWithExemplar::default();
    long.inc_by(1, Some(labels(&[("trace_id", &"x".repeat(121))])), None);
    existing.register("stops", "Stops", long);
    let histogram = HistogramWithExemplars::<Labels>::new([1.0].into_iter());
    histogram.observe(0.5, Some(labels(&[("trace_id", "cd")])), None);
    existing.register("width", "Width", histogram);
    let registry = Registry::new();
    assert_eq!(attach(&registry, Arc::new(existing)), []);
    let open_metrics = encode(&registry, Format::OpenMetrics).unwrap();
    for line in [
        "\nturns_total 2 # {trace_id=\"a\\\"b\"} 2\n",
        "\nstops_total 1\n",
        "\nwidth_bucket{le=\"1.0\"} 1 # {trace_id=\"cd\"} 0.5\n",
    ] {
        assert!(
            open_metrics.contains(line),
            "{line}is not in\n{open_metrics}"
        );
    }
    assert!(!encode(&registry, Format::Text).unwrap().contains(" # {"));
}

/// Metrics of a barn.
#[derive(MetricSet)]
#[metrics(namespace = "barn", crate = crate)]
struct BarnMetrics {
    /// Doors opened.
    doors_opened_total: Counter,
    /// Time of a door.
    door_duration_seconds: Histogram<Seconds>,
}

#[test]
fn what_would_break_an_exposition_is_left_out_and_counted() {
    let mut existing = Existing::default();
    let counter = || TheirCounter::<u64>::default();
    let gauge = || TheirGauge::<i64>::default();
    existing.register("barn_doors_opened", "Taken by a set", counter());
    existing.register(
        "barn_door_duration_seconds_count",
        "Taken by a sample",
        gauge(),
    );
    existing.register("bad name!", "Not a name", counter());
    existing.register("2nd", "Not a name", gauge());
    existing.register("line\nfeed", "Not a name", gauge());
    existing.register("eggs", "Eggs", counter());
    existing.register("eggs", "Once more", counter());
    existing.register("eggs_total", "Another kind", gauge());
    let family: Family<Labels, TheirGauge> = Family::default();
    for bad in ["le", "bad name", "__name__", "2nd", ""] {
        let _ = family.get_or_create(&labels(&[(bad, "x")]));
    }
    let _ = family.get_or_create(&labels(&[("a", "x"), ("a", "y")]));
    let _ = family.get_or_create(&labels(&[("good", "x")]));
    existing.register("hens", "Hens", family);
    let below: TheirCounter<f64> = TheirCounter::default();
    below.inc_by(-1.0);
    existing.register("losses", "Losses", below);
    existing.register("cows", "Cows", gauge());

    let registry = Registry::new();
    registry.register::<BarnMetrics>().unwrap();
    let left_out = attach(&registry, Arc::new(existing));
    let mut reasons: Vec<_> = left_out
        .iter()
        .map(|refusal| (refusal.reason(), refusal.metric()))
        .collect();
    reasons.sort_by_key(|(reason, _)| *reason as usize);
    assert_eq!(
        reasons,
        [
            (Reason::Name, "bad name!_total"),
            (Reason::Name, "2nd"),
            (Reason::Taken, "barn_doors_opened_total"),
            (Reason::Taken, "barn_door_duration_seconds_count"),
            (Reason::Taken, "eggs_total"),
            (Reason::Label, "hens"),
            (Reason::Label, "hens"),
            (Reason::Label, "hens"),
            (Reason::Label, "hens"),
            (Reason::Label, "hens"),
            (Reason::Label, "hens"),
            (Reason::Twice, "eggs_total"),
            (Reason::Value, "losses_total"),
            (Reason::Unreadable, "# TYPE line"),
            (Reason::Unreadable, "feed gauge"),
            (Reason::Unreadable, "line"),
            (Reason::Unreadable, "feed 0"),
        ]
    );
    assert_eq!(
        left_out
            .iter()
            .find(|refusal| refusal.metric() == "eggs_total" && refusal.reason() == Reason::Taken)
            .map(ToString::to_string)
            .as_deref(),
        Some(
            "metric `eggs_total` of a `prometheus_client` registry is left out: another metric has the name, or \
             samples of that name\nhelp: rename one of the two, or give the other registry a prefix"
        )
    );

    let labels = RefusalLabels {
        origin: Origin::PrometheusClient,
        reason: Reason::Label,
    };
    let refused = ForeignMetrics::METRICS.foreign_refused_total.with(labels);
    let before = refused.get();
    let text = encode(&registry, Format::Text).unwrap();
    assert_eq!(refused.get(), before + 6);
    // The exposition that leaves it out says so.
    let count = format!(
        "{{origin=\"prometheus_client\",reason=\"label\"}} {}\n",
        before + 6
    );
    assert!(text.contains(&count), "{count}is not in\n{text}");
    let names: Vec<_> = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.starts_with("datapunk_metrics_"))
        .filter(|line| !line.starts_with("barn_"))
        .collect();
    assert_eq!(names, ["cows 0", "eggs_total 0", "hens{good=\"x\"} 0"]);
    assert_eq!(text.matches("barn_doors_opened_total 0\n").count(), 1);
}

#[test]
fn parts_of_one_family_are_joined() {
    let mut existing = Existing::default();
    for shard in ["a", "b"] {
        let label = (Cow::Borrowed("shard"), Cow::Borrowed(shard));
        let part = existing.sub_registry_with_label(label);
        part.register("eggs", "Eggs", TheirCounter::<u64>::default());
    }
    let registry = Registry::new();
    assert_eq!(attach(&registry, Arc::new(existing)), []);
    let text = encode(&registry, Format::Text).unwrap();
    let joined =
        "# TYPE eggs_total counter\neggs_total{shard=\"a\"} 0\neggs_total{shard=\"b\"} 0\n";
    assert!(text.contains(joined), "{text}");
    assert_eq!(text.matches("TYPE eggs_total").count(), 1);
}

#[test]
fn each_is_shown_once_where_both_are_attached_to_each_other() {
    let registry = Arc::new(Registry::new());
    registry.register::<BarnMetrics>().unwrap();
    let mut existing = Existing::default();
    existing.register("eggs", "Eggs", TheirCounter::<u64>::default());
    existing.register_collector(Box::new(RegistryCollector::new(Arc::clone(&registry))));
    let existing = Arc::new(Mutex::new(existing));
    assert_eq!(attach(&registry, Arc::clone(&existing)), []);

    let ours = encode(&registry, Format::OpenMetrics).unwrap();
    let mut theirs = String::new();
    text::encode(&mut theirs, &existing.lock().unwrap()).unwrap();
    for exposition in [ours, theirs] {
        for name in ["eggs_total 0\n", "barn_doors_opened_total 0\n"] {
            assert_eq!(exposition.matches(name).count(), 1, "{name}: {exposition}");
        }
    }
}

#[derive(Debug)]
struct Panics;

impl ::prometheus_client::collector::Collector for Panics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let metric = TheirGauge::<i64>::default();
        let before = encoder.encode_descriptor("before", "Before", None, metric.metric_type())?;
        metric.encode(before)?;
        panic!("at the second metric")
    }
}

#[test]
fn a_panic_of_theirs_leaves_ours() {
    let mut existing = Existing::default();
    existing.register_collector(Box::new(Panics));
    let registry = Registry::new();
    registry.register::<BarnMetrics>().unwrap();
    let left_out = attach(&registry, Arc::new(RwLock::new(existing)));
    assert_eq!(left_out.len(), 1);
    assert_eq!(left_out[0].reason(), Reason::Panicked);
    let text = encode(&registry, Format::Text).unwrap();
    assert!(text.contains("barn_doors_opened_total 0\n"));
    assert!(text.contains("{origin=\"prometheus_client\",reason=\"panicked\"}"));
}

#[test]
fn series_that_are_one_without_a_secret_are_added_up() {
    let mut existing = Existing::with_prefix("gate");
    let visits: Family<Labels, TheirCounter> = Family::default();
    let levels: Family<Labels, TheirGauge> = Family::default();
    let times: Family<Labels, TheirHistogram, fn() -> TheirHistogram> =
        Family::new_with_constructor(|| TheirHistogram::new([0.5]));
    for (visitor, count) in [("jane@example.com", 2), ("joe@example.com", 3), ("gate", 7)] {
        let labels = labels(&[("visitor", visitor)]);
        visits.get_or_create(&labels).inc_by(count);
        levels.get_or_create(&labels).set(1);
        times.get_or_create(&labels).observe(0.25);
    }
    existing.register("visits", "Visits, of jane@example.com too", visits);
    existing.register("levels", "Levels", levels);
    existing.register("times", "Times", times);
    let registry = Registry::new();
    let left_out = attach(&registry, Arc::new(existing));
    // The last of two gauges says nothing of the other.
    let reasons: Vec<_> = left_out.iter().map(Refusal::reason).collect();
    assert_eq!(reasons, [Reason::Twice]);
    let text = encode(&registry, Format::Text).unwrap();
    for line in [
        "# HELP gate_visits_total Visits, of [REDACTED] too.\n",
        "gate_visits_total{visitor=\"[REDACTED]\"} 5\n",
        "gate_visits_total{visitor=\"gate\"} 7\n",
        "gate_times_bucket{visitor=\"[REDACTED]\",le=\"0.5\"} 2\n",
        "gate_times_sum{visitor=\"[REDACTED]\"} 0.5\n",
        "gate_levels{visitor=\"[REDACTED]\"} 1\n",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let masked = ForeignMetrics::METRICS.foreign_texts_masked_total;
    assert!(masked.get() >= 7, "{}", masked.get());
}
