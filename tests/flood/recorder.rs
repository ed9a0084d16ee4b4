//! What is recorded, by a thread that keeps its own account.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use datapunk_metrics::{
    Counter, Histogram, LabelSet, LabelValue, MetricSet, Outcome, Registry, Seconds,
};

/// What a service records.
#[derive(MetricSet)]
#[metrics(namespace = "flooded")]
pub(crate) struct ServiceMetrics {
    /// Jobs done.
    jobs_done_total: Counter<OutcomeLabels>,
    /// Time that a job takes.
    job_duration_seconds: Histogram<Seconds, OutcomeLabels>,
    /// Jobs by queue.
    jobs_queued_total: Counter<QueueLabels<'static>>,
}

#[derive(Clone, Copy, LabelSet)]
struct OutcomeLabels {
    outcome: Outcome,
}

#[derive(Clone, Copy, LabelSet)]
struct QueueLabels<'a> {
    queue: &'a str,
}

/// More than the buffers of two sockets hold.
#[derive(MetricSet)]
#[metrics(namespace = "vast")]
pub(crate) struct VastMetrics {
    /// Drawers opened.
    #[metric(max_series = 20_000)]
    drawers_opened_total: Counter<DrawerLabels>,
}

/// The name of that set.
pub(crate) const VAST: &str = "VastMetrics";

#[derive(Clone, Copy, LabelSet)]
struct DrawerLabels {
    drawer: Drawer,
}

/// One of twenty thousand drawers.
#[derive(Clone, Copy)]
struct Drawer(usize);

/// As long as a label value may well be.
const LONG: &str = {
    const TEXT: [u8; 800] = [b'x'; 800];
    match std::str::from_utf8(&TEXT) {
        Ok(text) => text,
        Err(_) => panic!("it is ASCII"),
    }
};

impl LabelValue for Drawer {
    const VALUES: &'static [&'static str] = {
        static DRAWERS: [&str; 20_000] = [LONG; 20_000];
        &DRAWERS
    };

    fn index(self) -> usize {
        self.0
    }
}

pub(crate) fn registry() -> Registry {
    let registry = Registry::new();
    registry
        .register::<ServiceMetrics>()
        .and_then(Registry::register::<VastMetrics>)
        .expect("they do not clash");
    VastMetrics::METRICS
        .drawers_opened_total
        .with(DrawerLabels {
            drawer: Drawer(19_999),
        })
        .inc();
    registry
}

/// Recordings of one pass.
const PASS: u64 = 3 * 1024;

/// A thread that records until it is told to stop.
pub(crate) struct Recorder {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Account>,
}

/// What it did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    pub(crate) recordings: u64,
    /// Time of a processor.
    pub(crate) busy: Duration,
    /// How often it waited for something.
    pub(crate) waits: u64,
}

impl Account {
    /// Nanoseconds of a processor for one recording.
    pub(crate) fn cost(&self) -> f64 {
        self.busy.as_secs_f64() * 1e9 / self.recordings as f64
    }
}

impl Recorder {
    /// Starts it, on the processor of its own if there is one.
    pub(crate) fn start(processor: Option<usize>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            if let Some(processor) = processor {
                crate::measure::stay_on(&[processor]);
            }
            pass();
            let (busy, waits) = (busy(), waits());
            let mut recordings = 0;
            while !told.load(Ordering::Relaxed) {
                pass();
                recordings += PASS;
            }
            Account {
                recordings,
                busy: self::busy().saturating_sub(busy),
                waits: self::waits() - waits,
            }
        });
        Self { stop, thread }
    }

    pub(crate) fn end(self) -> Account {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("no panic")
    }
}

fn pass() {
    const QUEUES: [&str; 4] = ["mail", "billing", "search", "report"];
    let service = std::hint::black_box(ServiceMetrics::METRICS);
    for number in 0..PASS / 3 {
        let outcome = if number % 8 == 0 {
            Outcome::Error
        } else {
            Outcome::Ok
        };
        let labels = OutcomeLabels {
            outcome: std::hint::black_box(outcome),
        };
        service.jobs_done_total.with(labels).inc();
        service
            .job_duration_seconds
            .with(labels)
            .observe(Duration::from_micros(number * 37));
        let queue = std::hint::black_box(QUEUES[usize::try_from(number % 4).unwrap_or(0)]);
        service.jobs_queued_total.with(QueueLabels { queue }).inc();
    }
}

/// The time that this thread was on a processor.
fn busy() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux keeps it");
    let ns = text.split(' ').next().and_then(|ns| ns.parse().ok());
    Duration::from_nanos(ns.expect("a number"))
}

/// How often this thread gave its processor back because it had to wait.
fn waits() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/status").expect("Linux");
    text.lines()
        .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))
        .and_then(|count| count.trim().parse().ok())
        .expect("a number")
}
