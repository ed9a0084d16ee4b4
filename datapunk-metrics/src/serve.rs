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
//! - The format follows `Accept` ([`Format::negotiate`](crate::encode::Format::negotiate); with the feature `protobuf`
//!   that is offered too), the body is gzipped for a scraper whose `Accept-Encoding`
//!   has `gzip`.
//! - `?name[]=http_requests_total` shows that metric, `?set[]=HttpMetrics` the metrics of that set; both may be repeated.
//! - All scrape-time functions are called before the answer begins, on a thread of their own. One that panics makes that
//!   scrape a 500 whose text names the metric; the next one is tried anew. One that has not returned after 8 seconds
//!   makes it a 503, as it does those that come before it has returned: no more than one thread is ever stuck.
//! - An exposition of up to some 64 KiB is sent with its `Content-Length`. A larger one is sent in chunks of that size,
//!   the next one encoded when the scraper has taken the last: a slow scraper holds one chunk in memory, and neither a
//!   thread nor a lock.
//! - [`ScrapeMetrics`] counts scrapes.
//!
//! With the feature `server` there is also [`Server`], which needs no axum of yours and may face a network that is not
//! kind: TLS, authentication, authorization, an audit and limits.

mod body;
mod collector;
mod metrics;
mod selection;
#[cfg(feature = "server")]
mod server;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use body::{Streamed, Tracked};
use collector::{Begun, Collector, Failure, Source, Wanted};
use metrics::Scrape;
use selection::Selection;

use crate::encode::Writing;
use crate::registry::{Registry, register};

pub use metrics::{ScrapeLabels, ScrapeMetrics};
#[cfg(all(fuzzing, feature = "server"))]
#[doc(hidden)]
pub use server::fuzzing;
#[cfg(feature = "server")]
pub use server::{
    Builder, Closed, ClosedLabels, Limits, Login, LoginLabels, Reload, ReloadLabels, Scheme,
    ServeError, Server, ServerMetrics,
};

/// How long scrape-time functions may take together: less than the 10 s that Prometheus waits unless told otherwise.
const COLLECTION_LIMIT: Duration = Duration::from_secs(8);

/// `GET /metrics` for the registry of the program, which is given [`ScrapeMetrics`].
///
/// If two linked sets clash, every scrape is a 500 that names both places.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    // If two sets clash, a scrape says so.
    let _ = register::<ScrapeMetrics>();
    endpoint(Source::Program)
}

/// `GET /metrics` for a registry of one's own, which shows what it is given.
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

fn endpoint<S: Clone + Send + Sync + 'static>(source: Source) -> Router<S> {
    let collector = Collector::new(source, COLLECTION_LIMIT);
    Router::new().route(
        "/metrics",
        get(
            move |method: Method, uri: Uri, headers: HeaderMap| async move {
                let scrape = Scrape::begin();
                let selection = Selection::of_query(uri.query());
                let response = answer(&collector, &headers, selection).await;
                let (parts, body) = response.into_parts();
                let code = parts.status;
                let body = Tracked::new(body, move |mut sent| {
                    // An answer to HEAD has the headers alone.
                    sent.is_whole |= method == Method::HEAD;
                    scrape.end(code, sent);
                });
                Response::from_parts(parts, Body::new(body))
            },
        ),
    )
}

/// The answer to a scrape.
async fn answer(collector: &Collector, headers: &HeaderMap, selection: Selection) -> Response {
    let writing = Writing::negotiate(joined(headers, &header::ACCEPT).as_deref());
    let gzip =
        joined(headers, &header::ACCEPT_ENCODING).is_some_and(|accepted| accepts_gzip(&accepted));
    let wanted = Wanted {
        writing,
        gzip,
        selection,
    };
    let Begun { first, rest } = match collector.begin(wanted).await {
        Ok(begun) => begun,
        Err(failure) => {
            let status = match failure {
                Failure::TookTooLong(_) => StatusCode::SERVICE_UNAVAILABLE,
                Failure::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
            };
            return (status, format!("{failure}\n")).into_response();
        }
    };
    let body = if rest.is_done() {
        Body::from(first)
    } else {
        Body::new(Streamed::new(first, rest))
    };
    let headers = [
        (header::CONTENT_TYPE, writing.content_type()),
        (header::VARY, "Accept, Accept-Encoding"),
    ];
    let mut response = (headers, body).into_response();
    if gzip {
        let encoding = HeaderValue::from_static("gzip");
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, encoding);
    }
    response
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
