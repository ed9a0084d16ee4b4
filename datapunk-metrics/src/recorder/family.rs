//! A metric of the facade: its series, up to its limit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use datapunk_metrics_conventions::Kind;
use metrics::{Counter, Gauge, Histogram};

use super::cell::{Cell, CounterCell, Dropping, Folding, GaugeCell, HistogramCell};
use super::names::{Exposed, Labels};
use crate::collect::foreign::ForeignSeries;

#[derive(Debug)]
pub(super) struct Family {
    /// As it is exposed.
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Of a histogram; empty for others.
    bounds: Arc<[f64]>,
    pub(super) limit: usize,
    pub(super) counts: Arc<Counts>,
    series: RwLock<Series>,
    /// Labels that are left out, as far as that was told.
    dropped: RwLock<BTreeSet<String>>,
}

/// Labels that are told to be left out.
const MOST_DROPPED: usize = 32;

/// What a metric counts about itself.
#[derive(Debug, Default)]
pub(super) struct Counts {
    folded: AtomicU64,
    refused: AtomicU64,
}

#[derive(Debug, Default)]
struct Series {
    list: BTreeMap<Labels, Cell>,
    /// The one that takes what is beyond the limit, which is not counted.
    overflow: Option<Cell>,
    overflow_labels: Labels,
}

/// A cell to record in, and whether it is the series' own.
pub(super) enum Slot {
    Own(Cell),
    /// The cell takes what is beyond the limit.
    Overflow(Cell),
    /// There is no room for another gauge.
    None,
}

impl Counts {
    pub(super) fn fold(&self, samples: u64) {
        self.folded.fetch_add(samples, Ordering::Relaxed);
    }

    pub(super) fn refuse(&self, samples: u64) {
        self.refused.fetch_add(samples, Ordering::Relaxed);
    }

    pub(super) fn folded(&self) -> u64 {
        self.folded.load(Ordering::Relaxed)
    }

    pub(super) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

impl Family {
    pub(super) fn new(name: String, kind: Kind, bounds: Vec<f64>, limit: usize) -> Self {
        Self {
            name,
            kind,
            bounds: bounds.into(),
            limit,
            counts: Arc::default(),
            series: RwLock::default(),
            dropped: RwLock::default(),
        }
    }

    /// Whether it was not told yet that the label is left out.
    pub(super) fn drops_for_the_first_time(&self, label: &str) -> bool {
        let dropped = self.dropped.read().unwrap_or_else(PoisonError::into_inner);
        if dropped.contains(label) || dropped.len() >= MOST_DROPPED {
            return false;
        }
        drop(dropped);
        let mut dropped = self.dropped.write().unwrap_or_else(PoisonError::into_inner);
        dropped.insert(label.to_owned())
    }

    /// The place of these labels. Labels beyond the limit are not remembered.
    pub(super) fn slot(&self, exposed: &Exposed) -> Slot {
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = self.known(&series, exposed) {
            return slot;
        }
        drop(series);
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have been at it.
        if let Some(slot) = self.known(&series, exposed) {
            return slot;
        }
        if series.list.len() < self.limit {
            let cell = self.cell();
            series.list.insert(exposed.labels.clone(), cell.clone());
            return Slot::Own(cell);
        }
        if self.kind == Kind::Gauge {
            return Slot::None;
        }
        // Where there is a series of these values already, it is that one.
        series.overflow_labels = exposed.overflow();
        let real = series.list.get(&series.overflow_labels).cloned();
        let cell = real.unwrap_or_else(|| self.cell());
        series.overflow = Some(cell.clone());
        Slot::Overflow(cell)
    }

    fn known(&self, series: &Series, exposed: &Exposed) -> Option<Slot> {
        if let Some(cell) = series.list.get(&exposed.labels) {
            return Some(Slot::Own(cell.clone()));
        }
        let is_full = series.list.len() >= self.limit;
        match &series.overflow {
            Some(cell) if is_full => Some(Slot::Overflow(cell.clone())),
            _ if is_full && self.kind == Kind::Gauge => Some(Slot::None),
            _ => None,
        }
    }

    fn cell(&self) -> Cell {
        match self.kind {
            Kind::Gauge => Cell::Gauge(Arc::new(GaugeCell::default())),
            Kind::Histogram => {
                let (bounds, counts) = (Arc::clone(&self.bounds), Arc::clone(&self.counts));
                Cell::Histogram(Arc::new(HistogramCell::new(bounds, counts)))
            }
            _ => Cell::Counter(Arc::new(CounterCell::default())),
        }
    }

    /// How many series there are, the one beyond the limit not counted.
    pub(super) fn len(&self) -> usize {
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        series.list.len()
    }

    /// The series that have a value.
    pub(super) fn collect(&self) -> Vec<ForeignSeries> {
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        let beyond = series.overflow.as_ref();
        let beyond = beyond.filter(|_| !series.list.contains_key(&series.overflow_labels));
        let beyond = beyond.map(|cell| (&series.overflow_labels, cell));
        let all = series.list.iter().chain(beyond);
        all.filter_map(|(labels, cell)| {
            Some(ForeignSeries {
                labels: labels.clone(),
                value: cell.value()?,
            })
        })
        .collect()
    }
}

impl Slot {
    pub(super) fn counter(self, counts: &Arc<Counts>) -> Counter {
        match self {
            Self::Own(Cell::Counter(cell)) => Counter::from_arc(cell),
            Self::Overflow(Cell::Counter(cell)) => Counter::from_arc(Arc::new(Folding {
                cell,
                counts: Arc::clone(counts),
            })),
            _ => Counter::noop(),
        }
    }

    pub(super) fn gauge(self, counts: &Arc<Counts>) -> Gauge {
        match self {
            Self::Own(Cell::Gauge(cell)) => Gauge::from_arc(cell),
            Self::None => Gauge::from_arc(Arc::new(Dropping(Arc::clone(counts)))),
            _ => Gauge::noop(),
        }
    }

    pub(super) fn histogram(self, counts: &Arc<Counts>) -> Histogram {
        match self {
            Self::Own(Cell::Histogram(cell)) => Histogram::from_arc(cell),
            Self::Overflow(Cell::Histogram(cell)) => Histogram::from_arc(Arc::new(Folding {
                cell,
                counts: Arc::clone(counts),
            })),
            _ => Histogram::noop(),
        }
    }
}
