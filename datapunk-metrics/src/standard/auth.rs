//! Authentication.

use crate::LabelSet;

/// The labels of an attempt.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct AttemptLabels<'a> {
    /// How the client says who it is, such as `password`.
    #[label(max = 20)]
    pub method: &'a str,
}

/// The labels of a failure.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct FailureLabels<'a> {
    /// How the client said who it is.
    #[label(max = 20)]
    pub method: &'a str,
    /// Why it was refused, such as `expired`.
    #[label(max = 50)]
    pub reason: &'a str,
}

/// The metrics, with the label sets of an attempt and of a failure.
#[doc(hidden)]
#[macro_export]
macro_rules! __auth_metrics {
    ($(#[$attribute:meta])* $vis:vis $Set:ident [$($Attempt:tt)*] [$($Failure:tt)*]) => {
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, $crate::MetricSet)]
        $(#[$attribute])*
        $vis struct $Set {
            /// Attempts to authenticate, by method.
            pub auth_attempts_total: $crate::Counter<$($Attempt)*>,
            /// Attempts that failed, by method and reason.
            pub auth_failures_total: $crate::Counter<$($Failure)*>,
        }
    };
}

/// What is recorded, with the types of a method and of a reason.
#[doc(hidden)]
#[macro_export]
macro_rules! __auth_recorders {
    ($Set:ident [$Method:ty, $Reason:ty] $First:ident $Second:ident) => {
        impl $Set {
            /// Counts an attempt, whatever comes of it.
            #[inline]
            pub fn attempt(self, method: $Method) {
                self.auth_attempts_total.with($First { method }).inc();
            }

            /// Counts the failure of an attempt, beside the attempt itself.
            #[inline]
            pub fn failure(self, method: $Method, reason: $Reason) {
                self.auth_failures_total
                    .with($Second { method, reason })
                    .inc();
            }
        }
    };
}

__auth_metrics! {
    /// Attempts to authenticate. Who it was is never a label.
    #[metrics(unlinked, crate = crate)]
    pub AuthMetrics [AttemptLabels<'static>] [FailureLabels<'static>]
}
__auth_recorders! { AuthMetrics [&str, &str] AttemptLabels FailureLabels }
