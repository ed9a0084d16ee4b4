//! `docs/limits.md` says what the code does.

use crate::OpenLabel;
use crate::unit::LONGEST_NANOSECONDS;
use datapunk_metrics_conventions::DEFAULT_MAX_SERIES;

const PAGE: &str = include_str!("../../docs/limits.md");

/// The limit that the page has for something.
pub(crate) fn limit_of(what: &str) -> &'static str {
    let mut rows = PAGE.lines().filter_map(|line| line.strip_prefix("| "));
    let row = rows.find_map(|row| row.strip_prefix(what)?.strip_prefix(" | "));
    let limit = row.and_then(|rest| rest.split(" | ").next());
    limit.unwrap_or_else(|| panic!("docs/limits.md has no row for {what}"))
}

#[test]
fn the_limits_of_recording_are_those_of_the_page() {
    assert_eq!(DEFAULT_MAX_SERIES, 1000);
    assert_eq!(
        limit_of("lines that a metric of closed labels may have"),
        "1,000"
    );
    assert_eq!(
        limit_of("series of a metric with open labels"),
        "1,000, and one more"
    );
    assert_eq!(OpenLabel::MAX_BYTES, 256);
    assert_eq!(limit_of("an open label value"), "256 bytes");
    assert_eq!(LONGEST_NANOSECONDS, 1 << 53);
    assert_eq!(limit_of("one duration"), "2^53 ns (104 days)");
}

#[cfg(feature = "exemplars")]
#[test]
fn the_limits_of_exemplars_are_those_of_the_page() {
    assert_eq!(crate::collect::foreign::Exemplar::MOST, 128);
    assert!(limit_of("an exemplar").starts_with("128 characters"));
    assert_eq!(crate::exemplars::STAY.as_secs(), 1);
    assert_eq!(
        limit_of("exemplars of a series or a bucket"),
        "one, for 1 s"
    );
}

#[cfg(feature = "server")]
#[test]
fn the_limits_of_a_server_are_those_of_the_page() {
    let limits = crate::serve::Limits::default();
    assert_eq!(limit_of("connections"), limits.connections.to_string());
    assert_eq!(limit_of("scrapes at a time"), limits.scrapes.to_string());
    let header = format!(
        "{} s, {} KiB, {} fields",
        limits.header_timeout.as_secs(),
        limits.header_bytes / 1024,
        limits.headers
    );
    assert_eq!(limit_of("a request's header"), header);
    let url = format!("{} KiB", limits.url_bytes / 1024);
    assert_eq!(limit_of("a path with its query"), url);
    let answer = format!(
        "{} s, {} s without progress",
        limits.request_timeout.as_secs(),
        limits.write_timeout.as_secs()
    );
    assert_eq!(limit_of("an answer"), answer);
    for (what, time) in [
        ("a connection without a request", limits.idle_timeout),
        ("answers under way at the end", limits.shutdown_timeout),
        ("scrape-time functions together", limits.collection_timeout),
    ] {
        assert_eq!(limit_of(what), format!("{} s", time.as_secs()));
    }
}
