//! Authentication.

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
