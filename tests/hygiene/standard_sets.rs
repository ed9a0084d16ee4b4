//! Sets of the standard with values of one's own: without a prelude, under strict lints, in a function, renamed values.
#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]
#![deny(missing_docs, missing_debug_implementations, unreachable_pub, unused_qualifications)]
#![deny(unused_results, single_use_lifetimes, trivial_casts, trivial_numeric_casts, variant_size_differences)]

use ::core::clone::Clone;
use ::core::marker::Copy;

mod names {
    use ::core::clone::Clone;
    use ::core::marker::Copy;

    #[derive(Clone, Copy, ::datapunk_metrics::LabelValue)]
    pub(super) enum Upstream {
        Payments,
    }

    #[derive(Clone, Copy, ::datapunk_metrics::LabelValue)]
    pub(super) enum Topic {
        #[label(rename = "orders-v2")]
        Orders,
    }
}

#[derive(Clone, Copy, ::datapunk_metrics::LabelValue)]
enum Name {
    First,
    Second,
}

/// A name that a set's own could be taken for.
#[derive(Clone, Copy, ::datapunk_metrics::LabelValue)]
enum CacheResult {
    Expired,
}

::datapunk_metrics::standard_set! {
    /// Caches.
    pub(crate) struct Caches: CacheMetrics { cache: CacheResult }
}
::datapunk_metrics::standard_set! {
    /// Breakers.
    struct Breakers: BreakerMetrics { upstream: names::Upstream, }
}
::datapunk_metrics::standard_set! {
    /// Retries.
    struct RetryMetrics: RetryMetrics { operation: Name }
}
::datapunk_metrics::standard_set! {
    /// Logins.
    struct Logins: AuthMetrics { method: Name, reason: CacheResult }
}

/// Records in all of them.
pub fn record() {
    ::datapunk_metrics::standard_set! {
        /// Jobs.
        struct Jobs: EtlMetrics { etl_job: Name }
    }
    ::datapunk_metrics::standard_set! {
        /// Lags.
        struct Lags: LagMetrics { topic: names::Topic, partition: Name }
    }

    Caches::METRICS.hit(CacheResult::Expired);
    Breakers::METRICS.half_open(names::Upstream::Payments);
    RetryMetrics::METRICS.attempt(Name::Second);
    Logins::METRICS.failure(Name::First, CacheResult::Expired);
    Jobs::METRICS.succeeded(Name::First);
    Lags::METRICS.lag(names::Topic::Orders, Name::Second, ::core::time::Duration::from_secs(2));
}
