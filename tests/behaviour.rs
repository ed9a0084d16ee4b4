//! What each kind of metric does with what it is told, seen through handles and through an exposition.

#[path = "behaviour/histograms.rs"]
mod histograms;
#[path = "behaviour/sets.rs"]
mod sets;

use std::panic::catch_unwind;

use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::{
    Counter, Gauge, Info, LabelSet, LabelValue, Method, MetricSet, Outcome, Ratio, Readings,
    Registry, State, StateValue, StatusCode,
};
use support::exposition::Samples;

/// The samples of one set alone.
fn samples_of<S: MetricSet>() -> Samples {
    samples(&registry_of::<S>())
}

fn registry_of<S: MetricSet>() -> Registry {
    let registry = Registry::new();
    registry.register::<S>().expect("one set does not clash");
    registry
}

fn samples(registry: &Registry) -> Samples {
    Samples::read(&encode(registry, Format::Text).expect("no reader panics"))
}

#[derive(Clone, Copy, LabelValue)]
#[label(rename_all = "snake_case")]
enum Operation {
    Read,
    WriteBack,
    #[label(rename = "rm")]
    Delete,
}

#[derive(Clone, Copy, LabelSet)]
struct StorageLabels {
    operation: Operation,
    #[label(rename = "status")]
    outcome: Outcome,
}

#[test]
fn a_counter_counts_in_the_series_that_is_named_and_shows_all_others_at_zero() {
    #[derive(MetricSet)]
    #[metrics(namespace = "counted")]
    struct Counted {
        /// Operations.
        operations_total: Counter<StorageLabels>,
        /// Processor time.
        cpu_seconds_total: Counter<(), f64>,
    }
    let metrics = Counted::METRICS;
    let write = metrics.operations_total.with(StorageLabels {
        operation: Operation::WriteBack,
        outcome: Outcome::Error,
    });
    write.inc();
    write.add(4);
    metrics
        .operations_total
        .with(StorageLabels {
            operation: Operation::Delete,
            outcome: Outcome::Ok,
        })
        .inc();
    metrics.cpu_seconds_total.add(0.25);
    metrics.cpu_seconds_total.add(0.5);
    assert_eq!(write.get(), 5);

    let samples = samples_of::<Counted>();
    assert_eq!(samples.of("counted_operations_total").count(), 3 * 4);
    assert_eq!(
        samples.get("counted_operations_total{operation=\"write_back\",status=\"error\"}"),
        Some(5.0)
    );
    assert_eq!(
        samples.get("counted_operations_total{operation=\"rm\",status=\"ok\"}"),
        Some(1.0)
    );
    let others = samples
        .of("counted_operations_total")
        .filter(|(_, value)| *value == 0.0)
        .count();
    assert_eq!(others, 10);
    assert_eq!(samples.get("counted_cpu_seconds_total"), Some(0.75));
}

#[test]
fn a_total_in_floats_refuses_what_would_take_it_down_and_counts_that() {
    #[derive(MetricSet)]
    #[metrics(namespace = "refusing")]
    struct Refusing {
        /// Processor time.
        cpu_seconds_total: Counter<(), f64>,
    }
    let metrics = Refusing::METRICS;
    metrics.cpu_seconds_total.add(1.5);
    for refused in [-1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        metrics.cpu_seconds_total.add(refused);
    }
    let samples = samples_of::<Refusing>();
    assert_eq!(samples.get("refusing_cpu_seconds_total"), Some(1.5));
    let refused = "datapunk_metrics_refused_samples_total{metric=\"refusing_cpu_seconds_total\"}";
    assert_eq!(samples.get(refused), Some(4.0));
}

#[test]
fn a_gauge_is_absent_until_it_is_set_unless_it_is_declared_otherwise() {
    #[derive(MetricSet)]
    #[metrics(namespace = "gauged")]
    struct Gauged {
        /// Objects.
        objects_current: Gauge,
        /// Workers.
        #[metric(initial = 3)]
        workers_current: Gauge,
        /// Requests.
        requests_in_flight_current: Gauge,
        /// Temperature.
        sensor_celsius: Gauge<(), f64>,
    }
    let metrics = Gauged::METRICS;
    let before = samples_of::<Gauged>();
    assert_eq!(before.get("gauged_objects_current"), None);
    assert_eq!(before.get("gauged_workers_current"), Some(3.0));
    assert_eq!(before.get("gauged_requests_in_flight_current"), Some(0.0));
    assert_eq!(before.get("gauged_sensor_celsius"), None);
    assert_eq!(metrics.objects_current.get(), None);

    metrics.objects_current.set(10);
    metrics.objects_current.add(5);
    metrics.objects_current.sub(20);
    metrics.objects_current.inc();
    metrics.objects_current.dec();
    metrics.workers_current.inc();
    metrics.sensor_celsius.set(-3.5);
    let after = samples_of::<Gauged>();
    assert_eq!(after.get("gauged_objects_current"), Some(-5.0));
    assert_eq!(after.get("gauged_workers_current"), Some(4.0));
    assert_eq!(after.get("gauged_sensor_celsius"), Some(-3.5));
}

#[test]
fn an_in_flight_guard_takes_its_one_away_in_a_panic_too() {
    #[derive(MetricSet)]
    #[metrics(namespace = "flight")]
    struct Flight {
        /// Requests.
        requests_in_flight_current: Gauge,
    }
    let gauge = Flight::METRICS.requests_in_flight_current;
    let outer = gauge.in_flight();
    let panicked = catch_unwind(|| {
        let _inner = gauge.in_flight();
        assert_eq!(gauge.get(), Some(2));
        panic!("on purpose");
    });
    assert!(panicked.is_err());
    assert_eq!(gauge.get(), Some(1));
    drop(outer);
    assert_eq!(gauge.get(), Some(0));
}

#[derive(Clone, Copy, LabelValue)]
enum Lookup {
    Hit,
    Miss,
}

#[derive(Clone, Copy, LabelValue)]
enum Cache {
    Page,
    Query,
}

#[derive(Clone, Copy, LabelSet)]
struct LookupLabels {
    cache: Cache,
    result: Lookup,
}

#[derive(Clone, Copy, LabelSet)]
struct CacheLabels {
    cache: Cache,
}

#[test]
fn a_ratio_is_absent_without_traffic_and_the_share_of_its_numerator_with_some() {
    #[derive(MetricSet)]
    #[metrics(namespace = "shared")]
    struct Shared {
        /// Look-ups.
        cache_requests_total: Counter<LookupLabels>,
        /// Share of hits.
        #[metric(ratio_of = cache_requests_total, numerator(result = Hit), window = "5m")]
        cache_hit_ratio: Ratio<CacheLabels>,
    }
    let count = |cache, result, n| {
        Shared::METRICS
            .cache_requests_total
            .with(LookupLabels { cache, result })
            .add(n);
    };
    // What was counted before the window began is not in it.
    count(Cache::Page, Lookup::Miss, 1000);
    let registry = registry_of::<Shared>();
    assert_eq!(samples(&registry).of("shared_cache_hit_ratio").count(), 0);
    count(Cache::Page, Lookup::Hit, 3);
    count(Cache::Page, Lookup::Miss, 1);
    let with_traffic = samples(&registry);
    assert_eq!(
        with_traffic.get("shared_cache_hit_ratio{cache=\"page\"}"),
        Some(0.75)
    );
    assert_eq!(
        with_traffic.get("shared_cache_hit_ratio{cache=\"query\"}"),
        None
    );
    count(Cache::Query, Lookup::Miss, 2);
    assert_eq!(
        samples(&registry).get("shared_cache_hit_ratio{cache=\"query\"}"),
        Some(0.0)
    );
}

#[derive(Clone, Copy, StateValue)]
enum Breaker {
    Open = 0,
    HalfOpen = 1,
    Closed = 2,
}

#[test]
fn a_state_starts_where_it_is_declared_and_is_exposed_as_its_number() {
    #[derive(MetricSet)]
    #[metrics(namespace = "stated")]
    struct Stated {
        /// Breaker.
        #[metric(initial = Closed)]
        circuit_breaker_state: State<Breaker>,
        /// Breakers by cache.
        #[metric(initial = absent)]
        cache_breaker_state: State<Breaker, CacheLabels>,
    }
    let before = samples_of::<Stated>();
    assert_eq!(before.get("stated_circuit_breaker_state"), Some(2.0));
    assert_eq!(before.of("stated_cache_breaker_state").count(), 0);
    Stated::METRICS.circuit_breaker_state.set(Breaker::HalfOpen);
    Stated::METRICS
        .cache_breaker_state
        .with(CacheLabels {
            cache: Cache::Query,
        })
        .set(Breaker::Open);
    let after = samples_of::<Stated>();
    assert_eq!(after.get("stated_circuit_breaker_state"), Some(1.0));
    assert_eq!(
        after.get("stated_cache_breaker_state{cache=\"query\"}"),
        Some(0.0),
        "0 is a value, not absence"
    );
    assert_eq!(after.of("stated_cache_breaker_state").count(), 1);
}

fn uptime() -> f64 {
    12.5
}

fn no_sensor() -> Option<f64> {
    None
}

fn by_cache(readings: &mut Readings<'_, CacheLabels, i64>) {
    readings.set(
        CacheLabels {
            cache: Cache::Query,
        },
        7,
    );
}

#[test]
fn a_read_metric_has_the_value_of_the_scrape_or_none() {
    #[derive(MetricSet)]
    #[metrics(namespace = "reader")]
    struct Reader {
        /// Uptime.
        #[metric(read = uptime)]
        uptime_seconds: Gauge<(), f64>,
        /// Temperature.
        #[metric(read = no_sensor)]
        sensor_celsius: Gauge<(), f64>,
        /// Entries.
        #[metric(read = by_cache)]
        entries_current: Gauge<CacheLabels>,
        /// Facts.
        #[metric(labels(version = "1.2.3", channel = "beta"))]
        build_info: Info,
    }
    let samples = samples_of::<Reader>();
    assert_eq!(samples.get("reader_uptime_seconds"), Some(12.5));
    assert_eq!(samples.get("reader_sensor_celsius"), None);
    assert_eq!(
        samples.of("reader_entries_current").collect::<Vec<_>>(),
        [("reader_entries_current{cache=\"query\"}", 7.0)]
    );
    assert_eq!(
        samples.get("reader_build_info{version=\"1.2.3\",channel=\"beta\"}"),
        Some(1.0)
    );
}

fn panics() -> f64 {
    panic!("sensor unplugged")
}

#[test]
fn a_reader_that_panics_fails_that_exposition_and_names_its_metric() {
    #[derive(MetricSet)]
    #[metrics(namespace = "panicking")]
    struct Panicking {
        /// Temperature.
        #[metric(read = panics)]
        sensor_celsius: Gauge<(), f64>,
    }
    let registry = registry_of::<Panicking>();
    for _ in 0..2 {
        let error = encode(&registry, Format::Text).expect_err("the reader panics");
        assert_eq!(
            error.to_string(),
            "the function that reads metric `panicking_sensor_celsius` panicked: sensor unplugged"
        );
    }
}

#[derive(Clone, Copy, LabelSet)]
struct RequestLabels {
    method: Method,
    status: StatusCode,
}

#[test]
fn a_sparse_series_appears_when_it_is_touched_and_zero_names_some_from_the_start() {
    #[derive(MetricSet)]
    #[metrics(namespace = "sparse")]
    struct Sparse {
        /// Requests.
        #[metric(max_series = 5000)]
        requests_total: Counter<RequestLabels>,
        /// Answers.
        #[metric(max_series = 5000, zero = [200, 500])]
        answers_total: Counter<RequestLabels>,
    }
    let before = samples_of::<Sparse>();
    assert_eq!(before.of("sparse_requests_total").count(), 0);
    assert_eq!(
        before.get("sparse_answers_total{method=\"GET\",status=\"200\"}"),
        Some(0.0)
    );
    assert_eq!(
        before.get("sparse_answers_total{method=\"GET\",status=\"500\"}"),
        Some(0.0)
    );
    assert_eq!(
        before.get("sparse_answers_total{method=\"GET\",status=\"404\"}"),
        None
    );
    let touched = RequestLabels {
        method: Method::from_name("BREW"),
        status: StatusCode::new(404),
    };
    Sparse::METRICS.requests_total.with(touched).inc();
    let after = samples_of::<Sparse>();
    assert_eq!(
        after.of("sparse_requests_total").collect::<Vec<_>>(),
        [(
            "sparse_requests_total{method=\"other\",status=\"404\"}",
            1.0
        )]
    );
}

#[test]
fn a_series_handle_may_be_kept_and_is_the_same_series() {
    #[derive(MetricSet)]
    #[metrics(namespace = "kept")]
    struct Kept {
        /// Operations.
        operations_total: Counter<StorageLabels>,
    }
    const SET: Kept = Kept::METRICS;
    let labels = StorageLabels {
        operation: Operation::Read,
        outcome: Outcome::Ok,
    };
    let kept = SET.operations_total.with(labels);
    kept.inc();
    Kept::METRICS.operations_total.with(labels).inc();
    assert_eq!(kept.get(), 2);
}
