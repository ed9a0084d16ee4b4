//! How a call ends, and what is recorded of it.

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
