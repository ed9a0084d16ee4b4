//! The answers that the services have in common.

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::http::{StatusCode as HttpCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// An answer that says what went wrong, as JSON.
#[derive(Debug)]
pub struct Refusal {
    status: HttpCode,
    error: String,
}

impl Refusal {
    /// A refusal with a status and a reason.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the reason is made for the call"
    )]
    #[must_use]
    pub fn new(status: HttpCode, error: impl ToString) -> Self {
        Self {
            status,
            error: error.to_string(),
        }
    }

    /// The body is not what the route takes.
    #[must_use]
    pub fn bad_request(error: impl ToString) -> Self {
        Self::new(HttpCode::BAD_REQUEST, error)
    }

    /// There is no such thing.
    #[must_use]
    pub fn not_found(what: impl ToString) -> Self {
        Self::new(HttpCode::NOT_FOUND, what)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: String,
        }
        (self.status, Json(Body { error: self.error })).into_response()
    }
}

/// A body that could not be read, because it is too large or the client stopped sending.
impl From<BytesRejection> for Refusal {
    fn from(rejection: BytesRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

/// Answers a path that the service does not have.
pub async fn no_such_path(method: axum::http::Method, uri: Uri) -> Refusal {
    Refusal::not_found(format!("no route for {method} {}", uri.path()))
}

/// Answers a method that a path does not have.
pub async fn no_such_method(method: axum::http::Method, uri: Uri) -> Refusal {
    let error = format!("no method {method} at {}", uri.path());
    Refusal::new(HttpCode::METHOD_NOT_ALLOWED, error)
}
