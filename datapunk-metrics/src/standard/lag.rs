//! Consumers of streams.

use crate::LabelSet;

/// The labels of a partition.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct LagLabels<'a> {
    /// The topic.
    #[label(max = 100)]
    pub topic: &'a str,
    /// The partition of the topic.
    #[label(max = 100)]
    pub partition: &'a str,
}

/// The metrics, with the label set of a partition.
#[doc(hidden)]
#[macro_export]
macro_rules! __lag_metrics {
    ($(#[$attribute:meta])* $vis:vis $Set:ident [$($Partition:tt)*]) => {
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, $crate::MetricSet)]
        $(#[$attribute])*
        $vis struct $Set {
            /// Age of the oldest event that waits for the consumer, by topic and partition.
            pub stream_lag_seconds: $crate::Gauge<$($Partition)*, f64>,
        }
    };
}

/// What is recorded, with the types of a topic's and a partition's name.
#[doc(hidden)]
#[macro_export]
macro_rules! __lag_recorders {
    ($Set:ident [$Topic:ty, $Partition:ty] $First:ident) => {
        impl $Set {
            /// How far the consumer of a partition is behind.
            #[inline]
            pub fn lag(self, topic: $Topic, partition: $Partition, behind: ::core::time::Duration) {
                let labels = $First { topic, partition };
                self.stream_lag_seconds
                    .with(labels)
                    .set(behind.as_secs_f64());
            }
        }
    };
}

__lag_metrics! {
    /// How far consumers are behind.
    #[metrics(unlinked, crate = crate)]
    pub LagMetrics [LagLabels<'static>]
}
__lag_recorders! { LagMetrics [&str, &str] LagLabels }
