//! What servers do that answer with an error, with too much, or not at all.

use std::time::{Duration, Instant};

use datapunk_metrics::push::{PushCause, TryFault};

use crate::hostile::{Hostile, Treatment};
use crate::{client, failed_tries, failure};

#[test]
fn redirects_are_not_followed() {
    let elsewhere = Hostile::start(&[Treatment::Answers(
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    )]);
    let statuses = [301, 302, 303, 307, 308];
    for status in statuses {
        let location: &'static str = Box::leak(
            format!(
                "HTTP/1.1 {status} Elsewhere\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
                elsewhere.url
            )
            .into_boxed_str(),
        );
        let server = Hostile::start(Box::leak(Box::new([Treatment::Answers(location)])));
        let gateway = client(&server.url, "moved").basic_auth("ann", "hunter2");
        let (error, _) = failure(&gateway.build().expect("a client"));
        assert!(
            matches!(error.cause(), PushCause::Redirected(to, _) if *to == status),
            "{error}"
        );
        assert!(error.to_string().contains(&elsewhere.url), "{error}");
        assert_eq!(server.requests().len(), 1);
    }
    assert_eq!(elsewhere.requests().len(), 0);
}

#[test]
fn a_refusal_is_final() {
    for (answer, status) in [
        ("HTTP/1.1 400 Bad\r\ncontent-length: 5\r\n\r\n\x1b[31m", 400),
        ("HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n", 401),
        ("HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n", 404),
        ("HTTP/1.1 413 No\r\ncontent-length: 0\r\n\r\n", 413),
        ("HTTP/1.1 204 Nothing\r\n\r\n", 204),
    ] {
        let treatment: &'static [Treatment] = Box::leak(Box::new([Treatment::Answers(answer)]));
        let server = Hostile::start(treatment);
        let (error, _) = failure(&client(&server.url, "refused").build().expect("a client"));
        assert_eq!(
            (error.status(), error.tries()),
            (Some(status), 1),
            "{error}"
        );
        assert_eq!(server.requests().len(), 1);
        assert!(!error.to_string().contains('\x1b'), "{error:?}");
    }
}

#[test]
fn what_may_pass_is_tried_again() {
    let server = Hostile::start(&[
        Treatment::Answers("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n"),
        Treatment::Answers("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n"),
        Treatment::Resets,
        Treatment::Answers("nonsense\r\n\r\n"),
        Treatment::Answers("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"),
    ]);
    let gateway = client(&server.url, "busy").build().expect("a client");
    gateway.push().expect("the fifth try gets through");
    let requests = server.requests();
    assert_eq!(requests.len(), 5);
    assert!(
        requests[4].starts_with("PUT /metrics/job/busy HTTP/1.1\r\n"),
        "{requests:?}"
    );
    let content = "content-type: text/plain; version=0.0.4; charset=utf-8\r\n";
    assert!(requests[4].contains(content), "{requests:?}");
}

#[test]
fn a_server_that_always_fails_is_given_up() {
    let server = Hostile::start(&[Treatment::Answers(
        "HTTP/1.1 500 No\r\ncontent-length: 9\r\n\r\ndisk full",
    )]);
    let gateway = client(&server.url, "failing").tries(3).build();
    let (error, took) = failure(&gateway.expect("a client"));
    assert_eq!((error.status(), error.tries()), (Some(500), 3), "{error}");
    assert!(error.to_string().contains("disk full"), "{error}");
    assert_eq!(server.requests().len(), 3);
    // Half of 100 ms and half of 200 ms are the shortest pauses.
    assert!(took >= Duration::from_millis(150), "{took:?}");
}

#[test]
fn a_limited_push_waits_as_long_as_it_is_asked_to() {
    let server = Hostile::start(&[
        Treatment::Answers("HTTP/1.1 429 No\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n"),
        Treatment::Answers("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
    ]);
    let limited = failed_tries(TryFault::Limited);
    let started = Instant::now();
    let gateway = client(&server.url, "limited").build().expect("a client");
    gateway.push().expect("the second try gets through");
    assert!(
        started.elapsed() >= Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );
    assert!(failed_tries(TryFault::Limited) > limited);

    let server = Hostile::start(&[Treatment::Answers(
        "HTTP/1.1 429 No\r\nretry-after: 86400\r\ncontent-length: 0\r\n\r\n",
    )]);
    let (error, took) = failure(&client(&server.url, "limited").build().expect("a client"));
    assert_eq!((error.status(), error.tries()), (Some(429), 1), "{error}");
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn a_reply_without_an_end_is_left() {
    for start in [
        "HTTP/1.1 400 Bad\r\ncontent-length: 1000000000000\r\n\r\n",
        "HTTP/1.1 400 Bad\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n",
    ] {
        let treatment: &'static [Treatment] = Box::leak(Box::new([Treatment::Endless(start)]));
        let server = Hostile::start(treatment);
        let started = Instant::now();
        let pushed = client(&server.url, "endless")
            .build()
            .expect("a client")
            .push();
        assert!(
            started.elapsed() < Duration::from_secs(1),
            "{:?}",
            started.elapsed()
        );
        match pushed {
            Ok(()) => assert!(start.contains(" 200 ")),
            Err(error) => {
                assert_eq!(error.status(), Some(400), "{error}");
                assert!(error.to_string().len() < 1000, "{error}");
            }
        }
        assert_eq!(server.requests().len(), 1);
    }
    // A head without an end.
    let server = Hostile::start(&[Treatment::Endless("HTTP/1.1 200 OK\r\nx: ")]);
    let (error, took) = failure(&client(&server.url, "endless").build().expect("a client"));
    assert!(
        matches!(error.cause(), PushCause::Unreachable(_)),
        "{error}"
    );
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn a_server_that_says_nothing_costs_no_more_than_the_limits() {
    for treatment in [Treatment::Silent, Treatment::Trickles] {
        let server = Hostile::start(Box::leak(Box::new([treatment])));
        let timeouts = failed_tries(TryFault::Timeout);
        let gateway = client(&server.url, "silent")
            .timeout(Duration::from_millis(300))
            .total_timeout(Duration::from_secs(1))
            .tries(10)
            .build();
        let (error, took) = failure(&gateway.expect("a client"));
        assert!(took < Duration::from_millis(1600), "{took:?}: {error}");
        assert!(error.tries() >= 2, "{error}");
        if matches!(treatment, Treatment::Silent) {
            assert!(matches!(error.cause(), PushCause::Timeout(_)), "{error}");
            assert!(failed_tries(TryFault::Timeout) >= timeouts + 2);
        }
    }
}

#[test]
fn a_reset_connection_is_an_error_with_a_reason() {
    let server = Hostile::start(&[Treatment::Resets]);
    let gateway = client(&server.url, "reset").tries(2).build();
    let (error, _) = failure(&gateway.expect("a client"));
    assert!(
        matches!(error.cause(), PushCause::Unreachable(_)),
        "{error}"
    );
    assert_eq!((error.tries(), server.requests().len()), (2, 2));
}

#[test]
fn a_secret_that_comes_back_is_not_shown() {
    for status in ["401 No", "400 Bad", "503 No"] {
        let server = Hostile::start(Box::leak(Box::new([Treatment::Echoes(status)])));
        let basic = client(&server.url, "echoed").basic_auth("ann", "hunter2");
        let (error, _) = failure(&basic.tries(1).build().expect("a client"));
        // `ann:hunter2` in base64.
        assert!(server.requests()[0].contains("authorization: Basic YW5uOmh1bnRlcjI=\r\n"));
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("YW5uOmh1bnRlcjI") && !shown.contains("hunter2"),
            "{shown}"
        );
        assert!(shown.contains("Basic [REDACTED]"), "{shown}");

        let bearer = client(&server.url, "echoed").bearer_token("t0ken.abc");
        let (error, _) = failure(&bearer.tries(1).build().expect("a client"));
        assert!(server.requests()[1].contains("authorization: Bearer t0ken.abc\r\n"));
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("t0ken") && shown.contains("Bearer [REDACTED]"),
            "{shown}"
        );
    }
}
