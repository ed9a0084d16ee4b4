//! A Pushgateway that is slow, and one that does not answer for a while.

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use datapunk_metrics::push::{PushCause, TryFault};
use support::server;
use support::wait;

use crate::hostile::{Hostile, Treatment};
use crate::{JOB, client, failed_tries, failure, lines, metrics_of};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

#[test]
fn a_slow_answer_is_an_answer_within_the_timeout_and_none_after_it() {
    let late = Duration::from_millis(600);
    let treatment: &'static [Treatment] = Box::leak(Box::new([Treatment::Late(late, OK)]));
    let server = Hostile::start(treatment);
    let started = Instant::now();
    let gateway = client(&server.url, "late").build().expect("a client");
    gateway.push().expect("it is in time");
    assert!(started.elapsed() >= late);
    assert_eq!(server.requests().len(), 1);

    let hurried = client(&server.url, "late")
        .timeout(Duration::from_millis(200))
        .tries(2);
    let (error, _) = failure(&hurried.build().expect("a client"));
    assert!(matches!(error.cause(), PushCause::Timeout(_)), "{error}");
    assert_eq!(error.tries(), 2);
}

/// Stops a process where it is, and lets it go on when this is dropped.
struct Stopped(u32);

impl Stopped {
    fn new(process: u32) -> Self {
        signal("STOP", process);
        Self(process)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        signal("CONT", self.0);
    }
}

fn signal(signal: &str, process: u32) {
    let kill = format!("kill -{signal} {process}");
    let status = Command::new("sh").args(["-c", &kill]).status();
    assert!(status.expect("a shell").success());
}

#[test]
fn a_pushgateway_that_hangs_for_a_while_gets_what_was_recorded_meanwhile() {
    let server = server::Pushgateway::start();
    let gateway = client(&server.url(), "hung")
        .timeout(Duration::from_millis(200))
        .total_timeout(Duration::from_secs(1))
        .build()
        .expect("a client");
    gateway.push().expect("it answers");
    let timeouts = failed_tries(TryFault::Timeout);
    let stopped = Stopped::new(server.id());
    let periodic = gateway.every(Duration::from_millis(50)).expect("a thread");
    wait::until("tries that fail", Duration::from_secs(10), || {
        let failed = failed_tries(TryFault::Timeout) - timeouts;
        if failed >= 3 {
            Ok(())
        } else {
            Err(format!("{failed}"))
        }
    });
    // Recording goes on meanwhile.
    let before = JOB.rows_read_total.get();
    for _ in 0..1000 {
        black_box(JOB).rows_read_total.inc();
    }
    drop(stopped);
    let expected = format!(" {}", before + 1000);
    wait::until("what was recorded", Duration::from_secs(10), || {
        let body = metrics_of(&server.url());
        let found = lines(&body, "pushed_rows_read_total", &["job=\"hung\""]);
        if found.iter().any(|line| line.ends_with(&expected)) {
            Ok(())
        } else {
            Err(format!("{found:?} instead of{expected}"))
        }
    });
    periodic.shutdown().expect("the last push");
}

#[test]
fn a_pushgateway_that_dies_between_two_pushes_is_an_error_and_no_more() {
    let server = Hostile::start(&[Treatment::Answers(OK), Treatment::Resets]);
    let gateway = client(&server.url, "dies")
        .tries(3)
        .build()
        .expect("a client");
    gateway.push().expect("it lives");
    let (error, _) = failure(&gateway);
    assert!(
        matches!(error.cause(), PushCause::Unreachable(_)),
        "{error}"
    );
    assert_eq!(error.tries(), 3);
}
