//! What `#[instrument_metrics]` records of calls, however they end, and that it changes nothing else.

#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

#[path = "instrument/descriptors.rs"]
mod descriptors;
#[path = "instrument/labels.rs"]
mod labels;
#[path = "instrument/outcomes.rs"]
mod outcomes;
#[path = "instrument/sets.rs"]
mod sets;
#[path = "instrument/shapes.rs"]
mod shapes;

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
