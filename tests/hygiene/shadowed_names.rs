//! Names of the standard library mean something else here; generated code does not use them bare.
#![deny(warnings)]
#![allow(dead_code, non_camel_case_types, clippy::module_inception, clippy::enum_variant_names)]

pub mod fixture {
    pub struct Result;
    pub struct Option;
    pub struct Some;
    pub struct None;
    pub struct Ok;
    pub struct Err;
    pub struct Vec;
    pub struct String;
    pub struct Box;
    pub struct Send;
    pub struct Sync;
    pub struct u64;
    pub struct usize;
    pub struct f64;
    pub struct str;
    pub mod core {}
    pub mod std {}
    pub mod alloc {}
    pub mod linkme {}
    pub mod datapunk_metrics {}

    #[derive(Clone, Copy, ::datapunk_metrics::LabelValue)]
    pub enum Operation {
        Some,
        None,
        Ok,
        Err,
    }

    #[derive(Clone, Copy, ::datapunk_metrics::LabelSet)]
    pub struct Labels {
        pub operation: Operation,
    }

    #[derive(Clone, Copy, ::datapunk_metrics::StateValue)]
    pub enum Phase {
        Some = 0,
        None = 1,
    }

    #[derive(::datapunk_metrics::MetricSet)]
    #[metrics(namespace = "shadow")]
    pub struct ShadowMetrics {
        /// Operations.
        pub operations_total: ::datapunk_metrics::Counter<Labels>,
        /// Durations.
        pub read_duration_seconds: ::datapunk_metrics::Histogram<::datapunk_metrics::Seconds>,
        /// Phase.
        #[metric(initial = None)]
        pub phase_state: ::datapunk_metrics::State<Phase>,
    }

    pub fn record() {
        let metrics = <ShadowMetrics as ::datapunk_metrics::MetricSet>::METRICS;
        metrics.operations_total.with(Labels { operation: Operation::Ok }).inc();
        metrics.phase_state.set(Phase::Some);
    }
}
