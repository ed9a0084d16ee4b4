//! `GET /health`.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, extract::State};
use serde_json::{Map, Value, json};

use super::Health;

pub(super) fn router<S: Clone + Send + Sync + 'static>(health: Health) -> Router<S> {
    Router::new()
        .route("/health", get(answer))
        .with_state(health)
}

async fn answer(State(health): State<Health>) -> Response {
    let status = health.status();
    let checks: Map<String, Value> = health
        .report()
        .into_iter()
        .map(|report| {
            let value = report.status.value();
            let check = json!([{ "status": word(Some(value)), "observedValue": value }]);
            (report.name.to_owned(), check)
        })
        .collect();
    let code = if status.is_some_and(|status| status > 0.0) {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let headers = [
        (header::CONTENT_TYPE, "application/health+json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let body = json!({ "status": word(status), "checks": checks });
    (code, headers, body.to_string()).into_response()
}

/// The word of the format for a status.
fn word(status: Option<f64>) -> &'static str {
    match status {
        Some(1.0) => "pass",
        Some(value) if value > 0.0 => "warn",
        _ => "fail",
    }
}
