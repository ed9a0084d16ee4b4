//! The `/metrics` endpoint on axum.
//!
//! ```no_run
//! # async fn run() -> std::io::Result<()> {
//! let app = axum::Router::new().merge(datapunk_metrics::serve::router());
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:9090").await?;
//! axum::serve(listener, app).await
//! # }
//! ```
//!
//! - `GET` and `HEAD` are answered, other methods with 405.
//! - The format follows `Accept` ([`Format::negotiate`]), the body is gzipped for a scraper whose `Accept-Encoding`
//!   has `gzip`.
//! - Encoding runs on the blocking pool: a slow scrape-time function does not hold up the service's requests.
//! - All scrape-time functions are called before the answer begins. One that panics makes that scrape a 500 whose text
//!   names the metric; the next one is tried anew.
//! - An exposition of up to some 64 KiB is sent with its `Content-Length`. A larger one is sent in chunks of that size,
//!   the next one encoded when the scraper has taken the last: a slow scraper holds one chunk in memory, and neither a
//!   thread nor a lock.

mod body;

use std::fmt::Display;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use body::{Pieces, Streamed};

use crate::encode::{Chunks, Format};
use crate::registry::{Registry, registry};

/// `GET /metrics` for the registry of the program.
///
/// If two linked sets clash, every scrape is a 500 that names both places.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    endpoint(Source::Program)
}

/// `GET /metrics` for a registry of one's own.
///
/// ```
/// use datapunk_metrics::{Registry, serve};
///
/// let app: axum::Router = serve::router_with(Registry::new());
/// ```
pub fn router_with<S: Clone + Send + Sync + 'static>(
    registry: impl Into<Arc<Registry>>,
) -> Router<S> {
    endpoint(Source::Own(registry.into()))
}

/// Where the metrics are.
#[derive(Clone)]
enum Source {
    Program,
    Own(Arc<Registry>),
}

fn endpoint<S: Clone + Send + Sync + 'static>(source: Source) -> Router<S> {
    Router::new().route(
        "/metrics",
        get(move |headers: HeaderMap| scrape(source.clone(), headers)),
    )
}

async fn scrape(source: Source, headers: HeaderMap) -> Response {
    let format = Format::negotiate(joined(&headers, &header::ACCEPT).as_deref());
    let gzip =
        joined(&headers, &header::ACCEPT_ENCODING).is_some_and(|accepted| accepts_gzip(&accepted));
    match tokio::task::spawn_blocking(move || source.answer(format, gzip)).await {
        Ok(response) => response,
        Err(error) => failed(&error),
    }
}

impl Source {
    fn answer(&self, format: Format, gzip: bool) -> Response {
        let chunks = match self {
            Self::Program => match registry() {
                Ok(registry) => Chunks::begin(registry, format),
                Err(error) => return failed(&error),
            },
            Self::Own(registry) => Chunks::begin(registry, format),
        };
        let mut pieces = match chunks {
            Ok(chunks) => Pieces::new(chunks, gzip),
            Err(error) => return failed(&error),
        };
        let first = match pieces.next() {
            Ok(piece) => piece.unwrap_or_default(),
            Err(error) => return failed(&error),
        };
        let body = if pieces.is_done() {
            Body::from(first)
        } else {
            Body::new(Streamed::new(first, pieces))
        };
        let headers = [
            (header::CONTENT_TYPE, format.content_type()),
            (header::VARY, "Accept, Accept-Encoding"),
        ];
        if gzip {
            (headers, [(header::CONTENT_ENCODING, "gzip")], body).into_response()
        } else {
            (headers, body).into_response()
        }
    }
}

/// A 500 that says why.
fn failed(error: &impl Display) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response()
}

/// The values of a header that may occur several times, as one list; what is not ASCII is left out.
fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<&str> = headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// Whether an `Accept-Encoding` header names gzip with a quality above 0.
fn accepts_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|encoding| {
        let mut parts = encoding.split(';').map(str::trim);
        parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("gzip"))
            && parts.all(|parameter| match parameter.split_once('=') {
                Some((name, quality)) if name.trim().eq_ignore_ascii_case("q") => quality
                    .trim()
                    .parse::<f32>()
                    .is_ok_and(|quality| quality > 0.0),
                _ => true,
            })
    })
}

#[cfg(test)]
mod tests;
