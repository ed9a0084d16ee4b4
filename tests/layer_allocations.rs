//! What the HTTP layers allocate for a request: nothing, once its route has been seen.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::Bytes;
use axum::extract::MatchedPath;
use axum::routing::get;
use datapunk_metrics::standard::HttpCall;
use datapunk_metrics::tower::{ClientLayer, HttpLayer};
use datapunk_metrics::{
    Counter, Gauge, Histogram, LabelSet, LabelValue, MetricSet, Seconds, StatusClass, testing,
};
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::Full;
use tower::{Layer as _, Service, ServiceExt as _, service_fn};

thread_local! {
    /// Allocations of this thread.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call is handed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often `work` allocates.
fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

/// How often a service allocates that answers `request` to the last byte. Making the request is not counted.
fn allocations_of<S, B>(service: &mut S, request: Request<Full<Bytes>>) -> usize
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = Infallible>,
    B: Body<Data = Bytes, Error = Infallible>,
{
    let mut context = Context::from_waker(Waker::noop());
    allocations(|| {
        let answer = pin!(service.call(request));
        let Poll::Ready(Ok(answer)) = answer.poll(&mut context) else {
            panic!("it is ready at once");
        };
        let mut body = pin!(answer.into_body());
        while let Poll::Ready(Some(frame)) = body.as_mut().poll_frame(&mut context) {
            drop(frame);
        }
    })
}

/// What is inside of the layer: it allocates nothing itself.
fn answer<B>(request: Request<B>) -> Ready<Result<Response<Full<Bytes>>, Infallible>> {
    drop(request);
    let body = Full::new(Bytes::from_static(b"an answer"));
    ready(Ok(Response::new(body)))
}

/// The route that axum's router finds.
fn matched(route: &str, path: &str) -> MatchedPath {
    let found = Arc::new(Mutex::new(None));
    let put = Arc::clone(&found);
    let handler = move |path: MatchedPath| async move {
        *put.lock().expect("no panic") = Some(path);
    };
    let app: Router = Router::new().route(route, get(handler));
    let request = Request::get(path).body(axum::body::Body::empty());
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime
        .expect("a runtime")
        .block_on(app.oneshot(request.expect("a request")))
        .expect("a router does not fail");
    let found = found.lock().expect("no panic").take();
    found.expect("the route takes the path")
}

fn request(method: &Method, route: Option<&MatchedPath>) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(Bytes::from_static(b"a request")));
    *request.method_mut() = method.clone();
    if let Some(route) = route {
        request.extensions_mut().insert(route.clone());
    }
    request
}

/// A set of one's own, with an open label that is not the route.
#[derive(Clone, Copy, LabelSet)]
struct AreaCall<'a> {
    area: &'a str,
    is_get: bool,
}

#[derive(Clone, Copy, LabelSet)]
#[label(from = AreaCall<'a>)]
struct AreaAnswer<'a> {
    area: &'a str,
    is_get: bool,
    status: StatusClass,
}

impl<'a> From<HttpCall<'a>> for AreaCall<'a> {
    fn from(call: HttpCall<'a>) -> Self {
        let is_get = datapunk_metrics::Method::Get.index() == call.method.index();
        // What is open differs between requests of one route.
        let area = if is_get { "reading" } else { call.path };
        Self { area, is_get }
    }
}

#[derive(MetricSet)]
#[metrics(namespace = "area", labels = AreaCall<'static>)]
struct AreaMetrics {
    /// Pages.
    #[metric(role = calls)]
    pages_answered_total: Counter<AreaAnswer<'static>>,
    /// Time.
    #[metric(role = duration)]
    page_duration_seconds: Histogram<Seconds, AreaCall<'static>>,
    /// Pages in flight.
    #[metric(role = in_flight)]
    pages_in_flight_current: Gauge<AreaCall<'static>>,
}
const AREA: AreaMetrics = AreaMetrics::METRICS;

#[test]
fn a_route_that_was_seen_costs_no_allocation() {
    let items = matched("/items/{id}", "/items/7");
    let orders = matched("/orders/{id}/lines", "/orders/7/lines");
    let long = Method::from_bytes(&[b'X'; 40]).expect("a method");
    let layer = HttpLayer::new().expect("no sets clash").skip("/skipped");
    let mut service = layer.layer(service_fn(answer));
    for method in [&Method::GET, &Method::POST, &long] {
        for route in [Some(&items), Some(&orders), None] {
            let first = allocations_of(&mut service, request(method, route));
            assert!(
                method != Method::GET || first > 0,
                "the first one adds rows"
            );
            for _ in 0..3 {
                let again = allocations_of(&mut service, request(method, route));
                assert_eq!(again, 0, "{method} {route:?}");
            }
        }
    }
    // The same route in another router, and a layer of its own.
    let again = matched("/items/{id}", "/items/8");
    let mut service = HttpLayer::new()
        .expect("no sets clash")
        .layer(service_fn(answer));
    let first = allocations_of(&mut service, request(&Method::GET, Some(&again)));
    assert_eq!(first, 0, "it was seen already");
    let counted = |method: &str, path: &str| {
        let labels = [("method", method), ("path", path), ("status", "200")];
        testing::value("http_requests_total", labels)
    };
    assert_eq!(
        [
            counted("GET", "/items/{id}"),
            counted("POST", "/orders/{id}/lines"),
            counted("other", "other"),
        ]
        .map(|count| count.to_string()),
        ["5", "4", "4"]
    );
}

#[test]
fn a_set_whose_open_labels_differ_within_a_route_counts_right_and_allocates_nothing() {
    let items = matched("/things/{id}", "/things/7");
    let mut service = HttpLayer::<AreaMetrics>::of_set().layer(service_fn(answer));
    for method in [&Method::GET, &Method::POST] {
        allocations_of(&mut service, request(method, Some(&items)));
    }
    for _ in 0..3 {
        for method in [&Method::GET, &Method::POST] {
            let again = allocations_of(&mut service, request(method, Some(&items)));
            assert_eq!(again, 0, "{method}");
        }
    }
    for (area, is_get) in [("reading", true), ("/things/{id}", false)] {
        let status = StatusClass::Success;
        let answers = AreaAnswer {
            area,
            is_get,
            status,
        };
        let call = AreaCall { area, is_get };
        assert_eq!(AREA.pages_answered_total.with(answers).get(), 4);
        assert_eq!(AREA.page_duration_seconds.with(call).count(), 4);
        assert_eq!(AREA.pages_in_flight_current.with(call).get(), Some(0));
    }
}

#[test]
fn a_request_that_is_sent_costs_no_allocation() {
    let layer = ClientLayer::new("glossary").expect("no sets clash");
    let mut service = layer.layer(service_fn(answer));
    allocations_of(&mut service, request(&Method::GET, None));
    for _ in 0..3 {
        let again = allocations_of(&mut service, request(&Method::GET, None));
        assert_eq!(again, 0);
    }
}
