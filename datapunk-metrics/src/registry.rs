//! The registry: which sets a program exposes.

use std::sync::{Arc, PoisonError, RwLock};

use once_cell::sync::OnceCell;

#[cfg(feature = "foreign")]
use crate::collect::foreign::{self, ForeignSource};
use crate::collect::{Families, Family};
#[cfg(feature = "serve")]
use crate::descriptor::MetricDescriptor;
use crate::descriptor::{Location, SetDescriptor};
#[cfg(feature = "foreign")]
use crate::foreign::{ForeignMetrics, Refusal};
#[cfg(feature = "serve")]
use crate::set::MetricEntry;
use crate::set::{LINKED_SETS, MetricSet, SetEntry};
use crate::unplaced;

/// The metric sets that one exposition shows.
///
/// [`registry`] has all sets of the program; one made with [`Registry::new`] has those that it is given.
///
/// ```
/// use datapunk_metrics::encode::{Format, encode};
/// use datapunk_metrics::{Counter, MetricSet, Registry};
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "mail")]
/// struct MailMetrics {
///     /// Letters sent.
///     letters_sent_total: Counter,
/// }
///
/// let registry = Registry::new();
/// registry.register::<MailMetrics>()?;
/// let text = encode(&registry, Format::Text)?;
/// assert!(text.contains("mail_letters_sent_total 0\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Registry {
    state: RwLock<Registered>,
}

#[derive(Debug, Default)]
struct Registered {
    sets: Vec<&'static SetEntry>,
    /// Shared with the collections under way, which keep those that they began with.
    families: Arc<Families>,
    /// Where families come from that no set declares.
    #[cfg(feature = "foreign")]
    sources: Vec<Arc<dyn ForeignSource>>,
    /// What it is a part of, if it is one.
    #[cfg(feature = "foreign")]
    whole: Option<Whole>,
}

/// The registry that another one is a part of.
#[cfg(feature = "foreign")]
#[derive(Debug)]
struct Whole {
    /// Which one it is.
    address: usize,
    /// All of its families: what clashes with one of them is not in the part either.
    families: Arc<Families>,
    /// The names that families of others, or samples of them, have in the part.
    names: Vec<String>,
}

impl Registry {
    /// A registry without sets.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A registry of the linked sets that `include` accepts, such as those of some crates.
    ///
    /// ```
    /// use datapunk_metrics::Registry;
    ///
    /// let own = Registry::linked(|set| set.location.module.starts_with("lake"))?;
    /// # Ok::<(), datapunk_metrics::RegisterError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If two of them have a metric of the same name.
    pub fn linked(include: impl Fn(&SetDescriptor) -> bool) -> Result<Self, RegisterError> {
        let registry = Self::new();
        for entry in LINKED_SETS.iter().filter(|entry| include(entry.descriptor)) {
            registry.register_entry(entry)?;
        }
        Ok(registry)
    }

    /// Adds a set and the sets that it holds. A set that is there already is not added again.
    ///
    /// # Errors
    ///
    /// If another set has a metric of the same name; nothing is added then.
    pub fn register<S: MetricSet>(&self) -> Result<&Self, RegisterError> {
        self.register_entry(S::ENTRY)?;
        Ok(self)
    }

    pub(crate) fn register_entry(&self, entry: &'static SetEntry) -> Result<(), RegisterError> {
        let mut sets = Vec::new();
        with_nested(entry, &mut sets);
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        sets.retain(|set| !state.sets.iter().any(|known| core::ptr::eq(*known, *set)));
        let mut families: Vec<Family> = Vec::new();
        for family in sets
            .iter()
            .flat_map(|set| set.metrics)
            .flat_map(Family::all_of)
        {
            if let Some(first) = state
                .families
                .iter()
                .chain(&families)
                .find(|known| known.clashes_with(&family))
            {
                return Err(RegisterError {
                    first: (first.descriptor().name, first.descriptor().location),
                    second: (family.descriptor().name, family.descriptor().location),
                });
            }
            families.push(family);
        }
        for set in &sets {
            crate::thread::give_places(set.metrics);
        }
        state.sets.extend(sets);
        state.families = Arc::new(state.families.with(families));
        Ok(())
    }

    /// What the registered sets declare, in the order of their registration.
    #[must_use]
    pub fn sets(&self) -> Vec<&'static SetDescriptor> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.sets.iter().map(|set| set.descriptor).collect()
    }

    /// What is wrong with the registration; empty if nothing is.
    ///
    /// A dependency that no code names is not linked, and its sets are lost without a word. So a service names the
    /// crates whose metrics it counts on:
    ///
    /// ```
    /// let problems = datapunk_metrics::registry()?.self_check(&["storage_engine"]);
    /// assert_eq!(
    ///     problems[0].to_string(),
    ///     "crate `storage_engine` has no metric set in the registry\n\
    ///      help: if it is a dependency, name it in code so that it is linked: `use storage_engine as _;`"
    /// );
    /// # Ok::<(), datapunk_metrics::RegisterError>(())
    /// ```
    ///
    /// A set that is not linked in by itself, `#[metrics(unlinked)]` or one of the [standard](crate::standard), and that
    /// nobody has asked for is recorded for nobody. Counters and histograms tell that it is so:
    ///
    /// ```standalone_crate
    /// use datapunk_metrics::standard::RetryMetrics;
    /// use datapunk_metrics::{MetricSet, registry};
    ///
    /// RetryMetrics::METRICS.attempt("charge");
    /// let problems = registry()?.self_check(&[]);
    /// assert!(problems[0].to_string().starts_with(
    ///     "metric `retry_attempts_total` is recorded and in no registry\nnote: it is declared at "
    /// ));
    /// # registry()?.register::<RetryMetrics>()?;
    /// # assert_eq!(registry()?.self_check(&[]), []);
    /// # Ok::<(), datapunk_metrics::RegisterError>(())
    /// ```
    #[must_use]
    pub fn self_check(&self, crates: &[&str]) -> Vec<Problem> {
        let sets = self.sets();
        let lost = crates
            .iter()
            .map(|name| name.replace('-', "_"))
            .filter(|name| {
                !sets
                    .iter()
                    .any(|set| set.location.module.split("::").next() == Some(name))
            })
            .map(|name| Problem(Cause::Lost(name)));
        let (unregistered, beyond) = unplaced::unregistered();
        let mut problems: Vec<Problem> = lost.collect();
        let unregistered = unregistered.into_iter();
        problems.extend(
            unregistered.map(|metric| Problem(Cause::Unregistered(metric.name, metric.location))),
        );
        if beyond > 0 {
            problems.push(Problem(Cause::More(beyond)));
        }
        problems
    }

    /// Shows the families of `source` as well, from now on. Tells what of them is left out at this moment.
    #[cfg(feature = "foreign")]
    pub(crate) fn attach(&self, source: Arc<dyn ForeignSource>) -> Vec<Refusal> {
        // What is left out is counted, and shown with the rest. The names are the toolkit's own.
        let _ = self.register::<ForeignMetrics>();
        let (_, refusals) = foreign::collect(self, &[Arc::clone(&source)]);
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.sources.push(source);
        refusals
    }

    /// The sources of this moment.
    #[cfg(feature = "foreign")]
    pub(crate) fn sources(&self) -> Vec<Arc<dyn ForeignSource>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.sources.clone()
    }

    /// Which registry this is, or that it is a part of.
    #[cfg(feature = "foreign")]
    pub(crate) fn address(&self) -> usize {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let own = core::ptr::from_ref(self).addr();
        state.whole.as_ref().map_or(own, |whole| whole.address)
    }

    /// The families that those of others are beside.
    #[cfg(feature = "foreign")]
    pub(crate) fn all_families(&self) -> Arc<Families> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let whole = state.whole.as_ref().map(|whole| &whole.families);
        Arc::clone(whole.unwrap_or(&state.families))
    }

    /// Whether a family of others is shown, by the names of it and of its samples.
    #[cfg(feature = "foreign")]
    pub(crate) fn shows(&self, names: &[String]) -> bool {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let whole = state.whole.as_ref();
        whole.is_none_or(|whole| names.iter().any(|name| whole.names.contains(name)))
    }

    /// A registry of those of its metrics that `keep` accepts, and of what no set declares, those that have one of
    /// `names`. What is registered later is not in it.
    #[cfg(feature = "serve")]
    pub(crate) fn part(
        &self,
        keep: impl Fn(&SetDescriptor, &MetricDescriptor) -> bool,
        #[cfg_attr(not(feature = "foreign"), expect(unused_variables))] names: &[String],
    ) -> Self {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let set_of: std::collections::HashMap<*const MetricEntry, &SetDescriptor> = state
            .sets
            .iter()
            .flat_map(|set| set.metrics.iter().zip(core::iter::repeat(set.descriptor)))
            .map(|(metric, set)| (core::ptr::from_ref(metric), set))
            .collect();
        let families = state.families.only(|entry, descriptor| {
            set_of
                .get(&core::ptr::from_ref(entry))
                .is_some_and(|set| keep(set, descriptor))
        });
        Self {
            state: RwLock::new(Registered {
                families: Arc::new(families),
                // None is asked for anything if nothing of it is shown.
                #[cfg(feature = "foreign")]
                sources: if names.is_empty() {
                    Vec::new()
                } else {
                    state.sources.clone()
                },
                #[cfg(feature = "foreign")]
                whole: Some(Whole {
                    address: core::ptr::from_ref(self).addr(),
                    families: Arc::clone(&state.families),
                    names: names.to_vec(),
                }),
                sets: Vec::new(),
            }),
        }
    }

    /// The families of this moment.
    pub(crate) fn families(&self) -> Arc<Families> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&state.families)
    }
}

/// `entry` and every set below it, each once.
fn with_nested(entry: &'static SetEntry, sets: &mut Vec<&'static SetEntry>) {
    if sets.iter().any(|known| core::ptr::eq(*known, entry)) {
        return;
    }
    sets.push(entry);
    for nested in entry.nested {
        with_nested(nested, sets);
    }
}

static REGISTRY: OnceCell<Registry> = OnceCell::new();

/// The registry of the program: every set that is linked into it, and those added with [`register`].
///
/// # Errors
///
/// If two linked sets have a metric of the same name. The linker refuses that unless a waiver or the feature
/// `duplicates-at-run-time` lets it pass.
pub fn registry() -> Result<&'static Registry, RegisterError> {
    REGISTRY.get_or_try_init(|| Registry::linked(|_| true))
}

/// Adds a set to the registry of the program, where the linker does not collect it: in code that is loaded at run
/// time, or on a platform without link sections. A set that is there already is not added again.
///
/// # Errors
///
/// If another set has a metric of the same name.
pub fn register<S: MetricSet>() -> Result<(), RegisterError> {
    registry()?.register::<S>()?;
    Ok(())
}

/// Two metrics would be one family of an exposition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterError {
    first: (&'static str, Location),
    second: (&'static str, Location),
}

impl RegisterError {
    /// Name and place of the metric that was there before.
    #[must_use]
    pub const fn first(&self) -> (&'static str, Location) {
        self.first
    }

    /// Name and place of the metric that was refused.
    #[must_use]
    pub const fn second(&self) -> (&'static str, Location) {
        self.second
    }
}

impl core::fmt::Display for RegisterError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let ((first, first_place), (second, second_place)) = (self.first, self.second);
        if first == second {
            write!(f, "metric `{first}` is declared twice")?;
        } else {
            write!(
                f,
                "metrics `{first}` and `{second}` are one family in OpenMetrics"
            )?;
        }
        write!(
            f,
            "\nfirst: {first_place}\nsecond: {second_place}\nhelp: rename one of the two"
        )
    }
}

impl core::error::Error for RegisterError {}

/// What [`Registry::self_check`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(Cause);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Cause {
    /// A crate has no set here.
    Lost(String),
    /// A metric is recorded, and its set is not here.
    Unregistered(&'static str, Location),
    /// So are others, or they were when they were first recorded.
    More(usize),
}

impl core::fmt::Display for Problem {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match &self.0 {
            Cause::Lost(name) => write!(
                f,
                "crate `{name}` has no metric set in the registry\n\
                 help: if it is a dependency, name it in code so that it is linked: `use {name} as _;`"
            ),
            Cause::Unregistered(metric, place) => write!(
                f,
                "metric `{metric}` is recorded and in no registry\n\
                 note: it is declared at {place}\n\
                 help: hold its set in one of yours, or register it: `datapunk_metrics::register::<…>()?`"
            ),
            Cause::More(count) => write!(
                f,
                "{count} more metrics were in no registry when they were first recorded\n\
                 note: so many are not kept by name"
            ),
        }
    }
}
