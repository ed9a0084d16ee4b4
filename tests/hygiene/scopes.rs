//! Sets in function bodies, nested modules and traits' methods; private types; two sets of one type name.
#![deny(warnings)]

use datapunk_metrics::{Counter, MetricSet};

mod outer {
    pub(crate) mod inner {
        use datapunk_metrics::{Counter, LabelSet, LabelValue, MetricSet};

        #[derive(Clone, Copy, LabelValue)]
        enum Hidden {
            One,
            Two,
        }

        #[derive(Clone, Copy, LabelSet)]
        pub(super) struct HiddenLabels {
            hidden: Hidden,
        }

        #[derive(MetricSet)]
        #[metrics(namespace = "inner")]
        pub(in crate::outer) struct Metrics {
            /// Events.
            pub(super) events_total: Counter<HiddenLabels>,
        }

        impl HiddenLabels {
            pub(super) const fn of(first: bool) -> Self {
                Self { hidden: if first { Hidden::One } else { Hidden::Two } }
            }
        }
    }

    pub(crate) fn record() {
        inner::Metrics::METRICS.events_total.with(inner::HiddenLabels::of(true)).inc();
    }
}

#[derive(MetricSet)]
#[metrics(namespace = "outermost")]
struct Metrics {
    /// Events.
    events_total: Counter,
}

pub fn record() {
    #[derive(MetricSet)]
    #[metrics(namespace = "local")]
    struct Metrics {
        /// Events.
        events_total: Counter,
    }

    Metrics::METRICS.events_total.inc();
    self::Metrics::METRICS.events_total.inc();
    outer::record();
}
