//! The standard's metrics, ready to use: names, labels, units and buckets that every service shares.
//!
//! [`standard_set!`](crate::standard_set) makes a set of the standard from your own enums, with small recorders:
//!
//! ```
//! use datapunk_metrics::{LabelValue, standard_set};
//!
//! #[derive(Clone, Copy, LabelValue)]
//! enum Upstream { Payments }
//!
//! standard_set! {
//!     /// The circuit breakers of the shop.
//!     struct ShopBreakers: BreakerMetrics { upstream: Upstream }
//! }
//!
//! ShopBreakers::METRICS.open(Upstream::Payments);
//! ```

mod auth;
mod breaker;
mod cache;
mod closed;
mod etl;
mod lag;
mod retry;

pub use breaker::BreakerState;
pub use cache::CacheResult;
#[doc(hidden)]
pub use closed::ClosedLabels;
pub use etl::JobStatus;
