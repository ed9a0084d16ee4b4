//! Where the values of a series are, and what is recorded beyond the limit of its metric.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use metrics::{CounterFn, GaugeFn, HistogramFn};

use super::family::Counts;
use crate::cells::add_f64;
use crate::collect::Value;
use crate::collect::foreign::{ForeignHistogram, ForeignValue};

/// The cells of one series.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Counter(Arc<CounterCell>),
    Gauge(Arc<GaugeCell>),
    Histogram(Arc<HistogramCell>),
}

#[derive(Debug, Default)]
pub(super) struct CounterCell(AtomicU64);

#[derive(Debug, Default)]
pub(super) struct GaugeCell {
    /// The bits of an `f64`.
    value: AtomicU64,
    /// Whether it was set; written after the value.
    is_there: AtomicBool,
}

#[derive(Debug)]
pub(super) struct HistogramCell {
    bounds: Arc<[f64]>,
    /// One more than the bounds.
    buckets: Box<[AtomicU64]>,
    /// The bits of an `f64`.
    sum: AtomicU64,
    counts: Arc<Counts>,
}

/// The series that takes what is recorded beyond the limit.
#[derive(Debug)]
pub(super) struct Folding<T> {
    pub(super) cell: Arc<T>,
    pub(super) counts: Arc<Counts>,
}

/// Takes what is set beyond the limit: the last of several gauges' values says nothing, so it is counted and dropped.
#[derive(Debug)]
pub(super) struct Dropping(pub(super) Arc<Counts>);

impl Cell {
    /// The value of this moment; none while it was never set.
    pub(super) fn value(&self) -> Option<ForeignValue> {
        match self {
            Self::Counter(cell) => {
                let value = Value::Unsigned(cell.0.load(Ordering::Relaxed));
                Some(ForeignValue::Number(value, None))
            }
            Self::Gauge(cell) => cell.is_there.load(Ordering::Acquire).then(|| {
                let value = f64::from_bits(cell.value.load(Ordering::Relaxed));
                ForeignValue::Number(Value::Float(value), None)
            }),
            Self::Histogram(cell) => Some(ForeignValue::Histogram(ForeignHistogram {
                bounds: Arc::clone(&cell.bounds),
                buckets: cell
                    .buckets
                    .iter()
                    .map(|bucket| bucket.load(Ordering::Relaxed))
                    .collect(),
                sum: Value::Float(f64::from_bits(cell.sum.load(Ordering::Relaxed))),
                exemplars: Vec::new(),
            })),
        }
    }
}

impl CounterFn for CounterCell {
    fn increment(&self, value: u64) {
        self.0.fetch_add(value, Ordering::Relaxed);
    }

    fn absolute(&self, value: u64) {
        self.0.fetch_max(value, Ordering::Relaxed);
    }
}

impl CounterFn for Folding<CounterCell> {
    fn increment(&self, value: u64) {
        self.counts.fold(1);
        self.cell.increment(value);
    }

    /// Totals of several counters can't be told from one another, so they can't be added up.
    fn absolute(&self, _: u64) {
        self.counts.refuse(1);
    }
}

impl GaugeCell {
    fn update(&self, change: impl FnOnce(&AtomicU64)) {
        change(&self.value);
        self.is_there.store(true, Ordering::Release);
    }
}

impl GaugeFn for GaugeCell {
    fn increment(&self, value: f64) {
        self.update(|cell| add_f64(cell, value));
    }

    fn decrement(&self, value: f64) {
        self.update(|cell| add_f64(cell, -value));
    }

    fn set(&self, value: f64) {
        self.update(|cell| cell.store(value.to_bits(), Ordering::Relaxed));
    }
}

impl GaugeFn for Dropping {
    fn increment(&self, _: f64) {
        self.0.refuse(1);
    }

    fn decrement(&self, _: f64) {
        self.0.refuse(1);
    }

    fn set(&self, _: f64) {
        self.0.refuse(1);
    }
}

impl HistogramCell {
    pub(super) fn new(bounds: Arc<[f64]>, counts: Arc<Counts>) -> Self {
        Self {
            buckets: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            bounds,
            sum: AtomicU64::new(0),
            counts,
        }
    }
}

impl HistogramFn for HistogramCell {
    fn record(&self, value: f64) {
        self.record_many(value, 1);
    }

    #[expect(clippy::cast_precision_loss, reason = "a sum is an f64")]
    fn record_many(&self, value: f64, count: usize) {
        if !value.is_finite() {
            return self.counts.refuse(count as u64);
        }
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        if let Some(bucket) = self.buckets.get(bucket) {
            bucket.fetch_add(count as u64, Ordering::Relaxed);
            add_f64(&self.sum, value * count as f64);
        }
    }
}

impl HistogramFn for Folding<HistogramCell> {
    fn record(&self, value: f64) {
        self.record_many(value, 1);
    }

    fn record_many(&self, value: f64, count: usize) {
        self.counts.fold(count as u64);
        self.cell.record_many(value, count);
    }
}
