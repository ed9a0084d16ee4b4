//! What `#[instrument_metrics]` records of calls, however they end, and that it changes nothing else.

#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use axum::http::StatusCode as Code;
use axum::response::{IntoResponse, Redirect, Response};
use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::{
    Counter, Gauge, Histogram, HttpStatus, LabelSet, LabelValue, Method, MetricSet, Outcome,
    Seconds, StatusClass, StatusCode, instrument_metrics, registry,
};
use support::exposition::Samples;

/// The value of a series of the program's registry.
fn value(series: &str) -> f64 {
    let registry = registry().expect("no sets clash");
    let samples = Samples::read(&encode(registry, Format::Text).expect("no reader panics"));
    let value = samples.get(series);
    value.unwrap_or_else(|| panic!("no series {series}"))
}

/// Calls of a function that ended in each way: ok, error, panicked, cancelled.
fn ended(function: &str) -> [f64; 4] {
    ["ok", "error", "panicked", "cancelled"]
        .map(|outcome| value(&format!("{function}_calls_total{{outcome=\"{outcome}\"}}")))
}

fn in_flight(function: &str) -> f64 {
    value(&format!("{function}_in_flight_current"))
}

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn ready<F: Future>(future: F) -> F::Output {
    match poll_once(pin!(future)) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits"),
    }
}

/// A future that is pending so many times.
struct Wait(u32);

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match self.0.checked_sub(1) {
            Some(left) => {
                self.0 = left;
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .expect("a panic with a literal")
}

mod outcomes {
    use super::*;

    #[instrument_metrics(system = "sync")]
    fn divide(dividend: u32, divisor: u32) -> Result<u32, String> {
        assert_ne!(value("sync_divide_in_flight_current"), 0.0);
        assert!(divisor != 7, "seven");
        let quotient = dividend.checked_div(divisor).ok_or("by zero")?;
        Ok(quotient)
    }

    #[test]
    fn a_function_ends_ok_with_an_error_or_in_a_panic() {
        assert_eq!(divide(6, 3), Ok(2));
        assert_eq!(divide(6, 0), Err("by zero".to_owned()));
        let payload = catch_unwind(|| divide(6, 7)).expect_err("it panics");
        assert_eq!(
            panic_text(&*payload),
            "seven",
            "the panic passes on as it is"
        );
        assert_eq!(ended("sync_divide"), [1.0, 1.0, 1.0, 0.0]);
        assert_eq!(in_flight("sync_divide"), 0.0);
        assert_eq!(value("sync_divide_duration_seconds_count"), 3.0);
        assert!(value("sync_divide_duration_seconds_sum") > 0.0);
    }

    #[instrument_metrics(system = "polled")]
    async fn answer(waits: u32) -> Result<u32, u32> {
        Wait(waits).await;
        if waits == 1 { Err(waits) } else { Ok(waits) }
    }

    #[test]
    fn a_future_counts_from_its_first_poll_to_its_end() {
        drop(answer(9));
        assert_eq!(ended("polled_answer"), [0.0; 4], "never polled");
        let mut future = pin!(answer(2));
        assert!(poll_once(future.as_mut()).is_pending());
        assert_eq!(in_flight("polled_answer"), 1.0);
        assert!(poll_once(future.as_mut()).is_pending());
        assert_eq!(poll_once(future.as_mut()), Poll::Ready(Ok(2)));
        assert_eq!(in_flight("polled_answer"), 0.0);
        let mut failing = pin!(answer(1));
        assert!(poll_once(failing.as_mut()).is_pending());
        assert_eq!(poll_once(failing.as_mut()), Poll::Ready(Err(1)));
        assert_eq!(ended("polled_answer"), [1.0, 1.0, 0.0, 0.0]);
    }

    #[instrument_metrics(system = "dropped")]
    async fn wait() {
        Wait(1).await;
    }

    #[test]
    fn a_future_dropped_between_polls_was_cancelled() {
        {
            let mut future = pin!(wait());
            assert!(poll_once(future.as_mut()).is_pending());
            assert_eq!(in_flight("dropped_wait"), 1.0);
        }
        assert_eq!(ended("dropped_wait"), [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(in_flight("dropped_wait"), 0.0);
        assert_eq!(value("dropped_wait_duration_seconds_count"), 1.0);
    }

    #[instrument_metrics(system = "bystander")]
    async fn wait_too() {
        Wait(1).await;
    }

    #[test]
    fn a_future_dropped_by_the_unwinding_of_others_was_cancelled() {
        let payload = catch_unwind(|| {
            let mut future = Box::pin(wait_too());
            assert!(poll_once(future.as_mut()).is_pending());
            panic!("somebody else");
        });
        assert_eq!(
            panic_text(&*payload.expect_err("it panics")),
            "somebody else"
        );
        assert_eq!(ended("bystander_wait_too"), [0.0, 0.0, 0.0, 1.0]);
    }

    #[instrument_metrics(system = "unwound")]
    async fn wait_three(explode: bool) {
        Wait(1).await;
        assert!(!explode, "in a poll");
    }

    #[test]
    fn a_panic_in_a_poll_is_a_panic_and_passes_on() {
        let mut future = Box::pin(wait_three(true));
        assert!(poll_once(future.as_mut()).is_pending());
        let payload = catch_unwind(AssertUnwindSafe(|| poll_once(future.as_mut())));
        assert_eq!(panic_text(&*payload.expect_err("it panics")), "in a poll");
        drop(future);
        assert_eq!(ended("unwound_wait_three"), [0.0, 0.0, 1.0, 0.0]);
        assert_eq!(in_flight("unwound_wait_three"), 0.0);
    }

    /// Panics when it is dropped, while a future that it holds is pending.
    struct DropsDuringUnwinding<F: Future>(Pin<Box<F>>);

    impl<F: Future> Drop for DropsDuringUnwinding<F> {
        fn drop(&mut self) {
            // A whole call, begun and ended while this thread unwinds.
            assert!(poll_once(self.0.as_mut()).is_ready());
        }
    }

    #[instrument_metrics(system = "within")]
    async fn work() -> u8 {
        1
    }

    #[test]
    fn a_call_during_unwinding_ends_as_it_ends() {
        let payload = catch_unwind(|| {
            let _guard = DropsDuringUnwinding(Box::pin(work()));
            panic!("outer");
        });
        assert!(payload.is_err());
        assert_eq!(ended("within_work"), [1.0, 0.0, 0.0, 0.0]);
    }

    #[tokio::test]
    async fn a_cancelled_task_and_a_lost_race_are_cancelled() {
        #[instrument_metrics(system = "task")]
        async fn forever() {
            std::future::pending::<()>().await;
        }
        tokio::select! {
            biased;
            () = forever() => unreachable!("it never ends"),
            () = async {} => {}
        }
        let task = tokio::spawn(forever());
        tokio::task::yield_now().await;
        task.abort();
        assert!(task.await.expect_err("it was aborted").is_cancelled());
        assert_eq!(ended("task_forever"), [0.0, 0.0, 0.0, 2.0]);
        assert_eq!(in_flight("task_forever"), 0.0);
    }
}

mod shapes {
    use super::*;

    struct Stack {
        items: Vec<u8>,
    }

    #[instrument_metrics(system = "stack")]
    impl Stack {
        #[instrument_metrics(skip)]
        fn new() -> Self {
            Self { items: vec![1, 2] }
        }

        fn top(&mut self) -> Option<&mut u8> {
            self.items.last_mut()
        }

        fn each(&self) -> impl Iterator<Item = &u8> {
            self.items.iter()
        }

        async fn push(&mut self, item: u8) -> usize {
            self.items.push(item);
            Wait(0).await;
            self.items.len()
        }

        fn into_items(self) -> Vec<u8> {
            self.items
        }

        #[instrument_metrics(system = "heap", name = "measured")]
        fn len(&self) -> usize {
            self.items.len()
        }
    }

    #[test]
    fn methods_borrow_move_and_return_as_they_did() {
        let mut stack = Stack::new();
        *stack.top().expect("two items") = 7;
        assert_eq!(stack.each().copied().collect::<Vec<_>>(), [1, 7]);
        assert_eq!(ready(stack.push(3)), 3);
        assert_eq!(stack.len(), 3);
        assert_eq!(stack.into_items(), [1, 7, 3]);
        for function in [
            "stack_top",
            "stack_each",
            "stack_push",
            "stack_into_items",
            "heap_measured",
        ] {
            assert_eq!(ended(function), [1.0, 0.0, 0.0, 0.0], "{function}");
        }
        let registry = registry().expect("no sets clash");
        let text = encode(registry, Format::Text).expect("no reader panics");
        assert!(
            !text.contains("stack_new"),
            "a skipped function has no metrics"
        );
        assert!(
            !text.contains("stack_len"),
            "an attribute of its own counts alone"
        );
    }

    #[instrument_metrics(system = "generic")]
    fn sum<T, const N: usize>(items: [T; N]) -> u64
    where
        T: Into<u64> + Copy,
    {
        items.iter().map(|item| (*item).into()).sum()
    }

    #[test]
    fn all_types_of_a_generic_function_are_counted_together() {
        assert_eq!(sum([1_u8, 2]), 3);
        assert_eq!(sum([1_u32, 2, 3]), 6);
        assert_eq!(ended("generic_sum"), [2.0, 0.0, 0.0, 0.0]);
    }

    #[instrument_metrics(system = "recursive")]
    fn factorial(n: u64) -> u64 {
        if n < 2 {
            return 1;
        }
        n * factorial(n - 1)
    }

    #[instrument_metrics(system = "recursive")]
    async fn countdown(n: u32) -> u32 {
        if n == 0 {
            0
        } else {
            1 + Box::pin(countdown(n - 1)).await
        }
    }

    #[test]
    fn each_level_of_a_recursion_is_a_call() {
        assert_eq!(factorial(5), 120);
        assert_eq!(ended("recursive_factorial"), [5.0, 0.0, 0.0, 0.0]);
        assert_eq!(ready(countdown(3)), 3);
        assert_eq!(ended("recursive_countdown"), [4.0, 0.0, 0.0, 0.0]);
        assert_eq!(in_flight("recursive_countdown"), 0.0);
    }

    #[async_trait::async_trait]
    trait Store {
        async fn load(&self, id: u32) -> Result<u32, String>;
        async fn store(&mut self, id: u32) -> u32;

        #[instrument_metrics(system = "store")]
        async fn load_twice(&self, id: u32) -> Result<u32, String> {
            Ok(self.load(id).await? + self.load(id).await?)
        }
    }

    struct Memory(u32);

    #[async_trait::async_trait]
    impl Store for Memory {
        #[instrument_metrics(system = "store")]
        async fn load(&self, id: u32) -> Result<u32, String> {
            Wait(0).await;
            if id == 0 {
                Err("zero")?;
            }
            Ok(id + self.0)
        }

        #[instrument_metrics(system = "store")]
        async fn store(&mut self, id: u32) -> u32 {
            self.0 += id;
            self.0
        }
    }

    #[test]
    fn boxed_futures_of_async_trait_are_watched_to_their_end() {
        let mut memory = Memory(1);
        assert_eq!(ready(memory.load(1)), Ok(2));
        assert_eq!(ready(memory.load_twice(0)), Err("zero".to_owned()));
        assert_eq!(ready(memory.store(4)), 5);
        drop(memory.load(3));
        assert_eq!(ended("store_load"), [1.0, 1.0, 0.0, 0.0]);
        assert_eq!(ended("store_load_twice"), [0.0, 1.0, 0.0, 0.0]);
        assert_eq!(ended("store_store"), [1.0, 0.0, 0.0, 0.0]);
    }

    #[instrument_metrics(system = "future")]
    fn later(waits: u32) -> impl Future<Output = Result<(), u32>> + Send {
        let doubled = waits * 2;
        async move {
            Wait(doubled).await;
            Err(doubled)
        }
    }

    #[instrument_metrics(system = "future")]
    fn boxed(text: &str) -> Pin<Box<dyn Future<Output = usize> + Send + '_>> {
        Box::pin(async move { text.len() })
    }

    #[test]
    fn a_function_that_ends_in_an_async_block_is_watched_there() {
        {
            let mut future = pin!(later(1));
            assert!(poll_once(future.as_mut()).is_pending());
        }
        assert_eq!(ended("future_later"), [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(ready(boxed("four")), 4);
        assert_eq!(ended("future_boxed"), [1.0, 0.0, 0.0, 0.0]);
    }

    fn assert_send<T: Send>(value: T) -> T {
        value
    }

    #[instrument_metrics(system = "sent", labels(urgent = urgent))]
    async fn send(urgent: bool, text: String) -> usize {
        Wait(1).await;
        usize::from(urgent) + text.len()
    }

    #[test]
    fn futures_stay_send() {
        let mut future = pin!(assert_send(send(true, "abc".to_owned())));
        assert!(poll_once(future.as_mut()).is_pending());
        assert_eq!(value("sent_send_in_flight_current{urgent=\"true\"}"), 1.0);
        assert_eq!(poll_once(future.as_mut()), Poll::Ready(4));
        assert_eq!(
            value("sent_send_calls_total{urgent=\"true\",outcome=\"ok\"}"),
            1.0
        );
    }

    macro_rules! instrumented {
        ($($function:ident $buckets:tt => $value:expr;)*) => {$(
            #[instrument_metrics(system = "macro_made", buckets = $buckets)]
            fn $function() -> u32 {
                $value
            }
        )*};
    }

    instrumented! {
        one [0.5] => 1;
        two [0.5, 2.0] => 2;
    }

    #[test]
    fn a_macro_may_write_the_function() {
        assert_eq!(one() + two(), 3);
        assert_eq!(ended("macro_made_one"), [1.0, 0.0, 0.0, 0.0]);
        assert_eq!(
            value("macro_made_two_duration_seconds_bucket{le=\"2\"}"),
            1.0
        );
        assert_eq!(
            value("macro_made_one_duration_seconds_bucket{le=\"0.5\"}"),
            1.0
        );
    }

    #[test]
    fn a_function_in_a_function_has_metrics_too() {
        #[instrument_metrics(system = "nested")]
        fn outer() -> u8 {
            #[instrument_metrics(system = "nested")]
            fn inner() -> u8 {
                1
            }
            inner() + inner()
        }
        assert_eq!(outer(), 2);
        assert_eq!(ended("nested_outer"), [1.0, 0.0, 0.0, 0.0]);
        assert_eq!(ended("nested_inner"), [2.0, 0.0, 0.0, 0.0]);
    }
}

mod labels {
    use super::*;

    #[derive(Clone, Copy, Debug, LabelValue)]
    enum Model {
        Bert,
        Gpt,
    }

    #[derive(Clone, Copy, Debug, LabelValue)]
    enum FaultKind {
        Disk,
        Network,
    }

    #[derive(Debug)]
    struct Fault(FaultKind);

    struct Request {
        model: Model,
    }

    #[instrument_metrics(
        system = "labelled",
        labels(model: Model = request.model, cached = cached, r#type = Model::Gpt, fault: FaultKind = |fault| fault.0)
    )]
    fn infer(request: &Request, cached: bool, fails: Option<FaultKind>) -> Result<(), Fault> {
        fails.map_or(Ok(()), |kind| Err(Fault(kind)))
    }

    #[test]
    fn labels_come_from_constants_arguments_and_errors() {
        let request = Request { model: Model::Bert };
        infer(&request, true, None).expect("no fault");
        infer(&request, true, Some(FaultKind::Disk)).expect_err("a fault");
        infer(&request, false, Some(FaultKind::Network)).expect_err("a fault");
        let calls = |cached, fault, outcome| {
            value(&format!(
                "labelled_infer_calls_total{{model=\"bert\",cached=\"{cached}\",type=\"gpt\",fault=\"{fault}\",outcome=\"{outcome}\"}}"
            ))
        };
        assert_eq!(calls(true, "none", "ok"), 1.0);
        assert_eq!(calls(true, "disk", "error"), 1.0);
        assert_eq!(calls(false, "network", "error"), 1.0);
        assert_eq!(
            calls(false, "disk", "error"),
            0.0,
            "shown though it never happened"
        );
        let started = "model=\"bert\",cached=\"true\",type=\"gpt\"";
        assert_eq!(
            value(&format!(
                "labelled_infer_duration_seconds_count{{{started}}}"
            )),
            2.0
        );
        assert_eq!(
            value(&format!("labelled_infer_in_flight_current{{{started}}}")),
            0.0
        );
    }
}

mod sets {
    use super::*;

    #[derive(Clone, Copy, LabelValue)]
    enum Route {
        #[label(rename = "/items/{id}")]
        Items,
    }

    #[derive(Clone, Copy, LabelSet)]
    struct HttpCall {
        method: Method,
        path: Route,
    }

    #[derive(Clone, Copy, LabelSet)]
    #[label(from = HttpCall)]
    struct HttpAnswer {
        method: Method,
        path: Route,
        status: StatusCode,
    }

    #[derive(Clone, Copy, LabelSet)]
    #[label(from = HttpCall)]
    struct PathLabels {
        path: Route,
    }

    #[derive(MetricSet)]
    #[metrics(namespace = "web", labels = HttpCall)]
    #[expect(
        clippy::struct_field_names,
        reason = "the fields are the names of the metrics"
    )]
    struct HttpMetrics {
        /// Requests answered, by method, route and status.
        #[metric(role = calls, max_series = 2000)]
        http_requests_total: Counter<HttpAnswer>,
        /// Time until the answer, by method and route.
        #[metric(role = duration, buckets = [0.1, 1.0])]
        http_request_duration_seconds: Histogram<Seconds, HttpCall>,
        /// Requests being served, by route.
        #[metric(role = in_flight)]
        http_requests_in_flight_current: Gauge<PathLabels>,
    }

    fn answered(method: &str, status: u16) -> f64 {
        value(&format!(
            "web_http_requests_total{{method=\"{method}\",path=\"/items/{{id}}\",status=\"{status}\"}}"
        ))
    }

    enum Refusal {
        Missing,
    }

    impl HttpStatus for Refusal {
        fn http_status(&self) -> StatusCode {
            match self {
                Self::Missing => StatusCode::NOT_FOUND,
            }
        }
    }

    #[instrument_metrics(set = HttpMetrics, labels(method = Method::Get, path = Route::Items))]
    async fn read(id: u32) -> Result<String, Refusal> {
        Wait(u32::from(id == 1)).await;
        assert_ne!(id, 2, "the panic of a handler");
        if id == 0 {
            Err(Refusal::Missing)
        } else {
            Ok(id.to_string())
        }
    }

    #[test]
    fn the_status_comes_from_what_is_returned_a_panic_is_500_and_a_cancelled_call_499() {
        assert!(ready(read(3)).is_ok());
        assert!(ready(read(0)).is_err());
        assert!(catch_unwind(|| ready(read(2))).is_err());
        assert!(poll_once(pin!(read(1))).is_pending());
        for status in [200, 404, 500, 499] {
            assert_eq!(answered("GET", status), 1.0, "{status}");
        }
        let labels = "method=\"GET\",path=\"/items/{id}\"";
        assert_eq!(
            value(&format!(
                "web_http_request_duration_seconds_count{{{labels}}}"
            )),
            4.0
        );
        assert_eq!(
            value("web_http_requests_in_flight_current{path=\"/items/{id}\"}"),
            0.0
        );
    }

    /// A response whose status is not seen from its type.
    struct Page(u16);

    impl IntoResponse for Page {
        fn into_response(self) -> Response {
            let code = Code::from_u16(self.0).expect("a status code");
            (code, "page").into_response()
        }
    }

    #[instrument_metrics(set = HttpMetrics, labels(method = Method::Put, path = Route::Items))]
    async fn page(status: u16) -> impl IntoResponse {
        Page(status)
    }

    #[instrument_metrics(set = HttpMetrics, labels(method = Method::Post, path = Route::Items))]
    async fn page_or_refusal(status: u16) -> Result<impl IntoResponse, Code> {
        if status == 0 {
            Err(Code::CONFLICT)
        } else {
            Ok(Page(status))
        }
    }

    #[instrument_metrics(set = HttpMetrics, labels(method = Method::Delete, path = Route::Items))]
    fn plain(kind: u8) -> Response {
        match kind {
            0 => Redirect::to("/").into_response(),
            _ => (Code::GONE, "gone").into_response(),
        }
    }

    #[test]
    fn responses_of_axum_say_their_status() {
        assert_eq!(ready(page(418)).into_response().status(), 418);
        assert!(ready(page_or_refusal(202)).is_ok());
        assert!(ready(page_or_refusal(0)).is_err());
        assert_eq!(plain(0).status(), 303);
        assert_eq!(plain(1).status(), 410);
        assert_eq!(answered("PUT", 418), 1.0);
        assert_eq!(answered("POST", 202), 1.0);
        assert_eq!(answered("POST", 409), 1.0);
        assert_eq!(answered("DELETE", 303), 1.0);
        assert_eq!(answered("DELETE", 410), 1.0);
    }

    #[derive(Clone, Copy, Debug, LabelValue)]
    enum Cause {
        Timeout,
        Refused,
    }

    #[derive(Clone, Copy)]
    struct RpcCall {
        cause: Option<Cause>,
    }

    #[derive(Clone, Copy, LabelSet)]
    #[label(from = RpcCall)]
    struct RpcEnd {
        cause: Option<Cause>,
        outcome: Outcome,
        class: StatusClass,
    }

    #[derive(MetricSet)]
    #[metrics(namespace = "rpc", labels = RpcCall)]
    struct RpcMetrics {
        /// Calls, by cause, outcome and class.
        #[metric(role = calls)]
        calls_total: Counter<RpcEnd>,
    }

    #[instrument_metrics(set = RpcMetrics, labels(cause = |error| error.0))]
    fn call(cause: Option<Cause>) -> Result<(), (Cause, &'static str)> {
        cause.map_or(Ok(()), |cause| Err((cause, "failed")))
    }

    #[test]
    fn a_set_may_have_labels_from_the_error() {
        call(None).expect("no cause");
        call(Some(Cause::Refused)).expect_err("a cause");
        call(Some(Cause::Timeout)).expect_err("a cause");
        let calls = RpcMetrics::METRICS.calls_total;
        let ended = |cause, outcome, class| {
            calls
                .with(RpcEnd {
                    cause,
                    outcome,
                    class,
                })
                .get()
        };
        assert_eq!(ended(None, Outcome::Ok, StatusClass::Success), 1);
        assert_eq!(
            ended(
                Some(Cause::Refused),
                Outcome::Error,
                StatusClass::ServerError
            ),
            1
        );
        assert_eq!(
            ended(
                Some(Cause::Timeout),
                Outcome::Error,
                StatusClass::ServerError
            ),
            1
        );
    }

    #[derive(MetricSet)]
    #[metrics(namespace = "bare")]
    struct BareMetrics {
        /// Calls.
        #[metric(role = calls)]
        calls_total: Counter,
    }

    #[instrument_metrics(set = BareMetrics)]
    fn bare() {}

    #[test]
    fn a_set_without_labels_needs_none() {
        bare();
        assert_eq!(BareMetrics::METRICS.calls_total.get(), 1);
    }
}

mod descriptors {
    use super::*;

    #[instrument_metrics(system = "described")]
    fn described() {}

    #[test]
    fn the_set_of_a_function_is_called_like_it() {
        described();
        let sets = registry().expect("no sets clash").sets();
        let set = sets.iter().find(|set| set.namespace == "described");
        let set = set.expect("it is linked");
        assert_eq!((set.name, set.help), ("described", "Calls of `described`."));
    }
}
