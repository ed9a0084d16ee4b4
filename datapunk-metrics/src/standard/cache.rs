//! Caches.

use crate::{LabelSet, LabelValue};

/// What came of a look-up in a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
#[label(crate = crate)]
pub enum CacheResult {
    /// It was there.
    Hit,
    /// It was not.
    Miss,
}

/// The labels of a cache.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct CacheLabels<'a> {
    /// Which cache.
    #[label(max = 100)]
    pub cache: &'a str,
}

/// The labels of a look-up.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct LookupLabels<'a> {
    /// In which cache.
    #[label(max = 100)]
    pub cache: &'a str,
    /// What came of it.
    pub result: CacheResult,
}

/// The metrics, with the label sets of a cache and of a look-up.
#[doc(hidden)]
#[macro_export]
macro_rules! __cache_metrics {
    ($(#[$attribute:meta])* $vis:vis $Set:ident [$($Cache:tt)*] [$($Lookup:tt)*]) => {
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, $crate::MetricSet)]
        $(#[$attribute])*
        #[allow(clippy::struct_field_names, reason = "the fields are the names of the metrics")]
        $vis struct $Set {
            /// Look-ups, by cache and result.
            pub cache_requests_total: $crate::Counter<$($Lookup)*>,
            /// Share of look-ups in the last five minutes that hit, by cache.
            #[metric(ratio_of = cache_requests_total, numerator(result = Hit))]
            pub cache_hit_ratio: $crate::Ratio<$($Cache)*>,
            /// Entries that had to go for others, by cache.
            pub cache_evictions_total: $crate::Counter<$($Cache)*>,
        }
    };
}

/// What is recorded, with the type of a cache's name.
#[doc(hidden)]
#[macro_export]
macro_rules! __cache_recorders {
    ($Set:ident [$Cache:ty] $First:ident $Second:ident) => {
        impl $Set {
            /// Counts a look-up that found something.
            #[inline]
            pub fn hit(self, cache: $Cache) {
                let result = $crate::standard::CacheResult::Hit;
                self.cache_requests_total
                    .with($Second { cache, result })
                    .inc();
            }

            /// Counts a look-up that found nothing.
            #[inline]
            pub fn miss(self, cache: $Cache) {
                let result = $crate::standard::CacheResult::Miss;
                self.cache_requests_total
                    .with($Second { cache, result })
                    .inc();
            }

            /// Counts an entry that had to go for another one.
            #[inline]
            pub fn evicted(self, cache: $Cache) {
                self.cache_evictions_total.with($First { cache }).inc();
            }
        }
    };
}

__cache_metrics! {
    /// Caches, by name.
    #[metrics(unlinked, crate = crate)]
    pub CacheMetrics [CacheLabels<'static>] [LookupLabels<'static>]
}
__cache_recorders! { CacheMetrics [&str] CacheLabels LookupLabels }
