//! What a service asks of others.

use core::fmt;
use core::task::{Context, Poll};
use core::time::Duration;
use std::sync::Arc;

use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::body::ResponseBody;
use super::exchange::{End, Exchange, Record, RequestSize};
use super::future::ResponseFuture;
use crate::labels::{Method, StatusCode};
use crate::metric::{Counter, GaugeSeries, Histogram, Resolved};
use crate::privacy::mask;
use crate::registry::{RegisterError, register};
use crate::standard::{HttpClientAnswer, HttpClientCall, HttpClientMetrics, UpstreamLabels};
use crate::unit::Seconds;

/// Records the requests that are sent to one upstream, in
/// [`HttpClientMetrics`](crate::standard::HttpClientMetrics).
///
/// It goes around every service of `http` requests, such as hyper-util's client:
///
/// ```standalone_crate
/// use datapunk_metrics::tower::ClientLayer;
/// use http_body_util::Empty;
/// use hyper_util::client::legacy::Client;
/// use hyper_util::rt::TokioExecutor;
/// use tower_layer::Layer;
///
/// let client = Client::builder(TokioExecutor::new()).build_http::<Empty<bytes::Bytes>>();
/// let client = ClientLayer::new("glossary")?.layer(client);
/// # Ok::<(), datapunk_metrics::RegisterError>(())
/// ```
///
/// - `upstream` is the name that the layer is given, not the host: hosts may be many, and may be addresses.
/// - A request ends when the body of its answer has been read to the end, or is dropped.
/// - `status` is that of the answer, also where its head was enough and the body is not read; `none` if there was no whole
///   one (the connection failed or broke off, the code of the client panicked); 499 if the caller did not wait for it, or
///   stopped reading in the midst of it.
///
/// # With reqwest
///
/// A client of reqwest has its own types. As a service of `http` requests it takes the layer, and requests are built and
/// answers are read as before: [docs/outgoing-requests.md](https://github.com/datapunk/datapunk-metrics/blob/main/docs/outgoing-requests.md)
/// has the few lines that do it.
#[derive(Clone)]
pub struct ClientLayer {
    upstream: Arc<Upstream>,
}

/// Whom requests are sent to, looked up once.
struct Upstream {
    name: Box<str>,
    requests: Resolved<Counter<HttpClientAnswer<'static>>>,
    durations: Resolved<Histogram<Seconds, HttpClientCall<'static>>>,
    in_flight: GaugeSeries,
}

impl Upstream {
    fn new(name: Box<str>) -> Self {
        let upstream: &str = &name;
        let labels = UpstreamLabels { upstream };
        Self {
            requests: METRICS.http_client_requests_total.resolve([upstream]),
            durations: METRICS
                .http_client_request_duration_seconds
                .resolve([upstream]),
            in_flight: METRICS.http_client_requests_in_flight_current.with(labels),
            name,
        }
    }
}

impl ClientLayer {
    /// A layer for the requests to `upstream`. Adds the set to the [registry of the program](crate::registry()).
    ///
    /// # Errors
    ///
    /// If another set of the program has a metric of the same name.
    pub fn new(upstream: impl Into<Box<str>>) -> Result<Self, RegisterError> {
        register::<HttpClientMetrics>()?;
        Ok(Self {
            upstream: Arc::new(Upstream::new(upstream.into())),
        })
    }
}

impl fmt::Debug for ClientLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientLayer")
            .field("upstream", &mask(&self.upstream.name))
            .finish_non_exhaustive()
    }
}

impl<T> Layer<T> for ClientLayer {
    type Service = ClientService<T>;

    fn layer(&self, inner: T) -> ClientService<T> {
        ClientService {
            inner,
            layer: self.clone(),
        }
    }
}

/// A client whose requests are recorded.
#[derive(Clone, Debug)]
pub struct ClientService<T> {
    inner: T,
    layer: ClientLayer,
}

impl<T, A, B> Service<Request<A>> for ClientService<T>
where
    T: Service<Request<A>, Response = Response<B>>,
    A: Body,
    B: Body,
{
    type Response = Response<ResponseBody<B, Asked>>;
    type Error = T::Error;
    type Future = ResponseFuture<T::Future, Asked>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let is_head = request.method() == http::Method::HEAD;
        let asked = Asked {
            upstream: Arc::clone(&self.layer.upstream),
            method: Method::from_name(request.method().as_str()),
        };
        let exchange = Exchange::begin(asked, RequestSize::Declared(0));
        let response = self.inner.call(request);
        ResponseFuture::new(response, Some(exchange), is_head)
    }
}

/// What is known of a request that was sent.
pub struct Asked {
    upstream: Arc<Upstream>,
    method: Method,
}

const METRICS: HttpClientMetrics = HttpClientMetrics::METRICS;

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked")
            .field("upstream", &mask(&self.upstream.name))
            .field("method", &self.method)
            .finish()
    }
}

impl Record for Asked {
    fn began(&self) {
        self.upstream.in_flight.inc();
    }

    fn ended(&self, end: End, elapsed: Duration, _request_bytes: u64) {
        let Self { upstream, method } = self;
        let method = *method;
        upstream.in_flight.dec();
        let duration = upstream
            .durations
            .with(|[upstream]| HttpClientCall { upstream, method });
        duration.observe(elapsed);
        let status = match end {
            End::Answered(code) | End::Unread(code) => Some(StatusCode::new(code)),
            End::Failed | End::Panicked => None,
            End::Cancelled => Some(StatusCode::CLIENT_CLOSED_REQUEST),
        };
        let answer = upstream.requests.with(|[upstream]| HttpClientAnswer {
            upstream,
            method,
            status,
        });
        answer.inc();
    }
}
