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
mod own;

use std::borrow::Cow;
#[cfg(feature = "foreign")]
use std::collections::HashSet;
use std::sync::Arc;
#[cfg(feature = "foreign")]
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::vec;

use datapunk_metrics_conventions::Kind;

#[cfg(feature = "serve")]
use crate::descriptor::MetricDescriptor;
use crate::labels::LabelDescriptor;
use crate::metric::RawReadings;
use crate::registry::Registry;
#[cfg(feature = "serve")]
use crate::set::MetricEntry;
use crate::set::Source;
use crate::table::{OTHER, Row};

#[cfg(feature = "foreign")]
use crate::foreign::Origin;
#[cfg(feature = "foreign")]
use foreign::ForeignFamily;

use own::Own;

pub(crate) use family::{Family, Shape, Snapshot, open_metrics_name};

/// The families of a registry, by name.
#[derive(Debug)]
pub(crate) struct Families {
    list: Vec<Arc<Family>>,
    /// They and the toolkit's own, by name.
    order: Vec<Place>,
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
    pub(crate) values: LabelValues<'a>,
}

/// The values of a series' labels.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LabelValues<'a> {
    /// The position of the closed values among all.
    Closed(usize),
    /// The same, and the open values.
    Open(&'a Row, usize),
    /// All of them are `other`.
    Other,
    /// One for each label.
    Listed(&'a [&'a str]),
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

/// A family of the toolkit's own: what metrics say of themselves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnSnapshot<'a> {
    pub(crate) head: Head<'static>,
    /// For each metric that has one, its number.
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
            if let Source::Read(read, storage) = family.entry.source {
                readings.push(family.call(read, storage)?);
            }
        }
        Ok(Self {
            families,
            readings: readings.into_iter(),
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
        let (families, refusals) = foreign::collect(registry, &sources);
        for refusal in refusals {
            refusal.count();
        }
        self.foreign.families = families;
    }

    /// Goes to the next foreign family, if it is the next one by name.
    #[cfg(feature = "foreign")]
    fn advance_foreign(&mut self) -> bool {
        let next = self.families.order.get(self.shown);
        let next = next.map(|place| match place {
            Place::Family(at) => self.families.list[*at].descriptor().name,
            Place::Own(own) => own.name,
        });
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
            let Some(place) = self.families.order.get(self.shown).copied() else {
                return false;
            };
            self.shown += 1;
            match place {
                Place::Family(at) => {
                    let family = &self.families.list[at];
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
        match *self.families.order.get(self.shown.checked_sub(1)?)? {
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
#[derive(Clone, Copy, Debug)]
enum Place {
    /// A family of the list.
    Family(usize),
    Own(&'static Own),
}

impl Default for Families {
    fn default() -> Self {
        Self::of(Vec::new(), 0)
    }
}

impl Families {
    /// These and `more`.
    pub(crate) fn with(&self, more: Vec<Family>) -> Self {
        let mut list = self.list.clone();
        list.extend(more.into_iter().map(Arc::new));
        Self::of(list, self.length.load(Ordering::Relaxed))
    }

    fn of(mut list: Vec<Arc<Family>>, length: usize) -> Self {
        list.sort_by_key(|family| family.descriptor().name);
        let families = list.iter().enumerate();
        let families = families.map(|(at, family)| (family.descriptor().name, Place::Family(at)));
        let own = Own::ALL.iter().map(|own| (own.name, Place::Own(own)));
        let mut order: Vec<_> = families.chain(own).collect();
        order.sort_by_key(|(name, _)| *name);
        Self {
            list,
            order: order.into_iter().map(|(_, place)| place).collect(),
            length: AtomicUsize::new(length),
            #[cfg(feature = "foreign")]
            sample_names: OnceLock::new(),
        }
    }

    /// What the samples of these and of the toolkit's own families are called, in any format.
    #[cfg(feature = "foreign")]
    fn sample_names(&self) -> &HashSet<String> {
        self.sample_names.get_or_init(|| {
            let own = Own::ALL.iter().map(Own::head);
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
        Self::of(kept.map(Arc::clone).collect(), 0)
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
        let (mut open, index, mut listed) = match self.values {
            LabelValues::Closed(index) => (None, Some(index), [].iter()),
            LabelValues::Open(row, index) => (Some(row.values()), Some(index), [].iter()),
            LabelValues::Other => (None, None, [].iter()),
            LabelValues::Listed(values) => (None, None, values.iter()),
        };
        let closed = self.labels.iter().filter(|label| label.open.is_none());
        // The last label counts fastest: what the ones behind a label make together is its stride.
        let mut stride: usize = closed.map(|label| label.values.len()).product();
        let labels = self.labels.iter().map(move |label| {
            if let Some(value) = listed.next() {
                return (label.name, *value);
            }
            if label.open.is_some() {
                let value = open.as_mut().and_then(Iterator::next);
                return (label.name, value.unwrap_or(OTHER));
            }
            stride /= label.values.len();
            let value = index.map(|index| label.values[index / stride % label.values.len()]);
            (label.name, value.unwrap_or(OTHER))
        });
        self.constant.iter().copied().chain(labels)
    }
}
