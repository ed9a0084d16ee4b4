//! Labels whose values come from outside: what is looked up, what bounds it, and what happens at the bound.

#![expect(clippy::float_cmp, reason = "counts are exact")]

#[path = "open_labels/calls.rs"]
mod calls;
#[path = "open_labels/kinds.rs"]
mod kinds;

use std::thread;

use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::{
    Counter, Gauge, Histogram, LabelSet, LabelValue, Method, MetricSet, Outcome, Registry, Seconds,
    StatusCode, series,
};
use support::exposition::Samples;

fn exposition<S: MetricSet>() -> Samples {
    Samples::read(&text::<S>())
}

fn text<S: MetricSet>() -> String {
    let registry = Registry::new();
    registry.register::<S>().expect("names differ");
    encode(&registry, Format::Text).expect("no scrape-time functions")
}

fn own(name: &str, metric: &str) -> String {
    format!("datapunk_metrics_{name}{{metric=\"{metric}\"}}")
}

#[derive(Clone, Copy, LabelSet)]
struct HttpLabels<'a> {
    method: Method,
    #[label(max = 4, known = ["/", "/health"])]
    path: &'a str,
    status: StatusCode,
}

#[derive(MetricSet)]
#[metrics(namespace = "mixed")]
struct MixedMetrics {
    /// Requests.
    #[metric(max_series = 2000, zero = [200])]
    http_requests_total: Counter<HttpLabels<'static>>,
}

#[test]
fn known_values_are_there_from_the_start_and_others_when_they_come() {
    const MIXED: MixedMetrics = MixedMetrics::METRICS;
    let with = |path: &str, status| {
        MIXED.http_requests_total.with(HttpLabels {
            method: Method::Get,
            path,
            status,
        })
    };
    let series = |path: &str, status| {
        format!("mixed_http_requests_total{{method=\"GET\",path=\"{path}\",status=\"{status}\"}}")
    };
    let first = exposition::<MixedMetrics>();
    assert_eq!(first.get(&series("/", 200)), Some(0.0));
    assert_eq!(first.get(&series("/health", 200)), Some(0.0));
    assert_eq!(first.get(&series("/", 404)), None);
    assert_eq!(
        first.get(&own("series_limit_current", "mixed_http_requests_total")),
        Some(2000.0)
    );
    assert_eq!(
        first.get(&own("folded_samples_total", "mixed_http_requests_total")),
        Some(0.0)
    );

    for path in ["/a", "/b", "/c", "/d", "/c"] {
        with(path, StatusCode::OK).inc();
    }
    with("/", StatusCode::NOT_FOUND).inc();
    let now = exposition::<MixedMetrics>();
    assert_eq!(now.get(&series("/", 404)), Some(1.0));
    assert_eq!(now.get(&series("/a", 200)), Some(1.0));
    assert_eq!(now.get(&series("/b", 200)), Some(1.0));
    // Two known values and two others are all that `max = 4` allows; the other labels stay right.
    assert_eq!(now.get(&series("/c", 200)), None);
    assert_eq!(now.get(&series("other", 200)), Some(3.0));
    assert_eq!(
        now.get(&own("folded_samples_total", "mixed_http_requests_total")),
        Some(3.0)
    );
    assert_eq!(with("/a", StatusCode::OK).get(), 1);
}

#[derive(Clone, Copy, LabelSet)]
struct PathLabels<'a> {
    path: &'a str,
}

#[derive(MetricSet)]
#[metrics(namespace = "bound")]
struct BoundMetrics {
    /// Pages.
    #[metric(max_series = 3)]
    pages_shown_total: Counter<PathLabels<'static>>,
    /// Sizes now.
    #[metric(max_series = 2)]
    page_bytes: Gauge<PathLabels<'static>>,
    /// Times.
    #[metric(max_series = 12, buckets = [0.5])]
    page_duration_seconds: Histogram<Seconds, PathLabels<'static>>,
}

#[test]
fn totals_stay_exact_beyond_the_bound_and_gauges_are_refused() {
    const BOUND: BoundMetrics = BoundMetrics::METRICS;
    for page in 0..10 {
        let path = format!("/{page}");
        let labels = PathLabels { path: &path };
        BOUND.pages_shown_total.with(labels).add(2);
        BOUND.page_bytes.with(labels).set(7);
        BOUND
            .page_duration_seconds
            .with(labels)
            .observe(std::time::Duration::from_secs(1));
    }
    let now = exposition::<BoundMetrics>();
    assert_eq!(now.of("bound_pages_shown_total").count(), 4);
    assert_eq!(
        now.get("bound_pages_shown_total{path=\"other\"}"),
        Some(14.0)
    );
    assert_eq!(
        now.of("bound_pages_shown_total")
            .map(|(_, value)| value)
            .sum::<f64>(),
        20.0
    );
    assert_eq!(
        now.get(&own("folded_samples_total", "bound_pages_shown_total")),
        Some(7.0)
    );
    assert_eq!(now.of("bound_page_bytes").count(), 2);
    assert_eq!(
        now.get(&own("refused_samples_total", "bound_page_bytes")),
        Some(8.0)
    );
    assert_eq!(now.of("bound_page_duration_seconds_count").count(), 4);
    assert_eq!(
        now.get("bound_page_duration_seconds_count{path=\"other\"}"),
        Some(7.0)
    );
    assert_eq!(
        now.get("bound_page_duration_seconds_sum{path=\"other\"}"),
        Some(7.0)
    );
    assert_eq!(
        now.get(&own("series_current", "bound_page_duration_seconds")),
        Some(12.0)
    );
    assert_eq!(now.histogram_faults(), Vec::<String>::new());
    assert_eq!(BOUND.page_bytes.with(PathLabels { path: "/9" }).get(), None);
}

#[derive(Clone, Copy, LabelSet)]
struct PairLabels<'a> {
    first: &'a str,
    second: &'a str,
}

#[derive(MetricSet)]
#[metrics(namespace = "pair")]
struct PairMetrics {
    /// Pairs.
    pairs_seen_total: Counter<PairLabels<'static>>,
}

#[test]
fn values_that_are_equal_when_joined_are_different_series() {
    const PAIR: PairMetrics = PairMetrics::METRICS;
    PAIR.pairs_seen_total
        .with(PairLabels {
            first: "ab",
            second: "c",
        })
        .inc();
    PAIR.pairs_seen_total
        .with(PairLabels {
            first: "a",
            second: "bc",
        })
        .add(2);
    let now = exposition::<PairMetrics>();
    assert_eq!(
        now.get("pair_pairs_seen_total{first=\"ab\",second=\"c\"}"),
        Some(1.0)
    );
    assert_eq!(
        now.get("pair_pairs_seen_total{first=\"a\",second=\"bc\"}"),
        Some(2.0)
    );
}

#[derive(Clone, Copy, LabelValue)]
enum Step {
    Read,
    Write,
}

#[derive(Clone, Copy, LabelSet)]
struct StepLabels<'a> {
    topic: &'a str,
    step: Step,
    outcome: Outcome,
}

#[derive(MetricSet)]
#[metrics(namespace = "dense")]
struct DenseMetrics {
    /// Steps.
    #[metric(max_series = 20)]
    steps_done_total: Counter<StepLabels<'static>>,
}

#[test]
fn a_new_value_brings_all_closed_series_and_the_bound_counts_them() {
    const DENSE: DenseMetrics = DenseMetrics::METRICS;
    for topic in ["a", "b", "c"] {
        DENSE
            .steps_done_total
            .with(StepLabels {
                topic,
                step: Step::Write,
                outcome: Outcome::Ok,
            })
            .inc();
    }
    let now = exposition::<DenseMetrics>();
    assert_eq!(
        now.get("dense_steps_done_total{topic=\"a\",step=\"read\",outcome=\"panicked\"}"),
        Some(0.0)
    );
    // Two topics with eight series each; a third would make 24.
    assert_eq!(now.of("dense_steps_done_total").count(), 17);
    assert_eq!(
        now.get("dense_steps_done_total{topic=\"other\",step=\"other\",outcome=\"other\"}"),
        Some(1.0)
    );
    let resolved = DENSE.steps_done_total.resolve(["b"]);
    let outcome = Outcome::Error;
    resolved
        .with(|[topic]| StepLabels {
            topic,
            step: Step::Read,
            outcome,
        })
        .add(5);
    let labels = StepLabels {
        topic: "b",
        step: Step::Read,
        outcome: Outcome::Error,
    };
    assert_eq!(DENSE.steps_done_total.with(labels).get(), 5);
}

#[derive(Clone, Copy, LabelSet)]
struct ShortLabels<'a> {
    #[label(max_bytes = 5)]
    value: &'a str,
}

#[derive(MetricSet)]
#[metrics(namespace = "cut")]
struct CutMetrics {
    /// Values.
    values_seen_total: Counter<ShortLabels<'static>>,
    /// Values of the usual length.
    paths_seen_total: Counter<PathLabels<'static>>,
}

#[test]
fn a_long_value_is_cut_between_characters_and_counted() {
    const CUT: CutMetrics = CutMetrics::METRICS;
    for value in ["12345", "1234ä", "1234ö", "12345678", ""] {
        CUT.values_seen_total.with(ShortLabels { value }).inc();
    }
    let long = "x".repeat(1 << 20);
    CUT.paths_seen_total.with(PathLabels { path: &long }).inc();
    let now = exposition::<CutMetrics>();
    assert_eq!(now.get("cut_values_seen_total{value=\"12345\"}"), Some(2.0));
    assert_eq!(now.get("cut_values_seen_total{value=\"1234\"}"), Some(2.0));
    assert_eq!(now.get("cut_values_seen_total{value=\"\"}"), Some(1.0));
    assert_eq!(
        now.get(&own("cut_values_total", "cut_values_seen_total")),
        Some(3.0)
    );
    let kept = format!("cut_paths_seen_total{{path=\"{}\"}}", "x".repeat(256));
    assert_eq!(now.get(&kept), Some(1.0));
    assert_eq!(
        now.get(&own("cut_values_total", "cut_paths_seen_total")),
        Some(1.0)
    );
}

#[derive(MetricSet)]
#[metrics(namespace = "literal")]
struct LiteralMetrics {
    /// Requests.
    http_requests_total: Counter<RouteLabels<'static>>,
    /// Pages.
    #[metric(max_series = 1)]
    pages_shown_total: Counter<PathLabels<'static>>,
}

#[derive(Clone, Copy, LabelSet)]
struct RouteLabels<'a> {
    method: Method,
    path: &'a str,
    cached: bool,
}

#[test]
fn a_literal_and_a_value_at_run_time_are_one_series() {
    const LITERAL: LiteralMetrics = LiteralMetrics::METRICS;
    let record = |method| {
        series!(
            LITERAL.http_requests_total,
            RouteLabels {
                method,
                path: "/x",
                cached: true
            }
        )
        .inc();
    };
    record(Method::Get);
    record(Method::Get);
    record(Method::Put);
    let path = String::from("/x");
    let labels = RouteLabels {
        method: Method::Get,
        path: &path,
        cached: true,
    };
    LITERAL.http_requests_total.with(labels).inc();
    assert_eq!(LITERAL.http_requests_total.with(labels).get(), 3);
    assert_eq!(
        text::<LiteralMetrics>()
            .matches("path=\"/x\",cached=\"true\"} ")
            .count(),
        2
    );

    for _ in 0..2 {
        series!(LITERAL.pages_shown_total, PathLabels { path: "/first" }).inc();
        series!(LITERAL.pages_shown_total, PathLabels { path: "/second" }).inc();
    }
    let now = exposition::<LiteralMetrics>();
    assert_eq!(
        now.get("literal_pages_shown_total{path=\"/first\"}"),
        Some(2.0)
    );
    assert_eq!(
        now.get("literal_pages_shown_total{path=\"other\"}"),
        Some(2.0)
    );
}

#[derive(MetricSet)]
#[metrics(namespace = "race")]
struct RaceMetrics {
    /// Pages.
    #[metric(max_series = 50)]
    pages_shown_total: Counter<PathLabels<'static>>,
}

#[test]
fn threads_that_race_for_the_last_room_do_not_pass_the_bound() {
    const THREADS: usize = 8;
    const VALUES: usize = 400;
    const RACE: RaceMetrics = RaceMetrics::METRICS;
    thread::scope(|scope| {
        for shift in 0..THREADS {
            scope.spawn(move || {
                for value in 0..VALUES {
                    let path = format!("/{}", (value + shift * 13) % VALUES);
                    RACE.pages_shown_total
                        .with(PathLabels { path: &path })
                        .inc();
                }
            });
        }
    });
    let now = exposition::<RaceMetrics>();
    assert_eq!(now.of("race_pages_shown_total").count(), 51);
    let total: f64 = now
        .of("race_pages_shown_total")
        .map(|(_, value)| value)
        .sum();
    assert_eq!(total, 3200.0);
    let folded = now.get(&own("folded_samples_total", "race_pages_shown_total"));
    assert_eq!(folded, now.get("race_pages_shown_total{path=\"other\"}"));
    assert_eq!(
        now.get(&own("series_current", "race_pages_shown_total")),
        Some(50.0)
    );
}
