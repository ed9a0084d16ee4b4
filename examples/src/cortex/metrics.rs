//! The metric sets of the cortex.

use datapunk_metrics::{
    Counter, Gauge, Histogram, Info, LabelSet, LabelValue, MetricSet, Seconds, git_revision,
    standard_set,
};
use serde::Deserialize;

use crate::service::uptime_seconds;

/// The variants of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// Looks at words.
    Words,
    /// Looks at words and pairs of words.
    Pairs,
}

/// The versions of the training data.
#[derive(Clone, Copy, Debug, LabelValue)]
pub enum Version {
    /// The bundled one.
    V1,
}

/// Labels of an inference.
#[derive(Clone, Copy, Debug, LabelSet)]
pub struct InferenceLabels {
    /// The model that was asked.
    pub model: Model,
    /// Its training data.
    pub version: Version,
}

/// What a model does.
#[derive(Clone, Copy, Debug, LabelValue)]
pub enum Step {
    /// It splits the text.
    Tokenize,
    /// It compares the topics.
    Score,
}

/// Labels of a step.
#[derive(Clone, Copy, Debug, LabelSet)]
pub struct StepLabels {
    /// The model.
    pub model: Model,
    /// The step.
    pub operation: Step,
}

/// The upstreams.
#[derive(Clone, Copy, Debug, LabelValue)]
pub enum UpstreamName {
    /// The glossary.
    Glossary,
}

/// What is asked of an upstream.
#[derive(Clone, Copy, Debug, LabelValue)]
pub enum UpstreamOperation {
    /// What a topic is about.
    Explain,
}

/// How a client says who it is.
#[derive(Clone, Copy, Debug, LabelValue)]
pub enum AuthMethod {
    /// With a key of its own.
    ApiKey,
}

/// Why a client is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
pub enum AuthFailure {
    /// It has no key.
    Missing,
    /// Nobody has that key.
    Unknown,
}

/// The models.
#[derive(Debug, MetricSet)]
pub struct ModelMetrics {
    /// Texts classified, by model and version.
    #[metric(retention = medium_frequency)]
    pub inference_requests_total: Counter<InferenceLabels>,
    /// Time taken by a step of a model, by model and operation.
    #[metric(buckets = [0.000_001, 0.000_005, 0.000_01, 0.000_05, 0.000_1, 0.001, 0.01])]
    pub model_latency_seconds: Histogram<Seconds, StepLabels>,
}

standard_set! {
    /// The circuit breakers towards the upstreams.
    pub struct BreakerMetrics: BreakerMetrics { upstream: UpstreamName }
}

standard_set! {
    /// Calls to the upstreams that were tried again.
    pub struct RetryMetrics: RetryMetrics { operation: UpstreamOperation }
}

standard_set! {
    /// Clients that say who they are.
    pub struct AuthMetrics: AuthMetrics { method: AuthMethod, reason: AuthFailure }
}

/// All metrics of the cortex.
#[derive(Debug, MetricSet)]
#[metrics(namespace = "cortex")]
pub struct CortexMetrics {
    /// Words that the models know.
    pub vocabulary_words_current: Gauge,
    /// Time since the service started.
    #[metric(read = uptime_seconds)]
    pub uptime_seconds: Gauge<(), f64>,
    /// The version that runs, and the commit that it was built from.
    #[metric(labels(version = env!("CARGO_PKG_VERSION"), revision = git_revision!()))]
    pub build_info: Info,
    /// The models.
    pub models: ModelMetrics,
    /// The circuit breakers towards the upstreams.
    pub breaker: BreakerMetrics,
    /// Calls to the upstreams that were tried again.
    pub retry: RetryMetrics,
    /// Clients that say who they are.
    pub auth: AuthMetrics,
}

/// The handles of the cortex's metrics.
pub(super) const CORTEX: CortexMetrics = CortexMetrics::METRICS;
