//! Sets of the standard with closed labels.

use crate::LabelSet;

/// The label sets of a set that [`standard_set!`](crate::standard_set) makes. They are declared where no name of theirs
/// can be seen.
#[doc(hidden)]
pub trait ClosedLabels {
    type First: LabelSet;
    type Second: LabelSet;
}

/// Makes a set of the standard whose label values are those of your own enums.
///
/// ```standalone_crate
/// use datapunk_metrics::{LabelValue, MetricSet, standard_set};
///
/// #[derive(Clone, Copy, LabelValue)]
/// enum CacheName { Users, Sessions }
///
/// standard_set! {
///     /// The caches of the shop.
///     struct ShopCaches: CacheMetrics { cache: CacheName }
/// }
///
/// ShopCaches::METRICS.hit(CacheName::Users);
/// # let text = datapunk_metrics::encode::encode(datapunk_metrics::registry()?, datapunk_metrics::encode::Format::Text)?;
/// # assert!(text.contains("cache_requests_total{cache=\"users\",result=\"hit\"} 1\n"), "{text}");
/// # assert!(text.contains("cache_requests_total{cache=\"sessions\",result=\"hit\"} 0\n"), "{text}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It has the metrics and recorders of the set that is named behind the colon, which is one of
///
/// | set | labels |
/// |---|---|
/// | `CacheMetrics` | `cache` |
/// | `BreakerMetrics` | `upstream` |
/// | `RetryMetrics` | `operation` |
/// | `AuthMetrics` | `method`, `reason` |
/// | `EtlMetrics` | `etl_job` |
/// | `LagMetrics` | `topic`, `partition` |
///
/// Unlike the open set it is one of the program: it is exposed without being asked for, and a program that has two of
/// them, which would be one family, does not link.
#[macro_export]
macro_rules! standard_set {
    ($(#[$attribute:meta])* $vis:vis struct $Set:ident: CacheMetrics { cache: $Cache:ty $(,)? }) => {
        $crate::__cache_metrics! {
            $(#[$attribute])* #[metrics(crate = $crate)] $vis $Set
            [<$Set as $crate::standard::ClosedLabels>::First]
            [<$Set as $crate::standard::ClosedLabels>::Second]
        }
        const _: () = {
            $crate::__closed_labels! { [$vis] $Set
                __DpmLabelsFirst { cache: $Cache }
                __DpmLabelsSecond { cache: $Cache, result: $crate::standard::CacheResult }
            }
            $crate::__cache_recorders! { $Set [$Cache] __DpmLabelsFirst __DpmLabelsSecond }
        };
    };
    ($(#[$attribute:meta])* $vis:vis struct $Set:ident: BreakerMetrics { upstream: $Upstream:ty $(,)? }) => {
        $crate::__breaker_metrics! {
            $(#[$attribute])* #[metrics(crate = $crate)] $vis $Set
            [<$Set as $crate::standard::ClosedLabels>::First]
        }
        const _: () = {
            $crate::__closed_labels! { [$vis] $Set __DpmLabelsFirst { upstream: $Upstream } }
            $crate::__breaker_recorders! { $Set [$Upstream] __DpmLabelsFirst }
        };
    };
    ($(#[$attribute:meta])* $vis:vis struct $Set:ident: RetryMetrics { operation: $Operation:ty $(,)? }) => {
        $crate::__retry_metrics! {
            $(#[$attribute])* #[metrics(crate = $crate)] $vis $Set
            [<$Set as $crate::standard::ClosedLabels>::First]
        }
        const _: () = {
            $crate::__closed_labels! { [$vis] $Set __DpmLabelsFirst { operation: $Operation } }
            $crate::__retry_recorders! { $Set [$Operation] __DpmLabelsFirst }
        };
    };
    ($(#[$attribute:meta])* $vis:vis struct $Set:ident: AuthMetrics {
        method: $Method:ty, reason: $Reason:ty $(,)?
    }) => {
        $crate::__auth_metrics! {
            $(#[$attribute])* #[metrics(crate = $crate)] $vis $Set
            [<$Set as $crate::standard::ClosedLabels>::First]
            [<$Set as $crate::standard::ClosedLabels>::Second]
        }
        const _: () = {
            $crate::__closed_labels! { [$vis] $Set
                __DpmLabelsFirst { method: $Method }
                __DpmLabelsSecond { method: $Method, reason: $Reason }
            }
            $crate::__auth_recorders! { $Set [$Method, $Reason] __DpmLabelsFirst __DpmLabelsSecond }
        };
    };
    ($(#[$attribute:meta])* $vis:vis struct $Set:ident: EtlMetrics { etl_job: $Job:ty $(,)? }) => {
        $crate::__etl_metrics! {
            $(#[$attribute])* #[metrics(crate = $crate)] $vis $Set
            [<$Set as $crate::standard::ClosedLabels>::First]
        }
        const _: () = {
            $crate::__closed_labels! { [$vis] $Set __DpmLabelsFirst { etl_job: $Job } }
            $crate::__etl_recorders! { $Set [$Job] __DpmLabelsFirst }
        };
    };
    ($(#[$attribute:meta])* $vis:vis struct $Set:ident: LagMetrics {
        topic: $Topic:ty, partition: $Partition:ty $(,)?
    }) => {
        $crate::__lag_metrics! {
            $(#[$attribute])* #[metrics(crate = $crate)] $vis $Set
            [<$Set as $crate::standard::ClosedLabels>::First]
        }
        const _: () = {
            $crate::__closed_labels! { [$vis] $Set __DpmLabelsFirst { topic: $Topic, partition: $Partition } }
            $crate::__lag_recorders! { $Set [$Topic, $Partition] __DpmLabelsFirst }
        };
    };
}

/// The label sets of a closed set.
#[doc(hidden)]
#[macro_export]
macro_rules! __closed_labels {
    ([$($vis:tt)*] $Set:ident $First:ident $first:tt) => {
        $crate::__closed_labels! { @declare [$($vis)*] $First $first }
        impl $crate::standard::ClosedLabels for $Set {
            type First = $First;
            type Second = ();
        }
    };
    ([$($vis:tt)*] $Set:ident $First:ident $first:tt $Second:ident $second:tt) => {
        $crate::__closed_labels! { @declare [$($vis)*] $First $first }
        $crate::__closed_labels! { @declare [$($vis)*] $Second $second }
        impl $crate::standard::ClosedLabels for $Set {
            type First = $First;
            type Second = $Second;
        }
    };
    (@declare [$($vis:tt)*] $Labels:ident { $($label:ident: $Value:ty),* }) => {
        #[derive(::core::clone::Clone, ::core::marker::Copy, $crate::LabelSet)]
        #[label(crate = $crate)]
        #[allow(missing_debug_implementations, reason = "the enums of the values may have none")]
        $($vis)* struct $Labels { $($label: $Value),* }
    };
}
