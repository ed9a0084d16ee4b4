//! What the checks found last.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::METRICS;
use super::check::Status;
use crate::standard::CheckLabels;

/// The `check_type` of all checks together.
pub(super) const AGGREGATE: &str = "aggregate";

/// How the status of all checks together follows from theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// It is that of the worst check: the service is as well as what it needs most.
    Worst,
    /// It is the mean of all: the share of the service that works.
    Mean,
}

impl Aggregate {
    #[expect(clippy::cast_precision_loss, reason = "checks are few")]
    fn of(self, values: impl ExactSizeIterator<Item = f64>) -> f64 {
        match self {
            // A service that needs nothing is well.
            _ if values.len() == 0 => 1.0,
            Self::Worst => values.fold(1.0, f64::min),
            Self::Mean => {
                let count = values.len() as f64;
                values.sum::<f64>() / count
            }
        }
    }
}

/// What one check found last.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckReport {
    /// The name of the check.
    pub name: &'static str,
    /// What it found.
    pub status: Status,
    /// When.
    pub at: SystemTime,
}

/// What all checks found, for the tasks that run them and those who ask.
#[derive(Debug)]
pub(super) struct Shared {
    names: Vec<&'static str>,
    aggregate: Aggregate,
    found: Mutex<Vec<Option<Found>>>,
}

#[derive(Clone, Debug)]
struct Found {
    status: Status,
    at: SystemTime,
}

impl Shared {
    pub(super) fn new(names: Vec<&'static str>, aggregate: Aggregate) -> Self {
        let found = Mutex::new(vec![None; names.len()]);
        Self {
            names,
            aggregate,
            found,
        }
    }

    /// Keeps and records what a check found.
    pub(super) fn found(&self, check: usize, status: Status) {
        let at = SystemTime::now();
        let mut found = self.lock();
        show(self.names[check], status.value(), at);
        found[check] = Some(Found { status, at });
        // Under the lock, so that what is shown last is what was found last.
        self.show(&found);
    }

    /// Records what all checks found, as far as that is known.
    pub(super) fn show_all(&self) {
        self.show(&self.lock());
    }

    fn show(&self, found: &[Option<Found>]) {
        let Some(all) = self.aggregate_of(found) else {
            return;
        };
        let oldest = found.iter().flatten().map(|found| found.at).min();
        show(AGGREGATE, all, oldest.unwrap_or_else(SystemTime::now));
        METRICS.service_up.set(i64::from(all > 0.0));
    }

    pub(super) fn aggregate(&self) -> Option<f64> {
        self.aggregate_of(&self.lock())
    }

    /// None until each check has ended once.
    fn aggregate_of(&self, found: &[Option<Found>]) -> Option<f64> {
        let values: Option<Vec<f64>> = found
            .iter()
            .map(|found| Some(found.as_ref()?.status.value()))
            .collect();
        Some(self.aggregate.of(values?.into_iter()))
    }

    pub(super) fn report(&self) -> Vec<CheckReport> {
        let found = self.lock();
        let reports = self
            .names
            .iter()
            .zip(found.iter())
            .filter_map(|(name, found)| {
                let Found { status, at } = found.clone()?;
                Some(CheckReport { name, status, at })
            });
        reports.collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Option<Found>>> {
        // A finding is replaced as a whole.
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn show(check_type: &str, status: f64, at: SystemTime) {
    let labels = CheckLabels { check_type };
    METRICS.health_status.with(labels).set(status);
    // A clock that stands before 1970 has no time to show.
    if let Ok(at) = at.duration_since(UNIX_EPOCH) {
        let timestamp = METRICS.last_check_timestamp_seconds.with(labels);
        timestamp.set(at.as_secs_f64());
    }
}
