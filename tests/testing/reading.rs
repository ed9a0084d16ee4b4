//! Snapshots, differences, the registry of the program, and its lint.

use std::time::Duration;

use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::testing::{assert_metric, lint, value};
use datapunk_metrics::{Counter, Gauge, Histogram, MetricSet, Registry, Seconds};

use crate::{Labels, READ_OK, SCOPED, Scoped, WRITE_OK, failure, registry_of, snapshot, work};

#[test]
fn a_difference_shows_what_changed_and_reads_what_did_not() {
    #[derive(MetricSet)]
    #[metrics(namespace = "differ")]
    struct Differ {
        /// Operations.
        operations_total: Counter<Labels>,
        /// Waiting.
        waiting_current: Gauge,
        /// Heat.
        oven_celsius: Gauge<(), f64>,
        /// Read at each scrape.
        #[metric(read = level)]
        level_ratio: Gauge<(), f64>,
        /// Time.
        #[metric(buckets = [0.1, 1.0])]
        wait_duration_seconds: Histogram<Seconds>,
    }
    fn level() -> Option<f64> {
        (Differ::METRICS.waiting_current.get().is_none()).then_some(0.5)
    }
    let registry = registry_of::<Differ>();
    Differ::METRICS.oven_celsius.set(180.5);
    let before = snapshot(&registry);
    assert_eq!(
        snapshot(&registry).since(&before).to_string(),
        "nothing changed\n"
    );
    assert!(snapshot(&registry).since(&before).is_empty());

    Differ::METRICS.operations_total.with(WRITE_OK).add(3);
    Differ::METRICS.waiting_current.set(0);
    Differ::METRICS.oven_celsius.sub(80.25);
    Differ::METRICS
        .wait_duration_seconds
        .observe(Duration::from_millis(250));
    let difference = snapshot(&registry).since(&before);
    let expected = "differ_level_ratio -0.5 (0.5 -> absent)\n\
         differ_operations_total{operation=\"write\",status=\"ok\"} +3 (0 -> 3)\n\
         differ_oven_celsius -80.25 (180.5 -> 100.25)\n\
         differ_wait_duration_seconds_bucket{le=\"1\"} +1 (0 -> 1)\n\
         differ_wait_duration_seconds_bucket{le=\"+Inf\"} +1 (0 -> 1)\n\
         differ_wait_duration_seconds_sum +0.25 (0 -> 0.25)\n\
         differ_wait_duration_seconds_count +1 (0 -> 1)\n\
         differ_waiting_current +0 (absent -> 0)\n";
    assert_eq!(difference.to_string(), expected);
    assert_eq!(format!("{difference:?}"), expected);
    assert_metric!(in difference, "differ_operations_total", WRITE_OK, == 3);
    assert_metric!(in difference, "differ_operations_total", READ_OK, == 0);
    assert_metric!(in difference, "differ_level_ratio", (), absent);
    let operations = difference
        .changes()
        .iter()
        .find(|change| change.name() == "differ_operations_total")
        .expect("it changed");
    assert_eq!(operations.values(), Some((Some(0.0), Some(3.0))));
    assert!(
        operations
            .labels()
            .eq([("operation", "write"), ("status", "ok")])
    );
    assert!(
        snapshot(&registry)
            .to_string()
            .contains("\ndiffer_waiting_current 0\n")
    );
}

#[test]
fn the_program_is_read_where_no_registry_is_named() {
    #[derive(MetricSet)]
    #[metrics(namespace = "program")]
    struct Program {
        /// Visits.
        visits_seen_total: Counter,
    }
    Program::METRICS.visits_seen_total.add(7);
    assert!((value("program_visits_seen_total", ()) - 7.0).abs() < f64::EPSILON);
    assert_metric!("program_visits_seen_total", (), == 7);
    assert_eq!(
        failure(|| {
            let _ = value("program_visit_seen_total", ());
        }),
        "no metric is named `program_visit_seen_total`\n\
         help: a metric with a similar name exists: `program_visits_seen_total`\n\
         note: its series are:\n      program_visits_seen_total 7"
    );
}

#[test]
fn a_snapshot_has_the_series_and_values_of_an_exposition() {
    work();
    SCOPED.waiting_current.set(-3);
    let registry = registry_of::<Scoped>();
    // Other tests record in between, but not so often that two readings never meet.
    let meet = (0..1000).any(|_| {
        let text = encode(&registry, Format::Text).expect("no reader panics");
        let shown = text.lines().filter(|line| !line.starts_with('#'));
        snapshot(&registry).to_string().lines().eq(shown)
    });
    assert!(meet, "{}", snapshot(&registry));
}

/// What a build may set, and did not.
const BRANCH: &str = "";

#[derive(MetricSet)]
#[metrics(namespace = "linted")]
struct OfTheBuild {
    /// Visits, by branch.
    #[metric(labels(branch = BRANCH))]
    visits_seen_total: Counter,
}

#[test]
fn every_other_set_of_this_program_keeps_the_standard() {
    let others = Registry::linked(|set| set.name != "OfTheBuild").expect("no two sets clash");
    assert!(others.sets().len() > 5);
    lint(&others).assert_none();
}

#[test]
fn a_lint_sees_what_the_macro_could_not() {
    OfTheBuild::METRICS.visits_seen_total.inc();
    let findings = lint(&registry_of::<OfTheBuild>());
    assert_eq!(
        findings.to_string(),
        format!(
            "label value is empty (rule `label`)\n\
             note: it is on label `branch` of metric `linted_visits_seen_total`\n\
             note: a label without a value is the same as no label\n\
             help: write `none`\n  \
             --> {}",
            OfTheBuild::DESCRIPTOR.metrics[0].location
        )
    );
}
