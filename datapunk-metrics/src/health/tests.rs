use core::future::pending;
use core::time::Duration;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tokio::time::{advance, sleep};
use tower::ServiceExt as _;

use super::*;
use crate::standard::CheckLabels;

const SECOND: Duration = Duration::from_secs(1);

/// The value and reason of a check, once it has reported.
fn found(health: &Health, name: &str) -> Option<(f64, Option<String>)> {
    let report = health.report();
    let check = report.iter().find(|check| check.name == name)?;
    let reason = check.status.reason().map(str::to_owned);
    Some((check.status.value(), reason))
}

/// Lets other tasks run until `done`, with the clock of the runtime going on by itself.
async fn until(done: impl Fn() -> bool) {
    while !done() {
        sleep(Duration::from_millis(1)).await;
    }
}

#[test]
fn a_result_is_a_status_between_0_and_1() {
    let reason = |text: &str| Some(text.to_owned());
    for (status, value, why) in [
        (().into_status(), 1.0, None),
        (true.into_status(), 1.0, None),
        (false.into_status(), 0.0, None),
        (0.25.into_status(), 0.25, None),
        (7.0.into_status(), 1.0, None),
        ((-1.0).into_status(), 0.0, None),
        (f64::NAN.into_status(), 0.0, None),
        (Ok::<_, String>(0.5).into_status(), 0.5, None),
        (
            Err::<(), _>("no route").into_status(),
            0.0,
            reason("no route"),
        ),
        (
            Status::new(0.5, "half of it").into_status(),
            0.5,
            reason("half of it"),
        ),
    ] {
        assert_eq!((status.value(), status.reason()), (value, why.as_deref()));
    }
}

#[tokio::test(start_paused = true)]
async fn what_fails_hangs_or_panics_is_dead_and_says_why() {
    let health = Health::builder()
        .check("refuses", SECOND, || async { Err::<(), _>("refused") })
        .check("hangs", SECOND, pending::<()>)
        .check("panics", SECOND, || async {
            assert!(SECOND.is_zero(), "while it runs");
        })
        .check("panics_at_once", SECOND, || {
            assert!(SECOND.is_zero(), "before it is a future");
            pending::<()>()
        })
        .blocking_check("panics_on_a_thread", SECOND, || {
            assert!(SECOND.is_zero(), "there");
        })
        .check("works", SECOND, || async {})
        .start()
        .unwrap();
    until(|| health.report().len() == 6).await;
    let reason = |name| {
        let found = found(&health, name).unwrap();
        assert_eq!((found.0, found.1.is_some()), (0.0, true), "{name}");
        found.1.unwrap_or_default()
    };
    assert_eq!(reason("refuses"), "refused");
    assert_eq!(reason("hangs"), "not within 1s");
    assert!(
        reason("panics").contains("panicked"),
        "{}",
        reason("panics")
    );
    assert!(reason("panics_at_once").contains("panicked"));
    assert!(reason("panics_on_a_thread").contains("panicked"));
    assert_eq!(found(&health, "works"), Some((1.0, None)));
    assert_eq!(health.status(), Some(0.0));
}

#[tokio::test(start_paused = true)]
async fn each_runs_once_in_an_interval() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let health = Health::builder()
        .interval(5 * SECOND)
        .check("counted", SECOND, move || {
            counted.fetch_add(1, Ordering::Relaxed);
            async {}
        })
        .check("hangs", 4 * SECOND, pending::<()>)
        .start()
        .unwrap();
    sleep(SECOND).await;
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    assert_eq!(health.status(), None, "one check has not ended yet");
    sleep(15 * SECOND).await;
    assert_eq!(runs.load(Ordering::Relaxed), 4);
    drop(health);
    advance(60 * SECOND).await;
    sleep(SECOND).await;
    assert_eq!(runs.load(Ordering::Relaxed), 4, "they have stopped");
}

/// What a check shows on the endpoint.
fn shown(check_type: &str) -> Option<f64> {
    METRICS.health_status.with(CheckLabels { check_type }).get()
}

#[tokio::test(start_paused = true)]
async fn what_dies_shows_within_one_interval_and_so_does_its_return() {
    let alive = Arc::new(AtomicBool::new(true));
    let (asked, asked_slowly) = (Arc::clone(&alive), Arc::clone(&alive));
    let interval = 10 * SECOND;
    let _health = Health::builder()
        .interval(interval)
        .check("mortal", SECOND, move || {
            core::future::ready(asked.load(Ordering::Relaxed))
        })
        // One that does not answer any more is dead when its time is over.
        .check("mortal_and_silent", SECOND, move || {
            let alive = asked_slowly.load(Ordering::Relaxed);
            async move {
                if !alive {
                    pending::<()>().await;
                }
            }
        })
        .start()
        .unwrap();
    sleep(SECOND / 2).await;
    assert_eq!(
        (shown("mortal"), shown("mortal_and_silent")),
        (Some(1.0), Some(1.0))
    );
    // Whenever in an interval it happens.
    for quarter in 0..40_u32 {
        sleep(SECOND * quarter / 4).await;
        let is_alive = !alive.load(Ordering::Relaxed);
        alive.store(is_alive, Ordering::Relaxed);
        let now = Some(f64::from(u8::from(is_alive)));
        // A moment more, as the check and the test wake at one time.
        sleep(interval + SECOND / 1000).await;
        assert_eq!(shown("mortal"), now, "{quarter}");
        sleep(SECOND).await;
        assert_eq!(shown("mortal_and_silent"), now, "{quarter}");
    }
}

#[tokio::test]
async fn a_thread_that_hangs_gets_no_second_one() {
    let (release, hold) = std::sync::mpsc::channel::<()>();
    let hold = std::sync::Mutex::new(hold);
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let health = Health::builder()
        .interval(Duration::from_millis(20))
        .blocking_check("hangs", Duration::from_millis(10), move || {
            counted.fetch_add(1, Ordering::Relaxed);
            // Ends when the other end is dropped.
            hold.lock().unwrap().recv().is_err()
        })
        .start()
        .unwrap();
    let reason = || found(&health, "hangs").and_then(|(_, reason)| reason);
    until(|| reason().as_deref() == Some("the last run has not ended yet")).await;
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    drop(release);
    until(|| health.status() == Some(1.0)).await;
}

#[tokio::test(start_paused = true)]
async fn the_aggregate_is_the_worst_or_the_mean() {
    for (aggregate, status) in [(Aggregate::Worst, 0.25), (Aggregate::Mean, 0.75)] {
        let health = Health::builder()
            .aggregate(aggregate)
            .check("a", SECOND, || async { 1.0 })
            .check("b", SECOND, || async { 0.25 })
            .check("c", SECOND, || async { 1.0 })
            .start()
            .unwrap();
        until(|| health.report().len() == 3).await;
        assert_eq!(health.status(), Some(status));
    }
}

#[tokio::test]
async fn mistakes_are_told_at_the_start() {
    let start = |builder: Builder| builder.start().map(drop).unwrap_err().to_string();
    let check = |name| Health::builder().check(name, SECOND, || async {});
    assert_eq!(
        start(check("a").check("a", SECOND, || async {})),
        "two health checks are named `a`"
    );
    assert_eq!(
        start(check("aggregate")),
        "a health check is named `aggregate`, which is the name of all of them together"
    );
    assert_eq!(
        start(check("a").interval(SECOND / 2)),
        "health check `a` may take 1s, and is to run every 500ms\n\
         help: give it less time, or all checks a longer interval"
    );
    let outside = std::thread::spawn(move || start(check("a")))
        .join()
        .unwrap();
    assert!(outside.starts_with("health checks start outside of a tokio runtime"));
}

#[tokio::test]
async fn a_service_that_needs_nothing_is_well() {
    let health = Health::builder().start().unwrap();
    assert_eq!(health.status(), Some(1.0));
    let (code, body) = ask(&health).await;
    assert_eq!(code, StatusCode::OK);
    assert_eq!(body, json!({"status": "pass", "checks": {}}));
}

async fn ask(health: &Health) -> (StatusCode, Value) {
    let request = Request::get("/health").body(Body::empty()).unwrap();
    let answer = health.router().oneshot(request).await.unwrap();
    let status = answer.status();
    assert_eq!(answer.headers()["content-type"], "application/health+json");
    let body = to_bytes(answer.into_body(), 10_000).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test(start_paused = true)]
async fn the_endpoint_answers_from_the_last_statuses() {
    let (value, set) = {
        let value = Arc::new(AtomicUsize::new(2));
        (Arc::clone(&value), value)
    };
    let health = Health::builder()
        .interval(5 * SECOND)
        .check("database", SECOND, move || {
            let value = value.load(Ordering::Relaxed);
            async move {
                sleep(SECOND / 2).await;
                match value {
                    0 => Err("postgres://user:secret@host is gone"),
                    1 => Ok(0.5),
                    _ => Ok(1.0),
                }
            }
        })
        .start()
        .unwrap();
    let (code, body) = ask(&health).await;
    assert_eq!(code, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        body,
        json!({"status": "fail", "checks": {}}),
        "not known yet"
    );
    sleep(SECOND).await;
    for (next, code, status, value) in [
        (1, 200, "pass", 1.0),
        (0, 200, "warn", 0.5),
        (2, 503, "fail", 0.0),
    ] {
        let (answered, body) = ask(&health).await;
        assert_eq!(answered.as_u16(), code);
        let check = json!([{"status": status, "observedValue": value}]);
        assert_eq!(
            body,
            json!({"status": status, "checks": {"database": check}})
        );
        set.store(next, Ordering::Relaxed);
        sleep(5 * SECOND).await;
    }
}
