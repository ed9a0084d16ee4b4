//! Recording from many threads: totals are exact, nothing is lost with a thread, and no scrape sees a value go down.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::{
    Bytes, Counter, Gauge, Histogram, LabelSet, MetricSet, Outcome, Registry, Seconds,
};
use support::exposition::Samples;

const THREADS: u64 = 8;

#[derive(Clone, Copy, LabelSet)]
struct JobLabels {
    outcome: Outcome,
}

const OUTCOMES: [Outcome; 4] = [
    Outcome::Ok,
    Outcome::Error,
    Outcome::Panicked,
    Outcome::Cancelled,
];

fn registry_of<S: MetricSet>() -> Registry {
    let registry = Registry::new();
    registry.register::<S>().expect("one set does not clash");
    registry
}

#[test]
fn totals_are_exact_and_no_scrape_goes_down_while_threads_record() {
    #[derive(MetricSet)]
    #[metrics(namespace = "busy")]
    struct Busy {
        /// Jobs.
        jobs_total: Counter<JobLabels>,
        /// Durations.
        job_duration_seconds: Histogram<Seconds, JobLabels>,
        /// Sizes.
        #[metric(buckets = [16, 256, 1024])]
        job_size_bytes: Histogram<Bytes>,
        /// Jobs at work.
        jobs_in_flight_current: Gauge,
    }
    const EACH: u64 = 40_000;
    let registry = registry_of::<Busy>();
    let done = AtomicBool::new(false);
    let start = Barrier::new(usize::try_from(THREADS).expect("a few threads") + 1);
    let scrapes = thread::scope(|scope| {
        let recorders: Vec<_> = (0..THREADS)
            .map(|thread| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    for job in 0..EACH {
                        let _guard = Busy::METRICS.jobs_in_flight_current.in_flight();
                        let outcome =
                            OUTCOMES[usize::try_from((job + thread) % 4).expect("below four")];
                        Busy::METRICS.jobs_total.with(JobLabels { outcome }).inc();
                        let duration = Duration::from_micros(job % 2_000);
                        Busy::METRICS
                            .job_duration_seconds
                            .with(JobLabels { outcome })
                            .observe(duration);
                        Busy::METRICS.job_size_bytes.observe(job % 2_048);
                    }
                })
            })
            .collect();
        let (registry, done, start) = (&registry, &done, &start);
        let scraper = scope.spawn(move || {
            start.wait();
            let mut scrapes = 0_u32;
            let mut before = Samples::default();
            // Once more after the last recording, however quick the recorders are.
            loop {
                let last = done.load(Ordering::Acquire);
                let now = Samples::read(&encode(registry, Format::Text).expect("no readers"));
                assert_eq!(before.that_went_down(&now), Vec::<String>::new());
                assert_eq!(now.histogram_faults(), Vec::<String>::new());
                before = now;
                scrapes += 1;
                if last {
                    return (scrapes, before);
                }
            }
        });
        for recorder in recorders {
            recorder.join().expect("a recorder does not panic");
        }
        done.store(true, Ordering::Release);
        scraper.join().expect("the scraper's assertions hold")
    });
    let (scrapes, last) = scrapes;
    assert!(
        scrapes > 2,
        "the scrapes overlapped with the recordings: {scrapes}"
    );
    for outcome in ["ok", "error", "panicked", "cancelled"] {
        let series = format!("busy_jobs_total{{outcome=\"{outcome}\"}}");
        assert_eq!(last.get(&series), Some(80_000.0), "{series}");
        let series = format!("busy_job_duration_seconds_count{{outcome=\"{outcome}\"}}");
        assert_eq!(last.get(&series), Some(80_000.0), "{series}");
    }
    assert_eq!(last.get("busy_job_size_bytes_count"), Some(320_000.0));
    let sum: u64 = (0..EACH).map(|job| job % 2_048).sum::<u64>() * THREADS;
    assert_eq!(
        last.get("busy_job_size_bytes_sum")
            .map(|sum| format!("{sum}")),
        Some(sum.to_string())
    );
    assert_eq!(last.get("busy_jobs_in_flight_current"), Some(0.0));
}

#[test]
fn a_gauge_that_many_threads_add_to_appears_with_a_value_and_ends_exact() {
    #[derive(MetricSet)]
    #[metrics(namespace = "appearing")]
    struct Appearing {
        /// Connections.
        connections_current: Gauge<JobLabels>,
    }
    const EACH: u64 = 20_000;
    let registry = registry_of::<Appearing>();
    let labels = |thread| JobLabels {
        outcome: OUTCOMES[usize::try_from(thread % 4).expect("below four")],
    };
    assert_eq!(
        Samples::read(&encode(&registry, Format::Text).expect("no readers")),
        Samples::default()
    );
    let start = Barrier::new(usize::try_from(THREADS).expect("a few threads") + 1);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                for _ in 0..EACH {
                    Appearing::METRICS
                        .connections_current
                        .with(labels(thread))
                        .inc();
                }
            });
        }
        start.wait();
        // Presence is told after the value: a series is never there without one that was recorded.
        for _ in 0..200 {
            let samples = Samples::read(&encode(&registry, Format::Text).expect("no readers"));
            for (series, value) in &samples.0 {
                assert!((1.0..=40_000.0).contains(value), "{series}: {value}");
            }
        }
    });
    let samples = Samples::read(&encode(&registry, Format::Text).expect("no readers"));
    for outcome in ["ok", "error", "panicked", "cancelled"] {
        let series = format!("appearing_connections_current{{outcome=\"{outcome}\"}}");
        assert_eq!(samples.get(&series), Some(40_000.0), "{series}");
    }
    assert_eq!(samples.0.len(), 4);
}

#[test]
fn the_counts_of_a_thread_outlive_it() {
    #[derive(MetricSet)]
    #[metrics(namespace = "leaving")]
    struct Leaving {
        /// Jobs.
        jobs_total: Counter,
        /// Durations.
        job_duration_seconds: Histogram<Seconds>,
    }
    for _ in 0..200 {
        thread::spawn(|| {
            Leaving::METRICS.jobs_total.inc();
            Leaving::METRICS
                .job_duration_seconds
                .observe(Duration::from_millis(2));
        })
        .join()
        .expect("the thread does not panic");
    }
    assert_eq!(Leaving::METRICS.jobs_total.get(), 200);
    let samples =
        Samples::read(&encode(&registry_of::<Leaving>(), Format::Text).expect("no readers"));
    assert_eq!(samples.get("leaving_jobs_total"), Some(200.0));
    assert_eq!(samples.get("leaving_job_duration_seconds_sum"), Some(0.4));
}

#[test]
fn recording_in_the_destructor_of_a_thread_local_is_not_lost() {
    #[derive(MetricSet)]
    #[metrics(namespace = "teardown")]
    struct Teardown {
        /// Farewells.
        farewells_total: Counter,
    }
    struct Farewell;
    impl Drop for Farewell {
        fn drop(&mut self) {
            Teardown::METRICS.farewells_total.inc();
        }
    }
    thread_local!(static LAST: Farewell = const { Farewell });
    for _ in 0..50 {
        // Once with the thread-local made before the thread's first recording, once after.
        thread::spawn(|| {
            LAST.with(|_| ());
            Teardown::METRICS.farewells_total.inc();
        })
        .join()
        .expect("the thread does not panic");
        thread::spawn(|| {
            Teardown::METRICS.farewells_total.inc();
            LAST.with(|_| ());
        })
        .join()
        .expect("the thread does not panic");
    }
    assert_eq!(Teardown::METRICS.farewells_total.get(), 200);
}
