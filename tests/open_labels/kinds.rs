//! Ratios, states, read metrics and calls with open labels.

use std::sync::Mutex;

use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::{
    Counter, Gauge, LabelSet, LabelValue, MetricSet, Ratio, Readings, Registry, State, StateValue,
};
use support::exposition::Samples;

use super::{exposition, own};

#[derive(Clone, Copy, StateValue)]
enum Breaker {
    Open = 0,
    Closed = 2,
}

#[derive(Clone, Copy, LabelSet)]
struct UpstreamLabels<'a> {
    upstream: &'a str,
}

#[derive(MetricSet)]
#[metrics(namespace = "breaker")]
struct BreakerMetrics {
    /// State.
    #[metric(initial = Closed)]
    circuit_breaker_state: State<Breaker, UpstreamLabels<'static>>,
    /// Calls.
    calls_in_flight_current: Gauge<UpstreamLabels<'static>>,
}

#[test]
fn a_state_begins_as_declared_when_its_value_comes() {
    const BREAKER: BreakerMetrics = BreakerMetrics::METRICS;
    let _ = BREAKER
        .circuit_breaker_state
        .with(UpstreamLabels { upstream: "db" });
    BREAKER
        .circuit_breaker_state
        .with(UpstreamLabels { upstream: "mail" })
        .set(Breaker::Open);
    let guard = BREAKER
        .calls_in_flight_current
        .with(UpstreamLabels { upstream: "db" })
        .in_flight();
    let now = exposition::<BreakerMetrics>();
    assert_eq!(
        now.get("breaker_circuit_breaker_state{upstream=\"db\"}"),
        Some(2.0)
    );
    assert_eq!(
        now.get("breaker_circuit_breaker_state{upstream=\"mail\"}"),
        Some(0.0)
    );
    assert_eq!(
        now.get("breaker_calls_in_flight_current{upstream=\"db\"}"),
        Some(1.0)
    );
    drop(guard);
    let now = exposition::<BreakerMetrics>();
    assert_eq!(
        now.get("breaker_calls_in_flight_current{upstream=\"db\"}"),
        Some(0.0)
    );
}

#[derive(Clone, Copy, LabelValue)]
enum CacheResult {
    Hit,
    Miss,
}

#[derive(Clone, Copy, LabelSet)]
struct CacheLabels<'a> {
    #[label(max = 2)]
    cache: &'a str,
    result: CacheResult,
}

#[derive(Clone, Copy, LabelSet)]
struct RatioLabels<'a> {
    cache: &'a str,
}

#[derive(MetricSet)]
#[metrics(namespace = "store")]
struct CacheMetrics {
    /// Look-ups.
    cache_requests_total: Counter<CacheLabels<'static>>,
    /// Share of hits.
    #[metric(ratio_of = cache_requests_total, numerator(result = Hit))]
    cache_hit_ratio: Ratio<RatioLabels<'static>>,
}

#[test]
fn a_ratio_has_the_open_labels_of_its_counter() {
    const CACHE: CacheMetrics = CacheMetrics::METRICS;
    let record = |cache, result, times| {
        let labels = CacheLabels { cache, result };
        CACHE.cache_requests_total.with(labels).add(times);
    };
    let registry = Registry::new();
    registry.register::<CacheMetrics>().expect("names differ");
    let read = || Samples::read(&encode(&registry, Format::Text).expect("nothing is read"));
    assert_eq!(read().of("store_cache_hit_ratio").count(), 0);
    record("pages", CacheResult::Hit, 3);
    record("pages", CacheResult::Miss, 1);
    assert_eq!(
        read().get("store_cache_hit_ratio{cache=\"pages\"}"),
        Some(0.75)
    );
    record("users", CacheResult::Miss, 1);
    record("beyond", CacheResult::Hit, 1);
    record("far", CacheResult::Miss, 1);
    let now = read();
    assert_eq!(
        now.get("store_cache_hit_ratio{cache=\"pages\"}"),
        Some(0.75)
    );
    assert_eq!(now.get("store_cache_hit_ratio{cache=\"users\"}"), Some(0.0));
    // The result of what is folded stays right.
    assert_eq!(now.get("store_cache_hit_ratio{cache=\"other\"}"), Some(0.5));
}

#[derive(Clone, Copy, LabelSet)]
struct MountLabels<'a> {
    mountpoint: &'a str,
}

static DISKS: Mutex<Vec<(String, i64)>> = Mutex::new(Vec::new());

fn free(readings: &mut Readings<MountLabels<'static>, i64>) {
    for (mountpoint, bytes) in DISKS.lock().expect("nobody panics").iter() {
        readings.set(MountLabels { mountpoint }, *bytes);
    }
}

#[derive(MetricSet)]
#[metrics(namespace = "box")]
struct DiskMetrics {
    /// Free space.
    #[metric(read = free, max_series = 2)]
    disk_free_bytes: Gauge<MountLabels<'static>>,
}

#[test]
fn what_is_read_at_a_scrape_has_open_labels_too() {
    let registry = Registry::new();
    registry.register::<DiskMetrics>().expect("names differ");
    let read = |disks: &[(&str, i64)]| {
        let disks = disks
            .iter()
            .map(|(disk, bytes)| ((*disk).to_owned(), *bytes));
        *DISKS.lock().expect("nobody panics") = disks.collect();
        Samples::read(&encode(&registry, Format::Text).expect("it does not panic"))
    };
    let now = read(&[("/", 5), ("/home", 7)]);
    assert_eq!(now.get("box_disk_free_bytes{mountpoint=\"/\"}"), Some(5.0));
    assert_eq!(
        now.get("box_disk_free_bytes{mountpoint=\"/home\"}"),
        Some(7.0)
    );
    // One is gone, and another has no room.
    let now = read(&[("/home", 8), ("/mnt", 9)]);
    assert_eq!(
        now.of("box_disk_free_bytes").collect::<Vec<_>>(),
        [("box_disk_free_bytes{mountpoint=\"/home\"}", 8.0)]
    );
    assert_eq!(
        now.get(&own("refused_samples_total", "box_disk_free_bytes")),
        Some(1.0)
    );
    let now = read(&[("/", 6)]);
    assert_eq!(now.get("box_disk_free_bytes{mountpoint=\"/\"}"), Some(6.0));
    assert_eq!(now.of("box_disk_free_bytes").count(), 1);
}
