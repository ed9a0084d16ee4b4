//! Histograms and their timers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use datapunk_metrics::{Bytes, Celsius, Histogram, LabelSet, MetricSet, Seconds};

use super::samples_of;

#[derive(Clone, Copy, LabelSet)]
struct SearchLabels {
    cached: bool,
}

#[test]
fn a_histogram_puts_a_value_on_a_bound_into_that_bucket() {
    #[derive(MetricSet)]
    #[metrics(namespace = "bucketed")]
    struct Bucketed {
        /// Searches.
        #[metric(buckets = [0.001, 0.01, 0.1])]
        search_duration_seconds: Histogram<Seconds, SearchLabels>,
        /// Sizes.
        #[metric(buckets = [256, 4096])]
        object_size_bytes: Histogram<Bytes>,
    }
    let search = Bucketed::METRICS
        .search_duration_seconds
        .with(SearchLabels { cached: true });
    for duration in [
        Duration::ZERO,
        Duration::from_millis(1),
        Duration::from_nanos(1_000_001),
        Duration::from_millis(100),
        Duration::from_secs(7),
    ] {
        search.observe(duration);
    }
    Bucketed::METRICS.object_size_bytes.observe(256_usize);
    Bucketed::METRICS.object_size_bytes.observe(257_u64);
    assert_eq!(search.count(), 5);

    let samples = samples_of::<Bucketed>();
    let bucket = |cached: bool, bound: &str| {
        samples.get(&format!(
            "bucketed_search_duration_seconds_bucket{{cached=\"{cached}\",le=\"{bound}\"}}"
        ))
    };
    assert_eq!(bucket(true, "0.001"), Some(2.0));
    assert_eq!(bucket(true, "0.01"), Some(3.0));
    assert_eq!(bucket(true, "0.1"), Some(4.0));
    assert_eq!(bucket(true, "+Inf"), Some(5.0));
    assert_eq!(
        bucket(false, "+Inf"),
        Some(0.0),
        "an untouched series is there"
    );
    assert_eq!(
        samples.get("bucketed_search_duration_seconds_sum{cached=\"true\"}"),
        Some(7.102_000_001)
    );
    assert_eq!(
        samples.get("bucketed_object_size_bytes_bucket{le=\"256\"}"),
        Some(1.0)
    );
    assert_eq!(samples.get("bucketed_object_size_bytes_sum"), Some(513.0));
    assert_eq!(samples.histogram_faults(), Vec::<String>::new());
}

#[test]
fn a_histogram_without_buckets_of_its_own_has_those_of_the_standard() {
    #[derive(MetricSet)]
    #[metrics(namespace = "standard")]
    struct Standard {
        /// Calls.
        call_duration_seconds: Histogram<Seconds>,
    }
    let samples = samples_of::<Standard>();
    for bound in [
        "0.001", "0.005", "0.01", "0.05", "0.1", "0.5", "1", "5", "+Inf",
    ] {
        let series = format!("standard_call_duration_seconds_bucket{{le=\"{bound}\"}}");
        assert_eq!(samples.get(&series), Some(0.0), "{series}");
    }
    assert_eq!(
        samples.of("standard_call_duration_seconds_bucket").count(),
        9
    );
    assert_eq!(
        Standard::DESCRIPTOR.metrics[0].buckets,
        [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0]
    );
}

#[test]
fn what_has_no_place_in_a_histogram_is_counted_and_never_spoils_the_sum() {
    #[derive(MetricSet)]
    #[metrics(namespace = "spoiled")]
    struct Spoiled {
        /// Temperatures.
        #[metric(buckets = [0.0, 20.0])]
        room_celsius: Histogram<Celsius>,
        /// Sizes.
        #[metric(buckets = [1])]
        object_size_bytes: Histogram<Bytes>,
        /// Durations.
        #[metric(buckets = [1.0])]
        call_duration_seconds: Histogram<Seconds>,
    }
    let metrics = Spoiled::METRICS;
    metrics.room_celsius.observe(-4.0);
    metrics.room_celsius.observe(f64::NAN);
    metrics.room_celsius.observe(f64::INFINITY);
    metrics.object_size_bytes.observe(-1_i64);
    metrics.call_duration_seconds.observe(Duration::MAX);

    let samples = samples_of::<Spoiled>();
    assert_eq!(samples.get("spoiled_room_celsius_count"), Some(1.0));
    assert_eq!(samples.get("spoiled_room_celsius_sum"), Some(-4.0));
    assert_eq!(samples.get("spoiled_object_size_bytes_count"), Some(0.0));
    assert_eq!(
        samples.get("spoiled_call_duration_seconds_count"),
        Some(1.0)
    );
    assert_eq!(
        samples.get("spoiled_call_duration_seconds_sum"),
        Some(9_007_199.254_740_992)
    );
    let own = |what: &str, metric: &str| {
        samples.get(&format!(
            "datapunk_metrics_{what}_samples_total{{metric=\"spoiled_{metric}\"}}"
        ))
    };
    assert_eq!(own("refused", "room_celsius"), Some(2.0));
    assert_eq!(own("refused", "object_size_bytes"), Some(1.0));
    assert_eq!(own("clamped", "call_duration_seconds"), Some(1.0));
}

#[tokio::test]
async fn a_timer_records_once_however_it_ends() {
    #[derive(MetricSet)]
    #[metrics(namespace = "timed")]
    struct Timed {
        /// Calls.
        call_duration_seconds: Histogram<Seconds>,
    }
    let timed = Timed::METRICS.call_duration_seconds;
    assert_eq!(timed.time(|| 7), 7);
    assert_eq!(timed.count(), 1);
    drop(timed.start_timer());
    assert_eq!(timed.count(), 2);
    let took = timed.start_timer().stop();
    assert_eq!(timed.count(), 3);
    assert!(timed.sum() >= took.as_secs_f64());
    timed.start_timer().discard();
    assert_eq!(timed.count(), 3);
    assert!(catch_unwind(AssertUnwindSafe(|| timed.time(|| panic!("on purpose")))).is_err());
    assert_eq!(timed.count(), 4);

    let before = timed.sum();
    timed
        .time_async(tokio::time::sleep(Duration::from_millis(20)))
        .await;
    assert_eq!(timed.count(), 5);
    assert!(timed.sum() - before >= 0.02, "the time of the await counts");
    let cancelled = timed.time_async(std::future::pending::<()>());
    assert!(
        tokio::time::timeout(Duration::from_millis(1), cancelled)
            .await
            .is_err()
    );
    assert_eq!(
        timed.count(),
        6,
        "a future that is dropped between polls is recorded"
    );
    drop(timed.time_async(std::future::pending::<()>()));
    assert_eq!(timed.count(), 6, "a future that is never polled is not");
}
