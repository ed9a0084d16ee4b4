//! The cortex's routes.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{post, put};
use axum::{Json, Router};
use datapunk_metrics::health::Status;
use datapunk_metrics::instrument_metrics;
use datapunk_metrics::standard::BreakerState;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::bayes::{Classifier, Features, TRAINING};
use super::keys::{self, KeyHash};
use super::metrics::{CORTEX, InferenceLabels, Model, Step, StepLabels, Version};
use super::upstream::{Upstream, UpstreamError};
use crate::http::Refusal;

/// How long a careful classification takes.
const CARE: Duration = Duration::from_millis(700);

/// The models and the upstream.
#[derive(Debug)]
pub(super) struct Cortex {
    words: Classifier,
    pairs: Classifier,
    upstream: Upstream,
}

impl Cortex {
    /// Both models, trained with the bundled data.
    pub(super) fn trained(breaker_failures: u32) -> Self {
        let cortex = Self {
            words: Classifier::train(TRAINING, Features::Words),
            pairs: Classifier::train(TRAINING, Features::WordsAndPairs),
            upstream: Upstream::new(breaker_failures),
        };
        let words = i64::try_from(cortex.words.vocabulary()).unwrap_or(i64::MAX);
        CORTEX.vocabulary_words_current.set(words);
        cortex
    }

    /// How well the glossary is, for a health check. Without it texts are classified, but not explained.
    pub(super) fn status_of_glossary(&self) -> Status {
        match self.upstream.state() {
            BreakerState::Closed => Status::WELL,
            BreakerState::HalfOpen | BreakerState::Open => {
                Status::new(0.5, "the circuit breaker is open")
            }
        }
    }
}

/// The routes over `cortex`; texts of those who have one of `keys`, or of all if there are none.
pub(super) fn router(cortex: Arc<Cortex>, keys: Arc<[KeyHash]>) -> Router {
    Router::new()
        .route("/classify", post(classify))
        .route_layer(from_fn_with_state(keys, keys::check))
        .route("/upstream/{health}", put(set_upstream))
        .with_state(cortex)
}

/// A text to classify.
#[derive(Debug, Deserialize)]
struct Request {
    text: String,
    model: Model,
    /// Whether the upstream is asked what the topic is about.
    #[serde(default)]
    explain: bool,
    /// A fault to show how it is seen in the metrics.
    fault: Option<Fault>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fault {
    /// The answer takes long.
    Slow,
    /// The handler panics.
    Panic,
}

/// The topic of a text.
#[derive(Debug, Serialize)]
struct Answer {
    topic: &'static str,
    probability: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<String>,
}

async fn classify(
    State(cortex): State<Arc<Cortex>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let body = body?;
    let request: Request = serde_json::from_slice(&body).map_err(Refusal::bad_request)?;
    let answer = infer(&cortex, &request).await?;
    Ok(Json(answer).into_response())
}

async fn set_upstream(
    State(cortex): State<Arc<Cortex>>,
    Path(health): Path<String>,
) -> Result<StatusCode, Refusal> {
    match health.as_str() {
        "up" => cortex.upstream.set_healthy(true),
        "down" => cortex.upstream.set_healthy(false),
        other => {
            return Err(Refusal::not_found(format!(
                "an upstream is `up` or `down`, not `{other}`"
            )));
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Classifies a text.
#[instrument_metrics(
    system = "cortex",
    labels(model: Model = request.model, error: UpstreamError = |error| *error)
)]
async fn infer(cortex: &Cortex, request: &Request) -> Result<Answer, UpstreamError> {
    match request.fault {
        Some(Fault::Slow) => sleep(CARE).await,
        Some(Fault::Panic) => panic!("a request asked for it"),
        None => {}
    }
    let model = request.model;
    let classifier = match model {
        Model::Words => &cortex.words,
        Model::Pairs => &cortex.pairs,
    };
    let inference = InferenceLabels {
        model,
        version: Version::V1,
    };
    CORTEX.models.inference_requests_total.with(inference).inc();
    let latency = |operation| {
        let labels = StepLabels { model, operation };
        CORTEX.models.model_latency_seconds.with(labels)
    };
    let features = latency(Step::Tokenize).time(|| classifier.tokenize(&request.text));
    let scores = latency(Step::Score).time(|| classifier.score(&features));
    let (topic, probability) = scores.first().copied().unwrap_or_default();
    let explanation = if request.explain {
        Some(cortex.upstream.explain(topic).await?)
    } else {
        None
    };
    Ok(Answer {
        topic,
        probability,
        explanation,
    })
}

impl From<UpstreamError> for Refusal {
    fn from(error: UpstreamError) -> Self {
        let status = match error {
            UpstreamError::Failed => StatusCode::BAD_GATEWAY,
            UpstreamError::Refused => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::new(status, error)
    }
}
