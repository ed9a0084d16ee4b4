//! What the toolkit costs besides recording: reading, and memory. There is nothing to compare it with.
//!
//! It is measured in a process of its own: slabs, once made, stay, and the rows before have made some.

use std::fs;
use std::process::Command;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use datapunk_metrics::Registry;
use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics_bench_owner::{ENCODED, EncodedMetrics, RECORDED};
use serde_json::{Map, Value, json};
use support::statistics::median;

use crate::libraries::ours::touch_every_series;

/// The row's name.
pub(crate) const KEY: &str = "reading_and_memory";

/// 10,000 counters, and 1,000 histograms of six buckets, one for `+Inf` and a sum.
const CELLS: usize = 10_000 + 1_000 * 8;
const SERIES: usize = 11_000;
const THREADS: usize = 16;

pub(crate) fn selected(filter: &str) -> bool {
    KEY.contains(filter)
}

/// What was measured, by name.
#[derive(Debug)]
pub(crate) struct Costs(Map<String, Value>);

impl Costs {
    /// Name, value and unit.
    pub(crate) fn lines(&self) -> Vec<(&str, f64, &'static str)> {
        let lines = self.0.iter().map(|(name, value)| {
            let unit = if name.ends_with("_ns") { "ns" } else { "bytes" };
            (name.as_str(), value.as_f64().unwrap_or(f64::NAN), unit)
        });
        lines.collect()
    }
}

/// Runs this program once more, with nothing recorded in it yet.
pub(crate) fn measure_in_child() -> Result<Costs, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(program)
        .arg("--own-costs")
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    serde_json::from_slice(&output.stdout)
        .map(Costs)
        .map_err(|error| error.to_string())
}

/// What the child does.
pub(crate) fn measure_and_print() -> Result<(), String> {
    let registry = Registry::new();
    registry
        .register::<EncodedMetrics>()
        .map_err(|error| error.to_string())?;
    let collect = || {
        encode(&registry, Format::Text)
            .map(|text| text.len())
            .map_err(|error| error.to_string())
    };

    let before = resident()?;
    touch_every_series(&ENCODED);
    let series = resident()?.saturating_sub(before);
    let text = encode(&registry, Format::Text).map_err(|error| error.to_string())?;
    let exposed = resident()?
        .saturating_sub(before)
        .saturating_sub(text.len());
    drop(text);

    let one = nanoseconds(&|| (), &collect)?;
    let changed = nanoseconds(&|| touch_every_series(&ENCODED), &collect)?;
    let many = with_threads(&collect)?;
    let slabs = (THREADS - 1) as f64;
    let costs = json!({
        "collect_per_cell_1_thread_ns": one / CELLS as f64,
        "collect_per_cell_all_changed_ns": changed / CELLS as f64,
        "collect_per_cell_16_threads_ns": many.collect / CELLS as f64,
        "read_per_cell_and_slab_ns": (many.collect - one) / slabs / CELLS as f64,
        "bytes_per_series_recorded": series as f64 / SERIES as f64,
        "bytes_per_series_exposed": exposed as f64 / SERIES as f64,
        "bytes_per_thread_one_counter": many.one_counter,
        "bytes_per_thread_all_series": many.all_series,
    });
    println!("{costs}");
    Ok(())
}

struct WithThreads {
    collect: f64,
    one_counter: f64,
    all_series: f64,
}

/// What it costs while sixteen threads have recorded and live.
fn with_threads(collect: &impl Fn() -> Result<usize, String>) -> Result<WithThreads, String> {
    // Each phase is between two meetings of all threads and this one.
    let meeting = Barrier::new(THREADS + 1);
    let one = || {
        // The stack of a thread and what the allocator keeps for it are not the toolkit's.
        drop(std::hint::black_box(vec![0_u8; 64]));
        meeting.wait();
        meeting.wait();
        RECORDED.plain_events_total.inc();
        meeting.wait();
        meeting.wait();
        touch_every_series(&ENCODED);
        meeting.wait();
        meeting.wait();
    };
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(one);
        }
        let mut phases = [0; 3];
        for (number, phase) in phases.iter_mut().enumerate() {
            meeting.wait();
            // An error must not keep the threads waiting: it counts as nothing and is seen below.
            *phase = resident().unwrap_or(0);
            if number < 2 {
                meeting.wait();
            }
        }
        let collect = nanoseconds(&|| (), collect);
        meeting.wait();
        if phases.contains(&0) {
            return Err("the process' memory can't be read".to_owned());
        }
        let per_thread =
            |phase: usize| phases[phase].saturating_sub(phases[0]) as f64 / THREADS as f64;
        Ok(WithThreads {
            collect: collect?,
            one_counter: per_thread(1),
            all_series: per_thread(2),
        })
    })
}

/// Nanoseconds of one collection with its encoding, after something was recorded.
fn nanoseconds(
    record: &impl Fn(),
    collect: &impl Fn() -> Result<usize, String>,
) -> Result<f64, String> {
    collect()?;
    let mut times = Vec::new();
    for _ in 0..101 {
        record();
        let start = Instant::now();
        std::hint::black_box(collect()?);
        times.push(start.elapsed().as_nanos() as f64);
    }
    Ok(median(&times))
}

/// Bytes of memory that only this process has, as the kernel counts them.
fn resident() -> Result<usize, String> {
    const FILE: &str = "/proc/self/smaps_rollup";
    let rollup = fs::read_to_string(FILE).map_err(|error| format!("{FILE}: {error}"))?;
    let kilobytes = rollup.lines().filter_map(|line| {
        let line = line.strip_prefix("Private_Dirty:")?;
        line.trim()
            .strip_suffix(" kB")?
            .trim()
            .parse::<usize>()
            .ok()
    });
    Ok(kilobytes.sum::<usize>() * 1024)
}
