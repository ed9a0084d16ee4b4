//! Instrumented functions without a prelude.
#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings)]

#[derive(::core::clone::Clone, ::core::marker::Copy, ::datapunk_metrics::LabelValue)]
pub enum Model {
    Words,
    Pairs,
}

#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::datapunk_metrics::LabelValue)]
pub enum Fault {
    Input,
    Device,
}

#[::datapunk_metrics::instrument_metrics(system = "bare", labels(model = Model::Words))]
pub fn load() -> u32 {
    7
}

#[::datapunk_metrics::instrument_metrics(system = "bare", labels(model = model, fault: Fault = |fault| *fault))]
pub fn infer(model: Model, input: &str) -> ::core::result::Result<&str, Fault> {
    match model {
        Model::Words => ::core::result::Result::Ok(input),
        Model::Pairs => ::core::result::Result::Err(Fault::Device),
    }
}

#[::datapunk_metrics::instrument_metrics(system = "bare")]
pub async fn wait(model: Model) -> ::core::result::Result<u32, Fault> {
    infer(model, "")?;
    ::core::future::ready(()).await;
    ::core::result::Result::Ok(load())
}

pub struct Service {
    calls: u32,
}

#[::datapunk_metrics::instrument_metrics(system = "bare_service")]
impl Service {
    pub fn count(&mut self) -> ::core::option::Option<&mut u32> {
        self.calls += 1;
        ::core::option::Option::Some(&mut self.calls)
    }

    #[instrument_metrics(skip)]
    pub fn calls(&self) -> u32 {
        self.calls
    }
}

#[derive(::core::clone::Clone, ::core::marker::Copy, ::datapunk_metrics::LabelSet)]
pub struct Call {
    pub model: Model,
}

#[derive(::core::clone::Clone, ::core::marker::Copy, ::datapunk_metrics::LabelSet)]
#[label(from = Call)]
pub struct Answer {
    pub model: Model,
    pub outcome: ::datapunk_metrics::Outcome,
}

/// Calls.
#[derive(::datapunk_metrics::MetricSet)]
#[metrics(namespace = "bare_set", labels = Call)]
pub struct CallMetrics {
    /// Calls.
    #[metric(role = calls)]
    pub calls_total: ::datapunk_metrics::Counter<Answer>,
}

#[::datapunk_metrics::instrument_metrics(set = CallMetrics, labels(model = Model::Pairs))]
pub fn classify() {}
