//! What a service answers.

use core::fmt;
use core::marker::PhantomData;
use core::task::{Context, Poll};
use core::time::Duration;
use std::sync::Arc;

use axum::extract::MatchedPath;
use http::{Request, Response, Uri};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::body::{RequestBody, ResponseBody};
use super::exchange::{End, Exchange, Record};
use super::future::ResponseFuture;
use super::routes::{Seen, seen};
use crate::instrument::{At, Completed, Instrument, Started};
use crate::labels::{Method, Outcome, StatusClass, StatusCode};
use crate::registry::{RegisterError, register};
use crate::standard::{HttpCall, HttpMetrics};

/// What no route takes.
const OTHER: &str = "other";

/// A set that [`HttpLayer`] fills: [`HttpMetrics`], or one of your own.
///
/// A set of your own has metrics with roles ([`Instrument`]), and its labels of a call are [`HttpCall`] or come from it.
/// It is implemented for every set that does.
///
/// ```standalone_crate
/// use datapunk_metrics::standard::HttpCall;
/// use datapunk_metrics::tower::HttpLayer;
/// use datapunk_metrics::{Counter, LabelSet, LabelValue, MetricSet, StatusClass};
///
/// #[derive(Clone, Copy, LabelValue)]
/// enum Area { Shop, Admin, Other }
///
/// #[derive(Clone, Copy, LabelSet)]
/// struct PageCall { area: Area }
///
/// #[derive(Clone, Copy, LabelSet)]
/// #[label(from = PageCall)]
/// struct PageAnswer { area: Area, status: StatusClass }
///
/// impl From<HttpCall<'_>> for PageCall {
///     fn from(call: HttpCall<'_>) -> Self {
///         let area = match call.path {
///             "/shop/{item}" | "/basket" => Area::Shop,
///             "/admin" => Area::Admin,
///             _ => Area::Other,
///         };
///         Self { area }
///     }
/// }
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "web", labels = PageCall)]
/// struct PageMetrics {
///     /// Pages answered, by area and class of status.
///     #[metric(role = calls)]
///     pages_answered_total: Counter<PageAnswer>,
/// }
///
/// let app: axum::Router = axum::Router::new().layer(HttpLayer::<PageMetrics>::of_set());
/// ```
pub trait HttpSet: Instrument {
    /// The labels of a request.
    fn labels(call: HttpCall<'_>) -> Self::Labels<'_>;
}

impl<S: Instrument> HttpSet for S
where
    for<'a> S::Labels<'a>: From<HttpCall<'a>>,
{
    #[inline]
    fn labels(call: HttpCall<'_>) -> S::Labels<'_> {
        call.into()
    }
}

/// Records what a service answers, see the [module](super).
///
/// With axum it goes around the whole router, behind the last route: `Router::layer`. There it sees the routes' patterns,
/// and the requests that no route takes.
pub struct HttpLayer<S = HttpMetrics> {
    options: Options,
    set: PhantomData<fn() -> S>,
}

#[derive(Clone, Debug, Default)]
struct Options {
    skipped: Arc<[&'static str]>,
    route: Option<fn(&Uri) -> Option<&'static str>>,
}

impl HttpLayer {
    /// Records in the standard's [`HttpMetrics`], and adds them to the [registry of the program](crate::registry()).
    ///
    /// # Errors
    ///
    /// If another set of the program has a metric of the same name.
    pub fn new() -> Result<Self, RegisterError> {
        register::<HttpMetrics>()?;
        Ok(Self::of_set())
    }
}

impl<S: HttpSet> HttpLayer<S> {
    /// Records in the set `S`, which is exposed where it is registered: by the linker, by a set that holds it, or by
    /// hand in a registry of one's own.
    #[must_use]
    pub fn of_set() -> Self {
        Self {
            options: Options::default(),
            set: PhantomData,
        }
    }

    /// Does not record requests to the route `path`, such as `/metrics`.
    #[must_use]
    pub fn skip(mut self, path: &'static str) -> Self {
        let skipped = self.options.skipped.iter().copied().chain([path]);
        self.options.skipped = skipped.collect();
        self
    }

    /// Names the route of a request, where no router of axum does. None is `other`.
    ///
    /// ```standalone_crate
    /// use datapunk_metrics::tower::HttpLayer;
    ///
    /// let layer = HttpLayer::new()?.route(|uri| match uri.path() {
    ///     "/" => Some("/"),
    ///     path if path.starts_with("/items/") => Some("/items/{id}"),
    ///     _ => None,
    /// });
    /// # Ok::<(), datapunk_metrics::RegisterError>(())
    /// ```
    #[must_use]
    pub fn route(mut self, route: fn(&Uri) -> Option<&'static str>) -> Self {
        self.options.route = Some(route);
        self
    }
}

impl<S> Clone for HttpLayer<S> {
    fn clone(&self) -> Self {
        Self {
            options: self.options.clone(),
            set: PhantomData,
        }
    }
}

impl<S> fmt::Debug for HttpLayer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpLayer")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl<T, S> Layer<T> for HttpLayer<S> {
    type Service = HttpService<T, S>;

    fn layer(&self, inner: T) -> HttpService<T, S> {
        HttpService {
            inner,
            layer: self.clone(),
        }
    }
}

/// A service whose answers are recorded.
pub struct HttpService<T, S = HttpMetrics> {
    inner: T,
    layer: HttpLayer<S>,
}

impl<T: Clone, S> Clone for HttpService<T, S> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            layer: self.layer.clone(),
        }
    }
}

impl<T: fmt::Debug, S> fmt::Debug for HttpService<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpService")
            .field("inner", &self.inner)
            .field("layer", &self.layer)
            .finish()
    }
}

impl<T, S, A, B> Service<Request<A>> for HttpService<T, S>
where
    T: Service<Request<RequestBody<A>>, Response = Response<B>>,
    S: HttpSet,
    A: Body,
    B: Body,
{
    type Response = Response<ResponseBody<B, Answer<S>>>;
    type Error = T::Error;
    type Future = ResponseFuture<T::Future, Answer<S>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let options = &self.layer.options;
        let is_head = request.method() == http::Method::HEAD;
        let path = route_of(&request, options.route);
        if options.skipped.contains(&path) {
            let response = self.inner.call(request.map(RequestBody::uncounted));
            return ResponseFuture::new(response, None, is_head);
        }
        let answer = Answer {
            method: Method::from_name(request.method().as_str()),
            route: Route::of::<S>(path),
            set: PhantomData,
        };
        let (head, body) = request.into_parts();
        let (body, size) = RequestBody::new(body);
        let exchange = Exchange::begin(answer, size);
        let response = self.inner.call(Request::from_parts(head, body));
        ResponseFuture::new(response, Some(exchange), is_head)
    }
}

/// The pattern of the route that takes a request.
fn route_of<B>(request: &Request<B>, name: Option<fn(&Uri) -> Option<&'static str>>) -> &str {
    if let Some(name) = name {
        return name(request.uri()).unwrap_or(OTHER);
    }
    let matched = request.extensions().get::<MatchedPath>();
    matched.map_or(OTHER, MatchedPath::as_str)
}

/// The route of a request that is being answered.
#[derive(Clone, Debug)]
enum Route {
    Seen(&'static Seen),
    /// One of too many to be kept.
    Unknown(Box<str>),
}

impl Route {
    fn of<S: HttpSet>(path: &str) -> Self {
        seen::<S>(path).map_or_else(|| Self::Unknown(path.into()), Self::Seen)
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Seen(seen) => &seen.path,
            Self::Unknown(path) => path,
        }
    }

    fn site(&self) -> Option<At> {
        match self {
            Self::Seen(seen) => Some(At::Route(&seen.site)),
            Self::Unknown(_) => None,
        }
    }
}

/// What is known of a request while it is answered.
pub struct Answer<S> {
    method: Method,
    route: Route,
    set: PhantomData<fn() -> S>,
}

impl<S> fmt::Debug for Answer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("method", &self.method)
            .field("route", &self.route)
            .finish_non_exhaustive()
    }
}

impl<S: HttpSet> Answer<S> {
    fn started(&self) -> Started<S::Labels<'_>> {
        let call = HttpCall {
            method: self.method,
            path: self.route.as_str(),
        };
        Started {
            site: self.route.site(),
            ..Started::new(S::labels(call))
        }
    }
}

impl<S: HttpSet> Record for Answer<S> {
    fn began(&self) {
        S::started(self.started());
    }

    fn ended(&self, end: End, elapsed: Duration, request_bytes: u64) {
        let started = self.started();
        let (outcome, status) = match end {
            End::Answered(code) => answered(StatusCode::new(code)),
            End::Failed => (Outcome::Error, StatusCode::INTERNAL_SERVER_ERROR),
            End::Panicked => (Outcome::Panicked, StatusCode::INTERNAL_SERVER_ERROR),
            // A server that drops a body has nobody to send it to.
            End::Cancelled | End::Unread(_) => {
                (Outcome::Cancelled, StatusCode::CLIENT_CLOSED_REQUEST)
            }
        };
        S::left(started);
        S::sized(started, request_bytes);
        let completed = Completed {
            site: started.site,
            ..Completed::new(started.labels, outcome, status)
        };
        S::completed(completed, elapsed);
    }
}

fn answered(status: StatusCode) -> (Outcome, StatusCode) {
    let outcome = if status.class() == StatusClass::ServerError {
        Outcome::Error
    } else {
        Outcome::Ok
    };
    (outcome, status)
}
