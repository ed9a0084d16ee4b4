//! Retries.

use crate::LabelSet;

/// The labels of what is tried again.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct OperationLabels<'a> {
    /// What is tried.
    #[label(max = 100)]
    pub operation: &'a str,
}

/// The metrics, with the label set of an operation.
#[doc(hidden)]
#[macro_export]
macro_rules! __retry_metrics {
    ($(#[$attribute:meta])* $vis:vis $Set:ident [$($Operation:tt)*]) => {
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, $crate::MetricSet)]
        $(#[$attribute])*
        $vis struct $Set {
            /// Calls that were tried again, by operation.
            pub retry_attempts_total: $crate::Counter<$($Operation)*>,
        }
    };
}

/// What is recorded, with the type of an operation's name.
#[doc(hidden)]
#[macro_export]
macro_rules! __retry_recorders {
    ($Set:ident [$Operation:ty] $First:ident) => {
        impl $Set {
            /// Counts a call that is tried again; the first try is not counted.
            #[inline]
            pub fn attempt(self, operation: $Operation) {
                self.retry_attempts_total.with($First { operation }).inc();
            }
        }
    };
}

__retry_metrics! {
    /// Retries, by operation.
    #[metrics(unlinked, crate = crate)]
    pub RetryMetrics [OperationLabels<'static>]
}
__retry_recorders! { RetryMetrics [&str] OperationLabels }
