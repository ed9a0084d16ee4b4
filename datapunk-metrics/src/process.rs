//! The standard's metrics of the process itself, read at each scrape.
//!
//! The feature `process` links the set in, so the [registry of the program](crate::registry()) has it without a word:
//!
//! ```
//! use datapunk_metrics::encode::{Format, encode};
//!
//! let text = encode(datapunk_metrics::registry()?, Format::Text)?;
//! # #[cfg(unix)]
//! assert!(text.contains("process_cpu_seconds_total "));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A registry of one's own is given it with `register::<ProcessMetrics>()`. Features add up over all crates of a
//! program; one that has the feature and does not want the set leaves it out:
//!
//! ```
//! use datapunk_metrics::Registry;
//!
//! let rest = Registry::linked(|set| set.location.module != "datapunk_metrics::process")?;
//! assert!(rest.sets().iter().all(|set| set.name != "ProcessMetrics"));
//! # Ok::<(), datapunk_metrics::RegisterError>(())
//! ```
//!
//! | metric | kind | value | where |
//! |---|---|---|---|
//! | `process_cpu_seconds_total` | counter | processor time, of all threads, in user code and in the kernel | Unix |
//! | `process_cpu_cores` | gauge | the cores that the process may use | everywhere |
//! | `process_memory_bytes` | gauge | memory by `type` | Linux |
//! | `process_open_fds` | gauge | open file descriptors | Linux |
//! | `process_max_fds` | gauge | the limit of open file descriptors | Unix |
//! | `process_start_time_seconds` | gauge | when the process started, in Unix time | Linux |
//! | `process_threads` | gauge | threads | Linux |
//!
//! - A value that can't be read is absent, never 0: on a system without it, where `/proc` is not mounted, and for a limit
//!   that is unlimited.
//! - `type` is `resident` (in memory now), `resident_peak` (the most that ever was), `swap` (swapped out) or `virtual`
//!   (address space, most of which may never be used). They overlap, so their sum means nothing.
//! - `process_cpu_cores` is what there is to use, not what is used: the processors that the process may run on or, where
//!   its control group has less, the quota of that, such as 1.5 (with version 1 of control groups, in whole cores).
//!   `rate(process_cpu_seconds_total[5m])` are the cores in use, and divided by `process_cpu_cores` they are the share
//!   that an alert compares with 0.8.
//! - All values of a scrape come from one reading of the system, about as dear as opening and parsing a few small files.
//!   It is kept for a quarter of a second, so that scrapes in quick succession cost one.
//! - Disks and network devices are not among them: their labels, `mountpoint` and `device`, have values that only the
//!   machine knows, and a metric's labels are closed.

mod sample;
mod system;

use sample::sample;

use crate::{Counter, Gauge, LabelSet, LabelValue, MetricSet, Readings};

/// What the process takes of the machine.
///
/// See the [module](self). All are read at scrape time, so there is nothing to record.
#[derive(Clone, Copy, Debug, MetricSet)]
#[metrics(namespace = "process", crate = crate)]
pub struct ProcessMetrics {
    /// Processor time of the process in user code and in the kernel, in seconds.
    #[metric(read = cpu_seconds)]
    cpu_seconds_total: Counter<(), f64>,
    /// Processor cores that the process may use.
    #[metric(read = cpu_cores)]
    cpu_cores: Gauge<(), f64>,
    /// Memory of the process in bytes, by type. The types overlap.
    #[metric(read = memory_bytes)]
    memory_bytes: Gauge<MemoryLabels>,
    /// Open file descriptors.
    #[metric(read = open_fds)]
    open_fds: Gauge,
    /// The limit of open file descriptors.
    #[metric(read = max_fds)]
    max_fds: Gauge,
    /// When the process started, in seconds since the Unix epoch.
    #[metric(read = start_time_seconds)]
    start_time_seconds: Gauge<(), f64>,
    /// Threads of the process.
    #[metric(read = threads)]
    threads: Gauge,
}

#[derive(Clone, Copy, LabelValue)]
#[label(crate = crate)]
enum MemoryType {
    Resident,
    ResidentPeak,
    Swap,
    Virtual,
}

#[derive(Clone, Copy, LabelSet)]
#[label(crate = crate)]
struct MemoryLabels {
    r#type: MemoryType,
}

fn cpu_seconds() -> Option<f64> {
    sample().facts.cpu_time.map(|time| time.as_secs_f64())
}

fn cpu_cores() -> Option<f64> {
    sample().facts.cores
}

fn memory_bytes(readings: &mut Readings<'_, MemoryLabels, i64>) {
    let memory = sample().facts.memory;
    for (r#type, bytes) in [
        (MemoryType::Resident, memory.resident),
        (MemoryType::ResidentPeak, memory.resident_peak),
        (MemoryType::Swap, memory.swap),
        (MemoryType::Virtual, memory.virtual_size),
    ] {
        if let Some(bytes) = whole(bytes) {
            readings.set(MemoryLabels { r#type }, bytes);
        }
    }
}

fn open_fds() -> Option<i64> {
    whole(sample().facts.open_fds)
}

fn max_fds() -> Option<i64> {
    whole(sample().facts.max_fds)
}

fn start_time_seconds() -> Option<f64> {
    sample().started.map(|time| time.as_secs_f64())
}

fn threads() -> Option<i64> {
    whole(sample().facts.threads)
}

fn whole(value: Option<u64>) -> Option<i64> {
    value.and_then(|value| i64::try_from(value).ok())
}
