//! Threads that come and go: what they recorded stays, whatever slab they had and however they ended.

#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::{
    Celsius, Counter, Histogram, LabelSet, LabelValue, MetricSet, Outcome, Registry, Seconds,
    StatusCode,
};
use support::exposition::Samples;
use support::project::{Member, Project, TOOLKIT};

#[derive(Clone, Copy, LabelSet)]
struct Labels {
    outcome: Outcome,
    urgent: bool,
}

const OUTCOMES: [Outcome; 4] = [
    Outcome::Ok,
    Outcome::Error,
    Outcome::Panicked,
    Outcome::Cancelled,
];

#[test]
fn sixty_four_threads_that_end_and_begin_while_others_read_lose_nothing() {
    #[derive(MetricSet)]
    #[metrics(namespace = "relay")]
    struct Relay {
        /// Jobs.
        jobs_total: Counter<Labels>,
        /// Seconds worked.
        work_seconds_total: Counter<(), f64>,
        /// Durations.
        job_duration_seconds: Histogram<Seconds, Labels>,
        /// Temperatures.
        #[metric(buckets = [10.0, 20.0, 30.0])]
        room_celsius: Histogram<Celsius>,
    }
    const RELAY: Relay = Relay::METRICS;
    const THREADS: u64 = 64;
    const RUNS: u64 = 12;
    const EACH: u64 = 2_000;
    fn run(thread: u64) {
        for job in 0..EACH {
            let index = usize::try_from((job + thread) % 4).expect("below four");
            let labels = Labels {
                outcome: OUTCOMES[index],
                urgent: job % 2 == 0,
            };
            RELAY.jobs_total.with(labels).inc();
            RELAY.work_seconds_total.add(0.25);
            // Always 3 ms: a sum that belongs to its count is a multiple of it.
            RELAY
                .job_duration_seconds
                .with(labels)
                .observe(Duration::from_millis(3));
            RELAY.room_celsius.observe(15.0);
        }
    }
    let done = AtomicBool::new(false);
    let registry = Registry::new();
    registry
        .register::<Relay>()
        .expect("one set does not clash");
    let scrape = || Samples::read(&encode(&registry, Format::Text).expect("no reader panics"));
    let scrapes = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut before = Samples::default();
            let mut scrapes = 0;
            while !done.load(Ordering::Acquire) {
                let now = scrape();
                assert_eq!(now.histogram_faults(), Vec::<String>::new());
                for (series, value) in &before.0 {
                    assert!(now.0[series] >= *value, "{series} goes down");
                }
                before = now;
                scrapes += 1;
            }
            scrapes
        });
        // Each of the 64 is a relay of threads: one begins when the one before it ends.
        thread::scope(|inner| {
            for relay in 0..THREADS {
                inner.spawn(move || {
                    for _ in 0..RUNS {
                        thread::spawn(move || run(relay))
                            .join()
                            .expect("it does not panic");
                    }
                });
            }
        });
        done.store(true, Ordering::Release);
        reader.join().expect("no scrape is wrong")
    });
    assert!(scrapes > 0);
    let total = THREADS * RUNS * EACH;
    let samples = scrape();
    let sum_of = |name| samples.of(name).map(|(_, value)| value).sum::<f64>();
    #[expect(clippy::cast_precision_loss, reason = "a few million")]
    let expected = total as f64;
    assert_eq!(sum_of("relay_jobs_total"), expected);
    assert_eq!(sum_of("relay_job_duration_seconds_count"), expected);
    assert_eq!(
        samples.get("relay_work_seconds_total"),
        Some(expected / 4.0)
    );
    assert_eq!(samples.get("relay_room_celsius_count"), Some(expected));
    assert_eq!(samples.get("relay_room_celsius_sum"), Some(expected * 15.0));
    assert_eq!(
        samples.get("relay_room_celsius_bucket{le=\"10\"}"),
        Some(0.0)
    );
    assert_eq!(
        samples.get("relay_room_celsius_bucket{le=\"20\"}"),
        Some(expected)
    );
    assert_eq!(
        RELAY
            .job_duration_seconds
            .with(Labels {
                outcome: Outcome::Ok,
                urgent: true
            })
            .sum()
            * 1000.0
            % 3.0,
        0.0
    );
}

#[test]
fn a_sum_read_while_a_thread_observes_belongs_to_its_count() {
    #[derive(MetricSet)]
    #[metrics(namespace = "paired")]
    struct Paired {
        /// Durations.
        job_duration_seconds: Histogram<Seconds>,
    }
    let registry = Registry::new();
    registry
        .register::<Paired>()
        .expect("one set does not clash");
    let done = Arc::new(AtomicBool::new(false));
    let begun = Arc::new(Barrier::new(2));
    let observer = thread::spawn({
        let (done, begun) = (Arc::clone(&done), Arc::clone(&begun));
        move || {
            begun.wait();
            while !done.load(Ordering::Relaxed) {
                Paired::METRICS
                    .job_duration_seconds
                    .observe(Duration::from_secs(2));
                // Without a pause there may be no time between two observations in which to read.
                for _ in 0..500 {
                    std::hint::spin_loop();
                }
            }
        }
    });
    begun.wait();
    for _ in 0..2_000 {
        let samples = Samples::read(&encode(&registry, Format::Text).expect("no reader panics"));
        let count = samples
            .get("paired_job_duration_seconds_count")
            .expect("it is shown");
        let sum = samples
            .get("paired_job_duration_seconds_sum")
            .expect("it is shown");
        assert_eq!(sum, count * 2.0);
    }
    done.store(true, Ordering::Relaxed);
    observer.join().expect("it does not panic");
}

#[test]
fn what_threads_recorded_in_a_wide_metric_is_added_up_series_by_series() {
    #[derive(Clone, Copy, LabelSet)]
    struct Answer {
        status: StatusCode,
        outcome: Outcome,
    }
    #[derive(MetricSet)]
    #[metrics(namespace = "wide_relay")]
    struct WideRelay {
        /// Answers.
        answers_total: Counter<Answer>,
        /// Durations.
        #[metric(max_series = 2904)]
        answer_duration_seconds: Histogram<Seconds, Answer>,
        /// Temperatures.
        #[metric(buckets = [10.0, 20.0], max_series = 1320)]
        answer_celsius: Histogram<Celsius, Answer>,
    }
    const METRICS: WideRelay = WideRelay::METRICS;
    const THREADS: u16 = 3;
    const CODES: core::ops::Range<u16> = 400..418;
    // Each thread in other series, and not in all: what one has not touched, another has.
    let times = |thread: u16, code: u16, outcome: usize| {
        u32::from(code.is_multiple_of(thread + 2)) * (u32::from(code) + 7 * u32::from(thread))
            % (5 + u32::try_from(outcome).expect("below four"))
    };
    let barrier = Barrier::new(usize::from(THREADS));
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let barrier = &barrier;
            scope.spawn(move || {
                // All three have slabs of their own.
                barrier.wait();
                for code in CODES {
                    for (at, outcome) in OUTCOMES.into_iter().enumerate() {
                        let status = StatusCode::new(code);
                        let labels = Answer { status, outcome };
                        for _ in 0..times(thread, code, at) {
                            METRICS.answers_total.with(labels).inc();
                            let series = METRICS.answer_duration_seconds.with(labels);
                            series.observe(Duration::from_millis(u64::from(code)));
                            METRICS
                                .answer_celsius
                                .with(labels)
                                .observe(f64::from(code) / 32.0);
                        }
                    }
                }
                barrier.wait();
            });
        }
    });
    let registry = Registry::new();
    registry
        .register::<WideRelay>()
        .expect("one set does not clash");
    let samples = Samples::read(&encode(&registry, Format::Text).expect("no reader panics"));
    assert_eq!(samples.histogram_faults(), Vec::<String>::new());
    let mut shown = 0;
    for code in CODES {
        for (at, outcome) in OUTCOMES.into_iter().enumerate() {
            let status = StatusCode::VALUES[StatusCode::new(code).index()];
            let outcome = Outcome::VALUES[outcome.index()];
            let labels = format!("{{status=\"{status}\",outcome=\"{outcome}\"}}");
            let expected: u32 = (0..THREADS).map(|thread| times(thread, code, at)).sum();
            let expected = f64::from(expected);
            let value = |name: &str| samples.get(&format!("wide_relay_{name}{labels}"));
            let all = [
                ("answers_total", 1.0),
                ("answer_duration_seconds_count", 1.0),
                ("answer_duration_seconds_sum", f64::from(code) / 1e3),
                ("answer_celsius_count", 1.0),
                ("answer_celsius_sum", f64::from(code) / 32.0),
            ];
            for (name, each) in all {
                let found = value(name).unwrap_or_default();
                assert!(
                    (found - expected * each).abs() < 1e-9,
                    "{name}{labels}: {found}"
                );
            }
            shown += u32::from(expected > 0.0);
        }
    }
    assert!(shown > 40, "{shown} series are too few");
}

#[test]
fn recordings_before_and_after_a_threads_slab_is_given_back_are_kept() {
    #[derive(MetricSet)]
    #[metrics(namespace = "farewell")]
    struct Farewell {
        /// Destructors run.
        destructors_total: Counter,
        /// Durations.
        farewell_duration_seconds: Histogram<Seconds>,
    }
    const FAREWELL: Farewell = Farewell::METRICS;

    struct RecordsWhenDropped;
    impl Drop for RecordsWhenDropped {
        fn drop(&mut self) {
            FAREWELL.destructors_total.inc();
            FAREWELL
                .farewell_duration_seconds
                .observe(Duration::from_secs(1));
        }
    }
    thread_local! {
        static EARLY: RefCell<Option<RecordsWhenDropped>> = const { RefCell::new(None) };
        static LATE: RefCell<Option<RecordsWhenDropped>> = const { RefCell::new(None) };
    }
    for _ in 0..50 {
        thread::spawn(|| {
            // Destructors run in the reverse order of first use: one of these before the slab is given back, one after.
            EARLY.with(|guard| *guard.borrow_mut() = Some(RecordsWhenDropped));
            FAREWELL.destructors_total.inc();
            LATE.with(|guard| *guard.borrow_mut() = Some(RecordsWhenDropped));
        })
        .join()
        .expect("it does not panic");
    }
    assert_eq!(FAREWELL.destructors_total.get(), 150);
    assert_eq!(FAREWELL.farewell_duration_seconds.count(), 100);
    assert_eq!(FAREWELL.farewell_duration_seconds.sum(), 100.0);
}

#[test]
fn tasks_on_the_blocking_pool_are_counted() {
    #[derive(MetricSet)]
    #[metrics(namespace = "pool")]
    struct Pool {
        /// Tasks.
        tasks_total: Counter,
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_time()
        .max_blocking_threads(200)
        .thread_keep_alive(Duration::from_millis(1))
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        for _ in 0..3 {
            let tasks: Vec<_> = (0..200)
                .map(|_| tokio::task::spawn_blocking(|| Pool::METRICS.tasks_total.inc()))
                .collect();
            for task in tasks {
                task.await.expect("it does not panic");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    drop(runtime);
    assert_eq!(Pool::METRICS.tasks_total.get(), 600);
}

#[test]
fn a_forked_process_records_on_what_its_parent_recorded() {
    #[derive(MetricSet)]
    #[metrics(namespace = "forked")]
    struct Forked {
        /// Events.
        events_total: Counter,
        /// Events that the parent did not see.
        unseen_events_total: Counter,
    }
    const FORKED: Forked = Forked::METRICS;
    let busy = Arc::new(AtomicBool::new(true));
    let other = thread::spawn({
        let busy = Arc::clone(&busy);
        move || {
            while busy.load(Ordering::Relaxed) {
                FORKED.unseen_events_total.inc();
            }
        }
    });
    FORKED.events_total.add(2);
    // SAFETY: the child records, reads and exits; it takes no lock and allocates nothing.
    let child = unsafe { libc::fork() };
    if child == 0 {
        FORKED.events_total.inc();
        let before = FORKED.unseen_events_total.get();
        FORKED.unseen_events_total.inc();
        let right =
            FORKED.events_total.get() == 3 && FORKED.unseen_events_total.get() == before + 1;
        // SAFETY: ends the child without running what belongs to the parent.
        unsafe { libc::_exit(i32::from(!right)) };
    }
    assert!(child > 0, "no fork");
    let mut status = 0;
    // SAFETY: `status` is valid for the call.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    busy.store(false, Ordering::Relaxed);
    other.join().expect("it does not panic");
    assert_eq!(waited, child);
    assert!(
        libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0,
        "status {status}"
    );
    assert_eq!(
        FORKED.events_total.get(),
        2,
        "what the child records is its own"
    );
}

/// A library with metrics that is linked at load time, and a program with metrics of its own.
#[test]
fn a_dynamic_library_and_its_program_record_in_the_same_slabs() {
    let plugin = "
#[derive(datapunk_metrics::MetricSet)]
#[metrics(namespace = \"plugin\")]
pub struct PluginMetrics {
    /// Calls.
    pub calls_total: datapunk_metrics::Counter,
}

#[inline(never)]
pub fn call() {
    PluginMetrics::METRICS.calls_total.inc();
}

/// The library's copy of the toolkit is the program's.
pub use datapunk_metrics;
";
    let host = "
use dynamic_plugin::datapunk_metrics::{self, Counter, MetricSet, Registry};

#[derive(MetricSet)]
#[metrics(namespace = \"host\", crate = dynamic_plugin::datapunk_metrics)]
struct HostMetrics {
    /// Calls.
    calls_total: Counter,
}

fn main() {
    let threads: Vec<_> = (0..8)
        .map(|_| {
            std::thread::spawn(|| {
                for _ in 0..1000 {
                    dynamic_plugin::call();
                    HostMetrics::METRICS.calls_total.inc();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let registry = Registry::new();
    registry.register::<HostMetrics>().unwrap().register::<dynamic_plugin::PluginMetrics>().unwrap();
    let format = datapunk_metrics::encode::Format::Text;
    print!(\"{}\", datapunk_metrics::encode::encode(&registry, format).unwrap());
}
";
    let project = Project::new(
        "dynamic",
        &[
            Member::new("dynamic_plugin", plugin)
                .depending_on(&format!("{TOOLKIT}\n[lib]\ncrate-type = [\"dylib\"]\n")),
            Member::new("dynamic_host", host)
                .depending_on("dynamic_plugin = { path = \"../dynamic_plugin\" }\n"),
        ],
    );
    let flags = [(
        "RUSTFLAGS",
        "-C prefer-dynamic -C link-args=-Wl,-rpath,$ORIGIN/deps",
    )];
    let built = project.cargo_with(&["run", "--release", "--bin", "dynamic_host"], &flags);
    built.expect_success();
    for line in ["host_calls_total 8000\n", "plugin_calls_total 8000\n"] {
        assert!(built.log.contains(line), "{line} is not in:\n{}", built.log);
    }
}
