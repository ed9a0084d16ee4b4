//! Measuring: rounds in which every contender runs once, in an order that turns from round to round.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use support::exposition;
use support::statistics::median;

use crate::inputs::COUNT;
use crate::libraries::{Contender, contenders};
use crate::rows::{Row, Work};

/// How long and how often a row is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// How long one contender runs in one round.
    run: Duration,
}

impl Effort {
    pub(crate) const FULL: Self = Self {
        rounds: 41,
        run: Duration::from_millis(12),
    };
    pub(crate) const QUICK: Self = Self {
        rounds: 3,
        run: Duration::from_millis(2),
    };
}

/// What a contender took.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    /// Whether it is a library, and not there to compare libraries with.
    pub(crate) competes: bool,
    /// Nanoseconds for one recording in each thread, or for one exposition: the median of all rounds.
    pub(crate) ns: f64,
    /// The time against that of the reference in the same round: the median of all rounds.
    pub(crate) ratio: f64,
}

/// The row's contenders, the reference first.
pub(crate) fn measure(row: &Row, effort: Effort) -> Vec<Measured> {
    let contenders = contenders(row.work);
    let mut passes = Vec::new();
    for contender in &contenders {
        passes.push(calibrated(contender, row.threads, effort));
    }
    let mut times = vec![Vec::new(); contenders.len()];
    for round in 0..effort.rounds {
        for turn in 0..contenders.len() {
            let place = (round + turn) % contenders.len();
            times[place].push(run(&contenders[place], row.threads, passes[place]));
        }
    }
    for contender in &contenders {
        verify(contender, row.work);
    }
    let measured = contenders.iter().zip(&times).map(|(contender, own)| {
        let ratios: Vec<f64> = own
            .iter()
            .zip(&times[0])
            .map(|(own, bare)| own / bare)
            .collect();
        Measured {
            name: contender.name,
            competes: contender.exposition.is_some(),
            ns: median(own),
            ratio: median(&ratios),
        }
    });
    measured.collect()
}

/// How many passes fill the time of one run.
fn calibrated(contender: &Contender, threads: usize, effort: Effort) -> usize {
    let once = run(contender, threads, 1) * contender.recordings() as f64;
    let passes = effort.run.as_nanos() as f64 / once;
    // Even the slowest is measured, and a clock that did not move does not make the run endless.
    (1..=10_000)
        .find(|count| *count as f64 >= passes)
        .unwrap_or(10_000)
}

/// Nanoseconds for one recording in each of `threads`.
fn run(contender: &Contender, threads: usize, passes: usize) -> f64 {
    let elapsed = if threads == 1 {
        in_this_thread(contender.pass, passes)
    } else {
        in_threads(contender.pass, threads, passes)
    };
    expect(contender, threads * (passes + 1));
    (contender.settle)();
    elapsed.as_nanos() as f64 / (passes * contender.recordings()) as f64
}

fn in_this_thread(pass: fn(), passes: usize) -> Duration {
    // The others' data is in the caches now; and what is made on first use is made here.
    pass();
    let start = Instant::now();
    for _ in 0..passes {
        pass();
    }
    start.elapsed()
}

/// From the first thread's start to the last one's end.
fn in_threads(pass: fn(), threads: usize, passes: usize) -> Duration {
    let ready = AtomicUsize::new(0);
    let one = || {
        pass();
        ready.fetch_add(1, Ordering::AcqRel);
        // A blocking barrier would wake the threads one after the other, and they would not meet.
        while ready.load(Ordering::Acquire) < threads {
            thread::yield_now();
        }
        let start = Instant::now();
        for _ in 0..passes {
            pass();
        }
        (start, Instant::now())
    };
    let spans: Vec<(Instant, Instant)> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        running
            .into_iter()
            .map(|thread| thread.join().expect("a contender does not panic"))
            .collect()
    });
    let start = spans.iter().map(|(start, _)| *start).min();
    let end = spans.iter().map(|(_, end)| *end).max();
    match (start, end) {
        (Some(start), Some(end)) => end - start,
        _ => Duration::ZERO,
    }
}

/// How many recordings each metric of each contender should have by now.
static EXPECTED: Mutex<Option<HashMap<(&'static str, &'static str), usize>>> = Mutex::new(None);

/// Counts `passes` of `contender` as done.
fn expect(contender: &Contender, passes: usize) {
    let mut expected = EXPECTED.lock().unwrap_or_else(PoisonError::into_inner);
    *expected
        .get_or_insert_default()
        .entry((contender.name, contender.metric))
        .or_default() += passes * contender.recordings();
}

/// Sees that a contender has done the work it was measured for, by its own exposition.
///
/// # Panics
///
/// If it has not: its time means nothing then.
fn verify(contender: &Contender, work: Work) {
    let Some(shown) = contender.exposition else {
        return;
    };
    let text = shown();
    if work == Work::Encode {
        // Some libraries add samples of their own.
        let lines = text
            .lines()
            .filter(|line| line.starts_with("bench_"))
            .count();
        assert_eq!(lines, 19_000, "samples that {} wrote", contender.name);
        return;
    }
    let expected = EXPECTED.lock().unwrap_or_else(PoisonError::into_inner);
    let expected = expected
        .as_ref()
        .and_then(|expected| expected.get(&(contender.name, contender.metric)))
        .copied()
        .unwrap_or(0);
    let recorded = exposition::total(&text, contender.metric);
    assert!(
        (recorded - expected as f64).abs() < 0.5,
        "{} was to record {expected} times in {} and shows {recorded}:\n{text}",
        contender.name,
        contender.metric,
    );
}

impl Contender {
    /// How much one pass does.
    pub(crate) fn recordings(&self) -> usize {
        if self.metric.is_empty() { 1 } else { COUNT }
    }
}
