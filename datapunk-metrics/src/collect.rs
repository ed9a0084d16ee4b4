//! Collection: the values of every series, read from where they are kept, in the order of an exposition.
//!
//! A [`Collection`] goes from family to family and reads the cells of one at a time, so that what it needs in memory is
//! the widest family's values. While it waits, for a slow scraper say, it holds no lock: recording, registering and
//! other collections go on.
//!
//! # What two collections see
//!
//! No two collections of the program read cells at the same time: [`READING`](family::READING) is held while one family
//! is read. So for each series the readings are in an order, and a later one is never below an earlier one, although a
//! value is the sum of cells that several threads write. Scrape-time functions run outside of it, since they may take
//! their time.

mod family;
#[cfg(feature = "foreign")]
pub(crate) mod foreign;

use std::borrow::Cow;
#[cfg(feature = "foreign")]
use std::collections::HashSet;
use std::sync::Arc;
#[cfg(feature = "foreign")]
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::vec;

use datapunk_metrics_conventions::Kind;

use crate::cells::{Number, Storage};
use crate::descriptor::MetricDescriptor;
use crate::labels::LabelDescriptor;
use crate::metric::RawReadings;
use crate::registry::Registry;
#[cfg(feature = "serve")]
use crate::set::MetricEntry;
use crate::set::Source;
use crate::unit::EncodingKind;

#[cfg(feature = "foreign")]
use crate::foreign::Origin;
#[cfg(feature = "foreign")]
use foreign::ForeignFamily;

pub(crate) use family::{Family, Shape, Snapshot, open_metrics_name};

/// The families of a registry, by name.
#[derive(Debug, Default)]
pub(crate) struct Families {
    list: Vec<Arc<Family>>,
    /// How long the last exposition was, so that the next one has room from the start.
    length: AtomicUsize,
    /// What their samples are called, once somebody asked.
    #[cfg(feature = "foreign")]
    sample_names: OnceLock<HashSet<String>>,
}

/// What an exposition says of a family before its series.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'a> {
    pub(crate) name: &'a str,
    pub(crate) help: &'a str,
    /// None if nobody says what its values are.
    pub(crate) kind: Option<Kind>,
    pub(crate) unit: &'a str,
}

/// The labels of one series.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeriesLabels<'a> {
    pub(crate) constant: &'a [(&'a str, &'a str)],
    pub(crate) labels: &'static [LabelDescriptor],
    pub(crate) index: usize,
}

/// The number of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    /// A duration in seconds, to the nanosecond.
    Nanoseconds(u64),
}

/// The numbers of a histogram's series.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HistogramValue<'a> {
    /// How many values fell in each bucket alone; one more than the bounds.
    pub(crate) buckets: &'a [u64],
    pub(crate) sum: Value,
}

/// What one collection shows: a family, or what the metrics counted about themselves.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'a> {
    Family(Snapshot<'a>),
    Own(OwnSnapshot<'a>),
    #[cfg(feature = "foreign")]
    Foreign(&'a ForeignFamily),
}

/// A family of the toolkit's own: for each metric that may count one, the samples that it refused or clamped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnSnapshot<'a> {
    pub(crate) head: Head<'static>,
    pub(crate) counts: &'a [(Cow<'static, str>, u64)],
}

/// A scrape-time function panicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectError {
    metric: &'static str,
    message: String,
}

impl CollectError {
    /// The metric whose function it was.
    #[must_use]
    pub const fn metric(&self) -> &'static str {
        self.metric
    }
}

impl core::fmt::Display for CollectError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "the function that reads metric `{}` panicked: {}",
            self.metric, self.message
        )
    }
}

impl core::error::Error for CollectError {}

/// The values of a registry, one family after the other.
#[derive(Debug)]
pub(crate) struct Collection {
    families: Arc<Families>,
    /// What the scrape-time functions returned, in the order of their families.
    readings: vec::IntoIter<RawReadings>,
    /// How many families are before the toolkit's own, which keep their place in the order by name.
    before_own: usize,
    /// How many parts were shown, the one that is shown now included.
    shown: usize,
    /// The values of the family that is shown.
    values: Vec<u64>,
    own: Vec<(Cow<'static, str>, u64)>,
    #[cfg(feature = "foreign")]
    foreign: Foreign,
}

/// The families that no set declares, which are shown between the others.
#[cfg(feature = "foreign")]
#[derive(Debug, Default)]
struct Foreign {
    families: Vec<ForeignFamily>,
    /// How many of them were shown, the one that is shown now included.
    shown: usize,
    /// Whether one of them is shown now.
    is_shown: bool,
}

impl Collection {
    /// Calls all scrape-time functions, so that nothing of what follows can fail.
    pub(crate) fn begin(registry: &Registry) -> Result<Self, CollectError> {
        #[cfg_attr(not(feature = "foreign"), expect(unused_mut))]
        let mut collection = Self::of_sets(registry)?;
        #[cfg(feature = "foreign")]
        collection.add_foreign(registry, |_| true);
        Ok(collection)
    }

    /// As [`begin`](Self::begin), without what comes from elsewhere.
    pub(crate) fn of_sets(registry: &Registry) -> Result<Self, CollectError> {
        let families = registry.families();
        let mut readings = Vec::new();
        for family in &families.list {
            if let Source::Read(read) = family.entry.source {
                readings.push(family.call(read)?);
            }
        }
        let before_own = families
            .list
            .partition_point(|family| family.descriptor().name < "datapunk_metrics_clamped");
        Ok(Self {
            families,
            readings: readings.into_iter(),
            before_own,
            shown: 0,
            values: Vec::new(),
            own: Vec::new(),
            #[cfg(feature = "foreign")]
            foreign: Foreign::default(),
        })
    }

    /// Adds the families of sources that come from where `include` says.
    #[cfg(feature = "foreign")]
    pub(crate) fn add_foreign(&mut self, registry: &Registry, include: impl Fn(Origin) -> bool) {
        let mut sources = registry.sources();
        sources.retain(|source| include(source.origin()));
        if sources.is_empty() {
            return;
        }
        let (families, refusals) = foreign::collect(registry, &sources, &self.families);
        for refusal in refusals {
            refusal.count();
        }
        self.foreign.families = families;
    }

    /// Goes to the next foreign family, if it is the next one by name.
    #[cfg(feature = "foreign")]
    fn advance_foreign(&mut self) -> bool {
        let next = match self.place(self.shown) {
            Place::Family(at) => self
                .families
                .list
                .get(at)
                .map(|family| family.descriptor().name),
            Place::Own(own) => Some(own.name),
        };
        let foreign = self.foreign.families.get(self.foreign.shown);
        let is_next = foreign.is_some_and(|foreign| next.is_none_or(|next| *foreign.name < *next));
        self.foreign.is_shown = is_next;
        self.foreign.shown += usize::from(is_next);
        is_next
    }

    /// Goes to the next part and reads its values; false at the end.
    pub(crate) fn advance(&mut self) -> bool {
        loop {
            #[cfg(feature = "foreign")]
            if self.advance_foreign() {
                return true;
            }
            let place = self.place(self.shown);
            self.shown += 1;
            match place {
                Place::Family(at) => {
                    let Some(family) = self.families.list.get(at) else {
                        return false;
                    };
                    family.read_into(&mut self.values, &mut self.readings);
                    return true;
                }
                Place::Own(own) => {
                    self.own = own.counts(&self.families.list);
                    #[cfg(feature = "foreign")]
                    own.add_foreign(&self.foreign.families, &mut self.own);
                    if !self.own.is_empty() {
                        return true;
                    }
                }
            }
        }
    }

    /// The part that [`advance`](Self::advance) went to.
    pub(crate) fn part(&self) -> Option<Part<'_>> {
        #[cfg(feature = "foreign")]
        if self.foreign.is_shown {
            let shown = self
                .foreign
                .families
                .get(self.foreign.shown.checked_sub(1)?)?;
            return Some(Part::Foreign(shown));
        }
        match self.place(self.shown.checked_sub(1)?) {
            Place::Family(at) => {
                let family = self.families.list.get(at)?;
                Some(Part::Family(family.snapshot(&self.values)))
            }
            Place::Own(own) => Some(Part::Own(OwnSnapshot {
                head: own.head(),
                counts: &self.own,
            })),
        }
    }

    fn place(&self, position: usize) -> Place {
        match position.checked_sub(self.before_own) {
            None => Place::Family(position),
            Some(0) => Place::Own(&CLAMPED),
            Some(1) => Place::Own(&REFUSED),
            Some(behind) => Place::Family(self.before_own + behind - 2),
        }
    }

    /// How long the registry's last exposition was.
    pub(crate) fn last_length(&self) -> usize {
        self.families.length.load(Ordering::Relaxed)
    }

    /// Remembers how long this one was.
    pub(crate) fn set_last_length(&self, length: usize) {
        self.families.length.store(length, Ordering::Relaxed);
    }
}

/// Which part is at a position.
enum Place {
    Family(usize),
    Own(&'static Own),
}

/// A family of the toolkit's own.
struct Own {
    name: &'static str,
    help: &'static str,
    /// Whether a metric has such a series although its count is 0.
    may_count: fn(&MetricDescriptor) -> bool,
    count: fn(&Storage) -> u64,
}

static CLAMPED: Own = Own {
    name: "datapunk_metrics_clamped_samples_total",
    help: "Samples that were recorded as the largest value that is counted exactly, by metric.",
    may_count: |metric| metric.encoding == EncodingKind::Nanoseconds,
    count: Storage::clamped,
};
static REFUSED: Own = Own {
    name: "datapunk_metrics_refused_samples_total",
    help: "Samples that were not recorded, because they had no place in the metric, by metric.",
    may_count: may_refuse,
    count: Storage::refused,
};

/// Whether a sample of the type that the metric takes may have no place in it.
fn may_refuse(metric: &MetricDescriptor) -> bool {
    matches!(metric.kind, Kind::Histogram | Kind::Counter) && metric.number == Number::Float
        || metric.kind == Kind::Histogram && metric.encoding == EncodingKind::Whole
}

impl Own {
    const fn head(&self) -> Head<'static> {
        Head {
            name: self.name,
            help: self.help,
            kind: Some(Kind::Counter),
            unit: "",
        }
    }

    /// The metrics that have a series, with their counts.
    fn counts(&self, families: &[Arc<Family>]) -> Vec<(Cow<'static, str>, u64)> {
        let mut counts = Vec::new();
        for family in families.iter().filter(|family| !family.is_former()) {
            if let Source::Cells(storage) = family.entry.source {
                let count = (self.count)(storage);
                if count != 0 || (self.may_count)(family.descriptor()) {
                    counts.push((Cow::Borrowed(family.descriptor().name), count));
                }
            }
        }
        counts
    }
}

#[cfg(feature = "foreign")]
impl Own {
    /// Adds the counts of metrics that no set declares, in the order of the names.
    fn add_foreign(&self, families: &[ForeignFamily], counts: &mut Vec<(Cow<'static, str>, u64)>) {
        let before = counts.len();
        for family in families {
            let own = family
                .counts
                .iter()
                .filter(|count| count.family == self.name);
            counts.extend(own.map(|count| (Cow::Owned(family.name.clone()), count.count)));
        }
        if counts.len() > before {
            counts.sort();
        }
    }
}

impl Families {
    /// These and `more`.
    pub(crate) fn with(&self, more: Vec<Family>) -> Self {
        let mut list = self.list.clone();
        list.extend(more.into_iter().map(Arc::new));
        list.sort_by_key(|family| family.descriptor().name);
        Self {
            list,
            length: AtomicUsize::new(self.length.load(Ordering::Relaxed)),
            #[cfg(feature = "foreign")]
            sample_names: OnceLock::new(),
        }
    }

    /// What the samples of these and of the toolkit's own families are called, in any format.
    #[cfg(feature = "foreign")]
    fn sample_names(&self) -> &HashSet<String> {
        self.sample_names.get_or_init(|| {
            let own = [&CLAMPED, &REFUSED].map(Own::head);
            let declared = self.iter().map(|family| family.snapshot(&[]).head());
            let heads = declared.chain(own);
            heads
                .flat_map(|head| {
                    let family = open_metrics_name(head.name, head.kind);
                    foreign::sample_names(head.name, family, head.kind)
                })
                .collect()
        })
    }

    /// Those that `keep` accepts, by their metric and by the name under which they are shown.
    #[cfg(feature = "serve")]
    pub(crate) fn only(
        &self,
        keep: impl Fn(&'static MetricEntry, &'static MetricDescriptor) -> bool,
    ) -> Self {
        let kept = self
            .list
            .iter()
            .filter(|family| keep(family.entry, family.descriptor()));
        Self {
            list: kept.map(Arc::clone).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Family> {
        self.list.iter().map(Arc::as_ref)
    }
}

impl Value {
    /// The nearest float, which is what a scraper makes of it.
    #[expect(clippy::cast_precision_loss, reason = "it is the nearest")]
    #[cfg(any(feature = "foreign", feature = "testing"))]
    pub(crate) fn as_f64(self) -> f64 {
        match self {
            Self::Unsigned(value) => value as f64,
            Self::Signed(value) => value as f64,
            Self::Float(value) => value,
            Self::Nanoseconds(value) => value as f64 / 1e9,
        }
    }
}

impl<'a> SeriesLabels<'a> {
    /// Names and values, the constant ones first.
    pub(crate) fn iter(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        // The last label counts fastest: what the ones behind a label make together is its stride.
        let mut stride: usize = self.labels.iter().map(|label| label.values.len()).product();
        self.constant
            .iter()
            .copied()
            .chain(self.labels.iter().map(move |label| {
                stride /= label.values.len();
                (
                    label.name,
                    label.values[self.index / stride % label.values.len()],
                )
            }))
    }
}
