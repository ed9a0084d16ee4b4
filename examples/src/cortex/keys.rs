//! Who may have texts classified: whoever has a key, if there are keys.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::metrics::{AuthFailure, AuthMethod, CORTEX};
use crate::http::Refusal;

/// The header that has the key.
pub(crate) const HEADER: &str = "x-api-key";

/// A key by its SHA-256, which may be seen by everybody: a key is random and long, so it can't be guessed backwards.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// The hash of a key.
    #[must_use]
    pub fn of(key: &[u8]) -> Self {
        Self(Sha256::digest(key).into())
    }
}

impl FromStr for KeyHash {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const DIGITS: &str = "the SHA-256 of a key has 64 hexadecimal digits";
        let mut hash = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(DIGITS);
        }
        for (byte, at) in hash.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| DIGITS)?;
        }
        Ok(Self(hash))
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyHash({self})")
    }
}

/// Lets a request pass that has one of the keys, and counts attempts and failures.
pub(super) async fn check(
    State(keys): State<Arc<[KeyHash]>>,
    request: Request,
    next: Next,
) -> Response {
    if keys.is_empty() {
        return next.run(request).await;
    }
    CORTEX.auth.attempt(AuthMethod::ApiKey);
    match failure(&keys, request.headers()) {
        None => next.run(request).await,
        Some(reason) => {
            CORTEX.auth.failure(AuthMethod::ApiKey, reason);
            let mut answer = Refusal::new(StatusCode::UNAUTHORIZED, "no such key").into_response();
            let challenge = HeaderValue::from_static("ApiKey realm=\"cortex\"");
            let headers = answer.headers_mut();
            headers.insert(header::WWW_AUTHENTICATE, challenge);
            answer
        }
    }
}

/// Why a request may not pass.
fn failure(keys: &[KeyHash], headers: &HeaderMap) -> Option<AuthFailure> {
    let Some(key) = headers.get(HEADER) else {
        return Some(AuthFailure::Missing);
    };
    let key = KeyHash::of(key.as_bytes());
    // How long a comparison of hashes takes tells nothing of a key.
    (!keys.contains(&key)).then_some(AuthFailure::Unknown)
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use datapunk_metrics::Registry;
    use datapunk_metrics::testing::Snapshot;
    use tower::ServiceExt as _;

    use super::super::metrics::AuthMetrics;
    use super::*;

    async fn ask(keys: &[KeyHash], key: Option<&str>) -> u16 {
        let keys: Arc<[KeyHash]> = keys.into();
        let app = Router::new()
            .route("/", get(async || "let in"))
            .route_layer(from_fn_with_state(keys, check));
        let mut request = Request::get("/");
        if let Some(key) = key {
            request = request.header(HEADER, key);
        }
        let request = request.body(Body::empty()).unwrap();
        app.oneshot(request).await.unwrap().status().as_u16()
    }

    #[tokio::test]
    async fn attempts_and_failures_are_counted() {
        let registry = Registry::new();
        registry.register::<AuthMetrics>().unwrap();
        let keys = [KeyHash::of(b"tiger"), KeyHash::of(b"lion")];
        let before = Snapshot::of(&registry).unwrap();
        assert_eq!(ask(&keys, Some("lion")).await, 200);
        assert_eq!(ask(&keys, Some("tigers")).await, 401);
        assert_eq!(ask(&keys, Some("")).await, 401);
        assert_eq!(ask(&keys, None).await, 401);
        // Who asks nobody has no attempts.
        assert_eq!(ask(&[], Some("tigers")).await, 200);
        let since = Snapshot::of(&registry).unwrap().since(&before);
        assert_eq!(
            since.to_string(),
            "auth_attempts_total{method=\"api_key\"} +4 (0 -> 4)\n\
             auth_failures_total{method=\"api_key\",reason=\"missing\"} +1 (0 -> 1)\n\
             auth_failures_total{method=\"api_key\",reason=\"unknown\"} +2 (0 -> 2)\n"
        );
    }

    #[test]
    fn a_hash_is_written_as_it_is_read() {
        let hash = KeyHash::of(b"tiger");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        for wrong in ["", "tiger", &"0".repeat(63), &"é".repeat(32)] {
            assert!(wrong.parse::<KeyHash>().is_err(), "{wrong}");
        }
    }
}
