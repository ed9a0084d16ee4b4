//! The schema lock: what breaks queries, and whose.

use std::fs;

use datapunk_metrics::artifacts::{Catalogue, Lock};
use datapunk_metrics::{
    Bytes, Counter, Gauge, Histogram, LabelSet, LabelValue, MetricSet, Outcome, Registry,
    Retention, Seconds, State, StateValue, testing,
};
use tempfile::TempDir;

use super::{lake, path, stand_alone};

const RULES: &str = r#"
groups:
  - name: storage
    rules:
      - record: job:storage_operations:rate5m
        expr: sum by (job) (rate(storage_operations_total[5m]))
      - alert: StorageFails
        expr: sum(rate(storage_operations_total{status="error"}[5m])) > 1
        annotations: {summary: the lake_objects_current text is no query}
      - alert: Unrelated
        expr: up == 0
"#;

const DASHBOARD: &str = r#"{"title": "lake", "panels": [
  {"title": "Row", "panels": [{"title": "Storage operations", "targets": [
    {"expr": "sum by (operation) (rate(storage_operations_total{service=~\"$service\"}[$__rate_interval]))"}]}]},
  {"title": "Objects", "targets": [{"expr": "lake_objects_current"}]}]}"#;

fn catalogue<S: MetricSet>() -> Catalogue {
    let registry = Registry::new();
    registry.register::<S>().expect("one set does not clash");
    Catalogue::of("shop", &registry)
}

/// The changes between two sets, each with the word that says whether it breaks queries.
fn changes<Before: MetricSet, Now: MetricSet>() -> Vec<String> {
    let before = Lock::of(&[catalogue::<Before>()]);
    let now = Lock::of(&[catalogue::<Now>()]);
    // What was written is what is read.
    assert_eq!(Lock::from_text(&before.to_text()), Ok(before.clone()));
    before
        .changes(&now)
        .iter()
        .map(|change| change.report(&[]))
        .collect()
}

#[derive(Clone, Copy, LabelValue)]
#[expect(dead_code, reason = "only its values are compared")]
enum Kind {
    Small,
    Large,
}

#[derive(Clone, Copy, LabelValue)]
#[expect(dead_code, reason = "only its values are compared")]
enum FewerKinds {
    Small,
}

#[derive(Clone, Copy, LabelSet)]
struct Labels {
    kind: Kind,
    outcome: Outcome,
}

#[derive(Clone, Copy, LabelSet)]
struct OtherLabels {
    kind: FewerKinds,
    urgent: bool,
}

#[derive(Clone, Copy, StateValue)]
enum Door {
    Open = 0,
    Shut = 1,
}

#[derive(Clone, Copy, StateValue)]
enum OtherDoor {
    Open = 2,
}

#[derive(MetricSet)]
#[metrics(namespace = "shop")]
struct Before {
    /// Orders.
    orders_taken_total: Counter<Labels>,
    /// Time of an order.
    #[metric(buckets = [0.1, 0.5, 1.0], allow(duplicate, reason = "before and now"))]
    order_duration_seconds: Histogram<Seconds>,
    /// Guests.
    #[metric(allow(duplicate, reason = "before and now"))]
    guests_current: Gauge,
    /// The door.
    #[metric(initial = Shut, allow(duplicate, reason = "before and now"))]
    door_state: State<Door>,
    /// Goes.
    #[metric(deprecated = "nobody looks", until = "9.0.0")]
    visits_made_total: Counter,
    /// Renamed once already.
    #[metric(
        renamed_from = "shop_former_current",
        until = "9.0.0",
        allow(duplicate, reason = "before and now")
    )]
    later_current: Gauge,
    /// Stays as it is, but for how long it is kept.
    #[metric(allow(duplicate, reason = "before and now"))]
    stock_bytes: Gauge,
}

mod now {
    use super::*;

    #[derive(MetricSet)]
    #[metrics(namespace = "shop")]
    pub(super) struct Now {
        /// Orders, renamed without a window.
        orders_accepted_total: Counter<OtherLabels>,
        /// Other buckets.
        #[metric(buckets = [0.1, 0.25, 1.0], allow(duplicate, reason = "before and now"))]
        order_duration_seconds: Histogram<Seconds>,
        /// Another kind.
        #[metric(buckets = [1.0], name = "guests_current", allow(suffix, reason = "before and now"), allow(duplicate, reason = "before and now"))]
        guests: Histogram<Bytes>,
        /// Another number.
        #[metric(initial = Open, allow(duplicate, reason = "before and now"))]
        door_state: State<OtherDoor>,
        /// The window is over.
        #[metric(allow(duplicate, reason = "before and now"))]
        later_current: Gauge,
        /// Kept longer.
        #[metric(retention = compliance, allow(duplicate, reason = "before and now"))]
        stock_bytes: Gauge,
        /// New.
        parcels_sent_total: Counter,
    }
}

#[test]
fn each_change_is_named_and_weighed() {
    assert_eq!(changes::<Before, Before>(), Vec::<String>::new());
    assert_eq!(
        Before::DESCRIPTOR.metrics[0].retention,
        Retention::HighFrequency
    );
    let found = changes::<Before, now::Now>();
    for expected in [
        "breaking: shop: metric `shop_orders_taken_total` is removed\nhelp: if it is `shop_orders_accepted_total` now, \
         keep both names for a while: `#[metric(renamed_from = \"shop_orders_taken_total\", until = \"…\")]`",
        "breaking: shop: metric `shop_order_duration_seconds` has lost `0.5` of its buckets",
        "breaking: shop: metric `shop_guests_current` is a histogram, and was a gauge",
        "breaking: shop: metric `shop_guests_current` has the unit `bytes`, and had none",
        "breaking: shop: metric `shop_door_state` has number 2 for state `open`, and had 0",
        "breaking: shop: metric `shop_door_state` has lost state `shut`",
        "breaking: shop: metric `shop_visits_made_total` is removed, as announced",
        "breaking: shop: `shop_former_current`, the former name of metric `shop_later_current`, is removed, as announced",
        "fine: shop: metric `shop_stock_bytes` is kept as compliance, and was as high_frequency",
        "fine: shop: metric `shop_parcels_sent_total` is new",
        "fine: shop: metric `shop_orders_accepted_total` is new",
    ] {
        assert!(
            found.iter().any(|change| change.starts_with(expected)),
            "{expected}\nis not in\n{}",
            found.join("\n")
        );
    }
}

#[test]
fn labels_are_compared_by_name_and_value() {
    #[derive(MetricSet)]
    #[metrics(namespace = "stall")]
    struct Before {
        /// Sales.
        #[metric(allow(duplicate, reason = "before and now"))]
        sales_made_total: Counter<Labels>,
    }
    mod now {
        use super::*;

        #[derive(MetricSet)]
        #[metrics(namespace = "stall")]
        pub(super) struct Now {
            /// Sales.
            #[metric(allow(duplicate, reason = "before and now"))]
            sales_made_total: Counter<OtherLabels>,
        }
    }
    assert_eq!(
        changes::<Before, now::Now>(),
        [
            "breaking: shop: metric `stall_sales_made_total` has lost `large` of label `kind`",
            "breaking: shop: metric `stall_sales_made_total` has lost label `outcome`",
            "breaking: shop: metric `stall_sales_made_total` has a new label `urgent`",
        ]
    );
}

/// The metrics of the examples, held to the lock that is committed. It fails with what a change in them would break.
#[test]
fn the_examples_keep_their_lock() {
    let deploy = support::workspace().join("examples/deploy");
    let lock = deploy.join("metrics.lock");
    let binaries = ["lake", "stream", "cortex"].map(super::program);
    let mut arguments = Vec::new();
    for binary in &binaries {
        arguments.extend(["--from", path(binary)]);
    }
    let (rules, dashboards) = (
        deploy.join("prometheus/rules"),
        deploy.join("grafana/dashboards"),
    );
    arguments.extend(["diff", path(&lock), "--used-in", path(&dashboards)]);
    if rules.exists() {
        arguments.extend(["--used-in", path(&rules)]);
    }
    let (code, out, err) = stand_alone(&arguments);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
}

#[test]
fn a_lock_is_held_against_the_metrics_or_against_another_lock() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = |name: &str| folder.path().join(name);
    let lock = file("metrics.lock");
    let (code, _, err) = lake(&["lock", "--out", path(&lock)]);
    assert_eq!((code, err.as_str()), (0, ""));
    let (code, out, _) = lake(&["diff", path(&lock)]);
    assert_eq!((code, out.as_str()), (0, "no changes\n"));

    // What is new breaks nothing.
    let text = fs::read_to_string(&lock).expect("it is there");
    let fewer = file("fewer.lock");
    let (before, from) = text
        .split_once("    storage_operations_total:\n")
        .expect("it is locked");
    let rest = from
        .find("\n    vector_search")
        .expect("another metric follows");
    fs::write(&fewer, format!("{before}{}", &from[rest + 1..])).expect("it is written");
    let (code, out, _) = lake(&["diff", path(&fewer)]);
    assert_eq!(
        (code, out.as_str()),
        (0, "fine: lake: metric `storage_operations_total` is new\n")
    );
    // The other way round it is gone, from a folded row of a dashboard too.
    fs::write(file("alerts.yml"), RULES).expect("it is written");
    fs::write(file("lake.json"), DASHBOARD).expect("it is written");
    let arguments = [
        "diff",
        path(&lock),
        path(&fewer),
        "--used-in",
        path(folder.path()),
    ];
    let (code, out, _) = lake(&[&arguments[..], &["--format", "json"]].concat());
    assert_eq!(code, 1);
    let shown = folder.path().display();
    assert_eq!(
        super::json(&out),
        serde_json::json!([{
            "breaking": true,
            "message": "lake: metric `storage_operations_total` is removed",
            "help": null,
            "breaks": [
                format!("recording rule `job:storage_operations:rate5m` in {shown}/alerts.yml"),
                format!("alert rule `StorageFails` in {shown}/alerts.yml"),
                format!("panel `Storage operations` of dashboard `lake` in {shown}/lake.json"),
            ],
        }])
    );
    // A service looks at its own metrics in the lock of several; who is given none of it says that it is gone.
    let of_all = support::workspace().join("examples/deploy/metrics.lock");
    let (code, out, err) = lake(&["diff", path(&of_all)]);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "no changes\n", ""));
    let stream = super::program("stream");
    let (code, _, err) = super::run(&stream, &["metrics", "diff", path(&lock)]);
    assert_eq!(code, 2);
    assert!(
        err.ends_with("has no service `stream`; it has `lake`\n"),
        "{err}"
    );
    let (code, out, _) = stand_alone(&["--from", path(&stream), "diff", path(&lock)]);
    assert_eq!(code, 1);
    assert!(out.starts_with("breaking: lake: metric `"), "{out}");
}

#[test]
fn the_lock_test_of_a_service_fails_with_what_breaks() {
    #[derive(MetricSet)]
    #[metrics(namespace = "kiosk")]
    struct Kiosk {
        /// Papers sold.
        papers_sold_total: Counter,
    }
    let registry = Registry::new();
    registry
        .register::<Kiosk>()
        .expect("one set does not clash");
    let folder = TempDir::new().expect("a temporary folder");
    let lock = folder.path().join("metrics.lock");
    let rules = folder.path().join("alerts.yml");
    fs::write(
        &rules,
        RULES.replace("storage_operations_total", "kiosk_papers_total"),
    )
    .expect("it is written");
    let text = Lock::of(&[Catalogue::of("kiosk", &registry)]).to_text();
    fs::write(&lock, &text).expect("it is written");
    testing::assert_lock("kiosk", &registry, &lock, &[path(&rules)]);

    fs::write(&lock, text.replace("papers_sold", "papers")).expect("it is written");
    let panic = std::panic::catch_unwind(|| {
        testing::assert_lock("kiosk", &registry, &lock, &[path(&rules)]);
    })
    .expect_err("a metric is gone");
    let message = panic.downcast_ref::<String>().expect("a text");
    for part in [
        "breaking: kiosk: metric `kiosk_papers_total` is removed\n",
        "note: alert rule `StorageFails` in ",
        "`kiosk_papers_sold_total` now, keep both names",
        "UPDATE=1",
    ] {
        assert!(message.contains(part), "{message}");
    }
}
