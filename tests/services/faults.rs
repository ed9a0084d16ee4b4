//! Faults in what a service really writes, which the judges see.

use support::judge::{self, FixedBody, OPEN_METRICS, TEXT};
use support::server::{Prometheus, Pushgateway};
use tempfile::TempDir;

use super::{Page, demo_under_load};

/// The position after the first line of `body` that begins with `start`.
fn after_line(body: &str, start: &str) -> usize {
    let at = body
        .find(&format!("\n{start}"))
        .unwrap_or_else(|| panic!("no line begins with `{start}` in:\n{body}"));
    at + 1 + body[at + 1..].find('\n').expect("the last line ends") + 1
}

/// `body` with `text` after its first line that begins with `start`.
fn with_more(body: &str, start: &str, text: &str) -> String {
    let at = after_line(body, start);
    format!("{}{text}{}", &body[..at], &body[at..])
}

/// `body` with another value in its first line that begins with `start`.
fn with_value(body: &str, start: &str, value: &str) -> String {
    let end = after_line(body, start);
    let at = body[..end].rfind(' ').expect("a sample has a value") + 1;
    format!("{}{value}\n{}", &body[..at], &body[end..])
}

/// `body` with the first byte of the first label value of its first line that begins with `start` made bad UTF-8.
fn with_bad_utf8(body: &str, start: &str) -> Vec<u8> {
    let end = after_line(body, start);
    let line = body[..end - 1]
        .rfind('\n')
        .expect("it is not the first line")
        + 1;
    let at = line + body[line..end].find('"').expect("it has a label") + 1;
    let mut bytes = body.as_bytes().to_vec();
    bytes[at] = 0xff;
    bytes
}

/// One small change to what a service really writes, for each family of faults, and the judges that see it.
#[test]
fn a_fault_in_a_page_of_a_service_turns_the_judges_red() {
    let folder = TempDir::new().expect("a temporary folder");
    let (demo, targets) = demo_under_load(&folder);
    let page = Page::of(&targets[0]);
    assert!(demo.stop().success(), "the demo ends well");
    let pushgateway = Pushgateway::start();
    page.passes("lake", &pushgateway);

    let (text, open_metrics) = (page.text.body.as_str(), page.open_metrics.body.as_str());
    let sample = "storage_operations_total{";
    let again = text[..after_line(text, sample)]
        .lines()
        .last()
        .map(|line| format!("{line}\n"))
        .expect("there is a sample");
    let repeated =
        "# TYPE cache_evictions_total counter\ncache_evictions_total{cache=\"late\"} 1\n";
    let unended = text.strip_suffix('\n').expect("text ends a line");
    let unfinished = open_metrics.strip_suffix("# EOF\n").expect("it ends so");
    let bucket = "vector_search_duration_seconds_bucket{";
    let sum = "vector_search_duration_seconds_sum{";
    let exemplar = format!("1e9 # {{trace_id=\"{}\"}} 0.1", "x".repeat(129));

    for (fault, body) in [
        (
            "buckets not cumulative",
            with_value(open_metrics, bucket, "1e9"),
        ),
        (
            "a sum that is no number",
            with_value(open_metrics, sum, "NaN"),
        ),
        ("a negative counter", with_value(open_metrics, sample, "-1")),
        (
            "a counter without _total",
            open_metrics.replace("storage_operations_total{", "storage_operations{"),
        ),
        (
            "an exemplar that is too long",
            with_value(open_metrics, sample, &exemplar),
        ),
        ("no end", unfinished.to_owned()),
        (
            "a family twice",
            format!("{unfinished}# TYPE cache_evictions counter\n# EOF\n"),
        ),
    ] {
        let verdict = judge::strict_parser(body.as_bytes());
        assert!(verdict.is_err(), "the strict parser passes: {fault}");
    }
    for (fault, body) in [
        ("no final newline", unended.as_bytes().to_vec()),
        ("bad UTF-8", with_bad_utf8(text, sample)),
        ("a family twice", format!("{text}{repeated}").into_bytes()),
    ] {
        assert!(judge::promtool(&body).is_err(), "promtool passes: {fault}");
        let verdict = judge::push(&pushgateway, "faulty", &body);
        assert!(verdict.is_err(), "the Pushgateway passes: {fault}");
    }
    let twice = with_more(text, sample, &again);
    let verdict = judge::push(&pushgateway, "faulty", twice.as_bytes());
    assert!(
        verdict.is_err(),
        "the Pushgateway passes a series that is there twice"
    );
    let unprefixed = text.replace("storage_operations_total", "storage_operations");
    let verdict = judge::promtool(unprefixed.as_bytes());
    assert!(verdict.is_err(), "promtool passes a counter without _total");

    let unfinished = FixedBody::serve(OPEN_METRICS, unfinished.as_bytes());
    let bad_utf8 = FixedBody::serve(TEXT, &with_bad_utf8(text, sample));
    let whole = FixedBody::serve(OPEN_METRICS, open_metrics.as_bytes());
    let scraped = [&unfinished, &bad_utf8, &whole].map(FixedBody::target);
    let mut prometheus = Prometheus::scraping(&scraped);
    assert_eq!(judge::scrape(&mut prometheus, &scraped[2]), Ok(()));
    for (fault, target) in ["no end", "bad UTF-8"].iter().zip(&scraped) {
        let verdict = judge::scrape(&mut prometheus, target);
        assert!(verdict.is_err(), "a scrape passes: {fault}");
    }
}
