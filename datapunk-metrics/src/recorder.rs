//! A recorder for the facade `metrics`: what third-party crates record through it is on the same endpoint, with the
//! same bounds.
//!
//! ```
//! use datapunk_metrics::encode::{Format, encode};
//!
//! datapunk_metrics::recorder::install()?;
//!
//! // Somewhere in a dependency.
//! metrics::describe_counter!("cache.lookups", "Look-ups in the cache.");
//! metrics::counter!("cache.lookups", "result" => "hit").increment(2);
//!
//! let text = encode(datapunk_metrics::registry()?, Format::Text)?;
//! assert!(text.contains("# HELP cache_lookups_total Look-ups in the cache.\n"));
//! assert!(text.contains("cache_lookups_total{result=\"hit\"} 2\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is made of what they record
//!
//! - **Names** are made valid: what is no letter and no digit becomes `_`, and a counter ends in `_total`.
//!   [`Recorder::changes`] lists them. Two names that become one are one metric, if they are of one kind.
//! - **Labels** that name a person or a secret are left out, as `#[derive(LabelSet)]` would refuse them. `service`,
//!   `instance`, `job`, `le` and `quantile` become `exported_service` and so on, which is what a scrape would make of
//!   them. Values are [masked](crate::privacy::mask), as names and descriptions are, and cut at 256 bytes.
//! - **Series** are limited to 1,000 for each metric, metrics to 1,000 ([`Builder::max_series`], [`Builder::max_metrics`]).
//!   Beyond, counters and histograms are recorded in one more series, whose label values are all `other`, so that totals
//!   stay right. Gauges, and totals that are set with `absolute`, are dropped.
//! - **Histograms** have the buckets of their unit: for seconds those of the standard, and the same in milliseconds,
//!   microseconds and nanoseconds; for bytes 256 to 16 MiB; for anything else tens from 0.001 to 1,000,000. A unit that is
//!   described when the first value is there already is too late for them. [`Builder::buckets`] gives others.
//! - **Units and descriptions** are kept. A unit that the name does not end in stands in the help.
//!
//! What is folded, cut, dropped or refused is counted in `datapunk_metrics_folded_samples_total`,
//! `datapunk_metrics_refused_samples_total` and [`RecorderMetrics`], what can't be in an exposition in
//! [`ForeignMetrics`](crate::foreign::ForeignMetrics): a name that a set declares, say.
//!
//! # Cost
//!
//! A handle that is kept costs an atomic add. A macro such as `counter!` looks its series up each time: a shared lock and
//! a hash that the facade has worked out, without an allocation for labels that are constants. Only a new series takes an
//! exclusive lock.

mod builder;
mod cell;
mod collect;
mod family;
mod metrics;
mod names;
mod units;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use ::metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, SharedString, Unit};
use datapunk_metrics_conventions::Kind;

use self::metrics::RECORDER;
use crate::foreign::Refusal;
use crate::registry::{Registry, registry};
use builder::Config;
use cell::Cell;
use family::{Family, Slot};
use names::Exposed;

pub use self::metrics::{
    LabelFault, LabelFaultLabels, MetricFault, MetricFaultLabels, RecorderMetrics,
};
pub use builder::{BuildError, Builder, InstallError};

/// Records what comes through the facade `metrics`. Clones share what they record.
#[derive(Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    families: RwLock<Families>,
    /// By name and kind, as they were described.
    descriptions: RwLock<HashMap<(String, Kind), Description>>,
    /// Series by the facade's own key, so that a look-up makes no text. In shards, so that look-ups share no lock's word.
    known: [RwLock<HashMap<Key, Known, BuildHasherDefault<Hashed>>>; SHARDS],
    changes: Mutex<BTreeSet<Change>>,
}

const SHARDS: usize = 16;

/// Keys that are kept in each shard: for one series there may be several, of the same labels in another order.
const MOST_KNOWN: usize = 1 << 16;

/// Changes that are kept to be told.
const MOST_CHANGES: usize = 1000;

#[derive(Default)]
struct Families {
    /// By name, as it is recorded.
    recorded: HashMap<String, Arc<Family>>,
    /// By name, as it is exposed.
    exposed: BTreeMap<String, Arc<Family>>,
}

struct Description {
    unit: Option<Unit>,
    help: String,
}

/// A series that was looked up before.
struct Known {
    family: Arc<Family>,
    cell: Cell,
}

/// Installs a recorder with the default limits, and shows what it records with the registry of the program.
///
/// # Errors
///
/// If the program has another recorder, or a registry whose sets clash.
pub fn install() -> Result<(), InstallError> {
    Recorder::new().install()
}

impl Recorder {
    /// A recorder with the default limits.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Config::default())
    }

    /// A recorder with limits or buckets of one's own.
    pub fn builder() -> Builder {
        Builder::default()
    }

    fn with(config: Config) -> Self {
        Self {
            shared: Arc::new(Shared {
                config,
                families: RwLock::default(),
                descriptions: RwLock::default(),
                known: [const { RwLock::new(HashMap::with_hasher(BuildHasherDefault::new())) };
                    SHARDS],
                changes: Mutex::default(),
            }),
        }
    }

    /// Makes it the recorder of the program, and shows what it records with the registry of the program.
    ///
    /// # Errors
    ///
    /// As [`install`] has them.
    pub fn install(self) -> Result<(), InstallError> {
        let registry = registry().map_err(InstallError::Register)?;
        ::metrics::set_global_recorder(self.clone()).map_err(|_| InstallError::Another)?;
        // There is nothing yet that could be left out.
        let _ = self.attach(registry);
        Ok(())
    }

    /// Shows what it records wherever `registry` is shown. Returns what of it is left out at this moment.
    pub fn attach(&self, registry: &Registry) -> Vec<Refusal> {
        // The names are the toolkit's own.
        let _ = registry.register::<RecorderMetrics>();
        registry.attach(Arc::new(self.clone()))
    }

    /// What is exposed under another name than it is recorded under, and the labels that are left out; the first 1,000.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        let changes = self.shared.changes.lock();
        let changes = changes.unwrap_or_else(PoisonError::into_inner);
        changes.iter().cloned().collect()
    }

    fn describe(&self, name: &KeyName, kind: Kind, unit: Option<Unit>, help: &SharedString) {
        let descriptions = self.shared.descriptions.write();
        let mut descriptions = descriptions.unwrap_or_else(PoisonError::into_inner);
        let key = (name.as_str().to_owned(), kind);
        if descriptions.len() < self.shared.config.max_metrics || descriptions.contains_key(&key) {
            let help = crate::privacy::mask(help).into_owned();
            descriptions.insert(key, Description { unit, help });
        }
    }

    /// A handle of the series of a key; none if its metric is not recorded.
    fn look_up<H>(
        &self,
        key: &Key,
        kind: Kind,
        handle: impl FnOnce(Slot, &Arc<family::Counts>) -> H,
    ) -> Option<H> {
        // The maps go by the other bytes.
        let byte = key.get_hash().to_le_bytes()[4];
        let shard = &self.shared.known[usize::from(byte) % SHARDS];
        let known = shard.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(key).filter(|known| known.family.kind == kind) {
            return Some(handle(Slot::Own(known.cell.clone()), &known.family.counts));
        }
        drop(known);
        let family = self.family(key.name(), kind)?;
        let exposed = Exposed::new(key.labels());
        self.count(&family, &exposed);
        let slot = family.slot(&exposed);
        if let Slot::Own(cell) = &slot
            && exposed.is_exact()
        {
            let mut known = shard.write().unwrap_or_else(PoisonError::into_inner);
            if known.len() < MOST_KNOWN {
                let series = Known {
                    family: Arc::clone(&family),
                    cell: cell.clone(),
                };
                known.insert(key.to_retained(), series);
            }
        }
        Some(handle(slot, &family.counts))
    }

    /// The metric of a name. None if there are too many, or if it is of another kind.
    fn family(&self, name: &str, kind: Kind) -> Option<Arc<Family>> {
        let families = self.shared.families.read();
        let families = families.unwrap_or_else(PoisonError::into_inner);
        let known = families.recorded.get(name).map(Arc::clone);
        drop(families);
        let family = match known {
            Some(family) => Ok(family),
            None => self.new_family(name, kind),
        };
        let family = family.and_then(|family| {
            let fits = family.kind == kind;
            fits.then_some(family).ok_or(MetricFault::OtherKind)
        });
        let refused = |reason| {
            let refused = RECORDER.recorder_metrics_refused_total;
            refused.with(MetricFaultLabels { reason }).inc();
        };
        family.map_err(refused).ok()
    }

    fn new_family(&self, name: &str, kind: Kind) -> Result<Arc<Family>, MetricFault> {
        let config = &self.shared.config;
        let families = self.shared.families.write();
        let mut families = families.unwrap_or_else(PoisonError::into_inner);
        if let Some(family) = families.recorded.get(name) {
            return Ok(Arc::clone(family));
        }
        if families.recorded.len() >= config.max_metrics {
            return Err(MetricFault::TooMany);
        }
        let as_exposed = names::metric_name(name, kind);
        let family = match families.exposed.get(&as_exposed) {
            Some(family) if family.kind == kind => Arc::clone(family),
            Some(_) => return Err(MetricFault::OtherKind),
            None => {
                let bounds = self.bounds(name, &as_exposed, kind);
                let limit = config.max_series;
                Arc::new(Family::new(as_exposed.clone(), kind, bounds, limit))
            }
        };
        if as_exposed != name {
            let name = crate::privacy::mask(name).into_owned();
            self.changed(Change::Renamed(name, as_exposed.clone()));
        }
        families
            .recorded
            .insert(name.to_owned(), Arc::clone(&family));
        families.exposed.insert(as_exposed, Arc::clone(&family));
        Ok(family)
    }

    fn bounds(&self, name: &str, as_exposed: &str, kind: Kind) -> Vec<f64> {
        if kind != Kind::Histogram {
            return Vec::new();
        }
        if let Some(bounds) = self.shared.config.buckets.get(name) {
            return bounds.clone();
        }
        let descriptions = self.shared.descriptions.read();
        let descriptions = descriptions.unwrap_or_else(PoisonError::into_inner);
        let description = descriptions.get(&(name.to_owned(), kind));
        let unit = description.and_then(|description| description.unit);
        units::default_buckets(unit, as_exposed)
    }

    /// Counts what of the labels is not exposed.
    fn count(&self, family: &Family, exposed: &Exposed) {
        for (labels, reason) in [
            (&exposed.personal, LabelFault::PersonalData),
            (&exposed.twice, LabelFault::Twice),
        ] {
            for label in labels {
                let dropped = RECORDER.recorder_labels_dropped_total;
                dropped.with(LabelFaultLabels { reason }).inc();
                if family.drops_for_the_first_time(label) {
                    let metric = family.name.clone();
                    self.changed(Change::Dropped(metric, label.clone(), reason));
                }
            }
        }
        RECORDER.recorder_values_masked_total.add(exposed.masked);
        RECORDER.recorder_values_cut_total.add(exposed.cut);
    }

    fn changed(&self, change: Change) {
        let changes = self.shared.changes.lock();
        let mut changes = changes.unwrap_or_else(PoisonError::into_inner);
        if changes.len() < MOST_CHANGES {
            changes.insert(change);
        }
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("config", &self.shared.config)
            .finish_non_exhaustive()
    }
}

impl ::metrics::Recorder for Recorder {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.describe(&name, Kind::Counter, unit, &help);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.describe(&name, Kind::Gauge, unit, &help);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.describe(&name, Kind::Histogram, unit, &help);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        self.look_up(key, Kind::Counter, Slot::counter)
            .unwrap_or(Counter::noop())
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        self.look_up(key, Kind::Gauge, Slot::gauge)
            .unwrap_or(Gauge::noop())
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        self.look_up(key, Kind::Histogram, Slot::histogram)
            .unwrap_or(Histogram::noop())
    }
}

/// The facade has hashed a key when it was made.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // A key writes its hash alone; this is for whatever else there may be.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// What is exposed otherwise than it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Change {
    /// A metric, and the name that it is exposed under.
    Renamed(String, String),
    /// A metric and a label of it that is left out, and why.
    Dropped(String, String, LabelFault),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Renamed(recorded, exposed) => {
                write!(
                    f,
                    "metric `{}` is exposed as `{exposed}`",
                    recorded.escape_debug()
                )
            }
            Self::Dropped(metric, label, LabelFault::PersonalData) => write!(
                f,
                "label `{label}` of metric `{metric}` is left out: it names a person or a secret"
            ),
            Self::Dropped(metric, label, LabelFault::Twice) => {
                write!(
                    f,
                    "the second label `{label}` of metric `{metric}` is left out"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests;
