use core::convert::Infallible;
use core::future::{Future, pending, ready};
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode as HttpCode};
use http_body::{Body, Frame, SizeHint};
use tower::{ServiceExt as _, service_fn};
use tower_layer::Layer as _;

use super::*;
use crate::standard::HttpCall;
use crate::{
    Bytes as Size, Counter, Gauge, Histogram, LabelSet, LabelValue, MetricSet, Outcome, Seconds,
    StatusCode,
};

/// One route for each test, so that they can run beside each other.
macro_rules! routes {
    ($($test:ident $name:literal)*) => {
        #[derive(Clone, Copy, Debug, LabelValue)]
        #[label(crate = crate)]
        enum Route { $(#[label(rename = $name)] $test,)* }

        impl From<HttpCall<'_>> for Call {
            fn from(call: HttpCall<'_>) -> Self {
                let route = match call.path {
                    $($name => Route::$test,)*
                    path => panic!("no test has the route `{path}`"),
                };
                Self { route }
            }
        }
    };
}
routes! {
    Other "other"
    Named "/named"
    Whole "/whole"
    Head "/head"
    Declared "/declared"
    Trailers "/trailers"
    Broken "/broken"
    Failed "/failed"
    PanicInCall "/panic_in_call"
    PanicInPoll "/panic_in_poll"
    PanicInBody "/panic_in_body"
    Unwaited "/unwaited"
    Unread "/unread"
    Unwinding "/unwinding"
    Chunked "/chunked"
    Skipped "/skipped"
}

#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
struct Call {
    route: Route,
}

#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate, from = Call)]
struct Answered {
    route: Route,
    status: StatusCode,
    outcome: Outcome,
}

#[derive(Debug, MetricSet)]
#[metrics(namespace = "layer_test", labels = Call, crate = crate, unlinked)]
struct TestMetrics {
    /// Requests.
    #[metric(role = calls, max_series = 100_000)]
    requests_answered_total: Counter<Answered>,
    /// Time.
    #[metric(role = duration)]
    request_duration_seconds: Histogram<Seconds, Call>,
    /// Size.
    #[metric(role = request_size, buckets = [1, 10, 100])]
    request_size_bytes: Histogram<Size, Call>,
    /// In flight.
    #[metric(role = in_flight)]
    requests_in_flight_current: Gauge<Call>,
}
const METRICS: TestMetrics = TestMetrics::METRICS;

fn layer() -> HttpLayer<TestMetrics> {
    HttpLayer::of_set().route(|uri| {
        Route::VALUES
            .iter()
            .copied()
            .find(|route| *route == uri.path())
    })
}

fn ended(route: Route, outcome: Outcome, status: u16) -> u64 {
    let status = StatusCode::new(status);
    let labels = Answered {
        route,
        status,
        outcome,
    };
    METRICS.requests_answered_total.with(labels).get()
}

fn in_flight(route: Route) -> Option<i64> {
    METRICS
        .requests_in_flight_current
        .with(Call { route })
        .get()
}

/// What was recorded in all: requests that ended, durations, sizes.
fn recorded(route: Route) -> [u64; 3] {
    let outcomes = [
        Outcome::Ok,
        Outcome::Error,
        Outcome::Panicked,
        Outcome::Cancelled,
    ];
    let calls = outcomes.into_iter().flat_map(|outcome| {
        (100..=511)
            .filter(|code| StatusCode::new(*code) != StatusCode::OTHER)
            .map(move |code| ended(route, outcome, code))
    });
    [
        calls.sum(),
        METRICS
            .request_duration_seconds
            .with(Call { route })
            .count(),
        METRICS.request_size_bytes.with(Call { route }).count(),
    ]
}

#[track_caller]
fn ended_once(route: Route, outcome: Outcome, status: u16) {
    assert_eq!(ended(route, outcome, status), 1);
    assert_eq!(recorded(route), [1, 1, 1]);
    assert_eq!(in_flight(route), Some(0));
}

/// A body that gives what it is told to.
#[derive(Default)]
struct Frames {
    frames: Vec<Result<Frame<Bytes>, &'static str>>,
    length: Option<u64>,
}

impl Frames {
    fn of(texts: &[&'static str]) -> Self {
        let frames = texts.iter().rev();
        let frames = frames.map(|text| Ok(Frame::data(Bytes::from_static(text.as_bytes()))));
        Self {
            frames: frames.collect(),
            length: None,
        }
    }

    fn declared(mut self, length: u64) -> Self {
        self.length = Some(length);
        self
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        let frame = self.frames.pop();
        assert!(!matches!(frame, Some(Err("panic"))), "the body was told to");
        Poll::Ready(frame)
    }

    fn size_hint(&self) -> SizeHint {
        self.length
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

fn request(path: &str) -> Request<Frames> {
    Request::post(path)
        .body(Frames::default().declared(0))
        .expect("a path is enough")
}

/// Sends a request to a service that answers with `body`.
fn answer(request: Request<Frames>, body: Frames) -> Response<impl Body<Data = Bytes>> {
    answer_of(request, Response::new(body))
}

fn answer_of(
    request: Request<Frames>,
    response: Response<Frames>,
) -> Response<impl Body<Data = Bytes>> {
    let mut response = Some(response);
    let service = layer().layer(service_fn(move |_| {
        ready(Ok::<_, Infallible>(response.take().expect("one request")))
    }));
    now(service.oneshot(request))
        .expect("it is ready")
        .expect("it does not fail")
}

/// The output of a future that has one now.
fn now<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// The next frame of a body.
fn next<B: Body<Data = Bytes>>(body: Pin<&mut B>) -> Option<Result<Frame<Bytes>, B::Error>> {
    match body.poll_frame(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(frame) => frame,
        Poll::Pending => panic!("the body has to wait"),
    }
}

#[test]
fn an_answer_counts_when_its_body_ends() {
    let response = answer(request("/whole"), Frames::of(&["one", "two"]));
    let mut body = Box::pin(response.into_body());
    for _ in 0..2 {
        assert_eq!(recorded(Route::Whole), [0, 0, 0]);
        assert_eq!(in_flight(Route::Whole), Some(1));
        assert!(next(body.as_mut()).is_some());
    }
    assert!(next(body.as_mut()).is_none());
    ended_once(Route::Whole, Outcome::Ok, 200);
    drop(body);
    ended_once(Route::Whole, Outcome::Ok, 200);
}

#[test]
fn an_answer_that_nobody_reads_to_the_end_counts_with_its_head() {
    let mut head = request("/head");
    *head.method_mut() = Method::HEAD;
    let response = answer(head, Frames::of(&["the server has nobody to send it to"]));
    ended_once(Route::Head, Outcome::Ok, 200);
    drop(response);
    ended_once(Route::Head, Outcome::Ok, 200);
}

#[test]
fn an_answer_of_a_declared_length_ends_with_its_last_byte() {
    let mut response = Response::new(Frames::of(&["123", "45"]));
    response.headers_mut().insert("content-length", 5.into());
    *response.status_mut() = HttpCode::CREATED;
    let mut body = Box::pin(answer_of(request("/declared"), response).into_body());
    next(body.as_mut());
    assert_eq!(recorded(Route::Declared), [0, 0, 0]);
    next(body.as_mut());
    ended_once(Route::Declared, Outcome::Ok, 201);
}

#[test]
fn trailers_are_a_part_of_the_answer() {
    let mut frames = Frames::of(&["data"]);
    frames
        .frames
        .insert(0, Ok(Frame::trailers(http::HeaderMap::new())));
    let mut body = Box::pin(answer(request("/trailers"), frames).into_body());
    next(body.as_mut());
    next(body.as_mut());
    assert_eq!(recorded(Route::Trailers), [0, 0, 0]);
    assert!(next(body.as_mut()).is_none());
    ended_once(Route::Trailers, Outcome::Ok, 200);
}

#[test]
fn an_answer_that_breaks_off_is_an_error() {
    let mut frames = Frames::of(&["data"]);
    frames.frames.insert(0, Err("the disk is gone"));
    let mut body = Box::pin(answer(request("/broken"), frames).into_body());
    next(body.as_mut());
    assert!(matches!(next(body.as_mut()), Some(Err(_))));
    ended_once(Route::Broken, Outcome::Error, 500);
}

#[test]
fn a_service_that_fails_is_an_error() {
    let service = layer().layer(service_fn(|_| {
        ready(Err::<Response<Frames>, _>("not today"))
    }));
    let result = now(service.oneshot(request("/failed"))).expect("it is ready");
    assert_eq!(result.err(), Some("not today"));
    ended_once(Route::Failed, Outcome::Error, 500);
}

/// What a panic of `f` says.
fn panic_of(f: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("it panics");
    match payload.downcast_ref::<&str>() {
        Some(text) => (*text).to_owned(),
        None => resume_unwind(payload),
    }
}

#[test]
fn a_panic_counts_and_goes_on() {
    type Answer = Result<Response<Frames>, Infallible>;

    let text = panic_of(|| {
        let service = layer().layer(service_fn(|_| -> core::future::Ready<Answer> {
            panic!("before it waits")
        }));
        now(service.oneshot(request("/panic_in_call")));
    });
    assert_eq!(text, "before it waits");
    ended_once(Route::PanicInCall, Outcome::Panicked, 500);

    let text = panic_of(|| {
        let service = layer().layer(service_fn(|_| {
            core::future::poll_fn(|_| -> Poll<Answer> { panic!("while it runs") })
        }));
        now(service.oneshot(request("/panic_in_poll")));
    });
    assert_eq!(text, "while it runs");
    ended_once(Route::PanicInPoll, Outcome::Panicked, 500);

    let mut frames = Frames::of(&["data"]);
    frames.frames.insert(0, Err("panic"));
    let text = panic_of(|| {
        let mut body = Box::pin(answer(request("/panic_in_body"), frames).into_body());
        next(body.as_mut());
        next(body.as_mut());
    });
    assert_eq!(text, "the body was told to");
    ended_once(Route::PanicInBody, Outcome::Panicked, 500);
}

/// Begins a request to a service that never answers.
fn unanswered(path: &str) -> impl Future {
    let service = layer().layer(service_fn(|_| {
        pending::<Result<Response<Frames>, Infallible>>()
    }));
    let mut answer = Box::pin(service.oneshot(request(path)));
    assert!(now(answer.as_mut()).is_none());
    answer
}

#[test]
fn who_does_not_wait_has_cancelled() {
    let answer = unanswered("/unwaited");
    assert_eq!(in_flight(Route::Unwaited), Some(1));
    drop(answer);
    ended_once(Route::Unwaited, Outcome::Cancelled, 499);

    let response = answer_of(request("/unread"), Response::new(Frames::of(&["1", "2"])));
    let mut body = Box::pin(response.into_body());
    next(body.as_mut());
    drop(body);
    ended_once(Route::Unread, Outcome::Cancelled, 499);
}

#[test]
fn an_unwinding_elsewhere_is_no_panic_of_the_service() {
    panic_of(|| {
        let _answer = unanswered("/unwinding");
        panic!("of somebody else");
    });
    ended_once(Route::Unwinding, Outcome::Cancelled, 499);
}

#[test]
fn a_request_without_a_declared_size_is_measured() {
    let service = layer().layer(service_fn(|request: Request<RequestBody<Frames>>| async {
        let mut body = Box::pin(request.into_body());
        while next(body.as_mut()).is_some() {}
        Ok::<_, Infallible>(Response::new(Frames::default()))
    }));
    let mut chunked = request("/chunked");
    *chunked.body_mut() = Frames::of(&["12345", "6789012"]);
    let response = now(service.oneshot(chunked))
        .expect("it is ready")
        .expect("it does not fail");
    let mut body = Box::pin(response.into_body());
    assert!(next(body.as_mut()).is_none());
    let sizes = METRICS.request_size_bytes.with(Call {
        route: Route::Chunked,
    });
    assert_eq!((sizes.count(), sizes.sum()), (1, 12.0));
    ended_once(Route::Chunked, Outcome::Ok, 200);

    let mut declared = request("/named");
    *declared.body_mut() = Frames::default().declared(300);
    let mut body = Box::pin(answer(declared, Frames::default()).into_body());
    assert!(next(body.as_mut()).is_none());
    let sizes = METRICS.request_size_bytes.with(Call {
        route: Route::Named,
    });
    assert_eq!((sizes.count(), sizes.sum()), (1, 300.0));
}

#[test]
fn a_route_is_other_or_skipped() {
    let mut body =
        Box::pin(answer(request("/a/path/of/the/client"), Frames::default()).into_body());
    assert!(next(body.as_mut()).is_none());
    ended_once(Route::Other, Outcome::Ok, 200);

    let service = layer()
        .skip("/named")
        .skip("/skipped")
        .layer(service_fn(|_| {
            ready(Ok::<_, Infallible>(Response::new(Frames::of(&["data"]))))
        }));
    let response = now(service.oneshot(request("/skipped"))).expect("it is ready");
    let mut body = Box::pin(response.expect("it does not fail").into_body());
    assert!(next(body.as_mut()).is_some());
    assert_eq!(recorded(Route::Skipped), [0, 0, 0]);
    assert_eq!(in_flight(Route::Skipped), Some(0));
}
