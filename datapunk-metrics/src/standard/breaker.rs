//! Circuit breakers.

use crate::{LabelSet, StateValue};

/// What a circuit breaker does with calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, StateValue)]
#[state(crate = crate)]
pub enum BreakerState {
    /// It refuses them.
    Open = 0,
    /// It lets one pass, to see whether the upstream is back.
    HalfOpen = 1,
    /// It lets them pass.
    Closed = 2,
}

/// The labels of an upstream.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct UpstreamLabels<'a> {
    /// Which upstream.
    #[label(max = 100)]
    pub upstream: &'a str,
}

/// The metrics, with the label set of an upstream.
#[doc(hidden)]
#[macro_export]
macro_rules! __breaker_metrics {
    ($(#[$attribute:meta])* $vis:vis $Set:ident [$($Upstream:tt)*]) => {
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, $crate::MetricSet)]
        $(#[$attribute])*
        $vis struct $Set {
            /// Circuit breaker, by upstream: 0 open, 1 half-open, 2 closed.
            #[metric(initial = Closed)]
            pub circuit_breaker_state: $crate::State<$crate::standard::BreakerState, $($Upstream)*>,
        }
    };
}

/// What is recorded, with the type of an upstream's name.
#[doc(hidden)]
#[macro_export]
macro_rules! __breaker_recorders {
    ($Set:ident [$Upstream:ty] $First:ident) => {
        impl $Set {
            /// The circuit breaker refuses calls.
            #[inline]
            pub fn open(self, upstream: $Upstream) {
                self.state(upstream, $crate::standard::BreakerState::Open);
            }

            /// The circuit breaker lets one call pass.
            #[inline]
            pub fn half_open(self, upstream: $Upstream) {
                self.state(upstream, $crate::standard::BreakerState::HalfOpen);
            }

            /// The circuit breaker lets calls pass.
            #[inline]
            pub fn closed(self, upstream: $Upstream) {
                self.state(upstream, $crate::standard::BreakerState::Closed);
            }

            /// The circuit breaker is in a state that is known at run time.
            #[inline]
            pub fn state(self, upstream: $Upstream, state: $crate::standard::BreakerState) {
                self.circuit_breaker_state
                    .with($First { upstream })
                    .set(state);
            }
        }
    };
}

__breaker_metrics! {
    /// Circuit breakers, by upstream.
    #[metrics(unlinked, crate = crate)]
    pub BreakerMetrics [UpstreamLabels<'static>]
}
__breaker_recorders! { BreakerMetrics [&str] UpstreamLabels }
