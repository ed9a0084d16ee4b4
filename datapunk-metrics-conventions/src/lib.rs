//! The metrics standard as code.
//!
//! One place for every rule: the macros call it while they expand, generated constants call its `const fn`s for values
//! that a macro cannot see, and generators call it for names that come from elsewhere. It has no dependencies.
//!
//! ```
//! use datapunk_metrics_conventions::{Kind, MetricFacts, Profile, check_metric_name};
//!
//! let facts = MetricFacts {
//!     profile: Profile::Datapunk,
//!     kind: Kind::Counter,
//!     name: "http_requests",
//!     unit: None,
//!     in_flight: false,
//! };
//! let findings = check_metric_name(&facts);
//! assert_eq!(findings[0].message, "counter `http_requests` does not end in `_total`");
//! assert_eq!(findings[0].fix.as_deref(), Some("http_requests_total"));
//! ```
//!
//! Each rule, with an example, is in `docs/rules.md`.

#![forbid(unsafe_code)]

mod buckets;
mod constant;
mod ending;
mod fix;
mod grammar;
mod help;
mod label;
mod mask;
mod name;
mod namespace;
mod personal;
mod profile;
mod retention;
mod rule;
pub mod suffix;
pub mod units;
mod version;
mod words;

pub use buckets::{BucketFinding, LATENCY_BUCKETS, buckets_are_ordered, check_buckets};
pub use constant::{is_snake_case, label_is_reserved, name_halves, name_hash, name_pairs, str_eq};
pub use fix::{fixed_local_name, fixed_metric_name};
pub use grammar::{is_label_name, is_metric_name};
pub use help::check_help;
pub use label::{Openness, OwnWords, check_label_name, check_label_value};
pub use mask::{Found, LEAST_BEHIND_PREFIX, REDACTED, Sensitive, find_sensitive, mask};
pub use name::{MetricFacts, check_metric_name};
pub use namespace::{check_namespace, check_namespace_words, fixed_namespace};
pub use personal::{names_of_secrets_and_persons, names_secret_or_person};
pub use profile::{Kind, Profile};
pub use retention::Retention;
pub use rule::{Finding, Rule};
pub use version::{version_is_reached, version_numbers};
pub use words::{closest, last_word};

/// How many series one metric may have unless it declares its own `max_series`.
pub const DEFAULT_MAX_SERIES: usize = 1000;
