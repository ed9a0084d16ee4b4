//! The contenders: each library, used as its own documentation says is fastest.
//!
//! Handles are made once, outside of what is measured. What a row's name says is done at each recording: `literal` and
//! `runtime` go from label values to a series each time.

mod fastmetrics;
mod measured;
mod metrics;
mod opentelemetry;
pub(crate) mod ours;
mod prometheus;
mod prometheus_client;
mod reference;
mod static_metric;
mod static_metric_local;
mod vise;

pub(crate) use reference::FLOOR;

use crate::rows::Work;

/// One library at one kind of work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// The sample that counts what a pass records; empty if a pass is one exposition.
    pub(crate) metric: &'static str,
    /// Does the work once for every input, or encodes once.
    pub(crate) pass: fn(),
    /// Runs after each measurement, and is not measured.
    pub(crate) settle: fn(),
    /// The text that shows what was recorded, or what was encoded; none if it is no library.
    pub(crate) exposition: Option<fn() -> String>,
}

/// A library.
struct Library {
    name: &'static str,
    /// Does one pass of the work, where the library has a way of its own for it.
    pass: fn(Work) -> Option<fn()>,
    settle: fn(),
    /// The text of what the recording rows record.
    recorded: fn() -> String,
    /// The text of what the encoding row encodes.
    encoded: fn() -> String,
}

const LIBRARIES: [&Library; 10] = [
    &ours::LIBRARY,
    &prometheus::LIBRARY,
    &static_metric::LIBRARY,
    &static_metric_local::LIBRARY,
    &prometheus_client::LIBRARY,
    &metrics::LIBRARY,
    &measured::LIBRARY,
    &vise::LIBRARY,
    &fastmetrics::LIBRARY,
    &opentelemetry::LIBRARY,
];

/// Who takes part in a row, the reference first.
pub(crate) fn contenders(work: Work) -> Vec<Contender> {
    let mut contenders = vec![reference::contender(work)];
    contenders.extend(reference::floor(work));
    for library in LIBRARIES {
        let Some(pass) = (library.pass)(work) else {
            continue;
        };
        contenders.push(Contender {
            name: library.name,
            metric: metric(work),
            pass,
            settle: library.settle,
            exposition: Some(if work == Work::Encode {
                library.encoded
            } else {
                library.recorded
            }),
        });
    }
    contenders
}

/// The sample that counts the recordings; every library exposes it by the same name.
fn metric(work: Work) -> &'static str {
    match work {
        Work::Plain => "bench_plain_events_total",
        Work::Literal | Work::Runtime => "bench_grid_events_total",
        Work::Open => "bench_path_events_total",
        Work::Six => "bench_six_latency_seconds_count",
        Work::SixFloat => "bench_six_energy_joules_count",
        Work::Eleven => "bench_eleven_latency_seconds_count",
        Work::Encode => "",
    }
}

/// Says which libraries are measured in an older version than the newest, or not at all, and why.
pub(crate) fn print_left_out() {
    println!("measured 0.1 needs Rust 1.98: 0.0.25 takes part");
    println!(
        "prometheus-static-metric has counters of its own only: its other rows are prometheus' own"
    );
    println!(
        "prometheus-static-metric (thread-local) shows a count only after a flush, up to a second later\n"
    );
}

fn nothing() {}

fn no_text() -> String {
    String::new()
}

/// The values of the encoding row, the same for every library: label values and a number for each counter, and four
/// observations for each histogram.
mod filling {
    use crate::inputs::Random;

    /// Calls `counter` with shard, replica and value of each of 10,000 counters.
    pub(super) fn counters(mut counter: impl FnMut(usize, usize, u64)) {
        let mut random = Random(3);
        for shard in 0..100 {
            for replica in 0..100 {
                // From one digit to ten.
                let digits = random.below(34);
                counter(shard, replica, 1 + (random.next() >> 30 >> digits));
            }
        }
    }

    /// Calls `histogram` with shard, part and value of each observation of 1,000 histograms.
    pub(super) fn histograms(mut histogram: impl FnMut(usize, usize, f64)) {
        let mut random = Random(4);
        for shard in 0..100 {
            for part in 0..10 {
                for _ in 0..4 {
                    // Milliseconds up to 8.192 s: the sums have up to three digits behind the point.
                    let milliseconds = 1 + random.below(8192);
                    histogram(shard, part, milliseconds as f64 / 1e3);
                }
            }
        }
    }

    macro_rules! names {
        ($($name:ident)*) => { [$(stringify!($name)),*] };
    }

    /// `S00` to `S99`: the values of the labels `shard` and `replica`.
    pub(super) const HUNDRED: [&str; 100] = datapunk_metrics_bench_owner::hundred!(names);

    /// The values of the label `part`.
    pub(super) const TEN: [&str; 10] = ["P0", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9"];
}

/// The 5×5 grid as two enums of the module, with the derives that its library asks for.
macro_rules! grid {
    ($(#[$attribute:meta])*) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        enum Operation { Read, Write, List, Delete, Copy }

        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        enum Status { Ok, Error, Timeout, Refused, Cancelled }

        $crate::libraries::places!();
    };
}

/// The inputs of the run-time rows as the module's own label values.
macro_rules! places {
    () => {
        $crate::libraries::places!(
            Read, Write, List, Delete, Copy; Ok, Error, Timeout, Refused, Cancelled
        );
    };
    ($($operation:ident),*; $($status:ident),*) => {
        static GRID: std::sync::LazyLock<Vec<(Operation, Status)>> = std::sync::LazyLock::new(|| {
            let operations = [$(Operation::$operation),*];
            let statuses = [$(Status::$status),*];
            let places = $crate::inputs::PLACES.iter();
            places.map(|(operation, status)| (operations[*operation], statuses[*status])).collect()
        });
    };
}

/// The label values as text, for libraries whose labels are strings.
macro_rules! grid_text {
    () => {
        impl Operation {
            fn text(self) -> &'static str {
                match self {
                    Self::Read => "read",
                    Self::Write => "write",
                    Self::List => "list",
                    Self::Delete => "delete",
                    Self::Copy => "copy",
                }
            }
        }

        impl Status {
            fn text(self) -> &'static str {
                match self {
                    Self::Ok => "ok",
                    Self::Error => "error",
                    Self::Timeout => "timeout",
                    Self::Refused => "refused",
                    Self::Cancelled => "cancelled",
                }
            }
        }
    };
}
use {grid, grid_text, places};
