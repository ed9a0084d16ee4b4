//! The standard's metrics, ready to use: names, labels, units and buckets that every service shares.
//!
//! A set of the standard is exposed where it is asked for, in one of three ways that come to the same:
//!
//! ```standalone_crate
//! use datapunk_metrics::standard::{BreakerMetrics, CacheMetrics};
//! use datapunk_metrics::MetricSet;
//!
//! /// All metrics of the shop.
//! #[derive(MetricSet)]
//! struct ShopMetrics {
//!     cache: CacheMetrics,
//!     breaker: BreakerMetrics,
//! }
//! const SHOP: ShopMetrics = ShopMetrics::METRICS;
//!
//! SHOP.cache.hit("users");
//! SHOP.breaker.open("payments");
//! # let text = datapunk_metrics::encode::encode(datapunk_metrics::registry()?, datapunk_metrics::encode::Format::Text)?;
//! # assert!(text.contains("cache_requests_total{cache=\"users\",result=\"hit\"} 1\n"), "{text}");
//! # assert!(text.contains("circuit_breaker_state{upstream=\"payments\"} 0\n"), "{text}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - a set of yours holds it, as above: where yours is exposed, it is too;
//! - what fills it asks for it: `tower::HttpLayer` and `tower::ClientLayer`, `health::Health`;
//! - [`register`](crate::register) or [`Registry::register`](crate::Registry::register) asks by hand.
//!
//! Two crates of a program that hold the same set share it: their series are in one family. A program that asks for none
//! exposes none, and may have metrics of its own with these names. One that has both is refused by the registry, which
//! names both places.
//!
//! | set | metrics | filled by |
//! |---|---|---|
//! | [`ServiceHealthMetrics`] | `service_up`, `health_status`, `last_check_timestamp_seconds` | `health::Health` |
//! | [`HttpMetrics`] | `http_requests_total`, `http_request_duration_seconds`, `http_request_size_bytes` | `tower::HttpLayer` |
//! | [`HttpClientMetrics`] | the same of requests that are sent | `tower::ClientLayer` |
//! | [`CacheMetrics`] | `cache_requests_total`, `cache_hit_ratio`, `cache_evictions_total` | `hit`, `miss`, `evicted` |
//! | [`BreakerMetrics`] | `circuit_breaker_state` | `open`, `half_open`, `closed` |
//! | [`RetryMetrics`] | `retry_attempts_total` | `attempt` |
//! | [`AuthMetrics`] | `auth_attempts_total`, `auth_failures_total` | `attempt`, `failure` |
//! | [`EtlMetrics`] | `etl_job_status` | `running`, `succeeded`, `failed` |
//! | [`LagMetrics`] | `stream_lag_seconds` | `lag` |
//! | `process::ProcessMetrics` | `process_…` | itself, at each scrape |
//! | `host::DiskMetrics`, `host::NetworkMetrics` | `disk_…`, `network_errors_total` | themselves, at each scrape |
//!
//! # Values of your own
//!
//! The standard does not know your caches and upstreams, so their labels are open: each takes at most 100 values, and
//! what comes beyond is `other`. If you have an enum of them, [`standard_set!`](crate::standard_set) makes a set from it
//! whose labels are closed: every series is there from the first scrape, a value that does not exist does not compile,
//! and a recording looks nothing up.

mod auth;
mod breaker;
mod cache;
mod closed;
mod etl;
mod health;
mod http;
mod lag;
mod retry;

pub use auth::{AttemptLabels, AuthMetrics, FailureLabels};
pub use breaker::{BreakerMetrics, BreakerState, UpstreamLabels};
pub use cache::{CacheLabels, CacheMetrics, CacheResult, LookupLabels};
#[doc(hidden)]
pub use closed::ClosedLabels;
pub use etl::{EtlMetrics, JobLabels, JobStatus};
pub use health::{CheckLabels, ServiceHealthMetrics};
pub use http::{
    HttpAnswer, HttpCall, HttpClientAnswer, HttpClientCall, HttpClientMetrics, HttpMetrics,
};
pub use lag::{LagLabels, LagMetrics};
pub use retry::{OperationLabels, RetryMetrics};
