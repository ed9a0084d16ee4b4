use datapunk_metrics::{Counter, Gauge, LabelSet, MetricSet, Readings};

#[derive(Clone, Copy, LabelSet)]
struct MemoryLabels {
    swapped: bool,
}

fn open_files() -> i64 {
    3
}

mod opened {
    pub fn files() -> Option<u64> {
        None
    }
}

fn memory(readings: &mut Readings<MemoryLabels, i64>) {
    readings.set(MemoryLabels { swapped: false }, 4096);
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Files that are open.
    #[metric(read = open_files)]
    files_current: Gauge,
    /// Files opened, where the system tells.
    #[metric(read = opened::files)]
    files_opened_total: Counter,
    /// Memory in use, by kind.
    #[metric(read = memory)]
    memory_bytes: Gauge<MemoryLabels>,
}

fn main() {}
