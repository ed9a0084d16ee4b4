//! Prometheus rule files, held against the metrics that are declared.
//!
//! [`include_rules!`](crate::include_rules) does it while a program is compiled, [`check`] when it runs; both find the same
//! and say the same.
//!
//! ```
//! use datapunk_metrics::{Counter, MetricSet, Outcome, LabelSet};
//! use datapunk_metrics::rules::RuleCheck;
//!
//! #[derive(Clone, Copy, LabelSet)]
//! struct LetterLabels { outcome: Outcome }
//!
//! #[derive(MetricSet)]
//! #[metrics(namespace = "post")]
//! struct PostMetrics {
//!     /// Letters sent.
//!     letters_sent_total: Counter<LetterLabels>,
//! }
//!
//! let findings = RuleCheck::new().text(
//!     "post.yml",
//!     "groups:\n- name: post\n  rules:\n  - record: post:letters:rate5m\n    expr: rate(post_letter_sent_total[5m])\n",
//! ).against(&[PostMetrics::DESCRIPTOR]);
//! assert_eq!(
//!     findings.mistakes[0],
//!     "post.yml:5: recording rule `post:letters:rate5m`: no set declares a metric `post_letter_sent_total`\n    \
//!          rate(post_letter_sent_total[5m])\n         \
//!               ^^^^^^^^^^^^^^^^^^^^^^\n\
//!      help: a metric with a similar name exists: `post_letters_sent_total`"
//! );
//! ```

mod binary;
mod catalogue;
mod check;
mod expression;
mod files;
#[cfg(feature = "artifacts")]
pub(crate) use matchers::KNOW_IT;

mod matchers;
mod nearest;
mod objectives;
mod report;
mod run;
mod series;
mod shipped;
mod writer;

pub use files::{RuleFile, RuleFiles};
pub use objectives::ObjectiveRules;
pub use run::{Findings, RuleCheck, check};
pub use shipped::{ALERTS, RECORDING};

#[doc(hidden)]
pub use catalogue::{Catalogue, External, Slot, all_metrics, count_metrics, index, index_length};
#[doc(hidden)]
pub use check::{check_outside, check_rule};
#[doc(hidden)]
pub use files::{fail_if_any, notes, notes_length};
#[doc(hidden)]
pub use report::Report;
