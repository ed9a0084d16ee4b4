//! Limits and buckets of one's own, and what keeps a recorder from being installed.

use std::collections::HashMap;
use std::fmt;

use datapunk_metrics_conventions::{DEFAULT_MAX_SERIES, check_buckets};

use super::Recorder;
use crate::registry::RegisterError;

/// What a recorder was told.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) max_series: usize,
    pub(super) max_metrics: usize,
    /// By name, as it is recorded.
    pub(super) buckets: HashMap<String, Vec<f64>>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_series: DEFAULT_MAX_SERIES,
            max_metrics: DEFAULT_MAX_SERIES,
            buckets: HashMap::new(),
        }
    }
}

/// Builds a [`Recorder`].
///
/// ```
/// use datapunk_metrics::recorder::Recorder;
///
/// let recorder = Recorder::builder()
///     .max_series(200)
///     .buckets("rpc.duration", &[0.01, 0.1, 1.0])
///     .build()?;
/// # let _ = recorder;
/// # Ok::<(), datapunk_metrics::recorder::BuildError>(())
/// ```
#[derive(Debug, Default)]
#[must_use]
pub struct Builder {
    config: Config,
}

impl Builder {
    /// How many series a metric may have: 1,000 unless given, and one more for what is beyond.
    pub fn max_series(mut self, series: usize) -> Self {
        self.config.max_series = series;
        self
    }

    /// How many metrics are recorded: 1,000 unless given.
    pub fn max_metrics(mut self, metrics: usize) -> Self {
        self.config.max_metrics = metrics;
        self
    }

    /// The buckets of the histogram that is recorded under `name`: upper bounds, rising, without `+Inf`.
    pub fn buckets(mut self, name: &str, bounds: &[f64]) -> Self {
        self.config.buckets.insert(name.to_owned(), bounds.to_vec());
        self
    }

    /// The recorder.
    ///
    /// # Errors
    ///
    /// If the bounds of a histogram are not finite and rising.
    pub fn build(self) -> Result<Recorder, BuildError> {
        for (name, bounds) in &self.config.buckets {
            if let Some(fault) = check_buckets(bounds).into_iter().next() {
                return Err(BuildError {
                    metric: name.clone(),
                    message: fault.finding.message,
                });
            }
        }
        Ok(Recorder::with(self.config))
    }
}

/// Buckets that can't be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError {
    metric: String,
    message: String,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "histogram `{}`: {}", self.metric, self.message)
    }
}

impl std::error::Error for BuildError {}

/// A recorder that is not installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstallError {
    /// The sets of the program clash.
    Register(RegisterError),
    /// The facade has a recorder already.
    Another,
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Register(error) => error.fmt(f),
            Self::Another => f.write_str(
                "the facade `metrics` has a recorder already\n\
                 help: install this one instead, or let the other one fan out to it",
            ),
        }
    }
}

impl std::error::Error for InstallError {}
