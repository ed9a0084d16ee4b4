//! The metric sets of the cortex.

use datapunk_metrics::{
    Counter, Gauge, Histogram, Info, LabelSet, LabelValue, MetricSet, Seconds, State, StateValue,
    git_revision,
};
use serde::Deserialize;

use crate::http::HttpMetrics;
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

/// Labels of an upstream.
#[derive(Clone, Copy, Debug, LabelSet)]
pub struct UpstreamLabels {
    /// Which upstream.
    pub upstream: UpstreamName,
}

/// What is asked of an upstream.
#[derive(Clone, Copy, Debug, LabelValue)]
pub enum UpstreamOperation {
    /// What a topic is about.
    Explain,
}

/// Labels of a call to an upstream.
#[derive(Clone, Copy, Debug, LabelSet)]
pub struct OperationLabels {
    /// What is asked.
    pub operation: UpstreamOperation,
}

/// What a circuit breaker does with calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, StateValue)]
pub enum BreakerState {
    /// It refuses them.
    Open = 0,
    /// It lets one pass, to see whether the upstream is back.
    HalfOpen = 1,
    /// It lets them pass.
    Closed = 2,
}

/// The models.
#[derive(Debug, MetricSet)]
pub struct ModelMetrics {
    /// Texts classified, by model and version.
    pub inference_requests_total: Counter<InferenceLabels>,
    /// Time taken by a step of a model, by model and operation.
    #[metric(buckets = [0.000_001, 0.000_005, 0.000_01, 0.000_05, 0.000_1, 0.001, 0.01])]
    pub model_latency_seconds: Histogram<Seconds, StepLabels>,
}

/// The way to the upstream.
#[derive(Debug, MetricSet)]
pub struct MeshMetrics {
    /// Circuit breaker: 0 open, 1 half-open, 2 closed, by upstream.
    #[metric(initial = Closed)]
    pub circuit_breaker_state: State<BreakerState, UpstreamLabels>,
    /// Calls that were tried again, by operation.
    pub retry_attempts_total: Counter<OperationLabels>,
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
    /// The way to the upstream.
    pub mesh: MeshMetrics,
    /// HTTP requests.
    pub http: HttpMetrics,
}

/// The handles of the cortex's metrics.
pub(super) const CORTEX: CortexMetrics = CortexMetrics::METRICS;
