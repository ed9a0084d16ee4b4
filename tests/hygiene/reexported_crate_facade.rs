//! A façade over the toolkit, with a macro that writes metrics for crates which do not depend on the toolkit.
#![deny(warnings)]

pub mod telemetry {
    pub use datapunk_metrics;
}

#[macro_export]
macro_rules! worker {
    ($set:ident, $labels:ident, $work:ident, $namespace:literal) => {
        #[derive(Clone, Copy, $crate::telemetry::datapunk_metrics::LabelSet)]
        #[label(crate = $crate::telemetry::datapunk_metrics)]
        pub struct $labels {
            pub outcome: $crate::telemetry::datapunk_metrics::Outcome,
        }

        #[derive($crate::telemetry::datapunk_metrics::MetricSet)]
        #[metrics(namespace = $namespace, crate = $crate::telemetry::datapunk_metrics)]
        pub struct $set {
            /// Jobs, by outcome.
            pub jobs_total: $crate::telemetry::datapunk_metrics::Counter<$labels>,
        }

        #[$crate::telemetry::datapunk_metrics::instrument_metrics(
            system = $namespace,
            crate = $crate::telemetry::datapunk_metrics
        )]
        pub fn $work(jobs: u32) -> u32 {
            jobs
        }
    };
}
